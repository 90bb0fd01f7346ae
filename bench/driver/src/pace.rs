//! Messages at a fixed rate: one thread writes each when it is due, this one reads.

use std::{
    io::{ErrorKind, Read as _},
    net::TcpStream,
    os::fd::AsRawFd as _,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use serde::Serialize;

use crate::{
    listen::{self, Heard},
    open::{self, Opened, quantile},
    plan::Plan,
    process,
    seen::{Seen, Times, since_due},
    socket::{Inbox, send},
};

/// After the last message was due: how long the driver waits for the rest, once nothing comes any more.
const QUIET: Duration = Duration::from_secs(5);
/// Once everything has come: what is said twice comes within this time.
const EXTRA: Duration = Duration::from_millis(200);

#[derive(Debug, Serialize)]
pub struct Report {
    pub opened: Opened,
    pub rooms: usize,
    pub sent: usize,
    pub delivered: usize,
    pub lost: usize,
    pub duplicates: usize,
    pub out_of_order: usize,
    pub closed: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// To the sender's own acknowledgement, and to the answer; of messages that have a name, and where somebody answers.
    pub ack: Option<Times>,
    pub answer: Option<Times>,
    /// Answers that say something else than their message asks for, or belong to none.
    pub wrong_answers: usize,
    /// The driver's own share of it: how late it wrote.
    pub send_lag_p99_ms: f64,
    /// Server CPU over the measured part, for 1,000 messages that reached the other side.
    pub cpu_ms_per_1000: f64,
    /// By those who only listen.
    pub heard: Heard,
    /// Payload both ways at both ends, per message: what was sent, what the sender and the receiver got.
    pub bytes_per_message: f64,
}

struct Sent {
    lags_ms: Vec<f64>,
    cpu_ms: f64,
    /// Deliveries within the time that this CPU was used in: a server that lags behind has delivered less.
    meanwhile: usize,
    error: Option<String>,
}

pub fn run(plan: &Plan, rate: f64, warmup: f64, secs: f64) -> Result<Report, String> {
    let (sockets, opened) = open::all(plan, &plan.seats, None)?;
    if opened.open != opened.asked {
        return Err(format!("{} of {} sockets: {:?}", opened.open, opened.asked, opened.first_error));
    }
    let (streams, mut inboxes): (Vec<TcpStream>, Vec<Inbox>) =
        sockets.into_iter().flatten().map(|socket| (socket.stream, socket.inbox)).unzip();
    let listeners = listen::open(plan)?;
    let mut poll = Poll::new().map_err(|error| error.to_string())?;
    for (at, stream) in streams.iter().enumerate() {
        let registered = stream
            .set_nonblocking(true)
            .and_then(|()| poll.registry().register(&mut SourceFd(&stream.as_raw_fd()), Token(at), Interest::READABLE));
        registered.map_err(|error| error.to_string())?;
    }
    let total = (rate * (warmup + secs)).round() as usize;
    let first = (rate * warmup).round() as usize;
    let run = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as u64);
    let start = Instant::now() + Duration::from_millis(200);
    let due = |n: usize| start + Duration::from_secs_f64(n as f64 / rate);
    let (all_sent, over, delivered) = (AtomicBool::new(false), AtomicBool::new(false), AtomicUsize::new(0));
    let mut seen = Seen::new(plan, run, total, streams.len() / 2, &delivered, start);
    let (sent, read, heard) = thread::scope(|scope| {
        let listening = scope.spawn(|| listen::drain(&listeners, &over));
        let writer = scope.spawn(|| {
            let sent = write(plan, &streams, (first, total), run, due, &delivered);
            all_sent.store(true, Ordering::Release);
            sent
        });
        let read = read(&mut poll, &streams, &mut inboxes, &mut seen, start, &all_sent);
        let sent = writer.join();
        over.store(true, Ordering::Release);
        (sent, read, listening.join())
    });
    read.map_err(|error| error.to_string())?;
    let heard = heard.map_err(|_| "the listening thread failed".to_owned())?.map_err(|error| error.to_string())?;
    let sent = sent.map_err(|_| "the writing thread failed".to_owned())??;
    if let Some(error) = sent.error {
        return Err(error);
    }
    let latencies = since_due(&seen.at_ms, first, rate);
    let mut lags = sent.lags_ms;
    lags.sort_by(f64::total_cmp);
    let count = delivered.load(Ordering::Relaxed);
    let payload: usize = (0..total).filter_map(|n| Some(plan.message(n)?.frame.0.len())).sum();
    Ok(Report {
        opened,
        rooms: streams.len() / 2,
        sent: total,
        delivered: count,
        lost: total - count,
        duplicates: seen.duplicates,
        out_of_order: seen.out_of_order,
        closed: seen.closed,
        p50_ms: quantile(&latencies, 0.5),
        p99_ms: quantile(&latencies, 0.99),
        max_ms: quantile(&latencies, 1.0),
        ack: seen.acks_ms.as_deref().map(|times| Times::of(times, first, rate)),
        answer: seen.answers_ms.as_deref().map(|times| Times::of(times, first, rate)),
        wrong_answers: seen.wrong_answers,
        send_lag_p99_ms: quantile(&lags, 0.99),
        cpu_ms_per_1000: sent.cpu_ms * 1e3 / sent.meanwhile.max(1) as f64,
        heard,
        bytes_per_message: payload as f64 / total.max(1) as f64 + seen.bytes as f64 / count.max(1) as f64,
    })
}

