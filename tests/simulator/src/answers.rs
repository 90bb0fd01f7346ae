//! A call arrives, and what comes of it goes back to whoever asked.

use bellhop::{
    core::{
        desk::effect::{Answer as DeskAnswer, Found, Input as DeskInput, OrderOutcome},
        error::Code,
        id::{AgentId, ConversationId, WorkspaceId},
        internal::{AssignOrder, AttachRequest, Revoked, RoomNotice},
        port::rows_of,
        principal::Principal,
        room::{
            effect::{Answer as RoomAnswer, Input as RoomInput},
            record::Cursors,
        },
        time::Timestamp,
    },
    sql::{
        desk::{find_agent, found_agent},
        inspection,
    },
};

use crate::{
    calls::{Answer, Call, What},
    faults::Fault,
    world::{Event, Place, World},
};

impl World {
    fn room_of(&self, conversation: &ConversationId) -> Option<usize> {
        self.rooms.iter().position(|room| room.id == *conversation)
    }

    fn desk_of(&self, workspace: &WorkspaceId) -> Option<usize> {
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

    /// The gateway repeats what its Desk has to know until that has heard it.
    fn tell_of_gateway(&mut self, call: Call, workspace: &WorkspaceId, input: DeskInput) {
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
    fn look_up(&mut self, desk: usize, agent: &AgentId) -> Option<Found> {
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
