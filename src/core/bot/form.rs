//! Forms: an intent that needs to know something asks for it, one field a message, in plain messages.
//!
//! How far a form is ([`Form`]) travels with the message that asks for the next field and is stored in the same row, so nothing that
//! happens to a process between two messages can lose it. When a form ends is decided in [`super::dialogue`].
mod values;

use serde::{Deserialize, Serialize};

use super::{
    dialogue::Language,
    features,
    intent::Words,
    small_talk::{Words as Own, before_one, behind, has_one},
    written,
};
use crate::core::{
    id::IntentId,
    limits::{EXAMPLE_CHARS, FORM_FIELDS, TEXT_CHARS},
    problem::Problem,
};

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Letters, digits and hyphens; a digit at least, or every word would be one.
    Order,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Whatever is said.
    Text,
}

/// One thing to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, as `{key}` in the answer.
    pub key: String,
    /// What it takes.
    pub kind: Kind,
    /// The question; in neither language: the bot's own, by its kind.
    #[serde(default)]
    pub ask: Words,
}

/// A form that is being filled in. It is written as a list of texts, which costs no code of its own where it is read: the intent,
/// the language, how often the last question was asked in vain, and each key with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct Form {
    /// Whose.
    pub intent: IntentId,
    /// In which it began.
    pub language: Language,
    /// Replies to the last question that did not fit.
    pub wrong: u8,
    /// What is known, by key.
    pub values: Vec<(String, String)>,
}

impl From<Form> for Vec<String> {
    fn from(form: Form) -> Self {
        let mut texts = vec![form.intent.to_string(), form.language.name().to_owned(), form.wrong.to_string()];
        texts.extend(form.values.into_iter().flat_map(|(key, value)| [key, value]));
        texts
    }
}

impl TryFrom<Vec<String>> for Form {
    type Error = &'static str;

    fn try_from(texts: Vec<String>) -> Result<Self, Self::Error> {
        let mut texts = texts.into_iter();
        let (Some(intent), Some(language), Some(wrong)) = (texts.next(), texts.next(), texts.next()) else {
            return Err("no form");
        };
        let language = if language == "zh" { Language::Zh } else { Language::En };
        let values = std::iter::from_fn(|| texts.next().zip(texts.next())).collect();
        let intent = IntentId::parse(&intent).map_err(|_| "no intent")?;
        Ok(Form { intent, language, wrong: wrong.parse().unwrap_or_default(), values })
    }
}

/// After a visitor has left a form.
pub const LEFT: Own = Own {
    en: "All right, I've stopped asking. What else can I help you with?",
    zh: "好的，已取消。还有什么可以帮您？",
};
/// What leaves a form: the whole message, folded, but for [`BEFORE`] and [`BEHIND`].
const CANCELS: &str = "cancel|cancel it|cancel that|stop|quit|exit|never mind|nevermind|forget it|\
    取消|退出|停止|算了|不用了|不填了|不说了|不查了|取消填写";
/// What says that a reply will come.
const PAUSES: &str = "ok|okay|wait|hold on|one moment|just a moment|one second|let me check|let me look|\
    好|好的|稍等|请稍等|稍等一下|等一下|等等|我找一下|我看看|我查一下";
/// What may be said before and behind them.
const BEFORE: [&str; 6] = ["ok ", "wait ", "no ", "sorry ", "好的 ", "算了 "];
const BEHIND: &str = " please| thanks| thank you|谢谢|吧";
/// How questions begin: "when do you …" and "is it …", but not "when it came" and "is broken", which tell.
const BEGINS: &str = "how |where |who |why |which |what is |what are |what do |what time |when do |when is |when are |when can |when will |\
    is it |is there |are there |are you |do you |do i |does it |can i |can you |could i |could you |will it |will you ";
/// Words that only questions have.
const ONLY_ASKED: &str = "怎么|什么时候|为什么|如何|多少|多久|几点|哪里|哪个";

impl Kind {
    const fn asks(self) -> Own {
        match self {
            Kind::Order => Own { en: "What is your order number?", zh: "请问您的订单号是多少？" },
            Kind::Email => Own { en: "What is your e-mail address?", zh: "请问您的邮箱地址是什么？" },
            Kind::Phone => Own { en: "What is your phone number?", zh: "请问您的电话号码是多少？" },
            Kind::Text => Own { en: "Please tell me more about it.", zh: "请您再详细说明一下。" },
        }
    }

    const fn refuses(self) -> Own {
        match self {
            Kind::Order => Own {
                en: "I can't find an order number in that: it has 4 to 40 letters and digits. Say “cancel” to stop.",
                zh: "没有找到订单号，订单号由 4 到 40 个字母和数字组成。如不想继续，请回复“取消”。",
            },
            Kind::Email => Own {
                en: "I can't find an e-mail address in that, such as name@example.com. Say “cancel” to stop.",
                zh: "没有找到邮箱地址，例如 name@example.com。如不想继续，请回复“取消”。",
            },
            Kind::Phone => Own {
                en: "I can't find a phone number in that: it has 7 to 15 digits. Say “cancel” to stop.",
                zh: "没有找到电话号码，电话号码有 7 到 15 位数字。如不想继续，请回复“取消”。",
            },
            Kind::Text => Own {
                en: "That is too long for me: at most 400 characters, please. Say “cancel” to stop.",
                zh: "内容太长了，请不要超过 400 个字。如不想继续，请回复“取消”。",
            },
        }
    }

    /// The value in a message; `is_asked`: it replies to the question for it. Else only what can be nothing else counts.
    pub fn find(self, text: &str, is_asked: bool) -> Option<String> {
        match self {
            Kind::Order => values::order(text, is_asked),
            Kind::Email => values::address(text),
            Kind::Phone => values::phone(text, is_asked),
            Kind::Text => {
                let text = text.trim();
                let is_one = is_asked && !text.is_empty() && text.chars().nth(EXAMPLE_CHARS).is_none();
                is_one.then(|| text.to_owned())
            }
        }
    }
}

