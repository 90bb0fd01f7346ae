//! Teams, what agents can do, who comes back to whom, and what visitors hear of their place.

use super::{super::rig::*, routing::order};
use crate::core::{
    desk::effect::Input,
    hours::{Hours, Span},
    id::{Entropy, SiteId, TeamId},
    internal::{AgentRef, ConfigureRequest, Place, RoomNotice, Status},
    principal::{Principal, Role},
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::{
        roster::{Abilities, Roster, Team},
        settings::{Method, Routing},
    },
    socket::SocketId,
    time::{DAY, HOUR, MINUTE, SECOND, Timestamp},
};

fn team_id(number: u128) -> TeamId {
    TeamId::draw(&mut Entropy::new(9_000 + number))
}

fn team(number: u128, members: &[u128]) -> Team {
    Team {
        id: team_id(number),
        name: format!("Team {number}"),
        method: None,
        overflow: None,
        members: members.iter().map(|it| agent(*it).id).collect(),
        hours: None,
    }
}

fn site() -> SiteId {
    notice(0, 1).site
}

/// Agents 0 and 1 are team 0, whose site it is; 2 is team 1.
fn two_teams() -> Roster {
    Roster {
        teams: vec![team(0, &[0, 1]), team(1, &[2])],
        sites: vec![(site(), team_id(0))],
        agents: Vec::new(),
        hours: None,
    }
}

fn configure(rig: &mut Rig, version: u64, routing: Routing, roster: Roster) {
    rig.feed(Input::Configure(ConfigureRequest { workspace: workspace(0), version, routing, roster: Some(roster) }));
    assert_eq!(rig.done(), Ok(()));
}

fn routing() -> Routing {
    Routing { method: Method::LeastBusy, capacity: 2, ..Routing::default() }
}

fn is_probed(rig: &mut Rig, socket: SocketId) -> bool {
    rig.frames(socket).iter().any(|frame| matches!(frame, agent_frame::Frame::Probe(_)))
}

/// Who is probed says yes, until nobody is asked any more. Says who was asked.
fn answer(rig: &mut Rig, consoles: &[SocketId]) -> Vec<usize> {
    let mut asked = Vec::new();
    for (number, socket) in consoles.iter().enumerate() {
        for frame in rig.frames(*socket) {
            if let agent_frame::Frame::Probe(wire::Probe { id }) = frame {
                asked.push(number);
                rig.frame(*socket, Frame::ProbeAnswer(wire::ProbeAnswer { probe: id, available: true }));
            }
        }
    }
    asked
}

fn to_team(number: usize, client_id: &str, team: u128) -> Frame {
    Frame::Transfer(wire::Transfer {
        client_id: client_id.into(),
        conversation: conversation(number).to_string(),
        assignment_epoch: 0,
        agent: String::new(),
        reason: "about an invoice".into(),
        team: team_id(team).to_string(),
    })
}

fn row(rig: &Rig, number: usize) -> wire::DeskRow {
    rig.desk.list.entries.get(&conversation(number)).unwrap().row()
}

#[test]
fn a_sites_conversations_are_its_teams() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), two_teams());
    let consoles: Vec<SocketId> = (0..3).map(|number| rig.console(number, Role::Agent)).collect();
    rig.notice(notice(1, 1));
    assert_eq!(answer(&mut rig, &consoles), [0, 1]);
    assert_eq!(row(&rig, 1).team, team_id(0).to_string());
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    rig.notice(RoomNotice { site: elsewhere, ..notice(2, 1) });
    assert_eq!(answer(&mut rig, &consoles).len(), 3, "no team: everybody's");
    assert_eq!(row(&rig, 2).team, "");
}

#[test]
fn a_team_has_a_method_of_its_own() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].method = Some(Method::Manual);
    configure(&mut rig, 1, routing(), roster.clone());
    let consoles: Vec<SocketId> = (0..3).map(|number| rig.console(number, Role::Agent)).collect();
    rig.notice(notice(1, 1));
    assert_eq!(answer(&mut rig, &consoles), [0; 0]);
    // And the other way round: the workspace claims, the team is asked.
    roster.teams[0].method = Some(Method::RoundRobin);
    configure(&mut rig, 2, Routing { method: Method::Manual, ..routing() }, roster);
    assert_eq!(answer(&mut rig, &consoles), [0, 1]);
}

