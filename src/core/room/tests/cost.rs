//! What a message costs its owner (design section 10), counted.

use super::harness::*;
use crate::core::{
    protocol::wire::{self, client_frame::Frame},
    room::Settings,
    time::{MINUTE, SECOND},
};

struct Cost {
    rows: f64,
    publishes: f64,
    notices: f64,
}

/// Messages alternate between visitor and agent, each is received and read, calls take their time.
fn cost(messages: u64, pause_ms: i64, hibernates: bool, settings: Settings) -> Cost {
    let mut world = World::default();
    world.settings = settings;
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.pass(5 * SECOND);
    world.send(visitor, "c2", "warm");
    let before = (world.rows_written(), world.history.published, world.history.notices.len());
    for number in 0..messages {
        let (from, to) = if number % 2 == 0 { (visitor, agent) } else { (agent, visitor) };
        world.send(from, &format!("m{number}"), "how are you today?");
        // The answers of the calls come a little later than the next frames.
        let due = world.now.plus(30);
        if world.alarm.is_some_and(|at| at <= due) {
            world.now = world.alarm.unwrap();
            world.ring();
        }
        world.now = world.now.max(due);
        world.frame(to, Frame::Delivered(wire::Delivered { seq: number + 3 }));
        world.frame(to, Frame::Read(wire::Read { seq: number + 3 }));
        world.frame(to, Frame::Typing(wire::Typing { on: true, ..Default::default() }));
        world.pass(pause_ms - 30);
        if hibernates {
            world.hibernate();
        }
        world.look_away();
    }
    let per = |count: u64| count as f64 / messages as f64;
    Cost {
        rows: per(world.rows_written() - before.0),
        publishes: per(world.history.published - before.1),
        notices: per((world.history.notices.len() - before.2) as u64),
    }
}

/// Design section 10: rows ≤ 1.3 and ≤ 3 (the alarm counts), three queue operations per event ≤ 0.3 and ≤ 3.
#[test]
fn the_cost_of_a_message() {
    let busy = cost(2_000, 100, false, Settings::default());
    assert!(busy.rows <= 1.3, "{} rows at the bench's pace", busy.rows);
    assert!(busy.publishes * 3.0 <= 0.33, "{} events at the bench's pace", busy.publishes);
    assert!(busy.notices <= 0.2, "{} notices at the bench's pace", busy.notices);
    let human = cost(200, 20 * SECOND, true, Settings::default());
    assert!(human.rows <= 3.0, "{} rows at a human pace", human.rows);
    assert!(human.publishes * 3.0 <= 3.0, "{} events at a human pace", human.publishes);
    let thrifty = cost(600, 20 * SECOND, true, Settings { events_delay_ms: 2 * MINUTE, ..Settings::default() });
    assert!(thrifty.publishes * 3.0 <= 0.51, "{} events when thrifty", thrifty.publishes);
    println!(
        "rows, events, notices per message: busy {:.2} {:.3} {:.2}; human {:.2} {:.2} {:.2}; thrifty {:.2} {:.3} {:.2}",
        busy.rows,
        busy.publishes,
        busy.notices,
        human.rows,
        human.publishes,
        human.notices,
        thrifty.rows,
        thrifty.publishes,
        thrifty.notices
    );
}
