//! What was decided is on disk before anyone hears of it, and the Room is told until it confirms (INV-5).

use super::{super::rig::*, teams::configure};
use crate::core::{
    desk::effect::{Call, Input, OrderOutcome},
    internal::{AssignAnswer, AssignOrder, RoomNotice},
    limits::{BACKOFF, EPOCH_STEPS, ORDER_PATIENCE},
    principal::Role,
    routing::{roster::Roster, settings::Routing},
    time::{HOUR, MINUTE, SECOND},
};

fn order(rig: &mut Rig) -> AssignOrder {
    match rig.network.pop_front() {
        Some(Call::Order { order, .. }) => order,
        other => panic!("{other:?} is not an order"),
    }
}

fn confirm(rig: &mut Rig, number: usize, order: &AssignOrder) {
    let answer = AssignAnswer {
        assignment_epoch: order.assignment_epoch,
        assignee: order.assignee.clone(),
        ringing: Some(order.ringing),
    };
    rig.feed(Input::RoomAnswered {
        conversation: conversation(number),
        assignment_epoch: order.assignment_epoch,
        outcome: OrderOutcome::Answered(answer),
    });
}

#[test]
fn inv_5_nothing_is_told_before_it_is_on_disk() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    let input = Input::Frame { socket: a, frame: Ok(Some(claim(1, "c"))) };
    rig.feed_with(input.clone(), Fate::NothingWritten);
    assert_eq!((rig.frames(a).len(), rig.network.len()), (0, 0));
    rig.frame(b, claim(1, "c"));
    assert_eq!(rig.assigned(b).assignee.unwrap().id, agent(2).id.to_string(), "it was not taken");

    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    rig.console(1, Role::Agent);
    rig.feed_with(input, Fate::DiesAfterCommit);
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    let sent = order(&mut rig);
    assert_eq!(sent.assignee, Some(agent(1)), "the Room is told by the Desk that comes after");
    rig.frame(b, claim(1, "c"));
    assert_eq!(rig.error(b).code, "already_assigned");
    rig.frame(a, claim(1, "c"));
    assert_eq!(rig.assigned(a).assignment_epoch, sent.assignment_epoch, "and the winner, when they ask again");
}

#[test]
fn an_order_is_repeated_until_it_is_confirmed() {
    let mut rig = Rig::new();
    // Longer than the agent's ticket.
    configure(&mut rig, 1, Routing { gone_minutes: 0, ..Routing::default() }, Roster::default());
    rig.notice(notice(1, 1));
    let a = rig.console(1, Role::Agent);
    rig.frame(a, claim(1, "c"));
    let first = order(&mut rig);
    let unreachable = || Input::RoomAnswered {
        conversation: conversation(1),
        assignment_epoch: first.assignment_epoch,
        outcome: OrderOutcome::Unreachable,
    };
    for tries in 0..12 {
        rig.feed(unreachable());
        let wait = (BACKOFF.0 << tries).min(BACKOFF.1);
        rig.pass(wait - 1, &[]);
        assert!(rig.network.is_empty(), "not before the back-off of try {tries}");
        rig.pass(1, &[]);
        assert_eq!(order(&mut rig), first, "try {tries}");
    }
    // A call that never comes back is given up; one that comes back after that still counts.
    rig.pass(ORDER_PATIENCE + BACKOFF.1, &[]);
    assert_eq!(order(&mut rig), first);
    rig.reload();
    rig.ring(&[]);
    assert_eq!(order(&mut rig), first, "also after the Desk slept");
    confirm(&mut rig, 1, &first);
    let rows = rig.rows_written;
    rig.pass(HOUR, &[a]);
    rig.reload();
    rig.ring(&[]);
    assert!(rig.network.is_empty(), "confirmed once and for all");
    assert_eq!(rig.rows_written, rows);
}

