//! What our Durable Objects with sockets have in common: they hold a machine of the core. Here is what comes in; how it
//! is carried out stands in `effects.rs`.
//!
//! Every handler runs contained (INV-12): whatever panics in it, whoever waits is answered, and the object goes on.
use std::{
    cell::{Cell, Ref, RefCell},
    rc::Rc,
};

use serde::de::DeserializeOwned;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use worker::{Env, Request, Response, Result, State, Storage, WebSocket, WebSocketIncomingMessage};

use super::{
    admission, clock,
    contained::{Place, contained, contained_now},
    effects::set_alarm,
    socket::{self, Sockets},
    sql::ObjectSql,
};
use crate::core::{
    error::{CloseCode, Code},
    json,
    limits::BACKOFF,
    machine::Machine,
    port::SqlError,
    principal::{ENCODING_HEADER, PRINCIPAL_HEADER},
    protocol::{self, Encoding, FrameError, Payload, client_id_of, wire::server_frame},
    socket::SocketId,
    time::Timestamp,
};

/// What comes of a call at once; none: something has to be waited for.
pub type Say<M> = fn(&Env, &<M as Machine>::Call) -> Option<<M as Machine>::Input>;

/// A machine of the core, as the shell holds it.
pub trait Hosted: Machine {
    /// What it needs to know besides its store.
    fn home(shell: &Shell<Self>) -> std::result::Result<Self::Home, SqlError>;
    /// What comes of a call, if nothing has to be waited for: all that it asks for is in this isolate's memory.
    const SAY: Option<Say<Self>> = None;
    /// Whether it sends its clients away where the process is full: there are thousands of it.
    const SENDS_AWAY: bool = false;

    /// Does what leaves the object, and says what came of it.
    fn perform(shell: &Rc<Shell<Self>>, call: Self::Call) -> impl Future<Output = Option<Self::Input>>;
}

/// What changes with an input.
pub(super) struct Inner<M> {
    /// Taken out while it works; absent after a failure and before the first event. Boxed, because it comes and goes with
    /// every event.
    pub(super) machine: Option<Box<M>>,
    pub(super) sockets: Sockets,
}

/// One object.
pub struct Shell<M: Hosted> {
    /// The platform's handle on the object.
    pub state: State,
    /// Bindings and settings.
    pub env: Env,
    /// Asked for once: each look at it is a call to the runtime.
    pub(super) storage: Storage,
    pub(super) sql: ObjectSql,
    pub(super) inner: RefCell<Inner<M>>,
    /// How many sockets were last reported for admission, and when.
    pub(super) reported: Cell<(usize, Timestamp)>,
    pub(super) is_counted: bool,
    /// How many timers were set.
    timers: Cell<u64>,
}

/// What a handler does inside, or why it could not.
pub(super) type Coded<T> = std::result::Result<T, Code>;

impl<M: Hosted> Shell<M> {
    /// A shell without a machine; the first event loads it.
    pub fn new(state: State, env: Env) -> Rc<Self> {
        socket::answer_pings(&state);
        let is_counted = admission::is_counting(&env);
        let inner = RefCell::new(Inner { machine: None, sockets: Sockets::default() });
        let storage = state.storage();
        let sql = ObjectSql::of(&storage);
        Rc::new(Shell {
            state,
            env,
            storage,
            sql,
            inner,
            reported: Cell::default(),
            is_counted,
            timers: Cell::default(),
        })
    }

    pub(super) fn id(&self) -> String {
        self.state.id().to_string()
    }

    pub(super) fn place<'a>(&self, work: &'static str, whose: &'a dyn Fn() -> String) -> Place<'a> {
        Place { class: M::CLASS, work, whose }
    }

