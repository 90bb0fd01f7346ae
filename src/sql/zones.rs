//! Hours whose zones are to be looked up again. What is saved with them reaches some years ahead and is what was known then; but
//! governments change their zones, sometimes within weeks.

use super::routing::{hours_text, raise};
use crate::core::{
    hours::Hours,
    id::WorkspaceId,
    json,
    limits::ZONES_PER_SWEEP,
    port::{Columns, Row, Statement, Value},
    time::Timestamp,
};

/// Where hours are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Workspace,
    Team,
    Site,
}

/// Hours that were looked up long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldZone {
    place: Place,
    id: String,
    workspace: WorkspaceId,
    /// As they are stored.
    stored: String,
    /// The hours.
    pub hours: Hours,
}

/// The first moment of what was looked up is the day of that.
const DUE: &str = "SELECT place, id, workspace, hours FROM (\
     SELECT 0 AS place, id, id AS workspace, hours FROM workspaces WHERE hours IS NOT NULL \
     UNION ALL SELECT 1, id, workspace, hours FROM teams WHERE hours IS NOT NULL \
     UNION ALL SELECT 2, id, workspace, hours FROM sites WHERE hours IS NOT NULL) \
     WHERE CASE WHEN json_valid(hours) THEN json_extract(hours, '$.offsets[0][0]') END < ? ORDER BY random() LIMIT ?";
const OF_WORKSPACE: &str = "UPDATE workspaces SET hours = ?1 WHERE id = ?2 AND id = ?3 AND hours = ?4";
const OF_TEAM: &str = "UPDATE teams SET hours = ?1 WHERE id = ?2 AND workspace = ?3 AND hours = ?4";
const OF_SITE: &str = "UPDATE sites SET hours = ?1 WHERE id = ?2 AND workspace = ?3 AND hours = ?4";

/// Some of those that were looked up before `by`, in no order, so that a zone that is gone starves none; read by [`OldZone::read`].
pub fn due(by: Timestamp) -> Statement {
    Statement::new(DUE, [by.0.into(), ZONES_PER_SWEEP.into()])
}

impl OldZone {
    /// Reads a row of [`due`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        let place = match columns.int() {
            0 => Place::Workspace,
            1 => Place::Team,
            _ => Place::Site,
        };
        let (id, workspace, stored) = (columns.text(), WorkspaceId::parse(&columns.text()).ok()?, columns.text());
        let hours = json::from_str(&stored).ok()?;
        Some(OldZone { place, id, workspace, stored, hours })
    }

    /// Puts the hours, looked up again, in the place of those that were read, unless somebody has set others meanwhile, and lets the Desk hear of it.
    pub fn renew(&self, now: Timestamp) -> [Statement; 2] {
        let sql = match self.place {
            Place::Workspace => OF_WORKSPACE,
            Place::Team => OF_TEAM,
            Place::Site => OF_SITE,
        };
        let id = Value::from(self.id.as_str());
        let renewed = hours_text(Some(&self.hours));
        let save = Statement::new(sql, [renewed, id, self.workspace.as_str().into(), self.stored.as_str().into()]);
        [save, raise(&self.workspace, now)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{id::Entropy, port::rows_of, time::DAY},
        sql::{routing, testing::TestDatabase},
    };

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const PLACES: [&str; 3] = ["workspaces", "teams", "sites"];

    fn stored(offsets: &str) -> String {
        format!(r#"{{"timezone":"Asia/Shanghai","weekly":[[],[],[],[],[],[],[]],"offsets":{offsets}}}"#)
    }

    /// A workspace that has a team and a site, all three with these hours.
    fn world(hours: &str) -> (TestDatabase, WorkspaceId) {
        let database = TestDatabase::migrated();
        let workspace = WorkspaceId::draw(&mut Entropy::new(1));
        let insert = [
            "INSERT INTO workspaces (id, name, created_at, hours) VALUES (?1, 'Shop', 0, ?2)",
            "INSERT INTO teams (id, workspace, name, created_at, hours) VALUES ('team', ?1, 'Sales', 0, ?2)",
            "INSERT INTO sites (id, workspace, name, created_at, hours) VALUES ('site', ?1, 'Shop', 0, ?2)",
        ];
        database
            .run(insert.map(|sql| Statement::new(sql, [workspace.as_str().into(), hours.into()])).to_vec())
            .unwrap();
        (database, workspace)
    }

    fn old(database: &TestDatabase) -> Vec<OldZone> {
        let rows = database.run(vec![due(NOW.plus(-30 * DAY))]).unwrap();
        rows_of(&rows, 0).iter().map(|row| OldZone::read(row).unwrap()).collect()
    }

    fn hours_of(database: &TestDatabase, table: &str) -> String {
        database.sql.connection.query_row(&format!("SELECT hours FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn zones_that_were_looked_up_long_ago_are_renewed_and_the_desk_hears_of_it() {
        let (database, workspace) = world(&stored("[[1700000000000,480]]"));
        let mut found = old(&database);
        assert_eq!(found.len(), 3);
        for it in &mut found {
            it.hours.offsets = vec![(NOW, 540)];
            database.run(it.renew(NOW).to_vec()).unwrap();
        }
        assert!(PLACES.iter().all(|table| hours_of(&database, table).contains(r#""offsets":[[1800000000000,540]]"#)));
        assert!(old(&database).is_empty());
        let rows = database.run(vec![routing::owed(9)]).unwrap();
        assert_eq!(Columns::of(&rows_of(&rows, 0)[0]).text(), workspace.as_str());
    }

    #[test]
    fn hours_that_somebody_has_set_meanwhile_stand() {
        let (database, _) = world(&stored("[[1700000000000,480]]"));
        let found = old(&database);
        let newer = stored("[[1799999999999,480]]");
        for table in PLACES {
            database.sql.connection.execute(&format!("UPDATE {table} SET hours = ?"), [&newer]).unwrap();
        }
        for it in &found {
            database.run(it.renew(NOW).to_vec()).unwrap();
        }
        assert!(PLACES.iter().all(|table| hours_of(&database, table) == newer));
        assert!(rows_of(&database.run(vec![routing::owed(9)]).unwrap(), 0).is_empty(), "nothing to hear");
    }

    #[test]
    fn what_is_fresh_or_absent_is_left_alone() {
        assert!(old(&world(&stored("[[1799000000000,480]]")).0).is_empty());
        let (database, _) = world(&stored("[[1700000000000,480]]"));
        database.sql.connection.execute_batch("UPDATE sites SET hours = '{'").unwrap();
        assert_eq!(old(&database).len(), 2, "what can't be read holds up nothing else");
        database
            .sql
            .connection
            .execute_batch("UPDATE workspaces SET hours = NULL; UPDATE teams SET hours = NULL; DELETE FROM sites")
            .unwrap();
        assert!(old(&database).is_empty());
    }
}
