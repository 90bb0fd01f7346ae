//! What a language model writes for the bot: it grows before everybody's eyes, and becomes one message or none.

use super::{
    around::{CONSULTS_A_DAY, TEAPOTS, WRITTEN, grown, written},
    bot::*,
    harness::*,
};
use crate::{
    core::{
        bot::turn::Did,
        internal::{BotNotice, Revoked, Status},
        limits::{BOT_OWED, CONSULT_CHARS, CONSULT_PATIENCE, CONSULT_SILENCE, CONSULTS_PER_HOUR, TIMER_MAX},
        principal::{Identity, Principal, VisitorPrincipal},
        protocol::{
            Encoding,
            wire::{self, client_frame::Frame},
        },
        room::{
            bot::ConsultCall,
            effect::{Call, Input},
            entry::Body,
        },
        socket::SocketId,
        time::{DAY, HOUR, SECOND},
    },
    sql::room::RoomStore,
};

const SOURCE: &str = "\n\nFrom our FAQ: “Teapots”";

/// Takes what a model is asked out of the network; everything else is answered.
fn consults(world: &mut World) -> Vec<ConsultCall> {
    let mut calls = Vec::new();
    for _ in 0..20 {
        while let Some(call) = world.network.pop_front() {
            match call {
                Call::Consult(call) => calls.push(*call),
                call => {
                    let answer = world.answer(call);
                    world.feed(answer).unwrap();
                }
            }
        }
    }
    calls
}

/// The model has been asked about teapots; nobody has heard anything of it.
fn asking() -> (World, SocketId, ConsultCall) {
    asked_about("the teapot")
}

fn asked_about(text: &str) -> (World, SocketId, ConsultCall) {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "t1", text);
    let mut calls = consults(&mut world);
    assert_eq!(calls.len(), 1);
    world.look_away();
    (world, visitor, calls.remove(0))
}

/// It has written the first words.
fn growing() -> (World, SocketId, ConsultCall) {
    growing_about("the teapot")
}

fn growing_about(text: &str) -> (World, SocketId, ConsultCall) {
    let (mut world, visitor, call) = asked_about(text);
    world.feed(grown(&call, "[1] The teapot holds a lit")).unwrap();
    assert_eq!(world.seen(visitor), ["grow 3 0 \"The teapot holds a\""]);
    (world, visitor, call)
}

fn bots(world: &World) -> Vec<String> {
    let said = said(world).into_iter().filter(|it| it.starts_with("bot bot-3: "));
    said.map(|it| it.trim_start_matches("bot bot-3: ").to_owned()).collect()
}

fn rows(world: &World) -> u64 {
    world.rows_written()
}

#[test]
fn it_grows_and_becomes_one_message() {
    let (mut world, visitor, call) = growing();
    let agent = world.agent("Mei");
    let seen = world.seen(agent);
    assert!(seen.contains(&"welcome 3 [1..3] growing \"The teapot holds a\"".to_owned()), "{seen:?}");
    world.look_away();
    let before = rows(&world);
    for (written, seen) in [
        ("[1] The teapot holds a litre – 一", Some("grow 3 18 \" litre – 一\"")),
        ("[1] The teapot", Some("grow 3 0 \"The\"")),
        (
            "[1] Another text altogether, longer than the first",
            Some("grow 3 0 \"Another text altogether, longer than the\""),
        ),
        (
            "[1] The teapot holds a litre – 一升 – and comes in red 🫖, ",
            Some("grow 3 0 \"The teapot holds a litre – 一升 – and comes in red 🫖,\""),
        ),
        ("[1] The teapot holds a litre – 一升 – and comes in red 🫖, gree", None),
    ] {
        world.now = world.now.plus(100);
        world.feed(grown(&call, written)).unwrap();
        let expected: Vec<String> = seen.into_iter().map(str::to_owned).collect();
        assert_eq!(world.seen(visitor), expected, "{written}");
        assert_eq!(world.seen(agent), expected, "{written}");
    }
    assert_eq!(rows(&world), before, "what grows is stored nowhere");
    world.feed(written(&call, WRITTEN, true)).unwrap();
    let whole = format!("{}{SOURCE}", &WRITTEN[4..]);
    assert_eq!(world.seen(visitor), [format!("message 4 bot: {whole}")], "and nothing has to be taken back");
    assert_eq!((bots(&world), unread(&world)), (vec![whole], 0));
    let back = world.visitor();
    assert!(world.seen(back).contains(&"welcome 4 [1..4]".to_owned()), "nothing grows any more");
    world.look_away();
    // Once, whatever else is heard of it.
    world.feed(written(&call, WRITTEN, true)).unwrap();
    world.feed(grown(&call, WRITTEN)).unwrap();
    assert_eq!((bots(&world).len(), world.seen(visitor)), (1, Vec::new()));
    // D1 has the final text, and what it rests on.
    world.pass(10 * SECOND);
    assert_eq!(world.history.public[&4].1, bots(&world)[0]);
    let turn = &world.history.turns[&4];
    assert_eq!((turn.to, turn.did, turn.intent.as_str()), (3, Did::Answered, TEAPOTS));
}

