//! What everything must have become once the faults have stopped: C1, C2, C4, C5, C7 and C8 over the whole history.

use std::collections::BTreeMap;

use bellhop::{
    core::{internal::Status, principal::Principal, room::entry::wire_status},
    sql::{
        desk::{DeskStore, Exists},
        testing::{history_lines, room_lines},
    },
};

use crate::{
    client::connection::State,
    truth::Line,
    world::{Client, Kind, World},
};

/// C7: within so many virtual milliseconds after the last fault everything has met. An alarm that was lost comes back
/// after ten minutes, a Room tells again after at most five, and looks at the history a minute after that.
pub const SETTLES_WITHIN: i64 = 30 * 60_000;

macro_rules! must {
    ($is:expr, $($why:tt)*) => {
        if !$is {
            return Err(format!($($why)*));
        }
    };
}

impl World {
    /// Whether everything has met; else the first thing that has not.
    pub fn verdict(&self) -> Result<(), String> {
        for room in 0..self.rooms.len() {
            self.room_verdict(room)?;
        }
        for client in 0..self.clients.len() {
            self.client_verdict(client)?;
        }
        for desk in 0..self.desks.len() {
            self.desk_verdict(desk)?;
            self.routing_verdict(desk)?;
        }
        must!(self.queue.is_empty(), "C7: the queue holds {} events", self.queue.len());
        Ok(())
    }

    fn room_verdict(&self, room: usize) -> Result<(), String> {
        let place = &self.rooms[room];
        let record = self.record(room);
        must!(record.is_some(), "C7: nothing was ever written in {}", place.id);
        place.truth.check_acked();
        let ours = room_lines(&place.object.sql);
        must!(
            ours.len() == place.truth.public.len() + place.truth.private.len(),
            "INV-1: {} entries on disk, {:?} were written",
            ours.len(),
            (place.truth.public.len(), place.truth.private.len())
        );
        self.history_verdict(room)?;
        self.asides_verdict(room)?;
        self.bot_verdict(room)?;
        self.nothing_lost(room)
    }

    /// What must be so though nobody says anything: D1 has what the Rooms have, Desks and Rooms agree, and nothing that
    /// was to be told is left. But a store that was put back knows nothing of it before somebody speaks.
    pub fn quiet_verdict(&self) -> Result<(), String> {
        for (number, place) in self.rooms.iter().enumerate() {
            if self.record(number).is_some() && !place.truth.is_older {
                place.truth.check_acked();
                self.history_verdict(number)?;
                self.asides_verdict(number)?;
                self.bot_verdict(number)?;
                must!(
                    self.desks[place.workspace].was_put_back || self.is_silenced(number),
                    "INV-13: Room {number} holds a socket of somebody whose ticket is over, or who was revoked"
                );
            }
        }
        for desk in (0..self.desks.len()).filter(|desk| !self.desks[*desk].was_put_back) {
            self.assignment_verdict(desk)?;
        }
        must!(self.queue.is_empty(), "C7: the queue holds {} events", self.queue.len());
        Ok(())
    }

    /// INV-13: whoever was revoked, or whose ticket is over, has no socket left, though it sleeps and says nothing.
    fn is_silenced(&self, room: usize) -> bool {
        let place = &self.rooms[room];
        place.object.sockets.keys().filter_map(|socket| self.lines.get(socket)).all(|line| {
            let is_known = match &*line.principal {
                Principal::Visitor(visitor) => visitor.generation >= place.generation,
                Principal::Agent(held) => self.agents.iter().any(|agent| {
                    agent.id == held.agent && agent.generation <= held.generation && agent.session == held.session
                }),
            };
            is_known && line.principal.expires_at().0 > self.now - 5_000
        })
    }

