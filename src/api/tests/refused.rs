//! What is refused leaves no word of having been done, and nothing for the Desk to hear; what is done leaves one word
//! and one mark, which say the same when they are read later (INV-13).

use crate::{
    api::{
        agents,
        context::read,
        links, ops, revocation,
        revocation::Revocation,
        sessions,
        sessions::Signed,
        testing::{LEI, OWNER, World, code},
        visitors,
    },
    core::{
        error::Code,
        id::{AgentId, Entropy, VisitorId},
        internal::Revoked,
        limits::REVOCATIONS_PER_SWEEP,
        port::Statement,
        time::Timestamp,
    },
    sql::{
        pending,
        testing::{GivingWay, interleave, ready},
    },
};

fn id_of(signed: &Signed) -> AgentId {
    signed.principal.agent.clone()
}

fn owed(world: &World) -> Vec<Revocation> {
    ready(revocation::due(&world.database, world.now.get(), world.now.get())).unwrap()
}

fn entries(world: &World) -> i64 {
    world.count("SELECT COUNT(*) AS n FROM audit_log")
}

/// A visitor of the demo's site whom the history knows.
fn a_visitor(world: &World) -> VisitorId {
    let visitor = VisitorId::draw(&mut Entropy::new(3));
    let sql = "INSERT INTO visitors (id, workspace, site, created_at) SELECT ?, workspace, id, 1 FROM sites";
    world.database.run(vec![Statement::new(sql, [visitor.as_str().into()])]).unwrap();
    visitor
}

