//! The Desk as a router, played at random in very many short sequences: everything that decides who gets what, and
//! everything that goes wrong in between. Rooms, agents and their consoles are played as the Desk must suppose them to be.
//!
//! Agents come and go, claim, hand on, are disabled; their consoles answer probes at once, late, too late, twice, with "no" or
//! never; of what rings some is taken, some declined, some let ring. Settings, teams, capacities and hours change while
//! all that happens. What Desk and Rooms say to each other is lost, repeated or late; the Desk sleeps and dies before and after its
//! commits; its clock leaps; its alarm rings late, twice or for nothing. Every seed draws how often.
//!
//! After every input ([`check`]): one holder for each epoch, no conversation in no list, nobody given anything unasked, who is
//! not eligible or has no slot left; nobody overtaken who came too long before for that ([`order`]). Once the faults have stopped:
//! nobody waits for a second who could be asked for, at opening as little as when a ring is over. When it is quiet ([`ends`]): nobody waits while somebody could have them, all sides agree, and a
//! conversation that comes reaches a living one of `n` who may have it within `⌈n/3⌉` rounds of probes.
//!
//! `SEED=<n> cargo test --lib desk::tests::routed` replays one seed, `SEEDS=<n>` plays so many.

mod check;
mod consoles;
mod ends;
mod faults;
mod mail;
mod order;
mod settings;
mod tally;

use std::collections::{BTreeMap, BTreeSet};

use self::{
    check::Known,
    consoles::Manners,
    faults::Rates,
    mail::Event,
    settings::Config,
    tally::{KINDS, Tally},
};
use super::{
    model::{console::Console, room::Room},
    rig::{Fate, Rig, agent, conversation, principal},
};
use crate::core::{
    chance::Chance,
    desk::effect::{Answer, Input},
    id::{AgentId, ConversationId, Entropy},
    internal::{RevokeRequest, Revoked, Status},
    principal::{AgentPrincipal, Role},
    protocol::wire::{self, client_frame::Frame},
    socket::SocketId,
    time::{HOUR, Timestamp},
};

/// Sequences without `SEEDS`, and how many of them must have met every kind of step, fault and outcome.
const SEQUENCES: u64 = 10_000;
const ENOUGH: u64 = 3_000;
const ROOMS: usize = 5;
const AGENTS: u128 = 7;
const STEPS: usize = 10;

