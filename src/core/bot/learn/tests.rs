//! What is off teaches an intent whose own topic it is.
use super::{super::corpus::Taught, *};
use crate::core::bot::{Band, Lesson};

/// Sentences about one topic: each shares a word with the next one, and none with one that is further away.
fn topic(word: &str, places: impl IntoIterator<Item = usize>) -> Vec<String> {
    places.into_iter().map(|place| format!("{word}{place}{word} {word}{}{word}", place + 1)).collect()
}

fn intent(id: &str, examples: Vec<String>) -> Taught {
    Taught { id: id.into(), titles: vec![id.to_owned()], examples, library: Vec::new() }
}

fn learned(intents: Vec<Taught>, background: Vec<Vec<String>>) -> Learned {
    learn(&Lesson { intents, background }.corpus().unwrap()).unwrap()
}

/// Far apart, so that an owner's examples say little about each other, and much that the library says.
const FAR: [usize; 4] = [10, 20, 30, 40];

fn own() -> Vec<Taught> {
    vec![intent("parcels", topic("track", 0..20)), intent("money", topic("refund", FAR))]
}

#[test]
fn an_intents_own_topic_under_another_name_teaches_it() {
    let (refunds, insurance) = (topic("refund", 0..50), topic("insure", 0..20));
    let said = |model: &Model, text: &str| {
        let verdict = model.judge(text);
        (verdict.band == Band::Answer).then(|| verdict.top[0].class)
    };
    let alone = learned(own(), vec![insurance.clone()]).model;
    let Learned { model, report } = learned(own(), vec![insurance.clone(), refunds.clone()]);
    let asked = topic("refund", [25]);
    assert_eq!([said(&alone, &asked[0]), said(&model, &asked[0])], [None, Some(1)]);
    // They are judged as the intent's own, for they are; what means something else is not.
    let lent: Vec<&Judged> = report.judged.iter().filter(|judged| judged.is_library).collect();
    assert_eq!(lent.len(), refunds.len() - FAR.len(), "what the owner says as well is theirs");
    assert!(lent.iter().all(|judged| judged.class == 1));
    assert_eq!((report.judged.len() - lent.len(), report.others.len()), (2 + 20 + FAR.len(), insurance.len()));
    assert_eq!(["insure3insure insure4insure", "track3track"].map(|text| said(&model, text)), [None, Some(0)]);
}

#[test]
fn what_two_intents_share_teaches_neither_and_speaks_against_none() {
    let mut shared = own();
    shared.push(intent("cash", topic("refund", FAR.map(|place| place + 5))));
    let Learned { model, report } = learned(shared, vec![topic("refund", 0..50)]);
    assert!(report.judged.iter().all(|judged| !judged.is_library));
    assert_eq!(report.others.len(), 50 - 2 * FAR.len());
    let first = |place| model.judge(&topic("refund", [place])[0]).top[0];
    assert_eq!([10, 15].map(|place| first(place).class), [1, 2]);
    assert!([10, 15].map(|place| first(place).score).iter().all(|score| *score > 0.0));
}

/// What the two have in common is said by the library far more often.
#[test]
fn a_few_examples_hold_their_own_beside_the_librarys() {
    let asked = |words: &[&str]| words.iter().map(|word| format!("{word} how can i do that")).collect::<Vec<_>>();
    let library = topic("refund", 0..50).iter().map(|text| format!("{text} how can i do that")).collect();
    let mut money = intent("money", Vec::new());
    money.library = library;
    let few = intent("opening", asked(&["zeta", "kappa", "omega", "sigma", "lambda"]));
    let Learned { model, report } = learned(vec![money, few], Vec::new());
    let first = |text: &str| model.judge(text).top[0].class;
    assert_eq!(["refund25refund how can i do that", "sigzet how can i do that"].map(first), [0, 1]);
    // What is shown of cross-validation is what the model does.
    assert!(report.judged.iter().all(|judged| judged.class == 0 || judged.is_right()));
}

/// What both say in the same words is less the topic's about which there is more: "how do i" leads by 2.41 where sizes speak.
#[test]
fn what_an_owner_wrote_much_about_is_not_what_visitors_ask() {
    let asked =
        |word: &str, count| topic(word, 0..count).iter().map(|text| format!("{text} how can i do that")).collect();
    let lead = |much: usize| {
        let intents = vec![intent("parcels", asked("track", much)), intent("money", asked("refund", 5))];
        let top = learned(intents, Vec::new()).model.judge("how do i").top;
        let score = |class: u16| top.iter().find(|candidate| candidate.class == class).unwrap().score;
        score(0) - score(1)
    };
    assert!(lead(40) < 2.0, "{}", lead(40));
    assert!(lead(5).abs() < 0.3, "{}", lead(5));
}

#[test]
fn no_more_classes_are_left_than_a_model_may_have() {
    let intents = (0..60).map(|number| intent(&format!("word{number}"), Vec::new())).collect();
    let background = (0..30).map(|number| vec![format!("off{number}x"), format!("off{number}y")]).collect();
    let Learned { model, report } = learned(intents, background);
    assert_eq!((model.others, report.others.len()), (10, 60));
}

#[test]
fn progress_only_grows_and_reaches_its_end() {
    let (insurance, refunds) = (topic("insure", 0..20), topic("refund", 0..50));
    for background in [vec![], vec![insurance.clone()], vec![insurance, refunds]] {
        let mut learner = Learner::new(&Lesson { intents: own(), background }.corpus().unwrap()).unwrap();
        let mut before = learner.progress();
        while learner.step(20).is_none() {
            let (done, parts) = learner.progress();
            assert!(done >= before.0 && done <= parts && parts == before.1, "{done} of {parts} after {before:?}");
            before = (done, parts);
        }
        assert!(before.1 - before.0 <= PARTS, "the last training: {before:?}");
    }
}
