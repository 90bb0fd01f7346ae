//! Tags: what agents and the bot put on a conversation, told to agents and to the history alone.

use super::{
    bot::{begun, status},
    harness::*,
};
use crate::core::{
    bot::{
        action::Reply,
        dialogue::{Decision, Reason},
        intent::Takers,
        turn::Turn,
    },
    id::TagId,
    internal::Status,
    limits::{ACTIONS_PER_HOUR, TAGS_OF_CONVERSATION},
    protocol::wire::{self, client_frame::Frame},
    room::effect::{Call, Input},
    socket::SocketId,
    time::MINUTE,
};

const ONE: &str = "tag_aaaaaaaaaaaaaaaa";
const TWO: &str = "tag_aaaaaaaaaaaaaaab";
const THREE: &str = "tag_aaaaaaaaaaaaaaac";

fn tag(tag: &str, on: bool) -> Frame {
    Frame::Tag(wire::Tag { client_id: "t".into(), tag: tag.into(), on })
}

#[test]
fn agents_tag_and_agents_hear_of_it() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "a refund, please");
    let (mei, tom) = (world.agent("Mei"), world.agent("Tom"));
    world.look_away();
    for (given, on, shown) in [
        (ONE, true, " #tag_aaaaaaaaaaaaaaaa"),
        (TWO, true, " #tag_aaaaaaaaaaaaaaaa #tag_aaaaaaaaaaaaaaab"),
        (ONE, false, " #tag_aaaaaaaaaaaaaaab"),
    ] {
        world.frame(mei, tag(given, on));
        assert_eq!(world.seen(mei), [format!("visitor {shown}"), "done t".to_owned()]);
        assert_eq!(world.seen(tom), [format!("visitor {shown}")]);
    }
    world.frame(mei, tag(TWO, true));
    world.frame(mei, tag(ONE, false));
    assert_eq!(world.seen(mei), ["done t", "done t"], "it is so already");
    assert_eq!((world.seen(tom), world.seen(visitor)), (Vec::new(), Vec::new()));
    world.frame(visitor, tag(ONE, true));
    assert_eq!(world.seen(visitor), ["error forbidden (t)"]);
    world.frame(mei, tag("vip", true));
    assert_eq!(world.seen(mei), ["error bad_request (t)"]);

    world.crash();
    let mei = world.agent("Mei");
    assert!(world.seen(mei).iter().any(|line| line.contains("welcome")), "it is back");
    let kept = world.room.as_ref().unwrap().record().unwrap().tags.clone();
    assert_eq!(kept.iter().map(ToString::to_string).collect::<Vec<_>>(), [TWO]);
    world.pass(MINUTE);
    for letter in ('c'..='z').take(TAGS_OF_CONVERSATION) {
        world.frame(mei, tag(&format!("tag_aaaaaaaaaaaaaaa{letter}"), true));
    }
    assert_eq!(world.seen(mei).last().unwrap(), "error too_large (t)", "one is there already");
}

fn ids(ids: &[&str]) -> Vec<TagId> {
    ids.iter().map(|id| TagId::parse(id).unwrap()).collect()
}

/// Those on the conversation.
fn on(world: &World) -> Vec<String> {
    let record = world.room.as_ref().unwrap().record().unwrap();
    record.tags.iter().map(ToString::to_string).collect()
}

/// The bot has the conversation and an agent looks on; opening hours, a parcel and tracking have a tag each, and nothing is judged yet.
fn watched() -> (World, SocketId, SocketId) {
    let (mut world, visitor) = begun();
    world.tags = ids(&[ONE, TWO, THREE]);
    let mei = world.agent("Mei");
    world.look_away();
    (world, visitor, mei)
}

/// Takes what the bot is asked out of the network.
fn question(world: &mut World) -> Call {
    let at = world.network.iter().position(|call| matches!(call, Call::AskBot(_))).unwrap();
    world.network.remove(at).unwrap()
}

#[test]
fn the_bot_puts_on_what_its_intent_says_once_for_a_message() {
    let (mut world, visitor, mei) = watched();
    let asked = question(&mut world);
    let answer = world.answer(asked.clone());
    world.feed(answer).unwrap();
    let saves = |world: &World| {
        let writes = world.last.iter().filter_map(|effect| match effect {
            crate::core::room::effect::Effect::Write(write) => Some(format!("{write:?}")),
            _ => None,
        });
        writes.filter(|write| write.starts_with("SaveRecord")).count()
    };
    assert_eq!(saves(&world), 1, "in the same commit as the answer");
    assert_eq!(world.seen(mei), ["message 2 bot: about hours".to_owned(), format!("visitor  #{ONE}")]);
    assert_eq!(world.seen(visitor), ["message 2 bot: about hours"], "it is none of the visitor's business");
    world.pass(MINUTE);
    assert_eq!((world.history.tags.clone(), status(&world)), (ids(&[ONE]), Status::Pending));

    // An agent takes it off, and the same message puts it on no more, however often it is judged.
    world.frame(mei, tag(ONE, false));
    let again = world.answer(asked.clone());
    world.feed(again).unwrap();
    world.hibernate();
    world.crash();
    world.wake();
    let again = world.answer(asked);
    world.feed(again).unwrap();
    world.pass(MINUTE);
    assert_eq!((on(&world), world.history.tags.clone()), (vec![], vec![]));

    // The next one does, and one that is there already is no change.
    let visitor = world.visitor();
    let mei = world.agent("Mei");
    for (client_id, expected) in [("c2", 1), ("c3", 0)] {
        world.look_away();
        world.send(visitor, client_id, "and the hours on sunday");
        world.calls();
        let told = world.seen(mei).into_iter().filter(|line| line.contains(ONE)).count();
        assert_eq!((told, on(&world)), (expected, vec![ONE.to_owned()]), "{client_id}");
    }
}

