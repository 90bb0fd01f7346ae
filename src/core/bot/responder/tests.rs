use std::{
    cell::Cell,
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::*;
use crate::core::{
    bot::{
        dialogue::{Choice, Language, Meaning, hand_over},
        form::{Field, Form},
        intent::{Does, Says, Words},
        predict::{Band, Candidate, Verdict},
        turn::Did,
    },
    error::Code,
    id::{Entropy, IntentId, TagId},
};

/// Somebody who says this, and counts how often they were asked.
struct Other(Option<Decision>, Cell<u32>);

impl Responder for Other {
    const NAME: &'static str = ":other";

    async fn respond(&self, _: &Heard<'_>) -> Option<Decision> {
        self.1.set(self.1.get() + 1);
        self.0.clone()
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits for nothing"),
    }
}

fn answer(text: &str) -> Decision {
    let choices = vec![Choice { id: "-1".into(), label: "Yes".into() }];
    Decision::Answer { text: text.into(), choices, image: String::new() }
}

fn handoff() -> Decision {
    hand_over(Reason::Webhook, Language::En)
}

fn ask() -> Decision {
    Decision::Ask { text: "which?".into(), choices: Vec::new() }
}

fn intents() -> [Meaning; 3] {
    let intent = |id: &str, does: Does, form: Vec<Field>| {
        let answer = Words { en: format!("about {id}"), zh: String::new() };
        let tags = vec![TagId::parse("tag_aaaaaaaaaaaaaaaa").unwrap()];
        Meaning { id: IntentId::parse(id).unwrap(), says: Says { answer, does, form, tags, ..Says::default() } }
    };
    let order: Field = serde_json::from_str(r#"{"key":"order","kind":"order"}"#).unwrap();
    [
        intent("human", Does::Handoff, vec![]),
        intent("refund", Does::Answer, vec![]),
        intent("status", Does::Answer, vec![order]),
    ]
}

const IDS: [&str; 3] = ["human", "refund", "status"];

/// Who is heard, and what they say: `asked`, whether the other one was asked.
fn heard_of(says: Option<Decision>, heard: &Heard<'_>, means: &str) -> (String, bool, Turn) {
    let other = Other(says, Cell::new(0));
    let class = IDS.iter().position(|id| *id == means);
    let band = if class.is_some() { Band::Answer } else { Band::Handoff };
    let top = class.map(|class| Candidate { class: class as u16, score: 1.0, probability: 0.5 });
    let verdict = Verdict { band, top: top.into_iter().collect() };
    let (ids, intents) = (IDS.map(str::to_owned), intents());
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() };
    let (decision, turn) = ready(respond(&other, heard, known));
    assert!(other.1.get() <= 1);
    let said = match decision {
        Decision::Silent => "silent".to_owned(),
        Decision::Answer { text, choices, .. } => format!("answer {text} {}", choices.len()),
        Decision::Ask { text, .. } => format!("ask {text}"),
        Decision::Fill { text, .. } => format!("fill {text}"),
        Decision::Act(_) | Decision::Consult { .. } => "act".to_owned(),
        Decision::Handoff { reason, .. } => format!("handoff {}", reason.name()),
    };
    (said, other.1.get() == 1, turn)
}

fn heard<'a>(text: &'a str, choice: &'a str, phase: Phase) -> Heard<'a> {
    Heard { text, choice, locale: "en", phase, asked: 0, form: None, verified: false }
}

#[test]
fn what_others_are_asked_and_what_becomes_of_what_they_say() {
    use Phase::{Pending, Queued};
    let table = [
        ("where is it", "", "", Pending, Some(answer("here")), "answer here 1", true),
        ("where is it", "-1", "refund", Pending, Some(answer("here")), "answer here 1", true),
        ("hello", "", "", Pending, Some(answer("hi")), "answer hi 1", true),
        ("where is it", "", "", Pending, Some(handoff()), "handoff webhook", true),
        // Who waits for a person is asked nothing, and is not handed over again.
        ("where is it", "", "", Queued, Some(answer("here")), "answer here 1", true),
        ("where is it", "", "", Queued, Some(handoff()), "silent", true),
        ("where is it", "", "", Queued, Some(ask()), "silent", true),
        // It fails: the built-in one does what it does.
        ("where is it", "", "refund", Pending, None, "answer about refund 0", true),
        ("where is it", "", "status", Pending, None, "fill What is your order number?", true),
        ("where is it", "", "", Pending, None, "handoff unsure", true),
        ("where is it", "", "refund", Queued, None, "answer about refund 0", true),
        ("where is it", "", "", Queued, None, "silent", true),
        // What is the built-in one's in any case.
        ("转人工", "", "", Pending, Some(answer("no")), "handoff visitor_asked", false),
        ("I want to talk to a person", "", "", Pending, Some(answer("no")), "handoff visitor_asked", false),
        ("get me somebody", "", "human", Pending, Some(answer("no")), "handoff visitor_asked", false),
        ("转人工", "", "", Queued, Some(answer("no")), "silent", false),
        ("get me somebody", "", "human", Queued, Some(answer("no")), "silent", false),
        ("Talk to a person", "human", "", Pending, Some(answer("no")), "handoff visitor_asked", false),
        ("refund?", "refund", "", Pending, Some(answer("no")), "answer about refund 0", false),
        (" ", "", "", Pending, Some(answer("no")), "handoff no_text", false),
    ];
    for (text, choice, means, phase, says, expected, asked) in table {
        let fails = says.is_none();
        let (said, was_asked, turn) = heard_of(says, &heard(text, choice, phase), means);
        assert_eq!((said.as_str(), was_asked), (expected, asked), "{text} {choice} {means} {phase:?}");
        assert_eq!(turn.stood_in, asked && fails, "{text}");
        assert_eq!(turn.intent == ":other", asked && !fails, "{text}: {}", turn.intent);
        assert_eq!(turn.did, Did::Answered, "the Room says what it did");
        // What another one says is of no intent.
        assert_eq!(turn.tags.len(), usize::from(!turn.intent.is_empty() && turn.intent != ":other"), "{text} {choice}");
    }
}

#[test]
fn a_reply_to_a_form_is_the_built_in_ones() {
    let status = IntentId::parse("status").unwrap();
    let form = Form { intent: status, language: Language::En, wrong: 0, values: vec![] };
    let replies = |text, means| {
        let heard = Heard { form: Some(&form), ..heard(text, "", Phase::Pending) };
        let (said, asked, _) = heard_of(Some(answer("no")), &heard, means);
        (said, asked)
    };
    assert_eq!(replies("A-1234", ""), ("answer about status 0".to_owned(), false));
    assert_eq!(replies("转人工", ""), ("handoff visitor_asked".to_owned(), false));
    assert_eq!(replies("I want a refund please", "refund"), ("answer no 1".to_owned(), true), "it is over");
}

/// Whatever anybody says: one is heard, and who waits for a person is asked nothing.
#[test]
fn random_stories_keep_the_rules() {
    for seed in 0..2_000 {
        let mut random = Entropy::new(seed);
        let mut pick = |from: &[&'static str]| from[random.next_u64() as usize % from.len()];
        let text = pick(&["where is it", "hello", "转人工", "refund?", " ", "A-1234", "Yes"]);
        let choice = pick(&["", "", "human", "refund", "-1", "gone"]);
        let means = pick(&["", "human", "refund", "status"]);
        let phase = if pick(&["p", "q"]) == "p" { Phase::Pending } else { Phase::Queued };
        let says = match pick(&["answer", "ask", "handoff", "", ""]) {
            "answer" => Some(answer("here")),
            "ask" => Some(ask()),
            "handoff" => Some(handoff()),
            _ => None,
        };
        let (said, asked, turn) = heard_of(says.clone(), &heard(text, choice, phase), means);
        let (alone, _, _) = heard_of(None, &heard(text, choice, phase), means);
        if !asked || says.is_none() {
            assert_eq!(said, alone, "seed {seed}: as if there were nobody else");
        }
        assert_eq!(turn.stood_in, asked && says.is_none(), "seed {seed}");
        if phase == Phase::Queued {
            assert!(said == "silent" || said.starts_with("answer"), "seed {seed}: {said}");
        }
    }
}

#[test]
fn a_setting_is_read_as_it_is_written() {
    let whole = |kind: &str| Setting::of(kind, "https://a.example/".into(), "m".into(), "k".into());
    for kind in ["built_in", "webhook", "model"] {
        let setting = whole(kind).unwrap();
        let parts = |it: &str| it.to_owned();
        let again = Setting::of(setting.kind(), parts(setting.url()), parts(setting.model()), parts(setting.key()));
        assert_eq!(again, Some(setting.clone()));
        assert_eq!(setting.kind(), kind);
        assert_eq!(setting.url().is_empty(), kind == "built_in");
        assert_eq!(setting.key() == "k", kind == "model", "nobody else has a use for one");
    }
    assert_eq!(whole(""), None);
    assert_eq!(whole("Webhook"), None);
}

#[test]
fn a_key_fits_in_a_header_and_is_not_told() {
    assert_eq!(check_key(" sk-1_x\n"), Ok("sk-1_x"));
    assert_eq!(check_key(""), Ok(""));
    for bad in ["a b", "a\r\nx-a: b", "密", "a\u{0}b", &"k".repeat(RESPONDER_KEY_CHARS + 1)] {
        let problem = check_key(bad).unwrap_err();
        assert_eq!((problem.code, problem.field.as_str()), (Code::BadRequest, "key"));
        assert!(!problem.detail.contains(bad));
    }
    assert_eq!(check_model(" gpt-x \n").as_deref(), Ok("gpt-x"));
    for bad in ["", " ", &"m".repeat(RESPONDER_MODEL_CHARS + 1)] {
        assert_eq!(check_model(bad).unwrap_err().field, "model");
    }
}
