//! Time zones, as the platform knows them: no table of them in the bundle.
use js_sys::{Date, Object, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::core::{
    hours::{Hours, days_since_1970, offsets},
    time::{MINUTE, Timestamp},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl, js_name = DateTimeFormat)]
    type Format;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl, js_class = "DateTimeFormat")]
    fn new(locale: &str, options: &Object) -> Result<Format, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn format(this: &Format, date: &Date) -> Result<String, JsValue>;
}

/// Gives hours the offsets of their zone from now on; none for a zone that does not exist.
pub fn settle(hours: &mut Hours, now: Timestamp) {
    hours.offsets = of(&hours.timezone, now).unwrap_or_default();
}

fn of(timezone: &str, now: Timestamp) -> Option<Vec<(Timestamp, i32)>> {
    // The platform takes "+01:00" for a zone, too, and names in any case; what is saved is to be one of IANA's.
    if !timezone.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        return None;
    }
    let options = Object::new();
    for (name, value) in [
        ("timeZone", timezone),
        ("hourCycle", "h23"),
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
    ] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    let format = Format::new("en-US", &options).ok()?;
    offsets(now, |at| {
        // "11/26/2026, 18:05"
        let text = format.format(&Date::new(&JsValue::from_f64(at.0 as f64))).ok()?;
        let mut numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|it| it.parse::<i64>().ok());
        let (month, day, year) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let (hour, minute) = (numbers.next()?, numbers.next()?);
        let local = (days_since_1970(year, month, day) * 24 + hour) * 60 + minute;
        i32::try_from(local - at.0.div_euclid(MINUTE)).ok()
    })
}
