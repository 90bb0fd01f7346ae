//! A visitor's reply while a form is being filled in.
use super::{Decision, Knowledge, Meaning, Reason, does, find, hand_over, in_its_words, plain, plainly, to_its_team};
use crate::core::bot::{
    action::PendingAction,
    form::{self, Form, Kind},
    small_talk,
};

/// Replies in a row that do not fit a field, after which people take over.
const WRONG_IN_A_ROW: u8 = 2;

/// What follows from a reply to the form's question; none: it is none, and ends the form.
pub(super) fn reply(form: &Form, text: &str, folded: &[char], known: Knowledge<'_>) -> Option<Decision> {
    // The owner may have changed it meanwhile.
    let intent = find(form.intent.as_str(), known.intents)?;
    let fields = &intent.says.form;
    let field = form.next(fields)?;
    if form::is_cancel(folded) {
        return Some(plain(form::LEFT.in_language(form.language).to_owned()));
    }
    // What fits is a reply, whatever else it may mean. Where everything fits, a question plainly about something else is none.
    let other = plainly(known).filter(|plain| plain.id != form.intent);
    let is_turned = |other: &Meaning| other.id.as_str() == small_talk::HUMAN || form::is_question(text, folded);
    let asks_else = in_its_words(known).is_some() || small_talk::find(folded, None) == Some("bot_identity");
    let turns = other.is_some_and(is_turned) || asks_else;
    let is_none = field.kind == Kind::Text && turns;
    let mut form = Box::new(form.clone());
    let is_corrected = form.correct(fields, field.kind, text);
    match field.kind.find(text, true).filter(|_| !is_none) {
        Some(value) => {
            form.take(field, value, fields, text);
            Some(proceed(intent, form, known.intents))
        }
        // What puts something right is one, too, unless it asks for something else; and who looks for it has time.
        None if is_corrected && !turns || form::is_pause(folded) => {
            form.wrong = 0;
            Some(Decision::Fill { text: form.question(field), form })
        }
        None if other.is_some() || asks_else => None,
        None => {
            form.wrong = form.wrong.saturating_add(1);
            if form.wrong >= WRONG_IN_A_ROW {
                return Some(to_its_team(hand_over(Reason::Form, form.language), intent));
            }
            Some(Decision::Fill { text: form.question_again(field), form })
        }
    }
}

/// Asks for the next field, or does what the form was for.
pub(super) fn proceed(intent: &Meaning, form: Box<Form>, intents: &[Meaning]) -> Decision {
    if let Some(field) = form.next(&intent.says.form) {
        return Decision::Fill { text: form.question(field), form };
    }
    if let Some(action) = intent.says.calls() {
        return Decision::Act(Box::new(PendingAction::new(action, form, intent.says.takers())));
    }
    let mut decided = does(intent, &|said| form.fill(said), intents, form.language);
    if matches!(decided, Decision::Handoff { reason: Reason::NoAnswer, .. }) {
        // Nothing to say, but something for people to deal with.
        decided = hand_over(Reason::Intent, form.language);
    }
    if let Decision::Handoff { form: collected, .. } = &mut decided {
        *collected = Some(form);
    }
    to_its_team(decided, intent)
}

#[cfg(test)]
mod tests;
