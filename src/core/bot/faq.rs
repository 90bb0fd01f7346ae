//! The FAQ as the bot speaks from it: what asks the same as an entry is answered by it, what is only like one may be asked back about.
//!
//! Two questions ask the same if they have the same words in the same order, but for words that only make a question, and share most of
//! their n-grams with those. So a typing mistake is asked back about, and so is another number, another town, a “not”.
use std::cell::OnceCell;

use super::{
    cluster,
    dialogue::{Choice, Language, first},
    features::{Reading, fold},
    retrieve::{Likeness, Passages},
};
use crate::core::limits::{CONSULT_ENTRIES, NAME_CHARS, TEXT_CHARS};

/// The share that each of two questions which ask the same has of the other, at least.
const SAME: f32 = 0.8;
/// From this square of the cosine on an entry may be what is meant.
const LIKE: f32 = 0.35 * 0.35;
/// An entry that has this share of a question may say something about it: whoever reads it finds out whether it does.
const ABOUT: f32 = 0.2;
/// Entries that may be meant.
const NEAR: usize = 3;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which: of the FAQ, or the article that it is a passage of.
    pub id: String,
    /// One line.
    pub question: String,
    /// What is said.
    pub answer: String,
}

impl Entry {
    /// Its button.
    pub fn button(&self) -> Choice {
        Choice { id: self.id.clone(), label: first(&self.question, NAME_CHARS) }
    }

    /// What is said, as long as a message may be.
    pub fn said(&self) -> String {
        first(&self.answer, TEXT_CHARS)
    }
}

/// All entries of a workspace, and what its articles say.
#[derive(Debug, Default)]
pub struct Faq {
    english: Section,
    chinese: Section,
}

/// Those in one language.
#[derive(Debug, Default)]
struct Section {
    entries: Vec<Entry>,
    questions: Passages,
    /// Passages of articles, which are read as the answers are, and told by a language model alone.
    articles: Vec<Entry>,
    /// Questions with their answers, and articles behind them; read once somebody asks for them.
    texts: OnceCell<Passages>,
}

/// What the FAQ has about a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found<'a> {
    /// Its button was pressed.
    pub pressed: Option<&'a Entry>,
    /// It asks the same.
    pub same: Option<&'a Entry>,
    /// They may be meant, the likest first.
    pub near: [Option<&'a Entry>; NEAR],
}

impl Faq {
    /// Of these, what was written last at the end, and of passages of articles.
    pub fn of(entries: Vec<(Language, Entry)>, articles: Vec<(Language, Entry)>) -> Self {
        let (english, chinese) = by_language(entries);
        let (in_english, in_chinese) = by_language(articles);
        Faq { english: Section::of(english, in_english), chinese: Section::of(chinese, in_chinese) }
    }

    /// There is no entry.
    pub fn is_empty(&self) -> bool {
        self.english.entries.is_empty() && self.chinese.entries.is_empty()
    }

    /// What there is about a message, of which nothing may be known but what was pressed. What is asked in the very words of an entry is
    /// answered by it, in whichever language; others are offered in the language of the talk alone.
    pub fn find(&self, asked: &Reading, choice: &str, language: Language) -> Found<'_> {
        let (own, other) = match language {
            Language::En => (&self.english, &self.chinese),
            Language::Zh => (&self.chinese, &self.english),
        };
        let mut entries = own.entries.iter().chain(&other.entries);
        if let Some(pressed) = entries.find(|entry| entry.id == choice) {
            return Found { pressed: Some(pressed), ..Found::default() };
        }
        let (same, near) = own.find(asked);
        Found { pressed: None, same: same.or_else(|| other.find(asked).0), near }
    }
}

impl Faq {
    /// Entries and passages that a language model may answer from: those in the language of the talk, or else in the other, which say most of what is
    /// asked about.
    pub fn about(&self, text: &str, language: Language) -> Vec<Entry> {
        let (own, other) = match language {
            Language::En => (&self.english, &self.chinese),
            Language::Zh => (&self.chinese, &self.english),
        };
        let found = own.about(text);
        if found.is_empty() { other.about(text) } else { found }
    }
}

fn by_language(entries: Vec<(Language, Entry)>) -> (Vec<Entry>, Vec<Entry>) {
    let (mut english, mut chinese) = (Vec::new(), Vec::new());
    for (language, entry) in entries {
        match language {
            Language::En => english.push(entry),
            Language::Zh => chinese.push(entry),
        }
    }
    (english, chinese)
}

impl Section {
    fn of(mut entries: Vec<Entry>, articles: Vec<Entry>) -> Self {
        // Of equal ones the first is found: what somebody writes is told, whatever was there.
        entries.reverse();
        let questions = Passages::of(entries.iter().map(|entry| entry.question.as_str()));
        Section { entries, questions, articles, texts: OnceCell::new() }
    }

    fn about(&self, text: &str) -> Vec<Entry> {
        let whole = |entry: &Entry| [entry.question.as_str(), "\n", entry.answer.as_str()].concat();
        let texts = self.texts.get_or_init(|| {
            let texts: Vec<String> = self.entries.iter().chain(&self.articles).map(whole).collect();
            Passages::of(texts.iter().map(String::as_str))
        });
        let found = texts.covering(&Reading::of(text).buckets, ABOUT, CONSULT_ENTRIES);
        let at = |place: usize| match place.checked_sub(self.entries.len()) {
            None => self.entries.get(place),
            Some(place) => self.articles.get(place),
        };
        found.iter().filter_map(|like| at(like.place).cloned()).collect()
    }

    /// The one that asks the same, of several the one written last, and those that are like it, each question once.
    fn find(&self, asked: &Reading) -> (Option<&Entry>, [Option<&Entry>; NEAR]) {
        let mut found = self.questions.find(&asked.buckets, LIKE, NEAR);
        let of = |like: &Likeness| self.entries.get(like.place);
        let folded = |like: &Likeness| {
            let mut folded = of(like).map(|entry| fold(&entry.question)).unwrap_or_default();
            // What a mark at the end leaves.
            folded.pop_if(|last| *last == ' ');
            folded
        };
        // Equal ones stand side by side, because they are equally like it.
        found.dedup_by(|later, earlier| folded(later) == folded(earlier));
        let is_same = |like: &&Likeness| {
            like.question >= SAME
                && like.passage >= SAME
                && cluster::bare(&folded(like)) == cluster::bare(&asked.folded)
        };
        let same = found.iter().filter(is_same).min_by_key(|like| like.place).and_then(of);
        let mut near = found.iter().map(of);
        (same, std::array::from_fn(|_| near.next().flatten()))
    }
}

#[cfg(test)]
mod tests;
