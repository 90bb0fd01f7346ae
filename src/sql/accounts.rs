//! Agents and their workspaces. Every statement carries the workspace (INV-8), except the one that signing in begins
//! with, which has nothing but an address.

use serde::{Deserialize, Serialize};

use super::routing::{given, list_text, read_abilities};
use crate::core::{
    id::{AgentId, WorkspaceId},
    limits::AGENTS_MAX,
    port::{Columns, Row, Statement},
    principal::Role,
    routing::roster::Abilities,
    time::Timestamp,
};

/// Whether an agent may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Yes.
    Active,
    /// Not yet: the invitation is open.
    Invited,
    /// No more.
    Disabled,
}

impl AgentState {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            AgentState::Active => "active",
            AgentState::Invited => "invited",
            AgentState::Disabled => "disabled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [AgentState::Active, AgentState::Invited, AgentState::Disabled].into_iter().find(|state| state.name() == text)
    }
}

/// An agent with everything that is kept of them. Has no `Debug`: it holds a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Who.
    pub id: AgentId,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// In its one form.
    pub email: String,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// May they sign in.
    pub state: AgentState,
    /// PHC text; empty before the first password.
    pub password_hash: String,
    /// Raised by everything that ends sessions: to that moment, or by one.
    pub generation: u64,
    /// Since when.
    pub created_at: Timestamp,
    /// What routing knows of them.
    pub abilities: Abilities,
    /// The hash of their picture; empty: they have none.
    pub picture: String,
}

impl AgentRow {
    /// The generation after one that ends their sessions now, as the statements have it. A Desk whose history was put back remembers a later
    /// one than that: the next moment is above it, as the next number would not be.
    pub fn raised(&self, now: Timestamp) -> u64 {
        (self.generation + 1).max(now.wire())
    }

    /// Reads the columns of this module's `SELECT` and `RETURNING`; none for a row that could not have been written.
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        Some(AgentRow {
            id: AgentId::parse(&columns.text()).ok()?,
            workspace: WorkspaceId::parse(&columns.text()).ok()?,
            workspace_name: columns.text(),
            email: columns.text(),
            name: columns.text(),
            role: Role::parse(&columns.text())?,
            state: AgentState::parse(&columns.text())?,
            password_hash: columns.text(),
            generation: columns.uint(),
            created_at: Timestamp(columns.int()),
            abilities: read_abilities(&mut columns),
            picture: columns.text(),
        })
    }
}

const BY_EMAIL: &str = "SELECT a.id, a.workspace, w.name AS workspace_name, a.email, a.name, a.role, a.state, \
     a.password_hash, a.generation, a.created_at, a.capacity, a.languages, a.skills, a.location, a.picture FROM agents a JOIN workspaces w ON w.id = a.workspace WHERE a.email = ?";
const BY_ID: &str = "SELECT a.id, a.workspace, w.name AS workspace_name, a.email, a.name, a.role, a.state, \
     a.password_hash, a.generation, a.created_at, a.capacity, a.languages, a.skills, a.location, a.picture FROM agents a JOIN workspaces w ON w.id = a.workspace \
     WHERE a.workspace = ? AND a.id = ?";
const LIST: &str = "SELECT a.id, a.workspace, w.name AS workspace_name, a.email, a.name, a.role, a.state, \
     '' AS password_hash, a.generation, a.created_at, a.capacity, a.languages, a.skills, a.location, a.picture FROM agents a JOIN workspaces w ON w.id = a.workspace \
     WHERE a.workspace = ? ORDER BY a.created_at, a.id LIMIT 1000";
const INSERT_WORKSPACE: &str = "INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?)";
const INSERT: &str = "INSERT INTO agents (id, workspace, email, name, role, state, password_hash, generation, created_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)";
const INSERT_IF_NEW: &str = "INSERT INTO agents (id, workspace, email, name, role, state, password_hash, generation, \
     created_at) SELECT ?, ?, ?, ?, ?, 'invited', NULL, 1, ? WHERE (SELECT COUNT(*) FROM agents WHERE workspace = ?2) < ?7 \
     ON CONFLICT (email) DO NOTHING RETURNING id";
