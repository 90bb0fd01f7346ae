//! What no console of ours does: frames that fit nothing, before the greeting and after it, and bytes that are no frame.
//! Only a tape calls for it. They come from a socket of their own, whose answers nobody keeps; requests among them are held
//! against the table of rules through everybody else's eyes.

use super::{
    super::rig::{agent, conversation},
    AGENTS, ROOMS, World,
};
use crate::core::{
    desk::effect::Input,
    limits::MAX_INTEGER,
    principal::Role,
    protocol::{
        self, Encoding, Payload,
        wire::{self, client_frame::Frame},
    },
};

/// Whose it is.
const STRANGER: u128 = 3;

impl World {
    pub(super) fn odd(&mut self) {
        self.collect();
        self.stranger = self.stranger.filter(|socket| self.rig.open.contains_key(socket));
        let Some(socket) = self.stranger else {
            if !self.disabled[&STRANGER] {
                let role = [Role::Agent, Role::Admin, Role::Owner][self.below(3)];
                self.stranger = Some(self.rig.connect(self.principal_of(STRANGER, role)));
            }
            return;
        };
        let (client_id, conversation) = (self.odd_name(), self.odd_conversation());
        let frame = match self.below(8) {
            0 => {
                let bytes = self.chance.bytes(96);
                protocol::decode(Encoding::Proto, &Payload::Binary(bytes))
            }
            1 => Ok(Some(Frame::Claim(wire::Claim { client_id, conversation }))),
            2 => {
                let assignment_epoch = self.odd_number();
                Ok(Some(Frame::Release(wire::Release { client_id, conversation, assignment_epoch })))
            }
            3 => {
                let (assignment_epoch, to) = (self.odd_number(), self.below(AGENTS as usize) as u128);
                let agent = if self.chance(80) { agent(to).id.to_string() } else { self.odd_name() };
                let reason = "原因".repeat(self.below(400));
                let transfer =
                    wire::Transfer { client_id, conversation, assignment_epoch, agent, reason, team: String::new() };
                Ok(Some(Frame::Transfer(transfer)))
            }
            4 => {
                let (desk_epoch, rev) = (self.odd_number(), self.odd_number());
                let said = wire::SetAvailability { availability: self.below(6) as i32 - 1, idle: self.chance(50) };
                let availability = self.chance(50).then_some(said);
                Ok(Some(Frame::DeskHello(wire::DeskHello { desk_epoch, rev, availability })))
            }
            5 => Ok(Some(Frame::DeskPage(wire::DeskPageRequest { after: conversation }))),
            6 => {
                let availability = self.below(6) as i32 - 1;
                Ok(Some(Frame::SetAvailability(wire::SetAvailability { availability, idle: availability < 1 })))
            }
            _ => Ok(None),
        };
        self.rig.feed(Input::Frame { socket, frame });
        for frame in self.rig.frames(socket) {
            self.see_frame(&frame);
        }
        self.collect();
    }

    fn odd_name(&mut self) -> String {
        let names = ["", "r1", "r2", "ü", "a b", "'; DROP TABLE conversations", "agt_aaaaaaaaaaaaaaaa", "\0"];
        match self.below(names.len() + 2) {
            8 => "x".repeat(64),
            9 => "x".repeat(65),
            place => names[place].to_owned(),
        }
    }

    fn odd_conversation(&mut self) -> String {
        match self.below(ROOMS + 3) {
            5 => String::new(),
            6 => conversation(ROOMS + 7).to_string(),
            7 => "cnv_".to_owned(),
            number => conversation(number).to_string(),
        }
    }

    fn odd_number(&mut self) -> u64 {
        let now = self.rig.now.wire();
        [0, 1, 2, 3, now, now + 1, now - 1, MAX_INTEGER][self.below(8)]
    }
}
