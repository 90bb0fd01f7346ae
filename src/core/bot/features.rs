//! From a message to hashed n-grams.
//!
//! Full-width forms become half-width, capitals small, traditional characters simplified. A Latin word gives itself, the
//! pair with the word before it, and the runs of one to four characters in it; Chinese, Japanese and Korean give
//! characters and pairs. In a Chinese message a Latin word is mostly a name, and its runs would drown the few
//! characters that say what is meant: it gives itself and its pair. Everything else only separates. The work is bounded by [`READ_CHARS`], whatever comes in.
use std::sync::OnceLock;

/// Characters of a message that are looked at, and of them those that are kept.
pub const READ_CHARS: usize = 4_096;
const KEPT_CHARS: usize = 400;
/// Buckets of the hash.
pub const BUCKETS: usize = 1 << BUCKET_BITS;
/// Their number's logarithm: part of a model file, since weights mean nothing under another.
pub const BUCKET_BITS: u8 = 15;

const WORD: u32 = 1;
const PAIR: u32 = 2;
const PART: u32 = 3;
const HAN: u32 = 4;
const LONGEST_PART: usize = 4;

/// A text as it is read once, for all who judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// As it is compared.
    pub folded: Vec<char>,
    /// The buckets of its n-grams, ascending, each once.
    pub buckets: Vec<u16>,
}

impl Reading {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let folded = fold(text);
        let mut found = Buckets::default();
        each_ngram(&folded, |_, _, bucket| found.put(bucket));
        Reading { folded, buckets: found.ascending() }
    }
}

/// A set of buckets, a bit each: sorting what a message has takes longer than all else that is read of it.
struct Buckets([u64; BUCKETS / 64]);

impl Default for Buckets {
    fn default() -> Self {
        Buckets([0; BUCKETS / 64])
    }
}

impl Buckets {
    fn put(&mut self, bucket: u16) {
        if let Some(bits) = self.0.get_mut(usize::from(bucket / 64)) {
            *bits |= 1 << (bucket % 64);
        }
    }

    fn ascending(self) -> Vec<u16> {
        let mut found = Vec::with_capacity(256);
        for (first, bits) in (0_u16..).step_by(64).zip(self.0) {
            let mut left = bits;
            while left != 0 {
                found.push(first + left.trailing_zeros() as u16);
                left &= left - 1;
            }
        }
        found
    }
}

/// The buckets of a text's n-grams, ascending, each once.
pub fn buckets(text: &str) -> Vec<u16> {
    Reading::of(text).buckets
}

/// The text's n-grams with their buckets, in order.
pub fn ngrams(text: &str) -> Vec<(String, u16)> {
    let mut found = Vec::new();
    each_ngram(&fold(text), |letters, _, bucket| found.push((letters.iter().collect(), bucket)));
    found
}

/// The same with what a person would call the word, for showing what decided: a part counts for the whole.
pub fn whole_words(text: &str) -> Vec<(String, u16)> {
    let mut found = Vec::new();
    each_ngram(&fold(text), |_, whole, bucket| found.push((whole.iter().collect(), bucket)));
    found
}

/// A text as it is compared: the characters of its words, one blank between words.
#[optimize(speed)]
pub fn fold(text: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(64);
    for letter in text.chars().take(READ_CHARS) {
        if folded.len() >= KEPT_CHARS {
            break;
        }
        if is_invisible(letter) {
            continue;
        }
        let letter = half_width(letter);
        if is_ideograph(letter) {
            folded.push(simplified(letter));
        } else if letter.is_alphanumeric() {
            folded.extend(letter.to_lowercase());
        } else if letter != '\'' && folded.last().is_some_and(|last| *last != ' ') {
            folded.push(' ');
        }
    }
    folded
}

/// The same as a text.
#[inline(never)]
pub(super) fn folded(text: &[char]) -> String {
    text.iter().collect()
}

/// The words of a folded text: runs of ideographs, and of everything else.
fn words(folded: &[char]) -> impl Iterator<Item = &[char]> {
    let runs = folded.split(|letter| *letter == ' ');
    runs.flat_map(|run| run.chunk_by(|one, other| is_ideograph(*one) == is_ideograph(*other)))
}

/// Each n-gram, what it is a part of (itself, if it is no part of a word), and its bucket.
#[optimize(speed)]
fn each_ngram(folded: &[char], mut emit: impl FnMut(&[char], &[char], u16)) {
    let ideographs = folded.iter().filter(|letter| is_ideograph(**letter)).count();
    let is_chinese = ideographs > 0 && 2 * ideographs > words(folded).filter(|word| !starts_ideographic(word)).count();
    let mut before: &[char] = &[];
    for piece in words(folded) {
        if starts_ideographic(piece) {
            for length in 1..=2 {
                piece.windows(length).for_each(|part| emit(part, part, bucket(HAN, &[part])));
            }
            before = &[];
            continue;
        }
        emit(piece, piece, bucket(WORD, &[piece]));
        if !before.is_empty() {
            let pair = [before, &[' '], piece].concat();
            emit(&pair, &pair, bucket(PAIR, &[&pair]));
        }
        before = piece;
        if is_chinese {
            continue;
        }
        // With its ends marked a part at the beginning of a word is another than the same in its middle.
        let marked = [&['^'], piece, &['$']].concat();
        for length in 1..=LONGEST_PART {
            marked.windows(length).for_each(|part| emit(part, piece, bucket(PART, &[part])));
        }
    }
}

fn starts_ideographic(word: &[char]) -> bool {
    word.first().is_some_and(|letter| is_ideograph(*letter))
}

/// FNV-1a over the code points, mixed once more since its low bits alone are weak.
#[optimize(speed)]
fn bucket(kind: u32, parts: &[&[char]]) -> u16 {
    let start = (0x811c_9dc5 ^ kind).wrapping_mul(0x0100_0193);
    let mut hash = parts.iter().copied().flatten().fold(start, |hash, letter| {
        let point = u32::from(*letter);
        let low = (hash ^ (point & 0xff)).wrapping_mul(0x0100_0193);
        (low ^ (point >> 8)).wrapping_mul(0x0100_0193)
    });
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    (hash & (BUCKETS as u32 - 1)) as u16
}

/// The blanks, hyphens and apostrophe of other keyboards, too: no model is another for it, as these separate, or are nothing, either way.
pub(super) const fn half_width(letter: char) -> char {
    match letter {
        '\u{a0}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' => '-',
        '’' => '\'',
        '\u{ff01}'..='\u{ff5e}' => match char::from_u32(letter as u32 - 0xfee0) {
            Some(narrow) => narrow,
            None => letter,
        },
        _ => letter,
    }
}

/// Joiners, marks of direction, soft hyphens, variation selectors: they split no word.
pub(super) const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{300}'..='\u{36f}')
}

pub(super) const fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Pairs of a traditional character and its simplified form, ascending (made from CLDR’s Hant–Hans, see simplified.LICENSE, for the
/// characters that Big5 has).
const PAIRS: &str = include_str!("simplified.txt");

fn simplified(letter: char) -> char {
    static TABLE: OnceLock<Vec<(char, char)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut letters = PAIRS.chars().filter(|letter| *letter != '\n');
        std::iter::from_fn(|| letters.next().zip(letters.next())).collect()
    });
    match table.binary_search_by_key(&letter, |pair| pair.0) {
        Ok(place) => table.get(place).map_or(letter, |pair| pair.1),
        Err(_) => letter,
    }
}
