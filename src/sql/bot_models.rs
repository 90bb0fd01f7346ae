//! Models of a workspace. Their bytes go in and out as hexadecimal digits: D1 hands a blob over as a list of numbers, which costs
//! four times as much.

use crate::core::{
    id::{AgentId, WorkspaceId},
    limits::MODELS_KEPT,
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
};

/// A model without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// 1, 2, 3 … in its workspace.
    pub version: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub hash: String,
    /// How many it knows.
    pub intents: u64,
    /// How many it has learnt from.
    pub examples: u64,
    /// By cross-validation, in tenths of a percent.
    pub accuracy: Option<u32>,
    /// Percentage of right answers that it holds back unless the owner says otherwise.
    pub hold_back: u64,
    /// The bot's revision that it has learnt from.
    pub revision: u64,
    /// When.
    pub trained_at: Timestamp,
    /// By whom: id and name.
    pub trained_by: (String, String),
    /// Whether it is the one that is used.
    pub is_current: bool,
}

impl ModelRow {
    /// Reads the columns of [`list`].
    pub fn read(row: &Row) -> Self {
        let mut columns = Columns::of(row);
        ModelRow {
            version: columns.uint(),
            hash: columns.text(),
            intents: columns.uint(),
            examples: columns.uint(),
            accuracy: columns.maybe_int().and_then(|tenths| u32::try_from(tenths).ok()),
            hold_back: columns.uint(),
            revision: columns.uint(),
            trained_at: Timestamp(columns.int()),
            trained_by: (columns.text(), columns.text()),
            is_current: columns.int() != 0,
        }
    }
}

/// A new one.
#[derive(Debug, Clone, Copy)]
pub struct NewModel<'new> {
    /// SHA-256 of the bytes.
    pub hash: &'new str,
    /// The bytes in hexadecimal digits.
    pub digits: &'new str,
    /// How many it knows.
    pub intents: u64,
    /// How many it has learnt from.
    pub examples: u64,
    /// In tenths of a percent.
    pub accuracy: Option<u32>,
    /// As its file says.
    pub hold_back: u64,
    /// The revision that it has learnt from; none: the bot's own.
    pub revision: Option<u64>,
}

const LIST: &str = "SELECT m.version, m.hash, m.intents, m.examples, m.accuracy, m.hold_back, m.revision, m.trained_at, m.trained_by, \
     COALESCE(a.name, '') AS name, b.model = m.version AS is_current FROM bot_models m JOIN bots b ON b.workspace = m.workspace \
     LEFT JOIN agents a ON a.id = m.trained_by AND a.workspace = m.workspace \
     WHERE m.workspace = ?1 AND (?2 IS NULL OR m.version = ?2) ORDER BY m.version DESC";
/// What was learnt before comes out as the same bytes: then it is that version again, trained now. What was learnt from an older revision than
/// what is in use takes nobody's place.
const INSERT: &str = "INSERT INTO bot_models (workspace, version, hash, intents, examples, accuracy, revision, trained_at, trained_by, bytes, hold_back) \
     SELECT b.workspace, 1 + (SELECT COALESCE(MAX(version), 0) FROM bot_models WHERE workspace = ?1), ?2, ?3, ?4, ?5, \
     MIN(COALESCE(?6, b.revision), b.revision), ?7, ?8, unhex(?9), ?10 FROM bots b WHERE b.workspace = ?1 \
     AND NOT EXISTS (SELECT 1 FROM bot_models m WHERE m.workspace = ?1 AND m.version = b.model AND m.revision > ?6) \
     ON CONFLICT (workspace, hash) DO UPDATE SET examples = excluded.examples, accuracy = excluded.accuracy, \
     revision = excluded.revision, trained_at = excluded.trained_at, trained_by = excluded.trained_by RETURNING version";
