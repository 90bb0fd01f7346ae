use super::{
    calibrate::{Calibration, Judged},
    features, math,
    model::MAX_BYTES,
    retrieve::Passages,
    train::Row,
    weights::Weights,
    *,
};

fn shop() -> Corpus {
    let mut corpus = Corpus::default();
    let intents = [
        (
            "track",
            [
                "where is my order",
                "track my parcel",
                "has my package shipped",
                "我的订单到哪了",
                "快递什么时候到",
                "查物流",
            ],
        ),
        (
            "refund",
            ["i want a refund", "give me my money back", "refund please", "我要退款", "把钱退给我", "怎么申请退款"],
        ),
        (
            "hours",
            ["when do you open", "opening hours", "are you open on sunday", "你们几点开门", "营业时间", "周日营业吗"],
        ),
    ];
    for (id, texts) in intents {
        assert!(corpus.add(id, texts));
    }
    corpus
}

fn learned() -> Learned {
    learn(&shop()).unwrap()
}

#[test]
fn logarithm_and_exponential_are_close() {
    for step in 1..2_000_u16 {
        let value = f32::from(step) * 0.037;
        assert!((math::ln(value) - f32::ln(value)).abs() < 2e-6 * (1.0 + f32::ln(value).abs()), "ln {value}");
        for power in [value, -value] {
            let (own, std) = (math::exp(power), f32::exp(power));
            assert!((own / std - 1.0).abs() < 2e-5, "exp {power}: {own} {std}");
        }
    }
    assert_eq!([math::ln(0.0), math::ln(-1.0), math::ln(f32::NAN), math::exp(0.0)], [0.0, 0.0, 0.0, 1.0]);
    assert!(math::exp(f32::INFINITY).is_finite() && math::exp(f32::NAN) == 1.0);
}

#[test]
fn folds_what_means_the_same() {
    let table = [
        ("ＶＩＰ　退款", "vip 退款"),
        ("訂單發貨嗎", "订单发货吗"),
        ("re\u{200b}fu\u{ad}nd", "refund"),
        ("Don't!!  STOP…", "dont stop "),
        ("\u{202e}abc", "abc"),
        ("🙂🙂", ""),
        ("138\u{3000}00\u{a0}13\u{2010}80\u{2013}0\u{2015}", "138 00 13 80 0 "),
    ];
    for (text, folded) in table {
        assert_eq!(features::fold(text).into_iter().collect::<String>(), folded, "{text:?}");
    }
    // These are read as a blank and a hyphen, where models have known them as what separates.
    for letter in "\u{a0}\u{3000}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}".chars() {
        assert!(!letter.is_alphanumeric() && !features::is_ideograph(letter) && letter != features::half_width(letter));
    }
    assert_eq!(features::buckets("訂單發貨"), features::buckets("订单发货"));
    let pairs: Vec<char> = include_str!("simplified.txt").chars().filter(|letter| *letter != '\n').collect();
    assert_eq!(pairs.len() % 2, 0);
    assert!(pairs.iter().step_by(2).collect::<Vec<_>>().is_sorted(), "searched by halves");
}

#[test]
fn a_name_does_not_drown_a_chinese_message() {
    let runs = |text: &str| features::ngrams(text).iter().filter(|(ngram, _)| ngram.contains('^')).count();
    let table = [
        ("为 The Art of Nijinsky 评分", false),
        ("我的 invoice 呢", false),
        ("where is my order please 谢谢", true),
        ("where is my order", true),
        ("谢谢", false),
    ];
    for (text, has_runs) in table {
        assert_eq!(runs(text) > 0, has_runs, "{text}");
    }
    let ngrams: Vec<String> = features::ngrams("退货 Air Max").into_iter().map(|(ngram, _)| ngram).collect();
    assert_eq!(ngrams, ["退", "货", "退货", "air", "max", "air max"]);
}

