//! A waiting line: one Desk as it is deployed, fed with frames and notices in virtual time, its agents always there.
//!
//! Visitors come by chance (Poisson) and are served for a time drawn by chance (exponential), so what they wait is known
//! from theory. Beside the Desk runs the ideal line, first come first served, with the same arrivals and the same times of
//! service: what each visitor waits in both can be compared one by one.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
};

use bellhop::{
    core::{
        desk::{
            Desk,
            effect::{Call, Effect, Effects, Input, OrderOutcome},
        },
        id::{AgentId, ConversationId, SessionId, SiteId, VisitorId, WorkspaceId},
        internal::{AgentRef, AssignAnswer, ConfigureRequest, RoomNotice, Status},
        principal::{AgentPrincipal, Principal, Role},
        protocol::{
            Encoding, Outgoing,
            wire::{self, agent_frame, client_frame::Frame},
        },
        routing::settings::{Method, Routing},
        socket::SocketId,
        time::{MINUTE, Timestamp},
    },
    sql::{desk::DeskStore, testing::TestSql},
};

use crate::dice::Dice;

/// Mean time of service, in milliseconds. Long beside a millisecond, so that whole milliseconds are fine enough.
pub const SERVICE: f64 = 300_000.0;
const START: i64 = 1_795_600_000_000;

/// One kind of day.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    /// Agents.
    pub agents: usize,
    /// Conversations that each of them may have at once.
    pub slots: usize,
    /// Offered load per slot, below 1.
    pub load: f64,
    /// Visitors that are counted.
    pub visitors: usize,
    /// How agents are chosen.
    pub method: Method,
    /// The part of the visitors who have a level, 0 to 1.
    pub vips: f64,
    /// How many minutes of waiting equal that level; 0: it always comes first.
    pub ageing_minutes: u32,
}

impl Day {
    /// A day without levels.
    pub fn plain(agents: usize, slots: usize, load: f64, visitors: usize, method: Method) -> Self {
        Day { agents, slots, load, visitors, method, vips: 0.0, ageing_minutes: 0 }
    }
}

/// What a day was like.
#[derive(Debug, Clone, PartialEq)]
pub struct Waits {
    /// Mean wait of those who were counted, in units of the mean service.
    pub mean: f64,
    /// The same of those with a level and of those without, apart.
    pub by_level: [f64; 2],
    /// How many without a level were overtaken by somebody who came later than their level is worth.
    pub overtaken: usize,
    /// The same in the ideal line.
    pub ideal: f64,
    /// The largest difference of one visitor's two waits, in milliseconds.
    pub worst: i64,
    /// How many open conversations the busiest agent had more than the idlest, over the time of the day.
    pub imbalance: f64,
    /// Of those who were counted and told how long it may take: how many, and for how many that was right within a half.
    pub told: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Timer,
    Alarm,
    Done(usize),
}

struct Visit {
    came: i64,
    level: u8,
    service: i64,
    rev: u64,
    epoch: u64,
    agent: Option<usize>,
    waited: Option<i64>,
    /// The first estimate, and when the visitor was told it.
    told: Option<(i64, u64)>,
}

struct Line {
    desk: Desk,
    now: i64,
    workspace: WorkspaceId,
    site: SiteId,
    visitor: VisitorId,
    sockets: Vec<(SocketId, AgentRef)>,
    visits: Vec<Visit>,
    events: BinaryHeap<Reverse<(i64, Event)>>,
    alarm: Option<i64>,
    /// Inputs that follow from the last one.
    next: VecDeque<Input>,
    /// Open conversations of each agent, since when, and the sum of differences times milliseconds.
    open: Vec<i64>,
    open_since: i64,
    differences: i64,
}