#[test]
fn the_overflow_team_helps_when_nobody_is_here_or_the_wait_is_long() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].overflow = Some(team_id(1));
    configure(&mut rig, 1, Routing { overflow_minutes: 5, capacity: 1, ..routing() }, roster);
    let helper = rig.console(2, Role::Agent);
    rig.notice(notice(1, 1));
    assert!(is_probed(&mut rig, helper), "nobody of the team is here");
    let mut rig2 = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].overflow = Some(team_id(1));
    configure(&mut rig2, 1, Routing { overflow_minutes: 5, capacity: 1, ..routing() }, roster);
    let (helper, own) = (rig2.console(2, Role::Agent), rig2.console(0, Role::Agent));
    rig2.notice(notice(1, 1));
    assert_eq!(answer(&mut rig2, &[own, helper]), [0], "their own first");
    rig2.frame(own, Frame::Accept(accept(1)));
    rig2.notice(notice(2, 1));
    rig2.pass(4 * MINUTE, &[]);
    rig2.ring(&[]);
    assert!(!is_probed(&mut rig2, helper));
    rig2.pass(MINUTE + SECOND, &[]);
    rig2.ring(&[]);
    assert!(is_probed(&mut rig2, helper), "for five minutes nobody was free");
}

fn accept(number: usize) -> wire::Accept {
    wire::Accept { client_id: "a".into(), conversation: conversation(number).to_string(), assignment_epoch: 0 }
}

#[test]
fn a_transfer_to_a_team_waits_in_its_queue() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), two_teams());
    let consoles: Vec<SocketId> = (0..3).map(|number| rig.console(number, Role::Agent)).collect();
    rig.notice(notice(1, 1));
    answer(&mut rig, &consoles);
    let holder = row(&rig, 1).assignee.unwrap();
    let of = (0..3_usize).find(|number| agent(*number as u128).id.as_str() == holder.id).unwrap();
    rig.frame(consoles[of], Frame::Accept(accept(1)));
    assert!(order(&mut rig).ringing && !order(&mut rig).ringing);
    rig.inbox.clear();
    rig.frame(consoles[2], to_team(1, "x", 1));
    assert_eq!(rig.error(consoles[2]).code, "forbidden", "not by somebody else");
    rig.frame(consoles[of], to_team(1, "t", 1));
    let assigned = rig.frames(consoles[of]).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Assigned(assigned) if assigned.client_id == "t" => Some(assigned),
        _ => None,
    });
    assert_eq!(assigned.unwrap().assignee, None);
    assert_eq!(row(&rig, 1).team, team_id(1).to_string());
    let order = order(&mut rig);
    assert_eq!((order.team.as_str(), order.reason.as_str()), ("Team 1", "about an invoice"));
    assert_eq!(order.actor, Some(agent(of as u128)));
    assert_eq!(answer(&mut rig, &consoles), [2]);
    let frames = [
        (to_team(1, "n", 5), "not_found"),
        (Frame::Transfer(wire::Transfer { team: "team".into(), ..bare(1) }), "bad_request"),
        (
            Frame::Transfer(wire::Transfer { team: team_id(1).to_string(), agent: agent(0).id.to_string(), ..bare(1) }),
            "bad_request",
        ),
    ];
    for (frame, code) in frames {
        rig.frame(consoles[of], frame);
        assert_eq!(rig.error(consoles[of]).code, code);
    }
}

fn bare(number: usize) -> wire::Transfer {
    wire::Transfer {
        client_id: "b".into(),
        conversation: conversation(number).to_string(),
        ..wire::Transfer::default()
    }
}

#[test]
fn a_changed_team_moves_what_waits_and_sleep_forgets_nothing() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), two_teams());
    let console = rig.console(2, Role::Agent);
    rig.notice(notice(1, 1));
    assert!(!is_probed(&mut rig, console));
    rig.die();
    rig.reload();
    let console = rig.console(2, Role::Agent);
    assert!(!is_probed(&mut rig, console), "a Desk that wakes knows who works where");
    let mut roster = two_teams();
    roster.teams[0].members.push(agent(2).id);
    configure(&mut rig, 2, routing(), roster.clone());
    assert!(is_probed(&mut rig, console), "whoever joins a team is asked at once");
    rig.pass(SECOND, &[]);
    roster.teams.remove(0);
    configure(&mut rig, 3, routing(), roster);
    assert_eq!(row(&rig, 1).team, "", "a team that is gone leaves it to everybody");
}

