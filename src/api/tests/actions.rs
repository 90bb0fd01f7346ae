//! What intents call, and the secret by which that is signed, on real SQLite.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        bot,
        context::{Context, read},
        intents,
        testing::{OWNER, World},
    },
    core::{
        error::Code,
        id::IntentId,
        port::{Columns, Statement},
        principal::{AgentPrincipal, Role},
    },
    sql::testing::{TestDatabase, ready},
};

fn put_by(cx: &Context<'_, TestDatabase>, who: &AgentPrincipal, body: &Value) -> Result<Value, (Code, String)> {
    let id = IntentId::parse("order_status").unwrap();
    let put = ready(intents::put(cx, who, &id, read(&body.to_string()).map_err(|it| (it.code, it.field))?));
    put.map(|(_, text)| serde_json::from_str(&text).unwrap()).map_err(|problem| (problem.code, problem.field))
}

fn put(world: &World, who: &AgentPrincipal, body: &Value) -> Result<Value, (Code, String)> {
    put_by(&world.cx(), who, body)
}

fn action(url: &str) -> Value {
    json!({ "action": { "url": url } })
}

#[test]
fn what_is_called_is_checked_when_it_is_saved() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let stored = put(&world, who, &json!({"action": {"url": " https://shop.example/a ", "verified": true}})).unwrap();
    assert_eq!(stored["action"], json!({"url": "https://shop.example/a", "verified": true}));
    let listed = ready(intents::list(&world.cx(), who)).unwrap();
    assert!(listed.contains(r#""action":{"url":"https://shop.example/a","verified":true}"#), "{listed}");
    // There may be a secret in it, which agents need not know.
    let agent = AgentPrincipal { role: Role::Agent, ..who.clone() };
    let listed = ready(intents::list(&world.cx(), &agent)).unwrap();
    assert!(listed.contains(r#""action":{"url":"https://shop.example","verified":true}"#), "{listed}");
    for bad in [
        "http://shop.example",
        "https://127.0.0.1/",
        "https://10.1/",
        "https://shop.example:8443",
        "shop",
        "http://localhost:1/",
    ] {
        assert_eq!(put(&world, who, &action(bad)), Err((Code::UrlRefused, "action".into())), "{bad}");
        let import = json!({"intents": [{"id": "other", "action": {"url": bad}}]}).to_string();
        let imported = ready(intents::import(&world.cx(), who, read(&import).unwrap()));
        assert_eq!(imported.map_err(|problem| problem.code), Err(Code::UrlRefused), "{bad}");
    }
    for (bad, field) in [
        (json!({"action": "https://shop.example"}), ""),
        (json!({"action": {"verified": true}}), "url"),
        (json!({"action": {"url": "https://a.example", "x": 1}}), "x"),
    ] {
        assert_eq!(put(&world, who, &bad), Err((Code::BadRequest, field.into())), "{bad}");
    }
    let long = action(&format!("https://shop.example/{}", "x".repeat(2_000)));
    assert_eq!(put(&world, who, &long), Err((Code::BadRequest, "action".into())));
    // An import leaves alone what it does not say, and takes away what it says is nothing.
    let import = |body: Value| ready(intents::import(&world.cx(), who, read(&body.to_string()).unwrap())).unwrap();
    import(json!({"intents": [{"id": "order_status", "examples": ["where is it"]}]}));
    assert!(ready(intents::list(&world.cx(), who)).unwrap().contains("https://shop.example/a"));
    import(json!({"intents": [{"id": "order_status", "action": {"url": ""}}]}));
    assert!(!ready(intents::list(&world.cx(), who)).unwrap().contains("action"));
}

/// What a newer version has written may have its secret anywhere.
#[test]
fn what_cannot_be_read_is_shown_to_those_alone_who_may_remove_it() {
    let world = World::seeded();
    let who = &world.enter(OWNER).principal;
    put(&world, who, &action("https://shop.example/secret")).unwrap();
    let sql = "UPDATE intents SET says = json_set(says, '$.of_tomorrow', 1)";
    world.database.run(vec![Statement::new(sql, [])]).unwrap();
    let listed = |role| ready(intents::list(&world.cx(), &AgentPrincipal { role, ..who.clone() })).unwrap();
    for role in [Role::Owner, Role::Admin] {
        assert!(listed(role).contains("https://shop.example/secret"), "{role:?}");
    }
    let shown = listed(Role::Agent);
    assert!(shown.starts_with(r#"{"intents":[],"#), "{shown}");
}

/// Where it was allowed and is not any more, the intents can still be read and changed; the call itself is guarded again.
#[test]
fn what_may_not_be_called_any_more_hinders_no_other_change() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let here = action("http://localhost:8790/");
    assert!(put(&world, who, &here).is_err());
    put_by(&Context { loopback: true, ..world.cx() }, who, &here).unwrap();
    let mut more = here.clone();
    more["answer"] = json!({"en": "Soon."});
    assert!(put(&world, who, &more).is_ok());
    more["action"]["verified"] = json!(true);
    assert_eq!(put(&world, who, &more), Err((Code::UrlRefused, "action".into())), "it is another one");
}

#[test]
fn the_signing_secret_is_shown_when_it_is_made_and_is_the_workspaces_own() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let make = |who: &AgentPrincipal| {
        let made = serde_json::to_value(ready(bot::renew_signing(&world.cx(), who)).unwrap()).unwrap();
        made["secret"].as_str().unwrap().to_owned()
    };
    let (first, second) = (make(&owner.principal), make(&owner.principal));
    assert_ne!(first, second);
    let serial = |who: &AgentPrincipal| {
        let row = ready(world.cx().one(crate::sql::bot::signing(&who.workspace))).unwrap();
        row.map_or(0, |row| Columns::of(&row).uint())
    };
    assert_eq!(world.keys.action_secret(&owner.principal.workspace, serial(&owner.principal)), second);
    // A database that was put back gives no number twice: one that has leaked stays a former one.
    assert!(serial(&owner.principal) >= world.cx().now.0 as u64);
    let shown = serde_json::to_string(&ready(bot::show(&world.cx(), &owner.principal)).unwrap()).unwrap();
    assert!(!shown.contains("whsec"), "{shown}");
    let told = world.audit(&owner);
    assert_eq!(told.iter().filter(|action| *action == "bot_signing_secret_made").count(), 2);
    // INV-8: others have one of their own, and theirs counts by itself.
    let other = stranger(&world);
    assert_eq!(serial(&other), 0);
    assert_ne!(world.keys.action_secret(&other.workspace, 2), second);
}
