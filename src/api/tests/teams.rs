//! Teams, what agents can do, whose sites are whose: what the Desk is told of each change.

use serde_json::{Value, json};

use crate::{
    api::{
        agents,
        context::{check_parts, read},
        routing, sites, teams,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        error::Code,
        geo::Location,
        id::{SiteId, TeamId},
        internal::ConfigureRequest,
        principal::AgentPrincipal,
        routing::settings::Method,
    },
    sql::testing::ready,
};

fn view(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn create(world: &World, who: &AgentPrincipal, body: &Value) -> Result<(Value, ConfigureRequest), Code> {
    let made = ready(teams::create(&world.cx(), who, read(&body.to_string()).unwrap()));
    code(made).map(|(team, request)| (view(&team), request))
}

fn change(world: &World, who: &AgentPrincipal, id: &TeamId, body: &Value) -> Result<(Value, ConfigureRequest), Code> {
    let changed = ready(teams::change(&world.cx(), who, id, read(&body.to_string()).unwrap()));
    code(changed).map(|(team, request)| (view(&team), request))
}

fn id_of(team: &Value) -> TeamId {
    TeamId::parse(team["id"].as_str().unwrap()).unwrap()
}

fn list(world: &World, who: &AgentPrincipal) -> Value {
    view(&ready(teams::list(&world.cx(), who)).unwrap())
}

#[test]
fn a_team_is_made_changed_and_told_whole() {
    let world = World::seeded();
    let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal);
    let (sales, first) =
        create(&world, &owner, &json!({"name": "Sales", "members": [lei.agent, owner.agent, lei.agent]})).unwrap();
    assert_eq!(sales["members"].as_array().unwrap().len(), 2, "named twice is named once");
    let (returns, second) =
        create(&world, &owner, &json!({"name": " Returns ", "method": "round_robin", "overflow": sales["id"]}))
            .unwrap();
    assert_eq!((&returns["name"], &returns["method"]), (&json!("Returns"), &json!("round_robin")));
    assert!(second.version > first.version);
    let told = second.roster.unwrap().sorted();
    assert_eq!(told.teams.len(), 2, "all of it, each time");
    let of = |team: &Value| told.team(&id_of(team)).unwrap();
    assert_eq!((of(&returns).method, of(&returns).overflow.as_ref()), (Some(Method::RoundRobin), Some(&id_of(&sales))));
    assert!(of(&sales).has(&lei.agent) && !of(&returns).has(&lei.agent));
    let (changed, third) =
        change(&world, &owner, &id_of(&returns), &json!({"method": null, "members": [lei.agent]})).unwrap();
    assert_eq!((&changed["method"], &changed["overflow"]), (&Value::Null, &sales["id"]), "what is absent stays");
    assert!(third.roster.unwrap().team(&id_of(&returns)).unwrap().has(&lei.agent));
    let listed = list(&world, &owner);
    assert!(listed == json!([sales, changed]) || listed == json!([changed, sales]), "{listed}");
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let (sales, _) = create(&world, &owner, &json!({"name": "Sales"})).unwrap();
    let nobody = "agt_aaaaaaaaaaaaaaaa";
    let none = "team_aaaaaaaaaaaaaaaa";
    let cases = [
        (json!({}), Code::BadRequest),
        (json!({"name": ""}), Code::BadRequest),
        (json!({"name": "x".repeat(200)}), Code::BadRequest),
        (json!({"name": "Sales"}), Code::Conflict),
        (json!({"name": "A", "members": [nobody]}), Code::BadRequest),
        (json!({"name": "A", "overflow": none}), Code::BadRequest),
    ];
    for (body, expected) in cases {
        assert_eq!(create(&world, &owner, &body).err(), Some(expected), "{body}");
    }
    let id = id_of(&sales);
    assert_eq!(change(&world, &owner, &id, &json!({"overflow": sales["id"]})).err(), Some(Code::BadRequest), "itself");
    assert_eq!(change(&world, &owner, &TeamId::parse(none).unwrap(), &json!({})).err(), Some(Code::NotFound));
    for body in [r#"{"name":1}"#, r#"{"members":["x"]}"#, r#"{"method":"psychic"}"#, r#"{"colour":1}"#] {
        assert!(read::<teams::TeamDraft>(body).is_err(), "{body}");
    }
    for number in 0..49 {
        create(&world, &owner, &json!({"name": format!("Team {number}")})).unwrap();
    }
    assert_eq!(create(&world, &owner, &json!({"name": "one more"})).err(), Some(Code::Conflict));
    assert_eq!(list(&world, &owner).as_array().unwrap().len(), 50);
}

