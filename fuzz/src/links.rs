//! What an owner writes and the server reads: Markdown, addresses that are called, pictures.

use std::net::IpAddr;

use bellhop::core::{
    limits::URL_CHARS,
    markdown::{self, safe},
    outgoing, picture,
};

use crate::bytes::Bytes;

/// Pieces that mean something in Markdown or in an address; a fuzzer would have to guess them.
const PIECES: [&str; 48] = [
    "*",
    "**",
    "_",
    "`",
    "```\n",
    "[",
    "](",
    ")",
    "![",
    "\\",
    "\n",
    "\n\n",
    " ",
    "# ",
    "> ",
    "- ",
    "1. ",
    "---\n",
    "https://",
    "http://",
    "javascript:",
    "mailto:",
    "tel:",
    "data:",
    "<script>",
    "</p>",
    "<!--",
    "\"",
    "'",
    "&lt;",
    "&",
    "a",
    "好",
    "\u{202e}",
    "\0",
    "\t",
    "@",
    ":",
    "/",
    "?",
    ".",
    "[::1]",
    "127.0.0.1",
    "localhost",
    "shop.example",
    ":443",
    "%2e",
    "0x7f",
];
/// What a picture may measure.
const SIDE: u32 = 4_096;

/// The first byte says what the rest is.
pub fn play(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    match bytes.below(4) {
        0 => written(&made(bytes)),
        1 => written(&String::from_utf8_lossy(bytes.rest())),
        2 => {
            let url = ["https://", &made(bytes)].concat();
            called(&url);
            called(url.trim_start_matches("https://"));
        }
        _ => seen(bytes.rest()),
    }
}

/// A text of pieces, and of whatever is no piece.
fn made(mut bytes: Bytes<'_>) -> String {
    let mut text = String::new();
    while !bytes.is_empty() {
        let at = bytes.below(PIECES.len() + 1);
        match PIECES.get(at) {
            Some(piece) => text.push_str(piece),
            None => text.push_str(&bytes.text()),
        }
    }
    text
}

/// Whatever is written, a browser reads known tags alone; in proportion to the text, so that nobody can blow it up.
fn written(text: &str) {
    let html = markdown::html(text);
    safe::check(&html);
    assert!(html.len() <= 200 + 120 * text.len(), "{} bytes of {text:?}", html.len());
    assert!(markdown::told(text).len() <= 200 + 4 * text.len(), "{text:?}");
}

/// Only https to a public name goes out, by this plainest of readings as well.
fn called(url: &str) {
    for loopback in [false, true] {
        let Ok(host) = outgoing::host_of(url, loopback) else { continue };
        assert!(url.len() <= URL_CHARS && url.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
        let (scheme, rest) = url.split_once("://").expect("a scheme");
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let name = authority.strip_suffix(":443").unwrap_or(&authority);
        let is_here = loopback && (host == "localhost" || host == "127.0.0.1" || host == "[::1]");
        assert!(is_here || (scheme.eq_ignore_ascii_case("https") && name == host), "{url:?} goes to {host:?}");
        assert!(!authority.contains('@'), "{url:?}");
        let bare = host.trim_matches(['[', ']']);
        assert!(is_here || (bare.parse::<IpAddr>().is_err() && bare.contains('.')), "{url:?} goes to {host:?}");
        assert!(is_here || ![".localhost", ".local"].iter().any(|end| bare.ends_with(end)), "{url:?} goes to {host:?}");
        assert!(url.starts_with(&outgoing::origin_of(url)));
    }
}

/// A picture has a size that it may have, and begins as its kind does.
fn seen(bytes: &[u8]) {
    let Some(picture) = picture::look(bytes, SIDE) else { return };
    assert!((1..=SIDE).contains(&picture.width) && (1..=SIDE).contains(&picture.height));
    let begins: &[u8] = match picture.kind {
        picture::Kind::Png => b"\x89PNG",
        picture::Kind::Jpeg => b"\xff\xd8\xff",
        picture::Kind::Webp => b"RIFF",
    };
    assert!(bytes.starts_with(begins));
    assert_eq!(picture::look(bytes, picture.width.max(picture.height)), Some(picture));
}