#[test]
fn hostile_text_costs_bounded_work() {
    let learned = learned();
    let texts = [
        String::new(),
        "🙂".repeat(250_000),
        "\u{200b}".repeat(300_000),
        "\u{202e}ا".repeat(200_000),
        "a".repeat(1_000_000),
        "单".repeat(300_000),
        "İ".repeat(1_000),
        "\u{fffd}\0\u{10ffff}".repeat(1_000),
    ];
    for text in texts {
        let verdict = learned.model.judge(&text);
        assert!(features::buckets(&text).len() <= 3_000);
        assert!(verdict.top.len() <= 3);
        assert!(verdict.top.iter().all(|candidate| (0.0..=1.0).contains(&candidate.probability)), "{verdict:?}");
    }
    assert_eq!(learned.model.judge("").band, Band::Handoff);
    assert_eq!(learned.model.judge("🙂").band, Band::Handoff);
}

#[test]
fn answers_in_both_languages_and_says_why() {
    let Learned { model, .. } = learned();
    for (text, id) in
        [("WHERE is the order", "track"), ("退款", "refund"), ("營業時間", "hours"), ("money back", "refund")]
    {
        let verdict = model.judge(text);
        assert_eq!(model.intents()[usize::from(verdict.top[0].class)], id, "{text}");
        assert!(verdict.top.is_sorted_by(|one, other| one.score >= other.score));
    }
    let why = model.contributions("i want a refund", 1);
    assert_eq!(why[0].0, "refund", "a word counts with its parts: {why:?}");
    assert!(why.is_sorted_by(|one, other| one.1 >= other.1));
    assert!(why.iter().all(|(word, _)| "i want a refund".contains(word.as_str())), "{why:?}");
    // All that a message knows of a class, but for the constant, is its score.
    for text in ["i want a refund", "退款 refund 我要", "where is the the the order"] {
        let verdict = model.judge(text);
        let mut constant = vec![0.0; model.intents().len()];
        model.add_constant(&mut constant);
        for candidate in verdict.top {
            let sum: f32 = model.contributions(text, candidate.class).iter().map(|(_, weight)| weight).sum();
            let sum = sum + constant[usize::from(candidate.class)];
            assert!((sum - candidate.score).abs() < 1e-4, "{text}: {sum} of {}", candidate.score);
        }
    }
}

#[test]
fn bands_begin_at_their_edges() {
    let thresholds = Thresholds { answer: 0.5, ask: -0.25 };
    let table = [
        (0.5, Band::Answer),
        (0.499, Band::Ask),
        (-0.25, Band::Ask),
        (-0.251, Band::Handoff),
        (f32::NAN, Band::Handoff),
    ];
    for (score, band) in table {
        assert_eq!(thresholds.band(score), band, "{score}");
    }
}

#[test]
fn the_slider_holds_back_its_share() {
    let judged = |example: usize, class| Judged {
        example,
        class,
        is_library: false,
        best: vec![(0, example as f32), (1, -1.0)],
    };
    let report = Report {
        judged: (0..100).map(|example| judged(example, 0)).chain([judged(100, 1)]).collect(),
        others: Vec::new(),
    };
    assert_eq!(report.confusions(), [(1, 0, 1)]);
    for held in [0_u16, 3, 10, 100] {
        let share = f32::from(held) / 100.0 + 0.001;
        let right = report.in_band(share, Band::Answer).filter(|judged| judged.is_right()).count();
        assert_eq!(right, 100 - usize::from(held.min(99)), "{held}");
    }
    assert_eq!(Report::default().thresholds(0.03).band(1e9), Band::Handoff, "nothing is known to be right");
    assert!(report.thresholds(f32::NAN).answer.is_finite());
    let calibration = report.calibration();
    assert_eq!(calibration.thresholds.len(), 51);
    for percent in 0..=50 {
        let (model, own) = (calibration.at(Some(percent)), report.thresholds(percent as f32 / 100.0));
        assert!(model.answer <= own.answer && model.ask <= own.ask, "no stricter than what was asked for: {percent}");
        assert!(percent == 0 || model.answer >= calibration.at(Some(percent - 1)).answer, "{percent}");
    }
    assert!(calibration.at(Some(50)).answer < report.thresholds(0.5).answer);
    assert_eq!(calibration.at(Some(u32::MAX)), calibration.at(Some(50)), "there is no more than all of the slider");
    assert_eq!(Calibration::default().at(Some(3)).band(1e9), Band::Handoff);
    assert_eq!(calibration.usual, 3, "nearly all is right: no more than what may always be held back");
    assert_eq!(calibration.at(None), calibration.at(Some(3)));
}

