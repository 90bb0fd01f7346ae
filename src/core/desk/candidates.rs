//! Who may be asked for a conversation: whose queue it waits in, who is here and free, and in which order they come.

use litemap::LiteMap;

use super::{Desk, conversation::Entry, presence::Availability, session::Session};
use crate::core::{
    id::{AgentId, ConversationId, SiteId, TeamId},
    internal::AgentRef,
    limits::{LEFT_OUT, LEFT_OUT_ALONE, UNAVAILABLE_REST},
    routing::{
        decision::Reason,
        rank::{Candidate, rank},
        roster::Team,
        settings::Method,
    },
    socket::SocketId,
    time::{DAY, MINUTE, Timestamp},
};

/// Everyone who can be asked, with their sockets.
pub(super) type Here = LiteMap<AgentId, (AgentRef, Vec<SocketId>)>;

/// Who is asked for a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    /// Whose it is; absent: everybody's.
    pub(super) team: Option<TeamId>,
    /// The site whose own hours count.
    pub(super) site: Option<SiteId>,
    /// Who helps out now.
    pub(super) helpers: Option<TeamId>,
}

/// Slots that are not kept, pool by pool; a pool is a team or everybody. Empty: nothing is kept.
pub(super) struct Spare(Vec<(Option<TeamId>, u32)>);

impl Spare {
    fn pools<'all>(&'all mut self, desk: &'all Desk, agent: &'all AgentId) -> impl Iterator<Item = &'all mut u32> {
        let is_theirs = |pool: &Option<TeamId>| {
            pool.as_ref().is_none_or(|id| desk.roster.team(id).is_some_and(|team| team.has(agent)))
        };
        self.0.iter_mut().filter(move |(pool, _)| is_theirs(pool)).map(|(_, left)| left)
    }

    /// A slot of this agent is not kept.
    pub(super) fn has(&self, desk: &Desk, agent: &AgentId) -> bool {
        Spare(self.0.clone()).take(desk, agent)
    }

    /// The same, and uses it up.
    pub(super) fn take(&mut self, desk: &Desk, agent: &AgentId) -> bool {
        let has = self.pools(desk, agent).all(|left| *left > 0);
        if has {
            self.pools(desk, agent).for_each(|left| *left -= 1);
        }
        has
    }
}

/// For how long it has not been offered to them any more. A clock that went back must not leave anybody out for good.
fn left_out_for(entry: &Entry, agent: &AgentId, now: Timestamp) -> Option<i64> {
    let out = entry.stored.left_out.iter().filter(|out| out.agent == *agent);
    out.map(|out| now.since(out.at)).filter(|since| *since >= 0).min()
}

impl Desk {
    /// Online, neither silent nor idle, with a ticket that is good.
    pub(super) fn here(&self, now: Timestamp) -> Here {
        let mut here = Here::new();
        let is_here = |session: &&Session| {
            session.greeted && session.seen() == Availability::Online && self.may_enter(&session.principal, now).is_ok()
        };
        for session in self.sessions.values().filter(is_here) {
            let agent = session.agent();
            here.entry(agent.id.clone()).or_insert_with(|| (agent, Vec::new())).1.push(session.socket);
        }
        here
    }

    fn team_of(&self, entry: &Entry) -> Option<&Team> {
        self.roster.team(entry.indexed.team()?)
    }

    /// How an agent is chosen for it.
    pub(super) fn method_of(&self, entry: &Entry) -> Method {
        self.team_of(entry).and_then(|team| team.method).unwrap_or(self.record.routing.method)
    }

    /// Something may be given to agents here.
    pub(super) fn routes_any(&self) -> bool {
        let of_teams = self.roster.teams.iter().filter_map(|team| team.method);
        self.record.routing.method.is_automatic() || of_teams.into_iter().any(Method::is_automatic)
    }

    /// Who helps out for a team, while that one works.
    pub(super) fn helpers_of(&self, team: &Team, now: Timestamp) -> Option<&Team> {
        let helpers = self.roster.team(team.overflow.as_ref()?)?;
        self.roster.hours_of(Some(&helpers.id), None).is_none_or(|hours| hours.is_open(now)).then_some(helpers)
    }

    /// Is here as far as is known: has not left a probe unanswered.
    pub(super) fn is_reachable(&self, agent: &AgentId) -> bool {
        !self.router.suspects.contains(agent)
    }

    /// Who is asked for it now. Others help out when nobody of its team is here, or when it has waited for too long.
    pub(super) fn queue_of(&self, entry: &Entry, here: &Here, now: Timestamp) -> Queue {
        let site = self.own_hours(entry).cloned();
        let Some(team) = self.team_of(entry) else { return Queue { team: None, site, helpers: None } };
        let is_late = self.is_late(entry, now);
        let is_alone = || !here.keys().any(|agent| team.has(agent) && self.is_reachable(agent));
        let helpers = self.helpers_of(team, now).filter(|_| is_late || is_alone());
        Queue { team: Some(team.id.clone()), site, helpers: helpers.map(|team| team.id.clone()) }
    }

