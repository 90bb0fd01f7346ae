//! Who comes back to whom.

use super::{super::rig::*, teams::*};
use crate::core::{
    desk::effect::Input,
    internal::{RoomNotice, Status},
    principal::Role,
    protocol::wire::{
        client_frame::Frame,
        {self},
    },
    routing::{
        roster::Roster,
        settings::{Method, Routing},
    },
    socket::SocketId,
    time::{DAY, HOUR, MINUTE, SECOND},
};

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

/// It begins like a new one: to whom it was handed long ago says nothing of it.
#[test]
fn whoever_comes_back_late_is_their_sites_again() {
    let after = |later: i64, taken: bool| {
        let mut rig = Rig::new();
        configure(&mut rig, 1, Routing { reopen_hours: 1, ..routing() }, two_teams());
        let console = rig.console(0, Role::Agent);
        rig.notice(notice(1, 1));
        rig.frame(console, to_team(1, "t", 1));
        if taken {
            rig.frame(console, claim(1, "c"));
        }
        super::routing::confirm(&mut rig);
        let stands = RoomNotice {
            assignment_epoch: row(&rig, 1).assignment_epoch,
            assignee: taken.then(|| agent(0)),
            resolved_at: Some(rig.now),
            team: Some(team_id(1)),
            ..notice(1, 5)
        };
        rig.notice(RoomNotice { status: Status::Resolved, ..stands.clone() });
        rig.now = rig.now.plus(later);
        let answer = rig.notice(RoomNotice { rev: 6, ..stands });
        (row(&rig, 1).team, answer.assignment.map(|order| (order.team_id, order.team)))
    };
    let (sites, theirs) = (team_id(0).to_string(), team_id(1).to_string());
    assert_eq!(after(HOUR - 1, false), (theirs, None));
    for taken in [false, true] {
        assert_eq!(after(HOUR, taken), (sites.clone(), Some((None, String::new()))), "its Room forgets it, too");
    }
}

/// Nobody is overloaded by who comes back, or left with it while they are not there for it: it waits, its agent ranking first.
#[test]
fn whoever_comes_back_waits_where_their_agent_could_not_be_asked() {
    type Change = fn(&mut Rig, &[SocketId]);
    let away = |rig: &mut Rig, consoles: &[SocketId]| {
        rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 2, ..Default::default() }));
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
