//! Pictures of the bot's answers: kept once, at most 200 of a workspace, and for messages that show them longer than an intent names them,
//! unless somebody removes them.

use crate::core::{id::WorkspaceId, port::Statement, time::Timestamp};

/// Where there are as many as there may be, those go that were uploaded more than a year ago and that no intent names.
const MAKE_ROOM: &str = "DELETE FROM answer_pictures WHERE workspace = ?1 AND set_at < ?2 - 31536000000 \
     AND (SELECT COUNT(*) FROM answer_pictures WHERE workspace = ?1) >= 200 \
     AND NOT EXISTS (SELECT 1 FROM intents WHERE workspace = ?1 AND instr(says ->> '$.picture', name) > 0)";
const KEEP: &str = "INSERT INTO answer_pictures (workspace, name, hash, set_at, bytes) SELECT ?1, ?2, substr(?2, 1, 32), ?3, unhex(?4) \
     WHERE (SELECT COUNT(*) FROM answer_pictures WHERE workspace = ?1 AND name <> ?2) < 200 \
     ON CONFLICT (workspace, name) DO UPDATE SET set_at = excluded.set_at RETURNING name";
const FIND: &str = "SELECT name FROM answer_pictures WHERE workspace = ?1 AND hash = ?2";
const DELETE: &str = "DELETE FROM answer_pictures WHERE workspace = ?1 AND hash = ?2 \
     AND NOT EXISTS (SELECT 1 FROM intents WHERE workspace = ?1 AND instr(says ->> '$.picture', ?2) > 0) RETURNING name";

/// Makes room.
pub fn make_room(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    Statement::new(MAKE_ROOM, [workspace.as_str().into(), now.0.into()])
}

/// Keeps one; the same again is there already. A row: there is room for it.
pub fn keep(workspace: &WorkspaceId, name: &str, digits: &str, now: Timestamp) -> Statement {
    Statement::new(KEEP, [workspace.as_str().into(), name.into(), now.0.into(), digits.into()])
}

/// One: a row if there is one.
pub fn find(workspace: &WorkspaceId, hash: &str) -> Statement {
    Statement::new(FIND, [workspace.as_str().into(), hash.into()])
}

/// Removes one that no intent names; gives a row if there was one.
pub fn delete(workspace: &WorkspaceId, hash: &str) -> Statement {
    Statement { sql: DELETE, ..find(workspace, hash) }
}
