//! What the bot asks the owner's system: over whatever happens, one answer to a message or a person.

mod random;
mod waiting;

use super::{bot::*, harness::*};
use crate::{
    core::{
        bot::{
            action::{ActionCall, Reply},
            dialogue::Decision,
            intent::Takers,
        },
        id::{Entropy, TeamId},
        internal::{BotNotice, Revoked, Status},
        limits::{ACTION_LIFE, ACTION_TRIES, ACTIONS_PER_HOUR, BACKOFF, BOT_OWED, BOT_PATIENCE},
        principal::{Identity, Principal, VisitorPrincipal},
        protocol::{
            Encoding,
            wire::{self, client_frame::Frame},
        },
        room::{
            effect::{Call, Input},
            entry::Body,
        },
        socket::SocketId,
        time::{HOUR, MINUTE, SECOND},
    },
    sql::room::RoomStore,
};

const NO_REPLY: &str = "I can't get an answer from our system at the moment";

/// Takes what is asked of the owner's system out of the network; everything else is answered.
fn calls_of(world: &mut World) -> Vec<ActionCall> {
    let mut calls = Vec::new();
    for _ in 0..20 {
        while let Some(call) = world.network.pop_front() {
            match call {
                Call::Act(call) => calls.push(*call),
                call => {
                    let answer = world.answer(call);
                    world.feed(answer).unwrap();
                }
            }
        }
    }
    calls
}

fn replied(world: &mut World, call: &ActionCall, reply: Reply) {
    world.feed(Input::Acted { to: call.action.to, attempt: call.attempt, reply }).unwrap();
}

fn said_so(text: &str) -> Reply {
    Reply::Said(text.into())
}

/// The bot has been asked about a parcel and asks the owner's system.
fn asking() -> (World, SocketId, ActionCall) {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "t1", "track #A-1234");
    let mut calls = calls_of(&mut world);
    assert_eq!(calls.len(), 1);
    (world, visitor, calls.remove(0))
}

fn bots(world: &World) -> Vec<String> {
    let said = said(world).into_iter().filter(|it| it.starts_with("bot bot-"));
    said.map(|it| it.trim_start_matches("bot bot-").to_owned()).collect()
}

fn notes(world: &World) -> Vec<String> {
    let log = RoomStore(&world.sql).private_after(0, 1_000).unwrap();
    let note = |body: &Body| body.text().map(str::to_owned);
    log.iter().filter(|entry| entry.author.kind() == "bot").filter_map(|entry| note(&entry.body)).collect()
}

#[test]
fn the_owners_system_answers() {
    let (mut world, visitor) = begun();
    world.calls();
    world.look_away();
    world.send(visitor, "t1", "track it");
    world.calls();
    world.send(visitor, "t2", "#A-1234");
    world.calls();
    let seen = world.seen(visitor);
    assert_eq!(seen.last().unwrap(), "message 6 bot: the shop says track");
    let call = &world.shop_asked[0];
    assert_eq!(
        (call.action.form.values[0].1.as_str(), call.action.to, call.action.subject.is_none()),
        ("A-1234", 5, true)
    );
    assert_eq!((status(&world), unread(&world)), (Status::Pending, 0));
    world.send(visitor, "t3", "and the hours?");
    world.calls();
    assert_eq!(bots(&world).last().unwrap(), "7: about hours", "it goes on");
    // The form has counted by the message that began it, and once; what it led to is a reply.
    world.pass(2 * MINUTE);
    let turns: Vec<(u64, bool)> = world.history.turns.values().map(|turn| (turn.to, turn.is_reply)).collect();
    assert_eq!(turns, [(1, false), (3, false), (5, true), (7, false)]);
    assert_eq!(world.history.turns[&6].intent, "track");
}

