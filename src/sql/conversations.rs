//! Conversations as the API lists them, from D1. Every statement asks for the workspace (INV-8); a list is read from its
//! index by the hour of activity, newest first, and goes on from the last row that was shown. What is searched for is
//! found among the newest ones first ([`called`], and the index of words), and the list is of that alone.

use crate::core::{
    id::{AgentId, ConversationId, SiteId, TagId, VisitorId, WorkspaceId},
    internal::{AgentRef, Status},
    limits::{MAX_INTEGER, SEARCH_WINDOW},
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
    words::{has_case, match_nothing, match_query},
};

/// A conversation with what is known of its visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSummary {
    /// Which.
    pub id: ConversationId,
    /// Its site.
    pub site: SiteId,
    /// Its visitor.
    pub visitor: VisitorSummary,
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
    /// Last public number.
    pub head: u64,
    /// An agent wants to hear no more of it.
    pub is_muted: bool,
    /// What agents have put on it.
    pub tags: Vec<TagId>,
}

/// What lists show of a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorSummary {
    /// Who.
    pub id: VisitorId,
    /// Name, empty when not known.
    pub name: String,
    /// Address, empty when not known.
    pub email: String,
    /// The site has signed it.
    pub is_verified: bool,
    /// No socket is opened for them.
    pub is_blocked: bool,
}

/// Which assignee is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Nobody has it.
    Nobody,
    /// This agent has it.
    Agent(AgentId),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConversationFilter {
    /// Any of these; none: all.
    pub statuses: Vec<Status>,
    /// Who has it.
    pub assignee: Option<AssigneeFilter>,
    /// Of this site.
    pub site: Option<SiteId>,
    /// Of this visitor; `text` is not looked at then.
    pub visitor: Option<VisitorId>,
    /// With this tag.
    pub tag: Option<TagId>,
    /// Words in one of its newer messages (`limits::SEARCH_WINDOW`).
    pub text: String,
    /// With a `text`, these as well: what [`called`] has found by it.
    pub called: Vec<ConversationId>,
    /// After this row.
    pub before: Option<ConversationCursor>,
}

/// A place in the list: the last row that was shown. Opaque outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationCursor {
    last_at: Timestamp,
    id: ConversationId,
}

impl ConversationCursor {
    /// After this row.
    pub fn after(row: &ConversationSummary) -> Self {
        ConversationCursor { last_at: row.last_at, id: row.id.clone() }
    }

    /// Reads what [`ConversationCursor::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (last_at, id) = text.split_once('-')?;
        let last_at = last_at.parse().ok().filter(|at: &u64| *at <= MAX_INTEGER)?;
        Some(ConversationCursor {
            last_at: Timestamp(i64::try_from(last_at).ok()?),
            id: ConversationId::parse(id).ok()?,
        })
    }

    /// For the client, safe in a URL.
    pub fn text(&self) -> String {
        format!("{}-{}", self.last_at.wire(), self.id)
    }
}

macro_rules! select {
    ($where:literal) => {
        select!("", $where)
    };
    ($first:literal, $where:literal) => {
        concat!(
            "SELECT c.id AS id, c.site AS site, c.visitor AS visitor, v.name AS visitor_name, v.email AS visitor_email, \
             v.verified AS verified, v.blocked AS blocked, c.status AS status, c.snoozed_until AS snoozed_until, \
             c.assignee AS assignee, c.assignee_name AS assignee_name, c.assignment_epoch AS assignment_epoch, \
             c.created_at AS created_at, c.last_at AS last_at, c.last_text AS last_text, c.last_sender AS last_sender, \
             c.unread AS unread, c.head AS head, c.muted AS muted, c.tags AS tags FROM ",
            $first,
            "conversations AS c \
             LEFT JOIN visitors AS v ON v.id = c.visitor AND v.workspace = c.workspace WHERE c.workspace = ?1 ",
            $where
        )
    };
}

const ONE: &str = select!("AND c.id = ?2");

