//! A call to an owner's system for the bot. When and how often is the Room's affair.
use worker::Env;

use super::{
    clock,
    outgoing::{Outgoing, log, post},
};
use crate::{
    core::{
        bot::{
            action::{ActionCall, Reply, reply},
            attempt::{Failure, Why},
        },
        limits::BOT_PATIENCE,
    },
    sql::{consults, intents},
};

/// Asks it, once.
pub async fn ask(env: &Env, call: &ActionCall) -> Reply {
    let ActionCall { workspace, site, action, .. } = call;
    // Its owner may have found out since it was decided that anyone can type somebody else's order number.
    let bar = action.subject.is_none().then(|| intents::is_for_signed(workspace, &action.form.intent));
    let outgoing = Outgoing {
        what: "an action",
        workspace,
        count: consults::count_action(workspace, site, clock::now()),
        bar,
        url: &action.url,
        key: &call.key,
        body: call.body(),
        patience: BOT_PATIENCE,
        is_try: false,
    };
    let (reply, failure) = match post(env, &outgoing).await {
        Ok((status, body)) => {
            let why = if status == 200 { Why::Unread } else { Why::Status };
            (reply(status, body.as_deref(), action.form.language), Failure { status, ..why.into() })
        }
        Err(failure) => (Reply::of(failure.why), failure),
    };
    if !matches!(reply, Reply::Said(_)) {
        log("an action", workspace, &action.url, &failure);
    }
    reply
}
