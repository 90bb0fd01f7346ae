//! The line as visitors see it: how many are before them, and how long that may take.
//!
//! In a line are those who wait and those that ring, team by team; whoever has been answered, or has left, is out of it. The
//! estimate is `position × m`, with `m` the mean of the last twenty times between two answers to that line while
//! somebody stood in it. Where everybody is busy, that is the rate at which agents become free, whatever the load is; the
//! formula and what it is worth stand in docs/routing.md.
//!
//! Places are told, never stored: a Desk that wakes knows them from its rows. The times are stored beside the waits of the day
//! ([`super::answers`]), with the first answer that each visitor gets: a quiet Desk sleeps between any two of them.

use std::collections::VecDeque;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{
    Desk,
    conversation::Entry,
    effect::{Call, Effects},
    form::Standing,
};
use crate::core::{
    id::{ConversationId, SiteId, TeamId},
    internal::{Place, PlaceNotice},
    limits::{DEPARTURE_MAX, DEPARTURES, PLACES_AT_ONCE, PLACES_INTERVAL},
    time::{MINUTE, Timestamp},
};

/// How fast one line moves.
#[derive(Debug, Default)]
struct Pace {
    /// Who stands in it.
    length: u32,
    /// Since the last departure, or since somebody came to an empty line.
    since: Option<Timestamp>,
    departures: Departures,
    /// Nobody is here for it, and whoever waits in it has been told what follows.
    is_deserted: bool,
}

/// What is stored of that.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Departures {
    /// The last times between two, in milliseconds.
    times: VecDeque<i64>,
    /// When the last one was.
    last: Option<Timestamp>,
}

/// All lines, and what visitors were told of them.
#[derive(Debug, Default)]
pub struct Line {
    paces: LiteMap<Option<TeamId>, Pace>,
    told_at: Option<Timestamp>,
    pub(super) has_moved: bool,
    /// Something has opened or closed, or the form is offered now: whether the silent know of it a Desk that has slept can't tell.
    has_turned: bool,
    /// When it was last looked who is offered the form.
    pub(super) forms_seen: Timestamp,
    /// When the first of those whom an agent has answered meanwhile is offered it.
    pub(super) next_form: Option<Timestamp>,
}

impl Pace {
    fn enter(&mut self, now: Timestamp) {
        self.length = self.length.saturating_add(1);
        self.since.get_or_insert(now);
    }

    /// Found there on waking. What is measured began with the last departure, or when the first of them came.
    fn stands(&mut self, came: Timestamp) {
        self.length = self.length.saturating_add(1);
        let since = self.departures.last.map_or(came, |last| came.max(last));
        self.since = Some(self.since.map_or(since, |earlier| earlier.min(since)));
    }

    fn answered(&mut self, now: Timestamp) {
        let time = self.since.map(|since| now.since(since)).filter(|time| (0..=DEPARTURE_MAX).contains(time));
        let Departures { times, last } = &mut self.departures;
        times.extend(time);
        if times.len() > DEPARTURES {
            times.pop_front();
        }
        *last = Some(now);
        self.since = Some(now);
        self.leave();
    }

    /// Without an answer: that says nothing of how fast agents become free.
    fn leave(&mut self) {
        self.length = self.length.saturating_sub(1);
        self.since = self.since.filter(|_| self.length > 0);
    }

    /// For whoever is so far; 0 before anybody has left.
    fn estimate(&self, position: u64) -> u64 {
        let times = &self.departures.times;
        let sum: i64 = times.iter().sum();
        let count = i64::try_from(times.len()).unwrap_or(i64::MAX);
        let ahead = i64::try_from(position).unwrap_or(i64::MAX);
        let wait = sum.saturating_mul(ahead).checked_div(count).unwrap_or(0);
        u64::try_from(wait).unwrap_or(0)
    }
}

impl Line {
    /// After loading.
    pub fn new(now: Timestamp) -> Self {
        Line { forms_seen: now, ..Line::default() }
    }

    /// What was stored of a line's pace.
    pub fn remember(&mut self, line: Option<TeamId>, departures: Departures) {
        self.paces.insert(line, Pace { departures, ..Pace::default() });
    }

    /// What is to be stored of it.
    pub fn departures(&self, line: &Option<TeamId>) -> Departures {
        self.paces.get(line).map(|pace| pace.departures.clone()).unwrap_or_default()
    }

    /// A conversation that stands in a line as the Desk wakes, and came there then.
    pub fn stands(&mut self, line: Option<TeamId>, came: Timestamp) {
        self.has_moved = true;
        self.paces.entry(line).or_default().stands(came);
    }

