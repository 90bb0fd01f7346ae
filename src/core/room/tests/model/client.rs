//! A client that follows the rules of `frontend/shared/conversation-log.ts` and `private-log.ts`, for checking what a
//! Room says. Rules are named as there (CL1 …).

use std::collections::{BTreeMap, VecDeque};

use crate::core::{
    protocol::{
        Encoding,
        wire::{self, agent_frame, client_frame::Frame},
    },
    socket::SocketId,
};

/// An entry as a client holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub seq: u64,
    pub id: String,
    pub text: String,
}

/// A contiguous run up to the newest entry, and the older one beyond a gap.
#[derive(Debug, Default)]
pub struct Run {
    pub entries: Vec<Item>,
    pub island: Vec<Item>,
    pub bottom: bool,
    /// The page that was asked for; 0: none.
    pub paging: u64,
}

impl Run {
    pub fn last(&self) -> u64 {
        self.entries.last().map_or(0, |item| item.seq)
    }

    fn tip(&self) -> String {
        self.entries.last().map(|item| item.id.clone()).unwrap_or_default()
    }

    pub fn first(&self) -> u64 {
        self.entries.first().map_or(0, |item| item.seq)
    }

    fn clear(&mut self) {
        *self = Run::default();
    }

    /// CL3, CL4: the next entry is taken, one that is held is dropped, one further on opens a gap.
    fn append(&mut self, item: Item) {
        if let Some(held) = self.entries.iter().find(|held| held.seq == item.seq) {
            assert_eq!(*held, item, "INV-4: another entry under the same number, and no reset");
        }
        if !self.entries.is_empty() && item.seq <= self.last() {
            return;
        }
        if !self.entries.is_empty() && item.seq > self.last() + 1 {
            self.island = std::mem::take(&mut self.entries);
            self.bottom = false;
        }
        self.entries.push(item);
    }

    /// CL5 to CL7.
    fn prepend(&mut self, before: u64, page: Vec<Item>, more: bool) {
        if before != self.paging {
            return;
        }
        self.paging = 0;
        let first = self.first();
        for item in page.into_iter().rev() {
            if self.entries.is_empty() || item.seq + 1 == self.first() {
                self.entries.insert(0, item);
            }
        }
        self.bottom = !more || self.first() == first;
        let Some(shore) = self.island.last().map(|item| item.seq) else { return };
        if shore + 1 >= self.first() {
            let first = self.first();
            let older: Vec<Item> = self.island.drain(..).filter(|item| item.seq < first).collect();
            self.entries.splice(0..0, older);
        } else if self.bottom {
            self.island.clear();
        }
    }
}

/// One client: a tab of the visitor or a console of an agent.
#[derive(Debug)]
pub struct Client {
    pub name: &'static str,
    pub is_agent: bool,
    pub encoding: Encoding,
    pub socket: Option<SocketId>,
    pub live: bool,
    pub log_epoch: u64,
    pub public: Run,
    pub private: Run,
    /// Written and not acknowledged.
    pub outbox: Vec<(String, String)>,
    pub notes: Vec<(String, String)>,
    pub delivered: u64,
    pub read: u64,
    pub state: Option<wire::ConversationState>,
    /// What the bot is writing.
    pub growing: String,
    pub receipts: BTreeMap<String, (u64, u64)>,
    /// On the way to the Room.
    pub out: VecDeque<Frame>,
    /// Acks seen: the name of a message and its number (INV-2).
    pub acked: BTreeMap<String, u64>,
    pub noted: BTreeMap<String, u64>,
    /// What the visitor thinks of the bot's answers.
    pub rated: BTreeMap<u64, bool>,
}

impl Client {
    pub fn new(name: &'static str, is_agent: bool) -> Self {
        Client {
            name,
            is_agent,
            encoding: Encoding::Json,
            socket: None,
            live: false,
            log_epoch: 0,
            public: Run::default(),
            private: Run::default(),
            outbox: Vec::new(),
            notes: Vec::new(),
            delivered: 0,
            read: 0,
            state: None,
            growing: String::new(),
            receipts: BTreeMap::new(),
            out: VecDeque::new(),
            acked: BTreeMap::new(),
            noted: BTreeMap::new(),
            rated: BTreeMap::new(),
        }
    }

