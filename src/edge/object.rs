//! What our Durable Objects with sockets have in common: they hold a machine of the core and carry out its effects.
//!
//! Effects are carried out in this order, without a pause up to the network: all writes or none, the alarm, then frames,
//! attachments and closes. The runtime's output gate holds what was sent until the writes are on disk, so nothing is
//! acknowledged that could still be lost (INV-1). If anything fails or panics the machine is dropped and loaded anew
//! from disk, and whoever sent the frame is told to send it again (INV-12). After a panic between the writes and the
//! frames nobody knows who was told what: all sockets are asked to come again, which makes everyone whole.
use std::{
    cell::{Cell, Ref, RefCell},
    rc::Rc,
};

use futures::stream::{FuturesUnordered, StreamExt as _};
use serde::de::DeserializeOwned;
use worker::{Env, Request, Response, Result, State, Storage, WebSocket, WebSocketIncomingMessage};

use super::{
    admission, clock,
    contained::{Place, contained, contained_now},
    fault,
    socket::{self, Attached, Sockets},
    sql,
};
use crate::core::{
    error::{CloseCode, Code},
    id::Entropy,
    limits::{BACKOFF, REPORT_INTERVAL},
    port::{Sql, SqlError},
    principal::{ENCODING_HEADER, PRINCIPAL_HEADER, Principal},
    protocol::{self, Encoding, FrameError, Outgoing, Payload, client_id_of, wire::client_frame::Frame},
    socket::SocketId,
    time::Timestamp,
    upgrade::Refused,
};

/// A machine of the core, as the shell drives it.
pub trait Machine: Sized + 'static {
    /// The object's class, for the log.
    const CLASS: &'static str;
    /// What happens to it.
    type Input;
    /// What it wants done.
    type Effect;
    /// What it keeps with a socket.
    type Session: Attached;
    /// A write to its store.
    type Write;
    /// What a caller within the deployment is told.
    type Answer;

    /// Loads what is stored. `alarm` is when the object's alarm is set to ring, if it is.
    fn load(
        sql: &dyn Sql,
        shell: &Shell<Self>,
        alarm: Option<Timestamp>,
        now: Timestamp,
    ) -> std::result::Result<Self, SqlError>;
    /// Takes one input.
    fn take(
        &mut self,
        input: Self::Input,
        now: Timestamp,
        entropy: &mut Entropy,
        sql: &dyn Sql,
    ) -> std::result::Result<Vec<Self::Effect>, SqlError>;
    /// Where an effect belongs.
    fn sort(effect: Self::Effect) -> Sorted<Self>;
    /// Whether a write is one statement, which is atomic by itself.
    fn is_single(write: &Self::Write) -> bool;
    /// Carries a write out.
    fn run(write: &Self::Write, sql: &dyn Sql) -> std::result::Result<(), SqlError>;
    /// Does what leaves the object, and says what came of it.
    fn perform(shell: &Shell<Self>, effect: Self::Effect) -> impl Future<Output = Option<Self::Input>>;

    /// A socket was accepted.
    fn connected(socket: SocketId, principal: Principal, encoding: Encoding) -> Self::Input;
    /// Sockets stayed open while the machine was away: the object slept, or the machine was dropped at work.
    fn restored(sessions: Vec<Self::Session>, dropped: bool) -> Self::Input;
    /// A frame came, or something that is none.
    fn frame(socket: SocketId, frame: std::result::Result<Option<Frame>, FrameError>) -> Self::Input;
    /// A socket is gone.
    fn disconnected(socket: SocketId) -> Self::Input;
    /// The alarm rang.
    fn rang(shell: &Shell<Self>) -> Self::Input;
}

/// An effect by where it is carried out.
pub enum Sorted<M: Machine> {
    /// On disk, with the others of the same input.
    Write(M::Write),
    /// The object's one alarm.
    SetAlarm(Timestamp),
    /// A frame to some sockets.
    Send(Vec<SocketId>, Outgoing),
    /// Kept with a socket.
    Attach(M::Session),
    /// The end of a socket.
    Close(SocketId, CloseCode),
    /// For the caller.
    Answer(M::Answer),
    /// Outside the object.
    Network(M::Effect),
}

