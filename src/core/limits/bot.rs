//! Limits of the bot: what it knows, what it says, and what it asks of other systems.

use std::ops::RangeInclusive;

use super::{D1_TEXT_BYTES, TIMER_MAX};
use crate::core::time::{DAY, MINUTE, SECOND};

// ------------------------------------------------------------------------------------------------ what it knows

/// Longest name of an intent, in characters.
pub const INTENT_NAME_CHARS: usize = 40;
/// Intents of a workspace: as many as a model is measured with (docs/bot.md).
pub const INTENTS_MAX: usize = 150;
/// Examples of one intent …
pub const INTENT_EXAMPLES: usize = 500;
/// … and characters of one: the classifier keeps no more (`bot::features`).
pub const EXAMPLE_CHARS: usize = 400;
/// Characters of an intent's answer in one language. A message may have twice as many.
pub const ANSWER_CHARS: usize = 4_000;
/// Buttons under an answer.
pub const INTENT_BUTTONS: usize = 5;
/// … and tags that it puts on a conversation.
pub const INTENT_TAGS: usize = 5;
/// Fields of a form.
pub const FORM_FIELDS: usize = 6;
/// Characters of an order number …
pub const ORDER_CHARS: RangeInclusive<usize> = 4..=40;
/// … and digits that it has if it stands within a sentence: fewer are a size, a day or a model of something.
pub const ORDER_DIGITS: usize = 3;
/// Digits of a telephone number; no longer one exists (E.164).
pub const PHONE_DIGITS: RangeInclusive<usize> = 7..=15;
/// Bytes of all intents of a workspace, and of its whole FAQ: an isolate has 128 MB, and a list holds each text about four times.
pub const KNOWLEDGE_BYTES: usize = 4_000_000;
/// Bytes of intents or FAQ in one text that is bound: half of what D1 takes. One intent is at most 850,000.
pub const KNOWLEDGE_CHUNK_BYTES: usize = 1_000_000;
/// Entries of a workspace's FAQ …
pub const FAQ_MAX: usize = 2_000;
/// … and of one import.
pub const FAQ_AT_ONCE: usize = 500;
/// Characters of a question in the FAQ.
pub const QUESTION_CHARS: usize = 400;
/// Characters of its answer, and of an article in one language.
pub const ARTICLE_CHARS: usize = 20_000;
/// Articles of a workspace …
pub const ARTICLES_MAX: u64 = 300;
/// … and bytes of all of them: an isolate keeps an index of their passages, about four times as large.
pub const ARTICLES_BYTES: u64 = 1_500_000;
/// Bytes of earlier versions in one answer; the newest is in it however large it is. How much is kept, the triggers say (migration 0021).
pub const PAST_BYTES: u64 = 1_000_000;
/// Characters of an article's title. Its text may have `ARTICLE_CHARS` in each language.
pub const ARTICLE_TITLE_CHARS: usize = 200;
/// Characters of its text that the bot tells.
pub const ARTICLE_BEGINNING_CHARS: usize = 240;
/// Longest passage that an article is found and answered from by, in characters: the n-grams of no more are looked at.
pub const PASSAGE_CHARS: usize = EXAMPLE_CHARS;
/// Largest body that brings intents, FAQ or articles, in bytes: what a bound text of D1 takes.
pub const KNOWLEDGE_BODY_BYTES: usize = D1_TEXT_BYTES;
/// Largest model that is taken, in bytes: it is bound as hexadecimal digits, which D1 takes 2 MB of.
pub const MODEL_BYTES: usize = 900_000;
/// Models of a workspace that are kept.
pub const MODELS_KEPT: u64 = 20;
/// Workspaces of which an isolate remembers what their bots know …
pub const BOTS_REMEMBERED: usize = 16;
/// … bytes of all these models, of 128 MB that it has: one takes up to about 1.5 MB …
pub const MODELS_REMEMBERED_BYTES: usize = 16_000_000;
/// … and of the rest of what they know.
pub const KNOWN_REMEMBERED_BYTES: usize = 24_000_000;
/// What a byte of it in D1 takes in memory at most, as a text and in an index.
pub const KNOWN_WEIGHT: usize = 9;
/// Most of the right answers that a bot may hold back, in percent.
pub const HOLD_BACK_MAX: u32 = 50;

// ------------------------------------------------------------------------------------------------ what it does

