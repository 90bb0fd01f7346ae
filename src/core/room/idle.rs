//! A conversation in which an agent wrote last and nobody writes any more is resolved after a while, its visitor warned before.
//!
//! The Room decides, because it alone can't be overtaken by a message; how long is the workspace's affair, and the Desk says it
//! with every answer to a notice, and to every open Room when it changes. A machine that was just loaded does not know, so its
//! alarm asks: a loaded Room tells the Desk in any case when the alarm rings. So nothing of the terms is stored, no message sets
//! an alarm (the one that rings after it is set on), and what has changed while the Room slept counts.
//!
//! Nobody is cut short who waits for an answer: what a person has handed on to another agent or team waits for their first word,
//! and what is snoozed or was never answered does not end. What the bot has answered ends after a day though the workspace lets nothing
//! end by itself: nobody else ever ends it, and the Desk holds what is not resolved.

use super::{
    Room,
    effect::{Answer, Effects},
    entry::{Author, Body},
    record::{Record, Silence},
    status::By,
    summary::Word,
};
use crate::core::{
    error::Code,
    id::Entropy,
    internal::{IdleNotice, IdleTerms, Status},
    limits::BOT_IDLE_MINUTES,
    protocol::wire::{self, activity, server_frame},
    time::{MINUTE, Timestamp},
};

/// What comes next in a silence.
enum Step {
    Warn,
    End,
}

impl Room {
    /// The terms have changed.
    pub(super) fn idle_changed(&mut self, notice: &IdleNotice, fx: &mut Effects) {
        let is_ours = self.record.as_ref().is_some_and(|record| record.workspace == notice.workspace);
        if is_ours {
            self.learn_idle(Some(notice.terms));
        }
        fx.answer(Answer::Told(if is_ours { Ok(()) } else { Err(Code::NotFound) }));
    }

    /// Takes terms that are not older than those that are known.
    pub(super) fn learn_idle(&mut self, terms: Option<IdleTerms>) {
        let known = self.idle.map_or(0, |known| known.version);
        self.idle = terms.filter(|terms| terms.version >= known).or(self.idle);
    }

    /// Since when everybody has been silent after an agent's message, if that may end the conversation.
    fn silence(&self, now: Timestamp) -> Option<Silence> {
        let record = self.record.as_ref()?;
        let word = self.last_word(record)?;
        let word = Some(word).filter(|word| word.is_agents && word.seq > record.owed)?;
        let kept = record.silence.filter(|silence| silence.after == word.seq);
        let silence = kept.unwrap_or(Silence { after: word.seq, since: word.at, warned_at: None, told: None });
        // A clock that went back must not put off for an hour what was due in a minute.
        let ahead = silence.warned_at.unwrap_or(silence.since).since(now).max(0);
        let warned_at = silence.warned_at.map(|at| at.plus(-ahead));
        Some(Silence { since: silence.since.plus(-ahead), warned_at, ..silence })
    }

    /// The last word in what is open; in what is the bot's, its own counts as an agent's.
    fn last_word(&self, record: &Record) -> Option<Word> {
        match record.status {
            Status::Open => self.summary.last_word,
            Status::Pending => self.summary.last_word.max(self.summary.bot_word),
            Status::Snoozed | Status::Resolved => None,
        }
    }

    /// The terms for what is open now. What the bot has answered ends in any case: nobody else would ever do that.
    fn idle_terms(&self) -> Option<IdleTerms> {
        let terms = self.idle?;
        let is_nobodys = self.record.as_ref().is_some_and(|it| it.status == Status::Pending && it.assignee.is_none());
        let (minutes, warning_minutes) = match terms.minutes {
            0 if is_nobodys => (BOT_IDLE_MINUTES, 0),
            minutes => (minutes, terms.warning_minutes),
        };
        Some(IdleTerms { minutes, warning_minutes, ..terms })
    }

