//! What a machine wants done, and in which order it is done.
//!
//! A Room and a Desk differ only in what they write, what they keep with a socket, what they answer and whom they call.
//! Whoever holds one (the edge over the platform, the simulator and the tests over memory) carries its effects out by
//! [`Effects::store`] and then [`Effects::carry_out`], so that the order stands here and nowhere else:
//!
//! 1. **Writes**, all of one input or none. If they fail nothing else is done: the machine is dropped and loaded anew,
//!    and whoever sent the input is told. So nothing is acknowledged that is not on disk (INV-1), and nobody hears of an
//!    assignment that is not (INV-5).
//! 2. **The alarm**, before anything pauses: it belongs to the same implicit transaction.
//! 3. **Frames, attachments and closes**, in the order in which they were decided: whoever is shown out hears why first.
//! 4. **The answer** to whoever asked, and the **calls** that leave the object: both are given back, for they wait.

use super::{
    error::{CloseCode, Code},
    port::{Sql, SqlError},
    protocol::{
        Outgoing,
        wire::{agent_frame, server_frame},
    },
    socket::SocketId,
    time::Timestamp,
    upgrade::Refused,
};

/// One thing to be done.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // most are frames, and a box for each would be an allocation more
pub enum Effect<Write, Session, Answer, Call> {
    /// Store; all writes of one input together.
    Write(Write),
    /// Wake the object then; replaces the alarm before.
    SetAlarm(Timestamp),
    /// Send one frame to these sockets, encoded at most once per encoding. A failing socket stops no other.
    Send {
        /// To whom.
        to: Vec<SocketId>,
        /// What.
        frame: Outgoing,
    },
    /// Keep this with its socket over hibernation.
    Attach(Session),
    /// End a socket.
    Close {
        /// Which.
        socket: SocketId,
        /// Why.
        code: CloseCode,
    },
    /// Tell this to whoever asked.
    Answer(Answer),
    /// Do this outside of the object; what comes of it is an input of its own.
    Call(Call),
}

/// A write to a machine's store.
pub trait Stored {
    /// One statement, which is atomic by itself.
    fn is_single(&self) -> bool;
    /// Carries the write out.
    ///
    /// # Errors
    /// If the store does.
    fn run(&self, sql: &dyn Sql) -> Result<(), SqlError>;
}

/// Sockets of agents and of nobody else: the only ones that a private frame can be sent to (INV-10). Each machine has a
/// type of its own that is this, and says there why it may.
pub trait OfAgents {
    /// Their names.
    fn into_sockets(self) -> Vec<SocketId>;
}

/// Where effects are carried out.
pub trait Platform<Session> {
    /// Sets the object's one alarm.
    fn set_alarm(&mut self, at: Timestamp);
    /// Sends one frame to some sockets; those that are gone are passed over.
    fn send(&mut self, to: &[SocketId], frame: &Outgoing);
    /// Keeps something with a socket.
    fn attach(&mut self, session: Session);
    /// Ends a socket, if it is open.
    fn close(&mut self, socket: SocketId, code: CloseCode);
}

/// What is left when everything inside the object is done.
#[derive(Debug)]
pub struct Outcome<Answer, Call> {
    /// For whoever asked, if anyone did.
    pub answer: Option<Answer>,
    /// What leaves the object.
    pub calls: Vec<Call>,
}

/// Effects of one input, in the order in which they were decided.
#[derive(Debug)]
pub struct Effects<Write, Session, Answer, Call>(Vec<Effect<Write, Session, Answer, Call>>);

impl<Write, Session, Answer, Call> Default for Effects<Write, Session, Answer, Call> {
    fn default() -> Self {
        Effects(Vec::new())
    }
}

/// For the machine: to decide.
impl<Write, Session, Answer, Call> Effects<Write, Session, Answer, Call> {
    /// Adds a write.
    pub fn write(&mut self, write: Write) {
        self.0.push(Effect::Write(write));
    }

