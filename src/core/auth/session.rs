//! The agent's session: a token in a cookie that names a row. The token proves that we made it, the row that it still
//! stands; only both together give a principal.
//!
//! Idle sessions end with the token, all of them with the row. Signing in and changing the password draw a new id.

use serde::{Deserialize, Serialize};

use super::{
    keys::{Keys, Use},
    token::{Kind, TokenError, sign, verify},
};
use crate::core::{
    id::{AgentId, SessionId, WorkspaceId},
    limits::{CLOCK_SKEW, SESSION_IDLE, SESSION_REFRESH, TOKEN_CHARS},
    principal::{AgentPrincipal, Role},
    time::Timestamp,
};

const KIND: Kind = Kind {
    typ: "bh-session+jwt",
    audience: "bellhop/api",
    max_chars: TOKEN_CHARS,
    max_life: SESSION_IDLE,
    max_ahead: CLOCK_SKEW,
};

/// What a session's token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who.
    pub agent: AgentId,
    /// The row.
    pub session: SessionId,
    /// The agent's generation when it began.
    pub generation: u64,
}

/// A verified token, and whether it is time for a fresh one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// What it says.
    pub session: Session,
    /// Old enough to be replaced while it is in use.
    pub is_stale: bool,
}

/// What the database knows of a session and its agent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Tenant of the agent.
    pub workspace: WorkspaceId,
    /// Whose.
    pub agent: AgentId,
    /// The generation that the session began with.
    pub session_generation: u64,
    /// The agent's generation now.
    pub agent_generation: u64,
    /// The agent may sign in.
    pub is_active: bool,
    /// The session's absolute end.
    pub expires_at: Timestamp,
    /// Display name.
    pub name: String,
    /// The hash of their picture; empty: they have none.
    pub picture: String,
    /// Role now, which may be another than at sign-in.
    pub role: Role,
}

impl Session {
    /// The principal, if token and row agree (INV-14): the only way from a cookie to one.
    pub fn principal(&self, record: &SessionRecord, now: Timestamp) -> Result<AgentPrincipal, TokenError> {
        let agrees = record.workspace == self.workspace
            && record.agent == self.agent
            && record.session_generation == self.generation
            && record.agent_generation == self.generation
            && record.is_active;
        if !agrees {
            return Err(TokenError::Refused);
        }
        if now >= record.expires_at {
            return Err(TokenError::Expired);
        }
        Ok(AgentPrincipal {
            workspace: self.workspace.clone(),
            agent: self.agent.clone(),
            name: record.name.clone(),
            picture: record.picture.clone(),
            role: record.role,
            session: self.session.clone(),
            generation: self.generation,
            expires_at: record.expires_at,
        })
    }
}

impl Keys {
    /// The cookie's value; it ends when the session has not been used for a while.
    pub fn sign_session(&self, session: &Session, now: Timestamp, row_ends: Timestamp) -> Option<String> {
        sign(&KIND, &self.signing(Use::Session), session, now, now.plus(SESSION_IDLE).min(row_ends))
    }

    /// What a session's token says, once it is verified.
    pub fn session(&self, text: &str, now: Timestamp) -> Result<SessionToken, TokenError> {
        let verified = verify(&KIND, &self.verifying(Use::Session), text, now)?;
        Ok(SessionToken { session: verified.body, is_stale: now.since(verified.issued_at) >= SESSION_REFRESH })
    }
}
