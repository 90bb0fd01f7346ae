//! The Desk's waiting line on one short day (`make bench ONLY=waiting` plays hundreds of long ones).

use bellhop::core::routing::settings::Method;
use bellhop_simulator::waiting::{Day, cobham, erlang_c, play};

/// INV-6: nobody waits longer than in the ideal line, first come first served: no slot is free while somebody waits.
#[test]
fn inv_6_everybody_waits_as_long_as_in_the_ideal_line() {
    for method in [Method::LeastBusy, Method::RoundRobin, Method::BestMatch] {
        for (agents, slots) in [(4, 1), (3, 2), (1, 1)] {
            let waits = play(Day::plain(agents, slots, 0.9, 1_500, method), 7);
            assert_eq!((waits.worst, waits.mean), (0, waits.ideal), "{method:?}, {agents} agents with {slots} slots");
            assert!(waits.mean > 0.0, "nobody waited, so nothing was seen");
        }
    }
}

/// Published values: what one agent's line must give, and that of two.
#[test]
fn erlang_c_by_hand() {
    let near = |one: f64, other: f64| assert!((one - other).abs() < 1e-4, "{one} is not {other}");
    near(erlang_c(1, 0.5), 1.0);
    near(erlang_c(1, 0.9), 9.0);
    // Two agents at load ρ: ρ² / (1 - ρ²).
    near(erlang_c(2, 0.5), 0.25 / 0.75);
}

/// By hand for one agent: W0 is the load itself.
#[test]
fn cobham_by_hand() {
    let [with, without] = cobham(1, 0.8, 0.25);
    assert!((with - 0.8 / 0.8).abs() < 1e-9, "{with}");
    assert!((without - 0.8 / (0.8 * 0.2)).abs() < 1e-9, "{without}");
}

/// INV-6: whoever has no level is overtaken only by those who came less than their level is worth after them.
#[test]
fn inv_6_a_level_overtakes_by_what_it_is_worth_and_no_more() {
    let day = Day { vips: 0.3, ageing_minutes: 5, ..Day::plain(3, 1, 0.95, 1_500, Method::LeastBusy) };
    let aged = play(day, 7);
    assert_eq!(aged.overtaken, 0);
    assert!(aged.by_level[0] < 0.8 * aged.by_level[1], "levels come first: {:?}", aged.by_level);
    let never = play(Day { ageing_minutes: 0, ..day }, 7);
    assert!(never.overtaken > 0 && never.by_level[0] < aged.by_level[0], "without ageing they always do");
}
