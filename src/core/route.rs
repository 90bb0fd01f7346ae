//! Which request is which: one table of every address that the Worker answers, and who may knock there.
//!
//! Ids are parsed here, so nothing behind this line sees a path. An address that no line matches does not exist; one
//! that only another method matches says so. No secret is ever part of an address: addresses end in logs. Tests walk the whole table (`TABLE`), so a new line can't miss its checks.

mod table;
#[cfg(test)]
mod tests;

pub use table::*;

use super::{
    bot::image::is_hash,
    error::Code,
    id::{AgentId, ArticleId, ConversationId, FaqId, IntentId, SiteId, TagId, TeamId, VisitorId, WorkspaceId},
    limits::MAX_INTEGER,
};

/// A request that has found its address.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    /// What it is.
    pub endpoint: Endpoint,
    /// Who may knock.
    pub door: Door,
    /// The id in its path.
    pub param: Param,
}

/// Why there is no route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRoute {
    /// No such address, or an id that can't be one: `404`, the same for both.
    NotFound,
    /// The address takes these methods only: `405` and `Allow`.
    Method(String),
}

impl NoRoute {
    /// The code to answer with.
    pub fn code(&self) -> Code {
        match self {
            NoRoute::NotFound => Code::NotFound,
            NoRoute::Method(_) => Code::MethodNotAllowed,
        }
    }
}

/// Finds the address of a request. `HEAD` is `GET` for pages only.
pub fn route(method: &str, path: &str) -> Result<Route, NoRoute> {
    let mut allowed: Vec<&str> = Vec::new();
    for line in &TABLE {
        let Some(param) = line.matches(path) else { continue };
        let takes_head = method == "HEAD" && line.door == Door::Page;
        if line.method == method || takes_head {
            return Ok(Route { endpoint: line.endpoint, door: line.door, param });
        }
        allowed.push(line.method);
    }
    if allowed.is_empty() { Err(NoRoute::NotFound) } else { Err(NoRoute::Method(allowed.join(", "))) }
}

impl Line {
    /// Whether the path is this line's, and the id in it. No segment is decoded: no id of ours needs it.
    fn matches(&self, path: &str) -> Option<Param> {
        let mut param = Param::None;
        let mut given = path.split('/');
        for wanted in self.pattern.split('/') {
            if wanted == "*" {
                return given.next().is_some().then_some(param);
            }
            let segment = given.next()?;
            if wanted == "{}" {
                param = self.slot.parse(segment)?;
            } else if wanted != segment {
                return None;
            }
        }
        given.next().is_none().then_some(param)
    }
}

impl Slot {
    fn parse(self, text: &str) -> Option<Param> {
        match self {
            Slot::None => None,
            Slot::Conversation => ConversationId::parse(text).ok().map(Param::Conversation),
            Slot::Visitor => VisitorId::parse(text).ok().map(Param::Visitor),
            Slot::Agent => AgentId::parse(text).ok().map(Param::Agent),
            Slot::Site => SiteId::parse(text).ok().map(Param::Site),
            Slot::Team => TeamId::parse(text).ok().map(Param::Team),
            Slot::Tag => TagId::parse(text).ok().map(Param::Tag),
            Slot::Intent => IntentId::parse(text).ok().map(Param::Intent),
            Slot::Faq => FaqId::parse(text).ok().map(Param::Faq),
            Slot::Article => ArticleId::parse(text).ok().map(Param::Article),
            Slot::Workspace => WorkspaceId::parse(text).ok().map(Param::Workspace),
            Slot::Version => version(text).map(Param::Version),
            Slot::Picture => picture(text).map(Param::Picture),
        }
    }
}

/// A hash in its one form.
fn picture(text: &str) -> Option<String> {
    is_hash(text).then(|| text.to_owned())
}

/// A number in its one form.
fn version(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number > 0 && number <= MAX_INTEGER && number.to_string() == text).then_some(number)
}
