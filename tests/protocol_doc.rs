//! `docs/protocol.md` is held to the protocol: each frame, field, enum, code and limit that exists is in its tables with
//! its right type or number, nothing else is, and its examples are frames.
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    fs,
    path::Path,
};

use bellhop::core::{
    bot::dialogue::Reason,
    error::{CloseCode, Code},
    limits,
    protocol::{SUBPROTOCOL_JSON, SUBPROTOCOL_PROTO, wire},
};
use serde::{Serialize, de::DeserializeOwned};

const PAGE: &str = include_str!("../docs/protocol.md");

/// Message → field → type (`Type[]` for a list), and enum → value → number.
#[derive(Default)]
struct Proto {
    messages: BTreeMap<String, BTreeMap<String, String>>,
    enums: BTreeMap<String, BTreeMap<String, String>>,
}

/// Reads our own proto file, which keeps one field a line or a whole message in one.
fn proto() -> Proto {
    let mut proto = Proto::default();
    let mut open: Vec<(&str, &str)> = Vec::new();
    let code = include_str!("../proto/bellhop.proto").lines().map(|line| line.split("//").next().unwrap().trim());
    // A line of one message is read as three.
    for piece in code.flat_map(|line| line.split_inclusive(['{', '}', ';'])).map(str::trim) {
        let words: Vec<&str> = piece.trim_end_matches([';', '{']).split_whitespace().collect();
        match (words.as_slice(), open.last().copied()) {
            ([kind @ ("message" | "enum" | "oneof"), name], _) => open.push((kind, name)),
            (["}"], _) => assert!(open.pop().is_some()),
            ([value, "=", number], Some(("enum", name))) => {
                let values = proto.enums.entry(name.into()).or_default();
                values.insert((*value).into(), (*number).into());
            }
            ([kind @ .., name, "=", _], Some(("message" | "oneof", _))) => {
                let message = open.iter().rev().find(|(kind, _)| *kind == "message").unwrap().1;
                let kind = match kind {
                    ["repeated", kind] => format!("{kind}[]"),
                    kind => kind.join(" "),
                };
                proto.messages.entry(message.into()).or_default().insert((*name).into(), kind);
            }
            ([] | ["syntax" | "package", ..], _) => {}
            (words, place) => panic!("{words:?} in {place:?}"),
        }
    }
    assert!(open.is_empty() && proto.messages.len() > 40 && proto.enums.len() == 7);
    proto
}

/// The rows of all tables under a heading, as cells; `head` is the first cell of a table's head.
fn rows(heading: &str, head: &str) -> Vec<Vec<String>> {
    let section =
        PAGE.split("\n## ").find(|section| section.starts_with(heading)).unwrap_or_else(|| panic!("{heading}"));
    let mut found = Vec::new();
    let mut inside = false;
    for line in section.lines() {
        let line = line.replace("\\|", "¦");
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        if cells.len() < 4 {
            inside = false;
        } else if inside {
            found.push(cells[1..cells.len() - 1].to_vec());
        } else if cells[1] == head {
            inside = true;
        }
    }
    let found: Vec<Vec<String>> = found.into_iter().filter(|cells| !cells[0].starts_with("---")).collect();
    assert!(!found.is_empty(), "{heading}: no table of {head}");
    found
}

/// What stands between backticks in a cell.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn plain(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

#[test]
fn every_frame_is_in_the_tables_with_its_type_and_nothing_else() {
    let Proto { messages, .. } = proto();
    // What clients send and what servers send, each once; the visitor's frames are the agent's that everyone gets.
    let documented = rows("4.", "frame");
    let mut wanted: Vec<(String, String)> = Vec::new();
    for message in ["ClientFrame", "AgentFrame"] {
        wanted.extend(messages[message].iter().map(|(name, kind)| (name.clone(), kind.clone())));
    }
    let mut given: Vec<(String, String)> = documented.iter().map(|row| (plain(&row[0]), plain(&row[1]))).collect();
    given.sort();
    wanted.sort();
    assert_eq!(given, wanted);
    let from_server = documented.len() - messages["AgentFrame"].len();
    for row in &documented[from_server..] {
        let everyone = messages["ServerFrame"].contains_key(&plain(&row[0]));
        assert_eq!(row[2], if everyone { "all" } else { "agents" }, "{}", row[0]);
    }
}

