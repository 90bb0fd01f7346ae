//! A few seeds of the simulator in `cargo test`; `make model` runs a million steps.

use bellhop::core::{
    machine::Machine as _,
    protocol::wire::{self, client_frame::Frame},
    room::{Room, effect::Input},
    socket::SocketId,
};
use bellhop_simulator::{
    client::connection::State,
    faults::Fault,
    object::Fate,
    run::run,
    world::{Config, Kind, World},
};

/// C12: the same seed is the same run, to the byte; another is another.
#[test]
fn a_seed_is_one_run() {
    let digest = |seed| run(&Config::of(seed, 600)).unwrap_or_else(|failure| panic!("{}", failure.why)).digest;
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

/// Seeds that have found something. (What they found has tests of its own; since workspaces route, the same numbers draw other days.)
#[test]
fn seeds_that_have_found_something() {
    for seed in [1_277, 1_977] {
        run(&Config::of(seed, 4_000)).unwrap_or_else(|failure| panic!("SEED={seed}: {}", failure.why));
    }
}

#[test]
fn kinds_of_faults_that_are_off_never_happen() {
    let mut config = Config::of(5, 600);
    config.without = Fault::ALL.iter().copied().collect();
    let report = run(&config).unwrap_or_else(|failure| panic!("{}", failure.why));
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert!(report.counts.acknowledged > 0);
}

/// The live tab of a Room that has a live console, too, after as many steps as that takes.
fn live_tab(world: &mut World) -> (usize, SocketId) {
    for _ in 0..20_000 {
        let live = |room: usize, is_kind: &dyn Fn(Kind) -> bool| {
            let theirs = world.clients.iter().filter(|it| is_kind(it.kind) && it.connection.state == State::Live);
            theirs.filter_map(|it| it.connection.socket).find(|it| world.rooms[room].object.knows(*it).is_some())
        };
        let found = (0..world.rooms.len()).find_map(|room| {
            live(room, &|kind| matches!(kind, Kind::Console { room: of, .. } if of == room))?;
            Some((room, live(room, &|kind| kind == Kind::Tab(room))?))
        });
        match found {
            Some(found) => return found,
            None => world.step(),
        }
    }
    panic!("nobody came");
}

/// What is drawn and makes no difference has not happened, or "this never happened" would be said of nothing.
#[test]
fn a_fault_counts_where_it_has_changed_something() {
    let mut config = Config::of(5, 600);
    config.without = Fault::ALL.iter().copied().collect();
    let mut world = World::new(config);
    let dooms = [
        (Fault::WriteFails, Fate::WriteFails(0)),
        (Fault::CrashBeforeCommit, Fate::DiesBefore),
        (Fault::CutAfterCommit, Fate::DiesAfter(0)),
        (Fault::CutInFanOut, Fate::DiesAfter(1)),
    ];
    for doom in dooms {
        let (room, _) = live_tab(&mut world);
        drop(world.room_input(room, Input::Tick, Some(doom)));
        assert_eq!(world.faults.counts.get(&doom.0), None, "{doom:?} of an input that does nothing");
        let (room, socket) = live_tab(&mut world);
        let (client_id, text) = (format!("t{:?}", doom.0), "hello".to_owned());
        world.rooms[room].truth.will_send(false, "visitor".to_owned(), client_id.clone(), text.clone());
        let frame = Frame::Send(wire::Send { client_id, text, ..wire::Send::default() });
        drop(world.room_input(room, Room::frame(socket, Ok(Some(frame))), Some(doom)));
        assert_eq!(world.faults.counts.get(&doom.0), Some(&1), "{doom:?} of a message");
    }
}