    /// It has waited for its own team for long enough.
    pub(super) fn is_late(&self, entry: &Entry, now: Timestamp) -> bool {
        let patience = i64::from(self.record.routing.overflow_minutes) * MINUTE;
        patience > 0 && entry.stored.queued_at.is_some_and(|at| now.since(at) >= patience)
    }

    /// Whether it may be given to this agent now.
    pub(super) fn may_take(&self, id: &ConversationId, agent: &AgentId, here: &Here, now: Timestamp) -> bool {
        let entry = self.list.entries.get(id).filter(|entry| self.method_of(entry).is_automatic());
        let queue = entry.map(|entry| self.queue_of(entry, here, now));
        queue.is_some_and(|queue| self.serves(&queue, agent) && self.is_open(&queue, now))
    }

    /// Agents work for it now.
    pub(super) fn is_open(&self, queue: &Queue, now: Timestamp) -> bool {
        self.roster.hours_of(queue.team.as_ref(), queue.site.as_ref()).is_none_or(|hours| hours.is_open(now))
    }

    /// Whether the agent is one of those who are asked.
    pub(super) fn serves(&self, queue: &Queue, agent: &AgentId) -> bool {
        let has =
            |team: &Option<TeamId>| team.as_ref().and_then(|id| self.roster.team(id)).is_some_and(|it| it.has(agent));
        queue.team.is_none() || has(&queue.team) || has(&queue.helpers)
    }

    /// Has a slot that nothing holds or waits for.
    pub(super) fn is_free(&self, agent: &AgentId, now: Timestamp) -> bool {
        self.answers_probes(agent, now) && self.slots_of(agent) < self.capacity_of(agent)
    }

    /// The last probe was neither left unanswered nor answered with "no" a moment ago.
    fn answers_probes(&self, agent: &AgentId, now: Timestamp) -> bool {
        let router = &self.router;
        let is_resting = router.resting.get(agent).is_some_and(|end| now < *end && end.since(now) <= UNAVAILABLE_REST);
        !is_resting && self.is_reachable(agent)
    }

    /// Whether an agent goes on with what was theirs and has been opened again: as one who would be asked for it now, or whose page
    /// is being loaded anew. It may be counted as theirs already.
    pub(super) fn may_go_on(&self, id: &ConversationId, agent: &AgentId, now: Timestamp) -> bool {
        let Some(entry) = self.list.entries.get(id) else { return false };
        let here = self.here(now);
        let reloads = |(left, _): &(Session, Timestamp)| left.seen() == Availability::Online;
        let is_here = here.contains_key(agent) || self.leaving.get(agent).is_some_and(reloads);
        let counted = entry.indexed.holder().filter(|holder| *holder == agent);
        let others = self.slots_of(agent).saturating_sub(u32::from(counted.is_some()));
        let is_free = self.answers_probes(agent, now) && others < self.capacity_of(agent);
        let is_kept = || entry.stored.level == 0 && !self.spare_without(counted, &here, now).has(self, agent);
        is_here && is_free && self.is_open(&self.queue_of(entry, &here, now), now) && !is_kept()
    }

    /// Its visitor has no level.
    pub(super) fn is_ordinary(&self, id: &ConversationId) -> bool {
        self.list.entries.get(id).is_some_and(|entry| entry.stored.level == 0)
    }

    /// What is left beside the slots that are kept for visitors with a level, of everybody and of each team that keeps some.
    pub(super) fn spare(&self, here: &Here, now: Timestamp) -> Spare {
        self.spare_without(None, here, now)
    }

    /// The same as if this one had one less.
    fn spare_without(&self, one_of: Option<&AgentId>, here: &Here, now: Timestamp) -> Spare {
        let of_teams = self.roster.teams.iter().map(|team| (Some(team), team.reserved_slots));
        let pools = std::iter::once((None, self.record.routing.reserved_slots)).chain(of_teams);
        let count = |(team, kept): (Option<&Team>, u32)| {
            let theirs =
                here.keys().filter(|agent| team.is_none_or(|team| team.has(agent)) && self.is_free(agent, now));
            let free: u32 = theirs.map(|agent| self.capacity_of(agent).saturating_sub(self.slots_of(agent))).sum();
            let more = one_of.is_some_and(|agent| team.is_none_or(|team| team.has(agent)));
            (team.map(|team| team.id.clone()), (free + u32::from(more)).saturating_sub(kept))
        };
        Spare(pools.filter(|(_, kept)| *kept > 0).map(count).collect())
    }

    /// Has more than they take, with what they are asked for: they have claimed, were handed one, or take fewer by now.
    pub(super) fn is_overfull(&self, agent: &AgentId) -> bool {
        self.slots_of(agent) > self.capacity_of(agent)
    }

