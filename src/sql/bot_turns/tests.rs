use super::*;
use crate::{
    core::{
        bot::turn::{Did, Turn},
        internal::Status,
        pipeline::{
            event::RoomEvent,
            fold::fold,
            sample::{BEGAN, conversation, entry, event, workspace},
        },
        port::rows_of,
        protocol::wire,
    },
    sql::{projection, testing::TestDatabase},
};

/// A conversation in which every second entry is the bot's: `text>did intent reason`, `!` for a pressed button; `agent` writes alone.
fn talk(n: u64, at: i64, status: Status, lines: &[&str]) -> RoomEvent {
    let texts: Vec<&str> = lines.iter().flat_map(|line| line.split('>').take(2)).collect();
    let mut event = event(n, 5, 10, 1, &texts);
    event.conversation.status = status;
    let mut entries = event.public.iter_mut();
    for line in lines {
        let entry = entries.next().unwrap();
        entry.at = Timestamp(at);
        let Some((_, turn)) = line.split_once('>') else {
            entry.sender_kind = "agent".into();
            continue;
        };
        let to = entry.seq;
        let words: Vec<&str> = turn.trim_end_matches('!').split(' ').collect();
        let did = [Did::Answered, Did::Asked, Did::HandedOver].into_iter().find(|did| did.name() == words[0]).unwrap();
        let near = match words[1] {
            "" => vec![],
            first => vec![first.to_owned(), "other".to_owned()],
        };
        let (intent, reason) =
            (words[1].to_owned(), words.get(2).map(|reason| (*reason).to_owned()).unwrap_or_default());
        let intent = if reason == "unsure" { String::new() } else { intent };
        let entry = entries.next().unwrap();
        entry.at = Timestamp(at + 1);
        entry.sender_kind = "bot".into();
        entry.turn = Some(Turn { to, did, intent, reason, near, pressed: turn.ends_with('!'), ..Turn::default() });
    }
    event
}

fn with(talks: &[RoomEvent]) -> TestDatabase {
    let database = TestDatabase::migrated();
    database.run(projection::statements(&fold(talks))).unwrap();
    database
}

fn lines(database: &TestDatabase, n: u128, from: i64, to: i64) -> [Vec<String>; 2] {
    let rows = database.run(report(&workspace(n), Timestamp(from), Timestamp(to)).into()).unwrap();
    [0, 1].map(|place| {
        let shown = |row| {
            let Line { key, answered, asked, handed_over, conversations, resolved, helped, not_helped, .. } =
                Line::read(row);
            let said = if helped + not_helped > 0 { format!(", {helped} and {not_helped}") } else { String::new() };
            format!("{key}: {answered} {asked} {handed_over}, {resolved} of {conversations}{said}")
        };
        rows_of(&rows, place).iter().map(shown).collect()
    })
}

fn open(database: &TestDatabase, n: u128) -> Vec<String> {
    let rows = database.run(vec![unanswered(&workspace(n), Timestamp(BEGAN), 100)]).unwrap();
    let shown = |row| {
        let Unanswered { text, near, chosen, seq, answered_by, .. } = Unanswered::read(row).unwrap();
        let wrong = if answered_by.is_empty() { answered_by } else { format!("not {answered_by}") };
        format!("{seq} {text} [{}] {chosen}{wrong}", near.join(" "))
    };
    rows_of(&rows, 0).iter().map(shown).collect()
}

