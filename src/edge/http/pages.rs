//! Pages: the demo or the way to the console at `/`, the console's one page under every address of its own, articles and the list of them,
//! and pictures.
use worker::{Env, Headers, Response};

use super::{answer, answer::internal, incoming::Incoming};
use crate::{
    core::{
        bot::dialogue::Language,
        error::Code,
        headers::Kind,
        help::{self, Missing},
        limits::ANSWER_PICTURE_SIDE,
        picture,
        port::{BatchRows, Database as _, Statement, rows_of},
        problem::Problem,
        rates::{self, Rate},
        route::{Page, Param},
    },
    edge::{config::Config, d1::D1, limits, runtime, schema},
    sql::{articles, bot_models, pictures},
};

/// Answers a page.
pub async fn answer(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    page: Page,
    param: &Param,
) -> Result<Response, Problem> {
    let language = match page {
        Page::HelpEn | Page::HelpOfEn | Page::HelpAllEn => Language::En,
        Page::HelpZh | Page::HelpOfZh | Page::HelpAllZh => Language::Zh,
        Page::Home | Page::ConsoleRoot | Page::Console => return own_page(env, config, incoming, page).await,
        Page::Picture => return picture(env, config, incoming, param).await,
    };
    help(env, config, incoming, param, language).await
}

/// An article that is published, or the list of them.
async fn help(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    param: &Param,
    language: Language,
) -> Result<Response, Problem> {
    let article = if let Param::Article(id) = param { Some(id) } else { None };
    let workspace = if let Param::Workspace(id) = param { Some(id) } else { None };
    let statement = article.map_or_else(|| articles::listed(workspace), articles::shown);
    let missing = if article.is_some() { Missing::One } else { Missing::All };
    let rows = read(env, config, incoming, rates::READ, statement).await?;
    let rows = rows_of(&rows, 0);
    let page = match missing {
        Missing::One => {
            rows.first().and_then(articles::read_shown).map(|(it, owner)| help::page(&it, language, &owner))
        }
        Missing::All => articles::read_listed(rows).map(|(all, owner)| help::list(&all, language, &owner)),
    };
    match page {
        Some(page) => answer::page(&config.own, 200, page),
        None => answer::page(&config.own, 404, help::nothing(language, missing)),
    }
}

/// Reads for whoever comes. They have no name, so their address is limited before anything is read.
async fn read(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    rate: Rate,
    statement: Statement,
) -> Result<BatchRows, Problem> {
    limits::take(env, &[rate.by_address(&incoming.address(config), config.limit_factor)]).await?;
    let database = D1::of(env).map_err(internal)?;
    schema::check(&database).await?;
    database.batch(vec![statement]).await.map_err(|_| Code::Storage.into())
}

/// A picture, to whoever knows its hash: visitors' browsers send nothing that could say who they are.
async fn picture(env: &Env, config: &Config, incoming: &Incoming, param: &Param) -> Result<Response, Problem> {
    let Param::Picture(hash) = param else { return Err(Code::NotFound.into()) };
    let rows = read(env, config, incoming, rates::PICTURE, pictures::shown(hash)).await?;
    let bytes = rows_of(&rows, 0).first().and_then(bot_models::read_bytes).ok_or(Code::NotFound)?;
    let picture = picture::look(&bytes, ANSWER_PICTURE_SIDE).ok_or(Code::NotFound)?;
    answer::picture(&config.own, picture.kind.media_type(), bytes)
}

async fn own_page(env: &Env, config: &Config, incoming: &Incoming, page: Page) -> Result<Response, Problem> {
    match page {
        Page::Home if config.is_demo => fetch(env, config, Kind::Demo, "/demo/").await,
        Page::Home | Page::ConsoleRoot => answer::redirect(&config.own, "/console/"),
        // What has an ending is a file, and files that exist never come here.
        Page::Console if is_file(&incoming.path) => Err(Code::NotFound.into()),
        Page::Console => fetch(env, config, Kind::Console, "/console/").await,
        Page::HelpEn
        | Page::HelpZh
        | Page::HelpOfEn
        | Page::HelpOfZh
        | Page::HelpAllEn
        | Page::HelpAllZh
        | Page::Picture => Err(Code::NotFound.into()),
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