#[test]
fn nothing_is_shown_before_it_names_a_source() {
    let (mut world, visitor, call) = asking();
    for written in ["", "The teapot holds ten litres, and ", "The teapot holds ten litres, and [7] more "] {
        world.feed(grown(&call, written)).unwrap();
    }
    assert_eq!(world.seen(visitor), Vec::<String>::new());
    world.feed(written(&call, "The teapot holds ten litres.", true)).unwrap();
    assert_eq!(handed_over(&world), ["unsure"]);
    assert!(bots(&world)[0].starts_with("I can't answer that reliably"), "{:?}", bots(&world));
}

#[test]
fn what_takes_the_conversation_keeps_what_was_shown_and_drops_the_rest() {
    type Does = fn(&mut World, SocketId);
    let cases: [(&str, Does); 7] = [
        ("an assignment", |world, _| world.feed(Input::Assign(assign(1, Some("Mei")))).unwrap()),
        ("an agent's answer", |world, _| {
            let agent = world.agent("Mei");
            world.send(agent, "a1", "Hello, it is me");
        }),
        ("an agent who resolves it", |world, _| {
            let agent = world.agent("Mei");
            let request = wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() };
            world.frame(agent, Frame::SetStatus(request));
        }),
        ("an agent who mutes it", |world, _| {
            let agent = world.agent("Mei");
            world.frame(agent, Frame::Mute(wire::Mute { on: true, client_id: String::new() }));
        }),
        ("the visitor leaves", |world, visitor| {
            world.frame(visitor, Frame::Leave(wire::Leave { client_id: "l1".into() }));
        }),
        ("the visitor leaves an address", |world, visitor| {
            let (client_id, email) = ("l1".into(), "ada@shop.example".into());
            world.frame(visitor, Frame::LeaveEmail(wire::LeaveEmail { client_id, email, ..Default::default() }));
        }),
        ("the bot is switched off", |world, _| {
            world.bot = Some(terms(2, false));
            let notice = BotNotice { workspace: workspace(), terms: terms(2, false) };
            world.feed(Input::BotChanged(notice)).unwrap();
        }),
    ];
    for (name, take) in cases {
        // The rules would have asked back, about what is likest.
        let (mut world, visitor, call) = growing_about("the teapot?");
        take(&mut world, visitor);
        let cut = "The teapot holds a… (This answer was cut off.)";
        assert_eq!(bots(&world), [cut], "{name}");
        let seen: Vec<String> = world.seen(visitor).into_iter().filter(|it| !it.starts_with("presence")).collect();
        assert_eq!(
            seen.first().map(String::as_str),
            Some(format!("message 4 bot: {cut}").as_str()),
            "{name}: {seen:?}"
        );
        assert!(!seen.iter().any(|it| it.starts_with("grow")), "{name}: {seen:?}");
        // What it has answered stays answered, also without a bot.
        assert_eq!(status(&world) == Status::Pending, name == "the bot is switched off", "{name}");
        world.feed(grown(&call, WRITTEN)).unwrap();
        world.feed(written(&call, WRITTEN, true)).unwrap();
        consults(&mut world);
        assert_eq!(bots(&world).len(), 1, "{name}: what comes late is dropped");
        let turn = RoomStore(&world.sql).public_after(3, 1).unwrap().pop();
        let Some(Body::Choice(offer)) = turn.map(|entry| entry.body) else { panic!("{name}") };
        let kept = offer.turn.map(|turn| (turn.to, turn.did, turn.intent));
        assert_eq!(kept, Some((3, Did::Answered, String::new())), "{name}: nobody's answer but the model's");
    }
}

