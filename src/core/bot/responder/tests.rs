use std::{
    cell::Cell,
    task::{Context, Poll, Waker},
};

use super::*;
use crate::core::{
    bot::{
        dialogue::{Choice, Language, Meaning, hand_over, plain},
        faq::Entry,
        form::{Field, Form},
        intent::{Does, Says, Words},
        predict::{Band, Candidate, Verdict},
    },
    error::Code,
    id::{Entropy, IntentId, TagId},
};

/// Somebody outside who says this, and counts how often they were asked.
struct Other<'a>(Option<Decision>, &'a Cell<u32>);

impl<'call> Responder<'call> for Other<'call> {
    fn hear(self, heard: Heard<'call>, decided: Judged) -> Answer<'call> {
        let Other(says, asked) = self;
        Answer::Later(Box::pin(async move {
            asked.set(asked.get() + 1);
            called(":other", heard.phase, says, decided)
        }))
    }
}

/// Something about all that is asked here.
fn faq() -> Faq {
    let entry = |text: &str| Entry { id: "faq_aaaaaaaaaaaaaaaa".into(), question: text.into(), answer: text.into() };
    let english = entry("Hello! Where is it? Yes, get me somebody: I want to talk to a person about a refund, A-1234");
    Faq::of(vec![(Language::En, english), (Language::Zh, entry("转人工"))], Vec::new())
}

thread_local! {
    static FAQ: Faq = faq();
}

fn answer() -> Decision {
    let choices = vec![Choice { id: "-1".into(), label: "Yes".into() }];
    Decision::Answer { text: "here".into(), choices, image: String::new() }
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

fn told(decision: &Decision) -> String {
    match decision {
        Decision::Silent => "silent".to_owned(),
        Decision::Answer { text, choices, .. } => format!("answer {text} {}", choices.len()),
        Decision::Ask { .. } => "ask".to_owned(),
        Decision::Fill { text, .. } => format!("fill {text}"),
        Decision::Act(_) => "act".to_owned(),
        Decision::Consult { otherwise, .. } => format!("consult or {}", told(otherwise)),
        Decision::Handoff { reason, .. } => format!("handoff {}", reason.name()),
    }
}

/// What comes of a message with this one set. `means`: what the classifier is sure of, or wavers about behind a question mark.
fn with<'call>(named: impl Responder<'call>, heard: &Heard<'call>, means: &str) -> (String, Turn) {
    let class = IDS.iter().position(|id| *id == means.trim_end_matches('?'));
    let band = match class {
        Some(_) if means.ends_with('?') => Band::Ask,
        Some(_) => Band::Answer,
        None => Band::Handoff,
    };
    let top = class.map(|class| Candidate { class: class as u16, score: 1.0, probability: 0.5 });
    let verdict = Verdict { band, top: top.into_iter().collect() };
    let (ids, intents) = (IDS.map(str::to_owned), intents());
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() };
    let (decision, turn) = match respond(named, heard.clone(), known) {
        Answer::Now(judged) => judged,
        Answer::Later(mut called) => match called.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(judged) => judged,
            Poll::Pending => panic!("it waits for nothing"),
        },
    };
    (told(&decision), turn)
}

fn with_model(heard: &Heard<'_>, means: &str) -> (String, Turn) {
    FAQ.with(|faq| with(LanguageModel { faq, calls_per_conversation: 9 }, heard, means))
}

/// And whether they were asked.
fn with_other(says: Option<Decision>, heard: &Heard<'_>, means: &str) -> (String, Turn, bool) {
    let asked = Cell::new(0);
    let (said, turn) = with(Other(says, &asked), heard, means);
    assert!(asked.get() <= 1);
    (said, turn, asked.get() == 1)
}

fn heard<'a>(text: &'a str, choice: &'a str, phase: Phase) -> Heard<'a> {
    Heard { text, choice, locale: "en", phase, asked: 0, form: None, verified: false }
}

