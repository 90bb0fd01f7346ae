//! How much more a process of one's own may hold: sockets and awake objects, against the descriptors it has.
//!
//! A `workerd` that runs out of descriptors exits and takes everybody's conversation with it, so the gateway lets nobody
//! in who could bring it there, and says when to come back. It knows only what its own objects report, and that is
//! corrected by every later report: an object's sockets are set, not added up. One that holds a socket reports at
//! least once in the life of a ticket; what has been silent for longer is gone, so that a lost report shuts nobody out
//! for good. On Cloudflare nothing is counted: there are no descriptors of ours.
use std::collections::{BTreeMap, BTreeSet};

use super::{
    limits::{
        ADMISSION_RETRY, ADMISSION_SILENCE, AWAKE_PERCENT, AWAKE_TIME, HELD_PERCENT, OBJECT_DESCRIPTORS,
        SOCKET_DESCRIPTORS, SOCKETS_PERCENT,
    },
    time::Timestamp,
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    sockets: u64,
    heard_at: Timestamp,
}

/// What the objects of one process hold, by their ids.
#[derive(Debug, Default)]
pub struct Admission {
    /// Descriptors that the process may have; none: nothing is counted.
    descriptors: Option<u64>,
    objects: BTreeMap<String, Held>,
    sockets: u64,
    /// Objects by when they were last heard of: those that may still be awake, the oldest first.
    awake: BTreeSet<(Timestamp, String)>,
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
        if self.is_counting() {
            self.set(object, u64::try_from(sockets).unwrap_or(u64::MAX), now);
        }
    }

    /// Makes room for one more socket of an object, before it is woken. Give it back with [`Admission::release`] if
    /// nothing comes of it.
    ///
    /// # Errors
    /// The shortest and the longest wait in milliseconds, for a client that may not come in now: let each draw its own.
    pub fn admit(&mut self, object: &str, now: Timestamp) -> Result<(), (u64, u64)> {
        let Some(descriptors) = self.descriptors else { return Ok(()) };
        self.forget_silent(now);
        let held = self.objects.get(object).copied();
        let slept = held.is_none_or(|held| !self.awake.contains(&(held.heard_at, object.to_owned())));
        let sockets = (self.sockets + 1) * SOCKET_DESCRIPTORS;
        let awake = (self.awake() + u64::from(slept)) * OBJECT_DESCRIPTORS;
        let is_over = |wanted: u64, percent: u64| wanted * 100 > descriptors * percent;
        if is_over(sockets, SOCKETS_PERCENT)
            || is_over(sockets + awake, HELD_PERCENT)
            || slept && is_over(awake, AWAKE_PERCENT)
        {
            return Err(ADMISSION_RETRY);
        }
        self.set(object, held.map_or(0, |held| held.sockets) + 1, now);
        Ok(())
    }

    /// A socket that was let in did not come to be.
    pub fn release(&mut self, object: &str) {
        if let Some(held) = self.objects.get_mut(object).filter(|held| held.sockets > 0) {
            held.sockets -= 1;
            self.sockets -= 1;
            // Nobody else is there, so it was woken for nothing or not at all: it takes no awake place either.
            if held.sockets == 0 {
                let heard_at = held.heard_at;
                self.objects.remove(object);
                self.awake.remove(&(heard_at, object.to_owned()));
            }
        }
    }

    /// Sockets that are counted.
    pub fn sockets(&self) -> u64 {
        self.sockets
    }

    fn awake(&self) -> u64 {
        u64::try_from(self.awake.len()).unwrap_or(u64::MAX)
    }

    fn set(&mut self, object: &str, sockets: u64, now: Timestamp) {
        let old = self.objects.insert(object.to_owned(), Held { sockets, heard_at: now });
        if let Some(old) = old {
            self.sockets -= old.sockets;
            self.awake.remove(&(old.heard_at, object.to_owned()));
        }
        self.sockets += sockets;
        self.awake.insert((now, object.to_owned()));
    }

    /// Objects fall asleep and tell nobody; a clock that goes back puts nobody to sleep.
    fn forget_silent(&mut self, now: Timestamp) {
        while let Some((heard_at, object)) = self.awake.first() {
            if now.since(*heard_at) <= AWAKE_TIME {
                break;
            }
            // One without sockets has nothing left to count.
            if self.objects.get(object).is_some_and(|held| held.sockets == 0) {
                self.objects.remove(object);
            }
            self.awake.pop_first();
        }
        if now.since(self.swept_at) > AWAKE_TIME {
            self.swept_at = now;
            self.objects.retain(|_, held| now.since(held.heard_at) <= ADMISSION_SILENCE);
            self.sockets = self.objects.values().map(|held| held.sockets).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_800_000_000_000);

    fn name(number: u64) -> String {
        format!("{number:04}")
    }

    /// Lets in so many sockets, two to an object, each a millisecond after the other; how many came in.
    fn arrive(admission: &mut Admission, numbers: std::ops::Range<u64>, now: Timestamp) -> u64 {
        numbers.filter(|number| admission.admit(&name(number / 2), now).is_ok()).count() as u64
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let mut admission = Admission::new(None);
        admission.report("room", 5, START);
        assert_eq!((arrive(&mut admission, 0..10_000, START), admission.sockets()), (10_000, 0));
    }

    #[test]
    fn eight_thousand_sockets_of_twenty_thousand_descriptors_come_in_wave_by_wave() {
        let mut admission = Admission::new(Some(20_000));
        let mut outside: Vec<u64> = (0..8_000).collect();
        let mut now = START;
        for wave in 0..6 {
            // Whoever knocks holds a connection as well, and the process must have room for all of them.
            outside.retain(|number| admission.admit(&name(number / 2), now).is_err());
            let awake = admission.awake();
            assert!(8_000 * SOCKET_DESCRIPTORS + awake * OBJECT_DESCRIPTORS < 19_800, "wave {wave}: {awake} awake");
            now = now.plus(AWAKE_TIME + 1);
        }
        assert_eq!((outside.len(), admission.sockets()), (0, 8_000));
        assert_eq!(admission.admit("one more", now), Err(ADMISSION_RETRY));
        admission.report(&name(7), 0, now);
        assert_eq!(admission.admit("one more", now), Ok(()), "two have left");
    }

    #[test]
    fn the_awake_are_let_in_to_first() {
        let mut admission = Admission::new(Some(1_000));
        let most = 1_000 * AWAKE_PERCENT / 100 / OBJECT_DESCRIPTORS;
        assert_eq!(arrive(&mut admission, 0..200, START), most * 2);
        assert_eq!(admission.admit(&name(0), START), Ok(()), "that one is awake anyway");
    }

    #[test]
    fn a_report_sets_and_a_release_gives_back() {
        let mut admission = Admission::new(Some(1_000));
        for _ in 0..3 {
            admission.admit("room", START).unwrap();
        }
        admission.release("room");
        assert_eq!(admission.sockets(), 2);
        admission.report("room", 1, START);
        admission.report("room", 1, START.plus(5));
        assert_eq!(admission.sockets(), 1);
        admission.release("room");
        admission.release("room");
        admission.release("nobody");
        assert_eq!(admission.sockets(), 0);
    }

    #[test]
    fn whoever_knocks_in_vain_takes_no_place() {
        let mut admission = Admission::new(Some(1_000));
        for number in 0..5_000 {
            admission.admit(&name(number), START).unwrap();
            admission.release(&name(number));
        }
        assert_eq!((admission.sockets(), admission.awake()), (0, 0));
    }

    #[test]
    fn what_is_silent_for_longer_than_a_ticket_lives_is_gone() {
        let mut admission = Admission::new(Some(1_000));
        admission.report("lost", 400, START);
        assert!(admission.admit("room", START.plus(ADMISSION_SILENCE)).is_err());
        assert!(admission.admit("room", START.plus(ADMISSION_SILENCE + AWAKE_TIME + 2)).is_ok());
        assert_eq!(admission.sockets(), 1);
    }

    /// Random operations against plain recounting.
    #[test]
    fn the_sum_is_the_sum() {
        let mut random = 7_u64;
        let mut draw = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let mut admission = Admission::new(Some(2_000));
        let mut now = START;
        for _ in 0..20_000 {
            let object = name(draw(60));
            match draw(4) {
                0 => admission.report(&object, draw(20) as usize, now),
                1 => admission.release(&object),
                2 => drop(admission.admit(&object, now)),
                _ => now = now.plus(draw(3) as i64 * draw(AWAKE_TIME as u64) as i64 - 500),
            }
            assert_eq!(admission.sockets, admission.objects.values().map(|held| held.sockets).sum::<u64>());
            assert!(
                admission
                    .awake
                    .iter()
                    .all(|(at, object)| admission.objects.get(object).is_none_or(|held| held.heard_at == *at))
            );
        }
    }
}
