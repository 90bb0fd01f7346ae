//! The bot in a conversation: what it is asked, what comes of its answers, and when people take over.
//!
//! ```text
//!                  Desk: the bot begins                 hands over · an agent claims, answers or opens it
//!   (new, back) ────────────────────────► pending ─────────────────────────────────────────────────────► open
//!        │                                  │  ▲
//!        └──── there is no bot: as it is    └──┘  answers · asks back
//! ```
//!
//! The Desk says with every answer to a notice which bot there is, and to whom a conversation that has just begun belongs; where
//! it says nothing there is none, and nothing here happens. One message is judged at a time, outside of the Room, so answers come
//! in the order of the messages and what follows from one is known to the next. The answer to message `n` is called `bot-n`, so
//! however often it is asked, there is one (INV-2). What is owed follows from the log alone: a Room that was away looks for the
//! visitor's messages after the last one that was answered. Whoever fails or takes too long hands over (INV-6).

use std::collections::VecDeque;

use super::{
    Room,
    action::Acting,
    effect::{Call, Effects},
    entry::{Author, Body, Entry, Offer},
    record::Record,
};
use crate::{
    core::{
        bot::{
            dialogue::{Decision, Heard, Phase, Reason, hand_over, language_of},
            form::Form,
            turn::{Did, Turn},
        },
        error::Code,
        id::{ConversationId, Entropy, WorkspaceId},
        internal::{BotNotice, BotTerms, Status},
        limits::{BOT_LATE, BOT_OWED, BOT_PATIENCE},
        port::SqlError,
        protocol::wire::{activity, agent_frame},
        room::{activity::Detail, effect::Answer},
        time::Timestamp,
    },
    sql::room::RoomStore,
};

/// A message for the bot to judge, with all that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message's number; the answer carries it.
    pub seq: u64,
    /// What it says.
    pub text: String,
    /// The intent whose button was pressed; empty: none.
    pub choice: String,
    /// The visitor's, BCP 47.
    pub locale: String,
    /// Where the conversation stands.
    pub phase: Phase,
    /// Questions back since the last answer.
    pub asked: u8,
    /// The form that is being filled in.
    pub form: Option<Box<Form>>,
    /// Their site has signed who they are.
    pub verified: bool,
    /// Which bot.
    pub terms: BotTerms,
}

impl Question {
    /// As the dialogue hears it.
    pub fn heard(&self) -> Heard<'_> {
        let Question { text, choice, locale, phase, asked, form, verified, .. } = self;
        Heard { text, choice, locale, phase: *phase, asked: *asked, form: form.as_deref(), verified: *verified }
    }
}

/// What the Room knows of its bot.
#[derive(Debug, Default)]
pub struct BotLink {
    /// As the Desk said last.
    pub(super) terms: Option<BotTerms>,
    /// The visitor's messages that have yet to be judged, in order.
    pub(super) owed: VecDeque<u64>,
    /// The first of them is being judged, or the owner's system is asked about it.
    pub(super) is_asked: bool,
    /// Since when the first of them waits, as far as this machine knows.
    pub(super) since: Option<Timestamp>,
    /// The owner's system is asked about it.
    pub(super) acting: Option<Acting>,
    /// Questions back since the last answer.
    pub(super) asked: u8,
    /// The form that its last message asks for, or that its action is made with, while the conversation is its own.
    pub(super) form: Option<Box<Form>>,
    /// The visitor's newest message.
    pub(super) newest: u64,
    /// The last message that it has answered.
    pub(super) answered: u64,
    /// What it rests on that is about to be done.
    pub(super) turn: Turn,
}

