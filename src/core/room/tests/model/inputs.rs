//! What reaches the Room and what leaves it, with what may come between; and what the reference makes of each frame.

use super::{
    checks::text,
    odd::is_refused,
    reference::name_of,
    run::{Fate, NAMES, Run},
};
use crate::{
    core::{
        bot::action::Reply,
        effect::Platform as _,
        error::Code,
        internal::Status,
        protocol::wire::{self, client_frame::Frame},
        room::{
            effect::{Call, Effect, Input},
            tests::around::{WRITTEN, grown, written as written_so_far},
        },
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomWrite,
};

impl Run {
    /// Frames reach the Room, or it dies of them.
    pub(super) fn frames_in(&mut self, client: usize, many: u64) {
        for _ in 0..many {
            let Some(socket) = self.clients[client].socket else { return };
            let Some(frame) = self.clients[client].out.pop_front() else { return };
            let fate = if self.strikes("crash before commit") {
                Fate::CrashBefore
            } else if self.strikes("crash after commit") {
                Fate::CrashAfter
            } else if self.strikes("write fails") {
                Fate::WriteFails
            } else {
                Fate::Good
            };
            self.reference_after_waking();
            self.say("frame", format!("{} {fate:?} {frame:?}", NAMES[client].0));
            self.frame(socket, frame, fate);
            self.look();
        }
    }

    pub(super) fn frame(&mut self, socket: SocketId, frame: Frame, fate: Fate) {
        let Some(principal) = self.held.get(&socket).cloned() else { return };
        // Waking may have ended it.
        if !self.world.lines.contains_key(&socket) {
            return;
        }
        let may = self.reference.admits(&principal, self.world.now);
        let given = frame.clone();
        let input = Input::Frame { socket, frame: Ok(Some(frame)) };
        if let Err(code) = self.input(input, fate) {
            if fate == Fate::WriteFails || fate == Fate::Good {
                let client_id = crate::core::protocol::client_id_of(given);
                let error = crate::core::protocol::error_frame(code, "", &client_id);
                if let Some(line) = self.world.lines.get_mut(&socket) {
                    let frame = Some(wire::agent_frame::Frame::Error(error));
                    line.inbox.push(wire::AgentFrame { frame });
                }
            }
            return;
        }
        let is_limited = self.world.last.iter().any(|effect| is_error(effect, Code::RateLimited));
        if !may || is_limited {
            if !may && self.reference.owner.is_some() {
                assert!(!self.world.lines.contains_key(&socket), "INV-13: {} speaks on", name_of(&principal));
            }
            return;
        }
        if let Frame::Rate(rate) = &given {
            let is_early = self.world.last.iter().any(|effect| is_error(effect, Code::HelloFirst));
            let is_taken = !is_refused(&self.world.last, socket);
            assert!(is_early || is_taken == self.reference.may_rate(&principal, rate.seq), "{rate:?} of {principal:?}");
        }
        if is_refused(&self.world.last, socket) {
            assert!(!wrote(&self.world.last), "a refused {given:?} wrote {:?}", self.world.last);
            return;
        }
        // What a model wrote for the bot is cut short by what comes to others.
        self.adopt_bot();
        match given {
            Frame::Send(send) => self.reference.send(&principal, &send.client_id, &send.text, self.world.now),
            Frame::Note(note) => self.reference.note(&principal, &note.client_id, &note.text),
            Frame::Rate(rate) => {
                self.reference.rated.insert(rate.seq, rate.helpful);
                self.say("rates", String::new());
            }
            Frame::Mute(request) => self.reference.mute(request.on, self.world.now),
            Frame::Tag(request) => self.reference.tag(request.tag, request.on),
            Frame::SetStatus(request) => {
                let until = Timestamp(i64::try_from(request.snoozed_until).unwrap());
                match request.status() {
                    wire::Status::Snoozed if until > self.world.now => {
                        self.reference.file(Status::Snoozed, Some(until), self.world.now);
                    }
                    wire::Status::Open => self.reference.file(Status::Open, None, self.world.now),
                    wire::Status::Resolved => self.reference.file(Status::Resolved, None, self.world.now),
                    _ => {}
                }
            }
            _ => {
                let is_bots = hands_over(&self.world.last);
                assert!(is_bots || !wrote(&self.world.last), "INV-11: {given:?} wrote {:?}", self.world.last);
            }
        }
    }

    /// One input with its fate. `Ok`: it is on disk.
    pub(super) fn input(&mut self, input: Input, fate: Fate) -> Result<(), Code> {
        self.world.wake();
        match fate {
            Fate::Good => self.world.feed(input),
            Fate::WriteFails => {
                self.world.sql.fail_write.set(Some(1));
                let result = self.world.feed(input);
                self.world.sql.fail_write.set(None);
                result
            }
            Fate::CrashBefore => {
                drop(self.world.decide(input));
                self.crash();
                Err(Code::Internal)
            }
            Fate::CrashAfter => {
                let Some(effects) = self.world.decide(input) else { return Err(Code::Storage) };
                let stored = self.world.store(&effects);
                assert!(stored);
                // The alarm belongs to the same transaction.
                for effect in effects.iter() {
                    if let Effect::SetAlarm(at) = effect {
                        self.world.set_alarm(*at);
                    }
                }
                self.crash();
                Ok(())
            }
        }
    }

    /// An input after which a silence may end. What the Room knows of the terms it has been told; what follows, the reference
    /// finds by itself.
    pub(super) fn silent(&mut self) {
        self.adopt_bot();
        if let Some(terms) = self.world.room.as_ref().and_then(|room| room.idle) {
            self.reference.silent(terms, self.world.now);
        }
    }

    /// Waking itself may end sockets and set alarms, but changes nothing that the reference knows of.
    pub(super) fn reference_after_waking(&mut self) {
        self.world.wake();
        self.look();
    }

    pub(super) fn frames_out(&mut self, client: usize, many: u64) {
        for _ in 0..many {
            let Some(socket) = self.clients[client].socket else { return };
            let Some(line) = self.world.lines.get_mut(&socket) else { return };
            if line.inbox.is_empty() {
                return;
            }
            let frame = line.inbox.remove(0);
            self.clients[client].receive(frame);
        }
    }

    pub(super) fn calls(&mut self, many: u64) {
        for _ in 0..many {
            let Some(call) = self.world.network.pop_front() else { return };
            if self.strikes("call lost") {
                continue;
            }
            let fails = self.strikes("call fails");
            let answer = match (fails, call) {
                (true, Call::Publish(_)) => Input::Published(None),
                (true, Call::Inspect(_)) => Input::Inspected(None),
                (true, Call::TellDesk(notice)) => Input::DeskAnswered { rev: notice.rev, answer: None },
                (true, Call::Detach(agent)) => Input::Detached { agent, heard: false },
                (true, Call::AskBot(question)) => {
                    Input::BotSays { seq: question.seq, decision: None, turn: Box::default() }
                }
                (true, Call::Act(call)) => {
                    let reply = if self.below(2) == 0 { Reply::Again } else { Reply::Failed };
                    Input::Acted { to: call.action.to, attempt: call.attempt, reply }
                }
                (fails, Call::Consult(call)) => {
                    let written = self.part_of_what_is_written();
                    match self.below(8) {
                        // In the middle of what it writes, perhaps.
                        ..3 => written_so_far(&call, &written, false),
                        _ if fails => written_so_far(&call, &written, false),
                        // It writes on, or says again what it has said: a Room may hear of two calls.
                        3..6 => {
                            let grows = grown(&call, &written);
                            self.world.network.push_back(Call::Consult(call));
                            grows
                        }
                        _ => self.world.answer(Call::Consult(call)),
                    }
                }
                (_, call) => self.world.answer(call),
            };
            self.reference_after_waking();
            let is_desks = matches!(answer, Input::DeskAnswered { .. });
            if self.input(answer, Fate::Good).is_ok() && is_desks {
                self.silent();
            }
            self.look();
        }
    }

    fn part_of_what_is_written(&mut self) -> String {
        let many = WRITTEN.chars().count() as u64;
        let part = self.below(many + 1) as usize;
        WRITTEN.chars().take(part).collect()
    }

    /// The lines run empty: everyone who is connected holds the log as it is.
    pub(super) fn quiet(&mut self) {
        for round in 0..60 {
            for client in 0..NAMES.len() {
                self.frames_in(client, 100);
                self.frames_out(client, 100);
                // Seldom is anybody else here long enough. At the end everything is said.
                if round == 0 && !self.calm {
                    self.rate(client);
                }
            }
            let is_idle = self.clients.iter().all(|client| {
                client.out.is_empty()
                    && client
                        .socket
                        .and_then(|socket| self.world.lines.get(&socket))
                        .is_none_or(|it| it.inbox.is_empty())
            });
            if is_idle {
                break;
            }
            self.world.now = self.world.now.plus(300);
        }
        self.everyone_is_current();
        self.say("quiet", String::new());
    }
}

pub fn wrote(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
}

/// The bot gives the conversation to people: whatever comes after a clock that went back finds it late.
pub fn hands_over(effects: &[Effect]) -> bool {
    let of_bot = |effect: &Effect| match effect {
        Effect::Write(RoomWrite::AppendPrivate(entry, _)) => text(&entry.body) == "handed_over",
        _ => false,
    };
    effects.iter().any(of_bot)
}

fn is_error(effect: &Effect, code: Code) -> bool {
    let Effect::Send { frame: crate::core::protocol::Outgoing::Shared(frame), .. } = effect else { return false };
    matches!(&frame.frame, Some(wire::server_frame::Frame::Error(error)) if error.code == code.name())
}
