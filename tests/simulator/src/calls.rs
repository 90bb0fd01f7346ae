//! What objects, the gateway, the queue and D1 say to each other: lost, doubled, answered late or not at all. What comes of a call
//! where it arrives stands in `answers.rs`.

use bellhop::core::{
    bot::action::{ActionCall, Reply},
    desk::effect::{Call as DeskCall, Found, Input as DeskInput, OrderOutcome},
    id::ConversationId,
    internal::{
        AssignOrder, BotNotice, ConfigureRequest, DetachNotice, IdleNotice, PlaceNotice, RevokeRequest, Revoked,
        RoomNotice,
    },
    pipeline::event::RoomEvent,
    principal::Principal,
    protocol::wire,
    room::{
        bot::{ConsultCall, Question},
        effect::{Call as RoomCall, Input as RoomInput},
        record::Cursors,
    },
    socket::SocketId,
};

use crate::{
    faults::Fault,
    world::{Event, Place, World},
};

/// A call on its way.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who asked, and in which life. None: the gateway.
    pub from: Option<(Place, u64)>,
    /// A second copy: its answer reaches nobody.
    pub is_copy: bool,
    /// What is asked.
    pub what: What,
}

/// What is asked.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // as the effects of the machines that they come from
pub enum What {
    Notice(Box<RoomNotice>),
    Detach(DetachNotice),
    Publish(Box<RoomEvent>),
    Inspect(ConversationId, Cursors),
    Order {
        conversation: ConversationId,
        order: AssignOrder,
    },
    Idle {
        conversation: ConversationId,
        notice: IdleNotice,
    },
    Revoke {
        conversation: ConversationId,
        revoked: Revoked,
    },
    Place {
        conversation: ConversationId,
        notice: PlaceNotice,
    },
    LookUp {
        desk: usize,
        socket: SocketId,
        transfer: Box<wire::Transfer>,
        agent: bellhop::core::id::AgentId,
        disabled: Option<u64>,
    },
    Verify {
        place: Place,
        socket: SocketId,
        ticket: String,
    },
    Attach {
        client: usize,
        turn: u64,
        principal: Principal,
        conversation: ConversationId,
    },
    RevokeAll(Box<RevokeRequest>),
    Configure(Box<ConfigureRequest>),
    Bot(BotNotice),
    TellBot {
        conversation: ConversationId,
        notice: BotNotice,
    },
    AskBot(Box<Question>),
    Act(Box<ActionCall>),
    Consult(Box<ConsultCall>),
}

/// What comes back.
#[derive(Debug, Clone)]
pub enum Answer {
    /// To a Room.
    Room(Box<RoomInput>),
    /// The same, and it waits for more.
    Word(Box<RoomInput>),
    /// To a Desk.
    Desk(Box<DeskInput>),
}

impl What {
    /// For the trace.
    pub fn name(&self) -> &'static str {
        match self {
            What::Notice(_) => "notice",
            What::Detach(_) => "detach",
            What::Publish(_) => "publish",
            What::Inspect(..) => "inspect",
            What::Order { .. } => "order",
            What::Idle { .. } => "idle",
            What::Revoke { .. } => "revoke",
            What::Place { .. } => "place",
            What::LookUp { .. } => "look up",
            What::Verify { .. } => "verify",
            What::Attach { .. } => "attach",
            What::RevokeAll(_) => "revoke all",
            What::Configure(_) => "configure",
            What::Bot(_) => "bot",
            What::TellBot { .. } => "tell bot",
            What::AskBot(_) => "ask bot",
            What::Act(_) => "act",
            What::Consult(_) => "consult",
        }
    }
}

impl World {
    /// What a Room wants done outside.
    pub fn room_call(&mut self, room: usize, call: RoomCall) {
        let place = Place::Room(room);
        let what = match call {
            RoomCall::SetTimer(at) => {
                let object = &mut self.rooms[room].object;
                object.busy += 1;
                let (wait, life) = (at.since(object.clock(self.now)).clamp(1, 60_000), object.life);
                return self.plan(wait, Event::Tick(place, life));
            }
            RoomCall::TellDesk(notice) => What::Notice(notice),
            RoomCall::Detach(agent) => What::Detach(DetachNotice {
                workspace: self.desks[self.rooms[room].workspace].id.clone(),
                agent,
                conversation: self.rooms[room].id.clone(),
                at: self.rooms[room].object.clock(self.now),
            }),
            RoomCall::Publish(event) => What::Publish(event),
            RoomCall::Inspect(after) => What::Inspect(self.rooms[room].id.clone(), after),
            RoomCall::Verify { socket, ticket } => What::Verify { place, socket, ticket },
            RoomCall::Act(call) => What::Act(call),
            RoomCall::Consult(call) => What::Consult(call),
            RoomCall::AskBot(question) => What::AskBot(question),
        };
        self.is_kept(room, &what);
        self.rooms[room].object.busy += 1;
        let from = Some((place, self.rooms[room].object.life));
        self.send_call(Call { from, is_copy: false, what });
    }

