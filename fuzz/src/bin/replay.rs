//! Plays files again: `cargo run --manifest-path fuzz/Cargo.toml --bin replay -- wire fuzz/crashes/wire/…`. A machine's model
//! prints its last steps when it fails.
use std::{error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let target = bellhop_fuzz::target(&name).ok_or("say a target and the files to play")?;
    for path in arguments {
        target(&fs::read(&path)?);
        println!("{name}: {path}: nothing failed");
    }
    Ok(())
}
