//! What visitors hear of their place in the line, and hours in which it stands still.

use super::{
    super::rig::*,
    teams::{accept, answer, configure, is_probed, routing, row, site, two_teams},
};
use crate::core::{
    desk::effect::Input,
    hours::{Hours, Span},
    id::{Entropy, SiteId},
    internal::{Place, RoomNotice},
    port::Sql as _,
    principal::{Principal, Role},
    protocol::wire::{self, client_frame::Frame},
    routing::{
        roster::Roster,
        settings::{Method, Routing},
    },
    time::{DAY, HOUR, MINUTE, SECOND, Timestamp},
};

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
            Some(Place { position: number as u64, ..Place::default() }),
            "with the answer, without a call"
        );
    }
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    assert_eq!(
        rig.notice(RoomNotice { site: elsewhere, ..notice(9, 1) }).place.map(|place| place.position),
        Some(1),
        "another line"
    );
    assert_eq!(rig.places, []);
    rig.now = rig.now.plus(30 * SECOND);
    rig.frame(console, claim(1, "a"));
    rig.pass(3 * SECOND, &[]);
    assert_eq!((places(&mut rig, 2), places(&mut rig, 3)), (vec![1], vec![2]));
    assert_eq!(places(&mut rig, 9), [0; 0]);
    assert_eq!(rig.notice(notice(2, 2)).place.map(|it| it.position), Some(1), "a Room that asks is told the same");
    // 60 s from the first one's coming to their going.
    let wait = rig.notice(notice(3, 2)).place.unwrap().wait_ms;
    assert!((100_000..=130_000).contains(&wait), "two places of about a minute: {wait}");
    rig.notice(RoomNotice { visitor_online: false, ..notice(3, 3) });
    rig.frame(console, claim(2, "b"));
    rig.pass(3 * SECOND, &[]);
    assert_eq!(places(&mut rig, 3), [0; 0], "nobody is there to hear it");
    assert_eq!(rig.notice(notice(3, 4)).place.map(|it| it.position), Some(2), "as last told");
    rig.pass(3 * SECOND, &[]);
    assert_eq!(places(&mut rig, 3), [1], "and what has changed since, at once");
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
    assert_eq!(
        told,
        Some(Place { position: 1, wait_ms: 0, opens_at: opens.wire(), form: true }),
        "when somebody is back"
    );
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

/// Two sites share a line; one of them has hours of its own.
#[test]
fn a_site_has_hours_of_its_own_in_the_line_that_it_shares() {
    let mut rig = Rig::new();
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    let roster = Roster { site_hours: vec![(site(), two_hours())], ..Roster::default() };
    configure(&mut rig, 1, routing(), roster.clone());
    let closes = next(&rig, 14);
    until(&mut rig, closes);
    let both = [notice(1, 1), RoomNotice { site: elsewhere.clone(), ..notice(2, 1) }];
    let told = both.map(|notice| rig.notice(notice).place.map(|place| (place.position, place.opens_at)));
    let opens = next(&rig, 12);
    assert_eq!(told, [Some((1, opens.wire())), Some((2, 0))], "one line, each by its hours");
    let console = rig.connect(principal(0, Role::Agent, rig.now));
    rig.frame(console, Frame::DeskHello(wire::DeskHello::default()));
    answer(&mut rig, &[console]);
    assert_eq!(row(&rig, 1).assignee, None, "closed");
    assert!(row(&rig, 2).assignee.is_some(), "and behind it somebody for whom it is open");
    rig.frame(console, Frame::Accept(accept(2)));
    until(&mut rig, opens);
    answer(&mut rig, &[console]);
    assert!(row(&rig, 1).assignee.is_some(), "at the minute, by the alarm");
}

/// A team that has hours of its own goes by them, wherever what it was handed comes from.
#[test]
fn what_was_handed_to_a_team_with_hours_goes_by_those() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[1].hours = Some(two_hours());
    let never = Hours { weekly: Default::default(), ..two_hours() };
    roster.site_hours = vec![(site(), never)];
    let team = roster.teams[1].id.clone();
    configure(&mut rig, 1, routing(), roster);
    let opens = next(&rig, 12);
    until(&mut rig, opens);
    let (one, console) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.notice(notice(1, 1));
    answer(&mut rig, &[one, console]);
    assert_eq!(row(&rig, 1).assignee, None, "its site is never open");
    rig.frame(
        one,
        Frame::Transfer(wire::Transfer {
            client_id: "t".into(),
            conversation: conversation(1).to_string(),
            team: team.to_string(),
            ..wire::Transfer::default()
        }),
    );
    rig.pass(3 * MINUTE, &[]);
    answer(&mut rig, &[console]);
    assert!(row(&rig, 1).assignee.is_some());
}

