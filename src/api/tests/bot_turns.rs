//! What the bot did, as the API tells it, on real SQLite.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        bot_turns::{self, REPORT_QUERY},
        context::read,
        testing::{OWNER, World, code},
    },
    core::{
        bot::turn::{Did, Turn},
        error::Code,
        id::WorkspaceId,
        internal::Status,
        pipeline::{
            fold::fold,
            sample::{conversation, event},
        },
        principal::AgentPrincipal,
        query::Query,
        time::{DAY, HOUR},
    },
    sql::{projection, testing::ready},
};

/// A visitor's text and what the bot did about it, as conversation `n`, some time ago.
fn tell(world: &World, workspace: &WorkspaceId, n: u64, ago: i64, text: &str, turn: Turn) {
    let mut event = event(n, 5, 10, 1, &[text, "the bot's"]);
    event.conversation.workspace = workspace.clone();
    for entry in &mut event.public {
        entry.at = world.now.get().plus(-ago);
    }
    event.public[1].sender_kind = "bot".into();
    event.public[1].turn = Some(Turn { to: 1, ..turn });
    world.database.run(projection::statements(&fold([&event]))).unwrap();
}

fn unsure(near: &[&str]) -> Turn {
    let near = near.iter().map(|id| (*id).to_owned()).collect();
    Turn { did: Did::HandedOver, reason: "unsure".into(), near, ..Turn::default() }
}

fn questions(world: &World, who: &AgentPrincipal) -> Value {
    serde_json::to_value(ready(bot_turns::questions(&world.cx(), who)).unwrap()).unwrap()
}

fn settle(world: &World, who: &AgentPrincipal, body: &Value) -> Result<usize, Code> {
    code(read(&body.to_string()).and_then(|given| ready(bot_turns::settle(&world.cx(), who, &given))))
        .map(|it| it.settled)
}

#[test]
fn questions_are_grouped_with_their_nearest_intents_until_they_are_settled() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    assert_eq!(questions(&world, who), json!([]));
    let told = [
        (1, 3 * HOUR, "do you sell gift cards", unsure(&["stock", "refund", "hours"])),
        (2, 2 * HOUR, "gift cards?", unsure(&["refund", "stock"])),
        (3, HOUR, "gift cards", unsure(&["refund", "stock", "hours"])),
        (4, HOUR, "is there parking", unsure(&[])),
        (5, 31 * DAY, "long ago", unsure(&[])),
        (6, HOUR, "refund", Turn { intent: "refund".into(), ..Turn::default() }),
    ];
    for (n, ago, text, turn) in told {
        tell(&world, &who.workspace, n, ago, text, turn);
    }
    // Asked back, and what the FAQ has was meant: it is known.
    let mut asked = event(7, 5, 10, 1, &["which colours", "which?", "Which colours are there?", "Red."]);
    asked.conversation.workspace = who.workspace.clone();
    let faq = |to, did, pressed| Turn { to, did, pressed, intent: "faq_aaaaaaaaaaaaaaaa".into(), ..Turn::default() };
    for (place, turn) in [(1, faq(1, Did::Asked, false)), (3, faq(3, Did::Answered, true))] {
        asked.public[place].sender_kind = "bot".into();
        asked.public[place].turn = Some(turn);
    }
    asked.public.iter_mut().for_each(|entry| entry.at = world.now.get());
    world.database.run(projection::statements(&fold([&asked]))).unwrap();
    let found = questions(&world, who);
    let newest = world.now.get().plus(-HOUR).rfc3339();
    let turn = |n| format!("{}.2", conversation(n));
    let expected = json!([
        {"texts": ["gift cards", "gift cards?", "do you sell gift cards"], "count": 3, "newest": newest,
            "near": ["refund", "stock", "hours"], "unhelpful": 0, "answers": [], "turns": [turn(3), turn(2), turn(1)]},
        {"texts": ["is there parking"], "count": 1, "newest": newest, "near": [], "unhelpful": 0, "answers": [], "turns": [turn(4)]},
    ]);
    assert_eq!(found, expected);

    let other = stranger(&world);
    assert_eq!(questions(&world, &other), json!([]), "INV-8");
    let gift = json!({"turns": expected[0]["turns"], "how": "intent", "intent": "refund"});
    assert_eq!(settle(&world, &other, &gift), Ok(0), "INV-8");
    assert_eq!(questions(&world, who), expected);
    assert_eq!(settle(&world, who, &gift), Ok(3));
    assert_eq!(settle(&world, who, &gift), Ok(0), "done is done");
    assert_eq!(settle(&world, who, &json!({"turns": [turn(4)], "how": "dismissed"})), Ok(1));
    assert_eq!(questions(&world, who), json!([]));
    let said: Vec<String> = world.audit(&owner).into_iter().filter(|action| action.starts_with("questions")).collect();
    assert_eq!(said.len(), 2, "what changed nothing is not told");
}

