//! What a language model writes for the bot. It is shown while it grows, and it is no entry of the log before it is done: then it is one
//! message, like any other of the bot's, and that takes its place. So nothing that has a number ever changes, and whoever knows no growing
//! messages misses none.
//!
//! The message that it answers stays the first that is owed, as with actions. Before the model is asked, that it was is on disk: it bounds
//! how often, whatever crashes. A process that dies forgets what was written, and the next one asks again. Whatever takes the conversation
//! from the bot ends it: what was shown becomes a message that says that it was cut off, and the rest is dropped.

use super::{BotLink, Stage, is_late};
use crate::core::{
    bot::{
        consult::{CUT_OFF, Consult},
        dialogue::{Decision, Language, Phase},
        turn::Turn,
    },
    id::{ConversationId, Entropy, SiteId, WorkspaceId},
    limits::{CONSULT_CHARS, CONSULT_PATIENCE, CONSULT_SILENCE, CONSULTS_PER_HOUR},
    protocol::wire::{self, server_frame},
    room::{
        Room,
        effect::{Call, Effects},
        entry::Offer,
        record::Consulted,
    },
    time::{DAY, HOUR, Timestamp},
};

/// A model is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultCall {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Whose visitor it is.
    pub site: SiteId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message that is answered.
    pub seq: u64,
    /// When it was decided. A call of a machine that was dropped is another one.
    pub at: Timestamp,
    /// What is asked.
    pub consult: Consult,
}

/// A model writes.
#[derive(Debug)]
pub(super) struct Writing {
    since: Timestamp,
    /// When it last gave a sign of life.
    heard_at: Timestamp,
    /// What is done if nothing comes of it.
    otherwise: Decision,
    turn: Turn,
    language: Language,
}

/// What clients have been told of a message that grows.
#[derive(Debug)]
pub(super) struct Shown {
    /// The message that it answers.
    to: u64,
    text: String,
}

impl Shown {
    /// Nothing yet, or nothing that is remembered.
    pub(super) fn nothing(to: u64) -> Self {
        Shown { to, text: String::new() }
    }

    /// There are words.
    pub(super) fn is_something(&self) -> bool {
        !self.text.is_empty()
    }
}

impl Writing {
    /// When it has taken too long.
    pub(super) fn due(&self) -> Timestamp {
        self.heard_at.plus(CONSULT_SILENCE).min(self.since.plus(CONSULT_PATIENCE))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        is_late(self.heard_at, CONSULT_SILENCE, now) || is_late(self.since, CONSULT_PATIENCE, now)
    }
}

impl BotLink {
    /// Whatever a model has yet to write is of no use any more.
    fn stop_writing(&mut self) -> Option<Writing> {
        if !matches!(self.stage, Stage::Writing(_)) {
            return None;
        }
        let Stage::Writing(writing) = std::mem::take(&mut self.stage) else { return None };
        Some(*writing)
    }
}

impl Room {
    /// What a model writes about a message, asked then, is of use yet. Whatever takes the conversation from the bot ends the writing with the
    /// same input (`pump_writing`).
    pub fn wants(&self, seq: u64, at: Timestamp) -> bool {
        let is_asked = matches!(&self.bot.stage, Stage::Writing(writing) if writing.since == at);
        is_asked && self.bot.owed.front() == Some(&seq)
    }

    /// The bot has decided to ask a model. Nothing leaves before that is on disk.
    pub(super) fn consult(
        &mut self,
        seq: u64,
        (consult, otherwise): (Consult, Decision),
        turn: Turn,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let Some(record) = &mut self.record else { return };
        record.consulted.retain(|one| (0..HOUR).contains(&now.since(one.at)));
        let today = now.0.div_euclid(DAY);
        let so_far = record.consulted_on.filter(|(day, _)| *day == today).map_or(0, |(_, often)| often);
        if record.consulted.len() >= CONSULTS_PER_HOUR || so_far >= consult.calls_per_conversation {
            return self.bot_says(seq, Some(otherwise), Turn { stood_in: true, ..turn }, now, entropy, fx);
        }
        record.consulted.push(Consulted { to: seq, at: now });
        record.consulted_on = Some((today, so_far.saturating_add(1)));
        let language = consult.language;
        fx.call(Call::Consult(Box::new(ConsultCall {
            workspace: record.workspace.clone(),
            site: record.site.clone(),
            conversation: record.conversation.clone(),
            seq,
            at: now,
            consult,
        })));
        self.bot.stage = Stage::Writing(Box::new(Writing { since: now, heard_at: now, otherwise, turn, language }));
        self.save_record_quietly(fx);
    }

