use super::*;
use crate::{
    core::{
        id::Entropy,
        pipeline::{
            event::EVENT_VERSION,
            sample::{BEGAN, delivery, event, workspace},
        },
        port::{BatchRows, Statement},
    },
    sql::testing::{BatchFault, TestDatabase, ready},
};

const NOW: Timestamp = Timestamp(BEGAN + 60_000);

fn letters(database: &TestDatabase) -> Vec<(String, String, String)> {
    let mut statement = database
        .sql
        .connection
        .prepare("SELECT message_id, reason, body FROM dead_letters ORDER BY message_id")
        .unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect()
}

fn messages(database: &TestDatabase) -> i64 {
    database.sql.connection.query_row("SELECT COUNT(*) FROM messages", [], |row| row.get(0)).unwrap()
}

fn acked(consumed: &Consumed) -> Vec<bool> {
    consumed.verdicts.iter().map(|verdict| *verdict == Verdict::Ack).collect()
}

#[test]
fn every_kind_of_poison_has_its_reason_and_stops_nobody() {
    let good = event(1, 5, 1, 1, &["good"]);
    let text = serde_json::to_string(&good).unwrap();
    let bend = |from: &str, to: &str| {
        let bent = text.replacen(from, to, 1);
        assert_ne!(bent, text, "{from}");
        Some(bent)
    };
    let mut foreign = event(1, 5, 9, 1, &["stolen"]);
    foreign.conversation.workspace = workspace(2);
    let cases = [
        (None, "not_text"),
        (Some(String::new()), "not_json"),
        (Some("{".to_owned()), "not_json"),
        (Some(text[..text.len() - 1].to_owned()), "not_json"),
        (Some("null".to_owned()), "wrong_shape"),
        (Some("[]".to_owned()), "wrong_shape"),
        (Some("{}".to_owned()), "wrong_shape"),
        (bend("\"v\":1", "\"v\":\"1\""), "wrong_shape"),
        (bend("\"v\":1", &format!("\"v\":{}", EVENT_VERSION + 1)), "unknown_version"),
        (bend("\"v\":1", "\"v\":0"), "unknown_version"),
        (bend("cnv_0", "cnv_x"), "wrong_shape"),
        (bend("\"ws_", "\"vis_"), "wrong_shape"),
        (bend("\"msg_", "\"msg-"), "wrong_shape"),
        (bend("\"status\":\"open\"", "\"status\":{\"open\":1}"), "wrong_shape"),
        (bend("\"rev\":1,", ""), "wrong_shape"),
        (bend("\"rev\":1,", "\"rev\":-1,"), "wrong_shape"),
        (bend("\"rev\":1,", "\"rev\":9007199254740992,"), "out_of_range"),
        (bend("\"seq\":1,", "\"seq\":0,"), "out_of_range"),
        (bend(&format!("\"at\":{}", BEGAN + 1), "\"at\":9007199254740992"), "out_of_range"),
        (bend("\"follows\":0", "\"follows\":0,\"turn\":{\"to\":9007199254740992}"), "out_of_range"),
        (bend("\"follows\":0", "\"follows\":0,\"turn\":{\"did\":{\"asked\":1}}"), "wrong_shape"),
        (Some(serde_json::to_string(&foreign).unwrap()), "foreign_workspace"),
    ];
    let database = TestDatabase::migrated();
    ready(consume(&database, "events", &[delivery(0, &good)], NOW));
    let mut deliveries: Vec<Delivery> = cases
        .iter()
        .enumerate()
        .map(|(n, (body, _))| Delivery { id: format!("p{n:02}"), body: body.clone() })
        .collect();
    deliveries.insert(7, delivery(1, &event(2, 5, 1, 1, &["also good"])));
    for _ in 0..2 {
        let consumed = ready(consume(&database, "events", &deliveries, NOW));
        assert!(acked(&consumed).iter().all(|acked| *acked));
        assert_eq!(consumed.buried.len(), cases.len());
    }
    assert_eq!(messages(&database), 2, "the good ones");
    let buried = letters(&database);
    assert_eq!(buried.len(), cases.len(), "each once, though all came twice");
    for (n, ((id, reason, body), (given, expected))) in buried.iter().zip(&cases).enumerate() {
        assert_eq!((id.as_str(), reason.as_str()), (format!("p{n:02}").as_str(), *expected), "{given:?}");
        assert_eq!(body, given.as_deref().unwrap_or_default(), "kept whole");
    }
    // Fields and words that a later version adds are no reason.
    for body in [
        bend("\"v\":1", "\"later\":{\"x\":1},\"v\":1"),
        bend("\"status\":\"open\"", "\"status\":\"ajar\""),
        bend("\"follows\":0", "\"follows\":0,\"turn\":{\"did\":\"sang\"}"),
    ] {
        let newer = Delivery { id: "n".into(), body };
        assert_eq!(ready(consume(&database, "events", &[newer], NOW)).buried, []);
    }
}

