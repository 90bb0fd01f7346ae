//! When the outbox tells, and that it comes to rest: together, after sleep, by alarms and clocks that may be wrong.

use std::collections::BTreeSet;

use super::{
    harness::*,
    outbox::{a_conversation, assert_projected, next_call},
};
use crate::core::{
    limits::BACKOFF,
    protocol::wire::{self, client_frame::Frame},
    room::{
        Settings,
        effect::{Call, Input},
        outbox::Outbox,
    },
    time::{MINUTE, SECOND},
};

#[test]
fn many_entries_are_told_at_once() {
    let (mut world, visitor, agent) = a_conversation();
    for number in 0..30 {
        world.send(visitor, &format!("v{number}"), "x");
        world.note(agent, &format!("n{number}"), "y");
        world.now = world.now.plus(20);
    }
    world.pass(2 * SECOND);
    assert_eq!(world.history.published, 1);
    assert_projected(&mut world);
    world.pass(5 * MINUTE);
    assert_eq!((world.history.published, world.history.inspected), (1, 1), "one look when idle, then nothing");
    assert_eq!(world.alarm.filter(|at| *at < world.now.plus(10 * MINUTE)), None, "an idle Room sleeps");
}

/// Rooms in which somebody writes in the same moment don't tell of it in one.
#[test]
fn what_is_new_together_is_told_one_after_the_other() {
    let wait = |ms: i64| {
        let mut outbox = Outbox::default();
        outbox.grew(START.plus(ms), Settings::default());
        outbox.flush_at.map(|at| at.since(START.plus(ms)))
    };
    let waits: BTreeSet<_> = (0..50).map(wait).collect();
    assert!(waits.len() > 40, "{waits:?}");
}

/// What agents have read reaches D1 when it is quiet, without an event for each glance.
#[test]
fn the_unread_count_catches_up() {
    let (mut world, visitor, agent) = a_conversation();
    world.send(visitor, "v1", "x");
    world.pass(3 * SECOND);
    assert_eq!((world.history.unread, world.history.published), (2, 1));
    world.frame(agent, Frame::Read(wire::Read { seq: 1 }));
    world.frame(agent, Frame::Read(wire::Read { seq: 2 }));
    world.pass(10 * SECOND);
    assert_eq!(world.history.published, 1);
    world.pass(3 * MINUTE);
    assert_eq!((world.history.unread, world.history.published), (0, 2));
}

/// The platform lets the Room sleep after ten seconds, and who has read may be gone by then, or has it written along with something
/// else: the count arrives all the same, once.
#[test]
fn the_unread_count_catches_up_with_a_room_that_sleeps() {
    #[derive(Debug)]
    enum Then {
        Stays,
        Leaves,
        VisitorLeaves,
    }
    for then in [Then::Stays, Then::Leaves, Then::VisitorLeaves] {
        let (mut world, visitor, agent) = a_conversation();
        world.send(visitor, "v1", "x");
        world.pass(2 * MINUTE);
        assert_eq!((world.history.unread, world.history.published), (2, 1));
        world.frame(agent, Frame::Read(wire::Read { seq: 2 }));
        match then {
            Then::Stays => {}
            Then::Leaves => world.leave(agent),
            // A row without a version.
            Then::VisitorLeaves => {
                let visitor = world.lines.keys().copied().find(|line| *line != agent).unwrap();
                world.frame(visitor, Frame::Read(wire::Read { seq: 2 }));
                world.leave(visitor);
            }
        }
        for _ in 0..30 {
            world.pass(10 * SECOND);
            world.hibernate();
        }
        assert_eq!((world.history.unread, world.history.published), (0, 2), "{then:?}");
        let rows = world.sql.connection.total_changes();
        for _ in 0..30 {
            world.pass(10 * SECOND);
            world.hibernate();
        }
        assert_eq!((world.history.published, world.sql.connection.total_changes()), (2, rows), "then it rests");
    }
}

