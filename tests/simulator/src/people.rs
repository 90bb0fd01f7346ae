//! What people do: open pages, write, read, claim, go away and come back; and the gateway that lets them in.

use bellhop::core::{
    auth::ticket_end,
    machine::Machine as _,
    principal::{AgentPrincipal, Identity, Principal, VisitorPrincipal},
    protocol::wire::{self, client_frame::Frame},
    socket::SocketId,
    time::{HOUR, Timestamp},
};

use crate::{
    calls::{Call, What},
    client::{connection::State, outbox::Unsent},
    faults::Fault,
    net::NOTE_CANARY,
    object::Doom,
    world::{Event, Kind, Place, World},
};

impl World {
    /// A person does something, and will do something again.
    pub fn act(&mut self, client: usize) {
        let wait = if self.calm { self.dice.between(1_000, 4_000) } else { self.dice.between(50, 4_000) * self.pace };
        self.plan(wait, Event::Act(client));
        let now = self.now;
        match self.clients[client].connection.state {
            State::Idle if self.calm || self.dice.below(3) > 0 => {
                let wishes = self.clients[client].connection.connect(now);
                return self.wishes(client, wishes);
            }
            // The page is loaded again.
            State::Stopped(_) if self.calm || self.dice.one_in(4) => return self.reload(client),
            State::Idle | State::Stopped(_) | State::Connecting | State::Live | State::Waiting(_) => {}
        }
        if self.calm {
            return self.settle(client);
        }
        let kind = self.clients[client].kind;
        if self.agents_rest && !matches!(kind, Kind::Tab(_)) && !self.dice.one_in(12) {
            return;
        }
        match kind {
            Kind::Tab(_) => match self.dice.below(40) {
                0..=13 => self.write(client),
                14..=17 => self.typing(client),
                18..=21 => self.read(client),
                22 | 23 => self.older(client),
                24 => self.identify(client),
                25 => self.pause(client),
                26 => self.reload(client),
                27 => self.retry(client),
                28 => self.leave(client),
                // So that more begins with the bot.
                32..=34 if self.agents_rest => self.leave(client),
                29 => self.leave_email(client),
                30 | 31 => self.rate(client),
                _ => {}
            },
            Kind::Console { .. } => match self.dice.below(40) {
                0..=9 => self.write(client),
                10..=15 => self.jot(client),
                16..=20 => self.read(client),
                21 | 22 => self.older(client),
                23 | 24 => self.file(client),
                25 => self.typing(client),
                26 => self.pause(client),
                27 => self.reload(client),
                28 => self.retry(client),
                29 | 30 => self.tag(client),
                _ => {}
            },
            Kind::List(agent) => match self.dice.below(12) {
                0..=4 => self.request(client, agent),
                5 => {
                    let online = wire::Availability::Online.into();
                    let said = [(online, false), (wire::Availability::Away.into(), false), (0, true)];
                    let (availability, idle) = said[self.dice.place(3)];
                    let set = wire::SetAvailability { availability, idle };
                    self.send_if_live(client, Frame::SetAvailability(set));
                }
                6 => self.pause(client),
                _ => {}
            },
        }
    }

    /// After the faults: everybody reads to the end and back to the beginning, and what had failed is sent again.
    fn settle(&mut self, client: usize) {
        match self.clients[client].kind {
            Kind::Tab(room) => {
                if std::mem::replace(&mut self.rooms[room].is_owed, false) {
                    self.write(client);
                }
            }
            Kind::Console { .. } => {}
            Kind::List(agent) => return self.attend(client, agent),
        }
        self.retry(client);
        self.read(client);
        self.older(client);
    }

    pub fn send_if_live(&mut self, client: usize, frame: Frame) {
        if self.clients[client].connection.state == State::Live {
            self.send_frame(client, frame);
        }
    }

    fn unsent(&mut self, client: usize, is_note: bool) -> Option<Unsent> {
        let (room, who) = self.writer(self.clients[client].kind)?;
        let canary = self.desks[self.rooms[room].workspace].canary.clone();
        self.counts.written += 1;
        let number = self.counts.written;
        let more = if self.dice.one_in(30) { "long ".repeat(self.dice.place(600)) } else { String::new() };
        let private = if is_note { NOTE_CANARY } else { "" };
        let text = format!("{number} {canary} {private} 退款 {more}");
        let presses = who == "visitor" && self.dice.one_in(6);
        let choice = if presses { format!("int-{}", self.dice.place(3)) } else { String::new() };
        let item = Unsent { client_id: format!("c{number}"), text, choice, failed: None };
        let stored = self.stored.entry((room, who.clone(), is_note)).or_default();
        if stored.len() >= 12 {
            self.counts.written -= 1;
            return None;
        }
        stored.push(item.clone());
        self.rooms[room].truth.will_send(is_note, who, item.client_id.clone(), item.text.clone());
        if presses {
            self.rooms[room].truth.bot.pressed.insert(item.client_id.clone(), item.choice.clone());
        }
        Some(item)
    }

