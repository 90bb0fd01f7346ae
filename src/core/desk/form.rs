//! Who is offered the form for an e-mail address: at closing time, where nobody is online, and after too long a wait.

use super::{Desk, conversation::Entry};
use crate::core::{
    id::{AgentId, SiteId, TeamId},
    limits::FORM_ALONE,
    time::{MINUTE, Timestamp},
};

/// How it stands with a line, apart from who is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    is_closed: bool,
    is_alone: bool,
    /// Nobody is here for it whose console might answer, nor has been a moment ago.
    pub(super) is_deserted: bool,
}

impl Desk {
    /// Whether it is closed to a line, or to a site's visitors in it, and whether anybody is here who could answer it.
    pub(super) fn standing(&self, line: Option<&TeamId>, site: Option<&SiteId>, now: Timestamp) -> Standing {
        let team = line.and_then(|id| self.roster.team(id));
        let helpers = team.and_then(|team| self.helpers_of(team, now));
        let serves =
            |agent: &AgentId| team.is_none_or(|team| team.has(agent)) || helpers.is_some_and(|it| it.has(agent));
        let here = self.here(now);
        let mut serving = here.keys().filter(|agent| serves(agent));
        Standing {
            is_deserted: self.leaving.is_empty() && serving.clone().next().is_none(),
            is_closed: self.roster.hours_of(line, site).is_some_and(|hours| !hours.is_open(now)),
            is_alone: !serving.any(|agent| self.is_reachable(agent)),
        }
    }

    /// Whether a visitor who waits had better leave an address. Whom an agent has answered, claimed or not, waits from their next
    /// message on; a Desk that has slept does not know of it before the Room speaks.
    pub(super) fn offers_form(
        &self,
        entry: &Entry,
        Standing { is_closed, is_alone, .. }: Standing,
        now: Timestamp,
    ) -> bool {
        if is_closed {
            return self.roster.when_closed(&entry.stored.site).has_form();
        }
        let Some(since) = entry.waits_since() else { return false };
        let waited = now.since(since);
        let [alone, patience] = self.form_times();
        alone.is_some_and(|time| is_alone && waited >= time) || patience.is_some_and(|time| waited >= time)
    }

    /// How long a visitor waits for that: where nobody is here, and in any case.
    fn form_times(&self) -> [Option<i64>; 2] {
        let patience = i64::from(self.record.routing.form_minutes) * MINUTE;
        let patience = (patience > 0).then_some(patience);
        [patience.map(|patience| patience.min(FORM_ALONE)), patience]
    }

    /// After every input: looks who is offered the form by now.
    pub(super) fn turn_forms(&mut self, now: Timestamp) {
        if self.forms_turned(self.line.forms_seen, now) {
            self.line.hours_turn();
        }
        self.line.forms_seen = now;
        if self.line.next_form.take_if(|at| *at <= now).is_some() {
            self.line.hours_turn();
        }
        // Somebody comes or goes who could answer.
        self.line.has_moved |= self.presence_changed && self.router.loads.line().next().is_some();
    }

    fn forms_turned(&self, from: Timestamp, now: Timestamp) -> bool {
        let has_turned =
            |time: i64| self.router.loads.queued_after(from.plus(-time)).is_some_and(|at| at.plus(time) <= now);
        self.form_times().into_iter().flatten().any(has_turned)
    }

    /// When that is to be looked at, where no agent is here for whom the Desk wakes anyway.
    pub(super) fn form_due(&self, now: Timestamp) -> Option<Timestamp> {
        let next = |time: i64| self.router.loads.queued_after(now.plus(-time)).map(|at| at.plus(time));
        let first = self.form_times().into_iter().flatten().filter_map(next).chain(self.line.next_form).min();
        first.filter(|_| self.sessions.is_empty())
    }

    /// When it would be offered to somebody who came into line, was answered there, and has written again.
    pub(super) fn form_after_answer(&self, entry: &Entry, now: Timestamp) -> Option<Timestamp> {
        let since = entry.waits_since().filter(|since| Some(*since) != entry.stored.queued_at)?;
        self.form_times().into_iter().flatten().map(|time| since.plus(time)).filter(|at| *at > now).min()
    }

    /// The alarm rang, perhaps for one of these: a Desk that was woken by it has not seen it turn.
    pub(super) fn turned_lately(&mut self, now: Timestamp) {
        let lately = now.plus(-MINUTE);
        let has_turned = self.roster.next_change(lately).is_some_and(|at| at <= now) || self.forms_turned(lately, now);
        if has_turned {
            self.line.hours_turn();
        }
    }
}
