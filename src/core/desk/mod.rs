//! A Desk: the agents of one workspace and their live list, as a machine without clock, randomness or I/O.
//!
//! [`Desk::handle`] takes one [`Input`] and leaves [`Effects`]. It decides who has a conversation ([`claims`]), shows
//! every console the same list ([`list`]), hears Rooms ([`notice`]), and sees that whoever is revoked falls silent in
//! every Room ([`revoke`]). Its store holds one row per conversation that is not resolved, written at transitions only;
//! everything is in memory, so an input reads nothing.
//!
//! Messages do not pass through it. Rooms report at a pace that its answers set ([`pace`]), consoles get one frame a
//! second, so its work is bounded whatever is written in the Rooms. What waits it gives to an agent who answers
//! ([`routing`]), if the workspace wants that.
//!
//! Invariants guarded here: INV-5, INV-8, INV-11, INV-13.

pub mod agenda;
pub mod answers;
mod bot;
mod candidates;
mod claims;
pub mod conversation;
pub mod decisions;
pub mod effect;
mod follow_up;
mod form;
mod gate;
mod hours;
mod idle;
mod knocks;
mod line;
pub mod list;
pub mod loads;
mod machine;
mod notice;
pub mod outbound;
pub mod pace;
pub mod presence;
pub mod record;
mod revoke;
mod rings;
mod routing;
pub mod session;
#[cfg(any(test, feature = "test-points"))]
pub mod tests;

use std::collections::{BTreeMap, BTreeSet};

use litemap::LiteMap;

use self::{
    agenda::Agenda,
    answers::Answers,
    decisions::Log,
    effect::{Call, Effects, Input},
    knocks::Knocks,
    line::Line,
    list::List,
    outbound::{Outbound, Word},
    pace::Pace,
    presence::Present,
    record::{Record, Revocation},
    routing::Router,
    session::Session,
};
use super::{
    bucket::TokenBucket,
    error::Code,
    id::{AgentId, ConversationId, Entropy, WorkspaceId},
    limits::{ORDER_PATIENCE, REVOCATION_PATIENCE},
    port::SqlError,
    protocol::{
        FrameError, client_id_of, error_frame,
        wire::{client_frame::Frame, server_frame},
    },
    routing::roster::Roster,
    socket::SocketId,
    time::Timestamp,
};
use crate::sql::desk::{DeskStore, DeskWrite, Exists};

/// One workspace's agents and conversations.
#[derive(Debug)]
pub struct Desk {
    workspace: WorkspaceId,
    has_tables: bool,
    record: Record,
    list: List,
    sessions: LiteMap<SocketId, Session>,
    /// What each agent may still send, over all sockets; in memory only, refilled when the Desk wakes (INV-9).
    frames: LiteMap<AgentId, TokenBucket>,
    /// Whose last socket has gone, as it was, and until when that is not seen.
    leaving: LiteMap<AgentId, (Session, Timestamp)>,
    /// What consoles were told of each other last.
    told: LiteMap<AgentId, Present>,
    presence_changed: bool,
    /// Who has come since it was last looked who is gone for too long.
    came: BTreeSet<AgentId>,
    /// Agents of whom some consoles know more than others, as one of them was told.
    uneven: LiteMap<AgentId, Present>,
    /// Every console has to start over.
    owes_welcomes: bool,
    /// When silence was last looked for.
    looked_at: Timestamp,
    /// Where agents have sockets, and since when.
    attached: BTreeMap<ConversationId, LiteMap<AgentId, Timestamp>>,
    /// How those began that have begun in this memory.
    knocks: Knocks,
    /// Whom Rooms have yet to hear of, by whom it is about.
    revocations: LiteMap<String, Revocation>,
    /// Revocations to be told.
    words: Outbound<Word>,
    /// Assignments to be told.
    orders: Outbound<Word>,
    /// Rooms that are to hear how long they may stand still.
    idle_words: Outbound<Word>,
    /// Rooms that are to hear which bot there is.
    bot_words: Outbound<Word>,
    pace: Pace,
    agenda: Agenda,
    router: Router,
    /// Who works where.
    roster: Roster,
    /// When something opens or closes next, as of when.
    hours_turn: Option<Timestamp>,
    hours_seen: Timestamp,
    line: Line,
    /// How long visitors have waited today.
    answers: Answers,
    /// When the timer rings next.
    timer: Option<Timestamp>,
    /// Of this input.
    chance: Entropy,
}

