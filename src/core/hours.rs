//! Business hours: weekly hours in a time zone, with days that are different.
//!
//! The rules of time zones are the platform's: whoever saves hours asks it for the moments at which the zone's offset from
//! UTC changes, some years ahead, and keeps them with the hours (`offsets`). From then on opening and closing is a
//! look-up here, the same in the Worker and in every test.

use serde::{Deserialize, Serialize};

use super::{
    limits::{HOURS_AHEAD_DAYS, HOURS_EXCEPTIONS, HOURS_SPANS, OFFSET_WEEKS},
    time::{DAY, MINUTE, Timestamp},
};

const DAY_MINUTES: u16 = 24 * 60;

/// From a minute of the local day up to another one, which is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// 0 is midnight.
    pub from: u16,
    /// Up to 1,440, the midnight after.
    pub to: u16,
}

/// A day that is not like others of its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// `2026-12-25`, in the zone's own calendar.
    pub date: String,
    /// When it is open; empty: not at all.
    pub spans: Vec<Span>,
}

/// Hours as they are saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// IANA, such as `Asia/Shanghai`.
    pub timezone: String,
    /// Monday first.
    pub weekly: [Vec<Span>; 7],
    /// Holidays and one-off days.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// From when on, and how many minutes east of UTC; in order, the first one for everything before as well. Ours, whatever
    /// is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offsets: Vec<(Timestamp, i32)>,
}

/// Days since 1970-01-01.
pub type Date = i64;
type OtherDays<'all> = Vec<(Date, &'all [Span])>;

