//! Which request is which: one table of every address that the Worker answers, and who may knock there.
//!
//! Ids are parsed here, so nothing behind this line sees a path. An address that no line matches does not exist; one
//! that only another method matches says so. No secret is ever part of an address: addresses end in logs. Tests walk the whole table (`TABLE`), so a new line can't miss its checks.

use super::{
    error::Code,
    id::{AgentId, ConversationId, FaqId, IntentId, SiteId, TeamId, VisitorId},
    limits::{BODY_BYTES, KNOWLEDGE_BODY_BYTES, MAX_INTEGER, MODEL_BYTES, OPS_BODY_BYTES},
};

/// Who may come in, and therefore which checks are made before anything else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Pages and their files.
    Page,
    /// A visitor's browser: `Origin` against the site's list.
    Visitor,
    /// A WebSocket, by ticket.
    Socket,
    /// Whoever has no session yet: sets one up, signs in, follows a link.
    Anyone,
    /// A signed-in agent.
    Agent,
    /// A signed-in owner or admin.
    Manager,
    /// The deployment's scripts.
    Ops,
}

/// What an address is, by what answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// Pages.
    Page(Page),
    /// What a visitor's browser asks.
    Browser(Browser),
    /// WebSockets.
    Socket(Socket),
    /// What needs no session.
    Open(Open),
    /// An agent's own account.
    Own(Own),
    /// Conversations and visitors.
    Work(Work),
    /// The team, the sites, the audit log.
    Team(Team),
    /// The bot and what it knows.
    Bot(Bot),
    /// The deployment's scripts.
    Script(Script),
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// JSON, as text.
    Json,
    /// A file.
    Bytes,
}

impl Endpoint {
    /// What its body is, and how many bytes of it are read.
    pub fn takes(self) -> (Sent, usize) {
        match self {
            Endpoint::Bot(Bot::AddModel) => (Sent::Bytes, MODEL_BYTES),
            Endpoint::Bot(
                Bot::PutIntent | Bot::ImportIntents | Bot::AddFaq | Bot::PutFaq | Bot::ImportFaq | Bot::SettleQuestions,
            ) => (Sent::Json, KNOWLEDGE_BODY_BYTES),
            Endpoint::Bot(_)
            | Endpoint::Page(_)
            | Endpoint::Browser(_)
            | Endpoint::Socket(_)
            | Endpoint::Open(_)
            | Endpoint::Own(_)
            | Endpoint::Work(_)
            | Endpoint::Team(_) => (Sent::Json, BODY_BYTES),
            Endpoint::Script(_) => (Sent::Json, OPS_BODY_BYTES),
        }
    }
}

/// Pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// `/`: the demo, or on to the console.
    Home,
    /// `/console`: on to `/console/`.
    ConsoleRoot,
    /// Everything of the console.
    Console,
}

/// What a visitor's browser asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Browser {
    /// Whether it may ask from another page's origin.
    Preflight,
    /// A session.
    Session,
}

/// WebSockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Socket {
    /// A Room's.
    Room,
    /// The Desk's.
    Desk,
}

/// What needs no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    /// Is there an owner yet?
    SetupState,
    /// The first owner.
    Setup,
    /// Sign in.
    Login,
    /// What a link is for.
    LinkState,
    /// Follow it.
    FollowLink,
}

/// An agent's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Own {
    /// Sign out here.
    Logout,
    /// Sign out everywhere.
    LogoutEverywhere,
    /// Who am I.
    Me,
    /// Rename myself.
    Rename,
    /// Change my password.
    Password,
    /// Tickets for sockets.
    Tickets,
}

/// Conversations and visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// The history's list.
    Conversations,
    /// One conversation.
    Conversation,
    /// Its entries.
    Messages,
    /// Words in messages.
    Search,
    /// Block a visitor.
    BlockVisitor,
    /// Lift the block.
    UnblockVisitor,
}

/// The team, the sites, the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Team {
    /// Everybody here.
    Agents,
    /// Sites.
    Sites,
    /// Invite somebody.
    Invite,
    /// Rename somebody, or give another role.
    ChangeAgent,
    /// Shut somebody out.
    DisableAgent,
    /// Let them in again.
    EnableAgent,
    /// A new password link or invitation.
    ResetAgent,
    /// A new site.
    CreateSite,
    /// Change a site.
    ChangeSite,
    /// How a site proves its visitors.
    SiteIdentity,
    /// Change that.
    ChangeSiteIdentity,
    /// Teams.
    Teams,
    /// A new team.
    CreateTeam,
    /// Change a team.
    ChangeTeam,
    /// Remove a team.
    DeleteTeam,
    /// How conversations find agents.
    Routing,
    /// Change that.
    ChangeRouting,
    /// What routing has decided.
    Decisions,
    /// Whom a visitor would get now.
    PreviewRouting,
    /// Who did what.
    Audit,
}

