//! What must hold after every input. Who may be given what is said a second time here, from the settings and the sockets, as
//! plainly as can be.

use super::{super::rig::agent, World};
use crate::core::{
    desk::{conversation::Entry, loads::Loads, presence::Availability},
    id::{AgentId, ConversationId},
    internal::Status,
    limits::{LEFT_OUT_ALONE, PROBE_PATIENCE},
    routing::{roster::Team, settings::Method},
    time::MINUTE,
};

/// A conversation as it was after the input before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    epoch: u64,
    holder: Option<AgentId>,
    rings: bool,
    is_answered: bool,
    is_over: bool,
    is_open: bool,
}

impl Known {
    fn of(entry: &Entry) -> Self {
        let rings = entry.stored.ring_until.is_some();
        let holder = entry.holder().cloned();
        let is_answered = holder.is_some() && !rings;
        let is_over = entry.stored.status == Status::Resolved;
        let is_open = entry.stored.status == Status::Open;
        Known { epoch: entry.stored.assignment_epoch, holder, rings, is_answered, is_over, is_open }
    }
}

impl World {
    pub(super) fn check(&mut self) {
        let mut changed = Vec::new();
        for entry in self.rig.desk.list.entries.values() {
            self.is_in_a_list(entry);
            let now = Known::of(entry);
            let unknown = Known { is_over: true, ..Known::default() };
            let before = self.known.get(&entry.stored.id).cloned().unwrap_or(unknown);
            if now != before {
                assert!(now.epoch >= before.epoch, "SEED={}: INV-5: an epoch fell: {before:?} {now:?}", self.seed);
                changed.push((entry.clone(), before, now));
            }
        }
        for (entry, before, now) in changed {
            let id = entry.stored.id.clone();
            self.see(id.clone(), now.epoch, now.holder.clone());
            self.outcome(&entry, &before, &now);
            self.note_turn(&before, &now);
            if entry.stored.queued_at.is_none() {
                // Its next wait is a new one.
                self.given_back.retain(|(of, _), _| *of != id);
            }
            if before.is_over && !now.is_over && self.returned.as_ref().is_some_and(|(of, _)| *of == id) {
                self.is_back(&entry, &now);
            }
            if now.rings && (!before.rings || now.epoch != before.epoch) {
                self.was_given(&entry, &before);
            }
            self.known.insert(id, now);
        }
        for (id, epoch) in &self.given {
            let last = self.rig.desk.router.loads.last_assigned(id).wire();
            assert!(last >= *epoch, "SEED={}: {id} was given one at {epoch}, and is taken for {last}", self.seed);
        }
    }

    /// When somebody was last given one outlives what they had, sleep and death. Where agents claim nobody has a turn.
    fn note_turn(&mut self, before: &Known, now: &Known) {
        let lost = before.holder.as_ref().filter(|_| before.is_open && (!now.is_open || now.holder != before.holder));
        if !self.rig.desk.routes_any() {
            lost.map(|id| self.given.remove(id));
        }
        // A number above for whoever has it gives them nothing.
        let is_given = |it: &Known| (it.holder.clone(), it.is_open, it.rings);
        if let Some(id) = now.holder.clone().filter(|_| now.is_open && is_given(now) != is_given(before)) {
            let last = self.given.entry(id).or_default();
            *last = now.epoch.max(*last);
        }
    }

    /// INV-5: an epoch has one holder, whoever speaks of it.
    pub(super) fn see(&mut self, id: ConversationId, epoch: u64, holder: Option<AgentId>) {
        let seed = self.seed;
        let known = self.seen.entry((id, epoch)).or_insert_with(|| holder.clone());
        assert_eq!(*known, holder, "SEED={seed}: INV-5: epoch {epoch} has two holders");
    }

    /// INV-6: whatever is open is somebody's, or stands in the line.
    fn is_in_a_list(&self, entry: &Entry) {
        let (stored, seed) = (&entry.stored, self.seed);
        let is_open = stored.status == Status::Open;
        let waits = is_open && (stored.assignee.is_none() || stored.ring_until.is_some());
        assert!(stored.ring_until.is_none() || (is_open && stored.assignee.is_some()), "SEED={seed}: rings at nobody");
        assert_eq!(stored.queued_at.is_some(), waits, "SEED={seed}: INV-6: {:?} waits in no line", stored.id);
        let in_line = self.rig.desk.router.loads.line().any(|id| *id == stored.id);
        assert_eq!(in_line, waits, "SEED={seed}: INV-6: {:?} is in no list", stored.id);
    }

