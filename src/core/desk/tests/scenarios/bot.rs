//! Which conversations are the bot's, and that Rooms hear of it.

use super::{
    super::rig::*,
    teams::{configure, routing, team, team_id, to_team, two_teams},
};
use crate::core::{
    desk::effect::{Call, Input},
    error::Code,
    internal::{BotNotice, BotTerms, NoticeAnswer, RoomNotice, Status},
    principal::Role,
    protocol::wire::{self, agent_frame},
    routing::{
        roster::Roster,
        settings::{Method, Routing},
    },
    socket::SocketId,
    time::{HOUR, MINUTE, SECOND},
};

fn terms(version: u64, on: bool) -> BotTerms {
    BotTerms { version, on, model: "ab".repeat(32), hold_back: None, team: None }
}

fn set(rig: &mut Rig, version: u64, on: bool) {
    rig.feed(Input::BotChanged(BotNotice { workspace: workspace(0), terms: terms(version, on) }));
    assert_eq!(rig.done(), Ok(()));
}

/// Whom the Desk tells, by number, and which version.
fn told(rig: &mut Rig) -> Vec<(usize, u64)> {
    let number = |id| (0..200).find(|it| conversation(*it) == id).unwrap();
    let calls = std::mem::take(&mut rig.network);
    calls
        .into_iter()
        .filter_map(|call| match call {
            Call::TellBot { conversation, notice } => Some((number(conversation), notice.terms.version)),
            _ => None,
        })
        .collect()
}

fn heard(rig: &mut Rig, number: usize, version: u64, heard: bool) {
    rig.feed(Input::BotTold { conversation: conversation(number), version, heard });
}

fn new(number: usize, rev: u64) -> RoomNotice {
    RoomNotice { undecided: true, ..notice(number, rev) }
}

fn row(rig: &Rig, number: usize) -> wire::DeskRow {
    rig.desk.list.entries[&conversation(number)].row()
}

fn begins(answer: &NoticeAnswer) -> bool {
    answer.begins
}

#[test]
fn without_a_bot_everything_is_as_it_was() {
    let mut rig = Rig::new();
    let answer = rig.notice(new(1, 1));
    assert_eq!((answer.bot.clone(), begins(&answer)), (None, false));
    assert_ne!(row(&rig, 1).queued_at, 0, "it waits for people");
    let text = serde_json::to_string(&answer).unwrap();
    assert!(!text.contains("bot") && !text.contains("begins"), "{text}");
    set(&mut rig, 1, false);
    assert!(!begins(&rig.notice(new(2, 1))));
    assert_ne!(row(&rig, 2).queued_at, 0);
}

#[test]
fn what_has_just_begun_is_the_bots_and_waits_in_no_line() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::LeastBusy, ..routing() }, Roster::default());
    rig.notice(new(1, 1));
    set(&mut rig, 1, true);
    rig.console(0, Role::Agent);
    rig.network.clear();
    let answer = rig.notice(new(2, 1));
    assert_eq!((answer.bot.clone(), begins(&answer)), (Some(terms(1, true)), true));
    let two = row(&rig, 2);
    assert_eq!((two.status(), two.queued_at), (wire::Status::Pending, 0));
    rig.pass(5 * MINUTE, &[]);
    assert_eq!(row(&rig, 2).assignee, None, "nobody is asked for it");
    assert!(begins(&rig.notice(new(2, 2))), "the answer was lost: the same again");
    assert!(!begins(&rig.notice(new(1, 2))), "what waits for people goes on waiting for them");
    let left = RoomNotice { reply_to: Some("a@example.com".into()), ..new(3, 1) };
    assert!(!begins(&rig.notice(left)), "who has left an address waits for people");
    assert_eq!(row(&rig, 3).status(), wire::Status::Open);
    // The Room has it so from now on, until it hands over.
    assert!(!begins(&rig.notice(RoomNotice { status: Status::Pending, ..notice(2, 3) })));
    rig.reload();
    assert_eq!(row(&rig, 2).status(), wire::Status::Pending, "it outlives the Desk");
    assert_eq!(rig.notice(RoomNotice { status: Status::Pending, ..notice(2, 4) }).bot, Some(terms(1, true)));
    assert!(!begins(&rig.notice(notice(2, 5))));
    assert_ne!(row(&rig, 2).queued_at, 0, "handed over it is in line");
}

