//! The log is the outbox: what lies after `told` has yet to reach the projection, what lies after `confirmed` has yet
//! to be seen in D1 (INV-7). Both logs are told together, many entries at a time. The Desk hears of the conversation
//! as a whole, at once for what people wait for, else at the pace that the Desk asks for.

use std::collections::BTreeSet;

use super::{
    Room, Settings,
    effect::{Effect, Effects, Inspection},
    entry::{Author, Body, Entry, PrivateEntry},
    record::Cursors,
};
use crate::{
    core::{
        backoff::Backoff,
        id::{AgentId, Entropy, MessageId},
        internal::{NoticeAnswer, RoomNotice},
        limits::{OUTBOX_ENTRIES, QUEUE_BODY_BYTES, RECONCILE_AFTER, RECONCILE_ENTRIES, SUSPICION_INTERVAL},
        pipeline::event::{ConversationRow, EVENT_VERSION, EventEntry, RoomEvent},
        port::SqlError,
        principal::Principal,
        time::{SECOND, Timestamp},
    },
    sql::room::RoomStore,
};

/// How far the projection has been told, and what is under way.
#[derive(Debug, Default)]
pub struct Outbox {
    told: Cursors,
    confirmed: Cursors,
    /// When to tell what is new.
    flush_at: Option<Timestamp>,
    /// When to hold the log against D1.
    reconcile_at: Option<Timestamp>,
    publishing: bool,
    inspecting: bool,
    publish_backoff: Backoff,
    reconcile_backoff: Backoff,
    suspected_at: Option<Timestamp>,
}

impl Outbox {
    /// After loading: goes on from what the log itself says.
    pub fn resume(&mut self, told: Cursors, confirmed: Cursors, heads: Cursors, now: Timestamp) {
        self.told = Cursors { public: told.public.min(heads.public), private: told.private.min(heads.private) };
        self.confirmed = confirmed;
        if self.is_behind(heads) {
            self.flush_at = Some(now);
        }
        if !confirmed.covers(heads) {
            self.reconcile_at = Some(now.plus(RECONCILE_AFTER));
        }
    }

    /// The cursor that goes with every entry.
    pub fn told(&self) -> Cursors {
        self.told
    }

    /// Entries wait to be told.
    pub fn is_behind(&self, heads: Cursors) -> bool {
        !self.told.covers(heads)
    }

    /// Something new is to be told, together with what comes within the delay.
    pub fn grew(&mut self, now: Timestamp, settings: Settings) {
        self.flush_at.get_or_insert(now.plus(settings.events_delay_ms));
    }

    /// A client shows an entry that is not here: perhaps an older store was put back. Look, but not at every claim.
    pub fn suspect(&mut self, now: Timestamp) {
        if self.suspected_at.is_none_or(|at| now.since(at) >= SUSPICION_INTERVAL) {
            self.suspected_at = Some(now);
            self.reconcile_at = Some(now);
        }
    }

    /// The alarm rang, perhaps because a call never came back: its answer is no longer waited for.
    pub fn rang(&mut self, now: Timestamp) {
        if self.flush_at.is_some_and(|at| at <= now) {
            self.publishing = false;
        }
        if self.reconcile_at.is_some_and(|at| at <= now) {
            self.inspecting = false;
        }
    }
}

/// What the Desk has yet to hear.
#[derive(Debug, Default)]
pub struct DeskLink {
    dirty: bool,
    urgent: bool,
    in_flight_since: Option<Timestamp>,
    next_at: Timestamp,
    retry_at: Option<Timestamp>,
    backoff: Backoff,
    /// Agents whose last socket closed here.
    pub departed: BTreeSet<AgentId>,
}

impl DeskLink {
    /// Something changed; `urgent` is what people wait for.
    pub fn mark(&mut self, urgent: bool) {
        self.dirty = true;
        self.urgent |= urgent;
    }

    /// The Desk could not be reached.
    pub fn failed(&mut self, now: Timestamp) {
        self.retry_at = Some(now.plus(self.backoff.next_ms()));
    }
}

/// A call to the Desk that has not come back by then is given up.
const DESK_PATIENCE: i64 = 30 * SECOND;

impl Room {
    pub(super) fn outbox_due(&self) -> Option<Timestamp> {
        self.record.as_ref()?;
        let flush = self.outbox.flush_at;
        [flush, self.outbox.reconcile_at].into_iter().flatten().min()
    }