/// Writes every message when it is due; rooms take turns. CPU is read when the first measured one is, and at the end.
fn write(
    plan: &Plan,
    streams: &[TcpStream],
    (first, total): (usize, usize),
    run: u64,
    due: impl Fn(usize) -> Instant,
    delivered: &AtomicUsize,
) -> Result<Sent, String> {
    let mut sent = Sent { lags_ms: Vec::with_capacity(total), cpu_ms: 0.0, meanwhile: 0, error: None };
    let mut before = (process::cpu_ms(plan.pid)?, 0);
    for n in 0..total {
        let frame = plan.message(n).ok_or("the plan has no messages")?.write(run, n);
        let at = due(n);
        thread::sleep(at.saturating_duration_since(Instant::now()));
        if n == first {
            before = (process::cpu_ms(plan.pid)?, delivered.load(Ordering::Relaxed));
            // Whoever counts at the server begins now: opening the sockets is no part of a message's cost.
            eprintln!("measuring");
        }
        let Some(stream) = streams.get(n % (streams.len() / 2) * 2) else { continue };
        if let Err(error) = send(stream, plan.text, &frame) {
            sent.error = Some(format!("message {n}: {error}"));
            return Ok(sent);
        }
        if n >= first {
            sent.lags_ms.push(at.elapsed().as_secs_f64() * 1e3);
        }
    }
    thread::sleep(due(total).saturating_duration_since(Instant::now()));
    sent.cpu_ms = process::cpu_ms(plan.pid)? - before.0;
    sent.meanwhile = delivered.load(Ordering::Relaxed) - before.1;
    Ok(sent)
}

/// Reads until everything has come, or nothing does any more.
fn read(
    poll: &mut Poll,
    streams: &[TcpStream],
    inboxes: &mut [Inbox],
    seen: &mut Seen<'_>,
    start: Instant,
    all_sent: &AtomicBool,
) -> std::io::Result<()> {
    let mut events = Events::with_capacity(1024);
    let mut chunk = [0; 16 * 1024];
    loop {
        if all_sent.load(Ordering::Acquire) && seen.newest.elapsed() > if seen.is_complete() { EXTRA } else { QUIET } {
            return Ok(());
        }
        match poll.poll(&mut events, Some(Duration::from_millis(20))) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            let at = event.token().0;
            let (Some(mut stream), Some(inbox)) = (streams.get(at), inboxes.get_mut(at)) else { continue };
            loop {
                match stream.read(&mut chunk) {
                    Ok(0) => {
                        seen.closed += 1;
                        break;
                    }
                    Ok(n) => inbox.take(&chunk[..n]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => {
                        seen.closed += 1;
                        break;
                    }
                }
            }
            let now = start.elapsed().as_secs_f64() * 1e3;
            while let Some(frame) = inbox.next() {
                seen.frame(at, frame, now);
            }
        }
    }
}
