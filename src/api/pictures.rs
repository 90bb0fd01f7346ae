//! Agents' pictures: everybody sets their own, whoever manages somebody theirs. Visitors see them.

use sha2::{Digest as _, Sha256};

use super::{
    agents::{self, AgentView},
    context::{Context, Me},
    sessions::Signed,
};
use crate::{
    core::{
        error::Code,
        id::AgentId,
        limits::{PICTURE_BYTES, PICTURE_HASH_CHARS, PICTURE_SIDE},
        picture::{self, Picture},
        port::{Database, Statement},
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::{audit, bot_models::digits, pictures},
};

/// A file that has been found to be a picture.
struct Checked {
    hash: String,
    picture: Picture,
    digits: String,
}

/// Checks a file that anybody may have made. Its name is half a SHA-256: whoever wants to make another picture of the same name
/// has as much to do as with the whole one of half the bits, and names stand in tickets and frames.
fn check(file: &[u8]) -> Result<Checked, Problem> {
    if file.len() > PICTURE_BYTES {
        return Err(Code::TooLarge.into());
    }
    let Some(picture) = picture::look(file) else {
        let side = PICTURE_SIDE;
        let detail = format!("not a PNG, JPEG or WebP of at most {side} by {side} pixels");
        return Err(Problem::new(Code::PictureInvalid, detail));
    };
    let mut hash = digits(&Sha256::digest(file));
    hash.truncate(PICTURE_HASH_CHARS);
    Ok(Checked { hash, picture, digits: digits(file) })
}

/// `PUT` and `DELETE /me/picture`; no file takes it away.
pub async fn change_own<D: Database>(cx: &Context<'_, D>, signed: &Signed, file: Option<&[u8]>) -> Result<Me, Problem> {
    let who = &signed.principal;
    let picture = change(cx, who, &who.agent, file).await?;
    Ok(Me { picture, ..signed.me.clone() })
}

/// `PUT` and `DELETE /agents/{id}/picture`. Who it is about comes first: of a stranger nothing is said but that there is nobody.
pub async fn change_of<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &AgentId,
    file: Option<&[u8]>,
) -> Result<AgentView, Problem> {
    let mut agent = agents::find(cx, who, id).await?;
    agents::may_manage(who, agent.role)?;
    agent.picture = change(cx, who, id, file).await?.unwrap_or_default();
    Ok(AgentView::of(agent))
}

/// Writes it; gives the hash that holds. The same as before leaves no line.
async fn change<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &AgentId,
    file: Option<&[u8]>,
) -> Result<Option<String>, Problem> {
    let workspace = &who.workspace;
    let checked = file.map(check).transpose()?;
    let hash = checked.as_ref().map(|checked| checked.hash.as_str());
    let action = if hash.is_some() { "agent_picture_set" } else { "agent_picture_removed" };
    let mut statements: Vec<Statement> = vec![
        pictures::of_agent(workspace, id, hash),
        audit::add_if_changed(workspace, cx.now, who.agent.as_str(), action, id.as_str(), hash.unwrap_or_default()),
    ];
    if let Some(Checked { hash, picture, digits }) = &checked {
        statements.push(pictures::keep(workspace, hash, *picture, digits, cx.now));
    }
    statements.push(pictures::drop_unused(workspace));
    cx.run(statements).await?;
    Ok(checked.map(|checked| checked.hash))
}
