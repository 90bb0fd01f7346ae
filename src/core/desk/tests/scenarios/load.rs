//! One Desk carries 8,000 open conversations: bounded work, whatever is written in the Rooms. Counts, not times.

use std::collections::BTreeSet;

use super::super::rig::*;
use crate::{
    core::{
        desk::effect::Input,
        internal::{ConfigureRequest, RoomNotice},
        limits::NOTICES_UNHURRIED,
        port::Sql as _,
        principal::Role,
        protocol::wire,
        routing::{
            roster::Roster,
            settings::{Method, Routing},
        },
        time::SECOND,
    },
    sql::desk::DeskStore,
};

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

/// Tables of an earlier version, with rows that lack what came later: nothing is lost, and the first write makes the rest.
#[test]
fn tables_of_before() {
    let (mei, tom) = (agent(1), agent(2));
    let row = |number: usize, more: &str| {
        let (id, site, visitor) = (conversation(number), notice(number, 1).site, visitor(number as u128));
        format!(
            r#"{{"id":"{id}","site":"{site}","visitor":"{visitor}","status":"open",{more}"created_at":{at},"rev":{at},"notice_rev":1}}"#,
            at = START.0
        )
    };
    let held = format!(r#""assignee":{{"id":"{}","name":"Mei"}},"assignment_epoch":3,"#, mei.id);
    for has_roster in [false, true] {
        let mut rig = Rig::new();
        let record = r#"{"refusals":[]}"#;
        for statement in [
            "CREATE TABLE desk (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, record TEXT NOT NULL)",
            "CREATE TABLE conversations (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
            "CREATE TABLE attached (conversation TEXT, agent TEXT, at INTEGER NOT NULL, PRIMARY KEY (conversation, agent)) WITHOUT ROWID",
            "CREATE TABLE revocations (subject TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
        ] {
            rig.sql.exec(statement, &[]).unwrap();
        }
        rig.sql.exec("INSERT INTO desk VALUES (1, 1, ?)", &[record.into()]).unwrap();
        if has_roster {
            rig.sql
                .exec("CREATE TABLE roster (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL)", &[])
                .unwrap();
            rig.sql.exec("INSERT INTO roster VALUES (1, ?)", &[r#"{"teams":[],"agents":[]}"#.into()]).unwrap();
        }
        for (number, more) in [(1, held.as_str()), (2, r#""assignee":null,"assignment_epoch":0,"#)] {
            let id = conversation(number);
            let args = [id.as_str().into(), row(number, more).as_str().into()];
            rig.sql.exec("INSERT INTO conversations VALUES (?, ?)", &args).unwrap();
        }
        rig.die();
        assert_eq!(rig.desk.n_listed(), 2);
        let console = rig.console(2, Role::Agent);
        rig.frame(console, claim(2, "c1"));
        rig.pass(SECOND, &[]);
        let routing = Routing { method: Method::LeastBusy, ..Routing::default() };
        let roster = Some(Roster::default());
        rig.feed(Input::Configure(ConfigureRequest { workspace: workspace(0), version: 1, routing, roster }));
        assert_eq!(rig.done(), Ok(()));
        rig.notice(notice(3, 2));
        rig.pass(SECOND, &[]);
        rig.die();
        let holders = |rig: &mut Rig| -> Vec<Option<String>> {
            let store = DeskStore(&rig.sql);
            let rows = store.conversations().unwrap();
            rows.into_iter().map(|row| row.assignee.map(|it| it.id.to_string())).collect()
        };
        let wanted = [Some(mei.id.to_string()), Some(tom.id.to_string()), None];
        assert_eq!((holders(&mut rig), rig.n_failed), (wanted.to_vec(), 0), "roster: {has_roster}");
        let lines = DeskStore(&rig.sql).decisions(None, None, 10).unwrap();
        assert!(lines.contains(conversation(3).as_str()), "what was decided since is in the log: {lines}");
    }
}
