//! What rings at an agent: until they take it, decline it, let it ring in vain or are gone. Stored; the alarm says when one
//! ends. Somebody gets it by [`super::routing`]; `accept` and `decline` stand with the other requests in [`super::claims`].

use litemap::LiteMap;

use super::{
    Desk,
    candidates::Here,
    claims::Decision,
    conversation::{Entry, LeftOut, Order},
    effect::Effects,
    presence::Availability,
    session::Session,
};
use crate::core::{
    id::{AgentId, ConversationId},
    internal::Status,
    limits::{LEFT_OUT, LOOK_INTERVAL, MISSED_BEFORE_AWAY},
    time::{MINUTE, SECOND, Timestamp},
};

impl Desk {
    /// Gives it to this one, at whom it rings from now on.
    pub(super) fn ring_at(
        &mut self,
        id: &ConversationId,
        agent: &AgentId,
        here: &Here,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let Some((agent, sockets)) = here.get(agent) else { return };
        let ring_until = Some(now.plus(i64::from(self.record.routing.ring_seconds) * SECOND));
        let decision = Decision { assignee: Some(agent.clone()), ring_until, ..Decision::default() };
        self.decide(id, decision, now, fx);
        // The list comes within the second; this does not wait for it.
        self.tell_assigned(id, "", sockets.clone(), fx);
    }

    /// When something rings no longer.
    pub(super) fn ring_due(&self) -> Option<Timestamp> {
        self.router.loads.next_rung_out()
    }

    /// What agents have who are gone for too long goes to others, whether these are asked or claim; what rings where nobody is, at
    /// once. Looked at when the alarm rings. Since when somebody is gone is on disk, for a quiet Desk sleeps between two looks: it
    /// is written when one who has conversations goes or comes.
    pub(super) fn release_of_gone(&mut self, now: Timestamp, fx: &mut Effects) {
        let holders = self.router.loads.holders().filter(|agent| !self.has_console(agent));
        let since = |agent: &AgentId| self.gone_since(agent, now).unwrap_or(now);
        let mut gone: LiteMap<AgentId, Timestamp> = holders.map(|agent| (agent.clone(), since(agent))).collect();
        self.came.clear();
        let patience = self.patience_with_gone();
        let is_lost = |since: &Timestamp| patience.is_some_and(|patience| now.since(*since) >= patience);
        let goes = |entry: &&Entry| {
            let since = entry.holder().and_then(|holder| gone.get(holder));
            let rings = entry.stored.ring_until.is_some();
            entry.stored.status == Status::Open && since.is_some_and(|since| rings || is_lost(since))
        };
        let ids: Vec<ConversationId> = match gone.is_empty() {
            true => Vec::new(),
            false => self.list.entries.values().filter(goes).map(|entry| entry.stored.id.clone()).collect(),
        };
        // They have nothing any more: whoever is handed one later has the whole time again.
        gone.retain(|_, since| !is_lost(since));
        if patience.is_some() && self.record.gone != gone {
            self.record.gone = gone;
            self.save_record(fx);
        }
        let may_follow_up = self.gone_patience().is_some();
        for id in ids {
            if let Some(entry) = self.list.entries.get_mut(&id) {
                // Who is away and has been answered waits for nobody: no colleague is called for them.
                let is_away = entry.preview.as_ref().is_some_and(|preview| !preview.visitor_online);
                entry.stored.is_gone = may_follow_up && is_away && entry.stored.ring_until.is_none();
            }
            self.give_back(&id, "agent_gone", now, fx);
        }
    }

    /// When that is to be looked at, where no agent is here for whom the Desk wakes anyway: soon after the last one has gone, to take
    /// it down, and then when what they have is lost.
    pub(super) fn absence_due(&self, now: Timestamp) -> Option<Timestamp> {
        let patience = self.patience_with_gone().filter(|_| self.sessions.is_empty())?;
        let due = |agent| self.gone_since(agent, now).map_or(now.plus(LOOK_INTERVAL), |since| since.plus(patience));
        self.router.loads.holders().map(due).min()
    }

    /// A console that gives signs of life.
    fn has_console(&self, agent: &AgentId) -> bool {
        let lives = |session: &Session| session.greeted && !session.silent;
        self.sessions.values().any(|session| session.principal.agent == *agent && lives(session))
    }

    /// Since when it is known that an agent is gone. A clock that went back begins anew, and whoever was back for a moment.
    fn gone_since(&self, agent: &AgentId, now: Timestamp) -> Option<Timestamp> {
        self.record.gone.get(agent).copied().filter(|since| *since <= now && !self.came.contains(agent))
    }

    /// How long they keep what they have answered; none: for ever.
    fn patience_with_gone(&self) -> Option<i64> {
        let minutes = i64::from(self.record.routing.gone_minutes);
        (minutes > 0).then_some(minutes * MINUTE)
    }

    /// With the sockets, because a quiet Desk sleeps between two rings.
    pub(super) fn set_missed(&mut self, agent: &AgentId, missed: u32, fx: &mut Effects) {
        let theirs = self.sessions.iter_mut().filter(|(_, session)| session.principal.agent == *agent);
        for (_, session) in theirs.filter(|(_, session)| session.missed != missed) {
            session.missed = missed;
            fx.attach(session.clone());
        }
    }

    /// They have it no longer: no row of a conversation will say when they were given it, and a quiet Desk sleeps before the next one.
    pub(super) fn keep_turn(&mut self, agent: AgentId, fx: &mut Effects) {
        let at = self.router.loads.last_assigned(&agent);
        if self.routes_any() && self.record.given.get(&agent).is_none_or(|given| *given < at) {
            self.record.given.insert(agent, at);
            self.save_record(fx);
        }
    }

    /// What has rung for long enough.
    pub(super) fn end_rings(&mut self, now: Timestamp, fx: &mut Effects) {
        for id in self.router.loads.rung_out(now) {
            let holder = self.list.entries.get(&id).and_then(|entry| entry.holder()).cloned();
            self.give_back(&id, "no_answer", now, fx);
            let Some(agent) = holder else { continue };
            let theirs = self.sessions.values().filter(|session| session.principal.agent == agent);
            let missed = theirs.map(|session| session.missed).max().unwrap_or(0).saturating_add(1);
            if missed < MISSED_BEFORE_AWAY {
                self.set_missed(&agent, missed, fx);
            } else {
                self.set_missed(&agent, 0, fx);
                // Who appears offline is not asked anyway, and would be seen.
                let theirs = |session: &Session| session.principal.agent == agent;
                if self.sessions.values().any(|it| theirs(it) && it.switch == Availability::Online) {
                    self.switch(&agent, Availability::Away, fx);
                }
            }
        }
    }

    /// It rings at its agent no longer and waits for another one, at its old place.
    fn give_back(&mut self, id: &ConversationId, reason: &str, now: Timestamp, fx: &mut Effects) {
        self.leave_out(id, now);
        let order = Order { reason: reason.to_owned(), ..Order::default() };
        self.decide(id, Decision { order, ..Decision::default() }, now, fx);
    }

    /// Its agent is not to be asked for it again at once.
    pub(super) fn leave_out(&mut self, id: &ConversationId, now: Timestamp) {
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        let Some(agent) = entry.holder().cloned() else { return };
        let left_out = &mut entry.stored.left_out;
        left_out.retain(|out| out.agent != agent && now.since(out.at) < LEFT_OUT);
        left_out.push(LeftOut { agent, at: now });
    }
}
