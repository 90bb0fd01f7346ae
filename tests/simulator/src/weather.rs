//! What happens to objects, clocks and stores from outside, and when; people's rights have a file of their own ([`crate::rights`]).

use bellhop::{
    core::{auth::Keys, time::Timestamp},
    sql::room::RoomStore,
};

use crate::{
    faults::Fault,
    object::{Held, of_earlier_version},
    world::{Client, Event, Kind, Place, RoomCopy, World, secret},
};

impl World {
    pub fn any_place(&mut self) -> Place {
        let all = self.rooms.len() + self.desks.len();
        let place = self.dice.place(all);
        if place < self.rooms.len() { Place::Room(place) } else { Place::Desk(place - self.rooms.len()) }
    }

    /// Something may go wrong somewhere, and will again.
    pub fn weather(&mut self) {
        if self.calm {
            return;
        }
        let wait = self.dice.between(100, 1_500);
        self.plan(wait, Event::Weather);
        let place = self.any_place();
        self.sleep_or_restart(place);
        self.clocks(place);
        self.stores();
        self.rights();
        if self.draws(Fault::HalfOpen) {
            let sockets: Vec<_> = self.lines.iter().filter(|(_, line)| !line.deaf).map(|(it, _)| *it).collect();
            if !sockets.is_empty() {
                let socket = sockets[self.dice.place(sockets.len())];
                if let Some(line) = self.lines.get_mut(&socket) {
                    line.deaf = true;
                    self.bites(Fault::HalfOpen);
                }
            }
        }
        if self.strikes(Fault::KeyRotated) {
            self.rotations += 1;
            let (new, old) = (secret(self.rotations), secret(self.rotations - 1));
            self.keys = Keys::new(&new, Some(&old)).expect("good secrets");
        }
        if self.draws(Fault::Intruder) {
            self.intrude();
        }
        if self.draws(Fault::DatabaseGone) && !self.database.down.replace(true) {
            let minutes = self.dice.between(60_000, 480_000);
            self.plan(minutes, Event::DatabaseBack);
        }
        self.second_tabs();
        if self.dice.one_in(150) {
            let desk = self.dice.place(self.desks.len());
            self.draw_routing(desk);
        }
        let desk = self.dice.place(self.desks.len());
        if self.dice.one_in(150) && self.desks[desk].bot_version > 0 {
            self.change_bot(desk);
        }
    }

    fn held(&mut self, place: Place) -> &mut std::collections::BTreeMap<bellhop::core::socket::SocketId, Held> {
        match place {
            Place::Room(room) => &mut self.rooms[room].object.sockets,
            Place::Desk(desk) => &mut self.desks[desk].object.sockets,
        }
    }

    pub fn sleep(&mut self, place: Place) -> bool {
        match place {
            Place::Room(room) => self.rooms[room].object.sleep(),
            Place::Desk(desk) => self.desks[desk].object.sleep(),
        }
    }

    fn sleep_or_restart(&mut self, place: Place) {
        // An object at work does not sleep, and one without sockets comes back with nothing.
        if self.draws(Fault::Evicted) && self.sleep(place) && !self.held(place).is_empty() {
            self.bites(Fault::Evicted);
        }
        for fault in [Fault::AttachmentMissing, Fault::AttachmentOld] {
            let draws = self.draws(fault);
            let count = self.held(place).len();
            if !draws || count == 0 || !self.sleep(place) {
                continue;
            }
            let which = self.dice.place(count);
            let Some(held) = self.held(place).values_mut().nth(which) else { continue };
            if let Some(text) = held.attachment.take() {
                held.attachment = of_earlier_version(&text).filter(|_| fault == Fault::AttachmentOld);
                self.bites(fault);
            }
        }
        if let Place::Room(_) = place
            && self.draws(Fault::Restart)
        {
            self.restart(place, Fault::Restart);
        }
        if self.draws(Fault::DeskRestart) {
            let desk = self.dice.place(self.desks.len());
            self.restart(Place::Desk(desk), Fault::DeskRestart);
        }
    }

    /// Nobody notices where nobody was.
    fn restart(&mut self, place: Place, fault: Fault) {
        let has_sockets = !self.held(place).is_empty();
        self.die(place);
        if has_sockets {
            self.bites(fault);
        }
    }

