//! The same natively: a corpus and questions in, the model's file and the bits of every verdict out.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, questions, model] = paths.as_slice() else { return Err("corpus, questions, model".into()) };
    let learned = bot::bot::learn(&bot::corpus(&std::fs::read_to_string(corpus)?)).map_err(|error| error.code())?;
    std::fs::write(model, learned.model.write())?;
    for question in std::fs::read_to_string(questions)?.lines() {
        let bits: Vec<String> =
            bot::numbers(&learned.model, question).iter().map(|number| number.to_bits().to_string()).collect();
        println!("{}", bits.join(" "));
    }
    Ok(())
}
