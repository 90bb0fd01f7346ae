//! `hello` and paging: a client gets exactly what it missed, then what is live, and the state as well (INV-4).
//!
//! A client proves its place by the id of the last entry that it holds. Entries never change, so if that one is
//! here, everything before it is the same, too. If it is not, the client starts over, and the Room looks whether its
//! store was put back ([`super::outbox`]): a claim alone must not make it draw a new epoch, or any visitor could have
//! the whole history written again.

use super::{
    Room,
    effect::Effects,
    entry::{Entry, PrivateEntry},
    record::Record,
    session::Session,
};
use crate::{
    core::{
        error::Code,
        limits::{PAGE_BYTES, page_entries},
        port::SqlError,
        protocol::wire::{self, agent_frame, server_frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

impl Room {
    pub(super) fn hello(
        &mut self,
        socket: SocketId,
        mut hello: wire::Hello,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        // A place in the private log is nothing that a visitor has, and no answer may hang on it: they could count what is there.
        if !self.sessions.get(&socket).is_some_and(Session::is_agent) {
            hello.after_private = 0;
        }
        let known_epoch = self.record.as_ref().map_or(0, |record| record.log_epoch);
        // A client that knows no epoch was here before the first message; it takes the log as it is in any case.
        let is_new = hello.log_epoch == 0;
        let same_epoch = is_new || hello.log_epoch == known_epoch || known_epoch == 0;
        let holds = self.holds(hello.after, &hello.tip, store)?
            && self.holds_private(hello.after_private, &hello.tip_private, store)?;
        // A client that has just been told of a new epoch is behind, not a sign of a restored store. One that knows a later epoch is.
        let is_later = known_epoch > 0 && hello.log_epoch > known_epoch;
        if same_epoch && !holds || is_later {
            self.suspect(now);
        }
        let reset = hello.after.max(hello.after_private) > 0 && !(same_epoch && holds);
        let (after, after_private) =
            if is_new || reset || !same_epoch { (0, 0) } else { (hello.after, hello.after_private) };
        let Some(session) = self.sessions.get_mut(&socket) else { return Ok(()) };
        let first = !session.greeted;
        session.greeted = true;
        let is_agent = session.is_agent();
        let identity = session.identity().cloned();
        fx.attach(session.clone());
        if !is_agent {
            self.note_context(hello.context, now, fx);
            self.prove(identity, now, fx);
        }
        if !reset {
            self.reached(socket, hello.delivered, hello.read, now, fx);
        }
        self.welcome(socket, after, after_private, reset, now, store, fx)?;
        self.bot.doubt_typing(false);
        if first {
            fx.send(self.everyone(Some(socket), now), server_frame::Frame::Presence(self.presence()));
            self.desk.mark_presence(now);
        }
        Ok(())
    }

    /// What a client misses, and the state as it is now.
    #[allow(clippy::too_many_arguments)] // two cursors and what every step needs; a struct would name nothing
    fn welcome(
        &self,
        socket: SocketId,
        after: u64,
        after_private: u64,
        reset: bool,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(session) = self.sessions.get(&socket) else { return Ok(()) };
        let messages = self.newest_public(after, u64::MAX, store)?;
        let record = self.record.as_ref();
        let welcome = wire::Welcome {
            log_epoch: record.map_or(0, |record| record.log_epoch),
            head: self.public.head,
            you: Some(session.author().participant()),
            conversation: record.map(|record| record.conversation.to_string()).unwrap_or_default(),
            state: record.map(|record| self.state_for(record, session.is_agent())),
            receipts: self.receipts(session.is_agent()),
            more: messages.first().is_some_and(|first| first.seq > after + 1),
            messages: messages.iter().map(|entry| self.told_to(session, entry)).collect(),
            presence: Some(self.presence()),
            now: now.wire(),
            reset,
            queue: (!session.is_agent()).then(|| self.place.wire()).flatten(),
            growing: self.growing(),
            rated: record.map(|record| record.rated.wire()).unwrap_or_default(),
        };
        fx.send(vec![socket], server_frame::Frame::Welcome(welcome));
        if session.is_agent() {
            let welcome = self.private_welcome(session, after_private, store)?;
            fx.send_private(self.agent(socket), agent_frame::Frame::PrivateWelcome(welcome));
        }
        Ok(())
    }

    fn private_welcome(
        &self,
        session: &Session,
        after: u64,
        store: RoomStore<'_>,
    ) -> Result<wire::PrivateWelcome, SqlError> {
        let entries = self.newest_private(after, u64::MAX, store)?;
        Ok(wire::PrivateWelcome {
            head: self.private.head,
            more: entries.first().is_some_and(|first| first.seq > after + 1),
            messages: entries.iter().map(|entry| entry.message(session.speaks_for(&entry.author))).collect(),
            visitor: self.record.as_ref().map(Record::about),
        })
    }

    /// The client's last entry is one of this log.
    fn holds(&self, after: u64, tip: &str, store: RoomStore<'_>) -> Result<bool, SqlError> {
        if after == 0 {
            return Ok(true);
        }
        if after > self.public.head {
            return Ok(false);
        }
        Ok(store
            .public_after(after - 1, 1)?
            .first()
            .is_some_and(|entry| entry.seq == after && entry.id.as_str() == tip))
    }

    /// The same of an agent's private log; a client that shows no id is believed if the number may be right.
    fn holds_private(&self, after: u64, tip: &str, store: RoomStore<'_>) -> Result<bool, SqlError> {
        if after == 0 || after > self.private.head || tip.is_empty() {
            return Ok(after <= self.private.head);
        }
        let found = store.private_after(after - 1, 1)?.pop();
        Ok(found.is_some_and(|entry| entry.seq == after && entry.id.as_str() == tip))
    }

    pub(super) fn page(
        &mut self,
        socket: SocketId,
        request: wire::PageRequest,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let before = if request.before == 0 { u64::MAX } else { request.before };
        let Some(session) = self.sessions.get(&socket) else { return Ok(()) };
        match wire::Log::try_from(request.log) {
            Ok(wire::Log::Public) => {
                let entries = self.newest_public(0, before, store)?;
                let page = wire::Page {
                    before: request.before,
                    more: entries.first().is_some_and(|first| first.seq > 1),
                    messages: entries.iter().map(|entry| self.told_to(session, entry)).collect(),
                };
                fx.send(vec![socket], server_frame::Frame::Page(page));
            }
            Ok(wire::Log::Private) if session.is_agent() => {
                let entries = self.newest_private(0, before, store)?;
                let page = wire::PrivatePage {
                    before: request.before,
                    more: entries.first().is_some_and(|first| first.seq > 1),
                    messages: entries.iter().map(|entry| entry.message(session.speaks_for(&entry.author))).collect(),
                };
                fx.send_private(self.agent(socket), agent_frame::Frame::PrivatePage(page));
            }
            Ok(wire::Log::Private) | Err(_) => {
                self.refuse(socket, Code::BadRequest, "there is no such log", "", fx);
            }
        }
        Ok(())
    }

    /// The newest public entries strictly between, oldest first, within the limits of a page.
    fn newest_public(&self, after: u64, before: u64, store: RoomStore<'_>) -> Result<Vec<Entry>, SqlError> {
        let before = before.min(self.public.head.saturating_add(1));
        if before <= after + 1 {
            return Ok(Vec::new());
        }
        let mut entries = store.public_before(after, before, page_entries())?;
        cut_to_page(&mut entries, |entry| entry.body.weight());
        Ok(entries)
    }

    fn newest_private(&self, after: u64, before: u64, store: RoomStore<'_>) -> Result<Vec<PrivateEntry>, SqlError> {
        let before = before.min(self.private.head.saturating_add(1));
        if before <= after + 1 {
            return Ok(Vec::new());
        }
        let mut entries = store.private_before(after, before, page_entries())?;
        cut_to_page(&mut entries, |entry| entry.body.weight());
        Ok(entries)
    }

    /// Every greeted client starts over: the log is another one now.
    pub(super) fn start_over(&self, now: Timestamp, store: RoomStore<'_>, fx: &mut Effects) -> Result<(), SqlError> {
        for socket in self.everyone(None, now) {
            self.welcome(socket, 0, 0, true, now, store, fx)?;
        }
        Ok(())
    }
}

/// Keeps the newest entries that fit, and turns them oldest first.
fn cut_to_page<T>(newest_first: &mut Vec<T>, weight: impl Fn(&T) -> usize) {
    let mut total = 0;
    let fits = newest_first
        .iter()
        .take_while(|entry| {
            total += weight(entry);
            total <= PAGE_BYTES
        })
        .count();
    newest_first.truncate(fits.max(1));
    newest_first.reverse();
}
