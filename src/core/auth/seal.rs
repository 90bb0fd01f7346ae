//! What a workspace entrusts to us for calls to others, sealed for the database: AES-256-GCM under a key of the workspace's own.
//!
//! It is sealed for a purpose (the address that it is sent to), so that nothing which changes the address in the database, or by the
//! API, has it sent elsewhere. While our secret is being rotated what the previous one has sealed opens, too; what is sealed
//! anew is sealed by the current one.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::keys::{Keys, Use, mac};
use crate::core::id::WorkspaceId;

/// Of a sealed text: how it is sealed.
const VERSION: &str = "1.";
const NONCE_BYTES: usize = 12;

impl Keys {
    /// Seals a text. `random`: fresh for each call; two texts under one nonce would give both away.
    pub fn seal(&self, workspace: &WorkspaceId, purpose: &str, text: &str, random: &[u8; 32]) -> Option<String> {
        let (nonce, _) = random.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: text.as_bytes(), aad: purpose.as_bytes() };
        let sealed = self.ciphers(workspace).next()?.encrypt(nonce.into(), payload).ok()?;
        Some(format!("{VERSION}{}", Base64UrlUnpadded::encode_string(&[nonce.as_slice(), &sealed].concat())))
    }

    /// Opens it; none: it was not sealed here, for this workspace and purpose.
    pub fn unseal(&self, workspace: &WorkspaceId, purpose: &str, sealed: &str) -> Option<String> {
        let bytes = Base64UrlUnpadded::decode_vec(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let open =
            |cipher: Aes256Gcm| cipher.decrypt(nonce.into(), Payload { msg: sealed, aad: purpose.as_bytes() }).ok();
        String::from_utf8(self.ciphers(workspace).find_map(open)?).ok()
    }

    /// The current secret's first.
    fn ciphers(&self, workspace: &WorkspaceId) -> impl Iterator<Item = Aes256Gcm> {
        let keys = self.verifying(Use::Seal).into_iter();
        keys.filter_map(|key| Aes256Gcm::new_from_slice(&mac(key.as_ref(), workspace.as_str().as_bytes())).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Entropy;

    const URL: &str = "https://models.example/v1";

    fn keys(seed: u8, previous: Option<u8>) -> Keys {
        let secret = |seed: u8| {
            Base64UrlUnpadded::encode_string(&(0..32).map(|index: u8| index.wrapping_mul(7) ^ seed).collect::<Vec<_>>())
        };
        Keys::new(&secret(seed), previous.map(secret).as_deref()).unwrap()
    }

    fn workspace(seed: u128) -> WorkspaceId {
        WorkspaceId::draw(&mut Entropy::new(seed))
    }

    /// Test case 16 of the specification of GCM (McGrew and Viega).
    #[test]
    fn it_is_aes_256_gcm() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let text = hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let nonce: [u8; NONCE_BYTES] = hex("cafebabefacedbaddecaf888").try_into().unwrap();
        let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
        let sealed = cipher.encrypt((&nonce).into(), Payload { msg: &text, aad: &aad }).unwrap();
        assert_eq!(sealed[..4], [0x52, 0x2d, 0xc1, 0xf0]);
        assert_eq!(sealed[text.len()..], hex("76fc6ece0f4e1768cddf8853bb2d551b"));
    }

    #[test]
    fn only_who_sealed_it_opens_it_and_for_what_it_was_sealed() {
        let (ours, theirs, keys_now) = (workspace(1), workspace(2), keys(1, None));
        let sealed = keys_now.seal(&ours, URL, "sk-live-1", &[7; 32]).unwrap();
        assert!(!sealed.contains("sk-live"), "{sealed}");
        assert_eq!(keys_now.unseal(&ours, URL, &sealed).as_deref(), Some("sk-live-1"));
        assert_eq!(keys_now.unseal(&theirs, URL, &sealed), None);
        assert_eq!(keys_now.unseal(&ours, "https://evil.example/v1", &sealed), None);
        assert_eq!(keys(2, None).unseal(&ours, URL, &sealed), None);
        let rotated = keys(2, Some(1));
        assert_eq!(rotated.unseal(&ours, URL, &sealed).as_deref(), Some("sk-live-1"));
        let anew = rotated.seal(&ours, URL, "sk-live-1", &[7; 32]).unwrap();
        assert_eq!(keys_now.unseal(&ours, URL, &anew), None, "by the current secret");
        assert_ne!(keys_now.seal(&ours, URL, "sk-live-1", &[8; 32]).unwrap(), sealed, "another each time");
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let (workspace, keys) = (workspace(1), keys(1, None));
        for text in ["", "x", "密钥", &"k".repeat(1_000)] {
            let sealed = keys.seal(&workspace, URL, text, &[9; 32]).unwrap();
            assert_eq!(keys.unseal(&workspace, URL, &sealed).as_deref(), Some(text));
            let bytes = Base64UrlUnpadded::decode_vec(&sealed[2..]).unwrap();
            for place in 0..bytes.len().min(64) {
                let mut bytes = bytes.clone();
                bytes[place] ^= 1;
                let changed = format!("1.{}", Base64UrlUnpadded::encode_string(&bytes));
                assert_eq!(keys.unseal(&workspace, URL, &changed), None, "{place}");
                let cut = format!("1.{}", Base64UrlUnpadded::encode_string(&bytes[..place]));
                assert_eq!(keys.unseal(&workspace, URL, &cut), None, "{place}");
            }
        }
        for none in ["", "1.", "2.AAAA", "sk-live-1", "1.!!!!"] {
            assert_eq!(keys.unseal(&workspace, URL, none), None, "{none}");
        }
    }
}
