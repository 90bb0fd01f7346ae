use super::*;
use crate::core::{
    bot::{
        action::Action,
        dialogue::{Heard, Language, Phase, decide},
        form::Field,
        intent::{Does, Says, Words},
        predict::{Band, Candidate, Verdict},
    },
    id::IntentId,
};

fn intent(id: &str, form: &[(&str, Kind)], does: Does, answer: &str) -> Meaning {
    let words = |text: &str| Words { en: text.into(), zh: String::new() };
    let field = |(key, kind): &(&str, Kind)| Field { key: (*key).into(), kind: *kind, ask: words(&format!("{key}?")) };
    let form = form.iter().map(field).collect();
    let says = Says { title: words(id), answer: words(answer), does, form, ..Says::default() };
    Meaning { id: IntentId::parse(id).unwrap(), says }
}

fn owners() -> Vec<Meaning> {
    vec![
        intent("status", &[("order", Kind::Order), ("mail", Kind::Email)], Does::Answer, "{order} for {mail}"),
        intent("broken", &[("what", Kind::Text), ("tel", Kind::Phone)], Does::Handoff, ""),
        intent("silent", &[("tel", Kind::Phone)], Does::Answer, " "),
        intent("hours", &[], Does::Answer, "at nine"),
        intent("human", &[("why", Kind::Text)], Does::Answer, "a person"),
    ]
}

/// What is said, one after the other. A message that begins with `=name ` is plainly about that, with `?name ` perhaps; else about
/// nothing. What the bot does is written down in short.
fn talk(intents: &[Meaning], phase: Phase, messages: &[&str]) -> Vec<String> {
    talk_of(intents, phase, messages, false)
}

/// The same of a visitor whom their site has signed, or has not.
fn talk_of(intents: &[Meaning], phase: Phase, messages: &[&str], verified: bool) -> Vec<String> {
    let ids: Vec<String> = intents.iter().map(|intent| intent.id.to_string()).collect();
    let mut form: Option<Box<Form>> = None;
    let mut short = Vec::new();
    for message in messages {
        let (band, message) = match (message.strip_prefix('='), message.strip_prefix('~')) {
            (Some(rest), _) => (Band::Answer, rest),
            (_, Some(rest)) => (Band::Ask, rest),
            _ => (Band::Handoff, *message),
        };
        let (name, text) = match band {
            Band::Handoff => ("status", message),
            Band::Answer | Band::Ask => message.split_once(' ').unwrap(),
        };
        let class = ids.iter().position(|id| id == name).unwrap() as u16;
        let verdict = Verdict { band, top: vec![Candidate { class, score: 1.0, probability: 0.5 }] };
        let (choice, text) = text.strip_prefix('[').map_or(("", text), |it| (it.strip_suffix(']').unwrap(), it));
        let heard = Heard { text, choice, locale: "en", phase, asked: 0, form: form.as_deref(), verified };
        let decided = decide(&heard, Knowledge { intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() });
        let kept = form.take();
        short.push(match decided {
            Decision::Silent | Decision::Consult { .. } => "silent".into(),
            Decision::Answer { text, .. } => text,
            Decision::Ask { .. } => "which?".into(),
            Decision::Fill { text, form: next } => {
                form = Some(next);
                text.lines().map(|line| line.chars().take(24).collect::<String>()).collect::<Vec<_>>().join(" / ")
            }
            Decision::Act(action) => format!("asks {} ({})", action.url, action.form.listed().replace('\n', ", ")),
            Decision::Handoff { reason, form, .. } => {
                let collected = form.or(kept).map(|form| form.listed().replace('\n', ", ")).unwrap_or_default();
                format!("people: {} ({collected})", reason.name())
            }
        });
    }
    short
}

