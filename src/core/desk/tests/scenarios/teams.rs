//! Teams, what agents can do, who comes back to whom.

use super::{super::rig::*, routing::order};
use crate::core::{
    desk::effect::Input,
    geo::Location,
    id::{Entropy, SiteId, TeamId},
    internal::{AgentRef, ConfigureRequest, RoomNotice, Status},
    limits::QUEUE_LOOK,
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::{
        roster::{Abilities, Roster, Team},
        settings::{Method, Routing, Weights},
    },
    socket::SocketId,
    time::{DAY, HOUR, MINUTE, SECOND},
};

pub fn team_id(number: u128) -> TeamId {
    TeamId::draw(&mut Entropy::new(9_000 + number))
}

fn team(number: u128, members: &[u128]) -> Team {
    Team {
        id: team_id(number),
        name: format!("Team {number}"),
        method: None,
        overflow: None,
        members: members.iter().map(|it| agent(*it).id).collect(),
        reserved_slots: 0,
        hours: None,
    }
}

pub fn site() -> SiteId {
    notice(0, 1).site
}

/// Agents 0 and 1 are team 0, whose site it is; 2 is team 1.
pub fn two_teams() -> Roster {
    Roster { teams: vec![team(0, &[0, 1]), team(1, &[2])], sites: vec![(site(), team_id(0))], ..Roster::default() }
}

pub fn configure(rig: &mut Rig, version: u64, routing: Routing, roster: Roster) {
    rig.feed(Input::Configure(ConfigureRequest { workspace: workspace(0), version, routing, roster: Some(roster) }));
    assert_eq!(rig.done(), Ok(()));
}

pub fn routing() -> Routing {
    Routing { method: Method::LeastBusy, capacity: 2, ..Routing::default() }
}

pub fn is_probed(rig: &mut Rig, socket: SocketId) -> bool {
    rig.frames(socket).iter().any(|frame| matches!(frame, agent_frame::Frame::Probe(_)))
}

