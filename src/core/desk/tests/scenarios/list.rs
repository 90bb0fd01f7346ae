//! The live list: snapshot, pages, resume, and one frame a second.

use super::super::rig::*;
use crate::core::{
    internal::{RoomNotice, Status},
    limits::{DESK_PAGE_ROWS, GONE_MEMORY},
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame},
    time::{HOUR, MINUTE, SECOND},
};

fn hello(rig: &mut Rig, socket: crate::core::socket::SocketId, desk_epoch: u64, rev: u64) -> wire::DeskWelcome {
    rig.frame(socket, client_frame::Frame::DeskHello(wire::DeskHello { desk_epoch, rev, availability: None }));
    match rig.reply(socket) {
        agent_frame::Frame::DeskWelcome(welcome) => welcome,
        other => panic!("{other:?}"),
    }
}

fn updates(rig: &mut Rig, socket: crate::core::socket::SocketId) -> Vec<wire::DeskUpdate> {
    rig.frames(socket)
        .into_iter()
        .map(|frame| match frame {
            agent_frame::Frame::DeskUpdate(update) => update,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn numbers(rows: &[wire::DeskRow]) -> Vec<String> {
    rows.iter().map(|row| row.conversation.clone()).collect()
}

#[test]
fn a_snapshot_comes_in_pages_and_is_whole() {
    let mut rig = Rig::new();
    let n = 2 * DESK_PAGE_ROWS + 7;
    for number in 0..n {
        rig.notice(notice(number, 1));
    }
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    let welcome = hello(&mut rig, socket, 0, 0);
    assert!(welcome.reset && welcome.rows.len() == DESK_PAGE_ROWS);
    let (mut all, mut next) = (numbers(&welcome.rows), welcome.next);
    while !next.is_empty() {
        rig.frame(socket, client_frame::Frame::DeskPage(wire::DeskPageRequest { after: next }));
        let agent_frame::Frame::DeskPage(page) = rig.reply(socket) else { panic!("not a page") };
        all.extend(numbers(&page.rows));
        next = page.next;
    }
    let expected: Vec<String> = (0..n).map(|number| conversation(number).to_string()).collect();
    assert_eq!(all, expected);
    rig.frame(socket, client_frame::Frame::DeskPage(wire::DeskPageRequest { after: "cnv_".into() }));
    assert_eq!(rig.error(socket).code, "bad_request");
}

#[test]
fn whoever_comes_back_gets_what_was_missed() {
    let mut rig = Rig::new();
    for number in 0..5 {
        rig.notice(notice(number, 1));
    }
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    let first = hello(&mut rig, socket, 0, 0);
    rig.feed(crate::core::desk::effect::Input::Disconnected(socket));
    rig.pass(MINUTE, &[]);
    rig.notice(notice(1, 2));
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(2, 2) });
    rig.notice(notice(5, 1));
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    let second = hello(&mut rig, socket, first.desk_epoch, first.rev);
    assert!(!second.reset);
    assert_eq!(numbers(&second.rows), [conversation(1).to_string(), conversation(5).to_string()]);
    assert_eq!(second.gone, [conversation(2).to_string()]);
    let third = hello(&mut rig, socket, second.desk_epoch, second.rev);
    assert_eq!((third.rows.len(), third.gone.len(), third.reset), (0, 0, false), "nothing is missing");

    let snapshot = |rig: &mut Rig, epoch, rev, why: &str| {
        let welcome = hello(rig, socket, epoch, rev);
        assert!(welcome.reset && welcome.rows.len() == 5, "{why}");
    };
    snapshot(&mut rig, second.desk_epoch - 1, second.rev, "a cursor of another life");
    snapshot(&mut rig, second.desk_epoch, second.rev + HOUR as u64, "a cursor from the future");
    rig.pass(2 * GONE_MEMORY, &[socket]);
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    assert!(hello(&mut rig, socket, first.desk_epoch, first.rev).reset, "what left since is forgotten");
    let slept = hello(&mut rig, socket, 0, 0);
    rig.reload();
    assert!(hello(&mut rig, socket, slept.desk_epoch, slept.rev).reset, "the previews of before are lost");
}

#[test]
fn a_console_gets_one_list_frame_a_second() {
    let mut rig = Rig::new();
    let sockets = [rig.console(1, Role::Agent), rig.console(2, Role::Agent)];
    rig.pass(5 * SECOND, &[]);
    rig.inbox.clear();
    for step in 0..1_000_u64 {
        rig.notice(notice((step % 50) as usize, 10 + step));
        rig.pass(10, &[]);
    }
    for socket in sockets {
        let updates = updates(&mut rig, socket);
        assert!((9..=11).contains(&updates.len()), "{} frames in ten seconds", updates.len());
        assert!(updates.windows(2).all(|pair| pair[0].rev < pair[1].rev));
        let last = updates.last().unwrap().rows.iter().map(|row| row.rev).max();
        assert!(last <= Some(updates.last().unwrap().rev));
    }
    rig.pass(2 * SECOND, &[]);
    rig.inbox.clear();
    rig.notice(notice(7, 5_000));
    assert_eq!(updates(&mut rig, sockets[0]).len(), 1, "after a pause nobody waits for the next second");
}

#[test]
fn a_burst_is_told_in_parts_and_the_cursor_does_not_run_ahead() {
    let mut rig = Rig::new();
    let socket = rig.console(1, Role::Agent);
    rig.pass(5 * SECOND, &[]);
    rig.frames(socket);
    for number in 0..1_203 {
        rig.notice(notice(number, 1));
    }
    let (mut held, mut n_frames) = (std::collections::BTreeSet::new(), 0);
    for _ in 0..6 {
        rig.pass(SECOND, &[]);
        for update in updates(&mut rig, socket) {
            n_frames += 1;
            assert!(update.rows.len() <= 500);
            held.extend(numbers(&update.rows));
            // What comes back with this cursor misses nothing.
            let other = rig.connect(principal(2, Role::Agent, rig.now));
            let epoch = hello(&mut rig, other, 0, 0).desk_epoch;
            let missed = hello(&mut rig, other, epoch, update.rev);
            let rest: Vec<String> = numbers(&missed.rows);
            assert!(missed.reset || held.iter().chain(&rest).collect::<std::collections::BTreeSet<_>>().len() == 1_203);
            rig.feed(crate::core::desk::effect::Input::Disconnected(other));
        }
    }
    assert_eq!(held.len(), 1_203);
    assert!(n_frames >= 4, "the first one alone, then three full ones");
}

#[test]
fn a_woken_desk_knows_the_list_but_no_previews() {
    let mut rig = Rig::new();
    rig.notice(RoomNotice { visitor_name: "Ana".into(), ..notice(1, 1) });
    rig.reload();
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    let welcome = hello(&mut rig, socket, 0, 0);
    let row = &welcome.rows[0];
    assert_eq!((row.has_preview, row.preview.as_str(), row.unread), (false, "", 0));
    assert_eq!((row.visitor_name.as_str(), row.status), ("Ana", wire::Status::Open.into()));
    rig.notice(notice(1, 2));
    rig.pass(2 * SECOND, &[]);
    let row = updates(&mut rig, socket).pop().unwrap().rows.pop().unwrap();
    assert_eq!((row.has_preview, row.preview.as_str(), row.unread), (true, "hello 2", 1));
    assert_eq!(row.preview_sender, i32::from(wire::SenderKind::Visitor));
}

/// A machine that is dropped at work takes with it what it had yet to tell: consoles start over.
#[test]
fn after_a_failed_write_consoles_start_over() {
    let mut rig = Rig::new();
    let (socket, other) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.pass(5 * SECOND, &[]);
    rig.notice(notice(1, 1));
    rig.notice(notice(2, 1));
    rig.feed(crate::core::desk::effect::Input::Disconnected(other));
    rig.frames(socket);
    let input = crate::core::desk::effect::Input::Notice(Box::new(notice(3, 1)));
    rig.feed_with(input.clone(), Fate::NothingWritten);
    rig.feed(input);
    rig.pass(5 * SECOND, &[]);
    let frames = rig.frames(socket);
    let [agent_frame::Frame::DeskWelcome(welcome), rest @ ..] = frames.as_slice() else { panic!("{frames:?}") };
    assert!(welcome.reset && welcome.agents.len() == 1);
    assert_eq!(numbers(&welcome.rows), [1, 2, 3].map(|number| conversation(number).to_string()));
    assert_eq!(rest.len(), 1);
    rig.pass(5 * MINUTE, &[]);
    rig.frames(socket);
    rig.reload();
    rig.pass(30 * SECOND, &[]);
    assert_eq!(updates(&mut rig, socket).len(), 0, "waking up is no news");
}

#[test]
fn notices_out_of_order() {
    let mut rig = Rig::new();
    let socket = rig.console(1, Role::Agent);
    rig.notice(notice(1, 5));
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(1, 9) });
    let rows = rig.rows_written;
    rig.notice(notice(1, 7));
    rig.reload();
    rig.notice(notice(1, 8));
    assert_eq!(rig.desk.n_listed(), 0, "a late one does not bring it back");
    assert_eq!(rig.rows_written, rows);
    rig.notice(notice(1, 10));
    assert_eq!(rig.desk.n_listed(), 1, "the visitor has written again");
    rig.pass(2 * SECOND, &[]);
    rig.frames(socket);
    // Known only as resolved: remembered, but not worth a row.
    let rows = rig.rows_written;
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(2, 9) });
    rig.notice(notice(2, 8));
    assert_eq!((rig.rows_written, rig.desk.n_listed()), (rows, 1));
}

