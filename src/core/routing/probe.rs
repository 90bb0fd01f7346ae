//! One round of probes: the best three are asked at the same time whether they live, and the score decides, not the
//! network, unless that would take long.
//!
//! ```text
//! 0 ms            first "available"          +50 ms                                  300 ms
//! ├───────────────────────┼─────────────────────┼──────────────────────────────────────┤
//! asked   the best-ranked: wins at once         the best-ranked so far wins            silent ones are suspect
//! ```

use serde::Serialize;

use super::decision::Answered;
use crate::core::{
    id::AgentId,
    limits::{PROBE_AT_ONCE, PROBE_GRACE, PROBE_PATIENCE},
    time::Timestamp,
};

/// What one agent has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Available,
    Unavailable,
    /// Is not here any more, or has no slot left.
    Gone,
}

/// The same for whoever reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// "Available".
    Available,
    /// "No".
    Unavailable,
    /// Was not here any more, or had no slot left.
    Gone,
    /// Nothing, as long as anybody is waited for.
    Silent,
    /// Nothing by the time that it was decided.
    NotAwaited,
}

impl Word {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Word::Available => "available",
            Word::Unavailable => "unavailable",
            Word::Gone => "gone",
            Word::Silent => "silent",
            Word::NotAwaited => "not_awaited",
        }
    }
}

/// One round for one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Names the probe that went out.
    pub probe: u64,
    began: Timestamp,
    first_available: Option<Timestamp>,
    /// Best first.
    asked: Vec<(AgentId, Said)>,
    /// Who has answered, and when.
    times: Vec<(AgentId, Timestamp)>,
}

/// How a round stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Look again then.
    Wait(Timestamp),
    /// This one gets the conversation.
    Assign(AgentId),
    /// None of them can have it.
    Nobody,
}

impl Round {
    /// Asks the first of those who are ranked.
    pub fn new(probe: u64, ranked: impl IntoIterator<Item = AgentId>, now: Timestamp) -> Self {
        let asked = ranked.into_iter().take(PROBE_AT_ONCE).map(|agent| (agent, Said::Nothing)).collect();
        Round { probe, began: now, first_available: None, asked, times: Vec::new() }
    }

    /// Everyone who is asked.
    pub fn asked(&self) -> impl Iterator<Item = &AgentId> {
        self.asked.iter().map(|(agent, _)| agent)
    }

    /// Who has said nothing yet.
    pub fn silent(&self) -> impl Iterator<Item = &AgentId> {
        self.asked.iter().filter(|(_, said)| *said == Said::Nothing).map(|(agent, _)| agent)
    }

    /// Who has said no.
    pub fn unavailable(&self) -> impl Iterator<Item = &AgentId> {
        self.asked.iter().filter(|(_, said)| *said == Said::Unavailable).map(|(agent, _)| agent)
    }

    /// An answer; the first of each agent counts. Not theirs to give: it changes nothing.
    pub fn answer(&mut self, agent: &AgentId, is_available: bool, now: Timestamp) {
        let open = |(who, said): &&mut (AgentId, Said)| who == agent && *said == Said::Nothing;
        let Some((_, said)) = self.asked.iter_mut().find(open) else { return };
        *said = if is_available { Said::Available } else { Said::Unavailable };
        self.times.push((agent.clone(), now));
        if is_available {
            self.first_available.get_or_insert(now);
        }
    }

    /// Whoever is asked or has answered is not here any more, or has no slot left.
    pub fn lose(&mut self, agent: &AgentId) {
        for (_, said) in self.asked.iter_mut().filter(|(who, _)| who == agent) {
            *said = Said::Gone;
        }
    }

    /// What everyone has said by now, for the log.
    pub fn answers(&self, now: Timestamp) -> impl Iterator<Item = Answered> {
        let is_over = self.is_over(now);
        self.asked.iter().map(move |(agent, said)| {
            let answer = match said {
                Said::Available => Word::Available,
                Said::Unavailable => Word::Unavailable,
                Said::Gone => Word::Gone,
                Said::Nothing if is_over => Word::Silent,
                Said::Nothing => Word::NotAwaited,
            };
            let at = self.times.iter().find(|(who, _)| who == agent).map(|(_, at)| *at);
            Answered { agent: agent.clone(), answer, after_ms: at.map(|at| at.since(self.began).max(0)) }
        })
    }

    /// When silence becomes suspicious.
    pub fn ends(&self) -> Timestamp {
        self.began.plus(PROBE_PATIENCE)
    }

