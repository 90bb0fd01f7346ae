//! Pictures of the bot's answers: kept once, so many for a workspace, and for messages that show them longer than an intent names them.

use crate::core::{
    id::WorkspaceId,
    limits::{ANSWER_PICTURE_KEPT, ANSWER_PICTURES},
    port::{Statement, Value},
    time::Timestamp,
};

const MAKE_ROOM: &str = "DELETE FROM answer_pictures WHERE workspace = ?1 AND named_at < ?2 \
     AND (SELECT COUNT(*) FROM answer_pictures WHERE workspace = ?1) >= ?3 \
     AND hash NOT IN (SELECT says ->> '$.picture.hash' FROM intents WHERE workspace = ?1 AND says ->> '$.picture.hash' IS NOT NULL)";
const KEEP: &str = "INSERT INTO answer_pictures (workspace, hash, width, height, named_at, bytes) \
     SELECT ?1, ?2, ?3, ?4, ?5, unhex(?6) \
     WHERE (SELECT COUNT(*) FROM answer_pictures WHERE workspace = ?1 AND hash <> ?2) < ?7 \
     ON CONFLICT (workspace, hash) DO UPDATE SET named_at = excluded.named_at RETURNING hash";
const THERE: &str = "SELECT COUNT(*) AS n FROM json_each(?2) AS named WHERE EXISTS (SELECT 1 FROM answer_pictures \
     WHERE workspace = ?1 AND hash = named.value ->> 0 AND width = named.value ->> 1 AND height = named.value ->> 2)";
const LET_GO: &str =
    "UPDATE answer_pictures SET named_at = ?2 WHERE workspace = ?1 AND hash IN (SELECT value FROM json_each(?3))";

/// Keeps one; the same again is there already. First, where there are as many as there may be, those go that no intent has named for
/// long. A row of the second: there is room for it.
pub fn keep(
    workspace: &WorkspaceId,
    hash: &str,
    (width, height): (u32, u32),
    digits: &str,
    now: Timestamp,
) -> Vec<Statement> {
    let most = Value::Int(i64::try_from(ANSWER_PICTURES).unwrap_or(i64::MAX));
    let old = now.plus(-ANSWER_PICTURE_KEPT);
    let (width, height) = (i64::from(width), i64::from(height));
    vec![
        Statement::new(MAKE_ROOM, [workspace.as_str().into(), old.0.into(), most.clone()]),
        Statement::new(
            KEEP,
            [workspace.as_str().into(), hash.into(), width.into(), height.into(), now.0.into(), digits.into(), most],
        ),
    ]
}

/// How many of these are there as they are said to be.
pub fn there(workspace: &WorkspaceId, named: &[(&str, u32, u32)]) -> Statement {
    Statement::new(THERE, [workspace.as_str().into(), Value::Text(serde_json::to_string(named).unwrap_or_default())])
}

/// Intents name these no more from now on.
pub fn let_go(workspace: &WorkspaceId, hashes: &[&str], now: Timestamp) -> Statement {
    let hashes = serde_json::to_string(hashes).unwrap_or_else(|_| "[]".to_owned());
    Statement::new(LET_GO, [workspace.as_str().into(), now.0.into(), Value::Text(hashes)])
}
