//! Sending, sending again, notes, receipts, typing: INV-1, INV-2, INV-3, INV-10, INV-11.

use super::harness::*;
use crate::core::{
    error::Code,
    internal::Status,
    limits::{TEXT_CHARS, TYPING_CHARS},
    principal::Principal,
    protocol::{
        Encoding, Payload,
        wire::{self, agent_frame, client_frame::Frame},
    },
    room::effect::Effect,
};

fn frame_of_send(client_id: &str, text: &str) -> Frame {
    Frame::Send(wire::Send { client_id: client_id.into(), text: text.into(), ..wire::Send::default() })
}

#[test]
fn a_first_message_makes_the_conversation() {
    let mut world = World::default();
    let visitor = world.visitor();
    assert_eq!(world.seen(visitor), ["welcome 0 []"]);
    assert_eq!(world.sql.connection.total_changes(), 0, "no state until the first message");
    world.send(visitor, "c1", "hello");
    assert_eq!(world.seen(visitor), ["state open -", "ack c1 1"]);
    let agent = world.agent("Mei");
    assert_eq!(world.seen(agent), ["welcome 1 [1]", "private_welcome 0 []"]);
    assert_eq!(world.seen(visitor), ["presence [Mei] visitor"]);
    world.send(agent, "c1", "hi");
    assert_eq!(world.seen(agent), ["ack c1 2"]);
    assert_eq!(world.seen(visitor), ["message 2 Mei: hi"]);
    world.frame(visitor, Frame::Read(wire::Read { seq: 2 }));
    assert_eq!(world.seen(agent), ["receipt visitor d2 r2"]);
}

/// INV-2, on another socket, after hibernation and after a crash.
#[test]
fn inv_2_the_same_name_again_is_the_same_message() {
    let mut world = World::default();
    let one = world.visitor();
    world.send(one, "c1", "hello");
    let two = world.visitor();
    let agent = world.agent("Mei");
    world.look_away();
    world.send(one, "c1", "hello");
    world.send(two, "c1", "something else");
    assert_eq!(world.seen(one), ["ack c1 1"]);
    assert_eq!(world.seen(two), ["ack c1 1"]);
    world.hibernate();
    world.send(two, "c1", "hello");
    assert_eq!(world.seen(two), ["ack c1 1"]);
    assert_eq!(world.seen(agent), [""; 0], "nobody hears of it twice");
    world.crash();
    let three = world.visitor();
    world.send(three, "c1", "hello");
    world.send(three, "c2", "on");
    assert_eq!(world.seen(three), ["welcome 1 [1]", "ack c1 1", "ack c2 2"]);
    // The same name of another sender is another message.
    let agent = world.agent("Mei");
    let other = world.agent("Ann");
    world.look_away();
    world.send(agent, "c1", "a");
    world.send(other, "c1", "b");
    world.note(agent, "c1", "n");
    assert_eq!(world.seen(other), ["message 3 Mei: a", "ack c1 4", "private 1 after 4 Mei: n"]);
}

/// INV-3: a log of its own for what only agents see, so that the visitor's numbers betray nothing.
#[test]
fn inv_3_notes_leave_no_gap() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "one");
    let agent = world.agent("Mei");
    world.look_away();
    world.note(agent, "n1", "be careful");
    world.send(agent, "a1", "two");
    world.note(agent, "n2", "told them");
    world.send(visitor, "c2", "three");
    assert_eq!(world.seen(visitor), ["message 2 Mei: two", "ack c2 3"]);
    assert_eq!(world.seen(agent), ["note_ack n1 1", "ack a1 2", "note_ack n2 2", "message 3 visitor: three"]);
    let again = world.agent("Mei");
    assert_eq!(world.seen(again), ["welcome 3 [1..3]", "private_welcome 2 [1..2]"]);
    let visitor = world.visitor();
    assert_eq!(world.seen(visitor), ["welcome 3 [1..3]"]);
}