/// It stands with what was not answered, and the intent that was wrong is not offered.
#[test]
fn an_answer_that_did_not_help_is_a_question_to_learn_from() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let near = |ids: [&str; 2]| ids.map(str::to_owned).to_vec();
    let wrong = Turn { intent: "stock".into(), near: near(["stock", "hours"]), ..Turn::default() };
    tell(&world, &who.workspace, 1, HOUR, "do you sell gift cards", wrong.clone());
    tell(&world, &who.workspace, 2, HOUR, "do you sell gift cards?", unsure(&["hours", "stock"]));
    assert_eq!(questions(&world, &who)[0]["count"], 1);
    let mut rated = event(1, 5, 11, 1, &[]);
    rated.conversation.workspace = who.workspace.clone();
    rated.conversation.rated = serde_json::from_value(json!([[2, false]])).unwrap();
    world.database.run(projection::statements(&fold([&rated]))).unwrap();
    let found = questions(&world, &who);
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(
        (&found[0]["count"], &found[0]["unhelpful"], &found[0]["near"]),
        (&json!(2), &json!(1), &json!(["hours", "stock"]))
    );
}

#[test]
fn what_people_answered_stands_with_the_question() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let tell = |n: u64, status: Status, texts: [&str; 3]| {
        let mut event = event(n, 5, 10, 1, &[texts[0], "the bot's", texts[1], texts[2]]);
        event.conversation.workspace = who.workspace.clone();
        event.conversation.status = status;
        for entry in &mut event.public {
            entry.at = world.now.get().plus(i64::try_from(n).unwrap() - HOUR);
        }
        event.public[1].sender_kind = "bot".into();
        event.public[1].turn = Some(Turn { to: 1, ..unsure(&[]) });
        for entry in event.public.iter_mut().skip(2) {
            (entry.sender_kind, entry.sender_id, entry.sender_name) = ("agent".into(), "agt_mei".into(), "Mei".into());
        }
        world.database.run(projection::statements(&fold([&event]))).unwrap();
    };
    tell(1, Status::Resolved, ["is there parking", "Hello!", "Behind the house."]);
    tell(2, Status::Resolved, ["is there any parking", "Opposite the church,", "on the left."]);
    tell(3, Status::Open, ["parking?", "Wherever you like it.", "Really."]);
    tell(4, Status::Resolved, ["do you sell gift cards", "Hi", "Yes."]);
    let found = questions(&world, &who);
    let at = |n: i64| world.now.get().plus(n - HOUR).rfc3339();
    let expected = json!([
        {"text": "Opposite the church,\non the left.", "by": "Mei", "at": at(2), "conversation": conversation(2)},
        {"text": "Behind the house.", "by": "Mei", "at": at(1), "conversation": conversation(1)},
    ]);
    assert_eq!((&found[0]["count"], &found[0]["answers"]), (&json!(3), &expected));
    assert_eq!(found[1]["answers"], json!([]), "nothing that says something");
    assert_eq!(questions(&world, &stranger(&world)), json!([]), "INV-8");
}

