//! What Worker, Room and Desk say to each other: JSON over `stub.fetch`, never reachable from outside.
//!
//! Fields are only ever added, with a default, because a deployment runs two versions side by side for a while.

use serde::{Deserialize, Serialize};

use super::{
    geo::Location,
    id::{AgentId, ConversationId, SessionId, SiteId, TeamId, VisitorId, WorkspaceId},
    routing::{roster::Roster, settings::Routing},
    time::Timestamp,
};

/// An agent's id with the name that others see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgentRef {
    /// Who.
    pub id: AgentId,
    /// Display name.
    pub name: String,
    /// The hash of their picture; empty: they have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub picture: String,
}

impl AgentRef {
    /// One of whom no picture is known here.
    pub fn new(id: AgentId, name: String) -> Self {
        AgentRef { id, name, picture: String::new() }
    }
}

/// Whose sockets are to fall silent (INV-13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Revoked {
    /// Every session of an agent whose generation is below this.
    Agent {
        /// Who.
        agent: AgentId,
        /// The new generation.
        generation: u64,
    },
    /// One session of an agent (signed out here).
    Session {
        /// Who.
        agent: AgentId,
        /// Which session.
        session: SessionId,
    },
    /// A visitor; with `blocked: false` the block is lifted.
    Visitor {
        /// Who.
        visitor: VisitorId,
        /// The new generation.
        generation: u64,
        /// Blocked or free again.
        blocked: bool,
        /// Who did it.
        by: AgentRef,
    },
}

/// Gateway → Desk `POST /revoke`: the Desk tells every Room that holds such sockets, until each has confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeRequest {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Whose sockets.
    pub revoked: Revoked,
    /// Rooms that the caller knows of (a visitor's, from the history); the Desk adds those that it knows.
    #[serde(default)]
    pub conversations: Vec<ConversationId>,
    /// The agent was disabled: their conversations are given back, too. Signing out or a new password leaves them.
    #[serde(default)]
    pub release: bool,
}

/// Gateway → Desk `POST /attach`, before an agent's upgrade is forwarded to a Room: `204` lets it through,
/// `401` refuses a revoked principal. From then on the Desk revokes in that Room, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachRequest {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who.
    pub agent: AgentId,
    /// Their session.
    pub session: SessionId,
    /// The ticket's generation.
    pub generation: u64,
    /// The Room.
    pub conversation: ConversationId,
    /// Names this one, to be taken back by; 0: it has no name.
    #[serde(default)]
    pub knock: u64,
}

/// Gateway → Desk `POST /withdraw`: nothing came of an attach, the Room has turned the agent away. Always `204`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who.
    pub agent: AgentId,
    /// The Room.
    pub conversation: ConversationId,
    /// Which attach.
    pub knock: u64,
}

/// Room → Desk `POST /detach`: the agent has no socket there any more. `409`: the agent may be on the way back, look
/// again later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetachNotice {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who.
    pub agent: AgentId,
    /// The Room.
    pub conversation: ConversationId,
    /// When the Room looked.
    #[serde(default)]
    pub at: Timestamp,
}

/// The address of a [`ConfigureRequest`]. It is another one with every member that the settings or the roster gain, so that a Desk of
/// another version, which would pass over what it does not know, can't confirm it: it is told again until both are one.
pub const CONFIGURE: &str = "/configure/3";

/// Gateway → Desk `POST` [`CONFIGURE`]: how the workspace routes. `204` also for an older one, which changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigureRequest {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Grows with every change.
    pub version: u64,
    /// What holds from now on.
    pub routing: Routing,
    /// Who works where; absent: as before, from a gateway of a version that knows of none.
    #[serde(default)]
    pub roster: Option<Roster>,
}

/// Gateway → Desk `POST /ask`: an admin wants to know something; nothing changes by it. Answered with JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// What.
    pub about: About,
}

