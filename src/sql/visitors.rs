//! What the gateway decides about visitors: whether they are blocked, and whose their conversation is. Their rows come from the projection.

use crate::core::{
    id::{ConversationId, VisitorId, WorkspaceId},
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// How a visitor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// No socket is opened for them.
    pub is_blocked: bool,
    /// Raised by every block and its lifting, to that moment or by one; tickets carry it.
    pub generation: u64,
    /// Whom the site has said that this is; empty: nobody, as far as is known here.
    pub subject: String,
}

impl Standing {
    /// Reads the columns of [`standing`]; of a visitor without a row nothing was ever decided.
    pub fn read(row: Option<&Row>) -> Self {
        let Some(row) = row else { return Standing { is_blocked: false, generation: 1, subject: String::new() } };
        let mut columns = Columns::of(row);
        Standing { is_blocked: columns.int() != 0, generation: columns.uint(), subject: columns.text() }
    }
}

const STANDING: &str =
    "SELECT blocked, generation, profile ->> 'subject' AS subject FROM visitors WHERE workspace = ? AND id = ?";
const SET_BLOCKED: &str = "UPDATE visitors SET blocked = ?1, generation = MAX(generation + 1, ?4) WHERE workspace = ?2 \
     AND id = ?3 RETURNING generation";
const CONVERSATIONS: &str =
    "SELECT id FROM conversations WHERE workspace = ? AND visitor = ? ORDER BY last_at DESC LIMIT 100";

/// How a visitor stands.
pub fn standing(workspace: &WorkspaceId, visitor: &VisitorId) -> Statement {
    Statement::new(STANDING, [workspace.as_str().into(), visitor.as_str().into()])
}

/// Blocks, or lifts the block; gives the new generation if there is such a visitor.
pub fn set_blocked(workspace: &WorkspaceId, visitor: &VisitorId, is_blocked: bool, now: Timestamp) -> Statement {
    let args = [i64::from(is_blocked).into(), workspace.as_str().into(), visitor.as_str().into(), now.0.into()];
    Statement::new(SET_BLOCKED, args)
}

/// Their conversations, newest first.
pub fn conversations(workspace: &WorkspaceId, visitor: &VisitorId) -> Statement {
    Statement::new(CONVERSATIONS, [workspace.as_str().into(), visitor.as_str().into()])
}

/// Reads a row of [`conversations`].
pub fn read_conversation(row: &Row) -> Option<ConversationId> {
    ConversationId::parse(&Columns::of(row).text()).ok()
}
