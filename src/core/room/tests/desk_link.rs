//! What the Desk hears, when, and what becomes of what it did not hear.

use super::{
    harness::*,
    outbox::{a_conversation, next_call},
};
use crate::core::{
    internal::NoticeAnswer,
    limits::{BACKOFF, NOTICE_INTERVAL_MAX, PRESENCE_PAUSE, RECONCILE_AFTER},
    protocol::wire::{self, client_frame::Frame},
    room::effect::{Call, Input},
    socket::SocketId,
    time::{MINUTE, SECOND},
};

/// The Desk hears of a new conversation, also if the Room dies before it could say so.
#[test]
fn inv_6_a_crash_before_the_desk_was_told() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    assert!(matches!(world.network.front(), Some(Call::TellDesk(_))), "told at once");
    world.crash();
    world.pass(RECONCILE_AFTER + SECOND);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.unread, notice.visitor_online, notice.preview.as_str()), (1, false, "hello"));
}

#[test]
fn the_desk_is_told_at_its_own_pace() {
    let (mut world, visitor, _) = a_conversation();
    world.pass(2 * SECOND);
    let calm = world.history.notices.len();
    // It asks for a pause of 20 seconds.
    world.send(visitor, "v0", "x");
    while let Some(call) = world.network.pop_front() {
        let answer = match call {
            Call::TellDesk(notice) => {
                let rev = notice.rev;
                world.history.notices.push(*notice);
                let answer = Some(NoticeAnswer {
                    interval_ms: 20_000,
                    assignment: None,
                    rev: 0,
                    place: Default::default(),
                    idle: None,
                    bot: None,
                    begins: false,
                });
                Input::DeskAnswered { rev, answer }
            }
            other => world.answer(other),
        };
        world.feed(answer).unwrap();
    }
    let told = world.history.notices.len();
    assert_eq!(told, calm + 1);
    for number in 1..=18 {
        world.send(visitor, &format!("v{number}"), "x");
        world.pass(SECOND);
        world.hibernate();
    }
    assert_eq!(world.history.notices.len(), told, "also over hibernation");
    world.pass(5 * SECOND);
    assert_eq!(world.history.notices.last().unwrap().unread, 20);
    let revs: Vec<u64> = world.history.notices.iter().map(|notice| notice.rev).collect();
    assert!(revs.windows(2).all(|pair| pair[0] < pair[1]), "{revs:?}");
}

/// After a crash the clock is all that a version stands on; the Desk says if that is not enough.
#[test]
fn a_clock_that_went_back_over_a_crash_does_not_silence_the_room() {
    let (mut world, ..) = a_conversation();
    world.now = world.now.plus(60 * MINUTE);
    let tab = world.visitor();
    world.calls();
    world.leave(tab);
    world.pass(5 * MINUTE);
    world.crash();
    world.now = world.now.plus(-70 * MINUTE);
    let tab = world.visitor();
    world.send(tab, "c2", "are you there?");
    world.calls();
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.preview.as_str(), notice.unread, notice.visitor_online), ("are you there?", 2, true));
}

/// Both sides of a conversation often come together, and a page that is loaded anew goes and comes.
#[test]
fn who_comes_and_goes_together_is_told_once() {
    let (mut world, visitor, agent) = a_conversation();
    world.pass(3 * MINUTE);
    for socket in [visitor, agent] {
        world.leave(socket);
    }
    world.pass(3 * MINUTE);
    let told = world.history.notices.len();
    assert!(!world.history.notices.last().unwrap().visitor_online);
    world.visitor();
    world.agent("Mei");
    assert!(world.network.iter().all(|call| matches!(call, Call::SetTimer(_))), "{:?}", world.network);
    world.pass(PRESENCE_PAUSE);
    assert_eq!(world.history.notices.len(), told + 1);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.visitor_online, notice.agents.as_ref().map(Vec::len)), (true, Some(1)));
    world.pass(3 * MINUTE);
    assert_eq!(world.history.notices.len(), told + 1, "and not again");
    // Presence that was put off does not hold up what people wait for, and is told with it.
    world.agent("Ann");
    let visitor = world.visitor();
    world.send(visitor, "v10", "is anybody there?");
    assert!(world.network.iter().any(|call| matches!(call, Call::TellDesk(_))), "{:?}", world.network);
}

