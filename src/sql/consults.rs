//! How often a workspace's language model was asked this hour and today.
use crate::core::{
    id::WorkspaceId,
    limits::{WORKSPACE_CONSULTS_PER_DAY, WORKSPACE_CONSULTS_PER_HOUR},
    port::Statement,
    time::{HOUR, Timestamp},
};

const COUNT: &str = "INSERT INTO bot_consults (workspace, hour, in_hour, in_day) VALUES (?1, ?2, 1, 1) \
     ON CONFLICT (workspace) DO UPDATE SET \
     in_hour = CASE WHEN hour = excluded.hour THEN in_hour + 1 ELSE 1 END, \
     in_day = CASE WHEN hour / 24 = excluded.hour / 24 THEN in_day + 1 ELSE 1 END, hour = excluded.hour \
     WHERE (hour <> excluded.hour OR in_hour < ?3) AND (hour / 24 <> excluded.hour / 24 OR in_day < ?4) RETURNING in_day";

/// Counts one more; gives a row unless that is one too many for this hour or today.
pub fn count(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    let hour = now.0.div_euclid(HOUR);
    Statement::new(
        COUNT,
        [workspace.as_str().into(), hour.into(), WORKSPACE_CONSULTS_PER_HOUR.into(), WORKSPACE_CONSULTS_PER_DAY.into()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{id::Entropy, port::rows_of, time::DAY},
        sql::testing::TestDatabase,
    };

    #[test]
    fn a_day_has_its_ceiling_and_so_has_each_workspace() {
        let database = TestDatabase::migrated();
        let [one, other] = [1, 2].map(|seed| WorkspaceId::draw(&mut Entropy::new(seed)));
        for workspace in [&one, &other] {
            let row = "INSERT INTO workspaces (id, name, created_at) VALUES (?, 'a', 0)";
            database.sql.connection.execute(row, [workspace.as_str()]).unwrap();
        }
        let may = |workspace: &WorkspaceId, now: i64| {
            let rows = database.run(vec![count(workspace, Timestamp(now))]).unwrap();
            !rows_of(&rows, 0).is_empty()
        };
        let hours = |from: i64| (from..).map(|hour| 20_000 * DAY + hour * HOUR);
        let today = 20_000 * DAY;
        for _ in 0..WORKSPACE_CONSULTS_PER_HOUR {
            assert!(may(&one, today));
        }
        assert!(!may(&one, today + HOUR - 1) && !may(&one, today));
        assert!(may(&other, today));
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
        assert!(!may(&one, today + DAY - 1));
        assert!(may(&one, today + DAY) && may(&one, today + DAY));
    }
}
