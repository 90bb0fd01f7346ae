//! Visitors whom the site has signed: whose conversation goes on, and whose does not.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    api::{
        context::read,
        sites,
        testing::{OWNER, World, code as code_of},
        visitors::{self, SessionAnswer},
    },
    core::{
        error::Code,
        id::{ConversationId, SiteId},
        port::{Statement, rows_of},
        principal::{Identity, Principal},
        problem::Problem,
        room::record::Profile,
        time::{DAY, HOUR, SECOND, Timestamp},
    },
    sql::{
        deployment::DEMO_SITE,
        sites::{self as rows, PublicSite, SiteRow},
        testing::{GivingWay, interleave, ready},
    },
};

fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> Code {
    code_of(result).unwrap_err()
}

fn site_id() -> SiteId {
    SiteId::parse(DEMO_SITE).unwrap()
}

fn site(world: &World) -> SiteRow {
    let rows = world.database.run(vec![rows::public(&site_id())]).unwrap();
    SiteRow::read(&rows_of(&rows, 0)[0]).unwrap()
}

fn change(world: &World, body: &str) -> Result<Value, Problem> {
    let who = world.enter(OWNER).principal;
    let view = ready(sites::change_identity(&world.cx(), &who, &site_id(), &read(body).unwrap()))?;
    Ok(serde_json::to_value(view).unwrap())
}

/// A workspace whose site signs, and its secret.
fn signing(enforced: bool) -> (World, String) {
    let world = World::seeded();
    let made = change(&world, &json!({"new_secret": true, "enforced": enforced}).to_string()).unwrap();
    let secret = made["secret"].as_str().unwrap().to_owned();
    (world, secret)
}

