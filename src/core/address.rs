//! Where a request comes from, as a key for limits: from one trusted source only (INV-15).
//!
//! An IPv6 customer has a /64 at least, so that is one address; some have a /48, which is the wider network around it. A
//! v4 address in v6 clothes is that v4 address.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The key of a client's address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientAddress {
    key: String,
    wider: Option<String>,
}

impl ClientAddress {
    /// From what the platform says of its peer, and from the header that this deployment trusts, if it trusts one and
    /// the request has it. Of a list the last entry counts: the one that the trusted proxy itself has added.
    pub fn of(peer: Option<&str>, trusted: Option<&str>) -> Self {
        let last = trusted.and_then(|value| value.rsplit(',').next());
        let address = last.and_then(parse).or_else(|| peer.and_then(parse));
        let (key, wider) = match address {
            Some(IpAddr::V4(address)) => (address.to_string(), None),
            Some(IpAddr::V6(address)) => (network(address, 64), Some(network(address, 48))),
            // All who can't be told apart share one key, so that hiding gains nothing.
            None => ("unknown".to_owned(), None),
        };
        ClientAddress { key, wider }
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// The key of the network around it, for looser limits.
    pub fn wider(&self) -> Option<&str> {
        self.wider.as_deref()
    }
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip())).ok()?;
    Some(match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    })
}

fn network(address: Ipv6Addr, bits: u32) -> String {
    let prefix = address.to_bits() & !(u128::MAX >> bits);
    format!("{}/{bits}", Ipv6Addr::from_bits(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inv_15_one_source_and_one_key_for_a_network() {
        let cases = [
            (Some("192.0.2.7"), None, "192.0.2.7"),
            (Some("192.0.2.7:5123"), None, "192.0.2.7"),
            (Some("::ffff:192.0.2.7"), None, "192.0.2.7"),
            (Some("2001:db8:1:2:3:4:5:6"), None, "2001:db8:1:2::/64"),
            (Some("2001:db8:1:2:ffff::1"), None, "2001:db8:1:2::/64"),
            (Some("[2001:db8:1:2::9]:443"), None, "2001:db8:1:2::/64"),
            (Some("[2001:db8:1:2::9]"), None, "2001:db8:1:2::/64"),
            (Some("10.0.0.1"), Some("203.0.113.9"), "203.0.113.9"),
            (Some("10.0.0.1"), Some("6.6.6.6, 203.0.113.9"), "203.0.113.9"),
            (Some("10.0.0.1"), Some("203.0.113.9, nonsense"), "10.0.0.1"),
            (Some("10.0.0.1"), Some(""), "10.0.0.1"),
            (Some("unix:/run/x"), None, "unknown"),
            (None, None, "unknown"),
            (None, Some("<script>"), "unknown"),
        ];
        for (peer, trusted, expect) in cases {
            assert_eq!(ClientAddress::of(peer, trusted).as_str(), expect, "{peer:?} {trusted:?}");
        }
    }

    #[test]
    fn the_wider_network_of_an_address() {
        let cases = [
            ("192.0.2.7", None),
            ("::ffff:192.0.2.7", None),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1::/48")),
            ("2001:db8:1:ffff:3:4:5:6", Some("2001:db8:1::/48")),
            ("2001:db8:2::1", Some("2001:db8:2::/48")),
            ("nonsense", None),
        ];
        for (peer, expect) in cases {
            assert_eq!(ClientAddress::of(Some(peer), None).wider(), expect, "{peer}");
        }
    }
}
