//! What the stores hold once everything has met, read row by row: nothing of another workspace in the bytes of a Room, a Desk
//! or a row of D1 (INV-8, C9), and nothing that nobody has said (C2). Looked at once in a run, for it reads everything.

use bellhop::{
    core::id::ConversationId,
    sql::{
        desk::{DeskStore, Exists},
        search::search,
        testing::TestSql,
    },
};

use crate::world::{Place, World};

/// A table's name and one of its rows as text.
type Found = (String, String);

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Every row of every table. What FTS5 makes of the words is no text: [`World::index_verdict`] asks it.
fn rows(sql: &TestSql) -> Result<Vec<Found>, String> {
    let texts = |query: &str| -> Result<Vec<String>, String> {
        let mut statement = sql.connection.prepare_cached(query).map_err(told)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(told)?;
        rows.collect::<Result<Vec<String>, _>>().map_err(told)
    };
    let mut found = Vec::new();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'message_words%' \
                  AND name NOT LIKE 'sqlite_%'";
    for table in texts(tables)? {
        let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
        let columns = columns.iter().map(|name| format!("COALESCE(CAST(\"{name}\" AS TEXT), '')"));
        let query = format!("SELECT {} FROM \"{table}\"", columns.collect::<Vec<_>>().join(" || ' ' || "));
        found.extend(texts(&query)?.into_iter().map(|row| (table.clone(), row)));
    }
    Ok(found)
}

impl World {
    /// Nothing in any store that does not belong there.
    pub fn stores_verdict(&self) -> Result<(), String> {
        let marks = [self.marks(0), self.marks(1)];
        let bears = |text: &str, desk: usize| marks[desk].iter().find(|mark| text.contains(mark.as_str()));
        for room in 0..self.rooms.len() {
            self.object_verdict(Place::Room(room), &|text| bears(text, 1 - self.rooms[room].workspace))?;
        }
        for desk in 0..self.desks.len() {
            self.object_verdict(Place::Desk(desk), &|text| bears(text, 1 - desk))?;
            self.index_verdict(desk)?;
        }
        for (table, row) in rows(&self.database.sql)? {
            // Of those there are only the visit's own, which say of one workspace what is another's.
            if table == "dead_letters" {
                if !row.contains(" stranger") {
                    return Err(format!("C2: nobody has sent what lies among the dead letters: {row}"));
                }
            } else if let (Some(one), Some(other)) = (bears(&row, 0), bears(&row, 1)) {
                return Err(format!("INV-8, C9: {one} and {other} in one row of D1's {table}: {row}"));
            }
        }
        self.nothing_unexpected()
    }

    /// What a workspace alone has: its word and the names of everything in it.
    fn marks(&self, desk: usize) -> Vec<String> {
        let place = &self.desks[desk];
        let mut marks = vec![place.canary.clone(), place.id.to_string()];
        marks.extend(place.teams.iter().map(ToString::to_string));
        marks.extend(self.agents.iter().filter(|it| it.workspace == desk).map(|it| it.id.to_string()));
        for room in self.rooms.iter().filter(|room| room.workspace == desk) {
            marks.extend([room.id.to_string(), room.site.to_string(), room.visitor.to_string()]);
        }
        marks
    }

    /// An object's own store, and what its sockets carry.
    fn object_verdict<'mark>(
        &self,
        place: Place,
        foreign: &dyn Fn(&str) -> Option<&'mark String>,
    ) -> Result<(), String> {
        let (sql, sockets) = match place {
            Place::Room(room) => (&self.rooms[room].object.sql, &self.rooms[room].object.sockets),
            Place::Desk(desk) => (&self.desks[desk].object.sql, &self.desks[desk].object.sockets),
        };
        let attached = sockets.values().filter_map(|held| held.attachment.clone());
        let attached = attached.map(|text| ("attachments".to_owned(), text));
        for (table, row) in rows(sql)?.into_iter().chain(attached) {
            if let Some(mark) = foreign(&row) {
                return Err(format!("INV-8, C9: another workspace's {mark} in {table} of {place:?}: {row}"));
            }
        }
        Ok(())
    }

    /// The index of words gives what one workspace has said to nobody of another's.
    fn index_verdict(&self, desk: usize) -> Result<(), String> {
        let (own, other) = (&self.desks[desk], &self.desks[1 - desk]);
        let word = format!("\"{}\"", own.canary.trim_matches('~'));
        let sql = "SELECT COUNT(*), COUNT(*) FILTER (WHERE m.workspace <> ?2) FROM message_words AS w \
                   JOIN messages AS m ON m.rowid = w.rowid WHERE message_words MATCH ?1";
        let connection = &self.database.sql.connection;
        let (all, foreign): (i64, i64) =
            connection.query_row(sql, (&word, own.id.as_str()), |row| Ok((row.get(0)?, row.get(1)?))).map_err(told)?;
        let said: usize = self.said(desk);
        if foreign > 0 || all as usize != said {
            return Err(format!("INV-8, C9: of {said} texts with {word} the index has {all}, {foreign} of another's"));
        }
        let Some(statement) = search(&other.id, &own.canary, 10) else { return Ok(()) };
        let hits = self.database.run(vec![statement]).map_err(told)?;
        match hits.iter().any(|rows| !rows.is_empty()) {
            true => Err(format!("INV-8, C9: {} finds what {} has said", other.id, own.id)),
            false => Ok(()),
        }
    }

    /// Texts in a workspace's logs. Each holds its word.
    fn said(&self, desk: usize) -> usize {
        let rooms = self.rooms.iter().filter(|room| room.workspace == desk);
        let lines = rooms.flat_map(|room| room.truth.public.iter().chain(&room.truth.private));
        // The bot's last words are the product's own.
        lines.filter(|line| line.item.text.contains(&self.desks[desk].canary)).count()
    }

    /// C2: D1 and the Desks have no entry and no conversation that no Room has written. (That each is there stands in the
    /// other verdicts.)
    fn nothing_unexpected(&self) -> Result<(), String> {
        let count = |sql: &str| -> Result<usize, String> {
            let count = self.database.sql.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok(count.map_err(told)? as usize)
        };
        let written: usize = self.rooms.iter().map(|it| it.truth.public.len() + it.truth.private.len()).sum();
        let entries = count("SELECT COUNT(*) FROM messages")?;
        let conversations = count("SELECT COUNT(*) FROM conversations")?;
        if (entries, conversations) != (written, self.rooms.len()) {
            return Err(format!(
                "C2: D1 has {entries} entries in {conversations} conversations, the Rooms {written} in {}",
                self.rooms.len()
            ));
        }
        for (number, desk) in self.desks.iter().enumerate() {
            let store = DeskStore(&desk.object.sql);
            if store.exists().map_err(told)? == Exists::No {
                continue;
            }
            let is_ours =
                |id: &ConversationId| self.rooms.iter().any(|room| room.workspace == number && room.id == *id);
            if let Some(row) = store.conversations().map_err(told)?.iter().find(|row| !is_ours(&row.id)) {
                return Err(format!("C2: a Desk has a conversation that nobody has begun: {row:?}"));
            }
        }
        Ok(())
    }
}
