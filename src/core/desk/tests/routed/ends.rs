//! When the faults have stopped and everything has arrived.
//!
//! **Work conservation**: no conversation waits that is open, of a team (or of nobody) that does not claim and is not closed,
//! while there is an agent who is here and online, of that team or helping out now, with fewer open conversations than
//! their capacity, whose console answers, and who has been heard since they last were silent (a frame is what ends that). What
//! time alone makes so, a wait that has become too long for the team alone, may take the next look, 30 seconds.
//!
//! **The bound**: with `n` such agents, living or not, and nothing else that waits, a conversation that comes is at one of
//! those who live after at most `⌈n/3⌉` rounds of probes, each of them at most 300 ms long.

use super::{
    super::{model::room::Room, rig::agent},
    ROOMS, World,
};
use crate::{
    core::{
        desk::{Desk, conversation::Entry},
        id::AgentId,
        internal::Status,
        limits::{LOOK_INTERVAL, PROBE_PATIENCE},
        protocol::wire::{self, client_frame::Frame},
        time::SECOND,
    },
    sql::desk::DeskStore,
};

/// The newcomer's Room: nobody speaks of it before.
const NEWCOMER: usize = ROOMS;
/// Agents who are asked at the same time, as is promised.
const AT_ONCE: usize = 3;

impl World {
    /// No more faults. Some pages hang for good; whose machine sleeps is gone after a minute.
    pub(super) fn calm_down(&mut self) {
        self.leap(-self.skew);
        self.after_an_input();
        self.calm = true;
        // Whatever came of a late alarm or of an agenda that was lost with its process is over from here on.
        let dead = self.dead_sockets();
        self.rig.ring(&dead);
        self.after_an_input();
        for number in 0..self.n_agents() as u128 {
            if !self.chance(60) {
                self.deaf.remove(&number);
                self.asleep.remove(&number);
            }
        }
        // What was late has come by then, and what was given back may be given again.
        for round in 0..15 {
            for place in 0..self.consoles.len() {
                self.connect(place);
            }
            for number in 0..ROOMS {
                if self.rooms[number].has_news() || round == 0 {
                    self.speak(number);
                }
            }
            self.take_what_rings();
            self.pass(50 * SECOND);
            if round > 0 && self.is_quiet() {
                break;
            }
        }
        self.everybody_who_lives_says_something();
        self.pass(65 * SECOND);
        self.take_what_rings();
        self.pass(2 * SECOND);
        // The list of what an agent has just taken comes within a second.
        self.pass(2 * SECOND);
    }

    fn everybody_who_lives_says_something(&mut self) {
        for place in 0..self.consoles.len() {
            if !self.is_dead(self.consoles[place].number) {
                self.come_online(place);
            }
        }
    }

    fn come_online(&mut self, place: usize) {
        let Some(socket) = self.consoles[place].socket else { return };
        if self.asleep.contains(&self.consoles[place].number) {
            return;
        }
        let availability = wire::Availability::Online.into();
        self.frame(socket, Frame::SetAvailability(wire::SetAvailability { availability, ..Default::default() }));
    }

    fn is_quiet(&self) -> bool {
        let desk = &self.rig.desk;
        let nobody_speaks = self.rooms.iter().all(|room| !room.has_news());
        self.events.is_empty() && nobody_speaks && desk.orders.is_empty() && desk.words.is_empty()
    }

