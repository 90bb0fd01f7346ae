//! What rings, and what becomes of it.

use super::{super::rig::*, routing::*};
use crate::core::{
    desk::{
        effect::{Call, Input, OrderOutcome},
        presence::Availability,
    },
    internal::{AssignAnswer, AssignOrder, RoomNotice, Status},
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::settings::{Method, Routing},
    time::{MINUTE, SECOND},
};

#[test]
fn what_is_declined_goes_to_another_at_its_old_place() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let queued = rig.desk.list.entries.get(&conversation(1)).unwrap().stored.queued_at;
    let first = holder(&rig, 1).unwrap();
    rig.pass(5 * SECOND, &[]);
    rig.inbox.clear();
    rig.frame(consoles[first as usize], decline(1));
    let other = 1 - first;
    assert_eq!(probe(&mut rig, consoles[first as usize]), None, "whoever declined is left out");
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 1), Some(other));
    assert_eq!(rig.desk.list.entries.get(&conversation(1)).unwrap().stored.queued_at, queued);
    assert_eq!(order(&mut rig).assignee, Some(agent(first)));
    assert_eq!(order(&mut rig).assignee, Some(agent(other)), "the Room hears of what stands");
}

#[test]
fn whoever_lets_two_ring_is_away() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    assert!(rings(&rig, 1));
    rig.pass(30 * SECOND, &[]);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (None, false), "rung out");
    let switch = |rig: &Rig| rig.open.get(&consoles[0]).unwrap().switch;
    assert_eq!(switch(&rig), Availability::Online);
    // Alone: it comes back to them after half a minute, when the alarm looks.
    answer_when_asked(&mut rig, consoles[0]);
    assert_eq!(holder(&rig, 1), Some(0));
    rig.pass(31 * SECOND, &[]);
    assert_eq!(switch(&rig), Availability::Away);
    // From that the console knows why.
    let tells_both = |frame: &agent_frame::Frame| match frame {
        agent_frame::Frame::DeskUpdate(it) => {
            it.agents.iter().any(|agent| agent.availability() == wire::Availability::Away)
                && it.rows.iter().any(|row| row.ring_until == 0 && row.assignee.is_none())
        }
        _ => false,
    };
    assert!(rig.frames(consoles[0]).iter().any(tells_both), "one frame says that it was lost and that they are away");
    rig.pass(5 * MINUTE, &[]);
    assert_eq!((probe(&mut rig, consoles[0]), holder(&rig, 1)), (None, None), "and gets nothing more");
    rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 1, ..Default::default() }));
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 1), Some(0), "until they are back");
    rig.pass(31 * SECOND, &[]);
    assert_eq!((holder(&rig, 1), switch(&rig)), (None, Availability::Online), "what they missed before counts no more");
}

#[test]
fn whoever_declines_one_in_between_has_not_let_two_ring_in_a_row() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.pass(31 * SECOND, &[]);
    let said = |rig: &Rig| rig.open.get(&consoles[0]).map(|session| (session.switch, session.missed)).unwrap();
    assert_eq!(said(&rig), (Availability::Online, 1));
    answer_when_asked(&mut rig, consoles[0]);
    rig.frame(consoles[0], decline(1));
    assert_eq!(said(&rig), (Availability::Online, 0), "they have said something to it");
    answer_when_asked(&mut rig, consoles[0]);
    assert!(rings(&rig, 1));
    rig.pass(31 * SECOND, &[]);
    assert_eq!(said(&rig), (Availability::Online, 1), "one missed, one declined, one missed");
}

/// They chose it while something rang at them: letting it ring must not show that they are here.
#[test]
fn whoever_appears_offline_and_lets_it_ring_is_not_seen() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.pass(30 * SECOND, &[]);
    answer_when_asked(&mut rig, consoles[0]);
    assert!(rings(&rig, 1));
    rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 3, ..Default::default() }));
    assert!(rings(&rig, 1), "what rings goes on");
    rig.pass(31 * SECOND, &[]);
    assert_eq!(rig.open.get(&consoles[0]).unwrap().switch, Availability::Offline);
    rig.pass(5 * MINUTE, &[]);
    assert_eq!((probe(&mut rig, consoles[0]), holder(&rig, 1)), (None, None));
}

#[test]
fn a_first_reply_takes_it() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let mut replied = notice(1, 2);
    let stored = rig.desk.list.entries.get(&conversation(1)).unwrap().stored.clone();
    (replied.assignee, replied.assignment_epoch, replied.ringing) =
        (stored.assignee.clone(), stored.assignment_epoch, Some(true));
    rig.notice(replied.clone());
    assert!(rings(&rig, 1), "the Room has only obeyed");
    (replied.rev, replied.ringing) = (3, Some(false));
    rig.notice(replied);
    assert!(!rings(&rig, 1));
    rig.pass(MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0), "nothing is taken back");
}

