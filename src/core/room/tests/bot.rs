//! What a bot does in a Room, and that without one nothing is as it was not before.

use super::harness::*;
use crate::{
    core::{
        bot::dialogue::{Decision, Reason},
        internal::{BotNotice, BotTerms, IdleTerms, Status},
        limits::{BOT_OWED, BOT_PATIENCE},
        protocol::wire::{self, client_frame::Frame},
        room::{
            effect::{Answer, Call, Input},
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

fn terms(version: u64, on: bool) -> BotTerms {
    BotTerms { version, on, model: "ab".repeat(32), hold_back: 3, team: None }
}

fn world() -> World {
    let mut world = World::default();
    world.bot = Some(terms(1, true));
    world
}

/// A conversation that is the bot's: the visitor has written something, and the Desk has said so. Nothing is judged yet.
fn begun() -> (World, SocketId) {
    let mut world = world();
    let visitor = world.visitor();
    world.send(visitor, "c1", "when do you open? hours");
    let call = world.network.pop_front().unwrap();
    let answer = world.answer(call);
    world.feed(answer).unwrap();
    assert_eq!(status(&world), Status::Pending);
    (world, visitor)
}

fn status(world: &World) -> Status {
    world.room.as_ref().and_then(|room| room.record()).unwrap().status
}

/// Who said what, as it is stored.
fn said(world: &World) -> Vec<String> {
    let log = RoomStore(&world.sql).public_after(0, 1_000).unwrap();
    log.iter()
        .filter_map(|entry| Some(format!("{} {}: {}", entry.author.kind(), entry.client_id, entry.body.text()?)))
        .collect()
}

/// Why it was handed over, each time.
fn handed_over(world: &World) -> Vec<String> {
    let log = RoomStore(&world.sql).private_after(0, 1_000).unwrap();
    log.into_iter()
        .filter_map(|entry| match entry.body {
            crate::core::room::entry::Body::Activity(it) if it.kind().as_str_name() == "HANDED_OVER" => Some(it.reason),
            _ => None,
        })
        .collect()
}

fn unread(world: &World) -> u64 {
    world.room.as_ref().and_then(|room| room.conversation_row()).unwrap().unread
}

/// Messages that were given to the bot and are not judged yet.
fn asked(world: &World) -> Vec<u64> {
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
    let (mut world, visitor) = begun();
    let question = world.network.pop_front().unwrap();
    world.assign(assign(1, Some("Mei"))).unwrap();
    assert_eq!(status(&world), Status::Open, "who claims it takes it from the bot");
    let answer = world.answer(question);
    world.feed(answer).unwrap();
    world.calls();
    assert_eq!(said(&world).len(), 1, "the bot is silent");
    // A reply takes it as well.
    let (mut world, _) = begun();
    let agent = world.agent("Mei");
    world.send(agent, "a1", "at nine");
    assert_eq!(status(&world), Status::Open);
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
    let answer = Decision::Answer { text: "again".into(), choices: Vec::new() };
    world.feed(Input::BotSays { seq: 1, decision: Some(answer.clone()) }).unwrap();
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
    let Input::BotSays { seq, decision } = world.answer(question) else { panic!("no question") };
    drop(world.decide(Input::BotSays { seq, decision }));
    world.crash();
    world.wake();
    world.calls();
    assert_eq!(said(&world).last().unwrap(), "bot bot-5: about stock");
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
    let late = Decision::Answer { text: "too late".into(), choices: Vec::new() };
    world.feed(Input::BotSays { seq: 1, decision: Some(late) }).unwrap();
    assert_eq!(said(&world).len(), 2);

    let (mut world, _) = begun();
    world.feed(Input::BotSays { seq: 1, decision: None }).unwrap();
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
                Call::TellDesk(_) => Input::DeskAnswered(None),
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
fn switched_off_or_another_one() {
    let tell = |world: &mut World, terms: BotTerms| {
        world.feed(Input::BotChanged(BotNotice { workspace: workspace(), terms })).unwrap();
        assert_eq!(world.answers.pop(), Some(Answer::Told(Ok(()))));
    };
    // What waits for its judgement goes to people, what was answered stays answered until the visitor goes on.
    let (mut world, _) = begun();
    tell(&mut world, terms(2, false));
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["bot_off".to_owned()]));
    let (mut world, visitor) = begun();
    world.calls();
    tell(&mut world, terms(0, false));
    world.send(visitor, "c2", "stock");
    world.calls();
    assert_eq!(said(&world).last().unwrap(), "bot bot-3: about stock", "older news change nothing");
    tell(&mut world, terms(2, false));
    assert_eq!(status(&world), Status::Pending);
    world.bot = Some(terms(2, false));
    world.send(visitor, "c3", "stock");
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["bot_off".to_owned()]));
    // A new model counts from the next question on.
    let (mut world, visitor) = begun();
    world.calls();
    tell(&mut world, BotTerms { model: "cd".repeat(32), ..terms(2, true) });
    world.send(visitor, "c2", "stock");
    let model = |call: &Call| match call {
        Call::AskBot(question) => Some(question.terms.model.clone()),
        _ => None,
    };
    assert_eq!(world.network.iter().find_map(model), Some("cd".repeat(32)));
    let foreign = BotNotice {
        workspace: crate::core::id::WorkspaceId::draw(&mut crate::core::id::Entropy::new(9)),
        terms: terms(9, false),
    };
    world.feed(Input::BotChanged(foreign)).unwrap();
    assert_eq!(world.answers.pop(), Some(Answer::Told(Err(crate::core::error::Code::NotFound))));
    assert_eq!(status(&world), Status::Pending);
}

