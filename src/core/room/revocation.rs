//! Revoked means silent (INV-13): what the Desk orders, and what the Room remembers of it.

use super::{
    Room,
    effect::{Answer, Effects},
    entry::agent_participant,
    record::Refusal,
};
use crate::core::{
    error::{CloseCode, Code},
    id::{AgentId, Entropy, SessionId},
    internal::Revoked,
    limits::{REVOCATION_MEMORY, SESSIONS_REMEMBERED},
    principal::Principal,
    protocol::wire::activity,
    socket::SocketId,
    time::Timestamp,
};

impl Room {
    /// Ends the sockets of whom the Desk names, and refuses them from now on. Doing it twice is doing it once, and an
    /// order that comes after a later one changes nothing.
    pub(super) fn revoke(&mut self, revoked: Revoked, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        fx.answer(Answer::Revoked);
        let Some(record) = &mut self.record else {
            self.revoke_early(&revoked, now, fx);
            return;
        };
        let before = record.clone();
        forget_old(&mut record.refusals, now);
        match &revoked {
            Revoked::Agent { agent, generation } => refuse_agent(&mut record.refusals, agent, *generation, now),
            Revoked::Session { session, .. } => refuse_session(&mut record.refusals, session, now),
            Revoked::Visitor { visitor, generation, blocked, .. } => {
                if *visitor == record.visitor && *generation >= record.visitor_generation {
                    record.visitor_generation = *generation;
                    record.blocked = *blocked;
                }
            }
        }
        let now_blocked = (before.blocked != record.blocked).then_some(record.blocked);
        if before != *record {
            self.save_record(now, fx);
        }
        self.clear_out(now, fx);
        if let (Some(blocked), Revoked::Visitor { by, .. }) = (now_blocked, &revoked) {
            let kind = if blocked { activity::Kind::VisitorBlocked } else { activity::Kind::VisitorUnblocked };
            self.append_private_activity(kind, Some(agent_participant(by)), None, None, now, entropy, fx);
            self.tell_profile(now, fx);
        }
    }

    /// Before there is a record there is nothing to remember it by; who is here is ended all the same.
    fn revoke_early(&mut self, revoked: &Revoked, now: Timestamp, fx: &mut Effects) {
        let hit: Vec<SocketId> = self
            .sessions
            .values()
            .filter(|session| match (revoked, &session.principal) {
                (Revoked::Visitor { visitor, generation, blocked, .. }, Principal::Visitor(who)) => {
                    who.visitor == *visitor && (*blocked || who.generation < *generation)
                }
                (Revoked::Agent { .. } | Revoked::Session { .. }, Principal::Visitor(_))
                | (Revoked::Agent { .. } | Revoked::Session { .. } | Revoked::Visitor { .. }, Principal::Agent(_)) => {
                    false
                }
            })
            .map(|session| session.socket)
            .collect();
        let (code, close) = match revoked {
            Revoked::Visitor { blocked: true, .. } => (Code::VisitorBlocked, CloseCode::Blocked),
            Revoked::Visitor { .. } | Revoked::Agent { .. } | Revoked::Session { .. } => {
                (Code::Unauthorized, CloseCode::Revoked)
            }
        };
        for socket in hit {
            self.turn_away(socket, code, close, now, fx);
        }
    }
}

/// An agent is one entry for ever; sessions come and go, and each is worth remembering while a ticket of it may live.
/// By age only where there are many: a clock that leaps ahead and back must let nobody in again.
fn forget_old(refusals: &mut Vec<Refusal>, now: Timestamp) {
    let is_session = |refusal: &Refusal| matches!(refusal, Refusal::Session { .. });
    if refusals.iter().filter(|refusal| is_session(refusal)).count() >= SESSIONS_REMEMBERED {
        refusals.retain(|refusal| match refusal {
            Refusal::Agent { .. } => true,
            Refusal::Session { at, .. } => now.since(*at) < REVOCATION_MEMORY,
        });
    }
}

fn refuse_agent(refusals: &mut Vec<Refusal>, who: &AgentId, lowest: u64, now: Timestamp) {
    for refusal in refusals.iter_mut() {
        match refusal {
            Refusal::Agent { agent, generation, .. } if agent == who => {
                *generation = (*generation).max(lowest);
                return;
            }
            Refusal::Agent { .. } | Refusal::Session { .. } => {}
        }
    }
    refusals.push(Refusal::Agent { agent: who.clone(), generation: lowest, at: now });
}

fn refuse_session(refusals: &mut Vec<Refusal>, ended: &SessionId, now: Timestamp) {
    let known = refusals.iter().any(|refusal| matches!(refusal, Refusal::Session { session, .. } if session == ended));
    if !known {
        refusals.push(Refusal::Session { session: ended.clone(), at: now });
    }
}
