//! How a workspace routes.

use serde::{Deserialize, Deserializer, Serialize};

use crate::core::{
    limits::{
        AGEING_MINUTES_MAX, CAPACITY_MAX, FOLLOW_UP_SECONDS_MAX, FORM_MINUTES_MAX, GONE_MINUTES_MAX, IDLE_MINUTES_MAX,
        IDLE_WARNING_MINUTES_MAX, LAST_AGENT_DAYS_MAX, OVERFLOW_MINUTES_MAX, REOPEN_HOURS_MAX, RESERVED_SLOTS_MAX,
        RING_SECONDS,
    },
    time::{DAY, MINUTE, Timestamp},
};

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
#[serde(default)]
pub struct Weights {
    /// Free capacity.
    pub load: u32,
    /// Time since the last assignment.
    pub idle: u32,
    /// The agent speaks the visitor's language.
    pub language: u32,
    /// The agent knows about what the visitor asks.
    pub skill: u32,
    /// The agent is near the visitor.
    pub distance: u32,
}

impl Weights {
    /// All together.
    pub fn sum(&self) -> i64 {
        [self.load, self.idle, self.language, self.skill, self.distance].into_iter().map(i64::from).sum()
    }
}

impl Default for Weights {
    fn default() -> Self {
        // To most chats it is nothing where the other sits.
        Weights { load: 60, idle: 40, language: 50, skill: 50, distance: 0 }
    }
}

/// Everything that an admin sets. Fields are only ever added: the Desk and the gateway may be two versions for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routing {
    /// How an agent is chosen.
    #[serde(deserialize_with = "method_or_manual")]
    pub method: Method,
    /// Open conversations that an agent may have at once and still get another; 1 to 100.
    pub capacity: u32,
    /// How long a conversation rings before another agent is asked, in seconds; 5 to 300.
    pub ring_seconds: u32,
    /// How long an agent may be gone before what they have answered goes to others, in minutes; 0 to 1,440, 0: for ever.
    pub gone_minutes: u32,
    /// How long a conversation waits for its own team before the team that helps out is asked, too, in minutes; 0 to 1,440,
    /// 0: that one is only asked when nobody of its own is here.
    pub overflow_minutes: u32,
    /// How long after it was resolved a conversation that is reopened goes on with its agent, if they are here, in hours; 0 to
    /// 720, 0: never.
    pub reopen_hours: u32,
    /// How long a visitor's last agent comes first, in days; 0 to 365, 0: never.
    pub last_agent_days: u32,
    /// How many minutes of waiting equal one level of a visitor; 0 to 1,440, 0: whoever has a higher level always comes first.
    pub ageing_minutes: u32,
    /// Free slots that are kept for visitors with a level, of all agents together; 0 to 100. Teams may have their own.
    pub reserved_slots: u32,
    /// How long an open conversation may stand still after an agent's message before it is resolved, in minutes; 0 to 43,200,
    /// 0: for ever.
    pub idle_minutes: u32,
    /// How long before that the visitor is warned, in minutes; 0 to 60 and less than that, 0: not at all.
    pub idle_warning_minutes: u32,
    /// How long a visitor waits before they are offered to leave an e-mail address, in minutes; 0 to 1,440, 0: never. Sooner where
    /// nobody is here.
    pub form_minutes: u32,
    /// How long a visitor who waits may be gone before their conversation leaves the line, in seconds; 0 to 3,600, 0: never.
    pub follow_up_seconds: u32,
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
            overflow_minutes: 5,
            reopen_hours: 24,
            last_agent_days: 30,
            ageing_minutes: 10,
            reserved_slots: 0,
            idle_minutes: 0,
            idle_warning_minutes: 5,
            form_minutes: 10,
            follow_up_seconds: 120,
            weights: Weights::default(),
        }
    }
}

impl Routing {
    /// What a level is worth.
    pub fn ageing(&self) -> Ageing {
        Ageing(self.ageing_minutes)
    }

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
        if self.overflow_minutes > OVERFLOW_MINUTES_MAX {
            return Err(("overflow_minutes", "0 to 1440"));
        }
        if self.reopen_hours > REOPEN_HOURS_MAX {
            return Err(("reopen_hours", "0 to 720"));
        }
        if self.last_agent_days > LAST_AGENT_DAYS_MAX {
            return Err(("last_agent_days", "0 to 365"));
        }
        if self.ageing_minutes > AGEING_MINUTES_MAX {
            return Err(("ageing_minutes", "0 to 1440"));
        }
        if self.reserved_slots > RESERVED_SLOTS_MAX {
            return Err(("reserved_slots", "0 to 100"));
        }
        if self.idle_minutes > IDLE_MINUTES_MAX {
            return Err(("idle_minutes", "0 to 43200"));
        }
        if self.idle_warning_minutes > IDLE_WARNING_MINUTES_MAX {
            return Err(("idle_warning_minutes", "0 to 60"));
        }
        if self.idle_minutes > 0 && self.idle_warning_minutes >= self.idle_minutes {
            return Err(("idle_warning_minutes", "less than idle_minutes"));
        }
        if self.form_minutes > FORM_MINUTES_MAX {
            return Err(("form_minutes", "0 to 1440"));
        }
        if self.follow_up_seconds > FOLLOW_UP_SECONDS_MAX {
            return Err(("follow_up_seconds", "0 to 3600"));
        }
        let Weights { load, idle, language, skill, distance } = self.weights;
        let weights = [load, idle, language, skill, distance];
        if weights.iter().any(|weight| *weight > 100) || weights.iter().all(|weight| *weight == 0) {
            return Err(("weights", "each 0 to 100, and not all of them 0"));
        }
        Ok(())
    }
}

