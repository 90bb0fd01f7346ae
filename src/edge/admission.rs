//! The count of `core/admission` for this isolate: the gateway and all objects of a workerd of one's own share it.
use std::cell::RefCell;

use worker::Env;

use super::{clock, env};
use crate::core::{
    admission::{Admission, Door, Reservation},
    error::Code,
    problem::Problem,
};

thread_local! {
    static COUNTED: RefCell<Option<Admission>> = const { RefCell::new(None) };
}

fn with<T>(env: &Env, work: impl FnOnce(&mut Admission) -> T) -> T {
    let setting = || env::setting(env, "BELLHOP_DESCRIPTORS").parse().ok().filter(|it| *it > 0);
    COUNTED.with_borrow_mut(|counted| work(counted.get_or_insert_with(|| Admission::new(setting()))))
}

/// A place for a socket on its way. Dropping it gives it back: by then the object has reported what came of it.
pub struct Place(Option<Reservation>);

impl Drop for Place {
    fn drop(&mut self) {
        let Some(reservation) = self.0 else { return };
        COUNTED.with_borrow_mut(|counted| {
            if let Some(counted) = counted {
                counted.end(reservation, clock::now());
            }
        });
    }
}

/// Makes room for one more socket of an object, or says when to come back: each client another time.
pub fn admit(env: &Env, object: &str, door: Door) -> Result<Place, Problem> {
    with(env, |it| it.admit(object, door, clock::now())).map(Place).map_err(|(shortest, longest)| {
        let more = js_sys::Math::random() * (longest - shortest) as f64;
        Problem::later(Code::Overloaded, shortest + more as u64)
    })
}

/// An object is awake and holds so many sockets.
pub fn report(env: &Env, object: &str, sockets: usize) {
    with(env, |it| it.report(object, sockets, clock::now()));
}

/// Whether this deployment counts at all.
pub fn is_counting(env: &Env) -> bool {
    with(env, |it| it.is_counting())
}
