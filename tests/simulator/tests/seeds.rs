//! A few seeds of the simulator in `cargo test`; `make model` runs a million steps.

use bellhop_simulator::{faults::Fault, run::run, world::Config};

/// C12: the same seed is the same run, to the byte; another is another.
#[test]
fn a_seed_is_one_run() {
    let digest = |seed| run(&Config::of(seed, 600)).unwrap_or_else(|failure| panic!("{}", failure.why)).digest;
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

/// Seeds that have found something. (What they found has tests of its own; since workspaces route, the same numbers draw other days.)
#[test]
fn seeds_that_have_found_something() {
    for seed in [1_277, 1_977] {
        run(&Config::of(seed, 4_000)).unwrap_or_else(|failure| panic!("SEED={seed}: {}", failure.why));
    }
}

#[test]
fn kinds_of_faults_that_are_off_never_happen() {
    let mut config = Config::of(5, 600);
    config.without = Fault::ALL.iter().copied().collect();
    let report = run(&config).unwrap_or_else(|failure| panic!("{}", failure.why));
    let happened: Vec<_> = report.faults.iter().filter(|(_, count)| **count > 0).map(|(fault, _)| *fault).collect();
    // People who give up a line at the wrong moment need no fault.
    assert!(happened.iter().all(|fault| *fault == Fault::Superseded), "{happened:?}");
    assert!(report.counts.acknowledged > 0);
}
