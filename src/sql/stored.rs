//! Stores of older versions, byte for byte (`tests/golden/stored`): what they hold is read for ever, and written again so that they read it
//! after a rollback. Their files are never edited; a new one is taken where a stored form has grown.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, types::Value as Cell};
use serde::Deserialize;
use serde_json::Value;

use super::{
    bot,
    desk::{DeskStore, DeskWrite},
    faq::{self, FaqRow},
    intents::{self, IntentRow},
    migrate,
    room::{Log, RoomStore, RoomWrite},
    routing,
    sites::{self, SiteRow},
    testing::{TestDatabase, TestSql, ready},
};
use crate::core::{
    desk::Desk,
    effect::Stored as _,
    id::{IntentId, WorkspaceId},
    internal::Status,
    port::rows_of,
    protocol::wire,
    room::{Room, Settings, entry::Body, record::Cursors},
    routing::settings::Method,
    time::Timestamp,
};

/// By the last migration that they have had.
const STORES: [&str; 4] = [
    include_str!("../../tests/golden/stored/0010.json"),
    include_str!("../../tests/golden/stored/0017.json"),
    include_str!("../../tests/golden/stored/0019.json"),
    include_str!("../../tests/golden/stored/0021.json"),
];
const NOW: Timestamp = Timestamp(1_795_990_000_000);

/// A store: the statements that made its tables, and their rows.
#[derive(Deserialize)]
struct Store {
    room_schema: Vec<String>,
    rooms: Vec<RoomRows>,
    desk: Database,
    d1: Database,
}

