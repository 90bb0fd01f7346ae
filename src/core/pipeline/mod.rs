//! From a Room's log to the history in D1.
pub mod event;
