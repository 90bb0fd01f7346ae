//! The live list: a snapshot in pages or what a console missed, then at most one frame a second with what has changed.
//!
//! A version (`rev`) is a moment in epoch milliseconds, or one more than the last: so it goes on rising over restarts,
//! whatever the memory had forgotten. A console's cursor is good only in the life of one machine (`epoch`): what
//! memory held before is lost, and a store may have been put back; both are met by the same snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::{
    Desk,
    conversation::{Conversation, Entry, is_ahead},
    effect::Effects,
    session::Consoles,
};
use crate::{
    core::{
        error::Code,
        id::ConversationId,
        limits::{DESK_UPDATE_INTERVAL, GONE_AT_ONCE, GONE_MEMORY, desk_page_rows, desk_update_rows},
        protocol::wire::{self, agent_frame},
        room::entry::agent_participant,
        socket::SocketId,
        time::Timestamp,
    },
    sql::desk::DeskWrite,
};

/// What consoles are to hear of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It changed hands or status; such come first.
    Transition,
    /// Somebody wrote, read or came.
    Preview,
}

/// Conversations, and what consoles have yet to hear of them.
#[derive(Debug, Default)]
pub struct List {
    /// All that are not resolved, and those that were resolved lately.
    pub entries: BTreeMap<ConversationId, Entry>,
    epoch: u64,
    rev: u64,
    /// Resolved ones that were forgotten had versions up to this.
    forgotten: u64,
    /// Transitions to be told.
    changed: BTreeSet<ConversationId>,
    /// Previews to be told.
    touched: BTreeSet<ConversationId>,
    told_at: Option<Timestamp>,
    /// When to look next for what can be forgotten.
    forget_at: Timestamp,
}

/// Rows and departures since a console's cursor.
type Missed = (Vec<wire::DeskRow>, Vec<String>);

impl List {
    /// After loading.
    pub fn load(conversations: Vec<Conversation>, now: Timestamp) -> Self {
        let mut list = List { epoch: now.wire(), rev: now.wire(), ..List::default() };
        for conversation in conversations {
            list.rev = list.rev.max(conversation.rev);
            list.entries.insert(conversation.id.clone(), Entry::stored(conversation));
        }
        list
    }

    /// Gives a conversation a new version that consoles are to hear of.
    pub fn tell(&mut self, id: &ConversationId, told: Told, now: Timestamp) {
        self.rev = now.wire().max(self.rev.saturating_add(1));
        if let Some(entry) = self.entries.get_mut(id) {
            entry.stored.rev = self.rev;
        }
        match told {
            Told::Transition => {
                self.touched.remove(id);
                self.changed.insert(id.clone());
            }
            Told::Preview if self.changed.contains(id) => {}
            Told::Preview => drop(self.touched.insert(id.clone())),
        }
    }

    fn listed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| entry.is_listed())
    }

    /// Takes what is to be told now. What does not fit waits for the next frame, transitions last of all.
    fn news(&mut self) -> wire::DeskUpdate {
        let mut update = wire::DeskUpdate::default();
        for _ in 0..desk_update_rows() {
            let Some(id) = self.changed.pop_first().or_else(|| self.touched.pop_first()) else { break };
            match self.entries.get(&id) {
                Some(entry) if entry.is_listed() => update.rows.push(entry.row()),
                Some(_) | None => update.gone.push(id.to_string()),
            }
        }
        let left = self.changed.iter().chain(&self.touched).filter_map(|id| self.entries.get(id));
        // A cursor must not pass over what was not told.
        let untold = left.map(|entry| entry.stored.rev).min();
        update.rev = untold.map_or(self.rev, |rev| rev.saturating_sub(1).min(self.rev));
        update
    }

    fn has_news(&self) -> bool {
        !self.changed.is_empty() || !self.touched.is_empty()
    }
}

impl Desk {
    pub(super) fn hello(&mut self, socket: SocketId, hello: &wire::DeskHello, now: Timestamp, fx: &mut Effects) {
        let Some(agent) = self.sessions.get(&socket).map(|session| session.principal.agent.clone()) else { return };
        if let Some(mut said) = hello.availability {
            // What was said last stands, on whichever device, but for one that has said nothing yet, or says no more.
            let mut others = self.sessions.values().filter(|it| it.socket != socket && it.principal.agent == agent);
            if others.any(|it| it.greeted && !it.silent) {
                said.availability = 0;
            }
            self.set_availability(socket, said, fx);
        }
        let Some(session) = self.sessions.get_mut(&socket) else { return };
        if !session.greeted {
            self.leaving.remove(&agent);
            session.greeted = true;
            self.presence_changed = true;
            self.router.look_again();
            self.came.insert(agent);
        }
        fx.attach(session.clone());
        let missed = self.missed(hello);
        self.welcome(socket, missed, now, fx);
    }

    /// The machine before was dropped with what it had yet to tell, so everyone starts over.
    pub(super) fn start_over(&mut self, now: Timestamp, fx: &mut Effects) {
        if std::mem::take(&mut self.owes_welcomes) {
            for socket in self.audience(now) {
                self.welcome(socket, None, now, fx);
            }
        }
    }

    /// What was missed, or the first page of a snapshot.
    fn welcome(&mut self, socket: SocketId, missed: Option<Missed>, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let you = agent_participant(&session.agent());
        let (rows, next) =
            missed.as_ref().map_or_else(|| self.page_after(None), |(rows, _)| (rows.clone(), String::new()));
        let welcome = wire::DeskWelcome {
            desk_epoch: self.list.epoch,
            rev: self.list.rev,
            reset: missed.is_none(),
            rows,
            gone: missed.map(|(_, gone)| gone).unwrap_or_default(),
            next,
            agents: self.presence(),
            you: Some(you),
            now: now.wire(),
            answers: Some(self.answers()),
        };
        fx.send_private(Consoles(vec![socket]), agent_frame::Frame::DeskWelcome(welcome));
    }

