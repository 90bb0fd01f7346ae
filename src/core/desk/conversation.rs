//! What the Desk knows of a conversation: a stored part that changes at transitions, and a preview in memory.

use serde::{Deserialize, Serialize};

use super::{decisions::LastLine, follow_up::FollowUp, loads::Indexed};
use crate::core::{
    geo::Location,
    id::{AgentId, ConversationId, Entropy, SiteId, TeamId, VisitorId, WorkspaceId},
    internal::{AgentRef, AssignOrder, Imagined, Place, RoomNotice, Status},
    limits::{LEVEL_MAX, RING_ADOPTED},
    protocol::wire,
    room::entry::{agent_participant, wire_status},
    time::{MINUTE, Timestamp},
};

/// The stored part: one row, written at transitions only.
///
/// Who has it is `assignee` and its `assignment_epoch`: nobody, or one agent. An agent chosen by routing has it at once,
/// but it rings until they take it; until then it keeps its place in the queue. Every decision, whoever makes it, goes
/// through `Desk::decide`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// Its site.
    pub site: SiteId,
    /// Its visitor.
    pub visitor: VisitorId,
    /// The visitor's name as it was at the last transition.
    #[serde(default)]
    pub visitor_name: String,
    /// Status. A resolved one is kept for a while, so that a late notice does not bring it back.
    pub status: Status,
    /// While snoozed.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
    /// Who has it.
    #[serde(default)]
    pub assignee: Option<AgentRef>,
    /// The number of that assignment.
    pub assignment_epoch: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// Version of what consoles see; a moment in epoch milliseconds.
    pub rev: u64,
    /// Version of the last notice taken.
    pub notice_rev: u64,
    /// The assignment was decided here and the Room has not confirmed it.
    #[serde(default)]
    pub order: Option<Order>,
    /// The last request that was carried out; asked again, it is answered with how it stands.
    #[serde(default)]
    pub request: Option<RequestId>,
    /// It was assigned by routing and rings until then.
    #[serde(default)]
    pub ring_until: Option<Timestamp>,
    /// Its place in the queue: since when it waits for an agent who answers.
    #[serde(default)]
    pub queued_at: Option<Timestamp>,
    /// Who is not to be asked again at once.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// It was handed to this team; absent: it is its site's.
    #[serde(default)]
    pub team: Option<TeamId>,
    /// Who had it when it was resolved last, and when that was.
    #[serde(default)]
    pub last_agent: Option<(AgentId, Timestamp)>,
    /// The visitor's language, a primary tag; empty: not known.
    #[serde(default)]
    pub language: String,
    /// What the site says it is about; empty: it does not.
    #[serde(default)]
    pub topic: String,
    /// Where the visitor is; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How much before others the visitor comes, as the site has signed it; 0: not at all.
    #[serde(default)]
    pub level: u8,
    /// The e-mail address at which the visitor wants to be answered; empty: here.
    #[serde(default)]
    pub reply_to: String,
    /// While nobody has it: since when its visitor is known to be gone.
    #[serde(default)]
    pub gone_since: Option<Timestamp>,
    /// That was too long: it has left the line.
    #[serde(default)]
    pub is_gone: bool,
    /// Somebody has answered since it began, or was opened again.
    #[serde(default)]
    pub answered: bool,
    /// People have said which team's it is since it began, or was opened again.
    #[serde(default)]
    pub handed: bool,
    /// The last line about it in the log of decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<LastLine>,
}

impl Conversation {
    /// What routing looks for, beside its team.
    pub fn asks_for(&self) -> (&str, &str, u8, Option<Location>) {
        (&self.language, &self.topic, self.level, self.location)
    }
}

/// An agent who let the conversation ring, declined it or gave it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Who.
    pub agent: AgentId,
    /// When.
    pub at: Timestamp,
}

/// What a Room is told besides who has the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Order {
    /// Who decided; absent: the system.
    #[serde(default)]
    pub actor: Option<AgentRef>,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Name of the team that it was handed to by this.
    #[serde(default)]
    pub team: String,
}

/// One request of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestId {
    /// Who asked.
    pub agent: AgentId,
    /// Their name for it.
    pub client_id: String,
}

/// The part that is in memory: what the Room said last. Gone when the Desk sleeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    text: String,
    sender: String,
    last_at: Timestamp,
    unread: u64,
    waiting_since: Option<Timestamp>,
    pub(super) visitor_online: bool,
}

