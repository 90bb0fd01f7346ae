//! A Room: one conversation, as a machine without clock, randomness or I/O.
//!
//! ```text
//!                        visitor's message
//!            ┌─────────────────────────────────────┐
//!            ▼                                     │
//!   (none) ─► open ◄──── time is up ──── snoozed ──┤
//!     first   │  ▲                          ▲      │
//!   message   │  └── agent reopens ──┐      │      │
//!             ├── agent snoozes ─────┼──────┘      │
//!             └── agent resolves ────┴► resolved ──┘
//! ```
//!
//! [`Room::handle`] takes one [`Input`] and leaves [`Effects`]. The Room holds no message in memory: only how far its
//! logs go, which `(sender, client_id)` pairs are taken, the sockets, and the one [`Record`]. It comes into being with
//! the visitor's first message; until then it stores nothing.
//!
//! Invariants guarded here: INV-1 to INV-4, INV-10, INV-11, INV-13.

pub mod agenda;
mod assignment;
pub mod effect;
pub mod entry;
mod gate;
mod hello;
mod messages;
mod outbox;
mod profile;
mod receipts;
pub mod record;
pub mod session;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use self::{
    agenda::Agenda,
    effect::{Effect, Effects, Input},
    entry::Author,
    outbox::{DeskLink, Outbox},
    record::{Cursors, Profile, Record},
    session::Session,
};
use super::{
    error::Code,
    id::Entropy,
    protocol::{
        error_frame,
        wire::{client_frame::Frame, server_frame},
    },
    socket::SocketId,
    time::Timestamp,
};
use crate::sql::room::RoomStore;

/// Settings that the deployment may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long new entries are gathered before the projection is told, in milliseconds.
    pub events_delay_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { events_delay_ms: 1_000 }
    }
}

/// What the Room remembers of one log instead of its entries.
#[derive(Debug, Default)]
struct LogIndex {
    head: u64,
    /// `(sender, client_id)` → seq: rebuilt from the log on waking, so it costs no second index on disk.
    taken: BTreeMap<(String, String), u64>,
}

/// One conversation.
#[derive(Debug)]
pub struct Room {
    settings: Settings,
    record: Option<Record>,
    public: LogIndex,
    private: LogIndex,
    /// Facts about the public log that lists show.
    summary: Summary,
    sessions: BTreeMap<SocketId, Session>,
    /// What the visitor's page said before there is a record.
    early_profile: Profile,
    outbox: Outbox,
    desk: DeskLink,
    agenda: Agenda,
}

/// What lists show of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Summary {
    last_text: String,
    last_sender: String,
    last_at: Timestamp,
    /// Numbers of the visitor's messages that no agent has read or answered.
    unread: BTreeSet<u64>,
    /// When the visitor wrote the first message that no agent has answered.
    waiting_since: Option<Timestamp>,
}

