//! The weights while they are learnt: one row a bucket that occurs, in it for each class that of the hinge and that of the softmax.
//!
//! The two stand side by side because an example moves the same few classes in both, and memory is what learning waits
//! for. So are rows numbered by how often their bucket occurs: what is often looked at lies together.
use super::{features::BUCKETS, math, train::Row};

/// Rows are filled up to a multiple of this many cells, for vectors.
const LANES: usize = 16;
const PART: usize = 6;
const NO_ROW: u16 = u16::MAX;
/// Examples of a class that could be expected to have an n-gram are not counted as fewer: what is rare would else say too much.
const LEAST_EXPECTED: f32 = 0.5;
/// Of a class with so many examples half of it counts, and next to nothing where there are a few: by those a ratio would say much of what
/// nobody means.
const HALF: f32 = 20.0;

/// Weights by bucket and class.
#[derive(Debug, Clone)]
pub struct Weights {
    classes: usize,
    stride: usize,
    /// The row of each bucket, or [`NO_ROW`]; row 0 is the constant's.
    rows: Vec<u16>,
    /// All of them, row by row.
    pub(super) cells: Vec<f32>,
}

impl Weights {
    /// All zero. The rows' buckets become row numbers, and the constant is added to each.
    pub(super) fn zero(classes: usize, bias: f32, examples: &mut [Row]) -> Self {
        let mut counts = vec![0_u32; BUCKETS];
        for (bucket, _) in examples.iter().flat_map(|example| &example.values) {
            if let Some(count) = counts.get_mut(usize::from(*bucket)) {
                *count = count.saturating_add(1);
            }
        }
        let mut found: Vec<(u32, u16)> = counts.into_iter().zip(0..).filter(|(count, _)| *count > 0).collect();
        found.sort_unstable_by_key(|(count, bucket)| (std::cmp::Reverse(*count), *bucket));
        let mut rows = vec![NO_ROW; BUCKETS];
        for ((_, bucket), row) in found.iter().zip(1..) {
            if let Some(place) = rows.get_mut(usize::from(*bucket)) {
                *place = row;
            }
        }
        for example in examples {
            for (bucket, _) in &mut example.values {
                *bucket = rows.get(usize::from(*bucket)).copied().unwrap_or(NO_ROW);
            }
            example.values.sort_unstable_by_key(|(row, _)| *row);
            example.values.push((0, bias));
        }
        let stride = (2 * classes).next_multiple_of(LANES);
        Self { classes, stride, rows, cells: vec![0.0; (found.len() + 1) * stride] }
    }

    /// Cells of a row.
    pub(super) const fn stride(&self) -> usize {
        self.stride
    }

    /// Vectors pass a whole row in the time that a part of its cells takes one by one.
    const fn is_most(&self, cells: usize) -> bool {
        cells * PART > self.stride
    }

    /// The weights of a bucket by class once they are merged; of [`BUCKETS`] the constant's.
    pub fn row(&self, bucket: usize) -> &[f32] {
        let row = if bucket == BUCKETS { 0 } else { self.rows.get(bucket).copied().unwrap_or(NO_ROW) };
        self.at(row)
    }

    /// Lowers the constant of a class.
    pub fn lower(&mut self, class: usize, by: f32) {
        if let Some(cell) = self.cells.get_mut(class) {
            *cell -= by;
        }
    }

    /// Takes from each intent a share of what its size gives it (logit adjustment: Menon et al. 2021): how much an owner has
    /// written about a topic says nothing of how often visitors ask. Intents of one size stay as they are.
    pub(super) fn even(&mut self, examples: &[Row], intents: usize, share: f32, bias: f32) {
        let mut sizes = vec![0.0_f32; intents];
        for example in examples {
            if let Some(size) = sizes.get_mut(usize::from(example.class)) {
                *size += 1.0;
            }
        }
        let mean = sizes.iter().sum::<f32>() / intents as f32;
        for (class, size) in sizes.iter().enumerate().filter(|(_, size)| **size > 0.0) {
            self.lower(class, share * math::ln(size / mean) / bias);
        }
    }

    fn at(&self, row: u16) -> &[f32] {
        let start = usize::from(row) * self.stride;
        self.cells.get(start..start + self.stride).unwrap_or(&[])
    }

    fn at_mut(&mut self, row: u16) -> &mut [f32] {
        let start = usize::from(row) * self.stride;
        self.cells.get_mut(start..start + self.stride).unwrap_or(&mut [])
    }

