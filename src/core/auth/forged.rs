//! Forged tokens: one table, tried at the door of every kind. Most are signed with the right key, so that each has to
//! be refused for what is wrong with it and not for its signature.

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{
    keys::Use,
    tests::{NOW, agent_principal, craft, keys, ops, secret, session, visitor, visitor_principal},
    *,
};
use crate::core::{
    id::{Entropy, WorkspaceId},
    limits::TOKEN_CHARS,
    time::{DAY, SECOND},
};

/// A door: what it takes, and what it says to a token.
struct Door {
    name: &'static str,
    good: String,
    typ: &'static str,
    aud: &'static str,
    key: Vec<u8>,
    /// Keys of the other doors.
    others: Vec<Vec<u8>>,
    /// `typ` and `aud` of another one.
    stranger: (&'static str, &'static str),
    opens: fn(&str) -> Option<TokenError>,
}

fn signed_identity() -> String {
    let now = NOW.0 / SECOND;
    let claims =
        json!({"iat": now, "exp": now + 3_600, "aud": "bellhop/identity", "sub": "42", "name": "Ada", "level": 2});
    let secret = keys().identity_secret(&visitor().site, 1);
    craft(secret.as_bytes(), r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

fn key_of(purpose: Use) -> Vec<u8> {
    keys().signing(purpose).as_ref().to_vec()
}

fn doors() -> Vec<Door> {
    let uses = [Use::Session, Use::Visitor, Use::Ticket, Use::Link, Use::Login, Use::Identity];
    let others = |own: Option<Use>| -> Vec<Vec<u8>> {
        let derived = uses.into_iter().filter(|purpose| Some(*purpose) != own).map(key_of);
        derived.chain(own.is_some().then(|| secret(9).into_bytes())).collect()
    };
    let ticket = |name, principal| Door {
        name,
        good: keys().sign_ticket(&principal, "https://shop.example", NOW).unwrap(),
        typ: "bh-ticket+jwt",
        aud: "bellhop/socket",
        key: key_of(Use::Ticket),
        others: others(Some(Use::Ticket)),
        stranger: ("bh-session+jwt", "bellhop/api"),
        opens: |text| keys().ticket(text, NOW).err(),
    };
    vec![
        ticket("visitor ticket", visitor_principal()),
        ticket("agent ticket", agent_principal()),
        Door {
            name: "visitor token",
            good: keys().sign_visitor(&visitor(), NOW).unwrap(),
            typ: "bh-visitor+jwt",
            aud: "bellhop/session",
            key: key_of(Use::Visitor),
            others: others(Some(Use::Visitor)),
            stranger: ("bh-ticket+jwt", "bellhop/socket"),
            opens: |text| keys().visitor(text, NOW).err(),
        },
        Door {
            name: "session",
            good: keys().sign_session(&session(), NOW, NOW.plus(DAY)).unwrap(),
            typ: "bh-session+jwt",
            aud: "bellhop/api",
            key: key_of(Use::Session),
            others: others(Some(Use::Session)),
            stranger: ("bh-visitor+jwt", "bellhop/session"),
            opens: |text| keys().session(text, NOW).err(),
        },
        Door {
            name: "identity",
            good: signed_identity(),
            typ: "JWT",
            aud: "bellhop/identity",
            key: keys().identity_secret(&visitor().site, 1).into_bytes(),
            others: others(None),
            stranger: ("bh-ticket+jwt", "bellhop/socket"),
            opens: |text| match keys().identity(&visitor().site, 1, text, NOW) {
                Ok(proven) => proven.is_over.then_some(TokenError::Expired),
                Err(error) => Some(error.unnamed()),
            },
        },
        Door {
            name: "scripts",
            good: ops(300),
            typ: "bh-ops+jwt",
            aud: "bellhop",
            key: secret(9).into_bytes(),
            others: others(None),
            stranger: ("bh-session+jwt", "bellhop/api"),
            opens: |text| OpsKey::new(&secret(9)).unwrap().verify(text, NOW).err(),
        },
    ]
}

fn encode(text: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(text.as_ref())
}

fn decoded(part: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(part).unwrap()
}

impl Door {
    fn parts(&self) -> Vec<&str> {
        self.good.split('.').collect()
    }

    fn claims(&self) -> Value {
        serde_json::from_slice(&decoded(self.parts()[1])).unwrap()
    }

    fn text(&self) -> String {
        self.claims().to_string()
    }

    fn header(&self) -> String {
        format!(r#"{{"alg":"HS256","typ":"{}"}}"#, self.typ)
    }

    /// Signed with the right key.
    fn signed(&self, header: &str, claims: &str) -> String {
        craft(&self.key, header, claims)
    }

    /// Another header; `%` stands for this door's `typ`.
    fn head(&self, header: &str) -> String {
        self.signed(&header.replace('%', self.typ), &self.text())
    }

    /// Other claims.
    fn with(&self, name: &str, value: impl Into<Value>) -> String {
        let mut changed = self.claims();
        changed[name] = value.into();
        self.signed(&self.header(), &changed.to_string())
    }

    fn without(&self, name: &str) -> String {
        let mut changed = self.claims();
        changed.as_object_mut().unwrap().remove(name).unwrap();
        self.signed(&self.header(), &changed.to_string())
    }

    /// A member before the others, as JSON text.
    fn before(&self, member: &str) -> String {
        self.signed(&self.header(), &format!("{{{member},{}", &self.text()[1..]))
    }

    /// A member behind them.
    fn behind(&self, member: &str) -> String {
        let text = self.text();
        self.signed(&self.header(), &format!("{},{member}}}", &text[..text.len() - 1]))
    }

    /// A good signature over parts that are written in another way than ours.
    fn over(&self, header: &str, claims: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap();
        mac.update(format!("{header}.{claims}").as_bytes());
        format!("{header}.{claims}.{}", encode(mac.finalize().into_bytes()))
    }

    fn with_384(&self) -> String {
        let text = format!("{}.{}", encode(self.header().replace("HS256", "HS384")), self.parts()[1]);
        let mut mac = Hmac::<Sha384>::new_from_slice(&self.key).unwrap();
        mac.update(text.as_bytes());
        format!("{text}.{}", encode(mac.finalize().into_bytes()))
    }

    fn with_512(&self) -> String {
        let text = format!("{}.{}", encode(self.header().replace("HS256", "HS512")), self.parts()[1]);
        let mut mac = Hmac::<Sha512>::new_from_slice(&self.key).unwrap();
        mac.update(text.as_bytes());
        format!("{text}.{}", encode(mac.finalize().into_bytes()))
    }
}

/// Algorithms and headers.
fn by_header(door: &Door) -> Vec<(&'static str, String)> {
    let parts = door.parts();
    let none = encode(format!(r#"{{"alg":"none","typ":"{}"}}"#, door.typ));
    let (typ, _) = door.stranger;
    vec![
        ("alg none, no signature", format!("{none}.{}.", parts[1])),
        ("alg none, our signature", format!("{none}.{}.{}", parts[1], parts[2])),
        ("alg none, signed", door.head(r#"{"alg":"none","typ":"%"}"#)),
        ("alg None", door.head(r#"{"alg":"None","typ":"%"}"#)),
        ("alg hs256 in lower case", door.head(r#"{"alg":"hs256","typ":"%"}"#)),
        ("alg with a blank", door.head(r#"{"alg":"HS256 ","typ":"%"}"#)),
        ("alg HS384 with our key", door.with_384()),
        ("alg HS512 with our key", door.with_512()),
        ("alg EdDSA over our signature", door.head(r#"{"alg":"EdDSA","typ":"%"}"#)),
        ("alg RS256 over our signature", door.head(r#"{"alg":"RS256","typ":"%"}"#)),
        ("alg null", door.head(r#"{"alg":null,"typ":"%"}"#)),
        ("alg as a list", door.head(r#"{"alg":["HS256"],"typ":"%"}"#)),
        ("no alg", door.head(r#"{"typ":"%"}"#)),
        ("alg twice", door.head(r#"{"alg":"none","alg":"HS256","typ":"%"}"#)),
        ("no typ", door.head(r#"{"alg":"HS256"}"#)),
        ("typ JWT", door.head(r#"{"alg":"HS256","typ":"JWT"}"#)),
        ("typ of another kind", door.head(&format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#))),
        ("typ in capitals", door.head(&format!(r#"{{"alg":"HS256","typ":"{}"}}"#, door.typ.to_uppercase()))),
        ("typ with its media type", door.head(r#"{"alg":"HS256","typ":"application/%"}"#)),
        ("typ twice", door.head(r#"{"alg":"HS256","typ":"JWT","typ":"%"}"#)),
        ("crit", door.head(r#"{"alg":"HS256","typ":"%","crit":["x"],"x":1}"#)),
        ("crit empty", door.head(r#"{"alg":"HS256","typ":"%","crit":[]}"#)),
        ("b64 false", door.head(r#"{"alg":"HS256","typ":"%","b64":false,"crit":["b64"]}"#)),
        ("kid", door.head(r#"{"alg":"HS256","typ":"%","kid":"../../dev/null"}"#)),
        ("jku", door.head(r#"{"alg":"HS256","typ":"%","jku":"https://evil.example/keys"}"#)),
        ("jwk", door.head(r#"{"alg":"HS256","typ":"%","jwk":{"kty":"oct","k":""}}"#)),
        ("x5c", door.head(r#"{"alg":"HS256","typ":"%","x5c":["AA=="]}"#)),
        ("cty", door.head(r#"{"alg":"HS256","typ":"%","cty":"json"}"#)),
        ("zip", door.head(r#"{"alg":"HS256","typ":"%","zip":"DEF"}"#)),
        ("enc, as of an encrypted one", door.head(r#"{"alg":"HS256","typ":"%","enc":"A128GCM"}"#)),
        ("header is a list", door.head(r#"["HS256","%"]"#)),
        ("header is text", door.head("HS256")),
        ("header is empty", door.head("{}")),
        ("header with a mark before it", door.head("\u{feff}{\"alg\":\"HS256\",\"typ\":\"%\"}")),
        ("header twice", door.head(r#"{"alg":"HS256","typ":"%"}{"alg":"HS256","typ":"%"}"#)),
        ("header deep", door.head(&format!(r#"{{"alg":"HS256","typ":"%","x":{}}}"#, "[".repeat(600)))),
    ]
}

/// Keys that a forger may know.
fn by_key(door: &Door) -> Vec<(&'static str, String)> {
    let (header, text) = (door.header(), door.text());
    let key = |key: &[u8]| craft(key, &header, &text);
    let others = door.others.iter().map(|other| ("key of another kind", key(other)));
    let own = [
        ("empty key", key(b"")),
        ("zero key", key(&[0; 32])),
        ("the secret's text as key", key(secret(1).as_bytes())),
        ("the secret's bytes as key", key(&Sha256::digest([1]))),
        ("another deployment's key", key(&Sha256::digest(b"other"))),
        ("a public key as secret", key(b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA")),
        ("the issuer's name as key", key(b"bellhop")),
        ("the key twice", key(&door.key.repeat(2))),
    ];
    others.chain(own).collect()
}

/// Shapes and encodings.
fn by_shape(door: &Door) -> Vec<(&'static str, String)> {
    let (good, parts) = (&door.good, door.parts());
    let [head, body, tag] = [parts[0], parts[1], parts[2]];
    let mut flipped = decoded(tag);
    flipped[31] ^= 1;
    // The last character of 43 carries bits that mean nothing: only the canonical one is taken.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(&tag[42..]).unwrap();
    let loose = format!("{head}.{body}.{}{}", &tag[..42], alphabet.as_bytes()[place ^ 1] as char);
    let long = door.with("more", "x".repeat(TOKEN_CHARS));
    vec![
        ("nothing", String::new()),
        ("one part", head.into()),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.x")),
        ("a dot behind", format!("{good}.")),
        ("a dot before", format!(".{good}")),
        ("two dots", format!("{head}..{body}.{tag}")),
        ("only dots", "..".into()),
        ("five parts, as of an encrypted one", format!("{head}..{body}.{body}.{tag}")),
        ("no signature", format!("{head}.{body}.")),
        ("no claims", format!("{head}..{tag}")),
        ("cut signature", good[..good.len() - 4].into()),
        ("a longer signature", format!("{good}AAAA")),
        ("a flipped bit", format!("{head}.{body}.{}", encode(&flipped))),
        ("a signature of zeros", format!("{head}.{body}.{}", encode([0; 32]))),
        ("loose last character", loose),
        ("padded", format!("{good}=")),
        ("padded parts", door.over(&format!("{head}="), &format!("{body}="))),
        ("standard alphabet", format!("{head}.{body}.{}A", "+/".repeat(21))),
        ("claims in the standard alphabet", {
            let text = format!(r#"{},"more":"???>>>"}}"#, &door.text()[..door.text().len() - 1]);
            let standard = Base64::encode_string(text.as_bytes()).trim_end_matches('=').to_owned();
            assert!(standard.contains(['+', '/']), "{standard}");
            door.over(head, &standard)
        }),
        ("space before", format!(" {good}")),
        ("space behind", format!("{good} ")),
        ("line break behind", format!("{good}\n")),
        ("line break inside", format!("{head}\n.{body}.{tag}")),
        ("line break inside, signed", door.over(&format!("{head}\n"), body)),
        ("a zero byte", format!("{good}\0")),
        ("full-width letters", format!("{head}.{body}.{}", tag.replace(&tag[..1], "Ａ"))),
        ("full-width dots", format!("{head}．{body}．{tag}")),
        ("letters that are no text", door.over(head, &encode(b"\xff\xfe{}"))),
        ("huge", "a".repeat(1 << 20)),
        ("too long", long),
        ("as a header says it", format!("Bearer {good}")),
        ("quoted", format!("\"{good}\"")),
        ("percent signs", good.replace('.', "%2E")),
    ]
}

/// What the claims say.
fn by_claims(door: &Door) -> Vec<(&'static str, String)> {
    let now = NOW.0 / SECOND;
    let text = door.text();
    let signed = |claims: &str| door.signed(&door.header(), claims);
    let (_, aud) = door.stranger;
    vec![
        ("claims are text", signed("\"claims\"")),
        ("claims are a list", signed("[]")),
        ("claims are null", signed("null")),
        ("claims are empty", signed("{}")),
        ("claims are cut", signed(&text[..text.len() - 1])),
        ("claims twice", signed(&format!("{text}{text}"))),
        ("a mark before the claims", signed(&format!("\u{feff}{text}"))),
        ("claims deep", door.behind(&format!("\"more\":{}{}", "[".repeat(400), "]".repeat(400)))),
        ("no aud", door.without("aud")),
        ("aud empty", door.with("aud", "")),
        ("aud null", door.with("aud", Value::Null)),
        ("aud of another kind", door.with("aud", aud)),
        ("aud as a list", door.with("aud", json!([door.aud]))),
        ("aud twice", door.before(&format!("\"aud\":\"{}\"", door.aud))),
        ("aud with a slash", door.with("aud", format!("{}/", door.aud))),
        ("no exp", door.without("exp")),
        ("exp null", door.with("exp", Value::Null)),
        ("exp as text", door.with("exp", (now + 60).to_string())),
        ("exp as a huge fraction", door.with("exp", 1e300)),
        ("exp as a list", door.with("exp", json!([now + 60]))),
        ("exp true", door.with("exp", true)),
        ("exp beyond JavaScript", door.with("exp", (1_u64 << 53) + 1)),
        ("exp beyond a machine", door.with("exp", u64::MAX)),
        ("exp the last second there is", door.with("exp", i64::MAX)),
        ("exp in a thousand years", door.with("exp", now + 31_557_600_000)),
        ("exp negative", door.with("exp", -1)),
        ("exp twice", door.before("\"exp\":9999999999")),
        ("exp twice, the good one first", door.behind("\"exp\":9999999999")),
        ("exp before iat", door.with("exp", now - 1)),
        ("no iat", door.without("iat")),
        ("iat in the future", door.with("iat", now + 120)),
        ("iat negative", door.with("iat", -1)),
        ("iat zero", door.with("iat", 0)),
        ("iat as a huge fraction", door.with("iat", -1e300)),
        ("iat as text", door.with("iat", now.to_string())),
        ("iat beyond a machine", door.with("iat", i64::MIN)),
        ("iat twice", door.before(&format!("\"iat\":{now}"))),
        ("nbf in the future", door.with("nbf", now + 120)),
        ("nbf as text", door.with("nbf", "soon")),
    ]
}

#[test]
fn inv_14_forged_tokens_are_refused_at_every_door() {
    let mut tried = 0;
    for door in doors() {
        let ours = door.signed(&door.header(), &door.text());
        assert_eq!((door.opens)(&ours), None, "{}: the forger's tool itself works", door.name);
        let tables = [by_header(&door), by_key(&door), by_shape(&door), by_claims(&door)];
        // What libraries write by themselves is what a site signs with.
        let is_good = |what: &&str| door.typ == "JWT" && ["typ JWT", "typ in capitals"].contains(what);
        // A visitor's of a clock that has been put back since is ours all the same.
        let is_early = |what: &&str| door.name == "visitor token" && what.ends_with(" in the future");
        for (what, token) in tables.iter().flatten().filter(|(what, _)| !is_good(what) && !is_early(what)) {
            assert_eq!((door.opens)(token), Some(TokenError::Refused), "{}: {what}", door.name);
            tried += 1;
        }
    }
    assert!(tried >= 25 * 5);
    println!("{tried} forged tokens at {} doors", doors().len());
}

/// Claims that only one kind has.
#[test]
fn inv_14_what_only_one_kind_says_is_checked_too() {
    let doors = doors();
    let named = |name: &str| doors.iter().find(|door| door.name == name).unwrap();
    let other_workspace = WorkspaceId::draw(&mut Entropy::new(77));
    let workspace = format!("\"workspace\":\"{other_workspace}\"");
    let (visitors, agents) = (named("visitor ticket"), named("agent ticket"));
    let (token, session) = (named("visitor token"), named("session"));
    let forged = [
        (visitors, "workspace twice", visitors.before(&workspace)),
        (visitors, "kind twice", visitors.before(r#""kind":"agent""#)),
        (visitors, "an agent without a role", visitors.with("kind", "agent")),
        (visitors, "kind unknown", visitors.with("kind", "bot")),
        (visitors, "no kind", visitors.without("kind")),
        (visitors, "id of another kind", visitors.with("visitor", "agt_aaaaaaaaaaaaaaaa")),
        (visitors, "conversation is a path", visitors.with("conversation", "cnv_../../x")),
        (visitors, "generation negative", visitors.with("generation", -1)),
        (visitors, "generation a fraction", visitors.with("generation", 1.5)),
        (agents, "a visitor without a site", agents.with("kind", "visitor")),
        (agents, "role unknown", agents.with("role", "root")),
        (agents, "role in capitals", agents.with("role", "Owner")),
        (agents, "role twice", agents.before(r#""role":"owner""#)),
        (agents, "no session", agents.without("session")),
        (agents, "agent null", agents.with("agent", Value::Null)),
        (token, "workspace twice", token.behind(&workspace)),
        (token, "no conversation", token.without("conversation")),
        (token, "site of another kind", token.with("site", "vis_aaaaaaaaaaaaaaaa")),
        (session, "workspace twice", session.before(&workspace)),
        (session, "no generation", session.without("generation")),
        (session, "generation as text", session.with("generation", "7")),
        (session, "session in capitals", session.with("session", "SES_AAAAAAAAAAAAAAAA")),
    ];
    for (door, what, token) in &forged {
        assert_eq!((door.opens)(token), Some(TokenError::Refused), "{}: {what}", door.name);
    }
}
