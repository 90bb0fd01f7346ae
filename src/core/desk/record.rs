//! What a Desk keeps beside its conversations: one row, rewritten when somebody is revoked or comes back.

use std::collections::BTreeSet;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::core::{
    id::{AgentId, ConversationId},
    internal::{BotTerms, Revoked},
    limits::{REVOCATION_MEMORY, SESSIONS_REMEMBERED},
    principal::AgentPrincipal,
    room::record::Refusal,
    routing::settings::Routing,
    time::Timestamp,
};

/// The one row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// Who must be refused.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// Disabled agents and the generation from which on they are back: what a Room still thinks theirs is released. (None is left out: it
    /// would be written as a list, which no earlier version reads.)
    #[serde(default, skip_serializing_if = "LiteMap::is_empty")]
    pub disabled: LiteMap<AgentId, u64>,
    /// Who has conversations and no console that lives, and since when that is known.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty")]
    pub gone: LiteMap<AgentId, Timestamp>,
    /// When each agent was last given a conversation, where no row of one says so any more.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty")]
    pub given: LiteMap<AgentId, Timestamp>,
    /// How conversations find agents.
    #[serde(default)]
    pub routing: Routing,
    /// Which version of it.
    #[serde(default)]
    pub routing_version: u64,
    /// How long conversations may stand still has changed, and some Rooms may not know.
    #[serde(default)]
    pub idle_untold: bool,
    /// Which bot there is; none: there has never been one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<BotTerms>,
    /// That has changed, and some Rooms may not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot_untold: bool,
}

impl Record {
    /// The principal was revoked.
    pub fn refuses(&self, agent: &AgentId, session: &crate::core::id::SessionId, generation: u64) -> bool {
        self.refusals.iter().any(|refusal| match refusal {
            Refusal::Agent { agent: who, generation: lowest, .. } => who == agent && generation < *lowest,
            Refusal::Session { session: ended, .. } => ended == session,
        })
    }

    /// The same for a socket's.
    pub fn refuses_principal(&self, principal: &AgentPrincipal) -> bool {
        self.refuses(&principal.agent, &principal.session, principal.generation)
    }

    /// Refuses from now on. Agents are remembered for good; ended sessions are forgotten when there are many and their
    /// tickets must be over: by age alone, a clock that leaps and comes back would let one in again. A visitor's
    /// revocation is the Rooms' matter.
    pub fn note(&mut self, revoked: &Revoked, now: Timestamp) {
        let is_session = |refusal: &&Refusal| matches!(refusal, Refusal::Session { .. });
        if self.refusals.iter().filter(is_session).count() >= SESSIONS_REMEMBERED {
            self.refusals.retain(|refusal| match refusal {
                Refusal::Agent { .. } => true,
                Refusal::Session { at, .. } => now.since(*at) < REVOCATION_MEMORY,
            });
        }
        match revoked {
            Revoked::Agent { agent, generation } => {
                let earlier = self.refusals.iter().filter_map(|refusal| match refusal {
                    Refusal::Agent { agent: who, generation, .. } if who == agent => Some(*generation),
                    Refusal::Agent { .. } | Refusal::Session { .. } => None,
                });
                let generation = earlier.max().unwrap_or(0).max(*generation);
                self.refusals.retain(|refusal| !matches!(refusal, Refusal::Agent { agent: who, .. } if who == agent));
                self.refusals.push(Refusal::Agent { agent: agent.clone(), generation, at: now });
            }
            Revoked::Session { session, .. } => {
                self.refusals
                    .retain(|refusal| !matches!(refusal, Refusal::Session { session: it, .. } if it == session));
                self.refusals.push(Refusal::Session { session: session.clone(), at: now });
            }
            Revoked::Visitor { .. } => {}
        }
    }
}

/// A revocation that some Rooms have not confirmed: one row, whatever their number, until all of them have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Who.
    pub revoked: Revoked,
    /// Rooms that have yet to confirm. On disk all of them: telling one twice does no harm.
    pub waiting: BTreeSet<ConversationId>,
}

/// Whom a revocation is about; a later one about the same takes its place.
pub fn subject(revoked: &Revoked) -> String {
    match revoked {
        Revoked::Agent { agent, .. } => agent.to_string(),
        Revoked::Session { session, .. } => session.to_string(),
        Revoked::Visitor { visitor, .. } => visitor.to_string(),
    }
}
