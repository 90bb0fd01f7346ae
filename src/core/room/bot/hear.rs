//! What the bot hears: from the Desk which bot there is, from the visitor what it is to judge.

use super::{Question, Stage, is_late, phase};
use crate::{
    core::{
        bot::dialogue::{Phase, Reason},
        error::Code,
        id::Entropy,
        internal::{BotNotice, BotTerms, Status},
        limits::{BOT_LATE, BOT_OWED, BOT_PATIENCE},
        port::SqlError,
        room::{
            Room,
            effect::{Answer, Call, Effects},
            entry::{Body, Entry},
        },
        time::Timestamp,
    },
    sql::room::RoomStore,
};

impl Room {
    /// It has changed.
    pub(in crate::core::room) fn bot_changed(
        &mut self,
        notice: BotNotice,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let is_ours = self.record.as_ref().is_some_and(|record| record.workspace == notice.workspace);
        if is_ours {
            self.learn_bot(Some(notice.terms));
            self.leave_to_people(now, entropy, fx);
            // It sleeps without an alarm since before the bot's conversations ended by themselves: the Desk's answer sets one.
            if self.is_pending() && self.idle.is_none() {
                self.desk.mark(false);
            }
        }
        fx.answer(Answer::Told(if is_ours { Ok(()) } else { Err(Code::NotFound) }));
    }

    /// Takes what is not older than what is known.
    pub(in crate::core::room) fn learn_bot(&mut self, terms: Option<BotTerms>) {
        let known = self.bot.terms.as_ref().map_or(0, |known| known.version);
        if let Some(terms) = terms.filter(|terms| terms.version >= known) {
            self.bot.terms = Some(terms);
        }
    }

    /// The Desk has answered a notice: whose the conversation is, is known from now on.
    pub(in crate::core::room) fn bot_decided(
        &mut self,
        begins: bool,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let is_on = self.bot.is_on();
        let Some(record) = &mut self.record else { return };
        let was_undecided = std::mem::take(&mut record.undecided);
        if begins && is_on && was_undecided && phase(record) == Phase::Queued {
            record.status = Status::Pending;
            record.resolved_at = None;
            record.hand_to = None;
            record.hand_level = 0;
            self.bot.asked = 0;
            self.save_record(now, fx);
            self.tell_state(now, fx);
        } else if begins {
            // Meanwhile it is people's, or there is no bot any more. The Desk has it in no line and must hear so.
            self.save_record(now, fx);
            self.desk.mark(true);
        }
        self.leave_to_people(now, entropy, fx);
    }

    /// Where there is no bot (any more) nobody waits for one, unless the Desk has yet to say so. What it has answered stays answered.
    fn leave_to_people(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        if self.bot.is_on() || self.is_undecided() {
            return;
        }
        self.cut_short(now, entropy, fx);
        let is_owed = !self.bot.owed.is_empty();
        self.bot.clear();
        if is_owed && self.is_pending() {
            self.hand_over(None, Reason::Off, String::new(), now, entropy, fx);
        }
    }

    /// The visitor has written something, which is about to be on disk.
    pub(in crate::core::room) fn bot_hears(
        &mut self,
        entry: &Entry,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        self.bot.heard(entry.seq, entry.at);
        let phase = self.phase();
        // Which bot there is comes with the next answer of the Desk, if this machine has had none.
        let is_known = self.bot.terms.is_some() || !self.desk.is_unsure();
        // Whose it is may be the Desk's to say: it may be the bot's though it names whoever had it, and though there was none.
        let is_theirs = phase == Phase::Silent || phase == Phase::Queued && is_known && !self.bot.is_on();
        if is_theirs && !self.is_undecided() {
            return;
        }
        self.bot.owed.push_back(entry.seq);
        if is_known {
            self.leave_to_people(now, entropy, fx);
        }
        if self.bot.owed.front() == Some(&entry.seq) && self.may_ask(now) {
            self.ask_bot(entry.seq, &entry.body, now, fx);
        }
    }

