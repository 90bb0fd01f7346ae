//! Every kind of token at every door (INV-14): one that was changed opens nothing, one of another kind opens nothing, and
//! whatever somebody with the key might sign is either refused or means one thing only.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded as Base64, Encoding as _};
use bellhop::core::{
    auth::{Keys, LinkToken, OpsKey, Session, TokenError, Visitor},
    id::{AgentId, ConversationId, Entropy, SessionId, SiteId, VisitorId, WorkspaceId},
    limits::{CLOCK_SKEW, IDENTITY_LIFE, OPS_TOKEN_LIFE, VISITOR_TOKEN_LIFE},
    principal::{AgentPrincipal, Identity, Principal, Role},
    time::{MINUTE, SECOND, Timestamp},
};
use hmac::{Hmac, Mac as _};
use serde::{
    Deserializer as _,
    de::{IgnoredAny, MapAccess, Visitor as Reader},
};
use sha2::Sha256;

use crate::bytes::Bytes;

const NOW: Timestamp = Timestamp(1_795_635_296_000);
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const OPS: &str = "IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE";

/// A door, with the key and the two names that its tokens carry.
struct Kind {
    typ: &'static str,
    audience: &'static str,
    signed_by: Signer,
}

/// Whose key it is.
enum Signer {
    /// Ours, derived for this use.
    Us(&'static [u8]),
    /// The operator's own.
    Ops,
    /// The one that a site's server is given.
    Site,
}

const KINDS: [Kind; 5] = [
    Kind { typ: "bh-visitor+jwt", audience: "bellhop/session", signed_by: Signer::Us(b"bellhop/visitor") },
    Kind { typ: "bh-ticket+jwt", audience: "bellhop/socket", signed_by: Signer::Us(b"bellhop/ticket") },
    Kind { typ: "bh-session+jwt", audience: "bellhop/api", signed_by: Signer::Us(b"bellhop/session") },
    Kind { typ: "bh-ops+jwt", audience: "bellhop", signed_by: Signer::Ops },
    Kind { typ: "JWT", audience: "bellhop/identity", signed_by: Signer::Site },
];

/// Of the site whose server signs.
const SERIAL: u64 = 3;

fn site() -> SiteId {
    SiteId::draw(&mut Entropy::new(7))
}

/// The first byte says how the token came to be.
pub fn play(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    let doors = Doors::new();
    match bytes.below(4) {
        0 => doors.anything(&String::from_utf8_lossy(bytes.rest())),
        1 => doors.changed(bytes),
        2 => doors.signed(bytes),
        _ => doors.link(bytes),
    }
}

/// What a door says: the meaning of the token as text.
type Verdict = Result<String, TokenError>;

struct Doors {
    keys: Keys,
    ops: OpsKey,
}

impl Doors {
    fn new() -> Self {
        Doors { keys: Keys::new(SECRET, None).expect("a good secret"), ops: OpsKey::new(OPS).expect("a good key") }
    }

    fn knock(&self, door: usize, text: &str, now: Timestamp) -> Verdict {
        match door {
            0 => self.keys.visitor(text, now).map(|it| format!("{it:?}")),
            1 => {
                let opened = self.keys.open_ticket(text, now);
                assert_eq!(self.keys.ticket(text, now), opened.clone().map(|it| it.principal), "two ways, two answers");
                opened.map(|it| format!("{it:?}"))
            }
            2 => self.keys.session(text, now).map(|it| format!("{:?}", it.session)),
            3 => self.ops.verify(text, now).map(|()| String::new()),
            // One that is over says only who this was.
            _ => match self.keys.identity(&site(), SERIAL, text, now).map_err(TokenError::unnamed)? {
                proven if proven.is_over => Err(TokenError::Expired),
                proven => Ok(format!("{:?}", proven.identity)),
            },
        }
    }

    /// Nobody has signed this.
    fn anything(&self, text: &str) {
        for door in 0..KINDS.len() {
            assert_eq!(self.knock(door, text, NOW), Err(TokenError::Refused), "{text:?} at door {door}");
        }
    }

