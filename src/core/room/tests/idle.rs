//! What stands still after an agent's message ends, its visitor warned before.

use super::harness::*;
use crate::core::{
    internal::{AssignOrder, BotNotice, IdleNotice, IdleTerms, Status},
    protocol::wire::{self, client_frame::Frame},
    room::{
        effect::{Answer, Effect, Input},
        entry::Body,
    },
    socket::SocketId,
    time::{DAY, HOUR, MINUTE, SECOND},
};

const WARNED: &str = "system: idle_warned";
const ENDED: &str = "system: status_changed resolved 'idle'";

fn terms(version: u64, minutes: u32, warning_minutes: u32) -> IdleTerms {
    IdleTerms { version, minutes, warning_minutes }
}

fn world_with(idle: Option<IdleTerms>) -> World {
    let mut world = World::default();
    world.idle = idle;
    world
}

/// An hour, with a warning five minutes before; Mei has answered, and what a message leaves to be done is done.
fn an_answer() -> (World, SocketId, SocketId) {
    let mut world = world_with(Some(terms(1, 60, 5)));
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.assign(assign(1, Some("Mei"))).unwrap();
    world.calls();
    world.send(agent, "a1", "have you tried turning it off and on?");
    (world, visitor, agent)
}

/// What the logs say of silence, in order.
fn said(world: &World) -> Vec<String> {
    let store = crate::sql::room::RoomStore(&world.sql);
    let public = store.public_after(0, 1_000).unwrap().into_iter().map(|it| (it.at, it.author, it.body));
    let private = store.private_after(0, 1_000).unwrap().into_iter().map(|it| (it.at, it.author, it.body));
    let mut all: Vec<(i64, String)> = public
        .chain(private)
        .filter_map(|(at, _, body)| match body {
            Body::Activity(it) => {
                let kind = it.kind().as_str_name();
                let is_idle = kind == "IDLE_WARNED" || it.reason == "idle";
                let word = if kind == "IDLE_WARNED" { "warned" } else { "ended" };
                is_idle.then(|| (at.since(START), format!("{word} {}", at.since(START) / MINUTE)))
            }
            Body::Text(_) | Body::Choice(_) | Body::Unread(_) => None,
        })
        .collect();
    all.sort();
    all.into_iter().map(|it| it.1).collect()
}

fn status(world: &World) -> Status {
    world.room.as_ref().and_then(|room| room.record()).unwrap().status
}

fn set(status: wire::Status, until: u64) -> Frame {
    Frame::SetStatus(wire::SetStatus { status: status.into(), snoozed_until: until, client_id: "s".into() })
}

#[test]
fn warned_and_ended_to_the_millisecond_and_seen_by_both() {
    let (mut world, visitor, agent) = an_answer();
    world.pass(55 * MINUTE - 1);
    world.look_away();
    assert_eq!(said(&world), [""; 0]);
    world.pass(1);
    let until = START.plus(60 * MINUTE).wire();
    let warned = format!("message 4 {WARNED} until {until}");
    assert_eq!((world.seen(visitor), world.seen(agent)), (vec![warned.clone()], vec![warned]));
    world.pass(5 * MINUTE - 1);
    assert_eq!(said(&world), ["warned 55"]);
    world.pass(1);
    assert_eq!(world.seen(visitor), ["state resolved Mei"], "how the team files it is its own affair");
    let seen = world.seen(agent);
    assert!(seen.contains(&format!("private 1 after 4 {ENDED}")), "{seen:?}");
    world.pass(3 * DAY);
    assert_eq!(said(&world), ["warned 55", "ended 60"], "once");
    world.send(visitor, "c2", "it works, thanks");
    assert_eq!(status(&world), Status::Open);
    world.pass(3 * DAY);
    assert_eq!(said(&world).len(), 2, "now the visitor waits");
}