impl Desk {
    /// Loads what is stored. `alarm` is when the object's alarm is set to ring, if it is.
    pub fn load(
        store: DeskStore<'_>,
        workspace: WorkspaceId,
        alarm: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Desk, SqlError> {
        let exists = store.exists()?;
        let mut desk = Desk {
            workspace,
            has_tables: exists == Exists::AsNow,
            record: Record::default(),
            list: List::load(Vec::new(), now),
            sessions: LiteMap::new(),
            frames: LiteMap::new(),
            leaving: LiteMap::new(),
            told: LiteMap::new(),
            presence_changed: false,
            came: BTreeSet::new(),
            uneven: LiteMap::new(),
            owes_welcomes: false,
            looked_at: now,
            attached: BTreeMap::new(),
            knocks: Knocks::default(),
            revocations: LiteMap::new(),
            words: Outbound::new(REVOCATION_PATIENCE),
            orders: Outbound::new(ORDER_PATIENCE),
            idle_words: Outbound::new(ORDER_PATIENCE),
            bot_words: Outbound::new(ORDER_PATIENCE),
            pace: Pace::default(),
            agenda: Agenda::new(alarm),
            router: Router::default(),
            roster: Roster::default(),
            hours_turn: None,
            hours_seen: now,
            line: Line::new(now),
            answers: Answers::default(),
            timer: None,
            chance: Entropy::new(0),
        };
        if exists >= Exists::WithRoster {
            desk.roster = store.roster()?;
            desk.look_at_hours(now);
        }
        if exists == Exists::AsNow {
            desk.router.log = Log::new(store.last_decision()?);
            let waits = store.waits()?;
            for (line, waits) in &waits {
                desk.line.remember(line.clone(), waits.departures.clone());
            }
            desk.answers = Answers::load(waits, desk.today(now));
        }
        if exists != Exists::No {
            desk.record = store.record()?;
            desk.list = List::load(store.conversations()?, now);
            let ageing = desk.record.routing.ageing();
            desk.router.loads.remember(&desk.record.given);
            for entry in desk.list.entries.values_mut() {
                // A row of a version before routing has no place in the queue yet.
                entry.settle(now);
                let team = desk.roster.team_of(entry.stored.team.as_ref(), &entry.stored.site).cloned();
                desk.router.loads.place(entry, team, ageing);
                if let Some((line, came)) = entry.indexed.line().zip(entry.indexed.waits_since()) {
                    desk.line.stands(line, came);
                }
            }
            desk.stand();
            desk.router.look_again();
            desk.attached = store.attached()?;
            desk.revocations = store.revocations()?;
            desk.resume_words(now);
        }
        Ok(desk)
    }

    /// Takes one input.
    pub fn handle(&mut self, input: Input, now: Timestamp, fx: &mut Effects) {
        match input {
            // What follows from this waits for the input that woke the Desk: calls would hold that one up.
            Input::Restored { sessions, dropped } => return self.restored(sessions, dropped, now),
            Input::Connected { socket, principal, encoding } => self.connected(socket, principal, encoding, now, fx),
            Input::Frame { socket, frame } => self.frame(socket, frame, now, fx),
            Input::Renewed { socket, principal } => self.renewed(socket, principal, now, fx),
            Input::Disconnected(socket) => self.disconnected(socket, now),
            Input::Alarm(heartbeats) => self.alarm(heartbeats, now, fx),
            Input::Tick => self.ticked(),
            Input::Notice(notice) => self.notice(*notice, now, fx),
            Input::Attach(request) => self.attach(request, now, fx),
            Input::Withdraw(withdrawal) => self.withdraw(&withdrawal, fx),
            Input::Detach(notice) => self.detach(notice, fx),
            Input::Revoke(request) => self.revoke(request, now, fx),
            // Answered where the store is, by the machine.
            Input::Asked(_) => {}
            Input::Configure(request) => self.configure(request, now, fx),
            Input::RoomAnswered { conversation, assignment_epoch, outcome } => {
                self.room_answered(&conversation, assignment_epoch, outcome, now, fx);
            }
            Input::IdleTold { conversation, version, heard } => self.idle_told(&conversation, version, heard, now),
            Input::BotChanged(notice) => self.bot_changed(notice, now, fx),
            Input::BotTold { conversation, version, heard } => self.bot_told(&conversation, version, heard, now),
            Input::RoomRevoked { conversation, revoked, heard } => {
                self.room_revoked(conversation, &revoked, heard, now, fx);
            }
            Input::LookedUp { socket, transfer, disabled, found } => {
                self.looked_up(socket, &transfer, disabled, found, now, fx);
            }
        }
        self.settle(now, fx);
    }

    fn frame(&mut self, socket: SocketId, frame: Result<Option<Frame>, FrameError>, now: Timestamp, fx: &mut Effects) {
        let Some(frame) = self.admit(socket, frame, now, fx) else { return };
        // What has rung for long enough is over before anybody asks for it, or they would be told of what ends with the same
        // input. Who accepts or declines it that late is heard first.
        if matches!(frame, Frame::Claim(_) | Frame::Release(_) | Frame::Transfer(_)) {
            self.end_rings(now, fx);
        }
        match frame {
            Frame::DeskHello(hello) => self.hello(socket, &hello, now, fx),
            Frame::DeskPage(request) => self.page(socket, &request, fx),
            Frame::Claim(claim) => self.claim(socket, &claim, now, fx),
            Frame::Release(release) => self.release(socket, &release, now, fx),
            Frame::Transfer(transfer) => self.transfer(socket, transfer, now, fx),
            Frame::SetAvailability(request) => self.set_availability(socket, request, fx),
            Frame::ProbeAnswer(answer) => self.probe_answered(socket, &answer, now, fx),
            Frame::Accept(accept) => self.accept(socket, &accept, now, fx),
            Frame::Decline(decline) => self.decline(socket, &decline, now, fx),
            Frame::Renew(renew) => fx.call(Call::Verify { socket, ticket: renew.ticket }),
            frame @ (Frame::Hello(_)
            | Frame::Send(_)
            | Frame::Delivered(_)
            | Frame::Read(_)
            | Frame::Page(_)
            | Frame::Typing(_)
            | Frame::Identify(_)
            | Frame::Note(_)
            | Frame::Leave(_)
            | Frame::Mute(_)
            | Frame::Tag(_)
            | Frame::Rate(_)
            | Frame::LeaveEmail(_)
            | Frame::SetStatus(_)) => {
                let message = "this frame belongs on a Room's socket";
                self.refuse(socket, Code::UnknownFrame, message, &client_id_of(frame), fx);
            }
        }
    }

    /// The workspace that this Desk is for.
    pub fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// Adds a write, after the tables if there are none yet.
    fn write(&mut self, write: DeskWrite, fx: &mut Effects) {
        if !self.has_tables {
            self.has_tables = true;
            fx.write(DeskWrite::Create);
        }
        fx.write(write);
    }

    /// Sends an error frame.
    fn refuse(&self, socket: SocketId, code: Code, message: &str, client_id: &str, fx: &mut Effects) {
        fx.send(vec![socket], server_frame::Frame::Error(error_frame(code, message, client_id)));
    }
}