/// A conversation with a second message, of which the Desk did not take the notice.
fn a_refused_notice() -> (World, SocketId) {
    let (mut world, visitor, _) = a_conversation();
    world.pass(3 * MINUTE);
    world.send(visitor, "c2", "x");
    let Call::TellDesk(refused) = next_call(&mut world, |call| matches!(call, Call::TellDesk(_))) else { panic!() };
    world.feed(Input::DeskAnswered { rev: refused.rev, answer: None }).unwrap();
    (world, visitor)
}

/// It has heard of the conversation before, so nothing else would tell it what is new.
#[test]
fn inv_6_what_the_desk_did_not_take_is_told_again_soon() {
    let (mut world, _) = a_refused_notice();
    let told = world.history.notices.len();
    world.pass(BACKOFF.0 + SECOND);
    assert_eq!(world.history.notices.len(), told + 1);
    assert_eq!(world.history.notices.last().map(|notice| notice.unread), Some(2));
}

/// What nobody waits for keeps to the pace that the Desk has asked for, by a clock that has gone back since.
#[test]
fn a_clock_that_goes_back_delays_no_notice_by_as_much() {
    let (mut world, visitor, _) = a_conversation();
    world.pass(3 * MINUTE);
    world.room.as_mut().unwrap().desk.recall(world.now.plus(NOTICE_INTERVAL_MAX));
    world.send(visitor, "c2", "x");
    world.now = world.now.plus(-60 * MINUTE);
    world.frame(visitor, Frame::Read(wire::Read { seq: 1 }));
    world.pass(NOTICE_INTERVAL_MAX + SECOND);
    assert_eq!(world.history.notices.last().map(|notice| notice.unread), Some(2));
}

/// Nor does the wait after a refusal, or what is put off for a moment, become an hour.
#[test]
fn a_clock_that_goes_back_delays_no_second_try_by_as_much() {
    let (mut world, visitor) = a_refused_notice();
    world.now = world.now.plus(-7 * 60 * MINUTE);
    world.frame(visitor, Frame::Typing(wire::Typing::default()));
    world.pass(BACKOFF.1 + SECOND);
    assert_eq!(world.history.notices.last().map(|notice| notice.unread), Some(2));
}

#[test]
fn a_clock_that_goes_back_does_not_hide_who_has_gone() {
    let (mut world, visitor, agent) = a_conversation();
    world.pass(3 * MINUTE);
    world.leave(visitor);
    world.now = world.now.plus(-7 * 60 * MINUTE);
    world.frame(agent, Frame::Typing(wire::Typing::default()));
    world.pass(3 * MINUTE);
    assert_eq!(world.history.notices.last().map(|notice| notice.visitor_online), Some(false));
}

#[test]
fn the_first_unread_message_does_not_wait_for_the_desk_s_pace() {
    let (mut world, visitor, agent) = a_conversation();
    world.pass(5 * SECOND);
    world.send(agent, "a1", "hello");
    let Call::TellDesk(notice) = next_call(&mut world, |call| matches!(call, Call::TellDesk(_))) else { panic!() };
    assert_eq!(notice.unread, 0);
    let interval_ms = u64::try_from(NOTICE_INTERVAL_MAX).unwrap();
    let rev = notice.rev;
    let answer = NoticeAnswer {
        interval_ms,
        assignment: None,
        rev,
        place: Default::default(),
        idle: None,
        bot: None,
        begins: false,
    };
    world.feed(Input::DeskAnswered { rev, answer: Some(answer) }).unwrap();
    let told = world.history.notices.len();
    world.send(visitor, "c2", "x");
    world.pass(SECOND);
    assert_eq!(world.history.notices.len(), told + 1);
    assert_eq!(world.history.notices.last().map(|notice| notice.unread), Some(1));
}

#[test]
fn a_word_into_what_is_resolved_is_when_the_visitor_comes_back_to() {
    let (mut world, _, agent) = a_conversation();
    let status = wire::Status::Resolved.into();
    world.frame(agent, Frame::SetStatus(wire::SetStatus { client_id: "r".into(), status, ..Default::default() }));
    world.pass(5 * MINUTE);
    let at = world.now;
    world.send(agent, "a1", "one more thing");
    world.pass(5 * SECOND);
    assert_eq!(world.history.notices.last().unwrap().resolved_at, Some(at));
}