const RENAME: &str = "UPDATE agents SET name = ? WHERE workspace = ? AND id = ? RETURNING id";
const SET_ROLE: &str = "UPDATE agents SET role = ?1, generation = MAX(generation + (?2 > 0), ?2) WHERE workspace = ?3 AND id = ?4 \
     AND generation = ?5 AND role = ?6 AND (role <> 'owner' OR ?1 = 'owner' OR (SELECT COUNT(*) FROM agents WHERE workspace = ?3 \
     AND role = 'owner' AND state = 'active' AND id <> ?4) > 0) RETURNING generation";
const DISABLE: &str = "UPDATE agents SET state = 'disabled', generation = MAX(generation + 1, ?4) WHERE workspace = ?1 AND id = ?2 \
     AND role = ?3 AND state <> 'disabled' AND (role <> 'owner' OR (SELECT COUNT(*) FROM agents WHERE workspace = ?1 \
     AND role = 'owner' AND state = 'active' AND id <> ?2) > 0) RETURNING generation";
const ENABLE: &str = "UPDATE agents SET state = CASE WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END \
     WHERE workspace = ? AND id = ? AND state = 'disabled' RETURNING state";
/// Only what is given, as with sites; 0 and empty take away.
const SET_ABILITIES: &str = "UPDATE agents SET capacity = NULLIF(COALESCE(?3, capacity), 0), languages = COALESCE(?4, languages), \
     skills = COALESCE(?5, skills), location = NULLIF(COALESCE(?6, location), '') WHERE workspace = ?1 AND id = ?2 \
     AND (?7 IS NULL OR languages = ?7) AND (?8 IS NULL OR skills = ?8) RETURNING capacity, languages, skills, location";
const RAISE: &str =
    "UPDATE agents SET generation = MAX(generation + 1, ?) WHERE workspace = ? AND id = ? RETURNING generation";
const SET_PASSWORD: &str = "UPDATE agents SET password_hash = ?1, generation = MAX(generation + 1, ?6), state = 'active', \
     name = CASE WHEN ?2 = '' THEN name ELSE ?2 END \
     WHERE workspace = ?3 AND id = ?4 AND generation = ?5 AND state <> 'disabled' RETURNING generation";
const REHASH: &str = "UPDATE agents SET password_hash = ?1 WHERE workspace = ?2 AND id = ?3 AND password_hash = ?4";

/// What routing knows of them from now on, where it is something else, if `begun` are their languages and skills, where those are named.
/// Gives what stands then.
pub fn set_abilities(agent: &AgentRow, after: &Abilities, begun: [Option<&[String]>; 2]) -> Statement {
    let before = &agent.abilities;
    let [languages, skills] = begun.map(|list| list.map(list_text).into());
    Statement::new(
        SET_ABILITIES,
        [
            agent.workspace.as_str().into(),
            agent.id.as_str().into(),
            given(after.capacity != before.capacity, i64::from(after.capacity.unwrap_or(0)).into()),
            given(after.languages != before.languages, list_text(&after.languages).into()),
            given(after.skills != before.skills, list_text(&after.skills).into()),
            given(
                after.location != before.location,
                after.location.and_then(|it| serde_json::to_string(&it).ok()).into(),
            ),
            languages,
            skills,
        ],
    )
}

/// By address: how signing in begins.
pub fn by_email(email: &str) -> Statement {
    Statement::new(BY_EMAIL, [email.into()])
}

/// One agent of a workspace.
pub fn by_id(workspace: &WorkspaceId, agent: &AgentId) -> Statement {
    Statement::new(BY_ID, [workspace.as_str().into(), agent.as_str().into()])
}

/// All of a workspace, oldest first, without their hashes.
pub fn list(workspace: &WorkspaceId) -> Statement {
    Statement::new(LIST, [workspace.as_str().into()])
}

/// A new workspace.
pub fn insert_workspace(workspace: &WorkspaceId, name: &str, now: Timestamp) -> Statement {
    Statement::new(INSERT_WORKSPACE, [workspace.as_str().into(), name.into(), now.0.into()])
}

