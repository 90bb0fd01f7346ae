//! The matrix of INV-14: for every address and every client frame, who may use it and which ids of others it could name.
//!
//! A row stands in a `match` without a wildcard, so a new endpoint or frame does not compile before it has one. The
//! matrix is written to `tests/e2e/matrix.json`, which the runtime tests walk line by line:
//! `UPDATE=1 cargo test --test matrix` writes it anew.

use std::{collections::BTreeSet, fs, path::Path};

use bellhop::{
    api::{audit, bot_models, bot_turns, decisions, faq, history},
    core::{
        protocol::wire::{self, client_frame::Frame},
        route::{Bot, Browser, Door, Endpoint, Line, Open, Own, Page, Script, Sent, Slot, Socket, TABLE, Team, Work},
    },
};
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

/// An address: who may, the parameters of its query, those of them that hold ids, and the members of its body that do.
struct Row {
    may: May,
    query: &'static [&'static str],
    query_ids: &'static [&'static str],
    body_ids: &'static [&'static str],
}

const fn row(may: May) -> Row {
    Row { may, query: &[], query_ids: &[], body_ids: &[] }
}

fn of_endpoint(endpoint: Endpoint) -> Row {
    match endpoint {
        Endpoint::Page(Page::Home | Page::ConsoleRoot | Page::Console) => row(May::Everybody),
        Endpoint::Page(Page::HelpEn | Page::HelpZh | Page::HelpOfEn | Page::HelpOfZh) => row(May::Everybody),
        Endpoint::Page(Page::HelpAllEn | Page::HelpAllZh | Page::Picture) => row(May::Everybody),
        Endpoint::Browser(Browser::Preflight) => row(May::Everybody),
        Endpoint::Browser(Browser::Session) => {
            Row { body_ids: &["site", "token", "conversation"], ..row(May::Everybody) }
        }
        Endpoint::Socket(Socket::Room) => row(May::Roles(&["visitor", "agent", "admin", "owner"])),
        Endpoint::Socket(Socket::Desk) => row(ALL),
        Endpoint::Open(Open::SetupState) => row(May::Everybody),
        Endpoint::Open(Open::Setup | Open::Login | Open::LinkState | Open::FollowLink) => row(May::Holder),
        Endpoint::Own(Own::Logout | Own::LogoutEverywhere | Own::Me | Own::Rename | Own::Password | Own::Tickets) => {
            row(ALL)
        }
        Endpoint::Team(Team::SetPicture | Team::RemovePicture) => row(ALL),
        Endpoint::Work(Work::Conversations) => {
            Row { query: &history::LIST_QUERY, query_ids: &["assignee", "site", "visitor", "tag"], ..row(ALL) }
        }
        Endpoint::Work(Work::Messages) => Row { query: &history::MESSAGES_QUERY, ..row(ALL) },
        Endpoint::Work(Work::Search) => Row { query: &history::SEARCH_QUERY, ..row(ALL) },
        Endpoint::Work(Work::Conversation | Work::BlockVisitor | Work::UnblockVisitor) => row(ALL),
        Endpoint::Team(Team::Agents | Team::Sites | Team::Teams | Team::Tags) => row(ALL),
        Endpoint::Team(Team::CreateTeam | Team::ChangeTeam) => {
            Row { body_ids: &["members", "overflow"], ..row(MANAGERS) }
        }
        Endpoint::Team(
            Team::Invite
            | Team::ChangeAgent
            | Team::DisableAgent
            | Team::EnableAgent
            | Team::ResetAgent
            | Team::AddPicture
            | Team::DeletePicture
            | Team::CreateSite
            | Team::ChangeSite
            | Team::SiteIdentity
            | Team::ChangeSiteIdentity
            | Team::DeleteTeam
            | Team::CreateTag
            | Team::ChangeTag
            | Team::DeleteTag
            | Team::Routing
            | Team::ChangeRouting,
        ) => row(MANAGERS),
        Endpoint::Team(Team::Decisions) => {
            Row { query: &decisions::QUERY, query_ids: &["conversation"], ..row(MANAGERS) }
        }
        Endpoint::Team(Team::PreviewRouting) => Row { body_ids: &["site", "team", "last_agent"], ..row(MANAGERS) },
        Endpoint::Team(Team::Audit) => Row { query: &audit::QUERY, ..row(MANAGERS) },
        Endpoint::Bot(Bot::Show | Bot::Models | Bot::ModelFile | Bot::Intents | Bot::Articles | Bot::Article) => {
            row(ALL)
        }
        Endpoint::Bot(Bot::Questions | Bot::Asked | Bot::Suggest) => row(ALL),
        Endpoint::Bot(Bot::Report) => Row { query: &bot_turns::REPORT_QUERY, ..row(ALL) },
        Endpoint::Bot(Bot::SettleQuestions) => Row { body_ids: &["turns", "intent"], ..row(ALL) },
        // What agents teach: an example, an entry of the FAQ.
        Endpoint::Bot(Bot::AddExamples | Bot::AddFaq) => row(ALL),
        Endpoint::Bot(Bot::Faq) => Row { query: &faq::QUERY, ..row(ALL) },
        Endpoint::Bot(Bot::Change) => Row { body_ids: &["handoff_team"], ..row(MANAGERS) },
        Endpoint::Bot(Bot::AddModel) => Row { query: &bot_models::QUERY, ..row(MANAGERS) },
        Endpoint::Bot(Bot::PutIntent | Bot::ImportIntents) => {
            Row { body_ids: &["buttons", "article"], ..row(MANAGERS) }
        }
        Endpoint::Bot(
            Bot::UseModel
            | Bot::DeleteIntent
            | Bot::PutFaq
            | Bot::DeleteFaq
            | Bot::ImportFaq
            | Bot::AddArticle
            | Bot::PutArticle
            | Bot::DeleteArticle
            | Bot::PreviewArticle
            | Bot::RenewSigning
            | Bot::Try,
        ) => row(MANAGERS),
        Endpoint::Script(Script::Health | Script::Migrate | Script::Seed | Script::ResetPassword) => row(May::Holder),
    }
}

