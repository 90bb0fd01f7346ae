//! The Desk with real Rooms: both machines as they run, the calls between them lost, answered late or not at all, either
//! side asleep or restarted in between. When the faults stop, both agree on who has what, who is where and who is gone.
//!
//! `SEED=<n> cargo test --lib desk::tests::with_rooms` replays one seed.

mod offers;

use std::collections::BTreeMap;

use self::offers::{Manners, TEAMS, team_id};
use super::{
    place::{Place, visitor},
    rig::{Rig, agent, claim, conversation, principal, release, session_of, transfer, workspace},
};
use crate::core::{
    desk::{
        conversation::Entry,
        effect::{Answer as DeskAnswer, Call as DeskCall, Input as DeskInput, OrderOutcome},
    },
    id::Entropy,
    internal::{AttachRequest, DetachNotice, RevokeRequest, Revoked, Status, Withdrawal},
    principal::{AgentPrincipal, Principal, Role},
    protocol::{
        Encoding,
        wire::{self, client_frame::Frame},
    },
    room::effect::{Answer, Call, Input},
    socket::SocketId,
    time::{HOUR, SECOND},
};

const ROOMS: usize = 3;
const AGENTS: u128 = 3;
const STEPS: usize = 120;

struct World {
    seed: u128,
    entropy: Entropy,
    lost: u64,
    rig: Rig,
    places: Vec<Place>,
    consoles: BTreeMap<u128, SocketId>,
    generations: BTreeMap<u128, u64>,
    /// Attaches of sockets that a Room has turned away, yet to be withdrawn.
    turned_away: Vec<Withdrawal>,
    manners: Manners,
    /// Probes that a console has let pass.
    unanswered: Vec<(SocketId, u64)>,
    next: u64,
}

impl World {
    fn new(seed: u128) -> Self {
        let mut entropy = Entropy::new(seed);
        let lost = entropy.next_u64() % 40;
        World {
            seed,
            entropy,
            lost,
            rig: Rig::new(),
            places: (0..ROOMS).map(|_| Place::new()).collect(),
            consoles: BTreeMap::new(),
            generations: (0..AGENTS).map(|number| (number, 1)).collect(),
            turned_away: Vec::new(),
            manners: Manners { answers: 100, takes: 100 },
            unanswered: Vec::new(),
            next: 10_000,
        }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.entropy.next_u64() % end.max(1)
    }

    fn is_lost(&mut self) -> bool {
        let lost = self.lost;
        self.below(100) < lost
    }

    fn room(&mut self, number: usize, input: Input) {
        let mut entropy = Entropy::new(u128::from(self.entropy.next_u64()));
        self.places[number].feed(input, self.rig.now, &mut entropy);
    }

    fn frame(&mut self, number: usize, socket: SocketId, frame: Frame) {
        self.room(number, Input::Frame { socket, frame: Ok(Some(frame)) });
    }

    fn principal(&self, number: u128) -> AgentPrincipal {
        AgentPrincipal {
            generation: self.generations[&number],
            expires_at: self.rig.now.plus(1_000 * HOUR),
            ..principal(number, Role::Admin, self.rig.now)
        }
    }

    // ------------------------------------------------------------------------------------------------- what happens

    fn step(&mut self) {
        let wait = [0, 50, 900, 8_000, 40_000][self.below(5) as usize];
        self.pass(wait);
        let (room, number) = (self.below(ROOMS as u64) as usize, u128::from(self.below(AGENTS as u64)));
        match self.below(15) {
            0 | 1 => self.visitor_writes(room),
            2 => {
                if let Some(socket) = self.places[room].visitor_socket() {
                    self.leave(room, socket);
                }
            }
            3 | 4 => self.agent_opens(room, number),
            5 => {
                let theirs = self.places[room].sockets.iter().find(|(_, it)| matches!(it, Principal::Agent(_)));
                if let Some(socket) = theirs.map(|(socket, _)| *socket) {
                    self.leave(room, socket);
                }
            }
            6..=8 => self.agent_asks(room, number),
            9 => self.agent_sets_status(room),
            10 => {
                let cut = self.below(3) == 0;
                let mut entropy = Entropy::new(u128::from(self.entropy.next_u64()));
                self.places[room].reload(cut, self.rig.now, &mut entropy);
            }
            11 => match self.below(2) {
                0 => self.rig.reload(),
                _ => {
                    self.rig.die();
                    self.consoles.clear();
                }
            },
            12 if self.below(3) == 0 => self.disable(number),
            13 => self.agent_replies(room),
            14 if self.below(4) == 0 => self.change_idle(),
            _ => {}
        }
        self.exchange(3);
        self.check_loads();
    }

