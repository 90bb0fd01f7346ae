//! Inputs to objects, and everything that follows from them inside and outside; alarms, timers, ends.

use std::rc::Rc;

use bellhop::{
    core::{
        desk::{
            Desk,
            effect::{Answer as DeskAnswer, Input as DeskInput},
        },
        error::Code,
        internal::Status,
        limits::BACKOFF,
        machine::Machine as _,
        principal::Principal,
        protocol::{FrameError, wire::client_frame::Frame},
        room::{
            Room,
            effect::{Answer as RoomAnswer, Input as RoomInput},
        },
        socket::SocketId,
    },
    sql::desk::DeskWrite,
};

use crate::{
    faults::Fault,
    machines::Simulated,
    object::{Doom, Fate, Turn},
    world::{Event, Place, World},
};

impl World {
    /// Loads the object's machine, if there is none.
    pub fn wake(&mut self, place: Place) -> Result<(), Code> {
        let (mut entropy, now) = (self.dice.entropy(), self.now);
        match place {
            Place::Room(room) => {
                if let Some(turn) = self.rooms[room].object.wake(now, &mut entropy)? {
                    self.room_turn(room, turn, true);
                }
            }
            Place::Desk(desk) => {
                if let Some(turn) = self.desks[desk].object.wake(now, &mut entropy)? {
                    self.desk_turn(desk, turn, None);
                }
            }
        }
        Ok(())
    }

    /// One input to a Room, and everything inside the object that follows from it.
    pub fn room_input(&mut self, room: usize, input: RoomInput, doom: Doom) -> Result<Option<RoomAnswer>, Code> {
        self.wake(Place::Room(room))?;
        let (mut entropy, now) = (self.dice.entropy(), self.now);
        let done = self.rooms[room].object.step(input, now, &mut entropy, doom.map(|(_, fate)| fate));
        self.befell(doom, &done);
        match done {
            Ok(turn) => Ok(self.room_turn(room, turn, true)),
            Err((code, None)) => Err(code),
            Err((code, Some(turn))) => {
                self.room_turn(room, turn, false);
                self.die(Place::Room(room));
                Err(code)
            }
        }
    }

    /// The same to a Desk.
    pub fn desk_input(&mut self, desk: usize, input: DeskInput, doom: Doom) -> Result<Option<DeskAnswer>, Code> {
        self.desk_step(desk, input, doom, None)
    }

    fn desk_step(
        &mut self,
        desk: usize,
        input: DeskInput,
        doom: Doom,
        claim: Option<&(String, String)>,
    ) -> Result<Option<DeskAnswer>, Code> {
        self.wake(Place::Desk(desk))?;
        let (mut entropy, now) = (self.dice.entropy(), self.now);
        let done = self.desks[desk].object.step(input, now, &mut entropy, doom.map(|(_, fate)| fate));
        self.befell(doom, &done);
        match done {
            Ok(turn) => Ok(self.desk_turn(desk, turn, claim)),
            Err((code, None)) => Err(code),
            Err((code, Some(turn))) => {
                self.desk_turn(desk, turn, claim);
                self.die(Place::Desk(desk));
                Err(code)
            }
        }
    }

    /// A frame to a Desk; a claim is remembered for what it may do.
    pub fn desk_frame(
        &mut self,
        desk: usize,
        socket: SocketId,
        frame: Result<Option<Frame>, FrameError>,
        doom: Doom,
    ) -> Result<(), Code> {
        let claim = match (&frame, self.lines.get(&socket).map(|line| &*line.principal)) {
            (Ok(Some(Frame::Claim(claim))), Some(Principal::Agent(agent))) => {
                Some((claim.conversation.clone(), agent.agent.to_string()))
            }
            _ => None,
        };
        self.desk_step(desk, Desk::frame(socket, frame), doom, claim.as_ref()).map(drop)
    }