/// Both parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is on disk, or will be with the next transition.
    pub stored: Conversation,
    /// There is a row. A resolved conversation that the Desk hears of only then needs none.
    pub has_row: bool,
    /// What the Room said last, if it has spoken since the Desk woke.
    pub preview: Option<Preview>,
    /// Where routing has it.
    pub indexed: Indexed,
    /// How far it is in its line, as its visitor was told; forgotten when the Desk sleeps.
    pub place: Place,
    /// How far it was as the Desk woke; 0: it was in no line.
    pub stood: u32,
}

impl Preview {
    /// What a notice says.
    pub fn of(notice: &RoomNotice) -> Self {
        Preview {
            text: notice.preview.clone(),
            sender: notice.preview_sender.clone(),
            last_at: notice.last_at,
            unread: notice.unread,
            waiting_since: notice.waiting_since,
            visitor_online: notice.visitor_online,
        }
    }
}

impl Entry {
    /// A conversation that the Desk hears of for the first time. Its assignment is what the Room says.
    pub fn of(notice: &RoomNotice, now: Timestamp) -> Self {
        let stored = Conversation {
            id: notice.conversation.clone(),
            site: notice.site.clone(),
            visitor: notice.visitor.clone(),
            visitor_name: notice.visitor_name.clone(),
            status: notice.status,
            snoozed_until: notice.snoozed_until,
            assignee: notice.assignee.clone(),
            assignment_epoch: notice.assignment_epoch,
            created_at: notice.created_at,
            rev: now.wire(),
            notice_rev: notice.rev,
            order: None,
            request: None,
            ring_until: (notice.ringing == Some(true) && notice.status == Status::Open).then(|| now.plus(RING_ADOPTED)),
            queued_at: None,
            left_out: Vec::new(),
            team: notice.team.clone(),
            last_agent: None,
            language: notice.language.clone(),
            topic: notice.topic.clone(),
            location: notice.location,
            level: notice.level.min(LEVEL_MAX),
            reply_to: notice.reply_to.clone().unwrap_or_default(),
            gone_since: None,
            is_gone: false,
            answered: false,
            handed: false,
            decision: None,
        };
        Entry {
            stored,
            has_row: false,
            preview: Some(Preview::of(notice)),
            indexed: Indexed::default(),
            place: Place::default(),
            stood: 0,
        }
    }

    /// Of a visitor who does not exist, waiting as of now.
    pub fn imagined(it: &Imagined, site: SiteId, team: Option<TeamId>, now: Timestamp) -> Self {
        let nothing = &mut Entropy::new(0);
        let stored = Conversation {
            id: ConversationId::least(),
            site,
            visitor: VisitorId::draw(nothing),
            visitor_name: String::new(),
            status: Status::Open,
            snoozed_until: None,
            assignee: None,
            assignment_epoch: 0,
            created_at: now,
            rev: 0,
            notice_rev: 0,
            order: None,
            request: None,
            ring_until: None,
            queued_at: Some(now),
            left_out: Vec::new(),
            team: it.team.clone(),
            last_agent: it.last_agent.clone().map(|agent| (agent, now)),
            language: it.language.clone(),
            topic: it.topic.clone(),
            location: it.location,
            level: it.level.min(LEVEL_MAX),
            reply_to: String::new(),
            gone_since: None,
            is_gone: false,
            answered: false,
            handed: false,
            decision: None,
        };
        Entry { indexed: Indexed::imagined(team), ..Entry::stored(stored) }
    }

    /// As it was stored.
    pub fn stored(conversation: Conversation) -> Self {
        Entry {
            stored: conversation,
            has_row: true,
            preview: None,
            indexed: Indexed::default(),
            place: Place::default(),
            stood: 0,
        }
    }

    /// Consoles list it.
    pub fn is_listed(&self) -> bool {
        match self.stored.status {
            Status::Pending | Status::Open | Status::Snoozed => true,
            Status::Resolved => false,
        }
    }

    /// Who has it.
    pub fn holder(&self) -> Option<&AgentId> {
        self.stored.assignee.as_ref().map(|agent| &agent.id)
    }

