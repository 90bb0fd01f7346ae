//! What is kept of what the bot did, and told with it.

use super::{
    around::ENTRY,
    bot::{begun, said},
    harness::*,
};
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

/// What is offered is on disk, so it can be pressed after a crash, or later; what asks the same is answered to who waits for people, too.
#[test]
fn an_entry_of_the_faq_is_offered_pressed_and_named() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "c2", "which colours does the red kettle come in");
    world.calls();
    let offered = "message 4 bot: I'm not sure I understood. Did you mean one of these? \
         [Which colours does the kettle come in|Talk to a person]";
    assert!(world.seen(visitor).contains(&offered.to_owned()));
    world.crash();
    let visitor = world.visitor();
    world.press(visitor, "c3", ENTRY, "Which colours does the kettle come in");
    world.calls();
    world.send(visitor, "c4", "转人工");
    world.send(visitor, "c5", "which colours does the kettle come in?");
    world.calls();
    world.send(visitor, "c6", "which colours does the red kettle come in");
    world.calls();
    let bots: Vec<String> = said(&world).into_iter().filter(|it| it.starts_with("bot")).collect();
    assert_eq!(bots.len(), 5, "who waits for people is asked nothing: {bots:?}");
    assert_eq!([&bots[2], &bots[4]], ["bot bot-5: Red and green", "bot bot-8: Red and green"]);
    world.pass(100_000);
    assert_eq!(
        told(&world)[1..],
        [
            format!("3 asked {ENTRY} 3"),
            format!("5 answered {ENTRY} 0 pressed"),
            "7 handed_over visitor_askedhuman 0".to_owned(),
            format!("8 answered {ENTRY} 0"),
        ]
    );
}
