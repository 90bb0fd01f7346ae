//! An answer that refuses: RFC 9457 problem details, from the catalogue of codes and our own words only. Nothing that
//! an exception, a database or a `Debug` says has a way in here.

use serde::Serialize;

use super::{error::Code, time::SECOND};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub code: Code,
    /// For developers: what is wrong and what to do; empty for nothing to add.
    pub detail: String,
    /// The member of the body or query that is wrong; empty for none.
    pub field: String,
    /// When to come back, in milliseconds; 0 for not known.
    pub retry_after_ms: u64,
}

#[derive(Serialize)]
struct Body<'problem> {
    r#type: String,
    title: String,
    status: u16,
    code: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'problem str,
    #[serde(skip_serializing_if = "str::is_empty")]
    field: &'problem str,
    #[serde(skip_serializing_if = "is_zero")]
    retry_after_ms: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Problem { code, detail: String::new(), field: String::new(), retry_after_ms: 0 }
    }
}

impl Problem {
    /// With our own words.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem { detail: detail.into(), ..Problem::from(code) }
    }

    /// A wrong member of the body or query.
    pub fn field(field: &str, detail: impl Into<String>) -> Self {
        Problem { field: field.to_owned(), ..Problem::new(Code::BadRequest, detail) }
    }

    /// The same with another code.
    pub fn with_code(self, code: Code) -> Self {
        Problem { code, ..self }
    }

    /// With a time to come back.
    pub fn later(code: Code, retry_after_ms: u64) -> Self {
        Problem { retry_after_ms, ..Problem::from(code) }
    }

    /// Whole seconds for `Retry-After`, never too early; none when nothing is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let second = u64::try_from(SECOND).unwrap_or(1);
        (self.retry_after_ms > 0).then(|| self.retry_after_ms.div_ceil(second))
    }

    /// The body, `application/problem+json`.
    pub fn json(&self) -> String {
        let name = self.code.name();
        let mut title = name.replace('_', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let body = Body {
            r#type: format!("https://bellhop.dev/errors/{name}"),
            title,
            status: self.code.status(),
            code: name,
            detail: &self.detail,
            field: &self.field,
            retry_after_ms: self.retry_after_ms,
        };
        serde_json::to_string(&body).unwrap_or_else(|_| format!("{{\"code\":\"{name}\"}}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_as_documented() {
        assert_eq!(
            Problem::field("name", "name is missing").json(),
            r#"{"type":"https://bellhop.dev/errors/bad_request","title":"Bad request","status":400,"code":"bad_request","detail":"name is missing","field":"name"}"#
        );
        assert_eq!(
            Problem::later(Code::RateLimited, 1_001).json(),
            r#"{"type":"https://bellhop.dev/errors/rate_limited","title":"Rate limited","status":429,"code":"rate_limited","retry_after_ms":1001}"#
        );
        let seconds = [(0, None), (1, Some(1)), (1_000, Some(1)), (1_001, Some(2))];
        for (millis, expect) in seconds {
            assert_eq!(Problem::later(Code::LockedOut, millis).retry_after_seconds(), expect);
        }
    }
}