#[test]
fn whoever_writes_starts_over() {
    let (mut world, visitor, agent) = an_answer();
    world.pass(50 * MINUTE);
    world.send(agent, "a2", "are you there?");
    world.pass(56 * MINUTE);
    assert_eq!(said(&world), ["warned 105"]);
    world.pass(4 * MINUTE - SECOND);
    world.send(visitor, "c2", "just a moment");
    world.pass(2 * DAY);
    assert_eq!(said(&world), ["warned 105"], "the visitor waits");
    world.send(agent, "a3", "sure");
    let from = world.now.since(START) / MINUTE;
    world.pass(56 * MINUTE);
    world.send(agent, "a4", "still there?");
    world.pass(56 * MINUTE);
    world.note(agent, "n1", "a note is no word to the visitor");
    world.pass(10 * MINUTE);
    let [first, second, end] = [from + 55, from + 56 + 55, from + 56 + 60];
    assert_eq!(
        said(&world),
        ["warned 105".to_owned(), format!("warned {first}"), format!("warned {second}"), format!("ended {end}")]
    );
}

#[test]
fn nobody_who_waits_is_cut_short() {
    let mut world = world_with(Some(terms(1, 60, 5)));
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.assign(assign(1, Some("Mei"))).unwrap();
    world.pass(DAY);
    assert_eq!(said(&world), [""; 0], "never answered");
    world.send(agent, "a1", "I will look and write tomorrow");
    world.frame(agent, set(wire::Status::Snoozed, world.now.plus(10 * HOUR).wire()));
    world.pass(10 * HOUR - 1);
    assert_eq!(said(&world), [""; 0], "snoozed");
    world.pass(30 * MINUTE);
    for (epoch, order) in [
        (2, AssignOrder { team: "Returns".into(), ..assign(2, None) }),
        (3, AssignOrder { actor: Some(agent_ref("Mei")), ..assign(3, Some("Ann")) }),
        (4, AssignOrder { actor: Some(agent_ref("Ann")), ..assign(4, None) }),
    ] {
        world.assign(order).unwrap();
        world.pass(DAY);
        assert_eq!(said(&world), [""; 0], "handed on: {epoch}");
    }
    world.send(agent, "a2", "done");
    world.pass(55 * MINUTE);
    assert_eq!(said(&world).len(), 1, "an answer in the end");
}

#[test]
fn what_the_system_gives_to_others_was_answered_all_the_same() {
    let (mut world, ..) = an_answer();
    world.pass(20 * MINUTE);
    world.assign(AssignOrder { reason: "gone".into(), ..assign(2, None) }).unwrap();
    world.assign(AssignOrder { ringing: true, ..assign(3, Some("Ann")) }).unwrap();
    world.assign(AssignOrder { actor: Some(agent_ref("Ann")), reason: "declined".into(), ..assign(4, None) }).unwrap();
    world.assign(AssignOrder { actor: Some(agent_ref("Bo")), ..assign(5, Some("Bo")) }).unwrap();
    world.pass(40 * MINUTE);
    assert_eq!(said(&world), ["warned 55", "ended 60"]);
}

#[test]
fn whoever_takes_it_up_again_has_the_whole_time() {
    let (mut world, _, agent) = an_answer();
    world.pass(2 * HOUR);
    world.frame(agent, set(wire::Status::Open, 0));
    world.hibernate();
    world.pass(55 * MINUTE - 1);
    assert_eq!(said(&world), ["warned 55", "ended 60"]);
    world.hibernate();
    world.pass(5 * MINUTE + 1);
    assert_eq!(said(&world), ["warned 55", "ended 60", "warned 175", "ended 180"]);
    world.frame(agent, set(wire::Status::Open, 0));
    world.pass(10 * MINUTE);
    world.frame(agent, set(wire::Status::Snoozed, world.now.plus(2 * HOUR).wire()));
    world.pass(2 * HOUR + 54 * MINUTE);
    assert_eq!(said(&world).len(), 4, "the time that it slept does not count");
}

