//! How conversations find agents: what an admin sets, and whether the Desk works by it yet.

use serde::{Deserialize, Serialize};

use super::{
    context::{Context, overtaken},
    teams::{checked, given, is_other},
};
use crate::{
    core::{
        error::Code,
        hours::Hours,
        internal::ConfigureRequest,
        limits::ROSTER_BYTES,
        port::{BatchRows, Database, Statement, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        routing::{
            roster::Roster,
            settings::{Method, Routing, Weights},
        },
    },
    sql::{
        audit,
        routing::{self, Settled},
    },
};

/// `GET /routing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoutingView {
    routing: Routing,
    /// When the workspace is open; `null`: always.
    hours: Option<Hours>,
    version: u64,
    /// The Desk works by it.
    live: bool,
}

/// The answer to `PATCH /routing`; whether it is live is said when the Desk has been told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    routing: Routing,
    hours: Option<Hours>,
    version: u64,
}

impl Changed {
    /// What has just been decided.
    pub fn of(request: &ConfigureRequest) -> Self {
        let hours = request.roster.as_ref().and_then(|roster| roster.hours.as_ref());
        Changed { routing: request.routing, hours: hours.map(Hours::shown), version: request.version }
    }
}

/// The weights among them.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WeightsDraft {
    load: Option<u32>,
    idle: Option<u32>,
    language: Option<u32>,
    skill: Option<u32>,
    distance: Option<u32>,
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
    overflow_minutes: Option<u32>,
    #[serde(default)]
    reopen_hours: Option<u32>,
    #[serde(default)]
    last_agent_days: Option<u32>,
    #[serde(default)]
    ageing_minutes: Option<u32>,
    #[serde(default)]
    reserved_slots: Option<u32>,
    #[serde(default)]
    form_minutes: Option<u32>,
    #[serde(default)]
    follow_up_seconds: Option<u32>,
    #[serde(default)]
    idle_minutes: Option<u32>,
    #[serde(default)]
    idle_warning_minutes: Option<u32>,
    #[serde(default)]
    weights: WeightsDraft,
    /// Settled: with the offsets of their zone.
    #[serde(default, deserialize_with = "given")]
    pub hours: Option<Option<Hours>>,
    /// Those that the change began from: others are not written over.
    #[serde(default, deserialize_with = "given")]
    hours_before: Option<Option<Hours>>,
}

async fn settled<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Settled, Problem> {
    let row = cx.one(routing::find(&who.workspace)).await?.ok_or(Code::NotFound)?;
    routing::read(&row).map_err(|_| Code::Storage.into())
}

/// How it stands.
pub async fn show<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<RoutingView, Problem> {
    let Settled { routing, version, told, hours } = settled(cx, who).await?;
    Ok(RoutingView { routing, hours: hours.as_ref().map(Hours::shown), version, live: told >= version })
}

/// Changes it. What comes back is for the Desk to hear; it is told until it has.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: RoutingDraft,
) -> Result<ConfigureRequest, Problem> {
    let settled = settled(cx, who).await?;
    let before = settled.routing;
    let routing = Routing {
        method: given.method.unwrap_or(before.method),
        capacity: given.capacity.unwrap_or(before.capacity),
        ring_seconds: given.ring_seconds.unwrap_or(before.ring_seconds),
        gone_minutes: given.gone_minutes.unwrap_or(before.gone_minutes),
        overflow_minutes: given.overflow_minutes.unwrap_or(before.overflow_minutes),
        reopen_hours: given.reopen_hours.unwrap_or(before.reopen_hours),
        last_agent_days: given.last_agent_days.unwrap_or(before.last_agent_days),
        ageing_minutes: given.ageing_minutes.unwrap_or(before.ageing_minutes),
        reserved_slots: given.reserved_slots.unwrap_or(before.reserved_slots),
        idle_minutes: given.idle_minutes.unwrap_or(before.idle_minutes),
        idle_warning_minutes: given.idle_warning_minutes.unwrap_or(before.idle_warning_minutes),
        form_minutes: given.form_minutes.unwrap_or(before.form_minutes),
        follow_up_seconds: given.follow_up_seconds.unwrap_or(before.follow_up_seconds),
        weights: Weights {
            load: given.weights.load.unwrap_or(before.weights.load),
            idle: given.weights.idle.unwrap_or(before.weights.idle),
            language: given.weights.language.unwrap_or(before.weights.language),
            skill: given.weights.skill.unwrap_or(before.weights.skill),
            distance: given.weights.distance.unwrap_or(before.weights.distance),
        },
    };
    routing.check().map_err(|(field, message)| Problem::field(field, message))?;
    let sets_hours = given.hours.is_some();
    let begun = given.hours_before.filter(|_| sets_hours);
    if is_other(begun.as_ref(), settled.hours.as_ref()) {
        return Err(overtaken("hours"));
    }
    let hours = given.hours.map_or(Ok(settled.hours), checked)?;
    if sets_hours {
        fits(cx, who, |roster| roster.hours.clone_from(&hours)).await?;
    }
    let settled = Settled { routing, hours, ..settled };
    let save = routing::save(&who.workspace, &settled, cx.now).map_err(|_| Problem::from(Code::Storage))?;
    let text = serde_json::to_string(&routing).unwrap_or_default();
    let target = who.workspace.as_str();
    let entry = audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), "routing_changed", target, &text);
    let whole = routing::whole(&who.workspace);
    let rows = cx.run([save, entry].into_iter().chain(whole).collect()).await?;
    let request = routing::read_whole(&who.workspace, &rows, 2).ok_or(Code::Storage)?;
    if rows_of(&rows, 0).is_empty() {
        // Somebody else was first: what is asked for may not fit what stands now.
        let stands = request.roster.as_ref().and_then(|roster| roster.hours.as_ref());
        let late = || Problem::new(Code::Conflict, "the settings have just been changed");
        return Err(if is_other(begun.as_ref(), stands) { overtaken("hours") } else { late() });
    }
    Ok(request)
}

/// Whether everything still fits into what a Desk can keep, with a change to it: looked at before anything is saved. What makes it
/// smaller fits in any case.
pub async fn fits<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    change: impl FnOnce(&mut Roster),
) -> Result<(), Problem> {
    let rows = cx.run(routing::whole(&who.workspace).to_vec()).await?;
    let before = routing::read_whole(&who.workspace, &rows, 0).and_then(|it| it.roster).ok_or(Code::Storage)?;
    let mut after = before.clone();
    change(&mut after);
    let [before, after] =
        [before, after].map(|roster| serde_json::to_string(&roster).map_or(usize::MAX, |text| text.len()));
    if after > ROSTER_BYTES && after > before {
        let message = "teams, hours and what agents can do are over 1,500,000 bytes together";
        return Err(Problem::new(Code::TooLarge, message));
    }
    Ok(())
}

/// Carries out what changes something that routing knows. The last of `statements` must have changed a row, or the Desk is told
/// nothing new; `more` follows in any case. Gives the rows of `statements`, and what the Desk is to hear.
pub async fn commit<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    mut statements: Vec<Statement>,
    more: Vec<Statement>,
) -> Result<(BatchRows, ConfigureRequest), Problem> {
    statements.push(routing::raise(&who.workspace, cx.now));
    statements.extend(more);
    let from = statements.len();
    statements.extend(routing::whole(&who.workspace));
    let rows = cx.run(statements).await?;
    let request = routing::read_whole(&who.workspace, &rows, from).ok_or(Code::Storage)?;
    Ok((rows, request))
}
