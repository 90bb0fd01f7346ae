//! An older store that was put back under live clients: it is found out, everyone starts over, and D1 takes the log as it
//! is now (INV-4, INV-7).

use super::{
    harness::*,
    outbox::next_call,
    resume::{a_log, epoch, hello},
};
use crate::core::{
    limits::{DOUBT, RECONCILE_ENTRIES},
    principal::Principal,
    protocol::{
        Encoding,
        wire::{self, agent_frame, client_frame::Frame},
    },
    room::effect::{Call, Input},
    time::{HOUR, MINUTE, SECOND},
};

/// A store of yesterday under clients of today, found out by D1: all start over, and D1 takes the log as it is.
#[test]
fn inv_4_an_older_store_that_was_put_back() {
    let (mut world, _, ids) = a_log(5);
    world.pass(2 * MINUTE);
    let backup = world.sql.copy();
    let tab = world.visitor();
    for number in 6..=8 {
        world.send(tab, &format!("c{number}"), "lost");
    }
    let agent = world.agent("Mei");
    world.note(agent, "n1", "lost, too");
    world.pass(2 * MINUTE);
    assert_eq!(world.history.public.len(), 8);
    let old_epoch = epoch(&world);
    world.crash();
    world.sql = backup;
    // One client holds what is gone, another holds nothing of it.
    let ahead = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.frame(ahead, hello(old_epoch, 8, "msg_aaaaaaaaaaaaaaaa"));
    let behind = world.connect(Principal::Agent(crate::core::room::tests::harness::agent("Mei")), Encoding::Proto);
    world.frame(behind, hello(old_epoch, 5, &ids[5]));
    assert_eq!(world.seen(ahead)[0], "welcome 5 [1..5] reset");
    assert_eq!(world.seen(behind), ["welcome 5 []", "private_welcome 0 []"]);
    world.send(ahead, "c9", "as if nothing had happened");
    world.look_away();
    world.pass(5 * SECOND);
    assert!(epoch(&world) > old_epoch);
    assert_eq!(world.seen(ahead), ["welcome 6 [1..6] reset"]);
    assert_eq!(world.seen(behind), ["welcome 6 [1..6] reset", "private_welcome 0 []"]);
    world.pass(3 * MINUTE);
    assert_eq!(world.history.log_epoch, Some(epoch(&world)));
    assert_eq!(world.history.public.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(world.history.private.len(), 0);
    assert_eq!(world.history.public[&6].1, "as if nothing had happened");
}

/// The same without a client that holds more: the next comparison with D1 finds it.
#[test]
fn inv_4_an_older_store_is_found_out_by_d1_alone() {
    let (mut world, tab, _) = a_log(3);
    world.pass(2 * MINUTE);
    let backup = world.sql.copy();
    world.send(tab, "c4", "lost");
    world.pass(2 * MINUTE);
    let old_epoch = epoch(&world);
    world.crash();
    world.sql = backup;
    let tab = world.visitor();
    world.send(tab, "c5", "in its place");
    world.look_away();
    world.pass(2 * MINUTE);
    assert!(epoch(&world) > old_epoch);
    assert_eq!(world.seen(tab), ["welcome 4 [1..4] reset"]);
    world.pass(2 * MINUTE);
    assert_eq!(world.history.public[&4].1, "in its place");
}

/// A store from before an epoch that its clients know: they say so, though nobody writes any more. (The simulator found it.)
#[test]
fn inv_4_a_store_from_before_the_epoch_that_clients_know() {
    let (mut world, _, _) = a_log(3);
    world.pass(2 * MINUTE);
    let mut backup = world.sql.copy();
    let tab = world.visitor();
    world.send(tab, "c4", "lost");
    world.pass(2 * MINUTE);
    for number in 5..7 {
        let before = epoch(&world);
        world.crash();
        world.sql = backup.copy();
        let tab = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
        world.frame(tab, hello(before, 4, "msg_aaaaaaaaaaaaaaaa"));
        world.look_away();
        world.pass(2 * MINUTE);
        assert!(epoch(&world) > before, "{number}");
        assert_eq!(world.seen(tab), ["welcome 3 [1..3] reset"]);
        world.pass(2 * MINUTE);
        assert_eq!((world.history.log_epoch, world.history.public.len()), (Some(epoch(&world)), 3));
        // What takes the lost one's place is lost with the next store.
        world.send(tab, &format!("c{number}"), "in its place");
        world.pass(2 * MINUTE);
    }
}

/// Also where a comparison holds exactly what the Room has: what D1 has more lies behind it. (The simulator found it.)
#[test]
fn inv_4_an_older_store_that_is_as_long_as_a_comparison() {
    for length in RECONCILE_ENTRIES - 1..=RECONCILE_ENTRIES + 1 {
        let (mut world, tab, _) = a_log(1);
        let say = |world: &mut World, number: u64| {
            world.now = world.now.plus(60);
            world.send(tab, &format!("v{number}"), "x");
        };
        (1..length).for_each(|number| say(&mut world, number));
        let backup = world.sql.copy();
        say(&mut world, length);
        world.pass(5 * SECOND);
        assert_eq!((world.history.public.len() as u64, world.history.inspected), (length + 1, 0));
        let old_epoch = epoch(&world);
        world.crash();
        world.sql = backup;
        world.visitor();
        world.look_away();
        world.pass(3 * MINUTE);
        assert!(epoch(&world) > old_epoch, "{length}");
        assert_eq!(world.history.public.len() as u64, length);
    }
}

/// D1 can't be asked, and the Room sleeps before it tries again: it still knows that it has been shown what it lacks. (The simulator found it.)
#[test]
fn inv_4_a_doubt_outlives_a_history_that_does_not_answer() {
    let (mut world, tab, _) = a_log(3);
    world.pass(2 * MINUTE);
    let backup = world.sql.copy();
    world.send(tab, "c4", "lost");
    world.pass(2 * MINUTE);
    let old_epoch = epoch(&world);
    world.crash();
    world.sql = backup;
    let tab = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.frame(tab, hello(old_epoch, 4, "msg_aaaaaaaaaaaaaaaa"));
    next_call(&mut world, |call| matches!(call, Call::Inspect(_)));
    world.feed(Input::Inspected(None)).unwrap();
    world.hibernate();
    world.pass(DOUBT + MINUTE);
    assert!(epoch(&world) > old_epoch);
    assert_eq!((world.history.log_epoch, world.history.public.len()), (Some(epoch(&world)), 3));
}

/// What the lost store had told may reach D1 after the Room has compared, and nobody writes any more. (The simulator found it.)
#[test]
fn inv_4_what_the_queue_brings_after_the_comparison() {
    for sleeps in [false, true] {
        let (mut world, tab, _) = a_log(3);
        world.pass(2 * MINUTE);
        let backup = world.sql.copy();
        world.send(tab, "c4", "lost");
        let Call::Publish(late) = next_call(&mut world, |call| matches!(call, Call::Publish(_))) else { panic!() };
        world.feed(Input::Published(Some(late.upto))).unwrap();
        let old_epoch = epoch(&world);
        world.crash();
        world.sql = backup;
        let tab = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
        world.frame(tab, hello(old_epoch, 4, "msg_aaaaaaaaaaaaaaaa"));
        assert_eq!(world.seen(tab), ["welcome 3 [1..3] reset"]);
        world.pass(2 * MINUTE);
        assert_eq!((epoch(&world), world.history.public.len()), (old_epoch, 3), "D1 knows nothing of it yet");
        if sleeps {
            world.hibernate();
        }
        world.history.take(*late);
        assert_eq!(world.history.public.len(), 4);
        world.pass(DOUBT);
        assert!(epoch(&world) > old_epoch);
        assert_eq!(world.seen(tab), ["welcome 3 [1..3] reset"]);
        assert_eq!((world.history.log_epoch, world.history.public.len()), (Some(epoch(&world)), 3));
        let inspected = world.history.inspected;
        world.pass(HOUR);
        assert!(world.history.inspected <= inspected + 1, "the doubt is over");
    }
}

/// Only notes were lost: the agent's cursor in the private log tells.
#[test]
fn inv_4_an_older_store_without_the_newest_notes() {
    let (mut world, _, ids) = a_log(2);
    let agent_socket = world.agent("Mei");
    world.note(agent_socket, "n1", "kept");
    let backup = world.sql.copy();
    world.note(agent_socket, "n2", "lost");
    world.pass(2 * MINUTE);
    let known = epoch(&world);
    world.crash();
    world.sql = backup;
    let back = world.connect(Principal::Agent(agent("Mei")), Encoding::Json);
    let held = wire::Hello { log_epoch: known, after: 2, tip: ids[2].clone(), after_private: 2, ..Default::default() };
    world.frame(back, Frame::Hello(held));
    assert_eq!(world.seen(back), ["welcome 2 [1..2] reset", "private_welcome 1 [1]"]);
    world.pass(5 * SECOND);
    assert!(epoch(&world) > known);
}

/// The newest note was lost and another one has its number since: only its id tells.
#[test]
fn inv_4_another_note_in_the_place_of_a_lost_one() {
    let (mut world, _, ids) = a_log(2);
    let agent_socket = world.agent("Mei");
    let backup = world.sql.copy();
    world.note(agent_socket, "n1", "lost");
    let lost = world.inbox(agent_socket).into_iter().find_map(|frame| match frame.frame {
        Some(agent_frame::Frame::NoteAck(ack)) => Some(ack.id),
        _ => None,
    });
    world.crash();
    world.sql = backup;
    let other = world.agent("Ann");
    world.note(other, "n2", "in its place");
    let known = epoch(&world);
    let back = world.connect(Principal::Agent(agent("Mei")), Encoding::Json);
    let mut held = wire::Hello {
        log_epoch: known,
        after: 2,
        tip: ids[2].clone(),
        after_private: 1,
        tip_private: lost.unwrap(),
        ..Default::default()
    };
    world.frame(back, Frame::Hello(held.clone()));
    assert_eq!(world.seen(back), ["welcome 2 [1..2] reset", "private_welcome 1 [1]"]);
    // A client of before the field does not show it.
    held.tip_private.clear();
    world.frame(back, Frame::Hello(held));
    assert_eq!(world.seen(back), ["welcome 2 []", "private_welcome 1 []"]);
}

/// A claim costs one look at D1, and not one per claim: it must not be a way to have everything written again.
#[test]
fn a_false_claim_draws_no_epoch() {
    let (mut world, tab, _) = a_log(5);
    world.pass(2 * MINUTE);
    let (known, published, inspected) = (epoch(&world), world.history.published, world.history.inspected);
    world.hibernate();
    for number in 0..20 {
        world.frame(tab, hello(known, 5, &format!("msg_aaaaaaaaaaaaaa{}a", (b'a' + number) as char)));
        world.pass(SECOND);
    }
    assert_eq!(epoch(&world), known);
    assert_eq!(world.history.published, published);
    assert!(world.history.inspected - inspected <= 1, "{}", world.history.inspected - inspected);
}

/// The whole store is gone, and the clock has gone back on top of it.
#[test]
fn inv_4_an_empty_store_and_a_clock_that_went_back() {
    let (mut world, _, ids) = a_log(3);
    world.pass(2 * MINUTE);
    let old_epoch = epoch(&world);
    world.crash();
    world.sql = crate::sql::testing::TestSql::default();
    world.alarm = None;
    world.now = START.plus(-HOUR);
    let tab = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.frame(tab, hello(old_epoch, 3, &ids[3]));
    assert_eq!(world.seen(tab), ["welcome 0 [] reset"]);
    world.send(tab, "c9", "anew");
    assert!(epoch(&world) < old_epoch);
    world.look_away();
    world.pass(3 * MINUTE);
    assert!(epoch(&world) > old_epoch, "D1 knows of a later one");
    assert_eq!(world.seen(tab), ["welcome 1 [1] reset"]);
    world.pass(3 * MINUTE);
    assert_eq!(world.history.public.values().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["anew"]);
}

/// A crash between drawing an epoch and telling D1: what older entries say of `told` counts no more.
#[test]
fn inv_7_a_crash_right_after_a_new_epoch() {
    let (mut world, tab, _) = a_log(5);
    world.pass(2 * MINUTE);
    world.send(tab, "c6", "six");
    world.pass(2 * MINUTE);
    let known = epoch(&world);
    world.history.log_epoch = Some(known + 5);
    world.send(tab, "c7", "seven");
    // Somebody holds what is not here, so D1 is asked at once: the last entry is still new when the process dies.
    let ahead = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.frame(ahead, hello(known, 9, "msg_aaaaaaaaaaaaaaaa"));
    while epoch(&world) == known {
        let call = world.network.pop_front().unwrap();
        let answer = world.answer(call);
        world.feed(answer).unwrap();
    }
    assert_eq!(world.history.log_epoch, Some(known + 5), "nothing has been told yet");
    world.crash();
    world.visitor();
    world.pass(10 * SECOND);
    assert_eq!(world.history.log_epoch, Some(epoch(&world)));
    assert_eq!(world.history.public.len(), 7, "told at once, not after the next comparison");
}

/// What a socket carried from the epoch before says nothing of this one.
#[test]
fn inv_7_what_a_socket_carries_belongs_to_its_epoch() {
    let (mut world, tab, _) = a_log(5);
    world.pass(3 * SECOND);
    let old = world.lines[&tab].attachment.clone();
    let known = epoch(&world);
    let seen = crate::core::room::effect::Inspection { log_epoch: Some(known + 5), ..Default::default() };
    world.history.log_epoch = Some(known + 5);
    world.history.public.clear();
    world.now = world.now.plus(2 * MINUTE);
    world.ring();
    world.network.clear();
    world.feed(Input::Inspected(Some(seen))).unwrap();
    assert!(epoch(&world) > known);
    world.hibernate();
    world.lines.get_mut(&tab).unwrap().attachment = old;
    world.visitor();
    world.pass(3 * SECOND);
    assert_eq!(world.history.public.len(), 5);
}
