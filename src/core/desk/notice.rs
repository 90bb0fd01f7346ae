//! What Rooms report: their conversation as it stands, whole, so that a lost or repeated notice does no harm.
//!
//! The Desk is right about assignments it has decided, the Room about everything else. Where the Room knows of a later
//! assignment, the Desk's store is behind (it was put back, or has forgotten a resolved conversation): it adopts what
//! the Room has and decides above it from then on.

use super::{
    Desk,
    claims::Decision,
    conversation::{Entry, Order, Preview},
    effect::{Answer, Effects, OrderOutcome},
    list::Told,
    outbound::order_of,
};
use crate::core::{
    error::Code,
    id::ConversationId,
    internal::{AgentRef, NoticeAnswer, RoomNotice, Status},
    limits::{ATTACH_GRACE, LEVEL_MAX, RING_ADOPTED},
    time::{HOUR, SECOND, Timestamp},
};

/// How two views of one assignment meet.
enum Met {
    /// The Room has what was decided here.
    Agrees,
    /// The Room has yet to hear of it.
    RoomIsBehind,
    /// The Room has a later one; it has been adopted.
    Adopted,
}

impl Desk {
    pub(super) fn notice(&mut self, notice: RoomNotice, now: Timestamp, fx: &mut Effects) {
        if notice.workspace != self.workspace {
            fx.answer(Answer::Notice(Err(Code::NotFound)));
            return;
        }
        let id = notice.conversation.clone();
        let begins = self.bot_begins(&notice, now);
        let notice = if begins { RoomNotice { status: Status::Pending, ..notice } } else { notice };
        self.attached_are(&notice, fx);
        let is_known = self.list.entries.contains_key(&id);
        let rang = self.list.entries.get(&id).is_some_and(|entry| entry.stored.ring_until.is_some());
        let was_in_line = self.list.entries.get(&id).is_some_and(|entry| entry.indexed.line().is_some());
        let was_pending = self.list.entries.get(&id).is_some_and(|entry| entry.stored.status == Status::Pending);
        let was_resolved = self.list.entries.get(&id).is_none_or(|entry| entry.stored.status == Status::Resolved);
        let is_old = self.list.entries.get(&id).is_some_and(|entry| notice.rev < entry.stored.notice_rev);
        if !is_known {
            self.meet_first(&notice, now, fx);
        } else if !is_old {
            self.meet_again(&notice, now, fx);
        }
        self.release_if_disabled(&id, now, fx);
        if !is_old {
            self.settle_handed_over(&id, notice.hand_to.as_ref(), was_pending, now, fx);
            self.settle_ring(&notice, rang, now, fx);
            self.settle_left(&id, now, fx);
        }
        if !is_old && was_resolved {
            self.settle_return(&notice, now, fx);
        }
        let assignment = self
            .list
            .entries
            .get(&id)
            .filter(|entry| entry.stored.assignment_epoch > notice.assignment_epoch)
            .map(|entry| entry.order(&self.workspace));
        let interval_ms = self.pace.next_ms(now);
        let rev = self.list.entries.get(&id).map_or(0, |entry| entry.stored.notice_rev);
        fx.answer(Answer::Notice(Ok(NoticeAnswer {
            interval_ms,
            assignment,
            rev,
            place: self.place_of(&id, !was_in_line, now),
            idle: Some(self.idle_terms()),
            bot: self.record.bot.clone(),
            begins,
        })));
    }

    /// What is put off or done does not ring on: whoever has not taken it does not have it, also where the Room has yet to hear at
    /// whom it `rang`, before this notice. And a Room that was put back may ring where the Desk knows of an answer: it is told
    /// again, by a number above.
    fn settle_ring(&mut self, notice: &RoomNotice, rang: bool, now: Timestamp, fx: &mut Effects) {
        let Some(entry) = self.list.entries.get(&notice.conversation) else { return };
        let stored = &entry.stored;
        let is_same = stored.assignment_epoch == notice.assignment_epoch && stored.order.is_none();
        let rings_there = is_same && notice.ringing == Some(true);
        let is_unheard = stored.assignment_epoch > notice.assignment_epoch && stored.status != Status::Open;
        if !(rings_there || rang && is_unheard) || stored.ring_until.is_some() {
            return;
        }
        let assignee = stored.assignee.clone().filter(|_| stored.status == Status::Open);
        self.decide(&notice.conversation, Decision { assignee, ..Decision::default() }, now, fx);
    }

