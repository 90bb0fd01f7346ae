//! What the two machines of the core have in common, for whoever holds one: the edge's objects, the simulator's.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    effect::{Effects, Outcome, Stored},
    id::Entropy,
    port::{Sql, SqlError},
    principal::Principal,
    protocol::{Encoding, FrameError, wire::client_frame::Frame},
    socket::SocketId,
    time::Timestamp,
};

/// What is kept with a socket over hibernation.
pub trait Attached: Serialize + DeserializeOwned {
    /// Which socket it belongs to.
    fn socket(&self) -> SocketId;
    /// How that socket writes frames.
    fn encoding(&self) -> Encoding;
}

/// A machine: it takes one input after the other, and says what is to be done.
pub trait Machine: Sized + 'static {
    /// The class of its objects, for the log.
    const CLASS: &'static str;
    /// What it needs to know besides its store.
    type Home;
    /// What happens to it.
    type Input;
    /// A write to its store.
    type Write: Stored;
    /// What it keeps with a socket.
    type Session: Attached;
    /// What a caller within the deployment is told.
    type Answer;
    /// What it does outside of its object.
    type Call;

    /// Loads what is stored. `alarm` is when the object's alarm is set to ring, if it is.
    ///
    /// # Errors
    /// If the store can't be read.
    fn load(home: Self::Home, sql: &dyn Sql, alarm: Option<Timestamp>, now: Timestamp) -> Result<Self, SqlError>;
    /// Takes one input.
    ///
    /// # Errors
    /// If the store can't be read; the machine is then dropped and loaded anew.
    fn take(
        &mut self,
        input: Self::Input,
        now: Timestamp,
        entropy: &mut Entropy,
        sql: &dyn Sql,
        fx: &mut EffectsOf<Self>,
    ) -> Result<(), SqlError>;

    /// A socket was accepted.
    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Self::Input;
    /// Sockets stayed open while the machine was away: the object slept, or the machine was dropped at work.
    fn restored(sessions: Vec<Self::Session>, dropped: bool) -> Self::Input;
    /// A frame came, or something that is none.
    fn frame(socket: SocketId, frame: Result<Option<Frame>, FrameError>) -> Self::Input;
    /// A socket is gone.
    fn disconnected(socket: SocketId) -> Self::Input;
    /// The alarm rang. Asked only by a machine that wants to know: when the last heartbeat of each socket was answered.
    fn rang(heartbeats: impl FnOnce() -> Vec<(SocketId, Timestamp)>) -> Self::Input;
}

/// What a machine wants done.
pub type EffectsOf<M> =
    Effects<<M as Machine>::Write, <M as Machine>::Session, <M as Machine>::Answer, <M as Machine>::Call>;

/// What one input to a machine leaves to be done.
pub type OutcomeOf<M> = Outcome<<M as Machine>::Answer, <M as Machine>::Call>;