    /// A conversation has come, gone (answered or not), or changed lines.
    pub fn moves(&mut self, from: Option<Option<TeamId>>, to: Option<Option<TeamId>>, answered: bool, now: Timestamp) {
        if from == to {
            return;
        }
        self.has_moved = true;
        if let Some(pace) = from.and_then(|line| self.paces.get_mut(&line)) {
            if answered {
                pace.answered(now);
            } else {
                pace.leave();
            }
        }
        if let Some(line) = to {
            self.paces.entry(line).or_default().enter(now);
        }
    }

    fn place(&self, line: &Option<TeamId>, position: u64, opens_at: u64) -> Place {
        let wait_ms = if opens_at > 0 { 0 } else { self.paces.get(line).map_or(0, |pace| pace.estimate(position)) };
        Place { position, wait_ms, opens_at, form: false }
    }

    /// Whether anybody is here for it is told, or was before the Desk slept.
    fn has_heard(&mut self, line: &Option<TeamId>, standing: Standing) {
        if let Some(pace) = self.paces.get_mut(line) {
            pace.is_deserted = standing.is_deserted;
        }
    }

    /// The last one has gone since.
    fn is_left(&self, line: &Option<TeamId>, standing: Standing) -> bool {
        standing.is_deserted && self.paces.get(line).is_some_and(|pace| !pace.is_deserted)
    }

    /// Something opens or closes.
    pub fn hours_turn(&mut self) {
        self.has_moved = true;
        self.has_turned = true;
    }
}

impl Desk {
    /// Where everybody stands as the Desk wakes.
    pub(super) fn stand(&mut self) {
        let mut lines: LiteMap<Option<TeamId>, u32> = LiteMap::new();
        for id in self.router.loads.line() {
            let Some(entry) = self.list.entries.get_mut(id) else { continue };
            let length = lines.entry(entry.indexed.team().cloned()).or_insert(0);
            *length = length.saturating_add(1);
            entry.stood = *length;
        }
    }

    /// Who is here for which line as the Desk wakes with its consoles.
    pub(super) fn stand_by(&mut self, now: Timestamp) {
        let lines: Vec<Option<TeamId>> = self.line.paces.keys().cloned().collect();
        for line in lines {
            self.line.has_heard(&line, self.standing(line.as_ref(), None, now));
        }
    }

    /// What the answer to a Room's notice says of the place: as its visitor was told last, for the Room may have forgotten it; else as it was
    /// when the Desk woke. Whoever has `just_come` is last, but where agents are asked and one is here, somebody may have it in a moment. To say
    /// so at once saves a call that would wake the Room again. What the visitor may not know, or not any more, comes with the next places.
    pub(super) fn place_of(&mut self, id: &ConversationId, just_come: bool, now: Timestamp) -> Option<Place> {
        let entry = self.list.entries.get(id)?;
        let line = entry.indexed.line()?;
        if entry.place.position > 0 {
            self.line.has_moved = true;
            return Some(entry.place);
        }
        let is_taken_at_once = self.method_of(entry).is_automatic() && !self.sessions.is_empty();
        let position = match just_come {
            true if is_taken_at_once => 0,
            true => self.line.paces.get(&line).map_or(0, |pace| pace.length),
            false => entry.stood,
        };
        // Others may have moved since, or it is to be told with the rest.
        self.line.has_moved |= !just_come || position == 0;
        if position == 0 {
            return None;
        }
        let site = self.own_hours(entry);
        let form = self.offers_form(entry, self.standing(line.as_ref(), site, now), now);
        let place = Place { form, ..self.line.place(&line, position.into(), self.opens_at(line.as_ref(), site, now)) };
        self.list.entries.get_mut(id)?.place = place;
        Some(place)
    }

