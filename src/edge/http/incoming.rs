//! A request, cut down to what is believed of it: its address and country come from the platform or from the one
//! configured header, and nothing of ours is read from it (INV-15).
use futures::StreamExt as _;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{ByteStream, Request};

use crate::{
    core::{address::ClientAddress, error::Code, geo::Location, problem::Problem, route::Sent},
    edge::config::Config,
};

/// What came in.
pub struct Incoming {
    /// As sent, in the runtime's normal form.
    pub method: String,
    /// Without query.
    pub path: String,
    /// Whole.
    pub url: String,
    request: Request,
}

impl Incoming {
    /// Takes the request over.
    pub fn of(request: Request) -> Self {
        let inner = request.inner();
        Incoming { method: inner.method(), path: request.path(), url: inner.url(), request }
    }

    /// A header; none too if its bytes are no text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// A member of the platform's own description of the request.
    fn platform(&self, name: &str) -> Option<String> {
        let request: &JsValue = self.request.inner().as_ref();
        let description = Reflect::get(request, &"cf".into()).ok()?;
        Reflect::get(&description, &name.into()).ok()?.as_string()
    }

    /// Whom limits count.
    pub fn address(&self, config: &Config) -> ClientAddress {
        let trusted = Some(config.address_header.as_str()).filter(|name| !name.is_empty());
        let trusted = trusted.and_then(|name| self.header(name));
        ClientAddress::of(self.platform("clientIp").as_deref(), trusted.as_deref())
    }

    /// ISO 3166-1 code, or empty.
    pub fn country(&self) -> String {
        let country = self.platform("country").unwrap_or_default();
        let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_code { country } else { String::new() }
    }

    /// Where the platform takes the address to be.
    pub fn location(&self) -> Option<Location> {
        let degrees = |name| self.platform(name)?.parse().ok();
        Location::of(degrees("latitude")?, degrees("longitude")?)
    }

    /// Whether it asks for a WebSocket.
    pub fn is_upgrade(&self) -> bool {
        self.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
    }

    /// The body says what it is; neither kind can come of a form or a simple cross-site request.
    pub fn check_kind(&self, wanted: Sent) -> Result<(), Problem> {
        let wanted = match wanted {
            Sent::Json => "application/json",
            Sent::Bytes => "application/octet-stream",
        };
        let kind = self.header("content-type").unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence == wanted { Ok(()) } else { Err(Code::UnsupportedMediaType.into()) }
    }

    /// Refuses a body that says it is too large, before anything is read.
    pub fn check_size(&self, most: usize) -> Result<(), Problem> {
        let said = self.header("content-length").and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        if said > most as u64 { Err(Code::TooLarge.into()) } else { Ok(()) }
    }

    /// The body as text, read no further than its limit.
    pub async fn body(&mut self, most: usize) -> Result<String, Problem> {
        let bytes = self.bytes(most).await?;
        String::from_utf8(bytes).map_err(|_| Problem::new(Code::BadRequest, "the body is not UTF-8"))
    }

    /// The body, read no further than its limit.
    pub async fn bytes(&mut self, most: usize) -> Result<Vec<u8>, Problem> {
        self.check_size(most)?;
        let Ok(stream) = self.request.stream() else { return Ok(Vec::new()) };
        read(stream, most).await
    }
}

/// A stream, read no further than its limit.
pub async fn read(mut stream: ByteStream, most: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::BadRequest, "the body was cut off"))?;
        if bytes.len() + chunk.len() > most {
            return Err(Code::TooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
