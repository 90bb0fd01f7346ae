//! Sessions of visitors' browsers, and blocking.

use crate::{
    api::{
        context::read,
        testing::{OWNER, World, code},
        visitors::{self, SessionAnswer},
    },
    core::{
        auth::Visitor,
        error::Code,
        id::{ConversationId, Entropy, SiteId, VisitorId, WorkspaceId},
        internal::Revoked,
        limits::{TICKET_LIFE, VISITOR_TOKEN_LIFE},
        port::{Statement, rows_of},
        principal::Principal,
        problem::Problem,
        time::{DAY, HOUR},
    },
    sql::{
        deployment::DEMO_SITE,
        sites::{self, PublicSite},
        testing::ready,
    },
};

const ORIGIN: &str = "https://shop.example";

fn conversation(n: u8) -> ConversationId {
    ConversationId::from_object_id(&format!("{n:02x}").repeat(32)).unwrap()
}

fn site(world: &World) -> PublicSite {
    let rows = world.database.run(vec![sites::public(&SiteId::parse(DEMO_SITE).unwrap())]).unwrap();
    PublicSite::read(&rows_of(&rows, 0)[0]).unwrap()
}

fn ask(world: &World, body: &str) -> Result<SessionAnswer, Problem> {
    let body = format!("{{\"site\":\"{DEMO_SITE}\"{body}}}");
    ready(visitors::session(&world.cx(), &site(world), &read(&body).unwrap(), ORIGIN, async || Ok(conversation(1))))
}

/// What the projection writes when the visitor's first message has arrived.
fn project(world: &World, answer: &SessionAnswer) {
    let site = site(world);
    let (visitor, conversation) = (answer.visitor.as_str(), answer.conversation.as_str());
    let insert = "INSERT INTO visitors (id, workspace, site, created_at) VALUES (?, ?, ?, 1)";
    let site = site.site;
    let args = [visitor.into(), site.workspace.as_str().into(), site.id.as_str().into()];
    world.database.run(vec![Statement::new(insert, args)]).unwrap();
    let insert = "INSERT INTO conversations (id, workspace, site, visitor, log_epoch, rev, status, created_at, last_at, \
         active_hour, head, private_head) VALUES (?, ?, ?, ?, 1, 1, 'open', 1, 1, 0, 1, 0)";
    let args = [conversation.into(), site.workspace.as_str().into(), site.id.as_str().into(), visitor.into()];
    world.database.run(vec![Statement::new(insert, args)]).unwrap();
}

#[test]
fn a_session_writes_nothing_and_can_be_taken_up_again() {
    let world = World::seeded();
    let batches = world.database.batches.get();
    let first = ask(&world, "").unwrap();
    assert_eq!(world.database.batches.get(), batches + 1, "the site was read by the test, and nothing else was asked");
    assert!(!first.returning);
    assert_eq!(world.count("SELECT COUNT(*) AS n FROM visitors"), 0);
    let Ok(Principal::Visitor(principal)) = world.keys.ticket(&first.ticket, world.now.get()) else { panic!() };
    assert_eq!((&principal.visitor, &principal.conversation), (&first.visitor, &first.conversation));
    assert_eq!(principal.expires_at, world.now.get().plus(TICKET_LIFE));
    assert_eq!(world.keys.open_ticket(&first.ticket, world.now.get()).unwrap().origin, ORIGIN);

    world.wait(VISITOR_TOKEN_LIFE - DAY);
    let again = ask(&world, &format!(",\"token\":\"{}\"", first.token)).unwrap();
    assert!(again.returning);
    assert_eq!((again.visitor.clone(), again.conversation.clone()), (first.visitor, first.conversation.clone()));
    world.wait(2 * DAY);
    assert_eq!(
        code(ask(&world, &format!(",\"token\":\"{}\"", first.token))).err(),
        Some(Code::Unauthorized),
        "too old"
    );
    let token = format!(",\"token\":\"{}\"", again.token);
    assert!(ask(&world, &token).is_ok(), "but each answer carries a new one");
    assert!(ask(&world, &format!("{token},\"conversation\":\"{}\"", first.conversation)).is_ok());
}

