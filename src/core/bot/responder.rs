//! Who answers: the built-in bot, a language model, or a bot of the workspace's own. Then the built-in one stands in wherever these fail.
//!
//! Each is a [`Responder`]; the one that is called over HTTP is in `edge/webhook.rs`. Whoever is set, the built-in bot deals with what it
//! can't leave to others: a call for a person, what nobody but it has asked for (its buttons, a form), and a message without text.
use std::{future::Future, pin::Pin};

use super::{
    consult::Consult,
    dialogue::{Decision, Heard, Knowledge, Phase, Reason, decide, in_phase, language_of},
    faq::Faq,
    turn::Turn,
    written,
};
use crate::core::{
    limits::{RESPONDER_KEY_CHARS, RESPONDER_MODEL_CHARS},
    problem::Problem,
};

/// Who is set to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Setting {
    /// The built-in bot.
    #[default]
    BuiltIn,
    /// A bot of the workspace's own, which is called.
    Webhook {
        /// Where.
        url: String,
    },
    /// A language model behind an address that speaks as OpenAI's does.
    Model {
        /// Where.
        url: String,
        /// Which one, as that address calls it.
        model: String,
        /// What it is asked with, sealed for this address (`core::auth::Keys::unseal`); empty: nothing.
        key: String,
    },
}

impl Setting {
    /// As it is written and stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Setting::BuiltIn => "built_in",
            Setting::Webhook { .. } => "webhook",
            Setting::Model { .. } => "model",
        }
    }

    /// The address that is called; empty: none is.
    pub fn url(&self) -> &str {
        match self {
            Setting::BuiltIn => "",
            Setting::Webhook { url } | Setting::Model { url, .. } => url,
        }
    }

    /// The model that is asked; empty: none.
    pub fn model(&self) -> &str {
        match self {
            Setting::BuiltIn | Setting::Webhook { .. } => "",
            Setting::Model { model, .. } => model,
        }
    }

    /// What it is asked with, sealed; empty: nothing.
    pub fn key(&self) -> &str {
        match self {
            Setting::BuiltIn | Setting::Webhook { .. } => "",
            Setting::Model { key, .. } => key,
        }
    }

    /// From its parts; what a kind has no use for is dropped. None: there is no such kind.
    pub fn of(kind: &str, url: String, model: String, key: String) -> Option<Self> {
        match kind {
            "built_in" => Some(Setting::BuiltIn),
            "webhook" => Some(Setting::Webhook { url }),
            "model" => Some(Setting::Model { url, model, key }),
            _ => None,
        }
    }
}

/// The name of a model, tidied.
///
/// # Errors
/// There is none, or it is too long.
pub fn check_model(model: &str) -> Result<String, Problem> {
    let model = written::line("model", model, RESPONDER_MODEL_CHARS)?;
    if model.is_empty() { Err(Problem::field("model", "which one is asked")) } else { Ok(model) }
}

/// A key can stand in a header.
///
/// # Errors
/// It can't, or it is too long. What it was is not said.
pub fn check_key(key: &str) -> Result<&str, Problem> {
    let key = key.trim();
    if key.len() > RESPONDER_KEY_CHARS || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::field("key", format!("at most {RESPONDER_KEY_CHARS} visible ASCII characters")));
    }
    Ok(key)
}

/// What is done about a message, and what that rests on.
pub type Judged = (Decision, Turn);

/// What comes of a message that somebody hears.
#[allow(clippy::large_enum_variant)] // there is one of it at a time, and nearly always the large one
pub enum Answer<'call> {
    /// It is known at once: the hot path waits for nothing.
    Now(Judged),
    /// It follows from a call ([`called`]), which begins when it is first polled.
    Later(Pin<Box<dyn Future<Output = Judged> + 'call>>),
}

/// Somebody who may be set to answer.
pub trait Responder<'call> {
    /// Hears a message that is not the built-in bot's in any case, and what that one has decided about it.
    fn hear(self, heard: Heard<'call>, decided: Judged) -> Answer<'call>;
}

