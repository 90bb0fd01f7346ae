//! How often a workspace's language model was asked this hour and today, what that took, and how often the owner's systems were called: by
//! site, too.
use crate::core::{
    bot::ceilings::{Ceilings, Spent},
    id::{SiteId, WorkspaceId},
    limits::{SITE_ACTIONS_PER_HOUR, SITE_WEBHOOKS_PER_HOUR},
    port::{Columns, Row, Statement, Value},
    time::{HOUR, Timestamp},
};

/// The hour of a row, or of a clock that is a little behind it.
macro_rules! same_hour {
    () => {
        "excluded.hour IN (hour, hour - 1)"
    };
}
macro_rules! same_day {
    () => {
        "(excluded.hour / 24 = hour / 24 OR excluded.hour = hour - 1)"
    };
}

/// `?5` is the place of the site in `sites`, `?7` what the question may take.
const COUNT: &str = concat!(
    "INSERT INTO bot_consults (workspace, hour, in_hour, in_day, sites, tokens) VALUES (?1, ?2, 1, 1, json_set('{}', ?5, 1), ?7) \
     ON CONFLICT (workspace) DO UPDATE SET in_hour = CASE WHEN ",
    same_hour!(),
    " THEN in_hour + 1 ELSE 1 END, in_day = CASE WHEN ",
    same_day!(),
    " THEN in_day + 1 ELSE 1 END, tokens = CASE WHEN ",
    same_day!(),
    " THEN tokens + ?7 ELSE ?7 END, sites = CASE WHEN ",
    same_hour!(),
    " THEN json_set(sites, ?5, COALESCE(sites ->> ?5, 0) + 1) ELSE excluded.sites END, hour = CASE WHEN ",
    same_hour!(),
    " THEN hour ELSE excluded.hour END WHERE (NOT ",
    same_hour!(),
    " OR in_hour < ?3 AND COALESCE(sites ->> ?5, 0) < ?6) AND (NOT ",
    same_day!(),
    " OR in_day < ?4 AND tokens + ?7 <= ?8) RETURNING hour / 24",
);
const SETTLE: &str =
    "UPDATE bot_consults SET tokens = MAX(tokens + ?3, 0) WHERE workspace = ?1 AND hour / 24 = ?2 AND ?3 <> 0";
/// The day is a value of its own: D1 takes every number for a fraction, and `?2 / 24` would be one.
const SPENT: &str =
    "SELECT in_day, tokens FROM bot_consults WHERE workspace = ?1 AND (hour / 24 = ?3 OR hour - 1 = ?2)";
/// Of a site and what is called, `site` is the name.
const COUNT_CALL: &str = "INSERT INTO bot_actions (site, workspace, hour, in_hour) VALUES (?1, ?2, ?3, 1) \
     ON CONFLICT (site) DO UPDATE SET in_hour = CASE WHEN hour = excluded.hour THEN in_hour + 1 ELSE 1 END, hour = excluded.hour \
     WHERE workspace = excluded.workspace AND (hour <> excluded.hour OR in_hour < ?4) RETURNING in_hour";

/// Counts one more question to a model, which may take so many tokens; gives a row ([`read_counted`]) unless that is too much for this
/// hour or today.
pub fn count(workspace: &WorkspaceId, site: &SiteId, ceilings: &Ceilings, most: u32, now: Timestamp) -> Statement {
    Statement::new(
        COUNT,
        [
            workspace.as_str().into(),
            hour(now).into(),
            ceilings.per_hour().into(),
            u64::from(ceilings.calls_per_day).into(),
            // Ids have nothing in them that ends a name.
            format!("$.{site}").into(),
            ceilings.per_site().into(),
            u64::from(most).into(),
            u64::from(ceilings.tokens_per_day).into(),
        ],
    )
}

/// The day that a question has counted for.
pub fn read_counted(row: &Row) -> i64 {
    Columns::of(row).int()
}

/// Puts right what one of that day was thought to take at the most.
pub fn settle(workspace: &WorkspaceId, day: i64, most: u32, spent: u32) -> Statement {
    Statement::new(SETTLE, [workspace.as_str().into(), day.into(), (i64::from(spent) - i64::from(most)).into()])
}

/// What was spent today; read by [`read_spent`].
pub fn spent(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    Statement::new(SPENT, [workspace.as_str().into(), hour(now).into(), (hour(now) / 24).into()])
}

/// Reads the row of [`spent`]; where there is none nothing was.
pub fn read_spent(row: Option<&Row>) -> Spent {
    let Some(row) = row else { return Spent::default() };
    let mut columns = Columns::of(row);
    Spent { calls: columns.uint(), tokens: columns.uint() }
}

/// Counts one more call to an owner's system; gives a row unless that is one too many for this hour.
pub fn count_action(workspace: &WorkspaceId, site: &SiteId, now: Timestamp) -> Statement {
    count_call(workspace, site.to_string(), SITE_ACTIONS_PER_HOUR, now)
}

/// The same of a bot of the workspace's own, in a row beside it.
pub fn count_webhook(workspace: &WorkspaceId, site: &SiteId, now: Timestamp) -> Statement {
    count_call(workspace, format!("{site}/webhook"), SITE_WEBHOOKS_PER_HOUR, now)
}

fn count_call(workspace: &WorkspaceId, whose: String, most: u64, now: Timestamp) -> Statement {
    Statement::new(COUNT_CALL, [Value::Text(whose), workspace.as_str().into(), hour(now).into(), most.into()])
}

fn hour(now: Timestamp) -> i64 {
    now.0.div_euclid(HOUR)
}

#[cfg(test)]
mod tests;
