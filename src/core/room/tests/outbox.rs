//! The log as outbox: INV-7 for a Room alone, whatever is lost. When it tells is in `outbox_times`, what the Desk hears in `desk_link`.

use super::{around::History, harness::*};
use crate::core::{
    limits::{ANSWER_PATIENCE, BACKOFF, PRESENCE_PAUSE, RECONCILE_AFTER, RECONCILE_ENTRIES, TEXT_CHARS},
    protocol::wire::{self, client_frame::Frame},
    room::effect::{Call, Input},
    socket::SocketId,
    time::{MINUTE, SECOND},
};

pub fn a_conversation() -> (World, SocketId, SocketId) {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.calls();
    world.look_away();
    (world, visitor, agent)
}

/// D1 holds every row of both logs, and the row of the conversation is the newest.
pub fn assert_projected(world: &mut World) {
    world.wake();
    let room = world.room.as_ref().unwrap();
    let heads = room.heads();
    assert_eq!((world.history.public.len() as u64, world.history.private.len() as u64), (heads.public, heads.private));
    assert_eq!(world.history.status, format!("{:?}", room.record().unwrap().status));
}

/// The queue is away for ten minutes and more; entries go on coming.
#[test]
fn inv_7_an_outage_of_the_queue() {
    let (mut world, visitor, _) = a_conversation();
    let back = world.now.plus(12 * MINUTE);
    let mut tries = 0;
    let mut number = 0;
    while world.now < back {
        world.now = world.now.plus(500);
        number += 1;
        if number % 20 == 0 {
            world.send(visitor, &format!("v{number}"), "x");
        }
        world.ring_if_due();
        while let Some(call) = world.network.pop_front() {
            let answer = match call {
                Call::Publish(_) => {
                    tries += 1;
                    Input::Published(None)
                }
                other => world.answer(other),
            };
            world.feed(answer).unwrap();
        }
    }
    assert!((5..=12).contains(&tries), "backed off: {tries}");
    world.pass(BACKOFF.1 + SECOND);
    assert_projected(&mut world);
}

/// The next call of a kind, whenever it is made; those before it stay unanswered.
pub fn next_call(world: &mut World, is_it: fn(&Call) -> bool) -> Call {
    loop {
        if let Some(call) = world.network.iter().position(is_it).and_then(|place| world.network.remove(place)) {
            return call;
        }
        world.now = world.next_event().unwrap();
        world.ring_if_due();
    }
}

/// Nobody writes any more, so nothing else reminds of it: one refusal costs a moment, and not the time until the log is held
/// against D1.
#[test]
fn inv_7_what_the_queue_refuses_is_offered_again_soon() {
    let (mut world, ..) = a_conversation();
    next_call(&mut world, |call| matches!(call, Call::Publish(_)));
    world.feed(Input::Published(None)).unwrap();
    world.pass(BACKOFF.0 + SECOND);
    assert_eq!((world.history.published, world.history.inspected), (1, 0));
    assert_projected(&mut world);
}

/// What the queue took and lost is told again when the Room falls idle; D1's own outage only delays that.
#[test]
fn inv_7_what_the_queue_loses_is_told_again() {
    let (mut world, visitor, agent) = a_conversation();
    let lossy = |world: &mut World, minutes: i64| {
        let until = world.now.plus(minutes * MINUTE);
        while world.now < until {
            world.now = world.now.plus(SECOND);
            world.ring_if_due();
            while let Some(call) = world.network.pop_front() {
                let answer = match call {
                    Call::Publish(event) => Input::Published(Some(event.upto)),
                    Call::Inspect(_) => Input::Inspected(None),
                    other => world.answer(other),
                };
                world.feed(answer).unwrap();
            }
        }
    };
    world.send(visitor, "v1", "lost");
    world.note(agent, "n1", "lost");
    lossy(&mut world, 10);
    assert_eq!(world.history.public.len(), 0);
    world.pass(BACKOFF.1 + RECONCILE_AFTER);
    assert_projected(&mut world);
}

