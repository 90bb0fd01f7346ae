//! From scores to bands, by cross-validation on the training examples alone.
//!
//! Each example is judged by a model that has not seen it. The owner says which share of the right answers the bot may
//! hold back; the threshold of the first band is the score below which that share of them lies. Below it the bot asks
//! back, as long as no more than a quarter of that share of the messages whose intent is among the three is lost. Where the
//! owner says nothing, it is [`HOLD_BACK`], or more if answers would otherwise be wrong more often than they are worth.
use super::{math, predict::Band};
use crate::core::limits::HOLD_BACK_MAX;

/// Percentage of right answers that may be held back at least, unless the owner says otherwise.
pub const HOLD_BACK: u32 = 3;
/// So many right answers a wrong one costs: the least certain ones that are given are right in two of three cases.
const WRONG: f32 = 2.0;
/// The same of an example of the library. They differ from one another on purpose, so that one which its model has not seen
/// is taken wrongly far more often than what visitors write.
const WRONG_OF_LIBRARY: f32 = 1.0;
/// The same of a sentence that means something else. There are many of them, as a rule, and visitors ask of what the owner has.
const WRONG_OF_OTHERS: f32 = 0.03;
/// Of the share that may be held back so much is asked of the folds, or with many examples an intent a little more than that
/// share would be held back (measured on validation data).
const SAFE: f32 = 0.8;
/// Judged examples that the probability is fitted to, at most.
const FITTED: usize = 2_000;

/// The lower edges of two bands; a score on an edge is inside.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// Of the answers.
    pub answer: f32,
    /// Of the questions back.
    pub ask: f32,
}

impl Thresholds {
    /// The band of a score.
    pub fn band(self, score: f32) -> Band {
        if score >= self.answer {
            Band::Answer
        } else if score >= self.ask {
            Band::Ask
        } else {
            Band::Handoff
        }
    }
}

/// What a model knows of its own scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// Of the best score.
    pub slope: f32,
    /// Of its lead over the second.
    pub gap: f32,
    /// Constant.
    pub offset: f32,
    /// At each position of the slider, from 0 to [`HOLD_BACK_MAX`] percent.
    pub thresholds: Vec<Thresholds>,
    /// Where the slider stands unless the owner moves it.
    pub usual: u8,
}

impl Calibration {
    /// Where the bands lie if this percentage of the right answers may be held back; none: the usual one. Nothing calibrated:
    /// nothing is answered.
    pub fn at(&self, percent: Option<u32>) -> Thresholds {
        let never = Thresholds { answer: f32::MAX, ask: f32::MAX };
        let percent = percent.unwrap_or_else(|| u32::from(self.usual));
        self.thresholds.get(percent.min(HOLD_BACK_MAX) as usize).copied().unwrap_or(never)
    }

    /// How often the best is right.
    pub fn probability(&self, first: f32, second: f32) -> f32 {
        math::sigmoid(self.slope * first + self.gap * (first - second) + self.offset)
    }

    /// A candidate's part of what the first leaves.
    pub(super) fn share(&self, score: f32, best: &[(u16, f32)]) -> f32 {
        let steep = self.slope + self.gap;
        let first = best.first().map_or(score, |(_, first)| *first);
        let odds = |score: f32| math::exp(steep * (score - first));
        // One more stands for all those that are not listed.
        let sum = best.iter().skip(1).map(|(_, score)| odds(*score)).sum::<f32>();
        let last = best.last().map_or(0.0, |(_, score)| odds(*score));
        odds(score) / (sum + last).max(f32::MIN_POSITIVE)
    }
}

/// An example as a model judged it that had not seen it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its place in the corpus.
    pub example: usize,
    /// Its intent.
    pub class: u16,
    /// It is the library's.
    pub is_library: bool,
    /// The three best, with scores.
    pub best: Vec<(u16, f32)>,
}

impl Judged {
    /// Whether the best is right.
    pub fn is_right(&self) -> bool {
        self.best.first().is_some_and(|(class, _)| *class == self.class)
    }

    /// The best score, and the second.
    pub fn scores(&self) -> (f32, f32) {
        let score = |place: usize| self.best.get(place).map(|(_, score)| *score);
        let first = score(0).unwrap_or(0.0);
        (first, score(1).unwrap_or(first - 2.0))
    }

    fn is_listed(&self) -> bool {
        self.best.iter().any(|(class, _)| *class == self.class)
    }
}

/// What cross-validation says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Every example that means an intent.
    pub judged: Vec<Judged>,
    /// Of every sentence that means none, the score of the intent that it would be taken for.
    pub others: Vec<f32>,
}

impl Report {
    /// Share of examples whose best intent is theirs.
    pub fn accuracy(&self) -> f32 {
        let right = self.judged.iter().filter(|judged| judged.is_right()).count();
        right as f32 / self.judged.len().max(1) as f32
    }

    /// Pairs (meant, taken for) with their count, most frequent first.
    pub fn confusions(&self) -> Vec<(u16, u16, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for judged in self.judged.iter().filter(|judged| !judged.is_right()) {
            if let Some((taken, _)) = judged.best.first() {
                *counts.entry((judged.class, *taken)).or_insert(0_usize) += 1;
            }
        }
        let mut pairs: Vec<_> = counts.into_iter().map(|((meant, taken), count)| (meant, taken, count)).collect();
        pairs.sort_by_key(|(meant, taken, count)| (std::cmp::Reverse(*count), *meant, *taken));
        pairs
    }