#[test]
fn a_hibernating_room_remembers_its_bot() {
    let (mut world, visitor) = begun();
    world.calls();
    world.pass(30 * SECOND);
    world.hibernate();
    world.send(visitor, "c2", "stock");
    assert_eq!(asked(&world), [3], "at once, without a word to the Desk");
}

#[test]
fn opened_again_it_is_the_bots_again() {
    let (mut world, visitor) = begun();
    world.calls();
    world.frame(visitor, Frame::Leave(wire::Leave { client_id: "l".into() }));
    assert_eq!(status(&world), Status::Resolved);
    world.calls();
    world.send(visitor, "c2", "one more thing: stock");
    world.calls();
    assert_eq!(status(&world), Status::Pending);
    assert_eq!(said(&world).last().unwrap(), "bot bot-3: about stock");
    // With whoever has it, it stays: within its time the Desk says nothing else.
    world.assign(assign(1, Some("Mei"))).unwrap();
    let agent = world.agent("Mei");
    let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..wire::SetStatus::default() };
    world.frame(agent, Frame::SetStatus(resolve));
    world.calls();
    world.send(visitor, "c3", "stock?");
    world.calls();
    assert_eq!(status(&world), Status::Open);
    assert!(said(&world).last().unwrap().starts_with("visitor"));
}

#[test]
fn who_is_answered_by_the_bot_and_goes_away_is_not_kept_for_ever() {
    let (mut world, _) = begun();
    world.idle = Some(IdleTerms { version: 1, minutes: 60, warning_minutes: 0 });
    world.calls();
    world.pass(2 * HOUR);
    assert_eq!(status(&world), Status::Resolved);
    // Handed over they wait for people, who have said nothing yet.
    let (mut world, visitor) = begun();
    world.idle = Some(IdleTerms { version: 1, minutes: 60, warning_minutes: 0 });
    world.calls();
    world.send(visitor, "c2", "human");
    world.calls();
    world.pass(2 * HOUR);
    assert_eq!(status(&world), Status::Open);
}

#[test]
fn an_address_left_is_for_people() {
    let (mut world, visitor) = begun();
    world.calls();
    let leave =
        wire::LeaveEmail { client_id: "e1".into(), email: "a@example.com".into(), ..wire::LeaveEmail::default() };
    world.frame(visitor, Frame::LeaveEmail(leave));
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["visitor_asked".to_owned()]));
    world.calls();
    assert_eq!(said(&world).len(), 2);
}

#[test]
fn an_address_left_before_anything_else_is_for_people_from_the_start() {
    let mut world = world();
    let visitor = world.visitor();
    let text = "where is my parcel? hours".to_owned();
    let email = "a@example.com".to_owned();
    world.frame(
        visitor,
        Frame::LeaveEmail(wire::LeaveEmail { client_id: "e1".into(), email, text, ..Default::default() }),
    );
    world.calls();
    world.crash();
    world.visitor();
    world.pass(MINUTE);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((status(&world), notice.undecided, notice.status), (Status::Open, false, Status::Open));
    assert_eq!(notice.reply_to.as_deref(), Some("a@example.com"));
    assert_eq!(said(&world).len(), 1, "the bot says nothing");
}

#[test]
fn a_desk_that_begins_too_late_is_told_that_it_does_not() {
    let mut world = world();
    let visitor = world.visitor();
    world.send(visitor, "c1", "when do you open? hours");
    let call = world.network.pop_front().unwrap();
    let answer = world.answer(call);
    // Switched off while the answer was on its way.
    let workspace = world.room.as_ref().and_then(|room| room.record()).unwrap().workspace.clone();
    world.feed(Input::BotChanged(BotNotice { workspace, terms: terms(2, false) })).unwrap();
    world.bot = Some(terms(2, false));
    world.feed(answer).unwrap();
    assert_eq!(status(&world), Status::Open);
    let before = world.history.notices.len();
    world.pass(10 * SECOND);
    let notice = world.history.notices.last().unwrap();
    assert!(world.history.notices.len() > before, "the Desk hears of it");
    assert_eq!((notice.undecided, notice.status), (false, Status::Open));
}

#[test]
fn after_a_crash_what_people_have_dealt_with_is_owed_nothing() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "c2", "human");
    world.calls();
    world.assign(assign(1, Some("Mei"))).unwrap();
    let agent = world.agent("Mei");
    for client_id in ["c3", "c4"] {
        world.send(visitor, client_id, "hours, stock");
        world.calls();
    }
    let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..wire::SetStatus::default() };
    world.frame(agent, Frame::SetStatus(resolve));
    world.calls();
    world.assign(assign(2, None)).unwrap();
    world.send(visitor, "c5", "about stock");
    world.crash();
    world.visitor();
    world.calls();
    world.pass(MINUTE);
    let bots: Vec<String> = said(&world).into_iter().filter(|it| it.starts_with("bot ")).collect();
    assert_eq!(bots.iter().filter(|it| it.contains("about ")).count(), 2, "the first, and the last: {bots:?}");
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
    let decision = Some(Decision::Handoff { reason: Reason::Unsure, text: "people".into() });
    world.send(visitor, "c3", "hm");
    world.feed(Input::BotSays { seq: 5, decision }).unwrap();
    assert_eq!(rows(&world) - before, 4, "the message, its answer, the line for agents and the record");
}
