//! The doors of the WebSockets: everything is checked here, by the ticket alone, before an object is woken.
//!
//! A ticket that comes without `Origin` is no browser's and passes on its own; a cookie opens nothing here. What goes on
//! to the object is a request of our own: the principal and the encoding, and nothing that the client sent.
use worker::{Env, Headers, Request, Response, ResponseBuilder, Stub, WebSocketPair};

use super::{
    admission, clock,
    config::Config,
    d1::D1,
    desk, env,
    http::{answer, answer::internal, incoming::Incoming},
    limits, runtime, site_cache,
};
use crate::core::{
    admission::Door,
    auth::Opened,
    error::{CloseCode, Code},
    id::ConversationId,
    internal::AttachRequest,
    limits::{PROFILE_CHARS, PROTOCOL_HEADER_BYTES},
    origin::{Origin, site_allows},
    principal::{AgentPrincipal, ENCODING_HEADER, PRINCIPAL_HEADER, Principal, VisitorPrincipal},
    problem::Problem,
    protocol::{Encoding, Payload},
    rates::{self, Asked},
    route::{Param, Socket},
    upgrade::{Offer, Refused, ascii, close_code, refusal},
};

/// Why a socket is not opened, and how it is closed if the client can be told so.
struct Refusal {
    problem: Problem,
    close: CloseCode,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let close = close_code(problem.code);
        Refusal { problem, close }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Problem::from(code).into()
    }
}

/// Opens a socket, or says why not in the way that the client can read.
pub async fn answer(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    socket: Socket,
    param: &Param,
) -> worker::Result<Response> {
    let offered = incoming.header("sec-websocket-protocol").unwrap_or_default();
    let offer = Offer::parse(&offered);
    match open(env, config, incoming, socket, param, &offered, &offer).await {
        Ok(response) => Ok(response),
        Err(Refusal { problem, close }) => match offer.encoding {
            Some(encoding) if incoming.is_upgrade() => show_out(&problem, close, encoding),
            Some(_) | None => answer::problem(Some(&config.own), &problem),
        },
    }
}

async fn open(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    socket: Socket,
    param: &Param,
    offered: &str,
    offer: &Offer<'_>,
) -> Result<Response, Refusal> {
    if offered.len() > PROTOCOL_HEADER_BYTES {
        return Err(Code::TooLarge.into());
    }
    let Some(encoding) = offer.encoding.filter(|_| incoming.is_upgrade()) else {
        return Err(Problem::new(Code::UpgradeRequired, "a WebSocket with bellhop.v1.proto or bellhop.v1.json").into());
    };
    let ticket = offer.ticket.ok_or(Code::Unauthorized)?;
    let opened = config.keys.open_ticket(ticket, clock::now()).map_err(|error| error.code(true))?;
    match (&opened.principal, socket, param) {
        // The id of another's conversation does not exist.
        (Principal::Visitor(visitor), Socket::Room, Param::Conversation(asked)) if visitor.conversation != *asked => {
            Err(Code::NotFound.into())
        }
        _ => enter(env, config, incoming, socket, param, &opened, encoding).await,
    }
}

/// What may come in, if it is not too often and not from a strange page. That a knock at a Room is dealt with at all comes
/// before every limit of rate; that it takes a place comes after them.
async fn enter(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    socket: Socket,
    param: &Param,
    opened: &Opened,
    encoding: Encoding,
) -> Result<Response, Refusal> {
    let factor = config.limit_factor;
    let address = incoming.address(config);
    let by_address = rates::SOCKET.by_address(&address, factor);
    match (&opened.principal, socket, param) {
        (Principal::Visitor(visitor), Socket::Room, Param::Conversation(conversation)) => {
            let _standing = admission::knock(env, &address, factor)?;
            limits::take(env, &[by_address]).await?;
            check_visitor_origin(env, config, incoming, opened, visitor).await?;
            limits::take(env, &[rates::SOCKET_SITE.request(visitor.site.as_str(), factor)]).await?;
            let facts = with_facts(visitor, incoming);
            let room = room(env, conversation)?;
            let _place = admission::admit_from(env, &address, factor, conversation.object_id())?;
            knock(&room, &Principal::Visitor(facts), encoding).await
        }
        (Principal::Agent(agent), Socket::Room, Param::Conversation(conversation)) => {
            let _standing = admission::knock(env, &address, factor)?;
            check_agent(env, config, incoming, agent, by_address).await?;
            enter_as_agent(env, agent, conversation, &opened.principal, encoding).await
        }
        (Principal::Agent(agent), Socket::Desk, _) => {
            check_agent(env, config, incoming, agent, by_address).await?;
            let desk = env::desk(env, &agent.workspace).map_err(internal)?;
            let object = env::desk_id(env, &agent.workspace).map_err(internal)?;
            let _place = admission::admit(env, &object, Door::Desk)?;
            knock(&desk, &opened.principal, encoding).await
        }
        (Principal::Visitor(_), _, _) => Err(Code::Forbidden.into()),
        (Principal::Agent(_), _, _) => Err(Code::NotFound.into()),
    }
}

