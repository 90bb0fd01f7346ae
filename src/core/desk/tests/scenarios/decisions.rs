//! The log of decisions and the preview: what they say is what has happened, or what would.

use super::{
    super::rig::*,
    routing::{accept, answer, decline, desk, holder, order, probe, routing},
};
use crate::core::{
    chance::Chance,
    desk::{
        effect::{Answer, Effects, Input},
        presence::Availability,
    },
    error::Code,
    geo::Location,
    id::{AgentId, ConversationId, Entropy, SiteId, TeamId},
    internal::{About, ConfigureRequest, Imagined, Question},
    limits::DECISIONS_KEPT,
    machine::Machine,
    principal::Role,
    protocol::wire::{self, client_frame::Frame},
    routing::{
        decision::{Answered, Decision, Outcome, Preview, Reason, Sequel},
        probe::Word,
        roster::{Abilities, Roster, Team},
        settings::{Method, Routing, Weights},
    },
    time::{MINUTE, SECOND, Timestamp},
};

fn ask(rig: &mut Rig, about: About) -> Result<String, Code> {
    let question = Question { workspace: rig.workspace.clone(), about };
    ask_as(rig, question)
}

fn ask_as(rig: &mut Rig, question: Question) -> Result<String, Code> {
    let mut fx = Effects::default();
    rig.desk.take(Input::Asked(question), rig.now, &mut Entropy::new(1), &rig.sql, &mut fx).unwrap();
    assert!(!fx.writes_any(), "a question changes nothing");
    match fx.carry_out(rig).answer {
        Some(Answer::Told(told)) => told,
        other => panic!("{other:?}"),
    }
}

/// The log, the oldest first.
/// A line as admins get it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
struct Logged {
    number: u64,
    conversation: ConversationId,
    decision: Decision,
    sequel: Option<Sequel>,
    sequel_at: Option<Timestamp>,
}

fn log(rig: &mut Rig) -> Vec<Logged> {
    let about = About::Decisions { conversation: None, before: None, limit: 1_000 };
    let mut all: Vec<Logged> = serde_json::from_str(&ask(rig, about).unwrap()).unwrap();
    all.reverse();
    all
}

fn preview(rig: &mut Rig, imagined: Imagined) -> Preview {
    serde_json::from_str(&ask(rig, About::Preview(imagined)).unwrap()).unwrap()
}

fn of_site() -> Imagined {
    Imagined { site: Some(SiteId::draw(&mut Entropy::new(5))), ..Imagined::default() }
}

fn number(id: &AgentId) -> u128 {
    (0..20).find(|it| agent(*it).id == *id).unwrap()
}

fn answers(rounds: &[Vec<Answered>]) -> Vec<Vec<(u128, Word, Option<i64>)>> {
    rounds.iter().map(|round| round.iter().map(|it| (number(&it.agent), it.answer, it.after_ms)).collect()).collect()
}

fn ends(log: &[Logged]) -> Vec<(Outcome, Option<u128>, Option<Sequel>)> {
    log.iter().map(|it| (it.decision.outcome, it.decision.agent.as_ref().map(number), it.sequel)).collect()
}

fn reasons(of: &[crate::core::routing::decision::Excluded]) -> Vec<(u128, Reason)> {
    of.iter().map(|it| (number(&it.agent), it.reason)).collect()
}

