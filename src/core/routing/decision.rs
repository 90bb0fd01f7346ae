//! A line of the log of decisions: who could have had a conversation, who was asked and what they said, and what came of it. It is
//! for people who ask "why them?", so it says what was known at that moment, not what holds now.

use serde::Serialize;

use super::{
    probe::{Round, Word},
    rank::{Candidate, Parts},
    settings::{Method, Weights},
};
use crate::core::{
    id::{AgentId, TeamId},
    time::Timestamp,
};

/// An agent in the order in which they come, with what put them there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Ranked {
    /// Who.
    pub agent: AgentId,
    /// In thousandths; only where the method goes by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// What each property brought; the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
    /// Slots in use, those that are held for a probe with them.
    pub used: u32,
    /// Slots.
    pub capacity: u32,
    /// When they were last given one; absent: not since the Desk remembers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_assigned: Option<Timestamp>,
    /// The visitor's last agent.
    pub is_last: bool,
    /// Only helps out.
    pub helps_out: bool,
}

impl Ranked {
    /// The candidate, as the log and the preview show them.
    pub fn of(it: &Candidate, method: Method, weights: &Weights, now: Timestamp) -> Self {
        let is_scored = method == Method::BestMatch;
        Ranked {
            agent: it.agent.clone(),
            score: is_scored.then(|| it.score(weights, now)),
            parts: is_scored.then(|| it.parts(weights, now)),
            used: it.load,
            capacity: it.capacity,
            last_assigned: Some(it.last_assigned).filter(|at| at.0 > 0),
            is_last: it.is_last,
            helps_out: it.helps_out,
        }
    }
}

/// Why an agent was not among those who could be asked. Whatever comes first here is said if several hold, and whoever is nearer
/// to having been asked stands before the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Free, but the slot is kept for visitors with a level.
    KeptSlot,
    /// Has declined it, let it ring in vain or given it back a moment ago.
    LeftOut,
    /// Has no free slot.
    Full,
    /// Their console has just said no.
    Resting,
    /// Their console was silent when it was asked last.
    Suspect,
    /// No sign of life from their console.
    Silent,
    /// Is away.
    Away,
    /// Has no console open, or is invisible.
    Offline,
    /// It is not their team's.
    NotInTeam,
}

/// Somebody who could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Excluded {
    /// Who.
    pub agent: AgentId,
    /// Why not.
    pub reason: Reason,
}

/// What one agent said in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Answered {
    /// Who.
    pub agent: AgentId,
    /// What.
    pub answer: Word,
    /// After so many milliseconds; absent: not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<i64>,
}

/// What it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It rings at an agent.
    Assigned,
    /// Nobody could have it; it waits.
    NobodyFree,
    /// Outside the hours nobody is asked; it waits.
    Closed,
    /// While they were asked it was taken, moved or ended.
    Overtaken,
}

/// What became of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Sequel {
    /// The agent took it.
    Accepted,
    /// The agent did not want it.
    Declined,
    /// It rang in vain.
    TimedOut,
    /// The agent has gone.
    AgentGone,
    /// Somebody else has it, it was handed on, put off or ended.
    Overtaken,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Decision {
    /// When it began.
    pub at: Timestamp,
    /// Whose conversation it was; absent: everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The team that helped out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helpers: Option<TeamId>,
    /// How an agent was chosen.
    pub method: Method,
    /// The visitor's level.
    pub level: u8,
    /// Who could be asked, the best first.
    pub ranked: Vec<Ranked>,
    /// How many more there were.
    pub more_ranked: usize,
    /// Who could not, and why.
    pub excluded: Vec<Excluded>,
    /// How many more there were.
    pub more_excluded: usize,
    /// Rounds of probes, in their order.
    pub rounds: Vec<Vec<Answered>>,
    /// What it came to.
    pub outcome: Outcome,
    /// At whom it rings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
}

impl Decision {
    /// A round is over.
    pub fn add_round(&mut self, round: &Round, now: Timestamp) {
        self.rounds.push(round.answers(now).collect());
    }

    /// The same for two decisions that say the same to whoever reads them: that came to the same after the same answers. Times and
    /// scores change with every look.
    pub fn print(&self) -> u64 {
        let answers = self.rounds.iter().flatten().flat_map(|it| [it.agent.as_str(), it.answer.name()]);
        let outcome = match self.outcome {
            Outcome::Assigned => "assigned",
            Outcome::NobodyFree => "nobody_free",
            Outcome::Closed => "closed",
            Outcome::Overtaken => "overtaken",
        };
        let teams = [&self.team, &self.helpers].map(|team| team.as_ref().map_or("", TeamId::as_str));
        let whole = teams.into_iter().chain([outcome]).chain(answers);
        // FNV-1a: only ever compared with the last one of the same conversation.
        whole
            .flat_map(|part| part.bytes().chain([0]))
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// Whom a visitor would get now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Preview {
    /// As if it was decided now, up to the first probe: none is sent, so nobody knows who would answer.
    pub decision: Decision,
    /// Wait in the same line.
    pub waiting: u64,
}