#[test]
fn what_it_hands_over_waits_for_the_team_that_is_named_for_it() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, routing(), two_teams());
    let named = |rig: &mut Rig, version: u64, team: u128| {
        let terms = BotTerms { team: Some(team_id(team)), ..terms(version, true) };
        rig.feed(Input::BotChanged(BotNotice { workspace: workspace(0), terms }));
        assert_eq!(rig.done(), Ok(()));
    };
    named(&mut rig, 1, 1);
    rig.notice(new(1, 1));
    assert_eq!(row(&rig, 1).team, team_id(0).as_str(), "as long as it is the bot's it is its site's");
    rig.notice(RoomNotice { status: Status::Pending, ..notice(1, 2) });
    let answer = rig.notice(notice(1, 3));
    assert_eq!(row(&rig, 1).team, team_id(1).as_str());
    let order = answer.assignment.unwrap();
    assert_eq!((order.team_id, order.assignee, order.reason.as_str()), (Some(team_id(1)), None, "handed_over"));
    assert_ne!(row(&rig, 1).queued_at, 0);
    // What an intent names goes first; one that is gone does not.
    for (number, hand_to, takes) in [(4, team_id(0), 0), (5, team_id(7), 1)] {
        rig.notice(new(number, 1));
        rig.notice(RoomNotice { hand_to: Some(hand_to), ..notice(number, 2) });
        assert_eq!(row(&rig, number).team, team_id(takes).as_str(), "{number}");
    }
    // Said again it is not decided again.
    let epoch = row(&rig, 1).assignment_epoch;
    rig.notice(RoomNotice { assignment_epoch: epoch, ..notice(1, 4) });
    assert_eq!(row(&rig, 1).assignment_epoch, epoch);
    // One that an agent has taken is theirs, and a team that is gone takes nothing over.
    let console = rig.console(0, Role::Agent);
    rig.notice(new(2, 1));
    rig.frame(console, claim(2, "c"));
    rig.notice(notice(2, 2));
    assert_eq!(row(&rig, 2).team, team_id(0).as_str());
    named(&mut rig, 2, 7);
    rig.notice(new(3, 1));
    assert!(rig.notice(notice(3, 2)).assignment.is_none());
    assert_eq!(row(&rig, 3).team, team_id(0).as_str());
}

/// A bot of team 1, and one conversation that is its own; the site's team is 0, and there is a third.
fn pending(rig: &mut Rig) -> SocketId {
    let third = team(2, &[3]);
    let roster = Roster { teams: two_teams().teams.into_iter().chain([third]).collect(), ..two_teams() };
    configure(rig, 1, routing(), roster);
    let terms = BotTerms { team: Some(team_id(1)), ..terms(1, true) };
    rig.feed(Input::BotChanged(BotNotice { workspace: workspace(0), terms }));
    assert_eq!(rig.done(), Ok(()));
    let console = rig.console(0, Role::Agent);
    rig.notice(new(1, 1));
    rig.notice(RoomNotice { status: Status::Pending, ..notice(1, 2) });
    rig.network.clear();
    console
}

/// As its Room says of it that it is the bot's no longer, for that is what an order to a team means.
#[test]
fn what_people_hand_to_a_team_does_not_end_with_the_bots_own() {
    for (confirmed, slept) in [(true, false), (true, true), (false, false)] {
        let mut rig = Rig::new();
        let console = pending(&mut rig);
        rig.frame(console, to_team(1, "t", 2));
        let epoch = row(&rig, 1).assignment_epoch;
        if confirmed {
            super::routing::confirm(&mut rig);
            // Sent before that, and late.
            rig.notice(RoomNotice { status: Status::Pending, ..notice(1, 3) });
        }
        if slept {
            rig.reload();
        }
        rig.notice(RoomNotice { assignment_epoch: epoch, team: Some(team_id(2)), ..notice(1, 4) });
        let one = row(&rig, 1);
        let what = format!("confirmed {confirmed}, slept {slept}");
        assert_eq!((one.team.as_str(), one.assignment_epoch), (team_id(2).as_str(), epoch), "{what}");
        // Opened again it is the bot's anew, and goes where the bot hands it.
        let resolved_at = Some(rig.now);
        let over = RoomNotice { assignment_epoch: epoch, team: Some(team_id(2)), resolved_at, ..notice(1, 5) };
        rig.notice(RoomNotice { status: Status::Resolved, ..over.clone() });
        assert!(begins(&rig.notice(RoomNotice { rev: 6, undecided: true, ..over.clone() })), "{what}");
        rig.notice(RoomNotice { rev: 7, ..over });
        assert_eq!(row(&rig, 1).team, team_id(1).as_str(), "{what}");
    }
}

