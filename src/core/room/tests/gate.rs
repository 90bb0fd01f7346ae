//! Who may hold a socket, and for how long: INV-8 at the Room's door, INV-13.

use super::harness::*;
use crate::core::{
    error::CloseCode,
    id::{Entropy, SiteId, WorkspaceId},
    internal::Revoked,
    limits::{ATTACH_GRACE, REVOCATION_MEMORY, SOCKETS_PER_PARTICIPANT},
    principal::{AgentPrincipal, Principal, VisitorPrincipal},
    protocol::{
        Encoding,
        wire::{self, client_frame::Frame},
    },
    room::effect::Input,
    socket::SocketId,
    time::{MINUTE, SECOND},
};

fn open(world: &mut World, principal: Principal) -> SocketId {
    world.connect(principal, Encoding::Json)
}

fn hello() -> Frame {
    Frame::Hello(wire::Hello::default())
}

pub(super) fn a_conversation() -> (World, SocketId, SocketId) {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.look_away();
    (world, visitor, agent)
}

#[test]
fn inv_8_only_its_own_visitor_and_its_workspaces_agents() {
    let other_workspace = WorkspaceId::draw(&mut Entropy::new(99));
    let other_site = SiteId::draw(&mut Entropy::new(98));
    let cases: Vec<(&str, Principal, &[&str])> = vec![
        ("the visitor", Principal::Visitor(visitor(1)), &[]),
        ("an agent", Principal::Agent(agent("Ann")), &[]),
        ("another visitor", Principal::Visitor(visitor(2)), &["error not_found", "close 4500"]),
        (
            "from another site",
            Principal::Visitor(VisitorPrincipal { site: other_site, ..visitor(1) }),
            &["error not_found", "close 4500"],
        ),
        (
            "of another conversation",
            Principal::Visitor(VisitorPrincipal { conversation: conversation(8), ..visitor(1) }),
            &["error not_found", "close 4500"],
        ),
        (
            "of another workspace",
            Principal::Visitor(VisitorPrincipal { workspace: other_workspace.clone(), ..visitor(1) }),
            &["error not_found", "close 4500"],
        ),
        (
            "an agent of another workspace",
            Principal::Agent(AgentPrincipal { workspace: other_workspace, ..agent("Mei") }),
            &["error not_found", "close 4500"],
        ),
        (
            "too late",
            Principal::Visitor(VisitorPrincipal { expires_at: START, ..visitor(1) }),
            &["error ticket_expired", "close 4010"],
        ),
    ];
    for (who, principal, expected) in cases {
        let (mut world, ..) = a_conversation();
        let socket = open(&mut world, principal);
        assert_eq!(world.seen(socket), expected, "{who}");
    }
    let mut world = World::default();
    let early = open(&mut world, Principal::Agent(agent("Mei")));
    assert_eq!(world.seen(early), ["error not_found", "close 4500"], "before the first message there is nothing");
}

/// Two tickets for a Room that does not exist yet: whoever writes first has it, and the other one is out.
#[test]
fn inv_8_nobody_else_is_in_when_a_conversation_begins() {
    let mut world = World::default();
    let stranger = open(&mut world, Principal::Visitor(visitor(2)));
    world.frame(stranger, hello());
    let owner = world.visitor();
    world.look_away();
    world.send(owner, "c1", "mine");
    assert_eq!(world.seen(stranger), ["error not_found", "close 4500"]);
    assert_eq!(world.seen(owner), ["state open -", "ack c1 1"]);
}

#[test]
fn inv_13_an_expired_ticket_is_silent_without_a_frame_of_its_own() {
    let (mut world, visitor_socket, agent_socket) = a_conversation();
    let ends = world.now.plus(5 * MINUTE);
    let brief = Principal::Agent(AgentPrincipal { expires_at: ends, ..agent("Ann") });
    let brief = open(&mut world, brief);
    world.frame(brief, hello());
    world.look_away();
    world.hibernate();
    world.pass(5 * MINUTE + SECOND);
    assert_eq!(world.seen(brief), ["error ticket_expired", "close 4010"]);
    assert_eq!(world.seen(visitor_socket), ["presence [Mei] visitor"]);
    assert_eq!(world.seen(agent_socket), ["presence [Mei] visitor"]);
    assert_eq!(world.history.detached, [agent("Ann").agent]);
}