/// What was judged and is not on disk was never judged.
#[test]
fn a_crash_between_puts_it_on_once() {
    let (mut world, ..) = watched();
    let asked = question(&mut world);
    let answer = world.answer(asked);
    drop(world.decide(answer));
    world.crash();
    world.wake();
    assert_eq!(on(&world), Vec::<String>::new());
    world.calls();
    world.pass(MINUTE);
    assert_eq!((on(&world), world.history.tags.clone()), (vec![ONE.to_owned()], ids(&[ONE])));
}

/// A form has put its tags on by the message that began it: an agent who takes one off meanwhile does not meet it again.
#[test]
fn a_form_tags_when_it_begins() {
    let (mut world, visitor, mei) = watched();
    world.calls();
    world.send(visitor, "f1", "where is my parcel");
    world.calls();
    assert_eq!(on(&world), [ONE, TWO]);
    world.frame(mei, tag(TWO, false));
    for (client_id, text) in [("f2", "#A-1234"), ("f3", "ada@shop.example")] {
        world.send(visitor, client_id, text);
        world.calls();
    }
    assert_eq!(
        (super::bot::said(&world).last().unwrap().as_str(), on(&world)),
        ("bot bot-7: parcel A-1234 of ada@shop.example", vec![ONE.to_owned()])
    );
}

/// What asks the owner's system tags when it is decided, by the commit that keeps what is asked.
#[test]
fn an_action_tags_when_it_is_decided() {
    let (mut world, visitor, mei) = watched();
    world.calls();
    world.send(visitor, "t1", "track #A-1234");
    let asked = question(&mut world);
    world.pass(world.settings.events_delay_ms * 5 / 4);
    assert_eq!(world.history.tags, ids(&[ONE]), "the message is told, and nothing else");
    let answer = world.answer(asked);
    world.feed(answer).unwrap();
    assert_eq!(on(&world), [ONE, THREE]);
    let is_act = |call: &Call| matches!(call, Call::Act(_));
    assert!(world.network.iter().any(is_act));
    world.network.retain(|call| !is_act(call));
    world.pass(world.settings.events_delay_ms * 5 / 4);
    assert_eq!(world.history.tags, ids(&[ONE, THREE]), "before the owner's system has answered");
    world.frame(mei, tag(THREE, false));
    world.crash();
    world.wake();
    world.shop.push_back(Reply::Failed);
    world.calls();
    world.pass(MINUTE);
    assert_eq!((status(&world), on(&world)), (Status::Open, vec![ONE.to_owned()]), "handed over, and not tagged again");

    // One too many in an hour is not made. It was meant all the same.
    let (mut world, visitor, mei) = watched();
    world.calls();
    for number in 0..ACTIONS_PER_HOUR {
        world.send(visitor, &format!("t{number}"), "track #A-1234");
        world.calls();
        world.frame(mei, tag(THREE, false));
        world.pass(MINUTE);
    }
    assert_eq!((status(&world), on(&world)), (Status::Pending, vec![ONE.to_owned()]));
    world.send(visitor, "over", "track #A-1234");
    world.calls();
    world.pass(MINUTE);
    assert_eq!((status(&world), world.history.tags.clone()), (Status::Open, ids(&[ONE, THREE])));
}

#[test]
fn who_is_handed_over_is_tagged_and_a_full_conversation_takes_no_more() {
    let (mut world, _, mei) = watched();
    for letter in ('d'..='z').take(TAGS_OF_CONVERSATION - 1) {
        world.frame(mei, tag(&format!("tag_aaaaaaaaaaaaaaa{letter}"), true));
    }
    let decision = Decision::Handoff {
        reason: Reason::Intent,
        text: "people come".into(),
        image: String::new(),
        form: None,
        to: Takers::default(),
    };
    let turn = Box::new(Turn { tags: ids(&[ONE, TWO]), ..Turn::default() });
    world.feed(Input::BotSays { seq: 1, decision: Some(decision), turn }).unwrap();
    assert_eq!((status(&world), on(&world).len()), (Status::Open, TAGS_OF_CONVERSATION));
    assert_eq!(on(&world).last().unwrap(), ONE);
    world.pass(MINUTE);
    assert_eq!(world.history.tags.len(), TAGS_OF_CONVERSATION);

    // What nobody has done about a message tags nothing later.
    let (mut world, visitor, _) = watched();
    let asked = question(&mut world);
    world.send(visitor, "c2", "well");
    let ask = Decision::Ask { text: "which?".into(), choices: Vec::new() };
    let turn = Box::new(Turn { tags: ids(&[ONE]), ..Turn::default() });
    world.feed(Input::BotSays { seq: 1, decision: Some(ask), turn }).unwrap();
    drop(asked);
    world.calls();
    assert_eq!((status(&world), on(&world)), (Status::Open, vec![]));
}
