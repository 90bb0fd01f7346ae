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

#[derive(Debug, Serialize)]
pub struct Report {
    pub opened: Opened,
    pub before_kb: f64,
    pub held_kb: f64,
    pub kb_per_socket: f64,
    pub descriptors: usize,
    pub storm: Option<Opened>,
}

pub fn run(plan: &Plan, per_s: f64, hold: f64, storm: bool) -> Result<Report, String> {
    let before_kb = process::pss_kb(plan.pid)?;
    let (sockets, opened) = open::all(plan, Some(per_s))?;
    thread::sleep(Duration::from_secs_f64(hold));
    let held_kb = process::pss_kb(plan.pid)?;
    let descriptors = process::descriptors(plan.pid);
    // All at once, without a word: as when the network of a whole office, or the server's own, is gone.
    drop(sockets);
    let storm = if storm {
        let (back, opened) = open::all(plan, None)?;
        leave(back);
        Some(opened)
    } else {
        None
    };
    let kb_per_socket = (held_kb - before_kb) / opened.open.max(1) as f64;
    Ok(Report { opened, before_kb, held_kb, kb_per_socket, descriptors, storm })
}

/// One after the other: whatever ends wakes its object, and objects that have just let thousands in are awake already.
fn leave(sockets: Vec<Option<Socket>>) {
    let start = Instant::now();
    for (at, socket) in sockets.into_iter().enumerate() {
        thread::sleep(Duration::from_secs_f64(at as f64 / LEAVING_PER_S).saturating_sub(start.elapsed()));
        drop(socket);
    }
}
