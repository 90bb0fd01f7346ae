//! What the bot would do with a message, and why.
use serde::{Deserialize, Serialize};

use crate::core::{
    bot::{
        Band, Model,
        action::Action,
        dialogue::{self, Choice, Decision, Heard, Knowledge, Meaning, Phase},
        faq::Found,
        form::{Field, Form},
        intent::{Does, Says, Words},
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
    title: Words,
    answer: Words,
    does: Does,
    buttons: Vec<IntentId>,
    #[serde(default)]
    form: Vec<Field>,
    /// The address of its action; empty: none.
    #[serde(default)]
    calls: String,
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

/// Judges as a Room would where the bot has the conversation of a visitor who is signed in on the site.
pub fn judge(model: &Model, said: Said) -> Verdict<'_> {
    let verdict = model.judge_at(&said.text, model.calibration.at(said.hold_back));
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
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, model.intents())), faq: Found::default() };
    let (does, text, choices, reason, form) = match dialogue::decide(&heard, known) {
        Decision::Silent => ("silent", String::new(), Vec::new(), "", None),
        Decision::Answer { text, choices } => ("answer", text, choices, "", None),
        Decision::Ask { text, choices } => ("ask", text, choices, "", None),
        Decision::Fill { text, form } => ("fill", text, Vec::new(), "", Some(form)),
        // Here no model is asked.
        Decision::Consult { .. } => ("silent", String::new(), Vec::new(), "", None),
        Decision::Act(action) => ("act", action.url, Vec::new(), "", None),
        Decision::Handoff { reason, text, .. } => ("handoff", text, Vec::new(), reason.name(), None),
    };
    let words = verdict.top.first().map(|best| model.contributions(&said.text, best.class)).unwrap_or_default();
    let decided = words.into_iter().filter(|(_, weight)| *weight > 0.0).take(WORDS);
    let top = verdict.top.iter().map(|candidate| Likely {
        id: model.intents().get(usize::from(candidate.class)).map_or("", String::as_str),
        score: candidate.score,
        probability: candidate.probability,
    });
    Verdict {
        band: match verdict.band {
            Band::Answer => "answer",
            Band::Ask => "ask",
            Band::Handoff => "handoff",
        },
        top: top.collect(),
        words: decided.map(|(text, weight)| Word { text, weight }).collect(),
        does,
        text,
        choices,
        reason,
        form,
    }
}

impl From<Intent> for Meaning {
    fn from(intent: Intent) -> Self {
        let Intent { id, title, answer, does, buttons, form, calls } = intent;
        let action = (!calls.is_empty()).then_some(Action { url: calls, verified: false });
        Meaning { id, says: Says { title, answer, does, buttons, form, action, ..Says::default() } }
    }
}
