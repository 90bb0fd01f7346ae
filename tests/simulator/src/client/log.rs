//! The client's half of one conversation, as `frontend/shared/conversation-log.ts` and, for an agent's second log,
//! `private-log.ts`. Its rules are the ones of `docs/client-rules.md`, and both sides' tests name their ids.

use std::collections::BTreeMap;

use bellhop::core::protocol::wire::{self, agent_frame::Frame as Given, client_frame::Frame};

use super::{
    outbox::{Outbox, Unsent},
    run::{Item, Run},
};

/// What was refused is asked for so much later than the server says, which may be at once.
const ASK_AGAIN_MS: i64 = 1_000;

/// What the owner of the machine has to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// To the server.
    Send(Frame),
    /// It is in the log: a stored copy can go.
    Settled(String),
    /// It was refused for good.
    Failed(Unsent),
    /// Somebody else wrote, just now or while we were away.
    Arrived(u64),
}

/// One conversation, as a tab or a console holds it.
#[derive(Debug)]
pub struct ConversationLog {
    is_agent: bool,
    /// The public log.
    pub run: Run,
    /// The private log; a visitor's stays empty.
    pub private: Run,
    /// Messages on their way.
    pub outbox: Outbox,
    /// Notes on their way.
    pub notes: Outbox,
    /// The store that both logs are of.
    pub log_epoch: u64,
    /// `visitor`, or the agent's id.
    you: String,
    /// Status and assignment.
    pub state: Option<wire::ConversationState>,
    /// What the bot is writing; it is in no log yet.
    pub growing: String,
    /// Own cursors.
    pub delivered: u64,
    /// Seen by the reader.
    pub read: u64,
    welcomed: bool,
    live: bool,
    /// The read cursor rose while no frame could say it: `hello` may have been on its way already.
    unsaid: bool,
    live_private: bool,
    paging: u64,
    paging_private: u64,
    /// When older history may be asked for again: the server could not answer.
    ask_at: Option<i64>,
    receipts: BTreeMap<String, (u64, u64)>,
    kept: (u64, String),
}

impl ConversationLog {
    /// With what was stored before; `kept` is the last message that was read on an earlier visit (CL21).
    pub fn new(is_agent: bool, unsent: Vec<Unsent>, notes: Vec<Unsent>, kept: (u64, String)) -> Self {
        ConversationLog {
            is_agent,
            run: Run::default(),
            private: Run::default(),
            outbox: Outbox::new(unsent),
            notes: Outbox::new(notes),
            log_epoch: 0,
            you: String::new(),
            state: None,
            growing: String::new(),
            delivered: 0,
            read: 0,
            welcomed: false,
            live: false,
            unsaid: false,
            live_private: false,
            paging: 0,
            paging_private: 0,
            ask_at: None,
            receipts: BTreeMap::new(),
            kept,
        }
    }

    /// CL1: the first frame on a socket.
    pub fn hello(&self) -> Frame {
        Frame::Hello(wire::Hello {
            log_epoch: self.log_epoch,
            after: self.run.last(),
            tip: self.run.tip(),
            after_private: self.private.last(),
            tip_private: self.private.tip(),
            delivered: self.delivered,
            read: self.read,
            context: None,
        })
    }

    /// The socket is gone.
    pub fn disconnected(&mut self) {
        (self.live, self.live_private, self.paging, self.paging_private) = (false, false, 0, 0);
        self.outbox.closed();
        self.notes.closed();
    }

    /// A welcome has come on this socket.
    pub fn is_live(&self) -> bool {
        self.live && (!self.is_agent || self.live_private)
    }

    /// Takes a frame of the server.
    pub fn receive(&mut self, frame: Given, now: i64) -> Vec<Effect> {
        let mut out = Vec::new();
        match frame {
            Given::Welcome(welcome) => self.welcome(welcome, now, &mut out),
            Given::Message(message) => self.message(message, now, true, &mut out),
            Given::Ack(ack) => {
                // CL11: the sending socket gets no echo, so the message is made from what was sent.
                if let Some(item) = self.outbox.settle(&ack.client_id, now) {
                    self.run.append(Item { seq: ack.seq, id: ack.id, text: item.text, sender: self.you.clone() });
                    out.push(Effect::Settled(ack.client_id));
                }
            }
            Given::NoteAck(ack) => {
                if let Some(item) = self.notes.settle(&ack.client_id, now) {
                    self.private.append(Item { seq: ack.seq, id: ack.id, text: item.text, sender: self.you.clone() });
                    out.push(Effect::Settled(ack.client_id));
                }
            }
            Given::Receipt(receipt) => self.receipt(receipt),
            // CL22
            Given::Grow(grow) => {
                if grow.offset == 0 {
                    self.growing = grow.text;
                } else if !self.growing.is_empty() {
                    self.growing.push_str(&grow.text);
                }
            }
            // CL9: taken whole.
            Given::State(state) => self.state = Some(state),
            Given::Page(page) => {
                // CL6: only the page that was asked for.
                if page.before == self.paging {
                    self.paging = 0;
                    if page.before == self.run.first() {
                        self.run.prepend(page.messages.into_iter().map(item).collect(), page.more);
                    }
                }
            }
            Given::PrivateWelcome(welcome) => {
                for message in welcome.messages {
                    self.private_message(message, now, &mut out);
                }
                (self.live_private, self.paging_private) = (true, 0);
                out.extend(self.notes.opened(now).into_iter().map(note));
            }
            Given::PrivateMessage(message) => self.private_message(message, now, &mut out),
            Given::PrivatePage(page) => {
                if page.before == self.paging_private {
                    self.paging_private = 0;
                    if page.before == self.private.first() {
                        self.private.prepend(page.messages.into_iter().map(private_item).collect(), page.more);
                    }
                }
            }
            Given::Error(error) if !error.client_id.is_empty() => self.refused(&error, now, &mut out),
            // CL6: what asks for a page has no name by which it could be refused.
            Given::Error(error) if self.paging + self.paging_private > 0 => {
                self.ask_at = Some(now + ASK_AGAIN_MS + i64::try_from(error.retry_after_ms).unwrap_or(0));
            }
            _ => {}
        }
        self.say_delivered(&mut out);
        out
    }