impl BotLink {
    fn is_on(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.on)
    }

    /// While loading: an entry of the log, in order.
    pub(super) fn saw(&mut self, author: &str, client_id: &str, seq: u64) {
        match author {
            "visitor" => {
                self.newest = seq;
                self.owed.push_back(seq);
            }
            "bot" => {
                if let Some(answered) = answered_by(client_id) {
                    self.answered = self.answered.max(answered);
                    self.owed.retain(|owed| *owed > answered);
                }
            }
            _ => {}
        }
        while self.owed.len() > BOT_OWED {
            self.owed.pop_front();
        }
    }

    /// After loading: the log was seen, and this is the bot's last entry.
    pub(super) fn recall(&mut self, last: Option<&Entry>, record: &Record) {
        if let Some(Body::Choice(offer)) = last.filter(|entry| entry.seq > record.handled).map(|entry| &entry.body) {
            self.asked = offer.asked;
            self.form = offer.form.clone().filter(|_| phase(record) == Phase::Pending);
        }
        // What people have dealt with, or was resolved, is owed nothing.
        self.owed.retain(|owed| *owed > record.handled);
        match phase(record) {
            Phase::Pending => {}
            Phase::Queued if record.undecided => {}
            // Of whoever waits for a person nothing but the newest message is worth an answer.
            Phase::Queued => self.owed.retain(|owed| *owed == self.newest),
            Phase::Silent => self.owed.clear(),
        }
        // What was being asked when the last process ended is asked again; what was written before it had been passed over.
        if let Some(action) = record.action.as_ref().filter(|_| phase(record) == Phase::Pending) {
            self.owed.retain(|owed| *owed >= action.to);
            if self.owed.front() == Some(&action.to) {
                self.acting = Some(Acting::default());
                self.form = Some(action.form.clone());
            }
        }
    }

    pub(super) fn next(&mut self) {
        self.owed.pop_front();
        self.forget_call();
    }

    fn clear(&mut self) {
        self.owed.clear();
        self.forget_call();
    }

    /// What is kept of what it does about a message.
    fn turn(&mut self, to: u64, did: Did, reason: &str) -> Option<Turn> {
        Some(Turn { to, did, reason: reason.to_owned(), ..std::mem::take(&mut self.turn) })
    }

    fn forget_call(&mut self) {
        self.is_asked = false;
        self.since = None;
        self.acting = None;
    }
}

/// The message that an entry of the bot answers.
fn answered_by(client_id: &str) -> Option<u64> {
    client_id.strip_prefix("bot-")?.parse().ok()
}

fn answer_to(seq: u64) -> String {
    format!("bot-{seq}")
}

fn phase(record: &Record) -> Phase {
    match record.status {
        _ if record.muted || record.blocked || record.assignee.is_some() || !record.reply_to.is_empty() => {
            Phase::Silent
        }
        Status::Pending => Phase::Pending,
        Status::Open => Phase::Queued,
        Status::Snoozed | Status::Resolved => Phase::Silent,
    }
}

impl Room {
    pub(super) fn phase(&self) -> Phase {
        self.record.as_ref().map_or(Phase::Silent, phase)
    }

