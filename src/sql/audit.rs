//! Who did what, for the owner to read. Entries are only ever added.

use crate::core::{
    id::WorkspaceId,
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number; later ones are greater.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// An agent's id, or `setup`, `ops`, `link`, `login`.
    pub actor: String,
    /// snake_case, past tense: `agent_disabled`.
    pub action: String,
    /// Whom or what, by id.
    pub target: String,
    /// More, for people.
    pub detail: String,
}

impl Entry {
    /// Reads the columns of [`list`].
    pub fn read(row: &Row) -> Self {
        let mut columns = Columns::of(row);
        Entry {
            id: columns.uint(),
            at: Timestamp(columns.int()),
            actor: columns.text(),
            action: columns.text(),
            target: columns.text(),
            detail: columns.text(),
        }
    }
}

const ADD: &str = "INSERT INTO audit_log (workspace, at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)";
/// Behind a statement that changed a row (SQLite's `changes()` speaks of the one before).
const ADD_IF_CHANGED: &str = "INSERT INTO audit_log (workspace, at, actor, action, target, detail) \
     SELECT ?, ?, ?, ?, ?, ? WHERE changes() > 0";
const LIST: &str = "SELECT id, at, actor, action, target, detail FROM audit_log WHERE workspace = ? AND id < ? \
     ORDER BY id DESC LIMIT ?";

/// Adds an entry, for what can't be refused: the batch breaks, or there was nothing to decide.
pub fn add(
    workspace: &WorkspaceId,
    now: Timestamp,
    actor: &str,
    action: &str,
    target: &str,
    detail: &str,
) -> Statement {
    Statement::new(
        ADD,
        [workspace.as_str().into(), now.0.into(), actor.into(), action.into(), target.into(), detail.into()],
    )
}

/// Adds an entry if the statement before this one in the batch changed a row: what was refused is not told as done.
/// Afterwards `changes()` says the same to the next statement.
pub fn add_if_changed(
    workspace: &WorkspaceId,
    now: Timestamp,
    actor: &str,
    action: &str,
    target: &str,
    detail: &str,
) -> Statement {
    Statement { sql: ADD_IF_CHANGED, ..add(workspace, now, actor, action, target, detail) }
}

/// Entries before a number, newest first.
pub fn list(workspace: &WorkspaceId, before: u64, limit: u64) -> Statement {
    Statement::new(LIST, [workspace.as_str().into(), before.into(), limit.into()])
}
