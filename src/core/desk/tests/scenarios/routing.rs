//! Routing: who is asked, who gets it, what rings and what becomes of it.

use super::{super::rig::*, teams};
use crate::core::{
    desk::{
        effect::{Answer, Call, Input, OrderOutcome},
        presence::Availability,
    },
    error::Code,
    internal::{AssignAnswer, AssignOrder, ConfigureRequest, RoomNotice, Status},
    port::Sql as _,
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::{
        roster::{Abilities, Roster},
        settings::{Method, Routing},
    },
    socket::SocketId,
    time::{MINUTE, SECOND},
};

pub fn routing(method: Method) -> Routing {
    Routing { method, capacity: 2, ring_seconds: 30, ..Routing::default() }
}

/// A workspace that routes, with so many agents online.
pub fn desk(method: Method, agents: u128) -> (Rig, Vec<SocketId>) {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(method));
    let consoles = (0..agents).map(|number| rig.console(number, Role::Agent)).collect();
    (rig, consoles)
}

fn configure(rig: &mut Rig, version: u64, routing: Routing) {
    rig.feed(Input::Configure(ConfigureRequest { workspace: workspace(0), version, routing, roster: None }));
    assert_eq!(rig.done(), Ok(()));
}

/// The probe that a console was sent, if any.
pub fn probe(rig: &mut Rig, socket: SocketId) -> Option<u64> {
    rig.frames(socket).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Probe(probe) => Some(probe.id),
        _ => None,
    })
}

pub fn answer(rig: &mut Rig, socket: SocketId, probe: u64, available: bool) {
    rig.frame(socket, Frame::ProbeAnswer(wire::ProbeAnswer { probe, available }));
}

/// Who is probed says yes.
fn answer_all(rig: &mut Rig, consoles: &[SocketId]) {
    for socket in consoles {
        if let Some(id) = probe(rig, *socket) {
            answer(rig, *socket, id, true);
        }
    }
}

pub fn holder(rig: &Rig, number: usize) -> Option<u128> {
    let entry = rig.desk.list.entries.get(&conversation(number)).unwrap();
    (0..10).find(|it| entry.holder() == Some(&agent(*it).id))
}

pub fn rings(rig: &Rig, number: usize) -> bool {
    rig.desk.list.entries.get(&conversation(number)).unwrap().stored.ring_until.is_some()
}

pub fn accept(number: usize) -> Frame {
    let (client_id, conversation) = (format!("a{number}"), conversation(number).to_string());
    Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch: 0 })
}

pub fn decline(number: usize) -> Frame {
    let (client_id, conversation) = (format!("d{number}"), conversation(number).to_string());
    Frame::Decline(wire::Decline { client_id, conversation, assignment_epoch: 0 })
}

/// The order to a Room, which obeys it.
pub fn order(rig: &mut Rig) -> AssignOrder {
    let Some(Call::Order { conversation, order }) = rig.network.pop_front() else { panic!("no order") };
    let AssignOrder { assignment_epoch, assignee, ringing, .. } = order.clone();
    let outcome = OrderOutcome::Answered(AssignAnswer { assignment_epoch, assignee, ringing: Some(ringing) });
    rig.feed(Input::RoomAnswered { conversation, assignment_epoch, outcome });
    order
}

/// The Rooms obey whatever they were told.
fn confirm(rig: &mut Rig) {
    for call in std::mem::take(&mut rig.network).into_iter().filter(|call| matches!(call, Call::Order { .. })) {
        rig.network.push_front(call);
        order(rig);
    }
}

/// Lets time pass until the console is asked, and answers.
fn answer_when_asked(rig: &mut Rig, socket: SocketId) {
    for _ in 0..1_200 {
        if let Some(id) = probe(rig, socket) {
            return answer(rig, socket, id, true);
        }
        rig.pass(100, &[]);
    }
    panic!("not asked within two minutes");
}

#[test]
fn nobody_is_asked_where_agents_claim() {
    let mut rig = Rig::new();
    let console = rig.console(1, Role::Agent);
    rig.notice(notice(1, 1));
    assert_eq!((probe(&mut rig, console), holder(&rig, 1)), (None, None));
}

