//! Texts from outside that are taken apart before anybody is known: origins and domains, addresses, cookies, queries, paths,
//! offers of subprotocols, ids, e-mail addresses. Each is held against a plain second reading, and what has one form keeps it.

use bellhop::core::{
    address::ClientAddress,
    auth::{LinkToken, same_secret},
    cookie, email,
    id::{AgentId, ArticleId, ConversationId, FaqId, IntentId, SiteId, TagId, TeamId, VisitorId, WorkspaceId},
    limits::MAX_INTEGER,
    origin::{Domain, Origin, OwnOrigin, parse_domains, site_allows},
    password,
    protocol::Encoding,
    query::Query,
    route::{self, NoRoute},
    time::Timestamp,
    upgrade::{self, Offer},
};

use crate::bytes::Bytes;

/// The first byte says what the rest is.
pub fn play(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    match bytes.below(8) {
        0 => origins(bytes),
        1 => addresses(bytes),
        2 => cookies(bytes),
        3 => queries(bytes),
        4 => paths(bytes),
        5 => offers(bytes),
        6 => people(bytes),
        _ => names(bytes),
    }
}

/// A site lets in whom its list names: the host as it stands there, or below it where the entry is a wildcard.
fn origins(mut bytes: Bytes<'_>) {
    let own = OwnOrigin::parse(bytes.pick(&["https://chat.example", "http://localhost:8787"])).expect("ours");
    let entry = bytes.text();
    let origin = String::from_utf8_lossy(bytes.rest()).into_owned();
    let allowed = site_allows(std::slice::from_ref(&entry), &own, &origin);
    let (parsed, domain) = (Origin::parse(&origin), Domain::parse(&entry));
    if let Some(domain) = &domain {
        let form = domain.to_string();
        assert_eq!(Domain::parse(&form).as_ref(), Some(domain), "{entry:?} has no one form");
        assert_eq!(parse_domains(&[entry.clone(), form.clone()]), Ok(vec![form]));
    }
    if let Ok(again) = OwnOrigin::parse(&origin) {
        assert_eq!(OwnOrigin::parse(&again.to_string()), Ok(again.clone()), "{origin:?}");
        assert!(again.owns(&again.to_string()));
    }
    let is_own = own.owns(&origin);
    assert!(!allowed || is_own || (parsed.is_some() && domain.is_some()), "{entry:?} lets in {origin:?}");
    if allowed && !is_own {
        let host = host_of(&origin.to_ascii_lowercase());
        let wanted = entry.trim().to_ascii_lowercase();
        let wanted = wanted.strip_prefix("https://").or_else(|| wanted.strip_prefix("http://")).unwrap_or(&wanted);
        let wanted = host_of(wanted.trim_end_matches('/'));
        let fits = match wanted.strip_prefix("*.") {
            Some(base) => host.strip_suffix(base).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            None => host == wanted || same_v6(&host, &wanted),
        };
        assert!(fits, "{entry:?} lets in {origin:?}");
        assert!(origin.bytes().all(|byte| byte.is_ascii_graphic()), "{origin:?}");
        assert!(!origin.contains(['@', '/', '?', '#', '\\']) || origin.matches('/').count() == 2, "{origin:?}");
    }
}

/// Host of `scheme://host:port`, cut in the plainest way.
fn host_of(text: &str) -> String {
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1).0.to_owned(),
        None => authority.split(':').next().unwrap_or_default().to_owned(),
    }
}

fn same_v6(one: &str, other: &str) -> bool {
    let parse = |text: &str| text.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().ok();
    parse(one).is_some() && parse(one) == parse(other)
}

