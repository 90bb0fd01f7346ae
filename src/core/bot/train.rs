//! Learns weights: one-versus-rest linear SVM (squared hinge) by dual coordinate descent, with a softmax
//! regression added: it mends the choice where examples are few, and the rejection of what means nothing everywhere.
//!
//! Weights and dual variables are laid out with the class innermost, so that one pass over an example serves all
//! classes and the compiler vectorises it. The work can be cut into slices anywhere: what comes out is the same.
use super::{
    features::{self, BUCKETS},
    math::{self, Seeded},
};

/// How it learns; the defaults are the product's.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Passes over the examples.
    pub epochs: u32,
    /// What a violated margin costs.
    pub cost: f32,
    /// The value of the constant feature.
    pub bias: f32,
    /// What the softmax regression adds, beside the whole of the hinge.
    pub softmax: f32,
    /// Its learning rate.
    pub rate: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { epochs: 10, cost: 1.0, bias: 0.6, softmax: 0.5, rate: 1.0 }
    }
}

/// In the softmax regression a class with a smaller share is left alone until all are looked at again: its step would be as small.
const LEAST_SHARE: f32 = 0.002;

/// Steps of the table of inverse document frequencies in a model file: a frequency is one byte.
pub const IDF_STEPS: f32 = 16.0;

/// An example as numbers: its buckets, the value of each, its class and weight.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) values: Vec<(u16, f32)>,
    pub(super) class: Option<u16>,
    pub(super) weight: f32,
}

/// Inverse document frequencies by bucket, in steps of 1 / [`IDF_STEPS`]; 0: never seen.
pub fn frequencies<'row>(rows: impl Iterator<Item = &'row [u16]>) -> (Vec<u8>, u8) {
    let mut counts = vec![0_u32; BUCKETS];
    let mut total = 0_u32;
    for row in rows {
        total = total.saturating_add(1);
        for bucket in row {
            if let Some(count) = counts.get_mut(usize::from(*bucket)) {
                *count = count.saturating_add(1);
            }
        }
    }
    let idf = |count: u32| {
        let plain = math::ln((1.0 + total as f32) / (1.0 + count as f32)) + 1.0;
        (plain * IDF_STEPS + 0.5) as u8
    };
    (counts.iter().map(|count| if *count == 0 { 0 } else { idf(*count).max(1) }).collect(), idf(0).max(1))
}

/// Buckets with their values: frequencies over the norm, in which n-grams never seen count as the rarest.
pub fn values(buckets: &[u16], idf: &[u8], unseen: u8) -> Vec<(u16, f32)> {
    let step = |bucket: u16| idf.get(usize::from(bucket)).copied().unwrap_or(0);
    let mut square = 0.0_f32;
    for bucket in buckets {
        let seen = step(*bucket);
        let value = f32::from(if seen == 0 { unseen } else { seen });
        square += value * value;
    }
    let norm = square.sqrt().max(1.0);
    buckets
        .iter()
        .filter(|bucket| step(**bucket) > 0)
        .map(|bucket| (*bucket, f32::from(step(*bucket)) / norm))
        .collect()
}

/// Weights by bucket and class; the last row is the constant's.
#[derive(Debug, Clone)]
pub struct Weights {
    /// Number of classes.
    pub classes: usize,
    /// Row by row; [`BUCKETS`] rows and the constant's.
    pub cells: Vec<f32>,
}

impl Weights {
    fn zero(classes: usize) -> Self {
        Self { classes, cells: vec![0.0; (BUCKETS + 1) * classes] }
    }

    /// The row of a bucket.
    pub fn row(&self, bucket: usize) -> &[f32] {
        self.cells.get(bucket * self.classes..(bucket + 1) * self.classes).unwrap_or(&[])
    }

    fn row_mut(&mut self, bucket: usize) -> &mut [f32] {
        self.cells.get_mut(bucket * self.classes..(bucket + 1) * self.classes).unwrap_or(&mut [])
    }

    fn scores(&self, row: &Row, bias: f32, scores: &mut [f32]) {
        scores.iter_mut().zip(self.row(BUCKETS)).for_each(|(score, weight)| *score = weight * bias);
        for (bucket, value) in &row.values {
            for (score, weight) in scores.iter_mut().zip(self.row(usize::from(*bucket))) {
                *score += weight * value;
            }
        }
    }

    /// The same for some classes.
    fn some_scores(&self, row: &Row, bias: f32, classes: &[u16], scores: &mut [f32]) {
        let at = |row: &[f32], class: u16| row.get(usize::from(class)).copied().unwrap_or(0.0);
        let constant = self.row(BUCKETS);
        scores.iter_mut().zip(classes).for_each(|(score, class)| *score = at(constant, *class) * bias);
        for (bucket, value) in &row.values {
            let weights = self.row(usize::from(*bucket));
            for (score, class) in scores.iter_mut().zip(classes) {
                *score += at(weights, *class) * value;
            }
        }
    }

    /// Moves some classes, each by its step.
    fn add(&mut self, row: &Row, bias: f32, steps: &[(u16, f32)]) {
        let mut one = |bucket: usize, value: f32| {
            let weights = self.row_mut(bucket);
            for (class, step) in steps {
                if let Some(weight) = weights.get_mut(usize::from(*class)) {
                    *weight += step * value;
                }
            }
        };
        one(BUCKETS, bias);
        row.values.iter().for_each(|(bucket, value)| one(usize::from(*bucket), *value));
    }
}

/// What one example remembers of the softmax regression: the classes that share it, and what all others sum up to.
#[derive(Debug, Clone, Default)]
struct Shares {
    active: Vec<u16>,
    rest: f32,
}

