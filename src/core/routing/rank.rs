//! In which order agents are asked.

use std::cmp::Reverse;

use serde::Serialize;

use super::settings::{Method, Weights};
use crate::core::{
    id::AgentId,
    time::{MINUTE, Timestamp},
};

/// After so long without an assignment half of the points for waiting are reached.
const IDLE_HALF: i64 = 10 * MINUTE;
/// At so many km half of the points for being near are left.
const NEAR_HALF: i64 = 500;
/// Points that one property can bring.
const POINTS: i64 = 1_000;

/// An agent with a free slot, as one conversation sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// The visitor's last agent: comes first, whatever the method.
    pub is_last: bool,
    /// Only helps out: comes behind those whose conversation it is.
    pub helps_out: bool,
    /// Open conversations that they have, and slots that are reserved for a probe; below the capacity.
    pub load: u32,
    /// Open conversations at which they get no further one.
    pub capacity: u32,
    /// Speaks the visitor's language.
    pub speaks: bool,
    /// Knows about what the visitor asks.
    pub knows: bool,
    /// How far from the visitor they are; absent: not known of both.
    pub km: Option<u32>,
    /// When they were last given one; the beginning of time if never.
    pub last_assigned: Timestamp,
}

/// What each property brings to a score, in thousandths. Each is rounded down by itself, so together they may be up to three less than it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Parts {
    /// Free capacity.
    pub load: i64,
    /// Time since the last assignment.
    pub idle: i64,
    /// The visitor's language.
    pub language: i64,
    /// What the visitor asks about.
    pub skill: i64,
    /// How near they are.
    pub distance: i64,
}

impl Candidate {
    /// `(w_load · free/capacity + w_idle · idle/(idle + 10 min) + w_language · speaks + w_skill · knows
    /// + w_distance · 500 km/(500 km + km)) / (sum of weights)`, in thousandths. Whole numbers, so that every machine ranks alike.
    pub fn score(&self, weights: &Weights, now: Timestamp) -> i64 {
        let sum: i64 = self.weighed(weights, now).iter().sum();
        sum.checked_div(weights.sum()).unwrap_or(0)
    }

    /// The same by property.
    pub fn parts(&self, weights: &Weights, now: Timestamp) -> Parts {
        let [load, idle, language, skill, distance] =
            self.weighed(weights, now).map(|points| points.checked_div(weights.sum()).unwrap_or(0));
        Parts { load, idle, language, skill, distance }
    }

    /// Each weight times its points.
    fn weighed(&self, weights: &Weights, now: Timestamp) -> [i64; 5] {
        let idle = now.since(self.last_assigned).max(0);
        // Never and very long ago are the same.
        let idle_points = POINTS.saturating_mul(idle).checked_div(idle.saturating_add(IDLE_HALF)).unwrap_or(POINTS);
        let near = |km: u32| POINTS * NEAR_HALF / (NEAR_HALF + i64::from(km));
        let all_or_nothing = |has: bool| if has { POINTS } else { 0 };
        [
            (weights.load, POINTS.saturating_sub(self.usage())),
            (weights.idle, idle_points),
            (weights.language, all_or_nothing(self.speaks)),
            (weights.skill, all_or_nothing(self.knows)),
            (weights.distance, self.km.map_or(0, near)),
        ]
        .map(|(weight, points)| i64::from(weight).saturating_mul(points))
    }

    /// The part of the capacity that is in use, in thousandths.
    fn usage(&self) -> i64 {
        let capacity = i64::from(self.capacity.max(1));
        (POINTS.saturating_mul(i64::from(self.load)) / capacity).min(POINTS)
    }
}

