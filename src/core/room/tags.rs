//! Tags of a conversation: agents put them on and take them off, the bot puts on those of the intents that it goes by, and its visitor
//! hears of neither.
//!
//! They are ids of tags that the workspace names; what is named no longer is shown by nobody.
use super::{Room, effect::Effects, entry::Author};
use crate::core::{
    error::Code,
    id::TagId,
    limits::TAGS_OF_CONVERSATION,
    protocol::wire::{self, server_frame},
    socket::SocketId,
    time::Timestamp,
};

impl Room {
    pub(super) fn tag(&mut self, socket: SocketId, request: wire::Tag, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get(&socket) else { return };
        let wire::Tag { client_id, tag, on } = request;
        let Author::Agent(_) = session.author() else {
            return self.refuse(socket, Code::Forbidden, "only agents tag", &client_id, fx);
        };
        let Ok(tag) = TagId::parse(&tag) else {
            return self.refuse(socket, Code::BadRequest, "not a tag's id", &client_id, fx);
        };
        let Some(record) = &mut self.record else {
            return self.refuse(socket, Code::NotFound, "nothing has been said yet", &client_id, fx);
        };
        let place = record.tags.iter().position(|known| *known == tag);
        match place {
            None if on && record.tags.len() >= TAGS_OF_CONVERSATION => {
                return self.refuse(socket, Code::TooLarge, "as many tags as there may be", &client_id, fx);
            }
            None if on => record.tags.push(tag),
            Some(place) if !on => drop(record.tags.remove(place)),
            None | Some(_) => {
                return fx.send(vec![socket], server_frame::Frame::Done(wire::Done { client_id }));
            }
        }
        self.save_record(now, fx);
        self.tell_profile(now, fx);
        fx.send(vec![socket], server_frame::Frame::Done(wire::Done { client_id }));
    }

    /// The bot has gone by an intent with these, by what is about to be on disk: so once for each message, whatever an agent makes of
    /// them later. What there is no room for is left out. True: there is more than there was, and whoever calls this writes the record.
    pub(super) fn put_on(&mut self, tags: Vec<TagId>, now: Timestamp, fx: &mut Effects) -> bool {
        let Some(record) = &mut self.record else { return false };
        let before = record.tags.len();
        for tag in tags {
            if record.tags.len() < TAGS_OF_CONVERSATION && !record.tags.contains(&tag) {
                record.tags.push(tag);
            }
        }
        let is_more = record.tags.len() > before;
        if is_more {
            self.tell_profile(now, fx);
        }
        is_more
    }
}
