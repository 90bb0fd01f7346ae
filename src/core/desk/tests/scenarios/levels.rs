//! Levels: who comes before whom, and slots that are kept for visitors with one.

use super::{
    super::rig::*,
    routing::order,
    teams::{configure, is_probed, routing, site, team_id, two_teams},
};
use crate::core::{
    id::ConversationId,
    internal::RoomNotice,
    limits::QUEUE_LOOK,
    principal::Role,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    routing::{roster::Roster, settings::Routing},
    socket::SocketId,
    time::{MINUTE, SECOND},
};

fn comes(rig: &mut Rig, number: usize, level: u8) {
    rig.notice(RoomNotice { level, ..notice(number, 1) });
}

fn line(rig: &Rig) -> Vec<ConversationId> {
    rig.desk.router.loads.line().cloned().collect()
}

fn in_order(numbers: &[usize]) -> Vec<ConversationId> {
    numbers.iter().map(|number| conversation(*number)).collect()
}

/// Lets everybody who is asked say yes, for so long.
fn answer_for(rig: &mut Rig, consoles: &[SocketId], millis: i64) {
    for _ in 0..millis / 100 {
        for socket in consoles {
            for frame in rig.frames(*socket) {
                if let agent_frame::Frame::Probe(wire::Probe { id }) = frame {
                    rig.frame(*socket, Frame::ProbeAnswer(wire::ProbeAnswer { probe: id, available: true }));
                }
            }
        }
        rig.pass(100, &[]);
    }
}

fn held(rig: &Rig, numbers: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let is_held = |number: &usize| rig.desk.list.entries.get(&conversation(*number)).unwrap().holder().is_some();
    numbers.into_iter().filter(is_held).collect()
}

#[test]
fn a_level_is_worth_so_many_minutes_of_waiting() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { ageing_minutes: 10, ..routing() }, Roster::default());
    comes(&mut rig, 1, 0);
    rig.pass(9 * MINUTE, &[]);
    comes(&mut rig, 2, 1);
    assert_eq!(line(&rig), in_order(&[2, 1]), "came nine minutes later");
    rig.pass(2 * MINUTE, &[]);
    comes(&mut rig, 3, 1);
    assert_eq!(line(&rig), in_order(&[2, 1, 3]), "came eleven minutes later");
    comes(&mut rig, 4, 2);
    assert_eq!(line(&rig), in_order(&[4, 2, 1, 3]));
    rig.reload();
    assert_eq!(line(&rig), in_order(&[4, 2, 1, 3]), "the level is stored");
    configure(&mut rig, 2, Routing { ageing_minutes: 0, ..routing() }, Roster::default());
    assert_eq!(line(&rig), in_order(&[4, 2, 3, 1]), "without ageing levels stand above each other");
    configure(&mut rig, 3, Routing { ageing_minutes: 1, ..routing() }, Roster::default());
    assert_eq!(line(&rig), in_order(&[1, 2, 4, 3]));
}

#[test]
fn a_level_that_is_proven_later_moves_it_up_and_consoles_are_told_by_how_much() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { ageing_minutes: 10, ..routing() }, Roster::default());
    comes(&mut rig, 1, 0);
    comes(&mut rig, 2, 0);
    rig.notice(RoomNotice { level: 200, ..notice(2, 2) });
    assert_eq!(line(&rig), in_order(&[2, 1]));
    let row = |number: usize| rig.desk.list.entries.get(&conversation(number)).unwrap().row();
    assert_eq!((row(1).level, row(1).moved_up), (0, 0));
    assert_eq!((row(2).level, row(2).moved_up), (9, 90 * MINUTE.unsigned_abs()), "cut to what there is");
}

