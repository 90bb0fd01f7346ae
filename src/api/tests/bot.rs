//! The bot's settings and models on real SQLite, with files that fail.

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        bot, bot_models,
        context::read,
        faq, intents, teams,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        auth::Reference,
        bot::{Corpus, ModelError, Thresholds, learn},
        error::Code,
        id::{IntentId, TeamId},
        internal::BotTerms,
        port::Files,
        principal::AgentPrincipal,
        query::Query,
    },
    sql::{
        bot as sql,
        testing::{BatchFault, ready},
    },
};

/// A model, and others that differ in nothing but where answers begin.
fn file(number: u16) -> Vec<u8> {
    with_edge(f32::from(number))
}

fn with_edge(answer: f32) -> Vec<u8> {
    thread_local! {
        static LEARNED: crate::core::bot::Model = {
            let mut corpus = Corpus::default();
            corpus.add("refund", ["refund", "money back", "退款"]);
            corpus.add("track", ["where is my order", "track it", "到哪了"]);
            learn(&corpus).unwrap().model
        };
    }
    LEARNED.with(|model| {
        let mut model = model.clone();
        model.calibration.thresholds = vec![Thresholds { answer, ask: 0.0 }; 51];
        model.write()
    })
}

fn query(text: &str) -> Query {
    Query::of(&format!("/?{text}"), &bot_models::QUERY).unwrap()
}

fn add(world: &World, who: &AgentPrincipal, file: &[u8], asked: &str) -> Result<(Value, Vec<String>), Code> {
    let checked = code(bot_models::check(file, &query(asked)))?;
    let (model, gone) = code(ready(bot_models::add(&world.cx(), who, &checked)))?;
    Ok((serde_json::to_value(model).unwrap(), gone))
}

fn show(world: &World, who: &AgentPrincipal) -> Value {
    serde_json::to_value(ready(bot::show(&world.cx(), who)).unwrap()).unwrap()
}

fn set(world: &World, who: &AgentPrincipal, body: &Value) -> Result<Value, Code> {
    let change = code(read(&body.to_string()))?;
    code(ready(bot::change(&world.cx(), &Reference, who, &change))).map(|view| serde_json::to_value(view).unwrap())
}

fn versions(world: &World, who: &AgentPrincipal) -> Vec<u64> {
    let models = serde_json::to_value(ready(bot_models::list(&world.cx(), who)).unwrap()).unwrap();
    models.as_array().unwrap().iter().map(|model| model["version"].as_u64().unwrap()).collect()
}

fn teach(world: &World, who: &AgentPrincipal, example: &str) -> u64 {
    let body = json!({ "examples": [example] }).to_string();
    let id = IntentId::parse("refund").unwrap();
    ready(intents::put(&world.cx(), who, &id, read(&body).unwrap())).unwrap();
    let list: Value = serde_json::from_str(&ready(intents::list(&world.cx(), who)).unwrap()).unwrap();
    list["revision"].as_u64().unwrap()
}

/// Files in memory, with the ways in which they may fail.
#[derive(Default)]
struct Shelf {
    kept: RefCell<Vec<(String, Vec<u8>)>>,
    asked: Cell<u32>,
    fails: Cell<bool>,
}

impl Files for Shelf {
    async fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.asked.set(self.asked.get() + 1);
        let kept = self.kept.borrow();
        kept.iter().find(|(kept, _)| kept == name && !self.fails.get()).map(|(_, file)| file.clone())
    }
}