/// The alarm may be late: nothing is sent to an expired socket all the same.
#[test]
fn inv_13_a_late_alarm_lets_nothing_through() {
    let (mut world, visitor_socket, _) = a_conversation();
    let ends = world.now.plus(MINUTE);
    let mut briefs = Vec::new();
    for encoding in [Encoding::Proto, Encoding::Json] {
        let brief = world.connect(Principal::Agent(AgentPrincipal { expires_at: ends, ..agent("Ann") }), encoding);
        world.frame(brief, hello());
        briefs.push(brief);
    }
    world.look_away();
    world.now = ends;
    world.send(visitor_socket, "c2", "for Mei only");
    for brief in &briefs {
        let ended = world.end_of(*brief);
        assert_eq!(ended, Some(CloseCode::TicketExpired), "passed over and ended: the clock may go back");
    }
    world.frame(visitor_socket, Frame::Typing(wire::Typing { on: true, ..Default::default() }));
    world.frame(visitor_socket, Frame::Read(wire::Read { seq: 2 }));
    let tab = world.visitor();
    world.note(briefs[0], "n1", "not mine any more");
    for brief in &briefs {
        let seen = world.seen(*brief);
        assert_eq!(seen, ["error ticket_expired", "close 4010"]);
    }
    let ends = world.now.plus(MINUTE);
    let slept = world.connect(Principal::Agent(AgentPrincipal { expires_at: ends, ..agent("Ann") }), Encoding::Json);
    world.frame(slept, hello());
    world.look_away();
    world.hibernate();
    world.now = ends;
    world.send(tab, "c3", "and this");
    assert_eq!(world.seen(slept), ["error ticket_expired", "close 4010"], "waking looks at everyone");
    assert_eq!(world.room.as_ref().unwrap().heads().private, 0);
}

#[test]
fn a_renewed_ticket_goes_on_and_a_strange_one_does_not() {
    let (mut world, visitor_socket, _) = a_conversation();
    let renew = |principal: &Principal| Frame::Renew(wire::Renew { ticket: serde_json::to_string(principal).unwrap() });
    let later = world.now.plus(20 * MINUTE);
    let brief = VisitorPrincipal { expires_at: world.now.plus(MINUTE), ..visitor(1) };
    let brief = open(&mut world, Principal::Visitor(brief));
    world.frame(brief, hello());
    world.look_away();
    let strange = [
        Principal::Visitor(VisitorPrincipal { expires_at: later, ..visitor(2) }),
        Principal::Agent(AgentPrincipal { expires_at: later, ..agent("Mei") }),
        Principal::Visitor(VisitorPrincipal { expires_at: world.now, ..visitor(1) }),
    ];
    for principal in &strange {
        world.frame(brief, renew(principal));
        world.calls();
        assert_eq!(world.seen(brief), ["error unauthorized"]);
    }
    world.frame(brief, Frame::Renew(wire::Renew { ticket: "no ticket".into() }));
    world.calls();
    assert_eq!(world.seen(brief), ["error unauthorized"]);
    world.frame(brief, renew(&Principal::Visitor(VisitorPrincipal { expires_at: later, ..visitor(1) })));
    world.pass(2 * MINUTE);
    world.hibernate();
    world.send(visitor_socket, "c2", "still there?");
    assert_eq!(world.seen(brief), ["message 2 visitor: still there? (c2)"]);
    world.pass(19 * MINUTE);
    assert_eq!(world.seen(brief), ["error ticket_expired", "close 4010"]);
}

