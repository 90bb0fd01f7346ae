//! No edit is lost silently: whoever writes anew may say which version they began from.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    api::{
        articles,
        context::{Context, read},
        faq, intents,
        testing::{OWNER, World},
    },
    core::{
        error::Code,
        id::{ArticleId, FaqId, IntentId},
        port::Database,
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::testing::{GivingWay, interleave, ready},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Faq,
    Article,
    Intent,
}

const KINDS: [Kind; 3] = [Kind::Faq, Kind::Article, Kind::Intent];

type Outcome = Result<Value, (Code, String)>;

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

impl Kind {
    /// What is sent, with these words.
    fn body(self, words: &str) -> Value {
        match self {
            Kind::Faq => json!({"locale": "en", "question": "How?", "answer": words}),
            Kind::Article => json!({"title": {"en": "How"}, "body": {"en": words}, "published": true}),
            Kind::Intent => json!({"answer": {"en": words}}),
        }
    }

    /// The words in what is answered.
    fn words(self, answer: &Value) -> &str {
        match self {
            Kind::Faq => answer["answer"].as_str(),
            Kind::Article => answer["body"]["en"].as_str(),
            Kind::Intent => answer["answer"]["en"].as_str(),
        }
        .unwrap()
    }

    fn add(self, world: &World, who: &AgentPrincipal, words: &str) -> Value {
        let (cx, body) = (world.cx(), self.body(words).to_string());
        match self {
            Kind::Faq => value(&ready(faq::add(&cx, who, read(&body).unwrap())).unwrap()),
            Kind::Article => value(&ready(articles::save(&cx, who, None, read(&body).unwrap())).unwrap()),
            Kind::Intent => self.put(world, who, "how", &json!({"answer": {"en": words}, "updated_at": ""})).unwrap(),
        }
    }

    async fn put_over<D: Database>(self, cx: &Context<'_, D>, who: &AgentPrincipal, id: &str, body: &str) -> Outcome {
        let refused = |problem: Problem| (problem.code, problem.field);
        match self {
            Kind::Faq => {
                let done = faq::put(cx, who, &FaqId::parse(id).unwrap(), read(body).unwrap()).await;
                done.map(|row| value(&row)).map_err(refused)
            }
            Kind::Article => {
                let done = articles::save(cx, who, Some(&ArticleId::parse(id).unwrap()), read(body).unwrap()).await;
                done.map(|row| value(&row)).map_err(refused)
            }
            Kind::Intent => {
                let done = intents::put(cx, who, &IntentId::parse(id).unwrap(), read(body).unwrap()).await;
                done.map(|(_, text)| serde_json::from_str(&text).unwrap()).map_err(refused)
            }
        }
    }

    fn put(self, world: &World, who: &AgentPrincipal, id: &str, body: &Value) -> Outcome {
        ready(self.put_over(&world.cx(), who, id, &body.to_string()))
    }

    /// What is sent by somebody who began from this answer.
    fn begun_from(self, answer: &Value, words: &str) -> Value {
        let mut body = self.body(words);
        body["updated_at"] = answer["updated_at"].clone();
        body
    }

    fn delete(self, world: &World, who: &AgentPrincipal, id: &str) {
        let cx = world.cx();
        match self {
            Kind::Faq => ready(faq::delete(&cx, who, &FaqId::parse(id).unwrap())),
            Kind::Article => ready(articles::delete(&cx, who, &ArticleId::parse(id).unwrap())),
            Kind::Intent => ready(intents::delete(&cx, who, &IntentId::parse(id).unwrap())),
        }
        .unwrap();
    }
}

fn overtaken<T>() -> Result<T, (Code, String)> {
    Err((Code::Conflict, "updated_at".into()))
}

