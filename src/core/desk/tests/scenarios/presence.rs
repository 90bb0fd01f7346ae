//! Who is here: sockets, switch, silence. No row is ever written for it (INV-11).

use std::collections::BTreeMap;

use super::{super::rig::*, routing};
use crate::core::{
    desk::{effect::Input, presence::Availability as Presence},
    internal::Revoked,
    limits::PRESENCE_GRACE,
    principal::{AgentPrincipal, Role},
    protocol::wire::{self, Availability, agent_frame, client_frame},
    routing::settings::Method,
    socket::SocketId,
    time::{MINUTE, SECOND, Timestamp},
};

/// What a console has been told, by name.
fn told(rig: &mut Rig, socket: SocketId, seen: &mut BTreeMap<String, Availability>) {
    for frame in rig.frames(socket) {
        let agents = match frame {
            agent_frame::Frame::DeskUpdate(update) => update.agents,
            agent_frame::Frame::DeskWelcome(welcome) => welcome.agents,
            _ => Vec::new(),
        };
        for agent in agents {
            seen.insert(agent.name.clone(), agent.availability());
        }
    }
}

fn switch(rig: &mut Rig, socket: SocketId, availability: Availability) {
    let availability = availability.into();
    rig.frame(
        socket,
        client_frame::Frame::SetAvailability(wire::SetAvailability { availability, ..Default::default() }),
    );
}

#[test]
fn inv_11_sockets_switch_and_silence_write_nothing() {
    let mut rig = Rig::new();
    let mut seen = BTreeMap::new();
    let watcher = rig.console(1, Role::Agent);
    let mut check = |rig: &mut Rig, dead: &[SocketId], wanted: Availability, what: &str| {
        rig.pass(31 * SECOND, dead);
        told(rig, watcher, &mut seen);
        assert_eq!(
            seen.get("Agent 2"),
            Some(&wanted),
            "{what} {:?} {:?}",
            rig.alarm.map(|a| a.0 - rig.now.0),
            rig.open
        );
    };
    let tab = rig.console(2, Role::Agent);
    check(&mut rig, &[], Availability::Online, "came");
    let second = rig.console(2, Role::Agent);
    rig.feed(Input::Disconnected(tab));
    check(&mut rig, &[], Availability::Online, "another tab is open");
    switch(&mut rig, second, Availability::Away);
    check(&mut rig, &[], Availability::Away, "switched");
    let third = rig.console(2, Role::Agent);
    check(&mut rig, &[], Availability::Away, "a new tab does not switch back");
    switch(&mut rig, third, Availability::Online);
    check(&mut rig, &[], Availability::Online, "switched on one for all");
    rig.pass(MINUTE, &[second]);
    check(&mut rig, &[second], Availability::Online, "one living socket is enough");
    rig.pass(MINUTE, &[second, third]);
    check(&mut rig, &[second, third], Availability::Away, "half-open sockets");
    rig.reload();
    check(&mut rig, &[second, third], Availability::Away, "a Desk that slept remembers");
    check(&mut rig, &[], Availability::Online, "heard again");
    rig.pass(2 * MINUTE, &[second, third]);
    switch(&mut rig, third, Availability::Online);
    check(&mut rig, &[second], Availability::Online, "a frame is a sign of life");
    switch(&mut rig, third, Availability::Offline);
    check(&mut rig, &[], Availability::Offline, "wants not to be seen");
    switch(&mut rig, third, Availability::Online);
    rig.feed(Input::Disconnected(second));
    rig.feed(Input::Disconnected(third));
    check(&mut rig, &[], Availability::Offline, "left");
    assert_eq!(rig.rows_written, 0);
    let seconds = rig.now.since(START) / SECOND;
    assert!(rig.alarms_set as i64 <= seconds / 30 + 1, "{} alarms in {seconds} s", rig.alarms_set);
}

fn idle(rig: &mut Rig, socket: SocketId, idle: bool) {
    let request = wire::SetAvailability { idle, ..Default::default() };
    rig.frame(socket, client_frame::Frame::SetAvailability(request));
}

