//! What intents, FAQ entries and articles were. Triggers write it and bound it (migration 0021); here it is only read.

use crate::core::{
    id::WorkspaceId,
    limits::{LIST_ROWS, PAST_BYTES},
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// Of these, newest first, as many as fit an answer, and the first one in any case.
macro_rules! list {
    ($which:literal) => {
        concat!(
            "SELECT p.id, p.updated_at, p.until, json_object('id', p.ended_by, 'name', COALESCE(a.name, '')) AS ended_by, p.was FROM \
             (SELECT n, SUM(bytes) OVER (ORDER BY n DESC) - bytes AS newer FROM \
             (SELECT k.number AS n, octet_length(k.was) AS bytes FROM knowledge_past k WHERE k.workspace = ?1 AND k.kind = ?2 AND ",
            $which,
            " ORDER BY k.number DESC LIMIT ?4)) JOIN knowledge_past p ON p.number = n \
             LEFT JOIN agents a ON a.id = p.ended_by AND a.workspace = p.workspace WHERE newer < ?5 ORDER BY n DESC"
        )
    };
}

const OF_ONE: &str = list!("k.id = ?3");
/// The last of each. An intent's name may have been given again.
const GONE: &str = list!(
    "k.gone AND ?3 IS NULL AND NOT EXISTS (SELECT 1 FROM knowledge_past l WHERE l.workspace = ?1 AND l.kind = ?2 AND l.id = k.id \
     AND l.number > k.number) AND NOT EXISTS (SELECT 1 FROM intents i WHERE ?2 = 'intent' AND i.workspace = ?1 AND i.id = k.id)"
);

/// Versions of one, or without an id the last ones of what was deleted; read by [`shown`].
pub fn list(workspace: &WorkspaceId, kind: &str, id: Option<&str>) -> Statement {
    let sql = if id.is_some() { OF_ONE } else { GONE };
    Statement::new(sql, [workspace.as_str().into(), kind.into(), id.into(), LIST_ROWS.into(), PAST_BYTES.into()])
}

/// A version as the API says it.
pub fn shown(row: &Row) -> String {
    let mut columns = Columns::of(row);
    let id = columns.text();
    let updated_at = Timestamp(columns.int()).rfc3339();
    let until = Timestamp(columns.int()).rfc3339();
    let (by, was) = (columns.text(), columns.text());
    format!("{{\"id\":\"{id}\",\"updated_at\":\"{updated_at}\",\"until\":\"{until}\",\"by\":{by},\"was\":{was}}}")
}
