use super::*;
use crate::{
    core::{
        id::Entropy,
        pipeline::{
            event::RoomEvent,
            fold::fold,
            sample::{BEGAN, conversation, event, visitor, workspace},
        },
        time::HOUR,
    },
    sql::{projection, testing::TestDatabase},
};

fn agent() -> AgentRef {
    AgentRef::new(AgentId::draw(&mut Entropy::new(77)), "Bo".into())
}

fn tag() -> TagId {
    TagId::draw(&mut Entropy::new(78))
}

/// Forty conversations: some share their last moment, some their hour; names, statuses, sites and assignees vary.
fn filled() -> (TestDatabase, Vec<RoomEvent>) {
    let database = TestDatabase::migrated();
    let mut events: Vec<RoomEvent> = (1..=40)
        .map(|n: u64| {
            let mut event = event(n, 5, n, 1, &[if n % 4 == 0 { "about a refund 退款" } else { "about 发货" }]);
            let row = &mut event.conversation;
            row.last_at = Timestamp(BEGAN + i64::try_from(n / 3).unwrap() * HOUR / 4);
            row.status = if n % 2 == 0 { Status::Open } else { Status::Resolved };
            row.assignee = (n % 5 == 0).then(agent);
            row.site = SiteId::draw(&mut Entropy::new(u128::from(n % 3)));
            row.tags = if n % 2 == 1 { vec![tag()] } else { Vec::new() };
            if (30..=35).contains(&n) {
                row.visitor = visitor(30);
            }
            event.visitor.name = format!("Visitor {n} 王{}", if n == 7 { " Élodie ИВАН" } else { "" });
            event.visitor.email = format!("V{n}@Example.com");
            event
        })
        .collect();
    let mut other = event(99, 5, 1, 1, &["about a refund elsewhere"]);
    other.conversation.workspace = workspace(2);
    other.visitor.name = "Visitor elsewhere".into();
    other.conversation.assignee = Some(agent());
    other.conversation.tags = vec![tag()];
    let all: Vec<&RoomEvent> = events.iter().chain([&other]).collect();
    database.run(projection::statements(&fold(all))).unwrap();
    events.sort_by_key(|event| (event.conversation.last_at, event.conversation.id.clone()));
    events.reverse();
    (database, events)
}

fn ids(database: &TestDatabase, filter: &ConversationFilter, limit: u64) -> Vec<ConversationSummary> {
    let mut filter = filter.clone();
    if !filter.text.is_empty() {
        let rows = database.run(vec![called(&workspace(1), &filter.text)]).unwrap();
        filter.called = rows[0].iter().filter_map(|row| read_called(row, &filter.text)).collect();
    }
    let rows = database.run(vec![list(&workspace(1), &filter, limit)]).unwrap();
    rows[0].iter().map(|row| read(row).unwrap()).collect()
}

fn check(filter: ConversationFilter, wanted: impl Fn(&RoomEvent) -> bool) {
    let (database, events) = filled();
    let expected: Vec<ConversationId> =
        events.iter().filter(|event| wanted(event)).map(|event| event.conversation.id.clone()).collect();
    assert!(!expected.is_empty(), "{filter:?}");
    let whole: Vec<ConversationId> = ids(&database, &filter, 100).into_iter().map(|row| row.id).collect();
    assert_eq!(whole, expected, "{filter:?}");
    // The same in pages, each from the text of the cursor before.
    // Of two sizes: with one, each page might happen to end between two moments.
    for size in [2, 3] {
        let (mut paged, mut filter) = (Vec::new(), filter.clone());
        while paged.len() <= expected.len() {
            let page = ids(&database, &filter, size);
            let Some(last) = page.last() else { break };
            filter.before = ConversationCursor::parse(&ConversationCursor::after(last).text());
            assert!(filter.before.is_some());
            paged.extend(page.into_iter().map(|row| row.id));
        }
        assert_eq!(paged, expected, "{filter:?} in pages of {size}");
    }
}

