//! The one guard for addresses outside that an owner names: asked when one is saved, and again before it is called.
//!
//! Only `https` to a public name. It reads less than the platform's own parser does, so the two can't take an address for two
//! different ones: whatever that parser would forgive, fold or decode is refused here. What a name resolves to is not known here: the
//! platform connects to public addresses alone.

use super::{
    limits::URL_CHARS,
    origin::{host_name, is_loopback, split_port},
};

/// Names that no public resolver answers, or that mean this machine or network.
const PRIVATE_NAMES: [&str; 9] =
    ["local", "internal", "localhost", "home.arpa", "lan", "svc", "home", "corp", "intranet"];

/// The host of an address that may be called, or what is wrong with it. `loopback`: a server on this machine may be, as well.
///
/// # Errors
/// It may not.
pub fn host_of(url: &str, loopback: bool) -> Result<String, &'static str> {
    if url.len() > URL_CHARS {
        return Err("longer than 2,000 characters");
    }
    // Blanks and breaks are passed over by the platform's parser, and letters of other scripts folded: ⑫ is 12, and a wide dot a dot.
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("only ASCII, without blanks: a name in another script is written xn--…");
    }
    if url.contains(['#', '\\']) {
        return Err("no fragment and no backslash");
    }
    let (scheme, rest) = url.split_once("://").ok_or("not an address that begins with https://")?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("no user name or password");
    }
    let (host, port) = split_port(authority).ok_or("not a port")?;
    let host = host_name(host).ok_or("not a host")?;
    let is_ours = loopback && is_loopback(&host);
    match scheme.to_ascii_lowercase().as_str() {
        "https" | "http" if is_ours => return Ok(host),
        "https" => {}
        _ => return Err("https only"),
    }
    if port.unwrap_or(443) != 443 {
        return Err("port 443 only");
    }
    // No top-level domain begins with a digit, so whatever ends like a number is an IPv4 address in some spelling.
    let last = host.rsplit('.').next().unwrap_or_default();
    if host.starts_with('[') || last.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Err("a host has a name, not an IP address");
    }
    let is_in = |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !host.contains('.') || PRIVATE_NAMES.into_iter().any(is_in) {
        return Err("not a public host");
    }
    Ok(host)
}

