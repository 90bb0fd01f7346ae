//! The Durable Object of one workspace.
//!
//! Serialises who has which conversation, who is here and who is refused. Storage: its own SQLite (`sql/desk.rs`), one
//! alarm, an attachment per socket. Answers `GET /socket` (an upgrade with an agent's principal), `POST /notice` and
//! `/detach` from Rooms, `POST /attach`, `/withdraw`, `/revoke`, `/ask`, `/configure` and `/bot` from the gateway. What happens then is decided in
//! `core/desk` and carried out by `object.rs`. The object is found by its workspace's id, and that name is the only workspace it knows.
#![allow(missing_docs)] // the attribute below writes items without any
use std::{panic::RefUnwindSafe, rc::Rc};

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::{
    clock,
    d1::D1,
    env,
    object::{Hosted, Shell, read, refuse},
};
use crate::{
    core::{
        desk::{
            Desk as DeskMachine,
            effect::{Answer, Call, Found, Input, OrderOutcome},
        },
        error::Code,
        id::{AgentId, ConversationId, WorkspaceId},
        internal::{AssignOrder, CONFIGURE, PlaceNotice, Revoked},
        json,
        port::{Database as _, SqlError, rows_of},
    },
    sql::desk::{find_agent, found_agent},
};

/// One workspace.
#[durable_object]
pub struct Desk(Rc<Shell<DeskMachine>>);

// SAFETY: a handler that panics while it has the machine leaves none behind, so no half-changed one is ever seen.
impl RefUnwindSafe for Desk {}

// Beside the handlers that the attribute writes: `scripts/worker-shim.js` asks it first.
#[wasm_bindgen]
impl Desk {
    /// A frame of a socket, if it can be taken without waiting.
    #[wasm_bindgen(js_name = takeNow)]
    pub fn take_now(&self, ws: worker::web_sys::WebSocket, message: &JsValue) -> bool {
        self.0.message_now(&ws.into(), message)
    }
}

impl DurableObject for Desk {
    fn new(state: State, env: Env) -> Self {
        Desk(Shell::new(state, env))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let input: fn(&str) -> Option<Input> = match (request.method(), request.path().as_str()) {
            (Method::Get, "/socket") => return self.0.connect(&request).await,
            (Method::Post, "/notice") => |body| read(body, |it| Input::Notice(Box::new(it))),
            (Method::Post, "/attach") => |body| read(body, Input::Attach),
            (Method::Post, "/withdraw") => |body| read(body, Input::Withdraw),
            (Method::Post, "/detach") => |body| read(body, Input::Detach),
            (Method::Post, "/revoke") => |body| read(body, Input::Revoke),
            (Method::Post, "/ask") => |body| read(body, Input::Asked),
            (Method::Post, CONFIGURE) => |body| read(body, Input::Configure),
            (Method::Post, "/bot") => |body| read(body, Input::BotChanged),
            _ => return refuse(Code::NotFound),
        };
        self.0.request(request, input, respond).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm().await
    }

    async fn websocket_message(&self, ws: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        self.0.message(&ws, message).await;
        Ok(())
    }

    async fn websocket_close(&self, ws: WebSocket, code: usize, _reason: String, _clean: bool) -> Result<()> {
        self.0.closed(&ws, code).await;
        Ok(())
    }

    async fn websocket_error(&self, ws: WebSocket, _error: worker::Error) -> Result<()> {
        self.0.failed(&ws).await;
        Ok(())
    }
}

fn respond(answer: Option<Answer>) -> Result<Response> {
    match answer {
        Some(Answer::Notice(Ok(answer))) => Response::from_json(&answer),
        Some(Answer::Done(Ok(()))) => Ok(Response::empty()?.with_status(204)),
        Some(Answer::Told(Ok(json))) => Response::ok(json),
        Some(Answer::Notice(Err(code)) | Answer::Done(Err(code)) | Answer::Told(Err(code))) => refuse(code),
        None => refuse(Code::Internal),
    }
}

impl Hosted for DeskMachine {
    fn home(shell: &Shell<Self>) -> std::result::Result<WorkspaceId, SqlError> {
        let name = shell.state.id().name().unwrap_or_default();
        WorkspaceId::parse(&name).map_err(|_| SqlError("a desk is found by its workspace's id".into()))
    }

