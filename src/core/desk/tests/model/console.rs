//! A console's copy of the list, by the rules that `frontend/console` follows: what an agent sees in the end must be
//! what the Desk has, whatever was lost in between.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    principal::Role,
    protocol::wire::{self, agent_frame::Frame},
    socket::SocketId,
};

#[derive(Default)]
pub struct List {
    pub rows: BTreeMap<String, wire::DeskRow>,
    pub agents: BTreeMap<String, i32>,
    epoch: u64,
    rev: u64,
    loaded: bool,
    /// Rows of before a snapshot that no page has confirmed; none: no snapshot is under way.
    unconfirmed: Option<BTreeSet<String>>,
}

pub struct Console {
    pub number: u128,
    pub role: Role,
    pub socket: Option<SocketId>,
    pub list: List,
}

impl List {
    /// The first frame of a connection.
    pub fn hello(&self) -> wire::DeskHello {
        if self.loaded && self.unconfirmed.is_none() {
            wire::DeskHello { desk_epoch: self.epoch, rev: self.rev, availability: None }
        } else {
            wire::DeskHello::default()
        }
    }

    /// Takes a frame; gives the cursor of the page to ask for next, or nothing.
    pub fn take(&mut self, frame: Frame) -> String {
        match frame {
            Frame::DeskWelcome(welcome) => {
                let fresh = welcome.reset || welcome.desk_epoch != self.epoch;
                (self.epoch, self.rev) = (welcome.desk_epoch, welcome.rev);
                if fresh {
                    self.unconfirmed = Some(self.rows.keys().cloned().collect());
                }
                self.agents.clear();
                self.see(welcome.agents);
                self.drop(welcome.gone);
                self.page(welcome.rows, welcome.next)
            }
            Frame::DeskPage(page) => self.page(page.rows, page.next),
            Frame::DeskUpdate(update) => {
                self.rev = self.rev.max(update.rev);
                // On one socket the last word is the newest, whatever its number.
                update.rows.into_iter().for_each(|row| self.put(row, true));
                self.see(update.agents);
                self.drop(update.gone);
                String::new()
            }
            _ => String::new(),
        }
    }

    fn page(&mut self, rows: Vec<wire::DeskRow>, next: String) -> String {
        rows.into_iter().for_each(|row| self.put(row, false));
        if next.is_empty() {
            let old = self.unconfirmed.take().unwrap_or_default();
            self.drop(old.into_iter().collect());
            self.loaded = true;
        }
        next
    }

    fn put(&mut self, row: wire::DeskRow, is_news: bool) {
        let is_unconfirmed = self.unconfirmed.as_ref().is_some_and(|it| it.contains(&row.conversation));
        if self.rows.get(&row.conversation).is_some_and(|held| !is_news && !is_unconfirmed && row.rev < held.rev) {
            return;
        }
        if let Some(unconfirmed) = &mut self.unconfirmed {
            unconfirmed.remove(&row.conversation);
        }
        self.rows.insert(row.conversation.clone(), row);
    }

    fn drop(&mut self, gone: Vec<String>) {
        for conversation in gone {
            self.rows.remove(&conversation);
            if let Some(unconfirmed) = &mut self.unconfirmed {
                unconfirmed.remove(&conversation);
            }
        }
    }

    fn see(&mut self, agents: Vec<wire::AgentPresence>) {
        for agent in agents {
            self.agents.insert(agent.id, agent.availability);
        }
    }
}
