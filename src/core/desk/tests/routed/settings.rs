//! How the workspace routes: drawn anew for every seed, and changed while everything goes on.

use super::{
    super::rig::{agent, workspace},
    ROOMS, World,
};
use crate::core::{
    chance::Chance,
    desk::{conversation::Entry, effect::Input},
    hours::{Hours, Span},
    id::{AgentId, Entropy, SiteId, TeamId},
    internal::ConfigureRequest,
    routing::{
        roster::{Abilities, Roster, Team},
        settings::{Method, Routing},
    },
    time::{DAY, MINUTE, Timestamp},
};

const TEAMS: u128 = 3;

/// What admins have set, as this side knows it.
#[derive(Debug, Clone)]
pub struct Config {
    pub version: u64,
    pub routing: Routing,
    pub roster: Roster,
}

pub fn team_id(number: u128) -> TeamId {
    TeamId::draw(&mut Entropy::new(9_000 + number))
}

/// Two conversations of three are of a site that may be a team's.
pub fn site_of(room: usize) -> SiteId {
    SiteId::draw(&mut Entropy::new(5 + room as u128 % 3))
}

/// Half of the visitors have none. The newcomer at the end has one: a kept slot is no obstacle.
pub fn level_of(room: usize) -> u8 {
    if room == ROOMS { 1 } else { [1, 0, 2, 0][room % 4] }
}

impl Config {
    pub fn draw(chance: &mut Chance, n_agents: u128) -> Self {
        let mut config = Config { version: 0, routing: routing(chance), roster: Roster::default() };
        config.roster.teams = teams(chance, n_agents);
        config.draw_sites(chance);
        config.draw_abilities(chance, n_agents);
        config.draw_hours(chance);
        config
    }

    fn draw_sites(&mut self, chance: &mut Chance) {
        let mut sites = Vec::new();
        for site in 0..2 {
            if chance.percent(60) {
                // Perhaps of a team that does not exist.
                sites.push((site_of(site), team_id(u128::from(chance.below(TEAMS as u64)))));
            }
        }
        self.roster.sites = sites;
    }

    fn draw_abilities(&mut self, chance: &mut Chance, n_agents: u128) {
        let mut agents = Vec::new();
        for number in 0..n_agents {
            if chance.percent(30) {
                let capacity = Some(1 + chance.below(3) as u32);
                agents.push((agent(number).id, Abilities { capacity, ..Abilities::default() }));
            }
        }
        self.roster.agents = agents;
    }

    fn draw_hours(&mut self, chance: &mut Chance) {
        self.roster.hours = chance.percent(15).then(|| hours(chance));
        for team in &mut self.roster.teams {
            team.hours = chance.percent(15).then(|| hours(chance));
        }
    }

    pub fn capacity_of(&self, id: &AgentId) -> u32 {
        let own = self.roster.agents.iter().find(|(it, _)| it == id).and_then(|(_, abilities)| abilities.capacity);
        own.unwrap_or(self.routing.capacity)
    }

    pub fn has_own_capacity(&self, id: &AgentId) -> bool {
        self.roster.agents.iter().any(|(it, _)| it == id)
    }

    /// Whose a conversation is, said once more.
    pub fn team_of(&self, entry: &Entry) -> Option<&Team> {
        let team = |id: &TeamId| self.roster.teams.iter().find(|team| team.id == *id);
        let of_site =
            self.roster.sites.iter().find(|(site, _)| *site == entry.stored.site).and_then(|(_, id)| team(id));
        entry.stored.team.as_ref().and_then(team).or(of_site)
    }

    pub fn method_of(&self, entry: &Entry) -> Method {
        self.team_of(entry).and_then(|team| team.method).unwrap_or(self.routing.method)
    }

    pub fn is_open(&self, team: Option<&Team>, now: Timestamp) -> bool {
        team.and_then(|team| team.hours.as_ref()).or(self.roster.hours.as_ref()).is_none_or(|hours| hours.is_open(now))
    }
}

