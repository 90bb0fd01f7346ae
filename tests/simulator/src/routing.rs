//! Who gets what, in the simulator: how each workspace routes is drawn, changed while everything goes on, and told to its
//! Desk by the gateway; consoles answer probes at once, late, twice or never, and take what rings, decline it or let it ring.
//!
//! Once everything has met: nothing rings any more, nobody waits who could be served, and everybody names one assignee.

use std::collections::BTreeMap;

use bellhop::{
    core::{
        desk::{conversation::Conversation, presence::Availability, session::Session},
        hours::{Hours, Span},
        id::{AgentId, TeamId},
        internal::{ConfigureRequest, Status},
        protocol::wire::{self, client_frame::Frame},
        routing::{
            roster::{Abilities, Roster, Team},
            settings::{Method, Routing},
        },
        socket::SocketId,
        time::{MINUTE, Timestamp},
    },
    sql::desk::{DeskStore, Exists},
};

use crate::{
    calls::{Call, What},
    faults::Fault,
    world::{Event, Kind, World},
};

/// Lateness and left-out agents are looked at again every 30 seconds.
const LOOK: i64 = 31_000;
/// Of a day.
const DAY_MINUTES: i64 = 24 * 60;

impl World {
    /// How a workspace routes from now on.
    pub fn draw_routing(&mut self, desk: usize) {
        let methods = [Method::Manual, Method::BestMatch, Method::RoundRobin, Method::LeastBusy];
        let routing = Routing {
            method: methods[self.dice.place(4)],
            capacity: 1 + self.dice.below(4) as u32,
            ring_seconds: 5 + self.dice.below(40) as u32,
            gone_minutes: [0, 1, 10][self.dice.place(3)],
            overflow_minutes: [0, 1, 5][self.dice.place(3)],
            reopen_hours: [0, 24][self.dice.place(2)],
            ageing_minutes: [0, 1, 10][self.dice.place(3)],
            idle_minutes: [0, 0, 1, 4][self.dice.place(4)],
            idle_warning_minutes: self.dice.below(2) as u32,
            reserved_slots: self.draw_reserved(),
            ..Routing::default()
        };
        let agents: Vec<AgentId> =
            self.agents.iter().filter(|agent| agent.workspace == desk).map(|agent| agent.id.clone()).collect();
        while self.desks[desk].teams.len() < 2 {
            let id = TeamId::draw(&mut self.dice.entropy());
            self.desks[desk].teams.push(id);
        }
        let ids = self.desks[desk].teams.clone();
        let mut roster = Roster::default();
        for number in 0..self.dice.place(3) {
            let method = self.dice.one_in(3).then_some(methods[self.dice.place(4)]);
            let overflow = self.dice.one_in(2).then(|| ids[1 - number].clone());
            let members = agents.iter().filter(|_| self.dice.below(3) > 0).cloned().collect();
            let (id, name) = (ids[number].clone(), format!("Team {number} {}", self.desks[desk].canary));
            let (reserved_slots, hours) = (self.draw_reserved(), self.draw_hours());
            roster.teams.push(Team { id, name, method, overflow, members, reserved_slots, hours });
        }
        for agent in agents {
            let (own, has_own) = (1 + self.dice.below(3) as u32, self.dice.one_in(3));
            let capacity = has_own.then_some(own);
            roster.agents.push((agent, Abilities { capacity, ..Abilities::default() }));
        }
        roster.hours = self.draw_hours();
        for room in 0..self.rooms.len() {
            if self.rooms[room].workspace == desk
                && let Some(hours) = self.draw_hours()
            {
                roster.site_hours.push((self.rooms[room].site.clone(), hours));
            }
            let team = ids[self.dice.place(2)].clone();
            if self.rooms[room].workspace == desk && self.dice.one_in(2) {
                roster.sites.push((self.rooms[room].site.clone(), team));
            }
        }
        let place = &mut self.desks[desk];
        place.routing_version += 1;
        let (workspace, version) = (place.id.clone(), place.routing_version);
        let request = ConfigureRequest { workspace, version, routing, roster: Some(roster) };
        self.send_call(Call { from: None, is_copy: false, what: What::Configure(Box::new(request)) });
    }

    /// Slots that are kept for visitors with a level; mostly none.
    fn draw_reserved(&mut self) -> u32 {
        [0, 0, 0, 1, 2][self.dice.place(5)]
    }

