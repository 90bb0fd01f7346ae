//! CPU time and memory of the server, from /proc.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
};

use crate::plan::Plan;

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

/// What it keeps, in KB: once what it no longer needs is gone, if it can be asked to see to that.
pub fn kept_kb(plan: &Plan) -> Result<f64, String> {
    if let Some(path) = &plan.collect {
        collect(plan.port, path).map_err(|error| format!("{path}: {error}"))?;
    }
    anonymous_kb(plan.pid)
}

fn collect(port: u16, path: &str) -> std::io::Result<()> {
    let mut line = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    write!(line, "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(std::io::Error::other(answer)) }
}

/// Anonymous part of the proportional set size, in KB. What is mapped of the program's own file belongs to no socket, and grows by 29 MB at
/// the moment that the kernel gathers it into huge pages.
fn anonymous_kb(pid: u32) -> Result<f64, String> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).map_err(|error| format!("{pid}: {error}"))?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss_Anon:"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("process {pid}: no Pss_Anon"))
}

/// Open descriptors.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}
