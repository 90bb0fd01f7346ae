//! INV-5: one winner, an epoch that never falls, and who may do what.

use super::{super::rig::*, routing};
use crate::core::{
    desk::effect::{Call, Found, Input},
    internal::{AssignOrder, Revoked, RoomNotice, Status},
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame},
    routing::settings::Method,
    time::{MINUTE, SECOND},
};

fn order(rig: &mut Rig) -> AssignOrder {
    match rig.network.pop_front() {
        Some(Call::Order { order, .. }) => order,
        other => panic!("{other:?} is not an order"),
    }
}

#[test]
fn inv_5_of_fifty_simultaneous_claims_one_wins() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let consoles: Vec<_> = (0..50).map(|number| rig.console(number, Role::Agent)).collect();
    let rows = rig.rows_written;
    for socket in &consoles {
        rig.frame(*socket, claim(1, "c"));
    }
    let winner = rig.assigned(consoles[0]);
    assert_eq!(winner.assignee.as_ref().map(|it| it.id.clone()), Some(agent(0).id.to_string()));
    for socket in &consoles[1..] {
        let error = rig.error(*socket);
        assert_eq!((error.code.as_str(), error.client_id.as_str()), ("already_assigned", "c"));
        assert_eq!(error.holder, winner.assignee, "with the winner's name");
    }
    assert_eq!(rig.rows_written, rows + 2, "one decision is one row, and the first answer one of the waits");
    let sent = order(&mut rig);
    assert_eq!((sent.assignee, sent.assignment_epoch), (Some(agent(0)), winner.assignment_epoch));
    assert!(rig.network.is_empty(), "one order");
}

/// An admin's claim is a claim like any other: taking over is a transfer that names the assignment it means.
#[test]
fn inv_5_the_role_does_not_win_a_claim() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let (a, owner) = (rig.console(1, Role::Agent), rig.console(2, Role::Owner));
    rig.frame(a, claim(1, "a"));
    let held = rig.assigned(a);
    rig.frame(owner, claim(1, "b"));
    assert_eq!(rig.error(owner).code, "already_assigned");
    rig.now = rig.now.plus(10);
    rig.frame(owner, transfer(1, "t", held.assignment_epoch, 2));
    let taken = rig.assigned(owner);
    assert!(taken.assignment_epoch > held.assignment_epoch);
    rig.frame(a, release(1, "r", held.assignment_epoch));
    let late = rig.error(a);
    assert_eq!((late.code.as_str(), late.holder), ("stale_assignment", taken.assignee));
}

#[test]
fn the_same_request_again_gets_the_same_answer_and_does_nothing() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    let check = |rig: &mut Rig, frame: &dyn Fn() -> client_frame::Frame| {
        rig.frame(a, frame());
        let first = rig.assigned(a);
        let (rows, stored) = (rig.rows_written, rig.stored());
        rig.now = rig.now.plus(100);
        rig.frame(a, frame());
        assert_eq!(rig.assigned(a), first);
        assert_eq!((rig.rows_written, rig.stored()), (rows, stored));
        rig.reload();
        rig.frame(a, frame());
        assert_eq!(rig.assigned(a), first, "also after the Desk slept");
        first
    };
    let claimed = check(&mut rig, &|| claim(1, "c"));
    let released = check(&mut rig, &|| release(1, "r", claimed.assignment_epoch));
    assert!(released.assignment_epoch > claimed.assignment_epoch && released.assignee.is_none());
    check(&mut rig, &|| transfer(1, "t", released.assignment_epoch, 2));
    assert_eq!(rig.assigned(b).client_id, "", "called once");
    rig.frame(b, claim(1, "other-name"));
    assert_eq!(rig.assigned(b).assignee.unwrap().id, agent(2).id.to_string(), "a holder's claim is granted already");
}

#[test]
fn who_may_do_what() {
    // Agent 1 holds the conversation, 2 is an agent, 3 an admin; 4 is not connected.
    let table: [(&str, u128, About, Option<&str>); 11] = [
        ("the holder releases", 1, |epoch| release(1, "x", epoch), None),
        ("the holder releases whichever stands", 1, |_| release(1, "x", 0), None),
        ("another releases", 2, |epoch| release(1, "x", epoch), Some("forbidden")),
        ("an admin releases", 3, |epoch| release(1, "x", epoch), None),
        ("an earlier assignment is meant", 1, |epoch| release(1, "x", epoch - 1), Some("stale_assignment")),
        ("the holder transfers", 1, |epoch| transfer(1, "x", epoch, 2), None),
        ("another transfers to themselves", 2, |epoch| transfer(1, "x", epoch, 2), Some("forbidden")),
        ("an admin transfers to another", 3, |epoch| transfer(1, "x", epoch, 2), None),
        ("an admin takes over", 3, |_| transfer(1, "x", 0, 3), None),
        ("a transfer of an earlier assignment", 3, |epoch| transfer(1, "x", epoch - 1, 2), Some("stale_assignment")),
        ("to the one who has it", 2, |_| transfer(1, "x", 0, 1), None),
    ];
    for (what, by, frame, code) in table {
        let mut rig = Rig::new();
        rig.notice(notice(1, 1));
        let consoles = [rig.console(1, Role::Agent), rig.console(2, Role::Agent), rig.console(3, Role::Admin)];
        rig.frame(consoles[0], claim(1, "c"));
        let held = rig.assigned(consoles[0]);
        let stored = rig.stored();
        rig.now = rig.now.plus(5);
        let socket = consoles[by as usize - 1];
        rig.frame(socket, frame(held.assignment_epoch));
        match code {
            None => {
                let answer = rig.assigned(socket);
                assert!(answer.assignment_epoch >= held.assignment_epoch, "{what}");
            }
            Some(code) => {
                let error = rig.error(socket);
                assert_eq!((error.code.as_str(), error.client_id.as_str()), (code, "x"), "{what}");
                assert_eq!(rig.stored(), stored, "{what}");
            }
        }
    }
}

