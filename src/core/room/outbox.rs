//! The log is the outbox: what lies after `told` has yet to reach the projection. Both logs are told together, many
//! entries at a time. What is told is never certain to arrive: [`super::reconcile`] sees to that.
//!
//! `told` lives in memory and in one socket's attachment ([`Memo`]), and each entry carries it as it was when the entry
//! was written. So a Room that wakes knows it exactly, one that crashed knows less, and what it does not know it
//! tells again, which changes nothing in D1.

use super::{
    Room, Settings,
    effect::{Call, Effects},
    entry::{Author, Body, Entry, PrivateEntry},
    record::Cursors,
    session::Memo,
    spread::{latest, spread},
};
use crate::{
    core::{
        backoff::Backoff,
        id::MessageId,
        limits::{ANSWER_PATIENCE, BACKOFF, QUEUE_BODY_BYTES, RECONCILE_AFTER, RECONCILE_SLACK, outbox_entries},
        pipeline::event::{ConversationRow, EVENT_VERSION, EventEntry, RoomEvent},
        port::SqlError,
        time::Timestamp,
    },
    sql::room::{RoomStore, RoomWrite},
};

/// Whether a call that began at `since` is given up; a clock that went back gives it up, too.
pub fn is_over(since: Timestamp, now: Timestamp) -> bool {
    !(0..ANSWER_PATIENCE).contains(&now.since(since))
}

/// An event that the queue has not taken yet.
#[derive(Debug, Clone, Copy)]
struct UnderWay {
    since: Timestamp,
    upto: Cursors,
    rev: u64,
    /// It also tells an unread count that was not told before.
    tells_unread: bool,
}

/// How far the projection has been told, and what is under way.
#[derive(Debug, Default)]
pub struct Outbox {
    pub(super) told: Cursors,
    /// The version of the record that the projection has been told.
    pub(super) told_rev: u64,
    /// Agents have read since it was told.
    pub(super) unread_untold: bool,
    /// What D1 was seen to hold.
    pub(super) confirmed: Cursors,
    /// When to tell what is new.
    pub(super) flush_at: Option<Timestamp>,
    /// The queue refused; not before then.
    retry_at: Option<Timestamp>,
    publishing: Option<UnderWay>,
    publish_backoff: Backoff,
    /// When to hold the log against D1.
    pub(super) reconcile_at: Option<Timestamp>,
    /// Now, whatever else is to be done: the store may be an older one.
    pub(super) suspicious: bool,
    pub(super) suspected_at: Option<Timestamp>,
    /// The queue may still bring D1 what this store has forgotten: until then agreeing with D1 proves nothing.
    pub(super) doubt: Option<Timestamp>,
    pub(super) inspecting_since: Option<Timestamp>,
    pub(super) reconcile_backoff: Backoff,
}

impl Outbox {
    /// Something new is to be told, together with what comes within the delay.
    pub fn grew(&mut self, now: Timestamp, settings: Settings) {
        let by = now.plus(spread(now, settings.events_delay_ms));
        self.flush_at = Some(self.flush_at.map_or(by, |at| at.min(by)));
    }

    /// What was told is not what counts any more: all of it is told again.
    pub(super) fn start_again(&mut self, now: Timestamp) {
        self.told = Cursors::default();
        self.told_rev = 0;
        self.confirmed = Cursors::default();
        self.publishing = None;
        self.flush_at = Some(now);
    }

    /// After which entries D1 is compared. The last one that it was seen to hold of each log is looked at again: a D1 that is put back
    /// lacks the end of what it held.
    pub(super) fn compared_after(&self) -> Cursors {
        let Cursors { public, private } = self.confirmed;
        Cursors { public: public.saturating_sub(1), private: private.saturating_sub(1) }
    }

    /// Compares when the doubt is over, if not before.
    pub(super) fn ask_in_doubt(&mut self) {
        self.reconcile_at = [self.reconcile_at, self.doubt].into_iter().flatten().min();
    }