#[test]
fn the_desk_is_owed_every_change_until_it_has_confirmed_it() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let told = || ready(bot::told(&world.cx(), who)).unwrap();
    let run = |statement| ready(world.cx().run(vec![statement])).unwrap().remove(0);
    let owed = || {
        let rows = run(sql::owed(10));
        rows.iter().filter_map(sql::read_terms).map(|notice| notice.terms.version).collect::<Vec<_>>()
    };
    assert_eq!((told(), owed()), (None, vec![]), "there is nothing to hear of");
    set(&world, who, &json!({"enabled": true, "hold_back": 7})).unwrap();
    let first = told().unwrap();
    assert_eq!(first.workspace, who.workspace);
    let BotTerms { version, on, ref model, hold_back, ref team } = first.terms;
    assert_eq!((on, model.as_str(), hold_back, team), (true, "", Some(7), &None));
    assert_eq!(owed(), [version]);
    run(sql::confirm(&who.workspace, version));
    assert_eq!(owed(), [0; 0]);
    let entry = || read(r#"{"locale":"en","question":"When?","answer":"Soon."}"#).unwrap();
    // A model, another one, an intent, an entry of the FAQ: each is a later version, and an older confirmation settles nothing.
    let mut last = version;
    for change in 0..6 {
        match change {
            0 => drop(add(&world, who, &with_edge(1.0), "").unwrap()),
            1 => drop(add(&world, who, &with_edge(2.0), "").unwrap()),
            2 => drop(ready(bot_models::choose(&world.cx(), who, 1)).unwrap()),
            3 => drop(teach(&world, who, "money back")),
            _ => drop(ready(faq::add(&world.cx(), who, entry())).unwrap()),
        }
        let now = told().unwrap().terms;
        assert!(now.version > last, "{change}");
        run(sql::confirm(&who.workspace, last));
        assert_eq!(owed(), [now.version], "{change}");
        last = now.version;
    }
    let models = serde_json::to_value(ready(bot_models::list(&world.cx(), who)).unwrap()).unwrap();
    assert_eq!(models[1]["hash"], json!(told().unwrap().terms.model), "the one that was gone back to");
}

