//! What is handed on of a decision, for a page to show.
use bellhop_trainer::{core::bot::faq::Faq, judge::judge};
use serde_json::{Value, json};

#[test]
fn a_picture_is_handed_on_with_the_words_that_it_goes_with() {
    let intent = |id: &str, does: &str, texts: &[&str]| json!({ "id": id, "texts": texts, "does": does, "buttons": [], "form": [] });
    let intents = [
        intent("map", "answer", &["", "", "Here", "在这里", "0f-4x3 A map", "0f-4x3 地图"]),
        intent("call", "handoff", &["", "", "They come", "", "0f-4x3 People", "", ""]),
        intent("plain", "answer", &["", "", "Said"]),
        intent("act", "answer", &["", "", "Said", "", "0f-4x3 Nothing", "", "https://shop.example"]),
    ];
    let shown = |choice: &str, locale: &str| {
        let said = json!({ "text": "a", "choice": choice, "locale": locale, "asked": 0, "intents": intents });
        let (faq, said) = (Faq::default(), serde_json::from_value(said).unwrap());
        let verdict = serde_json::to_value(judge(None, &faq, said)).unwrap();
        [&verdict["does"], &verdict["text"], &verdict["image"]].map(Value::clone)
    };
    assert_eq!(shown("map", "en"), ["answer", "Here", "0f-4x3 A map"]);
    assert_eq!(shown("map", "zh"), ["answer", "在这里", "0f-4x3 地图"]);
    assert_eq!(shown("call", "zh"), ["handoff", "They come", "0f-4x3 People"]);
    assert_eq!(shown("plain", "en"), ["answer", "Said", ""]);
    assert_eq!(shown("act", "en"), ["act", "https://shop.example", ""]);
}
