use super::*;
use crate::core::{
    chance::Chance,
    email,
    id::Entropy,
    limits::{ORDER_CHARS, PHONE_DIGITS},
};

fn field(key: &str, kind: Kind) -> Field {
    Field { key: key.into(), kind, ask: Words { en: format!("{key}?"), zh: format!("{key}？") } }
}

fn id() -> IntentId {
    IntentId::parse("order_status").unwrap()
}

#[test]
fn values_are_found_in_what_people_write() {
    let table: [(Kind, &str, Option<&str>); 135] = [
        (Kind::Order, "A-1234", Some("A-1234")),
        (Kind::Order, " #A-1234.", Some("A-1234")),
        (Kind::Order, "my order is #A-1234", Some("A-1234")),
        (Kind::Order, "it's A-1234, thanks!", Some("A-1234")),
        (Kind::Order, "No.#A-1234", Some("A-1234")),
        (Kind::Order, "我的订单号是A1234，谢谢", Some("A1234")),
        (Kind::Order, "订单号：２０２４０００１", Some("20240001")),
        (Kind::Order, "＃Ａ－１２３４", Some("A-1234")),
        (Kind::Order, "A\u{200b}B12\u{202e}34", Some("AB1234")),
        (Kind::Order, "X1Y2", Some("X1Y2")),
        (Kind::Order, "https://shop.example/orders/88412", Some("88412")),
        (Kind::Order, "I bought 2 iPhone15 in order 881-2234-7", Some("881-2234-7")),
        (Kind::Order, "#77 no wait #A-9912", Some("A-9912")),
        (Kind::Order, "--1234--", Some("1234")),
        (Kind::Order, "my order is 12345, phone 555-0100", Some("12345")),
        (Kind::Order, "phone 555-0100, order no.: 12345", Some("12345")),
        (Kind::Order, "订单号12345678，手机13800138000", Some("12345678")),
        (Kind::Order, "手机13800138000，訂單編號是12345678", Some("12345678")),
        (Kind::Order, "订单号:AB-1234，快递单号SF1234567890", Some("AB-1234")),
        (Kind::Order, "12345678，手机13800138000", Some("12345678")),
        (Kind::Order, "I don't have it, I paid $1299.00 on Monday", None),
        (Kind::Order, "I have lost my order number, call me at 5550100", None),
        (Kind::Order, "no order yet, I need 1000 pieces", None),
        (Kind::Order, "没有订单号，我的手机号是13800138000", None),
        (Kind::Order, "找不到單號了，11月買的，20241120", None),
        (Kind::Order, "no order yet, my flat is 4711", None),
        (Kind::Order, "it was € 1299", None),
        (Kind::Order, "I paid 1299 for it", None),
        (Kind::Order, "it cost 1,299.00 USD or 1299.50 USD", None),
        (Kind::Order, "花了1299块买的", None),
        (Kind::Order, "订单号88412台灯坏了", Some("88412")),
        (Kind::Order, "订单号20241120001元旦买的", Some("20241120001")),
        (Kind::Order, "I want to order 1000pcs", None),
        (Kind::Order, "my phone number is 5550100", None),
        (Kind::Order, "手机号13800138000", None),
        (Kind::Order, "500ml的杯子漏了", None),
        (Kind::Order, "1299", Some("1299")),
        (Kind::Order, "I have not got it yet, it's 88412", Some("88412")),
        (Kind::Order, "没有收到货，88412", Some("88412")),
        (Kind::Order, "no, it's 88412", Some("88412")),
        (Kind::Order, "I don't know where it is: 88412, for $1299.00", Some("88412")),
        (Kind::Order, "no order came, order number 88412", Some("88412")),
        (Kind::Order, "it's 1234GB77, thanks", Some("1234GB77")),
        (Kind::Order, "it is 12345678 or 87654321", None),
        (Kind::Order, "12345, I said 12345", Some("12345")),
        (Kind::Order, "order 1111 and order 2222", None),
        (Kind::Order, "order 1234 5678 9012", None),
        (Kind::Order, "order number 1234 5678, tel 5550100", None),
        (Kind::Order, "I ordered on 2026-11-01, order number 12345", Some("12345")),
        (Kind::Order, "12345 from 01-11-2026", Some("12345")),
        (Kind::Order, "12345 from 01.11.2026", Some("12345")),
        (Kind::Order, "2026年11月1日买的，12345", Some("12345")),
        (Kind::Order, "on 2026/11/01", None),
        (Kind::Order, "2026-11-01", None),
        (Kind::Order, "2026", Some("2026")),
        (Kind::Order, "#2026-11-01", Some("2026-11-01")),
        (Kind::Order, "order 2026", Some("2026")),
        (Kind::Order, "invoice #55512345 for order #A-1234", Some("A-1234")),
        (Kind::Order, "#A-1111, or was it #B-22222", Some("A-1111")),
        (Kind::Order, &"9".repeat(40), Some("9999999999999999999999999999999999999999")),
        (Kind::Order, &"9".repeat(41), None),
        (Kind::Order, "123", None),
        (Kind::Order, "hello", None),
        (Kind::Order, "I don't know", None),
        (Kind::Order, "on the 24th", None),
        (Kind::Order, "我24号买的iphone15坏了", None),
        (Kind::Order, "ada1234@shop.example", None),
        (Kind::Order, "٣٣٣٣٣", None),
        (Kind::Order, "", None),
        (Kind::Order, "#", None),
        (Kind::Email, "Ada@Shop.Example", Some("ada@shop.example")),
        (Kind::Email, "it is ada@shop.example.", Some("ada@shop.example")),
        (Kind::Email, "<ada+x@shop.example>", Some("ada+x@shop.example")),
        (Kind::Email, "我的邮箱是ada_1@shop.example，谢谢", Some("ada_1@shop.example")),
        (Kind::Email, "ａｄａ＠shop.example", Some("ada@shop.example")),
        (Kind::Email, "mailto:ada@shop.example", Some("ada@shop.example")),
        (Kind::Email, "a@b or ada@shop.example", Some("ada@shop.example")),
        (Kind::Email, "O'Brien@example.com", Some("o'brien@example.com")),
        (Kind::Email, "o’brien@example.com", Some("o'brien@example.com")),
        (Kind::Email, "José.García@example.com", Some("josé.garcía@example.com")),
        (Kind::Email, "it's müller@web.de, thanks", Some("müller@web.de")),
        (Kind::Email, "ada@bücher.example", Some("ada@bücher.example")),
        (Kind::Email, "a&b@x.com", Some("a&b@x.com")),
        (Kind::Email, "我的邮箱是abc@qq.com谢谢", Some("abc@qq.com")),
        (Kind::Email, "'ada@shop.example'", Some("ada@shop.example")),
        (Kind::Email, "ada@shop.example's", Some("ada@shop.example")),
        (Kind::Email, "/?mail=ada@shop.example&id=4", Some("ada@shop.example")),
        (Kind::Email, "ada@old.example – no, sorry, ada@new.example", None),
        (Kind::Email, "旧邮箱ada@old.example，新邮箱ada@new.example。", None),
        (Kind::Email, "Ada <ada@shop.example>, I said ADA@shop.example", Some("ada@shop.example")),
        (Kind::Email, "我的邮箱是ada@shop.example。", Some("ada@shop.example")),
        (Kind::Email, "邮箱：ada@shop.example；电话13800138000", Some("ada@shop.example")),
        (Kind::Email, "ada@shop", None),
        (Kind::Email, "ada at shop.example", None),
        (Kind::Email, "@", None),
        (Kind::Email, "a@b@shop.example", None),
        (Kind::Phone, "+49 (170) 123-4567", Some("+491701234567")),
        (Kind::Phone, "+49 (0)170 1234567", Some("+491701234567")),
        (Kind::Phone, "+49(0) 170 1234567.", Some("+491701234567")),
        (Kind::Phone, "call me at 138 0013 8000 please", Some("13800138000")),
        (Kind::Phone, "我的手机是13800138000", Some("13800138000")),
        (Kind::Phone, "１３８００１３８０００", Some("13800138000")),
        (Kind::Phone, "555-0199 22", Some("555019922")),
        (Kind::Phone, "tel:(0)30 1234567", Some("0301234567")),
        (Kind::Phone, "138\u{3000}0013\u{a0}8000", Some("13800138000")),
        (Kind::Phone, "+49 170\u{2013}1234567, 555\u{2010}0199", Some("+491701234567")),
        (Kind::Phone, "My number is 555-0100. 12 is the flat", Some("5550100")),
        (Kind::Phone, "Tel.555-0100 or tel. +49.170.1234567", Some("+491701234567")),
        (Kind::Phone, "Tel.555-0100", Some("5550100")),
        (Kind::Phone, "555-0100 or 555-0199", None),
        (Kind::Phone, "+49 170 1234567 or +49 170 1234568", None),
        (Kind::Phone, "555-0100, I said 5550100", Some("5550100")),
        (Kind::Phone, "订单12345678，电话13800138000", None),
        (Kind::Phone, "order #12345678, phone 555-0100", Some("5550100")),
        (Kind::Phone, "my order is #12345678", None),
        (Kind::Phone, "order A-12345678 tel 555-0100", Some("5550100")),
        (Kind::Phone, "A-1234 555-0100", Some("5550100")),
        (Kind::Phone, "2026-11-01", None),
        (Kind::Phone, "since 01.11.2026", None),
        (Kind::Phone, "from 2026-11-01 10:30 on", None),
        (Kind::Phone, "(2026-11-01) 555-0100", Some("5550100")),
        (Kind::Phone, "123456", None),
        (Kind::Phone, "1234567890123456", None),
        (Kind::Phone, "+", None),
        (Kind::Phone, "no", None),
        (Kind::Text, "  it is broken\nat the corner ", Some("it is broken\nat the corner")),
        (Kind::Text, "坏了", Some("坏了")),
        (Kind::Text, "🙂", Some("🙂")),
        (Kind::Text, " \n", None),
        (Kind::Text, &"长".repeat(400), Some(&"长".repeat(400))),
        (Kind::Text, &"长".repeat(401), None),
        (Kind::Order, "\0\u{7}", None),
        (Kind::Order, "....####----", None),
        (Kind::Email, "....@....", None),
        (Kind::Phone, "(((((-----", None),
    ];
    for (kind, text, value) in table {
        assert_eq!(kind.find(text, true).as_deref(), value, "{kind:?} in {text:?}");
    }
}

