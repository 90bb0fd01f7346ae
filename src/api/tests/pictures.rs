//! Agents' pictures: who sets whose, what is kept and what is let go of.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        agents,
        context::read,
        intents, pictures,
        sessions::{self, Signed},
        testing::{LEI, OWNER, World, code},
    },
    core::{
        error::Code,
        id::{AgentId, IntentId},
        limits::{ANSWER_PICTURE_BYTES, ANSWER_PICTURE_SIDE, PICTURE_BYTES, PICTURE_HASH_CHARS},
        picture::{Kind, look},
        port::{Statement, rows_of},
        principal::AgentPrincipal,
        time::DAY,
    },
    sql::{
        bot_models::read_bytes,
        desk, pictures as rows,
        testing::{GivingWay, interleave, ready},
    },
};

/// A picture as far as anybody looks; `more` tells one from another.
fn png(more: &[u8]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x80\0\0\0\x80\x08\x06\0\0\0".as_slice(), more].concat()
}

fn own(world: &World, who: &Signed, file: Option<&[u8]>) -> Result<Option<String>, Code> {
    of(world, &who.principal, &who.principal.agent, file)
}

fn of(world: &World, who: &AgentPrincipal, id: &AgentId, file: Option<&[u8]>) -> Result<Option<String>, Code> {
    let answer = code(ready(pictures::change(&world.cx(), who, Some(id), file)))?;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer.as_object().map(|it| it.len()), Some(1));
    Ok(answer["picture"].as_str().filter(|it| !it.is_empty()).map(str::to_owned))
}

fn served(world: &World, hash: &str) -> Option<(Kind, Vec<u8>)> {
    let found = world.database.run(vec![rows::shown(hash)]).unwrap();
    let bytes = rows_of(&found, 0).first().and_then(read_bytes)?;
    Some((look(&bytes, ANSWER_PICTURE_SIDE)?.kind, bytes))
}

fn kept(world: &World) -> i64 {
    world.count("SELECT COUNT(*) AS n FROM pictures")
}

#[test]
fn a_picture_is_seen_wherever_its_agent_is_told_of_and_a_new_one_takes_its_place() {
    let world = World::seeded();
    let lei = world.enter(LEI);
    assert_eq!(lei.me.picture, "");
    let (first, second) = (png(b"first"), png(b"second"));
    let hash = own(&world, &lei, Some(&first)).unwrap().unwrap();
    assert_eq!(hash.len(), PICTURE_HASH_CHARS);
    assert_eq!(served(&world, &hash), Some((Kind::Png, first.clone())));
    let lei = world.enter(LEI);
    assert_eq!((lei.me.picture.as_str(), lei.principal.picture.as_str()), (hash.as_str(), hash.as_str()));
    assert_eq!(lei.principal.seen().picture, hash);
    let ticket = ready(async { sessions::ticket(&world.cx(), &lei.principal) }).unwrap();
    let crate::core::principal::Principal::Agent(opened) = world.keys.ticket(&ticket.ticket, world.now.get()).unwrap()
    else {
        panic!("an agent's")
    };
    assert_eq!(opened.picture, hash, "sockets know it by the ticket");
    let found = world.database.run(vec![desk::find_agent(&lei.principal.workspace, &lei.principal.agent)]).unwrap();
    assert_eq!(desk::found_agent(lei.principal.agent.clone(), &rows_of(&found, 0)[0]), lei.principal.seen());
    let list = serde_json::to_string(&ready(agents::list(&world.cx(), &lei.principal)).unwrap()).unwrap();
    assert!(list.contains(&format!("\"picture\":\"{hash}\"")) && list.contains("\"picture\":\"\""), "{list}");

    let newer = own(&world, &lei, Some(&second)).unwrap().unwrap();
    assert_eq!((served(&world, &hash), served(&world, &newer)), (None, Some((Kind::Png, second.clone()))));
    assert_eq!(own(&world, &lei, Some(&second)).unwrap().as_deref(), Some(newer.as_str()), "the same again");
    assert_eq!(own(&world, &lei, None), Ok(None));
    assert_eq!(own(&world, &lei, None), Ok(None));
    assert_eq!((served(&world, &newer), kept(&world)), (None, 0));
    let log = world.audit(&lei);
    let told: Vec<&String> = log.iter().filter(|action| action.starts_with("agent_picture")).collect();
    assert_eq!(
        told,
        ["agent_picture_set", "agent_picture_set", "agent_picture_removed"],
        "what changes nothing is not told"
    );
}

