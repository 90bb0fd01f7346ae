//! Every kind of token against every door, and how long each lasts. Forged ones are next door.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::core::{
    id::{AgentId, ConversationId, Entropy, SessionId, SiteId, VisitorId, WorkspaceId},
    limits::{SESSION_IDLE, SESSION_LIFE, TICKET_LIFE, VISITOR_TOKEN_LIFE},
    principal::{AgentPrincipal, Principal, Role},
    time::{DAY, HOUR, MINUTE, SECOND, Timestamp},
};

pub(super) const NOW: Timestamp = Timestamp(1_795_000_000_000);

pub(super) fn secret(seed: u8) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest([seed]))
}

pub(super) fn keys() -> Keys {
    Keys::new(&secret(1), None).unwrap()
}

pub(super) fn visitor() -> Visitor {
    let mut entropy = Entropy::new(3);
    Visitor {
        workspace: WorkspaceId::draw(&mut entropy),
        site: SiteId::draw(&mut entropy),
        visitor: VisitorId::draw(&mut entropy),
        conversation: ConversationId::from_object_id(&"0a".repeat(32)).unwrap(),
        subject: String::new(),
    }
}

pub(super) fn visitor_principal() -> Principal {
    Principal::Visitor(visitor().principal(2, None, false, ticket_end(NOW, NOW.plus(DAY))))
}

pub(super) fn agent_principal() -> Principal {
    let mut entropy = Entropy::new(4);
    Principal::Agent(AgentPrincipal {
        workspace: WorkspaceId::draw(&mut entropy),
        agent: AgentId::draw(&mut entropy),
        name: "李雷 \"Lei\"".into(),
        picture: "0f".repeat(16),
        role: Role::Admin,
        session: SessionId::draw(&mut entropy),
        generation: 7,
        expires_at: NOW.plus(TICKET_LIFE),
    })
}

pub(super) fn session() -> Session {
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
        picture: String::new(),
        role: Role::Agent,
    }
}

/// A token made by hand, so that it may be wrong in any way.
pub(super) fn craft(key: &[u8], header: &str, claims: &str) -> String {
    let text = format!(
        "{}.{}",
        Base64UrlUnpadded::encode_string(header.as_bytes()),
        Base64UrlUnpadded::encode_string(claims.as_bytes())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()))
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

pub(super) fn ops(life: i64) -> String {
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
    };
    check(TICKET_LIFE, &|at| keys.ticket(&ticket, at).err());
    check(VISITOR_TOKEN_LIFE, &|at| keys.visitor(&token, at).err());
    check(SESSION_IDLE, &|at| keys.session(&cookie, at).err());
    check(MINUTE, &|at| keys.session(&short, at).err());
    check(5 * MINUTE, &|at| key.verify(&ops(300), at).err());
    let early = NOW.plus(-2 * MINUTE);
    let errors = [
        keys.ticket(&ticket, early).err(),
        keys.session(&cookie, early).err(),
        keys.session(&short, early).err(),
        key.verify(&ops(300), early).err(),
    ];
    assert_eq!(errors, [Some(TokenError::Refused); 4], "not made yet");
    assert_eq!(keys.visitor(&token, early).err(), None, "a clock was put back");
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
