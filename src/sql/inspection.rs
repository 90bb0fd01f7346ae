//! What D1 holds of one conversation, for the Room that holds its log against it (INV-7).

use crate::core::{
    id::{ConversationId, MessageId, WorkspaceId},
    limits::reconcile_entries,
    pipeline::fold::Log,
    port::{BatchRows, Columns, Statement, rows_of},
    room::{effect::Inspection, record::Cursors},
};

const CONVERSATION: &str = "SELECT log_epoch, rev FROM conversations WHERE id = ? AND workspace = ?";
const ENTRIES: &str = "SELECT seq, id FROM messages WHERE conversation = ? AND workspace = ? AND log = ? AND seq > ? \
     ORDER BY seq LIMIT ?";

/// What to ask for a conversation and what lies after the cursors: of each log one entry more than the Room compares, so
/// that one past its end is seen also where it compares exactly what it has.
pub fn inspect(workspace: &WorkspaceId, conversation: &ConversationId, after: Cursors) -> Vec<Statement> {
    let entries = |log: Log, after: u64| {
        let args = [
            conversation.as_str().into(),
            workspace.as_str().into(),
            log.name().into(),
            after.into(),
            (reconcile_entries() + 1).into(),
        ];
        Statement::new(ENTRIES, args)
    };
    vec![
        Statement::new(CONVERSATION, [conversation.as_str().into(), workspace.as_str().into()]),
        entries(Log::Public, after.public),
        entries(Log::Private, after.private),
    ]
}

/// Reads the answer to [`inspect`].
pub fn inspected(rows: &BatchRows) -> Inspection {
    let mut inspection = Inspection { public: entries(rows, 1), private: entries(rows, 2), ..Inspection::default() };
    if let Some(row) = rows_of(rows, 0).first() {
        let mut columns = Columns::of(row);
        inspection.log_epoch = Some(columns.uint());
        inspection.rev = columns.uint();
    }
    inspection
}

/// An id that is none came from no Room: it is left out, so that the Room tells its own entry again.
fn entries(rows: &BatchRows, statement_idx: usize) -> Vec<(u64, MessageId)> {
    let entry = |row: &Vec<_>| {
        let mut columns = Columns::of(row);
        Some((columns.uint(), columns.text().try_into().ok()?))
    };
    rows_of(rows, statement_idx).iter().filter_map(entry).collect()
}
