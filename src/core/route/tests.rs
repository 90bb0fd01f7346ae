use std::collections::BTreeSet;

use super::*;
use crate::core::{auth::LinkToken, id::Entropy, limits::TEXT_CHARS};

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
        Slot::Tag => TagId::draw(&mut entropy).to_string(),
        Slot::Intent => "order_status".to_owned(),
        Slot::Faq => FaqId::draw(&mut entropy).to_string(),
        Slot::Article => ArticleId::draw(&mut entropy).to_string(),
        Slot::Workspace => WorkspaceId::draw(&mut entropy).to_string(),
        Slot::Version => "7".to_owned(),
        Slot::Picture => "0f".repeat(16),
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

/// Each letter of a message may be written as two escapes.
#[test]
fn what_a_visitor_may_have_written_may_be_asked_about() {
    for endpoint in [Bot::Suggest, Bot::Try] {
        let (sent, bytes) = Endpoint::Bot(endpoint).takes();
        assert_eq!(sent, Sent::Json);
        assert!(bytes > TEXT_CHARS * r"\ud83e\uded6".len(), "{endpoint:?}: {bytes}");
    }
}

#[test]
fn every_endpoint_has_one_line_and_the_documentation_names_it() {
    let endpoints: BTreeSet<Endpoint> = TABLE.iter().map(|line| line.endpoint).collect();
    assert_eq!(endpoints.len(), TABLE.len());
    let documentation = include_str!("../../../docs/api.md");
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
        "/pictures".into(),
        "/pictures/".into(),
        format!("/pictures/{}", "0F".repeat(16)),
        format!("/pictures/{}.png", "0f".repeat(16)),
        format!("/pictures/{}", "0f".repeat(15)),
        format!("/pictures/{}", "0f".repeat(32)),
        "/api/v1/pictures/".into(),
        format!("/api/v1/pictures/{}-4x4", "0f".repeat(16)),
        "/api/v1/intents/Order".into(),
        "/api/v1/intents/order-status".into(),
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
        "/help".into(),
        "/help/en/".into(),
        "/help/de".into(),
        format!("/help/en/{visitor}"),
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
