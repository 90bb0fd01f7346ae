//! What happens once in a deployment: the first owner, and the demo's people.
//!
//! Each is one batch that begins by claiming its name, and breaks when the name is taken or the condition is not met;
//! so two that come at once make one. Afterwards the caller looks which of both it was.

use serde::{Deserialize, Serialize};

use super::faq::Locale;
use crate::core::{
    id::{AgentId, FaqId, SiteId, WorkspaceId},
    json,
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// The demo's site, written into its static page.
pub const DEMO_SITE: &str = "site_demodemodemodemo";

/// Ids that the demo was made with; the answer to every later seeding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeded {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its site.
    pub site: SiteId,
    /// Its owner.
    pub owner: AgentId,
    /// Its agents.
    pub agents: Vec<AgentId>,
}

const HAS_OWNER: &str = "SELECT COUNT(*) AS owners FROM agents WHERE role = 'owner'";
/// Without a value the row can't be written, and the whole batch is undone.
const CLAIM_SETUP: &str = "INSERT INTO deployment (name, value, at) VALUES ('owner_setup', \
     CASE WHEN NOT EXISTS (SELECT 1 FROM agents WHERE role = 'owner') THEN ?1 END, ?2)";
const CLAIM_SEED: &str = "INSERT INTO deployment (name, value, at) VALUES ('demo_seed', \
     CASE WHEN NOT EXISTS (SELECT 1 FROM agents WHERE role = 'owner') THEN ?1 END, ?2)";
const SEEDED: &str = "SELECT value FROM deployment WHERE name = 'demo_seed'";
const INSERT_FAQ: &str = "INSERT INTO faq (id, workspace, question, answer, locale, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";

/// Whether there is an owner.
pub fn has_owner() -> Statement {
    Statement::new(HAS_OWNER, [])
}

/// Reads the row of [`has_owner`].
pub fn read_has_owner(row: Option<&Row>) -> bool {
    row.is_some_and(|row| Columns::of(row).int() > 0)
}

/// First statement of the batch that makes the first owner.
pub fn claim_setup(owner: &AgentId, now: Timestamp) -> Statement {
    Statement::new(CLAIM_SETUP, [owner.as_str().into(), now.0.into()])
}

/// First statement of the batch that makes the demo; none if the ids can't be written down. Its passwords are well
/// known, so it has no place beside an owner of the deployment's own.
pub fn claim_seed(seeded: &Seeded, now: Timestamp) -> Option<Statement> {
    let text = serde_json::to_string(seeded).ok()?;
    Some(Statement::new(CLAIM_SEED, [text.into(), now.0.into()]))
}

/// The ids of the demo.
pub fn seeded() -> Statement {
    Statement::new(SEEDED, [])
}

/// Reads the row of [`seeded`].
pub fn read_seeded(row: &Row) -> Option<Seeded> {
    json::from_str(&Columns::of(row).text()).ok()
}

/// A knowledge entry.
pub fn insert_faq(
    workspace: &WorkspaceId,
    id: &FaqId,
    question: &str,
    answer: &str,
    locale: Locale,
    now: Timestamp,
) -> Statement {
    Statement::new(
        INSERT_FAQ,
        [
            id.as_str().into(),
            workspace.as_str().into(),
            question.into(),
            answer.into(),
            locale.name().into(),
            now.0.into(),
        ],
    )
}