fn tell(world: &mut World, terms: IdleTerms) {
    world.idle = Some(terms);
    world.feed(Input::IdleChanged(IdleNotice { workspace: workspace(), terms })).unwrap();
    assert_eq!(world.answers.pop(), Some(Answer::Told(Ok(()))));
}

#[test]
fn terms_change() {
    let (mut world, ..) = an_answer();
    world.pass(57 * MINUTE);
    tell(&mut world, terms(2, 0, 5));
    world.pass(DAY);
    assert_eq!(said(&world), ["warned 55"], "switched off");
    tell(&mut world, terms(3, 30, 0));
    assert_eq!(said(&world), ["warned 55", "ended 1497"], "long over, and nobody is warned");

    let (mut world, ..) = an_answer();
    world.pass(57 * MINUTE);
    tell(&mut world, terms(2, 0, 5));
    world.hibernate();
    world.pass(DAY);
    tell(&mut world, terms(3, 60, 5));
    world.feed(Input::IdleChanged(IdleNotice { workspace: workspace(), terms: terms(2, 1, 0) })).unwrap();
    assert_eq!(said(&world), ["warned 55", "warned 1497"], "warned anew; what comes late changes nothing");
    world.pass(5 * MINUTE);
    assert_eq!(said(&world), ["warned 55", "warned 1497", "ended 1502"]);

    let (mut world, ..) = an_answer();
    world.pass(10 * MINUTE);
    tell(&mut world, terms(3, 60, 5));
    world.feed(Input::IdleChanged(IdleNotice { workspace: workspace(), terms: terms(2, 1, 0) })).unwrap();
    world.pass(MINUTE);
    assert_eq!(said(&world), [""; 0], "nor where nobody is warned yet");

    let other = crate::core::id::WorkspaceId::draw(&mut crate::core::id::Entropy::new(99));
    world.feed(Input::IdleChanged(IdleNotice { workspace: other, terms: terms(9, 1, 0) })).unwrap();
    assert_eq!(world.answers.last(), Some(&Answer::Told(Err(crate::core::error::Code::NotFound))));
}

/// Whoever was warned has the time that they were told, whatever the terms are by then; if there is much more time now, they are warned anew.
#[test]
fn what_a_warned_visitor_was_told_holds() {
    let cases: [(_, _, &[&str]); 6] = [
        ((60, 30), (60, 0), &["warned 30", "ended 60"]),
        ((60, 30), (60, 5), &["warned 30", "ended 60"]),
        ((60, 30), (30, 30), &["warned 30", "ended 60"]),
        ((60, 30), (1_440, 5), &["warned 30", "warned 1435", "ended 1440"]),
        ((60, 30), (1_440, 0), &["warned 30", "ended 1440"]),
        ((60, 30), (70, 30), &["warned 30", "ended 70"]),
    ];
    for ((before, warning), (after, then), expected) in cases {
        for sleeps in [false, true] {
            let (mut world, ..) = an_answer();
            tell(&mut world, terms(2, before, warning));
            world.pass(31 * MINUTE);
            if sleeps {
                // It hears of it when its alarm rings.
                world.hibernate();
                world.idle = Some(terms(3, after, then));
            } else {
                tell(&mut world, terms(3, after, then));
            }
            world.pass(2 * DAY);
            assert_eq!(said(&world), expected, "{after} and {then}, asleep: {sleeps}");
        }
    }
}

/// A wrong clock ends nothing early, beyond what it says itself, and puts off nothing for long.
#[test]
fn clocks_jump() {
    let (mut world, ..) = an_answer();
    world.pass(10 * MINUTE);
    world.now = world.now.plus(-HOUR);
    world.ring();
    world.calls();
    let from = world.now.since(START) / MINUTE;
    for _ in 0..7 {
        // Asleep or awake, it counts from when it was seen to be wrong.
        world.hibernate();
        world.pass(10 * MINUTE);
    }
    assert_eq!(said(&world), [format!("warned {}", from + 55), format!("ended {}", from + 60)]);

    let (mut world, ..) = an_answer();
    world.pass(56 * MINUTE);
    world.now = world.now.plus(-2 * HOUR);
    world.ring();
    let from = world.now.since(START) / MINUTE;
    world.pass(5 * MINUTE);
    assert_eq!(said(&world), [format!("ended {}", from + 5), "warned 55".to_owned()], "five minutes after it was seen");

    let (mut world, ..) = an_answer();
    world.pass(MINUTE);
    world.now = world.now.plus(2 * HOUR);
    world.ring();
    world.pass(5 * MINUTE - 1);
    assert_eq!(said(&world), ["warned 121"], "whoever is warned late has the whole time");
    world.pass(1);
    assert_eq!(said(&world), ["warned 121", "ended 126"]);
}

