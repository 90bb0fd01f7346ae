//! Calls for a person within a short message: what is said of people without wanting one is none, nor is what says that nobody is wanted.

/// One calls for who stands behind that …
const REACHES: &str = "talk to|talk with|speak to|speak with|chat to|chat with|transfer me to|connect me to|connect me with|put me through to|hand me over to|pass me on to|get me|give me";
/// … or behind that, if it is plainly no person who is to do something else.
const WANTS: &str = "i want|i need|i would like|id like";
/// Calls as they are.
pub(super) const CALLS: &str = "转人工|转真人|转客服|转接人工|转接真人|转接客服|帮我接人工|帮我接真人|帮我接客服|找真人|找你们客服|我要找人工|我想找人工|我要找客服|我想找客服|联系人工|我要联系客服|我想联系客服|帮我联系客服|我要人工|我要客服|我想要人工|我要跟真人|我想跟真人|我要和真人|我想和真人";
/// Names that call whom they name, unless something is asked about them.
pub(super) const NAMES: &str = "人工客服|人工服务|真人客服|人工坐席|有没有人工|human agent|live agent";
/// Every call has one of these, so that what has none is looked at no further.
pub(super) const PEOPLE: &str = "human|person|agent|representative|some|customer|人工|真人|客服";
const ASKS_ABOUT: &str = "服务费|收费|多少|几点|时间|上班|下班|多久|电话|审核|安装";
const BEGINS_A_QUESTION: &str = "is |are |do |does |how |what |when |why ";
/// Unless one of these stands before it, perhaps with some of the others between.
const DENIALS: &str =
    "dont|not|never|wouldnt|without|no need|do i need|do i have|不要|不用|不想|不需要|不必|不愿|无需|没必要|别";
const BETWEEN: &str = " a| an| the| to| me| want| need| have| like| wish| really| talk| speak| connect| transfer|给我|帮我|你们|联系|再|要|转|接|找|叫";

/// Whether a folded message is one.
pub(super) fn is_one(text: &str) -> bool {
    if !has_one(text, PEOPLE) {
        return false;
    }
    has(text, REACHES, |before, _, after| names_person(after, true) && !is_denied(before))
        || has(text, WANTS, |_, through, after| names_person(after, false) && !is_denied(through))
        // Who checks or mounts something, a fee and a telephone number are none.
        || has(text, CALLS, |before, _, after| {
            !matches!(after.chars().next(), Some('审' | '安' | '费' | '电')) && !is_denied(before)
        })
        || has(text, NAMES, |before, _, _| !is_denied(before))
            && !has(text, ASKS_ABOUT, |_, _, _| true)
            && behind(text, BEGINS_A_QUESTION).is_none()
}

/// Whether one of these stands anywhere.
#[inline(never)]
pub(in crate::core::bot) fn has_one(text: &str, phrases: &str) -> bool {
    phrases.split('|').any(|phrase| text.contains(phrase))
}

/// Whether one of them is there, in whole words where words have ends, and what stands before it, up to its end and behind it fits.
#[inline(never)]
fn has(text: &str, phrases: &str, fits: fn(&str, &str, &str) -> bool) -> bool {
    phrases.split('|').any(|phrase| {
        text.match_indices(phrase).any(|(at, _)| {
            let (before, _) = text.split_at_checked(at).unwrap_or_default();
            let (through, after) = text.split_at_checked(at + phrase.len()).unwrap_or_default();
            let is_part = is_letter(before.bytes().next_back()) || is_letter(after.bytes().next());
            !(is_part && phrase.is_ascii()) && fits(before, through, after)
        })
    })
}

pub(in crate::core::bot) fn is_letter(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// What stands behind one of these, if it begins with one.
#[inline(never)]
pub(in crate::core::bot) fn behind<'text>(text: &'text str, words: &str) -> Option<&'text str> {
    words.split('|').find_map(|word| text.strip_prefix(word))
}

/// What stands before one of these, if it ends with one.
#[inline(never)]
pub(in crate::core::bot) fn before_one<'text>(text: &'text str, words: &str) -> Option<&'text str> {
    words.split('|').find_map(|word| text.strip_suffix(word))
}

fn names_person(text: &str, is_reached: bool) -> bool {
    let named = behind(text, " a | an | the | your | ").unwrap_or_default();
    let real = behind(named, "real |live |actual ");
    let people = match (is_reached, real) {
        (true, _) => "human|person|agent|representative|someone|somebody|customer service|customer support",
        (false, Some(_)) => "human|person|agent|representative",
        (false, None) => "human",
    };
    behind(real.unwrap_or(named), people).is_some_and(|rest| !is_letter(rest.bytes().next()))
}

fn is_denied(before: &str) -> bool {
    // A blank between Chinese words ends a sentence.
    let mut before = before_one(before, " ").filter(|it| is_letter(it.bytes().next_back())).unwrap_or(before);
    loop {
        if before_one(before, DENIALS).is_some() {
            return true;
        }
        let Some(shorter) = before_one(before, BETWEEN) else { return false };
        before = shorter;
    }
}