/// A new agent with a password. Breaks its batch when the address is taken.
pub fn insert(agent: &AgentRow) -> Statement {
    Statement::new(
        INSERT,
        [
            agent.id.as_str().into(),
            agent.workspace.as_str().into(),
            agent.email.as_str().into(),
            agent.name.as_str().into(),
            agent.role.name().into(),
            agent.state.name().into(),
            Some(agent.password_hash.as_str()).filter(|hash| !hash.is_empty()).into(),
            agent.created_at.0.into(),
        ],
    )
}

/// An invited agent; gives a row unless the address is taken or there are too many.
pub fn invite(
    workspace: &WorkspaceId,
    agent: &AgentId,
    email: &str,
    name: &str,
    role: Role,
    now: Timestamp,
) -> Statement {
    Statement::new(
        INSERT_IF_NEW,
        [
            agent.as_str().into(),
            workspace.as_str().into(),
            email.into(),
            name.into(),
            role.name().into(),
            now.0.into(),
            AGENTS_MAX.into(),
        ],
    )
}

/// Another name; gives a row if there is such an agent.
pub fn rename(workspace: &WorkspaceId, agent: &AgentId, name: &str) -> Statement {
    Statement::new(RENAME, [name.into(), workspace.as_str().into(), agent.as_str().into()])
}

/// Another role, if the agent is still as they were read and it is not the last owner who loses theirs.
/// Losing rights ends sessions, whose sockets were opened with them. Gives the generation.
pub fn set_role(agent: &AgentRow, role: Role, ends_sessions: bool, now: Timestamp) -> Statement {
    Statement::new(
        SET_ROLE,
        [
            role.name().into(),
            (if ends_sessions { now.0 } else { 0 }).into(),
            agent.workspace.as_str().into(),
            agent.id.as_str().into(),
            agent.generation.into(),
            agent.role.name().into(),
        ],
    )
}

/// Shuts an agent out who still has the role that was read, unless it is the last owner who can sign in. Gives the new generation.
pub fn disable(agent: &AgentRow, now: Timestamp) -> Statement {
    let args = [agent.workspace.as_str().into(), agent.id.as_str().into(), agent.role.name().into(), now.0.into()];
    Statement::new(DISABLE, args)
}

/// Lets them in again. Gives the state.
pub fn enable(workspace: &WorkspaceId, agent: &AgentId) -> Statement {
    Statement::new(ENABLE, [workspace.as_str().into(), agent.as_str().into()])
}

/// Ends what began before. Gives the new generation.
pub fn raise_generation(workspace: &WorkspaceId, agent: &AgentId, now: Timestamp) -> Statement {
    Statement::new(RAISE, [now.0.into(), workspace.as_str().into(), agent.as_str().into()])
}

/// A new password, if the agent is still as they were read; an empty name keeps the one there is. Gives the new generation.
pub fn set_password(agent: &AgentRow, hash: &str, name: &str, now: Timestamp) -> Statement {
    Statement::new(
        SET_PASSWORD,
        [
            hash.into(),
            name.into(),
            agent.workspace.as_str().into(),
            agent.id.as_str().into(),
            agent.generation.into(),
            now.0.into(),
        ],
    )
}

