//! What the site has signed of its visitor stands above what the page says.

use super::harness::*;
use crate::core::{
    error::CloseCode,
    limits::{ATTRIBUTES, HISTORY_FRAME_COST, VISITOR_BYTES, VISITOR_FRAMES},
    principal::{Identity, Principal, VisitorPrincipal},
    protocol::{
        Encoding,
        wire::{self, client_frame::Frame},
    },
    room::{effect::Input, record::Profile},
    socket::SocketId,
    time::{SECOND, Timestamp},
};

fn ada(level: u8) -> Identity {
    Identity { subject: "42".into(), name: "Ada".into(), level, issued_at: Timestamp(9_000), ..Identity::default() }
}

fn bob() -> Identity {
    Identity { subject: "43".into(), name: "Bob".into(), ..Identity::default() }
}

fn enter(world: &mut World, identity: Option<Identity>, must_prove: bool) -> SocketId {
    let principal = VisitorPrincipal { identity: identity.map(Box::new), must_prove, ..visitor(1) };
    let socket = world.connect(Principal::Visitor(principal), Encoding::Proto);
    world.frame(socket, Frame::Hello(wire::Hello::default()));
    socket
}

fn says(world: &mut World, socket: SocketId, name: &str, email: &str) {
    let attributes = [("plan".to_owned(), "pro".to_owned())].into();
    world.frame(socket, Frame::Identify(wire::Identify { name: name.into(), email: email.into(), attributes }));
}

fn profile(world: &World) -> Profile {
    world.room.as_ref().unwrap().record.as_ref().map(|record| record.profile.clone()).unwrap()
}

#[test]
fn it_is_there_with_the_first_message_and_nobody_talks_over_it() {
    let mut world = World::default();
    let socket = enter(&mut world, Some(ada(2)), false);
    says(&mut world, socket, "The boss", "boss@example.com");
    world.send(socket, "c1", "hello");
    let Profile { name, email, verified, subject, level, attributes, .. } = profile(&world);
    assert_eq!((name.as_str(), email.as_str(), verified, subject.as_str(), level), ("Ada", "", true, "42", 2));
    assert_eq!(attributes.get("plan").map(String::as_str), Some("pro"), "attributes stay what they are: unproven");
}

#[test]
fn what_was_only_said_before_does_not_stand_beside_what_is_signed() {
    let mut world = World::default();
    let socket = enter(&mut world, None, false);
    world.send(socket, "c1", "hello");
    says(&mut world, socket, "Mallory", "ceo@example.com");
    assert_eq!((profile(&world).email.as_str(), profile(&world).verified), ("ceo@example.com", false));
    enter(&mut world, Some(ada(1)), false);
    assert_eq!((profile(&world).name.as_str(), profile(&world).email.as_str()), ("Ada", ""));
    assert!(profile(&world).verified);
    world.hibernate();
    world.wake();
    assert_eq!(profile(&world).level, 1, "kept over sleep");
    enter(&mut world, Some(ada(0)), false);
    assert_eq!(profile(&world).level, 0, "and taken back when the site says so");
}

#[test]
fn where_it_must_be_proven_what_is_only_said_is_not_taken() {
    let mut world = World::default();
    let socket = enter(&mut world, None, true);
    says(&mut world, socket, "Mallory", "ceo@example.com");
    world.send(socket, "c1", "hello");
    let Profile { name, email, verified, attributes, .. } = profile(&world);
    assert_eq!((name.as_str(), email.as_str(), verified, attributes.len()), ("", "", false, 1));
}

#[test]
fn the_same_identity_again_writes_nothing() {
    let mut world = World::default();
    let socket = enter(&mut world, Some(ada(2)), false);
    world.send(socket, "c1", "hello");
    world.look_away();
    let before = world.rows_written();
    enter(&mut world, Some(ada(2)), false);
    assert_eq!(world.rows_written(), before);
}

