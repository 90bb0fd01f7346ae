//! What a site does while it is closed: set, told to the Desk, and told ahead to visitors.

use serde_json::{Value, json};

use crate::{
    api::{
        context::read,
        routing, sites,
        testing::{OWNER, World, code},
        visitors,
    },
    core::{
        away::WhenClosed,
        error::Code,
        hours::{Hours, Span},
        id::{ConversationId, SiteId},
        internal::ConfigureRequest,
        port::rows_of,
        time::{HOUR, Timestamp},
    },
    sql::{sites as rows, sites::PublicSite, testing::ready},
};

fn view(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// One hour from now, for an hour, each day.
fn hours(now: Timestamp) -> Value {
    let day = now.0.div_euclid(24 * HOUR) * 24 * HOUR;
    let minute = u16::try_from((now.0 - day) / 60_000).unwrap();
    let from = (minute + 60) % 1_380;
    let hours = Hours {
        timezone: "UTC".into(),
        weekly: std::array::from_fn(|_| vec![Span { from, to: from + 60 }]),
        exceptions: Vec::new(),
        offsets: vec![(Timestamp(0), 0)],
    };
    view(&hours)
}

struct Owned {
    world: World,
    site: SiteId,
}

impl Owned {
    fn new() -> Self {
        let world = World::seeded();
        let owner = world.enter(OWNER).principal;
        let (site, _) = ready(sites::create(&world.cx(), &owner, &read(r#"{"name":"Shop"}"#).unwrap())).unwrap();
        let id = SiteId::parse(view(&site)["id"].as_str().unwrap()).unwrap();
        assert_eq!(view(&site)["when_closed"], "form");
        Owned { world, site: id }
    }

    fn set(&self, when_closed: &str) -> Result<(Value, Option<ConfigureRequest>), Code> {
        let owner = self.world.enter(OWNER).principal;
        let draft = read(&json!({ "when_closed": when_closed }).to_string()).map_err(|problem| problem.code)?;
        let set = ready(sites::change(&self.world.cx(), &owner, &self.site, &draft));
        code(set).map(|(site, request)| (view(&site), request))
    }

    fn work(&self, hours: &Value) {
        let owner = self.world.enter(OWNER).principal;
        let draft = read(&json!({ "hours": hours }).to_string()).unwrap();
        ready(routing::change(&self.world.cx(), &owner, draft)).unwrap();
    }

    /// What a visitor is told.
    fn closed(&self) -> Vec<(u64, u64)> {
        let found = self.world.database.run(vec![rows::public(&self.site)]).unwrap();
        let site = PublicSite::read(&rows_of(&found, 0)[0]).unwrap();
        let body = read(&json!({ "site": self.site }).to_string()).unwrap();
        let mint = || ConversationId::from_object_id(&"1".repeat(64)).ok();
        let answer = ready(visitors::session(&self.world.cx(), &site, &body, "https://shop.example", mint)).unwrap();
        serde_json::from_value(view(&answer)["site"]["closed"].clone()).unwrap()
    }
}

#[test]
fn the_desk_hears_what_a_closed_site_does() {
    let owned = Owned::new();
    let (site, request) = owned.set("chat").unwrap();
    assert_eq!(site["when_closed"], "chat");
    assert!(!site["snippet"].as_str().unwrap().contains("data-closed"));
    let roster = request.unwrap().roster.unwrap();
    assert_eq!((roster.when_closed(&owned.site), roster.when_closed.len()), (WhenClosed::Chat, 1));
    let (site, request) = owned.set("hide").unwrap();
    assert!(site["snippet"].as_str().unwrap().contains(" data-closed=\"hide\"></script>"), "{site}");
    assert_eq!(request.unwrap().roster.unwrap().when_closed(&owned.site), WhenClosed::Hide);
    let (_, request) = owned.set("form").unwrap();
    assert_eq!(request.unwrap().roster.unwrap().when_closed, [], "as most do");
    assert_eq!(owned.set("bot").err(), Some(Code::BadRequest), "not yet");
}

#[test]
fn visitors_hear_when_it_is_closed_if_it_takes_no_messages_then() {
    let owned = Owned::new();
    assert_eq!(owned.closed(), [], "always open");
    let now = owned.world.now.get();
    owned.work(&hours(now));
    let closed = owned.closed();
    assert_eq!((closed.len(), closed[0].0), (3, now.wire()), "now, and the next two");
    owned.set("chat").unwrap();
    assert_eq!(owned.closed(), []);
    owned.set("hide").unwrap();
    assert_eq!(owned.closed().len(), 3);
}
