//! The model that the runtime tests send: learnt here, natively, from a few sentences, and kept as a file. The same examples give the
//! same bytes on every machine, so a file that differs says that the format or the learning has changed.
//!
//! `UPDATE=1 cargo test --test bot_model` writes it anew.

use std::{fs, path::Path};

use bellhop::core::bot::{Band, Corpus, Model, learn};

#[test]
fn the_same_examples_give_the_same_file() {
    let mut corpus = Corpus::default();
    for (id, texts) in [
        ("order_status", ["where is my order", "track my parcel", "has it shipped yet", "我的订单到哪了", "查物流"]),
        ("refund_request", ["i want a refund", "give me my money back", "refund please", "我要退款", "把钱退给我"]),
        ("business_hours", ["when do you open", "opening hours", "open on sunday?", "几点开门", "营业时间"]),
    ] {
        assert!(corpus.add(id, texts));
    }
    let file = learn(&corpus).unwrap().model.write();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bot-model.bin");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &file).unwrap();
    }
    assert!(fs::read(&path).unwrap_or_default() == file, "UPDATE=1 cargo test --test bot_model");
    let model = Model::read(&file).unwrap();
    let verdict = model.judge("Where is the order?");
    assert_eq!(model.intents()[usize::from(verdict.top[0].class)], "order_status");
    // What counting says of so few examples: next to nothing, or whoever has just begun has a bot that takes a shrug for a question.
    for shrug in ["I have no idea", "no idea"] {
        assert_ne!(model.judge(shrug).band, Band::Answer, "{shrug}: {:?}", model.judge(shrug));
    }
}
