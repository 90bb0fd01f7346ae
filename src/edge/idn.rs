//! Names of hosts in other scripts, brought to ASCII by the platform's `URL`: the same reading that a browser has of
//! them, without a table of Unicode in the bundle.
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::JsCast;

/// `*.bücher.example:8443` as `*.xn--bcher-kva.example:8443`; none for what is no host.
pub fn to_ascii(entry: &str) -> Option<String> {
    let entry = entry.trim();
    let rest = entry.strip_prefix("https://").or_else(|| entry.strip_prefix("http://")).unwrap_or(entry);
    let (wildcard, host) = rest.strip_prefix("*.").map_or(("", rest), |host| ("*.", host));
    let (host, port) = match host.trim_end_matches('/').split_once(':') {
        Some((host, port)) => (host, format!(":{port}")),
        None => (host.trim_end_matches('/'), String::new()),
    };
    // The parser would read past what is no host.
    if host.contains(['/', '?', '#', '@', '\\', ' ', '\t', '\r', '\n']) {
        return None;
    }
    let parser: Function = Reflect::get(&js_sys::global(), &"URL".into()).ok()?.dyn_into().ok()?;
    let url = Reflect::construct(&parser, &Array::of1(&format!("https://{host}/").into())).ok()?;
    let ascii = Reflect::get(&url, &"hostname".into()).ok()?.as_string()?;
    Some(format!("{wildcard}{ascii}{port}"))
}
