//! Frames in both encodings, as the server reads and writes them: whatever one of them can say, the other says, too, and
//! what is cut or over a limit is refused.

use std::fmt::Debug;

use bellhop::core::{
    limits::{FRAME_BYTES, MAX_INTEGER},
    protocol::{
        Encoding, FrameError, Outgoing, Payload, decode,
        wire::{AgentFrame, ClientFrame, ServerFrame, client_frame::Frame},
    },
};
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

use crate::bytes::Bytes;

/// The first byte says what the rest is.
pub fn play(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    match bytes.below(8) {
        0 | 1 => client_bytes(bytes.rest()),
        2 | 3 => client_text(&String::from_utf8_lossy(bytes.rest())),
        4 => server::<ServerFrame>(bytes.rest(), Outgoing::Shared),
        5 => server::<AgentFrame>(bytes.rest(), Outgoing::Agents),
        6 => cut(bytes),
        _ => limits(bytes),
    }
}

fn read(encoding: Encoding, payload: &Payload) -> Result<Option<Frame>, FrameError> {
    let frame = decode(encoding, payload);
    assert!(payload.size() <= FRAME_BYTES || frame == Err(FrameError::TooLarge));
    frame
}

fn client_bytes(bytes: &[u8]) {
    let Ok(frame) = read(Encoding::Proto, &Payload::Binary(bytes.to_vec())) else { return };
    same_in_both(frame);
}

fn client_text(text: &str) {
    let Ok(frame) = read(Encoding::Json, &Payload::Text(text.to_owned())) else { return };
    same_in_both(frame);
}

/// Both encodings write the frame, and both read it back as it was.
fn same_in_both(frame: Option<Frame>) {
    let whole = ClientFrame { frame };
    let bytes = Payload::Binary(whole.encode_to_vec());
    // An enumeration's value that nobody knows has no name in JSON; whoever takes the frame refuses it.
    let text = serde_json::to_string(&whole).ok().map(|text| (Encoding::Json, Payload::Text(text)));
    for (encoding, payload) in [(Encoding::Proto, bytes)].into_iter().chain(text) {
        // The same frame is longer in one of them; over the limit it is refused there.
        if payload.size() <= FRAME_BYTES {
            assert_eq!(read(encoding, &payload), Ok(whole.frame.clone()), "{encoding:?} {payload:?}");
        }
    }
}

/// What we send: whatever can be held in memory can be written in both encodings, and both say the same.
fn server<F>(bytes: &[u8], wrap: fn(F) -> Outgoing)
where
    F: Message + Default + Clone + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let Ok(frame) = F::decode(bytes) else { return };
    let frame_out = wrap(frame.clone());
    let Some(Payload::Binary(proto)) = frame_out.encode(Encoding::Proto) else { panic!("not bytes") };
    // The server sends no enumeration's value that it does not know, and JSON has no name for one.
    let Some(Payload::Text(text)) = frame_out.encode(Encoding::Json) else { return };
    assert_eq!(F::decode(proto.as_slice()).expect("bytes"), frame, "{text}");
    assert_eq!(serde_json::from_str::<F>(&text).expect("JSON"), frame, "{text}");
}

/// A frame that did not come whole: in JSON it is never one, in bytes it may be another, but never the same.
fn cut(mut bytes: Bytes<'_>) {
    let keep = bytes.byte();
    let Ok(whole) = ClientFrame::decode(bytes.rest()) else { return };
    let Ok(text) = serde_json::to_string(&whole) else { return };
    let proto = whole.encode_to_vec();
    let end = text.floor_char_boundary(usize::from(keep) * text.len() / 256);
    let part = text.get(..end).unwrap_or_default();
    assert_eq!(read(Encoding::Json, &Payload::Text(part.to_owned())), Err(FrameError::Malformed), "{part}");
    let end = usize::from(keep) * proto.len() / 256;
    if let Ok(Some(part)) = read(Encoding::Proto, &Payload::Binary(proto.get(..end).unwrap_or_default().to_vec())) {
        assert_ne!(Some(part), whole.frame);
    }
}

/// Numbers around 2^53, depth without end, bytes that are no text, frames around the largest size.
fn limits(mut bytes: Bytes<'_>) {
    match bytes.below(4) {
        0 => {
            let number = bytes.pick(&[0, 1, MAX_INTEGER - 1, MAX_INTEGER, MAX_INTEGER + 1, u64::MAX, u64::MAX - 1]);
            let number = number.wrapping_add(u64::from(bytes.byte() % 3));
            let frames = [
                (format!(r#"{{"read":{{"seq":{number}}}}}"#), 4),
                (format!(r#"{{"read":{{"seq":"{number}"}}}}"#), 4),
                (format!(r#"{{"page":{{"before":"{number}"}}}}"#), 5),
            ];
            let (text, field) = &frames[bytes.below(frames.len())];
            let is_fine = number <= MAX_INTEGER;
            assert_eq!(read(Encoding::Json, &Payload::Text(text.clone())).is_ok(), is_fine, "{text}");
            // The same as bytes: `read` has it as field 1, `page` as field 2.
            let mut inner = vec![if *field == 5 { 0x10 } else { 0x08 }];
            prost::encoding::encode_varint(number, &mut inner);
            let mut outer = vec![field << 3 | 2, inner.len() as u8];
            outer.extend(inner);
            assert_eq!(read(Encoding::Proto, &Payload::Binary(outer)).is_ok(), is_fine, "{number}");
        }
        1 => {
            let depth = usize::from(bytes.byte()) * 64;
            let open = bytes.pick(&["[", "{\"a\":", "[[", "[{\"\":"]);
            let text = format!("{{\"later\":{}", open.repeat(depth / open.len()));
            assert!(read(Encoding::Json, &Payload::Text(text)).is_err());
            // Groups within groups, which no frame of ours has.
            read(Encoding::Proto, &Payload::Binary(vec![0xfb; depth])).ok();
            read(Encoding::Proto, &Payload::Binary([0x7b].repeat(depth))).ok();
        }
        2 => {
            let text = bytes.rest();
            let mut frame = vec![0x0a, text.len().min(100) as u8];
            frame.extend(text.iter().take(100));
            let mut outer = vec![0x3a, frame.len() as u8];
            outer.extend(&frame);
            let is_text = std::str::from_utf8(&frame[2..]).is_ok();
            assert_eq!(read(Encoding::Proto, &Payload::Binary(outer)).is_ok(), is_text, "{frame:?}");
        }
        _ => {
            let size = FRAME_BYTES - 64 + usize::from(bytes.byte());
            let text = format!("{{\"renew\":{{\"ticket\":\"{}\"}}}}", "x".repeat(size));
            assert_eq!(read(Encoding::Json, &Payload::Text(text.clone())).is_ok(), text.len() <= FRAME_BYTES);
        }
    }
}