    fn is_undecided(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.undecided)
    }

    pub(super) fn is_pending(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.status == Status::Pending)
    }

    // ------------------------------------------------------------------------------------------- what the Desk says

    /// It has changed.
    pub(super) fn bot_changed(&mut self, notice: BotNotice, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let is_ours = self.record.as_ref().is_some_and(|record| record.workspace == notice.workspace);
        if is_ours {
            self.learn_bot(Some(notice.terms));
            self.leave_to_people(now, entropy, fx);
        }
        fx.answer(Answer::Told(if is_ours { Ok(()) } else { Err(Code::NotFound) }));
    }

    /// Takes what is not older than what is known.
    pub(super) fn learn_bot(&mut self, terms: Option<BotTerms>) {
        let known = self.bot.terms.as_ref().map_or(0, |known| known.version);
        if let Some(terms) = terms.filter(|terms| terms.version >= known) {
            self.bot.terms = Some(terms);
        }
    }

    /// The Desk has answered a notice: whose the conversation is, is known from now on.
    pub(super) fn bot_decided(&mut self, begins: bool, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let is_on = self.bot.is_on();
        let Some(record) = &mut self.record else { return };
        let was_undecided = std::mem::take(&mut record.undecided);
        if begins && is_on && was_undecided && phase(record) == Phase::Queued {
            record.status = Status::Pending;
            record.resolved_at = None;
            record.hand_to = None;
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

    /// Where there is no bot (any more) nobody waits for one. What it has answered stays answered.
    fn leave_to_people(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        if self.bot.is_on() {
            return;
        }
        let is_owed = !self.bot.owed.is_empty();
        self.bot.clear();
        if is_owed && self.is_pending() {
            self.hand_over(None, Reason::Off, String::new(), now, entropy, fx);
        }
    }

    // ------------------------------------------------------------------------------------------- what the visitor says

    /// The visitor has written something, which is about to be on disk.
    pub(super) fn bot_hears(&mut self, entry: &Entry, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        self.bot.newest = entry.seq;
        let phase = self.phase();
        // Which bot there is comes with the next answer of the Desk, if this machine has had none.
        let is_known = self.bot.terms.is_some() || !self.desk.is_unsure();
        if phase == Phase::Silent || phase == Phase::Queued && is_known && !self.bot.is_on() {
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
        if self.phase() == Phase::Pending && self.bot.since.is_none() {
            self.bot.since = Some(now);
            if !self.bot.is_on() {
                self.desk.mark(true);
            }
        }
        self.bot.is_on() && !self.bot.is_asked && !self.is_undecided()
    }

    fn ask_bot(&mut self, seq: u64, body: &Body, now: Timestamp, fx: &mut Effects) {
        let phase = self.phase();
        let (Some(record), Some(terms)) = (&self.record, &self.bot.terms) else { return };
        let (text, choice) = match body {
            Body::Text(text) => (text.clone(), String::new()),
            Body::Choice(offer) => (offer.text.clone(), offer.chosen.clone()),
            Body::Activity(_) => return,
        };
        self.bot.is_asked = true;
        self.bot.since = Some(now);
        fx.call(Call::AskBot(Box::new(Question {
            workspace: record.workspace.clone(),
            conversation: record.conversation.clone(),
            seq,
            text,
            choice,
            locale: record.profile.locale.clone(),
            phase,
            asked: self.bot.asked,
            form: self.bot.form.clone(),
            verified: record.profile.verified,
            terms: terms.clone(),
        })));
    }

    /// After every input: asks what is to be asked, and gives up what takes too long.
    pub(super) fn pump_bot(
        &mut self,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(first) = self.bot.owed.front().copied() else { return Ok(()) };
        let phase = self.phase();
        if phase == Phase::Silent {
            self.bot.clear();
            return Ok(());
        }
        if self.bot.acting.is_some() {
            self.pump_action(now, entropy, fx);
            return Ok(());
        }
        let is_over = self.bot.since.is_some_and(|since| is_late(since, BOT_PATIENCE, now));
        if is_over || self.bot.owed.len() > BOT_OWED {
            match phase {
                Phase::Pending => {
                    let last = self.bot.owed.back().copied();
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

    /// When the bot has taken too long.
    pub(super) fn bot_due(&self) -> Option<Timestamp> {
        let retry_at = self.bot.acting.as_ref().and_then(|acting| acting.retry_at);
        retry_at.or(self.bot.since.map(|since| since.plus(BOT_PATIENCE)))
    }

    // ------------------------------------------------------------------------------------------- what the bot says

    /// The bot has judged a message, or could not.
    pub(super) fn bot_says(
        &mut self,
        seq: u64,
        decision: Option<Decision>,
        turn: Turn,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        // Asked again, it answers again; and what is given up, or was taken over, is owed no more.
        if self.bot.owed.front() != Some(&seq) || self.bot.acting.is_some() {
            return;
        }
        let phase = self.phase();
        let decision = match (phase, decision) {
            // The message stays owed until the owner's system has answered, and what is written meanwhile waits behind it.
            (Phase::Pending, Some(Decision::Act(action))) => return self.act(seq, action, turn, now, entropy, fx),
            (_, decision) => decision,
        };
        self.bot.next();
        self.bot.turn = turn;
        match (phase, decision) {
            (Phase::Silent, _) => self.bot.clear(),
            (_, Some(Decision::Answer { text, choices })) => {
                self.bot.asked = 0;
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
            (Phase::Pending, Some(Decision::Handoff { reason, text, form, team })) => {
                if let Some(record) = &mut self.record {
                    record.hand_to = team;
                }
                self.bot.form = form.or(self.bot.form.take());
                self.hand_over(Some(seq), reason, text, now, entropy, fx);
            }
            (Phase::Pending, Some(Decision::Silent | Decision::Act(_)) | None) => {
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
        self.bot.form.clone_from(&offer.form);
        let did = if offer.asked == 0 { Did::Answered } else { Did::Asked };
        // A form's question is no turn of its own: what it leads to is.
        // Of a form that message is a turn which began it, and the one that hands it over.
        let turn = self.bot.turn(seq, did, "").filter(|turn| !turn.is_reply);
        let body = Body::Choice(Box::new(Offer { turn, ..offer }));
        let entry = self.append(Author::Bot, answer_to(seq), body, now, entropy, fx);
        self.fan_out(None, &entry, now, fx);
        if phase == Phase::Pending {
            self.bot.answered = seq;
            self.summary.answered_by_bot(seq, self.bot.newest, entry.seq, now);
            self.desk.mark(false);
        }
    }

    /// The bot can't: it says so itself, in the visitor's language as far as that is known.
    fn fail(&mut self, seq: Option<u64>, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        self.bot.turn = Turn::default();
        let locale = self.record.as_ref().map_or("", |record| record.profile.locale.as_str());
        if let Decision::Handoff { reason, text, .. } = hand_over(Reason::Failed, language_of("", locale)) {
            self.hand_over(seq, reason, text, now, entropy, fx);
        }
    }

    /// People take over, with everything said so far.
    pub(super) fn hand_over(
        &mut self,
        seq: Option<u64>,
        reason: Reason,
        text: String,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        if let Some(seq) = seq.filter(|_| !text.trim().is_empty()) {
            let turn = self.bot.turn(seq, Did::HandedOver, reason.name());
            let body = Body::Choice(Box::new(Offer { text, turn, ..Offer::default() }));
            let entry = self.append(Author::Bot, answer_to(seq), body, now, entropy, fx);
            self.fan_out(None, &entry, now, fx);
        }
        self.bot.forget_call();
        self.bot.owed.retain(|owed| Some(*owed) > seq);
        let detail = Some(Detail::Reason(reason.name().to_owned()));
        self.append_private_activity(activity::Kind::HandedOver, None, None, detail, now, entropy, fx);
        self.leave_bot();
        self.tell_collected(now, entropy, fx);
        self.save_record(now, fx);
        self.tell_state(now, fx);
    }

    /// It is not the bot's any more: the form ends, and agents read what it has collected.
    pub(super) fn tell_collected(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        if self.is_pending() {
            return;
        }
        let Some(form) = self.bot.form.take().filter(|form| !form.values.is_empty()) else { return };
        let note = self.append_private(Author::Bot, String::new(), Body::Text(form.listed()), now, entropy, fx);
        fx.send_private(self.agents(None, now), agent_frame::Frame::PrivateMessage(note.message(false)));
    }

    /// It is not the bot's any more. Whoever calls this writes the record.
    pub(super) fn leave_bot(&mut self) {
        let Some(record) = self.record.as_mut() else { return };
        record.undecided = false;
        record.action = None;
        if record.status == Status::Pending {
            record.status = Status::Open;
            record.handled = record.handled.max(self.bot.answered);
        }
    }
}

/// A clock that went back ends it, too.
pub(super) fn is_late(since: Timestamp, patience: i64, now: Timestamp) -> bool {
    !(0..patience).contains(&now.since(since))
}
