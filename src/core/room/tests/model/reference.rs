//! What a Room should hold, said as simply as it can be: two lists, a status, an assignment and who is refused. It
//! knows nothing of sockets' frames, cursors, rows or alarms.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    id::AgentId,
    internal::{AssignOrder, IdleTerms, Revoked, Status},
    principal::Principal,
    time::{MINUTE, Timestamp},
};

/// Who wrote it (an agent's id, `visitor` or `system`), its client id, and its text or kind of activity.
pub type Line = (String, String, String);

/// The whole of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub owner: Option<Principal>,
    pub public: Vec<Line>,
    pub private: Vec<Line>,
    pub status: Option<Status>,
    pub snoozed_until: Option<Timestamp>,
    pub assignee: Option<AgentId>,
    pub assignment_epoch: u64,
    pub blocked: bool,
    pub muted: bool,
    /// As they were put on.
    pub tags: Vec<String>,
    pub visitor_generation: u64,
    /// The lowest generation of an agent that is let in.
    pub generations: BTreeMap<AgentId, u64>,
    taken: BTreeSet<(bool, String, String)>,
    /// The newest message: how long the public log was with it, when it was, and whether it is an agent's.
    word: Option<(usize, Timestamp, bool)>,
    /// The same of the bot's newest answer while the conversation is its own.
    pub bot_word: Option<(usize, Timestamp, bool)>,
    /// What the visitor thinks of its answers.
    pub rated: BTreeMap<u64, bool>,
    /// The form that the visitor is filling in.
    pub form: Option<Filling>,
    /// How long the public log was when a person handed it on.
    owed: usize,
    /// After which message everybody is silent, since when, and when the visitor was warned of how much time.
    silence: Option<(usize, Timestamp, Option<Warned>)>,
}

/// When, and of how much time.
type Warned = (Timestamp, i64);

pub fn name_of(principal: &Principal) -> String {
    match principal {
        Principal::Visitor(_) => "visitor".into(),
        Principal::Agent(agent) => agent.agent.to_string(),
    }
}

/// What the bot knows of a parcel, and how often in a row it was told something else.
#[derive(Debug, Default, Clone)]
pub struct Filling {
    pub number: bool,
    pub mail: bool,
    pub wrong: u8,
}

impl Reference {
    /// Whether this one may be here now.
    pub fn admits(&self, principal: &Principal, now: Timestamp) -> bool {
        if now >= principal.expires_at() {
            return false;
        }
        match (principal, &self.owner) {
            (Principal::Visitor(_), None) => true,
            (Principal::Agent(_), None) => false,
            (Principal::Visitor(visitor), Some(owner)) => {
                let Principal::Visitor(owner) = owner else { return false };
                let is_current = visitor.generation >= self.visitor_generation;
                visitor.visitor == owner.visitor && is_current && (!self.blocked || self.proves_a_lift(principal))
            }
            (Principal::Agent(agent), Some(_)) => {
                agent.generation >= self.generations.get(&agent.agent).copied().unwrap_or(0)
            }
        }
    }

