//! The bot of a workspace: its settings, and how every change of what it knows is made.

use serde::{Deserialize, Serialize};

use super::{bot_models::ModelView, context::Context, teams::given};
use crate::{
    core::{
        bot::{
            attempt::Why,
            ceilings::{self, Ceilings, Charge, Spent},
            dialogue::suggest::Draft,
            responder::{Setting, check_key, check_model},
        },
        error::Code,
        id::TeamId,
        internal::BotNotice,
        limits::{HOLD_BACK_MAX, TEXT_CHARS},
        outgoing,
        port::{Cipher, Columns, Database, Statement, rows_of},
        principal::{AgentPrincipal, Role},
        problem::Problem,
        time::Timestamp,
    },
    sql::{
        audit,
        bot::{self, BotRow, Touches},
        bot_models::{self, ModelRow},
        consults,
    },
};

/// How it stands, as the API says it.
#[derive(Debug, Serialize)]
pub struct BotView {
    enabled: bool,
    hold_back: Option<u32>,
    handoff_team: Option<TeamId>,
    responder: ResponderView,
    model: Option<ModelView>,
    changed: bool,
    ceilings: Ceilings,
    spent: SpentView,
}

/// What was spent today.
#[derive(Debug, Serialize)]
struct SpentView {
    calls: u64,
    tokens: u64,
    /// No question is asked any more today.
    reached: bool,
}

impl SpentView {
    fn of(spent: Spent, ceilings: &Ceilings) -> Self {
        // Not even one in which nothing is asked.
        let reached = ceilings.reached(spent, Charge::of(0, ceilings).most()) != Why::TooOften;
        SpentView { calls: spent.calls, tokens: spent.tokens, reached }
    }
}

/// Who answers. The key is shown to nobody.
#[derive(Debug, Serialize)]
struct ResponderView {
    kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    model: String,
    key_set: bool,
}

impl ResponderView {
    /// There may be a secret in an address: whoever manages nothing sees its origin.
    fn of(setting: &Setting, role: Role) -> Self {
        let url = match setting.url() {
            "" => String::new(),
            url if role.manages() => url.to_owned(),
            url => outgoing::origin_of(url),
        };
        ResponderView {
            kind: setting.kind(),
            url,
            model: setting.model().to_owned(),
            key_set: !setting.key().is_empty(),
        }
    }
}

/// Who is to answer: whole, but for a key that stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponderChange {
    kind: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    key: Option<String>,
}

impl ResponderChange {
    /// What is kept of it, if all of it is good.
    async fn check<D: Database>(
        &self,
        cx: &Context<'_, D>,
        cipher: &impl Cipher,
        who: &AgentPrincipal,
    ) -> Result<Setting, Problem> {
        let setting = Setting::of(&self.kind, self.url.trim().to_owned(), self.model.clone(), String::new())
            .ok_or_else(|| Problem::field("kind", "built_in, webhook or model"))?;
        if setting != Setting::BuiltIn {
            outgoing::host_of(setting.url(), cx.loopback)
                .map_err(|why| Problem::field("url", why).with_code(Code::UrlRefused))?;
        }
        let Setting::Model { url, model, .. } = setting else { return Ok(setting) };
        let model = check_model(&model)?;
        let key = match check_key(self.key.as_deref().unwrap_or_default())? {
            "" => String::new(),
            key => cx.keys.seal(cipher, &who.workspace, &url, key, &cx.secret).await.ok_or(Code::Internal)?,
        };
        Ok(Setting::Model { url, model, key })
    }
}

/// `PATCH /bot`: what is absent stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotChange {
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    hold_back: Option<Option<u32>>,
    #[serde(default, deserialize_with = "given")]
    handoff_team: Option<Option<TeamId>>,
    #[serde(default)]
    responder: Option<ResponderChange>,
    #[serde(default)]
    ceilings: ceilings::Given,
}

/// `GET /bot`.
pub async fn show<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<BotView, Problem> {
    let rows = cx
        .run(vec![
            bot::find(&who.workspace),
            bot_models::list(&who.workspace, None),
            consults::spent(&who.workspace, cx.now),
        ])
        .await?;
    let BotRow { enabled, hold_back, handoff_team, learnable, responder, ceilings, .. } =
        BotRow::read(rows_of(&rows, 0).first());
    let model = rows_of(&rows, 1).iter().map(ModelRow::read).find(|model| model.is_current);
    let learnt = model.as_ref().map_or(0, |model| model.revision);
    Ok(BotView {
        enabled,
        hold_back,
        handoff_team,
        responder: ResponderView::of(&responder, who.role),
        model: model.map(ModelView::of),
        changed: learnable > learnt,
        ceilings,
        spent: SpentView::of(consults::read_spent(rows_of(&rows, 2).first()), &ceilings),
    })
}

