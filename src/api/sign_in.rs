//! Signing in by e-mail and password.
//!
//! Wrong ones are counted by account and by client. The answer and the work are the same whether the address is known or not, whether its agent may sign in or not, and
//! whether the password is wrong: one counted attempt, one hash, `wrong_credentials`.

use serde::Deserialize;

use super::context::{Context, SignedIn};
use crate::{
    core::{
        address::ClientAddress,
        email,
        error::Code,
        password,
        port::{Database, Row, rows_of},
        problem::Problem,
        time::Timestamp,
    },
    sql::{
        accounts::{self, AgentRow, AgentState},
        audit,
        logins::{self, Counted},
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

/// Signs somebody in who comes from this address.
pub async fn sign_in<D: Database>(
    cx: &Context<'_, D>,
    given: &Credentials,
    from: &ClientAddress,
) -> Result<SignedIn, Problem> {
    // What is no address has no account; the same work is done for it.
    let email = email::normal(&given.email).unwrap_or_default();
    let (account, client) = (cx.keys.account_hash(&email), cx.keys.client_hash(from));
    let rows = cx
        .run(vec![
            Counted::Client.attempt(&client, cx.now),
            Counted::Account.attempt(&account, cx.now),
            accounts::by_email(&email),
        ])
        .await?;
    refuse_locked(cx.now, Counted::Client, rows_of(&rows, 0))?;
    refuse_locked(cx.now, Counted::Account, rows_of(&rows, 1))?;
    let agent = rows_of(&rows, 2).first().and_then(AgentRow::read).filter(|agent| agent.state == AgentState::Active);
    let hash = agent.as_ref().map(|agent| agent.password_hash.as_str());
    let is_right = password::verify(&given.password, hash);
    let Some(agent) = agent.filter(|_| is_right) else { return Err(Code::WrongCredentials.into()) };
    let (keep, signed_in) = cx.open_session(&agent, agent.generation)?;
    let entry = audit::add(&agent.workspace, cx.now, agent.id.as_str(), "agent_signed_in", agent.id.as_str(), "");
    let mut statements = vec![logins::forget(&account), logins::forgive(&client), keep, entry];
    if !password::is_current(&agent.password_hash)
        && let Some(hash) = password::hash(&given.password, cx.salt())
    {
        statements.push(accounts::rehash(&agent.workspace, &agent.id, &hash, &agent.password_hash));
    }
    cx.run(statements).await?;
    Ok(signed_in)
}

/// Refuses what is not to be judged.
pub fn refuse_locked(now: Timestamp, counted: Counted, rows: &[Row]) -> Result<(), Problem> {
    let Some(until) = rows.first().and_then(|row| counted.read(row)) else { return Ok(()) };
    Err(Problem::later(Code::LockedOut, u64::try_from(until.since(now)).unwrap_or(1).max(1)))
}