    /// Mostly always; else closed, about to close, about to open, or by turns of a few minutes.
    fn draw_hours(&mut self) -> Option<Hours> {
        if !self.dice.one_in(6) {
            return None;
        }
        let minute = (self.now / MINUTE).rem_euclid(DAY_MINUTES);
        let soon = minute + 1 + self.dice.below(25) as i64;
        let each = 1 + self.dice.below(9) as i64;
        let spans: Vec<(i64, i64)> = match self.dice.place(4) {
            0 => Vec::new(),
            1 => vec![(0, soon)],
            2 => vec![(soon, DAY_MINUTES)],
            _ => (0..6).map(|number| soon + 2 * number * each).map(|from| (from, from + each)).collect(),
        };
        let within = |at: i64| u16::try_from(at.clamp(0, DAY_MINUTES)).unwrap_or_default();
        let spans: Vec<Span> = spans
            .into_iter()
            .map(|(from, to)| Span { from: within(from), to: within(to) })
            .filter(|span| span.from < span.to)
            .collect();
        Some(Hours {
            timezone: "UTC".to_owned(),
            weekly: std::array::from_fn(|_| spans.clone()),
            exceptions: Vec::new(),
            offsets: vec![(Timestamp(0), 0)],
        })
    }

    // ------------------------------------------------------------------------------------------ consoles

    /// A console answers by itself, or its machine sleeps.
    pub fn answer_probe(&mut self, client: usize, socket: SocketId, probe: u64) {
        let silent = self.draws(Fault::ProbeSilent);
        let (late, twice) = (self.draws(Fault::ProbeLate), self.draws(Fault::ProbeTwice));
        let (soon, later, again) =
            (self.dice.between(1, 60), self.dice.between(200, 4_000), self.dice.between(1, 3_000));
        let available = self.calm || !self.dice.one_in(12);
        if silent {
            return self.bites(Fault::ProbeSilent);
        }
        if late {
            self.bites(Fault::ProbeLate);
        }
        let frame = Frame::ProbeAnswer(wire::ProbeAnswer { probe, available });
        let wait = if late { later } else { soon };
        self.plan(wait, Event::Say(client, socket, Box::new(frame.clone())));
        if twice {
            self.bites(Fault::ProbeTwice);
            self.plan(wait + again, Event::Say(client, socket, Box::new(frame)));
        }
    }

