//! Sites: where the widget stands, and who may use it there.

use super::routing::{given, hours_begun, hours_stand, hours_text, list_text, read_hours};
use crate::core::{
    away::WhenClosed,
    hours::Hours,
    id::{SiteId, TeamId, WorkspaceId},
    json,
    limits::SITES_MAX,
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// A site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// Which.
    pub id: SiteId,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// For agents.
    pub name: String,
    /// Where it may stand, each in its one form; empty: on our own pages only.
    pub domains: Vec<String>,
    /// First words in the chat; empty: the widget's own.
    pub greeting: String,
    /// `#rrggbb`, or empty.
    pub color: String,
    /// `en`, `zh`, or empty: the browser's.
    pub locale: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Whose its conversations are; absent: everybody's.
    pub team: Option<TeamId>,
    /// Serial number of the secret by which it signs who its visitors are; 0: it does not.
    pub identity: u64,
    /// Names and addresses are taken from what it has signed alone.
    pub must_prove: bool,
    /// What it does while nobody works.
    pub when_closed: WhenClosed,
    /// When somebody works for it; absent: as for its team, or the workspace.
    pub hours: Option<Hours>,
}

/// A site as its visitors meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicSite {
    /// The site.
    pub site: SiteRow,
    /// When somebody works for it; absent: always.
    pub hours: Option<Hours>,
}

impl PublicSite {
    /// Reads a row of [`public`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        let site = SiteRow::columns(&mut columns)?;
        Some(PublicSite { site, hours: read_hours(&mut columns) })
    }
}

/// A page from which a conversation came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which site's.
    pub site: SiteId,
    /// Its address, as it said itself.
    pub page: String,
    /// When that conversation was last written to.
    pub at: Timestamp,
}

impl Seen {
    /// Reads a row of [`seen`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        let site = SiteId::parse(&columns.text()).ok()?;
        Some(Seen { site, page: columns.text(), at: Timestamp(columns.int()) })
    }
}

impl SiteRow {
    /// Reads the columns of this module's statements.
    pub fn read(row: &Row) -> Option<Self> {
        SiteRow::columns(&mut Columns::of(row))
    }

    fn columns(columns: &mut Columns<'_>) -> Option<Self> {
        Some(SiteRow {
            id: SiteId::parse(&columns.text()).ok()?,
            workspace: WorkspaceId::parse(&columns.text()).ok()?,
            name: columns.text(),
            // A list that can't be read lets nobody in.
            domains: json::from_str(&columns.text()).unwrap_or_default(),
            greeting: columns.text(),
            color: columns.text(),
            locale: columns.text(),
            created_at: Timestamp(columns.int()),
            team: TeamId::parse(&columns.text()).ok(),
            identity: columns.uint(),
            must_prove: columns.int() != 0,
            when_closed: WhenClosed::parse(&columns.text()).unwrap_or_default(),
            hours: read_hours(columns),
        })
    }
}

const PUBLIC: &str = "SELECT sites.id, sites.workspace, sites.name, sites.domains, sites.greeting, sites.color, sites.locale, \
     sites.created_at, sites.team, sites.identity, sites.must_prove, sites.when_closed, \
     sites.hours, COALESCE(sites.hours, teams.hours, workspaces.hours) FROM sites LEFT JOIN workspaces ON workspaces.id = sites.workspace \
     LEFT JOIN teams ON teams.workspace = sites.workspace AND teams.id = sites.team WHERE sites.id = ?";
const FIND: &str = "SELECT id, workspace, name, domains, greeting, color, locale, created_at, team, identity, must_prove, when_closed, hours \
     FROM sites WHERE workspace = ? AND id = ?";
const LIST: &str = "SELECT id, workspace, name, domains, greeting, color, locale, created_at, team, identity, must_prove, when_closed, hours \
     FROM sites WHERE workspace = ? ORDER BY created_at, id LIMIT 1000";
/// Of the newest 200 conversations, because no index knows a site's: three rows are read for each of them, none is written
/// for this.
const SEEN: &str = "SELECT c.site AS site, json_extract(v.profile, '$.page_url') AS page, c.last_at AS at FROM \
     (SELECT site, visitor, last_at FROM conversations WHERE workspace = ?1 ORDER BY active_hour DESC LIMIT 200) c \
     JOIN visitors v ON v.id = c.visitor AND v.workspace = ?1 ORDER BY at DESC";
