//! Who works where and can do what: teams, what is known of each agent, which site is whose. The Desk's copy of what admins
//! set in the history; it comes whole, with the settings.

use serde::{Deserialize, Deserializer, Serialize};

use super::settings::{Method, known_method};
use crate::core::{
    away::WhenClosed,
    geo::Location,
    hours::Hours,
    id::{AgentId, SiteId, TeamId},
    limits::{CAPACITY_MAX, LANGUAGES_MAX, SKILL_CHARS, SKILLS_MAX},
    time::Timestamp,
};

/// Agents who share a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Which.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// How an agent is chosen; absent: as in the workspace.
    #[serde(default, deserialize_with = "known_method")]
    pub method: Option<Method>,
    /// Who helps out when nobody of this one is here, or the wait is too long.
    #[serde(default)]
    pub overflow: Option<TeamId>,
    /// Who belongs to it, sorted.
    pub members: Vec<AgentId>,
    /// When it is open; absent: as the workspace.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Free slots of its members that are kept for visitors with a level.
    #[serde(default)]
    pub reserved_slots: u32,
}

/// What routing knows of an agent beside their teams.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Abilities {
    /// Open conversations at which they get no further one; absent: as in the workspace.
    pub capacity: Option<u32>,
    /// Primary tags of BCP 47, such as `zh`.
    pub languages: Vec<String>,
    /// What they know about, in lower case.
    pub skills: Vec<String>,
    /// Where they are; absent: not said.
    pub location: Option<Location>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Roster {
    /// Teams.
    pub teams: Vec<Team>,
    /// Agents of whom anything is known, sorted by id.
    pub agents: Vec<(AgentId, Abilities)>,
    /// Sites that are a team's.
    pub sites: Vec<(SiteId, TeamId)>,
    /// Sites that do something else while they are closed than most.
    #[serde(deserialize_with = "known_modes")]
    pub when_closed: Vec<(SiteId, WhenClosed)>,
    /// Sites that have hours of their own.
    pub site_hours: Vec<(SiteId, Hours)>,
    /// When the workspace is open; absent: always.
    pub hours: Option<Hours>,
}

/// A site whose word only a later version knows does what most do.
fn known_modes<'de, D: Deserializer<'de>>(modes: D) -> Result<Vec<(SiteId, WhenClosed)>, D::Error> {
    let modes = Vec::<(SiteId, String)>::deserialize(modes)?;
    Ok(modes.into_iter().filter_map(|(site, mode)| Some((site, WhenClosed::parse(&mode)?))).collect())
}

impl Team {
    /// Whether the agent belongs to it.
    pub fn has(&self, agent: &AgentId) -> bool {
        self.members.binary_search(agent).is_ok()
    }
}

impl Abilities {
    /// Whether every value is in its range; if not, which one is wrong and why.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.capacity.is_some_and(|capacity| !(1..=CAPACITY_MAX).contains(&capacity)) {
            return Err(("capacity", "1 to 100, or null for the workspace's"));
        }
        let is_tag = |tag: &String| (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase());
        if self.languages.len() > LANGUAGES_MAX || !self.languages.iter().all(is_tag) {
            return Err(("languages", "at most 10 primary tags such as en or zh"));
        }
        let is_skill = |skill: &String| {
            !skill.trim().is_empty() && skill.chars().count() <= SKILL_CHARS && *skill == skill.trim().to_lowercase()
        };
        if self.skills.len() > SKILLS_MAX || !self.skills.iter().all(is_skill) {
            return Err(("skills", "at most 20 of 1 to 40 characters, in lower case"));
        }
        Ok(())
    }
}

impl Roster {
    /// Brings it into the order that look-ups rely on, whoever sent it.
    pub fn sorted(mut self) -> Self {
        self.agents.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.teams.iter_mut().for_each(|team| team.members.sort());
        self
    }