    /// A clock that went back must not put off for an hour what was due in a second.
    fn stay_near(&mut self, now: Timestamp, settings: Settings) {
        let near = |at: Option<Timestamp>, limit: i64| at.map(|at| at.min(now.plus(limit)));
        self.flush_at = near(self.flush_at, latest(settings.events_delay_ms));
        self.retry_at = near(self.retry_at, BACKOFF.1);
        self.reconcile_at = near(self.reconcile_at, settings.events_delay_ms.max(BACKOFF.1) + RECONCILE_AFTER);
    }

    /// The alarm rang. What is to be compared soon is compared now: another alarm would be another written row.
    pub(super) fn rang(&mut self, now: Timestamp) {
        let is_near = |at: &Timestamp| at.since(now) <= RECONCILE_SLACK;
        self.reconcile_at = self.reconcile_at.map(|at| if is_near(&at) { at.min(now) } else { at });
    }

    /// The event that is under way counts as not told.
    fn give_up(&mut self) {
        if let Some(under_way) = self.publishing.take() {
            self.unread_untold |= under_way.tells_unread;
        }
    }

    fn flush_due(&self) -> Option<Timestamp> {
        match &self.publishing {
            Some(under_way) => Some(under_way.since.plus(ANSWER_PATIENCE)),
            None => self.flush_at.map(|at| self.retry_at.map_or(at, |retry_at| at.max(retry_at))),
        }
    }

    fn reconcile_due(&self) -> Option<Timestamp> {
        match self.inspecting_since {
            Some(since) => Some(since.plus(ANSWER_PATIENCE)),
            // What is about to be told is not missing.
            None => self.reconcile_at.filter(|_| self.flush_at.is_none() && self.publishing.is_none()),
        }
    }
}

impl Room {
    /// Something that the projection does not know yet.
    fn is_behind(&self) -> bool {
        let rev = self.record.as_ref().map_or(0, |record| record.rev);
        !self.outbox.told.covers(self.heads()) || self.outbox.told_rev < rev
    }

    /// Takes up what a socket carried through hibernation.
    pub(super) fn recall(&mut self, memo: Memo) {
        self.desk.recall(memo.next_notice_at);
        self.learn_bot(memo.bot);
        if self.record.as_ref().is_some_and(|record| record.log_epoch == memo.log_epoch) {
            self.outbox.told = self.outbox.told.max(memo.told.min(self.heads()));
            self.outbox.told_rev = self.outbox.told_rev.max(memo.told_rev);
        }
    }

    /// Gives a socket what must not be forgotten, once it has changed.
    pub(super) fn keep_memo(&mut self, fx: &mut Effects) {
        let Some(record) = &self.record else { return };
        let memo = Memo {
            log_epoch: record.log_epoch,
            told: self.outbox.told,
            told_rev: self.outbox.told_rev,
            next_notice_at: self.desk.next_notice_at(),
            bot: self.bot.terms.clone(),
        };
        let Some((_, session)) = self.sessions.iter_mut().next() else { return };
        if session.memo.as_ref() != Some(&memo) {
            session.memo = Some(memo);
            fx.attach(session.clone());
        }
    }

    /// After loading: what is due by what the log itself says.
    pub(super) fn plan_after_waking(&mut self, now: Timestamp, store: RoomStore<'_>) -> Result<(), SqlError> {
        let Some(record) = &self.record else { return Ok(()) };
        // The record's version is the time of its last change, if clocks are right.
        let changed_at = Timestamp(i64::try_from(record.rev).unwrap_or_default()).max(self.summary.last_at).min(now);
        let is_confirmed = record.confirmed.covers(self.heads()) && record.confirmed_rev >= record.rev;
        if self.is_behind() {
            let told = self.outbox.told;
            let public = store.public_after(told.public, 1)?.first().map(|entry| entry.at);
            let private = store.private_after(told.private, 1)?.first().map(|entry| entry.at);
            let since = [public, private].into_iter().flatten().fold(changed_at, Timestamp::min);
            let delay = self.settings.events_delay_ms;
            if now.since(since.plus(latest(delay))) < RECONCILE_AFTER / 2 {
                self.outbox.flush_at = Some(since.plus(delay));
            } else {
                // It was told, most likely, and only the memory of that is gone: look before telling it again.
                self.outbox.reconcile_at = Some(now);
            }
        }
        if !is_confirmed && self.outbox.reconcile_at.is_none() {
            self.outbox.reconcile_at =
                Some(changed_at.plus(latest(self.settings.events_delay_ms)).plus(RECONCILE_AFTER));
        }
        if self.outbox.unread_untold && self.outbox.reconcile_at.is_none() {
            // The alarm was set for it; where none will ring soon, it has rung.
            self.outbox.reconcile_at = Some(self.agenda.rings_by(now.plus(RECONCILE_AFTER)).unwrap_or(now));
        }
        self.outbox.ask_in_doubt();
        Ok(())
    }