#[test]
fn capacity_is_each_agents_own() {
    let mut rig = Rig::new();
    let able = Abilities { capacity: Some(1), ..Abilities::default() };
    let roster = Roster { agents: vec![(agent(0).id, able)], ..Roster::default() };
    configure(&mut rig, 1, Routing { capacity: 2, ..routing() }, roster);
    let consoles: Vec<SocketId> = (0..2).map(|number| rig.console(number, Role::Agent)).collect();
    for number in 1..=4 {
        rig.notice(notice(number, 1));
        answer(&mut rig, &consoles);
        rig.pass(SECOND, &[]);
        answer(&mut rig, &consoles);
    }
    let held = |who: AgentRef| {
        (1..=4).filter(|it| row(&rig, *it).assignee.is_some_and(|its| its.id == who.id.as_str())).count()
    };
    assert_eq!((held(agent(0)), held(agent(1))), (1, 2));
}

#[test]
fn language_and_topic_count_for_the_best_match() {
    let mut rig = Rig::new();
    let able = |language: &str, skill: &str| Abilities {
        capacity: None,
        languages: vec![language.into()],
        skills: vec![skill.into()],
    };
    let agents = vec![
        (agent(0).id, able("en", "returns")),
        (agent(1).id, able("zh", "returns")),
        (agent(2).id, able("zh", "tents")),
    ];
    configure(&mut rig, 1, Routing { method: Method::BestMatch, ..routing() }, Roster { agents, ..Roster::default() });
    let consoles: Vec<SocketId> = (0..3).map(|number| rig.console(number, Role::Agent)).collect();
    rig.notice(RoomNotice { language: "zh".into(), topic: "tents".into(), ..notice(1, 1) });
    // All three answer; the best one has it.
    for socket in [consoles[0], consoles[1], consoles[2]] {
        answer(&mut rig, &[socket]);
    }
    assert_eq!(row(&rig, 1).assignee.unwrap().id, agent(2).id.as_str());
}

/// Resolved by agent 0; gives what its Room says from now on.
fn resolved(rig: &mut Rig) -> RoomNotice {
    let as_it_stands = RoomNotice {
        assignment_epoch: row(rig, 1).assignment_epoch,
        assignee: Some(agent(0)),
        resolved_at: Some(rig.now),
        ..notice(1, 5)
    };
    rig.notice(RoomNotice { status: Status::Resolved, ..as_it_stands.clone() });
    RoomNotice { rev: 6, ..as_it_stands }
}

/// Two agents, and a conversation that the first has claimed.
fn claimed(routing: Routing) -> (Rig, Vec<SocketId>) {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing, Roster::default());
    let first = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    rig.frame(first, claim(1, "c"));
    let second = rig.console(1, Role::Agent);
    rig.now = rig.now.plus(SECOND);
    rig.inbox.clear();
    (rig, vec![first, second])
}

#[test]
fn whoever_comes_back_soon_goes_on_with_the_same_agent_if_they_are_here() {
    for method in [Method::LeastBusy, Method::Manual] {
        let after = |later: i64, goes: bool| {
            let (mut rig, consoles) = claimed(Routing { method, reopen_hours: 1, ..routing() });
            let returned = resolved(&mut rig);
            if goes {
                rig.feed(Input::Disconnected(consoles[0]));
            }
            rig.now = rig.now.plus(later);
            rig.console(1, Role::Agent);
            if !goes {
                rig.console(0, Role::Agent);
            }
            rig.notice(returned);
            (row(&rig, 1).assignee.is_some(), row(&rig, 1).queued_at != 0)
        };
        assert_eq!(after(HOUR - 1, false), (true, false), "{method:?}");
        assert_eq!(after(MINUTE, true), (false, true), "{method:?}: gone home");
        assert_eq!(after(HOUR, false), (false, true), "{method:?}: long ago");
    }
}

