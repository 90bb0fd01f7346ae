//! A language model that a Room has asked: guarded, counted, bounded in time and size, and read as it writes. What may be asked, and what
//! is believed, is decided in `core::bot::consult`.
use std::{cell::RefCell, future::Future, pin::pin};

use futures::{
    FutureExt as _, StreamExt as _,
    future::{Either, LocalBoxFuture, select},
};
use worker::{ByteStream, Env};

use super::{
    cipher::WebCrypto,
    clock,
    d1::D1,
    env,
    http::incoming,
    outgoing::{log, unreached},
    runtime,
};
use crate::{
    core::{
        bot::{
            attempt::{Failure, Tried, Why, told},
            ceilings::{Came, Ceilings, Charge},
            consult::{Ceiling, Consult, Ended, Progress, Stream, Wording, endpoint},
            dialogue::Decision,
            responder::Setting,
            turn::Turn,
        },
        breaker::Breaker,
        id::{SiteId, WorkspaceId},
        limits::{
            ACTION_BYTES, BREAKER_HOSTS, GROW_INTERVAL, MODEL_PATIENCE, MODEL_SILENCE, SETTLE_PATIENCE, USAGE_PATIENCE,
        },
        outgoing,
        port::{Database, rows_of},
        room::bot::ConsultCall,
        time::Timestamp,
    },
    sql::{bot, consults},
};

thread_local! {
    static BREAKER: RefCell<Breaker> = const { RefCell::new(Breaker::empty()) };
    /// Models that have refused how they are asked first, and what they have answered.
    static WORDINGS: RefCell<Vec<(String, Wording)>> = const { RefCell::new(Vec::new()) };
}

/// Hears what may be shown so far, and says whether that is still of use. Not generic, so that all of this is compiled once.
pub type Grow<'grow> = dyn Fn(String) -> LocalBoxFuture<'grow, bool> + 'grow;

/// Asks it. None: nothing comes of it.
pub async fn ask(env: &Env, call: &ConsultCall, grow: &Grow<'_>) -> Option<(Decision, Turn)> {
    let ConsultCall { workspace, site, consult, .. } = call;
    let database = D1::of(env).ok()?;
    let rows = database.batch(vec![bot::responder(workspace)]).await.ok()?;
    let (setting, ceilings) = bot::read_responder_row(rows_of(&rows, 0).first());
    let asked = Asked::of(env, workspace, &setting, &ceilings).await;
    let heard = match &asked {
        Ok(asked) => asked.hear(env, site, consult, grow).await,
        Err(why) => Err((*why).into()),
    };
    let (written, ended) = heard.inspect_err(|failure| log("a model", workspace, setting.url(), failure)).ok()?;
    if ended == Ended::Unwanted {
        return None;
    }
    let (decision, intent) = consult.conclude(&written, ended == Ended::Whole)?;
    Some((decision, Turn { intent, ..Turn::default() }))
}

/// Asks it for somebody who wants to know whether it works. `site`: by which it is counted.
pub async fn attempt(
    env: &Env,
    workspace: &WorkspaceId,
    site: &SiteId,
    (setting, ceilings): (&Setting, &Ceilings),
    consult: &Consult,
) -> Tried {
    let began = clock::now();
    let asked = Asked::of(env, workspace, setting, ceilings).await;
    let (heard, key) = match &asked {
        Ok(asked) => (asked.hear(env, site, consult, &|_| async { true }.boxed_local()).await, asked.key.as_str()),
        Err(why) => (Err((*why).into()), ""),
    };
    let came = heard.map(|(written, ended)| match consult.conclude(&written, ended == Ended::Whole) {
        _ if consult.entries.is_empty() => (Some(Why::NothingFound), written),
        Some((Decision::Handoff { .. }, _)) | None => (Some(Why::NoAnswer), written),
        Some((decision, _)) => told(decision),
    });
    Tried::of(came, &[key], setting.url(), clock::now().since(began))
}

/// Who is asked.
struct Asked<'asked> {
    workspace: &'asked WorkspaceId,
    url: &'asked str,
    model: &'asked str,
    key: String,
    ceilings: &'asked Ceilings,
    /// One tenant's failures are no other's, though both call the same host.
    name: String,
}

