//! What was changed or deleted can be read as it was, and sent again.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        articles,
        context::read,
        faq, intents, past,
        sessions::Signed,
        tags,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        error::Code,
        id::{ArticleId, FaqId, IntentId},
        limits::PAST_BYTES,
        port::{Columns, Statement, rows_of},
        principal::AgentPrincipal,
        query::Query,
        time::HOUR,
    },
    sql::testing::ready,
};

fn past(world: &World, who: &AgentPrincipal, query: &str) -> Result<Vec<Value>, Code> {
    let query = Query::of(&format!("/?{query}"), &past::QUERY).map_err(|problem| problem.code)?;
    let text = code(ready(past::list(&world.cx(), who, &query)))?;
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    Ok(body["past"].as_array().unwrap().clone())
}

/// One thing of each kind, as it is sent.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Intent,
    Faq,
    Article,
}

const KINDS: [Kind; 3] = [Kind::Intent, Kind::Faq, Kind::Article];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Intent => "intent",
            Kind::Faq => "faq",
            Kind::Article => "article",
        }
    }

    fn body(self, words: &str) -> Value {
        match self {
            Kind::Intent => json!({
                "title": {"en": "Refund", "zh": "退款"}, "answer": {"en": words, "zh": ""}, "does": "answer", "buttons": ["refund"],
                "form": [{"key": "order", "kind": "order", "ask": {"en": "Which \"one\"?", "zh": ""}}],
                "action": {"url": "https://shop.example/hook?key=secret", "verified": true},
                "handoff_level": 3, "examples": ["i want a refund", "退款"], "library": false,
            }),
            Kind::Faq => json!({"locale": "zh", "question": "多久\"?", "answer": words}),
            Kind::Article => {
                json!({"title": {"en": "How", "zh": ""}, "body": {"en": words, "zh": ""}, "published": true})
            }
        }
    }

    /// Writes it: a new one without an id.
    fn save(self, world: &World, who: &AgentPrincipal, id: Option<&str>, body: &Value) -> String {
        let (cx, body) = (world.cx(), body.to_string());
        match self {
            Kind::Intent => {
                let id = IntentId::parse(id.unwrap_or("refund")).unwrap();
                ready(intents::put(&cx, who, &id, read(&body).unwrap())).unwrap();
                id.to_string()
            }
            Kind::Faq => {
                let done = match id.map(|id| FaqId::parse(id).unwrap()) {
                    Some(id) => ready(faq::put(&cx, who, &id, read(&body).unwrap())),
                    None => ready(faq::add(&cx, who, read(&body).unwrap())),
                };
                done.unwrap().id.to_string()
            }
            Kind::Article => {
                let id = id.map(|id| ArticleId::parse(id).unwrap());
                ready(articles::save(&cx, who, id.as_ref(), read(&body).unwrap())).unwrap().id.to_string()
            }
        }
    }

    fn delete(self, world: &World, who: &AgentPrincipal, id: &str) {
        let cx = world.cx();
        match self {
            Kind::Intent => ready(intents::delete(&cx, who, &IntentId::parse(id).unwrap())),
            Kind::Faq => ready(faq::delete(&cx, who, &FaqId::parse(id).unwrap())),
            Kind::Article => ready(articles::delete(&cx, who, &ArticleId::parse(id).unwrap())),
        }
        .unwrap();
    }

    fn versions(self, world: &World, who: &AgentPrincipal, id: &str) -> Vec<Value> {
        past(world, who, &format!("kind={}&id={id}", self.name())).unwrap()
    }

    fn gone(self, world: &World, who: &AgentPrincipal) -> Vec<Value> {
        past(world, who, &format!("kind={}", self.name())).unwrap()
    }
}

fn was(versions: &[Value]) -> Vec<&Value> {
    versions.iter().map(|version| &version["was"]).collect()
}

fn by(who: &Signed) -> Value {
    json!({"id": who.principal.agent, "name": who.me.name})
}

