//! A bot of the workspace's own, called about one message. It is tried once: whoever waits for an answer gets the built-in bot's.
use worker::Env;

use super::outgoing::{Answered, Outgoing, post};
use crate::core::{
    bot::{
        dialogue::{Decision, Heard},
        responder::Responder,
        webhook::{self, Asked},
    },
    limits::RESPONDER_PATIENCE,
    room::bot::Question,
};

/// One that is called.
pub struct Webhook<'call> {
    /// The deployment.
    pub env: &'call Env,
    /// The message, and who wrote it.
    pub question: &'call Question,
    /// Where the bot is.
    pub url: &'call str,
}

impl Responder for Webhook<'_> {
    const NAME: &'static str = ":webhook";

    async fn respond(&self, heard: &Heard<'_>) -> Option<Decision> {
        let Question { workspace, conversation, visitor, subject, seq, .. } = self.question;
        let asked = Asked { conversation, seq: *seq, visitor, subject: subject.as_deref() };
        let outgoing = Outgoing {
            what: "a bot",
            workspace,
            site: None,
            url: self.url,
            key: &self.question.name(),
            body: webhook::body(&asked, heard),
            patience: RESPONDER_PATIENCE,
        };
        let Answered::With(status, body) = post(self.env, &outgoing).await else { return None };
        let said = webhook::read(status, body.as_deref(), heard);
        if said.is_none() {
            let how = if body.is_some() { "not as agreed" } else { "unread" };
            worker::console_warn!("a bot: answered {status}, {how}");
        }
        said
    }
}
