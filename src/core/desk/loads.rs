//! What routing asks of the list all the time, kept beside it: who has how much, what rings, and what waits in which order.
//!
//! Follows from the stored rows alone, and from when agents were given what no row says any more. An entry remembers where it stands in here, so a change costs what has changed.

use std::collections::BTreeSet;

use litemap::LiteMap;

use super::conversation::Entry;
use crate::core::{
    id::{AgentId, ConversationId, TeamId},
    internal::Status,
    limits::{FOLLOW_UPS_AT_ONCE, RING_SECONDS},
    routing::settings::Ageing,
    time::{SECOND, Timestamp},
};

/// Where an entry stands in the [`Loads`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indexed {
    holder: Option<AgentId>,
    rings_until: Option<Timestamp>,
    /// Its place: since when it waits, and as if longer for its level.
    in_line: Option<Timestamp>,
    /// Since when it is in line.
    waits_since: Option<Timestamp>,
    gone_since: Option<Timestamp>,
    team: Option<TeamId>,
}

/// Counts and orders over all conversations.
#[derive(Debug, Default)]
pub struct Loads {
    /// Open conversations of each agent, those that ring with them.
    held: LiteMap<AgentId, u32>,
    /// When each agent was last given one; of whom has none any more it is stored.
    last_assigned: LiteMap<AgentId, Timestamp>,
    rings: BTreeSet<(Timestamp, ConversationId)>,
    queue: BTreeSet<(Timestamp, ConversationId)>,
    /// What is in the queue, by when it came.
    came: BTreeSet<(Timestamp, ConversationId)>,
    gone: BTreeSet<(Timestamp, ConversationId)>,
}

impl Indexed {
    /// It rings.
    pub fn rings(&self) -> bool {
        self.rings_until.is_some()
    }

    /// Since when it is in line.
    pub fn waits_since(&self) -> Option<Timestamp> {
        self.waits_since
    }

    /// Who has it, while it is open.
    pub fn holder(&self) -> Option<&AgentId> {
        self.holder.as_ref()
    }

    /// Of a conversation that is none, in this team's line.
    pub fn imagined(team: Option<TeamId>) -> Self {
        Indexed { team, ..Indexed::default() }
    }

    /// The line that it stands in, waiting or ringing.
    pub fn line(&self) -> Option<Option<TeamId>> {
        self.in_line.map(|_| self.team.clone())
    }

    /// Whose it is; absent: everybody's.
    pub fn team(&self) -> Option<&TeamId> {
        self.team.as_ref()
    }

    /// How far before its arrival it stands.
    pub fn moved_up(&self, arrival: Option<Timestamp>) -> u64 {
        let moved = arrival.zip(self.in_line).map_or(0, |(arrival, place)| arrival.since(place));
        u64::try_from(moved).unwrap_or(0)
    }

    fn of(entry: &Entry, team: Option<TeamId>, ageing: Ageing) -> Self {
        let stored = &entry.stored;
        let is_open = stored.status == Status::Open;
        let waits_since = stored.queued_at.filter(|_| is_open && entry.follow_up().is_none());
        Indexed {
            holder: entry.holder().filter(|_| is_open).cloned(),
            rings_until: stored.ring_until,
            in_line: waits_since.map(|at| ageing.place(at, stored.level)),
            waits_since,
            gone_since: stored.gone_since.filter(|_| entry.is_waiting()),
            team,
        }
    }
}

impl Loads {
    /// What is stored of when agents were last given one.
    pub fn remember(&mut self, given: &LiteMap<AgentId, Timestamp>) {
        self.last_assigned.clone_from(given);
    }

