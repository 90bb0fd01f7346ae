//! What the core needs from outside, as small traits. The edge implements them over the platform, tests over SQLite.

/// A value bound to a statement or read from a row. Integers stay within ±2^53 (JavaScript reads them).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// INTEGER.
    Int(i64),
    /// TEXT.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// The statement did not run; its text is for logs only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError(pub String);

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sql: {}", self.0)
    }
}

impl std::error::Error for SqlError {}

/// One row, in the order of the statement's columns.
pub type Row = Vec<Value>;

/// Synchronous SQLite: an object's own storage, or `rusqlite` in tests.
pub trait Sql {
    /// Runs one statement with positional parameters and returns all of its rows.
    fn exec(&self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>, SqlError>;

    /// Says in the log why a row is passed over.
    fn pass_over(&self, error: &SqlError);
}

/// Reads a row column by column; a missing or differently typed column is a default, never a panic.
pub struct Columns<'row>(std::slice::Iter<'row, Value>);

impl<'row> Columns<'row> {
    /// Starts at the first column.
    pub fn of(row: &'row Row) -> Self {
        Columns(row.iter())
    }

    /// The next column as text; NULL is empty.
    pub fn text(&mut self) -> String {
        match self.0.next() {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Null) | None => String::new(),
        }
    }

    /// The next column as an integer, NULL is none.
    pub fn maybe_int(&mut self) -> Option<i64> {
        match self.0.next() {
            Some(Value::Int(number)) => Some(*number),
            Some(Value::Text(text)) => text.parse().ok(),
            Some(Value::Null) | None => None,
        }
    }

    /// The next column as an integer, NULL is 0.
    pub fn int(&mut self) -> i64 {
        self.maybe_int().unwrap_or(0)
    }

    /// The next column as an unsigned integer.
    pub fn uint(&mut self) -> u64 {
        u64::try_from(self.int()).unwrap_or(0)
    }
}

/// One statement for D1, as data: whoever decides gives it, whoever holds the database runs it.
///
/// D1 answers rows by column name, so every column of a `SELECT` or `RETURNING` has a name that occurs once and is
/// not a number; [`Columns`] reads them in the order of the statement. At most 100 parameters (`limits::D1_PARAMETERS`):
/// lists travel as one JSON text, read by `json_each(?)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text, never put together from values.
    pub sql: &'static str,
    /// Positional parameters.
    pub args: Vec<Value>,
}

impl Statement {
    /// A statement with its parameters.
    pub fn new(sql: &'static str, args: impl Into<Vec<Value>>) -> Self {
        Statement { sql, args: args.into() }
    }
}

/// Rows of each statement of a batch, in the order of its statements.
pub type BatchRows = Vec<Vec<Row>>;

/// Bytes of all texts in these rows.
pub fn bytes_of(rows: &BatchRows) -> usize {
    let text = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
    rows.iter().flatten().flatten().map(text).sum()
}

/// The history: D1 at the edge, `rusqlite` in tests.
#[allow(async_fn_in_trait)] // both homes are single-threaded; nobody needs `Send`
pub trait Database {
    /// Runs all statements in their order, together or not at all.
    ///
    /// # Errors
    /// Nothing was written, or, if the answer was lost on its way, everything: so what is run here is safe to repeat.
    async fn batch(&self, statements: Vec<Statement>) -> Result<BatchRows, SqlError>;
}

/// The rows of one statement of a batch; none if there are not so many statements.
pub fn rows_of(rows: &BatchRows, statement_idx: usize) -> &[Row] {
    rows.get(statement_idx).map_or(&[], Vec::as_slice)
}

/// Files that never change, by name: KV at the edge. Only a faster copy of what a [`Database`] holds, so it may fail at any time.
#[allow(async_fn_in_trait)] // as above
pub trait Files {
    /// The file; none if it is not there, or nothing is known of it.
    async fn get(&self, name: &str) -> Option<Vec<u8>>;
}

/// AES-256-GCM with a tag of 16 bytes behind the text: the runtime's at the edge, a crate's in tests.
#[allow(async_fn_in_trait)] // as above
pub trait Cipher {
    /// Does this piece of work. None: what was to be opened was not sealed so.
    async fn run(&self, job: CipherJob<'_>) -> Option<Vec<u8>>;
}

/// What a [`Cipher`] is to do.
#[derive(Debug, Clone, Copy)]
pub struct CipherJob<'a> {
    /// Seal the text, or open it.
    pub seals: bool,
    /// 256 bits.
    pub key: &'a [u8],
    /// Never twice under one key.
    pub nonce: &'a [u8; 12],
    /// What is not in the text, and has to be the same for it to open.
    pub about: &'a [u8],
    /// The text, or what became of it.
    pub text: &'a [u8],
}