#[test]
fn each_change_leaves_what_was_before_it_whole() {
    for kind in KINDS {
        let world = World::seeded();
        let owner = world.enter(OWNER);
        let who = &owner.principal;
        let first = world.now.get().rfc3339();
        let id = kind.save(&world, who, None, &kind.body("one"));
        assert_eq!(kind.versions(&world, who, &id), Vec::<Value>::new(), "{kind:?}: what is new was nothing before");
        world.wait(1_000);
        let second = world.now.get().rfc3339();
        kind.save(&world, who, Some(&id), &kind.body("two"));
        kind.save(&world, who, Some(&id), &kind.body("two"));
        world.wait(1_000);
        kind.save(&world, who, Some(&id), &kind.body("two"));
        let one = json!({"id": id, "updated_at": first, "until": second, "by": by(&owner), "was": kind.body("one")});
        assert_eq!(
            kind.versions(&world, who, &id),
            std::slice::from_ref(&one),
            "{kind:?}: a save that changes nothing leaves nothing"
        );
        kind.save(&world, who, Some(&id), &kind.body("three"));
        let versions = kind.versions(&world, who, &id);
        assert_eq!(
            (was(&versions), &versions[1]),
            (vec![&kind.body("two"), &kind.body("one")], &one),
            "{kind:?}: newest first"
        );
        // What was can be sent as it is.
        kind.save(&world, who, Some(&id), &versions[1]["was"]);
        kind.save(&world, who, Some(&id), &kind.body("three"));
        assert_eq!(kind.versions(&world, who, &id)[0]["was"], kind.body("one"), "{kind:?}");
        let eve = stranger(&world);
        assert_eq!(kind.versions(&world, &eve, &id), Vec::<Value>::new(), "{kind:?}: of nobody else");
    }
}

#[test]
fn what_was_deleted_is_listed_until_it_is_there_again() {
    for kind in KINDS {
        let world = World::seeded();
        let owner = world.enter(OWNER);
        let who = &owner.principal;
        let id = kind.save(&world, who, None, &kind.body("one"));
        kind.save(&world, who, Some(&id), &kind.body("two"));
        assert_eq!(kind.gone(&world, who), Vec::<Value>::new(), "{kind:?}");
        world.wait(5_000);
        kind.delete(&world, who, &id);
        let gone = kind.gone(&world, who);
        assert_eq!((gone.len(), &gone[0]["id"], &gone[0]["by"]), (1, &json!(id), &by(&owner)), "{kind:?}");
        assert_eq!(gone[0]["until"], world.now.get().rfc3339(), "{kind:?}: the moment of the deletion");
        // Also its button to itself.
        assert_eq!(gone[0]["was"], kind.body("two"), "{kind:?}");
        assert_eq!(was(&kind.versions(&world, who, &id)), [&kind.body("two"), &kind.body("one")], "{kind:?}");
        assert_eq!(kind.gone(&world, &stranger(&world)), Vec::<Value>::new(), "{kind:?}: of nobody else");

        let again = kind.save(&world, who, None, &gone[0]["was"]);
        let left = if again == id { 0 } else { 1 };
        assert_eq!(kind.gone(&world, who).len(), left, "{kind:?}: a name that is there again");
        kind.save(&world, who, Some(&again), &kind.body("three"));
        kind.delete(&world, who, &again);
        let gone = kind.gone(&world, who);
        assert_eq!((gone.len(), &gone[0]["was"]), (left + 1, &kind.body("three")), "{kind:?}: the last of each");
    }
}