/// Puts the best first. Whoever has waited longer comes first among equals, then the smaller id.
pub fn rank(method: Method, weights: &Weights, mut candidates: Vec<Candidate>, now: Timestamp) -> Vec<Candidate> {
    candidates.sort_by_cached_key(|it| {
        let by_method = match method {
            Method::BestMatch => Reverse(it.score(weights, now)),
            Method::LeastBusy => Reverse(-it.usage()),
            Method::Manual | Method::RoundRobin => Reverse(0),
        };
        (!it.is_last, it.helps_out, by_method, it.last_assigned, it.agent.clone())
    });
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Entropy;

    const NOW: Timestamp = Timestamp(1_795_600_000_000);
    const WEIGHTS: Weights = Weights { load: 60, idle: 40, language: 0, skill: 0, distance: 0 };

    fn candidate(number: u128, load: u32, idle_minutes: i64) -> Candidate {
        Candidate {
            agent: AgentId::draw(&mut Entropy::new(number)),
            is_last: false,
            helps_out: false,
            load,
            capacity: 5,
            speaks: false,
            knows: false,
            km: None,
            last_assigned: NOW.plus(-idle_minutes * MINUTE),
        }
    }

    fn order(method: Method, candidates: &[Candidate]) -> Vec<usize> {
        let ranked = rank(method, &WEIGHTS, candidates.to_vec(), NOW);
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
    fn the_busiest_is_who_has_the_greatest_part_in_use() {
        let small = Candidate { capacity: 2, ..candidate(1, 1, 60) };
        let large = Candidate { capacity: 10, ..candidate(2, 4, 1) };
        assert_eq!(order(Method::LeastBusy, &[small, large]), [1, 0]);
    }

    #[test]
    fn the_last_agent_comes_first_and_who_helps_out_last() {
        for method in [Method::BestMatch, Method::LeastBusy, Method::RoundRobin] {
            let helper = Candidate { helps_out: true, ..candidate(1, 0, 60) };
            let busy = candidate(2, 4, 0);
            let last = Candidate { is_last: true, helps_out: true, ..candidate(3, 4, 0) };
            assert_eq!(order(method, &[helper, busy, last]), [2, 1, 0]);
        }
    }

    #[test]
    fn a_score_by_hand() {
        assert_eq!(candidate(1, 0, 10).score(&WEIGHTS, NOW), 600 + 200);
        assert_eq!(candidate(1, 4, 0).score(&WEIGHTS, NOW), 120);
        let never = Candidate { last_assigned: Timestamp(0), ..candidate(1, 0, 0) };
        assert_eq!(never.score(&WEIGHTS, NOW), 999);
        let from_the_future = Candidate { last_assigned: NOW.plus(MINUTE), ..candidate(1, 0, 0) };
        assert_eq!(from_the_future.score(&WEIGHTS, NOW), 600);
        let ever = Candidate { last_assigned: Timestamp(i64::MIN), ..candidate(1, 0, 0) };
        assert!((0..=1_000).contains(&ever.score(&WEIGHTS, Timestamp(i64::MAX))));
        // (60 · 600 + 40 · 500 + 50 · 1,000) / 200 without the skill, 50 · 1,000 / 200 more with it.
        let speaker = Candidate { speaks: true, ..candidate(1, 2, 10) };
        assert_eq!(speaker.score(&Weights::default(), NOW), 530);
        let both = Candidate { knows: true, ..speaker };
        assert_eq!(both.score(&Weights::default(), NOW), 780);
        assert_eq!(
            both.parts(&Weights::default(), NOW),
            Parts { load: 180, idle: 100, language: 250, skill: 250, distance: 0 }
        );
    }

    #[test]
    fn who_is_near_comes_first_where_that_counts() {
        let at = |km: Option<u32>| Candidate { km, ..candidate(1, 5, 0) };
        let weights = Weights { distance: 100, ..WEIGHTS };
        for (km, points) in [(Some(0), 500), (Some(500), 250), (Some(1_500), 125), (Some(20_015), 12), (None, 0)] {
            assert_eq!(at(km).score(&weights, NOW), points, "{km:?}");
            assert_eq!(at(km).parts(&weights, NOW).distance, points);
            assert_eq!(at(km).score(&WEIGHTS, NOW), 0, "nobody has asked for it");
        }
        let far = Candidate { km: Some(9_000), ..candidate(1, 0, 1) };
        let near = Candidate { km: Some(20), ..candidate(2, 0, 0) };
        let nowhere = candidate(3, 0, 2);
        let order = |weights: &Weights| {
            let ranked = rank(Method::BestMatch, weights, vec![far.clone(), near.clone(), nowhere.clone()], NOW);
            ranked.into_iter().map(|it| it.km).collect::<Vec<_>>()
        };
        assert_eq!(order(&weights), [Some(20), Some(9_000), None]);
        assert_eq!(order(&WEIGHTS), [None, Some(9_000), Some(20)]);
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
            assert_eq!(rank(method, &WEIGHTS, all, NOW), rank(method, &WEIGHTS, turned, NOW));
        }
    }
}
