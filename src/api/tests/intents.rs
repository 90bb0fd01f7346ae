//! Intents on real SQLite: written, imported, removed; what they may be, and to whom they exist.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        bot,
        context::read,
        intents, tags, teams,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        bot::{
            dialogue::Meaning,
            intent::{Does, Draft},
        },
        error::Code,
        id::{IntentId, TagId, TeamId},
        port::Statement,
        principal::AgentPrincipal,
    },
    sql::{
        intents as sql,
        testing::{GivingWay, interleave, ready},
    },
};

fn name(id: &str) -> IntentId {
    IntentId::parse(id).unwrap()
}

fn put(world: &World, who: &AgentPrincipal, id: &str, body: &Value) -> Result<(bool, Value), Code> {
    let put = ready(intents::put(&world.cx(), who, &name(id), read(&body.to_string()).unwrap()));
    code(put).map(|(is_new, text)| (is_new, serde_json::from_str(&text).unwrap()))
}

fn import(world: &World, who: &AgentPrincipal, given: &Value) -> Result<(usize, usize, usize), Code> {
    let body = json!({ "intents": given }).to_string();
    let imported = code(ready(intents::import(&world.cx(), who, read(&body).unwrap())))?;
    Ok((imported.added, imported.changed, imported.examples))
}

fn listed(world: &World, who: &AgentPrincipal) -> Vec<Value> {
    let text = ready(intents::list(&world.cx(), who)).unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    body["intents"].as_array().unwrap().clone()
}

fn is_changed(world: &World, who: &AgentPrincipal) -> bool {
    serde_json::to_value(ready(bot::show(&world.cx(), who)).unwrap()).unwrap()["changed"] == json!(true)
}

fn refund() -> Value {
    json!({
        "title": {"en": "Refund", "zh": "退款"}, "answer": {"en": "Soon. \"Really\" \\o/\n\nhttps://a.example", "zh": "马上。"},
        "does": "answer", "buttons": ["refund"], "examples": ["i want a refund", "我要退款"], "library": false,
    })
}

#[test]
fn an_intent_is_written_read_and_removed() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let (is_new, made) = put(&world, who, "refund", &refund()).unwrap();
    assert!(is_new);
    let mut expected = refund();
    expected["id"] = json!("refund");
    expected["updated_at"] = json!(world.now.get().rfc3339());
    assert_eq!(made, expected);
    world.wait(1_000);
    let (is_new, same) = put(&world, who, "refund", &refund()).unwrap();
    assert_eq!((is_new, &same), (false, &made), "the same again is no change");
    let (_, whole) = put(&world, who, "refund", &json!({"does": "handoff"})).unwrap();
    let nothing = json!({"en": "", "zh": ""});
    assert_eq!(
        [&whole["does"], &whole["title"], &whole["examples"], &whole["library"]],
        [&json!("handoff"), &nothing, &json!([]), &json!(true)],
        "what is not said is not there"
    );
    put(&world, who, "a_first", &json!({"buttons": ["refund", "a_first"]})).unwrap();
    let ids: Vec<Value> = listed(&world, who).iter().map(|intent| intent["id"].clone()).collect();
    assert_eq!(ids, ["a_first", "refund"]);
    ready(intents::delete(&world.cx(), who, &name("refund"))).unwrap();
    let left = listed(&world, who);
    assert_eq!((left.len(), &left[0]["buttons"]), (1, &json!(["a_first"])), "no button leads nowhere");
    assert_eq!(code(ready(intents::delete(&world.cx(), who, &name("refund")))), Err(Code::NotFound));
    let told: Vec<String> = world.audit(&owner).into_iter().filter(|action| action.starts_with("intent")).collect();
    assert_eq!(told, ["intent_created", "intent_changed", "intent_created", "intent_deleted"]);
}

