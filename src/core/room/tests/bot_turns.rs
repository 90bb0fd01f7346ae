//! What is kept of what the bot did, and told with it.

use super::{bot::begun, harness::*};
use crate::core::{limits::BOT_PATIENCE, room::effect::Input};

/// In short: about which message, what, for which reason, by which intent.
fn told(world: &World) -> Vec<String> {
    let shown = |turn: &crate::core::bot::turn::Turn| {
        let pressed = if turn.pressed { " pressed" } else { "" };
        format!("{} {} {}{} {}{pressed}", turn.to, turn.did.name(), turn.reason, turn.intent, turn.near.len())
    };
    world.history.turns.values().map(shown).collect()
}

#[test]
fn what_it_did_goes_with_the_message_by_which_it_did_it() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "c2", "and what else?");
    world.calls();
    world.press(visitor, "c3", "refund", "refund");
    world.calls();
    world.send(visitor, "c4", "this is a long story");
    world.calls();
    world.pass(10_000);
    let expected = ["1 answered hours 3", "3 asked hours 3", "5 answered refund 0 pressed", "7 handed_over unsure 3"];
    assert_eq!(told(&world), expected);
    let seqs: Vec<u64> = world.history.turns.keys().copied().collect();
    assert_eq!(seqs, [2, 4, 6, 8]);
    // Told again after a crash it is the same, and whoever waits for people is told nothing else.
    world.crash();
    let visitor = world.visitor();
    world.calls();
    for (client_id, text) in [("c5", "well?"), ("c6", "are you open? hours")] {
        world.send(visitor, client_id, text);
        world.calls();
    }
    world.pass(100_000);
    assert_eq!(told(&world)[..4], expected);
    assert_eq!(told(&world)[4..], ["10 answered hours 3"]);
}

#[test]
fn one_that_fails_has_handed_over_for_no_intent() {
    let (mut world, _) = begun();
    world.network.clear();
    world.pass(BOT_PATIENCE);
    world.pass(100_000);
    assert_eq!(told(&world), ["1 handed_over bot_failed 0"]);

    let (mut world, _) = begun();
    let question = world.network.pop_front().unwrap();
    let Input::BotSays { seq, turn, .. } = world.answer(question) else { panic!("no question") };
    world.feed(Input::BotSays { seq, decision: None, turn }).unwrap();
    world.calls();
    world.pass(100_000);
    assert_eq!(told(&world), ["1 handed_over bot_failed 0"]);
}
