//! What agents teach the bot: examples of an intent, through a door that can do nothing else, and entries of the FAQ.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        audit,
        context::{Context, read},
        intents,
        testing::{LEI, OWNER, World, code},
    },
    core::{error::Code, id::IntentId, port::Database, principal::AgentPrincipal, query::Query},
    sql::testing::{GivingWay, interleave, ready},
};

fn refund() -> IntentId {
    IntentId::parse("refund").unwrap()
}

async fn teach_over<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    examples: &[String],
) -> Result<usize, Code> {
    let body = json!({ "examples": examples }).to_string();
    code(intents::teach(cx, who, &refund(), read(&body).unwrap()).await).map(|it| it.examples)
}

fn teach(world: &World, who: &AgentPrincipal, examples: &[&str]) -> Result<usize, Code> {
    let examples: Vec<String> = examples.iter().map(|text| (*text).to_owned()).collect();
    ready(teach_over(&world.cx(), who, &examples))
}

async fn put_over<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, body: &Value) -> Result<(), Code> {
    code(intents::put(cx, who, &refund(), read(&body.to_string()).unwrap()).await).map(drop)
}

/// All but when it was written.
fn listed(world: &World, who: &AgentPrincipal) -> (Vec<Value>, Value) {
    let mut body: Value = serde_json::from_str(&ready(intents::list(&world.cx(), who)).unwrap()).unwrap();
    let all = body["intents"].as_array_mut().unwrap();
    all.iter_mut().for_each(|intent| drop(intent.as_object_mut().unwrap().remove("updated_at")));
    (all.clone(), body["revision"].clone())
}

/// `action target detail` of those that agents may cause, newest first, and who did them.
fn told(world: &World, owner: &AgentPrincipal) -> Vec<(String, String)> {
    let page = ready(audit::list(&world.cx(), owner, &Query::of("/", &audit::QUERY).unwrap())).unwrap();
    let page = serde_json::to_value(page).unwrap();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let line = |entry: &Value| ["action", "target", "detail"].map(|name| text(entry, name)).join(" ");
    let entries = page["entries"].as_array().unwrap().iter();
    entries.map(|entry| (text(entry, "actor"), line(entry))).filter(|(_, line)| line.starts_with("examples")).collect()
}

fn whole() -> Value {
    json!({
        "title": {"en": "Refund", "zh": "退款"}, "answer": {"en": "Soon.", "zh": ""}, "does": "answer", "buttons": ["refund"],
        "action": {"url": "https://shop.example/hook?key=secret", "verified": true}, "examples": ["i want a refund"], "library": false,
    })
}

#[test]
fn an_agent_adds_examples_and_changes_nothing_else() {
    let world = World::seeded();
    let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal);
    assert_eq!(teach(&world, &lei, &["money back"]), Err(Code::NotFound), "none is made");
    ready(put_over(&world.cx(), &owner, &whole())).unwrap();
    assert_eq!(teach(&world, &lei, &["money back", "Money back!", "我要退款", "🙂", "I want a refund"]), Ok(2));
    let mut expected = whole();
    expected["id"] = json!("refund");
    expected["examples"] = json!(["i want a refund", "money back", "我要退款"]);
    let before = listed(&world, &owner);
    assert_eq!(before.0, [expected]);
    assert_eq!(teach(&world, &lei, &["MONEY BACK"]), Ok(0));
    assert_eq!(teach(&world, &lei, &[]), Ok(0));
    assert_eq!(listed(&world, &owner), before, "what is there already is no change, and nobody has to train");
    let by_lei = (lei.agent.to_string(), "examples_added refund examples +2".to_owned());
    assert_eq!(told(&world, &owner), [by_lei]);
}

#[test]
fn examples_have_the_limits_that_they_have_elsewhere() {
    let world = World::seeded();
    let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal);
    ready(put_over(&world.cx(), &owner, &whole())).unwrap();
    let before = listed(&world, &owner);
    let many = |count: usize| (0..count).map(|number| format!("example {number}")).collect::<Vec<_>>();
    let add = |examples: &[String]| ready(teach_over(&world.cx(), &lei, examples));
    assert_eq!(add(&["🙂".repeat(401)]), Err(Code::BadRequest));
    assert_eq!(add(&many(500)), Err(Code::BadRequest), "with the one that it has they are 501");
    assert_eq!(listed(&world, &owner), before, "all of it or nothing");
    assert_eq!(add(&many(499)), Ok(499));
    let after = listed(&world, &owner);
    for body in [
        r#"{}"#,
        r#"{"examples":"a"}"#,
        r#"{"examples":["\ud83d"]}"#,
        r#"{"examples":["a"],"answer":{"en":"x"}}"#,
        r#"{"examples":["a"],"id":"refund"}"#,
        r#"{"examples":["a"],"library":true}"#,
        r#"{"examples":["a"],"action":{"url":""}}"#,
        r#"{"examples":["a"],"updated_at":""}"#,
        r#"{"library":true}"#,
    ] {
        let done = code(read(body)).and_then(|given| code(ready(intents::teach(&world.cx(), &lei, &refund(), given))));
        assert_eq!(done, Err(Code::BadRequest), "{body}");
    }
    assert_eq!(listed(&world, &owner), after);
}

/// INV-8: an intent of another workspace is nobody's.
#[test]
fn inv_8_strangers_teach_nothing() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    ready(put_over(&world.cx(), &owner, &whole())).unwrap();
    let before = listed(&world, &owner);
    assert_eq!(teach(&world, &stranger(&world), &["money back"]), Err(Code::NotFound));
    assert_eq!(listed(&world, &owner), before);
}

/// However their statements follow one another, a manager's edit and an agent's example are both there, or one of them was told.
#[test]
fn an_edit_and_an_example_at_once_lose_nothing() {
    for schedule in 0_u32..16 {
        let world = World::seeded();
        let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal);
        ready(put_over(&world.cx(), &owner, &whole())).unwrap();
        let begun: Value = serde_json::from_str(&ready(intents::list(&world.cx(), &owner)).unwrap()).unwrap();
        let mut edit = whole();
        edit["answer"]["en"] = json!("Never.");
        edit["updated_at"] = begun["intents"][0]["updated_at"].clone();
        let turns = GivingWay(&world.database);
        let (a, b) = (world.cx_over(&turns), world.cx_over(&turns));
        let example = ["money back".to_owned()];
        let (edited, taught) = interleave(put_over(&a, &owner, &edit), teach_over(&b, &lei, &example), |step| {
            schedule >> (step % 4) & 1 == 1
        });
        let now = &listed(&world, &owner).0[0];
        let has_edit = now["answer"]["en"] == json!("Never.");
        let has_example = now["examples"] == json!(["i want a refund", "money back"]);
        let expected = match (edited, taught) {
            // Done one after the other, the example upon the edit.
            (Ok(()), Ok(1)) => (true, true),
            (Ok(()), Err(Code::Conflict)) => (true, false),
            (Err(Code::Conflict), Ok(1)) => (false, true),
            other => panic!("{schedule}: {other:?}"),
        };
        assert_eq!((has_edit, has_example), expected, "{schedule}");
    }
}
