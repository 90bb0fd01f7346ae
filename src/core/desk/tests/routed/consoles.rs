//! What agents and their consoles do: answer probes, take what rings or not, ask for this and that.

use std::collections::VecDeque;

use super::{
    super::{
        model::rules::{self, Expected},
        rig::{self, agent},
    },
    ROOMS, World,
    mail::Event,
    settings::team_id,
};
use crate::core::{
    chance::Chance,
    id::ConversationId,
    protocol::wire::{self, agent_frame, client_frame::Frame},
    socket::SocketId,
};

/// How consoles answer and agents behave in this seed: weights.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// At once, late, too late, twice, "no", never.
    probe: [u64; 6],
    /// Accept, accept twice, decline, reply, let it ring.
    ring: [u64; 5],
}

impl Manners {
    pub fn draw(chance: &mut Chance) -> Self {
        let mut weight = |most: u64| chance.below(most + 1);
        Manners {
            probe: [1 + weight(8), weight(4), weight(2), weight(2), weight(2), weight(2)],
            ring: [1 + weight(6), weight(2), weight(3), weight(2), weight(3)],
        }
    }
}

impl World {
    fn weighed(&mut self, weights: &[u64]) -> usize {
        let mut left = self.chance.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// A page that answers nothing, or a machine that sleeps.
    pub(super) fn is_dead(&self, number: u128) -> bool {
        self.asleep.contains(&number) || self.deaf.contains(&number)
    }

    /// Every console reads its frames and does what it does.
    pub(super) fn read(&mut self) {
        for place in 0..self.consoles.len() {
            let Some(socket) = self.consoles[place].socket else { continue };
            let number = self.consoles[place].number;
            while let Some(frame) = self.rig.inbox.get_mut(&socket).and_then(VecDeque::pop_front) {
                self.see_frame(&frame);
                match &frame {
                    agent_frame::Frame::Probe(probe) => {
                        self.probes.insert(probe.id);
                        if !self.is_dead(number) {
                            self.answer_probe(socket, probe.id);
                        }
                    }
                    agent_frame::Frame::Assigned(it)
                        if it.client_id.is_empty() && it.ring_until > 0 && !self.is_dead(number) =>
                    {
                        self.answer_ring(socket, place, it.conversation.clone(), it.assignment_epoch);
                    }
                    _ => {}
                }
                // Pages of one console are few: all of the list fits into the first.
                self.consoles[place].list.take(frame);
            }
            if !self.rig.open.contains_key(&socket) {
                self.consoles[place].socket = None;
            }
        }
        // What went to sockets of whom nobody listens to.
        self.rig.inbox.clear();
    }

    fn answer_probe(&mut self, socket: SocketId, probe: u64) {
        let weights = if self.calm { [1, 0, 0, 0, 0, 0] } else { self.manners.probe };
        let kind = self.weighed(&weights);
        let names = ["at once", "late", "too late", "twice", "no", "never"];
        let soon = self.below(40) as i64;
        let (wait, available) = match names[kind] {
            "late" => (50 + self.below(240) as i64, true),
            "too late" => (301 + self.below(4_000) as i64, true),
            "no" => (soon, false),
            _ => (soon, true),
        };
        let say = Event::Say(socket, Box::new(Frame::ProbeAnswer(wire::ProbeAnswer { probe, available })));
        match kind {
            0 => self.count("probe answered at once"),
            1 => self.count("probe answered late"),
            2 => self.count("probe answered too late"),
            3 => {
                self.count("probe answered twice");
                let later = self.below(2_000) as i64;
                self.plan(later, say.clone());
            }
            4 => self.count("probe answered no"),
            _ => return self.count("probe never answered"),
        }
        self.plan(wait, say);
    }

    fn answer_ring(&mut self, socket: SocketId, place: usize, conversation: String, assignment_epoch: u64) {
        let weights = if self.calm { [1, 0, 0, 0, 0] } else { self.manners.ring };
        let kind = self.weighed(&weights);
        let wait = 200 + self.below(if self.calm { 800 } else { 12_000 }) as i64;
        let client_id = self.request_id();
        match kind {
            0 | 1 => {
                let accept = Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch });
                if kind == 1 {
                    self.plan(wait + 20, Event::Say(socket, Box::new(accept.clone())));
                }
                self.plan(wait, Event::Say(socket, Box::new(accept)));
                self.count(if kind == 0 { "ring accepted" } else { "ring accepted twice" });
            }
            2 => {
                let decline = Frame::Decline(wire::Decline { client_id, conversation, assignment_epoch });
                self.plan(wait, Event::Say(socket, Box::new(decline)));
                self.count("ring declined");
            }
            3 => {
                if let Some(number) = self.ids.iter().position(|id| id.as_str() == conversation) {
                    let who = agent(self.consoles[place].number).id;
                    self.plan(wait, Event::Reply(number, who));
                }
            }
            _ => {}
        }
    }

    /// After a crash nobody is told again what rings: a console sees it in its list.
    pub(super) fn take_what_rings(&mut self) {
        for place in 0..self.consoles.len() {
            let (Some(socket), number) = (self.consoles[place].socket, self.consoles[place].number) else { continue };
            if self.is_dead(number) {
                continue;
            }
            let mine = agent(number).id.to_string();
            let rows = self.consoles[place].list.rows.values();
            let ringing = rows
                .filter(|row| row.ring_until > 0 && row.assignee.as_ref().is_some_and(|assignee| assignee.id == mine));
            let ringing: Vec<_> = ringing.map(|row| (row.conversation.clone(), row.assignment_epoch)).collect();
            for (conversation, assignment_epoch) in ringing {
                let client_id = self.request_id();
                self.frame(socket, Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch }));
            }
        }
    }

    /// What a console had decided to say, unless its line is gone.
    pub(super) fn say(&mut self, socket: SocketId, frame: Frame) {
        let Some(place) = self.consoles.iter().position(|console| console.socket == Some(socket)) else { return };
        if self.is_dead(self.consoles[place].number) {
            return;
        }
        if let Frame::ProbeAnswer(answer) = &frame {
            if answer.available {
                let who = agent(self.consoles[place].number).id;
                self.yes.insert(who, self.real());
            }
            return self.frame(socket, frame);
        }
        self.ask(place, frame);
    }

    // ------------------------------------------------------------------------------------------- requests

    pub(super) fn request_id(&mut self) -> String {
        self.requests += 1;
        format!("r{}", self.requests)
    }

    /// Somebody who is here and lives, a conversation, and its assignment as they know it or whichever stands.
    fn somebody(&mut self) -> Option<(usize, usize, u64)> {
        let place = self.below(self.consoles.len());
        self.consoles[place].socket.filter(|_| !self.is_dead(self.consoles[place].number))?;
        let number = self.below(ROOMS);
        let row = self.consoles[place].list.rows.get(self.ids[number].as_str());
        let known = row.map_or(0, |row| row.assignment_epoch);
        let meant = if self.chance(30) { 0 } else { known };
        Some((place, number, meant))
    }

    pub(super) fn somebody_asks(&mut self) {
        let Some((place, number, meant)) = self.somebody() else { return };
        let client_id = self.request_id();
        let frame = if self.chance(50) {
            self.count("claim");
            rig::claim(number, &client_id)
        } else {
            self.count("release");
            rig::release(number, &client_id, meant)
        };
        self.ask(place, frame.clone());
        if self.chance(20) {
            // The answer is late, so the console asks again.
            self.ask(place, frame);
        }
    }

    pub(super) fn all_claim(&mut self) {
        let (number, client_id) = (self.below(ROOMS), self.request_id());
        self.count("all claim at once");
        for place in 0..self.consoles.len() {
            self.ask(place, rig::claim(number, &client_id));
        }
    }

    pub(super) fn somebody_hands_on(&mut self) {
        let Some((place, number, meant)) = self.somebody() else { return };
        let client_id = self.request_id();
        let to = self.below(self.n_agents()) as u128;
        if self.chance(50) {
            self.count("transfer to an agent");
            self.ask(place, rig::transfer(number, &client_id, meant, to));
        } else {
            self.count("transfer to a team");
            self.ask(
                place,
                Frame::Transfer(wire::Transfer {
                    client_id,
                    conversation: self.ids[number].to_string(),
                    assignment_epoch: meant,
                    agent: String::new(),
                    reason: "theirs".into(),
                    team: team_id(to % 3).to_string(),
                }),
            );
        }
    }

    /// Somebody writes in a Room, which takes what rings at them there.
    pub(super) fn somebody_replies(&mut self) {
        let number = self.below(ROOMS);
        let Some(who) = self.rooms[number].assignee.as_ref().map(|it| it.id.clone()) else { return };
        self.count("first reply");
        self.rooms[number].reply(&who, self.rig.now);
        self.speak(number);
    }

    /// An answer to what may have rung long ago, or at somebody else.
    pub(super) fn somebody_takes_or_declines_what_they_have_seen(&mut self) {
        let Some((place, number, assignment_epoch)) = self.somebody() else { return };
        let (client_id, conversation) = (self.request_id(), self.ids[number].to_string());
        self.count("accept or decline of what is over");
        let frame = if self.chance(50) {
            Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch })
        } else {
            Frame::Decline(wire::Decline { client_id, conversation, assignment_epoch })
        };
        self.ask(place, frame);
    }

    /// One request, its answer held against the table of rules.
    fn ask(&mut self, place: usize, frame: Frame) {
        let Some(socket) = self.consoles[place].socket.filter(|socket| self.rig.open.contains_key(socket)) else {
            return;
        };
        let (by, role) = (agent(self.consoles[place].number), self.consoles[place].role);
        let expected = rules::expected(&self.rig.desk, &by, role, &frame, self.rig.now);
        let client_id = crate::core::protocol::client_id_of(frame.clone());
        self.arm();
        let is_whole = self.rig.fate == rig::Fate::Whole;
        self.rig.frame(socket, frame.clone());
        let inbox = self.rig.inbox.get(&socket).cloned().unwrap_or_default();
        let answer = inbox.into_iter().find(|it| match it {
            agent_frame::Frame::Assigned(it) => it.client_id == client_id,
            agent_frame::Frame::Error(it) => it.client_id == client_id,
            _ => false,
        });
        if is_whole {
            rules::check(&expected, answer.as_ref(), &format!("SEED={} {frame:?}", self.seed));
            self.count(match &expected {
                Expected::Granted(..) => "granted",
                Expected::Same(..) | Expected::Ended(_) => "nothing to do",
                Expected::Refused(_) | Expected::Open => "refused",
            });
        }
        self.after_an_input();
    }

    fn see_frame(&mut self, frame: &agent_frame::Frame) {
        let of_row = |row: &wire::DeskRow| {
            (row.conversation.clone(), row.assignment_epoch, row.assignee.as_ref().map(|it| it.id.clone()))
        };
        let rows: Vec<(String, u64, Option<String>)> = match frame {
            agent_frame::Frame::Assigned(it) => {
                vec![(it.conversation.clone(), it.assignment_epoch, it.assignee.as_ref().map(|it| it.id.clone()))]
            }
            agent_frame::Frame::DeskWelcome(it) => it.rows.iter().map(of_row).collect(),
            agent_frame::Frame::DeskUpdate(it) => it.rows.iter().map(of_row).collect(),
            _ => Vec::new(),
        };
        for (conversation, epoch, holder) in rows {
            let holder = holder.map(|id| crate::core::id::AgentId::parse(&id).expect("an agent's id"));
            self.see(ConversationId::parse(&conversation).expect("a conversation's id"), epoch, holder);
        }
    }
}
