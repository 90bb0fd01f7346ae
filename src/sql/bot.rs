//! The bot of a workspace: its settings, and the revision by which changes of what it knows follow one another.
//!
//! A revision is a moment, or one more than the last: a database that was put back gives no number a second time, by which the Desk would
//! take a change for an old one. A workspace that never changed anything has no row: [`move_on`] makes it, and before whatever else
//! needs one goes [`ensure`].

use super::teams;
use crate::core::{
    bot::{
        ceilings::{self, Ceilings},
        responder::Setting,
    },
    id::{TeamId, WorkspaceId},
    internal::{BotNotice, BotTerms},
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
};

/// The row, or what stands where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BotRow {
    /// Whether it speaks.
    pub enabled: bool,
    /// Percent of its right answers that it may hold back; none: as the model says.
    pub hold_back: Option<u32>,
    /// Who gets what it hands over.
    pub handoff_team: Option<TeamId>,
    /// Who answers.
    pub responder: Setting,
    /// Counts every change.
    pub revision: u64,
    /// The revision at which what is learnt from changed last.
    pub learnable: u64,
    /// What a language model may cost.
    pub ceilings: Ceilings,
}

impl BotRow {
    /// Reads the row of [`find`].
    pub fn read(row: Option<&Row>) -> Self {
        let Some(row) = row else { return BotRow::default() };
        let mut columns = Columns::of(row);
        BotRow {
            enabled: columns.int() != 0,
            hold_back: maybe_number(&mut columns),
            handoff_team: TeamId::parse(&columns.text()).ok(),
            revision: columns.uint(),
            learnable: columns.uint(),
            responder: read_responder(&mut columns),
            ceilings: read_ceilings(&mut columns),
        }
    }
}

/// Reads columns of [`find`], or of [`responder`].
fn read_responder(columns: &mut Columns<'_>) -> Setting {
    Setting::of(&columns.text(), columns.text(), columns.text(), columns.text()).unwrap_or_default()
}

/// Reads the last ones of both.
fn read_ceilings(columns: &mut Columns<'_>) -> Ceilings {
    let given = ceilings::Given {
        calls_per_day: maybe_number(columns),
        tokens_per_day: maybe_number(columns),
        tokens_per_answer: maybe_number(columns),
        calls_per_conversation: maybe_number(columns),
    };
    given.into()
}

fn maybe_number(columns: &mut Columns<'_>) -> Option<u32> {
    columns.maybe_int().and_then(|number| u32::try_from(number).ok())
}

const ENSURE: &str = "INSERT INTO bots (workspace) VALUES (?) ON CONFLICT (workspace) DO NOTHING";
const FIND: &str = "SELECT enabled, hold_back, handoff_team, revision, learnable, responder, responder_url, responder_model, responder_key, \
     calls_per_day, tokens_per_day, tokens_per_answer, calls_per_conversation FROM bots WHERE workspace = ?";
const RESPONDER: &str = "SELECT responder, responder_url, responder_model, responder_key, \
     calls_per_day, tokens_per_day, tokens_per_answer, calls_per_conversation FROM bots WHERE workspace = ?";
const SET: &str = "UPDATE bots SET enabled = COALESCE(?2, enabled), hold_back = CASE WHEN ?7 THEN ?3 ELSE hold_back END, \
     handoff_team = CASE WHEN ?4 THEN ?5 ELSE handoff_team END, responder = COALESCE(?8, responder), \
     responder_url = CASE WHEN ?8 IS NULL THEN responder_url ELSE ?9 END, \
     responder_model = CASE WHEN ?8 IS NULL THEN responder_model ELSE ?10 END, \
     responder_key = CASE WHEN ?8 IS NULL THEN responder_key WHEN ?11 IS NOT NULL THEN ?11 \
     WHEN responder = ?8 AND responder_url = ?9 THEN responder_key ELSE '' END, \
     calls_per_day = COALESCE(?12, calls_per_day), tokens_per_day = COALESCE(?13, tokens_per_day), \
     tokens_per_answer = COALESCE(?14, tokens_per_answer), calls_per_conversation = COALESCE(?15, calls_per_conversation), \
     revision = MAX(revision + 1, ?6) \
     WHERE workspace = ?1 AND (?5 IS NULL OR EXISTS (SELECT 1 FROM teams WHERE workspace = ?1 AND id = ?5)) \
     RETURNING revision";
