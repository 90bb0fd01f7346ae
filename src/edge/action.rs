//! A call to an owner's system for the bot. When and how often is the Room's affair.
use worker::Env;

use super::outgoing::{Answered, Outgoing, post};
use crate::core::{
    bot::action::{ActionCall, Reply, reply},
    limits::BOT_PATIENCE,
};

/// Asks it, once.
pub async fn ask(env: &Env, call: &ActionCall) -> Reply {
    let outgoing = Outgoing {
        what: "an action",
        workspace: &call.workspace,
        site: Some(&call.site),
        url: &call.action.url,
        key: &call.key,
        body: call.body(),
        patience: BOT_PATIENCE,
    };
    let (status, body) = match post(env, &outgoing).await {
        Answered::With(status, body) => (status, body),
        Answered::Down => return Reply::Again,
        Answered::Uncalled => return Reply::Failed,
    };
    let reply = reply(status, body.as_deref(), call.action.form.language);
    if !matches!(reply, Reply::Said(_)) {
        let how = if body.is_some() { "not as agreed" } else { "unread" };
        worker::console_warn!("an action: answered {status}, {how}");
    }
    reply
}
