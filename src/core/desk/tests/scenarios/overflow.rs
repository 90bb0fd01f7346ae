//! The team that helps another out.

use super::{super::rig::*, teams::*};
use crate::core::{
    desk::effect::Input,
    hours::Hours,
    principal::Role,
    protocol::wire::{
        client_frame::Frame,
        {self},
    },
    routing::{
        roster::Roster,
        settings::{Method, Routing},
    },
    time::{MINUTE, SECOND, Timestamp},
};

/// Team 1 helps team 0 out.
fn helped() -> Roster {
    let mut roster = two_teams();
    roster.teams[0].overflow = Some(team_id(1));
    roster
}

fn never() -> Hours {
    Hours {
        timezone: "UTC".into(),
        weekly: std::array::from_fn(|_| Vec::new()),
        exceptions: Vec::new(),
        offsets: vec![(Timestamp(0), 0)],
    }
}

#[test]
fn the_overflow_team_helps_when_nobody_is_here_or_the_wait_is_long() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { overflow_minutes: 5, capacity: 1, ..routing() }, helped());
    let helper = rig.console(2, Role::Agent);
    rig.notice(notice(1, 1));
    assert!(is_probed(&mut rig, helper), "nobody of the team is here");
    let mut rig2 = Rig::new();
    configure(&mut rig2, 1, Routing { overflow_minutes: 5, capacity: 1, ..routing() }, helped());
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

/// The Desk's clock was ahead and is set back: its versions go on from there, and nobody waits the longer for it.
#[test]
fn whoever_came_while_the_clock_was_wrong_waits_from_when_it_is_right() {
    for sleeps in [false, true] {
        let mut rig = Rig::new();
        configure(&mut rig, 1, Routing { overflow_minutes: 5, capacity: 1, ..routing() }, helped());
        let own = rig.console(0, Role::Agent);
        rig.notice(notice(1, 1));
        assert_eq!(answer(&mut rig, &[own]), [0]);
        rig.frame(own, Frame::Accept(accept(1)));
        rig.now = rig.now.plus(10 * MINUTE);
        rig.notice(notice(3, 1));
        rig.pass(SECOND, &[]);
        rig.notice(notice(2, 1));
        rig.now = rig.now.plus(-10 * MINUTE);
        let helper = rig.console(2, Role::Agent);
        if sleeps {
            rig.reload();
            rig.ring(&[]);
            let places = [3, 2].map(|number| row(&rig, number).queued_at);
            assert!(places[0] < places[1] && places[1] <= rig.now.wire(), "in their order");
        }
        rig.notice(notice(4, 1));
        assert!(row(&rig, 4).queued_at <= rig.now.wire());
        rig.pass(3 * MINUTE, &[]);
        if sleeps {
            rig.reload();
        }
        rig.ring(&[]);
        assert!(!is_probed(&mut rig, helper));
        rig.pass(2 * MINUTE, &[]);
        rig.ring(&[]);
        assert!(is_probed(&mut rig, helper), "asleep in between: {sleeps}");
    }
}

#[test]
fn helpers_who_are_closed_are_not_asked() {
    let mut rig = Rig::new();
    let mut roster = helped();
    roster.teams[1].hours = Some(never());
    configure(&mut rig, 1, routing(), roster);
    let helper = rig.console(2, Role::Agent);
    rig.notice(notice(1, 1));
    assert!(!is_probed(&mut rig, helper));
}

/// A console that has fallen asleep does not keep the other team from helping, nor does one behind it.
#[test]
fn the_overflow_team_helps_where_those_who_are_here_do_not_answer() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), helped());
    let (own, helper) = (rig.console(0, Role::Agent), rig.console(2, Role::Agent));
    rig.notice(notice(1, 1));
    assert!(is_probed(&mut rig, own) && !is_probed(&mut rig, helper));
    rig.pass(300, &[]);
    assert!(is_probed(&mut rig, helper), "as soon as nobody has answered");
    // They are back before the helper has answered.
    rig.frame(own, Frame::SetAvailability(wire::SetAvailability { availability: 1, ..Default::default() }));
    assert!(is_probed(&mut rig, own) || rig.desk.router.is_asking_for(&conversation(1)));
    rig.pass(400, &[]);
    assert_eq!(answer(&mut rig, &[own]), [0], "and are asked again");
    assert_eq!(row(&rig, 1).assignee.map(|it| it.id), Some(agent(0).id.to_string()));
}

/// Found in an audit: the other team was asked at the next look only.
#[test]
fn the_overflow_team_helps_as_soon_as_the_last_one_has_left() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { capacity: 1, ..routing() }, helped());
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
        let mut roster = helped();
        roster.teams[1].hours = is_closed.then(never);
        configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, roster);
        rig.console(2, Role::Agent);
        rig.notice(notice(1, 1));
        rig.pass(2 * MINUTE, &[]);
        rig.places.iter().any(|(_, place)| place.form)
    };
    assert_eq!((offered(true), offered(false)), (true, false));
}

/// Sites share a line and not their hours: one that is closed keeps nobody of another from being asked for.
#[test]
fn a_site_that_is_closed_holds_up_no_other_in_its_line() {
    let mut rig = Rig::new();
    let closed = crate::core::id::SiteId::draw(&mut crate::core::id::Entropy::new(6));
    let mut roster = Roster::default();
    roster.site_hours.push((closed.clone(), never()));
    configure(&mut rig, 1, routing(), roster);
    let console = rig.console(0, Role::Agent);
    rig.notice(crate::core::internal::RoomNotice { site: closed, ..notice(1, 1) });
    rig.notice(notice(2, 1));
    assert_eq!(answer(&mut rig, &[console]), [0]);
    assert_eq!(rig.desk.list.entries[&conversation(2)].holder(), Some(&agent(0).id));
    assert_eq!(rig.desk.list.entries[&conversation(1)].holder(), None);
}
