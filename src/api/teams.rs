//! Teams: who shares a queue. What is changed here is told to the Desk together with everything that routing knows.

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    context::{Context, name},
    routing::{commit, fits},
};
use crate::{
    core::{
        error::Code,
        hours::Hours,
        id::{AgentId, TeamId},
        internal::ConfigureRequest,
        limits::{NAME_CHARS, RESERVED_SLOTS_MAX, TEAM_MEMBERS_MAX, TEAMS_MAX},
        port::{Columns, Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        routing::{roster::Team, settings::Method},
    },
    sql::{
        audit,
        teams::{self, TeamRow},
    },
};

/// A team, as the API says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamView {
    id: TeamId,
    name: String,
    members: Vec<AgentId>,
    method: Option<Method>,
    overflow: Option<TeamId>,
    hours: Option<Hours>,
    reserved_slots: u32,
    created_at: String,
}

impl TeamView {
    fn of(row: TeamRow) -> Self {
        let Team { id, name, members, method, overflow, hours, reserved_slots } = row.team;
        let hours = hours.as_ref().map(Hours::shown);
        TeamView { id, name, members, method, overflow, hours, reserved_slots, created_at: row.created_at.rfc3339() }
    }
}

/// `POST /teams`, and `PATCH /teams/{id}` where what is absent stays and `null` is the default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamDraft {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    members: Option<Vec<AgentId>>,
    #[serde(default, deserialize_with = "given")]
    method: Option<Option<Method>>,
    #[serde(default, deserialize_with = "given")]
    overflow: Option<Option<TeamId>>,
    /// Settled: with the offsets of their zone.
    #[serde(default, deserialize_with = "given")]
    pub hours: Option<Option<Hours>>,
    #[serde(default)]
    reserved_slots: Option<u32>,
}

/// A member that is there, `null` included.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

async fn all<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<TeamRow>, Problem> {
    let rows = cx.run(vec![teams::list(&who.workspace)]).await?;
    Ok(rows_of(&rows, 0).iter().filter_map(TeamRow::read).collect())
}

/// `GET /teams`.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<TeamView>, Problem> {
    Ok(all(cx, who).await?.into_iter().map(TeamView::of).collect())
}

/// A new team.
pub async fn create<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    draft: TeamDraft,
) -> Result<(TeamView, ConfigureRequest), Problem> {
    let others = all(cx, who).await?;
    let team = Team {
        id: cx.draw(TeamId::draw),
        name: String::new(),
        method: None,
        overflow: None,
        members: Vec::new(),
        hours: None,
        reserved_slots: 0,
    };
    let mut row = TeamRow { team, created_at: cx.now };
    let has_members = draft.members.is_some();
    apply(cx, who, draft, &mut row.team, &others).await?;
    name("name", &row.team.name, NAME_CHARS)?;
    if others.len() >= TEAMS_MAX {
        return Err(Problem::new(Code::Conflict, "there are 50 teams already"));
    }
    let made = teams::insert(&who.workspace, &row);
    save(cx, who, row, vec![made], has_members, "team_created").await
}

/// Changes one.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &TeamId,
    draft: TeamDraft,
) -> Result<(TeamView, ConfigureRequest), Problem> {
    let mut others = all(cx, who).await?;
    let at = others.iter().position(|row| row.team.id == *id).ok_or(Code::NotFound)?;
    let mut row = others.swap_remove(at);
    let has_members = draft.members.is_some();
    apply(cx, who, draft, &mut row.team, &others).await?;
    let changed = teams::update(&who.workspace, &row.team);
    save(cx, who, row, vec![changed], has_members, "team_changed").await
}

/// Removes one. Its sites are everybody's then, and what it was handed is its site's.
pub async fn delete<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &TeamId,
) -> Result<ConfigureRequest, Problem> {
    let mut statements = teams::delete(&who.workspace, id).to_vec();
    let removed = statements.len() - 1;
    let actor = who.agent.as_str();
    statements.push(audit::add_if_changed(&who.workspace, cx.now, actor, "team_deleted", id.as_str(), ""));
    let (rows, request) = commit(cx, who, statements, Vec::new()).await?;
    rows_of(&rows, removed).first().ok_or(Code::NotFound)?;
    Ok(request)
}

async fn save<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    row: TeamRow,
    mut statements: Vec<crate::core::port::Statement>,
    has_members: bool,
    action: &str,
) -> Result<(TeamView, ConfigureRequest), Problem> {
    fits(cx, who, |roster| {
        roster.teams.retain(|team| team.id != row.team.id);
        roster.teams.push(row.team.clone());
    })
    .await?;
    let (workspace, Team { id, name, .. }) = (&who.workspace, &row.team);
    statements.push(audit::add_if_changed(workspace, cx.now, who.agent.as_str(), action, id.as_str(), name));
    let members = if has_members { teams::set_members(workspace, &row.team).to_vec() } else { Vec::new() };
    let (rows, request) = commit(cx, who, statements, members).await?;
    // Somebody else took the name, or removed the team, in this moment.
    rows_of(&rows, 0).first().ok_or_else(taken)?;
    Ok((TeamView::of(row), request))
}

async fn apply<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    draft: TeamDraft,
    team: &mut Team,
    others: &[TeamRow],
) -> Result<(), Problem> {
    if let Some(text) = draft.name {
        team.name = name("name", &text, NAME_CHARS)?;
        if others.iter().any(|other| other.team.name == team.name) {
            return Err(taken());
        }
    }
    if let Some(method) = draft.method {
        team.method = method;
    }
    if let Some(overflow) = draft.overflow {
        if overflow.as_ref().is_some_and(|id| !others.iter().any(|other| other.team.id == *id)) {
            return Err(Problem::field("overflow", "not another team of this workspace"));
        }
        team.overflow = overflow;
    }
    if let Some(hours) = draft.hours {
        team.hours = checked(hours)?;
    }
    if let Some(slots) = draft.reserved_slots {
        if slots > RESERVED_SLOTS_MAX {
            return Err(Problem::field("reserved_slots", "0 to 100"));
        }
        team.reserved_slots = slots;
    }
    if let Some(mut members) = draft.members {
        members.sort();
        members.dedup();
        let row = cx.one(teams::count_agents(&who.workspace, &members)).await?;
        let known = row.map_or(0, |row| Columns::of(&row).uint());
        if members.len() > TEAM_MEMBERS_MAX || usize::try_from(known).ok() != Some(members.len()) {
            return Err(Problem::field("members", "at most 200 agents of this workspace"));
        }
        team.members = members;
    }
    Ok(())
}

/// Hours that may be kept.
pub fn checked(hours: Option<Hours>) -> Result<Option<Hours>, Problem> {
    if let Some(Err((field, message))) = hours.as_ref().map(Hours::check) {
        return Err(Problem::field("hours", format!("{field}: {message}")));
    }
    Ok(hours)
}

fn taken() -> Problem {
    Problem { field: "name".into(), ..Problem::new(Code::Conflict, "another team has this name") }
}
