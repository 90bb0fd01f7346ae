//! How much more a process of one's own may hold: sockets and awake objects, against the descriptors it has.
//!
//! A `workerd` that runs out of descriptors exits and takes everybody's conversation with it, so the gateway lets nobody
//! in who could bring it there, and says when to come back. It knows what its own objects report, and whom it has just
//! sent to one of them:
//!
//! - A report sets what its object holds, it adds nothing up. One that holds a socket reports at least once in the life
//!   of a ticket; what has been silent for longer is gone, so that a lost report shuts nobody out for good.
//! - A reservation is a socket on its way. It ends when the gateway is through with it, since by then the object has
//!   reported whatever came of it; one that was cut in the middle ends by itself. It touches no report.
//!
//! Who still stands before the Limiters has no reservation, but a connection. So few may stand there at once that one
//! thread is through with them in seconds, and the others are refused before they cost anything. Where that happens there
//! is a storm, and everybody for whom there is a place may stand outside, uncounted.
//!
//! Nobody can refuse what wakes an object that has its sockets already: a message, an alarm, a socket's end. Where those
//! fill the process, each Room that an event finds awake sends its clients away for a while.
//!
//! A fresh instance of the module (after a trap) starts to count from nothing while sockets stay. An object that it makes
//! again knows of no earlier report, so the first event of each makes its part right, within the life of a ticket; until
//! then more come in than should. On Cloudflare nothing is counted: there are no descriptors of ours.
use std::collections::{BTreeMap, BTreeSet};

use litemap::LiteMap;

use super::{
    limits::{
        ADMISSION_RETRY, ADMISSION_SILENCE, AWAKE_TIME, CROWD_TIME, DESK_PERCENT, HELD_PERCENT, KNOCK_MS, KNOCK_TIME,
        KNOCKS_AT_ONCE, KNOCKS_PERCENT, OBJECT_DESCRIPTORS, PROCESS_DESCRIPTORS, RESERVATION_TIME, SOCKET_DESCRIPTORS,
        SOCKETS_PER_PARTICIPANT, SOCKETS_PERCENT, STORM_PERCENT, STORM_TIME, WAKING_PERCENT,
    },
    time::Timestamp,
};

/// Whose door somebody knocks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A Room's, of which there are thousands.
    Room,
    /// A Desk's: the few who answer all the others.
    Desk,
}

/// A knock that the gateway is dealing with, to be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knock(u64);

/// A place for a socket on its way, to be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reservation(u64);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Held {
    /// As reported last, …
    sockets: u64,
    /// … and when.
    heard_at: Timestamp,
    /// It has reported a moment ago.
    is_awake: bool,
    /// Sockets on their way to it.
    reserved: u64,
    /// Where its visitor came from last.
    from: String,
}

impl Held {
    fn is_up(&self) -> bool {
        self.is_awake || self.reserved > 0
    }
}

#[derive(Debug)]
struct Reserved {
    object: String,
    at: Timestamp,
}

/// What the objects of one process hold, by their ids.
#[derive(Debug, Default)]
pub struct Admission {
    /// Descriptors that the process may have; none: nothing is counted.
    descriptors: Option<u64>,
    objects: BTreeMap<String, Held>,
    /// Over all objects: reported and reserved sockets, …
    sockets: u64,
    /// … and objects that are awake or about to be woken.
    up: u64,
    /// Objects by when they were last heard of: those that may still be awake, the oldest first.
    awake: BTreeSet<(Timestamp, String)>,
    /// What the gateway is dealing with, since when and from where, in this order.
    knocks: LiteMap<u64, (Timestamp, String)>,
    /// When there were too many of them last.
    storm_at: Option<Timestamp>,
    /// How many were refused one after the other, …
    n_refused: u64,
    /// … and when the last of them was.
    refused_at: Timestamp,
    /// In the order in which they were made.
    reservations: LiteMap<u64, Reserved>,
    /// Reservations that were for an object that slept: since when it may be falling asleep again. Not before they end: a server that is
    /// too busy to open an object for ten seconds still has to.
    woken: LiteMap<u64, Timestamp>,
    n_made: u64,
    swept_at: Timestamp,
}

impl Admission {
    /// For a process with so many descriptors; none: everybody comes in.
    pub fn new(descriptors: Option<u64>) -> Self {
        Admission { descriptors, ..Admission::default() }
    }

    /// Whether anything is counted.
    pub fn is_counting(&self) -> bool {
        self.descriptors.is_some()
    }

