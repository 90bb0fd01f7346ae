//! The consumer of the queue: every message of a batch ends in the history, among the dead letters, or comes again.
//!
//! A batch that the database refuses is cut in halves a few times, so that one bad message costs its neighbours little;
//! in an outage everything waits. The Room itself heals what the queue loses (INV-7), so this
//! needs no memory. The edge only carries the verdicts out.

use std::collections::VecDeque;

use super::projection;
use crate::core::{
    limits::{D1_TEXT_BYTES, PROJECTION_BYTES},
    pipeline::{
        delivery::{DeadLetter, Delivery, Reason, Verdict, read},
        event::RoomEvent,
        fold::fold,
    },
    port::{Database, SqlError},
    time::Timestamp,
};

/// Batches more than were planned that one invocation may try while it looks for the one that is refused: with eight
/// statements each, the free plan's 50 queries hold.
const EXTRA_BATCHES: usize = 4;

/// Events of the dead-letter queue that one invocation tries, one by one.
const DEAD_EVENTS: usize = 5;

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Consumed {
    /// One for each delivery, in their order.
    pub verdicts: Vec<Verdict>,
    /// Those that went to the dead letters, by their place, for the log.
    pub buried: Vec<(usize, Reason)>,
    /// What the database said when it refused, for the log.
    pub refusals: Vec<SqlError>,
}

/// Projects the messages of the events queue.
pub async fn consume(database: &impl Database, queue: &str, deliveries: &[Delivery], now: Timestamp) -> Consumed {
    let (events, mut letters) = sort(deliveries);
    let mut work = Work::default();
    project(database, &events, &mut work).await;
    letters.append(&mut work.letters);
    bury(database, queue, deliveries, letters, now, &mut work).await;
    work.finish(deliveries.len())
}

/// Takes what the events queue has given up: each message alone once more, because it may only have been unlucky in
/// its neighbours or in the hour, else to the dead letters.
pub async fn consume_dead(database: &impl Database, queue: &str, deliveries: &[Delivery], now: Timestamp) -> Consumed {
    let (events, mut letters) = sort(deliveries);
    let mut work = Work::default();
    for event in events.iter().take(DEAD_EVENTS) {
        if !run(database, std::slice::from_ref(event), &mut work).await {
            letters.push((event.place, Reason::Undeliverable));
        }
    }
    letters.append(&mut work.letters);
    bury(database, queue, deliveries, letters, now, &mut work).await;
    work.finish(deliveries.len())
}

/// An event and its place among the deliveries.
struct Placed {
    place: usize,
    event: RoomEvent,
    bytes: usize,
}

/// What is to be buried: a place among the deliveries, and why.
type Letter = (usize, Reason);

fn sort(deliveries: &[Delivery]) -> (Vec<Placed>, Vec<Letter>) {
    let (mut events, mut letters) = (Vec::new(), Vec::new());
    for (place, delivery) in deliveries.iter().enumerate() {
        match read(delivery) {
            Ok(event) => {
                events.push(Placed { place, event, bytes: delivery.body.as_deref().map_or(0, str::len) });
            }
            Err(reason) => letters.push((place, reason)),
        }
    }
    (events, letters)
}

/// What is done so far.
#[derive(Default)]
struct Work {
    projected: Vec<usize>,
    letters: Vec<Letter>,
    buried: Vec<Letter>,
    refusals: Vec<SqlError>,
}

impl Work {
    fn finish(self, count: usize) -> Consumed {
        let is_done = |place| self.projected.contains(&place) || self.buried.iter().any(|(buried, _)| *buried == place);
        let verdicts = (0..count).map(|place| if is_done(place) { Verdict::Ack } else { Verdict::Retry }).collect();
        Consumed { verdicts, buried: self.buried, refusals: self.refusals }
    }
}

async fn project(database: &impl Database, events: &[Placed], work: &mut Work) {
    let mut waiting: VecDeque<&[Placed]> = chunks(events, PROJECTION_BYTES);
    let mut left = waiting.len() + EXTRA_BATCHES;
    // Halves wait behind everything else, so that what is good gets in before the bad one is cornered.
    while let Some(chunk) = waiting.pop_front().filter(|_| left > 0) {
        left -= 1;
        if !run(database, chunk, work).await
            && let Some((first, second)) = chunk.split_at_checked(chunk.len() / 2).filter(|_| chunk.len() > 1)
        {
            waiting.push_back(first);
            waiting.push_back(second);
        }
    }
}

/// Runs one batch. Says whether the database took it; an event that names another workspace's conversation is a
/// letter then.
async fn run(database: &impl Database, chunk: &[Placed], work: &mut Work) -> bool {
    let folded = fold(chunk.iter().map(|event| &event.event));
    let rows = match database.batch(projection::statements(&folded)).await {
        Ok(rows) => rows,
        Err(error) => {
            work.refusals.push(error);
            return false;
        }
    };
    let foreign = projection::foreign(&rows);
    for Placed { place, event, .. } in chunk {
        let row = &event.conversation;
        if foreign.iter().any(|(conversation, workspace)| *conversation == row.id && *workspace == row.workspace) {
            work.letters.push((*place, Reason::ForeignWorkspace));
        } else {
            work.projected.push(*place);
        }
    }
    true
}

/// Writes the dead letters, as far as the database takes them.
async fn bury(
    database: &impl Database,
    queue: &str,
    deliveries: &[Delivery],
    letters: Vec<Letter>,
    now: Timestamp,
    work: &mut Work,
) {
    let whole = |(place, reason): &Letter| Some(((*place, *reason), DeadLetter::of(deliveries.get(*place)?, *reason)));
    let letters: Vec<(Letter, DeadLetter)> = letters.iter().filter_map(whole).collect();
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let (some, others) = rest.split_at_checked(fitting(rest)).unwrap_or((rest, &[]));
        let texts: Vec<DeadLetter> = some.iter().map(|(_, letter)| letter.clone()).collect();
        if let Err(error) = database.batch(vec![projection::bury(queue, &texts, now)]).await {
            work.refusals.push(error);
            return;
        }
        work.buried.extend(some.iter().map(|(letter, _)| *letter));
        rest = others;
    }
}

/// How many of the letters fit one text; JSON writes a control character as six.
fn fitting(letters: &[(Letter, DeadLetter)]) -> usize {
    let mut bytes = 0;
    let fits = letters.iter().take_while(|(_, letter)| {
        bytes += letter.body.len() * 6 + 1_000;
        bytes <= D1_TEXT_BYTES
    });
    fits.count().max(1)
}

fn chunks(events: &[Placed], limit: usize) -> VecDeque<&[Placed]> {
    let (mut chunks, mut rest) = (VecDeque::new(), events);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take_while(|event| {
            bytes += event.bytes;
            bytes <= limit
        });
        let (chunk, others) = rest.split_at_checked(fits.count().max(1)).unwrap_or((rest, &[]));
        chunks.push_back(chunk);
        rest = others;
    }
    chunks
}

#[cfg(test)]
mod tests;