#[test]
fn a_decision_says_who_was_asked_what_they_said_and_when() {
    let (mut rig, consoles) = desk(Method::BestMatch, 2);
    rig.notice(notice(1, 1));
    let ids: Vec<u64> = consoles.iter().map(|it| probe(&mut rig, *it).unwrap()).collect();
    rig.now = rig.now.plus(7);
    // Whoever is behind says yes first, whoever is first says no 20 ms later.
    let first = in_order();
    let (best, other) = (usize::try_from(first[0]).unwrap(), usize::try_from(first[1]).unwrap());
    answer(&mut rig, consoles[other], ids[other], true);
    assert_eq!(log(&mut rig), [], "not decided yet");
    rig.now = rig.now.plus(20);
    answer(&mut rig, consoles[best], ids[best], false);
    let lines = log(&mut rig);
    assert_eq!(ends(&lines), [(Outcome::Assigned, Some(first[1]), None)]);
    let decision = &lines[0].decision;
    assert_eq!(
        answers(&decision.rounds),
        [[(first[0], Word::Unavailable, Some(27)), (first[1], Word::Available, Some(7))]]
    );
    assert_eq!((decision.at, decision.method, decision.level), (START, Method::BestMatch, 0));
    assert_eq!(decision.ranked.iter().map(|it| number(&it.agent)).collect::<Vec<_>>(), first);
    for ranked in &decision.ranked {
        let parts = ranked.parts.unwrap();
        assert_eq!((parts.load, parts.idle, parts.language, parts.skill), (300, 199, 0, 0));
        assert_eq!((ranked.score, ranked.used, ranked.capacity), (Some(499), 0, 2));
    }
    rig.frame(consoles[other], accept(1));
    assert_eq!(log(&mut rig)[0].sequel, Some(Sequel::Accepted));
    assert_eq!(log(&mut rig)[0].sequel_at, Some(rig.now));
}

/// The order in which the two of a desk come while nothing tells them apart.
fn in_order() -> [u128; 2] {
    let mut both = [0, 1];
    both.sort_by_key(|it| agent(*it).id);
    both
}

#[test]
fn a_ring_that_is_declined_or_runs_out_is_said_with_its_line() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    let id = probe(&mut rig, consoles[0]).unwrap();
    answer(&mut rig, consoles[0], id, true);
    order(&mut rig);
    rig.frame(consoles[0], decline(1));
    let lines = log(&mut rig);
    let declined = (Outcome::Assigned, Some(0), Some(Sequel::Declined));
    assert_eq!(ends(&lines), [declined, (Outcome::NobodyFree, None, None)]);
    assert_eq!(reasons(&lines[1].decision.excluded), [(0, Reason::LeftOut)]);
    // Half a minute later they are asked again, for there is nobody else.
    for _ in 0..700 {
        rig.pass(100, &[]);
        if let Some(id) = probe(&mut rig, consoles[0]) {
            answer(&mut rig, consoles[0], id, true);
            break;
        }
    }
    assert_eq!(holder(&rig, 1), Some(0));
    rig.pass(31 * SECOND, &[]);
    let timed_out = (Outcome::Assigned, Some(0), Some(Sequel::TimedOut));
    assert_eq!(
        ends(&log(&mut rig)),
        [declined, (Outcome::NobodyFree, None, None), timed_out, (Outcome::NobodyFree, None, None)]
    );
}

#[test]
fn who_is_silent_is_said_to_be_and_the_same_again_leaves_no_line() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 1);
    rig.notice(notice(1, 1));
    assert!(probe(&mut rig, consoles[0]).is_some());
    rig.pass(SECOND, &[]);
    let lines = log(&mut rig);
    assert_eq!(ends(&lines), [(Outcome::NobodyFree, None, None)]);
    assert_eq!(answers(&lines[0].decision.rounds), [[(0, Word::Silent, None)]]);
    // Each frame makes them eligible again, and each time they are silent.
    for _ in 0..5 {
        rig.frame(consoles[0], Frame::DeskPage(wire::DeskPageRequest::default()));
        rig.pass(SECOND, &[]);
    }
    assert_eq!(log(&mut rig), lines);
    rig.reload();
    for _ in 0..3 {
        rig.pass(MINUTE, &[]);
    }
    assert_eq!(log(&mut rig), lines, "not after sleep either");
    // Late, and nobody else has it.
    rig.inbox.clear();
    rig.frame(consoles[0], Frame::DeskPage(wire::DeskPageRequest::default()));
    let id = probe(&mut rig, consoles[0]).unwrap();
    rig.pass(400, &[]);
    answer(&mut rig, consoles[0], id, true);
    let lines = log(&mut rig);
    assert_eq!(ends(&lines)[1..], [(Outcome::Assigned, Some(0), None)]);
    assert_eq!(answers(&lines[1].decision.rounds), [[(0, Word::Available, Some(400))]]);
}

