//! What goes into a Room and what comes out. How it is carried out stands in `core/effect.rs`.

use super::{
    bot::{ConsultCall, Question},
    record::Cursors,
    session::Session,
};
use crate::{
    core::{
        bot::{
            action::{ActionCall, Reply},
            dialogue::Decision,
            turn::Turn,
        },
        effect,
        error::Code,
        id::{AgentId, MessageId},
        internal::{AssignAnswer, AssignOrder, BotNotice, IdleNotice, NoticeAnswer, PlaceNotice, Revoked, RoomNotice},
        pipeline::event::RoomEvent,
        principal::Principal,
        protocol::{Encoding, FrameError, wire::client_frame::Frame},
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
    /// The timer is over; perhaps one that was replaced.
    Tick,
    /// The Desk has decided.
    Assign(AssignOrder),
    /// Somebody is to fall silent.
    Revoke(Revoked),
    /// The Desk answered a notice, or could not be reached.
    DeskAnswered {
        /// The notice's version.
        rev: u64,
        /// What it said; none: nobody knows whether it has heard.
        answer: Option<NoticeAnswer>,
    },
    /// The queue took an event that ends here, or did not.
    Published(Option<Cursors>),
    /// The Desk says how far the visitor is in the queue.
    Placed(PlaceNotice),
    /// The Desk says how long the conversation may stand still from now on.
    IdleChanged(IdleNotice),
    /// The Desk says which bot there is from now on.
    BotChanged(BotNotice),
    /// The bot has judged a message, or could not.
    BotSays {
        /// Which.
        seq: u64,
        /// What it does about it; none: it failed.
        decision: Option<Decision>,
        /// What that rests on.
        turn: Box<Turn>,
    },
    /// What a language model has written so far about a message.
    BotGrows {
        /// Which.
        seq: u64,
        /// When it was asked.
        at: Timestamp,
        /// As much as may be shown; empty: nothing yet, but it lives.
        text: String,
    },
    /// A language model has written all that it will, or could not.
    BotWrote {
        /// About which message.
        seq: u64,
        /// When it was asked.
        at: Timestamp,
        /// What follows; none: nothing came of it.
        decision: Option<Decision>,
        /// What that rests on.
        turn: Box<Turn>,
    },
    /// The owner's system has answered, or has not.
    Acted {
        /// The message that this is about.
        to: u64,
        /// Which try.
        attempt: u8,
        /// What came of it.
        reply: Reply,
    },
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

/// What D1 holds of this conversation after the confirmed cursors, in order, at most `RECONCILE_ENTRIES` + 1 of each log.
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

/// What a caller within the deployment is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To `Assign`.
    Assigned(Result<AssignAnswer, Code>),
    /// To `Revoke`.
    Revoked,
    /// To `Placed`, `IdleChanged` and `BotChanged`.
    Told(Result<(), Code>),
}

/// What a Room does outside of its object.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Feed `Tick` then, if this process still lives.
    SetTimer(Timestamp),
    /// Look at the ticket of a `renew`; answered by `Renewed`.
    Verify {
        /// Whose.
        socket: SocketId,
        /// What it showed.
        ticket: String,
    },
    /// Tell the Desk; answered by `DeskAnswered`.
    TellDesk(Box<RoomNotice>),
    /// Tell the Desk that an agent has no socket here any more; answered by `Detached`.
    Detach(AgentId),
    /// Give the projection what is new; answered by `Published`.
    Publish(Box<RoomEvent>),
    /// Have the bot judge a message; answered by `BotSays`.
    AskBot(Box<Question>),
    /// Ask the owner's system; answered by `Acted`.
    Act(Box<ActionCall>),
    /// Ask a language model; answered by `BotGrows`, as often as it likes, and by `BotWrote`.
    Consult(Box<ConsultCall>),
    /// Ask D1 what it holds after these cursors; answered by `Inspected`.
    Inspect(Cursors),
}

/// What a Room wants done.
pub type Effect = effect::Effect<RoomWrite, Session, Answer, Call>;

/// All of it, of one input.
pub type Effects = effect::Effects<RoomWrite, Session, Answer, Call>;
