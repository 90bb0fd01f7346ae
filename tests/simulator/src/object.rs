//! An object of the platform around a machine of the core, as `src/edge/object.rs` is. In which order effects are carried
//! out is the core's to say (`core/effect.rs`); when the work is cut off is said here.
//!
//! The machine is taken out while it works, and dropped if its work fails. What the platform does around that is here,
//! too: hibernation, which keeps sockets and attachments and no memory; a crash, which keeps the disk.

use std::collections::BTreeMap;

use bellhop::{
    core::{
        effect::{Platform, Stored as _},
        error::{CloseCode, Code},
        id::Entropy,
        machine::{Attached as _, EffectsOf},
        port::SqlError,
        principal::Principal,
        protocol::{Encoding, Outgoing},
        socket::SocketId,
        time::Timestamp,
    },
    sql::testing::TestSql,
};
use serde_json::Value as Json;

use crate::{faults::Fault, machines::Simulated};

/// What is to become of one input, and as which kind of fault that counts. None: everything happens.
pub type Doom = Option<(Fault, Fate)>;

/// What becomes of one input for which it does not go well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The n-th write fails.
    WriteFails(u32),
    /// The process dies before the commit.
    DiesBefore,
    /// The process dies after so many frames; the writes are on disk.
    DiesAfter(usize),
}

/// What left the object, in order.
#[allow(clippy::large_enum_variant)] // nearly all of them are frames
pub enum Push {
    /// A frame down a socket.
    Frame(SocketId, Outgoing),
    /// The end of a socket, from this side.
    Close(SocketId, CloseCode),
}

/// What one input did.
pub struct Turn<M: Simulated> {
    /// On disk now.
    pub wrote: Vec<M::Write>,
    /// Whom sockets stand for now.
    pub attached: Vec<(SocketId, Principal)>,
    /// Down the sockets.
    pub pushed: Vec<Push>,
    /// For the caller.
    pub answer: Option<M::Answer>,
    /// To be done outside.
    pub calls: Vec<M::Call>,
    /// Its fate has kept something from happening: it was not only the end of a process that had nothing left to do.
    pub is_cut: bool,
}

impl<M: Simulated> Default for Turn<M> {
    fn default() -> Self {
        let (wrote, attached, pushed, calls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Turn { wrote, attached, pushed, answer: None, calls, is_cut: false }
    }
}

/// A socket as the platform keeps it.
#[derive(Debug, Clone)]
pub struct Held {
    /// How it writes frames.
    pub encoding: Encoding,
    /// Survives hibernation.
    pub attachment: Option<String>,
    /// When the runtime last answered a heartbeat.
    pub heartbeat: Option<Timestamp>,
}

/// One object.
pub struct Object<M: Simulated> {
    /// Its disk.
    pub sql: TestSql,
    home: M::Home,
    machine: Option<M>,
    /// Sockets that the platform keeps.
    pub sockets: BTreeMap<SocketId, Held>,
    /// Those that the object remembers; lost in hibernation.
    known: BTreeMap<SocketId, Encoding>,
    /// When it rings, by the object's own clock.
    pub alarm: Option<Timestamp>,
    /// Changes whenever the alarm does, so that an earlier ring is told apart.
    pub alarm_turn: u64,
    /// The process: what was under way in an earlier one reaches nobody.
    pub life: u64,
    /// How far its clock is ahead.
    pub skew: i64,
    /// Its clock stands still here.
    pub frozen: Option<Timestamp>,
    /// Calls under way, and a timer: such an object does not sleep.
    pub busy: u32,
}

impl<M: Simulated> Object<M> {
    /// Nothing is stored.
    pub fn new(home: M::Home) -> Self {
        Object {
            sql: TestSql::default(),
            home,
            machine: None,
            sockets: BTreeMap::new(),
            known: BTreeMap::new(),
            alarm: None,
            alarm_turn: 0,
            life: 0,
            skew: 0,
            frozen: None,
            busy: 0,
        }
    }

