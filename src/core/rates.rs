//! How often a thing may be done, by whom: what the gateway asks the Limiter before anything is woken or written
//! (INV-9). Numbers are for one address behind which an office may sit, and for one site on its best day; a factor of
//! the deployment raises them all for load tests and large networks.

use super::{
    limiter::Request,
    time::{HOUR, MINUTE},
};

/// A limit with its name, which begins its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    name: &'static str,
    window_ms: i64,
    limit: u32,
}

const fn rate(name: &'static str, limit: u32, window_ms: i64) -> Rate {
    Rate { name, window_ms, limit }
}

/// Signing in, setting up, following a link: by address.
pub const SIGN_IN: Rate = rate("sign_in", 60, 5 * MINUTE);
/// Asking whether there is an owner, as every sign-in page does: by address.
pub const LOOK: Rate = rate("look", 300, 5 * MINUTE);
/// Signing in: by the e-mail address that is tried, wherever from.
pub const SIGN_IN_ACCOUNT: Rate = rate("sign_in_account", 30, HOUR);
/// Visitors' sessions: by address.
pub const SESSION: Rate = rate("session", 60, MINUTE);
/// Visitors' sessions: by site.
pub const SESSION_SITE: Rate = rate("session_site", 6_000, MINUTE);
/// Agents' tickets: by agent. Each tab renews one every quarter of an hour.
pub const TICKETS: Rate = rate("tickets", 120, MINUTE);
/// Sockets: by address.
pub const SOCKET: Rate = rate("socket", 240, MINUTE);
/// Visitors' sockets: by site.
pub const SOCKET_SITE: Rate = rate("socket_site", 12_000, MINUTE);
/// Agents' sockets: by agent; one for the Desk and one for each conversation that is shown.
pub const SOCKET_AGENT: Rate = rate("socket_agent", 240, MINUTE);

/// Every limit.
pub const ALL: [Rate; 9] =
    [SIGN_IN, LOOK, SIGN_IN_ACCOUNT, SESSION, SESSION_SITE, TICKETS, SOCKET, SOCKET_SITE, SOCKET_AGENT];

impl Rate {
    /// What to ask of the Limiter for one key. Keys of people are hashed by the caller where they are personal.
    pub fn request(self, key: &str, factor: u32) -> Request {
        Request {
            key: format!("{}/{key}", self.name),
            window_ms: u64::try_from(self.window_ms).unwrap_or(0),
            limit: self.limit.saturating_mul(factor.max(1)),
        }
    }
}

/// Limiter objects that the keys are spread over. More cost nothing while they sleep; changing it forgets all counts.
const SHARDS: u32 = 64;

/// Which Limiter counts a key (FNV-1a, which spreads well and needs no secret: all shards are alike).
pub fn shard(key: &str) -> String {
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("shard-{}", hash % SHARDS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::core::limits::{LIMITER_KEY_BYTES, LIMITER_WINDOW_MAX};

    #[test]
    fn limits_are_told_apart_and_fit_the_limiter() {
        let mut names: Vec<&str> = ALL.iter().map(|rate| rate.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        let longest = format!("cnv_{}", "0".repeat(64));
        for rate in ALL {
            let request = rate.request(&longest, 1);
            assert!(request.key.len() <= LIMITER_KEY_BYTES, "{}", request.key);
            assert!(rate.window_ms > 0 && rate.window_ms <= LIMITER_WINDOW_MAX);
            assert_eq!(rate.request("x", 0).limit, rate.limit, "a factor never turns a limit off");
            assert_eq!(rate.request("x", u32::MAX).limit, u32::MAX);
        }
    }

    #[test]
    fn keys_are_spread_evenly() {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for index in 0..6_400 {
            *counts.entry(shard(&format!("session/192.0.2.{index}"))).or_default() += 1;
        }
        assert_eq!(counts.len(), 64);
        assert!(counts.values().all(|count| (50..200).contains(count)), "{counts:?}");
    }
}