/// What one input leaves to be done.
pub struct Outcome<M: Machine> {
    network: Vec<M::Effect>,
    /// For the caller of a request, if the input was one.
    pub answer: Option<M::Answer>,
}

struct Inner<M> {
    /// Taken out while it works; absent after a failure and before the first event.
    machine: Option<M>,
    sockets: Sockets,
}

/// One object.
pub struct Shell<M: Machine> {
    /// The platform's handle on the object.
    pub state: State,
    /// Bindings and settings.
    pub env: Env,
    inner: RefCell<Inner<M>>,
    /// How many sockets were last reported for admission, and when.
    reported: Cell<(usize, Timestamp)>,
    is_counted: bool,
}

type Coded<T> = std::result::Result<T, Code>;

impl<M: Machine> Shell<M> {
    /// A shell without a machine; the first event loads it.
    pub fn new(state: State, env: Env) -> Rc<Self> {
        socket::answer_pings(&state);
        let is_counted = admission::is_counting(&env);
        let inner = RefCell::new(Inner { machine: None, sockets: Sockets::default() });
        Rc::new(Shell { state, env, inner, reported: Cell::default(), is_counted })
    }

    fn id(&self) -> String {
        self.state.id().to_string()
    }

    fn place<'a>(&self, work: &'static str, whose: &'a dyn Fn() -> String) -> Place<'a> {
        Place { class: M::CLASS, work, whose }
    }

