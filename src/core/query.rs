//! The query of an address: `application/x-www-form-urlencoded`, read once, every name at most once and none unknown.

use super::problem::Problem;

/// Names with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of an absolute or relative address. A name that is not expected, or comes twice, is refused.
    pub fn of(url: &str, expected: &[&str]) -> Result<Self, Problem> {
        let without_fragment = url.split('#').next().unwrap_or_default();
        let query = without_fragment.split_once('?').map_or("", |(_, query)| query);
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(Problem::field("query", "the query is not valid UTF-8"));
            };
            if !expected.contains(&name.as_str()) {
                return Err(Problem::field("query", "the query has a parameter that is not known here"));
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(Problem::field(&name, "given twice"));
            }
            pairs.push((name, value));
        }
        Ok(Query(pairs))
    }

    /// A value; an empty one is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str()).filter(|text| !text.is_empty())
    }

    /// A whole number, at most 2^53 - 1.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number <= super::limits::MAX_INTEGER);
        number.map(Some).ok_or_else(|| Problem::field(name, "not a whole number"))
    }

    /// A percentage in tenths: 0 to 1000. Further digits are left out.
    pub fn percentage(&self, name: &str) -> Result<Option<u32>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.len() <= 20 && text.bytes().all(|it| it.is_ascii_digit());
        let tenths = |whole: u32| {
            let tenth = fraction.chars().next()?.to_digit(10)?;
            whole.checked_mul(10)?.checked_add(tenth)
        };
        let number = whole.parse().ok().filter(|_| is_digits(whole) && is_digits(fraction)).and_then(tenths);
        number.filter(|tenths| *tenths <= 1_000).map(Some).ok_or_else(|| Problem::field(name, "0 to 100"))
    }

    /// How many are asked for: `usual` unless said, at least 1, at most `most`.
    pub fn limit(&self, usual: u64, most: u64) -> Result<u64, Problem> {
        Ok(self.number("limit")?.unwrap_or(usual).clamp(1, most))
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_tenths() {
        let of = |text: &str| Query::of(&format!("/x?accuracy={text}"), &["accuracy"]).unwrap().percentage("accuracy");
        let good = [("91.4", 914), ("0", 0), ("100", 1_000), ("100.0", 1_000), ("7.96", 79), ("007", 70)];
        for (text, tenths) in good {
            assert_eq!(of(text), Ok(Some(tenths)), "{text}");
        }
        assert_eq!(of(""), Ok(None));
        for text in ["100.1", "101", "-1", "+1", ".5", "5.", "1e1", "NaN", "1.x", "1,5", "99999999999", "4294967295"] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn queries_are_read_strictly() {
        let names = ["q", "limit"];
        let cases = [
            ("/x", Some(("", "", 50))),
            ("/x?", Some(("", "", 50))),
            ("/x?q=a+b&limit=7", Some(("a b", "7", 7))),
            ("/x?q=%E9%80%80%E6%AC%BE", Some(("退款", "", 50))),
            ("https://h/x?q=a%26b#q=c", Some(("a&b", "", 50))),
            ("/x?q&limit=0", Some(("", "0", 1))),
            ("/x?limit=1000000", Some(("", "1000000", 100))),
            ("/x?q=a=b", Some(("a=b", "", 50))),
            ("/x?q=%ff", None),
            ("/x?q=%", None),
            ("/x?q=%4", None),
            ("/x?q=%+1", None),
            ("/x?q=a&q=b", None),
            ("/x?workspace=ws_a", None),
            ("/x?%71=a", Some(("a", "", 50))),
        ];
        for (url, expect) in cases {
            let query = Query::of(url, &names);
            let seen = query.as_ref().ok().map(|query| {
                let text = |name| query.text(name).unwrap_or_default();
                (text("q"), text("limit"), query.limit(50, 100).unwrap())
            });
            assert_eq!(seen, expect, "{url}");
        }
        for wrong in ["-1", "x", "1.5", "9007199254740992", "99999999999999999999999"] {
            let query = Query::of(&format!("/x?limit={wrong}"), &names).unwrap();
            assert!(query.limit(50, 100).is_err(), "{wrong}");
        }
    }
}
