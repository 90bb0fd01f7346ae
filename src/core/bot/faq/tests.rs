use super::*;
use crate::core::{
    bot::{
        dialogue::{Decision, Heard, Knowledge, Meaning, Phase, decide},
        form::Form,
        intent::{Does, Says, Words},
        predict::{Band, Candidate, Verdict},
        turn::Turn,
    },
    chance::Chance,
    id::{Entropy, FaqId, IntentId},
    limits::{FAQ_MAX, QUESTION_CHARS},
};

fn entry(number: u8, question: &str) -> Entry {
    let id = FaqId::draw(&mut Entropy::new(u128::from(number))).to_string();
    Entry { id, question: question.into(), answer: format!("answer {number}") }
}

const QUESTIONS: [(Language, &str); 9] = [
    (Language::En, "Can I return an opened kettle after 30 days?"),
    (Language::En, "Do you ship to Spain?"),
    (Language::En, "Which colours does the kettle come in?"),
    (Language::En, "How do I descale the kettle?"),
    (Language::En, "Can I cancel my order if it has been shipped already?"),
    (Language::Zh, "怎么开发票？"),
    (Language::Zh, "拆封后7天内能退货吗？"),
    (Language::Zh, "水壶有哪些颜色？"),
    (Language::Zh, "水壶怎么除水垢？"),
];

fn faq() -> Faq {
    Faq::of(
        (0_u8..).zip(QUESTIONS).map(|(number, (language, question))| (language, entry(number, question))).collect(),
        Vec::new(),
    )
}

/// Which entry is the answer, and which may be meant.
fn found(text: &str, language: Language) -> (Option<String>, Vec<String>) {
    let faq = faq();
    let Found { pressed, same, near } = faq.find(&Reading::of(text), "", language);
    assert_eq!(pressed, None);
    (same.map(|it| it.answer.clone()), near.into_iter().flatten().map(|it| it.answer.clone()).collect())
}

#[test]
fn a_model_is_given_what_says_something_about_the_message() {
    let faq = faq();
    let about = |text: &str, language| -> Vec<String> {
        faq.about(text, language)
            .into_iter()
            .map(|entry| entry.answer.trim_start_matches("answer ").to_owned())
            .collect()
    };
    let (en, zh) = (Language::En, Language::Zh);
    for (text, language, first) in [
        ("do you also ship to Spain", en, Some("1")),
        ("which other colours does the kettle come in", en, Some("2")),
        ("水壶的水垢怎么清除", zh, Some("8")),
        ("发票", zh, Some("5")),
        // Where the language of the talk has nothing the other may.
        ("发票怎么开", en, Some("5")),
        ("do you ship to Spain", zh, Some("1")),
        ("", en, None),
        ("xyzzy plugh", en, None),
        ("🫖🫖🫖", zh, None),
    ] {
        let found = about(text, language);
        assert_eq!(found.first().map(String::as_str), first, "{text}: {found:?}");
        assert!(found.len() <= CONSULT_ENTRIES);
    }
    // The answer counts as well as the question.
    let wordy = Entry { answer: "We deliver by mule and by canoe.".into(), ..entry(0, "Shipping") };
    let faq = Faq::of(vec![(en, wordy), (en, entry(1, "Returns")), (en, entry(2, "Opening hours"))], Vec::new());
    let first = faq.about("do you deliver by canoe", en).into_iter().next();
    assert_eq!(first.map(|entry| entry.question), Some("Shipping".to_owned()));
    assert_eq!(Faq::of(Vec::new(), Vec::new()).about("do you deliver by canoe", en), []);
}