/// Whoever has a ticket from before somebody was proven, or signs in as another, is told to ask for a session anew.
#[test]
fn once_somebody_is_proven_nobody_else_is_let_in() {
    for is_written in [false, true] {
        let mut world = World::default();
        let before = enter(&mut world, None, false);
        if is_written {
            world.send(before, "c1", "hello");
        }
        let silent = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
        world.look_away();
        let first = enter(&mut world, Some(ada(0)), false);
        for socket in [before, silent] {
            assert_eq!(world.seen(socket), ["error ticket_expired", "close 4010"], "{is_written}");
        }
        for asleep in [false, true] {
            if asleep {
                world.hibernate();
            }
            for who in [None, Some(bob())] {
                let other = enter(&mut world, who, false);
                assert_eq!(world.seen(other), ["error ticket_expired", "close 4010"], "{is_written} {asleep}");
            }
            let tab = enter(&mut world, Some(ada(0)), false);
            assert!(world.seen(tab)[0].starts_with("welcome"));
        }
        world.look_away();
        world.send(first, "c2", "my order, please");
        assert!(world.seen(first).iter().any(|line| line.starts_with("ack c2")), "{is_written}");
        assert_eq!(profile(&world).subject, "42");
    }
}

/// A ticket that says who it is proves it on the open socket, too.
#[test]
fn who_signs_in_on_an_open_line_is_proven() {
    let mut world = World::default();
    let before = enter(&mut world, None, false);
    world.send(before, "c1", "hello");
    let line = enter(&mut world, None, false);
    world.look_away();
    let signed = VisitorPrincipal { identity: Some(Box::new(ada(0))), ..visitor(1) };
    world.feed(Input::Renewed { socket: line, principal: Some(Principal::Visitor(signed)) }).unwrap();
    assert_eq!((profile(&world).verified, world.end_of(before)), (true, Some(CloseCode::TicketExpired)));
    world.look_away();
    world.feed(Input::Renewed { socket: line, principal: Some(Principal::Visitor(visitor(1))) }).unwrap();
    assert_eq!(world.seen(line), ["error unauthorized"], "and nobody renews it as nobody");
}

/// Two tabs of a page: the one that stood open has the identity of this morning.
#[test]
fn what_was_signed_last_stands() {
    for asleep in [false, true] {
        let signed = |at: i64, level: u8| Identity { issued_at: Timestamp(at), ..ada(level) };
        let mut world = World::default();
        let socket = enter(&mut world, Some(signed(1_000, 1)), false);
        world.send(socket, "c1", "hello");
        let mut is = |at: i64, level: u8, wanted: u8, why: &str| {
            if asleep {
                world.hibernate();
            }
            enter(&mut world, Some(signed(at, level)), false);
            let Profile { name, level, verified, .. } = profile(&world);
            assert_eq!((name.as_str(), level, verified), ("Ada", wanted, true), "{why}, {asleep}");
        };
        is(5_000, 2, 2, "newer");
        is(1_000, 9, 2, "older");
        is(0, 9, 2, "over, or from a ticket of before there were times");
        is(5_000, 3, 3, "in the same second");
        is(6_000, 0, 0, "taken back");
        is(5_999, 3, 0, "older");
    }
}

/// A page signs anew for each view: that is no change, and yet what is older has no say any more.
#[test]
fn the_same_signed_anew_writes_nothing() {
    let mut world = World::default();
    let socket = enter(&mut world, Some(ada(2)), false);
    world.send(socket, "c1", "hello");
    world.look_away();
    let before = world.rows_written();
    enter(&mut world, Some(Identity { issued_at: Timestamp(12_000), ..ada(2) }), false);
    enter(&mut world, Some(Identity { issued_at: Timestamp(11_000), ..ada(7) }), false);
    assert_eq!((world.rows_written(), profile(&world).level), (before, 2));
}