fn team(seed: u128, members: &[u128], overflow: Option<&TeamId>) -> Team {
    let mut members: Vec<AgentId> = members.iter().map(|it| agent(*it).id).collect();
    members.sort();
    Team {
        id: TeamId::draw(&mut Entropy::new(seed)),
        name: format!("Team {seed}"),
        method: None,
        overflow: overflow.cloned(),
        members,
        hours: None,
        reserved_slots: 0,
    }
}

fn set(rig: &mut Rig, version: u64, routing: Routing, roster: Roster) {
    let workspace = rig.workspace.clone();
    rig.feed(Input::Configure(ConfigureRequest { workspace, version, routing, roster: Some(roster) }));
    assert_eq!(rig.done(), Ok(()));
}

#[test]
fn every_reason_and_the_team_that_helps_out() {
    let mut rig = Rig::new();
    let helpers = team(902, &[1], None);
    let own = team(901, &[2, 3, 4, 5], Some(&helpers.id));
    let roster = Roster {
        teams: vec![own.clone(), helpers.clone()],
        agents: vec![(agent(3).id, Abilities { capacity: Some(1), ..Abilities::default() })],
        ..Roster::default()
    };
    set(&mut rig, 1, routing(Method::LeastBusy), roster.clone());
    let consoles: Vec<_> = (0..6).map(|it| rig.console(it, Role::Agent)).collect();
    let of_team = Imagined { team: Some(own.id.clone()), ..Imagined::default() };
    // 2 is away, 3 full, 4 offline, 5 silent; 0 belongs to no team; 1 would only help out.
    rig.frame(
        consoles[2],
        Frame::SetAvailability(wire::SetAvailability {
            availability: wire::Availability::Away.into(),
            ..Default::default()
        }),
    );
    rig.notice(notice(9, 1));
    rig.frame(consoles[3], claim(9, "c"));
    rig.feed(Input::Disconnected(consoles[4]));
    rig.pass(MINUTE, &[consoles[5]]);
    rig.pass(MINUTE, &[consoles[5]]);
    assert_eq!(rig.desk.sessions.values().filter(|it| it.switch == Availability::Away).count(), 1);
    rig.inbox.clear();
    let seen = preview(&mut rig, of_team.clone());
    let expected = [
        (3, Reason::Full),
        (5, Reason::Silent),
        (2, Reason::Away),
        (4, Reason::Offline),
        (0, Reason::NotInTeam),
        (1, Reason::NotInTeam),
    ];
    let mut found = reasons(&seen.decision.excluded);
    found.sort_by_key(|(number, reason)| (*reason, *number));
    assert_eq!(found, expected);
    assert_eq!((seen.decision.outcome, seen.decision.ranked.len()), (Outcome::NobodyFree, 0));
    assert_eq!((seen.decision.team.as_ref(), &seen.decision.helpers), (Some(&own.id), &None));
    // Nobody of the team is here: the other one helps out.
    rig.feed(Input::Disconnected(consoles[3]));
    rig.pass(MINUTE, &[consoles[5]]);
    let seen = preview(&mut rig, of_team.clone());
    assert_eq!(seen.decision.helpers, Some(helpers.id.clone()));
    let only = &seen.decision.ranked[0];
    assert_eq!((number(&only.agent), only.helps_out, seen.decision.ranked.len()), (1, true, 1));
    // Kept for visitors with a level.
    let kept = Routing { reserved_slots: 9, ..routing(Method::LeastBusy) };
    set(&mut rig, 2, kept, roster.clone());
    let seen = preview(&mut rig, of_team.clone());
    assert!(reasons(&seen.decision.excluded).contains(&(1, Reason::KeptSlot)), "{seen:?}");
    let seen = preview(&mut rig, Imagined { level: 1, ..of_team.clone() });
    assert_eq!(number(&seen.decision.ranked[0].agent), 1);
    // By hand nobody is asked, so nobody comes first.
    set(&mut rig, 3, routing(Method::Manual), roster);
    assert_eq!(preview(&mut rig, of_team).decision.ranked, []);
}

