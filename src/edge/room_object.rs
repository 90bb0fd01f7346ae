//! The Durable Object of one conversation.
//!
//! Serialises everything that happens to it. Storage: its own SQLite (`sql/room.rs`), one alarm, an attachment per
//! socket. Answers `GET /socket` (an upgrade with a principal), `POST /assign`, `/revoke`, `/place`, `/idle` and `/bot`, all from our
//! own Worker and Desk only. What happens then is decided in `core/room` and carried out by `object.rs`.
#![allow(missing_docs)] // the attribute below writes items without any
use std::{panic::RefUnwindSafe, rc::Rc};

use futures::FutureExt as _;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::{
    action, bot, clock, env, model,
    object::{Hosted, Say, Shell, read, refuse},
    queue,
};
use crate::core::{
    error::Code,
    id::{AgentId, ConversationId, WorkspaceId},
    internal::DetachNotice,
    port::SqlError,
    room::{
        Room as RoomMachine, Settings,
        effect::{Answer, Call, Input},
    },
};

/// One conversation.
#[durable_object]
pub struct Room(Rc<Shell<RoomMachine>>);

// SAFETY: a handler that panics while it has the machine leaves none behind, so no half-changed one is ever seen.
impl RefUnwindSafe for Room {}

// Beside the handlers that the attribute writes: `scripts/worker-shim.js` asks it first.
#[wasm_bindgen]
impl Room {
    /// A frame of a socket, if it can be taken without waiting.
    #[wasm_bindgen(js_name = takeNow)]
    pub fn take_now(&self, ws: worker::web_sys::WebSocket, message: &JsValue) -> bool {
        self.0.message_now(&ws.into(), message)
    }
}

impl DurableObject for Room {
    fn new(state: State, env: Env) -> Self {
        Room(Shell::new(state, env))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let input: fn(&str) -> Option<Input> = match (request.method(), request.path().as_str()) {
            (Method::Get, "/socket") => return self.0.connect(&request).await,
            (Method::Post, "/assign") => |body| read(body, Input::Assign),
            (Method::Post, "/revoke") => |body| read(body, Input::Revoke),
            (Method::Post, "/place") => |body| read(body, Input::Placed),
            (Method::Post, "/idle") => |body| read(body, Input::IdleChanged),
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
        Some(Answer::Assigned(Ok(answer))) => Response::from_json(&answer),
        Some(Answer::Assigned(Err(code)) | Answer::Told(Err(code))) => refuse(code),
        Some(Answer::Revoked | Answer::Told(Ok(()))) => Ok(Response::empty()?.with_status(204)),
        None => refuse(Code::Internal),
    }
}

impl Hosted for RoomMachine {
    fn home(shell: &Shell<Self>) -> std::result::Result<Settings, SqlError> {
        Ok(env::room_settings(&shell.env))
    }

    const SAY: Option<Say<Self>> = Some(say);
    const SENDS_AWAY: bool = true;

    async fn perform(shell: &Rc<Shell<Self>>, call: Call) -> Option<Input> {
        match call {
            Call::SetTimer(at) => shell.timer(at).await.map(|()| Input::Tick),
            Call::Verify { socket, ticket } => {
                let principal = env::keys(&shell.env).and_then(|keys| keys.ticket(&ticket, clock::now()).ok());
                Some(Input::Renewed { socket, principal })
            }
            Call::TellDesk(notice) => {
                let answer = match env::desk(&shell.env, &notice.workspace) {
                    Ok(desk) => env::ask(&desk, "/notice", &notice).await,
                    Err(_) => None,
                };
                Some(Input::DeskAnswered { rev: notice.rev, answer })
            }
            Call::Detach(agent) => {
                let heard = detach(shell, &agent).await;
                Some(Input::Detached { agent, heard })
            }
            Call::Publish(event) => {
                let sent = queue::publish(&shell.env, &event).await;
                Some(Input::Published(sent.map(|()| event.upto).ok()))
            }
            Call::AskBot(question) => {
                let (decision, turn) = bot::judge(&shell.env, &question).await.unzip();
                Some(Input::BotSays { seq: question.seq, decision, turn: Box::new(turn.unwrap_or_default()) })
            }
            Call::Act(call) => {
                let reply = action::ask(&shell.env, &call).await;
                Some(Input::Acted { to: call.action.to, attempt: call.attempt, reply })
            }
            Call::Consult(call) => {
                let (seq, at) = (call.seq, call.at);
                let grow = |text| {
                    let shell = Rc::clone(shell);
                    let told = async move {
                        shell.tell(Input::BotGrows { seq, at, text }).await;
                        shell.machine().is_some_and(|room| room.wants(seq, at))
                    };
                    told.boxed_local()
                };
                let (decision, turn) = model::ask(&shell.env, &call, &grow).await.unzip();
                Some(Input::BotWrote { seq, at, decision, turn: Box::new(turn.unwrap_or_default()) })
            }
            Call::Inspect(after) => {
                let (workspace, conversation) = place(shell)?;
                Some(Input::Inspected(queue::inspect(&shell.env, &workspace, &conversation, after).await))
            }
        }
    }
}

/// What the bot says, where it need not look anything up.
fn say(env: &Env, call: &Call) -> Option<Input> {
    let Call::AskBot(question) = call else { return None };
    let (decision, turn) = bot::judge_now(env, question)?;
    Some(Input::BotSays { seq: question.seq, decision: Some(decision), turn: Box::new(turn) })
}

/// Which conversation this is, once it exists.
fn place(shell: &Shell<RoomMachine>) -> Option<(WorkspaceId, ConversationId)> {
    let machine = shell.machine()?;
    machine.record().map(|record| (record.workspace.clone(), record.conversation.clone()))
}

/// Whether the Desk has heard that an agent has no socket here any more.
async fn detach(shell: &Shell<RoomMachine>, agent: &AgentId) -> bool {
    let Some((workspace, conversation)) = place(shell) else { return false };
    let Ok(desk) = env::desk(&shell.env, &workspace) else { return false };
    let notice = DetachNotice { workspace, agent: agent.clone(), conversation, at: clock::now() };
    env::post(&desk, "/detach", serde_json::to_string(&notice))
        .await
        .is_ok_and(|response| response.status_code() == 204)
}