/// It is on disk before it is asked: whoever wakes the Room asks again, by the same name, and there is one answer (INV-2).
#[test]
fn inv_2_asked_again_after_a_crash_by_the_same_name() {
    let (mut world, _, first) = asking();
    assert_eq!((first.attempt, first.action.turn.as_ref().unwrap().intent.as_str()), (1, "track"));
    world.crash();
    world.wake();
    world.feed(Input::Tick).unwrap();
    let again = calls_of(&mut world).remove(0);
    assert_eq!((&again.key, &again.action, again.body()), (&first.key, &first.action, first.body()));
    // What the dead process has got comes to nobody; what this one gets is the answer, and a second one is none.
    replied(&mut world, &again, said_so("on its way"));
    replied(&mut world, &again, said_so("again"));
    replied(&mut world, &first, said_so("and again"));
    world.feed(Input::BotSays { seq: 3, decision: Some(Decision::Silent), turn: Box::default() }).unwrap();
    assert_eq!(bots(&world), ["1: about hours", "3: on its way"]);
    world.crash();
    world.wake();
    world.pass(2 * MINUTE);
    assert_eq!(calls_of(&mut world), [], "done is done, though the record still names it");
    assert_eq!((status(&world), bots(&world).len()), (Status::Pending, 2));
    assert_eq!(world.history.turns[&4].intent, "track");

    // Decided, but not on disk: nothing has left, and it is decided again.
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "t1", "track #A-1234");
    let question = world.network.pop_back().unwrap();
    let answer = world.answer(question);
    drop(world.decide(answer));
    world.crash();
    world.visitor();
    let calls = calls_of(&mut world);
    assert_eq!(calls.iter().map(|call| call.key.as_str()).collect::<Vec<_>>(), [first.key.as_str()]);
    // Answered, but not on disk.
    drop(world.decide(Input::Acted { to: 3, attempt: 1, reply: said_so("lost") }));
    world.crash();
    world.visitor();
    let again = calls_of(&mut world).remove(0);
    assert_eq!(again.key, first.key);
    replied(&mut world, &again, said_so("found"));
    assert_eq!(bots(&world)[1..], ["3: found"]);
    // Another decision on the same message, from a question of before, changes nothing while it is under way.
    let (mut world, _, call) = asking();
    let late = Decision::Answer { text: "about stock".into(), choices: Vec::new(), image: String::new() };
    world.feed(Input::BotSays { seq: 3, decision: Some(late), turn: Box::default() }).unwrap();
    replied(&mut world, &call, said_so("on its way"));
    assert_eq!(bots(&world)[1..], ["3: on its way"]);
}

#[test]
fn inv_6_tried_three_times_and_then_people() {
    for late in [false, true] {
        let (mut world, visitor, first) = asking();
        let mut keys = vec![first.key.clone()];
        let mut call = first;
        for attempt in 2..=ACTION_TRIES {
            if late {
                world.pass(BOT_PATIENCE);
            } else {
                replied(&mut world, &call, Reply::Again);
            }
            assert_eq!(calls_of(&mut world), [], "not at once");
            world.now = world.now.plus(BACKOFF.0 * i64::from(attempt - 1));
            world.feed(Input::Tick).unwrap();
            call = calls_of(&mut world).remove(0);
            assert_eq!(call.attempt, attempt);
            keys.push(call.key.clone());
        }
        keys.dedup();
        assert_eq!(keys.len(), 1);
        world.look_away();
        replied(&mut world, &call, Reply::Again);
        assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["action_failed".to_owned()]));
        assert!(world.seen(visitor)[0].starts_with(&format!("message 4 bot: {NO_REPLY}")));
        assert_eq!(notes(&world), ["number: A-1234"], "agents read what was collected");
        replied(&mut world, &call, said_so("too late"));
        assert_eq!(bots(&world).len(), 2);
        world.pass(2 * MINUTE);
        let turn = &world.history.turns[&4];
        assert_eq!((turn.intent.as_str(), turn.reason.as_str()), ("track", "action_failed"));
    }
    // A late answer of an earlier try is one; a late failure of it says nothing.
    let (mut world, _, first) = asking();
    replied(&mut world, &first, Reply::Again);
    world.now = world.now.plus(BACKOFF.0);
    world.feed(Input::Tick).unwrap();
    let second = calls_of(&mut world);
    replied(&mut world, &first, Reply::Failed);
    assert_eq!(status(&world), Status::Pending);
    replied(&mut world, &first, said_so("sorry, slow"));
    assert_eq!((second.len(), bots(&world)[1..].to_vec()), (1, vec!["3: sorry, slow".to_owned()]));
    // What can't be answered is not tried again.
    let (mut world, _, call) = asking();
    replied(&mut world, &call, Reply::Failed);
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["action_failed".to_owned()]));
    assert_eq!(calls_of(&mut world), []);
}