    /// Counts what an input was doomed to, if it made a difference: a write has failed, a commit or something that was to be
    /// said after it was kept from happening.
    fn befell<M: Simulated>(&mut self, doom: Doom, done: &Result<Turn<M>, (Code, Option<Turn<M>>)>) {
        let Some((fault, fate)) = doom else { return };
        let bites = match done {
            Ok(_) => false,
            Err((_, None)) => matches!(fate, Fate::WriteFails(_)),
            Err((_, Some(turn))) => turn.is_cut,
        };
        if bites {
            self.bites(fault);
        }
    }

    /// `is_whole`: nothing cut it short.
    fn room_turn(&mut self, room: usize, turn: Turn<Room>, is_whole: bool) -> Option<RoomAnswer> {
        let place = &mut self.rooms[room];
        for write in &turn.wrote {
            place.truth.wrote(write, &mut self.winners, place.id.as_str());
        }
        self.attached(turn.attached);
        for push in turn.pushed {
            self.push(Place::Room(room), push);
        }
        self.rooms[room].truth.is_said(is_whole);
        for call in turn.calls {
            self.room_call(room, call);
        }
        self.plan_alarm(Place::Room(room));
        turn.answer
    }

    fn desk_turn(&mut self, desk: usize, turn: Turn<Desk>, claim: Option<&(String, String)>) -> Option<DeskAnswer> {
        for write in &turn.wrote {
            self.desks[desk].truth.wrote(write, &mut self.winners, claim);
            self.is_promised(write);
        }
        self.attached(turn.attached);
        for push in turn.pushed {
            self.push(Place::Desk(desk), push);
        }
        for call in turn.calls {
            self.desk_call(desk, call);
        }
        self.plan_alarm(Place::Desk(desk));
        turn.answer
    }

    /// A decision that its Room has not heard of is on disk as an order: it outlives the Desk's process (INV-5).
    fn is_promised(&self, write: &DeskWrite) {
        let DeskWrite::SaveConversation(row) = write else { return };
        // One that was put back may have confirmed it before; its next notice brings the order back.
        let room = self.rooms.iter().find(|room| room.id == row.id && !room.truth.was_put_back);
        let is_behind = room.is_some_and(|room| room.truth.assignment().0 < row.assignment_epoch);
        let is_open = row.status != Status::Resolved;
        assert!(!is_behind || !is_open || row.order.is_some(), "INV-5: a decision that nobody would be told: {row:?}");
    }

    /// A socket may have a newer ticket now.
    fn attached(&mut self, attached: Vec<(SocketId, Principal)>) {
        for (socket, principal) in attached {
            if let Some(line) = self.lines.get_mut(&socket).filter(|line| *line.principal != principal) {
                line.principal = Rc::new(principal);
            }
        }
    }

    /// The process of an object is gone, with its sockets.
    pub fn die(&mut self, place: Place) {
        let ended = match place {
            Place::Room(room) => self.rooms[room].object.die(),
            Place::Desk(desk) => self.desks[desk].object.die(),
        };
        self.end_all(ended);
    }

    // ------------------------------------------------------------------------------------------ time

    /// Plans the ring of an alarm that was set, by the object's own clock.
    pub fn plan_alarm(&mut self, place: Place) {
        let (alarm, turn, planned, clock, is_frozen) = match place {
            Place::Room(room) => {
                let (object, planned) = (&self.rooms[room].object, self.rooms[room].planned);
                (object.alarm, object.alarm_turn, planned, object.clock(self.now), object.frozen.is_some())
            }
            Place::Desk(desk) => {
                let (object, planned) = (&self.desks[desk].object, self.desks[desk].planned);
                (object.alarm, object.alarm_turn, planned, object.clock(self.now), object.frozen.is_some())
            }
        };
        let Some(alarm) = alarm.filter(|_| planned != turn) else { return };
        match place {
            Place::Room(room) => self.rooms[room].planned = turn,
            Place::Desk(desk) => self.desks[desk].planned = turn,
        }
        let early = self.draws(Fault::AlarmEarly);
        let due = alarm.since(clock).max(if is_frozen { 200 } else { 1 });
        let wait = if early { self.dice.between(0, due) } else { due };
        if due - wait > 500 {
            self.early_rings.insert((place, turn));
        }
        self.plan(wait, Event::Ring(place, Some(turn)));
    }