/// `PATCH /bot`.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    cipher: &impl Cipher,
    who: &AgentPrincipal,
    given: &BotChange,
) -> Result<BotView, Problem> {
    let BotChange { enabled, hold_back, handoff_team, responder, ceilings } = given;
    ceilings.check()?;
    if hold_back.flatten().is_some_and(|percent| percent > HOLD_BACK_MAX) {
        return Err(Problem::field("hold_back", format!("0 to {HOLD_BACK_MAX}")));
    }
    let setting = match responder {
        Some(responder) => Some(responder.check(cx, cipher, who).await?),
        None => None,
    };
    let mut said = Vec::new();
    said.extend(enabled.map(|enabled| format!("enabled: {enabled}")));
    said.extend(
        hold_back
            .map(|percent| format!("hold_back: {}", percent.map_or("usual".into(), |percent| percent.to_string()))),
    );
    said.extend(
        handoff_team.as_ref().map(|team| format!("handoff_team: {}", team.as_ref().map_or("none", TeamId::as_str))),
    );
    // An address may have a secret in it.
    said.extend(setting.as_ref().map(|setting| {
        let host = outgoing::host_of(setting.url(), true).unwrap_or_default();
        format!("responder: {} {host}", setting.kind()).trim_end().to_owned()
    }));
    said.extend(ceilings.each().into_iter().filter_map(|(name, given, _)| Some(format!("{name}: {}", given?))));
    if !said.is_empty() {
        let given = bot::Given {
            enabled: *enabled,
            hold_back: *hold_back,
            team: handoff_team.as_ref().map(Option::as_ref),
            responder: setting.as_ref(),
            has_key: responder.as_ref().is_some_and(|responder| responder.key.is_some()),
            ceilings: *ceilings,
        };
        let rows = cx
            .run(vec![
                bot::ensure(&who.workspace),
                bot::set(&who.workspace, &given, cx.now),
                audit::add_if_changed(
                    &who.workspace,
                    cx.now,
                    who.agent.as_str(),
                    "bot_changed",
                    "bot",
                    &said.join(", "),
                ),
            ])
            .await?;
        rows_of(&rows, 1).first().ok_or_else(|| Problem::field("handoff_team", "not a team of this workspace"))?;
    }
    show(cx, who).await
}

/// `POST /bot/signing-secret`: shown this once.
#[derive(Serialize)]
pub struct SigningSecret {
    secret: String,
}

/// Makes another secret by which calls to the owner's system are signed; the one before signs nothing from then on.
pub async fn renew_signing<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<SigningSecret, Problem> {
    let (workspace, actor) = (&who.workspace, who.agent.as_str());
    let rows = cx
        .run(vec![
            bot::ensure(workspace),
            bot::renew_signing(workspace, cx.now),
            audit::add_if_changed(workspace, cx.now, actor, "bot_signing_secret_made", "bot", ""),
        ])
        .await?;
    let serial = rows_of(&rows, 1).first().map(|row| Columns::of(row).uint()).ok_or(Code::Internal)?;
    Ok(SigningSecret { secret: cx.keys.action_secret(workspace, serial) })
}

/// `POST /bot/suggestions`: what a visitor has written to an agent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggest {
    /// The message.
    pub text: String,
    /// The visitor's, BCP 47.
    #[serde(default)]
    pub locale: String,
}

impl Suggest {
    /// # Errors
    /// Nothing is asked, or it is no message.
    pub fn check(&self) -> Result<(), Problem> {
        if self.text.trim().is_empty() || self.text.chars().nth(TEXT_CHARS).is_some() {
            return Err(Problem::field("text", format!("1 to {TEXT_CHARS} characters")));
        }
        Ok(())
    }
}

/// Its answer.
#[derive(Debug, Default, Serialize)]
pub struct Suggestions {
    /// Drafts, best first.
    pub suggestions: Vec<Draft>,
    /// There is something that the bot knows.
    pub learnt: bool,
}

/// What the Desk is to hear of it.
pub async fn told<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Option<BotNotice>, Problem> {
    Ok(cx.one(bot::terms(&who.workspace)).await?.as_ref().and_then(bot::read_terms))
}

/// A change of what the bot knows, decided by what stood at a revision.
pub struct Change<'told> {
    /// That revision.
    pub revision: u64,
    /// Of what.
    pub touches: Touches,
    /// For the audit log: what was done, …
    pub action: &'told str,
    /// … to what, …
    pub target: &'told str,
    /// … and more.
    pub detail: &'told str,
}

/// Refuses a change that was begun from another version than the one that stands; `begun` is its `updated_at`, as it was read, empty where
/// nothing was there, and absent if whoever writes does not mind. What stands was read at the revision that the change claims
/// ([`commit`]), so nobody comes between this look and what is written.
///
/// # Errors
/// `409` about `updated_at`.
pub fn check_begun(begun: Option<&str>, stands: Option<Timestamp>) -> Result<(), Problem> {
    let is_stale = begun.is_some_and(|begun| begun != stands.map(Timestamp::rfc3339).unwrap_or_default());
    let late = || Problem {
        field: "updated_at".into(),
        ..Problem::new(Code::Conflict, "somebody has saved or removed it since")
    };
    if is_stale { Err(late()) } else { Ok(()) }
}

/// Refuses a version where there can be none: of something new.
///
/// # Errors
/// There is one.
pub fn check_new(begun: Option<&str>) -> Result<(), Problem> {
    begun.map_or(Ok(()), |_| Err(Problem::field("updated_at", "of what is new there is none")))
}

/// When a version is written: later than the one before, whatever the clock says, because it is known by its time.
pub fn written_at<D>(cx: &Context<'_, D>, before: Option<Timestamp>) -> Timestamp
where
    D: Database,
{
    before.map_or(cx.now, |before| cx.now.max(before.plus(1)))
}

/// Marks one change, for the statements that belong to it.
pub fn stamp<D>(cx: &Context<'_, D>) -> String
where
    D: Database,
{
    cx.draw(|entropy| format!("{:032x}", entropy.next_u128()))
}

/// Makes a change, all of it or nothing; `409` if another one came first.
pub async fn commit<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    stamp: &str,
    change: Change<'_>,
    writes: Vec<Statement>,
) -> Result<(), Problem> {
    let Change { revision, touches, action, target, detail } = change;
    let mut statements = vec![
        bot::ensure(&who.workspace),
        bot::claim(&who.workspace, revision, touches, stamp, cx.now),
        audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), action, target, detail),
    ];
    statements.extend(writes);
    let rows = cx.run(statements).await?;
    let late = || Problem::new(Code::Conflict, "another change came first");
    rows_of(&rows, 1).first().map(drop).ok_or_else(late)
}
