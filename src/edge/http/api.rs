//! `/api/v1`: agents. The checks of each door in one order (size, kind of body, origin, signature, limit, schema, row,
//! role), then the story, then what it leaves to be done: the cookie and the revocation.
use std::time::Duration;

use serde::{Deserialize, Serialize};
use worker::{Delay, Env, Response};

use super::{answer, answer::internal, bot, incoming::Incoming};
use crate::{
    api::{
        agents, audit,
        context::{Context, Me, SignedIn, read},
        decisions, history, links,
        revocation::Revocation,
        routing,
        sessions::{self, Signed},
        setup, sign_in, sites, teams, visitors,
    },
    core::{
        address::ClientAddress,
        auth::SessionToken,
        cookie, email,
        error::Code,
        hours::Hours,
        id::{AgentId, ConversationId, SiteId, TeamId, VisitorId},
        internal::{BotNotice, ConfigureRequest, Question},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
        rates,
        route::{Bot, Door, Endpoint, Open, Own, Param, Route, Sent, Team, Work},
        time::Timestamp,
    },
    edge::{
        clock,
        config::Config,
        contained::{Place, contained},
        d1::D1,
        desk, idn, limits, schema, site_cache, zone,
    },
};

/// Waits for the history to hear of a visitor, in milliseconds: it is a second or two behind.
const PROJECTION_WAITS: [u64; 3] = [500, 1_000, 2_000];

pub(super) type Cx<'world> = Context<'world, D1>;

#[derive(Serialize)]
struct MeBody {
    me: Me,
}

/// A body in which nothing may stand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn says_all_with_its_address(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Own(Own::Logout | Own::LogoutEverywhere | Own::Tickets)
            | Endpoint::Work(Work::BlockVisitor | Work::UnblockVisitor)
            | Endpoint::Team(Team::DisableAgent | Team::EnableAgent | Team::ResetAgent | Team::DeleteTeam)
            | Endpoint::Bot(Bot::UseModel | Bot::DeleteIntent | Bot::DeleteFaq)
    )
}

/// What an answer leaves to be done besides itself.
#[derive(Default)]
pub(super) struct Outcome {
    status: u16,
    /// JSON.
    body: Option<String>,
    /// A file instead.
    file: Option<Vec<u8>>,
    /// A cookie to keep (`Some(Some)`), or to forget (`Some(None)`).
    cookie: Option<Option<String>>,
    revoke: Option<Revocation>,
    /// What the Desk is to hear. Whether it has heard it is told as the body's member `live`.
    configure: Option<ConfigureRequest>,
    /// Which bot the Desk is to hear of; told likewise.
    bot: Option<BotNotice>,
    /// What the Desk is asked; its answer is the body's member of this name.
    ask: Option<(&'static str, Question)>,
}

impl Outcome {
    pub(super) fn json(status: u16, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| internal(error.into()))?;
        Ok(Outcome::written(status, body))
    }

    /// JSON that is written already.
    pub(super) fn written(status: u16, body: String) -> Self {
        Outcome { status, body: Some(body), ..Outcome::default() }
    }

    pub(super) fn file(file: Vec<u8>) -> Self {
        Outcome { status: 200, file: Some(file), ..Outcome::default() }
    }

    pub(super) fn wrapped(status: u16, name: &'static str, body: &impl Serialize) -> Result<Self, Problem> {
        let Outcome { body, .. } = Outcome::json(status, body)?;
        let body = body.map(|body| format!("{{\"{name}\":{body}}}"));
        Ok(Outcome { status, body, ..Outcome::default() })
    }

    pub(super) fn nothing() -> Self {
        Outcome { status: 204, ..Outcome::default() }
    }

    fn signed_in(status: u16, signed_in: SignedIn) -> Result<Self, Problem> {
        let SignedIn { me, token } = signed_in;
        Ok(Outcome { cookie: Some(Some(token)), ..Outcome::json(status, &MeBody { me })? })
    }

    fn forgetting(self) -> Self {
        Outcome { cookie: Some(None), ..self }
    }

    fn asking(name: &'static str, question: Question) -> Self {
        Outcome { status: 200, ask: Some((name, question)), ..Outcome::default() }
    }

    fn configuring(self, configure: impl Into<Option<ConfigureRequest>>) -> Self {
        Outcome { configure: configure.into(), ..self }
    }

