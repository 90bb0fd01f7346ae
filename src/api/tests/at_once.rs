//! Two people change one site, team or agent: different fields both stand, and of one list nobody undoes the other's unknowingly,
//! nor of hours.

use serde_json::{Value, json};

use crate::{
    api::{
        agents,
        context::{Context, read},
        sites, teams,
        testing::{LEI, OWNER, World},
    },
    core::{
        error::Code,
        id::{AgentId, SiteId, TeamId},
        port::Database,
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::testing::{GivingWay, interleave, ready},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Site,
    Team,
    Agent,
}

type Outcome = Result<Value, (Code, String)>;

struct Story {
    world: World,
    owner: AgentPrincipal,
    lei: AgentId,
}

impl Story {
    fn new() -> Self {
        let world = World::seeded();
        let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal.agent);
        Story { world, owner, lei }
    }

    /// One of a kind, to be changed; its id.
    fn made(&self, kind: Kind) -> String {
        let cx = self.world.cx();
        let made = match kind {
            Kind::Site => json!(
                ready(sites::create(&cx, &self.owner, &read(r#"{"name":"Shop","domains":["a.example"]}"#).unwrap()))
                    .unwrap()
                    .0
            ),
            Kind::Team => json!(
                ready(teams::create(&cx, &self.owner, read(&json!({"name": "Sales"}).to_string()).unwrap())).unwrap().0
            ),
            Kind::Agent => return self.lei.to_string(),
        };
        made["id"].as_str().unwrap().to_owned()
    }

    /// As it was before, for the next one.
    fn forget(&self, kind: Kind, id: &str) {
        match kind {
            Kind::Site => {}
            Kind::Team => {
                ready(teams::delete(&self.world.cx(), &self.owner, &TeamId::parse(id).unwrap())).unwrap();
            }
            Kind::Agent => {
                let blank = json!({"capacity": null, "languages": [], "skills": [], "location": null});
                self.change(kind, id, &blank).unwrap();
            }
        }
    }

    async fn change_over<D: Database>(&self, cx: &Context<'_, D>, kind: Kind, id: &str, body: &Value) -> Outcome {
        let (who, body) = (&self.owner, body.to_string());
        let refused = |problem: Problem| (problem.code, problem.field);
        match kind {
            Kind::Site => {
                let changed = sites::change(cx, who, &SiteId::parse(id).unwrap(), &read(&body).unwrap()).await;
                changed.map(|(site, _)| json!(site)).map_err(refused)
            }
            Kind::Team => {
                let changed = teams::change(cx, who, &TeamId::parse(id).unwrap(), read(&body).unwrap()).await;
                changed.map(|(team, _)| json!(team)).map_err(refused)
            }
            Kind::Agent => {
                let changed = agents::change(cx, who, &AgentId::parse(id).unwrap(), &read(&body).unwrap()).await;
                changed.map(|changed| json!(changed.agent)).map_err(refused)
            }
        }
    }

    fn change(&self, kind: Kind, id: &str, body: &Value) -> Outcome {
        ready(self.change_over(&self.world.cx(), kind, id, body))
    }

    /// Both of them at once; bit by bit, `schedule` says who goes on.
    fn both(&self, kind: Kind, id: &str, bodies: &[Value; 2], schedule: u32) -> [Outcome; 2] {
        let turns = GivingWay(&self.world.database);
        let (a, b) = (self.world.cx_over(&turns), self.world.cx_over(&turns));
        let (first, second) = interleave(
            self.change_over(&a, kind, id, &bodies[0]),
            self.change_over(&b, kind, id, &bodies[1]),
            |step| schedule >> (step % 4) & 1 == 1,
        );
        [first, second]
    }

    fn stands(&self, kind: Kind, id: &str) -> Value {
        let cx = self.world.cx();
        let all = match kind {
            Kind::Site => json!(ready(sites::list(&cx, &self.owner)).unwrap()),
            Kind::Team => json!(ready(teams::list(&cx, &self.owner)).unwrap()),
            Kind::Agent => json!(ready(agents::list(&cx, &self.owner)).unwrap()),
        };
        all.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone()
    }
}

#[test]
fn different_fields_both_stand() {
    let week = json!({"timezone": "UTC", "weekly": vec![json!([]); 7], "exceptions": [], "offsets": [[0, 0]]});
    let pairs = [
        (Kind::Site, json!({"name": "Store", "when_closed": "bot"}), json!({"greeting": "Hi", "hours": week})),
        (Kind::Site, json!({"domains": ["b.example"]}), json!({"color": "#112233", "locale": "en"})),
        (Kind::Team, json!({"name": "Sellers", "method": "manual"}), json!({"hours": week, "reserved_slots": 3})),
        (Kind::Team, json!({"name": "Sellers"}), json!({"members": []})),
        (Kind::Agent, json!({"capacity": 3, "languages": ["zh"]}), json!({"skills": ["vip"]})),
        (Kind::Agent, json!({"location": {"latitude": 1.5, "longitude": 2.5}}), json!({"capacity": 4})),
    ];
    for (kind, first, second) in pairs {
        let story = Story::new();
        for schedule in 0..16 {
            let id = story.made(kind);
            let both = [first.clone(), second.clone()];
            for outcome in story.both(kind, &id, &both, schedule) {
                outcome.unwrap();
            }
            let stands = story.stands(kind, &id);
            for (field, wanted) in both.iter().flat_map(|body| body.as_object().unwrap()) {
                let is = if field == "hours" { &stands[field]["timezone"] } else { &stands[field] };
                let wanted = if field == "hours" { &wanted["timezone"] } else { wanted };
                assert_eq!(is, wanted, "{kind:?} {schedule}: {field}");
            }
            story.forget(kind, &id);
        }
    }
}

#[test]
fn what_is_null_is_taken_away() {
    let story = Story::new();
    let help = story.made(Kind::Team);
    let team = json!(
        ready(teams::create(
            &story.world.cx(),
            &story.owner,
            read(&json!({"name": "Help", "method": "manual", "overflow": help, "reserved_slots": 2}).to_string())
                .unwrap()
        ))
        .unwrap()
        .0
    );
    let site = story.made(Kind::Site);
    let cases = [
        (Kind::Team, team["id"].as_str().unwrap(), json!({"method": null, "overflow": null, "reserved_slots": 0})),
        (Kind::Site, &site, json!({"team": help})),
        (Kind::Site, &site, json!({"team": null, "greeting": ""})),
        (Kind::Agent, story.lei.as_str(), json!({"capacity": 5, "location": {"latitude": 1.5, "longitude": 2.5}})),
        (Kind::Agent, story.lei.as_str(), json!({"capacity": null, "location": null})),
    ];
    for (kind, id, body) in cases {
        let answer = story.change(kind, id, &body).unwrap();
        let stands = story.stands(kind, id);
        for (field, wanted) in body.as_object().unwrap() {
            assert_eq!((&answer[field], &stands[field]), (wanted, wanted), "{kind:?} {field}");
        }
    }
}

/// A list, or hours, and two that are made of it.
fn lists(story: &Story) -> [(Kind, &'static str, [Value; 3]); 5] {
    let (owner, lei) = (&story.owner.agent, &story.lei);
    let week = |timezone| json!({"timezone": timezone, "weekly": vec![json!([]); 7], "exceptions": []});
    let hours = [Value::Null, week("UTC"), week("Asia/Shanghai")];
    [
        (Kind::Site, "domains", [json!(["a.example"]), json!(["a.example", "b.example"]), json!([])]),
        (Kind::Site, "hours", hours.clone()),
        (Kind::Team, "members", [json!([]), json!([lei]), json!([owner])]),
        (Kind::Team, "hours", hours),
        (Kind::Agent, "skills", [json!([]), json!(["vip"]), json!(["returns", "vip"])]),
    ]
}

/// As the platform hands it on: hours with the offsets of their zone.
fn settled(list: &Value) -> Value {
    let mut list = list.clone();
    if let Some(hours) = list.as_object_mut() {
        hours.insert("offsets".into(), json!([[0, 0]]));
    }
    list
}

#[test]
fn of_one_list_the_second_is_told() {
    let story = Story::new();
    let all = lists(&story);
    for (schedule, (kind, field, [begun, one, other])) in (0..16).flat_map(|it| all.iter().map(move |list| (it, list)))
    {
        let (kind, field, id) = (*kind, *field, story.made(*kind));
        let before = format!("{field}_before");
        let bodies = [one, other].map(|list| json!({field: settled(list), &before: begun}));
        let (won, lost, list) = match story.both(kind, &id, &bodies, schedule) {
            [Ok(won), Err(lost)] => (won, lost, one),
            [Err(lost), Ok(won)] => (won, lost, other),
            both => panic!("{kind:?} {schedule}: {both:?}"),
        };
        assert_eq!(lost, (Code::Conflict, field.to_owned()), "{kind:?} {schedule}");
        assert_eq!((&won[field], &story.stands(kind, &id)[field]), (list, list), "{kind:?} {schedule}");
        // Whoever has seen what stands may write over it, and so may who does not ask.
        let again = story.change(kind, &id, &json!({field: settled(begun), &before: list})).unwrap();
        assert_eq!(again[field], *begun, "{kind:?} {schedule}");
        assert_eq!(story.change(kind, &id, &json!({field: settled(one)})).unwrap()[field], *one, "{kind:?} {schedule}");
        let stale = story.change(kind, &id, &json!({field: settled(other), &before: begun}));
        assert_eq!(stale, Err((Code::Conflict, field.to_owned())), "{kind:?} {schedule}");
        story.forget(kind, &id);
    }
}

/// Hours that a later version has written more into are those that are known of them; what can't be read is shown as none, and is
/// mended by whoever sets others.
#[test]
fn hours_are_held_against_what_can_be_read_of_them() {
    let story = Story::new();
    let week = |timezone| json!({"timezone": timezone, "weekly": vec![json!([]); 7], "exceptions": []});
    let mut later = settled(&week("UTC"));
    later["seasons"] = json!([1]);
    for (kind, table) in [(Kind::Site, "sites"), (Kind::Team, "teams")] {
        for (stored, shown) in [(later.to_string(), week("UTC")), ("{".to_owned(), Value::Null)] {
            let id = story.made(kind);
            let put = format!("UPDATE {table} SET hours = ? WHERE id = ?");
            assert_eq!(story.world.database.sql.connection.execute(&put, [&stored, &id]).unwrap(), 1);
            assert_eq!(story.stands(kind, &id)["hours"], shown, "{kind:?}");
            let change = |begun: &Value| {
                story.change(kind, &id, &json!({"hours": settled(&week("Asia/Shanghai")), "hours_before": begun}))
            };
            assert_eq!(change(&week("Asia/Tokyo")), Err((Code::Conflict, "hours".to_owned())), "{kind:?}");
            assert_eq!(change(&shown).unwrap()["hours"], week("Asia/Shanghai"), "{kind:?}");
            story.forget(kind, &id);
        }
    }
}

/// A name that is refused leaves the members as they are, also where both were given.
#[test]
fn who_takes_a_name_too_late_changes_no_members() {
    let story = Story::new();
    for schedule in 0..16 {
        let ids = ["Sales", "Help"].map(|name| {
            let body = read(&json!({"name": name}).to_string()).unwrap();
            json!(ready(teams::create(&story.world.cx(), &story.owner, body)).unwrap().0)["id"]
                .as_str()
                .unwrap()
                .to_owned()
        });
        let turns = GivingWay(&story.world.database);
        let (a, b) = (story.world.cx_over(&turns), story.world.cx_over(&turns));
        let body = json!({"name": "Desk", "members": [story.lei]});
        let both = interleave(
            story.change_over(&a, Kind::Team, &ids[0], &body),
            story.change_over(&b, Kind::Team, &ids[1], &body),
            |step| schedule >> (step % 4) & 1 == 1,
        );
        let late = match both {
            (Ok(_), Err(lost)) => (1, lost),
            (Err(lost), Ok(_)) => (0, lost),
            both => panic!("{schedule}: {both:?}"),
        };
        assert_eq!(late.1, (Code::Conflict, "name".to_owned()), "{schedule}");
        assert_eq!(story.stands(Kind::Team, &ids[late.0])["members"], json!([]), "{schedule}");
        ids.iter().for_each(|id| story.forget(Kind::Team, id));
    }
}