/// The built-in bot.
#[derive(Debug)]
pub struct BuiltIn;

impl<'call> Responder<'call> for BuiltIn {
    fn hear(self, _: Heard<'call>, decided: Judged) -> Answer<'call> {
        Answer::Now(decided)
    }
}

/// A language model, which is asked instead of asking back or giving up, if there is something to answer from. Its answer grows before the
/// Room's eyes (`edge/model.rs`); until there is one, what the built-in bot has decided goes along.
#[derive(Debug)]
pub struct LanguageModel<'known> {
    /// What it may answer from.
    pub faq: &'known Faq,
    /// How often it may be asked in one conversation on a day.
    pub calls_per_conversation: u32,
}

impl<'call> Responder<'call> for LanguageModel<'_> {
    fn hear(self, heard: Heard<'call>, (decided, turn): Judged) -> Answer<'call> {
        Answer::Now((self.instead(&heard, decided), turn))
    }
}

impl LanguageModel<'_> {
    fn instead(&self, heard: &Heard<'_>, decided: Decision) -> Decision {
        let is_lost = matches!(
            decided,
            Decision::Ask { .. } | Decision::Handoff { reason: Reason::Unsure | Reason::AskedInVain, .. }
        );
        let is_free = heard.phase == Phase::Pending && heard.choice.is_empty() && heard.form.is_none();
        if !is_lost || !is_free {
            return decided;
        }
        let consult = self.consult(heard.text, heard.locale);
        if consult.entries.is_empty() {
            return decided;
        }
        Decision::Consult { consult: Box::new(consult), otherwise: Box::new(decided) }
    }

    /// What it is asked about a message.
    pub fn consult(&self, text: &str, locale: &str) -> Consult {
        let (language, calls_per_conversation) = (language_of(text, locale), self.calls_per_conversation);
        Consult { question: text.to_owned(), entries: self.faq.about(text, language), language, calls_per_conversation }
    }
}

/// Has a message answered by whoever is set to answer, or else by the built-in bot. At most one of them is heard.
pub fn respond<'call>(named: impl Responder<'call>, heard: Heard<'call>, known: Knowledge<'_>) -> Answer<'call> {
    let (judged, is_its_own) = built_in(&heard, known);
    if is_its_own { Answer::Now(judged) } else { named.hear(heard, judged) }
}

/// What comes of a call, by what was said; none: nothing that can be used, or not in time, and the built-in bot stands in. `name`: as turns
/// and reports name who was called, in the place of an intent; no intent's name, and no entry's.
pub fn called(name: &str, phase: Phase, said: Option<Decision>, (decided, turn): Judged) -> Judged {
    match said {
        Some(said) => (in_phase(phase, said), Turn { intent: name.to_owned(), tags: Vec::new(), ..turn }),
        None => (decided, Turn { stood_in: true, ..turn }),
    }
}

/// What the built-in bot does about a message, and whether that is not left to others.
fn built_in(heard: &Heard<'_>, known: Knowledge<'_>) -> (Judged, bool) {
    let decided = decide(heard, known);
    let turn = Turn::of(heard, known, &decided);
    let is_its_own = turn.pressed || turn.is_reply || is_for_people(heard, known, &decided);
    ((decided, turn), is_its_own)
}

/// A person is asked for, or there is nothing that a bot could read. Who waits for a person may ask for one again.
fn is_for_people(heard: &Heard<'_>, known: Knowledge<'_>, decided: &Decision) -> bool {
    let asks =
        |decision: &Decision| matches!(decision, Decision::Handoff { reason: Reason::Asked | Reason::NoText, .. });
    match heard.phase {
        Phase::Pending => asks(decided),
        Phase::Queued | Phase::Silent => asks(&decide(&Heard { phase: Phase::Pending, ..*heard }, known)),
    }
}

#[cfg(test)]
mod tests;