#[test]
fn a_console_that_says_no_or_nothing_is_said_to() {
    let (mut rig, consoles) = desk(Method::LeastBusy, 2);
    rig.notice(notice(1, 1));
    let ids: Vec<u64> = consoles.iter().map(|it| probe(&mut rig, *it).unwrap()).collect();
    answer(&mut rig, consoles[0], ids[0], false);
    rig.pass(SECOND, &[]);
    let seen = preview(&mut rig, of_site());
    assert_eq!(reasons(&seen.decision.excluded), [(0, Reason::Resting), (1, Reason::Suspect)]);
    assert_eq!(seen.waiting, 1);
    assert!(!seen.decision.excluded.is_empty());
}

#[test]
fn the_log_is_bounded_pages_and_belongs_to_its_workspace() {
    let (mut rig, _) = desk(Method::LeastBusy, 0);
    let count = usize::try_from(DECISIONS_KEPT).unwrap() + 5;
    for it in 0..count {
        rig.notice(notice(it, 1));
    }
    let lines = log(&mut rig);
    assert_eq!((lines.len(), lines[0].number), (count - 5, 6));
    assert!(lines.iter().all(|it| it.decision.outcome == Outcome::NobodyFree));
    let page = |conversation: Option<usize>, before| About::Decisions {
        conversation: conversation.map(super::super::rig::conversation),
        before,
        limit: 3,
    };
    let numbers = |rig: &mut Rig, about| -> Vec<u64> {
        serde_json::from_str::<Vec<Logged>>(&ask(rig, about).unwrap()).unwrap().iter().map(|it| it.number).collect()
    };
    assert_eq!(numbers(&mut rig, page(None, None)), [1_005, 1_004, 1_003]);
    assert_eq!(numbers(&mut rig, page(None, Some(1_003))), [1_002, 1_001, 1_000]);
    assert_eq!(numbers(&mut rig, page(Some(700), None)), [701]);
    assert_eq!(numbers(&mut rig, page(Some(700), Some(701))), Vec::<u64>::new());
    rig.die();
    rig.notice(notice(2_000, 1));
    assert_eq!(numbers(&mut rig, page(Some(2_000), None)), [1_006], "the numbers go on");
    let foreign = Question { workspace: workspace(1), about: page(None, None) };
    assert_eq!(ask_as(&mut rig, foreign), Err(Code::NotFound));
}

#[test]
fn a_desk_that_has_stored_nothing_has_decided_nothing() {
    assert_eq!(log(&mut Rig::new()), []);
}

const PLACES: [Option<(f64, f64)>; 3] = [None, Some((31.3, 120.6)), Some((48.1, 11.6))];