/// Scheme and host of an address that `host_of` lets through: for whom it may concern where something goes, but not how.
pub fn origin_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    [scheme, "://", authority].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_https_alone() {
        let good = [
            ("https://shop.example", "shop.example"),
            ("HTTPS://API.Shop.Example/bellhop?key=a%20b&x=1", "api.shop.example"),
            ("https://shop.example:443/", "shop.example"),
            ("https://shop.example?q=1", "shop.example"),
            ("https://xn--bcher-kva.example/a/b:c@d", "xn--bcher-kva.example"),
            ("https://1.shop.example/", "1.shop.example"),
            ("https://my_shop.example/", "my_shop.example"),
            ("https://local.example/", "local.example"),
            ("https://notinternal.example/", "notinternal.example"),
            // Names of public resolvers, whatever they resolve to: that is the platform's to refuse.
            ("https://127.0.0.1.nip.example/", "127.0.0.1.nip.example"),
            ("https://0x7f.shop.example/", "0x7f.shop.example"),
            ("https://localhost.shop.example/", "localhost.shop.example"),
        ];
        for (url, host) in good {
            for loopback in [false, true] {
                assert_eq!(host_of(url, loopback).as_deref(), Ok(host), "{url}");
            }
        }
        let bad = [
            "",
            "shop.example",
            "//shop.example",
            "https:shop.example",
            "https:/shop.example",
            "https:///shop.example",
            "http://shop.example",
            "ftp://shop.example",
            "file:///etc/passwd",
            "javascript://shop.example/%0aalert(1)",
            "data:text/plain,https://shop.example",
            "blob:https://shop.example/1",
            "wss://shop.example",
            " https://shop.example",
            "https://shop.example ",
            "https://shop.example/a b",
            "https://shop.exa\tmple",
            "https://shop.example\n",
            "https://shop.example\r\nX-A: b",
            "https://shop.example/\u{0}",
            "https://user@shop.example",
            "https://user:pass@shop.example",
            "https://@shop.example",
            "https://shop.example@127.0.0.1",
            "https://shop.example:443@evil.example",
            "https://shop.example#a",
            "https://shop.example/a#b",
            "https://127.0.0.1#@shop.example",
            "https:\\\\shop.example",
            "https://shop.example\\@evil.example",
            "https://shop.example\\.evil.example",
            "https://shop.example:80",
            "https://shop.example:8443",
            "https://shop.example:0",
            "https://shop.example:",
            "https://shop.example:99999",
            "https://shop.example:44３",
            "https://shop.example:+443",
            "https://shop.example.",
            "https://shop..example",
            "https://.shop.example",
            "https://shop%2eexample",
            "https://%31%32%37.0.0.1",
            "https://%5b::1%5d",
            "https://localhost%00.shop.example",
            "https://localhost%23.shop.example",
            "https://user%40shop.example",
            "https://shop.example%2f@127.0.0.1",
            "https://shop.example:443:443",
            "https://shop.example:0x1bb",
            "https://shop.example;127.0.0.1",
            "https://shop.exam*ple",
            "https://[shop.example]",
            "https://shop.example[",
            "https://bücher.example",
        ];
        for url in bad {
            for loopback in [false, true] {
                assert!(host_of(url, loopback).is_err(), "{url:?}");
            }
        }
        let long = format!("https://shop.example/{}", "x".repeat(URL_CHARS));
        assert!(host_of(&long, false).is_err());
        assert!(host_of(&long[..URL_CHARS], false).is_ok());
    }

    /// Every spelling of an address that is not public, and of some that are: a certificate belongs to a name.
    #[test]
    fn no_address_of_a_machine_in_any_spelling() {
        let hosts = [
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "127.0.1",
            "127.255.255.254",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
            "0177.0.0.01",
            "0x7f.0.0.1",
            "0x7f000001",
            "0X7F.1",
            "0x7f.0x0.0x0.0x1",
            "127.0.0x1",
            "0x",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "10.1",
            "100.64.0.1",
            "169.254.169.254",
            "169.254.169.254.",
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "169.16689662",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "192.168.1",
            "192.88.99.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "256.256.256.256",
            "1.2.3.4.5",
            "8.8.8.8",
            "１２７.０.０.１",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "127．0．0．1",
            "ⓛocalhost",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fe80::1%25eth0]",
            "[fc00::1]",
            "[fd00::1]",
            "[ff02::1]",
            "[2606:4700:4700::1111]",
            "::1",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "shop.local",
            "local",
            "metadata.google.internal",
            "instance-data.ec2.internal",
            "router.home.arpa",
            "home.arpa",
            "internal",
            "intranet",
            "kubernetes.default.svc.cluster.local",
            "kubernetes.default.svc",
            "nas.lan",
            "mail.corp",
        ];
        for host in hosts {
            for url in
                [format!("https://{host}/"), format!("https://{host}:443"), format!("https://{host}?shop.example")]
            {
                assert!(host_of(&url, false).is_err(), "{url}");
            }
        }
    }

    #[test]
    fn this_machine_where_it_is_allowed() {
        let table = [
            ("http://localhost:9000/answer", Ok("localhost")),
            ("http://127.0.0.1:9000", Ok("127.0.0.1")),
            ("http://[::1]:9000", Ok("[::1]")),
            ("https://localhost:9000", Ok("localhost")),
            ("http://127.0.0.2:9000", Err("https only")),
            ("http://127.1:9000", Err("https only")),
            ("http://a.localhost:9000", Err("https only")),
            ("http://192.168.0.1:9000", Err("https only")),
            ("http://localhost.shop.example:9000", Err("https only")),
            ("http://user@localhost:9000", Err("no user name or password")),
            ("ftp://localhost:9000", Err("https only")),
        ];
        for (url, expected) in table {
            assert_eq!(host_of(url, true), expected.map(str::to_owned), "{url}");
            assert!(host_of(url, false).is_err(), "{url}");
        }
    }

    #[test]
    fn an_origin_is_no_secret() {
        assert_eq!(origin_of("https://a.example:443/x?key=1"), "https://a.example:443");
        assert_eq!(origin_of("https://a.example?key=1"), "https://a.example");
        assert_eq!(origin_of("https://a.example"), "https://a.example");
        assert_eq!(origin_of("nonsense/with?key=1"), "://");
    }
}
