//! Follow-up: who has left an address or has gone is no longer in line, rings at nobody, and is lost to nobody.

use super::{
    super::rig::*,
    routing::{holder, order, probe, rings},
    teams::{configure, site},
};
use crate::core::{
    away::WhenClosed,
    desk::{effect::Input, follow_up::FollowUp},
    hours::{Hours, Span},
    internal::{Place, RoomNotice, Status},
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::{
        roster::Roster,
        settings::{Method, Routing},
    },
    socket::SocketId,
    time::{DAY, HOUR, MINUTE, SECOND, Timestamp},
};

fn routing() -> Routing {
    Routing { method: Method::RoundRobin, capacity: 1, ..Routing::default() }
}

/// A workspace that gives conversations to agents.
fn desk() -> Rig {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), Roster::default());
    rig
}

fn left(number: usize, rev: u64) -> RoomNotice {
    RoomNotice { reply_to: Some("lei@shop.example".into()), ..notice(number, rev) }
}

fn gone(number: usize, rev: u64) -> RoomNotice {
    RoomNotice { visitor_online: false, ..notice(number, rev) }
}

fn follow_up(rig: &Rig, number: usize) -> Option<FollowUp> {
    rig.desk.list.entries.get(&conversation(number)).unwrap().follow_up()
}

fn line(rig: &Rig) -> Vec<usize> {
    let in_line: Vec<_> = rig.desk.router.loads.line().cloned().collect();
    in_line.iter().map(|id| (0..20).find(|number| conversation(*number) == *id).unwrap()).collect()
}

fn is_probed(rig: &mut Rig, socket: SocketId) -> bool {
    probe(rig, socket).is_some()
}

fn row(rig: &mut Rig, number: usize) -> wire::DeskRow {
    let socket = rig.console(9, Role::Agent);
    rig.frame(socket, Frame::DeskHello(wire::DeskHello::default()));
    let welcomed = rig.frames(socket).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::DeskWelcome(welcome) => Some(welcome),
        _ => None,
    });
    rig.feed(Input::Disconnected(socket));
    let id = conversation(number).to_string();
    welcomed.unwrap().rows.into_iter().find(|row| row.conversation == id).unwrap()
}

/// Whose first probe went unanswered gives a sign of life, and is asked again.
fn lives(rig: &mut Rig, console: SocketId) {
    let availability = wire::Availability::Online.into();
    rig.frame(console, Frame::SetAvailability(wire::SetAvailability { availability, ..Default::default() }));
    let asked = probe(rig, console).unwrap();
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: asked, available: false }));
    rig.pass(5 * SECOND, &[]);
}

#[test]
fn who_has_left_an_address_is_rung_for_nobody_and_can_be_claimed() {
    let mut rig = desk();
    rig.notice(left(1, 1));
    assert_eq!((follow_up(&rig, 1), line(&rig)), (Some(FollowUp::Email), vec![]));
    let console = rig.console(0, Role::Agent);
    rig.pass(5 * MINUTE, &[]);
    assert!(!is_probed(&mut rig, console), "agents come, nobody is asked");
    let shown = row(&mut rig, 1);
    assert_eq!((shown.follow_up(), shown.reply_to.as_str()), (wire::FollowUp::Email, "lei@shop.example"));
    rig.frames(console);
    rig.frame(console, claim(1, "a"));
    assert_eq!(rig.assigned(console).assignee.unwrap().id, agent(0).id.to_string());
    assert_eq!(follow_up(&rig, 1), None);
    order(&mut rig);
    rig.notice(notice(2, 1));
    rig.pass(3 * SECOND, &[]);
    assert!(!is_probed(&mut rig, console), "what is claimed takes the slot");
    rig.frame(console, release(1, "b", 0));
    assert_eq!(follow_up(&rig, 1), Some(FollowUp::Email), "given back unanswered");
    assert!(is_probed(&mut rig, console), "and the slot is free");
}

#[test]
fn the_offer_is_over_when_the_visitor_leaves_an_address() {
    let mut rig = desk();
    let console = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, console).unwrap();
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: id, available: true }));
    let order = order(&mut rig);
    assert!(rings(&rig, 1));
    let epoch = order.assignment_epoch;
    rig.notice(RoomNotice { assignment_epoch: epoch, assignee: Some(agent(0)), ringing: Some(true), ..left(1, 2) });
    assert_eq!((rings(&rig, 1), holder(&rig, 1)), (false, None));
    assert_eq!(follow_up(&rig, 1), Some(FollowUp::Email));
    rig.pass(5 * MINUTE, &[]);
    assert!(!is_probed(&mut rig, console));
}