    pub(super) fn pump_outbox(
        &mut self,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        if self.record.is_none() {
            return Ok(());
        }
        let nothing_written = !fx.0.iter().any(|effect| matches!(effect, Effect::Write(_)));
        if !self.outbox.publishing && self.outbox.flush_at.is_some_and(|at| at <= now) && nothing_written {
            let event = self.next_event(store)?;
            self.outbox.publishing = true;
            // Covers a call that never comes back and the comparison after it, with one setting of the alarm.
            self.outbox.flush_at = Some(now.plus(RECONCILE_AFTER));
            self.outbox.reconcile_at = Some(now.plus(RECONCILE_AFTER));
            fx.push(Effect::Publish(Box::new(event)));
        }
        if !self.outbox.inspecting
            && !self.outbox.publishing
            && self.outbox.reconcile_at.is_some_and(|at| at <= now)
            && nothing_written
        {
            self.outbox.inspecting = true;
            self.outbox.reconcile_at = Some(now.plus(RECONCILE_AFTER));
            fx.push(Effect::Inspect(self.outbox.confirmed));
        }
        Ok(())
    }

    /// What is new in both logs, as much as fits a queue message.
    fn next_event(&self, store: RoomStore<'_>) -> Result<RoomEvent, SqlError> {
        let told = self.outbox.told;
        let mut room = QUEUE_BODY_BYTES;
        let public = fitting(store.public_after(told.public, OUTBOX_ENTRIES)?.iter().map(public_row), &mut room);
        let private = if told.public + public.len() as u64 == self.public.head {
            fitting(store.private_after(told.private, OUTBOX_ENTRIES)?.iter().map(private_row), &mut room)
        } else {
            Vec::new()
        };
        let upto = Cursors {
            public: public.last().map_or(told.public, |entry| entry.seq),
            private: private.last().map_or(told.private, |entry| entry.seq),
        };
        let Some(conversation) = self.conversation_row() else {
            return Err(SqlError("a room without a record has no events".into()));
        };
        let visitor = self.record.as_ref().map(|record| record.profile.clone()).unwrap_or_default();
        Ok(RoomEvent { v: EVENT_VERSION, conversation, visitor, public, private, upto })
    }

    fn conversation_row(&self) -> Option<ConversationRow> {
        let record = self.record.as_ref()?;
        Some(ConversationRow {
            id: record.conversation.clone(),
            workspace: record.workspace.clone(),
            site: record.site.clone(),
            visitor: record.visitor.clone(),
            log_epoch: record.log_epoch,
            // The last entry's time is part of the version: entries alone do not write the record.
            rev: record.rev.max(self.summary.last_at.wire()).saturating_add(self.public.head + self.private.head),
            status: record.status,
            snoozed_until: record.snoozed_until,
            assignee: record.assignee.clone(),
            assignment_epoch: record.assignment_epoch,
            created_at: record.created_at,
            last_at: self.summary.last_at,
            last_text: self.summary.last_text.clone(),
            last_sender: self.summary.last_sender.clone(),
            unread: self.summary.unread.len() as u64,
            waiting_since: self.summary.waiting_since,
            head: self.public.head,
            private_head: self.private.head,
        })
    }

    /// The queue has the event, or not.
    pub(super) fn published(&mut self, upto: Option<Cursors>, now: Timestamp) {
        self.outbox.publishing = false;
        let Some(upto) = upto else {
            self.outbox.flush_at = Some(now.plus(self.outbox.publish_backoff.next_ms()));
            return;
        };
        self.outbox.publish_backoff = Backoff::default();
        self.outbox.told = self.outbox.told.max(upto);
        if let Some(record) = &mut self.record {
            record.untold_change = false;
        }
        let heads = self.heads();
        self.outbox.flush_at = if self.outbox.is_behind(heads) { Some(now) } else { None };
        self.outbox.reconcile_backoff = Backoff::default();
        self.outbox.reconcile_at = Some(now.plus(RECONCILE_AFTER));
    }