#[test]
fn what_is_no_picture_or_too_large_changes_nothing() {
    let world = World::seeded();
    let lei = world.enter(LEI);
    let hash = own(&world, &lei, Some(&png(b""))).unwrap().unwrap();
    let large = png(&vec![0; PICTURE_BYTES]);
    let refused: [(&[u8], Code); 4] = [
        (b"", Code::PictureInvalid),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Code::PictureInvalid),
        (b"GIF89a\x01\0\x01\0\0\0\0", Code::PictureInvalid),
        (&large, Code::TooLarge),
    ];
    for (file, wanted) in refused {
        assert_eq!(own(&world, &lei, Some(file)).err(), Some(wanted));
    }
    let most = png(&vec![0; PICTURE_BYTES - png(b"").len()]);
    assert_eq!(world.enter(LEI).me.picture, hash);
    assert!(own(&world, &lei, Some(&most)).is_ok());
    assert_eq!(kept(&world), 1);
}

#[test]
fn whoever_manages_somebody_sets_their_picture_and_nobody_else_does() {
    let world = World::seeded();
    let (owner, lei) = (world.enter(OWNER).principal, world.enter(LEI).principal);
    let file = png(b"");
    let hash = of(&world, &owner, &lei.agent, Some(&file)).unwrap().unwrap();
    assert_eq!(of(&world, &lei, &owner.agent, Some(&file)).err(), Some(Code::Forbidden));
    assert_eq!(of(&world, &lei, &owner.agent, None).err(), Some(Code::Forbidden));
    let change = read(r#"{"role":"admin"}"#).unwrap();
    ready(agents::change(&world.cx(), &owner, &lei.agent, &change)).unwrap();
    let lei = world.enter(LEI).principal;
    assert_eq!(of(&world, &lei, &owner.agent, Some(&file)).err(), Some(Code::Forbidden), "an admin manages no owner");
    // Two who share one: it stays as long as one of them has it.
    assert_eq!(of(&world, &owner, &owner.agent, Some(&file)).unwrap().as_deref(), Some(hash.as_str()));
    assert_eq!((of(&world, &owner, &lei.agent, None), kept(&world)), (Ok(None), 1));
    assert!(served(&world, &hash).is_some());
    assert_eq!((of(&world, &owner, &owner.agent, None), kept(&world)), (Ok(None), 0));
}

#[test]
fn inv_8_a_stranger_sets_and_removes_nobodys_picture_and_the_same_file_is_each_workspaces_own() {
    let world = World::seeded();
    let (lei, eve) = (world.enter(LEI), stranger(&world));
    let file = png(b"");
    let hash = own(&world, &lei, Some(&file)).unwrap().unwrap();
    for tried in [Some(png(b"other").as_slice()), Some(b"{}".as_slice()), None] {
        assert_eq!(of(&world, &eve, &lei.principal.agent, tried), Err(Code::NotFound));
    }
    assert_eq!(world.enter(LEI).me.picture, hash);
    assert_eq!(of(&world, &eve, &eve.agent, Some(&file)).unwrap().as_deref(), Some(hash.as_str()));
    assert_eq!(kept(&world), 2);
    assert_eq!(of(&world, &eve, &eve.agent, None), Ok(None));
    assert_eq!(served(&world, &hash), Some((Kind::Png, file)), "what one lets go of, the other has");
}

/// Keeps one for answers: the name by which intents name it.
fn add(world: &World, who: &AgentPrincipal, file: &[u8]) -> Result<String, Code> {
    let answer = code(ready(pictures::change(&world.cx(), who, None, Some(file))))?;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    Ok(answer["picture"].as_str().unwrap().to_owned())
}

fn put(world: &World, who: &AgentPrincipal, id: &str, picture: &str) -> Result<Value, Code> {
    let zh = if picture.is_empty() { String::new() } else { format!("{picture} 地图") };
    let body = json!({ "answer": { "en": "Here" }, "picture": { "en": picture, "zh": zh } });
    let id = IntentId::parse(id).unwrap();
    let put = code(ready(intents::put(&world.cx(), who, &id, read(&body.to_string()).unwrap())))?;
    Ok(serde_json::from_str(&put.1).unwrap())
}

fn is_served(world: &World, name: &str) -> bool {
    served(world, name.split('-').next().unwrap()).is_some()
}

#[test]
fn a_picture_of_an_answer_is_uploaded_named_and_stays_when_it_is_named_no_more() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let (first, second) = (png(b"first"), png(b"second"));
    let named = add(&world, who, &first).unwrap();
    let (hash, size) = named.split_once('-').unwrap();
    assert_eq!(size, "128x128");
    assert_eq!(served(&world, hash), Some((Kind::Png, first)));
    let made = put(&world, who, "map", &named).unwrap();
    assert_eq!(made["picture"], json!({ "en": named, "zh": format!("{named} 地图") }));
    // What is nowhere here, and what is of another size than it says, is refused.
    for other in [format!("{hash}-127x128"), format!("{}-128x128", "0f".repeat(16))] {
        assert_eq!(put(&world, who, "map", &other), Err(Code::BadRequest));
        let import = json!({ "intents": [{ "id": "map", "picture": { "zh": other } }] }).to_string();
        assert_eq!(
            code(ready(intents::import(&world.cx(), who, read(&import).unwrap()))).err(),
            Some(Code::BadRequest)
        );
    }
    // An agent's picture comes and goes, and another takes its place: messages show the first one still.
    own(&world, &owner, Some(&second)).unwrap();
    own(&world, &owner, None).unwrap();
    let newer = add(&world, who, &second).unwrap();
    put(&world, who, "map", &newer).unwrap();
    let gone = put(&world, who, "map", "").unwrap();
    assert_eq!(gone.get("picture"), None);
    assert!(is_served(&world, &named) && is_served(&world, &newer));
    let log: Vec<String> = world.audit(&owner).into_iter().filter(|it| it.starts_with("intent")).collect();
    assert_eq!(log, ["intent_created", "intent_changed", "intent_changed"]);
}

