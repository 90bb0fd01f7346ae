use super::*;
use crate::core::{
    bot::{features::READ_CHARS, intent::Words, predict::Candidate},
    chance::Chance,
    id::Entropy,
};

fn intent(id: &str, does: Does, buttons: &[&str]) -> Meaning {
    let name = |id: &str| IntentId::parse(id).unwrap();
    let says = Says {
        title: Words { en: format!("{id}?"), zh: format!("{id}吗") },
        answer: Words { en: format!("{id} in English"), zh: format!("{id}的中文") },
        picture: Words::default(),
        does,
        buttons: buttons.iter().map(|id| name(id)).collect(),
        form: Vec::new(),
        action: None,
        article: None,
        handoff_team: None,
        handoff_level: 0,
        tags: Vec::new(),
    };
    Meaning { id: name(id), says }
}

fn mute(mut intent: Meaning) -> Meaning {
    intent.says.answer = Words::default();
    intent
}

fn owners() -> Vec<Meaning> {
    vec![
        intent("cancel", Does::Answer, &["refund", "nothing", "status"]),
        intent("complaint", Does::Handoff, &[]),
        mute(intent("empty", Does::Answer, &[])),
        intent("refund", Does::Answer, &[]),
        intent("status", Does::Answer, &[]),
    ]
}

/// Classes of a model that was learnt when there was one more intent.
const IDS: [&str; 6] = ["cancel", "complaint", "empty", "gone", "refund", "status"];

fn verdict(band: Band, classes: &[&str]) -> Verdict {
    let class = |id: &str| IDS.iter().position(|it| *it == id).unwrap_or(99) as u16;
    let top = classes.iter().map(|id| Candidate { class: class(id), score: 1.0, probability: 0.5 }).collect();
    Verdict { band, top }
}

fn heard(text: &str, phase: Phase) -> Heard<'_> {
    Heard { text, choice: "", locale: "en-GB", phase, asked: 0, form: None, verified: false }
}

/// In short: what it does, and about what.
fn shown(decision: &Decision) -> String {
    let labels =
        |choices: &[Choice]| choices.iter().map(|it| format!(" [{}: {}]", it.id, it.label)).collect::<String>();
    match decision {
        Decision::Silent | Decision::Consult { .. } => "silent".into(),
        Decision::Answer { text, choices, .. } => format!("answer {text}{}", labels(choices)),
        Decision::Ask { choices, .. } => format!("ask{}", labels(choices)),
        Decision::Act(action) => format!("act {}", action.url),
        Decision::Fill { text, form } => format!("fill {:?} {text}", form.values),
        Decision::Handoff { reason, text, .. } => format!("handoff {} {}", reason.name(), text.chars().count().min(1)),
    }
}

fn with(heard: &Heard<'_>, verdict: &Verdict, intents: &[Meaning]) -> String {
    let ids: Vec<String> = IDS.iter().map(|id| (*id).to_owned()).collect();
    shown(&decide(heard, Knowledge { intents, verdict: Some((verdict, &ids)), ..Knowledge::default() }))
}

#[test]
fn what_is_done_by_band_and_phase() {
    let table: [(Band, &[&str], &str, &str); 11] = [
        (Band::Answer, &["refund"], "answer refund in English", "answer refund in English"),
        (
            Band::Answer,
            &["cancel", "refund", "status"],
            "answer cancel in English [refund: refund?] [status: status?]",
            "answer cancel in English [refund: refund?] [status: status?]",
        ),
        (Band::Answer, &["complaint"], "handoff intent 1", "silent"),
        (Band::Answer, &["empty"], "handoff no_answer 1", "silent"),
        // Taken away since it was learnt: what is left may be meant.
        (Band::Answer, &["gone", "status"], "ask [status: status?] [human: Talk to a person]", "silent"),
        (Band::Answer, &["gone"], "handoff unsure 1", "silent"),
        (
            Band::Ask,
            &["refund", "status", "cancel"],
            "ask [refund: refund?] [status: status?] [cancel: cancel?] [human: Talk to a person]",
            "silent",
        ),
        (Band::Ask, &["gone"], "handoff unsure 1", "silent"),
        (Band::Ask, &["no class of this model"], "handoff unsure 1", "silent"),
        (Band::Handoff, &["refund"], "handoff unsure 1", "silent"),
        (Band::Handoff, &[], "handoff unsure 1", "silent"),
    ];
    for (band, top, pending, queued) in table {
        let verdict = verdict(band, top);
        let text = "what about my order";
        assert_eq!(with(&heard(text, Phase::Pending), &verdict, &owners()), pending, "{band:?} {top:?}");
        assert_eq!(with(&heard(text, Phase::Queued), &verdict, &owners()), queued, "{band:?} {top:?}");
        assert_eq!(with(&heard(text, Phase::Silent), &verdict, &owners()), "silent");
    }
}