    fn outcome(&mut self, entry: &Entry, before: &Known, now: &Known) {
        if !before.rings || now.rings || now.holder.is_some() || entry.stored.status != Status::Open {
            return;
        }
        let reason = entry.stored.order.as_ref().map(|order| order.reason.as_str());
        if let (Some("declined" | "no_answer"), Some(holder)) = (reason, &before.holder) {
            self.given_back.insert((entry.stored.id.clone(), holder.clone()), self.real());
        }
        match reason {
            Some("declined") => self.count("given up: declined"),
            Some("no_answer") => {
                self.count("given up: rung out");
                let is_theirs = |agent: &AgentId| before.holder.as_ref() == Some(agent);
                let theirs = self.rig.open.values().filter(|session| is_theirs(&session.principal.agent));
                if theirs.clone().count() > 0 && theirs.clone().all(|session| session.switch == Availability::Away) {
                    self.count("away after two in vain");
                }
            }
            Some("agent_gone") => self.count("given up: agent gone"),
            _ => {}
        }
    }

    /// A visitor has opened it again. What is still with their agent is with one who may have it and has a slot for it.
    fn is_back(&mut self, entry: &Entry, now: &Known) {
        // What was decided meanwhile stands, whatever the Room still knows.
        let is_as_it_was = entry.stored.order.is_none() && Some(now.epoch) == self.returned.as_ref().map(|it| it.1);
        let Some(id) = now.holder.as_ref().filter(|_| now.is_answered && is_as_it_was) else {
            return self.count("back: waits");
        };
        let (seed, team) = (self.seed, self.config.team_of(entry));
        // Whose page is being loaded anew is not in a moment.
        let is_here = self.has_just_died || self.is_here(id) || self.rig.desk.leaving.contains_key(id);
        assert!(is_here, "SEED={seed}: left with somebody who is not here");
        assert!(self.config.is_open(team, self.rig.now), "SEED={seed}: left with an agent while it is closed");
        let (held, capacity) = (self.held(id), self.config.capacity_of(id));
        assert!(held <= capacity, "SEED={seed}: {held} left with somebody who takes {capacity}");
        self.count("back: with the same agent");
    }

    /// It has just been given to somebody by routing: to one who lives, who may have it, and who has a slot for it.
    fn was_given(&mut self, entry: &Entry, before: &Known) {
        let (seed, now) = (self.seed, self.rig.now);
        let id = entry.holder().expect("it rings at somebody").clone();
        assert!(before.holder.is_none() || before.rings, "SEED={seed}: it was answered and rings at another");
        let method = self.config.method_of(entry);
        let team = self.config.team_of(entry);
        assert!(method.is_automatic(), "SEED={seed}: given where agents claim");
        assert!(self.config.is_open(team, now), "SEED={seed}: given while it is closed");
        let theirs: Vec<_> = self.rig.open.values().filter(|session| session.principal.agent == id).collect();
        // Whose process has died since has no sockets any more, and nobody is here.
        let is_here = self.has_just_died || self.is_here(&id);
        assert!(is_here, "SEED={seed}: given to somebody who is not here: {theirs:?}");
        let may_have = self.has_just_died || self.may_have(entry, &id);
        assert!(may_have, "SEED={seed}: given to somebody of another team");
        // Whom a clock that was ahead had asked may be left out again by the right one.
        let given_back = self.given_back.get(&(entry.stored.id.clone(), id.clone())).copied();
        let is_left_out = given_back.is_some_and(|at| self.leapt_at < at && self.real() - at < LEFT_OUT_ALONE);
        assert!(!is_left_out, "SEED={seed}: given again to whom had just given it back");
        let (held, capacity) = (self.held(&id), self.config.capacity_of(&id));
        assert!(held <= capacity, "SEED={seed}: {held} given to somebody who takes {capacity}");
        let since = self.yes.get(&id).map(|at| self.real() - at);
        let is_alive = since.is_some_and(|since| since <= PROBE_PATIENCE);
        assert!(is_alive, "SEED={seed}: given to somebody who has not said that they live: {since:?}");
        // Whoever has a level may have taken what was kept while this one's probe was under way.
        let kept = !self.calm || entry.stored.level > 0 || self.keeps(&id, 0, |_| true, true);
        assert!(kept, "SEED={seed}: a slot that is kept for others was given");
        let is_helper = team.is_some_and(|team| !team.members.contains(&id));
        if is_helper {
            self.count("rings at a helper of another team");
        }
        if self.config.has_own_capacity(&id) {
            self.count("rings at somebody with a capacity of their own");
        }
        match method {
            Method::BestMatch => self.count("rings by best_match"),
            Method::RoundRobin => self.count("rings by round_robin"),
            Method::LeastBusy => self.count("rings by least_busy"),
            Method::Manual => {}
        }
    }

