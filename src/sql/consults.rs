//! How often a workspace's language model was asked this hour and today, and the owner's systems were called: by site, too.
use crate::core::{
    id::{SiteId, WorkspaceId},
    limits::{
        SITE_ACTIONS_PER_HOUR, SITE_CONSULTS_PER_HOUR, SITE_WEBHOOKS_PER_HOUR, WORKSPACE_CONSULTS_PER_DAY,
        WORKSPACE_CONSULTS_PER_HOUR,
    },
    port::{Statement, Value},
    time::{HOUR, Timestamp},
};

/// `?5` is the place of the site in `sites`.
const COUNT: &str = "INSERT INTO bot_consults (workspace, hour, in_hour, in_day, sites) VALUES (?1, ?2, 1, 1, json_set('{}', ?5, 1)) \
     ON CONFLICT (workspace) DO UPDATE SET \
     in_hour = CASE WHEN hour = excluded.hour THEN in_hour + 1 ELSE 1 END, \
     in_day = CASE WHEN hour / 24 = excluded.hour / 24 THEN in_day + 1 ELSE 1 END, \
     sites = CASE WHEN hour = excluded.hour THEN json_set(sites, ?5, COALESCE(sites ->> ?5, 0) + 1) ELSE excluded.sites END, \
     hour = excluded.hour \
     WHERE (hour <> excluded.hour OR in_hour < ?3 AND COALESCE(sites ->> ?5, 0) < ?6) \
     AND (hour / 24 <> excluded.hour / 24 OR in_day < ?4) RETURNING in_day";
/// Of a site and what is called, `site` is the name.
const COUNT_CALL: &str = "INSERT INTO bot_actions (site, workspace, hour, in_hour) VALUES (?1, ?2, ?3, 1) \
     ON CONFLICT (site) DO UPDATE SET in_hour = CASE WHEN hour = excluded.hour THEN in_hour + 1 ELSE 1 END, hour = excluded.hour \
     WHERE workspace = excluded.workspace AND (hour <> excluded.hour OR in_hour < ?4) RETURNING in_hour";

