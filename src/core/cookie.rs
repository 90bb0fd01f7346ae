//! The session's cookie. On https it carries the `__Host-` prefix, so that no sibling domain and no plain-http page can
//! set it. Browsers disagree about `Secure` on plain-http loopback, so there it has another name and no `Secure`.

use super::{limits::SESSION_LIFE, origin::OwnOrigin, time::SECOND};

const SECURE_NAME: &str = "__Host-bellhop";
const LOOPBACK_NAME: &str = "bellhop";

fn name(own: &OwnOrigin) -> &'static str {
    if own.is_https() { SECURE_NAME } else { LOOPBACK_NAME }
}

fn with(own: &OwnOrigin, value: &str, seconds: i64) -> String {
    let secure = if own.is_https() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", name(own))
}

/// `Set-Cookie` that keeps a session. The token inside ends by itself, earlier.
pub fn keep(own: &OwnOrigin, token: &str) -> String {
    with(own, token, SESSION_LIFE / SECOND)
}

/// `Set-Cookie` that forgets it.
pub fn forget(own: &OwnOrigin) -> String {
    with(own, "", 0)
}

/// The session's token in a `Cookie` header. Two of the name are none: one of them is not ours.
pub fn read<'header>(own: &OwnOrigin, header: &'header str) -> Option<&'header str> {
    let mut values = header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(given, _)| *given == name(own))
        .map(|(_, value)| value);
    let value = values.next()?;
    (values.next().is_none() && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_as_strict_as_the_scheme_allows() {
        let https = OwnOrigin::parse("https://chat.example").unwrap();
        let local = OwnOrigin::parse("http://localhost:8787").unwrap();
        assert_eq!(keep(&https, "t"), "__Host-bellhop=t; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure");
        assert_eq!(keep(&local, "t"), "bellhop=t; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict");
        assert_eq!(forget(&https), "__Host-bellhop=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
        let cases = [
            ("__Host-bellhop=a.b.c", Some("a.b.c")),
            ("x=1; __Host-bellhop=a; y=2", Some("a")),
            ("bellhop=a", None),
            ("__host-bellhop=a", None),
            ("__Host-bellhop=", None),
            ("__Host-bellhop=a; __Host-bellhop=b", None),
            ("x__Host-bellhop=a", None),
            ("__Host-bellhop", None),
            ("", None),
        ];
        for (header, expect) in cases {
            assert_eq!(read(&https, header), expect, "{header}");
        }
        assert_eq!(read(&local, "bellhop=a"), Some("a"));
    }
}
