//! Numbered migrations of D1, applied by the Worker itself, the same way in both homes.
//!
//! Forward only. Each one goes in one atomic batch together with its row in `schema_migrations`, whose first statement
//! fails unless its turn has come: so two Workers that migrate at once, or a call that is repeated because its answer
//! was lost, apply nothing twice. Each must be safe beside the code before it: add first, remove a release later.

use crate::core::{
    port::{Columns, Database, SqlError, Statement, rows_of},
    time::Timestamp,
};

/// One numbered file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// 1, 2, 3 … without a gap.
    pub version: u64,
    /// What it is called in answers and in `schema_migrations`.
    pub name: &'static str,
    sql: &'static str,
}

/// A file of `migrations/` as `build.rs` has left it: without the lines that only explain.
macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration { version: $version, name: $name, sql: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".sql")) }
    };
}

/// Every migration, in order.
pub const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_schema"),
    migration!(2, "0002_pending_revocations"),
    migration!(3, "0003_routing"),
    migration!(4, "0004_teams"),
    migration!(5, "0005_identity"),
    migration!(6, "0006_away"),
    migration!(7, "0007_mute"),
    migration!(8, "0008_site_hours"),
    migration!(9, "0009_bot"),
    migration!(10, "0010_bot_turns"),
    migration!(11, "0011_bot_consults"),
    migration!(12, "0012_articles"),
    migration!(13, "0013_tags"),
    migration!(14, "0014_site_ceilings"),
    migration!(15, "0015_agent_locations"),
    migration!(16, "0016_tagged"),
    migration!(17, "0017_pictures"),
    migration!(18, "0018_model_ceilings"),
    migration!(19, "0019_answer_pictures"),
    migration!(20, "0020_link_makers"),
    migration!(21, "0021_knowledge_past"),
    migration!(22, "0022_unresolved"),
];

/// Everything as one script, for tests.
#[cfg(any(test, feature = "test-points"))]
pub fn whole() -> String {
    MIGRATIONS.iter().map(|migration| migration.sql).collect()
}

/// Statements of one call: the free plan allows 50 queries in one invocation, a few are for looking.
const STATEMENTS_PER_CALL: usize = 45;

const ENSURE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
     (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)";
const EXISTS: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'";
const VERSION: &str = "SELECT MAX(version) AS version FROM schema_migrations";
/// A name that is NULL breaks the batch: it is not this one's turn. So does a version that is there already.
const CLAIM: &str = "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?1, \
     CASE WHEN (SELECT COALESCE(MAX(version), 0) FROM schema_migrations) = ?1 - 1 THEN ?2 END, ?3)";

/// The version that this code needs. A greater one is fine: it was made beside this code.
pub fn expected() -> u64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// What one call of [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The version before.
    pub from: u64,
    /// The version now; below [`expected`] the call is to be made again.
    pub to: u64,
    /// Names of those applied by this call.
    pub applied: Vec<&'static str>,
}

/// The version of the database, 0 for an empty one.
pub async fn version(database: &impl Database) -> Result<u64, SqlError> {
    let found = database.batch(vec![Statement::new(EXISTS, [])]).await?;
    if rows_of(&found, 0).is_empty() {
        return Ok(0);
    }
    let rows = database.batch(vec![Statement::new(VERSION, [])]).await?;
    Ok(rows_of(&rows, 0).first().map_or(0, |row| Columns::of(row).uint()))
}

/// Whether it has what this code needs; an error of a database that does not say.
pub async fn is_current(database: &impl Database) -> Result<bool, SqlError> {
    Ok(version(database).await? >= expected())
}

/// Applies what is missing, as much as one invocation may.
pub async fn migrate(database: &impl Database, now: Timestamp) -> Result<Migrated, SqlError> {
    apply(MIGRATIONS, database, now).await
}

async fn apply(migrations: &[Migration], database: &impl Database, now: Timestamp) -> Result<Migrated, SqlError> {
    database.batch(vec![Statement::new(ENSURE, [])]).await?;
    let from = version(database).await?;
    let (mut to, mut applied, mut left) = (from, Vec::new(), STATEMENTS_PER_CALL);
    while let Some(migration) = migrations.iter().find(|migration| migration.version == to + 1) {
        let batch = migration.batch(now);
        if batch.len() > left {
            break;
        }
        left -= batch.len();
        match database.batch(batch).await {
            Ok(_) => {
                applied.push(migration.name);
                to = migration.version;
            }
            Err(error) => {
                // Another Worker was faster, or only the answer was lost; anything else is an error.
                let seen = version(database).await?;
                if seen <= to {
                    return Err(error);
                }
                to = seen;
            }
        }
    }
    Ok(Migrated { from, to, applied })
}

