//! When the bot speaks is not foretold: it hangs on what the Room has heard and on when calls come back. What it may say, to which
//! message, how often and when, and when the conversation may be its own, is checked as it happens, and then the reference has it.

use super::{
    checks::{author, text},
    run::Run,
};
use crate::{core::internal::Status, sql::room::RoomStore};

impl Run {
    /// Takes over what only the bot can have done.
    pub(super) fn adopt_bot(&mut self) {
        let store = RoomStore(&self.world.sql);
        let Some(record) = store.record().unwrap() else { return };
        let now = self.world.now;
        let held = self.reference.public.len();
        let bots = store.public_after(held as u64, 1_000).unwrap().into_iter();
        for entry in bots.take_while(|entry| author(&entry.author) == "bot") {
            let answered: usize = entry.client_id.strip_prefix("bot-").unwrap().parse().unwrap();
            let log = &self.reference.public;
            let (who, _, asked) = &log[answered - 1];
            assert_eq!(who, "visitor", "{} answers nobody's question", entry.client_id);
            let again = log.iter().any(|line| line.0 == "bot" && line.1 == entry.client_id);
            assert!(!again, "INV-2: a second answer to {answered}");
            assert!(self.world.bot.is_some() && self.reference.assignee.is_none(), "it speaks where a person is");
            let said = text(&entry.body);
            let is_question = said.starts_with("I'm not sure");
            let is_last_word = said.starts_with("I can't answer");
            assert!(
                is_last_word || is_question && asked.contains('?') || said == "about hours" && asked.contains("hours")
            );
            if is_question {
                let newer = log.iter().skip(answered).any(|line| line.0 == "visitor");
                assert!(!newer, "it asks back though the visitor has gone on");
            }
            if record.status == Status::Pending {
                self.reference.bot_word = Some((log.len() + 1, now, true));
            } else {
                assert!(!is_question, "who waits for people is asked nothing");
            }
            self.reference.public.push(("bot".into(), entry.client_id, said));
            self.say("bot speaks", format!("{answered}"));
        }
        let store = RoomStore(&self.world.sql);
        let held = self.reference.private.len();
        let handed = store.private_after(held as u64, 1_000).unwrap().into_iter();
        for _ in handed.take_while(|entry| text(&entry.body) == "handed_over") {
            assert_eq!(self.reference.status, Some(Status::Pending), "what is not the bot's is handed over");
            self.reference.private.push(("system".into(), String::new(), "handed_over".into()));
            self.reference.status = Some(Status::Open);
            self.say("hands over", String::new());
        }
        if record.status == Status::Pending && self.reference.status == Some(Status::Open) {
            assert!(self.world.bot.is_some() && self.reference.assignee.is_none() && !self.reference.muted);
            self.reference.status = Some(Status::Pending);
            self.say("bot begins", String::new());
        }
    }

    /// At the end: what the bot did about each message is known beside its entry, once.
    pub(super) fn every_turn_of_the_bot_is_told(&self) {
        let log = self.reference.public.iter().enumerate().filter(|(_, line)| line.0 == "bot");
        let spoke: Vec<(u64, String)> = log.map(|(at, line)| (at as u64 + 1, line.1.clone())).collect();
        let turns = self.world.history.turns.iter();
        let told: Vec<(u64, String)> = turns.map(|(seq, turn)| (*seq, format!("bot-{}", turn.to))).collect();
        assert_eq!(told, spoke, "INV-7");
    }

    /// At the end: nobody waits for the bot (INV-6).
    pub(super) fn nobody_waits_for_the_bot(&self) {
        let log = &self.reference.public;
        let last = log.iter().rposition(|line| line.0 == "visitor");
        if let (Some(Status::Pending), Some(last)) = (self.reference.status, last) {
            let name = format!("bot-{}", last + 1);
            assert!(log.iter().any(|line| line.0 == "bot" && line.1 == name), "INV-6: {} has no answer", last + 1);
        }
    }
}