/// INV-13, for each kind, awake and hibernating; a repeated order does nothing more.
#[test]
fn inv_13_revoked_means_silent() {
    let by = agent_ref("Ann");
    let mei = agent("Mei");
    let cases: Vec<(&str, Revoked, bool, &[&str], &str)> = vec![
        (
            "disabled",
            Revoked::Agent { agent: mei.agent.clone(), generation: 2 },
            true,
            &["error unauthorized", "close 4501"],
            "error unauthorized",
        ),
        (
            "signed out here",
            Revoked::Session { agent: mei.agent.clone(), session: mei.session.clone() },
            true,
            &["error unauthorized", "close 4501"],
            "error unauthorized",
        ),
        ("an older generation", Revoked::Agent { agent: mei.agent, generation: 1 }, true, &[], "welcome"),
        ("another agent", Revoked::Agent { agent: agent("Ann").agent, generation: 9 }, true, &[], "welcome"),
        (
            "blocked",
            Revoked::Visitor { visitor: visitor(1).visitor, generation: 2, blocked: true, by: by.clone() },
            false,
            &["error visitor_blocked", "close 4504"],
            "error visitor_blocked",
        ),
        (
            "another visitor",
            Revoked::Visitor { visitor: visitor(2).visitor, generation: 2, blocked: true, by },
            false,
            &[],
            "welcome",
        ),
    ];
    for (name, order, is_agent, expected, on_return) in cases {
        for hibernating in [false, true] {
            let (mut world, visitor_socket, agent_socket) = a_conversation();
            let (hit, other) = if is_agent { (agent_socket, visitor_socket) } else { (visitor_socket, agent_socket) };
            if hibernating {
                world.hibernate();
            }
            world.revoke(order.clone());
            assert_eq!(world.seen(hit), expected, "{name}");
            let rows = world.sql.connection.total_changes();
            world.revoke(order.clone());
            assert_eq!(world.sql.connection.total_changes(), rows, "{name}: twice is once");
            if world.lines.contains_key(&other) {
                world.frame(other, Frame::Typing(wire::Typing { on: true, ..Default::default() }));
            }
            world.hibernate();
            let principal = if is_agent { Principal::Agent(agent("Mei")) } else { Principal::Visitor(visitor(1)) };
            let again = open(&mut world, principal);
            if world.lines.contains_key(&again) {
                world.frame(again, hello());
            }
            assert!(world.seen(again)[0].starts_with(on_return), "{name}");
        }
    }
}

#[test]
fn a_block_is_noted_for_agents_lifted_and_not_brought_back_by_a_late_order() {
    let (mut world, visitor_socket, agent_socket) = a_conversation();
    let order = |generation, blocked| Revoked::Visitor {
        visitor: visitor(1).visitor,
        generation,
        blocked,
        by: agent_ref("Mei"),
    };
    world.revoke(order(2, true));
    assert_eq!(
        world.seen(agent_socket),
        ["presence [Mei]", "private 1 after 1 system: visitor_blocked by Mei", "visitor  blocked"]
    );
    world.revoke(order(3, false));
    assert_eq!(world.seen(agent_socket), ["private 2 after 1 system: visitor_unblocked by Mei", "visitor "]);
    world.revoke(order(2, true));
    assert_eq!(world.seen(agent_socket), [""; 0], "an older order");
    let old = open(&mut world, Principal::Visitor(visitor(1)));
    assert_eq!(world.seen(old), ["error unauthorized", "close 4501"], "the ticket from before is gone for good");
    let new = open(&mut world, Principal::Visitor(VisitorPrincipal { generation: 3, ..visitor(1) }));
    world.frame(new, hello());
    assert_eq!(world.seen(new), ["welcome 1 [1]"]);
    assert_eq!(world.seen(visitor_socket), ["error visitor_blocked", "close 4504"]);
}

/// A store of a time when the visitor was blocked is put back after the block was lifted. Nobody will tell the Room again;
/// a ticket that is later than the block does. (Found by the simulator, `SEED=177`.)
#[test]
fn inv_4_a_lifted_block_outlives_an_older_store() {
    let mut world = World::default();
    let socket = world.visitor();
    world.send(socket, "a", "hello");
    let mei = world.agent("Mei");
    world.revoke(Revoked::Visitor { visitor: visitor(1).visitor, generation: 2, blocked: true, by: agent_ref("Mei") });
    world.seen(mei);
    // What the store says, the visitor's tickets of before the lift included.
    for generation in [1, 2] {
        let early = world.connect(Principal::Visitor(VisitorPrincipal { generation, ..visitor(1) }), Encoding::Json);
        assert_eq!(world.seen(early), ["error visitor_blocked", "close 4504"]);
    }
    let later = world.connect(Principal::Visitor(VisitorPrincipal { generation: 3, ..visitor(1) }), Encoding::Json);
    assert_eq!(world.seen(mei), ["visitor "]);
    world.frame(later, Frame::Hello(wire::Hello::default()));
    world.send(later, "b", "back again");
    assert!(world.seen(later).contains(&"ack b 2".to_owned()));
}

#[test]
fn a_visitor_blocked_before_a_first_message_is_out_as_well() {
    let mut world = World::default();
    let socket = world.visitor();
    world.look_away();
    world.revoke(Revoked::Visitor { visitor: visitor(1).visitor, generation: 2, blocked: true, by: agent_ref("Mei") });
    assert_eq!(world.seen(socket), ["error visitor_blocked", "close 4504"]);
}

