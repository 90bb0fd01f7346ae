//! The open WebSockets of one object, by the names that its machine knows them by.
//!
//! The platform keeps the sockets themselves, also while the object hibernates; what the machine needs to know of one
//! lies in its attachment, as JSON text.
use std::cell::{Cell, RefCell};

use js_sys::Uint8Array;
use litemap::LiteMap;
use wasm_bindgen::JsValue;
use worker::{
    Response, Result, State, WebSocket, WebSocketIncomingMessage, WebSocketPair, WebSocketRequestResponsePair,
};

use super::runtime;
use crate::core::{
    error::CloseCode,
    json,
    limits::{FRAME_BYTES, UNREAD_BYTES},
    machine::Attached,
    problem::Problem,
    protocol::{Encoding, Outgoing, Payload},
    socket::SocketId,
    time::Timestamp,
    upgrade::{close_code, refusal},
};

/// How many bytes go to a socket before it is looked at what it has not read; far fewer than it may leave unread.
const LOOK_BYTES: usize = 32 * 1024;

struct Open {
    ws: WebSocket,
    encoding: Encoding,
    /// Bytes that were sent since it was last looked at what lies unread.
    unseen: Cell<usize>,
}

impl Open {
    fn new(ws: WebSocket, encoding: Encoding) -> Self {
        // At its first frame, too: it may have been slow before the object slept.
        Open { ws, encoding, unseen: Cell::new(LOOK_BYTES) }
    }

    /// Whether too much lies unread after these bytes. To look is a call to the runtime, so not at every frame.
    fn is_slow(&self, sent: usize) -> bool {
        self.unseen.set(self.unseen.get() + sent);
        if self.unseen.get() < LOOK_BYTES {
            return false;
        }
        self.unseen.set(0);
        runtime::unread(&self.ws) > f64::from(UNREAD_BYTES)
    }
}

/// The open sockets.
#[derive(Default)]
pub struct Sockets {
    open: LiteMap<SocketId, Open>,
    /// Those that were sent something while too much of what came before still lay unread.
    slow: RefCell<Vec<SocketId>>,
}

/// Lets the runtime answer heartbeats by itself, without waking the object.
pub fn answer_pings(state: &State) {
    match WebSocketRequestResponsePair::new("ping", "pong") {
        Ok(pair) => state.set_websocket_auto_response(&pair),
        Err(error) => worker::console_error!("no auto-response: {error:?}"),
    }
}

impl Sockets {
    /// Accepts a new socket for hibernation and answers the upgrade.
    pub fn accept(&mut self, state: &State, socket: SocketId, encoding: Encoding) -> Result<Response> {
        let pair = WebSocketPair::new()?;
        state.accept_web_socket(&pair.server);
        self.open.insert(socket, Open::new(pair.server, encoding));
        let mut response = Response::from_websocket(pair.client)?;
        response.headers_mut().set("sec-websocket-protocol", encoding.subprotocol())?;
        Ok(response)
    }

    /// Takes up the sockets that stayed open while the object was away. One that does not say what it is, is told to
    /// come back.
    pub fn restore<A: Attached>(&mut self, state: &State) -> Vec<A> {
        let mut restored = Vec::new();
        for ws in state.get_websockets() {
            let text = ws.deserialize_attachment::<String>().ok().flatten();
            // An empty one was left by `forget`: that socket is only waiting for the other side.
            if text.as_deref() == Some("") {
                continue;
            }
            match text.and_then(|text| json::from_str::<A>(&text).ok()) {
                Some(attached) => {
                    self.open.insert(attached.socket(), Open::new(ws, attached.encoding()));
                    restored.push(attached);
                }
                None => end(&ws, CloseCode::Restart),
            }
        }
        restored
    }

    /// The name of a socket that the runtime hands in, and how it writes. None: it was closed from this side.
    pub fn find(&self, ws: &WebSocket) -> Option<(SocketId, Encoding)> {
        self.open.iter().find(|(_, open)| open.ws == *ws).map(|(socket, open)| (*socket, open.encoding))
    }