/// Of each of the three what comes of a message. `alone`: what the built-in one does; `consults`: a model is asked instead; `others`: it is
/// for somebody outside.
fn check(heard: &Heard<'_>, means: &str, alone: &str, consults: bool, others: bool) {
    let context = format!("{} {} {means} {:?}", heard.text, heard.choice, heard.phase);
    let (said, turn) = with(BuiltIn, heard, means);
    assert_eq!(said, alone, "{context}");
    assert!(!turn.stood_in, "{context}");

    // What the built-in one's decision rests on goes along, for it may be needed yet.
    let model = if consults { format!("consult or {alone}") } else { alone.to_owned() };
    assert_eq!(with_model(heard, means), (model, turn.clone()), "{context}");

    for (says, when_queued) in [(answer(), "answer here 1"), (handoff(), "silent"), (ask(), "silent")] {
        let becomes = if heard.phase == Phase::Queued { when_queued.to_owned() } else { told(&says) };
        // What another one says is of no intent.
        let named = Turn { intent: ":other".into(), tags: Vec::new(), ..turn.clone() };
        let expected = if others { (becomes, named, true) } else { (alone.to_owned(), turn.clone(), false) };
        assert_eq!(with_other(Some(says), heard, means), expected, "{context}");
    }
    let stood_in = Turn { stood_in: others, ..turn };
    assert_eq!(with_other(None, heard, means), (alone.to_owned(), stood_in, others), "{context}");
}

#[test]
fn who_is_asked_about_what_and_what_comes_of_it() {
    use Phase::{Pending, Queued};
    let table = [
        ("where is it", "", "", Pending, "handoff unsure", true, true),
        ("where is it", "", "refund?", Pending, "ask", true, true),
        // What an owner has written down is said by the built-in one, or by who is set in its place.
        ("where is it", "", "refund", Pending, "answer about refund 0", false, true),
        ("where is it", "", "status", Pending, "fill What is your order number?", false, true),
        ("hello", "", "", Pending, "answer Hello! What can I help you with? 0", false, true),
        // A button of somebody else's.
        ("Yes", "-1", "", Pending, "handoff unsure", false, true),
        ("Yes", "-1", "refund", Pending, "answer about refund 0", false, true),
        // Who waits for a person is asked nothing, and is not handed over again.
        ("where is it", "", "", Queued, "silent", false, true),
        ("where is it", "", "refund?", Queued, "silent", false, true),
        ("where is it", "", "refund", Queued, "answer about refund 0", false, true),
        // What is the built-in one's in any case.
        ("转人工", "", "", Pending, "handoff visitor_asked", false, false),
        ("I want to talk to a person", "", "", Pending, "handoff visitor_asked", false, false),
        ("get me somebody", "", "human", Pending, "handoff visitor_asked", false, false),
        ("转人工", "", "", Queued, "silent", false, false),
        ("get me somebody", "", "human", Queued, "silent", false, false),
        ("Talk to a person", "human", "", Pending, "handoff visitor_asked", false, false),
        ("refund?", "refund", "", Pending, "answer about refund 0", false, false),
        (" ", "", "", Pending, "handoff no_text", false, false),
    ];
    for (text, choice, means, phase, alone, consults, others) in table {
        check(&heard(text, choice, phase), means, alone, consults, others);
        let has_entries = !faq().about(text, language_of(text, "en")).is_empty();
        assert_eq!(has_entries, text != " ", "{text}: a model would have something to say");
    }
    let tags = |turn: Turn| turn.tags.len();
    let known = heard("where is it", "", Pending);
    assert_eq!((tags(with(BuiltIn, &known, "refund").1), tags(with_model(&known, "refund").1)), (1, 1));
}

#[test]
fn a_call_alone_is_waited_for_and_begins_with_that() {
    let (faq, asked, known) = (faq(), Cell::new(0), Knowledge::default());
    let model = || LanguageModel { faq: &faq, calls_per_conversation: 9 };
    let other = || Other(Some(answer()), &asked);
    for text in ["where is it", "转人工"] {
        let heard = || heard(text, "", Phase::Pending);
        assert!(matches!(respond(BuiltIn, heard(), known), Answer::Now(_)), "{text}");
        assert!(matches!(respond(model(), heard(), known), Answer::Now(_)), "{text}");
        assert_eq!(matches!(respond(other(), heard(), known), Answer::Now(_)), text == "转人工", "{text}");
    }
    assert_eq!(asked.get(), 0, "what is dropped has not begun");
}