impl<'asked> Asked<'asked> {
    async fn of(
        env: &Env,
        workspace: &'asked WorkspaceId,
        setting: &'asked Setting,
        ceilings: &'asked Ceilings,
    ) -> Result<Self, Why> {
        let Setting::Model { url, model, key } = setting else { return Err(Why::BuiltIn) };
        let host = outgoing::host_of(url, env::may_call_loopback(env)).map_err(|_| Why::Refused)?;
        let key = match (key.as_str(), env::keys(env)) {
            ("", _) => String::new(),
            (sealed, Some(keys)) => keys.unseal(&WebCrypto, workspace, url, sealed).await.ok_or(Why::Key)?,
            (_, None) => return Err(Why::Internal),
        };
        Ok(Asked { workspace, url, model, key, ceilings, name: format!("{workspace}/{host}") })
    }

    /// What it has written, and how that ended.
    async fn hear(
        &self,
        env: &Env,
        site: &SiteId,
        consult: &Consult,
        grow: &Grow<'_>,
    ) -> Result<(String, Ended), Failure> {
        if !BREAKER.with_borrow_mut(|breaker| breaker.allows(&self.name, clock::now())) {
            return Err(Why::Rests.into());
        }
        // What is not asked costs nothing: this comes last. What it may cost counts before it is asked, and what it has cost afterwards.
        let now = clock::now();
        let charge = Charge::of(self.body(consult, Wording::LONGEST).len(), self.ceilings);
        let database = D1::of(env).map_err(|_| Why::Internal)?;
        let count = vec![
            consults::count(self.workspace, site, self.ceilings, charge.most(), now),
            consults::spent(self.workspace, now),
        ];
        let rows = database.batch(count).await.map_err(|_| Why::Internal)?;
        let Some(day) = rows_of(&rows, 0).first().map(consults::read_counted) else {
            let spent = consults::read_spent(rows_of(&rows, 1).first());
            return Err(self.ceilings.reached(spent, charge.most()).into());
        };
        let until = now.plus(MODEL_SILENCE);
        // That it took so long to count is no fault of the model's, which has no time left, and it costs nothing.
        let is_late = clock::now() >= until;
        let opened = if is_late { Err(Why::Internal.into()) } else { self.open(consult, until).await };
        let (heard, is_well, came) = match opened {
            Ok((stream, ceiling)) => {
                let (answer, ended) = read(stream, consult, grow, now.plus(MODEL_PATIENCE)).await;
                let came = Came::answered(&answer, ceiling);
                let said = answer.said().to_owned();
                let unread = Failure { status: 200, said: answer.written, ..Why::Unread.into() };
                (
                    if matches!(ended, Ended::Nothing | Ended::Filtered) { Err(unread) } else { Ok((said, ended)) },
                    ended.is_well(),
                    came,
                )
            }
            Err(failure) => {
                let (is_well, came) = (failure.is_well(), Came::failed(&failure));
                (Err(failure), is_well, came)
            }
        };
        if let Some(is_well) = is_well {
            BREAKER.with_borrow_mut(|breaker| breaker.called(&self.name, is_well, clock::now()));
        }
        // Where this is lost, too much was counted.
        let settled = consults::settle(self.workspace, day, charge.most(), charge.spent(came));
        within(SETTLE_PATIENCE, database.batch(vec![settled])).await;
        heard
    }

    fn body(&self, consult: &Consult, wording: Wording) -> String {
        consult.body(self.model, wording, self.ceilings.tokens_per_answer)
    }

