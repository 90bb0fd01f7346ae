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

mod act;
mod hear;
mod say;
mod typing;
mod write;

use std::collections::VecDeque;

pub use self::write::ConsultCall;
use self::{
    act::Acting,
    write::{Shown, Writing},
};
use super::{
    Room,
    entry::{Body, Entry},
    record::Record,
};
use crate::core::{
    bot::{
        dialogue::{Heard, Phase},
        form::Form,
        turn::{Did, Turn},
    },
    id::{ConversationId, SiteId, VisitorId, WorkspaceId},
    internal::{BotTerms, Status},
    limits::{BOT_OWED, WEBHOOKS_PER_HOUR},
    time::{HOUR, Timestamp},
};

/// A message for the bot to judge, with all that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Whose visitor it is.
    pub site: SiteId,
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
    /// Who wrote it.
    pub visitor: VisitorId,
    /// The site's own name for them, if the site has signed it.
    pub subject: Option<String>,
    /// Of the log: a store that was put back gives the number to another message.
    pub log_epoch: u64,
    /// The visitor has written so much lately that a bot of the workspace's own is not asked.
    pub is_too_often: bool,
    /// Which bot.
    pub terms: BotTerms,
}

impl Question {
    /// As the dialogue hears it.
    pub fn heard(&self) -> Heard<'_> {
        let Question { text, choice, locale, phase, asked, form, subject, .. } = self;
        let (form, verified) = (form.as_deref(), subject.is_some());
        Heard { text, choice, locale, phase: *phase, asked: *asked, form, verified }
    }

    /// The same however often it is asked.
    pub fn name(&self) -> String {
        format!("ask_{}_{}_{}", self.conversation.object_id(), self.log_epoch, self.seq)
    }
}

/// How it stands with the first message that is owed.
#[derive(Debug, Default)]
enum Stage {
    /// Nobody has been asked.
    #[default]
    Idle,
    /// It is the bot's, and which bot there is comes with the Desk's next answer. Since when, as far as this machine knows.
    Awaiting(Timestamp),
    /// It is being judged. Since when.
    Judging(Timestamp),
    /// The owner's system is asked about it.
    Acting(Acting),
    /// A language model writes about it.
    Writing(Box<Writing>),
}

/// What the Room knows of its bot.
#[derive(Debug, Default)]
pub struct BotLink {
    /// As the Desk said last.
    pub(super) terms: Option<BotTerms>,
    /// The visitor's messages that have yet to be judged, in order.
    owed: VecDeque<u64>,
    stage: Stage,
    /// What clients see growing.
    shown: Option<Shown>,
    /// When clients were last told that it is writing; none: they think that it is not.
    typing: Option<Timestamp>,
    /// Questions back since the last answer.
    asked: u8,
    /// The form that its last message asks for, or that its action is made with, while the conversation is its own.
    form: Option<Box<Form>>,
    /// The visitor's newest message.
    pub(super) newest: u64,
    /// When they wrote their last ones: no more than are looked at.
    wrote: VecDeque<Timestamp>,
    /// The last message that it has answered.
    pub(super) answered: u64,
    /// What it rests on that is about to be done.
    turn: Turn,
}

impl BotLink {
    /// The visitor has written something.
    fn heard(&mut self, seq: u64, at: Timestamp) {
        self.newest = seq;
        self.wrote.push_back(at);
        if self.wrote.len() > WEBHOOKS_PER_HOUR + 1 {
            self.wrote.pop_front();
        }
    }

    /// They have written more within the hour than a bot of the workspace's own is asked about. The log knows it, so that nothing is written
    /// for it, and nothing is forgotten.
    fn is_too_often(&self, now: Timestamp) -> bool {
        self.wrote.iter().filter(|at| (0..HOUR).contains(&now.since(**at))).count() > WEBHOOKS_PER_HOUR
    }

    fn is_on(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.on)
    }

    /// The owner's system, or a model, is asked about a message, or will be.
    pub(super) fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Acting(_) | Stage::Writing(_))
    }

    /// Clients see a message of its growing.
    fn is_growing(&self) -> bool {
        self.shown.as_ref().is_some_and(Shown::is_something)
    }

    /// While loading: an entry of the log, in order.
    pub(super) fn saw(&mut self, author: &str, client_id: &str, seq: u64, at: Timestamp) {
        match author {
            "visitor" => {
                self.heard(seq, at);
                self.owed.push_back(seq);
            }
            "bot" => {
                if let Some(answered) = answered_by(client_id) {
                    self.answered = self.answered.max(answered);
                    self.owed.retain(|owed| *owed > answered);
                }
            }
            "agent" => self.answered_by_people(),
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
            // What a stranger has filled in goes nowhere in the name of who was proven then.
            let goes_on = phase(record) == Phase::Pending && !record.is_strangers(self.answered);
            self.form = offer.form.clone().filter(|_| goes_on);
        }
        // What people have dealt with, or was resolved, is owed nothing.
        self.owed.retain(|owed| *owed > record.handled);
        match phase(record) {
            Phase::Pending => {}
            Phase::Queued | Phase::Silent if record.undecided || record.blocked => {}
            // Of whoever waits for a person nothing but the newest message is worth an answer.
            Phase::Queued => self.owed.retain(|owed| *owed == self.newest),
            Phase::Silent => self.owed.clear(),
        }
        // A process that has ended may have left half an answer with those who still listen.
        if let Some(last) = record.consulted.last().filter(|last| last.to > self.answered) {
            self.shown = Some(Shown::nothing(last.to));
            self.doubt_typing(true);
        }
        // What was being asked when the last process ended is asked again; what was written before it had been passed over.
        if let Some(action) = record.action.as_ref().filter(|_| record.status == Status::Pending) {
            self.owed.retain(|owed| *owed >= action.to);
        }
        self.take_up(record);
    }

    /// What is filled in so far is somebody else's.
    pub(super) fn forget_form(&mut self) {
        self.form = None;
    }

    /// An action whose message is still owed goes on under its name, though the process ended or its visitor was blocked meanwhile:
    /// asked anew, the bot might decide something else, and one name would stand for two things.
    fn take_up(&mut self, record: &Record) {
        let owed = self.owed.front().filter(|_| phase(record) == Phase::Pending && matches!(self.stage, Stage::Idle));
        if let Some(action) = record.action.as_ref().filter(|action| owed == Some(&action.to)) {
            self.stage = Stage::Acting(Acting::default());
            self.form = Some(action.form.clone());
        }
    }

    fn next(&mut self) {
        self.owed.pop_front();
        self.stage = Stage::Idle;
    }

    /// An agent has written. What came before is owed no answer of the bot's any more: one under way would talk over them.
    pub(super) fn answered_by_people(&mut self) {
        self.clear();
    }

    fn clear(&mut self) {
        self.owed.clear();
        self.stage = Stage::Idle;
    }

    /// What is kept of what it does about a message.
    fn turn(&mut self, to: u64, did: Did, reason: &str) -> Option<Turn> {
        let turn = std::mem::take(&mut self.turn);
        let is_reply = turn.is_reply && did == Did::Answered;
        Some(Turn { to, did, reason: reason.to_owned(), is_reply, ..turn })
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
}

/// A clock that went back ends it, too.
pub(super) fn is_late(since: Timestamp, patience: i64, now: Timestamp) -> bool {
    !(0..patience).contains(&now.since(since))
}