/// What a client frame is answered with, by the socket that it comes on. `ok`: without an error.
struct Answers {
    visitor: &'static str,
    agent: &'static str,
    desk: &'static str,
    /// Members that hold ids.
    ids: &'static [&'static str],
}

const fn at_room(visitor: &'static str, agent: &'static str) -> Answers {
    Answers { visitor, agent, desk: "unknown_frame", ids: &[] }
}

const fn at_desk(ids: &'static [&'static str]) -> Answers {
    Answers { visitor: "unknown_frame", agent: "unknown_frame", desk: "ok", ids }
}

fn of_frame(frame: &Frame) -> Answers {
    match frame {
        Frame::Hello(_) => at_room("ok", "ok"),
        Frame::Send(_) => at_room("ok", "ok"),
        Frame::Delivered(_) => at_room("ok", "ok"),
        Frame::Read(_) => at_room("ok", "ok"),
        Frame::Typing(_) => at_room("ok", "ok"),
        // The private log does not exist for a visitor.
        Frame::Page(request) if request.log() == wire::Log::Private => at_room("bad_request", "ok"),
        Frame::Page(_) => at_room("ok", "ok"),
        Frame::Identify(_) => at_room("ok", "forbidden"),
        Frame::Note(_) => at_room("forbidden", "ok"),
        // A tag of another workspace is one that nobody names.
        Frame::SetStatus(_) | Frame::Mute(_) | Frame::Tag(_) => at_room("forbidden", "ok"),
        // Nobody has answered, so there is nothing to rate.
        Frame::Rate(_) => at_room("not_found", "forbidden"),
        Frame::Leave(_) | Frame::LeaveEmail(_) => at_room("ok", "forbidden"),
        // The ticket of the example is good for nobody.
        Frame::Renew(_) => Answers { desk: "unauthorized", ..at_room("unauthorized", "unauthorized") },
        Frame::DeskHello(_) => at_desk(&[]),
        Frame::Claim(_) => at_desk(&["conversation"]),
        Frame::Release(_) => at_desk(&["conversation"]),
        Frame::Transfer(_) => at_desk(&["conversation", "agent"]),
        Frame::SetAvailability(_) => at_desk(&[]),
        // Of a probe that never was: a sign of life.
        Frame::ProbeAnswer(_) => at_desk(&[]),
        Frame::Accept(_) => at_desk(&["conversation"]),
        // It is held, but does not ring.
        Frame::Decline(_) => Answers { desk: "conflict", ..at_desk(&["conversation"]) },
        Frame::DeskPage(_) => at_desk(&[]),
    }
}