#[test]
fn a_claim_takes_what_rings() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.inbox.clear();
    rig.frame(consoles[0], claim(1, "c"));
    assert_eq!(rig.assigned(consoles[0]).ring_until, 0);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (Some(0), false));
}

#[test]
fn others_can_neither_accept_nor_decline() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let other = rig.console(7, Role::Admin);
    for frame in [accept(1), decline(1)] {
        rig.frame(other, frame);
        let error = rig.error(other);
        assert_eq!(
            (error.code.as_str(), error.holder.map(|it| it.id)),
            ("already_assigned", Some(agent(0).id.to_string()))
        );
    }
    assert!(rings(&rig, 1));
    rig.pass(31 * SECOND, &[]);
    rig.inbox.clear();
    rig.frame(consoles[0], accept(1));
    assert_eq!(rig.error(consoles[0]).code, "stale_assignment", "too late");
}

#[test]
fn a_quiet_desk_does_not_forget_what_was_let_ring() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    for _ in 0..2 {
        if holder(&rig, 1).is_none() {
            answer_when_asked(&mut rig, consoles[0]);
        }
        rig.reload();
        rig.pass(31 * SECOND, &[]);
        rig.reload();
    }
    assert_eq!(rig.open.get(&consoles[0]).unwrap().switch, Availability::Away);
}

#[test]
fn what_another_puts_off_while_it_rings_is_nobody_s() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let ordered = order(&mut rig);
    let mut done = notice(1, 2);
    (done.status, done.ringing) = (Status::Snoozed, Some(true));
    (done.assignee, done.assignment_epoch) = (ordered.assignee, ordered.assignment_epoch);
    rig.notice(done);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (None, false));
    let released = order(&mut rig);
    assert_eq!((released.assignee, released.ringing), (None, false), "and the Room hears of it");
}

/// Its Room tells of it before it has heard at whom it rings.
#[test]
fn inv_5_what_is_put_off_before_its_room_knew_of_the_ring_is_nobody_s() {
    for status in [Status::Snoozed, Status::Resolved] {
        let put_off = |is_taken: bool| {
            let (mut rig, consoles) = desk(Method::LeastBusy, 1);
            rig.notice(notice(1, 1));
            answer_all(&mut rig, &consoles);
            if is_taken {
                rig.frame(consoles[0], accept(1));
            }
            let told = rig.notice(RoomNotice { status, ..notice(1, 2) }).assignment.unwrap();
            assert!(
                !told.ringing
                    && told.assignee.map(|it| it.id).as_ref() == rig.desk.list.entries[&conversation(1)].holder()
            );
            (holder(&rig, 1), rings(&rig, 1))
        };
        assert_eq!(put_off(false), (None, false), "{status:?}");
        assert_eq!(put_off(true), (Some(0), false), "{status:?}: who has taken it keeps it");
    }
}

/// An answer that was under way while the agent replied is old news.
#[test]
fn a_late_answer_lets_nothing_ring_again() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let Some(Call::Order { conversation: id, order }) = rig.network.pop_front() else { panic!("no order") };
    let mut replied = notice(1, 2);
    (replied.assignee, replied.assignment_epoch) = (order.assignee.clone(), order.assignment_epoch);
    rig.notice(replied);
    assert!(!rings(&rig, 1));
    let AssignOrder { assignment_epoch, assignee, .. } = order;
    let outcome = OrderOutcome::Answered(AssignAnswer { assignment_epoch, assignee, ringing: Some(true) });
    rig.feed(Input::RoomAnswered { conversation: id, assignment_epoch, outcome });
    assert_eq!((rings(&rig, 1), holder(&rig, 1)), (false, Some(0)));
}

#[test]
fn a_clock_that_leaps_and_comes_back_ends_what_rings() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.now = rig.now.plus(5 * MINUTE);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, consoles[0]).unwrap();
    rig.now = rig.now.plus(20);
    answer(&mut rig, consoles[0], id, true);
    assert!(rings(&rig, 1));
    rig.now = rig.now.plus(-20 * MINUTE);
    rig.notice(notice(2, 1));
    assert!(!rings(&rig, 1));
}