    fn visitor_writes(&mut self, room: usize) {
        let socket = match self.places[room].visitor_socket() {
            Some(socket) => socket,
            None => self.enter(room, Principal::Visitor(visitor(room))),
        };
        let client_id = format!("v{}", self.next);
        self.next += 1;
        self.frame(room, socket, Frame::Send(wire::Send { client_id, text: "hello".into(), ..wire::Send::default() }));
    }

    fn enter(&mut self, room: usize, principal: Principal) -> SocketId {
        self.next += 1;
        let socket = SocketId(self.next);
        self.places[room].sockets.insert(socket, principal.clone());
        self.room(room, Input::Connected { socket, principal, encoding: Encoding::Proto });
        if self.places[room].sockets.contains_key(&socket) {
            self.frame(room, socket, Frame::Hello(wire::Hello::default()));
        }
        socket
    }

    fn leave(&mut self, room: usize, socket: SocketId) {
        self.places[room].sockets.remove(&socket);
        self.places[room].attachments.remove(&socket);
        self.room(room, Input::Disconnected(socket));
    }

    /// The gateway asks the Desk, then forwards the upgrade, and takes back what the Room has turned away: later, or never.
    fn agent_opens(&mut self, room: usize, number: u128) {
        let principal = self.principal(number);
        self.next += 1;
        let knock = self.next;
        self.rig.feed(DeskInput::Attach(AttachRequest {
            workspace: principal.workspace.clone(),
            agent: principal.agent.clone(),
            session: session_of(number),
            generation: principal.generation,
            conversation: conversation(room),
            knock,
        }));
        if self.rig.answers.pop_front() == Some(DeskAnswer::Done(Ok(()))) {
            let (workspace, agent) = (principal.workspace.clone(), principal.agent.clone());
            self.withdraw_some();
            let socket = self.enter(room, Principal::Agent(principal));
            if !self.places[room].sockets.contains_key(&socket) {
                self.turned_away.push(Withdrawal { workspace, agent, conversation: conversation(room), knock });
            }
        }
    }

    fn withdraw_some(&mut self) {
        while !self.turned_away.is_empty() && self.below(2) == 0 {
            let place = self.below(self.turned_away.len() as u64) as usize;
            let withdrawal = self.turned_away.swap_remove(place);
            self.rig.feed(DeskInput::Withdraw(withdrawal));
            assert_eq!(self.rig.done(), Ok(()));
        }
    }

    fn agent_asks(&mut self, room: usize, number: u128) {
        let socket = match self.consoles.get(&number).filter(|socket| self.rig.open.contains_key(socket)) {
            Some(socket) => *socket,
            None => {
                let socket = self.rig.connect(self.principal(number));
                self.rig.frame(socket, Frame::DeskHello(wire::DeskHello::default()));
                self.consoles.insert(number, socket);
                socket
            }
        };
        let client_id = format!("a{}", self.next);
        self.next += 1;
        let to = u128::from(self.below(AGENTS as u64));
        let frame = match self.below(4) {
            0 => claim(room, &client_id),
            1 => release(room, &client_id, 0),
            2 => transfer(room, &client_id, 0, to),
            // Perhaps to one that does not exist.
            _ => Frame::Transfer(wire::Transfer {
                client_id,
                conversation: conversation(room).to_string(),
                reason: "invoices".into(),
                team: team_id(self.below(TEAMS)).to_string(),
                ..wire::Transfer::default()
            }),
        };
        self.rig.frame(socket, frame);
        self.consoles_answer();
    }

