//! Prefixed identifiers: parsed at the boundary, never passed inward as `&str`.
//!
//! An id is its prefix and 16 characters of lower-case base32 (80 random bits; ids are names, not secrets).
//! A conversation's id is `cnv_` and the 64 hex digits of its Room's Durable Object id.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::limits::INTENT_NAME_CHARS;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const TAIL_CHARS: usize = 16;
const BITS_PER_CHAR: u32 = 5;

/// Random bits given to one input of a machine; `core` has no generator of its own.
///
/// Several ids may be needed for one input, so the bits are stretched by SplitMix64
/// (Steele, Lea, Flood 2014), which never repeats within one input.
#[derive(Debug, Clone)]
pub struct Entropy(u128, u64);

impl Entropy {
    /// Wraps 128 bits from the platform's generator (or a test's seed).
    pub fn new(bits: u128) -> Self {
        Entropy(bits, 0)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.1 = self.1.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 as u64).wrapping_add(self.1);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31) ^ ((self.0 >> 64) as u64).rotate_left((self.1 & 63) as u32)
    }

    /// 128 bits made of the next two draws.
    pub fn next_u128(&mut self) -> u128 {
        (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64())
    }
}

fn tail(mut bits: u128) -> String {
    let mut text = String::with_capacity(TAIL_CHARS);
    for _ in 0..TAIL_CHARS {
        let digit = (bits & 31) as usize;
        text.push(ALPHABET.get(digit).copied().map_or('a', char::from));
        bits >>= BITS_PER_CHAR;
    }
    text
}

fn is_tail(text: &str) -> bool {
    text.len() == TAIL_CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

fn is_object_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_intent_name(text: &str) -> bool {
    (1..=INTENT_NAME_CHARS).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The text is not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of this kind")
    }
}

impl std::error::Error for InvalidId {}

macro_rules! make_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $is_tail:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the prefix and the rest.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                match text.strip_prefix($prefix) {
                    Some(rest) if $is_tail(rest) => Ok($name(text.to_owned())),
                    _ => Err(InvalidId),
                }
            }

            /// The whole id, prefix included.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! make_random_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        make_id!($(#[$doc])* $name, $prefix, is_tail);

        impl $name {
            /// A new id from random bits.
            pub fn draw(entropy: &mut Entropy) -> Self {
                $name(format!(concat!($prefix, "{}"), tail(entropy.next_u128())))
            }
        }
    };
}

make_id!(
    /// A conversation: names its Room's Durable Object.
    ConversationId,
    "cnv_",
    is_object_id
);
make_random_id!(
    /// A workspace, the tenant.
    WorkspaceId,
    "ws_"
);
make_random_id!(
    /// A site: one widget installation of a workspace.
    SiteId,
    "site_"
);
impl SiteId {
    /// Of no site: by which a workspace's calls count that belong to none of its sites.
    pub fn of_none(workspace: &WorkspaceId) -> Self {
        SiteId(["site_", workspace.as_str().trim_start_matches("ws_")].concat())
    }
}

make_random_id!(
    /// A team of a workspace.
    TeamId,
    "team_"
);
make_random_id!(
    /// An agent of a workspace.
    AgentId,
    "agt_"
);
make_random_id!(
    /// A visitor of a site.
    VisitorId,
    "vis_"
);
make_random_id!(
    /// A message or private entry of a conversation.
    MessageId,
    "msg_"
);
make_random_id!(
    /// A signed-in session of an agent.
    SessionId,
    "ses_"
);
make_random_id!(
    /// A knowledge entry.
    FaqId,
    "faq_"
);
make_random_id!(
    /// A tag of a workspace.
    TagId,
    "tag_"
);
make_random_id!(
    /// An article.
    ArticleId,
    "art_"
);
make_id!(
    /// An intent: the name that its owner gave it.
    IntentId,
    "",
    is_intent_name
);

impl ConversationId {
    /// From the hex form of the Room's Durable Object id.
    pub fn from_object_id(hex: &str) -> Result<Self, InvalidId> {
        if is_object_id(hex) { Ok(ConversationId(format!("cnv_{hex}"))) } else { Err(InvalidId) }
    }

    /// Of no conversation, and before every other one.
    pub fn least() -> Self {
        ConversationId(format!("cnv_{}", "0".repeat(64)))
    }

    /// The hex form of the Room's Durable Object id.
    pub fn object_id(&self) -> &str {
        self.0.strip_prefix("cnv_").unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_refuse_others() {
        let mut entropy = Entropy::new(7);
        let agent = AgentId::draw(&mut entropy);
        assert_eq!(AgentId::parse(agent.as_str()), Ok(agent.clone()));
        assert_ne!(agent, AgentId::draw(&mut entropy));
        let wrong = [
            "",
            "agt_",
            "agt_short",
            "vis_aaaaaaaaaaaaaaaa",
            "agt_AAAAAAAAAAAAAAAA",
            "agt_aaaaaaaaaaaaaaa1",
            " agt_aaaaaaaaaaaaaaaa",
        ];
        for text in wrong {
            assert_eq!(AgentId::parse(text), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn intents_have_names_of_their_owners() {
        for text in ["a", "order_status", "2fa", "_", &"x".repeat(40)] {
            assert_eq!(IntentId::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "Order", "order-status", "订单", "a b", "a\0", "ａ", &"x".repeat(41)] {
            assert_eq!(IntentId::parse(text), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn conversation_ids_carry_the_object_id() {
        let hex = "0123456789abcdef".repeat(4);
        let id = ConversationId::from_object_id(&hex).unwrap();
        assert_eq!(id.object_id(), hex);
        assert_eq!(ConversationId::parse(id.as_str()), Ok(id));
        assert_eq!(ConversationId::from_object_id("../secret"), Err(InvalidId));
    }
}