    pub(super) fn check_the_end(&mut self) {
        let place = format!("SEED={}", self.seed);
        // Visitors may be told their place in this moment.
        for _ in 0..20 {
            if !self.events.is_empty() {
                self.pass(SECOND);
            }
        }
        let (desk, news) = (&self.rig.desk, self.rooms.iter().filter(|room| room.has_news()).count());
        let left = (self.events.len(), news, desk.orders.len(), desk.words.len());
        assert!(self.is_quiet(), "{place}: events, Rooms with news, orders, words are left: {left:?}");
        self.work_is_conserved();
        for room in &self.rooms {
            let entry = self.rig.desk.list.entries.get(&self.ids[room.number]);
            let is_listed = entry.is_some_and(Entry::is_listed);
            assert_eq!(is_listed, room.status != Status::Resolved, "{place}: INV-6: room {} in the list", room.number);
            let Some(entry) = entry.filter(|entry| entry.is_listed()) else { continue };
            let ours = (entry.stored.status, entry.stored.assignment_epoch, entry.holder());
            let theirs = (room.status, room.assignment_epoch, room.assignee.as_ref().map(|it| &it.id));
            assert_eq!(ours, theirs, "{place}: INV-5: room {}", room.number);
            assert_eq!(entry.stored.ring_until.is_some(), room.ringing, "{place}: room {} rings", room.number);
            let is_disabled = self.disabled.iter().any(|number| entry.holder() == Some(&agent(*number).id));
            assert!(!is_disabled, "{place}: a disabled agent holds a conversation");
        }
        assert_eq!(self.rig.desk.router.loads.ringing().count(), 0, "{place}: something rings for ever");
        self.check_consoles();
        let loaded = Desk::load(DeskStore(&self.rig.sql), self.rig.workspace.clone(), None, self.rig.now).unwrap();
        let state = |desk: &Desk| -> Vec<String> {
            let listed = desk.list.entries.values().filter(|entry| entry.is_listed());
            listed
                .map(|it| {
                    format!("{:?}", (&it.stored.id, it.stored.assignment_epoch, it.holder(), &it.stored.queued_at))
                })
                .collect()
        };
        assert_eq!(state(&loaded), state(&self.rig.desk), "{place}: the disk has what memory has");
    }

    fn check_consoles(&self) {
        let of = |row: &wire::DeskRow| (row.conversation.clone(), row.status, row.assignment_epoch, row.ring_until);
        let listed = self.rig.desk.list.entries.values().filter(|entry| entry.is_listed());
        let truth: Vec<_> = listed.map(|entry| of(&entry.row())).collect();
        for console in self.consoles.iter().filter(|console| console.socket.is_some()) {
            let seen: Vec<_> = console.list.rows.values().map(of).collect();
            assert_eq!(seen, truth, "SEED={}: a console is stale", self.seed);
        }
    }

    /// Those who could be given it now, living or not.
    fn eligible(&self, entry: &Entry) -> Vec<AgentId> {
        // That a wait has become too long is seen at the next look.
        let mut entry = entry.clone();
        entry.stored.queued_at = entry.stored.queued_at.map(|at| at.plus(LOOK_INTERVAL + SECOND));
        let all = (0..self.n_agents() as u128).map(|number| agent(number).id);
        let may =
            |id: &AgentId| self.is_here(id) && self.may_have(&entry, id) && self.held(id) < self.config.capacity_of(id);
        all.filter(may).collect()
    }

    fn lives(&self, id: &AgentId) -> bool {
        (0..self.n_agents() as u128).any(|number| agent(number).id == *id && !self.is_dead(number))
    }

    fn work_is_conserved(&mut self) {
        let entries: Vec<Entry> = self.rig.desk.list.entries.values().filter(|it| it.is_waiting()).cloned().collect();
        if entries.is_empty() {
            self.count("end: nobody waits");
        }
        for entry in entries {
            if !self.config.method_of(&entry).is_automatic() {
                self.count("end: waits where agents claim");
            } else if !self.config.is_open(self.config.team_of(&entry), self.rig.now) {
                self.count("end: waits, closed");
            } else {
                let mut free: Vec<AgentId> = self.eligible(&entry).into_iter().filter(|id| self.lives(id)).collect();
                if entry.stored.level == 0 && !free.is_empty() {
                    let before = free.len();
                    free.retain(|id| self.keeps(id, 1, |it| self.is_here(it) && self.lives(it), false));
                    if free.len() < before {
                        self.count("end: waits, and what is free is kept for others");
                        continue;
                    }
                }
                let router = &self.rig.desk.router;
                assert!(
                    free.is_empty(),
                    "SEED={}: INV-6: {:?} waits though {free:?} is free; suspect: {:?}, resting: {:?}, reserved: {:?}",
                    self.seed,
                    entry.stored,
                    router.suspects,
                    router.resting,
                    router.reserved
                );
                self.count("end: waits, and nobody is eligible");
            }
        }
    }

    // ------------------------------------------------------------------------------------------ a newcomer

