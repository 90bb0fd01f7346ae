//! Sessions of agents, and the sweep of everything here that has an end.

use crate::core::{
    auth::{Session, SessionRecord},
    id::{AgentId, SessionId, WorkspaceId},
    port::{Columns, Row, Statement},
    principal::Role,
    time::{DAY, Timestamp},
};

/// A session, as the database knows it now, and what `me` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// What makes it a principal.
    pub record: SessionRecord,
    /// The agent's address.
    pub email: String,
    /// The workspace's name.
    pub workspace_name: String,
}

impl SessionRow {
    /// Reads the columns of [`find`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        let workspace = WorkspaceId::parse(&columns.text()).ok()?;
        let agent = AgentId::parse(&columns.text()).ok()?;
        let session_generation = columns.uint();
        let agent_generation = columns.uint();
        let is_active = columns.text() == "active";
        let expires_at = Timestamp(columns.int());
        let name = columns.text();
        let role = Role::parse(&columns.text())?;
        let (email, workspace_name, picture) = (columns.text(), columns.text(), columns.text());
        let record = SessionRecord {
            workspace,
            agent,
            session_generation,
            agent_generation,
            is_active,
            expires_at,
            name,
            picture,
            role,
        };
        Some(SessionRow { record, email, workspace_name })
    }
}

const FIND: &str = "SELECT a.workspace, a.id AS agent, s.generation AS session_generation, \
     a.generation AS agent_generation, a.state, s.expires_at, a.name, a.role, a.email, w.name AS workspace_name, a.picture \
     FROM sessions s JOIN agents a ON a.id = s.agent AND a.workspace = s.workspace \
     JOIN workspaces w ON w.id = a.workspace WHERE s.workspace = ? AND s.id = ?";
const INSERT: &str = "INSERT INTO sessions (id, workspace, agent, generation, created_at, expires_at) \
     VALUES (?, ?, ?, ?, ?, ?)";
const END: &str = "DELETE FROM sessions WHERE workspace = ? AND agent = ? AND id = ?";
const END_OUTDATED: &str = "DELETE FROM sessions WHERE workspace = ?1 AND agent = ?2 \
     AND generation < (SELECT generation FROM agents WHERE workspace = ?1 AND id = ?2)";
const SWEEP_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at <= ?";
const SWEEP_LINKS: &str = "DELETE FROM links WHERE expires_at <= ?";
const SWEEP_FAILURES: &str = "DELETE FROM login_failures WHERE at <= ? AND locked_until <= ?";

/// The row of a verified token.
pub fn find(workspace: &WorkspaceId, session: &SessionId) -> Statement {
    Statement::new(FIND, [workspace.as_str().into(), session.as_str().into()])
}

/// A new session.
pub fn insert(session: &Session, now: Timestamp, expires_at: Timestamp) -> Statement {
    Statement::new(
        INSERT,
        [
            session.session.as_str().into(),
            session.workspace.as_str().into(),
            session.agent.as_str().into(),
            session.generation.into(),
            now.0.into(),
            expires_at.0.into(),
        ],
    )
}

/// Ends one.
pub fn end(workspace: &WorkspaceId, agent: &AgentId, session: &SessionId) -> Statement {
    Statement::new(END, [workspace.as_str().into(), agent.as_str().into(), session.as_str().into()])
}

/// Removes the rows of an agent that its generation has left behind.
pub fn end_outdated(workspace: &WorkspaceId, agent: &AgentId) -> Statement {
    Statement::new(END_OUTDATED, [workspace.as_str().into(), agent.as_str().into()])
}

/// Removes what has ended: sessions, links (a day late, so that a used one still says so), and old counts of wrong
/// passwords. Of all workspaces, by the clock alone.
pub fn sweep(now: Timestamp) -> Vec<Statement> {
    let yesterday = now.plus(-DAY);
    vec![
        Statement::new(SWEEP_SESSIONS, [now.0.into()]),
        Statement::new(SWEEP_LINKS, [yesterday.0.into()]),
        Statement::new(SWEEP_FAILURES, [yesterday.0.into(), now.0.into()]),
    ]
}
