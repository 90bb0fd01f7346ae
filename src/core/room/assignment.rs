//! Who has the conversation: the Desk decides, the Room obeys the highest `assignment_epoch` it has seen (INV-5).

use super::{
    Room,
    activity::Detail,
    effect::{Answer, Effects},
    entry::{Author, agent_participant},
};
use crate::core::{
    error::Code,
    id::{AgentId, Entropy},
    internal::{AgentRef, AssignAnswer, AssignOrder, Status},
    protocol::wire::{activity, server_frame},
    time::Timestamp,
};

impl Room {
    pub(super) fn assign(&mut self, order: AssignOrder, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let answer = match &self.record {
            None => Err(Code::NotFound),
            Some(record) if record.workspace != order.workspace => Err(Code::NotFound),
            Some(_) => Ok(()),
        };
        let answer = answer.map(|()| {
            self.obey(order, now, entropy, fx);
            let record = self.record.as_ref();
            AssignAnswer {
                assignment_epoch: record.map_or(0, |record| record.assignment_epoch),
                assignee: record.and_then(|record| record.assignee.clone()),
                ringing: record.map(|record| record.ringing),
            }
        });
        fx.answer(Answer::Assigned(answer));
    }

    /// Routing has chosen this one, who has yet to take it: nothing of theirs goes to the visitor.
    pub(super) fn rings_at(&self, author: &Author) -> bool {
        matches!((author, self.ringing()), (Author::Agent(agent), Some(at)) if agent.id == at.id)
    }

    /// At whom it rings.
    fn ringing(&self) -> Option<&AgentRef> {
        self.record.as_ref().filter(|record| record.ringing)?.assignee.as_ref()
    }

    /// Who is here, and how far they have read at whom it rings no longer, whether they took it or not.
    fn tell_rung(&mut self, rang: Option<AgentRef>, now: Timestamp, fx: &mut Effects) {
        let id_of = |agent: Option<&AgentRef>| agent.map(|agent| agent.id.clone());
        if id_of(rang.as_ref()) == id_of(self.ringing()) {
            return;
        }
        self.tell_presence(now, fx);
        if let Some(receipt) = rang.and_then(|agent| self.receipt_of(&Author::Agent(agent))) {
            fx.send(self.everyone(None, now), server_frame::Frame::Receipt(receipt));
        }
    }

    /// The assignee has acted before the Desk heard that they take it: now it rings no longer, here first.
    pub(super) fn is_taken_by(&mut self, agent: &AgentId, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Some(record) = self.record.as_mut().filter(|record| record.ringing) else { return };
        let Some(assignee) = record.assignee.clone().filter(|assignee| assignee.id == *agent) else { return };
        record.ringing = false;
        self.append_activity(activity::Kind::Joined, &assignee, now, entropy, fx);
        self.save_record(now, fx);
        self.tell_state(now, fx);
        self.tell_rung(Some(assignee), now, fx);
    }

    /// Takes an order that is newer than what holds; an older or repeated one changes nothing.
    pub(super) fn obey(&mut self, order: AssignOrder, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let rang_at = self.ringing().cloned();
        let Some(record) = &mut self.record else { return };
        if order.assignment_epoch <= record.assignment_epoch {
            return;
        }
        if order.assignee.is_some() || !order.team.is_empty() {
            self.cut_short(now, entropy, fx);
        }
        let Some(record) = &mut self.record else { return };
        record.assignment_epoch = order.assignment_epoch;
        if record.status != Status::Resolved {
            record.resolved_at = None;
        }
        record.team = order.team_id;
        record.hand_to = None;
        if order.assignee.is_some() || !order.team.is_empty() {
            self.leave_bot();
        }
        let Some(record) = &mut self.record else { return };
        let before = std::mem::replace(&mut record.assignee, order.assignee.clone());
        let rings = order.ringing && order.assignee.is_some();
        let rang = std::mem::replace(&mut record.ringing, rings);
        let is_own = |actor: &AgentRef| order.assignee.as_ref().is_some_and(|assignee| assignee.id == actor.id);
        if !rang && order.actor.as_ref().is_some_and(|actor| !is_own(actor)) || !order.team.is_empty() {
            record.owed = self.public.head;
        }
        let id_of = |agent: &Option<AgentRef>| agent.as_ref().map(|agent| agent.id.clone());
        if !order.team.is_empty() {
            let detail = Some(Detail::Team(order.team, order.reason));
            let (kind, actor) = (activity::Kind::TeamChanged, order.actor.as_ref().map(agent_participant));
            self.append_private_activity(kind, actor, before.as_ref(), detail, now, entropy, fx);
            if let Some(left) = before.filter(|_| !rang && order.assignee.is_none()) {
                self.append_activity(activity::Kind::Left, &left, now, entropy, fx);
            }
        } else if id_of(&before) != id_of(&order.assignee) {
            let by_other = order.actor.as_ref().filter(|actor| Some(&actor.id) != id_of(&order.assignee).as_ref());
            let detail = Some(order.reason).filter(|reason| !reason.is_empty()).map(Detail::Reason);
            match (&before, &order.assignee) {
                (_, Some(now_theirs)) => {
                    if by_other.is_some() || detail.is_some() || before.is_some() || rings {
                        let kind = activity::Kind::Assigned;
                        self.append_private_activity(
                            kind,
                            by_other.map(agent_participant),
                            Some(now_theirs),
                            detail,
                            now,
                            entropy,
                            fx,
                        );
                    }
                    if !rings {
                        self.append_activity(activity::Kind::Joined, now_theirs, now, entropy, fx);
                    }
                }
                (Some(left), None) => {
                    let kind = activity::Kind::Released;
                    let actor = order.actor.as_ref().map(agent_participant);
                    self.append_private_activity(kind, actor, Some(left), detail, now, entropy, fx);
                    if !rang {
                        self.append_activity(activity::Kind::Left, left, now, entropy, fx);
                    }
                }
                (None, None) => {}
            }
        } else if let (true, false, Some(taken_by)) = (rang, rings, &order.assignee) {
            self.append_activity(activity::Kind::Joined, taken_by, now, entropy, fx);
        }
        self.tell_collected(now, entropy, fx);
        self.save_record(now, fx);
        self.tell_state(now, fx);
        self.tell_rung(rang_at, now, fx);
    }
}