/// What an admin wants to know of a Desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// What routing has decided, the newest first.
    Decisions {
        /// About this conversation only.
        conversation: Option<ConversationId>,
        /// Before the decision of this number.
        before: Option<u64>,
        /// At most so many.
        limit: u64,
    },
    /// Who would get this visitor now.
    Preview(Imagined),
}

/// A visitor who does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Imagined {
    /// Came to this site.
    pub site: Option<SiteId>,
    /// Was handed to this team.
    pub team: Option<TeamId>,
    /// Speaks this language, a primary tag.
    pub language: String,
    /// Asks about this.
    pub topic: String,
    /// Is here.
    pub location: Option<Location>,
    /// Comes before others.
    pub level: u8,
    /// Was with this agent a moment ago.
    pub last_agent: Option<AgentId>,
}

/// Status of a conversation, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The bot has it.
    Pending,
    /// Put off until a time or the visitor's next message.
    Snoozed,
    /// Done, until the visitor writes again.
    Resolved,
    /// Waits for people; so does what only a later version has a word for.
    #[serde(other)]
    Open,
}

impl Status {
    /// Of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pending" => Some(Status::Pending),
            "open" => Some(Status::Open),
            "snoozed" => Some(Status::Snoozed),
            "resolved" => Some(Status::Resolved),
            _ => None,
        }
    }
}

/// Room → Desk `POST /notice`: the conversation as the Room has it now. Whole, so repeats and losses are harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomNotice {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The Room.
    pub conversation: ConversationId,
    /// Its site.
    pub site: SiteId,
    /// Its visitor.
    pub visitor: VisitorId,
    /// The visitor's name, empty when not known.
    pub visitor_name: String,
    /// Grows with every notice of this Room, also over restarts; the Desk ignores older ones.
    pub rev: u64,
    /// Status.
    pub status: Status,
    /// While snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// The highest assignment that the Room has obeyed.
    pub assignment_epoch: u64,
    /// Who has it by that assignment.
    pub assignee: Option<AgentRef>,
    /// When the conversation began.
    pub created_at: Timestamp,
    /// First characters of the last message.
    pub preview: String,
    /// Who wrote it: `visitor`, `agent`, `bot`, `system`.
    pub preview_sender: String,
    /// When.
    pub last_at: Timestamp,
    /// Visitor messages that no agent has read or answered.
    pub unread: u64,
    /// Since when the visitor waits for an answer.
    pub waiting_since: Option<Timestamp>,
    /// The visitor has an open socket.
    pub visitor_online: bool,
    /// Agents who have a socket in the Room: a detach that was lost is made good by this.
    #[serde(default)]
    pub agents: Option<Vec<AgentId>>,
    /// The assignee has not taken it yet; absent: a Room of a version that does not know.
    #[serde(default)]
    pub ringing: Option<bool>,
    /// When the Room looked.
    #[serde(default)]
    pub at: Timestamp,
    /// When the conversation was resolved, if only its visitor has done anything about it since.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
    /// The team that it was handed to, as of its assignment.
    #[serde(default)]
    pub team: Option<TeamId>,
    /// The visitor's language, a primary tag; empty: not known.
    #[serde(default)]
    pub language: String,
    /// What the site says it is about; empty: it does not.
    #[serde(default)]
    pub topic: String,
    /// Where the visitor is; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What the site has signed: how much before others the visitor comes, 0 to 9.
    #[serde(default)]
    pub level: u8,
    /// The e-mail address at which the visitor wants to be answered; empty: here. Absent: a Room of a version that does not know.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// It has just begun, or was opened again by its visitor: if there is a bot, it is the bot's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
    /// What it was opened again with answers what an agent had written since it was done; absent: it does not, or a Room of a version that
    /// does not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_reply: bool,
    /// The team that the bot has handed it to; absent: to the one that it names for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_to: Option<TeamId>,
}

