use super::*;
use crate::core::{chance::Chance, id::Entropy};

/// Groups as texts.
fn grouped<'a>(texts: &[&'a str]) -> Vec<Vec<&'a str>> {
    let questions: Vec<(&str, &str)> = texts.iter().map(|text| (*text, "")).collect();
    cluster(&questions).into_iter().map(|group| group.into_iter().map(|place| texts[place]).collect()).collect()
}

#[test]
fn the_same_question_in_other_words_is_one() {
    let together: [&[&str]; 7] = [
        &["can I pay with paypal", "can i pay with PayPal?", "pay with paypal", "hello, can I pay with paypal please"],
        &["do you ship to Norway", "do you ship to norway??", "Ship to Norway?"],
        &["可以用微信支付吗", "可以用微信支付嗎？", "微信支付可以吗"],
        &["is there parking", "is there any parking", "ＰＡＲＫＩＮＧ", "parking!"],
        &["can i bring my dog", "may I bring my dog", "bring my dog?"],
        &["怎么开发票", "怎样开发票", "如何开发票"],
        &["to the", "TO THE!"],
    ];
    for texts in together {
        assert_eq!(grouped(texts).len(), 1, "{texts:?}");
    }
    let mixed: Vec<&str> =
        (0..4).flat_map(|at| together.iter().filter_map(move |texts| texts.get(at).copied())).collect();
    let groups = grouped(&mixed);
    for texts in &together[..6] {
        let of = |text: &&str| groups.iter().position(|group| group.contains(text));
        assert!(texts.iter().all(|text| of(text) == of(&texts[0])), "{texts:?} in {groups:?}");
    }
    assert_eq!(groups.len(), 7, "{groups:?}");
}

#[test]
fn other_questions_stay_apart() {
    let apart: [&[&str]; 5] = [
        &["can I pay with paypal", "can I pay with a cheque", "can I pay in instalments"],
        &["do you ship to Norway", "do you have a shop in Norway", "where is my parcel"],
        &["可以用微信支付吗", "可以退货吗", "支付失败了"],
        &["a", "b", "好", "吗"],
        &["how do i return an item", "how do i reset my password", "how do i find the shop"],
    ];
    for texts in apart {
        assert_eq!(grouped(texts).len(), texts.len(), "{texts:?}: {:?}", grouped(texts));
    }
    assert_eq!(grouped(&["", " ", "😀👍", "!?"]), [[""; 0]; 0], "what says nothing is not there");
}

#[test]
fn the_largest_stands_first_and_the_most_frequent_wording_in_it() {
    let texts = [
        "parking?",
        "do you sell gift cards",
        "gift cards",
        "Gift cards?",
        "is there parking",
        "do you sell gift cards",
    ];
    assert_eq!(
        grouped(&texts),
        [
            vec!["gift cards", "Gift cards?", "do you sell gift cards", "do you sell gift cards"],
            vec!["parking?", "is there parking"]
        ]
    );
}

#[test]
fn what_has_another_tag_is_another_group() {
    let questions = [("gift cards", "a"), ("gift cards", "b"), ("Gift cards!", "a"), ("gift cards", "")];
    assert_eq!(cluster(&questions), [vec![0, 2], vec![1], vec![3]]);
}

/// What is true of any questions: everything that says something is in one group, together with what is the same; the groups are the
/// same in any order; and each member is alike to the first of its group by a reckoning of its own.
#[test]
fn groups_of_anything_hold_what_they_promise() {
    let words =
        ["pay", "paypal", "card", "ship", "to", "norway", "my", "order", "退款", "微信", "支付", "吗", "😀", "the"];
    for seed in 0..60 {
        let mut chance = Chance::Seed(Entropy::new(seed));
        let mut texts: Vec<String> = Vec::new();
        for _ in 0..=chance.below(40) {
            let n_words = chance.below(6);
            texts.push(
                (0..n_words).map(|_| words[chance.below(words.len() as u64) as usize]).collect::<Vec<_>>().join(" "),
            );
        }
        let tags = ["", "a"];
        let questions: Vec<(&str, &str)> = texts.iter().map(|text| (text.as_str(), tags[text.len() % 2])).collect();
        let groups = cluster(&questions);
        let mut places = groups.concat();
        places.sort_unstable();
        let told: Vec<String> = questions.iter().map(|(text, _)| String::from_iter(telling(text))).collect();
        let folded = |place: usize| told[place].as_str();
        let expected: Vec<usize> = (0..questions.len()).filter(|place| !folded(*place).is_empty()).collect();
        assert_eq!(places, expected, "{seed}");
        let group_of = |place: usize| groups.iter().position(|group| group.contains(&place));
        let sized: Vec<usize> = groups.iter().map(Vec::len).collect();
        assert!(sized.is_sorted_by(|a, b| a >= b), "{seed}");
        for one in &expected {
            for other in &expected {
                let is_same = (folded(*one), questions[*one].1) == (folded(*other), questions[*other].1);
                assert!(!is_same || group_of(*one) == group_of(*other), "{seed}: {one} {other}");
            }
        }
        for group in &groups {
            let first = runs(&fold(folded(group[0])));
            for member in group {
                let own = runs(&fold(folded(*member)));
                assert!(own.iter().any(|run| first.contains(run)), "{seed}: nothing in common");
                assert_eq!(questions[*member].1, questions[group[0]].1, "{seed}");
            }
        }
        // Another order, the same groups.
        let order: Vec<usize> = (0..questions.len()).rev().collect();
        let turned: Vec<(&str, &str)> = order.iter().map(|place| questions[*place]).collect();
        let as_sets = |groups: Vec<Vec<usize>>, place: &dyn Fn(usize) -> usize| {
            let sorted = |group: Vec<usize>| {
                let mut group: Vec<usize> = group.into_iter().map(place).collect();
                group.sort_unstable();
                group
            };
            let mut groups: Vec<Vec<usize>> = groups.into_iter().map(sorted).collect();
            groups.sort();
            groups
        };
        assert_eq!(as_sets(cluster(&turned), &|place| order[place]), as_sets(groups, &|place| place), "{seed}");
    }
}

/// The most that a list reads, written to share as much as may be without being alike.
#[test]
fn hostile_questions_take_bounded_work() {
    let long = "x".repeat(10_000);
    let texts: Vec<String> = (0..400).map(|at| format!("{} {at:x}{}", &long[..at * 9 % 7_000], at * 7_919)).collect();
    let questions: Vec<(&str, &str)> = texts.iter().map(|text| (text.as_str(), "")).collect();
    assert_eq!(cluster(&questions).concat().len(), 400);
}
