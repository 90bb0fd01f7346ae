//! What happens, step by step, one idea per test.
mod assignment;
mod list;
mod load;
mod presence;
mod trust;
