//! The FAQ on real SQLite.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        context::read,
        faq,
        testing::{OWNER, World, code},
    },
    core::{error::Code, id::FaqId, principal::AgentPrincipal, query::Query},
    sql::{faq as sql, testing::ready},
};

fn draft(locale: &str, question: &str, answer: &str) -> faq::Draft {
    read(&json!({"locale": locale, "question": question, "answer": answer}).to_string()).unwrap()
}

fn import(world: &World, who: &AgentPrincipal, entries: &[(&str, &str, &str)]) -> Result<(usize, usize), Code> {
    let entry = |(locale, question, answer): &(&str, &str, &str)| json!({"locale": locale, "question": question, "answer": answer});
    let body = json!({ "faq": entries.iter().map(entry).collect::<Vec<_>>() }).to_string();
    code(ready(faq::import(&world.cx(), who, read(&body).unwrap()))).map(|it| (it.added, it.changed))
}

fn page(world: &World, who: &AgentPrincipal, after: &str) -> Result<Value, Code> {
    let query = Query::of(&format!("/?after={after}"), &faq::QUERY).unwrap();
    code(ready(faq::list(&world.cx(), who, &query))).map(|page| serde_json::to_value(page).unwrap())
}

fn all(world: &World, who: &AgentPrincipal) -> Vec<Value> {
    let (mut entries, mut after) = (Vec::new(), String::new());
    loop {
        let page = page(world, who, &after).unwrap();
        entries.extend(page["faq"].as_array().unwrap().clone());
        let Some(next) = page["after"].as_str() else { return entries };
        after = next.to_owned();
    }
}

fn id_of(entry: &Value) -> FaqId {
    FaqId::parse(entry["id"].as_str().unwrap()).unwrap()
}

#[test]
fn an_entry_is_written_changed_and_removed() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    assert_eq!(all(&world, who)[0]["locale"], json!("en"), "the demo's own");
    world.wait(1);
    let made = ready(faq::add(&world.cx(), who, draft("zh", " 多久能到？\n", "**两天**。\r\n\r\n- 快\u{0}"))).unwrap();
    let made = serde_json::to_value(&made).unwrap();
    assert_eq!(
        made,
        json!({"id": made["id"], "locale": "zh", "question": "多久能到？", "answer": "**两天**。\n\n- 快",
            "said": "两天。\n\n- 快", "updated_at": world.now.get().rfc3339()})
    );
    assert_eq!(all(&world, who)[0], made, "newest first");
    world.wait(1_000);
    let changed = ready(faq::put(&world.cx(), who, &id_of(&made), draft("en", "How long?", "Two days."))).unwrap();
    assert_eq!(all(&world, who)[0], serde_json::to_value(&changed).unwrap());
    ready(faq::delete(&world.cx(), who, &id_of(&made))).unwrap();
    assert_eq!(all(&world, who).len(), 1);
    for gone in [
        code(ready(faq::delete(&world.cx(), who, &id_of(&made)))),
        code(ready(faq::put(&world.cx(), who, &id_of(&made), draft("en", "a", "b")))).map(drop),
    ] {
        assert_eq!(gone, Err(Code::NotFound));
    }
    let told: Vec<String> = world.audit(&owner).into_iter().filter(|action| action.starts_with("faq")).collect();
    assert_eq!(told, ["faq_created", "faq_changed", "faq_deleted"]);
}

/// Visitors and a language model read an answer as plain text, and whoever writes it is shown what they read.
#[test]
fn an_answer_in_markdown_is_said_as_plain_text() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let long = format!("**{}**", "x".repeat(9_000));
    for (answer, expected) in [
        (
            "**Yes**, see [how](https://x.example/how):\n\n- one\n- *two*",
            "Yes, see how (https://x.example/how):\n\n- one\n- two",
        ),
        ("5 * 3 = 15, order_id #1", "5 * 3 = 15, order_id #1"),
        (&long, &format!("**{}", "x".repeat(7_998))),
        (&"x".repeat(9_000), &"x".repeat(8_000)),
    ] {
        world.wait(1);
        let made = ready(faq::add(&world.cx(), &owner, draft("en", "How?", answer))).unwrap();
        assert_eq!(made.said.as_deref().unwrap_or(&made.answer), expected);
        assert_eq!(made.said.is_none(), answer == expected, "said once");
        assert_eq!(all(&world, &owner)[0], serde_json::to_value(&made).unwrap());
        let rows = ready(world.cx().run(vec![sql::spoken(&owner.workspace)])).unwrap();
        assert_eq!(sql::read_spoken(rows[0].last().unwrap()).unwrap().1.answer, expected);
        assert_eq!(made.answer, answer, "kept as it was written");
    }
}

