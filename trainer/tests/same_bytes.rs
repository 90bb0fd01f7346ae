//! A lesson gives the same model natively as in a browser: both are compared with `lesson.sum`, the checksum at the end of the file.
//! `UPDATE=1` writes it anew, when what is learnt has changed on purpose. The browser's half is `tests/browser/console-trainer.test.mjs`.
use bellhop_trainer::core::bot::{Lesson, learn};

#[test]
fn a_lesson_gives_the_same_bytes_everywhere() {
    let lesson: Lesson = serde_json::from_str(include_str!("lesson.json")).unwrap();
    let file = learn(&lesson.corpus().unwrap()).unwrap().model.write();
    let sum: String = file.iter().rev().take(8).map(|byte| format!("{byte:02x}")).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lesson.sum");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{sum}\n")).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap().trim(), sum);
}
