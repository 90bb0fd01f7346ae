//! Signing keys: one secret, one derived key per use, so that a token of one kind can't verify as another.
//!
//! A previous secret verifies and never signs: rotating the secret keeps open sessions alive. Nothing here has a
//! default, a `Debug` or a `Display`.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use jwt_compact::alg::Hs256Key;
use sha2::Sha256;

use crate::core::limits::{SECRET_BYTES, SECRET_DISTINCT_BYTES};

/// The secret can't be used; says what one looks like, never what this one was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeakSecret;

impl std::fmt::Display for WeakSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a secret is at least {SECRET_BYTES} random bytes in base64url")
    }
}

impl std::error::Error for WeakSecret {}

/// What a derived key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Session,
    Visitor,
    Ticket,
    Link,
    Login,
    Identity,
    Action,
    Seal,
}

impl Use {
    fn label(self) -> &'static [u8] {
        match self {
            Use::Session => b"bellhop/session",
            Use::Visitor => b"bellhop/visitor",
            Use::Ticket => b"bellhop/ticket",
            Use::Link => b"bellhop/link",
            Use::Login => b"bellhop/login",
            Use::Identity => b"bellhop/identity",
            Use::Action => b"bellhop/action",
            Use::Seal => b"bellhop/seal",
        }
    }
}

/// HMAC-SHA256; any key length is one that HMAC takes, and an empty tag equals no real one.
pub(super) fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Bytes of a secret, or why it is none.
pub(super) fn secret_bytes(text: &str) -> Result<Vec<u8>, WeakSecret> {
    let bytes = Base64UrlUnpadded::decode_vec(text.trim().trim_end_matches('=')).map_err(|_| WeakSecret)?;
    let distinct = (0..=u8::MAX).filter(|byte| bytes.contains(byte)).count();
    if bytes.len() < SECRET_BYTES || distinct < SECRET_DISTINCT_BYTES {
        return Err(WeakSecret);
    }
    Ok(bytes)
}

/// Every key of a deployment.
#[derive(Clone)]
pub struct Keys {
    secret: Vec<u8>,
    previous: Option<Vec<u8>>,
}

impl Keys {
    /// From `BELLHOP_SECRET` and, while it is being rotated, `BELLHOP_SECRET_PREVIOUS`.
    pub fn new(secret: &str, previous: Option<&str>) -> Result<Self, WeakSecret> {
        let previous = previous.filter(|text| !text.trim().is_empty()).map(secret_bytes).transpose()?;
        Ok(Keys { secret: secret_bytes(secret)?, previous })
    }

    /// The key that signs.
    pub(super) fn signing(&self, purpose: Use) -> Hs256Key {
        Hs256Key::new(mac(&self.secret, purpose.label()))
    }

    /// The keys that verify, the current one first.
    pub(super) fn verifying(&self, purpose: Use) -> Vec<Hs256Key> {
        let secrets = std::iter::once(&self.secret).chain(self.previous.as_ref());
        secrets.map(|secret| Hs256Key::new(mac(secret, purpose.label()))).collect()
    }

    /// Keyed hashes of a value, the current key's first: for looking something up that is not stored itself.
    pub(super) fn hashes(&self, purpose: Use, value: &str) -> Vec<String> {
        let keys = self.verifying(purpose);
        keys.iter().map(|key| Base64UrlUnpadded::encode_string(&mac(key.as_ref(), value.as_bytes()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(seed: u8) -> String {
        let bytes: Vec<u8> = (0..32).map(|index: u8| index.wrapping_mul(7).wrapping_add(seed)).collect();
        Base64UrlUnpadded::encode_string(&bytes)
    }

    #[test]
    fn weak_secrets_are_refused() {
        let short = Base64UrlUnpadded::encode_string(&(0..31).collect::<Vec<u8>>());
        let repeated = Base64UrlUnpadded::encode_string(&[7; 64]);
        let foreign = "!".repeat(64);
        for weak in ["", " ", "secret", "changeme", &short, &repeated, &foreign] {
            assert!(Keys::new(weak, None).is_err(), "{weak}");
            let rotated = Keys::new(&secret(1), Some(weak)).is_err();
            assert_eq!(rotated, !weak.trim().is_empty(), "as the previous one: {weak}");
        }
        assert!(Keys::new(&secret(1), None).is_ok());
        assert!(Keys::new(&format!("{}=\n", secret(1)), Some(&secret(2))).is_ok());
    }

    #[test]
    fn every_use_has_a_key_of_its_own() {
        let keys = Keys::new(&secret(1), None).unwrap();
        let uses =
            [Use::Session, Use::Visitor, Use::Ticket, Use::Link, Use::Login, Use::Identity, Use::Action, Use::Seal];
        let all: Vec<Vec<u8>> = uses.map(|purpose| keys.signing(purpose).as_ref().to_vec()).to_vec();
        for (index, key) in all.iter().enumerate() {
            assert_eq!(key.len(), 32);
            assert!(!all[..index].contains(key));
            assert_ne!(*key, keys.secret);
        }
        // RFC 4231 case 2 pins the function.
        let tag = mac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(tag[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
