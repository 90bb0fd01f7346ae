//! A Room's own SQLite: two logs and one row beside them. The public log is the outbox, too.
//!
//! Each entry carries how far the projection had been told when it was written (`told_*`), so the cursor costs no
//! row of its own. No secondary index: one row per message, and one in 256 for the digests of `core::room::taken`.

use crate::core::{
    effect::Stored,
    id::MessageId,
    internal::AgentRef,
    json,
    port::{Columns, Row, Sql, SqlError, Value},
    protocol::wire,
    room::{
        entry::{Author, Body, Entry, PrivateEntry},
        record::{Cursors, Record},
    },
    time::Timestamp,
};

const EXISTS: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'room'";

const CREATE: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS room (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS public_log (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, author TEXT NOT NULL, \
     author_id TEXT NOT NULL, author_name TEXT NOT NULL, client_id TEXT NOT NULL, at INTEGER NOT NULL, \
     kind TEXT NOT NULL, body TEXT NOT NULL, told_public INTEGER NOT NULL, told_private INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS private_log (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, author TEXT NOT NULL, \
     author_id TEXT NOT NULL, author_name TEXT NOT NULL, client_id TEXT NOT NULL, at INTEGER NOT NULL, \
     kind TEXT NOT NULL, body TEXT NOT NULL, follows INTEGER NOT NULL, told_public INTEGER NOT NULL, \
     told_private INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS digests (log TEXT NOT NULL, upto INTEGER NOT NULL, block TEXT NOT NULL, \
     PRIMARY KEY (log, upto)) WITHOUT ROWID",
];

/// Version of the tables above, kept in the row so that a later one can tell what it finds.
const VERSION: i64 = 1;

const SAVE_RECORD: &str = "INSERT INTO room (id, version, record) VALUES (1, ?, ?) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record";
const LOAD_RECORD: &str = "SELECT record FROM room WHERE id = 1";
const APPEND_PUBLIC: &str = "INSERT INTO public_log (seq, id, author, author_id, author_name, client_id, at, kind, \
     body, told_public, told_private) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// What a visitor writes is most of all, and every value that is bound crosses the border to the runtime by itself.
const APPEND_VISITORS: &str = "INSERT INTO public_log (seq, id, author, author_id, author_name, client_id, at, kind, \
     body, told_public, told_private) VALUES (?, ?, 'visitor', '', '', ?, ?, 'text', ?, ?, ?)";
const APPEND_PRIVATE: &str = "INSERT INTO private_log (seq, id, author, author_id, author_name, client_id, at, kind, \
     body, follows, told_public, told_private) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const INDEX_PUBLIC: &str = "SELECT seq, author, author_id, client_id, at, told_public, told_private, \
     length(CAST(body AS BLOB)) FROM public_log WHERE seq > ? ORDER BY seq";
const INDEX_PRIVATE: &str = "SELECT seq, author, author_id, client_id, at, told_public, told_private, \
     length(CAST(body AS BLOB)) FROM private_log WHERE seq > ? ORDER BY seq";
const SAVE_DIGESTS: &str = "INSERT INTO digests (log, upto, block) VALUES (?, ?, ?)";
const LOAD_DIGESTS: &str = "SELECT upto, block FROM digests WHERE log = ? ORDER BY upto";
const PUBLIC_AFTER: &str = "SELECT seq, id, author, author_id, author_name, client_id, at, kind, body FROM public_log \
     WHERE seq > ? ORDER BY seq LIMIT ?";
const PUBLIC_BEFORE: &str = "SELECT seq, id, author, author_id, author_name, client_id, at, kind, body FROM public_log \
     WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?";
const PRIVATE_AFTER: &str = "SELECT seq, id, author, author_id, author_name, client_id, at, kind, body, follows \
     FROM private_log WHERE seq > ? ORDER BY seq LIMIT ?";
const PRIVATE_BEFORE: &str = "SELECT seq, id, author, author_id, author_name, client_id, at, kind, body, follows \
     FROM private_log WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?";
const LAST_TEXT: &str = "SELECT seq, id, author, author_id, author_name, client_id, at, kind, body FROM public_log \
     WHERE kind IN ('text', 'choice') ORDER BY seq DESC LIMIT 1";

/// What the in-memory index of a log needs of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexRow {
    /// Its number.
    pub seq: u64,
    /// `visitor`, `agent`, `bot`, `system`.
    pub author: String,
    /// The agent's id.
    pub author_id: String,
    /// The sender's name for it.
    pub client_id: String,
    /// When.
    pub at: Timestamp,
    /// How far the projection had been told when it was written.
    pub told: Cursors,
    /// Of its body.
    pub bytes: u64,
}

/// A write of a Room. All writes of one input are made together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum RoomWrite {
    /// Tables, before the first row.
    Create,
    /// The one row.
    SaveRecord(Box<Record>),
    /// A public entry, with what the projection has been told.
    Append(Entry, Cursors),
    /// A private entry.
    AppendPrivate(PrivateEntry, Cursors),
    /// Digests of the block of entries that ends here.
    SaveDigests {
        /// Which log.
        log: Log,
        /// Its last entry.
        upto: u64,
        /// As `Taken` wrote it.
        block: String,
    },
}

