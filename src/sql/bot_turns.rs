//! What the bot did about messages (`bot_turns`, a view of the messages by which it did it): reports, and what may be learnt.
//! Nothing of another workspace is read or changed (INV-8).

use serde::Serialize;

use crate::core::{
    bot::replies::Line as Said,
    id::{ConversationId, WorkspaceId},
    json,
    limits::{CHOICE_WITHIN, QUESTION_SHOWN, REPLY_READ, REPLY_WITHIN},
    port::{Columns, Row, Statement},
    time::{DAY, Timestamp},
};

/// Whether a turn's intent is an entry of the FAQ, or an article of which a language model has told: an intent may have a name that begins so.
macro_rules! is_entry {
    ($intent:literal) => {
        concat!(
            "length(",
            $intent,
            ") = 20 AND substr(",
            $intent,
            ", 1, 4) IN ('faq_', 'art_') AND instr(substr(",
            $intent,
            ", 5), '_') = 0"
        )
    };
}

/// Turns by a day or an intent, how many conversations they were in, and how many of these were resolved without a person: the bot
/// answered and never handed over (of which the private log alone knows where nothing was said), no agent had it or wrote in it, and it
/// is resolved. D1 binds every number as a real one, so a quotient has a fraction.
macro_rules! report {
    ($key:literal, $conversation:literal) => {
        concat!(
            "WITH t AS MATERIALIZED (SELECT conversation, CAST((at - ?2) / ?4 AS INTEGER) AS day, \
             CASE WHEN ",
            is_entry!("intent"),
            " THEN ':faq' ELSE intent END AS intent, did, stood_in, helpful FROM bot_turns \
             WHERE workspace = ?1 AND at >= ?2 AND at < ?3), \
             c AS MATERIALIZED (SELECT t.conversation, MAX(t.day) AS day, c.status = 'resolved' AND c.muted = 0 AND c.assignment_epoch = 0 \
             AND MAX(t.did = 'answered') AND NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.conversation = c.id \
             AND (m.log = 'public' AND (m.sender_kind = 'agent' OR m.turn ->> 'did' = 'handed_over') \
             OR m.log = 'private' AND m.kind = 'activity' AND instr(m.body, '\"HANDED_OVER\"'))) AS alone \
             FROM t CROSS JOIN conversations AS c ON c.id = t.conversation AND c.workspace = ?1 GROUP BY t.conversation) \
             SELECT t.",
            $key,
            " AS key, SUM(t.did = 'answered') AS answered, SUM(t.did = 'asked') AS asked, \
             SUM(t.did = 'handed_over') AS handed_over, SUM(t.stood_in) AS stood_in, \
             COUNT(DISTINCT CASE WHEN ",
            $conversation,
            " THEN t.conversation END) AS conversations, \
             COUNT(DISTINCT CASE WHEN c.alone AND ",
            $conversation,
            " THEN t.conversation END) AS resolved, \
             COUNT(CASE WHEN t.helpful THEN 1 END) AS helped, COUNT(CASE WHEN NOT t.helpful THEN 1 END) AS not_helped \
             FROM t LEFT JOIN c ON c.conversation = t.conversation GROUP BY 1 ORDER BY 1"
        )
    };
}

/// A conversation belongs to the day of its last turn, …
const BY_DAY: &str = report!("day", "t.day = c.day");
/// … and to every intent by which it was answered; to `:faq`, which is no intent’s name, by whichever entry of the FAQ.
const BY_INTENT: &str = report!("intent", "t.did = 'answered'");

