//! When the bot speaks is not foretold: it hangs on what the Room has heard and on when calls come back. What it may say, to which
//! message, how often and when, and when the conversation may be its own, is checked as it happens, and then the reference has it.

use super::{
    checks::{author, text},
    reference::{Filling, Reference},
    run::Run,
};
use crate::{
    core::{
        bot::{consult::CUT_OFF, dialogue::Language},
        internal::Status,
        room::{entry::Body, tests::around::WRITTEN},
    },
    sql::room::RoomStore,
};

/// All that the model writes, and where it looks.
const TEAPOT: &str =
    "The teapot holds a litre – 一升 – and comes in red 🫖, green and blue. Anything else?\n\nFrom our FAQ: “Teapots”";

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
            let asked = asked.clone();
            let cut = said.split_once(CUT_OFF.in_language(Language::En)).map(|(cut, _)| cut.to_owned());
            let is_question = said.starts_with("I'm not sure");
            // A bot that fails says so whatever it was asked.
            let is_last_word =
                ["I can't answer", "这个问题", "I can't get", "我们的系统"].iter().any(|word| said.starts_with(word));
            if !is_last_word {
                let expected = self.reference.replies(&asked);
                let is_cut =
                    expected == TEAPOT && cut.is_some_and(|it| !it.is_empty() && WRITTEN[4..].starts_with(&it));
                assert!(is_cut || said.starts_with(expected), "{said:?} to {asked:?}, not {expected:?}");
                if expected == TEAPOT {
                    self.say(if is_cut { "an answer is cut off" } else { "a model answers" }, String::new());
                }
            }
            let log = &self.reference.public;
            if is_question {
                let newer = log.iter().skip(answered).any(|line| line.0 == "visitor");
                assert!(!newer, "it asks back though the visitor has gone on");
            }
            if record.status == Status::Pending {
                self.reference.bot_word = Some((log.len() + 1, now, true));
            } else {
                assert!(!is_question, "who waits for people is asked nothing");
            }
            if said.starts_with("about hours") {
                self.say("bot tags", String::new());
                self.world.tags.iter().for_each(|tag| self.reference.tag(tag.to_string(), true));
            }
            self.reference.public.push(("bot".into(), entry.client_id, said));
            self.say("bot speaks", format!("{answered}"));
            if asked.contains("the kettle") && !is_last_word {
                self.say("the FAQ answers", String::new());
            }
            if asked.contains("track") && !is_last_word {
                self.say("the owner's system answers", String::new());
            }
        }
        let store = RoomStore(&self.world.sql);
        let held = self.reference.private.len();
        let handed = store.private_after(held as u64, 1_000).unwrap().into_iter();
        for entry in handed.take_while(|entry| text(&entry.body) == "handed_over" || author(&entry.author) == "bot") {
            if author(&entry.author) == "bot" {
                // Of a form, or of what the owner's system was to be asked when people came, or failed.
                let (said, form) = (text(&entry.body), self.reference.form.take());
                let mut asked = self.reference.public.iter().filter(|line| line.0 == "visitor");
                let is_of_action = said == "number: A-1234" && asked.any(|line| line.2.contains("track"));
                assert!(is_of_action || form.is_some_and(|form| said == form.listed()), "agents read {said}");
                self.reference.private.push(("bot".into(), String::new(), said));
                self.say("tells what it has collected", String::new());
                continue;
            }
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

    /// At the end: what the bot did about each message is known beside its entry, once. A reply to a form is no turn of its own.
    pub(super) fn every_turn_of_the_bot_is_told(&self) {
        let store = RoomStore(&self.world.sql);
        let log = store.public_after(0, self.reference.public.len() as u64).unwrap().into_iter();
        let (mut spoke, mut asks) = (Vec::new(), false);
        for entry in log.filter(|entry| author(&entry.author) == "bot") {
            let Body::Choice(offer) = &entry.body else { panic!("{} without what it did", entry.client_id) };
            assert!(offer.turn.is_some() || asks, "{} is no turn, and nothing was asked for", entry.client_id);
            if offer.turn.is_some() {
                spoke.push((entry.seq, entry.client_id));
            }
            asks = offer.form.is_some();
        }
        let turns = self.world.history.turns.iter();
        let told: Vec<(u64, String)> = turns.map(|(seq, turn)| (*seq, format!("bot-{}", turn.to))).collect();
        assert_eq!(told, spoke, "INV-7");
    }

    /// At the end: what the owner's system was asked about a message had one name and one text, however often it was asked. (Until a
    /// store that was put back is found out it gives a number to another message.)
    pub(super) fn actions_keep_their_names(&self) {
        if self.counts.contains_key("restore") {
            return;
        }
        let mut known = std::collections::BTreeMap::new();
        for call in &self.world.shop_asked {
            let asked = (call.action.to, call.body());
            assert_eq!(*known.entry(call.key.as_str()).or_insert_with(|| asked.clone()), asked, "{}", call.key);
        }
    }

    /// With what is not the bot's any more its form is over, and agents have read what it had collected.
    pub(super) fn form_is_over(&mut self) {
        if self.reference.status != Some(Status::Pending) {
            let untold = self.reference.form.take().filter(|form| form.number || form.mail);
            assert!(untold.is_none(), "nobody was told what it has collected");
        }
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

impl Reference {
    /// How the bot of these tests begins its reply, if it has one and does not fail.
    fn replies(&mut self, asked: &str) -> &'static str {
        let (number, mail) = (asked.contains("#A-1234"), asked.contains("@shop.example"));
        let begins = asked.contains("parcel");
        let Some(form) = &mut self.form else {
            return match () {
                () if asked.contains("hours") => "about hours",
                () if asked.contains("track") => "the shop says track",
                () if begins => {
                    self.form = Some(Filling { number, mail, wrong: 0 });
                    self.asks()
                }
                () if asked.contains("the kettle") => "Red and green",
                () if asked.contains("teapot") => TEAPOT,
                // What is like an entry of the FAQ is asked back about.
                () if asked.contains('?') || asked.contains("red kettle") => "I'm not sure",
                () => "it can't know",
            };
        };
        if asked == "cancel" {
            self.form = None;
            return "All right, I've stopped asking";
        }
        if if form.number { mail } else { number } {
            *form = Filling { number: form.number || number, mail: form.mail || mail, wrong: 0 };
            return self.asks();
        }
        for (said, answer) in
            [("hours", "about hours"), ("track", "the shop says track"), ("the kettle", "Red and green")]
        {
            if asked.contains(said) {
                self.form = None;
                return answer;
            }
        }
        form.wrong += 1;
        match (form.wrong, form.number) {
            (2.., _) => "I'm handing you over",
            (_, false) => "I can't find an order number",
            (_, true) => "I can't find an e-mail address",
        }
    }

    fn asks(&mut self) -> &'static str {
        match &self.form {
            Some(Filling { number: false, .. }) => "number?",
            Some(Filling { mail: false, .. }) => "mail?",
            Some(_) | None => {
                self.form = None;
                "parcel A-1234 of ada@shop.example"
            }
        }
    }
}

impl Filling {
    /// As agents read it.
    fn listed(&self) -> String {
        let known = [(self.number, "number: A-1234"), (self.mail, "mail: ada@shop.example")];
        known.iter().filter(|(is_known, _)| *is_known).map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    }
}