    /// The visitor is back after it was resolved. Whoever had it goes on if it was not long ago and they could be given it now; else
    /// it waits for anybody, them first. What begins like a new one is its site's, whomever it was handed to before.
    fn settle_return(&mut self, notice: &RoomNotice, now: Timestamp, fx: &mut Effects) {
        let id = &notice.conversation;
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        let stored = &mut entry.stored;
        let is_same = stored.assignment_epoch == notice.assignment_epoch && stored.order.is_none();
        let Some(since) = notice.resolved_at else { return };
        if !is_same || !matches!(stored.status, Status::Open | Status::Pending) {
            return;
        }
        let holder = stored.assignee.as_ref().map(|agent| agent.id.clone());
        stored.last_agent = holder.clone().map(|agent| (agent, since)).or(stored.last_agent.take());
        let begins = now.since(since) >= i64::from(self.record.routing.reopen_hours) * HOUR;
        let was_handed = begins && stored.team.take().is_some();
        if was_handed || holder.is_some_and(|holder| begins || !self.may_go_on(id, &holder, now)) {
            let order = Order { reason: "returned".to_owned(), ..Order::default() };
            self.decide(id, Decision { order, ..Decision::default() }, now, fx);
        }
    }

    fn meet_first(&mut self, notice: &RoomNotice, now: Timestamp, fx: &mut Effects) {
        let id = &notice.conversation;
        let entry = Entry::of(notice, now);
        let is_listed = entry.is_listed();
        self.list.entries.insert(id.clone(), entry);
        // One that is over already is only remembered, so that a late notice does not bring it back.
        if is_listed {
            self.list.tell(id, Told::Transition, now);
            self.store(id, now, fx);
        }
    }

    fn meet_again(&mut self, notice: &RoomNotice, now: Timestamp, fx: &mut Effects) {
        let id = &notice.conversation;
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        let before = entry.clone();
        entry.hear(notice, now);
        let after = entry.clone();
        let is_transition = before.shows_other_state(&after);
        let has_other_order = before.stored.order != after.stored.order;
        // A quiet Desk sleeps before that is long enough.
        let has_gone = before.stored.gone_since != after.stored.gone_since;
        if is_transition {
            self.list.tell(id, Told::Transition, now);
        } else if before.shows_other_preview(&after) {
            self.list.tell(id, Told::Preview, now);
        }
        if is_transition || has_other_order || has_gone {
            self.store(id, now, fx);
        }
        match (&before.stored.order, &after.stored.order) {
            (_, None) => self.orders.done(&order_of(id)),
            // The answer to this notice carries it already; this is for when that is lost.
            (None, Some(_)) => self.orders.want(order_of(id), now.plus(SECOND)),
            (Some(_), Some(_)) => {}
        }
    }

    /// The Room's answer to an order.
    pub(super) fn room_answered(
        &mut self,
        id: &ConversationId,
        assignment_epoch: u64,
        outcome: OrderOutcome,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let Some(entry) = self.list.entries.get_mut(id) else { return self.orders.done(&order_of(id)) };
        let is_outstanding = entry.stored.order.is_some();
        let is_current = assignment_epoch == entry.stored.assignment_epoch;
        let met = match outcome {
            OrderOutcome::Answered(answer) => {
                entry.meet(answer.assignment_epoch, answer.assignee.as_ref(), answer.ringing, now)
            }
            OrderOutcome::Unreachable => return self.orders.later(&order_of(id), now),
            OrderOutcome::NoSuchRoom if !is_outstanding => Met::Agrees,
            OrderOutcome::NoSuchRoom => {
                // What is listed here stands for nothing.
                entry.stored.status = Status::Resolved;
                entry.stored.order = None;
                Met::Adopted
            }
        };
        match met {
            Met::RoomIsBehind if is_current => return self.orders.later(&order_of(id), now),
            // A later decision was made while the call was under way.
            Met::RoomIsBehind => return self.orders.again(&order_of(id), now),
            Met::Agrees if !is_outstanding => return self.orders.done(&order_of(id)),
            Met::Adopted => self.list.tell(id, Told::Transition, now),
            Met::Agrees => {}
        }
        self.store(id, now, fx);
        self.orders.done(&order_of(id));
        self.release_if_disabled(id, now, fx);
    }