#[test]
fn talks() {
    let cannot = "I can't find an order nu / order?";
    let identity = "I'm an automated assistant. If you would rather talk to a person, just say so.";
    let table: [(&[&str], &[&str]); 35] = [
        (
            &["=status where is it", "my order is #A-1234", "ada@shop.example"],
            &["order?", "mail?", "A-1234 for ada@shop.example"],
        ),
        (&["=status where is #A-1234", "ada@shop.example"], &["mail?", "A-1234 for ada@shop.example"]),
        (&["=status #A-1234 of ada@shop.example"], &["A-1234 for ada@shop.example"]),
        (&["=status it", "ada@shop.example", "#A-1234"], &["order?", cannot, "mail?"]),
        // Twice wrong, and counted for each field by itself.
        (&["=status it", "eh", "what"], &["order?", cannot, "people: form ()"]),
        (
            &["=status it", "eh", "A-1234", "eh", "eh"],
            &["order?", cannot, "mail?", "I can't find an e-mail a / mail?", "people: form (order: A-1234)"],
        ),
        // What fits is a reply, whatever it is taken for; what does not is heard as what it is.
        (&["=status it", "=hours A-1234"], &["order?", "mail?"]),
        (&["=status it", "=hours when do you open", "A-1234"], &["order?", "at nine", "people: unsure ()"]),
        (&["=status it", "~hours when do you open"], &["order?", cannot]),
        (&["=status it", "=status where is it?"], &["order?", cannot]),
        (&["=status it", "=broken it is broken", "the corner"], &["order?", "what?", "tel?"]),
        (&["=status it", "[hours]"], &["order?", "at nine"]),
        // What was said before is put right, with the reply or alone; what is not sure is no other value.
        (
            &["=status #A-1234", "sorry, my order number is #B-9999, mail ada@shop.example"],
            &["mail?", "B-9999 for ada@shop.example"],
        ),
        (
            &["=status #A-1234", "eh", "sorry, it is #B-9999", "eh", "ada@shop.example"],
            &[
                "mail?",
                "I can't find an e-mail a / mail?",
                "mail?",
                "I can't find an e-mail a / mail?",
                "B-9999 for ada@shop.example",
            ],
        ),
        (
            &["=status of ada@shop.example", "A-1234, and write to eve@shop.example"],
            &["order?", "A-1234 for eve@shop.example"],
        ),
        (&["=status #A-1234", "C-5555 of ada@shop.example"], &["mail?", "A-1234 for ada@shop.example"]),
        (&["=status #A-1234", "it is #A-1234"], &["mail?", "I can't find an e-mail a / mail?"]),
        (&["=status #A-1234", "=hours sorry, #B-9999", "a@b.example"], &["mail?", "mail?", "B-9999 for a@b.example"]),
        (&["=status #A-1234", "=hours and with #B-9999?"], &["mail?", "at nine"]),
        // Who looks for it has time, whatever that is taken for; a text it is none the less.
        (
            &[
                "=status it",
                "eh",
                "=hours One moment, please",
                "OK",
                "wait, let me look",
                "好的，稍等。",
                "eh",
                "A-1234",
            ],
            &["order?", cannot, "order?", "order?", "order?", "order?", cannot, "mail?"],
        ),
        (&["=broken it", "ok"], &["what?", "tel?"]),
        // Leaving, and asking for people.
        (
            &["=status it", "cancel", "A-1234"],
            &["order?", "All right, I've stopped asking. What else can I help you with?", "people: unsure ()"],
        ),
        (&["=status it", "A-1234", "talk to a human"], &["order?", "mail?", "people: visitor_asked (order: A-1234)"]),
        (&["=status it", "=human get me somebody"], &["order?", "people: visitor_asked ()"]),
        (&["=human somebody"], &["people: visitor_asked ()"]),
        (&["=status it", " "], &["order?", "people: no_text ()"]),
        // A text is whatever is said, but for a question about something else and for a person.
        (
            &["=broken it", "=status my order came broken", "13800138000"],
            &["what?", "tel?", "people: intent (what: my order came broken, tel: 13800138000)"],
        ),
        (&["=broken it", "=hours when do you open?"], &["what?", "at nine"]),
        (&["=broken it", "=hours when do you open", "13800138000"], &["what?", "at nine", "people: unsure ()"]),
        (&["=broken it", "=hours 你们几点开门"], &["what?", "at nine"]),
        (&["=broken it", "=hours when I opened it, it was broken"], &["what?", "tel?"]),
        (&["=broken it", "when do you open"], &["what?", "tel?"]),
        (&["=broken it", "Are you a bot?"], &["what?", identity]),
        (&["=status it", "are you a robot", "A-1234"], &["order?", identity, "people: unsure ()"]),
        (&["=broken it", "=human some person"], &["what?", "people: visitor_asked ()"]),
    ];
    for (messages, expected) in table {
        assert_eq!(talk(&owners(), Phase::Pending, messages), expected, "{messages:?}");
    }
    // Of two numbers neither is the other one's, and what is told is told.
    let two = [
        intent(
            "status",
            &[("from", Kind::Order), ("to", Kind::Order), ("mail", Kind::Email)],
            Does::Answer,
            "{from} {to}",
        ),
        intent("broken", &[("order", Kind::Order), ("what", Kind::Text)], Does::Answer, "{order}: {what}"),
    ];
    for (messages, expected) in [
        (["=status #A-1111", "#B-2222", "#C-3333, ada@shop.example"], ["to?", "mail?", "A-1111 B-2222"]),
        (
            ["=broken it", "#A-1111", "I got the one of #B-2222"],
            ["order?", "what?", "A-1111: I got the one of #B-2222"],
        ),
    ] {
        assert_eq!(talk(&two, Phase::Pending, &messages), expected);
    }
    // Nothing to say, but a number to call.
    assert_eq!(
        talk(&owners(), Phase::Pending, &["=silent call me", "13800138000"]),
        ["tel?", "people: intent (tel: 13800138000)"]
    );
}