    /// A conversation comes while nothing else waits, and a drawn part of the agents does not answer.
    pub(super) fn a_newcomer_within_so_many_rounds(&mut self) {
        let is_waiting = |entry: &Entry| entry.is_waiting() && self.config.method_of(entry).is_automatic();
        if self.rig.desk.list.entries.values().any(is_waiting) {
            return;
        }
        // Everybody is heard once more, and then some pages hang.
        self.deaf.clear();
        for place in 0..self.consoles.len() {
            self.come_online(place);
        }
        self.pass(SECOND);
        let share = [0, 50, 80, 100][self.below(4)];
        for number in 0..self.n_agents() as u128 {
            if self.chance(share) {
                self.deaf.insert(number);
            }
        }
        self.rooms.push(Room::new(NEWCOMER));
        self.probes.clear();
        let came_at = self.real();
        self.speak(NEWCOMER);
        self.pass(30);
        let Some(entry) = self.newcomer() else { panic!("SEED={}: a notice was lost", self.seed) };
        let is_open = self.config.is_open(self.config.team_of(&entry), self.rig.now);
        if !self.config.method_of(&entry).is_automatic() || !is_open {
            return;
        }
        // What it has been given by now counts as its own.
        let mine = entry.holder().cloned();
        let mut eligible = self.eligible(&entry);
        eligible.extend(mine.clone().filter(|id| !eligible.contains(id)));
        let helpers = self.helpers_behind(&entry, &eligible);
        let n_rounds = eligible.len().div_ceil(AT_ONCE) + helpers.len().div_ceil(AT_ONCE);
        eligible.extend(helpers);
        if eligible.is_empty() {
            assert_eq!(self.probes.len(), 0, "SEED={}: nobody is eligible and somebody is asked", self.seed);
            return self.count("newcomer: nobody is eligible");
        }
        let longest = n_rounds as i64 * PROBE_PATIENCE;
        while self.newcomer().is_some_and(|entry| entry.is_waiting()) && self.real() - came_at <= longest + 20 {
            self.pass(1);
        }
        let holder = self.newcomer().and_then(|entry| entry.holder().cloned());
        let n_probes = self.probes.len();
        assert!(n_probes <= n_rounds, "SEED={}: {n_probes} rounds for {} agents", self.seed, eligible.len());
        if eligible.iter().any(|id| self.lives(id)) {
            let holder =
                holder.unwrap_or_else(|| panic!("SEED={}: INV-6: nobody has it after {longest} ms", self.seed));
            assert!(self.lives(&holder), "SEED={}: at somebody who does not answer", self.seed);
            return self.count(match n_probes {
                1 => "newcomer: found in the first round",
                _ => "newcomer: found in a later round",
            });
        }
        assert_eq!((holder, n_probes), (None, n_rounds), "SEED={}: everybody is asked once", self.seed);
        // The first of them to say anything gets it.
        let number = (0..self.n_agents() as u128).find(|number| agent(*number).id == eligible[0]).expect("an agent");
        self.deaf.remove(&number);
        if let Some(place) = self.consoles.iter().position(|it| it.number == number && it.socket.is_some()) {
            self.come_online(place);
        }
        self.pass(PROBE_PATIENCE);
        let holder = self.newcomer().and_then(|entry| entry.holder().cloned());
        assert_eq!(holder.as_ref(), Some(&eligible[0]), "SEED={}: INV-6: somebody is back and it waits", self.seed);
        self.count("newcomer: nobody lives, and later one does");
    }

    /// Those who are asked behind its own team because nobody of that one answers. Who is full is not asked, and counts as here.
    fn helpers_behind(&self, entry: &Entry, eligible: &[AgentId]) -> Vec<AgentId> {
        let Some(team) = self.config.team_of(entry) else { return Vec::new() };
        let is_asked_in_vain = |id: &&AgentId| !self.answers(id) || (eligible.contains(id) && !self.lives(id));
        if !team.members.iter().filter(|id| self.is_here(id)).all(|id| is_asked_in_vain(&id)) {
            return Vec::new();
        }
        let helpers = self.config.roster.teams.iter().find(|it| team.overflow.as_ref() == Some(&it.id));
        let helpers =
            helpers.filter(|it| self.config.is_open(Some(it), self.rig.now)).map_or(&[][..], |it| &it.members);
        let may =
            |id: &&AgentId| self.is_here(id) && !eligible.contains(id) && self.held(id) < self.config.capacity_of(id);
        helpers.iter().filter(may).cloned().collect()
    }

    fn newcomer(&self) -> Option<Entry> {
        self.rig.desk.list.entries.get(&self.ids[NEWCOMER]).cloned()
    }
}
