//! The events queue and its consumer: real statements on real SQLite; a queue that loses, doubles, mixes and splits.

use bellhop::{
    core::{
        limits::PROJECTION_RETRY_SECONDS,
        pipeline::{
            delivery::{Delivery, Verdict},
            event::RoomEvent,
        },
        room::effect::Input as RoomInput,
        time::{SECOND, Timestamp},
    },
    sql::{
        consume::consume,
        testing::{BatchFault, ready},
    },
};

use crate::{
    calls::Answer,
    faults::Fault,
    truth::holds,
    world::{Event, World},
};

/// A message of the queue.
pub struct Queued {
    delivery: Delivery,
    due: i64,
}

impl World {
    /// A Room gives an event to the queue.
    pub fn publish(&mut self, event: &RoomEvent) -> Answer {
        let (lost, doubled) = (self.draws(Fault::QueueLost), self.draws(Fault::QueueDoubled));
        let (refused, wait) = (self.draws(Fault::QueueRefused), self.dice.between(50, 3_000));
        if refused {
            self.bites(Fault::QueueRefused);
            return Answer::Room(Box::new(RoomInput::Published(None)));
        }
        if lost {
            self.bites(Fault::QueueLost);
        } else {
            if doubled {
                self.bites(Fault::QueueDoubled);
            }
            let body = serde_json::to_string(event).ok();
            for desk in self.desks.iter().filter(|desk| desk.id != event.conversation.workspace) {
                let crosses = body.as_deref().is_some_and(|body| holds(body.as_bytes(), &desk.canary));
                assert!(!crosses, "INV-8, C9: another workspace's words in an event: {event:?}");
            }
            for copy in 0..if doubled { 2 } else { 1 } {
                let id = format!("q{}", self.dice.bits());
                let delivery = Delivery { id, body: body.clone() };
                self.queue.push(Queued { delivery, due: self.now + wait * (copy + 1) });
            }
            self.plan_consumer(wait);
        }
        Answer::Room(Box::new(RoomInput::Published(Some(event.upto))))
    }

    fn plan_consumer(&mut self, wait: i64) {
        if !self.consuming {
            self.consuming = true;
            self.plan(wait.max(200), Event::Consume);
        }
    }

    /// What the batch of D1 that comes now runs into. Where one only reads, there is nothing that could be done unsaid.
    pub fn shake_database(&mut self, writes: bool) {
        let (fails, mute) = (self.draws(Fault::DatabaseFails), self.draws(Fault::DatabaseMute));
        if self.database.down.get() {
            self.bites(Fault::DatabaseGone);
        } else if fails {
            self.bites(Fault::DatabaseFails);
            self.database.fault_after(0, BatchFault::Before);
        } else if mute && writes {
            self.bites(Fault::DatabaseMute);
            self.database.fault_after(0, BatchFault::After);
        }
    }

    /// The consumer takes what is due, or a part of it, in some order.
    pub fn consume(&mut self) {
        self.consuming = false;
        let (mixes, splits) = (self.draws(Fault::QueueReordered), self.draws(Fault::QueueSplit));
        let (mut batch, mut rest) = (Vec::new(), Vec::new());
        let (mut is_split, mut is_mixed) = (false, false);
        for queued in std::mem::take(&mut self.queue) {
            let stays = splits && self.dice.one_in(2);
            is_split |= stays && queued.due <= self.now;
            if queued.due <= self.now && !stays && batch.len() < 20 { &mut batch } else { &mut rest }.push(queued);
        }
        if mixes {
            for place in (1..batch.len()).rev() {
                let other = self.dice.place(place + 1);
                batch.swap(place, other);
                is_mixed |= place != other;
            }
        }
        for (fault, bites) in [(Fault::QueueReordered, is_mixed), (Fault::QueueSplit, is_split && !batch.is_empty())] {
            if bites {
                self.bites(fault);
            }
        }
        if !batch.is_empty() {
            self.shake_database(true);
            let deliveries: Vec<Delivery> = batch.iter().map(|queued| queued.delivery.clone()).collect();
            let consumed = ready(consume(&self.database, "bellhop-events", &deliveries, Timestamp(self.now)));
            let again = self.now + i64::from(PROJECTION_RETRY_SECONDS) * SECOND;
            for (mut queued, verdict) in batch.into_iter().zip(consumed.verdicts) {
                if verdict == Verdict::Retry || self.strikes(Fault::QueueRetried) {
                    queued.due = again;
                    rest.push(queued);
                }
            }
        }
        self.queue = rest;
        if let Some(next) = self.queue.iter().map(|queued| queued.due).min() {
            let wait = next - self.now;
            self.plan_consumer(wait);
        }
    }
}
