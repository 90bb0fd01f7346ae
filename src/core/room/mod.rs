//! A Room: one conversation, as a machine without clock, randomness or I/O.
//!
//! ```text
//!                        visitor's message
//!            ┌─────────────────────────────────────┐          (what is the bot's is `pending`: see [`bot`])
//!            ▼                                     │
//!   (none) ─► open ◄──── time is up ──── snoozed ──┤
//!     first   │  ▲                          ▲      │
//!   message   │  └── agent reopens ──┐      │      │
//!             ├── agent snoozes ─────┼──────┘      │
//!             └── agent resolves ────┴► resolved ──┘   but what an agent has muted stays resolved
//! ```
//!
//! [`Room::handle`] takes one [`Input`] and leaves [`Effects`]. The Room holds no message in memory: only how far its
//! logs go, which `(sender, client_id)` pairs are taken, the sockets, and the one [`Record`]. It comes into being with
//! the visitor's first message; until then it stores nothing. A message costs one write and no read.
//!
//! Invariants guarded here: INV-1 to INV-4, INV-10, INV-11, INV-13.

mod activity;
pub mod agenda;
mod allowance;
mod assignment;
pub mod bot;
mod desk_link;
pub mod effect;
pub mod entry;
mod follow_up;
mod gate;
mod hello;
mod idle;
mod load;
mod machine;
mod messages;
mod mute;
mod outbox;
mod place;
mod profile;
pub mod rate;
mod receipts;
mod reconcile;
pub mod record;
mod revocation;
pub mod session;
mod spread;
mod status;
mod summary;
mod tags;
mod taken;
#[cfg(any(test, feature = "test-points"))]
pub mod tests;

use litemap::LiteMap;

use self::{
    agenda::Agenda,
    allowance::Allowance,
    bot::BotLink,
    desk_link::DeskLink,
    effect::{Call, Effects, Input},
    outbox::Outbox,
    record::{Cursors, Profile, Reached, Record},
    session::{Agents, Session},
    summary::Summary,
    taken::Taken,
};
use super::{
    error::Code,
    id::Entropy,
    internal::{IdleTerms, Place},
    port::SqlError,
    protocol::{
        Encoding, FrameError, client_id_of, error_frame,
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
    /// How many times as much a visitor may have stored, at least 1.
    pub limit_factor: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { events_delay_ms: 1_100, limit_factor: 1 }
    }
}

/// What the Room remembers of one log instead of its entries.
#[derive(Debug, Default)]
struct LogIndex {
    head: u64,
    taken: Taken,
}

/// One conversation.
#[derive(Debug)]
pub struct Room {
    settings: Settings,
    record: Option<Record>,
    public: LogIndex,
    private: LogIndex,
    summary: Summary,
    sessions: LiteMap<SocketId, Session>,
    /// What each participant may still ask, by id; the visitor's is empty.
    allowances: LiteMap<String, Allowance>,
    /// What the visitor's page said before there is a record.
    early_profile: Profile,
    /// The cursors as they stand on disk.
    saved_reached: Vec<Reached>,
    outbox: Outbox,
    desk: DeskLink,
    agenda: Agenda,
    /// What is due after loading was looked at.
    is_planned: bool,
    /// How far the visitor is in the queue, as far as is known.
    place: Place,
    /// How long it may stand still, if the Desk has said it to this machine.
    idle: Option<IdleTerms>,
    bot: BotLink,
}

