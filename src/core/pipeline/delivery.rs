//! What the queue hands to the consumer: read, held against the contract, and never lost. Whatever can't be an event
//! is a dead letter with a reason, and the rest of its batch goes on.

use serde::Deserialize;

use super::event::{ConversationRow, EVENT_VERSION, EventEntry, RoomEvent};
use crate::core::{
    json,
    limits::{D1_TEXT_BYTES, MAX_INTEGER},
    time::Timestamp,
};

/// One queue message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The queue's own name for it; the same again when it comes again.
    pub id: String,
    /// Its text; none if it was no text.
    pub body: Option<String>,
}

/// What is to happen with a queue message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is in the history, or among the dead letters.
    Ack,
    /// It is in neither: give it again later (`limits::PROJECTION_RETRY_SECONDS`).
    Retry,
}

/// Why a queue message can't be projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No text at all.
    NotText,
    /// Not JSON, or cut.
    NotJson,
    /// Of a version that this code does not know: a newer one wrote it, and this one must not guess.
    UnknownVersion,
    /// JSON, but not an event: a field is missing or is not what it must be, an id among them.
    WrongShape,
    /// A number that no Room gives or JavaScript can't hold, or a text that D1 does not take.
    OutOfRange,
    /// It names a conversation that belongs to another workspace (INV-8).
    ForeignWorkspace,
    /// It came again and again, was good every time, and D1 did not take it even alone.
    Undeliverable,
}

impl Reason {
    /// Every reason, in the order of the documentation (`docs/pipeline.md`).
    pub const ALL: [Reason; 7] = [
        Reason::NotText,
        Reason::NotJson,
        Reason::UnknownVersion,
        Reason::WrongShape,
        Reason::OutOfRange,
        Reason::ForeignWorkspace,
        Reason::Undeliverable,
    ];

    /// As stored. Stable: operators search for it.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NotText => "not_text",
            Reason::NotJson => "not_json",
            Reason::UnknownVersion => "unknown_version",
            Reason::WrongShape => "wrong_shape",
            Reason::OutOfRange => "out_of_range",
            Reason::ForeignWorkspace => "foreign_workspace",
            Reason::Undeliverable => "undeliverable",
        }
    }
}

/// A queue message that goes to the dead letters, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue's name for the message.
    pub message_id: String,
    /// Why.
    pub reason: Reason,
    /// What it said.
    pub body: String,
}

impl DeadLetter {
    /// Puts a delivery away.
    pub fn of(delivery: &Delivery, reason: Reason) -> Self {
        DeadLetter { message_id: delivery.id.clone(), reason, body: delivery.body.clone().unwrap_or_default() }
    }
}

/// What events of all versions have.
#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

fn reason(error: serde_json::Error) -> Reason {
    if error.is_data() { Reason::WrongShape } else { Reason::NotJson }
}

/// Reads an event.
pub fn read(delivery: &Delivery) -> Result<RoomEvent, Reason> {
    let text = delivery.body.as_deref().ok_or(Reason::NotText)?;
    let Versioned { v: version } = json::from_str(text).map_err(reason)?;
    if version == 0 || version > u64::from(EVENT_VERSION) {
        return Err(Reason::UnknownVersion);
    }
    let event: RoomEvent = json::from_str(text).map_err(reason)?;
    let entries = || event.public.iter().chain(&event.private);
    if !is_row_in_range(&event.conversation) || !entries().all(is_entry_in_range) || text.len() > D1_TEXT_BYTES / 4 {
        return Err(Reason::OutOfRange);
    }
    Ok(event)
}

fn is_row_in_range(row: &ConversationRow) -> bool {
    let numbers = [row.log_epoch, row.rev, row.assignment_epoch, row.unread, row.head, row.private_head];
    let times = [Some(row.created_at), Some(row.last_at), row.snoozed_until, row.waiting_since];
    numbers.into_iter().all(|number| number <= MAX_INTEGER) && times.into_iter().flatten().all(is_time_in_range)
}

fn is_entry_in_range(entry: &EventEntry) -> bool {
    let asked = entry.turn.as_ref().map_or(0, |turn| turn.to);
    let numbers = [entry.seq, entry.follows, asked];
    entry.seq >= 1 && numbers.into_iter().all(|number| number <= MAX_INTEGER) && is_time_in_range(entry.at)
}

fn is_time_in_range(time: Timestamp) -> bool {
    time.0.unsigned_abs() <= MAX_INTEGER
}
