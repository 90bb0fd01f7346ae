//! What the simulator asks of the two machines of the core beyond what every object does.

use bellhop::core::{
    desk::{self, Desk},
    machine::Machine,
    principal::Principal,
    room::{self, Room},
};

/// A machine whose sockets are known by whom they stand for.
pub trait Simulated: Machine<Home: Clone, Write: Clone> {
    /// Whom a socket stands for.
    fn principal(session: &Self::Session) -> Principal;
}

impl Simulated for Room {
    fn principal(session: &room::session::Session) -> Principal {
        session.principal.clone()
    }
}

impl Simulated for Desk {
    fn principal(session: &desk::session::Session) -> Principal {
        Principal::Agent(session.principal.clone())
    }
}
