//! Intents of a workspace. What they say and teach is JSON, which lists hand on as it is.

use super::bot;
use crate::core::{
    bot::{dialogue::Meaning, intent::Intent},
    id::{IntentId, TagId, WorkspaceId},
    json,
    limits::KNOWLEDGE_CHUNK_BYTES,
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
};

/// An intent as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Its name.
    pub id: String,
    /// What it says, as JSON.
    pub says: String,
    /// What it teaches, as JSON.
    pub teaches: String,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl IntentRow {
    /// Of an intent; none if it can't be written down.
    pub fn of(id: &IntentId, intent: &Intent, now: Timestamp) -> Option<Self> {
        Some(IntentRow {
            id: id.to_string(),
            says: serde_json::to_string(&intent.says).ok()?,
            teaches: serde_json::to_string(&intent.teaches).ok()?,
            updated_at: now,
        })
    }

    /// Reads the columns of this module's `SELECT`.
    pub fn read(row: &Row) -> Self {
        let mut columns = Columns::of(row);
        IntentRow {
            id: columns.text(),
            says: columns.text(),
            teaches: columns.text(),
            updated_at: Timestamp(columns.int()),
        }
    }

    /// Its members as JSON, without braces.
    pub fn members(&self) -> String {
        let inside = |text: &str| text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned();
        format!("{},{}", inside(&self.says), inside(&self.teaches))
    }

    /// The intent itself: what is stored is a whole one as it might be sent.
    pub fn intent(&self) -> Option<Intent> {
        let mut intent = Intent::default();
        intent.take(json::from_str(&format!("{{{}}}", self.members())).ok()?).ok()?;
        Some(intent)
    }

    /// Bytes of its JSON, as [`others`] counts them.
    pub fn bytes(&self) -> u64 {
        (self.says.len() + self.teaches.len()) as u64
    }
}

const LIST: &str = "SELECT id, says, teaches, updated_at FROM intents WHERE workspace = ? ORDER BY id";
const SAYS: &str =
    "SELECT id, says, '{\"library\":true}' AS teaches, updated_at FROM intents WHERE workspace = ? ORDER BY id";
const SOME: &str = "SELECT id, says, teaches, updated_at FROM intents WHERE workspace = ? \
     AND id IN (SELECT value FROM json_each(?)) ORDER BY id";
const OTHERS: &str = "SELECT COALESCE(SUM(octet_length(says) + octet_length(teaches)), 0) AS bytes, \
     json_group_array(id) AS ids, \
     (SELECT group_concat(name, ' ') FROM answer_pictures WHERE workspace = ?1) AS pictures FROM intents WHERE workspace = ?1 AND id NOT IN (SELECT value FROM json_each(?2))";
const WRITE: &str = "INSERT INTO intents (workspace, id, says, teaches, updated_at) \
     SELECT ?1, value ->> 0, value -> 1, value -> 2, value ->> 3 FROM json_each(?3) \
     WHERE EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2) \
     ON CONFLICT (workspace, id) DO UPDATE SET says = excluded.says, teaches = excluded.teaches, updated_at = excluded.updated_at";
const DELETE: &str = "DELETE FROM intents WHERE workspace = ?1 AND id = ?3 \
     AND EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2)";
const IS_FOR_SIGNED: &str = "SELECT id FROM intents WHERE workspace = ?1 AND id = ?2 AND says ->> '$.action.verified'";
const UNBUTTON: &str = "UPDATE intents SET says = json_set(says, '$.buttons', \
     json((SELECT json_group_array(value) FROM json_each(says, '$.buttons') WHERE value <> ?3))) \
     WHERE workspace = ?1 AND EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2) \
     AND EXISTS (SELECT 1 FROM json_each(says, '$.buttons') WHERE value = ?3)";
const UNTAG: &str = "UPDATE intents SET says = json_set(says, '$.tags', \
     json((SELECT json_group_array(value) FROM json_each(says, '$.tags') WHERE value <> ?2))) \
     WHERE workspace = ?1 AND EXISTS (SELECT 1 FROM json_each(says, '$.tags') WHERE value = ?2)";

/// All of a workspace, by their names.
pub fn list(workspace: &WorkspaceId) -> Statement {
    Statement::new(LIST, [workspace.as_str().into()])
}

/// What all of them say, for whoever teaches nothing; read by [`read_meaning`].
pub fn meanings(workspace: &WorkspaceId) -> Statement {
    Statement::new(SAYS, [workspace.as_str().into()])
}

/// A row if this one calls the owner's system for signed visitors alone, as it stands now.
pub fn is_for_signed(workspace: &WorkspaceId, id: &IntentId) -> Statement {
    Statement::new(IS_FOR_SIGNED, [workspace.as_str().into(), id.as_str().into()])
}

/// Reads a row of [`meanings`].
pub fn read_meaning(row: &Row) -> Option<Meaning> {
    let row = IntentRow::read(row);
    Some(Meaning { id: IntentId::parse(&row.id).ok()?, says: row.intent()?.says })
}

/// Those of these names.
pub fn some(workspace: &WorkspaceId, ids: &[IntentId]) -> Statement {
    Statement::new(SOME, [workspace.as_str().into(), names(ids)])
}

/// How large all others are together, their names as a JSON list, and the names of pictures for answers with blanks between.
pub fn others(workspace: &WorkspaceId, ids: &[IntentId]) -> Statement {
    Statement::new(OTHERS, [workspace.as_str().into(), names(ids)])
}

/// Writes these, behind a claim with this stamp.
pub fn write(workspace: &WorkspaceId, stamp: &str, rows: &[IntentRow]) -> Vec<Statement> {
    let texts = rows.iter().map(|row| format!("[\"{}\",{},{},{}]", row.id, row.says, row.teaches, row.updated_at.0));
    let chunks = bot::chunks(texts, KNOWLEDGE_CHUNK_BYTES).into_iter();
    let args = |chunk: String| [workspace.as_str().into(), stamp.into(), Value::Text(chunk)];
    chunks.map(|chunk| Statement::new(WRITE, args(chunk))).collect()
}

/// Removes one and the buttons that lead to it, behind a claim with this stamp.
pub fn delete(workspace: &WorkspaceId, stamp: &str, id: &IntentId) -> Vec<Statement> {
    let of = |sql| Statement::new(sql, [workspace.as_str().into(), stamp.into(), id.as_str().into()]);
    vec![of(DELETE), of(UNBUTTON)]
}

/// A tag goes: no intent puts it on.
pub fn forget_tag(workspace: &WorkspaceId, tag: &TagId) -> Statement {
    Statement::new(UNTAG, [workspace.as_str().into(), tag.as_str().into()])
}

fn names(ids: &[IntentId]) -> Value {
    Value::Text(serde_json::to_string(ids).unwrap_or_else(|_| "[]".to_owned()))
}
