//! What the Desk is asked about its decisions.

use crate::{
    api::{
        context::read,
        decisions::{PreviewDraft, QUERY, preview, question},
        testing::{OWNER, World},
    },
    core::{
        geo::Location,
        id::ConversationId,
        internal::{About, Imagined},
        limits::DECISIONS_PAGE,
        problem::Problem,
        query::Query,
    },
};

#[test]
fn a_page_of_the_log_is_asked_of_the_own_desk() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let asked = |url: &str| {
        let question = question(&who, &Query::of(url, &QUERY)?)?;
        assert_eq!(question.workspace, who.workspace);
        Ok(question.about)
    };
    let page = |conversation: Option<&str>, before, limit| {
        let conversation = conversation.map(|id| ConversationId::parse(id).unwrap());
        Ok::<_, Problem>(About::Decisions { conversation, before, limit })
    };
    let id = format!("cnv_{}", "0a".repeat(32));
    assert_eq!(asked("/x"), page(None, None, DECISIONS_PAGE));
    assert_eq!(asked("/x?conversation="), page(None, None, DECISIONS_PAGE), "as good as not said");
    assert_eq!(asked("/x?before=17&limit=2"), page(None, Some(17), 2));
    assert_eq!((asked("/x?limit=0"), asked("/x?limit=9999")), (page(None, None, 1), page(None, None, DECISIONS_PAGE)));
    assert_eq!(asked(&format!("/x?conversation={id}")), page(Some(&id), None, DECISIONS_PAGE));
    for (url, field) in [
        ("/x?conversation=visitor_1", "conversation"),
        ("/x?before=soon", "before"),
        ("/x?before=-1", "before"),
        ("/x?limit=many", "limit"),
        ("/x?agent=me", "query"),
    ] {
        assert_eq!(asked(url).unwrap_err().field, field, "{url}");
    }
}

#[test]
fn a_visitor_is_imagined_as_one_would_come() {
    let world = World::seeded();
    let who = world.enter(OWNER).principal;
    let asked = |body: &str| match preview(&who, read::<PreviewDraft>(body)?)?.about {
        About::Preview(imagined) => Ok(imagined),
        About::Decisions { .. } => panic!("another question"),
    };
    let nobody = Imagined::default();
    assert_eq!(asked("{}"), Ok::<_, Problem>(nobody.clone()));
    assert_eq!(asked(r#"{"site":null,"team":"","language":null}"#), Ok(nobody.clone()), "null is as good as nothing");
    assert_eq!(
        asked(r#"{"language":"zh-Hant-TW","topic":" Refunds ","level":9}"#),
        Ok(Imagined { language: "zh".into(), topic: "refunds".into(), level: 9, ..nobody }),
    );
    let suzhou = asked(r#"{"location":{"latitude":31.3,"longitude":120.6}}"#).unwrap();
    assert_eq!(suzhou.location, Location::of(31.3, 120.6));
    for (body, field) in [
        (r#"{"level":10}"#, "level"),
        (r#"{"site":"team_1"}"#, "site"),
        (r#"{"team":"x"}"#, "team"),
        (r#"{"last_agent":"nobody"}"#, "last_agent"),
        (r#"{"topic":"a\nb"}"#, "topic"),
    ] {
        assert_eq!(asked(body).unwrap_err().field, field, "{body}");
    }
    for body in
        [r#"{"level":-1}"#, r#"{"level":256}"#, r#"{"vip":true}"#, "[]", r#"{"site":7}"#, r#"{"location":[31,120]}"#]
    {
        assert!(asked(body).is_err(), "{body}");
    }
}