    fn refused(&mut self, error: &wire::Error, now: i64, out: &mut Vec<Effect>) {
        let after = i64::try_from(error.retry_after_ms).unwrap_or(0);
        for outbox in [&mut self.outbox, &mut self.notes] {
            let failed = outbox.refuse(&error.client_id, &error.code, error.retryable, after, now);
            out.extend(failed.map(Effect::Failed));
        }
    }

    /// The writer sends a text; the owner stores it before it carries the effects out.
    pub fn write(&mut self, item: Unsent, now: i64) -> Vec<Effect> {
        self.outbox.add(item, now).into_iter().map(send).collect()
    }

    /// The agent writes a note.
    pub fn jot(&mut self, item: Unsent, now: i64) -> Vec<Effect> {
        self.notes.add(item, now).into_iter().map(note).collect()
    }

    /// CL20: takes over what another window has stored.
    pub fn adopt(&mut self, items: &[Unsent], now: i64) -> Vec<Effect> {
        items.iter().flat_map(|item| self.outbox.add(item.clone(), now)).map(send).collect()
    }

    /// CL15
    pub fn retry(&mut self, client_id: &str, now: i64) -> Vec<Effect> {
        let mut out: Vec<Effect> = self.outbox.retry(client_id, now).into_iter().map(send).collect();
        out.extend(self.notes.retry(client_id, now).into_iter().map(note));
        out
    }

    /// CL6, CL7: asks for older history, one page at a time, until the bottom.
    pub fn older(&mut self) -> Vec<Effect> {
        let ask = |log: wire::Log, before| Effect::Send(Frame::Page(wire::PageRequest { log: log.into(), before }));
        let mut out = Vec::new();
        if self.run.older() && self.live && self.paging == 0 {
            self.paging = self.run.first();
            out.push(ask(wire::Log::Public, self.paging));
        }
        if self.private.older() && self.live_private && self.paging_private == 0 {
            self.paging_private = self.private.first();
            out.push(ask(wire::Log::Private, self.paging_private));
        }
        out
    }

    /// CL10: the reader has seen everything that is here.
    pub fn mark_read(&mut self) -> Vec<Effect> {
        if self.run.last() <= self.read {
            return Vec::new();
        }
        self.read = self.run.last();
        self.delivered = self.delivered.max(self.read);
        self.unsaid = !self.live;
        if self.unsaid { Vec::new() } else { vec![Effect::Send(Frame::Read(wire::Read { seq: self.read }))] }
    }

