//! A bot of the workspace's own, which is called about each message: what it is told, and what counts as its answer.
use serde::Deserialize;

use super::{
    action::{Message, object, quoted, visitor},
    dialogue::{Choice, Decision, Heard, Language, Phase, Reason, first, hand_over, language_of},
    written,
};
use crate::core::{
    id::{ConversationId, VisitorId},
    json,
    limits::{NAME_CHARS, RESPONDER_BUTTONS},
};

/// Its buttons are numbered from 1 on, by names that no intent has.
const BUTTON: &str = "-";

/// Who has written what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The conversation.
    pub conversation: &'a ConversationId,
    /// The message's number.
    pub seq: u64,
    /// The visitor.
    pub visitor: &'a VisitorId,
    /// The site's own name for them, if the site has signed it.
    pub subject: Option<&'a str>,
    /// Nobody has written it: the owner tries the bot.
    pub is_try: bool,
}

/// What is posted.
pub fn body(asked: &Asked<'_>, heard: &Heard<'_>) -> String {
    // Who sends frames of their own can say what they like: no button of the bot has another number.
    let choice = heard.choice.strip_prefix(BUTTON).and_then(|number| number.parse().ok());
    let choice = choice.filter(|number| (1..=RESPONDER_BUTTONS).contains(number));
    let choice = choice.map(|number| format!(",\"choice\":{number}")).unwrap_or_default();
    let phase = match heard.phase {
        Phase::Pending => "pending",
        Phase::Queued | Phase::Silent => "queued",
    };
    let mark = if asked.is_try { ",\"try\":true" } else { "" };
    // Of ids and names nothing has to be escaped.
    format!(
        "{{\"conversation\":\"{}\",\"message\":{{\"seq\":{},\"text\":{}{choice}}},\"visitor\":{},\"locale\":\"{}\",\"phase\":\"{phase}\"{mark}}}",
        asked.conversation,
        asked.seq,
        quoted(heard.text),
        visitor(asked.visitor, asked.subject),
        language(heard).name(),
    )
}

/// As it is answered; whatever else it says is not looked at. Many write `null` for what is not there.
#[derive(Deserialize)]
struct Answer {
    text: Option<Message>,
    buttons: Option<Vec<String>>,
    hand_over: Option<bool>,
}

/// Reads an answer; none: it is none. `body`: none if it was longer than it may be, or was cut off.
pub fn read(status: u16, body: Option<&[u8]>, heard: &Heard<'_>) -> Option<Decision> {
    let Answer { text, buttons, hand_over: hands_over } =
        json::from_str(object(body.filter(|_| status == 200)?)?).ok()?;
    let (text, buttons) = (text.and_then(|text| text.in_language(language(heard))), buttons.unwrap_or_default());
    if hands_over == Some(true) {
        let mut decision = hand_over(Reason::Webhook, language(heard));
        if let (Decision::Handoff { text: said, .. }, Some(text)) = (&mut decision, text) {
            *said = text;
        }
        return Some(decision);
    }
    if buttons.len() > RESPONDER_BUTTONS {
        return None;
    }
    let labels = buttons.iter().map(|label| written::line("", &first(label, NAME_CHARS), NAME_CHARS).ok());
    let labels = labels.map(|label| label.filter(|label| !label.is_empty())).collect::<Option<Vec<String>>>()?;
    let choices = (1..).zip(labels).map(|(number, label)| Choice { id: format!("{BUTTON}{number}"), label }).collect();
    Some(Decision::Answer { text: text?, choices, image: String::new() })
}

fn language(heard: &Heard<'_>) -> Language {
    language_of(heard.text, heard.locale)
}

#[cfg(test)]
mod tests;