#[test]
fn a_probe_is_of_no_use_once_the_visitor_has_left_an_address() {
    let mut rig = desk();
    let console = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, console).unwrap();
    rig.notice(left(1, 2));
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: id, available: true }));
    rig.pass(2 * SECOND, &[]);
    assert_eq!((holder(&rig, 1), follow_up(&rig, 1)), (None, Some(FollowUp::Email)));
}

#[test]
fn who_writes_again_has_the_old_place() {
    let mut rig = desk();
    rig.notice(notice(1, 1));
    rig.pass(SECOND, &[]);
    rig.notice(left(1, 2));
    rig.notice(notice(2, 1));
    assert_eq!(line(&rig), [2]);
    rig.notice(notice(1, 3));
    assert_eq!(line(&rig), [1, 2]);
}

#[test]
fn who_has_been_gone_for_two_minutes_leaves_the_line_until_they_are_back() {
    let mut rig = desk();
    rig.notice(notice(1, 1));
    rig.notice(notice(2, 1));
    rig.pass(SECOND, &[]);
    rig.notice(gone(1, 2));
    rig.pass(119 * SECOND, &[]);
    assert_eq!(line(&rig), [1, 2], "a moment before");
    rig.pass(2 * SECOND, &[]);
    assert_eq!((line(&rig), follow_up(&rig, 1)), (vec![2], Some(FollowUp::Gone)));
    let console = rig.connect(principal(0, Role::Agent, rig.now));
    rig.frame(console, Frame::DeskHello(wire::DeskHello::default()));
    let id = probe(&mut rig, console).unwrap();
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: id, available: true }));
    assert_eq!((holder(&rig, 1), holder(&rig, 2)), (None, Some(0)), "whoever is here comes first");
    rig.notice(notice(1, 3));
    assert_eq!(line(&rig), [1, 2], "back at the old place");
}

#[test]
fn who_is_back_in_time_stays_in_line() {
    let mut rig = desk();
    rig.notice(notice(1, 1));
    for rev in 2..8 {
        rig.notice(if rev % 2 == 0 { gone(1, rev) } else { notice(1, rev) });
        rig.pass(90 * SECOND, &[]);
    }
    assert_eq!(line(&rig), [1]);
}

#[test]
fn a_workspace_may_keep_the_places_of_those_who_have_gone() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { follow_up_seconds: 0, ..routing() }, Roster::default());
    rig.notice(gone(1, 1));
    rig.pass(HOUR, &[]);
    assert_eq!(line(&rig), [1]);
}

#[test]
fn what_an_agent_has_is_theirs_though_the_visitor_is_gone() {
    let mut rig = desk();
    let console = rig.console(0, Role::Agent);
    rig.notice(gone(1, 1));
    rig.frame(console, claim(1, "a"));
    rig.pass(10 * MINUTE, &[]);
    assert_eq!((holder(&rig, 1), follow_up(&rig, 1)), (Some(0), None));
    rig.frame(console, release(1, "b", 0));
    assert_eq!(follow_up(&rig, 1), None, "a place in line, for two minutes from now on");
    rig.notice(RoomNotice { assignment_epoch: 1, ..gone(1, 2) });
    rig.pass(3 * MINUTE, &[]);
    assert_eq!(follow_up(&rig, 1), Some(FollowUp::Gone));
}

#[test]
fn sleep_and_death_lose_nobody() {
    for dies in [false, true] {
        for step in 0..4 {
            let mut rig = desk();
            let pause = |rig: &mut Rig, at: usize| match (at == step, dies) {
                (true, false) => rig.reload(),
                (true, true) => rig.die(),
                (false, _) => {}
            };
            rig.notice(notice(1, 1));
            rig.notice(left(2, 1));
            pause(&mut rig, 0);
            rig.notice(gone(1, 2));
            pause(&mut rig, 1);
            rig.pass(60 * SECOND, &[]);
            pause(&mut rig, 2);
            rig.pass(2 * MINUTE, &[]);
            pause(&mut rig, 3);
            let seen = (follow_up(&rig, 1), follow_up(&rig, 2), line(&rig));
            let expected = (Some(FollowUp::Gone), Some(FollowUp::Email), vec![]);
            assert_eq!(seen, expected, "dies {dies} at {step}: the alarm wakes whoever sleeps");
            let console = rig.console(0, Role::Agent);
            rig.pass(MINUTE, &[]);
            assert!(!is_probed(&mut rig, console));
            rig.notice(notice(1, 3));
            assert_eq!(line(&rig), [1]);
        }
    }
}

