//! What agents read of the history: conversations, their entries, and words in them. The Rooms and the Desk are ahead
//! of it by seconds; a console that shows a conversation holds a socket to its Room.

use serde::Serialize;

use super::context::{Context, Named};
use crate::{
    core::{
        error::Code,
        id::{AgentId, ConversationId, SiteId, TagId, VisitorId},
        internal::Status,
        limits::{LIST_ROWS, PAGE_ENTRIES, QUERY_CHARS},
        pipeline::fold::Log,
        port::{Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        protocol::wire,
        query::Query,
    },
    sql::{
        conversations::{self, AssigneeFilter, ConversationCursor, ConversationFilter, ConversationSummary},
        messages, search,
    },
};

/// Names in the query of a list.
pub const LIST_QUERY: [&str; 8] = ["status", "assignee", "site", "visitor", "tag", "q", "before", "limit"];
/// Names in the query of a page of entries.
pub const MESSAGES_QUERY: [&str; 3] = ["log", "before", "limit"];
/// Names in the query of a search.
pub const SEARCH_QUERY: [&str; 2] = ["q", "limit"];

const USUAL_ROWS: u64 = 50;

/// A conversation, as the API says it.
#[derive(Debug, Serialize)]
pub struct ConversationView {
    id: ConversationId,
    site: SiteId,
    visitor: VisitorView,
    status: Status,
    snoozed_until: Option<String>,
    assignee: Option<Named>,
    assignment_epoch: u64,
    created_at: String,
    last_at: String,
    last_text: String,
    last_sender: String,
    unread: u64,
    head: u64,
    muted: bool,
    tags: Vec<TagId>,
}

#[derive(Debug, Serialize)]
struct VisitorView {
    id: VisitorId,
    name: String,
    email: String,
    verified: bool,
    blocked: bool,
}

impl ConversationView {
    fn of(row: ConversationSummary) -> Self {
        ConversationView {
            id: row.id,
            site: row.site,
            visitor: VisitorView {
                id: row.visitor.id,
                name: row.visitor.name,
                email: row.visitor.email,
                verified: row.visitor.is_verified,
                blocked: row.visitor.is_blocked,
            },
            status: row.status,
            snoozed_until: row.snoozed_until.map(|at| at.rfc3339()),
            assignee: row.assignee.map(|agent| Named { id: agent.id.to_string(), name: agent.name }),
            assignment_epoch: row.assignment_epoch,
            created_at: row.created_at.rfc3339(),
            last_at: row.last_at.rfc3339(),
            last_text: row.last_text,
            last_sender: row.last_sender,
            unread: row.unread,
            head: row.head,
            muted: row.is_muted,
            tags: row.tags,
        }
    }
}

/// The answer to a list.
#[derive(Debug, Serialize)]
pub struct ConversationPage {
    conversations: Vec<ConversationView>,
    next: Option<String>,
}

/// `GET /conversations`.
pub async fn list<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    query: &Query,
) -> Result<ConversationPage, Problem> {
    let mut filter = filter_of(who, query)?;
    let limit = query.limit(USUAL_ROWS, LIST_ROWS)?;
    if !filter.text.is_empty() {
        let rows = cx.run(vec![conversations::called(&who.workspace, &filter.text)]).await?;
        filter.called =
            rows_of(&rows, 0).iter().filter_map(|row| conversations::read_called(row, &filter.text)).collect();
    }
    let rows = cx.run(vec![conversations::list(&who.workspace, &filter, limit + 1)]).await?;
    let found = rows_of(&rows, 0);
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let list: Vec<ConversationSummary> = found.iter().take(shown).filter_map(conversations::read).collect();
    let next = list.last().filter(|_| found.len() > shown).map(|row| ConversationCursor::after(row).text());
    Ok(ConversationPage { conversations: list.into_iter().map(ConversationView::of).collect(), next })
}