    fn clocks(&mut self, place: Place) {
        let jumps = self.strikes(Fault::ClockJump);
        let freezes = self.strikes(Fault::ClockFrozen);
        let far = [-3_600_000, -60_000, -1_000, 1_000, 60_000, 3_600_000][self.dice.place(6)];
        let (short, long) = (self.dice.between(200, 15_000), self.dice.between(3_000, 120_000));
        let now = self.now;
        let (skew, frozen) = match place {
            Place::Room(room) => {
                let object = &mut self.rooms[room].object;
                (&mut object.skew, &mut object.frozen)
            }
            Place::Desk(desk) => {
                let object = &mut self.desks[desk].object;
                (&mut object.skew, &mut object.frozen)
            }
        };
        if jumps {
            *skew = far;
        }
        if freezes {
            *frozen = Some(Timestamp(now + *skew));
        }
        if jumps || freezes {
            self.plan(if jumps { long } else { short }, Event::RightClock(place));
            self.plan_again(place);
        }
    }

    /// A clock is right again.
    pub fn right_clock(&mut self, place: Place) {
        match place {
            Place::Room(room) => {
                let object = &mut self.rooms[room].object;
                (object.skew, object.frozen) = (0, None);
            }
            Place::Desk(desk) => {
                let object = &mut self.desks[desk].object;
                (object.skew, object.frozen) = (0, None);
            }
        }
        self.plan_again(place);
    }

    /// The alarm is due at another moment by another clock.
    fn plan_again(&mut self, place: Place) {
        match place {
            Place::Room(room) => self.rooms[room].planned = u64::MAX,
            Place::Desk(desk) => self.desks[desk].planned = u64::MAX,
        }
        self.plan_alarm(place);
    }

    // ------------------------------------------------------------------------------------------ stores

    fn stores(&mut self) {
        let (room, desk) = (self.dice.place(self.rooms.len()), self.dice.place(self.desks.len()));
        if self.dice.one_in(20) && self.rooms[room].copies.len() < 3 && !self.rooms[room].truth.public.is_empty() {
            let place = &mut self.rooms[room];
            let copy = RoomCopy { store: place.object.sql.copy(), mark: place.truth.mark() };
            place.copies.push(copy);
        }
        if self.dice.one_in(20) && self.desks[desk].copies.len() < 3 {
            let place = &mut self.desks[desk];
            let copy = (place.object.sql.copy(), place.truth.clone());
            place.copies.push(copy);
        }
        if self.draws(Fault::RoomRestored) && self.put_room_back(room) {
            self.bites(Fault::RoomRestored);
        }
        if self.draws(Fault::DeskRestored) && self.put_desk_back(desk) {
            self.bites(Fault::DeskRestored);
        }
    }

    fn put_room_back(&mut self, room: usize) -> bool {
        let count = self.rooms[room].copies.len();
        let which = self.dice.place(count);
        // The epoch of a store that was put back is a moment: an operator does not put one back while clocks are wrong.
        if count == 0 || self.rooms[room].object.skew != 0 || self.rooms[room].object.frozen.is_some() {
            return false;
        }
        self.die(Place::Room(room));
        let place = &mut self.rooms[room];
        let copy = &mut place.copies[which];
        // A copy is older than the epoch that was drawn since: only the first such store is known to be older.
        let gone = place.truth.put_back(copy.mark.clone());
        let store = copy.store.copy();
        // Later copies are of a history that is gone.
        place.copies.truncate(which + 1);
        place.object.put_back(store);
        let is_seen = |client: &Client| {
            let mut held = client.log.run.entries.iter().chain(&client.log.private.entries);
            held.any(|item| gone.contains(&item.id))
        };
        self.rooms[room].truth.is_unseen = !gone.is_empty() && !self.clients.iter().any(is_seen);
        self.counts.restores += 1;
        true
    }

    fn put_desk_back(&mut self, desk: usize) -> bool {
        let count = self.desks[desk].copies.len();
        let which = self.dice.place(count);
        if count == 0 || self.desks[desk].object.skew != 0 || self.desks[desk].object.frozen.is_some() {
            return false;
        }
        self.die(Place::Desk(desk));
        let place = &mut self.desks[desk];
        place.was_put_back = true;
        let (store, truth) = &mut place.copies[which];
        (place.truth, place.copies) = {
            let kept = (store.copy(), truth.clone());
            let again = (kept.1.clone(), vec![(store.copy(), truth.clone())]);
            place.object.put_back(kept.0);
            again
        };
        self.counts.restores += 1;
        true
    }