    /// The machine, if it is loaded.
    pub fn machine(&self) -> Option<Ref<'_, M>> {
        Ref::filter_map(self.inner.borrow(), |inner| inner.machine.as_deref()).ok()
    }

    /// The open sockets.
    pub fn sockets(&self) -> Ref<'_, Sockets> {
        Ref::map(self.inner.borrow(), |inner| &inner.sockets)
    }

    /// Waits until then, as long as this process lives; none if another timer was set meanwhile. An object has one: if each rang that was
    /// ever set, each would set the next.
    pub async fn timer(&self, at: Timestamp) -> Option<()> {
        let number = self.timers.get() + 1;
        self.timers.set(number);
        clock::sleep_until(at).await;
        (self.timers.get() == number).then_some(())
    }

    /// An upgrade that the gateway has let through.
    pub async fn connect(self: &Rc<Self>, request: &Request) -> Result<Response> {
        contained(self.place("fetch", &|| self.id()), self.let_in(request))
            .await
            .unwrap_or_else(|| refuse(Code::Internal))
    }

    async fn let_in(self: &Rc<Self>, request: &Request) -> Result<Response> {
        let header = |name| request.headers().get(name).ok().flatten().unwrap_or_default();
        let Ok(principal) = json::from_str(&header(PRINCIPAL_HEADER)) else { return refuse(Code::Unauthorized) };
        let Some(encoding) = Encoding::of_subprotocol(&header(ENCODING_HEADER)) else {
            return refuse(Code::UpgradeRequired);
        };
        let socket = SocketId(clock::entropy()?.next_u64());
        if let Err(code) = self.wake().await {
            return refuse(code);
        }
        let mut inner = self.inner.borrow_mut();
        let (machine, fx) = match self.decide(&mut inner, M::connected(socket, principal, encoding)) {
            Ok(decided) => decided,
            Err(code) => return refuse(code),
        };
        // Whoever is not to stay is not accepted at all: the gateway shows them out as it does with everyone else, and
        // the runtime keeps no socket for this object until the client has agreed to part.
        let response = match fx.refusal_of(socket) {
            Some(refused) => Response::error(refused.to_string(), refused.code.status())?,
            None => inner.sockets.accept(&self.state, socket, encoding)?,
        };
        // The gateway ends its reservation after this: by then it must have been told what is held.
        self.reported.take();
        let settled = self.settle(&mut inner, machine, fx);
        drop(inner);
        if let Ok(outcome) = settled {
            self.leave(outcome);
        }
        Ok(response)
    }

    /// A request from another object or the gateway: `read` makes an input of its body, `answer` a response of what came of
    /// it. Functions by pointer, so that this is there once for each object and not once for each request.
    pub async fn request(
        self: &Rc<Self>,
        mut request: Request,
        read: fn(&str) -> Option<M::Input>,
        answer: fn(Option<M::Answer>) -> Result<Response>,
    ) -> Result<Response> {
        let work = async {
            let Some(input) = read(&request.text().await?) else { return refuse(Code::BadRequest) };
            if let Err(code) = self.wake().await {
                return refuse(code);
            }
            match self.step(input) {
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

    /// A frame of a socket, while the machine is awake: then nothing has to be waited for. Whether it was; if not, the frame is
    /// for [`Shell::message`]. A handler without a promise takes the runtime a tenth of what a message costs less.
    pub fn message_now(self: &Rc<Self>, ws: &WebSocket, message: &JsValue) -> bool {
        if !self.inner.try_borrow().is_ok_and(|inner| inner.machine.is_some()) {
            return false;
        }
        let payload = socket::read(message);
        let taken = contained_now(self.place("message", &|| self.id()), || self.take(ws, payload.as_ref()));
        self.tell_if_failed(ws, payload.as_ref(), taken);
        true
    }

    /// A frame of a socket. The next one of the same socket waits for this, so nothing that leaves the object does.
    pub async fn message(self: &Rc<Self>, ws: &WebSocket, message: WebSocketIncomingMessage) {
        let payload = socket::payload(message);
        let work = async {
            self.wake().await?;
            self.take(ws, payload.as_ref())
        };
        let taken = contained(self.place("message", &|| self.id()), work).await;
        self.tell_if_failed(ws, payload.as_ref(), taken);
    }

    /// What a socket has sent goes to the machine, which is awake.
    fn take(self: &Rc<Self>, ws: &WebSocket, payload: Option<&Payload>) -> Coded<()> {
        let found = self.sockets().find(ws);
        let Some((socket, encoding)) = found else { return Ok(()) };
        let frame = match payload {
            Some(payload) => protocol::decode(encoding, payload),
            None => Err(FrameError::TooLarge),
        };
        self.leave(self.step(M::frame(socket, frame))?);
        Ok(())
    }

    fn tell_if_failed(&self, ws: &WebSocket, payload: Option<&Payload>, taken: Option<Coded<()>>) {
        let Err(code) = taken.unwrap_or(Err(Code::Internal)) else { return };
        worker::console_error!("a frame could not be taken: {}", code.name());
        contained_now(self.place("tell", &|| self.id()), || self.tell_failure(ws, code, payload));
    }

    /// The sender learns that its frame did nothing, and may send it again.
    fn tell_failure(&self, ws: &WebSocket, code: Code, payload: Option<&Payload>) {
        let sockets = self.sockets();
        // A message is safe with its sender: without a name here, it comes again on the next socket.
        let Some((socket, encoding)) = sockets.find(ws) else { return socket::end(ws, CloseCode::Restart) };
        let frame = protocol::error_frame(code, "nothing was stored, send it again", &name_of(encoding, payload));
        sockets.send(&[socket], &server_frame::Frame::Error(frame).into());
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
            let Err(code) = told.unwrap_or(Err(Code::Internal)) else { break };
            worker::console_error!("a socket's end: {}", code.name());
        }
        let mut inner = self.inner.borrow_mut();
        if let Some((socket, _)) = inner.sockets.find(ws) {
            inner.sockets.forget(socket);
            self.report(inner.sockets.len());
        }
        // The runtime may list it until the other side agrees; what wakes then must not take it for one that is open.
        socket::forget(ws);
    }

    async fn part(self: &Rc<Self>, ws: &WebSocket) -> Coded<()> {
        self.wake().await?;
        let found = self.sockets().find(ws);
        let Some((socket, _)) = found else { return Ok(()) };
        self.leave(self.step(M::disconnected(socket))?);
        Ok(())
    }

    /// The alarm. Never an error: one that fails is tried six times and then forgotten, and we have our own back-off.
    pub async fn alarm(self: &Rc<Self>) -> Result<Response> {
        let ring = async {
            self.wake().await?;
            self.leave(self.step(M::rang(|| self.sockets().heartbeats(&self.state)))?);
            Ok(())
        };
        let rung = contained(self.place("alarm", &|| self.id()), ring).await;
        if let Err(code) = rung.unwrap_or(Err(Code::Internal)) {
            worker::console_error!("alarm: {}", code.name());
            set_alarm(&self.storage, clock::now().plus(BACKOFF.1));
        }
        Response::empty()
    }
}

/// Nothing: the call itself starts the module anew, if it has trapped. `scripts/worker-shim.js` makes one before it looks which
/// instance there is.
#[wasm_bindgen]
pub fn alive() {}

/// What the sender called a frame that failed; nothing if reading it is what failed.
fn name_of(encoding: Encoding, payload: Option<&Payload>) -> String {
    let read = || match payload.map(|payload| protocol::decode(encoding, payload)) {
        Some(Ok(Some(frame))) => client_id_of(frame),
        Some(Ok(None) | Err(_)) | None => String::new(),
    };
    contained_now(Place::worker("name"), read).unwrap_or_default()
}

/// Reads the JSON body of a request as an input of its own kind.
pub fn read<T: DeserializeOwned, I>(body: &str, input: fn(T) -> I) -> Option<I> {
    json::from_str(body).ok().map(input)
}

/// Between our own objects the status says it all.
pub fn refuse(code: Code) -> Result<Response> {
    Response::error(code.name(), code.status())
}
