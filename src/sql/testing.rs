//! Real SQLite behind the `Sql` trait, for tests: in memory, and with faults that are set from outside.

use std::cell::Cell;

use rusqlite::{
    Connection,
    types::{Value as Stored, ValueRef},
};

use crate::core::port::{Row, Sql, SqlError, Value};

/// A database in memory.
pub struct TestSql {
    /// The connection, for checks beside the code under test.
    pub connection: Connection,
    /// Fail the n-th write from now (1: the next one).
    pub fail_write: Cell<Option<u32>>,
}

impl Default for TestSql {
    fn default() -> Self {
        TestSql { connection: Connection::open_in_memory().unwrap(), fail_write: Cell::new(None) }
    }
}

impl TestSql {
    /// A copy of everything stored now: a backup that can be put back.
    pub fn copy(&mut self) -> TestSql {
        let bytes = self.connection.serialize("main").unwrap();
        let copy = TestSql::default();
        let mut target = copy.connection;
        target.deserialize_read_exact("main", &bytes[..], bytes.len(), false).unwrap();
        TestSql { connection: target, fail_write: Cell::new(None) }
    }
}

impl Sql for TestSql {
    fn exec(&self, sql: &str, args: &[Value]) -> Result<Vec<Row>, SqlError> {
        if !sql.trim_start().starts_with("SELECT")
            && let Some(left) = self.fail_write.get()
        {
            self.fail_write.set(if left > 1 { Some(left - 1) } else { None });
            if left <= 1 {
                return Err(SqlError("injected".into()));
            }
        }
        let broken = |error: rusqlite::Error| SqlError(error.to_string());
        let mut statement = self.connection.prepare_cached(sql).map_err(broken)?;
        let width = statement.column_count();
        let bound = args.iter().map(|value| match value {
            Value::Null => Stored::Null,
            Value::Int(number) => Stored::Integer(*number),
            Value::Text(text) => Stored::Text(text.clone()),
        });
        let mut rows = statement.query(rusqlite::params_from_iter(bound)).map_err(broken)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(broken)? {
            all.push(
                (0..width)
                    .map(|column| match row.get_ref(column).unwrap() {
                        ValueRef::Null => Value::Null,
                        ValueRef::Integer(number) => Value::Int(number),
                        ValueRef::Real(number) => Value::Int(number as i64),
                        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                        ValueRef::Blob(_) => panic!("no blobs here"),
                    })
                    .collect(),
            );
        }
        Ok(all)
    }
}
