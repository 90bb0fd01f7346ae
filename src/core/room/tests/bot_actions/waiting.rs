//! A call that waits: passed over, grown old, over a sleep, a sign-in and a clock that goes back.

use super::*;

fn block(generation: u64, blocked: bool) -> Revoked {
    Revoked::Visitor { visitor: visitor(1).visitor, generation, blocked, by: agent_ref("Mei") }
}

/// Of two hurried messages only the second got a decision: a crash brings back that, and no other judgement of either.
#[test]
fn what_was_passed_over_before_it_hinders_nothing() {
    let (mut world, visitor) = begun();
    world.calls();
    world.send(visitor, "q", "hm, or is it?");
    world.send(visitor, "t1", "track #A-1234");
    let first = calls_of(&mut world).remove(0);
    assert_eq!((first.action.to, bots(&world).len()), (4, 1), "nothing was written for the question before it");
    for _ in 0..2 {
        world.crash();
        world.visitor();
        let mut again = Vec::new();
        while let Some(call) = world.network.pop_front() {
            assert!(!matches!(call, Call::AskBot(_)), "nothing is judged again");
            match call {
                Call::Act(call) => again.push(*call),
                call => {
                    let answer = world.answer(call);
                    world.feed(answer).unwrap();
                }
            }
        }
        assert_eq!((again.len(), &again[0].key, &again[0].action), (1, &first.key, &first.action));
    }
    let again = ActionCall { attempt: 1, ..first };
    replied(&mut world, &again, said_so("on its way"));
    assert_eq!(bots(&world)[1..], ["4: on its way"]);
}

/// Long after, nobody is asked: the owner's system has forgotten the name, and the visitor has gone. People have it.
#[test]
fn inv_6_one_that_has_grown_old_goes_to_people() {
    let (mut world, ..) = asking();
    world.crash();
    world.now = world.now.plus(ACTION_LIFE - 1);
    world.visitor();
    assert_eq!(calls_of(&mut world).len(), 1, "not yet");

    let (mut world, ..) = asking();
    world.crash();
    world.now = world.now.plus(ACTION_LIFE);
    world.visitor();
    assert_eq!(calls_of(&mut world), []);
    assert_eq!((status(&world), handed_over(&world)), (Status::Open, vec!["action_failed".to_owned()]));
    assert_eq!(notes(&world), ["number: A-1234"]);

    // Whoever is blocked meanwhile is answered no more, and asked for nothing days later either.
    let (mut world, _, call) = asking();
    world.revoke(block(2, true));
    replied(&mut world, &call, said_so("on its way"));
    world.pass(24 * HOUR);
    world.revoke(block(3, false));
    world.hibernate();
    world.wake();
    world.pass(MINUTE);
    assert_eq!((calls_of(&mut world), bots(&world).len()), (vec![], 2), "the answer of before, and why people have it");
    assert_eq!(status(&world), Status::Open);
}

/// Who is let in again soon gets the answer to the very call that was under way: asked anew, the bot might decide something else, and the
/// owner's system would have one name for two orders.
#[test]
fn inv_2_who_is_blocked_and_let_in_again_has_one_action() {
    for sleeps in [false, true] {
        let (mut world, _, call) = asking();
        world.revoke(block(2, true));
        world.pass(MINUTE);
        assert_eq!(calls_of(&mut world), [], "nothing is asked for who is blocked");
        if sleeps {
            world.hibernate();
        }
        world.revoke(block(3, false));
        let judged = world.network.iter().any(|call| matches!(call, Call::AskBot(_)));
        assert!(!judged, "asleep: {sleeps}");
        assert_eq!(calls_of(&mut world), [ActionCall { attempt: 1, ..call.clone() }]);
        replied(&mut world, &call, said_so("on its way"));
        assert_eq!(bots(&world)[1..], ["3: on its way"]);
    }
}

/// Processes die, and nobody comes back: it is known of all the same.
#[test]
fn inv_6_an_alarm_stands_behind_it() {
    let (mut world, visitor, _) = asking();
    world.leave(visitor);
    for minute in 1..5 {
        world.crash();
        let alarm = world.alarm.unwrap();
        assert!(alarm.since(world.now) <= MINUTE, "{minute}");
        world.now = alarm;
        assert!(world.ring_if_due());
        assert_eq!(calls_of(&mut world).len(), 1, "{minute}");
    }
}

fn enter(world: &mut World) -> SocketId {
    let identity = Identity { subject: "customer-7".into(), ..Identity::default() };
    let who = VisitorPrincipal { identity: Some(Box::new(identity)), ..visitor(1) };
    let socket = world.connect(Principal::Visitor(who), Encoding::Json);
    world.frame(socket, Frame::Hello(wire::Hello::default()));
    socket
}

