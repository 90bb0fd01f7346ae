//! Sites: where the widget may stand and how it greets.

use serde::{Deserialize, Serialize};

use super::{
    context::{Context, color, line, name, overtaken},
    routing::{commit, fits},
    teams::{checked, given, is_other},
};
use crate::{
    core::{
        away::WhenClosed,
        error::Code,
        hours::Hours,
        id::{SiteId, TeamId},
        internal::ConfigureRequest,
        limits::{GREETING_CHARS, NAME_CHARS},
        origin::{OwnOrigin, parse_domains, site_allows},
        port::{BatchRows, Columns, Database, Statement, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::{
        audit,
        sites::{self, Seen, SiteRow},
        teams,
    },
};

/// A site, as the API says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteView {
    id: SiteId,
    name: String,
    domains: Vec<String>,
    greeting: String,
    color: String,
    locale: String,
    /// What the owner pastes into their pages.
    snippet: String,
    created_at: String,
    team: Option<TeamId>,
    /// Said in the list, and to those who manage.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Option<SeenView>>,
    when_closed: WhenClosed,
    hours: Option<Hours>,
}

/// Where visitors have used it lately, which shows that the snippet is in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SeenView {
    host: String,
    at: String,
}

impl SeenView {
    /// If the page may use the site and is none of ours. What a page says of itself is believed no further than that.
    fn of(own: &OwnOrigin, site: &SiteRow, seen: &Seen) -> Option<Self> {
        let (scheme, address) = seen.page.split_once("://")?;
        let host = address.split(['/', '?', '#']).next()?;
        let origin = format!("{scheme}://{host}");
        let is_theirs = seen.site == site.id && !own.owns(&origin) && site_allows(&site.domains, own, &origin);
        is_theirs.then(|| SeenView { host: host.to_owned(), at: seen.at.rfc3339() })
    }
}

impl SiteView {
    fn of(own: &OwnOrigin, site: SiteRow) -> Self {
        let SiteRow { id, name, domains, greeting, color, locale, created_at, team, when_closed, hours, .. } = site;
        // Only a site that may be hidden asks whether it is open, so only its snippet says so.
        let closed = if when_closed == WhenClosed::Hide { " data-closed=\"hide\"" } else { "" };
        let snippet = format!("<script async src=\"{own}/widget.js\" data-site=\"{id}\"{closed}></script>");
        let (created_at, hours) = (created_at.rfc3339(), hours.as_ref().map(Hours::shown));
        SiteView {
            id,
            name,
            domains,
            greeting,
            color,
            locale,
            snippet,
            created_at,
            team,
            seen: None,
            when_closed,
            hours,
        }
    }
}

/// `POST /sites`, and `PATCH /sites/{id}` where what is absent stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteDraft {
    #[serde(default)]
    name: Option<String>,
    /// In ASCII: other scripts have been brought to that form by the platform.
    #[serde(default)]
    pub domains: Option<Vec<String>>,
    /// Those that the change began from: others are not written over.
    #[serde(default)]
    domains_before: Option<Vec<String>>,
    #[serde(default)]
    greeting: Option<String>,
    #[serde(default)]
    color: Option<String>,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default, deserialize_with = "given")]
    team: Option<Option<TeamId>>,
    #[serde(default)]
    when_closed: Option<WhenClosed>,
    /// Settled: with the offsets of their zone.
    #[serde(default, deserialize_with = "given")]
    pub hours: Option<Option<Hours>>,
    /// Those that the change began from: others are not written over.
    #[serde(default, deserialize_with = "given")]
    hours_before: Option<Option<Hours>>,
}

impl SiteDraft {
    /// Routing is to hear of it.
    fn is_routed(&self) -> bool {
        self.team.is_some() || self.when_closed.is_some() || self.hours.is_some()
    }

