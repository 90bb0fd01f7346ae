//! Every limit in one place, with where it comes from.

use super::{
    bucket::BucketSize,
    time::{DAY, HOUR, MINUTE, SECOND},
};

// ------------------------------------------------------------------------------------------------ wire

/// Largest frame taken from a client, in bytes (design section 5). The platform itself takes 32 MiB.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Largest text of a message or note, in characters.
pub const TEXT_CHARS: usize = 8_000;
/// Longest `client_id`.
pub const CLIENT_ID_CHARS: usize = 64;
/// 2^53 − 1: above it JavaScript cannot tell integers apart.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Entries in a `welcome` or a page.
pub const PAGE_ENTRIES: u64 = 100;
/// Bytes of text in a `welcome` or page, so that a frame stays well under a client's own limits.
pub const PAGE_BYTES: usize = 256 * 1024;
/// Longest value of a visitor's profile or attribute, in characters; longer ones are cut.
pub const PROFILE_CHARS: usize = 500;
/// Attributes that a visitor may carry.
pub const ATTRIBUTES: usize = 30;
/// Longest private reason of a transfer, in characters.
pub const REASON_CHARS: usize = 500;
/// Characters of a message shown in lists.
pub const PREVIEW_CHARS: usize = 120;

// ------------------------------------------------------------------------------------------------ sockets

/// Sockets of one visitor or agent in one Room: tabs and devices. The oldest gives way.
pub const SOCKETS_PER_PARTICIPANT: usize = 12;
/// Bytes that the runtime may hold for a client that does not read them; a socket with more is closed as slow. Four
/// whole pages.
pub const UNREAD_BYTES: u32 = 1024 * 1024;
/// Frames of a visitor in one Room, over all sockets.
pub const VISITOR_FRAMES: BucketSize = BucketSize { burst: 300, per_second: 60 };
/// Tokens that a `page`, or a `hello` on a socket that has said it, takes: it reads and writes up to a hundred entries.
/// The first `hello` of a socket costs one, because the gateway has counted the socket.
pub const HISTORY_FRAME_COST: i64 = 10;
/// Bytes of text that a visitor may send to one Room: a burst of ten long messages, then 345 MB a day at the very most.
pub const VISITOR_BYTES: BucketSize = BucketSize { burst: 256 * 1024, per_second: 4 * 1024 };
/// Frames of an agent over all sockets, in one Room or at the Desk.
pub const AGENT_FRAMES: BucketSize = BucketSize { burst: 400, per_second: 100 };
/// Refusals in a row after which a socket is closed.
pub const REFUSALS_BEFORE_CLOSE: u32 = 10;

// ------------------------------------------------------------------------------------------------ admission

/// Descriptors that workerd takes for a socket: one for the connection, one for its own end of the pair (measured).
pub const SOCKET_DESCRIPTORS: u64 = 2;
/// Descriptors of an awake object: database, write-ahead log and shared memory (measured).
pub const OBJECT_DESCRIPTORS: u64 = 3;
/// What sockets may take of a process's descriptors: at 20,000 it is 8,000 sockets, the most that one process is meant for.
pub const SOCKETS_PERCENT: u64 = 80;
/// What sockets and awake objects may take together, and those with them who may stand outside with a connection that
/// nothing has counted yet; the rest is for requests that are no sockets, for objects that wake by themselves, for the
/// history and the queue.
pub const HELD_PERCENT: u64 = 90;
/// The same for sockets of a Desk, with nobody outside: agents come in when visitors don't.
pub const DESK_PERCENT: u64 = 95;
/// What Rooms may take that knocks have woken within `AWAKE_TIME`. In a storm all knock at once, and each may be shown
/// out over a socket of its own: with 8,000 of them at 20,000 descriptors this is what is left.
pub const WAKING_PERCENT: u64 = 15;
/// How long after its last event an object still counts as awake: the platform puts it to sleep after ten seconds.
pub const AWAKE_TIME: i64 = 12 * SECOND;
/// An object with sockets is heard of once in the life of a ticket at least; after this it has none any more.
pub const ADMISSION_SILENCE: i64 = TICKET_LIFE + 5 * MINUTE;
/// An object repeats its report no sooner than this, if nothing has changed.
pub const REPORT_INTERVAL: i64 = 2 * SECOND;
/// How long a socket may be on its way into an object; a knock that was cut in the middle has ended by then.
pub const RESERVATION_TIME: i64 = 30 * SECOND;
/// When a client comes again that was refused for want of room, in milliseconds: by then the objects that woke sleep.
pub const ADMISSION_RETRY: (u64, u64) = (5_000, 25_000);