fn addresses(mut bytes: Bytes<'_>) {
    let (peer, trusted) = (bytes.text(), String::from_utf8_lossy(bytes.rest()).into_owned());
    for (peer, trusted) in [(Some(peer.as_str()), None), (Some(&peer), Some(trusted.as_str())), (None, Some(&trusted))]
    {
        let address = ClientAddress::of(peer, trusted);
        let key = address.as_str();
        // A key is an address or the one word: nothing of what a client sends gets into a limit's name.
        let bare = key.strip_suffix("/64").unwrap_or(key);
        assert!(key == "unknown" || bare.parse::<std::net::IpAddr>().is_ok(), "{peer:?} {trusted:?}");
        assert_eq!(ClientAddress::of(Some(bare), None).as_str(), key);
        // Only the last entry counts, whoever wrote the ones before.
        if let Some(trusted) = trusted {
            let longer = format!("198.51.100.7,{trusted}");
            assert_eq!(ClientAddress::of(peer, Some(&longer)), address, "INV-15: {trusted:?}");
        }
    }
}

fn cookies(mut bytes: Bytes<'_>) {
    let own = OwnOrigin::parse(bytes.pick(&["https://chat.example", "http://localhost:8787"])).expect("ours");
    let name = if own.is_https() { "__Host-bellhop" } else { "bellhop" };
    let header = String::from_utf8_lossy(bytes.rest()).into_owned();
    if let Some(value) = cookie::read(&own, &header) {
        assert!(!value.is_empty() && header.contains(&format!("{name}={value}")), "{header:?}");
        // A second one of the name, wherever it comes from, makes it none.
        assert_eq!(cookie::read(&own, &format!("{name}=other; {header}")), None);
        assert_eq!(cookie::read(&own, &format!("{header};{name}=other")), None);
        assert_eq!(cookie::read(&own, &format!("a=b; {header}; c")), Some(value));
    }
}

fn queries(mut bytes: Bytes<'_>) {
    let names = ["q", "limit", "after"];
    // Whatever a value is, written by a browser it is read as it was.
    let value = bytes.text();
    let written: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let query = Query::of(&format!("/x?q={written}&limit=3#q=no"), &names).expect("well written");
    assert_eq!(query.text("q").unwrap_or_default(), value);
    let url = String::from_utf8_lossy(bytes.rest()).into_owned();
    let Ok(query) = Query::of(&url, &names) else { return };
    for name in names {
        assert!(query.number(name).is_err() || query.number(name).ok().flatten() <= Some((1 << 53) - 1));
    }
    assert!(query.limit(50, 100).is_err() || (1..=100).contains(&query.limit(50, 100).unwrap_or_default()));
    assert!(Query::of(&format!("{}?q=1&q=2", url.split(['?', '#']).next().unwrap_or_default()), &names).is_err());
}

