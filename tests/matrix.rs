//! The matrix of INV-14: for every address and every client frame, who may use it and which ids of others it could name.
//!
//! A row stands in a `match` without a wildcard, so a new endpoint or frame does not compile before it has one; which members of
//! a body or a frame hold ids is asked of the types and of the proto, so a new one fails here before it is called an id or not. The
//! matrix is written to `tests/e2e/matrix.json`, which the runtime tests walk line by line:
//! `UPDATE=1 cargo test --test matrix` writes it anew.

#[path = "matrix/frames.rs"]
mod frames;
#[path = "matrix/members.rs"]
mod members;

use std::{collections::BTreeMap, fs, path::Path};

use bellhop::{
    api::{
        agents, articles, audit, bot, bot_models, bot_turns, decisions, faq, history, intents, links, ops, past,
        routing, sessions, setup, sign_in, sites, tags, teams, visitors,
    },
    core::{
        bot::intent,
        route::{Bot, Browser, Door, Endpoint, Line, Open, Own, Page, Script, Sent, Slot, Socket, TABLE, Team, Work},
    },
};
use members::members;
use serde_json::{Value, json};

/// Whom an address answers; whoever is not named is refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    /// Whoever comes.
    Everybody,
    /// Whoever holds the secret that the body or the header carries.
    Holder,
    /// These roles, with a session or, for sockets, its ticket.
    Roles(&'static [&'static str]),
}

const ALL: May = May::Roles(&["agent", "admin", "owner"]);
const MANAGERS: May = May::Roles(&["admin", "owner"]);

/// What a body is read as.
#[derive(Clone, Copy)]
enum Body {
    /// There is none.
    Absent,
    /// An object without members: the address says everything.
    Empty,
    /// Bytes.
    File,
    /// These members.
    Of(fn() -> Vec<String>),
}

/// An address: who may, the parameters of its query, those of them that hold ids, what its body is, and the members of that which
/// hold ids.
struct Row {
    may: May,
    query: &'static [&'static str],
    query_ids: &'static [&'static str],
    body: Body,
    body_ids: &'static [&'static str],
}

const fn row(may: May) -> Row {
    Row { may, query: &[], query_ids: &[], body: Body::Absent, body_ids: &[] }
}

const fn empty(may: May) -> Row {
    Row { body: Body::Empty, ..row(may) }
}

const fn file(may: May) -> Row {
    Row { body: Body::File, ..row(may) }
}

const fn sends(body: fn() -> Vec<String>, body_ids: &'static [&'static str], may: May) -> Row {
    Row { body: Body::Of(body), body_ids, ..row(may) }
}

/// Members that hold no id, wherever they stand: words, numbers, switches, and secrets, which have doors of their own. And ids that are
/// compared with those that stand there, and looked up nowhere (`members_before`).
const NO_IDS: &[&str] = &[
    "ageing_minutes",
    "answer",
    "calls_per_conversation",
    "calls_per_day",
    "capacity",
    "color",
    "current",
    "date",
    "distance",
    "does",
    "domains",
    "domains_before",
    "email",
    "en",
    "enabled",
    "enforced",
    "examples",
    "follow_up_seconds",
    "form_minutes",
    "from",
    "gone_minutes",
    "greeting",
    "handoff_level",
    "hold_back",
    "hours_before",
    "how",
    "identity",
    "idle",
    "idle_minutes",
    "idle_warning_minutes",
    "key",
    "kind",
    "language",
    "languages",
    "languages_before",
    "last_agent_days",
    "latitude",
    "level",
    "library",
    "load",
    "locale",
    "longitude",
    "members_before",
    "method",
    "model",
    "name",
    "new",
    "new_secret",
    "offsets",
    "overflow_minutes",
    "password",
    "published",
    "question",
    "reopen_hours",
    "reserved_slots",
    "ring_seconds",
    "role",
    "secret_before",
    "skill",
    "skills",
    "skills_before",
    "text",
    "timezone",
    "to",
    "token",
    "tokens_per_answer",
    "tokens_per_day",
    "topic",
    "updated_at",
    "url",
    "verified",
    "weekly",
    "when_closed",
    "workspace",
    "zh",
];

