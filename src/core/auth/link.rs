//! Links that work once (invitations, new passwords), and the hashes under which secrets and addresses are looked up.
//! The link's token is 256 random bits and is never stored; its keyed hash is.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::keys::{Keys, Use};
use crate::core::address::ClientAddress;

/// Characters of a link's token: 32 bytes in base64url.
const LINK_CHARS: usize = 43;

/// The secret part of a link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// From 256 random bits.
    pub fn draw(bits: [u8; 32]) -> Self {
        LinkToken(Base64UrlUnpadded::encode_string(&bits))
    }

    /// Takes only what `draw` could have made.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        (text.len() == LINK_CHARS && bytes.len() == 32).then(|| LinkToken(text.to_owned()))
    }

    /// For the link.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Keys {
    /// What is stored for a link.
    pub fn link_hash(&self, token: &LinkToken) -> String {
        self.hashes(Use::Link, token.as_str()).into_iter().next().unwrap_or_default()
    }

    /// What may be stored for it: by the current secret, and by the previous one.
    pub fn link_hashes(&self, token: &LinkToken) -> (String, String) {
        let mut hashes = self.hashes(Use::Link, token.as_str()).into_iter();
        let current = hashes.next().unwrap_or_default();
        let previous = hashes.next().unwrap_or_else(|| current.clone());
        (current, previous)
    }

    /// The name under which wrong passwords for an e-mail address are counted, known or not.
    pub fn account_hash(&self, email: &str) -> String {
        self.hashes(Use::Login, &format!("account/{email}")).into_iter().next().unwrap_or_default()
    }

    /// The name under which wrong passwords from a client are counted.
    pub fn client_hash(&self, address: &ClientAddress) -> String {
        self.hashes(Use::Login, &format!("client/{}", address.as_str())).into_iter().next().unwrap_or_default()
    }
}

/// Whether two secrets are the same, in a time that tells nothing; the empty one equals none.
pub fn same_secret(given: &str, wanted: &str) -> bool {
    let key = b"bellhop/compare";
    let (Ok(mut left), Ok(mut right)) = (Hmac::<Sha256>::new_from_slice(key), Hmac::<Sha256>::new_from_slice(key))
    else {
        return false;
    };
    left.update(given.as_bytes());
    right.update(wanted.as_bytes());
    let same = left.verify(&right.finalize().into_bytes()).is_ok();
    same && !wanted.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_are_tokens() {
        let token = LinkToken::draw([9; 32]);
        assert!(LinkToken::parse(token.as_str()) == Some(token.clone()));
        let text = token.as_str();
        let longer = format!("{text}A");
        let padded = format!("{text}=");
        let spaced = format!(" {text}");
        for wrong in ["", " ", "null", "%20", &text[..42], &longer, &padded, &spaced, &"+".repeat(43)] {
            assert!(LinkToken::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn secrets_compare() {
        let cases = [("a", "a", true), ("a", "b", false), ("", "", false), ("", "a", false), ("a", "", false)];
        for (given, wanted, same) in cases {
            assert_eq!(same_secret(given, wanted), same, "{given} {wanted}");
        }
    }
}
