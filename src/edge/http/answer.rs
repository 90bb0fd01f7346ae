//! Answers: JSON, nothing, or a problem; each with the headers of its kind.
use serde::Serialize;
use worker::{Headers, Response, ResponseBuilder};

use crate::core::{
    error::Code,
    headers::{self, Kind},
    origin::OwnOrigin,
    problem::Problem,
};

/// What the platform says went wrong: for the log, never for the client.
pub fn internal(error: worker::Error) -> Problem {
    worker::console_error!("internal: {error}");
    Code::Internal.into()
}

fn with_headers(kind: Kind, own: Option<&OwnOrigin>, content_type: &str) -> Result<Headers, Problem> {
    let all = Headers::new();
    let set = |name: &str, value: &str| all.set(name, value).map_err(internal);
    if let Some(own) = own {
        for (name, value) in headers::of(kind, own) {
            set(name, value)?;
        }
    } else {
        set("cache-control", "no-store")?;
        set("x-content-type-options", "nosniff")?;
    }
    if !content_type.is_empty() {
        set("content-type", content_type)?;
    }
    Ok(all)
}

/// JSON with a status.
pub fn json(own: &OwnOrigin, status: u16, body: &impl Serialize) -> Result<Response, Problem> {
    written(own, status, serde_json::to_string(body).map_err(|error| internal(error.into()))?)
}

/// The same with JSON that is written already.
pub fn written(own: &OwnOrigin, status: u16, text: String) -> Result<Response, Problem> {
    let headers = with_headers(Kind::Api, Some(own), "application/json; charset=utf-8")?;
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).fixed(text.into_bytes()))
}

/// A page that was written here.
pub fn page(own: &OwnOrigin, status: u16, text: String) -> Result<Response, Problem> {
    let headers = with_headers(Kind::Help, Some(own), "text/html; charset=utf-8")?;
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).fixed(text.into_bytes()))
}

/// A file of ours.
pub fn file(own: &OwnOrigin, bytes: Vec<u8>) -> Result<Response, Problem> {
    let headers = with_headers(Kind::Api, Some(own), "application/octet-stream")?;
    Ok(ResponseBuilder::new().with_headers(headers).fixed(bytes))
}

/// A picture.
pub fn picture(own: &OwnOrigin, media_type: &str, bytes: Vec<u8>) -> Result<Response, Problem> {
    let headers = with_headers(Kind::Picture, Some(own), media_type)?;
    Ok(ResponseBuilder::new().with_headers(headers).fixed(bytes))
}

/// `204`.
pub fn nothing(own: &OwnOrigin) -> Result<Response, Problem> {
    let headers = with_headers(Kind::Api, Some(own), "")?;
    Ok(ResponseBuilder::new().with_status(204).with_headers(headers).empty())
}

/// A redirect inside this deployment; the place is a constant of ours.
pub fn redirect(own: &OwnOrigin, place: &'static str) -> Result<Response, Problem> {
    let headers = with_headers(Kind::Api, Some(own), "")?;
    headers.set("location", place).map_err(internal)?;
    Ok(ResponseBuilder::new().with_status(302).with_headers(headers).empty())
}

/// A refusal. Without a configuration it still says everything that the client needs.
pub fn problem(own: Option<&OwnOrigin>, problem: &Problem) -> worker::Result<Response> {
    let headers = with_headers(Kind::Api, own, "application/problem+json; charset=utf-8")
        .map_err(|_| worker::Error::RustError("headers".into()))?;
    if let Some(seconds) = problem.retry_after_seconds() {
        headers.set("retry-after", &seconds.to_string())?;
    }
    let builder = ResponseBuilder::new().with_status(problem.code.status()).with_headers(headers);
    Ok(builder.fixed(problem.json().into_bytes()))
}

/// A file's answer with the headers of its kind over those that it has.
pub fn dressed(kind: Kind, own: &OwnOrigin, response: Response) -> Result<Response, Problem> {
    // What comes from another service has headers that can't be changed.
    let all = Headers::new();
    for (name, value) in response.headers().entries() {
        all.append(&name, &value).map_err(internal)?;
    }
    for (name, value) in headers::of(kind, own) {
        all.set(name, value).map_err(internal)?;
    }
    Ok(response.with_headers(all))
}