/// As any library for JWTs signs it.
fn signed(secret: &str, claims: &Value) -> String {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let message = format!("{}.{}", encode(r#"{"typ":"JWT","alg":"HS256"}"#), encode(&claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()))
}

fn of(world: &World, secret: &str, subject: &str) -> String {
    let now = world.now.get().0 / SECOND;
    let claims = json!({"aud": "bellhop/identity", "sub": subject, "iat": now, "exp": now + 3_600,
        "name": "Ada", "email": "Ada@Example.com", "level": 3, "whatever": [1]});
    signed(secret, &claims)
}

fn ask(world: &World, token: Option<&str>, identity: Option<&str>, next: u8) -> Result<SessionAnswer, Problem> {
    let body = json!({"site": DEMO_SITE, "token": token, "identity": identity}).to_string();
    let mint = async || Ok(ConversationId::from_object_id(&format!("{next:02x}").repeat(32)).unwrap());
    ready(visitors::session(
        &world.cx(),
        &PublicSite { site: site(world), hours: None },
        &read(&body).unwrap(),
        "https://shop.example",
        mint,
    ))
}

fn principal(world: &World, answer: &SessionAnswer) -> (Option<Identity>, bool) {
    match world.keys.ticket(&answer.ticket, world.now.get()).unwrap() {
        Principal::Visitor(visitor) => (visitor.identity.map(|it| *it), visitor.must_prove),
        Principal::Agent(_) => panic!("a visitor's ticket"),
    }
}

#[test]
fn what_the_site_has_signed_is_in_the_ticket() {
    let (world, secret) = signing(true);
    let answer = ask(&world, None, Some(&of(&world, &secret, "42")), 1).unwrap();
    let issued_at = Timestamp(world.now.get().0 / SECOND * SECOND);
    let identity =
        Identity { subject: "42".into(), name: "Ada".into(), email: "ada@example.com".into(), level: 3, issued_at };
    assert_eq!(principal(&world, &answer), (Some(identity), false));
    let nobody = ask(&world, None, None, 2).unwrap();
    assert_eq!(principal(&world, &nobody), (None, true), "whoever is not signed in chats, and is not believed");
    let (open, _) = signing(false);
    assert_eq!(principal(&open, &ask(&open, None, None, 2).unwrap()), (None, false));
}

#[test]
fn whose_conversation_goes_on() {
    for enforced in [false, true] {
        let (world, secret) = signing(enforced);
        let [ada, bob] = ["ada", "bob"].map(|name| of(&world, &secret, name));
        let go_on = |token: &str, identity: Option<&str>, wanted: bool, why: &str| {
            let first = ask(&world, Some(token), identity, 9).unwrap();
            assert_eq!(first.returning, wanted, "{why}, enforced: {enforced}");
            first.token
        };
        let anonymous = ask(&world, None, None, 1).unwrap().token;
        let of_ada = go_on(&anonymous, Some(&ada), true, "signs in while chatting");
        let again = go_on(&of_ada, Some(&ada), true, "the next page");
        go_on(&again, Some(&bob), false, "somebody else at the same machine");
        go_on(&of_ada, None, false, "signed out, or a page that does not say who it is");
        let of_bob = go_on(&of_ada, Some(&bob), false, "somebody else");
        go_on(&of_bob, Some(&ada), false, "and back: it is another token by now");
    }
}

/// What the projection writes once the Room has been told who the visitor is.
fn project(world: &World, answer: &SessionAnswer, profile: &Profile) {
    let insert = "INSERT INTO visitors (id, workspace, site, verified, profile, created_at) VALUES (?, ?, ?, ?, ?, 1)";
    let (site, text) = (site(world), serde_json::to_string(profile).unwrap());
    let (visitor, verified) = (answer.visitor.as_str(), i64::from(profile.verified));
    let args = [visitor.into(), site.workspace.as_str().into(), site.id.as_str().into(), verified.into(), text.into()];
    world.database.run(vec![Statement::new(insert, args)]).unwrap();
}

/// On a shared machine: who has kept the token from before somebody signed in there has nothing of what came after.
#[test]
fn a_token_from_before_somebody_was_proven_is_theirs_alone() {
    let (world, secret) = signing(false);
    let [ada, bob, padded] = ["ada", "bob", " ada "].map(|name| of(&world, &secret, name));
    let before = ask(&world, None, None, 1).unwrap();
    let signed = ask(&world, Some(&before.token), Some(&ada), 2).unwrap();
    assert_eq!((&signed.conversation, signed.returning), (&before.conversation, true));
    project(&world, &signed, &Profile { verified: true, subject: "ada".into(), ..Profile::default() });
    for (identity, goes_on) in [(None, false), (Some(&bob), false), (Some(&ada), true), (Some(&padded), true)] {
        let answer = ask(&world, Some(&before.token), identity.map(String::as_str), 3).unwrap();
        let same = (answer.conversation == before.conversation, answer.visitor == before.visitor);
        assert_eq!((answer.returning, same), (goes_on, (goes_on, goes_on)), "{identity:?}");
    }
    world.now.set(world.now.get().plus(2 * HOUR));
    let over = code(ask(&world, Some(&before.token), Some(&ada), 3));
    assert_eq!(over, Code::IdentityRefused, "it was not this browser's");
    assert!(ask(&world, Some(&signed.token), Some(&ada), 3).unwrap().returning);
    let other = ask(&world, None, None, 4).unwrap();
    project(&world, &other, &Profile::default());
    assert!(ask(&world, Some(&other.token), None, 5).unwrap().returning, "whom nobody has proven");
}

#[test]
fn one_that_is_over_goes_on_with_its_own_conversation_and_begins_none() {
    let (world, secret) = signing(true);
    let ada = of(&world, &secret, "ada");
    let token = ask(&world, None, Some(&ada), 1).unwrap().token;
    let anonymous = ask(&world, None, None, 2).unwrap().token;
    world.now.set(world.now.get().plus(2 * HOUR));
    let on = ask(&world, Some(&token), Some(&ada), 3).unwrap();
    assert!(on.returning);
    let who = principal(&world, &on).0.unwrap();
    let said = (who.subject.as_str(), who.name.as_str(), who.email.as_str());
    assert_eq!(said, ("ada", "Ada", "ada@example.com"));
    assert_eq!(
        (who.level, who.issued_at),
        (0, Timestamp::default()),
        "it stands against nothing that was signed later"
    );
    let refused = |token: Option<&str>| code(ask(&world, token, Some(&ada), 4));
    assert_eq!(refused(None), Code::IdentityRefused);
    assert_eq!(refused(Some(&anonymous)), Code::IdentityRefused);
}

/// A site's own record of who is signed in has empty columns.
#[test]
fn null_is_the_same_as_absent() {
    let (world, secret) = signing(true);
    let now = world.now.get().0 / SECOND;
    let claims = json!({"aud": "bellhop/identity", "sub": "42", "iat": now, "exp": now + 60,
        "name": null, "email": null, "level": null});
    let (identity, _) = principal(&world, &ask(&world, None, Some(&signed(&secret, &claims)), 1).unwrap());
    let Identity { subject, name, email, level, .. } = identity.unwrap();
    assert_eq!((subject.as_str(), name.as_str(), email.as_str(), level), ("42", "", "", 0));
}

#[test]
fn what_is_not_good_is_refused() {
    let (world, secret) = signing(false);
    let now = world.now.get().0 / SECOND;
    let good = json!({"aud": "bellhop/identity", "sub": "42", "iat": now, "exp": now + 60});
    let with = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims[key] = value;
        signed(&secret, &claims)
    };
    let other_site = SiteId::draw(&mut crate::core::id::Entropy::new(77));
    let without = |key: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(key);
        signed(&secret, &claims)
    };
    let other_header = with("sub", json!("42")).replace("eyJ0eXAi", "eyJ0eXBi");
    // Whoever has no secret learns nothing of what they claim.
    const UNSIGNED: &str = "not signed with this site's secret";
    let refused = [
        (String::new(), UNSIGNED),
        ("a.b.c".to_owned(), UNSIGNED),
        (other_header, UNSIGNED),
        (signed("secret", &good), UNSIGNED),
        (signed("secret", &json!({"aud": "bellhop/identity", "sub": 42, "iat": 1, "exp": 0})), UNSIGNED),
        (signed(&world.keys.identity_secret(&other_site, 1), &good), UNSIGNED),
        (signed(&world.keys.identity_secret(&site_id(), 2), &good), UNSIGNED),
        (with("aud", json!("bellhop/session")), "aud"),
        (without("aud"), "aud"),
        (with("sub", json!("  ")), "sub: "),
        (with("sub", json!("x".repeat(129))), "sub"),
        (with("sub", json!("a\nb")), "sub"),
        (with("sub", json!(42)), "sub, or what else"),
        (without("sub"), "sub"),
        (with("level", json!(-1)), "sub, or what else"),
        (with("exp", json!(now + 2 * DAY / SECOND)), "exp"),
        (with("exp", json!(now)), "exp"),
        (without("exp"), "exp"),
        (with("iat", json!(now + 600)), "iat"),
        (without("iat"), "iat"),
        (with("exp", json!(now - 1)), "exp"),
    ];
    for (text, wanted) in refused {
        let problem = ask(&world, None, Some(&text), 1).unwrap_err();
        assert_eq!(problem.code, Code::IdentityRefused, "{text}");
        assert!(problem.detail.starts_with(wanted), "{wanted}: {} {text}", problem.detail);
    }
    let cut = [with("level", json!(200)), with("name", json!("n".repeat(500))), with("email", json!("none"))];
    for text in cut {
        let (identity, _) = principal(&world, &ask(&world, None, Some(&text), 1).unwrap());
        let Identity { name, email, level, .. } = identity.unwrap();
        assert!(level <= 9 && name.len() <= 80 && email.is_empty());
    }
}

