//! What a workspace's owner lets a language model cost: how often it is asked, and how much it may read and write.
//!
//! A token has at least one byte, so what a call takes at the most is known before it is made. That much is counted first, and put right
//! by what the endpoint says it was. Whoever crashes between has counted too much, and nobody spends more than was allowed.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{
    attempt::{Failure, Why},
    consult::{Ceiling, Stream},
};
use crate::core::{
    limits::{
        CALLS_PER_CONVERSATION, CALLS_PER_DAY, CONSULT_THOUGHTS, SITE_CONSULTS_PER_HOUR, TOKENS_PER_ANSWER,
        TOKENS_PER_DAY, WORKSPACE_CONSULTS_PER_HOUR,
    },
    problem::Problem,
};

/// Bytes of a token where nobody says how many there were: of English it is less than most have, of Chinese about what they have.
const TOKEN_BYTES: usize = 3;

/// What stands, each within its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ceilings {
    /// Questions of the workspace on a day of UTC.
    pub calls_per_day: u32,
    /// Tokens of all of these, read and written.
    pub tokens_per_day: u32,
    /// Tokens that one answer may have.
    pub tokens_per_answer: u32,
    /// Questions of one conversation on a day of UTC.
    pub calls_per_conversation: u32,
}

/// Those that an owner has set, or sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// See [`Ceilings`].
    pub calls_per_day: Option<u32>,
    /// See [`Ceilings`].
    pub tokens_per_day: Option<u32>,
    /// See [`Ceilings`].
    pub tokens_per_answer: Option<u32>,
    /// See [`Ceilings`].
    pub calls_per_conversation: Option<u32>,
}

impl Given {
    /// With their names and what they may be, in one order everywhere.
    pub const fn each(&self) -> [(&'static str, Option<u32>, RangeInclusive<u32>); 4] {
        [
            ("calls_per_day", self.calls_per_day, CALLS_PER_DAY.1),
            ("tokens_per_day", self.tokens_per_day, TOKENS_PER_DAY.1),
            ("tokens_per_answer", self.tokens_per_answer, TOKENS_PER_ANSWER.1),
            ("calls_per_conversation", self.calls_per_conversation, CALLS_PER_CONVERSATION.1),
        ]
    }

    /// # Errors
    /// One is out of its bounds.
    pub fn check(&self) -> Result<(), Problem> {
        for (name, given, bounds) in self.each() {
            if given.is_some_and(|given| !bounds.contains(&given)) {
                return Err(Problem::field(name, format!("{} to {}", bounds.start(), bounds.end())));
            }
        }
        Ok(())
    }
}

impl From<Given> for Ceilings {
    fn from(given: Given) -> Self {
        Ceilings {
            calls_per_day: given.calls_per_day.unwrap_or(CALLS_PER_DAY.0),
            tokens_per_day: given.tokens_per_day.unwrap_or(TOKENS_PER_DAY.0),
            tokens_per_answer: given.tokens_per_answer.unwrap_or(TOKENS_PER_ANSWER.0),
            calls_per_conversation: given.calls_per_conversation.unwrap_or(CALLS_PER_CONVERSATION.0),
        }
    }
}

impl Default for Ceilings {
    fn default() -> Self {
        Given::default().into()
    }
}

impl Ceilings {
    /// Questions in an hour, so that nobody uses up a day in minutes: the more a day has, the more of them.
    pub const fn per_hour(&self) -> u64 {
        let share = self.calls_per_day as u64 * 3 / 20;
        if share > WORKSPACE_CONSULTS_PER_HOUR { share } else { WORKSPACE_CONSULTS_PER_HOUR }
    }

    /// The same of one site, which leaves something to the others.
    pub const fn per_site(&self) -> u64 {
        self.per_hour() * SITE_CONSULTS_PER_HOUR / WORKSPACE_CONSULTS_PER_HOUR
    }

    /// Which one was reached, when a question that may take `most` tokens was refused.
    pub const fn reached(&self, spent: Spent, most: u32) -> Why {
        if spent.calls >= self.calls_per_day as u64 {
            Why::CallsPerDay
        } else if spent.tokens + most as u64 > self.tokens_per_day as u64 {
            Why::TokensPerDay
        } else {
            Why::TooOften
        }
    }
}

/// What was spent today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Questions.
    pub calls: u64,
    /// Tokens; of questions under way what they may take at the most.
    pub tokens: u64,
}

