//! One run: what happens in which order, and what is checked.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    client::{Client, Item},
    reference::{Line, Reference, name_of},
};
use crate::{
    core::{
        error::Code,
        id::Entropy,
        internal::{AssignOrder, Revoked, Status},
        principal::Principal,
        protocol::{
            Encoding,
            wire::{self, client_frame::Frame},
        },
        room::{
            effect::{Effect, Input},
            entry::{Author, Body},
            tests::harness::{World, agent, agent_ref, visitor, workspace},
        },
        socket::SocketId,
        time::{MINUTE, SECOND, Timestamp},
    },
    sql::{
        room::{RoomStore, RoomWrite},
        testing::TestSql,
    },
};

/// Every kind of fault, by its name in the trace.
pub const FAULTS: [&str; 17] = [
    "hibernate",
    "crash",
    "crash before commit",
    "crash after commit",
    "write fails",
    "backup",
    "restore",
    "attachment lost",
    "alarm early",
    "alarm late",
    "alarm lost",
    "clock jumps",
    "call lost",
    "call fails",
    "cut",
    "half-open",
    "stale ticket",
];

const CANARY: &str = "CANARY-OF-A-NOTE";
const NAMES: [(&str, bool); 6] =
    [("tab 1", false), ("tab 2", false), ("phone", false), ("Mei", true), ("Mei 2", true), ("Ann", true)];

/// What is done with a frame on its way into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Good,
    CrashBefore,
    CrashAfter,
    WriteFails,
}

pub struct Run {
    seed: u64,
    dice: Entropy,
    world: World,
    clients: Vec<Client>,
    reference: Reference,
    /// Sockets that the Room knows of, with whom they belong to; the far end may be gone without the Room knowing.
    held: BTreeMap<SocketId, Principal>,
    ghosts: Vec<SocketId>,
    /// As the gateway has it: generations to be minted, and when an older one was last good.
    generations: BTreeMap<String, (u64, Timestamp)>,
    is_blocked: bool,
    backups: Vec<(TestSql, Reference, u64)>,
    rates: BTreeMap<&'static str, u64>,
    counts: BTreeMap<&'static str, u64>,
    trace: VecDeque<String>,
    hasher: DefaultHasher,
    written: u64,
    compared: (usize, usize),
    /// Rows that had been written when the store was last compared.
    looked_at: u64,
    calm: bool,
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let trace: Vec<&str> = self.trace.iter().map(String::as_str).collect();
            println!("{}\n\nSEED={} cargo test --lib room::tests::model", trace.join("\n"), self.seed);
        }
    }
}