fn filter_of(who: &AgentPrincipal, query: &Query) -> Result<ConversationFilter, Problem> {
    let wanted = || Problem::field("status", "a list of pending, open, snoozed, resolved");
    let status = |name: &str| Status::parse(name).ok_or_else(wanted);
    let statuses = query.text("status").map_or(Ok(Vec::new()), |list| list.split(',').map(status).collect())?;
    let assignee = match query.text("assignee") {
        None => None,
        Some("me") => Some(AssigneeFilter::Agent(who.agent.clone())),
        Some("none") => Some(AssigneeFilter::Nobody),
        Some(id) => {
            let agent = AgentId::parse(id).map_err(|_| Problem::field("assignee", "me, none, or an agent's id"))?;
            Some(AssigneeFilter::Agent(agent))
        }
    };
    let site =
        query.text("site").map(SiteId::parse).transpose().map_err(|_| Problem::field("site", "not a site's id"))?;
    let tag = query.text("tag").map(TagId::parse).transpose().map_err(|_| Problem::field("tag", "not a tag's id"))?;
    let before = match query.text("before") {
        None => None,
        Some(text) => {
            Some(ConversationCursor::parse(text).ok_or_else(|| Problem::field("before", "not a `next` of ours"))?)
        }
    };
    let visitor = query
        .text("visitor")
        .map(VisitorId::parse)
        .transpose()
        .map_err(|_| Problem::field("visitor", "not a visitor's id"))?;
    let text = words(query)?.trim().to_owned();
    if visitor.is_some() && !text.is_empty() {
        return Err(Problem::field("q", "not together with a visitor"));
    }
    Ok(ConversationFilter { statuses, assignee, site, visitor, tag, text, called: Vec::new(), before })
}

fn words(query: &Query) -> Result<&str, Problem> {
    let text = query.text("q").unwrap_or_default();
    if text.chars().count() > QUERY_CHARS {
        return Err(Problem::field("q", format!("longer than {QUERY_CHARS} characters")));
    }
    Ok(text)
}

/// `GET /conversations/{id}`.
pub async fn one<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &ConversationId,
) -> Result<ConversationView, Problem> {
    let row = cx.one(conversations::one(&who.workspace, id)).await?;
    row.as_ref().and_then(conversations::read).map(ConversationView::of).ok_or_else(|| Code::NotFound.into())
}

/// Entries of one of the two logs.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Entries {
    Public(Vec<wire::Message>),
    Private(Vec<wire::PrivateMessage>),
}

/// A page of entries.
#[derive(Debug, Serialize)]
pub struct EntryPage {
    messages: Entries,
    more: bool,
}

/// `GET /conversations/{id}/messages`.
pub async fn entries<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &ConversationId,
    query: &Query,
) -> Result<EntryPage, Problem> {
    let log = match query.text("log") {
        None | Some("public") => Log::Public,
        Some("private") => Log::Private,
        Some(_) => return Err(Problem::field("log", "public or private")),
    };
    let before = query.number("before")?.unwrap_or(0);
    let limit = query.limit(PAGE_ENTRIES, PAGE_ENTRIES)?;
    let rows = cx.run(messages::page(&who.workspace, id, log, before, limit)).await?;
    let (messages, more) = match log {
        Log::Public => {
            let page = messages::read_public(&rows, limit).ok_or(Code::NotFound)?;
            (Entries::Public(page.entries), page.has_more)
        }
        Log::Private => {
            let page = messages::read_private(&rows, limit).ok_or(Code::NotFound)?;
            (Entries::Private(page.entries), page.has_more)
        }
    };
    Ok(EntryPage { messages, more })
}

/// Something that was found.
#[derive(Debug, Serialize)]
pub struct HitView {
    conversation: ConversationId,
    log: &'static str,
    seq: u64,
    at: String,
    text: String,
    visitor_name: String,
}

/// `GET /search`.
pub async fn find<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    query: &Query,
) -> Result<Vec<HitView>, Problem> {
    let (typed, limit) = (words(query)?, query.limit(USUAL_ROWS, LIST_ROWS)?);
    let Some(statement) = search::search(&who.workspace, typed, limit) else { return Ok(Vec::new()) };
    let rows = cx.run(vec![statement]).await?;
    let view = |hit: search::Hit| HitView {
        conversation: hit.conversation,
        log: hit.log.name(),
        seq: hit.seq,
        at: hit.at.rfc3339(),
        text: hit.text,
        visitor_name: hit.visitor_name,
    };
    Ok(rows_of(&rows, 0).iter().filter_map(|row| search::read(row, typed)).map(view).collect())
}
