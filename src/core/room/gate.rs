//! Who may hold a socket here, and for how long (INV-8, INV-13): looked at when it opens, on every frame, before
//! every fan-out, and when the agenda says that a ticket ends.

use super::{
    Room,
    effect::{Effect, Effects},
    entry::Author,
    record::Refusal,
    session::Session,
};
use crate::core::{
    error::{CloseCode, Code},
    id::{AgentId, Entropy},
    internal::Revoked,
    limits::{REFUSALS_BEFORE_CLOSE, REVOCATION_MEMORY, SOCKETS_PER_PARTICIPANT},
    principal::Principal,
    protocol::{
        Encoding, FrameError, client_id_of, error_frame,
        wire::{self, activity, client_frame::Frame, server_frame},
    },
    socket::SocketId,
    time::Timestamp,
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
        let session = Session::new(socket, principal, encoding, now);
        if let Err((code, close)) = self.may_enter(&session, now) {
            // The session is not known to the machine, so the edge is told its encoding by attaching it first.
            fx.push(Effect::Attach(session));
            self.refuse(socket, code, "this conversation is not open to this ticket", "", fx);
            fx.push(Effect::Close { socket, code: close });
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
        fx.push(Effect::Attach(session.clone()));
        self.sessions.insert(socket, session);
    }

    fn may_enter(&self, session: &Session, now: Timestamp) -> Result<(), (Code, CloseCode)> {
        if !session.is_current(now) {
            return Err((Code::TicketExpired, CloseCode::TicketExpired));
        }
        let Some(record) = &self.record else {
            // Before the first message there is nothing that an agent could open.
            return if session.is_agent() { Err((Code::NotFound, CloseCode::Refused)) } else { Ok(()) };
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
                if record.blocked {
                    return Err((Code::VisitorBlocked, CloseCode::Blocked));
                }
                if visitor.generation < record.visitor_generation {
                    return Err((Code::Unauthorized, CloseCode::Revoked));
                }
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

    pub(super) fn restored(&mut self, sessions: Vec<Session>) {
        for session in sessions {
            if session.greeted {
                self.remember_reached(&session.author(), session.delivered, session.read);
            }
            self.sessions.insert(session.socket, session);
        }
    }

    /// A frame passes if its socket is known, its ticket good, its rate bearable and its type known.
    pub(super) fn admit(
        &mut self,
        socket: SocketId,
        frame: Result<Option<Frame>, FrameError>,
        now: Timestamp,
        fx: &mut Effects,
    ) -> Option<Frame> {
        let session = self.sessions.get_mut(&socket)?;
        if !session.is_current(now) {
            self.expire(socket, now, fx);
            return None;
        }
        if let Err(wait_ms) = session.take_token(now) {
            session.refusals += 1;
            let exhausted = session.refusals >= REFUSALS_BEFORE_CLOSE;
            let client_id = frame.ok().flatten().map(client_id_of).unwrap_or_default();
            let mut error = error_frame(Code::RateLimited, "too many frames", &client_id);
            error.retry_after_ms = wait_ms;
            fx.send(vec![socket], server_frame::Frame::Error(error));
            if exhausted {
                self.drop_socket(socket, CloseCode::TooMany, now, fx);
            }
            return None;
        }
        session.refusals = 0;
        let greeted = session.greeted;
        let (code, message) = match frame {
            Ok(Some(frame @ (Frame::Hello(_) | Frame::Renew(_)))) => return Some(frame),
            Ok(Some(frame)) if greeted => return Some(frame),
            Ok(Some(_)) => (Code::HelloFirst, "say hello first"),
            Ok(None) => (Code::UnknownFrame, "this server does not know this type of frame"),
            Err(FrameError::TooLarge) => (Code::TooLarge, "the frame is too large"),
            Err(FrameError::Malformed) => (Code::BadFrame, "the frame cannot be read"),
        };
        self.refuse(socket, code, message, "", fx);
        None
    }

    pub(super) fn renewed(&mut self, socket: SocketId, principal: Option<Principal>, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let renewed = principal.filter(|new| same_person(new, &session.principal)).map(|principal| {
            let mut renewed = session.clone();
            renewed.principal = principal;
            renewed
        });
        match renewed {
            Some(renewed) if self.may_enter(&renewed, now).is_ok() => {
                fx.push(Effect::Attach(renewed.clone()));
                self.sessions.insert(socket, renewed);
            }
            Some(_) | None => self.refuse(socket, Code::Unauthorized, "the ticket is not good for this socket", "", fx),
        }
    }

    pub(super) fn disconnected(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.remove(&socket) else { return };
        let still_here = self.sessions.values().any(|other| other.same_participant(&session));
        if let (Principal::Agent(agent), false) = (&session.principal, still_here) {
            self.desk.departed.insert(agent.agent.clone());
        }
        if session.greeted && !still_here {
            self.presence_changed(now, fx);
        }
    }

    pub(super) fn detached(&mut self, agent: AgentId, heard: bool, now: Timestamp) {
        if heard {
            return;
        }
        self.desk.departed.insert(agent);
        self.desk.failed(now);
    }

    /// Ends a socket from this side.
    pub(super) fn drop_socket(&mut self, socket: SocketId, code: CloseCode, now: Timestamp, fx: &mut Effects) {
        fx.push(Effect::Close { socket, code });
        self.disconnected(socket, now, fx);
    }

    fn expire(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) {
        self.refuse(socket, Code::TicketExpired, "the ticket's time is over", "", fx);
        self.drop_socket(socket, CloseCode::TicketExpired, now, fx);
    }

    /// Ends every socket whose ticket is over.
    pub(super) fn expire_due(&mut self, now: Timestamp, fx: &mut Effects) {
        let due: Vec<SocketId> =
            self.sessions.values().filter(|session| !session.is_current(now)).map(|session| session.socket).collect();
        for socket in due {
            self.expire(socket, now, fx);
        }
    }

    /// Ends the sockets of whom the Desk names, and refuses them from now on. Doing it twice is doing it once.
    pub(super) fn revoke(&mut self, revoked: Revoked, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        fx.push(Effect::AnswerRevoke);
        let Some(record) = &mut self.record else {
            // No record, no agent; a visitor who is blocked before a first message gets no new ticket.
            return;
        };
        record.refusals.retain(|refusal| {
            let (Refusal::Agent { at, .. } | Refusal::Session { at, .. }) = refusal;
            now.since(*at) < REVOCATION_MEMORY
        });
        let close = match &revoked {
            Revoked::Agent { agent, generation } => {
                record.refusals.push(Refusal::Agent { agent: agent.clone(), generation: *generation, at: now });
                CloseCode::Revoked
            }
            Revoked::Session { session, .. } => {
                record.refusals.push(Refusal::Session { session: session.clone(), at: now });
                CloseCode::Revoked
            }
            Revoked::Visitor { visitor, generation, blocked, by } => {
                if *visitor != record.visitor {
                    return;
                }
                let changed = record.blocked != *blocked;
                record.visitor_generation = record.visitor_generation.max(*generation);
                record.blocked = *blocked;
                if changed {
                    let kind = if *blocked { activity::Kind::VisitorBlocked } else { activity::Kind::VisitorUnblocked };
                    self.append_private_activity(kind, Some(by), None, None, now, entropy, fx);
                    self.tell_profile(now, fx);
                }
                CloseCode::Blocked
            }
        };
        self.save_record(now, fx);
        let Some(record) = &self.record else { return };
        let hit: Vec<SocketId> = self
            .sessions
            .values()
            .filter(|session| match (&revoked, &session.principal) {
                (Revoked::Agent { agent, generation }, Principal::Agent(who)) => {
                    who.agent == *agent && who.generation < *generation
                }
                (Revoked::Session { session, .. }, Principal::Agent(who)) => who.session == *session,
                (Revoked::Visitor { .. }, Principal::Visitor(who)) => {
                    record.blocked || who.generation < record.visitor_generation
                }
                (Revoked::Visitor { .. }, Principal::Agent(_))
                | (Revoked::Agent { .. } | Revoked::Session { .. }, Principal::Visitor(_)) => false,
            })
            .map(|session| session.socket)
            .collect();
        for socket in hit {
            self.drop_socket(socket, close, now, fx);
        }
    }

    /// Who is here: agents for the visitor, the visitor for agents.
    pub(super) fn presence(&self) -> wire::Presence {
        let mut agents: Vec<Author> = Vec::new();
        for session in self.sessions.values().filter(|session| session.greeted && session.is_agent()) {
            let author = session.author();
            if !agents.iter().any(|other| other.id() == author.id()) {
                agents.push(author);
            }
        }
        agents.sort();
        wire::Presence { agents: agents.iter().map(Author::participant).collect(), visitor: self.visitor_online() }
    }

    pub(super) fn visitor_online(&self) -> bool {
        self.sessions.values().any(|session| session.greeted && !session.is_agent())
    }

    pub(super) fn presence_changed(&mut self, now: Timestamp, fx: &mut Effects) {
        fx.send(self.audience(None, now, |_| true), server_frame::Frame::Presence(self.presence()));
        self.desk.mark(false);
    }
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
