use super::*;
use crate::{
    core::pipeline::{
        fold::fold,
        sample::{conversation, entry, event, workspace},
    },
    sql::{projection, testing::TestDatabase},
};

fn found(database: &TestDatabase, n: u128, typed: &str) -> Vec<Hit> {
    let Some(statement) = search(&workspace(n), typed, 50) else { return Vec::new() };
    let rows = database.run(vec![statement]).unwrap();
    rows[0].iter().map(|row| read(row, typed).unwrap()).collect()
}

#[test]
fn hits_are_newest_first_and_say_where() {
    let database = TestDatabase::migrated();
    let mut first = event(1, 5, 1, 1, &["a refund please", "thanks", "再次申请退款"]);
    first.visitor.name = "Anna".into();
    first.private.push(entry(&conversation(1), "private", 1, 5, "gave a refund"));
    first.private[0].at = Timestamp(first.public[2].at.0 + 1);
    let mut second = event(2, 5, 2, 1, &["Refund? 退款？"]);
    second.public[0].at = Timestamp(first.public[2].at.0 + 2);
    database.run(projection::statements(&fold([&first, &second]))).unwrap();
    let hits = found(&database, 1, "refund");
    let places: Vec<(ConversationId, Log, u64)> =
        hits.iter().map(|hit| (hit.conversation.clone(), hit.log, hit.seq)).collect();
    let expected =
        [(conversation(2), Log::Public, 1), (conversation(1), Log::Private, 1), (conversation(1), Log::Public, 1)];
    assert_eq!(places, expected);
    assert_eq!((hits[2].text.as_str(), hits[2].visitor_name.as_str()), ("a refund please", "Anna"));
    assert_eq!(found(&database, 1, "退款").len(), 2);
    assert_eq!(found(&database, 1, "款").len(), 2);
    assert_eq!(found(&database, 1, "!"), []);
}

/// INV-8: neither a word of another workspace's messages nor its own name, typed or written, opens a way to them.
#[test]
fn inv_8_search_stays_in_its_workspace() {
    let database = TestDatabase::migrated();
    let secret = workspace(2).as_str().replace('_', "");
    let ours = event(1, 5, 1, 1, &["common word", &secret, &format!("{secret} common")]);
    let mut theirs = event(2, 5, 1, 1, &["common canary"]);
    theirs.conversation.workspace = workspace(2);
    database.run(projection::statements(&fold([&ours, &theirs]))).unwrap();
    assert_eq!(found(&database, 1, "canary"), []);
    assert_eq!(found(&database, 1, &secret).len(), 2, "our own messages that say it");
    assert_eq!(found(&database, 2, "common").len(), 1);
    for typed in ["common", &format!("{secret} common"), &format!("{secret}\" OR \"canary"), "common* OR canary"] {
        assert!(found(&database, 1, typed).iter().all(|hit| hit.conversation == conversation(1)), "{typed}");
    }
}

/// A word that stands everywhere costs no more than the window.
#[test]
fn a_search_looks_at_a_window_only() {
    let database = TestDatabase::migrated();
    for round in 0..12 {
        let texts = ["common"; 100];
        database.run(projection::statements(&fold([&event(1, 5, round + 1, round * 100 + 1, &texts)]))).unwrap();
    }
    let hits = search(&workspace(1), "common", 2_000).unwrap();
    let rows = database.run(vec![hits]).unwrap();
    let seqs: Vec<u64> = rows[0].iter().map(|row| read(row, "common").unwrap().seq).collect();
    assert_eq!(seqs, (201..=1_200).rev().collect::<Vec<_>>());
}
