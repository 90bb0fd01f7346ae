//! The rules of a client stand once, in `docs/client-rules.md`. Each is tested where it says; no test names another.

use std::{collections::BTreeSet, fs, path::Path};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Rule and who tests it.
fn rules() -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join("docs/client-rules.md")).expect("the page of rules");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let id = cells.get(1).filter(|id| id.starts_with("CL") || id.starts_with("CN"))?;
        Some(((*id).to_owned(), (*cells.get(3)?).to_owned()))
    };
    page.lines().filter_map(row).collect()
}

/// Ids such as `CL12` in a text, in whatever case.
fn ids(text: &str) -> BTreeSet<String> {
    let text = text.to_uppercase();
    let mut found = BTreeSet::new();
    for kind in ["CL", "CN"] {
        for (at, _) in text.match_indices(kind) {
            let digits: String = text[at + 2..].chars().take_while(char::is_ascii_digit).collect();
            let begins_here = !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric());
            if !digits.is_empty() && begins_here {
                found.insert(format!("{kind}{digits}"));
            }
        }
    }
    found
}

/// What the names of tests say, in all files of a folder.
fn named(folder: &str, is_name: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let files = fs::read_dir(root().join(folder)).expect(folder);
    let texts = files.filter_map(|file| fs::read_to_string(file.expect("a file").path()).ok());
    texts.flat_map(|text| text.lines().filter(|line| is_name(line)).flat_map(ids).collect::<Vec<_>>()).collect()
}

#[test]
fn every_rule_is_tested_on_each_side_that_it_is_meant_for() {
    let is_test = |line: &str| line.contains("test(") || line.contains("test.each") || line.contains("])('");
    let typescript = named("frontend/shared/test", is_test);
    let rust = named("tests/simulator/tests", |line| line.contains("fn cl") || line.contains("fn cn"));
    let rules = rules();
    assert!(rules.len() >= 36, "{} rules", rules.len());
    for (id, by) in &rules {
        assert!(by == "both" || by == "TypeScript", "{id}: {by}");
        assert!(typescript.contains(id), "{id} is named by no test of frontend/shared");
        assert_eq!(rust.contains(id), by == "both", "{id}: the simulator's tests and docs/client-rules.md differ");
    }
    let listed: BTreeSet<String> = rules.into_iter().map(|(id, _)| id).collect();
    for id in typescript.union(&rust) {
        assert!(listed.contains(id), "{id} is tested, but is no rule");
    }
}
