//! What a bot learns from.
use std::collections::BTreeSet;

use serde::Deserialize;

use super::{features, learn::LearnError};

/// What an owner's own example counts beside the library's.
const OWN_WEIGHT: f32 = 2.0;

/// What is off in the library is learnt as classes of its own, one for each intent as long as there are no more classes than this with the
/// owner's, else several intents in one: classes cost time, and weights of a file that has only so many. Whoever has as many
/// intents of their own has said well enough what else there is, and the library would only take from them.
pub(super) const CLASSES: usize = 70;
/// The classes in which what is off begins, before it is known what of it is the owner's own topic: more than the library has intents.
const TOPICS: usize = 100;

/// One sentence that means an intent, or something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What a visitor might write.
    pub text: String,
    /// Index into [`Corpus::intents`]; beyond: one of the [`Corpus::others`].
    pub class: u16,
    /// How much it counts: 1 is the norm, an owner's own sentence beside the library's counts more.
    pub weight: f32,
    /// It is the library's, not the owner's.
    pub is_library: bool,
}

impl Example {
    /// An example of the usual weight.
    pub fn new(text: impl Into<String>, class: u16) -> Self {
        Self { text: text.into(), class, weight: 1.0, is_library: false }
    }
}

/// Intents and their examples. Their order is part of what is learnt: the same corpus gives the same bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Corpus {
    /// The intents' ids, in the order of the classes.
    pub intents: Vec<String>,
    /// Classes after those of the intents: background, what means something else.
    pub others: usize,
    /// The examples of both.
    pub examples: Vec<Example>,
}

impl Corpus {
    /// The class of an intent's id, which is added if it is new. None: there are as many as a model can hold.
    pub fn intent(&mut self, id: &str) -> Option<u16> {
        let known = self.intents.iter().position(|other| other == id);
        let class = known.unwrap_or(self.intents.len());
        if class >= super::model::MAX_INTENTS {
            return None;
        }
        if known.is_none() {
            self.intents.push(id.to_owned());
        }
        u16::try_from(class).ok()
    }

    /// An intent with its titles and examples: titles are examples, too. False: no room for another intent.
    pub fn add<'text>(&mut self, id: &str, texts: impl IntoIterator<Item = &'text str>) -> bool {
        let Some(class) = self.intent(id) else { return false };
        self.examples.extend(texts.into_iter().map(|text| Example::new(text, class)));
        true
    }
}

/// What an owner has their bot learn.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Lesson {
    /// The intents, in the order of the classes.
    pub intents: Vec<Taught>,
    /// What means none of them: the library's examples, of each intent that is off a list.
    pub background: Vec<Vec<String>>,
}

/// An intent and what teaches it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Taught {
    /// The owner's name for it.
    pub id: String,
    /// What its button says: examples as well.
    pub titles: Vec<String>,
    /// The owner's own.
    pub examples: Vec<String>,
    /// The library's, if the owner uses them.
    pub library: Vec<String>,
}

