//! Who may hold a socket here, and for how long (INV-8, INV-13): looked at when it opens, on every frame, before every
//! fan-out, and when the agenda says that a ticket ends.

use super::{Desk, effect::Effects, presence::Availability, session::Session};
use crate::core::{
    bucket::TokenBucket,
    error::{CloseCode, Code},
    limits::{AGENT_FRAMES, LIST_FRAME_COST, PRESENCE_GRACE, REFUSALS_BEFORE_CLOSE, SOCKETS_PER_PARTICIPANT},
    principal::{AgentPrincipal, Principal},
    protocol::{
        Encoding, FrameError, client_id_of, error_frame,
        wire::{client_frame::Frame, server_frame},
    },
    socket::SocketId,
    time::Timestamp,
};

impl Desk {
    pub(super) fn connected(
        &mut self,
        socket: SocketId,
        principal: Principal,
        encoding: Encoding,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let entered = match principal {
            Principal::Agent(agent) => self.may_enter(&agent, now).map(|()| agent),
            Principal::Visitor(_) => Err((Code::Forbidden, CloseCode::Refused)),
        };
        let principal = match entered {
            Ok(principal) => principal,
            Err((code, close)) => {
                self.refuse(socket, code, "", "", fx);
                fx.close(socket, close);
                return;
            }
        };
        if self.sessions.is_empty() {
            self.looked_at = now;
        }
        self.is_back(&principal, fx);
        let mut session = Session::new(socket, principal, encoding, now);
        let own = || self.sessions.values().filter(|other| other.principal.agent == session.principal.agent);
        let mut older: Vec<(Timestamp, SocketId)> = own().map(|other| (other.connected_at, other.socket)).collect();
        // Another tab does not change how the agent wants to be seen.
        // And whoever was here a moment ago has not been away.
        if let Some(other) = own().chain(self.leaving.get(&session.principal.agent).map(|(left, _)| left)).next() {
            (session.switch, session.missed) = (other.switch, other.missed);
        }
        older.sort();
        let surplus = (older.len() + 1).saturating_sub(SOCKETS_PER_PARTICIPANT);
        for (_, other) in older.into_iter().take(surplus) {
            self.drop_socket(other, CloseCode::Replaced, fx);
        }
        fx.attach(session.clone());
        self.sessions.insert(socket, session);
    }

    /// Whether a principal may have a socket here now.
    pub(super) fn may_enter(&self, principal: &AgentPrincipal, now: Timestamp) -> Result<(), (Code, CloseCode)> {
        if principal.workspace != self.workspace {
            return Err((Code::NotFound, CloseCode::Refused));
        }
        if now >= principal.expires_at {
            return Err((Code::TicketExpired, CloseCode::TicketExpired));
        }
        if self.record.refuses_principal(principal) {
            return Err((Code::Unauthorized, CloseCode::Revoked));
        }
        Ok(())
    }

    pub(super) fn restored(&mut self, sessions: Vec<Session>, dropped: bool, now: Timestamp) {
        self.sessions = sessions.into_iter().map(|session| (session.socket, session)).collect();
        self.looked_at = now;
        // An object does not sleep before its timer has rung, so consoles know what the attachments say.
        self.told = self.present();
        self.owes_welcomes = dropped;
        self.stand_by(now);
    }

    /// A frame passes if its socket is known, its ticket good, its rate bearable and its type known.
    pub(super) fn admit(
        &mut self,
        socket: SocketId,
        frame: Result<Option<Frame>, FrameError>,
        now: Timestamp,
        fx: &mut Effects,
    ) -> Option<Frame> {
        if let Err((code, close)) = self.may_enter(&self.sessions.get(&socket)?.principal, now) {
            self.turn_out(socket, code, close, fx);
            return None;
        }
        let session = self.sessions.get_mut(&socket)?;
        let who = session.principal.agent.clone();
        let frames = self.frames.entry(who).or_insert_with(|| TokenBucket::full(AGENT_FRAMES, now));
        let allowed = frames.take_many(AGENT_FRAMES, now, cost(frame.as_ref().ok().and_then(Option::as_ref), session));
        // Whoever sends what is none, or too much, is told a few times and then closed.
        let is_bad = allowed.is_err() || frame.is_err();
        session.refusals = if is_bad { session.refusals + 1 } else { 0 };
        let exhausted = session.refusals >= REFUSALS_BEFORE_CLOSE;
        let greeted = session.greeted;
        if let Err(wait_ms) = allowed {
            // The last refusal is about the whole socket: whoever comes back waits as long.
            let refused = frame.ok().flatten().filter(|_| !exhausted);
            let client_id = refused.map(client_id_of).unwrap_or_default();
            let mut error = error_frame(Code::RateLimited, "too many frames", &client_id);
            error.retry_after_ms = wait_ms;
            fx.send(vec![socket], server_frame::Frame::Error(error));
            if exhausted {
                self.drop_socket(socket, CloseCode::TooMany, fx);
            }
            return None;
        }
        self.sign_of_life(socket, now, fx);
        let (code, message, client_id) = match frame {
            Ok(Some(frame @ (Frame::DeskHello(_) | Frame::Renew(_)))) => return Some(frame),
            Ok(Some(frame)) if greeted => return Some(frame),
            Ok(Some(frame)) => (Code::HelloFirst, "say desk_hello first", client_id_of(frame)),
            Ok(None) => (Code::UnknownFrame, "this server does not know this type of frame", String::new()),
            Err(FrameError::TooLarge) => (Code::TooLarge, "the frame is too large", String::new()),
            Err(FrameError::Malformed) => (Code::BadFrame, "the frame cannot be read", String::new()),
        };
        self.refuse(socket, code, message, &client_id, fx);
        if exhausted {
            self.drop_socket(socket, CloseCode::TooMany, fx);
        }
        None
    }

