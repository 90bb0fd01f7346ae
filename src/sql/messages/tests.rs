use super::*;
use crate::{
    core::{
        pipeline::{
            fold::fold,
            sample::{BEGAN, conversation, entry, event, workspace},
        },
        protocol::wire::activity,
    },
    sql::{projection, testing::TestDatabase},
};

fn filled() -> TestDatabase {
    let database = TestDatabase::migrated();
    let texts: Vec<String> = (1..=25).map(|n| format!("text {n}")).collect();
    let mut event = event(1, 5, 1, 1, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let activity = wire::Activity { kind: activity::Kind::Joined.into(), ..wire::Activity::default() };
    event.public[9].kind = "activity".into();
    event.public[9].sender_kind = "system".into();
    event.public[9].body = serde_json::to_string(&activity).unwrap();
    event.public[10].kind = "activity".into();
    event.public[10].body = "{\"kind\":\"OF_TOMORROW\"}".into();
    event.public[12].kind = "of_tomorrow".into();
    event.public[12].body = "{\"text\":\"xyzzy\"}".into();
    event.public[11].sender_kind = "agent".into();
    event.public[11].sender_id = "agt_aaaaaaaaaaaaaaaa".into();
    event.public[11].sender_name = "Bo".into();
    for seq in 1..=3 {
        let mut note = entry(&conversation(1), "private", seq, 5, "a note");
        note.follows = 7;
        event.private.push(note);
    }
    database.run(projection::statements(&fold([&event]))).unwrap();
    database
}

#[test]
fn pages_go_back_to_the_beginning() {
    let database = filled();
    let (mut before, mut seen, mut sizes) = (0, Vec::new(), Vec::new());
    loop {
        let rows = database.run(page(&workspace(1), &conversation(1), Log::Public, before, 10)).unwrap();
        let page = read_public(&rows, 10).unwrap();
        sizes.push((page.entries.len(), page.has_more));
        before = page.entries[0].seq;
        seen.splice(0..0, page.entries.into_iter().map(|entry| entry.seq));
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seen, (1..=25).collect::<Vec<u64>>());
    assert_eq!(sizes, [(10, true), (10, true), (5, false)]);
    let rows = database.run(page(&workspace(1), &conversation(1), Log::Public, 1, 10)).unwrap();
    assert_eq!(read_public(&rows, 10), Some(Page { entries: vec![], has_more: false }));
}

#[test]
fn entries_are_what_the_wire_shows() {
    let database = filled();
    let rows = database.run(page(&workspace(1), &conversation(1), Log::Public, 14, 5)).unwrap();
    let json: Vec<String> =
        read_public(&rows, 5).unwrap().entries.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
    assert!(json[0].contains("\"text\":\"text 9\"") && json[0].contains("\"kind\":\"VISITOR\""), "{}", json[0]);
    assert!(json[0].contains(&format!("\"at\":\"{}\"", BEGAN + 9)), "{}", json[0]);
    assert!(json[1].contains("\"activity\":{\"kind\":\"JOINED\"}"), "{}", json[1]);
    assert!(json[2].contains("\"activity\":{}") && !json[2].contains("TOMORROW"), "{}", json[2]);
    assert!(json[3].contains("\"id\":\"agt_aaaaaaaaaaaaaaaa\",\"name\":\"Bo\""), "{}", json[3]);
    assert!(json[4].contains("\"activity\":{}") && !json[4].contains("xyzzy"), "{}", json[4]);
    let words =
        database
            .sql
            .connection
            .query_row("SELECT COUNT(*) FROM message_words WHERE words LIKE '%xyzzy%'", [], |row| row.get::<_, i64>(0));
    assert_eq!(words.unwrap(), 0, "nobody finds what nobody can read");
}

/// INV-10: a note is in the private log's answer and type, never in the other.
#[test]
fn inv_10_notes_come_from_the_private_log_only() {
    let database = filled();
    let rows = database.run(page(&workspace(1), &conversation(1), Log::Private, 0, 2)).unwrap();
    let notes = read_private(&rows, 2).unwrap();
    assert!(notes.has_more);
    let seen: Vec<(u64, u64)> = notes.entries.iter().map(|note| (note.seq, note.follows)).collect();
    assert_eq!(seen, [(2, 7), (3, 7)]);
    let rows = database.run(page(&workspace(1), &conversation(1), Log::Public, 0, 100)).unwrap();
    assert!(!format!("{:?}", read_public(&rows, 100)).contains("a note"));
}

#[test]
fn inv_8_another_workspace_finds_nothing() {
    let database = filled();
    let rows = database.run(page(&workspace(2), &conversation(1), Log::Public, 0, 10)).unwrap();
    assert_eq!(read_public(&rows, 10), None);
    assert_eq!(rows[1], Vec::<Row>::new());
}
