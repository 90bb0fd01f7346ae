use super::*;
use crate::core::time::SECOND;

const START: Timestamp = Timestamp(1_800_000_000_000);

fn name(number: u64) -> String {
    format!("{number:04}")
}

/// Knocks at a Room and comes in, unless there is no place: the Room reports, then the gateway is through.
fn enter(admission: &mut Admission, holds: &mut BTreeMap<String, usize>, room: &str, now: Timestamp) -> bool {
    let Ok(reservation) = admission.admit(room, Door::Room, now) else { return false };
    let held = holds.entry(room.to_owned()).or_default();
    *held += 1;
    admission.report(room, *held, now);
    reservation.into_iter().for_each(|it| admission.end(it, now));
    true
}

/// Knocks, each from another address, until one is refused.
fn knocks(admission: &mut Admission, now: Timestamp) -> Vec<Knock> {
    (0..).map_while(|from| admission.knock(&name(from), 1, now).ok().flatten()).collect()
}

/// All who are outside knock at once, more than the gateway deals with, and it takes one after the other.
fn storm(
    admission: &mut Admission,
    holds: &mut BTreeMap<String, usize>,
    outside: &mut Vec<u64>,
    room: impl Fn(u64) -> String,
    now: Timestamp,
) {
    let standing = knocks(admission, now);
    assert_eq!(standing.len() as u64, KNOCKS_AT_ONCE);
    outside.retain(|number| !enter(admission, holds, &room(*number), now));
    standing.into_iter().for_each(|knock| admission.leave(knock));
}

/// What the process has, with a connection for each who stands outside.
fn descriptors(admission: &Admission, outside: usize) -> u64 {
    (admission.sockets + outside as u64) * SOCKET_DESCRIPTORS + admission.up * OBJECT_DESCRIPTORS
}

#[test]
fn without_a_limit_nothing_is_counted() {
    let mut admission = Admission::new(None);
    admission.report("room", 5, START);
    for _ in 0..10_000 {
        assert_eq!(admission.knock("", 1, START), Ok(None));
        assert_eq!(admission.admit("room", Door::Room, START), Ok(None));
    }
    assert_eq!(admission.sockets(), 0);
}

#[test]
fn eight_thousand_sockets_of_twenty_thousand_descriptors_come_in_wave_by_wave() {
    let mut admission = Admission::new(Some(20_000));
    let mut holds: BTreeMap<String, usize> = BTreeMap::new();
    let mut outside: Vec<u64> = (0..8_000).collect();
    let mut now = START;
    for _ in 0..6 {
        storm(&mut admission, &mut holds, &mut outside, |number| name(number / 2), now);
        assert!(descriptors(&admission, outside.len()) <= 19_000);
        now = now.plus(AWAKE_TIME + 1);
    }
    assert_eq!((outside.len(), admission.sockets()), (0, 8_000));
    assert_eq!(admission.admit("one more", Door::Room, now), Err(ADMISSION_RETRY));
    admission.report(&name(7), 0, now);
    assert!(enter(&mut admission, &mut holds, "one more", now), "two have left");
}

/// Nobody falls asleep, and whoever has found no place stands outside the whole time, in any order.
#[test]
fn a_lively_storm_stays_below_the_limit_as_well() {
    for tabs_together in [true, false] {
        let mut admission = Admission::new(Some(20_000));
        let mut holds: BTreeMap<String, usize> = BTreeMap::new();
        let room = |number: u64| name(if tabs_together { number / 2 } else { number % 4_000 });
        let mut outside: Vec<u64> = (0..8_000).collect();
        let mut now = START;
        for _ in 0..60 {
            for (room, held) in &holds {
                admission.report(room, *held, now);
            }
            storm(&mut admission, &mut holds, &mut outside, room, now);
            assert!(descriptors(&admission, outside.len()) <= 19_000, "{outside:?}");
            now = now.plus(AWAKE_TIME / 3);
        }
        assert!(admission.sockets() >= 1_000, "{} came in", admission.sockets());
    }
}

/// A thousand Rooms have woken by themselves, as after a restart: in a storm they take all that is not the sockets'.
#[test]
fn what_has_woken_by_itself_counts_in_a_storm() {
    let mut admission = Admission::new(Some(20_000));
    (0..1_000).for_each(|number| admission.report(&format!("woken {number}"), 0, START));
    assert!(admission.admit("room", Door::Room, START).is_ok());
    knocks(&mut admission, START);
    assert_eq!(admission.admit("other", Door::Room, START), Err(ADMISSION_RETRY));
    assert!(admission.admit("desk", Door::Desk, START).is_ok());
    let later = START.plus(STORM_TIME);
    (0..1_000).for_each(|number| admission.report(&format!("woken {number}"), 0, later));
    assert_eq!(admission.admit("other", Door::Room, later), Err(ADMISSION_RETRY));
    assert!(admission.admit("other", Door::Room, later.plus(1)).is_ok(), "it is over");
}