#[test]
fn whoever_lives_gets_it_and_it_rings() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, consoles[0]).unwrap();
    answer(&mut rig, consoles[0], id, true);
    let pushed = rig.frames(consoles[0]).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Assigned(assigned) => Some(assigned),
        _ => None,
    });
    let pushed = pushed.unwrap();
    assert_eq!((pushed.client_id.as_str(), pushed.ring_until), ("", rig.now.plus(30 * SECOND).wire()));
    assert_eq!(holder(&rig, 1), Some(0));
    let sent = order(&mut rig);
    assert_eq!((sent.ringing, sent.assignee, sent.actor), (true, Some(agent(0)), None));
    rig.frame(consoles[0], accept(1));
    let taken = rig.assigned(consoles[0]);
    assert_eq!((taken.ring_until, rings(&rig, 1)), (0, false));
    let sent = order(&mut rig);
    assert_eq!((sent.ringing, sent.assignment_epoch), (false, taken.assignment_epoch));
    rig.frame(consoles[0], accept(1));
    assert_eq!(rig.assigned(consoles[0]), taken, "asked again: the same answer");
    rig.frame(consoles[0], decline(1));
    assert_eq!(rig.error(consoles[0]).code, "conflict", "what is taken can't be declined");
}

/// INV-5: the score decides, not the network, and nobody is waited for longer than 300 ms.
#[test]
fn inv_5_the_best_of_those_who_answer_in_time_wins() {
    let (mut rig, consoles) = desk(Method::RoundRobin, 4);
    // In the order of their last assignment: 0, 1, 2, 3 by id at first; make it known by giving each one.
    for (number, console) in consoles.iter().enumerate() {
        rig.notice(notice(10 + number, 1));
        rig.now = rig.now.plus(SECOND);
        rig.frame(*console, claim(10 + number, "c"));
        rig.inbox.clear();
        rig.now = rig.now.plus(SECOND);
        // Whatever was begun meanwhile is over.
        rig.pass(SECOND, &[]);
    }
    // All are suspects now, for none answered; a frame from each makes them good.
    for socket in &consoles {
        rig.frame(*socket, Frame::SetAvailability(wire::SetAvailability { availability: 1 }));
    }
    rig.inbox.clear();
    rig.notice(notice(1, 1));
    let asked: Vec<Option<u64>> = consoles.iter().map(|socket| probe(&mut rig, *socket)).collect();
    assert_eq!(asked.iter().filter(|it| it.is_some()).count(), 3, "three at the same time");
    assert_eq!(asked[3], None, "the last in the order is not among them");
    let id = asked[0].unwrap();
    answer(&mut rig, consoles[2], id, true);
    assert_eq!(holder(&rig, 1), None, "two better ones are outstanding");
    rig.pass(20, &[]);
    answer(&mut rig, consoles[1], id, true);
    assert_eq!(holder(&rig, 1), None);
    rig.pass(31, &[]);
    assert_eq!(holder(&rig, 1), Some(1), "the best-ranked answer 50 ms after the first one");
    rig.pass(300, &[]);
    rig.notice(notice(2, 1));
    assert_eq!(probe(&mut rig, consoles[0]), None, "whoever was silent is suspect");
    rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 1 }));
    rig.pass(400, &[]);
    rig.notice(notice(3, 1));
    assert!(probe(&mut rig, consoles[0]).is_some(), "until their next frame");
}

#[test]
fn the_next_three_are_asked_when_three_are_dead() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 4);
    rig.notice(notice(1, 1));
    let first: Vec<bool> = consoles.iter().map(|socket| probe(&mut rig, *socket).is_some()).collect();
    assert_eq!(first.iter().filter(|asked| **asked).count(), 3);
    let fourth = consoles[first.iter().position(|asked| !asked).unwrap()];
    rig.pass(299, &[]);
    assert_eq!(probe(&mut rig, fourth), None);
    rig.pass(1, &[]);
    let id = probe(&mut rig, fourth).unwrap();
    answer(&mut rig, fourth, id, true);
    assert!(holder(&rig, 1).is_some(), "within 300 ms and a round trip");
}

