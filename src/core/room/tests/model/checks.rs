//! What must hold after every step, and what everything must have become once the faults have stopped.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    client::Item,
    reference::Line,
    run::{NAMES, Run},
};
use crate::{
    core::{
        bot::dialogue::Phase,
        internal::{Revoked, Status},
        room::{
            effect::Effect,
            entry::{Author, Body},
            rate::Ratings,
            tests::harness::{agent_ref, visitor},
        },
        socket::SocketId,
        time::SECOND,
    },
    sql::room::{RoomStore, RoomWrite},
};

impl Run {
    /// After every step: sockets that were ended are gone for their clients, and the store is as it should be.
    pub(super) fn look(&mut self) {
        for client in &mut self.clients {
            if let Some(socket) = client.socket
                && !self.world.lines.contains_key(&socket)
            {
                self.held.remove(&socket);
                client.gone();
            }
        }
        self.adopt_bot();
        self.form_is_over();
        self.bot_writes_for_a_reason();
        let changes = self.world.sql.connection.total_changes();
        if std::mem::replace(&mut self.looked_at, changes) == changes {
            return;
        }
        let store = RoomStore(&self.world.sql);
        let (public, private) = self.compared;
        let Some(record) = store.record().unwrap() else {
            assert!(self.reference.public.is_empty() && self.reference.private.is_empty());
            return;
        };
        let drawn = self.log_epoch != 0 && record.log_epoch != self.log_epoch;
        self.log_epoch = record.log_epoch;
        if drawn {
            self.say("epoch drawn", String::new());
        }
        let store = RoomStore(&self.world.sql);
        let found: Vec<Line> = store
            .public_after(public as u64, 10_000)
            .unwrap()
            .into_iter()
            .enumerate()
            .map(|(place, entry)| {
                assert_eq!(entry.seq, (public + place + 1) as u64, "INV-3: a gap");
                (author(&entry.author), entry.client_id, text(&entry.body))
            })
            .collect();
        assert_eq!(found, self.reference.public[public.min(self.reference.public.len())..], "the public log");
        let found: Vec<Line> = store
            .private_after(private as u64, 10_000)
            .unwrap()
            .into_iter()
            .enumerate()
            .map(|(place, entry)| {
                assert_eq!(entry.seq, (private + place + 1) as u64, "INV-3: a gap");
                (author(&entry.author), entry.client_id, text(&entry.body))
            })
            .collect();
        assert_eq!(found, self.reference.private[private.min(self.reference.private.len())..], "the private log");
        self.compared = (self.reference.public.len(), self.reference.private.len());
        let reference = &self.reference;
        assert_eq!(Some(record.status), reference.status);
        assert_eq!(record.snoozed_until, reference.snoozed_until);
        assert_eq!(record.assignee.map(|agent| agent.id), reference.assignee, "INV-5");
        assert_eq!(record.assignment_epoch, reference.assignment_epoch, "INV-5");
        assert_eq!((record.blocked, record.muted), (reference.blocked, reference.muted));
        assert_eq!(record.tags.iter().map(ToString::to_string).collect::<Vec<_>>(), reference.tags);
        assert_eq!(ratings(&record.rated), reference.rated.clone().into_iter().collect::<Vec<_>>(), "verdicts");
        assert!(!record.muted || record.status == Status::Resolved, "muted, and {:?}", record.status);
    }

    /// Nobody who listens is left to think that the bot is writing, while it asks nobody or what it writes is seen. What a machine that is gone has said is only
    /// taken back by the next.
    fn bot_writes_for_a_reason(&mut self) {
        if std::mem::take(&mut self.world.taken_back) > 0 {
            *self.counts.entry("a sign is taken back").or_default() += 1;
        }
        let Some(room) = &self.world.room else { return };
        assert!(!room.bot.is_asking() || room.phase() == Phase::Pending, "the bot asks about what is not its own");
        let is_told = |it: &SocketId| self.world.lines.get(it).is_some_and(|line| line.bot_types);
        let told = room.everyone(None, self.world.now).iter().filter(|it| is_told(it)).count();
        let is_due = room.is_bot_asking() && room.growing().is_empty();
        assert!(told == 0 || is_due, "CL18: the bot asks nobody, or is seen to write, and is said to be writing");
        if told > 0 {
            *self.counts.entry("the bot is said to be writing").or_default() += 1;
        }
    }

