//! Whoever is revoked falls silent everywhere (INV-13): here at once, in the Rooms by a word that is repeated until each
//! has confirmed it.
//!
//! The Desk knows where an agent has sockets, because a Room's door asks here first (`attach`) and the Room reports the
//! end of the last one (`detach`, and the list in each notice). One row per agent and Room; refusals in the record.

use std::collections::BTreeSet;

use super::{
    Desk,
    claims::Decision,
    effect::{Answer, Effects},
    record::{Revocation, subject},
};
use crate::{
    core::{
        error::{CloseCode, Code},
        id::{AgentId, ConversationId},
        internal::{AttachRequest, DetachNotice, RevokeRequest, Revoked, Withdrawal},
        limits::{ATTACH_GRACE, ATTACHMENTS_PER_AGENT},
        principal::AgentPrincipal,
        socket::SocketId,
        time::{SECOND, Timestamp},
    },
    sql::desk::DeskWrite,
};

impl Desk {
    /// An agent is about to open a socket in a Room.
    pub(super) fn attach(&mut self, request: AttachRequest, now: Timestamp, fx: &mut Effects) {
        let AttachRequest { workspace, agent, session, generation, conversation, knock } = request;
        let known = self.attached.get(&conversation).and_then(|agents| agents.get(&agent)).copied();
        let in_rooms = || self.attached.values().filter(|agents| agents.contains_key(&agent)).count();
        let verdict = if workspace != self.workspace || self.record.refuses(&agent, &session, generation) {
            Err(Code::Unauthorized)
        } else if known.is_none() && in_rooms() >= ATTACHMENTS_PER_AGENT {
            Err(Code::RateLimited)
        } else {
            Ok(())
        };
        if verdict.is_ok() {
            self.knocks.note(&conversation, &agent, knock, known.is_none());
        }
        // Tabs that open together are one attachment. Later ones renew it, or what a Room said before would end it.
        if verdict.is_ok() && known.is_none_or(|at| now.since(at) >= SECOND) {
            let write = DeskWrite::Attach { agent: agent.clone(), conversation: conversation.clone(), at: now };
            self.write(write, fx);
            self.attached.entry(conversation).or_default().insert(agent, now);
        }
        fx.answer(Answer::Done(verdict));
    }

    /// The Room has turned the agent away. If no other attach is left on which the attachment rests, it goes at once.
    pub(super) fn withdraw(&mut self, withdrawal: &Withdrawal, fx: &mut Effects) {
        let Withdrawal { workspace, agent, conversation, knock } = withdrawal;
        if *workspace == self.workspace && self.knocks.withdraw(conversation, agent, *knock) {
            self.is_detached(conversation, agent.clone(), fx);
        }
        fx.answer(Answer::Done(Ok(())));
    }

    /// An agent has no socket in a Room any more. If they came back since, or shortly before the Room looked, this may
    /// be about the time before.
    pub(super) fn detach(&mut self, notice: DetachNotice, fx: &mut Effects) {
        if notice.workspace != self.workspace {
            fx.answer(Answer::Done(Err(Code::NotFound)));
            return;
        }
        let at = self.attached.get(&notice.conversation).and_then(|agents| agents.get(&notice.agent));
        let verdict = match at {
            Some(at) if notice.at.since(*at) < ATTACH_GRACE => Err(Code::Conflict),
            Some(_) => {
                self.is_detached(&notice.conversation, notice.agent, fx);
                Ok(())
            }
            None => Ok(()),
        };
        fx.answer(Answer::Done(verdict));
    }

    pub(super) fn is_detached(&mut self, conversation: &ConversationId, agent: AgentId, fx: &mut Effects) {
        if let Some(agents) = self.attached.get_mut(conversation) {
            agents.remove(&agent);
            if agents.is_empty() {
                self.attached.remove(conversation);
            }
        }
        self.knocks.forget(conversation, &agent);
        self.write(DeskWrite::Detach { agent, conversation: conversation.clone() }, fx);
    }

    pub(super) fn revoke(&mut self, request: RevokeRequest, now: Timestamp, fx: &mut Effects) {
        if request.workspace != self.workspace {
            fx.answer(Answer::Done(Err(Code::NotFound)));
            return;
        }
        let RevokeRequest { revoked, conversations, release, .. } = request;
        self.record.note(&revoked, now);
        // A word is repeated until it has been confirmed: whoever is here with what it does not refuse has come back since, and is
        // neither turned out nor relieved of what they were given.
        let silenced = Some(&revoked).filter(|it| !self.came_after(it));
        if let (Some(Revoked::Agent { agent, generation }), true) = (silenced, release) {
            self.record.disabled.insert(agent.clone(), *generation);
        }
        self.save_record(fx);
        let rooms = conversations.into_iter().chain(self.rooms_of(&revoked)).collect();
        self.tell_rooms(revoked.clone(), rooms, now, fx);
        let hit: Vec<SocketId> = self
            .sessions
            .values()
            .filter(|session| self.record.refuses_principal(&session.principal))
            .map(|session| session.socket)
            .collect();
        for socket in hit {
            self.drop_socket(socket, CloseCode::Revoked, fx);
        }
        if let Some(Revoked::Agent { agent, .. }) = silenced {
            // Their sockets in the Rooms end now; whoever comes back attaches anew.
            let mut had_any = false;
            self.attached.retain(|_, agents| {
                had_any |= agents.remove(agent).is_some();
                !agents.is_empty()
            });
            self.knocks.forget_all_of(agent);
            if had_any {
                self.write(DeskWrite::DetachAll(agent.clone()), fx);
            }
            if release {
                self.release_all_of(agent, now, fx);
            }
        }
        fx.answer(Answer::Done(Ok(())));
    }