    /// A second tab of a visitor opens for a while.
    fn second_tabs(&mut self) {
        let room = self.dice.place(self.rooms.len());
        let open = self.clients.iter().filter(|client| client.kind == Kind::Tab(room)).count();
        if self.draws(Fault::TwoTabs) && open < 3 {
            self.add_client(Kind::Tab(room), true);
            self.bites(Fault::TwoTabs);
        }
    }

    // ------------------------------------------------------------------------------------------ calm

    fn places(&self) -> Vec<Place> {
        (0..self.rooms.len()).map(Place::Room).chain((0..self.desks.len()).map(Place::Desk)).collect()
    }

    /// All faults stop and nobody says anything any more: what is not yet as it must be, objects have to see to by
    /// themselves. In one seed of three all lines end; in one they go deaf, and the objects hibernate; in one this is
    /// left out, because much that is wrong would be mended by it before anybody looks.
    pub fn fall_asleep(&mut self) -> bool {
        if self.config.seed.is_multiple_of(3) {
            return false;
        }
        (self.calm, self.faults.calm) = (true, true);
        self.say(format_args!("SILENCE"));
        self.database.heal();
        for place in self.places() {
            self.right_clock(place);
        }
        self.asleep = Some(Vec::new());
        let sockets: Vec<_> = self.lines.keys().copied().collect();
        for socket in sockets {
            if self.config.seed % 3 == 1 {
                self.plan(1, Event::GoneAtServer(socket));
            } else if let Some(line) = self.lines.get_mut(&socket) {
                line.deaf = true;
            }
        }
        for place in self.places() {
            self.sleep(place);
        }
        true
    }

    /// Everybody's machine goes on where it was.
    pub fn wake_up(&mut self) {
        for event in self.asleep.take().unwrap_or_default() {
            if let Event::ClientTick(client) = event {
                self.clients[client].tick_at = self.now + 1;
            }
            self.plan(1, event);
        }
    }

    /// What is for people waits while they sleep, and what they had on its way is lost.
    pub fn unless_asleep(&mut self, event: Event) -> Option<Event> {
        let Some(held) = &mut self.asleep else { return Some(event) };
        match event {
            Event::ToServer(..) | Event::Ping(_) => None,
            Event::ToClient(..)
            | Event::Pong(_)
            | Event::ClosedAtClient(..)
            | Event::Upgrade { .. }
            | Event::Enter { .. }
            | Event::Opened { .. }
            | Event::Refused { .. }
            | Event::ClientTick(_)
            | Event::Act(_)
            | Event::Adopt(_)
            | Event::Say(..) => {
                held.push(event);
                None
            }
            Event::GoneAtServer(_)
            | Event::Cut(_)
            | Event::Ring(..)
            | Event::Tick(..)
            | Event::Call(_)
            | Event::Answer(..)
            | Event::Consume
            | Event::Weather
            | Event::RightClock(_)
            | Event::DatabaseBack => Some(event),
        }
    }

    /// All faults stop: clocks are right, everybody may come in and comes.
    pub fn calm_down(&mut self) {
        (self.calm, self.faults.calm) = (true, true);
        self.say(format_args!("CALM"));
        self.database.heal();
        for place in self.places() {
            self.right_clock(place);
        }
        for agent in 0..self.agents.len() {
            self.enable(agent);
        }
        for room in 0..self.rooms.len() {
            let truth = &self.rooms[room].truth;
            let is_silent = truth.public.is_empty();
            // A restored Desk and a quiet Room may disagree until one of them speaks; of who is muted it hears when somebody comes.
            // Of what no client had seen the next message tells.
            self.rooms[room].is_owed =
                is_silent || truth.is_unseen || self.desks[self.rooms[room].workspace].was_put_back;
            if self.rooms[room].is_owed && self.record(room).is_some_and(|record| record.muted) {
                self.come_anew(room);
            }
            if self.rooms[room].blocked {
                self.block(room, false);
            }
        }
    }

    /// The agents who have it open load their consoles again.
    fn come_anew(&mut self, room: usize) {
        for client in 0..self.clients.len() {
            if matches!(self.clients[client].kind, Kind::Console { room: it, .. } if it == room) {
                self.reload(client);
            }
        }
    }

    /// The Room's record, as it is on disk.
    pub fn record(&self, room: usize) -> Option<bellhop::core::room::record::Record> {
        RoomStore(&self.rooms[room].object.sql).record().expect("a record")
    }
}
