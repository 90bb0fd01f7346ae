//! Entries of a Room's two logs, and how they look on the wire.

use serde::{Deserialize, Serialize};

use crate::core::{
    id::MessageId,
    internal::{AgentRef, Status},
    limits::PREVIEW_CHARS,
    protocol::wire,
    time::Timestamp,
};

/// Who wrote an entry. A conversation has one visitor, so it needs no id here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    /// The visitor of this conversation.
    Visitor,
    /// An agent.
    Agent(AgentRef),
    /// The product itself: activity.
    System,
}

impl Author {
    /// As stored and told: `visitor`, `agent`, `system`.
    pub fn kind(&self) -> &'static str {
        match self {
            Author::Visitor => "visitor",
            Author::Agent(_) => "agent",
            Author::System => "system",
        }
    }

    /// Agent's id, else empty. With the kind it names the sender of a `client_id`.
    pub fn id(&self) -> &str {
        match self {
            Author::Agent(agent) => agent.id.as_str(),
            Author::Visitor | Author::System => "",
        }
    }

    /// Agent's display name, else empty.
    pub fn name(&self) -> &str {
        match self {
            Author::Agent(agent) => &agent.name,
            Author::Visitor | Author::System => "",
        }
    }

    /// The same person, under whatever display name.
    pub fn is(&self, other: &Author) -> bool {
        self.kind() == other.kind() && self.id() == other.id()
    }

    /// On the wire.
    pub fn participant(&self) -> wire::Participant {
        let kind = match self {
            Author::Visitor => wire::SenderKind::Visitor,
            Author::Agent(_) => wire::SenderKind::Agent,
            Author::System => wire::SenderKind::System,
        };
        wire::Participant { kind: kind.into(), id: self.id().to_owned(), name: self.name().to_owned() }
    }
}

/// An agent on the wire.
pub fn agent_participant(agent: &AgentRef) -> wire::Participant {
    Author::Agent(agent.clone()).participant()
}

/// What an entry says. The public log holds `Text` and `Activity`, the private one `Note` and `Activity`.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A message to or from the visitor.
    Text(String),
    /// What happened.
    Activity(wire::Activity),
}

impl Body {
    /// Roughly how many bytes it takes on the wire.
    pub fn weight(&self) -> usize {
        match self {
            Body::Text(text) => text.len() + 100,
            Body::Activity(_) => 200,
        }
    }

    /// First characters, for lists; an activity has none.
    pub fn preview(&self) -> Option<String> {
        match self {
            Body::Text(text) => Some(text.chars().take(PREVIEW_CHARS).collect()),
            Body::Activity(_) => None,
        }
    }
}

/// An entry of the public log: what the visitor may see.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// `msg_…`
    pub id: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// The sender's own name for it; empty for activities.
    pub client_id: String,
    /// When it was written here.
    pub at: Timestamp,
    /// What it says.
    pub body: Body,
}

impl Entry {
    /// On the wire; `client_id` only for the sender's own sockets.
    pub fn message(&self, with_client_id: bool) -> wire::Message {
        wire::Message {
            seq: self.seq,
            id: self.id.to_string(),
            sender: Some(self.author.participant()),
            at: self.at.wire(),
            client_id: if with_client_id { self.client_id.clone() } else { String::new() },
            body: Some(match &self.body {
                Body::Text(text) => wire::message::Body::Text(text.clone()),
                Body::Activity(activity) => wire::message::Body::Activity(activity.clone()),
            }),
        }
    }
}

/// An entry of the private log: notes and what only agents may know. A type of its own, so that nothing which
/// writes for a visitor can name one (INV-10).
#[derive(Debug, Clone, PartialEq)]
pub struct PrivateEntry {
    /// 1, 2, 3 … without a gap, a numbering of its own.
    pub seq: u64,
    /// `msg_…`
    pub id: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// The sender's own name for it; empty for activities.
    pub client_id: String,
    /// When it was written here.
    pub at: Timestamp,
    /// The public entry after which it stands.
    pub follows: u64,
    /// What it says; `Text` is a note.
    pub body: Body,
}

impl PrivateEntry {
    /// On the wire of agents.
    pub fn message(&self, with_client_id: bool) -> wire::PrivateMessage {
        wire::PrivateMessage {
            seq: self.seq,
            id: self.id.to_string(),
            sender: Some(self.author.participant()),
            at: self.at.wire(),
            client_id: if with_client_id { self.client_id.clone() } else { String::new() },
            follows: self.follows,
            body: Some(match &self.body {
                Body::Text(note) => wire::private_message::Body::Note(note.clone()),
                Body::Activity(activity) => wire::private_message::Body::Activity(activity.clone()),
            }),
        }
    }
}

/// A status on the wire.
pub fn wire_status(status: Status) -> wire::Status {
    match status {
        Status::Pending => wire::Status::Pending,
        Status::Open => wire::Status::Open,
        Status::Snoozed => wire::Status::Snoozed,
        Status::Resolved => wire::Status::Resolved,
    }
}

/// A status from the wire; unknown ones are none.
pub fn status_from_wire(status: i32) -> Option<Status> {
    match wire::Status::try_from(status) {
        Ok(wire::Status::Pending) => Some(Status::Pending),
        Ok(wire::Status::Open) => Some(Status::Open),
        Ok(wire::Status::Snoozed) => Some(Status::Snoozed),
        Ok(wire::Status::Resolved) => Some(Status::Resolved),
        Ok(wire::Status::Unknown) | Err(_) => None,
    }
}
