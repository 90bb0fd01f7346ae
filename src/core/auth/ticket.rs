//! The ticket: opens sockets for 15 minutes. It carries the whole principal, so that opening a socket asks no
//! database, except what only the request tells.

use serde::{Deserialize, Serialize};

use super::{
    keys::{Keys, Use},
    token::{Kind, TokenError, sign, verify},
};
use crate::core::{
    id::{AgentId, ConversationId, SessionId, SiteId, VisitorId, WorkspaceId},
    limits::{CLOCK_SKEW, TICKET_LIFE, TOKEN_CHARS},
    principal::{AgentPrincipal, Identity, Principal, Role, VisitorPrincipal},
    time::Timestamp,
};

const KIND: Kind = Kind {
    typ: "bh-ticket+jwt",
    audience: "bellhop/socket",
    max_chars: TOKEN_CHARS,
    max_life: TICKET_LIFE,
    max_ahead: CLOCK_SKEW,
};

/// A principal as it stands in a ticket: the end is the token's own, and the request is not part of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Body {
    Visitor {
        workspace: WorkspaceId,
        site: SiteId,
        visitor: VisitorId,
        conversation: ConversationId,
        generation: u64,
        /// The page's origin, which the site's list named when the ticket was made.
        #[serde(default)]
        origin: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<Box<Identity>>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        must_prove: bool,
    },
    Agent {
        workspace: WorkspaceId,
        agent: AgentId,
        name: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        picture: String,
        role: Role,
        session: SessionId,
        generation: u64,
    },
}

/// What a ticket opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Who.
    pub principal: Principal,
    /// Where a visitor's page stood when the ticket was made; empty for agents. The same page needs no second look at
    /// the site's list, and so no database.
    pub origin: String,
}

/// When a ticket minted now ends; never after what it stands for.
pub fn ticket_end(now: Timestamp, at_most: Timestamp) -> Timestamp {
    now.plus(TICKET_LIFE).min(at_most)
}

impl Keys {
    /// A ticket for a principal, asked for by a page of this origin; it ends when the principal does.
    pub fn sign_ticket(&self, principal: &Principal, origin: &str, now: Timestamp) -> Option<String> {
        let body = match principal.clone() {
            Principal::Visitor(VisitorPrincipal {
                workspace,
                site,
                visitor,
                conversation,
                generation,
                identity,
                must_prove,
                ..
            }) => {
                let origin = origin.to_owned();
                Body::Visitor { workspace, site, visitor, conversation, generation, origin, identity, must_prove }
            }
            Principal::Agent(AgentPrincipal { workspace, agent, name, picture, role, session, generation, .. }) => {
                Body::Agent { workspace, agent, name, picture, role, session, generation }
            }
        };
        sign(&KIND, &self.signing(Use::Ticket), body, now, principal.expires_at())
    }

    /// The principal of a ticket, for `renew`.
    pub fn ticket(&self, text: &str, now: Timestamp) -> Result<Principal, TokenError> {
        self.open_ticket(text, now).map(|opened| opened.principal)
    }

    /// What a ticket opens: the one way from it to a principal, at the gateway and for `renew` (INV-14).
    pub fn open_ticket(&self, text: &str, now: Timestamp) -> Result<Opened, TokenError> {
        let verified = verify(&KIND, &self.verifying(Use::Ticket), text, now)?;
        let expires_at = verified.expires_at;
        Ok(match verified.body {
            Body::Visitor { workspace, site, visitor, conversation, generation, origin, identity, must_prove } => {
                let (user_agent, country, location) = (String::new(), String::new(), None);
                let visitor = VisitorPrincipal {
                    workspace,
                    site,
                    visitor,
                    conversation,
                    generation,
                    expires_at,
                    user_agent,
                    country,
                    location,
                    identity,
                    must_prove,
                };
                Opened { principal: Principal::Visitor(visitor), origin }
            }
            Body::Agent { workspace, agent, name, picture, role, session, generation } => {
                let agent = AgentPrincipal { workspace, agent, name, picture, role, session, generation, expires_at };
                Opened { principal: Principal::Agent(agent), origin: String::new() }
            }
        })
    }
}
