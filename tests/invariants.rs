//! The README's table of invariants is held to the tests: each invariant that is due names tests that exist and carry its
//! id. One without a test, or a test that has moved, fails here.
use std::{collections::BTreeMap, fs, path::Path};

/// Built and guarded by now. 6 comes with routing, 12 with the proof (its test needs a build that panics), 16 with edits.
const DUE: [u32; 13] = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15];

/// Invariant → files named in its row.
fn table() -> BTreeMap<u32, Vec<String>> {
    let readme = include_str!("../README.md");
    let rows = readme.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let id = cells.get(1)?.strip_prefix("INV-")?.parse().ok()?;
        let files = cells.get(3)?.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some((id, files))
    });
    rows.collect()
}

#[test]
fn every_invariant_that_is_due_names_a_test_that_carries_its_id() {
    let table = table();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for id in DUE {
        let files = table.get(&id).unwrap_or_else(|| panic!("INV-{id} is not in the README's table"));
        assert!(!files.is_empty(), "INV-{id} names no test");
        for file in files {
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("INV-{id}: there is no {file}"));
            let carries = text.contains(&format!("inv_{id}_"))
                || text
                    .match_indices(&format!("INV-{id}"))
                    .any(|(at, found)| !text[at + found.len()..].starts_with(|next: char| next.is_ascii_digit()));
            assert!(carries, "{file} does not carry INV-{id}");
        }
    }
}
