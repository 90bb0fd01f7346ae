//! Follow-up: open conversations whose visitor does not wait in a line. Nobody is asked for them, and they ring at nobody;
//! agents see them in a list of their own, oldest first, and claim.
//!
//! ```text
//!             leaves an e-mail address · is gone for `follow_up_seconds`
//!     waiting ──────────────────────────────────────────────────────────► follow-up ──claim──► answered
//!        ▲                                                                    │
//!        └──── at the old place ──── writes again · is back ◄─────────────────┘
//! ```
//!
//! What follows from stored fields alone (`reply_to`, which the Room says, and `is_gone`) survives whatever the Desk does;
//! the place in the queue is kept meanwhile.

use super::{
    Desk,
    claims::Decision,
    conversation::{Entry, Order},
    effect::Effects,
    list::Told,
};
use crate::core::{
    id::ConversationId,
    internal::Status,
    protocol::wire,
    time::{SECOND, Timestamp},
};

/// Why a conversation is no longer in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUp {
    /// The visitor has left an e-mail address.
    Email,
    /// The visitor has gone.
    Gone,
}

impl FollowUp {
    /// On the wire.
    pub fn wire(self) -> wire::FollowUp {
        match self {
            FollowUp::Email => wire::FollowUp::Email,
            FollowUp::Gone => wire::FollowUp::Gone,
        }
    }
}

impl Entry {
    /// Nobody has it, and its visitor does not wait.
    pub fn follow_up(&self) -> Option<FollowUp> {
        let stored = &self.stored;
        if stored.status != Status::Open || stored.assignee.is_some() {
            return None;
        }
        if !stored.reply_to.is_empty() {
            return Some(FollowUp::Email);
        }
        stored.is_gone.then_some(FollowUp::Gone)
    }

    /// Takes down since when the visitor is gone, while that matters: until somebody has answered. What a Desk that has slept does
    /// not know stays as it was.
    pub(super) fn note_presence(&mut self, now: Timestamp) {
        let stored = &mut self.stored;
        let is_owed = stored.status == Status::Open && (stored.assignee.is_none() || stored.ring_until.is_some());
        match self.preview.as_ref().map(|preview| preview.visitor_online) {
            Some(false) if is_owed => drop(stored.gone_since.get_or_insert(now)),
            None if is_owed => {}
            Some(_) | None => (stored.gone_since, stored.is_gone) = (None, false),
        }
    }
}

impl Desk {
    /// Who has left an address is not to be rung for any more.
    pub(super) fn settle_left(&mut self, id: &ConversationId, now: Timestamp, fx: &mut Effects) {
        let rings = |entry: &&Entry| !entry.stored.reply_to.is_empty() && entry.stored.ring_until.is_some();
        if self.list.entries.get(id).filter(rings).is_some() {
            let order = Order { reason: "left_email".to_owned(), ..Order::default() };
            self.decide(id, Decision { order, ..Decision::default() }, now, fx);
        }
    }

    /// Who has been gone for too long leaves the line.
    pub(super) fn turn_gone(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(patience) = self.gone_patience() else { return };
        for id in self.router.loads.gone_since(now.plus(-patience)) {
            let Some(entry) = self.list.entries.get_mut(&id) else { continue };
            entry.stored.is_gone = true;
            self.list.tell(&id, Told::Transition, now);
            self.store(&id, now, fx);
        }
    }

    /// When the next one has.
    pub(super) fn gone_due(&self) -> Option<Timestamp> {
        let patience = self.gone_patience()?;
        Some(self.router.loads.first_gone()?.plus(patience))
    }

    pub(super) fn gone_patience(&self) -> Option<i64> {
        let seconds = i64::from(self.record.routing.follow_up_seconds);
        (seconds > 0).then_some(seconds * SECOND)
    }
}
