use super::*;
use crate::core::{
    bot::{
        dialogue::{Language, Meaning, Phase, decide},
        form::Form,
        intent::{Does, Says, Words},
        predict::{Band, Candidate, Verdict},
    },
    id::IntentId,
};

fn intent(id: &str, does: Does, answer: &str) -> Meaning {
    let says = Says { answer: Words { en: answer.into(), zh: String::new() }, does, ..Says::default() };
    Meaning { id: IntentId::parse(id).unwrap(), says }
}

const IDS: [&str; 4] = ["gone", "complaint", "empty", "refund"];

/// In short: the intent, the score, what was near, how it came.
fn turn(text: &str, choice: &str, band: Band, top: &[&str]) -> String {
    let intents = [
        intent("complaint", Does::Handoff, "people"),
        intent("empty", Does::Answer, ""),
        intent("refund", Does::Answer, "money"),
    ];
    let probable = |place: usize| 0.8_f32 / (1 + place) as f32;
    let candidate = |(place, id): (usize, &&str)| Candidate {
        class: IDS.iter().position(|it| it == id).unwrap_or(99) as u16,
        score: 1.0,
        probability: probable(place),
    };
    let verdict = Verdict { band, top: top.iter().enumerate().map(candidate).collect() };
    let ids = IDS.map(str::to_owned);
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() };
    let heard = Heard { text, choice, locale: "", phase: Phase::Pending, asked: 0, form: None, verified: false };
    let Turn { intent, score, near, pressed, language, .. } = Turn::of(&heard, known, &decide(&heard, known));
    format!("{intent}/{score}/{}/{pressed}/{language}", near.join(","))
}

#[test]
fn what_a_decision_rests_on() {
    let table = [
        ("my money please now", "", Band::Answer, &["refund", "empty"][..], "refund/800/refund,empty/false/en"),
        ("钱呢", "", Band::Ask, &["empty", "refund"], "empty/800/empty,refund/false/zh"),
        // What is gone since it was learnt is near nothing.
        ("my money please now", "", Band::Answer, &["gone", "refund"], "refund/400/refund/false/en"),
        ("my money please now", "", Band::Ask, &["gone"], "/0//false/en"),
        ("what is this about", "", Band::Handoff, &["refund", "empty"], "/800/refund,empty/false/en"),
        ("I am angry", "", Band::Answer, &["complaint"], "complaint/800/complaint/false/en"),
        ("nothing to say", "", Band::Answer, &["empty"], "empty/800/empty/false/en"),
        // Nothing was weighed.
        ("refund", "refund", Band::Handoff, &["empty"], "refund/0//true/en"),
        ("a person", "human", Band::Handoff, &["empty"], "human/0//true/en"),
        ("my money please now", "never_was", Band::Answer, &["refund"], "refund/800/refund/false/en"),
        ("hello", "", Band::Answer, &["refund"], "greeting/0//false/en"),
        ("转人工", "", Band::Answer, &["refund"], "human/0//false/zh"),
        ("", "", Band::Handoff, &[], "/0//false/en"),
    ];
    for (text, choice, band, top, expected) in table {
        assert_eq!(turn(text, choice, band, top), expected, "{text} {choice} {band:?} {top:?}");
    }
}

#[test]
fn a_reply_to_a_form_is_of_the_intent_that_asked() {
    let field = serde_json::from_str(r#"{"key":"order","kind":"order","ask":{"en":"","zh":""}}"#).unwrap();
    let mut refund = intent("refund", Does::Answer, "money for {order}");
    refund.says.form = vec![field];
    let form = Form::begun(refund.id.clone(), Language::En, &refund.says.form, "my money back");
    let intents = [refund, intent("hours", Does::Answer, "nine to five")];
    let candidate = Candidate { class: 0, score: 1.0, probability: 0.9 };
    let verdict = Verdict { band: Band::Answer, top: vec![candidate] };
    let ids = ["hours".to_owned()];
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() };
    let of = |text: &str| {
        let heard =
            Heard { text, choice: "", locale: "", phase: Phase::Pending, asked: 0, form: Some(&form), verified: false };
        let turn = Turn::of(&heard, known, &decide(&heard, known));
        (turn.intent, turn.is_reply)
    };
    // What is plainly about something else, and what wants a person, leaves the form.
    assert_eq!(
        [of("A-1234"), of("when are you open"), of("talk to a person"), of("never mind")],
        [
            ("refund".to_owned(), true),
            ("hours".to_owned(), false),
            ("human".to_owned(), false),
            // Leaving is no answer of anything's.
            (String::new(), true)
        ]
    );
}

