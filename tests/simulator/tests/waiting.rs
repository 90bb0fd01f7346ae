//! The Desk's waiting line on one short day (`make bench ONLY=waiting` plays hundreds of long ones).

use bellhop::core::routing::settings::Method;
use bellhop_simulator::waiting::{Day, erlang_c, play};

/// INV-6: nobody waits longer than in the ideal line, first come first served: no slot is free while somebody waits.
#[test]
fn inv_6_everybody_waits_as_long_as_in_the_ideal_line() {
    for method in [Method::LeastBusy, Method::RoundRobin, Method::BestMatch] {
        for (agents, slots) in [(4, 1), (3, 2), (1, 1)] {
            let waits = play(Day { agents, slots, load: 0.9, visitors: 1_500, method }, 7);
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