/// The Desk hears of it first, so that it can revoke there, too; and again, if the Room turns the agent away.
async fn enter_as_agent(
    env: &Env,
    agent: &AgentPrincipal,
    conversation: &ConversationId,
    principal: &Principal,
    encoding: Encoding,
) -> Result<Response, Refusal> {
    let room = room(env, conversation)?;
    let _place = admission::admit(env, conversation.object_id(), Door::Room)?;
    let request = AttachRequest {
        workspace: agent.workspace.clone(),
        agent: agent.agent.clone(),
        session: agent.session.clone(),
        generation: agent.generation,
        conversation: conversation.clone(),
        // 0 would be no name.
        knock: clock::entropy().map_err(internal)?.next_u64() | 1,
    };
    if !desk::attach(env, &request).await? {
        return Err(Refusal { problem: Code::Unauthorized.into(), close: CloseCode::Revoked });
    }
    let entered = knock(&room, principal, encoding).await;
    if entered.is_err() {
        desk::withdraw(env, request).await;
    }
    entered
}

/// A page must be one that the site's list names. The page that the ticket was made for has been held against it.
async fn check_visitor_origin(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    opened: &Opened,
    visitor: &VisitorPrincipal,
) -> Result<(), Refusal> {
    let Some(origin) = incoming.header("origin") else { return Ok(()) };
    let same = Origin::parse(&origin).is_some_and(|given| Origin::parse(&opened.origin) == Some(given));
    if same {
        return Ok(());
    }
    let database = D1::of(env).map_err(internal)?;
    let site = site_cache::find(&database, &visitor.site, clock::now()).await?.site;
    if site_allows(&site.domains, &config.own, &origin) { Ok(()) } else { Err(Code::OriginRefused.into()) }
}

async fn check_agent(
    env: &Env,
    config: &Config,
    incoming: &Incoming,
    agent: &AgentPrincipal,
    by_address: Asked,
) -> Result<(), Refusal> {
    if incoming.header("origin").is_some_and(|origin| !config.own.owns(&origin)) {
        return Err(Code::OriginRefused.into());
    }
    let by_agent = rates::SOCKET_AGENT.request(agent.agent.as_str(), config.limit_factor);
    Ok(limits::take(env, &[by_address, by_agent]).await?)
}

/// What only the request tells of a visitor. Unproven, and cut to size.
fn with_facts(visitor: &VisitorPrincipal, incoming: &Incoming) -> VisitorPrincipal {
    let user_agent = incoming.header("user-agent").unwrap_or_default();
    VisitorPrincipal {
        user_agent: user_agent.chars().filter(|character| !character.is_control()).take(PROFILE_CHARS).collect(),
        country: incoming.country(),
        location: incoming.location(),
        ..visitor.clone()
    }
}

/// A conversation's Room. A place in it is taken behind every limit of rate, so that only who has passed them can take one.
fn room(env: &Env, conversation: &ConversationId) -> Result<Stub, Refusal> {
    Ok(env::room(env, conversation).map_err(internal)?.ok_or(Code::NotFound)?)
}

/// Hands the socket to an object.
async fn knock(stub: &Stub, principal: &Principal, encoding: Encoding) -> Result<Response, Refusal> {
    let request = request(principal, encoding).map_err(internal)?;
    let mut response = stub.fetch_with_request(request).await.map_err(|error| {
        worker::console_error!("an object could not be reached: {error}");
        Problem::new(Code::Internal, "try again")
    })?;
    if response.status_code() == 101 {
        return Ok(response);
    }
    let said = response.text().await.unwrap_or_default();
    let refused = Refused::parse(&said).unwrap_or(Refused { code: Code::Internal, close: CloseCode::Restart });
    Err(Refusal { problem: refused.code.into(), close: refused.close })
}

fn request(principal: &Principal, encoding: Encoding) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    headers.set(PRINCIPAL_HEADER, &ascii(&serde_json::to_string(principal)?))?;
    headers.set(ENCODING_HEADER, encoding.subprotocol())?;
    runtime::request("https://object/socket", &headers, None)
}

/// Lets the client in here, tells it why it may not stay, and shows it out. No object hears of it.
fn show_out(problem: &Problem, close: CloseCode, encoding: Encoding) -> worker::Result<Response> {
    let pair = WebSocketPair::new()?;
    pair.server.accept()?;
    match refusal(problem).encode(encoding) {
        Some(Payload::Text(text)) => pair.server.send_with_str(text)?,
        Some(Payload::Binary(bytes)) => pair.server.send_with_bytes(bytes)?,
        None => {}
    }
    let (code, reason) = close.entry();
    pair.server.close(Some(code), Some(reason))?;
    let headers = Headers::new();
    headers.set("sec-websocket-protocol", encoding.subprotocol())?;
    Ok(ResponseBuilder::new().with_status(101).with_headers(headers).with_websocket(pair.client).empty())
}
