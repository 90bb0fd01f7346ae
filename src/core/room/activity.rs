//! Lines about what happened: who joined and left for everyone, how the team files the conversation for agents.

use super::{
    Room,
    effect::Effects,
    entry::{Author, Body, agent_participant, agent_shown, wire_status},
};
use crate::core::{
    id::Entropy,
    internal::{AgentRef, Status},
    protocol::wire::{self, activity, agent_frame, server_frame},
    time::Timestamp,
};

/// What a private activity says besides who did it.
pub enum Detail {
    /// The new status, and why if nobody has set it.
    Status(Status, &'static str),
    /// Why.
    Reason(String),
    /// To which team, and why.
    Team(String, String),
}

impl Room {
    /// Something that the visitor may see has happened.
    pub(super) fn append_activity(
        &mut self,
        kind: activity::Kind,
        subject: &AgentRef,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let activity =
            wire::Activity { kind: kind.into(), subject: Some(agent_shown(subject)), ..wire::Activity::default() };
        let entry = self.append(Author::System, String::new(), Body::Activity(activity), now, entropy, fx);
        fx.send(self.everyone(None, now), server_frame::Frame::Message(entry.message(false)));
    }

    /// Something that only agents may know has happened.
    #[allow(clippy::too_many_arguments)] // a flat record of what happened; its parts share no noun of their own
    pub(super) fn append_private_activity(
        &mut self,
        kind: activity::Kind,
        actor: Option<wire::Participant>,
        subject: Option<&AgentRef>,
        detail: Option<Detail>,
        now: Timestamp,
        entropy: &mut Entropy,
        fx: &mut Effects,
    ) {
        let mut activity = wire::Activity {
            kind: kind.into(),
            actor,
            subject: subject.map(agent_participant),
            ..wire::Activity::default()
        };
        match detail {
            Some(Detail::Status(status, reason)) => {
                (activity.status, activity.reason) = (wire_status(status).into(), reason.to_owned());
            }
            Some(Detail::Reason(reason)) => activity.reason = reason,
            Some(Detail::Team(team, reason)) => (activity.team, activity.reason) = (team, reason),
            None => {}
        }
        let entry = self.append_private(Author::System, String::new(), Body::Activity(activity), now, entropy, fx);
        fx.send_private(self.agents(None, now), agent_frame::Frame::PrivateMessage(entry.message(false)));
    }
}
