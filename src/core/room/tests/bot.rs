//! What a bot does in a Room, and that without one nothing is as it was not before.

use super::harness::*;
use crate::{
    core::{
        bot::{
            dialogue::{Decision, Reason},
            intent::Takers,
        },
        internal::{BotTerms, Status},
        limits::{BOT_OWED, BOT_PATIENCE, DIGEST_ENTRIES, WEBHOOKS_PER_HOUR},
        protocol::wire,
        room::{
            effect::{Call, Input},
            entry::Author,
        },
        socket::SocketId,
        time::{HOUR, MINUTE, SECOND},
    },
    sql::room::RoomStore,
};

const CANNOT: &str =
    "I can't answer that reliably, so I'm handing you over to a person. They can read everything we have written here.";
const WHICH: &str = "I'm not sure I understood. Did you mean one of these? [hours|refund|stock|Talk to a person]";

pub fn terms(version: u64, on: bool) -> BotTerms {
    BotTerms { version, on, model: "ab".repeat(32), hold_back: None, team: None }
}

pub fn world() -> World {
    let mut world = World::default();
    world.bot = Some(terms(1, true));
    world
}

/// A conversation that is the bot's: the visitor has written something, and the Desk has said so. Nothing is judged yet.
pub fn begun() -> (World, SocketId) {
    let mut world = world();
    let visitor = world.visitor();
    world.send(visitor, "c1", "when do you open? hours");
    let call = world.network.pop_front().unwrap();
    let answer = world.answer(call);
    world.feed(answer).unwrap();
    assert_eq!(status(&world), Status::Pending);
    (world, visitor)
}

pub fn status(world: &World) -> Status {
    world.room.as_ref().and_then(|room| room.record()).unwrap().status
}

/// Who said what, as it is stored.
pub fn said(world: &World) -> Vec<String> {
    let log = RoomStore(&world.sql).public_after(0, 1_000).unwrap();
    log.iter()
        .filter_map(|entry| Some(format!("{} {}: {}", entry.author.kind(), entry.client_id, entry.body.text()?)))
        .collect()
}

/// Why it was handed over, each time.
pub fn handed_over(world: &World) -> Vec<String> {
    let log = RoomStore(&world.sql).private_after(0, 1_000).unwrap();
    log.into_iter()
        .filter_map(|entry| match entry.body {
            crate::core::room::entry::Body::Activity(it) if it.kind().as_str_name() == "HANDED_OVER" => Some(it.reason),
            _ => None,
        })
        .collect()
}

pub fn unread(world: &World) -> u64 {
    world.room.as_ref().and_then(|room| room.conversation_row()).unwrap().unread
}

/// Messages that were given to the bot and are not judged yet.
pub fn asked(world: &World) -> Vec<u64> {
    let seq = |call: &Call| match call {
        Call::AskBot(question) => Some(question.seq),
        _ => None,
    };
    world.network.iter().filter_map(seq).collect()
}

#[test]
fn the_bot_begins_answers_asks_back_and_hands_over() {
    let (mut world, visitor) = begun();
    assert_eq!(asked(&world), [1]);
    world.calls();
    world.look_away();
    world.send(visitor, "c2", "and what else?");
    world.calls();
    assert_eq!(world.seen(visitor), ["ack c2 3".to_owned(), format!("message 4 bot: {WHICH}")]);
    assert_eq!(unread(&world), 0, "what the bot has answered is nobody's to read");
    world.press(visitor, "c3", "refund", "refund");
    world.calls();
    assert_eq!(world.seen(visitor), ["ack c3 5", "message 6 bot: about refund [hours|stock]"]);
    world.send(visitor, "c4", "this is a long story");
    world.calls();
    let seen = world.seen(visitor);
    assert_eq!(seen, ["ack c4 7".to_owned(), format!("message 8 bot: {CANNOT}"), "state open -".to_owned()]);
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["unsure".to_owned()]));
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.status, notice.unread, notice.undecided), (Status::Open, 1, false), "the Desk routes it now");
    assert_eq!(said(&world)[..2], ["visitor c1: when do you open? hours", "bot bot-1: about hours"]);
    let agent = world.agent("Mei");
    let seen = world.seen(agent);
    assert!(seen.contains(&"welcome 8 [1..8]".to_owned()), "with everything said so far: {seen:?}");
}

