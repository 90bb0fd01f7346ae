//! Forms in a Room: one field a message, over whatever happens in between, until it is done, left or people's.

use super::{bot::*, harness::*};
use crate::{
    core::{
        internal::Status,
        room::{
            effect::{Call, Input},
            entry::Body,
        },
        socket::SocketId,
        time::SECOND,
    },
    sql::room::RoomStore,
};

/// The visitor says this, the bot replies, and what it replied comes back.
fn say(world: &mut World, visitor: SocketId, client_id: &str, text: &str) -> String {
    world.send(visitor, client_id, text);
    world.calls();
    said(world).last().unwrap().split_once(": ").unwrap().1.to_owned()
}

/// What agents read from the bot.
fn notes(world: &World) -> Vec<String> {
    let log = RoomStore(&world.sql).private_after(0, 1_000).unwrap();
    log.into_iter()
        .filter_map(|entry| match (entry.author.kind(), entry.body) {
            ("bot", Body::Text(text)) => Some(text),
            _ => None,
        })
        .collect()
}

/// Takes what the bot is asked out of the network.
fn question(world: &mut World) -> Call {
    for _ in 0..100 {
        match world.network.pop_front() {
            Some(call @ Call::AskBot(_)) => return call,
            Some(call) => {
                let answer = world.answer(call);
                world.feed(answer).unwrap();
            }
            None => {
                world.now = world.now.plus(100);
                world.feed(Input::Tick).unwrap();
            }
        }
    }
    panic!("it is asked nothing: {:?}", said(world));
}

fn asking() -> (World, SocketId) {
    let (mut world, visitor) = begun();
    world.calls();
    assert_eq!(say(&mut world, visitor, "f1", "where is my parcel"), "number?");
    (world, visitor)
}

#[test]
fn a_form_asks_checks_and_answers() {
    let (mut world, visitor) = asking();
    assert!(say(&mut world, visitor, "f2", "no idea").ends_with("Say “cancel” to stop.\nnumber?"));
    assert_eq!(say(&mut world, visitor, "f3", "ah, it is #A-1234"), "mail?");
    assert!(say(&mut world, visitor, "f4", "A-1234").contains("I can't find an e-mail address"), "counted anew");
    assert_eq!(say(&mut world, visitor, "f5", "ada@shop.example"), "parcel A-1234 of ada@shop.example");
    assert_eq!((status(&world), notes(&world).len()), (Status::Pending, 0));
    assert_eq!(say(&mut world, visitor, "f6", "and the hours?"), "about hours", "it is over");
    assert_eq!(say(&mut world, visitor, "f7", "parcel #A-1234"), "mail?", "what is said is not asked for");
}

/// A form is where it was after hibernation, a crash, and an answer that never came.
#[test]
fn a_form_outlives_the_process() {
    let (mut world, visitor) = asking();
    world.hibernate();
    assert!(say(&mut world, visitor, "f2", "no idea").contains("order number"));
    world.crash();
    let visitor = world.visitor();
    assert_eq!(say(&mut world, visitor, "f3", "#A-1234"), "mail?");
    world.crash();
    let visitor = world.visitor();
    world.calls();
    world.send(visitor, "f4", "ada@shop.example");
    let lost = question(&mut world);
    assert!(matches!(&lost, Call::AskBot(question) if question.form.as_ref().unwrap().values.len() == 1));
    world.crash();
    world.wake();
    world.calls();
    assert_eq!(said(&world).last().unwrap(), "bot bot-9: parcel A-1234 of ada@shop.example");
    // What the lost process had asked comes late: one answer to a message, and the form is not taken up again.
    let late = world.answer(lost);
    world.feed(late).unwrap();
    assert_eq!(said(&world).iter().filter(|it| it.contains("bot-9")).count(), 1);
    // A decision that is not on disk was never made.
    let visitor = world.visitor();
    world.calls();
    world.send(visitor, "f5", "parcel #A-1234");
    let question = question(&mut world);
    let answer = world.answer(question);
    drop(world.decide(answer));
    world.crash();
    let visitor = world.visitor();
    world.calls();
    assert_eq!(said(&world).last().unwrap().split_once(": ").unwrap().1, "mail?");
    world.crash();
    let visitor_again = world.visitor();
    assert_ne!(visitor, visitor_again);
    assert_eq!(say(&mut world, visitor_again, "f6", "ada@shop.example"), "parcel A-1234 of ada@shop.example");
}

