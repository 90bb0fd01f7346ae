//! Pictures that visitors see: agents', of which everybody sets their own, and whoever manages somebody theirs; and those of the bot's
//! answers, which are uploaded first and then named by intents.

use sha2::{Digest as _, Sha256};

use super::{agents, context::Context};
use crate::{
    core::{
        error::Code,
        id::AgentId,
        limits::{ANSWER_PICTURE_BYTES, ANSWER_PICTURE_SIDE, PICTURE_BYTES, PICTURE_HASH_CHARS, PICTURE_SIDE},
        picture::{self, Picture},
        port::{Database, Statement, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
        time::Timestamp,
    },
    sql::{answer_pictures, audit, bot, bot_models::digits, pictures},
};

/// A file that has been found to be a picture: its name, its bytes as digits, and what it is.
type Checked = (String, String, Picture);

/// Checks a file that anybody may have made. Its name is half a SHA-256, for names stand in tickets and frames: to make another
/// picture of the same name is as good as impossible with half as well.
#[inline(never)]
fn check(file: &[u8], most_bytes: usize, most_side: u32) -> Result<Checked, Problem> {
    if file.len() > most_bytes {
        return Err(Code::TooLarge.into());
    }
    let none = || Problem::new(Code::PictureInvalid, "not a PNG, JPEG or WebP, or too many pixels");
    let seen = picture::look(file, most_side).ok_or_else(none)?;
    let mut hash = digits(&Sha256::digest(file));
    hash.truncate(PICTURE_HASH_CHARS);
    Ok((hash, digits(file), seen))
}

/// `PUT` and `DELETE /agents/{id}/picture`; no file takes it away. `POST /pictures`, which is about nobody (`of`): keeps one for answers to
/// name. Gives the answer. Who it is about comes first: of a stranger nothing is said but that there is nobody.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    of: Option<&AgentId>,
    file: Option<&[u8]>,
) -> Result<String, Problem> {
    if let Some(id) = of {
        let agent = agents::find(cx, who, id).await?;
        if *id != who.agent {
            agents::may_manage(who, agent.role)?;
        }
    }
    let (answer, statements) = match of {
        Some(id) => of_agent(who, id, file, cx.now),
        None => of_answers(who, file.unwrap_or_default(), cx.now),
    }?;
    let rows = cx.run(statements).await?;
    if of.is_none() && rows_of(&rows, 2).is_empty() {
        return Err(Code::PicturesFull.into());
    }
    // Digits, which JSON takes as they are.
    Ok(format!("{{\"picture\":\"{answer}\"}}"))
}

/// The same picture as before leaves no line.
fn of_agent(
    who: &AgentPrincipal,
    id: &AgentId,
    file: Option<&[u8]>,
    now: Timestamp,
) -> Result<(String, Vec<Statement>), Problem> {
    let workspace = &who.workspace;
    let checked = file.map(|file| check(file, PICTURE_BYTES, PICTURE_SIDE)).transpose()?;
    let hash = checked.as_ref().map(|(hash, ..)| hash.as_str());
    let action = if hash.is_some() { "agent_picture_set" } else { "agent_picture_removed" };
    let mut statements = vec![
        pictures::of_agent(workspace, id, hash),
        audit::add_if_changed(workspace, now, who.agent.as_str(), action, id.as_str(), hash.unwrap_or_default()),
        pictures::drop_unused(workspace),
    ];
    if let Some((hash, digits, _)) = &checked {
        statements.push(pictures::keep(workspace, hash, digits, now));
    }
    Ok((hash.unwrap_or_default().to_owned(), statements))
}

/// `DELETE /pictures/{hash}`: removes one of the answers' that no intent names. Whoever has begun to save one that does is late then, so that
/// none comes to name what is gone.
pub async fn remove<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, hash: &str) -> Result<(), Problem> {
    let workspace = &who.workspace;
    let statements = vec![
        answer_pictures::delete(workspace, hash),
        audit::add_if_changed(workspace, cx.now, who.agent.as_str(), "answer_picture_removed", hash, ""),
        bot::move_on(workspace, cx.now),
        answer_pictures::find(workspace, hash),
    ];
    let rows = cx.run(statements).await?;
    match (rows_of(&rows, 0).is_empty(), rows_of(&rows, 3).is_empty()) {
        (false, _) => Ok(()),
        (true, true) => Err(Code::NotFound.into()),
        (true, false) => Err(Problem::new(Code::Conflict, "an intent names it")),
    }
}

/// Nobody meets it before an intent names it, which the audit log tells. What makes room is as gone as what is removed.
fn of_answers(who: &AgentPrincipal, file: &[u8], now: Timestamp) -> Result<(String, Vec<Statement>), Problem> {
    let (hash, digits, Picture { width, height, .. }) = check(file, ANSWER_PICTURE_BYTES, ANSWER_PICTURE_SIDE)?;
    let name = format!("{hash}-{width}x{height}");
    let keep = answer_pictures::keep(&who.workspace, &name, &digits, now);
    Ok((name, vec![answer_pictures::make_room(&who.workspace, now), bot::move_on(&who.workspace, now), keep]))
}
