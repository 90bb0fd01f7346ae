//! The team: who is here, inviting, changing, shutting out and letting in. Owners manage everybody, admins agents.

use serde::{Deserialize, Serialize};

use super::{
    context::{Context, address, name, overtaken},
    links::{self, Link},
    revocation::{Revocation, mark},
    routing::{commit, fits},
    sessions::revoke_agent,
    teams::given,
};
use crate::{
    core::{
        error::Code,
        geo::Location,
        id::AgentId,
        internal::{ConfigureRequest, RevokeRequest},
        limits::NAME_CHARS,
        port::{Columns, Database, rows_of},
        principal::{AgentPrincipal, Role},
        problem::Problem,
        routing::roster::Abilities,
    },
    sql::{
        accounts::{self, AgentRow, AgentState},
        audit,
        links::Purpose,
        routing, sessions,
    },
};

/// An agent, as the API says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentView {
    id: AgentId,
    name: String,
    email: String,
    role: Role,
    state: AgentState,
    created_at: String,
    capacity: Option<u32>,
    languages: Vec<String>,
    skills: Vec<String>,
    location: Option<Location>,
    picture: String,
}

impl AgentView {
    fn of(agent: AgentRow) -> Self {
        let AgentRow { id, name, email, role, state, created_at, abilities, picture, .. } = agent;
        let Abilities { capacity, languages, skills, location } = abilities;
        AgentView {
            id,
            name,
            email,
            role,
            state,
            created_at: created_at.rfc3339(),
            capacity,
            languages,
            skills,
            location,
            picture,
        }
    }
}

/// `GET /agents`.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<AgentView>, Problem> {
    let rows = cx.run(vec![accounts::list(&who.workspace)]).await?;
    // Where somebody is, perhaps at home, concerns whoever routes, not every colleague.
    let is_told = who.role.may_manage(Role::Agent);
    let shown = |view: AgentView| AgentView { location: view.location.filter(|_| is_told), ..view };
    Ok(rows_of(&rows, 0).iter().filter_map(AgentRow::read).map(AgentView::of).map(shown).collect())
}

/// `POST /agents`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    name: String,
    email: String,
    role: Role,
}

/// Invites somebody: an agent who can't sign in yet, and a link that makes them one who can.
pub async fn invite<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: &Invite,
) -> Result<(AgentView, Link), Problem> {
    may_manage(who, given.role)?;
    let (name, email) = (name("name", &given.name, NAME_CHARS)?, address(&given.email)?);
    let id = cx.draw(AgentId::draw);
    let made = accounts::invite(&who.workspace, &id, &email, &name, given.role, cx.now);
    let actor = who.agent.as_str();
    let noted = audit::add_if_changed(&who.workspace, cx.now, actor, "agent_invited", id.as_str(), &email);
    let rows = cx.run(vec![made, noted, accounts::by_email(&email)]).await?;
    let agent = rows_of(&rows, 2).first().and_then(AgentRow::read);
    let conflict = |field, detail: &str| Problem::field(field, detail).with_code(Code::Conflict);
    let agent = agent.ok_or_else(|| conflict("agents", "there are 1,000 agents already"))?;
    if agent.id != id {
        return Err(conflict("email", "this address has an agent already"));
    }
    let link = links::make(cx, &agent, Purpose::Invitation, Some(&who.agent), Vec::new()).await?;
    Ok((AgentView::of(agent), link))
}

/// `PATCH /agents/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default, deserialize_with = "given")]
    capacity: Option<Option<u32>>,
    #[serde(default)]
    languages: Option<Vec<String>>,
    /// Those that the change began from, as below: others are not written over.
    #[serde(default)]
    languages_before: Option<Vec<String>>,
    #[serde(default)]
    skills: Option<Vec<String>>,
    #[serde(default)]
    skills_before: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    location: Option<Option<Location>>,
}

impl Change {
    /// Refuses what began from other lists.
    fn check_begun(&self, stands: &Abilities) -> Result<(), Problem> {
        let lists =
            [("languages", &self.languages_before, &stands.languages), ("skills", &self.skills_before, &stands.skills)];
        for (field, begun, list) in lists {
            if begun.as_ref().is_some_and(|begun| begun != list) {
                return Err(overtaken(field));
            }
        }
        Ok(())
    }

