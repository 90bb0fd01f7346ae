//! What is on its way between the Desk and the Rooms: it arrives, is lost, comes twice, or comes late. Everything that the
//! Desk sends is held against what was seen before.

use std::collections::VecDeque;

use super::{
    super::rig::{agent, conversation},
    AGENTS, ROOMS, World,
};
use crate::core::{
    desk::effect::{Answer, Call, Found, Input, OrderOutcome},
    id::AgentId,
    internal::{AssignAnswer, AssignOrder, DetachNotice, NoticeAnswer, RoomNotice},
    protocol::wire::{self, agent_frame, client_frame::Frame},
    time::Timestamp,
};

/// Something on its way between the Desk and a Room.
#[derive(Clone)]
pub enum Mail {
    /// With the version of the Room that it tells of.
    Notice(usize, u64, RoomNotice),
    NoticeAnswer(usize, u64, NoticeAnswer),
    Call(Call),
    Answer(Input),
    /// Good until then: what takes longer is given up.
    Upgrade(usize, AgentId, u64, Timestamp),
    Detach(usize, AgentId, Timestamp),
}

impl World {
    pub(super) fn deliver(&mut self) {
        if self.mail.is_empty() {
            return;
        }
        let place = self.below(self.mail.len());
        let (lost, doubled) = (self.faults.lost, self.faults.doubled);
        let mail = if self.chance(doubled) { self.mail[place].clone() } else { self.mail.swap_remove(place) };
        if !self.chance(lost) {
            self.arrive(mail);
        } else if let Mail::Call(effect) = mail {
            // Somebody notices, or nobody does.
            if self.chance(50) {
                self.mail.extend(failed(effect).map(Mail::Answer));
            }
        }
    }

    pub(super) fn arrive(&mut self, mail: Mail) {
        match mail {
            Mail::Notice(number, version, notice) => {
                self.rig.feed(Input::Notice(Box::new(notice)));
                if let Some(Answer::Notice(Ok(answer))) = self.rig.answers.pop_front() {
                    self.mail.push(Mail::NoticeAnswer(number, version, answer));
                }
            }
            Mail::NoticeAnswer(number, version, answer) => {
                self.rooms[number].answered(version);
                if let Some(order) = answer.assignment {
                    self.obey(number, &order);
                    self.see(number, order.assignment_epoch, order.assignee.as_ref().map(|it| &it.id));
                }
            }
            Mail::Call(effect) => {
                let answer = self.called(effect);
                self.mail.extend(answer.map(Mail::Answer));
            }
            Mail::Answer(input) => self.rig.feed(input),
            Mail::Upgrade(number, agent, generation, deadline) => {
                if self.rig.now <= deadline {
                    self.rooms[number].open(agent, generation);
                }
            }
            Mail::Detach(number, agent, at) => {
                let notice = DetachNotice {
                    workspace: self.rig.workspace.clone(),
                    agent: agent.clone(),
                    conversation: conversation(number),
                    at,
                };
                self.rig.feed(Input::Detach(notice));
                if self.rig.answers.pop_front() != Some(Answer::Done(Ok(()))) {
                    self.detaches(number, agent);
                }
            }
        }
    }

    /// A Room tells that an agent's last socket is gone, until it is heard or the agent is back.
    pub(super) fn detaches(&mut self, number: usize, agent: AgentId) {
        if self.rooms[number].sockets.iter().all(|(here, _)| *here != agent) {
            self.mail.push(Mail::Detach(number, agent, self.rig.now));
        }
    }

    /// A Room that has changed hands says so at once.
    pub(super) fn obey(&mut self, number: usize, order: &AssignOrder) -> AssignAnswer {
        let before = self.rooms[number].assignment_epoch;
        let answer = self.rooms[number].obey(order);
        if answer.assignment_epoch != before {
            let notice = self.speak(number);
            self.mail.push(notice);
        }
        answer
    }

