//! Lines between clients and objects: frames in order on each line, in any order between lines; lost, doubled, late,
//! or gone into a deaf line; and what is said on the way is checked. How a line begins and ends stands in `lines.rs`.

use std::rc::Rc;

use bellhop::core::{
    error::Code,
    machine::Machine as _,
    principal::Principal,
    protocol::{
        self, Encoding, Outgoing, Payload, client_id_of,
        wire::{self, agent_frame, client_frame::Frame, server_frame},
    },
    socket::SocketId,
};
use prost::Message as _;

use crate::{
    client::{
        connection::{State, Wish},
        log::Effect,
    },
    faults::Fault,
    object::{Doom, Fate, Push},
    truth,
    world::{Event, Kind, Place, START, World},
};

/// In every note and private reason, and in no byte for a visitor.
pub const NOTE_CANARY: &str = "~for agents only~";

impl World {
    // ------------------------------------------------------------------------------------------ from an object

    /// Something leaves an object.
    pub fn push(&mut self, place: Place, push: Push) {
        match push {
            Push::Frame(socket, frame) => self.push_frame(place, socket, &frame),
            Push::Close(socket, code) => {
                if let Place::Room(room) = place {
                    self.rooms[room].truth.parted(socket);
                }
                self.push_close(socket, code.entry().0);
            }
        }
    }

    fn push_frame(&mut self, place: Place, socket: SocketId, frame: &Outgoing) {
        let Some(line) = self.lines.get(&socket) else { return };
        let (principal, encoding, is_intruder) = (Rc::clone(&line.principal), line.encoding, line.client.is_none());
        let payload = frame.encode(encoding).expect("a frame");
        let bytes = match &payload {
            Payload::Text(text) => text.as_bytes(),
            Payload::Binary(bytes) => bytes,
        };
        let is_error =
            matches!(frame, Outgoing::Shared(wire::ServerFrame { frame: Some(server_frame::Frame::Error(_)) }));
        assert!(!is_intruder || is_error, "INV-8: an intruder is told {frame:?}");
        for desk in self.desks.iter().filter(|desk| desk.id != *principal.workspace()) {
            assert!(!truth::holds(bytes, &desk.canary), "INV-8, C9: another workspace's words in {frame:?}");
        }
        if let Principal::Visitor(_) = &*principal {
            assert!(matches!(frame, Outgoing::Shared(_)), "INV-10, C4: a private frame to a visitor");
            assert!(!truth::holds(bytes, NOTE_CANARY), "INV-10, C4: a note to a visitor: {frame:?}");
        }
        match place {
            Place::Room(room) => {
                let place = &mut self.rooms[room];
                truth::is_current(&principal, frame, place.object.clock(self.now));
                place.truth.resumed(socket, frame);
                place.truth.said(socket, &principal, frame);
            }
            Place::Desk(desk) => {
                truth::is_current(&principal, frame, self.desks[desk].object.clock(self.now));
                if let Outgoing::Agents(wire::AgentFrame { frame: Some(agent_frame::Frame::Assigned(it)) }) = frame {
                    let said = (it.assignment_epoch, it.assignee.as_ref().map(|agent| agent.id.clone()));
                    let held = self.desks[desk].truth.holders.get(&it.conversation);
                    assert_eq!(held, Some(&said), "INV-5: said, but not on disk");
                    self.winners.note(&it.conversation, said.0, &said.1);
                }
            }
        }
        if self.config.show {
            println!("{:>9} {place:?} {socket:?} -> {frame:?}", self.now - START);
        }
        self.counts.frames += 1;
        self.digest_bytes(&payload);
        self.send_to_client(socket, payload);
    }

    /// The object ends a socket.
    pub fn push_close(&mut self, socket: SocketId, code: u16) {
        let Some(line) = self.lines.get_mut(&socket) else { return };
        line.server_end = false;
        if line.client.is_none() {
            self.lines.remove(&socket);
            return;
        }
        if !line.deaf {
            let at = line.to_client.max(self.now + 1);
            line.to_client = at;
            self.plan_at(at, Event::ClosedAtClient(socket, code));
        }
    }