    /// The machine, if it is loaded.
    pub fn machine(&self) -> Option<Ref<'_, M>> {
        Ref::filter_map(self.inner.borrow(), |inner| inner.machine.as_ref()).ok()
    }

    /// The open sockets.
    pub fn sockets(&self) -> Ref<'_, Sockets> {
        Ref::map(self.inner.borrow(), |inner| &inner.sockets)
    }

    // ---------------------------------------------------------------------------------------------- what comes in

    /// An upgrade that the gateway has let through.
    pub async fn connect(self: &Rc<Self>, request: &Request) -> Result<Response> {
        contained(self.place("fetch", &|| self.id()), self.let_in(request))
            .await
            .unwrap_or_else(|| refuse(Code::Internal))
    }

    async fn let_in(self: &Rc<Self>, request: &Request) -> Result<Response> {
        let header = |name| request.headers().get(name).ok().flatten().unwrap_or_default();
        let Ok(principal) = serde_json::from_str(&header(PRINCIPAL_HEADER)) else { return refuse(Code::Unauthorized) };
        let Some(encoding) = Encoding::of_subprotocol(&header(ENCODING_HEADER)) else {
            return refuse(Code::UpgradeRequired);
        };
        let socket = SocketId(clock::entropy()?.next_u64());
        if let Err(code) = self.wake().await {
            return refuse(code);
        }
        let mut inner = self.inner.borrow_mut();
        let (machine, sorted) = match self.decide(&mut inner, M::connected(socket, principal, encoding)) {
            Ok(decided) => decided,
            Err(code) => return refuse(code),
        };
        // Whoever is not to stay is not accepted at all: the gateway shows them out as it does with everyone else, and
        // the runtime keeps no socket for this object until the client has agreed to part.
        let response = match turned_away(socket, &sorted) {
            Some(refused) => Response::error(refused.to_string(), refused.code.status())?,
            None => inner.sockets.accept(&self.state, socket, encoding)?,
        };
        // The gateway has counted one more: what is held now must be told, even if another has given way.
        self.reported.take();
        let completed = self.complete(&mut inner, machine, sorted);
        drop(inner);
        if let Ok(outcome) = completed {
            self.leave(outcome);
        }
        Ok(response)
    }

    /// A request with a JSON body from another object or the gateway; `answer` turns what came of it into a response.
    pub async fn request<T: DeserializeOwned>(
        self: &Rc<Self>,
        mut request: Request,
        input: impl FnOnce(T) -> M::Input,
        answer: impl FnOnce(Option<M::Answer>) -> Result<Response>,
    ) -> Result<Response> {
        let work = async {
            let Ok(body) = serde_json::from_str::<T>(&request.text().await?) else { return refuse(Code::BadRequest) };
            if let Err(code) = self.wake().await {
                return refuse(code);
            }
            match self.step(input(body)) {
                Ok(mut outcome) => {
                    let told = outcome.answer.take();
                    self.leave(outcome);
                    answer(told)
                }
                Err(code) => refuse(code),
            }
        };
        contained(self.place("fetch", &|| self.id()), work).await.unwrap_or_else(|| refuse(Code::Internal))
    }

    /// A frame of a socket. The next one of the same socket waits for this, so nothing that leaves the object does.
    pub async fn message(self: &Rc<Self>, ws: &WebSocket, message: WebSocketIncomingMessage) {
        let payload = socket::payload(message);
        let taken = contained(self.place("message", &|| self.id()), self.take(ws, payload.as_ref())).await;
        let Err(code) = taken.unwrap_or(Err(Code::Internal)) else { return };
        worker::console_error!("a frame could not be taken: {}", code.name());
        let found = self.sockets().find(ws);
        match found {
            Some((socket, encoding)) => self.tell_failure(socket, code, &name_of(encoding, payload.as_ref())),
            // The sender's message is safe with the sender: it comes again on the next socket.
            None => socket::end(ws, CloseCode::Restart),
        }
    }

    async fn take(self: &Rc<Self>, ws: &WebSocket, payload: Option<&Payload>) -> Coded<()> {
        self.wake().await?;
        let found = self.sockets().find(ws);
        let Some((socket, encoding)) = found else { return Ok(()) };
        let frame = match payload {
            Some(payload) => protocol::decode(encoding, payload),
            None => Err(FrameError::TooLarge),
        };
        self.leave(self.step(M::frame(socket, frame))?);
        Ok(())
    }

    /// A socket was closed from the other side.
    pub async fn closed(self: &Rc<Self>, ws: &WebSocket, code: usize) {
        socket::answer_close(ws, code);
        self.gone("close", ws).await;
    }

    /// A socket has failed.
    pub async fn failed(self: &Rc<Self>, ws: &WebSocket) {
        self.gone("error", ws).await;
    }

    /// Nobody waits for this, and it does not come again: what fails is tried once more, with a fresh machine.
    async fn gone(self: &Rc<Self>, work: &'static str, ws: &WebSocket) {
        for _ in 0..2 {
            let told = contained(self.place(work, &|| self.id()), self.part(ws)).await;
            let Err(code) = told.unwrap_or(Err(Code::Internal)) else { return };
            worker::console_error!("a socket's end: {}", code.name());
        }
    }

    async fn part(self: &Rc<Self>, ws: &WebSocket) -> Coded<()> {
        self.wake().await?;
        let found = self.sockets().find(ws);
        let Some((socket, _)) = found else { return Ok(()) };
        self.leave(self.step(M::disconnected(socket))?);
        let mut inner = self.inner.borrow_mut();
        inner.sockets.forget(socket);
        self.report(inner.sockets.len(), clock::now());
        Ok(())
    }

    /// The alarm. Never an error: one that fails is tried six times and then forgotten, and we have our own back-off.
    pub async fn alarm(self: &Rc<Self>) -> Result<Response> {
        let ring = async {
            self.wake().await?;
            self.leave(self.step(M::rang(self))?);
            Ok(())
        };
        let rung = contained(self.place("alarm", &|| self.id()), ring).await;
        if let Err(code) = rung.unwrap_or(Err(Code::Internal)) {
            worker::console_error!("alarm: {}", code.name());
            set_alarm(&self.state.storage(), clock::now().plus(BACKOFF.1));
        }
        Response::empty()
    }

    // ------------------------------------------------------------------------------------------------ the machine

    /// Loads the machine, if there is none.
    async fn wake(self: &Rc<Self>) -> Coded<()> {
        if self.inner.borrow().machine.is_some() {
            return Ok(());
        }
        let storage = self.state.storage();
        let alarm = storage.get_alarm().await.unwrap_or_default().map(Timestamp);
        let mut inner = self.inner.borrow_mut();
        if inner.machine.is_some() {
            return Ok(());
        }
        let dropped = !inner.sockets.is_empty();
        let sessions: Vec<M::Session> = inner.sockets.restore(&self.state);
        let sql = sql::ObjectSql::of(&storage);
        let loaded = M::load(&sql, self, alarm, clock::now());
        fault::loaded(self.place("load", &|| self.id()));
        inner.machine = Some(loaded.map_err(|error| told(&error))?);
        let outcome = self.turn(&mut inner, M::restored(sessions, dropped))?;
        drop(inner);
        self.leave(outcome);
        Ok(())
    }

    /// Gives one input to the machine and carries out everything that happens inside the object.
    fn step(&self, input: M::Input) -> Coded<Outcome<M>> {
        self.turn(&mut self.inner.borrow_mut(), input)
    }

    fn turn(&self, inner: &mut Inner<M>, input: M::Input) -> Coded<Outcome<M>> {
        let (machine, sorted) = self.decide(inner, input)?;
        let mut outcome = self.complete(inner, machine, sorted)?;
        // Their end may be told to others, who may be slow in turn: each is closed once, so this ends.
        let mut slow = inner.sockets.end_slow();
        while let Some(socket) = slow.pop() {
            let (machine, sorted) = self.decide(inner, M::disconnected(socket))?;
            outcome.network.extend(self.complete(inner, machine, sorted)?.network);
            slow.extend(inner.sockets.end_slow());
        }
        Ok(outcome)
    }

    /// Takes the machine out, gives it the input, and writes. The machine comes back with what is left to be done; after
    /// a failure there is none.
    fn decide(&self, inner: &mut Inner<M>, input: M::Input) -> Coded<(M, Vec<Sorted<M>>)> {
        let mut entropy = clock::entropy().map_err(|_| Code::Internal)?;
        let mut machine = inner.machine.take().ok_or(Code::Internal)?;
        let storage = self.state.storage();
        let sql = sql::ObjectSql::of(&storage);
        let decide = || {
            let effects = machine.take(input, clock::now(), &mut entropy, &sql)?;
            let sorted: Vec<Sorted<M>> = effects.into_iter().map(M::sort).collect();
            self.write(&storage, &sql, &sorted)?;
            Ok(sorted)
        };
        let decided = contained_now(self.place("take", &|| self.id()), decide).ok_or(Code::Internal)?;
        let sorted = decided.map_err(|error: SqlError| told(&error))?;
        Ok((machine, sorted))
    }

    /// Does the rest of what happens inside the object, and puts the machine back.
    fn complete(&self, inner: &mut Inner<M>, machine: M, sorted: Vec<Sorted<M>>) -> Coded<Outcome<M>> {
        let storage = self.state.storage();
        let done = || carry_out(sorted, &storage, &mut inner.sockets);
        let Some(outcome) = contained_now(self.place("carry_out", &|| self.id()), done) else {
            inner.sockets.close_all(CloseCode::Restart);
            self.report(0, clock::now());
            return Err(Code::Internal);
        };
        inner.machine = Some(machine);
        self.report(inner.sockets.len(), clock::now());
        Ok(outcome)
    }

    /// Tells the gateway what is held here, when that has changed or was told some time ago.
    fn report(&self, sockets: usize, now: Timestamp) {
        let (told, at) = self.reported.get();
        if self.is_counted && (told != sockets || now.since(at) >= REPORT_INTERVAL || now < at) {
            self.reported.set((sockets, now));
            admission::report(&self.env, &self.id(), sockets);
        }
    }

    /// All writes of one input, or none.
    fn write(
        &self,
        storage: &Storage,
        sql: &sql::ObjectSql,
        sorted: &[Sorted<M>],
    ) -> std::result::Result<(), SqlError> {
        let writes: Vec<&M::Write> =
            sorted.iter().filter_map(|it| if let Sorted::Write(write) = it { Some(write) } else { None }).collect();
        match writes.as_slice() {
            [] => Ok(()),
            [one] if M::is_single(one) => M::run(one, sql),
            many => sql::all_or_nothing(storage, || {
                many.iter().try_for_each(|write| {
                    M::run(write, sql)?;
                    fault::point(self.place("write", &|| self.id()));
                    Ok(())
                })
            }),
        }
    }

    /// One input, and everything that follows from it.
    pub async fn feed(self: &Rc<Self>, input: M::Input) -> Coded<()> {
        self.wake().await?;
        self.leave(self.step(input)?);
        Ok(())
    }

    // ------------------------------------------------------------------------------------------------ the network

    /// Does the rest while nobody waits for it: a call that hangs must hold up neither frame nor alarm.
    fn leave(self: &Rc<Self>, outcome: Outcome<M>) {
        if !outcome.network.is_empty() {
            let shell = Rc::clone(self);
            self.state.wait_until(async move { shell.finish(outcome).await });
        }
    }

    async fn finish(self: &Rc<Self>, outcome: Outcome<M>) {
        // At the same time: one that hangs holds up no other.
        let id = || self.id();
        let perform = |effect| contained(self.place("perform", &id), M::perform(self, effect));
        let mut network: FuturesUnordered<_> = outcome.network.into_iter().map(perform).collect();
        while let Some(answer) = network.next().await {
            // None after a panic, too: the machine has its own patience with what does not come back.
            let Some(input) = answer.flatten() else { continue };
            match self.wake().await.and_then(|()| self.step(input)) {
                Ok(outcome) => network.extend(outcome.network.into_iter().map(perform)),
                Err(code) => worker::console_error!("an answer could not be taken: {}", code.name()),
            }
        }
    }

    /// The sender learns that its frame did nothing, and may send it again.
    fn tell_failure(&self, socket: SocketId, code: Code, client_id: &str) {
        let frame = protocol::error_frame(code, "nothing was stored, send it again", client_id);
        let frame = protocol::wire::server_frame::Frame::Error(frame).into();
        self.sockets().send(&[socket], &frame);
    }
}