    /// The assignment as an order to the Room.
    pub fn order(&self, workspace: &WorkspaceId) -> AssignOrder {
        let Order { actor, reason, team } = self.stored.order.clone().unwrap_or_default();
        AssignOrder {
            workspace: workspace.clone(),
            assignment_epoch: self.stored.assignment_epoch,
            assignee: self.stored.assignee.clone(),
            actor,
            reason,
            team,
            team_id: self.stored.team.clone(),
            ringing: self.stored.ring_until.is_some(),
        }
    }

    /// Brings what follows from status and assignee into line with them: whoever waits for an agent has a place in the
    /// queue, and keeps it until somebody has answered.
    pub fn settle(&mut self, now: Timestamp) {
        let stored = &mut self.stored;
        let is_held = stored.assignee.is_some();
        if !is_held || stored.status != Status::Open {
            stored.ring_until = None;
        }
        if stored.status == Status::Open && (!is_held || stored.ring_until.is_some()) {
            // A version is a moment, and no two are alike: first come, first served. One of a clock that was put back is none.
            let at = Timestamp(i64::try_from(stored.rev).unwrap_or(i64::MAX));
            stored.queued_at.get_or_insert(if is_ahead(at, now) { now } else { at });
        } else {
            stored.queued_at = None;
            stored.left_out.clear();
            stored.answered &= stored.status != Status::Resolved;
            stored.handed &= stored.status != Status::Resolved;
        }
    }

    /// The visitor has an open socket.
    pub fn is_visitor_here(&self) -> bool {
        self.preview.as_ref().is_some_and(|preview| preview.visitor_online)
    }

    /// Its Room has said nothing since the Desk woke, and not that the visitor is gone before: they may be here.
    pub fn is_silent(&self) -> bool {
        self.preview.is_none() && self.stored.gone_since.is_none()
    }

    /// Since when its visitor waits in line for a word, as far as is known; `None`: an agent has written since it came there, and
    /// the visitor has not.
    pub fn waits_since(&self) -> Option<Timestamp> {
        let queued = self.stored.queued_at?;
        let Some(preview) = &self.preview else { return Some(queued) };
        match preview.waiting_since {
            Some(at) => Some(at.max(queued)),
            None => (preview.sender != "agent" || preview.last_at <= queued).then_some(queued),
        }
    }

    /// Waits in a line for routing or a claim.
    pub fn is_waiting(&self) -> bool {
        self.stored.status == Status::Open && self.stored.assignee.is_none() && self.follow_up().is_none()
    }

    /// On the wire.
    pub fn row(&self) -> wire::DeskRow {
        let stored = &self.stored;
        let mut row = wire::DeskRow {
            conversation: stored.id.to_string(),
            site: stored.site.to_string(),
            visitor: stored.visitor.to_string(),
            visitor_name: stored.visitor_name.clone(),
            status: wire_status(stored.status).into(),
            snoozed_until: stored.snoozed_until.map_or(0, Timestamp::wire),
            assignee: stored.assignee.as_ref().map(agent_participant),
            assignment_epoch: stored.assignment_epoch,
            created_at: stored.created_at.wire(),
            rev: stored.rev,
            ring_until: stored.ring_until.map_or(0, Timestamp::wire),
            queued_at: stored.queued_at.map_or(0, Timestamp::wire),
            team: self.indexed.team().map_or_else(String::new, TeamId::to_string),
            level: stored.level.into(),
            moved_up: self.indexed.moved_up(stored.queued_at),
            follow_up: self.follow_up().map_or(wire::FollowUp::None, FollowUp::wire).into(),
            reply_to: stored.reply_to.clone(),
            ..wire::DeskRow::default()
        };
        if let Some(preview) = &self.preview {
            row.has_preview = true;
            row.preview.clone_from(&preview.text);
            row.preview_sender = sender_kind(&preview.sender).into();
            row.last_at = preview.last_at.wire();
            row.unread = preview.unread;
            row.visitor_online = preview.visitor_online;
            row.waiting_since = preview.waiting_since.map_or(0, Timestamp::wire);
        }
        row
    }
}

/// Further than a crowd that came at once: the clock was put back since.
pub(super) fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.since(now) > MINUTE
}

fn sender_kind(name: &str) -> wire::SenderKind {
    match name {
        "visitor" => wire::SenderKind::Visitor,
        "agent" => wire::SenderKind::Agent,
        "bot" => wire::SenderKind::Bot,
        "system" => wire::SenderKind::System,
        _ => wire::SenderKind::SenderUnknown,
    }
}