    async fn apply<D: Database>(
        &self,
        cx: &Context<'_, D>,
        who: &AgentPrincipal,
        site: &mut SiteRow,
    ) -> Result<(), Problem> {
        if let Some(team) = &self.team {
            if let Some(id) = team {
                let row = cx.one(teams::exists(&site.workspace, id)).await?;
                row.ok_or_else(|| Problem::field("team", "not a team of this workspace"))?;
            }
            site.team.clone_from(team);
        }
        if let Some(hours) = &self.hours {
            site.hours = checked(hours.clone())?;
            let (id, hours) = (site.id.clone(), site.hours.clone());
            fits(cx, who, |roster| {
                roster.site_hours.retain(|(it, _)| *it != id);
                roster.site_hours.extend(hours.map(|hours| (id, hours)));
            })
            .await?;
        }
        site.when_closed = self.when_closed.unwrap_or(site.when_closed);
        if let Some(text) = &self.name {
            site.name = name("name", text, NAME_CHARS)?;
        }
        if let Some(entries) = &self.domains {
            site.domains = parse_domains(entries).map_err(|_| {
                Problem::field("domains", "an entry is not a domain such as shop.example or *.shop.example")
            })?;
        }
        if let Some(text) = &self.greeting {
            let one_line = text.replace(['\r', '\n'], " ");
            line("greeting", &one_line, GREETING_CHARS)?;
            text.trim().clone_into(&mut site.greeting);
        }
        if let Some(text) = &self.color {
            site.color = color(text)?;
        }
        if let Some(text) = &self.locale {
            if !["", "en", "zh-CN"].contains(&text.as_str()) {
                return Err(Problem::field("locale", "en, zh-CN, or empty for the page's"));
            }
            site.locale.clone_from(text);
        }
        Ok(())
    }
}

/// `GET /sites`. Only those who manage are told where each was seen: nobody else looks whether the snippet is in place.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<SiteView>, Problem> {
    let mut statements = vec![sites::list(&who.workspace)];
    if who.role.manages() {
        statements.push(sites::seen(&who.workspace));
    }
    let rows = cx.run(statements).await?;
    let seen: Vec<Seen> = rows_of(&rows, 1).iter().filter_map(Seen::read).collect();
    let view = |site: SiteRow| {
        let found = seen.iter().find_map(|seen| SeenView::of(cx.own, &site, seen));
        SiteView { seen: who.role.manages().then_some(found), ..SiteView::of(cx.own, site) }
    };
    Ok(rows_of(&rows, 0).iter().filter_map(SiteRow::read).map(view).collect())
}

/// A new site.
pub async fn create<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: &SiteDraft,
) -> Result<(SiteView, Option<ConfigureRequest>), Problem> {
    let mut site = SiteRow {
        id: cx.draw(SiteId::draw),
        workspace: who.workspace.clone(),
        name: String::new(),
        domains: Vec::new(),
        greeting: String::new(),
        color: String::new(),
        locale: String::new(),
        created_at: cx.now,
        team: None,
        identity: 0,
        must_prove: false,
        when_closed: WhenClosed::default(),
        hours: None,
    };
    given.apply(cx, who, &mut site).await?;
    name("name", &site.name, NAME_CHARS)?;
    let actor = who.agent.as_str();
    let entry = audit::add_if_changed(&who.workspace, cx.now, actor, "site_created", site.id.as_str(), &site.name);
    let (rows, configure) = save(cx, who, given, vec![sites::insert(&site), entry]).await?;
    if rows_of(&rows, 0).is_empty() {
        return Err(Problem::field("sites", "there are 200 sites already").with_code(Code::Conflict));
    }
    Ok((SiteView::of(cx.own, site), configure))
}

async fn found<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &SiteId) -> Result<SiteRow, Problem> {
    let row = cx.one(sites::find(&who.workspace, id)).await?;
    row.as_ref().and_then(SiteRow::read).ok_or_else(|| Code::NotFound.into())
}

