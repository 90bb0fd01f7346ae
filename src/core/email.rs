//! E-mail addresses, as names of accounts: one form, and short enough. Whether one exists only a letter can tell.

use super::limits::EMAIL_CHARS;

/// The form in which an address is kept and compared; none for what can't be one.
pub fn normal(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    is_address(&lower).then_some(lower)
}

/// Whether this can be one, in that form.
pub fn is_address(lower: &str) -> bool {
    let Some((name, host)) = lower.rsplit_once('@') else { return false };
    let is_plain =
        |character: char| !character.is_control() && !character.is_whitespace() && !"<>\"(),;:\\[]".contains(character);
    lower.len() <= EMAIL_CHARS
        && !name.is_empty()
        && name.len() <= 64
        && !name.contains('@')
        && lower.chars().all(is_plain)
        && host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form() {
        let long = format!("{}@x.example", "a".repeat(65));
        let cases = [
            ("Lei@Shop.Example", Some("lei@shop.example")),
            ("  lei@shop.example\n", Some("lei@shop.example")),
            ("lei+chat@shop.example", Some("lei+chat@shop.example")),
            ("李雷@例子.example", Some("李雷@例子.example")),
            ("lei", None),
            ("@shop.example", None),
            ("lei@", None),
            ("lei@localhost", None),
            ("lei@shop..example", None),
            ("a@b@shop.example", None),
            ("lei@shop.example\r\nBcc: x@y.example", None),
            ("lei@shop.example,x@y.example", None),
            ("\"lei\"@shop.example", None),
            ("Lei <lei@shop.example>", None),
            (&long, None),
            ("", None),
        ];
        for (text, expect) in cases {
            assert_eq!(normal(text).as_deref(), expect, "{text}");
        }
    }
}
