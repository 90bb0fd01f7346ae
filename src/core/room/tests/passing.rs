//! Time passes over the Room of a test, and what goes wrong meanwhile: it sleeps, its process dies, its alarm and its timer ring.

use super::harness::World;
use crate::core::{
    error::Code,
    internal::{AssignAnswer, AssignOrder, Revoked},
    room::effect::{Answer, Input},
    time::Timestamp,
};

impl World {
    /// Memory goes, sockets stay.
    pub fn hibernate(&mut self) {
        self.room = None;
        self.timer = None;
        self.network.clear();
    }

    /// The process dies: memory, sockets and calls under way go; disk and alarm stay.
    pub fn crash(&mut self) {
        self.room = None;
        self.timer = None;
        self.network.clear();
        self.lines.clear();
    }

    /// The alarm rings now, whatever it was set to.
    pub fn ring(&mut self) {
        self.alarm = None;
        self.feed(Input::Alarm).ok();
    }

    /// The timer is over.
    pub fn tick(&mut self) {
        self.timer = None;
        self.feed(Input::Tick).ok();
    }

    /// When the object next does something by itself.
    pub fn next_event(&self) -> Option<Timestamp> {
        [self.alarm, self.timer].into_iter().flatten().min()
    }

    /// Does what is due by now; whether anything was.
    pub fn ring_if_due(&mut self) -> bool {
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= self.now);
        let (alarm, timer) = (is_due(self.alarm), is_due(self.timer));
        if alarm {
            self.ring();
        }
        if timer {
            self.tick();
        }
        alarm || timer
    }

    /// Time passes; the alarm rings when it should, and calls are answered at once.
    pub fn pass(&mut self, millis: i64) {
        let until = self.now.plus(millis);
        self.calls();
        for _ in 0..10_000 {
            match self.next_event().filter(|at| *at <= until) {
                Some(at) => {
                    self.now = self.now.max(at);
                    self.ring_if_due();
                    self.calls();
                }
                None => {
                    self.now = until;
                    return;
                }
            }
        }
        panic!("the alarm rings without end");
    }

    /// Answers every call as a healthy deployment does.
    pub fn calls(&mut self) {
        while let Some(call) = self.network.pop_front() {
            let answer = self.answer(call);
            self.feed(answer).ok();
        }
    }

    pub fn revoke(&mut self, revoked: Revoked) {
        self.feed(Input::Revoke(revoked)).unwrap();
    }

    pub fn assign(&mut self, order: AssignOrder) -> Result<AssignAnswer, Code> {
        self.feed(Input::Assign(order)).unwrap();
        match self.answers.pop() {
            Some(Answer::Assigned(answer)) => answer,
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Rows written so far, as the platform counts them: rows, and each setting of the alarm.
    pub fn rows_written(&self) -> u64 {
        self.sql.connection.total_changes() + self.alarms_set
    }
}