const INSERT: &str = "INSERT INTO sites (id, workspace, name, domains, greeting, color, locale, created_at, team, \
     when_closed, hours) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? \
     WHERE (SELECT COUNT(*) FROM sites WHERE workspace = ?2) < ?12 RETURNING id";
/// At least the moment it is made: a history that was put back gives no number twice.
const SET_IDENTITY: &str = "UPDATE sites SET identity = MAX(identity + (?3 > 0), ?3), must_prove = ?4 \
     WHERE workspace = ?1 AND id = ?2 AND identity + ?3 > 0 AND (?5 IS NULL OR identity = ?5) RETURNING identity";
/// Only what is given, so that of two changes at once each leaves what the other has changed; empty takes away. Of a list, and of
/// hours, those that it was begun from must stand, if that is said.
const UPDATE: &str = concat!(
    "UPDATE sites SET name = COALESCE(?3, name), domains = COALESCE(?4, domains), \
     greeting = COALESCE(?5, greeting), color = COALESCE(?6, color), locale = COALESCE(?7, locale), \
     team = NULLIF(COALESCE(?8, team), ''), when_closed = COALESCE(?9, when_closed), hours = NULLIF(COALESCE(?10, hours), '') \
     WHERE workspace = ?1 AND id = ?2 AND (?11 IS NULL OR domains = ?11) \
     AND ",
    hours_stand!("?12"),
    " RETURNING id, workspace, name, domains, greeting, \
     color, locale, created_at, team, identity, must_prove, when_closed, hours"
);

/// By its public id, which is the only thing that a visitor's browser brings: the tenant follows from it.
pub fn public(site: &SiteId) -> Statement {
    Statement::new(PUBLIC, [site.as_str().into()])
}

/// One of a workspace.
pub fn find(workspace: &WorkspaceId, site: &SiteId) -> Statement {
    Statement::new(FIND, [workspace.as_str().into(), site.as_str().into()])
}

/// All of a workspace, oldest first.
pub fn list(workspace: &WorkspaceId) -> Statement {
    Statement::new(LIST, [workspace.as_str().into()])
}

/// The pages on which the visitors of the newest conversations were last, newest first.
pub fn seen(workspace: &WorkspaceId) -> Statement {
    Statement::new(SEEN, [workspace.as_str().into()])
}

/// A new one; gives a row unless there are too many.
pub fn insert(site: &SiteRow) -> Statement {
    Statement::new(
        INSERT,
        [
            site.id.as_str().into(),
            site.workspace.as_str().into(),
            site.name.as_str().into(),
            list_text(&site.domains).into(),
            site.greeting.as_str().into(),
            site.color.as_str().into(),
            site.locale.as_str().into(),
            site.created_at.0.into(),
            site.team.as_ref().map(TeamId::as_str).into(),
            site.when_closed.name().into(),
            hours_text(site.hours.as_ref()),
            SITES_MAX.into(),
        ],
    )
}

/// Everything in which it is another one now, if `begun` are its domains and `begun_hours` its hours, or none are named; gives the
/// row as it stands then.
pub fn update(
    before: &SiteRow,
    after: &SiteRow,
    begun: Option<&[String]>,
    begun_hours: Option<&Option<Hours>>,
) -> Statement {
    let text = |is_new, text: &str| given(is_new, text.into());
    Statement::new(
        UPDATE,
        [
            after.workspace.as_str().into(),
            after.id.as_str().into(),
            text(after.name != before.name, &after.name),
            text(after.domains != before.domains, &list_text(&after.domains)),
            text(after.greeting != before.greeting, &after.greeting),
            text(after.color != before.color, &after.color),
            text(after.locale != before.locale, &after.locale),
            text(after.team != before.team, after.team.as_ref().map_or("", TeamId::as_str)),
            text(after.when_closed != before.when_closed, after.when_closed.name()),
            given(after.hours != before.hours, hours_text(after.hours.as_ref())),
            begun.map(list_text).into(),
            hours_begun(begun_hours),
        ],
    )
}

/// How its visitors are proven from now on; a moment makes another secret. Gives the number of the secret if there is one, and `begun` is the
/// number of the one that stands or none is named.
pub fn set_identity(
    workspace: &WorkspaceId,
    site: &SiteId,
    anew: Option<Timestamp>,
    must_prove: bool,
    begun: Option<u64>,
) -> Statement {
    let args = [
        workspace.as_str().into(),
        site.as_str().into(),
        anew.unwrap_or_default().0.into(),
        u64::from(must_prove).into(),
        begun.into(),
    ];
    Statement::new(SET_IDENTITY, args)
}
