//! A bot's model that is whole by its checksum and made by whoever may send one: refused, or judged by without harm.

use std::sync::OnceLock;

use bellhop::core::bot::{Corpus, Model, learn};

use crate::bytes::Bytes;

/// How many bytes of a file are its checksum.
const SUM: usize = 8;

/// A small model, whole.
fn good() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let mut corpus = Corpus::default();
        let examples = [
            ("refund", ["I want my money back", "please refund me", "我要退款"]),
            ("hours", ["when do you open", "opening hours", "几点开门"]),
            ("human", ["let me talk to a person", "an agent, please", "转人工"]),
        ];
        for (id, texts) in examples {
            assert!(corpus.add(id, texts));
        }
        learn(&corpus).expect("a model").model.write()
    })
}

/// Some bytes of the good one are others, or it is longer or shorter; then a text is judged by it.
pub fn play(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    let mut file = good().to_vec();
    file.truncate(file.len() - SUM);
    for _ in 0..bytes.below(16) {
        match bytes.below(8) {
            0 => file.truncate(file.len().saturating_sub(bytes.number() as usize % 1_000)),
            1 => file.extend_from_slice(bytes.piece()),
            near => {
                // Most of what can be wrong stands at the beginning.
                let span = if near < 6 { 600 } else { file.len() };
                let place = (usize::from(bytes.byte()) << 8 | usize::from(bytes.byte())) % span.max(1);
                if let Some(byte) = file.get_mut(place) {
                    *byte = bytes.byte();
                }
            }
        }
    }
    let sum = file
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    file.extend_from_slice(&sum.to_le_bytes());
    let Ok(model) = Model::read(&file) else { return };
    assert_eq!(Model::read(&model.write()).as_ref(), Ok(&model), "what was read is written as it was");
    let text = String::from_utf8_lossy(bytes.rest());
    for text in ["I want my money back 我要退款", &text] {
        let verdict = model.judge(text);
        for candidate in &verdict.top {
            assert!(usize::from(candidate.class) < model.intents().len(), "{verdict:?}");
            assert!((0.0..=1.0).contains(&candidate.probability), "{verdict:?}");
            drop(model.contributions(text, candidate.class));
        }
    }
}
