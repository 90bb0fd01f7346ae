//! What agents have who are gone goes to others (INV-6).

use super::{super::rig::*, routing::*};
use crate::core::{
    desk::{
        effect::{Call, Found, Input},
        follow_up::FollowUp,
    },
    internal::{RoomNotice, Status},
    limits::LOOK_INTERVAL,
    principal::Role,
    protocol::wire::{
        client_frame::Frame,
        {self},
    },
    routing::settings::{Method, Routing},
    time::{HOUR, MINUTE, SECOND},
};

/// INV-6: nobody waits for an agent who is not coming back.
#[test]
fn inv_6_what_an_agent_has_who_is_gone_goes_to_others() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.frame(consoles[0], accept(1));
    let other = rig.console(1, Role::Agent);
    rig.open.remove(&consoles[0]);
    rig.feed(Input::Disconnected(consoles[0]));
    rig.pass(9 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0), "it is kept for a while");
    answer_when_asked(&mut rig, other);
    assert_eq!(holder(&rig, 1), Some(1));
    assert!(rings(&rig, 1));
}

#[test]
fn whoever_is_silent_is_gone_and_whoever_is_away_is_not() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    for number in 1..=2 {
        rig.notice(notice(number, 1));
        answer_all(&mut rig, &consoles);
    }
    for number in 1..=2 {
        let who = holder(&rig, number).unwrap();
        rig.frame(consoles[who as usize], accept(number));
        rig.frame(
            consoles[who as usize],
            Frame::SetAvailability(wire::SetAvailability { availability: 2, ..Default::default() }),
        );
    }
    let silent = holder(&rig, 1).unwrap();
    rig.pass(14 * MINUTE, &[consoles[silent as usize]]);
    assert_eq!((holder(&rig, 1), holder(&rig, 2)), (None, Some(1 - silent)));
    let order = |it: &Call| matches!(it, Call::Order { order, .. } if order.reason == "agent_gone");
    assert!(
        rig.network.iter().any(order) || rig.desk.list.entries.get(&conversation(1)).unwrap().stored.order.is_some()
    );
}

#[test]
fn whoever_appears_offline_is_asked_for_nothing_and_keeps_what_they_have() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let who = holder(&rig, 1).unwrap();
    let [theirs, others] = [who, 1 - who].map(|it| consoles[it as usize]);
    rig.frame(theirs, accept(1));
    rig.frame(theirs, Frame::SetAvailability(wire::SetAvailability { availability: 3, ..Default::default() }));
    for number in 2..=3 {
        rig.notice(notice(number, 1));
        assert_eq!(probe(&mut rig, theirs), None);
        answer_all(&mut rig, &consoles);
        assert_eq!(holder(&rig, number), Some(1 - who));
        rig.frame(others, accept(number));
    }
    rig.notice(notice(4, 1));
    rig.pass(14 * MINUTE, &[]);
    rig.reload();
    assert_eq!((holder(&rig, 1), holder(&rig, 4)), (Some(who), None), "not even when all others are full");
    rig.frame(theirs, Frame::SetAvailability(wire::SetAvailability { availability: 1, ..Default::default() }));
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 4), Some(who), "until they are back");
}

/// The Desk sleeps between any two of its alarms, as a quiet one does.
fn sleep_and_wake(rig: &mut Rig, millis: i64) {
    let end = rig.now.plus(millis);
    while rig.now < end {
        rig.pass(12 * SECOND, &[]);
        rig.reload();
    }
}

#[test]
fn inv_6_a_quiet_desk_does_not_forget_who_is_gone() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.frame(consoles[0], accept(1));
    rig.console(1, Role::Agent);
    rig.open.remove(&consoles[0]);
    rig.feed(Input::Disconnected(consoles[0]));
    sleep_and_wake(&mut rig, 8 * MINUTE);
    assert_eq!(holder(&rig, 1), Some(0));
    let rows = rig.rows_written;
    sleep_and_wake(&mut rig, MINUTE);
    assert_eq!(rig.rows_written, rows, "what is known is not written again");
    sleep_and_wake(&mut rig, 3 * MINUTE);
    assert_eq!(holder(&rig, 1), None, "it is offered to the other one, who does not answer here");
}

