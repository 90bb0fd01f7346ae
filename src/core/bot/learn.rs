//! One learning from the first example to the model: cross-validation, then all examples. In slices, or in one go.
use super::{
    Corpus, Example, Model,
    calibrate::{Judged, Report},
    features::{self, BUCKETS},
    math::Seeded,
    model::MAX_ID,
    predict,
    train::{self, Row, Settings, Trainer},
    weights::Weights,
};

/// Parts that the examples are cut into: each is judged by what was learnt from the others.
const FOLDS: usize = 5;
/// Parts of a training whose progress is told.
pub const PARTS: usize = 100;
/// What is taken for a topic that is off so often, of an intent's own examples, shows that the two are one: the owner has it under a name of
/// their own.
const SAME: f32 = 0.25;

/// Why a corpus cannot be learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LearnError {
    /// No intent has an example, or an example names no intent of the corpus.
    Empty,
    /// More intents than a model may have, or an id that is too long.
    Intents,
}

impl LearnError {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "bot_corpus_empty",
            Self::Intents => "bot_corpus_intents",
        }
    }
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The model, ready to be written.
    pub model: Model,
    /// What cross-validation says about it.
    pub report: Report,
}

/// What an example says beside its words.
#[derive(Debug, Clone, Copy)]
struct Meant {
    class: u16,
    weight: f32,
    is_library: bool,
}

/// What a model that had not seen an example made of it.
#[derive(Debug)]
struct Taken {
    example: usize,
    best: Vec<(u16, f32)>,
    /// The scores of what means something else.
    others: Vec<f32>,
}

/// A learning under way.
#[derive(Debug)]
pub struct Learner {
    intents: Vec<String>,
    others: usize,
    settings: Settings,
    buckets: Vec<Vec<u16>>,
    meant: Vec<Meant>,
    folds: Vec<usize>,
    fold: usize,
    trainer: Option<(Trainer, Vec<u8>, u8)>,
    taken: Vec<Taken>,
}

impl Learner {
    /// Begins to learn by the product's defaults.
    pub fn new(corpus: &Corpus) -> Result<Self, LearnError> {
        let count = corpus.intents.len();
        if count > super::model::MAX_INTENTS || corpus.intents.iter().any(|id| id.len() > MAX_ID) {
            return Err(LearnError::Intents);
        }
        let mut meant = corpus.examples.iter().map(|example| usize::from(example.class));
        if !meant.clone().any(|class| class < count) || meant.any(|class| class >= count + corpus.others) {
            return Err(LearnError::Empty);
        }
        Ok(Self {
            intents: corpus.intents.clone(),
            others: corpus.others,
            settings: Settings::default(),
            buckets: corpus.examples.iter().map(|example| features::buckets(&example.text)).collect(),
            meant: corpus
                .examples
                .iter()
                .map(|Example { class, weight, is_library, .. }| Meant {
                    class: *class,
                    weight: *weight,
                    is_library: *is_library,
                })
                .collect(),
            folds: folds(corpus),
            fold: 0,
            trainer: None,
            taken: Vec::new(),
        })
    }

    /// Looks at up to so many examples; what it gives is the end.
    pub fn step(&mut self, budget: usize) -> Option<Learned> {
        let (mut trainer, idf, unseen) = match self.trainer.take() {
            Some(under_way) => under_way,
            None => self.begin(),
        };
        if !trainer.step(budget) {
            self.trainer = Some((trainer, idf, unseen));
            return None;
        }
        let weights = trainer.finish();
        if self.fold < FOLDS {
            self.judge(&weights, &idf, unseen);
            self.fold += 1;
            return None;
        }
        let used = self.used();
        let report = self.report(&used);
        let mut model = Model::pack(&self.intents, &used, idf, unseen, self.settings.bias, &weights);
        model.calibration = report.calibration();
        Some(Learned { model, report })
    }

    /// How much is done, and of how much, in [`PARTS`] of a training: the last training is that of the model itself.
    pub fn progress(&self) -> (usize, usize) {
        let part = self.trainer.as_ref().map_or(0, |(trainer, ..)| trainer.progress(PARTS));
        (self.fold * PARTS + part, (FOLDS + 1) * PARTS)
    }