    /// Nobody blocked gets a ticket, and each lift raises the generation: a later one says that the Room has yet to hear of it.
    fn proves_a_lift(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Visitor(visitor) => self.blocked && visitor.generation > self.visitor_generation,
            Principal::Agent(_) => false,
        }
    }

    /// Somebody who is admitted comes in. True: the Room has learned by that that they are blocked no longer, which is no
    /// presence but a change of the conversation, and the one thing that a connection may write.
    pub fn enter(&mut self, principal: &Principal) -> bool {
        let lifts = self.proves_a_lift(principal);
        if let (true, Principal::Visitor(visitor)) = (lifts, principal) {
            (self.blocked, self.visitor_generation) = (false, visitor.generation);
        }
        lifts
    }

    pub fn send(&mut self, who: &Principal, client_id: &str, text: &str, now: Timestamp) {
        if !self.taken.insert((true, name_of(who), client_id.to_owned())) {
            return;
        }
        if self.owner.is_none() {
            let Principal::Visitor(visitor) = who else { return };
            self.owner = Some(who.clone());
            self.visitor_generation = visitor.generation;
            self.status = Some(Status::Open);
        }
        self.public.push((name_of(who), client_id.to_owned(), text.to_owned()));
        self.word = Some((self.public.len(), now, matches!(who, Principal::Agent(_))));
        if let (false, Principal::Visitor(_), Some(Status::Snoozed | Status::Resolved)) = (self.muted, who, self.status)
        {
            self.turn(Status::Open, None, now);
        }
        if let (Principal::Agent(_), Some(Status::Pending)) = (who, self.status) {
            self.turn(Status::Open, None, now);
        }
    }

    pub fn note(&mut self, who: &Principal, client_id: &str, text: &str) {
        if self.taken.insert((false, name_of(who), client_id.to_owned())) {
            self.private.push((name_of(who), client_id.to_owned(), text.to_owned()));
        }
    }

    pub fn mute(&mut self, on: bool, now: Timestamp) {
        if std::mem::replace(&mut self.muted, on) != on {
            self.happened(false, if on { "muted" } else { "unmuted" });
        }
        if on {
            self.turn(Status::Resolved, None, now);
        }
    }

    pub fn tag(&mut self, tag: String, on: bool) {
        let is_there = self.tags.contains(&tag);
        if on && !is_there {
            self.tags.push(tag);
        } else if !on {
            self.tags.retain(|known| *known != tag);
        }
    }

    /// Whether this one may say what they think of an entry.
    pub fn may_rate(&self, who: &Principal, seq: u64) -> bool {
        // However far a model has come.
        let answers = ["about ", "the shop says", "Red and green", "parcel A", "T"];
        let entry = seq.checked_sub(1).and_then(|place| self.public.get(usize::try_from(place).unwrap()));
        let is_answer = entry.is_some_and(|(by, _, said)| by == "bot" && answers.iter().any(|it| said.starts_with(it)));
        matches!(who, Principal::Visitor(_)) && is_answer
    }

    /// An agent files it.
    pub fn file(&mut self, status: Status, until: Option<Timestamp>, now: Timestamp) {
        if status != Status::Resolved {
            self.mute(false, now);
        }
        self.turn(status, until, now);
    }

    pub fn turn(&mut self, status: Status, until: Option<Timestamp>, now: Timestamp) {
        if (self.status, self.snoozed_until) != (Some(status), until) {
            (self.status, self.snoozed_until) = (Some(status), until);
            self.silence = self.word.map(|word| (word.0, now, None));
            self.happened(false, "status_changed");
        }
    }

    pub fn alarm(&mut self, now: Timestamp) {
        if self.snoozed_until.is_some_and(|until| until <= now) {
            self.turn(Status::Open, None, now);
        }
    }

    /// The alarm has rung or the Desk has spoken, and the Room knows these terms.
    pub fn silent(&mut self, terms: IdleTerms, now: Timestamp) {
        let last = match self.status {
            Some(Status::Open) => self.word,
            Some(Status::Pending) => self.word.max(self.bot_word),
            _ => None,
        };
        let Some((word, at, true)) = last else { return };
        if word <= self.owed {
            return;
        }
        let (_, mut since, mut warned) = self.silence.filter(|it| it.0 == word).unwrap_or((word, at, None));
        // What lies ahead was said by a wrong clock.
        let ahead = warned.map_or(since, |it| it.0).since(now).max(0);
        since = since.plus(-ahead);
        warned = warned.map(|(at, told)| (at.plus(-ahead), told));
        let [whole, warning] = [terms.minutes, terms.warning_minutes].map(|minutes| i64::from(minutes) * MINUTE);
        // One that is told in vain, or whose time would be over before another is due.
        if whole == 0 || warned.is_some_and(|(at, told)| at.plus(told) <= since.plus(whole - warning)) {
            warned = None;
        }
        let may_end = warned.map_or(warning == 0, |(at, told)| now.since(at) >= told);
        if whole > 0 && may_end && now.since(since) >= whole {
            return self.turn(Status::Resolved, None, now);
        } else if whole > 0 && warned.is_none() && warning > 0 && now.since(since) >= whole - warning {
            warned = Some((now, warning));
            self.happened(true, "idle_warned");
        }
        self.silence = Some((word, since, warned));
    }

    pub fn assign(&mut self, order: &AssignOrder) {
        if self.owner.is_none() || order.assignment_epoch <= self.assignment_epoch {
            return;
        }
        self.assignment_epoch = order.assignment_epoch;
        if order.assignee.is_some() && self.status == Some(Status::Pending) {
            self.status = Some(Status::Open);
        }
        if order.actor.as_ref().is_some_and(|actor| order.assignee.as_ref().is_none_or(|it| it.id != actor.id)) {
            self.owed = self.public.len();
        }
        let new = order.assignee.as_ref().map(|agent| agent.id.clone());
        let old = std::mem::replace(&mut self.assignee, new.clone());
        if new == old {
            return;
        }
        let by_other = order.actor.as_ref().is_some_and(|actor| Some(&actor.id) != new.as_ref());
        if new.is_some() {
            if by_other || !order.reason.is_empty() || old.is_some() {
                self.happened(false, "assigned");
            }
            self.happened(true, "joined");
        } else {
            self.happened(false, "released");
            self.happened(true, "left");
        }
    }

    pub fn revoke(&mut self, revoked: &Revoked) {
        if self.owner.is_none() {
            return;
        }
        match revoked {
            Revoked::Agent { agent, generation } => {
                let lowest = self.generations.entry(agent.clone()).or_default();
                *lowest = (*lowest).max(*generation);
            }
            Revoked::Visitor { generation, blocked, .. } if *generation >= self.visitor_generation => {
                self.visitor_generation = *generation;
                if self.blocked != *blocked {
                    self.blocked = *blocked;
                    self.happened(false, if *blocked { "visitor_blocked" } else { "visitor_unblocked" });
                }
            }
            Revoked::Visitor { .. } | Revoked::Session { .. } => {}
        }
    }

    fn happened(&mut self, is_public: bool, kind: &str) {
        let log = if is_public { &mut self.public } else { &mut self.private };
        log.push(("system".into(), String::new(), kind.into()));
    }
}
