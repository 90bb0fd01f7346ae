//! Finds texts that are like a question, by the n-grams of the classifier: how much of one the other has, rare n-grams counting more.
use super::{
    features::{self, BUCKETS},
    math,
};

/// An index of texts. Its size is bounded by theirs, and by the number of buckets.
#[derive(Debug, Default)]
pub struct Passages {
    /// What each one's buckets are worth together.
    wholes: Vec<f32>,
    /// What each bucket is worth; nothing where there are no texts.
    worth: Vec<f32>,
    /// Where those that have a bucket begin in `places`; one more than there are buckets.
    starts: Vec<u32>,
    /// Which have a bucket, in the order of the buckets.
    places: Vec<u32>,
}

/// How like a text and a question are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// Which text, as they were given.
    pub place: usize,
    /// The share of the question that the text has.
    pub question: f32,
    /// The share of the text that the question has.
    pub passage: f32,
}

impl Likeness {
    /// The square of the cosine.
    pub fn squared(self) -> f32 {
        self.question * self.passage
    }
}

impl Passages {
    /// Of these texts.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let texts: Vec<Vec<u16>> = texts.map(features::buckets).collect();
        if texts.is_empty() {
            return Passages::default();
        }
        // Counted, then put in place.
        let mut starts = vec![0_u32; BUCKETS + 1];
        for bucket in texts.iter().flatten() {
            if let Some(next) = starts.get_mut(usize::from(*bucket) + 1) {
                *next += 1;
            }
        }
        let total = texts.len() as f32;
        let rarity = |having: &u32| math::ln(1.0 + (total - *having as f32 + 0.5) / (*having as f32 + 0.5));
        let worth: Vec<f32> = starts.iter().skip(1).map(rarity).collect();
        let mut all = 0;
        for start in &mut starts {
            all += *start;
            *start = all;
        }
        let (mut next, mut places) = (starts.clone(), vec![0; all as usize]);
        for (text, buckets) in (0_u32..).zip(&texts) {
            for bucket in buckets {
                let Some(next) = next.get_mut(usize::from(*bucket)) else { continue };
                if let Some(place) = places.get_mut(*next as usize) {
                    *place = text;
                }
                *next += 1;
            }
        }
        Passages { wholes: texts.iter().map(|buckets| sum(buckets, &worth)).collect(), worth, starts, places }
    }

    /// Those that are likest to a question, at most so many, from this square of the cosine on; of equal ones the earlier first.
    pub fn find(&self, question: &[u16], least: f32, most: usize) -> Vec<Likeness> {
        self.best(question, Likeness::squared, least, most)
    }

    /// Those that have most of a question, from this share on, however much else they have.
    pub fn covering(&self, question: &[u16], least: f32, most: usize) -> Vec<Likeness> {
        self.best(question, |like| like.question, least, most)
    }

    #[optimize(speed)]
    fn best(&self, question: &[u16], by: fn(Likeness) -> f32, least: f32, most: usize) -> Vec<Likeness> {
        if self.wholes.is_empty() {
            return Vec::new();
        }
        let all = sum(question, &self.worth);
        let mut shared = vec![0.0_f32; self.wholes.len()];
        for bucket in question {
            let worth = self.worth.get(usize::from(*bucket)).copied().unwrap_or_default();
            for place in self.having(*bucket) {
                if let Some(shared) = shared.get_mut(*place as usize) {
                    *shared += worth;
                }
            }
        }
        let share = |shared: f32, whole: f32| if whole > 0.0 { shared / whole } else { 0.0 };
        let compared = shared.iter().zip(&self.wholes).enumerate().map(|(place, (shared, whole))| Likeness {
            place,
            question: share(*shared, all),
            passage: share(*shared, *whole),
        });
        let mut found: Vec<Likeness> = Vec::new();
        for like in compared.filter(|like| by(*like) >= least) {
            let at = found.iter().position(|other| by(*other) < by(like)).unwrap_or(found.len());
            found.insert(at, like);
            found.truncate(most);
        }
        found
    }

    /// Which have a bucket.
    fn having(&self, bucket: u16) -> &[u32] {
        let bound = |place: usize| self.starts.get(place).map_or(0, |start| *start as usize);
        self.places.get(bound(usize::from(bucket))..bound(usize::from(bucket) + 1)).unwrap_or(&[])
    }
}

fn sum(buckets: &[u16], worth: &[f32]) -> f32 {
    buckets.iter().filter_map(|bucket| worth.get(usize::from(*bucket))).sum()
}
