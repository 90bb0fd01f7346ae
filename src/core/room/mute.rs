//! A conversation that an agent wants to hear no more of, without its visitor noticing: it is resolved and stays so. What the visitor
//! writes is stored and can be read, but opens nothing and is unread by nobody, so no list, line or bell has it. As nothing else
//! is ever rung for that is resolved, the Desk needs to know nothing of it.

use super::{
    Room,
    effect::Effects,
    entry::{Author, agent_participant},
    record::Record,
    status::By,
};
use crate::core::{
    error::Code,
    id::Entropy,
    internal::{AgentRef, Status},
    protocol::wire::{self, activity, server_frame},
    socket::SocketId,
    time::Timestamp,
};

impl Room {
    pub(super) fn mute(
        &mut self,
        socket: SocketId,
        request: wire::Mute,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let Author::Agent(actor) = session.author() else {
            return self.refuse(socket, Code::Forbidden, "only agents mute", &request.client_id, fx);
        };
        if request.on {
            self.begin_mute(&actor, now, entropy, fx);
        } else if self.unmute(&actor, now, entropy, fx) {
            self.save_record(now, fx);
            self.tell_state(now, fx);
        }
        fx.send(vec![socket], server_frame::Frame::Done(wire::Done { client_id: request.client_id }));
    }

    fn begin_mute(&mut self, actor: &AgentRef, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        if !self.is_muted() {
            self.cut_short(now, entropy, fx);
        }
        let head = self.public.head;
        let Some(record) = self.record.as_mut().filter(|record| !record.muted) else { return };
        record.muted = true;
        record.handled = head;
        let is_resolved = record.status == Status::Resolved;
        let kind = activity::Kind::Muted;
        self.append_private_activity(kind, Some(agent_participant(actor)), None, None, now, entropy, fx);
        if is_resolved {
            self.summary.done(head);
            self.save_record(now, fx);
        } else {
            self.turn(Status::Resolved, None, By::Person(agent_participant(actor)), now, entropy, fx);
        }
        self.tell_profile(now, fx);
    }

    /// Ends it. True: it was muted, and the record has to be written.
    pub(super) fn unmute(&mut self, actor: &AgentRef, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) -> bool {
        let head = self.public.head;
        let Some(record) = self.record.as_mut().filter(|record| record.muted) else { return false };
        record.muted = false;
        // What was written meanwhile stays put aside, and so does where it was to be answered.
        record.handled = head;
        record.reply_to.clear();
        let kind = activity::Kind::Unmuted;
        self.append_private_activity(kind, Some(agent_participant(actor)), None, None, now, entropy, fx);
        self.tell_profile(now, fx);
        true
    }

    pub(super) fn is_muted(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.muted)
    }

    /// The visitor wrote `seq` and is to think that it is as usual. Nobody else hears of it but who is looking.
    pub(super) fn heard_muted(&mut self, seq: u64, now: Timestamp, fx: &mut Effects) {
        self.summary.asked(seq, now);
        self.summary.done(seq);
        self.looks_open(seq, now, fx);
    }

    /// The first message since makes it look open.
    pub(super) fn looks_open(&self, seq: u64, now: Timestamp, fx: &mut Effects) {
        if self.record.as_ref().is_some_and(|record| record.muted && record.handled + 1 == seq) {
            self.tell_visitor_state(now, fx);
        }
    }

    /// The visitor ends what they take for open.
    pub(super) fn leaves_muted(&mut self, now: Timestamp, fx: &mut Effects) {
        let head = self.public.head;
        if let Some(record) = self.record.as_mut().filter(|record| record.muted && record.handled != head) {
            record.handled = head;
            self.save_record_quietly(fx);
            self.tell_visitor_state(now, fx);
        }
    }

    /// Status and assignment as a client is to see them: to its visitor a muted conversation in which something was written
    /// looks open, as it would be.
    pub(super) fn state_for(&self, record: &Record, is_agent: bool) -> wire::ConversationState {
        let mut state = record.state();
        if record.muted && !is_agent && self.public.head > record.handled {
            state.status = wire::Status::Open.into();
        }
        state
    }

    /// Tells visitors alone.
    pub(super) fn tell_visitor_state(&self, now: Timestamp, fx: &mut Effects) {
        let Some(state) = self.record.as_ref().map(|record| self.state_for(record, false)) else { return };
        let visitors = self.listeners(None, now).filter(|session| !session.is_agent());
        let visitors = visitors.map(|session| session.socket).collect();
        fx.send(visitors, server_frame::Frame::State(state));
    }
}
