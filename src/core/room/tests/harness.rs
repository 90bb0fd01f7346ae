//! A Room with everything around it that the edge and the platform are: disk, alarm, sockets, attachments, network.
//!
//! Whatever is sent is checked on the way: an entry that a frame names is on disk by then (INV-1), and no note is in what
//! a visitor gets, in either encoding (INV-10).

use std::collections::{BTreeMap, VecDeque};

use prost::Message as _;

use super::{around::History, show::show};
use crate::{
    core::{
        bot::action::{ActionCall, Reply},
        effect::{Platform, Stored as _},
        error::{CloseCode, Code},
        geo::Location,
        id::{AgentId, ConversationId, Entropy, SessionId, SiteId, TagId, VisitorId, WorkspaceId},
        internal::{AgentRef, AssignOrder, BotTerms, IdleTerms},
        limits::{FRAME_BYTES, TICKET_LIFE},
        port::SqlError,
        principal::{AgentPrincipal, Principal, Role, VisitorPrincipal},
        protocol::{
            self, Encoding, Outgoing, Payload, client_id_of,
            wire::{self, client_frame::Frame},
        },
        room::{
            Room, Settings,
            effect::{Answer, Call, Effect, Effects, Input},
            entry::Body,
            session::Session,
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::{
        room::{RoomStore, RoomWrite},
        testing::TestSql,
    },
};

pub const START: Timestamp = Timestamp(1_795_000_000_000);

/// What the far end of a socket has.
pub struct Line {
    pub principal: Principal,
    pub encoding: Encoding,
    pub attachment: Option<String>,
    /// Frames not looked at yet.
    pub inbox: Vec<wire::AgentFrame>,
    /// Everything that ever went down this line.
    pub bytes: usize,
    /// It was said down this line that the bot is writing, and not that it has stopped.
    pub bot_types: bool,
}

/// A Room and its surroundings.
pub struct World {
    pub sql: TestSql,
    pub room: Option<Room>,
    pub settings: Settings,
    pub now: Timestamp,
    pub alarm: Option<Timestamp>,
    /// The timer of this process.
    pub timer: Option<Timestamp>,
    /// Open sockets.
    pub lines: BTreeMap<SocketId, Line>,
    /// Closed from the Room's side.
    pub closed: Vec<(SocketId, CloseCode)>,
    last_words: BTreeMap<SocketId, Vec<String>>,
    /// Left the Room, not answered yet.
    pub network: VecDeque<Call>,
    pub answers: Vec<Answer>,
    /// What is in a note or a private activity, to be found nowhere near a visitor.
    pub canaries: Vec<String>,
    pub alarms_set: u64,
    /// The effects of the last input, as they were.
    pub last: Vec<Effect>,
    /// The D1 side.
    pub history: History,
    /// What the Desk says of standing still.
    pub idle: Option<IdleTerms>,
    /// What it says of the bot.
    pub bot: Option<BotTerms>,
    /// What its intents put on a conversation: opening hours, a parcel, tracking.
    pub tags: Vec<TagId>,
    /// What the owner's system answers next; a good answer, if nothing is said.
    pub shop: VecDeque<Reply>,
    /// What it was asked.
    pub shop_asked: Vec<ActionCall>,
    /// How often it was taken back that the bot is writing.
    pub taken_back: u64,
    next: u64,
}

/// Ids that tests speak of.
pub fn workspace() -> WorkspaceId {
    WorkspaceId::draw(&mut Entropy::new(1))
}

pub fn conversation(number: u8) -> ConversationId {
    ConversationId::from_object_id(&format!("{number:064x}")).unwrap()
}

pub fn visitor(number: u8) -> VisitorPrincipal {
    VisitorPrincipal {
        workspace: workspace(),
        site: SiteId::draw(&mut Entropy::new(2)),
        visitor: VisitorId::draw(&mut Entropy::new(u128::from(number) + 100)),
        conversation: conversation(7),
        generation: 1,
        expires_at: START.plus(TICKET_LIFE * 1_000),
        user_agent: "Test/1.0".into(),
        country: "TW".into(),
        location: Location::of(25.03, 121.56),
        identity: None,
        must_prove: false,
    }
}

pub fn agent(name: &str) -> AgentPrincipal {
    let bits = name.bytes().fold(7_u128, |bits, byte| bits.wrapping_mul(131) + u128::from(byte));
    AgentPrincipal {
        workspace: workspace(),
        agent: AgentId::draw(&mut Entropy::new(bits)),
        name: name.into(),
        picture: String::new(),
        role: Role::Agent,
        session: SessionId::draw(&mut Entropy::new(bits + 1)),
        generation: 1,
        expires_at: START.plus(TICKET_LIFE * 1_000),
    }
}

pub fn agent_ref(name: &str) -> AgentRef {
    AgentRef::new(agent(name).agent, name.into())
}

pub fn assign(epoch: u64, assignee: Option<&str>) -> AssignOrder {
    AssignOrder {
        workspace: workspace(),
        assignment_epoch: epoch,
        assignee: assignee.map(agent_ref),
        actor: None,
        reason: String::new(),
        team: String::new(),
        team_id: None,
        ringing: false,
    }
}

impl Default for World {
    fn default() -> Self {
        World {
            sql: TestSql::default(),
            room: None,
            settings: Settings::default(),
            now: START,
            alarm: None,
            timer: None,
            lines: BTreeMap::new(),
            closed: Vec::new(),
            last_words: BTreeMap::new(),
            network: VecDeque::new(),
            answers: Vec::new(),
            canaries: Vec::new(),
            alarms_set: 0,
            last: Vec::new(),
            history: History::default(),
            idle: None,
            bot: None,
            tags: Vec::new(),
            shop: VecDeque::new(),
            shop_asked: Vec::new(),
            taken_back: 0,
            next: 0,
        }
    }
}

// ------------------------------------------------------------------------------------------------ people

impl World {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A socket that has not said hello.
    pub fn connect(&mut self, principal: Principal, encoding: Encoding) -> SocketId {
        // Not in the order of time: nothing may hang on the order of names.
        let socket = SocketId(Entropy::new(u128::from(self.number())).next_u64());
        self.wake();
        let line = Line {
            principal: principal.clone(),
            encoding,
            attachment: None,
            inbox: Vec::new(),
            bytes: 0,
            bot_types: false,
        };
        self.lines.insert(socket, line);
        self.feed(Input::Connected { socket, principal, encoding }).unwrap();
        socket
    }

    /// The visitor's next tab, greeted.
    pub fn visitor(&mut self) -> SocketId {
        self.greeted(Principal::Visitor(visitor(1)))
    }

    /// A socket of an agent, greeted.
    pub fn agent(&mut self, name: &str) -> SocketId {
        self.greeted(Principal::Agent(agent(name)))
    }

    fn greeted(&mut self, principal: Principal) -> SocketId {
        let encoding = if self.next.is_multiple_of(2) { Encoding::Proto } else { Encoding::Json };
        let socket = self.connect(principal, encoding);
        self.frame(socket, Frame::Hello(wire::Hello::default()));
        socket
    }

    pub fn send(&mut self, socket: SocketId, client_id: &str, text: &str) {
        self.frame(
            socket,
            Frame::Send(wire::Send { client_id: client_id.into(), text: text.into(), ..wire::Send::default() }),
        );
    }

    /// The visitor presses a button.
    pub fn press(&mut self, socket: SocketId, client_id: &str, choice: &str, label: &str) {
        let (client_id, text, choice) = (client_id.into(), label.into(), choice.into());
        self.frame(socket, Frame::Send(wire::Send { client_id, text, choice }));
    }

    pub fn note(&mut self, socket: SocketId, client_id: &str, text: &str) {
        self.frame(socket, Frame::Note(wire::Note { client_id: client_id.into(), text: text.into() }));
    }

    /// A frame as it comes from the platform: in bytes, through the codec.
    pub fn frame(&mut self, socket: SocketId, frame: Frame) {
        self.try_frame(socket, frame).ok();
    }

    /// The same; an error is what the edge tells the sender if nothing could be stored.
    pub fn try_frame(&mut self, socket: SocketId, frame: Frame) -> Result<(), Code> {
        let Some(encoding) = self.lines.get(&socket).map(|line| line.encoding) else { return Ok(()) };
        let frame = wire::ClientFrame { frame: Some(frame) };
        let payload = match encoding {
            Encoding::Proto => Payload::Binary(frame.encode_to_vec()),
            Encoding::Json => Payload::Text(serde_json::to_string(&frame).unwrap()),
        };
        self.payload(socket, &payload)
    }

    /// Whatever came down a line.
    pub fn payload(&mut self, socket: SocketId, payload: &Payload) -> Result<(), Code> {
        let Some(encoding) = self.lines.get(&socket).map(|line| line.encoding) else { return Ok(()) };
        assert!(payload.size() <= FRAME_BYTES + 10);
        let frame = protocol::decode(encoding, payload);
        let client_id = frame.clone().ok().flatten().map(client_id_of).unwrap_or_default();
        let result = self.feed(Input::Frame { socket, frame });
        if let Err(code) = result {
            let error = protocol::error_frame(code, "nothing was stored, send it again", &client_id);
            self.deliver(&[socket], &wire::server_frame::Frame::Error(error).into());
        }
        result
    }

    /// The far end closes.
    pub fn leave(&mut self, socket: SocketId) {
        if self.lines.remove(&socket).is_some() {
            self.feed(Input::Disconnected(socket)).ok();
        }
    }

    /// What a socket was sent since the last look, in short; with its end, if it was ended. That the bot is writing is a sign beside what
    /// it says, and looked at by tests of its own.
    pub fn seen(&mut self, socket: SocketId) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        if let Some(line) = self.lines.get_mut(&socket) {
            seen.extend(line.inbox.drain(..).map(|frame| show(&frame)).filter(|it| !it.starts_with("typing bot")));
        }
        if let Some(words) = self.last_words.remove(&socket) {
            seen.extend(words);
            seen.extend(self.end_of(socket).map(|code| format!("close {}", code.entry().0)));
        }
        seen
    }

    /// Frames of a socket since the last look.
    pub fn inbox(&mut self, socket: SocketId) -> Vec<wire::AgentFrame> {
        self.lines.get_mut(&socket).map(|line| std::mem::take(&mut line.inbox)).unwrap_or_default()
    }

    /// Nobody has looked; forget what was sent.
    pub fn look_away(&mut self) {
        for line in self.lines.values_mut() {
            line.inbox.clear();
        }
    }

    /// How a socket was ended from the Room's side.
    pub fn end_of(&self, socket: SocketId) -> Option<CloseCode> {
        self.closed.iter().find(|(closed, _)| *closed == socket).map(|(_, code)| *code)
    }
}

// ------------------------------------------------------------------------------------------------ the platform

impl World {
    /// Loads the machine if there is none.
    pub fn wake(&mut self) {
        if self.room.is_some() {
            return;
        }
        let mut sessions = Vec::new();
        let mut strangers = Vec::new();
        for (socket, line) in &self.lines {
            match line.attachment.as_deref().and_then(|text| serde_json::from_str::<Session>(text).ok()) {
                Some(session) => sessions.push(session),
                None => strangers.push(*socket),
            }
        }
        for socket in strangers {
            self.close(socket, CloseCode::Restart);
        }
        self.room = Some(Room::load(RoomStore(&self.sql), self.settings, self.alarm).unwrap());
        self.step(Input::Restored(sessions)).ok();
    }

    /// One input, and everything inside the object that follows from it.
    pub fn feed(&mut self, input: Input) -> Result<(), Code> {
        self.wake();
        self.step(input)
    }

    fn step(&mut self, input: Input) -> Result<(), Code> {
        let Some(effects) = self.decide(input) else { return Err(Code::Storage) };
        if !self.store(&effects) {
            self.room = None;
            return Err(Code::Storage);
        }
        self.carry_out(effects);
        Ok(())
    }

    /// What the machine wants done. Without it the machine is gone.
    pub fn decide(&mut self, input: Input) -> Option<Effects> {
        let mut entropy = Entropy::new(u128::from(self.number()) << 64 | 0x5eed);
        let mut fx = Effects::default();
        let room = self.room.as_mut()?;
        if room.handle(input, self.now, &mut entropy, RoomStore(&self.sql), &mut fx).is_err() {
            self.room = None;
            return None;
        }
        self.last = fx.iter().cloned().collect();
        Some(fx)
    }

    /// All writes or none.
    pub fn store(&mut self, effects: &Effects) -> bool {
        let together = |work: &dyn Fn() -> Result<(), SqlError>| {
            self.sql.connection.execute_batch("SAVEPOINT writes").unwrap();
            let done = work();
            let end = if done.is_ok() { "RELEASE writes" } else { "ROLLBACK TO writes; RELEASE writes" };
            self.sql.connection.execute_batch(end).unwrap();
            done
        };
        let done = effects.store(|write| write.run(&self.sql), together).is_ok();
        if done {
            for write in effects.writes() {
                self.remember_canary(write);
            }
        }
        done
    }

    fn remember_canary(&mut self, write: &RoomWrite) {
        if let RoomWrite::AppendPrivate(entry, _) = write {
            self.canaries.push(entry.id.to_string());
            match &entry.body {
                // One that holds an earlier canary is found by that.
                Body::Text(text) if text.len() > 5 && !self.canaries.iter().any(|it| text.contains(it.as_str())) => {
                    self.canaries.push(text.clone());
                }
                Body::Text(_) | Body::Choice(_) | Body::Activity(_) | Body::Unread(_) => {}
            }
        }
    }

    /// Everything but the writes.
    pub fn carry_out(&mut self, effects: Effects) {
        let outcome = effects.carry_out(self);
        self.answers.extend(outcome.answer);
        for call in outcome.calls {
            match call {
                Call::SetTimer(at) => self.timer = Some(at),
                call => self.network.push_back(call),
            }
        }
    }

    fn deliver(&mut self, to: &[SocketId], frame: &Outgoing) {
        self.check_commit(frame);
        let both: Vec<Vec<u8>> = [Encoding::Proto, Encoding::Json]
            .into_iter()
            .map(|encoding| match frame.encode(encoding).unwrap() {
                Payload::Binary(bytes) => bytes,
                Payload::Text(text) => text.into_bytes(),
            })
            .collect();
        for socket in to {
            let Some(line) = self.lines.get_mut(socket) else { continue };
            let bytes = match line.encoding {
                Encoding::Proto => &both[0],
                Encoding::Json => &both[1],
            };
            if let Principal::Visitor(_) = &line.principal {
                assert!(matches!(frame, Outgoing::Shared(_)), "INV-10: a private frame to a visitor: {frame:?}");
                for text in both.iter().map(|bytes| String::from_utf8_lossy(bytes)) {
                    let found = self.canaries.iter().find(|canary| text.contains(canary.as_str()));
                    assert!(found.is_none(), "INV-10: {found:?} in {frame:?}");
                }
            }
            let read = match line.encoding {
                Encoding::Proto => wire::AgentFrame::decode(bytes.as_slice()).unwrap(),
                Encoding::Json => serde_json::from_slice(bytes).unwrap(),
            };
            line.bytes += bytes.len();
            let types = bot_types(&read).unwrap_or(line.bot_types);
            let is_sign = matches!(read.frame, Some(wire::agent_frame::Frame::Typing(_)));
            self.taken_back += u64::from(is_sign && line.bot_types && !types);
            line.bot_types = types;
            line.inbox.push(read);
        }
    }

    /// INV-1: what a frame says is in the log is in the log.
    fn check_commit(&self, frame: &Outgoing) {
        use wire::{agent_frame::Frame as Private, server_frame::Frame as Shared};
        let (is_public, seq, id) = match frame {
            Outgoing::Shared(wire::ServerFrame { frame: Some(Shared::Ack(ack)) }) => (true, ack.seq, &ack.id),
            Outgoing::Shared(wire::ServerFrame { frame: Some(Shared::Message(it)) }) => (true, it.seq, &it.id),
            Outgoing::Agents(wire::AgentFrame { frame: Some(Private::NoteAck(ack)) }) => (false, ack.seq, &ack.id),
            Outgoing::Agents(wire::AgentFrame { frame: Some(Private::PrivateMessage(it)) }) => (false, it.seq, &it.id),
            Outgoing::Shared(_) | Outgoing::Agents(_) => return,
        };
        let store = RoomStore(&self.sql);
        let found = if is_public {
            store.public_after(seq - 1, 1).unwrap().pop().map(|row| (row.seq, row.id))
        } else {
            store.private_after(seq - 1, 1).unwrap().pop().map(|row| (row.seq, row.id))
        };
        assert!(found.is_some_and(|(at, row)| at == seq && row.as_str() == id), "INV-1: {seq} is not on disk");
    }
}

/// What a frame says of whether the bot is writing (CL18): its next message ends it.
fn bot_types(frame: &wire::AgentFrame) -> Option<bool> {
    use wire::agent_frame::Frame;
    let is_bots = |who: &Option<wire::Participant>| who.as_ref().is_some_and(|who| who.kind() == wire::SenderKind::Bot);
    match frame.frame.as_ref()? {
        Frame::Typing(typing) if is_bots(&typing.participant) => Some(typing.on),
        Frame::Message(message) if is_bots(&message.sender) => Some(false),
        Frame::Welcome(_) => Some(false),
        _ => None,
    }
}

impl Platform<Session> for World {
    fn set_alarm(&mut self, at: Timestamp) {
        self.alarms_set += 1;
        self.alarm = Some(at);
    }

    fn send(&mut self, to: &[SocketId], frame: &Outgoing) {
        self.deliver(to, frame);
    }

    fn attach(&mut self, session: Session) {
        let text = serde_json::to_string(&session).unwrap();
        // As the runtime keeps a text, and what it adds.
        let width = if text.chars().any(|char| char > '\u{ff}') { 2 } else { 1 };
        let size = width * text.encode_utf16().count();
        assert!(size <= 16_300, "an attachment of {size} bytes");
        if let Some(line) = self.lines.get_mut(&session.socket) {
            line.attachment = Some(text);
        }
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) {
        if self.lines.contains_key(&socket) {
            self.closed.push((socket, code));
            if let Some(line) = self.lines.remove(&socket) {
                self.last_words.insert(socket, line.inbox.iter().map(show).collect());
            }
        }
    }
}