    fn write(&mut self, client: usize) {
        let Some(item) = self.unsent(client, false) else { return };
        let (now, kind) = (self.now, self.clients[client].kind);
        let effects = self.clients[client].log.write(item, now);
        self.carry_out(client, effects);
        // CL20: the browser tells the other windows.
        for other in (0..self.clients.len()).filter(|other| *other != client) {
            if self.clients[other].kind == kind {
                let wait = self.dice.between(1, 300);
                self.plan(wait, Event::Adopt(other));
            }
        }
        self.replan(client);
    }

    fn jot(&mut self, client: usize) {
        let Some(item) = self.unsent(client, true) else { return };
        let now = self.now;
        let effects = self.clients[client].log.jot(item, now);
        self.carry_out(client, effects);
        self.replan(client);
    }

    /// CL20: another window has stored something.
    pub fn adopt(&mut self, client: usize) {
        let Some((room, who)) = self.writer(self.clients[client].kind) else { return };
        let items = self.stored.get(&(room, who, false)).cloned().unwrap_or_default();
        let now = self.now;
        let effects = self.clients[client].log.adopt(&items, now);
        self.carry_out(client, effects);
        self.replan(client);
    }

    fn retry(&mut self, client: usize) {
        let now = self.now;
        let log = &self.clients[client].log;
        let failed: Vec<String> = log
            .outbox
            .items
            .iter()
            .chain(&log.notes.items)
            .filter(|item| item.failed.is_some())
            .map(|item| item.client_id.clone())
            .collect();
        for client_id in failed {
            let effects = self.clients[client].log.retry(&client_id, now);
            self.carry_out(client, effects);
        }
        self.replan(client);
    }

    fn typing(&mut self, client: usize) {
        let typing = wire::Typing { on: true, preview: "half a word".into(), participant: None };
        self.send_if_live(client, Frame::Typing(typing));
    }

    fn read(&mut self, client: usize) {
        let effects = self.clients[client].log.mark_read();
        self.carry_out(client, effects);
    }

    fn older(&mut self, client: usize) {
        let effects = self.clients[client].log.older();
        self.carry_out(client, effects);
    }

    fn identify(&mut self, client: usize) {
        let Kind::Tab(room) = self.clients[client].kind else { return };
        let canary = &self.desks[self.rooms[room].workspace].canary;
        let name = format!("Anna {} {canary}", self.dice.below(100));
        self.send_if_live(client, Frame::Identify(wire::Identify { name, ..wire::Identify::default() }));
    }

    fn file(&mut self, client: usize) {
        if self.dice.below(5) == 0 {
            let (on, client_id) = (self.dice.below(2) == 0, format!("q{}", self.dice.below(1_000_000)));
            return self.send_if_live(client, Frame::Mute(wire::Mute { on, client_id }));
        }
        let statuses = [wire::Status::Open, wire::Status::Snoozed, wire::Status::Resolved];
        let status = statuses[self.dice.place(3)];
        let until = self.now + self.dice.between(-1_000, 120_000);
        let snoozed_until = if status == wire::Status::Snoozed { until as u64 } else { 0 };
        let client_id = format!("s{}", self.dice.below(1_000_000));
        self.send_if_live(
            client,
            Frame::SetStatus(wire::SetStatus { status: status.into(), snoozed_until, client_id }),
        );
    }

    /// The page goes to the background, its socket with it.
    fn pause(&mut self, client: usize) {
        let wishes = self.clients[client].connection.pause();
        self.wishes(client, wishes);
    }

    /// The page is loaded again: only what the profile keeps is left (CL12, CL21).
    pub fn reload(&mut self, client: usize) {
        let it = &self.clients[client];
        let last = it.log.run.entries.iter().find(|item| item.seq == it.log.read);
        let kept = last.map(|item| (item.seq, item.id.clone())).unwrap_or_default();
        let wishes = self.clients[client].connection.pause();
        self.wishes(client, wishes);
        let kind = self.clients[client].kind;
        self.clients[client].log = self.fresh_log(kind, kept);
        self.clients[client].list = Default::default();
        let now = self.now;
        let wishes = self.clients[client].connection.restart(now);
        self.wishes(client, wishes);
    }