const USE_HASH: &str = "UPDATE bots SET revision = MAX(revision + 1, ?3), \
     model = (SELECT version FROM bot_models WHERE workspace = ?1 AND hash = ?2) WHERE workspace = ?1 \
     AND NOT EXISTS (SELECT 1 FROM bot_models m WHERE m.workspace = ?1 AND m.version = bots.model AND m.revision > ?4)";
const USE: &str = "UPDATE bots SET model = ?2, revision = MAX(revision + 1, ?3) WHERE workspace = ?1 AND model IS NOT ?2 \
     AND EXISTS (SELECT 1 FROM bot_models WHERE workspace = ?1 AND version = ?2)";
const PRUNE: &str = "DELETE FROM bot_models WHERE changes() > 0 AND workspace = ?1 \
     AND version IN (SELECT version FROM bot_models WHERE workspace = ?1 ORDER BY version DESC LIMIT -1 OFFSET ?2) \
     AND version IS NOT (SELECT model FROM bots WHERE workspace = ?1) AND hash <> ?3 RETURNING hash";
const DIGITS: &str = "SELECT hex(bytes) AS digits FROM bot_models WHERE workspace = ? AND hash = ?";

/// All of them, or one version; newest first.
pub fn list(workspace: &WorkspaceId, version: Option<u64>) -> Statement {
    Statement::new(LIST, [workspace.as_str().into(), version.into()])
}

/// Keeps a new one; gives its version, unless it is older than what is in use. The bot's row is there.
pub fn insert(workspace: &WorkspaceId, model: NewModel<'_>, by: &AgentId, now: Timestamp) -> Statement {
    let NewModel { hash, digits, intents, examples, accuracy, hold_back, revision } = model;
    Statement::new(
        INSERT,
        [
            workspace.as_str().into(),
            hash.into(),
            intents.into(),
            examples.into(),
            accuracy.map(i64::from).into(),
            revision.into(),
            now.0.into(),
            by.as_str().into(),
            digits.into(),
            hold_back.into(),
        ],
    )
}

/// The one of this hash, which was learnt from this revision, is used from now on, unless that is older than what is in use.
pub fn use_hash(workspace: &WorkspaceId, hash: &str, revision: Option<u64>, now: Timestamp) -> Statement {
    Statement::new(USE_HASH, [workspace.as_str().into(), hash.into(), now.0.into(), revision.into()])
}

/// This version is used from now on, if there is one and it is not used already.
pub fn use_version(workspace: &WorkspaceId, version: u64, now: Timestamp) -> Statement {
    Statement::new(USE, [workspace.as_str().into(), version.into(), now.0.into()])
}

/// Behind a statement that changed a row: lets go of the oldest, but for the one that is used, and the one of this hash, which is about to be: the way back to the former stays
/// open. Gives the hashes of those that went.
pub fn prune(workspace: &WorkspaceId, hash: &str) -> Statement {
    Statement::new(PRUNE, [workspace.as_str().into(), MODELS_KEPT.into(), hash.into()])
}

/// The bytes of one; read by [`read_bytes`].
pub fn bytes(workspace: &WorkspaceId, hash: &str) -> Statement {
    Statement::new(DIGITS, [workspace.as_str().into(), hash.into()])
}

/// Reads a row of [`bytes`].
pub fn read_bytes(row: &Row) -> Option<Vec<u8>> {
    let Some(Value::Text(digits)) = row.first() else { return None };
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}

/// Bytes as hexadecimal digits, small letters.
pub fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_through_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = digits(&bytes);
        assert!(text.starts_with("000102") && text.ends_with("fdfeff"));
        for text in [text.clone(), text.to_uppercase()] {
            assert_eq!(read_bytes(&vec![Value::Text(text)]), Some(bytes.clone()));
        }
        for text in ["0", "0g", "é0", "+1"] {
            assert_eq!(read_bytes(&vec![Value::from(text)]), None, "{text}");
        }
        assert_eq!(read_bytes(&vec![Value::from("")]), Some(Vec::new()));
        assert_eq!(read_bytes(&vec![Value::Null]), None);
    }
}