    /// A new socket: CL1.
    pub fn connected(&mut self, socket: SocketId, encoding: Encoding) {
        self.gone();
        self.socket = Some(socket);
        self.encoding = encoding;
        self.out.push_back(Frame::Hello(wire::Hello {
            log_epoch: self.log_epoch,
            after: self.public.last(),
            tip: self.public.tip(),
            after_private: if self.is_agent { self.private.last() } else { 0 },
            tip_private: if self.is_agent { self.private.tip() } else { String::new() },
            delivered: self.delivered,
            read: self.read,
            context: None,
        }));
    }

    /// The socket is gone, with what was on its way.
    pub fn gone(&mut self) {
        self.socket = None;
        self.live = false;
        self.out.clear();
        self.public.paging = 0;
        self.private.paging = 0;
    }

    pub fn write(&mut self, client_id: String, text: String) {
        if self.live {
            self.out.push_back(Frame::Send(wire::Send {
                client_id: client_id.clone(),
                text: text.clone(),
                ..wire::Send::default()
            }));
        }
        self.outbox.push((client_id, text));
    }

    pub fn jot(&mut self, client_id: String, text: String) {
        if self.live {
            self.out.push_back(Frame::Note(wire::Note { client_id: client_id.clone(), text: text.clone() }));
        }
        self.notes.push((client_id, text));
    }

    /// CL12, CL14: everything that is not acknowledged goes out again.
    pub fn send_again(&mut self) {
        if self.live {
            for (client_id, text) in self.outbox.clone() {
                self.out.push_back(Frame::Send(wire::Send { client_id, text, ..wire::Send::default() }));
            }
            for (client_id, text) in self.notes.clone() {
                self.out.push_back(Frame::Note(wire::Note { client_id, text }));
            }
        }
    }

    /// CL10
    pub fn mark_read(&mut self) {
        if self.live && self.public.last() > self.read {
            self.read = self.public.last();
            self.delivered = self.delivered.max(self.read);
            self.out.push_back(Frame::Read(wire::Read { seq: self.read }));
        }
    }

    /// CL7: asks for what is older.
    pub fn older(&mut self) {
        let page = |log: wire::Log, before| Frame::Page(wire::PageRequest { log: log.into(), before });
        if self.live && self.public.paging == 0 && self.public.first() > 1 && !self.public.bottom {
            self.public.paging = self.public.first();
            self.out.push_back(page(wire::Log::Public, self.public.paging));
        }
        if self.live && self.private.paging == 0 && self.private.first() > 1 && !self.private.bottom {
            self.private.paging = self.private.first();
            self.out.push_back(page(wire::Log::Private, self.private.paging));
        }
    }

    /// Takes a frame of the Room.
    pub fn receive(&mut self, frame: wire::AgentFrame) {
        use agent_frame::Frame as F;
        match frame.frame.expect("a frame") {
            F::Welcome(welcome) => self.welcome(welcome),
            F::Message(message) => self.message(message),
            F::Ack(ack) => {
                let held = self.acked.insert(ack.client_id.clone(), ack.seq);
                assert!(held.is_none_or(|seq| seq == ack.seq), "INV-2: {} is {held:?} and {}", ack.client_id, ack.seq);
                if let Some(text) = take(&mut self.outbox, &ack.client_id) {
                    self.public.append(Item { seq: ack.seq, id: ack.id, text });
                }
            }
            F::NoteAck(ack) => {
                let held = self.noted.insert(ack.client_id.clone(), ack.seq);
                assert!(held.is_none_or(|seq| seq == ack.seq), "INV-2: {} is {held:?} and {}", ack.client_id, ack.seq);
                if let Some(text) = take(&mut self.notes, &ack.client_id) {
                    self.private.append(Item { seq: ack.seq, id: ack.id, text });
                }
            }
            F::PrivateWelcome(welcome) => {
                for message in welcome.messages {
                    self.private_message(message);
                }
                self.live = true;
                self.send_again();
            }
            F::PrivateMessage(message) => self.private_message(message),
            F::Page(page) => {
                self.public.prepend(page.before, page.messages.into_iter().map(item).collect(), page.more);
            }
            F::PrivatePage(page) => {
                let items = page.messages.into_iter().map(private_item).collect();
                self.private.prepend(page.before, items, page.more);
            }
            F::Receipt(receipt) => self.receipt(receipt),
            // CL22
            F::Grow(grow) => {
                let held = self.growing.chars().count() as u64;
                assert!([0, held].contains(&grow.offset), "{}: {grow:?} onto {:?}", self.name, self.growing);
                if grow.offset == 0 {
                    self.growing.clear();
                }
                self.growing.push_str(&grow.text);
            }
            F::State(state) => self.state = Some(state),
            F::Error(error) => {
                let code = error.code.as_str();
                let known = [
                    "storage",
                    "bad_request",
                    "rate_limited",
                    "ticket_expired",
                    "unauthorized",
                    "visitor_blocked",
                    "not_found",
                    "forbidden",
                ];
                assert!(known.contains(&code), "{}: {error:?}", self.name);
            }
            F::Queue(_) => assert!(!self.is_agent, "only the visitor waits"),
            F::Rated(rated) => self.rated(rated),
            F::Done(done) => {
                if let Some((seq, helpful)) = done.client_id.strip_prefix("rate-").and_then(|it| it.split_once('-')) {
                    self.rated.insert(seq.parse().unwrap(), helpful == "true");
                }
            }
            F::Typing(_) | F::Presence(_) | F::Visitor(_) => {}
            F::DeskWelcome(_) | F::DeskUpdate(_) | F::DeskPage(_) | F::Assigned(_) | F::Probe(_) => {
                panic!("not of a Room")
            }
        }
        if !self.public.island.is_empty() || !self.private.island.is_empty() {
            self.older();
        }
    }

