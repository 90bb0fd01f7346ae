//! Tags on real SQLite.

use serde_json::json;

use super::guard::stranger;
use crate::{
    api::{
        context::read,
        tags,
        testing::{OWNER, World, code},
    },
    core::{error::Code, id::TagId, principal::AgentPrincipal},
    sql::testing::ready,
};

fn save(world: &World, who: &AgentPrincipal, id: Option<&TagId>, name: &str, color: &str) -> Result<TagId, Code> {
    let draft = read(&json!({"name": name, "color": color}).to_string()).unwrap();
    code(ready(tags::save(&world.cx(), who, id, draft))).map(|row| row.id)
}

fn names(world: &World, who: &AgentPrincipal) -> Vec<String> {
    let all = ready(tags::list(&world.cx(), who)).unwrap();
    all.into_iter().map(|row| format!("{} {}", row.name, row.color)).collect()
}

/// Somebody gives another colour while another one gives another name.
#[test]
fn of_a_tag_what_is_absent_stays() {
    let world = World::seeded();
    let who = &world.enter(OWNER).principal;
    let id = save(&world, who, None, "Refund", "#ff0000").unwrap();
    let change = |body: &str| code(ready(tags::save(&world.cx(), who, Some(&id), read(body).unwrap())));
    for (body, wanted) in [
        (r#"{"name":"Money back"}"#, "Money back #ff0000"),
        (r##"{"color":"#00ff00"}"##, "Money back #00ff00"),
        (r#"{"color":""}"#, "Money back "),
        ("{}", "Money back "),
    ] {
        let row = change(body).unwrap();
        assert_eq!(
            (format!("{} {}", row.name, row.color).as_str(), names(&world, who)),
            (wanted, vec![wanted.to_owned()]),
            "{body}"
        );
    }
    assert_eq!(change(r#"{"name":" "}"#).err(), Some(Code::BadRequest));
    assert_eq!(code(ready(tags::save(&world.cx(), who, None, read("{}").unwrap()))).err(), Some(Code::BadRequest));
}

#[test]
fn tags_are_named_and_forgotten() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let refund = save(&world, who, None, " Refund ", "#FF0000").unwrap();
    let bug = save(&world, who, None, "Bug", "").unwrap();
    assert_eq!(names(&world, who), ["Bug ", "Refund #ff0000"]);
    assert_eq!(save(&world, who, None, "Bug", ""), Err(Code::Conflict));
    assert_eq!(save(&world, who, Some(&bug), "Refund", ""), Err(Code::Conflict));
    assert_eq!(save(&world, who, Some(&bug), "Fault", "#00ff00"), Ok(bug.clone()));
    for (name, color) in [("", ""), ("x", "red"), (&*"长".repeat(41), "")] {
        assert_eq!(save(&world, who, None, name, color), Err(Code::BadRequest), "{name} {color}");
    }
    let eve = stranger(&world);
    assert_eq!(names(&world, &eve), Vec::<String>::new());
    assert_eq!(save(&world, &eve, Some(&bug), "Mine", ""), Err(Code::NotFound));
    assert_eq!(code(ready(tags::delete(&world.cx(), &eve, &bug))), Err(Code::NotFound));
    assert_eq!(save(&world, &eve, None, "Fault", "").map(drop), Ok(()), "a name is of one workspace");
    assert_eq!(ready(tags::delete(&world.cx(), who, &refund)), Ok(()));
    assert_eq!(code(ready(tags::delete(&world.cx(), who, &refund))), Err(Code::NotFound));
    assert_eq!(names(&world, who), ["Fault #00ff00"]);
    for number in 1..100 {
        assert!(save(&world, who, None, &format!("tag {number}"), "").is_ok(), "{number}");
    }
    assert_eq!(save(&world, who, None, "one more", ""), Err(Code::Conflict));
    let told: Vec<String> = world.audit(&owner).into_iter().filter(|action| action.starts_with("tag")).collect();
    assert_eq!(
        (told.len(), told.last().map(String::as_str)),
        (103, Some("tag_created")),
        "101 made, one changed, one deleted"
    );
}