    /// The Room knows best who has a socket there: who was let through long enough before it looked and is not there,
    /// is gone.
    fn attached_are(&mut self, notice: &RoomNotice, fx: &mut Effects) {
        let Some(here) = &notice.agents else { return };
        let Some(attached) = self.attached.get(&notice.conversation) else { return };
        let gone = attached.iter().filter(|(agent, at)| !here.contains(agent) && notice.at.since(**at) >= ATTACH_GRACE);
        let gone: Vec<_> = gone.map(|(agent, _)| agent.clone()).collect();
        for agent in gone {
            self.is_detached(&notice.conversation, agent, fx);
        }
    }
}

impl Entry {
    /// Takes what a Room says of its conversation.
    fn hear(&mut self, notice: &RoomNotice, now: Timestamp) {
        self.preview = Some(Preview::of(notice));
        self.stored.notice_rev = notice.rev;
        self.stored.status = notice.status;
        self.stored.snoozed_until = notice.snoozed_until;
        self.stored.visitor_name.clone_from(&notice.visitor_name);
        self.stored.language.clone_from(&notice.language);
        self.stored.topic.clone_from(&notice.topic);
        self.stored.location = notice.location;
        self.stored.level = notice.level.min(LEVEL_MAX);
        match self.meet(notice.assignment_epoch, notice.assignee.as_ref(), notice.ringing, now) {
            // A Room that has confirmed this before has been put back.
            Met::RoomIsBehind => drop(self.stored.order.get_or_insert_default()),
            Met::Agrees => {}
            // It goes with the assignment.
            Met::Adopted => self.stored.team.clone_from(&notice.team),
        }
        if let Some(reply_to) = &notice.reply_to {
            self.stored.reply_to.clone_from(reply_to);
        }
        self.note_presence(now);
    }

    /// Brings the assignment together with the Room's view of it.
    fn meet(
        &mut self,
        assignment_epoch: u64,
        assignee: Option<&AgentRef>,
        is_ringing: Option<bool>,
        now: Timestamp,
    ) -> Met {
        let stored = &mut self.stored;
        let same_holder = stored.assignee.as_ref().map(|agent| &agent.id) == assignee.map(|agent| &agent.id);
        if assignment_epoch < stored.assignment_epoch {
            return Met::RoomIsBehind;
        }
        stored.order = None;
        if assignment_epoch == stored.assignment_epoch && same_holder {
            // A first reply ends the ringing, and the Room sees it. It begins none: that would be old news.
            if is_ringing != Some(false) || stored.ring_until.is_none() {
                return Met::Agrees;
            }
            stored.ring_until = None;
            return Met::Adopted;
        }
        stored.ring_until = (is_ringing == Some(true)).then(|| now.plus(RING_ADOPTED));
        stored.assignment_epoch = assignment_epoch;
        stored.assignee = assignee.cloned();
        stored.request = None;
        Met::Adopted
    }

    /// Consoles are to hear of this at once.
    fn shows_other_state(&self, after: &Entry) -> bool {
        let (old, new) = (&self.stored, &after.stored);
        (self.is_listed() || after.is_listed())
            && (old.status != new.status
                || old.snoozed_until != new.snoozed_until
                || old.assignment_epoch != new.assignment_epoch
                || old.ring_until.is_some() != new.ring_until.is_some()
                || old.assignee != new.assignee
                || old.reply_to != new.reply_to
                || self.follow_up() != after.follow_up()
                // What routing asks for must outlive the Desk's sleep.
                || (after.is_waiting() && old.asks_for() != new.asks_for()))
    }

    /// Consoles are to hear of this some time.
    fn shows_other_preview(&self, after: &Entry) -> bool {
        after.is_listed() && (self.preview != after.preview || self.stored.visitor_name != after.stored.visitor_name)
    }
}