    /// The scores of all cells.
    pub(super) fn scores(&self, example: &Row, scores: &mut [f32]) {
        scores.fill(0.0);
        // Four rows at once: the sums are loaded and stored a quarter as often.
        let (fours, rest) = example.values.as_chunks::<4>();
        for four in fours {
            let [a, b, c, d] = four.map(|(row, _)| self.at(row));
            let [by_a, by_b, by_c, by_d] = four.map(|(_, value)| value);
            for ((((score, a), b), c), d) in scores.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *score += (a * by_a + b * by_b) + (c * by_c + d * by_d);
            }
        }
        for (row, value) in rest {
            scores.iter_mut().zip(self.at(*row)).for_each(|(score, weight)| *score += weight * value);
        }
    }

    /// The scores of some cells, each at its place; what stands at other places means nothing.
    pub(super) fn some_scores(&self, example: &Row, cells: &[u16], sums: &mut Vec<f32>, scores: &mut [f32]) {
        if self.is_most(cells.len()) {
            return self.scores(example, scores);
        }
        sums.clear();
        sums.resize(cells.len(), 0.0);
        for (row, value) in &example.values {
            let weights = self.at(*row);
            for (sum, cell) in sums.iter_mut().zip(cells) {
                *sum += weights.get(usize::from(*cell)).copied().unwrap_or(0.0) * value;
            }
        }
        for (sum, cell) in sums.iter().zip(cells) {
            if let Some(score) = scores.get_mut(usize::from(*cell)) {
                *score = *sum;
            }
        }
    }

    /// Moves cells, each by its step; `all` is overwritten, and as long as a row.
    pub(super) fn add(&mut self, example: &Row, steps: &[(u16, f32)], all: &mut [f32]) {
        if self.is_most(steps.len()) {
            all.fill(0.0);
            for (cell, step) in steps {
                if let Some(place) = all.get_mut(usize::from(*cell)) {
                    *place = *step;
                }
            }
            for (row, value) in &example.values {
                self.at_mut(*row).iter_mut().zip(&*all).for_each(|(weight, step)| *weight += step * value);
            }
            return;
        }
        for (row, value) in &example.values {
            let weights = self.at_mut(*row);
            for (cell, step) in steps {
                if let Some(weight) = weights.get_mut(usize::from(*cell)) {
                    *weight += step * value;
                }
            }
        }
    }

    /// One weight a class: the hinge's and a share of the softmax's.
    ///
    /// What a softmax adds to all classes alike means nothing to it, and grows with every step that leaves small shares alone: it is
    /// taken out, or the scores of models that learnt from more examples could not be compared with those of the folds.
    pub(super) fn merge(mut self, softmax: f32) -> Self {
        let mut merged = Vec::with_capacity(self.cells.len() / 2);
        for row in self.cells.chunks_exact(self.stride.max(LANES)) {
            let pairs = row.as_chunks::<2>().0.iter().take(self.classes);
            let mean = pairs.clone().fold(0.0, |sum, [_, other]| sum + other) / self.classes as f32;
            merged.extend(pairs.map(|[hinge, other]| hinge + softmax * (other - mean)));
        }
        self.cells = merged;
        self.stride = self.classes;
        self
    }

    /// Adds a share of what counting says to merged weights: how many times as often a class has an n-gram as all examples have it, as a logarithm.
    ///
    /// What a classifier learns leans on the few n-grams that tell the examples apart, and leaves little to the others; a message may
    /// have those alone. The more examples a class has, the more it counts, up to the share.
    pub(super) fn add_counts(&mut self, examples: &[Row], share: f32) {
        let classes = self.classes.max(1);
        let mut counts = vec![0.0_f32; self.cells.len()];
        let mut sizes = vec![0.0_f32; classes];
        for Row { values, class, weight } in examples {
            let class = usize::from(*class);
            if let Some(size) = sizes.get_mut(class) {
                *size += weight;
            }
            for (row, _) in values {
                if let Some(count) = counts.get_mut(usize::from(*row) * classes + class) {
                    *count += weight;
                }
            }
        }
        let all: f32 = sizes.iter().sum();
        // The constant, which is in all of them, says nothing.
        for (cells, counts) in self.cells.chunks_exact_mut(classes).zip(counts.chunks_exact(classes)).skip(1) {
            let part = counts.iter().sum::<f32>() / all;
            for ((cell, count), size) in cells.iter_mut().zip(counts).zip(&sizes) {
                if *count > 0.0 {
                    let grown = size * size / (size * size + HALF * HALF);
                    *cell += grown * share * math::ln(1.0 + count / (size * part).max(LEAST_EXPECTED));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_taken_back_from_intents_alone() {
        let row = |class| Row { values: vec![(7, 1.0)], class, weight: 2.0 };
        let constants = |classes: &[u16]| {
            let mut rows: Vec<Row> = classes.iter().copied().map(row).collect();
            let mut weights = Weights::zero(3, 0.5, &mut rows).merge(0.0);
            weights.even(&rows, 2, 0.5, 0.5);
            weights.row(BUCKETS).to_vec()
        };
        assert_eq!(constants(&[0, 0, 1, 1, 2]), [0.0; 3], "of one size, whatever else there is");
        let [much, few, other] = constants(&[0, 0, 0, 1, 2, 2])[..] else { panic!() };
        assert!((few - much - 3.0_f32.ln()).abs() < 1e-4 && other == 0.0, "{much} {few} {other}");
        assert_eq!(constants(&[0, 2])[1], 0.0, "an intent without examples");
    }
}
