//! What goes wrong with the Desk itself: its process, its clock, its alarm. What is lost on the way stands in [`super::mail`].

use super::{Fate, World, mail::Event};
use crate::core::{chance::Chance, desk::effect::Input, time::SECOND};

/// How often each kind of trouble comes, in percent of its occasions.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub lost: u64,
    pub doubled: u64,
    pub late: u64,
    dies_before: u64,
    dies_after: u64,
}

impl Rates {
    /// Some seeds have none of a kind, others much.
    pub fn draw(chance: &mut Chance) -> Self {
        let mut of = |rates: [u64; 4]| rates[chance.below(4) as usize];
        Rates {
            lost: of([0, 5, 15, 40]),
            doubled: of([0, 5, 15, 40]),
            late: of([0, 5, 15, 40]),
            dies_before: of([0, 0, 2, 6]),
            dies_after: of([0, 0, 1, 4]),
        }
    }
}

impl World {
    /// Says what becomes of the next input.
    pub(super) fn arm(&mut self) {
        if self.calm {
            return;
        }
        let Rates { dies_before, dies_after, .. } = self.rates;
        if self.chance(dies_before) {
            self.rig.fate = Fate::NothingWritten;
        } else if self.chance(dies_after) {
            self.rig.fate = Fate::DiesAfterCommit;
        }
    }

    /// What did not strike waits for nothing.
    pub(super) fn disarm(&mut self) {
        let n_failed = std::mem::take(&mut self.rig.n_failed);
        (0..n_failed).for_each(|_| self.count("fault: dies before the commit"));
        let n_died = std::mem::take(&mut self.rig.n_died);
        self.has_just_died = n_died > 0;
        (0..n_died).for_each(|_| self.count("fault: dies after the commit"));
        self.rig.fate = Fate::Whole;
    }

    pub(super) fn trouble(&mut self) {
        match self.below(7) {
            0 => {
                // An object with a timer does not sleep.
                for _ in 0..20 {
                    if self.rig.timer.is_some() {
                        self.pass(SECOND);
                    }
                }
                self.count("fault: sleeps and wakes");
                self.rig.reload();
            }
            1 if self.chance(40) => {
                self.count("fault: restarts");
                self.rig.die();
            }
            2 | 3 if self.skew == 0 => {
                let far = [-3_600, -100, -1, 1, 100, 3_600][self.below(6)] * SECOND;
                self.count(if far > 0 { "fault: clock leaps ahead" } else { "fault: clock leaps back" });
                self.leap(far);
                let wait = self.below(120_000) as i64;
                self.plan(wait, Event::RightClock);
            }
            4 => {
                self.count("fault: alarm late");
                self.rig.alarm = self.rig.alarm.map(|at| at.plus(60 * SECOND));
            }
            5 => {
                self.count("fault: alarm for nothing");
                let (alarm, dead) = (self.rig.alarm, self.dead_sockets());
                self.arm();
                self.rig.ring(&dead);
                // It was rung for nothing: what was set rings as well, unless the Desk has set another.
                self.rig.alarm = self.rig.alarm.into_iter().chain(alarm).min();
            }
            6 => {
                self.count("fault: timer early");
                return self.feed(Input::Tick);
            }
            _ => return,
        }
        self.after_an_input();
    }

    /// The Desk's clock shows another time from now on. A timer is no moment but a length.
    pub(super) fn leap(&mut self, far: i64) {
        self.leapt_at = self.real();
        self.skew += far;
        self.rig.now = self.rig.now.plus(far);
        self.rig.timer = self.rig.timer.map(|at| at.plus(far));
    }
}
