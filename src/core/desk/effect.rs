//! What goes into a Desk and what comes out. How it is carried out stands in `core/effect.rs`.

use super::session::Session;
use crate::{
    core::{
        effect,
        error::Code,
        id::{AgentId, ConversationId},
        internal::{
            AgentRef, AssignAnswer, AssignOrder, AttachRequest, BotNotice, ConfigureRequest, DetachNotice, IdleNotice,
            NoticeAnswer, PlaceNotice, Question, RevokeRequest, Revoked, RoomNotice, Withdrawal,
        },
        principal::Principal,
        protocol::{
            Encoding, FrameError,
            wire::{self, client_frame::Frame},
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::desk::DeskWrite,
};

/// Something that happened to the Desk.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // there is one of it at a time
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
    /// That came to nothing.
    Withdraw(Withdrawal),
    /// An agent has no socket in a Room any more.
    Detach(DetachNotice),
    /// Somebody is to fall silent.
    Revoke(RevokeRequest),
    /// An admin wants to know something.
    Asked(Question),
    /// An admin has changed how the workspace routes.
    Configure(ConfigureRequest),
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
    /// A Room knows how long it may stand still, or could not be reached.
    IdleTold {
        /// Which Room.
        conversation: ConversationId,
        /// Of what it was told.
        version: u64,
        /// It has confirmed.
        heard: bool,
    },
    /// Which bot there is has changed.
    BotChanged(BotNotice),
    /// A Room knows which bot there is, or could not be reached.
    BotTold {
        /// Which Room.
        conversation: ConversationId,
        /// Of what it was told.
        version: u64,
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

/// What a Room or the gateway is told.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // there is one of it at a time, and nearly always the large one
pub enum Answer {
    /// To `Notice`.
    Notice(Result<NoticeAnswer, Code>),
    /// To `Attach`, `Withdraw`, `Detach`, `Revoke` and `Configure`.
    Done(Result<(), Code>),
    /// To `Asked`: JSON, as the API gives it on.
    Told(Result<String, Code>),
}

/// What a Desk does outside of its object.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Give `Tick` then, from memory: an alarm would be a written row.
    SetTimer(Timestamp),
    /// Look at the ticket of a `renew`; answered by `Renewed`.
    Verify {
        /// Whose.
        socket: SocketId,
        /// What it showed.
        ticket: String,
    },
    /// Ask the history about the agent of a transfer; answered by `LookedUp`.
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
    /// Tell a Room who has its conversation; answered by `RoomAnswered`.
    Order {
        /// Which Room.
        conversation: ConversationId,
        /// What was decided.
        order: AssignOrder,
    },
    /// Tell a Room how far its visitor is; nothing comes back.
    TellPlace {
        /// Which Room.
        conversation: ConversationId,
        /// What to show.
        notice: PlaceNotice,
    },
    /// Tell a Room how long it may stand still; answered by `IdleTold`.
    TellIdle {
        /// Which Room.
        conversation: ConversationId,
        /// What holds.
        notice: IdleNotice,
    },
    /// Tell a Room which bot there is; answered by `BotTold`.
    TellBot {
        /// Which Room.
        conversation: ConversationId,
        /// What holds.
        notice: BotNotice,
    },
    /// Tell a Room who is to fall silent; answered by `RoomRevoked`.
    Revoke {
        /// Which Room.
        conversation: ConversationId,
        /// Who.
        revoked: Revoked,
    },
}

/// What a Desk wants done.
pub type Effect = effect::Effect<DeskWrite, Session, Answer, Call>;

/// All of it, of one input.
pub type Effects = effect::Effects<DeskWrite, Session, Answer, Call>;
