//! What the gateway tells a Desk: whose sockets are to fall silent, which agent enters a Room, how it is to route.
use std::time::Duration;

use futures::future::{Either, join_all, select};
use worker::{Delay, Env, Response};

use super::{d1::D1, env};
use crate::{
    api::revocation::Revocation,
    core::{
        error::Code,
        id::WorkspaceId,
        internal::{AttachRequest, BotNotice, CONFIGURE, ConfigureRequest, Question, Withdrawal},
        port::Database,
        problem::Problem,
    },
    sql::{bot, pending, routing},
};

/// How a Desk is told: the waits between tries and how long each may take, in milliseconds.
struct Tries {
    waits: &'static [u64],
    patience: u64,
}

/// While somebody waits for the answer. What is revoked must be silent within five seconds (INV-13).
const TRIES: Tries = Tries { waits: &[0, 200, 800], patience: 1_500 };
/// After the answer: a Worker may go on for half a minute.
const LATER_TRIES: Tries = Tries { waits: &[1_000, 2_000, 4_000, 8_000, 12_000], patience: 4_000 };
/// In the sweep.
const ONE_TRY: Tries = Tries { waits: &[0], patience: 10_000 };

/// Tells the Desk, which tells every Room until each has confirmed. True: it knows.
pub async fn revoke(env: &Env, revocation: &Revocation) -> bool {
    tell(env, revocation, &TRIES).await
}

/// What is left to do when the answer is out: to forget what has been told, or to tell what has not. What fails here
/// too stands in its row until the sweep.
pub async fn settle(env: Env, revocation: Revocation, is_told: bool) {
    if is_told || tell(&env, &revocation, &LATER_TRIES).await {
        forget(&env, &revocation).await;
    }
}

/// One try of the sweep for each, at the same time: a Desk that fails or hangs holds up no other.
pub async fn retell(env: &Env, owed: &[Revocation]) {
    let one = |revocation| async move {
        if tell(env, revocation, &ONE_TRY).await {
            forget(env, revocation).await;
        }
    };
    join_all(owed.iter().map(one)).await;
}

async fn tell(env: &Env, revocation: &Revocation, tries: &Tries) -> bool {
    for wait in tries.waits {
        if *wait > 0 {
            Delay::from(Duration::from_millis(*wait)).await;
        }
        let request = &revocation.request;
        match reach(env, &request.workspace, "/revoke", serde_json::to_string(request), tries.patience).await {
            Ok(response) if (200..300).contains(&response.status_code()) => return true,
            Ok(response) => worker::console_warn!("the desk answered a revocation with {}", response.status_code()),
            Err(error) => worker::console_warn!("the desk could not be told of a revocation: {error}"),
        }
    }
    false
}

/// The Desk has confirmed it. A row that stays is told once more, which changes nothing.
async fn forget(env: &Env, revocation: &Revocation) {
    let Some(id) = &revocation.pending else { return };
    let forgotten = match D1::of(env) {
        Ok(database) => database.batch(vec![pending::forget(id)]).await.map(drop).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = forgotten {
        worker::console_warn!("a revocation that was told stays marked: {error}");
    }
}

/// Posts to the Desk of a workspace, and waits so many milliseconds for its answer.
async fn reach(
    env: &Env,
    workspace: &WorkspaceId,
    path: &str,
    body: serde_json::Result<String>,
    patience: u64,
) -> Result<Response, String> {
    let desk = env::desk(env, workspace).map_err(|error| error.to_string())?;
    let asked = Box::pin(env::post(&desk, path, body));
    match select(asked, Delay::from(Duration::from_millis(patience))).await {
        Either::Left((answer, _)) => answer.map_err(|error| error.to_string()),
        Either::Right(_) => Err("it did not answer".to_owned()),
    }
}

/// Tells the Desk how its workspace routes from now on, once. False: it has not confirmed, and the sweep tells it again.
pub async fn configure(env: &Env, request: &ConfigureRequest) -> bool {
    let told = async {
        let response =
            reach(env, &request.workspace, CONFIGURE, serde_json::to_string(request), ONE_TRY.patience).await?;
        if response.status_code() != 204 {
            return Err(format!("it answered with {}", response.status_code()));
        }
        let database = D1::of(env).map_err(|error| error.to_string())?;
        let confirmed = routing::confirm(&request.workspace, request.version);
        database.batch(vec![confirmed]).await.map_err(|error| error.to_string())
    };
    told.await.inspect_err(|error| worker::console_warn!("the desk was not configured: {error}")).is_ok()
}

/// Tells the Desk which bot its workspace has from now on, once. False: it has not confirmed, and the sweep tells it again.
pub async fn tell_bot(env: &Env, notice: &BotNotice) -> bool {
    let told = async {
        let body = serde_json::to_string(notice);
        let response = reach(env, &notice.workspace, "/bot", body, ONE_TRY.patience).await?;
        if response.status_code() != 204 {
            return Err(format!("it answered with {}", response.status_code()));
        }
        let database = D1::of(env).map_err(|error| error.to_string())?;
        let confirmed = bot::confirm(&notice.workspace, notice.terms.version);
        database.batch(vec![confirmed]).await.map_err(|error| error.to_string())
    };
    told.await.inspect_err(|error| worker::console_warn!("the desk was not told of its bot: {error}")).is_ok()
}

/// The same for all that have yet to hear of it.
pub async fn configure_owed(env: &Env, owed: &[ConfigureRequest]) {
    join_all(owed.iter().map(|request| configure(env, request))).await;
}

/// The same of bots.
pub async fn tell_bots_owed(env: &Env, owed: &[BotNotice]) {
    join_all(owed.iter().map(|notice| tell_bot(env, notice))).await;
}

/// Asks the Desk what an admin wants to know; JSON comes back.
pub async fn ask(env: &Env, question: &Question) -> Result<String, Problem> {
    let asked = async {
        let mut response =
            reach(env, &question.workspace, "/ask", serde_json::to_string(question), ONE_TRY.patience).await?;
        match response.status_code() {
            200 => response.text().await.map_err(|error| error.to_string()),
            status => Err(format!("it answered with {status}")),
        }
    };
    asked.await.map_err(|error| {
        worker::console_warn!("the desk could not be asked: {error}");
        Code::DeskUnreachable.into()
    })
}

/// Tells the Desk that an agent enters a Room. False: the agent has been revoked.
pub async fn attach(env: &Env, request: &AttachRequest) -> Result<bool, Problem> {
    let asked = reach(env, &request.workspace, "/attach", serde_json::to_string(request), ONE_TRY.patience).await;
    match asked.map(|response| response.status_code()) {
        Ok(status) if (200..300).contains(&status) => Ok(true),
        Ok(401) => Ok(false),
        Ok(status) => {
            worker::console_warn!("the desk answered an attach with {status}");
            Err(Code::DeskUnreachable.into())
        }
        Err(error) => {
            worker::console_warn!("the desk could not be asked: {error}");
            Err(Code::DeskUnreachable.into())
        }
    }
}

/// Tells the Desk that nothing came of it. If that is lost, one needless word to that Room may follow some day.
pub async fn withdraw(env: &Env, request: AttachRequest) {
    let AttachRequest { workspace, agent, conversation, knock, .. } = request;
    let withdrawal = Withdrawal { workspace, agent, conversation, knock };
    if let Err(error) =
        reach(env, &withdrawal.workspace, "/withdraw", serde_json::to_string(&withdrawal), ONE_TRY.patience).await
    {
        worker::console_warn!("the desk could not be told that an agent was turned away: {error}");
    }
}