#[test]
fn a_form_is_kept_as_it_is_given_and_checked() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let form = json!([
        {"key": "order", "kind": "order", "ask": {"en": "Which order?", "zh": "哪个订单？"}},
        {"key": "mail", "kind": "email", "ask": {"en": "", "zh": ""}},
    ]);
    let mut given = refund();
    given["form"] = form.clone();
    let (_, made) = put(&world, who, "refund", &given).unwrap();
    assert_eq!(made["form"], form);
    let rows = ready(world.cx().run(vec![sql::meanings(&who.workspace)])).unwrap();
    let says = sql::read_meaning(&rows[0][0]).unwrap().says;
    assert_eq!(serde_json::to_value(&says.form).unwrap(), form, "a conversation has it");
    let twice = json!([{"key": "a", "kind": "text"}, {"key": "a", "kind": "text"}]);
    assert_eq!(put(&world, who, "refund", &json!({ "form": twice })), Err(Code::BadRequest));
    assert!(read::<Draft>(&json!({"form": [{"key": "a", "kind": "date"}]}).to_string()).is_err());
    // An import that says nothing of it leaves it, and one that says none takes it away.
    import(&world, who, &json!([{"id": "refund", "examples": ["one more"]}])).unwrap();
    assert_eq!(listed(&world, who)[0]["form"], form);
    import(&world, who, &json!([{"id": "refund", "form": []}])).unwrap();
    assert_eq!(listed(&world, who)[0].get("form"), None);
}

#[test]
fn an_intent_may_name_a_team_of_its_workspace() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let team = json!({"name": "Refunds", "members": []}).to_string();
    let (team, _) = ready(teams::create(&world.cx(), who, read(&team).unwrap())).unwrap();
    let team = serde_json::to_value(&team).unwrap()["id"].clone();
    let given = json!({"does": "handoff", "handoff_team": team});
    assert_eq!(put(&world, who, "refund", &given).unwrap().1["handoff_team"], json!(team));
    import(&world, who, &json!([{"id": "refund", "examples": ["one more"]}])).unwrap();
    assert_eq!(listed(&world, who)[0]["handoff_team"], json!(team), "what is not said stays");
    // How soon is the intent's own affair.
    import(&world, who, &json!([{"id": "refund", "handoff_level": 4}])).unwrap();
    import(&world, who, &json!([{"id": "refund", "handoff_team": ""}])).unwrap();
    assert_eq!(listed(&world, who)[0]["handoff_level"], json!(4));
    import(&world, who, &json!([{"id": "refund", "handoff_level": 0}])).unwrap();
    assert_eq!(listed(&world, who)[0].get("handoff_level"), None);
    for bad in [json!(10), json!(-1), json!(256), json!("4"), json!(1.5)] {
        assert!(
            read::<Draft>(&json!({ "handoff_level": bad }).to_string()).is_err()
                || put(&world, who, "refund", &json!({ "handoff_level": bad })).is_err(),
            "{bad}"
        );
    }
    assert_eq!(listed(&world, who)[0].get("handoff_team"), None);
    for bad in ["team_", "refunds", "team_aaaaaaaaaaaaaaaa"] {
        assert_eq!(put(&world, who, "refund", &json!({ "handoff_team": bad })), Err(Code::BadRequest), "{bad}");
    }
    let (_, whole) = put(&world, who, "refund", &json!({"handoff_team": null})).unwrap();
    assert_eq!(whole.get("handoff_team"), None);
    // One that is gone since hinders no other change.
    put(&world, who, "refund", &given).unwrap();
    let id = TeamId::parse(team.as_str().unwrap()).unwrap();
    ready(teams::delete(&world.cx(), who, &id)).unwrap();
    import(&world, who, &json!([{"id": "refund", "examples": ["and one more"]}])).unwrap();
    assert_eq!(put(&world, who, "other", &given), Err(Code::BadRequest));
}

/// Asked before each call: an action that was decided before may be made minutes later.
#[test]
fn whom_an_action_is_for_is_known_as_it_stands_now() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let is_barred = |who: &AgentPrincipal, id: &str| {
        let rows = ready(world.cx().run(vec![sql::is_for_signed(&who.workspace, &name(id))])).unwrap();
        !rows[0].is_empty()
    };
    let eve = stranger(&world);
    assert!(!is_barred(who, "refund"), "there is none");
    for (action, barred) in [
        (json!({"url": "https://shop.example/", "verified": false}), false),
        (json!({"url": "https://shop.example/", "verified": true}), true),
        (json!({"url": "", "verified": true}), false),
    ] {
        put(&world, who, "refund", &json!({ "action": action })).unwrap();
        assert_eq!(is_barred(who, "refund"), barred, "{action}");
        assert!(!is_barred(&eve, "refund"), "INV-8");
    }
}

fn tag(world: &World, who: &AgentPrincipal, name: &str) -> TagId {
    ready(tags::save(&world.cx(), who, None, read(&json!({ "name": name }).to_string()).unwrap())).unwrap().id
}

