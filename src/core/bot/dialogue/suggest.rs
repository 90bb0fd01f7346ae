//! What the bot would say to a visitor who talks to a person: drafts for whoever answers.
use serde::Serialize;

use super::{Decision, Heard, Knowledge, Meaning, Phase, act, for_whom, in_its_words, language_of, likely_intents};
use crate::core::bot::{faq::Entry, features::fold, small_talk};

/// Drafts at once.
const DRAFTS: usize = 3;

/// Something that may be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The intent, or the entry of the FAQ.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What is said.
    pub text: String,
}

/// The likeliest answers, best first, in the visitor's language; none where nothing is likely, or nothing was asked.
pub fn drafts(text: &str, locale: &str, known: Knowledge<'_>) -> Vec<Draft> {
    // What an action is for signed visitors alone is not asked for here: nobody would make it.
    let heard = Heard { text, choice: "", locale, phase: Phase::Queued, asked: 0, form: None, verified: false };
    let language = language_of(text, locale);
    if small_talk::find(&fold(text), None).is_some() {
        return Vec::new();
    }
    let draft = |intent: &Meaning| {
        // The first thing that it would say: its answer, or what its form asks for.
        let said = match for_whom(&heard, known, act(intent, text, known.intents, language)) {
            Decision::Answer { text, .. } | Decision::Fill { text, .. } => text,
            Decision::Silent
            | Decision::Ask { .. }
            | Decision::Act(_)
            | Decision::Consult { .. }
            | Decision::Handoff { .. } => return None,
        };
        let title = intent.says.title.in_language(language).to_owned();
        Some(Draft { id: intent.id.to_string(), title, text: said })
    };
    let of_entry =
        |entry: &Entry| Draft { id: entry.id.to_string(), title: entry.question.clone(), text: entry.said() };
    let mut drafts: Vec<Draft> = in_its_words(known).map(of_entry).into_iter().collect();
    let intents = likely_intents(known).filter_map(draft);
    let entries = known.faq.near.into_iter().flatten().map(of_entry);
    for draft in intents.chain(entries) {
        if drafts.len() < DRAFTS && drafts.iter().all(|other| other.id != draft.id) {
            drafts.push(draft);
        }
    }
    drafts.retain(|draft| !draft.text.trim().is_empty());
    drafts
}

#[cfg(test)]
mod tests;
