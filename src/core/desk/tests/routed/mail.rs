//! What is on its way: calls between the Desk and the Rooms, and what consoles are about to say. It arrives, is lost, comes
//! twice or comes late.

use super::{
    super::rig::agent,
    World,
    settings::{level_of, site_of},
};
use crate::core::{
    desk::effect::{Answer, Call, Found, Input, OrderOutcome},
    id::{AgentId, ConversationId},
    internal::{AssignAnswer, AssignOrder, NoticeAnswer, RoomNotice},
    protocol::wire::client_frame::Frame,
    socket::SocketId,
    time::{SECOND, Timestamp},
};

/// Something that will happen.
#[derive(Clone)]
pub enum Event {
    /// With the version of the Room that it tells of.
    Notice(usize, u64, Box<RoomNotice>),
    NoticeAnswer(usize, u64, Box<NoticeAnswer>),
    Call(Box<Call>),
    Answer(Box<Input>),
    /// What a console says.
    Say(SocketId, Box<Frame>),
    /// Whoever it rings at replies in the Room.
    Reply(usize, AgentId),
    RightClock,
}

impl World {
    pub(super) fn plan(&mut self, wait: i64, event: Event) {
        self.n_events += 1;
        self.events.insert((self.real() + wait, self.n_events), event);
    }

    /// Soon, or much later.
    fn delay(&mut self) -> (i64, bool) {
        let late = self.rates.late;
        match !self.calm && self.chance(late) {
            true => (SECOND + self.below(40_000) as i64, true),
            false => (1 + self.below(20) as i64, false),
        }
    }

    fn is(&mut self, percent: u64) -> bool {
        !self.calm && self.chance(percent)
    }

    /// The Room tells how it stands.
    pub(super) fn speak(&mut self, number: usize) {
        let now = Timestamp(self.real());
        let mut notice = self.rooms[number].notice(now);
        notice.site = site_of(number);
        notice.level = level_of(number);
        let event = Event::Notice(number, self.rooms[number].version, Box::new(notice));
        let (lost, doubled) = (self.rates.lost, self.rates.doubled);
        if self.is(lost) {
            return self.count("fault: notice lost");
        }
        let (wait, is_late) = self.delay();
        if is_late {
            self.count("fault: notice late");
        }
        if self.is(doubled) {
            self.count("fault: notice doubled");
            let later = wait + self.below(5_000) as i64;
            self.plan(later, event.clone());
        }
        self.plan(wait, event);
    }

    /// What the Desk wants done outside leaves.
    pub(super) fn take_calls(&mut self) {
        for call in std::mem::take(&mut self.rig.network) {
            let (lost, doubled) = (self.rates.lost, self.rates.doubled);
            if self.is(lost) {
                if self.chance(50) {
                    self.count("fault: call lost, the Desk is told");
                    let wait = 500 + self.below(10_000) as i64;
                    if let Some(answer) = failed(call) {
                        self.plan(wait, Event::Answer(Box::new(answer)));
                    }
                } else {
                    self.count("fault: call lost, nobody knows");
                }
                continue;
            }
            let (wait, is_late) = self.delay();
            if is_late {
                self.count("fault: call late");
            }
            if self.is(doubled) {
                self.count("fault: call doubled");
                let later = wait + self.below(5_000) as i64;
                self.plan(later, Event::Call(Box::new(call.clone())));
            }
            self.plan(wait, Event::Call(Box::new(call)));
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Notice(number, version, notice) => {
                self.rig.answers.clear();
                let (id, epoch) = (notice.conversation.clone(), notice.assignment_epoch);
                self.returned = notice.resolved_at.map(|_| (id, epoch));
                self.feed(Input::Notice(notice));
                self.returned = None;
                if let Some(Answer::Notice(Ok(answer))) = self.rig.answers.pop_front() {
                    let lost = self.rates.lost;
                    if self.is(lost) {
                        return self.count("fault: answer lost");
                    }
                    let (wait, _) = self.delay();
                    self.plan(wait, Event::NoticeAnswer(number, version, Box::new(answer)));
                }
            }
            Event::NoticeAnswer(number, version, answer) => {
                self.rooms[number].answered(version);
                if let Some(order) = answer.assignment {
                    self.obey(number, &order);
                }
            }
            Event::Call(call) => {
                let Some(answer) = self.called(*call) else { return };
                let lost = self.rates.lost;
                if self.is(lost) {
                    return self.count("fault: answer lost");
                }
                let (wait, _) = self.delay();
                self.plan(wait, Event::Answer(Box::new(answer)));
            }
            Event::Answer(input) => self.feed(*input),
            Event::Say(socket, frame) => self.say(socket, *frame),
            Event::Reply(number, agent) => {
                let room = &mut self.rooms[number];
                if room.ringing && room.assignee.as_ref().is_some_and(|it| it.id == agent) {
                    room.reply(&agent, self.rig.now);
                    self.count("ring ended by a reply");
                    self.speak(number);
                }
            }
            Event::RightClock => {
                self.leap(-self.skew);
                self.after_an_input();
            }
        }
    }

    /// A Room that has changed hands says so at once.
    fn obey(&mut self, number: usize, order: &AssignOrder) -> AssignAnswer {
        let epoch = order.assignment_epoch;
        self.see(self.ids[number].clone(), epoch, order.assignee.as_ref().map(|it| it.id.clone()));
        let before = self.rooms[number].assignment_epoch;
        let answer = self.rooms[number].obey(order);
        if answer.assignment_epoch != before {
            self.speak(number);
        }
        answer
    }

    /// The other end of a call of the Desk.
    fn called(&mut self, call: Call) -> Option<Input> {
        let room_of = |id: &ConversationId| self.ids.iter().position(|it| it == id);
        match call {
            Call::Order { conversation, order } => {
                let room = room_of(&conversation)?;
                let outcome = OrderOutcome::Answered(self.obey(room, &order));
                Some(Input::RoomAnswered { conversation, assignment_epoch: order.assignment_epoch, outcome })
            }
            Call::Revoke { conversation, revoked } => Some(Input::RoomRevoked { conversation, revoked, heard: true }),
            Call::LookUp { socket, agent: asked, transfer, disabled } => {
                let number = (0..self.n_agents() as u128).find(|number| agent(*number).id == asked);
                let found = match number {
                    Some(number) if !self.disabled.contains(&number) => Found::Active(agent(number)),
                    Some(_) | None => Found::Nobody,
                };
                Some(Input::LookedUp { socket, transfer, disabled, found })
            }
            _ => None,
        }
    }
}

/// What the Desk is told when a call came to nothing.
fn failed(call: Call) -> Option<Input> {
    match call {
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