#[test]
fn what_is_wrong_too_often_is_not_answered_by_itself() {
    // A hundred scores; from `from` on so many of ten are right, below it two.
    let report = |from: usize, right: usize, is_library| Report {
        judged: (0..1_000)
            .map(|example| {
                let score = example / 10;
                let is_right = example % 10 < if score >= from { right } else { 2 };
                let best = vec![(u16::from(!is_right), score as f32), (2, -1.0)];
                Judged { example, class: 0, is_library, best }
            })
            .collect(),
        others: Vec::new(),
    };
    let from = |report: &Report| report.calibration().at(None).answer;
    assert!((39.0..=40.0).contains(&from(&report(40, 9, false))), "{}", from(&report(40, 9, false)));
    // Six of ten right is enough of the library, whose examples are harder than what visitors write, and not of the owner's own.
    assert!((39.0..=40.0).contains(&from(&report(40, 6, true))));
    assert_eq!(report(40, 6, false).calibration().usual, 50, "the end of the slider");
    assert_eq!(Report::default().calibration().at(None).band(1e9), Band::Handoff);
    // Nine of ten right, but so much else is taken for it from 55 down that it does not pay there.
    let beset = |count: usize| Report { others: vec![55.0; count], ..report(40, 9, false) };
    assert!((39.0..=40.0).contains(&from(&beset(100))), "a few of them are not worth a right answer");
    assert!(from(&beset(5_000)) > 55.0);
}

#[test]
fn the_same_examples_give_the_same_bytes_in_slices_and_at_once() {
    let whole = learned();
    for budget in [1, 7, 100] {
        let mut learner = Learner::new(&shop()).unwrap();
        let sliced = std::iter::from_fn(|| Some(learner.step(budget))).flatten().next().unwrap();
        assert_eq!(sliced.model.write(), whole.model.write());
        assert_eq!(sliced.report, whole.report);
    }
}

/// What is said of every message alike would move the scores of a larger model away from the folds' that set its bands.
#[test]
fn scores_do_not_grow_with_the_number_of_examples() {
    let copies = |count: usize| {
        let mut corpus = shop();
        let once = corpus.examples.clone();
        (1..count).for_each(|_| corpus.examples.extend(once.iter().cloned()));
        let scores = learn(&corpus).unwrap().model.judge("do you sell gift cards 你好").top;
        scores.iter().map(|candidate| candidate.score).sum::<f32>() / scores.len() as f32
    };
    let (few, many) = (copies(2), copies(12));
    assert!((few - many).abs() < 0.5, "{few} {many}");
}

#[test]
fn counting_speaks_for_whose_examples_have_it_more_often() {
    let said = [(7, 0, 4), (7, 1, 1), (9, 1, 3), (11, 2, 1)];
    let row = |bucket, class| Row { values: vec![(bucket, 0.3)], class, weight: 1.0 };
    let mut rows: Vec<Row> =
        said.iter().flat_map(|(bucket, class, times)| vec![row(*bucket, *class); *times]).collect();
    let mut weights = Weights::zero(3, 0.6, &mut rows).merge(0.5);
    weights.add_counts(&rows, 2.0);
    // Classes of four, four and one: half of it counts from twenty on.
    let grown = [16.0, 16.0, 1.0].map(|square: f32| square / (square + 400.0));
    let is = |bucket: usize, times: [f32; 3]| {
        let wanted: Vec<f32> = times.iter().zip(grown).map(|(times, grown)| 2.0 * grown * times.ln()).collect();
        let found = weights.row(bucket);
        assert!(
            found.iter().zip(&wanted).all(|(one, other)| (one - other).abs() < 1e-5),
            "{bucket}: {found:?} {wanted:?}"
        );
    };
    // Five of nine examples have it, so a class of four would have 20/9 of them: one has four, and one has one.
    is(7, [1.0 + 4.0 * 9.0 / 20.0, 1.0 + 9.0 / 20.0, 1.0]);
    is(9, [1.0, 1.0 + 3.0 * 9.0 / 12.0, 1.0]);
    // A ninth of an example would be a factor of ten.
    is(11, [1.0, 1.0, 1.0 + 1.0 / 0.5]);
    is(features::BUCKETS, [1.0; 3]);
}

