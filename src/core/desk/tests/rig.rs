//! A Desk on real SQLite with everything around it played by hand: sockets, alarm, timer, calls, and what fails.

use std::collections::{BTreeMap, VecDeque};

use prost::Message as _;

use super::super::{
    Desk,
    effect::{Answer, Call, Effects, Input},
    session::Session,
};
use crate::{
    core::{
        effect::{Platform, Stored as _},
        error::{CloseCode, Code},
        id::{AgentId, ConversationId, Entropy, SessionId, SiteId, VisitorId, WorkspaceId},
        internal::{
            AgentRef, AttachRequest, NoticeAnswer, Place, RevokeRequest, Revoked, RoomNotice, Status, Withdrawal,
        },
        port::{Sql as _, SqlError},
        principal::{AgentPrincipal, Principal, Role},
        protocol::{
            Encoding, Outgoing, Payload,
            wire::{self, agent_frame, client_frame::Frame},
        },
        socket::SocketId,
        time::{MINUTE, Timestamp},
    },
    sql::{desk::DeskStore, testing::TestSql},
};

pub const START: Timestamp = Timestamp(1_795_600_000_000);

/// What becomes of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Everything happens.
    Whole,
    /// The writes fail; the machine is dropped, sockets stay.
    NothingWritten,
    /// The process dies after the commit: nothing is sent, sockets are gone.
    DiesAfterCommit,
}

pub struct Rig {
    pub workspace: WorkspaceId,
    pub sql: TestSql,
    pub desk: Desk,
    pub now: Timestamp,
    /// Open sockets with their attachments.
    pub open: BTreeMap<SocketId, Session>,
    pub closed: BTreeMap<SocketId, CloseCode>,
    pub inbox: BTreeMap<SocketId, VecDeque<agent_frame::Frame>>,
    pub network: VecDeque<Call>,
    pub answers: VecDeque<Answer>,
    pub alarm: Option<Timestamp>,
    pub timer: Option<Timestamp>,
    pub rows_written: u64,
    pub alarms_set: u64,
    pub frames_sent: u64,
    /// Inputs whose writes failed.
    pub n_failed: u64,
    /// Ends of the process right after a commit.
    pub n_died: u64,
    /// What visitors were told of their place.
    pub places: Vec<(ConversationId, Place)>,
    /// What becomes of the next input.
    pub fate: Fate,
    sockets: u64,
}

pub fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::draw(&mut Entropy::new(1_000 + number))
}

pub fn agent(number: u128) -> AgentRef {
    AgentRef::new(AgentId::draw(&mut Entropy::new(2_000 + number)), format!("Agent {number}"))
}

pub fn session_of(number: u128) -> SessionId {
    SessionId::draw(&mut Entropy::new(3_000 + number))
}

pub fn visitor(number: u128) -> VisitorId {
    VisitorId::draw(&mut Entropy::new(4_000 + number))
}

pub fn conversation(number: usize) -> ConversationId {
    ConversationId::from_object_id(&format!("{number:064x}")).unwrap()
}

pub fn principal(number: u128, role: Role, now: Timestamp) -> AgentPrincipal {
    let AgentRef { id, name, picture } = agent(number);
    AgentPrincipal {
        workspace: workspace(0),
        agent: id,
        name,
        picture,
        role,
        session: session_of(number),
        generation: 1,
        expires_at: now.plus(15 * MINUTE),
    }
}

pub fn notice(number: usize, rev: u64) -> RoomNotice {
    RoomNotice {
        workspace: workspace(0),
        conversation: conversation(number),
        site: SiteId::draw(&mut Entropy::new(5)),
        visitor: visitor(number as u128),
        visitor_name: String::new(),
        rev,
        status: Status::Open,
        snoozed_until: None,
        assignment_epoch: 0,
        assignee: None,
        created_at: START,
        preview: format!("hello {rev}"),
        preview_sender: "visitor".into(),
        last_at: START,
        unread: 1,
        waiting_since: Some(START),
        visitor_online: true,
        agents: Some(Vec::new()),
        ringing: Some(false),
        at: START,
        resolved_at: None,
        team: None,
        language: String::new(),
        topic: String::new(),
        location: None,
        level: 0,
        reply_to: Some(String::new()),
        undecided: false,
        is_reply: false,
        hand_to: None,
    }
}

pub fn claim(number: usize, client_id: &str) -> Frame {
    Frame::Claim(wire::Claim { client_id: client_id.into(), conversation: conversation(number).to_string() })
}

pub fn release(number: usize, client_id: &str, assignment_epoch: u64) -> Frame {
    let (client_id, conversation) = (client_id.into(), conversation(number).to_string());
    Frame::Release(wire::Release { client_id, conversation, assignment_epoch })
}

pub fn transfer(number: usize, client_id: &str, assignment_epoch: u64, to: u128) -> Frame {
    Frame::Transfer(wire::Transfer {
        client_id: client_id.into(),
        conversation: conversation(number).to_string(),
        assignment_epoch,
        agent: agent(to).id.to_string(),
        reason: "knows Icelandic".into(),
        team: String::new(),
    })
}

