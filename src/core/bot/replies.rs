//! What people answered to questions that the bot could not: texts that its owner may begin an answer of the bot's with.
//!
//! Of each question the first lines of one agent that say something, joined. What says nothing is known by what was written, not by a
//! list of phrases beside the bot's own small talk: it is too short to be understood without its question, or it was said about three
//! different things in three conversations. So a rare “let me look” stays, and whoever reads it decides.
use std::cmp::Reverse;

use super::{
    cluster::bare,
    dialogue::first,
    features::{fold, is_ideograph},
    small_talk,
};
use crate::core::{
    limits::{REPLIES_SHOWN, REPLY_CHARS},
    time::Timestamp,
};

/// Letters of the shortest reply; an ideograph counts for three.
const SHORTEST: usize = 10;
/// A line is everybody's if it was said about so many things, in as many conversations, …
const EVERYBODYS: usize = 3;
/// … and is no longer than this: what is long was written to somebody.
const EVERYBODYS_CHARS: usize = 160;

/// A public line after a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The agent who wrote it; empty: the visitor did.
    pub agent: String,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// A question, and what was said after it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Where.
    pub conversation: &'a str,
    /// In their order.
    pub lines: &'a [Line],
}

/// What an agent answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Their lines.
    pub text: String,
    /// Their name.
    pub name: &'a str,
    /// When the first of them was written.
    pub at: Timestamp,
    /// Where.
    pub conversation: &'a str,
}

/// Of each group of questions that ask the same the newest replies that are not alike.
pub fn replies<'a>(groups: &[Vec<Asked<'a>>]) -> Vec<Vec<Reply<'a>>> {
    let everybodys = everybodys(groups);
    groups.iter().map(|members| distinct(members.iter().filter_map(|asked| reply(asked, &everybodys)))).collect()
}

fn distinct<'a>(replies: impl Iterator<Item = Reply<'a>>) -> Vec<Reply<'a>> {
    let mut all: Vec<Reply> = replies.collect();
    all.sort_by_key(|reply| Reverse(reply.at));
    let mut known: Vec<String> = Vec::new();
    all.retain(|reply| {
        // Hundreds may be alike in what they are asked and in nothing that they say.
        if known.len() == REPLIES_SHOWN {
            return false;
        }
        let told = String::from_iter(compared(&reply.text));
        let is_new = known.iter().all(|other| !other.contains(&told) && !told.contains(other));
        if is_new {
            known.push(told);
        }
        is_new
    });
    all
}

/// The first lines of one agent, up to whatever somebody else writes, that say something.
fn reply<'a>(asked: &Asked<'a>, everybodys: &[Vec<char>]) -> Option<Reply<'a>> {
    let turns = asked.lines.chunk_by(|one, next| one.agent == next.agent);
    turns.filter(|turn| turn.first().is_some_and(|line| !line.agent.is_empty())).find_map(|turn| {
        let lines: Vec<&Line> = turn.iter().filter(|line| says_something(&line.text, everybodys)).collect();
        let begin = lines.first()?;
        let texts: Vec<&str> = lines.iter().map(|line| line.text.trim()).collect();
        let text = first(&texts.join("\n"), REPLY_CHARS);
        let letters: usize = fold(&text).into_iter().map(weight).sum();
        (letters >= SHORTEST).then_some(Reply {
            text,
            name: &begin.name,
            at: begin.at,
            conversation: asked.conversation,
        })
    })
}

fn weight(letter: char) -> usize {
    match letter {
        ' ' => 0,
        letter if is_ideograph(letter) => 3,
        _ => 1,
    }
}

fn says_something(text: &str, everybodys: &[Vec<char>]) -> bool {
    let folded = fold(text);
    // A call for a person is heard within a sentence, too, which may be an answer.
    let is_small_talk = small_talk::find(&folded, None).is_some_and(|id| id != small_talk::HUMAN);
    !folded.is_empty() && !is_small_talk && everybodys.binary_search(&bare(&folded)).is_err()
}

fn compared(text: &str) -> Vec<char> {
    bare(&fold(text))
}

/// What agents say to everybody, as it is compared, ascending.
fn everybodys(groups: &[Vec<Asked<'_>>]) -> Vec<Vec<char>> {
    let mut said: Vec<(Vec<char>, usize, &str)> = Vec::new();
    for (group, members) in groups.iter().enumerate() {
        for (asked, line) in members.iter().flat_map(|asked| asked.lines.iter().map(move |line| (asked, line))) {
            if !line.agent.is_empty() && line.text.chars().nth(EVERYBODYS_CHARS).is_none() {
                said.push((compared(&line.text), group, asked.conversation));
            }
        }
    }
    said.sort_unstable();
    let is_everybodys = |lines: &&[(Vec<char>, usize, &str)]| {
        let about = lines.chunk_by(|one, next| one.1 == next.1).count();
        let mut conversations: Vec<&str> = lines.iter().map(|line| line.2).collect();
        conversations.sort_unstable();
        conversations.dedup();
        about >= EVERYBODYS && conversations.len() >= EVERYBODYS
    };
    let alike = said.chunk_by(|one, next| one.0 == next.0).filter(is_everybodys);
    alike.filter_map(|lines| lines.first().map(|line| line.0.clone())).collect()
}

#[cfg(test)]
mod tests;