#[test]
fn before_anything_was_shown_there_is_nothing_to_keep() {
    let (mut world, visitor, call) = asking();
    world.feed(Input::Assign(assign(1, Some("Mei")))).unwrap();
    world.feed(grown(&call, WRITTEN)).unwrap();
    world.feed(written(&call, WRITTEN, true)).unwrap();
    assert_eq!((bots(&world), world.seen(visitor).iter().any(|it| it.starts_with("grow"))), (Vec::new(), false));
    // A visitor who is blocked sees nothing more, and what had been shown is no answer.
    let (mut world, _, call) = growing();
    let who = super::harness::visitor(1).visitor;
    let blocked = Revoked::Visitor { visitor: who, generation: 2, blocked: true, by: agent_ref("Mei") };
    world.feed(Input::Revoke(blocked)).unwrap();
    world.feed(written(&call, WRITTEN, true)).unwrap();
    assert_eq!(bots(&world), Vec::<String>::new());
}

/// Nothing came of a call.
fn failed(call: &ConsultCall) -> Input {
    Input::BotWrote { seq: call.seq, at: call.at, decision: None, turn: Box::default() }
}

#[test]
fn a_model_that_fails_leaves_it_to_the_rules() {
    // Before a word: as if it had not been asked.
    let (mut world, visitor, call) = asking();
    world.feed(written(&call, "[1", false)).unwrap();
    assert_eq!(handed_over(&world), ["unsure"]);
    assert!(bots(&world)[0].starts_with("I can't answer that reliably"), "{:?}", world.seen(visitor));
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "t1", "the teapot?");
    let call = consults(&mut world).remove(0);
    world.feed(failed(&call)).unwrap();
    assert!(bots(&world)[0].starts_with("I'm not sure I understood."), "{:?}", bots(&world));
    assert_eq!(status(&world), Status::Pending);
    // In the middle: what is known is kept.
    let (mut world, _, call) = growing();
    world.feed(written(&call, "[1] The teapot holds a litre, and", false)).unwrap();
    assert_eq!(bots(&world), [format!("The teapot holds a litre,… (This answer was cut off.){SOURCE}")]);
    assert_eq!(status(&world), Status::Pending, "the visitor goes on with the bot");
    // Nothing came of what was shown: it was no answer.
    let (mut world, visitor, call) = growing();
    world.feed(failed(&call)).unwrap();
    assert_eq!(handed_over(&world), ["unsure"]);
    assert!(bots(&world)[0].starts_with("I can't answer that reliably"), "{:?}", world.seen(visitor));
}

/// Where a template leaves out the first mark of its thoughts they look like an answer, until the second comes.
#[test]
fn thoughts_that_were_shown_are_in_no_message() {
    type Ends = fn(&mut World, &ConsultCall);
    let ends: [(&str, Ends); 2] = [
        ("it fails", |world, call| world.feed(failed(call)).unwrap()),
        ("an assignment", |world, _| world.feed(Input::Assign(assign(1, Some("Mei")))).unwrap()),
    ];
    for (name, end) in ends {
        for (next, told) in [("[1] So it is red ", "So it is red"), ("It is", "")] {
            let (mut world, visitor, call) = growing();
            world.feed(grown(&call, next)).unwrap();
            assert_eq!(world.seen(visitor), [format!("grow 3 0 {told:?}")], "{name}");
            let back = world.visitor();
            assert!(!world.seen(back).iter().any(|it| it.contains("The teapot holds")), "{name}");
            end(&mut world, &call);
            assert!(!bots(&world).iter().any(|it| it.contains("The teapot holds")), "{name}: {:?}", bots(&world));
        }
    }
}