    /// C8: the history has what the Room has.
    fn history_verdict(&self, room: usize) -> Result<(), String> {
        let place = &self.rooms[room];
        let Some(record) = self.record(room) else { return Ok(()) };
        let ours = room_lines(&place.object.sql);
        let theirs = history_lines(&self.database, &place.id);
        must!(ours == theirs, "C8, INV-7: D1 holds {} of {} entries of {}", theirs.len(), ours.len(), place.id);
        let row: (u64, String, u64, u64, u64) = self
            .database
            .sql
            .connection
            .query_row(
                "SELECT log_epoch, status, assignment_epoch, head, private_head FROM conversations WHERE id = ?1",
                [place.id.as_str()],
                |row| {
                    let number = |at| row.get::<_, i64>(at).map(|number| number as u64);
                    Ok((number(0)?, row.get(1)?, number(2)?, number(3)?, number(4)?))
                },
            )
            .map_err(|error| format!("C8: no row of {}: {error}", place.id))?;
        let status = serde_json::to_value(record.status).map_err(|error| error.to_string())?;
        let expected = (
            record.log_epoch,
            status.as_str().unwrap_or_default().to_owned(),
            record.assignment_epoch,
            place.truth.public.len() as u64,
            place.truth.private.len() as u64,
        );
        must!(row == expected, "C8, INV-7: D1 says {row:?} of {}, the Room {expected:?}", place.id);
        Ok(())
    }

    /// C1 from the writers' side: what somebody wrote is in the log, was taken away with a store, or waits, refused.
    fn nothing_lost(&self, room: usize) -> Result<(), String> {
        for ((of, who, is_note), items) in &self.stored {
            let Some(item) = items.first().filter(|_| *of == room) else { continue };
            let holds = |client: &&Client| {
                let outbox = if *is_note { &client.log.notes } else { &client.log.outbox };
                outbox.items.iter().any(|held| held.client_id == item.client_id)
            };
            let held: Vec<Kind> = self.clients.iter().filter(holds).map(|client| client.kind).collect();
            return Err(format!("C1, C7: {item:?} of {who} in Room {room} still waits, held by {held:?}"));
        }
        Ok(())
    }

    fn client_verdict(&self, client: usize) -> Result<(), String> {
        let it = &self.clients[client];
        let kind = it.kind;
        must!(it.connection.state == State::Live, "C7: {kind:?} is {:?}", it.connection.state);
        let (room, is_agent) = match kind {
            Kind::Tab(room) => (room, false),
            Kind::Console { room, .. } => (room, true),
            Kind::List(_) => return Ok(()),
        };
        must!(it.log.is_live(), "C7: {kind:?} has no welcome");
        // One that was here before the first message knows none, and takes the log as it is when it comes back.
        let (known, epoch) = (it.log.log_epoch, self.record(room).map_or(0, |record| record.log_epoch));
        must!(known == 0 || known == epoch, "C5, INV-4: {kind:?} knows epoch {known}, it is {epoch}");
        let truth = &self.rooms[room].truth;
        let same = |held: &[crate::client::run::Item], log: &[Line]| {
            held.len() == log.len() && held.iter().zip(log).all(|(held, line)| *held == line.item)
        };
        must!(
            same(&it.log.run.entries, &truth.public),
            "C4, C5, INV-4: {kind:?} holds {} to {} of {}",
            it.log.run.first(),
            it.log.run.last(),
            truth.public.len()
        );
        let private: &[Line] = if is_agent { &truth.private } else { &[] };
        must!(
            same(&it.log.private.entries, private),
            "C4, C5, INV-4: {kind:?} holds {} to {} of {} private entries",
            it.log.private.first(),
            it.log.private.last(),
            private.len()
        );
        must!(it.log.growing.is_empty(), "{kind:?} shows what nobody writes any more: {:?}", it.log.growing);
        must!(it.log.outbox.items.is_empty() && it.log.notes.items.is_empty(), "C1: {kind:?} still sends");
        let state = self.record(room).map(|record| {
            let mut state = record.state();
            // To its visitor alone does a muted conversation look open, once they have written.
            if record.muted && !is_agent && truth.public.len() as u64 > record.handled {
                state.status = wire_status(Status::Open).into();
            }
            state
        });
        must!(it.log.state == state, "C5, INV-4: {kind:?} shows {:?}, it is {state:?}", it.log.state);
        let has_console =
            self.clients.iter().any(|other| matches!(other.kind, Kind::Console { room: it, .. } if it == room));
        let read = it.log.others_reached().1;
        must!(
            is_agent || !has_console || read == truth.public.len() as u64,
            "INV-4: {kind:?} does not know what was read: {read} of {}",
            truth.public.len()
        );
        Ok(())
    }