    /// Sets the alarm.
    pub fn set_alarm(&mut self, at: Timestamp) {
        self.0.push(Effect::SetAlarm(at));
    }

    /// Adds a frame that anyone may see; to nobody is nothing.
    pub fn send(&mut self, to: Vec<SocketId>, frame: server_frame::Frame) {
        self.send_any(to, frame.into());
    }

    /// Adds a frame that only agents may see; to nobody is nothing.
    pub fn send_private(&mut self, to: impl OfAgents, frame: agent_frame::Frame) {
        self.send_any(to.into_sockets(), frame.into());
    }

    fn send_any(&mut self, to: Vec<SocketId>, frame: Outgoing) {
        if !to.is_empty() {
            self.0.push(Effect::Send { to, frame });
        }
    }

    /// Keeps this with its socket.
    pub fn attach(&mut self, session: Session) {
        self.0.push(Effect::Attach(session));
    }

    /// Ends a socket.
    pub fn close(&mut self, socket: SocketId, code: CloseCode) {
        self.0.push(Effect::Close { socket, code });
    }

    /// Answers whoever asked.
    pub fn answer(&mut self, answer: Answer) {
        self.0.push(Effect::Answer(answer));
    }

    /// Calls somebody outside.
    pub fn call(&mut self, call: Call) {
        self.0.push(Effect::Call(call));
    }

    /// Something is to be stored.
    pub fn writes_any(&self) -> bool {
        self.writes().next().is_some()
    }
}

/// For whoever holds the machine: to carry out.
impl<Write, Session, Answer, Call> Effects<Write, Session, Answer, Call> {
    /// Everything, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Effect<Write, Session, Answer, Call>> {
        self.0.iter()
    }

    /// What is to be stored, in order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.0.iter().filter_map(|effect| if let Effect::Write(write) = effect { Some(write) } else { None })
    }

    /// Step 1. `run` carries one write out; several go through `together`, which keeps all of them or none.
    ///
    /// # Errors
    /// If one of them failed; then none is kept.
    pub fn store(
        &self,
        run: impl Fn(&Write) -> Result<(), SqlError>,
        together: impl FnOnce(&dyn Fn() -> Result<(), SqlError>) -> Result<(), SqlError>,
    ) -> Result<(), SqlError>
    where
        Write: Stored,
    {
        let mut writes = self.writes();
        match (writes.next(), writes.next()) {
            (None, _) => Ok(()),
            (Some(one), None) if one.is_single() => run(one),
            (Some(_), _) => together(&|| self.writes().try_for_each(&run)),
        }
    }

    /// Steps 2 and 3; what step 4 needs is given back.
    pub fn carry_out(self, platform: &mut impl Platform<Session>) -> Outcome<Answer, Call> {
        for effect in &self.0 {
            if let Effect::SetAlarm(at) = effect {
                platform.set_alarm(*at);
            }
        }
        let mut outcome = Outcome { answer: None, calls: Vec::new() };
        for effect in self.0 {
            match effect {
                Effect::Write(_) | Effect::SetAlarm(_) => {}
                Effect::Send { to, frame } => platform.send(&to, &frame),
                Effect::Attach(session) => platform.attach(session),
                Effect::Close { socket, code } => platform.close(socket, code),
                Effect::Answer(answer) => outcome.answer = Some(answer),
                Effect::Call(call) => outcome.calls.push(call),
            }
        }
        outcome
    }

    /// What the machine has against a socket that is about to be accepted; none if it may stay.
    pub fn refusal_of(&self, socket: SocketId) -> Option<Refused> {
        let close = self.0.iter().find_map(|effect| {
            if let Effect::Close { socket: other, code } = effect { (*other == socket).then_some(*code) } else { None }
        })?;
        let said = self.0.iter().find_map(|effect| {
            if let Effect::Send { to, frame } = effect {
                frame.error_code().filter(|_| to.contains(&socket))
            } else {
                None
            }
        });
        Some(Refused { code: said.unwrap_or(Code::Forbidden), close })
    }
}