/// All sockets are in, two in a Room, and somebody speaks in more and more Rooms: those send their clients away.
#[test]
fn what_wakes_by_itself_fills_the_process_and_no_more() {
    for tabs in [2, 1] {
        let mut admission = Admission::new(Some(20_000));
        let mut holds: BTreeMap<String, usize> = (0..8_000 / tabs).map(|room| (name(room as u64), tabs)).collect();
        holds.iter().for_each(|(room, held)| admission.report(room, *held, START));
        let mut now = START.plus(AWAKE_TIME + 1);
        assert!(!admission.is_full(now));
        let mut sent_away = 0;
        // Really awake is who was heard of within ten seconds.
        let mut awake = std::collections::VecDeque::new();
        for room in 0..8_000 / tabs {
            now = now.plus(8);
            let room = name(room as u64);
            let held = holds.get_mut(&room).unwrap();
            admission.report(&room, *held, now);
            if admission.is_full(now) {
                sent_away += std::mem::take(held);
                admission.report(&room, 0, now);
            }
            awake.push_back(now);
            awake.retain(|at| now.since(*at) <= 10 * SECOND);
            let really = admission.sockets * SOCKET_DESCRIPTORS + awake.len() as u64 * OBJECT_DESCRIPTORS;
            assert!(really <= 20_000 - 250, "{room} with {tabs}: {really}");
        }
        assert!(sent_away > 0);
    }
    assert!(!Admission::new(None).is_full(START));
}

/// Awake objects and the sockets that they hold together; how many newcomers come in at once, and in a minute.
#[test]
fn a_quiet_server_takes_newcomers_however_many_are_awake() {
    let cases = [
        (5_000, 0, 0, 216, 625),
        (5_000, 250, 300, 216, 362),
        (5_000, 400, 400, 216, 225),
        (5_000, 600, 300, 100, 100),
        (5_000, 833, 0, 0, 0),
        (20_000, 1_000, 2_000, 866, 1_250),
        (20_000, 1_000, 6_000, 250, 250),
        (200, 0, 0, 8, 25),
    ];
    for (descriptors, awake, sockets, at_once, in_a_minute) in cases {
        let mut admission = Admission::new(Some(descriptors));
        let mut holds: BTreeMap<String, usize> = BTreeMap::new();
        let mut came = Vec::new();
        for wave in 0..=5 {
            let now = START.plus(wave * (AWAKE_TIME + 1));
            for number in 0..awake {
                let held = sockets / awake + usize::from(number < sockets % awake);
                admission.report(&format!("awake {number}"), held, now);
            }
            // Those who came in are lively as well.
            for (room, held) in &holds {
                admission.report(room, *held, now);
            }
            let n = (0..2_000).filter(|it| enter(&mut admission, &mut holds, &format!("{wave} {it}"), now)).count();
            came.push(n);
        }
        let what = format!("{awake} awake with {sockets} sockets of {descriptors}: {came:?}");
        assert_eq!((came[0], came.iter().sum::<usize>()), (at_once, in_a_minute), "{what}");
    }
}

#[test]
fn agents_come_in_at_the_desk_when_visitors_do_not() {
    let mut admission = Admission::new(Some(1_000));
    let mut holds: BTreeMap<String, usize> = BTreeMap::new();
    let came = (0..200).filter(|number| enter(&mut admission, &mut holds, &name(*number), START)).count();
    assert_eq!(came as u64, 1_000 * WAKING_PERCENT / 100 / OBJECT_DESCRIPTORS);
    assert!(admission.admit("desk", Door::Desk, START).is_ok(), "no share of what wakes");
    assert!(admission.admit(&name(0), Door::Room, START).is_ok(), "that one is awake anyway");
    admission.report("full", 330, START);
    assert!(admission.admit("full", Door::Room, START).is_err());
    assert!(admission.admit("desk", Door::Desk, START).is_ok(), "nor of the sockets");
    admission.report("full", 370, START);
    assert!(admission.admit("desk", Door::Desk, START).is_err(), "but never to the end of all");
}