#[test]
fn lists_are_filtered_ordered_and_paged() {
    let none = ConversationFilter::default;
    check(none(), |_| true);
    check(ConversationFilter { statuses: vec![Status::Open], ..none() }, |event| {
        event.conversation.status == Status::Open
    });
    check(ConversationFilter { statuses: vec![Status::Open, Status::Resolved], ..none() }, |_| true);
    check(ConversationFilter { assignee: Some(AssigneeFilter::Nobody), ..none() }, |event| {
        event.conversation.assignee.is_none()
    });
    check(ConversationFilter { assignee: Some(AssigneeFilter::Agent(agent().id)), ..none() }, |event| {
        event.conversation.assignee.is_some()
    });
    let site = SiteId::draw(&mut Entropy::new(1));
    check(ConversationFilter { site: Some(site.clone()), statuses: vec![Status::Open], ..none() }, |event| {
        event.conversation.site == site && event.conversation.status == Status::Open
    });
    check(ConversationFilter { visitor: Some(visitor(7)), ..none() }, |event| event.conversation.visitor == visitor(7));
    check(ConversationFilter { text: "Refund".into(), ..none() }, |event| event.public[0].body.contains("refund"));
    check(ConversationFilter { text: "退款".into(), ..none() }, |event| event.public[0].body.contains("退款"));
    check(ConversationFilter { text: " v7@example ".into(), ..none() }, |event| {
        event.visitor.email == "V7@Example.com"
    });
    check(ConversationFilter { text: "王".into(), ..none() }, |_| true);
    for name in ["élodie", "ÉLODIE", "Иван", "ива", "王 élo"] {
        check(ConversationFilter { text: name.into(), ..none() }, |event| event.conversation.visitor == visitor(7));
    }
    check(ConversationFilter { text: "@".into(), ..none() }, |_| true);
    let of_one = || ConversationFilter { visitor: Some(visitor(30)), ..none() };
    let is_theirs = |event: &RoomEvent| event.conversation.visitor == visitor(30);
    let has_tag = |event: &RoomEvent| !event.conversation.tags.is_empty();
    let has_agent = |event: &RoomEvent| event.conversation.assignee.is_some();
    let is_open = |event: &RoomEvent| event.conversation.status == Status::Open;
    let of_site = |event: &RoomEvent| event.conversation.site == site;
    let (tagged, theirs) = (Some(tag()), Some(AssigneeFilter::Agent(agent().id)));
    let (open, of) = (vec![Status::Open], Some(site.clone()));
    check(of_one(), is_theirs);
    check(ConversationFilter { tag: tagged.clone(), ..of_one() }, |it| is_theirs(it) && has_tag(it));
    check(ConversationFilter { assignee: theirs.clone(), ..of_one() }, |it| is_theirs(it) && has_agent(it));
    check(ConversationFilter { statuses: open.clone(), ..of_one() }, |it| is_theirs(it) && is_open(it));
    check(ConversationFilter { site: of.clone(), ..of_one() }, |it| is_theirs(it) && of_site(it));
    let of_tag = || ConversationFilter { tag: tagged.clone(), ..none() };
    check(of_tag(), has_tag);
    check(ConversationFilter { assignee: theirs.clone(), ..of_tag() }, |it| has_tag(it) && has_agent(it));
    check(ConversationFilter { statuses: vec![Status::Resolved], ..of_tag() }, |it| has_tag(it) && !is_open(it));
    check(ConversationFilter { site: of.clone(), ..of_tag() }, |it| has_tag(it) && of_site(it));
    let called = || ConversationFilter { text: "王".into(), ..none() };
    check(ConversationFilter { tag: tagged.clone(), ..called() }, has_tag);
    check(ConversationFilter { assignee: theirs, ..called() }, has_agent);
    check(ConversationFilter { statuses: open, ..called() }, is_open);
    check(ConversationFilter { site: of, ..called() }, of_site);
    let (database, _) = filled();
    // INV-8: whoever is asked for, and whatever was found by name.
    assert_eq!(ids(&database, &ConversationFilter { visitor: Some(visitor(99)), ..none() }, 100), []);
    let found = ConversationFilter { text: "nowhere".into(), called: vec![conversation(99)], ..none() };
    assert_eq!(database.run(vec![list(&workspace(1), &found, 100)]).unwrap(), [Vec::<Row>::new()]);
    for nothing in ["nowhere", "elsewhere", "?", "\"", "' OR 1=1 --", "%"] {
        let filter = ConversationFilter { text: nothing.into(), ..none() };
        assert_eq!(ids(&database, &filter, 100), [], "{nothing}");
    }
}

#[test]
fn inv_8_one_conversation_is_found_in_its_own_workspace_only() {
    let (database, _) = filled();
    let find = |n, id| {
        let rows = database.run(vec![one(&workspace(n), &conversation(id))]).unwrap();
        rows[0].first().map(|row| read(row).unwrap())
    };
    let found = find(1, 10).unwrap();
    assert_eq!(found.assignee, Some(agent()));
    assert_eq!((found.unread, found.head, found.status), (10, 1, Status::Open));
    let VisitorSummary { id, name, email, is_verified, is_blocked } = found.visitor;
    assert_eq!((id, name.as_str(), email.as_str()), (visitor(10), "Visitor 10 王", "V10@Example.com"));
    assert!(!is_verified && !is_blocked);
    database
        .sql
        .connection
        .execute("UPDATE conversations SET status = 'from_the_future' WHERE id = ?", [conversation(10).as_str()])
        .unwrap();
    assert_eq!(find(1, 10).unwrap().status, Status::Open, "what only a later version has a word for waits for people");
    assert_eq!(find(2, 10), None);
    assert_eq!(find(1, 99), None);
    assert!(find(2, 99).is_some());
}

