//! A whole workspace, played at random: agents who claim at the same time, come and go and are disabled; Rooms that
//! report late, twice or not at all; a Desk that sleeps, crashes before and after its commits, and is put back from an
//! older copy of its store. Every seed draws how often each of these happens.
//!
//! While it runs: no assignment epoch has two holders, and each new one is above all before (INV-5); every answer to a
//! claim, release or transfer is the one that a table of rules gives. When the faults stop: Desk, Rooms, consoles and
//! disk agree, nothing is left to tell, and no Room holds a socket of whom was revoked (INV-13).
//!
//! `SEED=<n> cargo test --lib desk::tests::model` replays one seed, `SEEDS=<n>` plays so many.

mod console;
mod room;
mod rules;

use std::collections::{BTreeMap, VecDeque};

use self::{
    console::{Console, List},
    room::Room,
};
use super::rig::{Fate, Rig, agent, conversation, principal};
use crate::{
    core::{
        desk::{
            Desk,
            conversation::Entry,
            effect::{Effect, Found, Input, OrderOutcome},
        },
        id::{AgentId, Entropy},
        internal::{
            AssignAnswer, AssignOrder, AttachRequest, DetachNotice, NoticeAnswer, RevokeRequest, Revoked, RoomNotice,
            Status,
        },
        limits::{ATTACH_GRACE, GONE_MEMORY},
        principal::{AgentPrincipal, Role},
        protocol::wire::{self, agent_frame, client_frame::Frame},
        socket::SocketId,
        time::{MINUTE, SECOND, Timestamp},
    },
    sql::{desk::DeskStore, testing::TestSql},
};

const ROOMS: usize = 5;
const AGENTS: u128 = 4;
const STEPS: u64 = 250;

/// Something on its way between the Desk and a Room.
#[derive(Clone)]
enum Mail {
    /// With the version of the Room that it tells of.
    Notice(usize, u64, RoomNotice),
    NoticeAnswer(usize, u64, NoticeAnswer),
    Call(Effect),
    Answer(Input),
    /// Good until then: what takes longer is given up.
    Upgrade(usize, AgentId, u64, Timestamp),
    Detach(usize, AgentId, Timestamp),
}

/// How often each kind of trouble comes, in percent of the steps that could have it.
struct Faults {
    lost: u64,
    doubled: u64,
    not_written: u64,
    dies: u64,
    sleeps: u64,
    desk_put_back: u64,
    room_put_back: u64,
}

struct World {
    seed: u128,
    entropy: Entropy,
    faults: Faults,
    rig: Rig,
    rooms: Vec<Room>,
    older_rooms: Vec<Room>,
    older_store: Option<TestSql>,
    desk_was_put_back: bool,
    consoles: Vec<Console>,
    generations: BTreeMap<u128, u64>,
    disabled: BTreeMap<u128, bool>,
    mail: Vec<Mail>,
    /// Every assignment that anybody has ever seen.
    seen: BTreeMap<(String, u64), String>,
    requests: u64,
    n_winners: u64,
}

impl World {
    fn new(seed: u128) -> Self {
        let mut entropy = Entropy::new(seed);
        let mut draw = |most: u64| entropy.next_u64() % (most + 1);
        let faults = Faults {
            lost: draw(40),
            doubled: draw(30),
            not_written: draw(6),
            dies: draw(4),
            sleeps: draw(10),
            desk_put_back: draw(3).saturating_sub(1),
            room_put_back: draw(3).saturating_sub(1),
        };
        let role = |number| if number == 0 { Role::Admin } else { Role::Agent };
        // Agents 0 to 3, and a second tab of agent 1.
        let consoles =
            [0, 1, 2, 3, 1].map(|number| Console { number, role: role(number), socket: None, list: List::default() });
        let rooms: Vec<Room> = (0..ROOMS).map(Room::new).collect();
        World {
            seed,
            entropy,
            faults,
            rig: Rig::new(),
            older_rooms: rooms.clone(),
            rooms,
            older_store: None,
            desk_was_put_back: false,
            consoles: consoles.into(),
            generations: (0..AGENTS).map(|number| (number, 1)).collect(),
            disabled: (0..AGENTS).map(|number| (number, false)).collect(),
            mail: Vec::new(),
            seen: BTreeMap::new(),
            requests: 0,
            n_winners: 0,
        }
    }

