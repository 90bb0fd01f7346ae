//! When the Room next has something to do. An object has one alarm; it is set only when it must ring earlier than it
//! would anyway, because setting it counts as a written row. What is due in a moment waits for a timer of the process, which
//! costs nothing: the object stays in memory so long in any case. A timer dies with its process, so the alarm stands behind
//! it, far enough ahead that people who write at their own pace set it once in a few messages.

use super::{
    Room,
    effect::{Call, Effects},
};
use crate::{
    core::{
        id::Entropy,
        limits::{AGENDA_MAX, ALARM_PATIENCE, IDLE_LOOK_MAX, RECONCILE_AFTER, TIMER_MAX},
        port::SqlError,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

/// The object's alarm and timer as far as the Room knows.
#[derive(Debug, Default)]
pub struct Agenda {
    alarm: Option<Timestamp>,
    timer: Option<Timestamp>,
}

impl Agenda {
    /// With the alarm that is set already.
    pub fn new(alarm: Option<Timestamp>) -> Self {
        Agenda { alarm, timer: None }
    }

    /// When the alarm rings, if that is by then.
    pub fn rings_by(&self, by: Timestamp) -> Option<Timestamp> {
        self.alarm.filter(|alarm| *alarm <= by)
    }

    fn want_timer(&mut self, due: Timestamp, now: Timestamp, fx: &mut Effects) {
        // One that is long over was lost; one that is far away was set before the clock went back.
        let pending = self.timer.filter(|timer| (-TIMER_MAX..ALARM_PATIENCE).contains(&now.since(*timer)));
        if pending.is_none_or(|timer| due < timer) {
            self.timer = Some(due);
            fx.call(Call::SetTimer(due));
        }
    }

    fn want(&mut self, due: Timestamp, now: Timestamp, fx: &mut Effects) {
        // An alarm that is long over was lost, whatever the platform promises.
        let pending = self.alarm.filter(|alarm| now.since(*alarm) < ALARM_PATIENCE);
        if pending.is_none_or(|alarm| due < alarm) {
            self.alarm = Some(due);
            fx.set_alarm(due);
        }
    }
}

impl Room {
    /// The alarm rang: early, late, twice or for nothing. What is due is looked at, never what it was set for.
    pub(super) fn alarm(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        self.agenda.alarm = None;
        self.clear_out(now, fx);
        self.wake_if_due(now, entropy, fx);
        self.desk.rang(now);
        self.outbox.rang(now);
    }

    /// The timer is over. What is due is looked at after every input.
    pub(super) fn ticked(&mut self) {
        self.agenda.timer = None;
    }

    /// After every input: starts what is due, and sees that the alarm rings for what is not.
    pub(super) fn settle(&mut self, now: Timestamp, store: RoomStore<'_>, fx: &mut Effects) -> Result<(), SqlError> {
        // Whoever was left out of this input's frames is ended with it: a clock that goes back would have them listen again, and lack
        // what they were not told.
        if self.next_expiry().is_some_and(|at| at <= now) {
            self.clear_out(now, fx);
        }
        self.pump_outbox(now, store, fx)?;
        self.pump_desk(now, fx);
        self.keep_memo(fx);
        let next_expiry = self.next_expiry();
        let mut told_at = [self.outbox_due(), self.desk_due(now)].into_iter().flatten().min();
        let soon = told_at.filter(|due| due.since(now) <= TIMER_MAX);
        if soon.is_some() {
            told_at = Some(now.plus(RECONCILE_AFTER));
        }
        let bot =
            [self.bot_due().map(|due| due.min(now.plus(TIMER_MAX))), self.typing_due()].into_iter().flatten().min();
        if let Some(due) = [soon, self.presence_due(now), bot].into_iter().flatten().min() {
            self.agenda.want_timer(due.max(now.plus(1)), now, fx);
        }
        // A process that dies while the owner's system, or a model, is asked is not all that knows of it.
        let acting = self.bot.is_asking().then(|| now.plus(RECONCILE_AFTER));
        let due = [next_expiry, self.snoozed_until(), told_at, acting].into_iter().flatten().min();
        // Never so far that a wrong clock loses it.
        let due = due.map(|due| due.min(now.plus(AGENDA_MAX)));
        let idle = self.idle_due(now).map(|due| due.min(now.plus(IDLE_LOOK_MAX)));
        if let Some(due) = [due, idle].into_iter().flatten().min() {
            // Never in the past, or the alarm would ring without end.
            self.agenda.want(due.max(now.plus(1)), now, fx);
        }
        Ok(())
    }

    /// When the next ticket ends. Before the first message there is nothing that could be sent, and so nothing worth a row.
    fn next_expiry(&self) -> Option<Timestamp> {
        self.record.as_ref().and_then(|_| self.sessions.values().map(|session| session.principal.expires_at()).min())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{room::effect::Effect, time::SECOND};

    const START: Timestamp = Timestamp(1_800_000_000_000);

    /// Whether the platform was asked for another one.
    fn sets(want: impl FnOnce(&mut Effects)) -> bool {
        let mut fx = Effects::default();
        want(&mut fx);
        fx.iter().any(|effect| matches!(effect, Effect::SetAlarm(_) | Effect::Call(Call::SetTimer(_))))
    }

    #[test]
    fn one_that_stands_is_set_again_only_for_what_is_due_before_it() {
        let mut agenda = Agenda::default();
        let due = START.plus(2 * SECOND);
        for (due, now, is_set) in [
            (due, START, true),
            (due, START, false),
            (due.plus(1), START.plus(SECOND), false),
            (due.plus(-1), START, true),
        ] {
            assert_eq!(sets(|fx| agenda.want_timer(due, now, fx)), is_set, "timer {due:?}");
            assert_eq!(sets(|fx| agenda.want(due, now, fx)), is_set, "alarm {due:?}");
        }
    }

    /// A process that slept, or a platform that forgot it.
    #[test]
    fn one_that_is_long_over_was_lost() {
        let mut agenda = Agenda { alarm: Some(START), timer: Some(START) };
        let now = START.plus(ALARM_PATIENCE - 1);
        assert!(!sets(|fx| agenda.want_timer(now.plus(SECOND), now, fx)), "it may be late");
        assert!(!sets(|fx| agenda.want(now.plus(SECOND), now, fx)), "it may be late");
        let now = START.plus(ALARM_PATIENCE);
        assert!(sets(|fx| agenda.want_timer(now.plus(SECOND), now, fx)));
        assert!(sets(|fx| agenda.want(now.plus(SECOND), now, fx)));
    }

    /// What is due in a second would wait for an hour.
    #[test]
    fn a_timer_of_before_the_clock_went_back_counts_no_more() {
        let mut agenda = Agenda { alarm: None, timer: Some(START.plus(TIMER_MAX)) };
        assert!(!sets(|fx| agenda.want_timer(START.plus(TIMER_MAX), START, fx)));
        let now = START.plus(-1);
        assert!(sets(|fx| agenda.want_timer(START.plus(TIMER_MAX), now, fx)));
    }
}
