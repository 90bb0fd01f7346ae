//! The picture under an answer: sent live, in pages and on resume, stored, and told in words where there are no pictures.

use super::{around::SHOP, bot::begun};
use crate::core::{
    bot::{
        dialogue::{Choice, Decision, Reason},
        intent::Takers,
        turn::Turn,
    },
    id::MessageId,
    protocol::wire::{self, agent_frame::Frame as Told, client_frame::Frame},
    room::{
        Input,
        entry::{Author, Body, Entry, Offer},
    },
    time::Timestamp,
};

/// The pictures in what a socket was sent, by their messages' numbers.
fn pictures(frames: Vec<wire::AgentFrame>) -> Vec<(u64, wire::Image)> {
    let messages = frames.into_iter().flat_map(|frame| match frame.frame {
        Some(Told::Message(message)) => vec![message],
        Some(Told::Page(page)) => page.messages,
        Some(Told::Welcome(welcome)) => welcome.messages,
        _ => Vec::new(),
    });
    messages.filter_map(|message| Some((message.seq, message.image?))).collect()
}

fn shop(alt: &str) -> wire::Image {
    wire::Image { hash: SHOP.into(), width: 640, height: 480, alt: alt.into() }
}

#[test]
fn it_is_shown_live_in_pages_and_on_resume_and_read_where_nothing_is_shown() {
    let (mut world, visitor) = begun();
    world.calls();
    world.inbox(visitor);
    world.send(visitor, "c2", "show me the map please");
    world.calls();
    world.send(visitor, "c3", "请给我看 map");
    world.calls();
    let shown = [(4, shop("Our shop")), (6, shop("本店"))];
    assert_eq!(pictures(world.inbox(visitor)), shown, "live, in the language of the answer");
    world.pass(100_000);
    let told: Vec<&str> = world.history.public.values().map(|entry| entry.1.as_str()).collect();
    assert_eq!([told[3], told[5]], ["about map\n[image: Our shop]", "关于map\n[image: 本店]"]);
    world.crash();
    let visitor = world.visitor();
    assert_eq!(pictures(world.inbox(visitor)), shown, "from the disk");
    let request = Frame::Page(wire::PageRequest { log: wire::Log::Public.into(), before: 5 });
    world.frame(visitor, request);
    assert_eq!(pictures(world.inbox(visitor)), shown[..1], "in a page");
    let agent = world.agent("Mei");
    assert_eq!(pictures(world.inbox(agent)), shown, "agents, too");
}

#[test]
fn other_answers_show_none() {
    let (mut world, visitor) = begun();
    world.calls();
    for (place, text) in ["refund", "the map?", "which is it?", "hello", "转人工"].into_iter().enumerate() {
        world.send(visitor, &format!("d{place}"), text);
        world.calls();
    }
    let shown = pictures(world.inbox(visitor));
    assert_eq!(shown.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [6], "of the map alone");
}

/// The decision brings it, whatever the turn rests on.
#[test]
fn a_hand_over_in_words_of_an_intent_shows_its_picture() {
    let (mut world, visitor) = begun();
    let image = format!("{SHOP}-640x480 Our shop");
    let text = "people come".into();
    let decision = Decision::Handoff { reason: Reason::Intent, text, image, form: None, to: Takers::default() };
    world.inbox(visitor);
    world.feed(Input::BotSays { seq: 1, decision: Some(decision), turn: Box::default() }).unwrap();
    assert_eq!(pictures(world.inbox(visitor)), [(2, shop("Our shop"))]);
}

fn showing(text: &str, image: &str) -> Offer {
    let turn = Some(Turn { image: image.into(), ..Turn::default() });
    Offer { text: text.into(), turn, ..Offer::default() }
}

#[test]
fn where_there_are_none_its_words_stand_before_those_of_the_buttons() {
    let choices = vec![Choice { id: "a".into(), label: "Yes".into() }];
    let offer = Offer { choices, ..showing("Here", &format!("{SHOP}-1x1 A map")) };
    assert_eq!(offer.plain(), "Here\n[image: A map]\n• Yes");
    assert_eq!(showing("Here", &format!("{SHOP}-1x1 ")).plain(), "Here\n[image]");
    assert_eq!(showing("Here", "").plain(), "Here");
}

/// What other versions have written, and what they make of what this one writes.
#[test]
fn rows_of_before_and_after_are_read() {
    let before: Offer = serde_json::from_str(r#"{"text":"a","asked":0}"#).unwrap();
    assert_eq!(before, Offer { text: "a".into(), ..Offer::default() });
    assert!(!serde_json::to_string(&before).unwrap().contains("image"), "who has none stores nothing of it");
    let of_before: Offer = serde_json::from_str(r#"{"text":"a","asked":0,"turn":{"to":1,"did":"answered"}}"#).unwrap();
    assert_eq!((of_before.image(), of_before.plain()), ("", "a".to_owned()));
    let later = r#"{"text":"a","turn":{"to":1,"did":"answered","image":"ab-1x1","new":[1]},"new":[1]}"#;
    assert_eq!(serde_json::from_str::<Offer>(later).unwrap().image(), "ab-1x1");
}

/// What can be no picture's name is none, and the message is shown without it.
#[test]
fn a_name_that_is_none_shows_nothing() {
    let shown = |image: &str| {
        let body = Body::Choice(Box::new(showing("a", image)));
        let id = MessageId::parse("msg_aaaaaaaaaaaaaaaa").unwrap();
        let entry = Entry { seq: 1, id, author: Author::Bot, client_id: String::new(), at: Timestamp(1), body };
        let wire::Message { body, image, .. } = entry.message(false);
        assert_eq!(body, Some(wire::message::Body::Text("a".into())));
        image
    };
    for none in ["", "ab-1x1 A map", "//evil.example/x-1x1 A map", &format!("{SHOP}-0x1 A map"), SHOP] {
        assert_eq!(shown(none), None, "{none}");
    }
    let image = shown(&format!("{SHOP}-2x1 A map - 4x4")).unwrap();
    assert_eq!((image.hash.as_str(), image.width, image.height, image.alt.as_str()), (SHOP, 2, 1, "A map - 4x4"));
}

#[test]
fn its_words_weigh_in_a_page() {
    let weight = |image: &str| Body::Choice(Box::new(showing("a", image))).weight();
    assert!(weight(&"x".repeat(200)) >= weight("") + 200);
}