// ------------------------------------------------------------------------------------------------ limiter

/// Keys that one Limiter holds: at most about 700 bytes each, so 14 MB of the 128 that an object has.
pub const LIMITER_KEYS: usize = 20_000;
/// Longest time that a Limiter stays awake for its counters.
pub const LIMITER_KEEP_MAX: i64 = 5 * MINUTE;
/// Longest window of a limit.
pub const LIMITER_WINDOW_MAX: i64 = DAY;
/// Requests counted at once.
pub const LIMITER_REQUESTS: usize = 16;
/// Longest key, in bytes.
pub const LIMITER_KEY_BYTES: usize = 256;

// ------------------------------------------------------------------------------------------------ desk

/// A console gets a list frame at most this often (design section 3).
pub const DESK_UPDATE_INTERVAL: i64 = SECOND;
/// Rows in one list frame, about 300 bytes each; what does not fit comes with the next.
pub const DESK_UPDATE_ROWS: usize = 500;
/// Rows in a page of the snapshot.
pub const DESK_PAGE_ROWS: usize = 200;
/// Tokens that such a page takes: three tabs of one agent can load 8,000 rows at once.
pub const LIST_FRAME_COST: i64 = 2;
/// Notices a second that nobody waits for: the answers spread them (design section 3).
pub const NOTICES_PER_SECOND: i64 = 200;
/// So far ahead (first) only this many a second (second): few enough to cost nothing beside the messages themselves.
pub const NOTICES_UNHURRIED: (i64, i64) = (10 * SECOND, 10);
/// Shortest time between two such notices of one Room.
pub const NOTICE_INTERVAL: i64 = SECOND;
/// Longest time between them.
pub const NOTICE_INTERVAL_MAX: i64 = MINUTE;
/// A console that sent neither frame nor heartbeat for so long makes its agent away.
pub const SILENCE: i64 = MINUTE;
/// How often that is looked at: the one alarm while an agent is connected (INV-11).
pub const LOOK_INTERVAL: i64 = 30 * SECOND;
/// How long a resolved conversation is remembered, so that a late notice does not bring it back.
pub const GONE_MEMORY: i64 = 10 * MINUTE;
/// Resolved conversations forgotten at once.
pub const GONE_AT_ONCE: usize = 1_000;
/// Calls to Rooms under way at once, of each kind.
pub const CALLS_AT_ONCE: usize = 50;
/// An order that has not come back by then is given up: not before the alarm that rings in any case, because another
/// one would be a written row per claim.
pub const ORDER_PATIENCE: i64 = LOOK_INTERVAL;
/// The same for a revocation, which others may be waiting behind (INV-13).
pub const REVOCATION_PATIENCE: i64 = 10 * SECOND;
/// How long an upgrade may be on its way to a Room after its attach: until then the Room's word that the agent is not
/// there counts for nothing.
pub const ATTACH_GRACE: i64 = 30 * SECOND;
/// Rooms in which one agent may have sockets.
pub const ATTACHMENTS_PER_AGENT: usize = 1_000;

// ------------------------------------------------------------------------------------------------ routing