/// A request that names an assignment.
type About = fn(u64) -> client_frame::Frame;

#[test]
fn requests_that_make_no_sense() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(2, 1) });
    rig.notice(notice(3, 1));
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(3, 2) });
    let a = rig.console(1, Role::Agent);
    rig.frame(a, release(1, "r", 0));
    assert_eq!(rig.assigned(a).assignee, None, "nobody has it already");
    let stored = rig.stored();
    let long = "x".repeat(501);
    let table = [
        (claim(9, "c"), "not_found"),
        (claim(2, "c"), "conflict"),
        (claim(3, "c"), "conflict"),
        (claim(1, ""), "bad_request"),
        (claim(1, "with space"), "bad_request"),
        (claim(1, &"x".repeat(65)), "bad_request"),
        (with(transfer(1, "t", 0, 2), |it| it.agent = "agt_x".into()), "bad_request"),
        (with(transfer(1, "t", 0, 2), |it| it.reason = long.clone()), "too_large"),
        (with(transfer(1, "t", 0, 2), |it| it.conversation = "cnv_1".into()), "bad_request"),
        (transfer(9, "t", 0, 2), "not_found"),
    ];
    for (frame, code) in table {
        rig.frame(a, frame.clone());
        assert_eq!(rig.error(a).code, code, "{frame:?}");
    }
    assert_eq!(rig.stored(), stored);
    assert!(rig.network.is_empty(), "and nobody was asked");
}

fn with(frame: client_frame::Frame, change: impl FnOnce(&mut wire::Transfer)) -> client_frame::Frame {
    let client_frame::Frame::Transfer(mut transfer) = frame else { panic!("not a transfer") };
    change(&mut transfer);
    client_frame::Frame::Transfer(transfer)
}

#[test]
fn a_transfer_to_somebody_who_is_not_here_is_looked_up() {
    let table =
        [(Found::Active(agent(7)), None), (Found::Nobody, Some("not_found")), (Found::Unreachable, Some("storage"))];
    for (found, code) in table {
        let mut rig = Rig::new();
        rig.notice(notice(1, 1));
        let a = rig.console(1, Role::Agent);
        rig.frame(a, transfer(1, "t", 0, 7));
        let Some(Call::LookUp { socket, agent: asked, transfer: it, disabled }) = rig.network.pop_front() else {
            panic!()
        };
        assert_eq!((socket, asked), (a, agent(7).id));
        assert_eq!(rig.frames(a).len(), 0, "not answered before it is known");
        rig.feed(Input::LookedUp { socket, transfer: it, disabled, found });
        match code {
            None => {
                assert_eq!(rig.assigned(a).assignee.unwrap().name, "Agent 7");
                let sent = order(&mut rig);
                assert_eq!((sent.actor, sent.reason.as_str()), (Some(agent(1)), "knows Icelandic"));
            }
            Some(code) => assert_eq!(rig.error(a).code, code),
        }
    }
}

/// It must not wait to be noticed in the list.
#[test]
fn a_transfer_calls_every_console_of_whom_it_goes_to_and_nobody_else() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let (a, owner) = (rig.console(1, Role::Agent), rig.console(3, Role::Owner));
    let theirs = [rig.console(2, Role::Agent), rig.console(2, Role::Agent)];
    let unready = rig.connect(principal(2, Role::Agent, rig.now));
    rig.pass(5 * SECOND, &[]);
    rig.inbox.clear();
    let calls = |rig: &mut Rig, socket| {
        let assigned = |frame| match frame {
            agent_frame::Frame::Assigned(it) => Some((it.client_id, it.assignee.map(|it| it.name), it.ring_until)),
            _ => None,
        };
        rig.frames(socket).into_iter().filter_map(assigned).collect::<Vec<_>>()
    };
    let told = |client_id: &str, number| vec![(client_id.to_owned(), Some(format!("Agent {number}")), 0)];
    rig.frame(a, transfer(1, "t", 0, 2));
    assert_eq!(calls(&mut rig, a), told("t", 2), "the answer");
    assert_eq!(theirs.map(|socket| calls(&mut rig, socket)), [told("", 2), told("", 2)]);
    assert_eq!([unready, owner].map(|socket| calls(&mut rig, socket)), [vec![], vec![]]);
    rig.frame(a, transfer(1, "t", 0, 2));
    let again = [a, theirs[0], theirs[1]].map(|socket| calls(&mut rig, socket));
    assert_eq!(again, [told("t", 2), vec![], vec![]], "asked again: called once");
    rig.frame(owner, transfer(1, "o", 0, 3));
    assert_eq!(calls(&mut rig, owner), told("o", 3), "who takes it over has asked for it");
    assert_eq!([a, theirs[0]].map(|socket| calls(&mut rig, socket)), [vec![], vec![]]);
    rig.frame(owner, transfer(1, "p", 0, 1));
    assert_eq!([calls(&mut rig, a), calls(&mut rig, theirs[1])], [told("", 1), vec![]]);
}