/// INV-6: the last one leaves, and nobody opens a console after them: the Desk wakes for what they had, and only for that.
#[test]
fn inv_6_what_the_last_one_had_goes_back_without_anybody_elses_console() {
    for method in [Method::LeastBusy, Method::Manual] {
        let mut rig = Rig::new();
        configure(&mut rig, 1, routing(method));
        let console = rig.console(0, Role::Agent);
        rig.notice(notice(1, 1));
        rig.frame(console, claim(1, "c"));
        confirm(&mut rig);
        rig.feed(Input::Disconnected(console));
        sleep_and_wake(&mut rig, MINUTE);
        let (alarms, rows) = (rig.alarms_set, rig.rows_written);
        sleep_and_wake(&mut rig, 8 * MINUTE);
        assert_eq!(holder(&rig, 1), Some(0), "{method:?}: it is kept for a while");
        assert_eq!((rig.alarms_set, rig.rows_written), (alarms, rows), "{method:?}: and the Desk sleeps");
        sleep_and_wake(&mut rig, 2 * MINUTE);
        assert_eq!(holder(&rig, 1), None, "{method:?}");
        // Who waits is told, and offered the form, though the Desk has slept.
        rig.places.clear();
        sleep_and_wake(&mut rig, 2 * MINUTE);
        let place = rig.places.last().map(|(_, place)| (place.position, place.form));
        assert_eq!(place, Some((1, true)), "{method:?}");
        confirm(&mut rig);
        sleep_and_wake(&mut rig, 30 * MINUTE);
        assert_eq!(rig.alarm, None, "{method:?}: nothing is due");
    }
}

/// INV-6: also where agents claim nobody waits for one who is not coming back.
#[test]
fn inv_6_what_was_claimed_by_one_who_is_gone_can_be_claimed_again() {
    let mut rig = Rig::new();
    let (first, _other) = (rig.console(0, Role::Agent), rig.console(1, Role::Agent));
    for number in 1..=2 {
        rig.notice(notice(number, 1));
        rig.frame(first, claim(number, &format!("c{number}")));
    }
    rig.feed(Input::Disconnected(first));
    rig.pass(9 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0), "it is kept for a while");
    rig.pass(2 * MINUTE, &[]);
    assert_eq!((holder(&rig, 1), holder(&rig, 2)), (None, None));
    assert!(rig.desk.router.loads.line().count() == 2, "both are back in line");
    let first = rig.console(0, Role::Agent);
    rig.frame(first, claim(2, "c2"));
    assert_eq!(rig.assigned(first).assignee, None, "the same word again is no second claim");
    // Never, where an admin says so.
    configure(&mut rig, 1, Routing { gone_minutes: 0, ..routing(Method::Manual) });
    rig.frame(first, claim(1, "again"));
    rig.feed(Input::Disconnected(first));
    rig.pass(14 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0));
}

/// Who is back for less than the Desk takes to look has been here all the same, also where it falls asleep before it looks.
#[test]
fn whoever_comes_back_for_a_moment_has_the_whole_time_again() {
    for (moment, sleeps) in [(0, false), (SECOND, false), (SECOND, true)] {
        let (mut rig, consoles) = desk(Method::Manual, 1);
        rig.notice(notice(1, 1));
        rig.frame(consoles[0], claim(1, "c"));
        rig.console(1, Role::Agent);
        rig.feed(Input::Disconnected(consoles[0]));
        rig.pass(9 * MINUTE, &[]);
        let again = rig.console(0, Role::Agent);
        rig.pass(moment, &[]);
        if sleeps {
            rig.reload();
        }
        rig.open.remove(&again);
        rig.feed(Input::Disconnected(again));
        rig.pass(5 * MINUTE, &[]);
        assert_eq!(holder(&rig, 1), Some(0), "{moment} ms, asleep between: {sleeps}");
    }
}