const CLAIM: &str = "UPDATE bots SET revision = MAX(revision + 1, ?5), stamp = ?4, \
     learnable = CASE WHEN ?3 THEN MAX(revision + 1, ?5) ELSE learnable END WHERE workspace = ?1 AND revision = ?2 RETURNING revision";
const UNTEAM: &str =
    "UPDATE bots SET handoff_team = NULL, revision = revision + 1 WHERE workspace = ? AND handoff_team = ?";
/// Behind a statement that changed a row.
const MOVE_ON: &str = "INSERT INTO bots (workspace, revision) SELECT ?1, ?2 WHERE changes() > 0 \
     ON CONFLICT (workspace) DO UPDATE SET revision = MAX(revision + 1, excluded.revision)";

const SIGNING: &str = "SELECT signing FROM bots WHERE workspace = ?";
const RENEW_SIGNING: &str = "UPDATE bots SET signing = MAX(signing + 1, ?2) WHERE workspace = ?1 RETURNING signing";

const TERMS: &str = "SELECT b.workspace, b.revision, b.enabled, COALESCE(m.hash, '') AS hash, b.hold_back, b.handoff_team FROM bots b \
     LEFT JOIN bot_models m ON m.workspace = b.workspace AND m.version = b.model \
     WHERE CASE WHEN ?1 IS NULL THEN b.told < b.revision ELSE b.workspace = ?1 END ORDER BY random() LIMIT ?2";
const CONFIRM: &str = "UPDATE bots SET told = ?2 WHERE workspace = ?1 AND told < ?2";

/// What a Desk is told; read by [`read_terms`].
pub fn terms(workspace: &WorkspaceId) -> Statement {
    Statement::new(TERMS, [workspace.as_str().into(), 1_u64.into()])
}

/// The same of workspaces whose Desks have yet to hear of something, in no order, so that those that can't be told starve nobody.
pub fn owed(limit: u64) -> Statement {
    Statement::new(TERMS, [Value::Null, limit.into()])
}

/// Reads a row of [`terms`] or [`owed`].
pub fn read_terms(row: &Row) -> Option<BotNotice> {
    let mut columns = Columns::of(row);
    let workspace = WorkspaceId::parse(&columns.text()).ok()?;
    let terms = BotTerms {
        version: columns.uint(),
        on: columns.int() != 0,
        model: columns.text(),
        hold_back: maybe_number(&mut columns),
        team: TeamId::parse(&columns.text()).ok(),
    };
    Some(BotNotice { workspace, terms })
}

/// The Desk has heard of this version.
pub fn confirm(workspace: &WorkspaceId, version: u64) -> Statement {
    Statement::new(CONFIRM, [workspace.as_str().into(), version.into()])
}

/// There is a row from here on.
pub fn ensure(workspace: &WorkspaceId) -> Statement {
    Statement::new(ENSURE, [workspace.as_str().into()])
}

/// How it stands; read by [`BotRow::read`].
pub fn find(workspace: &WorkspaceId) -> Statement {
    Statement::new(FIND, [workspace.as_str().into()])
}

/// Who answers, and what they may cost; read by [`read_responder_row`].
pub fn responder(workspace: &WorkspaceId) -> Statement {
    Statement::new(RESPONDER, [workspace.as_str().into()])
}

/// Reads the row of [`responder`]; where there is none it is the built-in bot.
pub fn read_responder_row(row: Option<&Row>) -> (Setting, Ceilings) {
    let Some(row) = row else { return Default::default() };
    let mut columns = Columns::of(row);
    (read_responder(&mut columns), read_ceilings(&mut columns))
}

/// Settings that are given.
#[derive(Debug, Default)]
pub struct Given<'given> {
    /// Whether it speaks.
    pub enabled: Option<bool>,
    /// How much it may hold back.
    pub hold_back: Option<Option<u32>>,
    /// Who gets what it hands over.
    pub team: Option<Option<&'given TeamId>>,
    /// Who answers …
    pub responder: Option<&'given Setting>,
    /// … and whether its key is another one; if not, the one before stays for as long as its address does.
    pub has_key: bool,
    /// What a language model may cost.
    pub ceilings: ceilings::Given,
}

