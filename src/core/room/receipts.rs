//! Delivered and read: a cursor per participant, not a mark per message. Memory and attachments hold them; the disk
//! gets them with whatever else is written, and clients say theirs again in `hello`.

use super::{Room, effect::Effects, entry::Author, record::Reached};
use crate::core::{
    effect::OfAgents as _,
    limits::RECONCILE_AFTER,
    protocol::wire::{self, server_frame},
    socket::SocketId,
    time::Timestamp,
};

impl Room {
    /// A participant has got this far. Cursors only rise, and never past the log.
    pub(super) fn reached(&mut self, socket: SocketId, delivered: u64, read: u64, now: Timestamp, fx: &mut Effects) {
        let head = self.public.head;
        let (delivered, read) = (delivered.max(read).min(head), read.min(head));
        let Some(session) = self.sessions.get_mut(&socket) else { return };
        let author = session.author();
        if delivered > session.delivered || read > session.read {
            session.delivered = session.delivered.max(delivered);
            session.read = session.read.max(read);
            fx.attach(session.clone());
        }
        if let Some(receipt) = self.remember_reached(&author, delivered, read) {
            let to = if self.rings_at(&author) {
                self.agents(Some(socket), now).into_sockets()
            } else {
                self.everyone(Some(socket), now)
            };
            fx.send(to, server_frame::Frame::Receipt(receipt));
        }
        if self.outbox.unread_untold {
            self.outbox.reconcile_at.get_or_insert(now.plus(RECONCILE_AFTER));
        }
    }

    /// Raises a participant's cursors; the receipt, if that changed anything.
    pub(super) fn remember_reached(&mut self, who: &Author, delivered: u64, read: u64) -> Option<wire::Receipt> {
        if delivered == 0 {
            return None;
        }
        let all = &mut self.record.as_mut()?.reached;
        let place = match all.iter().position(|reached| reached.who.is(who)) {
            Some(place) => place,
            None => {
                all.push(Reached { who: who.clone(), delivered: 0, read: 0 });
                all.len() - 1
            }
        };
        let reached = all.get_mut(place)?;
        if delivered <= reached.delivered && read <= reached.read {
            return None;
        }
        reached.delivered = reached.delivered.max(delivered);
        reached.read = reached.read.max(read);
        // Under the name that they go by now.
        reached.who.clone_from(who);
        let receipt = receipt(reached);
        let is_agent = matches!(who, Author::Agent(_));
        if is_agent && self.summary.read(read) {
            self.outbox.unread_untold = true;
            self.desk.mark(false);
        }
        Some(receipt)
    }

    /// Cursors of this participant that are not on disk.
    pub(super) fn has_unsaved_cursors(&self, who: &Author) -> bool {
        let of = |all: &[Reached]| all.iter().find(|reached| reached.who.is(who)).map(|it| (it.delivered, it.read));
        self.record.as_ref().is_some_and(|record| of(&record.reached) != of(&self.saved_reached))
    }

    /// Everyone's cursors, as far as a visitor or an agent may know them.
    pub(super) fn receipts(&self, is_agent: bool) -> Vec<wire::Receipt> {
        let reached = self.record.iter().flat_map(|record| &record.reached);
        reached.filter(|reached| is_agent || !self.rings_at(&reached.who)).map(receipt).collect()
    }

    /// One participant's cursors, if there are any.
    pub(super) fn receipt_of(&self, who: &Author) -> Option<wire::Receipt> {
        let mut reached = self.record.iter().flat_map(|record| &record.reached);
        reached.find(|reached| reached.who.is(who)).map(receipt)
    }

    /// The furthest that any agent has read.
    pub(super) fn agents_read(&self) -> u64 {
        let reached = self.record.iter().flat_map(|record| &record.reached);
        reached.filter(|reached| reached.who.kind() == "agent").map(|reached| reached.read).max().unwrap_or(0)
    }
}

fn receipt(reached: &Reached) -> wire::Receipt {
    wire::Receipt { participant: Some(reached.who.participant()), delivered: reached.delivered, read: reached.read }
}
