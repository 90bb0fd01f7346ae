//! What lists show of a conversation: its last message, what no agent has read, and since when the visitor waits.
//! Made from the newest entries on waking, as far back as it takes; nothing of it is stored.

use std::collections::VecDeque;

use super::entry::Entry;
use crate::core::{
    limits::{BOT_OWED, UNREAD_MAX},
    time::Timestamp,
};

/// A message of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// An agent wrote it.
    pub is_agents: bool,
}

/// What lists show of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// First characters of the last message.
    pub last_text: String,
    /// Who wrote it.
    pub last_sender: String,
    /// When something was last written; never goes back, whatever the clock does.
    pub last_at: Timestamp,
    /// Numbers of the visitor's messages that no agent has read or answered, the newest `UNREAD_MAX` of them, in order.
    pub(super) unread: VecDeque<u64>,
    /// The visitor's messages that nobody has answered, and when they were written: the first one, and as many of the newest as a bot
    /// may owe, for it answers one by one.
    waiting: VecDeque<(u64, Timestamp)>,
    /// The newest message of a visitor or agent.
    pub last_word: Option<Word>,
    /// The bot's newest answer, while the conversation is its own.
    pub bot_word: Option<Word>,
}

impl Summary {
    /// Something was written.
    pub fn wrote(&mut self, at: Timestamp) {
        self.last_at = self.last_at.max(at);
    }

    /// The newest message.
    pub fn show(&mut self, entry: &Entry) {
        if let Some(preview) = entry.body.preview() {
            self.last_text = preview;
            entry.author.kind().clone_into(&mut self.last_sender);
        }
    }

    /// The visitor wrote `seq`, which is greater than all before.
    pub fn asked(&mut self, seq: u64, at: Timestamp) {
        self.unread.push_back(seq);
        if self.unread.len() > UNREAD_MAX {
            self.unread.pop_front();
        }
        self.waiting.push_back((seq, at));
        if self.waiting.len() > BOT_OWED + 2 {
            self.waiting.remove(1);
        }
        self.last_word = Some(Word { seq, at, is_agents: false });
    }

    /// An agent has read everything up to `seq`. Says whether that changed anything.
    pub fn read(&mut self, seq: u64) -> bool {
        let before = self.unread.len();
        self.unread.retain(|unread| *unread > seq);
        self.unread.len() != before
    }

    /// An agent wrote `seq`: everything before it is answered.
    pub fn answered(&mut self, seq: u64, at: Timestamp) {
        self.done(seq);
        self.last_word = Some(Word { seq, at, is_agents: true });
    }

    /// The bot, whose the conversation is, wrote `seq` in answer to a message: those up to that one are answered.
    pub fn answered_by_bot(&mut self, answered: u64, seq: u64, at: Timestamp) {
        self.done(answered);
        self.bot_word = Some(Word { seq, at, is_agents: true });
    }

    /// Everything up to `seq` is answered, or put aside as done.
    pub fn done(&mut self, seq: u64) {
        self.read(seq);
        self.waiting.retain(|(waiting, _)| *waiting > seq);
    }

    /// When the visitor wrote the first message that nobody has answered.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.waiting.front().map(|(_, at)| *at)
    }

    /// How many messages no agent has read or answered.
    pub fn unread(&self) -> u64 {
        self.unread.len() as u64
    }
}