/// Counts one more question to a model; gives a row unless that is one too many for this hour or today.
pub fn count(workspace: &WorkspaceId, site: &SiteId, now: Timestamp) -> Statement {
    Statement::new(
        COUNT,
        [
            workspace.as_str().into(),
            hour(now).into(),
            WORKSPACE_CONSULTS_PER_HOUR.into(),
            WORKSPACE_CONSULTS_PER_DAY.into(),
            // Ids have nothing in them that ends a name.
            format!("$.{site}").into(),
            SITE_CONSULTS_PER_HOUR.into(),
        ],
    )
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
mod tests {
    use super::*;
    use crate::{
        core::{id::Entropy, port::rows_of, time::DAY},
        sql::testing::TestDatabase,
    };

    const TODAY: i64 = 20_000 * DAY;

    fn site(number: u128) -> SiteId {
        SiteId::draw(&mut Entropy::new(number))
    }

    /// Two workspaces.
    fn world() -> (TestDatabase, [WorkspaceId; 2]) {
        let database = TestDatabase::migrated();
        let both = [1, 2].map(|seed| WorkspaceId::draw(&mut Entropy::new(seed)));
        for workspace in &both {
            let row = "INSERT INTO workspaces (id, name, created_at) VALUES (?, 'a', 0)";
            database.sql.connection.execute(row, [workspace.as_str()]).unwrap();
        }
        (database, both)
    }

    fn may(database: &TestDatabase, statement: Statement) -> bool {
        !rows_of(&database.run(vec![statement]).unwrap(), 0).is_empty()
    }

    #[test]
    fn a_day_has_its_ceiling_and_so_has_each_workspace() {
        let (database, [one, other]) = world();
        // Each time another site, so that only the workspace's own ceilings are met.
        let sites = std::cell::Cell::new(0);
        let may = |workspace: &WorkspaceId, now: i64| {
            sites.set(sites.get() + 1);
            may(&database, count(workspace, &site(sites.get() % 7), Timestamp(now)))
        };
        let hours = |from: i64| (from..).map(|hour| TODAY + hour * HOUR);
        for _ in 0..WORKSPACE_CONSULTS_PER_HOUR {
            assert!(may(&one, TODAY));
        }
        assert!(!may(&one, TODAY + HOUR - 1) && !may(&one, TODAY));
        assert!(may(&other, TODAY));
        // The hours after it, as many as the day has room for.
        let mut left = WORKSPACE_CONSULTS_PER_DAY - WORKSPACE_CONSULTS_PER_HOUR;
        for hour in hours(1) {
            let many = left.min(WORKSPACE_CONSULTS_PER_HOUR);
            assert!((0..many).all(|_| may(&one, hour)));
            assert!(!may(&one, hour));
            left -= many;
            if left == 0 {
                break;
            }
        }
        assert!(!may(&one, TODAY + DAY - 1));
        assert!(may(&one, TODAY + DAY) && may(&one, TODAY + DAY));
    }

    #[test]
    fn one_site_leaves_something_of_the_hour_to_the_others() {
        let (database, [one, _]) = world();
        let may = |number: u128, now: i64| may(&database, count(&one, &site(number), Timestamp(now)));
        for _ in 0..SITE_CONSULTS_PER_HOUR {
            assert!(may(7, TODAY));
        }
        assert!(!may(7, TODAY + HOUR - 1));
        // What was refused has counted for nobody.
        for _ in SITE_CONSULTS_PER_HOUR..WORKSPACE_CONSULTS_PER_HOUR {
            assert!(may(8, TODAY));
        }
        assert!(!may(8, TODAY) && !may(9, TODAY), "the workspace's own");
        for number in [7, 8, 9] {
            assert!(may(number, TODAY + HOUR), "another hour");
        }
        let sql = "SELECT COUNT(*) FROM bot_consults, json_each(sites)";
        let kept: i64 = database.sql.connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 3, "of a former hour nothing is kept");
    }

    /// A row as the code before the sites has left it.
    #[test]
    fn an_older_row_counts_on() {
        let (database, [one, _]) = world();
        let row = "INSERT INTO bot_consults (workspace, hour, in_hour, in_day) VALUES (?, ?, 299, 299)";
        database.sql.connection.execute(row, rusqlite::params![one.as_str(), TODAY / HOUR]).unwrap();
        let may = |now: i64| may(&database, count(&one, &site(7), Timestamp(now)));
        assert!(may(TODAY) && !may(TODAY) && may(TODAY + HOUR));
    }

    #[test]
    fn a_site_s_calls_have_a_ceiling_by_the_hour() {
        let (database, [one, other]) = world();
        let may = |workspace: &WorkspaceId, number: u128, now: i64| {
            may(&database, count_action(workspace, &site(number), Timestamp(now)))
        };
        for _ in 0..SITE_ACTIONS_PER_HOUR {
            assert!(may(&one, 7, TODAY));
        }
        assert!(!may(&one, 7, TODAY + HOUR - 1) && may(&one, 8, TODAY));
        assert!(!may(&other, 7, TODAY + HOUR), "INV-8: the site is another workspace's");
        assert!(may(&one, 7, TODAY + HOUR) && may(&one, 7, TODAY + HOUR));
    }

    #[test]
    fn a_bot_of_one_s_own_has_a_ceiling_of_its_own_and_so_have_its_tries() {
        let (database, [one, other]) = world();
        let may =
            |workspace: &WorkspaceId, site: &SiteId| may(&database, count_webhook(workspace, site, Timestamp(TODAY)));
        for _ in 0..SITE_WEBHOOKS_PER_HOUR {
            assert!(may(&one, &site(7)));
        }
        assert!(!may(&one, &site(7)) && may(&one, &site(8)));
        let action = |number: u128| super::count_action(&one, &site(number), Timestamp(TODAY));
        assert!(super::tests::may(&database, action(7)), "actions are counted beside it");
        // Tries belong to no site, and to one workspace.
        for workspace in [&one, &other] {
            assert!(may(workspace, &SiteId::of_none(workspace)) && may(workspace, &SiteId::of_none(workspace)));
            assert_eq!(SiteId::parse(SiteId::of_none(workspace).as_str()), Ok(SiteId::of_none(workspace)));
        }
    }
}
