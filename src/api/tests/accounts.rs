//! Signing in, sessions, passwords, links, set-up.

use crate::{
    api::{
        context::read,
        links, ops, sessions, setup,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        address::ClientAddress,
        auth::LinkToken,
        error::Code,
        internal::Revoked,
        limits::{INVITATION_LIFE, LOCK_OUT, RESET_LIFE, SESSION_IDLE, SESSION_LIFE},
        password::{self, RUNS},
        port::Statement,
        time::{DAY, HOUR},
    },
    sql::testing::{GivingWay, interleave, ready},
};

fn token_of(link: &links::Link) -> String {
    link.link.strip_prefix("https://chat.example/console/link#").unwrap().to_owned()
}

/// The body that follows a link, with these members besides the token.
fn following(token: &str, members: &str) -> links::Follow {
    read(&format!(r#"{{"token":"{token}",{members}}}"#)).unwrap()
}

#[test]
fn signing_in_gives_a_session_and_wrong_passwords_give_nothing() {
    let world = World::seeded();
    let signed = world.enter(OWNER);
    assert_eq!((signed.me.name.as_str(), signed.me.workspace.name.as_str()), ("Olga", "Shop"));
    assert!(world.sign_in(("  OWNER@Shop.Example ", OWNER.1)).is_ok(), "the address has one form");
    for wrong in [(OWNER.0, LEI.1), (OWNER.0, ""), ("nobody@shop.example", OWNER.1), ("no address", "x"), ("", "")] {
        assert_eq!(code(world.sign_in(wrong)).err(), Some(Code::WrongCredentials), "{wrong:?}");
    }
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM sessions"), 2);
}

#[test]
fn a_hash_of_weaker_settings_is_made_anew_when_its_password_is_seen() {
    let world = World::seeded();
    // `lei answers chats` with m = 8 KiB, t = 1, made by the same library.
    let weak = "$argon2id$v=19$m=8,t=1,p=1$CQkJCQkJCQkJCQkJCQkJCQ$ai+ejbjemC2SAY8zAsl2TC2wh1ZH9EPP6B3DFt1YJz4";
    let update = "UPDATE agents SET password_hash = ? WHERE email = ?";
    world.database.run(vec![Statement::new(update, [weak.into(), LEI.0.into()])]).unwrap();
    let current =
        || world.count("SELECT COUNT(*) AS n FROM agents WHERE password_hash LIKE '$argon2id$v=19$m=7168,t=5,p=1$%'");
    assert_eq!(current(), 1);
    assert!(world.sign_in((LEI.0, "not the password")).is_err());
    assert_eq!(current(), 1);
    assert!(world.sign_in(LEI).is_ok());
    assert_eq!(current(), 2);
    assert!(world.sign_in(LEI).is_ok());
}

#[test]
fn the_answer_to_a_known_and_an_unknown_address_is_the_same_to_the_end() {
    let world = World::seeded();
    for who in [OWNER.0, "nobody@shop.example"] {
        let answers: Vec<_> = (0..12).map(|_| world.sign_in((who, "not the password")).err().unwrap()).collect();
        let codes: Vec<Code> = answers.iter().map(|problem| problem.code).collect();
        assert_eq!(codes[..10], [Code::WrongCredentials; 10]);
        assert_eq!(codes[10..], [Code::LockedOut; 2]);
        assert_eq!(answers[10].retry_after_ms, LOCK_OUT as u64);
    }
    assert_eq!(code(world.sign_in(OWNER)).err(), Some(Code::LockedOut), "the right password, too late");
    assert!(world.sign_in(LEI).is_ok(), "somebody else's account");
    world.wait(LOCK_OUT);
    assert!(world.sign_in(OWNER).is_ok());
    for _ in 0..9 {
        assert!(world.sign_in((OWNER.0, "not the password")).is_err());
    }
    assert!(world.sign_in(OWNER).is_ok(), "the tenth is right, and forgets the nine");
    assert!(world.sign_in((OWNER.0, "not the password")).is_err());
    assert!(world.sign_in(OWNER).is_ok());
}

/// Nobody can measure which addresses have an account: each costs one run of the hasher and one batch of the database.
#[test]
fn a_known_and_an_unknown_address_cost_the_same_work() {
    let world = World::seeded();
    let update = "UPDATE agents SET state = ?, password_hash = ? WHERE email = ?";
    let costs = |who| {
        let batches = world.database.batches.get();
        RUNS.with_borrow_mut(Vec::clear);
        assert_eq!(code(world.sign_in(who)).err(), Some(Code::WrongCredentials), "{who:?}");
        (RUNS.take(), world.database.batches.get() - batches)
    };
    let known = costs((OWNER.0, "not the password"));
    assert_eq!(known, (vec!["m=7168,t=5,p=1".to_owned()], 1));
    let long = "x".repeat(600);
    for who in [
        (OWNER.0, ""),
        (OWNER.0, long.as_str()),
        ("nobody@shop.example", "not the password"),
        ("nobody@shop.example", OWNER.1),
        ("nobody@shop.example", ""),
        ("nobody@shop.example", long.as_str()),
        ("no address", "not the password"),
        ("", ""),
    ] {
        assert_eq!(costs(who), known, "{who:?}");
    }
    let kept = password::hash(LEI.1, [9; 16]).unwrap();
    for (state, hash) in [("disabled", Some(kept.as_str())), ("invited", None)] {
        world.database.run(vec![Statement::new(update, [state.into(), hash.into(), LEI.0.into()])]).unwrap();
        assert_eq!(costs(LEI), known, "{state}");
        assert_eq!(costs((LEI.0, "not the password")), known, "{state}");
    }
}

#[test]
fn one_password_tried_on_many_accounts_locks_the_client() {
    let world = World::seeded();
    for index in 0..100 {
        let email = format!("agent{index}@shop.example");
        assert_eq!(code(world.sign_in((&email, OWNER.1))).err(), Some(Code::WrongCredentials), "{index}");
    }
    assert_eq!(code(world.sign_in(OWNER)).err(), Some(Code::LockedOut));
    world.client.replace(ClientAddress::of(Some("192.0.2.2"), None));
    assert!(world.sign_in(OWNER).is_ok(), "from elsewhere");
    world.client.replace(ClientAddress::of(Some("192.0.2.1"), None));
    world.wait(LOCK_OUT);
    for _ in 0..150 {
        assert!(world.sign_in(OWNER).is_ok(), "an office that signs in all day is not locked");
    }
}

#[test]
fn sessions_end_by_idleness_by_age_and_by_hand() {
    let world = World::seeded();
    let token = world.sign_in(OWNER).unwrap().token;
    assert_eq!(world.signed(&token).unwrap().fresh, None);
    world.wait(2 * HOUR);
    let fresh = world.signed(&token).unwrap().fresh.unwrap();
    world.wait(SESSION_IDLE - HOUR);
    assert_eq!(world.signed(&token).err(), Some(Code::Unauthorized), "not used for a day");
    assert!(world.signed(&fresh).is_ok());

    // Used every hour, it lasts until the row ends.
    let (world, mut cookie) = (World::seeded(), String::new());
    let mut hours = 0;
    cookie.clone_from(&world.sign_in(OWNER).unwrap().token);
    while let Ok(signed) = world.signed(&cookie) {
        cookie = signed.fresh.unwrap_or(cookie);
        world.wait(HOUR);
        hours += 1;
    }
    assert_eq!(hours * HOUR, SESSION_LIFE);

    let world = World::seeded();
    let (here, there) = (world.sign_in(OWNER).unwrap().token, world.sign_in(OWNER).unwrap().token);
    let signed = world.signed(&here).unwrap();
    let revoke = ready(sessions::sign_out(&world.cx(), &signed.principal)).unwrap();
    assert!(matches!(revoke.request.revoked, Revoked::Session { session, .. } if session == signed.principal.session));
    assert!(world.signed(&here).is_err() && world.signed(&there).is_ok());
    let signed = world.signed(&there).unwrap();
    let revoke = ready(sessions::sign_out_everywhere(&world.cx(), &signed.principal)).unwrap();
    assert!(matches!(revoke.request.revoked, Revoked::Agent { generation: 1_795_000_000_000, .. }));
    assert!(!revoke.request.release);
    assert!(world.signed(&there).is_err());
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM sessions"), 0);
    let again = world.enter(OWNER);
    let log = world.audit(&again);
    assert!(log.contains(&"agent_signed_out".into()) && log.contains(&"agent_signed_out_everywhere".into()), "{log:?}");
}

#[test]
fn a_new_password_ends_every_session_but_the_new_one() {
    let world = World::seeded();
    let (here, there) = (world.sign_in(LEI).unwrap().token, world.sign_in(LEI).unwrap().token);
    let signed = world.signed(&here).unwrap();
    let change = |body: &str| {
        let given = read(body).unwrap();
        code(ready(sessions::change_password(&world.cx(), &signed, &given)))
    };
    let current = LEI.1;
    assert_eq!(change(r#"{"current":"wrong","new":"a fine new one"}"#).err(), Some(Code::WrongCredentials));
    for weak in ["short", "password123", LEI.0] {
        let body = format!(r#"{{"current":"{current}","new":"{weak}"}}"#);
        assert_eq!(change(&body).err(), Some(Code::BadRequest), "{weak}");
    }
    assert!(world.signed(&there).is_ok(), "nothing has happened yet");
    let body = format!(r#"{{"current":"{current}","new":"a fine new one"}}"#);
    let (signed_in, revoke) = change(&body).unwrap();
    assert!(matches!(revoke.request.revoked, Revoked::Agent { generation: 1_795_000_000_000, .. }));
    assert!(world.signed(&here).is_err() && world.signed(&there).is_err());
    let session = world.signed(&signed_in.token).unwrap().principal;
    assert_ne!(session.session, signed.principal.session, "a new id (ASVS 7.2.4)");
    assert!(world.sign_in(LEI).is_err() && world.sign_in((LEI.0, "a fine new one")).is_ok());
    for _ in 0..10 {
        change(r#"{"current":"wrong","new":"another new one"}"#).unwrap_err();
    }
    assert_eq!(change(r#"{"current":"a fine new one","new":"another new one"}"#).err(), Some(Code::LockedOut));
}

#[test]
fn a_link_works_once_and_not_for_ever() {
    let world = World::seeded();
    let make =
        || ready(ops::reset_password(&world.cx(), &read(&format!(r#"{{"email":"{}"}}"#, LEI.0)).unwrap())).unwrap();
    let follow = |token: &str, members: &str| code(ready(links::follow(&world.cx(), &following(token, members))));
    let look = |token: &str| {
        let body = read(&format!(r#"{{"token":"{token}"}}"#)).unwrap();
        code(ready(links::look(&world.cx(), &body))).map(drop)
    };
    let before = world.sign_in(LEI).unwrap().token;
    let link = make();
    let token = token_of(&link);
    assert_eq!(look(&token), Ok(()));
    let longer = format!("{token}A");
    for unknown in [LinkToken::draw([7; 32]).as_str(), "", "null", "%20", &token[1..], &longer] {
        assert_eq!(look(unknown), Err(Code::NotFound), "{unknown}");
        assert_eq!(follow(unknown, r#""password":"lei has another""#).err(), Some(Code::NotFound), "{unknown}");
    }
    assert_eq!(follow(&token, r#""password":"short""#).err(), Some(Code::BadRequest), "and it is not used up by that");
    let (signed_in, revoke) = follow(&token, r#""password":"lei has another","name":"Lei Li""#).unwrap();
    assert_eq!(signed_in.me.name, "Lei Li");
    assert!(matches!(revoke.request.revoked, Revoked::Agent { generation: 1_795_000_000_000, .. }));
    assert!(world.signed(&before).is_err() && world.signed(&signed_in.token).is_ok());
    assert_eq!(follow(&token, r#""password":"lei has a third""#).err(), Some(Code::Gone));
    assert_eq!(look(&token), Err(Code::Gone));

    let (older, newer) = (token_of(&make()), token_of(&make()));
    assert_eq!(look(&older), Err(Code::NotFound), "a newer one replaces it");
    world.wait(RESET_LIFE - 1);
    assert_eq!(look(&newer), Ok(()));
    world.wait(1);
    assert_eq!(look(&newer), Err(Code::Gone));
    assert_eq!(follow(&newer, r#""password":"lei has a third""#).err(), Some(Code::Gone));
}

/// Every way in which two stories of a few batches can take turns.
fn schedules() -> impl Iterator<Item = u32> {
    0..16
}

#[test]
fn of_two_who_follow_a_link_at_once_one_gets_in() {
    for schedule in schedules() {
        let world = World::seeded();
        let asked = read(&format!(r#"{{"email":"{}"}}"#, LEI.0)).unwrap();
        let token = token_of(&ready(ops::reset_password(&world.cx(), &asked)).unwrap());
        let body = following(&token, r#""password":"lei has another""#);
        let other = following(&token, r#""password":"the thief has one""#);
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let both = interleave(links::follow(&first, &body), links::follow(&second, &other), |step| {
            schedule >> (step % 4) & 1 == 1
        });
        let won = [both.0.is_ok(), both.1.is_ok()];
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "schedule {schedule}: {won:?}");
        assert_eq!(world.sign_in((LEI.0, "lei has another")).is_ok(), won[0], "schedule {schedule}");
        assert_eq!(world.sign_in((LEI.0, "the thief has one")).is_ok(), won[1], "schedule {schedule}");
    }
}

#[test]
fn the_first_owner_is_made_once_by_whoever_has_the_token() {
    let world = World::empty();
    let set_up = |token: &str, email: &str| {
        let body = format!(
            r#"{{"token":"{token}","workspace":"Shop","name":"Olga","email":"{email}","password":"the first owner"}}"#
        );
        code(ready(setup::set_up(&world.cx(), "wanted-token", &read(&body).unwrap())))
    };
    assert_eq!(ready(setup::is_needed(&world.cx())), Ok(true));
    for wrong in ["", " ", "wanted-toke", "wanted-token ", "null"] {
        assert_eq!(set_up(wrong, OWNER.0).err(), Some(Code::Unauthorized), "{wrong}");
    }
    assert_eq!(set_up("wanted-token", "no address").err(), Some(Code::BadRequest));
    let signed_in = set_up("wanted-token", OWNER.0).unwrap();
    assert!(world.signed(&signed_in.token).unwrap().principal.role.manages());
    assert_eq!(ready(setup::is_needed(&world.cx())), Ok(false));
    assert_eq!(set_up("wanted-token", "second@shop.example").err(), Some(Code::Conflict));
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM workspaces"), 1);

    // A deployment without a token can't be taken by the empty one.
    let world = World::empty();
    let body = r#"{"token":"","workspace":"S","name":"O","email":"o@shop.example","password":"the first owner"}"#;
    assert_eq!(code(ready(setup::set_up(&world.cx(), "", &read(body).unwrap()))).err(), Some(Code::Unauthorized));
}

#[test]
fn of_two_set_ups_at_once_one_makes_the_owner() {
    let body = |email: &str| {
        let text =
            format!(r#"{{"token":"t-t-t","workspace":"S","name":"O","email":"{email}","password":"the first owner"}}"#);
        read(&text).unwrap()
    };
    for schedule in schedules() {
        let world = World::empty();
        let (one, two) = (body("one@shop.example"), body("two@shop.example"));
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let both = interleave(setup::set_up(&first, "t-t-t", &one), setup::set_up(&second, "t-t-t", &two), |step| {
            schedule >> (step % 4) & 1 == 1
        });
        let codes = [code(both.0).err(), code(both.1).err()];
        assert!(codes.contains(&None) && codes.contains(&Some(Code::Conflict)), "schedule {schedule}: {codes:?}");
        assert_eq!(world.count("SELECT COUNT(*) AS n FROM agents"), 1);
    }
}

#[test]
fn seeding_again_answers_the_same() {
    let world = World::empty();
    let first = world.seed().unwrap();
    let second = world.seed().unwrap();
    assert!(first.created && !second.created);
    assert_eq!(first.seeded, second.seeded);
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM faq"), 1);
    assert_eq!(ready(setup::is_needed(&world.cx())), Ok(false));
}

/// The demo's passwords are well known: its people never come beside somebody's own.
#[test]
fn a_workspace_of_ones_own_stays_alone() {
    let world = World::empty();
    let body =
        read(r#"{"token":"t-t-t","workspace":"Mine","name":"Me","email":"me@shop.example","password":"mine alone 1"}"#);
    ready(setup::set_up(&world.cx(), "t-t-t", &body.unwrap())).unwrap();
    for _ in 0..2 {
        assert_eq!(world.seed().unwrap_err().code, Code::Conflict);
    }
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM agents"), 1);
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM deployment"), 1);
}

#[test]
fn what_has_ended_is_swept() {
    let world = World::seeded();
    world.enter(OWNER);
    drop(world.sign_in((LEI.0, "wrong wrong")));
    ready(ops::reset_password(&world.cx(), &read(&format!(r#"{{"email":"{}"}}"#, OWNER.0)).unwrap())).unwrap();
    let rows = |world: &World| {
        ["sessions", "links", "login_failures"].map(|table| match table {
            "sessions" => world.count("SELECT COUNT(*) AS n FROM sessions"),
            "links" => world.count("SELECT COUNT(*) AS n FROM links"),
            _ => world.count("SELECT COUNT(*) AS n FROM login_failures"),
        })
    };
    let sweep = |world: &World| world.database.run(crate::sql::sessions::sweep(world.now.get())).map(drop).unwrap();
    sweep(&world);
    assert_eq!(rows(&world), [1, 1, 2]);
    world.wait(DAY);
    sweep(&world);
    assert_eq!(rows(&world), [1, 1, 0]);
    world.wait(INVITATION_LIFE);
    sweep(&world);
    assert_eq!(rows(&world), [1, 0, 0]);
    world.wait(SESSION_LIFE);
    sweep(&world);
    assert_eq!(rows(&world), [0, 0, 0]);
}
