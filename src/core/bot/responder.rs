//! Who answers: the built-in bot, or one that the workspace names. Then the built-in one stands in for it wherever it fails.
//!
//! Whoever it is, the built-in bot deals with what it can't leave to others: a call for a person, what nobody but it has asked
//! for (its buttons, a form), and a message without text.
use super::{
    dialogue::{Decision, Heard, Knowledge, Phase, Reason, decide, in_phase},
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

/// Somebody who may answer instead of the built-in bot.
#[allow(async_fn_in_trait)] // all homes are single-threaded; nobody needs `Send`
pub trait Responder {
    /// As turns and reports name it: no intent's name, and no entry's.
    const NAME: &'static str;

    /// What it does about a message; none: nothing that can be used, or not in time.
    async fn respond(&self, heard: &Heard<'_>) -> Option<Decision>;
}

/// Has a message answered by somebody whom the workspace names, or else by the built-in bot. At most one of them is heard.
pub async fn respond<R: Responder>(named: &R, heard: &Heard<'_>, known: Knowledge<'_>) -> (Decision, Turn) {
    let decision = decide(heard, known);
    let turn = Turn::of(heard, known, &decision);
    if turn.pressed || turn.is_reply || is_for_people(heard, known) {
        return (decision, turn);
    }
    match named.respond(heard).await {
        Some(said) => (in_phase(heard.phase, said), Turn { intent: R::NAME.to_owned(), tags: Vec::new(), ..turn }),
        None => (decision, Turn { stood_in: true, ..turn }),
    }
}

/// A person is asked for, or there is nothing that a bot could read. Who waits for a person may ask for one again.
fn is_for_people(heard: &Heard<'_>, known: Knowledge<'_>) -> bool {
    let decision = decide(&Heard { phase: Phase::Pending, ..*heard }, known);
    matches!(decision, Decision::Handoff { reason: Reason::Asked | Reason::NoText, .. })
}

#[cfg(test)]
mod tests;
