//! `/api/v1/bot`, `/intents`, `/faq`: the bot and what it knows.
use worker::{Context, Env};

use super::{api::Cx, outcome::Outcome};
use crate::{
    api::{articles, bot, bot_models, bot_turns, context::read, faq, intents, past},
    core::{
        error::Code,
        id::{ArticleId, FaqId, IntentId},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
        route::{Bot, Param},
    },
    edge::{
        bot::{attempt, drafts},
        bot_model,
        cipher::WebCrypto,
        contained::{Place, contained},
    },
};

/// What is asked.
pub struct Asked<'asked> {
    /// Which address.
    pub what: Bot,
    /// The id in it.
    pub param: &'asked Param,
    /// The address, whole.
    pub url: &'asked str,
    /// JSON.
    pub body: &'asked str,
    /// Or a file.
    pub file: &'asked [u8],
}

/// Answers it; what changes what the bot says, the Desk is to hear.
pub async fn answer(
    env: &Env,
    context: &Context,
    cx: &Cx<'_>,
    who: &AgentPrincipal,
    asked: Asked<'_>,
) -> Result<Outcome, Problem> {
    let is_heard = match asked.what {
        Bot::Change | Bot::AddModel | Bot::UseModel | Bot::PutIntent | Bot::DeleteIntent | Bot::ImportIntents => true,
        Bot::AddExamples | Bot::AddFaq | Bot::PutFaq | Bot::DeleteFaq | Bot::ImportFaq => true,
        Bot::AddArticle | Bot::PutArticle | Bot::DeleteArticle => true,
        Bot::Show | Bot::Models | Bot::ModelFile | Bot::Intents | Bot::Faq => false,
        Bot::Report | Bot::Questions | Bot::SettleQuestions | Bot::Asked | Bot::RenewSigning => false,
        Bot::Suggest | Bot::Try | Bot::Articles | Bot::Article | Bot::PreviewArticle | Bot::Past => false,
    };
    let outcome = carry_out(env, context, cx, who, asked).await?;
    Ok(if is_heard { outcome.telling(bot::told(cx, who).await?) } else { outcome })
}

async fn carry_out(
    env: &Env,
    context: &Context,
    cx: &Cx<'_>,
    who: &AgentPrincipal,
    Asked { what, param, url, body, file }: Asked<'_>,
) -> Result<Outcome, Problem> {
    match what {
        Bot::Show => Outcome::json(200, &bot::show(cx, who).await?),
        Bot::Change => Outcome::json(200, &bot::change(cx, &WebCrypto, who, &read(body)?).await?),
        Bot::RenewSigning => Outcome::json(201, &bot::renew_signing(cx, who).await?),
        Bot::Models => Outcome::wrapped(200, "models", &bot_models::list(cx, who).await?),
        Bot::AddModel => {
            let checked = bot_models::check(file, &Query::of(url, &bot_models::QUERY)?)?;
            let (model, gone) = bot_models::add(cx, who, &checked).await?;
            // Before anybody hears of it, for that there is nothing is remembered for a minute; but of a refused one nothing is kept.
            bot_model::publish(env, &checked.hash, file).await;
            let forget = bot_model::withdraw(env.clone(), gone);
            context.wait_until(async {
                contained(Place::worker("withdraw"), forget).await;
            });
            Outcome::json(201, &model)
        }
        Bot::UseModel => {
            let version = version(param)?;
            let hash = bot_models::find(cx, who, version).await?;
            // One that this version of the Worker can't read is not to be relied on.
            bot_model::load(env, cx.database, &who.workspace, &hash).await?;
            Outcome::json(200, &bot_models::choose(cx, who, version).await?)
        }
        Bot::ModelFile => {
            let hash = bot_models::find(cx, who, version(param)?).await?;
            let file = bot_model::bytes(env, cx.database, &who.workspace, &hash).await?;
            Ok(Outcome::file(file))
        }
        Bot::Intents => Ok(Outcome::written(200, intents::list(cx, who).await?)),
        Bot::PutIntent => {
            let (is_new, intent) = intents::put(cx, who, intent(param)?, read(body)?).await?;
            Ok(Outcome::written(if is_new { 201 } else { 200 }, intent))
        }
        Bot::DeleteIntent => intents::delete(cx, who, intent(param)?).await.map(|()| Outcome::nothing()),
        Bot::ImportIntents => Outcome::json(200, &intents::import(cx, who, read(body)?).await?),
        Bot::AddExamples => Outcome::json(200, &intents::teach(cx, who, intent(param)?, read(body)?).await?),
        Bot::Faq => Outcome::json(200, &faq::list(cx, who, &Query::of(url, &faq::QUERY)?).await?),
        Bot::AddFaq => Outcome::json(201, &faq::add(cx, who, read(body)?).await?),
        Bot::PutFaq => Outcome::json(200, &faq::put(cx, who, entry(param)?, read(body)?).await?),
        Bot::DeleteFaq => faq::delete(cx, who, entry(param)?).await.map(|()| Outcome::nothing()),
        Bot::ImportFaq => Outcome::json(200, &faq::import(cx, who, read(body)?).await?),
        Bot::Articles => Outcome::wrapped(200, "articles", &articles::list(cx, who).await?),
        Bot::Article => Outcome::json(200, &articles::show(cx, who, article(param)?).await?),
        Bot::AddArticle => Outcome::json(201, &articles::save(cx, who, None, read(body)?).await?),
        Bot::PutArticle => Outcome::json(200, &articles::save(cx, who, Some(article(param)?), read(body)?).await?),
        Bot::DeleteArticle => articles::delete(cx, who, article(param)?).await.map(|()| Outcome::nothing()),
        Bot::PreviewArticle => Outcome::json(200, &articles::preview(&read(body)?)?),
        Bot::Past => Ok(Outcome::written(200, past::list(cx, who, &Query::of(url, &past::QUERY)?).await?)),
        Bot::Report => {
            Outcome::json(200, &bot_turns::report(cx, who, &Query::of(url, &bot_turns::REPORT_QUERY)?).await?)
        }
        Bot::Questions => Outcome::wrapped(200, "questions", &bot_turns::questions(cx, who).await?),
        Bot::SettleQuestions => Outcome::json(200, &bot_turns::settle(cx, who, &read(body)?).await?),
        Bot::Suggest => {
            let question: bot::Suggest = read(body)?;
            question.check()?;
            let terms = bot::told(cx, who).await?.map(|told| told.terms);
            Outcome::json(200, &drafts(env, cx.database, &who.workspace, terms, &question).await?)
        }
        Bot::Try => {
            let question: bot::Suggest = read(body)?;
            question.check()?;
            let terms = bot::told(cx, who).await?.map(|told| told.terms);
            Outcome::json(200, &attempt(env, cx.database, &who.workspace, terms, question).await?)
        }
        Bot::Asked => Outcome::wrapped(200, "asked", &bot_turns::asked(cx, who).await?),
    }
}

fn version(param: &Param) -> Result<u64, Problem> {
    if let Param::Version(version) = param { Ok(*version) } else { Err(Code::NotFound.into()) }
}

fn intent(param: &Param) -> Result<&IntentId, Problem> {
    if let Param::Intent(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn entry(param: &Param) -> Result<&FaqId, Problem> {
    if let Param::Faq(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn article(param: &Param) -> Result<&ArticleId, Problem> {
    if let Param::Article(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}
