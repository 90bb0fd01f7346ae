//! A small Markdown: headings, paragraphs, quotes, lists, rules, code, emphasis, links, images.
//!
//! Whatever is written, what comes out is safe: tags are constants of this file, every letter of the text is escaped, and nothing but web
//! addresses, e-mail addresses and telephone numbers becomes a link, nothing but https an image. What is not understood stays text. Raw
//! HTML, tables and lists in lists are not. Reading takes time in proportion to the text, however it is written.

mod plain;
#[cfg(any(test, feature = "test-points"))]
pub mod safe;

pub use self::plain::{line, told, with_addresses};

/// Marks within marks that are read; deeper ones stay text.
const DEPTH: u8 = 6;
/// Where something may begin within a line.
const MARKS: [char; 8] = ['\\', '`', '*', '_', '[', '!', '\n', 'h'];
const LINK_BEGIN: &str = "<a href=\"";
const LINK_END: &str = "</a>";
const LINK: &str = "\" rel=\"noopener nofollow\">";
const IMAGE_BEGIN: &str = "<img loading=\"lazy\" src=\"";
const IMAGE_WORDS: &str = "\" alt=\"";
const IMAGE_END: &str = "\">";

/// Marks that end something, behind which no other is set.
const ENDS: [char; 15] = ['.', ',', ';', ':', '!', '?', '…', '。', '，', '；', '：', '！', '？', '、', '—'];

/// A piece of what is read, in order.
enum Piece<'a> {
    /// Markup.
    Tag(&'static str),
    /// Markup at which a line begins or ends.
    Edge(&'static str),
    /// Words.
    Text(&'a str),
    /// The value of an attribute.
    Value(&'a str),
}

type Tell<'t> = &'t mut dyn FnMut(Piece<'_>);

/// As HTML.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    read(text, &mut |piece| match piece {
        Piece::Tag(tag) | Piece::Edge(tag) => out.push_str(tag),
        Piece::Text(text) | Piece::Value(text) => escape(text, &mut out),
    });
    out
}

/// Adds a text to HTML, where it stands between tags or in an attribute.
pub fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
}

/// The heading that a line is: how deep, and its words.
pub fn heading(line: &str) -> Option<(usize, &str)> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    ((1..=6).contains(&level) && words.starts_with(' ')).then(|| (level, words.trim_end_matches('#').trim()))
}

/// Whether code begins or ends at a line.
pub fn is_fence(line: &str) -> bool {
    line.trim_start().strip_prefix("```").is_some_and(|rest| !rest.trim_start_matches('`').contains('`'))
}

/// What the lines that are held are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Paragraph,
    Quote,
    Item,
}

impl Block {
    const fn tags(self) -> (&'static str, &'static str) {
        match self {
            Block::Paragraph => ("<p dir=\"auto\">", "</p>"),
            Block::Quote => ("<blockquote dir=\"auto\">", "</blockquote>"),
            Block::Item => ("<li dir=\"auto\">", "</li>"),
        }
    }
}

/// Lines that belong together, and the list that they are in.
struct Reader<'t> {
    tell: Tell<'t>,
    held: String,
    block: Option<Block>,
    /// Numbered or not.
    list: Option<bool>,
}

fn read(text: &str, tell: Tell<'_>) {
    let mut reader = Reader { tell, held: String::new(), block: None, list: None };
    let mut in_code = false;
    for line in text.lines() {
        let bare = line.trim();
        if is_fence(line) {
            reader.end_list();
            (reader.tell)(Piece::Edge(if in_code { "</code></pre>" } else { "<pre><code>" }));
            in_code = !in_code;
        } else if in_code {
            (reader.tell)(Piece::Text(line));
            (reader.tell)(Piece::Text("\n"));
        } else if bare.is_empty() {
            reader.end_block();
        } else {
            reader.line(bare);
        }
    }
    if in_code {
        (reader.tell)(Piece::Edge("</code></pre>"));
    }
    reader.end_list();
}