/// Before profiles had a time.
#[test]
fn an_older_profile_takes_what_is_signed_now() {
    let older: Profile = serde_json::from_str(r#"{"verified":true,"subject":"42","level":9}"#).unwrap();
    assert_eq!((older.level, older.signed_at), (9, Timestamp(0)));
    let mut world = World::default();
    let socket = enter(&mut world, Some(Identity { issued_at: Timestamp(0), ..ada(9) }), false);
    world.send(socket, "c1", "hello");
    assert_eq!(serde_json::to_value(profile(&world)).unwrap().get("signed_at"), None);
    enter(&mut world, Some(ada(1)), false);
    assert_eq!(profile(&world).level, 1);
}

/// What a page says of its visitor is written, and told to every agent who is here.
#[test]
fn what_a_page_says_is_counted_by_its_cost_and_its_bytes() {
    let begun = || {
        let mut world = World::default();
        let socket = world.visitor();
        world.send(socket, "c1", "hello");
        world.look_away();
        (world, socket)
    };
    let is_refused = |world: &mut World, socket: SocketId, value: &str| {
        let attributes = [("plan".to_owned(), value.to_owned())].into();
        world.frame(socket, Frame::Identify(wire::Identify { attributes, ..wire::Identify::default() }));
        world.seen(socket) == ["error rate_limited retry"]
    };
    let (mut world, socket) = begun();
    // Hello and one message are spent.
    for number in 0..(VISITOR_FRAMES.burst - 2) / HISTORY_FRAME_COST {
        assert!(!is_refused(&mut world, socket, &number.to_string()), "{number}");
    }
    assert!(is_refused(&mut world, socket, "over"));
    world.now = world.now.plus(SECOND);
    assert!(!is_refused(&mut world, socket, "again"));

    let (mut world, socket) = begun();
    let long = "x".repeat(32 * 1024);
    let fit = usize::try_from(VISITOR_BYTES.burst).unwrap() / (long.len() + "plan".len());
    // What is left lets one more in.
    let refused = (0..=fit + 1).filter(|_| is_refused(&mut world, socket, &long)).count();
    assert_eq!(refused, 1, "the last one");
    world.send(socket, "short", "a few words");
    assert_eq!(world.seen(socket), ["error rate_limited (short) retry"], "wait as long");
}

/// What is known stays, and goes on to be changed; of new names the first ones fit.
#[test]
fn a_new_attribute_pushes_no_other_out() {
    let mut world = World::default();
    let socket = enter(&mut world, None, false);
    let mut say = |names: &[String], value: &str| {
        let attributes = names.iter().map(|name| (name.clone(), value.to_owned())).collect();
        world.frame(socket, Frame::Identify(wire::Identify { attributes, ..wire::Identify::default() }));
        world.room.as_ref().unwrap().early_profile.attributes.clone()
    };
    let topic = ["topic".to_owned()];
    say(&topic, "returns");
    let many: Vec<String> = (0..ATTRIBUTES).map(|number| format!("a{number:02}")).collect();
    let known = say(&many, "x");
    assert_eq!((known.len(), known["topic"].as_str(), known.contains_key("a29")), (ATTRIBUTES, "returns", false));
    assert_eq!(say(&["_".to_owned()], "x"), known);
    assert_eq!(say(&topic, "payment")["topic"], "payment");
}

#[test]
fn nor_does_a_long_one() {
    let mut world = World::default();
    let socket = enter(&mut world, None, false);
    let mut say = |name: &str, value: &str, more: &[(&str, &str)]| {
        let one = (name.to_owned(), value.to_owned());
        let more = more.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let attributes = more.chain([one]).collect();
        world.frame(socket, Frame::Identify(wire::Identify { attributes, ..wire::Identify::default() }));
        world.room.as_ref().unwrap().early_profile.attributes.clone()
    };
    say("topic", "returns", &[]);
    for number in 0..12 {
        say(&format!("b{number:02}"), &"x".repeat(450), &[]);
    }
    // A known one is changed, a new one behind the first that has no room is not tried.
    let known = say("a", &"x".repeat(450), &[("aa", "x"), ("topic", "order")]);
    assert_eq!((known.get("topic").map(String::as_str), known.contains_key("a")), (Some("order"), false));
    assert!(!known.contains_key("aa"));
    assert!(known.len() > 10, "{}", known.len());
}