#[test]
fn a_model_that_says_nothing_more_is_given_up() {
    let (mut world, visitor, call) = asking();
    let tick = |world: &mut World, millis: i64| {
        for _ in 0..millis / SECOND {
            world.now = world.now.plus(SECOND);
            if world.timer.is_some_and(|at| at <= world.now) {
                world.timer = None;
                world.feed(Input::Tick).unwrap();
            }
            assert!(world.timer.is_none_or(|at| at.since(world.now) <= TIMER_MAX), "a timer waits no longer");
        }
    };
    tick(&mut world, CONSULT_SILENCE - SECOND);
    assert_eq!(bots(&world), Vec::<String>::new());
    world.feed(grown(&call, "")).unwrap();
    tick(&mut world, CONSULT_SILENCE - SECOND);
    assert_eq!(bots(&world), Vec::<String>::new(), "it gave a sign of life");
    tick(&mut world, 2 * SECOND);
    assert!(bots(&world)[0].starts_with("I can't answer that reliably"), "{:?}", world.seen(visitor));
    // One that never comes to an end.
    let (mut world, _, call) = growing();
    let mut text = "[1] The teapot holds a ".to_owned();
    for _ in 0..CONSULT_PATIENCE / SECOND {
        text.push_str("lot ");
        world.feed(grown(&call, &text)).unwrap();
        tick(&mut world, SECOND);
    }
    assert_eq!(bots(&world).len(), 1);
    assert!(bots(&world)[0].ends_with("lot lot… (This answer was cut off.)"), "{:?}", bots(&world));
    // More than a message may have is not shown.
    let (mut world, visitor, call) = growing();
    let endless = format!("[1] The teapot holds a {}", "lot ".repeat(CONSULT_CHARS));
    world.feed(Input::BotGrows { seq: call.seq, at: call.at, text: endless }).unwrap();
    assert_eq!(world.seen(visitor), Vec::<String>::new());
}

#[test]
fn whoever_wakes_the_room_asks_again_and_one_answer_is_written() {
    let (mut world, _, first) = growing();
    let before = rows(&world);
    world.now = world.now.plus(1);
    world.crash();
    assert!(world.alarm.is_some(), "somebody wakes it");
    let visitor = world.visitor();
    let seen = world.seen(visitor);
    assert!(seen.contains(&"welcome 3 [1..3]".to_owned()), "what was written is forgotten: {seen:?}");
    let again = consults(&mut world);
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].seq, &again[0].consult), (3, &first.consult));
    assert!(rows(&world) > before, "that it was asked again is on disk, too");
    world.look_away();
    world.feed(grown(&again[0], "[1] The teapot is ")).unwrap();
    assert_eq!(world.seen(visitor), ["grow 3 0 \"The teapot is\""]);
    // The call of the process that is dead, had it come through.
    world.feed(grown(&first, "[1] The teapot holds a litre ")).unwrap();
    assert_eq!(world.seen(visitor), Vec::<String>::new());
    world.feed(written(&again[0], WRITTEN, true)).unwrap();
    world.feed(written(&first, WRITTEN, true)).unwrap();
    assert_eq!(bots(&world).len(), 1);
}

#[test]
fn what_a_call_of_a_dropped_machine_brings_ends_nothing() {
    let (mut world, _, first) = growing();
    world.hibernate();
    world.now = world.now.plus(SECOND);
    world.feed(Input::Alarm).unwrap();
    world.feed(failed(&first)).unwrap();
    let again = consults(&mut world).remove(0);
    world.feed(failed(&first)).unwrap();
    world.feed(written(&first, "[1] Something else", true)).unwrap();
    assert_eq!(bots(&world), Vec::<String>::new(), "the other one is under way");
    world.feed(written(&again, WRITTEN, true)).unwrap();
    assert_eq!(bots(&world).len(), 1);
}

#[test]
fn whoever_writes_too_much_meanwhile_gets_people_and_keeps_what_was_shown() {
    let (mut world, visitor, _) = growing();
    for number in 0..=BOT_OWED {
        world.now = world.now.plus(SECOND);
        world.send(visitor, &format!("more-{number}"), "and?");
    }
    let said = bots(&world);
    assert_eq!(said[0], "The teapot holds a… (This answer was cut off.)", "{said:?}");
    assert_eq!(status(&world), Status::Open);
}

#[test]
fn sockets_that_outlive_the_machine_keep_no_half_of_an_answer() {
    let (mut world, visitor, _) = growing();
    world.hibernate();
    world.feed(Input::Alarm).unwrap();
    assert_eq!(world.seen(visitor).first().map(String::as_str), Some("grow 3 0 \"\""), "it is taken back");
    let again = consults(&mut world).remove(0);
    world.feed(grown(&again, "[1] The teapot holds a litre ")).unwrap();
    let seen = world.seen(visitor);
    assert_eq!(seen.last().map(String::as_str), Some("grow 3 0 \"The teapot holds a litre\""));
    world.feed(written(&again, WRITTEN, true)).unwrap();
    world.look_away();
    world.hibernate();
    world.feed(Input::Alarm).unwrap();
    assert!(!world.seen(visitor).iter().any(|it| it.starts_with("grow")), "what is answered is not spoken of");
}