    pub(super) fn outbox_due(&self) -> Option<Timestamp> {
        self.record.as_ref()?;
        let is_free = self.outbox.inspecting_since.is_none();
        let suspicion = self.outbox.suspected_at.filter(|_| self.outbox.suspicious && is_free);
        [self.outbox.flush_due(), self.outbox.reconcile_due(), suspicion].into_iter().flatten().min()
    }

    /// Tells and compares what is due. Not together with a write: an event is read from the store, and the store does
    /// not hold what is only an effect yet.
    pub(super) fn pump_outbox(
        &mut self,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        if self.record.is_none() || fx.writes_any() {
            return Ok(());
        }
        self.outbox.stay_near(now, self.settings);
        if self.outbox.publishing.is_some_and(|under_way| is_over(under_way.since, now)) {
            self.outbox.give_up();
            self.outbox.flush_at = Some(now);
        }
        if self.outbox.publishing.is_none() && self.outbox.flush_due().is_some_and(|at| at <= now) {
            self.outbox.flush_at = None;
            self.publish(now, store, fx)?;
        }
        if self.outbox.inspecting_since.is_some_and(|since| is_over(since, now)) {
            self.outbox.inspecting_since = None;
            self.look_again(now);
        }
        let is_due = self.outbox.suspicious || self.outbox.reconcile_due().is_some_and(|at| at <= now);
        if self.outbox.inspecting_since.is_none() && is_due {
            self.inspect(now, fx);
        }
        Ok(())
    }

    /// Gives the queue what is new in both logs, as much as fits a message.
    fn publish(&mut self, now: Timestamp, store: RoomStore<'_>, fx: &mut Effects) -> Result<(), SqlError> {
        let (Some(record), Some(conversation)) = (&self.record, self.conversation_row()) else { return Ok(()) };
        let told = self.outbox.told;
        let visitor = record.profile.clone();
        let mut space = Space::new(QUEUE_BODY_BYTES.saturating_sub(json_bytes(&conversation) + json_bytes(&visitor)));
        let public = space.fill(store.public_after(told.public, outbox_entries())?.iter().map(public_row));
        let private = if told.public + public.len() as u64 == self.public.head {
            space.fill(store.private_after(told.private, outbox_entries())?.iter().map(private_row))
        } else {
            Vec::new()
        };
        let upto = Cursors {
            public: public.last().map_or(told.public, |entry| entry.seq),
            private: private.last().map_or(told.private, |entry| entry.seq),
        };
        let tells_unread = std::mem::take(&mut self.outbox.unread_untold);
        self.outbox.publishing = Some(UnderWay { since: now, upto, rev: record.rev, tells_unread });
        let by = now.plus(RECONCILE_AFTER);
        self.outbox.reconcile_at = Some(self.outbox.reconcile_at.map_or(by, |at| at.max(by)));
        fx.call(Call::Publish(Box::new(RoomEvent { v: EVENT_VERSION, conversation, visitor, public, private, upto })));
        Ok(())
    }