impl Rig {
    pub fn new() -> Self {
        let sql = TestSql::default();
        let desk = Desk::load(DeskStore(&sql), workspace(0), None, START).unwrap();
        Rig {
            workspace: workspace(0),
            sql,
            desk,
            now: START,
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
            inbox: BTreeMap::new(),
            network: VecDeque::new(),
            answers: VecDeque::new(),
            alarm: None,
            timer: None,
            places: Vec::new(),
            rows_written: 0,
            alarms_set: 0,
            frames_sent: 0,
            n_failed: 0,
            n_died: 0,
            fate: Fate::Whole,
            sockets: 0,
        }
    }

    pub fn feed(&mut self, input: Input) {
        let fate = std::mem::replace(&mut self.fate, Fate::Whole);
        self.feed_with(input, fate);
    }

    /// One input, and what the edge makes of its effects, in the edge's order.
    pub fn feed_with(&mut self, input: Input, fate: Fate) {
        if let Input::Disconnected(socket) = &input {
            self.open.remove(socket);
        }
        let mut fx = Effects::default();
        self.desk.handle(input, self.now, &mut fx);
        if self.write(&fx, fate).is_err() {
            self.n_failed += 1;
            return self.load(true);
        }
        if fate == Fate::DiesAfterCommit {
            self.n_died += 1;
            return self.die();
        }
        let outcome = fx.carry_out(self);
        self.answers.extend(outcome.answer);
        for call in outcome.calls {
            match call {
                Call::SetTimer(at) => self.timer = Some(at),
                Call::TellPlace { conversation, notice } => self.places.push((conversation, notice.place)),
                call => self.network.push_back(call),
            }
        }
    }

