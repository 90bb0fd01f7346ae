//! The bot of a workspace in the simulator: what it makes of each message is drawn anew however often it is asked, as with a bot of somebody
//! else's; a shop answers, fails or refuses, and a model writes piece by piece. Calls to all three get lost, doubled and late as any other.
//!
//! What it says is judged as it is written: an answer to one message, of this log, once (INV-2), that somebody has decided on; nothing where
//! a person is. What a call promises to have kept is on disk before it leaves. Once everything has met no message of a visitor's is left
//! that waits for the bot (INV-6).

use std::collections::{BTreeMap, BTreeSet};

use bellhop::core::{
    bot::{
        action::{Action, ActionCall, PendingAction, Reply},
        consult::{CUT_OFF, Consult},
        dialogue::{Choice, Decision, Language, Reason, hand_over},
        form::Form,
        intent::Takers,
        turn::Turn,
    },
    id::IntentId,
    internal::{BotNotice, BotTerms, Status},
    room::{
        bot::{ConsultCall, Question},
        effect::Input as RoomInput,
        entry::Entry,
        record::Record,
    },
};

use crate::{
    calls::{Answer, Call, What},
    faults::Fault,
    truth::Line,
    world::{Event, Place, World},
};

/// What is decided about one message, by its id: a store that was put back gives its number to another one.
type About = String;

const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Whoever waits for people may hear it, too.
    Answer,
    /// Only the visitor's last word is asked back about.
    Question,
    /// Only where the conversation is the bot's.
    Other,
}

/// What the bot may do in a conversation, and what it has done.
#[derive(Debug, Default, Clone)]
pub struct BotTruth {
    /// What may be said to a message.
    answers: BTreeMap<About, BTreeMap<String, Said>>,
    /// What a model writes about a message, of which a part may stay.
    written: BTreeMap<About, BTreeSet<String>>,
    /// The buttons that the visitor has pressed, by their own names for these messages.
    pub pressed: BTreeMap<String, String>,
    /// What forms have collected, as agents read it.
    collected: BTreeSet<String>,
    /// What was asked of the shop, by the name under which it was.
    asked: BTreeMap<String, PendingAction>,
    /// Messages of its own.
    pub said: u64,
    /// How often it gave the conversation to people.
    pub handed_over: u64,
    /// How often it said so in words of its own.
    last_words: u64,
    /// Of these, by a model, and cut off.
    pub cut_off: u64,
}

/// How the conversation stood with the last record.
#[derive(Debug, Default, Clone, Copy)]
pub struct Stands {
    status: Option<Status>,
    /// People have it, or nobody is to have it.
    is_silent: bool,
}

impl Stands {
    /// As it is written.
    pub fn of(record: &Record) -> Self {
        let is_silent = record.assignee.is_some() || record.muted || record.blocked || !record.reply_to.is_empty();
        Stands { status: Some(record.status), is_silent }
    }
}

impl BotTruth {
    fn may_say(&mut self, about: &About, text: &str, what: Said) {
        self.answers.entry(about.clone()).or_default().insert(text.to_owned(), what);
    }

    /// A message of the bot's is written. That there is no other by its name is seen to elsewhere.
    pub fn says(&mut self, entry: &Entry, text: &str, stands: Stands, log: &[Line]) {
        let to = entry.client_id.strip_prefix("bot-").and_then(|seq| seq.parse::<u64>().ok());
        let to = to.unwrap_or_else(|| panic!("C2: a bot's message by the name {:?}", entry.client_id));
        let asked = (to as usize).checked_sub(1).and_then(|at| log.get(at)).map(|line| &line.item);
        let asked = asked.filter(|item| item.sender == "visitor");
        let about = &asked.unwrap_or_else(|| panic!("C2: {} answers nobody's message", entry.client_id)).id;
        let is_its_turn = matches!(stands.status, Some(Status::Pending | Status::Open));
        assert!(is_its_turn && !stands.is_silent, "the bot speaks where a person is: {text:?}, {stands:?}");
        self.said += 1;
        let what = self.answers.get(about).and_then(|answers| answers.get(text)).copied();
        let is_pending = stands.status == Some(Status::Pending);
        assert!(is_pending || what == Some(Said::Answer), "who waits for people hears answers alone: {text:?}");
        let newer = log.iter().skip(to as usize).any(|line| line.item.sender == "visitor");
        assert!(what != Some(Said::Question) || !newer, "it asks back though the visitor has gone on");
        if what.is_some() {
            return;
        }
        let cut = LANGUAGES.iter().find_map(|language| text.strip_suffix(CUT_OFF.in_language(*language)));
        if let Some(cut) = cut.filter(|cut| !cut.is_empty()) {
            assert!(
                self.written.get(about).is_some_and(|all| all.iter().any(|whole| whole.starts_with(cut))),
                "C2: no model has written {cut:?} about {about:?}"
            );
            self.cut_off += 1;
            return;
        }
        let is_last_word = Reason::ALL.iter().any(|reason| {
            LANGUAGES.iter().any(|language| {
                matches!(hand_over(*reason, *language), Decision::Handoff { text: word, .. } if word == text)
            })
        });
        assert!(is_last_word, "C2: nobody has decided to say {text:?} to {about:?}");
        self.last_words += 1;
    }