#[test]
fn settings_are_given_one_by_one() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let fresh = json!({"enabled": false, "hold_back": null, "handoff_team": null, "model": null, "changed": false,
        "responder": {"kind": "built_in", "key_set": false}, "spent": {"calls": 0, "tokens": 0, "reached": false},
        "ceilings": {"calls_per_day": 2_000, "tokens_per_day": 1_000_000, "tokens_per_answer": 600, "calls_per_conversation": 100}});
    assert_eq!(show(&world, who), fresh);
    assert_eq!(set(&world, who, &json!({})), Ok(fresh.clone()));
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM bots"), 0, "nothing was said");
    let made = ready(teams::create(&world.cx(), who, read(r#"{"name":"Sales"}"#).unwrap())).unwrap();
    let team = serde_json::to_value(&made.0).unwrap()["id"].clone();
    let changed = set(&world, who, &json!({"enabled": true, "handoff_team": team})).unwrap();
    assert_eq!(
        (&changed["enabled"], &changed["hold_back"], &changed["handoff_team"]),
        (&json!(true), &json!(null), &team)
    );
    let changed = set(&world, who, &json!({"hold_back": 50})).unwrap();
    assert_eq!(
        (&changed["enabled"], &changed["hold_back"], &changed["handoff_team"]),
        (&json!(true), &json!(50), &team)
    );
    let usual = set(&world, who, &json!({"hold_back": null})).unwrap();
    assert_eq!((&usual["hold_back"], &usual["handoff_team"]), (&json!(null), &team), "as the model says again");
    let changed = set(&world, who, &json!({"hold_back": 50})).unwrap();
    for body in [
        json!({"hold_back": 51}),
        json!({"hold_back": -1}),
        json!({"hold_back": 2.5}),
        json!({"hold_back": "3"}),
        json!({"handoff_team": "team_aaaaaaaaaaaaaaaa", "enabled": false}),
        json!({"handoff_team": "x"}),
        json!({"model": 1}),
    ] {
        assert_eq!(set(&world, who, &body), Err(Code::BadRequest), "{body}");
    }
    assert_eq!(show(&world, who), changed);
    let id = TeamId::parse(team.as_str().unwrap()).unwrap();
    ready(teams::delete(&world.cx(), who, &id)).unwrap();
    assert_eq!(show(&world, who)["handoff_team"], Value::Null, "a team that goes takes nothing over");
    assert_eq!(set(&world, who, &json!({"handoff_team": null})).unwrap()["handoff_team"], Value::Null);
    assert_eq!(world.audit(&owner).iter().filter(|told| *told == "bot_changed").count(), 5);
}

#[test]
fn a_model_is_checked_before_it_is_kept() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let good = file(1);
    assert!(add(&world, &owner, &good, "").is_ok());
    let flipped = |place: usize| {
        let mut file = good.clone();
        file[place] ^= 0x40;
        file
    };
    let bad = [
        (Vec::new(), Code::BotModelUnknown),
        (b"{}".to_vec(), Code::BotModelUnknown),
        (flipped(0), Code::BotModelUnknown),
        (with_edge(f32::NAN), Code::BotModelInvalid),
        (flipped(4), Code::BotModelVersion),
        (flipped(5), Code::BotModelChecksum),
        (flipped(40_000), Code::BotModelChecksum),
        (flipped(good.len() - 1), Code::BotModelChecksum),
        (good[..4].to_vec(), Code::BotModelLength),
        (good[..11].to_vec(), Code::BotModelChecksum),
        (good[..good.len() - 1].to_vec(), Code::BotModelChecksum),
        ([&*good, &[0]].concat(), Code::BotModelChecksum),
        (vec![0; 900_001], Code::TooLarge),
    ];
    for (file, expected) in bad {
        assert_eq!(add(&world, &owner, &file, "").err(), Some(expected));
        assert_eq!(show(&world, &owner)["model"]["version"], json!(1), "the former one goes on");
    }
    for asked in ["examples=x", "accuracy=101", "revision=-1"] {
        assert_eq!(add(&world, &owner, &good, asked).err(), Some(Code::BadRequest), "{asked}");
    }
    let all = [
        ModelError::NotAModel,
        ModelError::Version,
        ModelError::TooLarge,
        ModelError::Length,
        ModelError::Checksum,
        ModelError::Invalid,
    ];
    for error in all {
        assert_eq!(Code::parse(error.code()).map(Code::name), Some(error.code()));
    }
}

#[test]
fn models_follow_one_another_and_one_can_go_back() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let revision = teach(&world, who, "refund");
    let (first, _) = add(&world, who, &file(1), &format!("examples=6&accuracy=91.44&revision={revision}")).unwrap();
    let me = json!({"id": who.agent, "name": "Olga"});
    assert_eq!(
        first,
        json!({"version": 1, "hash": first["hash"], "intents": 2, "examples": 6, "accuracy": 91.4, "hold_back": 50,
            "trained_at": world.now.get().rfc3339(), "trained_by": me, "current": true})
    );
    assert_eq!(first["hash"].as_str().unwrap().len(), 64);
    assert_eq!(
        (show(&world, who)["model"].clone(), show(&world, who)["changed"].clone()),
        (first.clone(), json!(false))
    );
    // Somebody goes on writing while another one's browser learns.
    let revision = teach(&world, who, "money back");
    teach(&world, who, "give it back");
    let (second, _) = add(&world, who, &file(2), &format!("revision={revision}")).unwrap();
    assert_eq!((&second["version"], &second["accuracy"]), (&json!(2), &Value::Null));
    assert_eq!(show(&world, who)["changed"], json!(true), "it has not seen the last one");
    add(&world, who, &file(3), "revision=9007199254740991").unwrap();
    assert_eq!(show(&world, who)["changed"], json!(false), "nobody has learnt from what is yet to come");
    let again = teach(&world, who, "and another");
    assert!(again < 9_007_199_254_740_991 && show(&world, who)["changed"] == json!(true));
    assert_eq!(versions(&world, who), [3, 2, 1]);

    let chosen = serde_json::to_value(ready(bot_models::choose(&world.cx(), who, 1)).unwrap()).unwrap();
    assert_eq!(chosen, first);
    ready(bot_models::choose(&world.cx(), who, 1)).unwrap();
    assert_eq!(show(&world, who)["model"]["version"], json!(1));
    assert_eq!(code(ready(bot_models::choose(&world.cx(), who, 9))).err(), Some(Code::NotFound));
    assert_eq!(show(&world, who)["model"]["version"], json!(1));
    let told: Vec<String> = world.audit(&owner).into_iter().filter(|action| action.starts_with("bot_model")).collect();
    assert_eq!(told, ["bot_model_added", "bot_model_added", "bot_model_added", "bot_model_chosen"]);
}

