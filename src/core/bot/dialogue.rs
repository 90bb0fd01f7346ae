//! What the bot does about a message: answers, asks back, hands over, or says nothing.
//!
//! Decided from what the classifier makes of the message, the owner's intents, and where the conversation stands; nothing
//! is remembered here. What happened meanwhile (an agent came, the visitor wrote on) is the Room's affair.
pub(super) use language::language;
pub use language::{Language, language_of};
use serde::{Deserialize, Serialize};

use super::{
    action::PendingAction,
    consult::Consult,
    faq::{Entry, Found},
    features::fold,
    form::Form,
    intent::{Does, Says, Takers},
    predict::{Band, Verdict},
    small_talk::{self, Talk},
};
use crate::core::{
    id::IntentId,
    limits::{BOT_CHOICES, NAME_CHARS, TEXT_CHARS},
};

/// Questions back in a row, none of whose buttons was pressed, after which the bot asks no more.
const ASKS_IN_A_ROW: u8 = 2;
/// Buttons of a question back, but for the one for a person.
const ASKED_ABOUT: usize = 3;

/// An intent as far as the dialogue needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The owner's name for it.
    pub id: IntentId,
    /// What is said then.
    pub says: Says,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The intent, or the entry of the FAQ.
    pub id: String,
    /// What stands on it.
    pub label: String,
}

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The bot has it.
    Pending,
    /// The visitor waits for a person, and the bot keeps them company.
    Queued,
    /// A person has it, or nobody is to be talked to.
    Silent,
}

/// A visitor's message and what came before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard<'a> {
    /// What they wrote; empty: something that is no text.
    pub text: &'a str,
    /// The intent, or the entry of the FAQ, whose button they pressed; empty: none.
    pub choice: &'a str,
    /// BCP 47, as the page said; empty: it did not.
    pub locale: &'a str,
    /// Where the conversation stands.
    pub phase: Phase,
    /// Questions back since the last answer.
    pub asked: u8,
    /// The form that is being filled in.
    pub form: Option<&'a Form>,
    /// Their site has signed who they are.
    pub verified: bool,
}

/// What the bot knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Knowledge<'a> {
    /// The owner's intents.
    pub intents: &'a [Meaning],
    /// What the classifier makes of the message, and its intents' ids by class; none: there is no model.
    pub verdict: Option<(&'a Verdict, &'a [String])>,
    /// What the FAQ has about it.
    pub faq: Found<'a>,
}

/// Why the bot hands over. Agents see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The visitor wants a person.
    Asked,
    /// The bot does not know what is meant.
    Unsure,
    /// It asked back, and no button was pressed.
    AskedInVain,
    /// The message holds no text.
    NoText,
    /// The intent says so.
    Intent,
    /// The intent has no answer.
    NoAnswer,
    /// The visitor's replies do not fit what a form asks for.
    Form,
    /// The owner's system did not answer.
    Action,
    /// The owner's system is only asked for visitors whom their site has signed.
    Unverified,
    /// The bot that the workspace has named says so.
    Webhook,
    /// The bot failed or took too long.
    Failed,
    /// The bot was switched off.
    Off,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 12] = [
        Reason::Asked,
        Reason::Unsure,
        Reason::AskedInVain,
        Reason::NoText,
        Reason::Intent,
        Reason::NoAnswer,
        Reason::Form,
        Reason::Action,
        Reason::Unverified,
        Reason::Webhook,
        Reason::Failed,
        Reason::Off,
    ];

    /// A stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Asked => "visitor_asked",
            Reason::Unsure => "unsure",
            Reason::AskedInVain => "asked_in_vain",
            Reason::NoText => "no_text",
            Reason::Intent => "intent",
            Reason::NoAnswer => "no_answer",
            Reason::Form => "form",
            Reason::Action => "action_failed",
            Reason::Unverified => "unverified",
            Reason::Webhook => "webhook",
            Reason::Failed => "bot_failed",
            Reason::Off => "bot_off",
        }
    }
}