    /// What routing knows of the agent afterwards; none if that does not change.
    fn abilities(&self, before: &Abilities) -> Result<Option<Abilities>, Problem> {
        let after = Abilities {
            capacity: self.capacity.unwrap_or(before.capacity),
            languages: self.languages.clone().unwrap_or_else(|| before.languages.clone()),
            skills: self.skills.clone().unwrap_or_else(|| before.skills.clone()),
            location: self.location.unwrap_or(before.location),
        };
        after.check().map_err(|(field, message)| Problem::field(field, message))?;
        Ok((after != *before).then_some(after))
    }
}

/// What changing an agent leaves to be done.
pub struct Changed {
    /// As they are now.
    pub agent: AgentView,
    /// Their sockets have rights that they have lost.
    pub revoke: Option<Revocation>,
    /// Routing knows something else of them.
    pub configure: Option<ConfigureRequest>,
}

/// Another name or role. Whoever loses rights is signed out: their sockets were opened with them.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &AgentId,
    given: &Change,
) -> Result<Changed, Problem> {
    let mut agent = find(cx, who, id).await?;
    may_manage(who, agent.role)?;
    given.check_begun(&agent.abilities)?;
    let abilities = given.abilities(&agent.abilities)?;
    // What could be refused comes first: nobody is told no who has half of it, and after the role nothing may fail, or its revocation
    // would be lost with the answer.
    if let Some(role) = given.role {
        may_manage(who, role)?;
        if role < agent.role && agent.role == Role::Owner {
            let rows = cx.run(vec![accounts::list(&who.workspace)]).await?;
            let mut others = rows_of(&rows, 0).iter().filter_map(AgentRow::read).filter(|other| other.id != *id);
            if !others.any(|other| other.role == Role::Owner && other.state == AgentState::Active) {
                return Err(
                    Problem::field("role", "the workspace needs an owner who can sign in").with_code(Code::Conflict)
                );
            }
        }
    }
    if let Some(abilities) = &abilities {
        fits(cx, who, |roster| {
            roster.agents.retain(|(it, _)| it != id);
            roster.agents.push((id.clone(), abilities.clone()));
        })
        .await?;
    }
    if let Some(text) = &given.name {
        let name = name("name", text, NAME_CHARS)?;
        cx.run(vec![
            accounts::rename(&who.workspace, id, &name),
            audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), "agent_renamed", id.as_str(), &name),
        ])
        .await?;
        agent.name = name;
    }
    let mut configure = None;
    if let Some(abilities) = abilities {
        let text = serde_json::to_string(&abilities).unwrap_or_default();
        let begun = [&given.languages_before, &given.skills_before].map(Option::as_deref);
        let statements = vec![
            accounts::set_abilities(&agent, &abilities, begun),
            audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), "agent_changed", id.as_str(), &text),
        ];
        let (rows, request) = commit(cx, who, statements, Vec::new()).await?;
        let Some(row) = rows_of(&rows, 0).first() else {
            given.check_begun(&find(cx, who, id).await?.abilities)?;
            return Err(overtaken(""));
        };
        configure = Some(request);
        agent.abilities = routing::read_abilities(&mut Columns::of(row));
    }
    let Some(role) = given.role else { return Ok(Changed { agent: AgentView::of(agent), revoke: None, configure }) };
    if role == agent.role {
        // Perhaps the second try of a caller whose first answer was lost: said again, it costs nothing.
        let request = revoke_agent(&principal_of(who, id), agent.generation);
        let revoke = Some(Revocation { request, pending: None });
        return Ok(Changed { agent: AgentView::of(agent), revoke, configure });
    }
    let loses = role < agent.role;
    let actor = who.agent.as_str();
    let (pending, marked) = mark(cx, &who.workspace, id.as_str(), id);
    let mut statements = vec![
        accounts::set_role(&agent, role, loses, cx.now),
        audit::add_if_changed(&who.workspace, cx.now, actor, "agent_role_changed", id.as_str(), role.name()),
    ];
    if loses {
        statements.extend([marked, sessions::end_outdated(&who.workspace, id)]);
    } else {
        // Whoever made one might manage them then, and does so no more.
        statements.push(crate::sql::links::drop_open_if_changed(&who.workspace, id));
    }
    let rows = cx.run(statements).await?;
    let Some(row) = rows_of(&rows, 0).first() else { return Err(overtaken("")) };
    agent.role = role;
    let request = revoke_agent(&principal_of(who, id), Columns::of(row).uint());
    let revoke = loses.then_some(Revocation { request, pending: Some(pending) });
    Ok(Changed { agent: AgentView::of(agent), revoke, configure })
}

