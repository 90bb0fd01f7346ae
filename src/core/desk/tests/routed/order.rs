//! Who is asked for before whom, and how soon. Both are judged from the settings, arrivals and sockets, not from the Desk's own line.

use super::World;
use crate::core::{
    desk::{conversation::Entry, tests::rig::agent},
    id::AgentId,
    limits::{LEFT_OUT, LOOK_INTERVAL, UNAVAILABLE_REST},
    time::{MINUTE, SECOND, Timestamp},
};

/// Longer than it may take that somebody is asked who can be.
const AT_ONCE: i64 = SECOND;

impl World {
    /// `later` may be asked for before `earlier`: it came less than so many levels' worth of waiting after it.
    fn may_overtake(&self, later: &Entry, earlier: &Entry) -> bool {
        let of = |entry: &Entry| (i64::from(entry.stored.level), entry.stored.queued_at.unwrap_or_default().0);
        let ((above, came_later), (below, came)) = (of(later), of(earlier));
        let worth = i64::from(self.config.routing.ageing_minutes) * MINUTE;
        match (worth, above.cmp(&below)) {
            (0, std::cmp::Ordering::Equal) => came_later <= came,
            (0, order) => order.is_gt(),
            _ => came_later - came <= (above - below) * worth,
        }
    }

    /// **The bound of overtaking**: where a round of probes has begun, nobody waits unasked for whom one of those who are asked could
    /// have been asked, and who is before it.
    pub(super) fn check_the_order(&mut self) {
        let router = &self.rig.desk.router;
        let begun: Vec<(Entry, Vec<AgentId>)> = self.begun();
        let new: Vec<_> = begun.into_iter().filter(|(_, asked)| !asked.is_empty()).collect();
        self.rounds = router.rounds().map(|(_, round)| round.probe).collect();
        if new.is_empty() || self.has_just_died || !self.is_configured() {
            return;
        }
        let mut overtaken = false;
        for (later, asked) in &new {
            for earlier in self.rig.desk.list.entries.values() {
                let is_other = earlier.stored.id != later.stored.id;
                if !is_other || !self.is_asked_for(earlier) || self.may_overtake(later, earlier) {
                    overtaken |=
                        is_other && self.is_asked_for(earlier) && earlier.stored.queued_at < later.stored.queued_at;
                    continue;
                }
                let could_be = |id: &&AgentId| self.may_have(earlier, id) && !self.was_left_out(earlier, id);
                // Somebody without a level does not get what is kept for others.
                let is_kept = earlier.stored.level == 0 && self.keeps_any();
                let asked_instead = asked.iter().find(could_be).filter(|_| !is_kept);
                assert!(
                    asked_instead.is_none(),
                    "SEED={}: {asked_instead:?} is asked for {:?} of level {} and not for {:?} of level {}, who came {} ms before",
                    self.seed,
                    later.stored.id,
                    later.stored.level,
                    earlier.stored.id,
                    earlier.stored.level,
                    later.stored.queued_at.unwrap_or_default().since(earlier.stored.queued_at.unwrap_or_default()),
                );
            }
        }
        if overtaken {
            self.count("overtaken by a level");
        }
    }

    /// Rounds that have begun since the last look, and who is asked in them.
    fn begun(&self) -> Vec<(Entry, Vec<AgentId>)> {
        let rounds = self.rig.desk.router.rounds().filter(|(_, round)| !self.rounds.contains(&round.probe));
        let entry = |id| self.rig.desk.list.entries.get(id).cloned();
        rounds.filter_map(|(id, round)| Some((entry(id)?, round.asked().cloned().collect()))).collect()
    }

    /// The Desk knows the settings that this side knows.
    fn is_configured(&self) -> bool {
        self.rig.desk.record.routing_version == self.config.version
    }

    /// Waits where agents are asked, and nobody is being asked for it.
    fn is_asked_for(&self, entry: &Entry) -> bool {
        let team = self.config.team_of(entry);
        entry.is_waiting()
            && self.config.method_of(entry).is_automatic()
            && self.config.is_open(team, self.rig.now)
            && !self.rig.desk.router.is_asking_for(&entry.stored.id)
    }

    fn was_left_out(&self, entry: &Entry, id: &AgentId) -> bool {
        let since = |at: Timestamp| self.rig.now.since(at);
        entry
            .stored
            .left_out
            .iter()
            .any(|out| out.agent == *id && (0..LEFT_OUT + LOOK_INTERVAL).contains(&since(out.at)))
    }

    fn keeps_any(&self) -> bool {
        let of_teams = self.config.roster.teams.iter().map(|team| team.reserved_slots);
        of_teams.chain([self.config.routing.reserved_slots]).any(|kept| kept > 0)
    }

    /// **At once**: up to this moment nothing happens. Whoever could have been asked for a second ago is being asked for, what brought that
    /// about: an opening, a ring that is over, a slot, somebody who came. Only what time alone makes so may take the next look: that
    /// a wait has become too long for the team alone, that somebody is left out or rests no longer.
    pub(super) fn nobody_is_overlooked_until(&mut self, until: i64) {
        if !self.calm || until - self.real() <= AT_ONCE || !self.is_configured() {
            return;
        }
        let now = self.rig.now;
        self.rig.now = Timestamp(until + self.skew - AT_ONCE);
        self.nobody_is_overlooked();
        self.rig.now = now;
    }

    fn nobody_is_overlooked(&self) {
        let (seed, now) = (self.seed, self.rig.now);
        for entry in self.rig.desk.list.entries.values() {
            let is_over = entry.stored.ring_until.is_some_and(|at| at <= now);
            assert!(!is_over, "SEED={seed}: a ring that is over is not ended: {:?}", entry.stored);
            let is_kept = entry.stored.level == 0 && self.keeps_any();
            if !self.is_asked_for(entry) || is_kept {
                continue;
            }
            let overlooked =
                (0..self.n_agents() as u128).map(|number| agent(number).id).find(|id| self.could_be_asked(entry, id));
            assert!(overlooked.is_none(), "SEED={seed}: {overlooked:?} is not asked for {:?}", entry.stored);
        }
    }

    fn could_be_asked(&self, entry: &Entry, id: &AgentId) -> bool {
        let router = &self.rig.desk.router;
        let reserved = router.reserved.get(id).copied().unwrap_or(0);
        let rests = router.resting.get(id).is_some_and(|end| {
            let since = self.rig.now.since(*end);
            (-UNAVAILABLE_REST..=LOOK_INTERVAL).contains(&since)
        });
        // As at the look before.
        let mut before = entry.clone();
        before.stored.queued_at = before.stored.queued_at.map(|at| at.plus(LOOK_INTERVAL + SECOND));
        self.is_here(id)
            && self.answers(id)
            && !rests
            && self.may_have(&before, id)
            && !self.was_left_out(entry, id)
            && self.held(id) + reserved < self.config.capacity_of(id)
    }
}
