//! A Room, its store, a queue and D1, with time and every fault in the hands of a test. The Room and both databases are
//! the real ones; the queue keeps what it is told to keep, gives it out in any order, and loses or doubles some of it.

use std::collections::BTreeMap;

use crate::{
    core::{
        effect::{Platform, Stored as _},
        error::CloseCode,
        id::{AgentId, Entropy, SessionId, SiteId},
        internal::{NoticeAnswer, Status},
        limits::PROJECTION_RETRY_SECONDS,
        pipeline::{
            delivery::{Delivery, Verdict},
            event::{ConversationRow, RoomEvent},
            sample::{BEGAN, conversation, visitor, workspace},
        },
        principal::{AgentPrincipal, Principal, Role, VisitorPrincipal},
        protocol::{
            Encoding, Outgoing,
            wire::{self, client_frame::Frame},
        },
        room::{
            Room, Settings,
            effect::{Call, Effect, Effects, Input},
            entry::wire_status,
            record::Cursors,
            session::Session,
        },
        socket::SocketId,
        time::{DAY, SECOND, Timestamp},
    },
    sql::{
        consume::consume,
        inspection,
        room::RoomStore,
        testing::{BatchFault, TestDatabase, TestSql, ready},
    },
};

/// The visitor's socket.
pub const VISITOR: SocketId = SocketId(1);
/// The agent's socket.
pub const AGENT: SocketId = SocketId(2);

/// How often what goes wrong, in thousandths; drawn anew for every seed, so that seeds differ in kind.
#[derive(Debug, Default)]
pub struct Faults {
    /// The queue takes an event and loses it.
    pub lose: u64,
    /// The queue gives an event out, and once more.
    pub double: u64,
    /// The queue does not take an event.
    pub refuse: u64,
    /// The queue takes an event, but the Room does not hear it.
    pub mute: u64,
    /// A batch of D1 fails, before or after it is written.
    pub break_batch: u64,
    /// The Room is gone in the middle of its work.
    pub crash: u64,
    /// The Room's own write fails.
    pub break_write: u64,
    /// An older store of the Room is put back.
    pub restore: u64,
}

struct Queued {
    delivery: Delivery,
    due: Timestamp,
}

struct Backup {
    store: TestSql,
    alarm: Option<Timestamp>,
}

/// Everything.
pub struct World {
    /// The clock.
    pub now: Timestamp,
    /// What goes wrong.
    pub faults: Faults,
    /// The Room's SQLite.
    pub store: TestSql,
    /// The history.
    pub database: TestDatabase,
    /// The queue takes and gives nothing.
    pub queue_is_down: bool,
    /// Stores that were put back.
    pub restores: u32,
    room: Option<Room>,
    attachments: BTreeMap<SocketId, Session>,
    alarm: Option<Timestamp>,
    timer: Option<Timestamp>,
    backups: Vec<Backup>,
    queue: Vec<Queued>,
    /// Answers on their way to the Room.
    answers: Vec<(Timestamp, Input)>,
    /// The last entry that a client has seen: epoch, number, id.
    seen: (u64, u64, String),
    entropy: Entropy,
    sent: u64,
}

impl World {
    /// Nothing has happened; the visitor's widget is open.
    pub fn new(seed: u64) -> Self {
        let mut world = World {
            now: Timestamp(BEGAN),
            faults: Faults::default(),
            store: TestSql::default(),
            database: TestDatabase::migrated(),
            queue_is_down: false,
            restores: 0,
            room: None,
            attachments: BTreeMap::new(),
            alarm: None,
            timer: None,
            backups: Vec::new(),
            queue: Vec::new(),
            answers: Vec::new(),
            seen: (0, 0, String::new()),
            entropy: Entropy::new(u128::from(seed) << 64 | 0xbe11),
            sent: 0,
        };
        world.connect(VISITOR);
        world
    }