/// The preview and the first round of probes are one: over random desks, whoever the preview puts first are who is asked, in
/// their order, when such a visitor comes.
#[test]
fn whom_the_preview_names_is_who_is_asked() {
    let mut asked_any = 0;
    for seed in 0..400_u64 {
        let mut chance = Chance::Seed(Entropy::new(u128::from(seed)));
        let mut rig = Rig::new();
        let mut draw = |end: u64| chance.below(end);
        let members = |draw: &mut dyn FnMut(u64) -> u64| -> Vec<u128> { (0..6).filter(|_| draw(2) == 0).collect() };
        let helpers = team(902, &members(&mut draw), None);
        let own = Team {
            reserved_slots: u32::try_from(draw(3)).unwrap(),
            ..team(901, &members(&mut draw), Some(&helpers.id))
        };
        let site = SiteId::draw(&mut Entropy::new(5));
        let abilities = (0..6).map(|it| {
            let languages = if draw(2) == 0 { vec!["zh".to_owned()] } else { vec![] };
            let skills = if draw(2) == 0 { vec!["returns".to_owned()] } else { vec![] };
            let location =
                PLACES[usize::try_from(draw(3)).unwrap()].and_then(|(north, east)| Location::of(north, east));
            (
                agent(it).id,
                Abilities { capacity: Some(1 + u32::try_from(draw(3)).unwrap()), languages, skills, location },
            )
        });
        let roster = Roster {
            agents: abilities.collect(),
            teams: vec![own.clone(), helpers],
            sites: if draw(2) == 0 { vec![(site.clone(), own.id)] } else { vec![] },
            ..Roster::default()
        };
        set(&mut rig, 1, routing(Method::Manual), roster.clone());
        let consoles: Vec<_> = (0..6).map(|it| rig.console(it, Role::Agent)).collect();
        for room in 0..usize::try_from(draw(8)).unwrap() {
            rig.now = rig.now.plus(i64::try_from(draw(300_000)).unwrap());
            rig.notice(notice(room, 1));
            let who = usize::try_from(draw(6)).unwrap();
            rig.frame(consoles[who], claim(room, "c"));
        }
        for console in &consoles {
            if draw(4) == 0 {
                let away =
                    wire::SetAvailability { availability: wire::Availability::Away.into(), ..Default::default() };
                rig.frame(*console, Frame::SetAvailability(away));
            }
        }
        let method = [Method::BestMatch, Method::LeastBusy, Method::RoundRobin][usize::try_from(draw(3)).unwrap()];
        let reserved_slots = u32::try_from(draw(4)).unwrap();
        let weights = Weights { distance: 50, ..Weights::default() };
        set(&mut rig, 2, Routing { reserved_slots, weights, ..routing(method) }, roster);
        let level = u8::try_from(draw(2)).unwrap();
        let imagined = Imagined {
            site: Some(site),
            language: if draw(2) == 0 { "zh".to_owned() } else { String::new() },
            topic: if draw(2) == 0 { "returns".to_owned() } else { String::new() },
            level,
            location: PLACES[usize::try_from(draw(3)).unwrap()].and_then(|(north, east)| Location::of(north, east)),
            ..Imagined::default()
        };
        rig.inbox.clear();
        let seen = preview(&mut rig, imagined.clone());
        let mut newcomer = notice(99, 1);
        (newcomer.language, newcomer.topic, newcomer.level) = (imagined.language, imagined.topic, level);
        newcomer.location = imagined.location;
        rig.notice(newcomer);
        let first: Vec<u128> = seen.decision.ranked.iter().take(3).map(|it| number(&it.agent)).collect();
        let mut probed: Vec<u128> =
            (0_u128..).zip(&consoles).filter(|(_, it)| probe(&mut rig, **it).is_some()).map(|(it, _)| it).collect();
        asked_any += usize::from(!probed.is_empty());
        rig.pass(SECOND, &[]);
        let line = log(&mut rig).pop().unwrap();
        // Nobody answers, so the team that helps out is asked behind those whom the preview names.
        let (named, behind) = line.decision.ranked.split_at(seen.decision.ranked.len());
        assert_eq!(named, seen.decision.ranked, "seed {seed}");
        assert!(behind.iter().all(|it| it.helps_out), "seed {seed}");
        let rounds = answers(&line.decision.rounds);
        let round: Vec<u128> = rounds.first().into_iter().flatten().map(|(it, _, _)| *it).collect();
        assert_eq!(round, first, "seed {seed}");
        probed.sort_unstable();
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(probed, sorted, "seed {seed}");
    }
    assert!(asked_any > 200, "{asked_any}");
}
