//! How long conversations may stand still. Rooms see to that ([`crate::core::room`]); they hear it with every answer to a
//! notice. One that stands still gives none, so when it changes every open Room is told, until each has confirmed. That some have
//! yet to hear it is one mark on disk, not a row for each: a Desk that wakes tells all of them again, which changes nothing.

use super::{
    Desk,
    effect::{Call, Effects},
    outbound::Word,
};
use crate::core::{
    id::ConversationId,
    internal::{IdleNotice, IdleTerms, Status},
    time::Timestamp,
};

impl Desk {
    /// As the workspace wants it.
    pub(super) fn idle_terms(&self) -> IdleTerms {
        let routing = &self.record.routing;
        let (minutes, warning_minutes) = (routing.idle_minutes, routing.idle_warning_minutes);
        IdleTerms { version: self.record.routing_version, minutes, warning_minutes }
    }

    /// Every open Room is to hear it.
    pub(super) fn tell_idle_to_all(&mut self, now: Timestamp) {
        let may_end = |status| matches!(status, Status::Open | Status::Pending);
        for entry in self.list.entries.values().filter(|entry| may_end(entry.stored.status)) {
            self.idle_words.want(idle_of(&entry.stored.id), now);
        }
    }

    /// Tells the next Rooms, and forgets the mark when all know.
    pub(super) fn tell_idle(&mut self, now: Timestamp, fx: &mut Effects) {
        while let Some((_, conversation)) = self.idle_words.next(now) {
            let notice = IdleNotice { workspace: self.workspace.clone(), terms: self.idle_terms() };
            fx.call(Call::TellIdle { conversation, notice });
        }
        if self.record.idle_untold && self.idle_words.is_empty() {
            self.record.idle_untold = false;
            self.save_record(fx);
        }
    }

    /// A Room knows, or could not be reached.
    pub(super) fn idle_told(&mut self, conversation: &ConversationId, version: u64, heard: bool, now: Timestamp) {
        let word = idle_of(conversation);
        match (heard, version >= self.record.routing_version) {
            (false, _) => self.idle_words.later(&word, now),
            // It has changed again meanwhile.
            (true, false) => self.idle_words.again(&word, now),
            (true, true) => self.idle_words.done(&word),
        }
    }
}

fn idle_of(conversation: &ConversationId) -> Word {
    (String::new(), conversation.clone())
}
