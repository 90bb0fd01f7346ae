//! A language model that a Room has asked: guarded, counted, bounded in time and size, and read as it writes. What may be asked, and what
//! is believed, is decided in `core::bot::consult`.
use std::{cell::RefCell, future::Future, pin::pin};

use futures::{
    StreamExt as _,
    future::{Either, select},
};
use worker::{ByteStream, Env};

use super::{cipher::WebCrypto, clock, d1::D1, env, http::incoming, runtime};
use crate::{
    core::{
        bot::{
            consult::{Ceiling, Consult, Ended, Progress, Stream, endpoint},
            dialogue::Decision,
            responder::Setting,
            turn::Turn,
        },
        breaker::Breaker,
        limits::{ACTION_BYTES, BREAKER_HOSTS, GROW_INTERVAL, MODEL_PATIENCE, MODEL_SILENCE},
        outgoing,
        port::{Database, rows_of},
        recent::Recent,
        room::bot::ConsultCall,
        time::Timestamp,
    },
    sql::{bot, consults},
};

thread_local! {
    static BREAKER: RefCell<Breaker> = const { RefCell::new(Breaker::empty()) };
    /// Models that have refused the usual name of their ceiling.
    static NEWER: RefCell<Recent<String, ()>> = const { RefCell::new(Recent::new(BREAKER_HOSTS)) };
}

/// Asks it. `grow` hears what may be shown so far, and says whether that is still of use. None: nothing comes of it.
pub async fn ask(env: &Env, call: &ConsultCall, grow: impl AsyncFn(String) -> bool) -> Option<(Decision, Turn)> {
    let database = D1::of(env).ok()?;
    let rows = database.batch(vec![bot::responder(&call.workspace)]).await.ok()?;
    let Setting::Model { url, model, key } = bot::read_responder_row(rows_of(&rows, 0).first()) else { return None };
    let host = match outgoing::host_of(&url, env::may_call_loopback(env)) {
        Ok(host) => host,
        Err(why) => {
            worker::console_warn!("a model: {why}");
            return None;
        }
    };
    let bearer = match key.as_str() {
        "" => String::new(),
        sealed => {
            let Some(key) = env::keys(env)?.unseal(&WebCrypto, &call.workspace, &url, sealed).await else {
                worker::console_warn!("a model: the key of {} can't be opened", call.workspace);
                return None;
            };
            format!("Bearer {key}")
        }
    };
    // One tenant's failures are no other's, though both call the same host.
    let name = format!("{}/{host}", call.workspace);
    if !BREAKER.with_borrow_mut(|breaker| breaker.allows(&name, clock::now())) {
        worker::console_warn!("a model: {host} has failed too often and rests");
        return None;
    }
    // What is not asked costs nothing: this comes last.
    let now = clock::now();
    let rows = database.batch(vec![consults::count(&call.workspace, &call.site, now)]).await.ok()?;
    if rows_of(&rows, 0).is_empty() {
        worker::console_warn!(
            "a model: {} or its site has asked it as often as it may in an hour or a day",
            call.workspace
        );
        return None;
    }
    let asked = Asked { url: &endpoint(&url), bearer: &bearer, model: &model, name: format!("{name} {model}") };
    let heard = match open(&asked, &call.consult, now.plus(MODEL_SILENCE)).await {
        Some(stream) => read(stream, call, grow, now.plus(MODEL_PATIENCE)).await,
        None => (String::new(), Ended::Nothing),
    };
    let (written, ended) = heard;
    if let Some(is_well) = ended.is_well() {
        BREAKER.with_borrow_mut(|breaker| breaker.called(&name, is_well, clock::now()));
    }
    if matches!(ended, Ended::Nothing | Ended::Unwanted) {
        return None;
    }
    let (decision, intent) = call.consult.conclude(&written, ended == Ended::Whole)?;
    Some((decision, Turn { intent, ..Turn::default() }))
}

/// Who is asked.
struct Asked<'asked> {
    url: &'asked str,
    bearer: &'asked str,
    model: &'asked str,
    /// Among those that are remembered.
    name: String,
}

