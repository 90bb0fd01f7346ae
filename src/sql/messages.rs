//! Entries of a conversation from D1, a page at a time, as they are on the wire. Public and private ones are read by
//! functions of their own with types of their own (INV-10).

use crate::core::{
    id::{ConversationId, WorkspaceId},
    limits::MAX_INTEGER,
    pipeline::fold::Log,
    port::{BatchRows, Columns, Row, Statement, rows_of},
    protocol::wire::{self, message, private_message},
};

/// Entries in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<Entry> {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// There are older ones.
    pub has_more: bool,
}

const EXISTS: &str = "SELECT id FROM conversations WHERE id = ? AND workspace = ?";
const PAGE: &str = "SELECT seq, id, sender_kind, sender_id, sender_name, at, kind, body, follows FROM messages \
     WHERE conversation = ? AND workspace = ? AND log = ? AND seq < ? ORDER BY seq DESC LIMIT ?";

/// The newest entries of a log before a number (0: the newest of all).
pub fn page(
    workspace: &WorkspaceId,
    conversation: &ConversationId,
    log: Log,
    before: u64,
    limit: u64,
) -> Vec<Statement> {
    let before = if before == 0 { MAX_INTEGER } else { before.min(MAX_INTEGER) };
    let args = [
        conversation.as_str().into(),
        workspace.as_str().into(),
        log.name().into(),
        before.into(),
        limit.saturating_add(1).into(),
    ];
    vec![Statement::new(EXISTS, [conversation.as_str().into(), workspace.as_str().into()]), Statement::new(PAGE, args)]
}

/// Reads the answer to [`page`] of the public log; none: no such conversation in this workspace.
pub fn read_public(rows: &BatchRows, limit: u64) -> Option<Page<wire::Message>> {
    read(rows, limit, public)
}

/// Reads the answer to [`page`] of the private log; for agents only.
pub fn read_private(rows: &BatchRows, limit: u64) -> Option<Page<wire::PrivateMessage>> {
    read(rows, limit, private)
}

fn read<Entry>(rows: &BatchRows, limit: u64, entry: impl Fn(&Row) -> Entry) -> Option<Page<Entry>> {
    rows_of(rows, 0).first()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = rows_of(rows, 1);
    Some(Page { entries: found.iter().take(limit).rev().map(entry).collect(), has_more: found.len() > limit })
}

/// The columns that both logs share.
struct Shared {
    seq: u64,
    id: String,
    sender: wire::Participant,
    at: u64,
    /// None: a text.
    activity: Option<wire::Activity>,
    body: String,
}

/// Whether an entry of this kind has words to read and to find.
pub fn is_text(kind: &str) -> bool {
    matches!(kind, "text" | "note")
}

fn shared(columns: &mut Columns<'_>) -> Shared {
    let (seq, id) = (columns.uint(), columns.text());
    let kind = match columns.text().as_str() {
        "visitor" => wire::SenderKind::Visitor,
        "agent" => wire::SenderKind::Agent,
        "bot" => wire::SenderKind::Bot,
        "system" => wire::SenderKind::System,
        _ => wire::SenderKind::SenderUnknown,
    };
    let sender =
        wire::Participant { kind: kind.into(), id: columns.text(), name: columns.text(), picture: String::new() };
    let (at, entry_kind, body) = (columns.uint(), columns.text(), columns.text());
    // What only a later version knows is shown as an activity that is not known, never as its JSON.
    let activity = (!is_text(&entry_kind)).then(|| serde_json::from_str(&body).unwrap_or_default());
    Shared { seq, id, sender, at, activity, body }
}

fn public(row: &Row) -> wire::Message {
    let Shared { seq, id, sender, at, activity, body } = shared(&mut Columns::of(row));
    let body = activity.map_or(message::Body::Text(body), message::Body::Activity);
    let (sender, body) = (Some(sender), Some(body));
    wire::Message { seq, id, sender, at, body, ..wire::Message::default() }
}

fn private(row: &Row) -> wire::PrivateMessage {
    let mut columns = Columns::of(row);
    let Shared { seq, id, sender, at, activity, body } = shared(&mut columns);
    let body = activity.map_or(private_message::Body::Note(body), private_message::Body::Activity);
    let (sender, follows) = (Some(sender), columns.uint());
    wire::PrivateMessage { seq, id, sender, at, client_id: String::new(), follows, body: Some(body) }
}

#[cfg(test)]
mod tests;
