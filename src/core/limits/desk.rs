//! Limits of the Desk: what it tells, and how it finds an agent.

use crate::core::time::{DAY, HOUR, MINUTE, SECOND};

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
/// So far ahead (first) only this many a second (second): few enough to cost nothing beside the messages themselves. As far
/// again, and they are as many as they may be.
pub const NOTICES_UNHURRIED: (i64, i64) = (10 * SECOND, 10);
/// Shortest time between two such notices of one Room.
pub const NOTICE_INTERVAL: i64 = SECOND;
/// Longest time between them.
pub const NOTICE_INTERVAL_MAX: i64 = MINUTE;
/// A console that sent neither frame nor heartbeat for so long makes its agent away.
pub const SILENCE: i64 = MINUTE;
/// How often that is looked at: the one alarm while an agent is connected (INV-11).
pub const LOOK_INTERVAL: i64 = 30 * SECOND;
/// How much further an assignment's epoch may be than the last where the time is not past that one, in milliseconds.
pub const EPOCH_STEPS: u64 = 1 << 12;
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
/// How long what the bot has answered may stand still where nothing else ends by itself, in minutes: a day, because whoever sleeps on an
/// answer finds their chat as they left it, and a Desk holds a day's of them and not a year's.
pub const BOT_IDLE_MINUTES: u32 = 24 * 60;
/// Longest wait for the end of a conversation that stands still: each look is a written row, and a clock that was wrong costs no
/// more than this.
pub const IDLE_LOOK_MAX: i64 = DAY;
/// Bytes of everything that a Desk is told of who works where, as JSON. A value of its store may have 2 MB, and two changes may meet.
pub const ROSTER_BYTES: usize = 1_500_000;
/// Agents of a workspace, with those who are shut out: a list has them all.
pub const AGENTS_MAX: u64 = 1_000;
/// Sites of a workspace.
pub const SITES_MAX: u64 = 200;
/// Teams of a workspace.
pub const TEAMS_MAX: usize = 50;
/// Tags of a workspace …
pub const TAGS_MAX: u64 = 100;
/// … and of one conversation.
pub const TAGS_OF_CONVERSATION: usize = 20;
/// Characters of a tag's name.
pub const TAG_CHARS: usize = 40;
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
/// How long the pace of a line is kept in which nobody is answered, in days.
pub const WAITS_KEPT_DAYS: i64 = 30;
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
