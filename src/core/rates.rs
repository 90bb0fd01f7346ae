//! How often a thing may be done, by whom: what the gateway asks the Limiter before anything is woken or written
//! (INV-9). Numbers are for one address behind which an office may sit, and for one site on its best day; a factor of
//! the deployment raises them all for load tests and large networks.

use super::{
    address::ClientAddress,
    limiter::Request,
    limits::LOCK_OUT,
    route::{Bot, Endpoint, Own, Team, Work},
    time::{MINUTE, SECOND},
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
/// Articles that are read: by address.
pub const READ: Rate = rate("read", 300, 5 * MINUTE);
/// Pictures that are shown: by address, behind which an office may look at all of its colleagues at once.
pub const PICTURE: Rate = rate("picture", 3_000, 5 * MINUTE);
/// Signing in: by the e-mail address that is tried, wherever from. It locks nobody out for longer than wrong passwords do.
pub const SIGN_IN_ACCOUNT: Rate = rate("sign_in_account", 30, LOCK_OUT);
/// Visitors' sessions: by address.
pub const SESSION: Rate = rate("session", 60, MINUTE);
/// Visitors who begin, for each of whom there may be a Room and a row of the Desk for good: by address. Behind one may sit an office,
/// or a carrier's customers; who comes back is not counted.
pub const BEGIN: Rate = rate("begin", 100, 15 * MINUTE);
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

/// What a signed-in agent changes and searches for: by agent. Twenty a second, a hundred at once.
pub const WORK: Rate = rate("work", 100, 5 * SECOND);

/// Models, imports of what is learnt from, up to two megabytes each, reports, for which D1 reads every turn, and tries of a responder,
/// which may cost its owner: by agent.
pub const KNOWLEDGE: Rate = rate("knowledge", 30, MINUTE);

/// Every limit.
pub const ALL: [Rate; 14] = [
    SIGN_IN,
    LOOK,
    READ,
    PICTURE,
    SIGN_IN_ACCOUNT,
    SESSION,
    BEGIN,
    SESSION_SITE,
    TICKETS,
    SOCKET,
    SOCKET_SITE,
    SOCKET_AGENT,
    WORK,
    KNOWLEDGE,
];

/// How many times as much may come from a whole /48 of IPv6, which one customer can have, as from one /64 of it.
const WIDER: u32 = 16;

/// What is asked of one Limiter, in one call: all of it is counted, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which Limiter.
    pub shard: String,
    /// What.
    pub requests: Vec<Request>,
}

impl Rate {
    /// What to ask for one key. Keys of people are hashed by the caller where they are personal.
    pub fn request(self, key: &str, factor: u32) -> Asked {
        let request = self.count(key, factor);
        Asked { shard: shard(&request.key), requests: vec![request] }
    }

    /// What to ask for an address: of the Limiter that also counts the network around it, if it has one.
    pub fn by_address(self, address: &ClientAddress, factor: u32) -> Asked {
        let Some(wider) = address.wider() else { return self.request(address.as_str(), factor) };
        let wider = self.count(wider, factor.max(1).saturating_mul(WIDER));
        Asked { shard: shard(&wider.key), requests: vec![self.count(address.as_str(), factor), wider] }
    }

    fn count(self, key: &str, factor: u32) -> Request {
        Request {
            key: format!("{}/{key}", self.name),
            window_ms: u64::try_from(self.window_ms).unwrap_or(0),
            limit: self.limit.saturating_mul(factor.max(1)),
        }
    }
}