/// Agents who are probed at the same time for one conversation (design section 6).
pub const PROBE_AT_ONCE: usize = 3;
/// A probe that is not answered by then makes its agent suspect, in milliseconds.
pub const PROBE_PATIENCE: i64 = 300;
/// How long a better-ranked agent is waited for after the first one has answered.
pub const PROBE_GRACE: i64 = 50;
/// How long an agent who has answered a probe with "no" is not asked again.
pub const UNAVAILABLE_REST: i64 = 15 * SECOND;
/// Conversations at once that a workspace may give an agent.
pub const CAPACITY_MAX: u32 = 100;
/// How long a conversation may ring, in seconds.
pub const RING_SECONDS: std::ops::RangeInclusive<u32> = 5..=300;
/// How long an agent may be gone and keep what they have answered, in minutes.
pub const GONE_MINUTES_MAX: u32 = 24 * 60;
/// How long a visitor may wait before the form is offered, in minutes.
pub const FORM_MINUTES_MAX: u32 = 24 * 60;
/// … and for how long where nobody is here who could answer, in milliseconds.
pub const FORM_ALONE: i64 = MINUTE;
/// How long a visitor who waits may be gone and keep the place, in seconds.
pub const FOLLOW_UP_SECONDS_MAX: u32 = 60 * 60;
/// How many conversations leave the line for that at once.
pub const FOLLOW_UPS_AT_ONCE: usize = 200;
/// How many spans in which a site is closed its visitors are told ahead.
pub const CLOSED_SPANS: usize = 3;
/// How long a conversation may wait for its own team before others are asked, in minutes.
pub const OVERFLOW_MINUTES_MAX: u32 = 24 * 60;
/// The highest level of a visitor; 0 is everybody's.
pub const LEVEL_MAX: u8 = 9;
/// How many minutes of waiting may equal one level.
pub const AGEING_MINUTES_MAX: u32 = 24 * 60;
/// How many slots may be kept for visitors with a level.
pub const RESERVED_SLOTS_MAX: u32 = 100;
/// How long after it was resolved a conversation may go on with its agent, in hours.
pub const REOPEN_HOURS_MAX: u32 = 30 * 24;
/// How long a visitor's last agent may come first, in days.
pub const LAST_AGENT_DAYS_MAX: u32 = 365;
/// How long a conversation may stand still before it is resolved, in minutes: 30 days.
pub const IDLE_MINUTES_MAX: u32 = 30 * 24 * 60;
/// How long before that a visitor may be warned, in minutes.
pub const IDLE_WARNING_MINUTES_MAX: u32 = 60;
/// Longest wait for the end of a conversation that stands still: each look is a written row, and a clock that was wrong costs no
/// more than this.
pub const IDLE_LOOK_MAX: i64 = DAY;
/// Bytes of everything that a Desk is told of who works where, as JSON. A value of its store may have 2 MB, and two changes may meet.
pub const ROSTER_BYTES: usize = 1_500_000;
/// Teams of a workspace.
pub const TEAMS_MAX: usize = 50;
/// Agents of a team.
pub const TEAM_MEMBERS_MAX: usize = 200;
/// Languages of an agent.
pub const LANGUAGES_MAX: usize = 10;
/// Skills of an agent.
pub const SKILLS_MAX: usize = 20;
/// Characters of a skill.
pub const SKILL_CHARS: usize = 40;
/// Spans of one day of business hours.
pub const HOURS_SPANS: usize = 6;
/// Days that are different.
pub const HOURS_EXCEPTIONS: usize = 200;
/// Weeks for which the changes of a time zone are kept with hours: five years.
pub const OFFSET_WEEKS: usize = 261;
/// How far ahead the next opening is looked for, in days.
pub const HOURS_AHEAD_DAYS: i64 = 60;
/// How long an agent whose last socket has gone is still seen, in milliseconds: a page that is loaded anew takes less.
pub const PRESENCE_GRACE: i64 = 5 * SECOND;
/// Departures from a line from which its pace is taken.
pub const DEPARTURES: usize = 20;
/// A longer time between two departures says nothing of the next one, in milliseconds: nobody was at work.
pub const DEPARTURE_MAX: i64 = HOUR;
/// Visitors who are told their place at once …
pub const PLACES_AT_ONCE: usize = 50;
/// … and how long the Desk waits before it tells the next, in milliseconds.
pub const PLACES_INTERVAL: i64 = 2 * SECOND;
/// How long an agent who let a conversation ring, declined it or gave it back is not asked for it again …
pub const LEFT_OUT: i64 = 2 * MINUTE;
/// … if there is anybody else; if not, it comes back to them after this.
pub const LEFT_OUT_ALONE: i64 = 30 * SECOND;
/// How long one rings of which the Desk hears from its Room, in milliseconds: its own store was put back.
pub const RING_ADOPTED: i64 = 30 * SECOND;
/// Conversations in a row that ring in vain before their agent is away.
pub const MISSED_BEFORE_AWAY: u32 = 2;
/// Conversations that are looked at when something has changed: those at the head of the queue.
pub const QUEUE_LOOK: usize = 200;
/// Decisions of routing that a Desk remembers: a busy day of a small team, and with what the two limits below leave of each line
/// a few megabytes at most.
pub const DECISIONS_KEPT: u64 = 1_000;
/// Agents of each kind (could be asked, could not) that a line of that log names; it counts the others.
pub const DECISION_AGENTS: usize = 20;
/// Rounds of probes that it tells of.
pub const DECISION_ROUNDS: usize = 20;
/// Decisions in one answer, if the client names no limit and at most.
pub const DECISIONS_PAGE: u64 = 50;