    /// When a silence goes a step further, as far as this machine knows.
    pub(in crate::core) fn idle_due(&self, now: Timestamp) -> Option<Timestamp> {
        let terms = self.idle_terms().filter(|terms| terms.minutes > 0)?;
        Some(next_step(self.silence(now)?.under(terms), terms).0)
    }

    /// After the alarm and the Desk's word: warns or resolves if it is time. Never because somebody comes, goes or types (INV-11).
    pub(super) fn end_silence(&mut self, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let (Some(terms), Some(silence)) = (self.idle_terms(), self.silence(now)) else { return };
        if terms.minutes == 0 {
            // Whoever was warned is told in vain; if it is to end after all, they are warned anew.
            return self.keep_silence(silence.warned_at.map(|_| silence.unwarned()), fx);
        }
        let silence = silence.under(terms);
        match next_step(silence, terms) {
            // Where the clock went back, the later moment on disk is wrong.
            (due, _) if now < due => self.keep_silence(Some(silence), fx),
            (_, Step::Warn) => {
                let ends_at = now.plus(i64::from(terms.warning_minutes) * MINUTE).wire();
                let activity =
                    wire::Activity { kind: activity::Kind::IdleWarned.into(), ends_at, ..wire::Activity::default() };
                let entry = self.append(Author::System, String::new(), Body::Activity(activity), now, entropy, fx);
                fx.send(self.everyone(None, now), server_frame::Frame::Message(entry.message(false)));
                let told = Some(terms.warning_minutes);
                self.keep_silence(Some(Silence { warned_at: Some(now), told, ..silence }), fx);
            }
            (_, Step::End) => self.turn(Status::Resolved, None, By::Silence, now, entropy, fx),
        }
    }

    /// Stores what is worth a row: a warning, a silence that began otherwise than with its message, and what corrects one.
    fn keep_silence(&mut self, silence: Option<Silence>, fx: &mut Effects) {
        let at = self.record.as_ref().and_then(|record| self.last_word(record)).map(|word| word.at);
        let Some((record, silence)) = self.record.as_mut().zip(silence) else { return };
        let is_known = record.silence.is_some_and(|kept| kept.after == silence.after);
        let says_the_log = silence.warned_at.is_none() && Some(silence.since) == at;
        if record.silence != Some(silence) && (is_known || !says_the_log) {
            record.silence = Some(silence);
            self.save_record_quietly(fx);
        }
    }
}

impl Silence {
    fn unwarned(self) -> Self {
        Silence { warned_at: None, told: None, ..self }
    }

    /// When it ends by what the visitor was told.
    fn told_end(&self, terms: IdleTerms) -> Option<Timestamp> {
        Some(self.warned_at?.plus(i64::from(self.told.unwrap_or(terms.warning_minutes)) * MINUTE))
    }

    /// Where the terms by now give so much more time that a warning would come after the end that was told, that one is void.
    fn under(self, terms: IdleTerms) -> Self {
        let is_void = self.told_end(terms).is_some_and(|told| told <= self.warning_due(terms));
        if is_void { self.unwarned() } else { self }
    }

    fn end(&self, terms: IdleTerms) -> Timestamp {
        self.since.plus(i64::from(terms.minutes) * MINUTE)
    }

    fn warning_due(&self, terms: IdleTerms) -> Timestamp {
        self.end(terms).plus(-i64::from(terms.warning_minutes) * MINUTE).max(self.since)
    }
}

/// What comes next, and when. Whoever is warned late has the whole time from then on, and whoever was told a time has it whatever the
/// terms are by then.
fn next_step(silence: Silence, terms: IdleTerms) -> (Timestamp, Step) {
    match silence.told_end(terms) {
        Some(told) => (told.max(silence.end(terms)), Step::End),
        None if terms.warning_minutes == 0 => (silence.end(terms), Step::End),
        None => (silence.warning_due(terms), Step::Warn),
    }
}
