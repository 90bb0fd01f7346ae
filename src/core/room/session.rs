//! One open socket: who holds it, until when, and how far it has got. Kept in the socket's attachment, so that a
//! hibernating Room wakes with it.

use serde::{Deserialize, Serialize};

use super::{
    entry::Author,
    record::{Cursors, Profile},
};
use crate::core::{
    effect::OfAgents,
    internal::BotTerms,
    limits::PROFILE_CHARS,
    principal::{Identity, Principal},
    protocol::Encoding,
    socket::SocketId,
    time::Timestamp,
};

/// What a Room that hibernates would forget, and what would cost a written row to keep: one open socket carries it.
/// A crash takes it along with the sockets; then the log itself says less, and what it does not say is told again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memo {
    /// The epoch that it is about; of another one it says nothing.
    pub log_epoch: u64,
    /// How far the projection has been told.
    pub told: Cursors,
    /// Which version of the record it has been told.
    pub told_rev: u64,
    /// When the Desk wants the next notice.
    pub next_notice_at: Timestamp,
    /// Which bot there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot: Option<BotTerms>,
}

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
    /// Carried for the Room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<Memo>,
    /// What the visitor's page said and no row keeps: before there is a record all of it, then where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_profile: Option<Box<Profile>>,
    /// Refusals in a row.
    #[serde(skip)]
    pub refusals: u32,
}

/// Sockets of agents and of nobody else: the only ones that a private frame can be sent to (INV-10).
#[derive(Debug)]
pub struct Agents(Vec<SocketId>);

impl Agents {
    /// Those of the sessions that are an agent's.
    pub fn among<'room>(sessions: impl Iterator<Item = &'room Session>) -> Self {
        Agents(sessions.filter(|session| session.is_agent()).map(|session| session.socket).collect())
    }
}

impl OfAgents for Agents {
    fn into_sockets(self) -> Vec<SocketId> {
        self.0
    }
}

impl Session {
    /// A socket that has just been accepted.
    pub fn new(socket: SocketId, principal: Principal, encoding: Encoding, now: Timestamp) -> Self {
        Session {
            socket,
            principal: cut(principal),
            encoding,
            greeted: false,
            connected_at: now,
            delivered: 0,
            read: 0,
            memo: None,
            early_profile: None,
            refusals: 0,
        }
    }

    /// The same socket with a newer ticket. What the upgrade's request said of the browser stands in no ticket.
    pub fn renewed(&self, mut principal: Principal) -> Self {
        if let (Principal::Visitor(new), Principal::Visitor(old)) = (&mut principal, &self.principal) {
            new.user_agent.clone_from(&old.user_agent);
            new.country.clone_from(&old.country);
            new.location = old.location;
        }
        Session { principal, ..self.clone() }
    }

    /// Whose words come from it.
    pub fn author(&self) -> Author {
        match &self.principal {
            Principal::Visitor(_) => Author::Visitor,
            Principal::Agent(agent) => Author::Agent(agent.seen()),
        }
    }

    /// What the site has signed of its visitor.
    pub fn identity(&self) -> Option<&Identity> {
        match &self.principal {
            Principal::Visitor(visitor) => visitor.identity.as_deref(),
            Principal::Agent(_) => None,
        }
    }

    /// What the page says of the visitor without the site's signature is not taken.
    pub fn must_prove(&self) -> bool {
        match &self.principal {
            Principal::Visitor(visitor) => visitor.must_prove,
            Principal::Agent(_) => false,
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
        match (&self.principal, &other.principal) {
            (Principal::Visitor(_), Principal::Visitor(_)) => true,
            (Principal::Agent(one), Principal::Agent(other)) => one.agent == other.agent,
            (Principal::Visitor(_), Principal::Agent(_)) | (Principal::Agent(_), Principal::Visitor(_)) => false,
        }
    }

    /// Whether it speaks for this author.
    pub fn speaks_for(&self, author: &Author) -> bool {
        match (&self.principal, author) {
            (Principal::Visitor(_), Author::Visitor) => true,
            (Principal::Agent(agent), Author::Agent(author)) => agent.agent == author.id,
            (Principal::Visitor(_), Author::Agent(_) | Author::Bot | Author::System)
            | (Principal::Agent(_), Author::Visitor | Author::Bot | Author::System) => false,
        }
    }

    /// The ticket is still good.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.principal.expires_at()
    }
}

/// Whatever the browser called itself: it must fit the attachment.
fn cut(mut principal: Principal) -> Principal {
    if let Principal::Visitor(visitor) = &mut principal
        && let Some((end, _)) = visitor.user_agent.char_indices().nth(PROFILE_CHARS)
    {
        visitor.user_agent.truncate(end);
    }
    principal
}