/// Whoever an intent leaves to people goes to the team that it names, before its form and after it.
#[test]
fn people_of_its_own() {
    let team = crate::core::id::TeamId::draw(&mut crate::core::id::Entropy::new(1));
    let mut intents = owners();
    for intent in &mut intents {
        (intent.says.handoff_team, intent.says.handoff_level) = (Some(team.clone()), 3);
    }
    intents.push(intent("other", &[], Does::Handoff, "by"));
    let to = |id: &str, text: &str, form: Option<Form>| {
        let class = intents.iter().position(|intent| intent.id.as_str() == id).unwrap() as u16;
        let ids: Vec<String> = intents.iter().map(|intent| intent.id.to_string()).collect();
        let verdict = Verdict { band: Band::Answer, top: vec![Candidate { class, score: 1.0, probability: 0.5 }] };
        let heard = Heard {
            text,
            choice: "",
            locale: "en",
            phase: Phase::Pending,
            asked: 0,
            form: form.as_ref(),
            verified: false,
        };
        let decided =
            decide(&heard, Knowledge { intents: &intents, verdict: Some((&verdict, &ids)), ..Knowledge::default() });
        let Decision::Handoff { to, .. } = decided else { panic!("{decided:?}") };
        to.team.map(|team| (team, to.level))
    };
    let form = |id: &str, wrong| {
        let values = vec![("what".to_owned(), "x".to_owned())];
        Some(Form { intent: IntentId::parse(id).unwrap(), language: Language::En, wrong, values })
    };
    assert_eq!(to("broken", "13800138000", form("broken", 0)), Some((team.clone(), 3)));
    assert_eq!(to("broken", "eh", form("broken", 1)), Some((team.clone(), 3)));
    assert_eq!(to("human", "somebody", None), Some((team, 3)));
    assert_eq!(to("other", "x", None), None);
}