/// One console at which somebody is, is enough; it alone is asked. Being there is no choice: the switch stays as it is.
#[test]
fn nobody_at_one_console_is_nobody_at_that_one_alone() {
    let mut rig = Rig::new();
    routing::configure(&mut rig, 1, routing::routing(Method::LeastBusy));
    let watcher = rig.console(1, Role::Agent);
    switch(&mut rig, watcher, Availability::Away);
    let [office, laptop] = [0; 2].map(|_| rig.console(2, Role::Agent));
    let mut seen = BTreeMap::new();
    let mut is = |rig: &mut Rig, wanted: Availability, what: &str| {
        rig.pass(2 * SECOND, &[]);
        told(rig, watcher, &mut seen);
        assert_eq!(seen.get("Agent 2"), Some(&wanted), "{what}");
    };
    idle(&mut rig, office, true);
    is(&mut rig, Availability::Online, "at the laptop they are");
    rig.notice(notice(1, 1));
    let asked = [office, laptop].map(|socket| routing::probe(&mut rig, socket).is_some());
    assert_eq!(asked, [false, true]);
    // Another window is where somebody is, and a page that is loaded anew goes on.
    rig.feed(Input::Disconnected(laptop));
    rig.pass(SECOND, &[]);
    is(&mut rig, Availability::Online, "its page is loaded anew");
    let laptop = rig.console(2, Role::Agent);
    is(&mut rig, Availability::Online, "and is back");
    idle(&mut rig, laptop, true);
    is(&mut rig, Availability::Away, "nobody is at either");
    rig.notice(notice(2, 1));
    rig.pass(SECOND, &[]);
    assert_eq!([office, laptop].map(|socket| routing::probe(&mut rig, socket)), [None, None]);
    assert_eq!(rig.open[&office].switch, Presence::Online, "nothing was chosen");
    rig.reload();
    idle(&mut rig, office, false);
    is(&mut rig, Availability::Online, "back at the office");
    assert!(rig.open[&laptop].idle, "a Desk that slept remembers who is where");
    idle(&mut rig, office, true);
    switch(&mut rig, laptop, Availability::Away);
    idle(&mut rig, office, false);
    is(&mut rig, Availability::Away, "who chose to be away stays so");
    switch(&mut rig, laptop, Availability::Online);
    rig.feed(Input::Disconnected(office));
    is(&mut rig, Availability::Online, "whoever chooses is there");
}

#[test]
fn inv_11_alarms_of_a_calm_hour() {
    let mut rig = Rig::new();
    let sockets: Vec<SocketId> = (0..20).map(|number| rig.console(number, Role::Agent)).collect();
    let before = rig.alarms_set;
    for _ in 0..60 {
        rig.pass(MINUTE, &[]);
        for (number, socket) in sockets.iter().enumerate() {
            // Tickets are renewed in time.
            let fresh = crate::core::principal::Principal::Agent(principal(number as u128, Role::Agent, rig.now));
            rig.feed(Input::Renewed { socket: *socket, principal: Some(fresh) });
        }
    }
    assert!((118..=121).contains(&(rig.alarms_set - before)), "{} alarms in an hour", rig.alarms_set - before);
    assert_eq!((rig.rows_written, rig.open.len()), (0, 20));
    let rest = rig.alarms_set;
    for socket in sockets {
        rig.feed(Input::Disconnected(socket));
    }
    rig.pass(60 * MINUTE, &[]);
    assert!(rig.alarms_set - rest <= 1, "an empty Desk sleeps");
}

/// Seen on the runtime: each claim woke the Desk ten seconds later, to look whether its order had come back.
#[test]
fn inv_11_a_claim_sets_no_alarm_of_its_own() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let socket = rig.console(1, Role::Agent);
    let before = rig.alarms_set;
    rig.frame(socket, claim(1, "c"));
    rig.assigned(socket);
    assert_eq!(rig.alarms_set, before);
}

#[test]
fn whoever_is_back_within_the_grace_time_was_never_gone() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    let mut tab = rig.console(2, Role::Agent);
    switch(&mut rig, tab, Availability::Away);
    rig.pass(5 * SECOND, &[]);
    rig.frames(watcher);
    for away_for in [300, 2 * SECOND, PRESENCE_GRACE - 1] {
        rig.feed(Input::Disconnected(tab));
        rig.pass(away_for, &[]);
        tab = rig.console(2, Role::Agent);
        rig.pass(10 * SECOND, &[]);
        let mut seen = BTreeMap::new();
        told(&mut rig, watcher, &mut seen);
        assert_ne!(seen.get("Agent 2"), Some(&Availability::Offline), "{away_for}");
        assert_ne!(seen.get("Agent 2"), Some(&Availability::Online), "the switch stays as it was: {away_for}");
    }
    rig.feed(Input::Disconnected(tab));
    rig.pass(PRESENCE_GRACE + SECOND, &[]);
    let mut seen = BTreeMap::new();
    told(&mut rig, watcher, &mut seen);
    assert_eq!(seen.get("Agent 2"), Some(&Availability::Offline), "and after it they are");
    assert_eq!(rig.rows_written, 0);
}