    fn welcome(&mut self, welcome: wire::Welcome) {
        if welcome.reset || welcome.log_epoch != self.log_epoch {
            let known_before = self.log_epoch == 0 && !welcome.reset;
            self.public.clear();
            self.private.clear();
            self.acked.clear();
            self.noted.clear();
            if !known_before {
                (self.delivered, self.read) = (0, 0);
                self.receipts.clear();
            }
        }
        self.log_epoch = welcome.log_epoch;
        self.state = welcome.state;
        self.public.paging = 0;
        self.rated.clear();
        for rated in welcome.rated {
            self.rated(rated);
        }
        for receipt in welcome.receipts {
            self.receipt(receipt);
        }
        for message in welcome.messages {
            self.message(message);
        }
        self.growing = welcome.growing;
        assert_eq!(self.public.last(), welcome.head, "INV-4: a welcome leads to the head");
        if !self.is_agent {
            self.live = true;
            self.send_again();
        }
    }

    fn message(&mut self, message: wire::Message) {
        if !message.client_id.is_empty() {
            take(&mut self.outbox, &message.client_id);
        }
        let is_others = message.client_id.is_empty();
        if message.sender.as_ref().is_some_and(|sender| sender.kind() == wire::SenderKind::Bot) {
            self.growing.clear();
        }
        self.public.append(item(message));
        if is_others && self.live && self.public.last() > self.delivered {
            self.delivered = self.public.last();
            self.out.push_back(Frame::Delivered(wire::Delivered { seq: self.delivered }));
        }
    }

    fn rated(&mut self, rated: wire::Rated) {
        assert!([wire::Rating::Helpful, wire::Rating::Unhelpful].contains(&rated.rating()));
        self.rated.insert(rated.seq, rated.rating() == wire::Rating::Helpful);
    }

    fn private_message(&mut self, message: wire::PrivateMessage) {
        if !message.client_id.is_empty() {
            take(&mut self.notes, &message.client_id);
        }
        self.private.append(private_item(message));
    }

    /// CL8: receipts only grow.
    fn receipt(&mut self, receipt: wire::Receipt) {
        let who = receipt.participant.map(|who| who.id).unwrap_or_default();
        let held = self.receipts.entry(who).or_default();
        *held = (held.0.max(receipt.delivered), held.1.max(receipt.read));
    }
}

fn take(outbox: &mut Vec<(String, String)>, client_id: &str) -> Option<String> {
    let place = outbox.iter().position(|(held, _)| held == client_id)?;
    Some(outbox.remove(place).1)
}

/// An activity by its kind; whom it is about is checked by the scenarios.
fn kind_of(activity: &wire::Activity) -> String {
    activity.kind().as_str_name().to_lowercase()
}

fn item(message: wire::Message) -> Item {
    let text = match message.body.expect("a body") {
        wire::message::Body::Text(text) => text,
        wire::message::Body::Activity(activity) => kind_of(&activity),
    };
    Item { seq: message.seq, id: message.id, text }
}

fn private_item(message: wire::PrivateMessage) -> Item {
    let text = match message.body.expect("a body") {
        wire::private_message::Body::Note(text) => text,
        wire::private_message::Body::Activity(activity) => kind_of(&activity),
    };
    Item { seq: message.seq, id: message.id, text }
}
