//! What the API has decided, and how it becomes an answer: the Desk is told first.
use serde::Serialize;
use worker::{Env, Response};

use super::answer::{self, internal};
use crate::{
    api::{
        context::{Me, SignedIn},
        revocation::Revocation,
    },
    core::{
        cookie,
        internal::{BotNotice, ConfigureRequest, Question},
        problem::Problem,
    },
    edge::{
        config::Config,
        contained::{Place, contained},
        desk,
    },
};

#[derive(Serialize)]
pub(super) struct MeBody {
    pub me: Me,
}

/// What an answer leaves to be done besides itself.
#[derive(Default)]
pub(super) struct Outcome {
    status: u16,
    /// JSON.
    body: Option<String>,
    /// A file instead.
    file: Option<Vec<u8>>,
    /// A cookie to keep (`Some(Some)`), or to forget (`Some(None)`).
    cookie: Option<Option<String>>,
    revoke: Option<Revocation>,
    /// What the Desk is to hear. Whether it has heard it is told as the body's member `live`.
    configure: Option<ConfigureRequest>,
    /// Which bot the Desk is to hear of; told likewise.
    bot: Option<BotNotice>,
    /// What the Desk is asked; its answer is the body's member of this name.
    ask: Option<(&'static str, Question)>,
}

impl Outcome {
    pub(super) fn json(status: u16, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| internal(error.into()))?;
        Ok(Outcome::written(status, body))
    }

    /// JSON that is written already.
    pub(super) fn written(status: u16, body: String) -> Self {
        Outcome { status, body: Some(body), ..Outcome::default() }
    }

    pub(super) fn file(file: Vec<u8>) -> Self {
        Outcome { status: 200, file: Some(file), ..Outcome::default() }
    }

    pub(super) fn wrapped(status: u16, name: &'static str, body: &impl Serialize) -> Result<Self, Problem> {
        let Outcome { body, .. } = Outcome::json(status, body)?;
        let body = body.map(|body| format!("{{\"{name}\":{body}}}"));
        Ok(Outcome { status, body, ..Outcome::default() })
    }

    pub(super) fn nothing() -> Self {
        Outcome { status: 204, ..Outcome::default() }
    }

    pub(super) fn signed_in(status: u16, signed_in: SignedIn) -> Result<Self, Problem> {
        let SignedIn { me, token } = signed_in;
        Ok(Outcome::json(status, &MeBody { me })?.keeping(token))
    }

    pub(super) fn keeping(self, token: String) -> Self {
        Outcome { cookie: Some(Some(token)), ..self }
    }

    pub(super) fn forgetting(self) -> Self {
        Outcome { cookie: Some(None), ..self }
    }

    pub(super) fn asking(name: &'static str, question: Question) -> Self {
        Outcome { status: 200, ask: Some((name, question)), ..Outcome::default() }
    }

    pub(super) fn configuring(self, configure: impl Into<Option<ConfigureRequest>>) -> Self {
        Outcome { configure: configure.into(), ..self }
    }

    pub(super) fn telling(self, bot: impl Into<Option<BotNotice>>) -> Self {
        Outcome { bot: bot.into(), ..self }
    }

    pub(super) fn revoking(self, revoke: impl Into<Option<Revocation>>) -> Self {
        Outcome { revoke: revoke.into(), ..self }
    }
}

/// Tells the Desk, then answers. If the Desk can't be told, what was decided stands all the same: no new socket opens,
/// and it is told until it knows, after the answer and by the sweep.
pub(super) async fn finish(
    env: &Env,
    context: &worker::Context,
    config: &Config,
    outcome: Outcome,
    fresh: Option<String>,
) -> Result<Response, Problem> {
    if let Some(revocation) = outcome.revoke {
        let is_told = desk::revoke(env, &revocation).await;
        let settle = desk::settle(env.clone(), revocation, is_told);
        context.wait_until(async {
            contained(Place::worker("settle"), settle).await;
        });
    }
    let mut body = outcome.body;
    if let Some(request) = outcome.configure {
        let is_live = desk::configure(env, &request).await;
        body = body.map(|body| with_live(&body, is_live));
    }
    if let Some(notice) = outcome.bot {
        let is_live = desk::tell_bot(env, &notice).await;
        body = body.map(|body| with_live(&body, is_live));
    }
    if let Some((name, question)) = outcome.ask {
        let told = desk::ask(env, &question).await?;
        body = Some(format!("{{\"{name}\":{told}}}"));
    }
    let mut response = match (body, outcome.file) {
        (Some(body), _) => answer::written(&config.own, outcome.status, body)?,
        (None, Some(file)) => answer::file(&config.own, file)?,
        (None, None) => answer::nothing(&config.own)?,
    };
    let cookie = match outcome.cookie {
        Some(Some(token)) => Some(cookie::keep(&config.own, &token)),
        Some(None) => Some(cookie::forget(&config.own)),
        None => fresh.map(|token| cookie::keep(&config.own, &token)),
    };
    if let Some(cookie) = cookie {
        response.headers_mut().set("set-cookie", &cookie).map_err(internal)?;
    }
    Ok(response)
}

/// One member more in an object that is text already.
fn with_live(body: &str, is_live: bool) -> String {
    let members = body.strip_suffix('}').unwrap_or(body);
    let comma = if members.ends_with('{') { "" } else { "," };
    format!("{members}{comma}\"live\":{is_live}}}")
}
