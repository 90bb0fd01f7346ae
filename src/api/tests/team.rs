//! Inviting, changing, disabling; sites; the audit log.

use crate::{
    api::{
        agents, audit,
        context::read,
        links,
        sessions::{self, Signed},
        sites,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        error::Code,
        id::{AgentId, Entropy, SiteId},
        internal::Revoked,
        port::Statement,
        problem::Problem,
        query::Query,
    },
    sql::testing::ready,
};

/// Invites one who has not come yet.
const ANN: &str = r#"{"name":"Ann","email":"ann@shop.example","role":"agent"}"#;

fn id_of(signed: &Signed) -> AgentId {
    signed.principal.agent.clone()
}

fn view(value: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn an_invitation_makes_an_agent() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let invite = |body: &str| code(ready(agents::invite(&world.cx(), &owner.principal, &read(body).unwrap())));
    let (agent, link) = invite(r#"{"name":"Ann","email":"Ann@Shop.example","role":"admin"}"#).unwrap();
    let agent = view(&agent);
    assert_eq!((agent["state"].as_str(), agent["email"].as_str()), (Some("invited"), Some("ann@shop.example")));
    assert_eq!(invite(r#"{"name":"Ann","email":"ann@shop.example","role":"agent"}"#).err(), Some(Code::Conflict));
    let wrong = [
        r#"{"name":"","email":"x@shop.example","role":"agent"}"#,
        r#"{"name":"X\u0000","email":"x@shop.example","role":"agent"}"#,
        r#"{"name":"X","email":"x","role":"agent"}"#,
    ];
    for body in wrong {
        assert_eq!(invite(body).err(), Some(Code::BadRequest), "{body}");
    }
    assert!(world.sign_in(("ann@shop.example", "ann has a password")).is_err());
    let token = link.link.split('#').nth(1).unwrap();
    let body = format!(r#"{{"token":"{token}","password":"ann has a password"}}"#);
    let followed = ready(links::follow(&world.cx(), &read(&body).unwrap()));
    let ann = world.signed(&followed.unwrap().0.token).unwrap();
    assert_eq!((ann.me.name.as_str(), ann.me.role.name()), ("Ann", "admin"));
    let list = ready(agents::list(&world.cx(), &ann.principal)).unwrap();
    assert_eq!(list.len(), 3);
    assert!(!serde_json::to_string(&list).unwrap().contains("argon2"), "no hash in any answer");
}

#[test]
fn a_disabled_agent_is_out_and_can_be_let_in_again() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let token = world.sign_in(LEI).unwrap().token;
    let lei = id_of(&world.signed(&token).unwrap());
    let reset = ready(agents::reset(&world.cx(), &owner.principal, &lei)).unwrap();
    let reset = read(&format!(r#"{{"token":"{}"}}"#, reset.link.split('#').nth(1).unwrap())).unwrap();
    for _ in 0..2 {
        let (agent, revoke) = ready(agents::disable(&world.cx(), &owner.principal, &lei)).unwrap();
        assert_eq!(view(&agent)["state"], "disabled");
        assert!(revoke.request.release, "their conversations are given back");
        assert!(
            matches!(revoke.request.revoked, Revoked::Agent { agent, generation: 1_795_000_000_000 } if agent == lei)
        );
    }
    assert_eq!(world.signed(&token).err(), Some(Code::Unauthorized));
    assert_eq!(code(world.sign_in(LEI)).err(), Some(Code::WrongCredentials), "the same answer as to a wrong password");
    assert_eq!(code(ready(links::look(&world.cx(), &reset))).err(), Some(Code::Gone));
    assert_eq!(code(ready(agents::reset(&world.cx(), &owner.principal, &lei))).err(), Some(Code::Conflict));
    assert_eq!(view(&ready(agents::enable(&world.cx(), &owner.principal, &lei)).unwrap())["state"], "active");
    assert_eq!(world.signed(&token).err(), Some(Code::Unauthorized), "old sessions stay dead");
    assert_eq!(code(ready(links::look(&world.cx(), &reset))).err(), Some(Code::NotFound), "and old links");
    assert!(world.sign_in(LEI).is_ok());
    let log = world.audit(&owner);
    assert_eq!(log.iter().filter(|action| *action == "agent_disabled").count(), 1, "{log:?}");
}

/// Whoever made a link, or has seen it, may not be them by it later: an admin no owner, nobody whoever has changed their password.
#[test]
fn a_link_ends_with_more_rights_another_password_and_everything_else_that_does() {
    type Happens = fn(&World, &Signed, &AgentId);
    let ends: [(&str, Happens); 4] = [
        ("more rights", |world, owner, lei| {
            let more = read(r#"{"role":"owner"}"#).unwrap();
            ready(agents::change(&world.cx(), &owner.principal, lei, &more)).unwrap();
        }),
        ("another password", |world, _, _| {
            let body = format!(r#"{{"current":"{}","new":"a fine new one"}}"#, LEI.1);
            let lei = world.enter(LEI);
            ready(sessions::change_password(&world.cx(), &lei, &read(&body).unwrap())).unwrap();
        }),
        ("signed out everywhere", |world, _, _| {
            let lei = world.enter(LEI);
            ready(sessions::sign_out_everywhere(&world.cx(), &lei.principal)).unwrap();
        }),
        ("the same rights", |world, owner, lei| {
            let same = read(r#"{"role":"agent"}"#).unwrap();
            ready(agents::change(&world.cx(), &owner.principal, lei, &same)).unwrap();
        }),
    ];
    for (what, happens) in ends {
        let world = World::seeded();
        let (owner, lei) = (world.enter(OWNER), id_of(&world.enter(LEI)));
        let reset = ready(agents::reset(&world.cx(), &owner.principal, &lei)).unwrap();
        let reset = read(&format!(r#"{{"token":"{}"}}"#, reset.link.split('#').nth(1).unwrap())).unwrap();
        happens(&world, &owner, &lei);
        let found = code(ready(links::look(&world.cx(), &reset))).err();
        assert_eq!(found, (what != "the same rights").then_some(Code::NotFound), "{what}");
    }
}

#[test]
fn roles_manage_whom_they_may_and_the_last_owner_stays() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let lei = world.enter(LEI);
    let change = |who: &Signed, id: &AgentId, body: &str| {
        code(ready(agents::change(&world.cx(), &who.principal, id, &read(body).unwrap())))
    };
    let (boss, worker) = (id_of(&owner), id_of(&lei));
    assert_eq!(change(&lei, &boss, r#"{"name":"x"}"#).err(), Some(Code::Forbidden));
    assert_eq!(change(&lei, &worker, r#"{"role":"owner"}"#).err(), Some(Code::Forbidden));
    let revoke = change(&owner, &worker, r#"{"role":"admin"}"#).unwrap().revoke;
    assert_eq!(revoke, None, "more rights end nothing");
    let lei = world.enter(LEI);
    assert_eq!(lei.principal.role.name(), "admin");
    assert_eq!(change(&lei, &boss, r#"{"role":"agent"}"#).err(), Some(Code::Forbidden));
    assert_eq!(code(ready(agents::disable(&world.cx(), &lei.principal, &boss))).err(), Some(Code::Forbidden));
    assert_eq!(code(ready(agents::reset(&world.cx(), &lei.principal, &boss))).err(), Some(Code::Forbidden));
    let invited = read(r#"{"name":"X","email":"x@shop.example","role":"admin"}"#).unwrap();
    assert_eq!(code(ready(agents::invite(&world.cx(), &lei.principal, &invited))).err(), Some(Code::Forbidden));
    assert_eq!(code(ready(agents::disable(&world.cx(), &owner.principal, &boss))).err(), Some(Code::Conflict));
    let alone = read(r#"{"role":"agent"}"#).unwrap();
    let refused = ready(agents::change(&world.cx(), &owner.principal, &boss, &alone)).err().unwrap();
    assert_eq!((refused.code, refused.field.as_str()), (Code::Conflict, "role"));
    // Who is told no has no half of it.
    let (ann, _) = ready(agents::invite(&world.cx(), &owner.principal, &read(ANN).unwrap())).unwrap();
    let ann = AgentId::parse(view(&ann)["id"].as_str().unwrap()).unwrap();
    let more = r#"{"name":"X","capacity":3,"role":"owner"}"#;
    assert_eq!(change(&lei, &ann, more).err(), Some(Code::Forbidden));
    let less = r#"{"name":"X","capacity":3,"role":"agent"}"#;
    assert_eq!(change(&owner, &boss, less).err(), Some(Code::Conflict));
    let named = view(&ready(agents::list(&world.cx(), &owner.principal)).unwrap());
    let is_changed = |it: &serde_json::Value| it["name"] == "X" || it["capacity"] == 3;
    assert!(!named.as_array().unwrap().iter().any(is_changed), "{named}");
    assert!(!world.audit(&owner).iter().any(|action| action == "agent_renamed" || action == "agent_changed"));
    // A refused name takes the role with it, so that no revocation is lost with the answer (INV-13).
    assert_eq!(change(&owner, &worker, r#"{"role":"agent","name":""}"#).err(), Some(Code::BadRequest));
    assert_eq!(world.enter(LEI).principal.role.name(), "admin");
    let revoke = change(&owner, &worker, r#"{"role":"agent","name":"Lei Li"}"#).unwrap().revoke;
    let revoke = revoke.unwrap();
    assert!(!revoke.request.release, "fewer rights end what was opened with more");
    let revoked = revoke.request.revoked;
    let again = change(&owner, &worker, r#"{"role":"agent"}"#).unwrap().revoke;
    assert_eq!(again.map(|it| it.request.revoked), Some(revoked), "said again when it is asked again");
    // Not even an owner gets around the current password.
    assert_eq!(code(ready(agents::reset(&world.cx(), &owner.principal, &boss))).err(), Some(Code::Conflict));
    assert!(world.signed(&world.sign_in(LEI).unwrap().token).unwrap().me.name == "Lei Li");
}

#[test]
fn sites_are_made_and_changed() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let create =
        |body: &str| code(ready(sites::create(&world.cx(), &owner, &read(body).unwrap())).map(|(site, _)| site));
    let site =
        view(&create(r##"{"name":"Books","domains":["Shop.example","*.shop.example"],"color":"#1A73E8"}"##).unwrap());
    let id = crate::core::id::SiteId::parse(site["id"].as_str().unwrap()).unwrap();
    let snippet = format!("<script async src=\"https://chat.example/widget.js\" data-site=\"{id}\"></script>");
    assert_eq!(site["snippet"], snippet);
    assert_eq!(site["domains"], serde_json::json!(["shop.example", "*.shop.example"]));
    assert_eq!(site["color"], "#1a73e8");
    let wrong = [
        "{}",
        r#"{"name":""}"#,
        r#"{"name":"X","domains":["*"]}"#,
        r#"{"name":"X","domains":["javascript:alert(1)"]}"#,
        r#"{"name":"X","color":"red"}"#,
        r#"{"name":"X","color":"\u0023fff;}"}"#,
        r#"{"name":"X","locale":"de"}"#,
    ];
    for body in wrong {
        assert_eq!(create(body).err(), Some(Code::BadRequest), "{body}");
    }
    let change =
        |body: &str| code(ready(sites::change(&world.cx(), &owner, &id, &read(body).unwrap())).map(|(site, _)| site));
    let changed = view(&change(r#"{"greeting":"Hi\nthere","domains":[]}"#).unwrap());
    assert_eq!((changed["name"].as_str(), changed["greeting"].as_str()), (Some("Books"), Some("Hi\nthere")));
    assert_eq!(changed["domains"], serde_json::json!([]));
    assert_eq!(ready(sites::list(&world.cx(), &owner)).unwrap().len(), 2);
}

/// A list has all of them, and who shuts somebody out finds them there.
#[test]
fn there_is_an_end_to_agents_and_sites() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let mut entropy = Entropy::new(5);
    let workspace = owner.workspace.as_str();
    let agent = "INSERT INTO agents (id, workspace, email, name, role, state, generation, created_at) \
         VALUES (?1, ?2, ?1, 'x', 'agent', 'disabled', 1, 1)";
    let site = "INSERT INTO sites (id, workspace, name, domains, greeting, color, locale, created_at) \
         VALUES (?1, ?2, 'x', '[]', '', '', '', 1)";
    let agents =
        (2..999).map(|_| Statement::new(agent, [AgentId::draw(&mut entropy).as_str().into(), workspace.into()]));
    world.database.run(agents.collect()).unwrap();
    let sites = (1..199).map(|_| Statement::new(site, [SiteId::draw(&mut entropy).as_str().into(), workspace.into()]));
    world.database.run(sites.collect()).unwrap();
    let invite = |name: &str| {
        let body = format!(r#"{{"name":"x","email":"{name}@shop.example","role":"agent"}}"#);
        ready(agents::invite(&world.cx(), &owner, &read(&body).unwrap())).map(drop)
    };
    let create = |body| ready(sites::create(&world.cx(), &owner, &read(body).unwrap())).map(drop);
    assert_eq!((invite("one"), create(r#"{"name":"x"}"#)), (Ok(()), Ok(())));
    let told = world.count("SELECT COUNT(*) AS n FROM audit_log");
    let full =
        |field: &str, problem: Problem| assert_eq!((problem.code, problem.field.as_str()), (Code::Conflict, field));
    full("agents", invite("two").unwrap_err());
    full("email", invite("one").unwrap_err());
    for body in [r#"{"name":"x"}"#, r#"{"name":"x","when_closed":"hide"}"#] {
        full("sites", create(body).unwrap_err());
    }
    assert_eq!(ready(agents::list(&world.cx(), &owner)).unwrap().len(), 1_000);
    assert_eq!(ready(sites::list(&world.cx(), &owner)).unwrap().len(), 200);
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM audit_log"), told);
}

/// A conversation on the demo's site, whose visitor was last on this page.
fn converse(world: &World, workspace: &str, name: &str, at: i64, page: &str) {
    let visitor = format!("vis_{}", name.repeat(16));
    let profile = serde_json::json!({ "page_url": page }).to_string();
    let put = |sql, args: Vec<crate::core::port::Value>| {
        world.database.run(vec![crate::core::port::Statement::new(sql, args)]).unwrap();
    };
    put(
        "INSERT INTO visitors (id, workspace, site, profile, created_at) SELECT ?1, coalesce(nullif(?2, ''), workspace), id, ?3, 1 \
         FROM sites",
        vec![visitor.as_str().into(), workspace.into(), profile.as_str().into()],
    );
    put(
        "INSERT INTO conversations (id, workspace, site, visitor, log_epoch, rev, status, created_at, last_at, active_hour, \
         head, private_head) SELECT ?1, coalesce(nullif(?2, ''), workspace), id, ?3, 1, 1, 'open', ?4, ?4, 0, 1, 0 FROM sites",
        vec![format!("cnv_{}", name.repeat(64)).into(), workspace.into(), visitor.into(), at.into()],
    );
}

#[test]
fn a_site_is_seen_where_its_visitors_are_but_not_on_our_own_pages() {
    let world = World::seeded();
    let seen = |who| view(&ready(sites::list(&world.cx(), &world.enter(who).principal)).unwrap())[0]["seen"].clone();
    assert_eq!(seen(OWNER), serde_json::Value::Null);
    converse(&world, "", "a", 5_000, "https://chat.example/demo/try#site_x");
    converse(&world, "", "b", 4_000, "");
    converse(&world, "", "c", 4_000, "javascript://shop.example/");
    converse(&world, "ws_elsewhereelsewhere", "d", 9_000, "https://inv-8.example/");
    assert_eq!(seen(OWNER), serde_json::Value::Null);
    converse(&world, "", "e", 1_000, "https://old.example/");
    converse(&world, "", "f", 3_000, "https://www.shop.example?from=mail");
    converse(&world, "", "g", 2_000, "https://chat.example.shop.example/");
    converse(&world, "", "h", 7_000, "https://nowhere.example/");
    converse(&world, "", "i", 8_000, "https://shop.example@nowhere.example/");
    assert_eq!(seen(OWNER), serde_json::Value::Null, "none of its domains");
    let allow = crate::core::port::Statement::new(r#"UPDATE sites SET domains = '["*.shop.example"]'"#, []);
    world.database.run(vec![allow]).unwrap();
    assert_eq!(seen(OWNER), serde_json::json!({ "host": "www.shop.example", "at": "1970-01-01T00:00:03.000Z" }));
    let list = view(&ready(sites::list(&world.cx(), &world.enter(LEI).principal)).unwrap());
    assert!(list[0].get("seen").is_none(), "an agent is not told");
}

#[test]
fn the_audit_log_is_read_in_pages() {
    let world = World::seeded();
    let mut owner = world.enter(OWNER);
    for _ in 0..4 {
        owner = world.enter(OWNER);
    }
    let page = |query: &str| {
        let query = Query::of(query, &audit::QUERY).unwrap();
        view(&ready(audit::list(&world.cx(), &owner.principal, &query)).unwrap())
    };
    let all = page("/audit");
    assert_eq!(all["next"], serde_json::Value::Null);
    let total = all["entries"].as_array().unwrap().len();
    let (mut seen, mut next) = (Vec::new(), Some(String::new()));
    while let Some(before) = next {
        let part = page(&format!("/audit?limit=2&before={before}"));
        seen.extend(part["entries"].as_array().unwrap().clone());
        next = part["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.len(), total);
    assert_eq!(seen, *all["entries"].as_array().unwrap());
}