    /// Holds the log against what D1 has after the confirmed cursors.
    pub(super) fn inspected(
        &mut self,
        inspection: Option<Inspection>,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        self.outbox.inspecting = false;
        let Some(record) = &self.record else { return Ok(()) };
        let Some(inspection) = inspection else {
            self.outbox.reconcile_at = Some(now.plus(self.outbox.reconcile_backoff.next_ms().max(RECONCILE_AFTER)));
            return Ok(());
        };
        let from = self.outbox.confirmed;
        let ours = store.public_after(from.public, RECONCILE_ENTRIES)?;
        let ours_private = store.private_after(from.private, RECONCILE_ENTRIES)?;
        let public = compare(ours.iter().map(|entry| (entry.seq, &entry.id)), &inspection.public);
        let private = compare(ours_private.iter().map(|entry| (entry.seq, &entry.id)), &inspection.private);
        let epoch_is_ahead = inspection.log_epoch.is_some_and(|epoch| epoch > record.log_epoch);
        let same_epoch = inspection.log_epoch == Some(record.log_epoch);
        let diverged = matches!(public, Compared::Diverged) || matches!(private, Compared::Diverged);
        if epoch_is_ahead || (same_epoch && diverged) {
            return self.draw_epoch(inspection.log_epoch.unwrap_or(0), now, store, fx);
        }
        let (upto, whole) = match (same_epoch, public, private) {
            (true, Compared::Agrees(public), Compared::Agrees(private)) => {
                (Cursors { public: from.public.max(public), private: from.private.max(private) }, true)
            }
            (true, public, private) => (
                Cursors {
                    public: from.public.max(public.agreed(from.public)),
                    private: from.private.max(private.agreed(from.private)),
                },
                false,
            ),
            (false, ..) => (Cursors::default(), false),
        };
        self.outbox.confirmed = upto;
        let behind = self.conversation_row().is_some_and(|row| inspection.rev < row.rev);
        if whole && upto.covers(self.heads()) && !behind {
            self.outbox.reconcile_at = None;
            self.outbox.reconcile_backoff = Backoff::default();
            if let Some(record) = &mut self.record {
                record.confirmed = upto;
            }
            self.save_record_quietly(fx);
        } else {
            // Something that was told is not there: tell it again, and look again later.
            if !whole || behind {
                self.outbox.told = upto;
                self.outbox.flush_at = Some(now);
            }
            let wait = self.outbox.reconcile_backoff.next_ms();
            self.outbox.reconcile_at = Some(now.plus(wait.max(SECOND)));
        }
        Ok(())
    }

    /// The store is an older one that was put back: everyone starts over, and D1 takes the log as it is now.
    fn draw_epoch(
        &mut self,
        seen: u64,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(record) = &mut self.record else { return Ok(()) };
        record.log_epoch = now.wire().max(record.log_epoch + 1).max(seen + 1);
        record.confirmed = Cursors::default();
        self.outbox.told = Cursors::default();
        self.outbox.confirmed = Cursors::default();
        self.outbox.flush_at = Some(now);
        self.save_record(now, fx);
        self.desk.mark(true);
        self.start_over(now, store, fx)
    }

    /// Writes what only memory held, without making it a new version.
    fn save_record_quietly(&mut self, fx: &mut Effects) {
        let told = self.outbox.told;
        let Some(record) = &mut self.record else { return };
        record.told = told;
        fx.write(crate::sql::room::RoomWrite::SaveRecord(Box::new(record.clone())));
    }

    pub(super) fn desk_due(&self) -> Option<Timestamp> {
        self.record.as_ref()?;
        let given_up = self.desk.in_flight_since.map(|since| since.plus(DESK_PATIENCE));
        if given_up.is_some() {
            return if self.desk.dirty { given_up } else { None };
        }
        if !self.desk.dirty && self.desk.departed.is_empty() {
            return None;
        }
        self.desk.retry_at.or(Some(self.desk.next_at))
    }

    pub(super) fn pump_desk(&mut self, now: Timestamp, fx: &mut Effects) {
        if self.record.is_none() {
            return;
        }
        if self.desk.in_flight_since.is_some_and(|since| now.since(since) < DESK_PATIENCE)
            || self.desk.retry_at.is_some_and(|at| now < at)
        {
            return;
        }
        while let Some(agent) = self.desk.departed.pop_first() {
            // Back meanwhile: the Desk must go on knowing of them here, or a revocation would pass by (INV-13).
            if !self.agents_here().contains(&agent) {
                fx.push(Effect::Detach(agent));
            }
        }
        if self.desk.dirty && (self.desk.urgent || now >= self.desk.next_at) {
            let Some(notice) = self.notice(now) else { return };
            self.desk.dirty = false;
            self.desk.urgent = false;
            self.desk.in_flight_since = Some(now);
            fx.push(Effect::TellDesk(Box::new(notice)));
        }
    }

