//! An object of the platform around a machine of the core, as `src/edge/object.rs` is: the same order of effects.
//!
//! All writes of one input or none, the alarm, then frames, attachments and closes in their order, then whatever leaves
//! the object. The machine is taken out while it works, and dropped if its work fails. What the platform does around
//! that is here, too: hibernation, which keeps sockets and attachments and no memory; a crash, which keeps the disk.

use std::collections::BTreeMap;

use bellhop::{
    core::{
        error::{CloseCode, Code},
        id::Entropy,
        port::{Sql as _, SqlError},
        principal::Principal,
        protocol::{Encoding, FrameError, Outgoing, wire::client_frame::Frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::testing::TestSql,
};
use serde_json::Value as Json;

/// A machine of the core, as an object drives it.
pub trait Machine: Sized {
    /// What happens to it.
    type Input;
    /// What it wants done.
    type Effect;
    /// A write to its store.
    type Write;
    /// What a caller is told.
    type Answer;
    /// What loading needs to know besides the store.
    type Home: Clone;

    /// Loads what is stored.
    fn load(sql: &TestSql, home: &Self::Home, alarm: Option<Timestamp>, now: Timestamp) -> Result<Self, SqlError>;
    /// Takes one input.
    fn take(
        &mut self,
        input: Self::Input,
        now: Timestamp,
        entropy: &mut Entropy,
        sql: &TestSql,
    ) -> Result<Vec<Self::Effect>, SqlError>;
    /// Where an effect belongs.
    fn sort(effect: Self::Effect) -> Sorted<Self>;
    /// Whether a write is one statement.
    fn is_single(write: &Self::Write) -> bool;
    /// Carries a write out.
    fn run(write: &Self::Write, sql: &TestSql) -> Result<(), SqlError>;
    /// A socket was accepted.
    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Self::Input;
    /// Sockets outlived the machine; those whose attachment can't be read are named in the second place.
    fn restored(attachments: Vec<(SocketId, Option<String>)>, dropped: bool) -> (Self::Input, Vec<SocketId>);
    /// A frame came, or something that is none.
    fn frame(socket: SocketId, frame: Result<Option<Frame>, FrameError>) -> Self::Input;
    /// A socket is gone.
    fn disconnected(socket: SocketId) -> Self::Input;
    /// The alarm rang; with the last heartbeat of each socket.
    fn rang(heartbeats: Vec<(SocketId, Timestamp)>) -> Self::Input;
}

/// An effect by where it is carried out.
pub enum Sorted<M: Machine> {
    /// On disk, with the others of the same input.
    Write(M::Write),
    /// The object's one alarm.
    SetAlarm(Timestamp),
    /// A frame to some sockets.
    Send(Vec<SocketId>, Outgoing),
    /// Kept with a socket, as text; with whom it stands for.
    Attach(SocketId, Principal, String),
    /// The end of a socket.
    Close(SocketId, CloseCode),
    /// For the caller.
    Answer(M::Answer),
    /// Outside the object.
    Network(M::Effect),
}

/// What becomes of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Everything happens.
    Good,
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
pub struct Turn<M: Machine> {
    /// On disk now.
    pub wrote: Vec<M::Write>,
    /// Whom sockets stand for now.
    pub attached: Vec<(SocketId, Principal)>,
    /// Down the sockets.
    pub pushed: Vec<Push>,
    /// For the caller.
    pub answer: Option<M::Answer>,
    /// To be done outside.
    pub network: Vec<M::Effect>,
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
pub struct Object<M: Machine> {
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

impl<M: Machine> Object<M> {
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
        let attachments = self.sockets.iter().map(|(socket, held)| (*socket, held.attachment.clone())).collect();
        let (input, strangers) = M::restored(attachments, dropped);
        for (socket, held) in &self.sockets {
            self.known.insert(*socket, held.encoding);
        }
        let clock = self.clock(now);
        self.machine = Some(M::load(&self.sql, &self.home, self.alarm, clock).map_err(|_| Code::Storage)?);
        let mut pushed = Vec::new();
        for socket in strangers {
            self.close(socket);
            pushed.push(Push::Close(socket, CloseCode::Restart));
        }
        let mut turn = self.step(input, now, entropy, Fate::Good).map_err(|(code, _)| code)?;
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
        fate: Fate,
    ) -> Result<Turn<M>, (Code, Option<Turn<M>>)> {
        let clock = self.clock(now);
        let mut machine = self.machine.take().ok_or((Code::Internal, None))?;
        let effects = machine.take(input, clock, entropy, &self.sql).map_err(|_| (Code::Storage, None))?;
        let sorted: Vec<Sorted<M>> = effects.into_iter().map(M::sort).collect();
        let nothing =
            || Turn { wrote: Vec::new(), attached: Vec::new(), pushed: Vec::new(), answer: None, network: Vec::new() };
        if fate == Fate::DiesBefore {
            return Err((Code::Internal, Some(nothing())));
        }
        self.write(&sorted, fate).map_err(|_| (Code::Storage, None))?;
        self.machine = Some(machine);
        let (turn, died) = self.carry_out(sorted, fate);
        if died { Err((Code::Internal, Some(turn))) } else { Ok(turn) }
    }

    fn write(&self, sorted: &[Sorted<M>], fate: Fate) -> Result<(), SqlError> {
        let writes: Vec<&M::Write> =
            sorted.iter().filter_map(|it| if let Sorted::Write(write) = it { Some(write) } else { None }).collect();
        let nth = if let Fate::WriteFails(nth) = fate { Some(1 + nth % (writes.len() as u32).max(1)) } else { None };
        match writes.as_slice() {
            [] => Ok(()),
            [one] if M::is_single(one) => {
                self.sql.fail_write.set(nth);
                let done = M::run(one, &self.sql);
                self.sql.fail_write.set(None);
                done
            }
            many => {
                self.sql.exec("SAVEPOINT input", &[])?;
                self.sql.fail_write.set(nth);
                let done = many.iter().try_for_each(|write| M::run(write, &self.sql));
                self.sql.fail_write.set(None);
                if done.is_err() {
                    self.sql.exec("ROLLBACK TO input", &[])?;
                }
                self.sql.exec("RELEASE input", &[])?;
                done
            }
        }
    }

    fn carry_out(&mut self, sorted: Vec<Sorted<M>>, fate: Fate) -> (Turn<M>, bool) {
        for effect in &sorted {
            if let Sorted::SetAlarm(at) = effect {
                self.alarm = Some(*at);
                self.alarm_turn += 1;
            }
        }
        let mut frames = if let Fate::DiesAfter(frames) = fate { frames } else { usize::MAX };
        let mut turn =
            Turn { wrote: Vec::new(), attached: Vec::new(), pushed: Vec::new(), answer: None, network: Vec::new() };
        let mut died = fate == Fate::DiesAfter(0);
        for effect in sorted {
            match effect {
                Sorted::Write(write) => turn.wrote.push(write),
                _ if died => {}
                Sorted::SetAlarm(_) => {}
                Sorted::Send(to, frame) => {
                    for socket in to.into_iter().filter(|socket| self.known.contains_key(socket)) {
                        if frames == 0 {
                            died = true;
                            break;
                        }
                        frames -= 1;
                        turn.pushed.push(Push::Frame(socket, frame.clone()));
                    }
                }
                Sorted::Attach(socket, principal, text) => {
                    turn.attached.push((socket, principal));
                    assert!(text.len() <= 16_000, "an attachment of {} bytes", text.len());
                    if let Some(held) = self.sockets.get_mut(&socket) {
                        held.attachment = Some(text);
                    }
                }
                Sorted::Close(socket, code) => {
                    if self.known.contains_key(&socket) {
                        self.close(socket);
                        turn.pushed.push(Push::Close(socket, code));
                    }
                }
                Sorted::Answer(answer) => turn.answer = Some(answer),
                Sorted::Network(effect) => turn.network.push(effect),
            }
        }
        let dies = died || fate != Fate::Good && matches!(fate, Fate::DiesAfter(_));
        if dies {
            (turn.answer, turn.network) = (None, Vec::new());
        }
        (turn, dies)
    }
}

/// An attachment as an earlier version wrote it: without the fields that were added since, and with one of its own.
pub fn of_earlier_version(text: &str) -> Option<String> {
    let mut json: Json = serde_json::from_str(text).ok()?;
    let fields = json.as_object_mut()?;
    for added in ["delivered", "read", "memo", "early_profile", "switch", "silent"] {
        fields.remove(added);
    }
    fields.insert("of_old".to_owned(), Json::Bool(true));
    serde_json::to_string(&json).ok()
}