#[test]
fn in_the_language_and_to_the_team_of_its_form() {
    let (mut world, _, mut call) = asking();
    let team = TeamId::draw(&mut Entropy::new(9));
    replied(&mut world, &call, said_so("good"));
    call.action.takers = Takers { team: Some(team.clone()), level: 2 };
    call.action.form.language = crate::core::bot::dialogue::Language::Zh;
    let visitor = *world.lines.keys().next().unwrap();
    world.send(visitor, "t9", "track");
    world.network.clear();
    let action = Decision::Act(Box::new(call.action));
    world.feed(Input::BotSays { seq: 5, decision: Some(action), turn: Box::default() }).unwrap();
    let call = calls_of(&mut world).remove(0);
    replied(&mut world, &call, Reply::Failed);
    assert!(bots(&world).last().unwrap().starts_with("5: 我们的系统暂时没有响应"));
    world.pass(2 * SECOND);
    let told = world.history.notices.last().unwrap();
    assert_eq!((told.hand_to.clone(), told.level), (Some(team), 2));
}

/// Its owner has made it “only for signed-in visitors” since it was decided.
#[test]
fn what_is_for_signed_visitors_by_now_is_not_tried_again() {
    for fails_first in [false, true] {
        let (mut world, _, mut call) = asking();
        if fails_first {
            replied(&mut world, &call, Reply::Again);
            world.now = world.now.plus(BACKOFF.0);
            world.feed(Input::Tick).unwrap();
            call = calls_of(&mut world).remove(0);
        }
        replied(&mut world, &call, Reply::Refused);
        assert!(bots(&world).last().unwrap().starts_with("3: I can only look that up for people who are signed in"));
        world.pass(MINUTE);
        assert_eq!((calls_of(&mut world), status(&world)), (Vec::new(), Status::Open));
        assert_eq!(world.history.turns.values().last().unwrap().reason, "unverified");
    }
}

#[test]
fn who_takes_it_from_the_bot_drops_its_answer() {
    type Take = fn(&mut World, SocketId);
    let takes: [Take; 6] = [
        |world, _| drop(world.assign(assign(1, Some("Mei"))).unwrap()),
        |world, _| {
            let agent = world.agent("Mei");
            world.send(agent, "a1", "let me see");
        },
        |world, _| {
            let agent = world.agent("Mei");
            let (status, snoozed_until) = (wire::Status::Snoozed.into(), world.now.plus(HOUR).wire());
            world.frame(agent, Frame::SetStatus(wire::SetStatus { status, snoozed_until, ..Default::default() }));
        },
        |world, visitor| {
            let email = "a@example.com".to_owned();
            world.frame(
                visitor,
                Frame::LeaveEmail(wire::LeaveEmail { client_id: "e".into(), email, ..Default::default() }),
            );
        },
        |world, _| {
            let terms = terms(2, false);
            world.bot = Some(terms.clone());
            world.feed(Input::BotChanged(BotNotice { workspace: workspace(), terms })).unwrap();
        },
        |world, visitor| world.frame(visitor, Frame::Leave(wire::Leave::default())),
    ];
    for (number, take) in takes.into_iter().enumerate() {
        for crashes in [false, true] {
            let (mut world, visitor, call) = asking();
            take(&mut world, visitor);
            if crashes {
                world.crash();
                world.visitor();
            }
            let before = bots(&world);
            replied(&mut world, &call, said_so("on its way"));
            assert_eq!(bots(&world), before, "{number}");
            world.pass(2 * MINUTE);
            assert_eq!(calls_of(&mut world), [], "{number}");
            assert!(bots(&world).len() <= 2 && status(&world) != Status::Pending, "{number}");
            assert_eq!(notes(&world), ["number: A-1234"], "{number}: what was collected");
        }
    }
    // Opened again it is the bot's, and knows nothing of what was asked.
    let (mut world, visitor, call) = asking();
    world.frame(visitor, Frame::Leave(wire::Leave::default()));
    world.calls();
    world.send(visitor, "n1", "hours");
    world.pass(2 * SECOND);
    replied(&mut world, &call, said_so("on its way"));
    assert_eq!(bots(&world).last().unwrap(), "4: about hours");
    assert_eq!(status(&world), Status::Pending);
}

