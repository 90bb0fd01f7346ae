//! Who may hold a socket here, and for how long (INV-8, INV-13): looked at when it opens, on every frame, before
//! every fan-out, and when the agenda says that a ticket ends.

use super::{
    Room,
    allowance::Allowance,
    effect::Effects,
    entry::Author,
    profile::on_page,
    record::{Profile, Refusal},
    session::Session,
};
use crate::{
    core::{
        error::{CloseCode, Code},
        id::AgentId,
        limits::{REFUSALS_BEFORE_CLOSE, SOCKETS_PER_PARTICIPANT},
        port::SqlError,
        principal::Principal,
        protocol::{
            Encoding, FrameError, client_id_of, error_frame,
            wire::{self, client_frame::Frame, server_frame},
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

impl Room {
    pub(super) fn connected(
        &mut self,
        socket: SocketId,
        principal: Principal,
        encoding: Encoding,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let mut session = Session::new(socket, principal, encoding, now);
        if let Err((code, close)) = self.may_enter(&session, now) {
            // In the gateway's own words: what is another's and what does not exist are told alike (INV-14).
            self.refuse(socket, code, "", "", fx);
            fx.close(socket, close);
            return;
        }
        let mut older: Vec<(Timestamp, SocketId)> = self
            .sessions
            .values()
            .filter(|other| other.same_participant(&session))
            .map(|other| (other.connected_at, other.socket))
            .collect();
        older.sort();
        let surplus = (older.len() + 1).saturating_sub(SOCKETS_PER_PARTICIPANT);
        for (_, other) in older.into_iter().take(surplus) {
            self.drop_socket(other, CloseCode::Replaced, now, fx);
        }
        if self.record.is_none() && self.early_profile != Profile::default() {
            session.early_profile = Some(Box::new(self.early_profile.clone()));
        }
        self.lift_block(&session, now, fx);
        fx.attach(session.clone());
        self.sessions.insert(socket, session);
    }

    /// Takes up a lifted block that a store which was put back had missed, by a ticket that could not be had before.
    fn lift_block(&mut self, session: &Session, now: Timestamp, fx: &mut Effects) {
        let Principal::Visitor(visitor) = &session.principal else { return };
        let Some(record) = self.record.as_mut().filter(|record| record.blocked) else { return };
        record.blocked = false;
        record.visitor_generation = visitor.generation;
        self.save_record(now, fx);
        self.tell_profile(now, fx);
    }

    pub(super) fn may_enter(&self, session: &Session, now: Timestamp) -> Result<(), (Code, CloseCode)> {
        if !session.is_current(now) {
            return Err((Code::TicketExpired, CloseCode::TicketExpired));
        }
        let Some(record) = &self.record else {
            // Before the first message there is nothing that an agent could open.
            return match session.is_agent() {
                true => Err((Code::NotFound, CloseCode::Refused)),
                false => is_theirs(session, &self.early_profile),
            };
        };
        if *session.principal.workspace() != record.workspace {
            return Err((Code::NotFound, CloseCode::Refused));
        }
        match &session.principal {
            Principal::Visitor(visitor) => {
                if visitor.visitor != record.visitor
                    || visitor.site != record.site
                    || visitor.conversation != record.conversation
                {
                    return Err((Code::NotFound, CloseCode::Refused));
                }
                // Each block and each lift raises the generation, and nobody blocked gets a ticket: a later ticket proves
                // that this store, put back since, has missed the lift.
                if record.blocked && visitor.generation <= record.visitor_generation {
                    return Err((Code::VisitorBlocked, CloseCode::Blocked));
                }
                if visitor.generation < record.visitor_generation {
                    return Err((Code::Unauthorized, CloseCode::Revoked));
                }
                is_theirs(session, &record.profile)?;
            }
            Principal::Agent(agent) => {
                let refused = record.refusals.iter().any(|refusal| match refusal {
                    Refusal::Agent { agent: who, generation, .. } => {
                        *who == agent.agent && agent.generation < *generation
                    }
                    Refusal::Session { session, .. } => *session == agent.session,
                });
                if refused {
                    return Err((Code::Unauthorized, CloseCode::Revoked));
                }
            }
        }
        Ok(())
    }

    /// Takes up the sockets that outlived the machine, as strictly as if they came now, and what they carry.
    pub(super) fn restored(
        &mut self,
        sessions: Vec<Session>,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        for session in sessions {
            if session.greeted {
                self.remember_reached(&session.author(), session.delivered, session.read);
            }
            if let Some(memo) = session.memo.clone() {
                self.recall(memo);
            }
            if let Some(said) = &session.early_profile {
                match &mut self.record {
                    Some(record) => record.profile = on_page(said, &record.profile),
                    None => self.early_profile = Profile::clone(said),
                }
            }
            self.sessions.insert(session.socket, session);
        }
        self.clear_out(now, fx);
        self.plan_after_waking(now, store)
    }

    /// A frame passes if its socket is known, its ticket good, its rate bearable and its type known.
    pub(super) fn admit(
        &mut self,
        socket: SocketId,
        frame: Result<Option<Frame>, FrameError>,
        now: Timestamp,
        fx: &mut Effects,
    ) -> Option<Frame> {
        let Some(session) = self.sessions.get(&socket) else {
            // Never silence: a client whose socket is not known here has to come again.
            fx.close(socket, CloseCode::Restart);
            return None;
        };
        if let Err((code, close)) = self.may_enter(session, now) {
            self.turn_away(socket, code, close, now, fx);
            return None;
        }
        let who = session.author().id().to_owned();
        let (full, is_greeted) = (Allowance::full(session.is_agent(), now), session.greeted);
        let allowed = self.allowances.entry(who).or_insert(full).take(
            frame.as_ref().ok().and_then(Option::as_ref),
            is_greeted,
            self.settings.limit_factor,
            now,
        );
        let session = self.sessions.get_mut(&socket)?;
        // Whoever sends what is none, or too much, is told a few times and then closed.
        let is_bad = allowed.is_err() || frame.is_err();
        session.refusals = if is_bad { session.refusals + 1 } else { 0 };
        let exhausted = session.refusals >= REFUSALS_BEFORE_CLOSE;
        if let Err((wait_ms, message)) = allowed {
            // The last refusal is about the whole socket: whoever comes back waits as long.
            let refused = frame.ok().flatten().filter(|_| !exhausted);
            let client_id = refused.map(client_id_of).unwrap_or_default();
            let mut error = error_frame(Code::RateLimited, message, &client_id);
            error.retry_after_ms = wait_ms;
            fx.send(vec![socket], server_frame::Frame::Error(error));
            if exhausted {
                self.drop_socket(socket, CloseCode::TooMany, now, fx);
            }
            return None;
        }
        let greeted = session.greeted;
        let (code, message, client_id) = match frame {
            Ok(Some(frame @ (Frame::Hello(_) | Frame::Renew(_)))) => return Some(frame),
            Ok(Some(frame)) if greeted => return Some(frame),
            Ok(Some(frame)) => (Code::HelloFirst, "say hello first", client_id_of(frame)),
            Ok(None) => (Code::UnknownFrame, "this server does not know this type of frame", String::new()),
            Err(FrameError::TooLarge) => (Code::TooLarge, "the frame is too large", String::new()),
            Err(FrameError::Malformed) => (Code::BadFrame, "the frame cannot be read", String::new()),
        };
        self.refuse(socket, code, message, &client_id, fx);
        if exhausted {
            self.drop_socket(socket, CloseCode::TooMany, now, fx);
        }
        None
    }

    pub(super) fn renewed(&mut self, socket: SocketId, principal: Option<Principal>, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let same = principal.filter(|new| same_person(new, &session.principal));
        let renewed = same.map(|principal| session.renewed(principal));
        match renewed.filter(|renewed| self.may_enter(renewed, now).is_ok()) {
            Some(renewed) => {
                let identity = renewed.identity().cloned();
                fx.attach(renewed.clone());
                self.sessions.insert(socket, renewed);
                self.prove(identity, now, fx);
            }
            // The socket lives on until its own ticket ends: nothing was proven against it.
            None => self.refuse(socket, Code::Unauthorized, "the ticket is not good for this socket", "", fx),
        }
    }

    pub(super) fn disconnected(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) {
        if let Some(session) = self.sessions.remove(&socket) {
            self.left(&session, now, fx);
        }
    }

    /// What follows from a session that is not in the Room any more.
    fn left(&mut self, session: &Session, now: Timestamp, fx: &mut Effects) {
        let others = || self.sessions.values().filter(|other| other.same_participant(session));
        let (is_alone, is_seen) = (others().next().is_none(), others().any(|other| other.greeted));
        if is_alone {
            self.let_go(session, now, fx);
        }
        // One that has not said hello is no presence, and hides nobody's end.
        if session.greeted && !is_seen {
            self.presence_changed(now, fx);
        }
    }

    /// A participant's last socket is gone.
    fn let_go(&mut self, session: &Session, now: Timestamp, fx: &mut Effects) {
        // Nobody holds this participant's cursors any more: now they are worth a row. What was read by then is told with it.
        if self.has_unsaved_cursors(&session.author()) {
            if self.outbox.unread_untold && session.is_agent() {
                self.save_record(now, fx);
            } else {
                self.save_record_quietly(fx);
            }
        }
        if let Principal::Agent(agent) = &session.principal {
            self.desk.departed.insert(agent.agent.clone());
        }
    }

    /// The Desk has heard that an agent is gone from here, or not. Back already: the next notice says so.
    pub(super) fn detached(&mut self, who: AgentId, heard: bool, now: Timestamp) {
        match (heard, self.agents_here().contains(&who)) {
            (true, false) => {}
            (_, true) => self.desk.mark(true),
            (false, false) => self.desk.stays(who, now),
        }
    }

    /// Ends a socket from this side.
    pub(super) fn drop_socket(&mut self, socket: SocketId, code: CloseCode, now: Timestamp, fx: &mut Effects) {
        fx.close(socket, code);
        self.disconnected(socket, now, fx);
    }

    /// Tells a socket why before it is ended.
    pub(super) fn turn_away(
        &mut self,
        socket: SocketId,
        code: Code,
        close: CloseCode,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        self.refuse(socket, code, "this socket's ticket is not good any more", "", fx);
        self.drop_socket(socket, close, now, fx);
    }

    /// Ends every socket that may not be here: its ticket is over, or the conversation is another visitor's.
    pub(super) fn clear_out(&mut self, now: Timestamp, fx: &mut Effects) {
        let due: Vec<(SocketId, (Code, CloseCode))> = self
            .sessions
            .values()
            .filter_map(|session| self.may_enter(session, now).err().map(|why| (session.socket, why)))
            .collect();
        // First they leave, then the others hear of it: nothing goes to one that is about to be ended.
        let gone: Vec<Session> = due.iter().filter_map(|(socket, _)| self.sessions.remove(socket)).collect();
        for (socket, (code, close)) in due {
            self.refuse(socket, code, "this socket's ticket is not good any more", "", fx);
            fx.close(socket, close);
        }
        for session in gone {
            self.left(&session, now, fx);
        }
    }

    /// Who is here: agents for the visitor, the visitor for agents. One at whom it rings has yet to come.
    pub(super) fn presence(&self) -> wire::Presence {
        let mut agents: Vec<Author> = Vec::new();
        for session in self.sessions.values().filter(|session| session.greeted && session.is_agent()) {
            let author = session.author();
            if !self.rings_at(&author) && !agents.iter().any(|other| other.is(&author)) {
                agents.push(author);
            }
        }
        agents.sort();
        wire::Presence { agents: agents.iter().map(Author::shown).collect(), visitor: self.visitor_online() }
    }

    pub(super) fn visitor_online(&self) -> bool {
        self.sessions.values().any(|session| session.greeted && !session.is_agent())
    }

    pub(super) fn presence_changed(&mut self, now: Timestamp, fx: &mut Effects) {
        self.tell_presence(now, fx);
        self.desk.mark_presence(now);
    }

    pub(super) fn tell_presence(&self, now: Timestamp, fx: &mut Effects) {
        fx.send(self.everyone(None, now), server_frame::Frame::Presence(self.presence()));
    }
}

/// Once somebody was proven here nobody else comes in, whatever they hold from before: who asks for a session anew gets another conversation.
fn is_theirs(session: &Session, profile: &Profile) -> Result<(), (Code, CloseCode)> {
    let subject = session.identity().map_or("", |identity| identity.subject.trim());
    if profile.verified && profile.subject != subject {
        return Err((Code::TicketExpired, CloseCode::TicketExpired));
    }
    Ok(())
}

fn same_person(new: &Principal, old: &Principal) -> bool {
    match (new, old) {
        (Principal::Visitor(new), Principal::Visitor(old)) => {
            new.workspace == old.workspace
                && new.site == old.site
                && new.visitor == old.visitor
                && new.conversation == old.conversation
        }
        (Principal::Agent(new), Principal::Agent(old)) => new.workspace == old.workspace && new.agent == old.agent,
        (Principal::Visitor(_), Principal::Agent(_)) | (Principal::Agent(_), Principal::Visitor(_)) => false,
    }
}
