//! The values of a form in what people write: a number is taken where it can be no other than the one that is meant. To ask once more is
//! better than an order, or an address, of somebody else's.
use crate::core::{
    bot::{
        features::{self, READ_CHARS, fold, half_width, is_ideograph, is_invisible},
        small_talk::{before_one, behind, has_one, is_letter},
    },
    email,
    limits::{ORDER_CHARS, ORDER_DIGITS, PHONE_DIGITS},
};

/// How sure one is of what has a mark, at least.
const MARKED: u8 = 2;
/// Bytes before a number that may say what it is.
const NAME_BYTES: usize = 40;
/// Who says so has no number to tell.
const LACKS: &str = "no order|no number|dont have it|dont have one|cant find it|lost it|没有订单|没有单号|没订单|没单号|没下单|没有下单|找不到单|找不到订|忘了";
/// What a number is of that counts or measures.
const UNITS: &str = "USD|usd|EUR|euros|dollars|pieces|pcs|kg|ml|GB|元|块|件|个|台|箱";
/// What a number is that is no order's.
const OTHERS: &str = "phone|mobile|tel|call|call me|paid|price|cost|手机|电话|微信|付了|花了|价格|金额";

fn tidy(text: &str) -> String {
    text.chars().take(READ_CHARS).filter(|letter| !is_invisible(*letter)).map(half_width).collect()
}

/// What stands between these letters, and where. The one function for all that is taken apart here: a splitting by another closure is
/// half a kilobyte in the browser each.
#[inline(never)]
fn pieces(text: &str, parts: fn(char) -> bool) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut found = Vec::new();
    for piece in text.split(parts) {
        if !piece.is_empty() {
            found.push((start, piece));
        }
        start += piece.len();
        start += text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    found
}

/// At the ends of a number, and of an address.
fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | '#' | '-' | '(' | ')' | '\'' | '&')
}

/// Within the name of an address, and within its host.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() && !is_ideograph(letter) || matches!(letter, '-' | '.')
}

/// Every letter that a name may have belongs to it: without its beginning an address is somebody else's.
pub(super) fn address(text: &str) -> Option<String> {
    let lower = tidy(text).to_ascii_lowercase();
    let tokens = pieces(&lower, |it| !(is_word(it) || matches!(it, '@' | '_' | '+' | '#' | '\'' | '&')));
    let found = tokens.iter().filter_map(|(_, token)| {
        let (name, host) = token.rsplit_once('@')?;
        let [(0, host), ..] = *pieces(host, |it| !is_word(it)) else { return None };
        let address = token.get(..name.len() + 1 + host.len())?.trim_matches(is_mark);
        email::is_address(address).then(|| (0, address.to_owned()))
    });
    best(found.collect())
}

/// `is_asked`: it was asked for, so a plain number will do. Else it has a mark (#), or stands behind “order number”.
pub(super) fn order(text: &str, is_asked: bool) -> Option<String> {
    let text = tidy(text);
    let tokens = pieces(&text, |it| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '@' | '.' | '_' | '+' | '#')));
    let is_alone = matches!(*tokens, [(_, token)] if token == text.trim());
    // Who has none tells of something else.
    let is_lacked = has_one(&features::folded(&fold(&text)), LACKS);
    let mut found = Vec::new();
    // What stands beside an @ is a part of an address.
    for (start, token) in tokens {
        if token.contains('@') {
            continue;
        }
        for (at, part) in pieces(token, |it| matches!(it, '.' | '_' | '+')) {
            let (is_marked, bare) = match part.rsplit_once('#') {
                Some((_, number)) => (true, number),
                None => (false, part),
            };
            let bare = bare.trim_matches(is_mark);
            let n_digits = bare.bytes().filter(u8::is_ascii_digit).count();
            if !ORDER_CHARS.contains(&bare.len()) || n_digits == 0 || !is_marked && is_day(bare) {
                continue;
            }
            let (before, rest) = text.split_at_checked(start + at).unwrap_or_default();
            // The first of several groups of digits is not the number.
            let is_whole = !matches!(rest.as_bytes().get(part.len()..), Some([b' ', b'0'..=b'9', ..]));
            let start = before.floor_char_boundary(before.len().saturating_sub(NAME_BYTES));
            let name = features::folded(&fold(before.get(start..).unwrap_or_default()));
            let is_named = is_whole && is_named(name.trim(), is_asked || is_marked);
            let is_other = is_lacked || is_year(bare) || is_others(name.trim());
            // What is called an order's number is one, whatever stands behind it: 订单号88412台灯坏了.
            let is_amount = is_amount(before, rest) && !self::is_named(name.trim(), false);
            let is_long = n_digits >= ORDER_DIGITS && (is_named || is_asked && !is_other) && !is_amount;
            if is_marked || is_long || is_asked && is_alone {
                found.push((u8::from(is_named) + if is_marked { MARKED } else { 0 }, bare.to_owned()));
            }
        }
    }
    best(found)
}

