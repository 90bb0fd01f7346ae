//! What the visitor thinks of the bot's answers: one verdict for each, the last one said.
//!
//! Entries never change, so verdicts stand beside the log, in the record, and reach D1 as the rest of it does: with its version.

use serde::{Deserialize, Serialize};

use super::{Room, effect::Effects, entry::Entry, session::Session};
use crate::{
    core::{
        error::Code,
        limits::RATED_KEPT,
        port::SqlError,
        protocol::wire::{self, server_frame},
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomStore,
};

/// The verdicts of a conversation, by the number of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratings(Vec<(u64, bool)>);

impl Ratings {
    /// Whether it helped, if somebody has said so.
    pub fn of(&self, seq: u64) -> Option<bool> {
        let place = self.0.binary_search_by_key(&seq, |rated| rated.0).ok()?;
        self.0.get(place).map(|rated| rated.1)
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them as clients see them.
    pub fn wire(&self) -> Vec<wire::Rated> {
        self.0.iter().map(|(seq, helpful)| rated(*seq, *helpful)).collect()
    }

    /// Whether there is room for one about this answer: the newest are kept.
    pub(super) fn takes(&self, seq: u64) -> bool {
        self.0.len() < RATED_KEPT || self.0.first().is_none_or(|oldest| oldest.0 <= seq)
    }

    pub(super) fn put(&mut self, seq: u64, helpful: bool) {
        match self.0.binary_search_by_key(&seq, |rated| rated.0) {
            Ok(place) => self.0.iter_mut().skip(place).take(1).for_each(|rated| rated.1 = helpful),
            Err(place) => self.0.insert(place, (seq, helpful)),
        }
        self.0.drain(..self.0.len().saturating_sub(RATED_KEPT));
    }
}

impl Room {
    pub(super) fn rate(
        &mut self,
        socket: SocketId,
        request: wire::Rate,
        now: Timestamp,
        store: RoomStore<'_>,
        fx: &mut Effects,
    ) -> Result<(), SqlError> {
        let Some(session) = self.sessions.get(&socket) else { return Ok(()) };
        let wire::Rate { seq, helpful, client_id } = request;
        if session.is_agent() {
            self.refuse(socket, Code::Forbidden, "only visitors rate", &client_id, fx);
            return Ok(());
        }
        let is_answer = (1..=self.public.head).contains(&seq)
            && store.public_after(seq - 1, 1)?.pop().is_some_and(|entry| entry.seq == seq && entry.may_be_rated());
        let Some(record) = self.record.as_mut().filter(|record| is_answer && record.rated.takes(seq)) else {
            self.refuse(socket, Code::NotFound, "there is no such answer of the bot's to be rated", &client_id, fx);
            return Ok(());
        };
        if record.rated.of(seq) != Some(helpful) {
            record.rated.put(seq, helpful);
            self.save_record(now, fx);
            fx.send(self.everyone(Some(socket), now), server_frame::Frame::Rated(rated(seq, helpful)));
        }
        fx.send(vec![socket], server_frame::Frame::Done(wire::Done { client_id }));
        Ok(())
    }

    /// An entry of the log as it is told to one of the sockets.
    pub(super) fn told_to(&self, session: &Session, entry: &Entry) -> wire::Message {
        let mut message = entry.message(session.speaks_for(&entry.author));
        if let Some(helpful) = self.record.as_ref().and_then(|record| record.rated.of(entry.seq)) {
            message.rating = rated(entry.seq, helpful).rating;
        }
        message
    }
}

fn rated(seq: u64, helpful: bool) -> wire::Rated {
    let rating = if helpful { wire::Rating::Helpful } else { wire::Rating::Unhelpful };
    wire::Rated { seq, rating: rating.into() }
}