/// Plays a day of this seed. What comes before `visitors` are counted fills the line.
pub fn play(day: Day, seed: u64) -> Waits {
    let mut dice = Dice::new(seed);
    let warm_up = day.visitors / 10;
    let mut line = Line::open(day, &mut dice);
    let slots = day.agents * day.slots;
    let between = SERVICE / (day.load * slots as f64);
    let mut came = START as f64;
    let mut ideal = vec![START; slots];
    let mut ideal_waits = Vec::new();
    for number in 0..warm_up + day.visitors {
        came += exponential(between, &mut dice);
        let service = exponential(SERVICE, &mut dice).round().max(1.0) as i64;
        let at = came.round() as i64;
        // The ideal line: whoever is free first.
        ideal.sort_unstable();
        let begins = ideal[0].max(at);
        ideal[0] = begins + service;
        ideal_waits.push(begins - at);
        line.until(at);
        let level = u8::from(dice.part() < day.vips);
        line.arrive(number, at, level, service);
    }
    line.until(i64::MAX);
    let counted = warm_up..warm_up + day.visitors;
    let waits: Vec<i64> = line.visits.iter().map(|visit| visit.waited.expect("everybody is served")).collect();
    let mean = |waits: &[i64]| waits.iter().sum::<i64>() as f64 / waits.len().max(1) as f64 / SERVICE;
    let of_level = |level: u8| {
        let theirs = counted.clone().filter(|number| line.visits[*number].level == level);
        mean(&theirs.map(|number| waits[number]).collect::<Vec<_>>())
    };
    let told = line.visits[counted.clone()].iter().filter_map(|visit| {
        let (at, estimate) = visit.told?;
        let left = (visit.came + visit.waited? - at) as f64;
        Some((left - estimate as f64).abs() <= 0.5 * estimate as f64)
    });
    let told: Vec<bool> = told.collect();
    Waits {
        told: (told.len(), told.iter().filter(|is_right| **is_right).count()),
        by_level: [of_level(1), of_level(0)],
        overtaken: line.overtaken(i64::from(day.ageing_minutes) * MINUTE),
        mean: mean(&waits[counted.clone()]),
        ideal: mean(&ideal_waits[counted]),
        worst: waits.iter().zip(&ideal_waits).map(|(one, other)| (one - other).abs()).max().unwrap_or(0),
        imbalance: line.differences as f64 / (line.now - START) as f64,
    }
}

fn exponential(mean: f64, dice: &mut Dice) -> f64 {
    -mean * dice.part().ln()
}

impl Line {
    fn open(day: Day, dice: &mut Dice) -> Self {
        let sql = TestSql::default();
        let mut entropy = dice.entropy();
        let workspace = WorkspaceId::draw(&mut entropy);
        let desk = Desk::load(DeskStore(&sql), workspace.clone(), None, Timestamp(START)).expect("an empty store");
        let agent = |number| AgentRef::new(AgentId::draw(&mut dice.entropy()), format!("Agent {number}"));
        let agents: Vec<AgentRef> = (0..day.agents).map(agent).collect();
        let mut line = Line {
            desk,
            now: START,
            workspace: workspace.clone(),
            site: SiteId::draw(&mut entropy),
            visitor: VisitorId::draw(&mut entropy),
            sockets: agents.into_iter().enumerate().map(|(n, it)| (SocketId(n as u64 + 1), it)).collect(),
            visits: Vec::new(),
            events: BinaryHeap::new(),
            alarm: None,
            next: VecDeque::new(),
            open: vec![0; day.agents],
            open_since: START,
            differences: 0,
        };
        let routing = Routing {
            method: day.method,
            capacity: day.slots as u32,
            gone_minutes: 0,
            ageing_minutes: day.ageing_minutes,
            ..Routing::default()
        };
        line.feed(Input::Configure(ConfigureRequest {
            workspace: workspace.clone(),
            version: 1,
            routing,
            roster: None,
        }));
        for (socket, agent) in line.sockets.clone() {
            let principal = Principal::Agent(AgentPrincipal {
                workspace: workspace.clone(),
                agent: agent.id,
                name: agent.name,
                picture: agent.picture,
                role: Role::Agent,
                session: SessionId::draw(&mut entropy),
                generation: 1,
                expires_at: Timestamp(i64::MAX / 4),
            });
            line.feed(Input::Connected { socket, principal, encoding: Encoding::Proto });
            line.frame(socket, Frame::DeskHello(wire::DeskHello::default()));
        }
        line
    }

