//! Every address that the Worker answers, what a path may carry, and who may knock there.

use crate::core::{
    id::{AgentId, ArticleId, ConversationId, FaqId, IntentId, SiteId, TagId, TeamId, VisitorId, WorkspaceId},
    limits::{ANSWER_PICTURE_BYTES, BODY_BYTES, KNOWLEDGE_BODY_BYTES, MODEL_BYTES, OPS_BODY_BYTES, PICTURE_BYTES},
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
            Endpoint::Team(Team::AddPicture) => (Sent::Bytes, ANSWER_PICTURE_BYTES),
            Endpoint::Team(Team::SetPicture) => (Sent::Bytes, PICTURE_BYTES),
            Endpoint::Bot(
                Bot::PutIntent
                | Bot::ImportIntents
                | Bot::AddExamples
                | Bot::AddFaq
                | Bot::PutFaq
                | Bot::ImportFaq
                | Bot::SettleQuestions
                | Bot::AddArticle
                | Bot::PutArticle
                | Bot::PreviewArticle
                // A message of a visitor's, in whichever script.
                | Bot::Suggest
                | Bot::Try,
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
    /// An article in English …
    HelpEn,
    /// … and in Chinese.
    HelpZh,
    /// All articles of a workspace in English …
    HelpOfEn,
    /// … and in Chinese.
    HelpOfZh,
    /// Those of the only workspace that there is, in English …
    HelpAllEn,
    /// … and in Chinese.
    HelpAllZh,
    /// A picture.
    Picture,
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
    /// Show a picture of somebody.
    SetPicture,
    /// Show none.
    RemovePicture,
    /// Keep one for the bot's answers.
    AddPicture,
    /// Keep it no more.
    DeletePicture,
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
    /// Tags.
    Tags,
    /// A new tag.
    CreateTag,
    /// Change a tag.
    ChangeTag,
    /// Remove a tag.
    DeleteTag,
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
    /// More examples of one, and nothing else of it.
    AddExamples,
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
    /// Articles.
    Articles,
    /// One.
    Article,
    /// A new one.
    AddArticle,
    /// Write one anew.
    PutArticle,
    /// Remove one.
    DeleteArticle,
    /// What a text becomes.
    PreviewArticle,
    /// What some of it was before.
    Past,
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
    /// What it would say to a visitor.
    Suggest,
    /// Ask whoever is set to answer.
    Try,
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
    /// A tag.
    Tag(TagId),
    /// An intent.
    Intent(IntentId),
    /// An entry of the FAQ.
    Faq(FaqId),
    /// An article.
    Article(ArticleId),
    /// A workspace.
    Workspace(WorkspaceId),
    /// A version of a model.
    Version(u64),
    /// The hash of a picture.
    Picture(String),
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
    /// `tag_…`
    Tag,
    /// The name that an owner gave it.
    Intent,
    /// `faq_…`
    Faq,
    /// `art_…`
    Article,
    /// `ws_…`
    Workspace,
    /// 1, 2, 3 …
    Version,
    /// 32 hexadecimal digits.
    Picture,
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
pub const TABLE: [Line; 93] = [
    line("GET", "/", Slot::None, Endpoint::Page(Page::Home), Door::Page),
    line("GET", "/console", Slot::None, Endpoint::Page(Page::ConsoleRoot), Door::Page),
    line("GET", "/console/*", Slot::None, Endpoint::Page(Page::Console), Door::Page),
    line("GET", "/help/en/{}", Slot::Article, Endpoint::Page(Page::HelpEn), Door::Page),
    line("GET", "/help/zh/{}", Slot::Article, Endpoint::Page(Page::HelpZh), Door::Page),
    line("GET", "/help/en/{}", Slot::Workspace, Endpoint::Page(Page::HelpOfEn), Door::Page),
    line("GET", "/help/zh/{}", Slot::Workspace, Endpoint::Page(Page::HelpOfZh), Door::Page),
    line("GET", "/help/en", Slot::None, Endpoint::Page(Page::HelpAllEn), Door::Page),
    line("GET", "/help/zh", Slot::None, Endpoint::Page(Page::HelpAllZh), Door::Page),
    line("GET", "/pictures/{}", Slot::Picture, Endpoint::Page(Page::Picture), Door::Page),

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
    line("PUT", "/api/v1/agents/{}/picture", Slot::Agent, Endpoint::Team(Team::SetPicture), Door::Agent),
    line("DELETE", "/api/v1/agents/{}/picture", Slot::Agent, Endpoint::Team(Team::RemovePicture), Door::Agent),
    line("GET", "/api/v1/sites", Slot::None, Endpoint::Team(Team::Sites), Door::Agent),
    line("GET", "/api/v1/teams", Slot::None, Endpoint::Team(Team::Teams), Door::Agent),
    line("GET", "/api/v1/tags", Slot::None, Endpoint::Team(Team::Tags), Door::Agent),
    line("GET", "/api/v1/bot", Slot::None, Endpoint::Bot(Bot::Show), Door::Agent),
    line("GET", "/api/v1/bot/models", Slot::None, Endpoint::Bot(Bot::Models), Door::Agent),
    line("GET", "/api/v1/bot/models/{}/file", Slot::Version, Endpoint::Bot(Bot::ModelFile), Door::Agent),
    line("GET", "/api/v1/intents", Slot::None, Endpoint::Bot(Bot::Intents), Door::Agent),
    line("GET", "/api/v1/faq", Slot::None, Endpoint::Bot(Bot::Faq), Door::Agent),
    line("GET", "/api/v1/articles", Slot::None, Endpoint::Bot(Bot::Articles), Door::Agent),
    line("GET", "/api/v1/articles/{}", Slot::Article, Endpoint::Bot(Bot::Article), Door::Agent),
    line("GET", "/api/v1/bot/report", Slot::None, Endpoint::Bot(Bot::Report), Door::Agent),
    line("GET", "/api/v1/bot/questions", Slot::None, Endpoint::Bot(Bot::Questions), Door::Agent),
    line("GET", "/api/v1/bot/asked", Slot::None, Endpoint::Bot(Bot::Asked), Door::Agent),
    line("POST", "/api/v1/bot/suggestions", Slot::None, Endpoint::Bot(Bot::Suggest), Door::Agent),
    line("POST", "/api/v1/bot/questions/settle", Slot::None, Endpoint::Bot(Bot::SettleQuestions), Door::Agent),
    line("POST", "/api/v1/intents/{}/examples", Slot::Intent, Endpoint::Bot(Bot::AddExamples), Door::Agent),
    line("POST", "/api/v1/faq", Slot::None, Endpoint::Bot(Bot::AddFaq), Door::Agent),

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
    line("POST", "/api/v1/tags", Slot::None, Endpoint::Team(Team::CreateTag), Door::Manager),
    line("PUT", "/api/v1/tags/{}", Slot::Tag, Endpoint::Team(Team::ChangeTag), Door::Manager),
    line("DELETE", "/api/v1/tags/{}", Slot::Tag, Endpoint::Team(Team::DeleteTag), Door::Manager),
    line("GET", "/api/v1/routing", Slot::None, Endpoint::Team(Team::Routing), Door::Manager),
    line("PATCH", "/api/v1/routing", Slot::None, Endpoint::Team(Team::ChangeRouting), Door::Manager),
    line("GET", "/api/v1/routing/decisions", Slot::None, Endpoint::Team(Team::Decisions), Door::Manager),
    line("POST", "/api/v1/routing/preview", Slot::None, Endpoint::Team(Team::PreviewRouting), Door::Manager),
    line("PATCH", "/api/v1/bot", Slot::None, Endpoint::Bot(Bot::Change), Door::Manager),
    line("POST", "/api/v1/bot/signing-secret", Slot::None, Endpoint::Bot(Bot::RenewSigning), Door::Manager),
    line("POST", "/api/v1/bot/responder/try", Slot::None, Endpoint::Bot(Bot::Try), Door::Manager),
    line("POST", "/api/v1/bot/models", Slot::None, Endpoint::Bot(Bot::AddModel), Door::Manager),
    line("POST", "/api/v1/bot/models/{}/use", Slot::Version, Endpoint::Bot(Bot::UseModel), Door::Manager),
    line("PUT", "/api/v1/intents/{}", Slot::Intent, Endpoint::Bot(Bot::PutIntent), Door::Manager),
    line("DELETE", "/api/v1/intents/{}", Slot::Intent, Endpoint::Bot(Bot::DeleteIntent), Door::Manager),
    line("POST", "/api/v1/intents/import", Slot::None, Endpoint::Bot(Bot::ImportIntents), Door::Manager),
    line("POST", "/api/v1/pictures", Slot::None, Endpoint::Team(Team::AddPicture), Door::Manager),
    line("DELETE", "/api/v1/pictures/{}", Slot::Picture, Endpoint::Team(Team::DeletePicture), Door::Manager),
    line("PUT", "/api/v1/faq/{}", Slot::Faq, Endpoint::Bot(Bot::PutFaq), Door::Manager),
    line("DELETE", "/api/v1/faq/{}", Slot::Faq, Endpoint::Bot(Bot::DeleteFaq), Door::Manager),
    line("POST", "/api/v1/faq/import", Slot::None, Endpoint::Bot(Bot::ImportFaq), Door::Manager),
    line("POST", "/api/v1/articles", Slot::None, Endpoint::Bot(Bot::AddArticle), Door::Manager),
    line("PUT", "/api/v1/articles/{}", Slot::Article, Endpoint::Bot(Bot::PutArticle), Door::Manager),
    line("DELETE", "/api/v1/articles/{}", Slot::Article, Endpoint::Bot(Bot::DeleteArticle), Door::Manager),
    line("POST", "/api/v1/articles/preview", Slot::None, Endpoint::Bot(Bot::PreviewArticle), Door::Manager),
    line("GET", "/api/v1/bot/past", Slot::None, Endpoint::Bot(Bot::Past), Door::Manager),
    line("GET", "/api/v1/audit", Slot::None, Endpoint::Team(Team::Audit), Door::Manager),

    line("GET", "/ops/v1/health", Slot::None, Endpoint::Script(Script::Health), Door::Ops),
    line("POST", "/ops/v1/migrate", Slot::None, Endpoint::Script(Script::Migrate), Door::Ops),
    line("POST", "/ops/v1/seed", Slot::None, Endpoint::Script(Script::Seed), Door::Ops),
    line("POST", "/ops/v1/reset_password", Slot::None, Endpoint::Script(Script::ResetPassword), Door::Ops),
];
