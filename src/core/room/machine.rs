//! A Room as objects hold it.

use super::{
    Room, Settings,
    effect::{Answer, Call, Effects, Input},
    session::Session,
};
use crate::{
    core::{
        id::Entropy,
        machine::{Attached, Machine},
        port::{Sql, SqlError},
        principal::Principal,
        protocol::{Encoding, FrameError, wire::client_frame::Frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::{RoomStore, RoomWrite},
};

impl Attached for Session {
    fn socket(&self) -> SocketId {
        self.socket
    }

    fn encoding(&self) -> Encoding {
        self.encoding
    }
}

impl Machine for Room {
    const CLASS: &'static str = "Room";

    type Answer = Answer;
    type Call = Call;
    type Home = Settings;
    type Input = Input;
    type Session = Session;
    type Write = RoomWrite;

    fn load(home: Settings, sql: &dyn Sql, alarm: Option<Timestamp>, _now: Timestamp) -> Result<Self, SqlError> {
        Room::load(RoomStore(sql), home, alarm)
    }

    fn take(
        &mut self,
        input: Input,
        now: Timestamp,
        entropy: &mut Entropy,
        sql: &dyn Sql,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        self.handle(input, now, entropy, RoomStore(sql), fx)
    }

    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Input {
        Input::Connected { socket, principal, encoding }
    }

    fn restored(sessions: Vec<Session>, _dropped: bool) -> Input {
        Input::Restored(sessions)
    }

    fn frame(socket: SocketId, frame: Result<Option<Frame>, FrameError>) -> Input {
        Input::Frame { socket, frame }
    }

    fn disconnected(socket: SocketId) -> Input {
        Input::Disconnected(socket)
    }

    fn rang(_heartbeats: impl FnOnce() -> Vec<(SocketId, Timestamp)>) -> Input {
        Input::Alarm
    }
}
