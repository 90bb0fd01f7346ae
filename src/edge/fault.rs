//! Where a test may have a panic. Without the feature `test-panics`, which no deployment has, nothing of this exists.
//!
//! A test names one point in the global list `BELLHOP_PANICS`: what runs there, such as `Room.message`, and behind a
//! blank the id of the one object that is meant, if not any. The point takes its name off the list and panics, once; with `trap `
//! before the name it traps, as an exhausted stack does.
use super::contained::Place;

/// Panics if a test has asked for it here.
#[cfg(feature = "test-panics")]
#[allow(clippy::panic)] // what this is for
pub fn point(place: Place<'_>) {
    use wasm_bindgen::{JsCast as _, JsValue};

    let list = js_sys::Reflect::get(&js_sys::global(), &"BELLHOP_PANICS".into());
    let Ok(list) = list.and_then(|list| list.dyn_into::<js_sys::Array>()) else { return };
    let here = format!("{}.{}", place.class, place.work);
    let this = format!("{here} {}", (place.whose)());
    let is_here = |name: &str| [&here, &this].iter().any(|it| name.strip_prefix("trap ").unwrap_or(name) == **it);
    let mut names = (0..).zip(list.iter()).filter_map(|(at, name)| Some((at, name.as_string()?)));
    let Some((at, name)) = names.find(|(_, name)| is_here(name)) else { return };
    list.set(at, JsValue::NULL);
    if name.starts_with("trap ") {
        core::arch::wasm32::unreachable();
    }
    // By these words a test finds these points in a bundle, or finds that there are none.
    panic!("a test asked for this panic: {this}");
}

/// Nothing.
#[cfg(not(feature = "test-panics"))]
#[inline]
pub fn point(_: Place<'_>) {}

/// Tells that a machine was loaded from disk: what it had in memory before is gone.
#[cfg(feature = "test-panics")]
pub fn loaded(place: Place<'_>) {
    worker::console_log!("loaded {} {}", place.class, (place.whose)());
}

/// Nothing.
#[cfg(not(feature = "test-panics"))]
#[inline]
pub fn loaded(_: Place<'_>) {}
