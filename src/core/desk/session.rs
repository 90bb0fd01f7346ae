//! One open console: who holds it, until when, and how its agent wants to be seen. Kept in the socket's attachment, so
//! that a hibernating Desk wakes with it and presence needs no row (INV-11).

use serde::{Deserialize, Serialize};

use super::presence::Availability;
use crate::core::{
    effect::OfAgents, internal::AgentRef, principal::AgentPrincipal, protocol::Encoding, socket::SocketId,
    time::Timestamp,
};

/// One open socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub socket: SocketId,
    /// Who holds it.
    pub principal: AgentPrincipal,
    /// How it writes frames.
    pub encoding: Encoding,
    /// It has said `desk_hello`; before that it gets nothing.
    pub greeted: bool,
    /// When it came; the oldest gives way.
    pub connected_at: Timestamp,
    /// How the agent wants to be seen; the same on all of their sockets.
    #[serde(default)]
    pub switch: Availability,
    /// Conversations in a row that rang in vain; the same on all of their sockets.
    #[serde(default)]
    pub missed: u32,
    /// Neither a frame nor a heartbeat came for too long, as last looked at.
    #[serde(default)]
    pub silent: bool,
    /// Nobody is at this console, as it says itself.
    #[serde(default)]
    pub idle: bool,
    /// When the last frame came; forgotten in hibernation, where heartbeats go on.
    #[serde(skip)]
    pub heard_at: Option<Timestamp>,
    /// Refusals in a row.
    #[serde(skip)]
    pub refusals: u32,
}

/// Sockets of consoles: a Desk's gate lets nobody else in, so any frame may go to any of them (INV-10).
#[derive(Debug)]
pub struct Consoles(pub Vec<SocketId>);

impl OfAgents for Consoles {
    fn into_sockets(self) -> Vec<SocketId> {
        self.0
    }
}

impl Session {
    /// A socket that has just been accepted.
    pub fn new(socket: SocketId, principal: AgentPrincipal, encoding: Encoding, now: Timestamp) -> Self {
        Session {
            socket,
            principal,
            encoding,
            greeted: false,
            connected_at: now,
            switch: Availability::default(),
            missed: 0,
            silent: false,
            idle: false,
            heard_at: None,
            refusals: 0,
        }
    }

    /// How the agent is seen by this socket alone.
    pub fn seen(&self) -> Availability {
        let is_left = self.switch == Availability::Online && (self.silent || self.idle);
        if is_left { Availability::Away } else { self.switch }
    }

    /// Who holds it, as others see them.
    pub fn agent(&self) -> AgentRef {
        self.principal.seen()
    }
}
