//! What the bot would do with a message, and why.
use serde::{Deserialize, Serialize};

use crate::core::{
    bot::{
        Band, Model,
        action::Action,
        dialogue::{self, Choice, Decision, Heard, Knowledge, Language, Meaning, Phase},
        faq::{Entry, Faq},
        features::Reading,
        form::{Field, Form},
        intent::{Does, Says, Words},
        predict,
    },
    id::IntentId,
};

/// Words that are shown, at most.
const WORDS: usize = 8;

/// A message, and what is known when it comes.
#[derive(Debug, Deserialize)]
pub struct Said {
    text: String,
    choice: String,
    locale: String,
    asked: u8,
    #[serde(default)]
    form: Option<Form>,
    intents: Vec<Intent>,
    hold_back: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Intent {
    id: IntentId,
    /// Title, answer and picture, each in English and in Chinese, and the address of its action; what is empty is not there.
    texts: Vec<String>,
    does: Does,
    buttons: Vec<IntentId>,
    form: Vec<Field>,
}

/// What would be done.
#[derive(Debug, Serialize)]
pub struct Verdict<'a> {
    band: &'static str,
    top: Vec<Likely<'a>>,
    words: Vec<Word>,
    does: &'static str,
    text: String,
    choices: Vec<Choice>,
    reason: &'static str,
    form: Option<Box<Form>>,
    /// The question of the FAQ's entry that is told; empty: none is.
    faq: &'a str,
    /// The picture under what is said, as `core::bot::image` has it; empty: none.
    image: String,
}

#[derive(Debug, Serialize)]
struct Likely<'a> {
    id: &'a str,
    score: f32,
    probability: f32,
}

#[derive(Debug, Serialize)]
struct Word {
    text: String,
    weight: f32,
}

/// The FAQ: of each entry, what was written last at the end, its locale, id, question and answer.
pub fn known(parts: Vec<String>) -> Faq {
    let mut parts = parts.into_iter();
    let entries = std::iter::from_fn(|| {
        let language = if parts.next()? == Language::Zh.name() { Language::Zh } else { Language::En };
        Some((language, Entry { id: parts.next()?, question: parts.next()?, answer: parts.next()? }))
    });
    Faq::of(entries.collect(), Vec::new())
}

/// Judges as a Room would where the bot has the conversation of a visitor who is signed in on the site. Without a model the FAQ and what is
/// built in are all that it knows.
pub fn judge<'a>(model: Option<&'a Model>, faq: &'a Faq, said: Said) -> Verdict<'a> {
    let reading = Reading::of(&said.text);
    let judged = model.map(|model| (model.judge_at(&reading, model.calibration.at(said.hold_back)), model));
    let intents: Vec<Meaning> = said.intents.into_iter().map(Meaning::from).collect();
    let heard = Heard {
        text: &said.text,
        choice: &said.choice,
        locale: &said.locale,
        phase: Phase::Pending,
        asked: said.asked,
        form: said.form.as_ref(),
        verified: true,
    };
    let language = dialogue::language_of(&said.text, &said.locale);
    let found = faq.find(&reading, &said.choice, language);
    let known = Knowledge {
        intents: &intents,
        verdict: judged.as_ref().map(|(verdict, model)| (verdict, model.intents())),
        faq: found,
    };
    let entry = found.pressed.or(found.same.filter(|_| dialogue::in_its_words(known).is_some()));
    let decided = dialogue::decide(&heard, known);
    // A form, or small talk, may have gone first.
    let told = entry.filter(|entry| matches!(&decided, Decision::Answer { text, .. } if *text == entry.said()));
    let none = String::new();
    let (does, text, choices, image, reason, form) = match decided {
        // Here no model is asked.
        Decision::Silent | Decision::Consult { .. } => ("silent", String::new(), Vec::new(), none, "", None),
        Decision::Answer { text, choices, image } => ("answer", text, choices, image, "", None),
        Decision::Ask { text, choices } => ("ask", text, choices, none, "", None),
        Decision::Fill { text, form } => ("fill", text, Vec::new(), none, "", Some(form)),
        Decision::Act(action) => ("act", action.url, Vec::new(), none, "", None),
        Decision::Handoff { reason, text, image, .. } => ("handoff", text, Vec::new(), image, reason.name(), None),
    };
    let (top, words) = match &judged {
        Some((verdict, model)) => why(verdict, model, &said.text),
        None => Default::default(),
    };
    Verdict {
        band: match judged.as_ref().map_or(Band::Handoff, |(verdict, _)| verdict.band) {
            Band::Answer => "answer",
            Band::Ask => "ask",
            Band::Handoff => "handoff",
        },
        top,
        words,
        does,
        text,
        choices,
        reason,
        form,
        faq: told.map_or("", |entry| entry.question.as_str()),
        image,
    }
}

/// The likeliest intents, and the words that decided for the first.
fn why<'a>(verdict: &predict::Verdict, model: &'a Model, text: &str) -> (Vec<Likely<'a>>, Vec<Word>) {
    let words = verdict.top.first().map(|best| model.contributions(text, best.class)).unwrap_or_default();
    let decided = words.into_iter().filter(|(_, weight)| *weight > 0.0).take(WORDS);
    let top = verdict.top.iter().map(|candidate| Likely {
        id: model.intents().get(usize::from(candidate.class)).map_or("", String::as_str),
        score: candidate.score,
        probability: candidate.probability,
    });
    (top.collect(), decided.map(|(text, weight)| Word { text, weight }).collect())
}

impl From<Intent> for Meaning {
    fn from(intent: Intent) -> Self {
        let Intent { id, texts, does, buttons, form } = intent;
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap_or_default();
        let mut words = || Words { en: next(), zh: next() };
        let (title, answer, picture) = (words(), words(), words());
        let url = next();
        let action = (!url.is_empty()).then_some(Action { url, verified: false });
        Meaning { id, says: Says { title, answer, picture, does, buttons, form, action, ..Says::default() } }
    }
}