/// All that a console has been told of agent 2, in its order.
fn history(rig: &mut Rig, socket: SocketId) -> Vec<Availability> {
    let agents = rig.frames(socket).into_iter().flat_map(|frame| match frame {
        agent_frame::Frame::DeskUpdate(update) => update.agents,
        _ => Vec::new(),
    });
    agents.filter(|agent| agent.name == "Agent 2").map(|agent| agent.availability()).collect()
}

fn hello(rig: &mut Rig, availability: Availability, idle: bool) -> SocketId {
    let socket = rig.connect(principal(2, Role::Agent, rig.now));
    rig.pass(2 * SECOND, &[]);
    says_hello(rig, socket, availability, idle);
    socket
}

fn says_hello(rig: &mut Rig, socket: SocketId, availability: Availability, idle: bool) {
    let said = wire::SetAvailability { availability: availability.into(), idle };
    let hello = wire::DeskHello { availability: Some(said), ..Default::default() };
    rig.frame(socket, client_frame::Frame::DeskHello(hello));
    rig.pass(2 * SECOND, &[]);
}

/// A laptop wakes, or a browser is restored: neither window has said anything when the other comes.
#[test]
fn windows_that_come_together_are_heard_all_the_same() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    rig.pass(2 * SECOND, &[]);
    rig.frames(watcher);
    let tabs = [0; 2].map(|_| rig.connect(principal(2, Role::Agent, rig.now)));
    for tab in tabs {
        says_hello(&mut rig, tab, Availability::Offline, false);
    }
    assert!(tabs.iter().all(|tab| rig.open[tab].switch == Presence::Offline));
    assert_eq!(history(&mut rig, watcher), [Availability::Offline]);
}

#[test]
fn nobody_is_seen_otherwise_before_their_console_has_said_how() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    rig.pass(2 * SECOND, &[]);
    rig.frames(watcher);
    let tab = hello(&mut rig, Availability::Offline, false);
    assert_eq!(history(&mut rig, watcher), [Availability::Offline]);
    switch(&mut rig, tab, Availability::Online);
    rig.pass(2 * SECOND, &[]);
    assert_eq!(history(&mut rig, watcher), [Availability::Online]);
    // On another device they are online: what this one remembers is old.
    hello(&mut rig, Availability::Away, false);
    hello(&mut rig, Availability::Unknown, true);
    assert_eq!(history(&mut rig, watcher), []);
    for socket in rig.open.keys().copied().filter(|it| *it != watcher).collect::<Vec<_>>() {
        rig.feed(Input::Disconnected(socket));
    }
    rig.pass(10 * SECOND, &[]);
    hello(&mut rig, Availability::Online, true);
    assert_eq!(history(&mut rig, watcher), [Availability::Offline, Availability::Away], "nobody is there");
}

/// Between the socket and its first frame lies a way to the console and back.
#[test]
fn a_page_that_is_loaded_anew_is_seen_nowhere() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    let tab = rig.console(2, Role::Agent);
    rig.pass(5 * SECOND, &[]);
    rig.frames(watcher);
    rig.feed(Input::Disconnected(tab));
    rig.pass(2 * SECOND, &[]);
    hello(&mut rig, Availability::Unknown, false);
    rig.pass(PRESENCE_GRACE, &[]);
    assert_eq!(history(&mut rig, watcher), []);
}

/// Whoever is turned out is gone at once.
#[test]
fn a_disabled_agent_has_no_grace_time() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    rig.console(2, Role::Agent);
    rig.pass(5 * SECOND, &[]);
    rig.frames(watcher);
    rig.revoke(Revoked::Agent { agent: agent(2).id, generation: 2 }, Vec::new(), true);
    rig.pass(2 * SECOND, &[]);
    let mut seen = BTreeMap::new();
    told(&mut rig, watcher, &mut seen);
    assert_eq!(seen.get("Agent 2"), Some(&Availability::Offline));
}