impl Room {
    /// Loads what is stored. `alarm` is when the object's alarm is set to ring, if it is.
    pub fn load(
        store: RoomStore<'_>,
        settings: Settings,
        alarm: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Room, crate::core::port::SqlError> {
        let mut room = Room {
            settings,
            record: store.record()?,
            public: LogIndex::default(),
            private: LogIndex::default(),
            summary: Summary::default(),
            sessions: BTreeMap::new(),
            early_profile: Profile::default(),
            outbox: Outbox::default(),
            desk: DeskLink::default(),
            agenda: Agenda::new(alarm),
        };
        let Some(record) = &room.record else { return Ok(room) };
        let (confirmed, told) = (record.confirmed, record.told.max(store.told()?));
        let agents_read = room.agents_read();
        for row in store.index_public()? {
            room.public.head = row.seq;
            match row.author.as_str() {
                "visitor" => room.summary.asked(row.seq, row.at),
                "agent" => room.summary.answered(row.seq),
                _ => {}
            }
            room.summary.last_at = row.at;
            room.public.note(row.author, row.author_id, row.client_id, row.seq);
        }
        room.summary.read(agents_read);
        for row in store.index_private()? {
            room.private.head = row.seq;
            room.private.note(row.author, row.author_id, row.client_id, row.seq);
        }
        if let Some(entry) = store.last_text()? {
            room.summary.last_text = entry.body.preview().unwrap_or_default();
            room.summary.last_sender = entry.author.kind().to_owned();
        }
        room.outbox.resume(told, confirmed, room.heads(), now);
        if room.outbox.is_behind(room.heads()) {
            room.desk.mark(true);
        }
        Ok(room)
    }

    /// Takes one input. Reads of the log go through `store`; everything else is an effect.
    ///
    /// # Errors
    /// Only if the store cannot be read; the caller then drops the machine and loads it anew.
    pub fn handle(
        &mut self,
        input: Input,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), crate::core::port::SqlError> {
        match input {
            Input::Connected { socket, principal, encoding } => self.connected(socket, principal, encoding, now, fx),
            Input::Restored(sessions) => self.restored(sessions),
            Input::Frame { socket, frame } => self.frame(socket, frame, now, entropy, store, fx)?,
            Input::Renewed { socket, principal } => self.renewed(socket, principal, now, fx),
            Input::Disconnected(socket) => self.disconnected(socket, now, fx),
            Input::Alarm => self.alarm(now, entropy, fx),
            Input::Assign(order) => self.assign(order, now, entropy, fx),
            Input::Revoke(revoked) => self.revoke(revoked, now, entropy, fx),
            Input::DeskAnswered(answer) => self.desk_answered(answer, now, entropy, fx),
            Input::Published(upto) => self.published(upto, now),
            Input::Inspected(inspection) => self.inspected(inspection, now, store, fx)?,
            Input::Detached { agent, heard } => self.detached(agent, heard, now),
        }
        self.settle(now, store, fx)
    }

    fn frame(
        &mut self,
        socket: SocketId,
        frame: Result<Option<Frame>, super::protocol::FrameError>,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), crate::core::port::SqlError> {
        let Some(frame) = self.admit(socket, frame, now, fx) else { return Ok(()) };
        match frame {
            Frame::Hello(hello) => self.hello(socket, hello, now, store, fx)?,
            Frame::Send(send) => self.send(socket, send, now, entropy, store, fx)?,
            Frame::Note(note) => self.note(socket, note, now, entropy, store, fx)?,
            Frame::Page(request) => self.page(socket, request, store, fx)?,
            Frame::Delivered(delivered) => self.reached(socket, delivered.seq, 0, fx),
            Frame::Read(read) => self.reached(socket, read.seq, read.seq, fx),
            Frame::Typing(typing) => self.typing(socket, typing, now, fx),
            Frame::Identify(identify) => self.identify(socket, identify, now, fx),
            Frame::SetStatus(request) => self.set_status(socket, request, now, entropy, fx),
            Frame::Renew(renew) => fx.push(Effect::Verify { socket, ticket: renew.ticket }),
            Frame::DeskHello(_)
            | Frame::Claim(_)
            | Frame::Release(_)
            | Frame::Transfer(_)
            | Frame::SetAvailability(_)
            | Frame::DeskPage(_) => self.refuse(socket, Code::UnknownFrame, "this frame does not belong here", "", fx),
        }
        Ok(())
    }

    /// How far the two logs go.
    pub fn heads(&self) -> Cursors {
        Cursors { public: self.public.head, private: self.private.head }
    }

    /// The one row, once there is one.
    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// How a socket writes frames.
    pub fn encoding(&self, socket: SocketId) -> Option<super::protocol::Encoding> {
        self.sessions.get(&socket).map(|session| session.encoding)
    }

    /// Sends an error frame.
    fn refuse(&self, socket: SocketId, code: Code, message: &str, client_id: &str, fx: &mut Effects) {
        fx.send(vec![socket], server_frame::Frame::Error(error_frame(code, message, client_id)));
    }

    /// Greeted sockets whose ticket is good, but for one. Looked at before every fan-out (INV-13).
    fn audience(&self, but: Option<SocketId>, now: Timestamp, wanted: impl Fn(&Session) -> bool) -> Vec<SocketId> {
        self.sessions
            .values()
            .filter(|session| {
                Some(session.socket) != but && session.greeted && session.is_current(now) && wanted(session)
            })
            .map(|session| session.socket)
            .collect()
    }
}

impl LogIndex {
    fn note(&mut self, author: String, author_id: String, client_id: String, seq: u64) {
        if !client_id.is_empty() {
            self.taken.insert((sender_key(&author, &author_id), client_id), seq);
        }
    }

    fn taken(&self, author: &Author, client_id: &str) -> Option<u64> {
        self.taken.get(&(sender_key(author.kind(), author.id()), client_id.to_owned())).copied()
    }
}

impl Summary {
    fn asked(&mut self, seq: u64, at: Timestamp) {
        self.unread.insert(seq);
        self.waiting_since.get_or_insert(at);
    }

    /// An agent has read everything up to `seq`. Says whether that changed anything.
    fn read(&mut self, seq: u64) -> bool {
        let before = self.unread.len();
        self.unread = self.unread.split_off(&seq.saturating_add(1));
        self.unread.len() != before
    }

    fn answered(&mut self, seq: u64) {
        self.read(seq);
        self.waiting_since = None;
    }
}

fn sender_key(author: &str, author_id: &str) -> String {
    if author_id.is_empty() { author.to_owned() } else { author_id.to_owned() }
}
