//! What is on disk, noted as it is written, and what may be said because of it. Every write and every frame that leaves
//! an object is held against it at once, so a wrong one is found where it happens. C1 to C6 and C9, in part.

use std::collections::{BTreeMap, BTreeSet};

use bellhop::{
    core::{
        principal::Principal,
        protocol::{
            Outgoing,
            wire::{self, agent_frame, server_frame},
        },
        room::entry::{Author, Body, Entry},
        socket::SocketId,
        time::Timestamp,
    },
    sql::room::RoomWrite,
};

use crate::{
    bot::{BotTruth, Stands},
    client::{log, run::Item},
};

/// An entry of a log, and the sender's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As clients hold it.
    pub item: Item,
    /// Empty for activities.
    pub client_id: String,
}

/// One conversation, as its Room has written it.
#[derive(Debug, Default, Clone)]
pub struct RoomTruth {
    /// The public log.
    pub public: Vec<Line>,
    /// The private log.
    pub private: Vec<Line>,
    /// What its clients have sent, by the same names: nothing else may ever be written. An intruder's words are not among it.
    sent: BTreeMap<(bool, String, String), String>,
    /// `(log, sender, client_id)` of what is in the logs.
    names: BTreeSet<(bool, String, String)>,
    /// Acknowledged: the same name always gets the same number (C3).
    acked: BTreeMap<(bool, String, String), u64>,
    log_epoch: u64,
    assignment: (u64, Option<String>),
    stands: Stands,
    /// What the bot may say, and has said.
    pub bot: BotTruth,
    /// The `hello` that is being answered, and on which socket.
    pub asked: Option<(SocketId, wire::Hello)>,
    /// How far a welcome led whom, where the same input has written more behind it.
    behind: BTreeMap<SocketId, u64>,
    /// An older store was put back, and the Room has not found that out yet.
    pub is_older: bool,
    /// An older store was put back at some time.
    pub was_put_back: bool,
    /// What the last one had forgotten no client had seen: D1 alone may know of it, and learn it after the Room has compared.
    pub is_unseen: bool,
    /// How often it has written.
    pub writes: u64,
    /// Written, and taken away by an older store.
    pub rolled_back: BTreeSet<(bool, String, String)>,
}

fn sender(author: &Author) -> String {
    match author {
        Author::Visitor => "visitor".to_owned(),
        Author::Agent(agent) => agent.id.to_string(),
        Author::Bot => "bot".to_owned(),
        Author::System => String::new(),
    }
}

fn text(body: &Body) -> String {
    match body {
        Body::Text(text) => text.clone(),
        Body::Choice(offer) => offer.text.clone(),
        Body::Activity(activity) => log::activity(activity),
        Body::Unread(body) => body.clone(),
    }
}

/// What a client has sent: neither the bot's words nor what an object notes of itself.
fn is_sent(author: &Author, body: &Body) -> bool {
    match body {
        Body::Text(_) | Body::Choice(_) => *author != Author::Bot,
        Body::Activity(_) | Body::Unread(_) => false,
    }
}

/// How far a Room was, for when a copy of its store is put back.
#[derive(Debug, Clone)]
pub struct Mark {
    public: usize,
    private: usize,
    assignment: (u64, Option<String>),
    log_epoch: u64,
    stands: Stands,
}

impl RoomTruth {
    /// Somebody who may write here is about to send this.
    pub fn will_send(&mut self, is_private: bool, who: String, client_id: String, text: String) {
        let held = self.sent.insert((is_private, who, client_id), text);
        assert!(held.is_none(), "two messages of one name are drawn: {held:?}");
    }

    fn append(&mut self, is_private: bool, line: Line, is_sent: bool) {
        let log = if is_private { &mut self.private } else { &mut self.public };
        assert_eq!(line.item.seq, log.len() as u64 + 1, "INV-3, C4: a gap, or a number twice");
        let name = (is_private, line.item.sender.clone(), line.client_id.clone());
        assert!(
            !is_sent || self.sent.get(&name) == Some(&line.item.text),
            "C2: nobody has sent {name:?} with this text: {}",
            line.item.text
        );
        if is_sent || !line.client_id.is_empty() {
            assert!(self.names.insert(name.clone()), "INV-2, C2: {name:?} is written twice");
        }
        log.push(line);
    }

