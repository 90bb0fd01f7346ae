//! How long conversations may stand still: every Room that is open hears of it, once, whatever happens meanwhile.

use super::{
    super::rig::*,
    teams::{configure, routing},
};
use crate::core::{
    desk::effect::{Call, Input},
    internal::{IdleTerms, RoomNotice, Status},
    limits::CALLS_AT_ONCE,
    routing::{roster::Roster, settings::Routing},
    time::{MINUTE, SECOND},
};

fn set(rig: &mut Rig, version: u64, idle_minutes: u32) {
    configure(rig, version, Routing { idle_minutes, ..routing() }, Roster::default());
}

/// Whom the Desk tells, by number, and what.
fn told(rig: &mut Rig) -> Vec<(usize, IdleTerms)> {
    let calls = std::mem::take(&mut rig.network);
    calls
        .into_iter()
        .filter_map(|call| match call {
            Call::TellIdle { conversation: id, notice } => {
                Some(((0..500).find(|it| conversation(*it) == id).unwrap(), notice.terms))
            }
            _ => None,
        })
        .collect()
}

fn heard(rig: &mut Rig, number: usize, version: u64, heard: bool) {
    rig.feed(Input::IdleTold { conversation: conversation(number), version, heard });
}

fn numbers(told: &[(usize, IdleTerms)]) -> Vec<usize> {
    told.iter().map(|it| it.0).collect()
}

#[test]
fn every_answer_says_it_and_a_change_is_told_to_what_is_open() {
    let mut rig = Rig::new();
    let off = IdleTerms { version: 0, minutes: 0, warning_minutes: 5 };
    assert_eq!(rig.notice(notice(1, 1)).idle, Some(off));
    rig.notice(notice(2, 1));
    rig.notice(RoomNotice { status: Status::Snoozed, ..notice(3, 1) });
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(4, 1) });
    set(&mut rig, 1, 0);
    assert_eq!(told(&mut rig), [], "nothing of it has changed");
    set(&mut rig, 2, 60);
    let on = IdleTerms { version: 2, minutes: 60, ..off };
    assert_eq!(told(&mut rig), [(1, on), (2, on)], "what wakes or comes back asks by itself");
    assert_eq!(rig.notice(notice(3, 2)).idle, Some(on));
    heard(&mut rig, 1, 2, true);
    heard(&mut rig, 2, 2, false);
    rig.pass(SECOND, &[]);
    assert_eq!(told(&mut rig), []);
    rig.pass(5 * SECOND, &[]);
    assert_eq!(told(&mut rig), [(2, on)], "again, because it could not be reached");
    heard(&mut rig, 2, 2, true);
    assert!(!rig.desk.record.idle_untold);
    rig.reload();
    rig.pass(5 * MINUTE, &[]);
    assert_eq!(told(&mut rig), [], "all know");
    set(&mut rig, 3, 60);
    assert_eq!(told(&mut rig), []);
}

#[test]
fn what_changes_meanwhile_is_told_after_it() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    set(&mut rig, 1, 60);
    assert_eq!(numbers(&told(&mut rig)), [1]);
    set(&mut rig, 2, 30);
    assert_eq!(told(&mut rig), [], "one word at a time, or the older could come last");
    heard(&mut rig, 1, 1, true);
    let again = told(&mut rig);
    assert_eq!((again[0].1.version, again[0].1.minutes), (2, 30));
    assert!(rig.desk.record.idle_untold);
    heard(&mut rig, 1, 2, true);
    assert!(!rig.desk.record.idle_untold);
}

/// A workspace with many: so many at a time, two rows in all, and a Desk that dies in between begins again.
#[test]
fn a_desk_that_dies_begins_again() {
    let mut rig = Rig::new();
    for number in 0..120 {
        rig.notice(notice(number, 1));
    }
    set(&mut rig, 1, 60);
    let first = told(&mut rig);
    assert_eq!(first.len(), CALLS_AT_ONCE);
    for (number, _) in first {
        heard(&mut rig, number, 1, true);
    }
    told(&mut rig);
    rig.die();
    rig.ring(&[]);
    let mut left = 120;
    let rows = rig.rows_written;
    loop {
        let some = told(&mut rig);
        if some.is_empty() {
            break;
        }
        left -= some.len();
        for (number, terms) in some {
            heard(&mut rig, number, terms.version, true);
        }
    }
    assert_eq!((left, rig.rows_written - rows), (0, 1), "the mark goes when the last has heard it");
    rig.die();
    rig.ring(&[]);
    assert_eq!(told(&mut rig), []);
}

#[test]
fn what_could_not_be_written_is_told_to_nobody() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    let routing = Routing { idle_minutes: 60, ..routing() };
    let request =
        crate::core::internal::ConfigureRequest { workspace: workspace(0), version: 1, routing, roster: None };
    rig.feed_with(Input::Configure(request.clone()), Fate::NothingWritten);
    assert_eq!((told(&mut rig), rig.desk.record.routing.idle_minutes), (vec![], 0));
    rig.feed_with(Input::Configure(request), Fate::DiesAfterCommit);
    rig.ring(&[]);
    assert_eq!(numbers(&told(&mut rig)), [1], "the Desk that comes after knows");
}