    /// Claim, release or transfer of something in the list, perhaps asked twice, perhaps of an old assignment.
    fn request(&mut self, client: usize, agent: usize) {
        let rows: Vec<(String, u64)> =
            self.clients[client].list.rows.values().map(|it| (it.conversation.clone(), it.assignment_epoch)).collect();
        if rows.is_empty() {
            return;
        }
        let (conversation, held) = rows[self.dice.place(rows.len())].clone();
        let client_id = format!("r{}", self.dice.below(1_000_000));
        let assignment_epoch = [0, held, held.saturating_sub(1)][self.dice.place(3)];
        let team: Vec<String> = self
            .agents
            .iter()
            .filter(|other| other.workspace == self.agents[agent].workspace)
            .map(|other| other.id.to_string())
            .collect();
        let to = team[self.dice.place(team.len())].clone();
        let teams = &self.desks[self.agents[agent].workspace].teams;
        let to_team = teams[self.dice.place(teams.len())].to_string();
        let (to, to_team) = if self.dice.one_in(3) { (String::new(), to_team) } else { (to, String::new()) };
        let frame = match self.dice.below(5) {
            0..=2 => Frame::Claim(wire::Claim { client_id, conversation }),
            3 => Frame::Release(wire::Release { client_id, conversation, assignment_epoch }),
            _ => {
                let reason = format!("{NOTE_CANARY} knows Icelandic");
                Frame::Transfer(wire::Transfer {
                    client_id,
                    conversation,
                    assignment_epoch,
                    agent: to,
                    reason,
                    team: to_team,
                })
            }
        };
        if self.dice.one_in(5) {
            self.send_if_live(client, frame.clone());
        }
        self.send_if_live(client, frame);
    }

    // ------------------------------------------------------------------------------------------ the gateway

    /// A ticket as the gateway mints it now, or the close code that says why not.
    fn mint(&mut self, client: usize) -> Result<(String, i64), u16> {
        let short = self.draws(Fault::TicketShort);
        let life = if short { self.dice.between(5_000, 90_000) } else { HOUR };
        let now = Timestamp(self.now);
        let expires_at = ticket_end(now, now.plus(life));
        let principal = match self.clients[client].kind {
            Kind::Tab(room) => {
                let place = &self.rooms[room];
                if place.blocked {
                    return Err(4504);
                }
                Principal::Visitor(VisitorPrincipal {
                    workspace: self.desks[place.workspace].id.clone(),
                    site: place.site.clone(),
                    visitor: place.visitor.clone(),
                    conversation: place.id.clone(),
                    generation: place.generation,
                    expires_at,
                    user_agent: "Sim/1".into(),
                    country: "TW".into(),
                    location: None,
                    identity: (place.level > 0).then(|| Box::new(vip(place.level))),
                    must_prove: false,
                })
            }
            Kind::Console { agent, .. } | Kind::List(agent) => {
                if self.agents[agent].disabled {
                    return Err(4501);
                }
                Principal::Agent(self.principal(agent, expires_at))
            }
        };
        if short {
            self.bites(Fault::TicketShort);
        }
        let text = self.keys.sign_ticket(&principal, "", now).expect("a ticket");
        Ok((text, expires_at.0))
    }

    /// An agent as they are now.
    pub fn principal(&self, agent: usize, expires_at: Timestamp) -> AgentPrincipal {
        let it = &self.agents[agent];
        AgentPrincipal {
            workspace: self.desks[it.workspace].id.clone(),
            agent: it.id.clone(),
            name: it.name.clone(),
            picture: String::new(),
            role: it.role,
            session: it.session.clone(),
            generation: it.generation,
            expires_at,
        }
    }

    /// A client asks for a socket, with a ticket that it has or a new one.
    pub fn ask_for_socket(&mut self, client: usize, turn: u64, ticket: Option<String>) {
        let now = self.now;
        let ticket = match ticket.map(Ok).unwrap_or_else(|| {
            self.mint(client).map(|(text, ends)| {
                self.clients[client].connection.keep(text.clone(), ends);
                text
            })
        }) {
            Ok(ticket) => ticket,
            Err(code) => {
                let wishes = self.clients[client].connection.closed(code, now, &mut self.dice);
                return self.wishes(client, wishes);
            }
        };
        let wait = self.dice.between(5, 150);
        self.plan(wait, Event::Upgrade { client, turn, ticket });
    }

