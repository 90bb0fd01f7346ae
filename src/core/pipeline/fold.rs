//! Events of one batch folded to what D1 has to hear: per conversation the newest state of the newest epoch, and each
//! entry of that epoch once. Folding first keeps the written rows few; the statements alone would be right, too.

use std::{cmp::Reverse, collections::BTreeSet};

use litemap::LiteMap;

use super::event::{ConversationRow, EventEntry, RoomEvent};
use crate::core::{
    id::{ConversationId, WorkspaceId},
    room::record::Profile,
};

/// One of the two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Log {
    /// What the visitor may see.
    Public,
    /// Notes and what only agents may know.
    Private,
}

impl Log {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Log::Public => "public",
            Log::Private => "private",
        }
    }

    /// From the API or a row.
    pub fn parse(name: &str) -> Option<Self> {
        [Log::Public, Log::Private].into_iter().find(|log| log.name() == name)
    }
}

/// What is new of one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// Its newest row.
    pub conversation: ConversationRow,
    /// Its visitor, as told with that row.
    pub visitor: Profile,
    /// Entries of that row's epoch.
    pub entries: Vec<(Log, EventEntry)>,
}

/// Folds events in the order in which they came. A conversation that two workspaces claim stays two: the database
/// knows whose it is.
pub fn fold<'event>(events: impl IntoIterator<Item = &'event RoomEvent>) -> Vec<Folded> {
    let mut all: LiteMap<(&WorkspaceId, &ConversationId), Vec<&RoomEvent>> = LiteMap::new();
    for event in events {
        all.entry((&event.conversation.workspace, &event.conversation.id)).or_default().push(event);
    }
    all.into_iter().filter_map(|(_, events)| fold_one(events)).collect()
}

fn fold_one(events: Vec<&RoomEvent>) -> Option<Folded> {
    // Reading raises no version, it only leaves less unread.
    let version = |row: &ConversationRow| (row.log_epoch, row.rev, Reverse(row.unread));
    let newest = *events.iter().max_by_key(|event| version(&event.conversation))?;
    let (mut seen, mut entries) = (BTreeSet::new(), Vec::new());
    for event in events.iter().filter(|event| event.conversation.log_epoch == newest.conversation.log_epoch) {
        let public = event.public.iter().map(|entry| (Log::Public, entry));
        for (log, entry) in public.chain(event.private.iter().map(|entry| (Log::Private, entry))) {
            if seen.insert((log, entry.seq)) {
                entries.push((log, entry.clone()));
            }
        }
    }
    Some(Folded { conversation: newest.conversation.clone(), visitor: newest.visitor.clone(), entries })
}
