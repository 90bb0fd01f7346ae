use super::{safe::check, *};
use crate::core::{chance::Chance, id::Entropy};

#[test]
fn what_is_written_becomes_what_it_says() {
    let table = [
        ("", ""),
        ("Hello", "<p dir=\"auto\">Hello</p>"),
        ("one\ntwo\n\nthree", "<p dir=\"auto\">one<br>two</p><p dir=\"auto\">three</p>"),
        ("# A #\n## B\n###### C", "<h2 dir=\"auto\">A</h2><h3 dir=\"auto\">B</h3><h4 dir=\"auto\">C</h4>"),
        ("#5 is ours", "<p dir=\"auto\">#5 is ours</p>"),
        (
            "- a\n- b\n  more\n\n- c",
            "<ul><li dir=\"auto\">a</li><li dir=\"auto\">b<br>more</li><li dir=\"auto\">c</li></ul>",
        ),
        (
            "1. a\n2) b\n\ntext\n\n3、c",
            "<ol start=\"1\"><li dir=\"auto\">a</li><li dir=\"auto\">b</li></ol><p dir=\"auto\">text</p><ol start=\"3\"><li dir=\"auto\">c</li></ol>",
        ),
        (
            "a\n- b\n1. c",
            "<p dir=\"auto\">a</p><ul><li dir=\"auto\">b</li></ul><ol start=\"1\"><li dir=\"auto\">c</li></ol>",
        ),
        ("> a\n> b\n\nc", "<blockquote dir=\"auto\">a<br>b</blockquote><p dir=\"auto\">c</p>"),
        ("a\n\n---\n***", "<p dir=\"auto\">a</p><hr><hr>"),
        ("```sh\nrm <x>\n\n# no\n```\nb", "<pre><code>rm &lt;x&gt;\n\n# no\n</code></pre><p dir=\"auto\">b</p>"),
        ("```\nopen", "<pre><code>open\n</code></pre>"),
    ];
    for (text, expected) in table {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn marks_within_a_line() {
    let long = "**a _b **c** d_ e**";
    let table = [
        (
            "**a** *b* __c__ _d_ ***e***",
            "<strong>a</strong> <em>b</em> <strong>c</strong> <em>d</em> <strong><em>e</em></strong>",
        ),
        ("这是**重点**。", "这是<strong>重点</strong>。"),
        ("2 * 3 * 4, snake_case_name, a ** b, **open, 5", "2 * 3 * 4, snake_case_name, a ** b, **open, 5"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        (long, "<strong>a _b **c</strong> d_ e**"),
        ("`a*b*` ``x ` y`` `open", "<code>a*b*</code> <code>x ` y</code> `open"),
        (r"\*a\* \\ \q", r"*a* \ \q"),
        ("a <b> & \"c\" 'd'", "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"),
        (
            "[a *b*](https://x.example/(1)?a=1&b \"title\")!",
            "<a href=\"https://x.example/(1)?a=1&amp;b\" rel=\"noopener nofollow\">a <em>b</em></a>!",
        ),
        (
            "[mail](mailto:a@b.example) [call](TEL:+49)",
            "<a href=\"mailto:a@b.example\" rel=\"noopener nofollow\">mail</a> <a href=\"TEL:+49\" rel=\"noopener nofollow\">call</a>",
        ),
        ("[a](javascript:alert(1)) [b](data:x) [c](/d) [e]()", "a b c e"),
        ("[a](https://)", "a"),
        (
            "![Cup](https://x.example/c.png) ![no](http://x.example/c.png)",
            "<img loading=\"lazy\" src=\"https://x.example/c.png\" alt=\"Cup\"> no",
        ),
        (
            "see https://x.example/a_b_c?d=1. ok",
            "see <a href=\"https://x.example/a_b_c?d=1\" rel=\"noopener nofollow\">https://x.example/a_b_c?d=1</a>. ok",
        ),
        ("见http://x.example/（附）", "见http://x.example/（附）"),
        ("（http://x.example/）", "（<a href=\"http://x.example/\" rel=\"noopener nofollow\">http://x.example/</a>）"),
        (
            "(https://x.example/y) httpd https://",
            "(<a href=\"https://x.example/y\" rel=\"noopener nofollow\">https://x.example/y</a>) httpd https://",
        ),
        (
            "[https://a.example](https://b.example)",
            "<a href=\"https://b.example\" rel=\"noopener nofollow\">https://a.example</a>",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(html(text), format!("<p dir=\"auto\">{expected}</p>"), "{text}");
    }
}

#[test]
fn words_are_told_without_marks() {
    let text = "# Returns\n\nWithin **30** days, see [the form](https://x.example/f) or https://x.example/g.\n\n- one\n- two\n\n3. three";
    assert_eq!(line(text, (':', ';')), "Returns: Within 30 days, see the form or https://x.example/g. one; two; three");
    let told = with_addresses(text);
    assert!(told.contains("see the form (https://x.example/f) or https://x.example/g.\n"), "{told}");
    assert_eq!(line("", (':', ';')), "");
    assert_eq!(line("![alt](https://x.example/p.png)", (':', ';')), "");
}

/// Whatever was written before there was Markdown stays as it is: prices, ids, lists, numbers.
#[test]
fn plain_text_is_told_as_it_is() {
    let table = [
        "",
        "Yes.",
        "5 * 3 = 15, 5*3*2 = 30, 600*400*20 mm, M6*20*2, a*b*c",
        "order_id and A_1_B, snake_case_name_2, __not closed",
        "1. first\n2. second\n\n10) tenth\n3、第三",
        "- one\n- two\n  more of it\n\n* three\n* four\n+ five",
        "#1, #2\n#hashtag",
        "S*, M* and L*: while they last",
        "*required",
        "Costs 20 % (VAT *) incl. *) and more",
        "> 5 kg: free\n< 5 kg: 3 €",
        "Hours:\n\tMon–Fri\t9–5\n\n\n   Sat  10–2",
        "-----\nMail a_b_c@x.example or call +49 30 123_4",
        "https://x.example/a_b_c?d=1&e=*f*. See (https://x.example/y)!",
        "5 < 6 & \"quotes\" 'single' <b>no HTML</b>",
        "[see below] (or not), a[1], f(x)",
        "每天 9:00—18:00（周末除外）\n尺寸：10*20*30 厘米\n¥5 * 3",
        "🙂 ** two stars ** `open",
        "C:\\Users and 50% off!",
    ];
    for text in table {
        assert_eq!(told(text), text, "{text}");
    }
}

#[test]
fn markdown_is_told_in_lines_without_marks() {
    let table = [
        ("**Yes**, *you* can, __really__.", "Yes, you can, really."),
        ("这是**重点**，*注意*。", "这是重点，注意。"),
        ("# Returns #\nWithin **30\ndays**.\n\n## How", "Returns\nWithin 30\ndays.\n\nHow"),
        ("- **one**: `a*b*`\n- two\n\n1. *x*\n2. y", "- one: a*b*\n- two\n\n1. x\n2. y"),
        ("* *one*\n* two", "* one\n* two"),
        ("See [the **form**](https://x.example/f \"t\").", "See the form (https://x.example/f)."),
        ("[https://x.example/f](https://x.example/f) [](https://y.example)", "https://x.example/f https://y.example"),
        (
            "[Mail us](mailto:a@b.example), [call](tel:+49), [a@b.example](mailto:a@b.example)",
            "Mail us (a@b.example), call (+49), a@b.example",
        ),
        (
            "![Cup](https://x.example/c.png)![](https://x.example/d.png)",
            "Cup (https://x.example/c.png)https://x.example/d.png",
        ),
        ("[no](javascript:alert(1)) ![no](http://x.example/c.png)", "no no"),
        ("```sh\nrm *x*\n\n# no\n```\nb *c*", "rm *x*\n\n# no\nb c"),
        (r"5 \* 3 \_a\_ \# x", "5 * 3 _a_ # x"),
        ("> **quoted**\n> more\n\n---\nend", "> quoted\n> more\n\n---\nend"),
        ("*a **b** c*\n\n**open", "a b c\n\n**open"),
        // Nothing is no message.
        ("# #", "# #"),
        ("```\n```", "```\n```"),
        ("[](x)", "[](x)"),
    ];
    for (text, expected) in table {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn whatever_is_written_is_safe() {
    const PIECES: [&str; 44] = [
        "*",
        "**",
        "_",
        "__",
        "`",
        "``",
        "```",
        "[",
        "](",
        ")",
        "(",
        "![",
        "\\",
        "\n",
        "\n\n",
        " ",
        "#",
        "# ",
        "> ",
        "- ",
        "1. ",
        "2、",
        "https://",
        "http://x.example/",
        "javascript:",
        "mailto:",
        "tel:1",
        "data:text/html,",
        "<script>",
        "</p>",
        "<!--",
        "\"",
        "'",
        "onerror=",
        "&lt;",
        "&",
        ";",
        "a",
        "word",
        "好",
        "🙂",
        "\u{202e}",
        "\u{0}",
        "\t",
    ];
    for seed in 0..4_000_u128 {
        let mut chance = Chance::Seed(Entropy::new(seed));
        let count = chance.below(40);
        let text: String = (0..count).map(|_| PIECES[chance.below(PIECES.len() as u64) as usize]).collect();
        let html = html(&text);
        check(&html);
        let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic() && !letter.is_ascii()).count();
        assert!(letters(&html) <= letters(&text), "{text:?}");
        assert!(!line(&text, (':', ';')).contains("dir=\"auto\""), "{text:?}");
        let told = told(&text);
        assert!(!told.contains("dir=\"auto\"") && letters(&told) <= letters(&text), "{text:?}");
    }
}

/// The longest texts there are, written so that a reader which looks for every end again would take minutes.
#[test]
fn no_text_takes_long() {
    let most = crate::core::limits::ARTICLE_CHARS;
    for piece in [
        "*",
        "**a",
        "_a ",
        "*a ",
        "`",
        "[",
        "[a](",
        "![",
        "](",
        "(",
        "[a](x",
        "\\",
        "> ",
        "-h",
        "http-",
        "https://a)",
        "-httpss://",
        "-http://",
        "https://a\u{1}",
        "**a **",
        "***a*",
        "1. ",
        "\n- a\n",
        "[*a](https://b)",
        "``` ",
    ] {
        let text: String = piece.chars().cycle().take(most).collect();
        check(&html(&text));
        assert!(told(&text).chars().count() <= 2 * most, "{piece}");
    }
    // No fence, as a line of nothing else would be.
    assert_eq!(html(&format!("a{}", "`".repeat(most))).len(), most + "<p dir=\"auto\">a</p>".len());
    let nested = "*a **b ".repeat(most / 7);
    check(&html(&format!("{nested}{}", "b** a*".repeat(100))));
}

#[test]
fn in_one_line_headings_and_items_end() {
    let (en, zh) = ((':', ';'), ('：', '；'));
    let table = [
        (en, "# How\n\nWithin 30 days.", "How: Within 30 days."),
        (en, "# How?\nWithin\n30 days\n## More\n# Last", "How? Within 30 days More: Last"),
        (en, "# **Returns** (EU)\n- one\n- two.\n- `three`\n\nEnd", "Returns (EU): one; two. three; End"),
        (en, "# #\n# A\n\n> said\n\n---\n\n1. one\n2. two", "A: said one; two"),
        (en, "```\na\n  b\n```\n# C", "a b C"),
        (en, "- a\n- ![x](https://x.example/p.png)\n- b", "a; b"),
        (zh, "# 如何退货\n\n30天内可退。\n\n- 顺丰\n- 京东！\n- 其他", "如何退货：30天内可退。 顺丰；京东！ 其他"),
        (zh, "# 问题？\n答案", "问题？ 答案"),
    ];
    for (marks, text, expected) in table {
        assert_eq!(line(text, marks), expected, "{text:?}");
    }
}
