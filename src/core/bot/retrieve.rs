//! Finds texts that are like a question, by the n-grams of the classifier: how much of one the other has, rare n-grams counting more.
use super::{
    features::{self, BUCKETS},
    math,
};

/// An index of texts. Its size is bounded by theirs, and by the number of buckets.
#[derive(Debug, Default)]
pub struct Passages {
    /// Of each its buckets, and what they are worth together.
    passages: Vec<(Vec<u16>, f32)>,
    /// What each bucket is worth; nothing where there are no texts.
    worth: Vec<f32>,
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
        let passages: Vec<Vec<u16>> = texts.map(features::buckets).collect();
        if passages.is_empty() {
            return Passages::default();
        }
        let mut holding = vec![0_u16; BUCKETS];
        for bucket in passages.iter().flatten() {
            if let Some(holding) = holding.get_mut(usize::from(*bucket)) {
                *holding = holding.saturating_add(1);
            }
        }
        let total = passages.len() as f32;
        let rarity = |holding: u16| math::ln(1.0 + (total - f32::from(holding) + 0.5) / (f32::from(holding) + 0.5));
        let worth: Vec<f32> = holding.into_iter().map(rarity).collect();
        let weighed = |mut buckets: Vec<u16>| {
            buckets.shrink_to_fit();
            let all = sum(&buckets, &worth);
            (buckets, all)
        };
        Passages { passages: passages.into_iter().map(weighed).collect(), worth }
    }

    /// Those that are likest to a question, at most so many, from this square of the cosine on; of equal ones the earlier first.
    pub fn find(&self, question: &str, least: f32, most: usize) -> Vec<Likeness> {
        self.best(question, Likeness::squared, least, most)
    }

    /// Those that have most of a question, from this share on, however much else they have.
    pub fn covering(&self, question: &str, least: f32, most: usize) -> Vec<Likeness> {
        self.best(question, |like| like.question, least, most)
    }

    fn best(&self, question: &str, by: fn(Likeness) -> f32, least: f32, most: usize) -> Vec<Likeness> {
        if self.passages.is_empty() {
            return Vec::new();
        }
        let asked = features::buckets(question);
        let all = sum(&asked, &self.worth);
        let mut worth = vec![0.0_f32; BUCKETS];
        for bucket in asked.iter().map(|bucket| usize::from(*bucket)) {
            if let (Some(to), Some(from)) = (worth.get_mut(bucket), self.worth.get(bucket)) {
                *to = *from;
            }
        }
        let share = |shared: f32, whole: f32| if whole > 0.0 { shared / whole } else { 0.0 };
        let compared = self.passages.iter().enumerate().map(|(place, (buckets, whole))| {
            let shared = sum(buckets, &worth);
            Likeness { place, question: share(shared, all), passage: share(shared, *whole) }
        });
        let mut found: Vec<Likeness> = Vec::new();
        for like in compared.filter(|like| by(*like) >= least) {
            let at = found.iter().position(|other| by(*other) < by(like)).unwrap_or(found.len());
            found.insert(at, like);
            found.truncate(most);
        }
        found
    }
}

fn sum(buckets: &[u16], worth: &[f32]) -> f32 {
    buckets.iter().filter_map(|bucket| worth.get(usize::from(*bucket))).sum()
}
