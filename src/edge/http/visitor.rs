//! `POST /v1/session`, from a page of somebody else's: no cookie, `Origin` against the site's list, CORS for that page.
use worker::{Env, Response, ResponseBuilder};

use super::{answer, answer::internal, incoming::Incoming};
use crate::{
    api::{
        context::{Context, read},
        visitors::{self, SessionRequest},
    },
    core::{
        error::Code,
        id::{ConversationId, SiteId},
        limits::BODY_BYTES,
        origin::{Origin, site_allows},
        problem::Problem,
        rates,
        route::Sent,
    },
    edge::{clock, config::Config, d1::D1, env::ROOMS, limits, schema, site_cache},
};

/// Answers with the headers that let the page read it: a refusal of its origin apart, every page that says where it
/// stands may, for nothing here is secret from it and no cookie is taken.
pub async fn answer(env: &Env, config: &Config, incoming: &mut Incoming) -> worker::Result<Response> {
    let origin = incoming.header("origin").unwrap_or_default();
    let (mut response, is_for_page) = match session(env, config, incoming, &origin).await {
        Ok(response) => (response, true),
        Err(problem) => (answer::problem(Some(&config.own), &problem)?, problem.code != Code::OriginRefused),
    };
    if is_for_page && Origin::parse(&origin).is_some() {
        response.headers_mut().set("access-control-allow-origin", &origin)?;
        response.headers_mut().set("access-control-expose-headers", "retry-after")?;
    }
    response.headers_mut().set("vary", "origin")?;
    Ok(response)
}

/// What a browser asks before it: nothing is known of the site yet, so any page may try.
pub fn preflight(config: &Config, incoming: &Incoming) -> Result<Response, Problem> {
    let origin = incoming.header("origin").filter(|origin| Origin::parse(origin).is_some());
    let origin = origin.ok_or(Code::OriginRefused)?;
    let nothing = answer::nothing(&config.own)?;
    let headers = nothing.headers().clone();
    for (name, value) in [
        ("access-control-allow-origin", origin.as_str()),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "content-type"),
        ("access-control-max-age", "86400"),
        ("vary", "origin"),
    ] {
        headers.set(name, value).map_err(internal)?;
    }
    Ok(ResponseBuilder::new().with_status(204).with_headers(headers).empty())
}

/// Size and signature first, then the limits, and only then the database (INV-9).
async fn session(env: &Env, config: &Config, incoming: &mut Incoming, origin: &str) -> Result<Response, Problem> {
    incoming.check_size(BODY_BYTES)?;
    incoming.check_kind(Sent::Json)?;
    if Origin::parse(origin).is_none() {
        return Err(Problem::new(Code::OriginRefused, "a session is for a page, and a page has an origin"));
    }
    let given: SessionRequest = read(&incoming.body(BODY_BYTES).await?)?;
    let site = SiteId::parse(&given.site).map_err(|_| Problem::field("site", "not a site's id"))?;
    let now = clock::now();
    if let Some(token) = &given.token {
        config.keys.visitor(token, now).map_err(|error| Problem::from(error.code(false)))?;
    }
    let address = incoming.address(config);
    limits::take(env, &[rates::SESSION.by_address(&address, config.limit_factor)]).await?;
    let database = D1::of(env).map_err(internal)?;
    schema::check(&database).await?;
    let found = site_cache::find(&database, &site, now).await?;
    let site = &found.site;
    if !site_allows(&site.domains, &config.own, origin) {
        return Err(Problem::new(Code::OriginRefused, "this page is not on the site's list of domains"));
    }
    limits::take(env, &[rates::SESSION_SITE.request(site.id.as_str(), config.limit_factor)]).await?;
    let cx = Context {
        database: &database,
        keys: &config.keys,
        own: &config.own,
        loopback: config.loopback,
        now,
        entropy: clock::entropy().map_err(internal)?.into(),
        secret: [0; 32],
    };
    let answered = visitors::session(&cx, &found, &given, origin, async || {
        limits::take(env, &[rates::BEGIN.by_address(&address, config.limit_factor)]).await?;
        mint(env).ok_or_else(|| Code::Internal.into())
    })
    .await?;
    answer::json(&config.own, 200, &answered)
}

/// A Room's id that nobody has had. Nothing is woken by it.
fn mint(env: &Env) -> Option<ConversationId> {
    let rooms = env.durable_object(ROOMS).ok()?;
    let id = rooms.unique_id().ok()?;
    ConversationId::from_object_id(&id.to_string()).ok()
}
