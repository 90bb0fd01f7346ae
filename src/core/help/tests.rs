use super::*;
use crate::core::{
    bot::intent::Says,
    id::{Entropy, IntentId},
};

fn words(en: &str, zh: &str) -> Words {
    Words { en: en.into(), zh: zh.into() }
}

fn article(title: Words, body: Words) -> Article {
    Article { id: ArticleId::draw(&mut Entropy::new(7)), title, body }
}

fn returns() -> Article {
    article(
        words("Returns", "退货"),
        words("# How\n\nWithin **30** days. Use [the form](https://x.example/form).", "30天内可退。"),
    )
}

fn owner(name: &str) -> Owner {
    Owner { workspace: WorkspaceId::draw(&mut Entropy::new(9)), name: name.into() }
}

fn meaning(does: Does, article: Option<&Article>) -> Meaning {
    let article = article.map(|article| article.id.clone());
    let says = Says { answer: words("My own", ""), does, article, ..Says::default() };
    Meaning { id: IntentId::parse("refund").unwrap(), says }
}

#[test]
fn an_intent_tells_its_article_while_it_is_published() {
    let (own, there) = ("https://chat.example", returns());
    let told = |does, named: Option<&Article>, published: &[Article]| {
        let mut intents = [meaning(does, named)];
        tell(&mut intents, published, own);
        intents[0].says.answer.clone()
    };
    let all = std::slice::from_ref(&there);
    let id = &there.id;
    assert_eq!(
        told(Does::Answer, Some(&there), all),
        words(
            &format!("Returns\n\nHow: Within 30 days. Use the form.\n\n{own}/help/en/{id}"),
            &format!("退货\n\n30天内可退。\n\n{own}/help/zh/{id}")
        )
    );
    let mine = words("My own", "");
    assert_eq!(told(Does::Answer, None, all), mine);
    assert_eq!(told(Does::Answer, Some(&there), &[]), mine, "a draft, or gone");
    assert_eq!(told(Does::Handoff, Some(&there), all), mine);

    let english = article(words("Returns", ""), words(&"word ".repeat(200), ""));
    let answer = told(Does::Answer, Some(&english), std::slice::from_ref(&english));
    assert_eq!(answer.en, answer.zh, "the language that there is");
    assert!(
        answer.en.contains(" w…\n\n") || answer.en.contains("word …\n\n") || answer.en.contains("…\n\nhttps"),
        "{}",
        answer.en
    );
    assert!(answer.en.chars().count() < ARTICLE_BEGINNING_CHARS + 100);
}

#[test]
fn passages_are_of_one_section_and_short() {
    let long = "A sentence of some words. ".repeat(60);
    let body = format!(
        "Intro.\n\n# One\n\nFirst [link](https://x.example/1).\n\n- a\n- b\n\n## Two\n\n{long}\n\n```\n# no heading\n```\n\n# 三\n\n{}",
        "一句话。".repeat(300)
    );
    let all = article(words("T", ""), words(&body, "")).passages();
    assert!(
        all.iter().all(|(language, entry)| *language == Language::En
            && entry.question == "T"
            && entry.id.starts_with("art_"))
    );
    let texts: Vec<&str> = all.iter().map(|(_, entry)| entry.answer.as_str()).collect();
    assert_eq!(texts[0], "Intro.");
    assert_eq!(texts[1], "One\nFirst link (https://x.example/1).\na\nb");
    assert!(texts[2].starts_with("Two\nA sentence of some words."), "{}", texts[2]);
    assert!(texts.iter().all(|text| text.chars().count() <= PASSAGE_CHARS && !text.trim().is_empty()), "{texts:?}");
    assert!(texts.iter().all(|text| text.ends_with(['.', '。', 'b', 'g', 'o'])), "{texts:?}");
    let count = |text: &str| texts.iter().map(|part| part.matches(text).count()).sum::<usize>();
    assert_eq!(
        (count("A sentence of some words."), count("一句话。"), count("# no heading")),
        (60, 300, 1),
        "nothing is lost"
    );

    assert_eq!(returns().passages().len(), 2, "one of each language");
    let wall = article(words("T", "题"), words("x", &"无".repeat(1_000)));
    let lengths: Vec<usize> = wall.passages().iter().map(|(_, entry)| entry.answer.chars().count()).collect();
    assert_eq!(lengths, [1, 400, 400, 200]);

    // What is one word stays one, wherever it stands: the model would be told another price.
    for whole in ["24.90", "https://shop.example/x.html?a=1", "1,299.00!", "v2.0.1"] {
        for filler in ["Parcels go by post, ", "包裹由邮局寄送，"] {
            for before in 300..PASSAGE_CHARS + 2 {
                let text: String = filler.chars().cycle().take(before).collect();
                let text = format!("{text} {whole} EUR {}", filler.repeat(20));
                let unparted = format!("包裹由邮局寄送{}{whole}元{}", "，".repeat(before), "包".repeat(100));
                for text in [text, unparted] {
                    let passages = article(words("T", ""), words(&text, "")).passages();
                    let has_it = passages.iter().any(|(_, entry)| entry.answer.contains(whole));
                    assert!(has_it && passages.len() > 1, "{before}: {passages:?}");
                }
            }
        }
    }
    // But a sentence ends before a blank.
    let sentences = "Norway is 24.90 EUR. ".repeat(40);
    let passages = article(words("T", ""), words(&sentences, "")).passages();
    assert!(passages.iter().all(|(_, entry)| entry.answer.ends_with("EUR.")), "{passages:?}");
}

