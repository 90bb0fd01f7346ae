//! Leaving an e-mail address instead of waiting.

use super::harness::*;
use crate::core::{
    internal::{Place, PlaceNotice, RoomNotice},
    protocol::wire::{self, client_frame::Frame},
    room::effect::{Call, Input},
    socket::SocketId,
};

fn leave(client_id: &str, email: &str, text: &str) -> Frame {
    let (client_id, email, name) = (client_id.into(), email.into(), "Lei".into());
    Frame::LeaveEmail(wire::LeaveEmail { client_id, email, name, text: text.into() })
}

fn reply_to(world: &World) -> Option<String> {
    world.room.as_ref()?.record().map(|record| record.reply_to.clone())
}

/// The last notice that has left.
fn notice(world: &World) -> RoomNotice {
    let of = |call: &Call| match call {
        Call::TellDesk(notice) => Some(notice.as_ref().clone()),
        _ => None,
    };
    world.network.iter().rev().find_map(of).unwrap()
}

fn waiting() -> (World, SocketId, SocketId) {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    let place = Place { position: 2, ..Place::default() };
    world.feed(Input::Placed(PlaceNotice { workspace: workspace(), place })).unwrap();
    world.look_away();
    (world, visitor, agent)
}

#[test]
fn a_first_message_can_come_with_an_address() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.look_away();
    world.frame(visitor, leave("f", " Lei@Shop.example ", "where is my parcel?"));
    let seen = world.seen(visitor);
    assert!(seen.contains(&"message 1 visitor: where is my parcel? (f)".to_owned()), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("done f"));
    let told = notice(&world);
    assert_eq!((told.reply_to.as_deref(), told.visitor_name.as_str()), (Some("lei@shop.example"), "Lei"));
    assert_eq!((told.unread, told.waiting_since), (1, Some(START)));
    let profile = &world.room.as_ref().unwrap().record().unwrap().profile;
    assert_eq!((profile.email.as_str(), profile.verified), ("lei@shop.example", false));
    // The answer was lost.
    world.frame(visitor, leave("f", "lei@shop.example", "where is my parcel?"));
    assert_eq!(world.seen(visitor), ["done f"], "twice is once");
}

#[test]
fn who_waits_can_leave_an_address_instead() {
    let (mut world, visitor, agent) = waiting();
    world.frame(visitor, leave("f", "lei@shop.example", ""));
    assert_eq!(world.seen(visitor), ["queue 0 0", "done f"], "out of the line");
    let said = "private 1 after 1 system: left_email by visitor";
    assert_eq!(world.seen(agent), ["visitor Lei", said]);
    world.frame(visitor, leave("g", "li@shop.example", ""));
    assert_eq!(world.seen(agent), ["visitor Lei"], "corrected: no second line");
    assert_eq!(reply_to(&world).as_deref(), Some("li@shop.example"));
    world.hibernate();
    world.wake();
    assert_eq!(reply_to(&world).as_deref(), Some("li@shop.example"));
}

#[test]
fn what_is_said_next_ends_it() {
    for what in ["visitor", "agent", "resolved"] {
        let (mut world, visitor, agent) = waiting();
        world.frame(visitor, leave("f", "lei@shop.example", "and another thing"));
        match what {
            "visitor" => world.send(visitor, "c2", "I am still here"),
            "agent" => world.send(agent, "a1", "here is your answer"),
            _ => world.frame(visitor, Frame::Leave(wire::Leave { client_id: "l".into() })),
        }
        assert_eq!(reply_to(&world).as_deref(), Some(""), "{what}");
        let email = &world.room.as_ref().unwrap().record().unwrap().profile.email;
        assert_eq!(email, "lei@shop.example", "{what}: who it is stays known");
    }
}

#[test]
fn a_message_that_is_sent_again_is_no_news() {
    let (mut world, visitor, _) = waiting();
    world.frame(visitor, leave("f", "lei@shop.example", ""));
    world.send(visitor, "c1", "hello");
    assert_eq!(reply_to(&world).as_deref(), Some("lei@shop.example"));
}

#[test]
fn what_is_wrong_is_refused_and_changes_nothing() {
    let (mut world, visitor, agent) = waiting();
    for (frame, code) in [
        (leave("f", "lei", "hello"), "bad_request"),
        (leave("f", "", "hello"), "bad_request"),
        (leave("f", "lei@shop.example\r\nBcc: all@shop.example", ""), "bad_request"),
        (leave("", "lei@shop.example", ""), "bad_request"),
        (leave("f", "lei@shop.example", &"x".repeat(8_001)), "too_large"),
    ] {
        world.frame(visitor, frame);
        let seen = world.seen(visitor);
        assert!(seen[0].starts_with(&format!("error {code}")), "{seen:?}");
    }
    world.frame(agent, leave("f", "lei@shop.example", ""));
    assert_eq!(world.seen(agent), ["error forbidden (f)"]);
    assert_eq!(reply_to(&world).as_deref(), Some(""));
    let mut empty = World::default();
    let nobody = empty.visitor();
    empty.look_away();
    empty.frame(nobody, leave("f", "lei@shop.example", " "));
    assert_eq!(empty.seen(nobody), ["error bad_request (f)"], "nothing to answer");
}