    fn capacity_of(&self, agent: &AgentId) -> u32 {
        let own = self.roster.abilities(agent).and_then(|abilities| abilities.capacity);
        own.unwrap_or(self.record.routing.capacity)
    }

    /// Slots in use: open conversations, and those that are reserved.
    fn slots_of(&self, agent: &AgentId) -> u32 {
        let reserved = self.router.reserved.get(agent).copied().unwrap_or(0);
        self.router.loads.held(agent).saturating_add(reserved)
    }

    /// Who may be asked for it now, the best first, of those who are free.
    pub(super) fn eligible(
        &self,
        entry: &Entry,
        queue: &Queue,
        free: &[AgentId],
        here: &Here,
        now: Timestamp,
    ) -> Vec<Candidate> {
        let theirs: Vec<AgentId> = free.iter().filter(|agent| self.serves(queue, agent)).cloned().collect();
        if theirs.is_empty() {
            return Vec::new();
        }
        let mut asked = self.candidates(entry, queue, theirs, here, now);
        if entry.stored.level == 0 {
            let mut spare = self.spare(here, now);
            asked.retain(|candidate| spare.take(self, &candidate.agent));
        }
        asked
    }

    /// Those of them who were not left out, in their order; those who were left out, after a while, if there is nobody else: not even
    /// one whose slot is only held for a probe.
    fn candidates(
        &self,
        entry: &Entry,
        queue: &Queue,
        free: Vec<AgentId>,
        here: &Here,
        now: Timestamp,
    ) -> Vec<Candidate> {
        let since = |agent: &AgentId| left_out_for(entry, agent, now);
        let is_fresh = |agent: &AgentId| since(agent).is_none_or(|since| since >= LEFT_OUT);
        let has_slot = |agent: &AgentId| self.router.loads.held(agent) < self.capacity_of(agent);
        let is_free_soon = |agent: &AgentId| {
            is_fresh(agent) && self.serves(queue, agent) && has_slot(agent) && self.answers_probes(agent, now)
        };
        let fresh: Vec<AgentId> = free.iter().filter(|agent| is_fresh(agent)).cloned().collect();
        let asked = if !fresh.is_empty() {
            fresh
        } else if here.keys().any(is_free_soon) {
            // Looked at again when that probe is over.
            Vec::new()
        } else {
            free.into_iter().filter(|agent| since(agent).is_none_or(|since| since >= LEFT_OUT_ALONE)).collect()
        };
        let candidates = asked.into_iter().map(|agent| self.candidate(entry, queue, agent, now)).collect();
        rank(self.method_of(entry), &self.record.routing.weights, candidates, now)
    }

    /// Why somebody who is not [eligible](Desk::eligible) is not.
    pub(super) fn why_not(&self, entry: &Entry, queue: &Queue, agent: &AgentId, here: &Here, now: Timestamp) -> Reason {
        let router = &self.router;
        if !self.serves(queue, agent) {
            Reason::NotInTeam
        } else if !here.contains_key(agent) {
            self.why_not_here(agent)
        } else if router.suspects.contains(agent) {
            Reason::Suspect
        } else if self.slots_of(agent) >= self.capacity_of(agent) {
            Reason::Full
        } else if !self.is_free(agent, now) {
            Reason::Resting
        } else if left_out_for(entry, agent, now).is_some_and(|since| since < LEFT_OUT) {
            Reason::LeftOut
        } else {
            Reason::KeptSlot
        }
    }

    fn why_not_here(&self, agent: &AgentId) -> Reason {
        let theirs = || self.sessions.values().filter(|session| session.greeted && session.principal.agent == *agent);
        if theirs().any(|session| !session.silent && session.seen() == Availability::Away) {
            Reason::Away
        } else if theirs().any(|session| session.silent && session.switch != Availability::Offline) {
            Reason::Silent
        } else {
            Reason::Offline
        }
    }

    /// The agent, as this conversation sees them.
    fn candidate(&self, entry: &Entry, queue: &Queue, agent: AgentId, now: Timestamp) -> Candidate {
        let stored = &entry.stored;
        let abilities = self.roster.abilities(&agent);
        let days = i64::from(self.record.routing.last_agent_days);
        let is_last = |(last, at): &(AgentId, Timestamp)| *last == agent && now.since(*at) < days * DAY;
        Candidate {
            is_last: stored.last_agent.as_ref().is_some_and(is_last),
            helps_out: !self.serves(&Queue { helpers: None, ..queue.clone() }, &agent),
            load: self.slots_of(&agent),
            capacity: self.capacity_of(&agent),
            speaks: abilities.is_some_and(|it| it.languages.contains(&stored.language)),
            knows: abilities.is_some_and(|it| it.skills.contains(&stored.topic)),
            km: abilities.and_then(|it| it.location).zip(stored.location).map(|(agent, visitor)| agent.km_to(visitor)),
            last_assigned: self.router.loads.last_assigned(&agent),
            agent,
        }
    }
}