    /// The other end of a call of the Desk.
    pub(super) fn called(&mut self, effect: Call) -> Option<Input> {
        let room_of = |id: &crate::core::id::ConversationId| (0..ROOMS).find(|number| conversation(*number) == *id);
        match effect {
            Call::Order { conversation, order } => {
                let room = room_of(&conversation)?;
                let answer = self.obey(room, &order);
                let outcome = OrderOutcome::Answered(answer);
                Some(Input::RoomAnswered { conversation, assignment_epoch: order.assignment_epoch, outcome })
            }
            Call::Revoke { conversation, revoked } => {
                self.rooms[room_of(&conversation)?].revoke(&revoked);
                Some(Input::RoomRevoked { conversation, revoked, heard: true })
            }
            Call::LookUp { socket, agent: asked, transfer, disabled } => {
                let number = (0..AGENTS).find(|number| agent(*number).id == asked)?;
                let found = if self.disabled[&number] { Found::Nobody } else { Found::Active(agent(number)) };
                Some(Input::LookedUp { socket, transfer, disabled, found })
            }
            _ => None,
        }
    }

    /// Takes what the Desk has sent, and holds it against what was seen before.
    pub(super) fn collect(&mut self) {
        for effect in std::mem::take(&mut self.rig.network) {
            if let Call::Order { conversation: id, order } = &effect {
                let number = (0..ROOMS).find(|number| conversation(*number) == *id).unwrap();
                self.see(number, order.assignment_epoch, order.assignee.as_ref().map(|it| &it.id));
            }
            self.mail.push(Mail::Call(effect));
        }
        self.rig.answers.clear();
        for place in 0..self.consoles.len() {
            let Some(socket) = self.consoles[place].socket else { continue };
            while let Some(frame) = self.rig.inbox.get_mut(&socket).and_then(VecDeque::pop_front) {
                self.see_frame(&frame);
                let next = self.consoles[place].list.take(frame);
                if !next.is_empty() && self.rig.open.contains_key(&socket) {
                    self.rig.frame(socket, Frame::DeskPage(wire::DeskPageRequest { after: next }));
                }
            }
            if !self.rig.open.contains_key(&socket) {
                self.consoles[place].socket = None;
            }
        }
    }

    pub(super) fn see_frame(&mut self, frame: &agent_frame::Frame) {
        let rows: Vec<(String, u64, Option<String>)> = match frame {
            agent_frame::Frame::Assigned(it) => {
                vec![(it.conversation.clone(), it.assignment_epoch, it.assignee.as_ref().map(|it| it.id.clone()))]
            }
            agent_frame::Frame::DeskWelcome(it) => it.rows.iter().map(of_row).collect(),
            agent_frame::Frame::DeskPage(it) => it.rows.iter().map(of_row).collect(),
            agent_frame::Frame::DeskUpdate(it) => it.rows.iter().map(of_row).collect(),
            _ => Vec::new(),
        };
        for (conversation, epoch, holder) in rows {
            self.see_assignment(conversation, epoch, holder.unwrap_or_default());
        }
    }

    pub(super) fn see(&mut self, number: usize, epoch: u64, holder: Option<&AgentId>) {
        let holder = holder.map(ToString::to_string).unwrap_or_default();
        self.see_assignment(conversation(number).to_string(), epoch, holder);
    }

    /// INV-5: an epoch has one holder, whoever speaks of it.
    pub(super) fn see_assignment(&mut self, conversation: String, epoch: u64, holder: String) {
        let known = self.seen.entry((conversation.clone(), epoch)).or_insert_with(|| holder.clone());
        assert_eq!(*known, holder, "SEED={}: epoch {epoch} of {conversation} has two holders", self.seed);
    }
}

pub fn of_row(row: &wire::DeskRow) -> (String, u64, Option<String>) {
    (row.conversation.clone(), row.assignment_epoch, row.assignee.as_ref().map(|it| it.id.clone()))
}

/// What the Desk is told when a call came to nothing.
fn failed(effect: Call) -> Option<Input> {
    match effect {
        Call::Order { conversation, order } => Some(Input::RoomAnswered {
            conversation,
            assignment_epoch: order.assignment_epoch,
            outcome: OrderOutcome::Unreachable,
        }),
        Call::Revoke { conversation, revoked } => Some(Input::RoomRevoked { conversation, revoked, heard: false }),
        Call::LookUp { socket, transfer, disabled, .. } => {
            Some(Input::LookedUp { socket, transfer, disabled, found: Found::Unreachable })
        }
        _ => None,
    }
}