    fn send_to_client(&mut self, socket: SocketId, payload: Payload) {
        let (lost, doubled, late, delay) = self.way();
        let strange = self.draws(Fault::NewServer);
        let Some(line) = self.lines.get_mut(&socket) else { return };
        if line.deaf || line.client.is_none() {
            return;
        }
        let (at, is_late) = (line.to_client.max(self.now + delay + late), late > 0 && !lost);
        line.to_client = at;
        let lingers = !line.client_end && line.lingers.take_if(|known| *known < self.now).is_some();
        // Nobody is ever told anything on a line whose welcome was lost: that would be another server. Nor after news of the list,
        // which have no numbers that would show a gap: a connection loses no frame from among others.
        line.deaf = lost && (is_welcome(&payload) || is_list_news(&payload));
        let payload = if strange { with_unknown(&payload) } else { payload };
        self.way_bites(lost, doubled, is_late);
        if lingers {
            self.bites(Fault::Superseded);
        }
        if strange {
            self.bites(Fault::NewServer);
            let unknown = match &payload {
                Payload::Text(_) => Payload::Text(r#"{"frameOfTomorrow":{"a":1}}"#.into()),
                Payload::Binary(_) => Payload::Binary(vec![0xc2, 0x3e, 0x01, 0x41]),
            };
            self.plan_at(at, Event::ToClient(socket, unknown));
        }
        if lost {
            let wait = self.dice.between(500, 8_000);
            return self.plan(wait, Event::Cut(socket));
        }
        if doubled {
            self.plan_at(at, Event::ToClient(socket, payload.clone()));
        }
        self.plan_at(at, Event::ToClient(socket, payload));
    }

    // ------------------------------------------------------------------------------------------ to an object

    /// A client's frame leaves.
    pub fn send_frame(&mut self, client: usize, frame: Frame) {
        let Some(socket) = self.clients[client].connection.socket else { return };
        let (lost, doubled, late, delay) = self.way();
        let strange = self.draws(Fault::OldClient);
        let Some(line) = self.lines.get_mut(&socket) else { return };
        let encoding = line.encoding;
        let payload = encode(encoding, frame);
        let payload = if strange { with_unknown(&payload) } else { payload };
        if line.deaf {
            return;
        }
        let (at, is_late) = (line.to_server.max(self.now + delay + late), late > 0 && !lost);
        line.to_server = at;
        self.way_bites(lost, doubled, is_late);
        if strange {
            self.bites(Fault::OldClient);
            let unknown = match encoding {
                Encoding::Json => Payload::Text(r#"{"frameOfYesterday":{}}"#.into()),
                Encoding::Proto => Payload::Binary(vec![0xc2, 0x3e, 0x01, 0x41]),
            };
            self.plan_at(at, Event::ToServer(socket, unknown));
        }
        if lost {
            let wait = self.dice.between(500, 8_000);
            return self.plan(wait, Event::Cut(socket));
        }
        if doubled {
            self.plan_at(at + 1, Event::ToServer(socket, payload.clone()));
        }
        self.plan_at(at, Event::ToServer(socket, payload));
    }

    /// What may become of a frame: it is lost, comes twice, comes late by so much; and how long it takes in any case.
    fn way(&mut self) -> (bool, bool, i64, i64) {
        let (lost, doubled) = (self.draws(Fault::FrameLost), self.draws(Fault::FrameDoubled));
        let late = if self.draws(Fault::FrameLate) { self.dice.between(500, 4_000) } else { 0 };
        (lost, doubled, late, self.dice.between(1, 60))
    }

    /// One that is lost comes neither twice nor late.
    fn way_bites(&mut self, lost: bool, doubled: bool, is_late: bool) {
        if lost {
            self.bites(Fault::FrameLost);
        } else if doubled {
            self.bites(Fault::FrameDoubled);
        }
        if is_late {
            self.bites(Fault::FrameLate);
        }
    }

    /// What may become of an input. Whether it did is seen when the input is done ([`World::befell`]).
    pub fn fate(&mut self) -> Doom {
        let before = self.draws(Fault::CrashBeforeCommit);
        let after = self.draws(Fault::CutAfterCommit);
        let within = self.draws(Fault::CutInFanOut);
        let fails = self.draws(Fault::WriteFails);
        let some = self.dice.below(6);
        match (before, after, within, fails) {
            (true, ..) => Some((Fault::CrashBeforeCommit, Fate::DiesBefore)),
            (_, true, ..) => Some((Fault::CutAfterCommit, Fate::DiesAfter(0))),
            (_, _, true, _) => Some((Fault::CutInFanOut, Fate::DiesAfter(1 + some as usize % 3))),
            (.., true) => Some((Fault::WriteFails, Fate::WriteFails(some as u32))),
            _ => None,
        }
    }

    /// A frame reaches its object, in bytes, through the codec.
    pub fn frame_at_server(&mut self, socket: SocketId, payload: &Payload) {
        let Some(line) = self.lines.get(&socket) else { return };
        if !line.server_end {
            return;
        }
        let (place, encoding) = (line.place, line.encoding);
        if self.wake(place).is_err() {
            // The sender's message is safe with the sender: it comes again on the next socket.
            self.forget_socket(place, socket);
            return self.push_close(socket, 4000);
        }
        let known = match place {
            Place::Room(room) => self.rooms[room].object.knows(socket),
            Place::Desk(desk) => self.desks[desk].object.knows(socket),
        };
        if known.is_none() {
            return;
        }
        let frame = protocol::decode(encoding, payload);
        if self.config.show {
            println!("{:>9} {place:?} {socket:?} <- {frame:?}", self.now - START);
        }
        let name = frame.clone().ok().flatten().map(client_id_of).unwrap_or_default();
        let fate = self.fate();
        let known = matches!(self.lines.get(&socket).map(|line| &*line.principal), Some(Principal::Agent(_)));
        let is_quiet = frame.as_ref().is_ok_and(|frame| is_presence(frame.as_ref(), known));
        let before = (self.writes(place), self.bot_done(place));
        if let (Place::Room(room), Ok(Some(Frame::Hello(hello)))) = (place, &frame) {
            self.rooms[room].truth.asked = Some((socket, hello.clone()));
        }
        let result = match place {
            Place::Room(room) => self.room_input(room, bellhop::core::room::Room::frame(socket, frame), fate).map(drop),
            Place::Desk(desk) => self.desk_frame(desk, socket, frame, fate),
        };
        if let Place::Room(room) = place {
            self.rooms[room].truth.asked = None;
        }
        let is_open = self.lines.get(&socket).is_some_and(|line| line.server_end);
        let is_still = self.writes(place) == before.0 || self.bot_done(place) > before.1;
        assert!(!is_quiet || !is_open || is_still, "INV-11: typing or presence wrote a row");
        if let Err(code) = result {
            self.tell_failure(place, socket, code, &name);
        }
    }

    fn bot_done(&self, place: Place) -> u64 {
        if let Place::Room(room) = place { self.rooms[room].truth.bot.done() } else { 0 }
    }

    /// How often an object has written.
    pub fn writes(&self, place: Place) -> u64 {
        match place {
            Place::Room(room) => self.rooms[room].truth.writes,
            Place::Desk(desk) => self.desks[desk].truth.writes,
        }
    }

    /// The sender learns that its frame did nothing, and may send it again.
    fn tell_failure(&mut self, place: Place, socket: SocketId, code: Code, name: &str) {
        if self.lines.get(&socket).is_some_and(|line| line.server_end) {
            let error = protocol::error_frame(code, "nothing was stored, send it again", name);
            self.push(place, Push::Frame(socket, server_frame::Frame::Error(error).into()));
        }
    }

    /// An object closes a socket, or forgets one.
    pub fn forget_socket(&mut self, place: Place, socket: SocketId) {
        match place {
            Place::Room(room) => self.rooms[room].object.close(socket),
            Place::Desk(desk) => self.desks[desk].object.close(socket),
        }
    }

    // ------------------------------------------------------------------------------------------ at the client

    /// A frame reaches its client.
    pub fn frame_at_client(&mut self, socket: SocketId, payload: &Payload) {
        let Some(line) = self.lines.get(&socket) else { return };
        let Some(client) = line.client else { return };
        if !line.client_end || self.clients[client].connection.socket != Some(socket) {
            // CN1
            return;
        }
        let frame = match payload {
            Payload::Text(text) => serde_json::from_str::<wire::AgentFrame>(text).expect("JSON"),
            Payload::Binary(bytes) => wire::AgentFrame::decode(bytes.as_slice()).expect("a frame"),
        };
        let refusal = match &frame.frame {
            Some(agent_frame::Frame::Error(error)) => {
                error.client_id.is_empty().then(|| i64::try_from(error.retry_after_ms).unwrap_or(0))
            }
            _ => None,
        };
        let is_error = matches!(frame.frame, Some(agent_frame::Frame::Error(_)));
        let now = self.now;
        // A frame of tomorrow is no answer.
        let Some(frame) = frame.frame else { return };
        self.clients[client].connection.heard(refusal, is_error, now, &mut self.dice);
        match self.clients[client].kind {
            Kind::List(_) => self.list_frame(client, socket, frame),
            Kind::Tab(_) | Kind::Console { .. } => {
                let effects = self.clients[client].log.receive(frame, now);
                self.carry_out(client, effects);
            }
        }
        self.replan(client);
    }

    fn list_frame(&mut self, client: usize, socket: SocketId, frame: agent_frame::Frame) {
        match &frame {
            agent_frame::Frame::Probe(probe) => return self.answer_probe(client, socket, probe.id),
            agent_frame::Frame::Assigned(it) if it.client_id.is_empty() && it.ring_until > 0 => {
                return self.answer_ring(client, socket, it.clone());
            }
            _ => {}
        }
        let list = &mut self.clients[client].list;
        let next = match frame {
            agent_frame::Frame::DeskWelcome(welcome) => list.welcome(welcome),
            agent_frame::Frame::DeskPage(page) => list.page(page),
            agent_frame::Frame::DeskUpdate(update) => {
                list.update(update);
                None
            }
            _ => None,
        };
        if let Some(after) = next {
            self.send_frame(client, Frame::DeskPage(wire::DeskPageRequest { after }));
        }
    }

    /// What a client's machine wants done.
    pub fn carry_out(&mut self, client: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.send_frame(client, frame),
                Effect::Settled(client_id) => self.unstore(client, &client_id),
                Effect::Failed(item) => {
                    let Some((room, who)) = self.writer(self.clients[client].kind) else { continue };
                    for is_note in [false, true] {
                        let stored = self.stored.entry((room, who.clone(), is_note)).or_default();
                        if let Some(held) = stored.iter_mut().find(|held| held.client_id == item.client_id) {
                            held.failed.clone_from(&item.failed);
                        }
                    }
                }
                Effect::Arrived(_) => {}
            }
        }
    }

