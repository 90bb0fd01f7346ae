//! Events for tests, short to write and easy to bend.

use super::{
    delivery::Delivery,
    event::{ConversationRow, EVENT_VERSION, EventEntry, RoomEvent},
};
use crate::core::{
    id::{ConversationId, Entropy, MessageId, SiteId, VisitorId, WorkspaceId},
    internal::Status,
    room::{
        rate::Ratings,
        record::{Cursors, Profile},
    },
    time::Timestamp,
};

/// When the samples' conversations begin.
pub const BEGAN: i64 = 1_764_000_000_000;

/// The n-th workspace.
pub fn workspace(n: u128) -> WorkspaceId {
    WorkspaceId::draw(&mut Entropy::new(1_000 + n))
}

/// The n-th conversation.
pub fn conversation(n: u64) -> ConversationId {
    ConversationId::from_object_id(&format!("{n:064x}")).unwrap()
}

/// The n-th visitor.
pub fn visitor(n: u128) -> VisitorId {
    VisitorId::draw(&mut Entropy::new(2_000 + n))
}

/// The id of an entry: by its place and the store that it was written to.
pub fn message_id(conversation: &ConversationId, log: &str, seq: u64, store: u64) -> MessageId {
    let bits = conversation
        .as_str()
        .bytes()
        .chain(log.bytes())
        .fold(seq << 32 | store, |bits, byte| bits.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte));
    MessageId::draw(&mut Entropy::new(u128::from(bits)))
}

/// A text entry.
pub fn entry(conversation: &ConversationId, log: &str, seq: u64, store: u64, text: &str) -> EventEntry {
    EventEntry {
        seq,
        id: message_id(conversation, log, seq, store),
        sender_kind: if log == "public" { "visitor" } else { "agent" }.to_owned(),
        sender_id: String::new(),
        sender_name: String::new(),
        at: Timestamp(BEGAN + i64::try_from(seq).unwrap()),
        kind: if log == "public" { "text" } else { "note" }.to_owned(),
        body: text.to_owned(),
        follows: 0,
        turn: None,
    }
}

/// An event of conversation `n` of workspace 1, epoch and rev given, with public entries numbered from `first`.
pub fn event(n: u64, log_epoch: u64, rev: u64, first: u64, texts: &[&str]) -> RoomEvent {
    let id = conversation(n);
    let public: Vec<EventEntry> =
        texts.iter().zip(first..).map(|(text, seq)| entry(&id, "public", seq, log_epoch, text)).collect();
    RoomEvent {
        v: EVENT_VERSION,
        conversation: ConversationRow {
            id,
            workspace: workspace(1),
            site: SiteId::draw(&mut Entropy::new(3_001)),
            visitor: visitor(u128::from(n)),
            log_epoch,
            rev,
            status: Status::Open,
            snoozed_until: None,
            assignee: None,
            assignment_epoch: 0,
            created_at: Timestamp(BEGAN),
            last_at: Timestamp(BEGAN + i64::try_from(rev).unwrap()),
            last_text: format!("text of rev {rev}"),
            last_sender: "visitor".into(),
            unread: rev,
            waiting_since: None,
            head: first + texts.len() as u64 - 1,
            private_head: 0,
            muted: false,
            tags: Vec::new(),
            rated: Ratings::default(),
        },
        visitor: Profile { name: format!("name of rev {rev}"), ..Profile::default() },
        public,
        private: Vec::new(),
        upto: Cursors::default(),
    }
}

/// As the queue hands it over.
pub fn delivery(id: u64, event: &RoomEvent) -> Delivery {
    Delivery { id: format!("q{id}"), body: Some(serde_json::to_string(event).unwrap()) }
}
