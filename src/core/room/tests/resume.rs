//! Coming back: exactly what was missed, then what is live, and the state as well (INV-4).

use super::harness::*;
use crate::core::{
    error::Code,
    internal::Status,
    limits::{PAGE_BYTES, TEXT_CHARS},
    principal::Principal,
    protocol::{
        Encoding,
        wire::{self, agent_frame, client_frame::Frame},
    },
    room::effect::{Call, Effect, Input},
    socket::SocketId,
    time::{HOUR, MINUTE, SECOND},
};

/// A conversation of `many` messages of the visitor, and the id of each.
pub fn a_log(many: u64) -> (World, SocketId, Vec<String>) {
    let mut world = World::default();
    let visitor = world.visitor();
    let mut ids = vec![String::new()];
    for number in 1..=many {
        world.now = world.now.plus(100);
        world.send(visitor, &format!("c{number}"), "x");
        for frame in world.inbox(visitor) {
            if let Some(agent_frame::Frame::Ack(ack)) = frame.frame {
                ids.push(ack.id);
            }
        }
    }
    assert_eq!(ids.len() as u64, many + 1);
    (world, visitor, ids)
}

pub fn epoch(world: &World) -> u64 {
    world.room.as_ref().unwrap().record().unwrap().log_epoch
}

pub fn hello(log_epoch: u64, after: u64, tip: &str) -> Frame {
    Frame::Hello(wire::Hello { log_epoch, after, tip: tip.into(), ..Default::default() })
}

fn page(log: wire::Log, before: u64) -> Frame {
    Frame::Page(wire::PageRequest { log: log.into(), before })
}

#[test]
fn inv_4_what_was_missed_and_no_more() {
    let (mut world, tab, ids) = a_log(10);
    let known = epoch(&world);
    let cases: Vec<(&str, Frame, &str)> = vec![
        ("nothing held", hello(0, 0, ""), "welcome 10 [1..10]"),
        ("nothing held of this epoch", hello(known, 0, ""), "welcome 10 [1..10]"),
        ("half", hello(known, 5, &ids[5]), "welcome 10 [6..10]"),
        ("all", hello(known, 10, &ids[10]), "welcome 10 []"),
        ("before there was an epoch", hello(0, 5, &ids[5]), "welcome 10 [1..10]"),
        ("another id there", hello(known, 5, &ids[4]), "welcome 10 [1..10] reset"),
        ("no id", hello(known, 5, ""), "welcome 10 [1..10] reset"),
        ("past the end", hello(known, 11, "msg_aaaaaaaaaaaaaaaa"), "welcome 10 [1..10] reset"),
        ("far past the end", hello(known, (1 << 53) - 1, ""), "welcome 10 [1..10] reset"),
        ("another epoch, the same place", hello(known - 1, 5, &ids[5]), "welcome 10 [1..10] reset"),
        ("another epoch, nothing held", hello(known + 1, 0, ""), "welcome 10 [1..10]"),
    ];
    for (name, frame, expected) in cases {
        world.frame(tab, frame);
        assert_eq!(world.seen(tab), [expected], "{name}: a hello may come again on the same socket");
    }
}

/// Before the first message there is no epoch; a client that wrote it holds seq 1 and no epoch, and must not lose it.
#[test]
fn inv_4_the_first_writer_comes_back() {
    let (mut world, _, ids) = a_log(1);
    let again = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.frame(again, hello(0, 1, &ids[1]));
    assert_eq!(world.seen(again), ["welcome 1 [1]"]);
    // The store is gone before that client ever saw an epoch: it must not go on showing what is not there.
    world.crash();
    world.sql = crate::sql::testing::TestSql::default();
    let again = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.frame(again, hello(0, 1, &ids[1]));
    assert_eq!(world.seen(again), ["welcome 0 [] reset"]);
}

