//! The visitor token: says that a browser is the one that a visitor and a conversation were minted for. It is good
//! only at `POST /v1/session`, lives in the page's own storage, and slides: each answer carries a new one.
//!
//! It names its one conversation, so that nobody gets a ticket to a conversation by knowing its id.

use serde::{Deserialize, Serialize};

use super::{
    keys::{Keys, Use},
    token::{Kind, TokenError, sign, verify},
};
use crate::core::{
    id::{ConversationId, SiteId, VisitorId, WorkspaceId},
    limits::{TOKEN_CHARS, VISITOR_TOKEN_LIFE},
    principal::{Identity, VisitorPrincipal},
    time::Timestamp,
};

const KIND: Kind = Kind {
    typ: "bh-visitor+jwt",
    audience: "bellhop/session",
    max_chars: TOKEN_CHARS,
    max_life: VISITOR_TOKEN_LIFE,
    // We alone sign it, and whom it lets in the history decides. Refused by a clock that was put back it would be gone for good.
    max_ahead: VISITOR_TOKEN_LIFE,
};

/// A browser that has been here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The site that it was minted for.
    pub site: SiteId,
    /// Who.
    pub visitor: VisitorId,
    /// Their conversation.
    pub conversation: ConversationId,
    /// Whom the site has said that this is: the conversation is nobody else's. Empty: nobody yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
}

impl Visitor {
    /// A principal for one ticket, as the history knows the visitor now.
    pub fn principal(
        &self,
        generation: u64,
        identity: Option<Identity>,
        must_prove: bool,
        expires_at: Timestamp,
    ) -> VisitorPrincipal {
        VisitorPrincipal {
            workspace: self.workspace.clone(),
            site: self.site.clone(),
            visitor: self.visitor.clone(),
            conversation: self.conversation.clone(),
            generation,
            expires_at,
            user_agent: String::new(),
            country: String::new(),
            location: None,
            identity: identity.map(Box::new),
            must_prove,
        }
    }
}

impl Keys {
    /// A token for the browser to keep.
    pub fn sign_visitor(&self, visitor: &Visitor, now: Timestamp) -> Option<String> {
        sign(&KIND, &self.signing(Use::Visitor), visitor, now, now.plus(VISITOR_TOKEN_LIFE))
    }

    /// Who a visitor token was made for.
    pub fn visitor(&self, text: &str, now: Timestamp) -> Result<Visitor, TokenError> {
        verify(&KIND, &self.verifying(Use::Visitor), text, now).map(|verified| verified.body)
    }
}