    /// What it has done so far: with whatever comes in once its patience is over, also with what itself writes nothing.
    pub fn done(&self) -> u64 {
        self.said + self.handed_over
    }

    /// Actions that were asked for.
    pub fn actions(&self) -> u64 {
        self.asked.len() as u64
    }

    /// What agents read of a form that ended with the conversation's change of hands.
    pub fn notes(&self, text: &str) {
        assert!(self.collected.contains(text), "C2: no form has collected {text:?}");
    }
}

impl World {
    /// The owner sets up a bot, or none.
    pub fn draw_bot(&mut self, desk: usize) {
        if self.dice.one_in(2) {
            self.change_bot(desk);
        }
    }

    /// The owner switches their bot on or off, or gives it another model, and the gateway tells the Desk.
    pub fn change_bot(&mut self, desk: usize) {
        let on = self.dice.below(4) > 0;
        let named = self.dice.one_in(3);
        let place = &mut self.desks[desk];
        place.bot_version += 1;
        let team = place.teams.first().filter(|_| named).cloned();
        let model = format!("{:064x}", place.bot_version);
        let terms = BotTerms { version: place.bot_version, on, model, hold_back: None, team };
        let notice = BotNotice { workspace: place.id.clone(), terms };
        self.send_call(Call { from: None, is_copy: false, what: What::Bot(notice) });
    }

    /// What is kept of a call to the shop or to a model is on disk when it leaves.
    pub fn is_kept(&mut self, room: usize, what: &What) {
        let was_put_back = self.rooms[room].truth.was_put_back;
        let record = || self.record(room).expect("a record");
        match what {
            What::Act(call) => {
                let record = record();
                assert_eq!(record.action.as_deref(), Some(&call.action), "an action leaves before it is kept");
                // An older store that does not know yet that it is one may give the name again.
                let asked = &mut self.rooms[room].truth.bot.asked;
                let held = asked.entry(call.key.clone()).or_insert_with(|| call.action.clone());
                assert!(*held == call.action || was_put_back, "two actions of one name: {held:?} and {call:?}");
            }
            What::Consult(call) => {
                let record = record();
                let last = record.consulted.last().map(|last| (last.to, last.at));
                assert_eq!(last, Some((call.seq, call.at)), "a model is asked before that is kept");
            }
            _ => {}
        }
    }

    fn message(&self, room: usize, seq: u64) -> About {
        let line = (seq as usize).checked_sub(1).and_then(|at| self.rooms[room].truth.public.get(at));
        line.map(|line| line.item.id.clone()).unwrap_or_default()
    }

    fn words(&mut self, room: usize, what: &str) -> String {
        self.counts.decided += 1;
        format!("{what} {} {}", self.counts.decided, self.desks[self.rooms[room].workspace].canary)
    }

    fn form(&mut self, room: usize) -> Box<Form> {
        let mut values = Vec::new();
        for key in 0..self.dice.place(3) {
            values.push((format!("field-{key}"), self.words(room, "value")));
        }
        let wrong = self.dice.below(3) as u8;
        let form = Form { intent: IntentId::parse("tracking").expect("an id"), language: Language::En, wrong, values };
        self.rooms[room].truth.bot.collected.insert(form.listed());
        Box::new(form)
    }

    fn choices(&mut self, room: usize) -> Vec<Choice> {
        (0..self.dice.place(3))
            .map(|id| Choice { id: format!("int-{id}"), label: self.words(room, "button") })
            .collect()
    }

    fn decision(&mut self, room: usize, about: &About, may_consult: bool) -> Option<Decision> {
        let text = self.words(room, "bot");
        // Each run has a kind of its own that comes up more often.
        let (any, leans) = (self.dice.below(16), self.dice.one_in(2));
        let kind = if leans { self.bot_leans } else { any };
        let what = match kind {
            0..=7 => Some(Said::Answer),
            8 | 9 => Some(Said::Question),
            10 | 11 => Some(Said::Other),
            _ => None,
        };
        if let Some(what) = what {
            self.rooms[room].truth.bot.may_say(about, &text, what);
        }
        Some(match kind {
            0..=7 => Decision::Answer { text, choices: self.choices(room), image: String::new() },
            8 | 9 => Decision::Ask { text, choices: self.choices(room) },
            10 => Decision::Fill { text, form: self.form(room) },
            11 => {
                let (reason, form) = (Reason::Intent, self.dice.one_in(2).then(|| self.form(room)));
                let level = self.dice.below(3) as u8;
                Decision::Handoff { reason, text, image: String::new(), form, to: Takers { team: None, level } }
            }
            12 => {
                let action = Action { url: "https://shop.example/orders".into(), verified: false };
                Decision::Act(Box::new(PendingAction::new(&action, self.form(room), Takers::default())))
            }
            13 | 14 if may_consult => {
                let (question, language) = (self.words(room, "question"), Language::En);
                let consult = Consult { question, entries: Vec::new(), language, calls_per_conversation: 1_000 };
                let otherwise = self.decision(room, about, false).unwrap_or(Decision::Silent);
                Decision::Consult { consult: Box::new(consult), otherwise: Box::new(otherwise) }
            }
            13 | 14 => Decision::Silent,
            _ => return None,
        })
    }

