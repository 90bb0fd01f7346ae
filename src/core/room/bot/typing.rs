//! While the owner's system, or a language model, is asked, everybody sees that the bot is writing. It is a sign and no fact: nothing of it is
//! stored, whoever hears nothing more of it believes it for six seconds (CL18), and what is seen growing needs none.

use super::{BotLink, is_late};
use crate::core::{
    bot::dialogue::Phase,
    limits::TYPING_AGAIN,
    protocol::wire::{self, server_frame},
    room::{Room, effect::Effects, entry::Author},
    time::Timestamp,
};

impl BotLink {
    /// Somebody may think that it is writing who is not told otherwise, or does not know it yet: it is said again, or taken back.
    pub(in crate::core::room) fn doubt_typing(&mut self, is_said: bool) {
        if is_said || self.typing.is_some() {
            self.typing = Some(Timestamp(0));
        }
    }
}

impl Room {
    /// After every input: says it at the beginning and as long as it goes on, and takes it back at the end.
    pub(in crate::core::room) fn keep_typing(&mut self, now: Timestamp, fx: &mut Effects) {
        let writes = self.bot.is_asking() && !self.bot.is_growing() && self.phase() == Phase::Pending;
        let is_said = self.bot.typing.is_some_and(|said| !is_late(said, TYPING_AGAIN, now));
        if writes == self.bot.typing.is_some() && is_said == writes {
            return;
        }
        let to = self.everyone(None, now);
        // Where nobody looks nothing is to be said again.
        self.bot.typing = (writes && !to.is_empty()).then_some(now);
        let participant = Some(Author::Bot.participant());
        fx.send(to, server_frame::Frame::Typing(wire::Typing { on: writes, participant, ..wire::Typing::default() }));
    }

    /// When it is to be said again.
    pub(in crate::core::room) fn typing_due(&self) -> Option<Timestamp> {
        self.bot.typing.map(|said| said.plus(TYPING_AGAIN))
    }

    /// Clients have been told that it is writing.
    #[cfg(test)]
    pub(in crate::core::room) fn bot_types(&self) -> bool {
        self.bot.typing.is_some()
    }

    /// Somebody is asked for the bot.
    #[cfg(any(test, feature = "test-points"))]
    pub(in crate::core::room) fn is_bot_asking(&self) -> bool {
        self.bot.is_asking()
    }
}
