//! The tags that a workspace names. Which conversation has which is told by its Room (`projection`).

use serde::Serialize;

use super::routing::given;
use crate::core::{
    id::{TagId, WorkspaceId},
    limits::TAGS_MAX,
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagRow {
    /// Which.
    pub id: TagId,
    /// As agents read it.
    pub name: String,
    /// `#rrggbb`; empty: none.
    pub color: String,
}

impl TagRow {
    /// Reads the columns of [`list`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        Some(TagRow { id: TagId::parse(&columns.text()).ok()?, name: columns.text(), color: columns.text() })
    }
}

const LIST: &str = "SELECT id, name, color FROM tags WHERE workspace = ? ORDER BY name, id";
const INSERT: &str = "INSERT INTO tags (workspace, id, name, color, created_at) SELECT ?1, ?2, ?3, ?4, ?5 \
     WHERE (SELECT COUNT(*) FROM tags WHERE workspace = ?1) < ?6 ON CONFLICT (workspace, name) DO NOTHING \
     RETURNING id, name, color";
/// As with sites.
const UPDATE: &str = "UPDATE OR IGNORE tags SET name = COALESCE(?3, name), color = COALESCE(?4, color) WHERE workspace = ?1 AND id = ?2 \
     RETURNING id, name, color";
const DELETE: &str = "DELETE FROM tags WHERE workspace = ? AND id = ? RETURNING id";

/// All of a workspace, by their names.
pub fn list(workspace: &WorkspaceId) -> Statement {
    Statement::new(LIST, [workspace.as_str().into()])
}

/// A new one; gives a row unless the name is taken or there are too many.
pub fn insert(workspace: &WorkspaceId, row: &TagRow, now: Timestamp) -> Statement {
    let TagRow { id, name, color } = row;
    let mut args = vec![workspace.as_str().into(), id.as_str().into(), name.as_str().into(), color.as_str().into()];
    args.extend([now.0.into(), TAGS_MAX.into()]);
    Statement::new(INSERT, args)
}

/// Everything in which it is another one now; gives it as it stands then, if there is such a tag and its name is no other's.
pub fn update(workspace: &WorkspaceId, before: &TagRow, after: &TagRow) -> Statement {
    let name = given(after.name != before.name, after.name.as_str().into());
    let color = given(after.color != before.color, after.color.as_str().into());
    Statement::new(UPDATE, [workspace.as_str().into(), after.id.as_str().into(), name, color])
}

/// Removes it; gives a row if there was one. Conversations that have it show it no more; intents lose it by `intents::forget_tag`.
pub fn delete(workspace: &WorkspaceId, id: &TagId) -> Statement {
    Statement::new(DELETE, [workspace.as_str().into(), id.as_str().into()])
}