    /// The lines are empty: whoever is connected holds the log as it is, up to its end and without a gap (INV-4).
    pub(super) fn everyone_is_current(&self) {
        let (public, private) = self.logs();
        let growing = self.world.room.as_ref().map(|room| room.growing());
        for client in &self.clients {
            // One whose ticket is over hears nothing any more, and an alarm that is late has not said so yet.
            let is_open = client.socket.is_some_and(|socket| {
                let principal = self.held.get(&socket).filter(|_| self.world.lines.contains_key(&socket));
                principal.is_some_and(|principal| self.reference.admits(principal, self.world.now))
            });
            if !is_open || !client.live || !client.out.is_empty() {
                continue;
            }
            // What a machine that is gone has said is only taken back by the next.
            if let Some(growing) = &growing {
                assert_eq!(client.growing, *growing, "INV-4: {} sees something else grow", client.name);
            }
            for (held, log) in [(&client.public, &public), (&client.private, &private)] {
                if !client.is_agent && std::ptr::eq(held, &client.private) {
                    continue;
                }
                let from = usize::try_from(held.first().max(1) - 1).unwrap();
                assert!(held.island.is_empty(), "INV-4: {} has a gap", client.name);
                assert_eq!(held.last(), log.len() as u64, "INV-4: {} is behind", client.name);
                assert_eq!(held.entries, log[from..], "INV-4: {} holds another log", client.name);
            }
        }
    }

    /// Both logs as a client should hold them.
    fn logs(&self) -> (Vec<Item>, Vec<Item>) {
        let store = RoomStore(&self.world.sql);
        if store.record().unwrap().is_none() {
            return (Vec::new(), Vec::new());
        }
        let item = |seq: u64, id: String, body: &Body| Item { seq, id, text: text(body) };
        let public = store.public_after(0, 100_000).unwrap();
        let private = store.private_after(0, 100_000).unwrap();
        (
            public.iter().map(|it| item(it.seq, it.id.to_string(), &it.body)).collect(),
            private.iter().map(|it| item(it.seq, it.id.to_string(), &it.body)).collect(),
        )
    }

    pub(super) fn wrote_only_cursors(&self) {
        for effect in &self.world.last {
            if let Effect::Write(write) = effect {
                assert!(matches!(write, RoomWrite::SaveRecord(_)), "INV-11: leaving wrote {write:?}");
            }
        }
    }

    /// All faults stop. Everyone comes back, and within half an hour everything has met.
    pub(super) fn converge(&mut self) {
        self.calm = true;
        self.say("calm", String::new());
        for ghost in std::mem::take(&mut self.ghosts) {
            self.leave(ghost);
        }
        if self.reference.blocked || self.is_blocked {
            self.is_blocked = false;
            let generation =
                self.generations.get("visitor").map_or(1, |held| held.0).max(self.reference.visitor_generation) + 1;
            self.generations.insert("visitor".into(), (generation, self.world.now));
            let visitor = visitor(1).visitor;
            self.revoke(Revoked::Visitor { visitor, generation, blocked: false, by: agent_ref("Mei") });
        }
        if self.reference.owner.is_none() {
            self.write(0);
        }
        // Half an hour in any case; a fuzzer cannot wait for as many looks.
        let (rounds, pause) = if self.dice.is_tape() { (20, 90) } else { (60, 30) };
        for _ in 0..rounds {
            self.pass(pause * SECOND);
            for client in 0..NAMES.len() {
                self.connect(client);
                self.clients[client].send_again();
                self.clients[client].mark_read();
            }
            self.calls(1_000);
            self.quiet();
        }
        self.met();
    }

