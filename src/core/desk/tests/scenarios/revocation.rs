//! Revoked means silent, here and in every Room (INV-13).

use super::{super::rig::*, routing::*};
use crate::core::{
    desk::effect::{Call, Input},
    error::{CloseCode, Code},
    id::ConversationId,
    internal::{DetachNotice, Revoked, RoomNotice, Status, Withdrawal},
    limits::{ATTACH_GRACE, ATTACHMENTS_PER_AGENT, REVOCATION_MEMORY, SESSIONS_REMEMBERED, SOCKETS_PER_PARTICIPANT},
    principal::{AgentPrincipal, Role},
    protocol::wire::{self, client_frame::Frame},
    routing::settings::Method,
    time::{HOUR, SECOND},
};

fn revoked(number: u128) -> Revoked {
    Revoked::Agent { agent: agent(number).id, generation: 2 }
}

fn words(rig: &mut Rig) -> Vec<(ConversationId, Revoked)> {
    let mut words = Vec::new();
    for effect in std::mem::take(&mut rig.network) {
        match effect {
            Call::Revoke { conversation, revoked } => words.push((conversation, revoked)),
            other => rig.network.push_back(other),
        }
    }
    words
}

#[test]
fn inv_13_a_disabled_agent_falls_silent_everywhere() {
    let mut rig = Rig::new();
    for number in 0..4 {
        rig.notice(notice(number, 1));
    }
    let (a, tab, b) = (rig.console(1, Role::Agent), rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.frame(a, claim(0, "c0"));
    rig.frame(a, claim(1, "c1"));
    rig.frame(b, claim(2, "c2"));
    for room in [0, 3, 7] {
        assert_eq!(rig.attach(1, room), Ok(()));
    }
    assert_eq!(rig.attach(2, 0), Ok(()));
    rig.frames(a);
    rig.network.clear();
    rig.revoke(revoked(1), vec![conversation(9)], true);
    assert_eq!(rig.closed.get(&a), Some(&CloseCode::Revoked));
    assert_eq!(rig.closed.get(&tab), Some(&CloseCode::Revoked));
    assert!(rig.open.contains_key(&b));
    let told: Vec<ConversationId> = words(&mut rig).into_iter().map(|(room, _)| room).collect();
    assert_eq!(told, [0, 3, 7, 9].map(conversation), "where they have sockets, and where the caller says");
    let rows: Vec<_> = rig.stored().into_iter().filter(|row| row.contains("assignee\\\":{")).collect();
    assert_eq!(rows.len(), 1, "only what the other agent holds is still held: {rows:?}");
    assert_eq!(rig.attach(1, 3), Err(Code::Unauthorized));
    let again = rig.connect(principal(1, Role::Agent, rig.now));
    assert_eq!(rig.error(again).code, "unauthorized");
    rig.frames(b);
    rig.frame(b, claim(0, "again"));
    assert_eq!(rig.assigned(b).assignee.unwrap().name, "Agent 2");
}

#[test]
fn inv_13_every_room_is_told_until_it_confirms() {
    let mut rig = Rig::new();
    for room in 0..60 {
        assert_eq!(rig.attach(1, room), Ok(()));
    }
    rig.revoke(revoked(1), vec![], false);
    assert_eq!(rig.stored().iter().filter(|row| row.starts_with("attached")).count(), 0);
    // The first ones confirm, one never answers, one fails for a while.
    let mut confirmed = std::collections::BTreeSet::new();
    for round in 0..400 {
        for (room, revoked) in words(&mut rig) {
            if room == conversation(3) && round < 200 {
                continue;
            }
            let heard = room != conversation(4) || round >= 100;
            if heard {
                confirmed.insert(room.clone());
            }
            rig.feed(Input::RoomRevoked { conversation: room, revoked, heard });
        }
        rig.pass(5 * SECOND, &[]);
        if round == 50 {
            rig.die();
        }
    }
    assert_eq!(confirmed.len(), 60);
    assert_eq!(rig.stored().iter().filter(|row| row.starts_with("revocations")).count(), 0, "all have confirmed");
    rig.die();
    rig.ring(&[]);
    assert!(rig.network.is_empty());
}

#[test]
fn inv_13_revoked_principals_are_refused_as_long_as_their_tickets_live() {
    let mut rig = Rig::new();
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    rig.revoke(Revoked::Session { agent: agent(1).id, session: session_of(1) }, vec![], false);
    rig.die();
    assert_eq!(rig.attach(1, 0), Err(Code::Unauthorized));
    let elsewhere = AgentPrincipal { session: session_of(77), ..principal(1, Role::Agent, rig.now) };
    let other = rig.connect(elsewhere);
    assert!(rig.open.contains_key(&other), "another session of the same agent goes on");
    // Raised generations are not lowered by a late, lower one.
    rig.revoke(Revoked::Agent { agent: agent(2).id, generation: 5 }, vec![], false);
    rig.revoke(Revoked::Agent { agent: agent(2).id, generation: 3 }, vec![], false);
    for (generation, good) in [(3, false), (4, false), (5, true)] {
        let socket = rig.connect(AgentPrincipal { generation, ..principal(2, Role::Agent, rig.now) });
        assert_eq!(rig.open.contains_key(&socket), good, "generation {generation}");
    }
    assert!(rig.closed.contains_key(&a) && rig.closed.contains_key(&b));
    // A clock that leaps and comes back lets nobody in; many sessions later the first is forgotten, an agent never.
    rig.now = rig.now.plus(REVOCATION_MEMORY);
    let end = |rig: &mut Rig, number: u128| {
        rig.revoke(Revoked::Session { agent: agent(3).id, session: session_of(number) }, vec![], false);
        rig.stored().remove(0)
    };
    assert!(end(&mut rig, 100).contains(session_of(1).as_str()));
    let record = (101..110 + SESSIONS_REMEMBERED as u128).map(|number| end(&mut rig, number)).last().unwrap();
    assert!(!record.contains(session_of(1).as_str()) && record.contains(agent(2).id.as_str()), "{record}");
}

/// Sockets can outlive their revocation if the machine was dropped between the commit and the closing.
#[test]
fn inv_13_a_socket_that_was_left_over_gets_nothing() {
    let mut rig = Rig::new();
    let (a, b) = (rig.console(1, Role::Agent), rig.console(2, Role::Agent));
    let left_over = rig.open.get(&a).cloned().unwrap();
    rig.revoke(revoked(1), vec![], false);
    rig.closed.remove(&a);
    rig.open.insert(a, left_over);
    rig.reload();
    rig.inbox.clear();
    rig.notice(notice(1, 1));
    rig.pass(2 * SECOND, &[]);
    assert!(rig.frames(b).len() == 1 && rig.frames(a).is_empty(), "only the other one hears of it");
    rig.pass(30 * SECOND, &[]);
    assert_eq!(rig.closed.get(&a), Some(&CloseCode::Revoked));
}

#[test]
fn the_later_word_about_a_visitor_wins() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let word = |blocked, generation| Revoked::Visitor { visitor: visitor(1), generation, blocked, by: agent(1) };
    rig.revoke(word(true, 2), vec![conversation(8)], false);
    let first = words(&mut rig);
    assert_eq!(first.len(), 2, "the one that is known here, and the caller's");
    rig.revoke(word(false, 3), vec![], false);
    assert_eq!(words(&mut rig), [], "not before the first is through");
    // A Desk that dies before that knows of all who have yet to hear the later one.
    let mut other = rig.stored();
    other.retain(|row| row.starts_with("revocations"));
    assert!(other.len() == 1 && [1, 8].iter().all(|it| other[0].contains(conversation(*it).as_str())), "{other:?}");
    for (room, revoked) in first {
        rig.feed(Input::RoomRevoked { conversation: room, revoked, heard: true });
    }
    let second = words(&mut rig);
    assert_eq!(second.len(), 2);
    assert!(second.iter().all(|(_, revoked)| *revoked == word(false, 3)));
    for (room, revoked) in second {
        rig.feed(Input::RoomRevoked { conversation: room, revoked, heard: true });
    }
    assert_eq!(rig.stored().iter().filter(|row| row.starts_with("revocations")).count(), 0);
}