#[test]
fn who_began_from_an_older_version_is_told_so() {
    for kind in KINDS {
        let world = World::seeded();
        let owner = world.enter(OWNER).principal;
        let first = kind.add(&world, &owner, "one");
        let id = first["id"].as_str().unwrap();
        // The clock stands still: a version is another one all the same, and what is answered is what is stored.
        let second = kind.put(&world, &owner, id, &kind.begun_from(&first, "two")).unwrap();
        assert_ne!(first["updated_at"], second["updated_at"], "{kind:?}");
        assert_eq!(kind.put(&world, &owner, id, &kind.begun_from(&first, "three")), overtaken(), "{kind:?}");
        world.wait(-60_000);
        let third = kind.put(&world, &owner, id, &kind.begun_from(&second, "four")).unwrap();
        assert_eq!(kind.put(&world, &owner, id, &kind.begun_from(&second, "five")), overtaken(), "{kind:?}");
        assert_eq!(kind.put(&world, &owner, id, &kind.body("six")).map(drop), Ok(()), "{kind:?}: who does not mind");
        assert_eq!(kind.put(&world, &owner, id, &kind.begun_from(&third, "seven")), overtaken(), "{kind:?}");
        let odd = json!({"updated_at": "yesterday"});
        assert_eq!(kind.put(&world, &owner, id, &kind.begun_from(&odd, "eight")), overtaken(), "{kind:?}");
        kind.delete(&world, &owner, id);
        let gone = kind.put(&world, &owner, id, &kind.begun_from(&third, "nine"));
        let expected = if kind == Kind::Intent { overtaken() } else { Err((Code::NotFound, String::new())) };
        assert_eq!(gone, expected, "{kind:?}");
    }
}

#[test]
fn a_new_intent_takes_nobody_s_place() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    Kind::Intent.add(&world, &owner, "mine");
    let theirs = json!({"answer": {"en": "theirs"}, "updated_at": ""});
    assert_eq!(Kind::Intent.put(&world, &owner, "how", &theirs), overtaken());
    let same = json!({"answer": {"en": "mine"}, "updated_at": ""});
    assert!(Kind::Intent.put(&world, &owner, "how", &same).is_ok(), "an answer that was lost is asked for again");
}

#[test]
fn what_is_new_has_no_version() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let cx = world.cx();
    let with = |kind: Kind| kind.begun_from(&json!({"updated_at": "2026-11-27T00:00:00.000Z"}), "one");
    let text = |kind: Kind| with(kind).to_string();
    let refused = [
        ready(faq::add(&cx, &owner, read(&text(Kind::Faq)).unwrap())).map(drop),
        ready(faq::import(&cx, &owner, read(&json!({"faq": [with(Kind::Faq)]}).to_string()).unwrap())).map(drop),
        ready(articles::save(&cx, &owner, None, read(&text(Kind::Article)).unwrap())).map(drop),
    ];
    for refused in refused {
        let problem = refused.unwrap_err();
        assert_eq!((problem.code, problem.field.as_str()), (Code::BadRequest, "updated_at"));
    }
}

#[test]
fn an_import_may_say_what_it_was_begun_from() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let stands = Kind::Intent.add(&world, &owner, "mine");
    let import = |begun: &Value, words: &str| {
        let fresh = json!({"id": "fresh", "answer": {"en": words}, "updated_at": ""});
        let intent = json!({"id": "how", "answer": {"en": words}, "updated_at": begun});
        let given = read(&json!({"intents": [fresh, intent]}).to_string()).unwrap();
        let imported = ready(intents::import(&world.cx(), &owner, given));
        imported.map(|imported| (imported.added, imported.changed)).map_err(|problem| (problem.code, problem.field))
    };
    for begun in ["", "2026-11-27T00:00:00.000Z"] {
        assert_eq!(import(&json!(begun), "draft"), overtaken(), "{begun:?}: all of it or nothing");
    }
    assert_eq!(import(&stands["updated_at"], "renewed"), Ok((1, 1)));
}

/// However the statements of two edits of one version follow one another, one of them stands and the other was told.
#[test]
fn of_two_at_once_one_is_told() {
    for (kind, schedule) in KINDS.into_iter().flat_map(|kind| (0_u32..16).map(move |schedule| (kind, schedule))) {
        let world = World::seeded();
        let owner = world.enter(OWNER).principal;
        let first = kind.add(&world, &owner, "one");
        let id = first["id"].as_str().unwrap();
        let bodies = ["two", "three"].map(|words| kind.begun_from(&first, words).to_string());
        let turns = GivingWay(&world.database);
        let (a, b) = (world.cx_over(&turns), world.cx_over(&turns));
        let both =
            interleave(kind.put_over(&a, &owner, id, &bodies[0]), kind.put_over(&b, &owner, id, &bodies[1]), |step| {
                schedule >> (step % 4) & 1 == 1
            });
        let (won, lost) = match both {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("{kind:?} {schedule}: {both:?}"),
        };
        assert_eq!(lost.0, Code::Conflict, "{kind:?} {schedule}");
        let again = kind.put(&world, &owner, id, &kind.begun_from(&won, "four"));
        assert_eq!(kind.words(&again.unwrap()), "four", "{kind:?} {schedule}: what was answered is what stands");
    }
}