#[test]
fn an_answers_picture_may_be_larger_than_an_agents_and_is_a_picture() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let most = png(&vec![0; ANSWER_PICTURE_BYTES - png(b"").len()]);
    assert!(add(&world, &who, &most).is_ok());
    assert_eq!(add(&world, &who, &png(&vec![0; ANSWER_PICTURE_BYTES])).err(), Some(Code::TooLarge));
    for file in [b"".as_slice(), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a\x01\0\x01\0\0\0\0"] {
        assert_eq!(add(&world, &who, file).err(), Some(Code::PictureInvalid));
    }
}

#[test]
fn inv_8_a_picture_of_another_workspace_is_named_by_no_answer() {
    let world = World::seeded();
    let (who, eve) = (world.enter(OWNER).principal, stranger(&world));
    let named = add(&world, &eve, &png(b"")).unwrap();
    assert_eq!(put(&world, &who, "map", &named), Err(Code::BadRequest));
    assert!(put(&world, &eve, "map", &named).is_ok());
}

/// What an intent names stays, and so does what is younger than a year; the rest makes room, but only where room is needed.
#[test]
fn so_many_are_kept_and_the_oldest_that_nothing_names_make_room() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let kept = || world.count("SELECT COUNT(*) AS n FROM answer_pictures");
    let file = |number: u64| png(&number.to_be_bytes());
    let all: Vec<String> = (0..200).map(|number| add(&world, &who, &file(number)).unwrap()).collect();
    assert_eq!(add(&world, &who, &file(999)), Err(Code::PicturesFull));
    put(&world, &who, "one", &all[1]).unwrap();
    put(&world, &who, "two", &all[2]).unwrap();
    world.wait(365 * DAY);
    let who = world.enter(OWNER).principal;
    assert_eq!(add(&world, &who, &file(999)), Err(Code::PicturesFull), "not a year yet");
    assert!(add(&world, &who, &file(0)).is_ok(), "the same again takes no room, and is new again");
    world.wait(1);
    put(&world, &who, "two", "").unwrap();
    assert_eq!(kept(), 200);
    let newer = add(&world, &who, &file(999)).unwrap();
    assert_eq!(kept(), 3);
    let there = [&all[0], &all[1], &all[2], &newer].map(|name| is_served(&world, name));
    assert_eq!(there, [true, true, false, true]);
}

fn remove(world: &World, who: &AgentPrincipal, name: &str) -> Result<(), Code> {
    code(ready(pictures::remove(&world.cx(), who, name.split('-').next().unwrap())))
}

#[test]
fn a_picture_is_removed_that_no_intent_names_in_any_language() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let (named, other) = (add(&world, who, &png(b"first")).unwrap(), add(&world, who, &png(b"second")).unwrap());
    put(&world, who, "map", &named).unwrap();
    assert_eq!(remove(&world, who, &named), Err(Code::Conflict));
    let zh = json!({ "intents": [{ "id": "map", "picture": { "zh": format!("{named} 地图") } }] }).to_string();
    ready(intents::import(&world.cx(), who, read(&zh).unwrap())).unwrap();
    assert_eq!(remove(&world, who, &named), Err(Code::Conflict), "in one language alone");
    assert!(is_served(&world, &named));
    put(&world, who, "map", &other).unwrap();
    assert_eq!(remove(&world, who, &named), Ok(()));
    assert_eq!((is_served(&world, &named), is_served(&world, &other)), (false, true));
    assert_eq!(remove(&world, who, &named), Err(Code::NotFound));
    assert_eq!(put(&world, who, "map", &named), Err(Code::BadRequest), "it is named no more");
    let log: Vec<String> = world.audit(&owner).into_iter().filter(|it| it.contains("picture")).collect();
    assert_eq!(log, ["answer_picture_removed"], "what was refused is not told as done");
    // An agent has the same one: it is another's affair, and is shown still.
    own(&world, &owner, Some(&png(b"first"))).unwrap();
    assert_eq!(remove(&world, who, &named), Err(Code::NotFound));
    assert!(is_served(&world, &named));
}