    /// Lets happen what happens until then.
    fn until(&mut self, end: i64) {
        while let Some(Reverse((at, event))) = self.events.peek().copied() {
            let is_over = end == i64::MAX && self.visits.iter().rev().take(1_000).all(|visit| visit.waited.is_some());
            if at > end || (is_over && !matches!(event, Event::Done(_))) {
                return;
            }
            self.events.pop();
            self.now = self.now.max(at);
            match event {
                Event::Timer => self.feed(Input::Tick),
                Event::Alarm if self.alarm == Some(at) => {
                    self.alarm = None;
                    let heartbeats = self.sockets.iter().map(|(socket, _)| (*socket, Timestamp(self.now))).collect();
                    self.feed(Input::Alarm(heartbeats));
                }
                // It was set anew.
                Event::Alarm => {}
                Event::Done(number) => {
                    self.opens(self.visits[number].agent.expect("somebody has it"), -1);
                    self.notice(number, Status::Resolved);
                }
            }
        }
    }

    fn arrive(&mut self, number: usize, at: i64, level: u8, service: i64) {
        self.now = self.now.max(at);
        self.visits.push(Visit { came: at, level, service, rev: 0, epoch: 0, agent: None, waited: None, told: None });
        self.notice(number, Status::Open);
    }

    /// An agent has one more, or one less.
    fn opens(&mut self, agent: usize, change: i64) {
        let difference = self.open.iter().max().unwrap_or(&0) - self.open.iter().min().unwrap_or(&0);
        self.differences += difference * (self.now - self.open_since);
        self.open_since = self.now;
        self.open[agent] += change;
    }

    /// How many without a level were overtaken by somebody who came at least `worth` later.
    fn overtaken(&self, worth: i64) -> usize {
        // The earliest moment at which anybody with a level who came then or later was taken.
        let mut first_taken = BTreeMap::new();
        let mut earliest = i64::MAX;
        for visit in self.visits.iter().rev().filter(|visit| visit.level > 0) {
            earliest = earliest.min(visit.came + visit.waited.unwrap_or(0));
            first_taken.insert(visit.came, earliest);
        }
        let is_overtaken = |visit: &&Visit| {
            let later = first_taken.range(visit.came + worth..).next();
            later.is_some_and(|(_, taken)| *taken < visit.came + visit.waited.unwrap_or(0))
        };
        self.visits.iter().filter(|visit| visit.level == 0).filter(is_overtaken).count()
    }

    fn notice(&mut self, number: usize, status: Status) {
        let visit = &mut self.visits[number];
        visit.rev += 1;
        let notice = RoomNotice {
            workspace: self.workspace.clone(),
            conversation: conversation(number),
            site: self.site.clone(),
            visitor: self.visitor.clone(),
            visitor_name: String::new(),
            rev: visit.rev,
            status,
            snoozed_until: None,
            assignment_epoch: visit.epoch,
            assignee: visit.agent.map(|agent| self.sockets[agent].1.clone()),
            created_at: Timestamp(visit.came),
            preview: String::new(),
            preview_sender: String::new(),
            last_at: Timestamp(visit.came),
            unread: 1,
            waiting_since: None,
            visitor_online: true,
            agents: None,
            ringing: Some(false),
            at: Timestamp(self.now),
            resolved_at: None,
            team: None,
            language: String::new(),
            topic: String::new(),
            location: None,
            level: visit.level,
            reply_to: Some(String::new()),
            undecided: false,
            is_reply: false,
            hand_to: None,
        };
        self.feed(Input::Notice(Box::new(notice)));
    }

    fn frame(&mut self, socket: SocketId, frame: Frame) {
        self.feed(Input::Frame { socket, frame: Ok(Some(frame)) });
    }

    fn feed(&mut self, input: Input) {
        self.next.push_back(input);
        while let Some(input) = self.next.pop_front() {
            let mut fx = Effects::default();
            self.desk.handle(input, Timestamp(self.now), &mut fx);
            for effect in fx.iter() {
                self.carry_out(effect);
            }
        }
    }

