//! A model's answer as it comes: server-sent events, each a JSON text with a piece of it. Bytes come in whatever pieces they like, and
//! everything is bounded.
use crate::core::limits::{CONSULT_EVENT_BYTES, CONSULT_STREAM_BYTES, CONSULT_TEXT_BYTES};

/// What a piece counts at least: each wakes us up, however small it is.
const PIECE_BYTES: usize = 64;
/// Between these stands what a model thinks to itself, where its server does not part that from what it says. Some templates write the
/// first one themselves, so that only the second comes.
const THOUGHTS: (&str, &str) = ("<think>", "</think>");
/// How servers call an answer's natural end. Whatever else they say has cut it off: a ceiling, a filter, a failure, a wish for tools that it
/// does not have.
const ENDS: [&str; 6] = ["stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete"];
/// … and one that a filter has made.
const FILTERS: [&str; 2] = ["content_filter", "sensitive"];
/// What files of some editors begin with, and so what their programs write.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More is to come.
    Going,
    /// It has said that this was all.
    Whole,
    /// It can't be read, says that it has failed, or says too much.
    Broken,
    /// A filter has cut it off.
    Filtered,
}

/// How it ended for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It has said all that it had to say.
    Whole,
    /// It was cut off in the middle.
    CutOff,
    /// It has said nothing that could be read.
    Nothing,
    /// A filter has let nothing of it through.
    Filtered,
    /// Nobody wanted it any more.
    Unwanted,
}

impl Ended {
    /// How it went as far as it came.
    pub const fn of(progress: Progress, has_written: bool) -> Self {
        match progress {
            Progress::Whole if has_written => Ended::Whole,
            Progress::Going | Progress::Broken | Progress::Filtered if has_written => Ended::CutOff,
            Progress::Filtered => Ended::Filtered,
            Progress::Whole | Progress::Going | Progress::Broken => Ended::Nothing,
        }
    }

    /// Whether its host is well; none: that was not to be seen, or it was about the question.
    pub const fn is_well(self) -> Option<bool> {
        match self {
            Ended::Whole | Ended::CutOff => Some(true),
            Ended::Nothing => Some(false),
            Ended::Filtered | Ended::Unwanted => None,
        }
    }
}

/// Reads it.
#[derive(Debug, Default)]
pub struct Stream {
    /// What it has written, without thoughts that have ended.
    pub written: String,
    /// It has thought to itself, which costs tokens.
    pub has_thought: bool,
    /// How many tokens it says that the question and the answer have.
    pub usage: Option<u32>,
    /// … and that it said so at its end, and not on the way there.
    pub has_total: bool,
    /// Nothing comes that is of use.
    pub is_done: bool,
    /// The line that is not whole yet.
    line: Vec<u8>,
    /// The data of the event that is not whole yet.
    data: Vec<u8>,
    has_data: bool,
    /// A `\n` that comes next belongs to the `\r` before it.
    after_return: bool,
    bytes: usize,
    ended: Option<Progress>,
}

