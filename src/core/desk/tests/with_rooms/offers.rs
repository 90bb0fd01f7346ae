//! Consoles that are asked and rung at by routing: most answer, some lie dead, some say no; of what rings some is taken,
//! some declined, some let ring.

use super::{World, visitor};
use crate::core::{
    desk::{
        effect::{Answer, Input},
        loads::Loads,
        tests::rig::{agent, conversation, workspace},
    },
    hours::{Hours, Span},
    id::{AgentId, ConversationId, Entropy, TeamId},
    internal::ConfigureRequest,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::{
        roster::{Roster, Team},
        settings::{Method, Routing},
    },
    socket::SocketId,
    time::{DAY, MINUTE, Timestamp},
};

/// How often a console behaves well, in percent.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    pub answers: u64,
    pub takes: u64,
}

/// How many teams there may be.
pub const TEAMS: u64 = 2;

pub fn team_id(number: u64) -> TeamId {
    TeamId::draw(&mut Entropy::new(9_000 + u128::from(number)))
}

impl World {
    /// Teams that share agents and help each other out; in some worlds with hours that end and begin while it goes on.
    fn roster(&mut self) -> Roster {
        let mut roster = Roster::default();
        for number in 0..self.below(TEAMS + 1) {
            let members = (0..super::AGENTS).filter(|_| self.below(3) > 0).map(|number| agent(number).id).collect();
            let overflow = (self.below(2) == 0).then(|| team_id((number + 1) % TEAMS));
            let hours = (self.below(3) == 0).then(|| self.hours());
            let name = format!("Team {number}");
            roster.teams.push(Team {
                id: team_id(number),
                name,
                method: None,
                overflow,
                members,
                reserved_slots: 0,
                hours,
            });
        }
        roster.hours = (self.below(4) == 0).then(|| self.hours());
        if self.below(4) == 0 {
            roster.site_hours.push((visitor(0).site, self.hours()));
        }
        roster
    }

    /// Closed for some minutes of the next half hour.
    fn hours(&mut self) -> Hours {
        let minute = (self.rig.now.0.rem_euclid(DAY) / MINUTE) as u16;
        let from = (minute + 1 + self.below(20) as u16).min(1_438);
        let until = (from + 1 + self.below(10) as u16).min(1_439);
        let spans = vec![Span { from: 0, to: from }, Span { from: until, to: 1_440 }];
        let (weekly, offsets) = (std::array::from_fn(|_| spans.clone()), vec![(Timestamp(0), 0)]);
        Hours { timezone: "UTC".into(), weekly, exceptions: Vec::new(), offsets }
    }

    /// Half of the worlds route by themselves, each by its own method.
    pub fn routes(&mut self) {
        let method = [Method::BestMatch, Method::LeastBusy, Method::RoundRobin, Method::Manual][self.below(4) as usize];
        let capacity = 1 + self.below(3) as u32;
        self.manners = Manners { answers: 40 + self.below(61), takes: self.below(101) };
        let routing = Routing { method, capacity, ring_seconds: 10, ..Routing::default() };
        let roster = self.roster();
        self.configure(1, routing, Some(roster));
    }

    fn configure(&mut self, version: u64, routing: Routing, roster: Option<Roster>) {
        let workspace = workspace(0);
        self.rig.feed(Input::Configure(ConfigureRequest { workspace, version, routing, roster }));
        assert_eq!(self.rig.answers.pop_front(), Some(Answer::Done(Ok(()))));
    }

    /// How long conversations may stand still: never, or a minute or two.
    pub fn change_idle(&mut self) {
        let idle_minutes = self.below(3) as u32;
        let idle_warning_minutes = self.below(u64::from(idle_minutes)) as u32;
        let record = &self.rig.desk.record;
        let (version, routing) = (record.routing_version + 1, record.routing);
        self.configure(version, Routing { idle_minutes, idle_warning_minutes, ..routing }, None);
    }

    /// Every console reads its frames and does what it does.
    pub fn consoles_answer(&mut self) {
        for (socket, frames) in std::mem::take(&mut self.rig.inbox) {
            for frame in frames {
                match frame {
                    agent_frame::Frame::Probe(probe) => self.answer_probe(socket, probe.id),
                    agent_frame::Frame::Assigned(it) if it.client_id.is_empty() && it.ring_until > 0 => {
                        self.answer_ring(socket, &it);
                    }
                    _ => {}
                }
            }
        }
    }

    /// From now on everyone behaves, and whoever has left a probe unanswered answers late.
    pub fn behave(&mut self) {
        self.manners = Manners { answers: 100, takes: 100 };
        for (socket, probe) in std::mem::take(&mut self.unanswered) {
            self.say(socket, Frame::ProbeAnswer(wire::ProbeAnswer { probe, available: true }));
        }
    }

    fn answer_probe(&mut self, socket: SocketId, probe: u64) {
        let dice = self.below(100);
        if dice < self.manners.answers {
            let available = self.manners.answers == 100 || self.below(10) > 0;
            // Twice is once.
            for _ in 0..=self.below(2) {
                self.say(socket, Frame::ProbeAnswer(wire::ProbeAnswer { probe, available }));
            }
        } else {
            self.unanswered.push((socket, probe));
        }
    }

