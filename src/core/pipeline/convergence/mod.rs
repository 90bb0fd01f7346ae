//! INV-7, with the real Room and real SQLite on both sides: whatever the queue loses, doubles, reorders or splits, and
//! whatever fails in between, D1 holds the Room's log row for row once things work again.
//!
//! `SEED=7 cargo test --lib convergence` runs one seed; a failing one prints itself. `SEEDS=5000` runs more of them.

mod world;

use self::world::{AGENT, Faults, VISITOR, World};
use crate::{
    core::{
        internal::Status,
        limits::{points, reconcile_entries},
        pipeline::sample::{conversation, workspace},
        port::{Row, Statement},
        room::record::Cursors,
        time::{MINUTE, SECOND},
        words::index_words,
    },
    sql::{
        room::RoomStore,
        testing::{self, LogLine},
    },
};

fn room_lines(world: &World) -> Vec<LogLine> {
    testing::room_lines(&world.store)
}

fn history_lines(world: &World) -> Vec<LogLine> {
    testing::history_lines(&world.database, &conversation(1))
}

fn count(world: &World, sql: &'static str) -> i64 {
    world.database.sql.connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// D1 says what the Room says, and every text can be found once.
fn assert_converged(world: &mut World, context: &str) {
    let record = RoomStore(&world.store).record().unwrap().unwrap();
    assert_eq!(history_lines(world), room_lines(world), "{context}");
    let row = world.row();
    let rows = world
        .database
        .run(vec![Statement::new(
            "SELECT log_epoch, rev, status, snoozed_until, assignment_epoch, head, private_head, last_at, last_text, \
             last_sender, unread, waiting_since, visitor FROM conversations",
            [],
        )])
        .unwrap();
    let expected: Row = vec![
        row.log_epoch.into(),
        row.rev.into(),
        serde_json::to_value(row.status).unwrap().as_str().unwrap().into(),
        row.snoozed_until.map(|at| at.0).into(),
        row.assignment_epoch.into(),
        row.head.into(),
        row.private_head.into(),
        row.last_at.0.into(),
        row.last_text.into(),
        row.last_sender.into(),
        row.unread.into(),
        row.waiting_since.map(|at| at.0).into(),
        row.visitor.as_str().into(),
    ];
    assert_eq!(rows[0], [expected], "{context}");
    let name = &record.profile.name;
    let names = world.database.run(vec![Statement::new("SELECT name FROM visitors", [])]).unwrap();
    assert_eq!(names[0], [vec![name.as_str().into()]], "{context}");
    let heads = Cursors { public: row.head, private: row.private_head };
    assert_eq!(record.confirmed, heads, "{context}: not seen by the Room");
    let texts: Vec<String> =
        room_lines(world).into_iter().filter(|line| line.5 != "activity").map(|line| line.6).collect();
    assert_eq!(count(world, "SELECT COUNT(*) FROM message_words_docsize"), texts.len() as i64, "{context}");
    let words: i64 = texts.iter().map(|text| index_words(&workspace(1), text).split(' ').count() as i64).sum();
    assert_eq!(world.database.indexed_words(), words, "{context}: words, each once");
    let orphans = "SELECT COUNT(*) FROM message_words_docsize WHERE id NOT IN (SELECT rowid FROM messages)";
    assert_eq!(count(world, orphans), 0, "{context}");
    assert_eq!(count(world, "SELECT COUNT(*) FROM dead_letters"), 0, "{context}");
}

fn draw_faults(world: &mut World) -> Faults {
    // Each kind is off in a part of the seeds, else between rare and frequent.
    let mut rate = |most: u64| if world.draw(3) == 0 { 0 } else { world.draw(most) };
    Faults {
        lose: rate(500),
        double: rate(500),
        refuse: rate(300),
        mute: rate(300),
        break_batch: rate(300),
        crash: rate(40),
        break_write: rate(30),
        restore: rate(20),
    }
}

fn act(world: &mut World) {
    match world.draw(14) {
        0..4 => world.say(VISITOR, false),
        4..6 => world.say(AGENT, false),
        6 => world.say(AGENT, true),
        7 => {
            let status = [Status::Open, Status::Snoozed, Status::Resolved][world.draw(3) as usize];
            world.set_status(status);
        }
        8 => world.identify(),
        9 => world.read(),
        10 => world.forget(),
        11 => world.crash(),
        12 => world.back_up(),
        _ => {
            let socket = if world.draw(2) == 0 { VISITOR } else { AGENT };
            world.connect(socket);
        }
    }
    if world.strikes(world.faults.restore) {
        world.restore();
    }
    let wait = match world.draw(10) {
        0 => world.draw(5 * MINUTE as u64),
        1..3 => world.draw(70 * SECOND as u64),
        _ => world.draw(2 * SECOND as u64),
    };
    world.pass(wait as i64);
}

fn run(seed: u64) -> World {
    let mut world = World::new(seed);
    world.faults = draw_faults(&mut world);
    for _ in 0..60 {
        act(&mut world);
    }
    world.heal();
    // After an older store was put back the Room learns of it from the next client or message.
    world.say(VISITOR, false);
    world.pass(30 * MINUTE);
    world
}

/// INV-7.
#[test]
fn inv_7_the_history_catches_up_whatever_happens() {
    let setting = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let replayed = setting("SEED");
    let seeds = replayed.map_or(0..setting("SEEDS").unwrap_or(60), |seed| seed..seed + 1);
    let (mut lines, mut restores) = (0, 0);
    for seed in seeds {
        println!("SEED={seed}");
        let mut world = run(seed);
        assert_converged(&mut world, &format!("SEED={seed}"));
        lines += room_lines(&world).len();
        restores += world.restores;
    }
    println!("{lines} entries, {restores} stores put back");
    assert!(replayed.is_some() || (lines > 1_000 && restores > 5), "{lines} entries, {restores} restores");
}

/// An outage of ten minutes, longer than the runtime repeats an alarm, heals by itself: of the queue, of D1, of both,
/// with and without messages that come meanwhile, and though the Room is evicted in the middle.
#[test]
fn inv_7_outages_of_ten_minutes_heal_by_themselves() {
    for (case, (queue, database)) in [(true, false), (false, true), (true, true)].into_iter().enumerate() {
        for busy in [false, true] {
            let mut world = World::new(case as u64);
            world.say(VISITOR, false);
            world.pass(2 * MINUTE);
            assert_converged(&mut world, "before");
            world.queue_is_down = queue;
            world.database.down.set(database);
            world.say(VISITOR, false);
            world.say(AGENT, true);
            for minute in 0..10 {
                if busy {
                    world.say(if minute % 2 == 0 { VISITOR } else { AGENT }, false);
                }
                world.pass(MINUTE);
                world.forget();
            }
            let missing = room_lines(&world).len() - history_lines(&world).len();
            assert!(missing >= 2, "it was an outage");
            world.heal();
            world.pass(12 * MINUTE);
            assert_converged(&mut world, &format!("queue down: {queue}, D1 down: {database}, busy: {busy}"));
        }
    }
}

/// Nobody says anything any more, and everything that was told is lost: the Room finds out by looking.
#[test]
fn inv_7_a_queue_that_loses_everything_is_found_out() {
    let mut world = World::new(1);
    world.faults.lose = 1_000;
    world.say(VISITOR, false);
    world.say(AGENT, false);
    world.pass(10 * SECOND);
    assert_eq!(history_lines(&world), []);
    world.faults.lose = 0;
    world.pass(2 * MINUTE);
    assert_converged(&mut world, "after one look");
}

/// A log longer than one comparison and one queue message, lost whole, comes back whole.
#[test]
fn inv_7_long_logs_come_back_whole() {
    let mut world = World::new(2);
    world.faults.lose = 1_000;
    for _ in 0..1_300 {
        world.say(VISITOR, false);
        world.pass(100);
    }
    world.heal();
    world.pass(20 * MINUTE);
    assert_converged(&mut world, "1,300 messages");
}

/// A Room that has forgotten what it had told, and whose D1 lacks more than one comparison holds: what is missing is
/// told, not looked for again and again. (Found by the simulator, `SEED=77`.)
#[test]
fn inv_7_more_than_one_comparison_that_was_never_told() {
    points::draw(&mut |below| below - 1);
    let mut world = World::new(3);
    world.queue_is_down = true;
    for _ in 0..4 * reconcile_entries() {
        world.say(VISITOR, false);
        world.pass(100);
    }
    world.pass(2 * MINUTE);
    world.crash();
    world.heal();
    world.connect(VISITOR);
    let before = world.database.batches.get();
    world.pass(10 * MINUTE);
    assert_converged(&mut world, "it was never told");
    let batches = world.database.batches.get() - before;
    assert!(batches < 100, "{batches} questions and batches for {} entries", room_lines(&world).len());
}