    /// Has a console that is open, neither silent nor idle, and online.
    pub(super) fn is_here(&self, id: &AgentId) -> bool {
        let mut theirs = self.rig.open.values().filter(|session| session.principal.agent == *id);
        theirs.any(|it| it.greeted && !it.silent && !it.idle && it.switch == Availability::Online)
    }

    /// Is not known to leave probes unanswered.
    pub(super) fn answers(&self, id: &AgentId) -> bool {
        !self.rig.desk.router.suspects.contains(id)
    }

    /// Everybody, or the team's own; and the overflow team, while nobody of the team is here or when it has waited for too long.
    pub(super) fn may_have(&self, entry: &Entry, id: &AgentId) -> bool {
        let Some(team) = self.config.team_of(entry) else { return true };
        if team.members.contains(id) {
            return true;
        }
        let helpers = self.config.roster.teams.iter().find(|it| team.overflow.as_ref() == Some(&it.id));
        let helps = |helpers: &Team| helpers.members.contains(id) && self.config.is_open(Some(helpers), self.rig.now);
        let minutes = i64::from(self.config.routing.overflow_minutes);
        let waited = entry.stored.queued_at.map_or(0, |at| self.rig.now.since(at));
        let is_late = minutes > 0 && waited >= minutes * MINUTE;
        let is_alone = !team.members.iter().any(|member| self.is_here(member) && self.answers(member));
        helpers.is_some_and(helps) && (is_late || is_alone)
    }

    /// Beside so many more, what is kept for visitors with a level is free in every pool that this agent belongs to, among those
    /// who count; or is `used` by them.
    pub(super) fn keeps(&self, id: &AgentId, more: u32, counts: impl Fn(&AgentId) -> bool, used: bool) -> bool {
        let entries = || self.rig.desk.list.entries.values().filter(|it| it.stored.status == Status::Open);
        let by_level = |it: &AgentId| entries().filter(|e| e.stored.level > 0 && e.holder() == Some(it)).count() as u32;
        let free = |pool: Option<&Team>| -> u32 {
            let all = (0..self.n_agents() as u128).map(|number| agent(number).id);
            let theirs = all.filter(|it| pool.is_none_or(|team| team.members.contains(it)) && counts(it));
            let slots = |it| {
                let free = self.config.capacity_of(&it).saturating_sub(self.held(&it));
                free + if used { by_level(&it) } else { 0 }
            };
            theirs.map(slots).sum()
        };
        let teams = self.config.roster.teams.iter().filter(|team| team.members.contains(id));
        let of_teams = teams.map(|team| (Some(team), team.reserved_slots));
        let mut pools = of_teams.chain([(None, self.config.routing.reserved_slots)]);
        pools.all(|(pool, kept)| kept == 0 || free(pool) >= kept + more)
    }

    /// Open conversations that somebody has, those that ring included.
    pub(super) fn held(&self, id: &AgentId) -> u32 {
        let entries = self.rig.desk.list.entries.values();
        entries.filter(|entry| entry.stored.status == Status::Open && entry.holder() == Some(id)).count() as u32
    }

    /// After every step: the orders that are kept beside the list are those of the list, and nothing is held for a round that is
    /// over.
    pub(super) fn check_the_indexes(&self) {
        let (desk, seed) = (&self.rig.desk, self.seed);
        let mut again = Loads::default();
        for entry in desk.list.entries.values() {
            let mut entry = Entry { indexed: Default::default(), ..entry.clone() };
            let team = self.config.team_of(&entry).map(|team| team.id.clone());
            again.place(&mut entry, team, self.config.routing.ageing());
        }
        let line = |loads: &Loads| loads.line().cloned().collect::<Vec<ConversationId>>();
        assert_eq!(line(&again), line(&desk.router.loads), "SEED={seed}: the line");
        assert_eq!(again.next_rung_out(), desk.router.loads.next_rung_out(), "SEED={seed}: the rings");
        for number in 0..self.n_agents() as u128 {
            let id = agent(number).id;
            assert_eq!(self.held(&id), desk.router.loads.held(&id), "SEED={seed}: the load of {number}");
        }
        let is_asking = self.ids.iter().any(|id| desk.router.is_asking_for(id));
        let n_reserved: u32 = desk.router.reserved.values().sum();
        assert!(is_asking || n_reserved == 0, "SEED={seed}: slots are held for nothing");
    }
}