    /// Nobody is waited for any longer, or the clock went back.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends() || now < self.began
    }

    /// How it stands. A clock that went back does not make anyone wait longer than the patience from now.
    pub fn verdict(&self, now: Timestamp) -> Verdict {
        let is_over = self.is_over(now);
        let best = self.asked.iter().position(|(_, said)| *said == Said::Available);
        let waits_for = self.asked.iter().position(|(_, said)| *said == Said::Nothing);
        let grace_ends = self.first_available.map(|at| at.plus(PROBE_GRACE));
        match (best.and_then(|place| self.asked.get(place)), waits_for) {
            (Some((agent, _)), waits_for) => {
                let is_best = waits_for.is_none_or(|other| best.is_some_and(|place| place < other));
                let is_long_enough = grace_ends.is_none_or(|end| now >= end);
                if is_best || is_over || is_long_enough {
                    return Verdict::Assign(agent.clone());
                }
                Verdict::Wait(grace_ends.unwrap_or(now).min(self.ends()))
            }
            (None, None) => Verdict::Nobody,
            (None, Some(_)) if is_over => Verdict::Nobody,
            (None, Some(_)) => Verdict::Wait(self.ends()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Entropy;

    const START: Timestamp = Timestamp(1_000_000);

    fn agent(number: u128) -> AgentId {
        AgentId::draw(&mut Entropy::new(number))
    }

    fn round(agents: u128) -> Round {
        Round::new(9, (0..agents).map(agent), START)
    }

    fn at(ms: i64) -> Timestamp {
        START.plus(ms)
    }

    #[test]
    fn three_are_asked() {
        assert_eq!(round(5).asked().cloned().collect::<Vec<_>>(), [agent(0), agent(1), agent(2)]);
        assert_eq!(round(0).verdict(START), Verdict::Nobody);
    }

    #[test]
    fn the_best_wins_at_once() {
        let mut it = round(3);
        assert_eq!(it.verdict(START), Verdict::Wait(at(300)));
        it.answer(&agent(0), true, at(2));
        assert_eq!(it.verdict(at(2)), Verdict::Assign(agent(0)));
    }

    #[test]
    fn a_worse_one_waits_fifty_milliseconds() {
        let mut it = round(3);
        it.answer(&agent(2), true, at(5));
        assert_eq!(it.verdict(at(5)), Verdict::Wait(at(55)));
        it.answer(&agent(1), true, at(20));
        assert_eq!(it.verdict(at(54)), Verdict::Wait(at(55)));
        assert_eq!(it.verdict(at(55)), Verdict::Assign(agent(1)), "the better of those who have answered");
        it.answer(&agent(0), false, at(21));
        assert_eq!(it.verdict(at(21)), Verdict::Assign(agent(1)), "nobody better is left to wait for");
    }

    #[test]
    fn nobody_is_waited_for_longer_than_the_patience() {
        let mut it = round(3);
        it.answer(&agent(1), true, at(280));
        assert_eq!(it.verdict(at(280)), Verdict::Wait(at(300)));
        assert_eq!(it.verdict(at(300)), Verdict::Assign(agent(1)));
        let mut it = round(3);
        it.answer(&agent(0), false, at(10));
        assert_eq!(it.verdict(at(299)), Verdict::Wait(at(300)));
        assert_eq!(it.verdict(at(300)), Verdict::Nobody);
        assert_eq!(it.silent().cloned().collect::<Vec<_>>(), [agent(1), agent(2)]);
        assert_eq!(it.unavailable().cloned().collect::<Vec<_>>(), [agent(0)]);
    }

    #[test]
    fn all_refuse() {
        let mut it = round(2);
        it.answer(&agent(0), false, at(1));
        it.answer(&agent(1), false, at(2));
        assert_eq!(it.verdict(at(2)), Verdict::Nobody);
    }

    #[test]
    fn only_the_first_word_counts_and_only_of_whom_was_asked() {
        let mut it = round(2);
        it.answer(&agent(7), true, at(1));
        assert_eq!(it.verdict(at(1)), Verdict::Wait(at(300)));
        it.answer(&agent(0), false, at(1));
        it.answer(&agent(0), true, at(2));
        it.answer(&agent(1), false, at(3));
        assert_eq!(it.verdict(at(3)), Verdict::Nobody);
    }

    #[test]
    fn whoever_is_lost_does_not_win() {
        let mut it = round(2);
        it.answer(&agent(0), true, at(1));
        it.lose(&agent(0));
        it.answer(&agent(1), true, at(2));
        assert_eq!(it.verdict(at(2)), Verdict::Assign(agent(1)));
    }

    #[test]
    fn a_clock_that_goes_back_ends_the_round() {
        assert_eq!(round(2).verdict(at(-1)), Verdict::Nobody);
    }
}
