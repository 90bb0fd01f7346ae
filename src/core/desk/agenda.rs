//! When the Desk next has something to do. An object has one alarm; it is set only when it must ring earlier than it
//! would anyway, because setting it counts as a written row: once in 30 s while an agent is here (INV-11), and when a
//! Room must be told again.

use super::{
    Desk,
    effect::{Call, Effects},
    outbound::order_of,
    record::subject,
};
use crate::core::{
    limits::{AGENDA_MAX, LOOK_INTERVAL},
    socket::SocketId,
    time::Timestamp,
};

/// The object's alarm as far as the Desk knows.
#[derive(Debug, Default)]
pub struct Agenda {
    alarm: Option<Timestamp>,
}

impl Agenda {
    /// With the alarm that is set already.
    pub fn new(alarm: Option<Timestamp>) -> Self {
        Agenda { alarm }
    }

    fn want(&mut self, due: Timestamp, fx: &mut Effects) {
        if self.alarm.is_none_or(|alarm| due < alarm) {
            self.alarm = Some(due);
            fx.set_alarm(due);
        }
    }
}

impl Desk {
    pub(super) fn alarm(&mut self, heartbeats: Vec<(SocketId, Timestamp)>, now: Timestamp, fx: &mut Effects) {
        self.agenda.alarm = None;
        self.set_back(now, fx);
        self.look(heartbeats, now, fx);
        self.release_of_gone(now, fx);
        // Whoever was left out or resting may be asked by now.
        self.router.look_again();
        self.turned_lately(now);
        self.turn_day(now);
        self.turn_out_due(now, fx);
        self.orders.give_up(now);
        self.words.give_up(now);
        self.idle_words.give_up(now);
        self.bot_words.give_up(now);
    }

    /// After every input: tells Rooms and consoles what is due, and sees that the alarm rings for what is not.
    pub(super) fn settle(&mut self, now: Timestamp, fx: &mut Effects) {
        self.forget_gone(now, fx);
        self.end_graces(now, fx);
        self.turn_hours(now);
        self.turn_gone(now, fx);
        self.turn_forms(now);
        self.route(now, fx);
        self.tell_places(now, fx);
        // Nobody is left out of what is told now and stays: a clock that goes back would have them listen again, and lack it.
        if self.sessions.values().any(|session| session.principal.expires_at <= now) {
            self.turn_out_due(now, fx);
        }
        self.start_over(now, fx);
        self.tell_news(now, fx);
        while let Some((about, conversation)) = self.words.next(now) {
            let Some(revocation) = self.revocations.get(&about) else { continue };
            fx.call(Call::Revoke { conversation, revoked: revocation.revoked.clone() });
        }
        while let Some((_, conversation)) = self.orders.next(now) {
            let Some(entry) = self.list.entries.get(&conversation) else { continue };
            fx.call(Call::Order { order: entry.order(&self.workspace), conversation });
        }
        let next_expiry = self.sessions.values().map(|session| session.principal.expires_at).min();
        self.tell_idle(now, fx);
        self.tell_bot(now, fx);
        let all = [self.orders.due(), self.words.due(), self.idle_words.due(), self.bot_words.due()];
        let words = all.into_iter().flatten().min();
        // A crowd that came or went together costs no alarm for each.
        let crowd = [self.gone_due(), self.form_due(now)].into_iter().flatten().min().map(Timestamp::next_second);
        let set_back = self.came_ahead(now).map(|_| now);
        let rest = [self.ring_due(), self.hours_due(), self.absence_due(now), words, crowd, set_back];
        let due = [next_expiry, self.look_due(now)].into_iter().chain(rest).flatten().min();
        if let Some(due) = due {
            // Never in the past, or the alarm would ring without end; never so far that a wrong clock loses it.
            self.agenda.want(due.max(now.plus(1)).min(now.plus(AGENDA_MAX)), fx);
        }
    }

    /// Lets the timer ring by then: for what is due within a second, because an alarm would be a written row.
    pub(super) fn set_timer(&mut self, at: Timestamp, now: Timestamp, fx: &mut Effects) {
        // One that should have rung by now is lost.
        if self.timer.is_none_or(|timer| timer <= now || timer > at) {
            self.timer = Some(at);
            fx.call(Call::SetTimer(at));
        }
    }

    pub(super) fn ticked(&mut self) {
        self.timer = None;
    }

    /// A look that is in the future was taken by a clock that has been put back. Who is back is looked at at once: a Desk that fell asleep
    /// before would know only of the first time that they went. It is not written when they say hello: where that fails nobody welcomes them.
    fn look_due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.came.iter().any(|agent| self.record.gone.contains_key(agent)) {
            return Some(now);
        }
        (!self.sessions.is_empty()).then(|| self.looked_at.min(now).plus(LOOK_INTERVAL))
    }

    /// Takes up after loading what Rooms had not confirmed.
    pub(super) fn resume_words(&mut self, now: Timestamp) {
        for entry in self.list.entries.values().filter(|entry| entry.stored.order.is_some()) {
            self.orders.want(order_of(&entry.stored.id), now);
        }
        for revocation in self.revocations.values() {
            for room in &revocation.waiting {
                self.words.want((subject(&revocation.revoked), room.clone()), now);
            }
        }
        if self.record.idle_untold {
            self.tell_idle_to_all(now);
        }
        if self.record.bot_untold {
            self.tell_bot_to_all(now);
        }
    }
}
