use serde_json::{Value, json};

use super::*;
use crate::core::{
    id::Entropy,
    limits::{ACTION_BYTES, TEXT_CHARS},
};

fn heard(text: &str) -> Heard<'_> {
    Heard { text, choice: "", locale: "en", phase: Phase::Pending, asked: 0, form: None, verified: false }
}

#[test]
fn it_says_who_asks_what() {
    let (conversation, visitor) = (ConversationId::least(), VisitorId::draw(&mut Entropy::new(1)));
    let told = |heard: &Heard<'_>, subject| {
        let asked = Asked { conversation: &conversation, seq: 7, visitor: &visitor, subject, is_try: false };
        serde_json::from_str::<Value>(&body(&asked, heard)).unwrap()
    };
    assert_eq!(
        told(&heard("is it \"here\"?\u{7}\n"), None),
        json!({"conversation": conversation.as_str(), "message": {"seq": 7, "text": "is it \"here\"?\u{7}\n"},
            "visitor": {"id": visitor.as_str(), "verified": false, "anonymous": true}, "locale": "en", "phase": "pending"})
    );
    let pressed = Heard { choice: "-2", phase: Phase::Queued, ..heard("到哪了") };
    assert_eq!(
        told(&pressed, Some("customer\"7")),
        json!({"conversation": conversation.as_str(), "message": {"seq": 7, "text": "到哪了", "choice": 2},
            "visitor": {"id": visitor.as_str(), "verified": true, "subject": "customer\"7"}, "locale": "zh", "phase": "queued"})
    );
    let tried = Asked { conversation: &conversation, seq: 7, visitor: &visitor, subject: None, is_try: true };
    let tried: Value = serde_json::from_str(&body(&tried, &heard("a"))).unwrap();
    assert_eq!((&tried["try"], &tried["message"]["text"]), (&json!(true), &json!("a")));
    for choice in ["gone", "-", "-x", "-0", "-4", "-1000", "--1", "2"] {
        assert_eq!(told(&Heard { choice, ..heard("a") }, None)["message"], json!({"seq": 7, "text": "a"}), "{choice}");
    }
}

/// In short.
fn said(status: u16, body: Option<&[u8]>, text: &str) -> String {
    match read(status, body, &heard(text)) {
        None => "nothing".into(),
        Some(Decision::Answer { text, choices, .. }) => {
            choices.iter().fold(text, |text, choice| format!("{text} [{}: {}]", choice.id, choice.label))
        }
        Some(Decision::Handoff { reason, text, .. }) => format!("{}: {text}", reason.name()),
        Some(decision) => panic!("{decision:?}"),
    }
}

#[test]
fn what_is_an_answer() {
    let hands_over = "webhook: I'm handing you over to a person. They can read everything we have written here.";
    let table = [
        (r#"{"text":"Here."}"#, "Here."),
        ("\u{feff}{\"text\":\"Here.\"}", "Here."),
        (r#" {"text":"  a\r\nb\u0000 ","more":[1],"buttons":[],"hand_over":false}"#, "a\nb"),
        (r#"{"text":{"zh":"在这里","en":"Here."}}"#, "Here."),
        (r#"{"text":{"zh":"在这里"}}"#, "在这里"),
        (r#"{"text":"<img src=x onerror=alert(1)>"}"#, "<img src=x onerror=alert(1)>"),
        (r#"{"text":"Which?","buttons":["One"," Two\n2 ","三"]}"#, "Which? [-1: One] [-2: Two 2] [-3: 三]"),
        (r#"{"text":"Wait.","hand_over":true}"#, "webhook: Wait."),
        (r#"{"hand_over":true}"#, hands_over),
        (r#"{"text":" ","hand_over":true,"buttons":["a","b","c","d"]}"#, hands_over),
        (r#"{"hand_over":true,"text":null,"buttons":null}"#, hands_over),
        (r#"{"text":"Hi","buttons":null,"hand_over":null}"#, "Hi"),
        (r#"{"text":{"en":"Hi","zh":null}}"#, "Hi"),
        (r#"{"text":{"en":null}}"#, "nothing"),
        (r#"{"text":null,"buttons":["1"]}"#, "nothing"),
        (r#"{"text":"Which?","buttons":["1","2","3","4"]}"#, "nothing"),
        (r#"{"text":"Which?","buttons":["1"," "]}"#, "nothing"),
        (r#"{"text":"Which?","buttons":[1]}"#, "nothing"),
        (r#"{"text":"Which?","buttons":"1"}"#, "nothing"),
        (r#"{"text":"Wait.","hand_over":"yes"}"#, "nothing"),
        (r#"{"text":""}"#, "nothing"),
        (r#"{"text":{"de":"Hier."}}"#, "nothing"),
        (r#"{"text":7}"#, "nothing"),
        (r#"{"text":null}"#, "nothing"),
        (r#"{"text":"a","text":"b"}"#, "nothing"),
        (r#"{"message":"Here."}"#, "nothing"),
        (r#"["Here.",[],false]"#, "nothing"),
        (r#"{"text":"\ud800"}"#, "nothing"),
        (r#"{"text":"Here."} {"text":"There."}"#, "nothing"),
        (r#"{"text":"Here."#, "nothing"),
        ("Here.", "nothing"),
        ("null", "nothing"),
        ("", "nothing"),
    ];
    for (body, expected) in table {
        assert_eq!(said(200, Some(body.as_bytes()), "where is it"), expected, "{body}");
    }
    let good = br#"{"text":{"zh":"\u5728\u8fd9\u91cc","en":"Here."}}"#;
    assert_eq!(said(200, Some(good), "在哪里"), "在这里");
    for status in [0, 201, 204, 301, 302, 307, 400, 401, 404, 429, 500, 503] {
        assert_eq!(said(status, Some(good), "where"), "nothing", "{status}");
    }
    assert_eq!(said(200, None, "where"), "nothing");
    assert_eq!(said(200, Some(b"{\"text\":\"\xff\"}"), "where"), "nothing");
    let nested = "[".repeat(8_000);
    assert_eq!(said(200, Some(format!("{{\"x\":{nested}").as_bytes()), "where"), "nothing");
}

#[test]
fn what_is_long_is_cut_or_refused() {
    let of = |letters: usize| format!(r#"{{"text":"{}"}}"#, "x".repeat(letters));
    assert_eq!(said(200, Some(of(TEXT_CHARS + 50).as_bytes()), "where").len(), TEXT_CHARS);
    assert_eq!(said(200, Some(of(ACTION_BYTES).as_bytes()), "where"), "nothing");
    let label = format!(r#"{{"text":"a","buttons":["{}"]}}"#, "长".repeat(NAME_CHARS + 9));
    assert_eq!(said(200, Some(label.as_bytes()), "where"), format!("a [-1: {}]", "长".repeat(NAME_CHARS)));
}