impl Run {
    /// Runs a seed: faults, then calm, then everything must have met.
    pub fn of(seed: u64, steps: u64) -> Run {
        let mut run = Run {
            seed,
            dice: Entropy::new(u128::from(seed) << 32 | 0xbe11),
            world: World::default(),
            clients: NAMES.iter().map(|(name, is_agent)| Client::new(name, *is_agent)).collect(),
            reference: Reference::default(),
            held: BTreeMap::new(),
            ghosts: Vec::new(),
            generations: BTreeMap::new(),
            is_blocked: false,
            backups: Vec::new(),
            rates: BTreeMap::new(),
            counts: BTreeMap::new(),
            trace: VecDeque::new(),
            hasher: DefaultHasher::new(),
            written: 0,
            compared: (0, 0),
            looked_at: u64::MAX,
            calm: false,
        };
        run.world.canaries.push(CANARY.into());
        for fault in FAULTS {
            // Some never, some seldom, some often: each run is another world.
            let rate = [0, 0, 4, 10, 30][run.below(5) as usize];
            run.rates.insert(fault, rate);
        }
        for _ in 0..steps {
            run.step();
        }
        run.converge();
        run
    }

    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().map(|(name, count)| (*name, *count))
    }

    pub fn digest(&self) -> u64 {
        self.hasher.finish()
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.dice.next_u64() % limit.max(1)
    }

    /// Whether a fault happens now, by this run's rate, in thousandths.
    fn strikes(&mut self, fault: &'static str) -> bool {
        // Some have few occasions.
        let weight = match fault {
            "alarm late" | "call lost" | "call fails" | "stale ticket" => 12,
            "crash before commit" | "crash after commit" | "write fails" => 4,
            _ => 1,
        };
        let rate = if self.calm { 0 } else { self.rates[fault] * weight };
        let strikes = self.below(1_000) < rate;
        if strikes {
            self.say(fault, String::new());
        }
        strikes
    }

    fn say(&mut self, what: &'static str, more: String) {
        *self.counts.entry(what).or_default() += 1;
        let line = format!("{} {what} {more}", self.world.now.0 % 100_000_000);
        line.hash(&mut self.hasher);
        self.trace.push_back(line);
        if self.trace.len() > 60 {
            self.trace.pop_front();
        }
    }

    // ------------------------------------------------------------------------------------------- what happens

    fn step(&mut self) {
        let pause = match self.below(60) {
            0 => 70 * SECOND,
            1..=4 => 12 * SECOND,
            _ => 50 + self.below(300) as i64,
        };
        self.pass(pause);
        self.faults();
        let client = self.below(NAMES.len() as u64) as usize;
        let some = 1 + self.below(4);
        match self.below(20) {
            0..=2 => self.write(client),
            3 => self.jot(client),
            4..=8 => self.to_room(client, some),
            9..=12 => self.to_client(client, some),
            13 => self.connect(client),
            14 => self.talk(client),
            15 => self.clients[client].mark_read(),
            16 => self.file(client),
            17 => self.command(),
            18 => self.calls(3),
            _ => self.quiet(),
        }
    }

    /// Time passes; the alarm rings as the platform does, or as a bad one does.
    fn pass(&mut self, millis: i64) {
        if self.strikes("clock jumps") {
            let jump = [-3_600, -60, 60, 3_600][self.below(4) as usize] * SECOND;
            self.world.now = self.world.now.plus(jump);
        }
        self.world.now = self.world.now.plus(millis);
        if self.strikes("alarm lost") {
            self.world.alarm = None;
        }
        let is_due = self.world.alarm.is_some_and(|at| at <= self.world.now);
        if is_due && !self.strikes("alarm late") || self.strikes("alarm early") {
            self.ring();
        }
    }

    fn ring(&mut self) {
        self.world.alarm = None;
        self.reference_after_waking();
        if self.input(Input::Alarm, Fate::Good).is_ok() {
            let now = self.world.now;
            self.reference.alarm(now);
        }
        self.look();
    }

    fn faults(&mut self) {
        if self.strikes("hibernate") {
            self.world.hibernate();
        }
        if self.strikes("crash") {
            self.crash();
        }
        if self.strikes("attachment lost") {
            let sockets: Vec<SocketId> = self.world.lines.keys().copied().collect();
            if !sockets.is_empty() {
                let socket = sockets[self.below(sockets.len() as u64) as usize];
                self.world.lines.get_mut(&socket).unwrap().attachment = None;
                // It counts only for a machine that has to ask it.
                self.world.hibernate();
                self.held.remove(&socket);
            }
        }
        if self.strikes("backup") {
            self.backups.push((self.world.sql.copy(), self.reference.clone(), self.world.rows_written()));
        }
        if !self.backups.is_empty() && self.strikes("restore") {
            self.crash();
            let place = self.below(self.backups.len() as u64) as usize;
            let (store, reference, _) = &mut self.backups[place];
            self.world.sql = store.copy();
            self.reference = reference.clone();
            (self.compared, self.looked_at) = ((0, 0), u64::MAX);
            // The copy holds no alarm; the first client, or the operator, wakes the Room.
            self.world.alarm = Some(self.world.now.plus(SECOND));
        }
        for client in 0..NAMES.len() {
            if self.strikes("cut") {
                self.cut(client);
            }
            if self.strikes("half-open")
                && let Some(socket) = self.clients[client].socket
            {
                self.ghosts.push(socket);
                self.clients[client].gone();
            }
        }
        if !self.ghosts.is_empty() && self.below(20) == 0 {
            let ghost = self.ghosts.remove(0);
            self.leave(ghost);
        }
    }

    fn crash(&mut self) {
        self.world.crash();
        self.held.clear();
        self.ghosts.clear();
        for client in &mut self.clients {
            client.gone();
        }
    }

    fn cut(&mut self, client: usize) {
        if let Some(socket) = self.clients[client].socket {
            self.clients[client].gone();
            self.leave(socket);
        }
    }

    fn leave(&mut self, socket: SocketId) {
        self.reference_after_waking();
        self.held.remove(&socket);
        if self.world.lines.remove(&socket).is_some() {
            self.input(Input::Disconnected(socket), Fate::Good).ok();
            self.wrote_only_cursors();
        }
        self.look();
    }

    fn write(&mut self, client: usize) {
        self.written += 1;
        let client = &mut self.clients[client];
        if client.outbox.len() < 8 {
            // Both tabs of a visitor may send one message, as pages do that share an outbox.
            let name = format!("m{}", self.written / 2);
            if client.outbox.iter().all(|(held, _)| *held != name) && !client.acked.contains_key(&name) {
                let text = format!("text of {name}");
                client.write(name, text);
            }
        }
    }

    fn jot(&mut self, client: usize) {
        self.written += 1;
        let client = &mut self.clients[client];
        if client.is_agent && client.notes.len() < 8 {
            client.jot(format!("n{}", self.written), format!("{CANARY} {}", self.written));
        }
    }

    /// Typing writes nothing, whatever else is due (INV-11).
    fn talk(&mut self, client: usize) {
        if let Some(socket) = self.clients[client].socket
            && self.clients[client].live
        {
            self.reference_after_waking();
            let on = Frame::Typing(wire::Typing { on: true, preview: "half a word".into(), participant: None });
            self.frame(socket, on, Fate::Good);
            assert!(!wrote(&self.world.last), "INV-11: typing wrote {:?}", self.world.last);
            self.say("typing", String::new());
        }
    }

    fn file(&mut self, client: usize) {
        let until = self.world.now.plus(self.below(40) as i64 * 10 * SECOND + SECOND).wire();
        let (status, snoozed_until) = match self.below(3) {
            0 => (wire::Status::Open, 0),
            1 => (wire::Status::Snoozed, until),
            _ => (wire::Status::Resolved, 0),
        };
        let client = &mut self.clients[client];
        if client.is_agent && client.live {
            let request = wire::SetStatus { status: status.into(), snoozed_until, client_id: String::new() };
            client.out.push_back(Frame::SetStatus(request));
        }
    }

    /// What comes from the Desk: assignments (new, old, twice) and revocations.
    fn command(&mut self) {
        self.reference_after_waking();
        let now = self.world.now;
        match self.below(6) {
            0..=2 => {
                let names = [None, Some("Mei"), Some("Ann")];
                let order = AssignOrder {
                    workspace: workspace(),
                    assignment_epoch: (self.reference.assignment_epoch + self.below(3)).saturating_sub(1),
                    assignee: names[self.below(3) as usize].map(agent_ref),
                    actor: names[self.below(3) as usize].map(agent_ref),
                    reason: if self.below(3) == 0 { "a reason".into() } else { String::new() },
                };
                self.say("assign", format!("{order:?}"));
                if self.input(Input::Assign(order.clone()), Fate::Good).is_ok() {
                    self.reference.assign(&order);
                }
            }
            3 | 4 => {
                let name = ["Mei", "Ann"][self.below(2) as usize];
                let held = self.generations.entry(name.into()).or_insert((1, now));
                *held = (held.0 + 1, now);
                let revoked = Revoked::Agent { agent: agent(name).agent, generation: held.0 };
                self.revoke(revoked);
            }
            _ => {
                self.is_blocked = !self.is_blocked && self.below(3) == 0;
                let held = self.generations.entry("visitor".into()).or_insert((1, now));
                *held = (held.0 + 1, now);
                let (generation, blocked) = (held.0, self.is_blocked);
                let visitor = visitor(1).visitor;
                self.revoke(Revoked::Visitor { visitor, generation, blocked, by: agent_ref("Mei") });
            }
        }
        self.look();
    }

    fn revoke(&mut self, revoked: Revoked) {
        self.say("revoke", format!("{revoked:?}"));
        if self.input(Input::Revoke(revoked.clone()), Fate::Good).is_ok() {
            self.reference.revoke(&revoked);
            // INV-13: they are out at once.
            for (socket, principal) in &self.held {
                let is_in = self.world.lines.contains_key(socket);
                let may = self.reference.owner.is_none() || self.reference.admits(principal, self.world.now);
                assert!(may || !is_in, "INV-13: {} is still here", name_of(principal));
            }
        }
    }

    /// A ticket as the gateway mints it now, or one that is still in somebody's pocket.
    fn principal(&mut self, client: usize) -> Principal {
        let (name, is_agent) = NAMES[client];
        let who = if is_agent { name.split(' ').next().unwrap() } else { "visitor" };
        let (mut generation, since) = self.generations.get(who).copied().unwrap_or((1, self.world.now));
        if generation > 1 && (0..10 * MINUTE).contains(&self.world.now.since(since)) && self.strikes("stale ticket") {
            generation -= 1;
        }
        let expires_at = self.world.now.plus(20 * SECOND + self.below(300) as i64 * SECOND);
        if is_agent {
            let mut principal = agent(who);
            (principal.generation, principal.expires_at) = (generation, expires_at);
            Principal::Agent(principal)
        } else {
            let mut principal = visitor(1);
            (principal.generation, principal.expires_at) = (generation, expires_at);
            Principal::Visitor(principal)
        }
    }

    fn connect(&mut self, client: usize) {
        if self.clients[client].socket.is_some() || (!NAMES[client].1 && self.is_blocked) {
            return;
        }
        self.reference_after_waking();
        let principal = self.principal(client);
        let encoding = if self.below(2) == 0 { Encoding::Proto } else { Encoding::Json };
        let may = self.reference.admits(&principal, self.world.now);
        let socket = self.world.connect(principal.clone(), encoding);
        assert!(!wrote(&self.world.last), "INV-11: a connection wrote {:?}", self.world.last);
        let is_in = self.world.lines.contains_key(&socket);
        assert_eq!(is_in, may, "INV-13, INV-8: {} at the door", name_of(&principal));
        self.say("connect", format!("{} {}", NAMES[client].0, if is_in { "" } else { "refused" }));
        if is_in {
            self.held.insert(socket, principal);
            self.clients[client].connected(socket, encoding);
        }
        self.look();
    }

    /// Frames reach the Room, or it dies of them.
    fn to_room(&mut self, client: usize, many: u64) {
        for _ in 0..many {
            let Some(socket) = self.clients[client].socket else { return };
            let Some(frame) = self.clients[client].out.pop_front() else { return };
            let fate = if self.strikes("crash before commit") {
                Fate::CrashBefore
            } else if self.strikes("crash after commit") {
                Fate::CrashAfter
            } else if self.strikes("write fails") {
                Fate::WriteFails
            } else {
                Fate::Good
            };
            self.reference_after_waking();
            self.say("frame", format!("{} {fate:?} {frame:?}", NAMES[client].0));
            self.frame(socket, frame, fate);
            self.look();
        }
    }

    fn frame(&mut self, socket: SocketId, frame: Frame, fate: Fate) {
        let Some(principal) = self.held.get(&socket).cloned() else { return };
        // Waking may have ended it.
        if !self.world.lines.contains_key(&socket) {
            return;
        }
        let may = self.reference.admits(&principal, self.world.now);
        let given = frame.clone();
        let input = Input::Frame { socket, frame: Ok(Some(frame)) };
        if let Err(code) = self.input(input, fate) {
            if fate == Fate::WriteFails || fate == Fate::Good {
                let client_id = crate::core::protocol::client_id_of(given);
                let error = crate::core::protocol::error_frame(code, "", &client_id);
                if let Some(line) = self.world.lines.get_mut(&socket) {
                    let frame = Some(wire::agent_frame::Frame::Error(error));
                    line.inbox.push(wire::AgentFrame { frame });
                }
            }
            return;
        }
        let is_limited = self.world.last.iter().any(|effect| is_error(effect, Code::RateLimited));
        if !may || is_limited {
            if !may && self.reference.owner.is_some() {
                assert!(!self.world.lines.contains_key(&socket), "INV-13: {} speaks on", name_of(&principal));
            }
            return;
        }
        match given {
            Frame::Send(send) => self.reference.send(&principal, &send.client_id, &send.text),
            Frame::Note(note) => self.reference.note(&principal, &note.client_id, &note.text),
            Frame::SetStatus(request) => {
                let until = Timestamp(i64::try_from(request.snoozed_until).unwrap());
                match request.status() {
                    wire::Status::Snoozed if until > self.world.now => {
                        self.reference.turn(Status::Snoozed, Some(until));
                    }
                    wire::Status::Open => self.reference.turn(Status::Open, None),
                    wire::Status::Resolved => self.reference.turn(Status::Resolved, None),
                    _ => {}
                }
            }
            _ => assert!(!wrote(&self.world.last), "INV-11: {given:?} wrote {:?}", self.world.last),
        }
    }

    /// One input with its fate. `Ok`: it is on disk.
    fn input(&mut self, input: Input, fate: Fate) -> Result<(), Code> {
        self.world.wake();
        match fate {
            Fate::Good => self.world.feed(input),
            Fate::WriteFails => {
                self.world.sql.fail_write.set(Some(1));
                let result = self.world.feed(input);
                self.world.sql.fail_write.set(None);
                result
            }
            Fate::CrashBefore => {
                drop(self.world.decide(input));
                self.crash();
                Err(Code::Internal)
            }
            Fate::CrashAfter => {
                let Some(effects) = self.world.decide(input) else { return Err(Code::Storage) };
                let stored = self.world.store(&effects);
                assert!(stored);
                // The alarm belongs to the same transaction.
                let alarms = effects.into_iter().filter(|effect| matches!(effect, Effect::SetAlarm(_))).collect();
                let before = std::mem::take(&mut self.world.last);
                self.world.carry_out(alarms);
                self.world.last = before;
                self.crash();
                Ok(())
            }
        }
    }

    /// Waking itself may end sockets and set alarms, but changes nothing that the reference knows of.
    fn reference_after_waking(&mut self) {
        self.world.wake();
        self.look();
    }

    fn to_client(&mut self, client: usize, many: u64) {
        for _ in 0..many {
            let Some(socket) = self.clients[client].socket else { return };
            let Some(line) = self.world.lines.get_mut(&socket) else { return };
            if line.inbox.is_empty() {
                return;
            }
            let frame = line.inbox.remove(0);
            self.clients[client].receive(frame);
        }
    }

    fn calls(&mut self, many: u64) {
        for _ in 0..many {
            let Some(call) = self.world.network.pop_front() else { return };
            if self.strikes("call lost") {
                continue;
            }
            let fails = self.strikes("call fails");
            let answer = match (fails, call) {
                (true, Effect::Publish(_)) => Input::Published(None),
                (true, Effect::Inspect(_)) => Input::Inspected(None),
                (true, Effect::TellDesk(_)) => Input::DeskAnswered(None),
                (true, Effect::Detach(agent)) => Input::Detached { agent, heard: false },
                (_, call) => self.world.answer(call),
            };
            self.reference_after_waking();
            self.input(answer, Fate::Good).ok();
            self.look();
        }
    }

    /// The lines run empty: everyone who is connected holds the log as it is.
    fn quiet(&mut self) {
        for _ in 0..60 {
            for client in 0..NAMES.len() {
                self.to_room(client, 100);
                self.to_client(client, 100);
            }
            let is_idle = self.clients.iter().all(|client| {
                client.out.is_empty()
                    && client
                        .socket
                        .and_then(|socket| self.world.lines.get(&socket))
                        .is_none_or(|it| it.inbox.is_empty())
            });
            if is_idle {
                break;
            }
            self.world.now = self.world.now.plus(300);
        }
        let heads = (self.reference.public.len() as u64, self.reference.private.len() as u64);
        for client in &self.clients {
            let is_open = client.socket.is_some_and(|socket| self.world.lines.contains_key(&socket));
            if is_open && client.live && client.out.is_empty() {
                assert_eq!(client.public.last(), heads.0, "INV-4: {} is behind", client.name);
                assert!(client.public.island.is_empty(), "INV-4: {} has a gap", client.name);
                if client.is_agent {
                    assert_eq!(client.private.last(), heads.1, "INV-4: {} is behind in the private log", client.name);
                }
            }
        }
        self.say("quiet", String::new());
    }

    // ------------------------------------------------------------------------------------------- what is checked

    /// After every step: sockets that were ended are gone for their clients, and the store is as it should be.
    fn look(&mut self) {
        for client in &mut self.clients {
            if let Some(socket) = client.socket
                && !self.world.lines.contains_key(&socket)
            {
                self.held.remove(&socket);
                client.gone();
            }
        }
        let changes = self.world.sql.connection.total_changes();
        if std::mem::replace(&mut self.looked_at, changes) == changes {
            return;
        }
        let store = RoomStore(&self.world.sql);
        let (public, private) = self.compared;
        let Some(record) = store.record().unwrap() else {
            assert!(self.reference.public.is_empty() && self.reference.private.is_empty());
            return;
        };
        let found: Vec<Line> = store
            .public_after(public as u64, 10_000)
            .unwrap()
            .into_iter()
            .enumerate()
            .map(|(place, entry)| {
                assert_eq!(entry.seq, (public + place + 1) as u64, "INV-3: a gap");
                (author(&entry.author), entry.client_id, text(&entry.body))
            })
            .collect();
        assert_eq!(found, self.reference.public[public.min(self.reference.public.len())..], "the public log");
        let found: Vec<Line> = store
            .private_after(private as u64, 10_000)
            .unwrap()
            .into_iter()
            .enumerate()
            .map(|(place, entry)| {
                assert_eq!(entry.seq, (private + place + 1) as u64, "INV-3: a gap");
                (author(&entry.author), entry.client_id, text(&entry.body))
            })
            .collect();
        assert_eq!(found, self.reference.private[private.min(self.reference.private.len())..], "the private log");
        self.compared = (self.reference.public.len(), self.reference.private.len());
        let reference = &self.reference;
        assert_eq!(Some(record.status), reference.status);
        assert_eq!(record.snoozed_until, reference.snoozed_until);
        assert_eq!(record.assignee.map(|agent| agent.id), reference.assignee, "INV-5");
        assert_eq!(record.assignment_epoch, reference.assignment_epoch, "INV-5");
        assert_eq!(record.blocked, reference.blocked);
    }

    fn wrote_only_cursors(&self) {
        for effect in &self.world.last {
            if let Effect::Write(write) = effect {
                assert!(matches!(write, RoomWrite::SaveRecord(_)), "INV-11: leaving wrote {write:?}");
            }
        }
    }

    /// All faults stop. Everyone comes back, and within half an hour everything has met.
    fn converge(&mut self) {
        self.calm = true;
        self.say("calm", String::new());
        for ghost in std::mem::take(&mut self.ghosts) {
            self.leave(ghost);
        }
        if self.reference.blocked || self.is_blocked {
            self.is_blocked = false;
            let generation =
                self.generations.get("visitor").map_or(1, |held| held.0).max(self.reference.visitor_generation) + 1;
            self.generations.insert("visitor".into(), (generation, self.world.now));
            let visitor = visitor(1).visitor;
            self.revoke(Revoked::Visitor { visitor, generation, blocked: false, by: agent_ref("Mei") });
        }
        if self.reference.owner.is_none() {
            self.write(0);
        }
        for _ in 0..60 {
            self.pass(30 * SECOND);
            for client in 0..NAMES.len() {
                self.connect(client);
                self.clients[client].send_again();
                self.clients[client].mark_read();
            }
            self.calls(1_000);
            self.quiet();
        }
        self.met();
    }

    fn met(&mut self) {
        let store = RoomStore(&self.world.sql);
        let item = |seq: u64, id: String, body: &Body| Item { seq, id, text: text(body) };
        let public: Vec<Item> = store
            .public_after(0, 100_000)
            .unwrap()
            .iter()
            .map(|it| item(it.seq, it.id.to_string(), &it.body))
            .collect();
        let private: Vec<Item> = store
            .private_after(0, 100_000)
            .unwrap()
            .iter()
            .map(|it| item(it.seq, it.id.to_string(), &it.body))
            .collect();
        let record = store.record().unwrap().expect("somebody wrote something");
        assert!(!public.is_empty());
        let pairs: Vec<&Line> = self.reference.public.iter().filter(|line| !line.1.is_empty()).collect();
        let names: BTreeSet<(&str, &str)> = pairs.iter().map(|line| (&*line.0, &*line.1)).collect();
        assert_eq!(names.len(), pairs.len(), "INV-2: a pair occurs twice");
        for place in 0..NAMES.len() {
            while !self.clients[place].public.bottom && self.clients[place].public.first() > 1
                || !self.clients[place].private.bottom && self.clients[place].private.first() > 1
            {
                self.clients[place].older();
                self.world.now = self.world.now.plus(SECOND);
                self.quiet();
            }
            let client = &self.clients[place];
            assert!(client.live, "{} is not back", client.name);
            assert_eq!(client.public.entries, public, "INV-4: the log of {}", client.name);
            assert_eq!(client.outbox, [], "INV-1: {} still waits", client.name);
            // Who was here before the first message learns the epoch with the next welcome.
            assert!([0, record.log_epoch].contains(&client.log_epoch), "{} is in another epoch", client.name);
            assert_eq!(client.state, Some(record.state()), "INV-4: the state of {}", client.name);
            for (_, (delivered, read)) in &client.receipts {
                assert!(read <= delivered && *delivered <= public.len() as u64);
            }
            if client.is_agent {
                assert_eq!(client.private.entries, private, "INV-4: the notes of {}", client.name);
                assert_eq!(client.notes, []);
            } else {
                assert_eq!(client.private.entries, []);
            }
        }
        let history = &self.world.history;
        let ids = |log: &BTreeMap<u64, (String, String)>| -> Vec<(u64, String)> {
            log.iter().map(|(seq, (id, _))| (*seq, id.clone())).collect()
        };
        let of = |log: &[Item]| -> Vec<(u64, String)> { log.iter().map(|it| (it.seq, it.id.clone())).collect() };
        assert_eq!(history.log_epoch, Some(record.log_epoch), "INV-7");
        assert_eq!(ids(&history.public), of(&public), "INV-7");
        assert_eq!(ids(&history.private), of(&private), "INV-7");
        assert_eq!(history.status, format!("{:?}", record.status), "INV-7");
        let notice = history.notices.last().expect("the Desk heard of it");
        assert_eq!((notice.status, &notice.assignee), (record.status, &record.assignee), "the Desk is behind");
        assert_eq!((notice.unread, notice.visitor_online), (0, true), "everybody has read everything");
    }
}

fn wrote(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
}

fn is_error(effect: &Effect, code: Code) -> bool {
    let Effect::Send { frame: crate::core::protocol::Outgoing::Shared(frame), .. } = effect else { return false };
    matches!(&frame.frame, Some(wire::server_frame::Frame::Error(error)) if error.code == code.name())
}

fn author(author: &Author) -> String {
    match author {
        Author::Agent(agent) => agent.id.to_string(),
        Author::Visitor | Author::System => author.kind().to_owned(),
    }
}

fn text(body: &Body) -> String {
    match body {
        Body::Text(text) => text.clone(),
        Body::Activity(activity) => activity.kind().as_str_name().to_lowercase(),
    }
}