/// Questions that got no answer, or one that did not help, newest first, and what was chosen when the bot asked back. Where the conversation
/// is resolved, what was said in public behind each, too: no more rows than a few for each, by the log's own key.
const UNANSWERED: &str = "WITH found AS MATERIALIZED (SELECT t.conversation, t.seq, t.at, t.question, substr(q.body, 1, ?4) AS text, t.near, \
     CASE WHEN t.did = 'asked' THEN (SELECT CASE WHEN n.pressed THEN n.intent END FROM bot_turns AS n \
     WHERE n.conversation = t.conversation AND n.seq > t.seq AND n.seq <= t.seq + ?5 ORDER BY n.seq LIMIT 1) END AS chosen, \
     CASE WHEN t.did = 'answered' THEN t.intent END AS answered_by \
     FROM bot_turns AS t CROSS JOIN messages AS q ON q.conversation = t.conversation AND q.log = 'public' AND q.seq = t.question \
     WHERE t.workspace = ?1 AND t.at >= ?2 AND t.settled IS NULL AND q.sender_kind = 'visitor' AND \
     (t.did = 'asked' OR t.did = 'handed_over' AND t.reason IN ('unsure', 'asked_in_vain') \
     OR t.did = 'answered' AND NOT t.pressed AND NOT t.helpful) ORDER BY t.at DESC, t.seq DESC LIMIT ?3) \
     SELECT f.conversation, f.seq, f.at, f.text, f.near, f.chosen, f.answered_by, \
     (SELECT json_group_array(json_array(a.seq, a.at, iif(a.sender_kind = 'agent', a.sender_id, ''), iif(a.sender_kind = 'agent', a.sender_name, ''), \
     CASE WHEN a.sender_kind = 'visitor' THEN '' WHEN length(a.body) > ?7 THEN substr(a.body, 1, ?7) || '…' ELSE a.body END)) \
     FROM messages AS a WHERE a.conversation = c.id AND a.log = 'public' AND a.seq > f.question AND a.seq <= f.question + ?6 \
     AND a.workspace = ?1 AND a.kind = 'text' AND a.sender_kind IN ('agent', 'visitor')) AS said \
     FROM found AS f LEFT JOIN conversations AS c ON c.id = f.conversation AND c.workspace = ?1 AND c.status = 'resolved' AND c.muted = 0 \
     ORDER BY f.at DESC, f.seq DESC";

/// What was asked, newest first, but for what needs neither a model nor the FAQ.
const ASKED: &str = concat!(
    "SELECT substr(q.body, 1, ?4) AS text, t.did, t.did = 'answered' AND ",
    is_entry!("t.intent"),
    " AS faq FROM bot_turns AS t \
     CROSS JOIN messages AS q ON q.conversation = t.conversation AND q.log = 'public' AND q.seq = t.question \
     WHERE t.workspace = ?1 AND t.at >= ?2 AND q.sender_kind = 'visitor' AND NOT t.pressed \
     AND NOT (t.near IS NULL AND (t.did = 'answered' OR t.intent <> '') AND NOT (",
    is_entry!("t.intent"),
    ")) AND t.reason NOT IN ('visitor_asked', 'no_text') ORDER BY t.at DESC, t.seq DESC LIMIT ?3"
);

const SETTLE: &str = "UPDATE messages SET turn = json_set(turn, '$.settled', ?3) WHERE rowid IN (SELECT m.rowid FROM json_each(?2) AS e \
     CROSS JOIN messages AS m ON m.conversation = e.value ->> 0 AND m.log = 'public' AND m.seq = e.value ->> 1 \
     WHERE m.workspace = ?1 AND m.turn IS NOT NULL AND m.turn ->> 'settled' IS NULL) RETURNING seq";

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The day, counted from the report's first, or the intent, or `:faq`, or who answered (`Responder::NAME`); empty: none.
    pub key: String,
    /// Messages that were answered.
    pub answered: u64,
    /// Messages that were asked back about.
    pub asked: u64,
    /// Messages that were handed over.
    pub handed_over: u64,
    /// Those of all of them with which the built-in bot stood in for one that the workspace has named.
    pub stood_in: u64,
    /// Conversations that they were in.
    pub conversations: u64,
    /// Those of them that were resolved without a person.
    pub resolved: u64,
    /// Answers of which the visitor said that they helped, …
    pub helped: u64,
    /// … or that they did not.
    pub not_helped: u64,
}