#[test]
fn a_file_may_be_imported_again() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let file = [
        ("en", "When?", "Tomorrow."),
        ("zh", "When?", "明天。"),
        ("en", "Where?", "Here."),
        ("en", " Where? ", "There."),
    ];
    assert_eq!(import(&world, &owner, &file), Ok((2, 1)), "the demo has asked the first");
    assert_eq!(import(&world, &owner, &file), Ok((0, 3)));
    let answers: Vec<Value> = all(&world, &owner).into_iter().map(|entry| entry["answer"].clone()).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers.contains(&json!("There.")) && answers.contains(&json!("Tomorrow.")), "{answers:?}");
    assert_eq!(import(&world, &owner, &[]), Ok((0, 0)));
}

#[test]
fn pages_follow_one_another_without_a_gap() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    for batch in 0..3 {
        let questions: Vec<String> = (0..90).map(|number| format!("question {batch} {number}")).collect();
        let entries: Vec<(&str, &str, &str)> = questions.iter().map(|text| ("en", text.as_str(), "yes")).collect();
        world.wait(i64::from(batch));
        assert_eq!(import(&world, &owner, &entries), Ok((90, 0)));
    }
    let entries = all(&world, &owner);
    let mut ids: Vec<String> = entries.iter().map(|entry| id_of(entry).to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((entries.len(), ids.len()), (271, 271));
    assert_eq!(page(&world, &owner, "").unwrap()["faq"].as_array().unwrap().len(), 100);
    for wrong in ["x", "1", "1.faq_x", "-1.faq_aaaaaaaaaaaaaaaa", "9007199254740992.faq_aaaaaaaaaaaaaaaa"] {
        assert_eq!(page(&world, &owner, wrong), Err(Code::BadRequest), "{wrong}");
    }
}

#[test]
fn limits_hold() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let add = |question: &str, answer: &str| {
        code(ready(faq::add(&world.cx(), &owner, draft("en", question, answer)))).map(drop)
    };
    let bad = [
        ("", "a"),
        ("\u{0} \n", "a"),
        ("a", " \u{7}\n"),
        (&*"🙂".repeat(401), "a"),
        ("a", &*"🙂".repeat(20_001)),
        ("a", &*"🙂".repeat(262_144)),
    ];
    for (question, answer) in bad {
        assert_eq!(add(question, answer), Err(Code::BadRequest));
    }
    for body in [
        r#"{"locale":"de","question":"a","answer":"b"}"#,
        r#"{"question":"a","answer":"b"}"#,
        r#"{"locale":"en","question":"\udc00","answer":"b"}"#,
    ] {
        assert_eq!(code(read::<faq::Draft>(body)).err(), Some(Code::BadRequest), "{body}");
    }
    let many: Vec<String> = (0..501).map(|number| format!("q{number}")).collect();
    let entries: Vec<(&str, &str, &str)> = many.iter().map(|text| ("en", text.as_str(), "a")).collect();
    assert_eq!(import(&world, &owner, &entries), Err(Code::TooLarge));
    assert_eq!(all(&world, &owner).len(), 1, "all of it or nothing");
    // 80 KB each: fifty are four megabytes.
    let long = "🙂".repeat(20_000);
    for number in 0..49 {
        assert_eq!(add(&format!("long {number}"), &long), Ok(()));
    }
    assert_eq!(add("long 50", &long), Err(Code::TooLarge));
    let first = all(&world, &owner).into_iter().find(|entry| entry["question"] == "long 0").unwrap();
    let again = ready(faq::put(&world.cx(), &owner, &id_of(&first), draft("en", "long 0", &long)));
    assert!(again.is_ok(), "it takes its own place");
    for batch in 0..4 {
        let texts: Vec<String> = (0..487).map(|number| format!("{batch} {number}")).collect();
        let entries: Vec<(&str, &str, &str)> = texts.iter().map(|text| ("en", text.as_str(), "a")).collect();
        assert_eq!(import(&world, &owner, &entries), Ok((487, 0)));
    }
    assert_eq!(all(&world, &owner).len(), 1_998);
    assert_eq!(import(&world, &owner, &[("en", "x", "a"), ("en", "y", "a"), ("en", "z", "a")]), Err(Code::TooLarge));
    assert_eq!(import(&world, &owner, &[("en", "x", "a"), ("en", "y", "a")]), Ok((2, 0)));
    assert_eq!(add("one more", "a"), Err(Code::TooLarge));
}

/// INV-8: an entry of another workspace is nobody's.
#[test]
fn inv_8_strangers_find_nothing() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let eve = stranger(&world);
    let before = all(&world, &owner);
    let id = id_of(&before[0]);
    assert_eq!(all(&world, &eve), Vec::<Value>::new());
    assert_eq!(code(ready(faq::delete(&world.cx(), &eve, &id))), Err(Code::NotFound));
    let put = code(ready(faq::put(&world.cx(), &eve, &id, draft("en", "When?", "Never.")))).map(drop);
    assert_eq!(put, Err(Code::NotFound));
    assert_eq!(import(&world, &eve, &[("en", "When?", "Never.")]), Ok((1, 0)));
    assert_eq!(all(&world, &owner), before);
    assert_eq!(all(&world, &eve).len(), 1);
}