/// Whether a member is one of these, or under something else one of these.
fn is_among(member: &str, names: &[&str]) -> bool {
    names.iter().any(|name| member == *name || member.ends_with(&format!(".{name}")))
}

fn of_endpoint(endpoint: Endpoint) -> Row {
    match endpoint {
        Endpoint::Page(Page::Home | Page::ConsoleRoot | Page::Console) => row(May::Everybody),
        Endpoint::Page(Page::HelpEn | Page::HelpZh | Page::HelpOfEn | Page::HelpOfZh) => row(May::Everybody),
        Endpoint::Page(Page::HelpAllEn | Page::HelpAllZh | Page::Picture) => row(May::Everybody),
        Endpoint::Browser(Browser::Preflight) => row(May::Everybody),
        Endpoint::Browser(Browser::Session) => {
            let ids = &["site", "token", "conversation"];
            sends(members::<visitors::SessionRequest>, ids, May::Everybody)
        }
        Endpoint::Socket(Socket::Room) => row(May::Roles(&["visitor", "agent", "admin", "owner"])),
        Endpoint::Socket(Socket::Desk) => row(ALL),
        Endpoint::Open(Open::SetupState) => row(May::Everybody),
        Endpoint::Open(Open::Setup) => sends(members::<setup::Setup>, &[], May::Holder),
        Endpoint::Open(Open::Login) => sends(members::<sign_in::Credentials>, &[], May::Holder),
        Endpoint::Open(Open::LinkState) => sends(members::<links::Look>, &[], May::Holder),
        Endpoint::Open(Open::FollowLink) => sends(members::<links::Follow>, &[], May::Holder),
        Endpoint::Own(Own::Me) => row(ALL),
        Endpoint::Own(Own::Logout | Own::LogoutEverywhere | Own::Tickets) => empty(ALL),
        Endpoint::Own(Own::Rename) => sends(members::<sessions::Rename>, &[], ALL),
        Endpoint::Own(Own::Password) => sends(members::<sessions::NewPassword>, &[], ALL),
        Endpoint::Work(Work::Conversations) => {
            Row { query: &history::LIST_QUERY, query_ids: &["assignee", "site", "visitor", "tag"], ..row(ALL) }
        }
        Endpoint::Work(Work::Messages) => Row { query: &history::MESSAGES_QUERY, ..row(ALL) },
        Endpoint::Work(Work::Search) => Row { query: &history::SEARCH_QUERY, ..row(ALL) },
        Endpoint::Work(Work::Conversation) => row(ALL),
        Endpoint::Work(Work::BlockVisitor | Work::UnblockVisitor) => empty(ALL),
        Endpoint::Team(team) => of_team(team),
        Endpoint::Bot(bot) => of_bot(bot),
        Endpoint::Script(Script::Health) => row(May::Holder),
        Endpoint::Script(Script::Migrate) => empty(May::Holder),
        Endpoint::Script(Script::Seed) => sends(members::<ops::Seed>, &[], May::Holder),
        Endpoint::Script(Script::ResetPassword) => sends(members::<ops::ResetPassword>, &[], May::Holder),
    }
}