#[test]
fn of_examples_that_only_come_one_version_an_hour_is_kept() {
    let world = World::seeded();
    let (owner, lei) = (world.enter(OWNER), world.enter(LEI));
    let who = &owner.principal;
    let kind = Kind::Intent;
    let id = kind.save(&world, who, None, &kind.body("one"));
    let refund = IntentId::parse(&id).unwrap();
    let teach = |text: &str| {
        let body = json!({ "examples": [text] }).to_string();
        ready(intents::teach(&world.cx(), &lei.principal, &refund, read(&body).unwrap())).unwrap();
    };
    for number in 0..30 {
        world.wait(60_000);
        teach(&format!("give me money {number}"));
    }
    let versions = kind.versions(&world, who, &id);
    assert_eq!((was(&versions), &versions[0]["by"]), (vec![&kind.body("one")], &by(&lei)));
    world.wait(HOUR);
    teach("one more");
    let lengths = |versions: &[Value]| {
        versions.iter().map(|it| it["was"]["examples"].as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(lengths(&kind.versions(&world, who, &id)), [32, 2]);
    let body = json!({"intents": [{"id": id, "examples": ["and another"]}]}).to_string();
    ready(intents::import(&world.cx(), who, read(&body).unwrap())).unwrap();
    assert_eq!(lengths(&kind.versions(&world, who, &id)), [32, 2]);
    // What goes is kept whenever it goes, and so is an answer, and who counts in.
    kind.save(&world, who, Some(&id), &kind.body("one"));
    assert_eq!(lengths(&kind.versions(&world, who, &id)), [34, 32, 2]);
    let mut body = kind.body("one");
    body["library"] = json!(true);
    kind.save(&world, who, Some(&id), &body);
    body["examples"] = json!(["i want a refund", "退款", "three"]);
    body["answer"]["en"] = json!("two");
    kind.save(&world, who, Some(&id), &body);
    assert_eq!(lengths(&kind.versions(&world, who, &id)), [2, 2, 34, 32, 2]);
}

#[test]
fn an_import_keeps_what_it_writes_over() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let id = Kind::Faq.save(&world, who, None, &Kind::Faq.body("one"));
    let body = json!({"faq": [Kind::Faq.body("two"), {"locale": "en", "question": "New?", "answer": "Yes."}]});
    for _ in 0..2 {
        ready(faq::import(&world.cx(), who, read(&body.to_string()).unwrap())).unwrap();
    }
    assert_eq!(was(&Kind::Faq.versions(&world, who, &id)), [&Kind::Faq.body("one")]);
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM knowledge_past"), 1);
}

#[test]
fn what_goes_with_a_tag_or_a_button_is_no_version_and_nor_is_a_switch() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let draft = read(&json!({"name": "Refunds"}).to_string()).unwrap();
    let tag = ready(tags::save(&world.cx(), who, None, draft)).unwrap().id;
    Kind::Intent.save(&world, who, Some("other"), &json!({}));
    let body = json!({"answer": {"en": "one"}, "buttons": ["other"], "tags": [tag]});
    Kind::Intent.save(&world, who, None, &body);
    ready(tags::delete(&world.cx(), who, &tag)).unwrap();
    Kind::Intent.delete(&world, who, "other");
    assert_eq!(Kind::Intent.versions(&world, who, "refund"), Vec::<Value>::new());

    let mut body = Kind::Article.body("one");
    let id = Kind::Article.save(&world, who, None, &body);
    body["published"] = json!(false);
    Kind::Article.save(&world, who, Some(&id), &body);
    assert_eq!(Kind::Article.versions(&world, who, &id), Vec::<Value>::new());
    Kind::Article.save(&world, who, Some(&id), &Kind::Article.body("two"));
    assert_eq!(was(&Kind::Article.versions(&world, who, &id)), [&body], "but whether it was published is told");
}

