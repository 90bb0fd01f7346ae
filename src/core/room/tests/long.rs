//! Long conversations: names of long ago are known, and waking does not read everything.

use super::harness::*;
use crate::core::{
    error::Code,
    limits::{DIGEST_ENTRIES, LOOK_BACK, UNREAD_MAX},
    protocol::wire::{self, client_frame::Frame},
    socket::SocketId,
    time::SECOND,
};

/// Messages `c1` … of the visitor, at a pace that the rate limit bears.
fn write_many(world: &mut World, socket: SocketId, from: u64, to: u64) {
    for number in from..=to {
        world.send(socket, &format!("c{number}"), "x");
        world.now = world.now.plus(100);
    }
    world.look_away();
}

/// INV-2 holds for the life of a conversation, however long: names of long ago lie in blocks of digests.
#[test]
fn inv_2_names_of_long_ago_are_known_and_waking_stays_cheap() {
    let mut world = World::default();
    world.settings.limit_factor = 1_000;
    let visitor = world.visitor();
    let many = DIGEST_ENTRIES * 5 + 3;
    for number in 1..=many {
        world.send(visitor, &format!("c{number}"), "x");
        world.now = world.now.plus(100);
    }
    let blocks: i64 = world.sql.connection.query_row("SELECT count(*) FROM digests", [], |row| row.get(0)).unwrap();
    assert_eq!(blocks, 5);
    world.look_away();
    world.crash();
    let visitor = world.visitor();
    world.look_away();
    for number in [1, 2, DIGEST_ENTRIES, DIGEST_ENTRIES + 1, DIGEST_ENTRIES * 3, many] {
        world.send(visitor, &format!("c{number}"), "x");
        assert_eq!(world.seen(visitor), [format!("ack c{number} {number}")]);
    }
    assert_eq!(world.room.as_ref().unwrap().heads().public, many);
    world.send(visitor, "new", "x");
    assert_eq!(world.seen(visitor), [format!("ack new {}", many + 1)]);
}

#[test]
fn inv_2_names_of_old_notes_are_known() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    let many = DIGEST_ENTRIES * 2 + 1;
    for number in 1..=many {
        world.note(agent, &format!("n{number}"), "n");
        world.now = world.now.plus(50);
    }
    world.crash();
    let agent = world.agent("Mei");
    world.look_away();
    for number in [1, DIGEST_ENTRIES, DIGEST_ENTRIES + 1, many] {
        world.note(agent, &format!("n{number}"), "n");
        assert_eq!(world.seen(agent), [format!("note_ack n{number} {number}")]);
    }
    let room = world.room.as_ref().unwrap();
    assert_eq!((room.heads().public, room.heads().private), (1, many));
}

/// The entry that completes a block and the block's digests are written together or not at all.
#[test]
fn inv_1_a_block_fails_with_its_last_entry() {
    for failing in [1, 2] {
        let mut world = World::default();
        let visitor = world.visitor();
        write_many(&mut world, visitor, 1, DIGEST_ENTRIES - 1);
        let last = wire::Send { client_id: "last".into(), text: "x".into(), ..wire::Send::default() };
        world.sql.fail_write.set(Some(failing));
        assert_eq!(world.try_frame(visitor, Frame::Send(last)), Err(Code::Storage), "write {failing}");
        assert_eq!(world.seen(visitor), ["error storage (last)"]);
        world.send(visitor, "last", "x");
        world.send(visitor, "next", "x");
        assert_eq!(
            world.seen(visitor),
            [format!("ack last {DIGEST_ENTRIES}"), format!("ack next {}", DIGEST_ENTRIES + 1)]
        );
        world.crash();
        let visitor = world.visitor();
        world.look_away();
        world.send(visitor, "last", "x");
        world.send(visitor, "c1", "x");
        assert_eq!(world.seen(visitor), [format!("ack last {DIGEST_ENTRIES}"), "ack c1 1".to_owned()]);
    }
}

