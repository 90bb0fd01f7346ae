//! What a workspace entrusts to us for calls to others, sealed for the database: AES-256-GCM under a key of the workspace's own.
//!
//! It is sealed for a purpose (the address that it is sent to), so that nothing which changes the address in the database, or by the
//! API, has it sent elsewhere. While our secret is being rotated what the previous one has sealed opens, too; what is sealed
//! anew is sealed by the current one.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::keys::{Keys, Use, mac};
use crate::core::{
    id::WorkspaceId,
    port::{Cipher, CipherJob},
};

/// Of a sealed text: how it is sealed.
const VERSION: &str = "1.";

impl Keys {
    /// Seals a text. `random`: fresh for each call; two texts under one nonce would give both away.
    pub async fn seal(
        &self,
        cipher: &impl Cipher,
        workspace: &WorkspaceId,
        purpose: &str,
        text: &str,
        random: &[u8; 32],
    ) -> Option<String> {
        let (nonce, _) = random.split_first_chunk()?;
        let key = self.sealing(workspace).next()?;
        let job = CipherJob { seals: true, key: &key, nonce, about: purpose.as_bytes(), text: text.as_bytes() };
        let sealed = cipher.run(job).await?;
        Some(format!("{VERSION}{}", Base64UrlUnpadded::encode_string(&[nonce.as_slice(), &sealed].concat())))
    }

    /// Opens it; none: it was not sealed here, for this workspace and purpose.
    pub async fn unseal(
        &self,
        cipher: &impl Cipher,
        workspace: &WorkspaceId,
        purpose: &str,
        sealed: &str,
    ) -> Option<String> {
        let bytes = Base64UrlUnpadded::decode_vec(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, text) = bytes.split_first_chunk()?;
        for key in self.sealing(workspace) {
            let job = CipherJob { seals: false, key: &key, nonce, about: purpose.as_bytes(), text };
            if let Some(text) = cipher.run(job).await {
                return String::from_utf8(text).ok();
            }
        }
        None
    }

    /// Keys of a workspace, the current secret's first.
    fn sealing(&self, workspace: &WorkspaceId) -> impl Iterator<Item = Vec<u8>> {
        self.verifying(Use::Seal).into_iter().map(|key| mac(key.as_ref(), workspace.as_str().as_bytes()))
    }
}

#[cfg(test)]
pub mod tests {
    use aes_gcm::{
        Aes256Gcm, KeyInit as _,
        aead::{Aead as _, Payload},
    };

    use super::*;
    use crate::{core::id::Entropy, sql::testing::ready};

    const URL: &str = "https://models.example/v1";

    /// The same cipher by somebody else.
    pub struct Reference;

    impl Cipher for Reference {
        async fn run(&self, CipherJob { seals, key, nonce, about, text }: CipherJob<'_>) -> Option<Vec<u8>> {
            let cipher = Aes256Gcm::new_from_slice(key).unwrap();
            let payload = Payload { msg: text, aad: about };
            if seals { cipher.encrypt(nonce.into(), payload) } else { cipher.decrypt(nonce.into(), payload) }.ok()
        }
    }

    fn keys(seed: u8, previous: Option<u8>) -> Keys {
        let secret = |seed: u8| {
            Base64UrlUnpadded::encode_string(&(0..32).map(|index: u8| index.wrapping_mul(7) ^ seed).collect::<Vec<_>>())
        };
        Keys::new(&secret(seed), previous.map(secret).as_deref()).unwrap()
    }

    fn workspace(seed: u128) -> WorkspaceId {
        WorkspaceId::draw(&mut Entropy::new(seed))
    }

    fn seal(keys: &Keys, workspace: &WorkspaceId, text: &str, random: u8) -> String {
        ready(keys.seal(&Reference, workspace, URL, text, &[random; 32])).unwrap()
    }