    /// Sends a frame, written at most once in each encoding. A socket that fails stops no other.
    pub fn send(&self, to: &[SocketId], frame: &Outgoing) {
        let (mut text, mut bytes) = (None, None);
        for (socket, open) in to.iter().filter_map(|socket| Some((socket, self.open.get(socket)?))) {
            let written = match open.encoding {
                Encoding::Json => &mut text,
                Encoding::Proto => &mut bytes,
            };
            let Some(payload) = written.get_or_insert_with(|| frame.encode(open.encoding)) else { continue };
            let sent = match payload {
                Payload::Text(text) => open.ws.send_with_str(text),
                Payload::Binary(bytes) => open.ws.send_with_bytes(bytes),
            };
            // A socket that is closing refuses; its end is told by an event of its own.
            drop(sent);
            if open.is_slow(payload.size()) {
                self.slow.borrow_mut().push(*socket);
            }
        }
    }

    /// Ends those who read too slowly, and says who they were.
    pub fn end_slow(&mut self) -> Vec<SocketId> {
        let slow = self.slow.take();
        slow.into_iter().filter(|socket| self.close(*socket, CloseCode::Slow)).collect()
    }

    /// Ends all, who are told why and each when to come back, and says who they were.
    pub fn send_away(&mut self, why: fn() -> Problem) -> Vec<SocketId> {
        let all: Vec<SocketId> = self.open.keys().copied().collect();
        for socket in &all {
            let why = why();
            self.send(&[*socket], &refusal(&why));
            self.close(*socket, close_code(why.code));
        }
        all
    }

    /// Keeps what the machine must know of a socket after hibernation.
    pub fn attach<A: Attached>(&self, attached: &A) {
        let Some(open) = self.open.get(&attached.socket()) else { return };
        let kept = serde_json::to_string(attached).is_ok_and(|text| open.ws.serialize_attachment(text).is_ok());
        if !kept {
            worker::console_error!("an attachment was not kept");
        }
    }

    /// Ends a socket from this side; whether it was open.
    pub fn close(&mut self, socket: SocketId, code: CloseCode) -> bool {
        let Some(open) = self.open.remove(&socket) else { return false };
        end(&open.ws, code);
        true
    }

    /// Ends every socket from this side.
    pub fn close_all(&mut self, code: CloseCode) {
        for open in std::mem::take(&mut self.open).values() {
            end(&open.ws, code);
        }
    }

    /// When the runtime last answered a heartbeat of each socket.
    pub fn heartbeats(&self, state: &State) -> Vec<(SocketId, Timestamp)> {
        let last = |open: &Open| Some(Timestamp(runtime::last_heartbeat(state, &open.ws)? as i64));
        self.open.iter().filter_map(|(socket, open)| Some((*socket, last(open)?))).collect()
    }

    /// None is known: none is open, or the object has just woken.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Forgets a socket that is gone.
    pub fn forget(&mut self, socket: SocketId) {
        self.open.remove(&socket);
    }
}

/// Ends a socket that may have no name here.
pub fn end(ws: &WebSocket, code: CloseCode) {
    let (number, reason) = code.entry();
    forget(ws);
    drop(ws.close(Some(number), Some(reason)));
}

/// Until the other side agrees to an end the runtime still lists the socket: the empty attachment says that it is over.
pub fn forget(ws: &WebSocket) {
    drop(ws.serialize_attachment(""));
}

/// What came in, unless it is larger than any frame may be.
pub fn payload(message: WebSocketIncomingMessage) -> Option<Payload> {
    let payload = match message {
        WebSocketIncomingMessage::String(text) => Payload::Text(text),
        WebSocketIncomingMessage::Binary(bytes) => Payload::Binary(bytes),
    };
    (payload.size() <= FRAME_BYTES).then_some(payload)
}

/// The same of what the runtime hands in.
pub fn read(message: &JsValue) -> Option<Payload> {
    payload(match message.as_string() {
        Some(text) => WebSocketIncomingMessage::String(text),
        None => WebSocketIncomingMessage::Binary(Uint8Array::new(message).to_vec()),
    })
}

/// Answers the other side's close, as the protocol wants; without it the client waits for a time-out. Codes that
/// may not be sent (1005, 1006) are refused by the runtime, and nothing is lost by that.
pub fn answer_close(ws: &WebSocket, code: usize) {
    let code = u16::try_from(code).ok().filter(|code| *code == 1000 || (3000..=4999).contains(code));
    drop(ws.close(Some(code.unwrap_or(1000)), Some("")));
}
