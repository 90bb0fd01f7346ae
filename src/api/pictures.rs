//! Agents' pictures: everybody sets their own, whoever manages somebody theirs. Visitors see them.

use sha2::{Digest as _, Sha256};

use super::{agents, context::Context};
use crate::{
    core::{
        error::Code,
        id::AgentId,
        limits::{PICTURE_BYTES, PICTURE_HASH_CHARS},
        picture,
        port::Database,
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::{audit, bot_models::digits, pictures},
};

/// A file that has been found to be a picture: its name, and its bytes as digits.
type Checked = (String, String);

/// Checks a file that anybody may have made. Its name is half a SHA-256, for names stand in tickets and frames: to make another
/// picture of the same name is as good as impossible with half as well.
fn check(file: &[u8]) -> Result<Checked, Problem> {
    if file.len() > PICTURE_BYTES {
        return Err(Code::TooLarge.into());
    }
    let none = || Problem::new(Code::PictureInvalid, "not a PNG, JPEG or WebP of at most 512 by 512 pixels");
    picture::look(file).ok_or_else(none)?;
    let mut hash = digits(&Sha256::digest(file));
    hash.truncate(PICTURE_HASH_CHARS);
    Ok((hash, digits(file)))
}

/// `PUT` and `DELETE /agents/{id}/picture`; no file takes it away. Gives the answer. Who it is about comes first: of a stranger
/// nothing is said but that there is nobody. The same picture as before leaves no line.
pub async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &AgentId,
    file: Option<&[u8]>,
) -> Result<String, Problem> {
    let agent = agents::find(cx, who, id).await?;
    if *id != who.agent {
        agents::may_manage(who, agent.role)?;
    }
    let workspace = &who.workspace;
    let checked = file.map(check).transpose()?;
    let hash = checked.as_ref().map(|(hash, ..)| hash.as_str());
    let action = if hash.is_some() { "agent_picture_set" } else { "agent_picture_removed" };
    let mut statements = vec![
        pictures::of_agent(workspace, id, hash),
        audit::add_if_changed(workspace, cx.now, who.agent.as_str(), action, id.as_str(), hash.unwrap_or_default()),
        pictures::drop_unused(workspace),
    ];
    if let Some((hash, digits)) = &checked {
        statements.push(pictures::keep(workspace, hash, digits, cx.now));
    }
    cx.run(statements).await?;
    // Digits, which JSON takes as they are.
    Ok(format!("{{\"picture\":\"{}\"}}", hash.unwrap_or_default()))
}