#[test]
fn a_model_is_given_passages_of_articles_beside_entries() {
    let (en, zh) = (Language::En, Language::Zh);
    let passage = |title: &str, answer: &str| Entry {
        id: "art_aaaaaaaaaaaaaaaa".into(),
        question: title.into(),
        answer: answer.into(),
    };
    let articles = vec![
        (en, passage("Delivery", "To islands we deliver by canoe.")),
        (en, passage("Delivery", "Parcels weigh up to twenty kilograms.")),
        (zh, passage("配送", "海岛由小船配送。")),
    ];
    let faq = Faq::of(vec![(en, entry(1, "Returns")), (en, entry(2, "How heavy may parcels be?"))], articles);
    let about =
        |text, language| -> Vec<String> { faq.about(text, language).into_iter().map(|entry| entry.answer).collect() };
    assert_eq!(about("do you deliver by canoe", en), ["To islands we deliver by canoe."]);
    assert_eq!(about("parcels", en), ["answer 2", "Parcels weigh up to twenty kilograms."]);
    assert_eq!(about("海岛配送", zh), ["海岛由小船配送。"]);
    // They are no questions: nobody is asked back about them, and no button leads to them.
    assert_eq!(faq.find(&Reading::of("To islands we deliver by canoe."), "", en).near, [None; NEAR]);
    assert_eq!(faq.find(&Reading::of("x"), "art_aaaaaaaaaaaaaaaa", en).pressed, None);
}

#[test]
fn only_what_asks_the_same_is_the_answer() {
    let (en, zh) = (Language::En, Language::Zh);
    for (text, language, number) in [
        ("Do you ship to Spain?", en, 1),
        ("do you ship to spain", en, 1),
        ("ＤＯ YOU SHIP TO SPAIN!!", en, 1),
        ("Hi, which colours does the kettle come in", en, 2),
        ("which colours does kettle come in", en, 2),
        ("怎么开发票", zh, 5),
        ("怎麼開發票？", zh, 5),
        ("拆封后7天内能退货吗", zh, 6),
        ("拆封後７天內能退貨嗎", zh, 6),
        // In the words of the other language, whatever the talk's.
        ("Do you ship to Spain?", zh, 1),
        ("怎么开发票？", en, 5),
    ] {
        assert_eq!(found(text, language).0, Some(format!("answer {number}")), "{text}");
    }
    for text in [
        "Can I return an opened kettle after 60 days?",
        "Can I return an opened kettle after 3 days?",
        "Do you ship to France?",
        "Do you ship from Spain?",
        "Don't you ship to Spain?",
        "Can I cancel my order if it has not been shipped already?",
        "How do I descale the ketle?",
        "How can I descale the kettle, please?",
        "Do you ship to Spain? And where is my order?",
        "ship",
        "kettle",
        "拆封后15天内能退货吗？",
        "拆封后7天内不能退货吗？",
        "拆封后7天内能换货吗？",
        "不开发票",
        "水壶",
        "",
        "?!",
        "🙂",
    ] {
        assert_eq!(found(text, en).0, None, "{text}");
    }
}

/// Whoever writes another answer to a question wants it told, and nobody is asked which of two equal ones is meant.
#[test]
fn of_entries_that_ask_the_same_the_one_written_last_is_told() {
    let questions = ["Do you ship to Spain?", "Do you ship to Italy?", "do you ship to SPAIN"];
    let entries: Vec<_> =
        (0_u8..).zip(questions).map(|(number, question)| (Language::En, entry(number, question))).collect();
    for (most, same, near) in [(1, 0, &[0][..]), (2, 0, &[0, 1]), (3, 2, &[2, 1])] {
        let faq = Faq::of(entries[..most].to_vec(), Vec::new());
        let answer = |number: u8| format!("answer {number}");
        let found = faq.find(&Reading::of("do you ship to Spain"), "", Language::En);
        assert_eq!(found.same.map(|it| it.answer.clone()), Some(answer(same)), "of {most}");
        let meant: Vec<String> = found.near.into_iter().flatten().map(|it| it.answer.clone()).collect();
        assert_eq!(meant, near.iter().copied().map(answer).collect::<Vec<_>>(), "of {most}");
        let pressed = faq.find(&Reading::of(""), &entries[0].1.id, Language::En).pressed;
        assert_eq!(pressed.map(|it| it.answer.clone()), Some(answer(0)), "an older button goes on");
    }
    // Also where the older one has it word for word.
    let asked = QUESTIONS[2].1;
    let again = (Language::En, entry(9, &format!("Hi, {asked}")));
    let faq = Faq::of(
        faq().english.entries.into_iter().rev().map(|it| (Language::En, it)).chain([again]).collect(),
        Vec::new(),
    );
    let same = faq.find(&Reading::of(asked), "", Language::En).same;
    assert_eq!(same.map(|it| it.answer.as_str()), Some("answer 9"));
}