#[test]
fn a_team_that_goes_leaves_its_sites_and_helpers() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let (sales, _) = create(&world, &owner, &json!({"name": "Sales", "members": [owner.agent]})).unwrap();
    let (returns, _) = create(&world, &owner, &json!({"name": "Returns", "overflow": sales["id"]})).unwrap();
    let body = json!({"name": "Shop", "team": sales["id"]}).to_string();
    let (site, request) = ready(sites::create(&world.cx(), &owner, &read(&body).unwrap())).unwrap();
    let site = view(&site);
    assert_eq!(site["team"], sales["id"]);
    assert_eq!(request.unwrap().roster.unwrap().sites.len(), 1);
    let id = SiteId::parse(site["id"].as_str().unwrap()).unwrap();
    let set = |body: &str| code(ready(sites::change(&world.cx(), &owner, &id, &read(body).unwrap())));
    assert_eq!(set(r#"{"name":"Shop 2"}"#).unwrap().1, None, "routing knows nothing of a name");
    assert_eq!(set(r#"{"team":"team_aaaaaaaaaaaaaaaa"}"#).err(), Some(Code::BadRequest));
    let gone = ready(teams::delete(&world.cx(), &owner, &id_of(&sales))).unwrap();
    let roster = gone.roster.unwrap();
    assert_eq!((roster.teams.len(), roster.sites.len(), roster.teams[0].overflow.as_ref()), (1, 0, None));
    assert_eq!(list(&world, &owner)[0]["id"], returns["id"]);
    let again = ready(teams::delete(&world.cx(), &owner, &id_of(&sales)));
    assert_eq!(code(again).err(), Some(Code::NotFound));
    let settled = view(&ready(routing::show(&world.cx(), &owner)).unwrap());
    assert_eq!(settled["version"], gone.version, "what changed nothing is no version");
}

#[test]
fn what_an_agent_can_do_is_told_and_bounded() {
    let world = World::seeded();
    let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal);
    let set = |body: &str| code(ready(agents::change(&world.cx(), &owner, &lei.agent, &read(body).unwrap())));
    let changed = set(r#"{"capacity":3,"languages":["zh","en"],"skills":["returns"]}"#).unwrap();
    let agent = view(&changed.agent);
    assert_eq!((&agent["capacity"], &agent["languages"]), (&json!(3), &json!(["zh", "en"])));
    let roster = changed.configure.unwrap().roster.unwrap();
    assert_eq!(roster.abilities(&lei.agent).unwrap().capacity, Some(3));
    assert!(set(r#"{"name":"Lei"}"#).unwrap().configure.is_none());
    assert!(set(r#"{"capacity":3}"#).unwrap().configure.is_none(), "the same");
    let changed = set(r#"{"capacity":null}"#).unwrap();
    assert_eq!(view(&changed.agent)["capacity"], Value::Null);
    assert_eq!(changed.configure.unwrap().roster.unwrap().abilities(&lei.agent).unwrap().skills, ["returns"]);
    let changed = set(r#"{"location":{"latitude":31.234,"longitude":121.47}}"#).unwrap();
    assert_eq!(view(&changed.agent)["location"], json!({"latitude": 31.23, "longitude": 121.47}));
    let told = changed.configure.unwrap().roster.unwrap().abilities(&lei.agent).unwrap().location;
    assert_eq!(told, Location::of(31.23, 121.47));
    assert!(set(r#"{"skills":["returns"]}"#).unwrap().configure.is_none(), "it stays");
    let seen_by = |who: &AgentPrincipal| {
        let all = view(&ready(agents::list(&world.cx(), who)).unwrap());
        all.as_array().unwrap().iter().filter(|it| !it["location"].is_null()).count()
    };
    assert_eq!((seen_by(&owner), seen_by(&lei)), (1, 0), "who routes is told");
    let gone = set(r#"{"location":null}"#).unwrap();
    assert_eq!(view(&gone.agent)["location"], Value::Null);
    for body in
        [r#"{"location":{"latitude":91,"longitude":0}}"#, r#"{"location":{"latitude":1}}"#, r#"{"location":"x"}"#]
    {
        assert!(read::<agents::Change>(body).is_err(), "{body}");
    }
    for body in [r#"{"capacity":0}"#, r#"{"languages":["zh-CN"]}"#, r#"{"skills":["Returns"]}"#, r#"{"skills":[""]}"#] {
        assert_eq!(set(body).err(), Some(Code::BadRequest), "{body}");
    }
    // What is out of range takes everything with it.
    assert!(set(r#"{"role":"admin","name":"Other","capacity":0}"#).is_err());
    assert_eq!((world.enter(LEI).me.name.as_str(), world.enter(LEI).principal.role.name()), ("Lei", "agent"));
}

/// INV-8: another workspace's agents, teams and sites are nobody's.
#[test]
fn inv_8_strangers_are_nobody() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let stranger = AgentPrincipal {
        workspace: crate::core::id::WorkspaceId::draw(&mut crate::core::id::Entropy::new(4)),
        ..owner.clone()
    };
    let (sales, _) = create(&world, &owner, &json!({"name": "Sales", "members": [owner.agent]})).unwrap();
    let id = id_of(&sales);
    assert_eq!(change(&world, &stranger, &id, &json!({"name": "Mine"})).err(), Some(Code::NotFound));
    assert!(ready(teams::delete(&world.cx(), &stranger, &id)).is_err());
    assert_eq!(list(&world, &stranger), json!([]));
    assert_eq!(list(&world, &owner), json!([sales]));
}

/// A misspelt member is refused, or the days that stand would be gone without a word.
#[test]
fn nothing_unknown_stands_inside_hours_or_a_place() {
    let hours = |spans: &str, more: &str| {
        format!(r#"{{"name":"X","hours":{{"timezone":"Etc/UTC","weekly":[[{spans}],[],[],[],[],[],[]]{more}}}}}"#)
    };
    let span = r#"{"from":540,"to":1080}"#;
    let day = |more: &str| format!(r#","exceptions":[{{"date":"2026-12-25","spans":[{span}]{more}}}]"#);
    for fine in [
        hours(span, ""),
        hours(span, &day("")),
        hours("", r#","exceptions":[],"offsets":[[0,60]]"#),
        r#"{"hours":null,"weights":{"load":1}}"#.to_owned(),
        r#"{"location":{"latitude":1,"longitude":2.5}}"#.to_owned(),
        r#"{"location":null,"skills":["x"]}"#.to_owned(),
        String::new(),
    ] {
        assert_eq!(check_parts(&fine), Ok(()), "{fine}");
    }
    for (wrong, field) in [
        (hours(span, r#","holidays":[]"#), "hours"),
        (hours(r#"{"from":540,"to":1080,"til":9}"#, ""), "hours"),
        (hours(r#"{"from":540,"to":1080,"exceptions":[]}"#, ""), "hours"),
        (hours(span, &day(r#","span":[]"#)), "hours"),
        (hours(span, &day("").replace("1080}", r#"1080,"open":true}"#)), "hours"),
        (r#"{"location":{"latitude":1,"longitude":2,"altitude":3}}"#.to_owned(), "location"),
    ] {
        assert_eq!(check_parts(&wrong).err().map(|it| it.field), Some(field.to_owned()), "{wrong}");
    }
}