#[test]
fn a_report_counts_by_day_and_intent() {
    let (resolved, still) = (Status::Resolved, Status::Open);
    let mut muted = talk(6, BEGAN, resolved, &["a>answered refund"]);
    muted.conversation.muted = true;
    let mut had = talk(7, BEGAN, resolved, &["a>answered refund"]);
    had.conversation.assignment_epoch = 1;
    // Without a word: the visitor left an address, or the bot was switched off.
    let mut left = talk(10, BEGAN, resolved, &["a>answered refund"]);
    let mut note = entry(&conversation(10), "private", 1, 5, "");
    let kind = wire::activity::Kind::HandedOver.into();
    note.body = serde_json::to_string(&wire::Activity { kind, ..wire::Activity::default() }).unwrap();
    (note.kind, note.sender_kind) = ("activity".into(), "system".into());
    left.private.push(note);
    let mut theirs = talk(8, BEGAN, resolved, &["a>answered refund"]);
    theirs.conversation.workspace = workspace(2);
    let database = with(&[
        talk(1, BEGAN, resolved, &["a>answered refund", "b>asked hours", "hours>answered hours!"]),
        talk(2, BEGAN + DAY, resolved, &["a>answered refund", "b>answered refund"]),
        talk(3, BEGAN + DAY, still, &["a>answered refund"]),
        talk(4, BEGAN + DAY, resolved, &["a>answered refund", "b>handed_over x unsure"]),
        talk(5, BEGAN + DAY, resolved, &["a>answered hours", "I am here"]),
        muted,
        had,
        left,
        theirs,
    ]);
    let [days, intents] = lines(&database, 1, BEGAN, BEGAN + 2 * DAY);
    assert_eq!(days, ["0: 5 1 0, 1 of 4", "1: 5 0 1, 1 of 4"]);
    assert_eq!(intents, [": 0 0 1, 0 of 0", "hours: 2 1 0, 1 of 2", "refund: 8 0 0, 2 of 7"]);
    // Half a day later, what was before is not counted, and both days are one.
    assert_eq!(lines(&database, 1, BEGAN + DAY / 2, BEGAN + 2 * DAY)[0], ["0: 5 0 1, 1 of 4"]);
    // What was handed over before is no success of the bot's.
    let again = talk(9, BEGAN, resolved, &["a>handed_over x unsure", "b>answered refund"]);
    let mut later = again.clone();
    later.public.iter_mut().skip(2).for_each(|entry| entry.at = Timestamp(BEGAN + DAY));
    assert_eq!(lines(&with(&[later]), 1, BEGAN + DAY, BEGAN + 2 * DAY)[0], ["0: 1 0 0, 0 of 1"]);
    assert_eq!(lines(&database, 2, BEGAN, BEGAN + DAY)[0], ["0: 1 0 0, 1 of 1"], "INV-8");
    assert_eq!(lines(&database, 3, BEGAN, BEGAN + DAY), [vec![], Vec::<String>::new()]);
}

/// Entries of the FAQ are one line. An intent may have a name that begins as their ids do.
#[test]
fn a_report_counts_the_faq_as_one() {
    let (one, two) = ("faq_aaaaaaaaaaaaaaaa", "faq_bbbbbbbbbbbbbbbb");
    let database = with(&[
        talk(
            1,
            BEGAN,
            Status::Resolved,
            &[&format!("a>answered {one}"), &format!("b>asked {two}"), &format!("c>answered {two}!")],
        ),
        talk(
            2,
            BEGAN,
            Status::Open,
            &[&format!("a>answered {two}"), "b>answered faq_returns_policies", "c>answered faq"],
        ),
    ]);
    let expected = [":faq: 3 1 0, 1 of 2", "faq: 1 0 0, 0 of 1", "faq_returns_policies: 1 0 0, 0 of 1"];
    assert_eq!(lines(&database, 1, BEGAN, BEGAN + DAY)[1], expected);
}

/// Where another bot is named, its own turns are one line, and those with which the built-in one stood in for it are counted.
#[test]
fn a_report_counts_what_others_answered_and_did_not() {
    let mut event = talk(
        1,
        BEGAN,
        Status::Resolved,
        &["a>answered :webhook", "b>answered refund", "c>asked hours", "d>handed_over :webhook webhook"],
    );
    let turns = event.public.iter_mut().filter_map(|entry| entry.turn.as_mut());
    turns.skip(1).take(2).for_each(|turn| turn.stood_in = true);
    let database = with(&[event]);
    let rows = database.run(report(&workspace(1), Timestamp(BEGAN), Timestamp(BEGAN + DAY)).into()).unwrap();
    let shown = |row| {
        let Line { key, answered, asked, handed_over, stood_in, .. } = Line::read(row);
        format!("{key}: {answered} {asked} {handed_over}, {stood_in}")
    };
    let lines = |place| rows_of(&rows, place).iter().map(shown).collect::<Vec<_>>();
    assert_eq!(lines(0), ["0: 2 1 1, 2"]);
    assert_eq!(lines(1), [":webhook: 1 0 1, 0", "hours: 0 1 0, 1", "refund: 1 0 0, 1"]);
    assert_eq!(
        open(&database, 1),
        ["6 c [hours other] "],
        "what the other bot hands over is its owner's to learn from"
    );
}