#[test]
fn what_is_like_an_entry_may_be_meant_in_the_language_of_the_talk() {
    let first = |text: &str, language| found(text, language).1.first().cloned().unwrap_or_default();
    for (text, language, number) in [
        ("opened kettle, return after 60 days", Language::En, 0),
        ("do you ship to France", Language::En, 1),
        ("what colours are there for that kettle", Language::En, 2),
        ("how to descale my ketle", Language::En, 3),
        ("可以开发票吗", Language::Zh, 5),
        ("拆封后还能退货吗", Language::Zh, 6),
        ("水垢怎么去除", Language::Zh, 8),
    ] {
        assert_eq!(first(text, language), format!("answer {number}"), "{text}");
    }
    for (text, language) in [
        ("where is my parcel", Language::En),
        ("my invoice is wrong", Language::En),
        ("包裹到哪了", Language::Zh),
        ("拆封后还能退货吗", Language::En),
        ("do you ship to France", Language::Zh),
        ("", Language::En),
    ] {
        assert_eq!(first(text, language), "", "{text}");
    }
    assert!(found("which kettle, descale, colours, return, ship", Language::En).1.len() <= NEAR);
}

#[test]
fn a_button_is_an_entry_of_this_workspace_alone() {
    let faq = faq();
    let of = |number: u8| entry(number, "").id.to_string();
    let pressed =
        |choice: &str| faq.find(&Reading::of("whatever"), choice, Language::En).pressed.map(|it| it.answer.as_str());
    assert_eq!([pressed(&of(1)), pressed(&of(6))], [Some("answer 1"), Some("answer 6")]);
    for nobodys in ["", "faq_", &of(99), "refund"] {
        assert_eq!(pressed(nobodys), None, "{nobodys}");
    }
    assert_eq!(Faq::default().find(&Reading::of("whatever"), &of(1), Language::En).pressed, None);
}

// ------------------------------------------------------------------------------------------------ in the dialogue

const IDS: [&str; 4] = ["hours", "refund", "status", "human"];

fn owners() -> Vec<Meaning> {
    let words = |text: String| Words { en: text, zh: String::new() };
    let meaning = |id: &&str| Meaning {
        id: IntentId::parse(id).unwrap(),
        says: Says { title: words((*id).into()), answer: words(format!("{id}!")), ..Says::default() },
    };
    IDS[..3].iter().map(meaning).collect()
}

/// In short, and what is kept of it: the intent or the entry, how it came, how many were near.
fn talk(heard: &Heard<'_>, verdict: Option<&Verdict>) -> String {
    let (faq, intents, ids) = (faq(), owners(), IDS.map(str::to_owned));
    let found = faq.find(&Reading::of(heard.text), heard.choice, Language::En);
    let known = Knowledge { intents: &intents, verdict: verdict.map(|verdict| (verdict, ids.as_slice())), faq: found };
    let decision = decide(heard, known);
    let turn = Turn::of(heard, known, &decision);
    let numbers: Vec<(String, String)> =
        (0..9).map(|number| (entry(number, "").id.to_string(), number.to_string())).collect();
    let short = |id: &str| numbers.iter().find(|(it, _)| it == id).map_or(id.to_owned(), |(_, number)| number.clone());
    let kept = format!("{}{} {}", short(&turn.intent), if turn.pressed { "!" } else { "" }, turn.near.len());
    match decision {
        Decision::Silent => "silent".into(),
        Decision::Answer { text, .. } => format!("{text} <{kept}>"),
        Decision::Ask { choices, .. } => {
            let ids: Vec<String> = choices.iter().map(|it| short(&it.id)).collect();
            format!("ask {} <{kept}>", ids.join(" "))
        }
        Decision::Handoff { reason, .. } => format!("{} <{kept}>", reason.name()),
        Decision::Fill { .. } => format!("fill <{kept}>"),
        Decision::Act(_) | Decision::Consult { .. } => unreachable!(),
    }
}

fn verdict(band: Band) -> Verdict {
    let top = (0..3).map(|class| Candidate { class, score: 1.0, probability: 0.3 }).collect();
    Verdict { band, top }
}

