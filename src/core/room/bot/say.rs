//! What comes of a message that was judged: an answer, a question back, or people.

use super::{Stage, answer_to};
use crate::core::{
    bot::{
        dialogue::{Decision, Phase, Reason, hand_over, language_of},
        turn::{Did, Turn},
    },
    id::Entropy,
    internal::Status,
    protocol::wire::{activity, agent_frame},
    room::{
        Room,
        activity::Detail,
        effect::Effects,
        entry::{Author, Body, Offer},
    },
    time::Timestamp,
};

impl Room {
    /// The bot has judged a message, or could not.
    pub(in crate::core::room) fn bot_says(
        &mut self,
        seq: u64,
        decision: Option<Decision>,
        turn: Turn,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        // Asked again, it answers again; what is given up, or was taken over, is owed no more; and what waits for somebody else was judged.
        // Nor is anything said to whoever is blocked.
        let waits = matches!(self.bot.stage, Stage::Acting(_) | Stage::Writing(_));
        if self.bot.owed.front() == Some(&seq) && !waits && self.phase() != Phase::Silent {
            self.follow(seq, decision, turn, now, entropy, fx);
        }
    }

    /// Does what was decided about the message that is owed an answer first.
    pub(super) fn follow(
        &mut self,
        seq: u64,
        decision: Option<Decision>,
        turn: Turn,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let phase = self.phase();
        let decision = match (phase, decision) {
            (Phase::Pending, Some(Decision::Consult { consult, otherwise })) => {
                return self.consult(seq, (*consult, *otherwise), turn, now, entropy, fx);
            }
            // The message stays owed until the owner's system has answered, and what is written meanwhile waits behind it.
            (Phase::Pending, Some(Decision::Act(action))) => return self.act(seq, action, turn, now, entropy, fx),
            (_, decision) => decision,
        };
        self.bot.turn = self.written(turn);
        self.bot.next();
        match (phase, decision) {
            (Phase::Silent, _) => self.bot.clear(),
            (_, Some(Decision::Answer { text, choices, image })) => {
                self.bot.asked = 0;
                self.bot.turn.image = image;
                self.bot_writes(seq, Offer { text, choices, ..Offer::default() }, phase, now, entropy, fx);
            }
            // The visitor has gone on meanwhile: their next message says what they mean.
            (Phase::Pending, Some(Decision::Ask { .. })) if seq < self.bot.newest => {}
            (Phase::Pending, Some(Decision::Ask { text, choices })) => {
                self.bot.asked = self.bot.asked.saturating_add(1);
                let offer = Offer { text, choices, asked: self.bot.asked, ..Offer::default() };
                self.bot_writes(seq, offer, phase, now, entropy, fx);
            }
            // What was written before the question was there is no wrong reply to it.
            (Phase::Pending, Some(Decision::Fill { form, .. })) if form.wrong > 0 && seq < self.bot.newest => {}
            (Phase::Pending, Some(Decision::Fill { text, form })) => {
                self.bot.asked = 0;
                self.bot_writes(seq, Offer { text, form: Some(form), ..Offer::default() }, phase, now, entropy, fx);
            }
            (Phase::Pending, Some(Decision::Handoff { reason, text, image, form, to })) => {
                self.bot.turn.image = image;
                if let Some(record) = &mut self.record {
                    (record.hand_to, record.hand_level) = (to.team, to.level);
                }
                self.bot.form = form.or(self.bot.form.take());
                self.hand_over(Some(seq), reason, text, now, entropy, fx);
            }
            (Phase::Pending, Some(Decision::Silent | Decision::Act(_) | Decision::Consult { .. }) | None) => {
                self.fail(Some(seq), now, entropy, fx)
            }
            (Phase::Queued, _) => {}
        }
    }

    pub(super) fn bot_writes(
        &mut self,
        seq: u64,
        offer: Offer,
        phase: Phase,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let is_strangers = self.record.as_ref().is_some_and(|record| record.is_strangers(seq));
        self.bot.form = offer.form.clone().filter(|_| !is_strangers);
        let did = if offer.asked == 0 { Did::Answered } else { Did::Asked };
        // Of a form that message is a turn which began it, and the one that hands it over. What it leads to is kept as a reply, for the visitor
        // may say whether that helped; its further questions, and leaving it, are nothing of their own.
        let tags = std::mem::take(&mut self.bot.turn.tags);
        let is_kept = |turn: &Turn| !turn.is_reply || offer.form.is_none() && !turn.intent.is_empty();
        let turn = self.bot.turn(seq, did, "").filter(is_kept);
        let body = Body::Choice(Box::new(Offer { turn, ..offer }));
        let entry = self.append(Author::Bot, answer_to(seq), body, now, entropy, fx);
        self.bot.shown = None;
        self.fan_out(None, &entry, now, fx);
        if self.put_on(tags, now, fx) {
            self.save_record(now, fx);
        }
        if phase == Phase::Pending {
            self.bot.answered = seq;
            self.summary.answered_by_bot(seq, entry.seq, now);
            self.desk.mark(false);
        }
    }

    /// The bot can't: it says so itself, in the visitor's language as far as that is known.
    pub(super) fn fail(&mut self, seq: Option<u64>, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        self.bot.turn = Turn::default();
        let locale = self.record.as_ref().map_or("", |record| record.profile.locale.as_str());
        if let Decision::Handoff { reason, text, .. } = hand_over(Reason::Failed, language_of("", locale)) {
            self.hand_over(seq, reason, text, now, entropy, fx);
        }
    }

    /// People take over, with everything said so far.
    pub(in crate::core::room) fn hand_over(
        &mut self,
        seq: Option<u64>,
        reason: Reason,
        text: String,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        if let Some(seq) = seq.filter(|_| !text.trim().is_empty()) {
            let tags = std::mem::take(&mut self.bot.turn.tags);
            let turn = self.bot.turn(seq, Did::HandedOver, reason.name());
            let body = Body::Choice(Box::new(Offer { text, turn, ..Offer::default() }));
            let entry = self.append(Author::Bot, answer_to(seq), body, now, entropy, fx);
            self.bot.shown = None;
            self.fan_out(None, &entry, now, fx);
            self.put_on(tags, now, fx);
        }
        self.bot.stage = Stage::Idle;
        self.bot.owed.retain(|owed| Some(*owed) > seq);
        let detail = Some(Detail::Reason(reason.name().to_owned()));
        self.append_private_activity(activity::Kind::HandedOver, None, None, detail, now, entropy, fx);
        self.leave_bot();
        self.tell_collected(now, entropy, fx);
        self.save_record(now, fx);
        self.tell_state(now, fx);
    }

    /// It is not the bot's any more: the form ends, and agents read what it has collected.
    pub(in crate::core::room) fn tell_collected(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        if self.is_pending() {
            return;
        }
        let Some(form) = self.bot.form.take().filter(|form| !form.values.is_empty()) else { return };
        let note = self.append_private(Author::Bot, String::new(), Body::Text(form.listed()), now, entropy, fx);
        fx.send_private(self.agents(None, now), agent_frame::Frame::PrivateMessage(note.message(false)));
    }

    /// It is not the bot's any more. Whoever calls this writes the record.
    pub(in crate::core::room) fn leave_bot(&mut self) {
        let Some(record) = self.record.as_mut() else { return };
        record.undecided = false;
        record.action = None;
        if record.status == Status::Pending {
            record.status = Status::Open;
            record.handled = record.handled.max(self.bot.answered);
        }
    }
}
