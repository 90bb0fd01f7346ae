//! How conversations find agents: what an admin sets, and whether the Desk works by it yet.

use serde::{Deserialize, Serialize};

use super::context::Context;
use crate::{
    core::{
        error::Code,
        internal::ConfigureRequest,
        port::{Columns, Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        routing::settings::{Method, Routing, Weights},
    },
    sql::{
        audit,
        routing::{self, Settled},
    },
};

/// `GET /routing`, and the answer to `PATCH /routing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoutingView {
    routing: Routing,
    version: u64,
    /// The Desk works by it.
    live: bool,
}

/// `PATCH /routing`: what is absent stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingDraft {
    #[serde(default)]
    method: Option<Method>,
    #[serde(default)]
    capacity: Option<u32>,
    #[serde(default)]
    ring_seconds: Option<u32>,
    #[serde(default)]
    gone_minutes: Option<u32>,
    #[serde(default)]
    weights: Option<Weights>,
}

impl RoutingView {
    /// What has just been decided.
    pub fn of(request: &ConfigureRequest, live: bool) -> Self {
        RoutingView { routing: request.routing, version: request.version, live }
    }
}

async fn settled<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Settled, Problem> {
    let row = cx.one(routing::find(&who.workspace)).await?.ok_or(Code::NotFound)?;
    routing::read(&row).map_err(|_| Code::Storage.into())
}

/// How it stands.
pub async fn show<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<RoutingView, Problem> {
    let Settled { routing, version, told } = settled(cx, who).await?;
    Ok(RoutingView { routing, version, live: told >= version })
}

/// Changes it. What comes back is for the Desk to hear; it is told until it has.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: &RoutingDraft,
) -> Result<ConfigureRequest, Problem> {
    let Settled { routing: before, version, .. } = settled(cx, who).await?;
    let routing = Routing {
        method: given.method.unwrap_or(before.method),
        capacity: given.capacity.unwrap_or(before.capacity),
        ring_seconds: given.ring_seconds.unwrap_or(before.ring_seconds),
        gone_minutes: given.gone_minutes.unwrap_or(before.gone_minutes),
        weights: given.weights.unwrap_or(before.weights),
    };
    routing.check().map_err(|(field, message)| Problem::field(field, message))?;
    let save = routing::save(&who.workspace, &routing, version, cx.now).map_err(|_| Problem::from(Code::Storage))?;
    let text = serde_json::to_string(&routing).unwrap_or_default();
    let target = who.workspace.as_str();
    let entry = audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), "routing_changed", target, &text);
    let rows = cx.run(vec![save, entry]).await?;
    let saved = rows_of(&rows, 0).first().map(|row| Columns::of(row).uint());
    // Somebody else was first: what is asked for may not fit what stands now.
    let version = saved.ok_or_else(|| Problem::new(Code::Conflict, "the settings have just been changed"))?;
    Ok(ConfigureRequest { workspace: who.workspace.clone(), version, routing })
}
