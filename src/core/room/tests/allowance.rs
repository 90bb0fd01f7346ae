//! How much a visitor may send and have kept: frames, bytes, and rubbish (INV-9).

use super::{gate::a_conversation, harness::*};
use crate::core::{
    error::CloseCode,
    limits::{AGENT_BYTES, MESSAGE_BYTES, REFUSALS_BEFORE_CLOSE, TEXT_CHARS, VISITOR_BYTES, VISITOR_FRAMES},
    principal::Principal,
    protocol::{
        Encoding, FrameError,
        wire::{self, client_frame::Frame},
    },
    room::effect::Input,
    socket::SocketId,
    time::SECOND,
};

#[test]
fn a_flood_is_slowed_down_then_ended() {
    let (mut world, socket, agent_socket) = a_conversation();
    let burst = usize::try_from(VISITOR_FRAMES.burst).unwrap();
    // Hello and one message are spent.
    let left = burst - 2;
    for number in 0..left {
        world.send(socket, &format!("f{number}"), "x");
    }
    assert_eq!(world.seen(socket).len(), left);
    world.send(socket, "over", "x");
    assert_eq!(world.seen(socket), ["error rate_limited (over) retry"]);
    world.now = world.now.plus(1_000 / VISITOR_FRAMES.per_second + 1);
    world.send(socket, "over", "x");
    assert_eq!(world.seen(socket), [format!("ack over {}", left + 2)], "when it was told to come back");
    for number in 1..=REFUSALS_BEFORE_CLOSE {
        let seen = world.seen(socket);
        assert_eq!(seen.iter().filter(|line| line.starts_with("close")).count(), 0, "{number}");
        world.send(socket, "again", "x");
    }
    // The last one is about the whole socket, so that its time holds for the next one.
    assert_eq!(world.seen(socket), ["error rate_limited retry", "close 4029"]);
    world.look_away();
    world.send(agent_socket, "a1", "one's flood is not another's");
    assert_eq!(world.seen(agent_socket), [format!("ack a1 {}", left + 3)]);
}

/// One allowance for all tabs and every reconnect: neither helps a flood.
#[test]
fn more_sockets_are_not_more_allowance() {
    let (mut world, socket, _) = a_conversation();
    let burst = usize::try_from(VISITOR_FRAMES.burst).unwrap();
    // A socket for the other tab, before everything is spent.
    let other = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    for number in 0..burst {
        world.send(socket, &format!("f{number}"), "x");
    }
    world.look_away();
    world.send(other, "over", "x");
    assert_eq!(world.seen(other), ["error rate_limited (over) retry"]);
}

#[test]
fn long_texts_are_counted_by_their_bytes() {
    let (mut world, socket, _) = a_conversation();
    let long = "文".repeat(TEXT_CHARS);
    let fit = usize::try_from(VISITOR_BYTES.burst).unwrap() / long.len();
    // What is left lets one more in.
    for number in 0..=fit {
        world.send(socket, &format!("long{number}"), &long);
    }
    assert!(world.seen(socket).iter().all(|line| line.starts_with("ack")));
    world.send(socket, "over", &long);
    assert_eq!(world.seen(socket), ["error rate_limited (over) retry"]);
    world.send(socket, "short", "and a short one");
    assert_eq!(world.seen(socket), ["error rate_limited (short) retry"], "passes no long one that waits");
    let on = wire::Typing { on: true, ..Default::default() };
    world.frame(socket, Frame::Typing(on));
    assert_eq!(world.seen(socket), [""; 0], "nothing of this is kept");
    world.now = world.now.plus(95 * SECOND);
    world.send(socket, "over", &long);
    assert_eq!(world.seen(socket).len(), 1);
    world.send(socket, "short", "and a short one");
    assert_eq!(world.seen(socket), ["error rate_limited (short) retry"]);
}

#[test]
fn a_refusal_says_of_what_there_was_too_much() {
    let (mut world, socket, _) = a_conversation();
    let message = |world: &mut World| match world.inbox(socket).pop().and_then(|frame| frame.frame) {
        Some(wire::agent_frame::Frame::Error(error)) => Some(error.message),
        _ => None,
    };
    for number in 0..12 {
        world.send(socket, &format!("long{number}"), &"文".repeat(TEXT_CHARS));
    }
    assert_eq!(message(&mut world).as_deref(), Some("too much text"));
    let said = (0..VISITOR_FRAMES.burst).find_map(|_| {
        world.frame(socket, Frame::Typing(wire::Typing::default()));
        message(&mut world)
    });
    assert_eq!(said.as_deref(), Some("too many frames"));
}

/// Writes until it is refused for a while; how often it was let in.
fn n_let_in(world: &mut World, socket: SocketId, text: &str, from: i64, is_note: bool) -> i64 {
    for number in from.. {
        let client_id = format!("m{number}");
        if is_note {
            world.note(socket, &client_id, text);
        } else {
            world.send(socket, &client_id, text);
        }
        match world.seen(socket).as_slice() {
            [line] if line.starts_with("ack") || line.starts_with("note_ack") => {}
            seen => {
                assert!(seen[0].starts_with("error rate_limited"), "{seen:?}");
                return number - from;
            }
        }
    }
    unreachable!("it is never refused")
}