/// INV-10, for every way in which a visitor might ask. The harness looks for the text in both encodings.
#[test]
fn inv_10_no_note_for_a_visitor() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.note(agent, "n1", "SECRET-OF-THE-TEAM");
    let mut transfer = assign(1, Some("Ann"));
    transfer.actor = Some(agent_ref("Mei"));
    transfer.reason = "SECRET-REASON".into();
    world.canaries.push("SECRET-REASON".into());
    world.assign(transfer).unwrap();
    world.look_away();
    let page = |log| Frame::Page(wire::PageRequest { log, before: 0 });
    world.frame(visitor, page(1));
    world.frame(visitor, page(0));
    world.frame(visitor, page(7));
    world.note(visitor, "n2", "mine");
    world.frame(visitor, Frame::Hello(wire::Hello { after_private: 0, ..Default::default() }));
    assert_eq!(
        world.seen(visitor),
        ["error bad_request", "page 0 [1..2]", "error bad_request", "error forbidden (n2)", "welcome 2 [1..2]"]
    );
    world.frame(agent, page(1));
    assert_eq!(world.seen(agent), ["private_page 0 [1..2]"]);
    // Nor can they be counted: a place in that log is nothing that a visitor has.
    let mut welcome = |after_private, tip_private: &str| {
        let tip_private = tip_private.into();
        let hello = wire::Hello { log_epoch: START.wire(), after_private, tip_private, ..Default::default() };
        world.frame(visitor, Frame::Hello(hello));
        world.inbox(visitor).into_iter().find_map(|frame| match frame.frame {
            Some(agent_frame::Frame::Welcome(welcome)) => Some(welcome),
            _ => None,
        })
    };
    let (few, many, named) = (welcome(1, ""), welcome(99, ""), welcome(1, "msg_guessed"));
    assert!(few.as_ref().is_some_and(|welcome| !welcome.reset));
    assert_eq!((&many, &named), (&few, &few));
}

#[test]
fn what_is_refused_is_refused_with_a_code() {
    let long = "x".repeat(TEXT_CHARS + 1);
    let widest = "語".repeat(TEXT_CHARS);
    let long_name = "n".repeat(65);
    let cases: [(&str, &str, &str); 9] = [
        ("c1", "", "error bad_request (c1)"),
        ("c1", " \n\t ", "error bad_request (c1)"),
        ("c1", &long, "error too_large (c1)"),
        ("c1", &widest, "ack c1 1"),
        ("", "x", "error bad_request"),
        ("with space", "x", "error bad_request (with space)"),
        ("é", "x", "error bad_request (é)"),
        (&long_name, "x", &format!("error bad_request ({long_name})")),
        (&long_name[..64], "x", &format!("ack {} 1", &long_name[..64])),
    ];
    for (client_id, text, expected) in cases {
        let mut world = World::default();
        let visitor = world.visitor();
        world.look_away();
        world.send(visitor, client_id, text);
        assert_eq!(world.seen(visitor).last().map(String::as_str), Some(expected), "{client_id} {}", text.len());
    }
}

#[test]
fn every_frame_has_an_answer_on_every_kind_of_socket() {
    let frames: [(Frame, &str, &str); 9] = [
        (Frame::DeskHello(wire::DeskHello::default()), "error unknown_frame", "error unknown_frame"),
        (
            Frame::Claim(wire::Claim { client_id: "x".into(), ..Default::default() }),
            "error unknown_frame (x)",
            "error unknown_frame (x)",
        ),
        (Frame::Release(wire::Release::default()), "error unknown_frame", "error unknown_frame"),
        (Frame::Transfer(wire::Transfer::default()), "error unknown_frame", "error unknown_frame"),
        (Frame::SetAvailability(wire::SetAvailability::default()), "error unknown_frame", "error unknown_frame"),
        (Frame::DeskPage(wire::DeskPageRequest::default()), "error unknown_frame", "error unknown_frame"),
        (
            Frame::SetStatus(wire::SetStatus { client_id: "s".into(), status: 9, ..Default::default() }),
            "error forbidden (s)",
            "error bad_request (s)",
        ),
        (
            Frame::SetStatus(wire::SetStatus { client_id: "s".into(), status: 1, ..Default::default() }),
            "error forbidden (s)",
            "error bad_request (s)",
        ),
        (
            Frame::Note(wire::Note { client_id: "n".into(), text: "  ".into() }),
            "error forbidden (n)",
            "error bad_request (n)",
        ),
    ];
    for (frame, for_visitor, for_agent) in frames {
        let mut world = World::default();
        // JSON cannot write the status that there is not.
        let visitor = world.connect(Principal::Visitor(visitor(1)), Encoding::Proto);
        world.frame(visitor, Frame::Hello(wire::Hello::default()));
        world.send(visitor, "c1", "hello");
        let agent = world.connect(Principal::Agent(agent("Mei")), Encoding::Proto);
        world.frame(agent, Frame::Hello(wire::Hello::default()));
        world.look_away();
        world.frame(visitor, frame.clone());
        world.frame(agent, frame.clone());
        assert_eq!(world.seen(visitor), [for_visitor], "{frame:?}");
        assert_eq!(world.seen(agent), [for_agent], "{frame:?}");
    }
}