// ------------------------------------------------------------------------------------------------ bot

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
/// How often a call to an owner's system is tried; each time it may take `BOT_PATIENCE`.
pub const ACTION_TRIES: u8 = 3;
/// Largest answer of an owner's system, in bytes.
pub const ACTION_BYTES: usize = 8 * 1024;
/// How long after it was decided a call may be begun by a Room that has woken up: less than the five minutes in which a signature is good.
pub const ACTION_LIFE: i64 = 5 * MINUTE;
/// Calls that one conversation may cause in an hour.
pub const ACTIONS_PER_HOUR: usize = 10;
/// Failures in a row after which a host is not called …
pub const BREAKER_FAILURES: u8 = 5;
/// … for so long.
pub const BREAKER_PAUSE: i64 = 30 * SECOND;
/// Hosts of which an isolate remembers how they did.
pub const BREAKER_HOSTS: usize = 100;
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
/// How long after a message the bot still answers a visitor who waits for a person, if the Room was away meanwhile.
pub const BOT_LATE: i64 = MINUTE;

// ------------------------------------------------------------------------------------------------ logs

/// Messages whose digests are written as one row, so that waking need not read a long log.
pub const DIGEST_ENTRIES: u64 = 256;
/// Unread messages that are counted; lists show "99+" long before. At most `DIGEST_ENTRIES`, which waking reads.
pub const UNREAD_MAX: usize = 256;

// ------------------------------------------------------------------------------------------------ pipeline

/// Largest body of a queue message; the platform takes 128,000 bytes, about 100 of them its own.
pub const QUEUE_BODY_BYTES: usize = 90_000;
/// Bytes of a visitor's profile as JSON, so that an event with the longest message still fits a queue message.
pub const PROFILE_BYTES: usize = 16_000;
/// The same for what a socket's attachment keeps before there is a Room (the platform takes 16,384 in all).
pub const EARLY_PROFILE_BYTES: usize = 8_000;
/// Entries told to the projection at once.
pub const OUTBOX_ENTRIES: u64 = 200;
/// After this long without a message a Room holds its log against D1 (INV-7).
pub const RECONCILE_AFTER: i64 = MINUTE;
/// Entries compared with D1 at once.
pub const RECONCILE_ENTRIES: u64 = 500;
/// First and last wait between tries of something that fails.
pub const BACKOFF: (i64, i64) = (2 * SECOND, 5 * MINUTE);
/// A call out of a Room that has not come back by then is given up: one alarm serves this and the comparison.
pub const ANSWER_PATIENCE: i64 = RECONCILE_AFTER;
/// An alarm that has not rung by then was lost.
pub const ALARM_PATIENCE: i64 = 10 * SECOND;
/// What a Room tells others within this time waits for a timer, anything later for the alarm. Shorter than the ten seconds
/// after which the platform puts an object to sleep, so that it keeps none awake.
pub const TIMER_MAX: i64 = 5 * SECOND;
/// A comparison with D1 may come this much early, if the alarm rings anyway.
pub const RECONCILE_SLACK: i64 = 5 * SECOND;
/// A notice to the Desk may go this much early, if the alarm rings anyway.
pub const NOTICE_SLACK: i64 = 250;
/// How long the Desk is not told that somebody came or went, in milliseconds, so that it hears of both sides of a
/// conversation at once. Well below the second in which consoles are told.
pub const PRESENCE_PAUSE: i64 = 250;
/// A hello that shows a restored store may ask for a reconciliation this often.
pub const SUSPICION_INTERVAL: i64 = 30 * SECOND;
/// How long an object remembers whom it must refuse: the life of a ticket and a margin.
pub const REVOCATION_MEMORY: i64 = 20 * MINUTE;
/// Ended sessions that a Room or Desk remembers whatever their age.
pub const SESSIONS_REMEMBERED: usize = 32;
/// Revocations that one sweep tells the Desks of: each is a call, and the free plan allows 50 in one invocation.
pub const REVOCATIONS_PER_SWEEP: u64 = 20;
/// Desks that one sweep tells how to route.
pub const CONFIGURED_PER_SWEEP: u64 = 8;
/// A revocation that is marked is still being told by the request that marked it: the sweep leaves it alone so long.
pub const REVOCATION_HEAD_START: i64 = 30 * SECOND;
/// Longest time that a conversation may be snoozed.
pub const SNOOZE_MAX: i64 = 366 * DAY;
/// Longest wait between two tries of anything.
pub const AGENDA_MAX: i64 = HOUR;