/// The bot and what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bot {
    /// How it stands.
    Show,
    /// Change that.
    Change,
    /// Its models.
    Models,
    /// A new one.
    AddModel,
    /// Use another one.
    UseModel,
    /// One, as a file.
    ModelFile,
    /// Its intents.
    Intents,
    /// Write one.
    PutIntent,
    /// Remove one.
    DeleteIntent,
    /// Many at once.
    ImportIntents,
    /// The FAQ.
    Faq,
    /// A new entry.
    AddFaq,
    /// Write one anew.
    PutFaq,
    /// Remove one.
    DeleteFaq,
    /// Many at once.
    ImportFaq,
    /// What it did.
    Report,
    /// What it could not answer.
    Questions,
    /// Take some of them from the list.
    SettleQuestions,
    /// What was asked.
    Asked,
    /// Another secret by which its calls are signed.
    RenewSigning,
}

/// The deployment's scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// How far the schema is.
    Health,
    /// Bring it up.
    Migrate,
    /// The demo's people and site.
    Seed,
    /// A password link for somebody who is locked out.
    ResetPassword,
}

/// The id in a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Param {
    /// Nothing.
    None,
    /// A conversation.
    Conversation(ConversationId),
    /// A visitor.
    Visitor(VisitorId),
    /// An agent.
    Agent(AgentId),
    /// A site.
    Site(SiteId),
    /// A team.
    Team(TeamId),
    /// An intent.
    Intent(IntentId),
    /// An entry of the FAQ.
    Faq(FaqId),
    /// A version of a model.
    Version(u64),
}

/// Which id stands in the place of `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// There is none.
    None,
    /// `cnv_…`
    Conversation,
    /// `vis_…`
    Visitor,
    /// `agt_…`
    Agent,
    /// `site_…`
    Site,
    /// `team_…`
    Team,
    /// The name that an owner gave it.
    Intent,
    /// `faq_…`
    Faq,
    /// 1, 2, 3 …
    Version,
}

/// One line: method, address with `{}` for an id and `*` for any rest, what id, what it is, who may knock.
pub struct Line {
    /// `GET`, `POST`, `PATCH`, `DELETE`, `OPTIONS`.
    pub method: &'static str,
    /// The address.
    pub pattern: &'static str,
    /// Which id its `{}` is.
    pub slot: Slot,
    /// What it is.
    pub endpoint: Endpoint,
    /// Who may knock.
    pub door: Door,
}

const fn line(method: &'static str, pattern: &'static str, slot: Slot, endpoint: Endpoint, door: Door) -> Line {
    Line { method, pattern, slot, endpoint, door }
}

