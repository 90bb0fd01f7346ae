//! Who gets a conversation: claims, releases, transfers (INV-5).
//!
//! ```text
//!                     claim (anyone) · transfer (anyone)
//!            ┌─────────────────────────────────────────────┐
//!            │                                             ▼
//!       unassigned ◄──── release (holder, admin) ──── assigned(agent)
//!                        the agent was disabled        │        ▲
//!                                                      └────────┘
//!                               transfer (holder, admin): an admin takes over by a transfer to themselves
//! ```
//!
//! One object decides, one input at a time, so of simultaneous claims one wins. Every decision has an
//! `assignment_epoch` above every earlier one of the conversation: a moment in epoch milliseconds, or a little more than
//! the last, so that a Desk whose store was put back gives no number a second time ([`next_epoch`]). Whoever names an assignment that no
//! longer stands is told so. What routing gives rings first (see [`super::routing`]): `accept` makes it answered, `decline`
//! gives it back. The answer goes out only with the row on disk; the Room is told until it confirms.

use super::{
    Desk,
    conversation::{Entry, Order, RequestId},
    effect::{Call, Effects, Found},
    list::Told,
    outbound::order_of,
    session::{Consoles, Session},
};
use crate::core::{
    error::Code,
    id::{AgentId, ConversationId, Entropy, TeamId},
    internal::{AgentRef, Status},
    limits::{CLIENT_ID_CHARS, EPOCH_STEPS, REASON_CHARS},
    principal::Role,
    protocol::{
        error_frame,
        wire::{self, agent_frame, server_frame},
    },
    room::entry::agent_participant,
    socket::SocketId,
    time::Timestamp,
};

/// Who gets a conversation from now on.
#[derive(Debug, Default)]
pub(super) struct Decision {
    /// Nobody, or this agent.
    pub assignee: Option<AgentRef>,
    /// Who decided, and why.
    pub order: Order,
    /// On whose request; absent: the system decided.
    pub request: Option<RequestId>,
    /// It rings until then.
    pub ring_until: Option<Timestamp>,
    /// It is handed to this team; absent: it stays where it is.
    pub team: Option<TeamId>,
}

/// One request about one conversation, with everything that the decision needs to know.
struct Request {
    socket: SocketId,
    conversation: ConversationId,
    client_id: String,
    by: AgentRef,
    role: Role,
    /// It was asked for before, and no agent has asked for anything else since.
    is_repeated: bool,
    holder: Option<AgentRef>,
    assignment_epoch: u64,
    /// It rings at its holder.
    rings: bool,
}

impl Desk {
    pub(super) fn claim(&mut self, socket: SocketId, claim: &wire::Claim, now: Timestamp, fx: &mut Effects) {
        let Some(request) = self.request(socket, &claim.client_id, &claim.conversation, fx) else { return };
        match &request.holder {
            None if request.is_repeated => self.answer(&request, fx),
            None => self.grant(&request, Some(request.by.clone()), String::new(), now, fx),
            Some(holder) if holder.id == request.by.id => self.take(&request, now, fx),
            Some(holder) => self.refuse_held(&request, Code::AlreadyAssigned, holder, fx),
        }
    }

    pub(super) fn release(&mut self, socket: SocketId, release: &wire::Release, now: Timestamp, fx: &mut Effects) {
        let Some(request) = self.request(socket, &release.client_id, &release.conversation, fx) else { return };
        if request.is_repeated {
            return self.answer(&request, fx);
        }
        if !self.stands(&request, release.assignment_epoch, fx) {
            return;
        }
        match &request.holder {
            None => self.answer(&request, fx),
            Some(holder) if !request.may_move(holder) => self.refuse_held(&request, Code::Forbidden, holder, fx),
            Some(_) => {
                self.leave_out(&request.conversation, now);
                self.grant(&request, None, String::new(), now, fx);
            }
        }
    }

    /// The agent takes what rings at them.
    pub(super) fn accept(&mut self, socket: SocketId, accept: &wire::Accept, now: Timestamp, fx: &mut Effects) {
        let Some(request) = self.request(socket, &accept.client_id, &accept.conversation, fx) else { return };
        if request.is_repeated {
            return self.answer(&request, fx);
        }
        if self.is_own(&request, accept.assignment_epoch, fx) {
            self.take(&request, now, fx);
        }
    }