#[test]
fn nobody_gets_a_ticket_to_what_is_not_theirs() {
    let world = World::seeded();
    let mine = ask(&world, "").unwrap();
    let token = format!(",\"token\":\"{}\"", mine.token);
    let mut entropy = Entropy::new(5);
    let foreign = Visitor {
        workspace: WorkspaceId::draw(&mut entropy),
        site: SiteId::draw(&mut entropy),
        visitor: VisitorId::draw(&mut entropy),
        conversation: conversation(9),
        subject: String::new(),
    };
    let foreign = world.keys.sign_visitor(&foreign, world.now.get()).unwrap();
    let cases = [
        (format!(",\"conversation\":\"{}\"", mine.conversation), Code::Unauthorized),
        (format!("{token},\"conversation\":\"{}\"", conversation(9)), Code::NotFound),
        (format!("{token},\"conversation\":\"\""), Code::NotFound),
        (format!(",\"token\":\"{foreign}\""), Code::Unauthorized),
        (format!(",\"token\":\"{}\"", mine.ticket), Code::Unauthorized),
        (",\"token\":\"\"".into(), Code::Unauthorized),
        (",\"token\":\"null\"".into(), Code::Unauthorized),
    ];
    for (body, expect) in cases {
        assert_eq!(code(ask(&world, &body)).err(), Some(expect), "{body}");
    }
}

/// The host's clock was ahead and is set back: it was this browser's conversation all the same.
#[test]
fn a_token_of_a_clock_that_was_ahead_is_good() {
    let world = World::seeded();
    let right = world.now.get();
    world.now.set(right.plus(HOUR));
    let first = ask(&world, "").unwrap();
    world.now.set(right);
    let token = format!(",\"token\":\"{}\"", first.token);
    let again = ask(&world, &token).unwrap();
    assert!(again.returning);
    assert_eq!((&again.conversation, &again.visitor), (&first.conversation, &first.visitor));
    let Ok(Principal::Visitor(principal)) = world.keys.ticket(&again.ticket, right) else { panic!() };
    assert_eq!(principal.expires_at, right.plus(TICKET_LIFE), "nothing lasts the longer for it");
    // It is blocked like any other.
    project(&world, &first);
    let who = world.enter(OWNER).principal;
    code(ready(visitors::set_blocked(&world.cx(), &who, &first.visitor, true))).unwrap();
    assert_eq!(code(ask(&world, &token)).err(), Some(Code::VisitorBlocked));
}

#[test]
fn a_blocked_visitor_gets_no_ticket_until_the_block_is_lifted() {
    let world = World::seeded();
    let owner = world.enter(OWNER);
    let visitor = ask(&world, "").unwrap();
    let token = format!(",\"token\":\"{}\"", visitor.token);
    let block =
        |is_blocked| code(ready(visitors::set_blocked(&world.cx(), &owner.principal, &visitor.visitor, is_blocked)));
    assert_eq!(block(true).err(), Some(Code::NotFound), "nobody has heard of this visitor");
    project(&world, &visitor);
    let revoke = block(true).unwrap();
    assert!(matches!(revoke.request.revoked, Revoked::Visitor { blocked: true, generation: 1_795_000_000_000, .. }));
    assert_eq!(revoke.request.conversations, std::slice::from_ref(&visitor.conversation));
    assert_eq!(code(ask(&world, &token)).err(), Some(Code::VisitorBlocked));
    let revoke = block(false).unwrap();
    assert!(matches!(revoke.request.revoked, Revoked::Visitor { blocked: false, generation: 1_795_000_000_001, .. }));
    let again = ask(&world, &token).unwrap();
    let Ok(Principal::Visitor(principal)) = world.keys.ticket(&again.ticket, world.now.get()) else { panic!() };
    assert_eq!(
        (principal.generation, again.conversation),
        (1_795_000_000_001, visitor.conversation.clone()),
        "the history is theirs"
    );
    let log = world.audit(&owner);
    assert!(log.ends_with(&["visitor_blocked".into(), "visitor_unblocked".into()]), "{log:?}");
}
