//! A bot of the workspace's own, called about one message. It is tried once: whoever waits for an answer gets the built-in bot's.
use worker::Env;

use super::{
    clock,
    outgoing::{Outgoing, log, post},
};
use crate::{
    core::{
        bot::{
            attempt::{Failure, Why},
            dialogue::{Decision, Heard},
            responder::{Answer, Judged, Responder, called},
            webhook::{self, Asked},
        },
        limits::RESPONDER_PATIENCE,
        room::bot::Question,
    },
    sql::consults,
};

/// One that is called.
pub struct Webhook<'call> {
    /// The deployment.
    pub env: &'call Env,
    /// The message, and who wrote it.
    pub question: &'call Question,
    /// Where the bot is.
    pub url: &'call str,
    /// Somebody tries it.
    pub is_try: bool,
}

impl<'call> Responder<'call> for Webhook<'call> {
    fn hear(self, heard: Heard<'call>, decided: Judged) -> Answer<'call> {
        Answer::Later(Box::pin(async move {
            let said = self.call(&heard).await;
            let said = said.inspect_err(|failure| log("a bot", &self.question.workspace, self.url, failure)).ok();
            called(":webhook", heard.phase, said, decided)
        }))
    }
}

impl Webhook<'_> {
    /// Asks it.
    pub async fn call(&self, heard: &Heard<'_>) -> Result<Decision, Failure> {
        let Question { workspace, site, conversation, visitor, subject, seq, is_too_often, .. } = self.question;
        if *is_too_often {
            return Err(Why::TooOften.into());
        }
        let asked = Asked { conversation, seq: *seq, visitor, subject: subject.as_deref(), is_try: self.is_try };
        let outgoing = Outgoing {
            what: "a bot",
            workspace,
            count: consults::count_webhook(workspace, site, clock::now()),
            bar: None,
            url: self.url,
            key: &self.question.name(),
            body: webhook::body(&asked, heard),
            patience: RESPONDER_PATIENCE,
            is_try: self.is_try,
        };
        let (status, body) = post(self.env, &outgoing).await?;
        let said = webhook::read(status, body.as_deref(), heard);
        said.ok_or_else(|| Failure {
            why: if status == 200 { Why::Unread } else { Why::Status },
            status,
            said: String::from_utf8_lossy(&body.unwrap_or_default()).into_owned(),
        })
    }
}