    /// What is the agent's own rings no longer; if it does not, nothing changes.
    fn take(&mut self, request: &Request, now: Timestamp, fx: &mut Effects) {
        if request.rings {
            self.grant(request, request.holder.clone(), String::new(), now, fx);
        } else {
            self.answer(request, fx);
        }
    }

    /// The agent does not take it.
    pub(super) fn decline(&mut self, socket: SocketId, decline: &wire::Decline, now: Timestamp, fx: &mut Effects) {
        let Some(request) = self.request(socket, &decline.client_id, &decline.conversation, fx) else { return };
        if request.is_repeated {
            return self.answer(&request, fx);
        }
        if !self.is_own(&request, decline.assignment_epoch, fx) {
            return;
        }
        if !request.rings {
            return self.refuse(socket, Code::Conflict, "the conversation does not ring", &request.client_id, fx);
        }
        self.leave_out(&request.conversation, now);
        // Whoever says no is there: what they missed before does not stand in a row with what comes.
        self.set_missed(&request.by.id, 0, fx);
        self.grant(&request, None, "declined".to_owned(), now, fx);
    }

    /// Whether the conversation is the agent's own, by the assignment that they mean. If not, that is answered here.
    fn is_own(&self, request: &Request, meant: u64, fx: &mut Effects) -> bool {
        match &request.holder {
            Some(holder) if holder.id == request.by.id => self.stands(request, meant, fx),
            Some(holder) => {
                self.refuse_held(request, Code::AlreadyAssigned, holder, fx);
                false
            }
            None => {
                let message = "the conversation is no longer yours";
                self.refuse(request.socket, Code::StaleAssignment, message, &request.client_id, fx);
                false
            }
        }
    }

    /// The first half of a transfer: everything but who the other agent is. A connected one is known to be good.
    pub(super) fn transfer(&mut self, socket: SocketId, transfer: wire::Transfer, now: Timestamp, fx: &mut Effects) {
        let Some(request) = self.request(socket, &transfer.client_id, &transfer.conversation, fx) else { return };
        if transfer.reason.chars().nth(REASON_CHARS).is_some() {
            return self.refuse(socket, Code::TooLarge, "reason is over 500 characters", &transfer.client_id, fx);
        }
        if !transfer.team.is_empty() {
            return self.hand_to_team(&request, &transfer, now, fx);
        }
        let Ok(target) = AgentId::parse(&transfer.agent) else {
            return self.refuse(socket, Code::BadRequest, "agent is not an agent's id", &transfer.client_id, fx);
        };
        if !self.is_open_to(&request, &transfer, request.is_held_by(&target), fx) {
            return;
        }
        let is_here =
            |session: &&Session| session.principal.agent == target && self.may_enter(&session.principal, now).is_ok();
        match self.sessions.values().find(is_here).map(Session::agent) {
            Some(agent) => self.grant(&request, Some(agent), transfer.reason, now, fx),
            None => {
                let disabled = self.record.disabled.get(&target).copied();
                fx.call(Call::LookUp { socket, agent: target, transfer, disabled });
            }
        }
    }

    /// The second half, with what may have changed meanwhile looked at again.
    pub(super) fn looked_up(
        &mut self,
        socket: SocketId,
        transfer: &wire::Transfer,
        disabled: Option<u64>,
        found: Found,
        now: Timestamp,
        fx: &mut Effects,
    ) {
        let is_still_good = |session: &Session| self.may_enter(&session.principal, now).is_ok();
        if !self.sessions.get(&socket).is_some_and(is_still_good) {
            return;
        }
        self.end_rings(now, fx);
        let Some(request) = self.request(socket, &transfer.client_id, &transfer.conversation, fx) else { return };
        match found {
            Found::Active(agent) if self.record.disabled.get(&agent.id).copied() == disabled => {
                self.is_active(&agent.id, fx);
                if self.is_open_to(&request, transfer, request.is_held_by(&agent.id), fx) {
                    self.grant(&request, Some(agent), transfer.reason.clone(), now, fx);
                }
            }
            Found::Nobody | Found::Active(_) => {
                self.refuse(socket, Code::NotFound, "there is no such agent", &request.client_id, fx)
            }
            Found::Unreachable => {
                self.refuse(socket, Code::Storage, "the agent could not be looked up", &request.client_id, fx);
            }
        }
    }

