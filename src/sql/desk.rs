//! A Desk's own SQLite: a row per conversation that is not resolved, one for whom it refuses, and what Rooms have yet
//! to be told. No secondary index and no implicit one (`WITHOUT ROWID`): a transition is one written row.

use std::collections::BTreeMap;

use litemap::LiteMap;
use serde::de::DeserializeOwned;

use crate::core::{
    desk::{
        answers::Waits,
        conversation::Conversation,
        record::{Record, Revocation},
    },
    effect::Stored,
    id::{AgentId, ConversationId, TeamId},
    internal::AgentRef,
    json,
    limits::{DECISIONS_KEPT, WAITS_KEPT_DAYS},
    port::{Columns, Row, Sql, SqlError, Statement, Value},
    routing::{
        decision::{Decision, Sequel},
        roster::Roster,
    },
    time::Timestamp,
};

const EXISTS: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('desk', 'roster', 'decisions')";

const CREATE: [&str; 7] = [
    "CREATE TABLE IF NOT EXISTS desk (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS attached (conversation TEXT, agent TEXT, at INTEGER NOT NULL, \
     PRIMARY KEY (conversation, agent)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS revocations (subject TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS roster (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS decisions (number INTEGER PRIMARY KEY, conversation TEXT NOT NULL, record TEXT NOT NULL, \
     sequel TEXT, sequel_at INTEGER)",
    "CREATE TABLE IF NOT EXISTS waits (line TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
];

/// Version of the tables above, kept in the row so that a later one can tell what it finds.
const VERSION: i64 = 1;

const SAVE_RECORD: &str = "INSERT INTO desk (id, version, record) VALUES (1, ?, ?) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record";
const LOAD_RECORD: &str = "SELECT record FROM desk WHERE id = 1";
const SAVE_CONVERSATION: &str = "INSERT INTO conversations (id, record) VALUES (?, ?) \
     ON CONFLICT (id) DO UPDATE SET record = excluded.record";
const DROP_CONVERSATION: &str = "DELETE FROM conversations WHERE id = ?";
const LOAD_CONVERSATIONS: &str = "SELECT record FROM conversations ORDER BY id";
const ATTACH: &str = "INSERT INTO attached (conversation, agent, at) VALUES (?, ?, ?) \
     ON CONFLICT (conversation, agent) DO UPDATE SET at = excluded.at";
const DETACH: &str = "DELETE FROM attached WHERE conversation = ? AND agent = ?";
const DETACH_ALL: &str = "DELETE FROM attached WHERE agent = ?";
const LOAD_ATTACHED: &str = "SELECT conversation, agent, at FROM attached ORDER BY conversation, agent";
const SAVE_REVOCATION: &str = "INSERT INTO revocations (subject, record) VALUES (?, ?) \
     ON CONFLICT (subject) DO UPDATE SET record = excluded.record";
const DROP_REVOCATION: &str = "DELETE FROM revocations WHERE subject = ?";
const LOAD_REVOCATIONS: &str = "SELECT subject, record FROM revocations ORDER BY subject";

const SAVE_ROSTER: &str =
    "INSERT INTO roster (id, record) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record";
const LOAD_ROSTER: &str = "SELECT record FROM roster WHERE id = 1";

// The newest thousand are there, so that to look through them for one conversation is cheaper than an index that every line writes.
const ADD_DECISION: &str = "INSERT INTO decisions (number, conversation, record) VALUES (?, ?, ?)";
const DROP_DECISIONS: &str = "DELETE FROM decisions WHERE number <= ?";
const ADD_SEQUEL: &str = "UPDATE decisions SET sequel = ?, sequel_at = ? WHERE number = ? AND sequel IS NULL";
const LAST_DECISION: &str = "SELECT COALESCE(MAX(number), 0) FROM decisions";
const LIST_DECISIONS: &str = "SELECT number, conversation, record, sequel, sequel_at FROM decisions \
     WHERE number < ?1 AND (?2 = '' OR conversation = ?2) ORDER BY number DESC LIMIT ?3";

const SAVE_WAITS: &str =
    "INSERT INTO waits (line, record) VALUES (?, ?) ON CONFLICT (line) DO UPDATE SET record = excluded.record";
const FORGET_WAITS: &str = "DELETE FROM waits WHERE json_extract(record, '$.day') NOT BETWEEN ? AND ?";
const LOAD_WAITS: &str = "SELECT line, record FROM waits ORDER BY line";

const FIND_AGENT: &str = "SELECT name, picture FROM agents WHERE id = ? AND workspace = ? AND state = 'active'";

