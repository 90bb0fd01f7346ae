//! Fuzz targets: plain functions over bytes, so that libFuzzer drives them and `cargo test` replays the corpus.
//!
//! A target says what must hold by panicking. What it takes apart is what the server takes apart, with the server's own
//! limits; the two machines run on real SQLite under the checks of their own models. What a target finds becomes a file of
//! its corpus and a named test beside the code that was wrong.

mod bytes;
pub mod links;
pub mod models;
pub mod search;
pub mod text;
pub mod tokens;
pub mod wire;

/// What libFuzzer calls.
pub type Target = fn(&[u8]);

/// Every target by name; `corpus/` has a folder for each.
pub const TARGETS: [(&str, Target); 8] = [
    ("wire", wire::play),
    ("tokens", tokens::play),
    ("search", search::play),
    ("text", text::play),
    ("links", links::play),
    ("models", models::play),
    ("room", bellhop::core::room::tests::model::play),
    ("desk", bellhop::core::desk::tests::model::play),
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
