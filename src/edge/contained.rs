//! A panic stays in its request (INV-12): every handler of the Worker and of its objects runs in here.
//!
//! Unwinding ends one piece of work and nothing else: the memory of the other objects in the isolate, which is one and
//! the same WebAssembly memory, goes on as it is. What the caller is told instead is the handler's business.
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
};

use futures::FutureExt as _;

use super::fault;

/// Where something runs: a class or `Worker`, its handler, and which object if there are many.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// `Room`, `Desk`, `Limiter`, `Worker`.
    pub class: &'static str,
    /// What is under way there.
    pub work: &'static str,
    /// The object's id, asked for only when it is needed.
    pub whose: &'a dyn Fn() -> String,
}

impl Place<'static> {
    /// In the Worker itself.
    pub const fn worker(work: &'static str) -> Self {
        Place { class: "Worker", work, whose: &String::new }
    }
}

/// Does some work; none if it panicked, which is then in the log.
///
/// The work goes into a box first: it is moved once instead of at every layer, and there is one copy of what is around it
/// for each kind of answer instead of one for each handler.
pub fn contained<'a, T: 'a>(
    place: Place<'a>,
    work: impl Future<Output = T> + 'a,
) -> impl Future<Output = Option<T>> + 'a {
    caught(place, Box::pin(work))
}

async fn caught<T>(place: Place<'_>, work: Pin<Box<dyn Future<Output = T> + '_>>) -> Option<T> {
    let work = async {
        fault::point(place);
        work.await
    };
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| tell(place, &*panic)).ok()
}

/// The same for work that does not wait.
pub fn contained_now<T>(place: Place<'_>, work: impl FnOnce() -> T) -> Option<T> {
    let work = || {
        fault::point(place);
        work()
    };
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| tell(place, &*panic)).ok()
}

fn tell(place: Place<'_>, panic: &(dyn Any + Send)) {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    worker::console_error!("{}.{} {} panicked: {}", place.class, place.work, (place.whose)(), text.unwrap_or("?"));
}