/// What the bot puts on a conversation by this intent.
fn puts_on(world: &World, who: &AgentPrincipal, id: &str) -> Vec<TagId> {
    let rows = ready(world.cx().run(vec![sql::meanings(&who.workspace)])).unwrap();
    let meanings = rows[0].iter().map(|row| sql::read_meaning(row).unwrap());
    meanings.filter(|meaning| meaning.id.as_str() == id).flat_map(|meaning| meaning.says.tags).collect()
}

#[test]
fn an_intent_puts_on_tags_of_its_workspace() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let (money, urgent) = (tag(&world, who, "Money"), tag(&world, who, "Urgent"));
    let given = json!({"tags": [money, urgent, money]});
    assert_eq!(put(&world, who, "refund", &given).unwrap().1["tags"], json!([money, urgent]));
    assert_eq!(puts_on(&world, who, "refund"), [money.clone(), urgent.clone()]);
    assert!(!put(&world, who, "refund", &json!({"tags": [money, urgent]})).unwrap().0);
    import(&world, who, &json!([{"id": "refund", "examples": ["one more"]}])).unwrap();
    assert_eq!(puts_on(&world, who, "refund").len(), 2, "what is not said stays");
    import(&world, who, &json!([{"id": "refund", "tags": [urgent]}])).unwrap();
    assert_eq!(puts_on(&world, who, "refund"), std::slice::from_ref(&urgent));
    for bad in [json!(["tag_aaaaaaaaaaaaaaaa"]), json!([urgent, "tag_aaaaaaaaaaaaaaaa"])] {
        assert_eq!(put(&world, who, "refund", &json!({ "tags": bad })), Err(Code::BadRequest), "{bad}");
        assert_eq!(import(&world, who, &json!([{"id": "new", "tags": bad}])), Err(Code::BadRequest), "{bad}");
    }
    let eve = stranger(&world);
    assert_eq!(put(&world, &eve, "refund", &json!({"tags": [money]})), Err(Code::BadRequest), "INV-8");
    put(&world, who, "plain", &json!({})).unwrap();
    assert_eq!(listed(&world, who)[0].get("tags"), None);
    assert!(is_changed(&world, who));
    world.database.run(vec![Statement::new("UPDATE bots SET learnable = 0", [])]).unwrap();
    put(&world, who, "refund", &json!({"examples": ["one more"], "tags": [money]})).unwrap();
    assert!(!is_changed(&world, who), "nothing is learnt from it");
}

#[test]
fn a_tag_that_goes_leaves_its_intents() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let (money, urgent) = (tag(&world, who, "Money"), tag(&world, who, "Urgent"));
    put(&world, who, "refund", &json!({"tags": [money, urgent]})).unwrap();
    put(&world, who, "broken", &json!({"tags": [money]})).unwrap();
    put(&world, who, "hours", &json!({"answer": {"en": "\"tags\" \\o/ 钱"}, "examples": ["when"]})).unwrap();
    let eve = stranger(&world);
    let hers = tag(&world, &eve, "Money");
    put(&world, &eve, "refund", &json!({"tags": [hers]})).unwrap();
    let version = |who| ready(bot::told(&world.cx(), who)).unwrap().unwrap().terms.version;
    let (before, of_eve) = (version(who), version(&eve));
    let others: Vec<Value> = listed(&world, who).into_iter().filter(|it| it["id"] == "hours").collect();

    assert_eq!(code(ready(tags::delete(&world.cx(), &eve, &money))), Err(Code::NotFound));
    assert_eq!((puts_on(&world, who, "refund").len(), version(who), version(&eve)), (2, before, of_eve));

    ready(tags::delete(&world.cx(), who, &money)).unwrap();
    assert_eq!(puts_on(&world, who, "refund"), std::slice::from_ref(&urgent));
    assert_eq!((puts_on(&world, who, "broken"), puts_on(&world, &eve, "refund")), (vec![], vec![hers]));
    assert!(version(who) > before, "who remembers what the bot knows looks again");
    assert_eq!(version(&eve), of_eve);
    assert!(listed(&world, who).contains(&others[0]), "nothing else has changed");
    assert_eq!(world.audit(&owner).iter().filter(|told| *told == "tag_deleted").count(), 1);
    assert_eq!(put(&world, who, "broken", &json!({"tags": [money]})).err(), Some(Code::BadRequest));
}

