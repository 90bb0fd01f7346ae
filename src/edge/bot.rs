//! The bot as a Room asks it: the owner's intents and the model, remembered by this isolate, and what follows from them.

use std::{cell::RefCell, rc::Rc};

use worker::Env;

use super::{bot_model, d1::D1, http::answer::internal};
use crate::{
    core::{
        bot::{
            dialogue::{Decision, Knowledge, Meaning, decide},
            turn::Turn,
        },
        error::Code,
        id::WorkspaceId,
        limits::MODELS_REMEMBERED,
        port::{Database, rows_of},
        problem::Problem,
        recent::Recent,
        room::bot::Question,
    },
    sql::intents,
};

/// The intents of a workspace, as they stood at a revision of its bot or later.
type Known = Recent<(WorkspaceId, u64), Rc<Vec<Meaning>>>;

thread_local! {
    static KNOWN: RefCell<Known> = const { RefCell::new(Recent::new(MODELS_REMEMBERED)) };
}

/// What the bot does about a message, and what that rests on; none: it can't tell, because what it knows could not be read.
pub async fn judge(env: &Env, question: &Question) -> Option<(Decision, Turn)> {
    let decided = consider(env, question).await;
    decided.inspect_err(|problem| worker::console_warn!("the bot: {} {}", problem.code.name(), problem.detail)).ok()
}

async fn consider(env: &Env, question: &Question) -> Result<(Decision, Turn), Problem> {
    let Question { workspace, terms, text, .. } = question;
    let database = D1::of(env).map_err(internal)?;
    let intents = meanings(&database, workspace, terms.version).await?;
    let model = match terms.model.as_str() {
        "" => None,
        hash => Some(bot_model::load(env, &database, workspace, hash).await?),
    };
    let verdict = model.as_ref().map(|model| model.judge_at(text, model.calibration.at(terms.hold_back)));
    let verdict = verdict.as_ref().zip(model.as_ref().map(|model| model.intents()));
    let (heard, known) = (question.heard(), Knowledge { intents: &intents, verdict });
    let decision = decide(&heard, known);
    let turn = Turn::of(&heard, known, &decision);
    Ok((decision, turn))
}

async fn meanings(database: &D1, workspace: &WorkspaceId, revision: u64) -> Result<Rc<Vec<Meaning>>, Problem> {
    let key = (workspace.clone(), revision);
    if let Some(known) = KNOWN.with_borrow_mut(|known| known.get(&key).cloned()) {
        return Ok(known);
    }
    let rows = database.batch(vec![intents::meanings(workspace)]).await.map_err(|_| Code::Storage)?;
    let found: Option<Vec<Meaning>> = rows_of(&rows, 0).iter().map(intents::read_meaning).collect();
    let found = Rc::new(found.ok_or(Code::Internal)?);
    KNOWN.with_borrow_mut(|known| known.put(key, Rc::clone(&found)));
    Ok(found)
}