#[test]
fn what_was_not_answered_is_found_until_it_is_settled() {
    let long = "长".repeat(400);
    let mut theirs = talk(4, BEGAN, Status::Open, &["theirs>handed_over x unsure"]);
    theirs.conversation.workspace = workspace(2);
    let database = with(&[
        talk(
            1,
            BEGAN,
            Status::Open,
            &["what>asked refund", "refund>answered refund!", "hm>asked hours", "no>asked hours"],
        ),
        talk(2, BEGAN + 10, Status::Open, &["so>answered hours", &format!("{long}>handed_over stock unsure")]),
        talk(
            3,
            BEGAN + 20,
            Status::Open,
            &["a person>handed_over human visitor_asked", "?>handed_over empty no_answer"],
        ),
        theirs,
    ]);
    let cut = "长".repeat(300);
    let expected = [
        format!("4 {cut} [stock other] "),
        "8 no [hours other] ".to_owned(),
        "6 hm [hours other] ".to_owned(),
        "2 what [refund other] refund".to_owned(),
    ];
    assert_eq!(open(&database, 1), expected);
    assert_eq!(open(&database, 2), ["2 theirs [x other] "]);
    let settled = |n: u128, turns: &[(ConversationId, u64)]| {
        rows_of(&database.run(vec![settle(&workspace(n), turns, "dismissed")]).unwrap(), 0).len()
    };
    assert_eq!(settled(2, &[(conversation(1), 8), (conversation(2), 4)]), 0, "INV-8");
    assert_eq!(
        settled(1, &[(conversation(1), 1), (conversation(1), 99), (conversation(9), 1)]),
        0,
        "none of the bot's"
    );
    assert_eq!(open(&database, 1), expected);
    assert_eq!(settled(1, &[(conversation(1), 8), (conversation(2), 4), (conversation(1), 8)]), 2);
    assert_eq!(settled(1, &[(conversation(1), 8)]), 0, "once");
    assert_eq!(open(&database, 1), expected[2..]);
    // It stays so when it is told again.
    database.run(projection::statements(&fold(&[talk(1, BEGAN, Status::Open, &["what>asked refund"])]))).unwrap();
    assert_eq!(open(&database, 1), expected[2..]);
}

/// A question that was handed over as conversation `n`, and what was written behind it: `Mei: …`, or the visitor's.
fn asked_of_people(n: u64, status: Status, lines: &[&str]) -> RoomEvent {
    let question = format!("q{n}>handed_over  unsure");
    let all: Vec<&str> = [question.as_str()].into_iter().chain(lines.iter().copied()).collect();
    let mut event = talk(n, BEGAN + i64::try_from(n).unwrap(), status, &all);
    for entry in event.public.iter_mut().skip(2) {
        let (name, text) = match entry.body.split_once(": ") {
            Some((name, text)) => (name.to_owned(), text.to_owned()),
            None => (String::new(), entry.body.clone()),
        };
        entry.sender_kind = if name.is_empty() { "visitor" } else { "agent" }.to_owned();
        entry.sender_id = name.to_lowercase();
        (entry.sender_name, entry.body) = (name, text);
    }
    event
}

/// Of each question what is read of what was said behind it.
fn said_behind(database: &TestDatabase, n: u128) -> Vec<String> {
    let rows = database.run(vec![unanswered(&workspace(n), Timestamp(BEGAN), 100)]).unwrap();
    let shown = |row| {
        let Unanswered { text, said, .. } = Unanswered::read(row).unwrap();
        let lines = said.iter().map(|line| format!(" [{} {}: {}]", line.agent, line.name, line.text));
        [text].into_iter().chain(lines).collect::<String>()
    };
    rows_of(&rows, 0).iter().map(shown).collect()
}

