//! The Worker's door for HTTP: finds out what is asked for and which door it is, and keeps everything that goes wrong
//! inside one request (INV-12). What is checked at a door stands with the door.
use worker::{Context, Env, Request, Response, Result, event};

use super::{
    config::{self, Config},
    contained::{Place, contained},
    http::{answer, api, incoming::Incoming, ops, pages, visitor},
    ticket,
};
use crate::core::{
    error::Code,
    problem::Problem,
    route::{self, Browser, Endpoint, NoRoute, Route},
};

/// Every request from outside.
#[event(fetch)]
pub async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    match contained(Place::worker("fetch"), respond(request, &env, &context)).await {
        Some(Ok(response)) => Ok(response),
        Some(Err(error)) => {
            worker::console_error!("a request failed: {error}");
            answer::problem(None, &Code::Internal.into())
        }
        None => answer::problem(None, &Code::Internal.into()),
    }
}

async fn respond(request: Request, env: &Env, context: &Context) -> Result<Response> {
    let mut incoming = Incoming::of(request);
    let config = match config::load(env) {
        Ok(config) => config,
        Err(problem) => return answer::problem(None, &problem),
    };
    let route = match route::route(&incoming.method, &incoming.path) {
        Ok(route) => route,
        Err(none) => {
            let mut response = answer::problem(Some(&config.own), &none.code().into())?;
            if let NoRoute::Method(allowed) = &none {
                response.headers_mut().set("allow", allowed)?;
            }
            return Ok(response);
        }
    };
    match door(env, context, &config, &mut incoming, route).await? {
        Ok(response) => Ok(response),
        Err(problem) => answer::problem(Some(&config.own), &problem),
    }
}

async fn door(
    env: &Env,
    context: &Context,
    config: &Config,
    incoming: &mut Incoming,
    route: Route,
) -> Result<std::result::Result<Response, Problem>> {
    Ok(match route.endpoint {
        Endpoint::Page(page) => pages::answer(env, config, incoming, page, &route.param).await,
        Endpoint::Browser(Browser::Preflight) => visitor::preflight(config, incoming),
        Endpoint::Browser(Browser::Session) => Ok(visitor::answer(env, config, incoming).await?),
        Endpoint::Socket(socket) => Ok(ticket::answer(env, config, incoming, socket, &route.param).await?),
        Endpoint::Open(_) | Endpoint::Own(_) | Endpoint::Work(_) | Endpoint::Team(_) | Endpoint::Bot(_) => {
            api::answer(env, context, config, incoming, route).await
        }
        Endpoint::Script(script) => ops::answer(env, config, incoming, script).await,
    })
}
