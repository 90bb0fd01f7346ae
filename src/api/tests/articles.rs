//! Articles on real SQLite.

use serde_json::{Value, json};

use super::guard::stranger;
use crate::{
    api::{
        articles,
        context::read,
        intents,
        testing::{OWNER, World, code},
    },
    core::{
        bot::intent::Draft as IntentDraft,
        error::Code,
        id::{ArticleId, IntentId, WorkspaceId},
        limits::ARTICLES_MAX,
        port::{Statement, rows_of},
        principal::AgentPrincipal,
    },
    sql::{articles as rows, testing::ready},
};

fn draft(title: [&str; 2], body: [&str; 2], published: bool) -> articles::Draft {
    let words = |[en, zh]: [&str; 2]| json!({"en": en, "zh": zh});
    read(&json!({"title": words(title), "body": words(body), "published": published}).to_string()).unwrap()
}

fn save(world: &World, who: &AgentPrincipal, id: Option<&ArticleId>, given: articles::Draft) -> Result<Value, Code> {
    code(ready(articles::save(&world.cx(), who, id, given))).map(|row| serde_json::to_value(row).unwrap())
}

fn all(world: &World, who: &AgentPrincipal) -> Vec<Value> {
    let rows = ready(articles::list(&world.cx(), who)).unwrap();
    rows.into_iter().map(|row| serde_json::to_value(row).unwrap()).collect()
}

fn id_of(article: &Value) -> ArticleId {
    ArticleId::parse(article["id"].as_str().unwrap()).unwrap()
}

/// What everybody may read of it, and whose it is.
fn shown(world: &World, id: &ArticleId) -> Option<String> {
    let found = world.database.run(vec![rows::shown(id)]).unwrap();
    let (article, owner) = rows_of(&found, 0).first().and_then(rows::read_shown)?;
    Some(article.title.en + " " + &owner.name)
}

/// Titles of what the bot knows.
fn known(world: &World, who: &AgentPrincipal) -> Vec<String> {
    let found = world.database.run(vec![rows::known(&who.workspace)]).unwrap();
    rows_of(&found, 0).iter().filter_map(rows::read_known).map(|article| article.title.en).collect()
}

#[test]
fn an_article_is_a_draft_is_published_and_is_removed() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let who = &owner.principal;
    assert_eq!(all(&world, who), Vec::<Value>::new());
    let made = save(&world, who, None, draft([" Returns\n", ""], ["", ""], false)).unwrap();
    let id = id_of(&made);
    assert_eq!(
        made,
        json!({"id": id.as_str(), "published": false, "title": {"en": "Returns", "zh": ""}, "body": {"en": "", "zh": ""},
            "updated_at": world.now.get().rfc3339()})
    );
    assert_eq!(shown(&world, &id), None);
    world.wait(1_000);
    let given = draft(["Returns", "退货"], ["# How\r\n\r\n**30** days\u{0}", "30天"], true);
    let changed = save(&world, who, Some(&id), given).unwrap();
    assert_eq!(changed["body"], json!({"en": "# How\n\n**30** days", "zh": "30天"}));
    assert_eq!(serde_json::to_value(ready(articles::show(&world.cx(), who, &id)).unwrap()).unwrap(), changed);
    assert_eq!(shown(&world, &id), Some("Returns Shop".into()));
    let mut listed = changed.clone();
    listed.as_object_mut().unwrap().remove("body");
    assert_eq!(all(&world, who), [listed], "a list has no texts");
    world.wait(1_000);
    let second = save(&world, who, None, draft(["", "发票"], ["", ""], false)).unwrap();
    assert_eq!(all(&world, who).iter().map(id_of).collect::<Vec<_>>(), [id_of(&second), id.clone()], "newest first");
    ready(articles::delete(&world.cx(), who, &id)).unwrap();
    assert_eq!(shown(&world, &id), None);
    assert_eq!(save(&world, who, Some(&id), draft(["a", ""], ["a", ""], true)), Err(Code::NotFound));
    assert_eq!(code(ready(articles::delete(&world.cx(), who, &id))), Err(Code::NotFound));
    assert_eq!(code(ready(articles::show(&world.cx(), who, &id))).map(drop), Err(Code::NotFound));
    let told: Vec<String> = world.audit(&owner).into_iter().filter(|action| action.starts_with("article")).collect();
    assert_eq!(told, ["article_created", "article_changed", "article_created", "article_deleted"]);
}