// ------------------------------------------------------------------------------------------------ history

/// Parameters of one D1 statement (D1's own limit).
pub const D1_PARAMETERS: usize = 100;
/// Bytes of one D1 statement's text (D1's own limit).
pub const D1_STATEMENT_BYTES: usize = 100_000;
/// Bytes of one bound text (D1 takes 2 MB).
pub const D1_TEXT_BYTES: usize = 2_000_000;
/// Bytes of queue messages in one D1 batch; the words of an entry take at most five times its text.
pub const PROJECTION_BYTES: usize = 300_000;
/// A queue message that could not be projected comes again after this long; with the 50 times of `wrangler.toml` that
/// outlasts an outage of a quarter of an hour, …
pub const PROJECTION_RETRY_SECONDS: u32 = 20;
/// … and one of the dead-letter queue after this long: with its 100 times that is eight hours.
pub const DEAD_RETRY_SECONDS: u32 = 300;
/// Characters of a text that are indexed or looked at in a query; no message is longer.
pub const INDEX_CHARS: usize = TEXT_CHARS;
/// Letters of one word that are indexed; what follows is cut on both sides.
pub const WORD_CHARS: usize = 40;
/// Words and runs of a search that are looked for; the rest is ignored.
pub const QUERY_TERMS: usize = 12;
/// Pairs of one run in a search.
pub const RUN_CHARS: usize = 20;
/// Messages with the searched words that are looked at, the last ones first: D1 bills every row it reads.
pub const SEARCH_WINDOW: u64 = 1_000;
/// Characters of a message shown as a hit.
pub const EXCERPT_CHARS: usize = 200;

// ------------------------------------------------------------------------------------------------ bot

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
/// Fields of a form.
pub const FORM_FIELDS: usize = 6;
/// Characters of an order number …
pub const ORDER_CHARS: std::ops::RangeInclusive<usize> = 4..=40;
/// … and digits that it has if it stands within a sentence: fewer are a size, a day or a model of something.
pub const ORDER_DIGITS: usize = 3;
/// Digits of a telephone number; no longer one exists (E.164).
pub const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
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
/// Characters of its answer.
pub const ARTICLE_CHARS: usize = 20_000;
/// Largest body that brings intents or FAQ, in bytes: what a bound text of D1 takes.
pub const KNOWLEDGE_BODY_BYTES: usize = D1_TEXT_BYTES;
/// Largest model that is taken, in bytes: it is bound as hexadecimal digits, which D1 takes 2 MB of.
pub const MODEL_BYTES: usize = 900_000;
/// Models of a workspace that are kept.
pub const MODELS_KEPT: u64 = 20;
/// Models that an isolate remembers: a megabyte each.
pub const MODELS_REMEMBERED: usize = 4;
/// Most of the right answers that a bot may hold back, in percent.
pub const HOLD_BACK_MAX: u32 = 50;

// ------------------------------------------------------------------------------------------------ trust

