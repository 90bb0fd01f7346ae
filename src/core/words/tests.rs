use rusqlite::Connection;

use super::*;
use crate::core::id::Entropy;

fn workspace() -> WorkspaceId {
    WorkspaceId::parse("ws_aaaaaaaaaaaaaaaa").unwrap()
}

fn words(text: &str) -> String {
    index_words(&workspace(), text).trim_start_matches(&workspace_word(&workspace())).trim_start().to_owned()
}

fn index() -> Connection {
    let index = Connection::open_in_memory().unwrap();
    let schema = include_str!("../../../schema.sql");
    let start = schema.find("CREATE VIRTUAL TABLE message_words").unwrap();
    let length = schema[start..].find(';').unwrap();
    index.execute_batch(&schema[start..start + length]).unwrap();
    index
}

fn add(index: &Connection, rowid: i64, text: &str) {
    index
        .execute("INSERT INTO message_words (rowid, words) VALUES (?, ?)", (rowid, index_words(&workspace(), text)))
        .unwrap();
}

fn find(index: &Connection, typed: &str) -> Result<Vec<i64>, rusqlite::Error> {
    let Some(query) = match_query(&workspace(), typed) else { return Ok(Vec::new()) };
    let mut statement = index.prepare_cached("SELECT rowid FROM message_words WHERE message_words MATCH ?")?;
    statement.query_map([query], |row| row.get(0))?.collect()
}

#[test]
fn texts_fall_into_words_and_pairs() {
    for (text, expected) in [
        ("", ""),
        ("?! …", ""),
        ("Hello, World 42", "hello world 42"),
        ("我要退款", "我要 要退 退款 款"),
        ("好", "好"),
        ("iPhone15手机 ok", "iphone15 手机 机 ok"),
        ("ＡＢＣ１２\u{3000}ｄ", "abc12 d"),
        ("Cafe\u{301} Café", "cafe café"),
        ("a@b.example", "a b example"),
        ("テスト・です", "テス スト ト です す"),
        ("👍", "x01f44d"),
        ("x\0y", "x y"),
    ] {
        assert_eq!(words(text), expected, "{text:?}");
    }
}

#[test]
fn what_people_type_finds_what_they_mean() {
    let index = index();
    let texts = [
        "Where is my refund? I have waited since Monday.",
        "我想申请退款，订单号 AB-1029",
        "退货和换货都可以吗",
        "The CAFÉ on Straße 5 is closed",
        "运费是多少钱？",
        "ok 👍🎉",
        "款式很好",
        "\u{20bb7}野家",
        "ขอคืนเงิน",
    ];
    for (place, text) in texts.iter().enumerate() {
        add(&index, place as i64, text);
    }
    for (typed, expected) in [
        ("refund", vec![0]),
        ("REFUND monday", vec![0]),
        ("refu", vec![0]),
        ("refund tuesday", vec![]),
        ("ｒｅｆｕｎｄ", vec![0]),
        ("退款", vec![1]),
        ("申请退款", vec![1]),
        ("请退款", vec![1]),
        ("退", vec![1, 2]),
        ("款", vec![1, 6]),
        ("钱", vec![4]),
        ("退款 1029", vec![1]),
        ("退款1029", vec![1]),
        ("ab-1029", vec![1]),
        ("款退", vec![]),
        ("退货", vec![2]),
        ("换货", vec![2]),
        ("货换", vec![]),
        ("cafe", vec![3]),
        ("straße", vec![3]),
        ("👍", vec![5]),
        ("👍🎉", vec![5]),
        ("🎉", vec![5]),
        ("\u{20bb7}", vec![7]),
        ("\u{20bb7}野", vec![7]),
        ("เงิน", vec![8]),
        ("...", vec![]),
    ] {
        assert_eq!(find(&index, typed).unwrap(), expected, "{typed:?}");
    }
}