#[test]
fn every_field_is_in_the_table_with_its_type_and_nothing_else() {
    let Proto { mut messages, enums } = proto();
    for frame in ["ClientFrame", "ServerFrame", "AgentFrame"] {
        messages.remove(frame);
    }
    let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
    for (message, fields) in &messages {
        wanted.extend(fields.iter().map(|(field, kind)| (format!("{message}.{field}"), kind.clone())));
    }
    let given: Vec<(String, String)> = rows("8.", "field").iter().map(|row| (plain(&row[0]), row[1].clone())).collect();
    assert_eq!(given.len(), wanted.len(), "a field is there twice, or missing");
    assert_eq!(given.into_iter().collect::<BTreeSet<_>>(), wanted);

    let given = rows("8.", "enum").into_iter().map(|row| (plain(&row[0]), row[1].clone()));
    let written = |values: &BTreeMap<String, String>| {
        let mut values: Vec<(u32, &String)> =
            values.iter().map(|(name, number)| (number.parse().unwrap(), name)).collect();
        values.sort();
        values.iter().map(|(number, name)| format!("`{name}` {number}")).collect::<Vec<_>>().join(", ")
    };
    let wanted: BTreeMap<String, String> = enums.iter().map(|(name, values)| (name.clone(), written(values))).collect();
    assert_eq!(given.collect::<BTreeMap<_, _>>(), wanted);
}

/// The codes that the sources behind a socket name, tests left out.
fn codes_of_sockets() -> BTreeSet<&'static str> {
    fn read(path: &Path, text: &mut String) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                if path.file_stem().is_some_and(|name| name != "tests") {
                    read(&path, text);
                }
            }
        } else {
            text.push_str(fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap());
        }
    }
    let mut text = String::new();
    for place in [
        "core/room",
        "core/desk",
        "core/auth/ticket.rs",
        "core/auth/token.rs",
        "edge/ticket.rs",
        "edge/object.rs",
        "edge/limits.rs",
        "edge/admission.rs",
    ] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(place), &mut text);
    }
    let named = |code: &Code| {
        text.match_indices(&format!("Code::{code:?}")).any(|(at, found)| {
            let own = !text[..at].ends_with("Close");
            own && !text[at + found.len()..].starts_with(|next: char| next.is_alphanumeric())
        })
    };
    // Without an encoding of ours there is no socket to tell this on.
    Code::ALL.iter().filter(|code| **code != Code::UpgradeRequired && named(code)).map(|code| code.name()).collect()
}

#[test]
fn every_code_of_the_socket_is_in_the_tables_and_nothing_else() {
    let tables = rows("6.", "code");
    let (numbers, names): (Vec<_>, Vec<_>) =
        tables.into_iter().partition(|row| row[0].starts_with(|c: char| c.is_ascii_digit()));
    let wanted =
        CloseCode::ALL.map(|code| (code.entry().0.to_string(), code.entry().1.to_owned(), code.entry().0 >= 4500));
    let given: Vec<_> =
        numbers.iter().map(|row| (row[0].clone(), plain(&row[1]), row[2].starts_with("stop"))).collect();
    assert_eq!(given, wanted);
    let given: BTreeSet<String> = names.iter().map(|row| plain(&row[0])).collect();
    assert_eq!(given.len(), names.len());
    assert_eq!(given, codes_of_sockets().into_iter().map(str::to_owned).collect());
}

/// 65536 → `65,536`
fn grouped(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let from_the_end = digits.len();
    let comma = |place: usize| if place > 0 && (from_the_end - place) % 3 == 0 { "," } else { "" };
    digits.chars().enumerate().map(|(place, digit)| format!("{}{digit}", comma(place))).collect()
}

