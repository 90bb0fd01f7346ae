//! What the Desk hears of the conversation: as a whole, so that a repeated or lost notice is harmless; at once for what
//! people wait for, else at the pace that the Desk asks for. That someone comes or goes sets no alarm (INV-11): it waits for
//! a timer if the Desk wants a notice soon, else for the next one, and where none is near only for whoever comes along.

use std::collections::BTreeSet;

use super::{
    Room,
    effect::{Call, Effects},
    outbox::is_over,
    profile::topic_of,
    session::Session,
};
use crate::core::{
    backoff::Backoff,
    id::{AgentId, Entropy},
    internal::{AssignOrder, NoticeAnswer, RoomNotice},
    limits::{
        ANSWER_PATIENCE, ATTACH_GRACE, BACKOFF, NOTICE_INTERVAL_MAX, NOTICE_SLACK, PRESENCE_PAUSE, RECONCILE_AFTER,
        TIMER_MAX,
    },
    locale::primary_tag,
    principal::Principal,
    time::{SECOND, Timestamp},
};

/// What the Desk has yet to hear.
#[derive(Debug)]
pub struct DeskLink {
    dirty: bool,
    urgent: bool,
    /// Somebody came or went: not to be told before then.
    presence_at: Option<Timestamp>,
    /// Since this machine was loaded no notice has been answered: one from before may be lost.
    unsure: bool,
    in_flight_since: Option<Timestamp>,
    /// The version of the last notice, until it is answered; 0: it was. An earlier one was given up.
    awaited: u64,
    /// It asks whose the conversation is.
    in_flight_undecided: bool,
    next_at: Timestamp,
    retry_at: Option<Timestamp>,
    backoff: Backoff,
    last_rev: u64,
    /// The unread count of the last notice, if this machine gave one.
    last_unread: Option<u64>,
    /// Agents whose last socket closed here.
    pub departed: BTreeSet<AgentId>,
    /// When that is told again, if it was not heard.
    detach_at: Option<Timestamp>,
}

impl Default for DeskLink {
    fn default() -> Self {
        DeskLink {
            dirty: false,
            urgent: false,
            presence_at: None,
            unsure: true,
            in_flight_since: None,
            awaited: 0,
            in_flight_undecided: false,
            next_at: Timestamp::default(),
            retry_at: None,
            backoff: Backoff::default(),
            last_rev: 0,
            last_unread: None,
            departed: BTreeSet::new(),
            detach_at: None,
        }
    }
}

impl DeskLink {
    /// Something changed; `urgent` is what people wait for.
    pub fn mark(&mut self, urgent: bool) {
        self.dirty = true;
        self.urgent |= urgent;
    }

    /// The visitor wrote. The first unread message is what people wait for, if the Desk takes everything for read: in a
    /// quick exchange it does not, and goes on hearing of it at its own pace.
    pub fn mark_asked(&mut self, is_first_unread: bool) {
        self.mark(is_first_unread && self.last_unread.is_none_or(|unread| unread == 0));
    }

    /// Somebody came or went. A visitor and an agent often come together, and a page that is loaded anew goes and comes.
    pub fn mark_presence(&mut self, now: Timestamp) {
        self.presence_at.get_or_insert(now.plus(PRESENCE_PAUSE));
    }

    /// The alarm rang. What was to be told before a crash is told now, and what is due in a moment, too: another alarm
    /// for it would be another written row.
    pub fn rang(&mut self, now: Timestamp) {
        self.dirty |= self.unsure;
        if self.next_at.since(now) <= NOTICE_SLACK {
            self.next_at = self.next_at.min(now);
        }
    }

    /// No notice of this machine has been answered yet.
    pub fn is_unsure(&self) -> bool {
        self.unsure
    }

    /// The Desk could not be reached.
    pub fn failed(&mut self, now: Timestamp) {
        self.retry_at = Some(now.plus(self.backoff.next_ms()));
    }

