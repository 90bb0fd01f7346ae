//! Every kind of token against every door, and a table of forged ones.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384};

use super::{
    keys::{Keys, Use},
    *,
};
use crate::core::{
    id::{AgentId, ConversationId, Entropy, SessionId, SiteId, VisitorId, WorkspaceId},
    limits::{SESSION_IDLE, SESSION_LIFE, TICKET_LIFE, TOKEN_CHARS, VISITOR_TOKEN_LIFE},
    principal::{AgentPrincipal, Principal, Role},
    time::{DAY, HOUR, MINUTE, SECOND, Timestamp},
};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn secret(seed: u8) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest([seed]))
}

fn keys() -> Keys {
    Keys::new(&secret(1), None).unwrap()
}

fn visitor() -> Visitor {
    let mut entropy = Entropy::new(3);
    Visitor {
        workspace: WorkspaceId::draw(&mut entropy),
        site: SiteId::draw(&mut entropy),
        visitor: VisitorId::draw(&mut entropy),
        conversation: ConversationId::from_object_id(&"0a".repeat(32)).unwrap(),
    }
}

fn visitor_principal() -> Principal {
    Principal::Visitor(visitor().principal(2, ticket_end(NOW, NOW.plus(DAY))))
}

fn agent_principal() -> Principal {
    let mut entropy = Entropy::new(4);
    Principal::Agent(AgentPrincipal {
        workspace: WorkspaceId::draw(&mut entropy),
        agent: AgentId::draw(&mut entropy),
        name: "李雷 \"Lei\"".into(),
        role: Role::Admin,
        session: SessionId::draw(&mut entropy),
        generation: 7,
        expires_at: NOW.plus(TICKET_LIFE),
    })
}

fn session() -> Session {
    let Principal::Agent(agent) = agent_principal() else { unreachable!() };
    Session { workspace: agent.workspace, agent: agent.agent, session: agent.session, generation: agent.generation }
}

fn record() -> SessionRecord {
    let session = session();
    SessionRecord {
        workspace: session.workspace,
        agent: session.agent,
        session_generation: session.generation,
        agent_generation: session.generation,
        is_active: true,
        expires_at: NOW.plus(SESSION_LIFE),
        name: "Lei".into(),
        role: Role::Agent,
    }
}

/// A token made by hand, so that it may be wrong in any way.
fn craft(key: &[u8], header: &str, claims: &str) -> String {
    let text = format!(
        "{}.{}",
        Base64UrlUnpadded::encode_string(header.as_bytes()),
        Base64UrlUnpadded::encode_string(claims.as_bytes())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()))
}

fn key_of(purpose: Use) -> Vec<u8> {
    keys().signing(purpose).as_ref().to_vec()
}

fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
}

#[test]
fn tokens_come_back_as_what_they_were_made_for() {
    let keys = keys();
    for principal in [visitor_principal(), agent_principal()] {
        let ticket = keys.sign_ticket(&principal, "https://shop.example", NOW).unwrap();
        assert!(ticket.len() < 800, "it goes into a header: {}", ticket.len());
        assert_eq!(keys.ticket(&ticket, NOW), Ok(principal.clone()));
        let origin = if matches!(principal, Principal::Visitor(_)) { "https://shop.example" } else { "" };
        assert_eq!(keys.open_ticket(&ticket, NOW), Ok(Opened { principal, origin: origin.into() }));
    }
    let token = keys.sign_visitor(&visitor(), NOW).unwrap();
    assert_eq!(keys.visitor(&token, NOW), Ok(visitor()));
    let cookie = keys.sign_session(&session(), NOW, NOW.plus(SESSION_LIFE)).unwrap();
    let expected = SessionToken { session: session(), is_stale: false };
    assert_eq!(keys.session(&cookie, NOW), Ok(expected.clone()));
    assert_eq!(keys.session(&cookie, NOW.plus(2 * HOUR)), Ok(SessionToken { is_stale: true, ..expected }));
    let key = OpsKey::new(&secret(9)).unwrap();
    assert_eq!(key.verify(&ops(300), NOW), Ok(()));
}