impl Reader<'_> {
    fn line(&mut self, bare: &str) {
        if let Some((level, words)) = heading(bare) {
            self.end_list();
            // The title of the page is the first.
            let (begin, end) = match level {
                1 => ("<h2 dir=\"auto\">", "</h2>"),
                2 => ("<h3 dir=\"auto\">", "</h3>"),
                _ => ("<h4 dir=\"auto\">", "</h4>"),
            };
            (self.tell)(Piece::Edge(begin));
            spans(words, 0, false, self.tell);
            (self.tell)(Piece::Edge(end));
        } else if is_rule(bare) {
            self.end_list();
            (self.tell)(Piece::Edge("<hr>"));
        } else if let Some((number, words)) = item(bare) {
            self.end_block();
            self.begin_list(number);
            self.hold(Block::Item, words);
        } else if let Some(words) = bare.strip_prefix('>') {
            if self.block != Some(Block::Quote) {
                self.end_list();
            }
            self.hold(Block::Quote, words.trim_start());
        } else {
            if self.block.is_none() {
                self.end_list();
            }
            self.hold(self.block.unwrap_or(Block::Paragraph), bare);
        }
    }

    fn hold(&mut self, block: Block, words: &str) {
        if self.block.replace(block).is_some() {
            self.held.push('\n');
        }
        self.held.push_str(words);
    }

    fn begin_list(&mut self, number: Option<&str>) {
        if self.list == Some(number.is_some()) {
            return;
        }
        self.end_list();
        self.list = Some(number.is_some());
        let Some(number) = number else { return (self.tell)(Piece::Edge("<ul>")) };
        (self.tell)(Piece::Tag("<ol start=\""));
        (self.tell)(Piece::Value(number));
        (self.tell)(Piece::Tag("\">"));
    }

    fn end_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        let (begin, end) = block.tags();
        (self.tell)(Piece::Edge(begin));
        spans(&self.held, 0, false, self.tell);
        (self.tell)(Piece::Edge(end));
        self.held.clear();
    }

    fn end_list(&mut self) {
        self.end_block();
        if let Some(is_numbered) = self.list.take() {
            (self.tell)(Piece::Edge(if is_numbered { "</ol>" } else { "</ul>" }));
        }
    }
}

/// A line across.
fn is_rule(bare: &str) -> bool {
    bare.len() >= 3 && ['-', '*', '_'].iter().any(|mark| bare.chars().all(|letter| letter == *mark))
}

/// The number of an item, if it has one, and its words.
fn item(line: &str) -> Option<(Option<&str>, &str)> {
    let after = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark));
    if let Some(words) = after {
        return Some((None, words.trim_start()));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at_checked(digits).filter(|_| (1..=6).contains(&digits))?;
    let words = rest.strip_prefix('、').or_else(|| rest.strip_prefix(". ")).or_else(|| rest.strip_prefix(") "))?;
    Some((Some(number), words.trim_start()))
}

/// Marks of which none is left in a text, so that nobody looks for them again.
#[derive(Default)]
struct Missing {
    link: bool,
    /// `*`, `**`, `_`, `__`.
    emphasis: [bool; 4],
}

/// Reads what stands within a block.
fn spans(text: &str, depth: u8, in_link: bool, tell: Tell<'_>) {
    let (mut rest, mut before, mut missing) = (text, ' ', Missing::default());
    while let Some((said, from)) = rest.find(MARKS).and_then(|at| rest.split_at_checked(at)) {
        tell(Piece::Text(said));
        before = said.chars().next_back().unwrap_or(before);
        let taken = span(from, before, (depth, in_link), &mut missing, tell);
        let taken = taken.unwrap_or_else(|| {
            let length = from.chars().next().map_or(1, char::len_utf8);
            tell(Piece::Text(from.get(..length).unwrap_or_default()));
            length
        });
        before = from.get(..taken).and_then(|taken| taken.chars().next_back()).unwrap_or(before);
        rest = from.get(taken..).unwrap_or_default();
    }
    tell(Piece::Text(rest));
}

/// Reads what begins here with one of [`MARKS`], and says how many bytes of it that was; none: it is a letter as any other.
fn span(
    from: &str,
    before: char,
    (depth, in_link): (u8, bool),
    missing: &mut Missing,
    tell: Tell<'_>,
) -> Option<usize> {
    let mut letters = from.chars();
    match letters.next()? {
        '\n' => {
            tell(Piece::Edge("<br>"));
            Some(1)
        }
        '\\' => {
            letters.next().filter(char::is_ascii_punctuation)?;
            tell(Piece::Text(from.get(1..2)?));
            Some(2)
        }
        '`' => {
            let after = from.trim_start_matches('`');
            let marks = from.get(..from.len() - after.len())?;
            // Of those that have no end each is shorter than the ones before, so few are looked for.
            let Some(end) = after.find(marks) else {
                tell(Piece::Text(marks));
                return Some(marks.len());
            };
            tell(Piece::Tag("<code>"));
            tell(Piece::Text(after.get(..end)?.trim()));
            tell(Piece::Tag("</code>"));
            Some(end + 2 * marks.len())
        }
        mark @ ('*' | '_') if depth < DEPTH => {
            let is_double = letters.next() == Some(mark);
            let place = usize::from(is_double) + if mark == '_' { 2 } else { 0 };
            let missing = missing.emphasis.get_mut(place).filter(|missing| !**missing)?;
            let width = if is_double { 2 } else { 1 };
            let after = from.get(width..)?;
            // Neither a footnote's star (`S*, M*`) nor a sign of times (`600*400*20`) is one.
            let next = after.chars().next().unwrap_or(' ');
            let is_within = if mark == '*' { is_times(before, next, width) } else { before.is_alphanumeric() };
            let may_begin = !matches!(next, ' ' | '\n') && !ENDS.contains(&next) && !is_within;
            let end = if may_begin { closing(after, mark, width) } else { return None };
            let Some(end) = end else {
                *missing = true;
                return None;
            };
            let (begin, close) = if is_double { ("<strong>", "</strong>") } else { ("<em>", "</em>") };
            tell(Piece::Tag(begin));
            spans(after.get(..end)?, depth + 1, in_link, tell);
            tell(Piece::Tag(close));
            Some(end + 2 * width)
        }
        '!' => image(from, missing, tell),
        '[' if !in_link && depth < DEPTH => {
            let Linked { words, address, length } = linked(from, missing)?;
            let leads = leads(address, &["https://", "http://", "mailto:", "tel:"]);
            if leads {
                tell(Piece::Tag(LINK_BEGIN));
                tell(Piece::Value(address));
                tell(Piece::Tag(LINK));
            }
            spans(words, depth + 1, leads, tell);
            if leads {
                tell(Piece::Tag(LINK_END));
            }
            Some(length)
        }
        'h' if !in_link && !before.is_alphanumeric() => {
            let address = bare_address(from)?;
            tell(Piece::Tag(LINK_BEGIN));
            tell(Piece::Value(address));
            tell(Piece::Tag(LINK));
            tell(Piece::Text(address));
            tell(Piece::Tag(LINK_END));
            Some(address.len())
        }
        _ => None,
    }
}