const LIST: &str = select!(
    "AND (?2 IS NULL OR c.status IN (SELECT value FROM json_each(?2))) \
     AND (?3 IS NULL OR c.assignee = ?3 OR (?3 = '' AND c.assignee IS NULL)) AND (?4 IS NULL OR c.site = ?4) AND ?8 IS NULL \
     AND c.active_hour <= ?5 / 3600000 AND (c.last_at < ?5 OR (c.last_at = ?5 AND c.id < ?6)) \
     ORDER BY c.active_hour DESC, c.last_at DESC, c.id DESC LIMIT ?7"
);

/// Those that are not over have an index of their own, too: an agent who has few of them does not wait for all that ever was.
const LIST_UNRESOLVED: &str = select!(
    "AND c.status <> 'resolved' AND c.status IN (SELECT value FROM json_each(?2)) \
     AND (?3 IS NULL OR c.assignee = ?3 OR (?3 = '' AND c.assignee IS NULL)) AND (?4 IS NULL OR c.site = ?4) AND ?8 IS NULL \
     AND c.active_hour <= ?5 / 3600000 AND (c.last_at < ?5 OR (c.last_at = ?5 AND c.id < ?6)) \
     ORDER BY c.active_hour DESC, c.last_at DESC, c.id DESC LIMIT ?7"
);

/// Those with a tag have an index of their own: however rare one is, no other conversation is looked at.
const LIST_OF_TAG: &str = select!(
    "AND (?2 IS NULL OR c.status IN (SELECT value FROM json_each(?2))) \
     AND (?3 IS NULL OR c.assignee = ?3 OR (?3 = '' AND c.assignee IS NULL)) AND (?4 IS NULL OR c.site = ?4) \
     AND c.tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value = ?8) \
     AND c.active_hour <= ?5 / 3600000 AND (c.last_at < ?5 OR (c.last_at = ?5 AND c.id < ?6)) \
     ORDER BY c.active_hour DESC, c.last_at DESC, c.id DESC LIMIT ?7"
);

/// A visitor has few, and an index of their own.
const LIST_OF_VISITOR: &str = select!(
    "AND c.visitor = ?9 AND (?2 IS NULL OR c.status IN (SELECT value FROM json_each(?2))) \
     AND (?3 IS NULL OR c.assignee = ?3 OR (?3 = '' AND c.assignee IS NULL)) AND (?4 IS NULL OR c.site = ?4) \
     AND (?8 IS NULL OR EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value = ?8)) \
     AND (c.last_at < ?5 OR (c.last_at = ?5 AND c.id < ?6)) ORDER BY c.last_at DESC, c.id DESC LIMIT ?7"
);

/// What was found, as few as it is, comes first; `CROSS JOIN` keeps it there.
const LIST_MATCHING: &str = select!(
    "(SELECT value AS id FROM json_each(?9) UNION SELECT m.conversation AS id \
     FROM (SELECT rowid FROM message_words WHERE message_words MATCH ?10 ORDER BY rowid DESC LIMIT ?11) AS w \
     CROSS JOIN messages AS m ON m.rowid = w.rowid WHERE m.workspace = ?1) AS found CROSS JOIN ",
    "AND c.id = found.id AND (?2 IS NULL OR c.status IN (SELECT value FROM json_each(?2))) \
     AND (?3 IS NULL OR c.assignee = ?3 OR (?3 = '' AND c.assignee IS NULL)) AND (?4 IS NULL OR c.site = ?4) \
     AND (?8 IS NULL OR EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value = ?8)) \
     AND (c.last_at < ?5 OR (c.last_at = ?5 AND c.id < ?6)) ORDER BY c.last_at DESC, c.id DESC LIMIT ?7"
);

/// SQLite's `lower` knows ASCII only. Where that is not enough (`?3`), whoever has other letters is given as well.
const CALLED: &str = "SELECT c.id AS id, v.name AS name, v.email AS email \
     FROM (SELECT id, visitor FROM conversations WHERE workspace = ?1 ORDER BY active_hour DESC LIMIT ?4) AS c \
     CROSS JOIN visitors AS v ON v.id = c.visitor AND v.workspace = ?1 \
     WHERE instr(lower(v.name), ?2) > 0 OR instr(lower(v.email), ?2) > 0 \
     OR (?3 AND octet_length(v.name || v.email) > length(v.name || v.email))";

