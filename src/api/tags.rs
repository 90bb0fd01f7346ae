//! Tags: what agents put on conversations to find and count them by. Managers name them.

use serde::Deserialize;

use super::context::{Context, color, name};
use crate::{
    core::{
        error::Code,
        id::TagId,
        limits::TAG_CHARS,
        port::{Database, Statement, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::{
        audit, bot, intents,
        tags::{self, TagRow},
    },
};

/// `POST /tags`, and `PUT /tags/{id}` where what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    color: Option<String>,
}

/// `GET /tags`, by their names.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<TagRow>, Problem> {
    let rows = cx.run(vec![tags::list(&who.workspace)]).await?;
    Ok(rows_of(&rows, 0).iter().filter_map(TagRow::read).collect())
}

/// Writes one: a new one without an id.
pub async fn save<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: Option<&TagId>,
    given: Draft,
) -> Result<TagRow, Problem> {
    let before = match id {
        Some(id) => list(cx, who).await?.into_iter().find(|tag| tag.id == *id).ok_or(Code::NotFound)?,
        None => TagRow { id: cx.draw(TagId::draw), name: String::new(), color: String::new() },
    };
    let row = TagRow {
        id: before.id.clone(),
        name: name("name", given.name.as_ref().unwrap_or(&before.name), TAG_CHARS)?,
        color: color(given.color.as_ref().unwrap_or(&before.color))?,
    };
    let (statement, action) = match id {
        Some(_) => (tags::update(&who.workspace, &before, &row), "tag_changed"),
        None => (tags::insert(&who.workspace, &row, cx.now), "tag_created"),
    };
    let taken = || Problem::new(Code::Conflict, "the name is taken, or there are 100 tags already");
    carry_out(cx, who, statement, (action, &row.id, &row.name), Vec::new()).await?.ok_or_else(taken)
}

/// Removes one. No intent puts it on from then on, which the Desk is to hear of as of any change of what the bot says.
pub async fn delete<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &TagId) -> Result<(), Problem> {
    let gone = tags::delete(&who.workspace, id);
    let forgotten = vec![bot::move_on(&who.workspace, cx.now), intents::forget_tag(&who.workspace, id)];
    let is_gone = carry_out(cx, who, gone, ("tag_deleted", id, ""), forgotten).await?;
    is_gone.map(drop).ok_or_else(|| Code::NotFound.into())
}

async fn carry_out<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    statement: Statement,
    (action, id, detail): (&str, &TagId, &str),
    more: Vec<Statement>,
) -> Result<Option<TagRow>, Problem> {
    let told = audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), action, id.as_str(), detail);
    let mut statements = vec![statement, told];
    statements.extend(more);
    let rows = cx.run(statements).await?;
    Ok(rows_of(&rows, 0).first().and_then(TagRow::read))
}
