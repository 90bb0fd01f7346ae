//! Sending: validated, numbered, once (INV-1 to INV-3).

use super::{
    Room,
    effect::Effects,
    entry::{Author, Body, Entry, Offer, PrivateEntry},
    profile::cut,
    rate::Ratings,
    record::{Cursors, Profile, Record},
    session::{Agents, Session},
    status::By,
};
use crate::{
    core::{
        effect::OfAgents as _,
        error::Code,
        id::{Entropy, MessageId},
        internal::Status,
        limits::{CLIENT_ID_CHARS, INTENT_ID_CHARS, TEXT_CHARS, TYPING_CHARS},
        port::SqlError,
        principal::Principal,
        protocol::wire::{self, agent_frame, server_frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::{Log, RoomStore, RoomWrite},
};

impl Room {
    pub(super) fn send(
        &mut self,
        socket: SocketId,
        send: wire::Send,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(session) = self.sessions.get(&socket) else { return Ok(()) };
        let author = session.author();
        let checked = check(&send.client_id, &send.text).and_then(|()| check_choice(&send.choice));
        if let Err((code, message)) = checked {
            self.refuse(socket, code, message, &send.client_id, fx);
            return Ok(());
        }
        if let Some(entry) = self.sent_before(&author, &send.client_id, store)? {
            fx.send(vec![socket], server_frame::Frame::Ack(ack(&entry.client_id, entry.seq, entry.at, &entry.id)));
            return Ok(());
        }
        if self.record.is_none() && !self.come_into_being(socket, now, fx) {
            self.refuse(socket, Code::NotFound, "there is no such conversation", &send.client_id, fx);
            return Ok(());
        }
        if let Author::Agent(agent) = &author {
            self.is_taken_by(&agent.id, now, entropy, fx);
            self.cut_short(now, entropy, fx);
        }
        let body = said(&author, send.text, send.choice);
        let entry = self.append(author, send.client_id, body, now, entropy, fx);
        fx.send(vec![socket], server_frame::Frame::Ack(ack(&entry.client_id, entry.seq, entry.at, &entry.id)));
        self.fan_out(Some(socket), &entry, now, fx);
        match &entry.author {
            Author::Visitor if self.is_muted() => self.heard_muted(entry.seq, now, fx),
            Author::Visitor => {
                let first_unread = self.summary.unread() == 0;
                let before = self.summary.last_word;
                self.summary.asked(entry.seq, now);
                self.desk.mark_asked(first_unread);
                self.reopen(before, now, entropy, fx);
                self.waits_again(now, fx);
                self.bot_hears(&entry, now, entropy, fx);
            }
            Author::Agent(_) => {
                self.summary.answered(entry.seq, now);
                self.desk.mark(false);
                if self.is_pending() {
                    // Whoever answers takes it from the bot.
                    self.turn(Status::Open, None, By::Person(entry.author.participant()), now, entropy, fx);
                } else if let Some(record) = self.record.as_mut().filter(|record| record.undecided) {
                    // Nor does it become the bot's.
                    record.undecided = false;
                    self.save_record(now, fx);
                }
                self.bot.answered_by_people();
                self.goes_on(now, fx);
                self.looks_open(entry.seq, now, fx);
            }
            Author::Bot | Author::System => {}
        }
        Ok(())
    }

    /// The entry that this sender has made with this name already.
    pub(super) fn sent_before(
        &self,
        author: &Author,
        client_id: &str,
        store: RoomStore<'_>,
    ) -> Result<Option<Entry>, SqlError> {
        for seq in self.public.taken.candidates(author, client_id) {
            let found = store.public_after(seq - 1, 1)?.pop();
            if let Some(entry) = found
                && entry.seq == seq
                && entry.author.is(author)
                && entry.client_id == client_id
            {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// The sender's other sockets learn which of their unsent messages this is; the rest share one encoding.
    pub(super) fn fan_out(&self, but: Option<SocketId>, entry: &Entry, now: Timestamp, fx: &mut Effects) {
        let (own, others): (Vec<&Session>, Vec<&Session>) =
            self.listeners(but, now).partition(|session| session.speaks_for(&entry.author));
        for (sessions, with_client_id) in [(own, true), (others, false)] {
            if !sessions.is_empty() {
                let to = sessions.iter().map(|session| session.socket).collect();
                fx.send(to, server_frame::Frame::Message(entry.message(with_client_id)));
            }
        }
    }

    pub(super) fn note(
        &mut self,
        socket: SocketId,
        note: wire::Note,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(session) = self.sessions.get(&socket) else { return Ok(()) };
        let author = session.author();
        if !session.is_agent() {
            self.refuse(socket, Code::Forbidden, "only agents write notes", &note.client_id, fx);
            return Ok(());
        }
        if let Err((code, message)) = check(&note.client_id, &note.text) {
            self.refuse(socket, code, message, &note.client_id, fx);
            return Ok(());
        }
        if let Some(entry) = self.noted_before(&author, &note.client_id, store)? {
            let again = ack(&entry.client_id, entry.seq, entry.at, &entry.id);
            fx.send_private(self.agent(socket), agent_frame::Frame::NoteAck(again));
            return Ok(());
        }
        let entry = self.append_private(author, note.client_id, Body::Text(note.text), now, entropy, fx);
        let stored = ack(&entry.client_id, entry.seq, entry.at, &entry.id);
        fx.send_private(self.agent(socket), agent_frame::Frame::NoteAck(stored));
        let is_own = |session: &&Session| session.speaks_for(&entry.author);
        let own = Agents::among(self.listeners(Some(socket), now).filter(is_own));
        let others = Agents::among(self.listeners(Some(socket), now).filter(|session| !is_own(session)));
        fx.send_private(own, agent_frame::Frame::PrivateMessage(entry.message(true)));
        fx.send_private(others, agent_frame::Frame::PrivateMessage(entry.message(false)));
        Ok(())
    }

    /// The same of the private log.
    fn noted_before(
        &self,
        author: &Author,
        client_id: &str,
        store: RoomStore<'_>,
    ) -> Result<Option<PrivateEntry>, SqlError> {
        for seq in self.private.taken.candidates(author, client_id) {
            let found = store.private_after(seq - 1, 1)?.pop();
            if let Some(entry) = found
                && entry.seq == seq
                && entry.author.is(author)
                && entry.client_id == client_id
            {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// The first message makes the conversation. Says whether this socket may do that.
    pub(super) fn come_into_being(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) -> bool {
        let Some(Session { principal: Principal::Visitor(visitor), .. }) = self.sessions.get(&socket) else {
            return false;
        };
        let profile = Profile {
            user_agent: cut(&visitor.user_agent),
            country: cut(&visitor.country),
            ..std::mem::take(&mut self.early_profile)
        };
        let record = Record {
            workspace: visitor.workspace.clone(),
            site: visitor.site.clone(),
            visitor: visitor.visitor.clone(),
            conversation: visitor.conversation.clone(),
            created_at: now,
            log_epoch: now.wire().max(1),
            rev: now.wire().max(1),
            status: Status::Open,
            snoozed_until: None,
            resolved_at: None,
            team: None,
            assignee: None,
            assignment_epoch: 0,
            profile,
            proven_after: 0,
            location: visitor.location,
            visitor_generation: visitor.generation,
            blocked: false,
            muted: false,
            tags: Vec::new(),
            ringing: false,
            reply_to: String::new(),
            refusals: Vec::new(),
            reached: Vec::new(),
            confirmed: Cursors::default(),
            confirmed_rev: 0,
            doubt: None,
            told: Cursors::default(),
            told_rev: 0,
            unread_untold: false,
            drawn_at: Cursors::default(),
            handled: 0,
            silence: None,
            owed: 0,
            undecided: true,
            is_reply: false,
            hand_to: None,
            hand_level: 0,
            action: None,
            acted: Vec::new(),
            consulted: Vec::new(),
            consulted_on: None,
            rated: Ratings::default(),
        };
        fx.write(RoomWrite::Create);
        fx.write(RoomWrite::SaveRecord(Box::new(record.clone())));
        self.record = Some(record);
        for (_, session) in self.sessions.iter_mut() {
            session.early_profile = None;
        }
        // Whoever else waited here with a ticket of another visitor or site has no part in this conversation.
        self.clear_out(now, fx);
        self.tell_state(now, fx);
        true
    }

    pub(super) fn append(
        &mut self,
        author: Author,
        client_id: String,
        body: Body,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) -> Entry {
        let entry = Entry { seq: self.public.head + 1, id: MessageId::draw(entropy), author, client_id, at: now, body };
        self.public.note(entry.author.kind(), entry.author.id(), &entry.client_id, entry.seq);
        self.summary.wrote(now);
        self.summary.show(&entry);
        self.outbox.grew(now, self.settings);
        fx.write(RoomWrite::Append(entry.clone(), self.outbox.told));
        if let Some(block) = self.public.taken.block(entry.seq) {
            fx.write(RoomWrite::SaveDigests { log: Log::Public, upto: entry.seq, block });
        }
        entry
    }

    pub(super) fn append_private(
        &mut self,
        author: Author,
        client_id: String,
        body: Body,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) -> PrivateEntry {
        let entry = PrivateEntry {
            seq: self.private.head + 1,
            id: MessageId::draw(entropy),
            author,
            client_id,
            at: now,
            follows: self.public.head,
            body,
        };
        self.private.note(entry.author.kind(), entry.author.id(), &entry.client_id, entry.seq);
        self.outbox.grew(now, self.settings);
        fx.write(RoomWrite::AppendPrivate(entry.clone(), self.outbox.told));
        if let Some(block) = self.private.taken.block(entry.seq) {
            fx.write(RoomWrite::SaveDigests { log: Log::Private, upto: entry.seq, block });
        }
        entry
    }

    pub(super) fn typing(&self, socket: SocketId, typing: wire::Typing, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let author = session.author();
        let mut frame = wire::Typing { on: typing.on, preview: String::new(), participant: Some(author.participant()) };
        let to = if self.rings_at(&author) {
            self.agents(Some(socket), now).into_sockets()
        } else if session.is_agent() {
            let others = self.listeners(Some(socket), now).filter(|other| !other.speaks_for(&author));
            others.map(|other| other.socket).collect()
        } else {
            // Only agents may read what a visitor has not sent.
            let before = typing.preview.chars().count().saturating_sub(TYPING_CHARS);
            frame.preview = typing.preview.chars().skip(before).collect();
            self.agents(None, now).into_sockets()
        };
        fx.send(to, server_frame::Frame::Typing(frame));
    }

    /// Tells everyone the status and assignment.
    pub(super) fn tell_state(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(state) = self.record.as_ref().map(Record::state) else { return };
        if self.is_muted() {
            fx.send(self.agents(None, now).into_sockets(), server_frame::Frame::State(state));
            self.tell_visitor_state(now, fx);
        } else {
            fx.send(self.everyone(None, now), server_frame::Frame::State(state));
        }
        self.set_place(self.place, now, fx);
        self.desk.mark(true);
    }

    /// Tells agents what is known of the visitor and of the conversation.
    pub(super) fn tell_profile(&self, now: Timestamp, fx: &mut Effects) {
        let Some(record) = &self.record else { return };
        fx.send_private(self.agents(None, now), agent_frame::Frame::Visitor(record.about()));
    }
}

fn ack(client_id: &str, seq: u64, at: Timestamp, id: &MessageId) -> wire::Ack {
    wire::Ack { client_id: client_id.to_owned(), seq, at: at.wire(), id: id.to_string() }
}

/// A button is the visitor's to press.
fn said(author: &Author, text: String, choice: String) -> Body {
    match author {
        Author::Visitor if !choice.is_empty() => {
            Body::Choice(Box::new(Offer { text, chosen: choice, ..Offer::default() }))
        }
        Author::Visitor | Author::Agent(_) | Author::Bot | Author::System => Body::Text(text),
    }
}

fn check_choice(choice: &str) -> Result<(), (Code, &'static str)> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if choice.len() > INTENT_ID_CHARS || !choice.bytes().all(good) {
        return Err((Code::BadRequest, "choice is at most 64 of A-Z a-z 0-9 _ -"));
    }
    Ok(())
}

pub(super) fn check(client_id: &str, text: &str) -> Result<(), (Code, &'static str)> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if client_id.is_empty() || client_id.len() > CLIENT_ID_CHARS || !client_id.bytes().all(good) {
        return Err((Code::BadRequest, "client_id is 1 to 64 of A-Z a-z 0-9 _ -"));
    }
    if text.trim().is_empty() {
        return Err((Code::BadRequest, "text is empty"));
    }
    if text.chars().nth(TEXT_CHARS).is_some() {
        return Err((Code::TooLarge, "text is over 8,000 characters"));
    }
    Ok(())
}
