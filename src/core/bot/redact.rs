//! What nobody is to read of a call: the key that it is made with, and what stands in the query of its address, which may be one.

/// A text of somebody else's that may repeat what it was called with: without these, and nothing of it at all where it repeats one, or
/// what the address has in its query, in another form.
pub fn without_secrets(secrets: &[&str], url: &str, text: &str) -> String {
    let secrets = || secrets.iter().copied().filter(|secret| !secret.is_empty());
    let text = secrets().fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
    let query = url.split_once('?').map_or("", |(_, query)| query).split(['&', ';']);
    let values = query.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    // However each of the two is escaped: by JSON, as Go writes it, too, by an address, or not at all.
    let plain = |text: &str| decoded(&text.replace("\\u00", "%")).replace('+', " ").replace('\\', "");
    let said = plain(&text);
    let is_repeated =
        values.filter(|value| value.len() >= SECRET_BYTES).chain(secrets()).any(|it| said.contains(&plain(it)));
    if is_repeated { "…".to_owned() } else { text }
}

/// A shorter value of a query is no secret, but a version or a flag that any text may have.
const SECRET_BYTES: usize = 4;

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
            "sig a+b==",
            "sig a%2Bb\\u003d\\u003d",
            "what is bare-secret?",
        ] {
            let shown = without_secrets(&[], url, said);
            assert_eq!(shown, "…", "{said}");
        }
        for harmless in ["version 1 of the api, abc", "", "…", "fla g"] {
            assert_eq!(without_secrets(&[""], url, harmless), harmless);
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
