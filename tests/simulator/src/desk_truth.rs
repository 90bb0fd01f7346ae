//! What a Desk has on disk, noted as it is written: who has what, and that nobody was given more than they take (INV-5, C6).

use std::collections::{BTreeMap, BTreeSet};

use bellhop::{
    core::{
        desk::{
            conversation::{Conversation, Order},
            record::Record,
        },
        id::AgentId,
        internal::Status,
        routing::roster::Abilities,
    },
    sql::desk::DeskWrite,
};

use crate::truth::Winners;

/// Who has what, as a Desk has written it.
#[derive(Debug, Default, Clone)]
pub struct DeskTruth {
    /// Conversation → epoch and holder.
    pub holders: BTreeMap<String, (u64, Option<String>)>,
    /// What is open of that.
    open: BTreeSet<String>,
    /// Capacities, as the Desk has been told.
    capacity: u32,
    capacities: BTreeMap<String, u32>,
    /// Whose visitor has been gone for too long.
    gone: BTreeSet<String>,
    /// How often it has written, apart from what is due by itself and any input may lead to: a decision, a visitor who leaves
    /// the line because they have gone, a row that goes when its conversation has been over for long enough, a mark that goes when
    /// every Room knows, whose turn it was when something is theirs no longer.
    pub writes: u64,
    /// A line of the log of decisions was the last that it has written; the row that names it comes next.
    has_logged: bool,
    /// The row about the workspace, as it was written last.
    record: Record,
    /// Decisions of routing.
    pub rings: u64,
}

impl DeskTruth {
    /// What has just been committed. `claim`: the claim that was taken, of whom.
    pub fn wrote(&mut self, write: &DeskWrite, winners: &mut Winners, claim: Option<&(String, String)>) {
        let is_decision = |row: &Conversation| {
            let before = self.holders.get(row.id.as_str()).map_or(0, |(epoch, _)| *epoch);
            row.assignment_epoch > before && row.order.is_some()
        };
        let decided = matches!(write, DeskWrite::SaveConversation(row) if is_decision(row));
        let is_due = match write {
            DeskWrite::AddDecision { .. }
            | DeskWrite::AddSequel { .. }
            | DeskWrite::SaveWaits { .. }
            | DeskWrite::DropConversation(_) => true,
            DeskWrite::SaveConversation(row) => self.turns_gone(row) || self.has_logged,
            DeskWrite::SaveRecord(record) => {
                let before = std::mem::replace(&mut self.record, (**record).clone());
                let (was_untold, untold) =
                    (before.bot_untold || before.idle_untold, record.bot_untold || record.idle_untold);
                was_untold && !untold
                    || before.given != record.given && Record { given: record.given.clone(), ..before } == **record
            }
            _ => false,
        };
        self.has_logged = matches!(write, DeskWrite::AddDecision { .. });
        self.writes += u64::from(!decided && !is_due);
        match write {
            DeskWrite::SaveConversation(row) => {
                let id = row.id.to_string();
                let now = (row.assignment_epoch, row.assignee.as_ref().map(|agent| agent.id.to_string()));
                let before = self.holders.get(&id).cloned().unwrap_or_default();
                assert!(now.0 >= before.0, "INV-5, C6: the Desk's epoch fell: {before:?}, {now:?}");
                let decides = |order: &Order| order.actor.as_ref().map(|actor| actor.id.to_string());
                // A ring that is over ends with the same input: by nobody's order, though the row still names an earlier request.
                if let Some((conversation, agent)) = claim
                    && *conversation == id
                    && row.order.as_ref().and_then(decides).as_ref() == Some(agent)
                    && now.0 > before.0
                {
                    let was_free = before.1.as_ref().is_none_or(|holder| holder == agent);
                    assert!(was_free, "INV-5, C6: a claim took {id} from {before:?}");
                    assert_eq!(now.1.as_ref(), Some(agent), "INV-5: a claim gave {id} to somebody else");
                }
                winners.note(&id, now.0, &now.1);
                match row.status {
                    Status::Open => self.open.insert(id.clone()),
                    Status::Pending | Status::Snoozed | Status::Resolved => self.open.remove(&id),
                };
                self.holders.insert(id, now);
                if decided && row.ring_until.is_some() {
                    self.rings += 1;
                    self.has_a_slot(row);
                }
            }
            DeskWrite::DropConversation(id) => {
                self.holders.remove(id.as_str());
                self.open.remove(id.as_str());
            }
            DeskWrite::SaveRecord(record) => self.capacity = record.routing.capacity,
            DeskWrite::SaveRoster(roster) => {
                let own = |(agent, it): &(AgentId, Abilities)| Some((agent.to_string(), it.capacity?));
                self.capacities = roster.agents.iter().filter_map(own).collect();
            }
            DeskWrite::Create
            | DeskWrite::Attach { .. }
            | DeskWrite::Detach { .. }
            | DeskWrite::DetachAll(_)
            | DeskWrite::SaveRevocation(..)
            | DeskWrite::DropRevocation(_)
            | DeskWrite::AddDecision { .. }
            | DeskWrite::AddSequel { .. }
            | DeskWrite::SaveWaits { .. } => {}
        }
    }

    /// From now on nobody waits there.
    fn turns_gone(&mut self, row: &Conversation) -> bool {
        if row.is_gone {
            return self.gone.insert(row.id.to_string());
        }
        self.gone.remove(row.id.as_str());
        false
    }

    /// Routing gives nobody more than they take. (A claim or a transfer may.)
    fn has_a_slot(&self, row: &Conversation) {
        let Some(agent) = row.assignee.as_ref().map(|it| it.id.to_string()) else { return };
        let is_theirs = |id: &&String| self.holders.get(*id).is_some_and(|(_, holder)| holder.as_ref() == Some(&agent));
        let held = self.open.iter().filter(is_theirs).count();
        let capacity = self.capacities.get(&agent).copied().unwrap_or(self.capacity) as usize;
        assert!(held <= capacity, "routing gave {agent} {held}, who takes {capacity}");
    }
}