/// Found in review: a Desk that slept has forgotten what it told, and who is there; the first word of a Room brings it about. Found by the
/// bench: as a call of its own that woke every Room of a crowd again.
#[test]
fn whoever_waits_over_the_desks_sleep_is_told_again_where_they_are() {
    for method in [Method::Manual, Method::LeastBusy] {
        let mut rig = Rig::new();
        configure(&mut rig, 1, Routing { method, ..routing() }, Roster::default());
        for number in 1..=4 {
            rig.now = rig.now.plus(SECOND);
            let told = rig.notice(notice(number, 1)).place.map(|place| place.position);
            assert_eq!(told, Some(number as u64), "{method:?}: no agent is here who could have it in a moment");
        }
        rig.reload();
        let mut told = |number, rev| rig.notice(notice(number, rev)).place.map(|place| place.position);
        assert_eq!([told(2, 2), told(4, 2)], [Some(2), Some(4)], "{method:?}");
        rig.pass(5 * SECOND, &[]);
        assert_eq!(rig.places, [], "{method:?}: without a call");
        let console = rig.console(0, Role::Admin);
        rig.frame(console, claim(1, "a"));
        rig.pass(5 * SECOND, &[]);
        assert_eq!((places(&mut rig, 2), places(&mut rig, 4)), (vec![1], vec![3]), "{method:?}");
        rig.notice(notice(3, 2));
        rig.pass(5 * SECOND, &[]);
        assert_eq!(places(&mut rig, 3).last(), Some(&2), "{method:?}: others have moved since it woke");
    }
}

/// Whether a visitor is here a Desk that has slept does not know before their Room speaks, and most wait in silence.
#[test]
fn whoever_waits_in_silence_over_the_desks_sleep_hears_that_they_have_moved() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Admin);
    for number in 1..=5 {
        rig.now = rig.now.plus(SECOND);
        rig.notice(notice(number, 1));
    }
    rig.notice(RoomNotice { visitor_online: false, ..notice(5, 2) });
    for (number, others) in [(1, [(2, 1), (3, 2), (4, 3)].as_slice()), (2, &[(3, 1), (4, 2)]), (3, &[(4, 1)])] {
        rig.pass(5 * SECOND, &[]);
        rig.places.clear();
        rig.reload();
        rig.pass(5 * SECOND, &[]);
        assert_eq!(rig.places, [], "{number}: nobody has moved");
        rig.frame(console, claim(number, &format!("c{number}")));
        rig.pass(5 * SECOND, &[]);
        for (other, place) in others {
            assert_eq!(places(&mut rig, *other), [*place], "{other} after {number}");
        }
        assert_eq!(rig.places, [], "{number}: and nobody else, least of all who has gone");
    }
    rig.reload();
    rig.frame(console, claim(4, "c4"));
    rig.frame(console, release(4, "r4", 0));
    rig.pass(5 * SECOND, &[]);
    assert_eq!(places(&mut rig, 4), [0; 0], "where they stood before they were answered is no place of theirs");
}

/// As many at once as ever, and behind the twentieth place only who has moved far enough.
#[test]
fn a_crowd_that_waits_in_silence_is_told_bit_by_bit() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Admin);
    for number in 1..=200 {
        rig.notice(notice(number, 1));
    }
    rig.pass(5 * SECOND, &[]);
    rig.reload();
    rig.places.clear();
    rig.frame(console, claim(1, "a"));
    rig.pass(20 * SECOND, &[]);
    assert_eq!(rig.places.len(), 19, "to the twentieth place");
    for turn in 0..30 {
        rig.frame(console, claim(2 + turn, &format!("c{turn}")));
        rig.pass(2 * SECOND, &[]);
        assert!(rig.places.len() <= 19 + 50 * (turn + 1));
    }
}

