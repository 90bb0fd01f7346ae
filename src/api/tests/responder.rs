//! Who answers, and the key that nobody is shown, on real SQLite.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        bot,
        context::{Context, read},
        testing::{OWNER, World},
    },
    core::{
        auth::Reference,
        bot::responder::Setting,
        error::Code,
        limits::RESPONDER_KEY_CHARS,
        principal::{AgentPrincipal, Role},
    },
    sql::{
        bot as sql,
        testing::{TestDatabase, ready},
    },
};

const MODELS: &str = "https://models.example/v1";

fn set_by(cx: &Context<'_, TestDatabase>, who: &AgentPrincipal, body: &Value) -> Result<Value, (Code, String)> {
    let wrong = |problem: crate::core::problem::Problem| (problem.code, problem.field);
    let change = read(&json!({ "responder": body }).to_string()).map_err(wrong)?;
    let view = ready(bot::change(cx, &Reference, who, &change)).map_err(wrong)?;
    Ok(serde_json::to_value(view).unwrap()["responder"].clone())
}

fn set(world: &World, who: &AgentPrincipal, body: &Value) -> Result<Value, (Code, String)> {
    set_by(&world.cx(), who, body)
}

fn kept(world: &World, who: &AgentPrincipal) -> Setting {
    sql::read_responder_row(ready(world.cx().one(sql::responder(&who.workspace))).unwrap().as_ref()).0
}

fn opened(world: &World, who: &AgentPrincipal) -> Option<String> {
    let setting = kept(world, who);
    unsealed(world, who, setting.url(), setting.key())
}

fn unsealed(world: &World, who: &AgentPrincipal, url: &str, key: &str) -> Option<String> {
    ready(world.keys.unseal(&Reference, &who.workspace, url, key))
}