/// What the bot does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    Silent,
    /// Says this.
    Answer {
        /// What.
        text: String,
        /// Buttons under it.
        choices: Vec<Choice>,
        /// The picture between them, as `super::image` has it; empty: none.
        image: String,
    },
    /// Asks which of these is meant.
    Ask {
        /// The question.
        text: String,
        /// The likeliest intents.
        choices: Vec<Choice>,
    },
    /// Asks for a field of a form.
    Fill {
        /// The question.
        text: String,
        /// How far the form is.
        form: Box<Form>,
    },
    /// Asks the owner's system, and says what it answers.
    Act(Box<PendingAction>),
    /// Asks a language model, and says what it writes.
    Consult {
        /// What it is asked.
        consult: Box<Consult>,
        /// What is done if it does not answer.
        otherwise: Box<Decision>,
    },
    /// Gives the conversation to people.
    Handoff {
        /// Why.
        reason: Reason,
        /// Its last word.
        text: String,
        /// The picture under it; empty: none.
        image: String,
        /// What was collected for them.
        form: Option<Box<Form>>,
        /// Who is to take over, and how soon.
        to: Takers,
    },
}

/// Decides.
pub fn decide(heard: &Heard<'_>, known: Knowledge<'_>) -> Decision {
    let language = language(heard, known.intents);
    let decided = match heard.phase {
        Phase::Silent => Decision::Silent,
        Phase::Pending | Phase::Queued => for_whom(heard, known, consider(heard, known, language)),
    };
    in_phase(heard.phase, decided)
}

/// Who waits for a person is asked nothing and is not handed over again, as they would be if the owner's system failed.
pub(super) fn in_phase(phase: Phase, decided: Decision) -> Decision {
    match (phase, decided) {
        (Phase::Queued, Decision::Ask { .. } | Decision::Fill { .. } | Decision::Act(_) | Decision::Handoff { .. }) => {
            Decision::Silent
        }
        (_, decided) => decided,
    }
}

/// Gives the conversation to people, in words of the bot's own.
pub fn hand_over(reason: Reason, language: Language) -> Decision {
    let text = match reason {
        Reason::Asked | Reason::Intent | Reason::NoText | Reason::Form | Reason::Webhook => &small_talk::HANDS_OVER,
        Reason::Action => &small_talk::NO_REPLY,
        Reason::Unverified => &small_talk::SIGN_IN,
        Reason::Unsure | Reason::AskedInVain | Reason::NoAnswer | Reason::Failed | Reason::Off => &small_talk::CANNOT,
    };
    let text = text.in_language(language).to_owned();
    Decision::Handoff { reason, text, image: String::new(), form: None, to: Takers::default() }
}

/// The built-in intent that a message is. What says yes or no to "did you mean …", or by the button of another bot's, is none, nor what
/// the owner's words plainly mean by it.
pub(super) fn talk(heard: &Heard<'_>, folded: &[char], known: Knowledge<'_>) -> Option<&'static str> {
    let is_open = heard.asked == 0 && heard.choice.is_empty() && known.faq.same.is_none() && plainly(known).is_none();
    small_talk::find(folded, is_open.then_some(heard.text))
}

/// The intent whose form this message replies to; none: it replies to none.
pub fn replies_to<'a>(heard: &Heard<'a>, known: Knowledge<'_>) -> Option<&'a str> {
    let form = heard.form?;
    let folded = fold(heard.text);
    if small_talk::find(&folded, None) == Some(small_talk::HUMAN) {
        return None;
    }
    filling::reply(form, heard.text, &folded, known).map(|_| form.intent.as_str())
}

/// What an owner's system is to be asked for signed visitors alone, nobody else is asked a form for.
fn for_whom(heard: &Heard<'_>, known: Knowledge<'_>, decided: Decision) -> Decision {
    let form = match &decided {
        Decision::Fill { form, .. } => form,
        Decision::Act(action) => &action.form,
        Decision::Silent
        | Decision::Answer { .. }
        | Decision::Ask { .. }
        | Decision::Consult { .. }
        | Decision::Handoff { .. } => return decided,
    };
    let intent = find(form.intent.as_str(), known.intents);
    match intent.filter(|intent| !heard.verified && intent.says.calls().is_some_and(|action| action.verified)) {
        Some(intent) => to_its_team(hand_over(Reason::Unverified, form.language), intent),
        None => decided,
    }
}

