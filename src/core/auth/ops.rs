//! The deployment's scripts: a self-signed token of at most five minutes, by a key that only they and we hold.

use jwt_compact::alg::Hs256Key;
use serde::{Deserialize, Serialize};

use super::{
    keys::{WeakSecret, secret_bytes},
    token::{Kind, TokenError, verify},
};
use crate::core::{
    limits::{CLOCK_SKEW, OPS_TOKEN_LIFE, TOKEN_CHARS},
    time::Timestamp,
};

const KIND: Kind = Kind {
    typ: "bh-ops+jwt",
    audience: "bellhop",
    max_chars: TOKEN_CHARS,
    max_life: OPS_TOKEN_LIFE,
    max_ahead: CLOCK_SKEW,
};

#[derive(Clone, Serialize, Deserialize)]
struct Nothing {}

/// `BELLHOP_OPS_KEY`. The text itself is the key, as any tool takes it.
pub struct OpsKey(Hs256Key);

impl OpsKey {
    /// Refuses one that could be guessed.
    pub fn new(text: &str) -> Result<Self, WeakSecret> {
        secret_bytes(text)?;
        Ok(OpsKey(Hs256Key::new(text.trim())))
    }

    /// Whether a token of the scripts holds.
    pub fn verify(&self, text: &str, now: Timestamp) -> Result<(), TokenError> {
        verify::<Nothing>(&KIND, std::slice::from_ref(&self.0), text, now).map(drop)
    }
}
