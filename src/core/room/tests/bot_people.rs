//! Where the bot's part of a conversation ends, and that what is people's stays theirs: switches, agents, addresses, crashes.

use super::{bot::*, harness::*};
use crate::core::{
    bot::{
        dialogue::{Decision, Reason},
        intent::Takers,
    },
    id::{Entropy, TeamId},
    internal::{AssignOrder, BotNotice, BotTerms, IdleTerms, NoticeAnswer, Revoked, Status},
    principal::{Identity, Principal, VisitorPrincipal},
    protocol::{
        Encoding,
        wire::{self, client_frame::Frame},
    },
    room::effect::{Answer, Call, Input},
    time::{DAY, HOUR, MINUTE, SECOND},
};

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

/// What the bot had nothing to say to is not on disk. Of a visitor who waits for a person only the newest message is asked about anew.
#[test]
fn of_whoever_waits_for_a_person_a_room_that_wakes_asks_about_the_newest_message() {
    let (mut world, visitor) = begun();
    world.calls();
    for (client_id, text) in [("c2", "a long story"), ("c3", "with a second part"), ("c4", "and a third")] {
        world.send(visitor, client_id, text);
        world.calls();
    }
    assert_eq!((status(&world), said(&world).len()), (Status::Open, 6));
    let typing = || Frame::Typing(wire::Typing::default());
    for _ in 0..2 {
        world.hibernate();
        world.frame(visitor, typing());
        assert_eq!(asked(&world), [6]);
    }
    world.calls();
    world.frame(visitor, typing());
    assert_eq!((asked(&world), said(&world).len()), (vec![], 6));
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

/// Nobody has it, but the last word is an agent's: what the visitor says to that is for people, whether the Room slept before it asked
/// or not. Once it is done again, it is the bot's as before.
#[test]
fn what_an_agent_has_written_to_is_peoples() {
    for (sleeps, says_bye) in [(false, false), (true, false), (false, true)] {
        let (mut world, visitor) = begun();
        world.calls();
        world.frame(visitor, Frame::Leave(wire::Leave { client_id: "l".into() }));
        world.calls();
        let agent = world.agent("Mei");
        world.send(agent, "a1", "that was wrong, shall I refund you?");
        world.calls();
        assert_eq!(status(&world), Status::Resolved);
        world.send(visitor, "c2", "yes please");
        if sleeps {
            world.network.clear();
            world.hibernate();
            world.pass(2 * MINUTE);
        }
        world.calls();
        assert_eq!(status(&world), Status::Open);
        assert!(said(&world).last().unwrap().starts_with("visitor"), "{:?}", said(&world));
        assert_eq!(handed_over(&world), [""; 0], "it was nobody else's");
        if says_bye {
            world.send(agent, "a2", "done, goodbye");
        }
        let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..wire::SetStatus::default() };
        world.frame(agent, Frame::SetStatus(resolve));
        world.calls();
        world.send(visitor, "c3", "one more thing: stock");
        world.calls();
        assert_eq!(status(&world), Status::Pending, "asleep: {sleeps}, with a last word: {says_bye}");
    }
}

/// The Desk releases what has been over for long and gives it to the bot: what the visitor has come back with is answered, whether the Room
/// was awake all the time or not.
#[test]
fn inv_6_who_comes_back_after_an_agent_s_time_is_over_gets_the_bot() {
    for sleeps in [false, true] {
        let (mut world, visitor) = begun();
        world.calls();
        world.assign(assign(1, Some("Mei"))).unwrap();
        let agent = world.agent("Mei");
        let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..wire::SetStatus::default() };
        world.frame(agent, Frame::SetStatus(resolve));
        world.calls();
        world.pass(2 * DAY);
        world.send(visitor, "c2", "one more thing: stock");
        let is_notice = |call: &Call| matches!(call, Call::TellDesk(notice) if notice.status == Status::Open);
        let call = world.network.iter().position(is_notice).and_then(|at| world.network.remove(at)).unwrap();
        let Input::DeskAnswered { rev, answer: Some(answer) } = world.answer(call) else { panic!("no answer") };
        let answer = NoticeAnswer { begins: true, assignment: Some(assign(2, None)), ..answer };
        if sleeps {
            world.hibernate();
        }
        world.feed(Input::DeskAnswered { rev, answer: Some(answer) }).unwrap();
        world.calls();
        assert_eq!(status(&world), Status::Pending);
        assert_eq!(said(&world).last().unwrap(), "bot bot-4: about stock", "asleep: {sleeps}");
    }
}

/// A Room that knows of a bot that is off hears with the Desk's answer that it is on by now, and that the conversation is its own.
#[test]
fn inv_6_who_comes_back_once_the_bot_was_switched_on_gets_it() {
    let mut world = world();
    world.bot = Some(terms(1, false));
    let visitor = world.visitor();
    world.send(visitor, "c1", "hours?");
    world.calls();
    world.frame(visitor, Frame::Leave(wire::Leave::default()));
    world.calls();
    world.bot = Some(terms(2, true));
    world.send(visitor, "c2", "one more thing: stock");
    // What it was told before comes again, and takes nothing away.
    let workspace = world.room.as_ref().and_then(|room| room.record()).unwrap().workspace.clone();
    world.feed(Input::BotChanged(BotNotice { workspace, terms: terms(1, false) })).unwrap();
    world.calls();
    assert_eq!(status(&world), Status::Pending);
    assert_eq!(said(&world).last().unwrap(), "bot bot-2: about stock");
}

