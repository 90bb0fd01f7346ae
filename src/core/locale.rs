//! Tags of languages (BCP 47), as browsers and people write them.

/// The primary tag of a language: `zh` of `zh-Hant-TW`.
pub fn primary_tag(locale: &str) -> String {
    locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_tag_is_what_comes_first() {
        assert_eq!(["zh-Hant-TW", "EN_us", "de", ""].map(primary_tag), ["zh", "en", "de", ""]);
    }
}