/// Found in review: whoever writes and leaves again and again must not make the line look fast.
#[test]
fn only_answers_set_the_pace() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Admin);
    for number in 1..=4 {
        rig.notice(notice(number, 1));
        rig.pass(60 * SECOND, &[]);
        if number <= 2 {
            rig.frame(console, claim(number, &format!("c{number}")));
        }
    }
    let resolved = RoomNotice { status: crate::core::internal::Status::Resolved, ..notice(3, 2) };
    rig.notice(resolved);
    rig.pass(3 * SECOND, &[]);
    let told = rig.notice(notice(4, 2)).place.unwrap();
    assert_eq!((told.position, told.wait_ms), (1, 60_000), "a minute each for two, whoever left");
}

/// A quiet Desk sleeps between any two answers: it knows how fast the line moves all the same, and goes on measuring.
#[test]
fn the_estimate_outlives_the_desks_sleep() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Admin);
    let mut last = rig.now;
    for number in 1..=5 {
        rig.notice(notice(number, 1));
    }
    let estimate = |rig: &mut Rig, rev| {
        rig.notice(notice(5, rev));
        rig.pass(3 * SECOND, &[]);
        rig.notice(notice(5, rev + 1)).place.map(|place| (place.position, place.wait_ms))
    };
    for (number, waits) in [(1, 240_000), (2, 180_000), (3, 120_000), (4, 60_000)] {
        rig.pass(20 * SECOND, &[]);
        rig.reload();
        // A minute after the one before, or after all of them have come.
        last = last.plus(MINUTE);
        let rest = last.since(rig.now);
        rig.pass(rest, &[]);
        rig.frame(console, claim(number, &format!("c{number}")));
        rig.pass(SECOND, &[]);
        rig.reload();
        let (position, wait) = estimate(&mut rig, 10 * number as u64).unwrap();
        assert_eq!(position, 5 - number as u64);
        assert!(wait.abs_diff(waits) < 100, "after {number}: {wait}");
    }
    // The next morning, in another Desk, with rows of before there were any times.
    rig.frame(console, claim(5, "c5"));
    rig.reload();
    rig.now = rig.now.plus(DAY);
    rig.ring(&[]);
    rig.notice(notice(6, 1));
    rig.reload();
    rig.notice(notice(6, 2));
    rig.pass(3 * SECOND, &[]);
    let told = rig.notice(notice(6, 3)).place.map(|place| place.wait_ms);
    assert!(told.is_some_and(|wait| wait.abs_diff(60_000) < 15_000), "it is another day, and no other pace: {told:?}");
    rig.sql.exec("UPDATE waits SET record = json_remove(record, '$.departures')", &[]).unwrap();
    rig.reload();
    rig.notice(notice(6, 4));
    rig.pass(3 * SECOND, &[]);
    assert_eq!(rig.notice(notice(6, 5)).place.map(|place| place.wait_ms), Some(0));
}

/// Another line's times outlive the first answer of a day in this one; what nobody waited in for a month does not.
#[test]
fn the_pace_of_each_line_is_kept_for_a_month() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, two_teams());
    let elsewhere = SiteId::draw(&mut Entropy::new(77));
    let rows = |rig: &Rig| rig.sql.exec("SELECT line FROM waits", &[]).unwrap().len();
    let answered = |rig: &mut Rig, number, site: SiteId| {
        let console = rig.console(0, Role::Admin);
        rig.notice(RoomNotice { site, ..notice(number, 1) });
        rig.frame(console, claim(number, &format!("c{number}")));
        rig.feed(Input::Disconnected(console));
    };
    answered(&mut rig, 1, elsewhere.clone());
    rig.now = rig.now.plus(DAY);
    answered(&mut rig, 2, site());
    assert_eq!(rows(&rig), 2, "another day");
    rig.now = rig.now.plus(31 * DAY);
    answered(&mut rig, 3, site());
    assert_eq!(rows(&rig), 1, "a month");
    // A clock that was ahead.
    rig.now = rig.now.plus(5 * DAY);
    answered(&mut rig, 4, elsewhere);
    rig.now = rig.now.plus(-5 * DAY);
    answered(&mut rig, 5, site());
    assert_eq!(rows(&rig), 1, "of a day that has not come");
}