    /// Takes over how an entry stands now, and whose it is. True: that is another place than before.
    pub fn place(&mut self, entry: &mut Entry, team: Option<TeamId>, ageing: Ageing) -> bool {
        let new = Indexed::of(entry, team, ageing);
        if new == entry.indexed {
            return false;
        }
        let old = std::mem::replace(&mut entry.indexed, new.clone());
        self.take_out(&old, &entry.stored.id);
        if let Some(holder) = new.holder {
            let at = Timestamp(i64::try_from(entry.stored.assignment_epoch).unwrap_or(i64::MAX));
            let last = self.last_assigned.entry(holder.clone()).or_insert(at);
            *last = at.max(*last);
            *self.held.entry(holder).or_insert(0) += 1;
        }
        self.rings.extend(new.rings_until.map(|at| (at, entry.stored.id.clone())));
        self.queue.extend(new.in_line.map(|at| (at, entry.stored.id.clone())));
        self.came.extend(new.waits_since.map(|at| (at, entry.stored.id.clone())));
        self.gone.extend(new.gone_since.map(|at| (at, entry.stored.id.clone())));
        true
    }

    /// The entry is gone.
    pub fn remove(&mut self, entry: &Entry) {
        self.take_out(&entry.indexed, &entry.stored.id);
    }

    fn take_out(&mut self, old: &Indexed, id: &ConversationId) {
        if let Some(held) = old.holder.as_ref().and_then(|holder| self.held.get_mut(holder)) {
            *held = held.saturating_sub(1);
        }
        if let Some(at) = old.rings_until {
            self.rings.remove(&(at, id.clone()));
        }
        if let Some(at) = old.in_line {
            self.queue.remove(&(at, id.clone()));
        }
        if let Some(at) = old.waits_since {
            self.came.remove(&(at, id.clone()));
        }
        if let Some(at) = old.gone_since {
            self.gone.remove(&(at, id.clone()));
        }
    }

    /// Open conversations that an agent has.
    pub fn held(&self, agent: &AgentId) -> u32 {
        self.held.get(agent).copied().unwrap_or(0)
    }

    /// Everyone who has any.
    pub fn holders(&self) -> impl Iterator<Item = &AgentId> {
        self.held.iter().filter(|(_, held)| **held > 0).map(|(agent, _)| agent)
    }

    /// When they were last given one; the beginning of time if never.
    pub fn last_assigned(&self, agent: &AgentId) -> Timestamp {
        self.last_assigned.get(agent).copied().unwrap_or_default()
    }

    /// What waits or rings, in the order in which it is looked at.
    pub fn line(&self) -> impl Iterator<Item = &ConversationId> {
        self.queue.iter().map(|(_, id)| id)
    }

    /// When the first one began to wait of those who came after that.
    pub fn queued_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.came.range((at.plus(1), ConversationId::least())..).next().map(|(queued_at, _)| *queued_at)
    }

    /// When the last one of those who wait came.
    pub fn last_came(&self) -> Option<Timestamp> {
        self.came.last().map(|(queued_at, _)| *queued_at)
    }

    /// Since when the one is gone who is gone longest, of those who wait.
    pub fn first_gone(&self) -> Option<Timestamp> {
        self.gone.first().map(|(since, _)| *since)
    }

    /// What waits and whose visitor has been gone since then, or longer.
    pub fn gone_since(&self, since: Timestamp) -> Vec<ConversationId> {
        let gone = self.gone.iter().take_while(|(at, _)| *at <= since).take(FOLLOW_UPS_AT_ONCE);
        gone.map(|(_, id)| id.clone()).collect()
    }

    /// What has rung for long enough; what would ring longer than anything may was begun by a clock that has been put back.
    pub fn rung_out(&self, now: Timestamp) -> Vec<ConversationId> {
        let longest = i64::from(*RING_SECONDS.end()) * SECOND;
        let over = self.rings.iter().take_while(|(at, _)| *at <= now);
        let too_long = self.rings.iter().rev().take_while(|(at, _)| at.since(now) > longest);
        over.chain(too_long).map(|(_, id)| id.clone()).collect()
    }

    /// What rings, wherever.
    pub fn ringing(&self) -> impl Iterator<Item = &ConversationId> {
        self.rings.iter().map(|(_, id)| id)
    }

    /// When the next one has.
    pub fn next_rung_out(&self) -> Option<Timestamp> {
        self.rings.first().map(|(at, _)| *at)
    }
}