    /// An alarm rings.
    pub fn ring(&mut self, place: Place, turn: Option<u64>) {
        let current = match place {
            Place::Room(room) => self.rooms[room].object.alarm_turn,
            Place::Desk(desk) => self.desks[desk].object.alarm_turn,
        };
        if let Some(turn) = turn {
            let is_early = self.early_rings.remove(&(place, turn));
            if turn != current {
                return;
            }
            if is_early {
                self.bites(Fault::AlarmEarly);
            }
            if self.strikes(Fault::AlarmLate) {
                let wait = self.dice.between(5_000, 90_000);
                return self.plan(wait, Event::Ring(place, Some(turn)));
            }
            if self.strikes(Fault::AlarmLost) {
                return self.plan(600_000, Event::Ring(place, Some(turn)));
            }
            if self.strikes(Fault::AlarmTwice) {
                let wait = self.dice.between(1, 2_000);
                self.plan(wait, Event::Ring(place, None));
            }
        }
        let doom = self.draws(Fault::AlarmFails).then(|| {
            let fates = [Fate::DiesBefore, Fate::DiesAfter(0), Fate::WriteFails(0)];
            (Fault::AlarmFails, fates[self.dice.place(3)])
        });
        let life = match place {
            Place::Room(room) => {
                let object = &mut self.rooms[room].object;
                object.alarm = None;
                object.alarm_turn += 1;
                object.life
            }
            Place::Desk(desk) => {
                let object = &mut self.desks[desk].object;
                object.alarm = None;
                object.alarm_turn += 1;
                object.life
            }
        };
        let (result, life_after) = match place {
            Place::Room(room) => {
                let result = self.room_input(room, Room::rang(Vec::new), doom).map(drop);
                (result, self.rooms[room].object.life)
            }
            Place::Desk(desk) => {
                let sockets = &self.desks[desk].object.sockets;
                let heartbeats = sockets.iter().filter_map(|(socket, held)| Some((*socket, held.heartbeat?)));
                let input = Desk::rang(|| heartbeats.collect());
                let result = self.desk_input(desk, input, doom).map(drop);
                (result, self.desks[desk].object.life)
            }
        };
        if result.is_err() {
            self.alarm_failed(place, life != life_after);
        }
    }

    /// The platform tries again after a crash; after an error of ours the object itself does.
    fn alarm_failed(&mut self, place: Place, died: bool) {
        if died {
            return self.plan(2_000, Event::Ring(place, None));
        }
        match place {
            Place::Room(room) => {
                let object = &mut self.rooms[room].object;
                object.alarm = Some(object.clock(self.now).plus(BACKOFF.1));
                object.alarm_turn += 1;
            }
            Place::Desk(desk) => {
                let object = &mut self.desks[desk].object;
                object.alarm = Some(object.clock(self.now).plus(BACKOFF.1));
                object.alarm_turn += 1;
            }
        }
        self.plan_alarm(place);
    }

    /// An object's timer, unless its process is gone.
    pub fn timer(&mut self, place: Place, life: u64) {
        match place {
            Place::Room(room) if self.rooms[room].object.life == life => {
                self.rooms[room].object.busy -= 1;
                let fate = self.fate();
                drop(self.room_input(room, RoomInput::Tick, fate));
            }
            Place::Desk(desk) if self.desks[desk].object.life == life => {
                self.desks[desk].object.busy -= 1;
                let fate = self.fate();
                drop(self.desk_input(desk, DeskInput::Tick, fate));
            }
            Place::Room(_) | Place::Desk(_) => {}
        }
    }
}