#[test]
fn it_asks_twice_in_a_row_and_no_more() {
    let verdict = verdict(Band::Ask, &["refund"]);
    for (asked, expected) in [
        (0, "ask [refund: refund?] [human: Talk to a person]"),
        (1, "ask [refund: refund?] [human: Talk to a person]"),
        (2, "handoff asked_in_vain 1"),
        (255, "handoff asked_in_vain 1"),
    ] {
        assert_eq!(with(&Heard { asked, ..heard("hm", Phase::Pending) }, &verdict, &owners()), expected);
    }
    let verdict = self::verdict(Band::Answer, &["refund"]);
    let asked = Heard { asked: 2, ..heard("my money back", Phase::Pending) };
    assert_eq!(with(&asked, &verdict, &owners()), "answer refund in English", "said plainly it is understood");
}

#[test]
fn what_is_pressed_is_what_is_meant() {
    let unsure = verdict(Band::Handoff, &[]);
    let pressed = |choice, phase| Heard { choice, asked: 2, ..heard("refund?", phase) };
    assert_eq!(with(&pressed("refund", Phase::Pending), &unsure, &owners()), "answer refund in English");
    assert_eq!(with(&pressed("refund", Phase::Queued), &unsure, &owners()), "answer refund in English");
    assert_eq!(with(&pressed("complaint", Phase::Pending), &unsure, &owners()), "handoff intent 1");
    assert_eq!(with(&pressed("human", Phase::Pending), &unsure, &owners()), "handoff visitor_asked 1");
    assert_eq!(with(&pressed("human", Phase::Queued), &unsure, &owners()), "silent");
    assert_eq!(with(&pressed("never_was", Phase::Pending), &unsure, &owners()), "handoff unsure 1", "judged as said");
    let empty = Heard { text: "", ..pressed("refund", Phase::Pending) };
    assert_eq!(with(&empty, &unsure, &owners()), "answer refund in English");
}

#[test]
fn without_text_or_model_people_take_over() {
    for text in ["", " ", "\u{3000}\n"] {
        assert_eq!(
            with(&heard(text, Phase::Pending), &verdict(Band::Answer, &["refund"]), &owners()),
            "handoff no_text 1"
        );
        assert_eq!(with(&heard(text, Phase::Queued), &verdict(Band::Answer, &["refund"]), &owners()), "silent");
    }
    let nothing = Knowledge { intents: &[], verdict: None, ..Knowledge::default() };
    assert_eq!(shown(&decide(&heard("where is my parcel", Phase::Pending), nothing)), "handoff unsure 1");
    assert!(shown(&decide(&heard("hello!", Phase::Pending), nothing)).starts_with("answer Hello"));
}

#[test]
fn small_talk_in_both_languages() {
    let unsure = verdict(Band::Handoff, &[]);
    for (text, expected) in [
        ("Hi!", "answer Hello"),
        ("ＨＥＬＬＯ", "answer Hello"),
        ("你好！", "answer 您好"),
        ("在嗎？", "answer 您好"),
        ("Thank you so much!!", "answer You're welcome"),
        ("谢谢～", "answer 不客气"),
        ("再见", "answer 再见"),
        ("are you a robot?", "answer I'm an automated"),
        ("你是机器人吗？", "answer 我是自动"),
        ("转人工", "handoff visitor_asked"),
        ("請轉人工客服", "handoff visitor_asked"),
        ("我要转人工！！", "handoff visitor_asked"),
        ("Can I please talk to a human?", "handoff visitor_asked"),
        ("no, let me speak to an agent", "handoff visitor_asked"),
        ("AGENT", "handoff visitor_asked"),
        ("No", "answer All right."),
        ("没有", "answer 好的。"),
        ("Yes", "ask [human: Talk to a person]"),
        ("是的", "ask [human: 转人工客服]"),
        ("ok", "answer You're welcome"),
        ("👍🏽", "answer You're welcome"),
        ("❤️ 🙏", "answer You're welcome"),
        ("好的", "answer 不客气"),
        ("no thanks", "answer Goodbye"),
        ("No, thank you!", "answer Goodbye"),
        ("不用了", "answer 再见"),
        ("没有，谢谢", "answer 再见"),
        ("？？？", "ask [human"),
        ("?", "ask [human"),
        ("👎", "handoff unsure"),
        ("😡", "handoff unsure"),
        ("...", "handoff unsure"),
        ("no, it did not help", "handoff unsure"),
        ("I don't want to talk to a human", "handoff unsure"),
        ("不要转人工", "handoff unsure"),
        ("hi, where is my order", "handoff unsure"),
        ("talk to a humanoid", "handoff unsure"),
    ] {
        let decided = with(&heard(text, Phase::Pending), &unsure, &owners());
        assert!(decided.starts_with(expected), "{text}: {decided}");
    }
    // After "did you mean …" these are answers to that.
    for (text, expected) in [
        ("yes", "handoff unsure"),
        ("no", "handoff unsure"),
        ("ok", "handoff unsure"),
        ("👍", "handoff unsure"),
        ("thanks", "answer You're"),
    ] {
        let asked = Heard { asked: 1, ..heard(text, Phase::Pending) };
        assert!(with(&asked, &unsure, &owners()).starts_with(expected), "{text}");
    }
    // An owner's intent that has learnt such a word is what is meant.
    let learnt = verdict(Band::Answer, &["refund"]);
    assert_eq!(
        with(&heard("yes", Phase::Pending), &learnt, &owners()),
        with(&heard("refund me", Phase::Pending), &learnt, &owners())
    );
    let long = format!("{} talk to a human", "word ".repeat(20));
    assert!(
        with(&heard(&long, Phase::Pending), &unsure, &owners()).starts_with("handoff unsure"),
        "that is for the classifier"
    );
}