#[test]
fn nobody_gets_more_than_their_capacity() {
    let (mut rig, consoles) = desk(Method::BestMatch, 2);
    for number in 1..=5 {
        rig.notice(notice(number, 1));
        answer_all(&mut rig, &consoles);
    }
    rig.pass(SECOND, &[]);
    answer_all(&mut rig, &consoles);
    let held = |rig: &Rig, who| (1..=5).filter(|number| holder(rig, *number) == Some(who)).count();
    assert_eq!((held(&rig, 0), held(&rig, 1)), (2, 2));
    assert_eq!(holder(&rig, 5), None, "first come, first served");
    // One is done: its slot goes to who waits.
    let mut done = notice(1, 2);
    done.status = Status::Resolved;
    (done.assignee, done.assignment_epoch) = {
        let stored = &rig.desk.list.entries.get(&conversation(1)).unwrap().stored;
        (stored.assignee.clone(), stored.assignment_epoch)
    };
    rig.notice(done);
    answer_all(&mut rig, &consoles);
    assert!(holder(&rig, 5).is_some());
}

#[test]
fn what_is_declined_goes_to_another_at_its_old_place() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let queued = rig.desk.list.entries.get(&conversation(1)).unwrap().stored.queued_at;
    let first = holder(&rig, 1).unwrap();
    rig.pass(5 * SECOND, &[]);
    rig.inbox.clear();
    rig.frame(consoles[first as usize], decline(1));
    let other = 1 - first;
    assert_eq!(probe(&mut rig, consoles[first as usize]), None, "whoever declined is left out");
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 1), Some(other));
    assert_eq!(rig.desk.list.entries.get(&conversation(1)).unwrap().stored.queued_at, queued);
    assert_eq!(order(&mut rig).assignee, Some(agent(first)));
    assert_eq!(order(&mut rig).assignee, Some(agent(other)), "the Room hears of what stands");
}

#[test]
fn whoever_lets_two_ring_is_away() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    assert!(rings(&rig, 1));
    rig.pass(30 * SECOND, &[]);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (None, false), "rung out");
    let switch = |rig: &Rig| rig.open.get(&consoles[0]).unwrap().switch;
    assert_eq!(switch(&rig), Availability::Online);
    // Alone: it comes back to them after half a minute, when the alarm looks.
    answer_when_asked(&mut rig, consoles[0]);
    assert_eq!(holder(&rig, 1), Some(0));
    rig.pass(31 * SECOND, &[]);
    assert_eq!(switch(&rig), Availability::Away);
    // From that the console knows why.
    let tells_both = |frame: &agent_frame::Frame| match frame {
        agent_frame::Frame::DeskUpdate(it) => {
            it.agents.iter().any(|agent| agent.availability() == wire::Availability::Away)
                && it.rows.iter().any(|row| row.ring_until == 0 && row.assignee.is_none())
        }
        _ => false,
    };
    assert!(rig.frames(consoles[0]).iter().any(tells_both), "one frame says that it was lost and that they are away");
    rig.pass(5 * MINUTE, &[]);
    assert_eq!((probe(&mut rig, consoles[0]), holder(&rig, 1)), (None, None), "and gets nothing more");
    rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 1 }));
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 1), Some(0), "until they are back");
}

/// They chose it while something rang at them: letting it ring must not show that they are here.
#[test]
fn whoever_appears_offline_and_lets_it_ring_is_not_seen() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.pass(30 * SECOND, &[]);
    answer_when_asked(&mut rig, consoles[0]);
    assert!(rings(&rig, 1));
    rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 3 }));
    assert!(rings(&rig, 1), "what rings goes on");
    rig.pass(31 * SECOND, &[]);
    assert_eq!(rig.open.get(&consoles[0]).unwrap().switch, Availability::Offline);
    rig.pass(5 * MINUTE, &[]);
    assert_eq!((probe(&mut rig, consoles[0]), holder(&rig, 1)), (None, None));
}

