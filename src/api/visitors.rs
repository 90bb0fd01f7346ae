//! Visitors: a session for a browser, and blocking.
//!
//! A session writes nothing. A new browser gets ids that nobody has heard of; the Room comes into being with the first
//! frame. A browser that has been here brings its token, which names its visitor and conversation.

use serde::{Deserialize, Serialize};

use super::{
    context::Context,
    revocation::{Revocation, mark},
};
use crate::{
    core::{
        auth::{Proven, TokenError, Visitor, ticket_end},
        away::{ClosedSpan, closed_spans},
        error::Code,
        id::{ConversationId, VisitorId},
        internal::{RevokeRequest, Revoked},
        limits::TICKET_LIFE,
        port::{Columns, Database, rows_of},
        principal::{AgentPrincipal, Principal},
        problem::Problem,
    },
    sql::{
        audit,
        sites::{PublicSite, SiteRow},
        visitors::{self, Standing},
    },
};

/// `POST /v1/session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// Which site the widget stands on.
    pub site: String,
    /// The visitor token of an earlier answer.
    #[serde(default)]
    pub token: Option<String>,
    /// The conversation that the browser has; the token's own.
    #[serde(default)]
    pub conversation: Option<String>,
    /// What the site's server has signed of its visitor.
    #[serde(default)]
    pub identity: Option<String>,
}

/// Its answer.
#[derive(Debug, Serialize)]
pub struct SessionAnswer {
    /// To keep.
    pub token: String,
    /// For the socket.
    pub ticket: String,
    /// When the ticket ends, RFC 3339.
    pub expires_at: String,
    /// The conversation.
    pub conversation: ConversationId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The browser has been here.
    pub returning: bool,
    /// How the site greets.
    pub site: SiteGreeting,
}

/// What a visitor's browser may know of a site.
#[derive(Debug, Serialize)]
pub struct SiteGreeting {
    name: String,
    greeting: String,
    color: String,
    locale: String,
    /// When visitors are asked for an address instead: from when until when, in epoch milliseconds (2^53 − 1: nobody knows), this span or
    /// the next ones.
    closed: Vec<ClosedSpan>,
}

/// A session for a browser on a page of this site, whose `origin` the site's list names. `mint` makes the id of a
/// conversation that does not exist yet, if one may begin.
pub async fn session<D: Database>(
    cx: &Context<'_, D>,
    found: &PublicSite,
    given: &SessionRequest,
    origin: &str,
    mint: impl AsyncFnOnce() -> Result<ConversationId, Problem>,
) -> Result<SessionAnswer, Problem> {
    let PublicSite { site, hours } = found;
    let hours = hours.as_ref().filter(|_| site.when_closed.begins_with_form());
    let known = match given.token.as_deref() {
        Some(text) => Some(known(cx, site, text, given.conversation.as_deref())?),
        // A conversation's id alone gives nothing.
        None if given.conversation.is_some() => return Err(Code::Unauthorized.into()),
        None => None,
    };
    let proven = given.identity.as_deref().map(|text| proven(cx, site, text)).transpose()?;
    let standing = match &known {
        Some(visitor) => {
            let row = cx.one(visitors::standing(&visitor.workspace, &visitor.visitor)).await?;
            Standing::read(row.as_ref())
        }
        None => Standing::read(None),
    };
    let known = known.filter(|visitor| is_theirs([&visitor.subject, &standing.subject], proven.as_ref()));
    if proven.as_ref().is_some_and(|it| it.is_over) && known.as_ref().is_none_or(|visitor| visitor.subject.is_empty()) {
        return Err(Problem::new(Code::IdentityRefused, "the identity is over: the site's server signs a new one"));
    }
    let returning = known.is_some();
    let identity = proven.map(|it| it.identity);
    let subject = identity.as_ref().map(|identity| identity.subject.clone());
    let (mut visitor, standing) = match known {
        Some(visitor) => (visitor, standing),
        None => {
            let visitor = Visitor {
                workspace: site.workspace.clone(),
                site: site.id.clone(),
                visitor: cx.draw(VisitorId::draw),
                conversation: mint().await?,
                subject: String::new(),
            };
            (visitor, Standing::read(None))
        }
    };
    if standing.is_blocked {
        return Err(Code::VisitorBlocked.into());
    }
    if let Some(subject) = subject {
        visitor.subject = subject;
    }
    let expires_at = ticket_end(cx.now, cx.now.plus(TICKET_LIFE));
    let must_prove = site.must_prove && identity.is_none();
    let principal = Principal::Visitor(visitor.principal(standing.generation, identity, must_prove, expires_at));
    Ok(SessionAnswer {
        token: cx.keys.sign_visitor(&visitor, cx.now).ok_or(Code::Internal)?,
        ticket: cx.keys.sign_ticket(&principal, origin, cx.now).ok_or(Code::Internal)?,
        expires_at: expires_at.rfc3339(),
        conversation: visitor.conversation,
        visitor: visitor.visitor,
        returning,
        site: SiteGreeting {
            name: site.name.clone(),
            greeting: site.greeting.clone(),
            color: site.color.clone(),
            locale: site.locale.clone(),
            closed: closed_spans(hours, cx.now),
        },
    })
}

