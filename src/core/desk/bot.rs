//! Which bot there is, and which conversations it begins with. Rooms hear the former with every answer to a notice, and those in which
//! it may speak when it changes, as with the time that they may stand still ([`super::idle`]).
//!
//! A conversation that has just begun is the bot's, and one that its visitor opens again, unless it is still with the agent
//! who had it, or its visitor replies to an agent. What waits for people already when the bot is switched on goes on waiting for them. A conversation of the bot's is in
//! no line and rings at nobody; agents see it in the list and may claim it.

use super::{
    Desk,
    claims::Decision,
    conversation::{Conversation, Order},
    effect::{Answer, Call, Effects},
    outbound::Word,
};
use crate::core::{
    error::Code,
    id::{ConversationId, TeamId},
    internal::{BotNotice, RoomNotice, Status},
    time::{HOUR, Timestamp},
};

impl Desk {
    /// It has changed. An older state changes nothing.
    pub(super) fn bot_changed(&mut self, notice: BotNotice, now: Timestamp, fx: &mut Effects) {
        let verdict = if notice.workspace != self.workspace {
            Err(Code::NotFound)
        } else {
            if notice.terms.version > self.bot_version() {
                self.record.bot = Some(notice.terms);
                self.record.bot_untold = true;
                self.save_record(fx);
                self.tell_bot_to_all(now);
            }
            Ok(())
        };
        fx.answer(Answer::Done(verdict));
    }

    fn bot_version(&self) -> u64 {
        self.record.bot.as_ref().map_or(0, |terms| terms.version)
    }

    /// Whether a conversation of which a Room says how it stands is the bot's from now on.
    pub(super) fn bot_begins(&self, notice: &RoomNotice, now: Timestamp) -> bool {
        let is_on = self.record.bot.as_ref().is_some_and(|terms| terms.on);
        // Who has left an address waits for people to write there.
        let has_left = notice.reply_to.as_ref().is_some_and(|address| !address.is_empty());
        if !is_on || has_left || !notice.undecided || notice.status != Status::Open {
            return false;
        }
        let entry = self.list.entries.get(&notice.conversation).map(|entry| &entry.stored);
        // What the system took from somebody is nobody's, though the Room has yet to hear so.
        let is_taken = |it: &Conversation| {
            let by_people = |order: &Order| order.actor.is_some() || !order.team.is_empty();
            it.assignee.is_some() || it.order.as_ref().is_none_or(by_people)
        };
        let is_behind = entry.is_some_and(|it| {
            notice.rev < it.notice_rev || notice.assignment_epoch < it.assignment_epoch && is_taken(it)
        });
        // One that waits for people already is theirs. Said before, it is said again: the answer was lost.
        let is_new = entry.is_none_or(|it| matches!(it.status, Status::Resolved | Status::Pending));
        let is_theirs = (notice.assignee.is_some() || notice.is_reply)
            && notice
                .resolved_at
                .is_none_or(|since| now.since(since) < i64::from(self.record.routing.reopen_hours) * HOUR);
        is_new && !is_behind && !is_theirs
    }

    /// What the bot hands over waits for the team that its intent or the bot itself names, unless people have named one.
    /// `was_pending`: before this notice.
    pub(super) fn settle_handed_over(
        &mut self,
        id: &ConversationId,
        named: Option<&TeamId>,
        was_pending: bool,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let (Some(entry), Some(terms)) = (self.list.entries.get(id), &self.record.bot) else { return };
        let stored = &entry.stored;
        let is_owed = was_pending && !stored.handed;
        let waits = stored.status == Status::Open && stored.assignee.is_none() && stored.order.is_none();
        // One that is gone takes nothing over.
        let known = |team| self.roster.team(team);
        let team = named.and_then(known).or_else(|| terms.team.as_ref().and_then(known));
        let Some(team) = team.filter(|team| is_owed && waits && stored.team.as_ref() != Some(&team.id)) else {
            return;
        };
        let order = Order { reason: "handed_over".to_owned(), team: team.name.clone(), ..Order::default() };
        let decision = Decision { order, team: Some(team.id.clone()), ..Decision::default() };
        self.decide(id, decision, now, fx);
    }

    /// Every Room in which the bot may speak is to hear it.
    pub(super) fn tell_bot_to_all(&mut self, now: Timestamp) {
        let may_speak = |status| matches!(status, Status::Pending | Status::Open);
        for entry in self.list.entries.values().filter(|entry| may_speak(entry.stored.status)) {
            self.bot_words.want(bot_of(&entry.stored.id), now);
        }
    }

    /// Tells the next Rooms, and forgets the mark when all know.
    pub(super) fn tell_bot(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(terms) = &self.record.bot else { return };
        while let Some((_, conversation)) = self.bot_words.next(now) {
            let notice = BotNotice { workspace: self.workspace.clone(), terms: terms.clone() };
            fx.call(Call::TellBot { conversation, notice });
        }
        if self.record.bot_untold && self.bot_words.is_empty() {
            self.record.bot_untold = false;
            self.save_record(fx);
        }
    }

    /// A Room knows, or could not be reached.
    pub(super) fn bot_told(&mut self, conversation: &ConversationId, version: u64, heard: bool, now: Timestamp) {
        let word = bot_of(conversation);
        match (heard, version >= self.bot_version()) {
            (false, _) => self.bot_words.later(&word, now),
            // It has changed again meanwhile.
            (true, false) => self.bot_words.again(&word, now),
            (true, true) => self.bot_words.done(&word),
        }
    }
}

fn bot_of(conversation: &ConversationId) -> Word {
    (String::new(), conversation.clone())
}
