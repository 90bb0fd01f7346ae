//! One open socket: who holds it, until when, and how far it has got. Kept in the socket's attachment, so that a
//! hibernating Room wakes with it.

use serde::{Deserialize, Serialize};

use super::entry::Author;
use crate::core::{
    bucket::{BucketSize, TokenBucket},
    internal::AgentRef,
    limits::{AGENT_FRAMES, VISITOR_FRAMES},
    principal::Principal,
    protocol::Encoding,
    socket::SocketId,
    time::Timestamp,
};

/// One open socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub socket: SocketId,
    /// Who holds it.
    pub principal: Principal,
    /// How it writes frames.
    pub encoding: Encoding,
    /// It has said `hello`; before that it gets nothing.
    pub greeted: bool,
    /// When it came; the oldest gives way.
    pub connected_at: Timestamp,
    /// Its own cursors, which the Room writes to disk only now and then.
    #[serde(default)]
    pub delivered: u64,
    /// Seen by a person.
    #[serde(default)]
    pub read: u64,
    /// Frames it may still send; refilled when the Room wakes.
    #[serde(skip)]
    pub bucket: Option<TokenBucket>,
    /// Refusals in a row.
    #[serde(skip)]
    pub refusals: u32,
}

impl Session {
    /// A socket that has just been accepted.
    pub fn new(socket: SocketId, principal: Principal, encoding: Encoding, now: Timestamp) -> Self {
        Session {
            socket,
            principal,
            encoding,
            greeted: false,
            connected_at: now,
            delivered: 0,
            read: 0,
            bucket: None,
            refusals: 0,
        }
    }

    /// Whose words come from it.
    pub fn author(&self) -> Author {
        match &self.principal {
            Principal::Visitor(_) => Author::Visitor,
            Principal::Agent(agent) => Author::Agent(AgentRef { id: agent.agent.clone(), name: agent.name.clone() }),
        }
    }

    /// An agent's, not a visitor's.
    pub fn is_agent(&self) -> bool {
        match self.principal {
            Principal::Agent(_) => true,
            Principal::Visitor(_) => false,
        }
    }

    /// The same person, on whatever socket.
    pub fn same_participant(&self, other: &Session) -> bool {
        self.author().id() == other.author().id() && self.is_agent() == other.is_agent()
    }

    /// The ticket is still good.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.principal.expires_at()
    }

    /// Counts a frame, or says in how many milliseconds the next may come.
    pub fn take_token(&mut self, now: Timestamp) -> Result<(), u64> {
        let size: BucketSize = if self.is_agent() { AGENT_FRAMES } else { VISITOR_FRAMES };
        self.bucket.get_or_insert_with(|| TokenBucket::full(size, now)).take(size, now)
    }
}