    /// However often, and by whichever process, it is asked about a message: with the words and the button of whoever wrote it.
    fn is_as_written(&self, room: usize, question: &Question) {
        let truth = &self.rooms[room].truth;
        let line = truth.public.get((question.seq as usize).wrapping_sub(1)).filter(|_| !truth.was_put_back);
        let Some(line) = line else { return };
        let choice = truth.bot.pressed.get(&line.client_id).map_or("", String::as_str);
        let asked = (question.text.as_str(), question.choice.as_str());
        assert_eq!(asked, (line.item.text.as_str(), choice), "C2: the bot is asked about what nobody has written");
    }

    /// The bot judges a message.
    pub fn judge(&mut self, room: usize, question: &Question) -> Answer {
        self.is_as_written(room, question);
        self.counts.pressed += u64::from(!question.choice.is_empty());
        let about = self.message(room, question.seq);
        let decision = self.decision(room, &about, true);
        let tags = &self.desks[self.rooms[room].workspace].tags;
        let tags = if self.dice.one_in(4) { vec![tags[self.dice.place(tags.len())].clone()] } else { Vec::new() };
        let turn = Box::new(Turn { intent: "tracking".to_owned(), tags, ..Turn::default() });
        Answer::Room(Box::new(RoomInput::BotSays { seq: question.seq, decision, turn }))
    }

    /// The owner's system answers.
    pub fn serve(&mut self, room: usize, call: &ActionCall) -> Answer {
        let reply = match self.dice.below(8) {
            0..=3 => Reply::Said(self.words(room, "shop")),
            4 | 5 => Reply::Again,
            6 => Reply::Failed,
            _ => Reply::Refused,
        };
        if let Reply::Said(text) = &reply {
            let about = self.message(room, call.action.to);
            self.rooms[room].truth.bot.may_say(&about, text, Said::Other);
        }
        Answer::Room(Box::new(RoomInput::Acted { to: call.action.to, attempt: call.attempt, reply }))
    }

    /// A model writes, piece by piece, and then the call is answered; or it fails in the middle, or goes silent. A second call is another
    /// answer that reaches nobody. What was thoughts is taken back.
    pub fn write_on(&mut self, call: Call, consult: &ConsultCall) {
        let Some((Place::Room(room), life)) = call.from.filter(|_| !call.is_copy) else { return };
        let about = self.message(room, consult.seq);
        let (seq, at) = (consult.seq, consult.at);
        let (mut text, mut wait) = (String::new(), 0);
        for _ in 0..self.dice.below(4) {
            if self.dice.one_in(6) {
                self.rooms[room].truth.bot.written.entry(about.clone()).or_default().insert(std::mem::take(&mut text));
            }
            text += &self.words(room, "model");
            wait += self.dice.between(20, 4_000);
            let grows = RoomInput::BotGrows { seq, at, text: text.clone() };
            self.plan(wait, Event::Answer(Place::Room(room), life, Answer::Word(Box::new(grows))));
        }
        self.rooms[room].truth.bot.written.entry(about.clone()).or_default().insert(text.clone());
        let is_whole = !text.is_empty() && self.dice.one_in(2);
        let decision = if is_whole {
            self.rooms[room].truth.bot.may_say(&about, &text, Said::Other);
            Some(Decision::Answer { text, choices: Vec::new(), image: String::new() })
        } else {
            self.decision(room, &about, false)
        };
        if self.draws(Fault::AnswerLost) {
            self.bites(Fault::AnswerLost);
            return self.call_failed(call);
        }
        let last = RoomInput::BotWrote { seq, at, decision, turn: Box::default() };
        self.plan(wait + 50, Event::Answer(Place::Room(room), life, Answer::Room(Box::new(last))));
    }

    /// INV-2, INV-6: what is the bot's was answered, to the last word.
    pub fn bot_verdict(&self, room: usize) -> Result<(), String> {
        let place = &self.rooms[room];
        let BotTruth { last_words, handed_over, .. } = place.truth.bot;
        if last_words > handed_over {
            return Err(format!(
                "INV-6: {last_words} last words in {}, and it was handed over {handed_over} times",
                place.id
            ));
        }
        // Whoever is blocked is answered once they are let in again.
        if self.record(room).is_none_or(|record| record.status != Status::Pending || record.blocked) {
            return Ok(());
        }
        let newest = place.truth.public.iter().rev().find(|line| line.item.sender == "visitor");
        let newest = newest.map_or(0, |line| line.item.seq);
        let answer = format!("bot-{newest}");
        if place.truth.public.iter().any(|line| line.item.sender == "bot" && line.client_id == answer) {
            return Ok(());
        }
        Err(format!("INV-2, INV-6: message {newest} of {} waits for a bot", place.id))
    }
}
