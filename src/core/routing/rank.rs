//! In which order agents are asked.

use std::cmp::Reverse;

use super::settings::{Method, Routing};
use crate::core::{
    id::AgentId,
    time::{MINUTE, Timestamp},
};

/// After so long without an assignment half of the points for waiting are reached.
const IDLE_HALF: i64 = 10 * MINUTE;
/// Points that one property can bring.
const POINTS: i64 = 1_000;

/// An agent with a free slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// Open conversations that they have, and slots that are reserved for a probe; below the capacity.
    pub load: u32,
    /// When they were last given one; the beginning of time if never.
    pub last_assigned: Timestamp,
}

impl Candidate {
    /// `(w_load · free/capacity + w_idle · idle/(idle + 10 min)) / (w_load + w_idle)`, in thousandths. Whole numbers, so
    /// that every machine ranks alike.
    pub fn score(&self, routing: &Routing, now: Timestamp) -> i64 {
        let capacity = i64::from(routing.capacity.max(1));
        let free = capacity.saturating_sub(i64::from(self.load)).max(0);
        let idle = now.since(self.last_assigned).max(0);
        let (load, waited) = (i64::from(routing.weights.load), i64::from(routing.weights.idle));
        // Never and very long ago are the same.
        let idle_points = POINTS.saturating_mul(idle).checked_div(idle.saturating_add(IDLE_HALF)).unwrap_or(POINTS);
        let sum = load.saturating_mul(POINTS.saturating_mul(free) / capacity) + waited.saturating_mul(idle_points);
        sum.checked_div(load + waited).unwrap_or(0)
    }
}

/// Puts the best first. Whoever has waited longer comes first among equals, then the smaller id.
pub fn rank(routing: &Routing, mut candidates: Vec<Candidate>, now: Timestamp) -> Vec<Candidate> {
    candidates.sort_by_cached_key(|it| {
        let by_method = match routing.method {
            Method::BestMatch => Reverse(it.score(routing, now)),
            // The same capacity for all, so fewer conversations are the smaller part of it.
            Method::LeastBusy => Reverse(-i64::from(it.load)),
            Method::Manual | Method::RoundRobin => Reverse(0),
        };
        (by_method, it.last_assigned, it.agent.clone())
    });
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Entropy;

    const NOW: Timestamp = Timestamp(1_795_600_000_000);

    fn candidate(number: u128, load: u32, idle_minutes: i64) -> Candidate {
        let agent = AgentId::draw(&mut Entropy::new(number));
        Candidate { agent, load, last_assigned: NOW.plus(-idle_minutes * MINUTE) }
    }

    fn order(method: Method, candidates: &[Candidate]) -> Vec<usize> {
        let routing = Routing { method, ..Routing::default() };
        let ranked = rank(&routing, candidates.to_vec(), NOW);
        ranked.iter().map(|it| candidates.iter().position(|other| other == it).unwrap()).collect()
    }

    #[test]
    fn each_method_has_its_order() {
        let all = [candidate(1, 3, 60), candidate(2, 0, 1), candidate(3, 1, 10), candidate(4, 0, 2)];
        assert_eq!(order(Method::LeastBusy, &all), [3, 1, 2, 0]);
        assert_eq!(order(Method::RoundRobin, &all), [0, 2, 3, 1]);
        // 240 + 343, 600 + 36, 480 + 200, 600 + 67.
        assert_eq!(order(Method::BestMatch, &all), [2, 3, 1, 0]);
    }

    #[test]
    fn a_score_by_hand() {
        let routing = Routing::default();
        assert_eq!(candidate(1, 0, 10).score(&routing, NOW), 600 + 200);
        assert_eq!(candidate(1, 4, 0).score(&routing, NOW), 120);
        let never = Candidate { last_assigned: Timestamp(0), ..candidate(1, 0, 0) };
        assert_eq!(never.score(&routing, NOW), 999);
        let from_the_future = Candidate { last_assigned: NOW.plus(MINUTE), ..candidate(1, 0, 0) };
        assert_eq!(from_the_future.score(&routing, NOW), 600);
        let ever = Candidate { last_assigned: Timestamp(i64::MIN), ..candidate(1, 0, 0) };
        assert!((0..=1_000).contains(&ever.score(&routing, Timestamp(i64::MAX))));
    }

    #[test]
    fn the_order_does_not_depend_on_where_one_begins() {
        let mut entropy = Entropy::new(7);
        for method in [Method::BestMatch, Method::LeastBusy, Method::RoundRobin] {
            let mut draw = |end: u64| i64::try_from(entropy.next_u64() % end).unwrap();
            let all: Vec<Candidate> =
                (0..20).map(|number| candidate(number, u32::try_from(draw(5)).unwrap(), draw(3))).collect();
            let mut turned = all.clone();
            turned.rotate_left(7);
            turned.reverse();
            let routing = Routing { method, ..Routing::default() };
            assert_eq!(rank(&routing, all, NOW), rank(&routing, turned, NOW));
        }
    }
}