/// A bot of the workspace's own is asked about no more, whatever is forgotten between.
#[test]
fn a_visitor_who_writes_on_and_on_has_a_ceiling() {
    let flag = |call: &Call| match call {
        Call::AskBot(question) => Some(question.is_too_often),
        _ => None,
    };
    let (mut world, visitor) = begun();
    world.calls();
    for number in 2..=WEBHOOKS_PER_HOUR {
        world.now = world.now.plus(SECOND);
        world.send(visitor, &format!("n{number}"), "hours");
        assert_eq!(world.network.iter().filter_map(flag).collect::<Vec<_>>(), [false], "{number}");
        world.calls();
    }
    world.crash();
    let visitor = world.visitor();
    world.send(visitor, "again", "hours");
    world.pass(5 * SECOND);
    let too_often = |world: &mut World, name: &str| {
        world.send(visitor, name, "hours");
        let flags: Vec<bool> = world.network.iter().filter_map(flag).collect();
        world.calls();
        flags
    };
    assert_eq!(too_often(&mut world, "over"), [true]);
    world.now = world.now.plus(HOUR);
    assert_eq!(too_often(&mut world, "later"), [false]);
    // As many are read when a Room wakes, answers beside them.
    const { assert!(2 * (WEBHOOKS_PER_HOUR as u64 + 1) <= DIGEST_ENTRIES) };
}

#[test]
fn who_waits_for_people_gets_answers_and_nothing_else() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "c2", "转人工");
    world.calls();
    assert_eq!(handed_over(&world), ["visitor_asked"]);
    world.look_away();
    for (client_id, text) in [("c3", "well?"), ("c4", "hm"), ("c5", "human"), ("c6", "are you open? hours")] {
        world.send(visitor, client_id, text);
        world.calls();
    }
    let seen: Vec<String> = world.seen(visitor).into_iter().filter(|it| it.contains("bot")).collect();
    assert_eq!(seen, ["message 9 bot: about hours"]);
    assert_eq!(handed_over(&world).len(), 1, "once");
    assert!(unread(&world) >= 4, "people have yet to read what was written since");
    world.assign(assign(1, Some("Mei"))).unwrap();
    world.send(visitor, "c7", "hours again?");
    world.calls();
    assert!(!said(&world).iter().any(|it| it.starts_with("bot bot-11")), "{:?}", said(&world));
}

#[test]
fn an_answer_under_way_is_dropped_when_an_agent_comes() {
    let (mut world, _) = begun();
    let question = world.network.pop_front().unwrap();
    world.assign(assign(1, Some("Mei"))).unwrap();
    assert_eq!(status(&world), Status::Open, "who claims it takes it from the bot");
    let answer = world.answer(question);
    world.feed(answer).unwrap();
    world.calls();
    assert_eq!(said(&world).len(), 1, "the bot is silent");
    // A reply takes it as well, though nobody has it then: the visitor waits, and what they ask next may be answered.
    let (mut world, _) = begun();
    let question = world.network.pop_front().unwrap();
    let agent = world.agent("Mei");
    world.send(agent, "a1", "at nine");
    assert_eq!(status(&world), Status::Open);
    let answer = world.answer(question);
    world.feed(answer).unwrap();
    world.calls();
    let bots = |world: &World| said(world).into_iter().filter(|it| it.starts_with("bot")).collect::<Vec<_>>();
    assert_eq!(bots(&world), [""; 0], "nobody is talked over");
    world.crash();
    world.wake();
    world.calls();
    assert_eq!(bots(&world), [""; 0], "nor after a crash");
    let visitor = world.visitor();
    world.send(visitor, "c2", "and the stock");
    world.calls();
    assert_eq!(bots(&world), ["bot bot-3: about stock"]);
    world.send(visitor, "c9", "what?");
    world.calls();
    assert_eq!(handed_over(&world), [""; 0]);
}

#[test]
fn a_question_back_is_dropped_when_the_visitor_has_gone_on() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "c2", "hm, or is it?");
    world.send(visitor, "c3", "I mean the stock");
    assert_eq!(asked(&world), [3], "one at a time");
    world.calls();
    let bots: Vec<String> = said(&world).into_iter().filter(|it| it.starts_with("bot")).collect();
    assert_eq!(bots, ["bot bot-1: about hours", "bot bot-4: about stock"]);
    // An answer is given, however much was written meanwhile.
    world.send(visitor, "c4", "refund");
    world.send(visitor, "c5", "hours");
    world.calls();
    assert_eq!(said(&world).iter().filter(|it| it.starts_with("bot")).count(), 4);
}

#[test]
fn two_questions_back_in_a_row_even_over_a_crash() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "c2", "a?");
    world.calls();
    world.crash();
    let visitor = world.visitor();
    world.send(visitor, "c3", "b?");
    world.calls();
    world.hibernate();
    world.send(visitor, "c4", "c?");
    world.calls();
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["asked_in_vain".to_owned()]));
}