#[test]
fn what_is_put_off_or_done_is_not_followed_up() {
    for status in [Status::Snoozed, Status::Resolved] {
        let mut rig = desk();
        rig.notice(gone(1, 1));
        rig.pass(3 * MINUTE, &[]);
        assert_eq!(follow_up(&rig, 1), Some(FollowUp::Gone));
        rig.notice(RoomNotice { status, ..gone(1, 2) });
        assert_eq!(follow_up(&rig, 1), None);
        rig.notice(notice(1, 3));
        assert_eq!(line(&rig), [1], "open again");
    }
}

// ------------------------------------------------------------------------------------------------ who is offered the form

/// Open from twelve to two in UTC, every day.
fn two_hours() -> Hours {
    Hours {
        timezone: "UTC".into(),
        weekly: std::array::from_fn(|_| vec![Span { from: 12 * 60, to: 14 * 60 }]),
        exceptions: Vec::new(),
        offsets: vec![(Timestamp(0), 0)],
    }
}

fn hours() -> Roster {
    Roster { hours: Some(two_hours()), ..Roster::default() }
}

/// A moment of the day after the rig begins.
fn tomorrow(hour: i64) -> Timestamp {
    Timestamp((START.0.div_euclid(DAY) + 1) * DAY + hour * HOUR)
}

fn told(rig: &Rig, number: usize) -> Option<Place> {
    rig.places.iter().rev().find(|(id, _)| *id == conversation(number)).map(|(_, place)| *place)
}

fn is_offered(rig: &Rig, number: usize) -> bool {
    told(rig, number).is_some_and(|place| place.form)
}

#[test]
fn whoever_waits_is_offered_the_form_at_closing_time() {
    for sleeps in [false, true] {
        let mut rig = Rig::new();
        rig.now = tomorrow(14).plus(-2 * MINUTE);
        configure(&mut rig, 1, routing(), hours());
        let console = rig.console(0, Role::Agent);
        rig.notice(notice(1, 1));
        rig.frame(console, claim(1, "a"));
        rig.notice(notice(2, 1));
        rig.pass(3 * SECOND, &[]);
        assert_eq!(told(&rig, 2).map(|place| (place.opens_at, place.form)), Some((0, false)));
        if sleeps {
            rig.feed(Input::Disconnected(console));
            rig.reload();
        }
        rig.places.clear();
        rig.pass(3 * MINUTE, &[]);
        let opens = tomorrow(36).wire();
        assert_eq!(told(&rig, 2).map(|place| (place.opens_at, place.form)), Some((opens, true)), "sleeps: {sleeps}");
        assert_eq!(told(&rig, 1), None, "whoever has an agent stays");
    }
}

#[test]
fn a_message_left_at_night_is_first_in_the_morning() {
    let mut rig = Rig::new();
    rig.now = tomorrow(20);
    configure(&mut rig, 1, routing(), hours());
    rig.notice(left(1, 1));
    rig.pass(HOUR, &[]);
    rig.notice(left(2, 1));
    rig.pass(HOUR, &[]);
    rig.notice(notice(3, 1));
    rig.now = tomorrow(36);
    rig.ring(&[]);
    let places = [1, 2].map(|number| row(&mut rig, number).queued_at);
    assert!(places[0] < places[1] && places[1] < row(&mut rig, 3).queued_at, "oldest first");
    assert_eq!(line(&rig), [3]);
    rig.notice(notice(2, 2));
    rig.notice(notice(1, 2));
    assert_eq!(line(&rig), [1, 2, 3], "whoever is back in the morning is before all who came later");
}

#[test]
fn a_site_may_let_people_wait_while_it_is_closed() {
    let mut rig = Rig::new();
    rig.now = tomorrow(20);
    let roster = Roster { when_closed: vec![(site(), WhenClosed::Chat)], ..hours() };
    configure(&mut rig, 1, routing(), roster);
    rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    rig.pass(3 * SECOND, &[]);
    assert!(told(&rig, 1).is_some_and(|place| place.opens_at > 0 && !place.form));
}

