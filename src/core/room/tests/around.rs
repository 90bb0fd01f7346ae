//! What lies around a Room, when it is well: the Desk, the queue and D1, the keys.

use std::collections::BTreeMap;

use super::harness::World;
use crate::core::{
    bot::{
        Band, Candidate, Verdict,
        action::{Action, Reply},
        dialogue::{Decision, Heard, Knowledge, Language, Meaning},
        faq::{Entry, Faq},
        features::Reading,
        form::{Field, Kind},
        intent::{Says, Words},
        responder::{Answer, LanguageModel, respond},
        turn::Turn,
    },
    id::{AgentId, IntentId, MessageId, TagId},
    internal::{NoticeAnswer, RoomNotice, Status},
    limits::RECONCILE_ENTRIES,
    pipeline::event::RoomEvent,
    room::{
        bot::ConsultCall,
        effect::{Call, Input, Inspection},
        rate::Ratings,
        record::Cursors,
    },
};

impl World {
    /// What a healthy deployment answers.
    pub fn answer(&mut self, call: Call) -> Input {
        match call {
            Call::TellDesk(notice) => {
                // An older one is ignored, as the Desk does.
                let is_on = self.bot.as_ref().is_some_and(|terms| terms.on);
                let is_theirs = notice.assignee.is_some() || notice.is_reply;
                let begins = is_on && notice.undecided && notice.status == Status::Open && !is_theirs;
                let known = self.history.notices.last().map_or(0, |known| known.rev);
                let (rev, newest) = (notice.rev, known.max(notice.rev));
                if notice.rev >= known {
                    self.history.notices.push(*notice);
                }
                let answer = Some(NoticeAnswer {
                    interval_ms: 1_000,
                    assignment: None,
                    rev: newest,
                    place: Default::default(),
                    idle: self.idle,
                    bot: self.bot.clone(),
                    begins,
                });
                Input::DeskAnswered { rev, answer }
            }
            Call::Detach(agent) => {
                self.history.detached.push(agent.clone());
                Input::Detached { agent, heard: true }
            }
            Call::Publish(event) => {
                let upto = event.upto;
                self.history.published += 1;
                self.history.take(*event);
                Input::Published(Some(upto))
            }
            Call::Inspect(after) => {
                self.history.inspected += 1;
                Input::Inspected(Some(self.history.inspect(after)))
            }
            Call::AskBot(question) => {
                let (decision, turn) = decide(&question.heard(), known(&self.tags));
                Input::BotSays { seq: question.seq, decision: Some(decision), turn: Box::new(turn) }
            }
            Call::Act(call) => {
                let said = format!("the shop says {}", call.action.form.intent);
                let reply = self.shop.pop_front().unwrap_or(Reply::Said(said));
                let (to, attempt) = (call.action.to, call.attempt);
                self.shop_asked.push(*call);
                Input::Acted { to, attempt, reply }
            }
            Call::Consult(call) => written(&call, WRITTEN, true),
            Call::SetTimer(_) => Input::Tick,
            Call::Verify { socket, ticket } => Input::Renewed { socket, principal: serde_json::from_str(&ticket).ok() },
        }
    }
}

/// The picture of where to find it.
pub const SHOP: &str = "0123456789abcdef0123456789abcdef";

/// What the bot of these tests knows. `tags`: what opening hours put on a conversation, and a parcel, and tracking.
fn known(tags: &[TagId]) -> Vec<Meaning> {
    let name = |id: &str| IntentId::parse(id).unwrap();
    let meaning = |id: &str| {
        let title = Words { en: id.to_owned(), zh: id.to_owned() };
        let answer = Words { en: format!("about {id}"), zh: format!("关于{id}") };
        let buttons = if id == "refund" { vec![name("hours"), name("stock")] } else { Vec::new() };
        Meaning { id: name(id), says: Says { title, answer, buttons, ..Says::default() } }
    };
    let mut known: Vec<Meaning> =
        ["hours", "refund", "stock", "parcel", "track", "invoice", "map"].into_iter().map(meaning).collect();
    let field =
        |key: &str, kind| Field { key: key.into(), kind, ask: Words { en: format!("{key}?"), zh: String::new() } };
    let parcel = &mut known[3].says;
    parcel.form = vec![field("number", Kind::Order), field("mail", Kind::Email)];
    parcel.answer.en = "parcel {number} of {mail}".into();
    known[4].says.form = vec![field("number", Kind::Order)];
    for (place, verified) in [(4, false), (5, true)] {
        known[place].says.action = Some(Action { url: "https://shop.example/bot".into(), verified });
    }
    let picture = |alt: &str| format!("{SHOP}-640x480 {alt}");
    known[6].says.picture = Words { en: picture("Our shop"), zh: picture("本店") };
    for (place, tag) in [0, 3, 4].into_iter().zip(tags) {
        known[place].says.tags = vec![tag.clone()];
    }
    known
}

/// What its FAQ has.
fn faq() -> Faq {
    let entry = Entry {
        id: ENTRY.into(),
        question: "Which colours does the kettle come in".into(),
        answer: "Red and green".into(),
    };
    Faq::of(vec![(Language::En, entry)], Vec::new())
}

