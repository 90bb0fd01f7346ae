//! Words for the full-text index, and what a person types as a safe query of it.
//!
//! FTS5's own tokenizer knows words only by the blanks between them, and Chinese has none. So a run of such characters
//! becomes overlapping pairs, and its last character once more alone: `申请退款` → `申请 请退 退款 款`. Two or more
//! characters are then found as a phrase of pairs, a single one as the beginning of a pair. Words with blanks between
//! them are lower-cased, full-width forms folded; accents are folded by FTS5 (`unicode61 remove_diacritics 2`).
//! Characters that its tables do not know (emoji, rare Han) are spelled as `x` and six hex digits on both sides.
//!
//! Nothing here ranks, stems or knows a language. What comes out is bounded by what comes in, and a query is made of
//! quoted terms only, so that nothing typed can be read as FTS5's syntax.

use super::{
    id::WorkspaceId,
    limits::{EXCERPT_CHARS, INDEX_CHARS, QUERY_TERMS, RUN_CHARS, WORD_CHARS},
};

/// The words of a message, as they go into the index. The first one names the workspace: it lets the index itself
/// narrow a search, while the wall between tenants is the statement's own condition (INV-8). Empty: nothing to find.
pub fn index_words(workspace: &WorkspaceId, text: &str) -> String {
    let pieces = pieces(text, INDEX_CHARS);
    if pieces.is_empty() {
        return String::new();
    }
    let mut words = workspace_word(workspace);
    for piece in pieces {
        match piece {
            Piece::Word(word) => push_word(&mut words, &word),
            Piece::Run(run) => {
                for pair in run.windows(2) {
                    push_word(&mut words, pair);
                }
                push_word(&mut words, run.last().map_or(&[], std::slice::from_ref));
            }
        }
    }
    words
}

/// An FTS5 expression that finds messages of this workspace with everything that was typed; none if no word was.
pub fn match_query(workspace: &WorkspaceId, typed: &str) -> Option<String> {
    let terms: Vec<String> = pieces(typed, INDEX_CHARS).iter().take(QUERY_TERMS).map(term).collect();
    if terms.is_empty() {
        return None;
    }
    Some(format!("\"{}\" AND {}", workspace_word(workspace), terms.join(" AND ")))
}

/// An FTS5 expression that finds nothing, where a statement needs one.
pub fn match_nothing(workspace: &WorkspaceId) -> String {
    let word = workspace_word(workspace);
    format!("\"{word}\" NOT \"{word}\"")
}

/// Whether letters that are not ASCII may have another form, as capitals: those of Han, for one, have none.
pub fn has_case(text: &str) -> bool {
    text.chars().any(|letter| !letter.is_ascii() && kind(letter) == Kind::Spaced)
}

/// The part of a text around the first thing that was searched for.
pub fn excerpt(text: &str, typed: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= EXCERPT_CHARS {
        return text.to_owned();
    }
    let folded: Vec<char> = letters.iter().map(|letter| fold(*letter).next().unwrap_or(*letter)).collect();
    let needle = pieces(typed, INDEX_CHARS).into_iter().next().map(|piece| match piece {
        Piece::Word(letters) | Piece::Run(letters) => letters,
    });
    let place = needle.and_then(|needle| folded.windows(needle.len().max(1)).position(|window| window == needle));
    let start = place.unwrap_or(0).saturating_sub(EXCERPT_CHARS / 4).min(letters.len() - EXCERPT_CHARS);
    let middle: String = letters.iter().skip(start).take(EXCERPT_CHARS).collect();
    let (before, after) =
        (if start > 0 { "…" } else { "" }, if start + EXCERPT_CHARS < letters.len() { "…" } else { "" });
    format!("{before}{}{after}", middle.trim())
}

/// What a text falls into.
#[derive(Debug, PartialEq)]
enum Piece {
    /// Letters and digits between blanks.
    Word(Vec<char>),
    /// Characters of a script without blanks.
    Run(Vec<char>),
}