/// Whatever is lost or comes twice: one answer to each message (INV-2).
#[test]
fn inv_2_one_answer_to_a_message_over_crashes_and_resends() {
    let (mut world, _) = begun();
    // The question is lost with the process: asked again by whoever wakes the Room.
    world.crash();
    let visitor = world.visitor();
    world.calls();
    assert_eq!(said(&world), ["visitor c1: when do you open? hours", "bot bot-1: about hours"]);
    // Sent again it is the same message, and the same answer twice is one.
    world.send(visitor, "c1", "when do you open? hours");
    let answer = Decision::Answer { text: "again".into(), choices: Vec::new(), image: String::new() };
    world.feed(Input::BotSays { seq: 1, decision: Some(answer.clone()), turn: Box::default() }).unwrap();
    world.calls();
    assert_eq!(said(&world).len(), 2);
    // A machine that has died had asked, and its answer comes to the next one, which has asked, too.
    world.send(visitor, "c2", "refund");
    let mut old = std::mem::take(&mut world.network);
    world.crash();
    world.wake();
    world.calls();
    old.retain(|call| matches!(call, Call::AskBot(_)));
    assert_eq!(old.len(), 1);
    for call in old {
        let answer = world.answer(call);
        world.feed(answer).unwrap();
    }
    world.calls();
    let bots: Vec<String> = said(&world).into_iter().filter(|it| it.starts_with("bot")).collect();
    assert_eq!(bots, ["bot bot-1: about hours", "bot bot-3: about refund"]);
    // And an answer that is not on disk was never given.
    let visitor = world.visitor();
    world.send(visitor, "c3", "stock");
    let question = world.network.pop_back().unwrap();
    let Input::BotSays { seq, decision, turn } = world.answer(question) else { panic!("no question") };
    drop(world.decide(Input::BotSays { seq, decision, turn }));
    world.crash();
    world.wake();
    world.calls();
    assert_eq!(said(&world).last().unwrap(), "bot bot-5: about stock");
}

/// Whoever else is asked hears the same name after a crash, so that it can tell a question from its repetition.
#[test]
fn a_question_has_one_name_however_often_it_is_asked() {
    let (mut world, visitor) = begun();
    let names = |world: &World| {
        let name = |call: &Call| match call {
            Call::AskBot(question) => Some((question.name(), question.subject.clone())),
            _ => None,
        };
        world.network.iter().filter_map(name).collect::<Vec<_>>()
    };
    let first = names(&world);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].1, None, "nobody has signed who they are");
    world.network.clear();
    world.crash();
    let again = world.visitor();
    while let Some(place) = world.network.iter().position(|call| matches!(call, Call::TellDesk(_))) {
        let call = world.network.remove(place).unwrap();
        let answer = world.answer(call);
        world.feed(answer).unwrap();
    }
    assert_eq!(names(&world), first);
    world.calls();
    world.send(again, "c2", "refund");
    assert_ne!(names(&world), first, "another message");
    assert_ne!(visitor, again);
}

#[test]
fn inv_6_a_bot_that_fails_or_says_nothing_hands_over() {
    let (mut world, visitor) = begun();
    world.network.clear();
    world.look_away();
    world.pass(BOT_PATIENCE - 1);
    assert_eq!(status(&world), Status::Pending);
    world.pass(1);
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["bot_failed".to_owned()]));
    assert!(world.seen(visitor).contains(&format!("message 2 bot: {CANNOT}")));
    let late = Decision::Answer { text: "too late".into(), choices: Vec::new(), image: String::new() };
    world.feed(Input::BotSays { seq: 1, decision: Some(late), turn: Box::default() }).unwrap();
    assert_eq!(said(&world).len(), 2);

    let (mut world, _) = begun();
    world.feed(Input::BotSays { seq: 1, decision: None, turn: Box::default() }).unwrap();
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["bot_failed".to_owned()]));

    // Nobody comes back after a crash: the alarm that stands in any case sees to it.
    let (mut world, _) = begun();
    world.crash();
    world.network.clear();
    world.pass(2 * MINUTE);
    assert_eq!(said(&world).len(), 2, "{:?}", said(&world));

    // The Desk can't be reached after a crash, so nobody knows which bot there is.
    let (mut world, _) = begun();
    world.crash();
    let visitor = world.visitor();
    world.send(visitor, "c2", "well?");
    let mut waited = 0;
    while waited < BOT_PATIENCE {
        while let Some(call) = world.network.pop_front() {
            let answer = match call {
                Call::TellDesk(notice) => Input::DeskAnswered { rev: notice.rev, answer: None },
                call => world.answer(call),
            };
            world.feed(answer).unwrap();
        }
        waited += 100;
        world.now = world.now.plus(100);
        world.feed(Input::Tick).unwrap();
    }
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["bot_failed".to_owned()]));
}