    pub(super) fn telling(self, bot: impl Into<Option<BotNotice>>) -> Self {
        Outcome { bot: bot.into(), ..self }
    }

    fn revoking(self, revoke: impl Into<Option<Revocation>>) -> Self {
        Outcome { revoke: revoke.into(), ..self }
    }
}

/// Answers an agent.
pub async fn answer(
    env: &Env,
    context: &worker::Context,
    config: &Config,
    incoming: &mut Incoming,
    route: Route,
) -> Result<Response, Problem> {
    let is_unsafe = incoming.method != "GET";
    let (kind, most) = route.endpoint.takes();
    if is_unsafe {
        incoming.check_size(most)?;
        incoming.check_kind(kind)?;
        check_origin(config, incoming)?;
    }
    let now = clock::now();
    let token = match route.door {
        Door::Agent | Door::Manager => Some(session_token(config, incoming)?),
        Door::Anyone | Door::Page | Door::Visitor | Door::Socket | Door::Ops => None,
    };
    // Nobody sends megabytes before they have signed for it.
    let (mut body, mut file) = (String::new(), Vec::new());
    match kind {
        _ if !is_unsafe => {}
        Sent::Json => body = incoming.body(most).await?,
        Sent::Bytes => file = incoming.bytes(most).await?,
    }
    if says_all_with_its_address(route.endpoint) {
        read::<Nothing>(&body)?;
    }
    check_limits(env, config, incoming, &route, &body, token.as_ref()).await?;
    let database = D1::of(env).map_err(internal)?;
    schema::check(&database).await?;
    let cx = Context {
        database: &database,
        keys: &config.keys,
        own: &config.own,
        now,
        entropy: clock::entropy().map_err(internal)?.into(),
        secret: clock::secret().map_err(internal)?,
    };
    let signed = match &token {
        Some(token) => Some(sessions::authenticate(&cx, token).await?),
        None => None,
    };
    if route.door == Door::Manager && !signed.as_ref().is_some_and(|signed| signed.principal.role.manages()) {
        return Err(Problem::new(Code::Forbidden, "owners and admins only"));
    }
    let param = &route.param;
    let outcome = match (route.endpoint, &signed) {
        (Endpoint::Open(what), _) => open(&cx, config, what, &body, &incoming.address(config)).await?,
        (Endpoint::Own(what), Some(signed)) => own(&cx, signed, what, &body).await?,
        (Endpoint::Work(what), Some(signed)) => work(&cx, signed, what, param, &incoming.url).await?,
        (Endpoint::Team(what), Some(signed)) => team(&cx, signed, what, param, &incoming.url, &body).await?,
        (Endpoint::Bot(what), Some(signed)) => {
            let asked = bot::Asked { what, param, url: &incoming.url, body: &body, file: &file };
            bot::answer(env, context, &cx, &signed.principal, asked).await?
        }
        (Endpoint::Own(_) | Endpoint::Work(_) | Endpoint::Team(_) | Endpoint::Bot(_), None) => {
            return Err(Code::Unauthorized.into());
        }
        (Endpoint::Page(_) | Endpoint::Browser(_) | Endpoint::Socket(_) | Endpoint::Script(_), _) => {
            return Err(Code::NotFound.into());
        }
    };
    let fresh = signed.and_then(|signed| signed.fresh);
    finish(env, context, config, outcome, fresh).await
}

/// Every unsafe request must come from a page of ours: the cookie alone proves nothing about that.
fn check_origin(config: &Config, incoming: &Incoming) -> Result<(), Problem> {
    match incoming.header("origin") {
        Some(origin) if config.own.owns(&origin) => Ok(()),
        Some(_) | None => Err(Problem::new(
            Code::OriginRefused,
            format!(
                "open the console at {}/console/, or set BELLHOP_URL to the https address that you use",
                config.own
            ),
        )),
    }
}

/// The cookie's token, verified; its row is looked at after the limits.
fn session_token(config: &Config, incoming: &Incoming) -> Result<SessionToken, Problem> {
    let header = incoming.header("cookie").unwrap_or_default();
    let token = cookie::read(&config.own, &header).ok_or(Code::Unauthorized)?;
    config.keys.session(token, clock::now()).map_err(|error| error.code(false).into())
}