    /// What a Desk wants done outside.
    pub fn desk_call(&mut self, desk: usize, call: DeskCall) {
        let place = Place::Desk(desk);
        let life = self.desks[desk].object.life;
        let what = match call {
            DeskCall::SetTimer(at) => {
                let wait = at.since(self.desks[desk].object.clock(self.now)).clamp(1, 60_000);
                self.desks[desk].object.busy += 1;
                return self.plan(wait, Event::Tick(place, life));
            }
            DeskCall::Verify { socket, ticket } => What::Verify { place, socket, ticket },
            DeskCall::LookUp { socket, agent, transfer, disabled } => {
                What::LookUp { desk, socket, transfer: Box::new(transfer), agent, disabled }
            }
            DeskCall::Order { conversation, order } => What::Order { conversation, order },
            DeskCall::TellIdle { conversation, notice } => What::Idle { conversation, notice },
            DeskCall::TellBot { conversation, notice } => What::TellBot { conversation, notice },
            DeskCall::Revoke { conversation, revoked } => What::Revoke { conversation, revoked },
            // Nobody waits for an answer.
            DeskCall::TellPlace { conversation, notice } => {
                let what = What::Place { conversation, notice };
                return self.send_call(Call { from: None, is_copy: false, what });
            }
        };
        self.desks[desk].object.busy += 1;
        self.send_call(Call { from: Some((place, life)), is_copy: false, what });
    }

    /// A call leaves.
    pub fn send_call(&mut self, call: Call) {
        let (lost, doubled) = (self.draws(Fault::CallLost), self.draws(Fault::CallDoubled));
        let delay = self.dice.between(1, 60);
        // A ticket is looked at where the object is: nothing is lost on that way, and nothing comes twice.
        let is_near = matches!(call.what, What::Verify { .. });
        if lost && !is_near {
            self.bites(Fault::CallLost);
            return self.call_failed(call);
        }
        if doubled && !is_near {
            self.bites(Fault::CallDoubled);
            let later = delay + self.dice.between(1, 3_000);
            self.plan(later, Event::Call(Call { is_copy: true, ..call.clone() }));
        }
        self.plan(delay, Event::Call(call));
    }

    /// Nobody knows what became of it; the caller is told after a while.
    pub fn call_failed(&mut self, call: Call) {
        let wait = self.dice.between(500, 20_000);
        let room = |input| Some(Answer::Room(Box::new(input)));
        let desk = |input| Some(Answer::Desk(Box::new(input)));
        let answer = match call.what {
            What::Notice(notice) => room(RoomInput::DeskAnswered { rev: notice.rev, answer: None }),
            What::Detach(notice) => room(RoomInput::Detached { agent: notice.agent, heard: false }),
            What::Publish(_) => room(RoomInput::Published(None)),
            What::Inspect(..) => room(RoomInput::Inspected(None)),
            What::Order { conversation, order } => {
                let (assignment_epoch, outcome) = (order.assignment_epoch, OrderOutcome::Unreachable);
                desk(DeskInput::RoomAnswered { conversation, assignment_epoch, outcome })
            }
            What::Idle { conversation, notice } => {
                desk(DeskInput::IdleTold { conversation, version: notice.terms.version, heard: false })
            }
            What::Revoke { conversation, revoked } => {
                desk(DeskInput::RoomRevoked { conversation, revoked, heard: false })
            }
            What::LookUp { socket, transfer, disabled, .. } => {
                desk(DeskInput::LookedUp { socket, transfer: *transfer, disabled, found: Found::Unreachable })
            }
            What::Place { .. } => return,
            What::Verify { .. } => return,
            What::Attach { client, turn, .. } => return self.plan(wait, Event::Refused { client, turn, code: 4000 }),
            // The gateway tries until the Desk has heard it.
            What::RevokeAll(_) | What::Configure(_) | What::Bot(_) => return self.plan(wait, Event::Call(call)),
            What::TellBot { conversation, notice } => {
                desk(DeskInput::BotTold { conversation, version: notice.terms.version, heard: false })
            }
            What::AskBot(question) => {
                room(RoomInput::BotSays { seq: question.seq, decision: None, turn: Box::default() })
            }
            What::Act(call) => {
                room(RoomInput::Acted { to: call.action.to, attempt: call.attempt, reply: Reply::Again })
            }
            What::Consult(call) => {
                let (seq, at) = (call.seq, call.at);
                room(RoomInput::BotWrote { seq, at, decision: None, turn: Box::default() })
            }
        };
        if let (Some((place, life)), Some(answer)) = (call.from, answer) {
            self.plan(wait, Event::Answer(place, life, answer));
        }
    }
}
