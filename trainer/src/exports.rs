//! What JavaScript calls: bytes are put in, a call takes them, and what it gives stands in the output.
//!
//! Where a call can be refused it gives 0, and the output is the stable code of why.
use std::cell::RefCell;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    core::{
        bot::{Corpus, Learner, Lesson, Model, faq::Faq, features::Reading},
        limits::HOLD_BACK_MAX,
    },
    judge, learn,
};

#[derive(Default)]
struct State {
    input: Vec<u8>,
    output: Vec<u8>,
    learner: Option<(Corpus, Learner)>,
    /// What was learnt or loaded last.
    model: Option<Model>,
    faq: Faq,
    numbers: Vec<f32>,
}

thread_local!(static STATE: RefCell<State> = RefCell::default());

fn with<T>(act: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(act)
}

/// What can't happen unless the two sides don't fit each other; the page says that the trainer failed.
const MISUSED: &str = "bot_trainer_failed";

const UNDER_WAY: u32 = 2;

impl State {
    fn take<T: DeserializeOwned>(&mut self) -> Result<T, &'static str> {
        serde_json::from_slice(&std::mem::take(&mut self.input)).map_err(|_| MISUSED)
    }

    fn answer<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, &'static str> {
        serde_json::to_vec(value).map_err(|_| MISUSED)
    }

    fn give(&mut self, outcome: Result<Vec<u8>, &'static str>) -> u32 {
        let is_done = outcome.is_ok();
        self.output = outcome.unwrap_or_else(|code| code.as_bytes().to_vec());
        u32::from(is_done)
    }
}

/// Room for so many bytes of input.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    with(|state| {
        state.input = vec![0; length];
        state.input.as_mut_ptr()
    })
}

/// Where the output is.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    with(|state| state.output.as_ptr())
}

/// How long it is.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    with(|state| state.output.len())
}

/// Begins to learn the [`Lesson`] that was put in.
#[unsafe(no_mangle)]
pub extern "C" fn begin() -> u32 {
    with(|state| {
        let begun = state.take::<Lesson>().and_then(|lesson| {
            let corpus = lesson.corpus().map_err(|error| error.code())?;
            let learner = Learner::new(&corpus).map_err(|error| error.code())?;
            Ok((corpus, learner))
        });
        let outcome = begun.map(|begun| {
            state.learner = Some(begun);
            Vec::new()
        });
        state.give(outcome)
    })
}

/// Looks at so many examples. 1: all is learnt, and the output tells what ([`learn::Told`]); 2: it is not done yet.
#[unsafe(no_mangle)]
pub extern "C" fn step(budget: usize) -> u32 {
    with(|state| {
        let Some((_, learner)) = &mut state.learner else { return state.give(Err(MISUSED)) };
        let Some(learned) = learner.step(budget) else { return UNDER_WAY };
        let told =
            state.learner.take().map_or(Err(MISUSED), |(corpus, _)| state.answer(&learn::tell(&corpus, &learned)));
        state.model = Some(learned.model);
        state.give(told)
    })
}

/// Parts of the work that are done.
#[unsafe(no_mangle)]
pub extern "C" fn progress() -> usize {
    with(|state| state.learner.as_ref().map_or(0, |(_, learner)| learner.progress().0))
}

/// Parts of the work.
#[unsafe(no_mangle)]
pub extern "C" fn parts() -> usize {
    with(|state| state.learner.as_ref().map_or(0, |(_, learner)| learner.progress().1))
}

/// Puts the file of the model that was learnt into the output.
#[unsafe(no_mangle)]
pub extern "C" fn file() -> u32 {
    with(|state| {
        let file = state.model.as_ref().map(Model::write).ok_or(MISUSED);
        state.give(file)
    })
}

/// Takes the input as a model's file, which anyone may have made. Nothing: there is no model.
#[unsafe(no_mangle)]
pub extern "C" fn load() -> u32 {
    with(|state| {
        let file = std::mem::take(&mut state.input);
        state.model = None;
        let read = (!file.is_empty()).then(|| Model::read(&file)).transpose();
        let outcome = read.map_err(|error| error.code()).map(|model| {
            state.model = model;
            Vec::new()
        });
        state.give(outcome)
    })
}

/// Takes the FAQ as [`judge::known`] has it, by which all is judged that comes then.
#[unsafe(no_mangle)]
pub extern "C" fn know() -> u32 {
    with(|state| {
        let outcome = state.take().map(|parts| {
            state.faq = judge::known(parts);
            Vec::new()
        });
        state.give(outcome)
    })
}

/// What the bot would do with what was said, [`judge::Said`].
#[unsafe(no_mangle)]
pub extern "C" fn judge() -> u32 {
    with(|state| {
        let said = state.take();
        let outcome = said.and_then(|said| state.answer(&judge::judge(state.model.as_ref(), &state.faq, said)));
        state.give(outcome)
    })
}

/// The classifier's view of a text alone, as the bench measures it: see [`numbers`]. Beyond the slider's end: where it stands by
/// itself. Null: there is no model.
#[unsafe(no_mangle)]
pub extern "C" fn score(hold_back: u32) -> *const f32 {
    with(|state| {
        let Some(model) = &state.model else { return std::ptr::null() };
        state.numbers = numbers(model, &String::from_utf8_lossy(&state.input), hold_back);
        state.numbers.as_ptr()
    })
}

/// A verdict as numbers: band, count, then class, score and probability of each.
pub fn numbers(model: &Model, text: &str, hold_back: u32) -> Vec<f32> {
    let hold_back = (hold_back <= HOLD_BACK_MAX).then_some(hold_back);
    let verdict = model.judge_at(&Reading::of(text), model.calibration.at(hold_back));
    let mut numbers = vec![verdict.band as u8 as f32, verdict.top.len() as f32];
    numbers.extend(verdict.top.iter().flat_map(|it| [f32::from(it.class), it.score, it.probability]));
    numbers
}