/// Whenever its process dies, before or after the commit: one warning, one end, each within a moment of its time.
#[test]
fn a_crash_at_every_step_changes_nothing() {
    for after_commit in [false, true] {
        let mut steps = 1;
        while let Some(died) = a_silence_with_a_crash(steps, after_commit) {
            assert_eq!(died.len(), 2, "step {steps}, after the commit: {after_commit}: {died:?}");
            // A lost call is given up after a minute.
            let late =
                [55, 60].map(|at| died[usize::from(at == 60)].split(' ').nth(1).unwrap().parse::<i64>().unwrap() - at);
            assert!(late.iter().all(|late| (0..=2).contains(late)), "step {steps}: {died:?}");
            steps += 1;
        }
        assert!(steps > 8, "{steps} steps");
    }
}

/// `None`: there are not that many steps.
fn a_silence_with_a_crash(step: u32, after_commit: bool) -> Option<Vec<String>> {
    let (mut world, ..) = an_answer();
    let (end, mut done) = (START.plus(70 * MINUTE), 0);
    while let Some((at, input)) = next(&mut world, end) {
        world.now = world.now.max(at);
        done += 1;
        if done == step {
            world.wake();
            if after_commit && let Some(effects) = world.decide(input) {
                assert!(world.store(&effects));
                for effect in effects.iter() {
                    if let Effect::SetAlarm(at) = effect {
                        world.alarm = Some(*at);
                    }
                }
            } else {
                // The platform rings again.
                world.alarm = world.alarm.or(Some(world.now));
            }
            world.crash();
        } else {
            world.feed(input).unwrap();
        }
    }
    (done >= step).then(|| said(&world))
}

/// The next thing that happens by itself.
fn next(world: &mut World, end: crate::core::time::Timestamp) -> Option<(crate::core::time::Timestamp, Input)> {
    if let Some(call) = world.network.pop_front() {
        let answer = world.answer(call);
        return Some((world.now, answer));
    }
    let at = world.next_event().filter(|at| *at <= end)?;
    if world.alarm == Some(at) {
        world.alarm = None;
        return Some((at, Input::Alarm));
    }
    world.timer = None;
    Some((at, Input::Tick))
}

/// A message sets no alarm of its own and writes no row: the one that rings after it is set on.
#[test]
fn it_costs_one_alarm_a_silence() {
    let rows = |idle| {
        let mut world = world_with(idle);
        let visitor = world.visitor();
        world.send(visitor, "c1", "hello");
        let agent = world.agent("Mei");
        world.pass(5 * SECOND);
        for number in 0..50 {
            let from = if number % 2 == 0 { visitor } else { agent };
            world.send(from, &format!("m{number}"), "how are you today?");
            world.pass(20 * SECOND);
            if number % 10 == 0 {
                world.hibernate();
            }
        }
        let active = world.rows_written();
        world.leave(agent);
        world.leave(visitor);
        world.pass(20 * MINUTE);
        (active, world.rows_written() - active)
    };
    let (off, on) = (rows(None), rows(Some(terms(1, 60, 5))));
    assert_eq!(on.0, off.0, "while people write");
    assert_eq!(on.1, off.1 + 1, "and one alarm once they have stopped");
}