struct World {
    seed: u64,
    chance: Chance,
    rates: Rates,
    manners: Manners,
    calm: bool,
    rig: Rig,
    /// How far the Desk's clock is ahead.
    skew: i64,
    leapt_at: i64,
    config: Config,
    rooms: Vec<Room>,
    /// Their ids, and the newcomer's: to make one takes longer than all that is done with it.
    ids: Vec<ConversationId>,
    consoles: Vec<Console>,
    generations: BTreeMap<u128, u64>,
    disabled: BTreeSet<u128>,
    /// Whose machines sleep: not even heartbeats come.
    asleep: BTreeSet<u128>,
    /// Whose pages hang: heartbeats come, and nothing else.
    deaf: BTreeSet<u128>,
    events: BTreeMap<(i64, u64), Event>,
    n_events: u64,
    /// Every assignment that anybody has ever seen.
    seen: BTreeMap<(ConversationId, u64), Option<AgentId>>,
    /// As of the last look.
    known: BTreeMap<ConversationId, Known>,
    /// Probes that consoles have been sent.
    probes: BTreeSet<u64>,
    /// Rounds of probes that the Desk had begun at the last look.
    rounds: BTreeSet<u64>,
    /// When somebody last said that they live.
    yes: BTreeMap<AgentId, i64>,
    /// When somebody was last given one, by its epoch, as far as the Desk has to know.
    given: BTreeMap<AgentId, u64>,
    /// Who declined what, or let it ring, and when.
    given_back: BTreeMap<(ConversationId, AgentId), i64>,
    has_just_died: bool,
    /// What a Room tells just now of a visitor who is back: which, and its epoch.
    returned: Option<(ConversationId, u64)>,
    requests: u64,
    tally: Tally,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::Seed(Entropy::new(u128::from(seed) ^ 0x5eed_0000_0000));
        let rates = Rates::draw(&mut chance);
        let manners = Manners::draw(&mut chance);
        let n_agents = 1 + chance.below(AGENTS as u64) as u128;
        // The first one's second tab is the last console.
        let numbers = (0..n_agents).chain([0]);
        let role = |number| if number == 1 { Role::Admin } else { Role::Agent };
        let console = |number| Console { number, role: role(number), socket: None, list: Default::default() };
        let rig = Rig::new();
        let mut world = World {
            seed,
            config: Config::draw(&mut chance, n_agents),
            chance,
            rates,
            manners,
            calm: false,
            rig,
            skew: 0,
            leapt_at: 0,
            rooms: (0..ROOMS).map(Room::new).collect(),
            ids: (0..=ROOMS).map(conversation).collect(),
            consoles: numbers.map(console).collect(),
            generations: (0..n_agents).map(|number| (number, 1)).collect(),
            disabled: BTreeSet::new(),
            asleep: BTreeSet::new(),
            deaf: BTreeSet::new(),
            events: BTreeMap::new(),
            n_events: 0,
            seen: BTreeMap::new(),
            known: BTreeMap::new(),
            probes: BTreeSet::new(),
            rounds: BTreeSet::new(),
            yes: BTreeMap::new(),
            given: BTreeMap::new(),
            given_back: BTreeMap::new(),
            has_just_died: false,
            returned: None,
            requests: 0,
            tally: Tally::default(),
        };
        world.configure();
        world
    }

    fn below(&mut self, end: usize) -> usize {
        self.chance.below(end as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.chance.percent(percent)
    }

    fn count(&mut self, kind: &'static str) {
        self.tally.count(kind);
    }

    /// Time as it is, whatever the Desk's clock says.
    fn real(&self) -> i64 {
        self.rig.now.0 - self.skew
    }

    fn n_agents(&self) -> usize {
        self.generations.len()
    }

    // ------------------------------------------------------------------------------------------------- what happens

    fn day(&mut self) {
        for place in 0..self.consoles.len() {
            if self.chance(70) {
                self.connect(place);
            }
        }
        for _ in 0..STEPS {
            self.step();
        }
        self.calm_down();
        self.check_the_end();
        self.a_newcomer_within_so_many_rounds();
    }

    fn step(&mut self) {
        let wait = [0, 15, 60, 310, 900, 3_000, 11_000, 40_000, 130_000][self.below(9)];
        self.pass(wait);
        match self.below(36) {
            0..=4 => self.a_visitor_writes(),
            5 => self.an_agent_puts_off(),
            6 => self.a_room_is_resolved(),
            7 => self.a_visitor_leaves_the_line(),
            8..=10 => self.somebody_connects(),
            11 => self.somebody_leaves(),
            12 | 13 => self.somebody_turns_their_switch(),
            14..=16 => self.somebody_asks(),
            17 => self.all_claim(),
            18 | 19 => self.somebody_hands_on(),
            20 => self.somebody_replies(),
            21 => self.somebody_takes_or_declines_what_they_have_seen(),
            22..=24 => self.settings_change(),
            25 => self.machines_and_pages(),
            26 => self.somebody_is_disabled(),
            27 => self.a_room_speaks(),
            _ => self.trouble(),
        }
        self.check_the_indexes();
    }

    fn a_visitor_writes(&mut self) {
        let number = self.below(ROOMS);
        let kind = match self.rooms[number].status {
            _ if self.rooms[number].is_muted => "a muted visitor writes",
            Status::Resolved => "a visitor comes back",
            _ => "a visitor writes",
        };
        self.count(kind);
        self.rooms[number].visitor_writes();
        self.speak(number);
    }

    fn an_agent_puts_off(&mut self) {
        let number = self.below(ROOMS);
        let status = [Status::Snoozed, Status::Open, Status::Pending][self.below(3)];
        self.count("put off or taken up");
        self.rooms[number].turn(status);
        self.speak(number);
    }

    fn a_room_is_resolved(&mut self) {
        let number = self.below(ROOMS);
        let now = Timestamp(self.real());
        match self.below(3) {
            0 => {
                self.count("muted");
                self.rooms[number].mute(now);
            }
            _ if self.rooms[number].is_muted => {
                self.count("unmuted");
                self.rooms[number].is_muted = false;
            }
            _ => {
                self.count("resolved");
                self.rooms[number].resolve(now);
            }
        }
        self.speak(number);
    }

    fn a_visitor_leaves_the_line(&mut self) {
        let waits = |room: &usize| {
            let entry = self.rig.desk.list.entries.get(&self.ids[*room]);
            entry.is_some_and(|entry| entry.is_waiting()) && self.rooms[*room].status == Status::Open
        };
        let Some(number) = (0..ROOMS).find(waits) else { return };
        self.count("a visitor leaves the line");
        let now = Timestamp(self.real());
        self.rooms[number].resolve(now);
        self.speak(number);
    }

    fn a_room_speaks(&mut self) {
        let number = self.below(ROOMS);
        self.speak(number);
    }

    fn principal_of(&self, place: usize) -> AgentPrincipal {
        let Console { number, role, .. } = self.consoles[place];
        let expires_at = self.rig.now.plus(1_000 * HOUR);
        AgentPrincipal { generation: self.generations[&number], expires_at, ..principal(number, role, self.rig.now) }
    }

    fn somebody_connects(&mut self) {
        let place = self.below(self.consoles.len());
        self.connect(place);
    }

    fn connect(&mut self, place: usize) {
        let Console { number, socket, .. } = self.consoles[place];
        if socket.is_some() || self.disabled.contains(&number) || self.asleep.contains(&number) {
            return;
        }
        self.count(if place + 1 == self.consoles.len() { "a second tab opens" } else { "an agent comes" });
        self.arm();
        let socket = self.rig.connect(self.principal_of(place));
        self.after_an_input();
        let hello = self.consoles[place].list.hello();
        self.consoles[place].socket = Some(socket);
        self.frame(socket, Frame::DeskHello(hello));
    }

    fn somebody_leaves(&mut self) {
        let place = self.below(self.consoles.len());
        if let Some(socket) = self.consoles[place].socket.take() {
            self.count("an agent goes");
            self.rig.inbox.remove(&socket);
            self.feed(Input::Disconnected(socket));
        }
    }

    fn somebody_turns_their_switch(&mut self) {
        let place = self.below(self.consoles.len());
        let Some(socket) = self.consoles[place].socket else { return };
        let online = wire::Availability::Online.into();
        let (availability, idle, kind) = match self.below(5) {
            0..=2 => (online, false, "an agent is back"),
            3 => (wire::Availability::Away.into(), false, "an agent goes away"),
            _ => (0, true, "nobody is at a console"),
        };
        self.count(kind);
        self.frame(socket, Frame::SetAvailability(wire::SetAvailability { availability, idle }));
    }

    /// A machine goes to sleep or wakes, a page hangs or goes on.
    fn machines_and_pages(&mut self) {
        let number = self.below(self.n_agents()) as u128;
        let (set, kind) = match self.below(2) {
            0 => (&mut self.asleep, "a machine falls asleep"),
            _ => (&mut self.deaf, "a page hangs"),
        };
        if !set.remove(&number) {
            set.insert(number);
            self.count(kind);
        }
    }

    /// The gateway repeats the request until it is answered; the agent comes back with a new generation.
    fn somebody_is_disabled(&mut self) {
        let number = self.below(self.n_agents()) as u128;
        if self.disabled.remove(&number) {
            return;
        }
        self.count("an agent is disabled");
        let generation = self.generations[&number] + 1;
        self.generations.insert(number, generation);
        self.disabled.insert(number);
        let revoked = Revoked::Agent { agent: agent(number).id, generation };
        let workspace = self.rig.workspace.clone();
        self.until_answered(Input::Revoke(RevokeRequest { workspace, revoked, conversations: vec![], release: true }));
    }

    fn until_answered(&mut self, input: Input) {
        for _ in 0..20 {
            self.rig.answers.clear();
            self.feed(input.clone());
            if let Some(Answer::Done(verdict)) = self.rig.answers.pop_front() {
                assert_eq!(verdict, Ok(()));
                return;
            }
        }
        panic!("a request is never answered");
    }

    // ---------------------------------------------------------------------------------------------------- the Desk

    fn feed(&mut self, input: Input) {
        self.arm();
        self.rig.feed(input);
        self.after_an_input();
    }

    fn frame(&mut self, socket: SocketId, frame: Frame) {
        if self.rig.open.contains_key(&socket) {
            self.feed(Input::Frame { socket, frame: Ok(Some(frame)) });
        }
    }

    fn after_an_input(&mut self) {
        self.disarm();
        self.take_calls();
        self.check();
        self.check_the_order();
        self.read();
    }

    /// Lets time pass, and what is due happen.
    fn pass(&mut self, millis: i64) {
        let end = self.real() + millis;
        let open = self.is_open();
        loop {
            let of_desk = [self.rig.alarm, self.rig.timer].into_iter().flatten().map(|at| at.0 - self.skew).min();
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let next = of_desk.into_iter().chain(event).min().unwrap_or(i64::MAX).max(self.real());
            self.nobody_is_overlooked_until(next.min(end));
            if next > end {
                break;
            }
            self.arm();
            let dead = self.dead_sockets();
            self.rig.pass(next - self.real(), &dead);
            self.after_an_input();
            while let Some(entry) = self.events.first_entry()
                && entry.key().0 <= self.rig.now.0 - self.skew
            {
                let event = entry.remove();
                self.happen(event);
            }
        }
        let rest = (end - self.real()).max(0);
        self.rig.now = self.rig.now.plus(rest);
        if self.is_open() != open {
            self.count(if open { "it closes" } else { "it opens" });
        }
    }

    fn dead_sockets(&self) -> Vec<SocketId> {
        let asleep = self.consoles.iter().filter(|console| self.asleep.contains(&console.number));
        asleep.filter_map(|console| console.socket).collect()
    }
}

