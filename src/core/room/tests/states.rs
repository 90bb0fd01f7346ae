//! Status, assignment, what is known of the visitor.

use super::harness::*;
use crate::core::{
    error::Code,
    id::{Entropy, WorkspaceId},
    internal::{AssignOrder, Status},
    limits::{ATTRIBUTES, PROFILE_BYTES, PROFILE_CHARS, SNOOZE_MAX},
    principal::{AgentPrincipal, Principal},
    protocol::{
        Encoding,
        wire::{self, agent_frame, client_frame::Frame},
    },
    room::effect::{Call, Input},
    socket::SocketId,
    time::{DAY, HOUR, MINUTE, SECOND},
};

fn a_conversation() -> (World, SocketId, SocketId) {
    let mut world = World::default();
    let visitor = world.visitor();
    world.send(visitor, "c1", "hello");
    let agent = world.agent("Mei");
    world.look_away();
    (world, visitor, agent)
}

fn set(status: wire::Status, until: u64) -> Frame {
    Frame::SetStatus(wire::SetStatus { status: status.into(), snoozed_until: until, client_id: "s".into() })
}

fn status_of(world: &World) -> Status {
    world.room.as_ref().unwrap().record().unwrap().status
}

#[test]
fn resolved_and_back_by_the_visitor() {
    let (mut world, visitor, agent) = a_conversation();
    world.frame(agent, set(wire::Status::Resolved, 0));
    assert_eq!(
        world.seen(agent),
        ["private 1 after 1 system: status_changed by Mei resolved", "state resolved -", "done s"]
    );
    assert_eq!(world.seen(visitor), ["state resolved -"]);
    world.frame(agent, set(wire::Status::Resolved, 0));
    assert_eq!(world.seen(agent), ["done s"], "no change, no line");
    world.hibernate();
    world.send(visitor, "c1", "hello");
    assert_eq!(status_of(&world), Status::Resolved, "sent again, it is no new message");
    world.send(visitor, "c2", "one more thing");
    assert_eq!(world.seen(visitor), ["ack c1 1", "ack c2 2", "state open -"]);
    assert_eq!(
        world.seen(agent),
        ["message 2 visitor: one more thing", "private 2 after 2 system: status_changed open", "state open -"]
    );
}

/// Resolving is an answer: who had not been answered does not wait any more, also after waking.
#[test]
fn nobody_waits_in_a_resolved_conversation() {
    let (mut world, visitor, agent) = a_conversation();
    world.frame(agent, set(wire::Status::Resolved, 0));
    world.pass(5_000);
    let (unread, waiting) = world.history.notices.last().map(|it| (it.unread, it.waiting_since)).unwrap();
    assert_eq!((unread, waiting), (0, None));
    world.hibernate();
    world.pass(HOUR);
    world.send(visitor, "c2", "again");
    world.pass(5_000);
    let notice = world.history.notices.last().unwrap();
    assert_eq!((notice.unread, notice.waiting_since), (1, Some(START.plus(HOUR + 5_000))));
}

#[test]
fn snoozed_until_its_time_or_the_visitor() {
    let until = START.plus(3 * HOUR).wire();
    for by_visitor in [false, true] {
        let (mut world, visitor, agent) = a_conversation();
        world.frame(agent, set(wire::Status::Snoozed, until));
        assert_eq!(
            world.seen(agent),
            ["private 1 after 1 system: status_changed by Mei snoozed", "state snoozed until -", "done s"]
        );
        world.hibernate();
        world.pass(3 * HOUR - 1);
        assert_eq!(status_of(&world), Status::Snoozed);
        if by_visitor {
            world.send(visitor, "c2", "now");
        } else {
            world.pass(2);
        }
        assert_eq!(status_of(&world), Status::Open);
        let lines = world.seen(agent);
        assert_eq!(lines.last().map(String::as_str), Some("state open -"), "{lines:?}");
        assert_eq!(world.room.as_ref().unwrap().record().unwrap().snoozed_until, None);
        world.pass(5 * HOUR);
        assert_eq!(world.seen(agent), [""; 0]);
    }
}