/// Guessing is limited by address, and by the account that is guessed at; whoever is signed in, by themselves.
async fn check_limits(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    route: &Route,
    body: &str,
    token: Option<&SessionToken>,
) -> Result<(), Problem> {
    let factor = config.limit_factor;
    let address = incoming.address(config);
    let mut requests = Vec::new();
    match route.endpoint {
        Endpoint::Open(Open::Login) => {
            requests.push(rates::SIGN_IN.by_address(&address, factor));
            let given: sign_in::Credentials = read(body)?;
            let account = config.keys.account_hash(&email::normal(&given.email).unwrap_or_default());
            requests.push(rates::SIGN_IN_ACCOUNT.request(&account, factor));
        }
        Endpoint::Open(Open::SetupState) => requests.push(rates::LOOK.by_address(&address, factor)),
        Endpoint::Open(Open::Setup | Open::LinkState | Open::FollowLink) => {
            requests.push(rates::SIGN_IN.by_address(&address, factor));
        }
        Endpoint::Own(_) | Endpoint::Work(_) | Endpoint::Team(_) | Endpoint::Bot(_) => {
            let agent = token.map_or(address.as_str(), |token| token.session.agent.as_str());
            let query = Query::of(&incoming.url, &history::LIST_QUERY);
            let searches = query.is_ok_and(|query| query.text("q").is_some());
            requests.extend(rates::of_signed_in(route.endpoint, searches).map(|rate| rate.request(agent, factor)));
        }
        Endpoint::Page(_) | Endpoint::Browser(_) | Endpoint::Socket(_) | Endpoint::Script(_) => {}
    }
    limits::take(env, &requests).await
}

/// What needs no session.
async fn open(cx: &Cx<'_>, config: &Config, what: Open, body: &str, from: &ClientAddress) -> Result<Outcome, Problem> {
    match what {
        Open::SetupState => Outcome::wrapped(200, "needed", &setup::is_needed(cx).await?),
        Open::Setup => Outcome::signed_in(201, setup::set_up(cx, &config.setup_token, &read(body)?).await?),
        Open::Login => Outcome::signed_in(200, sign_in::sign_in(cx, &read(body)?, from).await?),
        Open::LinkState => Outcome::json(200, &links::look(cx, &read(body)?).await?),
        Open::FollowLink => {
            let (signed_in, revoke) = links::follow(cx, &read(body)?).await?;
            Ok(Outcome::signed_in(200, signed_in)?.revoking(revoke))
        }
    }
}

/// An agent's own account.
async fn own(cx: &Cx<'_>, signed: &Signed, what: Own, body: &str) -> Result<Outcome, Problem> {
    let who = &signed.principal;
    match what {
        Own::Logout => Ok(Outcome::nothing().forgetting().revoking(sessions::sign_out(cx, who).await?)),
        Own::LogoutEverywhere => {
            Ok(Outcome::nothing().forgetting().revoking(sessions::sign_out_everywhere(cx, who).await?))
        }
        Own::Me => Outcome::json(200, &MeBody { me: signed.me.clone() }),
        Own::Rename => Outcome::json(200, &MeBody { me: sessions::rename(cx, signed, &read(body)?).await? }),
        Own::Password => {
            let (signed_in, revoke) = sessions::change_password(cx, signed, &read(body)?).await?;
            Ok(Outcome { cookie: Some(Some(signed_in.token)), ..Outcome::nothing() }.revoking(revoke))
        }
        Own::Tickets => Outcome::json(200, &sessions::ticket(cx, who)?),
    }
}

/// Conversations and visitors.
async fn work(cx: &Cx<'_>, signed: &Signed, what: Work, param: &Param, url: &str) -> Result<Outcome, Problem> {
    let who = &signed.principal;
    match what {
        Work::Conversations => {
            let query = Query::of(url, &history::LIST_QUERY)?;
            Outcome::json(200, &history::list(cx, who, &query).await?)
        }
        Work::Conversation => {
            Outcome::wrapped(200, "conversation", &history::one(cx, who, conversation(param)?).await?)
        }
        Work::Messages => {
            let query = Query::of(url, &history::MESSAGES_QUERY)?;
            Outcome::json(200, &history::entries(cx, who, conversation(param)?, &query).await?)
        }
        Work::Search => {
            let query = Query::of(url, &history::SEARCH_QUERY)?;
            Outcome::wrapped(200, "hits", &history::find(cx, who, &query).await?)
        }
        Work::BlockVisitor | Work::UnblockVisitor => {
            let is_blocked = what == Work::BlockVisitor;
            Ok(Outcome::nothing().revoking(set_blocked(cx, who, visitor(param)?, is_blocked).await?))
        }
    }
}

