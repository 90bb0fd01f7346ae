//! How a line between a client and an object begins, how it shows that it is alive, and how it ends: for one side, for the
//! other, for both.

use std::rc::Rc;

use bellhop::core::{
    desk::Desk, machine::Machine as _, principal::Principal, protocol::Encoding, room::Room, socket::SocketId,
};

use crate::world::{Event, Line, Place, World};

impl World {
    /// A heartbeat, which the runtime answers without waking anybody.
    pub fn ping(&mut self, socket: SocketId) {
        let Some(line) = self.lines.get(&socket) else { return };
        let (place, is_held) = (line.place, line.server_end && !line.deaf);
        if !is_held {
            return;
        }
        let clock = match place {
            Place::Room(room) => self.rooms[room].object.clock(self.now),
            Place::Desk(desk) => self.desks[desk].object.clock(self.now),
        };
        let held = match place {
            Place::Room(room) => self.rooms[room].object.sockets.get_mut(&socket),
            Place::Desk(desk) => self.desks[desk].object.sockets.get_mut(&socket),
        };
        if let Some(held) = held {
            held.heartbeat = Some(clock);
        }
        let delay = self.dice.between(1, 80);
        self.plan(delay, Event::Pong(socket));
    }

    /// Its answer.
    pub fn pong(&mut self, socket: SocketId) {
        let Some(line) = self.lines.get(&socket) else { return };
        if let Some(client) = line.client.filter(|_| line.client_end && !line.deaf) {
            self.clients[client].connection.pong();
            self.replan(client);
        }
    }

    /// The object learns that a socket is gone.
    pub fn gone_at_server(&mut self, socket: SocketId) {
        let Some(line) = self.lines.get_mut(&socket) else { return };
        let (place, was_held) = (line.place, std::mem::replace(&mut line.server_end, false));
        if !line.client_end {
            self.lines.remove(&socket);
        }
        if !was_held {
            return;
        }
        if self.wake(place).is_err() {
            return self.forget_socket(place, socket);
        }
        let known = match place {
            Place::Room(room) => self.rooms[room].object.knows(socket),
            Place::Desk(desk) => self.desks[desk].object.knows(socket),
        };
        self.forget_socket(place, socket);
        if known.is_none() {
            return;
        }
        let fate = self.fate();
        match place {
            Place::Room(room) => drop(self.room_input(room, Room::disconnected(socket), fate)),
            Place::Desk(desk) => drop(self.desk_input(desk, Desk::disconnected(socket), fate)),
        }
    }

    /// The client learns that its socket is closed.
    pub fn closed_at_client(&mut self, socket: SocketId, code: u16) {
        let Some(line) = self.lines.get_mut(&socket) else { return };
        let (client, listens) = (line.client, std::mem::replace(&mut line.client_end, false));
        if !line.server_end {
            self.lines.remove(&socket);
        }
        let Some(client) = client.filter(|_| listens) else { return };
        if self.clients[client].connection.socket == Some(socket) {
            let now = self.now;
            let wishes = self.clients[client].connection.closed(code, now, &mut self.dice);
            self.wishes(client, wishes);
        }
    }

    /// A line breaks, and both sides are told.
    pub fn cut(&mut self, socket: SocketId) {
        self.closed_at_client(socket, 1006);
        self.gone_at_server(socket);
    }

    /// Every socket of an object ends: its process is gone.
    pub fn end_all(&mut self, sockets: Vec<SocketId>) {
        for socket in sockets {
            self.push_close(socket, 1006);
        }
    }

    /// A new line, as the platform accepts it.
    pub fn new_line(
        &mut self,
        client: Option<usize>,
        place: Place,
        principal: Principal,
        encoding: Encoding,
    ) -> SocketId {
        let socket = SocketId(self.dice.bits());
        let opens = self.now + self.dice.between(1, 60);
        let line = Line {
            client,
            place,
            principal: Rc::new(principal),
            encoding,
            to_server: opens,
            to_client: opens,
            deaf: false,
            client_end: client.is_some(),
            server_end: true,
            lingers: None,
        };
        self.lines.insert(socket, line);
        match place {
            Place::Room(room) => self.rooms[room].object.accept(socket, encoding),
            Place::Desk(desk) => self.desks[desk].object.accept(socket, encoding),
        }
        socket
    }
}
