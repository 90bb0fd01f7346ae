//! The bot: learns a workspace's intents from examples, and says how sure it is.
//!
//! Examples in, a model's bytes and a report out ([`learn`]); a model and a message in, a [`Verdict`] out
//! ([`Model::judge`]). No clock, no I/O, no randomness but a seeded one, and no function of the platform's math library:
//! the same examples give the same bytes natively and in Wasm. `docs/bot.md` tells how it decides.
pub mod action;
pub mod attempt;
pub mod calibrate;
pub mod ceilings;
pub mod cluster;
pub mod consult;
pub mod corpus;
pub mod dialogue;
pub mod faq;
pub mod features;
pub mod form;
pub mod image;
pub mod intent;
pub mod learn;
pub mod math;
pub mod model;
pub mod predict;
pub mod redact;
pub mod replies;
pub mod responder;
pub mod retrieve;
mod rows;
pub mod small_talk;
#[cfg(test)]
mod tests;
pub mod train;
pub mod turn;
pub mod webhook;
pub mod weights;
pub mod written;

pub use calibrate::{Report, Thresholds};
pub use corpus::{Corpus, Example, Lesson};
pub use learn::{LearnError, Learned, Learner, learn};
pub use model::{Model, ModelError};
pub use predict::{Band, Candidate, Verdict};