fn ops(life: i64) -> String {
    let now = NOW.0 / SECOND;
    let claims = json!({"aud": "bellhop", "iat": now, "exp": now + life}).to_string();
    craft(secret(9).as_bytes(), r#"{"alg":"HS256","typ":"bh-ops+jwt"}"#, &claims)
}

#[test]
fn each_token_ends() {
    let keys = keys();
    let ticket = keys.sign_ticket(&visitor_principal(), "https://shop.example", NOW).unwrap();
    let token = keys.sign_visitor(&visitor(), NOW).unwrap();
    let cookie = keys.sign_session(&session(), NOW, NOW.plus(SESSION_LIFE)).unwrap();
    let short = keys.sign_session(&session(), NOW, NOW.plus(MINUTE)).unwrap();
    let key = OpsKey::new(&secret(9)).unwrap();
    let check = |life: i64, ends: &dyn Fn(Timestamp) -> Option<TokenError>| {
        assert_eq!(ends(NOW.plus(life - 1)), None);
        assert_eq!(ends(NOW.plus(life)), Some(TokenError::Expired));
        assert_eq!(ends(NOW.plus(-2 * MINUTE)), Some(TokenError::Refused), "not made yet");
    };
    check(TICKET_LIFE, &|at| keys.ticket(&ticket, at).err());
    check(VISITOR_TOKEN_LIFE, &|at| keys.visitor(&token, at).err());
    check(SESSION_IDLE, &|at| keys.session(&cookie, at).err());
    check(MINUTE, &|at| keys.session(&short, at).err());
    check(5 * MINUTE, &|at| key.verify(&ops(300), at).err());
    assert_eq!(key.verify(&ops(301), NOW), Err(TokenError::Refused), "made for too long");
}

#[test]
fn inv_14_a_token_of_one_kind_is_refused_at_every_other_door() {
    let keys = keys();
    let ops_key = OpsKey::new(&secret(9)).unwrap();
    let tokens = [
        ("visitor", keys.sign_visitor(&visitor(), NOW).unwrap()),
        ("ticket", keys.sign_ticket(&visitor_principal(), "https://shop.example", NOW).unwrap()),
        ("session", keys.sign_session(&session(), NOW, NOW.plus(DAY)).unwrap()),
        ("ops", ops(60)),
    ];
    for (kind, token) in &tokens {
        let doors = [
            ("visitor", keys.visitor(token, NOW).is_ok()),
            ("ticket", keys.ticket(token, NOW).is_ok()),
            ("session", keys.session(token, NOW).is_ok()),
            ("ops", ops_key.verify(token, NOW).is_ok()),
        ];
        for (door, opened) in doors {
            assert_eq!(opened, door == *kind, "{kind} at {door}");
        }
    }
}

#[test]
fn rotation_verifies_with_the_previous_secret_and_never_signs_with_it() {
    let old = Keys::new(&secret(1), None).unwrap();
    let both = Keys::new(&secret(2), Some(&secret(1))).unwrap();
    let new = Keys::new(&secret(2), None).unwrap();
    let before = old.sign_ticket(&visitor_principal(), "https://shop.example", NOW).unwrap();
    let after = both.sign_ticket(&visitor_principal(), "https://shop.example", NOW).unwrap();
    assert!(both.ticket(&before, NOW).is_ok() && both.ticket(&after, NOW).is_ok());
    assert!(new.ticket(&before, NOW).is_err() && new.ticket(&after, NOW).is_ok());
    assert!(old.ticket(&after, NOW).is_err());
    let link = LinkToken::draw([5; 32]);
    let (current, previous) = both.link_hashes(&link);
    assert_eq!((current, previous), (new.link_hash(&link), old.link_hash(&link)));
}

#[test]
fn a_session_is_what_its_row_says_now() {
    let check = |change: &dyn Fn(&mut SessionRecord), expect: Option<TokenError>| {
        let mut record = record();
        change(&mut record);
        assert_eq!(session().principal(&record, NOW).err(), expect, "{record:?}");
    };
    check(&|_| {}, None);
    check(&|record| record.is_active = false, Some(TokenError::Refused));
    check(&|record| record.agent_generation += 1, Some(TokenError::Refused));
    check(&|record| record.session_generation -= 1, Some(TokenError::Refused));
    check(&|record| record.workspace = WorkspaceId::draw(&mut Entropy::new(99)), Some(TokenError::Refused));
    check(&|record| record.agent = AgentId::draw(&mut Entropy::new(99)), Some(TokenError::Refused));
    check(&|record| record.expires_at = NOW, Some(TokenError::Expired));
    let mut promoted = record();
    promoted.role = Role::Owner;
    assert_eq!(session().principal(&promoted, NOW).unwrap().role, Role::Owner, "the role of now, not of sign-in");
}

const HEADER: &str = r#"{"alg":"HS256","typ":"bh-ticket+jwt"}"#;

#[test]
fn forged_tickets_are_refused() {
    let keys = keys();
    let good = keys.sign_ticket(&visitor_principal(), "https://shop.example", NOW).unwrap();
    let claims = claims_of(&good).to_string();
    let key = key_of(Use::Ticket);
    let ours = craft(&key, HEADER, &claims);
    assert!(keys.ticket(&ours, NOW).is_ok(), "the forger's tool itself works");

    let with = |name: &str, value: Value| {
        let mut changed = claims_of(&good);
        changed[name] = value;
        craft(&key, HEADER, &changed.to_string())
    };
    let without = |name: &str| {
        let mut changed = claims_of(&good);
        changed.as_object_mut().unwrap().remove(name).unwrap();
        craft(&key, HEADER, &changed.to_string())
    };
    let head = |header: &str| craft(&key, header, &claims);
    let parts: Vec<&str> = good.split('.').collect();
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let none = encode(r#"{"alg":"none","typ":"bh-ticket+jwt"}"#);
    let mut flipped = Base64UrlUnpadded::decode_vec(parts[2]).unwrap();
    flipped[31] ^= 1;
    let flipped = Base64UrlUnpadded::encode_string(&flipped);
    let with_384 = {
        let text = format!("{}.{}", encode(r#"{"alg":"HS384","typ":"bh-ticket+jwt"}"#), parts[1]);
        let mut mac = Hmac::<Sha384>::new_from_slice(&key).unwrap();
        mac.update(text.as_bytes());
        format!("{text}.{}", Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()))
    };
    // The last character of 43 carries four bits that mean nothing: only the canonical one is taken.
    let loose: String = {
        let last = parts[2].chars().last().unwrap();
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let place = alphabet.find(last).unwrap();
        let other = alphabet.as_bytes()[place ^ 1] as char;
        format!("{}.{}.{}{other}", parts[0], parts[1], &parts[2][..42])
    };
    let doubled = |extra: &str| craft(&key, HEADER, &format!("{{{extra},{}", &claims[1..]));
    let other_workspace = WorkspaceId::draw(&mut Entropy::new(77));

    let forged: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.x")),
        ("only dots", "..".into()),
        ("alg none, no signature", format!("{none}.{}.", parts[1])),
        ("alg none, our signature", format!("{none}.{}.{}", parts[1], parts[2])),
        ("alg None", head(r#"{"alg":"None","typ":"bh-ticket+jwt"}"#)),
        ("alg hs256 in lower case", head(r#"{"alg":"hs256","typ":"bh-ticket+jwt"}"#)),
        ("alg HS384 with our key", with_384),
        ("alg EdDSA over our signature", head(r#"{"alg":"EdDSA","typ":"bh-ticket+jwt"}"#)),
        ("no alg", head(r#"{"typ":"bh-ticket+jwt"}"#)),
        ("alg twice", head(r#"{"alg":"none","alg":"HS256","typ":"bh-ticket+jwt"}"#)),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("cut signature", good[..good.len() - 4].into()),
        ("a flipped bit", format!("{}.{}.{flipped}", parts[0], parts[1])),
        ("loose last character", loose),
        ("padded", format!("{good}=")),
        ("standard alphabet", format!("{}.{}.{}", parts[0], parts[1], "+/".repeat(21) + "A")),
        ("space before", format!(" {good}")),
        ("line break inside", format!("{}\n.{}.{}", parts[0], parts[1], parts[2])),
        ("empty key", craft(b"", HEADER, &claims)),
        ("zero key", craft(&[0; 32], HEADER, &claims)),
        ("the secret itself as key", craft(secret(1).as_bytes(), HEADER, &claims)),
        ("key of visitor tokens", craft(&key_of(Use::Visitor), HEADER, &claims)),
        ("key of sessions", craft(&key_of(Use::Session), HEADER, &claims)),
        ("another deployment's key", craft(&Sha256::digest(b"other"), HEADER, &claims)),
        ("a public key as secret", craft(b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA", HEADER, &claims)),
        ("no typ", head(r#"{"alg":"HS256"}"#)),
        ("typ JWT", head(r#"{"alg":"HS256","typ":"JWT"}"#)),
        ("typ of a session", head(r#"{"alg":"HS256","typ":"bh-session+jwt"}"#)),
        ("typ in capitals", head(r#"{"alg":"HS256","typ":"BH-TICKET+JWT"}"#)),
        ("typ twice", head(r#"{"alg":"HS256","typ":"JWT","typ":"bh-ticket+jwt"}"#)),
        ("crit", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","crit":["x"],"x":1}"#)),
        ("b64 false", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","b64":false,"crit":["b64"]}"#)),
        ("kid", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","kid":"../../dev/null"}"#)),
        ("jku", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","jku":"https://evil.example/keys"}"#)),
        ("jwk", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","jwk":{"kty":"oct","k":""}}"#)),
        ("cty", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","cty":"json"}"#)),
        ("zip", head(r#"{"alg":"HS256","typ":"bh-ticket+jwt","zip":"DEF"}"#)),
        ("header is a list", head(r#"["HS256","bh-ticket+jwt"]"#)),
        ("header is text", head("HS256")),
        ("claims are text", craft(&key, HEADER, "\"claims\"")),
        ("claims are cut", craft(&key, HEADER, &claims[..claims.len() - 1])),
        ("no aud", without("aud")),
        ("aud of sessions", with("aud", json!("bellhop/api"))),
        ("aud as a list", with("aud", json!(["bellhop/socket"]))),
        ("no exp", without("exp")),
        ("exp null", with("exp", Value::Null)),
        ("exp as text", with("exp", json!("9999999999"))),
        ("exp without end", with("exp", json!(u64::MAX))),
        ("no iat", without("iat")),
        ("iat in the future", with("iat", json!(NOW.0 / SECOND + 120))),
        ("exp before iat", with("exp", json!(NOW.0 / SECOND - 1))),
        ("nbf in the future", with("nbf", json!(NOW.0 / SECOND + 120))),
        ("exp twice", doubled(r#""exp":9999999999"#)),
        ("workspace twice", doubled(&format!(r#""workspace":"{other_workspace}""#))),
        ("kind twice", doubled(r#""kind":"agent""#)),
        ("aud twice", doubled(r#""aud":"bellhop/socket""#)),
        ("an agent without a role", with("kind", json!("agent"))),
        ("kind unknown", with("kind", json!("bot"))),
        ("id of another kind", with("visitor", json!("agt_aaaaaaaaaaaaaaaa"))),
        ("conversation is a path", with("conversation", json!("cnv_../../x"))),
        ("generation negative", with("generation", json!(-1))),
        ("too long", with("padding", json!("x".repeat(TOKEN_CHARS)))),
    ];
    assert!(forged.len() >= 25);
    for (what, token) in &forged {
        assert_eq!(keys.ticket(token, NOW).err(), Some(TokenError::Refused), "{what}");
    }
}

#[test]
fn unreadable_bytes_never_panic() {
    let keys = keys();
    let good = keys.sign_ticket(&visitor_principal(), "https://shop.example", NOW).unwrap();
    let mut entropy = Entropy::new(11);
    for _ in 0..20_000 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=entropy.next_u64() % 3 {
            let place = entropy.next_u64() as usize % bytes.len();
            bytes[place] = (entropy.next_u64() % 128) as u8;
        }
        let text = String::from_utf8(bytes).unwrap();
        let expect = if text == good { None } else { Some(TokenError::Refused) };
        assert_eq!(keys.ticket(&text, NOW).err(), expect, "{text}");
    }
}
