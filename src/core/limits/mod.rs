//! Every limit in one place, with where it comes from.

mod bot;
mod desk;

pub use self::{bot::*, desk::*};
use super::{
    bucket::BucketSize,
    time::{DAY, HOUR, MINUTE, SECOND},
};

// ------------------------------------------------------------------------------------------------ wire

/// Largest frame taken from a client, in bytes (design section 5). The platform itself takes 32 MiB.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Largest text of a message or note, in characters.
pub const TEXT_CHARS: usize = 8_000;
/// What is passed on of a text that a visitor is still writing, in characters: its end. A console shows 160 of them; the whole of a
/// long text with every key would be a flood for each agent who looks on.
pub const TYPING_CHARS: usize = 200;
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
/// Tokens that a `page`, or a `hello` on a socket that has said it, takes: it reads and writes up to a hundred entries. What writes
/// the record, like `identify`, takes as many.
/// The first `hello` of a socket costs one, because the gateway has counted the socket.
pub const HISTORY_FRAME_COST: i64 = 10;
/// Bytes of text, and of what a page says of them, that a visitor may send to one Room: ten long messages at once, then a human pace,
/// some twenty times as fast as anybody types. A database that is full lets nobody sign in.
pub const VISITOR_BYTES: BucketSize = BucketSize { burst: 256 * 1024, per_second: 256 };
/// What a message costs of them besides its text, as its rows do: a thousand short ones at once, then one a second.
pub const MESSAGE_BYTES: i64 = 256;
/// Frames of an agent over all sockets, in one Room or at the Desk.
pub const AGENT_FRAMES: BucketSize = BucketSize { burst: 400, per_second: 100 };
/// Bytes of text and notes of an agent in one Room: as much at once as a visitor, then four short messages a second. A script in a stolen
/// session is to fill no store.
pub const AGENT_BYTES: BucketSize = BucketSize { burst: 256 * 1024, per_second: 1024 };
/// Refusals in a row after which a socket is closed.
pub const REFUSALS_BEFORE_CLOSE: u32 = 10;

// ------------------------------------------------------------------------------------------------ admission

/// Descriptors that workerd takes for a connection, whether it has become a socket or not (measured: two of one).
pub const SOCKET_DESCRIPTORS: u64 = 2;
/// Descriptors of an awake object: database, write-ahead log and shared memory (measured).
pub const OBJECT_DESCRIPTORS: u64 = 3;
/// What sockets may take of a process's descriptors: at 20,000 it is 8,000 sockets, the most that one process is meant for.
pub const SOCKETS_PERCENT: u64 = 80;
/// What sockets and awake objects may take together, and with them half of what those would who may stand outside with
/// a connection that nothing has counted yet; the rest is for requests that are no sockets, for objects that wake by
/// themselves, for the history and the queue.
pub const HELD_PERCENT: u64 = 90;
/// The same for sockets of a Desk, with nobody outside: agents come in when visitors don't.
pub const DESK_PERCENT: u64 = 95;
/// The same for Rooms in a storm, with everybody outside: 8,000 sockets at 20,000 descriptors leave 15 % for all that is awake, and
/// 5 % for what is neither Room nor Desk.
pub const STORM_PERCENT: u64 = 95;
/// How long it is a storm after the gateway had too many knocks last: by then whoever was refused has parted, and they
/// come back one by one.
pub const STORM_TIME: i64 = 10 * SECOND;
/// What a process has for itself: 57 at rest and three for each of 64 Limiters (measured), and what moves while it is
/// counted; of few descriptors a tenth. Where sockets and awake objects take more than the rest, what wakes by itself has
/// filled the process.
pub const PROCESS_DESCRIPTORS: u64 = 400;
/// What Rooms may take that knocks have woken within `AWAKE_TIME`: else a wave of a storm takes what the others have
/// that are awake.
pub const WAKING_PERCENT: u64 = 13;
/// How long after its last event an object still counts as awake: the platform puts it to sleep after ten seconds.
pub const AWAKE_TIME: i64 = 12 * SECOND;
/// An object with sockets is heard of once in the life of a ticket at least; after this it has none any more.
pub const ADMISSION_SILENCE: i64 = TICKET_LIFE + 5 * MINUTE;
/// An object repeats its report no sooner than this, if nothing has changed.
pub const REPORT_INTERVAL: i64 = 2 * SECOND;
/// Knocks at Rooms that the gateway deals with at the same time: three seconds of one thread, at 6.5 ms each (measured);
/// where there are few descriptors, what takes a fifth of them.
pub const KNOCKS_AT_ONCE: u64 = 400;
/// See `KNOCKS_AT_ONCE`.
pub const KNOCKS_PERCENT: u64 = 20;
/// How long a knock may take; one that was cut in the middle, as by a client that hangs up, has ended by then.
pub const KNOCK_TIME: i64 = 10 * SECOND;
/// How long a socket may be on its way into an object; a knock that was cut in the middle has ended by then.
pub const RESERVATION_TIME: i64 = 30 * SECOND;
/// How long the gateway takes for a knock, in milliseconds, with what a waking Room costs (8,000 came in within 90 seconds).
pub const KNOCK_MS: u64 = 10;
/// So long after the last that was refused there is no crowd any more.
pub const CROWD_TIME: i64 = 30 * SECOND;
/// When a client comes again that was refused for want of room, in milliseconds: by then the objects that woke sleep. Of
/// a crowd within `KNOCK_MS` for each that was refused, if that is longer.
pub const ADMISSION_RETRY: (u64, u64) = (5_000, 25_000);

