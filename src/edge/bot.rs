//! The bot as a Room asks it: the owner's intents, the FAQ and the model, remembered by this isolate, and what follows from them.

use std::{cell::RefCell, rc::Rc};

use worker::Env;

use super::{
    bot_model::{self, remembered},
    clock, config,
    d1::D1,
    http::answer::internal,
    model,
    webhook::Webhook,
};
use crate::{
    api::bot::{Suggest, Suggestions},
    core::{
        bot::{
            Model, Verdict,
            attempt::{Tried, Why, told},
            ceilings::Ceilings,
            dialogue::{Knowledge, Language, Meaning, Phase, language_of, suggest},
            faq::Faq,
            features::Reading,
            responder::{Answer, BuiltIn, Judged, LanguageModel, Setting, respond},
        },
        error::Code,
        help::{self, Article},
        id::{ConversationId, Entropy, SiteId, VisitorId, WorkspaceId},
        internal::BotTerms,
        limits::{BOTS_REMEMBERED, KNOWN_REMEMBERED_BYTES, KNOWN_WEIGHT},
        port::{Database, bytes_of, rows_of},
        problem::Problem,
        recent::Recent,
        room::bot::Question,
    },
    sql::{articles, bot, faq, intents},
};

/// What a workspace's owner has written down, and whom they have named.
#[derive(Debug)]
struct Known {
    revision: u64,
    intents: Vec<Meaning>,
    faq: Faq,
    responder: Setting,
    ceilings: Ceilings,
}

impl Known {
    /// The language model, if one is set.
    fn model(&self) -> LanguageModel<'_> {
        LanguageModel { faq: &self.faq, calls_per_conversation: self.ceilings.calls_per_conversation }
    }
}

thread_local! {
    /// By workspace, as they stood at a revision of the bot or later.
    static KNOWN: RefCell<Recent<String, Rc<Known>>> = const { RefCell::new(Recent::weighed(BOTS_REMEMBERED, KNOWN_REMEMBERED_BYTES)) };
}

/// What the bot does about a message, and what that rests on; none: it can't tell, because what it knows could not be read.
pub async fn judge(env: &Env, question: &Question) -> Option<Judged> {
    let decided = consider(env, question).await;
    decided.inspect_err(|problem| worker::console_warn!("the bot: {} {}", problem.code.name(), problem.detail)).ok()
}

/// The same at once, if this isolate remembers all that is asked for and nobody has to be called.
pub fn judge_now(env: &Env, question: &Question) -> Option<Judged> {
    let learnt = Learnt::remembered(&question.workspace, &question.terms)?;
    match learnt.hear(env, question) {
        Answer::Now(judged) => Some(judged),
        // The call has not begun.
        Answer::Later(_) => None,
    }
}

async fn consider(env: &Env, question: &Question) -> Result<Judged, Problem> {
    let Question { workspace, terms, .. } = question;
    let learnt = Learnt::load(env, &D1::of(env).map_err(internal)?, workspace, terms).await?;
    Ok(match learnt.hear(env, question) {
        Answer::Now(judged) => judged,
        Answer::Later(called) => called.await,
    })
}

/// What an agent may answer to a visitor's message.
///
/// # Errors
/// What the bot knows can't be read.
pub async fn drafts(
    env: &Env,
    database: &D1,
    workspace: &WorkspaceId,
    terms: Option<BotTerms>,
    question: &Suggest,
) -> Result<Suggestions, Problem> {
    let Some(terms) = terms else { return Ok(Suggestions::default()) };
    let learnt = Learnt::load(env, database, workspace, &terms).await?;
    let Suggest { text, locale } = question;
    let reading = Reading::of(text);
    let verdict = learnt.verdict(&terms, &reading);
    let known = learnt.about(verdict.as_ref(), &reading, "", language_of(text, locale));
    let suggestions = suggest::drafts(text, locale, known);
    Ok(Suggestions { suggestions, learnt: learnt.model.is_some() || !learnt.known.faq.is_empty() })
}

/// Asks whoever is set to answer, for a manager who wants to know whether it works: as a message of a visitor's that comes to them would.
///
/// # Errors
/// What the bot knows can't be read.
pub async fn attempt(
    env: &Env,
    database: &D1,
    workspace: &WorkspaceId,
    terms: Option<BotTerms>,
    asked: Suggest,
) -> Result<Tried, Problem> {
    let began = clock::now();
    let nobody = || Tried::of(Err(Why::BuiltIn.into()), &[], "", 0);
    let Some(terms) = terms else { return Ok(nobody()) };
    let known = known(env, database, workspace, terms.version).await?;
    let site = SiteId::of_none(workspace);
    let Suggest { text, locale } = asked;
    match &known.responder {
        Setting::BuiltIn => Ok(nobody()),
        setting @ Setting::Model { .. } => {
            let consult = known.model().consult(&text, &locale);
            Ok(model::attempt(env, workspace, &site, (setting, &known.ceilings), &consult).await)
        }
        Setting::Webhook { url } => {
            let question = Question {
                workspace: workspace.clone(),
                site,
                conversation: ConversationId::least(),
                seq: 1,
                text,
                choice: String::new(),
                locale,
                phase: Phase::Pending,
                asked: 0,
                form: None,
                visitor: VisitorId::draw(&mut Entropy::new(0)),
                subject: None,
                // Another name each time.
                log_epoch: began.wire(),
                is_too_often: false,
                terms,
            };
            let called = Webhook { env, question: &question, url, is_try: true }.call(&question.heard()).await;
            Ok(Tried::of(called.map(told), &[], url, clock::now().since(began)))
        }
    }
}