    fn notice(&self, now: Timestamp) -> Option<RoomNotice> {
        let record = self.record.as_ref()?;
        Some(RoomNotice {
            workspace: record.workspace.clone(),
            conversation: record.conversation.clone(),
            site: record.site.clone(),
            visitor: record.visitor.clone(),
            visitor_name: record.profile.name.clone(),
            rev: now.wire().saturating_add(self.public.head + self.private.head),
            status: record.status,
            snoozed_until: record.snoozed_until,
            assignment_epoch: record.assignment_epoch,
            assignee: record.assignee.clone(),
            created_at: record.created_at,
            preview: self.summary.last_text.clone(),
            preview_sender: self.summary.last_sender.clone(),
            last_at: self.summary.last_at,
            unread: self.summary.unread.len() as u64,
            waiting_since: self.summary.waiting_since,
            visitor_online: self.visitor_online(),
            agents: Some(self.agents_here().into_iter().collect()),
        })
    }

    /// Agents who hold a socket here.
    fn agents_here(&self) -> BTreeSet<AgentId> {
        let agent = |session: &super::session::Session| match &session.principal {
            Principal::Agent(agent) => Some(agent.agent.clone()),
            Principal::Visitor(_) => None,
        };
        self.sessions.values().filter_map(agent).collect()
    }

    pub(super) fn desk_answered(
        &mut self,
        answer: Option<NoticeAnswer>,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        self.desk.in_flight_since = None;
        let Some(answer) = answer else {
            self.desk.mark(false);
            self.desk.failed(now);
            return;
        };
        self.desk.retry_at = None;
        self.desk.backoff = Backoff::default();
        self.desk.next_at = now.plus(i64::try_from(answer.interval_ms).unwrap_or(SECOND).clamp(0, 60 * SECOND));
        let workspace = self.record.as_ref().map(|record| record.workspace.clone());
        if let Some(order) = answer.assignment.filter(|order| Some(&order.workspace) == workspace.as_ref()) {
            self.obey(order, now, entropy, fx);
        }
    }
}

/// How two logs compare from a common place on.
enum Compared {
    /// Every entry of ours is there; the last one's number (0: none).
    Agrees(u64),
    /// Ours is there up to this number, then something is missing.
    Missing(u64),
    /// There is an entry that is not ours.
    Diverged,
}

impl Compared {
    fn agreed(&self, from: u64) -> u64 {
        match self {
            Compared::Agrees(seq) | Compared::Missing(seq) => (*seq).max(from),
            Compared::Diverged => from,
        }
    }
}

fn compare<'log>(ours: impl Iterator<Item = (u64, &'log MessageId)>, theirs: &[(u64, MessageId)]) -> Compared {
    let mut theirs = theirs.iter().peekable();
    let (mut agreed, mut missing) = (0, false);
    for (seq, id) in ours {
        match theirs.peek() {
            Some((their_seq, their_id)) if *their_seq == seq => {
                if their_id != id {
                    return Compared::Diverged;
                }
                theirs.next();
                if !missing {
                    agreed = seq;
                }
            }
            Some(_) | None => missing = true,
        }
    }
    // Both sides were cut at the same count, so what is left over is past our end or past the cut.
    match theirs.next() {
        Some((seq, _)) if !missing && *seq > agreed => Compared::Diverged,
        Some(_) | None if missing => Compared::Missing(agreed),
        Some(_) | None => Compared::Agrees(agreed),
    }
}

fn fitting(entries: impl Iterator<Item = EventEntry>, room: &mut usize) -> Vec<EventEntry> {
    let mut taken = Vec::new();
    for entry in entries {
        // Text may double in size as JSON; an entry alone always fits (8,000 characters).
        let size = entry.body.len() * 2 + 400;
        if size > *room && !taken.is_empty() {
            break;
        }
        *room = room.saturating_sub(size);
        taken.push(entry);
    }
    taken
}

fn row(seq: u64, id: &MessageId, author: &Author, at: Timestamp, body: &Body, text_kind: &str) -> EventEntry {
    let (kind, body) = match body {
        Body::Text(text) => (text_kind, text.clone()),
        Body::Activity(activity) => ("activity", serde_json::to_string(activity).unwrap_or_default()),
    };
    EventEntry {
        seq,
        id: id.clone(),
        sender_kind: author.kind().to_owned(),
        sender_id: author.id().to_owned(),
        sender_name: author.name().to_owned(),
        at,
        kind: kind.to_owned(),
        body,
        follows: 0,
    }
}

fn public_row(entry: &Entry) -> EventEntry {
    row(entry.seq, &entry.id, &entry.author, entry.at, &entry.body, "text")
}

fn private_row(entry: &PrivateEntry) -> EventEntry {
    let mut row = row(entry.seq, &entry.id, &entry.author, entry.at, &entry.body, "note");
    row.follows = entry.follows;
    row
}
