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
//! for one slot. Who may be asked for what stands in [`super::candidates`], what becomes of a ring in [`super::rings`].

use std::collections::BTreeSet;

use litemap::LiteMap;

use super::{
    Desk,
    candidates::{Here, Queue},
    conversation::Entry,
    decisions::{Log, sequel_of},
    effect::{Answer, Effects},
    list::Told,
    loads::Loads,
    session::{Consoles, Session},
};
use crate::{
    core::{
        error::Code,
        id::{AgentId, ConversationId, SiteId, TeamId},
        internal::{ConfigureRequest, Place, Status},
        limits::{QUEUE_LOOK, UNAVAILABLE_REST},
        protocol::wire::{self, agent_frame},
        routing::{
            decision::Outcome,
            probe::{Round, Verdict},
            settings::Routing,
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::desk::DeskWrite,
};

/// What makes a queue: team, site with hours of its own, lateness, and that it has no level.
type Kind = (Option<TeamId>, Option<SiteId>, bool, bool);

/// What routing remembers between two inputs.
#[derive(Debug, Default)]
pub struct Router {
    /// Counts and orders over the list.
    pub loads: Loads,
    rounds: LiteMap<ConversationId, Round>,
    /// Slots that rounds hold.
    pub(super) reserved: LiteMap<AgentId, u32>,
    /// Whose silence decides at the end of their round, though it is decided already.
    watched: LiteMap<AgentId, Timestamp>,
    /// Did not answer: not asked before their next frame.
    pub(super) suspects: BTreeSet<AgentId>,
    /// Answered "no": not asked before then.
    pub(super) resting: LiteMap<AgentId, Timestamp>,
    /// Rounds in which nobody answered in time: an answer that comes late finds its conversation here.
    late: LiteMap<ConversationId, Round>,
    last_probe: u64,
    /// Decisions that are being made, and where the log of them is.
    pub(super) log: Log,
    /// Something has changed: there may be somebody for what waits.
    is_due: bool,
}

impl Router {
    /// The conversation is gone.
    pub fn forget(&mut self, entry: &Entry) {
        self.loads.remove(entry);
        self.late.remove(&entry.stored.id);
        self.log.forget(&entry.stored.id);
    }

    /// The round in which it was asked for in vain.
    pub(super) fn late_round(&self, id: &ConversationId) -> Option<&Round> {
        self.late.get(id)
    }

    /// Agents are being asked for it.
    pub fn is_asking_for(&self, id: &ConversationId) -> bool {
        self.rounds.contains_key(id)
    }

    /// Which agents are being asked for what.
    #[cfg(test)]
    pub fn rounds(&self) -> impl Iterator<Item = (&ConversationId, &Round)> {
        self.rounds.iter()
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
            self.reach_changes();
        }
    }

    /// Did not answer.
    fn suspect(&mut self, agent: AgentId) {
        if self.router.suspects.insert(agent) {
            self.reach_changes();
        }
    }

    /// Others may help out by now or not any more, and who waits may be offered the form.
    fn reach_changes(&mut self) {
        self.router.look_again();
        self.line.has_moved |= self.router.loads.line().next().is_some();
    }

    pub(super) fn configure(&mut self, request: ConfigureRequest, now: Timestamp, fx: &mut Effects) {
        let verdict = if request.workspace != self.workspace {
            Err(Code::NotFound)
        } else if request.routing.check().is_err() {
            Err(Code::BadRequest)
        } else {
            if request.version > self.record.routing_version {
                let before = std::mem::replace(&mut self.record.routing, request.routing);
                self.record.routing_version = request.version;
                let idle_of = |it: &Routing| (it.idle_minutes, it.idle_warning_minutes);
                if idle_of(&before) != idle_of(&request.routing) {
                    self.record.idle_untold = true;
                    self.tell_idle_to_all(now);
                }
                self.save_record(fx);
                if let Some(roster) = request.roster {
                    self.roster = roster.sorted();
                    self.write(DeskWrite::SaveRoster(Box::new(self.roster.clone())), fx);
                    self.look_at_hours(now);
                    self.line.hours_turn();
                }
                self.place_all(now);
                self.router.look_again();
            }
            Ok(())
        };
        fx.answer(Answer::Done(verdict));
    }

    /// Conversations may be another team's now, or stand elsewhere in their line.
    fn place_all(&mut self, now: Timestamp) {
        let mut moved = Vec::new();
        let ageing = self.record.routing.ageing();
        for entry in self.list.entries.values_mut() {
            let before = entry.indexed.clone();
            let team = self.roster.team_of(entry.stored.team.as_ref(), &entry.stored.site).cloned();
            if self.router.loads.place(entry, team, ageing) {
                self.line.moves(before.line(), entry.indexed.line(), false, now);
                moved.push(entry.stored.id.clone());
            }
        }
        for id in moved {
            self.list.tell(&id, Told::Transition, now);
        }
    }

    pub(super) fn probe_answered(
        &mut self,
        socket: SocketId,
        answer: &wire::ProbeAnswer,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let Some(agent) = self.sessions.get(&socket).map(Session::agent) else { return };
        if let Some((_, round)) = self.router.rounds.iter_mut().find(|(_, round)| round.probe == answer.probe) {
            return round.answer(&agent.id, answer.available, now);
        }
        // A console far away answers later than anybody is waited for. If nobody else has it by now, that is soon enough.
        let is_asked = |round: &Round| round.probe == answer.probe && round.silent().any(|asked| *asked == agent.id);
        let late = self.router.late.iter().find(|(_, round)| is_asked(round)).map(|(id, _)| id.clone());
        let Some(id) = late.filter(|_| answer.available) else { return };
        let is_waiting = self.list.entries.get(&id).is_some_and(|entry| entry.is_waiting());
        if is_waiting && !self.router.rounds.contains_key(&id) {
            let here = self.here(now);
            let is_free = here.contains_key(&agent.id) && self.is_free(&agent.id, now);
            let is_kept = self.is_ordinary(&id) && !self.spare(&here, now).has(self, &agent.id);
            if self.may_take(&id, &agent.id, &here, now) && is_free && !is_kept {
                self.log_late(&id, &agent.id, &here, now, fx);
                self.ring_at(&id, &agent.id, &here, now, fx);
            }
        }
    }

    /// Takes over where an entry stands now that it has changed.
    pub(super) fn place(&mut self, id: &ConversationId, now: Timestamp, fx: &mut Effects) {
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        let team = self.roster.team_of(entry.stored.team.as_ref(), &entry.stored.site).cloned();
        if !entry.is_waiting() {
            self.router.late.remove(id);
        }
        let sequel = sequel_of(entry);
        let rang = entry.indexed.rings();
        let holder = entry.stored.assignee.as_ref().filter(|_| rang && entry.stored.ring_until.is_none());
        let answered = holder.map(|agent| agent.id.clone());
        let had = entry.indexed.holder().cloned();
        let before = entry.indexed.line();
        let since = entry.indexed.waits_since();
        if !self.router.loads.place(entry, team, self.record.routing.ageing()) {
            return;
        }
        let lost = had.filter(|agent| entry.indexed.holder() != Some(agent));
        let line = entry.indexed.line();
        if line.is_none() {
            (entry.place, entry.stood) = (Place::default(), 0);
        }
        if entry.is_waiting() && (before.is_none() || rang) {
            self.router.log.came(id);
        }
        let is_answered = line.is_none() && entry.stored.status == Status::Open && entry.stored.assignee.is_some();
        let is_first = is_answered && before.is_some() && !entry.stored.answered;
        entry.stored.answered |= is_answered;
        self.line.moves(before.clone(), line, is_answered, now);
        self.router.look_again();
        if let Some((waited_in, since)) = before.zip(since).filter(|_| is_first) {
            self.was_answered(waited_in, since, now, fx);
        }
        if let Some((number, sequel)) = sequel {
            self.write(DeskWrite::AddSequel { number, sequel, at: now }, fx);
        }
        if let Some(agent) = answered {
            self.set_missed(&agent, 0, fx);
        }
        if let Some(agent) = lost {
            self.keep_turn(agent, fx);
        }
    }

    /// After every input.
    pub(super) fn route(&mut self, now: Timestamp, fx: &mut Effects) {
        self.end_rings(now, fx);
        let router = &self.router;
        let may_begin = router.is_due && self.routes_any() && router.loads.line().next().is_some();
        if !may_begin && router.rounds.is_empty() && router.watched.is_empty() {
            self.router.log.is_idle();
            return;
        }
        let here = self.here(now);
        self.end_rounds(&here, now, fx);
        let silent: Vec<AgentId> =
            self.router.watched.iter().filter(|(_, end)| now >= **end).map(|(agent, _)| agent.clone()).collect();
        for agent in silent {
            self.router.watched.remove(&agent);
            self.suspect(agent);
        }
        if std::mem::take(&mut self.router.is_due) && self.routes_any() {
            self.begin_rounds(&here, now, fx);
        }
        self.log_unanswered(&here, now, fx);
        let rounds = self.router.rounds.values().filter_map(|round| match round.verdict(now) {
            Verdict::Wait(until) => Some(until),
            Verdict::Assign(_) | Verdict::Nobody => None,
        });
        let next = rounds.chain(self.router.watched.values().copied()).min();
        if let Some(next) = next {
            self.set_timer(next, now, fx);
        }
    }

    fn begin_rounds(&mut self, here: &Here, now: Timestamp, fx: &mut Effects) {
        let mut free: Vec<AgentId> = here.keys().filter(|agent| self.is_free(agent, now)).cloned().collect();
        if free.is_empty() {
            return;
        }
        for (id, queue) in self.first_in_line(&free, here, now) {
            let Some(entry) = self.list.entries.get(&id) else { continue };
            let asked = self.eligible(entry, &queue, &free, here, now);
            if !asked.is_empty() {
                self.log_asking(&id, &queue, &asked, here, now);
                self.ask(id, asked.into_iter().map(|it| it.agent), here, now, fx);
                free.retain(|agent| self.is_free(agent, now));
            }
            if free.is_empty() {
                return;
            }
        }
    }

    /// What waits for somebody who is free, in the order of the line. A queue with nobody free is looked at once: a long one costs
    /// no more than counting it.
    fn first_in_line(&self, free: &[AgentId], here: &Here, now: Timestamp) -> Vec<(ConversationId, Queue)> {
        // None: nobody is asked for it now.
        let mut queues: Vec<(Kind, Option<Queue>)> = Vec::new();
        let spare = self.spare(here, now);
        let mut first = Vec::new();
        for id in self.router.loads.line() {
            let Some(entry) = self.list.entries.get(id).filter(|entry| entry.is_waiting()) else { continue };
            let kind = (entry.indexed.team(), self.own_hours(entry), self.is_late(entry, now), entry.stored.level == 0);
            let known = queues
                .iter()
                .position(|((team, site, late, ordinary), _)| (team.as_ref(), site.as_ref(), *late, *ordinary) == kind);
            let at = known.unwrap_or_else(|| {
                let queue = Some(self.queue_of(entry, here, now)).filter(|queue| {
                    self.method_of(entry).is_automatic()
                        && self.is_open(queue, now)
                        && free.iter().any(|agent| self.serves(queue, agent) && (!kind.3 || spare.has(self, agent)))
                });
                queues.push(((kind.0.cloned(), kind.1.cloned(), kind.2, kind.3), queue));
                queues.len() - 1
            });
            let Some((_, Some(queue))) = queues.get(at) else { continue };
            if !self.router.rounds.contains_key(id) {
                first.push((id.clone(), queue.clone()));
            }
            if first.len() >= QUEUE_LOOK {
                break;
            }
        }
        first
    }

    fn ask(
        &mut self,
        id: ConversationId,
        ranked: impl Iterator<Item = AgentId>,
        here: &Here,
        now: Timestamp,
        fx: &mut Effects,
    ) {
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
            let goes_on =
                self.list.entries.get(&id).is_some_and(|it| it.is_waiting() && self.method_of(it).is_automatic());
            let asked = self.router.rounds.get(&id).into_iter().flat_map(Round::asked);
            let is_lost = |agent: &&AgentId| !here.contains_key(agent) || self.is_overfull(agent);
            let lost: Vec<AgentId> = asked.filter(is_lost).cloned().collect();
            let Some(round) = self.router.rounds.get_mut(&id) else { continue };
            lost.iter().for_each(|agent| round.lose(agent));
            match round.verdict(now) {
                _ if !goes_on => {
                    self.end_round(&id, now);
                    self.log_end(&id, Outcome::Overtaken, fx);
                }
                Verdict::Wait(_) => {}
                Verdict::Nobody => {
                    self.router.late.insert(id.clone(), round.clone());
                    self.end_round(&id, now);
                }
                Verdict::Assign(agent) => {
                    self.end_round(&id, now);
                    // It may have been handed on, or closed, while they were asked.
                    if self.may_take(&id, &agent, here, now) {
                        self.log_assigned(&id, &agent, fx);
                        self.ring_at(&id, &agent, here, now, fx);
                    }
                }
            }
        }
    }

    fn end_round(&mut self, id: &ConversationId, now: Timestamp) {
        let Some(round) = self.router.rounds.remove(id) else { return };
        self.router.log.add_round(id, &round, now);
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
                self.suspect(agent.clone());
            } else {
                self.router.watched.insert(agent.clone(), round.ends());
            }
        }
        for agent in round.unavailable() {
            self.router.resting.insert(agent.clone(), now.plus(UNAVAILABLE_REST));
        }
    }
}
