//! `/api/v1`: agents. The checks of each door in one order (size, kind of body, origin, signature, limit, schema, row,
//! role), then the story, then what it leaves to be done: the cookie and the revocation.
use serde::Deserialize;
use worker::{Env, Response};

use super::{account, answer::internal, bot, incoming::Incoming, outcome, team, work};
use crate::{
    api::{
        context::{Context, read},
        history, sessions, sign_in,
    },
    core::{
        auth::SessionToken,
        cookie, email,
        error::Code,
        problem::Problem,
        query::Query,
        rates,
        route::{Bot, Door, Endpoint, Open, Own, Route, Sent, Team, Work},
    },
    edge::{clock, config::Config, d1::D1, limits, schema},
};

/// What the stories are told with.
pub(super) type Cx<'world> = Context<'world, D1>;

/// A body in which nothing may stand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn says_all_with_its_address(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Own(Own::Logout | Own::LogoutEverywhere | Own::Tickets)
            | Endpoint::Work(Work::BlockVisitor | Work::UnblockVisitor)
            | Endpoint::Team(
                Team::DisableAgent
                    | Team::EnableAgent
                    | Team::ResetAgent
                    | Team::RemovePicture
                    | Team::DeletePicture
                    | Team::DeleteTeam
                    | Team::DeleteTag
            )
            | Endpoint::Bot(
                Bot::UseModel | Bot::DeleteIntent | Bot::DeleteFaq | Bot::DeleteArticle | Bot::RenewSigning
            )
    )
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
        loopback: config.loopback,
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
        (Endpoint::Open(what), _) => account::open(&cx, config, what, &body, &incoming.address(config)).await?,
        (Endpoint::Own(what), Some(signed)) => account::own(&cx, signed, what, &body).await?,
        (Endpoint::Work(what), Some(signed)) => work::answer(&cx, signed, what, param, &incoming.url).await?,
        (Endpoint::Team(what), Some(signed)) => {
            let asked = team::Asked { what, param, url: &incoming.url, body: &body, file: &file };
            team::answer(&cx, signed, asked).await?
        }
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
    outcome::finish(env, context, config, outcome, fresh).await
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
            let chooses =
                |query: Query| ["q", "tag", "assignee", "status", "site"].iter().any(|it| query.text(it).is_some());
            let searches = query.is_ok_and(chooses);
            requests.extend(rates::of_signed_in(route.endpoint, searches).map(|rate| rate.request(agent, factor)));
        }
        Endpoint::Page(_) | Endpoint::Browser(_) | Endpoint::Socket(_) | Endpoint::Script(_) => {}
    }
    limits::take(env, &requests).await
}