/// Every letter that is not spelled out is one word to FTS5, so that what is indexed can be found.
#[test]
fn fts5_takes_every_letter_that_we_leave_to_it() {
    let index = index();
    let known: Vec<char> = ('\0'..=char::MAX).filter(|letter| is_known_to_fts5(*letter)).collect();
    assert!(known.len() > 30_000);
    let transaction = index.unchecked_transaction().unwrap();
    for letter in &known {
        let mut insert =
            index.prepare_cached("INSERT INTO message_words (rowid, words) VALUES (?, 'a' || ? || 'b')").unwrap();
        insert.execute((*letter as u32, letter.to_string())).unwrap();
    }
    transaction.commit().unwrap();
    // A letter that separates words would leave an `a` of its own.
    let mut broken: Vec<u32> = index
        .prepare("SELECT rowid FROM message_words WHERE message_words MATCH '\"a\"'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    broken.retain(|letter| *letter != 'a' as u32);
    assert_eq!(broken.iter().map(|letter| format!("{letter:x}")).collect::<Vec<_>>(), Vec::<String>::new());
}

/// Whatever is typed, FTS5 never answers with a syntax error, and what is typed in full is found.
#[test]
fn no_input_is_a_syntax_error() {
    let index = index();
    let hostile = [
        "\"",
        "\"\"",
        "'",
        "*",
        "^a",
        "a*",
        "-a",
        "NOT",
        "a AND",
        "OR b",
        "NEAR(a b)",
        "NEAR(",
        "(",
        ")",
        "{words}:a",
        "words:a",
        "a:b",
        "message_words",
        ":",
        "+",
        "\\",
        "%",
        "\0",
        "a\0b",
        ";--",
        "';DROP TABLE messages;--",
        "\u{202e}abc",
        "\u{feff}",
        "AND AND AND",
        "\"unclosed",
        "a\" OR \"b",
        "ⓐ",
        "ﬀ",
        "İ",
        "ß",
        "①",
        "𝒳",
        "\u{e000}",
        "\u{10ffff}",
        "੍",
        "क्षि",
        "''''",
        "‘’“”",
        "{}",
        "[]",
        "<script>",
        "1e309",
        "--",
        "/*",
        "*/",
        "NOT NOT",
        "^",
        "~",
        "|",
        "&&",
        "\t\n\r",
    ];
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_125);
    println!("SEED={seed}");
    let mut entropy = Entropy::new(u128::from(seed));
    let mut draw = |below: u64| entropy.next_u64() % below;
    let mut inputs: Vec<String> = hostile.iter().map(|text| (*text).to_owned()).collect();
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..=draw(8) {
            match draw(4) {
                0 => text.push_str(hostile[draw(hostile.len() as u64) as usize]),
                1 => text.push(char::from_u32(draw(0x11_0000) as u32).unwrap_or('退')),
                2 => text.push(char::from_u32(0x4e00 + draw(0x5000) as u32).unwrap_or('x')),
                _ => text.push(char::from_u32(draw(128) as u32).unwrap_or('x')),
            }
        }
        inputs.push(text);
    }
    inputs.push("a ".repeat(50_000));
    inputs.push("退".repeat(50_000));
    inputs.push("z".repeat(50_000));
    for (place, input) in inputs.iter().enumerate() {
        add(&index, place as i64, input);
        let found = find(&index, input).unwrap_or_else(|error| panic!("{input:?}: {error}"));
        let is_findable = match_query(&workspace(), input).is_some();
        assert_eq!(found.contains(&(place as i64)), is_findable, "{input:?}");
    }
}

#[test]
fn what_comes_out_is_bounded() {
    for letter in ["退", "👍", "ⓐ", "a ", "เ"] {
        let longest = letter.repeat(100_000);
        assert!(index_words(&workspace(), &longest).len() <= INDEX_CHARS * 16, "{letter}");
        assert!(match_query(&workspace(), &longest).unwrap().len() < 1_000, "{letter}");
    }
    assert!(match_query(&workspace(), &"word ".repeat(10_000)).unwrap().len() < 1_000);
    assert!(match_query(&workspace(), &"ⓐ".repeat(10_000)).unwrap().len() < 1_000);
}

/// INV-8: no text makes the word that stands for a workspace, so none can get into another one's searches.
#[test]
fn inv_8_no_text_makes_the_word_of_a_workspace() {
    let index = index();
    let other = WorkspaceId::parse("ws_bbbbbbbbbbbbbbbb").unwrap();
    for (place, text) in [
        &workspace_word(&other),
        "wsbbbbbbbbbbbbbbbb",
        "\u{e000} wsbbbbbbbbbbbbbbbb",
        "x\u{e000}wsbbbbbbbbbbbbbbbb",
        other.as_str(),
    ]
    .iter()
    .enumerate()
    {
        add(&index, place as i64, text);
    }
    let query = match_query(&other, "wsb").unwrap();
    let mut statement = index.prepare("SELECT rowid FROM message_words WHERE message_words MATCH ?").unwrap();
    assert_eq!(statement.query_map([query], |row| row.get::<_, i64>(0)).unwrap().count(), 0);
    assert_eq!(find(&index, "wsbbbbbbbbbbbbbbbb").unwrap(), [0, 1, 2, 3], "they are words of their own workspace");
}

#[test]
fn excerpts_show_the_place() {
    assert_eq!(excerpt("short", "x"), "short");
    let text = format!("{} Refund please {}", "before ".repeat(100), "after ".repeat(100));
    let shown = excerpt(&text, "refund");
    assert!(shown.contains("Refund please") && shown.starts_with('…') && shown.ends_with('…'), "{shown}");
    assert!(shown.chars().count() <= EXCERPT_CHARS + 2);
    assert!(excerpt(&text, "nowhere").starts_with("before"));
    let chinese = format!("{}申请退款", "好".repeat(400));
    assert!(excerpt(&chinese, "退款").ends_with("申请退款"));
}