#[test]
fn what_is_no_frame_is_answered_and_the_socket_lives_on() {
    for encoding in [Encoding::Proto, Encoding::Json] {
        let mut world = World::default();
        let socket = world.connect(Principal::Visitor(visitor(1)), encoding);
        let payloads = [
            (Payload::Text("no json".into()), "error bad_frame"),
            (
                Payload::Text("{}".into()),
                if encoding == Encoding::Json { "error unknown_frame" } else { "error bad_frame" },
            ),
            (Payload::Binary(vec![0xff; 9]), "error bad_frame"),
            (Payload::Binary(vec![0; 64 * 1024 + 1]), "error too_large"),
        ];
        for (payload, expected) in payloads {
            world.payload(socket, &payload).unwrap();
            assert_eq!(world.seen(socket), [expected], "{encoding:?} {}", payload.size());
        }
        world.frame(socket, frame_of_send("c1", "early"));
        world.frame(socket, Frame::Hello(wire::Hello::default()));
        assert_eq!(world.seen(socket), ["error hello_first (c1)", "welcome 0 []"]);
    }
}

/// INV-1 and INV-2 with a disk that fails: nothing is told, the sender may try again, and the number is not lost.
#[test]
fn inv_1_a_failing_write_tells_nobody() {
    for failing in 1..=7 {
        let mut world = World::default();
        let visitor = world.visitor();
        world.look_away();
        world.sql.fail_write.set(Some(failing));
        let first = world.try_frame(visitor, frame_of_send("c1", "hello"));
        // Four tables, the row, the entry.
        assert_eq!(first, if failing <= 6 { Err(Code::Storage) } else { Ok(()) }, "write {failing}");
        world.sql.fail_write.set(None);
        if first.is_err() {
            assert_eq!(world.seen(visitor), ["error storage (c1)"]);
            world.send(visitor, "c1", "hello");
        }
        assert_eq!(world.seen(visitor), ["state open -", "ack c1 1"]);
        let agent = world.agent("Mei");
        world.look_away();
        world.sql.fail_write.set(Some(1));
        world.send(agent, "a1", "hi");
        world.send(agent, "a1", "hi");
        assert_eq!(world.seen(agent), ["error storage (a1)", "ack a1 2"]);
        assert_eq!(world.seen(visitor), ["message 2 Mei: hi"]);
    }
}

/// A crash after the commit and before the ack: sent again, it is the same message.
#[test]
fn inv_2_a_crash_after_the_commit() {
    let mut world = World::default();
    let visitor = world.visitor();
    let frame = Ok(Some(frame_of_send("c1", "hello")));
    let input = crate::core::room::effect::Input::Frame { socket: visitor, frame };
    let effects = world.decide(input).unwrap();
    assert!(world.store(&effects));
    world.crash();
    let visitor = world.visitor();
    world.look_away();
    world.send(visitor, "c1", "hello");
    assert_eq!(world.seen(visitor), ["ack c1 1"]);
    assert_eq!(world.room.as_ref().unwrap().heads().public, 1);
}

#[test]
fn a_message_reads_nothing_and_writes_one_row() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    // Whose it is is settled by the first answer, in a row of its own.
    world.send(agent, "a0", "hello");
    let (reads, rows) = (world.sql.reads.get(), world.sql.connection.total_changes());
    // What the harness itself reads, to check INV-1: once for the ack, once for the fan-out.
    world.send(visitor, "c2", "on");
    world.send(agent, "a1", "yes");
    assert_eq!(world.sql.reads.get() - reads, 4);
    assert_eq!(world.sql.connection.total_changes() - rows, 2);
    let reads = world.sql.reads.get();
    world.send(agent, "a1", "yes");
    assert_eq!(world.sql.reads.get() - reads, 2, "sent again: one read, and one of the harness");
}

