//! Finds passages (FAQ entries, parts of articles) by BM25 over the same n-grams.
use super::features;

const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.75;

/// An index of passages.
#[derive(Debug, Clone, Default)]
pub struct Passages {
    /// Per passage its buckets with their counts, ascending, and its length.
    passages: Vec<(Vec<(u16, u16)>, f32)>,
}

impl Passages {
    /// Adds a passage; its number is how many were there before.
    pub fn add(&mut self, text: &str) {
        let mut all: Vec<u16> = features::ngrams(text).into_iter().map(|(_, bucket)| bucket).collect();
        all.sort_unstable();
        let counted = all.chunk_by(|one, other| one == other);
        let counted = counted.filter_map(|run| Some((*run.first()?, u16::try_from(run.len()).unwrap_or(u16::MAX))));
        self.passages.push((counted.collect(), all.len() as f32));
    }

    /// The best passages for a question with their scores, at most so many; none that shares nothing with it.
    pub fn find(&self, question: &str, most: usize) -> Vec<(usize, f32)> {
        let total = self.passages.len() as f32;
        let mean = self.passages.iter().map(|(_, length)| *length).sum::<f32>() / total.max(1.0);
        let mut scores = vec![0.0_f32; self.passages.len()];
        for bucket in features::buckets(question) {
            let counts: Vec<Option<f32>> = self.passages.iter().map(|(counts, _)| count(counts, bucket)).collect();
            let holding = counts.iter().flatten().count() as f32;
            let idf = super::math::ln(1.0 + (total - holding + 0.5) / (holding + 0.5));
            for ((score, (_, length)), count) in scores.iter_mut().zip(&self.passages).zip(counts) {
                let Some(count) = count else { continue };
                let long = SATURATION * (1.0 - LENGTH + LENGTH * length / mean.max(1.0));
                *score += idf * count * (SATURATION + 1.0) / (count + long);
            }
        }
        let mut found: Vec<(usize, f32)> = scores.into_iter().enumerate().filter(|(_, score)| *score > 0.0).collect();
        found.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        found.truncate(most);
        found
    }
}

fn count(counts: &[(u16, u16)], bucket: u16) -> Option<f32> {
    let place = counts.binary_search_by_key(&bucket, |entry| entry.0).ok()?;
    counts.get(place).map(|(_, count)| f32::from(*count))
}