/// One conversation of this workspace.
pub fn one(workspace: &WorkspaceId, conversation: &ConversationId) -> Statement {
    Statement::new(ONE, [workspace.as_str().into(), conversation.as_str().into()])
}

/// Conversations of this workspace, newest activity first. Ask for one more than is shown to know whether there are
/// others.
pub fn list(workspace: &WorkspaceId, filter: &ConversationFilter, limit: u64) -> Statement {
    let statuses = match filter.statuses.as_slice() {
        [] => Value::Null,
        some => serde_json::to_string(some).map_or(Value::Null, Value::from),
    };
    let assignee = match &filter.assignee {
        None => Value::Null,
        Some(AssigneeFilter::Nobody) => "".into(),
        Some(AssigneeFilter::Agent(agent)) => agent.as_str().into(),
    };
    let (last_at, id) = match &filter.before {
        Some(cursor) => (cursor.last_at.0.into(), cursor.id.as_str().into()),
        None => (MAX_INTEGER.into(), "".into()),
    };
    let site = filter.site.as_ref().map(SiteId::as_str);
    let tag = filter.tag.as_ref().map(TagId::as_str);
    let mut args =
        vec![workspace.as_str().into(), statuses, assignee, site.into(), last_at, id, limit.into(), tag.into()];
    if let Some(visitor) = &filter.visitor {
        args.push(visitor.as_str().into());
        return Statement::new(LIST_OF_VISITOR, args);
    }
    let text = filter.text.trim();
    if text.is_empty() {
        let is_unresolved = !filter.statuses.is_empty() && !filter.statuses.contains(&Status::Resolved);
        let list = if is_unresolved { LIST_UNRESOLVED } else { LIST };
        return Statement::new(if tag.is_some() { LIST_OF_TAG } else { list }, args);
    }
    args.push(serde_json::to_string(&filter.called).unwrap_or_else(|_| "[]".to_owned()).into());
    args.push(match_query(workspace, text).unwrap_or_else(|| match_nothing(workspace)).into());
    args.push(SEARCH_WINDOW.into());
    Statement::new(LIST_MATCHING, args)
}

/// Those of the newest conversations (`limits::SEARCH_WINDOW`) whose visitors may have this in their name or address.
pub fn called(workspace: &WorkspaceId, text: &str) -> Statement {
    let text = small(text.trim());
    let has_case = u64::from(has_case(&text));
    Statement::new(CALLED, [workspace.as_str().into(), text.into(), has_case.into(), SEARCH_WINDOW.into()])
}

/// Reads a row of [`called`]; none if its visitor is not called so.
pub fn read_called(row: &Row, text: &str) -> Option<ConversationId> {
    let (mut columns, text) = (Columns::of(row), small(text.trim()));
    let id = columns.text();
    let is_so = [columns.text(), columns.text()].iter().any(|it| small(it).contains(&text));
    if is_so { id.try_into().ok() } else { None }
}

/// Letter by letter, so that a part of a name stays a part of it.
fn small(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Reads a row of [`one`] or [`list`].
pub fn read(row: &Row) -> Option<ConversationSummary> {
    let mut columns = Columns::of(row);
    Some(ConversationSummary {
        id: columns.text().try_into().ok()?,
        site: columns.text().try_into().ok()?,
        visitor: VisitorSummary {
            id: columns.text().try_into().ok()?,
            name: columns.text(),
            email: columns.text(),
            is_verified: columns.int() != 0,
            is_blocked: columns.int() != 0,
        },
        // As everywhere: what only a later version has a word for waits for people.
        status: Status::parse(&columns.text()).unwrap_or(Status::Open),
        snoozed_until: columns.maybe_int().map(Timestamp),
        assignee: match (columns.text(), columns.text()) {
            (id, _) if id.is_empty() => None,
            (id, name) => Some(AgentRef::new(id.try_into().ok()?, name)),
        },
        assignment_epoch: columns.uint(),
        created_at: Timestamp(columns.int()),
        last_at: Timestamp(columns.int()),
        last_text: columns.text(),
        last_sender: columns.text(),
        unread: columns.uint(),
        head: columns.uint(),
        is_muted: columns.int() != 0,
        tags: serde_json::from_str(&columns.text()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
