//! Frames in short, so that scenarios read like a transcript.

use crate::core::protocol::wire::{self, activity, agent_frame::Frame};

fn who(participant: Option<&wire::Participant>) -> String {
    match participant {
        None => "-".into(),
        Some(who) => match who.kind() {
            wire::SenderKind::Visitor => "visitor".into(),
            wire::SenderKind::Agent => who.name.clone(),
            wire::SenderKind::System => "system".into(),
            wire::SenderKind::Bot => "bot".into(),
            wire::SenderKind::SenderUnknown => format!("{who:?}"),
        },
    }
}

fn own(client_id: &str) -> String {
    if client_id.is_empty() { String::new() } else { format!(" ({client_id})") }
}

fn status(status: i32) -> String {
    wire::Status::try_from(status).map_or("?".into(), |status| status.as_str_name().to_lowercase())
}

fn happened(activity: &wire::Activity) -> String {
    let kind = activity::Kind::try_from(activity.kind).map_or("?", |kind| kind.as_str_name()).to_lowercase();
    let mut text = kind;
    if activity.subject.is_some() {
        text += &format!(" {}", who(activity.subject.as_ref()));
    }
    if activity.actor.is_some() {
        text += &format!(" by {}", who(activity.actor.as_ref()));
    }
    if activity.status != 0 {
        text += &format!(" {}", status(activity.status));
    }
    if !activity.reason.is_empty() {
        text += &format!(" '{}'", activity.reason);
    }
    if activity.ends_at > 0 {
        text += &format!(" until {}", activity.ends_at);
    }
    if !activity.team.is_empty() {
        text += &format!(" to {}", activity.team);
    }
    text
}

fn seqs(numbers: impl Iterator<Item = u64>) -> String {
    let all: Vec<u64> = numbers.collect();
    match all.as_slice() {
        [] => "[]".into(),
        [first, .., last] if last - first + 1 == all.len() as u64 => format!("[{first}..{last}]"),
        all => format!("{all:?}"),
    }
}

fn flags(list: &[(&str, bool)]) -> String {
    list.iter().filter(|(_, on)| *on).map(|(name, _)| format!(" {name}")).collect()
}

/// One frame as a line.
pub fn show(frame: &wire::AgentFrame) -> String {
    match frame.frame.as_ref().unwrap() {
        Frame::Welcome(it) => format!(
            "welcome {} {}{}{}",
            it.head,
            seqs(it.messages.iter().map(|message| message.seq)),
            flags(&[("more", it.more), ("reset", it.reset)]),
            if it.growing.is_empty() { String::new() } else { format!(" growing {:?}", it.growing) }
        ),
        Frame::Message(it) => {
            let body = match it.body.as_ref().unwrap() {
                wire::message::Body::Text(text) => text.clone(),
                wire::message::Body::Activity(activity) => happened(activity),
            };
            let labels: Vec<&str> = it.choices.iter().map(|choice| choice.label.as_str()).collect();
            let body = if labels.is_empty() { body } else { format!("{body} [{}]", labels.join("|")) };
            format!("message {} {}: {body}{}", it.seq, who(it.sender.as_ref()), own(&it.client_id))
        }
        Frame::PrivateMessage(it) => {
            let body = match it.body.as_ref().unwrap() {
                wire::private_message::Body::Note(text) => text.clone(),
                wire::private_message::Body::Activity(activity) => happened(activity),
            };
            let sender = who(it.sender.as_ref());
            format!("private {} after {} {sender}: {body}{}", it.seq, it.follows, own(&it.client_id))
        }
        Frame::Grow(it) => format!("grow {} {} {:?}", it.to, it.offset, it.text),
        Frame::Queue(it) => format!("queue {} {}", it.position, it.wait_ms),
        Frame::Ack(it) => format!("ack {} {}", it.client_id, it.seq),
        Frame::NoteAck(it) => format!("note_ack {} {}", it.client_id, it.seq),
        Frame::Receipt(it) => format!("receipt {} d{} r{}", who(it.participant.as_ref()), it.delivered, it.read),
        Frame::Typing(it) => {
            let preview = if it.preview.is_empty() { String::new() } else { format!(" '{}'", it.preview) };
            format!("typing {} {}{preview}", who(it.participant.as_ref()), if it.on { "on" } else { "off" })
        }
        Frame::Presence(it) => {
            let agents: Vec<String> = it.agents.iter().map(|agent| who(Some(agent))).collect();
            format!("presence [{}]{}", agents.join(","), flags(&[("visitor", it.visitor)]))
        }
        Frame::State(it) => {
            let until = if it.snoozed_until == 0 { String::new() } else { " until".into() };
            format!("state {}{until} {}", status(it.status), who(it.assignee.as_ref()))
        }
        Frame::Page(it) => {
            let messages = seqs(it.messages.iter().map(|message| message.seq));
            format!("page {} {messages}{}", it.before, flags(&[("more", it.more)]))
        }
        Frame::PrivatePage(it) => {
            let messages = seqs(it.messages.iter().map(|message| message.seq));
            format!("private_page {} {messages}{}", it.before, flags(&[("more", it.more)]))
        }
        Frame::PrivateWelcome(it) => format!(
            "private_welcome {} {}{}",
            it.head,
            seqs(it.messages.iter().map(|message| message.seq)),
            flags(&[("more", it.more)])
        ),
        Frame::Error(it) => {
            let retry = if it.retry_after_ms > 0 { " retry" } else { "" };
            format!("error {}{}{retry}", it.code, own(&it.client_id))
        }
        Frame::Rated(it) => format!("rated {} {}", it.seq, it.rating().as_str_name().to_lowercase()),
        Frame::Done(it) => format!("done {}", it.client_id),
        Frame::Visitor(it) => {
            let tags: String = it.tags.iter().map(|tag| format!(" #{tag}")).collect();
            format!("visitor {}{}{tags}", it.name, flags(&[("blocked", it.blocked), ("muted", it.muted)]))
        }
        other @ (Frame::DeskWelcome(_)
        | Frame::DeskUpdate(_)
        | Frame::DeskPage(_)
        | Frame::Assigned(_)
        | Frame::Probe(_)) => {
            panic!("not of a Room: {other:?}")
        }
    }
}