#[derive(Deserialize)]
struct RoomRows {
    name: String,
    tables: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
struct Database {
    schema: Vec<String>,
    tables: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    fn texts(&self, column: &str) -> Vec<&str> {
        let place = self.columns.iter().position(|it| it == column).unwrap();
        self.rows.iter().map(|row| row[place].as_str().unwrap()).collect()
    }
}

fn stores() -> Vec<Store> {
    STORES.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn fill(connection: &Connection, schema: &[String], tables: &BTreeMap<String, Table>) {
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for statement in schema {
        connection.execute_batch(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    for (name, table) in tables {
        let places = vec!["?"; table.columns.len()].join(", ");
        let insert = format!("INSERT INTO \"{name}\" ({}) VALUES ({places})", table.columns.join(", "));
        for row in &table.rows {
            let cells = row.iter().map(|cell| match cell {
                Value::String(text) => Cell::Text(text.clone()),
                Value::Number(number) => Cell::Integer(number.as_i64().unwrap()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Cell::Null,
            });
            connection.execute(&insert, rusqlite::params_from_iter(cells)).unwrap();
        }
    }
}

fn filled(schema: &[String], tables: &BTreeMap<String, Table>) -> TestSql {
    let sql = TestSql::default();
    fill(&sql.connection, schema, tables);
    sql
}

fn texts_of(sql: &TestSql, column: &str, table: &str) -> Vec<String> {
    let query = format!("SELECT {column} FROM {table}");
    let mut statement = sql.connection.prepare(&query).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// By which statements its tables are as they are; one that was made before `build.rs` took comments out has them still.
fn made(sql: &TestSql) -> BTreeSet<String> {
    const MADE: &str = "sqlite_master WHERE sql IS NOT NULL AND name <> 'schema_migrations'";
    let bare = |text: String| -> String {
        let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("--"));
        lines.flat_map(|line| [line, "\n"]).collect()
    };
    texts_of(sql, "sql", MADE).into_iter().map(bare).collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is) => !is,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Whoever wrote `old` finds in `new` what was there, and of the kind that it was. What is empty may be left out; what is new, it passes over.
fn holds(old: &Value, new: &Value, place: &str) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                match new.get(name) {
                    Some(now) => holds(value, now, &format!("{place}.{name}")),
                    None => assert!(is_nothing(value), "{place}.{name} is lost: {value}"),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{place}");
            old.iter().zip(new).for_each(|(old, new)| holds(old, new, place));
        }
        _ => assert_eq!(old, new, "{place}"),
    }
}

fn all_hold(old: &[&str], new: &[String], place: &str) {
    assert_eq!(old.len(), new.len(), "{place}");
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into());
    old.iter().zip(new).for_each(|(old, new)| holds(&value(old), &value(new), place));
}

#[test]
fn a_room_of_before_is_read_whole_and_written_as_it_was() {
    for store in stores() {
        for RoomRows { name, tables } in &store.rooms {
            let sql = filled(&store.room_schema, tables);
            let room = RoomStore(&sql);
            assert!(Room::load(room, Settings::default(), None).is_ok(), "{name}");
            let (public, private) = (room.public_after(0, 1_000).unwrap(), room.private_after(0, 1_000).unwrap());
            assert_eq!(public.len(), tables["public_log"].rows.len(), "{name}");
            assert_eq!(room.index(Log::Private, 0).unwrap().len(), private.len(), "{name}");
            assert!(public.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "{name}");

            let anew = TestSql::default();
            let record = room.record().unwrap().unwrap();
            let mut writes = vec![RoomWrite::Create, RoomWrite::SaveRecord(Box::new(record))];
            writes.extend(public.into_iter().map(|entry| RoomWrite::Append(entry, Cursors::default())));
            writes.extend(private.into_iter().map(|entry| RoomWrite::AppendPrivate(entry, Cursors::default())));
            writes.iter().for_each(|write| write.run(&anew).unwrap());
            all_hold(&tables["room"].texts("record"), &texts_of(&anew, "record", "room"), name);
            for log in ["public_log", "private_log"] {
                for column in ["id", "author", "author_id", "author_name", "client_id", "kind", "body"] {
                    all_hold(&tables[log].texts(column), &texts_of(&anew, column, log), name);
                }
            }
        }
    }
}

/// A later version was here and used what it knows; then this one was put back.
#[test]
fn what_only_a_later_version_knows_takes_nothing_of_a_room_along() {
    const LATER: &str = r#"{"kind":"FROM_THE_FUTURE","actor":{"kind":"AGENT","id":"agt_6spvaqg7r64ikc22"}}"#;
    let store = stores().pop().unwrap();
    let tables = &store.rooms.iter().find(|it| it.name == "proven").unwrap().tables;
    let sql = filled(&store.room_schema, tables);
    let change = |statement: &str| assert!(sql.connection.execute(statement, []).unwrap() > 0, "{statement}");
    change(&format!("UPDATE public_log SET body = '{LATER}' WHERE kind = 'activity'"));
    change(&format!("UPDATE private_log SET body = '{LATER}' WHERE kind = 'activity'"));
    change("UPDATE public_log SET kind = 'from_the_future', body = '{}' WHERE seq = 1");
    let offer = r#"{"text":"Here it is.","asked":0,"turn":{"to":1,"did":"from_the_future"}}"#;
    change(&format!("UPDATE public_log SET author = 'bot', kind = 'choice', body = '{offer}' WHERE seq = 2"));
    change("UPDATE room SET record = json_set(record, '$.status', 'from_the_future')");

    let room = RoomStore(&sql);
    assert!(Room::load(room, Settings::default(), None).is_ok());
    assert_eq!(room.record().unwrap().unwrap().status, Status::Open);
    let (public, private) = (room.public_after(0, 1_000).unwrap(), room.private_after(0, 1_000).unwrap());
    let activity = Some(wire::message::Body::Activity(wire::Activity::default()));
    assert_eq!(public[0].message(true).body, activity);
    assert_eq!(public[1].message(true).body, Some(wire::message::Body::Text("Here it is.".into())));
    assert!(!public[1].may_be_rated());
    assert_eq!((&public[2].body, public[2].message(true).body), (&Body::Unread(LATER.into()), activity));
    assert_eq!(private[0].body, Body::Unread(LATER.into()));
    let shown = Some(wire::private_message::Body::Activity(wire::Activity::default()));
    assert_eq!(private[0].message(true).body, shown);
}

#[test]
fn what_only_a_later_version_knows_takes_nothing_of_a_desk_along() {
    let Store { desk: Database { schema, tables }, d1, .. } = stores().pop().unwrap();
    let workspace = WorkspaceId::parse(d1.tables["workspaces"].texts("id")[0]).unwrap();
    let sql = filled(&schema, &tables);
    let desk = DeskStore(&sql);
    let conversations = desk.conversations().unwrap();
    assert!(!conversations.is_empty());
    let change = |statement: &str| assert!(sql.connection.execute(statement, []).unwrap() > 0, "{statement}");
    change("UPDATE desk SET record = json_set(record, '$.routing.method', 'from_the_future')");
    change(
        r#"UPDATE roster SET record = json_set(record, '$.teams', json('[{"id":"team_demodemodemodemo","name":"Sales","method":"from_the_future","members":[]}]'),
        '$.when_closed', json('[["site_demodemodemodemo","from_the_future"]]'))"#,
    );
    change("UPDATE conversations SET record = json_set(record, '$.status', 'from_the_future')");
    assert!(Desk::load(desk, workspace, None, NOW).is_ok());
    assert_eq!(desk.record().unwrap().routing.method, Method::Manual);
    let roster = desk.roster().unwrap();
    assert_eq!((roster.teams[0].method, roster.when_closed.len()), (None, 0));
    let now = desk.conversations().unwrap();
    assert!(now.len() == conversations.len() && now.iter().all(|it| it.status == Status::Open));

    // One row that can't be read at all is passed over, and said so.
    change("INSERT INTO conversations (id, record) VALUES ('cnv_later', '{\"id\":7}')");
    assert_eq!((desk.conversations().unwrap().len(), sql.passed_over.get()), (conversations.len(), 1));
}

#[test]
fn a_desk_of_before_is_read_whole_and_written_as_it_was() {
    for Store { desk: Database { schema, tables }, d1, .. } in stores() {
        let workspace = WorkspaceId::parse(d1.tables["workspaces"].texts("id")[0]).unwrap();
        let sql = filled(&schema, &tables);
        let desk = DeskStore(&sql);
        assert!(Desk::load(desk, workspace, None, NOW).is_ok());
        assert_eq!(desk.last_decision().unwrap(), tables["decisions"].rows.len() as u64);
        assert_eq!(desk.attached().unwrap().values().map(|it| it.len()).sum::<usize>(), tables["attached"].rows.len());
        assert!(serde_json::from_str::<Value>(&desk.decisions(None, None, 50).unwrap()).is_ok());

        let anew = TestSql::default();
        let mut writes = vec![
            DeskWrite::Create,
            DeskWrite::SaveRecord(Box::new(desk.record().unwrap())),
            DeskWrite::SaveRoster(Box::new(desk.roster().unwrap())),
        ];
        writes.extend(desk.conversations().unwrap().into_iter().map(|it| DeskWrite::SaveConversation(Box::new(it))));
        writes.extend(desk.waits().unwrap().into_iter().map(|(line, waits)| DeskWrite::SaveWaits {
            line,
            waits: Box::new(waits),
            is_first: false,
        }));
        writes.iter().for_each(|write| write.run(&anew).unwrap());
        for table in ["desk", "roster", "conversations", "waits"] {
            all_hold(&tables[table].texts("record"), &texts_of(&anew, "record", table), table);
        }
    }
}

#[test]
fn a_history_of_before_is_migrated_with_its_rows_and_read() {
    for Store { d1: Database { schema, tables }, .. } in stores() {
        let database = TestDatabase::default();
        fill(&database.sql.connection, &schema, &tables);
        let begun = ready(migrate::version(&database)).unwrap();
        while !ready(migrate::migrate(&database, NOW)).unwrap().applied.is_empty() {}
        assert!(begun >= 10 && ready(migrate::version(&database)) == Ok(migrate::expected()));
        // Else a migration was edited after this store had had it.
        assert_eq!(made(&database.sql), made(&TestDatabase::migrated().sql), "from {begun} on");

        let workspace = WorkspaceId::parse(tables["workspaces"].texts("id")[0]).unwrap();
        let read = |statement| rows_of(&database.run(vec![statement]).unwrap(), 0).to_vec();
        let rows = read(intents::list(&workspace));
        assert_eq!(rows.len(), tables["intents"].rows.len());
        for row in rows.iter().map(IntentRow::read) {
            let intent = row.intent().unwrap_or_else(|| panic!("{} can't be read", row.id));
            let place = tables["intents"].texts("id").iter().position(|id| *id == row.id).unwrap();
            let before = ["says", "teaches"].map(|column| tables["intents"].texts(column)[place]);
            let anew = IntentRow::of(&IntentId::parse(&row.id).unwrap(), &intent, NOW).unwrap();
            all_hold(&before, &[anew.says, anew.teaches], &row.id);
        }
        assert_eq!(read(sites::list(&workspace)).iter().filter_map(SiteRow::read).count(), tables["sites"].rows.len());
        assert_eq!(read(faq::known(&workspace, None)).len(), tables["faq"].rows.len());
        assert_eq!(
            read(faq::list(&workspace, (u64::MAX >> 12, ""), 50)).iter().filter_map(FaqRow::read).count(),
            tables["faq"].rows.len()
        );
        let is_on = tables["bots"].rows.iter().map(|row| row[1] == 1);
        assert!(read(bot::terms(&workspace)).iter().map(|row| bot::read_terms(row).unwrap().terms.on).eq(is_on));
        let told = database.run(routing::whole(&workspace).to_vec()).unwrap();
        let told = routing::read_whole(&workspace, &told, 0).unwrap();
        let settled = serde_json::to_string(&told.routing).unwrap();
        all_hold(&tables["workspaces"].texts("routing"), &[settled], "routing");
        let roster = told.roster.unwrap();
        assert_eq!(
            (roster.teams.len(), roster.hours.is_some()),
            (tables["teams"].rows.len(), !tables["workspaces"].rows[0][6].is_null())
        );
    }
}