    fn agent_sets_status(&mut self, room: usize) {
        let theirs = self.places[room].sockets.iter().find(|(_, it)| matches!(it, Principal::Agent(_)));
        let Some(socket) = theirs.map(|(socket, _)| *socket) else { return };
        if self.below(4) == 0 {
            let on = self.below(3) > 0;
            return self.frame(room, socket, Frame::Mute(wire::Mute { on, client_id: "q".into() }));
        }
        let status = [wire::Status::Open, wire::Status::Resolved, wire::Status::Snoozed][self.below(3) as usize];
        let snoozed_until = if status == wire::Status::Snoozed { self.rig.now.plus(HOUR).wire() } else { 0 };
        let request = wire::SetStatus { status: status.into(), snoozed_until, client_id: "s".into() };
        self.frame(room, socket, Frame::SetStatus(request));
    }

    fn disable(&mut self, number: u128) {
        let generation = self.generations[&number] + 1;
        self.generations.insert(number, generation);
        let revoked = Revoked::Agent { agent: agent(number).id, generation };
        let request = RevokeRequest { workspace: workspace(0), revoked, conversations: vec![], release: true };
        self.rig.feed(DeskInput::Revoke(request));
        assert_eq!(self.rig.answers.pop_front(), Some(DeskAnswer::Done(Ok(()))));
        self.consoles.remove(&number);
    }

    // ------------------------------------------------------------------------------------------------------- calls

    /// So many rounds of calls, each of which may be lost on the way there or back.
    fn exchange(&mut self, rounds: usize) {
        for _ in 0..rounds {
            for call in std::mem::take(&mut self.rig.network) {
                let answer = self.desk_calls(call);
                if let Some(answer) = answer {
                    self.rig.feed(answer);
                }
            }
            for room in 0..ROOMS {
                for call in std::mem::take(&mut self.places[room].network) {
                    let answer = self.room_calls(room, call);
                    self.room(room, answer);
                }
            }
            self.consoles_answer();
        }
    }

    fn desk_calls(&mut self, call: DeskCall) -> Option<DeskInput> {
        let (there, back) = (!self.is_lost(), !self.is_lost());
        match call {
            DeskCall::Order { conversation: id, order } => {
                let (assignment_epoch, mut outcome) = (order.assignment_epoch, OrderOutcome::Unreachable);
                if there {
                    let room = (0..ROOMS).find(|room| conversation(*room) == id)?;
                    self.room(room, Input::Assign(order));
                    let Some(Answer::Assigned(Ok(answer))) = self.places[room].answers.pop_front() else {
                        panic!("SEED={}: a listed conversation has no Room", self.seed);
                    };
                    if back {
                        outcome = OrderOutcome::Answered(answer);
                    }
                }
                Some(DeskInput::RoomAnswered { conversation: id, assignment_epoch, outcome })
            }
            DeskCall::TellIdle { conversation: id, notice } => {
                let version = notice.terms.version;
                if there {
                    let room = (0..ROOMS).find(|room| conversation(*room) == id)?;
                    self.room(room, Input::IdleChanged(notice));
                    assert_eq!(self.places[room].answers.pop_front(), Some(Answer::Told(Ok(()))));
                }
                Some(DeskInput::IdleTold { conversation: id, version, heard: there && back })
            }
            DeskCall::Revoke { conversation: id, revoked } => {
                if there {
                    let room = (0..ROOMS).find(|room| conversation(*room) == id)?;
                    self.room(room, Input::Revoke(revoked.clone()));
                    assert_eq!(self.places[room].answers.pop_front(), Some(Answer::Revoked));
                }
                Some(DeskInput::RoomRevoked { conversation: id, revoked, heard: there && back })
            }
            // Not connected means not here in this test.
            _ => None,
        }
    }

    fn room_calls(&mut self, room: usize, call: Call) -> Input {
        let (there, back) = (!self.is_lost(), !self.is_lost());
        match call {
            Call::TellDesk(notice) => {
                if !there {
                    return Input::DeskAnswered { rev: notice.rev, answer: None };
                }
                let rev = notice.rev;
                self.rig.feed(DeskInput::Notice(notice));
                match self.rig.answers.pop_front() {
                    Some(DeskAnswer::Notice(Ok(answer))) => Input::DeskAnswered { rev, answer: back.then_some(answer) },
                    other => panic!("SEED={}: {other:?}", self.seed),
                }
            }
            Call::Detach(agent) => {
                let mut heard = false;
                if there {
                    let notice = DetachNotice {
                        workspace: workspace(0),
                        agent: agent.clone(),
                        conversation: conversation(room),
                        at: self.rig.now,
                    };
                    self.rig.feed(DeskInput::Detach(notice));
                    heard = self.rig.answers.pop_front() == Some(DeskAnswer::Done(Ok(()))) && back;
                }
                Input::Detached { agent, heard }
            }
            Call::Publish(event) => Input::Published(Some(event.upto)),
            // The history is somebody else's test.
            Call::Inspect(_) => Input::Inspected(None),
            other => panic!("{other:?} is no call"),
        }
    }

