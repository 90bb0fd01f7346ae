//! What is kept of each thing that the bot did about a message, for reports and for teaching. It is part of the entry by which the
//! bot did it: what takes that away takes this along.
use serde::{Deserialize, Serialize};

use super::{
    dialogue::{Decision, Heard, Knowledge, Reason, in_its_words, language, replies_to, talk},
    features::fold,
    form::is_cancel,
    small_talk,
};
use crate::core::id::TagId;

/// What the bot did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// It answered.
    #[default]
    Answered,
    /// It handed over.
    HandedOver,
    /// It asked back; or what only a later version has a word for, which is no answer that somebody may rate.
    #[serde(other)]
    Asked,
}

impl Did {
    /// As stored and told.
    pub const fn name(self) -> &'static str {
        match self {
            Did::Answered => "answered",
            Did::Asked => "asked",
            Did::HandedOver => "handed_over",
        }
    }
}

/// One turn of the bot's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// The message that it is about.
    pub to: u64,
    /// What it did.
    pub did: Did,
    /// The intent that was acted by, or the entry of the FAQ that was told, or who answered instead of the built-in bot
    /// (`super::responder::called`); when it asked back the likeliest; empty: none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intent: String,
    /// How probable the likeliest was, in thousandths; 0: nothing was weighed, because a button was pressed or it was small talk.
    pub score: u16,
    /// The likeliest, best first, if they were weighed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
    /// Why it handed over.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// In which language it spoke.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// The message replies to what a form asks: the message that began it has counted already. Kept of what it leads to alone, for the
    /// visitor may say whether that helped; of one that leaves the form nothing is.
    #[serde(rename = "reply", skip_serializing_if = "std::ops::Not::not")]
    pub is_reply: bool,
    /// A button was pressed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pressed: bool,
    /// The built-in bot stood in for one that the workspace names, and that gave no answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stood_in: bool,
    /// What the intent that was acted by puts on the conversation. It goes on with the turn, and is no part of what is kept of it.
    #[serde(skip)]
    pub tags: Vec<TagId>,
    /// The picture that was shown under what it said: `super::image`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
}

impl Turn {
    /// Whether a visitor may say that it helped: nobody is asked that of a greeting.
    pub fn may_be_rated(&self) -> bool {
        self.did == Did::Answered && small_talk::by_id(&self.intent).is_none()
    }

    /// What a decision rests on, as `decide` makes it.
    pub fn of(heard: &Heard<'_>, known: Knowledge<'_>, decision: &Decision) -> Self {
        let is_intent = |id: &str| known.intents.iter().any(|intent| intent.id.as_str() == id);
        let is_built_in = small_talk::by_id(heard.choice).is_some();
        let pressed = is_intent(heard.choice) || is_built_in || known.faq.pressed.is_some();
        let replies = if pressed { None } else { replies_to(heard, known) };
        let talk = || talk(heard, &fold(heard.text), known);
        let told = || in_its_words(known).map(|entry| entry.id.as_str());
        let named = if pressed { Some(heard.choice) } else { replies.or_else(talk).or_else(told) };
        let language = language(heard, known.intents).name();
        let mut turn = Turn { pressed, is_reply: replies.is_some(), language: language.to_owned(), ..Turn::default() };
        if let (None, Some((verdict, ids))) = (named, known.verdict) {
            for candidate in &verdict.top {
                let Some(id) = ids.get(usize::from(candidate.class)).filter(|id| is_intent(id)) else { continue };
                if turn.near.is_empty() {
                    turn.score = (candidate.probability.clamp(0.0, 1.0) * 1_000.0) as u16;
                }
                turn.near.push(id.clone());
            }
        }
        // Who leaves a form is answered by no intent.
        let leaves = replies.is_some() && is_cancel(&fold(heard.text));
        let is_known = match decision {
            Decision::Ask { choices, .. } if named.is_none() => {
                // The likeliest intent is only offered if it is likely.
                turn.intent = choices.first().map(|first| first.id.clone()).unwrap_or_default();
                false
            }
            Decision::Answer { .. } | Decision::Ask { .. } | Decision::Fill { .. } | Decision::Act(_) => !leaves,
            Decision::Handoff { reason, .. } => {
                matches!(reason, Reason::Asked | Reason::Intent | Reason::NoAnswer | Reason::Form | Reason::Unverified)
            }
            Decision::Silent | Decision::Consult { .. } => false,
        };
        if is_known {
            turn.intent = named.or(turn.near.first().map(String::as_str)).unwrap_or_default().to_owned();
            let of_intent = known.intents.iter().find(|intent| intent.id.as_str() == turn.intent);
            // The message that began a form has put them on; who takes one off while it is filled in does not meet it again.
            let acted = of_intent.filter(|_| !turn.is_reply);
            turn.tags = acted.map(|intent| intent.says.tags.clone()).unwrap_or_default();
        }
        turn
    }
}

#[cfg(test)]
mod tests;
