//! The simulator's connection, rule by rule: the names are those of `docs/client-rules.md`.

use bellhop::core::socket::SocketId;
use bellhop_simulator::{
    client::connection::{Connection, State, Wish},
    dice::Dice,
};

const SOCKET: SocketId = SocketId(7);

/// A connection with a ticket of 15 minutes, and its socket open.
fn open(dice: &mut Dice) -> Connection {
    let mut connection = Connection::default();
    connection.connect(0);
    connection.keep("ticket".into(), 900_000);
    connection.opened(SOCKET);
    connection.heard(None, false, 0, dice);
    assert_eq!(connection.state, State::Live);
    connection
}

fn waits(connection: &Connection) -> i64 {
    match connection.state {
        State::Waiting(until) => until,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cn1_an_earlier_socket_is_dropped_and_its_attempt_told_apart() {
    let mut dice = Dice::new(1);
    let mut connection = open(&mut dice);
    let turn = connection.turn;
    assert!(connection.connect(5).contains(&Wish::Drop(SOCKET)));
    assert!(connection.turn > turn && connection.socket.is_none());
}

#[test]
fn cn3_a_ticket_serves_again_until_shortly_before_its_end() {
    let mut connection = open(&mut Dice::new(1));
    let ticket = |wishes: Vec<Wish>| match wishes.last() {
        Some(Wish::Connect { ticket, .. }) => ticket.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ticket(connection.connect(869_999)), Some("ticket".into()));
    assert_eq!(ticket(connection.connect(870_000)), None);
}

#[test]
fn cn4_a_line_on_which_the_first_answer_takes_too_long_is_dead() {
    let mut dice = Dice::new(1);
    let mut connection = Connection::default();
    connection.connect(0);
    connection.opened(SOCKET);
    connection.heard(None, true, 10, &mut dice);
    assert_eq!(connection.tick(14_999, &mut dice), []);
    assert_eq!(connection.tick(15_000, &mut dice), [Wish::Drop(SOCKET)]);
}

#[test]
fn cn5_the_first_ping_has_jitter_the_others_come_each_25_s() {
    let firsts: Vec<Option<i64>> = (0..20).map(|seed| open(&mut Dice::new(seed)).wake_at()).collect();
    assert!(firsts.iter().any(|at| *at != firsts[0]) && firsts.iter().flatten().all(|at| *at <= 25_000));
}

#[test]
fn cn6_a_ping_without_an_answer_ends_the_line_and_any_frame_is_one() {
    let mut dice = Dice::new(1);
    for answered in [false, true] {
        let mut connection = open(&mut dice);
        assert_eq!(connection.tick(25_000, &mut dice), [Wish::Ping(SOCKET)]);
        if answered {
            connection.heard(None, false, 30_000, &mut dice);
        }
        let ended = connection.tick(35_000, &mut dice) == [Wish::Drop(SOCKET)];
        assert_eq!(ended, !answered);
    }
}

#[test]
fn cn7_the_ceiling_doubles_and_ten_seconds_of_life_start_it_from_the_bottom() {
    let mut dice = Dice::new(3);
    let mut connection = Connection::default();
    for attempt in 0..12 {
        connection.connect(0);
        connection.closed(1006, 0, &mut dice);
        assert!(waits(&connection) <= 30_000.min(500 << attempt));
    }
    for (life, most) in [(10_000, 500), (9_999, 30_000)] {
        connection.connect(0);
        connection.opened(SOCKET);
        connection.heard(None, false, 0, &mut dice);
        connection.closed(1006, life, &mut dice);
        assert!(waits(&connection) - life <= most);
    }
}

#[test]
fn cn8_the_time_that_the_server_named_is_kept() {
    let mut dice = Dice::new(1);
    let mut connection = open(&mut dice);
    connection.heard(Some(60_000), true, 100, &mut dice);
    connection.closed(4029, 100, &mut dice);
    assert_eq!(waits(&connection), 60_100);
}

#[test]
fn cn9_some_codes_end_it_and_the_others_come_back() {
    let mut dice = Dice::new(1);
    for code in [1000, 1006, 4000, 4499] {
        let mut connection = open(&mut dice);
        connection.closed(code, 5, &mut dice);
        waits(&connection);
    }
    for code in [4500, 4501, 4999] {
        let mut connection = open(&mut dice);
        connection.closed(code, 5, &mut dice);
        assert_eq!((connection.state, connection.wake_at()), (State::Stopped(code), None));
    }
}

#[test]
fn cn10_4010_asks_for_a_new_ticket() {
    let mut dice = Dice::new(1);
    let mut connection = open(&mut dice);
    connection.closed(4010, 5, &mut dice);
    let at = waits(&connection);
    let wishes = connection.tick(at, &mut dice);
    assert!(matches!(wishes.as_slice(), [Wish::Connect { ticket: None, .. }]), "{wishes:?}");
}

#[test]
fn cn12_a_pause_closes_the_socket_and_a_start_brings_it_back() {
    let mut connection = open(&mut Dice::new(1));
    assert_eq!(connection.pause(), [Wish::Drop(SOCKET)]);
    assert_eq!((connection.state, connection.wake_at()), (State::Idle, None));
    assert!(matches!(connection.connect(9).as_slice(), [Wish::Connect { ticket: Some(_), .. }]));
}

#[test]
fn cn13_the_next_ticket_goes_out_at_60_to_80_percent_of_the_time_left() {
    for seed in 0..20 {
        let mut dice = Dice::new(seed);
        let mut connection = open(&mut dice);
        let mut at = 0;
        while !connection.tick(at, &mut dice).contains(&Wish::Renew(SOCKET)) {
            connection.pong();
            at += 1_000;
        }
        assert!((540_000..=721_000).contains(&at), "{at}");
    }
}
