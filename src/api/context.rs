//! What every story is given, and the small rules that all of them share.

use std::cell::RefCell;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    core::{
        auth::{Keys, Session},
        email,
        error::Code,
        id::{Entropy, SessionId},
        json,
        limits::SESSION_LIFE,
        origin::OwnOrigin,
        port::{BatchRows, Database, Row, Statement, rows_of},
        principal::Role,
        problem::Problem,
        time::Timestamp,
    },
    sql::{accounts::AgentRow, sessions},
};

/// The world of one request.
pub struct Context<'world, D> {
    /// The history.
    pub database: &'world D,
    /// Signing keys.
    pub keys: &'world Keys,
    /// This deployment's address.
    pub own: &'world OwnOrigin,
    /// Servers on this machine may be called, as well: set where a developer works.
    pub loopback: bool,
    /// The time.
    pub now: Timestamp,
    /// Random bits for ids and salts.
    pub entropy: RefCell<Entropy>,
    /// Random bits for one secret, used at most once in a request.
    pub secret: [u8; 32],
}

impl<D: Database> Context<'_, D> {
    /// Runs statements together; whatever goes wrong with them is `storage`.
    pub async fn run(&self, statements: Vec<Statement>) -> Result<BatchRows, Problem> {
        self.database.batch(statements).await.map_err(|_| Problem::from(Code::Storage))
    }

    /// Runs one statement and gives its first row.
    pub async fn one(&self, statement: Statement) -> Result<Option<Row>, Problem> {
        let rows = self.run(vec![statement]).await?;
        Ok(rows_of(&rows, 0).first().cloned())
    }

    /// Draws an id. Only here is the entropy borrowed, and only within a statement of its own: a guard inside a larger
    /// expression lives until that ends, and a second one meanwhile panics.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Entropy) -> T) -> T {
        let mut entropy = self.entropy.borrow_mut();
        draw(&mut entropy)
    }

    /// A salt.
    pub fn salt(&self) -> [u8; 16] {
        self.draw(|entropy| entropy.next_u128().to_le_bytes())
    }

    /// A new session of an agent: the statement that keeps it, and who is signed in by it.
    pub fn open_session(&self, agent: &AgentRow, generation: u64) -> Result<(Statement, SignedIn), Problem> {
        let session = Session {
            workspace: agent.workspace.clone(),
            agent: agent.id.clone(),
            session: self.draw(SessionId::draw),
            generation,
        };
        let ends = self.now.plus(SESSION_LIFE);
        let token = self.keys.sign_session(&session, self.now, ends).ok_or(Code::Internal)?;
        Ok((sessions::insert(&session, self.now, ends), SignedIn { me: Me::of(agent), token }))
    }
}

/// Who is signed in, as the API says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Me {
    /// Agent.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Workspace.
    pub workspace: Named,
    /// The hash of their picture; empty: they have none.
    pub picture: String,
}

/// Something with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Which.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Me {
    /// Of an agent's row.
    pub fn of(agent: &AgentRow) -> Self {
        Me {
            id: agent.id.to_string(),
            name: agent.name.clone(),
            email: agent.email.clone(),
            role: agent.role,
            workspace: Named { id: agent.workspace.to_string(), name: agent.workspace_name.clone() },
            picture: agent.picture.clone(),
        }
    }
}

/// Somebody who has just signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub me: Me,
    /// The cookie's value.
    pub token: String,
}

/// Reads a body. An unknown, missing or mistyped member is refused.
pub fn read<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    // An empty body is an empty object: many requests say everything with their address.
    let text = if body.trim().is_empty() { "{}" } else { body };
    // To say more than that something in it is wrong.
    if !text.trim_start().starts_with('{') {
        return Err(Problem::new(Code::BadRequest, "the body is not a JSON object"));
    }
    json::from_str(text).map_err(|error| unreadable(&error))
}

/// As much of a member's name is given back.
const NAMED: usize = 40;

/// Of serde's words only the name of a member is given back, cut: the others may quote the body.
fn unreadable(error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    if let Some((what, rest)) = said.split_once(" field `")
        && !what.contains(' ')
    {
        let is_part = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
        let name: String = rest.chars().take_while(is_part).take(NAMED).collect();
        // A part of a name may be another member's.
        if name.len() == NAMED || rest.get(name.len()..).is_some_and(|rest| rest.starts_with('`')) {
            return Problem::field(&name, what);
        }
    }
    let what =
        if error.is_data() { "a member of the body is unknown or of the wrong type" } else { "the body is not JSON" };
    Problem::new(Code::BadRequest, format!("{what}: line {}, column {}", error.line(), error.column()))
}

/// Refuses what is unknown inside hours and places: they are read as they are stored, where a later version may have written more.
pub fn check_parts(body: &str) -> Result<(), Problem> {
    // As bytes, because answers of language models are read so: no further code for it.
    let parts: Value = serde_json::from_slice(body.as_bytes()).unwrap_or_default();
    for (part, optional) in [("hours", &["exceptions", "offsets"][..]), ("location", &[])] {
        if parts.get(part).is_some_and(|given| !has_no_other(given, optional)) {
            return Err(Problem::field(part, "a member of it is missing or unknown"));
        }
    }
    Ok(())
}

/// Each object of them, and of the days and spans of hours, has two members that must be there, and these.
fn has_no_other(given: &Value, optional: &[&str]) -> bool {
    match given {
        Value::Object(members) => {
            let more = optional.iter().filter(|name| members.contains_key(**name)).count();
            members.len() == 2 + more && members.values().all(|it| has_no_other(it, &[]))
        }
        Value::Array(items) => items.iter().all(|it| has_no_other(it, &[])),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A text that people see: trimmed, not empty, not too long, one line.
pub fn name(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = line(field, text, most)?;
    if text.is_empty() { Err(Problem::field(field, "missing or empty")) } else { Ok(text) }
}

/// `#rrggbb`, or nothing.
pub fn color(text: &str) -> Result<String, Problem> {
    let digits = text.strip_prefix('#').unwrap_or("none");
    let is_color = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_color && !text.is_empty() {
        return Err(Problem::field("color", "not a colour such as #1a73e8"));
    }
    Ok(text.to_ascii_lowercase())
}

/// A name that may be empty.
pub fn line(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Problem::field(field, format!("longer than {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::field(field, "has control characters"));
    }
    Ok(text.to_owned())
}

/// Something else stands than what a change began from.
pub fn overtaken(field: &str) -> Problem {
    Problem { field: field.into(), ..Problem::new(Code::Conflict, "somebody has changed it since") }
}

/// An address in its one form.
pub fn address(text: &str) -> Result<String, Problem> {
    email::normal(text).ok_or_else(|| Problem::field("email", "not an e-mail address"))
}

/// A password that may be taken.
pub fn password(field: &str, text: &str, email: &str) -> Result<(), Problem> {
    crate::core::password::check(text, email).map_err(|weak| Problem::field(field, weak.detail()))
}
