//! How long visitors waited today, as the board is told.

use super::super::rig::*;
use crate::core::{
    desk::effect::Input,
    internal::Status,
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    socket::SocketId,
    time::{DAY, MINUTE, SECOND},
};

/// What a console is told last.
fn told(rig: &mut Rig, socket: SocketId) -> Option<wire::AnswersToday> {
    let mut answers = rig.frames(socket).into_iter().filter_map(|frame| match frame {
        agent_frame::Frame::DeskWelcome(welcome) => welcome.answers,
        agent_frame::Frame::DeskUpdate(update) => update.answers,
        _ => None,
    });
    answers.next_back()
}

fn counts(of: &wire::AnswersToday) -> (u64, Vec<(String, u64)>) {
    (of.all.as_ref().unwrap().count, of.lines.iter().map(|it| (it.team.clone(), it.count)).collect())
}

#[test]
fn a_desk_that_sleeps_over_midnight_begins_a_new_day() {
    let mut rig = Rig::new();
    let console = rig.console(1, Role::Admin);
    rig.notice(notice(1, 1));
    rig.frame(console, claim(1, "c1"));
    rig.feed(Input::Disconnected(console));
    rig.pass(10 * SECOND, &[]);
    rig.now = rig.now.plus(DAY);
    rig.die();
    let morning = rig.console(2, Role::Admin);
    rig.frame(morning, Frame::DeskHello(wire::DeskHello::default()));
    assert_eq!(counts(&told(&mut rig, morning).unwrap()), (0, vec![]));
}

#[test]
fn a_wait_counts_once_is_told_and_survives_sleep_until_midnight() {
    let mut rig = Rig::new();
    let console = rig.console(1, Role::Admin);
    rig.notice(notice(1, 1));
    rig.pass(90 * SECOND, &[]);
    rig.inbox.clear();
    rig.frame(console, claim(1, "c1"));
    rig.pass(2 * SECOND, &[]);
    let answers = told(&mut rig, console).unwrap();
    assert_eq!(counts(&answers), (1, vec![(String::new(), 1)]));
    let all = answers.all.unwrap();
    assert!(all.median_ms.abs_diff(90_000) <= 90_000 / 32 && all.p90_ms == all.median_ms, "{all:?}");
    // Given back and taken again: that visitor has been answered.
    rig.frame(console, release(1, "r1", 0));
    rig.pass(MINUTE, &[]);
    rig.frame(console, claim(1, "c2"));
    rig.pass(2 * SECOND, &[]);
    assert_eq!(told(&mut rig, console), None, "nothing new");
    rig.reload();
    let again = rig.console(2, Role::Admin);
    let welcome = |rig: &mut Rig, socket| {
        rig.inbox.clear();
        rig.frame(socket, Frame::DeskHello(wire::DeskHello::default()));
        counts(&told(rig, socket).unwrap())
    };
    assert_eq!(welcome(&mut rig, again).0, 1, "after sleep");
    // Resolved and opened again is a new wait.
    let entry = rig.desk.list.entries.get(&conversation(1)).unwrap().stored.clone();
    let (assignee, assignment_epoch) = (entry.assignee, entry.assignment_epoch);
    let as_now = |rev| wire_notice(rev, assignee.clone(), assignment_epoch);
    rig.notice(crate::core::internal::RoomNotice { status: Status::Resolved, ..as_now(5) });
    assert!(!rig.desk.list.entries.get(&conversation(1)).unwrap().stored.answered);
    rig.feed(Input::Disconnected(console));
    rig.now = rig.now.plus(DAY);
    rig.ring(&[]);
    let morning = rig.console(3, Role::Admin);
    assert_eq!(welcome(&mut rig, morning), (0, vec![]), "a new day");
    rig.notice(notice(2, 1));
    rig.frame(morning, claim(2, "c3"));
    assert_eq!(welcome(&mut rig, morning).0, 1);
    rig.reload();
    let later = rig.console(4, Role::Admin);
    assert_eq!(welcome(&mut rig, later).0, 1, "those of the day before are gone from the disk");
}

fn wire_notice(
    rev: u64,
    assignee: Option<crate::core::internal::AgentRef>,
    assignment_epoch: u64,
) -> crate::core::internal::RoomNotice {
    crate::core::internal::RoomNotice { assignee, assignment_epoch, ..notice(1, rev) }
}
