//! Which agents are here: their sockets, joined with how they want to be seen. In memory and attachments only (INV-11).
//!
//! Consoles are told at the next list frame, and only what has changed by then: a reloaded page or a line that drops shows
//! nowhere if it is back within the grace time. Routing counts sockets alone.

use std::collections::BTreeSet;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{Desk, effect::Effects};
use crate::core::{
    error::Code,
    id::AgentId,
    internal::AgentRef,
    limits::{PRESENCE_GRACE, SILENCE},
    protocol::wire,
    socket::SocketId,
    time::Timestamp,
};

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
    picture: String,
    availability: Availability,
}

impl Desk {
    /// Everyone with an open console.
    pub(super) fn present(&self) -> LiteMap<AgentId, Present> {
        let mut present: LiteMap<AgentId, Present> = LiteMap::new();
        let left = self.leaving.values().map(|(session, _)| session);
        for session in self.sessions.values().chain(left).filter(|session| session.greeted) {
            let is_seen = session.seen();
            let AgentRef { id, name, picture } = session.agent();
            let entry = present.entry(id).or_insert(Present { name, picture, availability: is_seen });
            // One living socket is enough; the switch is the same on all.
            if is_seen == Availability::Online {
                entry.availability = is_seen;
            }
        }
        present
    }

    /// Everyone here, for a console that starts. What the others have yet to hear, it knows already: so that is told
    /// in any case, even if everything is as before when the time comes.
    pub(super) fn presence(&mut self) -> Vec<wire::AgentPresence> {
        let present = self.present();
        for id in ids(&self.told, &present).filter(|id| self.told.get(id) != present.get(id)) {
            if let Some(shown) = present.get(&id).or_else(|| self.told.get(&id)) {
                self.uneven.insert(id, shown.clone());
            }
        }
        present.iter().map(|(id, present)| present.wire(id)).collect()
    }

    /// What has changed since consoles were told last; from now on they have been.
    pub(super) fn presence_news(&mut self) -> Vec<wire::AgentPresence> {
        let (present, uneven) = (self.present(), std::mem::take(&mut self.uneven));
        let told = std::mem::replace(&mut self.told, present);
        self.presence_changed = false;
        let mut changed: BTreeSet<AgentId> =
            ids(&told, &self.told).filter(|id| told.get(id) != self.told.get(id)).collect();
        // Whom only a welcome has shown may have come and gone between two frames: neither list has them.
        changed.extend(uneven.keys().cloned());
        changed
            .into_iter()
            .filter_map(|id| {
                let shown = || told.get(&id).or_else(|| uneven.get(&id)).cloned();
                let gone = || Some(Present { availability: Availability::Offline, ..shown()? });
                Some(self.told.get(&id).cloned().or_else(gone)?.wire(&id))
            })
            .collect()
    }

    /// After every input: whoever has not come back is gone.
    pub(super) fn end_graces(&mut self, now: Timestamp, fx: &mut Effects) {
        let before = self.leaving.len();
        // A clock that went back must not keep anybody here.
        self.leaving.retain(|_, (_, until)| now < *until && until.since(now) <= PRESENCE_GRACE);
        self.presence_changed |= self.leaving.len() != before;
        if let Some(next) = self.leaving.values().map(|(_, until)| *until).min() {
            self.set_timer(next, now, fx);
        }
    }

    pub(super) fn set_availability(&mut self, socket: SocketId, request: wire::SetAvailability, fx: &mut Effects) {
        let switch = Availability::from_wire(request.availability);
        if switch.is_none() && request.availability != 0 {
            self.refuse(socket, Code::BadRequest, "availability is online, away or offline", "", fx);
            return;
        }
        let Some(session) = self.sessions.get_mut(&socket) else { return };
        let agent = session.principal.agent.clone();
        if session.idle != request.idle {
            session.idle = request.idle;
            fx.attach(session.clone());
            self.presence_changed = true;
            self.router.look_again();
        }
        if let Some(switch) = switch {
            self.switch(&agent, switch, fx);
        }
    }

    /// Turns the switch of an agent, on all of their sockets.
    pub(super) fn switch(&mut self, agent: &AgentId, switch: Availability, fx: &mut Effects) {
        let theirs = self.sessions.iter_mut().filter(|(_, session)| session.principal.agent == *agent);
        for (_, session) in theirs.filter(|(_, session)| session.switch != switch) {
            session.switch = switch;
            fx.attach(session.clone());
            self.presence_changed = true;
            self.router.look_again();
        }
    }

    /// Looks which sockets have been silent for too long, a half-open one for instance.
    pub(super) fn look(&mut self, heartbeats: Vec<(SocketId, Timestamp)>, now: Timestamp, fx: &mut Effects) {
        self.looked_at = now;
        let heartbeats: LiteMap<SocketId, Timestamp> = heartbeats.into_iter().collect();
        for (_, session) in self.sessions.iter_mut() {
            // A sign of life in the future was seen by a clock that has been put back: it counts for now, and no longer.
            session.connected_at = session.connected_at.min(now);
            session.heard_at = session.heard_at.map(|at| at.min(now));
            let heartbeat = heartbeats.get(&session.socket).copied().filter(|at| *at <= now);
            let signs = [Some(session.connected_at), session.heard_at, heartbeat];
            let silent = signs.into_iter().flatten().max().is_none_or(|last| now.since(last) > SILENCE);
            if session.silent != silent {
                session.silent = silent;
                fx.attach(session.clone());
                self.presence_changed = true;
            }
        }
    }

    /// A frame is a sign of life.
    pub(super) fn sign_of_life(&mut self, socket: SocketId, now: Timestamp, fx: &mut Effects) {
        let Some(session) = self.sessions.get_mut(&socket) else { return };
        session.heard_at = Some(now);
        let agent = session.principal.agent.clone();
        if session.silent {
            session.silent = false;
            fx.attach(session.clone());
            self.presence_changed = true;
            self.router.look_again();
        }
        self.no_suspect(&agent);
    }
}

impl Present {
    fn wire(&self, id: &AgentId) -> wire::AgentPresence {
        wire::AgentPresence {
            id: id.to_string(),
            name: self.name.clone(),
            availability: self.availability.wire().into(),
            picture: self.picture.clone(),
        }
    }
}

/// Everyone who is in one of the two, once.
fn ids(one: &LiteMap<AgentId, Present>, other: &LiteMap<AgentId, Present>) -> impl Iterator<Item = AgentId> {
    let ids: BTreeSet<AgentId> = one.keys().chain(other.keys()).cloned().collect();
    ids.into_iter()
}
