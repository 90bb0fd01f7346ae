//! The Desk's waiting line beside queueing theory (`make bench ONLY=waiting`): agents with one slot each, at rising loads.
//!
//! `CI=` the half width of the 95 % confidence interval at which a load is done, in percent (3); `JSON=` a file for the figures.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bellhop::core::routing::settings::Method;
use bellhop_simulator::waiting::{Day, Days, Waits, cobham, erlang_c, estimate, play};

const AGENTS: usize = 5;
const LOADS: [f64; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const VISITORS: usize = 50_000;
/// The half width of the 95 % interval that a mean must have, in percent of it.
const NARROW: f64 = 3.0;
/// Days that are played at least, and at most.
const DAYS: (u64, u64) = (8, 600);

fn setting(name: &str) -> Option<f64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Days of consecutive seeds on all processors, until all of these estimates are narrow enough.
fn days<const N: usize>(day: Day, width: f64, of: fn(&Waits) -> [f64; N]) -> Days {
    let done = Mutex::new(Days::new());
    let next = AtomicU64::new(0);
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    while next.load(Ordering::Relaxed) < DAYS.1 {
        // The same number of days whatever finishes first: how many are played must not depend on the machine.
        let from = next.fetch_add(DAYS.0, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for worker in 0..workers {
                let done = &done;
                scope.spawn(move || {
                    for seed in (from..from + DAYS.0).filter(|seed| seed % workers == worker) {
                        let waits = play(day, seed);
                        done.lock().expect("a day that failed").insert(seed, waits);
                    }
                });
            }
        });
        let means: Vec<[f64; N]> = done.lock().expect("a day that failed").values().map(of).collect();
        let is_narrow = |at: usize| {
            let (mean, half) = estimate(&means.iter().map(|it| it[at]).collect::<Vec<_>>());
            half <= width * mean
        };
        if (0..N).all(is_narrow) {
            break;
        }
    }
    done.into_inner().expect("a day that failed")
}