/// A hole in the middle, of either log, is found and filled.
#[test]
fn inv_7_a_hole_is_filled() {
    for (public, private) in [(Some(3), None), (None, Some(2)), (Some(1), Some(1)), (Some(6), Some(4))] {
        let (mut world, visitor, agent) = a_conversation();
        for number in 0..5 {
            world.send(visitor, &format!("v{number}"), "x");
            world.note(agent, &format!("n{number}"), "y");
        }
        world.pass(2 * SECOND);
        public.map(|seq| world.history.public.remove(&seq).unwrap());
        private.map(|seq| world.history.private.remove(&seq).unwrap());
        world.pass(3 * MINUTE);
        assert_projected(&mut world);
    }
}

/// Also one that lies behind what a comparison holds, and one that is lost again when it is told again: nothing counts as confirmed
/// that was not seen.
#[test]
fn inv_7_nothing_is_confirmed_unseen() {
    let (mut world, visitor, _) = a_conversation();
    for number in 0..RECONCILE_ENTRIES + 100 {
        world.now = world.now.plus(60);
        world.send(visitor, &format!("v{number}"), "x");
    }
    world.pass(5 * SECOND);
    assert!(world.history.public.remove(&(RECONCILE_ENTRIES + 50)).is_some());
    world.pass(6 * MINUTE);
    assert_projected(&mut world);

    let (mut world, visitor, _) = a_conversation();
    for number in 0..5 {
        world.send(visitor, &format!("v{number}"), "x");
    }
    world.pass(2 * SECOND);
    assert!(world.history.public.remove(&3).is_some());
    let look = next_call(&mut world, |call| matches!(call, Call::Inspect(_)));
    let seen = world.answer(look);
    world.feed(seen).unwrap();
    let Call::Publish(lost) = next_call(&mut world, |call| matches!(call, Call::Publish(_))) else { panic!() };
    world.feed(Input::Published(Some(lost.upto))).unwrap();
    world.pass(6 * MINUTE);
    assert_projected(&mut world);
}

/// The late answer to an event that was given up says nothing of the one that is under way, which tells more.
#[test]
fn inv_7_a_late_answer_of_the_queue_confirms_only_what_it_took() {
    let (mut world, visitor, _) = a_conversation();
    world.pass(6 * MINUTE);
    world.send(visitor, "c2", "x");
    let is_event = |call: &Call| matches!(call, Call::Publish(_));
    let Call::Publish(first) = next_call(&mut world, is_event) else { panic!() };
    world.now = world.now.plus(ANSWER_PATIENCE);
    world.send(visitor, "c3", "y");
    let Call::Publish(second) = next_call(&mut world, is_event) else { panic!() };
    assert!(second.upto.public > first.upto.public);
    let told = |world: &World| world.room.as_ref().map(|room| (room.outbox.told, room.outbox.told_rev));
    let before = told(&world);
    world.feed(Input::Published(Some(first.upto))).unwrap();
    assert_eq!(told(&world), before);
    world.feed(Input::Published(Some(second.upto))).unwrap();
    assert_eq!(told(&world).map(|it| it.0), Some(second.upto));
}

/// What is no entry is told, too, and told again after a crash.
#[test]
fn inv_7_a_change_without_an_entry_arrives() {
    let identify = |name: &str| Frame::Identify(wire::Identify { name: name.into(), ..Default::default() });
    let (mut world, visitor, _) = a_conversation();
    world.pass(2 * MINUTE);
    world.frame(visitor, identify("Kim"));
    world.pass(2 * SECOND);
    assert_eq!(world.history.visitor_name, "Kim");
    world.frame(visitor, identify("Kim Lee"));
    world.crash();
    world.pass(RECONCILE_AFTER + SECOND);
    assert_eq!(world.history.visitor_name, "Kim Lee", "the alarm outlives the crash");
    // A change while an event is under way is not taken for told by its answer.
    let visitor = world.visitor();
    world.pass(PRESENCE_PAUSE);
    world.frame(visitor, identify("One"));
    let event = |call: &Call| matches!(call, Call::Publish(_));
    while !world.network.iter().any(event) {
        world.now = world.next_event().unwrap();
        world.ring_if_due();
    }
    let call = world.network.iter().position(event).unwrap();
    let call = world.network.remove(call).unwrap();
    world.frame(visitor, identify("Two"));
    let answer = world.answer(call);
    world.feed(answer).unwrap();
    world.pass(2 * SECOND);
    assert_eq!(world.history.visitor_name, "Two");
}

