//! The wire protocol: types made from `proto/bellhop.proto`, and the two encodings of a frame.
//!
//! What a frame means is decided elsewhere. Here a frame is refused that is too large, cut, not of its encoding, or
//! holds an integer that JavaScript could not.

use prost::Message as _;
use serde::{Deserialize, Serialize};

use super::{
    error::Code,
    limits::{FRAME_BYTES, MAX_INTEGER},
};

/// Types of `proto/bellhop.proto`, in prost's form, with proto3 JSON by serde.
#[allow(missing_docs, clippy::all, clippy::restriction)]
pub mod wire {
    include!(concat!(env!("OUT_DIR"), "/bellhop.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/bellhop.v1.serde.rs"));
}

/// Subprotocol name of the binary encoding.
pub const SUBPROTOCOL_PROTO: &str = "bellhop.v1.proto";
/// Subprotocol name of the JSON encoding.
pub const SUBPROTOCOL_JSON: &str = "bellhop.v1.json";

/// How frames are written on one socket; chosen by its subprotocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Binary protobuf.
    Proto,
    /// proto3 JSON text.
    Json,
}

impl Encoding {
    /// The encoding of a subprotocol's name.
    pub fn of_subprotocol(name: &str) -> Option<Self> {
        match name {
            SUBPROTOCOL_PROTO => Some(Encoding::Proto),
            SUBPROTOCOL_JSON => Some(Encoding::Json),
            _ => None,
        }
    }

    /// The subprotocol's name.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Encoding::Proto => SUBPROTOCOL_PROTO,
            Encoding::Json => SUBPROTOCOL_JSON,
        }
    }
}

/// One frame as it came, or as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Vec<u8>),
}

impl Payload {
    /// Bytes of the payload.
    pub fn size(&self) -> usize {
        match self {
            Payload::Text(text) => text.len(),
            Payload::Binary(bytes) => bytes.len(),
        }
    }
}

/// Why a frame could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// Over `FRAME_BYTES`.
    TooLarge,
    /// Not a frame in this encoding, or an integer above 2^53 − 1.
    Malformed,
}

/// Reads a client's frame. `Ok(None)` is a frame of a type that this version does not know.
pub fn decode(encoding: Encoding, payload: &Payload) -> Result<Option<wire::client_frame::Frame>, FrameError> {
    if payload.size() > FRAME_BYTES {
        return Err(FrameError::TooLarge);
    }
    let frame = match (encoding, payload) {
        (Encoding::Proto, Payload::Binary(bytes)) => {
            wire::ClientFrame::decode(bytes.as_slice()).map_err(|_| FrameError::Malformed)?
        }
        (Encoding::Json, Payload::Text(text)) => serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(&without_nulls(text)))
            .map_err(|_| FrameError::Malformed)?,
        (Encoding::Proto, Payload::Text(_)) | (Encoding::Json, Payload::Binary(_)) => {
            return Err(FrameError::Malformed);
        }
    };
    if frame.frame.as_ref().is_some_and(has_huge_integer) {
        return Err(FrameError::Malformed);
    }
    Ok(frame.frame)
}

/// The same, with the names of members that are `null` empty: whatever an unknown one holds is passed over. In proto3 JSON they are as
/// absent ones, which the generated code does not know.
fn without_nulls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Where the last string began, and the last letter that is no blank.
    let (mut name, mut before, mut inside, mut escaped) = (0, ' ', false, false);
    for letter in text.chars() {
        if inside {
            (inside, escaped) = (escaped || letter != '"', !escaped && letter == '\\');
        } else if letter == '"' {
            (inside, name) = (true, out.len());
        } else if letter == 'n' && before == ':' {
            out.truncate(name);
            out.push_str("\"\":");
        }
        if !letter.is_ascii_whitespace() {
            before = letter;
        }
        out.push(letter);
    }
    out
}

/// The integers of each client frame, held against what JavaScript can hold.
fn has_huge_integer(frame: &wire::client_frame::Frame) -> bool {
    use wire::client_frame::Frame;
    let largest = match frame {
        Frame::Hello(hello) => {
            [hello.log_epoch, hello.after, hello.after_private, hello.delivered, hello.read].into_iter().max()
        }
        Frame::Delivered(delivered) => Some(delivered.seq),
        Frame::Read(read) => Some(read.seq),
        Frame::Rate(rate) => Some(rate.seq),
        Frame::Page(page) => Some(page.before),
        Frame::SetStatus(status) => Some(status.snoozed_until),
        Frame::DeskHello(hello) => Some(hello.desk_epoch.max(hello.rev)),
        Frame::Release(release) => Some(release.assignment_epoch),
        Frame::Transfer(transfer) => Some(transfer.assignment_epoch),
        Frame::ProbeAnswer(answer) => Some(answer.probe),
        Frame::Accept(accept) => Some(accept.assignment_epoch),
        Frame::Decline(decline) => Some(decline.assignment_epoch),
        Frame::Send(_)
        | Frame::Typing(_)
        | Frame::Renew(_)
        | Frame::Identify(_)
        | Frame::Note(_)
        | Frame::Claim(_)
        | Frame::SetAvailability(_)
        | Frame::Leave(_)
        | Frame::Mute(_)
        | Frame::Tag(_)
        | Frame::LeaveEmail(_)
        | Frame::DeskPage(_) => None,
    };
    largest.is_some_and(|number| number > MAX_INTEGER)
}