    async fn perform(shell: &Rc<Shell<Self>>, call: Call) -> Option<Input> {
        let env = &shell.env;
        match call {
            Call::SetTimer(at) => shell.timer(at).await.map(|()| Input::Tick),
            Call::Verify { socket, ticket } => {
                let principal = env::keys(env).and_then(|keys| keys.ticket(&ticket, clock::now()).ok());
                Some(Input::Renewed { socket, principal })
            }
            Call::LookUp { socket, agent, transfer, disabled } => {
                let workspace = shell.machine().map(|machine| machine.workspace().clone())?;
                Some(Input::LookedUp { socket, transfer, disabled, found: look_up(env, &workspace, agent).await })
            }
            Call::Order { conversation, order } => {
                let assignment_epoch = order.assignment_epoch;
                let outcome = give_order(env, &conversation, &order).await;
                Some(Input::RoomAnswered { conversation, assignment_epoch, outcome })
            }
            Call::TellPlace { conversation, notice } => {
                tell_place(env, &conversation, &notice).await;
                None
            }
            Call::TellIdle { conversation, notice } => {
                let version = notice.terms.version;
                let heard = tell(env, &conversation, "/idle", serde_json::to_string(&notice)).await;
                Some(Input::IdleTold { conversation, version, heard })
            }
            Call::TellBot { conversation, notice } => {
                let version = notice.terms.version;
                let heard = tell(env, &conversation, "/bot", serde_json::to_string(&notice)).await;
                Some(Input::BotTold { conversation, version, heard })
            }
            Call::Revoke { conversation, revoked } => {
                let heard = revoke_in(env, &conversation, &revoked).await;
                Some(Input::RoomRevoked { conversation, revoked, heard })
            }
        }
    }
}

async fn look_up(env: &Env, workspace: &WorkspaceId, agent: AgentId) -> Found {
    let Ok(database) = D1::of(env) else { return Found::Unreachable };
    match database.batch(vec![find_agent(workspace, &agent)]).await {
        Ok(rows) => match rows_of(&rows, 0).first() {
            Some(row) => Found::Active(found_agent(agent, row)),
            None => Found::Nobody,
        },
        Err(error) => {
            worker::console_warn!("look up: {error}");
            Found::Unreachable
        }
    }
}

async fn give_order(env: &Env, conversation: &ConversationId, order: &AssignOrder) -> OrderOutcome {
    let answer = async {
        let Some(room) = env::room(env, conversation)? else { return Ok(OrderOutcome::NoSuchRoom) };
        let mut response = env::post(&room, "/assign", serde_json::to_string(order)).await?;
        match response.status_code() {
            200 => Ok(OrderOutcome::Answered(json::from_str(&response.text().await?)?)),
            404 => Ok(OrderOutcome::NoSuchRoom),
            _ => Ok::<_, worker::Error>(OrderOutcome::Unreachable),
        }
    };
    answer.await.unwrap_or_else(|error| {
        worker::console_warn!("order: {error}");
        OrderOutcome::Unreachable
    })
}

/// What is shown is not worth a second try: the answer to the Room's next notice says it, too.
async fn tell_place(env: &Env, conversation: &ConversationId, notice: &PlaceNotice) {
    let told = async {
        let Some(room) = env::room(env, conversation)? else { return Ok(()) };
        env::post(&room, "/place", serde_json::to_string(notice)).await.map(drop)
    };
    if let Err(error) = told.await {
        worker::console_warn!("place: {error}");
    }
}

/// Whether a Room knows what it is told. One that is not there need not.
async fn tell(env: &Env, conversation: &ConversationId, path: &str, notice: serde_json::Result<String>) -> bool {
    let answer = async {
        let Some(room) = env::room(env, conversation)? else { return Ok(true) };
        Ok::<_, worker::Error>(matches!(env::post(&room, path, notice).await?.status_code(), 204 | 404))
    };
    answer.await.unwrap_or_else(|error| {
        worker::console_warn!("{path}: {error}");
        false
    })
}

/// Whether a Room has closed the sockets of whom it was told. One that can't be has none.
async fn revoke_in(env: &Env, conversation: &ConversationId, revoked: &Revoked) -> bool {
    let answer = async {
        let Some(room) = env::room(env, conversation)? else { return Ok(true) };
        Ok::<_, worker::Error>(env::post(&room, "/revoke", serde_json::to_string(revoked)).await?.status_code() == 204)
    };
    answer.await.unwrap_or_else(|error| {
        worker::console_warn!("revoke: {error}");
        false
    })
}
