//! The committed corpus, played again: what was once found stays mended, and every target still runs.
use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    time::Instant,
};

use bellhop_fuzz::TARGETS;

/// A corpus is small enough to be read in a review's listing and to run in seconds.
const MOST_BYTES: u64 = 300_000;
const LEAST_FILES: usize = 12;

fn files(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_file_of_the_corpus_still_holds() {
    let mut bytes = 0;
    for (name, target) in TARGETS {
        let (files, began) = (files(name), Instant::now());
        assert!(files.len() >= LEAST_FILES, "{name} has {} files", files.len());
        for path in &files {
            let input = fs::read(path).unwrap();
            bytes += input.len() as u64;
            let place = path.display();
            assert!(
                catch_unwind(|| target(&input)).is_ok(),
                "cargo run --manifest-path fuzz/Cargo.toml --bin replay -- {name} {place}"
            );
        }
        println!("{name}: {} files in {} ms", files.len(), began.elapsed().as_millis());
    }
    assert!(bytes < MOST_BYTES, "the corpus has {bytes} bytes");
}

#[test]
fn every_folder_of_the_corpus_is_a_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut folders: Vec<String> =
        fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    let mut names = TARGETS.map(|(name, _)| name.to_owned());
    names.sort();
    assert_eq!(folders, names);
}