impl Lesson {
    /// The examples. What an intent says is no background.
    ///
    /// # Errors
    /// There are more intents than a model can hold.
    pub fn corpus(&self) -> Result<Corpus, LearnError> {
        let mut corpus = Corpus::default();
        let mut meant = BTreeSet::new();
        for taught in &self.intents {
            let class = corpus.intent(&taught.id).ok_or(LearnError::Intents)?;
            // What has no title is shown under its name.
            let has_title = taught.titles.iter().any(|title| !title.trim().is_empty());
            let name = (!has_title).then(|| taught.id.replace(['_', '/', '-'], " "));
            // Alone they are the norm. Titles are labels, and mostly the library's own.
            let weight = if taught.library.is_empty() { 1.0 } else { OWN_WEIGHT };
            let titles = name.iter().chain(&taught.titles).map(|text| (text, 1.0, false));
            let own = taught.examples.iter().map(|text| (text, weight, false));
            let library = taught.library.iter().map(|text| (text, 1.0, true));
            for (text, weight, is_library) in titles.chain(own).chain(library) {
                let buckets = features::buckets(text);
                // Emoji alone show it nothing.
                if !buckets.is_empty() {
                    meant.insert(buckets);
                    corpus.examples.push(Example { text: text.clone(), class, weight, is_library });
                }
            }
        }
        let intents = corpus.intents.len();
        corpus.others = if intents < CLASSES { self.background.len().min(TOPICS) } else { 0 };
        for (texts, class) in self.background.iter().zip((0..corpus.others).cycle()) {
            let class = (intents + class) as u16;
            for text in texts {
                let buckets = features::buckets(text);
                if !buckets.is_empty() && meant.insert(buckets) {
                    corpus.examples.push(Example { text: text.clone(), class, weight: 1.0, is_library: true });
                }
            }
        }
        Ok(corpus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(id: &str, [titles, examples, library]: [&[&str]; 3]) -> Taught {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Taught { id: id.into(), titles: texts(titles), examples: texts(examples), library: texts(library) }
    }

    fn said(lesson: &Lesson) -> Vec<(String, u16, f32)> {
        let corpus = lesson.corpus().unwrap();
        corpus.examples.into_iter().map(|example| (example.text, example.class, example.weight)).collect()
    }

    #[test]
    fn an_owners_own_words_count_more_beside_the_librarys() {
        let lesson = Lesson {
            intents: vec![
                taught("refund", [&["Refund", "退款"], &["i want my money back"], &["refund!", "give me a refund"]]),
                taught("hours", [&["Hours"], &["when do you open"], &[]]),
            ],
            background: vec![
                vec!["is it waterproof".into(), "WHEN do you open?".into()],
                vec!["is it waterproof".into(), "gift card".into()],
            ],
        };
        let expected = [
            ("Refund", 0, 1.0),
            ("退款", 0, 1.0),
            ("i want my money back", 0, OWN_WEIGHT),
            ("refund!", 0, 1.0),
            ("give me a refund", 0, 1.0),
            ("Hours", 1, 1.0),
            ("when do you open", 1, 1.0),
            ("is it waterproof", 2, 1.0),
            ("gift card", 3, 1.0),
        ];
        assert_eq!(said(&lesson), expected.map(|(text, intent, weight)| (text.to_owned(), intent, weight)));
        assert_eq!(lesson.corpus().unwrap().intents, ["refund", "hours"]);
    }

    #[test]
    fn what_is_off_is_dealt_out_to_so_many_classes() {
        let table = [(1, 0, 0), (1, 1, 1), (1, 100, 100), (1, 140, 100), (69, 5, 5), (70, 5, 0), (150, 30, 0)];
        for (count, off, others) in table {
            let intents = (0..count).map(|number| taught(&format!("i{number}"), [&["x"], &[], &[]])).collect();
            let background = (0..off).map(|number| vec![format!("word{number}")]).collect();
            let corpus = Lesson { intents, background }.corpus().unwrap();
            assert_eq!(corpus.others, others);
            let classes: Vec<usize> = corpus.examples.iter().skip(count).map(|it| usize::from(it.class)).collect();
            let dealt = (0..off).filter(|_| others > 0).map(|number| count + number % others);
            assert_eq!(classes, dealt.collect::<Vec<_>>());
        }
    }

    /// What the library says of another intent does not outvote the owner.
    #[test]
    fn an_owners_word_goes_before_the_librarys() {
        let lesson = |own: &[&str]| Lesson {
            intents: vec![
                taught("delivery", [&["Delivery"], own, &["when does it arrive", "how long is shipping"]]),
                taught("status", [&["Order status"], &[], &["where is my box", "track my box", "has it left"]]),
            ],
            background: Vec::new(),
        };
        let lead = |own: &[&str]| {
            let model = super::super::learn(&lesson(own).corpus().unwrap()).unwrap().model;
            let top = model.judge("where is my box").top;
            let score = |class: u16| top.iter().find(|candidate| candidate.class == class).unwrap().score;
            score(0) - score(1)
        };
        assert!(lead(&[]) < 0.0, "the library's alone");
        assert!(lead(&["where is my box"]) > 1.0, "the owner says what it means here: more than a tie");
    }

    #[test]
    fn what_says_nothing_teaches_nothing() {
        let lesson = Lesson {
            intents: vec![taught("_", [&["", " "], &["🙂🙂", "\u{200b}\u{202e}"], &["?!"]])],
            background: vec![vec!["\u{fffd}".into()]],
        };
        assert_eq!(said(&lesson), []);
        assert_eq!(super::super::learn(&lesson.corpus().unwrap()), Err(LearnError::Empty));
    }

    #[test]
    fn a_name_is_the_title_where_there_is_none() {
        let intents = vec![taught("order_status", [&["", " "], &["where is it"], &[]])];
        let texts: Vec<String> =
            said(&Lesson { intents, background: Vec::new() }).into_iter().map(|(text, ..)| text).collect();
        assert_eq!(texts, ["order status", "where is it"]);
    }

    #[test]
    fn one_id_is_one_class_and_there_is_a_limit() {
        let twice = Lesson {
            intents: vec![taught("a", [&["one"], &[], &[]]), taught("a", [&["two"], &[], &[]])],
            background: Vec::new(),
        };
        assert_eq!(said(&twice).into_iter().map(|(_, class, _)| class).collect::<Vec<_>>(), [0, 0]);
        let most = super::super::model::MAX_INTENTS;
        for (count, fits) in [(most, true), (most + 1, false)] {
            let intents = (0..count).map(|number| taught(&number.to_string(), [&["x"], &[], &[]])).collect();
            let corpus = Lesson { intents, background: Vec::new() }.corpus();
            assert_eq!(
                corpus.map(|corpus| corpus.intents.len()),
                if fits { Ok(most) } else { Err(LearnError::Intents) }
            );
        }
    }
}