/// A write of a Desk. All writes of one input are made together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskWrite {
    /// Tables, before the first row.
    Create,
    /// The one row.
    SaveRecord(Box<Record>),
    /// A conversation after a transition.
    SaveConversation(Box<Conversation>),
    /// A conversation that was resolved long ago.
    DropConversation(ConversationId),
    /// An agent opens a socket in a Room.
    Attach {
        /// Who.
        agent: AgentId,
        /// Where.
        conversation: ConversationId,
        /// When.
        at: Timestamp,
    },
    /// An agent has no socket in a Room any more.
    Detach {
        /// Who.
        agent: AgentId,
        /// Where.
        conversation: ConversationId,
    },
    /// An agent has no socket in any Room any more.
    DetachAll(AgentId),
    /// A revocation that Rooms have to be told of, and whom it is about.
    SaveRevocation(String, Box<Revocation>),
    /// Every Room has confirmed the revocation of this one.
    DropRevocation(String),
    /// Who works where.
    SaveRoster(Box<Roster>),
    /// A line of the log of decisions; the one that is too old goes.
    AddDecision {
        /// Its number, one more than the last.
        number: u64,
        /// About which conversation.
        conversation: ConversationId,
        /// What it says.
        decision: Box<Decision>,
    },
    /// How long visitors have waited today in one line, which is a team's or everybody's.
    SaveWaits {
        /// Whose line.
        line: Option<TeamId>,
        /// All of them.
        waits: Box<Waits>,
        /// The first of a day: lines in which nobody was answered for long go.
        is_first: bool,
    },
    /// What became of a ring.
    AddSequel {
        /// The line's number.
        number: u64,
        /// What.
        sequel: Sequel,
        /// When.
        at: Timestamp,
    },
}

/// How far a store has been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exists {
    /// Nothing was ever stored.
    No,
    /// By a version that knew fewer tables; the next write makes the others.
    Before,
    /// By one that knew teams and no log of decisions.
    WithRoster,
    /// With every table.
    AsNow,
}

fn broken(error: impl std::fmt::Display) -> SqlError {
    SqlError(error.to_string())
}

impl Stored for DeskWrite {
    fn is_single(&self) -> bool {
        !matches!(self, DeskWrite::Create | DeskWrite::AddDecision { .. } | DeskWrite::SaveWaits { .. })
    }

    fn run(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        let (statement, args): (&str, Vec<Value>) = match self {
            DeskWrite::Create => {
                for statement in CREATE {
                    sql.exec(statement, &[])?;
                }
                return Ok(());
            }
            DeskWrite::SaveRecord(record) => (SAVE_RECORD, vec![VERSION.into(), json(record)?]),
            DeskWrite::SaveConversation(row) => (SAVE_CONVERSATION, vec![row.id.as_str().into(), json(row)?]),
            DeskWrite::DropConversation(id) => (DROP_CONVERSATION, vec![id.as_str().into()]),
            DeskWrite::Attach { agent, conversation, at } => {
                (ATTACH, vec![conversation.as_str().into(), agent.as_str().into(), at.0.into()])
            }
            DeskWrite::Detach { agent, conversation } => {
                (DETACH, vec![conversation.as_str().into(), agent.as_str().into()])
            }
            DeskWrite::DetachAll(agent) => (DETACH_ALL, vec![agent.as_str().into()]),
            DeskWrite::SaveRevocation(subject, row) => (SAVE_REVOCATION, vec![subject.as_str().into(), json(row)?]),
            DeskWrite::SaveRoster(roster) => (SAVE_ROSTER, vec![json(roster)?]),
            DeskWrite::AddDecision { number, conversation, decision } => {
                let number = whole(*number);
                sql.exec(DROP_DECISIONS, &[number.saturating_sub(whole(DECISIONS_KEPT)).into()])?;
                (ADD_DECISION, vec![number.into(), conversation.as_str().into(), json(decision)?])
            }
            DeskWrite::SaveWaits { line, waits, is_first } => {
                if *is_first {
                    sql.exec(FORGET_WAITS, &[waits.day.saturating_sub(WAITS_KEPT_DAYS).into(), waits.day.into()])?;
                }
                (SAVE_WAITS, vec![line.as_ref().map_or("", TeamId::as_str).into(), json(waits)?])
            }
            DeskWrite::AddSequel { number, sequel, at } => {
                (ADD_SEQUEL, vec![json(sequel)?, at.0.into(), whole(*number).into()])
            }
            DeskWrite::DropRevocation(subject) => (DROP_REVOCATION, vec![subject.as_str().into()]),
        };
        sql.exec(statement, &args).map(drop)
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn json(record: &impl serde::Serialize) -> Result<Value, SqlError> {
    serde_json::to_string(record).map(Value::Text).map_err(broken)
}

fn parsed<T: DeserializeOwned>(columns: &mut Columns<'_>) -> Result<T, SqlError> {
    json::from_str(&columns.text()).map_err(broken)
}

/// Reads of a Desk's store, all of them on waking.
#[derive(Clone, Copy)]
pub struct DeskStore<'sql>(pub &'sql dyn Sql);

impl DeskStore<'_> {
    /// Whether anything was ever stored.
    pub fn exists(&self) -> Result<Exists, SqlError> {
        Ok(match self.0.exec(EXISTS, &[])?.len() {
            0 => Exists::No,
            1 => Exists::Before,
            2 => Exists::WithRoster,
            _ => Exists::AsNow,
        })
    }