#[test]
fn an_outage_makes_everything_wait() {
    let database = TestDatabase::migrated();
    let good: Vec<Delivery> = (1..=20).map(|n| delivery(n, &event(n, 5, 1, 1, &["text"]))).collect();
    let poison = Delivery { id: "p".into(), body: None };
    let all = [good.clone(), vec![poison]].concat();
    database.down.set(true);
    let consumed = ready(consume(&database, "events", &all, NOW));
    assert!(acked(&consumed).iter().all(|acked| !acked));
    assert_eq!(consumed.refusals.len(), 1 + EXTRA_BATCHES + 1, "it is not asked for each message");
    database.down.set(false);
    assert!(acked(&ready(consume(&database, "events", &all, NOW))).iter().all(|acked| *acked));
    assert_eq!((messages(&database), letters(&database).len()), (20, 1));
}

#[test]
fn a_lost_answer_doubles_nothing() {
    let database = TestDatabase::migrated();
    let deliveries: Vec<Delivery> = (1..=4).map(|n| delivery(n, &event(n, 5, 1, 1, &["one", "two"]))).collect();
    database.fault_after(0, BatchFault::After);
    let first = ready(consume(&database, "events", &deliveries, NOW));
    // The halves are run after the whole, which had been written.
    assert!(acked(&first).iter().all(|acked| *acked));
    assert_eq!(messages(&database), 8);
    let words: i64 =
        database.sql.connection.query_row("SELECT COUNT(*) FROM message_words_docsize", [], |row| row.get(0)).unwrap();
    assert_eq!(words, 8);
}

/// A database that refuses every batch in which a certain text stands.
struct Picky<'database>(&'database TestDatabase, &'static str, std::cell::Cell<usize>);

impl Database for Picky<'_> {
    async fn batch(&self, statements: Vec<Statement>) -> Result<BatchRows, SqlError> {
        self.2.set(self.2.get() + statements.len());
        let is_bad = |statement: &Statement| {
            !statement.sql.contains("dead_letters")
                && statement
                    .args
                    .iter()
                    .any(|arg| matches!(arg, crate::core::port::Value::Text(text) if text.contains(self.1)))
        };
        if statements.iter().any(is_bad) {
            return Err(SqlError("refused".into()));
        }
        self.0.batch(statements).await
    }
}

/// A message that only the database finds wrong costs its neighbours nothing for long, within the free plan's queries,
/// and ends among the dead letters by way of the dead-letter queue.
#[test]
fn one_message_that_the_database_refuses_is_cornered() {
    let database = TestDatabase::migrated();
    let mut waiting: Vec<Delivery> =
        (1..=50).map(|n| delivery(n, &event(n, 5, 1, 1, &[if n == 37 { "curse" } else { "text" }]))).collect();
    let mut rounds = 0;
    while waiting.len() > 1 {
        let picky = Picky(&database, "curse", std::cell::Cell::new(0));
        let consumed = ready(consume(&picky, "events", &waiting, NOW));
        assert!(picky.2.get() <= 50, "{} queries", picky.2.get());
        let mut verdicts = consumed.verdicts.iter();
        waiting.retain(|_| *verdicts.next().unwrap() == Verdict::Retry);
        rounds += 1;
        assert!(rounds <= 4, "{} still wait", waiting.len());
    }
    assert_eq!(messages(&database), 49);
    let picky = Picky(&database, "curse", std::cell::Cell::new(0));
    let unlucky = delivery(90, &event(90, 5, 1, 1, &["only unlucky"]));
    let consumed = ready(consume_dead(&picky, "dead", &[waiting[0].clone(), unlucky], NOW));
    assert_eq!(acked(&consumed), [true, true]);
    assert_eq!(consumed.buried, [(0, Reason::Undeliverable)]);
    assert_eq!(messages(&database), 50, "one that was only unlucky is projected after all");
    assert_eq!(letters(&database)[0].1, "undeliverable");
}