#[test]
fn what_people_answered_is_read_where_the_conversation_is_resolved() {
    let (resolved, lines) = (Status::Resolved, ["Mei: Behind the house.", "really?", "Tom: Yes."]);
    let mut muted = asked_of_people(3, resolved, &lines);
    muted.conversation.muted = true;
    let mut theirs = asked_of_people(4, resolved, &lines);
    theirs.conversation.workspace = workspace(2);
    let mut noted = asked_of_people(5, resolved, &["hm"]);
    let mut note = entry(&conversation(5), "private", 3, 5, "not for the visitor");
    (note.sender_id, note.sender_name) = ("mei".into(), "Mei".into());
    noted.private.push(note);
    let mut other = asked_of_people(6, resolved, &["Mei: {}", "Mei: I am here."]);
    other.public[2].kind = "activity".into();
    let database = with(&[
        asked_of_people(1, resolved, &lines),
        asked_of_people(2, Status::Open, &lines),
        muted,
        theirs,
        noted,
        other,
    ]);
    let expected =
        ["q6 [mei Mei: I am here.]", "q5 [ : ]", "q3", "q2", "q1 [mei Mei: Behind the house.] [ : ] [tom Tom: Yes.]"];
    assert_eq!(said_behind(&database, 1), expected, "INV-10: no note, and of nobody else's (INV-8)");
    assert_eq!(said_behind(&database, 2), ["q4 [mei Mei: Behind the house.] [ : ] [tom Tom: Yes.]"], "INV-8");
    // It is opened again, and nothing is settled yet.
    let mut again = asked_of_people(1, Status::Open, &lines);
    again.conversation.rev = 11;
    database.run(projection::statements(&fold([&again]))).unwrap();
    assert_eq!(said_behind(&database, 1)[4], "q1");
}

