//! What the bot did: its report, the questions that it may learn from, and those that were asked.

use serde::{Deserialize, Serialize};

use super::context::Context;
use crate::{
    core::{
        bot::{
            cluster::cluster,
            replies::{self, Reply},
            small_talk,
        },
        error::Code,
        id::{ConversationId, FaqId, IntentId},
        limits::{MAX_INTEGER, QUESTION_WORDINGS, QUESTIONS_AGE, QUESTIONS_READ, REPORT_SPAN, REPORT_USUAL},
        port::{Database, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        query::Query,
        time::{DAY, Timestamp},
    },
    sql::{
        audit,
        bot_turns::{self, Asked, Line, Unanswered},
    },
};

/// Names in the query of the report.
pub const REPORT_QUERY: [&str; 2] = ["from", "to"];

/// `GET /bot/report`.
#[derive(Debug, Serialize)]
pub struct Report {
    from: Timestamp,
    to: Timestamp,
    days: Vec<Line>,
    intents: Vec<Line>,
}

/// What it did between two moments, by days of 24 hours from the first on and by intents.
pub async fn report<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, query: &Query) -> Result<Report, Problem> {
    let moment = |at: u64| Timestamp(i64::try_from(at).unwrap_or(i64::MAX));
    let to = query.number("to")?.map_or(cx.now, moment);
    let from = query.number("from")?.map_or(to.plus(-REPORT_USUAL), moment);
    if !(0..=REPORT_SPAN).contains(&to.since(from)) {
        return Err(Problem::field("from", format!("at most {} days before to", REPORT_SPAN / DAY)));
    }
    let rows = cx.run(bot_turns::report(&who.workspace, from, to).into()).await?;
    let lines = |place| rows_of(&rows, place).iter().map(Line::read).collect();
    Ok(Report { from, to, days: lines(0), intents: lines(1) })
}

/// Questions that ask the same.
#[derive(Debug, Serialize)]
pub struct Question {
    texts: Vec<String>,
    count: usize,
    newest: String,
    near: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    chosen: String,
    /// So many of them were answered, and the visitors said that it did not help.
    unhelpful: usize,
    /// What people answered where the conversation is resolved, the newest first.
    answers: Vec<Answer>,
    turns: Vec<String>,
}

/// What a person answered.
#[derive(Debug, Serialize)]
pub struct Answer {
    text: String,
    by: String,
    at: String,
    conversation: String,
}

impl From<Reply<'_>> for Answer {
    fn from(reply: Reply<'_>) -> Self {
        let Reply { text, name, at, conversation } = reply;
        Answer { text, by: name.to_owned(), at: at.rfc3339(), conversation: conversation.to_owned() }
    }
}

/// `GET /bot/questions`: the largest groups first. One whose button was pressed for the person who was offered, too, has chosen none.
pub async fn questions<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<Question>, Problem> {
    let since = cx.now.plus(-QUESTIONS_AGE);
    let rows = cx.run(vec![bot_turns::unanswered(&who.workspace, since, QUESTIONS_READ)]).await?;
    let mut found: Vec<Unanswered> = rows_of(&rows, 0).iter().filter_map(Unanswered::read).collect();
    // What the FAQ has answered then is known.
    found.retain(|it| FaqId::parse(&it.chosen).is_err());
    found.iter_mut().filter(|it| it.chosen == small_talk::HUMAN).for_each(|it| it.chosen.clear());
    let asked: Vec<(&str, &str)> = found.iter().map(|it| (it.text.as_str(), it.chosen.as_str())).collect();
    let members = |places: Vec<usize>| places.iter().filter_map(|place| found.get(*place)).collect::<Vec<_>>();
    let groups: Vec<Vec<&Unanswered>> = cluster(&asked).into_iter().map(members).collect();
    let told: Vec<Vec<replies::Asked>> = groups.iter().map(|group| group.iter().map(|it| said(it)).collect()).collect();
    Ok(groups.iter().zip(replies::replies(&told)).map(|(group, replies)| question(group, replies)).collect())
}

