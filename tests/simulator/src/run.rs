//! One seed from beginning to end, and what makes a failing one smaller.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, Location, catch_unwind},
};

use crate::{
    counts::Counts,
    faults::Fault,
    verdict::SETTLES_WITHIN,
    world::{Config, World},
};

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Where the last check of this thread failed; for a panic hook.
pub fn note_place(place: Option<&Location<'_>>) {
    PLACE.set(place.map(ToString::to_string).unwrap_or_default());
}

/// A run that held.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was done.
    pub counts: Counts,
    /// Faults by kind.
    pub faults: BTreeMap<Fault, u64>,
    /// Of everything that left an object (C12).
    pub digest: u64,
}

/// A run that did not.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What it was made of.
    pub config: Config,
    /// What did not hold.
    pub why: String,
    /// At which step.
    pub at: u64,
    /// The last things that happened.
    pub trace: Vec<String>,
}

/// Runs a seed: faults, then calm, then everything must meet within the time that is promised.
pub fn run(config: &Config) -> Result<Report, Box<Failure>> {
    let mut world = World::new(config.clone());
    let outcome = catch_unwind(AssertUnwindSafe(|| live(&mut world)));
    let why = match outcome {
        Ok(Ok(())) => {
            world.sum_up();
            return Ok(Report { digest: world.digest(), counts: world.counts, faults: world.faults.counts });
        }
        Ok(Err(why)) => why,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            format!("{} ({})", text.unwrap_or_default(), PLACE.take())
        }
    };
    let trace = world.trace.iter().cloned().collect();
    Err(Box::new(Failure { config: config.clone(), why, at: world.counts.steps, trace }))
}

fn live(world: &mut World) -> Result<(), String> {
    while world.counts.steps < world.config.steps {
        world.step();
    }
    if world.fall_asleep() {
        meets(world, World::quiet_verdict)?;
        world.wake_up();
    }
    world.calm_down();
    world.counts.settled_in = meets(world, World::verdict)?;
    world.visit();
    world.verdict()?;
    world.stores_verdict()
}

/// Goes on until the verdict is good. How long that took, or what is still wrong when it should be.
fn meets(world: &mut World, verdict: impl Fn(&World) -> Result<(), String>) -> Result<i64, String> {
    let began = world.now;
    let mut next_look = began + 30_000;
    loop {
        while world.next_at() <= next_look {
            world.step();
        }
        next_look += 15_000;
        world.now = world.now.max(next_look - 15_000);
        match verdict(world) {
            Ok(()) => return Ok(world.now - began),
            Err(why) if world.now - began > SETTLES_WITHIN => return Err(why),
            Err(_) => {}
        }
    }
}

/// The smallest run found that still fails: fewer steps, fewer kinds of faults, fewer people.
pub fn shrink(failure: Failure, tell: &mut dyn FnMut(&Failure)) -> Failure {
    let mut best = failure;
    let mut attempt = |best: &mut Failure, config: Config| {
        let smaller = run(&config).err();
        if let Some(found) = smaller {
            *best = *found;
            tell(best);
            return true;
        }
        false
    };
    // No later than where it failed; then halves of that.
    let steps = best.at.min(best.config.steps);
    let config = Config { steps, ..best.config.clone() };
    attempt(&mut best, config);
    while best.config.steps > 50 {
        let config = Config { steps: best.config.steps / 2, ..best.config.clone() };
        if !attempt(&mut best, config) {
            break;
        }
    }
    for (rooms, agents) in [(1, 1), (1, 2), (2, 2)] {
        if rooms < best.config.rooms || agents < best.config.agents {
            let config = Config { rooms, agents, ..best.config.clone() };
            if attempt(&mut best, config) {
                break;
            }
        }
    }
    let half: Vec<Fault> = Fault::ALL.to_vec();
    for chunk in [half.len() / 2, half.len() / 4, half.len() / 8, 1] {
        for kinds in half.chunks(chunk.max(1)) {
            let more: BTreeSet<Fault> = best.config.without.iter().copied().chain(kinds.iter().copied()).collect();
            if more.len() > best.config.without.len() {
                let config = Config { without: more, ..best.config.clone() };
                attempt(&mut best, config);
            }
        }
    }
    while best.config.steps > 50 {
        let config = Config { steps: best.config.steps * 3 / 4, ..best.config.clone() };
        if !attempt(&mut best, config) {
            break;
        }
    }
    best
}