fn heard(text: &str) -> Heard<'_> {
    Heard { text, choice: "", locale: "en", phase: Phase::Pending, asked: 0, form: None, verified: false }
}

#[test]
fn the_classifier_goes_first_then_what_asks_the_same_then_what_may_be_meant() {
    let (same, like, far) = ("do you ship to spain?", "do you ship to France?", "my dog is blue");
    let table = [
        (Some(Band::Answer), same, "hours! <hours 3>", "hours! <hours 3>"),
        (Some(Band::Answer), like, "hours! <hours 3>", "hours! <hours 3>"),
        (Some(Band::Ask), same, "answer 1 <1 0>", "answer 1 <1 0>"),
        (Some(Band::Ask), like, "ask hours refund 1 human <hours 3>", "silent"),
        (Some(Band::Ask), far, "ask hours refund status human <hours 3>", "silent"),
        (Some(Band::Handoff), same, "answer 1 <1 0>", "answer 1 <1 0>"),
        (Some(Band::Handoff), like, "ask 1 human <1 3>", "silent"),
        (Some(Band::Handoff), far, "unsure < 3>", "silent"),
        // There is no model.
        (None, same, "answer 1 <1 0>", "answer 1 <1 0>"),
        (None, like, "ask 1 human <1 0>", "silent"),
        (None, far, "unsure < 0>", "silent"),
    ];
    for (band, text, pending, queued) in table {
        let verdict = band.map(verdict);
        assert_eq!(talk(&heard(text), verdict.as_ref()), pending, "{band:?} {text}");
        assert_eq!(talk(&Heard { phase: Phase::Queued, ..heard(text) }, verdict.as_ref()), queued, "{band:?} {text}");
        assert_eq!(talk(&Heard { phase: Phase::Silent, ..heard(text) }, verdict.as_ref()), "silent");
        let in_vain = talk(&Heard { asked: 2, ..heard(text) }, verdict.as_ref());
        let expected = if pending.starts_with("ask") { "asked_in_vain" } else { pending };
        assert!(in_vain.starts_with(expected), "asked twice, {band:?} {text}: {in_vain}");
    }
}

/// A draft of the library that was saved without its answer would otherwise take the message, and leave it to people.
#[test]
fn what_has_no_answer_leaves_the_message_to_the_entry() {
    let (faq, ids, sure) = (faq(), IDS.map(str::to_owned), verdict(Band::Answer));
    let decided = |text: &str, phase: Phase, change: fn(&mut Says)| {
        let mut intents = owners();
        intents[0].says = Says { answer: Words::default(), ..Says::default() };
        change(&mut intents[0].says);
        let heard = Heard { phase, ..heard(text) };
        let faq = faq.find(&Reading::of(text), "", Language::En);
        let known = Knowledge { intents: &intents, verdict: Some((&sure, &ids)), faq };
        let decision = decide(&heard, known);
        let named = Turn::of(&heard, known, &decision).intent;
        let said = match decision {
            Decision::Answer { text, .. } => text,
            Decision::Handoff { reason, .. } => reason.name().to_owned(),
            other @ (Decision::Silent
            | Decision::Ask { .. }
            | Decision::Fill { .. }
            | Decision::Act(_)
            | Decision::Consult { .. }) => format!("{other:?}"),
        };
        (said, if named == entry(1, "").id { "the entry".to_owned() } else { named })
    };
    let of = |said: &str, named: &str| (said.to_owned(), named.to_owned());
    let (same, like) = ("do you ship to spain?", "do you ship to France?");
    for phase in [Phase::Pending, Phase::Queued] {
        assert_eq!(decided(same, phase, |_| {}), of("answer 1", "the entry"));
        assert_eq!(decided(same, phase, |says| says.answer.zh = "有".into()), of("有", "hours"));
    }
    assert_eq!(decided(like, Phase::Pending, |_| {}), of("no_answer", "hours"), "nothing else is known");
    assert_eq!(decided(same, Phase::Pending, |says| says.does = Does::Handoff), of("intent", "hours"));
}