/// The answer's body, if it begins in time and is a stream. Who wants its ceiling by another name is asked a second time.
async fn open(asked: &Asked<'_>, consult: &Consult, until: Timestamp) -> Option<ByteStream> {
    let is_newer = NEWER.with_borrow_mut(|newer| newer.get(&asked.name).is_some());
    let mut ceiling = if is_newer { Ceiling::Completion } else { Ceiling::Tokens };
    loop {
        let body = consult.body(asked.model, ceiling);
        let Some(answered) = within(until.since(clock::now()), post(asked, &body)).await else {
            worker::console_warn!("a model: no answer in time");
            return None;
        };
        let (status, refusal) = match answered? {
            Ok(stream) => return Some(stream),
            Err(refused) => refused,
        };
        if let Some(other) = ceiling.instead(status, &refusal) {
            NEWER.with_borrow_mut(|newer| newer.put(asked.name.clone(), ()));
            ceiling = other;
            continue;
        }
        worker::console_warn!("a model: answered {status}");
        return None;
    }
}

/// The answer's body, or status and words of a refusal; none: nobody was reached.
async fn post(asked: &Asked<'_>, body: &str) -> Option<Result<ByteStream, (u16, String)>> {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("user-agent", "Bellhop"),
        ("authorization", asked.bearer),
    ];
    // Without a key there is nothing to say.
    let headers = headers.get(..if asked.bearer.is_empty() { 3 } else { 4 })?;
    let Ok(mut response) = runtime::post(asked.url, headers, body, MODEL_PATIENCE).await else {
        worker::console_warn!("a model: nobody was reached");
        return None;
    };
    let status = response.status_code();
    let stream = response.stream().ok();
    match stream {
        Some(stream) if status == 200 => Some(Ok(stream)),
        Some(stream) => {
            let refusal = incoming::read(stream, ACTION_BYTES).await.unwrap_or_default();
            Some(Err((status, String::from_utf8_lossy(&refusal).into_owned())))
        }
        None => Some(Err((status, String::new()))),
    }
}

/// Reads it to its end, or to where nobody wants it.
async fn read(
    mut stream: ByteStream,
    call: &ConsultCall,
    grow: impl AsyncFn(String) -> bool,
    until: Timestamp,
) -> (String, Ended) {
    let mut answer = Stream::default();
    // That it has begun is told, too: the Room counts from there.
    let (mut heard_at, mut told_at, mut told) = (clock::now(), Timestamp(0), None);
    let mut progress = Progress::Going;
    while progress == Progress::Going {
        let now = clock::now();
        let is_untold = told != Some(answer.written.len());
        if is_untold && now.since(told_at) >= GROW_INTERVAL {
            (told_at, told) = (now, Some(answer.written.len()));
            if !grow(call.consult.shown(&answer.written)).await {
                return (String::new(), Ended::Unwanted);
            }
            continue;
        }
        let patience = until.min(heard_at.plus(MODEL_SILENCE));
        let wake = if is_untold { told_at.plus(GROW_INTERVAL).min(patience) } else { patience };
        progress = match within(wake.since(now), stream.next()).await {
            // Words are a sign of life; what a model thinks to itself is none, for the visitor waits.
            Some(Some(Ok(bytes))) => {
                let before = answer.written.len();
                let progress = answer.take(&bytes);
                heard_at = if answer.written.len() > before { clock::now() } else { heard_at };
                progress
            }
            // What ends without a word about its end has been cut off.
            Some(None) if answer.close() == Progress::Whole => Progress::Whole,
            None if wake < patience => Progress::Going,
            Some(None | Some(Err(_))) | None => Progress::Broken,
        };
    }
    if progress == Progress::Broken {
        worker::console_warn!("a model: its answer broke off");
    }
    let ended = Ended::of(progress, !answer.written.is_empty());
    (answer.written, ended)
}

/// What comes of it within so many milliseconds.
async fn within<T>(millis: i64, work: impl Future<Output = T>) -> Option<T> {
    let late = clock::sleep_until(clock::now().plus(millis));
    match select(pin!(work), pin!(late)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