#[test]
fn a_report_sets_and_a_reservation_is_given_back() {
    let mut admission = Admission::new(Some(1_000));
    let made: Vec<_> = (0..3).map(|_| admission.admit("room", Door::Room, START).unwrap().unwrap()).collect();
    assert_eq!((admission.sockets(), admission.up), (3, 1));
    admission.report("room", 1, START);
    assert_eq!(admission.sockets(), 4, "one that has come is counted twice for a moment");
    admission.end(made[0], START);
    admission.end(made[0], START);
    assert_eq!(admission.sockets(), 3);
    admission.report("room", 1, START.plus(5));
    made.into_iter().for_each(|it| admission.end(it, START));
    assert_eq!((admission.sockets(), admission.up), (1, 1));
    admission.end(Reservation(77), START);
    admission.report("room", 0, START.plus(6));
    assert_eq!(admission.sockets(), 0);
}

/// Found by the storm beside other work of the machine: a server took ten seconds for a knock, let the next wave in meanwhile, and ran out.
#[test]
fn what_is_still_on_its_way_counts_as_waking() {
    let mut admission = Admission::new(Some(1_000));
    let knock = |admission: &mut Admission, wave: u64, now| {
        let knocks = (0..100).map(|number| admission.admit(&name(wave * 100 + number), Door::Room, now));
        knocks.filter_map(|it| it.ok().flatten()).collect::<Vec<_>>()
    };
    let first = knock(&mut admission, 0, START);
    assert_eq!(first.len() as u64, 1_000 * WAKING_PERCENT / 100 / OBJECT_DESCRIPTORS);
    let late = START.plus(2 * AWAKE_TIME);
    assert_eq!(knock(&mut admission, 1, late), []);
    for (number, reservation) in first.into_iter().enumerate() {
        admission.report(&name(number as u64), 1, late);
        admission.end(reservation, late);
    }
    assert_eq!(knock(&mut admission, 2, late.plus(AWAKE_TIME)), [], "they are awake until then");
    assert_ne!(knock(&mut admission, 3, late.plus(AWAKE_TIME + 1)), []);
}

/// Found by the storm of 8,000: all of them stood before the Limiters for longer than what they hold is counted.
#[test]
fn so_many_knock_at_once_and_no_more() {
    let mut admission = Admission::new(Some(20_000));
    let standing = knocks(&mut admission, START);
    assert_eq!(standing.len() as u64, KNOCKS_AT_ONCE);
    let mut knock = |now| admission.knock("another", 1, now);
    assert_eq!(knock(START), Err(ADMISSION_RETRY));
    // Whoever is refused comes later the more there are, up to as many as there are places for.
    let longest = (0..20_000).map(|_| knock(START).unwrap_err().1).collect::<Vec<_>>();
    assert_eq!([longest[0], longest[1_997], longest[1_998], longest[7_998]], [25_000, 25_000, 25_010, 85_000]);
    assert_eq!(longest.last(), Some(&85_000));
    assert_eq!((admission.sockets(), admission.up), (0, 0), "it is no socket yet");
    admission.leave(standing[7]);
    admission.leave(standing[7]);
    let mut knock = |now| admission.knock("another", 1, now);
    assert!(knock(START).is_ok());
    assert!(knock(START).is_err(), "one has left");
    // Those that were cut in the middle are given up, also by a clock that goes back.
    for now in [START.plus(KNOCK_TIME), START.plus(-KNOCK_TIME)] {
        assert!(knock(now).is_err());
    }
    assert!(knock(START.plus(KNOCK_TIME + 1)).is_ok());
    assert!(knock(START).is_ok());
    assert_eq!(admission.knocks.len(), 1);
    assert_eq!(knocks(&mut Admission::new(Some(1_000)), START).len(), 100);
}

/// Who hangs up in the middle leaves a knock behind, before any limit of rate.
#[test]
fn one_address_has_a_quarter_of_the_door() {
    for (factor, many) in [(1, 100), (3, 300), (1_000, KNOCKS_AT_ONCE)] {
        let mut admission = Admission::new(Some(20_000));
        let knock = |admission: &mut Admission| admission.knock("attacker", factor, START).ok().flatten();
        assert_eq!(std::iter::from_fn(|| knock(&mut admission)).count() as u64, many);
        assert_eq!(admission.is_storm(START), many == KNOCKS_AT_ONCE, "nobody else is refused for it");
    }
}