/// Statements and rows that are read until the Room is awake.
fn waking_reads(world: &mut World) -> (u64, u64) {
    world.hibernate();
    let read = |world: &World| (world.sql.reads.get(), world.sql.rows_read.get());
    let before = read(world);
    world.wake();
    let after = read(world);
    (after.0 - before.0, after.1 - before.1)
}

/// Waking reads the digests and less than two blocks of entries, with one statement each, and little besides.
#[test]
fn waking_reads_a_part_of_a_long_log() {
    let mut world = World::default();
    world.settings.limit_factor = 1_000;
    let visitor = world.visitor();
    write_many(&mut world, visitor, 1, DIGEST_ENTRIES * 8 - 10);
    let agent = world.agent("Mei");
    world.send(agent, "a1", "hello");
    write_many(&mut world, visitor, DIGEST_ENTRIES * 8, DIGEST_ENTRIES * 8 + 7);
    let (statements, rows) = waking_reads(&mut world);
    assert!(statements <= 12 && rows < 7 + 2 * DIGEST_ENTRIES + 10, "{statements} statements, {rows} rows");
}

/// The visitor's messages that nobody answers are read so far back, and no further; what nobody is to hear of is not looked for.
#[test]
fn waking_looks_back_to_the_last_answer_and_not_for_ever() {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "x");
    let agent = world.agent("Mei");
    world.send(agent, "a1", "hello");
    world.hibernate();
    let write = |world: &World, from: u64, to: u64| {
        let entries = format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO public_log SELECT i, (SELECT id FROM public_log WHERE seq = 1), 'visitor', '', '', 'c' || i, {} + i, 'text',
             'x', 0, 0 FROM n;
             INSERT OR IGNORE INTO digests SELECT 'public', seq, '' FROM public_log WHERE seq % {DIGEST_ENTRIES} = 0",
            START.0
        );
        world.sql.connection.execute_batch(&entries).unwrap();
    };
    let waits_since = |world: &World| world.room.as_ref().unwrap().summary.waiting_since().map(|at| at.since(START));
    write(&world, 3, 600);
    let (_, rows) = waking_reads(&mut world);
    assert_eq!(waits_since(&world), Some(3));
    assert!(rows < 344 + 600 + 20, "{rows}");
    world.hibernate();
    let many = LOOK_BACK * 2;
    write(&world, 601, many);
    let (statements, rows) = waking_reads(&mut world);
    assert_eq!(waits_since(&world), Some((many - LOOK_BACK + 1) as i64), "the first one that was looked at");
    assert!(statements < 20 && rows < LOOK_BACK * 2 + 50, "{statements} statements, {rows} rows");
    world.frame(agent, Frame::Mute(wire::Mute { on: true, client_id: String::new() }));
    write(&world, many + 1, many + LOOK_BACK);
    let (statements, rows) = waking_reads(&mut world);
    assert!(statements <= 12 && rows < DIGEST_ENTRIES * 2 + 70, "{statements} statements, {rows} rows");
}

/// A count that nobody reads to its end stops growing; what is unread after waking is the same.
#[test]
fn unread_is_counted_up_to_a_limit() {
    let mut world = World::default();
    let visitor = world.visitor();
    write_many(&mut world, visitor, 1, 300);
    world.pass(5 * SECOND);
    let limit = UNREAD_MAX as u64;
    assert_eq!(world.history.notices.last().map(|it| (it.unread, it.waiting_since)), Some((limit, Some(START))));
    world.crash();
    let agent = world.agent("Mei");
    world.frame(agent, Frame::Read(wire::Read { seq: 290 }));
    world.pass(5 * SECOND);
    assert_eq!(world.history.notices.last().map(|it| it.unread), Some(10));
    world.send(agent, "a1", "sorry!");
    world.pass(5 * SECOND);
    assert_eq!(world.history.notices.last().map(|it| (it.unread, it.waiting_since)), Some((0, None)));
}