/// Changes settings; gives a row unless the team is none of this workspace.
pub fn set(workspace: &WorkspaceId, given: &Given<'_>, now: Timestamp) -> Statement {
    let Given { enabled, hold_back, team, responder, has_key, ceilings } = given;
    let [calls, tokens, answer, conversation] = ceilings.each().map(|(_, given, _)| given.map(i64::from));
    Statement::new(
        SET,
        [
            workspace.as_str().into(),
            enabled.map(i64::from).into(),
            hold_back.flatten().map(i64::from).into(),
            i64::from(team.is_some()).into(),
            team.flatten().map(TeamId::as_str).into(),
            now.0.into(),
            i64::from(hold_back.is_some()).into(),
            responder.map(Setting::kind).into(),
            responder.map(Setting::url).into(),
            responder.map(Setting::model).into(),
            responder.filter(|_| *has_key).map(Setting::key).into(),
            calls.into(),
            tokens.into(),
            answer.into(),
            conversation.into(),
        ],
    )
}

/// The serial number of the secret by which calls are signed; a workspace without a row has 0.
pub fn signing(workspace: &WorkspaceId) -> Statement {
    Statement::new(SIGNING, [workspace.as_str().into()])
}

/// Raises it, behind [`ensure`].
pub fn renew_signing(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    Statement::new(RENEW_SIGNING, [workspace.as_str().into(), now.0.into()])
}

/// What a change is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touches {
    /// What is learnt from, and perhaps what is said.
    Lessons,
    /// What is said alone.
    Words,
}

/// First of a change of what the bot knows: gives a row if nothing has changed since this revision, and stamps it, for the statements
/// behind it to look at.
pub fn claim(workspace: &WorkspaceId, revision: u64, touches: Touches, stamp: &str, now: Timestamp) -> Statement {
    let teaches = Value::Int(i64::from(touches == Touches::Lessons));
    Statement::new(CLAIM, [workspace.as_str().into(), revision.into(), teaches, stamp.into(), now.0.into()])
}

/// Removes one of what the bot knows by a statement that takes workspace, stamp and id, behind a claim with this stamp.
pub fn delete(sql: &'static str, workspace: &WorkspaceId, stamp: &str, id: &str) -> Vec<Statement> {
    vec![Statement::new(sql, [workspace.as_str().into(), stamp.into(), id.into()])]
}

/// A team goes: nobody in particular gets what is handed over.
pub fn forget_team(workspace: &WorkspaceId, team: &TeamId) -> Statement {
    teams::of(UNTEAM, workspace, team)
}

/// Behind a statement that changed a row of what intents name: who has decided by what stood before is late, and who remembers what the
/// bot knows looks again.
pub fn move_on(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    Statement::new(MOVE_ON, [workspace.as_str().into(), now.0.into()])
}

/// Rows of JSON as texts that can be bound, each a list of them.
pub fn chunks(rows: impl IntoIterator<Item = String>, most: usize) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    for row in rows {
        match chunks.last_mut().filter(|chunk| chunk.len() + row.len() + 2 <= most) {
            Some(chunk) => {
                chunk.push(',');
                chunk.push_str(&row);
            }
            None => chunks.push(format!("[{row}")),
        }
    }
    chunks.iter_mut().for_each(|chunk| chunk.push(']'));
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_every_row_in_order_and_no_more_than_they_may() {
        for most in [1, 7, 12, 100] {
            let rows: Vec<String> = (0..20).map(|number| format!("[{number}]")).collect();
            let chunks = chunks(rows.clone(), most);
            assert!(chunks.iter().all(|chunk| chunk.len() <= most.max(6)), "{chunks:?}");
            let read: Vec<Vec<Vec<u32>>> = chunks.iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect();
            assert_eq!(read.concat(), (0..20).map(|number| vec![number]).collect::<Vec<_>>(), "{most}");
        }
        assert!(chunks([], 10).is_empty());
    }
}