#[test]
fn attachments() {
    let mut rig = Rig::new();
    assert_eq!(rig.attach(1, 0), Ok(()));
    let rows = rig.rows_written;
    assert_eq!(rig.attach(1, 0), Ok(()));
    assert_eq!(rig.rows_written, rows, "a second tab is no second row");
    let gone = |at| {
        Input::Detach(DetachNotice { workspace: workspace(0), agent: agent(1).id, conversation: conversation(0), at })
    };
    let early = rig.now.plus(ATTACH_GRACE - 1);
    rig.now = rig.now.plus(HOUR);
    rig.feed(gone(early));
    assert_eq!(rig.done(), Err(Code::Conflict), "perhaps about a socket of before, however late it comes");
    rig.feed(gone(early.plus(1)));
    assert_eq!(rig.done(), Ok(()));
    rig.feed(gone(early.plus(1)));
    assert_eq!(rig.done(), Ok(()), "twice is once");
    rig.revoke(revoked(1), vec![], false);
    assert_eq!(words(&mut rig), [], "no Room has to hear of it");

    let mut rig = Rig::new();
    assert_eq!(rig.attach(1, 0), Ok(()));
    assert_eq!(rig.attach(2, 0), Ok(()));
    let n_rows = |rig: &Rig| rig.stored().iter().filter(|row| row.starts_with("attached")).count();
    let agents = |numbers: &[u128]| Some(numbers.iter().map(|number| agent(*number).id).collect());
    let (early, late) = (rig.now.plus(ATTACH_GRACE - 1), rig.now.plus(ATTACH_GRACE));
    rig.now = rig.now.plus(HOUR);
    rig.notice(RoomNotice { agents: agents(&[]), at: early, ..notice(0, 1) });
    assert_eq!(n_rows(&rig), 2, "they may have been on their way");
    rig.notice(RoomNotice { agents: None, at: late, ..notice(0, 2) });
    assert_eq!(n_rows(&rig), 2, "an older Room does not say");
    rig.notice(RoomNotice { agents: agents(&[2]), at: late, ..notice(0, 3) });
    rig.reload();
    rig.revoke(revoked(1), vec![], false);
    assert_eq!(words(&mut rig), [], "a lost detach was made good");
    rig.revoke(revoked(2), vec![], false);
    assert_eq!(words(&mut rig).len(), 1);

    // Found by the model: a later attach counts as much as the first, also for a Desk that has slept since.
    let mut rig = Rig::new();
    assert_eq!(rig.attach(1, 0), Ok(()));
    rig.now = rig.now.plus(HOUR);
    assert_eq!(rig.attach(1, 0), Ok(()));
    rig.reload();
    rig.notice(RoomNotice { agents: agents(&[]), at: rig.now, ..notice(0, 1) });
    rig.revoke(revoked(1), vec![], false);
    assert_eq!(words(&mut rig).len(), 1);

    let mut rig = Rig::new();
    for room in 0..ATTACHMENTS_PER_AGENT {
        assert_eq!(rig.attach(1, room), Ok(()));
    }
    assert_eq!(rig.attach(1, ATTACHMENTS_PER_AGENT), Err(Code::RateLimited));
    assert_eq!(rig.attach(1, 5), Ok(()));
    assert_eq!(rig.attach(2, 0), Ok(()));
}

