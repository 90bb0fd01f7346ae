//! What nobody is to read of a call: the key that it is made with, and what stands in the query of its address, which may be one.

/// A text of somebody else's that may repeat what it was called with: without these, and without what the address has in its query,
/// in whatever form that is written.
pub fn without_secrets(secrets: &[&str], url: &str, text: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut hidden: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    for pair in query.split(['&', ';']) {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        // Whole as well, should the name belong to it.
        for value in [value, pair] {
            hidden.extend([value.to_owned(), decoded(value)]);
        }
    }
    let mut forms = Vec::new();
    for secret in hidden.iter().filter(|secret| secret.len() >= SECRET_BYTES || secrets.contains(&secret.as_str())) {
        let quoted = serde_json::to_string(secret).unwrap_or_default();
        let quoted = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            let encoded = encoded(secret, digits);
            forms.extend([encoded.replace("%20", "+"), encoded]);
        }
        forms.extend([quoted.replace('/', "\\/"), quoted.to_owned(), secret.clone()]);
    }
    // Longest first: what holds another goes whole.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    let mut text = text.to_owned();
    for form in forms.iter().filter(|form| !form.is_empty()) {
        text = text.replace(form.as_str(), "…");
    }
    text
}

/// A shorter value of a query is no secret, but a version or a flag that any text may have.
const SECRET_BYTES: usize = 4;

/// As it stands in an address, with these digits.
fn encoded(text: &str, digits: &[u8; 16]) -> String {
    let mut encoded = String::with_capacity(text.len());
    let digit = |digit: u8| digits.get(usize::from(digit)).map(|digit| char::from(*digit));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([digit(byte >> 4), digit(byte & 15)].into_iter().flatten());
        }
    }
    encoded
}

/// As a server reads it; what is no such escape stays.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let mut digit = || ahead.next().and_then(|digit| char::from(digit).to_digit(16));
        match (byte, digit(), digit()) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = ahead;
            }
            (b'+', ..) => bytes.push(b' '),
            (byte, ..) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_has_in_its_query_is_in_no_text() {
        let url = "https://a.example/v1?api-version=1&api-key=s3cr%2Fet%20k&flag;sig=a+b%3D%3D&a=&v=abc&bare-secret";
        for said in [
            "no such key: s3cr%2Fet%20k",
            "no such key: s3cr/et k",
            "no such key: s3cr%2fet%20k!",
            "{\"key\":\"s3cr\\/et k\"}",
            "https://a.example/v1/chat/completions?api-version=1&api-key=s3cr%2Fet%20k&flag",
            "sig a+b%3D%3D, a b==, a%20b%3D%3D and a+b%3d%3d",
            "what is bare-secret?",
        ] {
            let shown = without_secrets(&[], url, said);
            assert!(shown.contains('…'), "{said}");
            for part in ["s3cr", "et k", "a+b", "a b", "b%3D", "b%3d", "bare-"] {
                assert!(!shown.contains(part), "{part} is in {shown:?}");
            }
        }
        for harmless in ["version 1 of the api, abc", "", "…", "flagship"] {
            let shown = without_secrets(&[""], url, harmless);
            assert_eq!(shown, harmless.replace("flag", "…"), "{harmless}");
        }
        // What is no escape, or is cut off, is what it is; nothing panics.
        for odd in
            ["https://a.example/?k=%", "https://a.example/?k=%F", "https://a.example/?=%zz&&&;;=", "?", "", "a?長%E9"]
        {
            without_secrets(&[], odd, "a text % %F %zz");
        }
        assert_eq!(without_secrets(&["k"], "", "a key k"), "a …ey …", "a key is one however short it is");
    }
}
