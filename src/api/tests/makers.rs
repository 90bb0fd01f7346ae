//! A link is good for as long as whoever made it may manage whose it is.

use crate::{
    api::{
        agents,
        context::read,
        links::{self, Follow, Link, Look},
        ops,
        sessions::Signed,
        testing::{LEI, OWNER, World, code},
    },
    core::{error::Code, id::AgentId},
    sql::testing::{GivingWay, interleave, ready},
};

fn looking(link: &Link) -> Look {
    read(&format!(r#"{{"token":"{}"}}"#, link.link.split('#').nth(1).unwrap())).unwrap()
}

fn following(link: &Link) -> Follow {
    let token = link.link.split('#').nth(1).unwrap();
    read(&format!(r#"{{"token":"{token}","password":"somebody else's"}}"#)).unwrap()
}

/// Somebody new, invited by `who`.
fn invite(world: &World, who: &Signed, name: &str) -> (AgentId, Link) {
    let body = format!(r#"{{"name":"{name}","email":"{name}@shop.example","role":"agent"}}"#);
    let (agent, link) = ready(agents::invite(&world.cx(), &who.principal, &read(&body).unwrap())).unwrap();
    let id = serde_json::to_value(&agent).unwrap()["id"].as_str().and_then(|id| AgentId::parse(id).ok());
    (id.unwrap(), link)
}

fn change(world: &World, owner: &Signed, id: &AgentId, role: &str) {
    let given = read(&format!(r#"{{"role":"{role}"}}"#)).unwrap();
    ready(agents::change(&world.cx(), &owner.principal, id, &given)).unwrap();
}

/// Lei, made an admin by the owner.
fn an_admin(world: &World, owner: &Signed) -> Signed {
    change(world, owner, &world.enter(LEI).principal.agent, "admin");
    world.enter(LEI)
}

#[test]
fn a_link_ends_with_the_rights_of_whoever_made_it() {
    for role in [None, Some("agent")] {
        let world = World::seeded();
        let owner = world.enter(OWNER);
        let lei = an_admin(&world, &owner);
        let (ann, replaced) = invite(&world, &owner, "Ann");
        let (_, by_owner) = invite(&world, &owner, "Bo");
        let (_, by_lei) = invite(&world, &lei, "Cy");
        let reset = ready(agents::reset(&world.cx(), &lei.principal, &ann)).unwrap();
        let own = ready(ops::reset_password(&world.cx(), &read(r#"{"email":"owner@shop.example"}"#).unwrap())).unwrap();
        let look = |link: &Link| code(ready(links::look(&world.cx(), &looking(link)))).map(drop);
        assert_eq!(look(&replaced), Err(Code::NotFound));
        for link in [&by_owner, &by_lei, &reset, &own] {
            assert_eq!(look(link), Ok(()));
        }
        match role {
            Some(role) => change(&world, &owner, &lei.principal.agent, role),
            None => drop(ready(agents::disable(&world.cx(), &owner.principal, &lei.principal.agent)).unwrap()),
        }
        for link in [&by_lei, &reset] {
            assert_eq!(look(link), Err(Code::NotFound), "{role:?}");
            assert_eq!(
                code(ready(links::follow(&world.cx(), &following(link)))).err(),
                Some(Code::NotFound),
                "{role:?}"
            );
        }
        for link in [&by_owner, &own] {
            assert_eq!(look(link), Ok(()), "{role:?}: not hers");
            assert!(ready(links::follow(&world.cx(), &following(link))).is_ok(), "{role:?}");
        }
    }
}

/// Of a link that was read before its maker was out, and is followed afterwards.
#[test]
fn a_link_is_not_followed_behind_the_end_of_its_maker() {
    for schedule in 0_u32..16 {
        let world = World::seeded();
        let owner = world.enter(OWNER);
        let lei = an_admin(&world, &owner);
        let (_, link) = invite(&world, &lei, "Ann");
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let given = following(&link);
        let both = interleave(
            links::follow(&first, &given),
            agents::disable(&second, &owner.principal, &lei.principal.agent),
            |step| schedule >> (step % 4) & 1 == 1,
        );
        assert!(both.1.is_ok());
        let log = world.audit(&owner);
        let place = |action: &str| log.iter().position(|it| it == action);
        let (accepted, disabled) = (place("invitation_accepted"), place("agent_disabled").unwrap());
        assert_eq!(both.0.is_ok(), accepted.is_some(), "schedule {schedule}");
        assert!(accepted.is_none_or(|accepted| accepted < disabled), "schedule {schedule}: {log:?}");
    }
}

/// What was made by a version that did not note who made it is good until it is over.
#[test]
fn a_link_of_before_is_good() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let lei = an_admin(&world, &owner);
    let (_, link) = invite(&world, &lei, "Ann");
    world.database.sql.connection.execute_batch("UPDATE links SET made_by = NULL").unwrap();
    ready(agents::disable(&world.cx(), &owner.principal, &lei.principal.agent)).unwrap();
    assert!(ready(links::follow(&world.cx(), &following(&link))).is_ok());
}