impl Room {
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
    ) -> Result<(), SqlError> {
        let is_restored = matches!(input, Input::Restored(_));
        let ends_silence = matches!(input, Input::Alarm | Input::DeskAnswered { .. } | Input::IdleChanged(_));
        if !std::mem::replace(&mut self.is_planned, true) && !is_restored {
            self.plan_after_waking(now, store)?;
        }
        match input {
            Input::Connected { socket, principal, encoding } => self.connected(socket, principal, encoding, now, fx),
            Input::Restored(sessions) => self.restored(sessions, now, store, fx)?,
            Input::Frame { socket, frame } => self.frame(socket, frame, now, entropy, store, fx)?,
            Input::Renewed { socket, principal } => self.renewed(socket, principal, now, fx),
            Input::Disconnected(socket) => self.disconnected(socket, now, fx),
            Input::Alarm => self.alarm(now, entropy, fx),
            Input::Tick => self.ticked(),
            Input::Assign(order) => self.assign(order, now, entropy, fx),
            Input::Revoke(revoked) => self.revoke(revoked, now, entropy, fx),
            Input::DeskAnswered { rev, answer } => self.desk_answered(rev, answer, now, entropy, fx),
            Input::Published(upto) => self.published(upto, now),
            Input::Inspected(inspection) => self.inspected(inspection, now, store, fx)?,
            Input::Detached { agent, heard } => self.detached(agent, heard, now),
            Input::Placed(place) => self.placed(&place, now, fx),
            Input::IdleChanged(notice) => self.idle_changed(&notice, fx),
            Input::BotChanged(notice) => self.bot_changed(notice, now, entropy, fx),
            Input::BotSays { seq, decision, turn } => self.bot_says(seq, decision, *turn, now, entropy, fx),
            Input::BotGrows { seq, at, text } => self.bot_grows((seq, at), &text, now, fx),
            Input::BotWrote { seq, at, decision, turn } => self.bot_wrote((seq, at), decision, *turn, now, entropy, fx),
            Input::Acted { to, attempt, reply } => self.acted(to, attempt, reply, now, entropy, fx),
        }
        if ends_silence {
            self.end_silence(now, entropy, fx);
        }
        self.pump_bot(now, entropy, store, fx)?;
        self.hide_dropped(now, fx);
        self.keep_typing(now, fx);
        self.settle(now, store, fx)
    }

    fn frame(
        &mut self,
        socket: SocketId,
        frame: Result<Option<Frame>, FrameError>,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(frame) = self.admit(socket, frame, now, fx) else { return Ok(()) };
        match frame {
            Frame::Hello(hello) => self.hello(socket, hello, now, store, fx)?,
            Frame::Send(send) => self.send(socket, send, now, entropy, store, fx)?,
            Frame::Note(note) => self.note(socket, note, now, entropy, store, fx)?,
            Frame::Page(request) => self.page(socket, request, store, fx)?,
            Frame::Delivered(delivered) => self.reached(socket, delivered.seq, 0, now, fx),
            Frame::Read(read) => self.reached(socket, read.seq, read.seq, now, fx),
            Frame::Typing(typing) => self.typing(socket, typing, now, fx),
            Frame::Identify(identify) => self.identify(socket, identify, now, fx),
            Frame::SetStatus(request) => self.set_status(socket, request, now, entropy, fx),
            Frame::Mute(request) => self.mute(socket, request, now, entropy, fx),
            Frame::Tag(request) => self.tag(socket, request, now, fx),
            Frame::Rate(request) => self.rate(socket, request, now, store, fx)?,
            Frame::Leave(leave) => self.leave(socket, leave, now, entropy, fx),
            Frame::LeaveEmail(leave) => self.leave_email(socket, leave, now, entropy, store, fx)?,
            Frame::Renew(renew) => fx.call(Call::Verify { socket, ticket: renew.ticket }),
            frame @ (Frame::DeskHello(_)
            | Frame::Claim(_)
            | Frame::Release(_)
            | Frame::Transfer(_)
            | Frame::ProbeAnswer(_)
            | Frame::Accept(_)
            | Frame::Decline(_)
            | Frame::SetAvailability(_)
            | Frame::DeskPage(_)) => {
                let message = "this frame belongs on the Desk's socket";
                self.refuse(socket, Code::UnknownFrame, message, &client_id_of(frame), fx);
            }
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
    pub fn encoding(&self, socket: SocketId) -> Option<Encoding> {
        self.sessions.get(&socket).map(|session| session.encoding)
    }

    /// Sends an error frame.
    fn refuse(&self, socket: SocketId, code: Code, message: &str, client_id: &str, fx: &mut Effects) {
        fx.send(vec![socket], server_frame::Frame::Error(error_frame(code, message, client_id)));
    }

    /// Greeted sockets whose ticket is good, but for one. Looked at before every fan-out (INV-13).
    fn listeners(&self, but: Option<SocketId>, now: Timestamp) -> impl Iterator<Item = &Session> {
        self.sessions
            .values()
            .filter(move |session| Some(session.socket) != but && session.greeted && session.is_current(now))
    }

    /// All of them.
    fn everyone(&self, but: Option<SocketId>, now: Timestamp) -> Vec<SocketId> {
        self.listeners(but, now).map(|session| session.socket).collect()
    }

    /// The agents' among them.
    fn agents(&self, but: Option<SocketId>, now: Timestamp) -> Agents {
        Agents::among(self.listeners(but, now))
    }

    /// One socket, if it is an agent's.
    fn agent(&self, socket: SocketId) -> Agents {
        Agents::among(self.sessions.get(&socket).into_iter())
    }
}

impl LogIndex {
    /// The next entry of the log.
    fn note(&mut self, author: &str, author_id: &str, client_id: &str, seq: u64) {
        self.head = seq;
        self.taken.note(author, author_id, client_id, seq);
    }
}
