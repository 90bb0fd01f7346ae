//! Gives what waits to an agent who is there: asks the best three consoles whether they live, and lets it ring at one.
//!
//! ```text
//! waiting ──probes──► rings at an agent ──accept · first reply──► answered
//!    ▲                        │
//!    └── declined · rung out ─┘   keeps its place; that agent is left out for a while
//! ```
//!
//! Looked at after every input that changes who is free or what waits, in the order of the queue. A round lives in memory
//! only: a Desk that wakes asks again. A slot is reserved while its agent is asked, so no two conversations are offered
//! for one slot. What becomes of a ring stands in [`super::rings`].

use std::collections::{BTreeMap, BTreeSet};

use litemap::LiteMap;

use super::{
    Desk,
    conversation::Entry,
    effect::{Answer, Effects},
    loads::Loads,
    presence::Availability,
    session::{Consoles, Session},
};
use crate::core::{
    error::Code,
    id::{AgentId, ConversationId},
    internal::{AgentRef, ConfigureRequest},
    limits::{LEFT_OUT, LEFT_OUT_ALONE, QUEUE_LOOK, UNAVAILABLE_REST},
    protocol::wire::{self, agent_frame},
    routing::{
        probe::{Round, Verdict},
        rank::{Candidate, rank},
    },
    socket::SocketId,
    time::Timestamp,
};

/// What routing remembers between two inputs.
#[derive(Debug, Default)]
pub struct Router {
    /// Counts and orders over the list.
    pub loads: Loads,
    rounds: BTreeMap<ConversationId, Round>,
    /// Slots that rounds hold.
    reserved: LiteMap<AgentId, u32>,
    /// Whose silence decides at the end of their round, though it is decided already.
    watched: LiteMap<AgentId, Timestamp>,
    /// Did not answer: not asked before their next frame.
    suspects: BTreeSet<AgentId>,
    /// Answered "no": not asked before then.
    resting: LiteMap<AgentId, Timestamp>,
    /// Rounds in which nobody answered in time: an answer that comes late finds its conversation here.
    late: BTreeMap<ConversationId, Round>,
    last_probe: u64,
    /// Something has changed: there may be somebody for what waits.
    is_due: bool,
}

/// Everyone who can be asked, with their sockets.
pub(super) type Here = BTreeMap<AgentId, (AgentRef, Vec<SocketId>)>;

impl Router {
    /// The conversation is gone.
    pub fn forget(&mut self, entry: &Entry) {
        self.loads.remove(entry);
        self.late.remove(&entry.stored.id);
    }

    /// There may be somebody for what waits.
    pub fn look_again(&mut self) {
        self.is_due = true;
    }
}

impl Desk {
    /// Whatever a frame says, its agent lives.
    pub(super) fn no_suspect(&mut self, agent: &AgentId) {
        self.router.watched.remove(agent);
        if self.router.suspects.remove(agent) {
            self.router.look_again();
        }
    }

    pub(super) fn configure(&mut self, request: ConfigureRequest, fx: &mut Effects) {
        let verdict = if request.workspace != self.workspace {
            Err(Code::NotFound)
        } else if request.routing.check().is_err() {
            Err(Code::BadRequest)
        } else {
            if request.version > self.record.routing_version {
                self.record.routing = request.routing;
                self.record.routing_version = request.version;
                self.save_record(fx);
                self.router.look_again();
            }
            Ok(())
        };
        fx.answer(Answer::Done(verdict));
    }

    pub(super) fn probe_answered(
        &mut self,
        socket: SocketId,
        answer: &wire::ProbeAnswer,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let Some(agent) = self.sessions.get(&socket).map(Session::agent) else { return };
        if let Some(round) = self.router.rounds.values_mut().find(|round| round.probe == answer.probe) {
            return round.answer(&agent.id, answer.available, now);
        }
        // A console far away answers later than anybody is waited for. If nobody else has it by now, that is soon enough.
        let is_asked = |round: &Round| round.probe == answer.probe && round.silent().any(|asked| *asked == agent.id);
        let late = self.router.late.iter().find(|(_, round)| is_asked(round)).map(|(id, _)| id.clone());
        let Some(id) = late.filter(|_| answer.available) else { return };
        let is_waiting = self.list.entries.get(&id).is_some_and(|entry| entry.is_waiting());
        if is_waiting && !self.router.rounds.contains_key(&id) {
            let here = self.here(now);
            if here.contains_key(&agent.id) && self.is_free(&agent.id, now) {
                self.ring_at(&id, &agent.id, &here, now, fx);
            }
        }
    }