    /// There is a bot, it is said to be its turn, and nothing else is being judged. Sees to it that it will be so.
    fn may_ask(&mut self, now: Timestamp) -> bool {
        if self.phase() == Phase::Pending && matches!(self.bot.stage, Stage::Idle) {
            self.bot.stage = Stage::Awaiting(now);
            if !self.bot.is_on() {
                self.desk.mark(true);
            }
        }
        let is_free = matches!(self.bot.stage, Stage::Idle | Stage::Awaiting(_));
        is_free && self.bot.is_on() && !self.is_undecided()
    }

    fn ask_bot(&mut self, seq: u64, body: &Body, now: Timestamp, fx: &mut Effects) {
        let phase = self.phase();
        let (Some(record), Some(terms)) = (&self.record, &self.bot.terms) else { return };
        let (text, choice) = match body {
            Body::Text(text) => (text.clone(), String::new()),
            Body::Choice(offer) => (offer.text.clone(), offer.chosen.clone()),
            Body::Activity(_) | Body::Unread(_) => return,
        };
        self.bot.stage = Stage::Judging(now);
        fx.call(Call::AskBot(Box::new(Question {
            workspace: record.workspace.clone(),
            site: record.site.clone(),
            conversation: record.conversation.clone(),
            seq,
            text,
            choice,
            locale: record.profile.locale.clone(),
            phase,
            asked: self.bot.asked,
            form: self.bot.form.clone(),
            visitor: record.visitor.clone(),
            subject: record.signed(seq),
            log_epoch: record.log_epoch,
            is_too_often: self.bot.is_too_often(now),
            terms: terms.clone(),
        })));
    }

    /// After every input: asks what is to be asked, and gives up what takes too long.
    pub(in crate::core::room) fn pump_bot(
        &mut self,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(first) = self.bot.owed.front().copied() else { return Ok(()) };
        let phase = self.phase();
        if phase == Phase::Silent && !self.is_undecided() {
            if self.record.as_ref().is_some_and(|record| record.blocked) {
                // Who is let in again is answered then.
                self.bot.stage = Stage::Idle;
            } else {
                self.bot.clear();
            }
            return Ok(());
        }
        if let Some(record) = &self.record {
            self.bot.take_up(record);
        }
        let is_over = match self.bot.stage {
            Stage::Acting(_) => {
                self.pump_action(now, entropy, fx);
                return Ok(());
            }
            Stage::Writing(_) if self.bot.owed.len() <= BOT_OWED => {
                self.pump_writing(now, entropy, fx);
                return Ok(());
            }
            Stage::Awaiting(since) | Stage::Judging(since) => is_late(since, BOT_PATIENCE, now),
            Stage::Idle | Stage::Writing(_) => false,
        };
        if is_over || self.bot.owed.len() > BOT_OWED {
            match phase {
                Phase::Pending => {
                    let last = self.bot.owed.back().copied();
                    self.cut_short(now, entropy, fx);
                    self.fail(last, now, entropy, fx);
                }
                Phase::Queued | Phase::Silent => self.bot.next(),
            }
            return Ok(());
        }
        if !self.may_ask(now) {
            return Ok(());
        }
        // One of this input is not in the store yet, and was asked about.
        let Some(entry) = store.public_after(first - 1, 1)?.pop().filter(|entry| entry.seq == first) else {
            return Ok(());
        };
        if phase == Phase::Queued && is_late(entry.at, BOT_LATE, now) {
            self.bot.next();
            return Ok(());
        }
        self.ask_bot(first, &entry.body, now, fx);
        Ok(())
    }

    /// When the bot has taken too long, or is to try again.
    pub(in crate::core::room) fn bot_due(&self) -> Option<Timestamp> {
        match &self.bot.stage {
            Stage::Idle => None,
            Stage::Awaiting(since) | Stage::Judging(since) => Some(since.plus(BOT_PATIENCE)),
            Stage::Acting(acting) => acting.due(),
            Stage::Writing(writing) => Some(writing.due()),
        }
    }
}
