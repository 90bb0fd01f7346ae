//! Muting: the visitor writes as before, and nobody is called.

use super::harness::*;
use crate::{
    core::{
        internal::Status,
        protocol::wire::{self, client_frame::Frame},
        room::effect::{Effect, Input},
        socket::SocketId,
        time::{HOUR, MINUTE},
    },
    sql::room::RoomWrite,
};

fn mute(on: bool) -> Frame {
    Frame::Mute(wire::Mute { client_id: "q".into(), on })
}

fn open() -> Frame {
    Frame::SetStatus(wire::SetStatus { status: wire::Status::Open.into(), snoozed_until: 0, client_id: "s".into() })
}

fn a_conversation() -> (World, SocketId, SocketId) {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "buy followers");
    let agent = world.agent("Mei");
    world.look_away();
    (world, visitor, agent)
}

fn status_of(world: &World) -> Status {
    world.room.as_ref().unwrap().record().unwrap().status
}

fn records_written(world: &World) -> usize {
    world.last.iter().filter(|effect| matches!(effect, Effect::Write(RoomWrite::SaveRecord(_)))).count()
}

#[test]
fn it_is_resolved_and_stays_so_while_the_visitor_writes() {
    let (mut world, visitor, agent) = a_conversation();
    world.frame(agent, mute(true));
    assert_eq!(
        world.seen(agent),
        [
            "private 1 after 1 system: muted by Mei",
            "private 2 after 1 system: status_changed by Mei resolved",
            "state resolved -",
            "visitor  muted",
            "done q"
        ]
    );
    assert_eq!(world.seen(visitor), ["state resolved -"], "as when it is resolved");
    assert_eq!(records_written(&world), 1, "one row for the change");
    world.pass(MINUTE);
    let told = world.history.notices.len();
    for number in 2..20 {
        world.send(visitor, &format!("c{number}"), "buy more followers");
        assert_eq!(records_written(&world), 0, "none for a message");
        world.pass(5 * MINUTE);
        if number % 5 == 0 {
            world.hibernate();
        }
    }
    assert_eq!(status_of(&world), Status::Resolved);
    let later = &world.history.notices[told..];
    assert!(later.iter().all(|it| it.status == Status::Resolved && it.unread == 0 && it.waiting_since.is_none()));
    assert_eq!(world.history.public.len(), 19, "all of it can be read");
    let messages = world.seen(agent).iter().filter(|line| line.starts_with("message")).count();
    assert_eq!(messages, 18, "by whoever looks");
}

/// What the visitor is sent, byte for byte, is what an ordinary conversation sends that was resolved and opened again.
#[test]
fn the_visitor_is_told_nothing_of_it() {
    let heard = |is_muted: bool| {
        let (mut world, visitor, agent) = a_conversation();
        let end = Frame::SetStatus(wire::SetStatus { status: wire::Status::Resolved.into(), ..Default::default() });
        world.frame(agent, if is_muted { mute(true) } else { end });
        world.look_away();
        world.send(visitor, "c2", "hello?");
        world.send(visitor, "c3", "hello??");
        let mut lines = world.seen(visitor);
        let again = world.visitor();
        lines.extend(world.seen(again));
        world.frame(visitor, Frame::Leave(wire::Leave { client_id: "l".into() }));
        lines.extend(world.seen(visitor));
        lines
    };
    let muted = heard(true);
    assert_eq!(muted, heard(false));
    assert!(muted.contains(&"state open -".to_owned()), "{muted:?}");
    assert!(!muted.iter().any(|line| line.contains("mute")), "{muted:?}");
}

#[test]
fn again_is_no_change_and_only_agents_do_it() {
    let (mut world, visitor, agent) = a_conversation();
    world.frame(visitor, mute(true));
    assert_eq!(world.seen(visitor), ["error forbidden (q)"]);
    assert_eq!(status_of(&world), Status::Open);
    world.frame(agent, mute(false));
    assert_eq!(world.seen(agent), ["done q"], "it was not muted");
    world.frame(agent, mute(true));
    world.look_away();
    world.frame(agent, mute(true));
    assert_eq!(world.seen(agent), ["done q"]);
    assert_eq!(records_written(&world), 0);
    world.hibernate();
    world.frame(agent, mute(true));
    assert_eq!(world.seen(agent), ["done q"], "also after waking");
}

#[test]
fn unmuted_it_has_its_usual_life_and_what_was_written_stays_put_aside() {
    for by_opening in [false, true] {
        let (mut world, visitor, agent) = a_conversation();
        world.frame(agent, mute(true));
        world.send(visitor, "c2", "spam");
        world.look_away();
        world.frame(agent, if by_opening { open() } else { mute(false) });
        let seen = world.seen(agent);
        assert_eq!(seen[0], "private 3 after 2 system: unmuted by Mei", "{seen:?}");
        assert_eq!(status_of(&world), if by_opening { Status::Open } else { Status::Resolved });
        let state = if by_opening { "state open -" } else { "state resolved -" };
        assert_eq!(world.seen(visitor).last().map(String::as_str), Some(state));
        world.pass(MINUTE);
        world.hibernate();
        world.wake();
        world.pass(HOUR);
        let unread = world.history.notices.last().map(|it| it.unread);
        assert_eq!(unread, Some(0));
        world.send(visitor, "c3", "a real question");
        world.pass(MINUTE);
        let notice = world.history.notices.last().unwrap();
        assert_eq!((notice.status, notice.unread), (Status::Open, 1), "opening: {by_opening}");
    }
}

#[test]
fn what_rings_is_not_taken_by_muting_it() {
    let (mut world, visitor, agent) = a_conversation();
    let mut order = assign(1, Some("Mei"));
    order.ringing = true;
    world.assign(order).unwrap();
    world.look_away();
    world.frame(agent, mute(true));
    assert_eq!(world.seen(visitor), ["state resolved -"], "nobody joins");
    // A late order of the Desk changes hands, and opens nothing.
    world.feed(Input::Assign(assign(2, None))).unwrap();
    assert_eq!(status_of(&world), Status::Resolved);
}

#[test]
fn an_address_that_is_left_is_kept_and_calls_nobody() {
    let (mut world, visitor, agent) = a_conversation();
    world.frame(agent, mute(true));
    let frame = |client_id: &str, text: &str| {
        let (email, name) = ("lei@shop.example".into(), String::new());
        Frame::LeaveEmail(wire::LeaveEmail { client_id: client_id.into(), email, name, text: text.into() })
    };
    world.frame(visitor, frame("f", "write to me"));
    world.pass(MINUTE);
    assert_eq!(status_of(&world), Status::Resolved);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.status, notice.unread, notice.waiting_since), (Status::Resolved, 0, None));
    assert_eq!(world.room.as_ref().unwrap().record().unwrap().profile.email, "lei@shop.example");
    // Nor does it put off what is opened.
    world.frame(agent, open());
    world.pass(MINUTE);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.status, notice.reply_to.as_deref()), (Status::Open, Some("")));
    assert_eq!(world.room.as_ref().unwrap().record().unwrap().profile.email, "lei@shop.example");
}