/// Changes a site; what is not given stays.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &SiteId,
    given: &SiteDraft,
) -> Result<(SiteView, Option<ConfigureRequest>), Problem> {
    let before = found(cx, who, id).await?;
    let mut site = before.clone();
    given.apply(cx, who, &mut site).await?;
    let domains = site.domains.join(" ");
    let entry =
        audit::add_if_changed(&who.workspace, cx.now, who.agent.as_str(), "site_changed", id.as_str(), &domains);
    let begun = given.hours_before.as_ref().filter(|_| given.hours.is_some());
    let changed = sites::update(&before, &site, given.domains_before.as_deref(), begun);
    let (rows, configure) = save(cx, who, given, vec![changed, entry]).await?;
    let row = rows_of(&rows, 0).first().and_then(SiteRow::read).ok_or_else(|| {
        let mut all = configure.iter().flat_map(|it| &it.roster).flat_map(|roster| &roster.site_hours);
        let stands = all.find(|(it, _)| it == id).map(|(_, hours)| hours);
        overtaken(if given.domains_before.is_none() || is_other(begun, stands) { "hours" } else { "domains" })
    })?;
    Ok((SiteView::of(cx.own, row), configure))
}

/// Routing knows nothing of a site but whose it is, when it is open, and what it does while it is closed.
async fn save<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: &SiteDraft,
    statements: Vec<Statement>,
) -> Result<(BatchRows, Option<ConfigureRequest>), Problem> {
    if !given.is_routed() {
        return Ok((cx.run(statements).await?, None));
    }
    let (rows, request) = commit(cx, who, statements, Vec::new()).await?;
    Ok((rows, Some(request)))
}

/// How a site proves who its visitors are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityView {
    /// What its server signs with; `null`: it does not. HS256 takes the bytes of this text.
    secret: Option<String>,
    /// Names and addresses are taken from what is signed alone.
    enforced: bool,
}

/// `POST /sites/{id}/identity`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityDraft {
    /// Makes another secret; what was signed with the one before is worth nothing from then on.
    #[serde(default)]
    new_secret: bool,
    /// The one that this began from, `null` for none: another one is not replaced.
    #[serde(default, deserialize_with = "given")]
    secret_before: Option<Option<String>>,
    /// Absent: as it was, and with the first secret `true`.
    #[serde(default)]
    enforced: Option<bool>,
}

/// How it stands.
pub async fn identity<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &SiteId,
) -> Result<IdentityView, Problem> {
    Ok(proves(cx, &found(cx, who, id).await?))
}

fn proves<D: Database>(cx: &Context<'_, D>, site: &SiteRow) -> IdentityView {
    let secret = (site.identity > 0).then(|| cx.keys.identity_secret(&site.id, site.identity));
    IdentityView { secret, enforced: site.must_prove }
}

/// Changes it.
pub async fn change_identity<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &SiteId,
    given: &IdentityDraft,
) -> Result<IdentityView, Problem> {
    let site = found(cx, who, id).await?;
    let before = proves(cx, &site);
    let begun = given.secret_before.as_ref();
    if begun.is_some_and(|secret| *secret != before.secret) {
        return Err(overtaken("secret"));
    }
    if before.secret.is_none() && !given.new_secret {
        return Err(Problem::field("new_secret", "there is no secret yet"));
    }
    let enforced = given.enforced.unwrap_or(before.enforced || before.secret.is_none());
    let action = if given.new_secret { "identity_secret_made" } else { "identity_changed" };
    let actor = who.agent.as_str();
    let entry = audit::add_if_changed(
        &who.workspace,
        cx.now,
        actor,
        action,
        id.as_str(),
        if enforced { "enforced" } else { "" },
    );
    let anew = given.new_secret.then_some(cx.now);
    let changed = sites::set_identity(&who.workspace, id, anew, enforced, begun.map(|_| site.identity));
    let rows = cx.run(vec![changed, entry]).await?;
    let serial = rows_of(&rows, 0).first().map(|row| Columns::of(row).uint()).ok_or_else(|| overtaken("secret"))?;
    Ok(IdentityView { secret: Some(cx.keys.identity_secret(id, serial)), enforced })
}
