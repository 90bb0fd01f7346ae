//! Why a call to somebody outside came to nothing, as logs have it, and what an owner is told who tries one.
use serde::Serialize;

use super::{
    dialogue::{Decision, first},
    redact::without_secrets,
};
use crate::core::limits::TRIED_CHARS;

/// Why, and what else is to be said of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The guard lets nobody call this address.
    Refused,
    /// The key can't be opened.
    Key,
    /// It has failed too often in a row, and is left alone for a while.
    Rests,
    /// It was called as often as it may be within an hour.
    TooOften,
    /// … or today: the owner's ceiling.
    CallsPerDay,
    /// It may have no more tokens today.
    TokensPerDay,
    /// It is called for visitors alone whom their site has signed.
    Unverified,
    /// It could not be counted or signed here.
    Internal,
    /// Nobody was reached.
    Unreached,
    /// Nothing came in time, or not all of it.
    Late,
    /// Another status than 200.
    Status,
    /// It is no answer as agreed.
    Unread,
    /// There is nobody to be called: the built-in bot answers.
    BuiltIn,
    /// It works: there is nothing in the FAQ or an article about the question, so a visitor's would not have gone there.
    NothingFound,
    /// It works, and says that it does not know.
    NoAnswer,
    /// It works, and hands over.
    HandsOver,
}

impl Why {
    /// A stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Why::Refused => "url_refused",
            Why::Key => "key_unreadable",
            Why::Rests => "rests",
            Why::TooOften => "too_often",
            Why::CallsPerDay => "calls_per_day",
            Why::TokensPerDay => "tokens_per_day",
            Why::Unverified => "unverified",
            Why::Internal => "internal",
            Why::Unreached => "unreached",
            Why::Late => "late",
            Why::Status => "status",
            Why::Unread => "not_as_agreed",
            Why::BuiltIn => "built_in",
            Why::NothingFound => "nothing_found",
            Why::NoAnswer => "no_answer",
            Why::HandsOver => "hands_over",
        }
    }

    /// It may be well a moment later.
    pub const fn may_pass(self) -> bool {
        matches!(self, Why::Internal | Why::Unreached | Why::Late)
    }
}

/// A call that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub why: Why,
    /// What it was answered with; 0: it was not.
    pub status: u16,
    /// In the other one's words, or the platform's.
    pub said: String,
}

impl Failure {
    /// Whether it says that its host is not well; none: of a question that it will not have it says nothing, or was not asked.
    pub const fn is_well(&self) -> Option<bool> {
        if matches!((self.why, self.status), (Why::Internal, _) | (Why::Status, 400 | 413 | 422)) {
            None
        } else {
            Some(false)
        }
    }
}

impl From<Why> for Failure {
    fn from(why: Why) -> Self {
        Failure { why, status: 0, said: String::new() }
    }
}

/// What came of a try.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    took_ms: i64,
}

impl Tried {
    /// `keys`: what it was asked with, which nobody is to read, as what is in the query of its address.
    pub fn of(came: Result<(Option<Why>, String), Failure>, keys: &[&str], url: &str, took_ms: i64) -> Self {
        let ok = came.is_ok();
        let (reason, status, text) = match came {
            Ok((reason, text)) => (reason, 200, text),
            // What the platform says of a connection tells more of a network than of a bot.
            Err(Failure { why, status: 0, .. }) => (Some(why), 0, String::new()),
            Err(Failure { why, status, said }) => (Some(why), status, said),
        };
        let status = Some(status).filter(|status| *status > 0);
        let text = first(without_secrets(keys, url, &text).trim(), TRIED_CHARS);
        Tried { ok, status, reason: reason.map(Why::name), text, took_ms }
    }
}

