//! The count of `core/admission` for this isolate: the gateway and all objects of a workerd of one's own share it.
use std::cell::RefCell;

use worker::Env;

use super::{clock, env};
use crate::core::{
    address::ClientAddress,
    admission::{Admission, Door, Knock, Reservation},
    error::Code,
    limits::ADMISSION_RETRY,
    problem::Problem,
};

thread_local! {
    static COUNTED: RefCell<Option<Admission>> = const { RefCell::new(None) };
}

fn with<T>(env: &Env, work: impl FnOnce(&mut Admission) -> T) -> T {
    let setting = || env::setting(env, "BELLHOP_DESCRIPTORS").parse().ok().filter(|it| *it > 0);
    COUNTED.with_borrow_mut(|counted| work(counted.get_or_insert_with(|| Admission::new(setting()))))
}

/// Somebody who stands before the gateway. Dropping it lets the next one in.
pub struct Standing(Option<Knock>);

impl Drop for Standing {
    fn drop(&mut self) {
        if let Some(knock) = self.0 {
            give_back(|counted| counted.leave(knock));
        }
    }
}

/// A place for a socket on its way. Dropping it gives it back: by then the object has reported what came of it.
pub struct Place(Option<Reservation>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(reservation) = self.0 {
            give_back(|counted| counted.end(reservation, clock::now()));
        }
    }
}

fn give_back(work: impl FnOnce(&mut Admission)) {
    COUNTED.with_borrow_mut(|counted| counted.as_mut().map(work));
}

/// Deals with one more who knocks at a Room, or says when to come back.
pub fn knock(env: &Env, address: &ClientAddress, factor: u32) -> Result<Standing, Problem> {
    with(env, |it| it.knock(widest(address), factor, clock::now())).map(Standing).map_err(later)
}

/// A customer may have a whole /48 of IPv6.
fn widest(address: &ClientAddress) -> &str {
    address.wider().unwrap_or(address.as_str())
}

/// Makes room for one more of a visitor's sockets, or says when to come back.
pub fn admit_from(env: &Env, address: &ClientAddress, factor: u32, object: &str) -> Result<Place, Problem> {
    with(env, |it| it.admit_from(widest(address), factor, object, clock::now())).map(Place).map_err(later)
}

/// Makes room for one more socket of an object, or says when to come back.
pub fn admit(env: &Env, object: &str, door: Door) -> Result<Place, Problem> {
    with(env, |it| it.admit(object, door, clock::now())).map(Place).map_err(later)
}

/// Whether what wakes by itself has filled the process.
pub fn is_full(env: &Env) -> bool {
    with(env, |it| it.is_full(clock::now()))
}

/// What a client is told that is sent away for that.
pub fn parting() -> Problem {
    later(ADMISSION_RETRY)
}

/// Each client another time.
fn later((shortest, longest): (u64, u64)) -> Problem {
    let more = js_sys::Math::random() * (longest - shortest) as f64;
    Problem::later(Code::Overloaded, shortest + more as u64)
}

/// An object is awake and holds so many sockets.
pub fn report(env: &Env, object: &str, sockets: usize) {
    with(env, |it| it.report(object, sockets, clock::now()));
}

/// Whether this deployment counts at all.
pub fn is_counting(env: &Env) -> bool {
    with(env, |it| it.is_counting())
}