    /// An object is awake and holds so many sockets.
    pub fn report(&mut self, object: &str, sockets: usize, now: Timestamp) {
        if !self.is_counting() {
            return;
        }
        let mut heard_at = now;
        self.change(object, |held| {
            heard_at = std::mem::replace(&mut held.heard_at, now);
            held.sockets = u64::try_from(sockets).unwrap_or(u64::MAX);
            held.is_awake = true;
        });
        self.awake.remove(&(heard_at, object.to_owned()));
        self.awake.insert((now, object.to_owned()));
    }

    /// Somebody knocks at a Room, before any limit of rate. One address may have a quarter of what is dealt with at once, or
    /// `factor` times as much. None: nothing is counted. To be ended with [`Admission::leave`], whatever comes of it.
    ///
    /// # Errors
    /// As [`Admission::admit`] has them.
    pub fn knock(&mut self, address: &str, factor: u32, now: Timestamp) -> Result<Option<Knock>, (u64, u64)> {
        let Some(descriptors) = self.descriptors else { return Ok(None) };
        self.knocks.retain(|_, (at, _)| !is_over(*at, KNOCK_TIME, now));
        let at_once = (descriptors * KNOCKS_PERCENT / 100 / SOCKET_DESCRIPTORS).min(KNOCKS_AT_ONCE);
        let share = (at_once / 4).max(1).saturating_mul(factor.into());
        if count(self.knocks.values().filter(|(_, from)| from == address).count()) >= share {
            return Err(ADMISSION_RETRY);
        }
        if count(self.knocks.len()) >= at_once {
            self.storm_at = Some(now);
            return Err(self.retry(descriptors, now));
        }
        self.n_made += 1;
        self.knocks.insert(self.n_made, (now, address.to_owned()));
        Ok(Some(Knock(self.n_made)))
    }

    /// The gateway is through with a knock.
    pub fn leave(&mut self, knock: Knock) {
        self.knocks.remove(&knock.0);
    }

    /// The same for a visitor's socket. The Rooms of one address may have a quarter of all places and what one visitor may have, or
    /// `factor` times as much: who opens one conversation after the other and stays leaves the others the rest.
    ///
    /// # Errors
    /// As [`Admission::admit`] has them.
    pub fn admit_from(
        &mut self,
        address: &str,
        factor: u32,
        object: &str,
        now: Timestamp,
    ) -> Result<Option<Reservation>, (u64, u64)> {
        let Some(descriptors) = self.descriptors else { return Ok(None) };
        self.forget(now);
        let share = (places(descriptors) / 4).max(count(SOCKETS_PER_PARTICIPANT)).saturating_mul(factor.into());
        let theirs = self.objects.values().filter(|held| held.from == address);
        if theirs.map(|held| held.sockets + held.reserved).sum::<u64>() >= share {
            return Err(ADMISSION_RETRY);
        }
        let place = self.admit(object, Door::Room, now)?;
        self.change(object, |held| address.clone_into(&mut held.from));
        Ok(place)
    }

    /// Reserves room for one more socket of an object, before it is woken. None: nothing is counted. To be ended with
    /// [`Admission::end`], whatever comes of it.
    ///
    /// # Errors
    /// The shortest and the longest wait in milliseconds, for a client that may not come in now: let each draw its own.
    pub fn admit(&mut self, object: &str, door: Door, now: Timestamp) -> Result<Option<Reservation>, (u64, u64)> {
        let Some(descriptors) = self.descriptors else { return Ok(None) };
        self.forget(now);
        let wakes = !self.objects.get(object).is_some_and(|held| held.is_up());
        if !self.has_room(descriptors, door, wakes, now) {
            return Err(if door == Door::Desk { ADMISSION_RETRY } else { self.retry(descriptors, now) });
        }
        self.n_made += 1;
        self.reservations.insert(self.n_made, Reserved { object: object.to_owned(), at: now });
        if wakes {
            self.woken.insert(self.n_made, now);
        }
        self.change(object, |held| held.reserved += 1);
        Ok(Some(Reservation(self.n_made)))
    }

    /// Whether there is room for one more socket, and for an object to be woken for it.
    fn has_room(&self, descriptors: u64, door: Door, wakes: bool, now: Timestamp) -> bool {
        let is_within = |held: u64, percent: u64| held * 100 <= descriptors * percent;
        let sockets = self.sockets + 1;
        let held = sockets * SOCKET_DESCRIPTORS + (self.up + u64::from(wakes)) * OBJECT_DESCRIPTORS;
        if door == Door::Desk {
            return is_within(held, DESK_PERCENT);
        }
        let places = places(descriptors).saturating_sub(sockets);
        let is_held = if self.is_storm(now) {
            let whole = held + places * SOCKET_DESCRIPTORS;
            is_within(whole, STORM_PERCENT) && whole + own(descriptors) <= descriptors
        } else {
            is_within(held + places, HELD_PERCENT)
        };
        let waking = (count(self.woken.len()) + 1) * OBJECT_DESCRIPTORS;
        is_held
            && is_within(sockets * SOCKET_DESCRIPTORS, SOCKETS_PERCENT)
            && (!wakes || is_within(waking, WAKING_PERCENT))
    }