type Figure = (String, f64, &'static str, Option<f64>);

/// A tenth of the visitors has a level: beside Cobham's formula without ageing, and the bound on overtaking with it.
fn levels(width: f64, figures: &mut Vec<Figure>) {
    const VIPS: f64 = 0.1;
    println!("\na tenth has a level");
    println!("load   with it: Cobham   the Desk   ± 95 %   off     without: Cobham   the Desk   ± 95 %   off     days");
    for load in LOADS {
        let day = Day { vips: VIPS, ..Day::plain(AGENTS, 1, load, VISITORS, Method::LeastBusy) };
        let played = days(day, width, |it| it.by_level);
        let theory = cobham(AGENTS, load, VIPS);
        let off = [0, 1].map(|at| {
            let (mean, half) = estimate(&played.values().map(|it| it.by_level[at]).collect::<Vec<_>>());
            (mean, 100.0 * half / mean, 100.0 * (mean - theory[at]).abs() / theory[at])
        });
        let column = |at: usize| {
            let (mean, half, off) = off[at];
            format!("{:<17.4} {mean:<10.4} {half:<6.2} %  {off:<5.2} %", theory[at])
        };
        println!("{load:<6} {} {} {}", column(0), column(1), played.len());
        for (at, who) in ["with a level", "without"].into_iter().enumerate() {
            let what = format!("mean wait {who} beside Cobham at load {load}");
            figures.push((format!("{what}, off"), off[at].2, "%", Some(5.0)));
            figures.push((format!("{what}, half of the 95 % interval"), off[at].1, "%", Some(NARROW)));
        }
    }
    let day = Day { vips: VIPS, ageing_minutes: 5, ..Day::plain(AGENTS, 1, 0.95, VISITORS, Method::LeastBusy) };
    let overtaken: usize = (0..DAYS.0).map(|seed| play(day, seed).overtaken).sum();
    println!("with five minutes of ageing {overtaken} were overtaken by somebody who came later than that");
    figures.push(("visitors overtaken beyond what a level is worth".to_owned(), overtaken as f64, "", Some(0.0)));
}

/// How evenly each method spreads the same days' visitors.
fn spreads(figures: &mut Vec<Figure>) {
    let of = |method| {
        // Three slots: with one, whoever is free is all the choice that there is.
        let day = Day::plain(AGENTS, 3, 0.7, VISITORS, method);
        let spread = (0..DAYS.0).map(|seed| play(day, seed).imbalance).sum::<f64>() / DAYS.0 as f64;
        println!("{method:?}: the busiest agent has {spread:.3} more than the idlest, over {} days", DAYS.0);
        spread
    };
    let even = of(Method::RoundRobin).max(1e-9);
    for (method, name, most) in [(Method::LeastBusy, "least busy", Some(1.0)), (Method::BestMatch, "best match", None)]
    {
        figures.push((format!("spread of the load, {name} beside round robin"), of(method) / even, "×", most));
    }
}

/// How long a million visitors take, on one processor.
fn million(figures: &mut Vec<Figure>) {
    #[allow(clippy::disallowed_methods)] // how long it took is told, nothing more
    let began = Instant::now();
    let day = Day::plain(AGENTS, 1, 0.8, VISITORS, Method::LeastBusy);
    for seed in 0..(1_000_000 / VISITORS) as u64 {
        play(day, seed);
    }
    let took = began.elapsed().as_secs_f64();
    println!("a million visitors: {took:.1} s");
    figures.push(("a million visitors in the Desk's line".to_owned(), took, "s", None));
}

fn main() {
    let width = setting("CI").unwrap_or(NARROW) / 100.0;
    let mut figures = Vec::new();
    println!("{AGENTS} agents with one slot, {VISITORS} visitors a day; waits in units of the mean service");
    println!(
        "load   Erlang C   the Desk   ± 95 %      off   days   worst beside the ideal line   estimates right within a half"
    );
    let mut all_told = (0, 0);
    for load in LOADS {
        #[allow(clippy::disallowed_methods)] // how long it took is told, nothing more
        let began = Instant::now();
        let day = Day::plain(AGENTS, 1, load, VISITORS, Method::LeastBusy);
        let played = days(day, width, |it| [it.mean]);
        let means: Vec<f64> = played.values().map(|it| it.mean).collect();
        let ((mean, half), theory) = (estimate(&means), erlang_c(AGENTS, load));
        let off = (mean - theory).abs() / theory;
        let told = played.values().fold((0, 0), |sum, it| (sum.0 + it.told.0, sum.1 + it.told.1));
        if load >= 0.8 {
            all_told = (all_told.0 + told.0, all_told.1 + told.1);
        }
        let worst = played.values().map(|it| it.worst).max().unwrap_or(0);
        println!(
            "{load:<6} {theory:<10.4} {mean:<10.4} {:<9} {:>6.2} %  {:<5}  {worst} ms   {:.1} % of {}   ({:.1} s)",
            format!("{:.2} %", 100.0 * half / mean),
            100.0 * off,
            played.len(),
            100.0 * told.1 as f64 / told.0.max(1) as f64,
            told.0,
            began.elapsed().as_secs_f64(),
        );
        let what = format!("mean wait beside Erlang C at load {load}");
        figures.push((format!("{what}, off"), 100.0 * off, "%", Some(5.0)));
        figures.push((format!("{what}, half of the 95 % interval"), 100.0 * half / mean, "%", Some(NARROW)));
        figures.push((
            format!("one visitor's wait beside the ideal line at load {load}, worst"),
            worst as f64,
            "ms",
            Some(1.0),
        ));
    }
    let wrong = 100.0 * (1.0 - all_told.1 as f64 / all_told.0.max(1) as f64);
    println!("at loads from 0.8 on {wrong:.1} % of {} estimates are off by more than a half", all_told.0);
    figures.push(("estimates told at 80 to 95 % load, off by more than a half".to_owned(), wrong, "%", Some(30.0)));
    levels(width, &mut figures);
    spreads(&mut figures);
    million(&mut figures);
    if let Ok(file) = std::env::var("JSON") {
        let rows: Vec<_> = figures
            .iter()
            .map(|(name, value, unit, budget)| {
                serde_json::json!({ "name": name, "value": value, "unit": unit, "budget": budget, "pass": budget.map(|it| *value <= it) })
            })
            .collect();
        std::fs::write(file, serde_json::to_string_pretty(&rows).expect("figures are JSON"))
            .expect("the file can be written");
    }
}
