//! What one participant may ask of a Room, over all of their sockets and across reconnects: frames by what they cost the
//! Room, and what is said by its bytes. In memory only (INV-9). The time that a Room took to go away has given all
//! frames back, but not the bytes: those are counted anew from the entries that waking reads.
//!
//! A sleeper gains what lies before those, of which the number alone is known. To hide long texts takes as many short ones as a block
//! of digests has entries, and each of them is worth a second, of an agent's a quarter: 1 KiB a second at most, of an agent 4.

use litemap::LiteMap;

use crate::{
    core::{
        bucket::{BucketSize, TokenBucket},
        limits::{AGENT_BYTES, AGENT_FRAMES, HISTORY_FRAME_COST, MESSAGE_BYTES, VISITOR_BYTES, VISITOR_FRAMES},
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
    bytes_size: BucketSize,
    bytes: TokenBucket,
}

impl Allowance {
    /// Full buckets.
    pub fn full(is_agent: bool, now: Timestamp) -> Self {
        let (size, bytes_size) = if is_agent { (AGENT_FRAMES, AGENT_BYTES) } else { (VISITOR_FRAMES, VISITOR_BYTES) };
        Allowance { size, frames: TokenBucket::full(size, now), bytes_size, bytes: TokenBucket::full(bytes_size, now) }
    }

    /// Counts in a Room that has come back, of a conversation that began then, what the newest entries of its logs take from those who
    /// wrote them, and first what lies before in those logs that they write in.
    pub fn recall<'a>(
        all: &mut LiteMap<String, Allowance>,
        begun_at: Timestamp,
        mut public: &'a [IndexRow],
        mut private: &'a [IndexRow],
        factor: i64,
    ) {
        let older = |log: &[IndexRow]| log.first().map_or(0, |row| whole(row.seq.saturating_sub(1)) * MESSAGE_BYTES);
        let before = (older(public), older(private));
        // By when they were written: a bucket that is led back in time fills up once more.
        while let Some(row) = earlier(&mut public, &mut private) {
            let is_agent = row.author == "agent";
            if is_agent || row.author == "visitor" {
                let begun = || {
                    let mut full = Allowance::full(is_agent, begun_at);
                    full.spend(begun_at, (before.0 + if is_agent { before.1 } else { 0 }) / factor);
                    full
                };
                all.entry(row.author_id.clone())
                    .or_insert_with(begun)
                    .spend(row.at, (MESSAGE_BYTES + whole(row.bytes)) / factor);
            }
        }
    }

    fn spend(&mut self, at: Timestamp, bytes: i64) {
        self.bytes.spend(self.bytes_size, at, bytes);
    }

    /// Counts a frame (none: something that is no frame) of a socket that has been greeted or not, or says in how many
    /// milliseconds it may come again, and of what there was too much. What is kept counts the less the greater the deployment's `factor` is.
    pub fn take(
        &mut self,
        frame: Option<&Frame>,
        is_greeted: bool,
        factor: i64,
        now: Timestamp,
    ) -> Result<(), (u64, &'static str)> {
        self.frames.take_many(self.size, now, cost(frame, is_greeted)).map_err(|wait| (wait, "too many frames"))?;
        // A text over the limit is refused as such, not for its size here.
        let length = length(frame).min(self.bytes_size.burst) / factor;
        if length > 0 {
            // Whatever is left lets any text in, and debt lets none: a short one would else pass a long one that waits.
            self.bytes.take(self.bytes_size, now).map_err(|wait| (wait, "too much text"))?;
            self.spend(now, length - 1);
        }
        Ok(())
    }
}

/// The entry of two logs that was written first.
fn earlier<'a>(one: &mut &'a [IndexRow], other: &mut &'a [IndexRow]) -> Option<&'a IndexRow> {
    let is_others = match (one.first(), other.first()) {
        (Some(row), Some(another)) => another.at < row.at,
        (first, _) => first.is_none(),
    };
    let log = if is_others { other } else { one };
    let (row, rest) = log.split_first()?;
    *log = rest;
    Some(row)
}

/// Bytes that the Room is to keep.
fn length(frame: Option<&Frame>) -> i64 {
    match frame {
        Some(
            Frame::Send(wire::Send { text, .. })
            | Frame::Note(wire::Note { text, .. })
            | Frame::LeaveEmail(wire::LeaveEmail { text, .. }),
        ) => MESSAGE_BYTES + whole(text.len()),
        // Each may be an entry, too.
        Some(Frame::SetStatus(_) | Frame::Mute(_) | Frame::Tag(_)) => MESSAGE_BYTES,
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