#[test]
fn a_time_to_snooze_until_lies_ahead_but_not_for_ever() {
    let far = START.plus(SNOOZE_MAX);
    let cases = [
        (0, false),
        (START.wire(), false),
        (START.wire() + 1, true),
        (far.wire(), true),
        (far.plus(1).wire(), false),
        ((1 << 53) - 1, false),
    ];
    for (until, good) in cases {
        let (mut world, _, agent) = a_conversation();
        world.frame(agent, set(wire::Status::Snoozed, until));
        let seen = world.seen(agent);
        let expected = if good { "done s" } else { "error bad_request (s)" };
        assert_eq!(seen.last().map(String::as_str), Some(expected), "{until}");
    }
}

/// INV-5, the Room's part: the highest order counts, whatever comes late or twice.
#[test]
fn inv_5_the_highest_assignment_counts() {
    let (mut world, visitor, agent) = a_conversation();
    let mut order = assign(3, Some("Mei"));
    order.actor = Some(agent_ref("Mei"));
    assert_eq!(world.assign(order.clone()).unwrap().assignee, Some(agent_ref("Mei")));
    assert_eq!(world.seen(visitor), ["message 2 system: joined Mei", "state open Mei"]);
    assert_eq!(world.seen(agent), ["message 2 system: joined Mei", "state open Mei"]);
    for late in [order, assign(2, Some("Ann")), assign(3, Some("Ann")), assign(0, None)] {
        let answer = world.assign(late).unwrap();
        assert_eq!((answer.assignment_epoch, answer.assignee), (3, Some(agent_ref("Mei"))));
    }
    assert_eq!(world.seen(visitor), [""; 0]);
    let mut transfer = assign(4, Some("Ann"));
    transfer.actor = Some(agent_ref("Mei"));
    transfer.reason = "speaks Dutch".into();
    world.assign(transfer).unwrap();
    assert_eq!(world.seen(visitor), ["message 3 system: joined Ann", "state open Ann"]);
    assert_eq!(
        world.seen(agent),
        [
            "private 1 after 2 system: assigned Ann by Mei 'speaks Dutch'",
            "message 3 system: joined Ann",
            "state open Ann"
        ]
    );
    let mut release = assign(9, None);
    release.actor = Some(agent_ref("Ann"));
    world.assign(release).unwrap();
    assert_eq!(world.seen(visitor), ["message 4 system: left Ann", "state open -"]);
    world.hibernate();
    assert_eq!(world.assign(assign(9, Some("Mei"))).unwrap().assignee, None, "also after waking");
}

fn ringing(epoch: u64, assignee: &str) -> AssignOrder {
    AssignOrder { ringing: true, ..assign(epoch, Some(assignee)) }
}

/// What rings is the agents' matter: the visitor is told of whoever takes it, not of whom it was offered to.
#[test]
fn what_rings_is_told_to_nobody_but_agents() {
    let (mut world, visitor, agent) = a_conversation();
    assert_eq!(world.assign(ringing(1, "Mei")).unwrap().ringing, Some(true));
    assert_eq!(world.seen(visitor), ["state open -", "presence [] visitor"], "also if their console is open already");
    assert_eq!(world.seen(agent), ["private 1 after 1 system: assigned Mei", "state open -", "presence [] visitor"]);
    let mut rung_out = assign(2, None);
    rung_out.reason = "no_answer".into();
    assert_eq!(world.assign(rung_out).unwrap().ringing, Some(false));
    assert_eq!(world.seen(visitor), ["state open -", "presence [Mei] visitor"], "nobody had joined, so nobody leaves");
    assert_eq!(
        world.seen(agent),
        ["private 2 after 1 system: released Mei 'no_answer'", "state open -", "presence [Mei] visitor"]
    );
    world.assign(ringing(3, "Ann")).unwrap();
    world.hibernate();
    world.look_away();
    assert_eq!(world.assign(assign(4, Some("Ann"))).unwrap().ringing, Some(false));
    assert_eq!(
        world.seen(visitor),
        ["message 2 system: joined Ann", "state open Ann", "presence [Mei] visitor"],
        "taken"
    );
}