#[test]
fn refusals_are_forgotten_when_no_ticket_of_theirs_can_be_good() {
    let (mut world, ..) = a_conversation();
    for number in 0..200 {
        let mut bits = Entropy::new(number + 5_000);
        let session = crate::core::id::SessionId::draw(&mut bits);
        world.revoke(Revoked::Session { agent: agent("Mei").agent, session });
        world.now = world.now.plus(REVOCATION_MEMORY / 10);
    }
    assert!(world.room.as_ref().unwrap().record().unwrap().refusals.len() <= 43);
}

/// A clock that leaps ahead, so that a revocation looks old, and comes back, so that the ticket looks good.
#[test]
fn inv_13_a_clock_that_leaps_lets_nobody_in_again() {
    let (mut world, ..) = a_conversation();
    world.revoke(Revoked::Agent { agent: agent("Mei").agent, generation: 2 });
    world.now = world.now.plus(60 * MINUTE);
    world.revoke(Revoked::Agent { agent: agent("Ann").agent, generation: 2 });
    world.now = world.now.plus(-60 * MINUTE);
    let back = open(&mut world, Principal::Agent(agent("Mei")));
    assert_eq!(world.seen(back), ["error unauthorized", "close 4501"]);
}

#[test]
fn one_participant_has_twelve_sockets_and_the_oldest_gives_way() {
    let (mut world, first, agent_socket) = a_conversation();
    let mut tabs = vec![first];
    for _ in 0..SOCKETS_PER_PARTICIPANT + 2 {
        world.now = world.now.plus(10);
        tabs.push(world.visitor());
    }
    let ends: Vec<Option<CloseCode>> = tabs.iter().map(|tab| world.end_of(*tab)).collect();
    assert_eq!(ends[..3], [Some(CloseCode::Replaced); 3]);
    assert!(ends[3..].iter().all(Option::is_none));
    world.look_away();
    world.send(agent_socket, "a1", "to all");
    for tab in &tabs[3..] {
        assert_eq!(world.seen(*tab), ["message 2 Mei: to all"]);
    }
}

/// One that was accepted and has not said hello is seen by nobody, and hides nobody's leaving.
#[test]
fn whoever_leaves_is_gone_though_a_socket_of_theirs_has_never_spoken() {
    let (mut world, tab, mei) = a_conversation();
    let ann = world.agent("Ann");
    world.look_away();
    let silent = [Principal::Visitor(visitor(1)), Principal::Agent(agent("Ann"))].map(|who| open(&mut world, who));
    world.leave(ann);
    assert_eq!(world.seen(mei), ["presence [Mei] visitor"]);
    world.leave(tab);
    assert_eq!(world.seen(mei), ["presence [Mei]"]);
    world.pass(MINUTE);
    assert!(!world.history.notices.last().unwrap().visitor_online, "the Desk hears of it, too");
    assert_eq!(world.history.detached, [], "a socket of Ann's is here");
    for socket in silent {
        world.leave(socket);
    }
    world.pass(MINUTE);
    assert_eq!((world.seen(mei), &*world.history.detached), (vec![], &[agent("Ann").agent][..]));
    let [first, second] = [world.visitor(), world.visitor()];
    world.look_away();
    world.leave(first);
    assert_eq!(world.seen(mei), [""; 0], "another tab is open");
    world.leave(second);
    assert_eq!(world.seen(mei), ["presence [Mei]"]);
}

/// A socket whose attachment is lost, of a later version, or of nobody: told to come again, never left in silence.
#[test]
fn sockets_that_cannot_be_restored_come_again() {
    for attachment in [None, Some("{}"), Some("no json"), Some("{\"socket\":1}")] {
        let (mut world, socket, agent_socket) = a_conversation();
        world.hibernate();
        world.lines.get_mut(&socket).unwrap().attachment = attachment.map(str::to_owned);
        world.send(agent_socket, "a1", "anyone?");
        assert_eq!(world.seen(socket), ["close 4000"], "{attachment:?}");
        assert_eq!(world.seen(agent_socket), ["ack a1 2"]);
    }
    let (mut world, ..) = a_conversation();
    let unknown = SocketId(1);
    world.feed(Input::Frame { socket: unknown, frame: Ok(Some(hello())) }).unwrap();
    assert!(world.last.iter().any(|effect| matches!(
        effect,
        crate::core::room::effect::Effect::Close { socket, code: CloseCode::Restart } if *socket == unknown
    )));
}

