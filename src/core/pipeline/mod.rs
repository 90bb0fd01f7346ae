//! From a Room's log to the history in D1.
//!
//! ```text
//! Room log ─ event ─► queue ─ delivery::read ─► fold ─► sql::projection ─► D1
//!                               └─ dead letter, with a reason
//! ```
//! Nothing here runs: the statements are in `sql`, the queue is at the edge.
#[cfg(test)]
mod convergence;
pub mod delivery;
pub mod event;
pub mod fold;
#[cfg(test)]
pub mod sample;