    fn answer_ring(&mut self, socket: SocketId, it: &wire::Assigned) {
        self.next += 1;
        let (client_id, conversation) = (format!("r{}", self.next), it.conversation.clone());
        let assignment_epoch = it.assignment_epoch;
        let dice = self.below(100);
        if dice < self.manners.takes {
            self.say(socket, Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch }));
        } else if dice % 2 == 0 {
            self.say(socket, Frame::Decline(wire::Decline { client_id, conversation, assignment_epoch }));
        }
    }

    fn say(&mut self, socket: SocketId, frame: Frame) {
        if self.rig.open.contains_key(&socket) {
            self.rig.frame(socket, frame);
        }
    }

    /// The agent's first reply in a Room takes what rings.
    pub fn agent_replies(&mut self, room: usize) {
        let theirs = self.places[room].agents().first().map(|(agent, _)| (*agent).clone());
        let Some(who) = theirs else { return };
        let is_theirs = |it: &crate::core::principal::Principal| matches!(it, crate::core::principal::Principal::Agent(agent) if agent.agent == who);
        let Some(socket) = self.places[room].sockets.iter().find(|(_, it)| is_theirs(it)).map(|it| *it.0) else {
            return;
        };
        self.next += 1;
        let send =
            wire::Send { client_id: format!("p{}", self.next), text: "here I am".into(), ..wire::Send::default() };
        self.frame(room, socket, Frame::Send(send));
    }

    /// What must hold after every step: nobody is offered more than their capacity, and the orders beside the list are those
    /// of the list.
    pub fn check_loads(&self) {
        let desk = &self.rig.desk;
        let mut again = Loads::default();
        for entry in desk.list.entries.values() {
            let mut entry = entry.clone();
            entry.indexed = Default::default();
            let team = desk.roster.team_of(entry.stored.team.as_ref(), &entry.stored.site).cloned();
            again.place(&mut entry, team, desk.record.routing.ageing());
            assert!(
                entry.stored.ring_until.is_none() || entry.holder().is_some(),
                "SEED={}: rings at nobody",
                self.seed
            );
            assert!(!entry.is_waiting() || entry.stored.queued_at.is_some(), "SEED={}: waits in no queue", self.seed);
        }
        let waiting = |loads: &Loads| loads.line().cloned().collect::<Vec<ConversationId>>();
        assert_eq!(waiting(&again), waiting(&desk.router.loads), "SEED={}: the queue", self.seed);
        assert_eq!(again.next_rung_out(), desk.router.loads.next_rung_out(), "SEED={}: the rings", self.seed);
        for number in 0..super::AGENTS {
            let id = agent(number).id;
            assert_eq!(again.held(&id), desk.router.loads.held(&id), "SEED={}: the load of {number}", self.seed);
        }
    }

    /// When all is quiet: what rings, rings on both sides; and nobody waits while somebody is free.
    pub fn check_offers(&self) {
        let desk = &self.rig.desk;
        for (number, place) in self.places.iter().enumerate() {
            let Some(entry) = desk.list.entries.get(&conversation(number)).filter(|entry| entry.is_listed()) else {
                continue;
            };
            let rings = place.room.record().is_some_and(|record| record.ringing);
            assert_eq!(entry.stored.ring_until.is_some(), rings, "SEED={}: room {number} rings", self.seed);
        }
        if !desk.record.routing.method.is_automatic() {
            return;
        }
        let is_free = |agent: &AgentId| {
            let number = (0..super::AGENTS).find(|number| super::agent(*number).id == *agent);
            let socket = number.and_then(|number| self.consoles.get(&number));
            let is_online = socket.and_then(|socket| self.rig.open.get(socket)).is_some_and(|session| {
                session.greeted && session.switch == crate::core::desk::presence::Availability::Online
            });
            is_online && desk.router.loads.held(agent) < desk.record.routing.capacity
        };
        for id in desk.router.loads.line() {
            let Some(entry) = desk.list.entries.get(id).filter(|entry| entry.is_waiting()) else { continue };
            let team = desk.roster.team_of(entry.stored.team.as_ref(), &entry.stored.site);
            let own = desk.roster.own_hours(entry.stored.team.as_ref(), &entry.stored.site);
            if desk.roster.hours_of(team, own).is_some_and(|hours| !hours.is_open(self.rig.now)) {
                continue;
            }
            // Whoever helps out comes later, and only while they are open themselves: not looked at here.
            let team = team.and_then(|id| desk.roster.team(id));
            let serves = |agent: &AgentId| team.is_none_or(|team| team.members.contains(agent));
            let free = (0..super::AGENTS).map(|number| agent(number).id).find(|agent| serves(agent) && is_free(agent));
            assert_eq!(free, None, "SEED={}: {id} waits though somebody is free", self.seed);
        }
    }
}
