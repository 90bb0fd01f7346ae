//! What a site does while nobody works, and what its visitors are told of it ahead, so that an open chat turns by itself.

use serde::{Deserialize, Serialize};

use super::{
    hours::Hours,
    limits::{CLOSED_SPANS, MAX_INTEGER},
    time::Timestamp,
};

/// What a closed site does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenClosed {
    /// Asks for a message and an e-mail address.
    #[default]
    Form,
    /// Takes messages, which wait in the line.
    Chat,
    /// Shows nothing to whoever has no conversation; else as [`WhenClosed::Form`].
    Hide,
    /// Leaves them to the bot; whom it hands over, or who comes while it is off, is asked as by [`WhenClosed::Form`].
    Bot,
}

impl WhenClosed {
    /// As stored and told.
    pub fn name(self) -> &'static str {
        match self {
            WhenClosed::Form => "form",
            WhenClosed::Chat => "chat",
            WhenClosed::Hide => "hide",
            WhenClosed::Bot => "bot",
        }
    }

    /// Of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [WhenClosed::Form, WhenClosed::Chat, WhenClosed::Hide, WhenClosed::Bot].into_iter().find(|it| it.name() == name)
    }

    /// Whoever waits while it is closed is asked for an address.
    pub fn has_form(self) -> bool {
        self != WhenClosed::Chat
    }

    /// Whoever comes while it is closed is, before they write anything.
    pub fn begins_with_form(self) -> bool {
        matches!(self, WhenClosed::Form | WhenClosed::Hide)
    }
}

/// From when until when it is closed, in epoch milliseconds; until 2^53 − 1: nobody knows.
pub type ClosedSpan = (u64, u64);

/// When it is closed, from now on: the span that runs, and the next ones, as far as hours are known.
pub fn closed_spans(hours: Option<&Hours>, now: Timestamp) -> Vec<ClosedSpan> {
    let Some(hours) = hours else { return Vec::new() };
    let mut spans = Vec::new();
    let mut from = if hours.is_open(now) { hours.next_change(now) } else { Some(now) };
    while let Some(at) = from.filter(|_| spans.len() < CLOSED_SPANS) {
        let until = hours.next_change(at);
        spans.push((at.wire(), until.map_or(MAX_INTEGER, Timestamp::wire)));
        from = until.and_then(|until| hours.next_change(until));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        hours::Span,
        time::{DAY, HOUR},
    };

    /// A Thursday, at midnight.
    const DAY_0: Timestamp = Timestamp(20_783 * DAY);

    fn hours(weekly: [Vec<Span>; 7]) -> Hours {
        Hours { timezone: "UTC".into(), weekly, exceptions: Vec::new(), offsets: vec![(Timestamp(0), 0)] }
    }

    #[test]
    fn a_site_says_when_it_is_closed() {
        let nine_to_five = hours(std::array::from_fn(|_| vec![Span { from: 540, to: 1_020 }]));
        let at = |hour: i64| DAY_0.plus(hour * HOUR);
        let span = |from: i64, until: i64| (at(from).wire(), at(until).wire());
        let open = closed_spans(Some(&nine_to_five), at(12));
        assert_eq!(open, [span(17, 33), span(41, 57), span(65, 81)]);
        assert_eq!(closed_spans(Some(&nine_to_five), at(18)).first(), Some(&span(18, 33)));
        assert_eq!(closed_spans(None, at(12)), []);
        assert_eq!(closed_spans(Some(&hours(Default::default())), at(1)), [(at(1).wire(), MAX_INTEGER)], "never open");
        let whole_days = hours(std::array::from_fn(|_| vec![Span { from: 0, to: 1_440 }]));
        assert_eq!(closed_spans(Some(&whole_days), at(1)), [], "never closed");
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for mode in [WhenClosed::Form, WhenClosed::Chat, WhenClosed::Hide, WhenClosed::Bot] {
            assert_eq!(WhenClosed::parse(mode.name()), Some(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
        }
        assert_eq!(WhenClosed::parse(""), None);
    }
}
