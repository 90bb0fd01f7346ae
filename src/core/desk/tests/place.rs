//! A real Room beside the Desk of a test, with the object around it: store, alarm, timer, sockets, calls on their way.

use std::collections::{BTreeMap, VecDeque};

use super::rig::{conversation, workspace};
use crate::{
    core::{
        effect::{Platform, Stored as _},
        error::CloseCode,
        id::{AgentId, Entropy, SiteId, VisitorId},
        principal::{Principal, VisitorPrincipal},
        protocol::Outgoing,
        room::{
            Room, Settings,
            effect::{Answer, Call, Effects, Input},
            session::Session,
        },
        socket::SocketId,
        time::{HOUR, Timestamp},
    },
    sql::{room::RoomStore, testing::TestSql},
};

/// A Room and its object.
pub struct Place {
    pub sql: TestSql,
    pub room: Room,
    pub alarm: Option<Timestamp>,
    pub timer: Option<Timestamp>,
    pub sockets: BTreeMap<SocketId, Principal>,
    pub attachments: BTreeMap<SocketId, Session>,
    pub network: VecDeque<Call>,
    pub answers: VecDeque<Answer>,
}

/// The visitor of a conversation.
pub fn visitor(number: usize) -> VisitorPrincipal {
    VisitorPrincipal {
        workspace: workspace(0),
        site: SiteId::draw(&mut Entropy::new(5)),
        visitor: VisitorId::draw(&mut Entropy::new(4_000 + number as u128)),
        conversation: conversation(number),
        generation: 1,
        expires_at: super::rig::START.plus(1_000 * HOUR),
        user_agent: String::new(),
        country: String::new(),
        location: None,
        identity: None,
        must_prove: false,
    }
}

impl Place {
    pub fn new() -> Self {
        let sql = TestSql::default();
        let room = Room::load(RoomStore(&sql), Settings::default(), None).unwrap();
        Place {
            sql,
            room,
            alarm: None,
            timer: None,
            sockets: BTreeMap::new(),
            attachments: BTreeMap::new(),
            network: VecDeque::new(),
            answers: VecDeque::new(),
        }
    }

    pub fn feed(&mut self, input: Input, now: Timestamp, entropy: &mut Entropy) {
        let mut fx = Effects::default();
        self.room.handle(input, now, entropy, RoomStore(&self.sql), &mut fx).unwrap();
        fx.store(|write| write.run(&self.sql), |work| work()).unwrap();
        let outcome = fx.carry_out(self);
        self.answers.extend(outcome.answer);
        for call in outcome.calls {
            match call {
                Call::SetTimer(at) => self.timer = Some(at),
                Call::Verify { .. } => {}
                call => self.network.push_back(call),
            }
        }
    }

    /// The object sleeps and wakes, or, if its sockets are cut, restarts.
    pub fn reload(&mut self, cut: bool, now: Timestamp, entropy: &mut Entropy) {
        if cut {
            self.sockets.clear();
            self.attachments.clear();
            self.network.clear();
        }
        self.timer = None;
        self.room = Room::load(RoomStore(&self.sql), Settings::default(), self.alarm).unwrap();
        let sessions = self.attachments.values().map(|it| {
            let text = serde_json::to_string(it).unwrap();
            serde_json::from_str(&text).unwrap()
        });
        let sessions = sessions.collect();
        self.feed(Input::Restored(sessions), now, entropy);
    }

    pub fn agents(&self) -> Vec<(&AgentId, u64)> {
        let agents = self.sockets.values().filter_map(|it| match it {
            Principal::Agent(agent) => Some((&agent.agent, agent.generation)),
            Principal::Visitor(_) => None,
        });
        agents.collect()
    }

    pub fn visitor_socket(&self) -> Option<SocketId> {
        self.sockets.iter().find(|(_, it)| matches!(it, Principal::Visitor(_))).map(|(socket, _)| *socket)
    }
}

impl Platform<Session> for Place {
    fn set_alarm(&mut self, at: Timestamp) {
        self.alarm = Some(at);
    }

    fn send(&mut self, _to: &[SocketId], _frame: &Outgoing) {}

    fn attach(&mut self, session: Session) {
        self.attachments.insert(session.socket, session);
    }

    fn close(&mut self, socket: SocketId, _code: CloseCode) {
        self.sockets.remove(&socket);
        self.attachments.remove(&socket);
    }
}