#[test]
fn a_first_reply_takes_it() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let mut replied = notice(1, 2);
    let stored = rig.desk.list.entries.get(&conversation(1)).unwrap().stored.clone();
    (replied.assignee, replied.assignment_epoch, replied.ringing) =
        (stored.assignee.clone(), stored.assignment_epoch, Some(true));
    rig.notice(replied.clone());
    assert!(rings(&rig, 1), "the Room has only obeyed");
    (replied.rev, replied.ringing) = (3, Some(false));
    rig.notice(replied);
    assert!(!rings(&rig, 1));
    rig.pass(MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0), "nothing is taken back");
}

#[test]
fn a_claim_takes_what_rings() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.inbox.clear();
    rig.frame(consoles[0], claim(1, "c"));
    assert_eq!(rig.assigned(consoles[0]).ring_until, 0);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (Some(0), false));
}

#[test]
fn a_desk_that_wakes_asks_again_and_lets_ring_on() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.notice(notice(2, 1));
    rig.inbox.clear();
    rig.die();
    assert!(rings(&rig, 1) && holder(&rig, 2).is_none());
    let console = rig.connect(principal(0, Role::Agent, rig.now));
    rig.frame(console, Frame::DeskHello(wire::DeskHello::default()));
    answer_all(&mut rig, &[console]);
    assert_eq!(holder(&rig, 2), Some(0), "its round was forgotten, its place was not");
    rig.pass(31 * SECOND, &[]);
    assert!(!rings(&rig, 1), "the alarm was set");
}

#[test]
fn whoever_comes_or_changes_the_settings_makes_it_look_again() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let first = rig.console(0, Role::Agent);
    configure(&mut rig, 2, routing(Method::RoundRobin));
    answer_all(&mut rig, &[first]);
    assert_eq!(holder(&rig, 1), Some(0));
    configure(&mut rig, 1, Routing::default());
    assert_eq!(rig.desk.record.routing, routing(Method::RoundRobin), "an older one changes nothing");
    rig.notice(notice(2, 1));
    rig.notice(notice(3, 1));
    answer_all(&mut rig, &[first]);
    assert_eq!(holder(&rig, 3), None);
    let socket = rig.connect(principal(1, Role::Agent, rig.now));
    assert_eq!(probe(&mut rig, socket), None);
    rig.frame(socket, Frame::DeskHello(wire::DeskHello::default()));
    answer_all(&mut rig, &[socket]);
    assert_eq!(holder(&rig, 3), Some(1));
}

#[test]
fn bad_settings_and_strangers_change_nothing() {
    let mut rig = Rig::new();
    let bad = Routing { capacity: 0, ..routing(Method::LeastBusy) };
    for (of, routing, code) in [(0, bad, Code::BadRequest), (1, routing(Method::LeastBusy), Code::NotFound)] {
        rig.feed(Input::Configure(ConfigureRequest { workspace: workspace(of), version: 9, routing, roster: None }));
        assert_eq!(rig.answers.pop_front(), Some(Answer::Done(Err(code))));
    }
    assert_eq!((rig.desk.record.routing, rig.desk.record.routing_version), (Routing::default(), 0));
}

#[test]
fn others_can_neither_accept_nor_decline() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let other = rig.console(7, Role::Admin);
    for frame in [accept(1), decline(1)] {
        rig.frame(other, frame);
        let error = rig.error(other);
        assert_eq!(
            (error.code.as_str(), error.holder.map(|it| it.id)),
            ("already_assigned", Some(agent(0).id.to_string()))
        );
    }
    assert!(rings(&rig, 1));
    rig.pass(31 * SECOND, &[]);
    rig.inbox.clear();
    rig.frame(consoles[0], accept(1));
    assert_eq!(rig.error(consoles[0]).code, "stale_assignment", "too late");
}

