//! What people do beside writing and reading: a visitor ends the conversation, leaves an address or says whether an answer helped; an agent
//! tags. And whether the history knows of it, and of what the bot did (INV-7).

use bellhop::{
    core::{
        id::TagId,
        protocol::wire::{self, client_frame::Frame},
        room::entry::Body,
    },
    sql::room::RoomStore,
};
use serde_json::Value as Json;

use crate::world::{Kind, World};

fn told(error: impl std::fmt::Display) -> String {
    format!("INV-7: {error}")
}

/// Tags of a workspace.
const TAGS: usize = 3;

impl World {
    /// The tags that a workspace names.
    pub fn found_tags(&mut self, desk: usize) {
        for number in 0..TAGS {
            let id = TagId::draw(&mut self.dice.entropy());
            let place = &mut self.desks[desk];
            let name = format!("tag {number} {}", place.canary);
            let sql = "INSERT INTO tags (id, workspace, name, created_at) VALUES (?1, ?2, ?3, 0)";
            let row = (id.as_str(), place.id.as_str(), name);
            self.database.sql.connection.execute(sql, row).expect("a tag");
            place.tags.push(id);
        }
    }

    fn request_name(&mut self, kind: &str) -> String {
        format!("{kind}{}", self.dice.below(1_000_000))
    }

    /// The visitor ends it, or waits no longer.
    pub fn leave(&mut self, client: usize) {
        let client_id = self.request_name("l");
        self.send_if_live(client, Frame::Leave(wire::Leave { client_id }));
    }

    /// The visitor wants to be answered by mail, and perhaps says something with it. Asked again it changes nothing.
    pub fn leave_email(&mut self, client: usize) {
        let Kind::Tab(room) = self.clients[client].kind else { return };
        let canary = self.desks[self.rooms[room].workspace].canary.clone();
        self.counts.written += 1;
        let client_id = format!("e{}", self.counts.written);
        let text =
            if self.dice.one_in(2) { format!("{} {canary} by mail", self.counts.written) } else { String::new() };
        if !text.is_empty() {
            self.rooms[room].truth.will_send(false, "visitor".to_owned(), client_id.clone(), text.clone());
        }
        let (email, name) = (format!("anna.{}@shop.example", self.dice.below(3)), format!("Anna {canary}"));
        let frame = Frame::LeaveEmail(wire::LeaveEmail { client_id, email, name, text });
        for _ in 0..1 + self.dice.below(2) {
            self.send_if_live(client, frame.clone());
        }
    }

    /// Whether an answer helped: mostly of the bot's, now and then of something that can't be rated.
    pub fn rate(&mut self, client: usize) {
        let entries = &self.clients[client].log.run.entries;
        let any = entries.last().map_or(0, |entry| entry.seq);
        let of_bot: Vec<u64> = entries.iter().filter(|it| it.sender == "bot").map(|it| it.seq).collect();
        let seq = if of_bot.is_empty() { any } else { of_bot[self.dice.place(of_bot.len())] };
        let (helpful, client_id) = (self.dice.one_in(2), self.request_name("v"));
        self.send_if_live(client, Frame::Rate(wire::Rate { seq, helpful, client_id }));
    }

    /// An agent puts a tag on, or takes it off.
    pub fn tag(&mut self, client: usize) {
        let Kind::Console { room, .. } = self.clients[client].kind else { return };
        let desk = self.rooms[room].workspace;
        let tag = self.desks[desk].tags[self.dice.place(TAGS)].to_string();
        let (on, client_id) = (self.dice.below(3) > 0, self.request_name("t"));
        self.send_if_live(client, Frame::Tag(wire::Tag { client_id, tag, on }));
    }

    // ------------------------------------------------------------------------------------------ the verdict

    /// INV-7: verdicts, tags and what the bot did are in the history as they are in the Room.
    pub fn asides_verdict(&self, room: usize) -> Result<(), String> {
        let place = &self.rooms[room];
        let Some(record) = self.record(room) else { return Ok(()) };
        let connection = &self.database.sql.connection;
        let sql = "SELECT muted, rated, tags FROM conversations WHERE id = ?1";
        let row: (bool, Option<String>, Option<String>) = connection
            .query_row(sql, [place.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(told)?;
        let read = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Json>(&text).ok());
        let theirs = (row.0, read(row.1), read(row.2).unwrap_or_else(|| Json::Array(Vec::new())));
        let written = |value: Result<Json, serde_json::Error>| value.map_err(|error| error.to_string());
        let rated = if record.rated.is_empty() { None } else { Some(written(serde_json::to_value(&record.rated))?) };
        let ours = (record.muted, rated, written(serde_json::to_value(&record.tags))?);
        if ours != theirs {
            return Err(format!("INV-7: D1 says {theirs:?} of {}, the Room {ours:?}", place.id));
        }
        let sql = "SELECT seq, turn FROM messages WHERE conversation = ?1 AND turn IS NOT NULL ORDER BY seq";
        let mut statement = connection.prepare_cached(sql).map_err(told)?;
        let theirs = statement.query_map([place.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).map_err(told)?;
        let theirs: Vec<(i64, String)> = theirs.collect::<Result<_, _>>().map_err(told)?;
        let theirs: Vec<(i64, Option<Json>)> = theirs.into_iter().map(|(seq, turn)| (seq, read(Some(turn)))).collect();
        let log = RoomStore(&place.object.sql).public_after(0, 100_000).map_err(|error| error.to_string())?;
        let turn = |body: &Body| match body {
            Body::Choice(offer) => offer.turn.as_ref().map(|turn| serde_json::to_value(turn).ok()),
            Body::Text(_) | Body::Activity(_) | Body::Unread(_) => None,
        };
        let ours: Vec<(i64, Option<Json>)> =
            log.iter().filter_map(|entry| Some((entry.seq as i64, turn(&entry.body)?))).collect();
        if ours != theirs {
            return Err(format!(
                "INV-7: D1 knows {} turns of the bot's in {}, the Room {}",
                theirs.len(),
                place.id,
                ours.len()
            ));
        }
        Ok(())
    }
}