/// The tags of the intent that is acted by, and of none that is only likely, or was acted by before.
#[test]
fn what_is_put_on_is_of_what_is_acted_by() {
    let tag = |letter: &str| TagId::parse(&format!("tag_aaaaaaaaaaaaaaa{letter}")).unwrap();
    let tagged = |id, does, letter| {
        let mut intent = intent(id, does, "said");
        intent.says.tags = vec![tag(letter)];
        intent
    };
    let mut refund = tagged("refund", Does::Answer, "a");
    refund.says.form = vec![serde_json::from_str(r#"{"key":"order","kind":"order"}"#).unwrap()];
    let form = Form::begun(refund.id.clone(), Language::En, &refund.says.form, "my money back");
    let intents = [refund, tagged("complaint", Does::Handoff, "b"), tagged("human", Does::Answer, "c")];
    let ids = ["refund", "complaint"].map(str::to_owned);
    let of = |text: &str, choice: &str, band: Band, class: u16, form: Option<&Form>, phase: Phase| {
        let top = [class, 1 - class].map(|class| Candidate { class, score: 1.0, probability: 0.5 }).to_vec();
        let verdict = Verdict { band, top };
        let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() };
        let heard = Heard { text, choice, locale: "", phase, asked: 0, form, verified: false };
        Turn::of(&heard, known, &decide(&heard, known)).tags
    };
    let waits = Phase::Pending;
    assert_eq!(of("my money please", "", Band::Answer, 0, None, waits), [tag("a")], "a form begins");
    assert_eq!(of("i am angry", "", Band::Answer, 1, None, waits), [tag("b")], "it hands over");
    assert_eq!(of("complaint", "complaint", Band::Handoff, 0, None, waits), [tag("b")], "pressed");
    assert_eq!(of("a person please", "human", Band::Handoff, 0, None, waits), [tag("c")], "asked for");
    let none = [
        of("which is it", "", Band::Ask, 0, None, waits),
        of("what is this about", "", Band::Handoff, 0, None, waits),
        of("hello", "", Band::Answer, 0, None, waits),
        of("A-1234", "", Band::Answer, 1, Some(&form), waits),
        of("i am angry", "", Band::Answer, 1, None, Phase::Queued),
        of("i am angry", "", Band::Answer, 1, None, Phase::Silent),
    ];
    assert_eq!(none, [const { Vec::new() }; 6]);
}

#[test]
fn what_is_stored_is_short_and_read_again() {
    let whole = Turn {
        to: 7,
        did: Did::HandedOver,
        intent: "refund".into(),
        score: 512,
        near: vec!["a".into(), "b".into()],
        reason: "unsure".into(),
        language: "zh".into(),
        pressed: true,
        stood_in: true,
        is_reply: false,
        tags: Vec::new(),
        image: String::new(),
    };
    for turn in [whole, Turn::default()] {
        let text = serde_json::to_string(&turn).unwrap();
        assert_eq!(serde_json::from_str::<Turn>(&text).unwrap(), turn);
    }
    assert_eq!(serde_json::to_string(&Turn::default()).unwrap(), r#"{"to":0,"did":"answered","score":0}"#);
    // What a later version adds is no reason to lose a message.
    let later = r#"{"to":1,"did":"asked","score":3,"new":[1]}"#;
    assert_eq!(
        serde_json::from_str::<Turn>(later).unwrap(),
        Turn { to: 1, did: Did::Asked, score: 3, ..Turn::default() }
    );
}
