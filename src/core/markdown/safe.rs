//! A browser's reading of what becomes of Markdown, for tests and the fuzzer.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // it says what is wrong by panicking

/// What is written here may be read by a browser as this says, and in no other way: known tags alone, each closed in its order, and
/// known attributes with nothing in them that could end them.
pub fn check(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '"', '\'']) {
        assert!(rest[at..].starts_with('<'), "a letter that is not escaped: {html}");
        let (tag, more) = rest[at + 1..].split_once('>').unwrap();
        rest = more;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(
            [
                "p",
                "h2",
                "h3",
                "h4",
                "ul",
                "ol",
                "li",
                "blockquote",
                "pre",
                "code",
                "hr",
                "br",
                "strong",
                "em",
                "a",
                "img"
            ]
            .contains(&name),
            "{name} in {html}"
        );
        let parts: Vec<&str> = attributes.split('"').collect();
        for pair in parts.chunks(2).filter(|pair| pair.len() == 2) {
            let is_known = match (name, pair[0].trim()) {
                (_, "dir=") => pair[1] == "auto",
                ("ol", "start=") => pair[1].parse::<u32>().is_ok(),
                ("a", "href=") => ["https://", "http://", "mailto:", "tel:"]
                    .iter()
                    .any(|scheme| pair[1].to_lowercase().starts_with(scheme)),
                ("a", "rel=") => pair[1] == "noopener nofollow",
                ("img", "src=") => pair[1].to_lowercase().starts_with("https://"),
                ("img", "loading=") => pair[1] == "lazy",
                ("img", "alt=") => true,
                _ => false,
            };
            assert!(is_known && !pair[1].contains(['<', '>', '\'']), "{pair:?} in {html}");
        }
        if !["hr", "br", "img"].contains(&name) {
            assert!(name != "a" || !open.contains(&"a"), "a link in a link: {html}");
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "{html}");
    for entity in html.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| entity.starts_with(known)), "{html}");
    }
}