    /// The queue has the event, or not.
    pub(super) fn published(&mut self, upto: Option<Cursors>, now: Timestamp) {
        let Some(under_way) = self.outbox.publishing else { return };
        match upto {
            None => {
                self.outbox.give_up();
                self.outbox.retry_at = Some(now.plus(self.outbox.publish_backoff.next_ms()));
                self.outbox.flush_at.get_or_insert(now);
            }
            // The answer to one that was given up, perhaps of an epoch that is over.
            Some(upto) if upto != under_way.upto => {}
            Some(upto) => {
                self.outbox.publishing = None;
                self.outbox.retry_at = None;
                self.outbox.publish_backoff = Backoff::default();
                self.outbox.told = self.outbox.told.max(upto);
                self.outbox.told_rev = self.outbox.told_rev.max(under_way.rev);
                if self.is_behind() {
                    // What came meanwhile has its own time; what did not fit goes at once.
                    self.outbox.flush_at.get_or_insert(now);
                }
            }
        }
    }

    /// The conversation as D1 is to hold it.
    pub fn conversation_row(&self) -> Option<ConversationRow> {
        let record = self.record.as_ref()?;
        Some(ConversationRow {
            id: record.conversation.clone(),
            workspace: record.workspace.clone(),
            site: record.site.clone(),
            visitor: record.visitor.clone(),
            log_epoch: record.log_epoch,
            // Entries alone do not write the record: they are part of the version. All three only grow.
            rev: record.rev.max(self.summary.last_at.wire()).saturating_add(self.public.head + self.private.head),
            status: record.status,
            snoozed_until: record.snoozed_until,
            assignee: record.assignee.clone(),
            assignment_epoch: record.assignment_epoch,
            created_at: record.created_at,
            last_at: self.summary.last_at,
            last_text: self.summary.last_text.clone(),
            last_sender: self.summary.last_sender.clone(),
            unread: self.summary.unread(),
            waiting_since: self.summary.waiting_since(),
            head: self.public.head,
            private_head: self.private.head,
            muted: record.muted,
            tags: record.tags.clone(),
            rated: record.rated.clone(),
        })
    }

    /// Writes the record as a new version, to be told to the projection.
    pub(super) fn save_record(&mut self, now: Timestamp, fx: &mut Effects) {
        self.outbox.grew(now, self.settings);
        let last_at = self.summary.last_at.wire();
        let Some(record) = &mut self.record else { return };
        // Above everything that was told before, also when the clock went back.
        record.rev = now.wire().max(record.rev + 1).max(last_at + 1);
        // Whoever is told of this version is told what was read.
        self.outbox.unread_untold = false;
        self.save_record_quietly(fx);
    }

    /// Writes what only memory held, without making it a new version.
    pub(super) fn save_record_quietly(&mut self, fx: &mut Effects) {
        let Some(record) = &mut self.record else { return };
        record.told = self.outbox.told;
        record.told_rev = self.outbox.told_rev;
        record.unread_untold = self.outbox.unread_untold;
        self.saved_reached.clone_from(&record.reached);
        fx.write(RoomWrite::SaveRecord(Box::new(record.clone())));
    }
}

fn json_bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_string(value).map_or(0, |text| text.len())
}

/// What is left of a queue message.
struct Space {
    bytes: usize,
    is_empty: bool,
}

impl Space {
    fn new(bytes: usize) -> Self {
        Space { bytes, is_empty: true }
    }

    /// The first entries that fit. The first of all always does: 8,000 characters are at most 48,000 bytes.
    fn fill(&mut self, entries: impl Iterator<Item = EventEntry>) -> Vec<EventEntry> {
        let mut taken = Vec::new();
        for entry in entries {
            let size = json_bytes(&entry) + 1;
            if size > self.bytes && !self.is_empty {
                self.bytes = 0;
                break;
            }
            self.bytes = self.bytes.saturating_sub(size);
            self.is_empty = false;
            taken.push(entry);
        }
        taken
    }
}

fn row(seq: u64, id: &MessageId, author: &Author, at: Timestamp, body: &Body, text_kind: &str) -> EventEntry {
    let (kind, body, turn) = match body {
        Body::Text(text) => (text_kind, text.clone(), None),
        Body::Choice(offer) => (text_kind, offer.plain(), offer.turn.clone()),
        Body::Activity(activity) => ("activity", serde_json::to_string(activity).unwrap_or_default(), None),
        Body::Unread(body) => ("activity", body.clone(), None),
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
        turn,
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
