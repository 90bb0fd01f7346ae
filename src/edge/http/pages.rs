//! Pages: the demo or the way to the console at `/`, and the console's one page under every address of its own.
use worker::{Env, Headers, Response};

use super::{answer, answer::internal, incoming::Incoming};
use crate::{
    core::{error::Code, headers::Kind, problem::Problem, route::Page},
    edge::{config::Config, runtime},
};

/// Answers a page.
pub async fn answer(env: &Env, config: &Config, incoming: &Incoming, page: Page) -> Result<Response, Problem> {
    match page {
        Page::Home if config.is_demo => fetch(env, config, Kind::Demo, "/demo/").await,
        Page::Home | Page::ConsoleRoot => answer::redirect(&config.own, "/console/"),
        // What has an ending is a file, and files that exist never come here.
        Page::Console if is_file(&incoming.path) => Err(Code::NotFound.into()),
        Page::Console => fetch(env, config, Kind::Console, "/console/").await,
    }
}

fn is_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

/// A page among the static files, asked for with nothing of the request.
async fn fetch(env: &Env, config: &Config, kind: Kind, path: &str) -> Result<Response, Problem> {
    let assets = env.assets("ASSETS").map_err(internal)?;
    let request = runtime::request(&format!("{}{path}", config.own), &Headers::new(), None).map_err(internal)?;
    let response = assets.fetch_request(request).await.map_err(internal)?;
    if response.status_code() != 200 {
        worker::console_error!("{path} answered {}", response.status_code());
        return Err(Problem::new(Code::NotFound, "the page is not built: `make build`"));
    }
    answer::dressed(kind, &config.own, response)
}