/// Every address.
#[rustfmt::skip]
pub const TABLE: [Line; 68] = [
    line("GET", "/", Slot::None, Endpoint::Page(Page::Home), Door::Page),
    line("GET", "/console", Slot::None, Endpoint::Page(Page::ConsoleRoot), Door::Page),
    line("GET", "/console/*", Slot::None, Endpoint::Page(Page::Console), Door::Page),

    line("OPTIONS", "/v1/session", Slot::None, Endpoint::Browser(Browser::Preflight), Door::Visitor),
    line("POST", "/v1/session", Slot::None, Endpoint::Browser(Browser::Session), Door::Visitor),
    line("GET", "/v1/rooms/{}/socket", Slot::Conversation, Endpoint::Socket(Socket::Room), Door::Socket),
    line("GET", "/v1/desk/socket", Slot::None, Endpoint::Socket(Socket::Desk), Door::Socket),

    line("GET", "/api/v1/setup", Slot::None, Endpoint::Open(Open::SetupState), Door::Anyone),
    line("POST", "/api/v1/setup", Slot::None, Endpoint::Open(Open::Setup), Door::Anyone),
    line("POST", "/api/v1/login", Slot::None, Endpoint::Open(Open::Login), Door::Anyone),
    line("POST", "/api/v1/links/look", Slot::None, Endpoint::Open(Open::LinkState), Door::Anyone),
    line("POST", "/api/v1/links/follow", Slot::None, Endpoint::Open(Open::FollowLink), Door::Anyone),

    line("POST", "/api/v1/logout", Slot::None, Endpoint::Own(Own::Logout), Door::Agent),
    line("POST", "/api/v1/logout_everywhere", Slot::None, Endpoint::Own(Own::LogoutEverywhere), Door::Agent),
    line("GET", "/api/v1/me", Slot::None, Endpoint::Own(Own::Me), Door::Agent),
    line("PATCH", "/api/v1/me", Slot::None, Endpoint::Own(Own::Rename), Door::Agent),
    line("POST", "/api/v1/me/password", Slot::None, Endpoint::Own(Own::Password), Door::Agent),
    line("POST", "/api/v1/tickets", Slot::None, Endpoint::Own(Own::Tickets), Door::Agent),
    line("GET", "/api/v1/conversations", Slot::None, Endpoint::Work(Work::Conversations), Door::Agent),
    line("GET", "/api/v1/conversations/{}", Slot::Conversation, Endpoint::Work(Work::Conversation), Door::Agent),
    line("GET", "/api/v1/conversations/{}/messages", Slot::Conversation, Endpoint::Work(Work::Messages), Door::Agent),
    line("GET", "/api/v1/search", Slot::None, Endpoint::Work(Work::Search), Door::Agent),
    line("POST", "/api/v1/visitors/{}/block", Slot::Visitor, Endpoint::Work(Work::BlockVisitor), Door::Agent),
    line("POST", "/api/v1/visitors/{}/unblock", Slot::Visitor, Endpoint::Work(Work::UnblockVisitor), Door::Agent),
    line("GET", "/api/v1/agents", Slot::None, Endpoint::Team(Team::Agents), Door::Agent),
    line("GET", "/api/v1/sites", Slot::None, Endpoint::Team(Team::Sites), Door::Agent),
    line("GET", "/api/v1/teams", Slot::None, Endpoint::Team(Team::Teams), Door::Agent),
    line("GET", "/api/v1/bot", Slot::None, Endpoint::Bot(Bot::Show), Door::Agent),
    line("GET", "/api/v1/bot/models", Slot::None, Endpoint::Bot(Bot::Models), Door::Agent),
    line("GET", "/api/v1/bot/models/{}/file", Slot::Version, Endpoint::Bot(Bot::ModelFile), Door::Agent),
    line("GET", "/api/v1/intents", Slot::None, Endpoint::Bot(Bot::Intents), Door::Agent),
    line("GET", "/api/v1/faq", Slot::None, Endpoint::Bot(Bot::Faq), Door::Agent),
    line("GET", "/api/v1/bot/report", Slot::None, Endpoint::Bot(Bot::Report), Door::Agent),
    line("GET", "/api/v1/bot/questions", Slot::None, Endpoint::Bot(Bot::Questions), Door::Agent),
    line("GET", "/api/v1/bot/asked", Slot::None, Endpoint::Bot(Bot::Asked), Door::Agent),

    line("POST", "/api/v1/agents", Slot::None, Endpoint::Team(Team::Invite), Door::Manager),
    line("PATCH", "/api/v1/agents/{}", Slot::Agent, Endpoint::Team(Team::ChangeAgent), Door::Manager),
    line("POST", "/api/v1/agents/{}/disable", Slot::Agent, Endpoint::Team(Team::DisableAgent), Door::Manager),
    line("POST", "/api/v1/agents/{}/enable", Slot::Agent, Endpoint::Team(Team::EnableAgent), Door::Manager),
    line("POST", "/api/v1/agents/{}/reset", Slot::Agent, Endpoint::Team(Team::ResetAgent), Door::Manager),
    line("POST", "/api/v1/sites", Slot::None, Endpoint::Team(Team::CreateSite), Door::Manager),
    line("PATCH", "/api/v1/sites/{}", Slot::Site, Endpoint::Team(Team::ChangeSite), Door::Manager),
    line("GET", "/api/v1/sites/{}/identity", Slot::Site, Endpoint::Team(Team::SiteIdentity), Door::Manager),
    line("POST", "/api/v1/sites/{}/identity", Slot::Site, Endpoint::Team(Team::ChangeSiteIdentity), Door::Manager),
    line("POST", "/api/v1/teams", Slot::None, Endpoint::Team(Team::CreateTeam), Door::Manager),
    line("PATCH", "/api/v1/teams/{}", Slot::Team, Endpoint::Team(Team::ChangeTeam), Door::Manager),
    line("DELETE", "/api/v1/teams/{}", Slot::Team, Endpoint::Team(Team::DeleteTeam), Door::Manager),
    line("GET", "/api/v1/routing", Slot::None, Endpoint::Team(Team::Routing), Door::Manager),
    line("PATCH", "/api/v1/routing", Slot::None, Endpoint::Team(Team::ChangeRouting), Door::Manager),
    line("GET", "/api/v1/routing/decisions", Slot::None, Endpoint::Team(Team::Decisions), Door::Manager),
    line("POST", "/api/v1/routing/preview", Slot::None, Endpoint::Team(Team::PreviewRouting), Door::Manager),
    line("PATCH", "/api/v1/bot", Slot::None, Endpoint::Bot(Bot::Change), Door::Manager),
    line("POST", "/api/v1/bot/signing-secret", Slot::None, Endpoint::Bot(Bot::RenewSigning), Door::Manager),
    line("POST", "/api/v1/bot/models", Slot::None, Endpoint::Bot(Bot::AddModel), Door::Manager),
    line("POST", "/api/v1/bot/models/{}/use", Slot::Version, Endpoint::Bot(Bot::UseModel), Door::Manager),
    line("PUT", "/api/v1/intents/{}", Slot::Intent, Endpoint::Bot(Bot::PutIntent), Door::Manager),
    line("DELETE", "/api/v1/intents/{}", Slot::Intent, Endpoint::Bot(Bot::DeleteIntent), Door::Manager),
    line("POST", "/api/v1/intents/import", Slot::None, Endpoint::Bot(Bot::ImportIntents), Door::Manager),
    line("POST", "/api/v1/faq", Slot::None, Endpoint::Bot(Bot::AddFaq), Door::Manager),
    line("PUT", "/api/v1/faq/{}", Slot::Faq, Endpoint::Bot(Bot::PutFaq), Door::Manager),
    line("DELETE", "/api/v1/faq/{}", Slot::Faq, Endpoint::Bot(Bot::DeleteFaq), Door::Manager),
    line("POST", "/api/v1/faq/import", Slot::None, Endpoint::Bot(Bot::ImportFaq), Door::Manager),
    line("POST", "/api/v1/bot/questions/settle", Slot::None, Endpoint::Bot(Bot::SettleQuestions), Door::Manager),
    line("GET", "/api/v1/audit", Slot::None, Endpoint::Team(Team::Audit), Door::Manager),

    line("GET", "/ops/v1/health", Slot::None, Endpoint::Script(Script::Health), Door::Ops),
    line("POST", "/ops/v1/migrate", Slot::None, Endpoint::Script(Script::Migrate), Door::Ops),
    line("POST", "/ops/v1/seed", Slot::None, Endpoint::Script(Script::Seed), Door::Ops),
    line("POST", "/ops/v1/reset_password", Slot::None, Endpoint::Script(Script::ResetPassword), Door::Ops),
];

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
            Slot::Intent => IntentId::parse(text).ok().map(Param::Intent),
            Slot::Faq => FaqId::parse(text).ok().map(Param::Faq),
            Slot::Version => version(text).map(Param::Version),
        }
    }
}