/// What an agent who is signed in is limited by. What only reads by an index is not: a call of a Limiter would cost
/// it more than the read does. `searches`: the list is asked for words, or for
/// some of its rows alone, for which it reads others.
pub fn of_signed_in(endpoint: Endpoint, searches: bool) -> Option<Rate> {
    match endpoint {
        Endpoint::Work(Work::Conversations) => searches.then_some(WORK),
        Endpoint::Own(Own::Tickets | Own::Password) => Some(TICKETS),
        Endpoint::Own(Own::Logout | Own::LogoutEverywhere | Own::Rename)
        | Endpoint::Work(Work::Search | Work::BlockVisitor | Work::UnblockVisitor)
        | Endpoint::Team(
            Team::Invite
            | Team::ChangeAgent
            | Team::DisableAgent
            | Team::EnableAgent
            | Team::ResetAgent
            | Team::SetPicture
            | Team::RemovePicture
            | Team::AddPicture
            | Team::DeletePicture
            | Team::CreateSite
            | Team::ChangeSite
            | Team::ChangeSiteIdentity
            | Team::CreateTeam
            | Team::ChangeTeam
            | Team::DeleteTeam
            | Team::CreateTag
            | Team::ChangeTag
            | Team::DeleteTag
            | Team::ChangeRouting
            | Team::PreviewRouting
            | Team::Decisions,
        )
        | Endpoint::Bot(
            Bot::Change
            | Bot::UseModel
            | Bot::ModelFile
            | Bot::Intents
            | Bot::PutIntent
            | Bot::DeleteIntent
            | Bot::AddExamples
            | Bot::Faq
            | Bot::AddFaq
            | Bot::PutFaq
            | Bot::DeleteFaq
            | Bot::AddArticle
            | Bot::PutArticle
            | Bot::DeleteArticle
            | Bot::PreviewArticle
            | Bot::Past
            | Bot::Questions
            | Bot::SettleQuestions
            | Bot::Asked
            | Bot::RenewSigning
            | Bot::Suggest,
        ) => Some(WORK),
        Endpoint::Bot(Bot::AddModel | Bot::ImportIntents | Bot::ImportFaq | Bot::Report | Bot::Try) => Some(KNOWLEDGE),
        Endpoint::Own(Own::Me)
        | Endpoint::Work(Work::Conversation | Work::Messages)
        | Endpoint::Team(
            Team::Agents | Team::Sites | Team::SiteIdentity | Team::Teams | Team::Tags | Team::Routing | Team::Audit,
        )
        | Endpoint::Bot(Bot::Show | Bot::Models | Bot::Articles | Bot::Article)
        | Endpoint::Open(_)
        | Endpoint::Page(_)
        | Endpoint::Browser(_)
        | Endpoint::Socket(_)
        | Endpoint::Script(_) => None,
    }
}

/// Limiter objects that the keys are spread over. More cost nothing while they sleep; changing it forgets all counts.
const SHARDS: u32 = 64;

/// Which Limiter counts a key. No secret is needed: all shards are alike.
pub fn shard(key: &str) -> String {
    let hash = super::fnv::fnv1a(key.as_bytes());
    format!("shard-{}", hash % SHARDS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::core::{
        limits::{LIMITER_KEY_BYTES, LIMITER_WINDOW_MAX},
        route::{Door, TABLE},
    };

    #[test]
    fn limits_are_told_apart_and_fit_the_limiter() {
        let mut names: Vec<&str> = ALL.iter().map(|rate| rate.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        let longest = format!("cnv_{}", "0".repeat(64));
        for rate in ALL {
            let Asked { requests, .. } = rate.request(&longest, 1);
            let [request] = requests.as_slice() else { panic!("{requests:?}") };
            assert!(request.key.len() <= LIMITER_KEY_BYTES, "{}", request.key);
            assert!(rate.window_ms > 0 && rate.window_ms <= LIMITER_WINDOW_MAX);
            assert_eq!(rate.count("x", 0).limit, rate.limit, "a factor never turns a limit off");
            assert_eq!(rate.count("x", u32::MAX).limit, u32::MAX);
        }
    }

    #[test]
    fn whoever_guesses_at_an_account_locks_its_owner_out_no_longer_than_a_wrong_password_does() {
        assert_eq!(SIGN_IN_ACCOUNT.window_ms, LOCK_OUT);
    }

    #[test]
    fn a_network_is_counted_with_its_address_in_one_call() {
        let asked = |peer: &str| SESSION.by_address(&ClientAddress::of(Some(peer), None), 2);
        let keys = |asked: &Asked| asked.requests.iter().map(|it| (it.key.clone(), it.limit)).collect::<Vec<_>>();
        let (one, other) = (asked("2001:db8:1:2::9"), asked("2001:db8:1:ffff::9"));
        let wide = ("session/2001:db8:1::/48".to_owned(), 60 * 2 * 16);
        assert_eq!(keys(&one), [("session/2001:db8:1:2::/64".to_owned(), 120), wide.clone()]);
        assert_eq!(keys(&other), [("session/2001:db8:1:ffff::/64".to_owned(), 120), wide]);
        assert_eq!(one.shard, other.shard, "one Limiter knows the whole network");
        assert_eq!(keys(&asked("192.0.2.7")), [("session/192.0.2.7".to_owned(), 120)]);
    }

    #[test]
    fn whatever_changes_searches_or_is_large_is_limited_by_agent() {
        for line in TABLE.iter().filter(|line| matches!(line.door, Door::Agent | Door::Manager)) {
            // Searches, what may be megabytes, and what reads many rows.
            let is_dear = matches!(
                line.endpoint,
                Endpoint::Work(Work::Search)
                    | Endpoint::Team(Team::Decisions)
                    | Endpoint::Bot(
                        Bot::Intents
                            | Bot::Faq
                            | Bot::ModelFile
                            | Bot::Past
                            | Bot::Report
                            | Bot::Questions
                            | Bot::Asked
                    )
            );
            let expect = line.method != "GET" || is_dear;
            assert_eq!(of_signed_in(line.endpoint, false).is_some(), expect, "{} {}", line.method, line.pattern);
        }
        assert_eq!(of_signed_in(Endpoint::Work(Work::Conversations), true), Some(WORK));
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