/// A single star between letters or digits of one word.
fn is_times(before: char, next: char, width: usize) -> bool {
    width == 1 && before.is_ascii_alphanumeric() && next.is_ascii_alphanumeric()
}

/// Where emphasis ends: behind a word, and not within one.
fn closing(after: &str, mark: char, width: usize) -> Option<usize> {
    let mut before = ' ';
    let mut letters = after.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != mark {
            before = letter;
            continue;
        }
        let mut end = at + 1;
        while letters.next_if(|(_, next)| *next == mark).is_some() {
            end += 1;
        }
        let next = letters.peek().map_or(' ', |(_, next)| *next);
        let is_within = if mark == '*' { is_times(before, next, width) } else { next.is_alphanumeric() };
        let closes = !before.is_whitespace() && !is_within;
        // Of three marks the last two are the outer ones; what has another number of them is of other emphasis.
        let fits = if width == 1 { end - at != 2 } else { end - at >= 2 };
        if closes && fits {
            return Some(end - width);
        }
        before = mark;
    }
    None
}

/// `[words](address)`.
struct Linked<'a> {
    words: &'a str,
    address: &'a str,
    length: usize,
}

fn linked<'a>(from: &'a str, missing: &mut Missing) -> Option<Linked<'a>> {
    if missing.link {
        return None;
    }
    let inside = from.get(1..)?;
    let found = inside.find("](").and_then(|end| {
        let target = inside.get(end + 2..)?;
        let mut open = 0_usize;
        let close = target.find(|letter| {
            match letter {
                '(' => open += 1,
                ')' if open == 0 => return true,
                ')' => open -= 1,
                _ => {}
            }
            false
        })?;
        Some((end, target.get(..close)?))
    });
    let Some((end, target)) = found else {
        missing.link = true;
        return None;
    };
    // A title behind the address is passed over.
    let address = target.split_whitespace().next().unwrap_or_default();
    Some(Linked { words: inside.get(..end)?, address, length: end + target.len() + 4 })
}

fn image(from: &str, missing: &mut Missing, tell: Tell<'_>) -> Option<usize> {
    let from = from.strip_prefix('!').filter(|from| from.starts_with('['))?;
    let Linked { words, address, length } = linked(from, missing)?;
    if leads(address, &["https://"]) {
        tell(Piece::Tag(IMAGE_BEGIN));
        tell(Piece::Value(address));
        tell(Piece::Tag(IMAGE_WORDS));
        tell(Piece::Value(words));
        tell(Piece::Tag(IMAGE_END));
    } else {
        tell(Piece::Text(words));
    }
    Some(length + 1)
}

/// Whether an address is one of these, and leads somewhere.
fn leads(address: &str, schemes: &[&str]) -> bool {
    let begins = |scheme: &&str| {
        address.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
            && address.len() > scheme.len()
    };
    schemes.iter().any(begins) && !address.contains(|letter: char| letter.is_control() || letter == '\\')
}

/// The address that begins here, without the punctuation of the sentence. It ends where addresses end in the widget.
fn bare_address(from: &str) -> Option<&str> {
    let ends = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '"' | '\'' | '<' | '>' | '[' | ']' | '\\' | '\u{2000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
    };
    if !from.starts_with("http://") && !from.starts_with("https://") {
        return None;
    }
    let whole = from.get(..from.find(ends).unwrap_or(from.len()))?;
    let mut address = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~']);
    // A bracket that the address itself opened is of it.
    if !address.contains('(') {
        address = address.trim_end_matches(')');
    }
    leads(address, &["https://", "http://"]).then_some(address)
}

#[cfg(test)]
mod tests;