/// One of the two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// What the visitor may see.
    Public,
    /// What only agents may see.
    Private,
}

impl Log {
    fn name(self) -> &'static str {
        match self {
            Log::Public => "public",
            Log::Private => "private",
        }
    }
}

fn broken(error: impl std::fmt::Display) -> SqlError {
    SqlError(error.to_string())
}

fn body_columns(body: &Body, text_kind: &str) -> Result<[Value; 2], SqlError> {
    match body {
        Body::Text(text) => Ok([text_kind.into(), text.as_str().into()]),
        Body::Choice(offer) => Ok(["choice".into(), serde_json::to_string(offer).map_err(broken)?.into()]),
        Body::Activity(activity) => Ok(["activity".into(), serde_json::to_string(activity).map_err(broken)?.into()]),
        Body::Unread(body) => Ok(["activity".into(), body.as_str().into()]),
    }
}

impl Stored for RoomWrite {
    fn is_single(&self) -> bool {
        match self {
            RoomWrite::Create => false,
            RoomWrite::SaveRecord(_)
            | RoomWrite::Append(..)
            | RoomWrite::AppendPrivate(..)
            | RoomWrite::SaveDigests { .. } => true,
        }
    }

    fn run(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        match self {
            RoomWrite::Create => {
                for statement in CREATE {
                    sql.exec(statement, &[])?;
                }
            }
            RoomWrite::SaveRecord(record) => {
                let text = serde_json::to_string(record).map_err(broken)?;
                sql.exec(SAVE_RECORD, &[VERSION.into(), text.into()])?;
            }
            RoomWrite::Append(
                Entry { seq, id, author: Author::Visitor, client_id, at, body: Body::Text(text) },
                told,
            ) => {
                sql.exec(
                    APPEND_VISITORS,
                    &[
                        (*seq).into(),
                        id.as_str().into(),
                        client_id.as_str().into(),
                        at.0.into(),
                        text.as_str().into(),
                        told.public.into(),
                        told.private.into(),
                    ],
                )?;
            }
            RoomWrite::Append(entry, told) => {
                let [kind, body] = body_columns(&entry.body, "text")?;
                sql.exec(
                    APPEND_PUBLIC,
                    &[
                        entry.seq.into(),
                        entry.id.as_str().into(),
                        entry.author.kind().into(),
                        entry.author.id().into(),
                        entry.author.name().into(),
                        entry.client_id.as_str().into(),
                        entry.at.0.into(),
                        kind,
                        body,
                        told.public.into(),
                        told.private.into(),
                    ],
                )?;
            }
            RoomWrite::AppendPrivate(entry, told) => {
                let [kind, body] = body_columns(&entry.body, "note")?;
                sql.exec(
                    APPEND_PRIVATE,
                    &[
                        entry.seq.into(),
                        entry.id.as_str().into(),
                        entry.author.kind().into(),
                        entry.author.id().into(),
                        entry.author.name().into(),
                        entry.client_id.as_str().into(),
                        entry.at.0.into(),
                        kind,
                        body,
                        entry.follows.into(),
                        told.public.into(),
                        told.private.into(),
                    ],
                )?;
            }
            RoomWrite::SaveDigests { log, upto, block } => {
                sql.exec(SAVE_DIGESTS, &[log.name().into(), (*upto).into(), block.as_str().into()])?;
            }
        }
        Ok(())
    }
}

