//! The first owner, once, by whoever holds the set-up token.

use serde::Deserialize;

use super::context::{Context, SignedIn, address, name, password};
use crate::{
    core::{
        auth::same_secret,
        error::Code,
        id::{AgentId, WorkspaceId},
        limits::NAME_CHARS,
        password,
        port::Database,
        principal::Role,
        problem::Problem,
    },
    sql::{
        accounts::{self, AgentRow, AgentState},
        audit, deployment,
    },
};

/// `POST /setup`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    token: String,
    workspace: String,
    name: String,
    email: String,
    password: String,
}

/// Whether there is no owner yet.
pub async fn is_needed<D: Database>(cx: &Context<'_, D>) -> Result<bool, Problem> {
    let row = cx.one(deployment::has_owner()).await?;
    Ok(!deployment::read_has_owner(row.as_ref()))
}

/// Makes the first workspace and its owner, and signs them in. `wanted` is the token that the deployment was given.
pub async fn set_up<D: Database>(cx: &Context<'_, D>, wanted: &str, given: &Setup) -> Result<SignedIn, Problem> {
    if !same_secret(&given.token, wanted) {
        return Err(Problem { field: "token".into(), ..Problem::new(Code::Unauthorized, "not the set-up token") });
    }
    let workspace_name = name("workspace", &given.workspace, NAME_CHARS)?;
    let (name, email) = (name("name", &given.name, NAME_CHARS)?, address(&given.email)?);
    password("password", &given.password, &email)?;
    if !is_needed(cx).await? {
        return Err(done());
    }
    let (workspace, id) = (cx.draw(WorkspaceId::draw), cx.draw(AgentId::draw));
    let owner = AgentRow {
        id,
        workspace,
        workspace_name,
        email,
        name,
        role: Role::Owner,
        state: AgentState::Active,
        password_hash: password::hash(&given.password, cx.salt()).ok_or(Code::Internal)?,
        generation: 1,
        created_at: cx.now,
        abilities: Default::default(),
        picture: String::new(),
    };
    let (keep, signed_in) = cx.open_session(&owner, owner.generation)?;
    let made = cx
        .run(vec![
            deployment::claim_setup(&owner.id, cx.now),
            accounts::insert_workspace(&owner.workspace, &owner.workspace_name, cx.now),
            accounts::insert(&owner),
            keep,
            audit::add(&owner.workspace, cx.now, "setup", "workspace_created", owner.workspace.as_str(), &owner.email),
        ])
        .await;
    match made {
        Ok(_) => Ok(signed_in),
        // Another one was faster, and the batch broke on its claim; or the database failed.
        Err(problem) => Err(if is_needed(cx).await? { problem } else { done() }),
    }
}

fn done() -> Problem {
    Problem::new(Code::Conflict, "there is an owner already; `make reset-password` helps one who is locked out")
}