fn play(seed: u64) -> Result<Tally, u64> {
    let run = std::panic::catch_unwind(|| {
        let mut world = World::new(seed);
        world.day();
        world.tally
    });
    run.map_err(|_| seed)
}

#[test]
fn inv_5_inv_6_whatever_happens_everybody_who_waits_gets_one_agent_who_lives() {
    let setting = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match setting("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("SEEDS").unwrap_or(SEQUENCES),
    };
    let n_jobs = std::thread::available_parallelism().map_or(1, |it| it.get() as u64).min(8);
    let n_seeds = seeds.end - seeds.start;
    let results: Vec<Result<Tally, u64>> = std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..n_jobs.min(n_seeds))
            .map(|job| {
                let mut theirs = (seeds.start + job..seeds.end).step_by(n_jobs as usize);
                scope.spawn(move || theirs.try_fold(Tally::default(), |sum, seed| Ok(sum.plus(&play(seed)?))))
            })
            .collect();
        jobs.into_iter().map(|job| job.join().expect("a job catches what fails")).collect()
    });
    let mut sum = Tally::default();
    for result in results {
        match result {
            Ok(tally) => sum = sum.plus(&tally),
            Err(seed) => panic!("replay: SEED={seed} cargo test --lib desk::tests::routed"),
        }
    }
    println!("{n_seeds} sequences\n{sum}");
    let never: Vec<&str> = KINDS.iter().copied().filter(|kind| sum.of(kind) == 0).collect();
    assert!(n_seeds < ENOUGH || never.is_empty(), "these never happened: {never:?}");
}