fn of_team(team: Team) -> Row {
    match team {
        Team::SetPicture => file(ALL),
        Team::RemovePicture => empty(ALL),
        Team::Agents | Team::Sites | Team::Teams | Team::Tags => row(ALL),
        Team::SiteIdentity | Team::Routing => row(MANAGERS),
        Team::DisableAgent | Team::EnableAgent | Team::ResetAgent => empty(MANAGERS),
        Team::DeletePicture | Team::DeleteTeam | Team::DeleteTag => empty(MANAGERS),
        Team::AddPicture => file(MANAGERS),
        Team::Invite => sends(members::<agents::Invite>, &[], MANAGERS),
        Team::ChangeAgent => sends(members::<agents::Change>, &[], MANAGERS),
        Team::CreateSite | Team::ChangeSite => sends(members::<sites::SiteDraft>, &["team"], MANAGERS),
        Team::ChangeSiteIdentity => sends(members::<sites::IdentityDraft>, &[], MANAGERS),
        Team::CreateTeam | Team::ChangeTeam => sends(members::<teams::TeamDraft>, &["members", "overflow"], MANAGERS),
        Team::CreateTag | Team::ChangeTag => sends(members::<tags::Draft>, &[], MANAGERS),
        Team::ChangeRouting => sends(members::<routing::RoutingDraft>, &[], MANAGERS),
        Team::Decisions => Row { query: &decisions::QUERY, query_ids: &["conversation"], ..row(MANAGERS) },
        Team::PreviewRouting => sends(members::<decisions::PreviewDraft>, &["site", "team", "last_agent"], MANAGERS),
        Team::Audit => Row { query: &audit::QUERY, ..row(MANAGERS) },
    }
}

fn of_bot(bot: Bot) -> Row {
    match bot {
        Bot::Show | Bot::Models | Bot::ModelFile | Bot::Intents | Bot::Articles | Bot::Article => row(ALL),
        Bot::Questions | Bot::Asked => row(ALL),
        Bot::Suggest => sends(members::<bot::Suggest>, &[], ALL),
        Bot::Report => Row { query: &bot_turns::REPORT_QUERY, ..row(ALL) },
        Bot::Faq => Row { query: &faq::QUERY, ..row(ALL) },
        Bot::Past => Row { query: &past::QUERY, query_ids: &["id"], ..row(MANAGERS) },
        Bot::Change => sends(members::<bot::BotChange>, &["handoff_team"], MANAGERS),
        Bot::AddModel => Row { query: &bot_models::QUERY, ..file(MANAGERS) },
        Bot::UseModel | Bot::DeleteIntent | Bot::DeleteFaq | Bot::DeleteArticle | Bot::RenewSigning => empty(MANAGERS),
        Bot::PutIntent => {
            let ids = &["article", "buttons", "handoff_team", "id", "picture.en", "picture.zh", "tags"];
            sends(members::<intent::Draft>, ids, MANAGERS)
        }
        // What agents teach: an example, an entry of the FAQ.
        Bot::AddExamples => sends(members::<intents::Examples>, &[], ALL),
        Bot::AddFaq => sends(members::<faq::Draft>, &[], ALL),
        Bot::ImportIntents => {
            let ids = &[
                "intents.article",
                "intents.buttons",
                "intents.handoff_team",
                "intents.id",
                "intents.picture.en",
                "intents.picture.zh",
                "intents.tags",
            ];
            sends(members::<intents::Import>, ids, MANAGERS)
        }
        Bot::PutFaq => sends(members::<faq::Draft>, &[], MANAGERS),
        Bot::ImportFaq => sends(members::<faq::Import>, &[], MANAGERS),
        Bot::AddArticle | Bot::PutArticle => sends(members::<articles::Draft>, &[], MANAGERS),
        Bot::PreviewArticle => sends(members::<articles::Preview>, &[], MANAGERS),
        Bot::SettleQuestions => sends(members::<bot_turns::Settle>, &["turns", "intent"], ALL),
        Bot::Try => sends(members::<bot::Suggest>, &[], MANAGERS),
    }
}

fn route_line(line: &Line) -> Value {
    let Row { may, query, query_ids, body_ids, .. } = of_endpoint(line.endpoint);
    let may = match may {
        May::Everybody => json!("everybody"),
        May::Holder => json!("holder"),
        May::Roles(roles) => json!(roles),
    };
    let (kind, most) = line.endpoint.takes();
    let sends = match kind {
        Sent::Json => "application/json",
        Sent::Bytes => "application/octet-stream",
    };
    json!({
        "method": line.method, "sends": sends, "most": most, "pattern": line.pattern, "slot": format!("{:?}", line.slot), "door": format!("{:?}", line.door),
        "may": may, "query": query, "query_ids": query_ids, "body_ids": body_ids,
    })
}