impl Migration {
    /// Its statements in one batch, the claim first.
    fn batch(&self, now: Timestamp) -> Vec<Statement> {
        let claim = Statement::new(CLAIM, [self.version.into(), self.name.into(), now.0.into()]);
        let statements = split(self.sql).into_iter().map(|sql| Statement::new(sql, []));
        std::iter::once(claim).chain(statements).collect()
    }
}

/// How far the end of a trigger has been read: only `; END ;` ends one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trigger {
    None,
    Inside,
    AfterSemicolon,
    AfterEnd,
}

/// Cuts a file into its statements. Semicolons in strings, names, comments and triggers do not cut. What holds only
/// blanks and comments is no statement.
pub fn split(sql: &'static str) -> Vec<&'static str> {
    let mut statements = Vec::new();
    let mut start = 0;
    // The first three words tell a trigger; a token of any kind tells a statement.
    let (mut words, mut trigger, mut has_token) = (0, Trigger::None, false);
    let mut rest = sql;
    while let Some(letter) = rest.chars().next() {
        let token = token_length(rest, letter);
        let (text, after) = rest.split_at_checked(token).unwrap_or((rest, ""));
        rest = after;
        if letter.is_whitespace() || text.starts_with("--") || text.starts_with("/*") {
            continue;
        }
        if letter == ';' && matches!(trigger, Trigger::None | Trigger::AfterEnd) {
            if has_token {
                let end = sql.len() - rest.len();
                statements.extend(sql.get(start..end - 1).map(str::trim));
            }
            start = sql.len() - rest.len();
            (words, trigger, has_token) = (0, Trigger::None, false);
            continue;
        }
        has_token = true;
        words += 1;
        trigger = match trigger {
            Trigger::None if words <= 3 && text.eq_ignore_ascii_case("trigger") => Trigger::Inside,
            Trigger::None => Trigger::None,
            Trigger::AfterSemicolon if text.eq_ignore_ascii_case("end") => Trigger::AfterEnd,
            Trigger::Inside | Trigger::AfterSemicolon | Trigger::AfterEnd if letter == ';' => Trigger::AfterSemicolon,
            Trigger::Inside | Trigger::AfterSemicolon | Trigger::AfterEnd => Trigger::Inside,
        };
    }
    if has_token {
        statements.extend(sql.get(start..).map(str::trim));
    }
    statements
}

/// Bytes of the token that begins here: a comment, a string, a quoted name, a word, or one character.
fn token_length(rest: &str, first: char) -> usize {
    let until = |end: &str, from: usize| {
        let found = rest.get(from..).and_then(|tail| tail.find(end));
        found.map_or(rest.len(), |place| from + place + end.len())
    };
    match first {
        _ if rest.starts_with("--") => until("\n", 2),
        _ if rest.starts_with("/*") => until("*/", 2),
        // A doubled quote inside reads as two strings side by side, which cuts the same.
        '\'' => until("'", 1),
        '"' => until("\"", 1),
        '`' => until("`", 1),
        '[' => until("]", 1),
        _ if first.is_alphanumeric() || first == '_' => {
            rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len())
        }
        _ => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::limits::D1_STATEMENT_BYTES,
        sql::testing::{BatchFault, GivingWay, TestDatabase, interleave, ready},
    };

    const NOW: Timestamp = Timestamp(1_764_000_000_000);

    #[test]
    fn files_are_cut_where_statements_end() {
        for (file, expected) in [
            ("", vec![]),
            (" ;;\n-- only; a comment\n/* and; another */;", vec![]),
            ("A; B", vec!["A", "B"]),
            ("A 'x;y' ;\nB \"p;q\";C `r;s`; D [t;u];", vec!["A 'x;y'", "B \"p;q\"", "C `r;s`", "D [t;u]"]),
            ("A 'it''s; fine'; B", vec!["A 'it''s; fine'", "B"]),
            ("A -- not; here ' either\n, B; C /* ; ' */ D;", vec!["A -- not; here ' either\n, B", "C /* ; ' */ D"]),
            ("-- head;\nA; ", vec!["-- head;\nA"]),
            (
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM b; END; C;",
                vec!["CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM b; END", "C"],
            ),
            (
                "create temp trigger t delete on a begin update b set end_at = 'end;'; end ; C",
                vec!["create temp trigger t delete on a begin update b set end_at = 'end;'; end", "C"],
            ),
            ("SELECT trigger_name FROM t; B", vec!["SELECT trigger_name FROM t", "B"]),
            ("A '未完; B", vec!["A '未完; B"]),
            ("甲;乙", vec!["甲", "乙"]),
        ] {
            assert_eq!(split(file), expected, "{file}");
        }
    }

    #[test]
    fn the_list_is_numbered_and_fits_one_call_each() {
        for (place, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, place as u64 + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)));
            let batch = migration.batch(NOW);
            assert!(batch.len() > 1 && batch.len() <= STATEMENTS_PER_CALL, "{}: {}", migration.name, batch.len());
            assert!(batch.iter().all(|statement| statement.sql.len() < D1_STATEMENT_BYTES));
        }
    }

    fn tables(database: &TestDatabase) -> Vec<(String, Option<String>)> {
        let mut statement = database
            .sql
            .connection
            .prepare("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'schema_migrations%' ORDER BY name")
            .unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    /// Statement by statement or as one file: the same database.
    #[test]
    fn an_empty_database_gets_everything_once() {
        let database = TestDatabase::default();
        assert_eq!(ready(version(&database)), Ok(0));
        let mut applied = Vec::new();
        for _ in 0..3 {
            applied.extend(ready(migrate(&database, NOW)).unwrap().applied);
        }
        assert_eq!(applied, MIGRATIONS.iter().map(|migration| migration.name).collect::<Vec<_>>());
        let again = ready(migrate(&database, NOW)).unwrap();
        assert_eq!(again, Migrated { from: expected(), to: expected(), applied: vec![] });
        let whole = TestDatabase::default();
        whole.sql.connection.execute_batch(&super::whole()).unwrap();
        // SQLite keeps the text of a statement as it was written.
        assert_eq!(tables(&database), tables(&whole));
    }

    #[test]
    fn a_database_that_does_not_answer_is_not_one_of_before() {
        let database = TestDatabase::default();
        assert_eq!(ready(is_current(&database)), Ok(false));
        while !ready(migrate(&database, NOW)).unwrap().applied.is_empty() {}
        assert_eq!(ready(is_current(&database)), Ok(true));
        for passing in [0, 1] {
            database.fault_after(passing, BatchFault::Before);
            assert!(ready(is_current(&database)).is_err(), "after {passing}");
        }
    }

    const STEPS: &[Migration] = &[
        Migration { version: 1, name: "0001_a", sql: "CREATE TABLE a (x);" },
        Migration { version: 2, name: "0002_b", sql: "CREATE TABLE b (x); INSERT INTO a VALUES (1);" },
        Migration { version: 3, name: "0003_c", sql: "CREATE TABLE c (x); INSERT INTO a VALUES (2);" },
    ];

    #[test]
    fn a_migration_that_fails_leaves_nothing_and_can_be_repaired() {
        const BROKEN: &[Migration] = &[
            STEPS[0],
            Migration { version: 2, name: "0002_b", sql: "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);" },
        ];
        let database = TestDatabase::default();
        assert!(ready(apply(BROKEN, &database, NOW)).is_err());
        assert_eq!(ready(version(&database)), Ok(1));
        assert_eq!(tables(&database).len(), 1, "a is there, b is not");
        assert_eq!(ready(apply(STEPS, &database, NOW)).unwrap().applied, ["0002_b", "0003_c"]);
    }

    #[test]
    fn an_answer_that_is_lost_applies_nothing_twice() {
        let database = TestDatabase::default();
        ready(apply(&STEPS[..1], &database, NOW)).unwrap();
        for fault in [BatchFault::Before, BatchFault::After] {
            database.fault_after(3, fault);
            let outcome = ready(apply(STEPS, &database, NOW));
            assert_eq!(outcome.is_ok(), fault == BatchFault::After, "{outcome:?}");
        }
        assert_eq!(ready(version(&database)), Ok(3));
        let sum: i64 = database.sql.connection.query_row("SELECT SUM(x) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, 3, "each step once");
    }

    /// Two Workers at once: every interleaving of their batches ends in the same database, each step applied once.
    #[test]
    fn two_workers_at_once() {
        for order in 0_u32..1 << 10 {
            let database = TestDatabase::default();
            let (one, two) = (GivingWay(&database), GivingWay(&database));
            let second_goes = |step: u32| order >> (step % 10) & 1 == 1;
            let outcomes = interleave(apply(STEPS, &one, NOW), apply(STEPS, &two, NOW), second_goes);
            for outcome in [&outcomes.0, &outcomes.1] {
                assert_eq!(outcome.as_ref().unwrap().to, 3, "{order:b}");
            }
            let mut applied = [outcomes.0.unwrap().applied, outcomes.1.unwrap().applied].concat();
            applied.sort_unstable();
            assert_eq!(applied, ["0001_a", "0002_b", "0003_c"], "{order:b}");
        }
    }
}