/// The alarm that ends it may be late.
#[test]
fn inv_5_what_has_rung_out_is_nobodys_for_whoever_asks_for_it() {
    let asks = [
        ("handed to whom it rang at", transfer(1, "t1", 0, 0), Some(0)),
        ("claimed by another", claim(1, "c1"), Some(1)),
        ("given back by another", release(1, "r1", 0), None),
    ];
    for (name, frame, to) in asks {
        let (mut rig, consoles) = desk(Method::LeastBusy, 1);
        rig.notice(notice(1, 1));
        answer_all(&mut rig, &consoles);
        assert_eq!(holder(&rig, 1), Some(0));
        let other = rig.console(1, Role::Agent);
        rig.frames(other);
        rig.now = rig.now.plus(31 * SECOND);
        rig.frame(other, frame);
        let frames = rig.frames(other);
        assert!(!frames.iter().any(|frame| matches!(frame, agent_frame::Frame::Error(_))), "{name}: {frames:?}");
        let said = frames.into_iter().find_map(|frame| match frame {
            agent_frame::Frame::Assigned(it) => Some((it.assignment_epoch, it.assignee.map(|agent| agent.id))),
            _ => None,
        });
        let stored = &rig.desk.list.entries.get(&conversation(1)).unwrap().stored;
        let held = (stored.assignment_epoch, stored.assignee.as_ref().map(|agent| agent.id.to_string()));
        assert_eq!(said, Some(held), "{name}: what is said is what is on disk");
        assert_eq!((holder(&rig, 1), rings(&rig, 1)), (to, false), "{name}: it rings no more");
    }
}

#[test]
fn whoever_accepts_before_the_alarm_has_rung_has_it() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.now = rig.now.plus(31 * SECOND);
    rig.frame(consoles[0], accept(1));
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (Some(0), false));
}

#[test]
fn whoever_declines_before_the_alarm_has_rung_has_declined_it() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.now = rig.now.plus(31 * SECOND);
    rig.frames(consoles[0]);
    rig.frame(consoles[0], decline(1));
    let frames = rig.frames(consoles[0]);
    assert!(!frames.iter().any(|frame| matches!(frame, agent_frame::Frame::Error(_))), "{frames:?}");
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (None, false));
    assert_eq!(rig.open.get(&consoles[0]).map(|session| session.missed), Some(0), "and has let nothing ring in vain");
}

/// A word about the ring before is none about the one that goes on.
#[test]
fn a_decline_means_the_ring_that_it_names() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let epoch = rig.desk.list.entries[&conversation(1)].stored.assignment_epoch;
    rig.pass(30 * SECOND, &[]);
    assert!(!rings(&rig, 1));
    answer_when_asked(&mut rig, consoles[0]);
    assert!(rings(&rig, 1));
    rig.frames(consoles[0]);
    let late =
        wire::Decline { client_id: "d".into(), conversation: conversation(1).to_string(), assignment_epoch: epoch };
    rig.frame(consoles[0], Frame::Decline(late));
    assert_eq!(rig.error(consoles[0]).code, "stale_assignment");
    assert!(rings(&rig, 1));
}

/// Whoever gives one back by hand is not the next whom it rings at, though they are the only one with nothing to do.
#[test]
fn whoever_gives_one_back_is_not_asked_for_it_at_once() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.frame(consoles[0], accept(1));
    rig.frames(consoles[0]);
    rig.frame(consoles[0], release(1, "r", 0));
    assert_eq!((holder(&rig, 1), probe(&mut rig, consoles[0])), (None, None));
    answer_when_asked(&mut rig, consoles[0]);
    assert_eq!(holder(&rig, 1), Some(0), "they are alone, and it is a while later");
}

/// What was declined by a clock that was ahead leaves nobody out until that time comes.
#[test]
fn a_clock_that_was_ahead_leaves_nobody_out_for_good() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.now = rig.now.plus(5 * MINUTE);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.frame(consoles[0], decline(1));
    assert_eq!(holder(&rig, 1), None);
    rig.now = rig.now.plus(-5 * MINUTE);
    answer_when_asked(&mut rig, consoles[0]);
    assert_eq!(holder(&rig, 1), Some(0));
}

/// A console far away says yes when its agent has meanwhile claimed as much as they take.
#[test]
fn a_late_answer_gives_nobody_more_than_they_take() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    configure(&mut rig, 2, Routing { capacity: 1, ..routing(Method::LeastBusy) });
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, consoles[0]).unwrap();
    rig.pass(400, &[]);
    rig.now = rig.now.plus(1);
    rig.feed(Input::Notice(Box::new(RoomNotice { assignment_epoch: 7, assignee: Some(agent(0)), ..notice(2, 1) })));
    assert_eq!(holder(&rig, 2), Some(0));
    answer(&mut rig, consoles[0], id, true);
    assert_eq!(holder(&rig, 1), None);
}
