//! The values of a form in what people write: a number is taken where it can be no other than the one that is meant. To ask once more is
//! better than an order, or an address, of somebody else's.
use crate::core::{
    bot::features::{READ_CHARS, half_width, is_invisible},
    email,
    limits::{ORDER_CHARS, ORDER_DIGITS, PHONE_DIGITS},
};

fn tidy(text: &str) -> String {
    text.chars().take(READ_CHARS).filter(|letter| !is_invisible(*letter)).map(half_width).collect()
}

/// What might be a number or an address.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-@._+#".contains(letter)))
        .filter(|it| !it.is_empty())
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | '#' | '-')
}

pub(super) fn address(text: &str) -> Option<String> {
    let text = tidy(text);
    tokens(&text).find_map(|token| {
        let lower = token.trim_matches(is_mark).to_ascii_lowercase();
        email::is_address(&lower).then_some(lower)
    })
}

/// `is_asked`: it was asked for, so a plain number will do. Else it has a mark (#), or letters and digits both.
pub(super) fn order(text: &str, is_asked: bool) -> Option<String> {
    let text = tidy(text);
    let is_alone = tokens(&text).eq([text.trim()]);
    let mut best: Option<(usize, &str)> = None;
    // What stands beside an @ is a part of an address.
    for token in tokens(&text).filter(|token| !token.contains('@')).flat_map(|token| token.split(['.', '_', '+'])) {
        let (is_marked, bare) = match token.rsplit_once('#') {
            Some((_, number)) => (true, number),
            None => (false, token),
        };
        let bare = bare.trim_matches(is_mark);
        let n_digits = bare.bytes().filter(u8::is_ascii_digit).count();
        let is_mixed = bare.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is_one = ORDER_CHARS.contains(&bare.len()) && n_digits > 0;
        let is_sure = is_marked || n_digits >= ORDER_DIGITS && (is_asked || is_mixed) || is_asked && is_alone;
        let weight = if is_marked { ORDER_CHARS.end() + n_digits } else { n_digits };
        if is_one && is_sure && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, bare));
        }
    }
    best.map(|(_, bare)| bare.to_owned())
}

/// `is_asked`: it was asked for. Else it has the + of another country.
pub(super) fn phone(text: &str, is_asked: bool) -> Option<String> {
    let text = tidy(text);
    let is_part = |letter: char| letter.is_ascii_digit() || " +-().".contains(letter);
    text.split(|letter| !is_part(letter)).find_map(|run| {
        let digits: String = run.chars().filter(char::is_ascii_digit).collect();
        let is_foreign =
            run.trim_start_matches(|letter: char| !letter.is_ascii_digit() && letter != '+').starts_with('+');
        let is_one = PHONE_DIGITS.contains(&digits.len()) && (is_asked || is_foreign);
        is_one.then(|| if is_foreign { format!("+{digits}") } else { digits })
    })
}