#[test]
fn a_long_absence_comes_in_pages() {
    let (mut world, tab, ids) = a_log(250);
    let known = epoch(&world);
    world.frame(tab, hello(known, 10, &ids[10]));
    world.frame(tab, page(wire::Log::Public, 151));
    world.frame(tab, page(wire::Log::Public, 51));
    world.frame(tab, hello(known, 150, &ids[150]));
    world.frame(tab, hello(known, 149, &ids[149]));
    world.frame(tab, hello(0, 0, ""));
    assert_eq!(
        world.seen(tab),
        [
            "welcome 250 [151..250] more",
            "page 151 [51..150] more",
            "page 51 [1..50]",
            "welcome 250 [151..250]",
            "welcome 250 [151..250] more",
            "welcome 250 [151..250] more",
        ]
    );
    for (before, expected) in [
        (0, "page 0 [151..250] more"),
        (1, "page 1 []"),
        (2, "page 2 [1]"),
        (250, "page 250 [150..249] more"),
        (9_999, "page 9999 [151..250] more"),
        ((1 << 53) - 1, "page 9007199254740991 [151..250] more"),
    ] {
        world.frame(tab, page(wire::Log::Public, before));
        assert_eq!(world.seen(tab), [expected]);
    }
}

#[test]
fn a_page_of_long_messages_stays_small() {
    let mut world = World::default();
    let tab = world.visitor();
    let long = "語".repeat(TEXT_CHARS);
    for number in 1..=40 {
        // Slowly enough for a visitor's allowance of bytes.
        world.now = world.now.plus(100 * SECOND);
        world.send(tab, &format!("c{number}"), &long);
    }
    world.look_away();
    world.frame(tab, Frame::Hello(wire::Hello::default()));
    let Some(agent_frame::Frame::Welcome(welcome)) = world.inbox(tab).remove(0).frame else { panic!() };
    assert!(welcome.more && welcome.messages.len() == PAGE_BYTES / (long.len() + 100));
    assert_eq!(welcome.messages.last().unwrap().seq, 40);
}

#[test]
fn paging_before_there_is_anything() {
    let mut world = World::default();
    let tab = world.visitor();
    world.frame(tab, page(wire::Log::Public, 0));
    world.frame(tab, Frame::Read(wire::Read { seq: 5 }));
    world.frame(tab, Frame::Delivered(wire::Delivered { seq: 5 }));
    assert_eq!(world.seen(tab), ["welcome 0 []", "page 0 []"]);
}

/// INV-4, state: what changed besides messages while a client was away is in its welcome.
#[test]
fn inv_4_the_state_comes_along() {
    let (mut world, tab, ids) = a_log(1);
    let agent = world.agent("Mei");
    world.leave(tab);
    world.assign(assign(1, Some("Mei"))).unwrap();
    world.frame(agent, Frame::Read(wire::Read { seq: 1 }));
    let until = START.plus(HOUR).wire();
    let snooze =
        wire::SetStatus { status: wire::Status::Snoozed.into(), snoozed_until: until, client_id: String::new() };
    world.frame(agent, Frame::SetStatus(snooze));
    world.hibernate();
    let back = world.connect(Principal::Visitor(visitor(1)), Encoding::Proto);
    let known = epoch(&world);
    world.frame(back, hello(known, 1, &ids[1]));
    let Some(agent_frame::Frame::Welcome(welcome)) = world.inbox(back).remove(0).frame else { panic!() };
    let state = welcome.state.unwrap();
    assert_eq!((state.status(), state.snoozed_until, state.assignment_epoch), (wire::Status::Snoozed, until, 1));
    assert_eq!(state.assignee.unwrap().name, "Mei");
    assert_eq!(welcome.receipts.iter().map(|it| (it.delivered, it.read)).collect::<Vec<_>>(), [(1, 1)]);
    assert_eq!(welcome.messages.iter().map(|it| it.seq).collect::<Vec<_>>(), [2]);
    assert_eq!(welcome.presence.unwrap().agents.len(), 1);
}

