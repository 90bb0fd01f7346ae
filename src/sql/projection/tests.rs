use rusqlite::types::ValueRef;

use super::*;
use crate::{
    core::{
        bot::turn::Turn,
        internal::Status,
        pipeline::{
            event::{EventEntry, RoomEvent},
            fold::fold,
            sample::{BEGAN, conversation, entry, event, message_id, visitor, workspace},
        },
        port::Value,
        words::match_query,
    },
    sql::testing::TestDatabase,
};

fn project(database: &TestDatabase, events: &[&RoomEvent]) -> Vec<(ConversationId, WorkspaceId)> {
    let statements = statements(&fold(events.iter().copied()));
    assert!(statements.len() <= STATEMENTS_PER_BATCH);
    foreign(&database.run(statements).unwrap())
}

/// Everything that the projection writes, but for numbers that only tie tables together.
fn dump(database: &TestDatabase) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, sql) in [
        ("conversation", "SELECT * FROM conversations ORDER BY id"),
        (
            "visitor",
            "SELECT id, workspace, site, name, email, verified, profile, blocked, generation FROM visitors ORDER BY id",
        ),
        (
            "message",
            "SELECT conversation, log, seq, id, workspace, sender_kind, sender_id, sender_name, at, kind, body, follows, turn, \
             (SELECT COUNT(*) FROM message_words_docsize AS d WHERE d.id = m.rowid) FROM messages AS m \
             ORDER BY conversation, log, seq",
        ),
        ("words", "SELECT COUNT(*) FROM message_words_docsize"),
        (
            "words without a message",
            "SELECT id FROM message_words_docsize WHERE id NOT IN (SELECT rowid FROM messages)",
        ),
    ] {
        let mut statement = database.sql.connection.prepare(sql).unwrap();
        let width = statement.column_count();
        let rows = statement.query_map([], |row| {
            Ok((0..width).map(|column| format!("{:?}", row.get_ref(column).unwrap())).collect::<Vec<_>>().join(" "))
        });
        lines.extend(rows.unwrap().map(|row| format!("{table} {}", row.unwrap())));
    }
    lines.push(format!("{} words in the index", database.indexed_words()));
    lines
}