    pub(super) fn renewed(&mut self, socket: SocketId, principal: Option<Principal>, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        // Too late: frames have passed it by, so it has to come back and catch up.
        if let Err((code, close)) = self.may_enter(&session.principal, now) {
            return self.turn_out(socket, code, close, fx);
        }
        let same_agent = principal.and_then(|principal| match principal {
            Principal::Agent(agent) if agent.agent == session.principal.agent => Some(agent),
            Principal::Agent(_) | Principal::Visitor(_) => None,
        });
        match same_agent {
            Some(principal) if self.may_enter(&principal, now).is_ok() => {
                let renamed = session.principal.name != principal.name;
                let renewed = Session { principal, ..session.clone() };
                fx.attach(renewed.clone());
                self.sessions.insert(socket, renewed);
                self.presence_changed |= renamed;
            }
            Some(_) | None => self.refuse(socket, Code::Unauthorized, "the ticket is not good for this socket", "", fx),
        }
    }

    /// A socket is gone by itself: perhaps a page that is loaded anew, or a line that drops. Whoever is back in a moment was
    /// never seen to go.
    pub(super) fn disconnected(&mut self, socket: SocketId, now: Timestamp) {
        if let Some(session) = self.sessions.remove(&socket).filter(|session| session.greeted) {
            self.presence_changed = true;
            // Others may help out now.
            self.router.look_again();
            let agent = session.principal.agent.clone();
            // One that stays is enough, but for one at which nobody is.
            let is_enough = |it: &Session| it.seen() == Availability::Online || it.seen() == session.seen();
            let stays = |it: &Session| it.greeted && it.principal.agent == agent && is_enough(it);
            let left = self.leaving.get(&agent).map(|(left, _)| left);
            if !self.sessions.values().chain(left).any(stays) {
                self.leaving.insert(agent, (session, now.plus(PRESENCE_GRACE)));
            }
        }
    }

    /// Ends a socket from this side.
    pub(super) fn drop_socket(&mut self, socket: SocketId, code: CloseCode, fx: &mut Effects) {
        fx.close(socket, code);
        if self.sessions.remove(&socket).is_some_and(|session| session.greeted) {
            self.presence_changed = true;
            self.router.look_again();
        }
    }

    fn turn_out(&mut self, socket: SocketId, code: Code, close: CloseCode, fx: &mut Effects) {
        self.refuse(socket, code, "this desk is no longer open to this ticket", "", fx);
        self.drop_socket(socket, close, fx);
    }

    /// Ends every socket whose ticket is over, or that outlived its revocation because the machine was dropped.
    pub(super) fn turn_out_due(&mut self, now: Timestamp, fx: &mut Effects) {
        let verdict = |session: &Session| self.may_enter(&session.principal, now).err();
        let due = self.sessions.values().filter_map(|session| Some((session.socket, verdict(session)?)));
        for (socket, (code, close)) in due.collect::<Vec<_>>() {
            self.turn_out(socket, code, close, fx);
        }
    }

    /// Greeted sockets whose ticket is good. Looked at before every fan-out (INV-13).
    pub(super) fn audience(&self, now: Timestamp) -> Vec<SocketId> {
        let is_good = |session: &&Session| session.greeted && self.may_enter(&session.principal, now).is_ok();
        self.sessions.values().filter(is_good).map(|session| session.socket).collect()
    }
}

/// A frame that is answered with a page of the list costs more than one that is about one conversation.
fn cost(frame: Option<&Frame>, session: &Session) -> i64 {
    match frame {
        Some(Frame::DeskPage(_)) => LIST_FRAME_COST,
        Some(Frame::DeskHello(_)) if session.greeted => LIST_FRAME_COST,
        Some(_) | None => 1,
    }
}