    /// It waits in the queue of another team from now on. Whoever gave it away is not asked for it at once.
    fn hand_to_team(&mut self, request: &Request, transfer: &wire::Transfer, now: Timestamp, fx: &mut Effects) {
        let refusal = match (TeamId::parse(&transfer.team), transfer.agent.is_empty()) {
            (Ok(id), true) => match self.roster.team(&id) {
                Some(team) => Ok((id, team.name.clone())),
                None => Err((Code::NotFound, "there is no such team")),
            },
            (Err(_), _) => Err((Code::BadRequest, "team is not a team's id")),
            (Ok(_), false) => Err((Code::BadRequest, "a transfer is to an agent or to a team")),
        };
        let (id, name) = match refusal {
            Ok(team) => team,
            Err((code, message)) => return self.refuse(request.socket, code, message, &request.client_id, fx),
        };
        let entry = self.list.entries.get(&request.conversation);
        // The bot's waits in no line, whosever it is.
        let is_in = |it: &Entry| it.stored.status != Status::Pending && it.indexed.team() == Some(&id);
        let waits_there = request.holder.is_none() && entry.is_some_and(is_in);
        if !self.is_open_to(request, transfer, waits_there, fx) {
            return;
        }
        self.leave_out(&request.conversation, now);
        let order = Order { actor: Some(request.by.clone()), reason: transfer.reason.clone(), team: name };
        let decision = Decision { order, request: Some(request.id()), team: Some(id), ..Decision::default() };
        self.decide(&request.conversation, decision, now, fx);
        self.answer(request, fx);
    }

    /// Whether the transfer would change anything and may be made. If not, it is answered here.
    fn is_open_to(&self, request: &Request, transfer: &wire::Transfer, is_done: bool, fx: &mut Effects) -> bool {
        if request.is_repeated || is_done {
            self.answer(request, fx);
            return false;
        }
        if !self.stands(request, transfer.assignment_epoch, fx) {
            return false;
        }
        match &request.holder {
            Some(holder) if !request.may_move(holder) => {
                self.refuse_held(request, Code::Forbidden, holder, fx);
                false
            }
            Some(_) | None => true,
        }
    }

    /// Gives a conversation to somebody or to nobody. Every decision goes through here, whoever makes it.
    pub(super) fn decide(&mut self, id: &ConversationId, decision: Decision, now: Timestamp, fx: &mut Effects) {
        let Some(entry) = self.list.entries.get_mut(id) else { return };
        let stored = &mut entry.stored;
        let Decision { assignee, order, request, ring_until, team } = decision;
        if team.is_some() {
            stored.team = team;
            stored.handed = order.actor.is_some();
        }
        stored.assignee = assignee;
        stored.ring_until = ring_until;
        stored.assignment_epoch = next_epoch(stored.assignment_epoch, now, &mut self.chance);
        stored.order = Some(order);
        // What the system decides afterwards does not make a request that comes again a new one.
        stored.request = request.or_else(|| stored.request.take());
        self.list.tell(id, Told::Transition, now);
        self.store(id, now, fx);
        self.orders.want(order_of(id), now);
    }

    fn grant(&mut self, request: &Request, to: Option<AgentRef>, reason: String, now: Timestamp, fx: &mut Effects) {
        let order = Order { actor: Some(request.by.clone()), reason, ..Order::default() };
        let called = to.as_ref().map(|agent| agent.id.clone()).filter(|agent| *agent != request.by.id);
        let decision = Decision { assignee: to, order, request: Some(request.id()), ..Decision::default() };
        self.decide(&request.conversation, decision, now, fx);
        self.answer(request, fx);
        // Who is given it by somebody else has not asked: from this their consoles know that it is new to them.
        if let Some(agent) = called {
            let mut sockets = self.audience(now);
            sockets.retain(|socket| self.sessions.get(socket).is_some_and(|it| it.principal.agent == agent));
            self.tell_assigned(&request.conversation, "", sockets, fx);
        }
    }

    /// Says how the assignment stands.
    fn answer(&self, request: &Request, fx: &mut Effects) {
        self.tell_assigned(&request.conversation, &request.client_id, vec![request.socket], fx);
    }

    /// The same to whom it concerns without having asked.
    pub(super) fn tell_assigned(&self, id: &ConversationId, client_id: &str, to: Vec<SocketId>, fx: &mut Effects) {
        let Some(entry) = self.list.entries.get(id) else { return };
        let assigned = wire::Assigned {
            client_id: client_id.to_owned(),
            conversation: id.to_string(),
            assignee: entry.stored.assignee.as_ref().map(agent_participant),
            assignment_epoch: entry.stored.assignment_epoch,
            ring_until: entry.stored.ring_until.map_or(0, Timestamp::wire),
        };
        fx.send_private(Consoles(to), agent_frame::Frame::Assigned(assigned));
    }