/// The visitor of a token, if it was made for this site and conversation.
fn known<D>(cx: &Context<'_, D>, site: &SiteRow, token: &str, conversation: Option<&str>) -> Result<Visitor, Problem> {
    let visitor = cx.keys.visitor(token, cx.now).map_err(|error| error.code(false))?;
    if visitor.site != site.id || visitor.workspace != site.workspace {
        return Err(Code::Unauthorized.into());
    }
    if conversation.is_some_and(|wanted| wanted != visitor.conversation.as_str()) {
        return Err(Code::NotFound.into());
    }
    Ok(visitor)
}

/// Who the site's server says this is.
fn proven<D>(cx: &Context<'_, D>, site: &SiteRow, text: &str) -> Result<Proven, Problem> {
    if site.identity == 0 {
        return Err(Problem::new(Code::IdentityRefused, "this site has no secret to sign with"));
    }
    cx.keys.identity(&site.id, site.identity, text, cx.now).map_err(|error| {
        let detail = match error {
            // Whoever hears this has the secret.
            TokenError::Claim(detail) => detail,
            TokenError::Refused | TokenError::Expired => "not signed with this site's secret, or no JWT as documented",
        };
        Problem::new(Code::IdentityRefused, detail)
    })
}

/// Whether a browser's conversation may go on. Once somebody was proven to be in it, as the token says or the history, it is nobody
/// else's: whoever signs in next at the same machine begins their own, and so does whoever is not signed in.
fn is_theirs(of: [&String; 2], proven: Option<&Proven>) -> bool {
    let subject = proven.map_or("", |proven| proven.identity.subject.trim());
    of.into_iter().all(|of| of.is_empty() || of.trim() == subject)
}

/// `POST /visitors/{id}/block` and `/unblock`.
pub async fn set_blocked<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &VisitorId,
    is_blocked: bool,
) -> Result<Revocation, Problem> {
    let known = cx.one(visitors::standing(&who.workspace, id)).await?;
    if known.is_none() {
        return Err(Code::NotFound.into());
    }
    let action = if is_blocked { "visitor_blocked" } else { "visitor_unblocked" };
    let (pending, marked) = mark(cx, &who.workspace, id.as_str(), &who.agent);
    let rows = cx
        .run(vec![
            visitors::set_blocked(&who.workspace, id, is_blocked, cx.now),
            audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), action, id.as_str(), ""),
            marked,
            visitors::conversations(&who.workspace, id),
        ])
        .await?;
    let generation = rows_of(&rows, 0).first().map(|row| Columns::of(row).uint()).ok_or(Code::NotFound)?;
    let request = RevokeRequest {
        workspace: who.workspace.clone(),
        revoked: Revoked::Visitor { visitor: id.clone(), generation, blocked: is_blocked, by: who.seen() },
        conversations: rows_of(&rows, 3).iter().filter_map(visitors::read_conversation).collect(),
        release: false,
    };
    Ok(Revocation { request, pending: Some(pending) })
}
