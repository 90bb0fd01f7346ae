//! Holding the log against D1 (INV-7), and finding out that the store is an older one that was put back (INV-4).
//!
//! A Room that falls idle asks D1 what it holds from the last confirmed entries on. What was told and is missing there is told
//! again; where a confirmed one is missing D1 is an older one that was put back, and everything is told again. An entry of
//! D1 that is another one here, or lies past our end, proves that this store has forgotten something: the Room draws a new
//! epoch, every client starts over and D1 takes the log as it is now.

use super::{
    Room,
    effect::{Call, Effects, Inspection},
    record::Cursors,
};
use crate::{
    core::{
        backoff::Backoff,
        id::MessageId,
        limits::{DOUBT, RECONCILE_AFTER, SUSPICION_INTERVAL, reconcile_entries},
        port::SqlError,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

impl Room {
    /// A client shows an entry that is not here: perhaps an older store was put back. Look, but not at every claim.
    pub(super) fn suspect(&mut self, now: Timestamp) {
        let is_new = |at: Timestamp| !(0..SUSPICION_INTERVAL).contains(&now.since(at));
        if self.outbox.suspected_at.is_none_or(is_new) {
            self.outbox.suspected_at = Some(now);
            self.outbox.suspicious = true;
            self.outbox.doubt = Some(now.plus(DOUBT));
        }
    }

    /// Asks D1 what it holds.
    pub(super) fn inspect(&mut self, now: Timestamp, fx: &mut Effects) {
        self.outbox.suspicious = false;
        self.outbox.reconcile_at = None;
        self.outbox.inspecting_since = Some(now);
        fx.call(Call::Inspect(self.outbox.compared_after()));
    }

    /// D1 holds less than it was seen to hold, or nothing yet: everything is told again, and counts as confirmed no more, also after a
    /// crash.
    fn tell_again(&mut self, now: Timestamp, fx: &mut Effects) {
        self.outbox.start_again(now);
        self.look_again(now);
        let Some(record) = &mut self.record else { return };
        if std::mem::take(&mut record.confirmed) != Cursors::default() {
            self.save_record_quietly(fx);
        }
    }

    /// Looks again later, and later each time.
    pub(super) fn look_again(&mut self, now: Timestamp) {
        let wait = self.outbox.reconcile_backoff.next_ms().max(RECONCILE_AFTER);
        self.outbox.reconcile_at = Some(now.plus(wait));
    }

    /// D1 has answered, or not.
    pub(super) fn inspected(
        &mut self,
        inspection: Option<Inspection>,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        if self.outbox.inspecting_since.take().is_none() {
            // Nobody waits for this answer: it was given up, or the question was another machine's.
            return Ok(());
        }
        let Some(log_epoch) = self.record.as_ref().map(|record| record.log_epoch) else { return Ok(()) };
        let Some(inspection) = inspection else {
            self.look_again(now);
            // Who wakes the Room in between must know of the doubt.
            if let Some(record) = self.record.as_mut().filter(|record| record.doubt != self.outbox.doubt) {
                record.doubt = self.outbox.doubt;
                self.save_record_quietly(fx);
            }
            return Ok(());
        };
        match inspection.log_epoch {
            Some(seen) if seen > log_epoch => return self.draw_epoch(seen, now, store, fx),
            Some(seen) if seen == log_epoch => {}
            Some(_) | None => {
                // D1 knows nothing of this epoch yet.
                self.tell_again(now, fx);
                return Ok(());
            }
        }
        let (from, heads) = (self.outbox.compared_after(), self.heads());
        let ours = store.public_after(from.public, reconcile_entries())?;
        let ours = ours.iter().map(|entry| (entry.seq, &entry.id));
        let public = compare(ours, &inspection.public, from.public, heads.public);
        let ours = store.private_after(from.private, reconcile_entries())?;
        let ours = ours.iter().map(|entry| (entry.seq, &entry.id));
        let private = compare(ours, &inspection.private, from.private, heads.private);
        match (public, private) {
            (Compared::Agrees(public), Compared::Agrees(private)) => {
                let confirmed = self.outbox.confirmed;
                if public.lacks(confirmed.public) || private.lacks(confirmed.private) {
                    self.tell_again(now, fx);
                    return Ok(());
                }
                self.confirm(public, private, inspection.rev, now, fx);
                Ok(())
            }
            (Compared::Diverged, _) | (_, Compared::Diverged) => self.draw_epoch(log_epoch, now, store, fx),
        }
    }

    /// D1 holds nothing that is not ours. Sees to what it lacks.
    fn confirm(&mut self, public: Agreed, private: Agreed, seen_rev: u64, now: Timestamp, fx: &mut Effects) {
        let Some(row_rev) = self.conversation_row().map(|row| row.rev) else { return };
        let upto = Cursors { public: public.upto, private: private.upto };
        let told = self.outbox.told;
        // After a crash D1 may hold more than we remember having told, after a loss it holds less.
        self.outbox.told = Cursors { public: public.told(told.public), private: private.told(told.private) };
        self.outbox.confirmed = upto;
        let is_lost = public.lacks(told.public) || private.lacks(told.private);
        if is_lost {
            self.outbox.flush_at = Some(now);
            self.look_again(now);
        } else if !upto.covers(self.heads()) {
            // Looking on behind a hole would find the same hole again, for ever: what is missing is told first.
            if public.missing.is_some() || private.missing.is_some() {
                self.outbox.flush_at.get_or_insert(now);
            } else {
                self.outbox.reconcile_at = Some(now);
            }
        } else if seen_rev < row_rev {
            self.outbox.told_rev = 0;
            self.outbox.flush_at = Some(now);
            self.look_again(now);
        } else if seen_rev > row_rev {
            // An older store was put back that lacks no entry, only what the record was told since: ours counts, above what D1 holds.
            if let Some(record) = &mut self.record {
                record.rev = record.rev.max(seen_rev);
            }
            self.save_record(now, fx);
        } else if self.outbox.unread_untold {
            // Reading is no event of its own; now that it is quiet the count goes out as a new version.
            self.save_record(now, fx);
        } else {
            self.outbox.reconcile_backoff = Backoff::default();
            self.outbox.flush_at = None;
            self.outbox.doubt = self.outbox.doubt.filter(|until| (1..=DOUBT).contains(&until.since(now)));
            self.outbox.ask_in_doubt();
            let Some(record) = &mut self.record else { return };
            self.outbox.told_rev = record.rev;
            record.confirmed = upto;
            record.confirmed_rev = record.rev;
            record.doubt = self.outbox.doubt;
            self.save_record_quietly(fx);
        }
    }

    /// The store is an older one that was put back: everyone starts over, and D1 takes the log as it is now.
    fn draw_epoch(
        &mut self,
        seen: u64,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let heads = self.heads();
        let Some(record) = &mut self.record else { return Ok(()) };
        record.log_epoch = now.wire().max(record.log_epoch + 1).max(seen + 1);
        record.drawn_at = heads;
        record.confirmed = Cursors::default();
        record.confirmed_rev = 0;
        record.doubt = None;
        self.outbox.doubt = None;
        self.outbox.start_again(now);
        self.save_record(now, fx);
        self.desk.mark(true);
        self.start_over(now, store, fx)
    }
}

/// How two logs compare from a common place on.
enum Compared {
    /// There is an entry that is not ours.
    Diverged,
    /// Everything there is ours.
    Agrees(Agreed),
}

/// How far the same log is there.
struct Agreed {
    /// Up to here without a gap.
    upto: u64,
    /// The first of ours that is not there.
    missing: Option<u64>,
}

impl Agreed {
    /// Something is missing that was told.
    fn lacks(&self, told: u64) -> bool {
        self.missing.is_some_and(|seq| seq <= told)
    }

    /// What counts as told from now on.
    fn told(&self, told: u64) -> u64 {
        if self.lacks(told) { self.upto } else { told.max(self.upto) }
    }
}

/// Both from `from` on, theirs at most one entry more than ours; our log ends at `head`.
fn compare<'log>(
    ours: impl Iterator<Item = (u64, &'log MessageId)>,
    theirs: &[(u64, MessageId)],
    from: u64,
    head: u64,
) -> Compared {
    if theirs.last().is_some_and(|(their_seq, _)| *their_seq > head) {
        return Compared::Diverged;
    }
    let mut theirs = theirs.iter().peekable();
    let (mut upto, mut missing) = (from, None);
    for (seq, id) in ours {
        match theirs.next_if(|(their_seq, _)| *their_seq == seq) {
            Some((_, their_id)) if their_id != id => return Compared::Diverged,
            Some(_) if missing.is_none() => upto = seq,
            Some(_) => {}
            None => drop(missing.get_or_insert(seq)),
        }
    }
    Compared::Agrees(Agreed { upto, missing })
}