/// Whoever was blocked while the bot was judging is answered once they are let in again, and no sooner.
#[test]
fn inv_6_who_is_let_in_again_is_answered() {
    for sleeps in [false, true] {
        let (mut world, _) = begun();
        let call = world.network.iter().position(|call| matches!(call, Call::AskBot(_))).unwrap();
        let call = world.network.remove(call).unwrap();
        let answer = world.answer(call);
        let order = |generation, blocked| Revoked::Visitor {
            visitor: crate::core::room::tests::harness::visitor(1).visitor,
            generation,
            blocked,
            by: agent_ref("Mei"),
        };
        world.revoke(order(2, true));
        world.feed(answer).unwrap();
        world.calls();
        assert_eq!((said(&world).len(), status(&world)), (1, Status::Pending));
        if sleeps {
            world.hibernate();
        }
        world.revoke(order(3, false));
        world.calls();
        assert_eq!(said(&world).last().unwrap(), "bot bot-1: about hours", "asleep: {sleeps}");
    }
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

/// The team that an intent names is said until the Desk has decided, over crashes too.
#[test]
fn whom_an_intent_names_is_told_until_it_is_decided() {
    let team = TeamId::draw(&mut Entropy::new(9));
    let (mut world, _) = begun();
    let decision = Decision::Handoff {
        reason: Reason::Intent,
        text: "by".into(),
        image: String::new(),
        form: None,
        to: Takers { team: Some(team.clone()), level: 4 },
    };
    world.feed(Input::BotSays { seq: 1, decision: Some(decision), turn: Box::default() }).unwrap();
    world.crash();
    world.visitor();
    world.pass(2 * SECOND);
    let last = |world: &World| world.history.notices.last().unwrap().clone();
    let named = |world: &World| (last(world).hand_to, last(world).level);
    assert_eq!((named(&world), status(&world)), ((Some(team.clone()), 4), Status::Open));
    let order = AssignOrder { team: "Refunds".into(), team_id: Some(team.clone()), ..assign(1, None) };
    world.assign(order).unwrap();
    world.pass(2 * SECOND);
    assert_eq!(named(&world), (None, 4), "as long as it waits it comes before others");
    // Done is done: what its visitor asks next is another matter.
    let agent = world.agent("Mei");
    world.frame(
        agent,
        Frame::SetStatus(wire::SetStatus { status: wire::Status::Resolved.into(), ..wire::SetStatus::default() }),
    );
    world.pass(2 * SECOND);
    assert_eq!(named(&world), (None, 0));
}

/// The higher one counts, of what it is about and of who asks.
#[test]
fn a_visitor_s_level_is_none_the_less() {
    for (visitors, intents, told) in [(0, 4, 4), (7, 4, 7), (2, 4, 4), (7, 0, 7)] {
        let (mut world, _) = begun();
        let identity = Identity { level: visitors, subject: "customer-7".into(), ..Identity::default() };
        let who = VisitorPrincipal { identity: Some(Box::new(identity)), ..visitor(1) };
        let socket = world.connect(Principal::Visitor(who), Encoding::Json);
        world.frame(socket, Frame::Hello(wire::Hello::default()));
        let to = Takers { team: None, level: intents };
        let decision =
            Decision::Handoff { reason: Reason::Intent, text: "by".into(), image: String::new(), form: None, to };
        world.feed(Input::BotSays { seq: 1, decision: Some(decision), turn: Box::default() }).unwrap();
        world.pass(2 * SECOND);
        assert_eq!(world.history.notices.last().unwrap().level, told);
    }
}

/// The answer to a notice of before says nothing about what was opened again meanwhile.
#[test]
fn what_is_opened_again_while_a_notice_is_under_way_is_the_bots() {
    let (mut world, visitor) = begun();
    world.pass(2 * SECOND);
    world.frame(visitor, Frame::Leave(wire::Leave::default()));
    assert!(
        world.network.iter().any(|call| matches!(call, Call::TellDesk(notice) if notice.status == Status::Resolved))
    );
    world.send(visitor, "c2", "hours?");
    world.pass(2 * SECOND);
    assert_eq!(status(&world), Status::Pending);
    assert_eq!(said(&world).last().unwrap(), "bot bot-3: about hours");
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

/// An agent has answered while the Desk was asked whose it is: it is not the bot's, and the Desk hears so.
#[test]
fn whom_an_agent_has_answered_already_does_not_become_the_bots() {
    let mut world = world();
    let visitor = world.visitor();
    world.send(visitor, "c1", "when do you open? hours");
    let call = world.network.pop_front().unwrap();
    let answer = world.answer(call);
    let agent = world.agent("Mei");
    world.send(agent, "a1", "At nine.");
    world.feed(answer).unwrap();
    assert_eq!((status(&world), said(&world).len()), (Status::Open, 2));
    let before = world.history.notices.len();
    world.pass(10 * SECOND);
    let notice = world.history.notices.last().unwrap();
    assert!(world.history.notices.len() > before, "the Desk hears of it");
    assert_eq!((notice.undecided, notice.status, said(&world).len()), (false, Status::Open, 2));
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