    fn begin(&self) -> (Trainer, Vec<u8>, u8) {
        let all = self.buckets.iter().zip(&self.meant).zip(&self.folds);
        let kept = all.filter(|(_, fold)| **fold != self.fold).map(|(example, _)| example);
        let (idf, unseen) = train::frequencies(kept.clone().map(|(buckets, _)| buckets.as_slice()));
        let rows = kept.map(|(buckets, meant)| Row {
            values: train::values(buckets, &idf, unseen),
            class: meant.class,
            weight: meant.weight,
        });
        (Trainer::new(rows.collect(), self.intents.len() + self.others, self.settings), idf, unseen)
    }

    fn judge(&mut self, weights: &Weights, idf: &[u8], unseen: u8) {
        for (example, (buckets, fold)) in self.buckets.iter().zip(&self.folds).enumerate() {
            if *fold != self.fold {
                continue;
            }
            let mut scores: Vec<f32> = weights.row(BUCKETS).iter().map(|weight| weight * self.settings.bias).collect();
            for (bucket, value) in train::values(buckets, idf, unseen) {
                for (score, weight) in scores.iter_mut().zip(weights.row(usize::from(bucket))) {
                    *score += weight * value;
                }
            }
            let others = scores.split_off(self.intents.len());
            self.taken.push(Taken { example, best: predict::best(&scores), others });
        }
    }

    /// Of what means something else, what does: what is an intent's own topic speaks against none.
    fn used(&self) -> Vec<bool> {
        let mut lost = vec![vec![0_u32; self.others]; self.intents.len()];
        let mut counts = vec![0_u32; self.intents.len()];
        for Taken { example, best, others } in &self.taken {
            let class = self.meant.get(*example).map_or(usize::MAX, |meant| usize::from(meant.class));
            let (Some(count), Some(lost)) = (counts.get_mut(class), lost.get_mut(class)) else { continue };
            *count += 1;
            let first = best.first().map_or(0.0, |(_, score)| *score);
            let winner = others.iter().zip(lost).filter(|(score, _)| **score > first);
            if let Some((_, lost)) = winner.max_by(|one, other| one.0.total_cmp(other.0)) {
                *lost += 1;
            }
        }
        let is_same = |(lost, count): (&u32, &u32)| *lost > 1 && *lost as f32 >= SAME * *count as f32;
        let is_used = |other: usize| !lost.iter().filter_map(|lost| lost.get(other)).zip(&counts).any(is_same);
        (0..self.others).map(is_used).collect()
    }

    fn report(&mut self, used: &[bool]) -> Report {
        let mut report = Report::default();
        for Taken { example, best, others } in std::mem::take(&mut self.taken) {
            let others = others.into_iter().zip(used).filter(|(_, used)| **used);
            let best = predict::doubted(best, others.map(|(score, _)| score));
            match self.meant.get(example) {
                Some(Meant { class, is_library, .. }) if usize::from(*class) < self.intents.len() => {
                    report.judged.push(Judged { example, class: *class, is_library: *is_library, best });
                }
                _ => report.others.extend(best.first().map(|(_, score)| *score)),
            }
        }
        report.judged.sort_unstable_by_key(|judged| judged.example);
        report
    }
}

/// Learns in one go.
pub fn learn(corpus: &Corpus) -> Result<Learned, LearnError> {
    let mut learner = Learner::new(corpus)?;
    loop {
        if let Some(learned) = learner.step(usize::MAX) {
            return Ok(learned);
        }
    }
}

/// The fold of each example: those of a class are dealt out evenly.
fn folds(corpus: &Corpus) -> Vec<usize> {
    let mut order: Vec<usize> = (0..corpus.examples.len()).collect();
    Seeded(0x0f01_d5ee).shuffle(&mut order);
    let mut dealt = vec![0_usize; corpus.intents.len() + corpus.others];
    let mut folds = vec![0; order.len()];
    for place in order {
        let class = corpus.examples.get(place).map(|example| usize::from(example.class));
        if let (Some(next), Some(fold)) = (class.and_then(|class| dealt.get_mut(class)), folds.get_mut(place)) {
            *fold = *next % FOLDS;
            *next += 1;
        }
    }
    folds
}