fn with_background(texts: &[&str]) -> Corpus {
    let mut corpus = shop();
    let class = corpus.intents.len() as u16;
    corpus.examples.extend(texts.iter().map(|text| Example { is_library: true, ..Example::new(*text, class) }));
    corpus.others = 1;
    corpus
}

const INSURANCE: [&str; 5] =
    ["is my parcel insured", "insured against theft", "insurance for a parcel", "do you insure it", "is theft insured"];

#[test]
fn what_means_something_else_is_taken_for_no_intent() {
    let text = "is my parcel insured against theft";
    let before = learned().model.judge(text);
    let Learned { model, report } = learn(&with_background(&INSURANCE)).unwrap();
    let after = model.judge(text);
    assert_eq!(before.band, Band::Answer);
    assert_eq!(after.band, Band::Handoff);
    assert!(after.top[0].score < before.top[0].score - 0.5, "{before:?} {after:?}");
    let plain = |class| plain_score(&model, text, class);
    assert!(plain(3) > 0.5, "known as what it is: {}", plain(3));
    for candidate in &after.top {
        assert!(usize::from(candidate.class) < model.intents().len());
        assert!((plain(candidate.class) - 0.5 * plain(3) - candidate.score).abs() < 1e-4, "half of that is taken off");
    }
    assert_eq!(model.judge("where is my order").band, Band::Answer);
    assert_eq!(report.judged.len(), shop().examples.len(), "only what means an intent shows how good the bot is");
    assert_eq!(report.others.len(), INSURANCE.len());
    assert_eq!(Model::read(&model.write()).unwrap(), model);
}

/// The library's examples of a topic that the owner has under a name of their own.
#[test]
fn what_is_an_intents_own_topic_is_nothing_else() {
    let refunds = [
        "i want a refund please",
        "money back please",
        "give me back my money",
        "refund",
        "i want my money back",
        "我要申请退款",
        "退款 把钱退给我",
        "怎么退款",
        "把钱退了",
        "申请退款 退钱",
    ];
    let Learned { model, .. } = learn(&with_background(&refunds)).unwrap();
    for text in ["i want a refund", "我要退款"] {
        let verdict = model.judge(text);
        assert_eq!(verdict.top[0].class, 1);
        assert!((plain_score(&model, text, 1) - verdict.top[0].score).abs() < 1e-4, "nothing is taken from it");
        assert!(model.contributions(text, 3).is_empty(), "its weights are not in the file");
    }
}

/// The score of a class by itself.
fn plain_score(model: &Model, text: &str, class: u16) -> f32 {
    let mut constant = vec![0.0; usize::from(class) + 1];
    model.add_constant(&mut constant);
    constant[usize::from(class)] + model.contributions(text, class).iter().map(|(_, weight)| weight).sum::<f32>()
}

#[test]
fn a_corpus_that_teaches_nothing_is_refused() {
    assert_eq!(learn(&Corpus::default()).unwrap_err(), LearnError::Empty);
    let of = |id: &str, others: usize, classes: &[u16]| Corpus {
        intents: vec![id.into()],
        others,
        examples: classes.iter().map(|class| Example::new("x", *class)).collect(),
    };
    assert_eq!(learn(&of("a", 0, &[1])).unwrap_err(), LearnError::Empty);
    assert_eq!(learn(&of("a", 1, &[1])).unwrap_err(), LearnError::Empty, "background alone");
    assert_eq!(learn(&of("a", 1, &[0, 2])).unwrap_err(), LearnError::Empty);
    assert_eq!(learn(&of(&"a".repeat(65), 0, &[0])).unwrap_err(), LearnError::Intents);
    assert!(learn(&of("a", 0, &[0])).is_ok() && learn(&of("a", 1, &[0, 1])).is_ok());
}

#[test]
fn a_model_survives_its_file() {
    // Up to 256 classes one is a byte in the file.
    for (intents, others) in [(3, 0), (3, 1), (256, 0), (256, 1)] {
        let mut corpus = with_background(if others == 0 { &[] } else { &INSURANCE });
        corpus.others = others;
        let own = std::mem::take(&mut corpus.examples);
        (3..intents)
            .for_each(|number| assert!(corpus.add(&format!("more_{number}"), [format!("word{number}").as_str()])));
        let place = |class: u16| if class == 3 { intents as u16 } else { class };
        corpus.examples.extend(own.into_iter().map(|example| Example { class: place(example.class), ..example }));
        let model = learn(&corpus).unwrap().model;
        let file = model.write();
        let read = Model::read(&file).unwrap();
        assert_eq!(read, model, "{intents} {others}");
        assert!(intents == 3 || usize::from(read.judge(&format!("word{}", intents - 1)).top[0].class) == intents - 1);
        assert!(Model::read(&file[..file.len() - 9]).is_err());
    }
}