/// A visitor of a moment ago may not be in the history yet. A block is waited for a little, so that none is lost
/// because an agent was quick; nobody's and another workspace's visitors take as long.
async fn set_blocked(
    cx: &Cx<'_>,
    who: &AgentPrincipal,
    visitor: &VisitorId,
    is_blocked: bool,
) -> Result<Revocation, Problem> {
    let mut waits = PROJECTION_WAITS.into_iter();
    loop {
        let outcome = visitors::set_blocked(cx, who, visitor, is_blocked).await;
        let is_unknown = matches!(&outcome, Err(problem) if problem.code == Code::NotFound);
        match waits.next().filter(|_| is_unknown && is_blocked) {
            Some(wait) => Delay::from(Duration::from_millis(wait)).await,
            None => return outcome,
        }
    }
}

/// The team, the sites and the audit log.
async fn team(
    cx: &Cx<'_>,
    signed: &Signed,
    what: Team,
    param: &Param,
    url: &str,
    body: &str,
) -> Result<Outcome, Problem> {
    let who = &signed.principal;
    match what {
        Team::Agents => Outcome::wrapped(200, "agents", &agents::list(cx, who).await?),
        Team::Invite => {
            let (agent, links::Link { link, expires_at }) = agents::invite(cx, who, &read(body)?).await?;
            Outcome::json(201, &serde_json::json!({ "agent": agent, "link": link, "expires_at": expires_at }))
        }
        Team::ChangeAgent => {
            let agents::Changed { agent, revoke, configure } =
                agents::change(cx, who, agent_id(param)?, &read(body)?).await?;
            Ok(Outcome::wrapped(200, "agent", &agent)?.revoking(revoke).configuring(configure))
        }
        Team::DisableAgent => {
            let (agent, revoke) = agents::disable(cx, who, agent_id(param)?).await?;
            Ok(Outcome::wrapped(200, "agent", &agent)?.revoking(revoke))
        }
        Team::EnableAgent => Outcome::wrapped(200, "agent", &agents::enable(cx, who, agent_id(param)?).await?),
        Team::ResetAgent => Outcome::json(200, &agents::reset(cx, who, agent_id(param)?).await?),
        Team::Sites => Outcome::wrapped(200, "sites", &sites::list(cx, who).await?),
        Team::CreateSite => {
            let (made, configure) = sites::create(cx, who, &draft(body, cx.now)?).await?;
            Ok(Outcome::wrapped(201, "site", &made)?.configuring(configure))
        }
        Team::ChangeSite => {
            let (changed, configure) = sites::change(cx, who, site(param)?, &draft(body, cx.now)?).await?;
            site_cache::forget(site(param)?);
            Ok(Outcome::wrapped(200, "site", &changed)?.configuring(configure))
        }
        Team::SiteIdentity => Outcome::json(200, &sites::identity(cx, who, site(param)?).await?),
        Team::ChangeSiteIdentity => {
            let changed = sites::change_identity(cx, who, site(param)?, &read(body)?).await?;
            site_cache::forget(site(param)?);
            Outcome::json(200, &changed)
        }
        Team::Teams => Outcome::wrapped(200, "teams", &teams::list(cx, who).await?),
        Team::CreateTeam => {
            let (made, configure) = teams::create(cx, who, team_draft(body, cx.now)?).await?;
            Ok(Outcome::wrapped(201, "team", &made)?.configuring(configure))
        }
        Team::ChangeTeam => {
            let (changed, configure) = teams::change(cx, who, team_id(param)?, team_draft(body, cx.now)?).await?;
            Ok(Outcome::wrapped(200, "team", &changed)?.configuring(configure))
        }
        Team::DeleteTeam => {
            let configure = teams::delete(cx, who, team_id(param)?).await?;
            Ok(Outcome { status: 200, body: Some("{}".to_owned()), ..Outcome::default() }.configuring(configure))
        }
        Team::Routing => Outcome::json(200, &routing::show(cx, who).await?),
        Team::ChangeRouting => {
            let mut draft: routing::RoutingDraft = read(body)?;
            settle_hours(&mut draft.hours, cx.now);
            let request = routing::change(cx, who, draft).await?;
            Ok(Outcome::json(200, &routing::Changed::of(&request))?.configuring(request))
        }
        Team::Decisions => {
            let question = decisions::question(who, &Query::of(url, &decisions::QUERY)?)?;
            Ok(Outcome::asking("decisions", question))
        }
        Team::PreviewRouting => Ok(Outcome::asking("preview", decisions::preview(who, read(body)?)?)),
        Team::Audit => Outcome::json(200, &audit::list(cx, who, &Query::of(url, &audit::QUERY)?).await?),
    }
}

