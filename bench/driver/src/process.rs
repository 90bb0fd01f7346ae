//! CPU time and memory of the server, from /proc.

use std::fs;

/// Ticks of the kernel's accounting in a second; Linux shows user space 100 on every machine that workerd runs on.
const TICKS: f64 = 100.0;

/// User and system time of all of its threads so far, in milliseconds.
pub fn cpu_ms(pid: u32) -> Result<f64, String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|error| format!("process {pid}: {error}"))?;
    // The name in brackets may hold anything; what follows it is numbers.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) * 1000.0 / TICKS),
        _ => Err(format!("process {pid}: its stat cannot be read")),
    }
}

/// Whether it still runs.
pub fn is_there(pid: u32) -> bool {
    fs::exists(format!("/proc/{pid}")).unwrap_or(true)
}

/// Proportional set size in KB.
pub fn pss_kb(pid: u32) -> Result<f64, String> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).map_err(|error| format!("{pid}: {error}"))?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("process {pid}: no Pss"))
}

/// Open descriptors.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}
