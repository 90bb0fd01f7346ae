//! What one participant may ask of a Room, over all of their sockets and across reconnects: frames by what they cost the
//! Room, and what a visitor says by its bytes. In memory only (INV-9): a Room that was away has forgotten, and the time it
//! took to go away has refilled everything.

use crate::core::{
    bucket::{BucketSize, TokenBucket},
    limits::{AGENT_FRAMES, HISTORY_FRAME_COST, VISITOR_BYTES, VISITOR_FRAMES},
    protocol::wire::{self, client_frame::Frame},
    time::Timestamp,
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

    /// Counts a frame (none: something that is no frame) of a socket that has been greeted or not, or says in how many
    /// milliseconds it may come again.
    pub fn take(&mut self, frame: Option<&Frame>, is_greeted: bool, now: Timestamp) -> Result<(), u64> {
        self.frames.take_many(self.size, now, cost(frame, is_greeted))?;
        let Some(bytes) = &mut self.bytes else { return Ok(()) };
        // A text over the limit is refused as such, not for its size here.
        let length = i64::try_from(length(frame)).unwrap_or(i64::MAX).min(VISITOR_BYTES.burst);
        bytes.take_many(VISITOR_BYTES, now, length)
    }
}

/// Bytes that the Room is to keep.
fn length(frame: Option<&Frame>) -> usize {
    match frame {
        Some(Frame::Send(wire::Send { text, .. }) | Frame::LeaveEmail(wire::LeaveEmail { text, .. })) => text.len(),
        Some(Frame::Identify(wire::Identify { name, email, attributes })) => {
            let attributes = attributes.iter().map(|(name, value)| name.len() + value.len());
            name.len() + email.len() + attributes.sum::<usize>()
        }
        Some(_) | None => 0,
    }
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