/// A site as it is given, its domains brought to ASCII by the platform's own reading of names, the offsets of its zone looked up.
fn draft(body: &str, now: Timestamp) -> Result<sites::SiteDraft, Problem> {
    let mut draft: sites::SiteDraft = read(body)?;
    if let Some(domains) = &mut draft.domains {
        for domain in domains.iter_mut().filter(|domain| !domain.is_ascii()) {
            *domain = idn::to_ascii(domain).unwrap_or_default();
        }
    }
    settle_hours(&mut draft.hours, now);
    Ok(draft)
}

/// A team as it is given, the offsets of its zone looked up.
fn team_draft(body: &str, now: Timestamp) -> Result<teams::TeamDraft, Problem> {
    let mut draft: teams::TeamDraft = read(body)?;
    settle_hours(&mut draft.hours, now);
    Ok(draft)
}

fn settle_hours(given: &mut Option<Option<Hours>>, now: Timestamp) {
    if let Some(Some(hours)) = given {
        zone::settle(hours, now);
    }
}

/// Tells the Desk, then answers. If the Desk can't be told, what was decided stands all the same: no new socket opens,
/// and it is told until it knows, after the answer and by the sweep.
async fn finish(
    env: &Env,
    context: &worker::Context,
    config: &Config,
    outcome: Outcome,
    fresh: Option<String>,
) -> Result<Response, Problem> {
    if let Some(revocation) = outcome.revoke {
        let is_told = desk::revoke(env, &revocation).await;
        let settle = desk::settle(env.clone(), revocation, is_told);
        context.wait_until(async {
            contained(Place::worker("settle"), settle).await;
        });
    }
    let mut body = outcome.body;
    if let Some(request) = outcome.configure {
        let is_live = desk::configure(env, &request).await;
        body = body.map(|body| with_live(&body, is_live));
    }
    if let Some(notice) = outcome.bot {
        let is_live = desk::tell_bot(env, &notice).await;
        body = body.map(|body| with_live(&body, is_live));
    }
    if let Some((name, question)) = outcome.ask {
        let told = desk::ask(env, &question).await?;
        body = Some(format!("{{\"{name}\":{told}}}"));
    }
    let mut response = match (body, outcome.file) {
        (Some(body), _) => answer::written(&config.own, outcome.status, body)?,
        (None, Some(file)) => answer::file(&config.own, file)?,
        (None, None) => answer::nothing(&config.own)?,
    };
    let cookie = match outcome.cookie {
        Some(Some(token)) => Some(cookie::keep(&config.own, &token)),
        Some(None) => Some(cookie::forget(&config.own)),
        None => fresh.map(|token| cookie::keep(&config.own, &token)),
    };
    if let Some(cookie) = cookie {
        response.headers_mut().set("set-cookie", &cookie).map_err(internal)?;
    }
    Ok(response)
}

/// One member more in an object that is text already.
fn with_live(body: &str, is_live: bool) -> String {
    let members = body.strip_suffix('}').unwrap_or(body);
    let comma = if members.ends_with('{') { "" } else { "," };
    format!("{members}{comma}\"live\":{is_live}}}")
}

fn team_id(param: &Param) -> Result<&TeamId, Problem> {
    if let Param::Team(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn conversation(param: &Param) -> Result<&ConversationId, Problem> {
    if let Param::Conversation(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn visitor(param: &Param) -> Result<&VisitorId, Problem> {
    if let Param::Visitor(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn agent_id(param: &Param) -> Result<&AgentId, Problem> {
    if let Param::Agent(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn site(param: &Param) -> Result<&SiteId, Problem> {
    if let Param::Site(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}
