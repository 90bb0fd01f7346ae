//! `GET /audit`: who did what, newest first.

use serde::Serialize;

use super::context::Context;
use crate::{
    core::{
        limits::{AUDIT_ENTRIES, MAX_INTEGER, PAGE_ENTRIES},
        port::{Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
    },
    sql::audit::{self, Entry},
};

/// Names in its query.
pub const QUERY: [&str; 2] = ["before", "limit"];

/// An entry, as the API says it.
#[derive(Debug, Serialize)]
pub struct EntryView {
    at: String,
    actor: String,
    action: String,
    target: String,
    detail: String,
}

/// The answer.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Newest first.
    pub entries: Vec<EntryView>,
    /// `before` of the next page; null when this is the last.
    pub next: Option<String>,
}

/// One page.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, query: &Query) -> Result<Page, Problem> {
    let before = query.number("before")?.unwrap_or(MAX_INTEGER);
    let limit = query.limit(PAGE_ENTRIES, AUDIT_ENTRIES)?;
    // One more than asked for tells whether there are more.
    let rows = cx.run(vec![audit::list(&who.workspace, before, limit + 1)]).await?;
    let mut entries: Vec<Entry> = rows_of(&rows, 0).iter().map(Entry::read).collect();
    let has_more = entries.len() as u64 > limit;
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id.to_string());
    let view = |entry: Entry| {
        let Entry { at, actor, action, target, detail, .. } = entry;
        EntryView { at: at.rfc3339(), actor, action, target, detail }
    };
    Ok(Page { entries: entries.into_iter().map(view).collect(), next })
}