    /// Its clock.
    pub fn clock(&self, now: i64) -> Timestamp {
        self.frozen.unwrap_or(Timestamp(now + self.skew))
    }

    /// The machine, if it is loaded.
    pub fn machine(&self) -> Option<&M> {
        self.machine.as_ref()
    }

    /// Memory is gone; sockets, attachments and alarm stay. An object with work under way does not sleep.
    pub fn sleep(&mut self) -> bool {
        let sleeps = self.busy == 0 && self.machine.is_some();
        if sleeps {
            self.machine = None;
            self.known.clear();
        }
        sleeps
    }

    /// The process is gone: only disk and alarm stay. Returns the sockets that end with it.
    pub fn die(&mut self) -> Vec<SocketId> {
        self.machine = None;
        self.known.clear();
        self.busy = 0;
        self.life += 1;
        std::mem::take(&mut self.sockets).into_keys().collect()
    }

    /// An older store is put back; the copy has no alarm of its own, so the first event wakes it.
    pub fn put_back(&mut self, store: TestSql) {
        self.sql = store;
        self.alarm = None;
        self.alarm_turn += 1;
    }

    /// Loads the machine, if there is none.
    pub fn wake(&mut self, now: i64, entropy: &mut Entropy) -> Result<Option<Turn<M>>, Code> {
        if self.machine.is_some() {
            return Ok(None);
        }
        let dropped = !self.known.is_empty();
        let (mut sessions, mut strangers) = (Vec::new(), Vec::new());
        for (socket, held) in &self.sockets {
            self.known.insert(*socket, held.encoding);
            match held.attachment.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
                Some(session) => sessions.push(session),
                None => strangers.push(*socket),
            }
        }
        let (clock, home) = (self.clock(now), self.home.clone());
        self.machine = Some(M::load(home, &self.sql, self.alarm, clock).map_err(|_| Code::Storage)?);
        let mut pushed = Vec::new();
        for socket in strangers {
            self.close(socket);
            pushed.push(Push::Close(socket, CloseCode::Restart));
        }
        let mut turn = self.step(M::restored(sessions, dropped), now, entropy, None).map_err(|(code, _)| code)?;
        pushed.append(&mut turn.pushed);
        turn.pushed = pushed;
        Ok(Some(turn))
    }

    /// The platform accepts a socket.
    pub fn accept(&mut self, socket: SocketId, encoding: Encoding) {
        self.sockets.insert(socket, Held { encoding, attachment: None, heartbeat: None });
        self.known.insert(socket, encoding);
    }

    /// Whether the object knows the socket.
    pub fn knows(&self, socket: SocketId) -> Option<Encoding> {
        self.known.get(&socket).copied()
    }

    /// Closes a socket from this side, or forgets one that is gone.
    pub fn close(&mut self, socket: SocketId) {
        self.known.remove(&socket);
        self.sockets.remove(&socket);
    }

    /// One input to a machine that is awake. In the error: whether the process died, and what was still seen of it.
    #[allow(clippy::type_complexity)]
    pub fn step(
        &mut self,
        input: M::Input,
        now: i64,
        entropy: &mut Entropy,
        fate: Option<Fate>,
    ) -> Result<Turn<M>, (Code, Option<Turn<M>>)> {
        let clock = self.clock(now);
        let mut machine = self.machine.take().ok_or((Code::Internal, None))?;
        let mut fx = EffectsOf::<M>::default();
        machine.take(input, clock, entropy, &self.sql, &mut fx).map_err(|_| (Code::Storage, None))?;
        if fate == Some(Fate::DiesBefore) {
            let is_cut = fx.writes().next().is_some();
            return Err((Code::Internal, Some(Turn { is_cut, ..Turn::default() })));
        }
        self.store(&fx, fate).map_err(|_| (Code::Storage, None))?;
        self.machine = Some(machine);
        let turn = self.carry_out(fx, fate);
        if let Some(Fate::DiesAfter(_)) = fate { Err((Code::Internal, Some(turn))) } else { Ok(turn) }
    }