/// What somebody outside decided, as a try tells it.
pub fn told(decision: Decision) -> (Option<Why>, String) {
    match decision {
        Decision::Handoff { text, .. } => (Some(Why::HandsOver), text),
        Decision::Answer { text, .. } | Decision::Ask { text, .. } | Decision::Fill { text, .. } => (None, text),
        Decision::Silent | Decision::Act(_) | Decision::Consult { .. } => (None, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::bot::dialogue::{Language, Reason, hand_over};

    fn json(came: Result<(Option<Why>, String), Failure>, key: &str) -> String {
        serde_json::to_string(&Tried::of(came, &[key], "", 12)).unwrap()
    }

    #[test]
    fn a_try_says_what_came_of_it() {
        let refused = |said: &str| Failure { why: Why::Status, status: 401, said: said.into() };
        assert_eq!(json(Ok((None, "Hi.".into())), ""), r#"{"ok":true,"status":200,"text":"Hi.","took_ms":12}"#);
        assert_eq!(
            json(Ok(told(hand_over(Reason::Webhook, Language::Zh))), ""),
            r#"{"ok":true,"status":200,"reason":"hands_over","text":"正在为您转接人工客服，同事可以看到我们以上的全部对话。","took_ms":12}"#
        );
        assert_eq!(
            json(Err(refused(" no such key ")), "sk"),
            r#"{"ok":false,"status":401,"reason":"status","text":"no such key","took_ms":12}"#
        );
        assert_eq!(json(Err(Why::Rests.into()), "sk"), r#"{"ok":false,"reason":"rests","took_ms":12}"#);
        let unreached = Failure { said: "connect ECONNREFUSED 10.0.0.1".into(), ..Why::Unreached.into() };
        assert_eq!(
            json(Err(unreached), ""),
            r#"{"ok":false,"reason":"unreached","took_ms":12}"#,
            "no word of a network"
        );
    }

    #[test]
    fn no_key_comes_back_in_whatever_it_is_repeated() {
        let key = r#"sk-"a\b/c"#;
        let escaped = serde_json::to_string(key).unwrap();
        for said in [key.to_owned(), format!("Bearer {key}, {key}"), escaped, format!("{}{key}", "长".repeat(280))] {
            for came in [
                Ok((None, said.clone())),
                Err(Failure { why: Why::Status, status: 401, said: format!("{{\"headers\":\"{said}\"}}") }),
            ] {
                let told = Tried::of(came, &[key], "", 1).text;
                assert!(!told.contains("sk-") && told.contains('…'), "{told}");
                assert!(told.chars().count() <= TRIED_CHARS);
            }
        }
        let long = Tried::of(Ok((None, "长".repeat(9_000))), &[], "", 1).text;
        assert_eq!(long.chars().count(), TRIED_CHARS);
    }

    #[test]
    fn a_question_that_is_refused_says_nothing_of_its_host() {
        for (status, is_well) in [(400, None), (413, None), (422, None), (401, Some(false)), (500, Some(false))] {
            assert_eq!(Failure { status, ..Why::Status.into() }.is_well(), is_well, "{status}");
        }
        assert_eq!(Failure::from(Why::Late).is_well(), Some(false));
        assert_eq!(Failure::from(Why::Internal).is_well(), None, "it was not asked");
    }

    #[test]
    fn nor_does_what_its_address_has_in_its_query() {
        let url = "https://models.example/v1?api-key=geheim-1&v=2";
        for came in [
            Ok((None, "You asked ?api-key=geheim-1".to_owned())),
            Err(Failure { why: Why::Status, status: 404, said: "Cannot POST /v1?api-key=geheim-1&v=2".into() }),
            Err(Failure { why: Why::Unread, status: 200, said: "geheim-1".into() }),
        ] {
            let told = Tried::of(came, &["sk-other"], url, 1).text;
            assert!(!told.contains("geheim") && told.contains('…'), "{told}");
        }
    }

    #[test]
    fn every_reason_has_a_name_of_its_own_and_few_pass() {
        let all = [
            Why::Refused,
            Why::Key,
            Why::Rests,
            Why::TooOften,
            Why::CallsPerDay,
            Why::TokensPerDay,
            Why::Unverified,
            Why::Internal,
            Why::Unreached,
            Why::Late,
            Why::Status,
            Why::Unread,
            Why::BuiltIn,
            Why::NothingFound,
            Why::NoAnswer,
            Why::HandsOver,
        ];
        let names: std::collections::BTreeSet<&str> = all.into_iter().map(Why::name).collect();
        assert_eq!(names.len(), all.len());
        let passing: Vec<&str> = all.into_iter().filter(|why| why.may_pass()).map(Why::name).collect();
        assert_eq!(passing, ["internal", "unreached", "late"]);
    }
}