/// What nobody has asked for is taken only where it can be nothing else.
#[test]
fn what_a_message_says_already_is_not_asked_for() {
    let fields = [field("order", Kind::Order), field("mail", Kind::Email), field("tel", Kind::Phone)];
    let two = [field("from", Kind::Order), field("to", Kind::Order)];
    let table: [(&[Field], &str, &str); 30] = [
        (&fields, "where is my order?", ""),
        (&fields, "where is #1234?", "order: 1234"),
        (&fields, "where is AB-1234?", ""),
        (&fields, "where is order number AB-1234?", "order: AB-1234"),
        (&fields, "my order number is 12345", "order: 12345"),
        (&fields, "Order No. 12345 has not come", "order: 12345"),
        (&fields, "我的訂單號是：１２３４５，还没到", "order: 12345"),
        (&fields, "order number: no idea, I bought 1500 of them", ""),
        (&fields, "order number 1234 5678 9012", ""),
        (&fields, "I want to order 1500 lamps", ""),
        (&fields, "我的订单500ml的漏了", ""),
        (&fields, "快递单号12345678到哪了", ""),
        (&fields, "运单号12345678到哪了", ""),
        (&fields, "中通单号78912345678901到哪了", ""),
        (&fields, "快递的单号12345678", ""),
        (&fields, "单号12345678到哪了", "order: 12345678"),
        (&fields, "订单到哪了，单号Ａ－９９１２", "order: A-9912"),
        (&fields, "Where is my 256GB iPhone?", ""),
        (&fields, "the 20000mAh one and the WH-1000XM4", ""),
        (&fields, "https://shop.example/p/abc123?id=x9999", ""),
        (&fields, "where is 20241120?", ""),
        (&fields, "bought on 2024-11-20", ""),
        (&fields, "do you have the A52", ""),
        (&fields, "I am ada1234@shop.example", "mail: ada1234@shop.example"),
        (&fields, "ada@shop.example wrote to eve@shop.example", ""),
        (&fields, "write to o'brien@example.com", "mail: o'brien@example.com"),
        (&fields, "+49 170 1234567 and #A-77", "order: A-77\ntel: +491701234567"),
        (&fields, "13800138000", ""),
        (&two, "from #A-1111 to #B-2222", "from: A-1111"),
        (&[], "#A-1111", ""),
    ];
    for (fields, text, known) in table {
        assert_eq!(Form::begun(id(), Language::En, fields, text).listed(), known, "{text}");
    }
    let mut form = Form::begun(id(), Language::Zh, &two, "");
    form.wrong = 1;
    form.take(&two[0], "A-1".into(), &two, "#A-1111 #B-2222");
    assert_eq!((form.listed().as_str(), form.wrong), ("from: A-1", 0), "one number is one number");
    form.values.push(("details".into(), "broken\nrefund: yes\u{2028}more".into()));
    assert_eq!(form.listed(), "from: A-1\ndetails: broken refund: yes more", "a visitor writes no field of their own");
    assert_eq!(form.next(&two), Some(&two[1]));
    assert_eq!(form.question(&two[1]), "to？");
    assert!(
        form.question_again(&two[1]).starts_with("没有找到订单号") && form.question_again(&two[1]).ends_with("\nto？")
    );
    let own = Field { ask: Words::default(), ..two[1].clone() };
    assert_eq!(form.question(&own), "请问您的订单号是多少？");
    form.take(&two[1], "B-2".into(), &two, "B-2");
    assert_eq!(form.next(&two), None);
}