/// Nobody is called for a visitor who has been answered and has long gone; who is still here waits as ever.
#[test]
fn what_was_answered_rings_at_nobody_else_once_its_visitor_is_gone() {
    for (visitor_online, follow_up_seconds, calls) in [(true, 120, true), (false, 120, false), (false, 0, true)] {
        let (mut rig, consoles) = desk(Method::LeastBusy, 1);
        configure(&mut rig, 2, Routing { follow_up_seconds, ..routing(Method::LeastBusy) });
        rig.notice(notice(1, 1));
        answer_all(&mut rig, &consoles);
        rig.frame(consoles[0], accept(1));
        confirm(&mut rig);
        let other = rig.console(1, Role::Agent);
        let stored = &rig.desk.list.entries[&conversation(1)].stored;
        let (assignment_epoch, assignee) = (stored.assignment_epoch, stored.assignee.clone());
        let answered = RoomNotice { assignment_epoch, assignee, visitor_online, ..notice(1, 2) };
        rig.notice(answered.clone());
        rig.feed(Input::Disconnected(consoles[0]));
        rig.pass(11 * MINUTE, &[]);
        assert_eq!(holder(&rig, 1), None, "it is theirs no longer");
        let what = format!("visitor here: {visitor_online}, {follow_up_seconds} s");
        assert_eq!(probe(&mut rig, other).is_some(), calls, "{what}");
        let entry = &rig.desk.list.entries[&conversation(1)];
        assert_eq!(entry.follow_up(), (!calls).then_some(FollowUp::Gone), "{what}");
        // Back they wait, at their place.
        let assignment_epoch = entry.stored.assignment_epoch;
        rig.notice(RoomNotice { rev: 3, assignment_epoch, assignee: None, visitor_online: true, ..answered });
        assert!(rig.desk.list.entries[&conversation(1)].is_waiting(), "{what}");
    }
}

/// INV-6: nobody listens to a bell that rings where nobody is, for as long as it may ring.
#[test]
fn inv_6_what_rings_where_nobody_is_goes_back_at_the_next_look() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    configure(&mut rig, 2, Routing { ring_seconds: 300, ..routing(Method::LeastBusy) });
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    assert!(rings(&rig, 1));
    rig.feed(Input::Disconnected(consoles[0]));
    rig.pass(LOOK_INTERVAL + SECOND, &[]);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (None, false));
}

/// What waits for a time that was set waits for nobody: it is still theirs when they are back.
#[test]
fn what_is_snoozed_stays_with_whom_it_was() {
    let mut rig = Rig::new();
    let (first, _other) = (rig.console(0, Role::Agent), rig.console(1, Role::Agent));
    for number in 1..=2 {
        rig.notice(notice(number, 1));
        rig.frame(first, claim(number, &format!("c{number}")));
    }
    confirm(&mut rig);
    let stored = &rig.desk.list.entries[&conversation(2)].stored;
    let (assignment_epoch, assignee) = (stored.assignment_epoch, stored.assignee.clone());
    let (status, snoozed_until) = (Status::Snoozed, Some(rig.now.plus(HOUR)));
    rig.notice(RoomNotice { status, snoozed_until, assignment_epoch, assignee, ..notice(2, 2) });
    rig.feed(Input::Disconnected(first));
    rig.pass(11 * MINUTE, &[]);
    assert_eq!((holder(&rig, 1), holder(&rig, 2)), (None, Some(0)));
}

/// Also where it is handed to them before the Desk looks again.
#[test]
fn whoever_is_handed_one_after_they_lost_theirs_has_the_whole_time_for_it() {
    let mut rig = Rig::new();
    let (first, other) = (rig.console(0, Role::Agent), rig.console(1, Role::Agent));
    for number in 1..=2 {
        rig.notice(notice(number, 1));
    }
    rig.frame(first, claim(1, "c"));
    rig.feed(Input::Disconnected(first));
    while holder(&rig, 1).is_some() {
        rig.pass(SECOND, &[]);
    }
    rig.network.clear();
    rig.frame(other, transfer(2, "t", 0, 0));
    let Some(Call::LookUp { socket, transfer: it, disabled, .. }) = rig.network.pop_front() else { panic!() };
    rig.feed(Input::LookedUp { socket, transfer: it, disabled, found: Found::Active(agent(0)) });
    rig.pass(9 * MINUTE, &[]);
    assert_eq!(holder(&rig, 2), Some(0), "it is kept for a while");
    rig.pass(2 * MINUTE, &[]);
    assert_eq!(holder(&rig, 2), None);
}