/// Who is probed says yes, until nobody is asked any more. Says who was asked.
pub fn answer(rig: &mut Rig, consoles: &[SocketId]) -> Vec<usize> {
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

pub fn row(rig: &Rig, number: usize) -> wire::DeskRow {
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

pub fn accept(number: usize) -> wire::Accept {
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
    // Its answer was lost, and routing has gone on meanwhile.
    rig.inbox.clear();
    rig.frame(consoles[of], to_team(1, "t", 1));
    let again = rig.frames(consoles[of]).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Assigned(assigned) if assigned.client_id == "t" => assigned.assignee,
        _ => None,
    });
    assert_eq!(again.map(|it| it.id), Some(agent(2).id.to_string()), "carried out already");
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
        location: None,
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

#[test]
fn who_is_near_counts_where_an_admin_says_so() {
    let mut rig = Rig::new();
    let here = |latitude, longitude| Abilities { location: Location::of(latitude, longitude), ..Abilities::default() };
    // Berlin, Shanghai, and one of whom nothing is known.
    let agents = vec![(agent(0).id, here(52.52, 13.4)), (agent(1).id, here(31.23, 121.47))];
    let weights = Weights { load: 1, idle: 1, distance: 100, ..Weights::default() };
    let best = Routing { method: Method::BestMatch, weights, ..routing() };
    configure(&mut rig, 1, best, Roster { agents, ..Roster::default() });
    let consoles: Vec<SocketId> = (0..3).map(|number| rig.console(number, Role::Agent)).collect();
    let suzhou = Location::of(31.3, 120.6);
    rig.notice(RoomNotice { location: suzhou, ..notice(1, 1) });
    for socket in &consoles {
        answer(&mut rig, &[*socket]);
    }
    assert_eq!(row(&rig, 1).assignee.unwrap().id, agent(1).id.as_str());
    assert!(rig.stored().iter().any(|row| row.starts_with("conversations") && row.contains("120.6")), "over a sleep");
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

/// Nobody is overloaded by who comes back, or left with it while they are not there for it: it waits, its agent ranking first.
#[test]
fn whoever_comes_back_waits_where_their_agent_could_not_be_asked() {
    type Change = fn(&mut Rig, &[SocketId]);
    let away = |rig: &mut Rig, consoles: &[SocketId]| {
        rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 2 }));
    };
    let full = |rig: &mut Rig, consoles: &[SocketId]| {
        for number in 2..=3 {
            rig.notice(notice(number, 1));
            rig.frame(consoles[0], claim(number, &format!("c{number}")));
        }
    };
    let closed = |rig: &mut Rig, _: &[SocketId]| {
        let never = crate::core::hours::Hours {
            timezone: "UTC".into(),
            weekly: std::array::from_fn(|_| Vec::new()),
            exceptions: Vec::new(),
            offsets: vec![(crate::core::time::Timestamp(0), 0)],
        };
        let settings = Routing { method: Method::Manual, capacity: 2, ..routing() };
        configure(rig, 2, settings, Roster { hours: Some(never), ..Roster::default() });
    };
    let kept = |rig: &mut Rig, _: &[SocketId]| {
        let settings = Routing { method: Method::Manual, capacity: 2, reserved_slots: 4, ..routing() };
        configure(rig, 2, settings, Roster::default());
    };
    let as_it_was = |_: &mut Rig, _: &[SocketId]| {};
    let one_more = |rig: &mut Rig, consoles: &[SocketId]| {
        rig.notice(notice(2, 1));
        rig.frame(consoles[0], claim(2, "c2"));
    };
    let one_kept = |rig: &mut Rig, _: &[SocketId]| {
        let settings = Routing { method: Method::Manual, capacity: 2, reserved_slots: 3, ..routing() };
        configure(rig, 2, settings, Roster::default());
    };
    let cases: [(&str, Change, bool); 7] = [
        ("away", away, false),
        ("full", full, false),
        ("closed", closed, false),
        ("all slots are kept", kept, false),
        ("as it was", as_it_was, true),
        ("one more", one_more, true),
        ("a slot is not kept", one_kept, true),
    ];
    for (name, change, goes_on) in cases {
        let (mut rig, consoles) = claimed(Routing { method: Method::Manual, capacity: 2, ..routing() });
        let returned = resolved(&mut rig);
        change(&mut rig, &consoles);
        rig.now = rig.now.plus(SECOND);
        rig.notice(returned);
        assert_eq!(row(&rig, 1).assignee.is_some(), goes_on, "{name}");
        assert_eq!(row(&rig, 1).queued_at == 0, goes_on, "{name}");
        let last = rig.desk.list.entries.get(&conversation(1)).unwrap().stored.last_agent.clone();
        assert_eq!(last.map(|(agent, _)| agent), Some(agent(0).id), "{name}");
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

/// Found in review: S was asked, and meanwhile it became another team's.
#[test]
fn what_is_handed_on_while_agents_are_asked_rings_at_none_of_them() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), two_teams());
    let (own, other) = (rig.console(0, Role::Admin), rig.console(2, Role::Agent));
    rig.notice(notice(1, 1));
    let probe = rig.frames(own).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Probe(probe) => Some(probe.id),
        _ => None,
    });
    rig.frame(own, to_team(1, "t", 1));
    rig.frame(own, Frame::ProbeAnswer(wire::ProbeAnswer { probe: probe.unwrap(), available: true }));
    assert_eq!(row(&rig, 1).assignee.map(|it| it.id), None);
    rig.pass(400, &[]);
    assert_eq!(answer(&mut rig, &[own, other]), [1], "the other team is asked");
    assert_eq!(row(&rig, 1).assignee.unwrap().id, agent(2).id.as_str());
}

/// Found in review: a long queue with nobody at work must not hide what waits behind it.
#[test]
fn a_long_queue_of_one_team_holds_up_no_other() {
    let mut rig = Rig::new();
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    let mut roster = two_teams();
    roster.sites.push((elsewhere.clone(), team_id(1)));
    configure(&mut rig, 1, routing(), roster);
    for number in 1..=QUEUE_LOOK + 50 {
        rig.notice(notice(number, 1));
    }
    let last = QUEUE_LOOK + 51;
    let console = rig.console(2, Role::Agent);
    rig.notice(RoomNotice { site: elsewhere, ..notice(last, 1) });
    assert!(!answer(&mut rig, &[console]).is_empty());
    assert_eq!(row(&rig, last).assignee.unwrap().id, agent(2).id.as_str());
}

/// Found in review: a Desk that has forgotten a resolved conversation learns its team from the Room.
#[test]
fn the_room_remembers_the_team() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), two_teams());
    rig.notice(RoomNotice { team: Some(team_id(1)), ..notice(1, 1) });
    assert_eq!(row(&rig, 1).team, team_id(1).to_string());
}