    /// What has just been committed.
    pub fn wrote(&mut self, write: &RoomWrite, winners: &mut Winners, conversation: &str) {
        self.writes += 1;
        match write {
            RoomWrite::Append(entry, _) => {
                self.bot_says(entry);
                let item = Item {
                    seq: entry.seq,
                    id: entry.id.to_string(),
                    text: text(&entry.body),
                    sender: sender(&entry.author),
                };
                self.append(
                    false,
                    Line { item, client_id: entry.client_id.clone() },
                    is_sent(&entry.author, &entry.body),
                );
            }
            RoomWrite::AppendPrivate(entry, _) => {
                if entry.author == Author::Bot {
                    self.bot.notes(&text(&entry.body));
                }
                let is_handed = |it: &wire::Activity| it.kind() == wire::activity::Kind::HandedOver;
                self.bot.handed_over += u64::from(matches!(&entry.body, Body::Activity(it) if is_handed(it)));
                assert_eq!(entry.follows, self.public.len() as u64, "INV-3: a private entry in another place");
                let item = Item {
                    seq: entry.seq,
                    id: entry.id.to_string(),
                    text: text(&entry.body),
                    sender: sender(&entry.author),
                };
                self.append(
                    true,
                    Line { item, client_id: entry.client_id.clone() },
                    is_sent(&entry.author, &entry.body),
                );
            }
            RoomWrite::SaveRecord(record) => {
                assert!(record.log_epoch >= self.log_epoch, "INV-4: the log's epoch fell");
                self.is_older &= record.log_epoch == self.log_epoch;
                self.log_epoch = record.log_epoch;
                self.stands = Stands::of(record);
                let now = (record.assignment_epoch, record.assignee.as_ref().map(|agent| agent.id.to_string()));
                assert!(now.0 >= self.assignment.0, "INV-5, C6: the assignment's epoch fell: {now:?}");
                winners.note(conversation, now.0, &now.1);
                self.assignment = now;
            }
            RoomWrite::Create | RoomWrite::SaveDigests { .. } => {}
        }
    }

    fn bot_says(&mut self, entry: &Entry) {
        if entry.author == Author::Bot {
            self.bot.says(entry, &text(&entry.body), self.stands, &self.public);
        }
    }

    /// As it stands, for a copy.
    pub fn mark(&self) -> Mark {
        Mark {
            public: self.public.len(),
            private: self.private.len(),
            assignment: self.assignment.clone(),
            log_epoch: self.log_epoch,
            stands: self.stands,
        }
    }

    /// An older store is put back: what was written after the copy is counted apart. Gives the ids of what is gone.
    pub fn put_back(&mut self, Mark { public, private, assignment, log_epoch, stands }: Mark) -> BTreeSet<String> {
        let mut gone = BTreeSet::new();
        for (is_private, log, kept) in [(false, &mut self.public, public), (true, &mut self.private, private)] {
            for line in log.drain(kept..) {
                gone.insert(line.item.id.clone());
                if line.client_id.is_empty() {
                    continue;
                }
                let name = (is_private, line.item.sender, line.client_id);
                self.names.remove(&name);
                self.acked.remove(&name);
                self.rolled_back.insert(name);
            }
        }
        (self.assignment, self.log_epoch, self.stands) = (assignment, log_epoch, stands);
        (self.is_older, self.was_put_back) = (true, true);
        gone
    }

    /// Its epoch, and who has it by that.
    pub fn assignment(&self) -> (u64, Option<String>) {
        self.assignment.clone()
    }

    /// As it is on disk.
    pub fn log_epoch(&self) -> u64 {
        self.log_epoch
    }

    /// Messages and notes that were acknowledged and still count.
    pub fn acknowledged(&self) -> usize {
        self.acked.len()
    }

    /// C1: everything that was acknowledged is in the log, where it was said to be.
    pub fn check_acked(&self) {
        for ((is_private, who, client_id), seq) in &self.acked {
            let log = if *is_private { &self.private } else { &self.public };
            let line = &log[*seq as usize - 1];
            assert!(line.client_id == *client_id && line.item.sender == *who, "C1, INV-1: {client_id} is lost");
        }
    }

    fn same(&self, is_private: bool, item: &Item) {
        let log = if is_private { &self.private } else { &self.public };
        let held = item.seq.checked_sub(1).and_then(|place| log.get(place as usize)).map(|line| &line.item);
        assert_eq!(held, Some(item), "INV-1, INV-3: said, but not on disk like that");
    }

    fn run(&self, is_private: bool, items: Vec<Item>) {
        for pair in items.windows(2) {
            assert_eq!(pair[0].seq + 1, pair[1].seq, "C4, INV-3: a page with a gap");
        }
        for item in items {
            self.same(is_private, &item);
        }
    }

    /// What a client was told leads up to there: to the head of the log, or what it is told next goes on from there.
    fn leads(&mut self, socket: SocketId, to: u64) {
        let head = self.public.len() as u64;
        assert!(to <= head, "INV-1: led beyond the log: {to} of {head}");
        if to == head {
            self.behind.remove(&socket)
        } else {
            self.behind.insert(socket, to)
        };
    }

    fn ack(&mut self, is_private: bool, who: String, ack: &wire::Ack) {
        let log = if is_private { &self.private } else { &self.public };
        let line = ack.seq.checked_sub(1).and_then(|place| log.get(place as usize));
        let holds = line
            .is_some_and(|line| line.client_id == ack.client_id && line.item.sender == who && line.item.id == ack.id);
        assert!(holds, "INV-1, C1: {ack:?} of {who} is not on disk: {line:?}");
        let held = self.acked.insert((is_private, who, ack.client_id.clone()), ack.seq);
        assert!(held.is_none_or(|seq| seq == ack.seq), "INV-2, C3: {} is {held:?} and {}", ack.client_id, ack.seq);
    }

