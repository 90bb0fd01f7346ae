//! Links that work once: invitations and new passwords. What is stored is a keyed hash of the secret.

use serde::{Deserialize, Serialize};

use super::accounts::AgentRow;
use crate::core::{
    id::{AgentId, WorkspaceId},
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The first password.
    Invitation,
    /// A new one.
    Reset,
}

impl Purpose {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Invitation => "invitation",
            Purpose::Reset => "reset",
        }
    }
}

/// A link and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// What for.
    pub purpose: Purpose,
    /// Until when.
    pub expires_at: Timestamp,
    /// It worked already.
    pub is_used: bool,
    /// Whose.
    pub agent: AgentRow,
}

impl LinkRow {
    /// Reads the columns of [`find`].
    pub fn read(row: &Row) -> Option<Self> {
        let (own, agent) = row.split_at_checked(3)?;
        let own = own.to_vec();
        let mut columns = Columns::of(&own);
        let purpose = match columns.text().as_str() {
            "invitation" => Purpose::Invitation,
            "reset" => Purpose::Reset,
            _ => return None,
        };
        let expires_at = Timestamp(columns.int());
        let is_used = columns.maybe_int().is_some();
        Some(LinkRow { purpose, expires_at, is_used, agent: AgentRow::read(&agent.to_vec())? })
    }
}

/// That whoever made link `l` may manage its agent `a` ([`Role::may_manage`]); a link without a maker is an operator's.
macro_rules! made_by_a_manager {
    () => {
        " AND (l.made_by IS NULL OR EXISTS (SELECT 1 FROM agents m WHERE m.workspace = l.workspace AND m.id = l.made_by \
         AND m.state = 'active' AND (m.role = 'owner' OR m.role = 'admin' AND a.role = 'agent')))"
    };
}

const FIND: &str = concat!(
    "SELECT l.purpose, l.expires_at, l.used_at, a.id, a.workspace, w.name AS workspace_name, a.email, \
     a.name, a.role, a.state, a.password_hash, a.generation, a.created_at, a.capacity, a.languages, a.skills, a.location, a.picture FROM links l \
     JOIN agents a ON a.id = l.agent AND a.workspace = l.workspace JOIN workspaces w ON w.id = a.workspace \
     WHERE l.token_hash IN (?, ?)",
    made_by_a_manager!()
);
const DROP_OPEN: &str = "DELETE FROM links WHERE workspace = ? AND agent = ? AND used_at IS NULL";
/// Behind a statement that changed a row: a newer link is none of a follower's who came too late.
const DROP_OPEN_IF_CHANGED: &str =
    "DELETE FROM links WHERE workspace = ? AND agent = ? AND used_at IS NULL AND changes() > 0";
/// Only for an agent who is still as they were read: of another role, another might have to make it.
const INSERT: &str = "INSERT INTO links (token_hash, workspace, agent, purpose, created_at, expires_at, made_by) \
     SELECT ?1, workspace, id, ?2, ?3, ?4, ?9 FROM agents WHERE workspace = ?5 AND id = ?6 AND generation = ?7 AND role = ?8 \
     RETURNING agent";
const DROP_OLDER: &str = "DELETE FROM links WHERE workspace = ?1 AND agent = ?2 AND used_at IS NULL AND token_hash <> ?3 \
     AND EXISTS (SELECT 1 FROM links WHERE token_hash = ?3)";
/// Only of an agent who is still as the link was read (whoever is later finds another generation), and whom its maker may manage.
const USE: &str = concat!(
    "UPDATE links AS l SET used_at = ?1 WHERE token_hash IN (?2, ?3) AND used_at IS NULL AND expires_at > ?1 \
     AND EXISTS (SELECT 1 FROM agents a WHERE a.id = l.agent AND a.workspace = l.workspace AND a.generation = ?4 \
     AND a.state <> 'disabled'",
    made_by_a_manager!(),
    ") RETURNING agent"
);
/// After [`USE`] in the same batch: whom the link was used for at this very time, and who is still as it was read.
const SET_PASSWORD: &str = "UPDATE agents SET password_hash = ?1, generation = MAX(generation + 1, ?8), state = 'active', \
     name = CASE WHEN ?2 = '' THEN name ELSE ?2 END WHERE workspace = ?3 AND id = ?4 AND generation = ?5 \
     AND state <> 'disabled' AND EXISTS (SELECT 1 FROM links WHERE token_hash IN (?6, ?7) AND agent = ?4 AND used_at = ?8) \
     RETURNING generation";

/// A link by the hashes of its secret.
pub fn find(hashes: &(String, String)) -> Statement {
    Statement::new(FIND, [hashes.0.as_str().into(), hashes.1.as_str().into()])
}

/// A new link for an agent; gives a row if they are still as they were read. `made_by`: none of an operator's.
pub fn insert(
    agent: &AgentRow,
    hash: &str,
    purpose: Purpose,
    made_by: Option<&AgentId>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Statement {
    Statement::new(
        INSERT,
        [
            hash.into(),
            purpose.name().into(),
            now.0.into(),
            expires_at.0.into(),
            agent.workspace.as_str().into(),
            agent.id.as_str().into(),
            agent.generation.into(),
            agent.role.name().into(),
            made_by.map(AgentId::as_str).into(),
        ],
    )
}

/// The earlier ones of the agent that were not used work no more, if the new one is there.
pub fn drop_older(agent: &AgentRow, hash: &str) -> Statement {
    Statement::new(DROP_OLDER, [agent.workspace.as_str().into(), agent.id.as_str().into(), hash.into()])
}

/// Open links of an agent work no more.
pub fn drop_open(workspace: &WorkspaceId, agent: &AgentId) -> Statement {
    Statement::new(DROP_OPEN, [workspace.as_str().into(), agent.as_str().into()])
}

/// The same, if the statement before this one in the batch changed a row.
pub fn drop_open_if_changed(workspace: &WorkspaceId, agent: &AgentId) -> Statement {
    Statement { sql: DROP_OPEN_IF_CHANGED, ..drop_open(workspace, agent) }
}

/// Uses a link up; gives a row if it was open and its agent is still at this generation.
pub fn use_up(hashes: &(String, String), generation: u64, now: Timestamp) -> Statement {
    let args: [Value; 4] = [now.0.into(), hashes.0.as_str().into(), hashes.1.as_str().into(), generation.into()];
    Statement::new(USE, args)
}

/// The password of the agent whose link has just been used up; an empty name keeps the one there is. Gives the new
/// generation.
pub fn set_password(
    hashes: &(String, String),
    agent: &AgentRow,
    password_hash: &str,
    name: &str,
    now: Timestamp,
) -> Statement {
    Statement::new(
        SET_PASSWORD,
        [
            password_hash.into(),
            name.into(),
            agent.workspace.as_str().into(),
            agent.id.as_str().into(),
            agent.generation.into(),
            hashes.0.as_str().into(),
            hashes.1.as_str().into(),
            now.0.into(),
        ],
    )
}
