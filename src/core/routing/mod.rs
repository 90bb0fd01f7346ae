//! Who should get a conversation: pure rules that a Desk asks.
//!
//! [`rank`] puts the agents who are free in an order, [`probe`] decides between the best three by whose console answers,
//! [`settings`] says how a workspace wants it, [`roster`] who works where. Nothing here knows of sockets or stores.

pub mod decision;
pub mod probe;
pub mod rank;
pub mod roster;
pub mod settings;
