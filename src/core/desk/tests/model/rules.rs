//! The table of who may do what, written a second time and as plainly as can be: the Desk is held against it.

use crate::core::{
    desk::Desk,
    id::{AgentId, ConversationId, TeamId},
    internal::{AgentRef, Status},
    limits::RING_SECONDS,
    principal::Role,
    protocol::wire::{agent_frame, client_frame::Frame},
    time::{SECOND, Timestamp},
};

/// What a request must come to, given what the Desk knows when it comes.
#[derive(Debug)]
pub enum Expected {
    /// A new assignment above this epoch.
    Granted(u64, Option<String>),
    /// Nothing changes; the assignment as it stands.
    Same(u64, Option<String>),
    /// What had rung for long enough is nobody's; the assignment as it stands, above this epoch.
    Ended(u64),
    /// An error with this code.
    Refused(&'static str),
    /// It depends on who the other agent is.
    Open,
}

pub fn expected(desk: &Desk, by: &AgentRef, role: Role, frame: &Frame, now: Timestamp) -> Expected {
    let (client_id, conversation, meant, to) = match frame {
        Frame::Claim(it) => (&it.client_id, &it.conversation, 0, Some(by.id.to_string())),
        Frame::Release(it) => (&it.client_id, &it.conversation, it.assignment_epoch, None),
        Frame::Transfer(it) if !it.team.is_empty() => (&it.client_id, &it.conversation, it.assignment_epoch, None),
        Frame::Transfer(it) => (&it.client_id, &it.conversation, it.assignment_epoch, Some(it.agent.clone())),
        Frame::Accept(it) => (&it.client_id, &it.conversation, it.assignment_epoch, Some(by.id.to_string())),
        Frame::Decline(it) => (&it.client_id, &it.conversation, it.assignment_epoch, None),
        other => panic!("{other:?} is no request"),
    };
    let id = ConversationId::parse(conversation).unwrap();
    let Some(entry) = desk.list.entries.get(&id) else { return Expected::Refused("not_found") };
    if !entry.is_listed() {
        return Expected::Refused("conflict");
    }
    let epoch = entry.stored.assignment_epoch;
    let is_decided = matches!(frame, Frame::Accept(_) | Frame::Decline(_));
    // What rings until a time that no ring lasts for was rung by a clock that has gone back.
    let may_ring = |at: Timestamp| (1..=i64::from(*RING_SECONDS.end()) * SECOND).contains(&at.since(now));
    let is_over = !is_decided && entry.stored.ring_until.is_some_and(|at| !may_ring(at));
    let holder = entry.holder().filter(|_| !is_over).map(ToString::to_string);
    let same = |holder| if is_over { Expected::Ended(epoch) } else { Expected::Same(epoch, holder) };
    let asked_before = entry.stored.request.as_ref().is_some_and(|it| it.agent == by.id && it.client_id == *client_id);
    if asked_before {
        return same(holder);
    }
    let is_mine = holder.as_deref() == Some(by.id.as_str());
    let rings = !is_over && entry.stored.ring_until.is_some();
    let is_stale = meant != 0 && (is_over || meant != epoch);
    let may_move = holder.is_none() || is_mine || role != Role::Agent;
    match frame {
        Frame::Claim(_) => match holder {
            None => Expected::Granted(epoch, to),
            Some(_) if is_mine && rings => Expected::Granted(epoch, to),
            Some(_) if is_mine => same(holder),
            Some(_) => Expected::Refused("already_assigned"),
        },
        Frame::Accept(_) | Frame::Decline(_) if !is_mine => match holder {
            Some(_) => Expected::Refused("already_assigned"),
            None => Expected::Refused("stale_assignment"),
        },
        Frame::Accept(_) | Frame::Decline(_) if is_stale => Expected::Refused("stale_assignment"),
        Frame::Accept(_) if !rings => same(holder),
        Frame::Decline(_) if !rings => Expected::Refused("conflict"),
        Frame::Accept(_) | Frame::Decline(_) => Expected::Granted(epoch, to),
        Frame::Transfer(it) if !it.team.is_empty() => {
            let team = TeamId::parse(&it.team).ok();
            // What is the bot's waits in no line.
            let is_in = entry.stored.status != Status::Pending && entry.indexed.team() == team.as_ref();
            let waits_there = holder.is_none() && is_in;
            match team.and_then(|team| desk.roster.team(&team).cloned()) {
                None => Expected::Refused("not_found"),
                Some(_) if waits_there => same(None),
                Some(_) if is_stale => Expected::Refused("stale_assignment"),
                Some(_) if !may_move => Expected::Refused("forbidden"),
                Some(_) => Expected::Granted(epoch, None),
            }
        }
        Frame::Transfer(_) if holder == to => same(holder),
        _ if is_stale => Expected::Refused("stale_assignment"),
        Frame::Release(_) if holder.is_none() => same(None),
        _ if !may_move => Expected::Refused("forbidden"),
        Frame::Transfer(it) => {
            let target = AgentId::parse(&it.agent).unwrap();
            let is_here = desk.sessions.values().any(|session| session.principal.agent == target);
            if is_here { Expected::Granted(epoch, to) } else { Expected::Open }
        }
        _ => Expected::Granted(epoch, None),
    }
}

pub fn check(expected: &Expected, answer: Option<&agent_frame::Frame>, place: &str) {
    match (expected, answer) {
        (Expected::Granted(above, holder), Some(agent_frame::Frame::Assigned(it))) => {
            assert!(it.assignment_epoch > *above, "{place}: the epoch did not rise");
            assert_eq!(it.assignee.as_ref().map(|it| it.id.clone()), *holder, "{place}");
        }
        (Expected::Same(epoch, holder), Some(agent_frame::Frame::Assigned(it))) => {
            assert_eq!(
                (it.assignment_epoch, it.assignee.as_ref().map(|it| it.id.clone())),
                (*epoch, holder.clone()),
                "{place}"
            );
        }
        (Expected::Ended(above), Some(agent_frame::Frame::Assigned(it))) => {
            assert!(it.assignment_epoch > *above && it.assignee.is_none(), "{place}: {it:?}");
        }
        (Expected::Refused(code), Some(agent_frame::Frame::Error(it))) => assert_eq!(it.code, *code, "{place}"),
        (Expected::Open, None) => {}
        (expected, answer) => panic!("{place}: {expected:?} expected, {answer:?} came"),
    }
}
