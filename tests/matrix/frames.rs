//! The frames' half of the matrix: what each is answered with, on each kind of socket, and which ids of others it could name.

use std::collections::BTreeSet;

use bellhop::core::protocol::wire::{self, client_frame::Frame};
use serde_json::{Value, json};

use super::{is_among, members::members};

/// What a client frame is answered with, by the socket that it comes on. `ok`: without an error.
struct Answers {
    visitor: &'static str,
    agent: &'static str,
    desk: &'static str,
    /// Members that hold ids.
    ids: &'static [&'static str],
}

const fn at_room(visitor: &'static str, agent: &'static str) -> Answers {
    Answers { visitor, agent, desk: "unknown_frame", ids: &[] }
}

const fn at_desk(ids: &'static [&'static str]) -> Answers {
    Answers { visitor: "unknown_frame", agent: "unknown_frame", desk: "ok", ids }
}

fn of_frame(frame: &Frame) -> Answers {
    match frame {
        Frame::Hello(_) => at_room("ok", "ok"),
        Frame::Send(_) => at_room("ok", "ok"),
        Frame::Delivered(_) => at_room("ok", "ok"),
        Frame::Read(_) => at_room("ok", "ok"),
        Frame::Typing(_) => at_room("ok", "ok"),
        // The private log does not exist for a visitor.
        Frame::Page(request) if request.log() == wire::Log::Private => at_room("bad_request", "ok"),
        Frame::Page(_) => at_room("ok", "ok"),
        Frame::Identify(_) => at_room("ok", "forbidden"),
        Frame::Note(_) => at_room("forbidden", "ok"),
        Frame::SetStatus(_) | Frame::Mute(_) => at_room("forbidden", "ok"),
        // A Room knows no tags: one of another workspace is one that nobody names.
        Frame::Tag(_) => Answers { ids: &["tag"], ..at_room("forbidden", "ok") },
        // Nobody has answered, so there is nothing to rate.
        Frame::Rate(_) => at_room("not_found", "forbidden"),
        Frame::Leave(_) | Frame::LeaveEmail(_) => at_room("ok", "forbidden"),
        // The ticket of the example is good for nobody.
        Frame::Renew(_) => Answers { desk: "unauthorized", ..at_room("unauthorized", "unauthorized") },
        Frame::DeskHello(_) => at_desk(&[]),
        Frame::Claim(_) => at_desk(&["conversation"]),
        Frame::Release(_) => at_desk(&["conversation"]),
        Frame::Transfer(request) if request.team.is_empty() => at_desk(&["conversation", "agent"]),
        Frame::Transfer(_) => at_desk(&["conversation", "team"]),
        Frame::SetAvailability(_) => at_desk(&[]),
        // Of a probe that never was: a sign of life.
        Frame::ProbeAnswer(_) => at_desk(&[]),
        Frame::Accept(_) => at_desk(&["conversation"]),
        // It is held, but does not ring.
        Frame::Decline(_) => Answers { desk: "conflict", ..at_desk(&["conversation"]) },
        Frame::DeskPage(_) => at_desk(&["after"]),
    }
}

