//! The weights of a model that is finished, bucket by bucket: of a rare one the classes that have any, of a common one a cell for each class.
//!
//! Most of what a message says is common, and it is nearly all of what judging costs: cells side by side are added by vectors, several at a time.

/// A list of classes takes three bytes for each, and a cell for each class one: from this share on cells are no larger.
const SHARE: usize = 3;

/// Rows of cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    /// Classes there are.
    width: usize,
    /// Where the classes and the cells of each row begin; one more than there are rows.
    starts: Vec<(u32, u32)>,
    /// Those of a row that names them, ascending.
    classes: Vec<u16>,
    cells: Vec<i8>,
}

impl Rows {
    /// None, of so many classes.
    pub(super) fn new(width: usize) -> Self {
        Rows { width, starts: vec![(0, 0)], classes: Vec::new(), cells: Vec::new() }
    }

    /// Adds a row: classes, ascending, and a cell for each.
    pub(super) fn push(&mut self, classes: &[u16], cells: &[i8]) {
        // A cell of nothing could not be told from none.
        if classes.len() * SHARE >= self.width && !cells.contains(&0) {
            let first = self.cells.len();
            self.cells.resize(first + self.width, 0);
            for (class, cell) in classes.iter().zip(cells) {
                if let Some(place) = self.cells.get_mut(first + usize::from(*class)) {
                    *place = *cell;
                }
            }
        } else {
            self.classes.extend_from_slice(classes);
            self.cells.extend_from_slice(cells);
        }
        self.starts.push((self.classes.len() as u32, self.cells.len() as u32));
    }

    /// The classes of a row, ascending, with their cells.
    pub(super) fn cells(&self, row: usize) -> impl Iterator<Item = (u16, i8)> {
        let (classes, cells) = self.row(row);
        let named = classes.iter().copied().zip(cells.iter().copied());
        let all = if classes.is_empty() { cells } else { &[] };
        named.chain((0_u16..).zip(all.iter().copied()).filter(|(_, cell)| *cell != 0))
    }

    /// Adds a row's cells, times `value`, to the scores of their classes.
    #[optimize(speed)]
    pub(super) fn add(&self, row: usize, value: f32, scores: &mut [f32]) {
        let (classes, cells) = self.row(row);
        if classes.is_empty() {
            return add_all(cells, value, scores);
        }
        for (class, cell) in classes.iter().zip(cells) {
            if let Some(score) = scores.get_mut(usize::from(*class)) {
                *score += f32::from(*cell) * value;
            }
        }
    }

    /// What they take in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.cells.len() + 2 * self.classes.len() + 8 * self.starts.len()
    }

    fn row(&self, row: usize) -> (&[u16], &[i8]) {
        let bound = |place: usize| self.starts.get(place).copied().unwrap_or_default();
        let ((class, cell), (classes, cells)) = (bound(row), bound(row + 1));
        (
            self.classes.get(class as usize..classes as usize).unwrap_or(&[]),
            self.cells.get(cell as usize..cells as usize).unwrap_or(&[]),
        )
    }
}

/// Each product is rounded by itself, so vectors give the same bits as one after the other.
#[optimize(speed)]
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn add_all(cells: &[i8], value: f32, scores: &mut [f32]) {
    for (score, cell) in scores.iter_mut().zip(cells) {
        *score += f32::from(*cell) * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a number, so that rows look like nothing in particular.
    fn drawn(seed: usize) -> u8 {
        (seed.wrapping_mul(0x9e37_79b9) >> 16) as u8
    }

    #[test]
    fn a_common_row_and_a_rare_one_give_the_scores_that_their_cells_add_up_to() {
        for width in [1, 2, 3, 7, 64, 150, 300] {
            let mut rows = Rows::new(width);
            let mut plain = Vec::new();
            for (at, share) in [0_u8, 5, 60, 84, 90, 128, 255].into_iter().enumerate() {
                let has = |class: &usize| drawn(at * 1_000 + class) <= share;
                let cell = |class: &usize| drawn(class + 7 * at).cast_signed();
                let classes: Vec<usize> = (0..width).filter(has).collect();
                let named: Vec<u16> = classes.iter().map(|class| *class as u16).collect();
                let cells: Vec<i8> = classes.iter().map(cell).collect();
                rows.push(&named, &cells);
                plain.push(named.into_iter().zip(cells).collect::<Vec<_>>());
            }
            assert!(width < 64 || rows.classes.len() < plain.iter().map(Vec::len).sum(), "none is dense");
            let mut scores = vec![0.1_f32; width];
            let mut expected = scores.clone();
            for (row, cells) in plain.iter().enumerate() {
                let value = 0.37 * (row as f32 + 1.0);
                rows.add(row, value, &mut scores);
                cells.iter().for_each(|(class, cell)| expected[usize::from(*class)] += f32::from(*cell) * value);
                assert_eq!(rows.cells(row).collect::<Vec<_>>(), *cells, "row {row} of {width}");
            }
            assert_eq!(scores, expected);
            rows.add(plain.len(), 1.0, &mut scores);
            assert_eq!(scores, expected, "there is no such row");
        }
    }
}
