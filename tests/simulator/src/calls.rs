//! What objects, the gateway, the queue and D1 say to each other: lost, doubled, answered late or not at all.

use bellhop::{
    core::{
        bot::action::{ActionCall, Reply},
        desk::effect::{Answer as DeskAnswer, Call as DeskCall, Found, Input as DeskInput, OrderOutcome},
        error::Code,
        id::ConversationId,
        internal::{
            AssignOrder, AttachRequest, BotNotice, ConfigureRequest, DetachNotice, IdleNotice, PlaceNotice,
            RevokeRequest, Revoked, RoomNotice,
        },
        pipeline::event::RoomEvent,
        port::rows_of,
        principal::Principal,
        protocol::wire,
        room::{
            bot::{ConsultCall, Question},
            effect::{Answer as RoomAnswer, Call as RoomCall, Input as RoomInput},
            record::Cursors,
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::{
        desk::{find_agent, found_agent},
        inspection,
    },
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
    fn name(&self) -> &'static str {
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

    /// A ticket is looked at where the object is.
    fn verify(&mut self, call: Call) {
        let (What::Verify { place, socket, ticket }, Some((_, life))) = (call.what, call.from) else { return };
        let principal = self.keys.ticket(&ticket, Timestamp(self.now)).ok();
        let answer = match place {
            Place::Room(_) => Answer::Room(Box::new(RoomInput::Renewed { socket, principal })),
            Place::Desk(_) => Answer::Desk(Box::new(DeskInput::Renewed { socket, principal })),
        };
        self.plan(1, Event::Answer(place, life, answer));
    }

    fn room_of(&self, conversation: &ConversationId) -> Option<usize> {
        self.rooms.iter().position(|room| room.id == *conversation)
    }

    fn desk_of(&self, workspace: &bellhop::core::id::WorkspaceId) -> Option<usize> {
        self.desks.iter().position(|desk| desk.id == *workspace)
    }

    /// A call reaches whom it is for.
    pub fn call(&mut self, call: Call) {
        self.say(format_args!("{} of {:?}", call.what.name(), call.from.map(|(place, _)| place)));
        let done = match call.what.clone() {
            What::Notice(notice) => self.take_notice(*notice),
            What::Detach(notice) => {
                let Some(desk) = self.desk_of(&notice.workspace) else { return };
                let (agent, fate) = (notice.agent.clone(), self.fate());
                let answer = self.desk_input(desk, DeskInput::Detach(notice), fate);
                let heard = matches!(answer, Ok(Some(DeskAnswer::Done(Ok(())))));
                Some(Answer::Room(Box::new(RoomInput::Detached { agent, heard })))
            }
            What::Publish(event) => Some(self.publish(&event)),
            What::Inspect(conversation, after) => self.inspect(&conversation, after),
            What::Order { conversation, order } => self.take_order(conversation, order),
            What::Idle { conversation, notice } => {
                let (version, fate) = (notice.terms.version, self.fate());
                let Some(room) = self.room_of(&conversation) else { return };
                let answer = self.room_input(room, RoomInput::IdleChanged(notice), fate);
                let heard = matches!(answer, Ok(Some(RoomAnswer::Told(_))));
                Some(Answer::Desk(Box::new(DeskInput::IdleTold { conversation, version, heard })))
            }
            What::Bot(notice) => {
                return self.tell_of_gateway(call, &notice.workspace.clone(), DeskInput::BotChanged(notice));
            }
            What::TellBot { conversation, notice } => {
                let (version, fate) = (notice.terms.version, self.fate());
                let Some(room) = self.room_of(&conversation) else { return };
                let answer = self.room_input(room, RoomInput::BotChanged(notice), fate);
                let heard = matches!(answer, Ok(Some(RoomAnswer::Told(_))));
                Some(Answer::Desk(Box::new(DeskInput::BotTold { conversation, version, heard })))
            }
            What::AskBot(question) => self.room_of(&question.conversation).map(|room| self.judge(room, &question)),
            What::Act(action) => self.room_of(&action.conversation).map(|room| self.serve(room, &action)),
            What::Consult(consult) => return self.write_on(call, &consult),
            What::Revoke { conversation, revoked } => self.take_revocation(conversation, revoked),
            What::LookUp { desk, socket, transfer, agent, disabled } => {
                let transfer = *transfer;
                self.look_up(desk, &agent)
                    .map(|found| Answer::Desk(Box::new(DeskInput::LookedUp { socket, transfer, disabled, found })))
            }
            What::Place { conversation, notice } => {
                let fate = self.fate();
                if let Some(room) = self.room_of(&conversation) {
                    drop(self.room_input(room, RoomInput::Placed(notice), fate));
                }
                return;
            }
            What::Verify { .. } => return self.verify(call),
            What::Attach { client, turn, principal, conversation } => {
                return self.attach(client, turn, principal, conversation, call.is_copy);
            }
            What::RevokeAll(request) => {
                return self.tell_of_gateway(call, &request.workspace.clone(), DeskInput::Revoke(*request));
            }
            What::Configure(request) => {
                return self.tell_of_gateway(call, &request.workspace.clone(), DeskInput::Configure(*request));
            }
        };
        match done {
            Some(answer) if !call.is_copy => self.respond(call, answer),
            Some(_) => {}
            None if !call.is_copy => self.call_failed(call),
            None => {}
        }
    }

    /// The gateway repeats what its Desk has to know until that has heard it.
    fn tell_of_gateway(&mut self, call: Call, workspace: &bellhop::core::id::WorkspaceId, input: DeskInput) {
        let Some(desk) = self.desk_of(workspace) else { return };
        let fate = self.fate();
        let answer = self.desk_input(desk, input, fate);
        if !matches!(answer, Ok(Some(DeskAnswer::Done(Ok(()))))) && !call.is_copy {
            self.plan(1_000, Event::Call(call));
        }
    }

    fn respond(&mut self, call: Call, answer: Answer) {
        let (lost, late) = (self.draws(Fault::AnswerLost), self.draws(Fault::AnswerLate));
        let (soon, later) = (self.dice.between(1, 60), self.dice.between(5_000, 240_000));
        let Some((place, life)) = call.from else { return };
        if lost {
            self.bites(Fault::AnswerLost);
            return self.call_failed(call);
        }
        if late {
            self.bites(Fault::AnswerLate);
        }
        self.plan(if late { later } else { soon }, Event::Answer(place, life, answer));
    }

    /// An answer reaches the object that asked, unless its process is gone.
    pub fn answer(&mut self, place: Place, life: u64, answer: Answer) {
        let fate = self.fate();
        match (place, answer) {
            (Place::Room(room), Answer::Room(input)) if self.rooms[room].object.life == life => {
                self.rooms[room].object.busy -= 1;
                drop(self.room_input(room, *input, fate));
            }
            (Place::Room(room), Answer::Word(input)) if self.rooms[room].object.life == life => {
                drop(self.room_input(room, *input, fate));
            }
            (Place::Desk(desk), Answer::Desk(input)) if self.desks[desk].object.life == life => {
                self.desks[desk].object.busy -= 1;
                drop(self.desk_input(desk, *input, fate));
            }
            _ => {}
        }
    }

    fn take_notice(&mut self, notice: RoomNotice) -> Option<Answer> {
        let desk = self.desk_of(&notice.workspace)?;
        let (fate, rev) = (self.fate(), notice.rev);
        match self.desk_input(desk, DeskInput::Notice(Box::new(notice)), fate) {
            Ok(Some(DeskAnswer::Notice(Ok(answer)))) => {
                Some(Answer::Room(Box::new(RoomInput::DeskAnswered { rev, answer: Some(answer) })))
            }
            _ => None,
        }
    }

    fn take_order(&mut self, conversation: ConversationId, order: AssignOrder) -> Option<Answer> {
        let room = self.room_of(&conversation)?;
        let (assignment_epoch, fate) = (order.assignment_epoch, self.fate());
        self.wake(Place::Room(room)).ok()?;
        let truth = &self.rooms[room].truth;
        let before = (truth.assignment().0 >= assignment_epoch).then_some((truth.writes, truth.bot.done()));
        let outcome = match self.room_input(room, RoomInput::Assign(order), fate) {
            Ok(Some(RoomAnswer::Assigned(Ok(answer)))) => OrderOutcome::Answered(answer),
            Ok(Some(RoomAnswer::Assigned(Err(Code::NotFound)))) => OrderOutcome::NoSuchRoom,
            _ => return None,
        };
        let truth = &self.rooms[room].truth;
        // A bot whose patience is over hands over with whatever comes.
        let is_still = |(writes, done)| truth.writes == writes || truth.bot.done() > done;
        assert!(before.is_none_or(is_still), "INV-5: an order that is known or too late wrote something");
        Some(Answer::Desk(Box::new(DeskInput::RoomAnswered { conversation, assignment_epoch, outcome })))
    }

    fn take_revocation(&mut self, conversation: ConversationId, revoked: Revoked) -> Option<Answer> {
        let room = self.room_of(&conversation)?;
        let fate = self.fate();
        let answer = self.room_input(room, RoomInput::Revoke(revoked.clone()), fate);
        if !matches!(answer, Ok(Some(RoomAnswer::Revoked))) {
            return None;
        }
        self.check_silenced(room, &revoked);
        Some(Answer::Desk(Box::new(DeskInput::RoomRevoked { conversation, revoked, heard: true })))
    }

    /// INV-13: once a Room has confirmed, none of those sockets is open there.
    fn check_silenced(&self, room: usize, revoked: &Revoked) {
        for socket in self.rooms[room].object.sockets.keys() {
            let Some(line) = self.lines.get(socket) else { continue };
            let is_hit = match (&*line.principal, revoked) {
                (Principal::Agent(held), Revoked::Agent { agent, generation }) => {
                    held.agent == *agent && held.generation < *generation
                }
                (Principal::Agent(held), Revoked::Session { session, .. }) => held.session == *session,
                (Principal::Visitor(held), Revoked::Visitor { visitor, generation, .. }) => {
                    held.visitor == *visitor && held.generation < *generation
                }
                _ => false,
            };
            assert!(!is_hit, "INV-13: {revoked:?} was confirmed, and the socket is open");
        }
    }

    /// None: D1 says nothing at all, and whoever asks gives up after a while.
    fn look_up(&mut self, desk: usize, agent: &bellhop::core::id::AgentId) -> Option<Found> {
        self.shake_database(false);
        let found = match self.database.run(vec![find_agent(&self.desks[desk].id, agent)]) {
            Ok(rows) => match rows_of(&rows, 0).first() {
                Some(row) => Found::Active(found_agent(agent.clone(), row)),
                None => Found::Nobody,
            },
            Err(_) => Found::Unreachable,
        };
        (!self.database.down.get()).then_some(found)
    }

    /// The gateway asks the Desk before it lets an agent through to a Room.
    fn attach(&mut self, client: usize, turn: u64, principal: Principal, conversation: ConversationId, is_copy: bool) {
        let Principal::Agent(agent) = &principal else { return };
        let Some(desk) = self.desk_of(&agent.workspace) else { return };
        let request = AttachRequest {
            workspace: agent.workspace.clone(),
            agent: agent.agent.clone(),
            session: agent.session.clone(),
            generation: agent.generation,
            conversation,
            knock: 0,
        };
        let fate = self.fate();
        let verdict = self.desk_input(desk, DeskInput::Attach(request), fate);
        if is_copy {
            return;
        }
        let wait = self.dice.between(1, 60);
        let event = match verdict {
            Ok(Some(DeskAnswer::Done(Ok(())))) => Event::Enter { client, turn, principal },
            Ok(Some(DeskAnswer::Done(Err(_)))) => Event::Refused { client, turn, code: 4501 },
            _ => Event::Refused { client, turn, code: 4000 },
        };
        self.plan(wait, event);
    }

    /// What D1 holds of a conversation; None as above.
    fn inspect(&mut self, conversation: &ConversationId, after: Cursors) -> Option<Answer> {
        let room = self.room_of(conversation)?;
        self.shake_database(false);
        let workspace = &self.desks[self.rooms[room].workspace].id;
        let rows = self.database.run(inspection::inspect(workspace, conversation, after));
        let inspected = rows.ok().map(|rows| inspection::inspected(&rows));
        (!self.database.down.get()).then(|| Answer::Room(Box::new(RoomInput::Inspected(inspected))))
    }
}