/// It is shown with its site's team, and waits in no line.
#[test]
fn an_agent_may_give_the_bots_to_its_sites_own_team() {
    let mut rig = Rig::new();
    let console = pending(&mut rig);
    let before = row(&rig, 1);
    assert_eq!((before.team.as_str(), before.status()), (team_id(0).as_str(), wire::Status::Pending));
    rig.frame(console, to_team(1, "t", 0));
    let given = rig.assigned(console);
    assert!(given.assignment_epoch > before.assignment_epoch, "not answered as if it waited there");
    let order = super::routing::order(&mut rig);
    assert_eq!((order.team.as_str(), order.team_id), ("Team 0", Some(team_id(0))));
    rig.notice(RoomNotice { assignment_epoch: order.assignment_epoch, team: Some(team_id(0)), ..notice(1, 3) });
    let after = row(&rig, 1);
    assert_eq!((after.team.as_str(), after.queued_at != 0), (team_id(0).as_str(), true));
    rig.inbox.clear();
    rig.frame(console, to_team(1, "again", 0));
    let again = rig.frames(console).into_iter().find_map(|frame| match frame {
        agent_frame::Frame::Assigned(assigned) => Some(assigned.assignment_epoch),
        _ => None,
    });
    assert_eq!(again, Some(given.assignment_epoch), "where it waits it is left");
}

#[test]
fn an_agent_may_take_it_from_the_bot() {
    let mut rig = Rig::new();
    set(&mut rig, 1, true);
    let console = rig.console(0, Role::Agent);
    rig.notice(new(1, 1));
    rig.frame(console, claim(1, "c"));
    assert_eq!(rig.assigned(console).assignee.unwrap().id, agent(0).id.as_str());
    // A Room that has yet to hear of either is told of the agent, not that the bot begins.
    let answer = rig.notice(new(1, 2));
    assert_eq!((begins(&answer), answer.assignment.unwrap().assignee), (false, Some(agent(0))));
}

/// An agent has held it and it was resolved just now: what its Room says of it when the visitor opens it again, but for that.
fn resolved_by_their_agent(reopen_hours: u32) -> (Rig, RoomNotice) {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { reopen_hours, ..routing() }, Roster::default());
    set(&mut rig, 1, true);
    let console = rig.console(0, Role::Agent);
    rig.notice(notice(1, 1));
    rig.frame(console, claim(1, "c"));
    let held = RoomNotice {
        assignment_epoch: row(&rig, 1).assignment_epoch,
        assignee: Some(agent(0)),
        resolved_at: Some(rig.now),
        ..notice(1, 5)
    };
    rig.notice(RoomNotice { status: Status::Resolved, ..held.clone() });
    (rig, held)
}

#[test]
fn opened_again_it_is_the_bots_unless_an_agent_still_has_it() {
    let after = |later: i64, reopen_hours: u32| {
        let (mut rig, held) = resolved_by_their_agent(reopen_hours);
        rig.now = rig.now.plus(later);
        rig.console(0, Role::Agent);
        let answer = rig.notice(RoomNotice { rev: 6, undecided: true, ..held });
        let one = row(&rig, 1);
        let is_released = answer.assignment.as_ref().is_some_and(|order| order.assignee.is_none());
        (begins(&answer), is_released, one.status(), one.assignee.is_some())
    };
    assert_eq!(after(HOUR - 1, 1), (false, false, wire::Status::Open, true), "within its time it stays theirs");
    assert_eq!(after(HOUR, 1), (true, true, wire::Status::Pending, false));
    // Nobody had it: the bot's again, also where the Desk has forgotten it.
    let mut rig = Rig::new();
    set(&mut rig, 1, true);
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(1, 1) });
    assert!(begins(&rig.notice(new(1, 2))));
    assert!(begins(&rig.notice(new(2, 1))));
}

