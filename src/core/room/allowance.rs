//! What one participant may ask of a Room, over all of their sockets and across reconnects: frames by what they cost the
//! Room, and what a visitor says by its bytes. In memory only (INV-9). The time that a Room took to go away has given all
//! frames back, but not the bytes: those are counted anew from the entries that waking reads.
//!
//! A sleeper gains what lies before those, of which the number alone is known. To hide long texts takes as many short ones as a block
//! of digests has entries, and each of them is worth a second: 1 KiB a second at most.

use crate::{
    core::{
        bucket::{BucketSize, TokenBucket},
        limits::{AGENT_FRAMES, HISTORY_FRAME_COST, MESSAGE_BYTES, VISITOR_BYTES, VISITOR_FRAMES},
        protocol::wire::{self, client_frame::Frame},
        time::Timestamp,
    },
    sql::room::IndexRow,
};

/// One participant's buckets.
#[derive(Debug, Clone)]
pub struct Allowance {
    size: BucketSize,
    frames: TokenBucket,
    /// Agents are known people; their text is not counted.
    bytes: Option<TokenBucket>,
}

impl Allowance {
    /// Full buckets.
    pub fn full(is_agent: bool, now: Timestamp) -> Self {
        let size = if is_agent { AGENT_FRAMES } else { VISITOR_FRAMES };
        let bytes = (!is_agent).then(|| TokenBucket::full(VISITOR_BYTES, now));
        Allowance { size, frames: TokenBucket::full(size, now), bytes }
    }

    /// A visitor's in a Room that has come back: of a conversation that began then, with its newest entries.
    pub fn recalled(begun_at: Timestamp, newest: &[IndexRow], factor: i64) -> Self {
        let mut bytes = TokenBucket::full(VISITOR_BYTES, begun_at);
        let n_older = newest.first().map_or(0, |row| row.seq.saturating_sub(1));
        bytes.spend(VISITOR_BYTES, begun_at, whole(n_older).saturating_mul(MESSAGE_BYTES) / factor);
        for row in newest.iter().filter(|row| row.author == "visitor") {
            bytes.spend(VISITOR_BYTES, row.at, (MESSAGE_BYTES + whole(row.bytes)) / factor);
        }
        Allowance { bytes: Some(bytes), ..Allowance::full(false, begun_at) }
    }

    /// Counts a frame (none: something that is no frame) of a socket that has been greeted or not, or says in how many
    /// milliseconds it may come again. What is kept counts the less the greater the deployment's `factor` is.
    pub fn take(&mut self, frame: Option<&Frame>, is_greeted: bool, factor: i64, now: Timestamp) -> Result<(), u64> {
        self.frames.take_many(self.size, now, cost(frame, is_greeted))?;
        let Some(bytes) = &mut self.bytes else { return Ok(()) };
        // A text over the limit is refused as such, not for its size here.
        let length = length(frame).min(VISITOR_BYTES.burst) / factor;
        if length > 0 {
            // Whatever is left lets any text in, and debt lets none: a short one would else pass a long one that waits.
            bytes.take(VISITOR_BYTES, now)?;
            bytes.spend(VISITOR_BYTES, now, length - 1);
        }
        Ok(())
    }
}

/// Bytes that the Room is to keep.
fn length(frame: Option<&Frame>) -> i64 {
    match frame {
        Some(Frame::Send(wire::Send { text, .. }) | Frame::LeaveEmail(wire::LeaveEmail { text, .. })) => {
            MESSAGE_BYTES + whole(text.len())
        }
        Some(Frame::Identify(wire::Identify { name, email, attributes })) => {
            let attributes = attributes.iter().map(|(name, value)| name.len() + value.len());
            whole(name.len() + email.len() + attributes.sum::<usize>())
        }
        Some(_) | None => 0,
    }
}

fn whole(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A frame that makes the Room read its log, or write its record and tell every agent, costs more than one that it passes on.
fn cost(frame: Option<&Frame>, is_greeted: bool) -> i64 {
    match frame {
        Some(Frame::Page(_) | Frame::Leave(_) | Frame::LeaveEmail(_) | Frame::Rate(_) | Frame::Identify(_)) => {
            HISTORY_FRAME_COST
        }
        Some(Frame::Hello(_)) if is_greeted => HISTORY_FRAME_COST,
        Some(_) | None => 1,
    }
}
