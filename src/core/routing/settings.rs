//! How a workspace routes.

use serde::{Deserialize, Serialize};

use crate::core::limits::{CAPACITY_MAX, GONE_MINUTES_MAX, RING_SECONDS};

/// How an agent is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Nobody is: whoever claims a conversation has it.
    #[default]
    Manual,
    /// By weighted score.
    BestMatch,
    /// Whoever was given one longest ago.
    RoundRobin,
    /// Whoever has the smallest part of their capacity in use.
    LeastBusy,
}

/// What counts how much for [`Method::BestMatch`]; only the ratios matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Free capacity.
    pub load: u32,
    /// Time since the last assignment.
    pub idle: u32,
}

/// Everything that an admin sets. Fields are only ever added: the Desk and the gateway may be two versions for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routing {
    /// How an agent is chosen.
    pub method: Method,
    /// Open conversations that an agent may have at once and still get another; 1 to 100.
    pub capacity: u32,
    /// How long a conversation rings before another agent is asked, in seconds; 5 to 300.
    pub ring_seconds: u32,
    /// How long an agent may be gone before what they have answered goes to others, in minutes; 0 to 1,440, 0: for ever.
    pub gone_minutes: u32,
    /// For [`Method::BestMatch`].
    pub weights: Weights,
}

impl Default for Routing {
    fn default() -> Self {
        Routing {
            method: Method::Manual,
            capacity: 5,
            ring_seconds: 30,
            gone_minutes: 10,
            weights: Weights { load: 60, idle: 40 },
        }
    }
}

impl Routing {
    /// Whether every number is in its range; if not, which one is wrong and why.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !(1..=CAPACITY_MAX).contains(&self.capacity) {
            return Err(("capacity", "1 to 100"));
        }
        if !RING_SECONDS.contains(&self.ring_seconds) {
            return Err(("ring_seconds", "5 to 300"));
        }
        if self.gone_minutes > GONE_MINUTES_MAX {
            return Err(("gone_minutes", "0 to 1440"));
        }
        let weights = [self.weights.load, self.weights.idle];
        if weights.iter().any(|weight| *weight > 100) || weights.iter().all(|weight| *weight == 0) {
            return Err(("weights", "each 0 to 100, and not all of them 0"));
        }
        Ok(())
    }

    /// Conversations are given to agents.
    pub fn is_automatic(&self) -> bool {
        self.method != Method::Manual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_ranges() {
        let good = Routing::default();
        let of = |change: fn(&mut Routing)| {
            let mut routing = good;
            change(&mut routing);
            routing.check().is_ok()
        };
        assert_eq!(good.check(), Ok(()));
        assert!(of(|it| it.capacity = 1) && of(|it| it.capacity = 100));
        assert!(!of(|it| it.capacity = 0) && !of(|it| it.capacity = 101));
        assert!(of(|it| it.ring_seconds = 5) && of(|it| it.ring_seconds = 300));
        assert!(!of(|it| it.ring_seconds = 4) && !of(|it| it.ring_seconds = 301));
        assert!(of(|it| it.gone_minutes = 0) && of(|it| it.gone_minutes = 1_440) && !of(|it| it.gone_minutes = 1_441));
        assert!(of(|it| it.weights.load = 0) && of(|it| it.weights.load = 100));
        assert!(!of(|it| it.weights.idle = 101) && !of(|it| it.weights = Weights { load: 0, idle: 0 }));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let text =
            r#"{"method":"least_busy","capacity":3,"ring_seconds":20,"gone_minutes":0,"weights":{"load":1,"idle":0}}"#;
        let routing: Routing = serde_json::from_str(text).unwrap();
        assert_eq!(routing.method, Method::LeastBusy);
        assert_eq!(serde_json::to_string(&routing).unwrap(), text);
    }
}