    /// C5: an answer to `hello` goes on exactly where the client stands, or makes it start over; it believes no client
    /// that stands elsewhere.
    pub fn resumed(&self, socket: SocketId, frame: &Outgoing) {
        let (Some((asker, hello)), Outgoing::Shared(shared)) = (&self.asked, frame) else { return };
        let Some(server_frame::Frame::Welcome(welcome)) = &shared.frame else { return };
        if *asker != socket {
            return;
        }
        let place = if welcome.reset || hello.log_epoch == 0 { 0 } else { hello.after };
        if place > 0 {
            assert_eq!(hello.log_epoch, self.log_epoch, "INV-4, C5: a client of another epoch goes on");
            let tip = self.public.get(place as usize - 1).map(|line| &line.item.id);
            assert_eq!(tip, Some(&hello.tip), "INV-4, C5: a client that holds something else goes on");
        }
        let first = welcome.messages.first().map_or(welcome.head + 1, |message| message.seq);
        assert!(first > place, "INV-4, C5: a client gets again what it holds");
        assert_eq!(welcome.more, first > place + 1, "INV-4, C5: whether there is more after {place}");
    }

    /// INV-4: all that one input leads to has been said. Whoever was welcomed was told what it has written since, too.
    pub fn is_said(&mut self, is_whole: bool) {
        let behind = std::mem::take(&mut self.behind);
        assert!(!is_whole || behind.is_empty(), "INV-4, C5: welcomed, and not told the rest: {behind:?}");
    }

    /// A socket that is ended hears nothing more.
    pub fn parted(&mut self, socket: SocketId) {
        self.behind.remove(&socket);
    }

    /// A frame on its way to somebody.
    pub fn said(&mut self, socket: SocketId, principal: &Principal, frame: &Outgoing) {
        let who = match principal {
            Principal::Visitor(_) => "visitor".to_owned(),
            Principal::Agent(agent) => agent.agent.to_string(),
        };
        match frame {
            Outgoing::Shared(shared) => match &shared.frame {
                Some(server_frame::Frame::Message(message)) => {
                    self.same(false, &log::item(message.clone()));
                    if self.behind.get(&socket).is_some_and(|head| head + 1 == message.seq) {
                        self.leads(socket, message.seq);
                    }
                }
                Some(server_frame::Frame::Ack(ack)) => self.ack(false, who, ack),
                Some(server_frame::Frame::Welcome(welcome)) => {
                    self.leads(socket, welcome.head);
                    self.run(false, welcome.messages.iter().cloned().map(log::item).collect());
                    if let Some(last) = welcome.messages.last() {
                        assert_eq!(last.seq, welcome.head, "INV-4, C5: a welcome leads to the head");
                    }
                }
                Some(server_frame::Frame::Page(page)) => {
                    self.run(false, page.messages.iter().cloned().map(log::item).collect());
                }
                _ => {}
            },
            Outgoing::Agents(private) => match &private.frame {
                Some(agent_frame::Frame::PrivateMessage(message)) => {
                    self.same(true, &log::private_item(message.clone()));
                }
                Some(agent_frame::Frame::NoteAck(ack)) => self.ack(true, who, ack),
                Some(agent_frame::Frame::PrivateWelcome(welcome)) => {
                    self.run(true, welcome.messages.iter().cloned().map(log::private_item).collect());
                }
                Some(agent_frame::Frame::PrivatePage(page)) => {
                    self.run(true, page.messages.iter().cloned().map(log::private_item).collect());
                }
                _ => {}
            },
        }
    }
}

/// C6: one winner for each epoch of a conversation, whoever says it and whatever store was put back.
#[derive(Debug, Default)]
pub struct Winners(BTreeMap<(String, u64), Option<String>>);

impl Winners {
    /// Assignments that were ever decided.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Somebody holds a conversation by this epoch.
    pub fn note(&mut self, conversation: &str, epoch: u64, holder: &Option<String>) {
        if epoch == 0 {
            return;
        }
        let held = self.0.entry((conversation.to_owned(), epoch)).or_insert_with(|| holder.clone());
        assert_eq!(held, holder, "INV-5, C6: two winners of epoch {epoch} of {conversation}");
    }
}

/// INV-13: whoever's ticket is over gets nothing but the reason.
pub fn is_current(principal: &Principal, frame: &Outgoing, clock: Timestamp) {
    let is_error = matches!(frame, Outgoing::Shared(wire::ServerFrame { frame: Some(server_frame::Frame::Error(_)) }));
    assert!(is_error || clock < principal.expires_at(), "INV-13: a frame after the ticket's end: {frame:?}");
}

/// Whether these bytes hold that text.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    let needle = text.as_bytes();
    let first = needle[0];
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