#[test]
fn cursors_are_read_strictly() {
    let good = format!("{BEGAN}-{}", conversation(1));
    assert_eq!(ConversationCursor::parse(&good).unwrap().text(), good);
    for bad in [
        "",
        "-",
        "1",
        "x-y",
        &good[..good.len() - 1],
        &format!("-{good}"),
        &format!("9007199254740992-{}", conversation(1)),
    ] {
        assert_eq!(ConversationCursor::parse(bad), None, "{bad}");
    }
}

/// The list never looks at more than it must: by its index, without sorting the whole.
#[test]
fn a_list_is_read_from_its_index() {
    let database = TestDatabase::migrated();
    for (list, index) in [
        (LIST, "conversations_by_activity"),
        (LIST_UNRESOLVED, "conversations_unresolved"),
        (LIST_OF_TAG, "conversations_tagged"),
    ] {
        let mut plan = database.sql.connection.prepare(&format!("EXPLAIN QUERY PLAN {list}")).unwrap();
        for place in 1..=8 {
            plan.raw_bind_parameter(place, rusqlite::types::Null).unwrap();
        }
        let mut rows = plan.raw_query();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            lines.push(row.get::<_, String>("detail").unwrap());
        }
        let text = lines.join("\n");
        assert!(text.contains(&format!("USING INDEX {index} (workspace=? AND active_hour<?)")), "{text}");
        assert!(text.contains("USE TEMP B-TREE FOR LAST"), "{text}");
    }
}

/// Five thousand conversations that are resolved, and three older ones that are not.
fn of_years() -> TestDatabase {
    let database = TestDatabase::migrated();
    let events: Vec<RoomEvent> = (1..=5_003_u64)
        .map(|n| {
            let mut event = event(n, 5, n, 1, &[]);
            event.conversation.last_at = Timestamp(BEGAN + i64::try_from(n).unwrap() * HOUR / 10);
            event.conversation.status = if n <= 3 { Status::Open } else { Status::Resolved };
            event.conversation.assignee = (n <= 2).then(agent);
            event.visitor.name = if n == 3 { "Old Élodie".into() } else { format!("Visitor {n}") };
            event
        })
        .collect();
    for events in events.chunks(500) {
        database.run(projection::statements(&fold(events))).unwrap();
    }
    database
}

/// What SQLite has to do for a statement, in steps of its machine: some ten for each row that it looks at.
fn steps(database: &TestDatabase, statement: &Statement) -> i32 {
    let mut prepared = database.sql.connection.prepare(statement.sql).unwrap();
    let bound = statement.args.iter().map(|value| match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.clone().into(),
    });
    let mut rows = prepared.query(rusqlite::params_from_iter(bound)).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    prepared.get_status(rusqlite::StatementStatus::VmStep)
}

#[test]
fn what_is_not_resolved_is_found_without_a_look_at_the_rest() {
    let database = of_years();
    let mine = ConversationFilter {
        statuses: vec![Status::Open],
        assignee: Some(AssigneeFilter::Agent(agent().id)),
        ..ConversationFilter::default()
    };
    assert_eq!(ids(&database, &mine, 51).len(), 2);
    let few = steps(&database, &list(&workspace(1), &mine, 51));
    assert!(few < 1_000, "{few} steps");
    let over = ConversationFilter { statuses: vec![Status::Open, Status::Resolved], ..mine };
    assert_eq!(ids(&database, &over, 51).len(), 2, "what is resolved may be asked for with it");
}

/// Names and addresses are looked at where something was last written, and nothing else of the history.
#[test]
fn a_search_looks_at_the_newest_conversations() {
    let database = of_years();
    let named = |text: &str| ConversationFilter { text: text.into(), ..ConversationFilter::default() };
    let newest: Vec<ConversationId> = ids(&database, &named("visitor 500"), 51).into_iter().map(|row| row.id).collect();
    assert_eq!(newest, [5_003, 5_002, 5_001, 5_000].map(conversation));
    for older in ["visitor 77", "élodie"] {
        assert_eq!(ids(&database, &named(older), 51), [], "{older}");
    }
    let (looked, listed) = (called(&workspace(1), "visitor 77"), list(&workspace(1), &named("visitor 77"), 51));
    let (looked, listed) = (steps(&database, &looked), steps(&database, &listed));
    assert!(looked < 50_000 && listed < 1_000, "{looked} and {listed} steps");
}