    fn unstore(&mut self, client: usize, client_id: &str) {
        let Some((room, who)) = self.writer(self.clients[client].kind) else { return };
        for is_note in [false, true] {
            if let Some(stored) = self.stored.get_mut(&(room, who.clone(), is_note)) {
                stored.retain(|item| item.client_id != client_id);
            }
        }
    }

    /// Carries a connection's wishes out.
    pub fn wishes(&mut self, client: usize, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Drop(socket) => self.dropped(socket),
                Wish::Connect { turn, ticket } => self.ask_for_socket(client, turn, ticket),
                Wish::Ping(socket) => {
                    let delay = self.dice.between(1, 80);
                    if self.lines.get(&socket).is_some_and(|line| !line.deaf) {
                        self.plan(delay, Event::Ping(socket));
                    }
                }
                Wish::Renew(_) => self.renew(client),
            }
        }
        if !matches!(self.clients[client].connection.state, State::Live) {
            self.clients[client].log.disconnected();
        }
        self.replan(client);
    }

    /// The client listens no more; the object learns of it now or late.
    fn dropped(&mut self, socket: SocketId) {
        let late = self.draws(Fault::Superseded);
        let (soon, later) = (self.dice.between(5, 200), self.dice.between(2_000, 40_000));
        let now = self.now;
        let Some(line) = self.lines.get_mut(&socket) else { return };
        line.client_end = false;
        line.lingers = (late && !line.deaf).then_some(now + soon);
        let at = (now + if late || line.deaf { later } else { soon }).max(line.to_server + 1);
        if line.server_end {
            self.plan_at(at, Event::GoneAtServer(socket));
        } else {
            self.lines.remove(&socket);
        }
    }

    /// Plans the client's next look at its clock.
    pub fn replan(&mut self, client: usize) {
        let it = &mut self.clients[client];
        let log = it.log.wake_at();
        let Some(at) = [it.connection.wake_at(), log].into_iter().flatten().min() else { return };
        let at = at.max(self.now + 1);
        if at < it.tick_at {
            it.tick_at = at;
            self.plan_at(at, Event::ClientTick(client));
        }
    }

    /// A client does what is due.
    pub fn client_tick(&mut self, client: usize) {
        if self.clients[client].tick_at != self.now {
            return;
        }
        let now = self.now;
        self.clients[client].tick_at = i64::MAX;
        let wishes = self.clients[client].connection.tick(now, &mut self.dice);
        self.wishes(client, wishes);
        let effects = self.clients[client].log.tick(now);
        self.carry_out(client, effects);
        self.replan(client);
    }
}

