//! Sending: validated, numbered, once (INV-1 to INV-3).

use super::{
    Room,
    effect::{Effect, Effects},
    entry::{Author, Body, Entry, PrivateEntry, agent_participant},
    record::{Profile, Record},
    session::Session,
};
use crate::{
    core::{
        error::Code,
        id::{Entropy, MessageId},
        internal::{AgentRef, Status},
        limits::{CLIENT_ID_CHARS, TEXT_CHARS},
        port::SqlError,
        principal::Principal,
        protocol::wire::{self, activity, agent_frame, server_frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::{RoomStore, RoomWrite},
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
        if let Err((code, message)) = check(&send.client_id, &send.text) {
            self.refuse(socket, code, message, &send.client_id, fx);
            return Ok(());
        }
        if let Some(seq) = self.public.taken(&author, &send.client_id) {
            if let Some(entry) = store.public_after(seq - 1, 1)?.first() {
                fx.send(vec![socket], server_frame::Frame::Ack(ack(&entry.client_id, seq, entry.at, &entry.id)));
            }
            return Ok(());
        }
        if self.record.is_none() && !self.come_into_being(socket, now, fx) {
            self.refuse(socket, Code::NotFound, "there is no such conversation", &send.client_id, fx);
            return Ok(());
        }
        let entry = self.append(author.clone(), send.client_id, Body::Text(send.text), now, entropy, fx);
        fx.send(vec![socket], server_frame::Frame::Ack(ack(&entry.client_id, entry.seq, entry.at, &entry.id)));
        self.fan_out(socket, &entry, now, fx);
        match &author {
            Author::Visitor => {
                let first_unread = self.summary.unread.is_empty();
                self.summary.asked(entry.seq, now);
                self.desk.mark(first_unread);
                self.reopen(now, entropy, fx);
            }
            Author::Agent(_) => {
                self.summary.answered(entry.seq);
                self.desk.mark(false);
            }
            Author::System => {}
        }
        Ok(())
    }

    /// The sender's other sockets learn which of their unsent messages this is; the rest share one encoding.
    fn fan_out(&mut self, socket: SocketId, entry: &Entry, now: Timestamp, fx: &mut Effects) {
        let is_own = |session: &Session| session.author() == entry.author;
        let own = self.audience(Some(socket), now, is_own);
        let others = self.audience(Some(socket), now, |session| !is_own(session));
        fx.send(own, server_frame::Frame::Message(entry.message(true)));
        fx.send(others, server_frame::Frame::Message(entry.message(false)));
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
        if let Some(seq) = self.private.taken(&author, &note.client_id) {
            if let Some(entry) = store.private_after(seq - 1, 1)?.first() {
                let again = ack(&entry.client_id, seq, entry.at, &entry.id);
                fx.send(vec![socket], agent_frame::Frame::NoteAck(again));
            }
            return Ok(());
        }
        let entry = self.append_private(author, note.client_id, Body::Text(note.text), now, entropy, fx);
        fx.send(vec![socket], agent_frame::Frame::NoteAck(ack(&entry.client_id, entry.seq, entry.at, &entry.id)));
        let others = self.audience(Some(socket), now, Session::is_agent);
        fx.send(others, agent_frame::Frame::PrivateMessage(entry.message(true)));
        Ok(())
    }

    /// The first message makes the conversation. Says whether this socket may do that.
    fn come_into_being(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) -> bool {
        let Some(Session { principal: Principal::Visitor(visitor), .. }) = self.sessions.get(&socket) else {
            return false;
        };
        let profile = Profile {
            user_agent: visitor.user_agent.clone(),
            country: visitor.country.clone(),
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
            assignee: None,
            assignment_epoch: 0,
            profile,
            visitor_generation: visitor.generation,
            blocked: false,
            refusals: Vec::new(),
            reached: Vec::new(),
            confirmed: Default::default(),
            told: Default::default(),
            untold_change: false,
        };
        fx.write(RoomWrite::Create);
        fx.write(RoomWrite::SaveRecord(Box::new(record.clone())));
        self.record = Some(record);
        self.desk.mark(true);
        true
    }

    fn append(
        &mut self,
        author: Author,
        client_id: String,
        body: Body,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) -> Entry {
        let entry = Entry { seq: self.public.head + 1, id: MessageId::draw(entropy), author, client_id, at: now, body };
        self.public.head = entry.seq;
        self.public.note(
            entry.author.kind().to_owned(),
            entry.author.id().to_owned(),
            entry.client_id.clone(),
            entry.seq,
        );
        self.summary.last_at = now;
        if let Some(preview) = entry.body.preview() {
            self.summary.last_text = preview;
            entry.author.kind().clone_into(&mut self.summary.last_sender);
        }
        self.outbox.grew(now, self.settings);
        fx.write(RoomWrite::Append(entry.clone(), self.outbox.told()));
        entry
    }

    fn append_private(
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
        self.private.head = entry.seq;
        self.private.note(
            entry.author.kind().to_owned(),
            entry.author.id().to_owned(),
            entry.client_id.clone(),
            entry.seq,
        );
        self.outbox.grew(now, self.settings);
        fx.write(RoomWrite::AppendPrivate(entry.clone(), self.outbox.told()));
        entry
    }

    /// Something that the visitor may see has happened.
    pub(super) fn append_activity(
        &mut self,
        kind: activity::Kind,
        subject: &AgentRef,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let activity = wire::Activity {
            kind: kind.into(),
            actor: None,
            subject: Some(agent_participant(subject)),
            status: 0,
            reason: String::new(),
        };
        let entry = self.append(Author::System, String::new(), Body::Activity(activity), now, entropy, fx);
        let everyone = self.audience(None, now, |_| true);
        fx.send(everyone, server_frame::Frame::Message(entry.message(false)));
    }

    /// Something that only agents may know has happened.
    #[allow(clippy::too_many_arguments)] // a flat record of what happened; its parts share no noun of their own
    pub(super) fn append_private_activity(
        &mut self,
        kind: activity::Kind,
        actor: Option<&AgentRef>,
        subject: Option<&AgentRef>,
        detail: Option<Detail>,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let mut activity = wire::Activity {
            kind: kind.into(),
            actor: actor.map(agent_participant),
            subject: subject.map(agent_participant),
            status: 0,
            reason: String::new(),
        };
        match detail {
            Some(Detail::Status(status)) => activity.status = super::entry::wire_status(status).into(),
            Some(Detail::Reason(reason)) => activity.reason = reason,
            None => {}
        }
        let entry = self.append_private(Author::System, String::new(), Body::Activity(activity), now, entropy, fx);
        let agents = self.audience(None, now, Session::is_agent);
        fx.send(agents, agent_frame::Frame::PrivateMessage(entry.message(false)));
    }

    pub(super) fn typing(&mut self, socket: SocketId, typing: wire::Typing, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let (author, is_agent) = (session.author(), session.is_agent());
        let mut frame = wire::Typing { on: typing.on, preview: String::new(), participant: Some(author.participant()) };
        if is_agent {
            let others = self.audience(Some(socket), now, |other| other.author() != author);
            fx.send(others, server_frame::Frame::Typing(frame));
        } else {
            // Only agents may read what a visitor has not sent.
            frame.preview = typing.preview.chars().take(TEXT_CHARS).collect();
            fx.send(self.audience(None, now, Session::is_agent), server_frame::Frame::Typing(frame));
        }
    }

    /// Writes the record, with cursors as they are now.
    pub(super) fn save_record(&mut self, now: Timestamp, fx: &mut Effects) {
        let told = self.outbox.told();
        let Some(record) = &mut self.record else { return };
        record.rev = now.wire().max(record.rev + 1);
        record.told = told;
        fx.write(RoomWrite::SaveRecord(Box::new(record.clone())));
    }

    /// Tells everyone the status and assignment.
    pub(super) fn tell_state(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(state) = self.record.as_ref().map(Record::state) else { return };
        fx.send(self.audience(None, now, |_| true), server_frame::Frame::State(state));
        self.desk.mark(true);
    }

    /// Tells agents what is known of the visitor.
    pub(super) fn tell_profile(&mut self, now: Timestamp, fx: &mut Effects) {
        let Some(record) = &self.record else { return };
        let profile = record.profile.wire(&record.visitor, record.blocked);
        fx.push(Effect::Send {
            to: self.audience(None, now, Session::is_agent),
            frame: agent_frame::Frame::Visitor(profile).into(),
        });
    }
}

/// What a private activity says besides who did it.
pub(super) enum Detail {
    /// The new status.
    Status(Status),
    /// Why.
    Reason(String),
}

fn ack(client_id: &str, seq: u64, at: Timestamp, id: &MessageId) -> wire::Ack {
    wire::Ack { client_id: client_id.to_owned(), seq, at: at.wire(), id: id.to_string() }
}

fn check(client_id: &str, text: &str) -> Result<(), (Code, &'static str)> {
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
