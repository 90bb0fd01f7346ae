//! The audit log says which members a change has changed, and nothing of what they say.

use serde_json::{Value, json};

use crate::{
    api::{
        articles, audit,
        context::read,
        faq, intents,
        testing::{OWNER, World},
    },
    core::{id::IntentId, principal::AgentPrincipal, query::Query},
    sql::testing::ready,
};

/// What was told last, and that it names nothing that was written.
fn told(world: &World, who: &AgentPrincipal) -> String {
    let page = ready(audit::list(&world.cx(), who, &Query::of("/?limit=1", &audit::QUERY).unwrap())).unwrap();
    let entry = serde_json::to_value(page).unwrap()["entries"][0].clone();
    let detail = entry["detail"].as_str().unwrap().to_owned();
    assert!(!detail.contains("secret"), "{detail}");
    format!("{}: {detail}", entry["action"].as_str().unwrap())
}

#[test]
fn of_an_intent() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let id = IntentId::parse("refund").unwrap();
    let whole = json!({
        "title": {"en": "secret", "zh": "退款"}, "answer": {"en": "secret", "zh": ""}, "does": "answer", "buttons": ["refund"],
        "form": [{"key": "order", "kind": "order", "ask": {"en": "Which?", "zh": ""}}], "tags": [],
        "action": {"url": "https://shop.example/hook?key=secret", "verified": true},
        "examples": ["one secret", "two", "three"], "library": false,
    });
    let table = [
        (vec![("answer", json!({"en": "secret 2", "zh": ""}))], "answer.en"),
        (vec![("answer", json!({"en": "", "zh": "秘密"}))], "answer.en, answer.zh"),
        (vec![("title", json!({"en": "secret", "zh": "退"}))], "title.zh"),
        (vec![("examples", json!(["one secret", "two", "three", "four", "five"]))], "examples +2"),
        (vec![("examples", json!(["three"]))], "examples -2"),
        (vec![("examples", json!(["a", "b", "c", "two"]))], "examples +3 -2"),
        (vec![("examples", json!(["two", "one secret", "three"]))], "examples"),
        (vec![("action", json!({"url": "https://shop.example/hook?key=secret2", "verified": true}))], "action"),
        (vec![("action", json!({"url": ""})), ("does", json!("handoff"))], "does, action"),
        (vec![("buttons", json!([])), ("form", json!([])), ("library", json!(true))], "buttons, form, library"),
        (
            vec![("handoff_level", json!(3)), ("title", json!({"en": "x", "zh": "y"}))],
            "title.en, title.zh, handoff_level",
        ),
    ];
    let put = |body: &Value| ready(intents::put(&world.cx(), &who, &id, read(&body.to_string()).unwrap())).unwrap();
    put(&whole);
    assert_eq!(told(&world, &who), "intent_created: ");
    for (changes, expected) in table {
        put(&whole);
        let mut body = whole.clone();
        changes.into_iter().for_each(|(name, value)| body[name] = value);
        put(&body);
        assert_eq!(told(&world, &who), format!("intent_changed: {expected}"));
    }
}

#[test]
fn of_an_entry_of_the_faq() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let draft = |locale: &str, question: &str, answer: &str| {
        read(&json!({"locale": locale, "question": question, "answer": answer}).to_string()).unwrap()
    };
    let made = ready(faq::add(&world.cx(), &who, draft("en", "How?", "secret"))).unwrap();
    assert_eq!(told(&world, &who), "faq_created: ");
    for (locale, question, answer, expected) in [
        ("en", "How?", "secret 2", "answer"),
        ("zh", "How?", "secret 2", "locale"),
        ("en", "How now?", "secret", "question, answer, locale"),
        ("en", "How now?", "secret", ""),
    ] {
        ready(faq::put(&world.cx(), &who, &made.id, draft(locale, question, answer))).unwrap();
        assert_eq!(told(&world, &who), format!("faq_changed: {expected}"));
    }
}

#[test]
fn of_an_article() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let draft = |title: [&str; 2], body: [&str; 2], published: bool| {
        let words = |[en, zh]: [&str; 2]| json!({"en": en, "zh": zh});
        read(&json!({"title": words(title), "body": words(body), "published": published}).to_string()).unwrap()
    };
    let made = ready(articles::save(&world.cx(), &who, None, draft(["a", ""], ["secret", ""], false))).unwrap();
    assert_eq!(told(&world, &who), "article_created: draft");
    for (title, body, published, expected) in [
        (["a", ""], ["secret", ""], true, "published"),
        (["a", "甲"], ["secret", "秘密"], true, "published, title.zh, body.zh"),
        (["b", "甲"], ["secret 2", "秘密"], false, "draft, title.en, body.en"),
    ] {
        ready(articles::save(&world.cx(), &who, Some(&made.id), draft(title, body, published))).unwrap();
        assert_eq!(told(&world, &who), format!("article_changed: {expected}"));
    }
}