    /// A number below `below`.
    pub fn draw(&mut self, below: u64) -> u64 {
        self.entropy.next_u64() % below.max(1)
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn strikes(&mut self, thousandths: u64) -> bool {
        self.draw(1_000) < thousandths
    }

    /// Opens a socket and says hello, with the last entry seen.
    pub fn connect(&mut self, socket: SocketId) {
        let principal = match socket {
            VISITOR => Principal::Visitor(VisitorPrincipal {
                workspace: workspace(1),
                site: SiteId::draw(&mut Entropy::new(3_001)),
                visitor: visitor(1),
                conversation: conversation(1),
                generation: 1,
                expires_at: self.now.plus(30 * DAY),
                user_agent: String::new(),
                country: String::new(),
                location: None,
                identity: None,
                must_prove: false,
            }),
            _ => Principal::Agent(AgentPrincipal {
                workspace: workspace(1),
                agent: AgentId::draw(&mut Entropy::new(4_001)),
                name: "Bo".into(),
                picture: String::new(),
                role: Role::Agent,
                session: SessionId::draw(&mut Entropy::new(5_001)),
                generation: 1,
                expires_at: self.now.plus(30 * DAY),
            }),
        };
        self.attachments.remove(&socket);
        self.input(Input::Connected { socket, principal, encoding: Encoding::Proto });
        let (log_epoch, after, tip) = self.seen.clone();
        self.frame(socket, Frame::Hello(wire::Hello { log_epoch, after, tip, ..wire::Hello::default() }));
        self.see();
    }

    /// A frame of a socket; one that is not open is opened first.
    pub fn frame(&mut self, socket: SocketId, frame: Frame) {
        if !self.attachments.contains_key(&socket) && !matches!(frame, Frame::Hello(_)) {
            self.connect(socket);
        }
        self.input(Input::Frame { socket, frame: Ok(Some(frame)) });
    }

    /// A message or, by the agent, also a note.
    pub fn say(&mut self, socket: SocketId, note: bool) {
        self.sent += 1;
        let client_id = format!("c{}", self.sent);
        let text = format!("message {} 退款 {}", self.sent, "long ".repeat(self.entropy.next_u64() as usize % 40));
        let frame = match note {
            true => Frame::Note(wire::Note { client_id, text }),
            false => Frame::Send(wire::Send { client_id, text, ..wire::Send::default() }),
        };
        self.frame(socket, frame);
        self.see();
    }

    /// The agent sets a status.
    pub fn set_status(&mut self, status: Status) {
        let snoozed_until = if status == Status::Snoozed { self.now.plus(90 * SECOND).wire() } else { 0 };
        let status = wire_status(status).into();
        self.frame(AGENT, Frame::SetStatus(wire::SetStatus { status, snoozed_until, client_id: "s".into() }));
    }

    /// The page says who the visitor is.
    pub fn identify(&mut self) {
        let name = format!("Anna {}", self.draw(1_000));
        self.frame(VISITOR, Frame::Identify(wire::Identify { name, ..wire::Identify::default() }));
    }

    /// The agent has seen what is there.
    pub fn read(&mut self) {
        let seq = self.seen.1;
        self.frame(AGENT, Frame::Read(wire::Read { seq }));
    }

    /// A client notes the last entry that it has.
    fn see(&mut self) {
        let store = RoomStore(&self.store);
        let Ok(Some(record)) = store.record() else { return };
        if let Some(entry) = store.public_before(0, u64::MAX >> 1, 1).unwrap().first() {
            self.seen = (record.log_epoch, entry.seq, entry.id.to_string());
        }
    }

    /// Keeps a copy of the Room's store.
    pub fn back_up(&mut self) {
        let backup = Backup { store: self.store.copy(), alarm: self.alarm };
        self.backups.push(backup);
    }

    /// Puts an older store back, under clients that have seen more.
    pub fn restore(&mut self) {
        let count = self.backups.len() as u64;
        if count == 0 {
            return;
        }
        let place = self.draw(count) as usize;
        let backup = &mut self.backups[place];
        (self.store, self.alarm) = (backup.store.copy(), backup.alarm);
        self.room = None;
        self.timer = None;
        self.attachments.clear();
        self.restores += 1;
    }

    /// The memory is gone; sockets and their attachments stay, as over hibernation.
    pub fn forget(&mut self) {
        self.room = None;
    }

    /// Every socket is gone, and the memory.
    pub fn crash(&mut self) {
        self.room = None;
        self.attachments.clear();
    }

    fn wake(&mut self) -> Option<Room> {
        if self.room.is_none() {
            self.room = Room::load(RoomStore(&self.store), Settings::default(), self.alarm).ok();
            self.input(Input::Restored(self.attachments.values().cloned().collect()));
        }
        self.room.take()
    }

    /// Gives the Room an input and carries its effects out, unless something comes between.
    pub fn input(&mut self, input: Input) {
        let is_alarm = input == Input::Alarm;
        let Some(mut room) = self.wake() else {
            self.alarm = if is_alarm { Some(self.now.plus(2 * SECOND)) } else { self.alarm };
            return;
        };
        let mut entropy = Entropy::new(self.entropy.next_u128());
        let mut fx = Effects::default();
        room.handle(input, self.now, &mut entropy, RoomStore(&self.store), &mut fx).unwrap();
        let (breaks, crashes) = (self.strikes(self.faults.break_write), self.strikes(self.faults.crash));
        if breaks || !self.write(&fx) {
            // The machine is dropped; the platform rings again if it was the alarm.
            self.alarm = if is_alarm { Some(self.now.plus(2 * SECOND)) } else { self.alarm };
            return;
        }
        for effect in fx.iter() {
            if let Effect::SetAlarm(at) = effect {
                self.alarm = Some(*at);
            }
        }
        if crashes {
            self.attachments.clear();
            self.alarm = if is_alarm { Some(self.now.plus(2 * SECOND)) } else { self.alarm };
            return;
        }
        self.room = Some(room);
        for call in fx.carry_out(self).calls {
            self.call(call);
        }
    }

    fn write(&self, fx: &Effects) -> bool {
        let transaction = self.store.connection.unchecked_transaction().unwrap();
        fx.store(|write| write.run(&self.store), |work| work()).is_ok() && transaction.commit().is_ok()
    }

    fn call(&mut self, call: Call) {
        match call {
            Call::TellDesk(notice) => {
                let answer = Some(NoticeAnswer {
                    interval_ms: 1_000,
                    assignment: None,
                    rev: 0,
                    place: Default::default(),
                    idle: None,
                    bot: None,
                    begins: false,
                });
                self.answer(Input::DeskAnswered { rev: notice.rev, answer });
            }
            Call::SetTimer(at) => self.timer = Some(at),
            Call::Detach(agent) => self.answer(Input::Detached { agent, heard: true }),
            Call::Publish(event) => self.publish(&event),
            Call::Inspect(after) => self.inspect(after),
            Call::Verify { .. } | Call::AskBot(_) | Call::Act(_) | Call::Consult(_) => {}
        }
    }

    fn answer(&mut self, input: Input) {
        let wait = self.draw(400) as i64;
        self.answers.push((self.now.plus(wait), input));
    }

    fn publish(&mut self, event: &RoomEvent) {
        if self.queue_is_down || self.strikes(self.faults.refuse) {
            return self.answer(Input::Published(None));
        }
        if !self.strikes(self.faults.lose) {
            let copies = if self.strikes(self.faults.double) { 2 } else { 1 };
            let body = serde_json::to_string(event).ok();
            for _ in 0..copies {
                let (id, due) = (format!("q{}", self.entropy.next_u64()), self.now.plus(self.draw(3_000) as i64));
                self.queue.push(Queued { delivery: Delivery { id, body: body.clone() }, due });
            }
        }
        if !self.strikes(self.faults.mute) {
            self.answer(Input::Published(Some(event.upto)));
        }
    }

    fn inspect(&mut self, after: Cursors) {
        self.shake_database();
        let rows = self.database.run(inspection::inspect(&workspace(1), &conversation(1), after));
        self.answer(Input::Inspected(rows.ok().map(|rows| inspection::inspected(&rows))));
    }

    fn shake_database(&mut self) {
        if self.strikes(self.faults.break_batch) {
            let fault = if self.draw(2) == 0 { BatchFault::Before } else { BatchFault::After };
            self.database.fault_after(0, fault);
        }
    }

    /// The consumer takes what is due, in any order, or only some of it.
    pub fn consume(&mut self) {
        if self.queue_is_down {
            return;
        }
        let (mut batch, mut rest) = (Vec::new(), Vec::new());
        for queued in std::mem::take(&mut self.queue) {
            let stays = self.draw(4) == 0;
            if queued.due <= self.now && !stays && batch.len() < 50 { &mut batch } else { &mut rest }.push(queued);
        }
        for place in (1..batch.len()).rev() {
            let other = self.draw(place as u64 + 1) as usize;
            batch.swap(place, other);
        }
        self.shake_database();
        let deliveries: Vec<Delivery> = batch.iter().map(|queued| queued.delivery.clone()).collect();
        let consumed = ready(consume(&self.database, "events", &deliveries, self.now));
        let later = self.now.plus(i64::from(PROJECTION_RETRY_SECONDS) * SECOND);
        for (mut queued, verdict) in batch.into_iter().zip(consumed.verdicts) {
            // An acknowledgement may be lost, too.
            if verdict == Verdict::Retry || self.strikes(self.faults.double) {
                queued.due = later;
                rest.push(queued);
            }
        }
        self.queue = rest;
    }

    /// Lets time pass: answers arrive, the alarm rings, the consumer works.
    pub fn pass(&mut self, millis: i64) {
        let end = self.now.plus(millis);
        loop {
            let answers = self.answers.iter().map(|(at, _)| *at);
            let queued = self.queue.iter().map(|queued| queued.due).filter(|_| !self.queue_is_down);
            let next = answers.chain(self.alarm).chain(self.timer).chain(queued).min().filter(|at| *at <= end);
            let Some(next) = next else { break };
            // At least a little passes, so that what is tried again at once does not stop the clock.
            self.now = next.max(self.now.plus(1));
            if self.alarm.is_some_and(|alarm| alarm <= self.now) {
                self.alarm = None;
                self.input(Input::Alarm);
            }
            if self.timer.is_some_and(|timer| timer <= self.now) {
                self.timer = None;
                if self.room.is_some() {
                    self.input(Input::Tick);
                }
            }
            let (due, later) = std::mem::take(&mut self.answers).into_iter().partition(|(at, _)| *at <= self.now);
            self.answers = later;
            let due: Vec<(Timestamp, Input)> = due;
            for (_, answer) in due {
                // An answer to a machine that is gone reaches nobody.
                if self.room.is_some() {
                    self.input(answer);
                }
            }
            self.consume();
        }
        self.now = self.now.max(end);
    }

    /// The conversation as the Room has it now.
    pub fn row(&mut self) -> ConversationRow {
        let room = self.wake().unwrap();
        let row = room.conversation_row().unwrap();
        self.room = Some(room);
        row
    }

    /// Everything works from here on.
    pub fn heal(&mut self) {
        self.faults = Faults::default();
        self.queue_is_down = false;
        self.database.heal();
    }
}

impl Platform<Session> for World {
    fn set_alarm(&mut self, at: Timestamp) {
        self.alarm = Some(at);
    }

    fn send(&mut self, _to: &[SocketId], _frame: &Outgoing) {}

    fn attach(&mut self, session: Session) {
        self.attachments.insert(session.socket, session);
    }

    fn close(&mut self, socket: SocketId, _code: CloseCode) {
        self.attachments.remove(&socket);
    }
}
