//! Learns weights: one-versus-rest linear SVM (squared hinge) by dual coordinate descent, averaged with a softmax
//! regression where examples are few.
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
    /// Share of the softmax regression at its most.
    pub softmax: f32,
    /// Its learning rate.
    pub rate: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { epochs: 10, cost: 1.0, bias: 0.3, softmax: 0.5, rate: 1.0 }
    }
}

impl Settings {
    /// The softmax regression helps where examples are few, and costs time where they are many.
    pub fn for_examples(self, few: bool) -> Self {
        Self { softmax: if few { self.softmax } else { 0.0 }, ..self }
    }
}

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

    fn add(&mut self, row: &Row, bias: f32, steps: &[f32]) {
        for (weight, step) in self.row_mut(BUCKETS).iter_mut().zip(steps) {
            *weight += step * bias;
        }
        for (bucket, value) in &row.values {
            for (weight, step) in self.row_mut(usize::from(*bucket)).iter_mut().zip(steps) {
                *weight += step * value;
            }
        }
    }
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
    hinge: Weights,
    softmax: Option<Weights>,
    scores: Vec<f32>,
    steps: Vec<f32>,
    random: Seeded,
}

impl Trainer {
    /// A training of rows for so many classes.
    pub fn new(rows: Vec<Row>, classes: usize, settings: Settings) -> Self {
        let mut random = Seeded(0x0be1_1409);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        random.shuffle(&mut order);
        Self {
            settings,
            order,
            next: 0,
            epoch: 0,
            dual: vec![0.0; rows.len() * classes],
            rows,
            hinge: Weights::zero(classes),
            softmax: (settings.softmax > 0.0).then(|| Weights::zero(classes)),
            scores: vec![0.0; classes],
            steps: vec![0.0; classes],
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

    fn visit(&mut self, place: usize) {
        let Some(row) = self.rows.get(place) else { return };
        let classes = self.hinge.classes;
        let Some(dual) = self.dual.get_mut(place * classes..(place + 1) * classes) else { return };
        let bias = self.settings.bias;
        let slack = 0.5 / (self.settings.cost * row.weight.max(0.01));
        let square: f32 = row.values.iter().fold(bias * bias, |sum, (_, value)| sum + value * value);
        let scale = 1.0 / (square + slack);
        self.hinge.scores(row, bias, &mut self.scores);
        for ((step, score), alpha) in self.steps.iter_mut().zip(&self.scores).zip(dual.iter_mut()) {
            let moved = (*alpha - (-score - 1.0 + slack * *alpha) * scale).max(0.0);
            *step = *alpha - moved;
            *alpha = moved;
        }
        // The loop above took every class for a wrong one; the right one is done over.
        if let Some(class) = row.class.map(usize::from)
            && let (Some(step), Some(score), Some(alpha)) =
                (self.steps.get_mut(class), self.scores.get(class), dual.get_mut(class))
        {
            let former = *alpha + *step;
            let moved = (former - (score - 1.0 + slack * former) * scale).max(0.0);
            *step = moved - former;
            *alpha = moved;
        }
        self.hinge.add(row, bias, &self.steps);
        if let Some(softmax) = &mut self.softmax
            && let Some(class) = row.class
        {
            softmax.scores(row, bias, &mut self.scores);
            let highest = self.scores.iter().copied().fold(f32::MIN, f32::max);
            let mut sum = 0.0;
            for score in &mut self.scores {
                *score = math::exp(*score - highest);
                sum += *score;
            }
            let rate = self.settings.rate * row.weight;
            for (step, share) in self.steps.iter_mut().zip(&self.scores) {
                *step = -rate * share / sum;
            }
            if let Some(step) = self.steps.get_mut(usize::from(class)) {
                *step += rate;
            }
            softmax.add(row, bias, &self.steps);
        }
    }

    /// What was learnt.
    pub fn finish(self) -> Weights {
        let mut weights = self.hinge;
        if let Some(softmax) = &self.softmax {
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