#[test]
fn a_reply_to_a_form_is_the_built_in_ones() {
    let status = IntentId::parse("status").unwrap();
    let form = Form { intent: status, language: Language::En, wrong: 0, values: vec![] };
    for (text, means, alone, others) in [
        ("A-1234", "", "answer about status 0", false),
        ("转人工", "", "handoff visitor_asked", false),
        // It is over.
        ("I want a refund please", "refund", "answer about refund 0", true),
    ] {
        check(&Heard { form: Some(&form), ..heard(text, "", Phase::Pending) }, means, alone, false, others);
    }
}

/// Whoever is set, and whatever they say: one is heard, and who waits for a person is asked nothing.
#[test]
fn random_stories_keep_the_rules() {
    let mut n_consulted = 0;
    for seed in 0..2_000 {
        let mut random = Entropy::new(seed);
        let mut pick = |from: &[&'static str]| from[random.next_u64() as usize % from.len()];
        let text = pick(&["where is it", "hello", "转人工", "refund?", " ", "A-1234", "Yes"]);
        let choice = pick(&["", "", "human", "refund", "-1", "gone"]);
        let means = pick(&["", "human", "refund", "refund?", "status"]);
        let phase = if pick(&["p", "q"]) == "p" { Phase::Pending } else { Phase::Queued };
        let says = match pick(&["answer", "ask", "handoff", "", ""]) {
            "answer" => Some(answer()),
            "ask" => Some(ask()),
            "handoff" => Some(handoff()),
            _ => None,
        };
        let heard = heard(text, choice, phase);
        let alone = with(BuiltIn, &heard, means);
        let (said, turn, asked) = with_other(says.clone(), &heard, means);
        if !asked || says.is_none() {
            assert_eq!(said, alone.0, "seed {seed}: as if there were nobody else");
        }
        assert_eq!(turn.stood_in, asked && says.is_none(), "seed {seed}");
        let (consulted, rests_on) = with_model(&heard, means);
        let otherwise = consulted.strip_prefix("consult or ");
        assert_eq!((otherwise.unwrap_or(&consulted).to_owned(), rests_on), alone, "seed {seed}");
        if otherwise.is_some() {
            assert!(asked && phase == Phase::Pending && choice.is_empty(), "seed {seed}");
            n_consulted += 1;
        }
        if phase == Phase::Queued {
            for said in [&said, &consulted, &alone.0] {
                assert!(said == "silent" || said.starts_with("answer"), "seed {seed}: {said}");
            }
        }
    }
    assert!(n_consulted > 50, "{n_consulted}");
}

#[test]
fn a_model_is_asked_only_where_the_rules_are_at_their_end() {
    let form = Form::begun(IntentId::parse("order").unwrap(), Language::En, &[], "");
    let (faq, nothing) = (faq(), Faq::default());
    let made = |faq, heard: &Heard<'_>, decided: &Decision| {
        LanguageModel { faq, calls_per_conversation: 9 }.instead(heard, decided.clone())
    };
    let pending = heard("where is it", "", Phase::Pending);
    for (decided, consults) in [
        (ask(), true),
        (hand_over(Reason::Unsure, Language::En), true),
        (hand_over(Reason::AskedInVain, Language::En), true),
        (hand_over(Reason::Asked, Language::En), false),
        (hand_over(Reason::Intent, Language::En), false),
        (hand_over(Reason::NoText, Language::En), false),
        (plain("a".into()), false),
        (Decision::Silent, false),
    ] {
        let expected = match consults {
            false => decided.clone(),
            true => {
                let entries = faq.about("where is it", Language::En);
                let (question, language) = ("where is it".to_owned(), Language::En);
                let consult = Consult { question, entries, language, calls_per_conversation: 9 };
                Decision::Consult { consult: Box::new(consult), otherwise: Box::new(decided.clone()) }
            }
        };
        assert_eq!(made(&faq, &pending, &decided), expected);
        assert_eq!(made(&nothing, &pending, &decided), decided, "nothing to answer from");
        let queued = heard("where is it", "", Phase::Queued);
        assert_eq!(made(&faq, &queued, &decided), decided, "a person is on the way");
        assert_eq!(made(&faq, &heard("where is it", "x", Phase::Pending), &decided), decided);
        let filling = Heard { form: Some(&form), ..pending.clone() };
        assert_eq!(made(&faq, &filling, &decided), decided, "a form is open");
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