fn pieces(text: &str, limit: usize) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    // Whether the character before belongs to the last piece.
    let mut joined = false;
    for letter in text.chars().take(limit).flat_map(fold) {
        match (kind(letter), pieces.last_mut()) {
            (Kind::Mark, _) => {}
            (Kind::Other, _) => joined = false,
            (Kind::Spaced, Some(Piece::Word(word))) if joined => {
                if word.len() < WORD_CHARS {
                    word.push(letter);
                }
            }
            (Kind::Unspaced, Some(Piece::Run(run))) if joined => run.push(letter),
            (Kind::Spaced, _) => {
                pieces.push(Piece::Word(vec![letter]));
                joined = true;
            }
            (Kind::Unspaced, _) => {
                pieces.push(Piece::Run(vec![letter]));
                joined = true;
            }
        }
    }
    pieces
}

/// Full-width forms become plain ones, capitals small ones.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let plain = match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{3000}' => ' ',
        _ => letter,
    };
    plain.to_lowercase()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of a script that puts blanks between words.
    Spaced,
    /// Of a script that puts none, or an emoji.
    Unspaced,
    /// An accent on its own; the letter before it stands for both.
    Mark,
    /// Between words.
    Other,
}

fn kind(letter: char) -> Kind {
    match letter {
        '\u{300}'..='\u{36f}' | '\u{fe0e}' | '\u{fe0f}' => Kind::Mark,
        // Thai, Lao, Myanmar, Khmer
        '\u{e01}'..='\u{e4e}' | '\u{e81}'..='\u{edf}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}'
        // 々〆〇, kana, bopomofo, Han, Hangul, half-width kana
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}'
        // emoji
        | '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}' => Kind::Unspaced,
        _ if letter.is_alphanumeric() => Kind::Spaced,
        _ => Kind::Other,
    }
}

/// Letters that FTS5's `unicode61` surely takes as part of a word (its tables are those of Unicode 6.1).
fn is_known_to_fts5(letter: char) -> bool {
    matches!(letter,
        '0'..='9' | 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}'
        | '\u{388}'..='\u{38a}' | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{3f5}' | '\u{3f7}'..='\u{481}'
        | '\u{48a}'..='\u{523}' | '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{64a}' | '\u{1e00}'..='\u{1eff}'
        | '\u{3005}'..='\u{3006}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{3400}'..='\u{4db5}' | '\u{4e00}'..='\u{9fcc}' | '\u{ac00}'..='\u{d7a3}')
}

fn spell(word: &mut String, letter: char) {
    if is_known_to_fts5(letter) {
        word.push(letter);
    } else {
        word.push_str(&format!("x{:06x}", letter as u32));
    }
}

fn push_word(words: &mut String, letters: &[char]) {
    words.push(' ');
    for letter in letters {
        spell(words, *letter);
    }
}

/// The workspace as a word: `ws_…` without its bar, which FTS5 would cut at. It begins with a character for private
/// use, which FTS5 takes as a letter and no text puts into a word: so no text can pretend to be of another workspace.
fn workspace_word(workspace: &WorkspaceId) -> String {
    format!("\u{e000}{}", workspace.as_str().replace('_', ""))
}

/// One condition. Only letters, digits and blanks stand between its quotes. A word of two or more letters also finds
/// what begins with it, so `refund` finds `refunds`.
fn term(piece: &Piece) -> String {
    let mut words = String::new();
    let is_prefix = match piece {
        Piece::Word(word) => {
            push_word(&mut words, word);
            word.len() > 1
        }
        Piece::Run(run) if run.len() == 1 => {
            push_word(&mut words, run);
            true
        }
        Piece::Run(run) => {
            for pair in run.windows(2).take(RUN_CHARS) {
                push_word(&mut words, pair);
            }
            false
        }
    };
    format!("\"{}\"{}", words.trim_start(), if is_prefix { " *" } else { "" })
}

#[cfg(test)]
mod tests;
