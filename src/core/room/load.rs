//! What a Room takes from its store when it wakes.

use litemap::LiteMap;

use super::{
    LogIndex, Room, Settings,
    agenda::Agenda,
    allowance::Allowance,
    bot::BotLink,
    desk_link::DeskLink,
    outbox::Outbox,
    record::{Cursors, Profile, Record},
    summary::Summary,
    taken::Taken,
};
use crate::{
    core::{
        internal::{Place, Status},
        limits::{LOOK_BACK, digest_entries},
        port::SqlError,
        time::Timestamp,
    },
    sql::room::{IndexRow, Log, RoomStore},
};

impl Room {
    /// Loads what is stored; [`Input::Restored`] comes next. `alarm` is when the object's alarm is set to ring, if it
    /// is. Reads the digests and the newest entries, however long the log: less than two blocks of them, and of
    /// what nobody has answered as much as `newest` says.
    pub fn load(store: RoomStore<'_>, settings: Settings, alarm: Option<Timestamp>) -> Result<Room, SqlError> {
        let mut room = Room {
            settings,
            record: store.record()?,
            public: LogIndex::default(),
            private: LogIndex::default(),
            summary: Summary::default(),
            sessions: LiteMap::new(),
            allowances: LiteMap::new(),
            early_profile: Profile::default(),
            saved_reached: Vec::new(),
            outbox: Outbox::default(),
            desk: DeskLink::default(),
            agenda: Agenda::new(alarm),
            is_planned: false,
            place: Place::default(),
            idle: None,
            bot: BotLink::default(),
        };
        let Some(record) = &room.record else { return Ok(room) };
        let is_pending = record.status == Status::Pending;
        let (mut told, drawn_at, handled, muted) = (record.told, record.drawn_at, record.handled, record.muted);
        let mut last_told = Cursors::default();
        room.outbox.told_rev = record.told_rev;
        room.outbox.unread_untold = record.unread_untold;
        room.outbox.confirmed = record.confirmed;
        room.outbox.doubt = record.doubt;
        room.saved_reached.clone_from(&record.reached);
        let agents_read = room.agents_read();
        let digested = restore_digests(&mut room.public.taken, store, Log::Public)?;
        room.public.head = digested;
        let mut last_of_bot = 0;
        let newest = newest(store, digested, record)?;
        let begun_at = record.created_at;
        for row in &newest {
            room.summary.wrote(row.at);
            room.bot.saw(&row.author, &row.client_id, row.seq, row.at);
            match row.author.as_str() {
                "visitor" => room.summary.asked(row.seq, row.at),
                "agent" => room.summary.answered(row.seq, row.at),
                "bot" => {
                    last_of_bot = row.seq;
                    if is_pending {
                        room.summary.answered_by_bot(room.bot.answered, row.seq, row.at);
                    }
                }
                _ => {}
            }
            if row.seq == handled {
                room.summary.done(handled);
            }
            if row.seq > digested {
                room.public.note(&row.author, &row.author_id, &row.client_id, row.seq);
            }
            // The last one counts, for a loss makes it less. One of an epoch that is over says nothing.
            if row.seq > drawn_at.public {
                last_told = row.told;
            }
        }
        told = told.max(std::mem::take(&mut last_told));
        room.summary.read(agents_read);
        if muted {
            room.summary.done(room.public.head);
        }
        let digested = restore_digests(&mut room.private.taken, store, Log::Private)?;
        room.private.head = digested;
        // A block before them as well: the last one says what was told, and all of them what agents wrote.
        let notes = store.index(Log::Private, digested.saturating_sub(digest_entries()))?;
        Allowance::recall(&mut room.allowances, begun_at, &newest, &notes, settings.limit_factor);
        for row in notes {
            if row.seq > digested {
                room.private.note(&row.author, &row.author_id, &row.client_id, row.seq);
            }
            if row.seq > drawn_at.private {
                last_told = row.told;
            }
        }
        told = told.max(last_told);
        if let Some(entry) = store.last_text()? {
            room.summary.show(&entry);
        }
        let last_of_bot = if last_of_bot > 0 { store.public_after(last_of_bot - 1, 1)?.pop() } else { None };
        if let Some(record) = &room.record {
            room.bot.recall(last_of_bot.as_ref(), record);
        }
        room.outbox.told = told.min(room.heads());
        Ok(room)
    }
}

/// The newest entries of the public log: those after its digests and a block before them, and from twice as far back, and
/// again twice, while in them nobody has answered what the visitor wrote. For what is unread, and since when somebody waits, begins
/// at the last answer. A conversation that is answered is read once; of one that never is [`LOOK_BACK`] is the bound, and its
/// visitor is then said to wait since the first message within it.
fn newest(store: RoomStore<'_>, digested: u64, record: &Record) -> Result<Vec<IndexRow>, SqlError> {
    let mut back = digest_entries();
    loop {
        let after = digested.saturating_sub(back);
        let rows = store.index(Log::Public, after)?;
        back *= 2;
        if after == 0 || back > LOOK_BACK || tells_all(&rows, after, record) {
            return Ok(rows);
        }
    }
}

/// Everything that the summary would know from entries up to `after` is answered, and somebody has written since.
fn tells_all(rows: &[IndexRow], after: u64, record: &Record) -> bool {
    let is_pending = record.status == Status::Pending;
    let is_done = record.muted || record.handled >= after;
    let answers = |row: &IndexRow| row.author == "agent" || is_pending && row.author == "bot";
    let is_word = |row: &IndexRow| matches!(row.author.as_str(), "visitor" | "agent");
    (is_done || rows.iter().any(answers)) && rows.iter().any(is_word)
}

/// Takes up the digests of a log; says up to where they go.
fn restore_digests(taken: &mut Taken, store: RoomStore<'_>, log: Log) -> Result<u64, SqlError> {
    let mut digested = 0;
    for (upto, block) in store.digests(log)? {
        taken.restore(upto, &block);
        digested = upto;
    }
    Ok(digested)
}