/// Found by the model: who comes while news are pending knows them already, and must hear if they come to nothing.
#[test]
fn a_console_that_comes_while_somebody_reloads_sees_them_return() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    let tab = rig.console(2, Role::Agent);
    rig.pass(5 * SECOND, &[]);
    switch(&mut rig, watcher, Availability::Away);
    rig.feed(Input::Disconnected(tab));
    rig.pass(100, &[]);
    let newcomer = rig.connect(principal(3, Role::Agent, rig.now));
    rig.frame(newcomer, client_frame::Frame::DeskHello(wire::DeskHello::default()));
    rig.pass(100, &[]);
    rig.console(2, Role::Agent);
    rig.pass(5 * SECOND, &[]);
    let mut seen = BTreeMap::new();
    told(&mut rig, newcomer, &mut seen);
    assert_eq!(seen.get("Agent 2"), Some(&Availability::Online));
}

/// Found by fuzzing: who came and went within the second had been shown to a console that came in between, and stayed
/// online there for ever.
#[test]
fn somebody_who_is_gone_within_the_second_stays_nowhere() {
    let mut rig = Rig::new();
    rig.console(1, Role::Agent);
    let tab = rig.console(2, Role::Agent);
    let newcomer = rig.connect(principal(3, Role::Agent, rig.now));
    rig.frame(newcomer, client_frame::Frame::DeskHello(wire::DeskHello::default()));
    rig.feed(Input::Disconnected(tab));
    rig.pass(5 * SECOND, &[]);
    let mut seen = BTreeMap::new();
    told(&mut rig, newcomer, &mut seen);
    assert_eq!(seen.get("Agent 2"), Some(&Availability::Offline));
}

#[test]
fn heartbeats_of_sockets_that_are_gone_and_alarms_without_any() {
    let mut rig = Rig::new();
    let tab = rig.console(2, Role::Agent);
    rig.feed(Input::Alarm(vec![(SocketId(99), Timestamp(0)), (tab, rig.now)]));
    for _ in 0..10 {
        rig.alarm = None;
        rig.feed(Input::Alarm(Vec::new()));
        assert!(rig.alarm.is_some_and(|at| at > rig.now), "never in the past");
        rig.now = rig.now.plus(20 * SECOND);
    }
    rig.frame(tab, client_frame::Frame::SetAvailability(wire::SetAvailability { availability: 9, idle: true }));
    assert_eq!(rig.error(tab).code, "bad_request");
    assert!(!rig.open[&tab].idle, "nothing of it was taken");
}

/// Found by the model of routing (seeds 3,540 and 599 of its first day): a look and a sign of life that a clock which was ahead had
/// seen put the next look off, and kept whoever slept here, until that clock's time had come.
#[test]
fn a_clock_that_was_ahead_puts_no_look_off_and_keeps_nobody_here() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    rig.now = rig.now.plus(10 * MINUTE);
    let sleeper = rig.console(2, Role::Agent);
    rig.ring(&[]);
    rig.now = rig.now.plus(-10 * MINUTE);
    // Anything that comes shows the Desk what time it is.
    switch(&mut rig, watcher, Availability::Online);
    assert!(rig.alarm.is_some_and(|at| at.since(rig.now) <= 30 * SECOND), "it looks again within 30 seconds");
    for _ in 0..4 {
        rig.pass(30 * SECOND, &[sleeper]);
    }
    let silent = |rig: &Rig, socket| rig.open[&socket].silent;
    assert_eq!((silent(&rig, watcher), silent(&rig, sleeper)), (false, true));
}

/// As another name does: with the socket that was opened, or whose ticket was renewed, since.
#[test]
fn another_picture_is_news_to_consoles_that_have_seen_the_one_before() {
    let mut rig = Rig::new();
    let watcher = rig.console(1, Role::Agent);
    let pictures = |rig: &mut Rig| -> Vec<String> {
        rig.pass(PRESENCE_GRACE + 2 * SECOND, &[]);
        let updates = rig.frames(watcher).into_iter().filter_map(|frame| match frame {
            agent_frame::Frame::DeskUpdate(update) => Some(update.agents),
            _ => None,
        });
        updates.flatten().filter(|it| it.name == "Agent 2").map(|it| it.picture).collect()
    };
    let console = |rig: &mut Rig, picture: &str| {
        let socket = rig.connect(AgentPrincipal { picture: picture.into(), ..principal(2, Role::Agent, rig.now) });
        rig.frame(socket, client_frame::Frame::DeskHello(wire::DeskHello::default()));
        socket
    };
    let first = console(&mut rig, "");
    assert_eq!(pictures(&mut rig), [""]);
    rig.feed(Input::Disconnected(first));
    console(&mut rig, "0f");
    assert_eq!(pictures(&mut rig), ["0f"]);
    assert_eq!(pictures(&mut rig), Vec::<String>::new(), "told once");
}