/// A training under way.
#[derive(Debug)]
pub struct Trainer {
    settings: Settings,
    rows: Vec<Row>,
    order: Vec<usize>,
    next: usize,
    epoch: u32,
    dual: Vec<f32>,
    /// For each example the classes whose margin it has violated when all were looked at last.
    active: Vec<Vec<u16>>,
    hinge: Weights,
    softmax: Option<(Weights, Vec<Shares>)>,
    scores: Vec<f32>,
    steps: Vec<(u16, f32)>,
    random: Seeded,
}

impl Trainer {
    /// A training of rows for so many classes.
    pub fn new(rows: Vec<Row>, classes: usize, settings: Settings) -> Self {
        let mut random = Seeded(0x0be1_1409);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        random.shuffle(&mut order);
        let shares = rows.iter().map(|_| Shares::default()).collect();
        Self {
            settings,
            order,
            next: 0,
            epoch: 0,
            dual: vec![0.0; rows.len() * classes],
            active: vec![Vec::new(); rows.len()],
            rows,
            hinge: Weights::zero(classes),
            softmax: (settings.softmax > 0.0).then(|| (Weights::zero(classes), shares)),
            scores: vec![0.0; classes],
            steps: Vec::with_capacity(classes),
            random,
        }
    }

    /// Looks at up to so many examples. True: nothing is left to do.
    pub fn step(&mut self, budget: usize) -> bool {
        for _ in 0..budget {
            if self.epoch >= self.settings.epochs {
                return true;
            }
            let Some(place) = self.order.get(self.next).copied() else {
                self.next = 0;
                self.epoch += 1;
                self.random.shuffle(&mut self.order);
                continue;
            };
            self.next += 1;
            self.visit(place);
        }
        self.epoch >= self.settings.epochs
    }

    /// Whether this pass looks at all classes of an example; the others look at those that matter to it (as the shrinking of
    /// Hsieh et al. 2008 does), a few of hundred.
    fn looks_at_all(&self) -> bool {
        self.epoch < 2 || self.epoch == self.settings.epochs / 2 || self.epoch + 1 == self.settings.epochs
    }

    fn visit(&mut self, place: usize) {
        let is_whole = self.looks_at_all();
        let (Some(row), Some(active)) = (self.rows.get(place), self.active.get_mut(place)) else { return };
        let classes = self.hinge.classes;
        let Some(dual) = self.dual.get_mut(place * classes..(place + 1) * classes) else { return };
        let bias = self.settings.bias;
        let slack = 0.5 / (self.settings.cost * row.weight.max(0.01));
        let square: f32 = row.values.iter().fold(bias * bias, |sum, (_, value)| sum + value * value);
        let scale = 1.0 / (square + slack);
        if is_whole {
            active.clear();
            active.extend((0..classes).filter_map(|class| u16::try_from(class).ok()));
            self.hinge.scores(row, bias, &mut self.scores);
        } else {
            self.hinge.some_scores(row, bias, active, &mut self.scores);
        }
        self.steps.clear();
        let mut scores = self.scores.iter();
        active.retain(|class| {
            let (Some(score), Some(alpha)) = (scores.next(), dual.get_mut(usize::from(*class))) else { return false };
            let sign = if row.class == Some(*class) { 1.0 } else { -1.0 };
            let moved = (*alpha - (sign * score - 1.0 + slack * *alpha) * scale).max(0.0);
            if moved != *alpha {
                self.steps.push((*class, sign * (moved - *alpha)));
                *alpha = moved;
            }
            moved > 0.0
        });
        self.hinge.add(row, bias, &self.steps);
        if let Some(class) = row.class {
            self.visit_softmax(place, class, is_whole);
        }
    }

    fn visit_softmax(&mut self, place: usize, class: u16, is_whole: bool) {
        let (Some((softmax, shares)), Some(row)) = (&mut self.softmax, self.rows.get(place)) else { return };
        let Some(Shares { active, rest }) = shares.get_mut(place) else { return };
        let bias = self.settings.bias;
        if is_whole {
            active.clear();
            active.extend((0..softmax.classes).filter_map(|class| u16::try_from(class).ok()));
            *rest = 0.0;
            softmax.scores(row, bias, &mut self.scores);
        } else {
            softmax.some_scores(row, bias, active, &mut self.scores);
        }
        let count = active.len();
        let mut sum = *rest;
        for score in self.scores.iter_mut().take(count) {
            *score = math::exp(*score);
            sum += *score;
        }
        let rate = self.settings.rate * row.weight;
        self.steps.clear();
        let mut weights = self.scores.iter();
        active.retain(|other| {
            let Some(weight) = weights.next() else { return false };
            let share = weight / sum;
            if *other == class {
                self.steps.push((class, rate * (1.0 - share)));
            } else if share > LEAST_SHARE {
                self.steps.push((*other, -rate * share));
            } else {
                *rest += weight;
                return false;
            }
            true
        });
        softmax.add(row, bias, &self.steps);
    }

    /// What was learnt.
    pub fn finish(self) -> Weights {
        let mut weights = self.hinge;
        if let Some((softmax, _)) = &self.softmax {
            for (weight, other) in weights.cells.iter_mut().zip(&softmax.cells) {
                *weight += self.settings.softmax * other;
            }
        }
        weights
    }
}

/// Rows for training, with the frequencies that they were made by.
pub fn rows(corpus: &super::Corpus) -> (Vec<Row>, Vec<u8>, u8) {
    let found: Vec<Vec<u16>> = corpus.examples.iter().map(|example| features::buckets(&example.text)).collect();
    let (idf, unseen) = frequencies(found.iter().map(Vec::as_slice));
    let rows = found.iter().zip(&corpus.examples).map(|(buckets, example)| Row {
        values: values(buckets, &idf, unseen),
        class: example.intent,
        weight: example.weight,
    });
    (rows.collect(), idf, unseen)
}