/// Each story that revokes, done: one mark, which says what the story said, until it is forgotten.
#[test]
fn inv_13_every_revocation_is_marked_in_the_batch_that_makes_it() {
    type Story = fn(&World) -> Revocation;
    let stories: [(&str, Story); 7] = [
        ("sign out", |world| ready(sessions::sign_out(&world.cx(), &world.enter(LEI).principal)).unwrap()),
        ("everywhere", |world| ready(sessions::sign_out_everywhere(&world.cx(), &world.enter(LEI).principal)).unwrap()),
        ("password", |world| {
            let given = read(&format!(r#"{{"current":"{}","new":"lei has another"}}"#, LEI.1)).unwrap();
            ready(sessions::change_password(&world.cx(), &world.enter(LEI), &given)).unwrap().1
        }),
        ("link", |world| {
            let link = ready(ops::reset_password(&world.cx(), &read(&format!(r#"{{"email":"{}"}}"#, LEI.0)).unwrap()));
            let token = link.unwrap().link.split('#').nth(1).unwrap().to_owned();
            let body = format!(r#"{{"token":"{token}","password":"lei has another"}}"#);
            ready(links::follow(&world.cx(), &read(&body).unwrap())).unwrap().1
        }),
        ("disable", |world| {
            let lei = id_of(&world.enter(LEI));
            ready(agents::disable(&world.cx(), &world.enter(OWNER).principal, &lei)).unwrap().1
        }),
        ("fewer rights", |world| {
            let (owner, lei) = (world.enter(OWNER), id_of(&world.enter(LEI)));
            ready(agents::change(&world.cx(), &owner.principal, &lei, &read(r#"{"role":"admin"}"#).unwrap())).unwrap();
            assert!(owed(world).is_empty(), "more rights end nothing");
            let less = read(r#"{"role":"agent"}"#).unwrap();
            ready(agents::change(&world.cx(), &owner.principal, &lei, &less)).unwrap().revoke.unwrap()
        }),
        ("block", |world| {
            let visitor = a_visitor(world);
            ready(visitors::set_blocked(&world.cx(), &world.enter(LEI).principal, &visitor, true)).unwrap()
        }),
    ];
    for (name, story) in stories {
        let world = World::seeded();
        let said = story(&world);
        assert!(said.pending.is_some(), "{name}");
        assert_eq!(owed(&world), std::slice::from_ref(&said), "{name}: read later it is the same word");
        let early = ready(revocation::due(&world.database, world.now.get().plus(-1), world.now.get())).unwrap();
        assert!(early.is_empty(), "{name}: the request that made it has a head start");
        world.database.run(vec![pending::forget(said.pending.as_deref().unwrap())]).unwrap();
        assert!(owed(&world).is_empty(), "{name}");
    }
}

/// Whatever is tried goes behind all others, so that a sweep's worth of Desks that fail holds up no other.
#[test]
fn inv_13_what_can_not_be_told_starves_nobody() {
    let world = World::seeded();
    let now = world.now.get();
    let sweep = |now: Timestamp| -> Vec<String> {
        let owed = ready(revocation::due(&world.database, now.plus(-1), now)).unwrap();
        owed.into_iter().filter_map(|it| it.pending).collect()
    };
    let n = REVOCATIONS_PER_SWEEP as usize;
    for number in 0..n + 5 {
        let sql = "INSERT INTO pending_revocations SELECT ?, workspace, id, id, ? FROM agents WHERE email = ?";
        let id = format!("{number:03}");
        world.database.run(vec![Statement::new(sql, [id.into(), (number as i64).into(), LEI.0.into()])]).unwrap();
    }
    let names = |range: std::ops::Range<usize>| range.map(|number| format!("{number:03}")).collect::<Vec<_>>();
    assert_eq!(sweep(now), names(0..n), "the oldest");
    // None of them could be told.
    assert_eq!(sweep(now), names(n..n + 5), "the rest, not the same again");
    assert_eq!(sweep(now), names(0..0), "all have been tried a moment ago");
    assert_eq!(sweep(now.plus(1)), names(0..n), "and come again, in their turn");
}

/// Two words about one agent: each mark is its own, and whichever is read says how things stand now.
#[test]
fn inv_13_a_later_word_is_not_lost_with_an_earlier_one() {
    let world = World::seeded();
    let first = ready(sessions::sign_out_everywhere(&world.cx(), &world.enter(LEI).principal)).unwrap();
    let second = ready(sessions::sign_out_everywhere(&world.cx(), &world.enter(LEI).principal)).unwrap();
    world.database.run(vec![pending::forget(first.pending.as_deref().unwrap())]).unwrap();
    assert_eq!(owed(&world), [second]);
    let owner = world.enter(OWNER);
    let lei = id_of(&world.enter(LEI));
    ready(agents::disable(&world.cx(), &owner.principal, &lei)).unwrap();
    for word in owed(&world) {
        assert!(word.request.release, "disabled by now: their conversations go back, whichever word arrives");
        assert!(matches!(word.request.revoked, Revoked::Agent { generation: 1_795_000_000_002, .. }));
    }
    // Somebody is gone from the tables: nothing is left to tell.
    world.database.run(vec![Statement::new("DELETE FROM sessions", [])]).unwrap();
    world
        .database
        .run(vec![Statement::new("UPDATE pending_revocations SET agent = 'agt_aaaaaaaaaaaaaaaa'", [])])
        .unwrap();
    assert!(owed(&world).is_empty());
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM pending_revocations"), 0);
}

fn told(world: &World, action: &str) -> usize {
    world.audit(&world.enter(OWNER)).iter().filter(|told| *told == action).count()
}

#[test]
fn a_refused_change_is_not_told_as_done() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let less = read(r#"{"role":"agent"}"#).unwrap();
    let change = |id: &AgentId| code(ready(agents::change(&world.cx(), &owner.principal, id, &less)).map(drop));
    assert_eq!(change(&id_of(&owner)), Err(Code::Conflict), "the last owner");
    assert_eq!((told(&world, "agent_role_changed"), owed(&world).len()), (0, 0));

    let lei = world.enter(LEI);
    for _ in 0..2 {
        ready(sessions::sign_out(&world.cx(), &lei.principal)).unwrap();
    }
    assert_eq!((told(&world, "agent_signed_out"), owed(&world).len()), (1, 1), "twice is once");

    for _ in 0..2 {
        ready(agents::disable(&world.cx(), &owner.principal, &id_of(&lei))).unwrap();
    }
    assert_eq!((told(&world, "agent_disabled"), owed(&world).len()), (1, 2), "and again");
}

/// Two who change a password from one reading: one is told, one log entry, one mark.
#[test]
fn of_two_changes_at_once_one_is_told() {
    for schedule in 0_u32..16 {
        let world = World::seeded();
        let signed = world.enter(LEI);
        let before = entries(&world);
        let body = |new: &str| read(&format!(r#"{{"current":"{}","new":"{new}"}}"#, LEI.1)).unwrap();
        let (one, two) = (body("lei has another"), body("the thief has one"));
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let both = interleave(
            sessions::change_password(&first, &signed, &one),
            sessions::change_password(&second, &signed, &two),
            |step| schedule >> (step % 4) & 1 == 1,
        );
        let won = [both.0.is_ok(), both.1.is_ok()].iter().filter(|won| **won).count();
        assert_eq!(entries(&world) - before, won as i64, "schedule {schedule}");
        assert_eq!(owed(&world).len(), won, "schedule {schedule}");
    }
}

/// Of two who follow one link the slower one is told nothing of, and takes no newer link away.
#[test]
fn a_follower_who_is_too_late_leaves_newer_links_alone() {
    for schedule in 0_u32..16 {
        let world = World::seeded();
        let asked = || read(&format!(r#"{{"email":"{}"}}"#, LEI.0)).unwrap();
        let link = ready(ops::reset_password(&world.cx(), &asked())).unwrap().link;
        let body = format!(r#"{{"token":"{}","password":"lei has another"}}"#, link.split('#').nth(1).unwrap());
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let given = read(&body).unwrap();
        let newer = asked();
        let both = interleave(links::follow(&first, &given), ops::reset_password(&second, &newer), |step| {
            schedule >> (step % 4) & 1 == 1
        });
        let open = "SELECT COUNT(*) AS n FROM links WHERE used_at IS NULL";
        let told = told(&world, "password_reset");
        let newer = code(both.1).err();
        match both.0 {
            // They may be another by then than was read for the newer one.
            Ok(_) => assert!(told == 1 && newer.is_none_or(|it| it == Code::Conflict), "schedule {schedule}"),
            Err(_) => assert_eq!((told, world.count(open), newer), (0, 1, None), "schedule {schedule}"),
        }
    }
}
