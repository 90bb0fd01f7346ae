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
/// The fold of background: in none, so that it is in every training, the last included.
const EVERY: usize = usize::MAX;

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
    class: Option<u16>,
    weight: f32,
    is_library: bool,
}

/// A learning under way.
#[derive(Debug)]
pub struct Learner {
    intents: Vec<String>,
    settings: Settings,
    buckets: Vec<Vec<u16>>,
    meant: Vec<Meant>,
    folds: Vec<usize>,
    fold: usize,
    trainer: Option<(Trainer, Vec<u8>, u8)>,
    report: Report,
}

impl Learner {
    /// Begins to learn by the product's defaults.
    pub fn new(corpus: &Corpus) -> Result<Self, LearnError> {
        let count = corpus.intents.len();
        if count > super::model::MAX_INTENTS || corpus.intents.iter().any(|id| id.len() > MAX_ID) {
            return Err(LearnError::Intents);
        }
        let meant = corpus.examples.iter().filter_map(|example| example.intent);
        if meant.clone().count() == 0 || meant.clone().any(|class| usize::from(class) >= count) {
            return Err(LearnError::Empty);
        }
        Ok(Self {
            intents: corpus.intents.clone(),
            settings: Settings::default(),
            buckets: corpus.examples.iter().map(|example| features::buckets(&example.text)).collect(),
            meant: corpus
                .examples
                .iter()
                .map(|Example { intent, weight, is_library, .. }| Meant {
                    class: *intent,
                    weight: *weight,
                    is_library: *is_library,
                })
                .collect(),
            folds: folds(corpus),
            fold: 0,
            trainer: None,
            report: Report::default(),
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
        let mut report = std::mem::take(&mut self.report);
        report.judged.sort_by_key(|judged| judged.example);
        let mut model = Model::pack(&self.intents, idf, unseen, self.settings.bias, &weights);
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
        (Trainer::new(rows.collect(), self.intents.len(), self.settings), idf, unseen)
    }

    fn judge(&mut self, weights: &Weights, idf: &[u8], unseen: u8) {
        let all = self.buckets.iter().zip(&self.meant).zip(&self.folds).enumerate();
        for (example, ((buckets, meant), fold)) in all {
            let (Some(class), true) = (meant.class, *fold == self.fold) else { continue };
            let mut scores: Vec<f32> = weights.row(BUCKETS).iter().map(|weight| weight * self.settings.bias).collect();
            for (bucket, value) in train::values(buckets, idf, unseen) {
                for (score, weight) in scores.iter_mut().zip(weights.row(usize::from(bucket))) {
                    *score += weight * value;
                }
            }
            let (is_library, best) = (meant.is_library, predict::best(&scores));
            self.report.judged.push(Judged { example, class, is_library, best });
        }
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

/// The fold of each example: those of an intent are dealt out evenly, background is in every training.
fn folds(corpus: &Corpus) -> Vec<usize> {
    let mut order: Vec<usize> = (0..corpus.examples.len()).collect();
    Seeded(0x0f01_d5ee).shuffle(&mut order);
    let mut dealt = vec![0_usize; corpus.intents.len()];
    let mut folds = vec![EVERY; order.len()];
    for place in order {
        let class = corpus.examples.get(place).and_then(|example| example.intent).map(usize::from);
        if let (Some(next), Some(fold)) = (class.and_then(|class| dealt.get_mut(class)), folds.get_mut(place)) {
            *fold = *next % FOLDS;
            *next += 1;
        }
    }
    folds
}