    fn is_storm(&self, now: Timestamp) -> bool {
        self.storm_at.is_some_and(|at| !is_over(at, STORM_TIME, now))
    }

    /// When whoever is refused may come again: a crowd over so long a time that they come as fast as they get in, for to
    /// refuse somebody costs a quarter of letting them in.
    fn retry(&mut self, descriptors: u64, now: Timestamp) -> (u64, u64) {
        let (shortest, longest) = ADMISSION_RETRY;
        self.n_refused = if is_over(self.refused_at, CROWD_TIME, now) { 1 } else { self.n_refused.saturating_add(1) };
        self.refused_at = now;
        let outside = self.n_refused.min(places(descriptors).saturating_sub(self.sockets));
        (shortest, longest.max(shortest + outside * KNOCK_MS))
    }

    /// What wakes by itself has filled the process: a Room that is awake has to send its clients away.
    pub fn is_full(&mut self, now: Timestamp) -> bool {
        let Some(most) = self.descriptors.map(|descriptors| descriptors - own(descriptors)) else { return false };
        let is_over = |it: &Self| it.sockets * SOCKET_DESCRIPTORS + it.up * OBJECT_DESCRIPTORS > most;
        // Nobody may have knocked for long, and what fell asleep since still counts.
        is_over(self) && {
            self.forget(now);
            is_over(self)
        }
    }

    /// The gateway is through with a knock, or has given it up.
    pub fn end(&mut self, reservation: Reservation, now: Timestamp) {
        let Some(Reserved { object, .. }) = self.reservations.remove(&reservation.0) else { return };
        let mut is_awake = false;
        self.change(&object, |held| {
            held.reserved -= 1;
            is_awake = held.is_awake;
        });
        if !is_awake {
            // It was not woken after all.
            self.woken.remove(&reservation.0);
        } else if let Some(at) = self.woken.get_mut(&reservation.0) {
            *at = now;
        }
    }

    /// Sockets that are counted.
    pub fn sockets(&self) -> u64 {
        self.sockets
    }

    /// Changes what is known of an object, and the sums with it.
    fn change(&mut self, object: &str, change: impl FnOnce(&mut Held)) {
        let before = self.objects.get(object).cloned().unwrap_or_default();
        let mut after = before.clone();
        change(&mut after);
        self.sockets = (self.sockets - before.sockets - before.reserved).saturating_add(after.sockets + after.reserved);
        self.up = self.up - u64::from(before.is_up()) + u64::from(after.is_up());
        if after.sockets > 0 || after.is_up() {
            self.objects.insert(object.to_owned(), after);
        } else {
            self.objects.remove(object);
        }
    }

    /// Objects fall asleep and tell nobody; a clock that goes back puts nobody to sleep.
    fn forget(&mut self, now: Timestamp) {
        while let Some((number, Reserved { at, .. })) = self.reservations.first() {
            if !is_over(*at, RESERVATION_TIME, now) {
                break;
            }
            self.end(Reservation(*number), now);
        }
        let reservations = &self.reservations;
        self.woken.retain(|number, at| reservations.contains_key(number) || !is_over(*at, AWAKE_TIME, now));
        while self.awake.first().is_some_and(|(heard_at, _)| now.since(*heard_at) > AWAKE_TIME) {
            let Some((_, object)) = self.awake.pop_first() else { break };
            self.change(&object, |held| held.is_awake = false);
        }
        if now.since(self.swept_at) > AWAKE_TIME {
            self.swept_at = now;
            let silent = self.objects.iter().filter(|(_, held)| now.since(held.heard_at) > ADMISSION_SILENCE);
            for object in silent.map(|(object, _)| object.clone()).collect::<Vec<_>>() {
                self.change(&object, |held| held.sockets = 0);
            }
        }
    }
}

/// For how many sockets there is a place at all.
fn places(descriptors: u64) -> u64 {
    descriptors * SOCKETS_PERCENT / 100 / SOCKET_DESCRIPTORS
}

/// What the process has for itself, and for objects that report nothing.
fn own(descriptors: u64) -> u64 {
    PROCESS_DESCRIPTORS.min(descriptors / 10)
}

/// A clock that goes back by more than `time` ends what was begun later than it says.
fn is_over(since: Timestamp, time: i64, now: Timestamp) -> bool {
    now.since(since).abs() > time
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