#[test]
fn the_page_says_what_is_written_and_nothing_more() {
    let evil = "<script>alert(1)</script>\"'&";
    let it = article(words(evil, ""), words(evil, ""));
    for language in [Language::En, Language::Zh] {
        let page = page(&it, language, &owner(evil));
        assert!(page.contains("<html lang=\"en\">"), "its only language");
        assert_eq!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;").count(), 4, "{page}");
        assert!(!page.contains("<script") && !page.contains("hreflang"));
    }
    let both = returns();
    let english = page(&both, Language::En, &owner("Shop"));
    assert!(
        english.contains(&format!("<a href=\"/help/zh/{}\" hreflang=\"zh-CN\" lang=\"zh-CN\">中文</a>", both.id)),
        "{english}"
    );
    assert!(page(&both, Language::Zh, &owner("Shop")).contains("<html lang=\"zh-CN\">"));
    assert!(english.contains("<h1 dir=\"auto\">Returns</h1><h2 dir=\"auto\">How</h2>"), "{english}");
    let all = format!("</main><footer><a href=\"/help/en/{}\">All articles</a></footer>", owner("").workspace);
    assert!(english.contains(&all), "{english}");
    for language in [Language::En, Language::Zh] {
        assert_ne!(nothing(language, Missing::One), nothing(language, Missing::All));
        assert!(nothing(language, Missing::All).ends_with("</main></body></html>"));
    }
}

#[test]
fn the_list_has_every_title_once_and_in_order() {
    let evil = "<script>alert(1)</script>\"'&";
    let titles = [("returns", "退货"), ("", "发票"), ("Delivery", ""), (evil, "中文"), ("Älpler", "")];
    let listed = |(seed, (en, zh)): (usize, &(&str, &str))| Listed {
        id: ArticleId::draw(&mut Entropy::new(seed as u128)),
        title: words(en, zh),
    };
    let articles: Vec<Listed> = titles.iter().enumerate().map(listed).collect();
    let shown = |language: Language| list(&articles, language, &owner(evil));
    let lines = |page: &str| -> Vec<String> {
        page.split("<li dir=\"auto\">").skip(1).map(|line| line.split("</li>").next().unwrap().to_owned()).collect()
    };
    let line = |number: usize, language: &str, more: &str, title: &str| {
        format!("<a href=\"/help/{language}/{}\"{more}>{title}</a>", articles[number].id)
    };
    let safe = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;";
    let (en, zh) = (" hreflang=\"en\" lang=\"en\"", " hreflang=\"zh-CN\" lang=\"zh-CN\"");
    assert_eq!(
        lines(&shown(Language::En)),
        [
            line(3, "en", "", safe),
            line(2, "en", "", "Delivery"),
            line(0, "en", "", "returns"),
            line(4, "en", "", "Älpler"),
            line(1, "zh", zh, "发票"),
        ]
    );
    assert_eq!(
        lines(&shown(Language::Zh)),
        [
            line(3, "zh", "", "中文"),
            line(1, "zh", "", "发票"),
            line(0, "zh", "", "退货"),
            line(2, "en", en, "Delivery"),
            line(4, "en", en, "Älpler"),
        ]
    );
    for (language, other) in [(Language::En, "zh"), (Language::Zh, "en")] {
        let page = shown(language);
        assert!(page.contains(&format!("<a href=\"/help/{other}/{}\"", owner("").workspace)), "{page}");
        assert!(!page.contains("<script") && page.matches("</ul></main></body></html>").count() == 1);
    }
}
