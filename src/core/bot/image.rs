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
}