/// Buttons under one message of the bot.
pub const BOT_CHOICES: usize = 5;
/// Longest id of an intent, in characters.
pub const INTENT_ID_CHARS: usize = 64;
/// A bot that has not answered by then hands over. As long as a timer may wait: no alarm, no row.
pub const BOT_PATIENCE: i64 = TIMER_MAX;
/// Messages of a visitor that wait for the bot; with more it hands over.
pub const BOT_OWED: usize = 20;
/// Longest address that a bot calls, in characters.
pub const URL_CHARS: usize = 2_000;
/// How long a bot that the workspace has named may take, in milliseconds: the built-in one has yet to stand in for it within `BOT_PATIENCE`.
pub const RESPONDER_PATIENCE: i64 = 3 * SECOND;
/// Buttons under what it says.
pub const RESPONDER_BUTTONS: usize = 3;
/// Longest name of a model, in characters …
pub const RESPONDER_MODEL_CHARS: usize = 200;
/// … and longest key that it is asked with.
pub const RESPONDER_KEY_CHARS: usize = 1_000;
/// Characters that a manager who tries the responder is told of what it says.
pub const TRIED_CHARS: usize = 300;
/// How often a call to an owner's system is tried; each time it may take `BOT_PATIENCE`.
pub const ACTION_TRIES: u8 = 3;
/// Largest answer of an owner's system, in bytes.
pub const ACTION_BYTES: usize = 8 * 1024;
/// How long after it was decided a call may be begun by a Room that has woken up: less than the five minutes in which a signature is good.
pub const ACTION_LIFE: i64 = 5 * MINUTE;
/// Calls that one conversation may cause in an hour …
pub const ACTIONS_PER_HOUR: usize = 10;
/// … and one site, with their repetitions: who begins one conversation after another guesses no more order numbers than that.
pub const SITE_ACTIONS_PER_HOUR: u64 = 1_000;
/// Messages of one visitor within an hour after which a bot of the workspace's own is not asked about more …
pub const WEBHOOKS_PER_HOUR: usize = 100;
/// … and how often it is asked for one site.
pub const SITE_WEBHOOKS_PER_HOUR: u64 = 5_000;
/// Failures in a row after which a host is not called …
pub const BREAKER_FAILURES: u8 = 5;
/// … for so long.
pub const BREAKER_PAUSE: i64 = 30 * SECOND;
/// Hosts of which an isolate remembers how they did.
pub const BREAKER_HOSTS: usize = 100;
/// Entries of the FAQ that a language model may answer from …
pub const CONSULT_ENTRIES: usize = 5;
/// … and characters of each, and of the message, that it is given.
pub const CONSULT_PASSAGE_CHARS: usize = 2_000;
/// Characters that are taken of what it writes: half of what a message may have.
pub const CONSULT_CHARS: usize = 4_000;
/// As many times more tokens may a model write whose thoughts count as well.
pub const CONSULT_THOUGHTS: u32 = 4;
/// Tokens that it may write unless the owner says otherwise, and what they may say …
pub const TOKENS_PER_ANSWER: (u32, RangeInclusive<u32>) = (600, 50..=2_000);
/// … tokens that a workspace's questions and answers may have on a day: no fewer than one question may take …
pub const TOKENS_PER_DAY: (u32, RangeInclusive<u32>) = (1_000_000, 60_000..=1_000_000_000);
/// … questions of a workspace on a day …
pub const CALLS_PER_DAY: (u32, RangeInclusive<u32>) = (2_000, 1..=100_000);
/// … and of one conversation.
pub const CALLS_PER_CONVERSATION: (u32, RangeInclusive<u32>) = (100, 1..=480);
/// How long a model that has answered may take to say how many tokens that was.
pub const USAGE_PATIENCE: i64 = SECOND / 2;
/// How long that may take to be written down before the answer goes on its way without.
pub const SETTLE_PATIENCE: i64 = SECOND;
/// Bytes of what it writes, with what is not shown of it.
pub const CONSULT_TEXT_BYTES: usize = 16 * 1024;
/// Bytes of one event of its answer …
pub const CONSULT_EVENT_BYTES: usize = 64 * 1024;
/// … and of all of them.
pub const CONSULT_STREAM_BYTES: usize = 1024 * 1024;
/// Questions to a model that one conversation may cause in an hour.
pub const CONSULTS_PER_HOUR: usize = 20;
/// … one site in an hour, so that it leaves something of the hour to the other sites of its workspace …
pub const SITE_CONSULTS_PER_HOUR: u64 = 200;
/// … and a workspace in an hour, so that one visitor can't use up its day's questions. Both grow with a day that its owner has made larger.
pub const WORKSPACE_CONSULTS_PER_HOUR: u64 = 300;
/// How long a model may say nothing, and write altogether …
pub const MODEL_SILENCE: i64 = 5 * SECOND;
/// See above.
pub const MODEL_PATIENCE: i64 = 30 * SECOND;
/// … and when a Room gives up one that it hears nothing of: later, so that whoever reads it has the first word.
pub const CONSULT_SILENCE: i64 = MODEL_SILENCE + 3 * SECOND;
/// See above.
pub const CONSULT_PATIENCE: i64 = MODEL_PATIENCE + 5 * SECOND;
/// What it writes is told at most so often.
pub const GROW_INTERVAL: i64 = 100;
/// That it is writing is said again so often: clients believe it for six seconds, as of people.
pub const TYPING_AGAIN: i64 = 4 * SECOND;
/// Verdicts on the bot's answers that a conversation keeps: the newest.
pub const RATED_KEPT: usize = 100;
/// Longest time that a report tells of.
pub const REPORT_SPAN: i64 = 92 * DAY;
/// How long a report is, if nothing is said.
pub const REPORT_USUAL: i64 = 7 * DAY;
/// How far back questions are looked for that the bot may learn from.
pub const QUESTIONS_AGE: i64 = 30 * DAY;
/// The newest of them that are read at once, and of those that were asked the newest that are told.
pub const QUESTIONS_READ: u64 = 400;
/// Characters of each.
pub const QUESTION_SHOWN: u64 = 300;
/// Wordings of a group of them that are told.
pub const QUESTION_WORDINGS: usize = 5;
/// Entries of a log after a question back in which its answer may stand: the choice, and what the bot said then.
pub const CHOICE_WITHIN: u64 = 6;
/// Entries of a log after a question among which an agent's reply to it is looked for, …
pub const REPLY_WITHIN: u64 = 12;
/// … the characters of each that are read, …
pub const REPLY_READ: u64 = 600;
/// … those of a reply that are told, …
pub const REPLY_CHARS: usize = 2_000;
/// … and the replies to a group of questions.
pub const REPLIES_SHOWN: usize = 3;
/// How long after a message the bot still answers a visitor who waits for a person, if the Room was away meanwhile.
pub const BOT_LATE: i64 = MINUTE;
