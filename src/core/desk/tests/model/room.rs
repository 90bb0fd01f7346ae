//! A Room as the Desk must suppose it to be, and no more: it obeys the highest assignment, says how it stands, and
//! closes the sockets of whom it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::super::rig;
use crate::core::{
    id::{AgentId, TeamId},
    internal::{AgentRef, AssignAnswer, AssignOrder, Revoked, RoomNotice, Status},
    time::Timestamp,
};

#[derive(Clone)]
pub struct Room {
    pub number: usize,
    pub status: Status,
    /// Whatever its visitor writes, it stays resolved.
    pub is_muted: bool,
    pub assignment_epoch: u64,
    pub assignee: Option<AgentRef>,
    /// The assignee has yet to take it.
    pub ringing: bool,
    /// When it was resolved, if only its visitor has done anything since.
    pub resolved_at: Option<Timestamp>,
    team: Option<TeamId>,
    /// The visitor has a socket.
    pub is_visitor_here: bool,
    /// Where the visitor wants to be answered instead.
    pub reply_to: String,
    /// Agents' sockets, by the generation of their tickets.
    pub sockets: BTreeSet<(AgentId, u64)>,
    /// Counts changes.
    pub version: u64,
    /// The last change that the Desk has answered.
    heard: Option<u64>,
    refused: BTreeMap<AgentId, u64>,
    rev: u64,
}

impl Room {
    pub fn new(number: usize) -> Self {
        Room {
            number,
            status: Status::Open,
            is_muted: false,
            assignment_epoch: 0,
            assignee: None,
            ringing: false,
            resolved_at: None,
            team: None,
            is_visitor_here: true,
            reply_to: String::new(),
            sockets: BTreeSet::new(),
            version: 0,
            heard: None,
            refused: BTreeMap::new(),
            rev: 0,
        }
    }

    pub fn notice(&mut self, now: Timestamp) -> RoomNotice {
        self.rev = now.wire().max(self.rev + 1);
        RoomNotice {
            status: self.status,
            assignment_epoch: self.assignment_epoch,
            assignee: self.assignee.clone(),
            at: now,
            ringing: Some(self.ringing),
            resolved_at: self.resolved_at,
            team: self.team.clone(),
            visitor_online: self.is_visitor_here,
            reply_to: Some(self.reply_to.clone()),
            agents: Some(self.sockets.iter().map(|(agent, _)| agent.clone()).collect()),
            ..rig::notice(self.number, self.rev)
        }
    }

    pub fn turn(&mut self, status: Status) {
        self.version += 1;
        self.status = status;
        self.is_muted = false;
        self.resolved_at = None;
        if status == Status::Resolved {
            self.reply_to.clear();
        }
    }

    /// Its visitor, or an agent, has done with it.
    pub fn resolve(&mut self, now: Timestamp) {
        self.turn(Status::Resolved);
        self.resolved_at = Some(now);
    }

    /// An agent wants to hear no more of it.
    pub fn mute(&mut self, now: Timestamp) {
        self.resolve(now);
        self.is_muted = true;
    }

    /// Writing again opens what was put away; what is muted is not even told.
    pub fn visitor_writes(&mut self) {
        if self.is_muted {
            return;
        }
        self.version += 1;
        self.status = Status::Open;
        self.reply_to.clear();
    }

    /// Whoever replies first where it rings at them has taken it.
    pub fn reply(&mut self, agent: &AgentId, now: Timestamp) {
        if self.assignee.as_ref().is_some_and(|it| it.id == *agent) {
            self.version += 1;
            self.ringing = false;
            if !self.is_muted {
                self.resolved_at = self.resolved_at.filter(|_| self.status == Status::Resolved).map(|_| now);
            }
            self.reply_to.clear();
        }
    }

    /// The visitor comes, goes, leaves an address or writes again.
    pub fn visitor_does(&mut self, what: usize) {
        self.version += 1;
        match what {
            0 => self.is_visitor_here = true,
            1 | 2 => self.is_visitor_here = false,
            3 => self.reply_to = "lei@shop.example".to_owned(),
            _ => self.reply_to.clear(),
        }
    }

    /// The Desk has answered the notice of this version.
    pub fn answered(&mut self, version: u64) {
        self.heard = self.heard.max(Some(version));
    }

    /// Something has yet to be heard: the Room says it again until it is.
    pub fn has_news(&self) -> bool {
        self.heard < Some(self.version)
    }

    pub fn obey(&mut self, order: &AssignOrder) -> AssignAnswer {
        if order.assignment_epoch > self.assignment_epoch {
            self.version += 1;
            self.assignment_epoch = order.assignment_epoch;
            self.assignee.clone_from(&order.assignee);
            self.ringing = order.ringing && order.assignee.is_some();
            self.resolved_at = self.resolved_at.filter(|_| self.status == Status::Resolved);
            self.team.clone_from(&order.team_id);
        }
        let (assignment_epoch, assignee) = (self.assignment_epoch, self.assignee.clone());
        AssignAnswer { assignment_epoch, assignee, ringing: Some(self.ringing) }
    }

    pub fn revoke(&mut self, revoked: &Revoked) {
        let Revoked::Agent { agent, generation } = revoked else { return };
        let lowest = self.refused.entry(agent.clone()).or_default();
        *lowest = (*lowest).max(*generation);
        let lowest = *lowest;
        self.sockets.retain(|(who, generation)| who != agent || *generation >= lowest);
    }

    /// An upgrade that the Desk has let through arrives, perhaps late.
    pub fn open(&mut self, agent: AgentId, generation: u64) {
        if self.refused.get(&agent).is_none_or(|lowest| generation >= *lowest) {
            self.sockets.insert((agent, generation));
        }
    }

    /// An older store was put back. Sockets do not survive that.
    pub fn put_back(&mut self, older: Room) {
        let (rev, refused) = (self.rev, self.refused.clone());
        *self = Room { sockets: BTreeSet::new(), version: self.version + 1, heard: None, rev, refused, ..older };
    }
}
