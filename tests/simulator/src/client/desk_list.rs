//! A console's copy of the live list: as `frontend/console/src/live/desk-list.ts`.

use std::collections::{BTreeMap, BTreeSet};

use bellhop::core::protocol::wire;

/// Rows by conversation, and the cursor.
#[derive(Debug, Default)]
pub struct DeskList {
    /// The list.
    pub rows: BTreeMap<String, wire::DeskRow>,
    epoch: u64,
    rev: u64,
    unconfirmed: Option<BTreeSet<String>>,
    /// A whole list has been taken.
    pub loaded: bool,
}

impl DeskList {
    /// The first frame of a connection.
    pub fn hello(&self) -> wire::DeskHello {
        if !self.loaded || self.unconfirmed.is_some() {
            return wire::DeskHello::default();
        }
        wire::DeskHello { desk_epoch: self.epoch, rev: self.rev, availability: None }
    }

    /// A snapshot is under way.
    pub fn is_whole(&self) -> bool {
        self.loaded && self.unconfirmed.is_none()
    }

    /// Takes the answer to `hello`; returns the cursor of the page to ask for, or nothing.
    pub fn welcome(&mut self, frame: wire::DeskWelcome) -> Option<String> {
        let fresh = frame.reset || frame.desk_epoch != self.epoch;
        (self.epoch, self.rev) = (frame.desk_epoch, frame.rev);
        if fresh {
            self.unconfirmed = Some(self.rows.keys().cloned().collect());
        }
        self.drop(&frame.gone);
        self.take(frame.rows, frame.next)
    }

    /// Takes a page of the snapshot.
    pub fn page(&mut self, frame: wire::DeskPage) -> Option<String> {
        self.take(frame.rows, frame.next)
    }

    /// Takes a change.
    pub fn update(&mut self, frame: wire::DeskUpdate) {
        self.rev = self.rev.max(frame.rev);
        // On one socket the last word is the newest, whatever its number.
        for row in frame.rows {
            self.put(row, true);
        }
        self.drop(&frame.gone);
    }

    fn take(&mut self, rows: Vec<wire::DeskRow>, next: String) -> Option<String> {
        for row in rows {
            self.put(row, false);
        }
        if next.is_empty() {
            let rest: Vec<String> = self.unconfirmed.take().unwrap_or_default().into_iter().collect();
            self.drop(&rest);
            self.loaded = true;
            return None;
        }
        Some(next)
    }

    fn put(&mut self, mut row: wire::DeskRow, is_news: bool) {
        let is_unconfirmed = self.unconfirmed.as_mut().is_some_and(|rows| rows.remove(&row.conversation));
        if let Some(held) = self.rows.get(&row.conversation) {
            if !is_news && !is_unconfirmed && row.rev < held.rev {
                return;
            }
            if !row.has_preview {
                row.has_preview = held.has_preview;
                row.preview.clone_from(&held.preview);
            }
        }
        self.rows.insert(row.conversation.clone(), row);
    }

    fn drop(&mut self, conversations: &[String]) {
        for conversation in conversations {
            self.rows.remove(conversation);
            if let Some(rows) = &mut self.unconfirmed {
                rows.remove(conversation);
            }
        }
    }
}