/// `POST /agents/{id}/disable`: no sign-in, no session, no socket, and their conversations are given back. Doing it
/// again does it again, so that an answer that was lost harms nothing.
pub async fn disable<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &AgentId,
) -> Result<(AgentView, Revocation), Problem> {
    let agent = find(cx, who, id).await?;
    may_manage(who, agent.role)?;
    if agent.id == who.agent {
        return Err(Problem::new(Code::Conflict, "nobody disables themselves"));
    }
    let mut pending = None;
    if agent.state != AgentState::Disabled {
        let (id_of_mark, marked) = mark(cx, &who.workspace, id.as_str(), id);
        pending = Some(id_of_mark);
        let actor = who.agent.as_str();
        let rows = cx
            .run(vec![
                accounts::disable(&agent, cx.now),
                audit::add_if_changed(&who.workspace, cx.now, actor, "agent_disabled", id.as_str(), &agent.email),
                marked,
                sessions::end_outdated(&who.workspace, id),
            ])
            .await?;
        if rows_of(&rows, 0).is_empty() && find(cx, who, id).await?.state != AgentState::Disabled {
            return Err(overtaken(""));
        }
    }
    let agent = find(cx, who, id).await?;
    let request = RevokeRequest { release: true, ..revoke_agent(&principal_of(who, id), agent.generation) };
    Ok((AgentView::of(agent), Revocation { request, pending }))
}

/// `POST /agents/{id}/enable`. Links from before stay dead.
pub async fn enable<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &AgentId,
) -> Result<AgentView, Problem> {
    let agent = find(cx, who, id).await?;
    may_manage(who, agent.role)?;
    if agent.state == AgentState::Disabled {
        cx.run(vec![
            crate::sql::links::drop_open(&who.workspace, id),
            accounts::enable(&who.workspace, id),
            audit::add_if_changed(
                &who.workspace,
                cx.now,
                who.agent.as_str(),
                "agent_enabled",
                id.as_str(),
                &agent.email,
            ),
        ])
        .await?;
    }
    find(cx, who, id).await.map(AgentView::of)
}

/// `POST /agents/{id}/reset`: a link to a new password, or a new invitation for whoever has not come yet.
pub async fn reset<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &AgentId) -> Result<Link, Problem> {
    if *id == who.agent {
        // One's own password is changed with the current one; a stolen session must not get around that.
        return Err(Problem::new(Code::Conflict, "change your own password with the current one"));
    }
    let agent = find(cx, who, id).await?;
    may_manage(who, agent.role)?;
    let purpose = purpose_for(&agent)?;
    let actor = who.agent.as_str();
    let noted = audit::add_if_changed(&who.workspace, cx.now, actor, "link_made", id.as_str(), purpose.name());
    links::make(cx, &agent, purpose, Some(&who.agent), vec![noted]).await
}

/// Which link an agent can be given.
pub fn purpose_for(agent: &AgentRow) -> Result<Purpose, Problem> {
    match agent.state {
        AgentState::Active => Ok(Purpose::Reset),
        AgentState::Invited => Ok(Purpose::Invitation),
        AgentState::Disabled => Err(Problem::new(Code::Conflict, "the agent is disabled")),
    }
}

/// One of the workspace's.
pub async fn find<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &AgentId) -> Result<AgentRow, Problem> {
    let row = cx.one(accounts::by_id(&who.workspace, id)).await?;
    row.as_ref().and_then(AgentRow::read).ok_or_else(|| Code::NotFound.into())
}

/// Refuses whom the role does not manage.
pub fn may_manage(who: &AgentPrincipal, role: Role) -> Result<(), Problem> {
    if who.role.may_manage(role) {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, "your role does not manage this role"))
}

/// The other agent in the place of the one who acts: whose sockets are meant.
fn principal_of(who: &AgentPrincipal, id: &AgentId) -> AgentPrincipal {
    AgentPrincipal { agent: id.clone(), ..who.clone() }
}
