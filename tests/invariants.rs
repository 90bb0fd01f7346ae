//! The README's table of invariants is held to the tests: each invariant that is due names tests that exist and carry its
//! id in their names. One without a test, or a test that has moved, fails here.
use std::{collections::BTreeMap, fs, path::Path};

/// Built and guarded by now. 16 comes with edits.
const DUE: [u32; 15] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

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

/// Whether a text has the invariant's id, and not that of one ten times as far on.
fn names(text: &str, id: u32) -> bool {
    let name = format!("INV-{id}");
    text.match_indices(&name).any(|(at, _)| !text[at + name.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

#[test]
fn every_invariant_that_is_due_names_a_test_that_carries_its_id() {
    let table = table();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for id in DUE {
        let files = table.get(&id).unwrap_or_else(|| panic!("INV-{id} is not in the README's table"));
        let is_test = |file: &String| !file.starts_with("tests/simulator/src/");
        assert!(files.iter().any(is_test), "INV-{id} names no test");
        for file in files {
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("INV-{id}: there is no {file}"));
            // The simulator's checkers are no tests of their own: they name what they look for.
            let carries = if file.starts_with("tests/simulator/src/") {
                names(&text, id)
            } else if file.ends_with(".rs") {
                text.contains(&format!("fn inv_{id}_"))
            } else {
                let calls = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                let mut titles =
                    calls.filter_map(|line| line.split_once("test(").or_else(|| line.split_once("describe(")));
                titles.any(|(_, title)| names(title, id))
            };
            assert!(carries, "{file} has no test of INV-{id}");
        }
    }
}

/// Files that a page names in links and, in the code map, in code spans.
fn named(page: &str) -> Vec<String> {
    let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned);
    let map =
        page.lines().skip_while(|line| !line.starts_with("### Code map")).take_while(|line| *line != "### Invariants");
    let spans = map.filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let spans = spans.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    links.chain(spans).collect()
}

#[test]
fn every_file_that_the_pages_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for page in docs.filter(|path| path.extension().is_some_and(|it| it == "md")).chain([root.join("README.md")]) {
        let folder = page.parent().unwrap();
        for name in named(&fs::read_to_string(&page).unwrap()) {
            let path = name.split('#').next().unwrap();
            // Files of a folder that the cell names first stand beside it.
            let beside = root.join("src/core").join(path);
            let found = path.is_empty() || path.starts_with("http") || folder.join(path).exists() || beside.exists();
            assert!(found, "{}: there is no {name}", page.display());
        }
    }
}
