//! The count of `core/admission` for this isolate: the gateway and all objects of a workerd of one's own share it.
use std::cell::RefCell;

use worker::Env;

use super::{clock, env};
use crate::core::{admission::Admission, error::Code, problem::Problem};

thread_local! {
    static COUNTED: RefCell<Option<Admission>> = const { RefCell::new(None) };
}

fn with<T>(env: &Env, work: impl FnOnce(&mut Admission) -> T) -> T {
    let setting = || env::setting(env, "BELLHOP_DESCRIPTORS").parse().ok().filter(|it| *it > 0);
    COUNTED.with_borrow_mut(|counted| work(counted.get_or_insert_with(|| Admission::new(setting()))))
}

/// Makes room for one more socket of an object, or says when to come back: each client another time.
pub fn admit(env: &Env, object: &str) -> Result<(), Problem> {
    with(env, |it| it.admit(object, clock::now())).map_err(|(shortest, longest)| {
        let more = js_sys::Math::random() * (longest - shortest) as f64;
        Problem::later(Code::Overloaded, shortest + more as u64)
    })
}

/// That socket did not come to be.
pub fn release(env: &Env, object: &str) {
    with(env, |it| it.release(object));
}

/// An object is awake and holds so many sockets.
pub fn report(env: &Env, object: &str, sockets: usize) {
    with(env, |it| it.report(object, sockets, clock::now()));
}

/// Whether this deployment counts at all.
pub fn is_counting(env: &Env) -> bool {
    with(env, |it| it.is_counting())
}