/// Found in an audit: whoever had declined was asked again while the only other one was being asked for something else.
#[test]
fn whoever_declined_is_not_asked_again_while_another_is_only_held_by_a_probe() {
    let mut rig = Rig::new();
    let able = Abilities { capacity: Some(1), ..Abilities::default() };
    let roster = Roster { agents: vec![(agent(1).id, able)], ..Roster::default() };
    let settings = routing(Method::RoundRobin);
    teams::configure(&mut rig, 1, settings, roster);
    let (one, other) = (rig.console(0, Role::Agent), rig.console(1, Role::Agent));
    rig.notice(notice(1, 1));
    let asked = [one, other].map(|socket| probe(&mut rig, socket).unwrap());
    answer(&mut rig, other, asked[1], false);
    answer(&mut rig, one, asked[0], true);
    rig.pass(50, &[]);
    assert_eq!(holder(&rig, 1), Some(0));
    rig.frame(one, decline(1));
    rig.inbox.clear();
    // The other one rests no longer, and somebody with a level comes before the look at which they would be asked for the first.
    rig.now = rig.now.plus(31 * SECOND);
    rig.notice(RoomNotice { level: 9, ..notice(2, 1) });
    let is_asked = |rig: &Rig, number| rig.desk.router.is_asking_for(&conversation(number));
    assert_eq!((is_asked(&rig, 2), is_asked(&rig, 1)), (true, false));
    let asked = probe(&mut rig, one).unwrap();
    answer(&mut rig, one, asked, true);
    let asked = probe(&mut rig, other).unwrap();
    answer(&mut rig, other, asked, false);
    rig.pass(60, &[]);
    assert_eq!((holder(&rig, 2), holder(&rig, 1)), (Some(0), None));
    // With the other one resting there is nobody else by now.
    assert!(is_asked(&rig, 1));
}

/// INV-6: nobody waits for an agent who is not coming back.
#[test]
fn inv_6_what_an_agent_has_who_is_gone_goes_to_others() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.frame(consoles[0], accept(1));
    let other = rig.console(1, Role::Agent);
    rig.open.remove(&consoles[0]);
    rig.feed(Input::Disconnected(consoles[0]));
    rig.pass(9 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0), "it is kept for a while");
    answer_when_asked(&mut rig, other);
    assert_eq!(holder(&rig, 1), Some(1));
    assert!(rings(&rig, 1));
}

#[test]
fn whoever_is_silent_is_gone_and_whoever_is_away_is_not() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    for number in 1..=2 {
        rig.notice(notice(number, 1));
        answer_all(&mut rig, &consoles);
    }
    for number in 1..=2 {
        let who = holder(&rig, number).unwrap();
        rig.frame(consoles[who as usize], accept(number));
        rig.frame(consoles[who as usize], Frame::SetAvailability(wire::SetAvailability { availability: 2 }));
    }
    let silent = holder(&rig, 1).unwrap();
    rig.pass(14 * MINUTE, &[consoles[silent as usize]]);
    assert_eq!((holder(&rig, 1), holder(&rig, 2)), (None, Some(1 - silent)));
    let order = |it: &Call| matches!(it, Call::Order { order, .. } if order.reason == "agent_gone");
    assert!(
        rig.network.iter().any(order) || rig.desk.list.entries.get(&conversation(1)).unwrap().stored.order.is_some()
    );
}

#[test]
fn whoever_appears_offline_is_asked_for_nothing_and_keeps_what_they_have() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let who = holder(&rig, 1).unwrap();
    let [theirs, others] = [who, 1 - who].map(|it| consoles[it as usize]);
    rig.frame(theirs, accept(1));
    rig.frame(theirs, Frame::SetAvailability(wire::SetAvailability { availability: 3 }));
    for number in 2..=3 {
        rig.notice(notice(number, 1));
        assert_eq!(probe(&mut rig, theirs), None);
        answer_all(&mut rig, &consoles);
        assert_eq!(holder(&rig, number), Some(1 - who));
        rig.frame(others, accept(number));
    }
    rig.notice(notice(4, 1));
    rig.pass(14 * MINUTE, &[]);
    rig.reload();
    assert_eq!((holder(&rig, 1), holder(&rig, 4)), (Some(who), None), "not even when all others are full");
    rig.frame(theirs, Frame::SetAvailability(wire::SetAvailability { availability: 1 }));
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 4), Some(who), "until they are back");
}

