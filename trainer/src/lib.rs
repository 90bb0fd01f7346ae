//! The trainer: learns a model in its owner's browser, and shows there what the bot would do with a message.
//!
//! The Worker's classifier and dialogue ([`core`]), compiled to a small Wasm file of their own with a plain C interface:
//! bytes are put in ([`exports`]), JSON comes out. `frontend/console/src/bot/trainer.ts` is the other side.
#[allow(dead_code)]
pub mod core;
pub mod exports;
pub mod judge;
pub mod learn;
