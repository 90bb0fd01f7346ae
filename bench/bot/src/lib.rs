//! What `make bench-bot` calls: the product's own core, a text in and numbers out.
#[path = "../../../src/core/bot/mod.rs"]
#[allow(dead_code)]
pub mod bot;

use std::cell::RefCell;

use bot::{Corpus, Example, Learned, Learner, Model};

/// A corpus from lines of `weight TAB intent TAB text`; no intent: background. What is new as an intent brings its id as
/// its title, as an import without titles does.
pub fn corpus(lines: &str) -> Corpus {
    let mut corpus = Corpus::default();
    for line in lines.lines() {
        let mut parts = line.splitn(3, '\t');
        let (Some(weight), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let known = corpus.intents.len();
        let intent = if id.is_empty() { None } else { corpus.intent(id) };
        if corpus.intents.len() > known
            && let Some(class) = intent
        {
            corpus.examples.push(Example::new(id.replace(['_', '/', '-'], " "), class));
        }
        corpus.examples.push(Example { text: text.to_owned(), intent, weight: weight.parse().unwrap_or(1.0) });
    }
    corpus
}

/// A verdict as numbers: band, count, then class, score and probability of each.
pub fn numbers(model: &Model, text: &str) -> Vec<f32> {
    let verdict = model.judge(text);
    let mut numbers = vec![verdict.band as u8 as f32, verdict.top.len() as f32];
    numbers.extend(verdict.top.iter().flat_map(|it| [f32::from(it.class), it.score, it.probability]));
    numbers
}

#[derive(Default)]
struct State {
    input: Vec<u8>,
    learner: Option<Learner>,
    learned: Option<Learned>,
    file: Vec<u8>,
    out: Vec<f32>,
}

thread_local!(static STATE: RefCell<State> = RefCell::default());

fn with<T>(act: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(act)
}

/// Room for a text of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    with(|state| {
        state.input.resize(length, 0);
        state.input.as_mut_ptr()
    })
}

/// Begins to learn from the corpus that was put in.
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    with(|state| {
        let text = String::from_utf8_lossy(&state.input).into_owned();
        state.learner = Learner::new(&corpus(&text)).ok();
    });
}

/// Looks at so many examples; 1: done.
#[unsafe(no_mangle)]
pub extern "C" fn step(budget: usize) -> u32 {
    with(|state| {
        let Some(learned) = state.learner.as_mut().and_then(|learner| learner.step(budget)) else { return 0 };
        state.file = learned.model.write();
        state.learned = Some(learned);
        state.learner = None;
        1
    })
}

/// How many trainings are done: five of cross-validation come before the model's.
#[unsafe(no_mangle)]
pub extern "C" fn trainings() -> usize {
    with(|state| state.learner.as_ref().map_or(0, |learner| learner.progress().0))
}

/// The model's file.
#[unsafe(no_mangle)]
pub extern "C" fn file() -> *const u8 {
    with(|state| state.file.as_ptr())
}

/// Its length.
#[unsafe(no_mangle)]
pub extern "C" fn file_length() -> usize {
    with(|state| state.file.len())
}

/// Moves the slider.
#[unsafe(no_mangle)]
pub extern "C" fn hold_back(share: f32) {
    with(|state| {
        if let Some(learned) = &mut state.learned {
            learned.model.calibration.thresholds = learned.report.model_thresholds(share);
        }
    });
}

/// Judges the text that was put in.
#[unsafe(no_mangle)]
pub extern "C" fn judge() -> *const f32 {
    with(|state| {
        if let Some(learned) = &state.learned {
            state.out = numbers(&learned.model, &String::from_utf8_lossy(&state.input));
        }
        state.out.as_ptr()
    })
}
