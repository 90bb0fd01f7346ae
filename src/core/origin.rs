//! Whose page is asking: this deployment's own origin, and the list of domains of a site.
//!
//! A browser's `Origin` header is the one thing about a page that the page can't choose. Names are compared in lower
//! case and ASCII; what an owner enters in another script is brought to that form by the platform before it is stored.

use super::limits::{DOMAIN_CHARS, SITE_DOMAINS};

/// A page's origin: scheme, host, port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    is_https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads an `Origin` header. `null` and everything opaque is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let (host, port) = split_port(authority)?;
        let default = if is_https { 443 } else { 80 };
        Some(Origin { is_https, host: host_name(host)?, port: port.unwrap_or(default) })
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    fn has_default_port(&self) -> bool {
        self.port == if self.is_https { 443 } else { 80 }
    }
}

/// `localhost` and the loopback addresses, where a browser trusts plain http.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Host and port of `host`, `host:8080`, `[::1]:8080`.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_ends = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(host_ends..)?.find(':') else { return Some((authority, None)) };
    let (host, port) = authority.split_at_checked(host_ends + colon)?;
    let digits = port.strip_prefix(':')?;
    let is_number = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    Some((host, Some(digits.parse().ok().filter(|port| *port > 0)?)))
}

/// A host in its one form, or nothing if it is none.
pub(super) fn host_name(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some(inner) = lower.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: std::net::Ipv6Addr = inner.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    (lower.len() <= DOMAIN_CHARS && lower.split('.').all(is_label)).then_some(lower)
}

/// This deployment's own address, `BELLHOP_URL`: what links are made with and what our own pages have as origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOrigin(Origin);

/// What is wrong with `BELLHOP_URL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnOriginError {
    /// Not an origin.
    Malformed,
    /// Plain http, and not on this machine: a browser would send the session in the clear.
    PlainHttp,
}

impl OwnOriginError {
    /// Says what to set.
    pub fn detail(self) -> &'static str {
        match self {
            OwnOriginError::Malformed => {
                "BELLHOP_URL must be this deployment's own origin, such as https://chat.example.com"
            }
            OwnOriginError::PlainHttp => {
                "BELLHOP_URL is plain http on a host other than localhost: put TLS in front and set it to https://…"
            }
        }
    }
}

impl OwnOrigin {
    /// Reads the setting; a trailing slash is forgiven.
    pub fn parse(text: &str) -> Result<Self, OwnOriginError> {
        let origin = Origin::parse(text.trim().trim_end_matches('/')).ok_or(OwnOriginError::Malformed)?;
        if !origin.is_https && !origin.is_loopback() {
            return Err(OwnOriginError::PlainHttp);
        }
        Ok(OwnOrigin(origin))
    }

    /// Cookies get their prefix and `Secure`, answers get HSTS.
    pub fn is_https(&self) -> bool {
        self.0.is_https
    }

    /// Whether an `Origin` header is one of our own pages. On loopback all its names are one.
    pub fn owns(&self, origin: &str) -> bool {
        let Some(origin) = Origin::parse(origin) else { return false };
        let same_host = origin.host == self.0.host || (origin.is_loopback() && self.0.is_loopback());
        same_host && origin.is_https == self.0.is_https && origin.port == self.0.port
    }
}

impl std::fmt::Display for OwnOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.0.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.0.host)?;
        if self.0.has_default_port() { Ok(()) } else { write!(f, ":{}", self.0.port) }
    }
}

/// One entry of a site's list: `shop.example`, `*.shop.example`, `shop.example:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    host: String,
    is_wildcard: bool,
    port: Option<u16>,
}

impl Domain {
    /// Reads what an owner enters; a scheme and a trailing slash are forgiven. A wildcard stands for at least one
    /// label, before at least two.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
        let (host, port) = split_port(rest.trim_end_matches('/'))?;
        let wildcard = host.strip_prefix("*.");
        let host = host_name(wildcard.unwrap_or(host))?;
        if wildcard.is_some() && (!host.contains('.') || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
        {
            return None;
        }
        Some(Domain { host, is_wildcard: wildcard.is_some(), port })
    }

