//! Teams: who shares a queue. What is changed here is told to the Desk together with everything that routing knows.

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    context::{Context, name, overtaken},
    routing::{commit, fits},
};
use crate::{
    core::{
        error::Code,
        hours::Hours,
        id::{AgentId, TeamId},
        internal::ConfigureRequest,
        limits::{NAME_CHARS, RESERVED_SLOTS_MAX, TEAM_MEMBERS_MAX, TEAMS_MAX},
        port::{Columns, Database, Statement, rows_of},
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
    /// Those that the change began from: others are not written over.
    #[serde(default)]
    members_before: Option<Vec<AgentId>>,
    #[serde(default, deserialize_with = "given")]
    method: Option<Option<Method>>,
    #[serde(default, deserialize_with = "given")]
    overflow: Option<Option<TeamId>>,
    /// Settled: with the offsets of their zone.
    #[serde(default, deserialize_with = "given")]
    pub hours: Option<Option<Hours>>,
    /// Those that the change began from: others are not written over.
    #[serde(default, deserialize_with = "given")]
    hours_before: Option<Option<Hours>>,
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
    let mut row = TeamRow { team: team.clone(), created_at: cx.now };
    let has_members = draft.members.is_some();
    apply(cx, who, draft, &mut row.team, &others).await?;
    name("name", &row.team.name, NAME_CHARS)?;
    if others.len() >= TEAMS_MAX {
        return Err(Problem::new(Code::Conflict, "there are 50 teams already"));
    }
    let made = teams::insert(&who.workspace, &team, &row);
    save(cx, who, row, made, (has_members.then_some(None), None), "team_created").await
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
    let before = row.team.clone();
    let has_members = draft.members.is_some();
    let begun = draft.members_before.clone().filter(|_| has_members).map(sorted);
    let hours = draft.hours_before.clone().filter(|_| draft.hours.is_some());
    apply(cx, who, draft, &mut row.team, &others).await?;
    let changed = teams::update(&who.workspace, &before, &row.team, begun.as_deref(), hours.as_ref());
    save(cx, who, row, changed, (has_members.then_some(begun), hours), "team_changed").await
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
    statement: Statement,
    // Whether there are members, and which ones and what hours they were.
    (begun, hours): (Option<Option<Vec<AgentId>>>, Option<Option<Hours>>),
    action: &str,
) -> Result<(TeamView, ConfigureRequest), Problem> {
    fits(cx, who, |roster| {
        roster.teams.retain(|team| team.id != row.team.id);
        roster.teams.push(row.team.clone());
    })
    .await?;
    let (workspace, Team { id, name, .. }) = (&who.workspace, &row.team);
    let entry = audit::add_if_changed(workspace, cx.now, who.agent.as_str(), action, id.as_str(), name);
    let members = if begun.is_some() { teams::set_members(workspace, &row.team) } else { Vec::new() };
    let (rows, request) = commit(cx, who, vec![statement, entry], members).await?;
    let stands = request.roster.iter().flat_map(|roster| &roster.teams).find(|team| team.id == *id).cloned();
    if rows_of(&rows, 0).is_empty() {
        // Somebody else has changed hours or members, took the name, or removed the team, in this moment.
        let Some(team) = stands else { return Err(taken()) };
        let has_others = begun.flatten().is_some_and(|begun| begun != team.members);
        return Err(match is_other(hours.as_ref(), team.hours.as_ref()) {
            true => overtaken("hours"),
            false if has_others => overtaken("members"),
            false => taken(),
        });
    }
    let team = stands.unwrap_or(row.team);
    Ok((TeamView::of(TeamRow { team, ..row }), request))
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
    if let Some(members) = draft.members.map(sorted) {
        let row = cx.one(teams::count_agents(&who.workspace, &members)).await?;
        let known = row.map_or(0, |row| Columns::of(&row).uint());
        if members.len() > TEAM_MEMBERS_MAX || usize::try_from(known).ok() != Some(members.len()) {
            return Err(Problem::field("members", "at most 200 agents of this workspace"));
        }
        team.members = members;
    }
    Ok(())
}

fn sorted(mut members: Vec<AgentId>) -> Vec<AgentId> {
    members.sort();
    members.dedup();
    members
}

/// Hours that may be kept.
pub fn checked(hours: Option<Hours>) -> Result<Option<Hours>, Problem> {
    if let Some(Err((field, message))) = hours.as_ref().map(Hours::check) {
        return Err(Problem::field("hours", format!("{field}: {message}")));
    }
    Ok(hours)
}

/// Whether hours stand that are other than those that a change of them was begun from, if it says so.
pub fn is_other(begun: Option<&Option<Hours>>, stands: Option<&Hours>) -> bool {
    begun.is_some_and(|begun| begun.as_ref().map(Hours::shown) != stands.map(Hours::shown))
}

fn taken() -> Problem {
    Problem { field: "name".into(), ..Problem::new(Code::Conflict, "another team has this name") }
}
