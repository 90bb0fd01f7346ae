//! Agents' pictures: who sets whose, what is kept and what is let go of.

use super::guard::stranger;
use crate::{
    api::{
        agents,
        context::read,
        pictures,
        sessions::{self, Signed},
        testing::{LEI, OWNER, World, code},
    },
    core::{
        error::Code,
        id::AgentId,
        limits::{PICTURE_BYTES, PICTURE_HASH_CHARS},
        picture::{Kind, look},
        port::rows_of,
        principal::AgentPrincipal,
    },
    sql::{bot_models::read_bytes, desk, pictures as rows, testing::ready},
};

/// A picture as far as anybody looks; `more` tells one from another.
fn png(more: &[u8]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x80\0\0\0\x80\x08\x06\0\0\0".as_slice(), more].concat()
}

fn own(world: &World, who: &Signed, file: Option<&[u8]>) -> Result<Option<String>, Code> {
    of(world, &who.principal, &who.principal.agent, file)
}

fn of(world: &World, who: &AgentPrincipal, id: &AgentId, file: Option<&[u8]>) -> Result<Option<String>, Code> {
    let answer = code(ready(pictures::change(&world.cx(), who, id, file)))?;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer.as_object().map(|it| it.len()), Some(1));
    Ok(answer["picture"].as_str().filter(|it| !it.is_empty()).map(str::to_owned))
}

fn served(world: &World, hash: &str) -> Option<(Kind, Vec<u8>)> {
    let found = world.database.run(vec![rows::shown(hash)]).unwrap();
    let bytes = rows_of(&found, 0).first().and_then(read_bytes)?;
    Some((look(&bytes)?.kind, bytes))
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
