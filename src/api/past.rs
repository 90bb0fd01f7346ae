//! `GET /bot/past`: what intents, FAQ entries and articles were before they were changed or deleted.
//!
//! There is no way back here: who restores one sends it as any other change, with whatever that is checked for.

use super::context::Context;
use crate::{
    core::{
        id::{ArticleId, FaqId, IntentId},
        port::{Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
    },
    sql::past,
};

/// Names in its query.
pub const QUERY: [&str; 2] = ["kind", "id"];

/// As JSON: what is stored is JSON already.
///
/// # Errors
/// `400` about `kind` or `id`.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, query: &Query) -> Result<String, Problem> {
    let (kind, id) = (query.text("kind").unwrap_or_default(), query.text("id"));
    let given = id.unwrap_or_default();
    let is_id = match kind {
        "intent" => IntentId::parse(given).is_ok(),
        "faq" => FaqId::parse(given).is_ok(),
        "article" => ArticleId::parse(given).is_ok(),
        _ => return Err(Problem::field("kind", "intent, faq or article")),
    };
    if id.is_some() && !is_id {
        return Err(Problem::field("id", "not an id of this kind"));
    }
    let rows = cx.run(vec![past::list(&who.workspace, kind, id)]).await?;
    let mut all = String::from("{\"past\":[");
    for (at, row) in rows_of(&rows, 0).iter().enumerate() {
        if at > 0 {
            all.push(',');
        }
        all.push_str(&past::shown(row));
    }
    all.push_str("]}");
    Ok(all)
}