fn write<T: prost::Message + Serialize>(encoding: Encoding, frame: &T) -> Option<Payload> {
    match encoding {
        Encoding::Proto => Some(Payload::Binary(frame.encode_to_vec())),
        Encoding::Json => serde_json::to_string(frame).ok().map(Payload::Text),
    }
}

/// What an object sends: a frame for anyone, or one that only agents may get.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// Visitors and agents.
    Shared(wire::ServerFrame),
    /// Agents only; there is no way to write it for a visitor's socket.
    Agents(wire::AgentFrame),
}

impl From<wire::server_frame::Frame> for Outgoing {
    fn from(frame: wire::server_frame::Frame) -> Self {
        Outgoing::Shared(wire::ServerFrame { frame: Some(frame) })
    }
}

impl From<wire::agent_frame::Frame> for Outgoing {
    fn from(frame: wire::agent_frame::Frame) -> Self {
        Outgoing::Agents(wire::AgentFrame { frame: Some(frame) })
    }
}

impl Outgoing {
    /// The code of an error; none for any other frame.
    pub fn error_code(&self) -> Option<Code> {
        match self {
            Outgoing::Shared(wire::ServerFrame { frame: Some(wire::server_frame::Frame::Error(error)) }) => {
                Code::parse(&error.code)
            }
            Outgoing::Shared(_) | Outgoing::Agents(_) => None,
        }
    }

    /// Writes the frame. None only if serialisation fails, which these types do not.
    pub fn encode(&self, encoding: Encoding) -> Option<Payload> {
        match self {
            Outgoing::Shared(frame) => write(encoding, frame),
            Outgoing::Agents(frame) => write(encoding, frame),
        }
    }
}

/// An error as a frame.
pub fn error_frame(code: Code, message: &str, client_id: &str) -> wire::Error {
    wire::Error {
        code: code.name().to_owned(),
        message: message.to_owned(),
        retryable: code.retryable(),
        retry_after_ms: 0,
        client_id: client_id.to_owned(),
        holder: None,
    }
}