/// Attachments of the version before lack what was added since, and carry what is not known any more.
#[test]
fn an_older_attachment_is_understood() {
    let (mut world, socket, agent_socket) = a_conversation();
    world.hibernate();
    let line = world.lines.get_mut(&socket).unwrap();
    let mut old: serde_json::Value = serde_json::from_str(line.attachment.as_ref().unwrap()).unwrap();
    let members = old.as_object_mut().unwrap();
    for added in ["memo", "early_profile", "delivered", "read"] {
        members.remove(added);
    }
    members.insert("of_yesterday".into(), 1.into());
    line.attachment = Some(old.to_string());
    world.send(agent_socket, "a1", "hi");
    assert_eq!(world.seen(socket), ["message 2 Mei: hi"]);
}

/// An agent who comes back while the Desk is told of their leaving stays known to the Desk.
#[test]
fn inv_13_a_detach_that_is_overtaken_is_made_good() {
    let (mut world, _, agent_socket) = a_conversation();
    world.calls();
    world.pass(5 * SECOND);
    world.leave(agent_socket);
    let call = world.network.pop_front().unwrap();
    let _back = world.agent("Mei");
    let heard = world.answer(call);
    world.feed(heard).unwrap();
    world.calls();
    let notice = world.history.notices.last().unwrap();
    assert_eq!(notice.agents, Some(vec![agent("Mei").agent]));
}

#[test]
fn a_detach_that_fails_is_repeated() {
    let (mut world, _, agent_socket) = a_conversation();
    world.calls();
    world.pass(5 * SECOND);
    world.leave(agent_socket);
    let gone = agent("Mei").agent;
    world.network.clear();
    world.feed(Input::Detached { agent: gone.clone(), heard: false }).unwrap();
    world.pass(ATTACH_GRACE - SECOND);
    assert_eq!(world.history.detached, [], "nobody waits for it");
    world.pass(2 * SECOND);
    assert_eq!(world.history.detached, [gone]);
}

#[test]
fn who_is_back_before_a_detach_is_repeated_stays_known_to_the_desk() {
    let (mut world, _, agent_socket) = a_conversation();
    world.calls();
    world.pass(5 * SECOND);
    world.leave(agent_socket);
    world.network.clear();
    world.feed(Input::Detached { agent: agent("Mei").agent, heard: false }).unwrap();
    world.agent("Mei");
    world.pass(2 * ATTACH_GRACE);
    assert_eq!(world.history.detached, []);
}

#[test]
fn inv_13_a_clock_that_leapt_ahead_forgets_no_session_that_has_ended() {
    let (mut world, ..) = a_conversation();
    let mei = agent("Mei");
    world.revoke(Revoked::Session { agent: mei.agent.clone(), session: mei.session.clone() });
    world.now = world.now.plus(2 * REVOCATION_MEMORY);
    let ann = agent("Ann");
    world.revoke(Revoked::Session { agent: ann.agent, session: ann.session });
    world.now = world.now.plus(-2 * REVOCATION_MEMORY);
    let again = open(&mut world, Principal::Agent(mei));
    assert_eq!(world.end_of(again), Some(CloseCode::Revoked));
}

/// Words may overtake each other: the highest generation that was ever named counts.
#[test]
fn inv_13_an_earlier_word_that_comes_late_lets_no_agent_in_again() {
    let (mut world, ..) = a_conversation();
    for generation in [5, 2] {
        world.revoke(Revoked::Agent { agent: agent("Mei").agent, generation });
    }
    let between = AgentPrincipal { generation: 3, ..agent("Mei") };
    let socket = open(&mut world, Principal::Agent(between));
    assert_eq!(world.seen(socket), ["error unauthorized", "close 4501"]);
}

#[test]
fn a_word_about_another_visitor_ends_nobody_before_the_first_message() {
    let mut world = World::default();
    let socket = world.visitor();
    world.look_away();
    let another = visitor(2).visitor;
    world.revoke(Revoked::Visitor { visitor: another, generation: 9, blocked: true, by: agent_ref("Mei") });
    assert_eq!(world.end_of(socket), None);
}
