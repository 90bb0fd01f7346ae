//! Pictures of a workspace: kept once, found by whoever knows the hash, gone when nothing names them. Their bytes go in and out as
//! hexadecimal digits, as those of models do.

use crate::core::{
    id::{AgentId, WorkspaceId},
    port::Statement,
    time::Timestamp,
};

const KEEP: &str = "INSERT INTO pictures (workspace, hash, bytes, set_at) VALUES (?, ?, unhex(?), ?) \
     ON CONFLICT (workspace, hash) DO UPDATE SET set_at = excluded.set_at";
const OF_AGENT: &str = "UPDATE agents SET picture = ?1 WHERE workspace = ?2 AND id = ?3 AND picture IS NOT ?1";
const DROP_UNUSED: &str = "DELETE FROM pictures WHERE workspace = ?1 \
     AND hash NOT IN (SELECT picture FROM agents WHERE workspace = ?1 AND picture IS NOT NULL)";
const SHOW: &str = "SELECT hex(bytes) AS digits FROM (SELECT bytes FROM pictures WHERE hash = ?1 \
     UNION ALL SELECT bytes FROM answer_pictures WHERE hash = ?1) LIMIT 1";

/// Keeps one; the same again is there already.
pub fn keep(workspace: &WorkspaceId, hash: &str, digits: &str, now: Timestamp) -> Statement {
    Statement::new(KEEP, [workspace.as_str().into(), hash.into(), digits.into(), now.0.into()])
}

/// It is this agent's from now on; none: they have none any more.
pub fn of_agent(workspace: &WorkspaceId, agent: &AgentId, hash: Option<&str>) -> Statement {
    Statement::new(OF_AGENT, [hash.into(), workspace.as_str().into(), agent.as_str().into()])
}

/// Lets go of what nothing names.
pub fn drop_unused(workspace: &WorkspaceId) -> Statement {
    Statement::new(DROP_UNUSED, [workspace.as_str().into()])
}

/// One, by its public name, whosever it is, an agent's or an answer's; read by `bot_models::read_bytes`.
pub fn shown(hash: &str) -> Statement {
    Statement::new(SHOW, [hash.into()])
}