#[test]
fn what_is_half_written_stays_a_draft() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let long = "🙂".repeat(20_001);
    let table = [
        (["", ""], ["a", "a"], false, Some("title")),
        (["a", ""], ["", ""], true, Some("body")),
        (["a", ""], ["a", "b"], true, Some("title")),
        (["a", "b"], ["a", ""], true, Some("body")),
        (["a", "b"], ["a", ""], false, None),
        (["a", ""], ["a", ""], true, None),
        (["a", ""], [&*long, ""], false, Some("body")),
        (["a", &*"长".repeat(201)], ["a", ""], false, Some("title")),
    ];
    for (title, body, is_published, fault) in table {
        let saved = ready(articles::save(&world.cx(), &owner, None, draft(title, body, is_published)));
        assert_eq!(
            saved.map(drop).map_err(|problem| problem.field),
            fault.map_or(Ok(()), |field| Err(field.into())),
            "{title:?}"
        );
    }
    for body in
        [r#"{"title":{"en":"a"},"body":{"de":"b"},"published":true}"#, r#"{"title":{"en":"a"},"body":{}}"#, "{}"]
    {
        assert_eq!(code(read::<articles::Draft>(body)).err(), Some(Code::BadRequest), "{body}");
    }
}

#[test]
fn there_are_only_so_many_and_only_so_much() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let long = "x".repeat(20_000);
    let mut saved = Vec::new();
    for _ in 0..74 {
        saved.push(save(&world, &owner, None, draft(["a", ""], [&*long, ""], false)).unwrap());
    }
    assert_eq!(save(&world, &owner, None, draft(["a", "b"], [&*long, &*long], false)), Err(Code::TooLarge));
    assert!(
        save(&world, &owner, Some(&id_of(&saved[0])), draft(["b", ""], [&*long, ""], true)).is_ok(),
        "as large as before"
    );
    for number in 74..ARTICLES_MAX {
        assert!(save(&world, &owner, None, draft(["a", ""], ["", ""], false)).is_ok(), "{number}");
    }
    assert_eq!(save(&world, &owner, None, draft(["a", ""], ["", ""], false)), Err(Code::TooLarge));
    assert!(save(&world, &owner, Some(&id_of(&saved[0])), draft(["c", ""], ["", ""], false)).is_ok());
}

#[test]
fn an_intent_answers_with_an_article_that_is_there() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let other = stranger(&world);
    let put = |who: &AgentPrincipal, article: &str| {
        let given: IntentDraft = read(&json!({"article": article, "answer": {"en": "a"}}).to_string()).unwrap();
        let id = IntentId::parse("refund").unwrap();
        code(ready(intents::put(&world.cx(), who, &id, given))).map(|(_, intent)| intent)
    };
    let id = id_of(&save(&world, &owner, None, draft(["a", ""], ["", ""], false)).unwrap());
    assert!(put(&owner, id.as_str()).unwrap().contains(&format!("\"article\":\"{id}\"")), "a draft will do");
    assert_eq!(put(&other, id.as_str()), Err(Code::BadRequest), "nobody else's");
    assert_eq!(put(&owner, "art_aaaaaaaaaaaaaaaa"), Err(Code::BadRequest));
    assert_eq!(put(&owner, "refund"), Err(Code::BadRequest));
    ready(articles::delete(&world.cx(), &owner, &id)).unwrap();
    assert!(put(&owner, id.as_str()).is_ok(), "what is gone hinders no other change");
    assert!(!put(&owner, "").unwrap().contains("article"));
}