    fn write(&mut self, fx: &Effects, fate: Fate) -> Result<(), SqlError> {
        self.sql.exec("BEGIN", &[])?;
        let before = self.total_changes();
        let mut outcome = fx.store(|write| write.run(&self.sql), |work| work());
        if fate == Fate::NothingWritten && fx.writes_any() {
            outcome = outcome.and(Err(SqlError("injected".into())));
        }
        self.sql.exec(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }, &[])?;
        if outcome.is_ok() {
            self.rows_written += self.total_changes() - before;
        }
        outcome
    }

    fn total_changes(&self) -> u64 {
        self.sql.connection.total_changes()
    }

    /// The object sleeps and wakes; sockets and alarm are still there.
    pub fn reload(&mut self) {
        // An object with a timer does not sleep.
        for _ in 0..10 {
            self.pass(crate::core::time::SECOND, &[]);
            if self.timer.is_none() {
                break;
            }
        }
        assert_eq!(self.timer, None, "its timers come to an end");
        self.load(false);
    }

    fn load(&mut self, dropped: bool) {
        self.now = self.now.plus(1);
        self.desk = Desk::load(DeskStore(&self.sql), self.workspace.clone(), self.alarm, self.now).unwrap();
        let sessions = self.open.values().cloned().collect();
        self.feed(Input::Restored { sessions, dropped });
    }

    /// The process dies and another one starts: only the disk and the alarm are left.
    pub fn die(&mut self) {
        for socket in std::mem::take(&mut self.open).into_keys() {
            self.closed.insert(socket, CloseCode::Restart);
        }
        self.network.clear();
        self.answers.clear();
        self.timer = None;
        self.load(false);
    }

    pub fn connect(&mut self, principal: AgentPrincipal) -> SocketId {
        self.sockets += 1;
        let socket = SocketId(self.sockets);
        let principal = Principal::Agent(principal);
        self.feed(Input::Connected { socket, principal, encoding: Encoding::Proto });
        socket
    }

    /// A console that has said hello and read its welcome.
    pub fn console(&mut self, number: u128, role: Role) -> SocketId {
        let socket = self.connect(principal(number, role, self.now));
        self.frame(socket, Frame::DeskHello(wire::DeskHello::default()));
        self.inbox.remove(&socket);
        socket
    }

    pub fn frame(&mut self, socket: SocketId, frame: Frame) {
        self.feed(Input::Frame { socket, frame: Ok(Some(frame)) });
    }

    pub fn frames(&mut self, socket: SocketId) -> Vec<agent_frame::Frame> {
        self.inbox.remove(&socket).unwrap_or_default().into()
    }

    /// The one answer to a request; list frames that come of themselves are no answers.
    pub fn reply(&mut self, socket: SocketId) -> agent_frame::Frame {
        let mut frames = self.frames(socket);
        frames.retain(|frame| !matches!(frame, agent_frame::Frame::DeskUpdate(_)));
        if frames.len() > 1 {
            frames.retain(|frame| !matches!(frame, agent_frame::Frame::DeskWelcome(_)));
        }
        assert_eq!(frames.len(), 1, "{frames:?}");
        frames.remove(0)
    }

    pub fn error(&mut self, socket: SocketId) -> wire::Error {
        match self.reply(socket) {
            agent_frame::Frame::Error(error) => error,
            other => panic!("{other:?} is not an error"),
        }
    }

    pub fn assigned(&mut self, socket: SocketId) -> wire::Assigned {
        match self.reply(socket) {
            agent_frame::Frame::Assigned(assigned) => assigned,
            other => panic!("{other:?} is not an assignment"),
        }
    }

    pub fn notice(&mut self, notice: RoomNotice) -> NoticeAnswer {
        self.feed(Input::Notice(Box::new(notice)));
        match self.answers.pop_front() {
            Some(Answer::Notice(Ok(answer))) => answer,
            other => panic!("{other:?}"),
        }
    }

    pub fn done(&mut self) -> Result<(), Code> {
        match self.answers.pop_front() {
            Some(Answer::Done(verdict)) => verdict,
            other => panic!("{other:?}"),
        }
    }

    pub fn attach(&mut self, number: u128, room: usize) -> Result<(), Code> {
        self.knock(number, room, 0)
    }

    /// An attach with a name, to be withdrawn by.
    pub fn knock(&mut self, number: u128, room: usize, knock: u64) -> Result<(), Code> {
        let session = session_of(number);
        let (workspace, agent) = (self.workspace.clone(), agent(number).id);
        let conversation = conversation(room);
        self.feed(Input::Attach(AttachRequest { workspace, agent, session, generation: 1, conversation, knock }));
        self.done()
    }

    /// The Room has turned that one away.
    pub fn withdraw(&mut self, number: u128, room: usize, knock: u64) {
        let (workspace, agent, conversation) = (self.workspace.clone(), agent(number).id, conversation(room));
        self.feed(Input::Withdraw(Withdrawal { workspace, agent, conversation, knock }));
        assert_eq!(self.done(), Ok(()));
    }

    pub fn revoke(&mut self, revoked: Revoked, conversations: Vec<ConversationId>, release: bool) {
        let workspace = self.workspace.clone();
        self.feed(Input::Revoke(RevokeRequest { workspace, revoked, conversations, release }));
        assert_eq!(self.done(), Ok(()));
    }

    /// Lets time pass, with alarm and timer ringing when they should. Heartbeats come from every open socket that is
    /// not in `dead`.
    pub fn pass(&mut self, millis: i64, dead: &[SocketId]) {
        let end = self.now.plus(millis);
        loop {
            let next = [self.alarm, self.timer].into_iter().flatten().min().filter(|at| *at <= end);
            let Some(at) = next else { break };
            self.now = self.now.max(at);
            if self.timer.is_some_and(|timer| timer <= self.now) {
                self.timer = None;
                self.feed(Input::Tick);
            }
            if self.alarm.is_some_and(|alarm| alarm <= self.now) {
                self.ring(dead);
            }
        }
        self.now = end;
    }

    pub fn ring(&mut self, dead: &[SocketId]) {
        self.alarm = None;
        let alive = self.open.keys().filter(|socket| !dead.contains(socket));
        let heartbeats = alive.map(|socket| (*socket, self.now)).collect();
        self.feed(Input::Alarm(heartbeats));
    }

    /// Everything stored, as text.
    pub fn stored(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (table, rows) in [
            ("desk", "SELECT * FROM desk ORDER BY 1, 2"),
            ("conversations", "SELECT * FROM conversations ORDER BY 1, 2"),
            ("attached", "SELECT * FROM attached ORDER BY 1, 2"),
            ("revocations", "SELECT * FROM revocations ORDER BY 1, 2"),
        ] {
            let exists = "SELECT 1 FROM sqlite_master WHERE name = ?";
            if !self.sql.exec(exists, &[table.into()]).unwrap().is_empty() {
                all.extend(self.sql.exec(rows, &[]).unwrap().iter().map(|row| format!("{table} {row:?}")));
            }
        }
        all
    }
}

impl Platform<Session> for Rig {
    fn set_alarm(&mut self, at: Timestamp) {
        (self.alarm, self.alarms_set) = (Some(at), self.alarms_set + 1);
    }

    fn send(&mut self, to: &[SocketId], frame: &Outgoing) {
        let Some(Payload::Binary(bytes)) = frame.encode(Encoding::Proto) else { panic!("not written") };
        let frame = wire::AgentFrame::decode(bytes.as_slice()).unwrap().frame.unwrap();
        for socket in to {
            self.frames_sent += 1;
            assert!(!self.closed.contains_key(socket), "a frame after the close");
            self.inbox.entry(*socket).or_default().push_back(frame.clone());
        }
    }

    fn attach(&mut self, session: Session) {
        // Through JSON, as the edge keeps it.
        let text = serde_json::to_string(&session).unwrap();
        self.open.insert(session.socket, serde_json::from_str(&text).unwrap());
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) {
        self.open.remove(&socket);
        self.closed.insert(socket, code);
    }
}
