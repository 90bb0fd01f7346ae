//! What an owner writes or pastes, tidied and bounded.
use crate::core::problem::Problem;

/// One line: every run of blanks, breaks and control characters is one blank.
///
/// # Errors
/// It has more than `most` characters.
pub fn line(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let mut tidy = String::new();
    for part in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if !tidy.is_empty() && !part.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(part);
    }
    bounded(field, tidy, most)
}

/// Several lines, ended by line feeds. Of the control characters only tabs stay.
///
/// # Errors
/// It has more than `most` characters.
pub fn lines(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let tidy =
        text.replace("\r\n", "\n").replace(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'), "");
    bounded(field, tidy.trim().to_owned(), most)
}

fn bounded(field: &str, text: String, most: usize) -> Result<String, Problem> {
    match text.chars().nth(most) {
        Some(_) => Err(Problem::field(field, format!("longer than {most} characters"))),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_tidied() {
        let table = [
            ("", "", ""),
            ("  where\tis \r\n it? ", "where is it?", "where\tis \n it?"),
            ("\u{0}a\u{7}b\u{85}c", "a b c", "abc"),
            ("订单\u{3000}到哪了", "订单 到哪了", "订单\u{3000}到哪了"),
            ("one\n\n* two", "one * two", "one\n\n* two"),
            ("\u{200b}\u{202e}", "\u{200b}\u{202e}", "\u{200b}\u{202e}"),
        ];
        for (text, one, several) in table {
            assert_eq!(line("x", text, 20).as_deref(), Ok(one), "{text:?}");
            assert_eq!(lines("x", text, 20).as_deref(), Ok(several), "{text:?}");
        }
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        for letter in ["x", "长", "🙂"] {
            let (fits, over) = (letter.repeat(400), letter.repeat(401));
            assert_eq!(line("x", &fits, 400).as_ref(), Ok(&fits));
            assert_eq!(lines("x", &fits, 400).as_ref(), Ok(&fits));
            assert!(line("x", &over, 400).is_err() && lines("x", &over, 400).is_err());
        }
    }
}
