//! Calls for a person within a short message: what is said of people without wanting one is none, nor is what says that nobody is wanted.

/// One calls for who stands behind that …
const REACHES: [&str; 14] = [
    "talk to",
    "talk with",
    "speak to",
    "speak with",
    "chat to",
    "chat with",
    "transfer me to",
    "connect me to",
    "connect me with",
    "put me through to",
    "hand me over to",
    "pass me on to",
    "get me",
    "give me",
];
/// … or behind that, if it is plainly no person who is to do something else.
const WANTS: [&str; 4] = ["i want", "i need", "i would like", "id like"];
/// Calls as they are.
pub(super) const CALLS: [&str; 26] = [
    "转人工",
    "转真人",
    "转客服",
    "转接人工",
    "转接真人",
    "转接客服",
    "帮我接人工",
    "帮我接真人",
    "帮我接客服",
    "找真人",
    "找你们客服",
    "我要找人工",
    "我想找人工",
    "我要找客服",
    "我想找客服",
    "联系人工",
    "我要联系客服",
    "我想联系客服",
    "帮我联系客服",
    "我要人工",
    "我要客服",
    "我想要人工",
    "我要跟真人",
    "我想跟真人",
    "我要和真人",
    "我想和真人",
];
/// Names that call whom they name, unless something is asked about them.
pub(super) const NAMES: [&str; 7] =
    ["人工客服", "人工服务", "真人客服", "人工坐席", "有没有人工", "human agent", "live agent"];
const ASKS_ABOUT: [&str; 11] =
    ["服务费", "收费", "多少", "几点", "时间", "上班", "下班", "多久", "电话", "审核", "安装"];
const BEGINS_A_QUESTION: [&str; 8] = ["is ", "are ", "do ", "does ", "how ", "what ", "when ", "why "];
/// Unless one of these stands before it, perhaps with some of the others between.
const DENIALS: [&str; 17] = [
    "dont",
    "not",
    "never",
    "wouldnt",
    "without",
    "no need",
    "do i need",
    "do i have",
    "不要",
    "不用",
    "不想",
    "不需要",
    "不必",
    "不愿",
    "无需",
    "没必要",
    "别",
];
const BETWEEN: [&str; 25] = [
    " a",
    " an",
    " the",
    " to",
    " me",
    " want",
    " need",
    " have",
    " like",
    " wish",
    " really",
    " talk",
    " speak",
    " connect",
    " transfer",
    "给我",
    "帮我",
    "你们",
    "联系",
    "再",
    "要",
    "转",
    "接",
    "找",
    "叫",
];

/// Whether a folded message is one.
pub(super) fn is_one(text: &str) -> bool {
    let reached = REACHES
        .iter()
        .any(|phrase| has(text, phrase, |before, after| names_person(after, true) && !is_denied(before.trim_end())));
    let wanted = || {
        WANTS.iter().any(|phrase| {
            has(text, phrase, |before, after| names_person(after, false) && !is_denied(&[before, phrase].concat()))
        })
    };
    // Somebody who checks or mounts something, a fee or a telephone number.
    let called = || {
        CALLS.iter().any(|call| {
            has(text, call, |before, after| !after.starts_with(['审', '安', '费', '电']) && !is_denied(before))
        })
    };
    let named = || {
        NAMES.iter().any(|name| {
            has(text, name, |before, _| !is_denied(if name.is_ascii() { before.trim_end() } else { before }))
        })
    };
    let is_asked_about = || {
        ASKS_ABOUT.iter().any(|about| text.contains(about)) || BEGINS_A_QUESTION.iter().any(|it| text.starts_with(it))
    };
    reached || wanted() || called() || named() && !is_asked_about()
}

/// Whether it is there, in whole words where words have ends, with this before and behind it.
fn has(text: &str, phrase: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        let after = rest.get(phrase.len()..).unwrap_or_default();
        let is_whole = !phrase.is_ascii() || !before.ends_with(is_letter) && !after.starts_with(is_letter);
        is_whole && fits(before, after)
    })
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
}

fn names_person(text: &str, is_reached: bool) -> bool {
    let strip = |text, words: &[&str]| words.iter().find_map(|word| str::strip_prefix(text, word)).unwrap_or(text);
    let named = strip(text.trim_start(), &["a ", "an ", "the ", "your "]);
    let bare = strip(named, &["real ", "live ", "actual "]);
    let is_real = bare.len() < named.len();
    let is_any = |names: &[&str]| {
        names.iter().any(|name| bare.strip_prefix(name).is_some_and(|after| !after.starts_with(is_letter)))
    };
    is_any(&["human"])
        || (is_reached || is_real) && is_any(&["person", "agent", "representative"])
        || is_reached && is_any(&["someone", "somebody", "customer service", "customer support"])
}

fn is_denied(mut before: &str) -> bool {
    loop {
        if DENIALS.iter().any(|denial| before.ends_with(denial)) {
            return true;
        }
        let Some(shorter) = BETWEEN.iter().find_map(|word| before.strip_suffix(word)) else { return false };
        before = shorter;
    }
}
