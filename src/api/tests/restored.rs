//! A history that was put back knows nothing of the revocations since, of which Desks and Rooms do: whoever they were about comes in
//! again by one more, and by what the manual says to do.

use crate::{
    api::{
        context::read,
        links, ops, sessions, sites,
        testing::{LEI, OWNER, World},
        visitors,
    },
    core::{
        desk::record::Record,
        id::{Entropy, SiteId, VisitorId},
        internal::Revoked,
        port::{Columns, Statement},
        principal::AgentPrincipal,
    },
    sql::{bot, deployment::DEMO_SITE, routing, testing::ready, visitors as visitors_sql},
};

const MANUAL: &str = include_str!("../../../docs/operations.md");

/// A world, what it was when it was copied, and what its Desk and its visitor's Room have heard since.
struct Restored {
    world: World,
    desk: Record,
    visitor: VisitorId,
    /// The generation that the Room wants of them.
    wanted: u64,
    /// The versions of the routing and of the bot by which the Desk works.
    told: [u64; 2],
}

impl Restored {
    fn new() -> Self {
        let mut world = World::seeded();
        let visitor = VisitorId::draw(&mut Entropy::new(3));
        let sql = "INSERT INTO visitors (id, workspace, site, created_at) SELECT ?, workspace, id, 1 FROM sites";
        world.database.run(vec![Statement::new(sql, [visitor.as_str().into()])]).unwrap();
        let copy = world.database.sql.copy();
        let (mut desk, mut wanted, mut told) = (Record::default(), 0, [0; 2]);
        for _ in 0..3 {
            world.wait(60_000);
            let everywhere = ready(sessions::sign_out_everywhere(&world.cx(), &world.enter(LEI).principal)).unwrap();
            desk.note(&everywhere.request.revoked, world.now.get());
            for is_blocked in [true, false] {
                let who = world.enter(OWNER).principal;
                let word = ready(visitors::set_blocked(&world.cx(), &who, &visitor, is_blocked)).unwrap();
                let Revoked::Visitor { generation, .. } = word.request.revoked else { panic!() };
                wanted = generation;
            }
            let who = world.enter(OWNER).principal;
            let another = read(r#"{"capacity":7}"#).unwrap();
            let routing = ready(crate::api::routing::change(&world.cx(), &who, another)).unwrap();
            let given = bot::Given { enabled: Some(true), ..bot::Given::default() };
            let switch = bot::set(&who.workspace, &given, world.now.get());
            world.database.run(vec![bot::ensure(&who.workspace), switch]).unwrap();
            let bot = ready(crate::api::bot::told(&world.cx(), &who)).unwrap().unwrap();
            told = [routing.version, bot.terms.version];
        }
        world.database.sql = copy;
        world.wait(60_000);
        Restored { world, desk, visitor, wanted, told }
    }

    fn lets_in(&self, agent: &AgentPrincipal) -> bool {
        !self.desk.refuses_principal(agent)
    }

    fn lets_visitor_in(&self, agent: &AgentPrincipal) -> bool {
        let row = ready(self.world.cx().one(visitors_sql::standing(&agent.workspace, &self.visitor))).unwrap();
        let standing = visitors_sql::Standing::read(row.as_ref());
        !standing.is_blocked && standing.generation >= self.wanted
    }
}

#[test]
fn one_more_revocation_lets_everybody_in_who_had_any_number() {
    let it = Restored::new();
    let world = &it.world;
    let lei = world.enter(LEI).principal;
    assert!(!it.lets_in(&lei) && !it.lets_visitor_in(&lei), "or this test shows nothing");

    let link = ready(ops::reset_password(&world.cx(), &read(&format!(r#"{{"email":"{}"}}"#, LEI.0)).unwrap())).unwrap();
    let body = format!(r#"{{"token":"{}","password":"lei has another"}}"#, link.link.split('#').nth(1).unwrap());
    let (signed_in, _) = ready(links::follow(&world.cx(), &read(&body).unwrap())).unwrap();
    let lei = world.signed(&signed_in.token).unwrap().principal;
    assert!(it.lets_in(&lei));

    for is_blocked in [true, false] {
        ready(visitors::set_blocked(&world.cx(), &lei, &it.visitor, is_blocked)).unwrap();
    }
    assert!(it.lets_visitor_in(&lei));
}

#[test]
fn what_the_manual_says_lets_everybody_in() {
    let it = Restored::new();
    let world = &it.world;
    let before = world.sign_in(LEI).unwrap().token;
    let raises: Vec<String> = MANUAL
        .lines()
        .filter_map(|line| line.trim().strip_prefix("wrangler d1 execute ")?.split('"').nth(1))
        .map(|sql| sql.replace("unixepoch() * 1000", &world.now.get().0.to_string()))
        .collect();
    assert!(raises.iter().any(|sql| sql.contains("1795")), "{raises:?}");
    for sql in raises {
        world.database.sql.connection.execute_batch(&sql).unwrap();
    }
    assert!(world.signed(&before).is_err(), "everybody signs in again");
    let lei = world.enter(LEI).principal;
    assert!(it.lets_in(&lei) && it.lets_visitor_in(&lei));
    let workspace = lei.workspace.as_str();
    let rows = world.database.run(vec![routing::owed(9), bot::owed(9)]).unwrap();
    assert!(rows[0].iter().any(|row| Columns::of(row).text() == workspace), "the Desk is told of the routing");
    let row = ready(world.cx().one(routing::find(&lei.workspace))).unwrap().unwrap();
    let bot = rows[1].iter().filter_map(bot::read_terms).find(|it| it.workspace == lei.workspace);
    let owed = [routing::read(&row).unwrap().version, bot.unwrap().terms.version];
    assert!(owed[0] > it.told[0] && owed[1] > it.told[1], "{owed:?} by what is newer than {:?}", it.told);
}

#[test]
fn a_secret_made_anew_is_none_that_was_ever_given_out() {
    let mut world = World::seeded();
    let anew = |world: &World| {
        world.wait(60_000);
        let (who, site) = (world.enter(OWNER).principal, SiteId::parse(DEMO_SITE).unwrap());
        let draft = read(r#"{"new_secret":true}"#).unwrap();
        let identity =
            serde_json::to_value(ready(sites::change_identity(&world.cx(), &who, &site, &draft)).unwrap()).unwrap();
        let signing = serde_json::to_value(ready(crate::api::bot::renew_signing(&world.cx(), &who)).unwrap()).unwrap();
        [identity["secret"].to_string(), signing["secret"].to_string()]
    };
    let mut given = vec![anew(&world)];
    let copy = world.database.sql.copy();
    given.extend([anew(&world), anew(&world)]);
    world.database.sql = copy;
    for _ in 0..3 {
        let next = anew(&world);
        for before in &given {
            assert!(before[0] != next[0] && before[1] != next[1], "{next:?} again");
        }
        given.push(next);
    }
}
