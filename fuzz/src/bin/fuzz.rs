//! What `make fuzz` runs: libFuzzer around the target that `FUZZ_TARGET` names.
#![no_main]

use std::sync::OnceLock;

use bellhop_fuzz::Target;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    static TARGET: OnceLock<Target> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        bellhop_fuzz::target(&name).unwrap_or_else(|| panic!("FUZZ_TARGET names no target: {name}"))
    });
    target(input);
});
