//! Learns weights: one-versus-rest linear SVM (squared hinge) by dual coordinate descent, with a softmax
//! regression added: it mends the choice where examples are few, and the rejection of what means nothing everywhere.
//!
//! One pass over an example serves all classes, and most passes look at the few that matter to it. The work can be cut
//! into slices anywhere: what comes out is the same.
use super::{
    features::BUCKETS,
    math::{self, Seeded},
    weights::Weights,
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
    /// What counting adds.
    pub counted: f32,
    /// What is taken from the advantage of intents with many examples.
    pub even: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { epochs: 10, cost: 2.0, bias: 0.6, softmax: 0.5, rate: 1.0, counted: 0.06, even: 0.5 }
    }
}

/// The passes that look at all classes of an example; the others look at those that matter to it (as the shrinking of
/// Hsieh et al. 2008 does), a few of hundred.
const WHOLE: [u32; 2] = [0, 3];
/// In the softmax regression a class with a smaller share is left alone until all are looked at again: its step would be as small.
const LEAST_SHARE: f32 = 0.01;
/// An example whose steps were all smaller is left out of the next passes, unless they look at all.
const LEAST_STEP: f32 = 0.05;
const LEFT_OUT: u8 = 2;
/// Where the hinge's scores begin: what means nothing known means none of the classes, so only the few that an example
/// could be taken for ever move. A model's scores leave it out, since it is the same for all.
const START: f32 = -1.0;

/// Steps of the table of inverse document frequencies in a model file: a frequency is one byte.
pub const IDF_STEPS: f32 = 16.0;

/// An example as numbers: its buckets, the value of each, its class and weight.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) values: Vec<(u16, f32)>,
    pub(super) class: u16,
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
#[optimize(speed)]
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

/// What is remembered of one example.
#[derive(Debug, Clone, Default)]
struct Seen {
    /// The square of its length.
    square: f32,
    /// The classes whose margin it has violated when all were looked at last.
    violated: Vec<u16>,
    /// The classes that share it in the softmax regression, and what all others sum up to.
    shared: Vec<u16>,
    rest: f32,
    /// Passes that it is left out of.
    left_out: u8,
}

/// A training under way.
#[derive(Debug)]
pub struct Trainer {
    settings: Settings,
    classes: usize,
    rows: Vec<Row>,
    order: Vec<usize>,
    next: usize,
    epoch: u32,
    dual: Vec<f32>,
    seen: Vec<Seen>,
    weights: Weights,
    scores: Vec<f32>,
    cells: Vec<u16>,
    sums: Vec<f32>,
    steps: Vec<(u16, f32)>,
    random: Seeded,
}

impl Trainer {
    /// A training of rows for so many classes.
    pub fn new(mut rows: Vec<Row>, classes: usize, settings: Settings) -> Self {
        let mut random = Seeded(0x0be1_1409);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        random.shuffle(&mut order);
        let weights = Weights::zero(classes, settings.bias, &mut rows);
        let square = |row: &Row| row.values.iter().fold(0.0, |sum, (_, value)| sum + value * value);
        Self {
            settings,
            classes,
            order,
            next: 0,
            epoch: 0,
            dual: vec![0.0; rows.len() * classes],
            seen: rows.iter().map(|row| Seen { square: square(row), ..Seen::default() }).collect(),
            rows,
            scores: vec![0.0; weights.stride()],
            cells: Vec::with_capacity(2 * classes),
            sums: Vec::with_capacity(2 * classes),
            steps: Vec::with_capacity(2 * classes),
            weights,
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

    /// How much of so many parts is done.
    pub fn progress(&self, parts: usize) -> usize {
        let passes = self.epoch as usize * self.order.len() + self.next;
        parts * passes / (self.settings.epochs as usize * self.order.len()).max(1)
    }

    fn visit(&mut self, place: usize) {
        let (Some(row), Some(seen)) = (self.rows.get(place), self.seen.get_mut(place)) else { return };
        let Some(dual) = self.dual.get_mut(place * self.classes..(place + 1) * self.classes) else { return };
        if WHOLE.contains(&self.epoch) {
            let all = (0_u16..).take(self.classes);
            seen.violated.clear();
            seen.violated.extend(all.clone());
            seen.shared.clear();
            seen.shared.extend(all);
            seen.rest = 0.0;
            self.weights.scores(row, &mut self.scores);
        } else if seen.left_out > 0 {
            seen.left_out -= 1;
            return;
        } else {
            self.cells.clear();
            self.cells.extend(seen.violated.iter().map(|class| hinge(*class)));
            self.cells.extend(seen.shared.iter().map(|class| softmax(*class)));
            self.weights.some_scores(row, &self.cells, &mut self.sums, &mut self.scores);
        }
        self.steps.clear();
        let slack = 0.5 / (self.settings.cost * row.weight.max(0.01));
        let scale = 1.0 / (seen.square + slack);
        seen.violated.retain(|class| {
            let cell = hinge(*class);
            let (score, alpha) = (self.scores.get(usize::from(cell)), dual.get_mut(usize::from(*class)));
            let (Some(score), Some(alpha)) = (score, alpha) else { return false };
            let sign = if row.class == *class { 1.0 } else { -1.0 };
            let moved = (*alpha - (sign * (score + START) - 1.0 + slack * *alpha) * scale).max(0.0);
            if moved != *alpha {
                self.steps.push((cell, sign * (moved - *alpha)));
                *alpha = moved;
            }
            moved > 0.0
        });
        let mut sum = seen.rest;
        for class in &seen.shared {
            if let Some(score) = self.scores.get_mut(usize::from(softmax(*class))) {
                *score = math::exp(*score);
                sum += *score;
            }
        }
        let rate = self.settings.rate * row.weight;
        seen.shared.retain(|class| {
            let cell = softmax(*class);
            let odds = self.scores.get(usize::from(cell)).copied().unwrap_or(0.0);
            let share = odds / sum;
            if row.class == *class {
                self.steps.push((cell, rate * (1.0 - share)));
            } else if share > LEAST_SHARE {
                self.steps.push((cell, -rate * share));
            } else {
                seen.rest += odds;
                return false;
            }
            true
        });
        let is_settled = self.steps.iter().all(|(_, step)| step.abs() < LEAST_STEP);
        seen.left_out = if is_settled { LEFT_OUT } else { 0 };
        self.weights.add(row, &self.steps, &mut self.scores);
    }

    /// What was learnt; the classes behind the intents mean something else.
    pub fn finish(self, intents: usize) -> Weights {
        let mut weights = self.weights.merge(self.settings.softmax);
        weights.add_counts(&self.rows, self.settings.counted);
        weights.even(&self.rows, intents, self.settings.even, self.settings.bias);
        weights
    }
}

/// The cells of a class.
const fn hinge(class: u16) -> u16 {
    2 * class
}

const fn softmax(class: u16) -> u16 {
    2 * class + 1
}
