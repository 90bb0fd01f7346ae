//! The FAQ: questions with answers in Markdown, each in one language.

use serde::{Deserialize, Serialize};

use super::{
    bot::{self, Change},
    changes,
    context::Context,
};
use crate::{
    core::{
        bot::written,
        error::Code,
        id::FaqId,
        limits::{ARTICLE_CHARS, FAQ_AT_ONCE, FAQ_MAX, KNOWLEDGE_BYTES, LIST_ROWS, MAX_INTEGER, QUESTION_CHARS},
        port::{Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
        time::Timestamp,
    },
    sql::{
        bot::{self as bots, BotRow, Touches},
        faq::{self, FaqRow, Known, Locale},
    },
};

/// Names in the query of its list.
pub const QUERY: [&str; 1] = ["after"];

/// An entry as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    locale: Locale,
    question: String,
    answer: String,
    /// The version that this was begun from.
    #[serde(default)]
    updated_at: Option<String>,
}

/// `POST /faq/import`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    faq: Vec<Draft>,
}

/// Its answer.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Questions that are new.
    pub added: usize,
    /// Questions that were there and are written anew.
    pub changed: usize,
}

/// A page of the list.
#[derive(Debug, Serialize)]
pub struct Page {
    faq: Vec<FaqRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// `GET /faq`: newest first.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, query: &Query) -> Result<Page, Problem> {
    let from = match query.text("after") {
        None => (MAX_INTEGER, String::new()),
        Some(place) => read_place(place).ok_or_else(|| Problem::field("after", "not a place in this list"))?,
    };
    let rows = cx.run(vec![faq::list(&who.workspace, (from.0, &from.1), LIST_ROWS + 1)]).await?;
    let mut entries: Vec<FaqRow> = rows_of(&rows, 0).iter().filter_map(FaqRow::read).collect();
    let has_more = entries.len() as u64 > LIST_ROWS;
    entries.truncate(usize::try_from(LIST_ROWS).unwrap_or(usize::MAX));
    let after = entries.last().filter(|_| has_more).map(|last| format!("{}.{}", last.created_at.0, last.id));
    Ok(Page { faq: entries, after })
}

/// A new entry.
pub async fn add<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, given: Draft) -> Result<FaqRow, Problem> {
    bot::check_new(given.updated_at.as_deref())?;
    let standing = Standing::of(cx, who).await?;
    let row = row(cx.draw(FaqId::draw), given, cx.now, cx.now)?;
    standing.save(cx, who, std::slice::from_ref(&row), "faq_created", row.id.as_str(), "").await?;
    Ok(row)
}

/// Writes one anew, unless somebody has saved it since this was begun.
pub async fn put<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &FaqId,
    given: Draft,
) -> Result<FaqRow, Problem> {
    let standing = Standing::with(cx, who, Some(id)).await?;
    let old = standing.known.iter().find(|known| known.id == *id).ok_or(Code::NotFound)?;
    bot::check_begun(given.updated_at.as_deref(), Some(old.updated_at))?;
    let row = row(id.clone(), given, old.created_at, bot::written_at(cx, Some(old.updated_at)))?;
    let detail = changes::of_faq(old, &row);
    standing.save(cx, who, std::slice::from_ref(&row), "faq_changed", id.as_str(), &detail).await?;
    Ok(row)
}

/// Removes one.
pub async fn delete<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &FaqId) -> Result<(), Problem> {
    let standing = Standing::of(cx, who).await?;
    standing.known.iter().find(|known| known.id == *id).ok_or(Code::NotFound)?;
    let stamp = bot::stamp(cx);
    let change = standing.change("faq_deleted", id.as_str(), "");
    bot::commit(cx, who, &stamp, change, faq::delete(&who.workspace, &stamp, id)).await
}