#[test]
fn the_last_agent_ranks_first_for_a_time_and_is_never_waited_for() {
    let last_is_asked_first = |days: u32, later: i64| {
        let (mut rig, consoles) = claimed(Routing { last_agent_days: days, reopen_hours: 0, ..routing() });
        // Agent 0 has more to do than agent 1.
        rig.notice(notice(2, 1));
        rig.frame(consoles[0], claim(2, "busy"));
        rig.inbox.clear();
        let returned = resolved(&mut rig);
        rig.now = rig.now.plus(later);
        // Tickets are over by then: both come again.
        let consoles: Vec<SocketId> = (0..2).map(|number| rig.console(number, Role::Agent)).collect();
        rig.notice(returned);
        for socket in [consoles[1], consoles[0]] {
            answer(&mut rig, &[socket]);
        }
        row(&rig, 1).assignee.map(|it| it.id == agent(0).id.as_str())
    };
    assert_eq!(last_is_asked_first(30, DAY), Some(true));
    assert_eq!(last_is_asked_first(30, 31 * DAY), Some(false), "too long ago");
    assert_eq!(last_is_asked_first(0, DAY), Some(false), "switched off");
}

/// What its Room is told of a conversation's place, oldest first.
fn places(rig: &mut Rig, number: usize) -> Vec<u64> {
    let (theirs, others) = std::mem::take(&mut rig.places).into_iter().partition(|(id, _)| *id == conversation(number));
    rig.places = others;
    let theirs: Vec<_> = theirs;
    theirs.into_iter().map(|(_, place)| place.position).collect()
}

#[test]
fn visitors_hear_their_place_and_every_move() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, two_teams());
    let console = rig.console(0, Role::Admin);
    for number in 1..=3 {
        rig.now = rig.now.plus(10 * SECOND);
        let told = rig.notice(notice(number, 1));
        assert_eq!(
            told.place,
            Place { position: number as u64, ..Place::default() },
            "with the answer, without a call"
        );
    }
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    assert_eq!(rig.notice(RoomNotice { site: elsewhere, ..notice(9, 1) }).place.position, 1, "another line");
    assert_eq!(rig.places, []);
    rig.now = rig.now.plus(30 * SECOND);
    rig.frame(console, claim(1, "a"));
    rig.pass(3 * SECOND, &[]);
    assert_eq!((places(&mut rig, 2), places(&mut rig, 3)), (vec![1], vec![2]));
    assert_eq!(places(&mut rig, 9), [0; 0]);
    assert_eq!(rig.notice(notice(2, 2)).place.position, 1, "a Room that asks is told the same");
    // 60 s from the first one's coming to their going.
    let wait = rig.notice(notice(3, 2)).place.wait_ms;
    assert!((100_000..=130_000).contains(&wait), "two places of about a minute: {wait}");
    rig.notice(RoomNotice { visitor_online: false, ..notice(3, 3) });
    rig.frame(console, claim(2, "b"));
    rig.pass(3 * SECOND, &[]);
    assert_eq!(places(&mut rig, 3), [0; 0], "nobody is there to hear it");
    assert_eq!(rig.notice(notice(3, 4)).place.position, 2, "as last told; what has changed comes with the next places");
}

#[test]
fn a_long_line_is_told_bit_by_bit_and_roughly_further_back() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Admin);
    for number in 1..=200 {
        rig.now = rig.now.plus(100);
        rig.notice(notice(number, 1));
    }
    rig.places.clear();
    rig.frame(console, claim(1, "a"));
    rig.pass(2 * SECOND, &[]);
    let calls = rig.places.len();
    assert!((20..=50).contains(&calls), "{calls} at once");
    for turn in 0..30 {
        rig.frame(console, claim(2 + turn, &format!("c{turn}")));
        rig.pass(2 * SECOND, &[]);
        assert!(rig.places.len() <= calls + 50 * (turn + 1));
    }
    rig.pass(20 * SECOND, &[]);
    // 31 have gone.
    for (number, expected) in [(32, 1), (33, 2), (50, 19), (200, 169)] {
        let told = places(&mut rig, number).last().copied().unwrap();
        assert!(told.abs_diff(expected) <= expected / 20, "{number}: {told} for {expected}");
    }
}

#[test]
fn a_clock_that_goes_back_does_not_silence_the_line() {
    let mut rig = Rig::new();
    let console = rig.console(0, Role::Admin);
    rig.notice(notice(1, 1));
    rig.notice(notice(2, 1));
    rig.now = Timestamp(rig.now.0 - HOUR);
    rig.frame(console, claim(1, "a"));
    rig.pass(3 * SECOND, &[]);
    assert_eq!(places(&mut rig, 2), [1]);
}