    fn carry_out(&mut self, effect: &Effect) {
        match effect {
            Effect::SetAlarm(at) => {
                self.alarm = Some(at.0);
                self.events.push(Reverse((at.0, Event::Alarm)));
            }
            Effect::Call(Call::SetTimer(at)) => self.events.push(Reverse((at.0, Event::Timer))),
            Effect::Call(Call::Order { conversation, order }) => {
                let (assignment_epoch, assignee, ringing) =
                    (order.assignment_epoch, order.assignee.clone(), order.ringing);
                let outcome =
                    OrderOutcome::Answered(AssignAnswer { assignment_epoch, assignee, ringing: Some(ringing) });
                self.next.push_back(Input::RoomAnswered {
                    conversation: conversation.clone(),
                    assignment_epoch,
                    outcome,
                });
            }
            Effect::Send { to, frame: Outgoing::Agents(frame) } => {
                for socket in to {
                    self.received(*socket, frame);
                }
            }
            Effect::Write(_) | Effect::Send { .. } | Effect::Attach(_) | Effect::Close { .. } | Effect::Answer(_) => {}
            Effect::Call(Call::TellPlace { conversation, notice }) => {
                let visit = &mut self.visits[number_of(conversation.as_str())];
                if notice.place.wait_ms > 0 {
                    visit.told.get_or_insert((self.now, notice.place.wait_ms));
                }
            }
            Effect::Call(other) => panic!("{other:?} is not expected here"),
        }
    }

    /// The console answers a probe at once, its agent what rings.
    fn received(&mut self, socket: SocketId, frame: &wire::AgentFrame) {
        match &frame.frame {
            Some(agent_frame::Frame::Probe(probe)) => {
                let answer = wire::ProbeAnswer { probe: probe.id, available: true };
                self.next.push_back(Input::Frame { socket, frame: Ok(Some(Frame::ProbeAnswer(answer))) });
            }
            Some(agent_frame::Frame::Assigned(assigned)) => {
                let number = number_of(&assigned.conversation);
                let visit = &mut self.visits[number];
                visit.epoch = assigned.assignment_epoch;
                if assigned.client_id.is_empty() {
                    let agent = socket.0 as usize - 1;
                    visit.agent = Some(agent);
                    visit.waited = Some(self.now - visit.came);
                    self.events.push(Reverse((self.now + visit.service, Event::Done(number))));
                    self.opens(agent, 1);
                    let (client_id, conversation) = (format!("a{number}"), assigned.conversation.clone());
                    let accept = wire::Accept { client_id, conversation, assignment_epoch: 0 };
                    self.next.push_back(Input::Frame { socket, frame: Ok(Some(Frame::Accept(accept))) });
                }
            }
            Some(agent_frame::Frame::Error(error)) => panic!("{error:?}"),
            _ => {}
        }
    }
}

fn conversation(number: usize) -> ConversationId {
    ConversationId::from_object_id(&format!("{number:064x}")).expect("64 digits")
}

fn number_of(conversation: &str) -> usize {
    usize::from_str_radix(&conversation[conversation.len() - 16..], 16).expect("one of ours")
}

/// Erlang C: the mean wait in a line with so many agents at this load, in units of the mean service. (A. K. Erlang, 1917;
/// by the recursion of Erlang B, which does not overflow.)
pub fn erlang_c(agents: usize, load: f64) -> f64 {
    let offered = load * agents as f64;
    let b = (1..=agents).fold(1.0, |b, n| offered * b / (n as f64 + offered * b));
    let waits = b / (1.0 - load * (1.0 - b));
    waits / (agents as f64 * (1.0 - load))
}

/// Mean and half of its 95 % confidence interval, over independent days.
pub fn estimate(means: &[f64]) -> (f64, f64) {
    let n = means.len() as f64;
    let mean = means.iter().sum::<f64>() / n;
    let variance = means.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, 1.96 * (variance / n).sqrt())
}

/// Mean waits of those who come first and of those behind them, where nobody is interrupted: `W0 / (1 - σ)` and
/// `W0 / ((1 - σ)(1 - ρ))`, with σ the load of the first alone. (A. Cobham, *Priority assignment in waiting line problems*, 1954.)
pub fn cobham(agents: usize, load: f64, vips: f64) -> [f64; 2] {
    let (w0, first) = (erlang_c(agents, load) * (1.0 - load), load * vips);
    [w0 / (1.0 - first), w0 / ((1.0 - first) * (1.0 - load))]
}

/// Keeps the days of several seeds in the order of the seeds.
pub type Days = BTreeMap<u64, Waits>;