/// INV-11: what tells that somebody is here or types. (A visitor's `hello` may bring what their page says of itself.)
fn is_presence(frame: Option<&Frame>, is_agent: bool) -> bool {
    match frame {
        Some(Frame::Typing(_) | Frame::SetAvailability(_) | Frame::DeskHello(_) | Frame::DeskPage(_)) => true,
        Some(Frame::Hello(_)) => is_agent,
        _ => false,
    }
}

/// A client's frame in bytes.
pub fn encode(encoding: Encoding, frame: Frame) -> Payload {
    let frame = wire::ClientFrame { frame: Some(frame) };
    match encoding {
        Encoding::Proto => Payload::Binary(frame.encode_to_vec()),
        Encoding::Json => Payload::Text(serde_json::to_string(&frame).expect("JSON")),
    }
}

fn is_welcome(payload: &Payload) -> bool {
    match payload {
        Payload::Text(text) => text.starts_with(r#"{"welcome":"#),
        // Field 1, a message.
        Payload::Binary(bytes) => bytes.first() == Some(&0x0a),
    }
}

/// What has changed in the list, since the last news or since the console was here last.
fn is_list_news(payload: &Payload) -> bool {
    match payload {
        Payload::Text(text) => text.starts_with(r#"{"deskUpdate":"#) || text.starts_with(r#"{"deskWelcome":"#),
        // Fields 61 and 60, messages.
        Payload::Binary(bytes) => bytes.starts_with(&[0xea, 0x03]) || bytes.starts_with(&[0xe2, 0x03]),
    }
}

/// The same frame with a field of another version.
fn with_unknown(payload: &Payload) -> Payload {
    match payload {
        Payload::Text(text) => match text.strip_suffix('}') {
            Some(rest) => Payload::Text(format!("{rest},\"fieldOfTomorrow\":{{\"a\":[1]}}}}")),
            None => payload.clone(),
        },
        Payload::Binary(bytes) => Payload::Binary([bytes.as_slice(), &[0xc2, 0x3e, 0x01, 0x41]].concat()),
    }
}