fn consider(heard: &Heard<'_>, known: Knowledge<'_>, language: Language) -> Decision {
    // What was pressed is what was meant. An intent that is gone since is a message like any other.
    if let Some(decided) = by_id(heard.choice, "", known.intents, language) {
        return decided;
    }
    if let Some(entry) = known.faq.pressed {
        return tell(entry);
    }
    if heard.text.trim().is_empty() {
        return hand_over(Reason::NoText, language);
    }
    let folded = fold(heard.text);
    let talk = talk(heard, &folded, known);
    let replied = heard.form.filter(|_| talk != Some(small_talk::HUMAN));
    if let Some(decided) = replied.and_then(|form| filling::reply(form, heard.text, &folded, known)) {
        return decided;
    }
    // Who waits for a person is not greeted from the beginning, by a phrase or by an owner's intent for such.
    let plain = plainly(known);
    let meant = talk.or(plain.map(|plain| plain.id.as_str()));
    if heard.phase == Phase::Queued && meant.is_some_and(|id| small_talk::by_id(id).is_some()) {
        return Decision::Silent;
    }
    if let Some(decided) = talk.and_then(|id| by_id(id, heard.text, known.intents, language)) {
        return decided;
    }
    if let Some(plain) = plain {
        return act(plain, heard.text, known.intents, language);
    }
    if let Some(entry) = in_its_words(known) {
        return tell(entry);
    }
    let choices = likely(known, language);
    if choices.is_empty() {
        return hand_over(Reason::Unsure, language);
    }
    if heard.asked >= ASKS_IN_A_ROW {
        return hand_over(Reason::AskedInVain, language);
    }
    let text = small_talk::WHICH.in_language(language).to_owned();
    Decision::Ask { text, choices: with_a_person(choices, known.intents, language) }
}

/// What may be meant: intents if the classifier wavers, and entries of the FAQ, which have one place at least and what intents leave.
fn likely(known: Knowledge<'_>, language: Language) -> Vec<Choice> {
    let entries = known.faq.near.into_iter().flatten();
    let mut choices: Vec<Choice> = likely_intents(known).map(|intent| button(intent, language)).collect();
    choices.truncate(ASKED_ABOUT - entries.clone().count().min(1));
    choices.extend(entries.map(Entry::button));
    choices.truncate(ASKED_ABOUT);
    choices
}

/// The intents that a message may mean, if any is likely at all. What the owner has taken away since it was learnt is nothing that could be
/// said or meant.
fn likely_intents(known: Knowledge<'_>) -> impl Iterator<Item = &Meaning> {
    let (verdict, ids) = match known.verdict {
        Some((verdict, ids)) if verdict.band != Band::Handoff => (verdict.top.as_slice(), ids),
        Some(_) | None => (&[][..], &[][..]),
    };
    let named = verdict.iter().filter_map(|candidate| ids.get(usize::from(candidate.class)));
    named.filter_map(|id| find(id, known.intents))
}

/// The entry of the FAQ that a message asks for in its very words, and plainly means nothing else.
pub fn in_its_words<'a>(known: Knowledge<'a>) -> Option<&'a Entry> {
    known.faq.same.filter(|_| plainly(known).is_none())
}

/// An answer of nothing but text.
pub(super) fn plain(text: String) -> Decision {
    Decision::Answer { text, choices: Vec::new(), image: String::new() }
}

fn tell(entry: &Entry) -> Decision {
    plain(entry.said())
}

/// What a message plainly means; where an entry answers it in its very words, nothing that would leave it to people for want of an answer.
fn plainly<'a>(known: Knowledge<'a>) -> Option<&'a Meaning> {
    let (verdict, ids) = known.verdict.filter(|(verdict, _)| verdict.band == Band::Answer)?;
    let best = verdict.top.first().and_then(|best| ids.get(usize::from(best.class)))?;
    find(best, known.intents).filter(|intent| known.faq.same.is_none() || !is_blank(intent))
}

/// It is to answer, and nobody has written what.
fn is_blank(intent: &Meaning) -> bool {
    let said = |put: &str| put.to_owned();
    let says = &intent.says;
    let nothing = says.form.is_empty() && says.calls().is_none();
    nothing && matches!(does(intent, &said, &[], Language::En), Decision::Handoff { reason: Reason::NoAnswer, .. })
}