#[test]
fn what_changed_while_an_agent_was_looked_up_counts() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.frame(a, transfer(1, "t", 0, 7));
    let Some(Call::LookUp { socket, transfer: it, disabled, .. }) = rig.network.pop_front() else { panic!() };
    rig.frame(b, claim(1, "c"));
    rig.assigned(b);
    let late = Input::LookedUp { socket, transfer: it, disabled, found: Found::Active(agent(7)) };
    rig.feed(late.clone());
    assert_eq!(rig.error(a).code, "forbidden");
    rig.feed(Input::Disconnected(a));
    rig.feed(late);
    assert_eq!(rig.frames(a).len(), 0, "whoever asked is gone");
}

/// Found by the model: an agent who was disabled while the history was being asked is not active.
#[test]
fn a_look_up_knows_nothing_of_what_came_after_it() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let a = rig.console(1, Role::Agent);
    let ask = |rig: &mut Rig, client_id: &str| {
        rig.frame(a, transfer(1, client_id, 0, 7));
        match rig.network.pop_front() {
            Some(Call::LookUp { socket, transfer: it, disabled, .. }) => {
                Input::LookedUp { socket, transfer: it, disabled, found: Found::Active(agent(7)) }
            }
            other => panic!("{other:?}"),
        }
    };
    let answer = ask(&mut rig, "t1");
    rig.revoke(Revoked::Agent { agent: agent(7).id, generation: 2 }, vec![], true);
    rig.feed(answer);
    assert_eq!(rig.error(a).code, "not_found");
    let answer = ask(&mut rig, "t2");
    rig.feed(answer);
    assert_eq!(rig.assigned(a).assignee.unwrap().name, "Agent 7", "asked since: enabled again");
}

/// The ticket of who has asked ends meanwhile, what rang out has not been ended yet, or whom they mean has one that is over.
#[test]
fn a_look_up_is_judged_by_the_moment_of_its_answer() {
    let look_up = |rig: &mut Rig| {
        let call = std::mem::take(&mut rig.network).into_iter().find_map(|call| match call {
            Call::LookUp { socket, transfer: it, disabled, .. } => {
                Some(Input::LookedUp { socket, transfer: it, disabled, found: Found::Active(agent(7)) })
            }
            _ => None,
        });
        call.expect("somebody who is not here is looked up")
    };
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let a = rig.console(1, Role::Agent);
    rig.frame(a, transfer(1, "t", 0, 7));
    let answer = look_up(&mut rig);
    rig.now = rig.now.plus(15 * MINUTE);
    rig.feed(answer);
    assert_eq!(rig.desk.list.entries[&conversation(1)].holder(), None, "their ticket is over");

    let (mut rig, consoles) = routing::desk(Method::LeastBusy, 1);
    let other = rig.console(1, Role::Agent);
    let away = wire::SetAvailability { availability: 2, ..Default::default() };
    rig.frame(other, client_frame::Frame::SetAvailability(away));
    rig.notice(notice(1, 1));
    rig.frame(other, transfer(1, "t", 0, 7));
    let answer = look_up(&mut rig);
    routing::answer_all(&mut rig, &consoles);
    assert!(routing::rings(&rig, 1));
    rig.frames(other);
    rig.now = rig.now.plus(31 * SECOND);
    rig.feed(answer);
    assert_eq!(rig.desk.list.entries[&conversation(1)].holder(), Some(&agent(7).id), "it rings no longer");

    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    rig.console(7, Role::Agent);
    rig.pass(10 * MINUTE, &[]);
    let a = rig.console(1, Role::Agent);
    rig.now = rig.now.plus(5 * MINUTE);
    rig.frame(a, transfer(1, "t", 0, 7));
    look_up(&mut rig);
    assert_eq!(rig.desk.list.entries[&conversation(1)].holder(), None, "a console whose ticket is over proves nothing");
}

#[test]
fn list_frames_follow_a_decision() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.pass(5 * SECOND, &[]);
    rig.frames(b);
    rig.frame(a, claim(1, "c"));
    let frames = rig.frames(b);
    let [agent_frame::Frame::DeskUpdate(update)] = frames.as_slice() else { panic!("{frames:?}") };
    assert_eq!(update.rows[0].assignee.as_ref().unwrap().name, "Agent 1");
}