/// A machine that slept between two messages knows what it has told: nothing is told twice, and D1 is not asked.
#[test]
fn hibernation_forgets_nothing_that_was_told() {
    let (mut world, visitor, agent) = a_conversation();
    for number in 0..20 {
        world.send(visitor, &format!("v{number}"), "x");
        world.pass(12 * SECOND);
        world.hibernate();
        world.frame(agent, Frame::Read(wire::Read { seq: number + 2 }));
        world.pass(8 * SECOND);
        world.hibernate();
    }
    assert_eq!(world.history.published, 20);
    assert_eq!(world.history.inspected, 0);
    // The socket that carries it leaves: another one takes it over.
    let holder = *world.lines.keys().next().unwrap();
    world.wake();
    world.leave(holder);
    world.hibernate();
    world.pass(30 * SECOND);
    assert_eq!(world.history.published, 20);
    assert_projected(&mut world);
}

/// A clock that goes back makes no version smaller than one that was told.
#[test]
fn versions_grow_whatever_the_clock_does() {
    let (mut world, visitor, agent) = a_conversation();
    world.pass(2 * SECOND);
    for step in [-3_600, 0, 0, 7_200, -10, -86_400] {
        world.now = world.now.plus(step * SECOND);
        let (rev, notices) = (world.history.rev, world.history.notices.len());
        world.send(visitor, &format!("v{}-{step}", world.now.0), "x");
        world.frame(
            agent,
            Frame::SetStatus(wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() }),
        );
        world.now = world.now.plus(2 * SECOND);
        world.ring();
        world.calls();
        assert!(world.history.rev > rev, "{step}");
        assert_eq!(world.history.status, "Resolved");
        assert!(world.history.notices.len() > notices, "{step}");
    }
    let revs: Vec<u64> = world.history.notices.iter().map(|notice| notice.rev).collect();
    assert!(revs.windows(2).all(|pair| pair[0] < pair[1]), "{revs:?}");
}

/// What is due in a moment is due in a moment, though the clock says that it is hours away: what is new, and what the queue has refused.
#[test]
fn a_clock_that_goes_back_delays_nothing_by_as_much() {
    for (is_refused, within) in [(false, 3 * SECOND), (true, BACKOFF.1 + SECOND)] {
        let (mut world, visitor, _) = a_conversation();
        world.pass(3 * MINUTE);
        world.send(visitor, "c2", "x");
        if is_refused {
            next_call(&mut world, |call| matches!(call, Call::Publish(_)));
            world.feed(Input::Published(None)).unwrap();
        }
        world.now = world.now.plus(-7 * 60 * MINUTE);
        world.frame(visitor, Frame::Typing(wire::Typing::default()));
        world.pass(within);
        assert_projected(&mut world);
        let unread = world.history.notices.last().map(|notice| notice.unread);
        assert_eq!(unread, Some(2), "refused: {is_refused}");
    }
}

/// A call that never comes back is given up; an alarm that never rings is set again.
#[test]
fn nothing_waits_for_ever() {
    let (mut world, visitor, _) = a_conversation();
    world.pass(2 * SECOND);
    world.send(visitor, "v1", "x");
    for _ in 0..4 {
        world.now = world.now.max(world.alarm.unwrap());
        world.ring();
        // Nobody answers.
        world.network.clear();
    }
    world.pass(3 * MINUTE);
    assert_projected(&mut world);
    assert_eq!(world.history.notices.last().unwrap().preview, "x");
    // The platform forgets an alarm; the next event finds that out.
    world.send(visitor, "v2", "y");
    world.alarm = None;
    world.now = world.now.plus(MINUTE);
    world.frame(visitor, Frame::Read(wire::Read { seq: 1 }));
    world.pass(3 * MINUTE);
    assert_projected(&mut world);
}

/// An alarm that rings for nothing, early, twice or late does no harm and does not ring without end.
#[test]
fn a_needless_alarm_is_nothing() {
    let (mut world, ..) = a_conversation();
    world.pass(10 * MINUTE);
    let rows = world.sql.connection.total_changes();
    for _ in 0..10 {
        world.ring();
        assert!(world.alarm.is_none_or(|at| at > world.now.plus(SECOND)));
    }
    assert_eq!(world.sql.connection.total_changes(), rows);
}