#[test]
fn what_people_answered_is_read_within_bounds() {
    let long = format!("Mei: {}", "长".repeat(601));
    let fits = format!("Mei: {}", "长".repeat(600));
    let many: Vec<String> = (0..14).map(|n| format!("Mei: line {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let database =
        with(&[asked_of_people(1, Status::Resolved, &[&long, &fits]), asked_of_people(2, Status::Resolved, &many)]);
    let found = said_behind(&database, 1);
    let cut = "长".repeat(600);
    assert_eq!(found[1], format!("q1 [mei Mei: {cut}…] [mei Mei: {cut}]"));
    // The bot's own entry is the first behind the question.
    assert!(found[0].ends_with("[mei Mei: line 10]"), "{}", found[0]);
}

/// With these verdicts of its visitor, as its version `rev`.
fn rated(mut event: RoomEvent, rev: u64, verdicts: &[(u64, bool)]) -> RoomEvent {
    event.conversation.rev = rev;
    event.conversation.rated = serde_json::from_value(serde_json::json!(verdicts)).unwrap();
    event
}

#[test]
fn verdicts_are_counted_by_day_and_intent_and_what_did_not_help_can_be_learnt_from() {
    let one = talk(
        1,
        BEGAN,
        Status::Open,
        &["a>answered refund", "b>answered refund", "c>answered hours", "d>answered stock!"],
    );
    // What a form led to is no answer of its own, but it is what helped.
    let mut form = talk(2, BEGAN + DAY, Status::Open, &["my parcel>answered parcel", "A-1234>answered parcel"]);
    form.public[3].turn.as_mut().unwrap().is_reply = true;
    let mut theirs = rated(talk(3, BEGAN, Status::Open, &["theirs>answered x"]), 10, &[(2, false)]);
    theirs.conversation.workspace = workspace(2);
    let database =
        with(&[rated(one, 10, &[(2, true), (4, false), (8, false)]), rated(form, 10, &[(4, false)]), theirs]);
    let [days, intents] = lines(&database, 1, BEGAN, BEGAN + 2 * DAY);
    assert_eq!(days, ["0: 4 0 0, 0 of 1, 1 and 2", "1: 1 0 0, 0 of 1, 0 and 1"]);
    let expected = [
        "hours: 1 0 0, 0 of 1",
        "parcel: 1 0 0, 0 of 1, 0 and 1",
        "refund: 2 0 0, 0 of 1, 1 and 1",
        "stock: 1 0 0, 0 of 1, 0 and 1",
    ];
    assert_eq!(intents, expected);
    // What was pressed was meant, and what a form asked for is no question.
    assert_eq!(open(&database, 1), ["4 b [refund other] not refund"]);
    assert_eq!(open(&database, 2), ["2 theirs [x other] not x"], "INV-8");
    let settled = database.run(vec![settle(&workspace(1), &[(conversation(1), 4)], "dismissed")]).unwrap();
    assert_eq!((rows_of(&settled, 0).len(), open(&database, 1)), (1, vec![]));
    assert_eq!(lines(&database, 1, BEGAN, BEGAN + DAY)[0], ["0: 4 0 0, 0 of 1, 1 and 2"], "the report still knows it");
}

/// The last verdict stands, in whichever order the queue brings them and the entry that they are about.
#[test]
fn verdicts_come_in_any_order() {
    let whole = talk(1, BEGAN, Status::Open, &["a>answered refund"]);
    let empty = || {
        let mut event = whole.clone();
        event.public.clear();
        event
    };
    let told = [rated(whole.clone(), 10, &[]), rated(empty(), 11, &[(2, false)]), rated(empty(), 12, &[(2, true)])];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let database = with(&[]);
        for place in order.into_iter().chain(order) {
            database.run(projection::statements(&fold([&told[place]]))).unwrap();
        }
        assert_eq!(lines(&database, 1, BEGAN, BEGAN + DAY)[1], ["refund: 1 0 0, 0 of 1, 1 and 0"], "{order:?}");
    }
    // A store that was put back knows nothing of it.
    let database = with(&told[2..]);
    let mut anew = whole.clone();
    anew.conversation.log_epoch = 6;
    database.run(projection::statements(&fold([&anew]))).unwrap();
    assert_eq!(lines(&database, 1, BEGAN, BEGAN + DAY)[1], ["refund: 1 0 0, 0 of 1"]);
}

#[test]
fn what_was_asked_is_what_a_model_is_asked() {
    let mut spoken =
        talk(1, BEGAN, Status::Open, &["hello>answered greeting", "refund>answered refund", "no>handed_over  unsure"]);
    spoken.public[1].turn.as_mut().unwrap().near.clear();
    let pressed =
        talk(2, BEGAN + 5, Status::Open, &["x>asked y", "y>answered y!", "a person>handed_over human visitor_asked"]);
    // What a form asked for is no question: nothing is near it.
    let mut filled =
        talk(3, BEGAN + 9, Status::Open, &["my parcel>answered parcel", "me@x.example>handed_over parcel intent"]);
    filled.public[3].turn.as_mut().unwrap().near.clear();
    let mut led = talk(4, BEGAN + 9, Status::Open, &["A-1234>answered parcel"]);
    led.public[1].turn.as_mut().unwrap().near.clear();
    led.public[1].turn.as_mut().unwrap().is_reply = true;
    // What the FAQ answered or asked back about counts, whether there was a model or none; an intent of such a name is none of its entries.
    let entry = "faq_aaaaaaaaaaaaaaaa";
    let told = [
        format!("parking>answered {entry}"),
        format!("garage>asked {entry}"),
        "faq>answered faq_returns_policies".into(),
    ];
    let mut told = talk(5, BEGAN + 12, Status::Open, &told.each_ref().map(String::as_str));
    told.public.iter_mut().filter_map(|entry| entry.turn.as_mut()).for_each(|turn| turn.near.clear());
    let database = with(&[spoken, pressed, filled, led, told]);
    let rows = database.run(vec![asked(&workspace(1), Timestamp(BEGAN), 100)]).unwrap();
    let found: Vec<Asked> = rows_of(&rows, 0).iter().map(Asked::read).collect();
    let shown: Vec<String> =
        found.iter().map(|it| format!("{} {}{}", it.text, it.did, if it.faq { " by the FAQ" } else { "" })).collect();
    assert_eq!(
        shown,
        [
            "garage asked",
            "parking answered by the FAQ",
            "my parcel answered",
            "x asked",
            "no handed_over",
            "refund answered"
        ]
    );
}

/// However many messages there are, only what the bot did in that time is read.
#[test]
fn turns_are_read_by_time() {
    let database = with(&[]);
    for statement in report(&workspace(1), Timestamp(1), Timestamp(2))
        .into_iter()
        .chain([unanswered(&workspace(1), Timestamp(1), 10), asked(&workspace(1), Timestamp(1), 10)])
    {
        let mut plan = database.sql.connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
        let count = plan.parameter_count();
        let args = (0..count).map(|_| 1);
        let lines: Vec<String> =
            plan.query_map(rusqlite::params_from_iter(args), |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(lines.iter().any(|line| line.contains("bot_turns_by_time")), "{lines:?}");
        let is_scan = |line: &String| ["SCAN m", "SCAN q", "SCAN a"].iter().any(|scan| line.starts_with(scan));
        assert!(!lines.iter().any(is_scan), "{lines:?}");
        if statement.sql.contains("AS said") {
            let of_log =
                "SEARCH a USING INDEX sqlite_autoindex_messages_1 (conversation=? AND log=? AND seq>? AND seq<?)";
            assert!(lines.iter().any(|line| line == of_log), "{lines:?}");
            assert!(lines.iter().any(|line| line.starts_with("SEARCH c USING INDEX sqlite_autoindex_conversations_1")));
        }
    }
}
