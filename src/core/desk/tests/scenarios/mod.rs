//! What happens, step by step, one idea per test.
mod answers;
mod assignment;
mod bot;
mod decisions;
mod follow_up;
mod gate;
mod idle;
mod levels;
mod line;
mod list;
mod load;
mod orders;
mod presence;
mod revocation;
mod routing;
mod teams;
