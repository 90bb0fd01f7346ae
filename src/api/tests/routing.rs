//! How conversations find agents: what an admin sets.

use serde_json::{Value, json};

use crate::{
    api::{
        audit,
        context::{Context, read},
        routing,
        testing::{OWNER, World, code},
    },
    core::{
        error::Code,
        id::WorkspaceId,
        internal::ConfigureRequest,
        port::{Columns, Database as _, Row, rows_of},
        problem::Problem,
        query::Query,
        routing::settings::{Method, Routing},
    },
    sql::{
        self,
        testing::{GivingWay, interleave, ready},
    },
};

fn view(value: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn what_is_absent_stays_and_every_change_is_a_version() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let show = || view(&ready(routing::show(&world.cx(), &owner)).unwrap());
    let before = show();
    assert_eq!((before["routing"]["method"].as_str(), before["version"].as_u64()), (Some("manual"), Some(0)));
    assert_eq!(before["live"], true, "nothing was ever set, and no Desk has anything else");
    let change = |body: &str| code(ready(routing::change(&world.cx(), &owner, read(body).unwrap())));
    let first = change(r#"{"method":"least_busy","capacity":3}"#).unwrap();
    assert_eq!(first.routing, Routing { method: Method::LeastBusy, capacity: 3, ..Routing::default() });
    let second = change(r#"{"weights":{"load":0,"idle":100}}"#).unwrap();
    assert_eq!((second.routing.capacity, second.routing.weights.idle), (3, 100));
    assert!(second.version > first.version && first.version >= world.now.get().wire(), "a moment, or one more");
    let after = show();
    assert_eq!(
        (after["version"].as_u64(), after["live"].as_bool()),
        (Some(second.version), Some(false)),
        "the Desk has yet to hear"
    );
    let told = view(&routing::Changed::of(&second));
    assert_eq!((&told["routing"], &told["version"]), (&after["routing"], &after["version"]));
    let entries = view(&ready(audit::list(&world.cx(), &owner, &Query::of("/", &audit::QUERY).unwrap())).unwrap());
    let first = &entries["entries"][0];
    assert_eq!(first["action"], "routing_changed");
    assert!(first["detail"].as_str().unwrap().contains("least_busy"), "{first}");
}

#[test]
fn what_is_out_of_range_changes_nothing() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    for body in [
        r#"{"capacity":0}"#,
        r#"{"capacity":101}"#,
        r#"{"ring_seconds":1}"#,
        r#"{"weights":{"load":0,"idle":0,"language":0,"skill":0}}"#,
    ] {
        let problem = ready(routing::change(&world.cx(), &owner, read(body).unwrap())).unwrap_err();
        assert_eq!(problem.code, Code::BadRequest, "{body}");
    }
    for body in [r#"{"method":"psychic"}"#, r#"{"capacity":-1}"#, r#"{"capacity":1.5}"#, r#"{"colour":1}"#, "[]"] {
        assert!(read::<routing::RoutingDraft>(body).is_err(), "{body}");
    }
    assert_eq!(view(&ready(routing::show(&world.cx(), &owner)).unwrap())["version"], 0);
}

/// Two admins at once: the one who comes second is told, for what they saw no longer stands.
#[test]
fn the_second_of_two_changes_is_a_conflict() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let stale = sql::routing::save(&owner.workspace, &sql::routing::Settled::default(), world.now.get()).unwrap();
    assert!(ready(routing::change(&world.cx(), &owner, read("{}").unwrap())).is_ok());
    let rows = ready(world.database.batch(vec![stale])).unwrap();
    assert!(rows_of(&rows, 0).is_empty());
}

#[test]
fn it_is_owed_to_the_desk_until_it_has_heard() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let owed = || -> Vec<ConfigureRequest> {
        let rows = ready(world.database.batch(vec![sql::routing::owed(20)])).unwrap();
        let read = |row: &Row| {
            let workspace = WorkspaceId::parse(&Columns::of(row).text()).unwrap();
            let rows = ready(world.database.batch(sql::routing::whole(&workspace).to_vec())).unwrap();
            sql::routing::read_whole(&workspace, &rows, 0).unwrap()
        };
        rows_of(&rows, 0).iter().map(read).collect()
    };
    assert!(owed().is_empty());
    let request = ready(routing::change(&world.cx(), &owner, read(r#"{"method":"round_robin"}"#).unwrap())).unwrap();
    assert_eq!(owed().as_slice(), std::slice::from_ref(&request));
    let confirm =
        |version| ready(world.database.batch(vec![sql::routing::confirm(&owner.workspace, version)])).unwrap();
    let later = ready(routing::change(&world.cx(), &owner, read(r#"{"capacity":9}"#).unwrap())).unwrap();
    confirm(request.version);
    assert_eq!(owed().as_slice(), std::slice::from_ref(&later), "the earlier one does not stand for the later one");
    confirm(later.version);
    confirm(request.version);
    assert!(owed().is_empty(), "a late word takes nothing back");
    assert_eq!(view(&ready(routing::show(&world.cx(), &owner)).unwrap())["live"], true);
}

/// Two change the hours that the workspace is open: the second is told.
#[test]
fn of_hours_the_second_is_told() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let week = |zone: &str| json!({"timezone": zone, "weekly": vec![json!([]); 7], "exceptions": [{"date": "2026-12-25", "spans": []}]});
    let settled = |zone: &str| {
        let mut hours = week(zone);
        hours["offsets"] = json!([[0, 0]]);
        hours
    };
    let refused = |problem: Problem| (problem.code, problem.field);
    let change = async |cx: &Context<'_, _>, zone: &str, before: Value| {
        let body = json!({"hours": settled(zone), "hours_before": before}).to_string();
        routing::change(cx, &owner, read(&body).unwrap()).await.map(drop).map_err(refused)
    };
    let hours = || view(&ready(routing::show(&world.cx(), &owner)).unwrap())["hours"].clone();
    let late = Err((Code::Conflict, "hours".to_owned()));
    for schedule in 0..16 {
        let (turns, begun) = (GivingWay(&world.database), hours());
        let (a, b) = (world.cx_over(&turns), world.cx_over(&turns));
        let both = interleave(change(&a, "UTC", begun.clone()), change(&b, "Asia/Shanghai", begun.clone()), |step| {
            schedule >> (step % 4) & 1 == 1
        });
        let zone = if both.0.is_ok() { "UTC" } else { "Asia/Shanghai" };
        assert!(both == (Ok(()), late.clone()) || both == (late.clone(), Ok(())), "{schedule}: {both:?}");
        assert_eq!(hours(), week(zone), "{schedule}");
        let set = |body: Value| code(ready(routing::change(&world.cx(), &owner, read(&body.to_string()).unwrap())));
        let named = json!({"hours": settled("Europe/Berlin"), "hours_before": settled(zone)});
        assert_eq!(set(named.clone()).map(drop), Ok(()), "offsets are ours, whoever names them");
        assert_eq!(set(named).err(), Some(Code::Conflict), "{schedule}");
        assert_eq!(set(json!({"hours": null})).map(drop), Ok(()), "who does not ask writes over them");
    }
}
