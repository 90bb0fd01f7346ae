//! What goes into a Desk and what comes out.
//!
//! The edge carries effects out as a Room's: all writes together (or none), the alarm, frames, attachments and closes,
//! then whatever leaves the object. If the writes fail it drops the machine and loads it anew, so nobody is told of an
//! assignment that is not on disk (INV-5).

use super::session::Session;
use crate::{
    core::{
        error::{CloseCode, Code},
        id::{AgentId, ConversationId},
        internal::{
            AgentRef, AssignAnswer, AssignOrder, AttachRequest, DetachNotice, NoticeAnswer, RevokeRequest, Revoked,
            RoomNotice,
        },
        principal::Principal,
        protocol::{
            Encoding, FrameError, Outgoing,
            wire::{self, client_frame::Frame},
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::desk::DeskWrite,
};

/// Something that happened to the Desk.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A socket was accepted. It gets nothing before its `desk_hello`.
    Connected {
        /// Its new name.
        socket: SocketId,
        /// Who holds it, as the gateway verified.
        principal: Principal,
        /// How it writes frames.
        encoding: Encoding,
    },
    /// The machine was loaded anew while these sockets stayed open. Another input follows at once.
    Restored {
        /// Who is here.
        sessions: Vec<Session>,
        /// The machine before was dropped at work, with what consoles had yet to be told; else the object slept.
        dropped: bool,
    },
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
    /// The alarm rang; it may be early, late or for nothing. With it comes when the runtime last answered a heartbeat
    /// of each socket.
    Alarm(Vec<(SocketId, Timestamp)>),
    /// The timer rang; it may be early, late or for nothing.
    Tick,
    /// A Room says how its conversation stands.
    Notice(Box<RoomNotice>),
    /// An agent is about to open a socket in a Room.
    Attach(AttachRequest),
    /// An agent has no socket in a Room any more.
    Detach(DetachNotice),
    /// Somebody is to fall silent.
    Revoke(RevokeRequest),
    /// A Room answered an order, or could not be reached.
    RoomAnswered {
        /// Which Room.
        conversation: ConversationId,
        /// The order's number.
        assignment_epoch: u64,
        /// What came back.
        outcome: OrderOutcome,
    },
    /// A Room has closed the sockets of whom it was told, or could not be reached.
    RoomRevoked {
        /// Which Room.
        conversation: ConversationId,
        /// What it was told.
        revoked: Revoked,
        /// It has confirmed.
        heard: bool,
    },
    /// Who the agent of a transfer is.
    LookedUp {
        /// Who asks for the transfer.
        socket: SocketId,
        /// The frame, as it came.
        transfer: wire::Transfer,
        /// As it was asked with.
        disabled: Option<u64>,
        /// What the history knows.
        found: Found,
    },
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderOutcome {
    /// What holds in the Room now.
    Answered(AssignAnswer),
    /// There is no such conversation.
    NoSuchRoom,
    /// Nobody knows.
    Unreachable,
}

/// What the history knows of an agent of this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// May take conversations.
    Active(AgentRef),
    /// Not an agent here, or invited or disabled.
    Nobody,
    /// It could not be asked.
    Unreachable,
}

/// What the edge is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Store; all writes of one input together.
    Write(DeskWrite),
    /// Wake the Desk then; replaces the alarm before.
    SetAlarm(Timestamp),
    /// Give `Tick` then, from memory: an alarm would be a written row.
    SetTimer(Timestamp),
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
    /// Ask the history about the agent of a transfer; answer by `LookedUp`.
    LookUp {
        /// Who asks for the transfer.
        socket: SocketId,
        /// To whom.
        agent: AgentId,
        /// The frame, to come back with the answer.
        transfer: wire::Transfer,
        /// The generation from which on that agent is known to be disabled, to come back with the answer: the answer
        /// knows nothing of a later disabling.
        disabled: Option<u64>,
    },
    /// Tell a Room who has its conversation; answer by `RoomAnswered`.
    Order {
        /// Which Room.
        conversation: ConversationId,
        /// What was decided.
        order: AssignOrder,
    },
    /// Tell a Room who is to fall silent; answer by `RoomRevoked`.
    Revoke {
        /// Which Room.
        conversation: ConversationId,
        /// Who.
        revoked: Revoked,
    },
    /// Answer to `Notice`.
    AnswerNotice(Result<NoticeAnswer, Code>),
    /// Answer to `Attach`, `Detach` and `Revoke`.
    AnswerDone(Result<(), Code>),
}

/// Effects of one input, in order.
#[derive(Debug, Default)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    /// Adds a frame; to nobody is nothing.
    pub fn send(&mut self, to: Vec<SocketId>, frame: impl Into<Outgoing>) {
        if !to.is_empty() {
            self.0.push(Effect::Send { to, frame: frame.into() });
        }
    }

    /// Adds anything else.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}