#[test]
fn a_visitor_may_leave_or_mean_something_else() {
    for (text, reply) in [
        ("Cancel!", "All right, I've stopped asking. What else can I help you with?"),
        ("no, what are your hours", "about hours"),
    ] {
        let (mut world, visitor) = asking();
        world.look_away();
        assert_eq!(say(&mut world, visitor, "f2", text), reply);
        let turn = RoomStore(&world.sql).public_after(5, 1).unwrap().pop();
        let is_left = text == "Cancel!";
        assert_eq!(turn.map(|entry| entry.may_be_rated()), Some(!is_left), "nobody asks whether leaving helped");
        world.pass(10 * SECOND);
        assert_eq!(world.history.turns.len(), if is_left { 2 } else { 3 }, "{:?}", world.history.turns);
        assert_eq!(say(&mut world, visitor, "f3", "#A-1234 ada@shop.example").get(..14), Some("I can't answer"));
        assert_eq!(notes(&world).len(), 0, "nothing had been collected");
    }
    let (mut world, visitor) = asking();
    world.press(visitor, "f2", "stock", "stock");
    world.calls();
    assert_eq!(said(&world).last().unwrap(), "bot bot-5: about stock");
    // Two at once: the form goes on with what was written before its question came.
    world.send(visitor, "f3", "parcel");
    world.send(visitor, "f4", "#A-1234");
    world.calls();
    assert!(said(&world).last().unwrap().ends_with("mail?"), "{:?}", said(&world));
    // In a hurry: only the newest of several is a wrong reply.
    let before = said(&world).len();
    for (name, text) in [("f5", "hm"), ("f6", "please"), ("f7", "quick")] {
        world.send(visitor, name, text);
    }
    world.calls();
    assert_eq!((status(&world), said(&world).len()), (Status::Pending, before + 3 + 1), "{:?}", said(&world));
}

#[test]
fn agents_read_what_was_collected_when_they_take_over() {
    let known = ["number: A-1234"];
    let filled = || {
        let (mut world, visitor) = asking();
        assert_eq!(say(&mut world, visitor, "f2", "#A-1234"), "mail?");
        (world, visitor)
    };
    // Twice wrong.
    let (mut world, visitor) = filled();
    let agent = world.agent("Mei");
    say(&mut world, visitor, "f3", "what");
    world.look_away();
    assert!(say(&mut world, visitor, "f4", "no").starts_with("I'm handing you over"));
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["form".to_owned()]));
    assert_eq!(notes(&world), known);
    assert!(world.seen(agent).iter().any(|it| it.ends_with("bot: number: A-1234")), "at once");
    // Asked for.
    let (mut world, visitor) = filled();
    say(&mut world, visitor, "f3", "talk to a person");
    assert_eq!(
        (handed_over(&world), notes(&world)),
        (vec!["visitor_asked".to_owned()], known.map(String::from).to_vec())
    );
    // The bot fails, or is switched off, or an agent claims it, answers, or opens it.
    let (mut world, visitor) = filled();
    world.send(visitor, "f3", "ada@shop.example");
    world.feed(Input::BotSays { seq: 7, decision: None, turn: Box::default() }).unwrap();
    assert_eq!((status(&world), notes(&world)), (Status::Open, known.map(String::from).to_vec()));
    let (mut world, _) = filled();
    world.assign(assign(1, Some("Mei"))).unwrap();
    assert_eq!((status(&world), notes(&world)), (Status::Open, known.map(String::from).to_vec()));
    let (mut world, visitor) = filled();
    let agent = world.agent("Mei");
    world.send(agent, "a1", "let me see");
    assert_eq!((status(&world), notes(&world)), (Status::Open, known.map(String::from).to_vec()));
    world.send(visitor, "f3", "ada@shop.example");
    world.calls();
    assert!(!said(&world).iter().any(|it| it.contains("parcel A-1234 of")), "the form is over");
}

/// What ends leaves no form behind: neither in memory nor on disk.
#[test]
fn a_new_beginning_knows_no_old_form() {
    for crashes in [false, true] {
        let (mut world, visitor) = asking();
        world.frame(visitor, crate::core::protocol::wire::client_frame::Frame::Leave(Default::default()));
        assert_eq!(status(&world), Status::Resolved);
        if crashes {
            world.crash();
        }
        let visitor = if crashes { world.visitor() } else { visitor };
        world.send(visitor, "g1", "#A-1234");
        world.pass(2 * SECOND);
        assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["unsure".to_owned()]), "{crashes}");
    }
}

/// A field costs what an answer costs: the message and the question.
#[test]
fn the_cost_of_a_form() {
    let (mut world, visitor) = asking();
    world.pass(100);
    let (rows, alarms) = (world.rows_written(), world.alarms_set);
    assert_eq!(say(&mut world, visitor, "f2", "#A-1234"), "mail?");
    assert_eq!((world.rows_written() - rows, world.alarms_set), (2, alarms));
}