    /// All that may be shown so far of what the model writes: nothing yet is a sign of life, too.
    pub(in crate::core::room) fn bot_grows(
        &mut self,
        (seq, at): (u64, Timestamp),
        text: &str,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        if !self.wants(seq, at) {
            return;
        }
        let Stage::Writing(writing) = &mut self.bot.stage else { return };
        writing.heard_at = now;
        let shown = self.bot.shown.get_or_insert_with(|| Shown::nothing(seq));
        if text == shown.text || text.chars().count() > CONSULT_CHARS {
            return;
        }
        // What does not go on takes the place of all that was shown: that had been thoughts.
        let goes_on = text.strip_prefix(shown.text.as_str());
        let (offset, more) = goes_on.map_or((0, text), |more| (shown.text.chars().count(), more));
        let grow = wire::Grow { to: seq, offset: offset as u64, text: more.to_owned() };
        text.clone_into(&mut shown.text);
        fx.send(self.everyone(None, now), server_frame::Frame::Grow(grow));
    }

    /// The model has written all that it has to say, or none: nothing came of it.
    pub(in crate::core::room) fn bot_wrote(
        &mut self,
        (seq, at): (u64, Timestamp),
        decision: Option<Decision>,
        turn: Turn,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        if !self.wants(seq, at) {
            return;
        }
        // Of an answer that broke off there is what was known of it. So what is shown was none.
        if decision.is_none() && self.phase() == Phase::Pending {
            return self.model_fails(now, entropy, fx);
        }
        self.follow(seq, decision, turn, now, entropy, fx);
    }

    /// For whoever comes in the middle.
    pub(in crate::core::room) fn growing(&self) -> String {
        self.bot.shown.as_ref().map(|shown| shown.text.clone()).unwrap_or_default()
    }

    /// What follows if the model says nothing, or nothing more.
    pub(super) fn pump_writing(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Stage::Writing(writing) = &self.bot.stage else { return };
        if self.phase() != Phase::Pending {
            self.bot.next();
        } else if writing.is_over(now) {
            self.cut_short(now, entropy, fx);
            self.model_fails(now, entropy, fx);
        }
    }

    /// The model has not answered: the rules go on without it.
    pub(super) fn model_fails(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Some(to) = self.bot.owed.front().copied() else { return };
        if let Some(Writing { otherwise, turn, .. }) = self.bot.stop_writing() {
            self.bot_says(to, Some(otherwise), Turn { stood_in: true, ..turn }, now, entropy, fx);
        }
    }

    /// The conversation is about to be somebody else's, or nothing more comes: what was shown becomes a message, as it is.
    pub(in crate::core::room) fn cut_short(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Some(Shown { to, text }) = self.bot.shown.take_if(|shown| !shown.text.is_empty()) else { return };
        let Some(Writing { turn, language, .. }) = self.bot.stop_writing() else { return };
        self.bot.next();
        // It was made for what the rules would have done. What the model named has gone with its marks.
        self.bot.turn = Turn { intent: String::new(), ..turn };
        self.bot.asked = 0;
        let text = text + CUT_OFF.in_language(language);
        self.bot_writes(to, Offer { text, ..Offer::default() }, Phase::Pending, now, entropy, fx);
    }

    /// What the model has written, or what the rules made of it; its turn is that of the message.
    pub(super) fn written(&mut self, said: Turn) -> Turn {
        match self.bot.stop_writing() {
            Some(writing) => Turn { intent: said.intent, ..writing.turn },
            None => said,
        }
    }

    /// After every input: what is shown and neither grows nor has become a message is shown no more.
    pub(in crate::core::room) fn hide_dropped(&mut self, now: Timestamp, fx: &mut Effects) {
        if matches!(self.bot.stage, Stage::Writing(_)) {
            return;
        }
        if let Some(Shown { to, .. }) = self.bot.shown.take() {
            let grow = wire::Grow { to, ..wire::Grow::default() };
            fx.send(self.everyone(None, now), server_frame::Frame::Grow(grow));
        }
    }
}
