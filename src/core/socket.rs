//! Names for open sockets, so that the machines can speak of them without holding one.

use serde::{Deserialize, Serialize};

/// One accepted WebSocket of one object. Drawn at random, never used again: a late event of a closed socket can
/// not be taken for one of its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SocketId(pub u64);
