//! Passwords: which ones are taken, and how they are kept.
//!
//! Argon2id, because it is the first choice of OWASP's Password Storage Cheat Sheet. Of its equivalent settings we take
//! the one with the least memory (m = 7 MiB, t = 5, p = 1): a Worker's isolate has 128 MB, shares them with Rooms, and
//! WebAssembly's memory never shrinks. Each hash carries its own settings, so they can be raised later.
//!
//! No rule about kinds of characters (ASVS 6.2.5), and the text is taken exactly as given (6.2.8). A sign-in with an
//! address that nobody has costs the same work as one that somebody has.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};

use super::{
    fnv::fnv1a_24,
    limits::{PASSWORD_CHARS, PASSWORD_DISTINCT_CHARS},
};

const MEMORY_KIB: u32 = 7 * 1024;
const PASSES: u32 = 5;
const LANES: u32 = 1;

/// Of a password that nobody knows, with today's settings: what is verified where there is no account.
const NOBODY: &str = "$argon2id$v=19$m=7168,t=5,p=1$bm9ib2R5LWhhcy10aGlzIQ$vaVFsiyPnFtQVVqrZ8l4ywJPQrTcb0pM5Y54nPwdIqU";

/// The words of `common_passwords.txt` as the build makes them: their hashes ([`fnv1a_24`]) in order, of each how far it is from the one before,
/// in LEB128. 3.4 KB where the words are 8.6 by gzip; one password in 10,000 is taken for another's, and asks for another word.
const COMMON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/common_passwords.bin"));

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// Under 10 characters.
    TooShort,
    /// Over 128 characters.
    TooLong,
    /// Among the most common ones, or one of a kind that is tried first.
    Common,
    /// The e-mail address, or its part before the `@`.
    Address,
}

impl Weak {
    /// For the problem's detail; the console has its own words for the person.
    pub fn detail(self) -> &'static str {
        match self {
            Weak::TooShort => "the password has fewer than 10 characters",
            Weak::TooLong => "the password has more than 128 characters",
            Weak::Common => "the password is one of the most common ones",
            Weak::Address => "the password is the e-mail address",
        }
    }
}

/// Whether this may become the password of the agent with this address.
pub fn check(password: &str, email: &str) -> Result<(), Weak> {
    let (least, most) = PASSWORD_CHARS;
    // In bytes first, so that a huge text is not walked through.
    if password.len() > most * 4 || password.chars().count() > most {
        return Err(Weak::TooLong);
    }
    if password.chars().count() < least {
        return Err(Weak::TooShort);
    }
    let lower = password.to_lowercase();
    let email = email.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    if lower == email || lower == name {
        return Err(Weak::Address);
    }
    if is_common(&lower) {
        return Err(Weak::Common);
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    let firsts = lower.char_indices().filter(|(at, letter)| lower.find(*letter) == Some(*at));
    if firsts.count() < PASSWORD_DISTINCT_CHARS || is_run(lower) {
        return true;
    }
    let sought = fnv1a_24(lower.as_bytes());
    let (mut at, mut step, mut bits) = (0_u32, 0_u32, 0);
    COMMON.iter().any(|byte| {
        step |= u32::from(byte & 0x7f) << bits;
        bits += 7;
        if *byte >= 0x80 {
            return false;
        }
        at += step;
        (step, bits) = (0, 0);
        at == sought
    })
}

/// `abcdefghij`, `9876543210`: every character is the neighbour of the one before.
fn is_run(text: &str) -> bool {
    let pairs = text.chars().zip(text.chars().skip(1));
    let mut steps = pairs.map(|(left, right)| i64::from(u32::from(right)) - i64::from(u32::from(left)));
    steps.next().is_some_and(|first| first.abs() <= 1 && steps.all(|step| step == first))
}

/// The hash to keep (PHC text); `None` only if the hasher itself refuses.
pub fn hash(password: &str, salt: [u8; 16]) -> Option<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash: PasswordHash =
        hasher.hash_password_customized(password.as_bytes(), &salt, Some("argon2id"), Some(19), params).ok()?;
    Some(hash.to_string())
}

