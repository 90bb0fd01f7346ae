//! Links that work once: an invitation sets the first password, a reset another. Following one signs in and ends
//! everything that was open before.

use serde::{Deserialize, Serialize};

use super::{
    context::{Context, SignedIn, line, password},
    revocation::{Revocation, mark},
};
use crate::{
    core::{
        auth::LinkToken,
        error::Code,
        id::AgentId,
        internal::{RevokeRequest, Revoked},
        limits::{INVITATION_LIFE, NAME_CHARS, RESET_LIFE},
        password,
        port::{Database, Statement, rows_of},
        problem::Problem,
        time::Timestamp,
    },
    sql::{
        accounts::{AgentRow, AgentState},
        audit,
        links::{self, LinkRow, Purpose},
        logins, sessions,
    },
};

/// A link for somebody, to be handed over by whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The address, on the configured origin.
    pub link: String,
    /// RFC 3339.
    pub expires_at: String,
}

/// A new link for an agent, if they are still as they were read; earlier ones of theirs stop working. `made_by`: an
/// operator, if none. `beside`: what is done together with it, of which the first may ask whether it was made.
pub async fn make<D: Database>(
    cx: &Context<'_, D>,
    agent: &AgentRow,
    purpose: Purpose,
    made_by: Option<&AgentId>,
    beside: Vec<Statement>,
) -> Result<Link, Problem> {
    let life = match purpose {
        Purpose::Invitation => INVITATION_LIFE,
        Purpose::Reset => RESET_LIFE,
    };
    let token = LinkToken::draw(cx.secret);
    let ends: Timestamp = cx.now.plus(life);
    let hash = cx.keys.link_hash(&token);
    let mut statements = vec![links::insert(agent, &hash, purpose, made_by, cx.now, ends)];
    statements.extend(beside);
    statements.push(links::drop_older(agent, &hash));
    if rows_of(&cx.run(statements).await?, 0).is_empty() {
        return Err(Problem::new(Code::Conflict, "somebody changed this agent just now"));
    }
    // In the fragment, so that it reaches no server's log and no `Referer`.
    let link = format!("{}/console/link#{}", cx.own, token.as_str());
    Ok(Link { link, expires_at: ends.rfc3339() })
}

/// `POST /links/look`: the token comes in the body, since addresses end in the logs of servers and proxies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    token: String,
}

/// What the link is for.
#[derive(Debug, Serialize)]
pub struct LinkState {
    purpose: Purpose,
    email: String,
    name: String,
    workspace: String,
}

/// The usable link of a token, and the hashes under which it may stand. What is no token is an unknown one.
async fn open<D: Database>(cx: &Context<'_, D>, token: &str) -> Result<(LinkRow, (String, String)), Problem> {
    let hashes = cx.keys.link_hashes(&LinkToken::parse(token).ok_or(Code::NotFound)?);
    let row = cx.one(links::find(&hashes)).await?;
    let link = row.as_ref().and_then(LinkRow::read).ok_or(Code::NotFound)?;
    if link.is_used || link.expires_at <= cx.now || link.agent.state == AgentState::Disabled {
        return Err(Code::Gone.into());
    }
    Ok((link, hashes))
}

/// What a link is for.
pub async fn look<D: Database>(cx: &Context<'_, D>, given: &Look) -> Result<LinkState, Problem> {
    let (link, _) = open(cx, &given.token).await?;
    let AgentRow { email, name, workspace_name, .. } = link.agent;
    Ok(LinkState { purpose: link.purpose, email, name, workspace: workspace_name })
}

/// `POST /links/follow`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    token: String,
    password: String,
    #[serde(default)]
    name: Option<String>,
}

/// Follows a link: the password is set, everything that was open before ends, and the agent is signed in.
pub async fn follow<D: Database>(cx: &Context<'_, D>, given: &Follow) -> Result<(SignedIn, Revocation), Problem> {
    let (link, hashes) = open(cx, &given.token).await?;
    let agent = &link.agent;
    password("password", &given.password, &agent.email)?;
    let name = line("name", given.name.as_deref().unwrap_or_default(), NAME_CHARS)?;
    let hash = password::hash(&given.password, cx.salt()).ok_or(Code::Internal)?;
    let generation = agent.raised(cx.now);
    let named = AgentRow { name: if name.is_empty() { agent.name.clone() } else { name.clone() }, ..agent.clone() };
    let (keep, signed_in) = cx.open_session(&named, generation)?;
    let action = match link.purpose {
        Purpose::Invitation => "invitation_accepted",
        Purpose::Reset => "password_reset",
    };
    let (pending, marked) = mark(cx, &agent.workspace, agent.id.as_str(), &agent.id);
    let rows = cx
        .run(vec![
            links::use_up(&hashes, agent.generation, cx.now),
            links::set_password(&hashes, agent, &hash, &name, cx.now),
            audit::add_if_changed(&agent.workspace, cx.now, "link", action, agent.id.as_str(), ""),
            marked,
            links::drop_open_if_changed(&agent.workspace, &agent.id),
            sessions::end_outdated(&agent.workspace, &agent.id),
            keep,
            logins::forget(&cx.keys.account_hash(&agent.email)),
        ])
        .await?;
    // Somebody was faster with the same link, or it was taken back: this session has no token that we gave out.
    if rows_of(&rows, 0).is_empty() || rows_of(&rows, 1).is_empty() {
        return Err(Code::Gone.into());
    }
    let request = RevokeRequest {
        workspace: agent.workspace.clone(),
        revoked: Revoked::Agent { agent: agent.id.clone(), generation },
        conversations: Vec::new(),
        release: false,
    };
    Ok((signed_in, Revocation { request, pending: Some(pending) }))
}