    /// Whether a page of this origin stands on this domain. Without a port the usual one is meant; on loopback, where
    /// development servers take what is free, any.
    fn covers(&self, origin: &Origin) -> bool {
        let same_host = if self.is_wildcard {
            origin.host.strip_suffix(&self.host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            origin.host == self.host
        };
        same_host
            && match self.port {
                Some(port) => origin.port == port,
                None => origin.has_default_port() || origin.is_loopback(),
            }
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let wildcard = if self.is_wildcard { "*." } else { "" };
        write!(f, "{wildcard}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Reads a whole list, each in its one form, without repeats; or the first entry that is none.
pub fn parse_domains(entries: &[String]) -> Result<Vec<String>, String> {
    if let Some(surplus) = entries.get(SITE_DOMAINS) {
        return Err(surplus.clone());
    }
    let mut domains = Vec::new();
    for entry in entries {
        let domain = Domain::parse(entry).ok_or_else(|| entry.clone())?.to_string();
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

/// Whether a page of this origin may use the site. Our own pages always may (the demo, a preview in the console);
/// with an empty list nobody else.
pub fn site_allows(domains: &[String], own: &OwnOrigin, origin: &str) -> bool {
    if own.owns(origin) {
        return true;
    }
    let Some(origin) = Origin::parse(origin) else { return false };
    domains.iter().filter_map(|entry| Domain::parse(entry)).any(|domain| domain.covers(&origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> OwnOrigin {
        OwnOrigin::parse(text).unwrap()
    }

    #[test]
    fn a_site_lets_in_whom_its_list_names() {
        let list = [
            "shop.example",
            "*.shop.example",
            "bühne.example",
            "xn--bcher-kva.example",
            "dev.example:8443",
            "localhost",
        ];
        let list: Vec<String> = list.map(str::to_owned).to_vec();
        let cases = [
            ("https://shop.example", true),
            ("http://shop.example", true),
            ("https://SHOP.Example", true),
            ("https://shop.example:443", true),
            ("https://shop.example:8443", false),
            ("https://www.shop.example", true),
            ("https://a.b.shop.example", true),
            ("https://notshop.example", false),
            ("https://shop.example.evil.example", false),
            ("https://shop.example@evil.example", false),
            ("https://evil.example/shop.example", false),
            ("https://evil.example#shop.example", false),
            ("https://.shop.example", false),
            ("https://shop.example.", false),
            ("https://xn--bcher-kva.example", true),
            ("https://bücher.example", false),
            ("https://dev.example:8443", true),
            ("https://dev.example", false),
            ("http://localhost:3000", true),
            ("http://127.0.0.1:3000", false),
            ("http://localhost.evil.example", false),
            ("ftp://shop.example", false),
            ("file://shop.example", false),
            ("chrome-extension://shop.example", false),
            ("shop.example", false),
            ("null", false),
            ("", false),
            ("https://", false),
            ("https://chat.example", true),
            ("http://chat.example", false),
        ];
        for (origin, allowed) in cases {
            assert_eq!(site_allows(&list, &own("https://chat.example"), origin), allowed, "{origin}");
            let by_nobody = site_allows(&[], &own("https://chat.example"), origin);
            assert_eq!(by_nobody, origin == "https://chat.example", "empty list: {origin}");
        }
    }

    #[test]
    fn entries_take_one_form_or_are_refused() {
        let cases = [
            ("Shop.Example", Some("shop.example")),
            (" https://shop.example/ ", Some("shop.example")),
            ("http://shop.example:8080", Some("shop.example:8080")),
            ("*.Shop.Example", Some("*.shop.example")),
            ("127.0.0.1:3000", Some("127.0.0.1:3000")),
            ("[::1]:3000", Some("[::1]:3000")),
            ("localhost", Some("localhost")),
            ("*", None),
            ("*.example", None),
            ("*.0.0.1", None),
            ("a.*.example", None),
            ("*shop.example", None),
            ("shop.example/path", None),
            ("user@shop.example", None),
            ("shop..example", None),
            ("shop.example:0", None),
            ("shop.example:99999", None),
            ("shop.example:", None),
            ("javascript:alert(1)", None),
            ("bücher.example", None),
            ("", None),
        ];
        for (entry, expect) in cases {
            assert_eq!(Domain::parse(entry).map(|domain| domain.to_string()).as_deref(), expect, "{entry}");
        }
        let twice = ["a.example".to_owned(), "A.example".to_owned()];
        assert_eq!(parse_domains(&twice), Ok(vec!["a.example".to_owned()]));
        assert_eq!(parse_domains(&vec!["a.example".to_owned(); 51]), Err("a.example".to_owned()));
    }

    #[test]
    fn our_own_origin_is_https_or_this_machine() {
        let cases = [
            ("https://chat.example", Ok("https://chat.example")),
            ("https://chat.example:8443/", Ok("https://chat.example:8443")),
            ("http://localhost:8787", Ok("http://localhost:8787")),
            ("http://127.0.0.1:8787", Ok("http://127.0.0.1:8787")),
            ("http://[::1]:8787", Ok("http://[::1]:8787")),
            ("http://chat.example", Err(OwnOriginError::PlainHttp)),
            ("http://192.168.1.5:8787", Err(OwnOriginError::PlainHttp)),
            ("http://localhost.example", Err(OwnOriginError::PlainHttp)),
            ("", Err(OwnOriginError::Malformed)),
            ("chat.example", Err(OwnOriginError::Malformed)),
            ("https://chat.example/console", Err(OwnOriginError::Malformed)),
        ];
        for (setting, expect) in cases {
            let parsed = OwnOrigin::parse(setting).map(|own| own.to_string());
            assert_eq!(parsed, expect.map(str::to_owned), "{setting}");
        }
        let local = own("http://localhost:8787");
        for (origin, owned) in [
            ("http://localhost:8787", true),
            ("http://127.0.0.1:8787", true),
            ("http://[::1]:8787", true),
            ("http://localhost:8788", false),
            ("https://localhost:8787", false),
            ("http://localhost", false),
            ("http://localhost.evil.example:8787", false),
            ("null", false),
        ] {
            assert_eq!(local.owns(origin), owned, "{origin}");
        }
        assert!(!own("https://chat.example").owns("https://www.chat.example"), "a sibling is a stranger");
    }
}