impl Stream {
    /// Takes what has come. Behind the answer's end nothing is looked for but what it has cost.
    pub fn take(&mut self, bytes: &[u8]) -> Progress {
        self.bytes = self.bytes.saturating_add(bytes.len().max(PIECE_BYTES));
        if self.bytes > CONSULT_STREAM_BYTES {
            self.give_up();
        }
        for byte in bytes {
            if self.is_done {
                break;
            }
            let after_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => self.line(),
                byte => {
                    self.line.push(*byte);
                    if self.line.len() + self.data.len() > CONSULT_EVENT_BYTES {
                        self.give_up();
                    }
                }
            }
        }
        self.ended.unwrap_or(Progress::Going)
    }

    /// What it has written for others: nothing while it is thinking, or may be.
    pub fn said(&self) -> &str {
        let text = self.written.trim_start();
        if text.starts_with(THOUGHTS.0) || THOUGHTS.0.starts_with(text) { "" } else { &self.written }
    }

    /// Whether it has said that this was all.
    pub const fn is_whole(&self) -> bool {
        matches!(self.ended, Some(Progress::Whole))
    }

    /// Nothing more comes. A last event that nothing follows counts if it says how it ended.
    pub fn close(&mut self) -> Progress {
        if !self.is_done {
            self.line();
            self.event();
            self.is_done = true;
        }
        self.ended.unwrap_or(Progress::Going)
    }

    fn end(&mut self, how: Progress) {
        self.ended.get_or_insert(how);
    }

    fn give_up(&mut self) {
        self.end(Progress::Broken);
        self.is_done = true;
    }

    fn line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_prefix(MARK).unwrap_or(&line);
        if line.is_empty() {
            return self.event();
        }
        // Comments, and fields that say nothing of the answer.
        let Some(data) = line.strip_prefix(b"data") else { return };
        let data = match data.strip_prefix(b":") {
            Some(data) => data.strip_prefix(b" ").unwrap_or(data),
            None if data.is_empty() => data,
            None => return,
        };
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(data);
    }

    fn event(&mut self) {
        let data = std::mem::take(&mut self.data);
        // One without data says nothing: proxies keep the line open by it.
        if !std::mem::take(&mut self.has_data) || data.trim_ascii().is_empty() || self.is_done {
            return;
        }
        if data == b"[DONE]" {
            self.is_done = true;
            return self.end(Progress::Whole);
        }
        let Ok(said) = serde_json::from_slice::<serde_json::Value>(&data) else { return self.give_up() };
        if said.get("error").is_some_and(|error| !error.is_null()) {
            return self.give_up();
        }
        let usage = usage(&said);
        self.usage = usage.or(self.usage);
        if self.ended.is_none() {
            self.answer(&said);
        }
        // It comes behind the answer, or in its last event. What comes before is not the whole of it.
        self.has_total |= !self.is_done && self.ended.is_some() && usage.is_some();
        self.is_done |= self.has_total;
    }

    fn answer(&mut self, said: &serde_json::Value) {
        if let Some(piece) = said.pointer("/choices/0/delta/content").and_then(|piece| piece.as_str()) {
            if self.written.len() + piece.len() > CONSULT_TEXT_BYTES {
                return self.give_up();
            }
            self.write(piece);
        }
        let thinks = ["reasoning_content", "reasoning"].iter().any(|name| {
            let thought = said.pointer("/choices/0/delta").and_then(|delta| delta.get(name)?.as_str());
            thought.is_some_and(|thought| !thought.is_empty())
        });
        self.has_thought |= thinks;
        let reason = said.pointer("/choices/0/finish_reason").and_then(|reason| reason.as_str());
        // Some servers write an empty one into every event but the last.
        let Some(reason) = reason.filter(|reason| !reason.is_empty()).map(str::to_ascii_lowercase) else { return };
        let is_of = |names: &[&str]| names.contains(&reason.as_str());
        self.end(match () {
            () if is_of(&ENDS) => Progress::Whole,
            () if is_of(&FILTERS) => Progress::Filtered,
            () => Progress::Broken,
        });
    }

    /// Of thoughts nothing is kept but that there were any.
    fn write(&mut self, piece: &str) {
        let (first, last) = THOUGHTS;
        let before = self.written.len().saturating_sub(last.len() - 1);
        self.written.push_str(piece);
        let new = self.written.as_bytes().get(before..).unwrap_or_default();
        if let Some(at) = new.windows(last.len()).rposition(|letters| letters == last.as_bytes()) {
            self.written.drain(..before + at + last.len());
            self.has_thought = true;
        } else if self.written.trim_start().starts_with(first) {
            // Its end may be on the way.
            let mut beginnings = (1..last.len()).rev().filter_map(|length| last.get(..length));
            let end = beginnings.find(|beginning| self.written.ends_with(beginning)).unwrap_or_default();
            self.written = [first, end].concat();
            self.has_thought = true;
        }
    }
}

/// Tokens of the question and the answer, as an event has them. None at all is what a server says that does not count.
fn usage(said: &serde_json::Value) -> Option<u32> {
    let tokens = |name: &str| said.pointer(name).and_then(|tokens| tokens.as_u64());
    let both = tokens("/usage/prompt_tokens")?.saturating_add(tokens("/usage/completion_tokens").unwrap_or(0));
    let all = both.max(tokens("/usage/total_tokens").unwrap_or(0));
    (all > 0).then(|| u32::try_from(all).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
