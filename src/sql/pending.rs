//! Revocations that the Desk has yet to confirm. A row is written in the batch that revokes, if that changed anything.

use crate::core::{
    id::{AgentId, SessionId, VisitorId, WorkspaceId},
    internal::{AgentRef, RevokeRequest, Revoked},
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// Behind a statement that changed a row (SQLite's `changes()` speaks of the one before).
const MARK: &str = "INSERT INTO pending_revocations (id, workspace, subject, agent, at) \
     SELECT ?, ?, ?, ?, ? WHERE changes() > 0";
const FORGET: &str = "DELETE FROM pending_revocations WHERE id = ?";
const DUE: &str = "SELECT p.id, p.workspace, p.subject, p.agent, a.name, a.generation, a.state = 'disabled' AS disabled, \
     v.blocked, v.generation AS visitor_generation FROM pending_revocations p \
     LEFT JOIN agents a ON a.id = p.agent AND a.workspace = p.workspace \
     LEFT JOIN visitors v ON v.id = p.subject AND v.workspace = p.workspace \
     WHERE p.at <= ? ORDER BY p.at, p.id LIMIT ?";
const MOVE_BACK: &str = "UPDATE pending_revocations SET at = ? WHERE id IN \
     (SELECT id FROM pending_revocations WHERE at <= ? ORDER BY at, id LIMIT ?)";

/// Marks `subject` as to be told of, if the statement before this one in the batch changed a row.
pub fn mark_if_changed(id: &str, workspace: &WorkspaceId, subject: &str, agent: &AgentId, now: Timestamp) -> Statement {
    let args = [id.into(), workspace.as_str().into(), subject.into(), agent.as_str().into(), now.0.into()];
    Statement::new(MARK, args)
}

/// The Desk has confirmed it.
pub fn forget(id: &str) -> Statement {
    Statement::new(FORGET, [id.into()])
}

/// Those of all workspaces that were marked or last tried by then, the longest ago first.
pub fn due(by: Timestamp, limit: u64) -> Statement {
    Statement::new(DUE, [by.0.into(), limit.into()])
}

/// Puts those behind all others, as tried now. What is to be said does not depend on it: that is read when it is said.
pub fn move_back(by: Timestamp, limit: u64, now: Timestamp) -> Statement {
    Statement::new(MOVE_BACK, [now.0.into(), by.0.into(), limit.into()])
}

/// A row of [`due`]: its id, and what the Desk is to be told as things stand now; none if nobody is left to tell of.
/// A visitor's Rooms are for the caller to add.
pub fn read(row: &Row) -> (String, Option<RevokeRequest>) {
    let mut columns = Columns::of(row);
    let id = columns.text();
    (id, read_request(&mut columns))
}

fn read_request(columns: &mut Columns<'_>) -> Option<RevokeRequest> {
    let workspace = WorkspaceId::parse(&columns.text()).ok()?;
    let subject = columns.text();
    let agent = AgentId::parse(&columns.text()).ok()?;
    let name = columns.text();
    let generation = columns.uint();
    let disabled = columns.int() != 0;
    let (blocked, visitor_generation) = (columns.int() != 0, columns.uint());
    let told = |revoked, release| RevokeRequest { workspace, revoked, conversations: Vec::new(), release };
    if let Ok(session) = SessionId::parse(&subject) {
        return Some(told(Revoked::Session { agent, session }, false));
    }
    if let Ok(visitor) = VisitorId::parse(&subject) {
        let by = AgentRef::new(agent, name);
        let revoked = Revoked::Visitor { visitor, generation: visitor_generation, blocked, by };
        return (visitor_generation > 0).then(|| told(revoked, false));
    }
    (generation > 0).then(|| told(Revoked::Agent { agent, generation }, disabled))
}
