//! Real SQLite behind the `Sql` and `Database` traits, for tests: in memory, and with faults that are set from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    cell::Cell,
    future::Future,
    task::{Context, Poll, Waker},
};

use rusqlite::{
    Connection,
    types::{Value as Stored, ValueRef},
};

use super::room::RoomStore;
use crate::core::{
    id::{ConversationId, MessageId},
    limits::{D1_PARAMETERS, D1_STATEMENT_BYTES, D1_TEXT_BYTES, MAX_INTEGER},
    port::{BatchRows, Database, Row, Sql, SqlError, Statement, Value},
    room::entry::{Author, Body},
    time::Timestamp,
};

/// A database in memory.
pub struct TestSql {
    /// The connection, for checks beside the code under test.
    pub connection: Connection,
    /// Fail the n-th write from now (1: the next one).
    pub fail_write: Cell<Option<u32>>,
    /// Statements that read.
    pub reads: Cell<u64>,
    /// Rows that they gave.
    pub rows_read: Cell<u64>,
    /// Rows that could not be read.
    pub passed_over: Cell<u64>,
}

impl Default for TestSql {
    fn default() -> Self {
        TestSql {
            connection: Connection::open_in_memory().unwrap(),
            fail_write: Cell::new(None),
            reads: Cell::new(0),
            rows_read: Cell::new(0),
            passed_over: Cell::new(0),
        }
    }
}

impl TestSql {
    /// A copy of everything stored now: a backup that can be put back.
    pub fn copy(&mut self) -> TestSql {
        let bytes = self.connection.serialize("main").unwrap();
        let copy = TestSql::default();
        let mut target = copy.connection;
        target.deserialize_read_exact("main", &bytes[..], bytes.len(), false).unwrap();
        TestSql { connection: target, ..TestSql::default() }
    }
}

impl Sql for TestSql {
    fn exec(&self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>, SqlError> {
        let is_read = sql.trim_start().starts_with("SELECT");
        if is_read {
            self.reads.set(self.reads.get() + 1);
        } else if let Some(left) = self.fail_write.get() {
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
            // As the runtime binds it, for which every number is one of JavaScript's.
            Value::Int(number) => Stored::Real(*number as f64),
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
        if is_read {
            self.rows_read.set(self.rows_read.get() + all.len() as u64);
        }
        Ok(all)
    }

    fn pass_over(&self, _: &SqlError) {
        self.passed_over.set(self.passed_over.get() + 1);
    }
}

/// What a batch of a [`TestDatabase`] runs into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchFault {
    /// Nothing happens.
    Before,
    /// Everything happens, but the answer is lost.
    After,
}

/// D1 as tests see it: atomic batches on real SQLite, held to D1's limits.
#[derive(Default)]
pub struct TestDatabase {
    /// The database below.
    pub sql: TestSql,
    /// Batches that still pass, and the fault of the one after them.
    fault: Cell<Option<(u32, BatchFault)>>,
    /// Fail every batch until this is unset.
    pub down: Cell<bool>,
    /// Batches that ran.
    pub batches: Cell<u64>,
}

impl TestDatabase {
    /// With every migration applied.
    pub fn migrated() -> Self {
        let database = TestDatabase::default();
        database.sql.connection.execute_batch(&super::migrate::whole()).unwrap();
        database
    }

    /// Lets so many batches pass and faults the one after them.
    pub fn fault_after(&self, passing: u32, fault: BatchFault) {
        self.fault.set(Some((passing, fault)));
    }

    /// Everything works from here on.
    pub fn heal(&self) {
        self.fault.set(None);
        self.down.set(false);
    }

    fn due_fault(&self) -> Option<BatchFault> {
        let (passing, fault) = self.fault.take()?;
        if passing == 0 {
            return Some(fault);
        }
        self.fault.set(Some((passing - 1, fault)));
        None
    }

    /// Every word in the full-text index, as many times as it stands there.
    pub fn indexed_words(&self) -> i64 {
        let connection = &self.sql.connection;
        let table = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.instances USING fts5vocab (main, message_words, instance)";
        connection.execute_batch(table).unwrap();
        connection.query_row("SELECT COUNT(*) FROM temp.instances", [], |row| row.get(0)).unwrap()
    }