/// Least bytes of a secret: as many as HS256 gives back (RFC 7518, 3.2).
pub const SECRET_BYTES: usize = 32;
/// Least different bytes in it: 32 random ones have fewer with a chance of 3 in 10^17, `aaaa…` always.
pub const SECRET_DISTINCT_BYTES: usize = 16;
/// Longest token that is looked at.
pub const TOKEN_CHARS: usize = 2_048;
/// Longest life of what a site signs of its visitor.
pub const IDENTITY_LIFE: i64 = DAY;
/// Longest name that a site has for its visitor.
pub const SUBJECT_CHARS: usize = 128;
/// How far clocks of one deployment may be apart.
pub const CLOCK_SKEW: i64 = MINUTE;
/// Life of a visitor token; each use gives a new one (design section 8).
pub const VISITOR_TOKEN_LIFE: i64 = 180 * DAY;
/// Life of a ticket (design section 8).
pub const TICKET_LIFE: i64 = 15 * MINUTE;
/// A session that is not used for this long ends (ASVS 7.3.1).
pub const SESSION_IDLE: i64 = DAY;
/// A session ends after this long in any case (ASVS 7.3.2).
pub const SESSION_LIFE: i64 = 30 * DAY;
/// A session in use gets a fresh token this often.
pub const SESSION_REFRESH: i64 = HOUR;
/// Longest life of a script's token.
pub const OPS_TOKEN_LIFE: i64 = 5 * MINUTE;
/// Least and most characters of a password (NIST SP 800-63B asks for 8 and 64; ASVS 6.2.1, 6.2.9).
pub const PASSWORD_CHARS: (usize, usize) = (10, 128);
/// Fewer different characters than this is a pattern.
pub const PASSWORD_DISTINCT_CHARS: usize = 5;
/// Longest name of a host (RFC 1035).
pub const DOMAIN_CHARS: usize = 253;
/// Domains of one site.
pub const SITE_DOMAINS: usize = 50;
/// Longest e-mail address (RFC 5321 with its erratum 1690).
pub const EMAIL_CHARS: usize = 254;
/// Attempts to sign in under one address that are judged before it is locked.
pub const LOGIN_ATTEMPTS: u64 = 10;
/// Wrong passwords from one client's address before it is locked.
pub const CLIENT_ATTEMPTS: u64 = 100;
/// How long it stays locked.
pub const LOCK_OUT: i64 = 15 * MINUTE;
/// Life of an invitation.
pub const INVITATION_LIFE: i64 = 72 * HOUR;
/// Life of a link to a new password (ASVS 6.4.1).
pub const RESET_LIFE: i64 = 24 * HOUR;
/// Longest name of an agent, site or workspace, in characters.
pub const NAME_CHARS: usize = 80;
/// Longest greeting, in characters.
pub const GREETING_CHARS: usize = 500;
/// Most entries of the audit log in one answer.
pub const AUDIT_ENTRIES: u64 = 500;
/// Most rows of a list in one answer.
pub const LIST_ROWS: u64 = 100;
/// Longest text that is searched for, in characters.
pub const QUERY_CHARS: usize = 200;
/// Longest `Sec-WebSocket-Protocol` that is looked at: a ticket and a few names.
pub const PROTOCOL_HEADER_BYTES: usize = 4_096;
/// Names in it that are looked at.
pub const PROTOCOL_OFFERS: usize = 8;
/// Largest body of a request, in bytes.
pub const BODY_BYTES: usize = 16 * 1024;
/// Largest body of a script's request: the demo with its FAQ.
pub const OPS_BODY_BYTES: usize = 256 * 1024;
/// How long a site is remembered by an isolate, and how many are.
pub const SITE_CACHE: (i64, usize) = (30 * SECOND, 1_000);

// ------------------------------------------------------------------------------------------------ test points

/// Limits that tests may force to be small, so that what happens at them happens often. In what is deployed they are
/// the constants above: nothing can change them there.
macro_rules! test_points {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $standard:ident, small $small:literal;)*) => {
        $(
            $(#[$doc])*
            #[cfg(not(any(test, feature = "test-points")))]
            pub fn $name() -> $type {
                $standard
            }

            $(#[$doc])*
            #[cfg(any(test, feature = "test-points"))]
            pub fn $name() -> $type {
                points::$name.get()
            }
        )*

        /// The same limits in the hands of a test, for its own thread.
        #[cfg(any(test, feature = "test-points"))]
        pub mod points {
            use std::cell::Cell;

            thread_local! {
                $(#[allow(non_upper_case_globals)] pub(super) static $name: Cell<$type> = const { Cell::new(super::$standard) };)*
            }

            /// Draws each limit anew: as it is deployed, or small. `below` gives a number below the one it is given.
            pub fn draw(below: &mut dyn FnMut(u64) -> u64) {
                $(
                    let (kind, more) = (below(2), below(6));
                    $name.set(if kind == 0 { super::$standard } else { $small + more as $type });
                )*
            }
        }
    };
}

test_points! {
    /// Entries in a `welcome` or a page.
    page_entries: u64 = PAGE_ENTRIES, small 1;
    /// Messages whose digests are one row.
    digest_entries: u64 = DIGEST_ENTRIES, small 16;
    /// Entries told to the projection at once.
    outbox_entries: u64 = OUTBOX_ENTRIES, small 1;
    /// Entries compared with D1 at once.
    reconcile_entries: u64 = RECONCILE_ENTRIES, small 2;
    /// Rows in a page of the Desk's snapshot.
    desk_page_rows: usize = DESK_PAGE_ROWS, small 1;
    /// Rows in one list frame.
    desk_update_rows: usize = DESK_UPDATE_ROWS, small 1;
}
