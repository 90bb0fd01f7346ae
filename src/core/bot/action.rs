//! Actions: an intent that asks the owner's own system, and says what that answers.
//!
//! What is to be asked ([`PendingAction`]) is kept in the Room's record by the commit that decides it, and asked after that. Asked again
//! it has the same name, so the owner's system can tell that it is the same question.
use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};

use super::{
    attempt::Why,
    dialogue::{Language, first},
    form::Form,
    intent::{Takers, Words},
    turn::Turn,
    written,
};
use crate::core::{
    id::{ConversationId, SiteId, VisitorId, WorkspaceId},
    json,
    limits::{ACTION_BYTES, TEXT_CHARS},
};

/// What an intent calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Where; empty: nowhere.
    pub url: String,
    /// Only for visitors whom their site has signed.
    #[serde(default)]
    pub verified: bool,
}

/// One that is to be made. Like a form it is written as a list of texts: five of its own, and those of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct PendingAction {
    /// The message that it answers.
    pub to: u64,
    /// Where.
    pub url: String,
    /// What was collected, of which intent, in which language.
    pub form: Box<Form>,
    /// Who takes over if it fails.
    pub takers: Takers,
    /// What it rests on; none: the message that began the form has counted already.
    pub turn: Option<Turn>,
    /// The site's own name for the visitor, if the site had signed it when this was decided.
    pub subject: Option<String>,
}

impl From<PendingAction> for Vec<String> {
    fn from(PendingAction { to, url, form, takers, turn, subject }: PendingAction) -> Self {
        let turn = turn.and_then(|turn| serde_json::to_string(&turn).ok()).unwrap_or_default();
        let mut texts = vec![to.to_string(), url, takers.written(), turn, subject.unwrap_or_default()];
        texts.extend(Vec::from(*form));
        texts
    }
}

impl TryFrom<Vec<String>> for PendingAction {
    type Error = &'static str;

    fn try_from(mut texts: Vec<String>) -> Result<Self, Self::Error> {
        if texts.len() < 5 {
            return Err("no action");
        }
        let form = Box::new(Form::try_from(texts.split_off(5))?);
        let [to, url, takers, turn, subject] = <[String; 5]>::try_from(texts).map_err(|_| "no action")?;
        let to = to.parse().map_err(|_| "no message")?;
        let (takers, turn) = (Takers::read(&takers), json::from_str(&turn).ok());
        Ok(PendingAction { to, url, form, takers, turn, subject: Some(subject).filter(|subject| !subject.is_empty()) })
    }
}

/// A call to an owner's system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionCall {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Whose visitor it is.
    pub site: SiteId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The same however often it is tried.
    pub key: String,
    /// The so many-th try of this process.
    pub attempt: u8,
    /// What is asked.
    pub action: PendingAction,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The message for the visitor.
    Said(String),
    /// Nobody answered, or not now.
    Again,
    /// It can't be answered.
    Failed,
    /// By now it is only for visitors whom their site has signed.
    Refused,
}

impl Reply {
    /// Of a call that came to nothing.
    pub const fn of(why: Why) -> Self {
        if matches!(why, Why::Unverified) {
            Reply::Refused
        } else if why.may_pass() {
            Reply::Again
        } else {
            Reply::Failed
        }
    }
}

impl PendingAction {
    /// One of an intent that has all that it asks for.
    pub fn new(action: &Action, form: Box<Form>, takers: Takers) -> Self {
        PendingAction { to: 0, url: action.url.clone(), form, takers, turn: None, subject: None }
    }
}

impl ActionCall {
    /// What is posted.
    pub fn body(&self) -> String {
        let PendingAction { form, subject, .. } = &self.action;
        let Form { intent, language, values, .. } = &**form;
        let fields: Vec<String> =
            values.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
        // Of ids and names nothing has to be escaped.
        format!(
            "{{\"intent\":\"{intent}\",\"fields\":{{{}}},\"visitor\":{},\"conversation\":\"{}\",\"locale\":\"{}\"}}",
            fields.join(","),
            visitor(&self.visitor, subject.as_deref()),
            self.conversation,
            language.name(),
        )
    }
}