fn found(database: &TestDatabase, typed: &str) -> Vec<(String, i64)> {
    let query = match_query(&workspace(1), typed).unwrap();
    let sql = "SELECT m.body, m.seq FROM message_words AS w JOIN messages AS m ON m.rowid = w.rowid \
               WHERE message_words MATCH ? ORDER BY m.conversation, m.seq";
    let mut statement = database.sql.connection.prepare(sql).unwrap();
    statement.query_map([query], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn count(database: &TestDatabase, table: &str) -> i64 {
    database.sql.connection.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn an_event_becomes_rows_and_words() {
    let database = TestDatabase::migrated();
    let mut event = event(1, 5, 7, 1, &["Where is my refund?", "我要退款"]);
    event.private.push(entry(&event.conversation.id, "private", 1, 5, "vip customer"));
    event.public.push(EventEntry {
        kind: "activity".into(),
        body: "{\"kind\":\"JOINED\"}".into(),
        ..entry(&event.conversation.id, "public", 3, 5, "")
    });
    assert_eq!(project(&database, &[&event]), []);
    assert_eq!(count(&database, "messages"), 4);
    assert_eq!(count(&database, "message_words_docsize"), 3, "an activity has no words");
    assert_eq!(found(&database, "refund"), [("Where is my refund?".to_owned(), 1)]);
    assert_eq!(found(&database, "退款"), [("我要退款".to_owned(), 2)]);
    assert_eq!(found(&database, "vip"), [("vip customer".to_owned(), 1)], "agents find notes, too");
    assert_eq!(found(&database, "joined"), []);
    let rows = database
        .run(vec![Statement::new(
            "SELECT workspace, log_epoch, rev, status, unread, last_at, assignee, snoozed_until FROM conversations",
            [],
        )])
        .unwrap();
    let expected: Vec<Value> = vec![
        workspace(1).as_str().into(),
        5_i64.into(),
        7_i64.into(),
        "open".into(),
        7_i64.into(),
        (BEGAN + 7).into(),
        Value::Null,
        Value::Null,
    ];
    assert_eq!(rows, [[expected]]);
}

#[test]
fn texts_come_through_unchanged() {
    let database = TestDatabase::migrated();
    let texts = [
        "a\0b",
        "quote ' \" \\ /",
        "</script>",
        "line\r\n\tnext",
        "𝒳 👍🏽 e\u{301}",
        "\u{2028}\u{feff}\u{202e}",
        "%_?1",
        "'; DROP TABLE messages; --",
        "{\"json\":[1,2]}",
        "[]",
        "null",
        "1e3",
        "",
        " ",
    ];
    project(&database, &[&event(1, 5, 7, 1, &texts)]);
    let rows = database.run(vec![Statement::new("SELECT body FROM messages ORDER BY seq", [])]).unwrap();
    let stored: Vec<Value> = rows[0].iter().map(|row| row[0].clone()).collect();
    assert_eq!(stored, texts.map(Value::from));
}

/// INV-7: told twice, late, split or together: the same rows, and every message's words once.
#[test]
fn inv_7_repeats_and_orders_end_in_the_same_rows() {
    let mut events = [
        event(1, 5, 10, 1, &["one", "two"]),
        event(1, 5, 12, 2, &["two", "three"]),
        event(1, 6, 20, 1, &["eins", "zwei"]),
        event(1, 6, 21, 2, &["zwei", "drei"]),
        event(1, 6, 21, 4, &[]),
    ];
    // An agent has read: the same version with less unread.
    events[4].conversation.unread = 0;
    for (event, status) in [(1, Status::Snoozed), (3, Status::Resolved), (4, Status::Resolved)] {
        events[event].conversation.status = status;
    }
    // What the bot did comes twice, too, and in an epoch that is over.
    for (event, entry) in [(0, 1), (1, 0), (2, 1), (3, 0)] {
        events[event].public[entry] = by_bot(&events[event].public[entry], 1);
    }
    let once = TestDatabase::migrated();
    project(&once, &events.iter().collect::<Vec<_>>());
    let expected = dump(&once);
    assert_eq!(expected.iter().filter(|line| line.starts_with("message ")).count(), 3);
    assert!(expected[0].contains(&format!("{:?}", ValueRef::Text(b"resolved"))), "{}", expected[0]);
    let mut order: Vec<usize> = (0..events.len()).collect();
    let mut orders = 0;
    permutations(&mut order, 0, &mut |order| {
        let database = TestDatabase::migrated();
        for place in order {
            project(&database, &[&events[*place]]);
            if place % 2 == 0 {
                project(&database, &[&events[*place], &events[(place + 1) % events.len()]]);
            }
        }
        assert_eq!(dump(&database), expected, "{order:?}");
        // In one batch, too: what comes last there is not what counts.
        let together = fold(order.iter().map(|place| &events[*place]));
        assert_eq!(together[0].conversation, events[4].conversation, "{order:?}");
        assert_eq!(together[0].entries.len(), 3, "{order:?}");
        orders += 1;
    });
    assert_eq!(orders, 120);
}

/// The same as a bot's answer to the message `to`.
fn by_bot(entry: &EventEntry, to: u64) -> EventEntry {
    let turn = Turn { to, intent: "refund".into(), score: 900, near: vec!["refund".into()], ..Turn::default() };
    EventEntry { sender_kind: "bot".into(), turn: Some(turn), ..entry.clone() }
}

/// Tells of turns, in columns.
fn turns(database: &TestDatabase) -> Vec<String> {
    let sql = "SELECT workspace, seq, question, did, intent, near, reason, pressed, settled FROM bot_turns ORDER BY conversation, seq";
    let rows = database.run(vec![Statement::new(sql, [])]).unwrap().remove(0);
    let shown = |row: &Vec<Value>| row[1..].iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" ");
    rows.iter().map(shown).collect()
}

/// A turn is part of its entry: it is there once, is read by time, and an epoch that is over takes it along.
#[test]
fn turns_come_and_go_with_their_entries() {
    let database = TestDatabase::migrated();
    let mut event = event(1, 5, 10, 1, &["where is my money", "here"]);
    event.public[1] = by_bot(&event.public[1], 1);
    for _ in 0..2 {
        project(&database, &[&event, &event]);
        let expected = r#"Int(2) Int(1) Text("answered") Text("refund") Text("[\"refund\"]") Text("") Int(0) Null"#;
        assert_eq!(turns(&database), [expected]);
    }
    let read = |sql: &str| -> Vec<String> {
        let mut plan = database.sql.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect()
    };
    let plan = read("SELECT did FROM bot_turns WHERE workspace = 'ws' AND at >= 1 AND at < 2");
    assert_eq!(plan, ["SEARCH messages USING INDEX bot_turns_by_time (workspace=? AND at>? AND at<?)"]);
    project(&database, &[&crate::core::pipeline::sample::event(1, 6, 1, 1, &["anew"])]);
    assert_eq!(turns(&database), [""; 0]);
}

/// However long the history is, what comes moves its own rows alone.
#[test]
fn rows_are_moved_by_their_ids() {
    let database = TestDatabase::migrated();
    let mut plan = database.sql.connection.prepare(&format!("EXPLAIN QUERY PLAN {MOVE_CONVERSATIONS}")).unwrap();
    let plan: Vec<String> = plan.query_map(["[]"], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        plan,
        ["SCAN e VIRTUAL TABLE INDEX 1:", "SEARCH conversations USING INDEX sqlite_autoindex_conversations_1 (id=?)"]
    );
}

fn permutations(order: &mut Vec<usize>, from: usize, then: &mut impl FnMut(&[usize])) {
    if from == order.len() {
        return then(order);
    }
    for place in from..order.len() {
        order.swap(from, place);
        permutations(order, from + 1, then);
        order.swap(from, place);
    }
}

#[test]
fn a_later_epoch_takes_away_what_an_earlier_one_left() {
    let database = TestDatabase::migrated();
    project(&database, &[&event(1, 5, 50, 1, &["lost one", "lost two", "lost three"]), &event(2, 5, 1, 1, &["other"])]);
    project(&database, &[&event(1, 6, 3, 1, &["kept"])]);
    assert_eq!(count(&database, "messages"), 2);
    assert_eq!(found(&database, "lost"), []);
    assert_eq!(found(&database, "kept").len(), 1);
    assert_eq!(found(&database, "other").len(), 1);
    project(&database, &[&event(1, 5, 60, 4, &["lost again"])]);
    assert_eq!(found(&database, "lost"), []);
    let rows = database.run(vec![Statement::new("SELECT log_epoch, rev FROM conversations ORDER BY id LIMIT 1", [])]);
    assert_eq!(rows.unwrap(), [[[Value::Int(6), Value::Int(3)]]]);
}

/// The first entry at a place stays; another one there is what the Room's comparison has to find.
#[test]
fn an_entry_at_a_taken_place_changes_nothing_and_leaves_no_words() {
    let database = TestDatabase::migrated();
    project(&database, &[&event(1, 5, 1, 1, &["first here"])]);
    let mut other = event(1, 5, 2, 1, &["second here"]);
    other.public[0].id = message_id(&conversation(1), "public", 1, 99);
    project(&database, &[&other]);
    assert_eq!(found(&database, "first").len(), 1);
    assert_eq!(found(&database, "second"), []);
    assert_eq!(count(&database, "message_words_docsize"), 1);

    // Nor when what is there has no words of its own.
    project(&database, &[&event(2, 5, 1, 1, &["?!"])]);
    let mut other = event(2, 5, 2, 1, &["third here"]);
    other.public[0].id = message_id(&conversation(2), "public", 1, 99);
    project(&database, &[&other]);
    assert_eq!(found(&database, "third"), []);
}

#[test]
fn what_is_told_again_writes_nothing() {
    let database = TestDatabase::migrated();
    let event = event(1, 5, 10, 1, &["one", "退款"]);
    project(&database, &[&event]);
    let before = database.sql.connection.total_changes();
    project(&database, &[&event]);
    project(&database, &[&event, &event]);
    assert_eq!(database.sql.connection.total_changes(), before);
}

/// INV-8: whoever claims another workspace's conversation or visitor changes nothing and is found out.
#[test]
fn inv_8_an_event_reaches_no_row_of_another_workspace() {
    let database = TestDatabase::migrated();
    let ours = event(1, 5, 10, 1, &["ours"]);
    project(&database, &[&ours]);
    let before = dump(&database);

    // Of a later epoch, of the very version that stands, and of an older one.
    let thieves = [(9, 99), (5, 10), (4, 9)].map(|(log_epoch, rev)| {
        let mut thief = event(1, log_epoch, rev, 1, &["theirs", "more of theirs"]);
        thief.conversation.workspace = workspace(2);
        thief.conversation.status = Status::Resolved;
        thief
    });
    for thief in &thieves {
        assert_eq!(project(&database, &[thief]), [(conversation(1), workspace(2))]);
        assert_eq!(dump(&database), before, "a conversation of ours: {}", thief.conversation.log_epoch);
    }

    let mut beside = event(3, 5, 99, 1, &["theirs"]);
    beside.conversation.workspace = workspace(2);
    beside.conversation.visitor = visitor(1);
    assert_eq!(project(&database, &[&beside]), []);
    let name: String = database
        .sql
        .connection
        .query_row("SELECT name FROM visitors WHERE id = ?", [visitor(1).as_str()], |row| row.get(0))
        .unwrap();
    assert_eq!(name, "name of rev 10", "a visitor of ours");

    // Both in one batch: the first in the order of ids has the conversation, the other is found out.
    let database = TestDatabase::migrated();
    assert_eq!(project(&database, &[&ours, &thieves[0]]).len(), 1);
    assert_eq!(count(&database, "conversations"), 1);
    let owners = database.run(vec![Statement::new("SELECT DISTINCT workspace FROM messages", [])]).unwrap();
    assert_eq!(owners[0].len(), 1);
}

#[test]
fn a_visitor_is_what_was_told_last_in_any_conversation() {
    let mut events = [event(1, 5, 10, 1, &["a"]), event(2, 5, 12, 1, &["b"]), event(1, 5, 11, 2, &["c"])];
    for event in &mut events {
        event.conversation.visitor = visitor(1);
    }
    let mut order = vec![0, 1, 2];
    permutations(&mut order, 0, &mut |order| {
        let database = TestDatabase::migrated();
        for place in order {
            project(&database, &[&events[*place]]);
        }
        let rows = database.run(vec![Statement::new("SELECT name FROM visitors", [])]).unwrap();
        assert_eq!(rows, [[["name of rev 12".into()]]], "{order:?}");
    });
}

#[test]
fn blocked_and_generation_are_not_told() {
    let database = TestDatabase::migrated();
    project(&database, &[&event(1, 5, 10, 1, &["a"])]);
    database.run(vec![Statement::new("UPDATE visitors SET blocked = 1, generation = 7", [])]).unwrap();
    project(&database, &[&event(1, 5, 11, 2, &["b"])]);
    let rows = database.run(vec![Statement::new("SELECT blocked, generation, name FROM visitors", [])]).unwrap();
    assert_eq!(rows, [[[1_i64.into(), 7_i64.into(), Value::from("name of rev 11")]]]);
}

/// Rows that D1 counts for one message that comes alone: the rows changed, and the entries written to indexes, read
/// off SQLite's own program of each statement (its `IdxInsert`s). Held against workerd's D1, which says the same.
#[test]
fn a_message_alone_costs_four_rows() {
    let database = TestDatabase::migrated();
    let index_writes = |sql: &str| {
        let mut program = database.sql.connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
        program.raw_bind_parameter(1, "[]").unwrap();
        let mut rows = program.raw_query();
        let mut writes = 0;
        while let Some(row) = rows.next().unwrap() {
            writes += i64::from(row.get::<_, String>("opcode").unwrap() == "IdxInsert");
        }
        writes
    };
    // A new conversation writes its key, its places in the two lists and its visitor's; a changed one none of them. The other two, new and
    // changed, are of those that have a tag alone.
    assert_eq!(index_writes(PUT_CONVERSATIONS), 4 + 2);
    // The second is of what a bot did alone.
    assert_eq!(index_writes(PUT_ENTRIES), 2);

    let mut first = event(1, 5, 10, 1, &["hello there"]);
    first.visitor.name = "Anna".into();
    project(&database, &[&first]);
    let mut later = event(1, 5, 11, 2, &["and another one"]);
    later.visitor = first.visitor.clone();
    let mut changes = Vec::new();
    for statement in statements(&fold([&later])) {
        let is_words = statement.sql == PUT_WORDS;
        let before = database.sql.connection.total_changes();
        database.run(vec![statement]).unwrap();
        // The tables below the full-text index change with it; D1 counts the line alone.
        changes.push(if is_words { 1 } else { database.sql.connection.total_changes() - before });
    }
    assert_eq!(changes, [0, 0, 1, 0, 0, 1, 1, 0], "conversation, message, words; the message's key makes four");
}

/// A conversation moves in the list when its hour changes, and only then.
#[test]
fn the_list_moves_by_the_hour() {
    let database = TestDatabase::migrated();
    let hour = 3_600_000;
    let mut event = event(1, 5, 10, 1, &["a"]);
    for (rev, at) in [(10, BEGAN), (11, BEGAN + 5), (12, BEGAN + 2 * hour), (13, BEGAN + hour)] {
        event.conversation.rev = rev;
        event.conversation.last_at = Timestamp(at);
        project(&database, &[&event]);
        let rows = database.run(vec![Statement::new("SELECT active_hour FROM conversations", [])]).unwrap();
        assert_eq!(rows, [[[Value::Int(at / hour)]]]);
    }
}
