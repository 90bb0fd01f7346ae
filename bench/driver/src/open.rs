//! Opening many sockets: each says hello and waits until it is ready; what is refused comes again a little later.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    plan::{Plan, Seat},
    process,
    socket::{self, Incoming, Socket},
};

/// A client that is refused comes back; this often, then it is counted as failed.
const ATTEMPTS: u32 = 40;
/// How long it waits, at first and at most. What the server asks for is in its own frames, which the driver can't read.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// How it went.
#[derive(Debug, Serialize)]
pub struct Opened {
    pub asked: usize,
    pub open: usize,
    /// Attempts that were refused or cut, and made again.
    pub refused: usize,
    pub first_error: Option<String>,
    pub secs: f64,
    pub per_s: f64,
    pub cpu_ms_per_1000: f64,
    pub ready_ms_p50: f64,
    pub ready_ms_p99: f64,
}

/// Opens a socket for every one of these seats, in order as far as several at a time have one, and not more than `per_s` a
/// second.
pub fn all(plan: &Plan, seats: &[Seat], per_s: Option<f64>) -> Result<(Vec<Option<Socket>>, Opened), String> {
    let next = AtomicUsize::new(0);
    let refused = AtomicUsize::new(0);
    let sockets = Mutex::new(seats.iter().map(|_| None).collect::<Vec<Option<Socket>>>());
    let (times, error) = (Mutex::new(Vec::new()), Mutex::new(None));
    let (cpu, start) = (process::cpu_ms(plan.pid)?, Instant::now());
    thread::scope(|scope| {
        for _ in 0..plan.concurrency.max(1) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(seat) = seats.get(at) else { return };
                    let due = start + Duration::from_secs_f64(per_s.map_or(0.0, |per_s| at as f64 / per_s));
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let begun = Instant::now();
                    match patiently(plan, seat, &refused) {
                        Ok(socket) => {
                            lock(&times).push(begun.elapsed().as_secs_f64() * 1e3);
                            if let Some(place) = lock(&sockets).get_mut(at) {
                                *place = Some(socket);
                            }
                        }
                        Err(text) => {
                            lock(&error).get_or_insert(text);
                        }
                    }
                }
            });
        }
    });
    let secs = start.elapsed().as_secs_f64();
    let mut times = times.into_inner().unwrap_or_default();
    times.sort_by(f64::total_cmp);
    let opened = Opened {
        asked: seats.len(),
        open: times.len(),
        refused: refused.into_inner(),
        first_error: error.into_inner().unwrap_or_default(),
        secs,
        per_s: times.len() as f64 / secs,
        cpu_ms_per_1000: (process::cpu_ms(plan.pid)? - cpu) * 1e3 / times.len().max(1) as f64,
        ready_ms_p50: quantile(&times, 0.5),
        ready_ms_p99: quantile(&times, 0.99),
    };
    Ok((sockets.into_inner().unwrap_or_default(), opened))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn patiently(plan: &Plan, seat: &Seat, refused: &AtomicUsize) -> Result<Socket, String> {
    let mut pause = PAUSE.0;
    for attempt in 1.. {
        match once(plan, seat) {
            Ok(socket) => return Ok(socket),
            // A server that is gone takes nobody any more: no use in knocking 40 times at each of 8,000 doors.
            Err(error) if attempt == ATTEMPTS || !process::is_there(plan.pid) => return Err(error),
            Err(_) => {}
        }
        refused.fetch_add(1, Ordering::Relaxed);
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE.1);
    }
    Err("never tried".into())
}

fn once(plan: &Plan, seat: &Seat) -> Result<Socket, String> {
    let mut socket = Socket::open(plan.port, seat).map_err(|error| error.to_string())?;
    if let Some(hello) = &plan.hello {
        socket::send(&socket.stream, plan.text, &hello.0).map_err(|error| error.to_string())?;
    }
    let Some(ready) = &plan.ready else { return Ok(socket) };
    loop {
        match socket.wait().map_err(|error| format!("before it was ready: {error}"))? {
            Incoming::Data(frame) if frame.starts_with(&ready.0) => return Ok(socket),
            Incoming::Data(_) => {}
            Incoming::Close => return Err("closed before it was ready".into()),
        }
    }
}

/// The value below which this part of the sorted values lies.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
