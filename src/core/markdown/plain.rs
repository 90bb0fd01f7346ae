//! Markdown as plain text: in one line, block by block, or line for line as it is written.
use super::{
    ENDS, IMAGE_BEGIN, IMAGE_END, IMAGE_WORDS, LINK_BEGIN, LINK_END, Piece, heading, is_fence, is_rule, item, read,
    spans,
};

/// The words alone in one line, such as it can be read out: behind a heading and behind an item of a list stands the mark for it, unless
/// it ends with one. A full-width mark needs no blank.
pub fn line(text: &str, (heading, item): (char, char)) -> String {
    let mut out = String::with_capacity(text.len());
    // How long it was before a mark behind which nothing stands yet.
    let mut unmarked = 0;
    read(text, &mut |piece| match piece {
        Piece::Text(text) => {
            let is_blank = out.is_empty() || out.ends_with([' ', '；', '：']);
            let text = if is_blank { text.trim_start() } else { text };
            if !text.is_empty() {
                out.extend(text.chars().map(|letter| if letter == '\n' { ' ' } else { letter }));
                unmarked = out.len();
            }
        }
        Piece::Edge(edge) => {
            let mark = match edge {
                "</h2>" | "</h3>" | "</h4>" => Some(heading),
                "</li>" => Some(item),
                _ => None,
            };
            out.truncate(out.trim_end().len());
            unmarked = unmarked.min(out.len());
            if !out.is_empty() {
                out.extend(mark.filter(|_| !out.ends_with(ENDS)));
                out.extend((!out.ends_with(['；', '：'])).then_some(' '));
            }
        }
        Piece::Tag(_) | Piece::Value(_) => {}
    });
    out.truncate(unmarked);
    out
}

/// The words alone, each block on a line of its own, and behind each link its address.
pub fn with_addresses(text: &str) -> String {
    let mut plain = Plain::default();
    read(text, &mut |piece| match piece {
        Piece::Edge(_) if !plain.out.is_empty() && !plain.out.ends_with('\n') => plain.out.push('\n'),
        // Whoever is told this sees no pictures.
        Piece::Edge(_) | Piece::Tag(IMAGE_BEGIN | IMAGE_WORDS | IMAGE_END) => {}
        piece @ (Piece::Tag(_) | Piece::Text(_) | Piece::Value(_)) => plain.take(&piece),
    });
    plain.out.truncate(plain.out.trim_end().len());
    plain.out
}

/// As a message of plain text says it: line for line as it is written, the marks of lists with it, but without those of headings, emphasis
/// and code; behind the words of each link and picture its address. What has no marks stays as it is, and so
/// does what is nothing but marks.
pub fn told(text: &str) -> String {
    let mut plain = Plain::default();
    // Lines within which emphasis may go on.
    let (mut held, mut in_code) = (String::new(), false);
    for line in text.lines() {
        let bare = line.trim();
        let is_own = bare.is_empty() || is_rule(bare) || is_fence(line) || in_code || heading(bare).is_some();
        if is_own || item(bare).is_some() || bare.starts_with('>') {
            plain.spans(&mut held);
        }
        if is_fence(line) {
            in_code = !in_code;
        } else if let Some((_, words)) = heading(bare).filter(|_| !in_code) {
            words.clone_into(&mut held);
            held.push('\n');
            plain.spans(&mut held);
        } else if is_own {
            plain.out.push_str(line);
            plain.out.push('\n');
        } else {
            held.push_str(line);
            held.push('\n');
        }
    }
    plain.spans(&mut held);
    let said = plain.out.trim();
    if said.is_empty() { text.trim().to_owned() } else { said.to_owned() }
}

/// Words without marks, with addresses behind them.
#[derive(Default)]
struct Plain {
    out: String,
    /// The links and pictures that are open: where their words begin, and their addresses.
    open: Vec<(usize, String)>,
    next: Next,
}

/// What the next value is.
#[derive(Default)]
enum Next {
    #[default]
    Nothing,
    Address,
    Words,
}

impl Plain {
    fn spans(&mut self, held: &mut String) {
        spans(held, 0, false, &mut |piece| self.take(&piece));
        held.clear();
    }

    fn take(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Edge(_) => self.out.push('\n'),
            Piece::Text(text) => self.out.push_str(text),
            Piece::Tag(LINK_BEGIN | IMAGE_BEGIN) => self.next = Next::Address,
            Piece::Tag(IMAGE_WORDS) => self.next = Next::Words,
            Piece::Value(value) => match std::mem::take(&mut self.next) {
                Next::Nothing => {}
                Next::Address => {
                    let bare = value.strip_prefix("mailto:").or(value.strip_prefix("tel:")).unwrap_or(value);
                    self.open.push((self.out.len(), bare.to_owned()));
                }
                Next::Words => self.out.push_str(value),
            },
            Piece::Tag(LINK_END | IMAGE_END) => match self.open.pop() {
                Some((begin, address)) if begin == self.out.len() => self.out.push_str(&address),
                Some((_, address)) if !self.out.ends_with(&address) => {
                    self.out.push_str(&[" (", &address, ")"].concat());
                }
                _ => {}
            },
            Piece::Tag(_) => {}
        }
    }
}