#[test]
fn who_waits_for_a_person_is_not_greeted() {
    let mut intents = owners();
    intents.push(intent("thanks", Does::Answer, &[]));
    let ids: Vec<String> = ["thanks", "refund"].map(str::to_owned).to_vec();
    for (text, class, expected) in [
        ("anyone there?", 9, "silent"),
        ("有人吗", 9, "silent"),
        ("are you a bot?", 9, "silent"),
        ("ok", 9, "silent"),
        ("thanks", 9, "silent"),
        ("thanks", 1, "silent"),
        ("you have helped me a lot", 0, "silent"),
        ("talk to a human", 1, "silent"),
        ("my money", 1, "answer refund in English"),
    ] {
        let top = vec![Candidate { class, score: 1.0, probability: 0.5 }];
        let verdict = Verdict { band: Band::Answer, top };
        let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() };
        assert_eq!(shown(&decide(&heard(text, Phase::Queued), known)), expected, "{text}");
    }
    let pressed = Heard { choice: "thanks", ..heard("thanks?", Phase::Queued) };
    assert_eq!(
        with(&pressed, &verdict(Band::Handoff, &[]), &intents),
        "answer thanks in English",
        "a button is no small talk"
    );
}

#[test]
fn the_owner_has_the_last_word_on_small_talk() {
    let unsure = verdict(Band::Handoff, &[]);
    let mut intents = owners();
    intents.push(intent("greeting", Does::Answer, &["status"]));
    intents.push(mute(intent("thanks", Does::Answer, &[])));
    intents.push(intent("human", Does::Answer, &[]));
    assert_eq!(
        with(&heard("hello", Phase::Pending), &unsure, &intents),
        "answer greeting in English [status: status?]"
    );
    assert!(
        with(&heard("thanks", Phase::Pending), &unsure, &intents).starts_with("answer You're welcome"),
        "a draft without words"
    );
    let human = decide(
        &heard("转人工", Phase::Pending),
        Knowledge { intents: &intents, verdict: None, ..Knowledge::default() },
    );
    let text = "human的中文".into();
    assert_eq!(
        human,
        Decision::Handoff { reason: Reason::Asked, text, image: String::new(), form: None, to: Takers::default() },
        "in the owner's words"
    );
}

