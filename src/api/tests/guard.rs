//! What holds for every story: bodies are read strictly, no other workspace is reached, and a database that fails
//! gives `storage` and changes nothing that the caller is not told of.

use crate::{
    api::{
        agents, audit,
        context::{self, read},
        history, links, ops, sessions, setup, sign_in, sites,
        testing::{LEI, OWNER, World, code},
        visitors,
    },
    core::{
        error::Code,
        id::{AgentId, ConversationId, Entropy, SiteId, VisitorId, WorkspaceId},
        principal::AgentPrincipal,
        query::Query,
    },
    sql::{
        accounts::{AgentState, insert_workspace},
        deployment::DEMO_SITE,
        testing::ready,
    },
};

#[test]
fn every_body_refuses_what_it_does_not_know() {
    fn check<T: serde::de::DeserializeOwned>(good: &str) {
        assert!(read::<T>(good).is_ok(), "{good}");
        let open = &good[..good.len() - 1];
        let comma = if open.len() > 1 { "," } else { "" };
        for extra in ["workspace_id", "generation", "id", "state", "password_hash", "role_", "__proto__", "constructor"]
        {
            let body = format!("{open}{comma}\"{extra}\":1}}");
            assert_eq!(code(read::<T>(&body)).err(), Some(Code::BadRequest), "{body}");
        }
        for broken in [&good[..good.len() - 1], "[]", "null", "1", "\"x\"", "{]", "\u{feff}{}"] {
            assert_eq!(code(read::<T>(broken)).err(), Some(Code::BadRequest), "{broken}");
        }
    }
    check::<sign_in::Credentials>(r#"{"email":"a","password":"b"}"#);
    check::<sessions::Rename>(r#"{"name":"a"}"#);
    check::<sessions::NewPassword>(r#"{"current":"a","new":"b"}"#);
    check::<links::Look>(r#"{"token":"a"}"#);
    check::<links::Follow>(r#"{"token":"a","password":"b","name":null}"#);
    check::<agents::Invite>(r#"{"name":"a","email":"b","role":"agent"}"#);
    check::<agents::Change>(r#"{"role":"admin"}"#);
    check::<sites::SiteDraft>(r#"{"name":"a","domains":["b"]}"#);
    check::<visitors::SessionRequest>(r#"{"site":"a"}"#);
    check::<setup::Setup>(r#"{"token":"a","workspace":"b","name":"c","email":"d","password":"e"}"#);
    check::<ops::ResetPassword>(r#"{"email":"a"}"#);
    let twice = r#"{"email":"a","email":"b","password":"c"}"#;
    assert_eq!(code(read::<sign_in::Credentials>(twice)).err(), Some(Code::BadRequest));
    let problem = read::<sign_in::Credentials>(r#"{"email":"a","password":"secret","pass":"hunter2"}"#).err().unwrap();
    assert_eq!(problem.field, "pass");
    assert!(
        !problem.json().contains("hunter2") && !problem.json().contains("secret"),
        "nothing that a member holds comes back"
    );
    let problem = read::<sign_in::Credentials>(r#"{"<script>alert(1)</script>":"hunter2"}"#).err().unwrap();
    assert!(!problem.json().contains("script") && !problem.json().contains("hunter2"), "nor a name that is none");
}

/// An owner of another workspace who knows every id of the first.
pub(super) fn stranger(world: &World) -> AgentPrincipal {
    let mut entropy = Entropy::new(1 << 90);
    let workspace = WorkspaceId::draw(&mut entropy);
    let owner = crate::sql::accounts::AgentRow {
        id: AgentId::draw(&mut entropy),
        workspace: workspace.clone(),
        workspace_name: "There".into(),
        email: "eve@there.example".into(),
        name: "Eve".into(),
        role: crate::core::principal::Role::Owner,
        state: AgentState::Active,
        password_hash: crate::core::password::hash("eve has a password", [1; 16]).unwrap(),
        generation: 1,
        created_at: world.now.get(),
        abilities: Default::default(),
        picture: String::new(),
    };
    world
        .database
        .run(vec![insert_workspace(&workspace, "There", world.now.get()), crate::sql::accounts::insert(&owner)])
        .unwrap();
    world.enter(("eve@there.example", "eve has a password")).principal
}

#[test]
fn inv_8_a_stranger_who_knows_every_id_finds_nothing() {
    let world = World::seeded();
    let eve = stranger(&world);
    let lei = world.enter(LEI);
    let id = lei.principal.agent.clone();
    let site = SiteId::parse(DEMO_SITE).unwrap();
    let visitor = VisitorId::draw(&mut Entropy::new(3));
    let conversation = ConversationId::from_object_id(&"ab".repeat(32)).unwrap();
    for sql in [
        "INSERT INTO visitors (id, workspace, site, created_at) SELECT ?, workspace, id, 1 FROM sites",
        "INSERT INTO conversations (id, workspace, site, visitor, log_epoch, rev, status, created_at, last_at, \
         active_hour, head, private_head) SELECT 'cnv_' || ?, workspace, id, 'vis_aaaaaaaaaaaaaaaa', 1, 1, 'open', 1, 1, \
         0, 1, 0 FROM sites",
    ] {
        let arg = if sql.contains("visitors") { visitor.as_str().to_owned() } else { "ab".repeat(32) };
        world.database.run(vec![crate::core::port::Statement::new(sql, [arg.into()])]).unwrap();
    }
    let cx = world.cx();
    let change = read(r#"{"name":"x","role":"owner"}"#).unwrap();
    let draft = read(r#"{"domains":["evil.example"]}"#).unwrap();
    let query = Query::of("/", &[]).unwrap();
    let answers = [
        ("change", code(ready(agents::change(&cx, &eve, &id, &change))).map(drop)),
        ("disable", code(ready(agents::disable(&cx, &eve, &id))).map(drop)),
        ("enable", code(ready(agents::enable(&cx, &eve, &id))).map(drop)),
        ("reset", code(ready(agents::reset(&cx, &eve, &id))).map(drop)),
        ("site", code(ready(sites::change(&cx, &eve, &site, &draft))).map(drop)),
        ("block", code(ready(visitors::set_blocked(&cx, &eve, &visitor, true))).map(drop)),
        ("conversation", code(ready(history::one(&cx, &eve, &conversation))).map(drop)),
        ("messages", code(ready(history::entries(&cx, &eve, &conversation, &query))).map(drop)),
    ];
    for (what, answer) in answers {
        assert_eq!(answer, Err(Code::NotFound), "{what}");
    }
    assert_eq!(ready(agents::list(&cx, &eve)).unwrap().len(), 1);
    assert_eq!(ready(sites::list(&cx, &eve)).unwrap().len(), 0);
    let list = serde_json::to_string(&ready(history::list(&cx, &eve, &query)).unwrap()).unwrap();
    assert_eq!(list, r#"{"conversations":[],"next":null}"#);
    let log = serde_json::to_string(&ready(audit::list(&cx, &eve, &query)).unwrap()).unwrap();
    assert!(!log.contains(lei.principal.agent.as_str()));
    assert!(world.sign_in(LEI).is_ok(), "and Lei has noticed nothing");
    let owner = world.enter(OWNER).principal;
    assert!(ready(history::one(&cx, &owner, &conversation)).is_ok(), "the owner sees it");
}

#[test]
fn a_database_that_is_down_is_said_to_be_and_nobody_gets_in() {
    let world = World::seeded();
    let signed = world.enter(OWNER);
    world.database.down.set(true);
    let cx = world.cx();
    let query = Query::of("/", &[]).unwrap();
    let who = &signed.principal;
    let credentials = sign_in::Credentials { email: OWNER.0.into(), password: OWNER.1.into() };
    let token = world.keys.sign_session(
        &crate::core::auth::Session {
            workspace: who.workspace.clone(),
            agent: who.agent.clone(),
            session: who.session.clone(),
            generation: who.generation,
        },
        world.now.get(),
        who.expires_at,
    );
    assert_eq!(world.signed(&token.unwrap()).err(), Some(Code::Storage));
    assert_eq!(code(ready(sign_in::sign_in(&cx, &credentials, &world.client.borrow()))).err(), Some(Code::Storage));
    assert_eq!(code(ready(sessions::sign_out(&cx, who))).err(), Some(Code::Storage));
    assert_eq!(code(ready(sessions::sign_out_everywhere(&cx, who))).err(), Some(Code::Storage));
    assert_eq!(code(ready(agents::list(&cx, who))).err(), Some(Code::Storage));
    assert_eq!(code(ready(history::list(&cx, who, &query))).err(), Some(Code::Storage));
    assert_eq!(code(ready(setup::is_needed(&cx))).err(), Some(Code::Storage));
    let text = ready(sign_in::sign_in(&cx, &credentials, &world.client.borrow())).err().unwrap().json();
    assert!(!text.contains("injected"), "what the database says stays in the log");
}

#[test]
fn lists_refuse_what_they_can_not_read() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let ask = |query: &str| {
        let query = Query::of(query, &history::LIST_QUERY).unwrap();
        code(ready(history::list(&world.cx(), &who, &query))).map(drop)
    };
    let good = ["/", "/?status=open,pending", "/?assignee=me", "/?assignee=none", "/?q=%22*(", "/?limit=1000", "/?q="];
    for query in good {
        assert_eq!(ask(query), Ok(()), "{query}");
    }
    let long = format!("/?q={}", "x".repeat(201));
    let bad = ["/?status=closed", "/?status=open,,", "/?assignee=you", "/?site=x", "/?before=1", "/?limit=x", &long];
    for query in bad {
        assert_eq!(ask(query), Err(Code::BadRequest), "{query}");
    }
    assert!(context::name("name", &"x".repeat(81), 80).is_err());
    assert!(context::line("name", " two\u{2028}lines ", 80).is_ok(), "not a control character, and shown as text");
    assert!(context::line("name", "bell\u{7}", 80).is_err());
}