#[test]
fn inv_8_a_picture_of_another_workspace_is_removed_by_nobody_and_named_by_none_here() {
    let world = World::seeded();
    let (who, eve) = (world.enter(OWNER).principal, stranger(&world));
    let named = add(&world, &eve, &png(b"")).unwrap();
    assert_eq!(remove(&world, &who, &named), Err(Code::NotFound));
    assert!(is_served(&world, &named));
    // Both have it, and one names it: the other's goes all the same, and no more than that.
    add(&world, &who, &png(b"")).unwrap();
    put(&world, &eve, "map", &named).unwrap();
    assert_eq!(remove(&world, &who, &named), Ok(()));
    assert!(is_served(&world, &named));
    assert_eq!(remove(&world, &eve, &named), Err(Code::Conflict));
}

#[test]
fn what_is_removed_makes_room() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let file = |number: u64| png(&number.to_be_bytes());
    let all: Vec<String> = (0..200).map(|number| add(&world, &who, &file(number)).unwrap()).collect();
    assert_eq!(add(&world, &who, &file(999)), Err(Code::PicturesFull));
    assert_eq!(remove(&world, &who, &all[7]), Ok(()));
    assert!(add(&world, &who, &file(999)).is_ok());
    assert_eq!(add(&world, &who, &file(7)), Err(Code::PicturesFull));
}

/// Whoever comes first: no intent names what is gone. In a workspace that has never changed anything of its bot, too.
#[test]
fn of_a_picture_that_goes_and_an_intent_that_names_it_one_is_refused() {
    let mut outcomes = [0, 0];
    for (is_fresh, schedule) in [false, true].into_iter().flat_map(|is| (0_u32..64).map(move |it| (is, it))) {
        let world = World::seeded();
        let who = if is_fresh { stranger(&world) } else { world.enter(OWNER).principal };
        let named = add(&world, &who, &png(b"")).unwrap();
        if !is_fresh {
            put(&world, &who, "map", "").unwrap();
        }
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let body = read(&json!({ "picture": { "en": named } }).to_string()).unwrap();
        let map = IntentId::parse("map").unwrap();
        let hash = named.split('-').next().unwrap();
        let (written, gone) =
            interleave(intents::put(&first, &who, &map, body), pictures::remove(&second, &who, hash), |step| {
                schedule >> (step % 6) & 1 == 1
            });
        let both = (code(written).map(drop), code(gone));
        let is_there = match both {
            (Ok(()), Err(Code::Conflict)) => true,
            (Err(Code::Conflict | Code::BadRequest), Ok(())) => false,
            other => panic!("schedule {schedule}: {other:?}"),
        };
        assert_eq!(is_served(&world, &named), is_there, "schedule {schedule}");
        outcomes[usize::from(is_there)] += 1;
    }
    assert!(outcomes.iter().all(|times| *times > 0), "{outcomes:?}");
}

/// 199 more.
const OTHERS: &str = "INSERT INTO answer_pictures (workspace, name, hash, set_at, bytes) \
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT ?, i, i, ?, x'00' FROM n";

/// The same of one that makes room for another.
#[test]
fn no_intent_names_what_has_made_room() {
    let mut outcomes = [0, 0];
    for schedule in 0_u32..64 {
        let world = World::seeded();
        let who = world.enter(OWNER).principal;
        let named = add(&world, &who, &png(b"old")).unwrap();
        world.wait(366 * DAY);
        let who = world.enter(OWNER).principal;
        let args = [who.workspace.as_str().into(), world.now.get().0.into()];
        world.database.run(vec![Statement::new(OTHERS, args)]).unwrap();
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let body = read(&json!({ "picture": { "en": named } }).to_string()).unwrap();
        let (map, newer) = (IntentId::parse("map").unwrap(), png(b"new"));
        let (written, added) = interleave(
            intents::put(&first, &who, &map, body),
            pictures::change(&second, &who, None, Some(&newer)),
            |step| schedule >> (step % 6) & 1 == 1,
        );
        let is_there = match (code(written).map(drop), code(added).map(drop)) {
            (Ok(()), Err(Code::PicturesFull)) => true,
            (Err(Code::Conflict | Code::BadRequest), Ok(())) => false,
            other => panic!("schedule {schedule}: {other:?}"),
        };
        assert_eq!(is_served(&world, &named), is_there, "schedule {schedule}");
        outcomes[usize::from(is_there)] += 1;
    }
    assert!(outcomes.iter().all(|times| *times > 0), "{outcomes:?}");
}