#[test]
fn the_limits_are_those_of_the_code() {
    let count = |number: usize| grouped(number as u128);
    let rate =
        |size: bellhop::core::bucket::BucketSize| (grouped(size.burst as u128), grouped(size.per_second as u128));
    let (visitor, bytes, agent) =
        (rate(limits::VISITOR_FRAMES), rate(limits::VISITOR_BYTES), rate(limits::AGENT_FRAMES));
    let agents_bytes = rate(limits::AGENT_BYTES);
    let wanted = [
        ("a frame of yours", format!("{} bytes", count(limits::FRAME_BYTES))),
        ("a text or note", format!("{} characters", count(limits::TEXT_CHARS))),
        ("what a `typing` passes on of a text", format!("the last {} characters", limits::TYPING_CHARS)),
        ("a `client_id`", format!("{} of `A-Z a-z 0-9 _ -`", limits::CLIENT_ID_CHARS)),
        ("an integer", grouped(limits::MAX_INTEGER)),
        ("entries in a `welcome` or page", limits::PAGE_ENTRIES.to_string()),
        ("text in a `welcome` or page", format!("{} bytes", count(limits::PAGE_BYTES))),
        (
            "a visitor's name, e-mail, or attribute's name or value",
            format!("{} characters, the rest is cut", limits::PROFILE_CHARS),
        ),
        (
            "attributes of a visitor",
            format!("{}: known ones stay, and of new ones the first by name are taken", limits::ATTRIBUTES),
        ),
        ("the reason of a transfer", format!("{} characters", limits::REASON_CHARS)),
        (
            "sockets of a participant in a conversation, or of an agent at the Desk",
            format!("{}, the oldest gives way", limits::SOCKETS_PER_PARTICIPANT),
        ),
        ("frames of a visitor in a conversation", format!("{} at once, {} a second", visitor.0, visitor.1)),
        (
            "text of a visitor in a conversation, and what `identify` says",
            format!("{} bytes at once, {} a second", bytes.0, bytes.1),
        ),
        (
            "text and notes of an agent in a conversation",
            format!("{} bytes at once, {} a second", agents_bytes.0, agents_bytes.1),
        ),
        (
            "a `send`, `note` or `leave_email` counts, besides its text, and a `set_status`, `mute` or `tag`, as",
            format!("{} bytes", limits::MESSAGE_BYTES),
        ),
        ("frames of an agent in a conversation, or at the Desk", format!("{} at once, {} a second", agent.0, agent.1)),
        (
            "a `page`, a `rate`, a `leave`, a `leave_email`, an `identify`, or a second `hello` on a socket, counts as",
            format!("{} frames", limits::HISTORY_FRAME_COST),
        ),
        ("a `desk_page` counts as", format!("{} frames", limits::LIST_FRAME_COST)),
        ("rows in a `desk_page`", limits::DESK_PAGE_ROWS.to_string()),
        (
            "bytes that the server keeps for a socket that does not read",
            format!("{}, then 4008", count(limits::UNREAD_BYTES as usize)),
        ),
        ("frames in a row that can't be read, or are over a limit", limits::REFUSALS_BEFORE_CLOSE.to_string()),
        ("a ticket's life", format!("{} minutes", limits::TICKET_LIFE / 60_000)),
        ("offered subprotocols", limits::PROTOCOL_OFFERS.to_string()),
    ];
    let given: Vec<(String, String)> =
        rows("7.", "what").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(given, wanted.map(|(what, most)| (what.to_owned(), most)));
}

/// Names in running text, too: what looks like a field, frame or code is one.
#[test]
fn the_page_names_nothing_that_does_not_exist() {
    let Proto { messages, enums } = proto();
    let mut known: BTreeSet<String> = messages.keys().chain(enums.keys()).cloned().collect();
    known.extend(messages.values().flat_map(|fields| fields.keys().cloned()));
    known.extend(enums.values().flat_map(|values| values.keys().cloned()));
    known.extend(Code::ALL.map(|code| code.name().to_owned()));
    known.extend(Reason::ALL.map(|reason| reason.name().to_owned()));
    known.extend(CloseCode::ALL.map(|code| code.entry().1.to_owned()));
    known.extend(
        [SUBPROTOCOL_JSON, SUBPROTOCOL_PROTO, "ticket.", "ping", "pong", "Origin", "Type[]"].map(str::to_owned),
    );
    let prose: String = PAGE.split("```").step_by(2).collect();
    let mut checked = 0;
    for span in spans(&prose) {
        let name = span.split_once(':').map_or(span, |(name, _)| name);
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.[]".contains(c));
        let dotted = name
            .split_once('.')
            .is_some_and(|(message, field)| messages.get(message).is_some_and(|it| it.contains_key(field)));
        let indexed = name == "messages[0]";
        if is_name {
            assert!(known.contains(name) || dotted || indexed, "there is no {span}");
            checked += 1;
        }
    }
    assert!(checked > 250, "{checked}");
}

#[test]
fn the_examples_are_frames() {
    fn check<F: Serialize + DeserializeOwned + Debug>(line: &str) {
        let json: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let frame: F = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&frame).unwrap(), json, "a field that does not exist, or not as we write it");
    }
    let examples = PAGE.split("```json").skip(1).flat_map(|rest| rest.split("```").next().unwrap().lines());
    let mut checked = 0;
    for line in examples.filter(|line| !line.is_empty()) {
        match line.split_at(2) {
            ("> ", frame) => check::<wire::ClientFrame>(frame),
            ("< ", frame) => check::<wire::AgentFrame>(frame),
            _ => panic!("{line}: neither direction"),
        }
        checked += 1;
    }
    assert!(checked >= 6);
}
