//! How often a workspace's language model was asked today.
use crate::core::{
    id::WorkspaceId,
    limits::CONSULTS_PER_DAY,
    port::Statement,
    time::{DAY, Timestamp},
};

const COUNT: &str = "INSERT INTO bot_consults (workspace, day, asked) VALUES (?1, ?2, 1) \
     ON CONFLICT (workspace) DO UPDATE SET asked = CASE WHEN day = excluded.day THEN asked + 1 ELSE 1 END, day = excluded.day \
     WHERE day <> excluded.day OR asked < ?3 RETURNING asked";

/// Counts one more; gives a row unless that is one too many for today.
pub fn count(workspace: &WorkspaceId, now: Timestamp) -> Statement {
    Statement::new(COUNT, [workspace.as_str().into(), now.0.div_euclid(DAY).into(), CONSULTS_PER_DAY.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{id::Entropy, port::rows_of},
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
        let today = 20_000 * DAY;
        for _ in 0..CONSULTS_PER_DAY {
            assert!(may(&one, today));
        }
        assert!(!may(&one, today + DAY - 1) && !may(&one, today));
        assert!(may(&other, today));
        assert!(may(&one, today + DAY) && may(&one, today + DAY));
    }
}