/// A number in its one form.
fn version(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number > 0 && number <= MAX_INTEGER && number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::{auth::LinkToken, id::Entropy};

    /// An id that fits.
    fn example(slot: Slot) -> String {
        let mut entropy = Entropy::new(5);
        match slot {
            Slot::None => String::new(),
            Slot::Conversation => format!("cnv_{}", "0a".repeat(32)),
            Slot::Visitor => VisitorId::draw(&mut entropy).to_string(),
            Slot::Agent => AgentId::draw(&mut entropy).to_string(),
            Slot::Site => SiteId::draw(&mut entropy).to_string(),
            Slot::Team => TeamId::draw(&mut entropy).to_string(),
            Slot::Intent => "order_status".to_owned(),
            Slot::Faq => FaqId::draw(&mut entropy).to_string(),
            Slot::Version => "7".to_owned(),
        }
    }

    fn path_of(line: &Line) -> String {
        line.pattern.replace("{}", &example(line.slot)).replace('*', "settings/sites")
    }

    fn found(method: &str, path: &str) -> Result<Endpoint, Code> {
        route(method, path).map(|route| route.endpoint).map_err(|none| none.code())
    }

    #[test]
    fn every_line_is_found_by_its_own_method_and_by_no_other() {
        let methods = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "get", ""];
        for line in &TABLE {
            let path = path_of(line);
            // An intent may be called `import`, as the address beside them is.
            let takes: BTreeSet<&str> =
                TABLE.iter().filter(|other| other.matches(&path).is_some()).map(|other| other.method).collect();
            for method in methods {
                let is_head_of_page = method == "HEAD" && line.door == Door::Page;
                match found(method, &path) {
                    Ok(endpoint) => {
                        assert!(takes.contains(method) || is_head_of_page, "{method} {path}");
                        assert!(endpoint == line.endpoint || line.method != method, "{method} {path}");
                    }
                    Err(code) => {
                        assert!(!takes.contains(method) && !is_head_of_page, "{method} {path}");
                        assert_eq!(code, Code::MethodNotAllowed, "{method} {path}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_endpoint_has_one_line_and_the_documentation_names_it() {
        let endpoints: BTreeSet<Endpoint> = TABLE.iter().map(|line| line.endpoint).collect();
        assert_eq!(endpoints.len(), TABLE.len());
        let documentation = include_str!("../../docs/api.md");
        for line in TABLE.iter().filter(|line| !matches!(line.door, Door::Page) && line.method != "OPTIONS") {
            let path = line.pattern.trim_start_matches("/api/v1");
            let tail = path.rsplit('/').next().unwrap_or_default();
            let is_named = documentation.lines().any(|text| {
                text.starts_with("| `")
                    && (text.contains(line.method) || text.contains("`/"))
                    && text.contains(tail.trim_matches(['{', '}']))
            });
            assert!(is_named, "{} {}", line.method, line.pattern);
        }
    }

    #[test]
    fn what_is_not_an_address_does_not_exist() {
        let agent = example(Slot::Agent);
        let visitor = example(Slot::Visitor);
        let conversation = example(Slot::Conversation);
        let paths = [
            "".to_owned(),
            "//".into(),
            "/api".into(),
            "/api/v1".into(),
            "/api/v1/".into(),
            "/api/v1/me/".into(),
            "/api/v1/me/x.css".into(),
            "/api/v1/Me".into(),
            "/API/v1/me".into(),
            "//api/v1/me".into(),
            "/api//v1/me".into(),
            "/api/v2/me".into(),
            "/api/v1/../v1/me".into(),
            "/api/v1/%6de".into(),
            "/api/v1/me;x=1".into(),
            "/api/v1/me\0".into(),
            format!("/api/v1/agents/{visitor}"),
            format!("/api/v1/agents/{agent}/"),
            format!("/api/v1/agents/{agent}/delete"),
            format!("/api/v1/agents/{agent}%2f..%2f"),
            "/api/v1/agents/..".into(),
            "/api/v1/agents/me".into(),
            "/api/v1/bot/models/0/file".into(),
            "/api/v1/bot/models/07/file".into(),
            "/api/v1/bot/models/+7/file".into(),
            "/api/v1/bot/models/9007199254740992/file".into(),
            "/api/v1/bot/models/x/use".into(),
            "/api/v1/intents/Order".into(),
            "/api/v1/intents/%61".into(),
            format!("/api/v1/intents/{}", "x".repeat(41)),
            "/api/v1/links/".into(),
            "/api/v1/links/null".into(),
            "/api/v1/links/look/".into(),
            // A secret stands in no path, where every log on the way would keep it.
            format!("/api/v1/links/{}", LinkToken::draw([3; 32]).as_str()),
            format!("/api/v1/links/look/{}", LinkToken::draw([3; 32]).as_str()),
            format!("/v1/rooms/{conversation}"),
            format!("/v1/rooms/{}/socket", conversation.to_uppercase()),
            format!("/v1/rooms/{visitor}/socket"),
            "/v1/rooms//socket".into(),
            "/consoles".into(),
            "/ops/v1".into(),
            "/ops/v1/health/x".into(),
        ];
        for path in paths {
            for method in ["GET", "POST", "PATCH"] {
                assert_eq!(found(method, &path), Err(Code::NotFound), "{method} {path}");
            }
        }
        assert_eq!(found("GET", "/console/"), Ok(Endpoint::Page(Page::Console)));
        assert_eq!(found("GET", "/console"), Ok(Endpoint::Page(Page::ConsoleRoot)));
        assert_eq!(route("DELETE", "/api/v1/me").err(), Some(NoRoute::Method("GET, PATCH".into())));
    }
}
