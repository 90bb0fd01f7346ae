//! The identity: what a site's own server signs of the visitor who is signed in there, so that nobody else can pass for them.
//!
//! ```text
//! header  {"alg":"HS256","typ":"JWT"}
//! claims  {"aud":"bellhop/identity","sub":"42","iat":…,"exp":…,"name":"…","email":"…","level":1}
//! ```
//!
//! The site's secret is derived from ours, the site's id and a serial number: nothing is stored that could leak, each site has
//! its own, and raising the number makes the old one worthless. While our secret is being rotated both verify.

use jwt_compact::alg::Hs256Key;
use serde::Deserialize;

use super::{
    keys::{Keys, Use},
    token::{Kind, TokenError, read},
};
use crate::core::{
    email::normal,
    id::SiteId,
    limits::{CLOCK_SKEW, IDENTITY_LIFE, LEVEL_MAX, NAME_CHARS, SUBJECT_CHARS, TOKEN_CHARS},
    principal::Identity,
    time::Timestamp,
};

const KIND: Kind = Kind {
    typ: "JWT",
    audience: "bellhop/identity",
    max_chars: TOKEN_CHARS,
    max_life: IDENTITY_LIFE,
    max_ahead: CLOCK_SKEW,
};

/// As the site writes it: what it does not know is absent, or `null`. Whatever else it says is not looked at.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    name: Option<String>,
    email: Option<String>,
    level: Option<u8>,
}

/// What a site has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Who.
    pub identity: Identity,
    /// It is over: it says who this was, for a conversation that knows nothing newer, and lets nobody in anew.
    pub is_over: bool,
}

impl Keys {
    /// What a site signs with, as it is shown to its owner. HS256 takes the bytes of this text.
    pub fn identity_secret(&self, site: &SiteId, serial: u64) -> String {
        self.hashes(Use::Identity, &named(site, serial)).into_iter().next().unwrap_or_default()
    }

    /// What a site's server says of a visitor.
    pub fn identity(&self, site: &SiteId, serial: u64, text: &str, now: Timestamp) -> Result<Proven, TokenError> {
        let secrets = self.hashes(Use::Identity, &named(site, serial));
        let keys: Vec<Hs256Key> = secrets.iter().map(|secret| Hs256Key::new(secret.as_bytes())).collect();
        let verified = read::<Claims>(&KIND, &keys, text, now)?;
        let Claims { sub, name, email, level } = verified.body;
        if sub.trim().is_empty() || sub.chars().count() > SUBJECT_CHARS || sub.chars().any(char::is_control) {
            return Err(TokenError::Claim("sub: empty, too long, or with control characters"));
        }
        let is_over = now >= verified.expires_at;
        let identity = Identity {
            subject: sub,
            name: name.unwrap_or_default().chars().filter(|letter| !letter.is_control()).take(NAME_CHARS).collect(),
            email: email.and_then(|email| normal(&email)).unwrap_or_default(),
            level: if is_over { 0 } else { level.unwrap_or(0).min(LEVEL_MAX) },
            issued_at: if is_over { Timestamp::default() } else { verified.issued_at },
        };
        Ok(Proven { identity, is_over })
    }
}

fn named(site: &SiteId, serial: u64) -> String {
    format!("{site}/{serial}")
}