/// A first reply takes it, before the Desk has heard of anything; another agent's does not.
#[test]
fn a_first_reply_takes_what_rings() {
    let (mut world, visitor, agent) = a_conversation();
    world.assign(ringing(1, "Ann")).unwrap();
    world.look_away();
    world.send(agent, "x", "I am not Ann");
    assert_eq!(world.seen(visitor), ["message 2 Mei: I am not Ann"]);
    world.assign(ringing(2, "Mei")).unwrap();
    world.look_away();
    world.send(agent, "y", "hello");
    assert_eq!(
        world.seen(visitor),
        ["message 3 system: joined Mei", "state open Mei", "presence [Mei] visitor", "message 4 Mei: hello"],
        "first who, then what"
    );
    let answer = world.assign(ringing(2, "Mei")).unwrap();
    assert_eq!(answer.ringing, Some(false), "a repeated order changes nothing, and the Desk learns of it");
    world.look_away();
    world.assign(ringing(3, "Mei")).unwrap();
    world.frame(agent, set(wire::Status::Resolved, 0));
    let joined = |line: &String| line.contains("joined Mei");
    assert_eq!(world.seen(visitor).iter().filter(|line| joined(line)).count(), 1, "whoever acts on it takes it");
}

/// Whoever looks first and takes it then is not seen looking.
#[test]
fn what_rings_can_be_looked_at_unseen() {
    let (mut world, visitor, agent) = a_conversation();
    world.assign(ringing(1, "Mei")).unwrap();
    world.look_away();
    world.frame(agent, Frame::Read(wire::Read { seq: 1 }));
    world.frame(agent, Frame::Typing(wire::Typing { on: true, ..wire::Typing::default() }));
    assert_eq!(world.seen(visitor), [""; 0]);
    world.send(agent, "x", "hello");
    let seen = world.seen(visitor);
    assert!(seen.contains(&"receipt Mei d1 r1".to_owned()), "from then on: {seen:?}");
}

/// It rang at somebody who read and did not take it: from then on they are an agent like others, and whoever is here hears of them
/// what whoever comes is told. (The simulator found it.)
#[test]
fn inv_4_what_was_read_while_it_rang_is_told_when_it_rings_no_longer() {
    let ends = [
        (assign(2, None), true),
        (assign(2, Some("Ann")), true),
        (ringing(2, "Ann"), true),
        (ringing(2, "Mei"), false),
    ];
    for (end, is_seen) in ends {
        let (mut world, visitor, agent) = a_conversation();
        world.assign(ringing(1, "Mei")).unwrap();
        world.look_away();
        world.frame(agent, Frame::Read(wire::Read { seq: 1 }));
        assert_eq!(world.seen(visitor), [""; 0]);
        world.assign(end).unwrap();
        let seen = world.seen(visitor);
        assert_eq!(seen.contains(&"receipt Mei d1 r1".to_owned()), is_seen, "{seen:?}");
        let late = world.visitor();
        let welcome = world.inbox(late).into_iter().find_map(|frame| match frame.frame {
            Some(agent_frame::Frame::Welcome(welcome)) => Some(welcome.receipts),
            _ => None,
        });
        let told =
            welcome.unwrap().iter().any(|receipt| receipt.participant.as_ref().is_some_and(|it| it.name == "Mei"));
        assert_eq!(told, is_seen);
    }
}

/// Somebody else puts it off or away while it rings: whoever has not taken it is still named to nobody. The Desk gives it back.
#[test]
fn another_agent_s_word_takes_nothing() {
    let (mut world, visitor, agent) = a_conversation();
    world.assign(ringing(1, "Ann")).unwrap();
    world.frame(agent, set(wire::Status::Resolved, 0));
    world.send(visitor, "again", "one more thing");
    let seen = world.seen(visitor);
    assert!(!seen.iter().any(|line| line.contains("Ann")), "{seen:?}");
    assert_eq!(world.assign(ringing(1, "Ann")).unwrap().ringing, Some(true));
}

