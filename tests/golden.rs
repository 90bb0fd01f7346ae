//! Golden frames: one set of files holds both codecs to the protocol, this one (prost and pbjson) and the one of
//! `frontend/shared/wire`. Each file says a frame as proto3 JSON and as bytes in hex; those under `invalid` are refused.

use std::{collections::BTreeSet, fmt::Debug, fs, path::Path};

use bellhop::core::protocol::{self, Encoding, FrameError, Outgoing, Payload, wire};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    name: String,
    r#type: String,
    json: Option<serde_json::Value>,
    hex: String,
}

impl Golden {
    fn bytes(&self) -> Vec<u8> {
        let digits: Vec<u8> = self.hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }
}

fn load(folder: &str) -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
}

/// Bytes and JSON are the same frame, and each is what we would write.
fn check<F: prost::Message + Default + Serialize + DeserializeOwned + PartialEq + Debug>(golden: &Golden) {
    let (name, json) = (&golden.name, golden.json.as_ref().unwrap());
    let from_bytes = F::decode(golden.bytes().as_slice()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let from_json: F = serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(from_bytes, from_json, "{name}");
    assert_eq!(from_json.encode_to_vec(), golden.bytes(), "{name}: bytes");
    assert_eq!(serde_json::to_value(&from_bytes).unwrap(), *json, "{name}: JSON");
}

#[test]
fn golden_frames_read_and_write_the_same_in_both_encodings() {
    let all = load("golden");
    assert!(all.len() > 50);
    for golden in &all {
        match golden.r#type.as_str() {
            "ClientFrame" => check::<wire::ClientFrame>(golden),
            "ServerFrame" => check::<wire::ServerFrame>(golden),
            "AgentFrame" => check::<wire::AgentFrame>(golden),
            other => panic!("{}: {other}", golden.name),
        }
    }
    let names: BTreeSet<&str> = all.iter().map(|golden| golden.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "a name occurs twice");
}

/// What the server does with a client's frame, beyond the bare codec; and what it sends is what the files say.
#[test]
fn the_doors_of_the_server_take_and_give_golden_frames() {
    for golden in load("golden") {
        let (name, json) = (&golden.name, golden.json.as_ref().unwrap());
        let text = Payload::Text(json.to_string());
        let bytes = Payload::Binary(golden.bytes());
        match golden.r#type.as_str() {
            "ClientFrame" => {
                let one = protocol::decode(Encoding::Proto, &bytes);
                assert_eq!(one, protocol::decode(Encoding::Json, &text), "{name}");
                assert!(one.is_ok(), "{name}");
                assert_eq!(protocol::decode(Encoding::Proto, &text), Err(FrameError::Malformed), "{name}");
                assert_eq!(protocol::decode(Encoding::Json, &bytes), Err(FrameError::Malformed), "{name}");
            }
            "ServerFrame" => {
                let frame: wire::ServerFrame = serde_json::from_value(json.clone()).unwrap();
                let Some(frame) = frame.frame else { continue };
                let out = Outgoing::from(frame);
                assert_eq!(out.encode(Encoding::Proto), Some(bytes), "{name}");
                // What a visitor is sent, an agent reads as the same frame.
                let shared = prost::Message::decode(golden.bytes().as_slice()).unwrap();
                let shared: wire::AgentFrame = shared;
                assert_eq!(serde_json::to_value(&shared).unwrap(), *json, "{name}");
            }
            _ => {
                let frame: wire::AgentFrame = serde_json::from_value(json.clone()).unwrap();
                let Some(frame) = frame.frame else { continue };
                assert_eq!(Outgoing::from(frame).encode(Encoding::Proto), Some(bytes), "{name}");
            }
        }
    }
}

#[test]
fn every_member_of_every_frame_has_a_golden_frame() {
    let proto = include_str!("../proto/bellhop.proto");
    let members = |message: &str| -> BTreeSet<String> {
        let body = proto.split(&format!("message {message} {{")).nth(1).unwrap().split("\n}").next().unwrap();
        let fields = body.lines().filter(|line| line.contains(" = ") && !line.trim_start().starts_with('/'));
        fields.map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
    };
    let camel = |name: &str| -> String {
        let mut words = name.split('_');
        let first = words.next().unwrap().to_owned();
        words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
    };
    let all = load("golden");
    for message in ["ClientFrame", "ServerFrame", "AgentFrame"] {
        let covered: BTreeSet<String> = all
            .iter()
            .filter(|golden| golden.r#type == message || (message == "AgentFrame" && golden.r#type == "ServerFrame"))
            .flat_map(|golden| golden.json.as_ref().unwrap().as_object().unwrap().keys().cloned())
            .collect();
        let wanted: BTreeSet<String> = members(message).iter().map(|name| camel(name)).collect();
        assert!(wanted.len() >= 10);
        assert_eq!(wanted.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new(), "{message}");
    }
}

#[test]
fn what_is_no_frame_is_refused() {
    let all = load("golden/invalid");
    assert!(all.len() > 30);
    let mut taken = Vec::new();
    for golden in &all {
        let bytes = golden.bytes();
        let refused = match golden.r#type.as_str() {
            "ClientFrame" => protocol::decode(Encoding::Proto, &Payload::Binary(bytes)) == Err(FrameError::Malformed),
            "ServerFrame" => <wire::ServerFrame as prost::Message>::decode(bytes.as_slice()).is_err(),
            "AgentFrame" => <wire::AgentFrame as prost::Message>::decode(bytes.as_slice()).is_err(),
            other => panic!("{other}"),
        };
        if !refused {
            taken.push(golden.name.as_str());
        }
    }
    assert_eq!(taken, Vec::<&str>::new());
}
