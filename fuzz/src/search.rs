//! What people type into the search field, run on SQLite's own full-text index: no text is an error of the query, a message
//! is found by its own words, and a search stays in its workspace (INV-8).

use std::cell::RefCell;

use bellhop::{
    core::{
        id::WorkspaceId,
        limits::{EXCERPT_CHARS, QUERY_CHARS, TEXT_CHARS},
        port::{Sql as _, Value},
        words::{excerpt, index_words, match_nothing, match_query},
    },
    sql::{search, testing::TestDatabase},
};

use crate::bytes::Bytes;

const INSERT: &str = "INSERT INTO message_words (rowid, words) VALUES (?, ?)";
const DELETE: &str = "DELETE FROM message_words WHERE rowid = ?";
const FIND: &str = "SELECT rowid FROM message_words WHERE message_words MATCH ? ORDER BY rowid";

const OURS: i64 = 1;
const THEIRS: i64 = 2;

thread_local! {
    /// With every migration; making one takes longer than a thousand searches.
    static DATABASE: RefCell<TestDatabase> = RefCell::new(TestDatabase::migrated());
}

/// A message, then what is typed.
pub fn play(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    let message = limited(&bytes.text(), TEXT_CHARS);
    let typed = limited(&String::from_utf8_lossy(bytes.rest()), QUERY_CHARS);
    DATABASE.with_borrow(|database| look(database, &message, &typed));
}

fn limited(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn look(database: &TestDatabase, message: &str, typed: &str) {
    let [ours, theirs] = ["ws_aaaaaaaaaaaaaaaa", "ws_bbbbbbbbbbbbbbbb"].map(|id| WorkspaceId::parse(id).unwrap());
    for (rowid, workspace) in [(OURS, &ours), (THEIRS, &theirs)] {
        let words = index_words(workspace, message);
        database.sql.exec(INSERT, &[rowid.into(), words.into()]).expect("words are stored");
    }
    // By its own text in full. A search takes the first words only, so it finds at least this message.
    if let Some(query) = match_query(&ours, message) {
        assert_eq!(find(database, query), [OURS], "by its own words: {message:?}");
    }
    if let Some(query) = match_query(&ours, typed) {
        let found = find(database, query);
        assert!(found.iter().all(|rowid| *rowid == OURS), "INV-8: {typed:?} finds another workspace's {message:?}");
    }
    assert_eq!(find(database, match_nothing(&ours)), [0; 0]);
    // The whole statement, as the API runs it.
    if let Some(statement) = search::search(&ours, typed, 50) {
        database.run(vec![statement]).unwrap_or_else(|error| panic!("{typed:?}: {error}"));
    }
    let shown = excerpt(message, typed);
    assert!(shown.chars().count() <= EXCERPT_CHARS + 2, "{typed:?} in {message:?}");
    for rowid in [OURS, THEIRS] {
        database.sql.exec(DELETE, &[rowid.into()]).expect("words are forgotten");
    }
}

fn find(database: &TestDatabase, query: String) -> Vec<i64> {
    let rows = database.sql.exec(FIND, &[Value::Text(query.clone())]);
    let rows = rows.unwrap_or_else(|error| panic!("{query:?}: {error}"));
    rows.iter().filter_map(|row| if let Some(Value::Int(rowid)) = row.first() { Some(*rowid) } else { None }).collect()
}