/// What the bot has answered and nobody came back to ends a day later where nothing else ends by itself: its Desk would have it for ever.
#[test]
fn what_the_bot_has_answered_ends_after_a_day_at_the_latest() {
    for sleeps in [false, true] {
        let (mut world, visitor) = super::bot::begun();
        world.idle = Some(terms(1, 0, 5));
        world.calls();
        let from = world.now;
        if sleeps {
            world.leave(visitor);
            world.hibernate();
        }
        world.pass(DAY - MINUTE);
        assert_eq!((status(&world), said(&world).len()), (Status::Pending, 0));
        world.pass(2 * MINUTE);
        assert_eq!(status(&world), Status::Resolved, "asleep: {sleeps}");
        assert_eq!(said(&world).len(), 1, "and nobody is warned: {:?}", said(&world));
        assert!(world.now.since(from) < DAY + 2 * MINUTE);
        if !sleeps {
            world.send(visitor, "c9", "and on Sundays? hours");
            world.calls();
            assert_eq!(status(&world), Status::Pending, "it goes on as after any other end");
        }
    }
    // What people have is theirs to end, and what was never answered is not over.
    let (mut world, visitor, _) = an_answer();
    tell(&mut world, terms(2, 0, 5));
    world.pass(3 * DAY);
    assert_eq!(status(&world), Status::Open);
    world.leave(visitor);
    let (mut world, _) = super::bot::begun();
    tell(&mut world, terms(1, 0, 5));
    world.network.clear();
    world.pass(MINUTE);
    assert_eq!(status(&world), Status::Open, "the bot gave it up, for nobody judged it");
    world.pass(3 * DAY);
    assert_eq!(status(&world), Status::Open, "{:?}", said(&world));
}

/// It sleeps without an alarm, by a version that ended nothing of the bot's.
#[test]
fn what_the_bot_has_answered_before_ends_when_an_intent_changes() {
    let (mut world, visitor) = super::bot::begun();
    world.idle = Some(terms(1, 0, 5));
    world.calls();
    world.leave(visitor);
    world.pass(10 * MINUTE);
    world.hibernate();
    world.alarm = None;
    world.pass(3 * DAY);
    let terms = world.bot.clone().unwrap();
    world.feed(Input::BotChanged(BotNotice { workspace: workspace(), terms })).unwrap();
    assert_eq!(status(&world), Status::Pending);
    world.pass(MINUTE);
    assert_eq!(status(&world), Status::Resolved, "{:?}", said(&world));
}

/// Where a conversation ends after an hour anyway, so does the bot's, and its visitor is warned.
#[test]
fn what_the_bot_has_answered_keeps_to_terms_that_there_are() {
    let (mut world, _) = super::bot::begun();
    world.idle = Some(terms(1, 60, 5));
    world.calls();
    world.pass(56 * MINUTE);
    assert_eq!(said(&world), ["warned 55"]);
    tell(&mut world, terms(2, 0, 5));
    world.pass(10 * MINUTE);
    assert_eq!(status(&world), Status::Pending, "who was warned is told in vain");
    world.pass(DAY);
    assert_eq!((status(&world), said(&world).len()), (Status::Resolved, 2));
}

/// A row of a version before this one, and a Desk that knows nothing of it.
#[test]
fn what_is_not_known_does_not_happen() {
    let (mut world, ..) = an_answer();
    world.idle = None;
    world.hibernate();
    world.pass(3 * DAY);
    assert_eq!(said(&world), [""; 0]);
    let text = serde_json::to_string(world.room.as_ref().unwrap().record().unwrap()).unwrap();
    let earlier = text.replace(",\"silence\":null,\"owed\":0", "");
    assert_ne!(earlier, text);
    let record: crate::core::room::record::Record = serde_json::from_str(&earlier).unwrap();
    assert_eq!((record.silence, record.owed), (None, 0));
    let silence: crate::core::room::record::Silence =
        serde_json::from_str(r#"{"after":3,"since":1795000000000,"warned_at":1795000001000}"#).unwrap();
    assert_eq!((silence.warned_at.is_some(), silence.told), (true, None));
}
