//! The statements that bring events into D1: one atomic batch for many conversations, each statement taking all of its
//! rows as one JSON text.
//!
//! They are right in any order, any number of times (INV-7): a later `log_epoch` takes away what an earlier one left;
//! within an epoch the greatest `rev` wins (of two alike the one with less unread: reading raises none), an entry is what was there first at its place, and its words go in exactly
//! when they are not in yet. A row of another workspace is never touched, and an event that names one is reported
//! (INV-8).
//!
//! A message that comes alone costs four written rows as D1 counts them: itself, its key, its words, the conversation's
//! row; of a hundred together each costs three. What an index stands on is therefore not set again by the statement
//! that every message runs: SQLite writes an index whose column is set, even to what it was. A visitor is written
//! when something about them changed.

use serde_json::{Value as Json, json};

use super::messages::is_text;
use crate::core::{
    id::{ConversationId, WorkspaceId},
    pipeline::{delivery::DeadLetter, fold::Folded},
    port::{BatchRows, Columns, Statement},
    time::Timestamp,
    words::index_words,
};

/// Conversations as `[id, workspace, log_epoch, …]`: those whose epoch is past what D1 holds lose their words, …
const DROP_OLDER_WORDS: &str = "DELETE FROM message_words WHERE rowid IN ( \
     SELECT m.rowid FROM json_each(?) AS e \
     CROSS JOIN conversations AS c ON c.id = e.value ->> 0 AND c.workspace = e.value ->> 1 \
     CROSS JOIN messages AS m ON m.conversation = c.id \
     WHERE c.log_epoch < e.value ->> 2)";

/// … and their entries.
const DROP_OLDER_ENTRIES: &str = "DELETE FROM messages WHERE conversation IN ( \
     SELECT c.id FROM json_each(?) AS e \
     CROSS JOIN conversations AS c ON c.id = e.value ->> 0 AND c.workspace = e.value ->> 1 \
     WHERE c.log_epoch < e.value ->> 2)";

const PUT_CONVERSATIONS: &str = "INSERT INTO conversations \
     (id, workspace, log_epoch, rev, site, visitor, status, snoozed_until, assignee, assignee_name, assignment_epoch, \
     created_at, last_at, last_text, last_sender, unread, waiting_since, head, private_head, muted, rated, tags, active_hour) \
     SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6, \
     e.value ->> 7, e.value ->> 8, e.value ->> 9, e.value ->> 10, e.value ->> 11, e.value ->> 12, e.value ->> 13, \
     e.value ->> 14, e.value ->> 15, e.value ->> 16, e.value ->> 17, e.value ->> 18, e.value ->> 19, e.value ->> 20, e.value ->> 21, \
     (e.value ->> 12) / 3600000 \
     FROM json_each(?) AS e WHERE true \
     ON CONFLICT (id) DO UPDATE SET log_epoch = excluded.log_epoch, rev = excluded.rev, \
     snoozed_until = excluded.snoozed_until, assignee = excluded.assignee, assignee_name = excluded.assignee_name, \
     assignment_epoch = excluded.assignment_epoch, last_at = excluded.last_at, \
     last_text = excluded.last_text, last_sender = excluded.last_sender, unread = excluded.unread, \
     waiting_since = excluded.waiting_since, head = excluded.head, private_head = excluded.private_head, \
     muted = excluded.muted, rated = excluded.rated, tags = excluded.tags \
     WHERE conversations.workspace = excluded.workspace AND (excluded.log_epoch > conversations.log_epoch \
     OR (excluded.log_epoch = conversations.log_epoch AND (excluded.rev > conversations.rev \
     OR (excluded.rev = conversations.rev AND excluded.unread < conversations.unread))))";

/// Moves those in the lists whose hour of activity or status is another one now, if this is what stands.
const MOVE_CONVERSATIONS: &str = "UPDATE conversations SET active_hour = last_at / 3600000, status = e.value ->> 6 \
     FROM json_each(?) AS e WHERE conversations.id = e.value ->> 0 AND workspace = e.value ->> 1 \
     AND log_epoch = e.value ->> 2 AND rev = e.value ->> 3 \
     AND (active_hour <> last_at / 3600000 OR status <> e.value ->> 6)";