/// What a refused frame was called by its sender, so that the client can tell which one to send again.
pub fn client_id_of(frame: wire::client_frame::Frame) -> String {
    use wire::client_frame::Frame;
    match frame {
        Frame::Send(send) => send.client_id,
        Frame::Note(note) => note.client_id,
        Frame::SetStatus(request) => request.client_id,
        Frame::Leave(leave) => leave.client_id,
        Frame::Mute(request) => request.client_id,
        Frame::Tag(request) => request.client_id,
        Frame::Rate(request) => request.client_id,
        Frame::LeaveEmail(leave) => leave.client_id,
        Frame::Claim(claim) => claim.client_id,
        Frame::Release(release) => release.client_id,
        Frame::Transfer(transfer) => transfer.client_id,
        Frame::Accept(accept) => accept.client_id,
        Frame::Decline(decline) => decline.client_id,
        Frame::Hello(_)
        | Frame::Delivered(_)
        | Frame::Read(_)
        | Frame::Page(_)
        | Frame::Typing(_)
        | Frame::Renew(_)
        | Frame::Identify(_)
        | Frame::DeskHello(_)
        | Frame::SetAvailability(_)
        | Frame::DeskPage(_)
        | Frame::ProbeAnswer(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(frame: &str) -> Result<Option<wire::client_frame::Frame>, FrameError> {
        decode(Encoding::Json, &Payload::Text(frame.to_owned()))
    }

    #[test]
    fn json_frames() {
        assert!(matches!(
            text(r#"{"send":{"clientId":"a","text":"hi"}}"#),
            Ok(Some(wire::client_frame::Frame::Send(_)))
        ));
        assert!(matches!(
            text(r#"{"send":{"client_id":"a","text":"hi","later":1}}"#),
            Ok(Some(wire::client_frame::Frame::Send(_)))
        ));
        assert_eq!(text(r#"{"frame_of_tomorrow":{}}"#), Ok(None));
        assert_eq!(text("{}"), Ok(None));
        for bad in
            ["", "[", "[]", "1", r#"{"send":1}"#, r#"{"read":{"seq":-1}}"#, r#"{"read":{"seq":"9007199254740992"}}"#]
        {
            assert_eq!(text(bad), Err(FrameError::Malformed), "{bad}");
        }
        assert!(matches!(text(r#"{"read":{"seq":"9007199254740991"}}"#), Ok(Some(_))));
    }

    /// In proto3 JSON null is what an absent member is.
    #[test]
    fn a_member_that_is_null_is_absent() {
        for (with, without) in [
            (r#"{"send":{"clientId":"a","text":"hi","choice":null}}"#, r#"{"send":{"clientId":"a","text":"hi"}}"#),
            (r#"{"send":null,"read":{"seq":"3"},"page":null}"#, r#"{"read":{"seq":"3"}}"#),
            (
                r#"{"hello" : {"logEpoch":null, "after" : null,"tip":null,"context":null}}"#,
                r#"{"hello":{"context":null}}"#,
            ),
            (
                r#"{"setStatus":{"status":null,"clientId":"客\\","snoozedUntil":	null}}"#,
                r#"{"setStatus":{"clientId":"客\\"}}"#,
            ),
            (
                r#"{"send":{"choice":null,"clientId":null,"text":"\"a\":null,\\"}}"#,
                r#"{"send":{"text":"\"a\":null,\\"}}"#,
            ),
            (r#"{"send":{"text":"a","later":{"x":null},"choice":null}}"#, r#"{"send":{"text":"a"}}"#),
            (r#"{"send":null}"#, "{}"),
        ] {
            assert!(text(without).is_ok(), "{without}");
            assert_eq!(text(with), text(without), "{with}");
        }
        for bad in [
            "null",
            "[null]",
            ":null",
            r#"{"send":{"choice":null}"#,
            r#"{"send":{"choice":nul}}"#,
            r#"{"send":{"choice":nullx}}"#,
            r#"{"send":{"choice":null,}}"#,
            r#"{"send":{"choice":null "text":"a"}}"#,
            r#"{"identify":{"attributes":{"plan":null}}}"#,
            r#"{"read":{"seq":-1},"send":null}"#,
        ] {
            assert_eq!(text(bad), Err(FrameError::Malformed), "{bad}");
        }
        let deep = format!(r#"{{"send":{{"choice":null}},"later":{}"#, r#"{"a":"#.repeat(5_000));
        assert_eq!(text(&deep), Err(FrameError::Malformed));
    }

    #[test]
    fn a_frame_of_the_other_encoding_or_over_the_limit_is_refused() {
        assert_eq!(decode(Encoding::Proto, &Payload::Text("{}".into())), Err(FrameError::Malformed));
        assert_eq!(decode(Encoding::Json, &Payload::Binary(vec![])), Err(FrameError::Malformed));
        assert_eq!(decode(Encoding::Proto, &Payload::Binary(vec![0; FRAME_BYTES + 1])), Err(FrameError::TooLarge));
        let cut = wire::ClientFrame {
            frame: Some(wire::client_frame::Frame::Renew(wire::Renew { ticket: "abcdef".into() })),
        }
        .encode_to_vec();
        assert_eq!(decode(Encoding::Proto, &Payload::Binary(cut[..4].to_vec())), Err(FrameError::Malformed));
    }

    /// One encoding serves visitors and agents alike because the shared frames have the same numbers (INV-10 rests
    /// on the private ones being nameable in `AgentFrame` only).
    #[test]
    fn a_shared_frame_reads_the_same_as_an_agent_frame() {
        let frame = wire::server_frame::Frame::Ack(wire::Ack { client_id: "c".into(), seq: 3, at: 5, id: "m".into() });
        let Some(Payload::Binary(bytes)) = Outgoing::from(frame).encode(Encoding::Proto) else { panic!("no bytes") };
        let read = wire::AgentFrame::decode(bytes.as_slice()).unwrap();
        assert!(matches!(read.frame, Some(wire::agent_frame::Frame::Ack(ack)) if ack.seq == 3));
        let proto = include_str!("../../proto/bellhop.proto");
        let lines = |name: &str| -> Vec<String> {
            let body = proto.split(&format!("message {name} {{")).nth(1).unwrap();
            let body = body.split("\n  }").next().unwrap();
            body.lines().map(str::trim).filter(|line| line.ends_with(';')).map(str::to_owned).collect()
        };
        let (shared, agents) = (lines("ServerFrame"), lines("AgentFrame"));
        assert_eq!(shared, agents[..shared.len()]);
        assert!(shared.len() >= 10 && !shared.iter().any(|line| line.contains("Private")));
    }
}