#[test]
fn what_is_kept_is_bounded() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let (who, eve) = (&owner.principal, stranger(&world));
    let kind = Kind::Article;
    let others = kind.save(&world, &eve, None, &kind.body("one"));
    kind.save(&world, &eve, Some(&others), &kind.body("two"));
    let first = kind.save(&world, who, None, &kind.body("first"));
    kind.delete(&world, who, &first);
    let id = kind.save(&world, who, None, &kind.body("0"));
    for number in 1..=25 {
        kind.save(&world, who, Some(&id), &kind.body(&number.to_string()));
    }
    let versions = kind.versions(&world, who, &id);
    let texts: Vec<&str> = versions.iter().map(|it| it["was"]["body"]["en"].as_str().unwrap()).collect();
    let expected: Vec<String> = (5..25).rev().map(|number| number.to_string()).collect();
    assert_eq!(texts, expected, "the last twenty of one");
    assert_eq!(kind.gone(&world, who).len(), 1);

    // 60 KB each, so that one and a half hundred changes push out what was before them.
    let long = |number: usize| format!("{number} {}", "长".repeat(19_990));
    let body = |number| {
        let mut body = kind.body(&long(number));
        body["body"]["zh"] = json!(long(number));
        body["title"]["zh"] = json!("怎么");
        body
    };
    let ids: Vec<String> = (0..10).map(|number| kind.save(&world, who, None, &body(number))).collect();
    for round in 0..8 {
        ids.iter()
            .enumerate()
            .for_each(|(at, id)| drop(kind.save(&world, who, Some(id), &body(100 + 10 * round + at))));
    }
    let kept = "SELECT COALESCE(SUM(octet_length(was)), 0) AS n FROM knowledge_past";
    // The first of them reaches further back.
    assert!((7_800_000..8_000_000 + 130_000).contains(&world.count(kept)), "{}", world.count(kept));
    assert_eq!(kind.gone(&world, who), Vec::<Value>::new(), "pushed out");
    assert_eq!(kind.versions(&world, who, &id), Vec::<Value>::new());
    assert_eq!(kind.versions(&world, &eve, &others).len(), 1, "by nobody else's");
    for round in 8..20 {
        kind.save(&world, who, Some(&ids[0]), &body(100 + round));
    }
    let versions = kind.versions(&world, who, &ids[0]);
    let bytes: usize = versions.iter().map(|it| it["was"].to_string().len()).sum();
    let most = usize::try_from(PAST_BYTES).unwrap();
    assert!((most..most + 130_000).contains(&bytes), "{bytes}: an answer ends where it is large");
    assert_eq!(versions[0]["was"], body(118));
}

#[test]
fn a_question_that_is_none_is_refused() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let faq = "faq_aaaaaaaaaaaaaaaa";
    for query in [
        "".to_owned(),
        "kind=".into(),
        "kind=Intent".into(),
        "kind=tag".into(),
        "kind=intent%27".into(),
        format!("id={faq}"),
        "kind=intent&id=Refund".into(),
        format!("kind=article&id={faq}"),
        "kind=faq&id=refund".into(),
        "kind=faq&kind=faq".into(),
        "kind=faq&limit=5".into(),
    ] {
        assert_eq!(past(&world, &owner, &query), Err(Code::BadRequest), "{query}");
    }
    for query in [format!("kind=faq&id={faq}"), "kind=intent&id=nobody".into(), "kind=article&id=".into()] {
        assert_eq!(past(&world, &owner, &query), Ok(Vec::new()), "{query}");
    }
}

/// What a trigger does is not counted: the audit log and the revision go by `changes()`.
#[test]
fn triggers_do_not_change_what_changes_counts() {
    let world = World::seeded();
    let run = |sql: &'static str| {
        let rows = world.database.run(vec![Statement::new(sql, []), Statement::new("SELECT changes() AS n", [])]);
        Columns::of(&rows_of(&rows.unwrap(), 1)[0]).int()
    };
    assert_eq!(run("UPDATE faq SET answer = 'b', updated_at = updated_at + 1"), 1);
    assert_eq!(run("UPDATE faq SET answer = 'c', updated_at = updated_at + 1 WHERE id = 'x'"), 0);
    assert_eq!(run("DELETE FROM faq"), 1);
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM knowledge_past"), 2);
}
