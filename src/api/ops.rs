//! What only the deployment's scripts may ask for: the demo's people, and a link for somebody who is locked out.

use serde::{Deserialize, Serialize};

use super::{
    agents::purpose_for,
    context::{Context, address, line, name},
    links::{self, Link},
    setup,
};
use crate::{
    core::{
        error::Code,
        id::{AgentId, FaqId, SiteId, WorkspaceId},
        limits::{GREETING_CHARS, NAME_CHARS},
        origin::parse_domains,
        password,
        port::{Database, Statement},
        principal::Role,
        problem::Problem,
    },
    sql::{
        accounts::{self, AgentRow, AgentState},
        audit,
        deployment::{self, DEMO_SITE, Seeded},
        faq::Locale,
        logins,
        sites::{self, SiteRow},
    },
};

/// `POST /ops/v1/seed`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    workspace: String,
    owner: Person,
    agents: Vec<Person>,
    site: Place,
    #[serde(default)]
    faq: Vec<Faq>,
}

/// Somebody of the demo. The password is the demo's own: no rule but that it is one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    name: String,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    greeting: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faq {
    question: String,
    answer: String,
    #[serde(default)]
    locale: String,
}

/// Its answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct SeedAnswer {
    /// By this call.
    pub created: bool,
    /// Which.
    #[serde(flatten)]
    pub seeded: Seeded,
}

/// Makes the demo, once and where nobody else is; later calls answer the same ids.
pub async fn seed<D: Database>(cx: &Context<'_, D>, given: &Seed) -> Result<SeedAnswer, Problem> {
    if let Some(seeded) = seeded(cx).await? {
        return Ok(SeedAnswer { created: false, seeded });
    }
    let (statements, ids) = demo(cx, given)?;
    match cx.run(statements).await {
        Ok(_) => Ok(SeedAnswer { created: true, seeded: ids }),
        Err(problem) => match seeded(cx).await? {
            Some(seeded) => Ok(SeedAnswer { created: false, seeded }),
            None if setup::is_needed(cx).await? => Err(problem),
            None => Err(Problem::new(Code::Conflict, "there is an owner already, and the demo goes beside nobody")),
        },
    }
}

async fn seeded<D: Database>(cx: &Context<'_, D>) -> Result<Option<Seeded>, Problem> {
    let row = cx.one(deployment::seeded()).await?;
    Ok(row.as_ref().and_then(deployment::read_seeded))
}

fn demo<D: Database>(cx: &Context<'_, D>, given: &Seed) -> Result<(Vec<Statement>, Seeded), Problem> {
    let workspace_name = name("workspace", &given.workspace, NAME_CHARS)?;
    let workspace = cx.draw(WorkspaceId::draw);
    let person = |person: &Person, role: Role| -> Result<AgentRow, Problem> {
        Ok(AgentRow {
            id: cx.draw(AgentId::draw),
            workspace: workspace.clone(),
            workspace_name: workspace_name.clone(),
            email: address(&person.email)?,
            name: name("name", &person.name, NAME_CHARS)?,
            role,
            state: AgentState::Active,
            password_hash: password::hash(&person.password, cx.salt()).ok_or(Code::Internal)?,
            generation: 1,
            created_at: cx.now,
            abilities: Default::default(),
            picture: String::new(),
        })
    };
    let owner = person(&given.owner, Role::Owner)?;
    let agents: Vec<AgentRow> =
        given.agents.iter().map(|agent| person(agent, Role::Agent)).collect::<Result<_, _>>()?;
    let site = SiteRow {
        id: SiteId::parse(DEMO_SITE).map_err(|_| Code::Internal)?,
        workspace: workspace.clone(),
        name: name("site", &given.site.name, NAME_CHARS)?,
        domains: parse_domains(&given.site.domains).map_err(|_| Problem::field("site", "an entry is not a domain"))?,
        greeting: line("site", &given.site.greeting, GREETING_CHARS)?,
        color: String::new(),
        locale: String::new(),
        created_at: cx.now,
        identity: 0,
        must_prove: false,
        team: None,
        when_closed: Default::default(),
        hours: None,
    };
    let ids = Seeded {
        workspace: workspace.clone(),
        site: site.id.clone(),
        owner: owner.id.clone(),
        agents: agents.iter().map(|agent| agent.id.clone()).collect(),
    };
    let mut statements = vec![
        deployment::claim_seed(&ids, cx.now).ok_or(Code::Internal)?,
        accounts::insert_workspace(&workspace, &workspace_name, cx.now),
        accounts::insert(&owner),
    ];
    statements.extend(agents.iter().map(accounts::insert));
    statements.push(sites::insert(&site));
    for entry in &given.faq {
        let id = cx.draw(FaqId::draw);
        statements.push(deployment::insert_faq(
            &workspace,
            &id,
            &entry.question,
            &entry.answer,
            Locale::of(&entry.locale),
            cx.now,
        ));
    }
    statements.push(audit::add(&workspace, cx.now, "ops", "demo_seeded", workspace.as_str(), ""));
    Ok((statements, ids))
}

/// `POST /ops/v1/reset_password`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    email: String,
}

/// A link for somebody who is locked out; the lock itself is lifted, too.
pub async fn reset_password<D: Database>(cx: &Context<'_, D>, given: &ResetPassword) -> Result<Link, Problem> {
    let email = address(&given.email)?;
    let row = cx.one(accounts::by_email(&email)).await?;
    let agent = row.as_ref().and_then(AgentRow::read).ok_or(Code::NotFound)?;
    let noted = audit::add_if_changed(&agent.workspace, cx.now, "ops", "link_made", agent.id.as_str(), "");
    let forgotten = logins::forget(&cx.keys.account_hash(&email));
    links::make(cx, &agent, purpose_for(&agent)?, None, vec![noted, forgotten]).await
}
