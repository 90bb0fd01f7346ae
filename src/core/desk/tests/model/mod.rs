//! A whole workspace, played at random: agents who claim at the same time, come and go and are disabled; Rooms that
//! report late, twice or not at all; a Desk that sleeps, crashes before and after its commits, and is put back from an
//! older copy of its store. Every seed draws how often each of these happens.
//!
//! While it runs: no assignment epoch has two holders, and each new one is above all before (INV-5); every answer to a
//! claim, release or transfer is the one that a table of rules gives. When the faults stop: Desk, Rooms, consoles and
//! disk agree, nothing is left to tell, and no Room holds a socket of whom was revoked (INV-13).
//!
//! `SEED=<n> cargo test --lib desk::tests::model` replays one seed, `SEEDS=<n>` plays so many.

pub mod console;
mod ends;
mod mail;
mod odd;
pub mod room;
pub mod rules;

use std::collections::BTreeMap;

use self::{
    console::{Console, List},
    mail::Mail,
    room::Room,
};
use super::rig::{Fate, Rig, agent, conversation, principal};
use crate::{
    core::{
        chance::Chance,
        desk::effect::{Answer, Input},
        id::Entropy,
        internal::{AttachRequest, RevokeRequest, Revoked, Status},
        limits::{ATTACH_GRACE, GONE_MEMORY},
        principal::{AgentPrincipal, Role},
        protocol::wire::{agent_frame, client_frame::Frame},
        socket::SocketId,
        time::SECOND,
    },
    sql::testing::TestSql,
};

/// One working day as a tape of bytes says, for the fuzzer.
pub fn play(tape: &[u8]) {
    World::with(0, Chance::tape(tape)).day(TAPE_STEPS);
}

const ROOMS: usize = 5;
const AGENTS: u128 = 4;
#[cfg(test)]
const STEPS: u64 = 250;
/// Steps of a tape that are played, so that none takes long.
const TAPE_STEPS: u64 = 400;

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
    chance: Chance,
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
    /// The socket that follows no rule.
    stranger: Option<SocketId>,
    /// Every assignment that anybody has ever seen.
    seen: BTreeMap<(String, u64), String>,
    requests: u64,
    n_winners: u64,
}

impl World {
    fn new(seed: u128) -> Self {
        World::with(seed, Chance::Seed(Entropy::new(seed)))
    }

    fn with(seed: u128, mut chance: Chance) -> Self {
        let mut draw = |most: u64| chance.below(most + 1);
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
            chance,
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
            stranger: None,
            seen: BTreeMap::new(),
            requests: 0,
            n_winners: 0,
        }
    }

    fn below(&mut self, end: usize) -> usize {
        self.chance.below(end as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.chance.percent(percent)
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

    fn day(&mut self, steps: u64) {
        // On a tape the end, which takes longer than everything before it, is seldom looked at.
        let to_the_end = !self.chance.is_tape() || self.below(4) == 0;
        self.begin();
        for _ in 0..steps {
            if self.chance.is_spent() {
                break;
            }
            if self.chance.is_tape() && self.below(8) == 0 {
                self.odd();
            } else {
                self.step();
            }
        }
        if to_the_end {
            self.settle();
            self.check_the_end();
            self.pass(2 * GONE_MEMORY);
        }
    }

    fn step(&mut self) {
        let wait = [0, 1, 30, 700, 5_000, 70_000][self.below(6)];
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
        let expected = rules::expected(&self.rig.desk, &by, role, &frame, self.rig.now);
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
        match self.below(8) {
            what @ 0..=4 => self.rooms[number].visitor_does(what),
            5 => self.rooms[number].turn(Status::Open),
            6 => self.rooms[number].turn(Status::Snoozed),
            _ => self.rooms[number].turn(Status::Resolved),
        }
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
            knock: 0,
        }));
        if let Some(Answer::Done(Ok(()))) = self.rig.answers.pop_front() {
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
            if let Some(Answer::Done(Ok(()))) = self.rig.answers.pop_front() {
                let silent = self.rig.open.values().all(|session| session.principal.agent != agent(number).id);
                assert!(silent, "SEED={}: a disabled agent's socket is open", self.seed);
                return;
            }
        }
        panic!("SEED={}: a revocation is never answered", self.seed);
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
            world.day(STEPS);
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