/// How a call has ended, as far as it costs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Nobody has read the question, or it was refused at the door.
    Nothing,
    /// It may have been read, and has brought nothing: a filter of the endpoint's, or a line that was lost, can cost as much.
    Read,
    /// The endpoint has said how many tokens it was.
    Said(u32),
    /// It had said so many before it was cut off.
    AtLeast(u32),
    /// It has not, and so many bytes were written: all that there is.
    Whole(usize),
    /// It was cut off, or has thought to itself: who knows what was written.
    Unknown,
}

impl Came {
    /// Of an answer that came so far.
    pub const fn answered(answer: &Stream, ceiling: Ceiling) -> Self {
        match (answer.usage, ceiling) {
            (Some(tokens), ..) if answer.has_total => Came::Said(tokens),
            (Some(tokens), ..) => Came::AtLeast(tokens),
            (None, Ceiling::Tokens) if answer.is_whole() && !answer.has_thought => Came::Whole(answer.written.len()),
            (None, ..) => Came::Unknown,
        }
    }

    /// Of a question that came to nothing.
    pub const fn failed(failure: &Failure) -> Self {
        match (failure.why, failure.status) {
            // Who has not answered in time may be writing.
            (Why::Late, _) => Came::Unknown,
            (Why::Status, 401 | 403 | 404 | 429) => Came::Nothing,
            (Why::Status | Why::Unread | Why::Unreached, _) => Came::Read,
            _ => Came::Nothing,
        }
    }
}

/// What one question may cost, and has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    sent: usize,
    answer: u32,
}

impl Charge {
    /// Of a question of so many bytes, by whatever name its ceiling is told.
    pub const fn of(sent: usize, ceilings: &Ceilings) -> Self {
        Charge { sent, answer: ceilings.tokens_per_answer.saturating_mul(CONSULT_THOUGHTS) }
    }

    /// Tokens that it takes at the most.
    pub fn most(&self) -> u32 {
        u32::try_from(self.sent).unwrap_or(u32::MAX).saturating_add(self.answer)
    }

