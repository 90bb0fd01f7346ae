//! What every kind of token has in common: HS256 by `jwt-compact`, a header that is exactly ours, an audience, an end.
//!
//! The algorithm and the key come from our record; the header can only agree or be refused. A header with any other
//! member (`crit`, `b64`, `kid`, `jwk`, `cty` …) is refused, so no extension ever applies.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use jwt_compact::{
    AlgorithmExt as _, Claims, Header, UntrustedToken,
    alg::{Hs256, Hs256Key},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::core::{
    error::Code,
    json,
    time::{SECOND, Timestamp},
};

/// Why a token gives no principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Not one of ours, not of this kind, or altered.
    Refused,
    /// Signed as it should be, and which claim is not: told to whoever signs.
    Claim(&'static str),
    /// Ours, and over.
    Expired,
}

impl TokenError {
    /// The same without the claim: what we sign ourselves is good or not, and nobody mends it.
    pub fn unnamed(self) -> Self {
        match self {
            TokenError::Expired => TokenError::Expired,
            TokenError::Refused | TokenError::Claim(_) => TokenError::Refused,
        }
    }

    /// The code for whoever came with it. Only a ticket is worth getting anew without signing in.
    pub fn code(self, is_ticket: bool) -> Code {
        match self {
            TokenError::Expired if is_ticket => Code::TicketExpired,
            TokenError::Expired | TokenError::Refused | TokenError::Claim(_) => Code::Unauthorized,
        }
    }
}

/// What sets one kind of token apart.
pub(super) struct Kind {
    /// Header `typ` (RFC 8725, 3.11).
    pub typ: &'static str,
    /// Claim `aud`.
    pub audience: &'static str,
    /// Longer ones are refused unread.
    pub max_chars: usize,
    /// Milliseconds from `iat` to `exp` that we ever give: one that lasts longer is none of ours.
    pub max_life: i64,
    /// Milliseconds that its `iat` may be ahead of us.
    pub max_ahead: i64,
}

/// The only header that we read or write.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    typ: String,
}

/// What `jwt-compact` reads of the claims besides the times. What a kind has of its own is read from the text, once the signature holds: the
/// library's way would be there once for each kind.
#[derive(Clone, Deserialize)]
struct Audience {
    #[serde(default)]
    aud: String,
}

/// Claims as written: `jwt-compact` reads the times itself.
#[derive(Serialize)]
struct Written<T> {
    iat: i64,
    exp: i64,
    aud: &'static str,
    #[serde(flatten)]
    body: T,
}

/// Claims of a token whose signature, kind and times hold.
pub(super) struct Verified<T> {
    pub body: T,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Signs; `None` only if the claims can't be written as JSON.
pub(super) fn sign<T: Serialize>(
    kind: &Kind,
    key: &Hs256Key,
    body: T,
    issued_at: Timestamp,
    expires_at: Timestamp,
) -> Option<String> {
    let (iat, exp) = (issued_at.0.div_euclid(SECOND), expires_at.0.div_euclid(SECOND));
    let written = Written { iat, exp, aud: kind.audience, body };
    let header = Header::empty().with_token_type(kind.typ);
    Hs256.token(&header, &Claims::new(written), key).ok()
}

/// Verifies length, shape, header, signature, audience and times, in this order.
pub(super) fn verify<T: DeserializeOwned>(
    kind: &Kind,
    keys: &[Hs256Key],
    text: &str,
    now: Timestamp,
) -> Result<Verified<T>, TokenError> {
    let verified = read(kind, keys, text, now).map_err(TokenError::unnamed)?;
    if now >= verified.expires_at { Err(TokenError::Expired) } else { Ok(verified) }
}

/// The same, of one that may be over, with the claim that is wrong.
pub(super) fn read<T: DeserializeOwned>(
    kind: &Kind,
    keys: &[Hs256Key],
    text: &str,
    now: Timestamp,
) -> Result<Verified<T>, TokenError> {
    let Verified { body, issued_at, expires_at } = open(kind, keys, text, now)?;
    let body = json::from_str(&body)
        .map_err(|_| TokenError::Claim("sub, or what else is claimed: missing or of the wrong type"))?;
    Ok(Verified { body, issued_at, expires_at })
}

/// The claims as they are written.
fn open(kind: &Kind, keys: &[Hs256Key], text: &str, now: Timestamp) -> Result<Verified<String>, TokenError> {
    if text.len() > kind.max_chars {
        return Err(TokenError::Refused);
    }
    let mut parts = text.split('.').map(Base64UrlUnpadded::decode_vec);
    let mut part = || parts.next().and_then(Result::ok).ok_or(TokenError::Refused);
    let (header, body) = (part()?, part()?);
    let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| TokenError::Refused)?;
    if header.alg != "HS256" || header.typ != kind.typ {
        return Err(TokenError::Refused);
    }
    let untrusted = UntrustedToken::new(text).map_err(|_| TokenError::Refused)?;
    let claims = keys
        .iter()
        .find_map(|key| Hs256.validator::<Audience>(key).validate(&untrusted).ok())
        .ok_or(TokenError::Refused)?
        .into_parts()
        .1;
    let millis = |seconds: i64| Timestamp(seconds.saturating_mul(SECOND));
    let issued_at = claims.issued_at.map_or(Timestamp(i64::MAX), |at| millis(at.timestamp()));
    let starts_at = claims.not_before.map_or(issued_at, |at| millis(at.timestamp()).max(issued_at));
    let expires_at = claims.expiration.map_or(issued_at, |at| millis(at.timestamp()));
    if claims.custom.aud != kind.audience {
        return Err(TokenError::Claim("aud: missing or another"));
    }
    if starts_at > now.plus(kind.max_ahead) {
        return Err(TokenError::Claim("iat, nbf: missing or ahead, in seconds"));
    }
    if expires_at <= issued_at || expires_at.since(issued_at) > kind.max_life {
        return Err(TokenError::Claim("exp: missing, not after iat, or too long after it"));
    }
    let body = String::from_utf8(body).map_err(|_| TokenError::Refused)?;
    Ok(Verified { body, issued_at, expires_at })
}
