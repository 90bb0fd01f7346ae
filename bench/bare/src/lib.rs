//! The least that a durable chat room on Durable Objects can be, as a yardstick: a frame that comes in is one `INSERT`
//! and goes out to every socket of the room. No tickets, no parsing, no order, no acknowledgement but the echo.
//!
//! `GET /room/{name}` upgrades. Whatever the product costs above this is what it does for people.
use worker::{
    Context, DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    durable_object, event,
};

const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL)";
const APPEND: &str = "INSERT INTO log (at, body) VALUES (?, ?)";

/// One room.
#[durable_object]
pub struct Room {
    state: State,
}

// SAFETY: it holds nothing but the platform's handle.
impl std::panic::RefUnwindSafe for Room {}

impl DurableObject for Room {
    fn new(state: State, _env: Env) -> Self {
        Room { state }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.state.storage().sql().exec(CREATE, None)?;
        let pair = WebSocketPair::new()?;
        self.state.accept_web_socket(&pair.server);
        let mut response = Response::from_websocket(pair.client)?;
        // A browser, and our driver, takes an upgrade only if the server chose one of the protocols it offered.
        if let Some(offered) = request.headers().get("sec-websocket-protocol")? {
            response.headers_mut().set("sec-websocket-protocol", &offered)?;
        }
        Ok(response)
    }

    async fn alarm(&self) -> Result<Response> {
        Response::empty()
    }

    async fn websocket_message(&self, _ws: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let WebSocketIncomingMessage::String(text) = message else { return Ok(()) };
        let at = js_sys::Date::now();
        self.state.storage().sql().exec(APPEND, vec![at.into(), text.as_str().into()])?;
        for socket in self.state.get_websockets() {
            // One that is closing refuses; the others must not miss it for that.
            drop(socket.send_with_str(&text));
        }
        Ok(())
    }

    async fn websocket_close(&self, ws: WebSocket, _code: usize, _reason: String, _clean: bool) -> Result<()> {
        drop(ws.close(Some(1000), Some("")));
        Ok(())
    }

    async fn websocket_error(&self, _ws: WebSocket, _error: worker::Error) -> Result<()> {
        Ok(())
    }
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    match request.path().strip_prefix("/room/") {
        Some(name) => env.durable_object("ROOMS")?.id_from_name(name)?.get_stub()?.fetch_with_request(request).await,
        None => Response::error("not found", 404),
    }
}
