//! From a lesson to a model, and to what its owner is shown of it.
use serde::Serialize;

use crate::core::{
    bot::{Corpus, Learned, Thresholds},
    limits::HOLD_BACK_MAX,
};

/// A score, by the intent's place.
#[derive(Debug, Serialize)]
pub struct Best {
    intent: u16,
    score: f32,
}

/// An example as a model judged it that had not seen it.
#[derive(Debug, Serialize)]
pub struct Judged<'a> {
    intent: u16,
    text: &'a str,
    best: Vec<Best>,
}

/// Lower edges of two bands.
#[derive(Debug, Serialize)]
pub struct Edges {
    answer: f32,
    ask: f32,
}

/// What learning tells beside the model.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    intents: &'a [String],
    /// Percent.
    accuracy: f32,
    examples: usize,
    judged: Vec<Judged<'a>>,
    /// Among `judged`, for each position of the slider. Those of the model itself are in its file.
    thresholds: Vec<Edges>,
    /// Where the slider stands unless the owner moves it.
    usual: u8,
}

/// What is told of a model that was learnt from this corpus.
pub fn tell<'a>(corpus: &'a Corpus, learned: &Learned) -> Told<'a> {
    let report = &learned.report;
    let judged = report.judged.iter().map(|judged| Judged {
        intent: judged.class,
        text: corpus.examples.get(judged.example).map_or("", |example| &example.text),
        best: judged.best.iter().map(|(intent, score)| Best { intent: *intent, score: *score }).collect(),
    });
    let at = |percent: u32| {
        let Thresholds { answer, ask } = report.thresholds(percent as f32 / 100.0);
        Edges { answer, ask }
    };
    Told {
        intents: &corpus.intents,
        accuracy: (report.accuracy() * 1_000.0).round() / 10.0,
        examples: report.judged.len(),
        judged: judged.collect(),
        thresholds: (0..=HOLD_BACK_MAX).map(at).collect(),
        usual: learned.model.calibration.usual,
    }
}