/// An intent that is written while its tag goes has either lost it or was told to look again.
#[test]
fn of_a_tag_that_goes_and_an_intent_that_names_it_nothing_is_left() {
    for schedule in 0_u32..64 {
        let world = World::seeded();
        let owner = world.enter(OWNER).principal;
        let money = tag(&world, &owner, "Money");
        put(&world, &owner, "refund", &json!({})).unwrap();
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let body = read(&json!({"tags": [money]}).to_string()).unwrap();
        let refund = name("refund");
        let (written, gone) =
            interleave(intents::put(&first, &owner, &refund, body), tags::delete(&second, &owner, &money), |step| {
                schedule >> (step % 6) & 1 == 1
            });
        gone.unwrap();
        let refused = [None, Some(Code::Conflict), Some(Code::BadRequest)];
        assert!(refused.contains(&code(written).err()), "schedule {schedule}");
        assert_eq!(puts_on(&world, &owner, "refund"), [], "schedule {schedule}");
    }
}

#[test]
fn a_conversation_reads_what_is_said_and_nothing_of_what_is_learnt() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    put(&world, who, "refund", &refund()).unwrap();
    put(&world, who, "hours", &json!({"title": {"en": "Hours"}, "does": "handoff", "examples": ["when"]})).unwrap();
    let rows = ready(world.cx().run(vec![sql::meanings(&who.workspace)])).unwrap();
    let meanings: Vec<Meaning> = rows[0].iter().map(|row| sql::read_meaning(row).unwrap()).collect();
    assert_eq!(meanings.iter().map(|meaning| meaning.id.as_str()).collect::<Vec<_>>(), ["hours", "refund"]);
    assert_eq!(meanings[0].says.does, Does::Handoff);
    let expected = refund();
    for part in ["title", "answer", "does", "buttons"] {
        assert_eq!(serde_json::to_value(&meanings[1].says).unwrap()[part], expected[part], "{part}");
    }
}