/// The fields that both logs share, in the order of the statements.
fn shared_columns(columns: &mut Columns<'_>) -> Result<(u64, MessageId, Author, String, Timestamp, Body), SqlError> {
    let seq = columns.uint();
    let id = MessageId::parse(&columns.text()).map_err(broken)?;
    let (author, author_id, author_name) = (columns.text(), columns.text(), columns.text());
    let author = match author.as_str() {
        "visitor" => Author::Visitor,
        "agent" => Author::Agent(AgentRef::new(author_id.try_into().map_err(broken)?, author_name)),
        "bot" => Author::Bot,
        _ => Author::System,
    };
    let (client_id, at) = (columns.text(), Timestamp(columns.int()));
    let (kind, body) = (columns.text(), columns.text());
    let read = match kind.as_str() {
        "activity" => serde_json::from_str::<wire::Activity>(&body).ok().map(Body::Activity),
        "choice" => json::from_str(&body).ok().map(Body::Choice),
        "text" | "note" => return Ok((seq, id, author, client_id, at, Body::Text(body))),
        _ => None,
    };
    // A page is read whole or not at all: what only a later version knows takes nothing of it along.
    let body = read.unwrap_or(Body::Unread(body));
    Ok((seq, id, author, client_id, at, body))
}

fn entry(row: &Row) -> Result<Entry, SqlError> {
    let (seq, id, author, client_id, at, body) = shared_columns(&mut Columns::of(row))?;
    Ok(Entry { seq, id, author, client_id, at, body })
}

fn private_entry(row: &Row) -> Result<PrivateEntry, SqlError> {
    let mut columns = Columns::of(row);
    let (seq, id, author, client_id, at, body) = shared_columns(&mut columns)?;
    Ok(PrivateEntry { seq, id, author, client_id, at, follows: columns.uint(), body })
}

/// Reads of a Room's store.
#[derive(Clone, Copy)]
pub struct RoomStore<'sql>(pub &'sql dyn Sql);

impl RoomStore<'_> {
    /// The one row; none before the first message.
    pub fn record(&self) -> Result<Option<Record>, SqlError> {
        if self.0.exec(EXISTS, &[])?.is_empty() {
            return Ok(None);
        }
        let rows = self.0.exec(LOAD_RECORD, &[])?;
        let Some(row) = rows.first() else { return Ok(None) };
        json::from_str(&Columns::of(row).text()).map(Some).map_err(broken)
    }

    /// Senders and client ids of a log after `after`, in order.
    pub fn index(&self, log: Log, after: u64) -> Result<Vec<IndexRow>, SqlError> {
        let statement = match log {
            Log::Public => INDEX_PUBLIC,
            Log::Private => INDEX_PRIVATE,
        };
        let rows = self.0.exec(statement, &[after.into()])?;
        Ok(rows
            .iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                IndexRow {
                    seq: columns.uint(),
                    author: columns.text(),
                    author_id: columns.text(),
                    client_id: columns.text(),
                    at: Timestamp(columns.int()),
                    told: Cursors { public: columns.uint(), private: columns.uint() },
                    bytes: columns.uint(),
                }
            })
            .collect())
    }

    /// The blocks of digests of a log: where each ends, and its text.
    pub fn digests(&self, log: Log) -> Result<Vec<(u64, String)>, SqlError> {
        let rows = self.0.exec(LOAD_DIGESTS, &[log.name().into()])?;
        Ok(rows
            .iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                (columns.uint(), columns.text())
            })
            .collect())
    }

    /// Public entries after `after`, oldest first.
    pub fn public_after(&self, after: u64, limit: u64) -> Result<Vec<Entry>, SqlError> {
        self.0.exec(PUBLIC_AFTER, &[after.into(), limit.into()])?.iter().map(entry).collect()
    }

    /// The newest public entries between `after` and `before` (both outside), newest first.
    pub fn public_before(&self, after: u64, before: u64, limit: u64) -> Result<Vec<Entry>, SqlError> {
        self.0.exec(PUBLIC_BEFORE, &[after.into(), before.into(), limit.into()])?.iter().map(entry).collect()
    }

    /// Private entries after `after`, oldest first.
    pub fn private_after(&self, after: u64, limit: u64) -> Result<Vec<PrivateEntry>, SqlError> {
        self.0.exec(PRIVATE_AFTER, &[after.into(), limit.into()])?.iter().map(private_entry).collect()
    }

    /// The newest private entries between `after` and `before` (both outside), newest first.
    pub fn private_before(&self, after: u64, before: u64, limit: u64) -> Result<Vec<PrivateEntry>, SqlError> {
        self.0.exec(PRIVATE_BEFORE, &[after.into(), before.into(), limit.into()])?.iter().map(private_entry).collect()
    }

    /// The last message that somebody wrote.
    pub fn last_text(&self) -> Result<Option<Entry>, SqlError> {
        self.0.exec(LAST_TEXT, &[])?.first().map(entry).transpose()
    }
}