/// What is needed to judge a message.
struct Learnt {
    known: Rc<Known>,
    model: Option<Rc<Model>>,
}

impl Learnt {
    async fn load(env: &Env, database: &D1, workspace: &WorkspaceId, terms: &BotTerms) -> Result<Self, Problem> {
        let known = known(env, database, workspace, terms.version).await?;
        let model = match terms.model.as_str() {
            "" => None,
            hash => match bot_model::load(env, database, workspace, hash).await {
                // It has gone since: small talk and the FAQ need none.
                Err(problem) if problem.code == Code::NotFound => None,
                loaded => Some(loaded?),
            },
        };
        Ok(Learnt { known, model })
    }

    /// The same without looking anywhere else; none: something is not remembered.
    fn remembered(workspace: &WorkspaceId, terms: &BotTerms) -> Option<Self> {
        let known = known_now(workspace.as_str(), terms.version)?;
        let model = match terms.model.as_str() {
            "" => None,
            hash => Some(bot_model::remembered_now(hash)?),
        };
        Some(Learnt { known, model })
    }

    /// Whoever is set to answer hears a message.
    fn hear<'call>(&'call self, env: &'call Env, question: &'call Question) -> Answer<'call> {
        let Question { terms, text, choice, locale, .. } = question;
        let reading = Reading::of(text);
        let verdict = self.verdict(terms, &reading);
        let known = self.about(verdict.as_ref(), &reading, choice, language_of(text, locale));
        let heard = question.heard();
        match &self.known.responder {
            Setting::BuiltIn => respond(BuiltIn, heard, known),
            Setting::Model { .. } => respond(self.known.model(), heard, known),
            Setting::Webhook { url } => respond(Webhook { env, question, url, is_try: false }, heard, known),
        }
    }

    /// What the model makes of a message.
    fn verdict(&self, terms: &BotTerms, reading: &Reading) -> Option<Verdict> {
        self.model.as_ref().map(|model| model.judge_at(reading, model.calibration.at(terms.hold_back)))
    }

    /// All that is known of a message.
    fn about<'a>(
        &'a self,
        verdict: Option<&'a Verdict>,
        reading: &Reading,
        choice: &str,
        language: Language,
    ) -> Knowledge<'a> {
        let faq = self.known.faq.find(reading, choice, language);
        let verdict = verdict.zip(self.model.as_ref().map(|model| model.intents()));
        Knowledge { intents: &self.known.intents, verdict, faq }
    }
}

fn known_now(workspace: &str, revision: u64) -> Option<Rc<Known>> {
    KNOWN.with_borrow_mut(|known| known.get(workspace).filter(|known| known.revision >= revision).cloned())
}

async fn known(env: &Env, database: &D1, workspace: &WorkspaceId, revision: u64) -> Result<Rc<Known>, Problem> {
    let name = workspace.as_str();
    let _loading = match remembered(name, || known_now(name, revision)).await {
        Ok(known) => return Ok(known),
        Err(loading) => loading,
    };
    let statements = vec![
        intents::meanings(workspace),
        faq::spoken(workspace),
        bot::responder(workspace),
        articles::known(workspace),
    ];
    let rows = database.batch(statements).await.map_err(|_| Code::Storage)?;
    // One that a newer version has written and this one can't read is left to people; the others still stand.
    let mut intents: Vec<Meaning> = rows_of(&rows, 0).iter().filter_map(intents::read_meaning).collect();
    let entries = rows_of(&rows, 1).iter().filter_map(faq::read_spoken).collect();
    let (responder, ceilings) = bot::read_responder_row(rows_of(&rows, 2).first());
    let articles: Vec<Article> = rows_of(&rows, 3).iter().filter_map(articles::read_known).collect();
    help::tell(&mut intents, &articles, &config::load(env)?.own.to_string());
    // Nobody else reads them.
    let is_read = matches!(responder, Setting::Model { .. });
    let passages = articles.iter().filter(|_| is_read).flat_map(Article::passages).collect();
    let found = Known { revision, intents, faq: Faq::of(entries, passages), responder, ceilings };
    let found = Rc::new(found);
    let weight = bytes_of(&rows).saturating_mul(KNOWN_WEIGHT);
    KNOWN.with_borrow_mut(|known| known.put_weighing(name.to_owned(), Rc::clone(&found), weight));
    Ok(found)
}
