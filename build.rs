//! Makes the Rust types of `proto/bellhop.proto`: binary by prost, proto3 JSON by pbjson; no `protoc` needed. And the migrations and
//! the common passwords as the Worker carries them.
use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use prost_build::Config;

#[path = "src/core/fnv.rs"]
mod fnv;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto/bellhop.proto");
    let descriptors = protox::compile(["proto/bellhop.proto"], ["proto"])?;
    let bytes = protox::Compiler::new(["proto"])?
        .include_imports(true)
        .open_file("proto/bellhop.proto")?
        .encode_file_descriptor_set();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("bellhop.bin"), &bytes)?;
    Config::new().btree_map(["."]).compile_fds(descriptors)?;
    pbjson_build::Builder::new()
        .register_descriptors(&bytes)?
        .btree_map(["."])
        .ignore_unknown_fields()
        .build(&[".bellhop.v1"])?;
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=schema.sql");
    fs::write(out.join("0001_schema.sql"), bare(Path::new("schema.sql"))?)?;
    for file in fs::read_dir("migrations")? {
        let path = file?.path();
        fs::write(out.join(path.file_name().unwrap_or_default()), bare(&path)?)?;
    }
    println!("cargo:rerun-if-changed=src/core/common_passwords.txt");
    let words = fs::read_to_string("src/core/common_passwords.txt")?;
    fs::write(out.join("common_passwords.bin"), spots(words.lines().filter(|line| !line.starts_with('#'))))?;
    Ok(())
}

/// The hashes of words as `core/password.rs` reads them: ascending, of each its distance from the one before, in LEB128.
fn spots<'word>(words: impl Iterator<Item = &'word str>) -> Vec<u8> {
    let spots: BTreeSet<u32> = words.map(|word| fnv::fnv1a_24(word.as_bytes())).collect();
    let mut bytes = Vec::new();
    let mut before = 0;
    for spot in spots {
        let mut step = spot - before;
        before = spot;
        while step >= 0x80 {
            bytes.push(step as u8 | 0x80);
            step >>= 7;
        }
        bytes.push(step as u8);
    }
    bytes
}

/// A file of SQL without lines that are comments and blanks before others, which are half of its gzip.
fn bare(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("--"));
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}
