//! Who is asking, by the session's cookie; and what a signed-in agent does with their own account.
//!
//! What ends sessions raises the agent's generation, so rows of an earlier one are dead at once, wherever they lie; the
//! revocation that is given back makes the same true of open sockets (INV-13).

use serde::{Deserialize, Serialize};

use super::{
    context::{Context, Me, Named, SignedIn, name, password},
    revocation::{Revocation, mark},
    sign_in::refuse_locked,
};
use crate::{
    core::{
        auth::{SessionToken, ticket_end},
        error::Code,
        internal::{RevokeRequest, Revoked},
        limits::NAME_CHARS,
        password,
        port::{Columns, Database, rows_of},
        principal::{AgentPrincipal, Principal},
        problem::Problem,
    },
    sql::{
        accounts::{self, AgentRow},
        audit, links,
        logins::{self, Counted},
        sessions::{self, SessionRow},
    },
};

/// A signed-in agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who, verified.
    pub principal: AgentPrincipal,
    /// The same for the answer.
    pub me: Me,
    /// A fresh cookie, when the one that came is an hour old.
    pub fresh: Option<String>,
}

/// Who a cookie's token stands for now (INV-14).
pub async fn authenticate<D: Database>(cx: &Context<'_, D>, token: &SessionToken) -> Result<Signed, Problem> {
    let session = &token.session;
    let row = cx.one(sessions::find(&session.workspace, &session.session)).await?;
    let row = row.as_ref().and_then(SessionRow::read).ok_or(Code::Unauthorized)?;
    let principal = session.principal(&row.record, cx.now).map_err(|error| error.code(false))?;
    let me = Me {
        id: principal.agent.to_string(),
        name: principal.name.clone(),
        email: row.email,
        role: principal.role,
        workspace: Named { id: principal.workspace.to_string(), name: row.workspace_name },
        picture: principal.picture.clone(),
    };
    let fresh = token.is_stale.then(|| cx.keys.sign_session(session, cx.now, row.record.expires_at)).flatten();
    Ok(Signed { principal, me, fresh })
}

/// What a revocation of an agent's sockets says to the Desk.
pub fn revoke_agent(principal: &AgentPrincipal, generation: u64) -> RevokeRequest {
    RevokeRequest {
        workspace: principal.workspace.clone(),
        revoked: Revoked::Agent { agent: principal.agent.clone(), generation },
        conversations: Vec::new(),
        release: false,
    }
}

/// `POST /logout`: this session and its sockets.
pub async fn sign_out<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Revocation, Problem> {
    let (pending, marked) = mark(cx, &who.workspace, who.session.as_str(), &who.agent);
    cx.run(vec![
        sessions::end(&who.workspace, &who.agent, &who.session),
        audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), "agent_signed_out", who.agent.as_str(), ""),
        marked,
    ])
    .await?;
    let request = RevokeRequest {
        workspace: who.workspace.clone(),
        revoked: Revoked::Session { agent: who.agent.clone(), session: who.session.clone() },
        conversations: Vec::new(),
        release: false,
    };
    Ok(Revocation { request, pending: Some(pending) })
}

/// `POST /logout_everywhere`: every session and socket of the agent.
pub async fn sign_out_everywhere<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
) -> Result<Revocation, Problem> {
    let agent = who.agent.as_str();
    let (pending, marked) = mark(cx, &who.workspace, agent, &who.agent);
    let rows = cx
        .run(vec![
            accounts::raise_generation(&who.workspace, &who.agent, cx.now),
            audit::add_if_changed(&who.workspace, cx.now, agent, "agent_signed_out_everywhere", agent, ""),
            marked,
            links::drop_open_if_changed(&who.workspace, &who.agent),
            sessions::end_outdated(&who.workspace, &who.agent),
        ])
        .await?;
    let generation = rows_of(&rows, 0).first().map(|row| Columns::of(row).uint()).ok_or(Code::Unauthorized)?;
    Ok(Revocation { request: revoke_agent(who, generation), pending: Some(pending) })
}

/// `PATCH /me`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    name: String,
}

/// Another display name. Sockets that are open keep the old one until they are opened anew.
pub async fn rename<D: Database>(cx: &Context<'_, D>, signed: &Signed, given: &Rename) -> Result<Me, Problem> {
    let name = name("name", &given.name, NAME_CHARS)?;
    let who = &signed.principal;
    let rows = cx
        .run(vec![
            accounts::rename(&who.workspace, &who.agent, &name),
            audit::add_if_changed(
                &who.workspace,
                cx.now,
                who.agent.as_str(),
                "agent_renamed",
                who.agent.as_str(),
                &name,
            ),
        ])
        .await?;
    rows_of(&rows, 0).first().ok_or(Code::Unauthorized)?;
    Ok(Me { name, ..signed.me.clone() })
}

/// `POST /me/password`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current: String,
    new: String,
}

/// Another password, if the current one is right: a new session here, and the end of all others and of every socket.
/// Wrong ones count like those at the door.
pub async fn change_password<D: Database>(
    cx: &Context<'_, D>,
    signed: &Signed,
    given: &NewPassword,
) -> Result<(SignedIn, Revocation), Problem> {
    let who = &signed.principal;
    password("new", &given.new, &signed.me.email)?;
    let counted = cx.keys.account_hash(&signed.me.email);
    let attempt = Counted::Account.attempt(&counted, cx.now);
    let rows = cx.run(vec![attempt, accounts::by_id(&who.workspace, &who.agent)]).await?;
    refuse_locked(cx.now, Counted::Account, rows_of(&rows, 0))?;
    let agent = rows_of(&rows, 1).first().and_then(AgentRow::read).ok_or(Code::Unauthorized)?;
    if !password::verify(&given.current, Some(&agent.password_hash)) {
        return Err(Code::WrongCredentials.into());
    }
    let hash = password::hash(&given.new, cx.salt()).ok_or(Code::Internal)?;
    let generation = agent.raised(cx.now);
    let (keep, signed_in) = cx.open_session(&agent, generation)?;
    let actor = who.agent.as_str();
    let (pending, marked) = mark(cx, &who.workspace, actor, &who.agent);
    let rows = cx
        .run(vec![
            accounts::set_password(&agent, &hash, "", cx.now),
            audit::add_if_changed(&who.workspace, cx.now, actor, "password_changed", actor, ""),
            marked,
            // Whoever else has one would set another password with it.
            links::drop_open_if_changed(&who.workspace, &who.agent),
            sessions::end_outdated(&who.workspace, &who.agent),
            keep,
            logins::forget(&counted),
        ])
        .await?;
    // Somebody else ended the sessions in the meantime; the row that was kept has no token that we gave out.
    rows_of(&rows, 0).first().ok_or(Code::Unauthorized)?;
    Ok((signed_in, Revocation { request: revoke_agent(who, generation), pending: Some(pending) }))
}

/// The answer to `POST /tickets`.
#[derive(Debug, Serialize)]
pub struct Ticket {
    /// For the subprotocol.
    pub ticket: String,
    /// RFC 3339.
    pub expires_at: String,
}

/// A ticket for the Desk's socket and any Room's of the workspace.
pub fn ticket<D>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Ticket, Problem> {
    let expires_at = ticket_end(cx.now, who.expires_at);
    let principal = Principal::Agent(AgentPrincipal { expires_at, ..who.clone() });
    let ticket = cx.keys.sign_ticket(&principal, "", cx.now).ok_or(Code::Internal)?;
    Ok(Ticket { ticket, expires_at: expires_at.rfc3339() })
}