    fn store(&self, fx: &EffectsOf<M>, fate: Option<Fate>) -> Result<(), SqlError> {
        let writes = fx.writes().count() as u32;
        let nth = if let Some(Fate::WriteFails(nth)) = fate { Some(1 + nth % writes.max(1)) } else { None };
        let savepoint = |statements| {
            let done = self.sql.connection.execute_batch(statements);
            done.map_err(|error| SqlError(error.to_string()))
        };
        self.sql.fail_write.set(nth);
        let stored = fx.store(
            |write| write.run(&self.sql),
            |work| {
                savepoint("SAVEPOINT input")?;
                let done = work();
                savepoint(if done.is_ok() { "RELEASE input" } else { "ROLLBACK TO input; RELEASE input" })?;
                done
            },
        );
        self.sql.fail_write.set(None);
        stored
    }

    fn carry_out(&mut self, fx: EffectsOf<M>, fate: Option<Fate>) -> Turn<M> {
        let left = if let Some(Fate::DiesAfter(frames)) = fate { frames } else { usize::MAX };
        let wrote: Vec<M::Write> = fx.writes().cloned().collect();
        let mut inside = Inside { object: self, left, is_dead: left == 0, turn: Turn { wrote, ..Turn::default() } };
        let outcome = fx.carry_out(&mut inside);
        let mut turn = inside.turn;
        if !matches!(fate, Some(Fate::DiesAfter(_))) {
            (turn.answer, turn.calls) = (outcome.answer, outcome.calls);
        } else if left == 0 {
            // An acknowledgement is a frame or the answer to a call.
            turn.is_cut = !turn.wrote.is_empty() && (turn.is_cut || outcome.answer.is_some());
        }
        turn
    }
}

/// Where effects are carried out, until the process dies.
struct Inside<'object, M: Simulated> {
    object: &'object mut Object<M>,
    /// So many frames before it does.
    left: usize,
    is_dead: bool,
    turn: Turn<M>,
}

impl<M: Simulated> Platform<M::Session> for Inside<'_, M> {
    /// Belongs to the commit: it happens or the writes don't.
    fn set_alarm(&mut self, at: Timestamp) {
        self.object.alarm = Some(at);
        self.object.alarm_turn += 1;
    }

    fn send(&mut self, to: &[SocketId], frame: &Outgoing) {
        for socket in to.iter().filter(|socket| self.object.known.contains_key(socket)) {
            self.is_dead |= self.left == 0;
            if self.is_dead {
                self.turn.is_cut = true;
                return;
            }
            self.left -= 1;
            self.turn.pushed.push(Push::Frame(*socket, frame.clone()));
        }
    }

    fn attach(&mut self, session: M::Session) {
        if self.is_dead {
            return;
        }
        let text = serde_json::to_string(&session).unwrap_or_default();
        assert!(text.len() <= 16_000, "an attachment of {} bytes", text.len());
        self.turn.attached.push((session.socket(), M::principal(&session)));
        if let Some(held) = self.object.sockets.get_mut(&session.socket()) {
            held.attachment = Some(text);
        }
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) {
        if !self.is_dead && self.object.known.contains_key(&socket) {
            self.object.close(socket);
            self.turn.pushed.push(Push::Close(socket, code));
        }
    }
}

/// An attachment as an earlier version wrote it: without the fields that were added since, and with one of its own.
pub fn of_earlier_version(text: &str) -> Option<String> {
    let mut json: Json = serde_json::from_str(text).ok()?;
    let fields = json.as_object_mut()?;
    for added in ["delivered", "read", "memo", "early_profile", "switch", "silent", "idle"] {
        fields.remove(added);
    }
    fields.insert("of_old".to_owned(), Json::Bool(true));
    serde_json::to_string(&json).ok()
}
