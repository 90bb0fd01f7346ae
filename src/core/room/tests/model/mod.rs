//! A seeded model test: one Room, its clients, and everything that can go wrong between them, against a reference that
//! is a few lists. Each seed draws how often each fault happens; then all faults stop and everything must meet.
//!
//! `SEED=7 STEPS=2000 cargo test --lib room::tests::model` replays one run; `SEEDS=500` makes more of them. A failing run
//! prints its seed and its last steps.
//!
//! Checked after every step: the store is what the reference says (INV-2, INV-3), what a frame names is on disk
//! (INV-1, in the harness), no note is in a visitor's bytes (INV-10, in the harness), typing and presence wrote nothing
//! (INV-11), nobody who may not is told anything (INV-13). Checked whenever the lines are empty, and at the end: every
//! client holds the log (INV-4); at the end also that D1 and the Desk know everything.

mod actions;
mod bot;
mod checks;
mod client;
mod inputs;
mod odd;
mod reference;
mod run;

use self::run::Run;

/// One run as a tape of bytes says, for the fuzzer.
pub fn play(tape: &[u8]) {
    Run::played(tape);
}

/// Seeds of the default run; a regression gets its own line with the reason.
#[cfg(test)]
const SEEDS: u64 = 48;
#[cfg(test)]
const STEPS: u64 = 400;

#[cfg(test)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

#[test]
fn inv_1_2_3_4_10_11_13_hold_whatever_happens() {
    let steps = setting("STEPS").unwrap_or(STEPS);
    let (first, many) = match setting("SEED") {
        Some(seed) => (seed, 1),
        None => (1, setting("SEEDS").unwrap_or(SEEDS)),
    };
    let mut counts = std::collections::BTreeMap::new();
    for seed in first..first + many {
        let run = Run::of(seed, steps);
        for (name, count) in run.counts() {
            *counts.entry(name).or_insert(0) += count;
        }
    }
    println!("{many} seeds of {steps} steps: {counts:?}");
    if many >= SEEDS && steps >= STEPS {
        // A fault that never happens tests nothing.
        for fault in run::FAULTS {
            assert!(counts.get(fault).is_some_and(|count| *count > 0), "{fault} never happened");
        }
        for done in [
            "bot begins",
            "bot speaks",
            "bot tags",
            "hands over",
            "tells what it has collected",
            "the owner's system answers",
            "the FAQ answers",
            "a model answers",
            "an answer is cut off",
            "rates",
        ] {
            assert!(counts.get(done).is_some_and(|count| *count > 0), "no {done}");
        }
        assert!(counts["epoch drawn"] > 0, "no restored store was ever found out");
    }
}

/// The same seed is the same run, to the byte: what fails can be replayed.
#[test]
fn a_run_is_its_seed() {
    let digest = |seed| Run::of(seed, 200).digest();
    assert_eq!(digest(5), digest(5));
    assert_ne!(digest(5), digest(6));
}
