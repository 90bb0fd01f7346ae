//! Articles: a text in Markdown for each language, drafts until they are published.

use serde::{Deserialize, Serialize};

use super::{
    bot::{self, Change},
    changes,
    context::Context,
};
use crate::{
    core::{
        bot::{intent::Words, written},
        error::Code,
        id::ArticleId,
        limits::{ARTICLE_CHARS, ARTICLE_TITLE_CHARS, ARTICLES_BYTES, ARTICLES_MAX},
        markdown,
        port::{Columns, Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::{
        articles::{self, ArticleRow},
        bot::{self as bots, BotRow, Touches},
    },
};

/// An article as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    title: Words,
    body: Words,
    published: bool,
    /// The version that this was begun from.
    #[serde(default)]
    updated_at: Option<String>,
}

/// `POST /articles/preview`, and its answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// Markdown, and HTML.
    pub text: String,
}

/// `GET /articles`: all of them without their texts, newest first.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<ArticleRow>, Problem> {
    let rows = cx.run(vec![articles::list(&who.workspace)]).await?;
    Ok(rows_of(&rows, 0).iter().filter_map(|row| ArticleRow::read(row, false)).collect())
}

/// `GET /articles/{id}`.
pub async fn show<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &ArticleId,
) -> Result<ArticleRow, Problem> {
    let row = cx.one(articles::find(&who.workspace, id)).await?;
    row.and_then(|row| ArticleRow::read(&row, true)).ok_or_else(|| Code::NotFound.into())
}

/// Writes one: a new one without an id, another one unless somebody has saved it since this was begun.
pub async fn save<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: Option<&ArticleId>,
    given: Draft,
) -> Result<ArticleRow, Problem> {
    let (action, is_new) = id.map_or(("article_created", true), |_| ("article_changed", false));
    let id = id.cloned().unwrap_or_else(|| cx.draw(ArticleId::draw));
    let begun = given.updated_at.clone();
    let mut row = row(cx, id, given)?;
    let standing = Standing::of(cx, who, &row.id).await?;
    if is_new {
        bot::check_new(begun.as_deref())?;
    } else {
        let stands = standing.old.as_ref().ok_or(Code::NotFound)?.updated_at;
        bot::check_begun(begun.as_deref(), Some(stands))?;
        row.updated_at = bot::written_at(cx, Some(stands));
    }
    if standing.n_others >= ARTICLES_MAX {
        return Err(Problem::new(Code::TooLarge, format!("more than {ARTICLES_MAX} articles")));
    }
    if standing.bytes + row.bytes() > ARTICLES_BYTES {
        return Err(Problem::new(Code::TooLarge, format!("all articles together: more than {ARTICLES_BYTES} bytes")));
    }
    let stamp = bot::stamp(cx);
    let detail = changes::of_article(standing.old.as_ref(), &row);
    let writes = articles::write(&who.workspace, &stamp, &row);
    bot::commit(cx, who, &stamp, standing.change(action, &row.id, &detail), writes).await?;
    Ok(row)
}

/// Removes one. Intents that answer with it say their own text again.
pub async fn delete<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &ArticleId) -> Result<(), Problem> {
    let standing = Standing::of(cx, who, id).await?;
    standing.old.as_ref().ok_or(Code::NotFound)?;
    let stamp = bot::stamp(cx);
    let writes = articles::delete(&who.workspace, &stamp, id);
    bot::commit(cx, who, &stamp, standing.change("article_deleted", id, ""), writes).await
}

/// What a text becomes on the page.
///
/// # Errors
/// It is longer than an article may be.
pub fn preview(given: &Preview) -> Result<Preview, Problem> {
    Ok(Preview { text: markdown::html(&written::lines("text", &given.text, ARTICLE_CHARS)?) })
}

/// What stands when a change is decided.
struct Standing {
    revision: u64,
    /// Of the one that is looked at; none: it is not there.
    old: Option<ArticleRow>,
    n_others: u64,
    bytes: u64,
}

impl Standing {
    async fn of<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &ArticleId) -> Result<Self, Problem> {
        let workspace = &who.workspace;
        let rows =
            cx.run(vec![bots::find(workspace), articles::find(workspace, id), articles::others(workspace, id)]).await?;
        let mut others = Columns::of(rows_of(&rows, 2).first().ok_or(Code::Internal)?);
        Ok(Standing {
            revision: BotRow::read(rows_of(&rows, 0).first()).revision,
            old: rows_of(&rows, 1).first().and_then(|row| ArticleRow::read(row, true)),
            n_others: others.uint(),
            bytes: others.uint(),
        })
    }

    fn change<'told>(&self, action: &'told str, id: &'told ArticleId, detail: &'told str) -> Change<'told> {
        Change { revision: self.revision, touches: Touches::Words, action, target: id.as_str(), detail }
    }
}

/// What is published says all that it says in some language; what is a draft has a name at least.
fn row<D: Database>(cx: &Context<'_, D>, id: ArticleId, given: Draft) -> Result<ArticleRow, Problem> {
    let Draft { title, body, published, updated_at: _ } = given;
    let title_of = |text: &str| written::line("title", text, ARTICLE_TITLE_CHARS);
    let body_of = |text: &str| written::lines("body", text, ARTICLE_CHARS);
    let title = Words { en: title_of(&title.en)?, zh: title_of(&title.zh)? };
    let body = Words { en: body_of(&body.en)?, zh: body_of(&body.zh)? };
    let missing = |field| Problem::field(field, "missing or empty");
    if title.en.is_empty() && title.zh.is_empty() {
        return Err(missing("title"));
    }
    for (title, body) in [(&title.en, &body.en), (&title.zh, &body.zh)] {
        if published && title.is_empty() != body.is_empty() {
            return Err(missing(if title.is_empty() { "title" } else { "body" }));
        }
    }
    Ok(ArticleRow { id, published, title, body: Some(body), updated_at: cx.now })
}