    /// Takes over where an entry stands now that it has changed.
    pub(super) fn place(&mut self, id: &ConversationId, fx: &mut Effects) {
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        if !entry.is_waiting() {
            self.router.late.remove(id);
        }
        let rang = entry.stored.assignee.as_ref().filter(|_| entry.indexed.rings());
        let answered = rang.filter(|_| entry.stored.ring_until.is_none()).map(|agent| agent.id.clone());
        if !self.router.loads.place(entry) {
            return;
        }
        self.router.look_again();
        if let Some(agent) = answered {
            self.set_missed(&agent, 0, fx);
        }
    }

    /// After every input.
    pub(super) fn route(&mut self, now: Timestamp, fx: &mut Effects) {
        self.end_rings(now, fx);
        let router = &self.router;
        let may_begin = router.is_due && self.record.routing.is_automatic() && router.loads.waiting().next().is_some();
        if !may_begin && router.rounds.is_empty() && router.watched.is_empty() {
            return;
        }
        let here = self.here(now);
        self.end_rounds(&here, now, fx);
        let silent: Vec<AgentId> =
            self.router.watched.iter().filter(|(_, end)| now >= **end).map(|(agent, _)| agent.clone()).collect();
        for agent in silent {
            self.router.watched.remove(&agent);
            self.router.suspects.insert(agent);
        }
        if std::mem::take(&mut self.router.is_due) && self.record.routing.is_automatic() {
            self.begin_rounds(&here, now, fx);
        }
        let rounds = self.router.rounds.values().filter_map(|round| match round.verdict(now) {
            Verdict::Wait(until) => Some(until),
            Verdict::Assign(_) | Verdict::Nobody => None,
        });
        let next = rounds.chain(self.router.watched.values().copied()).min();
        if let Some(next) = next {
            self.set_timer(next, now, fx);
        }
    }

    /// Online, not silent, with a ticket that is good.
    fn here(&self, now: Timestamp) -> Here {
        let mut here = Here::new();
        let is_here = |session: &&Session| {
            session.greeted
                && !session.silent
                && session.switch == Availability::Online
                && self.may_enter(&session.principal, now).is_ok()
        };
        for session in self.sessions.values().filter(is_here) {
            let agent = session.agent();
            here.entry(agent.id.clone()).or_insert_with(|| (agent, Vec::new())).1.push(session.socket);
        }
        here
    }

    /// Has a slot that nothing holds or waits for.
    fn is_free(&self, agent: &AgentId, now: Timestamp) -> bool {
        let router = &self.router;
        let is_resting = router.resting.get(agent).is_some_and(|end| now < *end && end.since(now) <= UNAVAILABLE_REST);
        !is_resting && !router.suspects.contains(agent) && self.slots_of(agent) < self.record.routing.capacity
    }

    /// Slots in use: open conversations, and those that are reserved.
    fn slots_of(&self, agent: &AgentId) -> u32 {
        let reserved = self.router.reserved.get(agent).copied().unwrap_or(0);
        self.router.loads.held(agent).saturating_add(reserved)
    }

    fn begin_rounds(&mut self, here: &Here, now: Timestamp, fx: &mut Effects) {
        let waiting = self.router.loads.waiting().take(QUEUE_LOOK);
        let waiting: Vec<ConversationId> = waiting.filter(|id| !self.router.rounds.contains_key(id)).cloned().collect();
        for id in waiting {
            let free: Vec<AgentId> = here.keys().filter(|agent| self.is_free(agent, now)).cloned().collect();
            if free.is_empty() {
                return;
            }
            let asked = self.candidates(&id, free, now);
            if !asked.is_empty() {
                self.ask(id, asked, here, now, fx);
            }
        }
    }