#[test]
fn answers_are_in_the_visitors_language() {
    let verdict = verdict(Band::Answer, &["refund"]);
    for (text, locale, expected) in [
        ("where is my money", "zh-CN", "answer refund in English"),
        ("我的钱呢", "en", "answer refund的中文"),
        ("我的 order 呢", "en", "answer refund的中文"),
        ("A-1234", "zh-TW", "answer refund的中文"),
        ("refund", "zh_Hans", "answer refund的中文"),
        ("refund", "de", "answer refund in English"),
        ("返金してください", "ja", "answer refund in English"),
        ("환불", "ko", "answer refund in English"),
        ("返金してください", "zh", "answer refund的中文"),
        ("🤷", "", "answer refund in English"),
        ("Where is it?", "zh-CN", "answer refund in English"),
        ("“It’s broken,” I said", "zh-CN", "answer refund in English"),
        ("A-1234, B-1234, C-1234", "zh-CN", "answer refund的中文"),
        ("我的iPhone 15 Pro Max到哪了？", "en", "answer refund的中文"),
        ("Do you still have the 小米 phone case?", "en", "answer refund in English"),
        ("Can I return the 小米 phone that I bought?", "zh-CN", "answer refund in English"),
        ("提示 Payment failed, please try again 怎么办", "zh-CN", "answer refund的中文"),
        ("報錯 cannot connect to the server", "zh-TW", "answer refund的中文"),
    ] {
        let said = with(&Heard { locale, ..heard(text, Phase::Pending) }, &verdict, &owners());
        assert_eq!(said, expected, "{text} {locale}");
    }
    for (label, locale, expected) in [
        ("refund?", "zh-CN", "answer refund in English"),
        ("refund吗", "en", "answer refund的中文"),
        ("another label", "zh-CN", "answer refund的中文"),
    ] {
        let pressed = Heard { choice: "refund", locale, ..heard(label, Phase::Pending) };
        assert_eq!(with(&pressed, &verdict, &owners()), expected, "{label} {locale}");
    }
    let one = Words { en: " ".into(), zh: "只有中文".into() };
    assert_eq!((one.in_language(Language::En), one.in_language(Language::Zh)), ("只有中文", "只有中文"));
}

#[test]
fn a_question_back_offers_a_person_once_by_the_owners_words_if_they_have_any() {
    let verdict = verdict(Band::Ask, &["refund"]);
    let ask = |text, locale, intents: &[Meaning]| {
        with(&Heard { text, locale, ..heard("", Phase::Pending) }, &verdict, intents)
    };
    let mut intents = owners();
    assert_eq!(ask("那个怎么弄", "en", &intents), "ask [refund: refund吗] [human: 转人工客服]");
    intents.push(intent("human", Does::Handoff, &[]));
    assert_eq!(ask("what about it", "en", &intents), "ask [refund: refund?] [human: human?]");
    let verdict = Verdict { top: vec![Candidate { class: 0, score: 1.0, probability: 0.5 }], ..verdict };
    let decided = decide(
        &heard("what about it", Phase::Pending),
        Knowledge { intents: &intents, verdict: Some((&verdict, &["human".to_owned()])), ..Knowledge::default() },
    );
    assert_eq!(shown(&decided), "ask [human: human?]");
}

/// Whatever comes in: no panic, nothing too long, never more than silence where the bot has no say.
#[test]
fn hostile_input() {
    let megabyte = "🙂".repeat(262_144);
    let mixed = "\u{202e}\u{200b}\u{feff}转\u{200d}人\u{2066}工 \u{fffd}";
    let mut intents = owners();
    let mut long = intent("long", Does::Answer, &["long"; 100]);
    long.says.title.en = "x".repeat(10_000);
    long.says.answer.en = "é".repeat(100_000);
    intents.push(long);
    let mut chance = Chance::Seed(Entropy::new(8));
    for text in [megabyte.as_str(), mixed, "\0\0", &"转人工".repeat(5_000), &"a ".repeat(READ_CHARS)] {
        for phase in [Phase::Pending, Phase::Queued, Phase::Silent] {
            for choice in ["", "long", "human", text] {
                let top: Vec<&str> = (0..3).map(|_| IDS[chance.below(6) as usize]).collect();
                let band = [Band::Answer, Band::Ask, Band::Handoff][chance.below(3) as usize];
                let ids: Vec<String> = IDS.iter().map(|id| (*id).to_owned()).collect();
                let verdict = verdict(band, &top);
                let heard = Heard {
                    text,
                    choice,
                    locale: text,
                    phase,
                    asked: chance.below(4) as u8,
                    form: None,
                    verified: false,
                };
                let decided = decide(
                    &heard,
                    Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() },
                );
                match (phase, decided) {
                    (Phase::Silent, decided) => assert_eq!(decided, Decision::Silent),
                    (
                        Phase::Queued,
                        Decision::Ask { .. } | Decision::Fill { .. } | Decision::Act(_) | Decision::Handoff { .. },
                    ) => {
                        panic!("asks who waits")
                    }
                    (_, Decision::Answer { text, choices, .. } | Decision::Ask { text, choices }) => {
                        assert!(text.chars().count() <= TEXT_CHARS && choices.len() <= BOT_CHOICES);
                        assert!(choices.iter().all(|choice| choice.label.chars().count() <= NAME_CHARS));
                    }
                    (_, Decision::Consult { .. }) => panic!("no model is asked here"),
                    (_, Decision::Handoff { .. } | Decision::Fill { .. } | Decision::Act(_) | Decision::Silent) => {}
                }
            }
        }
    }
    assert_eq!(small_talk::find(&fold(mixed), None), Some(small_talk::HUMAN), "marks of direction hide nothing");
}