    /// Who works where; nobody anywhere before an admin has said so.
    pub fn roster(&self) -> Result<Roster, SqlError> {
        let rows = self.0.exec(LOAD_ROSTER, &[])?;
        rows.first().map_or_else(|| Ok(Roster::default()), |row| parsed(&mut Columns::of(row)))
    }

    /// The number of the last line of the log of decisions; 0: there is none.
    pub fn last_decision(&self) -> Result<u64, SqlError> {
        let rows = self.0.exec(LAST_DECISION, &[])?;
        Ok(rows.first().map_or(0, |row| u64::try_from(Columns::of(row).int()).unwrap_or(0)))
    }

    /// How long visitors have waited, line by line.
    pub fn waits(&self) -> Result<Vec<(Option<TeamId>, Waits)>, SqlError> {
        let read = |row: &Row| {
            let mut columns = Columns::of(row);
            let line = match columns.text().as_str() {
                "" => None,
                id => Some(TeamId::parse(id).map_err(broken)?),
            };
            Ok((line, parsed(&mut columns)?))
        };
        self.0.exec(LOAD_WAITS, &[])?.iter().map(read).collect()
    }

    /// Lines of that log, the newest first, as a JSON array: `number`, `conversation`, `decision`, and once it has rung `sequel` and
    /// `sequel_at`. What is stored is JSON of ours already; to read it here would only be to write it again.
    pub fn decisions(
        &self,
        about: Option<&ConversationId>,
        before: Option<u64>,
        limit: u64,
    ) -> Result<String, SqlError> {
        let about = about.map_or("", ConversationId::as_str);
        let args = [whole(before.unwrap_or(u64::MAX)).into(), about.into(), whole(limit).into()];
        let mut told = String::from("[");
        for row in self.0.exec(LIST_DECISIONS, &args)? {
            let mut columns = Columns::of(&row);
            let (number, conversation, record) = (columns.int(), columns.text(), columns.text());
            let (sequel, sequel_at) = (columns.text(), columns.int());
            if told.len() > 1 {
                told.push(',');
            }
            let (number, conversation) = (number.to_string(), conversation.as_str());
            let line = ["{\"number\":", &number, ",\"conversation\":\"", conversation, "\",\"decision\":", &record];
            told.extend(line);
            if !sequel.is_empty() {
                told.extend([",\"sequel\":", &sequel, ",\"sequel_at\":", &sequel_at.to_string()]);
            }
            told.push('}');
        }
        told.push(']');
        Ok(told)
    }

    /// The one row; an empty one before there is any.
    pub fn record(&self) -> Result<Record, SqlError> {
        let rows = self.0.exec(LOAD_RECORD, &[])?;
        rows.first().map_or_else(|| Ok(Record::default()), |row| parsed(&mut Columns::of(row)))
    }

    /// Every conversation. One that only a later version can read is listed when its Room next speaks of it.
    pub fn conversations(&self) -> Result<Vec<Conversation>, SqlError> {
        let rows = self.0.exec(LOAD_CONVERSATIONS, &[])?;
        let read = |row: &Row| parsed(&mut Columns::of(row)).inspect_err(|error| self.0.pass_over(error)).ok();
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Where agents have sockets, and since when.
    pub fn attached(&self) -> Result<BTreeMap<ConversationId, LiteMap<AgentId, Timestamp>>, SqlError> {
        let mut attached: BTreeMap<ConversationId, LiteMap<AgentId, Timestamp>> = BTreeMap::new();
        for row in self.0.exec(LOAD_ATTACHED, &[])? {
            let mut columns = Columns::of(&row);
            let conversation = ConversationId::parse(&columns.text()).map_err(broken)?;
            let agent = AgentId::parse(&columns.text()).map_err(broken)?;
            attached.entry(conversation).or_default().insert(agent, Timestamp(columns.int()));
        }
        Ok(attached)
    }

    /// What Rooms have yet to confirm.
    pub fn revocations(&self) -> Result<LiteMap<String, Revocation>, SqlError> {
        let read = |row: &Row| {
            let mut columns = Columns::of(row);
            Ok((columns.text(), parsed(&mut columns)?))
        };
        self.0.exec(LOAD_REVOCATIONS, &[])?.iter().map(read).collect()
    }
}

/// Asks the history for the name of an agent who may take conversations (INV-8: of this workspace).
pub fn find_agent(workspace: &crate::core::id::WorkspaceId, agent: &AgentId) -> Statement {
    Statement::new(FIND_AGENT, [agent.as_str().into(), workspace.as_str().into()])
}

/// Reads a row of [`find_agent`].
pub fn found_agent(id: AgentId, row: &Row) -> AgentRef {
    let mut columns = Columns::of(row);
    AgentRef { id, name: columns.text(), picture: columns.text() }
}
