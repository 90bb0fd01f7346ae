//! One input to a machine: decided, written, carried out; and what leaves the object afterwards. The order stands in
//! `core/effect.rs`.
//!
//! Everything up to the calls happens without a pause, with the machine taken out while it works. The runtime's output
//! gate holds what was sent until the writes are on disk (INV-1). If anything fails or panics the machine is dropped and
//! loaded anew from disk, and whoever sent the frame is told to send it again (INV-12). After a panic between the writes
//! and the frames nobody knows who was told what: all sockets are asked to come again, which makes everyone whole.
use std::rc::Rc;

use futures::stream::{FuturesUnordered, StreamExt as _};
use worker::Storage;

use super::{
    admission, clock,
    contained::{contained, contained_now},
    fault,
    object::{Coded, Hosted, Inner, Say, Shell},
    socket::Sockets,
    sql,
};
use crate::core::{
    effect::{Platform, Stored as _},
    error::{CloseCode, Code},
    limits::REPORT_INTERVAL,
    machine::{Attached, EffectsOf, OutcomeOf},
    port::SqlError,
    protocol::Outgoing,
    socket::SocketId,
    time::Timestamp,
};

impl<M: Hosted> Shell<M> {
    /// Loads the machine, if there is none.
    pub(super) async fn wake(self: &Rc<Self>) -> Coded<()> {
        if self.inner.borrow().machine.is_some() {
            return Ok(());
        }
        let alarm = self.storage.get_alarm().await.unwrap_or_default().map(Timestamp);
        let mut inner = self.inner.borrow_mut();
        if inner.machine.is_some() {
            return Ok(());
        }
        let dropped = !inner.sockets.is_empty();
        let sessions: Vec<M::Session> = inner.sockets.restore(&self.state);
        let loaded = M::home(self).and_then(|home| M::load(home, &self.sql, alarm, clock::now()));
        fault::loaded(self.place("load", &|| self.id()));
        inner.machine = Some(Box::new(loaded.map_err(|error| told(&error))?));
        let outcome = self.turn(&mut inner, M::restored(sessions, dropped))?;
        drop(inner);
        self.leave(outcome);
        Ok(())
    }

    /// Gives one input to the machine, which is awake, and carries out everything that happens inside the object.
    pub(super) fn step(&self, input: M::Input) -> Coded<OutcomeOf<M>> {
        let mut inner = self.inner.borrow_mut();
        let mut outcome = self.turn(&mut inner, input)?;
        // Not when it wakes: what woke it is answered first.
        if M::SENDS_AWAY && self.is_counted && admission::is_full(&self.env) {
            let parted = inner.sockets.send_away(admission::parting);
            self.tell_ended(&mut inner, &mut outcome, parted)?;
        }
        Ok(outcome)
    }

    fn turn(&self, inner: &mut Inner<M>, input: M::Input) -> Coded<OutcomeOf<M>> {
        let (machine, fx) = self.decide(inner, input)?;
        self.settle(inner, machine, fx)
    }

    /// Carries out what was decided, and what follows from it for those who read too slowly.
    pub(super) fn settle(&self, inner: &mut Inner<M>, machine: Box<M>, fx: EffectsOf<M>) -> Coded<OutcomeOf<M>> {
        let (mut outcome, slow) = self.complete(inner, machine, fx)?;
        self.tell_ended(inner, &mut outcome, slow)?;
        Ok(outcome)
    }

    /// Tells the machine whose sockets were ended from here. Others may hear of it, who may be slow in turn: each is closed
    /// once, so this ends.
    fn tell_ended(&self, inner: &mut Inner<M>, outcome: &mut OutcomeOf<M>, mut ended: Vec<SocketId>) -> Coded<()> {
        while let Some(socket) = ended.pop() {
            let (machine, fx) = self.decide(inner, M::disconnected(socket))?;
            let (further, slow) = self.complete(inner, machine, fx)?;
            outcome.calls.extend(further.calls);
            ended.extend(slow);
        }
        Ok(())
    }

    /// Takes the machine out, gives it the input, and writes. The machine comes back with what is left to be done; after
    /// a failure there is none.
    pub(super) fn decide(&self, inner: &mut Inner<M>, input: M::Input) -> Coded<(Box<M>, EffectsOf<M>)> {
        let mut entropy = clock::entropy().map_err(|_| Code::Internal)?;
        let mut machine = inner.machine.take().ok_or(Code::Internal)?;
        let decide = || {
            let mut fx = EffectsOf::<M>::default();
            machine.take(input, clock::now(), &mut entropy, &self.sql, &mut fx)?;
            let run = |write: &M::Write| {
                write.run(&self.sql)?;
                fault::point(self.place("write", &|| self.id()));
                Ok(())
            };
            fx.store(run, |work| sql::all_or_nothing(&self.storage, work))?;
            Ok(fx)
        };
        let decided = contained_now(self.place("take", &|| self.id()), decide).ok_or(Code::Internal)?;
        let fx = decided.map_err(|error: SqlError| told(&error))?;
        Ok((machine, fx))
    }

