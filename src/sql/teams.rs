//! Teams and their members. Every statement carries the workspace (INV-8); whoever is named as a member is looked up in it.

use super::{
    bot,
    routing::{hours_text, read_hours},
};
use crate::core::{
    id::{AgentId, TeamId, WorkspaceId},
    json,
    limits::TEAMS_MAX,
    port::{Columns, Row, Statement, Value},
    routing::{roster::Team, settings::Method},
    time::Timestamp,
};

/// A team, and since when there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRow {
    /// As routing knows it.
    pub team: Team,
    /// Since when.
    pub created_at: Timestamp,
}

impl TeamRow {
    /// Reads the columns of this module's `SELECT`.
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        let team = Team {
            id: TeamId::parse(&columns.text()).ok()?,
            name: columns.text(),
            method: Method::parse(&columns.text()),
            overflow: TeamId::parse(&columns.text()).ok(),
            members: json::from_str(&columns.text()).unwrap_or_default(),
            hours: None,
            reserved_slots: 0,
        };
        let created_at = Timestamp(columns.int());
        let hours = read_hours(&mut columns);
        let reserved_slots = u32::try_from(columns.uint()).unwrap_or(0);
        Some(TeamRow { team: Team { hours, reserved_slots, ..team }, created_at })
    }
}

const LIST: &str = "SELECT t.id, t.name, t.method, t.overflow, \
     (SELECT json_group_array(m.agent) FROM team_members m WHERE m.team = t.id) AS members, t.created_at, t.hours, t.reserved_slots \
     FROM teams t WHERE t.workspace = ? ORDER BY t.created_at, t.id";
const EXISTS: &str = "SELECT id FROM teams WHERE workspace = ? AND id = ?";
const THERE: &str =
    "SELECT COUNT(*) AS n FROM json_each(?2) AS e CROSS JOIN teams AS t ON t.id = e.value WHERE t.workspace = ?1";
const COUNT_AGENTS: &str = "SELECT COUNT(*) AS agents FROM agents WHERE workspace = ? \
     AND id IN (SELECT value FROM json_each(?))";
const INSERT: &str = "INSERT INTO teams (id, workspace, name, method, overflow, hours, reserved_slots, created_at) \
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE (SELECT COUNT(*) FROM teams WHERE workspace = ?2) < ?9 \
     ON CONFLICT (workspace, name) DO NOTHING RETURNING id";
const UPDATE: &str = "UPDATE OR IGNORE teams SET name = ?3, method = ?4, overflow = ?5, hours = ?6, reserved_slots = ?7 \
     WHERE workspace = ?2 AND id = ?1 RETURNING id";
const CLEAR: &str = "DELETE FROM team_members WHERE workspace = ? AND team = ?";
/// What was refused (the name is somebody else's by now) leaves the members as they are.
const DISMISS: &str = "DELETE FROM team_members WHERE workspace = ?1 AND team = ?2 \
     AND EXISTS (SELECT 1 FROM teams WHERE id = ?2 AND name = ?3)";
const FILL: &str = "INSERT OR IGNORE INTO team_members (team, agent, workspace) SELECT t.id, a.id, t.workspace \
     FROM teams t JOIN agents a ON a.workspace = t.workspace \
     WHERE t.workspace = ? AND t.id = ? AND t.name = ? AND a.id IN (SELECT value FROM json_each(?))";
const UNSITE: &str = "UPDATE sites SET team = NULL WHERE workspace = ? AND team = ?";
const UNHELP: &str = "UPDATE teams SET overflow = NULL WHERE workspace = ? AND overflow = ?";
const DELETE: &str = "DELETE FROM teams WHERE workspace = ? AND id = ? RETURNING id";

/// All of a workspace, oldest first.
pub fn list(workspace: &WorkspaceId) -> Statement {
    Statement::new(LIST, [workspace.as_str().into()])
}

/// Gives a row if there is such a team.
pub fn exists(workspace: &WorkspaceId, team: &TeamId) -> Statement {
    of(EXISTS, workspace, team)
}

/// How many of these are teams of the workspace.
pub fn there(workspace: &WorkspaceId, teams: &[&TeamId]) -> Statement {
    let teams = serde_json::to_string(teams).unwrap_or_else(|_| "[]".to_owned());
    Statement::new(THERE, [workspace.as_str().into(), Value::Text(teams)])
}

/// How many of these are agents of the workspace.
pub fn count_agents(workspace: &WorkspaceId, agents: &[AgentId]) -> Statement {
    Statement::new(COUNT_AGENTS, [workspace.as_str().into(), ids(agents)])
}

/// A new one; gives a row unless the name is taken or there are too many.
pub fn insert(workspace: &WorkspaceId, row: &TeamRow) -> Statement {
    let mut statement = update(workspace, &row.team);
    statement.sql = INSERT;
    statement.args.extend([row.created_at.0.into(), (TEAMS_MAX as u64).into()]);
    statement
}

/// Everything but the members; gives a row if there is such a team and its name is nobody else's.
pub fn update(workspace: &WorkspaceId, team: &Team) -> Statement {
    Statement::new(
        UPDATE,
        [
            team.id.as_str().into(),
            workspace.as_str().into(),
            team.name.as_str().into(),
            team.method.map(Method::name).into(),
            team.overflow.as_ref().map(TeamId::as_str).into(),
            hours_text(team.hours.as_ref()),
            u64::from(team.reserved_slots).into(),
        ],
    )
}

/// These are its members from now on, if it has the name that it was given.
pub fn set_members(workspace: &WorkspaceId, team: &Team) -> [Statement; 2] {
    let args = || [workspace.as_str().into(), team.id.as_str().into(), team.name.as_str().into()];
    let [workspace, id, name] = args();
    [Statement::new(DISMISS, args()), Statement::new(FILL, [workspace, id, name, ids(&team.members)])]
}

/// Removes it. Its sites are everybody's then, and so is what the bot hands over. The last statement gives a row if there was such a team.
pub fn delete(workspace: &WorkspaceId, team: &TeamId) -> [Statement; 5] {
    let of = |sql| of(sql, workspace, team);
    [of(CLEAR), of(UNSITE), of(UNHELP), bot::forget_team(workspace, team), of(DELETE)]
}

/// A statement about one team.
pub fn of(sql: &'static str, workspace: &WorkspaceId, team: &TeamId) -> Statement {
    Statement::new(sql, [workspace.as_str().into(), team.as_str().into()])
}

fn ids(agents: &[AgentId]) -> Value {
    Value::Text(serde_json::to_string(agents).unwrap_or_else(|_| "[]".to_owned()))
}