    fn met(&mut self) {
        let store = RoomStore(&self.world.sql);
        let (public, private) = self.logs();
        let record = store.record().unwrap().expect("somebody wrote something");
        assert!(!public.is_empty());
        let pairs: Vec<&Line> = self.reference.public.iter().filter(|line| !line.1.is_empty()).collect();
        let names: BTreeSet<(&str, &str)> = pairs.iter().map(|line| (&*line.0, &*line.1)).collect();
        assert_eq!(names.len(), pairs.len(), "INV-2: a pair occurs twice");
        for place in 0..NAMES.len() {
            while !self.clients[place].public.bottom && self.clients[place].public.first() > 1
                || !self.clients[place].private.bottom && self.clients[place].private.first() > 1
            {
                self.clients[place].older();
                self.world.now = self.world.now.plus(SECOND);
                self.quiet();
            }
            let client = &self.clients[place];
            assert!(client.live, "{} is not back", client.name);
            assert_eq!(client.public.entries, public, "INV-4: the log of {}", client.name);
            assert_eq!(client.outbox, [], "INV-1: {} still waits", client.name);
            // Who was here before the first message learns the epoch with the next welcome.
            assert!([0, record.log_epoch].contains(&client.log_epoch), "{} is in another epoch", client.name);
            // Only to the visitor does a muted conversation look open once they have written.
            let mut state = record.state();
            if record.muted && !client.is_agent && public.len() as u64 > record.handled {
                state.status = crate::core::protocol::wire::Status::Open.into();
            }
            assert_eq!(client.state, Some(state), "INV-4: the state of {}", client.name);
            assert_eq!(client.rated, self.reference.rated, "INV-4: the verdicts of {}", client.name);
            for (delivered, read) in client.receipts.values() {
                assert!(read <= delivered && *delivered <= public.len() as u64);
            }
            if client.is_agent {
                assert_eq!(client.private.entries, private, "INV-4: the notes of {}", client.name);
                assert_eq!(client.notes, []);
            } else {
                assert_eq!(client.private.entries, []);
            }
        }
        self.nobody_waits_for_the_bot();
        let history = &self.world.history;
        let ids = |log: &BTreeMap<u64, (String, String)>| -> Vec<(u64, String)> {
            log.iter().map(|(seq, (id, _))| (*seq, id.clone())).collect()
        };
        let of = |log: &[Item]| -> Vec<(u64, String)> { log.iter().map(|it| (it.seq, it.id.clone())).collect() };
        assert_eq!(history.log_epoch, Some(record.log_epoch), "INV-7");
        assert_eq!(ids(&history.public), of(&public), "INV-7");
        assert_eq!(ids(&history.private), of(&private), "INV-7");
        self.every_turn_of_the_bot_is_told();
        assert_eq!(history.rated, record.rated, "INV-7");
        self.actions_keep_their_names();
        assert_eq!(history.status, format!("{:?}", record.status), "INV-7");
        let notice = history.notices.last().expect("the Desk heard of it");
        assert_eq!((notice.status, &notice.assignee), (record.status, &record.assignee), "the Desk is behind");
        assert_eq!(notice.unread, 0, "everybody has read everything");
        // Whose tickets were over all at once have only just come back.
        assert!(notice.visitor_online || self.world.timer.is_some(), "the Desk does not know that the visitor is here");
    }
}

fn ratings(rated: &Ratings) -> Vec<(u64, bool)> {
    serde_json::from_value(serde_json::to_value(rated).unwrap()).unwrap()
}

pub(super) fn author(author: &Author) -> String {
    match author {
        Author::Agent(agent) => agent.id.to_string(),
        Author::Visitor | Author::Bot | Author::System => author.kind().to_owned(),
    }
}

pub(super) fn text(body: &Body) -> String {
    match body {
        Body::Text(text) => text.clone(),
        Body::Choice(offer) => offer.text.clone(),
        Body::Activity(activity) => activity.kind().as_str_name().to_lowercase(),
        Body::Unread(body) => body.clone(),
    }
}
