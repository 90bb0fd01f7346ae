//! The team, the sites, routing and the audit log.
use serde::Serialize;

use super::{api::Cx, outcome::Outcome};
use crate::{
    api::{
        agents::{self, AgentView},
        audit, bot,
        context::{check_parts, read},
        decisions, links, pictures, routing,
        sessions::Signed,
        sites, tags, teams,
    },
    core::{
        error::Code,
        hours::Hours,
        id::{AgentId, SiteId, TagId, TeamId},
        problem::Problem,
        query::Query,
        route::{Param, Team},
        time::Timestamp,
    },
    edge::{idn, site_cache, zone},
};

/// Somebody who has been invited, and the link to hand over.
#[derive(Serialize)]
struct Invited {
    agent: AgentView,
    link: String,
    expires_at: String,
}

/// What is asked, and with what.
pub(super) struct Asked<'request> {
    pub what: Team,
    pub param: &'request Param,
    pub url: &'request str,
    pub body: &'request str,
    pub file: &'request [u8],
}

/// Answers what is asked of them.
pub(super) async fn answer(cx: &Cx<'_>, signed: &Signed, asked: Asked<'_>) -> Result<Outcome, Problem> {
    let Asked { what, param, url, body, file } = asked;
    let who = &signed.principal;
    check_parts(body)?;
    match what {
        Team::Agents => Outcome::wrapped(200, "agents", &agents::list(cx, who).await?),
        Team::Invite => {
            let (agent, links::Link { link, expires_at }) = agents::invite(cx, who, &read(body)?).await?;
            Outcome::json(201, &Invited { agent, link, expires_at })
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
        Team::SetPicture | Team::RemovePicture | Team::AddPicture => {
            let (status, of) = if what == Team::AddPicture { (201, None) } else { (200, Some(agent_id(param)?)) };
            let file = (what != Team::RemovePicture).then_some(file);
            pictures::change(cx, who, of, file).await.map(|answer| Outcome::written(status, answer))
        }
        Team::DeletePicture => {
            pictures::remove(cx, who, picture(param)?).await?;
            Ok(Outcome::nothing().telling(bot::told(cx, who).await?))
        }
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
            site_cache::forget_all();
            Ok(Outcome::wrapped(200, "team", &changed)?.configuring(configure))
        }
        Team::DeleteTeam => {
            let configure = teams::delete(cx, who, team_id(param)?).await?;
            Ok(Outcome::written(200, "{}".to_owned()).configuring(configure))
        }
        Team::Tags => Outcome::wrapped(200, "tags", &tags::list(cx, who).await?),
        Team::CreateTag => Outcome::wrapped(201, "tag", &tags::save(cx, who, None, read(body)?).await?),
        Team::ChangeTag => Outcome::wrapped(200, "tag", &tags::save(cx, who, Some(tag(param)?), read(body)?).await?),
        Team::DeleteTag => {
            tags::delete(cx, who, tag(param)?).await?;
            Ok(Outcome::nothing().telling(bot::told(cx, who).await?))
        }
        Team::Routing => Outcome::json(200, &routing::show(cx, who).await?),
        Team::ChangeRouting => {
            let mut draft: routing::RoutingDraft = read(body)?;
            settle_hours(&mut draft.hours, cx.now);
            let request = routing::change(cx, who, draft).await?;
            site_cache::forget_all();
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

fn agent_id(param: &Param) -> Result<&AgentId, Problem> {
    if let Param::Agent(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn site(param: &Param) -> Result<&SiteId, Problem> {
    if let Param::Site(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn team_id(param: &Param) -> Result<&TeamId, Problem> {
    if let Param::Team(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn tag(param: &Param) -> Result<&TagId, Problem> {
    if let Param::Tag(id) = param { Ok(id) } else { Err(Code::NotFound.into()) }
}

fn picture(param: &Param) -> Result<&str, Problem> {
    if let Param::Picture(hash) = param { Ok(hash) } else { Err(Code::NotFound.into()) }
}