/// What a level is worth against waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ageing(u32);

impl Ageing {
    /// `arrival − level × ageing minutes`: a visitor without a level is overtaken only by those of level L who came less than L times
    /// that long after them, so nobody starves. Without ageing levels stand above each other whatever the wait.
    pub fn place(self, arrival: Timestamp, level: u8) -> Timestamp {
        // Longer than anybody waits.
        const CENTURY: i64 = 36_500 * DAY;
        let worth = if self.0 == 0 { CENTURY } else { i64::from(self.0) * MINUTE };
        arrival.plus(-worth * i64::from(level))
    }
}

/// One as stored: a word that only a later version knows is none, and takes nothing else along. What an admin says is read strictly.
pub(super) fn known_method<'de, D: Deserializer<'de>>(word: D) -> Result<Option<Method>, D::Error> {
    Ok(Option::<String>::deserialize(word)?.and_then(|word| Method::parse(&word)))
}

fn method_or_manual<'de, D: Deserializer<'de>>(word: D) -> Result<Method, D::Error> {
    known_method(word).map(Option::unwrap_or_default)
}

impl Method {
    /// As stored and told.
    pub fn name(self) -> &'static str {
        match self {
            Method::Manual => "manual",
            Method::BestMatch => "best_match",
            Method::RoundRobin => "round_robin",
            Method::LeastBusy => "least_busy",
        }
    }

    /// Of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Method::Manual, Method::BestMatch, Method::RoundRobin, Method::LeastBusy];
        all.into_iter().find(|method| method.name() == name)
    }

    /// Conversations are given to agents.
    pub fn is_automatic(self) -> bool {
        self != Method::Manual
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
        assert!(
            !of(|it| it.weights.idle = 101) && !of(|it| it.weights.language = 101) && !of(|it| it.weights.skill = 101)
        );
        assert!(!of(|it| it.weights = Weights { load: 0, idle: 0, language: 0, skill: 0, distance: 0 }));
        assert!(of(|it| it.weights = Weights { load: 0, idle: 0, language: 0, skill: 0, distance: 1 }));
        assert!(!of(|it| it.weights.distance = 101));
        assert!(of(|it| it.overflow_minutes = 1_440) && !of(|it| it.overflow_minutes = 1_441));
        assert!(of(|it| it.reopen_hours = 720) && !of(|it| it.reopen_hours = 721));
        assert!(of(|it| it.last_agent_days = 365) && !of(|it| it.last_agent_days = 366));
        assert!(of(|it| it.ageing_minutes = 1_440) && !of(|it| it.ageing_minutes = 1_441));
        assert!(of(|it| it.reserved_slots = 100) && !of(|it| it.reserved_slots = 101));
        assert!(of(|it| it.idle_minutes = 43_200) && !of(|it| it.idle_minutes = 43_201));
        assert!(of(|it| it.idle_warning_minutes = 60) && !of(|it| it.idle_warning_minutes = 61));
        assert!(of(|it| it.idle_minutes = 6) && !of(|it| it.idle_minutes = 5), "the warning comes before the end");
        assert!(of(|it| (it.idle_minutes, it.idle_warning_minutes) = (1, 0)));
        assert!(of(|it| it.form_minutes = 1_440) && !of(|it| it.form_minutes = 1_441));
        assert!(of(|it| it.follow_up_seconds = 3_600) && !of(|it| it.follow_up_seconds = 3_601));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let text = r#"{"method":"least_busy","capacity":3,"ring_seconds":20,"gone_minutes":0,"overflow_minutes":1,"reopen_hours":5,"last_agent_days":2,"ageing_minutes":7,"reserved_slots":1,"idle_minutes":60,"idle_warning_minutes":3,"form_minutes":7,"follow_up_seconds":60,"weights":{"load":1,"idle":0,"language":3,"skill":4,"distance":5}}"#;
        let routing: Routing = serde_json::from_str(text).unwrap();
        assert_eq!(routing.method, Method::LeastBusy);
        assert_eq!(serde_json::to_string(&routing).unwrap(), text);
        let earlier = r#"{"method":"round_robin","weights":{"load":1,"idle":0}}"#;
        let routing: Routing = serde_json::from_str(earlier).unwrap();
        assert_eq!((routing.last_agent_days, routing.weights.language, routing.weights.load), (30, 50, 1));
        assert_eq!(routing.idle_minutes, 0, "what nobody has asked for does not happen");
    }
}
