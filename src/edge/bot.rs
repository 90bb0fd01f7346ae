//! The bot as a Room asks it: the owner's intents, the FAQ and the model, remembered by this isolate, and what follows from them.

use std::{cell::RefCell, rc::Rc};

use worker::Env;

use super::{
    bot_model::{self, remembered},
    d1::D1,
    http::answer::internal,
    webhook::Webhook,
};
use crate::{
    core::{
        bot::{
            consult::instead,
            dialogue::{Decision, Knowledge, Meaning, decide, language_of},
            faq::Faq,
            responder::{Setting, respond},
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
    sql::{bot, faq, intents},
};

/// What a workspace's owner has written down, and whom they have named.
#[derive(Debug)]
struct Known {
    revision: u64,
    intents: Vec<Meaning>,
    faq: Faq,
    responder: Setting,
}

thread_local! {
    /// By workspace, as they stood at a revision of the bot or later.
    static KNOWN: RefCell<Recent<String, Rc<Known>>> = const { RefCell::new(Recent::new(MODELS_REMEMBERED)) };
}

/// What the bot does about a message, and what that rests on; none: it can't tell, because what it knows could not be read.
pub async fn judge(env: &Env, question: &Question) -> Option<(Decision, Turn)> {
    let decided = consider(env, question).await;
    decided.inspect_err(|problem| worker::console_warn!("the bot: {} {}", problem.code.name(), problem.detail)).ok()
}

async fn consider(env: &Env, question: &Question) -> Result<(Decision, Turn), Problem> {
    let Question { workspace, terms, text, choice, locale, .. } = question;
    let database = D1::of(env).map_err(internal)?;
    let written = known(&database, workspace, terms.version).await?;
    let model = match terms.model.as_str() {
        "" => None,
        hash => Some(bot_model::load(env, &database, workspace, hash).await?),
    };
    let verdict = model.as_ref().map(|model| model.judge_at(text, model.calibration.at(terms.hold_back)));
    let verdict = verdict.as_ref().zip(model.as_ref().map(|model| model.intents()));
    let language = language_of(text, locale);
    let faq = written.faq.find(text, choice, language);
    let (heard, known) = (question.heard(), Knowledge { intents: &written.intents, verdict, faq });
    match &written.responder {
        Setting::Webhook { url } => Ok(respond(&Webhook { env, question, url }, &heard, known).await),
        setting @ (Setting::BuiltIn | Setting::Model { .. }) => {
            let decision = decide(&heard, known);
            let turn = Turn::of(&heard, known, &decision);
            let decision = match setting {
                Setting::Model { .. } => instead(&heard, language, || written.faq.about(text, language), decision),
                Setting::BuiltIn | Setting::Webhook { .. } => decision,
            };
            Ok((decision, turn))
        }
    }
}

async fn known(database: &D1, workspace: &WorkspaceId, revision: u64) -> Result<Rc<Known>, Problem> {
    let name = workspace.as_str();
    let look = || KNOWN.with_borrow_mut(|known| known.get(name).filter(|known| known.revision >= revision).cloned());
    let _loading = match remembered(name, look).await {
        Ok(known) => return Ok(known),
        Err(loading) => loading,
    };
    let rows =
        database.batch(vec![intents::meanings(workspace), faq::spoken(workspace), bot::responder(workspace)]).await;
    let rows = rows.map_err(|_| Code::Storage)?;
    let intents: Option<Vec<Meaning>> = rows_of(&rows, 0).iter().map(intents::read_meaning).collect();
    let entries = rows_of(&rows, 1).iter().filter_map(faq::read_spoken).collect();
    let responder = bot::read_responder_row(rows_of(&rows, 2).first());
    let found = Known { revision, intents: intents.ok_or(Code::Internal)?, faq: Faq::of(entries), responder };
    let found = Rc::new(found);
    KNOWN.with_borrow_mut(|known| known.put(name.to_owned(), Rc::clone(&found)));
    Ok(found)
}
