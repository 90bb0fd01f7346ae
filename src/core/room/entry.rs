//! Entries of a Room's two logs, and how they look on the wire.

use serde::{Deserialize, Serialize};

use crate::core::{
    bot::{dialogue::Choice, form::Form, image, turn::Turn},
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
    /// The workspace's bot.
    Bot,
    /// The product itself: activity.
    System,
}

impl Author {
    /// As stored and told: `visitor`, `agent`, `bot`, `system`.
    pub fn kind(&self) -> &'static str {
        match self {
            Author::Visitor => "visitor",
            Author::Agent(_) => "agent",
            Author::Bot => "bot",
            Author::System => "system",
        }
    }

    /// Agent's id, else empty. With the kind it names the sender of a `client_id`.
    pub fn id(&self) -> &str {
        match self {
            Author::Agent(agent) => agent.id.as_str(),
            Author::Visitor | Author::Bot | Author::System => "",
        }
    }

    /// Agent's display name, else empty.
    pub fn name(&self) -> &str {
        match self {
            Author::Agent(agent) => &agent.name,
            Author::Visitor | Author::Bot | Author::System => "",
        }
    }

    /// The same person, under whatever display name.
    pub fn is(&self, other: &Author) -> bool {
        self.kind() == other.kind() && self.id() == other.id()
    }

    /// On the wire, with an agent's picture.
    pub fn shown(&self) -> wire::Participant {
        match self {
            Author::Agent(agent) => agent_shown(agent),
            Author::Visitor | Author::Bot | Author::System => self.participant(),
        }
    }

    /// On the wire.
    pub fn participant(&self) -> wire::Participant {
        let kind = match self {
            Author::Visitor => wire::SenderKind::Visitor,
            Author::Agent(_) => wire::SenderKind::Agent,
            Author::Bot => wire::SenderKind::Bot,
            Author::System => wire::SenderKind::System,
        };
        let (id, name) = (self.id().to_owned(), self.name().to_owned());
        wire::Participant { kind: kind.into(), id, name, picture: String::new() }
    }
}

/// An agent on the wire.
pub fn agent_participant(agent: &AgentRef) -> wire::Participant {
    Author::Agent(agent.clone()).participant()
}

/// The same with their picture, where it is told who is here or has come: a message only says whose it is.
pub fn agent_shown(agent: &AgentRef) -> wire::Participant {
    wire::Participant { picture: agent.picture.clone(), ..agent_participant(agent) }
}

/// What an entry says. The public log holds `Text` and `Activity`, the private one `Note` and `Activity`.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A message to or from the visitor.
    Text(String),
    /// A text with buttons, or one that a button has sent; in the public log alone.
    Choice(Box<Offer>),
    /// What happened.
    Activity(wire::Activity),
    /// What only a later version can read, as it is stored: shown as an activity that is not known, and told on as it is.
    Unread(String),
}

/// What a bot's text offers or asks for, or what a visitor has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// What is said.
    pub text: String,
    /// Buttons under it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// The intent whose button the visitor pressed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chosen: String,
    /// It is the so many-th question back in a row; 0: it is none.
    pub asked: u8,
    /// What the bot did by saying so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
    /// It asks for a field of this form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Box<Form>>,
}

impl Offer {
    /// The picture under it, above its buttons; empty: none.
    pub fn image(&self) -> &str {
        self.turn.as_ref().map_or("", |turn| &turn.image)
    }

    /// With what its picture and its buttons say, where there are none.
    pub fn plain(&self) -> String {
        let mut said = self.text.clone();
        let image = self.image();
        if !image.is_empty() {
            let alt = image::parts(image).1;
            said = [said.as_str(), "\n[image", if alt.is_empty() { "" } else { ": " }, alt, "]"].concat();
        }
        self.choices.iter().fold(said, |text, choice| text + "\n• " + &choice.label)
    }
}

impl Body {
    /// What is said, if anything is.
    pub fn text(&self) -> Option<&str> {
        match self {
            Body::Text(text) => Some(text),
            Body::Choice(offer) => Some(&offer.text),
            Body::Activity(_) | Body::Unread(_) => None,
        }
    }

    /// Roughly how many bytes it takes on the wire.
    pub fn weight(&self) -> usize {
        match self {
            Body::Text(text) => text.len() + 100,
            Body::Choice(offer) => offer.text.len() + offer.image().len() + 100 * (offer.choices.len() + 1),
            Body::Activity(_) | Body::Unread(_) => 200,
        }
    }

    /// First characters, for lists; an activity has none.
    pub fn preview(&self) -> Option<String> {
        self.text().map(|text| text.chars().take(PREVIEW_CHARS).collect())
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
                Body::Choice(offer) => wire::message::Body::Text(offer.text.clone()),
                Body::Activity(activity) => wire::message::Body::Activity(activity.clone()),
                Body::Unread(_) => wire::message::Body::Activity(wire::Activity::default()),
            }),
            choices: match &self.body {
                Body::Choice(offer) => offer.choices.iter().map(wire_choice).collect(),
                Body::Text(_) | Body::Activity(_) | Body::Unread(_) => Vec::new(),
            },
            image: match &self.body {
                Body::Choice(offer) => wire_image(offer.image()),
                Body::Text(_) | Body::Activity(_) | Body::Unread(_) => None,
            },
            rating: if self.may_be_rated() { wire::Rating::Asked } else { wire::Rating::None }.into(),
        }
    }

    /// It is an answer of the bot's, and not what a form asks for, nor small talk.
    pub fn may_be_rated(&self) -> bool {
        match &self.body {
            Body::Choice(offer) => offer.form.is_none() && offer.turn.as_ref().is_some_and(Turn::may_be_rated),
            Body::Text(_) | Body::Activity(_) | Body::Unread(_) => false,
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
                Body::Choice(offer) => wire::private_message::Body::Note(offer.text.clone()),
                Body::Activity(activity) => wire::private_message::Body::Activity(activity.clone()),
                Body::Unread(_) => wire::private_message::Body::Activity(wire::Activity::default()),
            }),
        }
    }
}

fn wire_choice(choice: &Choice) -> wire::Choice {
    wire::Choice { id: choice.id.clone(), label: choice.label.clone() }
}

/// What can be none is none.
fn wire_image(image: &str) -> Option<wire::Image> {
    let (name, alt) = image::parts(image);
    let (hash, width, height) = image::read(name)?;
    Some(wire::Image { hash: hash.to_owned(), width: width.into(), height: height.into(), alt: alt.to_owned() })
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
