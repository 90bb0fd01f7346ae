//! Conversations and visitors.
use std::time::Duration;

use worker::Delay;

use super::{api::Cx, outcome::Outcome};
use crate::{
    api::{history, revocation::Revocation, sessions::Signed, visitors},
    core::{
        error::Code,
        id::{ConversationId, VisitorId},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
        route::{Param, Work},
    },
};

/// Waits for the history to hear of a visitor, in milliseconds: it is a second or two behind.
const PROJECTION_WAITS: [u64; 3] = [500, 1_000, 2_000];

/// Answers what is asked of them.
pub(super) async fn answer(
    cx: &Cx<'_>,
    signed: &Signed,
    what: Work,
    param: &Param,
    url: &str,
) -> Result<Outcome, Problem> {
    let who = &signed.principal;
    match what {
        Work::Conversations => {
            let query = Query::of(url, &history::LIST_QUERY)?;
            Outcome::json(200, &history::list(cx, who, &query).await?)
        }
        Work::Conversation => {
            Outcome::wrapped(200, "conversation", &history::one(cx, who, conversation(param)?).await?)
        }
        Work::Messages => {
            let query = Query::of(url, &history::MESSAGES_QUERY)?;
            Outcome::json(200, &history::entries(cx, who, conversation(param)?, &query).await?)
        }
        Work::Search => {
            let query = Query::of(url, &history::SEARCH_QUERY)?;
            Outcome::wrapped(200, "hits", &history::find(cx, who, &query).await?)
        }
        Work::BlockVisitor | Work::UnblockVisitor => {
            let is_blocked = what == Work::BlockVisitor;
            Ok(Outcome::nothing().revoking(set_blocked(cx, who, visitor(param)?, is_blocked).await?))
        }
    }
}

/// A visitor of a moment ago may not be in the history yet. A block is waited for a little, so that none is lost
/// because an agent was quick; nobody's and another workspace's visitors take as long.
async fn set_blocked(
    cx: &Cx<'_>,
    who: &AgentPrincipal,
    visitor: &VisitorId,
    is_blocked: bool,
) -> Result<Revocation, Problem> {
    let mut waits = PROJECTION_WAITS.into_iter();
    loop {
        let outcome = visitors::set_blocked(cx, who, visitor, is_blocked).await;
        let is_unknown = matches!(&outcome, Err(problem) if problem.code == Code::NotFound);
        match waits.next().filter(|_| is_unknown && is_blocked) {
            Some(wait) => Delay::from(Duration::from_millis(wait)).await,
            None => return outcome,
        }
    }
}

fn conversation(param: &Param) -> Result<&ConversationId, Problem> {
    if let Param::Conversation(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn visitor(param: &Param) -> Result<&VisitorId, Problem> {
    if let Param::Visitor(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}