/// As an owner may have it.
///
/// # Errors
/// There are too many, one has no proper name or another's, or a question is too long.
pub fn checked(fields: Vec<Field>) -> Result<Vec<Field>, Problem> {
    if fields.len() > FORM_FIELDS {
        return Err(Problem::field("form", format!("more than {FORM_FIELDS} fields")));
    }
    let mut known: Vec<Field> = Vec::new();
    for Field { key, kind, ask } in fields {
        if IntentId::parse(&key).is_err() {
            return Err(Problem::field("form", "a key is 1 to 40 of a-z 0-9 _"));
        }
        if known.iter().any(|field| field.key == key) {
            return Err(Problem::field("form", format!("{key} is there twice")));
        }
        let ask = Words {
            en: written::line("form", &ask.en, EXAMPLE_CHARS)?,
            zh: written::line("form", &ask.zh, EXAMPLE_CHARS)?,
        };
        known.push(Field { key, kind, ask });
    }
    Ok(known)
}

impl Form {
    /// A new one, with what the message that began it says already.
    pub fn begun(intent: IntentId, language: Language, fields: &[Field], text: &str) -> Self {
        let mut form = Form { intent, language, wrong: 0, values: Vec::new() };
        form.take_spotted(fields, text, None);
        form
    }

    /// The next field to ask for.
    pub fn next<'fields>(&self, fields: &'fields [Field]) -> Option<&'fields Field> {
        fields.iter().find(|field| !self.has(&field.key))
    }

    /// The reply has a value for a field, and perhaps more.
    pub fn take(&mut self, field: &Field, value: String, fields: &[Field], text: &str) {
        self.wrong = 0;
        self.values.push((field.key.clone(), value));
        self.take_spotted(fields, text, Some(field.kind));
    }

    /// Of each kind one: the second number of two is not the first.
    fn take_spotted(&mut self, fields: &[Field], text: &str, taken: Option<Kind>) {
        let mut taken: Vec<Kind> = taken.into_iter().collect();
        for field in fields {
            if self.has(&field.key) || taken.contains(&field.kind) {
                continue;
            }
            taken.push(field.kind);
            if let Some(value) = field.kind.find(text, false) {
                self.values.push((field.key.clone(), value));
            }
        }
    }

    /// What a reply says otherwise than before, as far as it can be nothing else; `asked`: what it replies to. Of a kind of which the form
    /// has two, one is not known to be meant, and what is told may tell of anything. Whether there was something.
    pub fn correct(&mut self, fields: &[Field], asked: Kind, text: &str) -> bool {
        let mut is_corrected = false;
        for field in fields {
            let is_alone = fields.iter().filter(|other| other.kind == field.kind).count() == 1;
            let Some((_, known)) = self.values.iter_mut().find(|(key, _)| *key == field.key) else { continue };
            if !is_alone || asked == field.kind || asked == Kind::Text {
                continue;
            }
            if let Some(value) = field.kind.find(text, false).filter(|value| *value != *known) {
                *known = value;
                is_corrected = true;
            }
        }
        is_corrected
    }

    fn has(&self, key: &str) -> bool {
        self.values.iter().any(|(known, _)| known == key)
    }

    /// The question for a field.
    pub fn question(&self, field: &Field) -> String {
        let asked = field.ask.in_language(self.language);
        if asked.is_empty() { field.kind.asks().in_language(self.language).to_owned() } else { asked.to_owned() }
    }

    /// Why the last reply would not do, and the question again.
    pub fn question_again(&self, field: &Field) -> String {
        format!("{}\n{}", field.kind.refuses().in_language(self.language), self.question(field))
    }

    /// A text with what is known in the place of each `{key}`. What was put in is not looked at again.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut parts = text.split('{');
        filled.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let named = part.split_once('}');
            let known = named.and_then(|(key, rest)| {
                self.values.iter().find(|(known, _)| known == key).map(|(_, value)| (value, rest))
            });
            match known {
                Some((value, rest)) => filled.extend([value, rest]),
                None => filled.extend(["{", part]),
            }
        }
        filled.chars().take(TEXT_CHARS).collect()
    }

    /// What is known, a line each.
    pub fn listed(&self) -> String {
        // A line of theirs must not look like another field.
        let line = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = self.values.iter().map(|(key, value)| format!("{key}: {}", line(value))).collect();
        lines.join("\n")
    }
}

/// Whether a folded message leaves a form.
pub fn is_cancel(folded: &[char]) -> bool {
    is_one(folded, CANCELS)
}

/// Whether it only says that a reply will come.
pub fn is_pause(folded: &[char]) -> bool {
    is_one(folded, PAUSES)
}

fn is_one(folded: &[char], phrases: &str) -> bool {
    let text = features::folded(folded);
    let text = text.trim();
    let text = before_one(text, BEHIND).unwrap_or(text).trim_end();
    let text = BEFORE.iter().find_map(|before| text.strip_prefix(before)).unwrap_or(text);
    phrases.split('|').any(|phrase| phrase == text)
}

/// Whether a message asks something: by its end, by how it begins, or by a word that only questions have.
pub fn is_question(text: &str, folded: &[char]) -> bool {
    let said = features::folded(folded);
    let said = said.trim();
    before_one(text.trim(), "?|？|吗|嗎|么|麼|呢|?!|？！|？!").is_some()
        || behind(said, BEGINS).is_some()
        || has_one(said, ONLY_ASKED) && !has_one(said, "不知道") && before_one(said, "了").is_none()
}

#[cfg(test)]
mod tests;