    /// A token that we have made, of any kind, with a text of somebody else's in it.
    fn made(&self, kind: usize, name: &str, entropy: &mut Entropy) -> String {
        let visitor = Visitor {
            workspace: WorkspaceId::draw(entropy),
            site: SiteId::draw(entropy),
            visitor: VisitorId::draw(entropy),
            conversation: ConversationId::from_object_id(&"0a".repeat(32)).expect("an id"),
            subject: name.to_owned(),
        };
        let end = NOW.plus(10 * MINUTE);
        let (agent, session, generation) = (AgentId::draw(entropy), SessionId::draw(entropy), entropy.next_u64() >> 12);
        let workspace = visitor.workspace.clone();
        let identity = Some(Identity { subject: name.to_owned(), name: name.to_owned(), ..Identity::default() });
        let token = match kind {
            0 => self.keys.sign_visitor(&visitor, NOW),
            1 if generation.is_multiple_of(2) => self.keys.sign_ticket(
                &Principal::Visitor(visitor.principal(generation, identity, false, end)),
                name,
                NOW,
            ),
            1 => {
                let (name, role) = (name.to_owned(), Role::Agent);
                let picture = String::new();
                let agent =
                    AgentPrincipal { workspace, agent, name, picture, role, session, generation, expires_at: end };
                self.keys.sign_ticket(&Principal::Agent(agent), "", NOW)
            }
            2 => self.keys.sign_session(&Session { workspace, agent, session, generation }, NOW, end),
            3 => {
                let (from, until) = (NOW.0 / SECOND, (NOW.0 + OPS_TOKEN_LIFE) / SECOND);
                let claims = format!("{{\"iat\":{from},\"exp\":{until},\"aud\":\"bellhop\"}}");
                Some(self.sign(3, "{\"alg\":\"HS256\",\"typ\":\"bh-ops+jwt\"}", &claims))
            }
            _ => {
                let claims = serde_json::json!({
                    "aud": "bellhop/identity", "sub": "42", "iat": NOW.0 / SECOND, "exp": (NOW.0 + IDENTITY_LIFE) / SECOND,
                    "name": name, "email": "ann@shop.example", "level": generation % 12,
                });
                Some(self.sign(4, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", &claims.to_string()))
            }
        };
        token.expect("a token")
    }

    /// One of ours is good at its own door alone, and no change to it goes unseen.
    fn changed(&self, mut bytes: Bytes<'_>) {
        let (kind, other) = (bytes.below(KINDS.len()), bytes.below(KINDS.len()));
        let name = bytes.text();
        let mut entropy = Entropy::new(u128::from(bytes.byte()));
        let (token, second) = (self.made(kind, &name, &mut entropy), self.made(other, &name, &mut entropy));
        let meaning = self.knock(kind, &token, NOW);
        // A long name makes a ticket too long to be read; then it is refused, and so is whatever is made of it.
        assert!(meaning.is_ok() || token.len() > 2_048, "{token} is refused at its own door");
        for door in (0..KINDS.len()).filter(|door| *door != kind) {
            assert_eq!(self.knock(door, &token, NOW), Err(TokenError::Refused), "{token} opens door {door}");
        }
        // What one site has signed, or signed before its secret was renewed, is nothing to another.
        let elsewhere = SiteId::draw(&mut entropy);
        for (site, serial) in [(&elsewhere, SERIAL), (&site(), SERIAL - 1), (&site(), SERIAL + 1)] {
            assert_eq!(self.keys.identity(site, serial, &token, NOW), Err(TokenError::Refused), "{token} of {site}");
        }
        let ahead = if kind == 0 { VISITOR_TOKEN_LIFE } else { CLOCK_SKEW };
        for now in [NOW.plus(-ahead - SECOND), NOW.plus(400 * 24 * 60 * MINUTE)] {
            assert!(self.knock(kind, &token, now).is_err(), "{token} at {now:?}");
        }
        let altered = altered(&token, &second, &mut bytes);
        if altered == token {
            return;
        }
        for door in 0..KINDS.len() {
            match self.knock(door, &altered, NOW) {
                Err(_) => {}
                Ok(meant) if altered == second => {
                    assert_eq!((door, Ok(meant)), (other, self.knock(other, &second, NOW)))
                }
                // Another way to write the same: what was signed is the same text to the byte.
                Ok(meant) => {
                    assert_eq!((door, Ok(meant)), (kind, meaning.clone()), "{altered} was {token}");
                    assert_eq!(altered.rsplit_once('.').map(|it| it.0), token.rsplit_once('.').map(|it| it.0));
                }
            }
        }
    }

    /// Signed with the right key, with any header and claims: what is let in has our header, this door's audience, each
    /// claim once, and a life that has begun and is not over.
    fn signed(&self, mut bytes: Bytes<'_>) {
        let (door, key) = (bytes.below(KINDS.len()), bytes.below(KINDS.len()));
        let header = match bytes.below(3) {
            0 => String::from_utf8_lossy(bytes.piece()).into_owned(),
            _ => format!("{{\"alg\":\"HS256\",\"typ\":\"{}\"}}", KINDS[door].typ),
        };
        let claims = match bytes.below(3) {
            0 => String::from_utf8_lossy(bytes.rest()).into_owned(),
            _ => self.claims(door, bytes),
        };
        let token = self.sign(key, &header, &claims);
        let verdict = self.knock(door, &token, NOW);
        if verdict.is_err() {
            return;
        }
        assert_eq!(key, door, "{claims} by the key of {key} opens door {door}");
        let header: serde_json::Value = serde_json::from_str(&header).expect("a header is JSON");
        assert_eq!(header, serde_json::json!({ "alg": "HS256", "typ": KINDS[door].typ }));
        assert!(names_once(&claims), "a claim is given twice: {claims}");
        let claims: serde_json::Value = serde_json::from_str(&claims).expect("claims are JSON");
        assert_eq!(claims["aud"], KINDS[door].audience);
        let number = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name} is no number: {claims}"));
        let (from, until) = (number("iat") * SECOND, number("exp").saturating_mul(SECOND));
        assert!(from <= NOW.0 + CLOCK_SKEW && NOW.0 < until, "{claims}");
        assert!(claims["nbf"].is_null() || number("nbf") * SECOND <= NOW.0 + CLOCK_SKEW, "{claims}");
        assert!(door != 3 || until - from <= OPS_TOKEN_LIFE, "{claims}");
        assert!(door != 4 || until - from <= IDENTITY_LIFE, "{claims}");
        assert!(door != 4 || claims["sub"].as_str().is_some_and(|who| !who.trim().is_empty()), "{claims}");
    }

    /// Claims of one of our tokens, some of them changed, doubled or left out.
    fn claims(&self, door: usize, mut bytes: Bytes<'_>) -> String {
        let token = self.made(door, "Ann", &mut Entropy::new(u128::from(bytes.byte())));
        let payload = token.split('.').nth(1).unwrap_or_default();
        let payload = Base64::decode_vec(payload).expect("our own");
        let good: serde_json::Value = serde_json::from_slice(&payload).expect("our own");
        let mut members: Vec<(String, String)> = good
            .as_object()
            .expect("an object")
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect();
        for _ in 0..bytes.below(4) {
            let place = bytes.below(members.len());
            match bytes.below(5) {
                0 => drop(members.remove(place)),
                1 => members.push(members[place].clone()),
                2 => members[place].1 = String::from_utf8_lossy(bytes.piece()).into_owned(),
                3 => members[place].1 = (bytes.number() as i64).to_string(),
                _ => members.push((bytes.text(), "1".to_owned())),
            }
            if members.is_empty() {
                break;
            }
        }
        let members: Vec<String> = members
            .iter()
            .map(|(name, value)| format!("{}:{value}", serde_json::Value::String(name.clone())))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    /// As whoever has the key of that kind can.
    fn sign(&self, kind: usize, header: &str, claims: &str) -> String {
        let key = match KINDS[kind].signed_by {
            Signer::Us(label) => mac(&Base64::decode_vec(SECRET).expect("base64url"), label),
            Signer::Ops => OPS.as_bytes().to_vec(),
            Signer::Site => self.keys.identity_secret(&site(), SERIAL).into_bytes(),
        };
        let text = format!("{}.{}", Base64::encode_string(header.as_bytes()), Base64::encode_string(claims.as_bytes()));
        format!("{text}.{}", Base64::encode_string(&mac(&key, text.as_bytes())))
    }

    /// The secret of a link: what `draw` could have made and nothing else, and no two of them are stored alike.
    fn link(&self, mut bytes: Bytes<'_>) {
        let mut bits = [0; 32];
        bits.iter_mut().for_each(|bit| *bit = bytes.byte());
        let token = LinkToken::draw(bits);
        let text = String::from_utf8_lossy(bytes.rest()).into_owned();
        assert!(LinkToken::parse(token.as_str()).as_ref() == Some(&token));
        if let Some(parsed) = LinkToken::parse(&text) {
            let bytes = Base64::decode_vec(&text).expect("base64url");
            assert!(LinkToken::draw(bytes.try_into().expect("32 bytes")) == parsed, "{text:?}");
            let same = parsed == token;
            assert_eq!(self.keys.link_hash(&parsed) == self.keys.link_hash(&token), same);
            assert_eq!(self.keys.link_hashes(&parsed).0, self.keys.link_hash(&parsed));
        }
        self.anything(token.as_str());
    }
}

/// One change, or several: bytes, whole parts, other ways to write the same.
fn altered(token: &str, second: &str, bytes: &mut Bytes<'_>) -> String {
    let mut text = token.as_bytes().to_vec();
    for _ in 0..=bytes.below(3) {
        let place = usize::from(bytes.byte()) * text.len() / 256;
        match bytes.below(9) {
            0 => text.iter_mut().skip(place).take(1).for_each(|byte| *byte = bytes.byte()),
            1 => text.insert(place, bytes.byte()),
            2 if !text.is_empty() => drop(text.remove(place)),
            3 => text.truncate(place),
            4 => text.extend(bytes.piece()),
            // Parts of the other token.
            5 => {
                let from: Vec<&str> = second.split('.').collect();
                let part = bytes.below(3);
                let own = String::from_utf8_lossy(&text).into_owned();
                let mut parts: Vec<&str> = own.split('.').collect();
                if let (Some(slot), Some(other)) = (parts.get_mut(part), from.get(part)) {
                    *slot = other;
                }
                text = parts.join(".").into_bytes();
            }
            // Bits of the last character that stand for nothing.
            6 => text.iter_mut().rev().take(1).for_each(|byte| *byte = byte.wrapping_add(1)),
            7 => text.push(b'='),
            _ => {
                let own = String::from_utf8_lossy(&text).into_owned();
                let mut parts: Vec<String> = own.split('.').map(str::to_owned).collect();
                if let Some(header) = parts.first_mut() {
                    *header = Base64::encode_string(bytes.piece());
                }
                text = parts.join(".").into_bytes();
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Every claim that some door reads; others are ignored, however often they are given.
const CLAIMS: [&str; 18] = [
    "aud",
    "iat",
    "exp",
    "nbf",
    "kind",
    "workspace",
    "site",
    "visitor",
    "conversation",
    "generation",
    "origin",
    "agent",
    "name",
    "role",
    "session",
    "sub",
    "email",
    "level",
];

/// No claim stands twice in this object.
fn names_once(json: &str) -> bool {
    struct Names;
    impl<'de> Reader<'de> for Names {
        type Value = bool;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let (mut names, mut once) = (BTreeSet::new(), true);
            while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
                once &= !CLAIMS.contains(&name.as_str()) || names.insert(name);
            }
            Ok(once)
        }
    }
    serde_json::Deserializer::from_str(json).deserialize_map(Names).unwrap_or(false)
}