    /// Rows and departures after the console's cursor. None: only a snapshot helps.
    fn missed(&self, hello: &wire::DeskHello) -> Option<Missed> {
        let list = &self.list;
        if hello.desk_epoch != list.epoch || hello.rev < list.forgotten || hello.rev > list.rev {
            return None;
        }
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        for entry in list.entries.values().filter(|entry| entry.stored.rev > hello.rev) {
            if entry.is_listed() {
                rows.push(entry.row());
            } else {
                gone.push(entry.stored.id.to_string());
            }
        }
        (rows.len() <= desk_page_rows()).then_some((rows, gone))
    }

    pub(super) fn page(&mut self, socket: SocketId, request: &wire::DeskPageRequest, fx: &mut Effects) {
        let Ok(after) = ConversationId::parse(&request.after) else {
            self.refuse(socket, Code::BadRequest, "after is the next of an earlier page", "", fx);
            return;
        };
        let (rows, next) = self.page_after(Some(&after));
        fx.send_private(Consoles(vec![socket]), agent_frame::Frame::DeskPage(wire::DeskPage { rows, next }));
    }

    /// A page of the snapshot, by id, and where the next one begins.
    fn page_after(&self, after: Option<&ConversationId>) -> (Vec<wire::DeskRow>, String) {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.list.entries.range::<ConversationId, _>((from, Bound::Unbounded));
        let mut listed = range.map(|(_, entry)| entry).filter(|entry| entry.is_listed());
        let rows: Vec<wire::DeskRow> = listed.by_ref().take(desk_page_rows()).map(Entry::row).collect();
        let next = match (listed.next(), rows.last()) {
            (Some(_), Some(last)) => last.conversation.clone(),
            (Some(_) | None, _) => String::new(),
        };
        (rows, next)
    }

    /// Tells every console what has changed, if the last time is long enough ago; else sets the timer.
    pub(super) fn tell_news(&mut self, now: Timestamp, fx: &mut Effects) {
        if !self.list.has_news() && !self.presence_changed && !self.answers.has_news() {
            return;
        }
        if !self.sessions.values().any(|session| session.greeted) {
            // Whoever comes gets a snapshot.
            self.list.changed.clear();
            self.list.touched.clear();
            self.presence_news();
            self.answers_news();
            return;
        }
        let next = self.list.told_at.map_or(now, |at| at.plus(DESK_UPDATE_INTERVAL));
        // A `told_at` in the future was written by a clock that has been put back.
        if next > now && next.since(now) <= DESK_UPDATE_INTERVAL {
            self.set_timer(next, now, fx);
            return;
        }
        let audience = self.audience(now);
        let mut update = self.list.news();
        update.agents = self.presence_news();
        update.answers = self.answers_news();
        self.list.told_at = Some(now);
        fx.send_private(Consoles(audience), agent_frame::Frame::DeskUpdate(update));
        if self.list.has_news() {
            self.set_timer(now.plus(DESK_UPDATE_INTERVAL), now, fx);
        }
    }

    /// Forgets what was resolved a while ago. Looks seldom, because that means looking at everything.
    pub(super) fn forget_gone(&mut self, now: Timestamp, fx: &mut Effects) {
        if now < self.list.forget_at && self.list.forget_at.since(now) <= GONE_MEMORY {
            return;
        }
        self.list.forget_at = now.plus(GONE_MEMORY / 10);
        let old = now.plus(-GONE_MEMORY).wire();
        let is_over = |entry: &&Entry| !entry.is_listed() && entry.stored.order.is_none() && entry.stored.rev < old;
        let gone = self.list.entries.values().filter(is_over).take(GONE_AT_ONCE);
        let gone: Vec<ConversationId> = gone.map(|entry| entry.stored.id.clone()).collect();
        for id in gone {
            let Some(entry) = self.list.entries.remove(&id) else { continue };
            self.list.forgotten = self.list.forgotten.max(entry.stored.rev);
            self.list.changed.remove(&id);
            self.router.forget(&entry);
            if entry.has_row {
                self.write(DeskWrite::DropConversation(id), fx);
            }
        }
    }

    /// When the last one in line came, if that is by a clock that was put back since.
    pub(super) fn came_ahead(&self, now: Timestamp) -> Option<Timestamp> {
        self.router.loads.last_came().filter(|last| is_ahead(*last, now))
    }

    /// Such came in their order, the last of them now. The alarm does it: who only looks or types writes nothing.
    pub(super) fn set_back(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(last) = self.came_ahead(now) else { return };
        let mut moved = Vec::new();
        for (id, entry) in &mut self.list.entries {
            if let Some(at) = entry.stored.queued_at.filter(|at| *at > now) {
                entry.stored.queued_at = Some(now.plus(at.since(last).min(0)));
                moved.push(id.clone());
            }
        }
        for id in moved {
            self.list.tell(&id, Told::Transition, now);
            self.store(&id, now, fx);
        }
    }

    /// Writes a conversation as it stands.
    pub(super) fn store(&mut self, id: &ConversationId, now: Timestamp, fx: &mut Effects) {
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        entry.has_row = true;
        entry.note_presence(now);
        entry.settle(now);
        self.place(id, now, fx);
        let Some(entry) = self.list.entries.get(id) else { return };
        let row = Box::new(entry.stored.clone());
        self.write(DeskWrite::SaveConversation(row), fx);
    }

    /// How many conversations consoles list.
    pub fn n_listed(&self) -> usize {
        self.list.listed().count()
    }
}