#[test]
fn an_import_adds_to_what_is_there() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    put(&world, who, "refund", &refund()).unwrap();
    let given = json!([
        {"id": "refund", "answer": {"zh": "三天内。"}, "examples": ["I WANT A REFUND!", "money back", "我要退款。"]},
        {"id": "track", "title": {"en": "Track"}, "examples": ["where is it"], "buttons": ["refund"]},
        {"id": "track", "examples": ["where is it?", "到哪了"]},
    ]);
    assert_eq!(import(&world, who, &given), Ok((1, 1, 3)));
    let [refund, track] = listed(&world, who).try_into().unwrap();
    assert_eq!(refund["examples"], json!(["i want a refund", "我要退款", "money back"]));
    assert_eq!(refund["answer"]["zh"], json!("三天内。"));
    assert!(refund["answer"]["en"].as_str().unwrap().starts_with("Soon."), "not given, so it stays");
    assert_eq!(track["examples"], json!(["where is it", "到哪了"]));
    assert_eq!(import(&world, who, &given), Ok((0, 0, 0)), "twice is once");
    let before = world.count("SELECT revision FROM bots");
    assert_eq!(import(&world, who, &json!([])), Ok((0, 0, 0)));
    assert_eq!(world.count("SELECT revision FROM bots"), before);
    assert_eq!(world.audit(&owner).iter().filter(|told| *told == "intents_imported").count(), 1);
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    put(&world, &owner, "refund", &refund()).unwrap();
    let before = listed(&world, &owner);
    let emoji = "🙂".repeat(262_144);
    let many: Vec<String> = (0..501).map(|number| format!("example {number}")).collect();
    let bad = [
        json!({"buttons": ["nobody"]}),
        json!({"id": "refund"}),
        json!({"examples": [emoji]}),
        json!({"examples": many}),
        json!({"answer": {"en": "x".repeat(4_001)}}),
    ];
    for body in bad {
        assert_eq!(put(&world, &owner, "refund", &body), Err(Code::BadRequest), "{}", &body.to_string()[..40]);
    }
    let imports = [
        (json!([{"examples": ["x"]}]), Code::BadRequest),
        (json!([{"id": "fine", "examples": ["x"]}, {"id": "refund", "examples": [emoji]}]), Code::BadRequest),
        (json!([{"id": "fine"}, {"id": "other", "buttons": ["nobody"]}]), Code::BadRequest),
        (json!((0..151).map(|number| json!({"id": format!("i{number}")})).collect::<Vec<_>>()), Code::TooLarge),
    ];
    for (given, expected) in imports {
        assert_eq!(import(&world, &owner, &given), Err(expected), "all of it or nothing");
    }
    let unreadable = [
        r#"{"examples":["\ud83d"]}"#,
        r#"{"examples":"x"}"#,
        r#"{"does":"answer","does":"answer"}"#,
        r#"{"buttons":["Refund"]}"#,
        r#"{"library":1}"#,
        r#"{"priority":1}"#,
    ];
    for body in unreadable {
        assert_eq!(code(read::<crate::core::bot::intent::Draft>(body)).err(), Some(Code::BadRequest), "{body}");
    }
    assert_eq!(code(read::<intents::Import>(r#"{"intents":[{"id":"A"}]}"#)).err(), Some(Code::BadRequest));
    assert_eq!(listed(&world, &owner), before);
    // What can't be seen or learnt is left out, not refused.
    let odd = json!({"examples": ["\u{200b}", "\u{202e}\u{202e}", "🙂", "a\u{0}b", "", "A B"]});
    let (_, kept) = put(&world, &owner, "odd", &odd).unwrap();
    assert_eq!(kept["examples"], json!(["a b"]));
}

/// After going back to an older version of Bellhop: what it can't read it leaves alone, and says so; everything else can be changed, and
/// it is removed by whoever wants that.
#[test]
fn what_a_newer_version_has_written_is_not_written_over() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    for id in ["refund", "other"] {
        put(&world, who, id, &refund()).unwrap();
    }
    let sql = "UPDATE intents SET says = json_set(says, '$.of_tomorrow', 1) WHERE id = 'refund'";
    world.database.run(vec![Statement::new(sql, [])]).unwrap();
    let before = listed(&world, who);
    let is_refund = |intent: &&Value| intent["id"] == json!("refund");
    let refund_before = before.iter().find(is_refund).unwrap();
    let alone = json!([{"id": "refund", "examples": ["one more"]}]);
    let among = json!([{"id": "other", "does": "handoff"}, {"id": "refund", "does": "handoff"}, {"id": "new"}]);
    for given in [alone, among] {
        assert_eq!(import(&world, who, &given), Err(Code::Conflict), "{given}");
    }
    for begun in [json!(null), refund_before["updated_at"].clone(), json!("")] {
        let body = json!({"does": "handoff", "updated_at": begun});
        assert_eq!(put(&world, who, "refund", &body), Err(Code::Conflict), "{begun}");
    }
    assert_eq!(listed(&world, who), before, "all of it or nothing");
    let others = json!([{"id": "other", "does": "handoff"}, {"id": "new", "buttons": ["refund"]}]);
    assert_eq!(import(&world, who, &others), Ok((1, 1, 0)));
    assert_eq!(listed(&world, who).iter().find(is_refund), Some(refund_before));
    assert_eq!(code(ready(intents::delete(&world.cx(), who, &name("refund")))), Ok(()));
    let left = listed(&world, who);
    assert!(!left.iter().any(|intent| is_refund(&intent)) && left[0]["buttons"] == json!([]), "{left:?}");
    assert_eq!(code(ready(intents::delete(&world.cx(), who, &name("refund")))), Err(Code::NotFound));
}

#[test]
fn there_are_150_and_four_megabytes_at_most() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let some = |from: usize, to: usize| json!((from..to).map(|n| json!({"id": format!("i{n}")})).collect::<Vec<_>>());
    assert_eq!(import(&world, &owner, &some(0, 140)), Ok((140, 0, 0)));
    assert_eq!(import(&world, &owner, &some(130, 150)), Ok((10, 0, 0)));
    assert_eq!(import(&world, &owner, &some(150, 151)), Err(Code::TooLarge));
    assert_eq!(put(&world, &owner, "one_more", &json!({})).err(), Some(Code::TooLarge));
    assert!(put(&world, &owner, "i7", &json!({"does": "handoff"})).is_ok(), "what is there may change");
    ready(intents::delete(&world.cx(), &owner, &name("i0"))).unwrap();
    // 500 examples of 400 characters in four bytes each: 0.8 MB.
    let huge = |n: usize| {
        let text = |example: usize| format!("{n} {example} {}", "𠀀".repeat(390));
        json!({ "examples": (0..500).map(text).collect::<Vec<_>>() })
    };
    for n in 1..=6 {
        let expected = if n == 6 { Err(Code::TooLarge) } else { Ok(false) };
        assert_eq!(put(&world, &owner, &format!("i{n}"), &huge(n)).map(|(is_new, _)| is_new), expected, "{n}");
    }
    assert_eq!(listed(&world, &owner).len(), 149);
    let import_two = json!([{"id": "i1", "does": "handoff"}, {"id": "i2", "does": "handoff"}]);
    assert_eq!(import(&world, &owner, &import_two), Ok((0, 2, 0)), "more than one text that is bound");
}