/// One of each, as it goes over the wire. `{conversation}`, `{agent}` and `{team}` are put in by whoever sends it.
fn examples() -> Vec<(&'static str, Value)> {
    vec![
        ("hello", json!({})),
        ("send", json!({ "clientId": "matrix-send", "text": "hello" })),
        ("delivered", json!({ "seq": "1" })),
        ("read", json!({ "seq": "1" })),
        ("page", json!({})),
        ("page", json!({ "log": "PRIVATE" })),
        ("typing", json!({ "on": true })),
        ("renew", json!({ "ticket": "a.b.c" })),
        ("identify", json!({ "name": "Ada" })),
        ("note", json!({ "clientId": "matrix-note", "text": "a note" })),
        ("setStatus", json!({ "status": "OPEN", "clientId": "matrix-status" })),
        // Ended first: opening it again would mute nothing.
        ("mute", json!({ "clientId": "matrix-mute", "on": false })),
        ("tag", json!({ "clientId": "matrix-tag", "tag": "tag_aaaaaaaaaaaaaaaa", "on": true })),
        ("rate", json!({ "seq": "1", "helpful": true, "clientId": "matrix-rate" })),
        ("leave", json!({ "clientId": "matrix-leave" })),
        ("leaveEmail", json!({ "clientId": "matrix-leave-email", "email": "matrix@visitor.example" })),
        ("deskHello", json!({})),
        ("claim", json!({ "clientId": "matrix-claim", "conversation": "{conversation}" })),
        ("accept", json!({ "clientId": "matrix-accept", "conversation": "{conversation}" })),
        ("decline", json!({ "clientId": "matrix-decline", "conversation": "{conversation}" })),
        ("release", json!({ "clientId": "matrix-release", "conversation": "{conversation}" })),
        ("transfer", json!({ "clientId": "matrix-transfer", "conversation": "{conversation}", "agent": "{agent}" })),
        ("transfer", json!({ "clientId": "matrix-team", "conversation": "{conversation}", "team": "{team}" })),
        ("setAvailability", json!({ "availability": "ONLINE" })),
        ("probeAnswer", json!({ "probe": "1", "available": true })),
        ("deskPage", json!({ "after": "{conversation}" })),
    ]
}

/// Each example with its answers, as it is written.
pub fn frame_lines() -> Vec<Value> {
    examples().iter().map(frame_line).collect()
}

fn frame_line((name, body): &(&'static str, Value)) -> Value {
    let frame: wire::ClientFrame = serde_json::from_value(json!({ *name: body })).unwrap();
    let Answers { visitor, agent, desk, ids } = of_frame(&frame.frame.unwrap());
    json!({ "frame": name, "body": body, "visitor": visitor, "agent": agent, "desk": desk, "ids": ids })
}

/// Members of frames that hold no id of anything outside the conversation: a message's (`tip`) and a button's (`choice`) are compared with
/// what is there, and who is typing is the server's to say.
const NO_IDS_IN_FRAMES: &[&str] = &[
    "assignmentEpoch",
    "attributes",
    "availability",
    "available",
    "before",
    "choice",
    "clientId",
    "context.locale",
    "context.pageTitle",
    "context.pageUrl",
    "context.referrer",
    "context.timezone",
    "delivered",
    "deskEpoch",
    "email",
    "hello.after",
    "hello.afterPrivate",
    "helpful",
    "idle",
    "log",
    "logEpoch",
    "name",
    "on",
    "participant.id",
    "participant.kind",
    "participant.picture",
    "preview",
    "probe",
    "read",
    "reason",
    "rev",
    "seq",
    "snoozedUntil",
    "status",
    "text",
    "ticket",
    "tip",
    "tipPrivate",
];

#[test]
fn inv_14_every_kind_of_frame_has_an_example_with_each_of_its_ids() {
    // Both spellings are read; examples have the shorter one.
    let members = members::<wire::ClientFrame>().into_iter().filter(|member| !member.contains('_'));
    let (whole, parts): (BTreeSet<String>, BTreeSet<String>) = members.partition(|member| !member.contains('.'));
    let examples = examples();
    assert_eq!(examples.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>(), whole);
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for (name, body) in &examples {
        let frame: wire::ClientFrame = serde_json::from_value(json!({ *name: body })).unwrap();
        let own = of_frame(&frame.frame.unwrap()).ids;
        assert!(own.iter().all(|id| body.get(id).is_some()), "{name} {body}: {own:?}");
        ids.extend(own.iter().map(|id| format!("{name}.{id}")));
    }
    let is_whole = |member: &str| parts.iter().any(|other| other.starts_with(&format!("{member}.")));
    let unsaid: Vec<&String> = parts
        .iter()
        .filter(|member| !is_whole(member) && !ids.contains(*member) && !is_among(member, NO_IDS_IN_FRAMES))
        .collect();
    assert!(unsaid.is_empty(), "an id, for its row and an example, or none, for NO_IDS_IN_FRAMES? {unsaid:#?}");
    assert!(ids.is_subset(&parts), "{ids:?}");
}