fn paths(mut bytes: Bytes<'_>) {
    let method = bytes.pick(&["GET", "POST", "PATCH", "OPTIONS", "HEAD", "DELETE", "get", ""]);
    let path = String::from_utf8_lossy(bytes.rest()).into_owned();
    // A second reading: segment by segment, an id where the table has one.
    let fits = |line: &&route::Line| {
        let (wanted, given) = (line.pattern.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
        let is_open = wanted.last() == Some(&"*");
        let same_length = if is_open { given.len() >= wanted.len() } else { given.len() == wanted.len() };
        same_length
            && wanted.iter().zip(&given).all(|(wanted, given)| match *wanted {
                "*" => true,
                "{}" => match line.slot {
                    route::Slot::None => false,
                    route::Slot::Conversation => ConversationId::parse(given).is_ok(),
                    route::Slot::Visitor => VisitorId::parse(given).is_ok(),
                    route::Slot::Agent => AgentId::parse(given).is_ok(),
                    route::Slot::Site => SiteId::parse(given).is_ok(),
                    route::Slot::Team => TeamId::parse(given).is_ok(),
                    route::Slot::Tag => TagId::parse(given).is_ok(),
                    route::Slot::Intent => IntentId::parse(given).is_ok(),
                    route::Slot::Faq => FaqId::parse(given).is_ok(),
                    route::Slot::Article => ArticleId::parse(given).is_ok(),
                    route::Slot::Workspace => WorkspaceId::parse(given).is_ok(),
                    route::Slot::Version => given
                        .parse()
                        .is_ok_and(|number: u64| (1..=MAX_INTEGER).contains(&number) && number.to_string() == *given),
                    route::Slot::Picture => {
                        given.len() == 32 && given.chars().all(|it| it.is_ascii_hexdigit() && !it.is_ascii_uppercase())
                    }
                },
                plain => plain == *given,
            })
    };
    let lines: Vec<&route::Line> = route::TABLE.iter().filter(fits).collect();
    match route::route(method, &path) {
        Ok(found) => {
            let line = lines.iter().find(|line| line.endpoint == found.endpoint).expect("a line of the table");
            assert!(line.door == found.door, "{method} {path:?}");
            assert!(line.method == method || (method == "HEAD" && line.door == route::Door::Page), "{method} {path:?}");
        }
        Err(NoRoute::NotFound) => assert!(lines.is_empty(), "{method} {path:?}"),
        Err(NoRoute::Method(allowed)) => {
            assert!(!lines.is_empty() && !allowed.split(", ").any(|one| one == method), "{method} {path:?}");
        }
    }
}

fn offers(bytes: Bytes<'_>) {
    let header = String::from_utf8_lossy(bytes.rest()).into_owned();
    let offer = Offer::parse(&header);
    if let Some(ticket) = offer.ticket {
        assert!(header.contains(&format!("ticket.{ticket}")) && !ticket.contains(','), "{header:?}");
    }
    let encodings = [Encoding::Proto, Encoding::Json];
    let offered = offer.encoding.is_none_or(|it| encodings.contains(&it) && header.contains(it.subprotocol()));
    assert!(offered, "{header:?}");
    // A header can carry any JSON text.
    let json = serde_json::to_string(&header).expect("a string");
    let ascii = upgrade::ascii(&json);
    assert!(ascii.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{ascii:?}");
    assert_eq!(serde_json::from_str::<String>(&ascii).expect("still JSON"), header);
}

fn people(mut bytes: Bytes<'_>) {
    let (address, word) = (bytes.text(), String::from_utf8_lossy(bytes.rest()).into_owned());
    let normal = email::normal(&address);
    if let Some(normal) = &normal {
        assert_eq!(email::normal(normal).as_ref(), Some(normal), "{address:?} has no one form");
        assert!(!normal.contains(['\r', '\n', ' ', '<', '>', ',', ';']), "{address:?}");
    }
    if password::check(&word, normal.as_deref().unwrap_or_default()).is_ok() {
        assert!((10..=128).contains(&word.chars().count()), "{word:?}");
        assert!(normal.is_none_or(|normal| !normal.eq_ignore_ascii_case(&word)), "{word:?}");
    }
    assert_eq!(same_secret(&address, &word), address == word && !word.is_empty());
}

fn names(mut bytes: Bytes<'_>) {
    let millis = bytes.number() as i64;
    let written = Timestamp(millis).rfc3339();
    assert!(written.len() == 24 && written.is_ascii() && written.ends_with('Z'), "{millis}: {written}");
    assert!(Timestamp(millis.saturating_add(1)).rfc3339() >= written, "{millis}: {written}");
    let text = String::from_utf8_lossy(bytes.rest()).into_owned();
    // No id can be read as one of another kind, and each is what was read.
    let read = [
        AgentId::parse(&text).map(String::from),
        VisitorId::parse(&text).map(String::from),
        SiteId::parse(&text).map(String::from),
        ConversationId::parse(&text).map(String::from),
    ];
    let good: Vec<&String> = read.iter().flatten().collect();
    assert!(good.len() <= 1 && good.iter().all(|id| **id == text), "{text:?}");
    if let Ok(conversation) = ConversationId::parse(&text) {
        assert_eq!(ConversationId::from_object_id(conversation.object_id()), Ok(conversation));
    }
    if let Some(token) = LinkToken::parse(&text) {
        assert_eq!(token.as_str(), text);
    }
}