/// Each socket in a Room of its own or twelve in one, on their way or inside.
#[test]
fn one_address_has_a_quarter_of_the_places() {
    for (factor, many, tabs) in [(1, 2_000, 1), (1, 2_000, 12), (2, 4_000, 12)] {
        let mut admission = Admission::new(Some(20_000));
        let mut now = START;
        let mut enter = |from: &str, tab: u64, now| {
            let room = format!("{from}/{}", tab / tabs);
            let place = admission.admit_from(from, factor, &room, now)?;
            admission.report(&room, usize::try_from(tab % tabs + 1).unwrap(), now);
            place.into_iter().for_each(|it| admission.end(it, now));
            Ok::<(), (u64, u64)>(())
        };
        for tab in 0..many {
            // No faster than Rooms may wake.
            now = now.plus(AWAKE_TIME / 100);
            assert_eq!(enter("attacker", tab, now), Ok(()), "{tab}");
        }
        now = now.plus(AWAKE_TIME + 1);
        assert_eq!(enter("attacker", many, now), Err(ADMISSION_RETRY));
        assert_eq!(enter("a visitor", 0, now), Ok(()), "nobody else is refused for it");
        now = now.plus(ADMISSION_SILENCE + 1);
        assert_eq!(enter("attacker", many, now), Ok(()), "nobody has heard of theirs for long");
    }
    assert_eq!(Admission::new(None).admit_from("anybody", 1, "room", START), Ok(None));
}

#[test]
fn a_knock_that_is_cut_in_the_middle_holds_its_place_for_half_a_minute() {
    let mut admission = Admission::new(Some(1_000));
    admission.report("room", 2, START);
    let silent = START.plus(ADMISSION_SILENCE);
    admission.admit("room", Door::Room, silent).unwrap();
    admission.admit("other", Door::Room, silent).unwrap();
    assert_eq!((admission.sockets(), admission.up), (4, 2));
    admission.forget(silent.plus(RESERVATION_TIME));
    assert_eq!(admission.up, 2);
    admission.forget(silent.plus(RESERVATION_TIME + 1));
    // What the Room had reported is as old as it was: nobody has heard of it since.
    assert_eq!((admission.sockets(), admission.up, admission.objects.len()), (0, 0, 0));
    admission.admit("room", Door::Room, silent).unwrap();
    admission.forget(silent.plus(-10 * RESERVATION_TIME));
    assert_eq!(admission.sockets(), 0, "nor does a clock that goes back hold it");
}

#[test]
fn whoever_knocks_in_vain_takes_no_place() {
    let mut admission = Admission::new(Some(1_000));
    for number in 0..5_000 {
        let made = admission.admit(&name(number), Door::Room, START).unwrap().unwrap();
        admission.end(made, START);
    }
    assert_eq!((admission.sockets(), admission.up, admission.woken.len()), (0, 0, 0));
}

#[test]
fn what_is_silent_for_longer_than_a_ticket_lives_is_gone() {
    let mut admission = Admission::new(Some(1_000));
    admission.report("lost", 400, START);
    assert!(admission.admit("room", Door::Room, START.plus(ADMISSION_SILENCE)).is_err());
    assert!(admission.admit("room", Door::Room, START.plus(ADMISSION_SILENCE + AWAKE_TIME + 2)).is_ok());
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
    let mut reported: BTreeMap<String, u64> = BTreeMap::new();
    let mut made = Vec::new();
    let mut now = START;
    for _ in 0..20_000 {
        let object = name(draw(60));
        match draw(4) {
            0 => {
                let sockets = draw(20);
                admission.report(&object, sockets as usize, now);
                reported.insert(object, sockets);
            }
            1 if !made.is_empty() => admission.end(made.swap_remove(draw(made.len() as u64) as usize), now),
            2 => made.extend(admission.admit(&object, Door::Room, now).ok().flatten()),
            _ => now = now.plus(draw(3) as i64 * draw(AWAKE_TIME as u64) as i64 - 500),
        }
        let held = || admission.objects.values();
        assert_eq!(admission.sockets, held().map(|held| held.sockets + held.reserved).sum::<u64>());
        assert_eq!(admission.up, held().filter(|held| held.is_up()).count() as u64);
        assert_eq!(admission.reservations.len() as u64, held().map(|held| held.reserved).sum::<u64>());
        assert_eq!(admission.awake.len(), held().filter(|held| held.is_awake).count());
        assert!(admission.awake.iter().all(|(at, object)| admission.objects[object].heard_at == *at));
        assert!(held().all(|held| held.is_up() || held.sockets > 0));
        for (object, held) in admission.objects.iter().filter(|(_, held)| held.sockets > 0) {
            assert_eq!(Some(&held.sockets), reported.get(object), "only a report says what {object} holds");
        }
    }
}
