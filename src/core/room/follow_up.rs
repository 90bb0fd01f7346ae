//! Whoever will not wait leaves an e-mail address: agents follow it up when they can. Said by the visitor and by nobody
//! else, proven by nothing; no right comes from it.

use super::{Room, effect::Effects, entry::Author, messages::check};
use crate::{
    core::{
        bot::dialogue::Reason,
        email,
        error::Code,
        id::Entropy,
        port::SqlError,
        protocol::wire::{self, activity, server_frame},
        room::entry::Body,
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

impl Room {
    /// With a message or without: one input, so that nobody is rung for a message whose visitor does not wait.
    pub(super) fn leave_email(
        &mut self,
        socket: SocketId,
        request: wire::LeaveEmail,
        now: Timestamp,
        entropy: &mut Entropy,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(session) = self.sessions.get(&socket) else { return Ok(()) };
        let wire::LeaveEmail { client_id, email, name, text } = request;
        let says_something = !text.trim().is_empty();
        let checked = match (session.is_agent(), email::normal(&email)) {
            (true, _) => Err((Code::Forbidden, "only visitors leave an address")),
            (false, None) => Err((Code::BadRequest, "email is not an e-mail address")),
            // What was written before is enough.
            (false, Some(email)) => {
                let is_enough = says_something || self.record.is_none();
                check(&client_id, if is_enough { &text } else { "." }).map(|()| email)
            }
        };
        let email = match checked {
            Ok(email) => email,
            Err((code, message)) => {
                self.refuse(socket, code, message, &client_id, fx);
                return Ok(());
            }
        };
        let done = server_frame::Frame::Done(wire::Done { client_id: client_id.clone() });
        let author = Author::Visitor;
        if says_something && self.sent_before(&author, &client_id, store)?.is_some() {
            // All of it is on disk, or nothing is; what has been written since counts.
            fx.send(vec![socket], done);
            return Ok(());
        }
        if self.record.is_none() && !self.come_into_being(socket, now, fx) {
            self.refuse(socket, Code::NotFound, "there is no such conversation", &client_id, fx);
            return Ok(());
        }
        let before = self.summary.last_word;
        if says_something {
            let entry = self.append(author, client_id, Body::Text(text), now, entropy, fx);
            self.fan_out(None, &entry, now, fx);
            if self.is_muted() {
                self.heard_muted(entry.seq, now, fx);
            } else {
                self.summary.asked(entry.seq, now);
            }
        }
        self.reopen(before, now, entropy, fx);
        if let Some(mut profile) = self.record.as_ref().map(|record| record.profile.clone()) {
            self.name(socket, &mut profile, &name, &email);
            self.change_profile(profile, false, now, fx);
        }
        if self.is_pending() {
            self.cut_short(now, entropy, fx);
            self.hand_over(None, Reason::Asked, String::new(), now, entropy, fx);
        }
        self.follow_up_at(email, now, entropy, fx);
        fx.send(vec![socket], done);
        Ok(())
    }

    fn follow_up_at(&mut self, email: String, now: Timestamp, entropy: &mut Entropy, fx: &mut Effects) {
        let Some(record) = &mut self.record else { return };
        let was_left = !std::mem::replace(&mut record.reply_to, email).is_empty();
        // An address is left for people: the bot does not begin with it any more.
        record.undecided = false;
        if !was_left {
            let actor = Some(Author::Visitor.participant());
            self.append_private_activity(activity::Kind::LeftEmail, actor, None, None, now, entropy, fx);
        }
        self.save_record(now, fx);
        self.set_place(self.place, now, fx);
        self.desk.mark(true);
    }

    /// The visitor writes again, so they are here: back to the old place in the line.
    pub(super) fn waits_again(&mut self, now: Timestamp, fx: &mut Effects) {
        if self.record.as_mut().is_some_and(|record| !std::mem::take(&mut record.reply_to).is_empty()) {
            self.save_record(now, fx);
            self.desk.mark(true);
        }
    }
}