/// Letters that grow sixfold in JSON: every event still fits a queue message (the harness measures each).
#[test]
fn the_widest_events_fit_the_queue() {
    let (mut world, visitor, agent) = a_conversation();
    let widest = "\u{1}".repeat(TEXT_CHARS);
    let attributes = (0..30).map(|number| (format!("key{number}"), "語".repeat(500))).collect();
    let wide = "語".repeat(500);
    let identify = wire::Identify { name: wide.clone(), email: wide.clone(), attributes };
    world.frame(visitor, Frame::Identify(identify));
    let context = wire::Context {
        page_url: wide.clone(),
        page_title: wide.clone(),
        referrer: wide.clone(),
        locale: wide.clone(),
        timezone: wide,
    };
    world.frame(visitor, Frame::Hello(wire::Hello { context: Some(context), ..Default::default() }));
    for number in 0..6 {
        world.send(visitor, &format!("v{number}"), &widest);
        world.note(agent, &format!("n{number}"), &widest);
    }
    world.pass(5 * SECOND);
    assert_projected(&mut world);
    assert!(world.history.published > 5);
}

/// More than one event and more than one comparison hold.
#[test]
fn inv_7_a_long_log_from_the_beginning() {
    let (mut world, visitor, _) = a_conversation();
    for number in 0..1_300 {
        world.now = world.now.plus(300);
        world.send(visitor, &format!("v{number}"), "x");
    }
    world.pass(5 * SECOND);
    // D1 is put back to before this conversation.
    world.history = History::default();
    world.pass(6 * MINUTE);
    assert_projected(&mut world);
    assert_eq!(world.room.as_ref().unwrap().record().unwrap().confirmed.public, 1_301);
}

/// After a crash nobody knows: what is old is looked up in D1 before it is told again.
#[test]
fn after_a_crash_it_looks_before_it_tells_again() {
    let (mut world, ..) = a_conversation();
    world.pass(10 * SECOND);
    assert_eq!(world.history.published, 1);
    world.crash();
    world.pass(2 * MINUTE);
    assert_eq!((world.history.published, world.history.inspected), (1, 1));
    assert_projected(&mut world);
    // Right after a message it tells as soon as somebody wakes it.
    let visitor = world.visitor();
    world.send(visitor, "c2", "x");
    world.crash();
    world.visitor();
    world.pass(2 * SECOND);
    assert_eq!(world.history.published, 2);
    assert_projected(&mut world);
}

/// A hole was found, and the Room dies before it has filled it: the newest entry says how little was told by then, whatever
/// older ones say.
#[test]
fn inv_7_a_crash_before_a_hole_is_filled() {
    let (mut world, visitor, _) = a_conversation();
    for number in 0..4 {
        world.send(visitor, &format!("v{number}"), "x");
        world.pass(2 * SECOND);
    }
    world.history.public.remove(&2).unwrap();
    // While it looks, somebody writes; what it then tells goes under with the process.
    let look = loop {
        world.now = world.now.plus(SECOND);
        world.ring_if_due();
        match world.network.pop_front() {
            Some(look @ Call::Inspect(_)) => break look,
            Some(other) => {
                let answer = world.answer(other);
                world.feed(answer).unwrap();
            }
            None => {}
        }
    };
    world.send(visitor, "meanwhile", "x");
    let found = world.answer(look);
    world.feed(found).unwrap();
    world.send(visitor, "last", "x");
    world.crash();
    world.visitor();
    world.pass(5 * SECOND);
    assert_projected(&mut world);
}

