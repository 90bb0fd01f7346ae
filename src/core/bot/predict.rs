//! Judges a message: which intents, how probable, and in which band.
use super::{
    Model,
    calibrate::Thresholds,
    features::{self, BUCKETS, Reading},
    train,
};

/// What the bot may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Answer.
    Answer,
    /// Ask back: "did you mean …".
    Ask,
    /// Hand over.
    Handoff,
}

/// An intent that a message may mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Index into [`Model::intents`].
    pub class: u16,
    /// The sum of the weights, less what speaks for something else.
    pub score: f32,
    /// How often a message with such scores means this, among messages that mean one of the intents at all.
    pub probability: f32,
}

/// What the bot makes of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What it may do.
    pub band: Band,
    /// The three likeliest, best first; fewer if the model has fewer.
    pub top: Vec<Candidate>,
}

/// Candidates of a verdict.
const TOP: usize = 3;
/// So much of the best score of what means something else is taken from those of the intents.
const DOUBT: f32 = 0.5;

impl Model {
    /// Judges with the slider at its default.
    pub fn judge(&self, text: &str) -> Verdict {
        self.judge_at(&Reading::of(text), self.calibration.at(None))
    }

    /// Judges by the thresholds of another position, [`Calibration::at`](super::calibrate::Calibration::at).
    pub fn judge_at(&self, reading: &Reading, thresholds: Thresholds) -> Verdict {
        let values = train::values(&reading.buckets, &self.idf, self.unseen);
        // Nothing known in it: there is nothing to judge by.
        if values.is_empty() {
            return Verdict { band: Band::Handoff, top: Vec::new() };
        }
        let mut scores = vec![0.0_f32; self.intents.len() + self.others];
        self.add_constant(&mut scores);
        for (bucket, value) in &values {
            self.rows.add(usize::from(*bucket), *value * self.scale, &mut scores);
        }
        let (intents, others) = scores.split_at(self.intents.len());
        let best = doubted(best(intents), others.iter().copied());
        let score = |place: usize| best.get(place).map_or(f32::MIN, |(_, score)| *score);
        let band = thresholds.band(score(0));
        let probable = self.calibration.probability(score(0), score(1).max(score(0) - 2.0));
        let top = best.iter().enumerate().map(|(place, (class, score))| Candidate {
            class: *class,
            score: *score,
            // What the first leaves is split among the rest by how far they are behind.
            probability: if place == 0 { probable } else { (1.0 - probable) * self.calibration.share(*score, &best) },
        });
        Verdict { band, top: top.collect() }
    }

    /// What each word, pair and ideograph of a message adds to the score of a class, largest first: the words that decided.
    pub fn contributions(&self, text: &str, class: u16) -> Vec<(String, f32)> {
        let values = train::values(&features::buckets(text), &self.idf, self.unseen);
        let mut seen = Vec::new();
        let mut found: Vec<(String, f32)> = Vec::new();
        for (word, bucket) in features::whole_words(text) {
            let Ok(place) = values.binary_search_by_key(&bucket, |value| value.0) else { continue };
            if seen.contains(&bucket) {
                continue;
            }
            seen.push(bucket);
            let cell = self.rows.cells(usize::from(bucket)).find(|(other, _)| *other == class);
            if let (Some((_, cell)), Some((_, value))) = (cell, values.get(place)) {
                let adds = f32::from(cell) * self.scale * value;
                match found.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, sum)) => *sum += adds,
                    None => found.push((word, adds)),
                }
            }
        }
        found.sort_by(|one, other| other.1.total_cmp(&one.1));
        found
    }

    pub(super) fn add_constant(&self, scores: &mut [f32]) {
        self.rows.add(BUCKETS, self.bias * self.scale, scores);
    }
}

/// The best intents, as much less sure as a message may mean something else. Their order and distances stay, and what is held back of right answers
/// is counted in these scores: the more often the library's idea of another topic is an owner's own, the lower the bands begin.
pub(super) fn doubted(mut best: Vec<(u16, f32)>, others: impl Iterator<Item = f32>) -> Vec<(u16, f32)> {
    let doubt = DOUBT * others.fold(0.0, f32::max);
    best.iter_mut().for_each(|(_, score)| *score -= doubt);
    best
}

/// The best classes with their scores; of equal ones, the earlier first.
pub(super) fn best(scores: &[f32]) -> Vec<(u16, f32)> {
    let mut best: Vec<(u16, f32)> = Vec::with_capacity(TOP + 1);
    for (class, score) in (0_u16..).zip(scores) {
        let place = best.iter().position(|(_, other)| score > other).unwrap_or(best.len());
        if place < TOP {
            best.insert(place, (class, *score));
            best.truncate(TOP);
        }
    }
    best
}