/// Adds many. A question that is there is answered anew, so a file may be imported again.
pub async fn import<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: Import,
) -> Result<Imported, Problem> {
    if given.faq.len() > FAQ_AT_ONCE {
        return Err(Problem::new(Code::TooLarge, format!("more than {FAQ_AT_ONCE} entries")));
    }
    let standing = Standing::of(cx, who).await?;
    let mut imported = Imported::default();
    let mut rows: Vec<FaqRow> = Vec::new();
    for draft in given.faq {
        bot::check_new(draft.updated_at.as_deref())?;
        let mut row = row(cx.draw(FaqId::draw), draft, cx.now, cx.now)?;
        if let Some(named) = rows.iter_mut().find(|named| named.locale == row.locale && named.question == row.question)
        {
            (named.answer, named.said) = (row.answer, row.said);
            continue;
        }
        let is_asked = |known: &&Known| known.locale == row.locale && known.question == row.question;
        match standing.known.iter().find(is_asked) {
            Some(known) => {
                row.id = known.id.clone();
                row.updated_at = bot::written_at(cx, Some(known.updated_at));
                imported.changed += 1;
            }
            None => imported.added += 1,
        }
        rows.push(row);
    }
    if !rows.is_empty() {
        let Imported { added, changed } = imported;
        standing.save(cx, who, &rows, "faq_imported", "faq", &format!("added: {added}, changed: {changed}")).await?;
    }
    Ok(imported)
}

/// What stands when a change is decided.
struct Standing {
    revision: u64,
    known: Vec<Known>,
}

impl Standing {
    async fn of<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Self, Problem> {
        Self::with(cx, who, None).await
    }

    /// With the answer of one.
    async fn with<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: Option<&FaqId>) -> Result<Self, Problem> {
        let rows = cx.run(vec![bots::find(&who.workspace), faq::known(&who.workspace, id)]).await?;
        Ok(Standing {
            revision: BotRow::read(rows_of(&rows, 0).first()).revision,
            known: rows_of(&rows, 1).iter().filter_map(Known::read).collect(),
        })
    }

    fn change<'told>(&self, action: &'told str, target: &'told str, detail: &'told str) -> Change<'told> {
        Change { revision: self.revision, touches: Touches::Words, action, target, detail }
    }

    async fn save<D: Database>(
        &self,
        cx: &Context<'_, D>,
        who: &AgentPrincipal,
        rows: &[FaqRow],
        action: &str,
        target: &str,
        detail: &str,
    ) -> Result<(), Problem> {
        let kept = self.known.iter().filter(|known| !rows.iter().any(|row| row.id == known.id));
        let bytes = kept.clone().map(|known| known.bytes).chain(rows.iter().map(FaqRow::bytes)).sum::<u64>();
        if kept.count() + rows.len() > FAQ_MAX {
            return Err(Problem::new(Code::TooLarge, format!("more than {FAQ_MAX} entries")));
        }
        if bytes > KNOWLEDGE_BYTES as u64 {
            return Err(Problem::new(Code::TooLarge, format!("the whole FAQ: more than {KNOWLEDGE_BYTES} bytes")));
        }
        let stamp = bot::stamp(cx);
        let writes = faq::write(&who.workspace, &stamp, rows).ok_or(Code::Internal)?;
        bot::commit(cx, who, &stamp, self.change(action, target, detail), writes).await
    }
}

fn row(id: FaqId, given: Draft, created_at: Timestamp, updated_at: Timestamp) -> Result<FaqRow, Problem> {
    let Draft { locale, question, answer, updated_at: _ } = given;
    let question = written::line("question", &question, QUESTION_CHARS)?;
    let answer = written::lines("answer", &answer, ARTICLE_CHARS)?;
    for (field, text) in [("question", &question), ("answer", &answer)] {
        if text.is_empty() {
            return Err(Problem::field(field, "missing or empty"));
        }
    }
    Ok(FaqRow::of(id, locale, question, answer, (created_at, updated_at)))
}

/// `1795000000000.faq_…`: the last entry of a page.
fn read_place(text: &str) -> Option<(u64, String)> {
    let (at, id) = text.split_once('.')?;
    let at = at.parse().ok().filter(|at| *at <= MAX_INTEGER)?;
    Some((at, FaqId::parse(id).ok()?.to_string()))
}