/// Whatever becomes of its visitor meanwhile: the same name is the same question.
#[test]
fn who_asks_is_who_asked() {
    const SIGNED: &str = "\"verified\":true,\"subject\":\"customer-7\"";
    for is_signed in [false, true] {
        let (mut world, mut socket) = begun();
        world.calls();
        if is_signed {
            socket = enter(&mut world);
        }
        world.send(socket, "t1", "track #A-1234");
        let first = calls_of(&mut world).remove(0);
        assert_eq!(first.body().contains(SIGNED), is_signed, "{}", first.body());
        enter(&mut world);
        replied(&mut world, &first, Reply::Again);
        world.now = world.now.plus(BACKOFF.0);
        world.feed(Input::Tick).unwrap();
        let again = calls_of(&mut world).remove(0);
        assert_eq!((again.attempt, &again.key, again.body()), (2, &first.key, first.body()));
        world.crash();
        enter(&mut world);
        assert_eq!(calls_of(&mut world).remove(0).body(), first.body());
    }
}

/// Whoever wrote before somebody signed in at the same machine has nothing done in their name, not even if it is judged after that.
#[test]
fn what_was_written_before_somebody_was_proven_is_nobodys() {
    for crashes in [false, true] {
        let (mut world, stranger) = begun();
        world.calls();
        world.send(stranger, "t1", "track #A-1234");
        world.send(stranger, "i1", "invoice please");
        let socket = enter(&mut world);
        if crashes {
            world.crash();
            enter(&mut world);
        }
        let call = calls_of(&mut world).remove(0);
        assert_eq!((call.action.to, &call.action.subject), (3, &None), "{crashes}");
        replied(&mut world, &call, said_so("on its way"));
        world.calls();
        assert_eq!(handed_over(&world), ["unverified"], "{crashes}");
        let agent = world.agent("Mei");
        let resolve = wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() };
        world.frame(agent, Frame::SetStatus(resolve));
        let socket = if crashes { enter(&mut world) } else { socket };
        world.send(socket, "t2", "track #A-1234");
        world.pass(SECOND);
        let signed = world.shop_asked.last().and_then(|call| call.action.subject.as_deref());
        assert_eq!(signed, Some("customer-7"), "{crashes}");
    }
}

/// Nor is anything that they had filled in sent in the name of who signs in then.
#[test]
fn a_form_of_before_somebody_was_proven_is_nobodys() {
    for (is_judged_late, crashes) in [(false, false), (false, true), (true, false), (true, true)] {
        let (mut world, stranger) = begun();
        world.calls();
        world.send(stranger, "t1", "track it");
        if !is_judged_late {
            world.calls();
            assert!(bots(&world).last().unwrap().ends_with("number?"), "{:?}", bots(&world));
        }
        let mut socket = enter(&mut world);
        world.calls();
        if crashes {
            world.crash();
            socket = enter(&mut world);
        }
        world.send(socket, "n1", "A-1234");
        assert_eq!(calls_of(&mut world), [], "late: {is_judged_late}, crash: {crashes}");
    }
}

/// A clock that goes back in a pause ends it.
#[test]
fn a_clock_that_goes_back_keeps_nobody_waiting() {
    let (mut world, _, call) = asking();
    replied(&mut world, &call, Reply::Again);
    world.now = world.now.plus(-MINUTE);
    world.feed(Input::Tick).unwrap();
    assert_eq!(calls_of(&mut world).len(), 1);
}

/// Two Rooms whose calls have failed in the same moment do not come again in the same one, and neither later than it might.
#[test]
fn rests_differ() {
    let mut rests: Vec<i64> = (0..20)
        .map(|n| {
            let (mut world, _, call) = asking();
            // Each draws something else.
            (0..n).for_each(|_| world.feed(Input::Tick).unwrap());
            replied(&mut world, &call, Reply::Again);
            let began = world.now;
            while calls_of(&mut world).is_empty() {
                world.now = world.now.plus(10);
                world.feed(Input::Tick).unwrap();
            }
            world.now.since(began)
        })
        .collect();
    assert!(rests.iter().all(|rest| (BACKOFF.0 / 2 - 10..=BACKOFF.0 + 10).contains(rest)), "{rests:?}");
    rests.sort();
    rests.dedup();
    assert!(rests.len() > 5, "{rests:?}");
}

/// Written by another version: the rest of the record is read all the same, and the message is judged again.
#[test]
fn one_that_cannot_be_read_takes_nothing_along() {
    let (world, ..) = asking();
    let record = world.room.as_ref().and_then(|room| room.record.as_ref()).unwrap();
    for action in [serde_json::json!([]), serde_json::json!(["x", "", "", "", ""]), serde_json::json!(["1", "a"])] {
        let mut written = serde_json::to_value(record).unwrap();
        assert!(written["action"].is_array());
        written["action"] = action;
        let read: crate::core::room::record::Record = serde_json::from_value(written).unwrap();
        assert_eq!((read.action.is_none(), read.handled, &read.visitor), (true, record.handled, &record.visitor));
    }
}
