//! What a language model may cost, as its owner sets it and sees it, on real SQLite.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        bot,
        context::read,
        testing::{OWNER, World},
    },
    core::{
        auth::Reference,
        bot::ceilings::Ceilings,
        error::Code,
        id::{SiteId, WorkspaceId},
        principal::{AgentPrincipal, Role},
        time::DAY,
    },
    sql::{bot as sql, consults, testing::ready},
};

fn set(world: &World, who: &AgentPrincipal, ceilings: &Value) -> Result<Value, (Code, String)> {
    let wrong = |problem: crate::core::problem::Problem| (problem.code, problem.field);
    let change = read(&json!({ "ceilings": ceilings }).to_string()).map_err(wrong)?;
    let view = ready(bot::change(&world.cx(), &Reference, who, &change)).map_err(wrong)?;
    Ok(serde_json::to_value(view).unwrap()["ceilings"].clone())
}

fn show(world: &World, who: &AgentPrincipal) -> Value {
    serde_json::to_value(ready(bot::show(&world.cx(), who)).unwrap()).unwrap()
}

fn kept(world: &World, workspace: &WorkspaceId) -> Ceilings {
    sql::read_responder_row(ready(world.cx().one(sql::responder(workspace))).unwrap().as_ref()).1
}

#[test]
fn they_are_set_one_by_one_and_the_desk_is_to_hear_of_it() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let usual = json!({"calls_per_day": 2_000, "tokens_per_day": 1_000_000, "tokens_per_answer": 600, "calls_per_conversation": 100});
    assert_eq!(show(&world, who)["ceilings"], usual);
    assert_eq!(set(&world, who, &json!({})), Ok(usual.clone()));
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM bots"), 0, "nothing was said");
    let mut expected = usual.clone();
    let mut before = 0;
    for (name, value) in
        [("calls_per_day", 7), ("tokens_per_day", 60_000), ("tokens_per_answer", 2_000), ("calls_per_conversation", 1)]
    {
        expected[name] = json!(value);
        assert_eq!(set(&world, who, &json!({ name: value })), Ok(expected.clone()), "the others stay");
        let version = ready(bot::told(&world.cx(), who)).unwrap().unwrap().terms.version;
        assert!(version > before, "isolates remember by it");
        before = version;
    }
    let all =
        Ceilings { calls_per_day: 7, tokens_per_day: 60_000, tokens_per_answer: 2_000, calls_per_conversation: 1 };
    assert_eq!(kept(&world, &who.workspace), all);
    for (bad, field) in [
        (json!({"calls_per_day": 0}), "calls_per_day"),
        (json!({"calls_per_day": 100_001}), "calls_per_day"),
        (json!({"tokens_per_day": 59_999}), "tokens_per_day"),
        (json!({"tokens_per_answer": 49}), "tokens_per_answer"),
        (json!({"tokens_per_answer": 2_001}), "tokens_per_answer"),
        (json!({"calls_per_conversation": 481}), "calls_per_conversation"),
        (json!({"calls_per_day": 9, "tokens_per_day": 1}), "tokens_per_day"),
        (json!({"calls_per_day": -1}), ""),
        (json!({"calls_per_day": 1.5}), ""),
        (json!({"calls_per_day": "9"}), ""),
        (json!({"calls": 9}), "calls"),
        (json!([]), ""),
        (json!(null), ""),
    ] {
        assert_eq!(set(&world, who, &bad), Err((Code::BadRequest, field.into())), "{bad}");
    }
    assert_eq!(show(&world, who)["ceilings"], expected, "nothing has changed");
    // Whoever answers and what they may cost are nothing to one another.
    let webhook = json!({"responder": {"kind": "webhook", "url": "https://shop.example/bot"}}).to_string();
    ready(bot::change(&world.cx(), &Reference, who, &read(&webhook).unwrap())).unwrap();
    assert_eq!((kept(&world, &who.workspace), show(&world, who)["ceilings"].clone()), (all, expected));
    let other = stranger(&world);
    assert_eq!((kept(&world, &other.workspace), &show(&world, &other)["ceilings"]), (Ceilings::default(), &usual));
    let log = "SELECT COUNT(*) AS n FROM audit_log WHERE action = 'bot_changed' AND detail = 'tokens_per_day: 60000'";
    assert_eq!(world.count(log), 1, "who let it cost more is known");
}

#[test]
fn inv_8_what_was_spent_today_is_seen_by_its_own_workspace() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let other = stranger(&world);
    let nothing = json!({"calls": 0, "tokens": 0, "reached": false});
    assert_eq!(show(&world, who)["spent"], nothing);
    let site = SiteId::of_none(&who.workspace);
    let ask = |now| {
        let counted = consults::count(&who.workspace, &site, &Ceilings::default(), 4_000, now);
        ready(world.cx().one(counted)).unwrap().as_ref().map(consults::read_counted).unwrap()
    };
    let now = world.cx().now;
    let day = ask(now);
    assert_eq!(show(&world, who)["spent"], json!({"calls": 1, "tokens": 4_000, "reached": false}), "it is under way");
    ready(world.cx().run(vec![consults::settle(&who.workspace, day, 4_000, 123)])).unwrap();
    ask(now);
    assert_eq!(show(&world, who)["spent"], json!({"calls": 2, "tokens": 4_123, "reached": false}));
    let agent = AgentPrincipal { role: Role::Agent, ..who.clone() };
    assert_eq!(show(&world, &agent)["spent"], json!({"calls": 2, "tokens": 4_123, "reached": false}));
    assert_eq!(show(&world, &other)["spent"], nothing);
    for (ceilings, reached) in [
        (json!({"calls_per_day": 2}), true),
        (json!({"calls_per_day": 3}), false),
        (json!({"tokens_per_day": 60_000, "tokens_per_answer": 2_000}), false),
    ] {
        set(&world, who, &ceilings).unwrap();
        assert_eq!(show(&world, who)["spent"]["reached"], json!(reached), "{ceilings}");
    }
    // 60,000 and no room for another answer.
    ready(world.cx().run(vec![consults::settle(&who.workspace, day, 0, 60_000 - 4_123 - 8_000)])).unwrap();
    assert_eq!(show(&world, who)["spent"], json!({"calls": 2, "tokens": 52_000, "reached": false}));
    ready(world.cx().run(vec![consults::settle(&who.workspace, day, 0, 1)])).unwrap();
    assert_eq!(show(&world, who)["spent"], json!({"calls": 2, "tokens": 52_001, "reached": true}));
    ask(now.plus(DAY));
    assert_eq!(show(&world, who)["spent"], nothing, "that is tomorrow's");
}