#[test]
fn what_can_not_be_settled_is_refused() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let turn = format!("{}.2", conversation(1));
    let many: Vec<&str> = vec![&turn; 401];
    for (body, expected) in [
        (json!({"turns": [], "how": "dismissed"}), Ok(0)),
        (json!({"turns": [turn], "how": "faq"}), Ok(0)),
        (json!({"turns": ["2"], "how": "faq"}), Err(Code::BadRequest)),
        (json!({"turns": ["cnv_x.2"], "how": "faq"}), Err(Code::BadRequest)),
        (json!({"turns": [format!("{}.-1", conversation(1))], "how": "faq"}), Err(Code::BadRequest)),
        (json!({"turns": [format!("{}.9007199254740992", conversation(1))], "how": "faq"}), Err(Code::BadRequest)),
        (json!({"turns": many, "how": "faq"}), Err(Code::TooLarge)),
        (json!({"turns": [turn], "how": "forget"}), Err(Code::BadRequest)),
        (json!({"turns": [turn], "how": "intent"}), Err(Code::BadRequest)),
        (json!({"turns": [turn], "how": "faq", "intent": "refund"}), Err(Code::BadRequest)),
        (json!({"turns": [turn], "how": "intent", "intent": "No Name"}), Err(Code::BadRequest)),
        (json!({"how": "faq"}), Err(Code::BadRequest)),
    ] {
        assert_eq!(settle(&world, &who, &body), expected, "{body}");
    }
}

#[test]
fn a_report_is_of_a_bounded_time_and_of_ones_own() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    tell(&world, &who.workspace, 1, HOUR, "refund", Turn { intent: "refund".into(), ..Turn::default() });
    tell(&world, &who.workspace, 2, 2 * DAY, "what", unsure(&[]));
    let report = |who: &AgentPrincipal, asked: &str| {
        let query = Query::of(&format!("/?{asked}"), &REPORT_QUERY).unwrap();
        code(ready(bot_turns::report(&world.cx(), who, &query))).map(|report| serde_json::to_value(report).unwrap())
    };
    let now = world.now.get().0;
    let line = |key: &str, answered: u32, handed_over: u32, conversations: u32| json!({"key": key, "answered": answered, "asked": 0, "handed_over": handed_over, "stood_in": 0, "conversations": conversations, "resolved": 0, "helped": 0, "not_helped": 0});
    let expected = json!({"from": now - 7 * DAY, "to": now, "days": [line("5", 0, 1, 1), line("6", 1, 0, 1)],
        "intents": [line("", 0, 1, 0), line("refund", 1, 0, 1)]});
    assert_eq!(report(&who, ""), Ok(expected));
    let today = report(&who, &format!("from={}&to={now}", now - DAY)).unwrap();
    assert_eq!((&today["days"], &today["intents"]), (&json!([line("0", 1, 0, 1)]), &json!([line("refund", 1, 0, 1)])));
    let nothing = report(&stranger(&world), "").unwrap();
    assert_eq!((&nothing["days"], &nothing["intents"]), (&json!([]), &json!([])), "INV-8");
    for bad in [format!("from={}", now - 93 * DAY), format!("from={}", now + 1), "from=x".into(), "to=-1".into()] {
        assert_eq!(report(&who, &bad), Err(Code::BadRequest), "{bad}");
    }
    assert!(report(&who, "from=0&to=9007199254740991").is_err());
    assert!(report(&who, "from=9007199254740991&to=9007199254740991").is_ok());
    let asked = serde_json::to_value(ready(bot_turns::asked(&world.cx(), &who)).unwrap()).unwrap();
    assert_eq!(asked, json!([{"text": "what", "did": "handed_over", "faq": false}]));
}