#[test]
fn an_answer_names_what_is_known() {
    let values = [("order", "A-1{mail}"), ("mail", "ada@shop.example"), ("note", "{order}")];
    let values = values.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    let form = Form { intent: id(), language: Language::En, wrong: 0, values };
    for (text, filled) in [
        ("Order {order}: we write to {mail}.", "Order A-1{mail}: we write to ada@shop.example."),
        ("{order}{order}", "A-1{mail}A-1{mail}"),
        ("{note}", "{order}"),
        ("{nothing} {} { order} {order", "{nothing} {} { order} {order"),
        ("{{order}}", "{A-1{mail}}"),
        ("}{", "}{"),
        ("", ""),
        ("<b>{mail}</b>", "<b>ada@shop.example</b>"),
    ] {
        assert_eq!(form.fill(text), filled, "{text}");
    }
    let values = vec![("note".to_owned(), "长".repeat(400))];
    let long = Form { values, ..form }.fill(&"{note}".repeat(600));
    assert_eq!(long.chars().count(), TEXT_CHARS);
}

#[test]
fn owners_are_told_what_is_wrong_with_a_form() {
    let read = |json: &str| -> Result<Vec<Field>, String> {
        let fields = serde_json::from_str(json).map_err(|_| "unreadable".to_owned())?;
        checked(fields).map_err(|problem| format!("{} {}", problem.field, problem.detail))
    };
    let good = read(r#"[{"key":"order","kind":"order","ask":{"en":" Which\n order? "}},{"key":"2","kind":"text"}]"#);
    let good = good.unwrap();
    assert_eq!((good[0].ask.en.as_str(), good[1].ask.zh.as_str()), ("Which order?", ""));
    assert_eq!(read("[]"), Ok(Vec::new()));
    let seven: Vec<String> = (0..7).map(|n| format!(r#"{{"key":"k{n}","kind":"text"}}"#)).collect();
    let long = format!(r#"[{{"key":"a","kind":"text","ask":{{"zh":"{}"}}}}]"#, "长".repeat(401));
    for (json, said) in [
        (r#"[{"key":"A","kind":"text"}]"#, "form a key is 1 to 40 of a-z 0-9 _"),
        (r#"[{"key":"","kind":"text"}]"#, "form a key is 1 to 40 of a-z 0-9 _"),
        (r#"[{"key":"a","kind":"text"},{"key":"a","kind":"order"}]"#, "form a is there twice"),
        (&format!("[{}]", seven.join(",")), "form more than 6 fields"),
        (&long, "form longer than 400 characters"),
        (r#"[{"key":"a","kind":"date"}]"#, "unreadable"),
        (r#"[{"key":"a"}]"#, "unreadable"),
        (r#"[{"kind":"text"}]"#, "unreadable"),
        (r#"[{"key":"a","kind":"text","ask":{"de":"x"}}]"#, "unreadable"),
        (r#"[{"key":"a","kind":"text","must":true}]"#, "unreadable"),
    ] {
        assert_eq!(read(json).unwrap_err(), said, "{json}");
    }
}

#[test]
fn a_form_is_written_as_texts() {
    let values = vec![("order".to_owned(), "A-1".to_owned()), ("note".to_owned(), "\"x\"".to_owned())];
    let form = Form { intent: id(), language: Language::Zh, wrong: 1, values };
    let text = r#"["order_status","zh","1","order","A-1","note","\"x\""]"#;
    assert_eq!(serde_json::to_string(&form).unwrap(), text);
    assert_eq!(serde_json::from_str::<Form>(text).unwrap(), form);
    for bad in ["[]", r#"["a","en"]"#, r#"["Not A Name","en","0"]"#, "{}", "null", r#"["a","en",0]"#] {
        assert!(serde_json::from_str::<Form>(bad).is_err(), "{bad}");
    }
    // What a later version might add, and half a pair.
    let odd: Form = serde_json::from_str(r#"["a","de","many","k"]"#).unwrap();
    assert_eq!((odd.language, odd.wrong, odd.values.len()), (Language::En, 0, 0));
}

#[test]
fn what_leaves_a_form_is_said_as_it_is_compared() {
    for phrase in CANCELS.split('|').chain(PAUSES.split('|')) {
        let folded = crate::core::bot::features::fold(phrase);
        assert_eq!(folded.iter().collect::<String>().trim(), phrase);
        assert!(is_cancel(&folded) != is_pause(&folded));
    }
    for (text, leaves) in [
        ("Cancel!", true),
        ("Cancel, please.", true),
        ("never mind, thanks!", true),
        ("no, stop please", true),
        ("no", false),
        ("Stop it. Thank you", false),
        ("取消。", true),
        ("算了吧", true),
        ("不用了，谢谢！", true),
        ("不用了谢谢", true),
        ("算了，不查了", true),
        ("thanks", false),
        ("谢谢", false),
        ("算了吧 A-1234", false),
        ("cancel my order", false),
        ("please", false),
        ("", false),
    ] {
        assert_eq!(is_cancel(&crate::core::bot::features::fold(text)), leaves, "{text}");
    }
}

#[test]
fn what_asks_something_is_known_by_its_words() {
    for (text, asks) in [
        ("where is it?", true),
        ("where is it?!", true),
        ("你们几点开门？！", true),
        ("可以退嗎", true),
        ("可以退么 ", true),
        ("可以退麼", true),
        ("发票呢", true),
        ("When do you open", true),
        ("how long does it take", true),
        ("which courier brings it", true),
        ("Is there a shop in Berlin", true),
        ("can I pay by card", true),
        ("你们几点开门", true),
        ("邮费多少钱", true),
        ("請問怎麼退貨", true),
        ("it is broken!", false),
        ("is broken", false),
        ("does not work", false),
        ("can not be opened", false),
        ("when I opened it, it was broken", false),
        ("what the shop sent is another one", false),
        ("whatever", false),
        ("坏了", false),
        ("用了几天就坏了", false),
        ("不知道怎么回事，没有声音", false),
        ("不知怎么就坏了", false),
        ("!", false),
        ("", false),
    ] {
        assert_eq!(is_question(text, &crate::core::bot::features::fold(text)), asks, "{text}");
    }
}

/// Whatever is written: a value is what its kind says, and no form is larger than its fields.
#[test]
fn hostile_replies() {
    let pieces = [
        "#",
        "-",
        "@",
        ".",
        "+",
        "1234",
        "A9",
        "x@y.z",
        "🙂",
        "长",
        " ",
        "\0",
        "\u{202e}",
        "＃",
        "{order}",
        "13800138000",
    ];
    let mut chance = Chance::Seed(Entropy::new(3));
    let fields = [field("o", Kind::Order), field("e", Kind::Email), field("p", Kind::Phone), field("t", Kind::Text)];
    for _ in 0..20_000 {
        let text: String = (0..chance.below(12)).map(|_| pieces[chance.below(pieces.len() as u64) as usize]).collect();
        if let Some(value) = Kind::Order.find(&text, true) {
            assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{text:?}");
            assert!(ORDER_CHARS.contains(&value.len()) && value.bytes().any(|byte| byte.is_ascii_digit()), "{text:?}");
        }
        if let Some(value) = Kind::Email.find(&text, true) {
            assert_eq!(email::normal(&value), Some(value.clone()), "{text:?}");
        }
        if let Some(value) = Kind::Phone.find(&text, true) {
            let digits = value.strip_prefix('+').unwrap_or(&value);
            assert!(
                digits.bytes().all(|byte| byte.is_ascii_digit()) && PHONE_DIGITS.contains(&digits.len()),
                "{text:?}"
            );
        }
        let form = Form::begun(id(), Language::En, &fields, &text);
        assert!(form.values.len() <= 3 && form.fill(&text).chars().count() <= TEXT_CHARS);
        let stored = serde_json::to_string(&form).unwrap();
        assert_eq!(serde_json::from_str::<Form>(&stored).unwrap(), form);
    }
    let megabyte = "🙂#1".repeat(200_000);
    assert_eq!(Kind::Order.find(&megabyte, true), None);
}