#[test]
fn a_pressed_entry_answers_whatever_else_is_meant() {
    let id = entry(0, "").id.to_string();
    let pressed = Heard { choice: &id, asked: 2, ..heard("Can I return an opened kettle after 30 days?") };
    for band in [None, Some(Band::Answer), Some(Band::Handoff)] {
        let verdict = band.map(verdict);
        assert_eq!(talk(&pressed, verdict.as_ref()), "answer 0 <0! 0>");
        assert_eq!(talk(&Heard { phase: Phase::Queued, ..pressed.clone() }, verdict.as_ref()), "answer 0 <0! 0>");
    }
    let gone = entry(99, "").id.to_string();
    assert_eq!(talk(&Heard { choice: &gone, ..heard("a fourth question") }, None), "unsure < 0>");
}

/// What asks the same as an entry is no reply to what a form asks; what only resembles it is a wrong one.
#[test]
fn a_form_is_left_for_an_entry() {
    let fields = serde_json::from_str(r#"[{"key":"order","kind":"order","ask":{"en":"","zh":""}}]"#).unwrap();
    let texts = serde_json::from_str(r#"[{"key":"what","kind":"text","ask":{"en":"","zh":""}}]"#).unwrap();
    let (faq, ids, unsure) = (faq(), IDS.map(str::to_owned), verdict(Band::Handoff));
    let does = |fields: &Vec<crate::core::bot::form::Field>, text: &str| {
        let mut intents = owners();
        intents[2].says.form.clone_from(fields);
        let form = Form::begun(intents[2].id.clone(), Language::En, fields, "");
        let heard = Heard { form: Some(&form), ..heard(text) };
        let faq = faq.find(&Reading::of(text), "", Language::En);
        match decide(&heard, Knowledge { intents: &intents, verdict: Some((&unsure, &ids)), faq }) {
            Decision::Answer { text, .. } => text,
            Decision::Fill { form, .. } => format!("wrong {}", form.wrong),
            other @ (Decision::Silent
            | Decision::Ask { .. }
            | Decision::Act(_)
            | Decision::Consult { .. }
            | Decision::Handoff { .. }) => {
                format!("{other:?}")
            }
        }
    };
    assert_eq!(does(&fields, "Do you ship to Spain?"), "answer 1");
    assert_eq!(does(&fields, "Do you ship to France?"), "wrong 1");
    assert_eq!(does(&fields, "A-1234"), "status!");
    assert_eq!(does(&texts, "Do you ship to Spain?"), "answer 1");
    assert_eq!(does(&texts, "do you ship to spain"), "answer 1", "a question without its mark");
    assert_eq!(does(&texts, "Do you ship to France?"), "status!", "any text fits");
}

/// As many entries as there may be, as long as they may be, and whatever is asked.
#[test]
fn hostile_input_and_the_largest_faq() {
    let mut chance = Chance::Seed(Entropy::new(3));
    let letters: Vec<char> = "abcdefghij 开发票怎么🙂\u{202e}\u{200b}0123456789".chars().collect();
    let mut text =
        |most: usize| -> String { (0..most).map(|_| letters[chance.below(letters.len() as u64) as usize]).collect() };
    let long = |number: usize, question: String| {
        let id = FaqId::draw(&mut Entropy::new(number as u128)).to_string();
        (Language::En, Entry { id, question, answer: "é".repeat(TEXT_CHARS * 2) })
    };
    let faq = Faq::of(
        (0..FAQ_MAX).map(|number| long(number, text(if number % 50 == 0 { QUESTION_CHARS } else { 30 }))).collect(),
        Vec::new(),
    );
    let whole = &faq.english.entries[1_234];
    let same = faq.find(&Reading::of(&whole.question), "", Language::En).same.unwrap();
    assert_eq!(same.id, whole.id);
    assert_eq!(same.said().chars().count(), TEXT_CHARS);
    assert!(faq.english.entries[0].button().label.chars().count() <= NAME_CHARS);
    for asked in [text(8_000), "🙂".repeat(262_144), "\u{202e}\u{200b}\0".into(), " ".repeat(100_000)] {
        assert_eq!(faq.find(&Reading::of(&asked), &asked, Language::Zh).same, None);
    }
    let none = Faq::default();
    let empty = none.find(&Reading::of("anything"), "", Language::En);
    assert!(empty.same.is_none() && empty.near.iter().flatten().next().is_none());
}