/// One's browser has learnt for long, or its owner has thought for long, and another one's has learnt what came meanwhile.
#[test]
fn what_was_learnt_from_an_older_revision_takes_no_newer_ones_place() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    let older = teach(&world, who, "refund");
    add(&world, who, &file(1), &format!("revision={older}")).unwrap();
    let newer = teach(&world, who, "money back");
    add(&world, who, &file(2), &format!("revision={newer}")).unwrap();
    let told = world.audit(&owner);
    let stands = show(&world, who);
    // Another one, and one that is kept: neither is used, and nothing is said of them.
    for number in [3, 1] {
        assert_eq!(
            add(&world, who, &file(number), &format!("revision={older}")).err(),
            Some(Code::Conflict),
            "{number}"
        );
        assert_eq!(
            (show(&world, who), versions(&world, who), world.audit(&owner)),
            (stands.clone(), vec![2, 1], told.clone())
        );
    }
    // The same again, from the same revision, and what says of none, as scripts do.
    for (number, revision, version) in
        [(2, format!("revision={newer}"), 2), (3, format!("revision={newer}"), 3), (4, String::new(), 4)]
    {
        assert_eq!(add(&world, who, &file(number), &revision).unwrap().0["version"], json!(version), "{number}");
    }
    ready(bot_models::choose(&world.cx(), who, 1)).unwrap();
    assert_eq!(show(&world, who)["model"]["version"], json!(1), "the way back is open");
    assert_eq!(add(&world, who, &file(5), &format!("revision={older}")).unwrap().0["version"], json!(5));
}

/// Nor is anything thrown away for it.
#[test]
fn a_training_that_came_too_late_prunes_nothing() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let older = teach(&world, &owner, "refund");
    for number in 1..=21 {
        add(&world, &owner, &file(number), "").unwrap();
    }
    ready(bot_models::choose(&world.cx(), &owner, 2)).unwrap();
    let newer = teach(&world, &owner, "money back");
    add(&world, &owner, &file(22), &format!("revision={newer}")).unwrap();
    let kept = versions(&world, &owner);
    assert_eq!(kept.len(), 21, "the one that it took over from, beside twenty");
    assert_eq!(add(&world, &owner, &file(23), &format!("revision={older}")).err(), Some(Code::Conflict));
    assert_eq!(versions(&world, &owner), kept);
}

#[test]
fn the_same_bytes_are_the_same_version() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    add(&world, &owner, &file(1), "").unwrap();
    add(&world, &owner, &file(2), "").unwrap();
    world.wait(1_000);
    let (again, gone) = add(&world, &owner, &file(1), "examples=7").unwrap();
    assert_eq!((&again["version"], &again["examples"], &again["current"]), (&json!(1), &json!(7), &json!(true)));
    assert_eq!(again["trained_at"], json!(world.now.get().rfc3339()));
    assert!(gone.is_empty());
    // An answer that is lost is asked for again.
    world.database.fault_after(0, BatchFault::After);
    assert_eq!(add(&world, &owner, &file(3), "").err(), Some(Code::Storage));
    assert_eq!(add(&world, &owner, &file(3), "").unwrap().0["version"], json!(3));
    assert_eq!(versions(&world, &owner), [3, 2, 1]);
}

