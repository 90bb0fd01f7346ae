//! `GET /routing/decisions` and `POST /routing/preview`: what routing has decided, and what it would decide now. Both are the
//! Desk's to say; here is what it is asked.

use serde::{Deserialize, Deserializer};

use super::context::line;
use crate::core::{
    geo::Location,
    id::{AgentId, ConversationId, SiteId, TeamId},
    internal::{About, Imagined, Question},
    limits::{DECISIONS_PAGE, LEVEL_MAX, SKILL_CHARS},
    locale::primary_tag,
    principal::AgentPrincipal,
    problem::Problem,
    query::Query,
};

/// Names in the query of the log.
pub const QUERY: [&str; 3] = ["conversation", "before", "limit"];

/// `POST /routing/preview`: what is known of the visitor.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreviewDraft {
    #[serde(deserialize_with = "text")]
    site: String,
    #[serde(deserialize_with = "text")]
    team: String,
    #[serde(deserialize_with = "text")]
    language: String,
    #[serde(deserialize_with = "text")]
    topic: String,
    level: u8,
    location: Option<Location>,
    #[serde(deserialize_with = "text")]
    last_agent: String,
}

/// `null` is as good as nothing.
fn text<'de, D: Deserializer<'de>>(given: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(given).map(Option::unwrap_or_default)
}

fn id<T, E>(field: &str, text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).map_err(|_| Problem::field(field, "not an id of this kind"))
}

/// A page of the log.
pub fn question(who: &AgentPrincipal, query: &Query) -> Result<Question, Problem> {
    let conversation = id("conversation", query.text("conversation").unwrap_or_default(), ConversationId::parse)?;
    let (before, limit) = (query.number("before")?, query.limit(DECISIONS_PAGE, DECISIONS_PAGE)?);
    Ok(Question { workspace: who.workspace.clone(), about: About::Decisions { conversation, before, limit } })
}

/// A visitor as they are given. Ids that are nobody's here match nothing, as they would for a visitor.
pub fn preview(who: &AgentPrincipal, given: PreviewDraft) -> Result<Question, Problem> {
    if given.level > LEVEL_MAX {
        return Err(Problem::field("level", "0 to 9"));
    }
    let imagined = Imagined {
        site: id("site", &given.site, SiteId::parse)?,
        team: id("team", &given.team, TeamId::parse)?,
        language: primary_tag(&line("language", &given.language, 35)?),
        topic: line("topic", &given.topic, SKILL_CHARS)?.to_lowercase(),
        level: given.level,
        location: given.location,
        last_agent: id("last_agent", &given.last_agent, AgentId::parse)?,
    };
    Ok(Question { workspace: who.workspace.clone(), about: About::Preview(imagined) })
}