#[test]
fn after_the_longest_wait_the_form_is_offered() {
    let mut rig = desk();
    configure(&mut rig, 2, Routing { method: Method::Manual, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    rig.frame(console, claim(1, "a"));
    rig.notice(notice(2, 1));
    rig.pass(9 * MINUTE, &[]);
    assert!(!is_offered(&rig, 2));
    rig.pass(90 * SECOND, &[]);
    assert!(is_offered(&rig, 2), "ten minutes");
}

#[test]
fn whom_an_agent_has_answered_waits_from_their_next_message_on() {
    let mut rig = desk();
    configure(&mut rig, 2, Routing { method: Method::Manual, ..routing() }, Roster::default());
    rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    rig.pass(9 * MINUTE, &[]);
    let said = |rig: &Rig, rev, sender: &str, waiting_since| RoomNotice {
        preview_sender: sender.to_owned(),
        last_at: rig.now,
        waiting_since,
        ..notice(1, rev)
    };
    // Nobody has claimed it: with `manual` agents answer all the same.
    let answer = said(&rig, 2, "agent", None);
    rig.notice(answer);
    rig.pass(30 * MINUTE, &[]);
    assert!(!is_offered(&rig, 1), "the visitor has the word");
    // The first one's ticket is over.
    rig.console(0, Role::Agent);
    let question = said(&rig, 3, "visitor", Some(rig.now));
    rig.notice(question);
    rig.pass(9 * MINUTE, &[]);
    assert!(!is_offered(&rig, 1));
    rig.pass(2 * MINUTE, &[]);
    assert!(is_offered(&rig, 1), "ten minutes after their message");
}

#[test]
fn where_nobody_is_the_form_is_offered_after_a_minute() {
    let mut rig = desk();
    rig.notice(notice(1, 1));
    rig.pass(30 * SECOND, &[]);
    assert!(!is_offered(&rig, 1));
    rig.reload();
    rig.pass(MINUTE, &[]);
    assert!(is_offered(&rig, 1), "by the alarm, after sleep");
    rig.notice(notice(1, 2));
    let console = rig.console(0, Role::Agent);
    // Whose first probe went unanswered lives again with the next frame.
    rig.pass(SECOND, &[]);
    rig.inbox.clear();
    lives(&mut rig, console);
    assert!(!is_offered(&rig, 1), "somebody has come");
}

/// Whether a visitor is here a Desk that has slept does not know before their Room speaks.
#[test]
fn where_the_last_agent_leaves_after_the_desk_has_slept_the_form_is_offered_at_once() {
    let settings = Routing { method: Method::Manual, ..routing() };
    for (leaves, offered) in [("a page is loaded anew", false), ("closes", true), ("away", true)] {
        let mut rig = Rig::new();
        configure(&mut rig, 1, settings, Roster::default());
        let console = rig.console(0, Role::Agent);
        rig.notice(notice(1, 1));
        rig.pass(3 * MINUTE, &[]);
        rig.reload();
        rig.pass(5 * SECOND, &[]);
        assert_eq!(rig.places, [], "{leaves}: somebody is here");
        match leaves {
            "away" => rig.frame(
                console,
                Frame::SetAvailability(wire::SetAvailability { availability: 2, ..Default::default() }),
            ),
            _ => rig.feed(Input::Disconnected(console)),
        }
        if leaves == "a page is loaded anew" {
            rig.pass(SECOND, &[]);
            rig.console(0, Role::Agent);
        }
        rig.pass(10 * SECOND, &[]);
        assert_eq!(is_offered(&rig, 1), offered, "{leaves}");
        assert_eq!(rig.places.len(), usize::from(offered), "{leaves}: told once");
        rig.reload();
        rig.pass(5 * MINUTE, &[]);
        assert_eq!(rig.places.len(), usize::from(offered), "{leaves}: and not again");
    }
}

/// Whose machine sleeps is not here, though the line still stands.
#[test]
fn where_nobody_answers_the_form_is_offered_after_a_minute() {
    let mut rig = desk();
    let console = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    assert!(is_probed(&mut rig, console));
    rig.pass(50 * SECOND, &[]);
    assert!(!is_offered(&rig, 1));
    rig.pass(45 * SECOND, &[]);
    assert!(is_offered(&rig, 1));
    rig.notice(notice(1, 2));
    lives(&mut rig, console);
    assert!(!is_offered(&rig, 1), "somebody has come");
}

#[test]
fn a_workspace_may_offer_no_form_while_it_is_open() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { form_minutes: 0, ..routing() }, Roster::default());
    rig.notice(notice(1, 1));
    rig.pass(2 * HOUR, &[]);
    assert!(!is_offered(&rig, 1));
}

/// Found by the bench: two alarms, each a written row, for every visitor of a crowd that came and left together while no agent was here.
#[test]
fn a_crowd_that_leaves_together_costs_no_alarm_for_each() {
    let mut rig = desk();
    for rev in 1..=2 {
        for number in 0..20 {
            rig.pass(10, &[]);
            rig.notice(RoomNotice { visitor_online: rev == 1, ..notice(number, rev) });
        }
    }
    let before = rig.alarms_set;
    rig.pass(5 * MINUTE, &[]);
    assert!((0..20).all(|number| follow_up(&rig, number) == Some(FollowUp::Gone)));
    let set = rig.alarms_set - before;
    assert!(set <= 4, "{set} alarms");
}