    /// The Desk has not heard that somebody left, or still takes them to be on their way here. Nobody waits for that.
    pub fn stays(&mut self, who: AgentId, now: Timestamp) {
        self.departed.insert(who);
        self.detach_at = Some(now.plus(ATTACH_GRACE));
    }

    /// When the Desk wants the next notice.
    pub fn next_notice_at(&self) -> Timestamp {
        self.next_at
    }

    /// Takes that up after hibernation.
    pub fn recall(&mut self, next_notice_at: Timestamp) {
        self.next_at = self.next_at.max(next_notice_at);
    }
}

impl Room {
    pub(super) fn desk_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.record.as_ref()?;
        let desk = &self.desk;
        let after_pause = |at: Timestamp| desk.retry_at.map_or(at, |retry_at| at.max(retry_at));
        let detach = (!desk.departed.is_empty()).then(|| desk.detach_at.unwrap_or(now));
        let notice = match desk.in_flight_since {
            _ if !desk.dirty => None,
            Some(since) => Some(since.plus(ANSWER_PATIENCE)),
            None if desk.urgent => Some(after_pause(now)),
            None => Some(after_pause(desk.next_at)),
        };
        [detach, notice].into_iter().flatten().min()
    }

    /// When the Desk hears of someone who came or went, if that is soon enough for a timer.
    pub(super) fn presence_due(&self, now: Timestamp) -> Option<Timestamp> {
        let desk = &self.desk;
        let is_free = self.record.is_some() && desk.in_flight_since.is_none();
        let at = self.presence_wanted_at(now)?;
        let at = desk.retry_at.map_or(at, |retry_at| at.max(retry_at));
        (is_free && at.since(now) <= TIMER_MAX).then_some(at)
    }

    /// With the notice that the Desk wants next, if anything will wake the Room for one.
    fn presence_wanted_at(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.desk.presence_at?;
        let is_one_near = self.agenda.rings_by(now.plus(RECONCILE_AFTER)).is_some();
        Some(if is_one_near { at.max(self.desk.next_at) } else { at })
    }

    pub(super) fn pump_desk(&mut self, now: Timestamp, fx: &mut Effects) {
        if self.record.is_none() {
            return;
        }
        // A clock that went back must not put off for an hour what was due in a second.
        self.desk.next_at = self.desk.next_at.min(now.plus(NOTICE_INTERVAL_MAX));
        self.desk.retry_at = self.desk.retry_at.map(|at| at.min(now.plus(BACKOFF.1)));
        self.desk.presence_at = self.desk.presence_at.map(|at| at.min(now.plus(PRESENCE_PAUSE)));
        if self.desk.in_flight_since.is_some_and(|since| is_over(since, now)) {
            self.desk.in_flight_since = None;
            self.desk.mark(true);
        }
        self.pump_departed(now, fx);
        if self.desk.retry_at.is_some_and(|at| now < at) || self.desk.in_flight_since.is_some() {
            return;
        }
        let is_presence_due = self.presence_wanted_at(now).is_some_and(|at| now >= at);
        let desk = &self.desk;
        if !(desk.urgent || desk.dirty && now >= desk.next_at || is_presence_due) {
            return;
        }
        let Some(notice) = self.notice(now) else { return };
        self.desk.last_rev = notice.rev;
        self.desk.last_unread = Some(notice.unread);
        self.desk.dirty = false;
        self.desk.urgent = false;
        self.desk.presence_at = None;
        self.desk.in_flight_since = Some(now);
        self.desk.awaited = notice.rev;
        self.desk.in_flight_undecided = notice.undecided;
        fx.call(Call::TellDesk(Box::new(notice)));
    }

    fn pump_departed(&mut self, now: Timestamp, fx: &mut Effects) {
        if self.desk.detach_at.is_some_and(|at| now < at) {
            return;
        }
        self.desk.detach_at = None;
        while let Some(agent) = self.desk.departed.pop_first() {
            // Back meanwhile: the Desk must go on knowing of them here, or a revocation would pass by (INV-13).
            if !self.agents_here().contains(&agent) {
                fx.call(Call::Detach(agent));
            }
        }
    }

    fn notice(&self, now: Timestamp) -> Option<RoomNotice> {
        let record = self.record.as_ref()?;
        // Above every notice before, also when the clock went back.
        let floor = record.rev.max(self.summary.last_at.wire()).max(self.desk.last_rev) + 1;
        Some(RoomNotice {
            workspace: record.workspace.clone(),
            conversation: record.conversation.clone(),
            site: record.site.clone(),
            visitor: record.visitor.clone(),
            visitor_name: record.profile.name.clone(),
            rev: now.wire().max(floor),
            status: record.status,
            snoozed_until: record.snoozed_until,
            assignment_epoch: record.assignment_epoch,
            assignee: record.assignee.clone(),
            created_at: record.created_at,
            preview: self.summary.last_text.clone(),
            preview_sender: self.summary.last_sender.clone(),
            last_at: self.summary.last_at,
            unread: self.summary.unread(),
            waiting_since: self.summary.waiting_since(),
            visitor_online: self.visitor_online(),
            agents: Some(self.agents_here().into_iter().collect()),
            ringing: Some(record.ringing),
            at: now,
            resolved_at: record.resolved_at,
            team: record.team.clone(),
            language: primary_tag(&record.profile.locale),
            topic: topic_of(&record.profile),
            location: record.location,
            // What its visitor is owed and what it is about count alike.
            level: record.profile.level.max(record.hand_level),
            reply_to: Some(record.reply_to.clone()),
            undecided: record.undecided,
            is_reply: record.undecided && record.is_reply,
            hand_to: record.hand_to.clone(),
        })
    }

    /// Agents who hold a socket here.
    pub(super) fn agents_here(&self) -> BTreeSet<AgentId> {
        let agent = |session: &Session| match &session.principal {
            Principal::Agent(agent) => Some(agent.agent.clone()),
            Principal::Visitor(_) => None,
        };
        self.sessions.values().filter_map(agent).collect()
    }

    pub(super) fn desk_answered(
        &mut self,
        rev: u64,
        answer: Option<NoticeAnswer>,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        if rev != self.desk.awaited {
            // Too late: it was given up, and told again as it stands by now. What has a version of its own holds all the same.
            if let Some(NoticeAnswer { bot, assignment, .. }) = answer {
                self.learn_bot(bot);
                self.obey_own(assignment, now, entropy, fx);
            }
            return;
        }
        self.desk.awaited = 0;
        self.desk.in_flight_since = None;
        let Some(answer) = answer else {
            self.desk.mark(true);
            self.desk.failed(now);
            return;
        };
        self.desk.unsure = false;
        self.desk.retry_at = None;
        self.desk.backoff = Backoff::default();
        self.desk.next_at = now.plus(i64::try_from(answer.interval_ms).unwrap_or(SECOND).clamp(0, NOTICE_INTERVAL_MAX));
        if answer.rev > self.desk.last_rev {
            // It took this notice for an old one.
            self.desk.last_rev = answer.rev;
            self.desk.mark(true);
        }
        self.learn_idle(answer.idle);
        self.learn_bot(answer.bot);
        self.set_place(answer.place.unwrap_or(self.place), now, fx);
        self.obey_own(answer.assignment, now, entropy, fx);
        // What was opened again since the notice left is decided by the next one.
        let decides = self.desk.in_flight_undecided || self.record.as_ref().is_none_or(|record| !record.undecided);
        if decides {
            self.bot_decided(answer.begins, now, entropy, fx);
        }
    }

    /// An assignment that came with an answer, if it is of the own workspace (INV-8).
    fn obey_own(&mut self, order: Option<AssignOrder>, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let is_ours =
            |order: &AssignOrder| self.record.as_ref().is_some_and(|record| record.workspace == order.workspace);
        if let Some(order) = order.filter(is_ours) {
            self.obey(order, now, entropy, fx);
        }
    }
}
