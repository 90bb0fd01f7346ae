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
use bellhop_simulator::waiting::{Day, Days, erlang_c, estimate, play, spread};

const AGENTS: usize = 5;
const LOADS: [f64; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const VISITORS: usize = 50_000;
/// Days that are played at least, and at most.
const DAYS: (u64, u64) = (8, 600);

fn setting(name: &str) -> Option<f64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Days of consecutive seeds on all processors, until the estimate is narrow enough.
fn days(day: Day, width: f64) -> Days {
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
                        // The same arrivals for each, and three slots: with one, whoever is free is all the choice that there is.
                        let waits = play(day, seed);
                        done.lock().expect("a day that failed").insert(seed, waits);
                    }
                });
            }
        });
        let means: Vec<f64> = done.lock().expect("a day that failed").values().map(|it| it.mean).collect();
        let (mean, half) = estimate(&means);
        if half <= width * mean {
            break;
        }
    }
    done.into_inner().expect("a day that failed")
}

fn main() {
    let width = setting("CI").unwrap_or(3.0) / 100.0;
    let mut figures = Vec::new();
    println!("{AGENTS} agents with one slot, {VISITORS} visitors a day; waits in units of the mean service");
    println!(
        "load   Erlang C   the Desk   ± 95 %      off   days   worst beside the ideal line   estimates right within a half"
    );
    let mut all_told = (0, 0);
    for load in LOADS {
        #[allow(clippy::disallowed_methods)] // how long it took is told, nothing more
        let began = Instant::now();
        let played = days(Day { agents: AGENTS, slots: 1, load, visitors: VISITORS, method: Method::LeastBusy }, width);
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
        figures.push((format!("mean wait beside Erlang C at load {load}, off"), 100.0 * off, "%", Some(5.0)));
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
    let mut spreads = Vec::new();
    for method in [Method::RoundRobin, Method::LeastBusy, Method::BestMatch] {
        let waits = play(Day { agents: AGENTS, slots: 3, load: 0.7, visitors: VISITORS, method }, 1);
        println!("{method:?}: the largest difference from an equal part is {:.2} %", 100.0 * spread(&waits.given));
        spreads.push(spread(&waits.given));
    }
    figures.push((
        "spread of the load, least busy beside round robin".to_owned(),
        spreads[1] / spreads[0].max(1e-9),
        "×",
        Some(1.0),
    ));
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
