//! How long visitors have waited for a person today: from when they came to the line to when somebody had taken the conversation,
//! once for each until it is resolved. For the supervisors' board, per line and of all.
//!
//! Kept as counts in buckets, sixteen for each doubling from a sixteenth of a second on, so a day of any size is a few hundred numbers,
//! and what is said of it is at most one part in 32 off (the middle of its bucket; waits under a second are told to 31 ms). The
//! day is the workspace's, in the time zone of its hours. A line's counts are a row, written with the answer.

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{Desk, effect::Effects, line::Departures};
use crate::{
    core::{
        id::TeamId,
        protocol::wire,
        time::{DAY, Timestamp},
    },
    sql::desk::DeskWrite,
};

/// Milliseconds of the narrowest bucket.
const NARROW: u64 = 62;
/// Buckets for each doubling.
const STEPS: u64 = 16;
/// Longer waits count as this one: a week.
const LONGEST: u64 = 7 * 24 * 60 * 60 * 1_000;

/// Waits of one line on one day, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Waits {
    /// Days since 1970 in the workspace's time zone.
    pub day: i64,
    /// How many by bucket.
    pub counts: LiteMap<u16, u32>,
    /// How fast the line moves, as of the last of them.
    #[serde(default)]
    pub departures: Departures,
}

/// All lines of today.
#[derive(Debug, Default)]
pub struct Answers {
    day: i64,
    lines: LiteMap<Option<TeamId>, Waits>,
    has_news: bool,
}

/// The bucket of a wait. Up to 16 narrow ones a bucket is one, then each doubling has sixteen.
fn bucket_of(wait: i64) -> u16 {
    let narrow = u64::try_from(wait).unwrap_or(0).min(LONGEST) / NARROW;
    let doublings = narrow.checked_ilog2().unwrap_or(0).saturating_sub(STEPS.ilog2());
    let step = narrow >> doublings;
    u16::try_from(u64::from(doublings) * STEPS + step).unwrap_or(u16::MAX)
}

/// The wait in the middle of a bucket.
fn middle_of(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    let doublings = (bucket / STEPS).saturating_sub(1).min(40);
    let step = bucket - doublings * STEPS;
    ((step * NARROW) << doublings) + ((NARROW << doublings) / 2)
}

impl Waits {
    fn add(&mut self, wait: i64) {
        let count = self.counts.entry(bucket_of(wait)).or_insert(0);
        *count = count.saturating_add(1);
    }

    fn count(&self) -> u64 {
        self.counts.values().map(|count| u64::from(*count)).sum()
    }

    /// The wait that so many thousandths of all were no longer than.
    fn quantile(&self, thousandths: u64) -> u64 {
        let rank = self.count().saturating_mul(thousandths).div_ceil(1_000).max(1);
        let mut below = 0;
        for (bucket, count) in self.counts.iter() {
            below += u64::from(*count);
            if below >= rank {
                return middle_of(*bucket);
            }
        }
        0
    }

    fn told(&self, team: String) -> wire::AnswerTimes {
        wire::AnswerTimes { team, count: self.count(), median_ms: self.quantile(500), p90_ms: self.quantile(900) }
    }
}

impl Answers {
    /// After loading; what is of another day is over.
    pub fn load(lines: Vec<(Option<TeamId>, Waits)>, day: i64) -> Self {
        let lines = lines.into_iter().filter(|(_, waits)| waits.day == day).collect();
        Answers { day, lines, has_news: false }
    }

    /// Something is to be told.
    pub fn has_news(&self) -> bool {
        self.has_news
    }
}

impl Desk {
    /// The day of the workspace.
    pub(super) fn today(&self, now: Timestamp) -> i64 {
        self.roster.hours.as_ref().map_or_else(|| now.0.div_euclid(DAY), |hours| hours.day(now))
    }

    /// Somebody has answered who waited in this line since then.
    pub(super) fn was_answered(&mut self, line: Option<TeamId>, since: Timestamp, now: Timestamp, fx: &mut Effects) {
        self.turn_day(now);
        let is_first = self.answers.lines.is_empty();
        let day = self.answers.day;
        let waits = self.answers.lines.entry(line.clone()).or_insert_with(|| Waits { day, ..Waits::default() });
        waits.add(now.since(since));
        let waits = Box::new(Waits { departures: self.line.departures(&line), ..waits.clone() });
        self.answers.has_news = true;
        self.write(DeskWrite::SaveWaits { line, waits, is_first }, fx);
    }

    /// Begins a new day if it is one. A clock that is put back over midnight begins the day before anew.
    pub(super) fn turn_day(&mut self, now: Timestamp) {
        let day = self.today(now);
        if self.answers.day != day {
            self.answers.has_news = !self.answers.lines.is_empty();
            self.answers.lines = LiteMap::new();
            self.answers.day = day;
        }
    }

    /// What the board shows.
    pub(super) fn answers(&self) -> wire::AnswersToday {
        let mut all = Waits::default();
        for (bucket, count) in self.answers.lines.values().flat_map(|waits| waits.counts.iter()) {
            let sum = all.counts.entry(*bucket).or_insert(0);
            *sum = sum.saturating_add(*count);
        }
        let name = |line: &Option<TeamId>| line.as_ref().map_or_else(String::new, TeamId::to_string);
        let lines = self.answers.lines.iter().map(|(line, waits)| waits.told(name(line)));
        wire::AnswersToday { all: Some(all.told(String::new())), lines: lines.collect() }
    }

    /// The same, if it has changed since it was told.
    pub(super) fn answers_news(&mut self) -> Option<wire::AnswersToday> {
        std::mem::take(&mut self.answers.has_news).then(|| self.answers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{chance::Chance, id::Entropy};

    #[test]
    fn buckets_are_in_order_and_their_middles_near() {
        let mut last = 0;
        for wait in (0..200_000_i64).chain((200_000..600_000_000).step_by(9_973)) {
            let bucket = bucket_of(wait);
            assert!(bucket >= last && bucket - last <= 1 || wait > 200_000, "{wait}");
            last = bucket;
            let (middle, wait) = (i64::try_from(middle_of(bucket)).unwrap(), wait);
            let off = (middle - wait).abs();
            assert!(off <= (wait / 32).max(31) + 1, "{wait} is told as {middle}");
        }
        assert_eq!((bucket_of(-5), bucket_of(i64::MAX)), (0, bucket_of(i64::try_from(LONGEST).unwrap())));
        assert!(bucket_of(i64::MAX) < 400);
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_waits() {
        assert_eq!((Waits::default().quantile(500), Waits::default().count()), (0, 0));
        for seed in 0..300_u64 {
            let mut chance = Chance::Seed(Entropy::new(u128::from(seed)));
            let most = 1 << (6 + chance.below(22));
            let count = 1 + chance.below(400);
            let mut all: Vec<i64> = (0..count).map(|_| i64::try_from(chance.below(most)).unwrap()).collect();
            let mut waits = Waits::default();
            all.iter().for_each(|wait| waits.add(*wait));
            all.sort_unstable();
            assert_eq!(waits.count(), count);
            for thousandths in [500, 900] {
                let rank = usize::try_from((count * thousandths).div_ceil(1_000)).unwrap();
                let exact = all[rank - 1];
                let told = i64::try_from(waits.quantile(thousandths)).unwrap();
                assert!((told - exact).abs() <= (exact / 32).max(31) + 1, "seed {seed}: {exact} is told as {told}");
            }
        }
    }
}