    /// Where the bands lie among the judged examples if this share of their right answers may be held back.
    pub fn thresholds(&self, hold_back: f32) -> Thresholds {
        self.ranked().thresholds(hold_back)
    }

    fn ranked(&self) -> Ranked {
        let right = self.judged.iter().filter(|judged| judged.is_right()).map(|judged| judged.scores().0);
        let listed = self.judged.iter().filter(|judged| judged.is_listed()).map(|judged| judged.scores().0);
        let sorted = |mut scores: Vec<f32>| {
            scores.sort_unstable_by(f32::total_cmp);
            scores
        };
        Ranked { right: sorted(right.collect()), listed: sorted(listed.collect()) }
    }

    /// The examples that fall into a band at this position of the slider.
    pub fn in_band(&self, hold_back: f32, band: Band) -> impl Iterator<Item = &Judged> {
        let thresholds = self.thresholds(hold_back);
        self.judged.iter().filter(move |judged| thresholds.band(judged.scores().0) == band)
    }

    /// Fits the probability of being right (logistic regression, a fixed number of full gradient steps).
    pub fn calibration(&self) -> Calibration {
        let (mut slope, mut gap, mut offset) = (1.0_f32, 1.0_f32, 0.0_f32);
        // A few thousand say what they all would.
        let some = self.judged.iter().step_by(self.judged.len().div_ceil(FITTED).max(1));
        let count = some.len().max(1) as f32;
        for _ in 0..400 {
            let (mut by_slope, mut by_gap, mut by_offset) = (0.0_f32, 0.0_f32, 0.0_f32);
            for judged in some.clone() {
                let (first, second) = judged.scores();
                let right = if judged.is_right() { 1.0 } else { 0.0 };
                let error = right - math::sigmoid(slope * first + gap * (first - second) + offset);
                by_slope += error * first;
                by_gap += error * (first - second);
                by_offset += error;
            }
            slope = (slope + 4.0 * by_slope / count).max(0.0);
            gap = (gap + 4.0 * by_gap / count).max(0.0);
            offset += 4.0 * by_offset / count;
        }
        let ranked = self.ranked();
        let thresholds: Vec<Thresholds> =
            (0..=HOLD_BACK_MAX).map(|percent| ranked.thresholds(percent as f32 / 100.0 * SAFE)).collect();
        let usual = usual(&thresholds, self.worth_answering());
        Calibration { slope, gap, offset, thresholds, usual }
    }

    /// The score from which answers are worth most: a right one counts 1, a wrong one takes [`WRONG`] away.
    fn worth_answering(&self) -> f32 {
        let wrong = |judged: &Judged| if judged.is_library { -WRONG_OF_LIBRARY } else { -WRONG };
        let worth = |judged: &Judged| (judged.scores().0, if judged.is_right() { 1.0 } else { wrong(judged) });
        let mut scored: Vec<(f32, f32)> = self.judged.iter().map(worth).collect();
        scored.extend(self.others.iter().map(|score| (*score, -WRONG_OF_OTHERS)));
        scored.sort_by(|one, other| other.0.total_cmp(&one.0));
        let (mut sum, mut most, mut from) = (0.0_f32, 0.0_f32, f32::MAX);
        for same in scored.chunk_by(|one, other| one.0 == other.0) {
            sum += same.iter().map(|(_, worth)| worth).sum::<f32>();
            if let (true, Some((score, _))) = (sum >= most, same.first()) {
                (most, from) = (sum, *score);
            }
        }
        from
    }
}

/// Scores in order: of right answers, and of those among whose best three the right one is.
struct Ranked {
    right: Vec<f32>,
    listed: Vec<f32>,
}

impl Ranked {
    fn thresholds(&self, hold_back: f32) -> Thresholds {
        let hold_back = if hold_back.is_finite() { hold_back.clamp(0.0, 1.0) } else { HOLD_BACK as f32 / 100.0 };
        // Nothing learnt to be right: nothing is answered.
        let answer = quantile(&self.right, hold_back).unwrap_or(f32::MAX);
        let ask = quantile(&self.listed, hold_back * 0.25).unwrap_or(f32::MAX).min(answer);
        Thresholds { answer, ask }
    }
}

/// The first position of the slider, from [`HOLD_BACK`] on, at which nothing below this score is answered; else the last one.
fn usual(thresholds: &[Thresholds], least: f32) -> u8 {
    let found = thresholds.iter().skip(HOLD_BACK as usize).position(|edges| edges.answer >= least);
    let place = found.map_or(thresholds.len().saturating_sub(1), |place| place + HOLD_BACK as usize);
    u8::try_from(place).unwrap_or(0)
}

/// The value with this share of all, which are in order, below it.
fn quantile(values: &[f32], share: f32) -> Option<f32> {
    let place = (share * values.len() as f32) as usize;
    values.get(place.min(values.len().saturating_sub(1))).copied()
}
