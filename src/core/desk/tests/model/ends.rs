//! What must hold when the faults have stopped and everything has arrived.

use super::{
    super::rig::{agent, conversation},
    AGENTS, ROOMS, World,
    console::Console,
    mail::{Mail, of_row},
    room::Room,
};
use crate::{
    core::{
        desk::{Desk, conversation::Entry, effect::Input, follow_up::FollowUp},
        id::AgentId,
        internal::Status,
        limits::ATTACH_GRACE,
        principal::Principal,
        protocol::wire,
        time::{MINUTE, SECOND},
    },
    sql::desk::DeskStore,
};

impl World {
    pub(super) fn settle(&mut self) {
        for round in 0..30 {
            for place in 0..self.consoles.len() {
                self.connect(place);
            }
            for number in 0..ROOMS {
                // A Desk that was put back learns what it has lost when a Room speaks next, whatever of.
                if self.rooms[number].has_news() || (self.desk_was_put_back && round == 0) {
                    let notice = self.speak(number);
                    self.mail.push(notice);
                }
            }
            while !self.mail.is_empty() {
                let mail = self.mail.remove(0);
                let comes_back = matches!(mail, Mail::Detach(..));
                self.arrive(mail);
                self.collect();
                if comes_back {
                    self.pass(ATTACH_GRACE);
                }
            }
            self.pass(5 * MINUTE);
            self.renew();
            if self.is_quiet() {
                break;
            }
        }
        self.pass(2 * SECOND);
    }

    pub(super) fn renew(&mut self) {
        for place in 0..self.consoles.len() {
            let Console { number, role, socket, .. } = self.consoles[place];
            let Some(socket) = socket else { continue };
            let fresh = Principal::Agent(self.principal_of(number, role));
            self.rig.feed(Input::Renewed { socket, principal: Some(fresh) });
        }
        self.collect();
    }

    pub(super) fn is_quiet(&self) -> bool {
        let nobody_speaks = self.rooms.iter().all(|room| !room.has_news());
        self.mail.is_empty() && nobody_speaks && self.rig.desk.orders.is_empty() && self.rig.desk.words.is_empty()
    }

    pub(super) fn check_the_end(&mut self) {
        let place = format!("SEED={}", self.seed);
        assert!(self.is_quiet(), "{place}: something is left to tell");
        for room in &self.rooms {
            let entry = self.rig.desk.list.entries.get(&conversation(room.number));
            let is_listed = entry.is_some_and(Entry::is_listed);
            assert_eq!(is_listed, room.status != Status::Resolved, "{place}: room {} in the list", room.number);
            let Some(entry) = entry.filter(|entry| entry.is_listed()) else { continue };
            let stored = &entry.stored;
            let theirs = (room.status, room.assignment_epoch, room.assignee.as_ref().map(|it| &it.id));
            assert_eq!(
                (stored.status, stored.assignment_epoch, entry.holder()),
                theirs,
                "{place}: room {}",
                room.number
            );
            self.check_place(&place, room, entry);
            let is_free = entry.holder().is_none_or(|id| !self.is_disabled(id) || self.desk_was_put_back);
            assert!(is_free, "{place}: a disabled agent holds a conversation");
        }
        if !self.desk_was_put_back {
            for room in &self.rooms {
                for (who, generation) in &room.sockets {
                    let number = (0..AGENTS).find(|number| agent(*number).id == *who);
                    let lowest = number.map(|number| self.generations[&number]);
                    assert_eq!(
                        Some(*generation),
                        lowest,
                        "{place}: INV-13: room {} holds a revoked socket",
                        room.number
                    );
                }
            }
        }
        self.check_consoles(&place);
        let loaded = Desk::load(DeskStore(&self.rig.sql), self.rig.workspace.clone(), None, self.rig.now).unwrap();
        let state = |desk: &Desk| -> Vec<String> {
            let listed = desk.list.entries.values().filter(|entry| entry.is_listed());
            listed
                .map(|it| {
                    let (stored, follow_up) = (&it.stored, it.follow_up());
                    format!(
                        "{:?}",
                        (&stored.id, stored.status, stored.assignment_epoch, it.holder(), follow_up, stored.queued_at)
                    )
                })
                .collect()
        };
        assert_eq!(state(&loaded), state(&self.rig.desk), "{place}: the disk has what memory has");
        assert!(loaded.orders.is_empty() && loaded.words.is_empty(), "{place}: on disk something is left to tell");
        assert_eq!(loaded.attached.keys().collect::<Vec<_>>(), self.rig.desk.attached.keys().collect::<Vec<_>>());
    }

    /// Whatever is open is somebody's, in the line or to be followed up: never in no list, and never in two.
    fn check_place(&self, place: &str, room: &Room, entry: &Entry) {
        let is_in_line = self.rig.desk.router.loads.line().any(|id| *id == entry.stored.id);
        let is_free = room.status == Status::Open && room.assignee.is_none();
        let expected = match (is_free, room.reply_to.is_empty(), room.is_visitor_here) {
            (false, _, _) | (true, true, true) => None,
            (true, false, _) => Some(FollowUp::Email),
            (true, true, false) => Some(FollowUp::Gone),
        };
        assert_eq!(entry.follow_up(), expected, "{place}: room {} is followed up", room.number);
        assert_eq!(is_in_line, is_free && expected.is_none(), "{place}: room {} is in line", room.number);
    }

    pub(super) fn is_disabled(&self, id: &AgentId) -> bool {
        (0..AGENTS).any(|number| agent(number).id == *id && self.disabled[&number])
    }

    pub(super) fn check_consoles(&mut self, place: &str) {
        let of = |row: &wire::DeskRow| (row.conversation.clone(), row.status, row.follow_up, of_row(row));
        let truth: Vec<_> =
            self.rig.desk.list.entries.values().filter(|it| it.is_listed()).map(|it| of(&it.row())).collect();
        let here = self.rig.desk.presence();
        for console in self.consoles.iter().filter(|console| console.socket.is_some()) {
            let seen: Vec<_> = console.list.rows.values().map(of).collect();
            assert_eq!(seen, truth, "{place}: a console is stale");
            for agent in &here {
                let seen = console.list.agents.get(&agent.id);
                assert_eq!(seen, Some(&agent.availability), "{place}: a console is wrong about {}", agent.name);
            }
            let offline = i32::from(wire::Availability::Offline);
            let ghosts = console
                .list
                .agents
                .iter()
                .filter(|(id, seen)| **seen != offline && !here.iter().any(|agent| agent.id == **id));
            let ghosts: Vec<_> = ghosts.collect();
            assert!(ghosts.is_empty(), "{place}: a console sees somebody who is not here: {ghosts:?}");
        }
    }
}