    /// Whether an agent of whom this is said has a console here that it does not end.
    fn came_after(&self, revoked: &Revoked) -> bool {
        let Revoked::Agent { agent, generation } = revoked else { return false };
        let is_later = |it: &AgentPrincipal| it.agent == *agent && it.generation >= *generation;
        self.sessions.values().any(|session| is_later(&session.principal))
    }

    /// Rooms that may hold sockets of whom is revoked.
    fn rooms_of(&self, revoked: &Revoked) -> Vec<ConversationId> {
        match revoked {
            Revoked::Agent { agent, .. } | Revoked::Session { agent, .. } => {
                let attached = self.attached.iter().filter(|(_, agents)| agents.contains_key(agent));
                attached.map(|(conversation, _)| conversation.clone()).collect()
            }
            Revoked::Visitor { visitor, .. } => {
                let entries = self.list.entries.values().filter(|entry| entry.stored.visitor == *visitor);
                entries.map(|entry| entry.stored.id.clone()).collect()
            }
        }
    }

    /// The later word about somebody takes the earlier one's place, in every Room that has not confirmed that one.
    fn tell_rooms(&mut self, revoked: Revoked, mut rooms: BTreeSet<ConversationId>, now: Timestamp, fx: &mut Effects) {
        let subject = subject(&revoked);
        if let Some(earlier) = self.revocations.remove(&subject) {
            rooms.extend(earlier.waiting);
        }
        if rooms.is_empty() {
            return;
        }
        for room in &rooms {
            self.words.want((subject.clone(), room.clone()), now);
        }
        let revocation = Revocation { revoked, waiting: rooms };
        self.write(DeskWrite::SaveRevocation(subject.clone(), Box::new(revocation.clone())), fx);
        self.revocations.insert(subject, revocation);
    }

    /// A Room has confirmed, or could not be reached.
    pub(super) fn room_revoked(
        &mut self,
        conversation: ConversationId,
        revoked: &Revoked,
        heard: bool,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let key = (subject(revoked), conversation);
        let Some(revocation) = self.revocations.get_mut(&key.0) else { return self.words.done(&key) };
        if !heard {
            return self.words.later(&key, now);
        }
        if revocation.revoked != *revoked {
            // Another word about the same one was given while the call was under way.
            return self.words.again(&key, now);
        }
        self.words.done(&key);
        revocation.waiting.remove(&key.1);
        if revocation.waiting.is_empty() {
            self.revocations.remove(&key.0);
            self.write(DeskWrite::DropRevocation(key.0), fx);
        }
    }

    fn release_all_of(&mut self, agent: &AgentId, now: Timestamp, fx: &mut Effects) {
        let theirs = self.list.entries.values().filter(|entry| entry.is_listed() && entry.holder() == Some(agent));
        let theirs: Vec<ConversationId> = theirs.map(|entry| entry.stored.id.clone()).collect();
        for id in theirs {
            self.decide(&id, Decision::default(), now, fx);
        }
    }

    /// A Room may still think that a disabled agent has its conversation, one that was resolved meanwhile for instance.
    pub(super) fn release_if_disabled(&mut self, id: &ConversationId, now: Timestamp, fx: &mut Effects) {
        let is_theirs = self.list.entries.get(id).is_some_and(|entry| {
            entry.is_listed() && entry.holder().is_some_and(|agent| self.record.disabled.contains_key(agent))
        });
        if is_theirs {
            self.decide(id, Decision::default(), now, fx);
        }
    }

    /// An agent with a ticket of a new generation has been enabled again.
    pub(super) fn is_back(&mut self, principal: &AgentPrincipal, fx: &mut Effects) {
        if self.record.disabled.get(&principal.agent).is_some_and(|generation| principal.generation >= *generation) {
            self.is_active(&principal.agent, fx);
        }
    }

    /// The agent may have conversations.
    pub(super) fn is_active(&mut self, agent: &AgentId, fx: &mut Effects) {
        if self.record.disabled.remove(agent).is_some() {
            self.save_record(fx);
        }
    }

    pub(super) fn save_record(&mut self, fx: &mut Effects) {
        self.write(DeskWrite::SaveRecord(Box::new(self.record.clone())), fx);
    }
}
