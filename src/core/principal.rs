//! Who acts. The gateway makes a `Principal` from a verified credential and hands it to an object in an internal
//! header that requests from outside cannot set; nothing else is ever believed about who somebody is.

use serde::{Deserialize, Serialize};

use super::{
    geo::Location,
    id::{AgentId, ConversationId, SessionId, SiteId, VisitorId, WorkspaceId},
    internal::AgentRef,
    time::Timestamp,
};

/// Internal header with the principal as JSON text.
pub const PRINCIPAL_HEADER: &str = "x-bellhop-principal";

/// Internal header with the subprotocol that the gateway has chosen.
pub const ENCODING_HEADER: &str = "x-bellhop-encoding";

/// What an agent may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers conversations.
    Agent,
    /// Also manages agents and sites.
    Admin,
    /// Also manages admins and the workspace.
    Owner,
}

impl Role {
    /// As stored and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    /// Reads what `name` writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Role::Agent, Role::Admin, Role::Owner].into_iter().find(|role| role.name() == text)
    }

    /// Whether somebody of this role may change somebody of that role, or give it: an owner everybody, an admin agents.
    pub fn may_manage(self, other: Role) -> bool {
        match self {
            Role::Owner => true,
            Role::Admin => other == Role::Agent,
            Role::Agent => false,
        }
    }

    /// Owner or admin.
    pub fn manages(self) -> bool {
        match self {
            Role::Owner | Role::Admin => true,
            Role::Agent => false,
        }
    }
}

/// What a site has signed of its visitor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The site's own name for the visitor.
    pub subject: String,
    /// May be empty.
    pub name: String,
    /// May be empty.
    pub email: String,
    /// How much before others the visitor comes, 0 to 9.
    pub level: u8,
    /// When it was signed; 0: it is over, or not known to be newer than anything.
    pub issued_at: Timestamp,
}

/// A visitor, good for one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorPrincipal {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The site that the widget stands on.
    pub site: SiteId,
    /// Who.
    pub visitor: VisitorId,
    /// The only conversation this principal reaches.
    pub conversation: ConversationId,
    /// Raised when the visitor is blocked or revoked; older principals are refused.
    pub generation: u64,
    /// When the ticket ends.
    pub expires_at: Timestamp,
    /// From the request, unproven; empty when not known.
    #[serde(default)]
    pub user_agent: String,
    /// ISO 3166-1 code from the platform; empty when not known.
    #[serde(default)]
    pub country: String,
    /// Where the platform takes them to be; absent: it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What the site has signed, if it has.
    #[serde(default)]
    pub identity: Option<Box<Identity>>,
    /// The site wants names and addresses proven: what the page says without a signature is not taken.
    #[serde(default)]
    pub must_prove: bool,
}

/// An agent, good for the Desk and every Room of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentPrincipal {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who.
    pub agent: AgentId,
    /// Display name.
    pub name: String,
    /// The hash of their picture; empty: they have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub picture: String,
    /// What they may do.
    pub role: Role,
    /// The signed-in session that the ticket was minted for.
    pub session: SessionId,
    /// Raised by disabling, password change and sign-out everywhere; older principals are refused.
    pub generation: u64,
    /// When the ticket ends.
    pub expires_at: Timestamp,
}

impl AgentPrincipal {
    /// As others see them.
    pub fn seen(&self) -> AgentRef {
        AgentRef { id: self.agent.clone(), name: self.name.clone(), picture: self.picture.clone() }
    }
}

/// Whoever holds a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Principal {
    /// A visitor.
    Visitor(VisitorPrincipal),
    /// An agent.
    Agent(AgentPrincipal),
}

impl Principal {
    /// The tenant.
    pub fn workspace(&self) -> &WorkspaceId {
        match self {
            Principal::Visitor(visitor) => &visitor.workspace,
            Principal::Agent(agent) => &agent.workspace,
        }
    }

    /// When the ticket ends.
    pub fn expires_at(&self) -> Timestamp {
        match self {
            Principal::Visitor(visitor) => visitor.expires_at,
            Principal::Agent(agent) => agent.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn may_manage_table() {
        use Role::{Admin, Agent, Owner};
        let allowed = [(Owner, Owner), (Owner, Admin), (Owner, Agent), (Admin, Agent)];
        for actor in [Agent, Admin, Owner] {
            for other in [Agent, Admin, Owner] {
                assert_eq!(actor.may_manage(other), allowed.contains(&(actor, other)), "{actor:?} {other:?}");
            }
            assert_eq!(Role::parse(actor.name()), Some(actor));
            assert_eq!(actor.manages(), actor != Agent);
        }
        assert_eq!(Role::parse("Owner"), None);
    }
}
