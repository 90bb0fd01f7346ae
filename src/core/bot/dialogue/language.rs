//! In which language the bot answers: that of the message, or of the button that was pressed, or else the visitor's.
use super::{Heard, Meaning, find};
use crate::core::{bot::features::is_ideograph, locale::primary_tag};

/// So many words of a Latin script tell the language better than the browser does: fewer are often a name or a number.
const ENGLISH_WORDS: usize = 3;
/// So many Latin words to a character may stand in what is written by somebody who reads Chinese.
const CHARACTER_WORDS: usize = 3;

/// A language that the bot speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }

    /// The one that it is not.
    pub const fn other(self) -> Self {
        match self {
            Language::En => Language::Zh,
            Language::Zh => Language::En,
        }
    }
}

/// The language of what is said about a message: whoever presses a button has read what stands on it.
pub(in crate::core::bot) fn language(heard: &Heard<'_>, intents: &[Meaning]) -> Language {
    let is_on_it = |intent: &Meaning, language| intent.says.title.in_language(language) == heard.text;
    let language = language_of(heard.text, heard.locale);
    match find(heard.choice, intents) {
        Some(pressed) if is_on_it(pressed, language.other()) && !is_on_it(pressed, language) => language.other(),
        Some(_) | None => language,
    }
}

/// The language that a visitor wrote, or else reads.
pub fn language_of(text: &str, locale: &str) -> Language {
    let (mut n_latin, mut n_characters, mut is_chinese) = (0, 0, true);
    for word in text.split_whitespace() {
        let (mut has_letters, mut is_name) = (false, false);
        for letter in word.chars() {
            if is_ideograph(letter) {
                n_characters += 1;
                // Japanese and Korean have letters of their own beside the characters.
                is_chinese &= !matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}');
                is_name = true;
            }
            has_letters |= letter.is_alphabetic();
            is_name |= letter.is_ascii_digit();
        }
        n_latin += usize::from(has_letters && !is_name);
    }
    // Among English words a few characters are a name, among those of who reads Chinese a few words are one, or what a machine has said.
    let reads_chinese = primary_tag(locale) == "zh";
    let is_written = n_characters > 0 && n_characters * if reads_chinese { CHARACTER_WORDS } else { 1 } >= n_latin;
    let is_shown = is_written && is_chinese;
    if is_shown || n_latin < ENGLISH_WORDS && reads_chinese { Language::Zh } else { Language::En }
}