    /// CN13: the open socket gets its next ticket.
    pub fn renew(&mut self, client: usize) {
        let Ok((ticket, ends)) = self.mint(client) else { return };
        let now = self.now;
        self.clients[client].connection.keep(ticket.clone(), ends);
        self.clients[client].connection.plan_renewal(now, &mut self.dice);
        self.send_frame(client, Frame::Renew(wire::Renew { ticket }));
    }

    /// A ticket reaches the gateway.
    pub fn upgrade(&mut self, client: usize, turn: u64, ticket: &str) {
        let wait = self.dice.between(1, 60);
        let Ok(principal) = self.keys.ticket(ticket, Timestamp(self.now)) else {
            return self.plan(wait, Event::Refused { client, turn, code: 4010 });
        };
        match self.clients[client].kind {
            Kind::Console { room, .. } => {
                let conversation = self.rooms[room].id.clone();
                let what = What::Attach { client, turn, principal, conversation };
                self.send_call(Call { from: None, is_copy: false, what });
            }
            Kind::Tab(_) | Kind::List(_) => self.plan(wait, Event::Enter { client, turn, principal }),
        }
    }

    /// Where a client's socket goes.
    pub fn place_of(&self, client: usize) -> Place {
        match self.clients[client].kind {
            Kind::Tab(room) | Kind::Console { room, .. } => Place::Room(room),
            Kind::List(agent) => Place::Desk(self.agents[agent].workspace),
        }
    }

    /// The gateway lets somebody through to the object.
    pub fn enter(&mut self, client: usize, turn: u64, principal: Principal) {
        let (place, encoding) = (self.place_of(client), self.clients[client].encoding);
        if self.wake(place).is_err() {
            return self.plan(10, Event::Refused { client, turn, code: 4000 });
        }
        let socket = self.new_line(Some(client), place, principal.clone(), encoding);
        let opens = self.lines.get(&socket).map_or(self.now, |line| line.to_client);
        self.plan_at(opens, Event::Opened { client, turn, socket });
        let fate = self.fate();
        self.connected(place, socket, principal, encoding, fate);
    }

    /// The object takes a socket, or closes one that it could not take.
    pub fn connected(
        &mut self,
        place: Place,
        socket: SocketId,
        principal: Principal,
        encoding: bellhop::core::protocol::Encoding,
        fate: Doom,
    ) {
        let taken = match place {
            Place::Room(room) => {
                let input = bellhop::core::room::Room::connected(socket, principal, encoding);
                self.room_input(room, input, fate).map(drop)
            }
            Place::Desk(desk) => {
                let input = bellhop::core::desk::Desk::connected(socket, principal, encoding);
                self.desk_input(desk, input, fate).map(drop)
            }
        };
        if taken.is_err() && self.lines.get(&socket).is_some_and(|line| line.server_end) {
            // Without a machine that knows it the socket would stay silent for ever.
            self.forget_socket(place, socket);
            self.push(place, crate::object::Push::Close(socket, bellhop::core::error::CloseCode::Restart));
        }
    }

    /// The client learns that its socket is open, and says hello.
    pub fn opened(&mut self, client: usize, turn: u64, socket: SocketId) {
        if self.clients[client].connection.turn != turn {
            let Some(line) = self.lines.get_mut(&socket) else { return };
            line.client_end = false;
            if line.server_end {
                self.plan(20, Event::GoneAtServer(socket));
            } else {
                self.lines.remove(&socket);
            }
            return;
        }
        self.clients[client].connection.opened(socket);
        let hello = match self.clients[client].kind {
            Kind::Tab(_) | Kind::Console { .. } => self.clients[client].log.hello(),
            Kind::List(_) => Frame::DeskHello(self.clients[client].list.hello()),
        };
        self.send_frame(client, hello);
    }

    /// The gateway has refused, or something on the way has failed.
    pub fn refused(&mut self, client: usize, turn: u64, code: u16) {
        if self.clients[client].connection.turn == turn {
            let now = self.now;
            let wishes = self.clients[client].connection.closed(code, now, &mut self.dice);
            self.wishes(client, wishes);
        }
    }
}

/// Whom the site has signed; by no name, so that what is looked for elsewhere stays what somebody said.
fn vip(level: u8) -> Identity {
    Identity { subject: format!("vip-{level}"), level, ..Identity::default() }
}
