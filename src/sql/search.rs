//! Full-text search in the messages and notes of one workspace (INV-8), newest first. For agents, who see both logs.
//!
//! The index gives the lines that came last, and of those the newest are shown: so a word that stands in every message
//! costs no more than a rare one.

use crate::core::{
    id::{ConversationId, WorkspaceId},
    limits::SEARCH_WINDOW,
    pipeline::fold::Log,
    port::{Columns, Row, Statement},
    time::Timestamp,
    words::{excerpt, match_query},
};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// In which conversation.
    pub conversation: ConversationId,
    /// In which of its logs.
    pub log: Log,
    /// At which number.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Its text around the first word that was searched for.
    pub text: String,
    /// Empty when not known.
    pub visitor_name: String,
}

const SEARCH: &str = "SELECT m.conversation AS conversation, m.log AS log, m.seq AS seq, m.at AS at, m.body AS body, \
     v.name AS visitor_name \
     FROM (SELECT rowid FROM message_words WHERE message_words MATCH ? ORDER BY rowid DESC LIMIT ?) AS w \
     CROSS JOIN messages AS m ON m.rowid = w.rowid \
     CROSS JOIN conversations AS c ON c.id = m.conversation AND c.workspace = m.workspace \
     LEFT JOIN visitors AS v ON v.id = c.visitor AND v.workspace = c.workspace \
     WHERE m.workspace = ? ORDER BY m.at DESC, m.rowid DESC LIMIT ?";

/// What finds the typed words; none if there is no word in what was typed, and so nothing to find.
pub fn search(workspace: &WorkspaceId, typed: &str, limit: u64) -> Option<Statement> {
    let query = match_query(workspace, typed)?;
    Some(Statement::new(SEARCH, [query.into(), SEARCH_WINDOW.into(), workspace.as_str().into(), limit.into()]))
}

/// Reads a row of [`search`].
pub fn read(row: &Row, typed: &str) -> Option<Hit> {
    let mut columns = Columns::of(row);
    Some(Hit {
        conversation: columns.text().try_into().ok()?,
        log: Log::parse(&columns.text())?,
        seq: columns.uint(),
        at: Timestamp(columns.int()),
        text: excerpt(&columns.text(), typed),
        visitor_name: columns.text(),
    })
}

#[cfg(test)]
mod tests;