    /// Tells visitors who are here, or have been silent since the Desk woke, where they stand, if that is another place than they were told,
    /// so many at a time.
    pub(super) fn tell_places(&mut self, now: Timestamp, fx: &mut Effects) {
        if !self.line.has_moved {
            return;
        }
        // A clock that went back must not hold this up.
        let next =
            self.line.told_at.map(|at| at.plus(PLACES_INTERVAL)).filter(|next| next.since(now) <= PLACES_INTERVAL);
        if let Some(next) = next.filter(|next| now < *next) {
            return self.set_timer(next, now, fx);
        }
        self.line.told_at = Some(now);
        self.line.has_moved = false;
        let has_turned = std::mem::take(&mut self.line.has_turned);
        let mut lines: LiteMap<Option<TeamId>, u64> = LiteMap::new();
        // Who stands in one line may be another site's, with other hours.
        let mut standings: LiteMap<(Option<TeamId>, Option<SiteId>), (u64, Standing)> = LiteMap::new();
        let mut news = Vec::new();
        let mut is_through = true;
        let mut next_form: Option<Timestamp> = None;
        for id in self.router.loads.line() {
            let Some(entry) = self.list.entries.get(id) else { continue };
            let line = entry.indexed.team().cloned();
            let site = self.own_hours(entry);
            let first = || (self.opens_at(line.as_ref(), site, now), self.standing(line.as_ref(), site, now));
            let (opens_at, standing) = *standings.entry((line.clone(), site.cloned())).or_insert_with(first);
            let position = lines.entry(line.clone()).or_insert(0);
            *position += 1;
            let form = self.offers_form(entry, standing, now);
            let later = self.form_after_answer(entry, now).filter(|_| !form);
            next_form = next_form.into_iter().chain(later).min();
            let place = Place { form, ..self.line.place(&line, *position, opens_at) };
            let is_turned = has_turned || (form && self.line.is_left(&line, standing));
            let is_news = is_other(known(entry, place, is_turned), place);
            let waits = (entry.is_visitor_here() || entry.is_silent()) && entry.is_waiting();
            if waits && self.router.is_asking_for(id) {
                // Perhaps it is answered in a moment.
                self.line.has_moved = true;
                self.line.has_turned |= has_turned;
            } else if waits && is_news {
                if news.len() >= PLACES_AT_ONCE {
                    self.line.has_moved = true;
                    self.line.has_turned = has_turned;
                    is_through = false;
                    break;
                }
                news.push((id.clone(), place));
            }
        }
        for ((line, _), (_, standing)) in standings.iter().filter(|_| is_through) {
            self.line.has_heard(line, *standing);
        }
        self.line.next_form = next_form;
        for (conversation, place) in news {
            if let Some(entry) = self.list.entries.get_mut(&conversation) {
                entry.place = place;
            }
            let notice = PlaceNotice { workspace: self.workspace.clone(), place };
            fx.call(Call::TellPlace { conversation, notice });
        }
        if self.line.has_moved {
            self.set_timer(now.plus(PLACES_INTERVAL), now, fx);
        }
    }
}

/// What a visitor knows. Who is silent, and has come before the Desk slept, knows where they stood then, or the news if there have been none.
fn known(entry: &Entry, news: Place, has_turned: bool) -> Place {
    match entry.stood {
        _ if entry.place.position > 0 || has_turned || !entry.is_silent() => entry.place,
        0 => news,
        stood => Place { position: stood.into(), ..news },
    }
}

/// Worth telling: another position (behind the twentieth one that is off by a twentieth), or an estimate that is off by more
/// than a minute and a fifth.
fn is_other(told: Place, place: Place) -> bool {
    let (places, wait) = (told.position.abs_diff(place.position), told.wait_ms.abs_diff(place.wait_ms));
    let is_first = (told.wait_ms == 0) != (place.wait_ms == 0);
    let is_first = is_first || (told.opens_at, told.form) != (place.opens_at, place.form);
    places > place.position / 20 || is_first || (wait > MINUTE.unsigned_abs() && wait > told.wait_ms / 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::SECOND;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(1_795_600_000_000 + seconds * SECOND)
    }

    #[test]
    fn the_estimate_is_the_position_times_the_mean_time_between_departures() {
        let mut pace = Pace::default();
        pace.enter(at(0));
        pace.enter(at(10));
        assert_eq!(pace.estimate(2), 0, "nobody has left yet");
        pace.answered(at(30));
        pace.answered(at(40));
        assert_eq!(pace.estimate(3), 60_000, "30 s and 10 s");
        // Between 40 s and 1,000 s nobody waited: that says nothing.
        pace.enter(at(1_000));
        pace.answered(at(1_050));
        assert_eq!(pace.estimate(1), 30_000, "50 s more");
    }

    #[test]
    fn only_the_last_departures_count_and_a_night_does_not() {
        let mut pace = Pace::default();
        for n in 0..100 {
            pace.enter(at(n * 10));
            pace.answered(at(n * 10 + if n < 80 { 9 } else { 1 }));
        }
        assert_eq!((pace.departures.times.len(), pace.estimate(1)), (DEPARTURES, 1_000));
        pace.enter(at(2_000));
        pace.answered(at(2_000 + 10 * 3_600));
        assert_eq!(pace.estimate(1), 1_000);
        pace.enter(at(100_000));
        pace.answered(at(99_000));
        assert_eq!(pace.estimate(1), 1_000, "a clock that went back");
    }
}