/// Those who may not have the last slot stand before one who may, as many as are looked at, and do not hold them up.
#[test]
fn a_kept_slot_goes_to_a_level_though_ordinary_ones_came_long_before() {
    let mut rig = Rig::new();
    let kept = Routing { capacity: 1, reserved_slots: 1, ageing_minutes: 1, ..routing() };
    configure(&mut rig, 1, kept, Roster::default());
    (0..QUEUE_LOOK).for_each(|number| comes(&mut rig, number, 0));
    rig.pass(10 * MINUTE, &[]);
    let console = rig.console(0, Role::Agent);
    comes(&mut rig, QUEUE_LOOK, 1);
    assert_eq!(line(&rig).last(), Some(&conversation(QUEUE_LOOK)));
    answer_for(&mut rig, &[console], SECOND);
    assert_eq!(held(&rig, 0..=QUEUE_LOOK), [QUEUE_LOOK]);
}

#[test]
fn kept_slots_are_free_for_nobody_else() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { capacity: 2, reserved_slots: 1, ..routing() }, Roster::default());
    let consoles = [rig.console(0, Role::Agent), rig.console(1, Role::Agent)];
    (0..40).for_each(|number| comes(&mut rig, number, 0));
    answer_for(&mut rig, &consoles, 5 * SECOND);
    assert_eq!(held(&rig, 0..40).len(), 3, "of four slots one is kept");
    comes(&mut rig, 50, 1);
    let came = rig.now;
    while held(&rig, [50]).is_empty() {
        answer_for(&mut rig, &consoles, 100);
        assert!(rig.now.since(came) <= 350, "though forty wait who came before");
    }
    comes(&mut rig, 51, 1);
    answer_for(&mut rig, &consoles, SECOND);
    assert!(held(&rig, [51]).is_empty(), "there is no slot any more");
}

#[test]
fn a_probe_for_others_does_not_hold_a_kept_slot() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { capacity: 1, reserved_slots: 1, ..routing() }, Roster::default());
    let consoles = [rig.console(0, Role::Agent), rig.console(1, Role::Agent)];
    comes(&mut rig, 1, 0);
    let asked: Vec<bool> = consoles.iter().map(|socket| is_probed(&mut rig, *socket)).collect();
    assert_eq!(asked.iter().filter(|is| **is).count(), 1, "the other slot is kept");
    comes(&mut rig, 2, 1);
    let asked_now: Vec<bool> = consoles.iter().map(|socket| is_probed(&mut rig, *socket)).collect();
    assert_eq!(asked_now, [!asked[0], !asked[1]]);
}

#[test]
fn a_team_keeps_slots_of_its_own_members() {
    let mut rig = Rig::new();
    let mut roster = two_teams();
    roster.teams[0].reserved_slots = 1;
    roster.sites.clear();
    configure(&mut rig, 1, Routing { capacity: 1, ..routing() }, roster);
    // Agents 0 and 1 are of team 0, which keeps one; 2 is of team 1, which keeps none.
    let consoles = [rig.console(0, Role::Agent), rig.console(1, Role::Agent), rig.console(2, Role::Agent)];
    (1..=3).for_each(|number| comes(&mut rig, number, 0));
    answer_for(&mut rig, &consoles, SECOND);
    assert_eq!(held(&rig, 1..=3).len(), 2);
    rig.notice(RoomNotice { team: Some(team_id(0)), level: 1, site: site(), ..notice(4, 1) });
    answer_for(&mut rig, &consoles, SECOND);
    assert_eq!(held(&rig, [4]), [4]);
}

#[test]
fn a_late_answer_takes_no_kept_slot() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { capacity: 1, reserved_slots: 0, ..routing() }, Roster::default());
    let console = rig.console(0, Role::Agent);
    comes(&mut rig, 1, 0);
    let probe = rig.frames(console).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Probe(probe) => Some(probe.id),
        _ => None,
    });
    rig.pass(400, &[]);
    configure(&mut rig, 2, Routing { capacity: 1, reserved_slots: 1, ..routing() }, Roster::default());
    rig.frame(console, Frame::ProbeAnswer(wire::ProbeAnswer { probe: probe.unwrap(), available: true }));
    assert!(held(&rig, [1]).is_empty());
    comes(&mut rig, 2, 3);
    answer_for(&mut rig, &[console], SECOND);
    assert_eq!(held(&rig, [1, 2]), [2]);
    assert!(order(&mut rig).ringing);
}