/// Whoever knocks at what is not there leaves nothing behind; whoever has come in stays attached, whatever happens to
/// other tabs of theirs.
#[test]
fn what_no_room_has_let_in_is_withdrawn() {
    let attached = |rig: &Rig| rig.stored().iter().filter(|row| row.starts_with("attached")).count();
    let mut rig = Rig::new();
    for room in 0..2 * ATTACHMENTS_PER_AGENT {
        let knock = room as u64 + 1;
        assert_eq!(rig.knock(1, room, knock), Ok(()));
        rig.withdraw(1, room, knock);
    }
    assert_eq!((attached(&rig), rig.desk.attached.len()), (0, 0));

    // What happens in which order, and whether the agent is attached at the end.
    type Step = (&'static str, u64);
    let cases: [(&str, &[Step], bool); 9] = [
        ("two tabs, both turned away", &[("knock", 1), ("knock", 2), ("withdraw", 1), ("withdraw", 2)], false),
        ("in the other order", &[("knock", 1), ("knock", 2), ("withdraw", 2), ("withdraw", 1)], false),
        ("one of them came in", &[("knock", 1), ("knock", 2), ("withdraw", 2)], true),
        ("twice the same word", &[("knock", 1), ("knock", 2), ("withdraw", 1), ("withdraw", 1)], true),
        ("a Desk that has slept since", &[("knock", 1), ("reload", 0), ("knock", 2), ("withdraw", 2)], true),
        ("without a name", &[("knock", 1), ("knock", 0), ("withdraw", 1), ("withdraw", 0)], true),
        ("twice the same name", &[("knock", 1), ("knock", 1), ("withdraw", 1)], true),
        ("another's word", &[("knock", 1), ("withdraw", 3)], true),
        ("turned away, then in", &[("knock", 1), ("withdraw", 1), ("knock", 2), ("withdraw", 1)], true),
    ];
    for (name, steps, stays) in cases {
        let mut rig = Rig::new();
        for (step, knock) in steps {
            match *step {
                "knock" => assert_eq!(rig.knock(1, 0, *knock), Ok(())),
                "withdraw" => rig.withdraw(1, 0, *knock),
                _ => rig.reload(),
            }
        }
        assert_eq!(attached(&rig) == 1, stays, "{name}");
        rig.revoke(revoked(1), vec![], false);
        assert_eq!(words(&mut rig).len(), usize::from(stays), "{name}");
    }

    let mut rig = Rig::new();
    assert_eq!(rig.knock(1, 0, 1), Ok(()));
    let (agent, conversation) = (agent(1).id, conversation(0));
    rig.feed(Input::Withdraw(Withdrawal { workspace: workspace(1), agent, conversation, knock: 1 }));
    assert_eq!(attached(&rig), 1, "another workspace's word");

    let mut rig = Rig::new();
    for knock in 1..=2 * SOCKETS_PER_PARTICIPANT as u64 {
        assert_eq!(rig.knock(1, 0, knock), Ok(()));
    }
    for knock in 1..=2 * SOCKETS_PER_PARTICIPANT as u64 {
        rig.withdraw(1, 0, knock);
    }
    assert_eq!(attached(&rig), 1, "more than are kept in mind are left to the Room's word");
}

/// Their tickets end, for a password that was lost for instance, and not their work.
#[test]
fn whoever_is_not_disabled_keeps_what_they_have() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let console = rig.console(1, Role::Agent);
    rig.frame(console, claim(1, "c1"));
    rig.revoke(revoked(1), vec![], false);
    assert_eq!(rig.closed.get(&console), Some(&CloseCode::Revoked));
    assert_eq!(holder(&rig, 1), Some(1));
}