/// The bot reads no more than it tells, unless a model reads all.
#[test]
fn the_bot_knows_what_an_intent_tells_or_a_model_reads() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let other = stranger(&world);
    let mut ids = Vec::new();
    for (title, is_published) in [("told", true), ("alone", true), ("draft", false)] {
        ids.push(id_of(&save(&world, &owner, None, draft([title, ""], [title, ""], is_published)).unwrap()));
        world.wait(1);
    }
    assert_eq!(known(&world, &owner), Vec::<String>::new());
    for (name, id) in [("one", &ids[0]), ("two", &ids[0]), ("three", &ids[2])] {
        let given = read(&json!({"article": id.as_str()}).to_string()).unwrap();
        ready(intents::put(&world.cx(), &owner, &IntentId::parse(name).unwrap(), given)).unwrap();
    }
    assert_eq!(known(&world, &owner), ["told"]);
    world.database.run(vec![Statement::new("UPDATE bots SET responder = 'model'", [])]).unwrap();
    assert_eq!(known(&world, &owner), ["told", "alone"]);
    assert_eq!(known(&world, &other), Vec::<String>::new());
}

#[test]
fn articles_of_others_are_not_there() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    let other = stranger(&world);
    let id = id_of(&save(&world, &owner, None, draft(["a", ""], ["a", ""], true)).unwrap());
    assert_eq!(all(&world, &other), Vec::<Value>::new());
    assert_eq!(code(ready(articles::show(&world.cx(), &other, &id))).map(drop), Err(Code::NotFound));
    assert_eq!(save(&world, &other, Some(&id), draft(["b", ""], ["b", ""], true)), Err(Code::NotFound));
    assert_eq!(code(ready(articles::delete(&world.cx(), &other, &id))), Err(Code::NotFound));
    assert_eq!(shown(&world, &id), Some("a Shop".into()));
}

/// Titles that the list of a workspace has, or the one that names none; and whose they are.
fn listed(world: &World, workspace: Option<&WorkspaceId>) -> Option<(Vec<String>, WorkspaceId)> {
    let found = world.database.run(vec![rows::listed(workspace)]).unwrap();
    let (all, owner) = rows::read_listed(rows_of(&found, 0))?;
    Some((all.into_iter().map(|listed| listed.title.en).collect(), owner.workspace))
}

/// INV-8: who names nobody is shown nobody's, unless nobody else can be meant.
#[test]
fn inv_8_a_list_is_of_one_workspace() {
    let world = World::seeded();
    let owner = world.enter(OWNER).principal;
    assert_eq!(listed(&world, None), None, "nothing is published");
    for (title, is_published) in [("a", true), ("draft", false), ("b", true)] {
        save(&world, &owner, None, draft([title, ""], [title, ""], is_published)).unwrap();
        world.wait(1);
    }
    let ours = Some((vec!["a".to_owned(), "b".to_owned()], owner.workspace.clone()));
    assert_eq!(listed(&world, None), ours);
    assert_eq!(listed(&world, Some(&owner.workspace)), ours);
    let other = stranger(&world);
    assert_eq!(listed(&world, Some(&other.workspace)), None, "a workspace without articles has no page");
    save(&world, &other, None, draft(["theirs", ""], ["theirs", ""], true)).unwrap();
    assert_eq!(listed(&world, None), None, "of two, neither is meant");
    assert_eq!(listed(&world, Some(&owner.workspace)), ours);
    assert_eq!(listed(&world, Some(&other.workspace)), Some((vec!["theirs".to_owned()], other.workspace)));
}

#[test]
fn a_preview_is_the_page_s_own() {
    let preview = |text: &str| code(articles::preview(&articles::Preview { text: text.into() })).map(|it| it.text);
    assert_eq!(preview("**a** <b>"), Ok("<p dir=\"auto\"><strong>a</strong> &lt;b&gt;</p>".into()));
    assert_eq!(preview(&"x".repeat(20_001)), Err(Code::BadRequest));
}
