//! Thousands of sockets that do nothing: what they cost in memory, and how they all come back at once.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    open::{self, Opened},
    plan::Plan,
    process,
    socket::Socket,
};

/// Sockets that end in a second when a storm is over.
const LEAVING_PER_S: f64 = 400.0;

/// The second half comes at this part of the first one's pace: it never needs more awake objects than there is room for.
const SECOND_PACE: f64 = 2.0 / 3.0;

#[derive(Debug, Serialize)]
pub struct Report {
    pub opened: Opened,
    pub before_kb: f64,
    /// With the first half of the sockets, and with all.
    pub half_kb: f64,
    pub held_kb: f64,
    /// Of all of them, with what the process keeps of objects that were awake at the same time.
    pub kb_per_socket: f64,
    /// Of the second half: there is room already for as many awake objects as come at the same time.
    pub kb_per_further_socket: f64,
    pub descriptors: usize,
    pub storm: Option<Opened>,
}

pub fn run(plan: &Plan, per_s: f64, hold: f64, storm: bool) -> Result<Report, String> {
    let before_kb = process::kept_kb(plan)?;
    let pause = Duration::from_secs_f64(hold);
    let (first, second) = plan.seats.split_at(plan.seats.len() / 2);
    let (mut sockets, earlier) = open::all(plan, first, Some(per_s))?;
    thread::sleep(pause);
    let half_kb = process::kept_kb(plan)?;
    let (more, mut opened) = open::all(plan, second, Some(per_s * SECOND_PACE))?;
    sockets.extend(more);
    thread::sleep(pause);
    let held_kb = process::kept_kb(plan)?;
    let kb_per_further_socket = (held_kb - half_kb) / opened.open.max(1) as f64;
    opened.asked += earlier.asked;
    opened.open += earlier.open;
    opened.refused += earlier.refused;
    opened.first_error = opened.first_error.or(earlier.first_error);
    let descriptors = process::descriptors(plan.pid);
    // All at once, without a word: as when the network of a whole office, or the server's own, is gone.
    drop(sockets);
    let storm = if storm {
        let (back, opened) = open::all(plan, &plan.seats, None)?;
        leave(back);
        Some(opened)
    } else {
        None
    };
    let kb_per_socket = (held_kb - before_kb) / opened.open.max(1) as f64;
    Ok(Report { opened, before_kb, half_kb, held_kb, kb_per_socket, kb_per_further_socket, descriptors, storm })
}

/// One after the other: whatever ends wakes its object, and objects that have just let thousands in are awake already.
fn leave(sockets: Vec<Option<Socket>>) {
    let start = Instant::now();
    for (at, socket) in sockets.into_iter().enumerate() {
        thread::sleep(Duration::from_secs_f64(at as f64 / LEAVING_PER_S).saturating_sub(start.elapsed()));
        drop(socket);
    }
}
