//! Wire types.
#[allow(missing_docs, clippy::all)]
pub mod wire {
    include!(concat!(env!("OUT_DIR"), "/bellhop.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/bellhop.v1.serde.rs"));
}
