//! How often each kind of step, fault and outcome has happened. One that never does proves nothing, so the test fails for it.

use std::{collections::BTreeMap, fmt};

/// Every kind.
pub const KINDS: &[&str] = &[
    // What people do.
    "a visitor writes",
    "a visitor comes back",
    "a visitor leaves the line",
    "put off or taken up",
    "resolved",
    "muted",
    "unmuted",
    "a muted visitor writes",
    "an agent comes",
    "a second tab opens",
    "an agent goes",
    "an agent goes away",
    "an agent is back",
    "nobody is at a console",
    "a machine falls asleep",
    "a page hangs",
    "an agent is disabled",
    "claim",
    "release",
    "all claim at once",
    "transfer to an agent",
    "transfer to a team",
    "accept or decline of what is over",
    "first reply",
    // What admins do, and the clock.
    "method changes",
    "capacities change",
    "teams change",
    "hours change",
    "settings of before come late",
    "it opens",
    "it closes",
    // What consoles do.
    "probe answered at once",
    "probe answered late",
    "probe answered too late",
    "probe answered twice",
    "probe answered no",
    "probe never answered",
    "ring accepted",
    "ring accepted twice",
    "ring declined",
    "ring ended by a reply",
    // What goes wrong.
    "fault: call lost, nobody knows",
    "fault: call lost, the Desk is told",
    "fault: call doubled",
    "fault: call late",
    "fault: answer lost",
    "fault: notice lost",
    "fault: notice doubled",
    "fault: notice late",
    "fault: dies before the commit",
    "fault: dies after the commit",
    "fault: sleeps and wakes",
    "fault: restarts",
    "fault: clock leaps ahead",
    "fault: clock leaps back",
    "fault: alarm late",
    "fault: alarm for nothing",
    "fault: timer early",
    // What comes of it.
    "rings by best_match",
    "rings by round_robin",
    "rings by least_busy",
    "rings at a helper of another team",
    "rings at somebody with a capacity of their own",
    "overtaken by a level",
    "back: with the same agent",
    "back: waits",
    "given up: declined",
    "given up: rung out",
    "given up: agent gone",
    "away after two in vain",
    "granted",
    "refused",
    "nothing to do",
    // Seen at the end.
    "end: waits, and what is free is kept for others",
    "end: waits, and nobody is eligible",
    "end: waits where agents claim",
    "end: waits, closed",
    "end: nobody waits",
    "newcomer: found in the first round",
    "newcomer: found in a later round",
    "newcomer: nobody lives, and later one does",
    "newcomer: nobody is eligible",
];

/// Counts by kind.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub fn count(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    pub fn of(&self, kind: &str) -> u64 {
        self.0.get(kind).copied().unwrap_or(0)
    }

    pub fn plus(mut self, other: &Tally) -> Self {
        for (kind, count) in &other.0 {
            *self.0.entry(kind).or_default() += count;
        }
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unlisted = self.0.keys().filter(|kind| !KINDS.contains(kind)).copied();
        for kind in KINDS.iter().copied().chain(unlisted) {
            writeln!(f, "{:>9} {kind}", self.of(kind))?;
        }
        Ok(())
    }
}