/// The Desk's answer to a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeAnswer {
    /// Wait this long before the next notice that only carries a preview.
    pub interval_ms: u64,
    /// The Desk has decided on an assignment that the Room has not seen yet.
    #[serde(default)]
    pub assignment: Option<AssignOrder>,
    /// The latest notice that the Desk knows of. Above the one that it answers: the Room's clock or store went back,
    /// and the Room goes on above it.
    #[serde(default)]
    pub rev: u64,
    /// How far the visitor is in the queue; absent: nothing else than before.
    #[serde(default)]
    pub place: Option<Place>,
    /// How long it may stand still; absent: a Desk of a version that does not know.
    #[serde(default)]
    pub idle: Option<IdleTerms>,
    /// The workspace's bot; absent: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<BotTerms>,
    /// The bot begins with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begins: bool,
}

/// A workspace's bot as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotTerms {
    /// Grows with every change; older ones change nothing.
    pub version: u64,
    /// It talks to visitors.
    pub on: bool,
    /// SHA-256 of its model in hex; empty: it has none yet.
    pub model: String,
    /// Percentage of right answers that it may hold back; absent: as the model says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_back: Option<u32>,
    /// Who gets what it hands over; absent: whoever would have got it without a bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
}

/// Gateway → Desk and Desk → Room `POST /bot`, the latter repeated until confirmed: that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotNotice {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// What holds from now on.
    pub terms: BotTerms,
}

/// How long a conversation may stand still after an agent's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleTerms {
    /// Of the settings that say so; older ones change nothing.
    pub version: u64,
    /// Then it is resolved, in minutes; 0: never.
    pub minutes: u32,
    /// So long before that its visitor is warned, in minutes; 0: not at all.
    pub warning_minutes: u32,
}

/// Desk → Room `POST /idle`, repeated until confirmed: that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleNotice {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// What holds from now on.
    pub terms: IdleTerms,
}

/// Desk → Room `POST /assign`, repeated until confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignOrder {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Fences late writers: the Room obeys the highest it has seen.
    pub assignment_epoch: u64,
    /// Who has it now.
    pub assignee: Option<AgentRef>,
    /// Who decided; absent: the system.
    #[serde(default)]
    pub actor: Option<AgentRef>,
    /// Why, for agents only.
    #[serde(default)]
    pub reason: String,
    /// Name of the team that it is handed to by this, for agents only; empty: it stays where it is.
    #[serde(default)]
    pub team: String,
    /// The team that it was handed to, by this order or one before.
    #[serde(default)]
    pub team_id: Option<TeamId>,
    /// Routing chose the assignee, who has yet to take it; the visitor is told of nobody until then.
    #[serde(default)]
    pub ringing: bool,
}

/// How far a visitor is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// 1: next; 0: does not wait.
    pub position: u64,
    /// Estimate of the time that is left, in milliseconds; 0: there is none yet.
    pub wait_ms: u64,
    /// Nobody works now: when somebody does again; 0: it is open, or nobody knows.
    #[serde(default)]
    pub opens_at: u64,
    /// The visitor had better leave an e-mail address.
    #[serde(default)]
    pub form: bool,
}

/// Desk → Room `POST /place`: only to be shown, so not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceNotice {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Of its conversation.
    pub place: Place,
}

/// The Room's answer: what holds now. Above the order's epoch: the Desk adopts it and goes on above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignAnswer {
    /// The highest assignment that the Room has obeyed.
    pub assignment_epoch: u64,
    /// Who has it by that.
    pub assignee: Option<AgentRef>,
    /// The assignee has not taken it yet; absent: a Room of a version that does not know.
    #[serde(default)]
    pub ringing: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is stored, what is asked for and what is read back are the same names.
    #[test]
    fn a_status_has_one_name() {
        for status in [Status::Pending, Status::Open, Status::Snoozed, Status::Resolved] {
            let stored = serde_json::to_value(status).ok();
            let name = stored.as_ref().and_then(|value| value.as_str());
            assert_eq!(name.and_then(Status::parse), Some(status));
        }
        assert_eq!(Status::parse("Open"), None);
    }
}
