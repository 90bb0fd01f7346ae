//! Tags: what agents put on a conversation, told to agents and to the history alone.

use super::harness::*;
use crate::core::{
    limits::TAGS_OF_CONVERSATION,
    protocol::wire::{self, client_frame::Frame},
    time::MINUTE,
};

const ONE: &str = "tag_aaaaaaaaaaaaaaaa";
const TWO: &str = "tag_aaaaaaaaaaaaaaab";

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