    /// Reads what every request has in common; what is wrong with it is answered here.
    fn request(&self, socket: SocketId, client_id: &str, conversation: &str, fx: &mut Effects) -> Option<Request> {
        let session = self.sessions.get(&socket)?;
        let (code, message) = match (is_client_id(client_id), ConversationId::parse(conversation)) {
            (false, _) => (Code::BadRequest, "client_id is 1 to 64 of A-Z a-z 0-9 _ -"),
            (true, Err(_)) => (Code::BadRequest, "conversation is not a conversation's id"),
            (true, Ok(conversation)) => match self.list.entries.get(&conversation) {
                Some(entry) if entry.is_listed() => {
                    let by = session.agent();
                    let id = RequestId { agent: by.id.clone(), client_id: client_id.to_owned() };
                    return Some(Request {
                        socket,
                        conversation,
                        client_id: id.client_id.clone(),
                        by,
                        role: session.principal.role,
                        is_repeated: entry.stored.request.as_ref() == Some(&id),
                        holder: entry.stored.assignee.clone(),
                        assignment_epoch: entry.stored.assignment_epoch,
                        rings: entry.stored.ring_until.is_some(),
                    });
                }
                Some(_) => (Code::Conflict, "the conversation is resolved"),
                None => (Code::NotFound, "there is no such conversation"),
            },
        };
        self.refuse(socket, code, message, client_id, fx);
        None
    }

    /// Whether the assignment that is meant is the one that stands; 0 means whichever does.
    fn stands(&self, request: &Request, meant: u64, fx: &mut Effects) -> bool {
        let stands = meant == 0 || meant == request.assignment_epoch;
        if !stands {
            let mut error = error_frame(Code::StaleAssignment, "the assignment has changed", &request.client_id);
            error.holder = request.holder.as_ref().map(agent_participant);
            fx.send(vec![request.socket], server_frame::Frame::Error(error));
        }
        stands
    }

    fn refuse_held(&self, request: &Request, code: Code, holder: &AgentRef, fx: &mut Effects) {
        let mut error = error_frame(code, "another agent has the conversation", &request.client_id);
        error.holder = Some(agent_participant(holder));
        fx.send(vec![request.socket], server_frame::Frame::Error(error));
    }
}

impl Request {
    fn id(&self) -> RequestId {
        RequestId { agent: self.by.id.clone(), client_id: self.client_id.clone() }
    }

    fn is_held_by(&self, agent: &AgentId) -> bool {
        self.holder.as_ref().is_some_and(|holder| holder.id == *agent)
    }

    /// May take the conversation away from its holder.
    fn may_move(&self, holder: &AgentRef) -> bool {
        holder.id == self.by.id || self.role.manages()
    }
}

/// The epoch after this one: the time, or one further by chance where that is not past it.
///
/// A Desk whose older store is put back counts from what it knew then. Going by the clock it is past all that it has forgotten; but what
/// was decided while the clock ran ahead lies before it, and by steps of one it would give the same epoch to two agents.
fn next_epoch(last: u64, now: Timestamp, chance: &mut Entropy) -> u64 {
    let now = now.wire();
    if now > last { now } else { last.saturating_add(1 + chance.next_u64() % EPOCH_STEPS) }
}

fn is_client_id(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= CLIENT_ID_CHARS && text.bytes().all(is_good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_the_time_or_a_little_past_the_last_and_not_the_same_twice() {
        let mut chance = Entropy::new(7);
        assert_eq!(next_epoch(99, Timestamp(100), &mut chance), 100);
        for last in [100, 5_000, u64::MAX - EPOCH_STEPS] {
            let next: Vec<u64> = (0..8).map(|_| next_epoch(last, Timestamp(100), &mut chance)).collect();
            assert!(next.iter().all(|epoch| *epoch > last && *epoch - last <= EPOCH_STEPS), "{next:?}");
            assert!(next.windows(2).any(|two| two[0] != two[1]), "a Desk that is put back must not count the same way");
        }
        assert_eq!(next_epoch(u64::MAX, Timestamp(100), &mut chance), u64::MAX);
    }
}
