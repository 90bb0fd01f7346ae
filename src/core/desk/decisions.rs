//! Why them? The log of what routing has decided, one line for each decision, and whom a visitor would get now.
//!
//! A decision begins when agents are first asked for a conversation and ends when it rings or nobody is left to ask. What comes to
//! the line and finds nobody is a decision as well. A conversation that is looked at again with the same end leaves no second
//! line. Lines are written with what else the input writes, so the log never says what did not happen; the numbers rise, and with
//! each line the one falls out that is too old ([`DECISIONS_KEPT`]).

use std::collections::BTreeSet;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{
    Desk,
    candidates::{Here, Queue},
    conversation::Entry,
    effect::{Answer, Effects},
};
use crate::{
    core::{
        error::Code,
        id::{AgentId, ConversationId, Entropy, SiteId},
        internal::{About, Imagined, Question, Status},
        limits::{DECISION_AGENTS, DECISION_ROUNDS},
        port::SqlError,
        routing::{
            decision::{Decision, Excluded, Outcome, Preview, Ranked, Sequel},
            probe::Round,
            rank::Candidate,
        },
        time::Timestamp,
    },
    sql::desk::{DeskStore, DeskWrite},
};

/// The last line about a conversation, kept in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLine {
    /// Its number.
    pub number: u64,
    /// What it said ([`Decision::print`]).
    pub print: u64,
}

/// What is being decided.
#[derive(Debug, Default)]
pub struct Log {
    last: u64,
    /// Agents are being asked, or were a moment ago.
    open: LiteMap<ConversationId, Decision>,
    /// Has come to the line, or is back, and nobody has been asked for it yet.
    came: BTreeSet<ConversationId>,
}

impl Log {
    /// After loading.
    pub fn new(last: u64) -> Self {
        Log { last, ..Log::default() }
    }

    pub(super) fn forget(&mut self, id: &ConversationId) {
        self.open.remove(id);
        self.came.remove(id);
    }

    pub(super) fn came(&mut self, id: &ConversationId) {
        self.came.insert(id.clone());
    }

    /// Nothing is given to anybody here.
    pub(super) fn is_idle(&mut self) {
        self.came.clear();
    }

    pub(super) fn add_round(&mut self, id: &ConversationId, round: &Round, now: Timestamp) {
        if let Some(decision) = self.open.get_mut(id).filter(|it| it.rounds.len() < DECISION_ROUNDS) {
            decision.add_round(round, now);
        }
    }
}

/// What became of the ring that is stored no more; none while it goes on or if there was none.
pub(super) fn sequel_of(entry: &Entry) -> Option<(u64, Sequel)> {
    let stored = &entry.stored;
    let line = stored.decision.filter(|_| entry.indexed.rings() && stored.ring_until.is_none())?;
    let reason = stored.order.as_ref().map_or("", |order| order.reason.as_str());
    let sequel = match (entry.holder(), stored.status == Status::Open) {
        (Some(holder), true) if entry.indexed.holder() == Some(holder) => Sequel::Accepted,
        (None, true) if reason == "declined" => Sequel::Declined,
        (None, true) if reason == "no_answer" => Sequel::TimedOut,
        (None, true) if reason == "agent_gone" => Sequel::AgentGone,
        (Some(_) | None, _) => Sequel::Overtaken,
    };
    Some((line.number, sequel))
}

impl Desk {
    /// Agents are about to be asked for it.
    pub(super) fn log_asking(
        &mut self,
        id: &ConversationId,
        queue: &Queue,
        asked: &[Candidate],
        here: &Here,
        now: Timestamp,
    ) {
        let Some(entry) = self.list.entries.get(id) else { return };
        if self.router.log.open.contains_key(id) {
            let method = self.method_of(entry);
            let weights = &self.record.routing.weights;
            let Some(decision) = self.router.log.open.get_mut(id) else { return };
            let is_new = |it: &&Candidate| !decision.ranked.iter().any(|ranked| ranked.agent == it.agent);
            let new: Vec<Ranked> = asked.iter().filter(is_new).map(|it| Ranked::of(it, method, weights, now)).collect();
            decision.excluded.retain(|it| !new.iter().any(|ranked| ranked.agent == it.agent));
            let room = DECISION_AGENTS.saturating_sub(decision.ranked.len());
            decision.ranked.extend(new.into_iter().take(room));
            decision.helpers.clone_from(&queue.helpers);
        } else {
            let decision = self.decision_of(entry, queue, asked, here, now);
            self.router.log.open.insert(id.clone(), decision);
        }
    }

    /// As it stands before anybody is asked.
    fn decision_of(&self, entry: &Entry, queue: &Queue, asked: &[Candidate], here: &Here, now: Timestamp) -> Decision {
        let method = self.method_of(entry);
        let weights = &self.record.routing.weights;
        let teams = [&queue.team, &queue.helpers].into_iter().flatten().filter_map(|id| self.roster.team(id));
        let members = teams.flat_map(|team| &team.members);
        let known: BTreeSet<&AgentId> =
            self.sessions.values().map(|session| &session.principal.agent).chain(members).collect();
        let others = known.into_iter().filter(|agent| !asked.iter().any(|it| it.agent == **agent));
        let mut excluded: Vec<Excluded> = others
            .map(|agent| Excluded { agent: agent.clone(), reason: self.why_not(entry, queue, agent, here, now) })
            .collect();
        excluded.sort_by_key(|it| it.reason);
        let more_excluded = excluded.len().saturating_sub(DECISION_AGENTS);
        excluded.truncate(DECISION_AGENTS);
        let ranked = asked.iter().take(DECISION_AGENTS).map(|it| Ranked::of(it, method, weights, now));
        Decision {
            at: now,
            team: queue.team.clone(),
            helpers: queue.helpers.clone(),
            method,
            level: entry.stored.level,
            ranked: ranked.collect(),
            more_ranked: asked.len().saturating_sub(DECISION_AGENTS),
            excluded,
            more_excluded,
            rounds: Vec::new(),
            outcome: if self.is_open(queue, now) { Outcome::NobodyFree } else { Outcome::Closed },
            agent: None,
        }
    }

