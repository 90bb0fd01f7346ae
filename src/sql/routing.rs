//! How workspaces route, and which Desks have yet to hear of it.

use serde::Serialize;

use super::teams::{self, TeamRow};
use crate::core::{
    away::WhenClosed,
    hours::Hours,
    id::{AgentId, SiteId, TeamId, WorkspaceId},
    internal::ConfigureRequest,
    json,
    port::{BatchRows, Columns, Row, SqlError, Statement, Value, rows_of},
    routing::{
        roster::{Abilities, Roster},
        settings::Routing,
    },
    time::Timestamp,
};

const FIND: &str = "SELECT routing, routing_version, routing_told, hours FROM workspaces WHERE id = ?";
const SAVE: &str = "UPDATE workspaces SET routing = ?, hours = ?, routing_version = MAX(routing_version + 1, ?) \
     WHERE id = ? AND routing_version = ? RETURNING routing_version";
const CONFIRM: &str = "UPDATE workspaces SET routing_told = ?2 WHERE id = ?1 AND routing_told < ?2";
const OWED: &str = "SELECT id FROM workspaces WHERE routing_told < routing_version ORDER BY random() LIMIT ?";
const RAISE: &str =
    "UPDATE workspaces SET routing_version = MAX(routing_version + 1, ?) WHERE id = ? AND changes() > 0";
const AGENTS: &str = "SELECT id, capacity, languages, skills, location FROM agents WHERE workspace = ? \
     AND (capacity IS NOT NULL OR languages <> '[]' OR skills <> '[]' OR location IS NOT NULL) ORDER BY id";
const SITES: &str = "SELECT id, team, when_closed, hours FROM sites WHERE workspace = ? \
     AND (team IS NOT NULL OR when_closed <> 'form' OR hours IS NOT NULL) ORDER BY id";

/// What stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// How the workspace routes.
    pub routing: Routing,
    /// The version of it; 0: nothing was ever set.
    pub version: u64,
    /// The version that the Desk has confirmed.
    pub told: u64,
    /// When it is open; absent: always.
    pub hours: Option<Hours>,
}

/// How it stands in a workspace; read by [`read`].
pub fn find(workspace: &WorkspaceId) -> Statement {
    Statement::new(FIND, [workspace.as_str().into()])
}

/// Reads a row of [`find`].
pub fn read(row: &Row) -> Result<Settled, SqlError> {
    let mut columns = Columns::of(row);
    let (routing, version, told) = (parsed(&columns.text())?, columns.uint(), columns.uint());
    Ok(Settled { routing, version, told, hours: read_hours(&mut columns) })
}

/// Puts another one in the place of the version that it names; gives the number of the new one, or no row if somebody was first. A version is a
/// moment, or one more than the last: a database that was put back gives no number a second time.
pub fn save(workspace: &WorkspaceId, settled: &Settled, now: Timestamp) -> Result<Statement, SqlError> {
    let Settled { routing, hours, version, .. } = settled;
    let text = serde_json::to_string(routing).map_err(|error| SqlError(error.to_string()))?;
    let (hours, version) = (hours_text(hours.as_ref()), (*version).into());
    Ok(Statement::new(SAVE, [Value::Text(text), hours, now.0.into(), workspace.as_str().into(), version]))
}

/// As stored.
pub fn hours_text(hours: Option<&Hours>) -> Value {
    hours.and_then(|hours| serde_json::to_string(hours).ok()).map_or(Value::Null, Value::Text)
}

/// Whether `hours` of a row are those of a parameter of [`hours_begun`], member by member: a later version may have written others
/// beside them, and what can't be read is none.
macro_rules! hours_stand {
    ($begun:literal) => {
        concat!(
            "(",
            $begun,
            " IS NULL OR CASE WHEN json_valid(hours) THEN json_extract(hours, '$.timezone', '$.weekly', '$.exceptions') END \
             IS json_extract(NULLIF(",
            $begun,
            ", ''), '$.timezone', '$.weekly', '$.exceptions'))"
        )
    };
}
pub(super) use hours_stand;