#[test]
fn only_what_is_learnt_from_asks_for_training() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    assert!(!is_changed(&world, &owner));
    put(&world, &owner, "refund", &refund()).unwrap();
    assert!(is_changed(&world, &owner));
    world.database.run(vec![Statement::new("UPDATE bots SET learnable = 0", [])]).unwrap();
    let quiet = [("answer", json!({"en": "Later."})), ("does", json!("handoff")), ("buttons", json!([]))];
    let mut body = refund();
    for (member, value) in quiet {
        body[member] = value;
        put(&world, &owner, "refund", &body).unwrap();
        assert!(!is_changed(&world, &owner), "{member}");
    }
    let loud = [("title", json!({"en": "Money"})), ("examples", json!(["a", "b"])), ("library", json!(true))];
    for (member, value) in loud {
        body[member] = value;
        put(&world, &owner, "refund", &body).unwrap();
        assert!(is_changed(&world, &owner), "{member}");
        world.database.run(vec![Statement::new("UPDATE bots SET learnable = 0", [])]).unwrap();
    }
    ready(intents::delete(&world.cx(), &owner, &name("refund"))).unwrap();
    assert!(is_changed(&world, &owner), "gone");
}

/// Two imports that were decided at one revision: one is made, the other is told so; sent again nothing of either is lost.
#[test]
fn of_two_at_once_neither_loses_an_example() {
    for schedule in 0_u32..16 {
        let world = World::seeded();
        let owner = world.enter(OWNER);
        let body =
            |example: &str| read(&format!(r#"{{"intents":[{{"id":"refund","examples":["{example}"]}}]}}"#)).unwrap();
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let both = interleave(
            intents::import(&first, &owner.principal, body("one")),
            intents::import(&second, &owner.principal, body("two")),
            |step| schedule >> (step % 4) & 1 == 1,
        );
        let won = [code(both.0), code(both.1)];
        assert!(won.iter().any(Result::is_ok), "schedule {schedule}");
        let told = || world.audit(&owner).iter().filter(|told| *told == "intents_imported").count();
        assert_eq!(told(), won.iter().filter(|won| won.is_ok()).count(), "schedule {schedule}");
        for (outcome, example) in won.iter().zip(["one", "two"]) {
            if outcome.is_err() {
                assert_eq!(outcome.as_ref().err(), Some(&Code::Conflict), "schedule {schedule}");
                ready(intents::import(&world.cx(), &owner.principal, body(example))).unwrap();
            }
        }
        let mut examples = listed(&world, &owner.principal)[0]["examples"].as_array().unwrap().clone();
        examples.sort_by_key(Value::to_string);
        assert_eq!(examples, ["one", "two"], "schedule {schedule}");
    }
}

/// INV-8: another workspace has intents of its own under the same names.
#[test]
fn inv_8_strangers_have_their_own() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    put(&world, &owner, "refund", &refund()).unwrap();
    let eve = stranger(&world);
    assert_eq!(listed(&world, &eve), Vec::<Value>::new());
    assert_eq!(code(ready(intents::delete(&world.cx(), &eve, &name("refund")))), Err(Code::NotFound));
    assert_eq!(put(&world, &eve, "mine", &json!({"buttons": ["refund"]})).err(), Some(Code::BadRequest));
    let before = listed(&world, &owner);
    assert_eq!(import(&world, &eve, &json!([{"id": "refund", "examples": ["hers"]}])), Ok((1, 0, 1)));
    assert_eq!(listed(&world, &eve)[0]["examples"], json!(["hers"]));
    assert_eq!(listed(&world, &owner), before);
    ready(intents::delete(&world.cx(), &eve, &name("refund"))).unwrap();
    assert_eq!(listed(&world, &world.enter(LEI).principal), before, "any agent of the workspace reads them");
}