    /// It is about to ring at this one, whose row is stored with that.
    pub(super) fn log_assigned(&mut self, id: &ConversationId, agent: &AgentId, fx: &mut Effects) {
        if let Some(decision) = self.router.log.open.remove(id) {
            self.add_line(id, Decision { outcome: Outcome::Assigned, agent: Some(agent.clone()), ..decision }, fx);
        }
    }

    /// The same after an answer that came when nobody was waited for any more.
    pub(super) fn log_late(
        &mut self,
        id: &ConversationId,
        agent: &AgentId,
        here: &Here,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let Some(entry) = self.list.entries.get(id) else { return };
        let queue = self.queue_of(entry, here, now);
        let asked = self.eligible(entry, &queue, std::slice::from_ref(agent), here, now);
        let mut decision = self.decision_of(entry, &queue, &asked, here, now);
        if let Some(mut round) = self.router.late_round(id).cloned() {
            round.answer(agent, true, now);
            decision.add_round(&round, now);
        }
        self.router.log.open.insert(id.clone(), decision);
        self.log_assigned(id, agent, fx);
    }

    /// Nobody is asked for it any more.
    pub(super) fn log_end(&mut self, id: &ConversationId, outcome: Outcome, fx: &mut Effects) {
        let Some(decision) = self.router.log.open.remove(id) else { return };
        let decision = Decision { outcome, ..decision };
        let Some(entry) = self.list.entries.get(id) else { return };
        if entry.stored.decision.is_some_and(|line| line.print == decision.print()) {
            return;
        }
        self.add_line(id, decision, fx);
        if let Some(entry) = self.list.entries.get(id).filter(|entry| entry.has_row) {
            let row = Box::new(entry.stored.clone());
            self.write(DeskWrite::SaveConversation(row), fx);
        }
    }

    /// After agents have been asked: what nobody is left for, and what has just come and finds nobody.
    pub(super) fn log_unanswered(&mut self, here: &Here, now: Timestamp, fx: &mut Effects) {
        let is_over = |id: &&ConversationId| !self.router.is_asking_for(id);
        let over: Vec<ConversationId> = self.router.log.open.keys().filter(is_over).cloned().collect();
        let mut came = std::mem::take(&mut self.router.log.came);
        for id in &over {
            let waits = self.list.entries.get(id).is_some_and(Entry::is_waiting);
            self.log_end(id, if waits { Outcome::NobodyFree } else { Outcome::Overtaken }, fx);
            came.remove(id);
        }
        for id in came {
            let Some(entry) = self.list.entries.get(&id).filter(|entry| entry.is_waiting()) else { continue };
            if self.router.is_asking_for(&id) || !self.method_of(entry).is_automatic() {
                continue;
            }
            let queue = self.queue_of(entry, here, now);
            let decision = self.decision_of(entry, &queue, &[], here, now);
            self.add_line(&id, decision, fx);
        }
    }

    fn add_line(&mut self, id: &ConversationId, decision: Decision, fx: &mut Effects) {
        let number = self.router.log.last.saturating_add(1);
        self.router.log.last = number;
        if let Some(entry) = self.list.entries.get_mut(id) {
            entry.stored.decision = Some(LastLine { number, print: decision.print() });
        }
        self.write(DeskWrite::AddDecision { number, conversation: id.clone(), decision: Box::new(decision) }, fx);
    }

    /// Answers what an admin asks; it changes nothing.
    pub(super) fn told(&self, question: &Question, store: DeskStore<'_>, now: Timestamp) -> Result<Answer, SqlError> {
        if question.workspace != self.workspace {
            return Ok(Answer::Told(Err(Code::NotFound)));
        }
        let told = match &question.about {
            About::Decisions { conversation, before, limit } if self.has_tables => {
                Ok(store.decisions(conversation.as_ref(), *before, *limit)?)
            }
            About::Decisions { .. } => Ok("[]".to_owned()),
            About::Preview(imagined) => serde_json::to_string(&self.preview(imagined, now)),
        };
        Ok(Answer::Told(told.map_err(|_| Code::Internal)))
    }

    /// Who would be asked for such a visitor's conversation, if it came now and nobody was before it.
    fn preview(&self, imagined: &Imagined, now: Timestamp) -> Preview {
        // A site that is none of ours has no team.
        let site = imagined.site.clone().unwrap_or_else(|| SiteId::draw(&mut Entropy::new(0)));
        let team = self.roster.team_of(imagined.team.as_ref(), &site).cloned();
        let entry = Entry::imagined(imagined, site, team.clone(), now);
        let here = self.here(now);
        let queue = self.queue_of(&entry, &here, now);
        let is_asked = self.method_of(&entry).is_automatic() && self.is_open(&queue, now);
        let free: Vec<AgentId> = here.keys().filter(|agent| is_asked && self.is_free(agent, now)).cloned().collect();
        let asked = self.eligible(&entry, &queue, &free, &here, now);
        let in_line = Some(team);
        let entries = self.router.loads.line().filter_map(|id| self.list.entries.get(id));
        let waiting = entries.filter(|other| other.indexed.line() == in_line).count();
        Preview {
            decision: self.decision_of(&entry, &queue, &asked, &here, now),
            waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
        }
    }
}