#[test]
fn twenty_are_kept_and_the_one_that_is_used() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let mut hashes = Vec::new();
    for number in 1..=25 {
        let (model, gone) = add(&world, &owner, &file(number), "").unwrap();
        hashes.push(model["hash"].as_str().unwrap().to_owned());
        let expected = (number > 20).then(|| hashes[usize::from(number) - 21].clone());
        assert_eq!(gone, expected.into_iter().collect::<Vec<_>>(), "{number}");
    }
    assert_eq!(versions(&world, &owner), (6..=25).rev().collect::<Vec<u64>>());
    ready(bot_models::choose(&world.cx(), &owner, 6)).unwrap();
    add(&world, &owner, &file(6), "").unwrap();
    assert_eq!(versions(&world, &owner).len(), 20);
    // The one that a training takes over from is the way back, and Rooms name it until they are told.
    for again in [6, 6] {
        let (_, gone) = add(&world, &owner, &file(26), "").unwrap();
        assert_eq!(gone, Vec::<String>::new());
        assert_eq!(versions(&world, &owner), (6..=26).rev().collect::<Vec<u64>>());
        let (model, gone) = add(&world, &owner, &file(again), "").unwrap();
        assert_eq!((model["version"].as_u64(), gone), (Some(6), Vec::new()), "the same bytes are the same version");
        assert_eq!(model["current"], true);
    }
    add(&world, &owner, &file(26), "").unwrap();
    let (_, gone) = add(&world, &owner, &file(27), "").unwrap();
    assert_eq!(gone, hashes[5..7]);
    assert_eq!(versions(&world, &owner), (8..=27).rev().collect::<Vec<u64>>());
}

#[test]
fn files_that_lack_fail_or_lie_cost_nothing_but_time() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let model = file(1);
    let (kept, _) = add(&world, &owner, &model, "").unwrap();
    let hash = kept["hash"].as_str().unwrap();
    let shelf = Shelf::default();
    let get = || code(ready(bot_models::bytes(&world.database, &shelf, &owner.workspace, hash)));
    let reads = || world.database.batches.get();
    let mut before = reads();
    let mut from_database = |expected: u64, why: &str| {
        assert_eq!(get().unwrap(), model, "{why}");
        assert_eq!(reads() - before, expected, "{why}");
        before = reads();
    };
    from_database(1, "nothing there yet");
    shelf.kept.borrow_mut().push((bot_models::file_name(hash), model.clone()));
    from_database(0, "it is there");
    shelf.fails.set(true);
    from_database(1, "it fails");
    shelf.fails.set(false);
    for wrong in [file(2), model[..100].to_vec(), Vec::new()] {
        shelf.kept.borrow_mut()[0].1 = wrong;
        from_database(1, "other bytes");
    }
    assert_eq!(shelf.asked.get(), 6);
    world.database.down.set(true);
    assert_eq!(get(), Err(Code::Storage));
    shelf.kept.borrow_mut()[0].1 = model.clone();
    assert_eq!(get(), Ok(model.clone()), "and without a database");
}

/// INV-8: a version is a number in its own workspace; a hash that is known opens nothing.
#[test]
fn inv_8_strangers_have_models_of_their_own() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let eve = stranger(&world);
    let (ours, _) = add(&world, &owner, &file(1), "").unwrap();
    add(&world, &owner, &file(2), "").unwrap();
    assert_eq!(show(&world, &eve)["model"], Value::Null);
    assert_eq!(versions(&world, &eve), Vec::<u64>::new());
    for version in [1, 2] {
        assert_eq!(code(ready(bot_models::find(&world.cx(), &eve, version))).err(), Some(Code::NotFound));
        assert_eq!(code(ready(bot_models::choose(&world.cx(), &eve, version))).err(), Some(Code::NotFound));
    }
    let hash = ours["hash"].as_str().unwrap();
    let stolen = ready(bot_models::bytes(&world.database, &Shelf::default(), &eve.workspace, hash));
    assert_eq!(code(stolen), Err(Code::NotFound));
    let (theirs, _) = add(&world, &eve, &file(1), "").unwrap();
    assert_eq!((&theirs["version"], &theirs["hash"]), (&json!(1), &ours["hash"]));
    assert_eq!(show(&world, &world.enter(LEI).principal)["model"]["version"], json!(2), "ours is as it was");
    let made = ready(teams::create(&world.cx(), &owner, read(r#"{"name":"Sales"}"#).unwrap())).unwrap();
    let team = serde_json::to_value(&made.0).unwrap()["id"].clone();
    assert_eq!(set(&world, &eve, &json!({"handoff_team": team})), Err(Code::BadRequest));
}