/// A conversation that was resolved when its agent was disabled comes back to nobody, not to them.
#[test]
fn what_a_disabled_agent_held_comes_back_free() {
    let mut rig = Rig::new();
    let theirs = |rev, status| RoomNotice { status, assignment_epoch: 7, assignee: Some(agent(1)), ..notice(1, rev) };
    rig.notice(theirs(1, Status::Resolved));
    rig.revoke(revoked(1), vec![], true);
    rig.pass(HOUR, &[]);
    rig.reload();
    let answer = rig.notice(theirs(2, Status::Open));
    let order = answer.assignment.unwrap();
    assert_eq!((order.assignee, order.assignment_epoch > 7), (None, true));
    // Enabled again: a ticket of the new generation.
    let back = rig.connect(AgentPrincipal { generation: 2, ..principal(1, Role::Agent, rig.now) });
    assert!(rig.open.contains_key(&back));
    let again = RoomNotice { assignment_epoch: 9_000_000_000_000, ..theirs(3, Status::Open) };
    assert_eq!(rig.notice(again).assignment, None);
}

/// The word is repeated until it is confirmed, for half a minute: they may be enabled and here again by then.
#[test]
fn a_word_that_comes_late_takes_nothing_from_whoever_has_come_back() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    let disabling = || Revoked::Agent { agent: agent(0).id, generation: 2 };
    // Somebody else who is here with a later ticket of their own has nothing to do with it.
    rig.connect(AgentPrincipal { generation: 3, ..principal(1, Role::Agent, rig.now) });
    rig.notice(notice(3, 1));
    answer_all(&mut rig, &consoles);
    assert_eq!(holder(&rig, 3), Some(0));
    rig.revoke(disabling(), vec![], true);
    assert_eq!(holder(&rig, 3), None);
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(3, 2) });
    let back = rig.connect(AgentPrincipal { generation: 2, ..principal(0, Role::Agent, rig.now) });
    rig.frame(back, Frame::DeskHello(wire::DeskHello::default()));
    rig.notice(notice(1, 1));
    answer_all(&mut rig, &[back]);
    assert_eq!(holder(&rig, 1), Some(0));
    rig.revoke(disabling(), vec![], true);
    assert_eq!((holder(&rig, 1), rig.open.contains_key(&back)), (Some(0), true));
    rig.notice(notice(2, 1));
    answer_all(&mut rig, &[back]);
    assert_eq!(holder(&rig, 2), Some(0), "and goes on being given conversations");
    // The next one is meant for them.
    rig.revoke(Revoked::Agent { agent: agent(0).id, generation: 3 }, vec![], true);
    assert_eq!((holder(&rig, 1), holder(&rig, 2), rig.open.contains_key(&back)), (None, None, false));
}