#[test]
fn what_a_conversation_may_cost_is_bounded_whatever_crashes() {
    let (mut world, mut visitor, _) = asking();
    let mut asked = 1;
    for _ in 0..CONSULTS_PER_HOUR + 5 {
        world.crash();
        visitor = world.visitor();
        asked += consults(&mut world).len();
    }
    assert_eq!(asked, CONSULTS_PER_HOUR);
    assert!(bots(&world)[0].starts_with("I can't answer that reliably"), "{:?}", world.seen(visitor));
    // An hour later it may be asked again.
    world.now = world.now.plus(HOUR);
    let agent = world.agent("Mei");
    let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() };
    world.frame(agent, Frame::SetStatus(resolve));
    let socket = world.connect(Principal::Visitor(super::harness::visitor(1)), Encoding::Json);
    world.frame(socket, Frame::Hello(wire::Hello::default()));
    world.send(socket, "t2", "the teapot again");
    assert_eq!(consults(&mut world).len(), 1);
}

#[test]
fn what_is_written_meanwhile_waits() {
    let (mut world, visitor, call) = growing();
    world.send(visitor, "c2", "and your hours?");
    world.calls();
    assert_eq!(world.seen(visitor), ["ack c2 4"]);
    world.feed(written(&call, WRITTEN, true)).unwrap();
    world.calls();
    let names: Vec<String> = said(&world).iter().filter_map(|it| it.split(':').next()).map(str::to_owned).collect();
    assert_eq!(names[2..], ["visitor t1", "visitor c2", "bot bot-3", "bot bot-4"]);
}

/// The owner's ceiling of a conversation: on a day, however many hours, machines and tabs there were.
#[test]
fn a_conversation_has_a_ceiling_for_the_day() {
    let (mut world, mut visitor, call) = asking();
    world.feed(written(&call, WRITTEN, true)).unwrap();
    let (mut asked, mut stood_in) = (1, 0);
    for number in 0..2 * CONSULTS_A_DAY {
        // Half an hour in which nobody is asked more often than in an hour.
        world.now = world.now.plus(HOUR / 4);
        if number % 3 == 0 {
            world.crash();
        }
        visitor = world.visitor();
        world.send(visitor, &format!("n{number}"), "is it the teapot?");
        for call in consults(&mut world) {
            asked += 1;
            world.feed(written(&call, WRITTEN, true)).unwrap();
        }
        let today = START.0.div_euclid(DAY) == world.now.0.div_euclid(DAY);
        if asked == CONSULTS_A_DAY && today {
            stood_in += 1;
            if status(&world) != Status::Pending {
                break;
            }
        }
    }
    assert_eq!(asked, CONSULTS_A_DAY, "{:?}", world.seen(visitor));
    assert!(stood_in > 1, "the rules go on without it");
    let said = said(&world);
    assert!(said.iter().any(|it| it.contains("Did you mean")), "{said:?}");
    // Tomorrow it may be asked again.
    world.now = world.now.plus(DAY);
    let agent = world.agent("Mei");
    let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() };
    world.frame(agent, Frame::SetStatus(resolve));
    visitor = world.visitor();
    world.send(visitor, "t2", "the teapot again");
    assert_eq!(consults(&mut world).len(), 1);
}

/// Tabs, and a visitor who signs in meanwhile: one conversation, and one ceiling.
#[test]
fn who_signs_in_in_another_tab_has_no_ceiling_of_their_own() {
    let (mut world, _, call) = asking();
    world.feed(written(&call, WRITTEN, true)).unwrap();
    let mut asked = 1;
    for number in 0..CONSULTS_PER_HOUR + 5 {
        let identity = (number > 5).then(|| Identity { subject: "42".into(), ..Identity::default() });
        let principal = VisitorPrincipal { identity: identity.map(Box::new), ..super::harness::visitor(1) };
        let tab = world.connect(Principal::Visitor(principal), Encoding::Json);
        world.frame(tab, Frame::Hello(wire::Hello::default()));
        world.now = world.now.plus(SECOND);
        world.send(tab, &format!("n{number}"), "the teapot");
        for call in consults(&mut world) {
            asked += 1;
            world.feed(written(&call, WRITTEN, true)).unwrap();
        }
        world.leave(tab);
    }
    assert_eq!(asked, CONSULTS_PER_HOUR);
}