/// The Desk sleeps between any two of its alarms, as a quiet one does.
fn sleep_and_wake(rig: &mut Rig, millis: i64) {
    let end = rig.now.plus(millis);
    while rig.now < end {
        rig.pass(12 * SECOND, &[]);
        rig.reload();
    }
}

#[test]
fn inv_6_a_quiet_desk_does_not_forget_who_is_gone() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    rig.frame(consoles[0], accept(1));
    rig.console(1, Role::Agent);
    rig.open.remove(&consoles[0]);
    rig.feed(Input::Disconnected(consoles[0]));
    sleep_and_wake(&mut rig, 8 * MINUTE);
    assert_eq!(holder(&rig, 1), Some(0));
    let rows = rig.rows_written;
    sleep_and_wake(&mut rig, MINUTE);
    assert_eq!(rig.rows_written, rows, "what is known is not written again");
    sleep_and_wake(&mut rig, 3 * MINUTE);
    assert_eq!(holder(&rig, 1), None, "it is offered to the other one, who does not answer here");
}

/// INV-6: the last one leaves, and nobody opens a console after them: the Desk wakes for what they had, and only for that.
#[test]
fn inv_6_what_the_last_one_had_goes_back_without_anybody_elses_console() {
    for method in [Method::LeastBusy, Method::Manual] {
        let mut rig = Rig::new();
        configure(&mut rig, 1, routing(method));
        let console = rig.console(0, Role::Agent);
        rig.notice(notice(1, 1));
        rig.frame(console, claim(1, "c"));
        confirm(&mut rig);
        rig.feed(Input::Disconnected(console));
        sleep_and_wake(&mut rig, MINUTE);
        let (alarms, rows) = (rig.alarms_set, rig.rows_written);
        sleep_and_wake(&mut rig, 8 * MINUTE);
        assert_eq!(holder(&rig, 1), Some(0), "{method:?}: it is kept for a while");
        assert_eq!((rig.alarms_set, rig.rows_written), (alarms, rows), "{method:?}: and the Desk sleeps");
        sleep_and_wake(&mut rig, 2 * MINUTE);
        assert_eq!(holder(&rig, 1), None, "{method:?}");
        // Who waits is told, and offered the form, though the Desk has slept.
        rig.places.clear();
        sleep_and_wake(&mut rig, 2 * MINUTE);
        let place = rig.places.last().map(|(_, place)| (place.position, place.form));
        assert_eq!(place, Some((1, true)), "{method:?}");
        confirm(&mut rig);
        sleep_and_wake(&mut rig, 30 * MINUTE);
        assert_eq!(rig.alarm, None, "{method:?}: nothing is due");
    }
}

/// INV-6: also where agents claim nobody waits for one who is not coming back.
#[test]
fn inv_6_what_was_claimed_by_one_who_is_gone_can_be_claimed_again() {
    let mut rig = Rig::new();
    let (first, _other) = (rig.console(0, Role::Agent), rig.console(1, Role::Agent));
    for number in 1..=2 {
        rig.notice(notice(number, 1));
        rig.frame(first, claim(number, &format!("c{number}")));
    }
    rig.feed(Input::Disconnected(first));
    rig.pass(9 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0), "it is kept for a while");
    rig.pass(2 * MINUTE, &[]);
    assert_eq!((holder(&rig, 1), holder(&rig, 2)), (None, None));
    assert!(rig.desk.router.loads.line().count() == 2, "both are back in line");
    // Never, where an admin says so.
    configure(&mut rig, 1, Routing { gone_minutes: 0, ..routing(Method::Manual) });
    let first = rig.console(0, Role::Agent);
    rig.frame(first, claim(1, "again"));
    rig.feed(Input::Disconnected(first));
    rig.pass(14 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0));
}

