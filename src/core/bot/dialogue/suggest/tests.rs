use super::{super::Language, *};
use crate::core::{
    bot::{
        action::Action,
        faq::Faq,
        features::Reading,
        form::{Field, Kind},
        intent::{Does, Says, Words},
        predict::{Band, Candidate, Verdict},
    },
    chance::Chance,
    id::{Entropy, FaqId, IntentId},
    limits::TEXT_CHARS,
};

const IDS: [&str; 7] = ["refund", "complaint", "empty", "parcel", "track", "hours", "gone"];

fn meaning(id: &str) -> Meaning {
    let words = |text: &str| Words { en: format!("{text} {id}"), zh: format!("{text}：{id}") };
    Meaning {
        id: IntentId::parse(id).unwrap(),
        says: Says { title: words("title"), answer: words("about"), ..Says::default() },
    }
}

fn owners() -> Vec<Meaning> {
    let mut all: Vec<Meaning> = IDS[..6].iter().map(|id| meaning(id)).collect();
    all[1].says.does = Does::Handoff;
    all[2].says.answer = Words::default();
    let number =
        Field { key: "number".into(), kind: Kind::Order, ask: Words { en: "number?".into(), zh: "单号？".into() } };
    all[3].says.form = vec![number.clone()];
    all[3].says.answer.en = "parcel {number}".into();
    all[4].says.form = vec![number];
    all[4].says.action = Some(Action { url: "https://shop.example/bot".into(), verified: false });
    all
}

fn faq() -> Faq {
    let id = |n: u8| FaqId::draw(&mut Entropy::new(u128::from(n))).to_string();
    let entry = |n: u8, question: &str| Entry { id: id(n), question: question.into(), answer: format!("answer {n}") };
    let entries = vec![
        (Language::En, entry(1, "Which colours does the kettle come in")),
        (Language::En, entry(2, "How do I descale the kettle")),
        (Language::Zh, entry(3, "水壶有哪些颜色")),
    ];
    Faq::of(entries, Vec::new())
}

/// What would be drafted, in short.
fn drafted(text: &str, locale: &str, band: Band, classes: &[&str]) -> Vec<String> {
    let intents = owners();
    let ids = IDS.map(str::to_owned);
    let class = |id: &&str| IDS.iter().position(|known| known == id).unwrap_or(99) as u16;
    let top = classes.iter().map(|id| Candidate { class: class(id), score: 1.0, probability: 0.4 }).collect();
    let verdict = Verdict { band, top };
    let faq = faq();
    let found = faq.find(&Reading::of(text), "", language_of(text, locale));
    let known = Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), faq: found };
    drafts(text, locale, known).into_iter().map(|draft| format!("{}: {}", draft.title, draft.text)).collect()
}

#[test]
fn what_is_drafted() {
    let kettle = "Which colours does the kettle come in: answer 1";
    let descale = "How do I descale the kettle: answer 2";
    let [refund, hours] = ["title refund: about refund", "title hours: about hours"];
    type Row<'a> = (&'a str, &'a str, Band, &'a [&'a str], &'a [&'a str]);
    let table: [Row<'_>; 19] = [
        ("my money", "en", Band::Answer, &["refund", "hours"], &[refund, hours]),
        ("my money", "en", Band::Ask, &["refund", "hours"], &[refund, hours]),
        ("my money", "en", Band::Handoff, &["refund", "hours"], &[]),
        ("my money", "en", Band::Handoff, &[], &[]),
        // In the visitor's language: of the message, or else the page's.
        ("我要退款", "en", Band::Answer, &["refund"], &["title：refund: about：refund"]),
        ("??", "zh-CN", Band::Ask, &["refund"], &["title：refund: about：refund"]),
        // What is gone, has no answer, or leaves it to people gives no draft.
        ("my money", "en", Band::Answer, &["gone", "complaint", "empty"], &[]),
        ("my money", "en", Band::Answer, &["complaint", "gone", "refund"], &[refund]),
        ("my money", "en", Band::Answer, &["never", "refund"], &[refund]),
        // A form asks first, and its answer has what the message says.
        ("my parcel", "en", Band::Answer, &["parcel"], &["title parcel: number?"]),
        ("where is parcel #A-1234", "en", Band::Answer, &["parcel"], &["title parcel: parcel A-1234"]),
        // The owner's system is not called for a draft.
        ("track it", "en", Band::Answer, &["track"], &["title track: number?"]),
        ("track #A-1234", "en", Band::Answer, &["track", "refund"], &[refund]),
        // The FAQ: what is asked in its words goes first, what is like it last; below any band, too.
        ("which colours does the kettle come in?", "en", Band::Handoff, &[], &[kettle]),
        ("which colours does the kettle come in?", "en", Band::Ask, &["refund"], &[kettle, refund]),
        ("which colours does the kettle come in?", "en", Band::Answer, &["refund", "hours"], &[refund, hours, kettle]),
        ("how do I get the scale off the kettle?", "en", Band::Handoff, &[], &[descale]),
        // Nothing is asked.
        ("hello", "en", Band::Answer, &["refund"], &[]),
        ("转人工", "en", Band::Answer, &["refund"], &[]),
    ];
    for (text, locale, band, classes, expected) in table {
        assert_eq!(drafted(text, locale, band, classes), expected, "{text} {band:?} {classes:?}");
    }
}

/// Whatever is written, there are at most three, each once, none of them empty or longer than a message.
#[test]
fn drafts_are_few_and_may_be_sent() {
    let mut dice = Chance::Seed(Entropy::new(11));
    let words = [
        "kettle",
        "which colours",
        "水壶",
        "颜色",
        "#A-1234",
        "refund",
        "\u{202e}",
        "😀",
        "\0",
        " ",
        "which colours does the kettle come in",
    ];
    for _ in 0..500 {
        let text: String = (0..dice.below(6)).map(|_| words[dice.below(words.len() as u64) as usize]).collect();
        let band = [Band::Answer, Band::Ask, Band::Handoff][dice.below(3) as usize];
        let classes: Vec<&str> = (0..dice.below(4)).map(|_| IDS[dice.below(7) as usize]).collect();
        let found = drafted(&text, ["", "en", "zh-TW", "x"][dice.below(4) as usize], band, &classes);
        assert!(found.len() <= 3, "{text:?} {found:?}");
        let mut once = found.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), found.len(), "{text:?} {found:?}");
        for draft in &found {
            let said = draft.split_once(": ").unwrap().1;
            assert!(!said.trim().is_empty() && said.chars().count() <= TEXT_CHARS);
        }
    }
}
