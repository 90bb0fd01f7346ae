//! Routing: who is asked, and who gets it.

use super::{super::rig::*, teams};
use crate::core::{
    desk::effect::{Answer, Call, Input, OrderOutcome},
    error::Code,
    internal::{AssignAnswer, AssignOrder, ConfigureRequest, RoomNotice, Status},
    limits::GONE_MEMORY,
    port::Sql as _,
    principal::{Principal, Role},
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

pub fn configure(rig: &mut Rig, version: u64, routing: Routing) {
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
pub fn answer_all(rig: &mut Rig, consoles: &[SocketId]) {
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
pub fn confirm(rig: &mut Rig) {
    for call in std::mem::take(&mut rig.network).into_iter().filter(|call| matches!(call, Call::Order { .. })) {
        rig.network.push_front(call);
        order(rig);
    }
}

/// Lets time pass until the console is asked, and answers.
pub fn answer_when_asked(rig: &mut Rig, socket: SocketId) {
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
        rig.frame(*socket, Frame::SetAvailability(wire::SetAvailability { availability: 1, ..Default::default() }));
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
    rig.frame(consoles[0], Frame::SetAvailability(wire::SetAvailability { availability: 1, ..Default::default() }));
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

/// A quiet Desk sleeps between two conversations, and forgets those that are over: whose turn it is it still knows.
#[test]
fn whose_turn_it_is_outlives_the_desks_sleep() {
    for (pause, declines) in [(SECOND, false), (GONE_MEMORY + 2 * MINUTE, false), (SECOND, true)] {
        let (mut rig, consoles) = desk(Method::RoundRobin, 3);
        let mut given = Vec::new();
        for number in 1..=6 {
            rig.notice(notice(number, 1));
            answer_all(&mut rig, &consoles);
            rig.pass(100, &[]);
            let first = holder(&rig, number).unwrap();
            given.push(first);
            if declines {
                rig.frame(consoles[first as usize], decline(number));
            }
            let stored = rig.desk.list.entries.get(&conversation(number)).unwrap().stored.clone();
            let (assignee, assignment_epoch) = (stored.assignee, stored.assignment_epoch);
            rig.notice(RoomNotice { status: Status::Resolved, assignee, assignment_epoch, ..notice(number, 2) });
            confirm(&mut rig);
            rig.pass(pause, &[]);
            for (number, socket) in consoles.iter().enumerate() {
                let fresh = Principal::Agent(principal(number as u128, Role::Agent, rig.now));
                rig.feed(Input::Renewed { socket: *socket, principal: Some(fresh) });
            }
            rig.inbox.clear();
            rig.reload();
        }
        let mut round: Vec<u128> = given[..3].to_vec();
        round.sort();
        assert_eq!((round, &given[..3]), (vec![0, 1, 2], &given[3..]), "{pause} {declines}: in turn");
    }
}

/// Where agents claim nobody has a turn, and a row for it would be written for nothing.
#[test]
fn where_agents_claim_no_turn_is_kept() {
    for method in [Method::Manual, Method::RoundRobin] {
        let (mut rig, consoles) = desk(method, 1);
        rig.notice(notice(1, 1));
        rig.frame(consoles[0], claim(1, "c"));
        rig.frame(consoles[0], release(1, "r", 0));
        assert_eq!(rig.desk.record.given.len(), usize::from(method.is_automatic()), "{method:?}");
    }
}