#[test]
fn a_new_name_is_no_new_assignee() {
    let (mut world, visitor, agent) = a_conversation();
    world.assign(assign(1, Some("Mei"))).unwrap();
    world.look_away();
    let mut renamed = assign(2, Some("Mei"));
    renamed.assignee.as_mut().unwrap().name = "Mei Lin".into();
    world.assign(renamed).unwrap();
    assert_eq!(world.seen(visitor), ["state open Mei Lin"]);
    assert_eq!(world.seen(agent), ["state open Mei Lin"]);
}

#[test]
fn an_order_for_nothing_or_of_another_workspace() {
    let mut world = World::default();
    assert_eq!(world.assign(assign(1, Some("Mei"))), Err(Code::NotFound));
    let (mut world, ..) = a_conversation();
    let mut foreign = assign(1, Some("Mei"));
    foreign.workspace = WorkspaceId::draw(&mut Entropy::new(77));
    assert_eq!(world.assign(foreign), Err(Code::NotFound));
    assert_eq!(world.room.as_ref().unwrap().record().unwrap().assignment_epoch, 0);
}

fn identify(name: &str, attributes: &[(&str, &str)]) -> Frame {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Frame::Identify(wire::Identify { name: name.into(), email: String::new(), attributes })
}

/// What the page said before the first message outlives hibernation, though nothing is stored yet.
#[test]
fn what_the_page_said_early_is_not_lost() {
    let mut world = World::default();
    let tab = world.visitor();
    let context =
        wire::Context { page_url: "https://shop.example/a".into(), locale: "zh-TW".into(), ..Default::default() };
    world.frame(tab, Frame::Hello(wire::Hello { context: Some(context), ..Default::default() }));
    world.frame(tab, identify("Kim", &[("plan", "gold")]));
    assert_eq!(world.sql.connection.total_changes(), 0);
    world.hibernate();
    let other = world.visitor();
    world.leave(tab);
    world.hibernate();
    world.send(other, "c1", "hello");
    let profile = &world.room.as_ref().unwrap().record().unwrap().profile;
    let expected = ("Kim", "https://shop.example/a", "zh-TW", "Test/1.0", "TW");
    let found = (&*profile.name, &*profile.page_url, &*profile.locale, &*profile.user_agent, &*profile.country);
    // The tab that is left was opened after that and had not been told: it knows what came since.
    assert_eq!(found.3, expected.3);
    assert_eq!(found, expected);
    // From now on the row keeps it, and no socket carries about who they are.
    world.frame(other, Frame::Read(wire::Read { seq: 1 }));
    assert!(!world.lines[&other].attachment.as_ref().unwrap().contains("gold"));
}

fn on_page(world: &mut World, tab: SocketId, page: &str, locale: &str) {
    let page_url = format!("https://shop.example/{page}");
    let context = wire::Context { page_url, page_title: page.into(), locale: locale.into(), ..Default::default() };
    world.frame(tab, Frame::Hello(wire::Hello { context: Some(context), ..Default::default() }));
}