#[test]
fn a_webhook_is_guarded_when_it_is_saved() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    assert_eq!(kept(&world, who), Setting::BuiltIn);
    let good = json!({"kind": "webhook", "url": " https://shop.example/bot?a=b "});
    let shown = json!({"kind": "webhook", "url": "https://shop.example/bot?a=b", "key_set": false});
    assert_eq!(set(&world, who, &good), Ok(shown.clone()));
    let agent = AgentPrincipal { role: Role::Agent, ..who.clone() };
    let seen = serde_json::to_value(ready(bot::show(&world.cx(), &agent)).unwrap()).unwrap();
    assert_eq!(seen["responder"]["url"], json!("https://shop.example"), "what stands behind it may be a secret");
    let version = || ready(bot::told(&world.cx(), who)).unwrap().unwrap().terms.version;
    let before = version();
    for bad in [
        "",
        "shop",
        "http://shop.example/",
        "https://127.0.0.1/",
        "https://10.1/",
        "https://[::1]/",
        "https://metadata.google.internal/",
        "https://shop.example:8443/",
        "https://u:p@shop.example/",
        "http://localhost:8790/",
    ] {
        for kind in ["webhook", "model"] {
            let refused = set(&world, who, &json!({"kind": kind, "url": bad, "model": "m"}));
            assert_eq!(refused, Err((Code::UrlRefused, "url".into())), "{kind} {bad}");
        }
    }
    for (bad, field) in [
        (json!({"kind": "Webhook", "url": "https://shop.example/"}), "kind"),
        (json!({"kind": "", "url": "https://shop.example/"}), "kind"),
        (json!({"kind": "model", "url": MODELS}), "model"),
        (json!({"kind": "model", "url": MODELS, "model": "m", "key": "a b"}), "key"),
        (json!({"kind": "model", "url": MODELS, "model": "m", "key": "k".repeat(RESPONDER_KEY_CHARS + 1)}), "key"),
        (json!({"url": "https://shop.example/"}), "kind"),
        (json!({"kind": "webhook", "url": "https://shop.example/", "x": 1}), "x"),
        (json!({"kind": "webhook", "url": 1}), ""),
        (json!("webhook"), ""),
    ] {
        assert_eq!(set(&world, who, &bad), Err((Code::BadRequest, field.into())), "{bad}");
    }
    assert_eq!((version(), kept(&world, who).url()), (before, "https://shop.example/bot?a=b"), "nothing has changed");
    let here = json!({"kind": "webhook", "url": "http://localhost:8790/"});
    assert!(set_by(&Context { loopback: true, ..world.cx() }, who, &here).is_ok());
    assert!(version() > before, "the Desk is to hear of it");
    // Other settings leave it alone.
    ready(bot::change(&world.cx(), &Reference, who, &read(r#"{"enabled":true}"#).unwrap())).unwrap();
    assert_eq!(kept(&world, who).url(), "http://localhost:8790/");
    assert_eq!(set(&world, who, &json!({"kind": "built_in"})), Ok(json!({"kind": "built_in", "key_set": false})));
    assert_eq!(kept(&world, who), Setting::BuiltIn);
    assert_eq!(kept(&world, &stranger(&world)), Setting::BuiltIn, "INV-8");
}

#[test]
fn a_key_is_sealed_shown_to_nobody_and_sent_nowhere_else() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let model = |more: Value| {
        let mut body = json!({"kind": "model", "url": MODELS, "model": "small"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        set(&world, who, &body).unwrap()
    };
    let shown =
        |model: &str, key_set: bool| json!({"kind": "model", "url": MODELS, "model": model, "key_set": key_set});
    assert_eq!(model(json!({})), shown("small", false));
    assert_eq!(model(json!({"key": " sk-live-123 "})), shown("small", true));
    assert_eq!(opened(&world, who).as_deref(), Some("sk-live-123"));
    let (first, about) =
        (kept(&world, who), serde_json::to_string(&ready(bot::show(&world.cx(), who)).unwrap()).unwrap());
    for told in [first.key(), about.as_str()] {
        assert!(!told.contains("sk-live"), "{told}");
    }
    assert!(!about.contains(first.key()), "not even sealed: {about}");
    assert_eq!(
        world.count("SELECT COUNT(*) AS n FROM audit_log WHERE detail LIKE '%sk-live%' OR detail LIKE '%' || (SELECT MAX(responder_key) FROM bots) || '%'"),
        0
    );
    // It stays for as long as its address does, …
    assert_eq!(model(json!({"model": "large"})), shown("large", true));
    assert_eq!(kept(&world, who).key(), first.key());
    assert_eq!(model(json!({"key": "sk-live-123"})), shown("small", true));
    assert_ne!(kept(&world, who).key(), first.key(), "sealed anew");
    // … whoever names another one has to know it, …
    assert_eq!(model(json!({"url": "https://evil.example/v1"}))["key_set"], json!(false));
    assert_eq!(model(json!({}))["key_set"], json!(false), "and it does not come back");
    // … and so does whoever named somebody else meanwhile.
    model(json!({"key": "sk-live-123"}));
    set(&world, who, &json!({"kind": "webhook", "url": MODELS})).unwrap();
    assert_eq!(model(json!({})), shown("small", false));
    model(json!({"key": "sk-live-123"}));
    assert_eq!(model(json!({"key": ""})), shown("small", false), "taken away");
    // What is written into the database by hand opens for nobody else.
    model(json!({"key": "sk-live-123"}));
    let sealed = kept(&world, who);
    assert_eq!(unsealed(&world, &stranger(&world), sealed.url(), sealed.key()), None);
    assert_eq!(unsealed(&world, who, "https://evil.example/v1", sealed.key()), None);
}

#[test]
fn the_audit_log_says_who_answers_but_no_more_of_an_address_than_its_host() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    set(&world, &owner.principal, &json!({"kind": "webhook", "url": "https://shop.example/bot?token=geheim"})).unwrap();
    set(&world, &owner.principal, &json!({"kind": "built_in"})).unwrap();
    let said = |detail: &'static str| world.count(detail);
    assert_eq!(said("SELECT COUNT(*) AS n FROM audit_log WHERE detail = 'responder: webhook shop.example'"), 1);
    assert_eq!(said("SELECT COUNT(*) AS n FROM audit_log WHERE detail = 'responder: built_in'"), 1);
    assert_eq!(said("SELECT COUNT(*) AS n FROM audit_log WHERE detail LIKE '%geheim%'"), 0);
}
