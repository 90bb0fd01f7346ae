//! Rooms, two Desks, the history and their clients in virtual time, with faults at every seam.
//!
//! The machines, their SQL and the consumer are the ones that are deployed, on real SQLite. Everything around them is
//! here: objects ([`object`]), lines ([`net`], [`lines`]), calls ([`calls`]), the queue ([`queue`]), clients that follow the rules
//! of the TypeScript ones ([`client`]), people ([`people`], [`asides`]), how they share the work ([`routing`]), the bot that answers first ([`bot`]), what they may ([`rights`]) and what goes wrong ([`faults`], [`weather`]). Every write
//! and every frame is judged as it happens ([`truth`]), once the faults have stopped everything must meet
//! ([`verdict`]), and then every row of every store is read ([`stores`]). A seed is one run, to the byte; a failing one is replayed and made smaller ([`run`]).

pub mod answers;
pub mod asides;
pub mod bot;
pub mod calls;
pub mod client;
pub mod counts;
pub mod desk_truth;
pub mod dice;
pub mod faults;
pub mod founding;
pub mod lines;
pub mod machines;
pub mod net;
pub mod object;
pub mod objects;
pub mod people;
pub mod queue;
pub mod rights;
pub mod routing;
pub mod run;
pub mod stores;
pub mod truth;
pub mod verdict;
pub mod visit;
pub mod waiting;
pub mod weather;
pub mod world;