/// Who asks, as every call to an owner's system says it. `subject`: the site's own name for them, if the site has signed it. Who is anonymous
/// is said to be, so that nobody has to conclude it from what is absent.
pub(super) fn visitor(id: &VisitorId, subject: Option<&str>) -> String {
    match subject {
        Some(subject) => format!("{{\"id\":\"{id}\",\"verified\":true,\"subject\":{}}}", quoted(subject)),
        None => format!("{{\"id\":\"{id}\",\"verified\":false,\"anonymous\":true}}"),
    }
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// As it is answered; whatever else it says is not looked at.
#[derive(Deserialize)]
struct Answer {
    message: Message,
}

/// A text, or one in each language.
#[derive(Default)]
pub(super) struct Message {
    plain: String,
    en: String,
    zh: String,
}

impl Message {
    /// In this language, or else in the other, tidied and as long as a message may be; none: nothing is said.
    pub(super) fn in_language(self, language: Language) -> Option<String> {
        let both = Words { en: self.en, zh: self.zh };
        let text = if self.plain.is_empty() { both.in_language(language) } else { &self.plain };
        written::lines("message", &first(text, TEXT_CHARS), TEXT_CHARS).ok().filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Message;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or one in each language")
            }

            fn visit_str<E>(self, text: &str) -> Result<Message, E> {
                Ok(Message { plain: text.to_owned(), ..Message::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message, A::Error> {
                let mut message = Message::default();
                while let Some((language, text)) = map.next_entry::<String, Option<String>>()? {
                    let text = text.unwrap_or_default();
                    match language.as_str() {
                        "en" => message.en = text,
                        "zh" => message.zh = text,
                        _ => {}
                    }
                }
                Ok(message)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// An owner's system is not well, or has too much to do.
pub const fn is_down(status: u16) -> bool {
    status == 429 || status >= 500 && status < 600
}

/// The text of an object of JSON that is no longer than an answer may be. A list would fill the members in their order.
pub(super) fn object(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok().filter(|_| body.len() <= ACTION_BYTES)?;
    // What files of some editors begin with, and so what their programs write.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Some(text).filter(|text| text.trim_start().starts_with('{'))
}

/// Reads an answer. `body`: none if it was longer than it may be, or was cut off.
pub fn reply(status: u16, body: Option<&[u8]>, language: Language) -> Reply {
    if is_down(status) {
        return Reply::Again;
    }
    let read = || -> Option<String> {
        let Answer { message } = json::from_str(object(body.filter(|_| status == 200)?)?).ok()?;
        message.in_language(language)
    };
    read().map_or(Reply::Failed, Reply::Said)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::core::id::{Entropy, IntentId, TeamId};

    fn call(values: &[(&str, &str)], subject: Option<&str>) -> ActionCall {
        let mut entropy = Entropy::new(1);
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let form = Form { intent: IntentId::parse("order_status").unwrap(), language: Language::Zh, wrong: 0, values };
        let action = Action { url: "https://shop.example/".into(), verified: false };
        ActionCall {
            workspace: WorkspaceId::draw(&mut entropy),
            site: SiteId::draw(&mut Entropy::new(2)),
            conversation: ConversationId::least(),
            visitor: VisitorId::draw(&mut entropy),
            key: "act_1".into(),
            attempt: 1,
            action: PendingAction {
                subject: subject.map(str::to_owned),
                ..PendingAction::new(&action, Box::new(form), Takers::default())
            },
        }
    }

    #[test]
    fn it_says_who_asks_and_what_was_collected() {
        let read = |call: &ActionCall| serde_json::from_str::<Value>(&call.body()).unwrap();
        let known = call(&[("order", "A-1\"}"), ("__proto__", "x")], Some("42"));
        let id = known.visitor.as_str();
        assert_eq!(
            read(&known),
            json!({"intent": "order_status", "fields": {"order": "A-1\"}", "__proto__": "x"},
                "visitor": {"id": id, "verified": true, "subject": "42"},
                "conversation": ConversationId::least().as_str(), "locale": "zh"})
        );
        let unknown = call(&[], None);
        assert_eq!(
            read(&unknown)["visitor"],
            json!({"id": unknown.visitor.as_str(), "verified": false, "anonymous": true})
        );
        assert_eq!(read(&unknown)["fields"], json!({}));
    }

    #[test]
    fn what_came_to_nothing_is_tried_again_if_it_may_pass() {
        for (why, reply) in [
            (Why::Unverified, Reply::Refused),
            (Why::Unreached, Reply::Again),
            (Why::Late, Reply::Again),
            (Why::Internal, Reply::Again),
            (Why::Refused, Reply::Failed),
            (Why::Rests, Reply::Failed),
            (Why::TooOften, Reply::Failed),
        ] {
            assert_eq!(Reply::of(why), reply);
        }
    }

    #[test]
    fn it_is_kept_whole() {
        let mut action = call(&[("order", "A-1")], None).action;
        let kept = |action: &PendingAction| serde_json::to_string(action).unwrap();
        assert_eq!(serde_json::from_str::<PendingAction>(&kept(&action)).unwrap(), action);
        action.to = 7;
        for level in [0, 2, 9] {
            for team in [None, Some(TeamId::draw(&mut Entropy::new(3)))] {
                action.takers = Takers { team, level };
                assert_eq!(serde_json::from_str::<PendingAction>(&kept(&action)).unwrap(), action);
            }
        }
        assert_eq!(Takers::read("nonsense 77"), Takers { team: None, level: 9 });
        action.turn = Some(Turn { to: 7, intent: "order_status".into(), score: 900, ..Turn::default() });
        assert_eq!(serde_json::from_str::<PendingAction>(&kept(&action)).unwrap(), action);
        for cut in 0..4 {
            let texts = &Vec::from(action.clone())[..cut];
            assert!(serde_json::from_str::<PendingAction>(&serde_json::to_string(texts).unwrap()).is_err());
        }
    }

    #[test]
    fn only_a_short_plain_message_is_an_answer() {
        let said = |text: &str| Reply::Said(text.to_owned());
        let long = |letters: usize| format!(r#"{{"message":"{}"}}"#, "x".repeat(letters));
        let table: Vec<(u16, String, Reply)> = vec![
            (200, r#"{"message":"On its way."}"#.into(), said("On its way.")),
            (200, "\u{feff}{\"message\":\"On its way.\"}".into(), said("On its way.")),
            (200, r#"{"message":"  a\r\nb\u0000\u0007 ","more":[1]}"#.into(), said("a\nb")),
            (200, r#"{"message":"<img src=x onerror=alert(1)>"}"#.into(), said("<img src=x onerror=alert(1)>")),
            (200, r#"{"message":{"en":"Soon","zh":"快了"}}"#.into(), said("快了")),
            (200, r#"{"message":{"en":"Soon"}}"#.into(), said("Soon")),
            (200, r#"{"message":{"en":"Soon","zh":" "}}"#.into(), said("Soon")),
            (200, r#"{"message":{"de":"Bald"}}"#.into(), Reply::Failed),
            (200, r#"{"message":{"en":7}}"#.into(), Reply::Failed),
            (200, r#"{"message":"   "}"#.into(), Reply::Failed),
            (200, r#"{"message":["a"]}"#.into(), Reply::Failed),
            (200, r#"{"message":null}"#.into(), Reply::Failed),
            (200, r#"{"text":"a"}"#.into(), Reply::Failed),
            (200, r#"["message"]"#.into(), Reply::Failed),
            (200, "message".into(), Reply::Failed),
            (200, r#"{"message":"\ud800"}"#.into(), Reply::Failed),
            (200, String::new(), Reply::Failed),
            (200, "[".repeat(8_000), Reply::Failed),
            (200, long(TEXT_CHARS + 100), said(&"x".repeat(TEXT_CHARS))),
            (200, long(ACTION_BYTES), Reply::Failed),
            (201, long(1), Reply::Failed),
            (204, String::new(), Reply::Failed),
            (301, long(1), Reply::Failed),
            (302, long(1), Reply::Failed),
            (307, long(1), Reply::Failed),
            (400, long(1), Reply::Failed),
            (404, long(1), Reply::Failed),
            (429, long(1), Reply::Again),
            (500, long(1), Reply::Again),
            (503, String::new(), Reply::Again),
            (599, String::new(), Reply::Again),
            (0, String::new(), Reply::Failed),
        ];
        for (status, body, expected) in table {
            let shown: String = body.chars().take(40).collect();
            assert_eq!(reply(status, Some(body.as_bytes()), Language::Zh), expected, "{status} {shown}");
        }
        assert_eq!(reply(200, Some(b"{\"message\":\"\xff\"}"), Language::En), Reply::Failed);
        assert_eq!(reply(200, None, Language::En), Reply::Failed);
        assert_eq!(reply(500, None, Language::En), Reply::Again);
    }
}