#[test]
fn resolved_ones_are_forgotten_after_a_while() {
    let mut rig = Rig::new();
    for number in 0..30 {
        rig.notice(notice(number, 1));
        rig.notice(RoomNotice { status: Status::Resolved, ..notice(number, 2) });
    }
    assert_eq!(rig.stored().len(), 30);
    rig.now = rig.now.plus(2 * GONE_MEMORY);
    rig.notice(notice(99, 1));
    assert_eq!(rig.stored().len(), 1, "{:?}", rig.stored());
}

#[test]
fn a_snoozed_one_stays_listed() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let until = rig.now.plus(HOUR);
    rig.notice(RoomNotice { status: Status::Snoozed, snoozed_until: Some(until), ..notice(1, 2) });
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    let row = hello(&mut rig, socket, 0, 0).rows.pop().unwrap();
    assert_eq!((row.status, row.snoozed_until), (wire::Status::Snoozed.into(), until.wire()));
}

/// INV-5: what its Room has yet to hear of is not forgotten, however long it is over.
#[test]
fn inv_5_a_resolved_one_with_an_order_is_told_until_its_room_confirms() {
    let mut rig = Rig::new();
    let console = rig.console(1, Role::Agent);
    rig.notice(notice(1, 1));
    rig.frame(console, claim(1, "c"));
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(1, 2) });
    rig.now = rig.now.plus(2 * GONE_MEMORY);
    rig.notice(notice(99, 1));
    let entry = rig.desk.list.entries.get(&conversation(1)).expect("still known");
    assert!(entry.stored.order.is_some());
}

#[test]
fn a_console_that_has_not_said_hello_hears_no_news() {
    let mut rig = Rig::new();
    let ready = rig.console(1, Role::Agent);
    let unready = rig.connect(principal(2, Role::Agent, rig.now));
    rig.pass(5 * SECOND, &[]);
    rig.inbox.clear();
    rig.notice(notice(1, 1));
    rig.pass(2 * SECOND, &[]);
    assert!(!rig.frames(ready).is_empty());
    assert!(rig.frames(unready).is_empty());
}