impl Line {
    /// Reads a row of [`report`].
    pub fn read(row: &Row) -> Self {
        let mut columns = Columns::of(row);
        Line {
            key: columns.text(),
            answered: columns.uint(),
            asked: columns.uint(),
            handed_over: columns.uint(),
            stood_in: columns.uint(),
            conversations: columns.uint(),
            resolved: columns.uint(),
            helped: columns.uint(),
            not_helped: columns.uint(),
        }
    }
}

/// By day and by intent.
pub fn report(workspace: &WorkspaceId, from: Timestamp, to: Timestamp) -> [Statement; 2] {
    let args = || [workspace.as_str().into(), from.0.into(), to.0.into(), DAY.into()];
    [Statement::new(BY_DAY, args()), Statement::new(BY_INTENT, args())]
}

/// A question that was not answered, or wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// In which conversation.
    pub conversation: ConversationId,
    /// The message by which the bot did not answer it.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Its first characters.
    pub text: String,
    /// The intents nearest to it.
    pub near: Vec<String>,
    /// The intent, or the entry of the FAQ, that was chosen when the bot asked back; empty: none.
    pub chosen: String,
    /// What it was answered by, which did not help; empty: it was not answered.
    pub answered_by: String,
    /// What agents and the visitor wrote behind it, if the conversation is resolved; of what the visitor wrote, only that they did.
    pub said: Vec<Said>,
}

impl Unanswered {
    /// Reads a row of [`unanswered`].
    pub fn read(row: &Row) -> Option<Self> {
        let mut columns = Columns::of(row);
        Some(Unanswered {
            conversation: columns.text().try_into().ok()?,
            seq: columns.uint(),
            at: Timestamp(columns.int()),
            text: columns.text(),
            near: json::from_str(&columns.text()).unwrap_or_default(),
            chosen: columns.text(),
            answered_by: columns.text(),
            said: said(&columns.text()),
        })
    }
}

/// In the order of the log, whatever the order of the rows was.
fn said(text: &str) -> Vec<Said> {
    let mut lines: Vec<(u64, i64, String, String, String)> = json::from_str(text).unwrap_or_default();
    lines.sort_unstable_by_key(|line| line.0);
    lines.into_iter().map(|(_, at, agent, name, text)| Said { agent, name, at: Timestamp(at), text }).collect()
}

/// Those since a moment that nobody has settled yet.
pub fn unanswered(workspace: &WorkspaceId, since: Timestamp, limit: u64) -> Statement {
    let args = [
        workspace.as_str().into(),
        since.0.into(),
        limit.into(),
        QUESTION_SHOWN.into(),
        CHOICE_WITHIN.into(),
        REPLY_WITHIN.into(),
        REPLY_READ.into(),
    ];
    Statement::new(UNANSWERED, args)
}

/// A question, and what the bot did about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its first characters.
    pub text: String,
    /// `answered`, `asked`, `handed_over`.
    pub did: String,
    /// It was answered from the FAQ.
    pub faq: bool,
}

impl Asked {
    /// Reads a row of [`asked`].
    pub fn read(row: &Row) -> Self {
        let mut columns = Columns::of(row);
        Asked { text: columns.text(), did: columns.text(), faq: columns.uint() > 0 }
    }
}

/// Those since a moment.
pub fn asked(workspace: &WorkspaceId, since: Timestamp, limit: u64) -> Statement {
    Statement::new(ASKED, [workspace.as_str().into(), since.0.into(), limit.into(), QUESTION_SHOWN.into()])
}

/// These are done with, and how; gives a row for each that was not before.
pub fn settle(workspace: &WorkspaceId, turns: &[(ConversationId, u64)], how: &str) -> Statement {
    let turns = serde_json::to_string(turns).unwrap_or_default();
    Statement::new(SETTLE, [workspace.as_str().into(), turns.into(), how.into()])
}

#[cfg(test)]
mod tests;