    fn pass(&mut self, millis: i64) {
        let end = self.rig.now.plus(millis);
        while self.rig.now < end {
            let own = self.places.iter().flat_map(|place| [place.alarm, place.timer]).flatten();
            let alarms = own.chain(self.rig.alarm).chain(self.rig.timer);
            let next = alarms.min().unwrap_or(end).clamp(self.rig.now.plus(1), end);
            self.rig.pass(next.since(self.rig.now), &[]);
            for room in 0..ROOMS {
                if self.places[room].timer.is_some_and(|at| at <= self.rig.now) {
                    self.places[room].timer = None;
                    self.room(room, Input::Tick);
                }
                if self.places[room].alarm.is_some_and(|at| at <= self.rig.now) {
                    self.places[room].alarm = None;
                    self.room(room, Input::Alarm);
                }
            }
            self.exchange(1);
        }
    }

    // ---------------------------------------------------------------------------------------------------- the end

    fn settle(&mut self) {
        self.lost = 0;
        self.behave();
        for _ in 0..20 {
            self.exchange(3);
            self.pass(60 * SECOND);
        }
    }

    fn check(&self) {
        let place = format!("SEED={}", self.seed);
        assert!(
            self.rig.desk.orders.is_empty() && self.rig.desk.words.is_empty() && self.rig.desk.idle_words.is_empty(),
            "{place}: something is left to tell"
        );
        for (number, room) in self.places.iter().enumerate() {
            let entry = self.rig.desk.list.entries.get(&conversation(number));
            let record = room.room.record();
            let is_open = record.is_some_and(|record| record.status != Status::Resolved);
            assert!(!is_open || record.is_none_or(|record| !record.muted), "{place}: room {number} is muted and open");
            assert_eq!(entry.is_some_and(Entry::is_listed), is_open, "{place}: room {number} in the list");
            // Twenty quiet minutes are longer than any silence may last.
            let ends = room.room.idle_due(self.rig.now);
            assert_eq!(ends, None, "{place}: room {number} stands still");
            if let (Some(entry), Some(record), true) = (entry, record, is_open) {
                let ours = (entry.stored.status, entry.stored.assignment_epoch, entry.holder());
                let holder = record.assignee.as_ref().map(|it| &it.id);
                assert_eq!(ours, (record.status, record.assignment_epoch, holder), "{place}: room {number}");
                let row = entry.row();
                if row.has_preview {
                    let online = room.visitor_socket().is_some();
                    assert_eq!(row.visitor_online, online, "{place}: the visitor of room {number}");
                }
            }
            for (who, generation) in room.agents() {
                let it = (0..AGENTS).find(|it| agent(*it).id == *who).unwrap();
                assert_eq!(generation, self.generations[&it], "{place}: INV-13: a revoked socket in room {number}");
                let known = self.rig.desk.attached.get(&conversation(number));
                assert!(known.is_some_and(|known| known.contains_key(who)), "{place}: the Desk does not know of it");
            }
        }
    }
}

#[test]
fn inv_5_inv_13_desk_and_real_rooms_agree_in_the_end() {
    let setting = |name| std::env::var(name).ok().and_then(|text| text.parse::<u128>().ok());
    let seeds: Vec<u128> = match setting("SEED") {
        Some(seed) => vec![seed],
        None => (0..setting("SEEDS").unwrap_or(150)).collect(),
    };
    for seed in seeds {
        let run = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            world.routes();
            for _ in 0..STEPS {
                world.step();
            }
            world.settle();
            world.check();
            world.check_offers();
        });
        assert!(run.is_ok(), "replay: SEED={seed} cargo test --lib desk::tests::with_rooms");
    }
}
