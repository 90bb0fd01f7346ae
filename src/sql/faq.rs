//! The FAQ of a workspace: questions with their answers, each in one language.

use serde::{Deserialize, Serialize};

use super::bot;
use crate::core::{
    bot::{
        dialogue::{Language, first},
        faq::Entry,
    },
    id::{FaqId, WorkspaceId},
    limits::{KNOWLEDGE_CHUNK_BYTES, TEXT_CHARS},
    markdown,
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
};

/// The language of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Locale {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::Zh => "zh",
        }
    }

    /// The nearest to a language tag.
    pub fn of(tag: &str) -> Self {
        if tag.starts_with("zh") { Locale::Zh } else { Locale::En }
    }
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaqRow {
    /// Which.
    pub id: FaqId,
    /// In which language.
    pub locale: Locale,
    /// One line.
    pub question: String,
    /// Markdown.
    pub answer: String,
    /// What visitors read of it, where that is something else: messages are plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// Since when.
    #[serde(skip)]
    pub created_at: Timestamp,
    /// When it changed last.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Timestamp,
}

/// A time as the API says it.
pub fn rfc3339<S: serde::Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.rfc3339())
}

impl FaqRow {
    /// Reads the columns of [`list`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        let (id, locale) = (FaqId::parse(&columns.text()).ok()?, Locale::of(&columns.text()));
        let (question, answer) = (columns.text(), columns.text());
        let (created_at, updated_at) = (Timestamp(columns.int()), Timestamp(columns.int()));
        Some(FaqRow::of(id, locale, question, answer, (created_at, updated_at)))
    }

    /// Of these; when it was written first and last.
    pub fn of(
        id: FaqId,
        locale: Locale,
        question: String,
        answer: String,
        (created_at, updated_at): (Timestamp, Timestamp),
    ) -> Self {
        let said = Some(markdown::told(&first(&answer, TEXT_CHARS))).filter(|said| *said != answer);
        FaqRow { id, locale, question, answer, said, created_at, updated_at }
    }

    /// Bytes of its texts, as [`known`] counts them.
    pub fn bytes(&self) -> u64 {
        (self.question.len() + self.answer.len()) as u64
    }
}

/// An entry without its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub id: FaqId,
    /// In which language.
    pub locale: Locale,
    /// Its question.
    pub question: String,
    /// Bytes of both its texts.
    pub bytes: u64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// Of the one that was asked for.
    pub answer: String,
}

impl Known {
    /// Reads the columns of [`known`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        Some(Known {
            id: FaqId::parse(&columns.text()).ok()?,
            locale: Locale::of(&columns.text()),
            question: columns.text(),
            bytes: columns.uint(),
            created_at: Timestamp(columns.int()),
            updated_at: Timestamp(columns.int()),
            answer: columns.text(),
        })
    }
}

const LIST: &str = "SELECT id, locale, question, answer, created_at, updated_at FROM faq WHERE workspace = ? \
     AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";
const KNOWN: &str = "SELECT id, locale, question, octet_length(question) + octet_length(answer) AS bytes, created_at, updated_at, \
     CASE WHEN id = ?2 THEN answer ELSE '' END AS answer FROM faq WHERE workspace = ?1 ORDER BY created_at, id";
/// No message is longer.
const SPOKEN: &str = "SELECT id, locale, question, substr(answer, 1, ?2) AS answer FROM faq WHERE workspace = ?1 ORDER BY updated_at, id";
const WRITE: &str = "INSERT INTO faq (workspace, id, locale, question, answer, created_at, updated_at) \
     SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 4 FROM json_each(?3) \
     WHERE EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2) \
     ON CONFLICT (id) DO UPDATE SET locale = excluded.locale, question = excluded.question, answer = excluded.answer, \
     updated_at = excluded.updated_at WHERE workspace = excluded.workspace";
const DELETE: &str = "DELETE FROM faq WHERE workspace = ?1 AND id = ?3 \
     AND EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2)";

/// Those before a place, newest first.
pub fn list(workspace: &WorkspaceId, before: (u64, &str), limit: u64) -> Statement {
    let (created_at, id) = before;
    Statement::new(LIST, [workspace.as_str().into(), created_at.into(), id.into(), limit.into()])
}

/// All of them without their answers but for one's, oldest first.
pub fn known(workspace: &WorkspaceId, whole: Option<&FaqId>) -> Statement {
    Statement::new(KNOWN, [workspace.as_str().into(), whole.map(FaqId::as_str).into()])
}

/// What the bot may say of it, what was written last at the end; read by [`read_spoken`].
pub fn spoken(workspace: &WorkspaceId) -> Statement {
    Statement::new(SPOKEN, [workspace.as_str().into(), (TEXT_CHARS as u64).into()])
}

/// Reads a row of [`spoken`].
pub fn read_spoken(row: &Row) -> Option<(Language, Entry)> {
    let mut columns = Columns::of(row);
    let id = FaqId::parse(&columns.text()).ok()?;
    let language = match Locale::of(&columns.text()) {
        Locale::En => Language::En,
        Locale::Zh => Language::Zh,
    };
    Some((language, Entry { id: id.to_string(), question: columns.text(), answer: markdown::told(&columns.text()) }))
}

/// Writes these, behind a claim with this stamp; none if they can't be written down.
pub fn write(workspace: &WorkspaceId, stamp: &str, rows: &[FaqRow]) -> Option<Vec<Statement>> {
    let text = |row: &FaqRow| {
        serde_json::to_string(&(row.id.as_str(), row.locale.name(), &row.question, &row.answer, row.updated_at))
    };
    let texts: Vec<String> = rows.iter().map(text).collect::<Result<_, _>>().ok()?;
    let args = |chunk: String| [workspace.as_str().into(), stamp.into(), Value::Text(chunk)];
    let chunks = bot::chunks(texts, KNOWLEDGE_CHUNK_BYTES).into_iter();
    Some(chunks.map(|chunk| Statement::new(WRITE, args(chunk))).collect())
}

/// Removes one, behind a claim with this stamp.
pub fn delete(workspace: &WorkspaceId, stamp: &str, id: &FaqId) -> Vec<Statement> {
    bot::delete(DELETE, workspace, stamp, id.as_str())
}