#[test]
fn the_dead_letter_queue_waits_out_an_outage_too() {
    let database = TestDatabase::migrated();
    database.down.set(true);
    let deliveries: Vec<Delivery> = (1..=9).map(|n| delivery(n, &event(n, 5, 1, 1, &["text"]))).collect();
    let consumed = ready(consume_dead(&database, "dead", &deliveries, NOW));
    assert!(acked(&consumed).iter().all(|acked| !acked));
    database.down.set(false);
    let consumed = ready(consume_dead(&database, "dead", &deliveries, NOW));
    assert_eq!(acked(&consumed).iter().filter(|acked| **acked).count(), DEAD_EVENTS);
    assert_eq!(letters(&database), []);
}

/// What a self-hosted queue may hand over at once, 50 messages of the greatest size, is cut to what D1 takes (the test
/// database refuses more).
#[test]
fn batches_fit_the_database() {
    let database = TestDatabase::migrated();
    for letter in ["退", "👍", "ก", "ｱ", "a", "\u{1}"] {
        let text = letter.repeat(8_000);
        let texts: Vec<&str> = std::iter::repeat_n(text.as_str(), 90_000 / (text.len() * 2 + 400)).collect();
        let deliveries: Vec<Delivery> = (1..=50).map(|n| delivery(n, &event(n, 5, 1, 1, &texts))).collect();
        let consumed = ready(consume(&database, "events", &deliveries, NOW));
        assert!(acked(&consumed).iter().all(|acked| *acked), "{letter:?}: {:?}", consumed.refusals);
    }
    let poison: Vec<Delivery> =
        (1..=50).map(|n| Delivery { id: format!("p{n}"), body: Some("\u{1}".repeat(128_000)) }).collect();
    assert_eq!(ready(consume(&database, "events", &poison, NOW)).buried.len(), 50);
}

/// Whatever a queue may bring: it is projected or buried, and what passes the reading the database takes.
#[test]
fn whatever_comes_is_projected_or_buried() {
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    println!("SEED={seed}");
    let mut entropy = Entropy::new(u128::from(seed));
    let mut draw = |below: usize| entropy.next_u64() as usize % below.max(1);
    let pieces = [
        "\"",
        "null",
        "-1",
        "9007199254740993",
        "{",
        "}",
        "[]",
        "\\u0000",
        ":",
        ",",
        "1e99",
        "true",
        "\u{fffd}",
        "退",
        "",
    ];
    let database = TestDatabase::migrated();
    let (mut projected, mut buried) = (0, 0);
    for round in 0..60 {
        let deliveries: Vec<Delivery> = (0..50)
            .map(|n| {
                let mut sample = event(round % 7, 5 + round / 20, round + n, 1 + n, &["text", "我要退款"]);
                sample.conversation.unread = n;
                let mut text: Vec<char> = serde_json::to_string(&sample).unwrap().chars().collect();
                for _ in 0..draw(3) {
                    let (from, length) = (draw(text.len()), draw(8));
                    let until = text.len().min(from + length);
                    text.splice(from..until, pieces[draw(pieces.len())].chars());
                }
                Delivery { id: format!("{round}-{n}"), body: Some(text.into_iter().collect()) }
            })
            .collect();
        let consumed = ready(consume(&database, "events", &deliveries, NOW));
        assert_eq!(consumed.refusals, [], "SEED={seed}");
        assert!(acked(&consumed).iter().all(|acked| *acked), "SEED={seed}");
        buried += consumed.buried.len();
        projected += deliveries.len() - consumed.buried.len();
    }
    assert!(projected > 500 && buried > 500, "{projected} projected, {buried} buried");
    assert_eq!(letters(&database).len(), buried);
}

#[test]
fn the_documentation_lists_exactly_the_reasons_that_exist() {
    let text = include_str!("../../../docs/pipeline.md");
    let documented: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(documented, Reason::ALL.map(Reason::name));
}