/// Hours that a change of them was begun from, for a statement that compares them; nothing where it does not say.
pub fn hours_begun(begun: Option<&Option<Hours>>) -> Value {
    begun.map_or(Value::Null, |hours| given(true, hours_text(hours.as_ref().map(Hours::shown).as_ref())))
}

/// A list, as stored.
pub fn list_text<T: Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}

/// What a column is set to: nothing leaves it as it is, and what is nothing itself goes as an empty text.
pub fn given(is_new: bool, value: Value) -> Value {
    if !is_new {
        return Value::Null;
    }
    if value == Value::Null { "".into() } else { value }
}

/// The next column as hours; what can't be read is none.
pub fn read_hours(columns: &mut Columns<'_>) -> Option<Hours> {
    json::from_str(&columns.text()).ok()
}

/// The Desk has heard of this version.
pub fn confirm(workspace: &WorkspaceId, version: u64) -> Statement {
    Statement::new(CONFIRM, [workspace.as_str().into(), version.into()])
}

/// Workspaces whose Desks have yet to hear of something, in no order, so that those that can't be told starve nobody.
pub fn owed(limit: u64) -> Statement {
    Statement::new(OWED, [limit.into()])
}

/// A later version, if the statement before this one changed a row.
pub fn raise(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    Statement::new(RAISE, [now.0.into(), workspace.as_str().into()])
}

/// Everything that a Desk is told; read by [`read_whole`].
pub fn whole(workspace: &WorkspaceId) -> [Statement; 4] {
    let of = |sql| Statement::new(sql, [workspace.as_str().into()]);
    [find(workspace), teams::list(workspace), of(AGENTS), of(SITES)]
}

/// Reads the rows of [`whole`], which begin with the statement `from` of a batch.
pub fn read_whole(workspace: &WorkspaceId, rows: &BatchRows, from: usize) -> Option<ConfigureRequest> {
    let Settled { routing, version, hours, .. } = read(rows_of(rows, from).first()?).ok()?;
    let agent = |row: &Row| {
        let mut columns = Columns::of(row);
        Some((AgentId::parse(&columns.text()).ok()?, read_abilities(&mut columns)))
    };
    let site = |row: &Row| {
        let mut columns = Columns::of(row);
        let id = SiteId::parse(&columns.text()).ok()?;
        let (team, mode) = (TeamId::parse(&columns.text()).ok(), WhenClosed::parse(&columns.text()));
        Some((id, team, mode.unwrap_or_default(), read_hours(&mut columns)))
    };
    let sites: Vec<_> = rows_of(rows, from + 3).iter().filter_map(site).collect();
    let when_closed = sites.iter().filter(|(_, _, mode, _)| *mode != WhenClosed::default());
    let roster = Roster {
        teams: rows_of(rows, from + 1).iter().filter_map(TeamRow::read).map(|row| row.team).collect(),
        agents: rows_of(rows, from + 2).iter().filter_map(agent).collect(),
        when_closed: when_closed.map(|(id, _, mode, _)| (id.clone(), *mode)).collect(),
        site_hours: sites.iter().filter_map(|(id, _, _, hours)| Some((id.clone(), hours.clone()?))).collect(),
        sites: sites.into_iter().filter_map(|(id, team, _, _)| Some((id, team?))).collect(),
        hours,
    };
    Some(ConfigureRequest { workspace: workspace.clone(), version, routing, roster: Some(roster) })
}

/// The next four columns: capacity, languages, skills, location.
pub fn read_abilities(columns: &mut Columns<'_>) -> Abilities {
    let list = |text: String| json::from_str(&text).unwrap_or_default();
    Abilities {
        capacity: columns.maybe_int().and_then(|capacity| u32::try_from(capacity).ok()),
        languages: list(columns.text()),
        skills: list(columns.text()),
        location: json::from_str(&columns.text()).ok(),
    }
}

fn parsed(text: &str) -> Result<Routing, SqlError> {
    if text.is_empty() {
        return Ok(Routing::default());
    }
    json::from_str(text).map_err(|error| SqlError(error.to_string()))
}