/// Visitors as `[id, workspace, conversation, log_epoch, rev, site, name, email, verified, profile, created_at]`. Of all
/// that was ever told of a visitor, what came with the greatest `rev` of any of their conversations stands, whatever
/// came last; what did not change is not written. `blocked` and `generation` are decided here and never told.
const PUT_VISITORS: &str = "INSERT INTO visitors (id, workspace, site, name, email, verified, profile, created_at) \
     SELECT e.value ->> 0, e.value ->> 1, e.value ->> 5, e.value ->> 6, e.value ->> 7, e.value ->> 8, e.value ->> 9, \
     e.value ->> 10 FROM json_each(?) AS e \
     CROSS JOIN conversations AS c ON c.id = e.value ->> 2 AND c.workspace = e.value ->> 1 \
     AND c.log_epoch = e.value ->> 3 AND c.rev = e.value ->> 4 AND c.visitor = e.value ->> 0 \
     WHERE NOT EXISTS (SELECT 1 FROM conversations AS newer WHERE newer.visitor = c.visitor \
     AND newer.workspace = c.workspace AND (newer.rev > c.rev OR (newer.rev = c.rev AND newer.id > c.id))) \
     ON CONFLICT (id) DO UPDATE SET site = excluded.site, name = excluded.name, email = excluded.email, \
     verified = excluded.verified, profile = excluded.profile \
     WHERE visitors.workspace = excluded.workspace AND (visitors.name <> excluded.name \
     OR visitors.email <> excluded.email OR visitors.verified <> excluded.verified \
     OR visitors.profile <> excluded.profile OR visitors.site <> excluded.site)";

/// Entries as `[conversation, workspace, log_epoch, log, seq, id, …]`: only those of the epoch that D1 holds now.
const PUT_ENTRIES: &str = "INSERT INTO messages \
     (conversation, workspace, log, seq, id, sender_kind, sender_id, sender_name, at, kind, body, follows, turn) \
     SELECT e.value ->> 0, e.value ->> 1, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6, e.value ->> 7, \
     e.value ->> 8, e.value ->> 9, e.value ->> 10, e.value ->> 11, e.value ->> 12, e.value ->> 13 FROM json_each(?) AS e \
     CROSS JOIN conversations AS c ON c.id = e.value ->> 0 AND c.workspace = e.value ->> 1 \
     AND c.log_epoch = e.value ->> 2 WHERE true \
     ON CONFLICT (conversation, log, seq) DO NOTHING";

/// Words as `[conversation, log, seq, id, words]`: for entries that are there and have none yet. FTS5 answers by
/// `rowid` from the sizes that it keeps of every line.
const PUT_WORDS: &str = "INSERT INTO message_words (rowid, words) \
     SELECT m.rowid, e.value ->> 4 FROM json_each(?) AS e \
     CROSS JOIN messages AS m ON m.conversation = e.value ->> 0 AND m.log = e.value ->> 1 AND m.seq = e.value ->> 2 \
     WHERE m.id = e.value ->> 3 \
     AND NOT EXISTS (SELECT 1 FROM message_words AS w WHERE w.rowid = m.rowid)";

/// Which of the conversations belong to somebody else.
const FOREIGN: &str = "SELECT e.value ->> 0 AS conversation, e.value ->> 1 AS workspace FROM json_each(?) AS e \
     CROSS JOIN conversations AS c ON c.id = e.value ->> 0 WHERE c.workspace <> e.value ->> 1";

const PUT_DEAD_LETTERS: &str = "INSERT INTO dead_letters (message_id, queue, at, reason, body) \
     SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4 FROM json_each(?) AS e WHERE true \
     ON CONFLICT (message_id) DO NOTHING";

