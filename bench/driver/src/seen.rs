//! What has come back in a run, matched to what was sent.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use serde::Serialize;

use crate::{
    open::quantile,
    plan::{Plan, named_in, number_in},
    socket::Incoming,
};

/// What the reader has seen. Times are milliseconds after the start, one for each message; NaN: not yet.
pub struct Seen<'run> {
    plan: &'run Plan,
    run: u64,
    /// When each message came to its receiver.
    pub at_ms: Vec<f64>,
    /// When its sender had the acknowledgement, and the answer.
    pub acks_ms: Option<Vec<f64>>,
    pub answers_ms: Option<Vec<f64>>,
    /// Of each room: the last message that was delivered, and answers so far.
    last: Vec<Option<usize>>,
    answered: Vec<usize>,
    delivered: &'run AtomicUsize,
    /// Deliveries and acknowledgements that had come before.
    pub duplicates: usize,
    pub out_of_order: usize,
    pub wrong_answers: usize,
    pub closed: usize,
    pub bytes: usize,
    pub newest: Instant,
}

/// How long something took, of messages that were due in the measured part; counted over the whole run.
#[derive(Debug, Serialize)]
pub struct Times {
    pub came: usize,
    pub missing: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Times {
    pub fn of(at_ms: &[f64], first: usize, rate: f64) -> Self {
        let missing = at_ms.iter().filter(|at| at.is_nan()).count();
        let sorted = since_due(at_ms, first, rate);
        Times { came: at_ms.len() - missing, missing, p50_ms: quantile(&sorted, 0.5), p99_ms: quantile(&sorted, 0.99) }
    }
}

/// How long after they were due the measured messages were there, sorted.
pub fn since_due(at_ms: &[f64], first: usize, rate: f64) -> Vec<f64> {
    let since = at_ms.iter().enumerate().skip(first).map(|(n, at)| at - n as f64 * 1e3 / rate);
    let mut sorted: Vec<f64> = since.filter(|it| !it.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

impl<'run> Seen<'run> {
    pub fn new(
        plan: &'run Plan,
        run: u64,
        total: usize,
        rooms: usize,
        delivered: &'run AtomicUsize,
        start: Instant,
    ) -> Self {
        let none_yet = || vec![f64::NAN; total];
        Seen {
            plan,
            run,
            at_ms: none_yet(),
            // A message without a name is not acknowledged.
            acks_ms: plan.messages.iter().all(|it| it.id_at.is_some()).then(none_yet),
            answers_ms: plan.answer.is_some().then(none_yet),
            last: vec![None; rooms],
            answered: vec![0; rooms],
            delivered,
            duplicates: 0,
            out_of_order: 0,
            wrong_answers: 0,
            closed: 0,
            bytes: 0,
            newest: start,
        }
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        let is_whole = |times: &Option<Vec<f64>>| times.iter().flatten().all(|at| !at.is_nan());
        self.delivered.load(Ordering::Relaxed) == self.at_ms.len()
            && is_whole(&self.acks_ms)
            && is_whole(&self.answers_ms)
    }

    /// A frame that came to the seat of this number: its room's sender or its receiver.
    pub fn frame(&mut self, seat: usize, frame: Incoming, now_ms: f64) {
        let Incoming::Data(frame) = frame else { return };
        let (room, is_sender) = (seat / 2, seat % 2 == 0);
        let Some(n) = number_in(&frame) else {
            // What names no text is part of what a message costs on the line all the same.
            self.bytes += frame.len();
            if is_sender {
                self.reply(room, &frame, now_ms);
            }
            return;
        };
        let rooms = self.last.len();
        let Some(at) = self.at_ms.get_mut(n).filter(|_| room == n % rooms) else { return };
        self.bytes += frame.len();
        if is_sender {
            return;
        }
        if !at.is_nan() {
            self.duplicates += 1;
            return;
        }
        *at = now_ms;
        self.delivered.fetch_add(1, Ordering::Relaxed);
        self.newest = Instant::now();
        if let Some(last) = self.last.get_mut(room) {
            if last.is_some_and(|last| last > n) {
                self.out_of_order += 1;
            }
            *last = Some(n);
        }
    }

    /// To a sender: the acknowledgement of the message that it names, or the answer whose turn it is in this room.
    fn reply(&mut self, room: usize, frame: &[u8], now_ms: f64) {
        if self.plan.answer.as_ref().is_some_and(|mark| mark.is_in(frame)) {
            self.newest = Instant::now();
            return self.answer(room, frame, now_ms);
        }
        let Some(acks) = &mut self.acks_ms else { return };
        let Some(at) = named_in(frame, self.run).and_then(|n| acks.get_mut(n)) else { return };
        self.newest = Instant::now();
        if at.is_nan() {
            *at = now_ms;
        } else {
            self.duplicates += 1;
        }
    }

    fn answer(&mut self, room: usize, frame: &[u8], now_ms: f64) {
        let rooms = self.last.len();
        let (Some(answers), Some(answered)) = (&mut self.answers_ms, self.answered.get_mut(room)) else { return };
        let n = room + *answered * rooms;
        *answered += 1;
        let wanted = self.plan.message(n).and_then(|message| message.answer.as_ref());
        match answers.get_mut(n) {
            Some(at) => {
                *at = now_ms;
                self.wrong_answers += usize::from(wanted.is_some_and(|says| !says.is_in(frame)));
            }
            None => self.wrong_answers += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rooms and two texts, `one` and `two`, whose answers are `1` and `2`; a message's name and number are its bytes.
    fn plan() -> Plan {
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let message = |text: &str, says: &str| serde_json::json!({ "frame": hex(&format!("{}#00000000 {text}", "0".repeat(20))), "id_at": 0, "number_at": 21, "answer": hex(says) });
        let plan = serde_json::json!({
            "pid": 1, "port": 1, "text": true, "seats": [], "hello": null, "ready": null, "concurrency": 1,
            "messages": [message("one", "says 1"), message("two", "says 2"), message("three", "says 3")],
            "answer": hex("bot "), "work": { "pace": { "rate": 1.0, "warmup": 0.0, "secs": 1.0 } },
        });
        serde_json::from_value(plan).unwrap()
    }

    /// Plays these frames (seat, bytes) to a run of five messages in two rooms.
    fn played(frames: &[(usize, String)]) -> (bool, [usize; 4]) {
        let (plan, delivered) = (plan(), AtomicUsize::new(0));
        let mut seen = Seen::new(&plan, 7, 5, 2, &delivered, Instant::now());
        for (at, (seat, frame)) in frames.iter().enumerate() {
            seen.frame(*seat, Incoming::Data(frame.clone().into_bytes()), at as f64);
        }
        let answers = Times::of(seen.answers_ms.as_deref().unwrap(), 0, 1e9);
        let acks = Times::of(seen.acks_ms.as_deref().unwrap(), 0, 1e9);
        (seen.is_complete(), [acks.missing, answers.missing, seen.wrong_answers, seen.duplicates])
    }

    /// What a server sends that does as it should: to the receiver, and to the sender its acknowledgement and its answer.
    fn flawless() -> Vec<(usize, String)> {
        (0..5)
            .flat_map(|n| {
                let room = n % 2;
                [
                    (room * 2, format!("ack 00000007{n:012}")),
                    (room * 2 + 1, format!("message #{n:08}")),
                    (room * 2, format!("bot says {}", n % 3 + 1)),
                    (room * 2 + 1, format!("bot says {}", n % 3 + 1)),
                ]
            })
            .collect()
    }

    #[test]
    fn each_message_has_its_acknowledgement_and_its_answer() {
        assert_eq!(played(&flawless()), (true, [0, 0, 0, 0]));
    }

    #[test]
    fn what_is_missing_wrong_or_too_much_is_counted() {
        let but = |change: fn(&mut Vec<(usize, String)>)| {
            let mut frames = flawless();
            change(&mut frames);
            played(&frames)
        };
        assert_eq!(but(|it| drop(it.remove(0))), (false, [1, 0, 0, 0]), "an acknowledgement is lost");
        assert_eq!(but(|it| drop(it.remove(1))), (false, [0, 0, 0, 0]), "a delivery is lost");
        assert_eq!(but(|it| drop(it.remove(18))), (false, [0, 1, 0, 0]), "the last answer is lost");
        assert_eq!(
            but(|it| drop(it.remove(2))),
            (false, [0, 1, 2, 0]),
            "the first is lost, and all after it are another's"
        );
        assert_eq!(but(|it| it[6].1 = "bot hands over".into()), (true, [0, 0, 1, 0]), "another answer");
        assert_eq!(but(|it| it.push((0, "bot says 2".into()))), (true, [0, 0, 1, 0]), "an answer too much");
        assert_eq!(but(|it| it.push(it[0].clone())), (true, [0, 0, 0, 1]), "acknowledged twice");
        assert_eq!(but(|it| it[0].1 = format!("ack 00000008{:012}", 0)), (false, [1, 0, 0, 0]), "of another run");
    }

    #[test]
    fn times_count_from_when_a_message_was_due_and_leave_the_warm_up_out() {
        let times = Times::of(&[900.0, 1_002.0, f64::NAN, 3_001.0], 1, 1.0);
        assert_eq!((times.came, times.missing, times.p50_ms, times.p99_ms), (3, 1, 1.0, 2.0));
    }
}