/// What is surest. Of two that are equally sure neither is taken, but the first of those with a mark.
#[inline(never)]
fn best(mut found: Vec<(u8, String)>) -> Option<String> {
    let most = found.iter().map(|(sure, _)| *sure).max()?;
    found.retain(|(sure, _)| *sure == most);
    let (_, first) = found.first()?;
    (most >= MARKED || found.iter().all(|(_, other)| other == first)).then(|| first.clone())
}

/// Whether what stands before a number calls it an order's. `order` alone, which is also what one does, says so of what was asked for.
fn is_named(name: &str, is_asked: bool) -> bool {
    let name = before_one(name, " is|是|为").unwrap_or(name);
    before_one(name, "order number|order no|order id|订单号|订单号码|订单编号").is_some()
        // A parcel has a number, too, and people name its carrier: alone it is the order's.
        || before_one(name, "单号").is_some_and(|whose| whose.is_empty() || whose.ends_with(' '))
        || is_asked && before_one(name, "order|订单").is_some()
}

/// Whether it calls it something else's.
fn is_others(name: &str) -> bool {
    let name = before_one(name, " is| at| on|是|为").unwrap_or(name);
    before_one(before_one(name, " number| no|号码|号").unwrap_or(name), OTHERS).is_some()
}

/// Whether a currency stands before a number, or a unit behind it, its decimals or the letters that it ends with.
fn is_amount(before: &str, rest: &str) -> bool {
    let unit = rest.trim_start_matches(|letter| matches!(letter, '0'..='9' | '.' | ','));
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    before_one(before, "$|€|£|¥|￥|$ |€ |£ |¥ ").is_some()
        || behind(unit, UNITS).is_some_and(|rest| !is_letter(rest.bytes().next()))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && is_number(text) && matches!(text.get(..2), Some("19" | "20"))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date, its year first or last.
fn is_day(text: &str) -> bool {
    let short = |part: &str| part.len() <= 2 && is_number(part);
    match *pieces(text, is_mark) {
        [(_, a), (_, b), (_, c)] => short(b) && (is_year(a) && short(c) || short(a) && is_year(c)),
        _ => false,
    }
}

/// `is_asked`: it was asked for. Else it has the + of another country.
pub(super) fn phone(text: &str, is_asked: bool) -> Option<String> {
    let mut text = tidy(text);
    // Behind the + nobody dials the 0 that others do.
    if text.contains('+') {
        text = text.replace("(0)", " ");
    }
    let words = pieces(&text, |it| !(it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '(' | ')' | '.' | '#')));
    let mut runs = vec![String::new()];
    let mut end = 0;
    for (start, word) in words {
        // Its groups stand side by side, in one sentence. Between them is no date, and nothing with a letter or a #.
        let gap = text.get(end.max(1) - 1..start).unwrap_or_default();
        end = start + word.len();
        let is_apart = gap.bytes().skip(1).any(|byte| byte != b' ') || gap.starts_with('.');
        if is_apart || is_day(word) {
            runs.push(String::new());
        }
        for (_, group) in pieces(if is_day(word) { "" } else { word }, |it| it == '.') {
            match runs.last_mut() {
                Some(run) if !group.bytes().any(|byte| byte == b'#' || byte.is_ascii_alphabetic()) => {
                    for letter in group.chars() {
                        if letter.is_ascii_digit() || letter == '+' && run.is_empty() {
                            run.push(letter);
                        }
                    }
                }
                _ => runs.push(String::new()),
            }
        }
    }
    let mut found = Vec::new();
    for run in runs {
        let is_foreign = run.starts_with('+');
        if PHONE_DIGITS.contains(&(run.len() - usize::from(is_foreign))) && (is_asked || is_foreign) {
            found.push((u8::from(is_foreign), run));
        }
    }
    best(found)
}