#[test]
fn a_secret_is_the_managers_affair_and_a_new_one_ends_the_old() {
    let world = World::seeded();
    let look = |world: &World| {
        let view = ready(sites::identity(&world.cx(), &world.enter(OWNER).principal, &site_id())).unwrap();
        serde_json::to_value(view).unwrap()
    };
    assert_eq!(look(&world), json!({"secret": null, "enforced": false}));
    assert_eq!(code(change(&world, "{}")), Code::BadRequest);
    assert_eq!(code(ask(&world, None, Some("a.b.c"), 1)), Code::IdentityRefused, "the site does not sign");
    let first = change(&world, r#"{"new_secret":true}"#).unwrap();
    assert_eq!(first["enforced"], true, "by default, once there is a secret");
    assert_eq!(look(&world), first);
    let ada = of(&world, first["secret"].as_str().unwrap(), "ada");
    assert!(ask(&world, None, Some(&ada), 1).is_ok());
    assert_eq!(change(&world, r#"{"enforced":false}"#).unwrap()["secret"], first["secret"]);
    let second = change(&world, r#"{"new_secret":true}"#).unwrap();
    assert_ne!(second["secret"], first["secret"]);
    assert_eq!(second["enforced"], false, "as it was");
    assert_eq!(code(ask(&world, None, Some(&ada), 1)), Code::IdentityRefused);
    let nowhere = SiteId::draw(&mut crate::core::id::Entropy::new(78));
    let who = world.enter(OWNER).principal;
    assert_eq!(code(ready(sites::identity(&world.cx(), &who, &nowhere))), Code::NotFound);
}

/// Two look at a site without a secret, or at one that is about to get another: the second does not replace what the first put to use.
#[test]
fn a_secret_is_replaced_by_who_has_seen_it() {
    let world = World::seeded();
    let late = |result: Result<Value, Problem>| result.map_err(|problem| (problem.code, problem.field)).unwrap_err();
    let wanted = (Code::Conflict, "secret".to_owned());
    let mut stands = Value::Null;
    for turn in 0..2 {
        let make = json!({"new_secret": true, "secret_before": stands}).to_string();
        let made = change(&world, &make).unwrap();
        assert_eq!(late(change(&world, &make)), wanted, "{turn}");
        assert_eq!(change(&world, "{}").unwrap(), made, "{turn}: the first one's stands");
        stands = made["secret"].clone();
    }
    assert_eq!(late(change(&world, r#"{"enforced":false,"secret_before":null}"#)), wanted);
    assert_ne!(change(&world, r#"{"new_secret":true}"#).unwrap()["secret"], stands, "who does not say is not asked");
}

#[test]
fn of_two_who_make_one_at_once_the_second_is_told() {
    for schedule in 0..16 {
        let world = World::seeded();
        let who = world.enter(OWNER).principal;
        let (id, given) = (site_id(), read(r#"{"new_secret":true,"secret_before":null}"#).unwrap());
        let turns = GivingWay(&world.database);
        let (a, b) = (world.cx_over(&turns), world.cx_over(&turns));
        let both = interleave(
            sites::change_identity(&a, &who, &id, &given),
            sites::change_identity(&b, &who, &id, &given),
            |step| schedule >> (step % 4) & 1 == 1,
        );
        let (made, lost) = match both {
            (Ok(made), Err(lost)) | (Err(lost), Ok(made)) => (made, lost),
            both => panic!("{schedule}: {both:?}"),
        };
        assert_eq!((lost.code, lost.field.as_str()), (Code::Conflict, "secret"), "{schedule}");
        assert_eq!(ready(sites::identity(&world.cx(), &who, &id)).unwrap(), made, "{schedule}");
    }
}
