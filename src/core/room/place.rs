//! How far the visitor is in the queue, as the Desk said last. In memory only: the answer to each notice says it again.

use super::{
    Room,
    effect::{Answer, Effects},
};
use crate::core::{
    error::Code,
    internal::{Place, PlaceNotice, Status},
    protocol::wire::{self, server_frame},
    time::Timestamp,
};

impl Room {
    pub(super) fn placed(&mut self, notice: &PlaceNotice, now: Timestamp, fx: &mut Effects) {
        let is_ours = self.record.as_ref().is_some_and(|record| record.workspace == notice.workspace);
        if is_ours {
            self.set_place(notice.place, now, fx);
        }
        fx.answer(Answer::Told(if is_ours { Ok(()) } else { Err(Code::NotFound) }));
    }

    /// Tells the visitor if it is another one. Whoever has an agent does not wait, whatever the Desk said before.
    pub(super) fn set_place(&mut self, place: Place, now: Timestamp, fx: &mut Effects) {
        let waits = self.record.as_ref().is_some_and(|record| {
            record.status == Status::Open && record.reply_to.is_empty() && (record.assignee.is_none() || record.ringing)
        });
        let place = if waits { place } else { Place::default() };
        if place == self.place {
            return;
        }
        self.place = place;
        let visitors = self.listeners(None, now).filter(|session| !session.is_agent());
        let visitors = visitors.map(|session| session.socket).collect();
        fx.send(visitors, server_frame::Frame::Queue(place.wire().unwrap_or_default()));
    }
}

impl Place {
    /// Nothing where nobody waits.
    pub(super) fn wire(self) -> Option<wire::Queue> {
        let Place { position, wait_ms, opens_at, form } = self;
        (position > 0).then_some(wire::Queue { position, wait_ms, opens_at, form })
    }
}