/// Nobody has it, but agents have written there since: a reply to them is people's for as long as it would be its agent's.
#[test]
fn a_reply_to_an_agent_is_not_the_bots() {
    let after = |later: i64| {
        let mut rig = Rig::new();
        configure(&mut rig, 1, Routing { reopen_hours: 1, ..routing() }, Roster::default());
        set(&mut rig, 1, true);
        let wrote_at = rig.now;
        rig.notice(RoomNotice { status: Status::Resolved, ..notice(1, 1) });
        rig.now = rig.now.plus(later);
        let reply = RoomNotice { is_reply: true, resolved_at: Some(wrote_at), ..new(1, 2) };
        (begins(&rig.notice(reply)), row(&rig, 1).status())
    };
    assert_eq!(after(HOUR - 1), (false, wire::Status::Open));
    assert_eq!(after(HOUR), (true, wire::Status::Pending));
}

/// A Room of a version before this one says nothing of it.
#[test]
fn an_older_notice_is_no_reply() {
    let text = serde_json::to_string(&new(1, 1)).unwrap();
    assert!(!text.contains("is_reply"), "{text}");
    assert!(!serde_json::from_str::<RoomNotice>(&text).unwrap().is_reply);
}

/// What the Desk has taken from whoever had it is nobody's, though the Room has yet to hear so.
#[test]
fn opened_again_it_is_the_bots_though_the_answer_was_lost() {
    let (mut rig, held) = resolved_by_their_agent(1);
    rig.now = rig.now.plus(HOUR);
    let returned = RoomNotice { rev: 6, undecided: true, ..held };
    rig.fate = Fate::DiesAfterCommit;
    rig.feed(Input::Notice(Box::new(returned.clone())));
    let decided = row(&rig, 1);
    assert_eq!((decided.status(), decided.assignee), (wire::Status::Pending, None));
    for rev in 7..9 {
        let answer = rig.notice(RoomNotice { rev, ..returned.clone() });
        let told = answer.assignment.as_ref().map(|order| (order.assignment_epoch, order.assignee.clone()));
        assert_eq!((begins(&answer), told), (true, Some((decided.assignment_epoch, None))));
        assert_eq!(row(&rig, 1).status(), wire::Status::Pending);
    }
}

#[test]
fn a_change_is_told_where_the_bot_may_speak_and_repeated_until_it_is_heard() {
    let mut rig = Rig::new();
    rig.notice(notice(1, 1));
    rig.notice(RoomNotice { status: Status::Pending, ..notice(2, 1) });
    rig.notice(RoomNotice { status: Status::Snoozed, ..notice(3, 1) });
    rig.notice(RoomNotice { status: Status::Resolved, ..notice(4, 1) });
    set(&mut rig, 2, true);
    assert_eq!(told(&mut rig), [(1, 2), (2, 2)]);
    set(&mut rig, 2, false);
    set(&mut rig, 1, false);
    assert_eq!(rig.desk.record.bot, Some(terms(2, true)), "older news change nothing");
    heard(&mut rig, 1, 2, true);
    heard(&mut rig, 2, 2, false);
    rig.pass(6 * SECOND, &[]);
    assert_eq!(told(&mut rig), [(2, 2)]);
    set(&mut rig, 3, false);
    assert_eq!(told(&mut rig), [(1, 3)], "one word at a time");
    heard(&mut rig, 2, 2, true);
    assert_eq!(told(&mut rig), [(2, 3)]);
    rig.die();
    rig.ring(&[]);
    assert_eq!(told(&mut rig), [(1, 3), (2, 3)], "a Desk that dies begins again");
    heard(&mut rig, 1, 3, true);
    heard(&mut rig, 2, 3, true);
    assert!(!rig.desk.record.bot_untold);
    let foreign = BotNotice { workspace: workspace(1), terms: terms(9, true) };
    rig.feed(Input::BotChanged(foreign));
    assert_eq!((rig.done(), rig.desk.record.bot.clone()), (Err(Code::NotFound), Some(terms(3, false))));
}

/// What has waited for people all along is not moved to the team that takes over from the bot.
#[test]
fn what_was_never_the_bots_stays_in_its_line() {
    let mut rig = Rig::new();
    configure(&mut rig, 1, Routing { method: Method::Manual, ..routing() }, two_teams());
    rig.notice(notice(1, 1));
    let before = rig.desk.list.entries[&conversation(1)].indexed.line();
    let terms = BotTerms { team: Some(team_id(1)), ..terms(1, true) };
    rig.feed(Input::BotChanged(BotNotice { workspace: workspace(0), terms }));
    assert_eq!(rig.done(), Ok(()));
    rig.notice(notice(1, 2));
    assert_eq!(rig.desk.list.entries[&conversation(1)].indexed.line(), before);
}