fn method(chance: &mut Chance) -> Method {
    let all = [Method::Manual, Method::BestMatch, Method::RoundRobin, Method::LeastBusy];
    all[[0, 1, 1, 2, 2, 3, 3][chance.below(7) as usize]]
}

fn routing(chance: &mut Chance) -> Routing {
    Routing {
        method: method(chance),
        capacity: 1 + chance.below(3) as u32,
        ring_seconds: [5, 10, 30, 90][chance.below(4) as usize],
        gone_minutes: [0, 1, 2, 10][chance.below(4) as usize],
        overflow_minutes: [0, 1, 5][chance.below(3) as usize],
        reopen_hours: [0, 24][chance.below(2) as usize],
        ageing_minutes: [0, 1, 10][chance.below(3) as usize],
        reserved_slots: kept(chance),
        ..Routing::default()
    }
}

/// Free slots that are kept for visitors with a level: mostly none.
fn kept(chance: &mut Chance) -> u32 {
    [0, 0, 0, 1, 2][chance.below(5) as usize]
}

fn teams(chance: &mut Chance, n_agents: u128) -> Vec<Team> {
    let mut teams = Vec::new();
    for number in 0..u128::from(chance.below(TEAMS as u64 + 1)) {
        let members = (0..n_agents).filter(|_| chance.percent(50)).map(|number| agent(number).id).collect();
        let overflow = chance.percent(60).then(|| team_id((number + 1) % TEAMS));
        let own = chance.percent(40).then(|| method(chance));
        let name = format!("Team {number}");
        let id = team_id(number);
        teams.push(Team { id, name, method: own, overflow, members, reserved_slots: kept(chance), hours: None });
    }
    teams
}

/// Open or closed at the beginning, with a change in the next minutes, perhaps back again soon after.
fn hours(chance: &mut Chance) -> Hours {
    let minute = (super::super::rig::START.0.rem_euclid(DAY) / MINUTE) as u16;
    let (first, length) = (minute + 1 + chance.below(12) as u16, 1 + chance.below(15) as u16);
    let (first, last) = (first.min(1_438), (first + length).min(1_439));
    let spans = match chance.below(2) {
        0 => vec![Span { from: first, to: last }],
        _ => vec![Span { from: 0, to: first }, Span { from: last, to: 1_440 }],
    };
    Hours {
        timezone: "UTC".into(),
        weekly: std::array::from_fn(|_| spans.clone()),
        exceptions: Vec::new(),
        offsets: vec![(Timestamp(0), 0)],
    }
}

impl World {
    /// Whether anything is closed.
    pub(super) fn is_open(&self) -> bool {
        let teams = self.config.roster.teams.iter();
        teams.map(Some).chain([None]).all(|team| self.config.is_open(team, self.rig.now))
    }

    pub(super) fn settings_change(&mut self) {
        let before = self.config.clone();
        let n_agents = self.n_agents() as u128;
        match self.below(5) {
            0 => {
                self.count("method changes");
                self.config.routing = routing(&mut self.chance);
            }
            1 => {
                self.count("capacities change");
                self.config.routing.capacity = 1 + self.below(3) as u32;
                self.config.draw_abilities(&mut self.chance, n_agents);
            }
            2 => {
                self.count("teams change");
                self.config.roster.teams = teams(&mut self.chance, n_agents);
                self.config.draw_sites(&mut self.chance);
            }
            3 => {
                self.count("hours change");
                self.config.draw_hours(&mut self.chance);
            }
            _ => {
                // Perhaps a gateway that was slow: what it brings is over.
                self.count("settings of before come late");
                let version = before.version.saturating_sub(1);
                let routing = routing(&mut self.chance);
                let request = ConfigureRequest { workspace: workspace(0), version, routing, roster: None };
                return self.until_answered(Input::Configure(request));
            }
        }
        self.configure();
    }

    pub(super) fn configure(&mut self) {
        self.config.version += 1;
        let Config { version, routing, .. } = self.config;
        let roster = Some(self.config.roster.clone());
        self.until_answered(Input::Configure(ConfigureRequest { workspace: workspace(0), version, routing, roster }));
    }
}
