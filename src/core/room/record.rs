//! What a Room keeps beside its logs: one row, rewritten at transitions and when it falls idle.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    entry::{Author, agent_shown, wire_status},
    rate::Ratings,
};
use crate::core::{
    bot::action::PendingAction,
    geo::Location,
    id::{AgentId, ConversationId, SessionId, SiteId, TagId, TeamId, VisitorId, WorkspaceId},
    internal::{AgentRef, Status},
    protocol::wire,
    time::Timestamp,
};

/// A place in each of the two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursors {
    /// In the public log.
    pub public: u64,
    /// In the private log.
    pub private: u64,
}

impl Cursors {
    /// At or past `other` in both logs.
    pub fn covers(self, other: Cursors) -> bool {
        self.public >= other.public && self.private >= other.private
    }

    /// The nearer place in each log.
    pub fn min(self, other: Cursors) -> Cursors {
        Cursors { public: self.public.min(other.public), private: self.private.min(other.private) }
    }

    /// The further place in each log.
    pub fn max(self, other: Cursors) -> Cursors {
        Cursors { public: self.public.max(other.public), private: self.private.max(other.private) }
    }
}

/// How far a participant has got in the public log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Whose cursor.
    pub who: Author,
    /// Has it.
    pub delivered: u64,
    /// Has seen it.
    pub read: u64,
}

/// What is known of the visitor; nothing is proven unless `verified`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Given name.
    pub name: String,
    /// Given address.
    pub email: String,
    /// The site has signed name, address, subject and level.
    pub verified: bool,
    /// The site's own name for the visitor.
    pub subject: String,
    /// How much before others the visitor comes, 0 to 9.
    pub level: u8,
    /// When the site has signed this, as far as it was kept.
    #[serde(skip_serializing_if = "is_unknown")]
    pub signed_at: Timestamp,
    /// BCP 47.
    pub locale: String,
    /// IANA.
    pub timezone: String,
    /// Where the visitor is.
    pub page_url: String,
    /// Title of that page.
    pub page_title: String,
    /// Where the visitor came from.
    pub referrer: String,
    /// Browser.
    pub user_agent: String,
    /// ISO 3166-1.
    pub country: String,
    /// Whatever the page gave.
    pub attributes: BTreeMap<String, String>,
}

/// A principal that must be refused, and since when that is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refusal {
    /// Generations below this.
    Agent {
        /// Who.
        agent: AgentId,
        /// The lowest that is good.
        generation: u64,
        /// Since when.
        at: Timestamp,
    },
    /// One ended session.
    Session {
        /// Which.
        session: SessionId,
        /// Since when.
        at: Timestamp,
    },
}

/// A silence after an agent's message, where it is not all in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The message.
    pub after: u64,
    /// Since when it counts: since the message, or since somebody opened the conversation after it.
    pub since: Timestamp,
    /// When the visitor was warned that it will end the conversation.
    #[serde(default)]
    pub warned_at: Option<Timestamp>,
    /// How many minutes it was told are left; absent: as many as the terms say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<u32>,
}

/// A language model was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consulted {
    /// About this message.
    pub to: u64,
    /// When.
    pub at: Timestamp,
}