fn told(error: &SqlError) -> Code {
    worker::console_error!("{error}");
    Code::Storage
}

/// Everything inside the object but the writes, in order; what leaves it is given back.
fn carry_out<M: Machine>(sorted: Vec<Sorted<M>>, storage: &Storage, sockets: &mut Sockets) -> Outcome<M> {
    // The alarm belongs to the same implicit transaction as the writes: nothing may pause in between.
    for effect in &sorted {
        if let Sorted::SetAlarm(at) = effect {
            set_alarm(storage, *at);
        }
    }
    let mut outcome = Outcome { network: Vec::new(), answer: None };
    for effect in sorted {
        match effect {
            Sorted::Write(_) | Sorted::SetAlarm(_) => {}
            Sorted::Send(to, frame) => sockets.send(&to, &frame),
            Sorted::Attach(session) => sockets.attach(&session),
            Sorted::Close(socket, code) => {
                sockets.close(socket, code);
            }
            Sorted::Answer(answer) => outcome.answer = Some(answer),
            Sorted::Network(effect) => outcome.network.push(effect),
        }
    }
    outcome
}

fn set_alarm(storage: &Storage, at: Timestamp) {
    let date = js_sys::Date::new(&js_sys::Number::from(at.0 as f64));
    if let Err(error) = storage.as_raw().set_alarm(date, js_sys::Object::new()) {
        worker::console_error!("no alarm: {error:?}");
    }
}

/// What the machine has against a socket that is about to be accepted; none if it may stay.
fn turned_away<M: Machine>(socket: SocketId, sorted: &[Sorted<M>]) -> Option<Refused> {
    let close = sorted.iter().find_map(|it| {
        if let Sorted::Close(other, close) = it { (*other == socket).then_some(*close) } else { None }
    })?;
    let said = sorted.iter().find_map(|it| {
        if let Sorted::Send(to, frame) = it { frame.error_code().filter(|_| to.contains(&socket)) } else { None }
    });
    Some(Refused { code: said.unwrap_or(Code::Forbidden), close })
}

/// What the sender called a frame that failed; nothing if reading it is what failed.
fn name_of(encoding: Encoding, payload: Option<&Payload>) -> String {
    let read = || match payload.map(|payload| protocol::decode(encoding, payload)) {
        Some(Ok(Some(frame))) => client_id_of(frame),
        Some(Ok(None) | Err(_)) | None => String::new(),
    };
    contained_now(Place::worker("name"), read).unwrap_or_default()
}

/// Between our own objects the status says it all.
pub fn refuse(code: Code) -> Result<Response> {
    Response::error(code.name(), code.status())
}