    fn unseal(keys: &Keys, workspace: &WorkspaceId, url: &str, sealed: &str) -> Option<String> {
        ready(keys.unseal(&Reference, workspace, url, sealed))
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
        let about = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let nonce = hex("cafebabefacedbaddecaf888").try_into().unwrap();
        let job = CipherJob { seals: true, key: &key, nonce: &nonce, about: &about, text: &text };
        let sealed = ready(Reference.run(job)).unwrap();
        assert_eq!(sealed[..4], [0x52, 0x2d, 0xc1, 0xf0]);
        assert_eq!(sealed[text.len()..], hex("76fc6ece0f4e1768cddf8853bb2d551b"));
        assert_eq!(ready(Reference.run(CipherJob { seals: false, text: &sealed, ..job })), Some(text));
    }

    /// What stands in databases is to open for ever. This one Node has sealed.
    #[test]
    fn its_form_is_that_of_the_first_day() {
        assert_eq!(workspace(1).as_str(), "ws_hd35ysfun4253atl");
        assert_eq!(
            seal(&keys(1, None), &workspace(1), "sk-live-1", 7),
            "1.BwcHBwcHBwcHBwcHauLT3YgtSZnXBKtnubqF0QONfI2TnFEHWw"
        );
    }

    #[test]
    fn only_who_sealed_it_opens_it_and_for_what_it_was_sealed() {
        let (ours, theirs, keys_now) = (workspace(1), workspace(2), keys(1, None));
        let sealed = seal(&keys_now, &ours, "sk-live-1", 7);
        assert!(!sealed.contains("sk-live"), "{sealed}");
        assert_eq!(unseal(&keys_now, &ours, URL, &sealed).as_deref(), Some("sk-live-1"));
        assert_eq!(unseal(&keys_now, &theirs, URL, &sealed), None);
        assert_eq!(unseal(&keys_now, &ours, "https://evil.example/v1", &sealed), None);
        assert_eq!(unseal(&keys(2, None), &ours, URL, &sealed), None);
        let rotated = keys(2, Some(1));
        assert_eq!(unseal(&rotated, &ours, URL, &sealed).as_deref(), Some("sk-live-1"));
        let anew = seal(&rotated, &ours, "sk-live-1", 7);
        assert_eq!(unseal(&keys_now, &ours, URL, &anew), None, "by the current secret");
        assert_ne!(seal(&keys_now, &ours, "sk-live-1", 8), sealed, "another each time");
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let (workspace, keys) = (workspace(1), keys(1, None));
        for text in ["", "x", "密钥", &"k".repeat(1_000)] {
            let sealed = seal(&keys, &workspace, text, 9);
            assert_eq!(unseal(&keys, &workspace, URL, &sealed).as_deref(), Some(text));
            let bytes = Base64UrlUnpadded::decode_vec(&sealed[2..]).unwrap();
            for place in 0..bytes.len().min(64) {
                let mut bytes = bytes.clone();
                bytes[place] ^= 1;
                let changed = format!("1.{}", Base64UrlUnpadded::encode_string(&bytes));
                assert_eq!(unseal(&keys, &workspace, URL, &changed), None, "{place}");
                let cut = format!("1.{}", Base64UrlUnpadded::encode_string(&bytes[..place]));
                assert_eq!(unseal(&keys, &workspace, URL, &cut), None, "{place}");
            }
        }
        for none in ["", "1.", "2.AAAA", "sk-live-1", "1.!!!!"] {
            assert_eq!(unseal(&keys, &workspace, URL, none), None, "{none}");
        }
    }

    /// Where there is no cipher nothing is sealed, least of all in the clear.
    #[test]
    fn a_cipher_that_fails_is_no_text() {
        struct Broken;
        impl Cipher for Broken {
            async fn run(&self, _: CipherJob<'_>) -> Option<Vec<u8>> {
                None
            }
        }
        let (workspace, keys) = (workspace(1), keys(1, None));
        assert_eq!(ready(keys.seal(&Broken, &workspace, URL, "sk-live-1", &[7; 32])), None);
        let sealed = seal(&keys, &workspace, "sk-live-1", 7);
        assert_eq!(ready(keys.unseal(&Broken, &workspace, URL, &sealed)), None);
    }
}
