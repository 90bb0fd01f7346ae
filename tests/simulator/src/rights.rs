//! Rights that end or are given back, and people who have none.

use bellhop::core::{
    id::{AgentId, SessionId, SiteId, VisitorId},
    internal::{AgentRef, RevokeRequest, Revoked},
    principal::{AgentPrincipal, Principal, VisitorPrincipal},
    protocol::{Encoding, wire, wire::client_frame::Frame},
    time::{HOUR, Timestamp},
};

use crate::{
    calls::{Call, What},
    faults::Fault,
    net,
    world::{Place, World},
};

impl World {
    /// Rights may end, and begin again.
    pub fn rights(&mut self) {
        let agent = self.dice.place(self.agents.len());
        let kind = self.dice.below(3);
        if self.strikes(Fault::AgentRevoked) {
            self.revoke_agent(agent, kind);
        }
        if self.draws(Fault::RevokedAsleep) {
            let (mut slept, mut is_there) = (false, false);
            for room in 0..self.rooms.len() {
                let sleeps = self.sleep(Place::Room(room));
                (slept, is_there) = (slept || sleeps, is_there || sleeps && self.is_in(agent, room));
            }
            if slept {
                self.revoke_agent(agent, kind);
            }
            if is_there {
                self.bites(Fault::RevokedAsleep);
            }
        }
        if self.agents[agent].disabled && self.dice.one_in(10) {
            self.enable(agent);
        }
        let room = self.dice.place(self.rooms.len());
        let unblocks = self.rooms[room].blocked && self.dice.one_in(10);
        if self.draws(Fault::VisitorBlocked) || unblocks {
            let blocked = !self.rooms[room].blocked;
            self.block(room, blocked);
            if blocked {
                self.bites(Fault::VisitorBlocked);
            }
        }
    }

    /// Whether a Room holds a socket of this agent.
    fn is_in(&self, agent: usize, room: usize) -> bool {
        let lines = self.rooms[room].object.sockets.keys().filter_map(|socket| self.lines.get(socket));
        lines.map(|line| &*line.principal).any(|who| match who {
            Principal::Agent(held) => held.agent == self.agents[agent].id,
            Principal::Visitor(_) => false,
        })
    }

    /// Signs one session out, changes the password, or disables.
    fn revoke_agent(&mut self, agent: usize, kind: u64) {
        let session = SessionId::draw(&mut self.dice.entropy());
        let it = &mut self.agents[agent];
        let ended = std::mem::replace(&mut it.session, session);
        let revoked = if kind == 0 {
            Revoked::Session { agent: it.id.clone(), session: ended }
        } else {
            it.generation += 1;
            Revoked::Agent { agent: it.id.clone(), generation: it.generation }
        };
        let release = kind == 2;
        it.disabled = release;
        let workspace = self.desks[it.workspace].id.clone();
        self.note_state(agent);
        self.tell_desk(RevokeRequest { workspace, revoked, conversations: Vec::new(), release });
    }

    /// An agent may come in again.
    pub fn enable(&mut self, agent: usize) {
        self.agents[agent].disabled = false;
        self.note_state(agent);
    }

    fn note_state(&self, agent: usize) {
        let it = &self.agents[agent];
        let state = if it.disabled { "disabled" } else { "active" };
        let sql = "UPDATE agents SET state = ?1 WHERE id = ?2";
        self.database.sql.connection.execute(sql, (state, it.id.as_str())).expect("an agent");
    }

    /// Blocks a visitor, or lifts it; either ends their tickets.
    pub fn block(&mut self, room: usize, blocked: bool) {
        let place = &mut self.rooms[room];
        place.generation += 1;
        place.blocked = blocked;
        let (visitor, generation, workspace) = (place.visitor.clone(), place.generation, place.workspace);
        let conversations = vec![place.id.clone()];
        let by = self.agents.iter().find(|agent| agent.workspace == workspace);
        let by = by.map(|agent| AgentRef::new(agent.id.clone(), agent.name.clone())).expect("an agent");
        let revoked = Revoked::Visitor { visitor, generation, blocked, by };
        let workspace = self.desks[workspace].id.clone();
        self.tell_desk(RevokeRequest { workspace, revoked, conversations, release: false });
    }

    fn tell_desk(&mut self, request: RevokeRequest) {
        self.send_call(Call { from: None, is_copy: false, what: What::RevokeAll(Box::new(request)) });
    }

    /// Somebody of another workspace, or another visitor, gets as far as the object's door, and speaks.
    pub fn intrude(&mut self) {
        let place = self.any_place();
        let expires_at = Timestamp(self.now + 10 * HOUR);
        let agent = self.dice.place(self.agents.len());
        let mut foreign = self.principal(agent, expires_at);
        let own = match place {
            Place::Room(room) => self.rooms[room].workspace,
            Place::Desk(desk) => desk,
        };
        foreign.workspace = self.desks[1 - own].id.clone();
        let is_visitor = self.dice.one_in(2);
        let principal = match place {
            Place::Room(room) if is_visitor && !self.rooms[room].truth.public.is_empty() => {
                Principal::Visitor(VisitorPrincipal {
                    workspace: self.desks[[own, 1 - own][self.dice.place(2)]].id.clone(),
                    site: match SiteId::draw(&mut self.dice.entropy()) {
                        other if self.now % 2 == 0 => other,
                        _ => self.rooms[room].site.clone(),
                    },
                    visitor: VisitorId::draw(&mut self.dice.entropy()),
                    conversation: self.rooms[room].id.clone(),
                    generation: 99,
                    expires_at,
                    user_agent: String::new(),
                    country: String::new(),
                    location: None,
                    identity: None,
                    must_prove: false,
                })
            }
            _ => Principal::Agent(AgentPrincipal { agent: AgentId::draw(&mut self.dice.entropy()), ..foreign }),
        };
        if self.wake(place).is_err() {
            return;
        }
        let socket = self.new_line(None, place, principal.clone(), Encoding::Json);
        self.connected(place, socket, principal, Encoding::Json, None);
        let frames = match place {
            Place::Room(_) => vec![
                Frame::Hello(wire::Hello::default()),
                Frame::Page(wire::PageRequest::default()),
                Frame::Send(wire::Send { client_id: "x".into(), text: "let me in".into(), ..wire::Send::default() }),
            ],
            Place::Desk(_) => vec![Frame::DeskHello(wire::DeskHello::default())],
        };
        for frame in frames {
            let payload = net::encode(Encoding::Json, frame);
            self.frame_at_server(socket, &payload);
        }
        assert!(!self.lines.get(&socket).is_some_and(|line| line.server_end), "INV-8: an intruder stays");
        self.bites(Fault::Intruder);
    }
}