/// INV-11: none of this writes a row, nor sets the alarm.
#[test]
fn inv_11_typing_presence_and_receipts_write_nothing() {
    let mut world = World::default();
    let one = world.visitor();
    world.send(one, "c1", "hello");
    let agent = world.agent("Mei");
    world.calls();
    world.look_away();
    let rows = world.rows_written();
    let typing = |on, preview: &str| Frame::Typing(wire::Typing { on, preview: preview.into(), participant: None });
    world.frame(one, typing(true, "I am wri"));
    let is_kept = world.last.iter().any(|effect| matches!(effect, Effect::Attach(_)));
    assert!(!is_kept, "nor is anything new to be kept with a socket");
    assert_eq!(world.seen(agent), ["typing visitor on 'I am wri'"]);
    let end = "写".repeat(TYPING_CHARS);
    world.frame(one, typing(true, &format!("{}{end}", "x".repeat(TEXT_CHARS))));
    assert_eq!(world.seen(agent), [format!("typing visitor on '{end}'")], "where the visitor is");
    world.frame(agent, typing(true, "they must not see this"));
    assert_eq!(world.seen(one), ["typing Mei on"]);
    let two = world.visitor();
    assert_eq!(world.seen(one), ["presence [Mei] visitor"]);
    world.frame(one, typing(true, "x"));
    assert_eq!(world.seen(two), ["welcome 1 [1]"], "another tab of the same visitor does not hear of it");
    world.frame(two, Frame::Delivered(wire::Delivered { seq: 1 }));
    world.frame(agent, Frame::Read(wire::Read { seq: 99 }));
    assert_eq!(world.seen(one), ["receipt visitor d1 r0", "receipt Mei d1 r1"]);
    world.leave(two);
    world.leave(one);
    world.calls();
    assert_eq!(world.seen(agent).last().map(String::as_str), Some("presence [Mei]"));
    // The visitor who left takes a cursor along that no socket carries any more: that is worth a row.
    assert_eq!(world.rows_written() - rows, 1);
}

#[test]
fn receipts_only_grow_and_outlive_hibernation() {
    let mut world = World::default();
    let visitor = world.visitor();
    for number in 1..=5 {
        world.send(visitor, &format!("c{number}"), "x");
    }
    let agent = world.agent("Mei");
    world.look_away();
    for frame in [
        Frame::Read(wire::Read { seq: 3 }),
        Frame::Read(wire::Read { seq: 2 }),
        Frame::Delivered(wire::Delivered { seq: 3 }),
        Frame::Delivered(wire::Delivered { seq: 5 }),
    ] {
        world.frame(agent, frame);
    }
    assert_eq!(world.seen(visitor), ["receipt Mei d3 r3", "receipt Mei d5 r3"]);
    world.hibernate();
    world.frame(agent, Frame::Delivered(wire::Delivered { seq: 5 }));
    assert_eq!(world.seen(visitor), [""; 0], "nothing new after hibernation");
    // The agent leaves, everyone leaves, the Room is gone from memory: the visitor still finds it read.
    world.leave(agent);
    world.crash();
    let visitor = world.visitor();
    let frames = world.inbox(visitor);
    let Some(wire::agent_frame::Frame::Welcome(welcome)) = &frames[0].frame else { panic!("{frames:?}") };
    assert_eq!(welcome.receipts.iter().map(|it| (it.delivered, it.read)).collect::<Vec<_>>(), [(5, 3)]);
}

/// What an agent has read is not unread any more after hibernation, though no row says so.
#[test]
fn unread_follows_what_sockets_carry() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    world.send(visitor, "c2", "anyone?");
    let agent = world.agent("Mei");
    world.frame(agent, Frame::Read(wire::Read { seq: 2 }));
    world.calls();
    world.hibernate();
    world.send(visitor, "c3", "?");
    world.pass(5_000);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.unread, notice.waiting_since, notice.status), (1, Some(START), Status::Open));
    assert_eq!(notice.preview, "?");
    world.send(agent, "a1", "here");
    world.pass(5_000);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.unread, notice.waiting_since), (0, None));
}
