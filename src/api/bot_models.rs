//! A bot's models: learnt in the owner's browser, checked here before anything trusts them, kept for going back.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::context::{Context, Named, overtaken};
use crate::{
    core::{
        bot::Model,
        error::Code,
        id::WorkspaceId,
        limits::MODEL_BYTES,
        port::{Columns, Database, Files, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
    },
    sql::{
        audit, bot,
        bot_models::{self, ModelRow, NewModel},
    },
};

/// Names in the query of a new one.
pub const QUERY: [&str; 3] = ["examples", "accuracy", "revision"];

/// A model, as the API says it.
#[derive(Debug, Serialize)]
pub struct ModelView {
    version: u64,
    hash: String,
    intents: u64,
    examples: u64,
    accuracy: Option<f64>,
    hold_back: u64,
    trained_at: String,
    trained_by: Named,
    current: bool,
}

impl ModelView {
    /// Of its row.
    pub fn of(row: ModelRow) -> Self {
        let ModelRow {
            version, hash, intents, examples, accuracy, hold_back, trained_at, trained_by, is_current, ..
        } = row;
        ModelView {
            version,
            hash,
            intents,
            examples,
            accuracy: accuracy.map(|tenths| f64::from(tenths) / 10.0),
            hold_back,
            trained_at: trained_at.rfc3339(),
            trained_by: Named { id: trained_by.0, name: trained_by.1 },
            current: is_current,
        }
    }
}

/// A file that has been found good.
pub struct Checked {
    /// SHA-256 of its bytes.
    pub hash: String,
    digits: String,
    intents: u64,
    examples: u64,
    accuracy: Option<u32>,
    hold_back: u64,
    revision: Option<u64>,
}

/// Checks a file that anyone may have made.
///
/// # Errors
/// The model's own code.
pub fn check(file: &[u8], query: &Query) -> Result<Checked, Problem> {
    if file.len() > MODEL_BYTES {
        return Err(Code::TooLarge.into());
    }
    let model = Model::read(file)?;
    Ok(Checked {
        hash: hash(file),
        digits: bot_models::digits(file),
        intents: model.intents().len() as u64,
        examples: query.number("examples")?.unwrap_or(0),
        accuracy: query.percentage("accuracy")?,
        hold_back: model.calibration.usual.into(),
        revision: query.number("revision")?,
    })
}

/// `GET /bot/models`.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<ModelView>, Problem> {
    let rows = cx.run(vec![bot_models::list(&who.workspace, None)]).await?;
    Ok(rows_of(&rows, 0).iter().map(|row| ModelView::of(ModelRow::read(row))).collect())
}

/// Keeps a new one, which is used from now on; with the hashes of those that had to go for it.
pub async fn add<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    checked: &Checked,
) -> Result<(ModelView, Vec<String>), Problem> {
    let Checked { hash, digits, intents, examples, accuracy, hold_back, revision } = checked;
    let (workspace, accuracy, revision) = (&who.workspace, *accuracy, *revision);
    let new =
        NewModel { hash, digits, intents: *intents, examples: *examples, accuracy, hold_back: *hold_back, revision };
    let detail = format!("intents: {intents}, examples: {examples}");
    let rows = cx
        .run(vec![
            bot::ensure(workspace),
            bot_models::insert(workspace, new, &who.agent, cx.now),
            audit::add_if_changed(workspace, cx.now, who.agent.as_str(), "bot_model_added", hash, &detail),
            bot_models::prune(workspace, hash),
            bot_models::use_hash(workspace, hash, revision, cx.now),
            bot_models::list(workspace, None),
        ])
        .await?;
    rows_of(&rows, 1).first().ok_or_else(|| overtaken("revision"))?;
    let gone = rows_of(&rows, 3).iter().map(|row| Columns::of(row).text()).collect();
    let model = rows_of(&rows, 5).iter().map(ModelRow::read).find(|model| model.hash == *hash);
    Ok((ModelView::of(model.ok_or(Code::Internal)?), gone))
}

/// The hash of a version.
pub async fn find<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, version: u64) -> Result<String, Problem> {
    let row = cx.one(bot_models::list(&who.workspace, Some(version))).await?;
    Ok(ModelRow::read(&row.ok_or(Code::NotFound)?).hash)
}

/// Uses another one: back, or forward again. Whether this Worker can read it, the caller has seen.
pub async fn choose<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    version: u64,
) -> Result<ModelView, Problem> {
    let (workspace, actor) = (&who.workspace, who.agent.as_str());
    let rows = cx
        .run(vec![
            bot_models::use_version(workspace, version, cx.now),
            audit::add_if_changed(workspace, cx.now, actor, "bot_model_chosen", &version.to_string(), ""),
            bot_models::list(workspace, Some(version)),
        ])
        .await?;
    let row = rows_of(&rows, 2).first().ok_or(Code::NotFound)?;
    Ok(ModelView::of(ModelRow::read(row)))
}

/// The bytes of a workspace's model: from the files if they have them, whole and unchanged, else from the database.
pub async fn bytes<D: Database>(
    database: &D,
    files: &impl Files,
    workspace: &WorkspaceId,
    wanted: &str,
) -> Result<Vec<u8>, Problem> {
    if let Some(file) = files.get(&file_name(wanted)).await
        && hash(&file) == wanted
    {
        return Ok(file);
    }
    let rows = database.batch(vec![bot_models::bytes(workspace, wanted)]).await.map_err(|_| Code::Storage)?;
    let row = rows_of(&rows, 0).first().ok_or(Code::NotFound)?;
    bot_models::read_bytes(row).ok_or_else(|| Code::Internal.into())
}

/// Under which name a model is filed.
pub fn file_name(hash: &str) -> String {
    format!("model/{hash}")
}

fn hash(file: &[u8]) -> String {
    bot_models::digits(&Sha256::digest(file))
}