    /// The Desk and its Rooms agree, and nothing is left to be told. Says what is listed.
    fn assignment_verdict(&self, desk: usize) -> Result<BTreeMap<String, (Status, u64)>, String> {
        let store = DeskStore(&self.desks[desk].object.sql);
        // A Desk to which nobody came has no tables.
        let is_empty = store.exists().map_err(|error| error.to_string())? == Exists::No;
        let stored = if is_empty { Ok(Vec::new()) } else { store.conversations() };
        let stored = stored.map_err(|error| error.to_string())?;
        let stored: BTreeMap<String, _> = stored.into_iter().map(|row| (row.id.to_string(), row)).collect();
        let mut listed = BTreeMap::new();
        for room in (0..self.rooms.len()).filter(|room| self.rooms[*room].workspace == desk) {
            let Some(record) = self.record(room).filter(|_| !self.rooms[room].truth.is_older || self.asleep.is_none())
            else {
                continue;
            };
            let row = stored.get(self.rooms[room].id.as_str());
            if record.status == Status::Resolved {
                must!(row.is_none_or(|row| row.status == Status::Resolved), "C7: a resolved one is listed");
                continue;
            }
            let Some(row) = row else { return Err(format!("C7: the Desk does not know {}", record.conversation)) };
            let (desk, room) = (
                (row.status, &row.assignee, row.assignment_epoch),
                (record.status, &record.assignee, record.assignment_epoch),
            );
            must!(desk == room, "INV-5, C7: the Desk has {desk:?}, the Room {room:?}");
            must!(row.order.is_none(), "C7: an order is not confirmed");
            listed.insert(record.conversation.to_string(), (record.status, record.assignment_epoch));
        }
        must!(
            is_empty || store.revocations().is_ok_and(|it| it.is_empty()),
            "INV-13, C7: a revocation is not confirmed"
        );
        Ok(listed)
    }

    fn desk_verdict(&self, desk: usize) -> Result<(), String> {
        let listed = self.assignment_verdict(desk)?;
        for client in &self.clients {
            let Kind::List(agent) = client.kind else { continue };
            if self.agents[agent].workspace != desk {
                continue;
            }
            let held = client.list.rows.iter().map(|(id, row)| (id.clone(), (row.status, row.assignment_epoch)));
            let held: BTreeMap<String, (i32, u64)> = held.collect();
            let expected =
                listed.iter().map(|(id, (status, epoch))| (id.clone(), (wire_status(*status) as i32, *epoch)));
            let expected: BTreeMap<String, (i32, u64)> = expected.collect();
            must!(client.list.is_whole() && held == expected, "C7: a console lists {held:?}, there are {expected:?}");
        }
        Ok(())
    }

    /// What the run has done, for the report.
    pub fn sum_up(&mut self) {
        let texts = |log: &[Line]| log.iter().filter(|line| !line.client_id.is_empty()).count() as u64;
        for room in &self.rooms {
            self.counts.acknowledged += room.truth.acknowledged() as u64;
            self.counts.said += room.truth.bot.said;
            self.counts.cut_off += room.truth.bot.cut_off;
            self.counts.actions += room.truth.bot.actions();
            self.counts.handed_over += room.truth.bot.handed_over;
            self.counts.rolled_back += room.truth.rolled_back.len() as u64;
            self.counts.conversations += u64::from(texts(&room.truth.public) > 0);
        }
        self.counts.rings = self.desks.iter().map(|desk| desk.truth.rings).sum();
        self.counts.assignments = self.winners.count();
    }
}