    /// It rings: the agent takes it, or not, or is not at their desk.
    pub fn answer_ring(&mut self, client: usize, socket: SocketId, it: wire::Assigned) {
        let missed = self.strikes(Fault::RingMissed);
        let (wait, declines) = (self.dice.between(200, 9_000), self.dice.one_in(5));
        let client_id = format!("o{}", self.dice.below(1_000_000));
        let wire::Assigned { conversation, assignment_epoch, .. } = it;
        let frame = match declines && !self.calm {
            true => Frame::Decline(wire::Decline { client_id, conversation, assignment_epoch }),
            false => Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch }),
        };
        if !missed {
            self.plan(wait, Event::Say(client, socket, Box::new(frame)));
        }
    }

    /// A console says what it had decided to, unless that socket is gone.
    pub fn say_on(&mut self, client: usize, socket: SocketId, frame: Frame) {
        if self.clients[client].connection.socket == Some(socket) {
            self.send_frame(client, frame);
        }
    }

    /// Once it is calm agents are at their desks: they come online and take what their list says rings at them.
    pub fn attend(&mut self, client: usize, agent: usize) {
        if self.dice.one_in(4) {
            let availability = wire::Availability::Online.into();
            self.send_if_live(
                client,
                Frame::SetAvailability(wire::SetAvailability { availability, ..Default::default() }),
            );
        }
        let mine = self.agents[agent].id.to_string();
        let rows = self.clients[client].list.rows.values();
        let ringing =
            rows.filter(|row| row.ring_until > 0 && row.assignee.as_ref().is_some_and(|holder| holder.id == mine));
        let ringing: Vec<_> = ringing.map(|row| (row.conversation.clone(), row.assignment_epoch)).collect();
        for (conversation, assignment_epoch) in ringing {
            let client_id = format!("o{}", self.dice.below(1_000_000));
            self.send_if_live(client, Frame::Accept(wire::Accept { client_id, conversation, assignment_epoch }));
        }
    }

    // ------------------------------------------------------------------------------------------ the verdict

    /// Nothing rings for ever, one assignee in every place, and work conservation: whoever waits in a line that is not claimed
    /// from, waits because nobody who may have them is here, online and below their capacity.
    pub fn routing_verdict(&self, desk: usize) -> Result<(), String> {
        let store = DeskStore(&self.desks[desk].object.sql);
        if store.exists() != Ok(Exists::AsNow) {
            return Ok(());
        }
        let told = |error: bellhop::core::port::SqlError| error.to_string();
        let (record, roster) = (store.record().map_err(told)?, store.roster().map_err(told)?);
        let rows = store.conversations().map_err(told)?;
        let here = self.here(desk);
        for row in &rows {
            if row.ring_until.is_some() {
                return Err(format!("it still rings: {row:?}"));
            }
            self.one_assignee(desk, row)?;
            let team = roster.team_of(row.team.as_ref(), &row.site).and_then(|id| roster.team(id));
            let method = team.and_then(|team| team.method).unwrap_or(record.routing.method);
            // Who has left an address waits for a letter, not in the line.
            let waits_here = row.status == Status::Open && row.assignee.is_none() && row.reply_to.is_empty();
            if !waits_here || !method.is_automatic() {
                continue;
            }
            let minutes = i64::from(record.routing.overflow_minutes);
            let waits = |at: Timestamp| self.now - at.0 > minutes * MINUTE + LOOK;
            let is_late = minutes > 0 && row.queued_at.is_some_and(waits);
            let is_alone = team.is_some_and(|team| !here.iter().any(|agent| team.has(agent)));
            let is_open = |hours: Option<&Hours>| hours.is_none_or(|hours| self.was_open(hours));
            if !is_open(roster.hours_of(team.map(|team| &team.id), roster.own_hours(row.team.as_ref(), &row.site))) {
                continue;
            }
            let helpers = team.and_then(|team| roster.team(team.overflow.as_ref()?)).filter(|_| is_late || is_alone);
            let helpers = helpers.filter(|helpers| is_open(roster.hours_of(Some(&helpers.id), None)));
            let may = |agent: &AgentId| {
                team.is_none_or(|team| team.has(agent)) || helpers.is_some_and(|helpers| helpers.has(agent))
            };
            let free = |agent: &AgentId| {
                let own = roster.abilities(agent).and_then(|abilities| abilities.capacity);
                let holds = |row: &&Conversation| {
                    row.status == Status::Open && row.assignee.as_ref().is_some_and(|it| it.id == *agent)
                };
                own.unwrap_or(record.routing.capacity).saturating_sub(rows.iter().filter(holds).count() as u32)
            };
            // What is kept for others, of everybody's slots and of each team's that the agent is in.
            let is_kept = |agent: &AgentId| {
                let of_teams = roster.teams.iter().map(|team| (Some(team), team.reserved_slots));
                let pools = std::iter::once((None, record.routing.reserved_slots)).chain(of_teams);
                let mut theirs =
                    pools.filter(|(team, kept)| *kept > 0 && team.is_none_or(|team: &Team| team.has(agent)));
                theirs.any(|(team, kept)| {
                    let members = here.iter().filter(|agent| team.is_none_or(|team| team.has(agent)));
                    members.map(free).sum::<u32>() <= kept
                })
            };
            for agent in here.iter().filter(|agent| may(agent)) {
                if free(agent) > 0 && (row.level > 0 || !is_kept(agent)) {
                    return Err(format!("INV-6: {} waits, and {agent} is free: {row:?}", row.id));
                }
            }
        }
        Ok(())
    }

    /// For as long as it takes the Desk to look again.
    fn was_open(&self, hours: &Hours) -> bool {
        let before = Timestamp(self.now - LOOK);
        hours.is_open(before) && hours.next_change(before).is_none_or(|at| at.0 > self.now)
    }

    /// Who has a console that has said hello, online and neither silent nor idle.
    fn here(&self, desk: usize) -> Vec<AgentId> {
        let attached = self.desks[desk].object.sockets.values().filter_map(|held| held.attachment.as_deref());
        let sessions = attached.filter_map(|text| serde_json::from_str::<Session>(text).ok());
        let is_here = |it: &Session| it.greeted && !it.silent && !it.idle && it.switch == Availability::Online;
        let here: BTreeMap<AgentId, ()> =
            sessions.filter(is_here).map(|session| (session.principal.agent, ())).collect();
        here.into_keys().collect()
    }

    /// The history and every console name the assignee that the Desk names. (That the Room does is looked at with its status.)
    fn one_assignee(&self, desk: usize, row: &Conversation) -> Result<(), String> {
        if row.status == Status::Resolved {
            return Ok(());
        }
        let ours = row.assignee.as_ref().map(|it| it.id.to_string());
        let sql = "SELECT assignee FROM conversations WHERE id = ?1";
        let connection = &self.database.sql.connection;
        let theirs = connection.query_row(sql, [row.id.as_str()], |it| it.get::<_, Option<String>>(0));
        if theirs.as_ref() != Ok(&ours) {
            return Err(format!("INV-5, INV-7: D1 says that {theirs:?} has {}, the Desk {ours:?}", row.id));
        }
        for client in &self.clients {
            let Kind::List(agent) = client.kind else { continue };
            let shown = client.list.rows.get(row.id.as_str()).filter(|_| self.agents[agent].workspace == desk);
            let shown = shown.map(|row| row.assignee.as_ref().map(|it| it.id.clone()));
            if shown.as_ref().is_some_and(|shown| *shown != ours) {
                return Err(format!("INV-5: a console says that {shown:?} has {}, the Desk {ours:?}", row.id));
            }
        }
        Ok(())
    }
}