/// How often it may be asked in a conversation on a day.
pub const CONSULTS_A_DAY: u32 = 30;

/// What the language model of these tests says.
pub const WRITTEN: &str = "[1] The teapot holds a litre – 一升 – and comes in red 🫖, green and blue. Anything else?";

/// What it has written so far, as a Room hears it.
pub fn grown(call: &ConsultCall, written: &str) -> Input {
    Input::BotGrows { seq: call.seq, at: call.at, text: call.consult.shown(written) }
}

/// It has written this, and more does not come.
pub fn written(call: &ConsultCall, written: &str, is_whole: bool) -> Input {
    let (decision, intent) = call.consult.conclude(written, is_whole).unzip();
    let turn = Turn { intent: intent.unwrap_or_default(), ..Turn::default() };
    Input::BotWrote { seq: call.seq, at: call.at, decision, turn: Box::new(turn) }
}

/// The entry of the FAQ.
pub const ENTRY: &str = "faq_aaaaaaaaaaaaaaaa";
/// The one that the model is given.
pub const TEAPOTS: &str = "faq_aaaaaaaaaaaaaaab";

/// A bot that knows what is meant if it is said by its name, wavers at a question mark, and knows nothing else.
fn decide(heard: &Heard<'_>, intents: Vec<Meaning>) -> (Decision, Turn) {
    let ids: Vec<String> = intents.iter().map(|intent| intent.id.to_string()).collect();
    let named = ids.iter().position(|id| heard.text.contains(id.as_str()));
    let band = match named {
        Some(_) => Band::Answer,
        None if heard.text.contains('?') => Band::Ask,
        None => Band::Handoff,
    };
    let first = u16::try_from(named.unwrap_or(0)).unwrap();
    let n_intents = u16::try_from(ids.len()).unwrap();
    let top =
        (0..3).map(|place| Candidate { class: (first + place) % n_intents, score: 0.0, probability: 0.3 }).collect();
    let verdict = Verdict { band, top };
    let faq = faq();
    let found = faq.find(&Reading::of(heard.text), heard.choice, Language::En);
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), faq: found };
    // It is asked about teapots, in whatever words, and about nothing else.
    let teapots = Entry { id: TEAPOTS.into(), question: "Teapots".into(), answer: heard.text.to_owned() };
    let entries = heard.text.contains("teapot").then_some((Language::En, teapots));
    let faq = Faq::of(entries.into_iter().collect(), Vec::new());
    let model = LanguageModel { faq: &faq, calls_per_conversation: CONSULTS_A_DAY };
    match respond(model, heard.clone(), known) {
        Answer::Now(judged) => judged,
        Answer::Later(_) => panic!("nobody outside is called"),
    }
}

/// What lies behind the queue, in the way that `sql/projection.rs` keeps it.
#[derive(Default, Clone)]
pub struct History {
    pub log_epoch: Option<u64>,
    pub rev: u64,
    pub status: String,
    pub unread: u64,
    pub visitor_name: String,
    pub public: BTreeMap<u64, (String, String)>,
    pub private: BTreeMap<u64, (String, String)>,
    pub turns: BTreeMap<u64, Turn>,
    pub rated: Ratings,
    pub tags: Vec<TagId>,
    pub notices: Vec<RoomNotice>,
    pub detached: Vec<AgentId>,
    pub published: u64,
    pub inspected: u64,
}

impl History {
    pub fn take(&mut self, event: RoomEvent) {
        // It leaves as JSON text and must fit a queue message.
        let text = serde_json::to_string(&event).unwrap();
        assert!(text.len() <= 127_000, "an event of {} bytes", text.len());
        let event: RoomEvent = serde_json::from_str(&text).unwrap();
        let row = event.conversation;
        if self.log_epoch.is_some_and(|epoch| row.log_epoch < epoch) {
            return;
        }
        if self.log_epoch.is_some_and(|epoch| row.log_epoch > epoch) {
            self.public.clear();
            self.private.clear();
            self.turns.clear();
            self.rev = 0;
        }
        self.log_epoch = Some(row.log_epoch);
        if row.rev > self.rev {
            self.rev = row.rev;
            self.unread = row.unread;
            self.rated = row.rated;
            self.tags = row.tags;
            self.status = format!("{:?}", row.status);
            self.visitor_name = event.visitor.name;
        }
        for entry in event.public {
            if let Some(turn) = entry.turn {
                self.turns.entry(entry.seq).or_insert(turn);
            }
            self.public.entry(entry.seq).or_insert((entry.id.to_string(), entry.body));
        }
        for entry in event.private {
            self.private.entry(entry.seq).or_insert((entry.id.to_string(), entry.body));
        }
    }

    pub fn inspect(&self, after: Cursors) -> Inspection {
        let rows = |log: &BTreeMap<u64, (String, String)>, after: u64| {
            log.range(after + 1..)
                .take(RECONCILE_ENTRIES as usize + 1)
                .map(|(seq, (id, _))| (*seq, MessageId::parse(id).unwrap()))
                .collect()
        };
        Inspection {
            log_epoch: self.log_epoch,
            rev: self.rev,
            public: rows(&self.public, after.public),
            private: rows(&self.private, after.private),
        }
    }
}