    fn below(&mut self, end: usize) -> usize {
        (self.entropy.next_u64() % end.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.entropy.next_u64() % 100 < percent
    }

    // ------------------------------------------------------------------------------------------------- what happens

    /// A working day begins: everyone is here, every Room has spoken.
    fn begin(&mut self) {
        for place in 0..self.consoles.len() {
            self.connect(place);
        }
        for number in 0..ROOMS {
            let notice = self.speak(number);
            self.arrive(notice);
        }
        self.collect();
    }

    fn step(&mut self) {
        let wait = [0, 1, 30, 700, 5_000][self.below(5)];
        self.pass(wait);
        let (not_written, dies) = (self.faults.not_written, self.faults.dies);
        if self.chance(not_written) {
            self.rig.fate = Fate::NothingWritten;
        } else if self.chance(dies) {
            self.rig.fate = Fate::DiesAfterCommit;
        }
        match self.below(12) {
            0..=3 => self.somebody_asks(),
            4 => self.all_claim(),
            5 => self.a_room_speaks(),
            6 => self.a_room_turns(),
            7 => self.somebody_connects(),
            8 => self.somebody_leaves(),
            9 => self.somebody_opens_a_room(),
            10 => self.somebody_leaves_a_room(),
            _ => self.trouble(),
        }
        self.rig.fate = Fate::Whole;
        self.collect();
        // Mostly as fast as it comes, sometimes not at all.
        for _ in 0..[0, 1, 3, 10][self.below(4)] {
            self.deliver();
            self.collect();
        }
    }

    fn pass(&mut self, millis: i64) {
        self.rig.pass(millis, &[]);
        self.collect();
    }

    fn request_id(&mut self) -> String {
        self.requests += 1;
        format!("r{}", self.requests)
    }

    fn somebody_asks(&mut self) {
        let place = self.below(self.consoles.len());
        let Some(socket) = self.consoles[place].socket else { return };
        let (number, client_id) = (self.below(ROOMS), self.request_id());
        let row = self.consoles[place].list.rows.get(&conversation(number).to_string());
        // An assignment as this console knows it, which may be an old one.
        let known = row.map_or(0, |row| row.assignment_epoch);
        let meant = if self.chance(30) { 0 } else { known };
        let to = self.below(AGENTS as usize) as u128;
        let frame = match self.below(4) {
            0 | 1 => super::rig::claim(number, &client_id),
            2 => super::rig::release(number, &client_id, meant),
            _ => super::rig::transfer(number, &client_id, meant, to),
        };
        self.ask(place, socket, frame.clone());
        if self.chance(20) {
            // The answer is late, so the console asks again.
            self.ask(place, socket, frame);
        }
    }

    fn all_claim(&mut self) {
        let (number, client_id) = (self.below(ROOMS), self.request_id());
        for place in 0..self.consoles.len() {
            if let Some(socket) = self.consoles[place].socket {
                self.ask(place, socket, super::rig::claim(number, &client_id));
            }
        }
    }

    /// One request, its answer held against the table of rules.
    fn ask(&mut self, place: usize, socket: SocketId, frame: Frame) {
        self.collect();
        if self.consoles[place].socket != Some(socket) {
            return;
        }
        let (by, role) = (agent(self.consoles[place].number), self.consoles[place].role);
        let expected = rules::expected(&self.rig.desk, &by, role, &frame);
        let whole = self.rig.fate == Fate::Whole;
        self.rig.frame(socket, frame.clone());
        let answer = self.rig.inbox.get(&socket).and_then(|inbox| {
            inbox
                .iter()
                .find(|it| matches!(it, agent_frame::Frame::Assigned(_) | agent_frame::Frame::Error(_)))
                .cloned()
        });
        if whole {
            rules::check(&expected, answer.as_ref(), &format!("SEED={} {frame:?}", self.seed));
        }
        if let (Some(agent_frame::Frame::Assigned(_)), rules::Expected::Granted(..)) = (&answer, &expected) {
            self.n_winners += 1;
        }
        self.collect();
    }

    fn a_room_speaks(&mut self) {
        let number = self.below(ROOMS);
        let notice = self.speak(number);
        self.mail.push(notice);
    }

    fn speak(&mut self, number: usize) -> Mail {
        let notice = self.rooms[number].notice(self.rig.now);
        Mail::Notice(number, self.rooms[number].version, notice)
    }

    fn a_room_turns(&mut self) {
        let number = self.below(ROOMS);
        let status = [Status::Open, Status::Open, Status::Snoozed, Status::Resolved][self.below(4)];
        self.rooms[number].turn(status);
        let notice = self.speak(number);
        self.mail.push(notice);
    }

    fn principal_of(&self, number: u128, role: Role) -> AgentPrincipal {
        AgentPrincipal { generation: self.generations[&number], ..principal(number, role, self.rig.now) }
    }

    fn somebody_connects(&mut self) {
        let place = self.below(self.consoles.len());
        self.connect(place);
    }

    fn connect(&mut self, place: usize) {
        let Console { number, role, socket, .. } = self.consoles[place];
        if socket.is_some() || self.disabled[&number] {
            return;
        }
        let socket = self.rig.connect(self.principal_of(number, role));
        let hello = self.consoles[place].list.hello();
        self.consoles[place].socket = Some(socket);
        if self.rig.open.contains_key(&socket) {
            self.rig.frame(socket, Frame::DeskHello(hello));
        }
    }

    fn somebody_leaves(&mut self) {
        let place = self.below(self.consoles.len());
        if let Some(socket) = self.consoles[place].socket.take() {
            self.rig.inbox.remove(&socket);
            self.rig.feed(Input::Disconnected(socket));
        }
    }

    fn somebody_opens_a_room(&mut self) {
        let (number, room) = (self.below(AGENTS as usize) as u128, self.below(ROOMS));
        let principal = self.principal_of(number, Role::Agent);
        // Also with a ticket of before.
        let generation = if self.chance(30) { 1 } else { principal.generation };
        self.rig.feed(Input::Attach(AttachRequest {
            workspace: principal.workspace,
            agent: principal.agent.clone(),
            session: principal.session,
            generation,
            conversation: conversation(room),
        }));
        if let Some(Effect::AnswerDone(Ok(()))) = self.rig.answers.pop_front() {
            let deadline = self.rig.now.plus(ATTACH_GRACE - SECOND);
            self.mail.push(Mail::Upgrade(room, principal.agent, generation, deadline));
        }
    }

    fn somebody_leaves_a_room(&mut self) {
        let room = self.below(ROOMS);
        if let Some((agent, _)) = self.rooms[room].sockets.pop_first() {
            self.detaches(room, agent);
        }
    }

    fn trouble(&mut self) {
        let (sleeps, desk, room) = (self.faults.sleeps, self.faults.desk_put_back, self.faults.room_put_back);
        let number = self.below(AGENTS as usize) as u128;
        if self.chance(sleeps) {
            self.rig.reload();
        } else if self.chance(30) {
            self.older_store = Some(self.rig.sql.copy());
            self.older_rooms = self.rooms.clone();
        } else if self.chance(desk)
            && let Some(older) = self.older_store.take()
        {
            self.rig.sql = older;
            self.rig.die();
            self.desk_was_put_back = true;
        } else if self.chance(room) {
            let room = self.below(ROOMS);
            let older = self.older_rooms[room].clone();
            self.rooms[room].put_back(older);
        } else if self.chance(20) {
            self.disable(number);
        } else if self.chance(60) {
            self.disabled.insert(number, false);
        }
    }

    /// The gateway repeats the request until it is answered.
    fn disable(&mut self, number: u128) {
        let generation = self.generations[&number] + 1;
        self.generations.insert(number, generation);
        self.disabled.insert(number, true);
        for _ in 0..10 {
            let revoked = Revoked::Agent { agent: agent(number).id, generation };
            let workspace = self.rig.workspace.clone();
            self.rig.feed(Input::Revoke(RevokeRequest { workspace, revoked, conversations: vec![], release: true }));
            if let Some(Effect::AnswerDone(Ok(()))) = self.rig.answers.pop_front() {
                let silent = self.rig.open.values().all(|session| session.principal.agent != agent(number).id);
                assert!(silent, "SEED={}: a disabled agent's socket is open", self.seed);
                return;
            }
        }
        panic!("SEED={}: a revocation is never answered", self.seed);
    }

    // ------------------------------------------------------------------------------------------------------ the mail

    fn deliver(&mut self) {
        if self.mail.is_empty() {
            return;
        }
        let place = self.below(self.mail.len());
        let (lost, doubled) = (self.faults.lost, self.faults.doubled);
        let mail = if self.chance(doubled) { self.mail[place].clone() } else { self.mail.swap_remove(place) };
        if !self.chance(lost) {
            self.arrive(mail);
        } else if let Mail::Call(effect) = mail {
            // Somebody notices, or nobody does.
            if self.chance(50) {
                self.mail.extend(failed(effect).map(Mail::Answer));
            }
        }
    }

    fn arrive(&mut self, mail: Mail) {
        match mail {
            Mail::Notice(number, version, notice) => {
                self.rig.feed(Input::Notice(Box::new(notice)));
                if let Some(Effect::AnswerNotice(Ok(answer))) = self.rig.answers.pop_front() {
                    self.mail.push(Mail::NoticeAnswer(number, version, answer));
                }
            }
            Mail::NoticeAnswer(number, version, answer) => {
                self.rooms[number].answered(version);
                if let Some(order) = answer.assignment {
                    self.obey(number, &order);
                    self.see(number, order.assignment_epoch, order.assignee.as_ref().map(|it| &it.id));
                }
            }
            Mail::Call(effect) => {
                let answer = self.called(effect);
                self.mail.extend(answer.map(Mail::Answer));
            }
            Mail::Answer(input) => self.rig.feed(input),
            Mail::Upgrade(number, agent, generation, deadline) => {
                if self.rig.now <= deadline {
                    self.rooms[number].open(agent, generation);
                }
            }
            Mail::Detach(number, agent, at) => {
                let notice = DetachNotice {
                    workspace: self.rig.workspace.clone(),
                    agent: agent.clone(),
                    conversation: conversation(number),
                    at,
                };
                self.rig.feed(Input::Detach(notice));
                if self.rig.answers.pop_front() != Some(Effect::AnswerDone(Ok(()))) {
                    self.detaches(number, agent);
                }
            }
        }
    }

    /// A Room tells that an agent's last socket is gone, until it is heard or the agent is back.
    fn detaches(&mut self, number: usize, agent: AgentId) {
        if self.rooms[number].sockets.iter().all(|(here, _)| *here != agent) {
            self.mail.push(Mail::Detach(number, agent, self.rig.now));
        }
    }

    /// A Room that has changed hands says so at once.
    fn obey(&mut self, number: usize, order: &AssignOrder) -> AssignAnswer {
        let before = self.rooms[number].assignment_epoch;
        let answer = self.rooms[number].obey(order);
        if answer.assignment_epoch != before {
            let notice = self.speak(number);
            self.mail.push(notice);
        }
        answer
    }

    /// The other end of a call of the Desk.
    fn called(&mut self, effect: Effect) -> Option<Input> {
        let room_of = |id: &crate::core::id::ConversationId| (0..ROOMS).find(|number| conversation(*number) == *id);
        match effect {
            Effect::Order { conversation, order } => {
                let room = room_of(&conversation)?;
                let answer = self.obey(room, &order);
                let outcome = OrderOutcome::Answered(answer);
                Some(Input::RoomAnswered { conversation, assignment_epoch: order.assignment_epoch, outcome })
            }
            Effect::Revoke { conversation, revoked } => {
                self.rooms[room_of(&conversation)?].revoke(&revoked);
                Some(Input::RoomRevoked { conversation, revoked, heard: true })
            }
            Effect::LookUp { socket, agent: asked, transfer, disabled } => {
                let number = (0..AGENTS).find(|number| agent(*number).id == asked)?;
                let found = if self.disabled[&number] { Found::Nobody } else { Found::Active(agent(number)) };
                Some(Input::LookedUp { socket, transfer, disabled, found })
            }
            _ => None,
        }
    }

    /// Takes what the Desk has sent, and holds it against what was seen before.
    fn collect(&mut self) {
        for effect in std::mem::take(&mut self.rig.network) {
            if let Effect::Order { conversation: id, order } = &effect {
                let number = (0..ROOMS).find(|number| conversation(*number) == *id).unwrap();
                self.see(number, order.assignment_epoch, order.assignee.as_ref().map(|it| &it.id));
            }
            self.mail.push(Mail::Call(effect));
        }
        self.rig.answers.clear();
        for place in 0..self.consoles.len() {
            let Some(socket) = self.consoles[place].socket else { continue };
            while let Some(frame) = self.rig.inbox.get_mut(&socket).and_then(VecDeque::pop_front) {
                self.see_frame(&frame);
                let next = self.consoles[place].list.take(frame);
                if !next.is_empty() && self.rig.open.contains_key(&socket) {
                    self.rig.frame(socket, Frame::DeskPage(wire::DeskPageRequest { after: next }));
                }
            }
            if !self.rig.open.contains_key(&socket) {
                self.consoles[place].socket = None;
            }
        }
    }

    fn see_frame(&mut self, frame: &agent_frame::Frame) {
        let rows: Vec<(String, u64, Option<String>)> = match frame {
            agent_frame::Frame::Assigned(it) => {
                vec![(it.conversation.clone(), it.assignment_epoch, it.assignee.as_ref().map(|it| it.id.clone()))]
            }
            agent_frame::Frame::DeskWelcome(it) => it.rows.iter().map(of_row).collect(),
            agent_frame::Frame::DeskPage(it) => it.rows.iter().map(of_row).collect(),
            agent_frame::Frame::DeskUpdate(it) => it.rows.iter().map(of_row).collect(),
            _ => Vec::new(),
        };
        for (conversation, epoch, holder) in rows {
            self.see_assignment(conversation, epoch, holder.unwrap_or_default());
        }
    }

    fn see(&mut self, number: usize, epoch: u64, holder: Option<&AgentId>) {
        let holder = holder.map(ToString::to_string).unwrap_or_default();
        self.see_assignment(conversation(number).to_string(), epoch, holder);
    }

    /// INV-5: an epoch has one holder, whoever speaks of it.
    fn see_assignment(&mut self, conversation: String, epoch: u64, holder: String) {
        let known = self.seen.entry((conversation.clone(), epoch)).or_insert_with(|| holder.clone());
        assert_eq!(*known, holder, "SEED={}: epoch {epoch} of {conversation} has two holders", self.seed);
    }

    // --------------------------------------------------------------------------------------------- when faults stop

    fn settle(&mut self) {
        for round in 0..30 {
            for place in 0..self.consoles.len() {
                self.connect(place);
            }
            for number in 0..ROOMS {
                // A Desk that was put back learns what it has lost when a Room speaks next, whatever of.
                if self.rooms[number].has_news() || (self.desk_was_put_back && round == 0) {
                    let notice = self.speak(number);
                    self.mail.push(notice);
                }
            }
            while !self.mail.is_empty() {
                let mail = self.mail.remove(0);
                let comes_back = matches!(mail, Mail::Detach(..));
                self.arrive(mail);
                self.collect();
                if comes_back {
                    self.pass(ATTACH_GRACE);
                }
            }
            self.pass(5 * MINUTE);
            self.renew();
            if self.is_quiet() {
                break;
            }
        }
        self.pass(2 * SECOND);
    }

    fn renew(&mut self) {
        for place in 0..self.consoles.len() {
            let Console { number, role, socket, .. } = self.consoles[place];
            let Some(socket) = socket else { continue };
            let fresh = crate::core::principal::Principal::Agent(self.principal_of(number, role));
            self.rig.feed(Input::Renewed { socket, principal: Some(fresh) });
        }
        self.collect();
    }

    fn is_quiet(&self) -> bool {
        let nobody_speaks = self.rooms.iter().all(|room| !room.has_news());
        self.mail.is_empty() && nobody_speaks && self.rig.desk.orders.is_empty() && self.rig.desk.words.is_empty()
    }

    fn check_the_end(&mut self) {
        let place = format!("SEED={}", self.seed);
        assert!(self.is_quiet(), "{place}: something is left to tell");
        for room in &self.rooms {
            let entry = self.rig.desk.list.entries.get(&conversation(room.number));
            let is_listed = entry.is_some_and(Entry::is_listed);
            assert_eq!(is_listed, room.status != Status::Resolved, "{place}: room {} in the list", room.number);
            let Some(entry) = entry.filter(|entry| entry.is_listed()) else { continue };
            let stored = &entry.stored;
            let theirs = (room.status, room.assignment_epoch, room.assignee.as_ref().map(|it| &it.id));
            assert_eq!(
                (stored.status, stored.assignment_epoch, entry.holder()),
                theirs,
                "{place}: room {}",
                room.number
            );
            let is_free = entry.holder().is_none_or(|id| !self.is_disabled(id) || self.desk_was_put_back);
            assert!(is_free, "{place}: a disabled agent holds a conversation");
        }
        if !self.desk_was_put_back {
            for room in &self.rooms {
                for (agent, generation) in &room.sockets {
                    let lowest =
                        (0..AGENTS).find(|it| super::rig::agent(*it).id == *agent).map(|it| self.generations[&it]);
                    assert_eq!(
                        Some(*generation),
                        lowest,
                        "{place}: INV-13: room {} holds a revoked socket",
                        room.number
                    );
                }
            }
        }
        self.check_consoles(&place);
        let loaded = Desk::load(DeskStore(&self.rig.sql), self.rig.workspace.clone(), None, self.rig.now).unwrap();
        let state = |desk: &Desk| -> Vec<String> {
            let listed = desk.list.entries.values().filter(|entry| entry.is_listed());
            listed
                .map(|it| format!("{:?}", (&it.stored.id, it.stored.status, it.stored.assignment_epoch, it.holder())))
                .collect()
        };
        assert_eq!(state(&loaded), state(&self.rig.desk), "{place}: the disk has what memory has");
        assert!(loaded.orders.is_empty() && loaded.words.is_empty(), "{place}: on disk something is left to tell");
        assert_eq!(loaded.attached.keys().collect::<Vec<_>>(), self.rig.desk.attached.keys().collect::<Vec<_>>());
    }

    fn is_disabled(&self, id: &AgentId) -> bool {
        (0..AGENTS).any(|number| agent(number).id == *id && self.disabled[&number])
    }

    fn check_consoles(&mut self, place: &str) {
        let of = |row: &wire::DeskRow| (row.conversation.clone(), row.status, of_row(row));
        let truth: Vec<_> =
            self.rig.desk.list.entries.values().filter(|it| it.is_listed()).map(|it| of(&it.row())).collect();
        let here = self.rig.desk.presence();
        for console in self.consoles.iter().filter(|console| console.socket.is_some()) {
            let seen: Vec<_> = console.list.rows.values().map(of).collect();
            assert_eq!(seen, truth, "{place}: a console is stale");
            for agent in &here {
                let seen = console.list.agents.get(&agent.id);
                assert_eq!(seen, Some(&agent.availability), "{place}: a console is wrong about {}", agent.name);
            }
            let offline = i32::from(wire::Availability::Offline);
            let ghosts = console
                .list
                .agents
                .iter()
                .filter(|(id, seen)| **seen != offline && !here.iter().any(|agent| agent.id == **id));
            assert_eq!(ghosts.count(), 0, "{place}: a console sees somebody who is not here");
        }
    }
}

fn of_row(row: &wire::DeskRow) -> (String, u64, Option<String>) {
    (row.conversation.clone(), row.assignment_epoch, row.assignee.as_ref().map(|it| it.id.clone()))
}

/// What the Desk is told when a call came to nothing.
fn failed(effect: Effect) -> Option<Input> {
    match effect {
        Effect::Order { conversation, order } => Some(Input::RoomAnswered {
            conversation,
            assignment_epoch: order.assignment_epoch,
            outcome: OrderOutcome::Unreachable,
        }),
        Effect::Revoke { conversation, revoked } => Some(Input::RoomRevoked { conversation, revoked, heard: false }),
        Effect::LookUp { socket, transfer, disabled, .. } => {
            Some(Input::LookedUp { socket, transfer, disabled, found: Found::Unreachable })
        }
        _ => None,
    }
}

#[test]
fn inv_5_inv_13_whatever_happens_desk_rooms_and_consoles_agree_in_the_end() {
    let setting = |name| std::env::var(name).ok().and_then(|text| text.parse::<u128>().ok());
    let seeds: Vec<u128> = match setting("SEED") {
        Some(seed) => vec![seed],
        None => (0..setting("SEEDS").unwrap_or(300)).collect(),
    };
    let n_seeds = seeds.len();
    let (mut n_winners, mut n_epochs) = (0, 0);
    for seed in seeds {
        let mut world = World::new(seed);
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            world.begin();
            for _ in 0..STEPS {
                world.step();
            }
            world.settle();
            world.check_the_end();
            world.pass(2 * GONE_MEMORY);
        }));
        if run.is_err() {
            panic!("replay: SEED={seed} cargo test --lib desk::tests::model");
        }
        n_winners += world.n_winners;
        n_epochs += world.seen.len();
    }
    println!("{n_seeds} seeds, {n_winners} granted requests, {n_epochs} assignments seen");
    assert!(n_winners > 5 * n_seeds as u64, "the model does something");
}