/// What the visitor writes meanwhile waits: one thing is done after the other, and each message gets its answer.
#[test]
fn what_is_written_meanwhile_waits() {
    let (mut world, visitor, call) = asking();
    world.send(visitor, "t2", "hours");
    world.send(visitor, "t3", "stock");
    assert_eq!((calls_of(&mut world), asked(&world)), (vec![], vec![]));
    replied(&mut world, &call, said_so("on its way"));
    world.calls();
    assert_eq!(bots(&world)[1..], ["3: on its way", "4: about hours", "5: about stock"]);
    // It fails: people have all of it, and each reads what was written.
    let (mut world, visitor, call) = asking();
    world.send(visitor, "t2", "hours");
    replied(&mut world, &call, Reply::Failed);
    world.calls();
    let said = bots(&world);
    assert!(said[1].starts_with(&format!("3: {NO_REPLY}")), "{said:?}");
    assert_eq!(said[2..], ["4: about hours"], "who waits for people is answered what is plain");
    // Too much of it.
    let (mut world, visitor, _) = asking();
    for number in 0..BOT_OWED {
        world.send(visitor, &format!("f{number}"), "stock");
    }
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["action_failed".to_owned()]));
}

#[test]
fn only_so_often_in_an_hour_even_over_crashes() {
    let (mut world, visitor) = begun();
    world.calls();
    for number in 0..ACTIONS_PER_HOUR {
        world.send(visitor, &format!("t{number}"), "track #A-1234");
        world.pass(SECOND);
        world.hibernate();
        world.wake();
    }
    assert_eq!((world.shop_asked.len(), status(&world)), (ACTIONS_PER_HOUR, Status::Pending));
    let keys: std::collections::BTreeSet<&str> = world.shop_asked.iter().map(|call| call.key.as_str()).collect();
    assert_eq!(keys.len(), ACTIONS_PER_HOUR, "each has a name of its own");
    world.send(visitor, "more", "track #A-1234");
    world.pass(SECOND);
    assert_eq!((world.shop_asked.len(), handed_over(&world)), (ACTIONS_PER_HOUR, vec!["action_failed".to_owned()]));
    assert_eq!(notes(&world), ["number: A-1234"]);
    // An hour later again, in another talk of the same conversation.
    world.frame(visitor, Frame::Leave(wire::Leave::default()));
    world.pass(HOUR);
    let visitor = world.visitor();
    world.send(visitor, "later", "track #A-1234");
    world.pass(5 * SECOND);
    assert_eq!(world.shop_asked.len(), ACTIONS_PER_HOUR + 1);
}

#[test]
fn only_for_whom_the_site_has_signed() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "i1", "invoice please");
    world.calls();
    assert_eq!((world.shop_asked.len(), handed_over(&world)), (0, vec!["unverified".to_owned()]));
    assert!(bots(&world)[1].contains("signed in on this site"));
    assert_eq!(status(&world), Status::Open);
}

/// What it costs beside a message and its answer: one row, the record that names it.
#[test]
fn the_cost_of_an_action() {
    let (mut world, visitor) = begun();
    world.calls();
    world.pass(100);
    let before = (world.rows_written(), world.alarms_set);
    world.send(visitor, "t1", "track #A-1234");
    world.calls();
    assert_eq!(bots(&world).len(), 2);
    assert_eq!((world.rows_written() - before.0, world.alarms_set), (3, before.1));
}