/// D1 is put back to a time before what it was seen to hold: the next message brings all of it back, whatever else is lost on the way.
#[test]
fn inv_7_what_was_confirmed_and_is_lost_is_told_again() {
    for (kept, crashes) in [(5, false), (0, false), (5, true)] {
        let (mut world, visitor, agent) = a_conversation();
        for number in 0..9 {
            world.send(visitor, &format!("v{number}"), "x");
            world.note(agent, &format!("n{number}"), "y");
        }
        world.pass(2 * MINUTE);
        assert_eq!(world.room.as_ref().unwrap().record().unwrap().confirmed.public, 10);
        let inspected = world.history.inspected;
        world.history.public.retain(|seq, _| *seq <= kept);
        world.history.private.retain(|seq, _| *seq <= kept);
        world.send(visitor, "after", "x");
        world.pass(2 * SECOND);
        assert_eq!(world.history.public.len() as u64, kept + 1);
        if crashes {
            let look = next_call(&mut world, |call| matches!(call, Call::Inspect(_)));
            let seen = world.answer(look);
            world.feed(seen).unwrap();
            world.crash();
            world.visitor();
        }
        world.pass(6 * MINUTE);
        assert_projected(&mut world);
        let confirmed = world.room.as_ref().unwrap().record().unwrap().confirmed;
        assert_eq!((confirmed.public, confirmed.private), (11, 9));
        assert!(world.history.inspected - inspected <= 4, "and then it rests");
    }
}

/// Only the notes are gone, or the whole row.
#[test]
fn inv_7_one_log_of_what_was_confirmed_is_lost() {
    let lose: [fn(&mut History); 3] = [
        |history| drop(history.private.remove(&1)),
        |history| drop(history.public.remove(&2)),
        |history| *history = History::default(),
    ];
    for lose in lose {
        let (mut world, visitor, agent) = a_conversation();
        world.note(agent, "n1", "y");
        world.send(visitor, "v1", "x");
        world.pass(2 * MINUTE);
        lose(&mut world.history);
        world.send(visitor, "after", "x");
        world.pass(6 * MINUTE);
        assert_projected(&mut world);
    }
}

#[test]
fn inv_7_an_outage_that_is_over_makes_the_next_refusal_no_longer() {
    let (mut world, visitor, _) = a_conversation();
    for _ in 0..8 {
        next_call(&mut world, |call| matches!(call, Call::Publish(_)));
        world.feed(Input::Published(None)).unwrap();
    }
    world.pass(BACKOFF.1 + SECOND);
    assert_eq!(world.history.published, 1);
    world.send(visitor, "c2", "x");
    next_call(&mut world, |call| matches!(call, Call::Publish(_)));
    world.feed(Input::Published(None)).unwrap();
    world.pass(BACKOFF.0 + SECOND);
    assert_eq!(world.history.published, 2);
}

/// An older version was put back before D1 heard of what only the newer one can read: it tells it as it is stored, and all the rest.
#[test]
fn inv_7_what_only_a_later_version_can_read_is_told_as_it_is() {
    const LATER: &str = r#"{"kind":"FROM_THE_FUTURE"}"#;
    let (mut world, _, agent) = a_conversation();
    world.frame(
        agent,
        Frame::SetStatus(wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() }),
    );
    world.crash();
    let later = [LATER];
    let changed =
        world.sql.connection.execute("UPDATE private_log SET body = ? WHERE kind = 'activity'", later).unwrap();
    assert!(changed > 0);
    let visitor = world.visitor();
    world.send(visitor, "c2", "still there?");
    world.pass(2 * MINUTE);
    assert_projected(&mut world);
    assert!(world.history.private.values().any(|row| row.1 == LATER));
}