fn said(question: &Unanswered) -> replies::Asked<'_> {
    replies::Asked { conversation: question.conversation.as_str(), lines: &question.said }
}

fn question(members: &[&Unanswered], replies: Vec<Reply<'_>>) -> Question {
    let mut texts: Vec<String> = Vec::new();
    // The nearest of each counts most.
    let mut near: Vec<(&str, usize)> = Vec::new();
    for member in members {
        if texts.len() < QUESTION_WORDINGS && !texts.contains(&member.text) {
            texts.push(member.text.clone());
        }
        // What did not help is not what was meant.
        for (place, id) in member.near.iter().filter(|id| **id != member.answered_by).take(3).enumerate() {
            match near.iter_mut().find(|(known, _)| known == id) {
                Some((_, votes)) => *votes += 3 - place,
                None => near.push((id, 3 - place)),
            }
        }
    }
    near.sort_by_key(|(id, votes)| (std::cmp::Reverse(*votes), *id));
    Question {
        texts,
        count: members.len(),
        newest: members.iter().map(|member| member.at).max().unwrap_or_default().rfc3339(),
        near: near.into_iter().take(3).map(|(id, _)| id.to_owned()).collect(),
        chosen: members.first().map(|member| member.chosen.clone()).unwrap_or_default(),
        unhelpful: members.iter().filter(|member| !member.answered_by.is_empty()).count(),
        answers: replies.into_iter().map(Answer::from).collect(),
        turns: members.iter().map(|member| format!("{}.{}", member.conversation, member.seq)).collect(),
    }
}

/// What became of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// They are examples of an intent.
    Intent,
    /// They are in the FAQ.
    Faq,
    /// Nothing.
    Dismissed,
}

/// `POST /bot/questions/settle`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    turns: Vec<String>,
    how: How,
    #[serde(default)]
    intent: Option<IntentId>,
}

/// Its answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Questions that were open until now.
    pub settled: usize,
}

/// Takes questions from the list. Those that are none, or somebody else's, are passed over.
pub async fn settle<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: &Settle,
) -> Result<Settled, Problem> {
    let turns: Option<Vec<(ConversationId, u64)>> = given.turns.iter().map(|turn| read_turn(turn)).collect();
    let turns = turns.ok_or_else(|| Problem::field("turns", "not turns of the bot"))?;
    if turns.len() as u64 > QUESTIONS_READ {
        return Err(Problem::new(Code::TooLarge, format!("more than {QUESTIONS_READ} turns")));
    }
    let how = match given.how {
        How::Intent => "intent",
        How::Faq => "faq",
        How::Dismissed => "dismissed",
    };
    let target = match (given.how, &given.intent) {
        (How::Intent, Some(intent)) => intent.as_str(),
        (How::Faq | How::Dismissed, None) => how,
        _ => return Err(Problem::field("intent", "with how: intent, and only then")),
    };
    let rows = cx
        .run(vec![
            bot_turns::settle(&who.workspace, &turns, how),
            audit::add_if_changed(
                &who.workspace,
                cx.now,
                who.agent.as_str(),
                "questions_settled",
                target,
                &format!("{how}: {}", turns.len()),
            ),
        ])
        .await?;
    Ok(Settled { settled: rows_of(&rows, 0).len() })
}

/// `cnv_….12`: the bot's entry 12.
fn read_turn(text: &str) -> Option<(ConversationId, u64)> {
    let (conversation, seq) = text.split_once('.')?;
    Some((ConversationId::parse(conversation).ok()?, seq.parse().ok().filter(|seq| *seq <= MAX_INTEGER)?))
}

/// `GET /bot/asked`: of the last week, the newest.
pub async fn asked<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<Vec<Asked>, Problem> {
    let since = cx.now.plus(-REPORT_USUAL);
    let rows = cx.run(vec![bot_turns::asked(&who.workspace, since, QUESTIONS_READ)]).await?;
    Ok(rows_of(&rows, 0).iter().map(Asked::read).collect())
}