#[test]
fn a_visitor_who_writes_faster_than_the_bot_gets_people() {
    let (mut world, visitor) = begun();
    for number in 1..=BOT_OWED {
        world.send(visitor, &format!("f{number}"), "stock");
    }
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["bot_failed".to_owned()]));
    assert_eq!(asked(&world), [1], "and no more calls than one");
}

#[test]
fn buttons_are_checked_kept_and_told() {
    let (mut world, visitor) = begun();
    world.calls();
    world.look_away();
    for choice in ["a b", "é", &"x".repeat(65)] {
        world.press(visitor, "bad", choice, "label");
        assert_eq!(world.seen(visitor), ["error bad_request (bad)"], "{choice}");
    }
    world.press(visitor, "c2", "refund", "Money back");
    world.calls();
    world.crash();
    let visitor = world.visitor();
    let welcome = world.inbox(visitor).into_iter().find_map(|frame| match frame.frame {
        Some(wire::agent_frame::Frame::Welcome(welcome)) => Some(welcome),
        _ => None,
    });
    let messages = welcome.unwrap().messages;
    assert_eq!(messages.len(), 4);
    let button = |id: &str| wire::Choice { id: id.into(), label: id.into() };
    assert_eq!(messages[3].choices, [button("hours"), button("stock")], "they outlive the process");
    assert_eq!(messages[2].choices, []);
    world.pass(2 * MINUTE);
    assert_eq!(world.history.public[&3].1, "Money back");
    assert_eq!(world.history.public[&4].1, "about refund\n• hours\n• stock", "the history shows what was offered");
    // Nobody presses buttons for a visitor.
    let agent = world.agent("Mei");
    world.press(agent, "a1", "refund", "Money back");
    world.calls();
    assert_eq!(said(&world).len(), 5);
}

/// Without a bot: the same rows, calls, alarms and frames as ever.
#[test]
fn without_a_bot_nothing_happens() {
    for bot in [None, Some(terms(1, false))] {
        let mut world = World::default();
        world.bot = bot;
        let visitor = world.visitor();
        world.send(visitor, "c1", "hello");
        world.calls();
        world.look_away();
        let (rows, alarms) = (world.rows_written(), world.alarms_set);
        world.send(visitor, "c2", "hours?");
        assert!(world.network.is_empty(), "{:?}", world.network);
        assert_eq!((world.rows_written() - rows, world.alarms_set), (1, alarms));
        assert_eq!(world.seen(visitor), ["ack c2 2"]);
        assert_eq!(status(&world), Status::Open);
        world.crash();
        let visitor = world.visitor();
        world.send(visitor, "c3", "hours?");
        world.calls();
        assert_eq!(asked(&world), [0; 0]);
        assert_eq!((said(&world).len(), handed_over(&world).len()), (3, 0));
        world.pass(5 * MINUTE);
        assert_eq!(status(&world), Status::Open);
    }
}

/// What the bot adds to a conversation: one row when it begins, one for each answer, three when it hands over.
#[test]
fn the_cost_of_a_bot() {
    let rows = |world: &World| world.rows_written();
    let (mut world, visitor) = begun();
    world.calls();
    world.pass(100);
    let before = (rows(&world), world.alarms_set);
    world.send(visitor, "c2", "stock");
    let question = world.network.pop_back().unwrap();
    assert!(matches!(question, Call::AskBot(_)));
    let answer = world.answer(question);
    world.feed(answer).unwrap();
    assert_eq!((rows(&world) - before.0, world.alarms_set), (2, before.1), "the message and its answer");
    let entry = RoomStore(&world.sql).public_after(3, 1).unwrap().pop().unwrap();
    assert_eq!(entry.author, Author::Bot);
    let before = rows(&world);
    let decision = Some(Decision::Handoff {
        reason: Reason::Unsure,
        text: "people".into(),
        image: String::new(),
        form: None,
        to: Takers::default(),
    });
    world.send(visitor, "c3", "hm");
    world.feed(Input::BotSays { seq: 5, decision, turn: Box::default() }).unwrap();
    assert_eq!(rows(&world) - before, 4, "the message, its answer, the line for agents and the record");
}