    /// The team of this id.
    pub fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == *id)
    }

    /// Whose conversation it is: the team's that it was handed to, else its site's; nobody's: everybody's.
    pub fn team_of<'all>(&'all self, handed_to: Option<&'all TeamId>, site: &SiteId) -> Option<&'all TeamId> {
        let of_site = || self.sites.iter().find(|(it, _)| it == site).map(|(_, team)| team);
        // A team that is gone has left its conversations to the site's.
        let exists = |id: &&TeamId| self.team(id).is_some();
        handed_to.filter(exists).or_else(|| of_site().filter(exists))
    }

    /// The site, if its own hours count for a conversation of it: unless that was handed to a team which has its own.
    pub fn own_hours<'all>(&self, handed_to: Option<&TeamId>, site: &'all SiteId) -> Option<&'all SiteId> {
        let is_teams = handed_to.and_then(|id| self.team(id)).is_some_and(|team| team.hours.is_some());
        Some(site).filter(|site| !is_teams && self.hours_of_site(site).is_some())
    }

    fn hours_of_site(&self, site: &SiteId) -> Option<&Hours> {
        self.site_hours.iter().find(|(it, _)| it == site).map(|(_, hours)| hours)
    }

    /// When a conversation of this team, or of everybody, finds somebody, by the [site's own hours](Roster::own_hours) if they
    /// count; none: always.
    pub fn hours_of(&self, team: Option<&TeamId>, site: Option<&SiteId>) -> Option<&Hours> {
        let of_team = || team.and_then(|id| self.team(id)).and_then(|team| team.hours.as_ref());
        site.and_then(|id| self.hours_of_site(id)).or_else(of_team).or(self.hours.as_ref())
    }

    /// What a site does while it is closed.
    pub fn when_closed(&self, site: &SiteId) -> WhenClosed {
        self.when_closed.iter().find(|(it, _)| it == site).map(|(_, when_closed)| *when_closed).unwrap_or_default()
    }

    /// When something opens or closes next.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let of_teams = self.teams.iter().filter_map(|team| team.hours.as_ref());
        let all = of_teams.chain(self.site_hours.iter().map(|(_, hours)| hours)).chain(&self.hours);
        all.filter_map(|hours| hours.next_change(now)).min()
    }

    /// What is known of the agent.
    pub fn abilities(&self, agent: &AgentId) -> Option<&Abilities> {
        let at = self.agents.binary_search_by(|(it, _)| it.cmp(agent)).ok()?;
        self.agents.get(at).map(|(_, abilities)| abilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Entropy;

    #[test]
    fn what_an_agent_can_do_has_bounds() {
        let of = |capacity: Option<u32>, languages: &[&str], skills: &[&str]| {
            let texts = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
            Abilities { capacity, languages: texts(languages), skills: texts(skills), location: None }
                .check()
                .err()
                .map(|(field, _)| field)
        };
        assert_eq!(of(None, &[], &[]), None);
        assert_eq!(of(Some(100), &["en", "zh", "yue"], &["returns", "退货"]), None);
        assert_eq!((of(Some(0), &[], &[]), of(Some(101), &[], &[])), (Some("capacity"), Some("capacity")));
        for wrong in ["", "e", "EN", "zh-CN", "engl", "é!"] {
            assert_eq!(of(None, &[wrong], &[]), Some("languages"), "{wrong}");
        }
        for wrong in ["", " ", "Returns", " returns", &"x".repeat(41)] {
            assert_eq!(of(None, &[], &[wrong]), Some("skills"), "{wrong}");
        }
        assert_eq!(of(None, &["en"; 11], &[]), Some("languages"));
        assert_eq!(of(None, &[], &["x"; 21]), Some("skills"));
    }

    fn team(id: &TeamId, hours: Option<Hours>) -> Team {
        Team {
            id: id.clone(),
            name: String::new(),
            method: None,
            overflow: None,
            members: vec![],
            reserved_slots: 0,
            hours,
        }
    }

    #[test]
    fn a_team_that_is_gone_leaves_its_conversations_to_the_sites() {
        let mut entropy = Entropy::new(1);
        let (site, other) = (SiteId::draw(&mut entropy), SiteId::draw(&mut entropy));
        let ids: Vec<TeamId> = (0..3).map(|_| TeamId::draw(&mut entropy)).collect();
        let [sales, returns, gone] = ids.as_slice() else { unreachable!() };
        let roster = Roster {
            teams: vec![team(sales, None), team(returns, None)],
            sites: vec![(site.clone(), sales.clone()), (other.clone(), gone.clone())],
            ..Roster::default()
        };
        assert_eq!(roster.team_of(None, &site), Some(sales));
        assert_eq!(roster.team_of(Some(returns), &site), Some(returns));
        assert_eq!(roster.team_of(Some(gone), &site), Some(sales));
        assert_eq!(roster.team_of(None, &other), None);
    }

    #[test]
    fn a_sites_own_hours_count_unless_it_was_handed_to_a_team_with_its_own() {
        let mut entropy = Entropy::new(2);
        let (site, other) = (SiteId::draw(&mut entropy), SiteId::draw(&mut entropy));
        let (with, without) = (TeamId::draw(&mut entropy), TeamId::draw(&mut entropy));
        let hours = |timezone: &str| Hours {
            timezone: timezone.into(),
            weekly: Default::default(),
            exceptions: vec![],
            offsets: vec![],
        };
        let of = |roster: &Roster, handed_to: Option<&TeamId>, site: &SiteId| {
            let own = roster.own_hours(handed_to, site);
            roster.hours_of(roster.team_of(handed_to, site), own).map(|hours| hours.timezone.clone())
        };
        let mut roster = Roster {
            teams: vec![team(&with, Some(hours("team"))), team(&without, None)],
            sites: vec![(site.clone(), with.clone()), (other.clone(), with.clone())],
            site_hours: vec![(site.clone(), hours("site"))],
            hours: Some(hours("workspace")),
            ..Roster::default()
        };
        let gone = TeamId::draw(&mut entropy);
        for (handed_to, of_site, of_other) in [
            (None, "site", "team"),
            (Some(&with), "team", "team"),
            (Some(&without), "site", "workspace"),
            (Some(&gone), "site", "team"),
        ] {
            assert_eq!(of(&roster, handed_to, &site).as_deref(), Some(of_site), "{handed_to:?}");
            assert_eq!(of(&roster, handed_to, &other).as_deref(), Some(of_other), "{handed_to:?}");
        }
        roster.site_hours.clear();
        assert_eq!(of(&roster, None, &site).as_deref(), Some("team"));
    }

    /// A Desk of before would confirm what it has passed over. Whoever changes these lists raises the number in the address, too.
    #[test]
    fn what_a_desk_is_told_has_a_number() {
        let mut entropy = Entropy::new(3);
        let (site, team, agent) = (SiteId::draw(&mut entropy), TeamId::draw(&mut entropy), AgentId::draw(&mut entropy));
        let hours = Hours {
            timezone: "UTC".into(),
            weekly: Default::default(),
            exceptions: vec![],
            offsets: vec![(Timestamp(0), 0)],
        };
        let one = Team {
            id: team.clone(),
            name: String::new(),
            method: None,
            overflow: None,
            members: vec![],
            reserved_slots: 0,
            hours: Some(hours.clone()),
        };
        let roster = Roster {
            teams: vec![one],
            agents: vec![(agent, Abilities::default())],
            sites: vec![(site.clone(), team)],
            when_closed: vec![(site.clone(), WhenClosed::Hide)],
            site_hours: vec![(site, hours.clone())],
            hours: Some(hours),
        };
        let names = |value: serde_json::Value| -> String {
            value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
        };
        let of = |value: &serde_json::Value| names(value.clone());
        let roster = serde_json::to_value(&roster).unwrap();
        let routing = serde_json::to_value(crate::core::routing::settings::Routing::default()).unwrap();
        let told = [
            of(&roster),
            of(&roster["teams"][0]),
            of(&roster["agents"][0][1]),
            of(&roster["hours"]),
            of(&routing),
            of(&routing["weights"]),
        ];
        let as_of_3 = [
            "agents hours site_hours sites teams when_closed",
            "hours id members method name overflow reserved_slots",
            "capacity languages location skills",
            "exceptions offsets timezone weekly",
            "ageing_minutes capacity follow_up_seconds form_minutes gone_minutes idle_minutes idle_warning_minutes \
             last_agent_days method overflow_minutes reopen_hours reserved_slots ring_seconds weights",
            "distance idle language load skill",
        ];
        let sorted = |text: &str| {
            let mut names: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            names.sort();
            names
        };
        assert_eq!(told.map(|it| sorted(&it)), as_of_3.map(sorted));
        assert_eq!(crate::core::internal::CONFIGURE, "/configure/3");
    }
}