/// The same password, hashed with today's settings.
pub fn rehash(workspace: &WorkspaceId, agent: &AgentId, hash: &str, old: &str) -> Statement {
    Statement::new(REHASH, [hash.into(), workspace.as_str().into(), agent.as_str().into(), old.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{id::Entropy, port::rows_of, time::DAY},
        sql::testing::TestDatabase,
    };

    const NOW: Timestamp = Timestamp(1_764_000_000_000);

    struct World {
        database: TestDatabase,
        here: WorkspaceId,
        there: WorkspaceId,
    }

    fn agent(seed: u128, workspace: &WorkspaceId, role: Role, state: AgentState) -> AgentRow {
        let id = AgentId::draw(&mut Entropy::new(seed));
        AgentRow {
            email: format!("{seed}@shop.example"),
            workspace: workspace.clone(),
            workspace_name: "Shop".into(),
            name: format!("agent {seed}"),
            role,
            state,
            password_hash: if state == AgentState::Invited { String::new() } else { "$argon2id$".into() },
            generation: 1,
            created_at: Timestamp(i64::try_from(seed).unwrap()),
            abilities: Default::default(),
            picture: String::new(),
            id,
        }
    }

    fn world() -> World {
        let mut entropy = Entropy::new(1);
        let (here, there) = (WorkspaceId::draw(&mut entropy), WorkspaceId::draw(&mut entropy));
        let database = TestDatabase::migrated();
        for workspace in [&here, &there] {
            database.run(vec![insert_workspace(workspace, "Shop", Timestamp(1))]).unwrap();
        }
        World { database, here, there }
    }

    impl World {
        fn one(&self, statement: Statement) -> Option<Row> {
            let rows = self.database.run(vec![statement]).unwrap();
            assert!(rows_of(&rows, 0).len() <= 1);
            rows_of(&rows, 0).first().cloned()
        }

        fn generation(&self, statement: Statement) -> Option<u64> {
            self.one(statement).map(|row| Columns::of(&row).uint())
        }
    }

    #[test]
    fn rows_come_back_whole_and_only_in_their_workspace() {
        let world = world();
        let lei = agent(7, &world.here, Role::Owner, AgentState::Active);
        let ann = agent(8, &world.here, Role::Agent, AgentState::Invited);
        world.database.run(vec![insert(&lei), insert(&ann)]).unwrap();
        assert!(AgentRow::read(&world.one(by_email(&lei.email)).unwrap()).unwrap() == lei);
        assert!(AgentRow::read(&world.one(by_id(&world.here, &ann.id)).unwrap()).unwrap() == ann);
        let list = world.database.run(vec![list(&world.here)]).unwrap();
        let names: Vec<String> = rows_of(&list, 0).iter().map(|row| AgentRow::read(row).unwrap().name).collect();
        assert_eq!(names, ["agent 7", "agent 8"]);
        assert!(world.database.run(vec![insert(&lei)]).is_err());
    }

    #[test]
    fn inv_8_no_statement_reaches_into_another_workspace() {
        let world = world();
        let lei = agent(7, &world.here, Role::Admin, AgentState::Active);
        let off = agent(8, &world.here, Role::Agent, AgentState::Disabled);
        world.database.run(vec![insert(&lei), insert(&off)]).unwrap();
        let there = &world.there;
        let lei_there = AgentRow { workspace: there.clone(), ..lei.clone() };
        let strangers = [
            by_id(there, &lei.id),
            list(there),
            rename(there, &lei.id, "x"),
            set_role(&lei_there, Role::Owner, false, NOW),
            disable(&lei_there, NOW),
            enable(there, &off.id),
            raise_generation(there, &lei.id, NOW),
            set_password(&lei_there, "$x", "", NOW),
            rehash(there, &lei.id, "$x", "$argon2id$"),
        ];
        for statement in strangers {
            let sql = statement.sql;
            assert_eq!(world.one(statement), None, "{sql}");
        }
        assert!(AgentRow::read(&world.one(by_id(&world.here, &lei.id)).unwrap()).unwrap() == lei);
        assert!(AgentRow::read(&world.one(by_id(&world.here, &off.id)).unwrap()).unwrap() == off);
    }

    #[test]
    fn the_last_owner_stays() {
        let world = world();
        let first = agent(1, &world.here, Role::Owner, AgentState::Active);
        let second = agent(2, &world.here, Role::Owner, AgentState::Active);
        let invited = agent(3, &world.here, Role::Owner, AgentState::Invited);
        let elsewhere = agent(4, &world.there, Role::Owner, AgentState::Active);
        world.database.run([&first, &second, &invited, &elsewhere].map(insert).to_vec()).unwrap();
        let read = |agent: &AgentRow| AgentRow::read(&world.one(by_id(&world.here, &agent.id)).unwrap()).unwrap();
        let now = NOW.0.unsigned_abs();
        let role = |agent: &AgentRow, role, ends_sessions| world.generation(set_role(agent, role, ends_sessions, NOW));
        let out = |agent: &AgentRow| world.generation(disable(agent, NOW));
        assert_eq!(role(&first, Role::Agent, true), Some(now));
        assert_eq!(out(&second), None, "one left who can sign in");
        assert_eq!(role(&second, Role::Admin, true), None);
        assert_eq!(role(&second, Role::Owner, false), Some(1), "no change is none");
        assert_eq!(role(&first, Role::Owner, false), None, "read too long ago");
        let owner_then = AgentRow { role: Role::Owner, ..read(&first) };
        assert_eq!(role(&owner_then, Role::Admin, false), None, "another role by now");
        assert_eq!(out(&owner_then), None);
        assert_eq!(role(&read(&first), Role::Owner, false), Some(now));
        assert_eq!(out(&second), Some(now));
        assert_eq!(out(&second), None, "already");
        assert_eq!(out(&read(&first)), None);
    }

    /// As the story computes it that opens a session with the new one in the same batch.
    #[test]
    fn a_generation_is_the_moment_or_one_more() {
        let world = world();
        let lei = agent(1, &world.here, Role::Owner, AgentState::Active);
        let ann = agent(2, &world.here, Role::Owner, AgentState::Active);
        world.database.run(vec![insert(&lei), insert(&ann)]).unwrap();
        let read = || AgentRow::read(&world.one(by_id(&world.here, &lei.id)).unwrap()).unwrap();
        let mut before = 1;
        for (now, later) in [(NOW, NOW.0), (NOW, NOW.0 + 1), (NOW.plus(-9), NOW.0 + 2), (NOW.plus(DAY), NOW.0 + DAY)] {
            let raised = read().raised(now);
            assert_eq!((raised, raised > before), (later.unsigned_abs(), true));
            assert_eq!(world.generation(raise_generation(&world.here, &lei.id, now)), Some(raised));
            before = raised;
        }
        let now = NOW.plus(2 * DAY);
        let raised = read().raised(now);
        assert_eq!(world.generation(set_password(&read(), "$b", "", now)), Some(raised));
        let raised = read().raised(now);
        assert_eq!(world.generation(set_role(&read(), Role::Agent, true, now)), Some(raised));
        assert_eq!(world.generation(set_role(&read(), Role::Admin, false, now)), Some(raised), "ends nothing");
        let raised = read().raised(now);
        assert_eq!(world.generation(disable(&read(), now)), Some(raised));
    }

    #[test]
    fn states_and_generations() {
        let world = world();
        let lei = agent(1, &world.here, Role::Agent, AgentState::Invited);
        world.database.run(vec![insert(&lei)]).unwrap();
        let here = &world.here;
        let now = || AgentRow::read(&world.one(by_id(here, &lei.id)).unwrap()).unwrap();
        let moment = |ahead: u64| Some(NOW.0.unsigned_abs() + ahead);
        assert_eq!(world.generation(set_password(&lei, "$a", "Lei", NOW)), moment(0));
        assert_eq!((now().state, now().name.as_str()), (AgentState::Active, "Lei"));
        assert_eq!(world.generation(set_password(&lei, "$b", "", NOW)), None, "only once from one reading");
        assert_eq!(world.generation(set_password(&now(), "$b", "", NOW)), moment(1));
        assert_eq!((now().password_hash.as_str(), now().name.as_str()), ("$b", "Lei"));
        world.one(rehash(here, &lei.id, "$c", "$other"));
        assert_eq!(now().password_hash, "$b");
        world.one(rehash(here, &lei.id, "$c", "$b"));
        assert_eq!(now().password_hash, "$c");
        assert_eq!(world.generation(disable(&lei, NOW)), moment(2));
        assert_eq!(world.generation(set_password(&now(), "$d", "", NOW)), None, "disabled stays out");
        assert!(world.one(enable(here, &lei.id)).is_some());
        assert_eq!((now().state, Some(now().generation)), (AgentState::Active, moment(2)));
        assert_eq!(world.generation(raise_generation(here, &lei.id, NOW)), moment(3));
        let taken = invite(here, &AgentId::draw(&mut Entropy::new(9)), &lei.email, "Ann", Role::Agent, Timestamp(1));
        assert_eq!(world.one(taken), None);
        let ann = AgentId::draw(&mut Entropy::new(9));
        assert!(world.one(invite(here, &ann, "ann@shop.example", "Ann", Role::Agent, Timestamp(1))).is_some());
        let ann = AgentRow::read(&world.one(by_id(here, &ann)).unwrap()).unwrap();
        assert_eq!(world.generation(disable(&ann, NOW)), moment(0));
        let state = world.one(enable(here, &ann.id)).map(|row| Columns::of(&row).text());
        assert_eq!(state.as_deref(), Some("invited"), "there is no password yet");
    }
}