/// Whether a hash was made with today's settings; one that was not is made anew when its password is next seen.
pub fn is_current(hash: &str) -> bool {
    hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

/// Whether the password is the one that was hashed. Without a hash the same work is done, and the answer is no.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let is_known = hash.is_some_and(|text| !text.is_empty());
    let text = hash.filter(|text| !text.is_empty()).unwrap_or(NOBODY);
    // What can't be a password is not hashed, whoever asks: that costs the same for every address.
    let given = if password.len() > PASSWORD_CHARS.1 * 4 { "" } else { password };
    let Ok(parsed) = PasswordHash::new(text) else { return false };
    #[cfg(test)]
    RUNS.with_borrow_mut(|runs| runs.push(parsed.params.to_string()));
    let matches = Argon2::default().verify_password(given.as_bytes(), &parsed).is_ok();
    matches && is_known && !password.is_empty()
}

#[cfg(test)]
thread_local! {
    /// The settings of each run of the hasher that verified a password: what a sign-in costs.
    pub static RUNS: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_passwords_are_taken() {
        let long = "x1".repeat(64);
        let longer = format!("{long}y");
        let cases = [
            ("", Err(Weak::TooShort)),
            ("ninechars", Err(Weak::TooShort)),
            ("tenletters", Ok(())),
            ("correct horse battery", Ok(())),
            ("密码密码密码密码密码", Err(Weak::Common)),
            ("一二三四五六七八九十", Ok(())),
            (&long, Err(Weak::Common)),
            (&longer, Err(Weak::TooLong)),
            ("password123", Err(Weak::Common)),
            ("PassWord123", Err(Weak::Common)),
            ("1q2w3e4r5t", Err(Weak::Common)),
            ("abcdefghijkl", Err(Weak::Common)),
            ("9876543210", Err(Weak::Common)),
            ("aaaaaaaaaaaa", Err(Weak::Common)),
            ("abababababab", Err(Weak::Common)),
            ("# licence: mit", Ok(())),
            ("lei@shop.example", Err(Weak::Address)),
            ("LEI@Shop.Example", Err(Weak::Address)),
            (" lei@shop.example", Ok(())),
        ];
        for (password, expect) in cases {
            assert_eq!(check(password, "lei@shop.example"), expect, "{password}");
        }
        assert_eq!(check("christopher", "christopher@x.example"), Err(Weak::Address));
        let hundred_and_28 = "aé1ü中".chars().cycle().take(128).collect::<String>();
        assert_eq!(check(&hundred_and_28, "a@b.example"), Ok(()));
        assert_eq!(check(&"中".repeat(1_000_000), "a@b.example"), Err(Weak::TooLong));
    }

    #[test]
    fn the_list_is_what_it_says() {
        let words: Vec<&str> =
            include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert!(words.len() > 1_500);
        assert!(words.is_sorted());
        for word in words {
            assert!(word.chars().count() >= PASSWORD_CHARS.0 && word.to_lowercase() == word, "{word}");
            assert_eq!(check(word, "a@b.example"), Err(Weak::Common), "{word}");
        }
        let refused = (0..100_000).filter(|number| is_common(&format!("kettle {number} lantern"))).count();
        assert!(refused < 30, "{refused} of 100,000 others are taken for one of them");
    }

    #[test]
    fn hashes_verify() {
        let kept = hash("correct horse", [7; 16]).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=7168,t=5,p=1$") && is_current(&kept), "{kept}");
        assert!(!is_current(&kept.replace("t=5", "t=4")) && !is_current("") && !is_current("$argon2i$v=19$"));
        assert_ne!(kept, hash("correct horse", [8; 16]).unwrap(), "salted");
        let huge = "x".repeat(10_000_000);
        let cases = [
            ("correct horse", Some(kept.as_str()), true),
            ("Correct horse", Some(kept.as_str()), false),
            ("correct horse ", Some(kept.as_str()), false),
            ("", Some(kept.as_str()), false),
            (huge.as_str(), Some(kept.as_str()), false),
            ("correct horse", None, false),
            ("correct horse", Some(""), false),
            ("", Some(""), false),
            ("", None, false),
            ("correct horse", Some("correct horse"), false),
        ];
        for (password, hash, expect) in cases {
            assert_eq!(verify(password, hash), expect, "{hash:?}");
        }
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let somebody = hash("correct horse", [7; 16]).unwrap();
        let settings = |text: &str| text.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(settings(NOBODY), settings(&somebody));
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let real = PasswordHash::new(&somebody).unwrap();
        assert_eq!(parsed.hash.unwrap().len(), real.hash.unwrap().len());
        assert_eq!(parsed.salt.unwrap().len(), real.salt.unwrap().len());
    }
}
