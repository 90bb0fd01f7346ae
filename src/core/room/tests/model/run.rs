//! One run: what happens in which order, and what is checked.

use std::{
    collections::{BTreeMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{client::Client, reference::Reference};
use crate::{
    core::{
        chance::Chance,
        id::{Entropy, TagId},
        internal::BotTerms,
        principal::Principal,
        room::{effect::Input, tests::harness::World},
        socket::SocketId,
        time::{SECOND, Timestamp},
    },
    sql::testing::TestSql,
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

/// Steps of a tape that are played, so that none takes long.
const TAPE_STEPS: usize = 400;

pub const CANARY: &str = "CANARY-OF-A-NOTE";
pub const NAMES: [(&str, bool); 6] =
    [("tab 1", false), ("tab 2", false), ("phone", false), ("Mei", true), ("Mei 2", true), ("Ann", true)];

/// What is done with a frame on its way into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Good,
    CrashBefore,
    CrashAfter,
    WriteFails,
}

pub struct Run {
    pub(super) seed: u64,
    pub(super) dice: Chance,
    /// On a tape: the fault that is due in this step.
    pub(super) due: Option<&'static str>,
    pub(super) world: World,
    pub(super) clients: Vec<Client>,
    pub(super) reference: Reference,
    /// Sockets that the Room knows of, with whom they belong to; the far end may be gone without the Room knowing.
    pub(super) held: BTreeMap<SocketId, Principal>,
    pub(super) ghosts: Vec<SocketId>,
    /// A visitor's and an agent's socket that follow no rule, and whose answers nobody keeps.
    pub(super) strangers: [Option<SocketId>; 2],
    /// As the gateway has it: generations to be minted, and when an older one was last good.
    pub(super) generations: BTreeMap<String, (u64, Timestamp)>,
    pub(super) is_blocked: bool,
    pub(super) backups: Vec<(TestSql, Reference, u64)>,
    pub(super) rates: BTreeMap<&'static str, u64>,
    pub(super) counts: BTreeMap<&'static str, u64>,
    pub(super) trace: VecDeque<String>,
    pub(super) hasher: DefaultHasher,
    pub(super) written: u64,
    pub(super) compared: (usize, usize),
    pub(super) log_epoch: u64,
    /// Rows that had been written when the store was last compared.
    pub(super) looked_at: u64,
    pub(super) calm: bool,
    /// Hardly anybody but the bot is at work.
    pub(super) alone: bool,
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let trace: Vec<&str> = self.trace.iter().map(String::as_str).collect();
            let again = if self.dice.is_tape() {
                "a tape".to_owned()
            } else {
                format!("SEED={} cargo test --lib room::tests::model", self.seed)
            };
            println!("{}\n\n{again}", trace.join("\n"));
        }
    }
}

impl Run {
    /// Runs a seed: faults, then calm, then everything must have met.
    pub fn of(seed: u64, steps: u64) -> Run {
        let mut run = Run::new(seed, Chance::Seed(Entropy::new(u128::from(seed) << 32 | 0xbe11)));
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

    /// Plays a tape to its end. It also says which fault happens when, and it may have sockets that follow no rule.
    pub fn played(tape: &[u8]) -> Run {
        let mut run = Run::new(0, Chance::tape(tape));
        // The end takes longer than everything before it.
        let to_the_end = run.below(4) == 0;
        for _ in 0..TAPE_STEPS {
            if run.dice.is_spent() {
                break;
            }
            // Half of the choices are no fault.
            run.due = FAULTS.get(run.below(2 * FAULTS.len() as u64) as usize).copied();
            if run.below(8) == 0 {
                run.odd();
            } else {
                run.step();
            }
        }
        if to_the_end {
            run.converge();
        }
        run
    }

    fn new(seed: u64, dice: Chance) -> Run {
        let mut run = Run {
            seed,
            dice,
            due: None,
            world: World::default(),
            clients: NAMES.iter().map(|(name, is_agent)| Client::new(name, *is_agent)).collect(),
            reference: Reference::default(),
            held: BTreeMap::new(),
            ghosts: Vec::new(),
            strangers: [None; 2],
            generations: BTreeMap::new(),
            is_blocked: false,
            backups: Vec::new(),
            rates: BTreeMap::new(),
            counts: BTreeMap::new(),
            trace: VecDeque::new(),
            hasher: DefaultHasher::new(),
            written: 0,
            compared: (0, 0),
            log_epoch: 0,
            looked_at: u64::MAX,
            calm: false,
            alone: false,
        };
        run.world.canaries.push(CANARY.into());
        run.world.idle = Some(run.idle(1));
        // Three workspaces of five have a bot, and two of them hardly anybody else.
        let bot = run.below(5);
        run.alone = bot < 2;
        if bot < 3 {
            run.world.bot =
                Some(BotTerms { version: 1, on: true, model: "ab".repeat(32), hold_back: None, team: None });
            // One that agents put on and take off as well.
            run.world.tags = vec![TagId::parse("tag_aaaaaaaaaaaaaaa2").unwrap()];
        }
        run
    }

    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().map(|(name, count)| (*name, *count))
    }

    pub fn digest(&self) -> u64 {
        self.hasher.finish()
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.dice.below(limit)
    }

    /// Whether a fault happens now, by this run's rate, in thousandths.
    pub(super) fn strikes(&mut self, fault: &'static str) -> bool {
        // Some have few occasions.
        let weight = match fault {
            "alarm late" | "call lost" | "call fails" | "stale ticket" => 12,
            "restore" | "crash before commit" | "crash after commit" | "write fails" => 4,
            _ => 1,
        };
        let strikes = if self.dice.is_tape() {
            !self.calm && self.due.take_if(|due| *due == fault).is_some()
        } else {
            let rate = if self.calm { 0 } else { self.rates[fault] * weight };
            self.below(1_000) < rate
        };
        if strikes {
            self.say(fault, String::new());
        }
        strikes
    }

    pub(super) fn say(&mut self, what: &'static str, more: String) {
        *self.counts.entry(what).or_default() += 1;
        let line = format!("{} {what} {more}", self.world.now.0 % 100_000_000);
        line.hash(&mut self.hasher);
        self.trace.push_back(line);
        if self.trace.len() > 60 {
            self.trace.pop_front();
        }
    }

    // ------------------------------------------------------------------------------------------- what happens

    pub(super) fn step(&mut self) {
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
            16 | 17 if self.alone && self.below(8) > 0 => {}
            3 => self.jot(client),
            4..=8 => self.frames_in(client, some),
            9..=12 => self.frames_out(client, some),
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
    pub(super) fn pass(&mut self, millis: i64) {
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
        // A timer of the process is neither lost without it nor early.
        if self.world.timer.is_some_and(|at| at <= self.world.now) {
            self.world.timer = None;
            self.reference_after_waking();
            self.input(Input::Tick, Fate::Good).ok();
            self.look();
        }
    }

    pub(super) fn ring(&mut self) {
        self.world.alarm = None;
        self.reference_after_waking();
        if self.input(Input::Alarm, Fate::Good).is_ok() {
            let now = self.world.now;
            self.reference.alarm(now);
            self.silent();
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
            self.log_epoch = 0;
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

    pub(super) fn crash(&mut self) {
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

    pub(super) fn leave(&mut self, socket: SocketId) {
        self.reference_after_waking();
        self.held.remove(&socket);
        if self.world.lines.remove(&socket).is_some() {
            self.input(Input::Disconnected(socket), Fate::Good).ok();
            self.wrote_only_cursors();
        }
        self.look();
    }
}
