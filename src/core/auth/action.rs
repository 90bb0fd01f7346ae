//! How a call to an owner's system is signed: Standard Webhooks (`v1`, HMAC-SHA256), so that their libraries verify it.
//!
//! A workspace's secret is derived from ours, its id and a serial number: nothing is stored that could leak, and raising the number
//! makes the old one worthless. While our secret is being rotated a call carries a signature by each.

use base64ct::{Base64, Encoding as _};

use super::keys::{Keys, Use, mac};
use crate::core::id::WorkspaceId;

impl Keys {
    /// What the owner's system verifies with, as it is shown to them.
    pub fn action_secret(&self, workspace: &WorkspaceId, serial: u64) -> String {
        let key = self.action_keys(workspace, serial).into_iter().next().unwrap_or_default();
        format!("whsec_{}", Base64::encode_string(&key))
    }

    /// The header `webhook-signature`. `at` is in seconds.
    pub fn sign_action(&self, workspace: &WorkspaceId, serial: u64, id: &str, at: i64, body: &str) -> String {
        let signed = format!("{id}.{at}.{body}");
        let keys = self.action_keys(workspace, serial).into_iter();
        let signatures = keys.map(|key| format!("v1,{}", Base64::encode_string(&mac(&key, signed.as_bytes()))));
        signatures.collect::<Vec<_>>().join(" ")
    }

    /// The current secret's first.
    fn action_keys(&self, workspace: &WorkspaceId, serial: u64) -> Vec<Vec<u8>> {
        let name = format!("{workspace}/{serial}");
        self.verifying(Use::Action).iter().map(|key| mac(key.as_ref(), name.as_bytes())).collect()
    }
}

#[cfg(test)]
mod tests {
    use base64ct::Base64UrlUnpadded;

    use super::*;
    use crate::core::id::Entropy;

    fn keys(seed: u8, previous: Option<u8>) -> Keys {
        let secret = |seed: u8| {
            Base64UrlUnpadded::encode_string(&(0..32).map(|index: u8| index.wrapping_mul(7) ^ seed).collect::<Vec<_>>())
        };
        Keys::new(&secret(seed), previous.map(secret).as_deref()).unwrap()
    }

    /// The example of the specification: its secret signs this message so.
    #[test]
    fn it_is_the_signature_of_standard_webhooks() {
        let key = Base64::decode_vec("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let tag = Base64::encode_string(&mac(&key, signed.as_bytes()));
        assert_eq!(tag, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_shown_secret_verifies_what_is_signed_and_no_other_does() {
        let (ours, theirs) = (WorkspaceId::draw(&mut Entropy::new(1)), WorkspaceId::draw(&mut Entropy::new(2)));
        let signed = |keys: &Keys| keys.sign_action(&ours, 3, "act_1", 1_700_000_000, "{}");
        let by = |secret: &str| {
            let key = Base64::decode_vec(secret.strip_prefix("whsec_").unwrap()).unwrap();
            assert_eq!(key.len(), 32);
            format!("v1,{}", Base64::encode_string(&mac(&key, b"act_1.1700000000.{}")))
        };
        let keys_now = keys(1, None);
        assert_eq!(signed(&keys_now), by(&keys_now.action_secret(&ours, 3)));
        for other in [
            keys_now.action_secret(&ours, 4),
            keys_now.action_secret(&theirs, 3),
            keys(2, None).action_secret(&ours, 3),
        ] {
            assert_ne!(signed(&keys_now), by(&other));
        }
        let rotated = keys(2, Some(1));
        let (new, old) = (rotated.action_secret(&ours, 3), keys_now.action_secret(&ours, 3));
        assert_eq!(signed(&rotated), format!("{} {}", by(&new), by(&old)), "both, while it is rotated");
    }
}