/// Where the visitor is costs no row, so their sockets know it better than the disk when the Room wakes.
#[test]
fn where_the_visitor_is_outlives_hibernation() {
    let mut world = World::default();
    let tab = world.visitor();
    on_page(&mut world, tab, "pricing", "en");
    world.send(tab, "c1", "hello");
    world.pass(20 * MINUTE);
    let written = world.sql.connection.total_changes();
    let other = world.connect(Principal::Visitor(visitor(1)), Encoding::Proto);
    on_page(&mut world, other, "checkout", "zh-TW");
    let late = world.connect(Principal::Visitor(visitor(1)), Encoding::Json);
    on_page(&mut world, late, "checkout", "zh-TW");
    let mut left = vec![tab, other, late];
    loop {
        world.hibernate();
        let agent = world.agent("Mei");
        let about = world.inbox(agent).into_iter().find_map(|frame| match frame.frame {
            Some(agent_frame::Frame::PrivateWelcome(welcome)) => welcome.visitor,
            _ => None,
        });
        let about = about.unwrap();
        let said = (about.page_url.as_str(), about.page_title.as_str(), about.locale.as_str());
        assert_eq!(said, ("https://shop.example/checkout", "checkout", "zh-TW"), "{} tabs", left.len());
        world.leave(agent);
        // Whichever tab it is that stays.
        if left.len() == 1 {
            break;
        }
        world.leave(left.remove(0));
    }
    let rows = world.sql.connection.total_changes() - written;
    assert_eq!(rows, 0, "as before");
    let long = "\u{1f600}".repeat(PROFILE_CHARS);
    on_page(&mut world, left[0], &long, &long);
    world.hibernate();
    world.send(left[0], "c2", "it fits the attachment");
}

/// One letter beyond Latin-1 doubles what an attachment takes.
#[test]
fn as_much_as_a_page_may_say_early_fits_an_attachment() {
    let value = "x".repeat(PROFILE_CHARS);
    for (name, letter) in [("Kim", "x"), ("京", "x"), ("Kim", "京"), ("Kim", "\u{1f600}")] {
        let mut world = World::default();
        let tab = world.visitor();
        let keys: Vec<String> = (0..ATTRIBUTES).map(|number| format!("key-{number}")).collect();
        let value = value.replace('x', letter);
        let attributes: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), value.as_str())).collect();
        world.frame(tab, identify(name, &attributes));
        world.hibernate();
        world.send(tab, "c1", "hello");
        let profile = &world.room.as_ref().unwrap().record().unwrap().profile;
        assert_eq!((profile.name.as_str(), profile.attributes.is_empty()), (name, false));
    }
}

/// A ticket that is renewed before the first message knows nothing of the browser; the upgrade did.
#[test]
fn what_the_upgrade_said_outlives_a_renewal() {
    let mut world = World::default();
    let tab = world.visitor();
    let mut renewed = visitor(1);
    renewed.user_agent.clear();
    renewed.country.clear();
    renewed.location = None;
    let ticket = serde_json::to_string(&crate::core::principal::Principal::Visitor(renewed)).unwrap();
    world.frame(tab, Frame::Renew(wire::Renew { ticket }));
    world.calls();
    world.send(tab, "c1", "hello");
    let record = world.room.as_ref().unwrap().record().unwrap();
    let profile = &record.profile;
    assert_eq!((profile.user_agent.as_str(), profile.country.as_str()), ("Test/1.0", "TW"));
    assert_eq!(record.location, visitor(1).location);
    assert!(record.location.is_some());
    // It goes to the Desk alone: the history takes the profile.
    world.now = world.now.plus(2 * SECOND);
    world.feed(Input::Alarm).unwrap();
    let told = |call: &Call| match call {
        Call::TellDesk(notice) => Some(("desk", serde_json::to_string(notice).unwrap().contains("latitude"))),
        Call::Publish(event) => Some(("history", serde_json::to_string(event).unwrap().contains("latitude"))),
        _ => None,
    };
    let told: std::collections::BTreeSet<_> = world.network.iter().filter_map(told).collect();
    assert_eq!(told, [("desk", true), ("history", false)].into());
}