/// An intent that asks the owner's system does so when it knows what it needs, and for whom.
#[test]
fn asking_the_owners_system() {
    let mut intents = owners();
    for (place, verified) in [(0, false), (1, false), (3, true), (2, true), (4, false)] {
        intents[place].says.action = Some(Action { url: "https://a.example".into(), verified });
    }
    let asks = |collected: &str| format!("asks https://a.example ({collected})");
    let status = asks("order: A-1234, mail: ada@shop.example");
    let table: [(&[&str], [&[&str]; 2]); 6] = [
        (
            &["=status where is #A-1234", "eh", "ada@shop.example"],
            [
                &["mail?", "I can't find an e-mail a / mail?", &status],
                &["mail?", "I can't find an e-mail a / mail?", &status],
            ],
        ),
        (&["=status #A-1234 of ada@shop.example"], [&[&status], &[&status]]),
        (&["=hours when"], [&["people: unverified ()"], &[&asks("")]]),
        (&["=silent call me"], [&["people: unverified ()"], &["tel?"]]),
        // What is for people is, whatever else it might do.
        (&["=human somebody"], [&["people: visitor_asked ()"], &["people: visitor_asked ()"]]),
        (&["=broken it", "cancel"], [&["what?"], &["what?"]]),
    ];
    for (messages, expected) in table {
        for (verified, expected) in [false, true].into_iter().zip(expected) {
            let said = talk_of(&intents, Phase::Pending, messages, verified);
            assert_eq!(said[..expected.len()], *expected, "{messages:?} {verified}");
            let said = talk_of(&intents, Phase::Queued, messages, verified);
            assert!(said.iter().all(|did| !did.starts_with("asks")), "who waits for people: {said:?}");
        }
    }
    let broken = talk_of(&intents, Phase::Pending, &["=broken it", "the corner", "13800138000"], true);
    assert!(broken[2].starts_with("people: intent"), "{broken:?}");
    // It is gone meanwhile, or asks only for signed visitors from now on.
    let form = Form::begun(intents[0].id.clone(), Language::En, &intents[0].says.form, "#A-1234");
    let reply = |intents: &[Meaning]| {
        let heard = Heard {
            text: "ada@shop.example",
            choice: "",
            locale: "en",
            phase: Phase::Pending,
            asked: 0,
            form: Some(&form),
            verified: false,
        };
        decide(&heard, Knowledge { intents, verdict: None, ..Knowledge::default() })
    };
    intents[0].says.action = None;
    assert!(matches!(reply(&intents), Decision::Answer { .. }));
    intents[0].says.action = Some(Action { url: "https://a.example".into(), verified: true });
    assert!(matches!(reply(&intents), Decision::Handoff { reason: Reason::Unverified, .. }));
}

#[test]
fn who_waits_for_people_is_asked_nothing() {
    let said = talk(
        &owners(),
        Phase::Queued,
        &["=status it", "=status #A-1 and ada@shop.example", "=status #A-1234 ada@shop.example"],
    );
    assert_eq!(said, ["silent", "silent", "A-1234 for ada@shop.example"]);
}

/// The owner has taken the form away, or the intent, or added a field, while it is filled in.
#[test]
fn a_form_that_has_changed_meanwhile() {
    let owners = owners();
    let id = IntentId::parse("status").unwrap();
    let form = Form { intent: id, language: Language::Zh, wrong: 1, values: vec![("order".into(), "A-1234".into())] };
    let reply = |intents: &[Meaning], text: &str| {
        reply(&form, text, &[], Knowledge { intents, verdict: None, ..Knowledge::default() })
    };
    assert_eq!(reply(&owners[1..], "A-1234"), None);
    assert_eq!(reply(&[intent("status", &[], Does::Answer, "x")], "A-1234"), None);
    assert_eq!(
        reply(&[intent("status", &[("order", Kind::Order)], Does::Answer, "x")], "A-1234"),
        None,
        "all is known"
    );
    let more = intent("status", &[("tel", Kind::Phone), ("order", Kind::Order)], Does::Answer, "{tel} {order}");
    let answer = Decision::Answer { text: "13800138000 A-1234".into(), choices: Vec::new(), image: String::new() };
    assert_eq!(reply(&[more], "13800138000"), Some(answer));
    let again = reply(&owners, "eh");
    assert!(
        matches!(again, Some(Decision::Handoff { reason: Reason::Form, text, .. }) if text.starts_with("正在")),
        "in its language"
    );
}
