//! Teams and their members. Every statement carries the workspace (INV-8); whoever is named as a member is looked up in it.

use super::{
    bot,
    routing::{given, hours_begun, hours_stand, hours_text, list_text, read_hours},
};
use crate::core::{
    hours::Hours,
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
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, COALESCE(?7, 0), ?8 WHERE (SELECT COUNT(*) FROM teams WHERE workspace = ?2) < ?9 \
     ON CONFLICT (workspace, name) DO NOTHING RETURNING id";
/// As with sites.
const UPDATE: &str = concat!(
    "UPDATE OR IGNORE teams SET name = COALESCE(?3, name), method = NULLIF(COALESCE(?4, method), ''), \
     overflow = NULLIF(COALESCE(?5, overflow), ''), hours = NULLIF(COALESCE(?6, hours), ''), \
     reserved_slots = COALESCE(?7, reserved_slots) WHERE workspace = ?2 AND id = ?1 \
     AND (?8 IS NULL OR ?8 = (SELECT json_group_array(m.agent) FROM team_members m WHERE m.team = ?1)) \
     AND ",
    hours_stand!("?9"),
    " RETURNING id"
);
const CLEAR: &str = "DELETE FROM team_members WHERE workspace = ? AND team = ?";
/// Behind a statement that changed a row: what was refused (the name is somebody else's by now) leaves the members as they are. Those
/// that stay are set again, so that `changes()` says the same to the next.
const FILL: &str = "INSERT INTO team_members (team, agent, workspace) SELECT t.id, a.id, t.workspace \
     FROM teams t JOIN agents a ON a.workspace = t.workspace \
     WHERE changes() > 0 AND t.workspace = ?1 AND t.id = ?2 AND a.id IN (SELECT value FROM json_each(?3)) \
     ON CONFLICT (team, agent) DO UPDATE SET workspace = excluded.workspace";
const DISMISS: &str = "DELETE FROM team_members WHERE changes() > 0 AND workspace = ?1 AND team = ?2 \
     AND agent NOT IN (SELECT value FROM json_each(?3))";
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
    Statement::new(THERE, [workspace.as_str().into(), list_text(teams).into()])
}

/// How many of these are agents of the workspace.
pub fn count_agents(workspace: &WorkspaceId, agents: &[AgentId]) -> Statement {
    Statement::new(COUNT_AGENTS, [workspace.as_str().into(), list_text(agents).into()])
}

/// A new one, which is as `blank` but for what was given; gives a row unless the name is taken or there are too many.
pub fn insert(workspace: &WorkspaceId, blank: &Team, row: &TeamRow) -> Statement {
    let mut args = fields(workspace, blank, &row.team);
    args.extend([row.created_at.0.into(), (TEAMS_MAX as u64).into()]);
    Statement::new(INSERT, args)
}

/// Everything but the members in which it is another one now; gives a row if there is such a team, its name is nobody else's, and `begun`
/// are its members and `begun_hours` its hours, or none are named.
pub fn update(
    workspace: &WorkspaceId,
    before: &Team,
    after: &Team,
    begun: Option<&[AgentId]>,
    begun_hours: Option<&Option<Hours>>,
) -> Statement {
    let mut args = fields(workspace, before, after);
    args.extend([begun.map(list_text).into(), hours_begun(begun_hours)]);
    Statement::new(UPDATE, args)
}

fn fields(workspace: &WorkspaceId, before: &Team, after: &Team) -> Vec<Value> {
    vec![
        after.id.as_str().into(),
        workspace.as_str().into(),
        given(after.name != before.name, after.name.as_str().into()),
        given(after.method != before.method, after.method.map(Method::name).into()),
        given(after.overflow != before.overflow, after.overflow.as_ref().map(TeamId::as_str).into()),
        given(after.hours != before.hours, hours_text(after.hours.as_ref())),
        given(after.reserved_slots != before.reserved_slots, u64::from(after.reserved_slots).into()),
    ]
}

/// These are its members from now on, if the statement before changed a row.
pub fn set_members(workspace: &WorkspaceId, team: &Team) -> Vec<Statement> {
    let all = if team.members.is_empty() { &[DISMISS][..] } else { &[FILL, DISMISS] };
    let args = || [workspace.as_str().into(), team.id.as_str().into(), list_text(&team.members).into()];
    all.iter().map(|sql| Statement::new(sql, args())).collect()
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