// ------------------------------------------------------------------------------------------------ limiter

/// Keys that one Limiter holds: at most about 700 bytes each, so 14 MB of the 128 that an object has.
pub const LIMITER_KEYS: usize = 20_000;
/// Longest time that a Limiter stays awake for its counters.
pub const LIMITER_KEEP_MAX: i64 = 5 * MINUTE;
/// How long nobody asks a Limiter until it has forgotten, in milliseconds, with a margin.
pub const LIMITER_SLEEP: u64 = 15_000;
/// Longest window of a limit.
pub const LIMITER_WINDOW_MAX: i64 = DAY;
/// Requests counted at once.
pub const LIMITER_REQUESTS: usize = 16;
/// Longest key, in bytes.
pub const LIMITER_KEY_BYTES: usize = 256;

// ------------------------------------------------------------------------------------------------ logs

/// Messages whose digests are written as one row, so that waking need not read a long log.
pub const DIGEST_ENTRIES: u64 = 256;
/// Entries that a Room looks back over at most when it wakes, to find the last answer.
pub const LOOK_BACK: u64 = 16 * DIGEST_ENTRIES;
/// Unread messages that are counted; lists show "99+" long before.
pub const UNREAD_MAX: usize = 256;

// ------------------------------------------------------------------------------------------------ pipeline

/// Largest body of a queue message; the platform takes 128,000 bytes, about 100 of them its own.
pub const QUEUE_BODY_BYTES: usize = 90_000;
/// Bytes of a visitor's profile as JSON, so that an event with the longest message still fits a queue message.
pub const PROFILE_BYTES: usize = 16_000;
/// The same for what a socket's attachment keeps before there is a Room. The platform takes 16,384 bytes in all, and keeps each
/// letter of a text in two if one of them is beyond Latin-1.
pub const EARLY_PROFILE_BYTES: usize = 5_000;
/// Longest that a deployment may let Rooms gather what they tell the projection. Two minutes is the setting for the free plan;
/// beyond that the history looks broken to whoever reads it.
pub const EVENTS_DELAY_MAX: i64 = HOUR;
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
/// What a client has shown and D1 did not hold may still be on its way there: the Room asks once more after the queue's and
/// its own longest wait between tries.
pub const DOUBT: i64 = BACKOFF.1 + RECONCILE_AFTER;
/// How long an object remembers whom it must refuse: the life of a ticket and a margin.
pub const REVOCATION_MEMORY: i64 = 20 * MINUTE;
/// Ended sessions that a Room or Desk remembers whatever their age.
pub const SESSIONS_REMEMBERED: usize = 32;
/// Revocations that one sweep tells the Desks of: each is a call, and the free plan allows 50 in one invocation.
pub const REVOCATIONS_PER_SWEEP: u64 = 20;
/// Desks that one sweep tells how to route.
pub const CONFIGURED_PER_SWEEP: u64 = 8;
/// Hours whose zones one sweep looks up again, …
pub const ZONES_PER_SWEEP: u64 = 5;
/// … once that was so long ago: releases of the time zone database are some weeks apart.
pub const ZONES_KEPT: i64 = 30 * DAY;
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
/// Messages with the searched words that are looked at, the last ones first, and conversations whose visitors' names are: D1 bills
/// every row it reads.
pub const SEARCH_WINDOW: u64 = 1_000;
/// Characters of a message shown as a hit.
pub const EXCERPT_CHARS: usize = 200;

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
/// Largest picture of an agent, in bytes; the console makes much smaller ones.
pub const PICTURE_BYTES: usize = 64 * 1024;
/// Most pixels of a picture in each direction.
pub const PICTURE_SIDE: u32 = 512;
/// Largest picture of an answer, in bytes, and its most pixels in each direction.
pub const ANSWER_PICTURE_BYTES: usize = 256 * 1024;
/// See there.
pub const ANSWER_PICTURE_SIDE: u32 = 2_000;
/// Longest name of an answer's picture with the text that stands for it, in characters.
pub const PICTURE_CHARS: usize = 250;
/// Characters of a picture's hash.
pub const PICTURE_HASH_CHARS: usize = 32;
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