/// Own cursors are said again in `hello`, because the Room keeps them lazily.
#[test]
fn cursors_in_a_hello_count() {
    let (mut world, tab, ids) = a_log(5);
    let agent = world.agent("Mei");
    world.look_away();
    let known = epoch(&world);
    let back = world.connect(Principal::Agent(crate::core::room::tests::harness::agent("Ann")), Encoding::Json);
    let frame =
        wire::Hello { log_epoch: known, after: 5, tip: ids[5].clone(), delivered: 4, read: 3, ..Default::default() };
    world.frame(back, Frame::Hello(frame.clone()));
    assert_eq!(world.seen(tab), ["receipt Ann d4 r3", "presence [Mei,Ann] visitor"]);
    // Of a log that is not this one they say nothing.
    let wrong = wire::Hello { tip: "msg_aaaaaaaaaaaaaaaa".into(), delivered: 5, read: 5, ..frame };
    world.frame(back, Frame::Hello(wrong));
    assert_eq!(world.seen(tab), [""; 0]);
    drop(world.seen(agent));
}

/// INV-4: nothing between the welcome and what is live.
#[test]
fn inv_4_no_gap_and_no_overlap() {
    let (mut world, tab, ids) = a_log(3);
    let agent = world.agent("Mei");
    let known = epoch(&world);
    let late = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    world.send(agent, "a1", "between");
    world.frame(late, hello(known, 3, &ids[3]));
    world.send(agent, "a2", "after");
    assert_eq!(world.seen(late), ["welcome 4 [4]", "message 5 Mei: after"]);
    drop(world.seen(tab));
}

/// Nothing that fails on waking leaves a client in silence: the store that cannot be read is the edge's to tell.
#[test]
fn a_store_that_cannot_be_read_is_an_error() {
    let (mut world, tab, _) = a_log(1);
    world.sql.connection.execute_batch("ALTER TABLE public_log RENAME TO elsewhere").unwrap();
    let refused = world.try_frame(tab, page(wire::Log::Public, 0));
    assert_eq!(refused, Err(Code::Storage));
    world.sql.connection.execute_batch("ALTER TABLE elsewhere RENAME TO public_log").unwrap();
    world.look_away();
    world.frame(tab, page(wire::Log::Public, 0));
    assert_eq!(world.seen(tab), ["page 0 [1]"]);
    assert_eq!(world.room.as_ref().unwrap().record().unwrap().status, Status::Open);
}

/// Answers of calls that nobody waits for any more do nothing.
#[test]
fn answers_without_a_question() {
    let (mut world, _, _) = a_log(2);
    world.pass(2 * MINUTE);
    let before = world.history.inspect(Default::default());
    for input in [
        Input::Published(Some(crate::core::room::record::Cursors { public: 99, private: 99 })),
        Input::Published(None),
        Input::Inspected(None),
        Input::Inspected(Some(Default::default())),
        Input::DeskAnswered { rev: 1, answer: None },
        Input::Detached { agent: agent("Mei").agent, heard: true },
        Input::Renewed { socket: SocketId(5), principal: None },
        Input::Disconnected(SocketId(5)),
        Input::Alarm,
    ] {
        world.feed(input).unwrap();
        assert!(
            !world.last.iter().any(|effect| matches!(effect, Effect::Call(Call::Publish(_)) | Effect::Send { .. }))
        );
    }
    world.pass(2 * MINUTE);
    assert_eq!(world.history.inspect(Default::default()), before);
}

/// What only agents see is as long, and the rest of it is asked for only if there is said to be one.
#[test]
fn a_long_private_log_comes_in_pages() {
    let (mut world, ..) = a_log(1);
    let agent = world.agent("Mei");
    for number in 1..=120 {
        world.now = world.now.plus(SECOND);
        world.note(agent, &format!("n{number}"), "x");
    }
    let again = world.agent("Mei");
    let seen = world.seen(again);
    let welcome = seen.iter().find(|it| it.starts_with("private_welcome 120 "));
    assert!(welcome.is_some_and(|it| it.ends_with(" more")), "{seen:?}");
}
