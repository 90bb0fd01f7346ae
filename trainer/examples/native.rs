//! The same natively, for comparing: a lesson, questions by line and a model's file to write; the bits of every verdict come out.
use bellhop_trainer::{core::bot, exports::numbers};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [lesson, questions, model] = paths.as_slice() else { return Err("lesson, questions, model".into()) };
    let lesson: bot::Lesson = serde_json::from_slice(&std::fs::read(lesson)?)?;
    let learned = lesson.corpus().and_then(|corpus| bot::learn(&corpus)).map_err(|error| error.code())?;
    std::fs::write(model, learned.model.write())?;
    for question in std::fs::read_to_string(questions)?.lines() {
        let numbers = numbers(&learned.model, question, u32::MAX);
        let bits: Vec<String> = numbers.iter().map(|number| number.to_bits().to_string()).collect();
        std::io::Write::write_all(&mut std::io::stdout(), format!("{}\n", bits.join(" ")).as_bytes())?;
    }
    Ok(())
}