/// The one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The site.
    pub site: SiteId,
    /// The visitor.
    pub visitor: VisitorId,
    /// This conversation.
    pub conversation: ConversationId,
    /// When it began.
    pub created_at: Timestamp,
    /// Which store the log belongs to: drawn at creation and again when an older store was put back. Epoch
    /// milliseconds, so that a later one is greater whatever the store had forgotten.
    pub log_epoch: u64,
    /// Grows with every version of this row that was told to others, also over restarts.
    pub rev: u64,
    /// Status.
    pub status: Status,
    /// While snoozed.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
    /// When it was resolved, or an agent wrote last since, until somebody has it anew: an order, an answer or an agent who reopens it.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
    /// The team that it was handed to, as of the last assignment.
    #[serde(default)]
    pub team: Option<TeamId>,
    /// Who has it.
    #[serde(default)]
    pub assignee: Option<AgentRef>,
    /// The highest assignment obeyed.
    #[serde(default)]
    pub assignment_epoch: u64,
    /// Routing chose the assignee, who has not taken it yet: the visitor is told of nobody.
    #[serde(default)]
    pub ringing: bool,
    /// The e-mail address at which the visitor wants to be answered instead of waiting, unproven; empty: they do not.
    #[serde(default)]
    pub reply_to: String,
    /// What is known of the visitor.
    #[serde(default)]
    pub profile: Profile,
    /// How far the public log went when its visitor was proven: whose words these are nobody has signed.
    #[serde(default)]
    pub proven_after: u64,
    /// Where the visitor is, for routing alone: no part of the profile, which goes to the history and to agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Visitor principals below this are refused.
    #[serde(default)]
    pub visitor_generation: u64,
    /// The visitor is blocked.
    #[serde(default)]
    pub blocked: bool,
    /// It is resolved, and stays so whatever the visitor writes.
    #[serde(default)]
    pub muted: bool,
    /// What agents have put on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagId>,
    /// Who must be refused for a while.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// Cursors; kept lazily, clients send theirs again.
    #[serde(default)]
    pub reached: Vec<Reached>,
    /// What D1 was seen to hold.
    #[serde(default)]
    pub confirmed: Cursors,
    /// The `rev` that D1 was seen to hold.
    #[serde(default)]
    pub confirmed_rev: u64,
    /// When to ask D1 again about what a client has shown and neither this store nor D1 held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Timestamp>,
    /// What the projection had been told when this was written.
    #[serde(default)]
    pub told: Cursors,
    /// The `rev` that the projection had been told when this was written.
    #[serde(default)]
    pub told_rev: u64,
    /// Agents have read since, and no version says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unread_untold: bool,
    /// How far the logs went when this epoch was drawn: what those entries say of `told` is void.
    #[serde(default)]
    pub drawn_at: Cursors,
    /// The visitor's messages up to here were put aside as done, answered or not.
    #[serde(default)]
    pub handled: u64,
    /// The silence that lasts; void once somebody has written.
    #[serde(default)]
    pub silence: Option<Silence>,
    /// A person has handed it on when the public log went up to here: whoever has it owes the visitor a word.
    #[serde(default)]
    pub owed: u64,
    /// It has just begun, or was opened again by its visitor: the Desk has yet to say whether it is the bot's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
    /// What its visitor opened it with answers what an agent had written since it was done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_reply: bool,
    /// The team that the bot has handed it to, until the Desk has decided about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_to: Option<TeamId>,
    /// How much before others it comes because of what the bot has handed over, until it is done or the bot's again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hand_level: u8,
    /// What the owner's system is asked for the bot; void once the bot has answered the message.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "readable")]
    pub action: Option<Box<PendingAction>>,
    /// When it was asked within the last hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acted: Vec<Timestamp>,
    /// When a language model was asked within the last hour, and about what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consulted: Vec<Consulted>,
    /// On which day (of UTC, counted from 1970) a model was asked last, and how often then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consulted_on: Option<(i64, u32)>,
    /// What the visitor thinks of the bot's answers.
    #[serde(default, skip_serializing_if = "Ratings::is_empty")]
    pub rated: Ratings,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_zero(level: &u8) -> bool {
    *level == 0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_unknown(at: &Timestamp) -> bool {
    at.0 == 0
}

/// One that this version can't read is none, and takes nothing of the record along: its message is owed still, and judged again.
fn readable<'de, D: Deserializer<'de>>(texts: D) -> Result<Option<Box<PendingAction>>, D::Error> {
    let texts = Option::<Vec<String>>::deserialize(texts)?;
    Ok(texts.and_then(|texts| PendingAction::try_from(texts).ok()).map(Box::new))
}

impl Record {
    /// The site's own name for the visitor, if it had signed them when they wrote this.
    pub fn signed(&self, seq: u64) -> Option<String> {
        (self.profile.verified && !self.is_strangers(seq)).then(|| self.profile.subject.clone())
    }

    /// Whether this was written before the visitor was proven, by whomever.
    pub fn is_strangers(&self, seq: u64) -> bool {
        self.profile.verified && seq <= self.proven_after
    }

    /// Status and assignment as clients see them.
    pub fn state(&self) -> wire::ConversationState {
        wire::ConversationState {
            status: wire_status(self.status).into(),
            snoozed_until: self.snoozed_until.map_or(0, Timestamp::wire),
            assignee: self.assignee.as_ref().filter(|_| !self.ringing).map(agent_shown),
            assignment_epoch: self.assignment_epoch,
        }
    }

    /// What agents see beside its logs.
    pub fn about(&self) -> wire::VisitorProfile {
        let tags = self.tags.iter().map(TagId::to_string).collect();
        wire::VisitorProfile { tags, ..self.profile.wire(&self.visitor, self.blocked, self.muted) }
    }
}

impl Profile {
    fn wire(&self, visitor: &VisitorId, blocked: bool, muted: bool) -> wire::VisitorProfile {
        wire::VisitorProfile {
            id: visitor.to_string(),
            name: self.name.clone(),
            email: self.email.clone(),
            verified: self.verified,
            subject: self.subject.clone(),
            level: self.level.into(),
            blocked,
            muted,
            locale: self.locale.clone(),
            timezone: self.timezone.clone(),
            page_url: self.page_url.clone(),
            page_title: self.page_title.clone(),
            referrer: self.referrer.clone(),
            user_agent: self.user_agent.clone(),
            country: self.country.clone(),
            attributes: self.attributes.clone(),
            tags: Vec::new(),
        }
    }
}