    /// The answer's body, if it begins in time and is a stream, and by which name its ceiling was told. Who does not understand the question
    /// is asked in other words.
    async fn open(&self, consult: &Consult, until: Timestamp) -> Result<(ByteStream, Ceiling), Failure> {
        let name = [&self.name, " ", self.model].concat();
        let known = WORDINGS.with_borrow(|all| all.iter().find(|known| known.0 == name).map(|known| known.1));
        let mut wording = known.unwrap_or(Wording::FIRST);
        loop {
            let body = self.body(consult, wording);
            let answered = within(until.since(clock::now()), self.post(&body)).await.ok_or(Why::Late)?;
            let other = answered.as_ref().err().and_then(|refusal| wording.instead(refusal.status, &refusal.said));
            if let Some(other) = other {
                wording = other;
                continue;
            }
            if answered.is_ok() && wording != known.unwrap_or(Wording::FIRST) {
                WORDINGS.with_borrow_mut(|all| {
                    all.retain(|known| known.0 != name);
                    // Who is forgotten is asked twice once more.
                    if all.len() >= BREAKER_HOSTS {
                        all.clear();
                    }
                    all.push((name, wording));
                });
            }
            return answered.map(|stream| (stream, wording.ceiling));
        }
    }

    async fn post(&self, body: &str) -> Result<ByteStream, Failure> {
        let bearer = ["Bearer ", &self.key].concat();
        let headers = [
            ("content-type", "application/json"),
            ("accept", "text/event-stream"),
            ("user-agent", "Bellhop"),
            ("authorization", &bearer),
        ];
        // Without a key there is nothing to say.
        let headers = headers.get(..if self.key.is_empty() { 3 } else { 4 }).unwrap_or_default();
        let mut response =
            runtime::post(&endpoint(self.url), headers, body, MODEL_PATIENCE).await.map_err(unreached)?;
        let status = response.status_code();
        let mut refusal = Failure { status, ..Why::Status.into() };
        match response.stream() {
            Ok(stream) if status == 200 => return Ok(stream),
            Ok(stream) => {
                let said = incoming::read(stream, ACTION_BYTES).await.unwrap_or_default();
                refusal.said = String::from_utf8_lossy(&said).into_owned();
            }
            Err(_) => {}
        }
        Err(refusal)
    }
}

/// Reads it to its end, or to where nobody wants it.
async fn read(mut stream: ByteStream, consult: &Consult, grow: &Grow<'_>, until: Timestamp) -> (Stream, Ended) {
    let mut answer = Stream::default();
    // That it has begun is told, too: the Room counts from there.
    let (mut heard_at, mut told_at, mut told) = (clock::now(), Timestamp(0), None);
    let mut progress = Progress::Going;
    while progress == Progress::Going {
        let now = clock::now();
        let is_untold = told != Some(answer.said().len());
        if is_untold && now.since(told_at) >= GROW_INTERVAL {
            (told_at, told) = (now, Some(answer.said().len()));
            if !grow(consult.shown(answer.said())).await {
                return (answer, Ended::Unwanted);
            }
            continue;
        }
        let patience = until.min(heard_at.plus(MODEL_SILENCE));
        let wake = if is_untold { told_at.plus(GROW_INTERVAL).min(patience) } else { patience };
        progress = match within(wake.since(now), stream.next()).await {
            // Words are a sign of life; what a model thinks to itself is none, for the visitor waits.
            Some(Some(Ok(bytes))) => {
                let before = answer.said().len();
                let progress = answer.take(&bytes);
                heard_at = if answer.said().len() > before { clock::now() } else { heard_at };
                progress
            }
            // What ends without a word about its end has been cut off.
            Some(None) => match answer.close() {
                Progress::Going => Progress::Broken,
                how @ (Progress::Whole | Progress::Broken | Progress::Filtered) => how,
            },
            None if wake < patience => Progress::Going,
            Some(Some(Err(_))) | None => Progress::Broken,
        };
    }
    // What it has cost comes behind it.
    let until = clock::now().plus(USAGE_PATIENCE).min(until);
    while !answer.is_done {
        match within(until.since(clock::now()), stream.next()).await {
            Some(Some(Ok(bytes))) => drop(answer.take(&bytes)),
            Some(None | Some(Err(_))) | None => break,
        }
    }
    let ended = Ended::of(progress, !answer.said().is_empty());
    (answer, ended)
}

/// What comes of it within so many milliseconds.
async fn within<T>(millis: i64, work: impl Future<Output = T>) -> Option<T> {
    let late = clock::sleep_until(clock::now().plus(millis));
    match select(pin!(work), pin!(late)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
