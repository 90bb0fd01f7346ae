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
        let mint = async || Ok(ConversationId::from_object_id(&"1".repeat(64)).unwrap());
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
    let (_, request) = owned.set("bot").unwrap();
    assert_eq!(request.unwrap().roster.unwrap().when_closed(&owned.site), WhenClosed::Bot);
    assert_eq!(owned.set("nap").err(), Some(Code::BadRequest));
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

/// A site's own hours are told to its visitors and to the Desk, and take the place of its team's and the workspace's.
#[test]
fn a_site_has_hours_of_its_own() {
    let owned = Owned::new();
    let owner = owned.world.enter(OWNER).principal;
    let change = |draft: Value| {
        let draft = read(&draft.to_string()).unwrap();
        code(ready(sites::change(&owned.world.cx(), &owner, &owned.site, &draft)))
            .map(|(site, request)| (view(&site), request))
    };
    let own = hours(owned.world.now.get());
    let (site, request) = change(json!({ "hours": own })).unwrap();
    assert_eq!(site["hours"]["timezone"], "UTC");
    assert_eq!(site["hours"]["offsets"], Value::Null, "ours");
    let roster = request.unwrap().roster.unwrap();
    let [(of, told)] = roster.site_hours.as_slice() else { panic!("{:?}", roster.site_hours) };
    assert_eq!((of, told.offsets.len()), (&owned.site, 1));
    assert_eq!(owned.closed().len(), 3);
    // What is not given stays, and the workspace's do not matter.
    owned.set("hide").unwrap();
    let never = Hours {
        timezone: "UTC".into(),
        weekly: Default::default(),
        exceptions: Vec::new(),
        offsets: vec![(Timestamp(0), 0)],
    };
    owned.work(&view(&never));
    assert_eq!(owned.closed().len(), 3, "by its own");
    let (site, request) = change(json!({ "hours": null })).unwrap();
    assert_eq!(site["hours"], Value::Null);
    assert_eq!(request.unwrap().roster.unwrap().site_hours, []);
    assert_eq!(owned.closed().len(), 1, "by the workspace's: never open");
    let mut wrong = own.clone();
    wrong["offsets"] = json!([]);
    assert_eq!(change(json!({ "hours": wrong })).err(), Some(Code::BadRequest), "a zone that nobody knows");
    let listed = view(&ready(sites::list(&owned.world.cx(), &owner)).unwrap());
    assert!(listed.as_array().unwrap().iter().all(|site| site["hours"].is_null()), "{listed}");
}

/// What a Desk could not keep is refused before it is saved; what makes it smaller is not.
#[test]
fn what_is_more_than_a_desk_can_keep_is_refused() {
    let owned = Owned::new();
    let owner = owned.world.enter(OWNER).principal;
    let spans: Vec<Value> = (0..6).map(|n| json!({ "from": n * 200 + 100, "to": n * 200 + 299 })).collect();
    let exceptions: Vec<Value> = (0..200)
        .map(|n| json!({ "date": format!("20{}-{:02}-{:02}", 26 + n / 100, n % 100 / 10 + 1, n % 10 + 10), "spans": spans }))
        .collect();
    let week = vec![json!([]); 7];
    let large = json!({ "timezone": "UTC", "weekly": week, "exceptions": exceptions, "offsets": [[0, 0]] });
    let create = |number: usize| {
        let draft = read(&json!({ "name": format!("Shop {number}"), "hours": large }).to_string()).unwrap();
        code(ready(sites::create(&owned.world.cx(), &owner, &draft))).map(|(site, request)| (view(&site), request))
    };
    let (mut made, mut last) = (0, None);
    let refused = loop {
        match create(made) {
            Ok(answer) => last = Some(answer),
            Err(code) => break code,
        }
        made += 1;
        assert!(made < 200, "never refused");
    };
    assert_eq!(refused, Code::TooLarge);
    let (site, request) = last.unwrap();
    let bytes = serde_json::to_string(&request.unwrap()).unwrap().len();
    assert!((1_400_000..1_510_000).contains(&bytes), "{bytes} after {made}");
    let listed = view(&ready(sites::list(&owned.world.cx(), &owner)).unwrap());
    assert!(!listed.to_string().contains(&format!("Shop {made}\"")), "nothing of it is saved");
    let id = SiteId::parse(site["id"].as_str().unwrap()).unwrap();
    let draft = read(r#"{"hours":null}"#).unwrap();
    ready(sites::change(&owned.world.cx(), &owner, &id, &draft)).unwrap();
    create(made).unwrap();
    owned.work(&Value::Null);
}