    /// When `tick` wants to be called.
    pub fn wake_at(&self) -> Option<i64> {
        [self.outbox.wake_at(), self.notes.wake_at(), self.ask_at].into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn tick(&mut self, now: i64) -> Vec<Effect> {
        if self.ask_at.is_some_and(|at| now >= at) {
            (self.ask_at, self.paging, self.paging_private) = (None, 0, 0);
        }
        let mut out: Vec<Effect> = self.outbox.tick(now).into_iter().map(send).collect();
        out.extend(self.notes.tick(now).into_iter().map(note));
        out
    }

    /// CL8: the furthest that anybody on the other side has received and read.
    pub fn others_reached(&self) -> (u64, u64) {
        let other = |who: &&String| self.is_other(who);
        let reached = self.receipts.iter().filter(|(who, _)| other(who)).map(|(_, reached)| *reached);
        reached.fold((0, 0), |best, reached| (best.0.max(reached.0), best.1.max(reached.1)))
    }

    fn welcome(&mut self, welcome: wire::Welcome, now: i64, out: &mut Vec<Effect>) {
        let same = self.log_epoch == 0 || self.log_epoch == welcome.log_epoch;
        let away = self.welcomed && !welcome.reset && same;
        let known = self.run.last();
        if welcome.reset || welcome.log_epoch != self.log_epoch {
            // CL2: both logs live and die together.
            self.run.clear();
            self.private.clear();
            if !away {
                (self.delivered, self.read) = (0, 0);
                self.receipts.clear();
            }
        }
        self.log_epoch = welcome.log_epoch;
        self.you = welcome.you.as_ref().map(who).unwrap_or_default();
        self.state = welcome.state;
        self.paging = 0;
        for receipt in welcome.receipts {
            self.receipt(receipt);
        }
        for message in welcome.messages {
            let announce = away && message.seq > known;
            self.message(message, now, announce, out);
        }
        // CL22
        self.growing = welcome.growing;
        (self.welcomed, self.live) = (true, true);
        // CL21
        let (seq, id) = &self.kept;
        if *seq > self.read && self.run.entries.iter().any(|item| item.seq == *seq && item.id == *id) {
            self.read = *seq;
            self.unsaid = true;
        }
        // CL10
        if std::mem::take(&mut self.unsaid) {
            out.push(Effect::Send(Frame::Read(wire::Read { seq: self.read })));
        }
        out.extend(self.outbox.opened(now).into_iter().map(send));
    }

    fn message(&mut self, message: wire::Message, now: i64, announce: bool, out: &mut Vec<Effect>) {
        if !message.client_id.is_empty() && self.outbox.settle(&message.client_id, now).is_some() {
            out.push(Effect::Settled(message.client_id.clone()));
        }
        let is_bots = message.sender.as_ref().is_some_and(|sender| sender.kind() == wire::SenderKind::Bot);
        let is_text = matches!(message.body, Some(wire::message::Body::Text(_)));
        let item = item(message);
        let (seq, is_news) = (item.seq, announce && is_text && self.is_other(&item.sender));
        // CL19
        let is_new = self.run.append(item);
        if is_bots {
            self.growing.clear();
        }
        if is_new && is_news {
            out.push(Effect::Arrived(seq));
        }
    }

    fn private_message(&mut self, message: wire::PrivateMessage, now: i64, out: &mut Vec<Effect>) {
        if !message.client_id.is_empty() && self.notes.settle(&message.client_id, now).is_some() {
            out.push(Effect::Settled(message.client_id.clone()));
        }
        self.private.append(private_item(message));
    }

    /// CL8, CL10: receipts only grow, and own ones of another tab count here.
    fn receipt(&mut self, receipt: wire::Receipt) {
        let Some(participant) = receipt.participant else { return };
        let who = who(&participant);
        if who == self.you {
            self.delivered = self.delivered.max(receipt.delivered);
            self.read = self.read.max(receipt.read);
        }
        let held = self.receipts.entry(who).or_default();
        *held = (held.0.max(receipt.delivered).max(receipt.read), held.1.max(receipt.read));
    }

    /// CL10: said when there is something of the other side to confirm.
    fn say_delivered(&mut self, out: &mut Vec<Effect>) {
        let news =
            |item: &&Item| item.seq > self.delivered && self.is_other(&item.sender) && !item.text.starts_with('*');
        if !self.live || self.run.entries.iter().rev().take_while(|item| item.seq > self.delivered).find(news).is_none()
        {
            return;
        }
        self.delivered = self.run.last();
        out.push(Effect::Send(Frame::Delivered(wire::Delivered { seq: self.delivered })));
    }

    fn is_other(&self, sender: &str) -> bool {
        if self.you == "visitor" { sender != "visitor" && !sender.is_empty() } else { sender == "visitor" }
    }
}

fn send(item: Unsent) -> Effect {
    Effect::Send(Frame::Send(wire::Send { client_id: item.client_id, text: item.text, choice: item.choice }))
}

fn note(item: Unsent) -> Effect {
    Effect::Send(Frame::Note(wire::Note { client_id: item.client_id, text: item.text }))
}

/// A participant by one name.
pub fn who(participant: &wire::Participant) -> String {
    match participant.kind() {
        wire::SenderKind::Visitor => "visitor".to_owned(),
        wire::SenderKind::Bot => "bot".to_owned(),
        _ => participant.id.clone(),
    }
}

/// An activity by its kind, marked so that no text can look like it.
pub fn activity(activity: &wire::Activity) -> String {
    format!("*{}", activity.kind().as_str_name())
}

/// A message as it is held.
pub fn item(message: wire::Message) -> Item {
    let text = match &message.body {
        Some(wire::message::Body::Text(text)) => text.clone(),
        Some(wire::message::Body::Activity(it)) => activity(it),
        None => String::new(),
    };
    Item { seq: message.seq, id: message.id, text, sender: message.sender.as_ref().map(who).unwrap_or_default() }
}

/// A private entry as it is held.
pub fn private_item(message: wire::PrivateMessage) -> Item {
    let text = match &message.body {
        Some(wire::private_message::Body::Note(text)) => text.clone(),
        Some(wire::private_message::Body::Activity(it)) => activity(it),
        None => String::new(),
    };
    Item { seq: message.seq, id: message.id, text, sender: message.sender.as_ref().map(who).unwrap_or_default() }
}
