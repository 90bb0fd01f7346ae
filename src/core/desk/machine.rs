//! A Desk as objects hold it.

use super::{
    Desk,
    effect::{Answer, Call, Effects, Input},
    session::Session,
};
use crate::{
    core::{
        id::{Entropy, WorkspaceId},
        machine::{Attached, Machine},
        port::{Sql, SqlError},
        principal::Principal,
        protocol::{Encoding, FrameError, wire::client_frame::Frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::desk::{DeskStore, DeskWrite},
};

impl Attached for Session {
    fn socket(&self) -> SocketId {
        self.socket
    }

    fn encoding(&self) -> Encoding {
        self.encoding
    }
}

impl Machine for Desk {
    const CLASS: &'static str = "Desk";

    type Answer = Answer;
    type Call = Call;
    type Home = WorkspaceId;
    type Input = Input;
    type Session = Session;
    type Write = DeskWrite;

    fn load(home: WorkspaceId, sql: &dyn Sql, alarm: Option<Timestamp>, now: Timestamp) -> Result<Self, SqlError> {
        Desk::load(DeskStore(sql), home, alarm, now)
    }

    fn take(
        &mut self,
        input: Input,
        now: Timestamp,
        entropy: &mut Entropy,
        sql: &dyn Sql,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        self.chance = Entropy::new(entropy.next_u128());
        if let Input::Asked(question) = &input {
            fx.answer(self.told(question, DeskStore(sql), now)?);
        }
        self.handle(input, now, fx);
        Ok(())
    }

    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Input {
        Input::Connected { socket, principal, encoding }
    }

    fn restored(sessions: Vec<Session>, dropped: bool) -> Input {
        Input::Restored { sessions, dropped }
    }

    fn frame(socket: SocketId, frame: Result<Option<Frame>, FrameError>) -> Input {
        Input::Frame { socket, frame }
    }

    fn disconnected(socket: SocketId) -> Input {
        Input::Disconnected(socket)
    }

    fn rang(heartbeats: impl FnOnce() -> Vec<(SocketId, Timestamp)>) -> Input {
        Input::Alarm(heartbeats())
    }
}