/// What twenty minutes without a pause can make a Room keep, and D1 after it: neither a Room that slept nor a new socket makes it more.
#[test]
fn a_visitor_fills_no_store_asleep_or_awake() {
    for (text, sleeps) in [("x", false), ("x", true), ("文", false), ("文", true)] {
        let (mut world, mut socket, _) = a_conversation();
        let text = text.repeat(if text == "x" { 1 } else { TEXT_CHARS });
        let mut n_kept = 0;
        for _ in 0..30 {
            if sleeps {
                world.crash();
                socket = world.visitor();
            }
            world.look_away();
            n_kept += n_let_in(&mut world, socket, &text, n_kept, false);
            world.now = world.now.plus(40 * SECOND);
        }
        let worth = i64::try_from(text.len()).unwrap() + MESSAGE_BYTES;
        let most = (VISITOR_BYTES.burst + 20 * 60 * VISITOR_BYTES.per_second) / worth;
        assert!((most * 9 / 10..=most + 1).contains(&n_kept), "{n_kept} of {most}, {sleeps}");
    }
}

/// Nor does an agent, who may be a script in a session that was stolen: with what the visitor reads or with notes.
#[test]
fn an_agent_fills_no_store_asleep_or_awake() {
    for (text, is_note, sleeps) in [
        ("x", false, true),
        ("x", true, true),
        ("文", false, false),
        ("文", false, true),
        ("文", true, false),
        ("文", true, true),
    ] {
        let (mut world, _, mut socket) = a_conversation();
        let text = text.repeat(if text == "x" { 1 } else { TEXT_CHARS });
        let mut n_kept = 0;
        for _ in 0..30 {
            if sleeps {
                world.crash();
                socket = world.agent("Mei");
            }
            world.look_away();
            n_kept += n_let_in(&mut world, socket, &text, n_kept, is_note);
            world.now = world.now.plus(40 * SECOND);
        }
        let worth = i64::try_from(text.len()).unwrap() + MESSAGE_BYTES;
        let most = (AGENT_BYTES.burst + 20 * 60 * AGENT_BYTES.per_second) / worth;
        assert!((most * 9 / 10..=most + 1).contains(&n_kept), "{n_kept} of {most}, {is_note}, {sleeps}");
    }
}

/// What was written in the other log long before gives nothing back at each waking.
#[test]
fn a_note_of_long_ago_gives_an_agent_no_burst_back() {
    let (mut world, _, socket) = a_conversation();
    world.note(socket, "note", "x");
    world.now = world.now.plus(600 * SECOND);
    let text = "文".repeat(TEXT_CHARS);
    let mut n_kept = 0;
    for _ in 0..10 {
        world.crash();
        let socket = world.agent("Mei");
        world.look_away();
        n_kept += n_let_in(&mut world, socket, &text, n_kept, false);
        world.now = world.now.plus(40 * SECOND);
    }
    let worth = i64::try_from(text.len()).unwrap() + MESSAGE_BYTES;
    let most = (AGENT_BYTES.burst + 9 * 40 * AGENT_BYTES.per_second) / worth;
    assert!((most * 9 / 10..=most + 1).contains(&n_kept), "{n_kept} of {most}");
}

/// A load test says that it is one.
#[test]
fn the_factor_of_the_deployment_counts_for_what_is_kept() {
    let (mut world, ..) = a_conversation();
    world.settings.limit_factor = 1_000;
    world.crash();
    let socket = world.visitor();
    world.look_away();
    for number in 0..3_000 {
        world.send(socket, &format!("m{number}"), "x");
        assert_eq!(world.seen(socket), [format!("ack m{number} {}", number + 2)]);
        world.now = world.now.plus(100);
    }
}

/// Whoever sends nothing but rubbish is closed; one good frame begins a new count.
#[test]
fn rubbish_ends_a_socket() {
    let (mut world, socket, _) = a_conversation();
    world.look_away();
    for number in 1..=REFUSALS_BEFORE_CLOSE {
        assert_eq!(world.end_of(socket), None, "{number}");
        world.feed(Input::Frame { socket, frame: Err(FrameError::TooLarge) }).unwrap();
    }
    assert_eq!(world.end_of(socket), Some(CloseCode::TooMany));
}

/// A frame that can be read and may come is no rubbish, whatever it asks for.
#[test]
fn what_is_only_refused_ends_no_socket() {
    let (mut world, socket, _) = a_conversation();
    world.look_away();
    for number in 0..=REFUSALS_BEFORE_CLOSE {
        world.send(socket, "empty", "");
        assert_eq!(world.seen(socket), ["error bad_request (empty)"], "{number}");
    }
    assert_eq!(world.end_of(socket), None);
}