/// START is a day of which only these two hours of the middle are open, in UTC, and so is every day.
fn two_hours() -> Hours {
    let day = vec![Span { from: 12 * 60, to: 14 * 60 }];
    Hours {
        timezone: "UTC".into(),
        weekly: std::array::from_fn(|_| day.clone()),
        exceptions: Vec::new(),
        offsets: vec![(Timestamp(0), 0)],
    }
}

/// The next time that it is so late on a day.
fn next(rig: &Rig, hour: i64) -> Timestamp {
    let today = Timestamp(rig.now.0.div_euclid(DAY) * DAY + hour * HOUR);
    if today > rig.now { today } else { today.plus(DAY) }
}

/// Time passes, and consoles renew their tickets, until it is this late.
fn until(rig: &mut Rig, at: Timestamp) {
    while rig.now < at {
        let step = at.since(rig.now).min(10 * MINUTE);
        rig.pass(step, &[]);
        for (number, socket) in rig.open.keys().copied().collect::<Vec<_>>().into_iter().enumerate() {
            let fresh = Principal::Agent(principal(number as u128, Role::Agent, rig.now));
            rig.feed(Input::Renewed { socket, principal: Some(fresh) });
        }
    }
}

#[test]
fn nobody_is_asked_while_it_is_closed_and_whoever_waits_is_first_in_the_morning() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), Roster { hours: Some(two_hours()), ..Roster::default() });
    let console = rig.console(0, Role::Agent);
    let closes = next(&rig, 14);
    until(&mut rig, closes);
    rig.inbox.clear();
    rig.notice(notice(1, 1));
    rig.pass(3 * SECOND, &[]);
    assert!(!is_probed(&mut rig, console));
    let opens = next(&rig, 12);
    let told = rig.places.iter().rev().find(|(id, _)| *id == conversation(1)).map(|(_, place)| *place);
    assert_eq!(told, Some(Place { position: 1, wait_ms: 0, opens_at: opens.wire() }), "when somebody is back");
    until(&mut rig, opens.plus(-MINUTE));
    assert!(!is_probed(&mut rig, console));
    until(&mut rig, opens);
    assert!(is_probed(&mut rig, console), "at the minute, by the alarm");
}

#[test]
fn a_desk_without_consoles_wakes_when_it_opens() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), Roster { hours: Some(two_hours()), ..Roster::default() });
    let closes = next(&rig, 14);
    rig.pass(closes.since(rig.now), &[]);
    rig.notice(notice(1, 1));
    rig.places.clear();
    let opens = next(&rig, 12);
    rig.pass(opens.since(rig.now) + 5 * SECOND, &[]);
    let told = rig.places.iter().rev().find(|(id, _)| *id == conversation(1)).map(|(_, place)| *place);
    assert_eq!(told.map(|place| (place.position, place.opens_at)), Some((1, 0)), "the visitor hears that it is open");
}

#[test]
fn a_team_has_hours_of_its_own_and_closing_takes_nothing_from_anybody() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].hours = Some(two_hours());
    configure(&mut rig, 1, routing(), roster);
    let (own, other) = (rig.console(0, Role::Agent), rig.console(1, Role::Agent));
    let opens = next(&rig, 12);
    until(&mut rig, opens);
    rig.inbox.clear();
    rig.notice(notice(1, 1));
    answer(&mut rig, &[own, other]);
    let holder = row(&rig, 1).assignee.unwrap().id;
    let (of, socket) = if holder == agent(0).id.as_str() { (0, own) } else { (1, other) };
    rig.frame(socket, Frame::Accept(accept(1)));
    until(&mut rig, opens.plus(2 * HOUR));
    rig.inbox.clear();
    assert_eq!(row(&rig, 1).assignee.map(|it| it.id), Some(agent(of).id.to_string()), "who has one keeps it");
    rig.notice(notice(2, 1));
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    rig.notice(RoomNotice { site: elsewhere, ..notice(3, 1) });
    assert!(!answer(&mut rig, &[own, other]).is_empty(), "the workspace is always open");
    assert_eq!(row(&rig, 2).assignee, None);
    assert!(row(&rig, 3).assignee.is_some());
}
