//! What the Desk is to be told after something was revoked, and what is still owed to it (INV-13).
//!
//! The decision and its mark in `pending_revocations` are one batch: from then on it is told again until the Desk has
//! confirmed it, whatever happens to the request that decided it.

use super::context::Context;
use crate::{
    core::{
        id::{AgentId, WorkspaceId},
        internal::{RevokeRequest, Revoked},
        limits::REVOCATIONS_PER_SWEEP,
        port::{Database, SqlError, Statement, rows_of},
        time::Timestamp,
    },
    sql::{pending, visitors},
};

/// A word for the Desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What to say.
    pub request: RevokeRequest,
    /// The row that stands until it has been said; none for something said once more.
    pub pending: Option<String>,
}

/// The mark of a change, for the batch that makes it: behind the change and its entry in the log, and only if both
/// were written.
pub fn mark<D: Database>(
    cx: &Context<'_, D>,
    workspace: &WorkspaceId,
    subject: &str,
    agent: &AgentId,
) -> (String, Statement) {
    let id = cx.draw(|entropy| format!("{:032x}", entropy.next_u128()));
    let statement = pending::mark_if_changed(&id, workspace, subject, agent, cx.now);
    (id, statement)
}

/// What the Desks have not confirmed since `by`, as much as one sweep may tell; what concerns nobody any more is forgotten.
/// Each is moved behind all others before it is told, so that Desks that can't be told starve nobody, even if the sweep
/// itself does not come to its end.
pub async fn due(database: &impl Database, by: Timestamp, now: Timestamp) -> Result<Vec<Revocation>, SqlError> {
    let taken = pending::due(by, REVOCATIONS_PER_SWEEP);
    let rows = database.batch(vec![taken, pending::move_back(by, REVOCATIONS_PER_SWEEP, now)]).await?;
    let mut owed = Vec::new();
    for (id, request) in rows_of(&rows, 0).iter().map(pending::read) {
        let Some(mut request) = request else {
            database.batch(vec![pending::forget(&id)]).await?;
            continue;
        };
        if let Revoked::Visitor { visitor, .. } = &request.revoked {
            let rows = database.batch(vec![visitors::conversations(&request.workspace, visitor)]).await?;
            request.conversations = rows_of(&rows, 0).iter().filter_map(visitors::read_conversation).collect();
        }
        owed.push(Revocation { request, pending: Some(id) });
    }
    Ok(owed)
}