/// Who is back for less than the Desk takes to look has been here all the same.
#[test]
fn whoever_comes_back_for_a_moment_has_the_whole_time_again() {
    let (mut rig, consoles) = desk(Method::Manual, 1);
    rig.notice(notice(1, 1));
    rig.frame(consoles[0], claim(1, "c"));
    rig.console(1, Role::Agent);
    rig.feed(Input::Disconnected(consoles[0]));
    rig.pass(9 * MINUTE, &[]);
    let again = rig.console(0, Role::Agent);
    rig.pass(SECOND, &[]);
    rig.feed(Input::Disconnected(again));
    rig.pass(5 * MINUTE, &[]);
    assert_eq!(holder(&rig, 1), Some(0));
}

#[test]
fn a_quiet_desk_does_not_forget_what_was_let_ring() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    for _ in 0..2 {
        if holder(&rig, 1).is_none() {
            answer_when_asked(&mut rig, consoles[0]);
        }
        rig.reload();
        rig.pass(31 * SECOND, &[]);
        rig.reload();
    }
    assert_eq!(rig.open.get(&consoles[0]).unwrap().switch, Availability::Away);
}

/// INV-6: whoever answers later than anybody is waited for still gets what nobody else has.
#[test]
fn inv_6_a_console_far_away_gets_what_nobody_has() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, consoles[0]).unwrap();
    rig.pass(350, &[]);
    assert_eq!(holder(&rig, 1), None);
    answer(&mut rig, consoles[0], id, true);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (Some(0), true));
    assert_eq!(probe(&mut rig, consoles[0]), None, "and is not asked in vain again and again");
}

/// INV-6: what waited before there was any routing is in the queue, too.
#[test]
fn inv_6_rows_of_an_earlier_version_wait() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    rig.sql.exec("UPDATE conversations SET record = json_remove(record, '$.queued_at')", &[]).unwrap();
    rig.die();
    let console = rig.console(0, Role::Agent);
    configure(&mut rig, 1, routing(Method::LeastBusy));
    answer_all(&mut rig, &[console]);
    assert_eq!(holder(&rig, 1), Some(0));
}

#[test]
fn what_another_puts_off_while_it_rings_is_nobody_s() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let ordered = order(&mut rig);
    let mut done = notice(1, 2);
    (done.status, done.ringing) = (Status::Snoozed, Some(true));
    (done.assignee, done.assignment_epoch) = (ordered.assignee, ordered.assignment_epoch);
    rig.notice(done);
    assert_eq!((holder(&rig, 1), rings(&rig, 1)), (None, false));
    let released = order(&mut rig);
    assert_eq!((released.assignee, released.ringing), (None, false), "and the Room hears of it");
}

/// An answer that was under way while the agent replied is old news.
#[test]
fn a_late_answer_lets_nothing_ring_again() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &consoles);
    let Some(Call::Order { conversation: id, order }) = rig.network.pop_front() else { panic!("no order") };
    let mut replied = notice(1, 2);
    (replied.assignee, replied.assignment_epoch) = (order.assignee.clone(), order.assignment_epoch);
    rig.notice(replied);
    assert!(!rings(&rig, 1));
    let AssignOrder { assignment_epoch, assignee, .. } = order;
    let outcome = OrderOutcome::Answered(AssignAnswer { assignment_epoch, assignee, ringing: Some(true) });
    rig.feed(Input::RoomAnswered { conversation: id, assignment_epoch, outcome });
    assert_eq!((rings(&rig, 1), holder(&rig, 1)), (false, Some(0)));
}

#[test]
fn a_clock_that_leaps_and_comes_back_ends_what_rings() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.now = rig.now.plus(5 * MINUTE);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, consoles[0]).unwrap();
    rig.now = rig.now.plus(20);
    answer(&mut rig, consoles[0], id, true);
    assert!(rings(&rig, 1));
    rig.now = rig.now.plus(-20 * MINUTE);
    rig.notice(notice(2, 1));
    assert!(!rings(&rig, 1));
}
