//! The values of a form in what people write: a number is taken where it can be no other than the one that is meant. To ask once more is
//! better than an order, or an address, of somebody else's.
use crate::core::{
    bot::features::{READ_CHARS, fold, half_width, is_ideograph, is_invisible},
    email,
    limits::{ORDER_CHARS, ORDER_DIGITS, PHONE_DIGITS},
};

/// How sure one is of what has a mark, at least.
const MARKED: u8 = 2;
/// Characters before a number that may say what it is.
const NAME_CHARS: usize = 24;

fn tidy(text: &str) -> String {
    text.chars().take(READ_CHARS).filter(|letter| !is_invisible(*letter)).map(half_width).collect()
}

/// What stands between these letters, and where.
fn pieces(text: &str, parts: impl Fn(char) -> bool + Copy) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    let pieces = text.split_inclusive(parts).map(move |piece| {
        let start = end;
        end += piece.len();
        (start, piece.trim_end_matches(parts))
    });
    pieces.filter(|(_, piece)| !piece.is_empty())
}

/// What might be a number or an address.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    pieces(text, |letter| !(letter.is_ascii_alphanumeric() || "-@._+#".contains(letter)))
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | '#' | '-')
}

/// Every letter that a name may have belongs to it: without its beginning an address is somebody else's.
pub(super) fn address(text: &str) -> Option<String> {
    // No address has the one that telephones make of an apostrophe.
    let text = tidy(text).replace('’', "'");
    let parts = |letter: char| !(letter.is_alphanumeric() && !is_ideograph(letter) || "-@._+#'&".contains(letter));
    pieces(&text, parts).find_map(|(_, token)| {
        let (name, host) = token.rsplit_once('@')?;
        let host = host.split(|letter: char| !(letter.is_alphanumeric() || "-.".contains(letter))).next()?;
        let is_around = |letter: char| is_mark(letter) || "'&".contains(letter);
        email::normal(&[name.trim_start_matches(is_around), "@", host.trim_end_matches(is_mark)].concat())
    })
}

/// `is_asked`: it was asked for, so a plain number will do. Else it has a mark (#), or stands behind “order number”.
pub(super) fn order(text: &str, is_asked: bool) -> Option<String> {
    let text = tidy(text);
    let is_alone = tokens(&text).map(|(_, token)| token).eq([text.trim()]);
    let mut found: Vec<(u8, &str)> = Vec::new();
    // What stands beside an @ is a part of an address.
    for (start, token) in tokens(&text).filter(|(_, token)| !token.contains('@')) {
        for (at, part) in pieces(token, |letter| ".+_".contains(letter)) {
            let (is_marked, bare) = match part.rsplit_once('#') {
                Some((_, number)) => (true, number),
                None => (false, part),
            };
            let bare = bare.trim_matches(is_mark);
            let n_digits = bare.bytes().filter(u8::is_ascii_digit).count();
            let is_one = ORDER_CHARS.contains(&bare.len()) && n_digits > 0 && (is_marked || !is_day(bare));
            if !is_one {
                continue;
            }
            let (before, rest) = text.split_at_checked(start + at).unwrap_or_default();
            let after = rest.get(part.len()..).unwrap_or_default();
            // The first of several groups of digits is not the number.
            let is_whole = !after.strip_prefix(' ').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
            let is_named = is_whole && is_named(before, is_asked || is_marked);
            let is_long = n_digits >= ORDER_DIGITS && (is_named || is_asked && !is_year(bare));
            if is_marked || is_long || is_asked && is_alone {
                found.push((u8::from(is_named) + if is_marked { MARKED } else { 0 }, bare));
            }
        }
    }
    best(found).map(str::to_owned)
}

/// What is surest. Of two that are equally sure neither is taken, but the first of those with a mark.
fn best<T: PartialEq>(found: Vec<(u8, T)>) -> Option<T> {
    let most = found.iter().map(|(sure, _)| *sure).max()?;
    let mut best = found.into_iter().filter(|(sure, _)| *sure == most).map(|(_, value)| value);
    let first = best.next()?;
    (most >= MARKED || best.all(|other| other == first)).then_some(first)
}

/// Whether what stands before a number calls it an order's. `order` alone, which is also what one does, says so of what was asked for.
fn is_named(before: &str, is_asked: bool) -> bool {
    let start = before.char_indices().rev().nth(NAME_CHARS).map_or(0, |(at, _)| at);
    let folded: String = fold(before.get(start..).unwrap_or_default()).iter().collect();
    let name = folded.trim_end();
    let name = [" is", "是", "为"].iter().find_map(|verb| name.strip_suffix(verb)).unwrap_or(name);
    let ends = |names: &[&str]| names.iter().any(|it| name.ends_with(it));
    ends(&["order number", "order no", "order id", "订单号", "订单号码", "订单编号"])
        || is_asked && ends(&["order", "订单"])
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")) && is_number(digits)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date, its year first or last.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.']).collect();
    let short = |part: &str| matches!(part.len(), 1 | 2) && is_number(part);
    match *parts {
        [first, month, last] => short(month) && (is_year(first) && short(last) || short(first) && is_year(last)),
        _ => false,
    }
}

/// `is_asked`: it was asked for. Else it has the + of another country.
pub(super) fn phone(text: &str, is_asked: bool) -> Option<String> {
    let text = tidy(text);
    let is_other = |letter: char| !(letter.is_ascii_alphanumeric() || " +-().#".contains(letter));
    let mut found = Vec::new();
    for piece in text.split(". ").flat_map(|sentence| sentence.split(is_other)) {
        // Its groups stand side by side. Between them is no date, and nothing with a letter or a #.
        let words = piece.split(' ').map(|it| if is_day(it.trim_matches(['(', ')', '.', '-'])) { "#" } else { it });
        let groups: Vec<&str> = words.flat_map(|word| word.split('.')).collect();
        let parts = |letter: char| letter == '#' || letter.is_ascii_alphabetic();
        for run in groups.split(|group| group.contains(parts)) {
            let run = run.concat();
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            let is_foreign = run.trim_start_matches(['(', ')', '-']).starts_with('+');
            if PHONE_DIGITS.contains(&digits.len()) && (is_asked || is_foreign) {
                found.push((u8::from(is_foreign), if is_foreign { format!("+{digits}") } else { digits }));
            }
        }
    }
    best(found)
}
