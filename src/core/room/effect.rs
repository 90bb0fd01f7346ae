//! What goes into a Room and what comes out.
//!
//! The edge carries effects out in this order: all writes together (or none), the alarm, frames, attachments and
//! closes, then whatever leaves the object. If the writes fail it drops the machine, loads it anew and tells the
//! sender: so nothing is acknowledged that is not on disk (INV-1).

use super::{
    record::Cursors,
    session::{Agents, Session},
};
use crate::{
    core::{
        error::{CloseCode, Code},
        id::{AgentId, MessageId},
        internal::{AssignAnswer, AssignOrder, NoticeAnswer, Revoked, RoomNotice},
        pipeline::event::RoomEvent,
        principal::Principal,
        protocol::{
            Encoding, FrameError, Outgoing,
            wire::{agent_frame, client_frame::Frame, server_frame},
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomWrite,
};

/// Something that happened to the Room.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A socket was accepted. It gets nothing before its `hello`.
    Connected {
        /// Its new name.
        socket: SocketId,
        /// Who holds it, as the gateway verified.
        principal: Principal,
        /// How it writes frames.
        encoding: Encoding,
    },
    /// The machine was just loaded; these sockets had stayed open (hibernation). Its first input,
    /// if there are any.
    Restored(Vec<Session>),
    /// A frame came, or something that is none.
    Frame {
        /// From whom.
        socket: SocketId,
        /// `None`: a type that this version does not know.
        frame: Result<Option<Frame>, FrameError>,
    },
    /// `renew`, with the verdict on its ticket.
    Renewed {
        /// From whom.
        socket: SocketId,
        /// The new principal, if the ticket is good.
        principal: Option<Principal>,
    },
    /// The socket is gone.
    Disconnected(SocketId),
    /// The alarm rang; it may be early, late or for nothing.
    Alarm,
    /// The Desk has decided.
    Assign(AssignOrder),
    /// Somebody is to fall silent.
    Revoke(Revoked),
    /// The Desk answered a notice, or could not be reached.
    DeskAnswered(Option<NoticeAnswer>),
    /// The queue took an event that ends here, or did not.
    Published(Option<Cursors>),
    /// What D1 holds after the confirmed cursors, or that it could not be asked.
    Inspected(Option<Inspection>),
    /// The Desk confirmed a detach, or could not be reached.
    Detached {
        /// Who is gone.
        agent: AgentId,
        /// The Desk has heard it.
        heard: bool,
    },
}

/// What D1 holds of this conversation after the confirmed cursors, in order, at most `RECONCILE_ENTRIES` of each log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Epoch of the conversation's row; none if there is no row.
    pub log_epoch: Option<u64>,
    /// Version of the conversation's row.
    pub rev: u64,
    /// Number and id of each public entry.
    pub public: Vec<(u64, MessageId)>,
    /// Number and id of each private entry.
    pub private: Vec<(u64, MessageId)>,
}

/// What the edge is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Store; all writes of one input together.
    Write(RoomWrite),
    /// Wake the Room then; replaces the alarm before.
    SetAlarm(Timestamp),
    /// Send one frame to these sockets, encoded at most once per encoding. A failing socket stops no other.
    Send {
        /// To whom.
        to: Vec<SocketId>,
        /// What.
        frame: Outgoing,
    },
    /// Keep this with the socket over hibernation.
    Attach(Session),
    /// End a socket.
    Close {
        /// Which.
        socket: SocketId,
        /// Why.
        code: CloseCode,
    },
    /// Look at the ticket of a `renew`; answer by `Renewed`.
    Verify {
        /// Whose.
        socket: SocketId,
        /// What it showed.
        ticket: String,
    },
    /// Tell the Desk; answer by `DeskAnswered`.
    TellDesk(Box<RoomNotice>),
    /// Tell the Desk that an agent has no socket here any more; answer by `Detached`.
    Detach(AgentId),
    /// Give the projection what is new; answer by `Published`.
    Publish(Box<RoomEvent>),
    /// Ask D1 what it holds after these cursors; answer by `Inspected`.
    Inspect(Cursors),
    /// Answer to `Assign`.
    AnswerAssign(Result<AssignAnswer, Code>),
    /// Answer to `Revoke`.
    AnswerRevoke,
}

/// Effects of one input, in order.
#[derive(Debug, Default)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    /// Adds a write.
    pub fn write(&mut self, write: RoomWrite) {
        self.0.push(Effect::Write(write));
    }

    /// Adds a frame that anyone may see; to nobody is nothing.
    pub fn send(&mut self, to: Vec<SocketId>, frame: server_frame::Frame) {
        if !to.is_empty() {
            self.0.push(Effect::Send { to, frame: frame.into() });
        }
    }

    /// Adds a frame that only agents may see.
    pub fn send_private(&mut self, to: Agents, frame: agent_frame::Frame) {
        let to = to.into_sockets();
        if !to.is_empty() {
            self.0.push(Effect::Send { to, frame: frame.into() });
        }
    }

    /// Something is to be stored.
    pub fn writes(&self) -> bool {
        self.0.iter().any(|effect| matches!(effect, Effect::Write(_)))
    }

    /// Adds anything else.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}