/// Models of version 1 stand in databases.
#[test]
fn a_former_version_is_still_read() {
    let model = learned().model;
    let mut file = model.write();
    let rows = 12 + 4 * (4 + 2 * 51) + model.intents().iter().map(|id| 1 + id.len()).sum::<usize>();
    let body = file.split_off(rows);
    file[4] = 1;
    let mut rest = &body[..body.len() - 8];
    while let [idf, low, high, more @ ..] = rest {
        let count = usize::from(u16::from_le_bytes([*low, *high]));
        file.extend([*idf, *low, *high]);
        more[..count].iter().for_each(|class| file.extend([*class, 0]));
        file.extend(&more[count..2 * count]);
        rest = &more[2 * count..];
    }
    assert_eq!(Model::read(&signed(file)), Ok(model));
}

/// With the checksum that makes it whole.
fn signed(mut file: Vec<u8>) -> Vec<u8> {
    let sum = file
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    file.extend(sum.to_le_bytes());
    file
}

#[test]
fn a_broken_model_is_refused() {
    let file = learned().model.write();
    for length in (0..file.len()).step_by(997).chain(0..80) {
        assert!(Model::read(&file[..length]).is_err(), "cut at {length}");
    }
    for place in (0..file.len()).step_by(503).chain(0..80) {
        let mut flipped = file.clone();
        flipped[place] ^= 0x10;
        assert!(Model::read(&flipped).is_err(), "flipped at {place}");
    }
    let code = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = file[..file.len() - 8].to_vec();
        change(&mut changed);
        Model::read(&signed(changed)).map_err(ModelError::code)
    };
    assert!(code(&|_| ()).is_ok());
    assert_eq!(code(&|file| file[4] = 3), Err("bot_model_version"), "from the future");
    assert_eq!(code(&|file| file[4] = 0), Err("bot_model_version"));
    assert!(code(&|file| file[4] = 1).is_err(), "with classes of another width");
    assert_eq!(code(&|file| file[11] = 0xff), Err("bot_model_invalid"), "and so do more than 256 classes");
    assert!(code(&|file| file[11] = 1).is_ok(), "another class that has no weights");
    assert_eq!(code(&|file| file[5] = 16), Err("bot_model_version"));
    assert_eq!(code(&|file| file[7] = 0xff), Err("bot_model_invalid"), "too many classes");
    assert_eq!(code(&|file| file[12..16].copy_from_slice(&f32::NAN.to_le_bytes())), Err("bot_model_invalid"));
    assert_eq!(code(&|file| file[437] = 0xff), Err("bot_model_invalid"), "an id that is no UTF-8");
    assert_eq!(code(&|file| file.push(0)), Err("bot_model_length"));
    assert_eq!(code(&|file| file.truncate(60)), Err("bot_model_length"));
    assert_eq!(Model::read(&vec![0; MAX_BYTES + 1]).map_err(ModelError::code), Err("bot_model_too_large"));
    assert_eq!(Model::read(b"PK\x03\x04").map_err(ModelError::code), Err("bot_model_unknown"));
}

#[test]
fn finds_the_passage() {
    let texts = [
        "Refunds take five working days.",
        "We ship to Canada and Mexico.",
        "退款一般三到五个工作日到账。",
        "Our shop is open daily.",
    ];
    let passages = Passages::of(texts.into_iter());
    for (question, place) in
        [("how long does a refund take", 0), ("do you ship to mexico", 1), ("退款多久到账", 2), ("退款多久到賬", 2)]
    {
        assert_eq!(passages.find(&features::buckets(question), 0.01, 2)[0].place, place, "{question}");
    }
    assert_eq!(passages.find(&features::buckets("🙂"), 0.01, 3), []);
    assert_eq!(Passages::default().find(&features::buckets("refund"), 0.0, 3), []);
}
