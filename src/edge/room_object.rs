//! The Durable Object of one conversation: it carries out what the Room's machine decides.
//!
//! Serialises everything that happens to one conversation. Storage: its own SQLite (`sql/room.rs`), one alarm, and an
//! attachment per socket. Answers `GET /socket` (an upgrade with a principal), `POST /assign` and `POST /revoke`, all
//! from our own Worker and Desk only.
//!
//! Effects are carried out in this order, without a pause up to the network: all writes or none, the alarm, then frames,
//! attachments and closes. The runtime's output gate holds what was sent until the writes are on disk, so nothing is
//! acknowledged that could still be lost (INV-1). If anything fails the machine is dropped and loaded anew from disk.
use std::{
    cell::RefCell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind},
    rc::Rc,
};

use serde::de::DeserializeOwned;
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::{clock, env, queue, socket, socket::Sockets, sql};
use crate::{
    core::{
        error::Code,
        internal::{AssignAnswer, DetachNotice},
        principal::{ENCODING_HEADER, PRINCIPAL_HEADER},
        protocol::{self, Encoding, FrameError, Payload},
        room::{
            self, Room as Machine,
            effect::{Effect, Effects, Input},
            session::Session,
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

impl socket::Attached for Session {
    fn socket(&self) -> SocketId {
        self.socket
    }

    fn encoding(&self) -> Encoding {
        self.encoding
    }
}

/// One conversation.
#[durable_object]
pub struct Room(Rc<Shared>);

// SAFETY: a handler that panics while it has the machine leaves none behind, so no half-changed one is ever seen.
impl RefUnwindSafe for Room {}

struct Shared {
    state: State,
    env: Env,
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Taken out while it works; absent after a failure and before the first event.
    machine: Option<Machine>,
    sockets: Sockets,
}

/// What the caller of `/assign` or `/revoke` is told.
enum Answer {
    Assigned(std::result::Result<AssignAnswer, Code>),
    Revoked,
}

/// What one input leaves to be done outside the object.
#[derive(Default)]
struct Outcome {
    network: VecDeque<Effect>,
    answer: Option<Answer>,
}

impl DurableObject for Room {
    fn new(state: State, env: Env) -> Self {
        socket::answer_pings(&state);
        Room(Rc::new(Shared { state, env, inner: RefCell::default() }))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        match (request.method(), request.path().as_str()) {
            (Method::Get, "/socket") => self.0.connect(&request).await,
            (Method::Post, "/assign") => self.0.ordered(request, Input::Assign).await,
            (Method::Post, "/revoke") => self.0.ordered(request, Input::Revoke).await,
            _ => refuse(Code::NotFound),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        // An alarm that fails is tried six times and then forgotten, so it never fails: the agenda has its own back-off.
        if let Err(code) = self.0.feed(Input::Alarm).await {
            worker::console_error!("alarm: {}", code.name());
            self.0.ring_later();
        }
        Response::empty()
    }

    async fn websocket_message(&self, ws: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        self.0.message(&ws, message).await;
        Ok(())
    }

    async fn websocket_close(&self, ws: WebSocket, code: usize, _reason: String, _clean: bool) -> Result<()> {
        socket::answer_close(&ws, code);
        self.0.gone(&ws).await;
        Ok(())
    }

    async fn websocket_error(&self, ws: WebSocket, _error: worker::Error) -> Result<()> {
        self.0.gone(&ws).await;
        Ok(())
    }
}

impl Shared {
    // ---------------------------------------------------------------------------------------------- what comes in

    async fn connect(self: &Rc<Self>, request: &Request) -> Result<Response> {
        let header = |name| request.headers().get(name).ok().flatten().unwrap_or_default();
        let Ok(principal) = serde_json::from_str(&header(PRINCIPAL_HEADER)) else { return refuse(Code::Unauthorized) };
        let Some(encoding) = Encoding::of_subprotocol(&header(ENCODING_HEADER)) else {
            return refuse(Code::UpgradeRequired);
        };
        let socket = SocketId(clock::entropy()?.next_u64());
        if let Err(code) = self.wake().await {
            return refuse(code);
        }
        let response = self.inner.borrow_mut().sockets.accept(&self.state, socket, encoding)?;
        match self.step(Input::Connected { socket, principal, encoding }) {
            Ok(outcome) => self.leave(outcome.network),
            Err(code) => self.tell_failure(socket, code, ""),
        }
        Ok(response)
    }

    async fn ordered<T: DeserializeOwned>(
        self: &Rc<Self>,
        mut request: Request,
        input: impl FnOnce(T) -> Input,
    ) -> Result<Response> {
        let Ok(order) = serde_json::from_str::<T>(&request.text().await?) else { return refuse(Code::BadRequest) };
        if let Err(code) = self.wake().await {
            return refuse(code);
        }
        match self.step(input(order)) {
            Ok(outcome) => {
                self.leave(outcome.network);
                match outcome.answer {
                    Some(Answer::Assigned(Ok(answer))) => Response::from_json(&answer),
                    Some(Answer::Assigned(Err(code))) => refuse(code),
                    Some(Answer::Revoked) => Ok(Response::empty()?.with_status(204)),
                    None => refuse(Code::Internal),
                }
            }
            Err(code) => refuse(code),
        }
    }

    async fn message(self: &Rc<Self>, ws: &WebSocket, message: WebSocketIncomingMessage) {
        if let Err(code) = self.wake().await {
            worker::console_error!("a frame could not be taken: {}", code.name());
            return;
        }
        let (Some(socket), Some(encoding)) = self.of(ws) else { return };
        let payload = socket::payload(message);
        let frame = match &payload {
            Some(payload) => protocol::decode(encoding, payload),
            None => Err(FrameError::TooLarge),
        };
        match self.step(Input::Frame { socket, frame }) {
            Ok(outcome) => self.finish(outcome.network).await,
            Err(code) => {
                self.tell_failure(socket, code, &payload.map_or_else(String::new, |it| name_of(encoding, &it)))
            }
        }
    }

    fn of(&self, ws: &WebSocket) -> (Option<SocketId>, Option<Encoding>) {
        let inner = self.inner.borrow();
        let socket = inner.sockets.name_of(ws);
        (socket, socket.and_then(|socket| inner.sockets.encoding(socket)))
    }

    async fn gone(self: &Rc<Self>, ws: &WebSocket) {
        if self.wake().await.is_err() {
            return;
        }
        let (Some(socket), _) = self.of(ws) else { return };
        self.inner.borrow_mut().sockets.forget(socket);
        if let Err(code) = self.feed(Input::Disconnected(socket)).await {
            worker::console_error!("a socket's end: {}", code.name());
        }
    }

    // ------------------------------------------------------------------------------------------------ the machine

    /// Loads the machine, if there is none.
    async fn wake(&self) -> std::result::Result<(), Code> {
        if self.inner.borrow().machine.is_some() {
            return Ok(());
        }
        let alarm = self.state.storage().get_alarm().await.unwrap_or_default().map(Timestamp);
        let mut inner = self.inner.borrow_mut();
        if inner.machine.is_some() {
            return Ok(());
        }
        let sessions: Vec<Session> = inner.sockets.restore(&self.state);
        let sql = sql::ObjectSql::of(&self.state.storage());
        let store = RoomStore(&sql);
        let now = clock::now();
        let loaded = Machine::load(store, env::room_settings(&self.env), alarm, now).and_then(|mut machine| {
            let mut entropy = clock::entropy().map_err(|_| crate::core::port::SqlError("no entropy".into()))?;
            machine.handle(Input::Restored(sessions), now, &mut entropy, store, &mut Effects::default())?;
            Ok(machine)
        });
        match loaded {
            Ok(machine) => {
                inner.machine = Some(machine);
                Ok(())
            }
            Err(error) => {
                worker::console_error!("{error}");
                Err(Code::Storage)
            }
        }
    }

    /// Gives one input to the machine and carries out everything that happens inside the object.
    fn step(&self, input: Input) -> std::result::Result<Outcome, Code> {
        let mut entropy = clock::entropy().map_err(|_| Code::Internal)?;
        let mut inner = self.inner.borrow_mut();
        let Some(mut machine) = inner.machine.take() else { return Err(Code::Internal) };
        let storage = self.state.storage();
        let sql = sql::ObjectSql::of(&storage);
        let mut fx = Effects::default();
        let handled = catch_unwind(AssertUnwindSafe(|| {
            machine.handle(input, clock::now(), &mut entropy, RoomStore(&sql), &mut fx)
        }));
        let written = match handled {
            Ok(handled) => handled.and_then(|()| write(&storage, &sql, &fx)),
            Err(_) => return Err(Code::Internal),
        };
        if let Err(error) = written {
            worker::console_error!("{error}");
            return Err(Code::Storage);
        }
        inner.machine = Some(machine);
        Ok(carry_out(fx, &storage, &mut inner.sockets))
    }

    /// One input, and everything that follows from it.
    async fn feed(&self, input: Input) -> std::result::Result<(), Code> {
        self.wake().await?;
        let outcome = self.step(input)?;
        self.finish(outcome.network).await;
        Ok(())
    }

    // ------------------------------------------------------------------------------------------------ the network

    /// Does the rest while the caller has its answer already.
    fn leave(self: &Rc<Self>, network: VecDeque<Effect>) {
        if network.is_empty() {
            return;
        }
        let shared = Rc::clone(self);
        self.state.wait_until(async move { shared.finish(network).await });
    }

    async fn finish(&self, mut network: VecDeque<Effect>) {
        while let Some(effect) = network.pop_front() {
            let Some(input) = self.perform(effect).await else { continue };
            match self.wake().await.and_then(|()| self.step(input)) {
                Ok(outcome) => network.extend(outcome.network),
                Err(code) => worker::console_error!("an answer could not be taken: {}", code.name()),
            }
        }
    }

    async fn perform(&self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Verify { socket, ticket } => {
                drop(ticket);
                Some(Input::Renewed { socket, principal: None })
            }
            Effect::TellDesk(notice) => {
                let answer = match env::desk(&self.env, &notice.workspace) {
                    Ok(desk) => env::ask(&desk, "/notice", &notice).await,
                    Err(_) => None,
                };
                Some(Input::DeskAnswered(answer))
            }
            Effect::Detach(agent) => {
                let place = self
                    .inner
                    .borrow()
                    .machine
                    .as_ref()
                    .and_then(Machine::record)
                    .map(|record| (record.workspace.clone(), record.conversation.clone()));
                let (workspace, conversation) = place?;
                let notice = DetachNotice { workspace, agent: agent.clone(), conversation };
                let heard = match env::desk(&self.env, &notice.workspace) {
                    Ok(desk) => env::post(&desk, "/detach", &notice).await.is_ok_and(|it| it.status_code() == 204),
                    Err(_) => false,
                };
                Some(Input::Detached { agent, heard })
            }
            Effect::Publish(event) => {
                let sent = queue::publish(&self.env, &event).await;
                Some(Input::Published(sent.map(|()| event.upto).ok()))
            }
            Effect::Inspect(_) => Some(Input::Inspected(None)),
            Effect::Write(_)
            | Effect::SetAlarm(_)
            | Effect::Send { .. }
            | Effect::Attach(_)
            | Effect::Close { .. }
            | Effect::AnswerAssign(_)
            | Effect::AnswerRevoke => None,
        }
    }

    // ----------------------------------------------------------------------------------------------- when it fails

    /// The sender learns that its frame did nothing, and may send it again.
    fn tell_failure(&self, socket: SocketId, code: Code, client_id: &str) {
        let frame = room::error_frame(code, "nothing was stored, send it again", client_id);
        let frame = protocol::wire::server_frame::Frame::Error(frame).into();
        self.inner.borrow().sockets.send(&[socket], &frame);
    }

    fn ring_later(&self) {
        set_alarm(&self.state.storage(), clock::now().plus(crate::core::limits::BACKOFF.1));
    }
}

/// All writes of one input, or none. A single statement is atomic by itself.
fn write(
    storage: &worker::Storage,
    sql: &sql::ObjectSql,
    fx: &Effects,
) -> std::result::Result<(), crate::core::port::SqlError> {
    let writes: Vec<_> =
        fx.0.iter().filter_map(|effect| if let Effect::Write(write) = effect { Some(write) } else { None }).collect();
    match writes.as_slice() {
        [] => Ok(()),
        [one] if one.is_single() => one.run(sql),
        many => sql::all_or_nothing(storage, || many.iter().try_for_each(|write| write.run(sql))),
    }
}

/// Everything inside the object but the writes, in order; what leaves it is given back.
fn carry_out(fx: Effects, storage: &worker::Storage, sockets: &mut Sockets) -> Outcome {
    let mut outcome = Outcome::default();
    // The alarm belongs to the same implicit transaction as the writes: nothing may pause in between.
    for effect in &fx.0 {
        if let Effect::SetAlarm(at) = effect {
            set_alarm(storage, *at);
        }
    }
    for effect in fx.0 {
        match effect {
            Effect::Write(_) | Effect::SetAlarm(_) => {}
            Effect::Send { to, frame } => sockets.send(&to, &frame),
            Effect::Attach(session) => sockets.attach(&session),
            Effect::Close { socket, code } => sockets.close(socket, code),
            Effect::AnswerAssign(answer) => outcome.answer = Some(Answer::Assigned(answer)),
            Effect::AnswerRevoke => outcome.answer = Some(Answer::Revoked),
            Effect::Verify { .. }
            | Effect::TellDesk(_)
            | Effect::Detach(_)
            | Effect::Publish(_)
            | Effect::Inspect(_) => {
                outcome.network.push_back(effect);
            }
        }
    }
    outcome
}

fn set_alarm(storage: &worker::Storage, at: Timestamp) {
    let date = js_sys::Date::new(&js_sys::Number::from(at.0 as f64));
    if let Err(error) = storage.as_raw().set_alarm(date, js_sys::Object::new()) {
        worker::console_error!("no alarm: {error:?}");
    }
}

/// What the sender called a frame that failed.
fn name_of(encoding: Encoding, payload: &Payload) -> String {
    match protocol::decode(encoding, payload) {
        Ok(Some(frame)) => room::client_id_of(frame),
        Ok(None) | Err(_) => String::new(),
    }
}

/// Between our own objects the status says it all.
fn refuse(code: Code) -> Result<Response> {
    Response::error(code.name(), code.status())
}