    /// Does the rest of what happens inside the object, and puts the machine back. Gives what is left, and those who
    /// were ended for reading too slowly, of whom the machine has yet to hear.
    fn complete(
        &self,
        inner: &mut Inner<M>,
        machine: Box<M>,
        fx: EffectsOf<M>,
    ) -> Coded<(OutcomeOf<M>, Vec<SocketId>)> {
        let done = || {
            let outcome = fx.carry_out(&mut Inside { storage: &self.storage, sockets: &mut inner.sockets });
            (outcome, inner.sockets.end_slow())
        };
        let Some(done) = contained_now(self.place("carry_out", &|| self.id()), done) else {
            inner.sockets.close_all(CloseCode::Restart);
            self.report(0);
            return Err(Code::Internal);
        };
        inner.machine = Some(machine);
        self.report(inner.sockets.len());
        Ok(done)
    }

    /// Tells the gateway what is held here, when that has changed or was told some time ago.
    pub(super) fn report(&self, sockets: usize) {
        if !self.is_counted {
            return;
        }
        let ((told, at), now) = (self.reported.get(), clock::now());
        if told != sockets || now.since(at) >= REPORT_INTERVAL || now < at {
            self.reported.set((sockets, now));
            admission::report(&self.env, &self.id(), sockets);
        }
    }

    /// Makes the calls while nobody waits for them: one that hangs must hold up neither frame nor alarm. What can be said at once is, so that
    /// an answer goes to disk and to its readers together with what it answers.
    pub(super) fn leave(self: &Rc<Self>, outcome: OutcomeOf<M>) {
        let waiting = match M::SAY {
            Some(say) => self.say(say, outcome.calls),
            None => outcome.calls,
        };
        if !waiting.is_empty() {
            let shell = Rc::clone(self);
            self.state.wait_until(async move { shell.make(waiting).await });
        }
    }

    /// Gives the machine what can be said at once; what can't is given back.
    fn say(&self, say: Say<M>, mut calls: Vec<M::Call>) -> Vec<M::Call> {
        let mut waiting = Vec::new();
        while !calls.is_empty() {
            for call in std::mem::take(&mut calls) {
                let Some(input) = contained_now(self.place("say", &|| self.id()), || say(&self.env, &call)).flatten()
                else {
                    waiting.push(call);
                    continue;
                };
                let taken = contained_now(self.place("answer", &|| self.id()), || self.step(input));
                match taken.unwrap_or(Err(Code::Internal)) {
                    Ok(outcome) => calls.extend(outcome.calls),
                    Err(code) => failed(code),
                }
            }
        }
        waiting
    }

    /// Gives the machine an input in the middle of a call, and does what follows.
    pub(super) async fn tell(self: &Rc<Self>, input: M::Input) {
        if let Some(outcome) = self.answer(input).await {
            self.leave(outcome);
        }
    }

    /// None: it could not be taken. The machine has its own patience with what does not come back.
    async fn answer(self: &Rc<Self>, input: M::Input) -> Option<OutcomeOf<M>> {
        let take = async {
            self.wake().await?;
            self.step(input)
        };
        let taken = contained(self.place("answer", &|| self.id()), take).await.unwrap_or(Err(Code::Internal));
        taken.inspect_err(|code| failed(*code)).ok()
    }

    async fn make(self: &Rc<Self>, calls: Vec<M::Call>) {
        // At the same time: one that hangs holds up no other.
        let id = || self.id();
        let perform = |call| contained(self.place("perform", &id), M::perform(self, call));
        let mut calls: FuturesUnordered<_> = calls.into_iter().map(perform).collect();
        while let Some(answer) = calls.next().await {
            // None after a panic, too: the machine has its own patience with what does not come back.
            let Some(input) = answer.flatten() else { continue };
            if let Some(outcome) = self.answer(input).await {
                calls.extend(outcome.calls.into_iter().map(perform));
            }
        }
    }
}

fn failed(code: Code) {
    worker::console_error!("an answer could not be taken: {}", code.name());
}

fn told(error: &SqlError) -> Code {
    worker::console_error!("{error}");
    Code::Storage
}

/// Where effects are carried out: the object's alarm and its sockets.
struct Inside<'shell> {
    storage: &'shell Storage,
    sockets: &'shell mut Sockets,
}

impl<Session: Attached> Platform<Session> for Inside<'_> {
    fn set_alarm(&mut self, at: Timestamp) {
        set_alarm(self.storage, at);
    }

    fn send(&mut self, to: &[SocketId], frame: &Outgoing) {
        self.sockets.send(to, frame);
    }

    fn attach(&mut self, session: Session) {
        self.sockets.attach(&session);
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) {
        self.sockets.close(socket, code);
    }
}

/// Sets the object's one alarm.
pub(super) fn set_alarm(storage: &Storage, at: Timestamp) {
    let date = js_sys::Date::new(&js_sys::Number::from(at.0 as f64));
    if let Err(error) = storage.as_raw().set_alarm(date, js_sys::Object::new()) {
        worker::console_error!("no alarm: {error:?}");
    }
}