fn lines(values: Vec<Value>) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n  ")
}

#[test]
fn inv_14_every_address_and_every_frame_has_a_row_that_the_runtime_tests_walk() {
    let routes = lines(TABLE.iter().map(route_line).collect());
    let frames = lines(frames::frame_lines());
    let text = format!("{{\"routes\": [\n  {routes}\n], \"frames\": [\n  {frames}\n]}}\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/matrix.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, text, "the matrix has changed: UPDATE=1 cargo test --test matrix, and look at what changed");
}

/// The door of the route table agrees with the row: two people would have to be wrong in the same way.
#[test]
fn inv_14_who_may_is_what_the_door_lets_in() {
    for line in &TABLE {
        let name = format!("{} {}", line.method, line.pattern);
        let row = of_endpoint(line.endpoint);
        let expected = match line.door {
            Door::Page | Door::Visitor => row.may == May::Everybody,
            Door::Socket => matches!(row.may, May::Roles(roles) if roles.contains(&"owner")),
            Door::Anyone => matches!(row.may, May::Everybody | May::Holder),
            Door::Agent => row.may == ALL,
            Door::Manager => row.may == MANAGERS,
            Door::Ops => row.may == May::Holder,
        };
        assert!(expected, "{name}");
        assert_eq!(line.pattern.contains("{}"), line.slot != Slot::None, "{name}");
        assert!(row.query_ids.iter().all(|id| row.query.contains(id)), "{name}");
    }
}

#[test]
fn inv_14_every_member_of_a_body_is_called_an_id_or_not() {
    let mut unsaid: BTreeMap<String, String> = BTreeMap::new();
    for line in &TABLE {
        let name = format!("{} {}", line.method, line.pattern);
        let Row { body, body_ids, .. } = of_endpoint(line.endpoint);
        let is_sent = !matches!(line.method, "GET" | "OPTIONS");
        assert_eq!(matches!(body, Body::Absent), !is_sent, "{name}");
        assert_eq!(matches!(body, Body::File), is_sent && line.endpoint.takes().0 == Sent::Bytes, "{name}");
        let members = if let Body::Of(members) = body { members() } else { Vec::new() };
        assert_eq!(matches!(body, Body::Of(_)), !members.is_empty(), "{name}");
        assert!(body_ids.iter().all(|id| members.iter().any(|member| member == id)), "{name}: {members:?}");
        for member in &members {
            let is_whole = members.iter().any(|other| other.starts_with(&format!("{member}.")));
            if !is_whole && !body_ids.contains(&member.as_str()) && !is_among(member, NO_IDS) {
                unsaid.insert(member.clone(), name.clone());
            }
        }
    }
    assert!(unsaid.is_empty(), "an id, for its row, or none, for NO_IDS? {unsaid:#?}");
}

/// A type that only the Worker names: which one a handler reads is said in `src/edge`, which is not built here.
#[test]
fn inv_14_every_type_of_a_body_stands_in_a_row() {
    let rows = include_str!("matrix.rs");
    let mut asked = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api")).unwrap() {
        let path = entry.unwrap().path();
        let (Some(module), Ok(text)) = (path.file_stem().and_then(|it| it.to_str()), fs::read_to_string(&path)) else {
            continue;
        };
        for after in text.split("deny_unknown_fields)]").skip(1) {
            let Some(name) = after.trim_start().strip_prefix("pub struct ") else { continue };
            let name = name.split(|next: char| !next.is_alphanumeric()).next().unwrap_or_default();
            assert!(rows.contains(&format!("<{module}::{name}>")), "{module}::{name} is read by nobody's row");
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked}");
}
