//! Which agents are here: their sockets, joined with how they want to be seen. In memory and attachments only (INV-11).
//!
//! Consoles are told at the next list frame, and only what has changed by then: a reloaded page that is back within
//! the second shows nowhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Desk,
    effect::{Effect, Effects},
};
use crate::core::{error::Code, id::AgentId, limits::SILENCE, protocol::wire, socket::SocketId, time::Timestamp};

/// How an agent is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Here.
    #[default]
    Online,
    /// Here, but not to be counted on.
    Away,
    /// Not here, or does not want to be seen.
    Offline,
}

impl Availability {
    fn wire(self) -> wire::Availability {
        match self {
            Availability::Online => wire::Availability::Online,
            Availability::Away => wire::Availability::Away,
            Availability::Offline => wire::Availability::Offline,
        }
    }

    fn from_wire(availability: i32) -> Option<Self> {
        match wire::Availability::try_from(availability) {
            Ok(wire::Availability::Online) => Some(Availability::Online),
            Ok(wire::Availability::Away) => Some(Availability::Away),
            Ok(wire::Availability::Offline) => Some(Availability::Offline),
            Ok(wire::Availability::Unknown) | Err(_) => None,
        }
    }
}

/// What consoles are told of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    name: String,
    availability: Availability,
}

impl Desk {
    /// Everyone with an open console.
    pub(super) fn present(&self) -> BTreeMap<AgentId, Present> {
        let mut present: BTreeMap<AgentId, Present> = BTreeMap::new();
        for session in self.sessions.values().filter(|session| session.greeted) {
            let is_seen = match (session.switch, session.silent) {
                (Availability::Online, false) => Availability::Online,
                (Availability::Online, true) | (Availability::Away, _) => Availability::Away,
                (Availability::Offline, _) => Availability::Offline,
            };
            let agent = session.agent();
            let entry = present.entry(agent.id).or_insert(Present { name: agent.name, availability: is_seen });
            // One living socket is enough; the switch is the same on all.
            if is_seen == Availability::Online {
                entry.availability = is_seen;
            }
        }
        present
    }

    /// Everyone here, for a console that starts.
    pub(super) fn presence(&self) -> Vec<wire::AgentPresence> {
        self.present().iter().map(|(id, present)| presence_of(id, Some(present))).collect()
    }

    /// What has changed since consoles were told last; from now on they have been.
    pub(super) fn presence_news(&mut self) -> Vec<wire::AgentPresence> {
        let now_present = self.present();
        let mut news = Vec::new();
        for (id, present) in &now_present {
            if self.told.get(id) != Some(present) {
                news.push(presence_of(id, Some(present)));
            }
        }
        for (id, earlier) in &self.told {
            if !now_present.contains_key(id) && earlier.availability != Availability::Offline {
                let mut left = presence_of(id, None);
                left.name.clone_from(&earlier.name);
                news.push(left);
            }
        }
        self.told = now_present;
        self.presence_changed = false;
        news
    }

    pub(super) fn set_availability(&mut self, socket: SocketId, request: wire::SetAvailability, fx: &mut Effects) {
        let Some(switch) = Availability::from_wire(request.availability) else {
            self.refuse(socket, Code::BadRequest, "availability is online, away or offline", "", fx);
            return;
        };
        let Some(agent) = self.sessions.get(&socket).map(|session| session.principal.agent.clone()) else { return };
        for session in self.sessions.values_mut().filter(|session| session.principal.agent == agent) {
            if session.switch != switch {
                session.switch = switch;
                fx.push(Effect::Attach(session.clone()));
                self.presence_changed = true;
            }
        }
    }

    /// Looks which sockets have been silent for too long, a half-open one for instance.
    pub(super) fn look(&mut self, heartbeats: Vec<(SocketId, Timestamp)>, now: Timestamp, fx: &mut Effects) {
        self.looked_at = now;
        let heartbeats: BTreeMap<SocketId, Timestamp> = heartbeats.into_iter().collect();
        for session in self.sessions.values_mut() {
            let signs = [Some(session.connected_at), session.heard_at, heartbeats.get(&session.socket).copied()];
            let silent = signs.into_iter().flatten().max().is_none_or(|last| now.since(last) > SILENCE);
            if session.silent != silent {
                session.silent = silent;
                fx.push(Effect::Attach(session.clone()));
                self.presence_changed = true;
            }
        }
    }

    /// A frame is a sign of life.
    pub(super) fn sign_of_life(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get_mut(&socket) else { return };
        session.heard_at = Some(now);
        if session.silent {
            session.silent = false;
            fx.push(Effect::Attach(session.clone()));
            self.presence_changed = true;
        }
    }
}

fn presence_of(id: &AgentId, present: Option<&Present>) -> wire::AgentPresence {
    wire::AgentPresence {
        id: id.to_string(),
        name: present.map(|present| present.name.clone()).unwrap_or_default(),
        availability: present.map_or(Availability::Offline, |present| present.availability).wire().into(),
    }
}
