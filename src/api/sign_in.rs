//! Signing in by e-mail and password.
//!
//! The answer and the work are the same whether the address is known or not, whether its agent may sign in or not, and
//! whether the password is wrong: one counted attempt, one hash, `wrong_credentials`.

use serde::Deserialize;

use super::context::{Context, SignedIn};
use crate::{
    core::{
        email,
        error::Code,
        password,
        port::{Database, rows_of},
        problem::Problem,
    },
    sql::{
        accounts::{self, AgentRow, AgentState},
        audit,
        logins::{self, Attempt},
    },
};

/// `POST /login`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
}

/// Signs somebody in.
pub async fn sign_in<D: Database>(cx: &Context<'_, D>, given: &Credentials) -> Result<SignedIn, Problem> {
    // What is no address has no account; the same work is done for it.
    let email = email::normal(&given.email).unwrap_or_default();
    let counted = cx.keys.address_hash(&email);
    let rows = cx.run(vec![logins::attempt(&counted, cx.now), accounts::by_email(&email)]).await?;
    if let Some(Attempt::LockedUntil(until)) = rows_of(&rows, 0).first().map(Attempt::read) {
        return Err(Problem::later(Code::LockedOut, u64::try_from(until.since(cx.now)).unwrap_or(1).max(1)));
    }
    let agent = rows_of(&rows, 1).first().and_then(AgentRow::read).filter(|agent| agent.state == AgentState::Active);
    let hash = agent.as_ref().map(|agent| agent.password_hash.as_str());
    let is_right = password::verify(&given.password, hash);
    let Some(agent) = agent.filter(|_| is_right) else { return Err(Code::WrongCredentials.into()) };
    let (keep, signed_in) = cx.open_session(&agent, agent.generation)?;
    let entry = audit::add(&agent.workspace, cx.now, agent.id.as_str(), "agent_signed_in", agent.id.as_str(), "");
    cx.run(vec![logins::forget(&counted), keep, entry]).await?;
    Ok(signed_in)
}
