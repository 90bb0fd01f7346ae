//! What no client of ours does: frames with numbers, names and texts that fit nothing, and bytes that are no frame. Only a
//! tape calls for it. Whatever is refused writes nothing; whatever is not does what the reference says.

use super::run::{Fate, NAMES, Run, wrote};
use crate::core::{
    limits::{MAX_INTEGER, TEXT_CHARS},
    protocol::{
        self, Encoding, Outgoing, Payload,
        wire::{self, client_frame::Frame, server_frame},
    },
    room::effect::{Effect, Input},
    socket::SocketId,
};

impl Run {
    pub(super) fn odd(&mut self) {
        let client = self.below(NAMES.len() as u64) as usize;
        let Some(socket) = self.clients[client].socket else { return self.connect(client) };
        self.reference_after_waking();
        let Some(encoding) = self.world.lines.get(&socket).map(|line| line.encoding) else { return };
        let frame = match self.below(10) {
            // Raw, through the codec.
            0 => {
                let bytes = self.dice.bytes(48);
                let payload = match encoding {
                    Encoding::Proto => Payload::Binary(bytes),
                    Encoding::Json => Payload::Text(String::from_utf8_lossy(&bytes).into_owned()),
                };
                protocol::decode(encoding, &payload)
            }
            1 => Ok(Some(Frame::Send(wire::Send { client_id: self.odd_name(), text: self.odd_text() }))),
            2 => Ok(Some(Frame::Note(wire::Note { client_id: self.odd_name(), text: self.odd_text() }))),
            3 => Ok(Some(Frame::Read(wire::Read { seq: self.odd_number() }))),
            4 => Ok(Some(Frame::Delivered(wire::Delivered { seq: self.odd_number() }))),
            5 => Ok(Some(Frame::Typing(wire::Typing { on: true, preview: self.odd_text(), participant: None }))),
            6 => Ok(Some(Frame::SetStatus(wire::SetStatus {
                status: self.below(7) as i32 - 1,
                snoozed_until: self.odd_number(),
                client_id: self.odd_name(),
            }))),
            7 => Ok(Some(Frame::Identify(wire::Identify {
                name: self.odd_text(),
                email: self.odd_text(),
                attributes: (0..self.below(40)).map(|number| (format!("a{number}"), self.odd_text())).collect(),
            }))),
            8 => Ok(Some(Frame::Renew(wire::Renew { ticket: self.odd_text() }))),
            _ => Ok(None),
        };
        self.say("odd", format!("{} {frame:?}", NAMES[client].0).chars().take(200).collect());
        match frame {
            Ok(Some(frame)) => self.odd_frame(socket, frame),
            other => {
                if self.input(Input::Frame { socket, frame: other }, Fate::Good).is_ok()
                    && self.world.lines.contains_key(&socket)
                {
                    assert!(!wrote(&self.world.last), "what is no frame wrote {:?}", self.world.last);
                }
            }
        }
        self.look();
    }

    /// A frame that can be read. Our clients' own state is left alone: no hello and no page, whose answers they would
    /// take for answers to their own.
    fn odd_frame(&mut self, socket: SocketId, frame: Frame) {
        match &frame {
            Frame::Hello(_) | Frame::Page(_) => {}
            // Given, not compared: what a profile holds is for scenarios.
            Frame::Identify(_) | Frame::Renew(_) => {
                self.input(Input::Frame { socket, frame: Ok(Some(frame)) }, Fate::Good).ok();
                self.world.network.retain(|call| !matches!(call, Effect::Verify { .. }));
            }
            _ => self.frame(socket, frame, Fate::Good),
        }
    }

    fn odd_name(&mut self) -> String {
        let names = ["", "m1", "n1", "ü", "a b", "'; DROP TABLE public_log", "0123456789", "\0"];
        match self.below(names.len() as u64 + 2) as usize {
            8 => "x".repeat(64),
            9 => "x".repeat(65),
            place => names[place].to_owned(),
        }
    }

    fn odd_text(&mut self) -> String {
        let texts = ["", " \n", "<script>alert(1)</script>", "\u{0}", "\u{202e}gnp.exe", "退款", "a", "😀"];
        match self.below(texts.len() as u64 + 2) as usize {
            8 => "长".repeat(TEXT_CHARS),
            9 => "x".repeat(TEXT_CHARS + 1),
            place => texts[place].to_owned(),
        }
    }

    fn odd_number(&mut self) -> u64 {
        let now = self.world.now.wire();
        let head = self.reference.public.len() as u64;
        [0, 1, head, head + 1, now, now + 1, now + 60_000, MAX_INTEGER][self.below(8) as usize]
    }
}

/// The frame was refused: its sender was told so, whatever it had asked for.
pub fn is_refused(effects: &[Effect], sender: SocketId) -> bool {
    effects.iter().any(|effect| {
        let Effect::Send { to, frame: Outgoing::Shared(frame) } = effect else { return false };
        to.contains(&sender) && matches!(frame.frame, Some(server_frame::Frame::Error(_)))
    })
}
