//! The bot's starter library keeps its promises: its format, enough sentences in both languages, and none twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use bellhop::core::bot::features::fold;
use serde::{Deserialize, de::DeserializeOwned};

/// At least so many examples of an intent in each language, and so many held-out sentences.
const EXAMPLES: usize = 40;
const HELD_OUT: usize = 5;
/// From this Jaccard index of their 3-grams on, two sentences are nearly the same: this many hundredths.
const NEAR: usize = 80;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Both<T> {
    en: T,
    zh: T,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Intent {
    id: String,
    siblings: Vec<String>,
    title: Both<String>,
    answer: Both<String>,
    does: Option<Does>,
    examples: Both<Vec<String>>,
}

/// What it does but to answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Does {
    Handoff,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldOut {
    id: String,
    en: Vec<String>,
    zh: Vec<String>,
}

/// All files of a folder by their names.
fn files<T: DeserializeOwned>(folder: &str) -> BTreeMap<String, T> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("library").join(folder);
    let paths = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let whole = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), whole)
    };
    paths.map(read).collect()
}

/// Its 3-grams as the bot folds it, without spaces, each as a number: capitals, full-width forms and traditional characters tell nothing apart.
fn grams(sentence: &str) -> Vec<u64> {
    let letters = fold(sentence).into_iter().filter(|it| *it != ' ');
    let mut letters: Vec<u64> = letters.map(u64::from).collect();
    // A short one is a single gram.
    letters.resize(letters.len().max(3), 0);
    let grams: BTreeSet<u64> = letters.windows(3).map(|it| (it[0] << 42) | (it[1] << 21) | it[2]).collect();
    grams.into_iter().collect()
}

/// Sentences by their grams, so that few are looked at.
#[derive(Default)]
struct Seen {
    sizes: Vec<usize>,
    by_gram: BTreeMap<u64, Vec<usize>>,
}

impl Seen {
    /// One that is nearly the same.
    fn near(&self, grams: &[u64]) -> Option<usize> {
        let mut shared = vec![0; self.sizes.len()];
        for place in grams.iter().filter_map(|gram| self.by_gram.get(gram)).flatten() {
            shared[*place] += 1;
        }
        let is_near = |(place, both): &(usize, usize)| {
            let any = grams.len() + self.sizes[*place] - both;
            *both > 0 && both * 100 >= any * NEAR
        };
        shared.into_iter().enumerate().find(is_near).map(|(place, _)| place)
    }

    fn add(&mut self, grams: &[u64]) {
        for gram in grams {
            self.by_gram.entry(*gram).or_default().push(self.sizes.len());
        }
        self.sizes.push(grams.len());
    }
}

#[test]
fn every_intent_is_whole() {
    let (intents, held_out) = (files::<Intent>("intents"), files::<HeldOut>("held-out"));
    assert!(intents.len() >= 50, "{} intents", intents.len());
    for (name, it) in &intents {
        assert_eq!(*name, it.id);
        assert!(held_out.contains_key(name), "{name} has no held-out sentences");
        assert!(!it.siblings.is_empty() && !it.siblings.contains(name), "{name}: siblings");
        for sibling in &it.siblings {
            assert!(held_out.contains_key(sibling), "{name}: there is no {sibling}");
        }
        for (language, examples) in [("en", &it.examples.en), ("zh", &it.examples.zh)] {
            assert!(examples.len() >= EXAMPLES, "{name}: {} examples in {language}", examples.len());
            assert!(examples.iter().all(|it| it.trim() == it && !it.is_empty() && it.chars().count() <= 400), "{name}");
        }
        for text in [&it.title.en, &it.title.zh, &it.answer.en, &it.answer.zh] {
            assert!(!text.trim().is_empty(), "{name}: title and answer in both languages");
        }
    }
    for (name, it) in &held_out {
        assert_eq!(*name, it.id);
        assert!(it.en.len().min(it.zh.len()) >= HELD_OUT, "{name}: too few held-out sentences");
    }
}

#[test]
fn what_needs_a_person_hands_over() {
    let intents = files::<Intent>("intents");
    let handed_over: Vec<&str> =
        intents.values().filter(|it| matches!(it.does, Some(Does::Handoff))).map(|it| it.id.as_str()).collect();
    let wanted = [
        "account_security",
        "charged_twice",
        "complaint",
        "damaged_item",
        "human",
        "missing_item",
        "missing_parcel",
        "wrong_item",
    ];
    assert_eq!(handed_over, wanted);
    for Intent { id, answer, does, .. } in intents.values() {
        let promises = answer.en.contains("colleague can") || answer.zh.contains("安排同事");
        assert!(!promises || does.is_some(), "{id} promises a colleague whom it does not call");
    }
}

/// The chat carries no pictures.
#[test]
fn who_asks_for_a_picture_names_an_address() {
    let asks = |text: &str| {
        ["photo", "picture", "screenshot", "照片", "截图", "图片"].iter().any(|it| text.to_lowercase().contains(it))
    };
    let mut asking = 0;
    for Intent { id, answer, .. } in files::<Intent>("intents").values() {
        for (text, place) in [(&answer.en, "[e-mail address]"), (&answer.zh, "[邮箱地址]")] {
            asking += usize::from(asks(text));
            assert!(!asks(text) || text.contains(place), "{id} asks for what the chat can't carry: {text}");
        }
    }
    assert!(asking >= 14, "{asking} answers were found");
}

#[test]
fn no_sentence_is_there_twice() {
    let (intents, held_out) = (files::<Intent>("intents"), files::<HeldOut>("held-out"));
    let mut all: [Seen; 2] = Default::default();
    let mut told: [Vec<(&str, &str)>; 2] = Default::default();
    for (name, it) in &intents {
        for ((of_all, told), examples) in all.iter_mut().zip(&mut told).zip([&it.examples.en, &it.examples.zh]) {
            for example in examples {
                let grams = grams(example);
                let twin = of_all.near(&grams).map(|twin| (told[twin], example));
                assert_eq!(twin, None, "{name}: nearly the same, here or in another intent");
                of_all.add(&grams);
                told.push((name, example));
            }
        }
    }
    for (name, it) in &held_out {
        for (of_all, sentences) in all.iter().zip([&it.en, &it.zh]) {
            let seen = sentences.iter().find(|it| of_all.near(&grams(it)).is_some());
            assert_eq!(seen, None, "{name}: held out, and an example");
        }
    }
}

/// The pairs of `scripts/test/near.json`, which its other half is held to, too.
#[test]
fn near_is_what_hardly_differs() {
    let pairs: Vec<(String, String, bool)> = serde_json::from_str(include_str!("../scripts/test/near.json")).unwrap();
    for (one, other, wanted) in pairs {
        let mut seen = Seen::default();
        seen.add(&grams(&one));
        assert_eq!(seen.near(&grams(&other)).is_some(), wanted, "{one} / {other}");
    }
}