    /// Tokens that it has taken, as far as that is known, or else an estimate.
    pub fn spent(&self, came: Came) -> u32 {
        let estimate = |bytes: usize| u32::try_from(bytes.div_ceil(TOKEN_BYTES)).unwrap_or(u32::MAX);
        match came {
            Came::Nothing => 0,
            Came::Read => estimate(self.sent).min(self.most()),
            Came::Said(tokens) => tokens,
            Came::AtLeast(tokens) => tokens.max(self.spent(Came::Unknown)),
            Came::Whole(written) => estimate(self.sent.saturating_add(written)).min(self.most()),
            Came::Unknown => estimate(self.sent).saturating_add(self.answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::limits::{CONSULT_ENTRIES, CONSULT_PASSAGE_CHARS};

    /// A day has room for the largest question there is, or it would never be asked: five passages and the message, four bytes a
    /// character, and the rules.
    #[test]
    fn the_least_day_has_room_for_the_largest_question() {
        let sent = (CONSULT_ENTRIES + 1) * CONSULT_PASSAGE_CHARS * 4 + 2_500;
        let most = Ceilings { tokens_per_answer: *TOKENS_PER_ANSWER.1.end(), ..Ceilings::default() };
        assert!(Charge::of(sent, &most).most() <= *TOKENS_PER_DAY.1.start());
    }

    #[test]
    fn what_is_not_set_is_as_usual_and_within_its_bounds() {
        let usual = Ceilings::default();
        let Ceilings { calls_per_day, tokens_per_day, tokens_per_answer, calls_per_conversation } = usual;
        let all = Given {
            calls_per_day: Some(calls_per_day),
            tokens_per_day: Some(tokens_per_day),
            tokens_per_answer: Some(tokens_per_answer),
            calls_per_conversation: Some(calls_per_conversation),
        };
        assert_eq!((all.check(), Ceilings::from(all)), (Ok(()), usual));
        assert_eq!((usual.per_hour(), usual.per_site()), (WORKSPACE_CONSULTS_PER_HOUR, SITE_CONSULTS_PER_HOUR));
        let few = Ceilings { calls_per_day: 5, ..usual };
        assert_eq!((few.per_hour(), few.per_site()), (300, 200), "the day ends it first");
        let many = Ceilings { calls_per_day: 20_000, ..usual };
        assert_eq!((many.per_hour(), many.per_site()), (3_000, 2_000));
        for (place, (name, _, bounds)) in all.each().into_iter().enumerate() {
            for (value, is_good) in [
                (*bounds.start(), true),
                (*bounds.end(), true),
                (bounds.start() - 1, false),
                (bounds.end() + 1, false),
                (u32::MAX, false),
            ] {
                let mut given = [None; 4];
                given[place] = Some(value);
                let [calls_per_day, tokens_per_day, tokens_per_answer, calls_per_conversation] = given;
                let given = Given { calls_per_day, tokens_per_day, tokens_per_answer, calls_per_conversation };
                let checked = given.check();
                assert_eq!(checked.is_ok(), is_good, "{name} {value}");
                assert!(checked.err().is_none_or(|problem| problem.field == name));
            }
        }
    }

    #[test]
    fn why_a_question_was_refused() {
        let ceilings = Ceilings { calls_per_day: 10, tokens_per_day: 100_000, ..Ceilings::default() };
        for (calls, tokens, most, why) in [
            (9, 90_000, 10_000, Why::TooOften),
            (9, 90_000, 10_001, Why::TokensPerDay),
            (10, 0, 0, Why::CallsPerDay),
            (10, 100_000, 1, Why::CallsPerDay),
            (0, u64::from(u32::MAX) * 9, u32::MAX, Why::TokensPerDay),
        ] {
            assert_eq!(ceilings.reached(Spent { calls, tokens }, most), why, "{calls} {tokens} {most}");
        }
    }

    #[test]
    fn only_what_was_refused_at_the_door_costs_nothing() {
        let status = |status| Failure { status, ..Why::Status.into() };
        for (failure, came) in [
            (status(401), Came::Nothing),
            (status(404), Came::Nothing),
            (status(429), Came::Nothing),
            // A filter has read it; so have others that are billed.
            (status(400), Came::Read),
            (status(408), Came::Read),
            (status(500), Came::Read),
            (Why::Unreached.into(), Came::Read),
            (Why::Unread.into(), Came::Read),
            (Why::Late.into(), Came::Unknown),
            (Why::Refused.into(), Came::Nothing),
            // It was counted so late that nothing was sent.
            (Why::Internal.into(), Came::Nothing),
            (Why::Rests.into(), Came::Nothing),
        ] {
            assert_eq!(Came::failed(&failure), came, "{failure:?}");
        }
    }

    #[test]
    fn what_was_said_on_the_way_is_not_the_whole_of_it() {
        let answered = |events: &[&str]| {
            let mut answer = Stream::default();
            for event in events {
                answer.take(format!("data: {event}\n\n").as_bytes());
            }
            Came::answered(&answer, Ceiling::Tokens)
        };
        let piece = r#"{"choices":[{"delta":{"content":"four"}}],"usage":{"prompt_tokens":9,"completion_tokens":1}}"#;
        let stop = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
        let full = r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#;
        let total = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7}}"#;
        let zero = r#"{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}"#;
        assert_eq!(answered(&[piece]), Came::AtLeast(10));
        assert_eq!(answered(&[piece, stop, total]), Came::Said(16));
        assert_eq!(answered(&[piece, full, total]), Came::Said(16));
        assert_eq!(answered(&[stop, zero, total]), Came::Said(16));
        // An answer without a word is a whole one, too, where its endpoint says that this was all.
        assert_eq!(answered(&[stop, zero]), Came::Whole(0));
        assert_eq!(answered(&[full, zero]), Came::Unknown);
        // What it has thought is billed, and nobody has seen how much that was.
        let thought = r#"{"choices":[{"delta":{"reasoning_content":"Hm"}}]}"#;
        assert_eq!(answered(&[thought, stop]), Came::Unknown);
    }

    #[test]
    fn an_estimate_is_never_more_than_was_put_aside() {
        let charge = Charge::of(3_000, &Ceilings { tokens_per_answer: 100, ..Ceilings::default() });
        assert_eq!(charge.most(), 3_400);
        for (came, spent) in [
            (Came::Nothing, 0),
            (Came::Said(0), 0),
            (Came::Said(777), 777),
            // What the endpoint says is believed: it sends the bill.
            (Came::Said(9_999), 9_999),
            (Came::Whole(0), 1_000),
            (Came::Whole(301), 1_101),
            (Came::Whole(usize::MAX), 3_400),
            (Came::Unknown, 1_400),
            (Came::Read, 1_000),
            (Came::AtLeast(3), 1_400),
            (Came::AtLeast(1_500), 1_500),
        ] {
            assert_eq!(charge.spent(came), spent, "{came:?}");
        }
        let huge = Charge::of(usize::MAX, &Ceilings::default());
        assert_eq!((huge.most(), huge.spent(Came::Unknown)), (u32::MAX, u32::MAX));
    }
}
