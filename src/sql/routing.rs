//! How workspaces route, and which Desks have yet to hear of it.

use crate::core::{
    id::WorkspaceId,
    internal::ConfigureRequest,
    port::{Columns, Row, SqlError, Statement, Value},
    routing::settings::Routing,
    time::Timestamp,
};

const FIND: &str = "SELECT routing, routing_version, routing_told FROM workspaces WHERE id = ?";
const SAVE: &str = "UPDATE workspaces SET routing = ?, routing_version = MAX(routing_version + 1, ?) \
     WHERE id = ? AND routing_version = ? RETURNING routing_version";
const CONFIRM: &str = "UPDATE workspaces SET routing_told = ?2 WHERE id = ?1 AND routing_told < ?2";
const OWED: &str = "SELECT id, routing, routing_version FROM workspaces \
     WHERE routing_told < routing_version ORDER BY random() LIMIT ?";

/// What stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// How the workspace routes.
    pub routing: Routing,
    /// The version of it; 0: nothing was ever set.
    pub version: u64,
    /// The version that the Desk has confirmed.
    pub told: u64,
}

/// How it stands in a workspace; read by [`read`].
pub fn find(workspace: &WorkspaceId) -> Statement {
    Statement::new(FIND, [workspace.as_str().into()])
}

/// Reads a row of [`find`].
pub fn read(row: &Row) -> Result<Settled, SqlError> {
    let mut columns = Columns::of(row);
    Ok(Settled { routing: parsed(&columns.text())?, version: columns.uint(), told: columns.uint() })
}

/// Puts another one in the place of `version`; gives the number of the new one, or no row if somebody was first. A version is a
/// moment, or one more than the last: a database that was put back gives no number a second time.
pub fn save(workspace: &WorkspaceId, routing: &Routing, version: u64, now: Timestamp) -> Result<Statement, SqlError> {
    let text = serde_json::to_string(routing).map_err(|error| SqlError(error.to_string()))?;
    Ok(Statement::new(SAVE, [Value::Text(text), now.0.into(), workspace.as_str().into(), version.into()]))
}

/// The Desk has heard of this version.
pub fn confirm(workspace: &WorkspaceId, version: u64) -> Statement {
    Statement::new(CONFIRM, [workspace.as_str().into(), version.into()])
}

/// What Desks have yet to hear, in no order, so that those that can't be told starve nobody; read by [`read_owed`].
pub fn owed(limit: u64) -> Statement {
    Statement::new(OWED, [limit.into()])
}

/// Reads a row of [`owed`].
pub fn read_owed(row: &Row) -> Option<ConfigureRequest> {
    let mut columns = Columns::of(row);
    let workspace = WorkspaceId::parse(&columns.text()).ok()?;
    Some(ConfigureRequest { workspace, routing: parsed(&columns.text()).ok()?, version: columns.uint() })
}

fn parsed(text: &str) -> Result<Routing, SqlError> {
    if text.is_empty() {
        return Ok(Routing::default());
    }
    serde_json::from_str(text).map_err(|error| SqlError(error.to_string()))
}
