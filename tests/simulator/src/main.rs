//! `make model`: so many steps over as many seeds as that takes, on every core; or one seed again.
//!
//! Settings come from the environment: `STEPS` (a million), `SEED` (one seed), `LENGTH` (steps with faults of a seed),
//! `SHOW=1` (all that happens), `FROM` (the first seed), `WITHOUT` (kinds of faults that do not happen), `ROOMS`, `AGENTS`, `JOBS`, `SHRINK=0`.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bellhop_simulator::{
    counts::Counts,
    faults::Fault,
    run::{Failure, Report, note_place, run, shrink},
    world::Config,
};

/// Steps with faults of one seed; the calm after it comes on top.
const LENGTH: u64 = 4_000;
/// One seed in so many is run twice: the same seed is the same run (C12).
const TWICE: u64 = 50;
/// A run of fewer steps need not have met every kind of fault.
const ENOUGH: u64 = 900_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().filter(|text| !text.is_empty()).and_then(|text| text.parse().ok())
}

fn config(seed: u64) -> Config {
    let mut config = Config::of(seed, setting("LENGTH").unwrap_or(LENGTH));
    config.rooms = setting("ROOMS").map_or(config.rooms, |rooms| rooms as usize);
    config.show = setting("SHOW") == Some(1);
    config.agents = setting("AGENTS").map_or(config.agents, |agents| agents as usize);
    let without = std::env::var("WITHOUT").unwrap_or_default();
    let is_named = |fault: &Fault| without.split(',').any(|name| name == format!("{fault:?}"));
    config.without = Fault::ALL.iter().copied().filter(is_named).collect::<BTreeSet<Fault>>();
    config
}

fn command(config: &Config) -> String {
    let without: Vec<String> = config.without.iter().map(|fault| format!("{fault:?}")).collect();
    let mut command = format!("make model SEED={} LENGTH={}", config.seed, config.steps);
    if (config.rooms, config.agents) != (3, 3) {
        command += &format!(" ROOMS={} AGENTS={}", config.rooms, config.agents);
    }
    if !without.is_empty() {
        command += &format!(" WITHOUT={}", without.join(","));
    }
    command
}

fn tell(failure: &Failure) {
    println!("\n{}", failure.trace.join("\n"));
    println!("\nSEED={} failed at step {}: {}", failure.config.seed, failure.at, failure.why);
    println!("again: {}", command(&failure.config));
}

fn failed(failure: Failure) -> ExitCode {
    tell(&failure);
    if setting("SHRINK") != Some(0) {
        println!("\nmaking it smaller …");
        let small = shrink(failure, &mut |found| println!("  still fails: {}", command(&found.config)));
        tell(&small);
    }
    ExitCode::FAILURE
}

/// All runs together.
#[derive(Default)]
struct Total {
    counts: Counts,
    faults: BTreeMap<Fault, u64>,
    seeds: u64,
    twice: u64,
    failure: Option<Failure>,
}

fn print(total: &Total, began: Instant) {
    let counts = &total.counts;
    println!("\nfaults by kind");
    for fault in Fault::ALL {
        let count = total.faults.get(fault).copied().unwrap_or_default();
        let number = if fault.number() > 0 { fault.number().to_string() } else { String::new() };
        println!("  {count:>8}  {number:>2} {:<18} {}", format!("{fault:?}"), fault.text());
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "\n{} steps, {} seeds ({} run twice), {} faults, {} conversations, {} frames, {} messages written, {} acknowledged \
         and all found, {} taken away by {} older stores, {} assignments, {} of them by routing, bots asked about \
         {} buttons, {} messages of theirs, {} of them cut off, {} handed over, {} actions; everything had met at most {} s after the last \
         fault. {:.0} s, {:.0} steps a second.",
        counts.steps,
        total.seeds,
        total.twice,
        total.faults.values().sum::<u64>(),
        counts.conversations,
        counts.frames,
        counts.written,
        counts.acknowledged,
        counts.rolled_back,
        counts.restores,
        counts.assignments,
        counts.rings,
        counts.pressed,
        counts.said,
        counts.cut_off,
        counts.handed_over,
        counts.actions,
        counts.settled_in / 1_000,
        seconds,
        counts.steps as f64 / seconds,
    );
}

/// One seed; sometimes twice, and then both must be the same (C12).
fn one(seed: u64) -> Result<(Report, bool), Failure> {
    let report = run(&config(seed)).map_err(|failure| *failure)?;
    let again = seed.is_multiple_of(TWICE);
    if again {
        let second = run(&config(seed)).map_err(|failure| *failure)?;
        if second.digest != report.digest {
            let why = "C12: the same seed gave two different runs".to_owned();
            return Err(Failure { config: config(seed), why, at: report.counts.steps, trace: Vec::new() });
        }
    }
    Ok((report, again))
}

fn many(steps: u64) -> ExitCode {
    #[allow(clippy::disallowed_methods)] // real time, for the report alone
    let began = Instant::now();
    let next = AtomicU64::new(setting("FROM").unwrap_or(1));
    let total = Mutex::new(Total::default());
    let jobs = setting("JOBS").unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |it| it.get() as u64));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let is_over = |total: &Total| total.counts.steps >= steps || total.failure.is_some();
                    if total.lock().is_ok_and(|total| is_over(&total)) {
                        return;
                    }
                    let result = one(next.fetch_add(1, Ordering::Relaxed));
                    let Ok(mut total) = total.lock() else { return };
                    match result {
                        Ok((report, twice)) => {
                            total.counts.add(&report.counts);
                            total.seeds += 1;
                            total.twice += u64::from(twice);
                            for (fault, count) in report.faults {
                                *total.faults.entry(fault).or_default() += count;
                            }
                        }
                        Err(failure) => drop(total.failure.get_or_insert(failure)),
                    }
                }
            });
        }
    });
    let total = total.into_inner().unwrap_or_default();
    print(&total, began);
    if let Some(failure) = total.failure {
        return failed(failure);
    }
    let never: Vec<&Fault> =
        Fault::ALL.iter().filter(|fault| total.faults.get(fault).is_none_or(|count| *count == 0)).collect();
    if !never.is_empty() && total.counts.steps >= ENOUGH {
        println!("These faults never happened: {never:?}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    // A check that fails is caught and told with its seed.
    std::panic::set_hook(Box::new(|panic| note_place(panic.location())));
    let Some(seed) = setting("SEED") else { return many(setting("STEPS").unwrap_or(1_000_000)) };
    match run(&config(seed)) {
        Ok(report) => {
            println!("SEED={seed} holds. {:#?}\n{:#?}\ndigest {:016x}", report.counts, report.faults, report.digest);
            ExitCode::SUCCESS
        }
        Err(failure) => failed(*failure),
    }
}