    /// Who of them may be asked for this one, the best first.
    fn candidates(&self, id: &ConversationId, free: Vec<AgentId>, now: Timestamp) -> Vec<AgentId> {
        let Some(entry) = self.list.entries.get(id) else { return Vec::new() };
        let since = |agent: &AgentId| {
            let out = entry.stored.left_out.iter().filter(|out| out.agent == *agent);
            // A clock that went back must not leave anybody out for good.
            out.map(|out| now.since(out.at)).filter(|since| *since >= 0).min()
        };
        let fresh: Vec<AgentId> =
            free.iter().filter(|agent| since(agent).is_none_or(|since| since >= LEFT_OUT)).cloned().collect();
        let asked = if fresh.is_empty() {
            free.into_iter().filter(|agent| since(agent).is_none_or(|since| since >= LEFT_OUT_ALONE)).collect()
        } else {
            fresh
        };
        let candidate = |agent: AgentId| Candidate {
            load: self.slots_of(&agent),
            last_assigned: self.router.loads.last_assigned(&agent),
            agent,
        };
        let ranked = rank(&self.record.routing, asked.into_iter().map(candidate).collect(), now);
        ranked.into_iter().map(|it| it.agent).collect()
    }

    fn ask(&mut self, id: ConversationId, ranked: Vec<AgentId>, here: &Here, now: Timestamp, fx: &mut Effects) {
        // Also above those of a machine before this one: their answers may still be on the way.
        let probe = now.wire().max(self.router.last_probe.saturating_add(1));
        self.router.last_probe = probe;
        let round = Round::new(probe, ranked, now);
        let mut sockets = Vec::new();
        for agent in round.asked() {
            let reserved = self.router.reserved.get(agent).copied().unwrap_or(0);
            self.router.reserved.insert(agent.clone(), reserved.saturating_add(1));
            sockets.extend(here.get(agent).map(|(_, sockets)| sockets.as_slice()).unwrap_or_default());
        }
        fx.send_private(Consoles(sockets), agent_frame::Frame::Probe(wire::Probe { id: probe }));
        self.router.rounds.insert(id, round);
    }

    /// Carries out what rounds have come to.
    fn end_rounds(&mut self, here: &Here, now: Timestamp, fx: &mut Effects) {
        let ids: Vec<ConversationId> = self.router.rounds.keys().cloned().collect();
        for id in ids {
            let is_waiting = self.list.entries.get(&id).is_some_and(|entry| entry.is_waiting());
            let Some(round) = self.router.rounds.get_mut(&id) else { continue };
            let gone: Vec<AgentId> = round.asked().filter(|agent| !here.contains_key(agent)).cloned().collect();
            gone.iter().for_each(|agent| round.lose(agent));
            match round.verdict(now) {
                _ if !is_waiting || !self.record.routing.is_automatic() => self.end_round(&id, now),
                Verdict::Wait(_) => {}
                Verdict::Nobody => {
                    self.router.late.insert(id.clone(), round.clone());
                    self.end_round(&id, now);
                }
                Verdict::Assign(agent) => {
                    self.end_round(&id, now);
                    self.ring_at(&id, &agent, here, now, fx);
                }
            }
        }
    }

    fn end_round(&mut self, id: &ConversationId, now: Timestamp) {
        let Some(round) = self.router.rounds.remove(id) else { return };
        for agent in round.asked() {
            match self.router.reserved.get(agent).copied().unwrap_or(0) {
                0 | 1 => self.router.reserved.remove(agent),
                more => self.router.reserved.insert(agent.clone(), more - 1),
            };
        }
        // Slots are free again, for others too.
        self.router.look_again();
        let is_over = round.is_over(now);
        for agent in round.silent() {
            if is_over {
                self.router.suspects.insert(agent.clone());
            } else {
                self.router.watched.insert(agent.clone(), round.ends());
            }
        }
        for agent in round.unavailable() {
            self.router.resting.insert(agent.clone(), now.plus(UNAVAILABLE_REST));
        }
    }
}
