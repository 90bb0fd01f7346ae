//! The picture of an intent's answer, as one text: its name, which says by its hash where it is and by its size how large its place, and
//! behind a blank what stands for it where it is not seen, as in `0f…-640x480 A map`.
use crate::core::limits::{ANSWER_PICTURE_SIDE, PICTURE_HASH_CHARS};

/// Whether it can be the public name of a picture.
pub fn is_hash(text: &str) -> bool {
    text.len() == PICTURE_HASH_CHARS && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash, width and height in a name; none: it is none.
#[inline(never)]
pub fn read(name: &str) -> Option<(&str, u32, u32)> {
    let (hash, size) = name.split_once('-')?;
    let (width, height) = size.split_once('x')?;
    let side = |text: &str| text.parse().ok().filter(|side| (1..=ANSWER_PICTURE_SIDE).contains(side));
    is_hash(hash).then_some((hash, side(width)?, side(height)?))
}

/// A name, and what stands for the picture where it is not seen.
pub fn parts(image: &str) -> (&str, &str) {
    image.split_once(' ').unwrap_or((image, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        bot::{
            dialogue::{Decision, Heard, Knowledge, Language, Meaning, Phase, decide},
            form::Form,
            intent::{Does, Says, Words},
        },
        id::IntentId,
    };

    #[test]
    fn a_name_says_the_hash_and_the_size() {
        let hash = "0f".repeat(16);
        let name = |end: &str| format!("{hash}{end}");
        assert_eq!(read(&name("-640x480")), Some((hash.as_str(), 640, 480)));
        assert_eq!(read(&name("-1x2000")), Some((hash.as_str(), 1, 2_000)));
        let none = ["", "-640", "-0x4", "-4x0", "-2001x4", "-4x-4", "-4x4x4", "-4x4 ", ".png", "/../x-4x4"];
        for end in none {
            assert_eq!(read(&name(end)), None, "{end}");
        }
        for other in ["", "-4x4", "https://a.example/x-4x4", &name("-4x4")[1..], &name("-4x4").to_uppercase()] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    /// The picture of the intent whose own answer is said, in the language in which that is said, and of nothing that is said in its stead.
    #[test]
    fn a_picture_goes_with_its_own_answer_alone() {
        let words = |en: &str, zh: &str| Words { en: en.into(), zh: zh.into() };
        let pictured = |id: &str, does, en: &str, zh: &str| {
            let picture = words(&format!("0f-4x3 {id} en"), &format!("0f-4x3 {id} zh"));
            Meaning {
                id: IntentId::parse(id).unwrap(),
                says: Says { answer: words(en, zh), picture, does, ..Says::default() },
            }
        };
        let mut refund = pictured("refund", Does::Answer, "money for {order}", "");
        refund.says.form = vec![serde_json::from_str(r#"{"key":"order","kind":"order"}"#).unwrap()];
        let form = Form::begun(refund.id.clone(), Language::En, &refund.says.form, "my money back");
        let mut only_alt = pictured("one", Does::Answer, "one", "一");
        only_alt.says.picture.zh.clear();
        let mut plain = pictured("plain", Does::Answer, "said", "");
        plain.says.picture = Words::default();
        let intents = [
            pictured("map", Does::Answer, "here", "在这里"),
            pictured("english", Does::Answer, "here", ""),
            pictured("empty", Does::Answer, "", " "),
            pictured("complaint", Does::Handoff, "people", "人工"),
            pictured("curt", Does::Handoff, "", ""),
            pictured("thanks", Does::Answer, "", ""),
            refund,
            plain,
            only_alt,
        ];
        let of = |text: &str, choice: &str, locale: &str, form: Option<&Form>, phase: Phase| {
            let known = Knowledge { intents: &intents, ..Knowledge::default() };
            let heard = Heard { text, choice, locale, phase, asked: 0, form, verified: false };
            let image = match decide(&heard, known) {
                Decision::Answer { image, .. } | Decision::Handoff { image, .. } => image,
                Decision::Silent
                | Decision::Ask { .. }
                | Decision::Fill { .. }
                | Decision::Act(_)
                | Decision::Consult { .. } => String::new(),
            };
            if image.is_empty() { "none".to_owned() } else { parts(&image).1.to_owned() }
        };
        let waits = Phase::Pending;
        let table = [
            ("map", "", None, waits, "map en"),
            ("map", "zh-CN", None, waits, "map zh"),
            ("map", "", None, Phase::Queued, "map en"),
            ("map", "", None, Phase::Silent, "none"),
            ("english", "zh", None, waits, "english en"),
            ("one", "zh", None, waits, "one en"),
            ("empty", "", None, waits, "none"),
            ("complaint", "", None, waits, "complaint en"),
            ("complaint", "", None, Phase::Queued, "none"),
            ("curt", "", None, waits, "none"),
            ("thanks", "", None, waits, "none"),
            ("plain", "", None, waits, "none"),
            ("refund", "", None, waits, "none"),
        ];
        for (choice, locale, form, phase, expected) in table {
            assert_eq!(of(choice, choice, locale, form, phase), expected, "{choice} {locale} {phase:?}");
        }
        // Asked for by a form that was begun in English, whatever the reply is written in.
        assert_eq!(of("A-1234", "", "zh", Some(&form), waits), "refund en");
        assert_eq!(of("cancel", "", "", Some(&form), waits), "none", "the form is left");
        assert_eq!(of("huh", "", "", Some(&form), waits), "none", "asked again");
    }
}
