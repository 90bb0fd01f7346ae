//! One Desk carries 8,000 open conversations: bounded work, whatever is written in the Rooms. Counts, not times.

use std::collections::BTreeSet;

use super::super::rig::*;
use crate::core::{internal::RoomNotice, limits::NOTICES_UNHURRIED, principal::Role, protocol::wire, time::SECOND};

const ROOMS: usize = 8_000;
const AGENTS: u128 = 20;
const SECONDS: i64 = 120;

/// Every Room has something new whenever it may speak; for two minutes.
#[test]
fn eight_thousand_busy_rooms() {
    let mut rig = Rig::new();
    let mut queue = BTreeSet::new();
    for number in 0..ROOMS {
        let interval = rig.notice(notice(number, 1)).interval_ms;
        queue.insert((rig.now.plus(interval as i64), number));
    }
    assert_eq!(rig.desk.n_listed(), ROOMS);
    let consoles: Vec<_> = (0..AGENTS).map(|number| rig.console(number, Role::Agent)).collect();
    rig.pass(2 * SECOND, &[]);
    let (rows, alarms, frames) = (rig.rows_written, rig.alarms_set, rig.frames_sent);
    assert_eq!(rows as usize, ROOMS, "one row for each, once");

    let start = rig.now;
    let (mut told, mut rev, mut largest) = (0, 1, 0);
    while let Some((at, number)) = queue.pop_first() {
        if at > start.plus(SECONDS * SECOND) {
            break;
        }
        rig.pass(at.since(rig.now).max(0), &[]);
        rev += 1;
        told += 1;
        let interval = rig.notice(RoomNotice { unread: rev, ..notice(number, rev) }).interval_ms;
        queue.insert((rig.now.plus(interval as i64), number));
        for socket in &consoles {
            for frame in rig.frames(*socket) {
                largest = largest
                    .max(prost::Message::encoded_len(&crate::core::protocol::wire::AgentFrame { frame: Some(frame) }));
            }
        }
    }
    let seconds = rig.now.since(start) / SECOND + 1;
    assert!(told <= 200 * seconds + 200, "{told} notices in {seconds} s");
    let hurried = seconds - NOTICES_UNHURRIED.0 / SECOND - 2;
    assert!(told >= 190 * hurried, "{told} notices in {seconds} s: and the Desk does not starve them");
    assert_eq!(rig.rows_written, rows, "previews write nothing");
    assert!((rig.alarms_set - alarms) as i64 <= seconds / 30 + 1);
    let sent = (rig.frames_sent - frames) as i64;
    assert!(sent <= AGENTS as i64 * (seconds + 1), "{sent} frames to {AGENTS} consoles in {seconds} s");
    assert!(largest <= 110_000, "the largest list frame has {largest} bytes");

    // Transitions go before previews: a claim shows in the next frame, though previews fill it.
    for number in 0..2_000 {
        rig.notice(RoomNotice { unread: 9, ..notice(number, rev + 10) });
    }
    consoles.iter().for_each(|socket| drop(rig.frames(*socket)));
    rig.frame(consoles[0], claim(7_999, "c"));
    rig.pass(SECOND, &[]);
    let seen = rig.frames(consoles[1]).into_iter().any(|frame| match frame {
        wire::agent_frame::Frame::DeskUpdate(update) => {
            update.rows.iter().any(|row| row.conversation == conversation(7_999).to_string())
        }
        _ => false,
    });
    assert!(seen);
}

/// A Desk that wakes with 8,000 conversations reads each once and writes nothing.
#[test]
fn waking_with_eight_thousand_conversations() {
    let mut rig = Rig::new();
    for number in 0..ROOMS {
        rig.notice(notice(number, 1));
    }
    let rows = rig.rows_written;
    rig.die();
    assert_eq!((rig.desk.n_listed(), rig.rows_written, rig.network.len()), (ROOMS, rows, 0));
}