    /// A batch, without the ceremony of a future.
    pub fn run(&self, statements: Vec<Statement>) -> Result<BatchRows, SqlError> {
        ready(self.batch(statements))
    }
}

impl Database for TestDatabase {
    async fn batch(&self, statements: Vec<Statement>) -> Result<BatchRows, SqlError> {
        let fault = self.due_fault();
        if self.down.get() || fault == Some(BatchFault::Before) {
            return Err(SqlError("injected: nothing happened".into()));
        }
        let transaction = self.sql.connection.unchecked_transaction().map_err(|error| SqlError(error.to_string()))?;
        let mut answers = Vec::new();
        for statement in &statements {
            assert_d1_takes(&self.sql.connection, statement);
            answers.push(self.sql.exec(statement.sql, &statement.args)?);
        }
        transaction.commit().map_err(|error| SqlError(error.to_string()))?;
        self.batches.set(self.batches.get() + 1);
        match fault {
            Some(BatchFault::After) => Err(SqlError("injected: committed, but the answer was lost".into())),
            Some(BatchFault::Before) | None => Ok(answers),
        }
    }
}

/// D1's limits, and the rule that column names are unique and no numbers (`Statement`).
fn assert_d1_takes(connection: &Connection, statement: &Statement) {
    assert!(statement.args.len() <= D1_PARAMETERS, "{} parameters: {}", statement.args.len(), statement.sql);
    assert!(statement.sql.len() <= D1_STATEMENT_BYTES);
    for value in &statement.args {
        match value {
            Value::Int(number) => assert!(number.unsigned_abs() <= MAX_INTEGER, "{number} is past 2^53"),
            Value::Text(text) => assert!(text.len() <= D1_TEXT_BYTES, "a text of {} bytes", text.len()),
            Value::Null => {}
        }
    }
    let Ok(prepared) = connection.prepare_cached(statement.sql) else { return };
    assert_eq!(prepared.parameter_count(), statement.args.len(), "parameters of {}", statement.sql);
    let mut names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    assert!(names.iter().all(|name| name.parse::<u64>().is_err()), "{names:?}");
    let width = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), width, "a column name occurs twice in {}", statement.sql);
}

/// A row of either side of the pipeline: log, number, id, sender, time, kind, body, what it follows.
pub type LogLine = (String, u64, String, [String; 3], i64, String, String, u64);

fn log_line(log: &str, seq: u64, id: &MessageId, author: &Author, at: Timestamp, body: &Body, follows: u64) -> LogLine {
    let text_kind = if log == "public" { "text" } else { "note" };
    let (kind, body) = match body {
        Body::Text(text) => (text_kind, text.clone()),
        Body::Choice(offer) => (text_kind, offer.plain()),
        Body::Activity(activity) => ("activity", serde_json::to_string(activity).unwrap()),
        Body::Unread(body) => ("activity", body.clone()),
    };
    let sender = [author.kind(), author.id(), author.name()].map(str::to_owned);
    (log.to_owned(), seq, id.to_string(), sender, at.0, kind.to_owned(), body, follows)
}

/// Both logs of a Room as its store holds them.
pub fn room_lines(sql: &TestSql) -> Vec<LogLine> {
    let store = RoomStore(sql);
    let public = store.public_after(0, 100_000).unwrap().into_iter();
    let private = store.private_after(0, 100_000).unwrap().into_iter();
    let private = private.map(|it| log_line("private", it.seq, &it.id, &it.author, it.at, &it.body, it.follows));
    private.chain(public.map(|it| log_line("public", it.seq, &it.id, &it.author, it.at, &it.body, 0))).collect()
}

/// The same conversation as the history holds it.
pub fn history_lines(database: &TestDatabase, conversation: &ConversationId) -> Vec<LogLine> {
    let sql = "SELECT log, seq, id, sender_kind, sender_id, sender_name, at, kind, body, follows FROM messages \
               WHERE conversation = ?1 ORDER BY log, seq";
    let mut statement = database.sql.connection.prepare_cached(sql).unwrap();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<LogLine> {
        let sender = [row.get(3)?, row.get(4)?, row.get(5)?];
        let number = |at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap());
        let (seq, follows) = (number(1)?, number(9)?);
        Ok((row.get(0)?, seq, row.get(2)?, sender, row.get(6)?, row.get(7)?, row.get(8)?, follows))
    };
    statement.query_map([conversation.as_str()], read).unwrap().map(Result::unwrap).collect()
}

/// Runs a future that never waits, as those over a [`TestDatabase`] do.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a test's database never makes anyone wait"),
    }
}

/// A database that gives way before every batch, so that a test can choose who goes on.
pub struct GivingWay<'database>(pub &'database TestDatabase);

impl Database for GivingWay<'_> {
    async fn batch(&self, statements: Vec<Statement>) -> Result<BatchRows, SqlError> {
        let mut gave_way = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut gave_way, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
        self.0.batch(statements).await
    }
}

/// Runs two futures over [`GivingWay`] to their ends; `second_goes` says who goes on at each step.
pub fn interleave<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    second_goes: impl Fn(u32) -> bool,
) -> (A, B) {
    let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
    let (mut a, mut b) = (None, None);
    let mut context = Context::from_waker(Waker::noop());
    for step in 0..10_000 {
        if b.is_none() && (a.is_some() || second_goes(step)) {
            if let Poll::Ready(output) = second.as_mut().poll(&mut context) {
                b = Some(output);
            }
        } else if a.is_none()
            && let Poll::Ready(output) = first.as_mut().poll(&mut context)
        {
            a = Some(output);
        }
        if a.is_some() && b.is_some() {
            break;
        }
    }
    (a.unwrap(), b.unwrap())
}
