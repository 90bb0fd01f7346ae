//! What no client of ours does: frames with numbers, names and texts that fit nothing, and bytes that are no frame. Only a
//! tape calls for it. Whatever is refused writes nothing; whatever is not does what the reference says.

use super::{
    inputs::wrote,
    run::{Fate, Run},
};
use crate::core::{
    limits::{MAX_INTEGER, TEXT_CHARS},
    protocol::{
        self, Encoding, Outgoing, Payload,
        wire::{self, client_frame::Frame, server_frame},
    },
    room::effect::{Call, Effect, Input},
    socket::SocketId,
};

/// Whose sockets they are: those of the visitor's phone and of Ann.
const TAB: usize = 2;
const AGENT: usize = 5;

impl Run {
    pub(super) fn odd(&mut self) {
        let place = self.below(2) as usize;
        self.reference_after_waking();
        let known = self.strangers[place].filter(|socket| self.world.lines.contains_key(socket));
        self.strangers[place] = known;
        let Some(socket) = known else { return self.stranger(place) };
        let Some(encoding) = self.world.lines.get(&socket).map(|line| line.encoding) else { return };
        let frame = match self.below(12) {
            // Raw, through the codec.
            0 => {
                let bytes = self.dice.bytes(48);
                let payload = match encoding {
                    Encoding::Proto => Payload::Binary(bytes),
                    Encoding::Json => Payload::Text(String::from_utf8_lossy(&bytes).into_owned()),
                };
                protocol::decode(encoding, &payload)
            }
            1 => Ok(Some(Frame::Send(wire::Send {
                client_id: self.odd_name(),
                text: self.odd_text(),
                ..wire::Send::default()
            }))),
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
            9 => Ok(Some(Frame::Page(wire::PageRequest { log: self.below(3) as i32, before: self.odd_number() }))),
            10 => Ok(None),
            _ => Ok(Some(Frame::Hello(wire::Hello {
                log_epoch: self.odd_number(),
                after: self.odd_number(),
                tip: self.odd_text(),
                after_private: self.odd_number(),
                delivered: self.odd_number(),
                read: self.odd_number(),
                context: None,
                tip_private: self.odd_name(),
            }))),
        };
        self.say("odd", format!("{place} {frame:?}").chars().take(200).collect());
        match frame {
            // Given, not compared: what a profile holds is for scenarios.
            Ok(Some(frame @ (Frame::Identify(_) | Frame::Renew(_)))) => {
                self.input(Input::Frame { socket, frame: Ok(Some(frame)) }, Fate::Good).ok();
                self.world.network.retain(|call| !matches!(call, Call::Verify { .. }));
            }
            Ok(Some(frame)) => self.frame(socket, frame, Fate::Good),
            other => {
                if self.input(Input::Frame { socket, frame: other }, Fate::Good).is_ok()
                    && self.world.lines.contains_key(&socket)
                {
                    assert!(!wrote(&self.world.last), "what is no frame wrote {:?}", self.world.last);
                }
            }
        }
        self.look();
        self.world.inbox(socket);
    }

    /// Comes in, and mostly says hello.
    fn stranger(&mut self, place: usize) {
        let client = [TAB, AGENT][place];
        if self.is_blocked && place == 0 {
            return;
        }
        let principal = self.principal(client);
        let encoding = if self.below(2) == 0 { Encoding::Proto } else { Encoding::Json };
        let socket = self.world.connect(principal.clone(), encoding);
        if self.world.lines.contains_key(&socket) {
            self.held.insert(socket, principal);
            self.strangers[place] = Some(socket);
            if self.below(4) > 0 {
                self.frame(socket, Frame::Hello(wire::Hello::default()), Fate::Good);
            }
        }
        self.look();
    }

    fn odd_name(&mut self) -> String {
        let names = ["", "o1", "o2", "ü", "a b", "'; DROP TABLE public_log", "0123456789", "\0"];
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
