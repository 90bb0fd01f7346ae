//! The two machines of the core as an [`Object`](crate::object::Object) drives them: the same table as
//! `src/edge/room_object.rs` and `desk_object.rs`.

use bellhop::{
    core::{
        desk::{self, Desk},
        error::Code,
        id::{Entropy, WorkspaceId},
        internal::{AssignAnswer, NoticeAnswer},
        port::SqlError,
        principal::Principal,
        protocol::{Encoding, FrameError, wire::client_frame::Frame},
        room::{self, Room, Settings},
        socket::SocketId,
        time::Timestamp,
    },
    sql::{
        desk::{DeskStore, DeskWrite},
        room::{RoomStore, RoomWrite},
        testing::TestSql,
    },
};

use crate::object::{Machine, Sorted};

/// What the caller of a Room is told.
#[derive(Debug, Clone, PartialEq)]
pub enum RoomAnswer {
    /// To an order.
    Assigned(Result<AssignAnswer, Code>),
    /// To a revocation.
    Revoked,
}

/// What the caller of a Desk is told.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskAnswer {
    /// To a notice.
    Notice(Result<NoticeAnswer, Code>),
    /// To everything else.
    Done(Result<(), Code>),
}

fn read<S: serde::de::DeserializeOwned>(attachments: Vec<(SocketId, Option<String>)>) -> (Vec<S>, Vec<SocketId>) {
    let (mut sessions, mut strangers) = (Vec::new(), Vec::new());
    for (socket, text) in attachments {
        match text.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(session) => sessions.push(session),
            None => strangers.push(socket),
        }
    }
    (sessions, strangers)
}

impl Machine for Room {
    type Input = room::effect::Input;
    type Effect = room::effect::Effect;
    type Write = RoomWrite;
    type Answer = RoomAnswer;
    type Home = Settings;

    fn load(sql: &TestSql, home: &Settings, alarm: Option<Timestamp>, _now: Timestamp) -> Result<Self, SqlError> {
        Room::load(RoomStore(sql), *home, alarm)
    }

    fn take(
        &mut self,
        input: Self::Input,
        now: Timestamp,
        entropy: &mut Entropy,
        sql: &TestSql,
    ) -> Result<Vec<Self::Effect>, SqlError> {
        let mut fx = room::effect::Effects::default();
        self.handle(input, now, entropy, RoomStore(sql), &mut fx)?;
        Ok(fx.0)
    }

    fn sort(effect: Self::Effect) -> Sorted<Self> {
        use room::effect::Effect;
        match effect {
            Effect::Write(write) => Sorted::Write(write),
            Effect::SetAlarm(at) => Sorted::SetAlarm(at),
            Effect::Send { to, frame } => Sorted::Send(to, frame),
            Effect::Attach(session) => {
                let text = serde_json::to_string(&session).unwrap_or_default();
                Sorted::Attach(session.socket, session.principal, text)
            }
            Effect::Close { socket, code } => Sorted::Close(socket, code),
            Effect::AnswerAssign(answer) => Sorted::Answer(RoomAnswer::Assigned(answer)),
            Effect::AnswerRevoke => Sorted::Answer(RoomAnswer::Revoked),
            Effect::Verify { .. }
            | Effect::TellDesk(_)
            | Effect::Detach(_)
            | Effect::Publish(_)
            | Effect::Inspect(_) => Sorted::Network(effect),
        }
    }

    fn is_single(write: &RoomWrite) -> bool {
        write.is_single()
    }

    fn run(write: &RoomWrite, sql: &TestSql) -> Result<(), SqlError> {
        write.run(sql)
    }

    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Self::Input {
        room::effect::Input::Connected { socket, principal, encoding }
    }

    fn restored(attachments: Vec<(SocketId, Option<String>)>, _dropped: bool) -> (Self::Input, Vec<SocketId>) {
        let (sessions, strangers) = read(attachments);
        (room::effect::Input::Restored(sessions), strangers)
    }

    fn frame(socket: SocketId, frame: Result<Option<Frame>, FrameError>) -> Self::Input {
        room::effect::Input::Frame { socket, frame }
    }

    fn disconnected(socket: SocketId) -> Self::Input {
        room::effect::Input::Disconnected(socket)
    }

    fn rang(_heartbeats: Vec<(SocketId, Timestamp)>) -> Self::Input {
        room::effect::Input::Alarm
    }
}

impl Machine for Desk {
    type Input = desk::effect::Input;
    type Effect = desk::effect::Effect;
    type Write = DeskWrite;
    type Answer = DeskAnswer;
    type Home = WorkspaceId;

    fn load(sql: &TestSql, home: &WorkspaceId, alarm: Option<Timestamp>, now: Timestamp) -> Result<Self, SqlError> {
        Desk::load(DeskStore(sql), home.clone(), alarm, now)
    }

    fn take(
        &mut self,
        input: Self::Input,
        now: Timestamp,
        _entropy: &mut Entropy,
        _sql: &TestSql,
    ) -> Result<Vec<Self::Effect>, SqlError> {
        let mut fx = desk::effect::Effects::default();
        self.handle(input, now, &mut fx);
        Ok(fx.0)
    }

    fn sort(effect: Self::Effect) -> Sorted<Self> {
        use desk::effect::Effect;
        match effect {
            Effect::Write(write) => Sorted::Write(write),
            Effect::SetAlarm(at) => Sorted::SetAlarm(at),
            Effect::Send { to, frame } => Sorted::Send(to, frame),
            Effect::Attach(session) => {
                let text = serde_json::to_string(&session).unwrap_or_default();
                Sorted::Attach(session.socket, Principal::Agent(session.principal), text)
            }
            Effect::Close { socket, code } => Sorted::Close(socket, code),
            Effect::AnswerNotice(answer) => Sorted::Answer(DeskAnswer::Notice(answer)),
            Effect::AnswerDone(answer) => Sorted::Answer(DeskAnswer::Done(answer)),
            Effect::SetTimer(_)
            | Effect::Verify { .. }
            | Effect::LookUp { .. }
            | Effect::Order { .. }
            | Effect::Revoke { .. } => Sorted::Network(effect),
        }
    }

    fn is_single(write: &DeskWrite) -> bool {
        write.is_single()
    }

    fn run(write: &DeskWrite, sql: &TestSql) -> Result<(), SqlError> {
        write.run(sql)
    }

    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Self::Input {
        desk::effect::Input::Connected { socket, principal, encoding }
    }

    fn restored(attachments: Vec<(SocketId, Option<String>)>, dropped: bool) -> (Self::Input, Vec<SocketId>) {
        let (sessions, strangers) = read(attachments);
        (desk::effect::Input::Restored { sessions, dropped }, strangers)
    }

    fn frame(socket: SocketId, frame: Result<Option<Frame>, FrameError>) -> Self::Input {
        desk::effect::Input::Frame { socket, frame }
    }

    fn disconnected(socket: SocketId) -> Self::Input {
        desk::effect::Input::Disconnected(socket)
    }

    fn rang(heartbeats: Vec<(SocketId, Timestamp)>) -> Self::Input {
        desk::effect::Input::Alarm(heartbeats)
    }
}
