//! Delivered and read: a cursor per participant, not a mark per message. Memory and attachments hold them; the disk
//! gets them with whatever else is written, and clients say theirs again in `hello`.

use super::{
    Room,
    effect::{Effect, Effects},
    entry::Author,
    record::Reached,
};
use crate::core::{
    protocol::wire::{self, server_frame},
    socket::SocketId,
};

impl Room {
    /// A participant has got this far. Cursors only rise, and never past the log.
    pub(super) fn reached(&mut self, socket: SocketId, delivered: u64, read: u64, fx: &mut Effects) {
        let head = self.public.head;
        let (delivered, read) = (delivered.max(read).min(head), read.min(head));
        let Some(session) = self.sessions.get_mut(&socket) else { return };
        let (author, is_agent) = (session.author(), session.is_agent());
        if delivered > session.delivered || read > session.read {
            session.delivered = session.delivered.max(delivered);
            session.read = session.read.max(read);
            fx.push(Effect::Attach(session.clone()));
        }
        let Some(receipt) = self.remember_reached(&author, delivered, read) else { return };
        // Ticket ends are looked at by `audience` at every frame that carries content; a receipt's are its sender's
        // own numbers, so the sockets of the moment are enough.
        let others: Vec<SocketId> = self
            .sessions
            .values()
            .filter(|other| other.socket != socket && other.greeted)
            .map(|other| other.socket)
            .collect();
        fx.send(others, server_frame::Frame::Receipt(receipt));
        if is_agent && self.summary.read(read) {
            self.desk.mark(false);
        }
    }

    /// Raises a participant's cursors; the receipt, if that changed anything.
    pub(super) fn remember_reached(&mut self, who: &Author, delivered: u64, read: u64) -> Option<wire::Receipt> {
        if delivered == 0 {
            return None;
        }
        let all = &mut self.record.as_mut()?.reached;
        let place =
            match all.iter().position(|reached| reached.who.id() == who.id() && reached.who.kind() == who.kind()) {
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
        Some(receipt(reached))
    }

    /// Everyone's cursors.
    pub(super) fn receipts(&self) -> Vec<wire::Receipt> {
        self.record.iter().flat_map(|record| &record.reached).map(receipt).collect()
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
