//! Headers that every answer of the Worker carries, by what it is. Static files get theirs from `deploy/_headers`; what
//! both say is the same, and a test holds them together.

use super::origin::OwnOrigin;

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// JSON: never shown, never kept.
    Api,
    /// A page of the console.
    Console,
    /// The example shop.
    Demo,
    /// An article.
    Help,
    /// A picture, which stands on pages of others.
    Picture,
}

/// What a page of the console may do: its own files and connections, nothing inline, no frame around it.
///
/// Its one Web Worker compiles WebAssembly (the trainer): that allows no script more than before.
const CONSOLE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types vue bellhop-trainer";
/// The example shop is as strict as a strict customer.
const DEMO: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
/// An article has no script, its one style, and images from anywhere.
const HELP: &str = "default-src 'none'; style-src 'sha256-IyWi+oykPxkRg5fKnO/MSjr/W7AFjAhxWeT+0tmH0Vw='; img-src https:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const API: &str = "default-src 'none'; frame-ancestors 'none'";
/// Opened on its own, a picture is no page of ours.
const PICTURE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// Two years, as browsers' lists ask for (ASVS 3.4.1: at least one).
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Names and values, each once.
pub fn of(kind: Kind, own: &OwnOrigin) -> Vec<(&'static str, &'static str)> {
    let policy = match kind {
        Kind::Api => API,
        Kind::Console => CONSOLE,
        Kind::Demo => DEMO,
        Kind::Help => HELP,
        Kind::Picture => PICTURE,
    };
    let cache = match kind {
        Kind::Api => "no-store",
        Kind::Console | Kind::Demo => "no-cache",
        // What is taken back is gone after a minute.
        Kind::Help => "public, max-age=60",
        // Another picture has another name.
        Kind::Picture => "public, max-age=31536000, immutable",
    };
    let mut headers = vec![
        ("content-security-policy", policy),
        ("cache-control", cache),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ];
    if kind == Kind::Picture {
        headers.push(("cross-origin-resource-policy", "cross-origin"));
    }
    if own.is_https() {
        headers.push(("strict-transport-security", HSTS));
    }
    headers
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding as _};
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::core::help::STYLE;

    #[test]
    fn pages_carry_what_their_files_carry() {
        let files = include_str!("../../deploy/_headers").to_lowercase();
        let own = OwnOrigin::parse("http://localhost:8787").unwrap();
        for (kind, place) in [(Kind::Console, "/console/*"), (Kind::Demo, "/demo/*")] {
            let block = files.split(place).nth(1).unwrap().split("\n/").next().unwrap();
            let policy = of(kind, &own)[0].1.to_lowercase();
            assert!(files.contains(&format!("strict-transport-security: {}\n", HSTS.to_lowercase())));
            assert!(block.contains(&format!("content-security-policy: {policy}\n")), "{place}\n{policy}");
        }
    }

    #[test]
    fn the_style_of_articles_is_the_one_that_is_allowed() {
        let hash = Base64::encode_string(&Sha256::digest(STYLE));
        assert!(HELP.contains(&format!("style-src 'sha256-{hash}';")), "{hash}");
    }

    #[test]
    fn strict_transport_only_where_there_is_transport_security() {
        for (url, expect) in [("https://chat.example", true), ("http://localhost:8787", false)] {
            let own = OwnOrigin::parse(url).unwrap();
            for kind in [Kind::Api, Kind::Console, Kind::Demo, Kind::Help] {
                let headers = of(kind, &own);
                assert_eq!(headers.iter().any(|(name, _)| *name == "strict-transport-security"), expect);
                assert!(headers[0].1.contains("frame-ancestors 'none'"));
            }
        }
    }
}
