//! One learning from the first example to the model: cross-validation, then all examples. In slices, or in one go.
use super::{
    Corpus, Example, Model,
    calibrate::{Judged, Report},
    corpus::CLASSES,
    features::{self, BUCKETS},
    math::Seeded,
    model::MAX_ID,
    predict,
    train::{self, Row, Settings, Trainer},
    weights::Weights,
};

mod start;

/// Parts that the examples are cut into: each is judged by what was learnt from the others.
const FOLDS: usize = 5;
/// Parts of a training whose progress is told.
pub const PARTS: usize = 100;
/// What is taken for a topic that is off so often, of an intent's own examples, shows that the two are one: the owner has it under a name of
/// their own.
const SAME: f32 = 0.25;
/// So often, and its sentences may teach the intent.
const LENT: f32 = 0.4;
/// What they count beside the intent's own.
const LENT_WEIGHT: f32 = 0.5;

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
    /// Of the intents, and of what means something else.
    scores: Vec<f32>,
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
    /// Whether it is known which intents have a topic that is off under a name of their own.
    is_settled: bool,
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
            is_settled: corpus.others == 0,
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
        let mut weights = trainer.finish(self.intents.len());
        if self.fold < FOLDS {
            self.judge(&weights, &idf, unseen);
            self.fold += 1;
            if self.fold == FOLDS && !self.is_settled {
                self.settle();
            }
            return None;
        }
        // What was lent has left its class.
        let is_left = |other: usize| self.meant.iter().any(|it| usize::from(it.class) == self.intents.len() + other);
        let topics = self.topics(SAME).into_iter().enumerate();
        let used: Vec<bool> = topics.map(|(other, (claims, _))| claims == 0 && is_left(other)).collect();
        self.level(&mut weights);
        let report = self.report(&used);
        let mut model = Model::pack(&self.intents, &used, idf, unseen, self.settings.bias, &weights);
        model.calibration = report.calibration();
        Some(Learned { model, report })
    }

    /// How much is done, and of how much, in [`PARTS`] of a training: the last training is that of the model itself.
    pub fn progress(&self) -> (usize, usize) {
        let part = self.trainer.as_ref().map_or(0, |(trainer, ..)| trainer.progress(PARTS));
        let twice = if self.others > 0 { FOLDS } else { 0 };
        let before = if self.is_settled { twice } else { 0 };
        ((before + self.fold) * PARTS + part, (twice + FOLDS + 1) * PARTS)
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
            self.taken.push(Taken { example, scores });
        }
    }

    /// For each class of what means something else how many intents have it as their own topic, to which they lose this share of their
    /// examples, and one of them.
    fn topics(&self, share: f32) -> Vec<(u16, u16)> {
        let mut topics = vec![(0, 0); self.others];
        for intent in 0..self.intents.len() as u16 {
            let mut lost = vec![0_u32; self.others];
            let mut count = 0;
            for Taken { example, scores } in &self.taken {
                if self.meant.get(*example).is_none_or(|meant| meant.class != intent) {
                    continue;
                }
                count += 1;
                let (known, others) = scores.split_at(self.intents.len());
                let first = known.iter().copied().fold(f32::MIN, f32::max);
                let winner = others.iter().zip(&mut lost).filter(|(score, _)| **score > first);
                if let Some((_, lost)) = winner.max_by(|one, other| one.0.total_cmp(other.0)) {
                    *lost += 1;
                }
            }
            for (lost, topic) in lost.into_iter().zip(&mut topics) {
                if lost > 1 && lost as f32 >= share * count as f32 {
                    *topic = (topic.0 + 1, intent);
                }
            }
        }
        topics
    }

    /// What is one intent's own topic teaches it from now on, as the library's examples of its name would; which of several intents means
    /// what of it is not known. What is left is dealt out to as many classes as a model may have, and cross-validation begins anew.
    fn settle(&mut self) {
        let topics = self.topics(LENT);
        let count = self.intents.len();
        self.is_settled = true;
        self.others = self.others.min(CLASSES - count.min(CLASSES - 1));
        for meant in &mut self.meant {
            let Some(other) = usize::from(meant.class).checked_sub(count) else { continue };
            let class = match topics.get(other) {
                Some((1, intent)) => {
                    meant.weight = LENT_WEIGHT;
                    *intent
                }
                _ => (count + other % self.others) as u16,
            };
            if meant.class != class {
                meant.class = class;
                self.fold = 0;
            }
        }
        if self.fold == 0 {
            self.taken.clear();
        }
    }

    /// Intents that the library teaches give those a start that it does not.
    fn level(&mut self, weights: &mut Weights) {
        let mut has_much = vec![false; self.intents.len()];
        for meant in self.meant.iter().filter(|meant| meant.is_library) {
            if let Some(has_much) = has_much.get_mut(usize::from(meant.class)) {
                *has_much = true;
            }
        }
        let meant = |example: usize| self.meant.get(example).map(|meant| usize::from(meant.class));
        let judged = self.taken.iter().filter_map(|it| Some((meant(it.example)?, it.scores.as_slice())));
        let lowered = start::start(&judged.collect::<Vec<_>>(), &has_much);
        for (class, _) in has_much.iter().enumerate().filter(|(_, has_much)| **has_much) {
            weights.lower(class, lowered / self.settings.bias);
            self.taken.iter_mut().filter_map(|it| it.scores.get_mut(class)).for_each(|score| *score -= lowered);
        }
    }

    fn report(&mut self, used: &[bool]) -> Report {
        let mut report = Report::default();
        for Taken { example, scores } in std::mem::take(&mut self.taken) {
            let (known, others) = scores.split_at(self.intents.len());
            let others = others.iter().zip(used).filter(|(_, used)| **used);
            let best = predict::doubted(predict::best(known), others.map(|(score, _)| *score));
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

#[cfg(test)]
mod tests;