#[test]
fn a_profile_is_cut_to_size_and_only_agents_see_it() {
    let (mut world, visitor, agent) = a_conversation();
    let long = "語".repeat(5_000);
    let attributes: Vec<(String, String)> =
        (0..100).map(|number| (format!("{number:03}{long}"), long.clone())).collect();
    let few: Vec<(&str, &str)> = attributes.iter().map(|(name, value)| (&**name, &**value)).take(2).collect();
    world.frame(agent, identify("An agent is nobody's visitor", &[]));
    assert_eq!(world.seen(agent), ["error forbidden"], "an agent is who the ticket says");
    world.frame(visitor, identify("  Kim\u{7}\u{1b}[31m ", &few));
    assert_eq!(world.seen(agent), ["visitor Kim[31m"]);
    assert_eq!(world.seen(visitor), [""; 0]);
    for batch in 0..20 {
        let names: Vec<String> = (0..10).map(|number| format!("key {batch} {number}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &long[..900])).collect();
        world.frame(visitor, identify("", &many));
    }
    let profile = world.room.as_ref().unwrap().record().unwrap().profile.clone();
    assert_eq!(profile.name, "Kim[31m", "an empty name is none");
    assert!(profile.attributes.len() <= ATTRIBUTES);
    assert!(serde_json::to_string(&profile).unwrap().len() <= PROFILE_BYTES);
    world.pass(MINUTE);
    assert_eq!(world.history.visitor_name, "Kim[31m");
}

#[test]
fn a_snooze_of_months_keeps_the_alarm_within_the_hour() {
    let (mut world, _, agent) = a_conversation();
    world.frame(agent, set(wire::Status::Snoozed, START.plus(90 * DAY).wire()));
    world.pass(DAY);
    assert!(world.alarm.unwrap().since(world.now) <= HOUR);
    assert_eq!(status_of(&world), Status::Snoozed);
}

/// Each message would be the longer for it.
#[test]
fn a_picture_is_told_of_who_is_here_and_of_who_comes_and_in_no_message() {
    let (mut world, visitor, _) = a_conversation();
    let picture = "0f".repeat(16);
    let ann = AgentPrincipal { picture: picture.clone(), ..agent("Ann") };
    let socket = world.connect(Principal::Agent(ann.clone()), Encoding::Proto);
    world.frame(socket, Frame::Hello(wire::Hello::default()));
    world.assign(AssignOrder { assignee: Some(ann.seen()), ..assign(1, None) }).unwrap();
    world.send(socket, "a1", "hello");
    world.frame(socket, Frame::Read(wire::Read { seq: 3 }));
    world.hibernate();
    let late = world.visitor();
    let (mut shown, mut hidden) = (Vec::new(), Vec::new());
    for frame in [world.inbox(visitor), world.inbox(late)].concat() {
        let mut people = |place: &'static str, given: Option<wire::Participant>| {
            let list = if place == "message" || place == "receipt" { &mut hidden } else { &mut shown };
            list.extend(given.filter(|it| it.name == "Ann").map(|it| (place, it.picture)));
        };
        let (mut messages, mut state, mut presence, mut receipts) = (Vec::new(), None, None, Vec::new());
        match frame.frame.unwrap() {
            wire::agent_frame::Frame::Welcome(it) => {
                (messages, state, presence, receipts) = (it.messages, it.state, it.presence, it.receipts);
            }
            wire::agent_frame::Frame::Message(it) => messages.push(it),
            wire::agent_frame::Frame::State(it) => state = Some(it),
            wire::agent_frame::Frame::Presence(it) => presence = Some(it),
            wire::agent_frame::Frame::Receipt(it) => receipts.push(it),
            _ => {}
        }
        for message in messages {
            people("message", message.sender);
            if let Some(wire::message::Body::Activity(activity)) = message.body {
                people("activity", activity.subject);
            }
        }
        for agent in presence.into_iter().flat_map(|it| it.agents) {
            people("presence", Some(agent));
        }
        people("state", state.and_then(|it| it.assignee));
        for receipt in receipts {
            people("receipt", receipt.participant);
        }
    }
    for place in ["activity", "presence", "state"] {
        let told: Vec<&String> = shown.iter().filter(|(it, _)| *it == place).map(|(_, picture)| picture).collect();
        assert!(told.len() >= 2 && told.iter().all(|it| **it == picture), "{place}: {told:?}");
    }
    for place in ["message", "receipt"] {
        let told: Vec<&String> = hidden.iter().filter(|(it, _)| *it == place).map(|(_, picture)| picture).collect();
        assert!(!told.is_empty() && told.iter().all(|it| it.is_empty()), "{place}: {told:?}");
    }
}