#[test]
fn helpers_who_are_closed_are_not_asked() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].overflow = Some(team_id(1));
    let never = crate::core::hours::Hours {
        timezone: "UTC".into(),
        weekly: std::array::from_fn(|_| Vec::new()),
        exceptions: Vec::new(),
        offsets: vec![(crate::core::time::Timestamp(0), 0)],
    };
    roster.teams[1].hours = Some(never);
    configure(&mut rig, 1, routing(), roster);
    let helper = rig.console(2, Role::Agent);
    rig.notice(notice(1, 1));
    assert!(!is_probed(&mut rig, helper));
}

/// A console that has fallen asleep does not keep the other team from helping, nor does one behind it.
#[test]
fn the_overflow_team_helps_where_those_who_are_here_do_not_answer() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].overflow = Some(team_id(1));
    configure(&mut rig, 1, routing(), roster);
    let (own, helper) = (rig.console(0, Role::Agent), rig.console(2, Role::Agent));
    rig.notice(notice(1, 1));
    assert!(is_probed(&mut rig, own) && !is_probed(&mut rig, helper));
    rig.pass(300, &[]);
    assert!(is_probed(&mut rig, helper), "as soon as nobody has answered");
    // They are back before the helper has answered.
    rig.frame(own, Frame::SetAvailability(wire::SetAvailability { availability: 1 }));
    assert!(is_probed(&mut rig, own) || rig.desk.router.is_asking_for(&conversation(1)));
    rig.pass(400, &[]);
    assert_eq!(answer(&mut rig, &[own]), [0], "and are asked again");
    assert_eq!(row(&rig, 1).assignee.map(|it| it.id), Some(agent(0).id.to_string()));
}

/// Found in an audit: the other team was asked at the next look only.
#[test]
fn the_overflow_team_helps_as_soon_as_the_last_one_has_left() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].overflow = Some(team_id(1));
    configure(&mut rig, 1, Routing { capacity: 1, ..routing() }, roster);
    let (own, helper) = (rig.console(0, Role::Agent), rig.console(2, Role::Agent));
    rig.notice(notice(1, 1));
    rig.frame(own, claim(1, "c"));
    rig.notice(notice(2, 1));
    rig.pass(SECOND, &[]);
    assert!(!is_probed(&mut rig, helper), "their own is here");
    rig.feed(Input::Disconnected(own));
    assert!(is_probed(&mut rig, helper));
}

/// Found in an audit: an overflow team that was closed counted as somebody who could answer.
#[test]
fn helpers_who_are_closed_keep_nobody_from_the_form() {
    let offered = |is_closed: bool| {
        let mut rig = Rig::new();
        let mut roster = two_teams();
        roster.teams[0].overflow = Some(team_id(1));
        let never = crate::core::hours::Hours {
            timezone: "UTC".into(),
            weekly: std::array::from_fn(|_| Vec::new()),
            exceptions: Vec::new(),
            offsets: vec![(crate::core::time::Timestamp(0), 0)],
        };
        roster.teams[1].hours = is_closed.then_some(never);
        configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, roster);
        rig.console(2, Role::Agent);
        rig.notice(notice(1, 1));
        rig.pass(2 * MINUTE, &[]);
        rig.places.iter().any(|(_, place)| place.form)
    };
    assert_eq!((offered(true), offered(false)), (true, false));
}

/// Found by the model of routing (seed 238 of its first day).
#[test]
fn who_has_claimed_while_they_were_asked_gets_no_more_than_they_take() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { capacity: 1, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Agent);
    rig.notice(RoomNotice { status: Status::Snoozed, ..notice(2, 1) });
    rig.notice(notice(1, 1));
    let asked = rig.frames(console).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Probe(probe) => Some(probe.id),
        _ => None,
    });
    rig.frame(console, claim(2, "c"));
    rig.notice(RoomNotice {
        assignee: row(&rig, 2).assignee.map(|_| agent(0)),
        assignment_epoch: row(&rig, 2).assignment_epoch,
        ..notice(2, 2)
    });
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: asked.unwrap(), available: true }));
    assert_eq!(row(&rig, 1).assignee, None);
}

/// Found by the model of routing (seed 7,415).
#[test]
fn a_late_answer_gets_nothing_where_agents_claim_by_now() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), Roster::default());
    let console = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    let asked = rig.frames(console).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Probe(probe) => Some(probe.id),
        _ => None,
    });
    rig.pass(SECOND, &[]);
    configure(&mut rig, 2, Routing { method: Method::Manual, ..routing() }, Roster::default());
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: asked.unwrap(), available: true }));
    assert_eq!(row(&rig, 1).assignee, None);
}
