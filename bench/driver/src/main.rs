//! A load driver for chat rooms of two over WebSocket: it reads what to do from stdin and prints one line of JSON.
//!
//! It knows no server. Where to connect, what to say and what a message looks like are bytes that it is given
//! (`scripts/lib/bench/seats.mjs`), so both encodings, and the object that we compare with, are driven by the same code.
//!
//! Load is open loop: a message has a time at which it is due, whatever the server does, and its latency counts from
//! then. A server (or a driver) that stalls is seen in every message that had to wait.
mod listen;
mod open;
mod pace;
mod plan;
mod process;
mod seen;
mod socket;
mod storm;

use std::process::ExitCode;

use plan::{Plan, Work};

fn main() -> ExitCode {
    match run() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let plan: Plan = serde_json::from_reader(std::io::stdin().lock()).map_err(|error| format!("the plan: {error}"))?;
    let report = match &plan.work {
        Work::Pace { rate, warmup, secs } => serde_json::to_string(&pace::run(&plan, *rate, *warmup, *secs)?),
        Work::Hold { per_s, hold, storm } => serde_json::to_string(&storm::run(&plan, *per_s, *hold, *storm)?),
    };
    report.map_err(|error| error.to_string())
}
