//! Status: open, snoozed, resolved, and back by a visitor's message.

use super::{
    Room,
    activity::Detail,
    effect::Effects,
    entry::{Author, agent_participant, status_from_wire},
    record::Silence,
    summary::Word,
};
use crate::core::{
    error::Code,
    id::Entropy,
    internal::Status,
    limits::SNOOZE_MAX,
    protocol::wire::{self, activity, server_frame},
    socket::SocketId,
    time::Timestamp,
};

/// Who or what changes a status.
pub(super) enum By {
    /// A person.
    Person(wire::Participant),
    /// Itself: a time is over, or the visitor wrote.
    Itself,
    /// Nobody has written for long.
    Silence,
}

impl Room {
    pub(super) fn set_status(
        &mut self,
        socket: SocketId,
        request: wire::SetStatus,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let Author::Agent(actor) = session.author() else {
            self.refuse(socket, Code::Forbidden, "only agents set the status", &request.client_id, fx);
            return;
        };
        let until = i64::try_from(request.snoozed_until).ok().map(Timestamp);
        let target = match status_from_wire(request.status) {
            Some(Status::Snoozed) => match until.filter(|until| *until > now && until.since(now) <= SNOOZE_MAX) {
                Some(until) => (Status::Snoozed, Some(until)),
                None => {
                    let message = "snoozed_until is not a time within the next year";
                    self.refuse(socket, Code::BadRequest, message, &request.client_id, fx);
                    return;
                }
            },
            Some(status @ (Status::Open | Status::Resolved)) => (status, None),
            Some(Status::Pending) | None => {
                self.refuse(socket, Code::BadRequest, "status is open, snoozed or resolved", &request.client_id, fx);
                return;
            }
        };
        self.is_taken_by(&actor.id, now, entropy, fx);
        if target.0 != Status::Resolved {
            self.unmute(&actor, now, entropy, fx);
        }
        self.turn(target.0, target.1, By::Person(agent_participant(&actor)), now, entropy, fx);
        fx.send(vec![socket], server_frame::Frame::Done(wire::Done { client_id: request.client_id }));
    }

    /// The visitor ends the conversation, or waits no longer.
    pub(super) fn leave(
        &mut self,
        socket: SocketId,
        request: wire::Leave,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let Some(session) = self.sessions.get(&socket) else { return };
        if session.is_agent() {
            return self.refuse(socket, Code::Forbidden, "only visitors leave", &request.client_id, fx);
        }
        self.turn(Status::Resolved, None, By::Person(Author::Visitor.participant()), now, entropy, fx);
        self.leaves_muted(now, fx);
        fx.send(vec![socket], server_frame::Frame::Done(wire::Done { client_id: request.client_id }));
    }

    /// A visitor who writes again opens what was put away. `before`: the last word until then.
    pub(super) fn reopen(&mut self, before: Option<Word>, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Some(record) = self.record.as_mut().filter(|record| !record.muted) else { return };
        match record.status {
            Status::Snoozed | Status::Resolved => {
                record.is_reply = before.is_some_and(|word| word.is_agents && word.seq > record.handled);
                self.turn(Status::Open, None, By::Itself, now, entropy, fx);
            }
            Status::Open | Status::Pending => {}
        }
    }

    /// An agent has answered: whoever has what a visitor had opened again, goes on with it, and nobody is owed a letter. To what is
    /// resolved the visitor comes back as of now.
    pub(super) fn goes_on(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(record) = &mut self.record else { return };
        let is_over = record.status == Status::Resolved && !record.muted;
        let mut is_news = !std::mem::take(&mut record.reply_to).is_empty();
        if (is_over || record.status == Status::Open) && record.resolved_at.is_some() {
            record.resolved_at = is_over.then_some(now);
            is_news = true;
        }
        if is_news {
            self.save_record(now, fx);
        }
    }

    /// A snoozed conversation comes back when its time is over.
    pub(super) fn wake_if_due(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        if self.snoozed_until().is_some_and(|until| until <= now) {
            self.turn(Status::Open, None, By::Itself, now, entropy, fx);
        }
    }

    pub(super) fn snoozed_until(&self) -> Option<Timestamp> {
        self.record.as_ref().and_then(|record| record.snoozed_until)
    }

    /// Changes the status and leaves a line about it. To the same status is no change.
    pub(super) fn turn(
        &mut self,
        status: Status,
        snoozed_until: Option<Timestamp>,
        by: By,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let Some(record) = &mut self.record else { return };
        if record.status == status && record.snoozed_until == snoozed_until {
            return;
        }
        self.cut_short(now, entropy, fx);
        let Some(record) = &mut self.record else { return };
        let before = std::mem::replace(&mut record.status, status);
        record.snoozed_until = snoozed_until;
        record.undecided = before == Status::Resolved && status == Status::Open && matches!(by, By::Itself);
        if before == Status::Pending {
            record.handled = record.handled.max(self.bot.answered);
            record.action = None;
        }
        // Whoever takes it up again has the whole time.
        let word = self.summary.last_word.filter(|_| status == Status::Open);
        record.silence = word.map(|word| Silence { after: word.seq, since: now, warned_at: None, told: None });
        let (actor, reason) = match by {
            By::Person(actor) => (Some(actor), ""),
            By::Itself => (None, ""),
            By::Silence => (None, "idle"),
        };
        if status == Status::Resolved {
            record.hand_level = 0;
            record.resolved_at = Some(now);
        } else if actor.is_some() {
            // An agent who takes it up again goes on with it.
            record.resolved_at = None;
        }
        if status == Status::Resolved {
            // Done is answered: nobody waits any more, and nothing of it is unread.
            record.handled = self.public.head;
            record.reply_to.clear();
            self.summary.done(self.public.head);
        }
        let detail = Some(Detail::Status(status, reason));
        self.append_private_activity(activity::Kind::StatusChanged, actor, None, detail, now, entropy, fx);
        self.tell_collected(now, entropy, fx);
        self.save_record(now, fx);
        self.tell_state(now, fx);
    }
}