/// One of each, as it goes over the wire. `{conversation}` and `{agent}` are put in by whoever sends it.
fn examples() -> Vec<(&'static str, Value)> {
    vec![
        ("hello", json!({})),
        ("send", json!({ "clientId": "matrix-send", "text": "hello" })),
        ("delivered", json!({ "seq": "1" })),
        ("read", json!({ "seq": "1" })),
        ("page", json!({})),
        ("page", json!({ "log": "PRIVATE" })),
        ("typing", json!({ "on": true })),
        ("renew", json!({ "ticket": "a.b.c" })),
        ("identify", json!({ "name": "Ada" })),
        ("note", json!({ "clientId": "matrix-note", "text": "a note" })),
        ("setStatus", json!({ "status": "OPEN", "clientId": "matrix-status" })),
        // Ended first: opening it again would mute nothing.
        ("mute", json!({ "clientId": "matrix-mute", "on": false })),
        ("tag", json!({ "clientId": "matrix-tag", "tag": "tag_aaaaaaaaaaaaaaaa", "on": true })),
        ("rate", json!({ "seq": "1", "helpful": true, "clientId": "matrix-rate" })),
        ("leave", json!({ "clientId": "matrix-leave" })),
        ("leaveEmail", json!({ "clientId": "matrix-leave-email", "email": "matrix@visitor.example" })),
        ("deskHello", json!({})),
        ("claim", json!({ "clientId": "matrix-claim", "conversation": "{conversation}" })),
        ("accept", json!({ "clientId": "matrix-accept", "conversation": "{conversation}" })),
        ("decline", json!({ "clientId": "matrix-decline", "conversation": "{conversation}" })),
        ("release", json!({ "clientId": "matrix-release", "conversation": "{conversation}" })),
        ("transfer", json!({ "clientId": "matrix-transfer", "conversation": "{conversation}", "agent": "{agent}" })),
        ("setAvailability", json!({ "availability": "ONLINE" })),
        ("probeAnswer", json!({ "probe": "1", "available": true })),
        ("deskPage", json!({ "after": "{conversation}" })),
    ]
}

fn route_line(line: &Line) -> Value {
    let Row { may, query, query_ids, body_ids } = of_endpoint(line.endpoint);
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

fn frame_line((name, body): &(&'static str, Value)) -> Value {
    let frame: wire::ClientFrame = serde_json::from_value(json!({ *name: body })).unwrap();
    let Answers { visitor, agent, desk, ids } = of_frame(&frame.frame.unwrap());
    json!({ "frame": name, "body": body, "visitor": visitor, "agent": agent, "desk": desk, "ids": ids })
}

fn lines(values: Vec<Value>) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n  ")
}

#[test]
fn inv_14_every_address_and_every_frame_has_a_row_that_the_runtime_tests_walk() {
    let routes = lines(TABLE.iter().map(route_line).collect());
    let frames = lines(examples().iter().map(frame_line).collect());
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
fn inv_14_every_kind_of_frame_has_an_example() {
    let proto = include_str!("../proto/bellhop.proto");
    let body = proto.split("message ClientFrame {").nth(1).unwrap().split("\n}").next().unwrap();
    let fields = body.lines().filter(|line| line.contains(" = ") && !line.trim_start().starts_with("//"));
    let wanted: BTreeSet<String> =
        fields.map(|line| line.split_whitespace().nth(1).unwrap().replace('_', "")).collect();
    let examples: BTreeSet<String> = examples().iter().map(|(name, _)| name.to_lowercase()).collect();
    assert_eq!(examples, wanted);
    // Whatever names an id in the proto is in the row's list: `conversation` and `agent` are the only ones.
    for (name, body) in crate::examples() {
        let named: Vec<&str> = ["conversation", "agent"].into_iter().filter(|id| body.get(id).is_some()).collect();
        let frame: wire::ClientFrame = serde_json::from_value(json!({ name: body })).unwrap();
        assert_eq!(of_frame(&frame.frame.unwrap()).ids, named, "{name}");
    }
}