/// From when on a zone is how far east of UTC, for some years: what [`Hours::offsets`] wants. `offset_at` says it for one
/// moment, in minutes; none for a zone that does not exist. No zone is known to change twice within a week.
pub fn offsets(from: Timestamp, offset_at: impl Fn(Timestamp) -> Option<i32>) -> Option<Vec<(Timestamp, i32)>> {
    let mut at = Timestamp(from.0.div_euclid(DAY) * DAY);
    let mut offset = offset_at(at)?;
    let mut all = vec![(at, offset)];
    for _ in 0..OFFSET_WEEKS {
        let week = at.plus(7 * DAY);
        let later = offset_at(week)?;
        if later != offset {
            let (mut before, mut after) = (at, week);
            while after.since(before) > MINUTE {
                let middle = before.plus(after.since(before) / (2 * MINUTE) * MINUTE);
                if offset_at(middle)? == offset {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            offset = later;
            all.push((after, offset));
        }
        at = week;
    }
    Some(all)
}

impl Hours {
    /// As whoever set them knows them.
    pub fn shown(&self) -> Self {
        Hours { offsets: Vec::new(), ..self.clone() }
    }

    /// Whether everything is in its range; if not, which member is wrong and why.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let spans = self.weekly.iter().chain(self.exceptions.iter().map(|it| &it.spans));
        for day in spans {
            let ordered = day.iter().zip(day.iter().skip(1)).all(|(one, next)| one.to <= next.from);
            let sound = day.iter().all(|it| it.from < it.to && it.to <= DAY_MINUTES);
            if !ordered || !sound || day.len() > HOURS_SPANS {
                return Err(("weekly", "each day at most 6 spans of minutes, in order, from 0 up to 1440"));
            }
        }
        let dates: Vec<Option<Date>> = self.exceptions.iter().map(|it| date(&it.date)).collect();
        if dates.len() > HOURS_EXCEPTIONS || dates.iter().any(Option::is_none) {
            return Err(("exceptions", "at most 200 dates such as 2026-12-25"));
        }
        if self.offsets.is_empty() {
            return Err(("timezone", "not a time zone such as Europe/Berlin"));
        }
        Ok(())
    }

    /// Whether it is open now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.at(&self.other_days(), now)
    }

    fn at(&self, other_days: &OtherDays<'_>, now: Timestamp) -> bool {
        let local = self.local(now);
        let minute = local.rem_euclid(DAY) / MINUTE;
        self.spans(other_days, local.div_euclid(DAY))
            .iter()
            .any(|span| (i64::from(span.from)..i64::from(span.to)).contains(&minute))
    }

    /// When that changes next; none if it does not within two months.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let other_days = self.other_days();
        let is_open = self.at(&other_days, now);
        let today = self.local(now).div_euclid(DAY);
        let first_of = |day: Date| {
            let edges = self.edges(&other_days, day).into_iter();
            edges.filter(|at| *at > now && self.at(&other_days, *at) != is_open).min()
        };
        // From yesterday: the day of a place may be another one than that of its offset a moment ago. And where clocks change,
        // what a day later begins may come first.
        let found = (today - 1..=today + HOURS_AHEAD_DAYS).find_map(|day| Some((day, first_of(day)?)));
        found.and_then(|(day, at)| [Some(at), first_of(day + 1)].into_iter().flatten().min())
    }

    /// The moments at which spans of a day begin or end.
    fn edges(&self, other_days: &OtherDays<'_>, day: Date) -> Vec<Timestamp> {
        let minutes = self.spans(other_days, day).iter().flat_map(|span| [span.from, span.to]);
        let local = minutes.map(|minute| day * DAY + i64::from(minute) * MINUTE);
        // Where clocks go forward a span may begin at a time that the place has not: then it begins with the change.
        let changes =
            self.offsets.iter().map(|(at, _)| *at).filter(|at| (self.local(*at).div_euclid(DAY) - day).abs() <= 1);
        local.flat_map(|local| self.moments(local)).chain(changes).collect()
    }

    /// Exceptions by their day: read once for however many questions.
    fn other_days(&self) -> OtherDays<'_> {
        self.exceptions.iter().filter_map(|it| Some((date(&it.date)?, it.spans.as_slice()))).collect()
    }

    /// When it is that time there: once, or twice where clocks go back, or never.
    fn moments(&self, local: i64) -> Vec<Timestamp> {
        let mut offsets: Vec<i32> = self.offsets.iter().map(|(_, offset)| *offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let candidates = offsets.into_iter().map(|offset| Timestamp(local - i64::from(offset) * MINUTE));
        candidates.filter(|at| self.local(*at) == local).collect()
    }

    fn spans<'all>(&'all self, other_days: &OtherDays<'all>, day: Date) -> &'all [Span] {
        if let Some((_, spans)) = other_days.iter().find(|(it, _)| *it == day) {
            return spans;
        }
        // 1970-01-01 was a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0);
        self.weekly.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// Which day it is there, counted from 1970-01-01.
    pub fn day(&self, now: Timestamp) -> Date {
        self.local(now).div_euclid(DAY)
    }

    /// What clocks there show, in milliseconds since their 1970.
    fn local(&self, now: Timestamp) -> i64 {
        let offset = self.offsets.iter().rev().find(|(from, _)| *from <= now).or(self.offsets.first());
        now.0.saturating_add(offset.map_or(0, |(_, minutes)| i64::from(*minutes) * MINUTE))
    }
}

/// Of a day in our calendar. (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.)
pub fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Reads `2026-12-25`, if there is such a day.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut next = |digits: usize| parts.next().filter(|it| it.len() == digits)?.parse::<i64>().ok();
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    // The thirty-first of February would be a day of March.
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (days < days_since_1970(next_year, next_month, 1)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::HOUR;

    fn at(text: &str) -> Timestamp {
        let (day, time) = text.split_once('T').unwrap();
        let (hour, minute) = time.split_once(':').unwrap();
        let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
        Timestamp(date(day).unwrap() * DAY + minutes * MINUTE)
    }

    fn days(from: u16, to: u16) -> [Vec<Span>; 7] {
        let day = vec![Span { from: from * 60, to: to * 60 }];
        [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()]
    }

    /// Berlin around 2026 and 2027: clocks go forward on the last Sunday in March, back on that in October, at 1:00 UTC.
    fn berlin(weekly: [Vec<Span>; 7]) -> Hours {
        let offsets = vec![
            (at("2025-10-26T01:00"), 60),
            (at("2026-03-29T01:00"), 120),
            (at("2026-10-25T01:00"), 60),
            (at("2027-03-28T01:00"), 120),
        ];
        Hours { timezone: "Europe/Berlin".into(), weekly, exceptions: Vec::new(), offsets }
    }

    #[test]
    fn dates() {
        assert_eq!((date("1970-01-01"), date("2026-11-26")), (Some(0), Some(20_783)));
        for wrong in [
            "",
            "2026",
            "2026-1-1",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "26-01-01",
            "2026-01-01-1",
            "2026-01-0x",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        assert!(date("2028-02-29").is_some());
    }

    #[test]
    fn a_week_in_berlin() {
        let hours = berlin(days(9, 18));
        // (UTC, open, next change)
        let table = [
            ("2026-11-26T07:59", false, "2026-11-26T08:00"),
            ("2026-11-26T08:00", true, "2026-11-26T17:00"),
            ("2026-11-26T16:59", true, "2026-11-26T17:00"),
            ("2026-11-26T17:00", false, "2026-11-27T08:00"),
            ("2026-11-27T17:00", false, "2026-11-30T08:00"),
            ("2026-11-29T12:00", false, "2026-11-30T08:00"),
            // Summer time.
            ("2026-07-01T06:59", false, "2026-07-01T07:00"),
            ("2026-07-01T07:00", true, "2026-07-01T16:00"),
            // The Friday before and the Monday after the change.
            ("2026-03-27T17:00", false, "2026-03-30T07:00"),
            ("2026-10-23T16:00", false, "2026-10-26T08:00"),
        ];
        for (now, is_open, next) in table {
            assert_eq!((hours.is_open(at(now)), hours.next_change(at(now))), (is_open, Some(at(next))), "{now}");
        }
    }

    #[test]
    fn nights_in_which_clocks_change() {
        let night = vec![Span { from: 2 * 60, to: 3 * 60 }];
        let hours = berlin([Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), night]);
        // From 2:00 to 3:00 on a Sunday: that hour is there twice in October, and not at all in March.
        assert_eq!(hours.next_change(at("2026-10-24T12:00")), Some(at("2026-10-25T00:00")));
        assert_eq!(hours.next_change(at("2026-10-25T00:00")), Some(at("2026-10-25T02:00")), "two hours long");
        assert!(hours.is_open(at("2026-10-25T01:30")));
        assert_eq!(hours.next_change(at("2026-03-28T12:00")), Some(at("2026-04-05T00:00")), "a week later");
        let over = vec![Span { from: 2 * 60 + 30, to: 5 * 60 }];
        let hours = berlin([Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), over]);
        assert_eq!(hours.next_change(at("2026-03-28T12:00")), Some(at("2026-03-29T01:00")), "half past two is three");
    }

    #[test]
    fn other_days_take_the_place_of_their_weekday() {
        let mut hours = berlin(days(9, 18));
        hours.exceptions = vec![
            Exception { date: "2026-12-25".into(), spans: Vec::new() },
            Exception { date: "2026-12-26".into(), spans: vec![Span { from: 600, to: 720 }] },
        ];
        assert!(!hours.is_open(at("2026-12-25T10:00")));
        assert_eq!(hours.next_change(at("2026-12-24T17:00")), Some(at("2026-12-26T09:00")), "a Saturday");
        assert_eq!(hours.next_change(at("2026-12-26T09:00")), Some(at("2026-12-26T11:00")));
    }

    #[test]
    fn always_and_never() {
        let whole = vec![Span { from: 0, to: 1_440 }];
        let always = berlin(std::array::from_fn(|_| whole.clone()));
        assert_eq!((always.is_open(at("2026-11-26T23:00")), always.next_change(at("2026-11-26T23:00"))), (true, None));
        let never = berlin(std::array::from_fn(|_| Vec::new()));
        assert_eq!((never.is_open(at("2026-11-26T12:00")), never.next_change(at("2026-11-26T12:00"))), (false, None));
        let far = Timestamp(i64::MAX);
        assert!(!never.is_open(far) && !never.is_open(Timestamp(i64::MIN)));
    }

    #[test]
    fn what_is_out_of_range() {
        let good = berlin(days(9, 18));
        let of = |change: fn(&mut Hours)| {
            let mut hours = good.clone();
            change(&mut hours);
            hours.check().err().map(|(field, _)| field)
        };
        assert_eq!(of(|_| {}), None);
        assert_eq!(of(|it| it.weekly[0] = vec![Span { from: 600, to: 600 }]), Some("weekly"));
        assert_eq!(of(|it| it.weekly[0] = vec![Span { from: 600, to: 1_441 }]), Some("weekly"));
        let twice = |it: &mut Hours| it.weekly[0] = vec![Span { from: 600, to: 700 }, Span { from: 650, to: 800 }];
        assert_eq!(of(twice), Some("weekly"));
        assert_eq!(
            of(|it| it.weekly[0] = (0..7).map(|n| Span { from: n * 60, to: n * 60 + 1 }).collect()),
            Some("weekly")
        );
        assert_eq!(of(|it| it.exceptions.push(Exception { date: "soon".into(), spans: vec![] })), Some("exceptions"));
        assert_eq!(of(|it| it.offsets.clear()), Some("timezone"));
    }

    #[test]
    fn the_changes_of_a_zone_are_found_to_the_minute() {
        let berlin = berlin(days(9, 18));
        let offset_at = |at| Some(i32::try_from((berlin.local(at) - at.0) / MINUTE).unwrap());
        let found = offsets(at("2026-01-15T13:37"), offset_at).unwrap();
        assert_eq!(found[0], (at("2026-01-15T00:00"), 60));
        assert_eq!(found[1..], berlin.offsets[1..]);
        assert_eq!(offsets(at("2026-01-15T00:00"), |_| None), None);
        let calls = std::cell::Cell::new(0);
        let count = |_| {
            calls.set(calls.get() + 1);
            Some(480)
        };
        assert_eq!(offsets(at("2026-01-15T00:00"), count).unwrap().len(), 1);
        assert!(calls.get() < 300, "asking costs something: {}", calls.get());
    }

    /// Against the plainest reading: walk through a year minute by minute.
    #[test]
    fn next_change_is_the_first_minute_at_which_it_is_otherwise() {
        let mut hours = berlin(days(9, 17));
        hours.weekly[6] = vec![Span { from: 90, to: 200 }];
        hours.exceptions = vec![Exception { date: "2026-10-25".into(), spans: vec![Span { from: 100, to: 180 }] }];
        let (mut now, end) = (at("2026-10-20T00:00"), at("2026-11-03T00:00"));
        let mut expected = Vec::new();
        while now < end {
            let next = now.plus(MINUTE);
            if hours.is_open(now) != hours.is_open(next) {
                expected.push(next);
            }
            now = next;
        }
        let mut at_edge = at("2026-10-20T00:00");
        let mut found = Vec::new();
        while let Some(next) = hours.next_change(at_edge).filter(|next| *next < end) {
            found.push(next);
            at_edge = next;
        }
        assert_eq!(found, expected);
        assert!(found.len() > 15 && at_edge.since(at("2026-10-20T00:00")) > 24 * HOUR);
    }
}
