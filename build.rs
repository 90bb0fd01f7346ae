//! Makes the Rust types of `proto/bellhop.proto`: binary by prost, proto3 JSON by pbjson; no `protoc` needed.
use std::{env, error::Error, fs, path::PathBuf};

use prost_build::Config;

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
    Ok(())
}
