//! Which attaches an attachment rests on, so that it goes when nothing came of any of them: an agent who knocks at
//! conversations that do not exist would otherwise fill the Desk with them, for no Room ever says that they are gone.
//!
//! Only of those that began in this memory, and only while no more than a few tabs have knocked: of any other it may be
//! that a socket stands open, and what is withdrawn too early would outlive a revocation (INV-13).

use litemap::LiteMap;

use crate::core::{
    id::{AgentId, ConversationId},
    limits::SOCKETS_PER_PARTICIPANT,
};

/// Attaches that have not been withdrawn, by what they began.
#[derive(Debug, Default)]
pub struct Knocks(LiteMap<(ConversationId, AgentId), Vec<u64>>);

impl Knocks {
    /// An attach was let through; `is_first`: nothing of the agent was attached there before.
    pub fn note(&mut self, conversation: &ConversationId, agent: &AgentId, knock: u64, is_first: bool) {
        let key = (conversation.clone(), agent.clone());
        if is_first {
            self.0.insert(key, vec![knock]);
        } else if let Some(knocks) = self.0.get_mut(&key) {
            // One without a name can't be told from others.
            let is_countable = knock != 0 && knocks.len() < SOCKETS_PER_PARTICIPANT && !knocks.contains(&knock);
            if is_countable {
                knocks.push(knock);
            } else {
                self.0.remove(&key);
            }
        }
    }

    /// Nothing came of one. True: that was the last, and nothing is attached any more.
    pub fn withdraw(&mut self, conversation: &ConversationId, agent: &AgentId, knock: u64) -> bool {
        let key = (conversation.clone(), agent.clone());
        let Some(knocks) = self.0.get_mut(&key).filter(|_| knock != 0) else { return false };
        let before = knocks.len();
        knocks.retain(|it| *it != knock);
        let was_last = knocks.len() < before && knocks.is_empty();
        if was_last {
            self.0.remove(&key);
        }
        was_last
    }

    /// The attachment has ended.
    pub fn forget(&mut self, conversation: &ConversationId, agent: &AgentId) {
        self.0.remove(&(conversation.clone(), agent.clone()));
    }

    /// All of an agent's have.
    pub fn forget_all_of(&mut self, agent: &AgentId) {
        self.0.retain(|(_, who), _| who != agent);
    }
}