fn find<'a>(id: &str, intents: &'a [Meaning]) -> Option<&'a Meaning> {
    intents.iter().find(|intent| intent.id.as_str() == id)
}

/// What an intent does: the owner's, or else a built-in one.
fn by_id(id: &str, text: &str, intents: &[Meaning], language: Language) -> Option<Decision> {
    if let Some(intent) = find(id, intents) {
        return Some(act(intent, text, intents, language));
    }
    Some(match small_talk::by_id(id)? {
        Talk::Answer(text) => plain(text.in_language(language).to_owned()),
        Talk::Ask(text) => {
            let choices = with_a_person(Vec::new(), intents, language);
            Decision::Ask { text: text.in_language(language).to_owned(), choices }
        }
        Talk::Handoff => hand_over(Reason::Asked, language),
    })
}

/// Begins with an intent: asks for what it needs to know, unless the message says all of it.
fn act(intent: &Meaning, text: &str, intents: &[Meaning], language: Language) -> Decision {
    let fields = &intent.says.form;
    // Whoever wants a person is asked nothing.
    if fields.is_empty() && intent.says.calls().is_none() || intent.id.as_str() == small_talk::HUMAN {
        let whole = |said: &str| first(said, TEXT_CHARS);
        return to_its_team(does(intent, &whole, intents, language), intent);
    }
    filling::proceed(intent, Box::new(Form::begun(intent.id.clone(), language, fields, text)), intents)
}

/// Whom it leaves to people goes to the intent's team.
fn to_its_team(mut decided: Decision, intent: &Meaning) -> Decision {
    if let Decision::Handoff { to, .. } = &mut decided {
        *to = intent.says.takers();
    }
    decided
}

/// What an intent does when nothing is left to be asked; `put` puts what is known in its answer.
fn does(intent: &Meaning, put: &dyn Fn(&str) -> String, intents: &[Meaning], language: Language) -> Decision {
    let says = &intent.says;
    // Where the answer is not in their language it is said in the other one, and so goes the picture.
    let spoken = says.answer.spoken(language);
    let (said, image) = (put(says.answer.of(spoken)), says.picture.in_language(spoken).to_owned());
    let is_human = intent.id.as_str() == small_talk::HUMAN;
    // Whoever wants a person gets one, whatever the intent of that name is set to do.
    let does = if is_human { Does::Handoff } else { says.does };
    let reason = if is_human { Reason::Asked } else { Reason::Intent };
    match does {
        Does::Handoff if said.trim().is_empty() => hand_over(reason, language),
        Does::Handoff => Decision::Handoff { reason, text: said, image, form: None, to: Takers::default() },
        // The library's drafts are taken over without an answer: what is built in says it.
        Does::Answer if said.trim().is_empty() => match small_talk::by_id(intent.id.as_str()) {
            Some(_) => by_id(intent.id.as_str(), "", &[], language).unwrap_or(Decision::Silent),
            None => hand_over(Reason::NoAnswer, language),
        },
        Does::Answer => {
            let buttons = says.buttons.iter().filter_map(|id| find(id.as_str(), intents)).take(BOT_CHOICES);
            Decision::Answer { text: said, choices: buttons.map(|intent| button(intent, language)).collect(), image }
        }
    }
}

/// Whoever means none of it can have a person.
fn with_a_person(mut choices: Vec<Choice>, intents: &[Meaning], language: Language) -> Vec<Choice> {
    let human = find(small_talk::HUMAN, intents);
    if !choices.iter().any(|choice| choice.id == small_talk::HUMAN) {
        choices.push(match human {
            Some(human) => button(human, language),
            None => {
                Choice { id: small_talk::HUMAN.to_owned(), label: small_talk::PERSON.in_language(language).to_owned() }
            }
        });
    }
    choices
}

/// The first so many characters.
#[inline(never)]
pub fn first(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn button(intent: &Meaning, language: Language) -> Choice {
    let title = intent.says.title.in_language(language).trim();
    let label = if title.is_empty() { intent.id.as_str() } else { title };
    Choice { id: intent.id.to_string(), label: first(label, NAME_CHARS) }
}

mod filling;
mod language;
pub mod suggest;
#[cfg(test)]
mod tests;