#[test]
fn a_later_decision_follows_the_one_that_is_under_way() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let a = rig.console(1, Role::Agent);
    rig.frame(a, claim(1, "c"));
    let first = order(&mut rig);
    rig.now = rig.now.plus(7);
    rig.frame(a, release(1, "r", 0));
    assert!(rig.network.is_empty(), "one call at a time");
    confirm(&mut rig, 1, &first);
    let second = order(&mut rig);
    assert!(second.assignment_epoch > first.assignment_epoch && second.assignee.is_none());
    confirm(&mut rig, 1, &second);
    rig.pass(HOUR, &[a]);
    assert!(rig.network.is_empty());
}

#[test]
fn a_notice_confirms_carries_what_is_outstanding_and_teaches_what_is_later() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let a = rig.console(1, Role::Agent);
    rig.frame(a, claim(1, "c"));
    let decided = rig.assigned(a);
    let sent = order(&mut rig);
    let answer = rig.notice(notice(1, 2));
    assert_eq!(answer.assignment, Some(sent.clone()), "the Room has not heard of it");
    let told = RoomNotice { assignment_epoch: sent.assignment_epoch, assignee: sent.assignee.clone(), ..notice(1, 3) };
    assert_eq!(rig.notice(told.clone()).assignment, None);
    rig.feed(Input::RoomAnswered {
        conversation: conversation(1),
        assignment_epoch: sent.assignment_epoch,
        outcome: OrderOutcome::Unreachable,
    });
    rig.pass(MINUTE, &[]);
    assert!(rig.network.is_empty(), "the notice has confirmed it");

    // A Room whose store was put back is told again, by the answer and by an order.
    let answer = rig.notice(notice(1, 4));
    assert_eq!(answer.assignment.unwrap().assignee, Some(agent(1)));
    rig.pass(2 * SECOND, &[]);
    let again = order(&mut rig);
    assert_eq!(again.assignment_epoch, sent.assignment_epoch);
    confirm(&mut rig, 1, &again);

    // A Desk whose store was put back adopts what the Room has, and goes on above it.
    let ahead = decided.assignment_epoch + HOUR as u64;
    let later = RoomNotice { assignment_epoch: ahead, assignee: Some(agent(9)), ..notice(1, 5) };
    rig.frames(a);
    assert_eq!(rig.notice(later).assignment, None);
    rig.frame(a, claim(1, "c2"));
    let refused = rig.error(a);
    assert_eq!((refused.code.as_str(), refused.holder.unwrap().name.as_str()), ("already_assigned", "Agent 9"));
    let owner = rig.console(3, Role::Owner);
    rig.frame(owner, transfer(1, "t", 0, 1));
    assert!((1..=EPOCH_STEPS).contains(&(rig.assigned(owner).assignment_epoch - ahead)));
}

/// The Desk was put back to before agent 1's claim; agent 2 claims what the Room knows to be taken.
#[test]
fn inv_5_a_desk_that_was_put_back_gives_no_epoch_twice() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let mut backup = rig.sql.copy();
    let a = rig.console(1, Role::Agent);
    rig.now = rig.now.plus(10);
    rig.frame(a, claim(1, "c"));
    let first = rig.assigned(a);
    std::mem::swap(&mut rig.sql, &mut backup);
    rig.now = rig.now.plus(10);
    rig.die();
    let b = rig.console(2, Role::Agent);
    rig.frame(b, claim(1, "c"));
    let second = rig.assigned(b);
    assert!(second.assignment_epoch > first.assignment_epoch, "the Room obeys the second, and only that");
}

#[test]
fn a_conversation_that_no_room_holds_leaves_the_list() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let a = rig.console(1, Role::Agent);
    rig.frame(a, claim(1, "c"));
    let sent = order(&mut rig);
    rig.feed(Input::RoomAnswered {
        conversation: conversation(1),
        assignment_epoch: sent.assignment_epoch,
        outcome: OrderOutcome::NoSuchRoom,
    });
    rig.pass(HOUR, &[a]);
    assert!(rig.network.is_empty());
    assert_eq!(rig.desk.n_listed(), 0);
}
