//! What a Room tells the projection: one queue message, JSON text, whole in itself. Applying one twice, late or in
//! another order changes nothing that a later one has said.

use serde::{Deserialize, Serialize};

use crate::core::{
    bot::turn::Turn,
    id::{ConversationId, MessageId, SiteId, TagId, VisitorId, WorkspaceId},
    internal::{AgentRef, Status},
    room::{
        rate::Ratings,
        record::{Cursors, Profile},
    },
    time::Timestamp,
};

/// The version that this code writes. A consumer refuses a later one (to the dead letters), and reads every earlier.
pub const EVENT_VERSION: u32 = 1;

/// One queue message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomEvent {
    /// `EVENT_VERSION`.
    pub v: u32,
    /// The conversation as it is now.
    pub conversation: ConversationRow,
    /// What is known of its visitor.
    pub visitor: Profile,
    /// New public entries.
    pub public: Vec<EventEntry>,
    /// New private entries.
    pub private: Vec<EventEntry>,
    /// Where this event ends; for the Room itself, not stored.
    #[serde(skip)]
    pub upto: Cursors,
}

/// The conversation's row in D1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRow {
    /// `cnv_…`
    pub id: ConversationId,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Site.
    pub site: SiteId,
    /// Visitor.
    pub visitor: VisitorId,
    /// A later epoch replaces everything of an earlier one.
    pub log_epoch: u64,
    /// Within an epoch the greatest wins.
    pub rev: u64,
    /// Status.
    pub status: Status,
    /// While snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// Who has it.
    pub assignee: Option<AgentRef>,
    /// The assignment's number.
    pub assignment_epoch: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// When something was last written.
    pub last_at: Timestamp,
    /// Its first characters.
    pub last_text: String,
    /// Who wrote it.
    pub last_sender: String,
    /// Visitor messages that no agent has read or answered.
    pub unread: u64,
    /// Since when the visitor waits.
    pub waiting_since: Option<Timestamp>,
    /// Last public number.
    pub head: u64,
    /// Last private number.
    pub private_head: u64,
    /// An agent wants to hear no more of it.
    #[serde(default)]
    pub muted: bool,
    /// What agents have put on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagId>,
    /// What the visitor thinks of the bot's answers.
    #[serde(default, skip_serializing_if = "Ratings::is_empty")]
    pub rated: Ratings,
}

/// One entry, of either log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventEntry {
    /// Its number.
    pub seq: u64,
    /// `msg_…`
    pub id: MessageId,
    /// `visitor`, `agent`, `system`.
    pub sender_kind: String,
    /// Agent's id.
    #[serde(default)]
    pub sender_id: String,
    /// Agent's name.
    #[serde(default)]
    pub sender_name: String,
    /// When.
    pub at: Timestamp,
    /// `text`, `note`, `activity`.
    pub kind: String,
    /// The text, or the activity as proto3 JSON.
    pub body: String,
    /// Private entries: the public one before it.
    #[serde(default)]
    pub follows: u64,
    /// What the bot did by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}
