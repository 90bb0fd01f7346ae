//! When lines open and close: the Desk looks at the next change only, and wakes for it if anybody waits.

use super::{Desk, conversation::Entry};
use crate::core::{
    id::{SiteId, TeamId},
    time::Timestamp,
};

impl Desk {
    /// Its site, if that one's own hours count for it.
    pub(super) fn own_hours<'all>(&self, entry: &'all Entry) -> Option<&'all SiteId> {
        self.roster.own_hours(entry.stored.team.as_ref(), &entry.stored.site)
    }

    /// While a line is closed to a site's visitors: when it opens. 0: it is open, or opens never.
    pub(super) fn opens_at(&self, team: Option<&TeamId>, site: Option<&SiteId>, now: Timestamp) -> u64 {
        let closed = self.roster.hours_of(team, site).filter(|hours| !hours.is_open(now));
        closed.and_then(|hours| hours.next_change(now)).map_or(0, Timestamp::wire)
    }

    /// After every input: looks whether something has opened or closed since.
    pub(super) fn turn_hours(&mut self, now: Timestamp) {
        // A clock that went back finds another change.
        if self.hours_turn.is_some_and(|at| now >= at) || now < self.hours_seen {
            self.router.look_again();
            self.line.hours_turn();
            self.look_at_hours(now);
        }
    }

    /// Looks when the next change is.
    pub(super) fn look_at_hours(&mut self, now: Timestamp) {
        self.hours_turn = self.roster.next_change(now);
        self.hours_seen = now;
    }

    /// When to look again, if anybody waits for it.
    pub(super) fn hours_due(&self) -> Option<Timestamp> {
        self.hours_turn.filter(|_| self.router.loads.line().next().is_some())
    }
}