/// One atomic batch for all of these. Its last statement answers [`foreign`].
pub fn statements(folded: &[Folded]) -> Vec<Statement> {
    let conversations = list(folded.iter().map(conversation_columns));
    let entries: Vec<Json> = folded.iter().flat_map(entry_columns).collect();
    let words: Vec<Json> = folded.iter().flat_map(word_columns).collect();
    let mut statements = vec![
        Statement::new(DROP_OLDER_WORDS, [conversations.clone().into()]),
        Statement::new(DROP_OLDER_ENTRIES, [conversations.clone().into()]),
        Statement::new(PUT_CONVERSATIONS, [conversations.clone().into()]),
        Statement::new(MOVE_CONVERSATIONS, [conversations.clone().into()]),
        Statement::new(PUT_VISITORS, [list(folded.iter().map(visitor_columns)).into()]),
    ];
    if !entries.is_empty() {
        statements.push(Statement::new(PUT_ENTRIES, [list(entries).into()]));
    }
    if !words.is_empty() {
        statements.push(Statement::new(PUT_WORDS, [list(words).into()]));
    }
    statements.push(Statement::new(FOREIGN, [conversations.into()]));
    statements
}

/// The most statements that [`statements`] gives.
pub const STATEMENTS_PER_BATCH: usize = 8;

/// Conversations of the batch that are another workspace's; nothing of theirs was written.
pub fn foreign(rows: &BatchRows) -> Vec<(ConversationId, WorkspaceId)> {
    let rows = rows.last().map_or(&[][..], Vec::as_slice);
    rows.iter()
        .filter_map(|row| {
            let mut columns = Columns::of(row);
            Some((columns.text().try_into().ok()?, columns.text().try_into().ok()?))
        })
        .collect()
}

/// Puts queue messages away.
pub fn bury(queue: &str, letters: &[DeadLetter], now: Timestamp) -> Statement {
    let letters =
        letters.iter().map(|letter| json!([letter.message_id, queue, now, letter.reason.name(), letter.body]));
    Statement::new(PUT_DEAD_LETTERS, [list(letters).into()])
}

fn list(rows: impl IntoIterator<Item = Json>) -> String {
    text(&Json::Array(rows.into_iter().collect()))
}

/// As text. It can't fail; if it did, what is no JSON would break the statement, and what was to be written would be told again. (To
/// show a value is another writer, of five kilobytes.)
fn text(value: &Json) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn conversation_columns(folded: &Folded) -> Json {
    let row = &folded.conversation;
    json!([
        row.id,
        row.workspace,
        row.log_epoch,
        row.rev,
        row.site,
        row.visitor,
        row.status,
        row.snoozed_until,
        row.assignee.as_ref().map(|agent| &agent.id),
        row.assignee.as_ref().map_or("", |agent| &agent.name),
        row.assignment_epoch,
        row.created_at,
        row.last_at,
        row.last_text,
        row.last_sender,
        row.unread,
        row.waiting_since,
        row.head,
        row.private_head,
        row.muted,
        (!row.rated.is_empty()).then_some(&row.rated),
        row.tags,
    ])
}

fn visitor_columns(folded: &Folded) -> Json {
    let (row, visitor) = (&folded.conversation, &folded.visitor);
    json!([
        row.visitor,
        row.workspace,
        row.id,
        row.log_epoch,
        row.rev,
        row.site,
        visitor.name,
        visitor.email,
        visitor.verified,
        text(&json!(visitor)),
        row.created_at,
    ])
}

fn entry_columns(folded: &Folded) -> impl Iterator<Item = Json> {
    let row = &folded.conversation;
    folded.entries.iter().map(move |(log, entry)| {
        json!([
            row.id,
            row.workspace,
            row.log_epoch,
            log.name(),
            entry.seq,
            entry.id,
            entry.sender_kind,
            entry.sender_id,
            entry.sender_name,
            entry.at,
            entry.kind,
            entry.body,
            entry.follows,
            entry.turn,
        ])
    })
}

fn word_columns(folded: &Folded) -> impl Iterator<Item = Json> {
    let row = &folded.conversation;
    folded.entries.iter().filter_map(move |(log, entry)| {
        // What the system notes is JSON for machines, not what somebody said.
        if !is_text(&entry.kind) {
            return None;
        }
        let words = index_words(&row.workspace, &entry.body);
        if words.is_empty() { None } else { Some(json!([row.id, log.name(), entry.seq, entry.id, words])) }
    })
}

#[cfg(test)]
mod tests;
