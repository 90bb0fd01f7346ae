//! An intent as its owner writes it: what it says, and what it teaches.
//!
//! Whatever is given is taken onto what is there: onto nothing for a whole one, onto the intent of that name for an
//! import. Examples that fold to the same as an earlier one, or to nothing (emoji alone), teach nothing and are left out.

use serde::{Deserialize, Serialize};

use super::{
    action::Action,
    dialogue::Language,
    features,
    form::{self, Field},
    written,
};
use crate::core::{
    id::{ArticleId, IntentId, TagId, TeamId},
    limits::{
        ANSWER_CHARS, EXAMPLE_CHARS, INTENT_BUTTONS, INTENT_EXAMPLES, INTENT_TAGS, LEVEL_MAX, NAME_CHARS,
        PICTURE_CHARS, URL_CHARS,
    },
    problem::Problem,
};

/// A text in each language; either may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    #[serde(default)]
    pub en: String,
    /// Simplified Chinese.
    #[serde(default)]
    pub zh: String,
}

impl Words {
    /// In this language, or else in the other.
    pub fn in_language(&self, language: Language) -> &str {
        self.of(self.spoken(language))
    }

    /// Which of them that is.
    #[inline(never)]
    pub fn spoken(&self, language: Language) -> Language {
        if self.of(language).trim().is_empty() { language.other() } else { language }
    }

    fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }

    /// In this language, if it is there.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }
}

/// What becomes of a message that means it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// The answer is given.
    #[default]
    Answer,
    /// A person is asked to come.
    Handoff,
}

/// What a visitor is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Says {
    /// On its button; an example as well.
    pub title: Words,
    /// Text with links.
    pub answer: Words,
    /// Under it, as `super::image` has it; where there are no words it adds nothing to the text.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub picture: Words,
    /// What happens.
    pub does: Does,
    /// Intents that are offered below the answer.
    pub buttons: Vec<IntentId>,
    /// What is asked for first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Field>,
    /// Whose answer is given instead of `answer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What is told instead of `answer`, while it is published (`core::help`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<ArticleId>,
    /// Who takes over; none: whoever the bot names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff_team: Option<TeamId>,
    /// How much before others it comes then, unless its visitor comes before them anyway.
    #[serde(skip_serializing_if = "is_usual")]
    pub handoff_level: u8,
    /// What the conversation gets when the bot goes by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagId>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_usual(level: &u8) -> bool {
    *level == 0
}

/// Who takes over what the bot leaves to people, and how soon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takers {
    /// A team; none: whoever the bot names.
    pub team: Option<TeamId>,
    /// As the level of a visitor; 0: like everybody.
    pub level: u8,
}

impl Takers {
    /// In one text, as what is to be done keeps it: the team, and the level behind a blank if there is one. Who knows no levels reads no team
    /// in it then.
    pub fn written(&self) -> String {
        let team = self.team.as_ref().map(TeamId::as_str).unwrap_or_default();
        if self.level == 0 { team.to_owned() } else { format!("{team} {}", self.level) }
    }

    /// Reads it.
    pub fn read(text: &str) -> Self {
        let (team, level) = text.split_once(' ').unwrap_or((text, ""));
        Takers { team: TeamId::parse(team).ok(), level: level.parse::<u8>().unwrap_or_default().min(LEVEL_MAX) }
    }
}

impl Says {
    /// Who takes over.
    pub fn takers(&self) -> Takers {
        Takers { team: self.handoff_team.clone(), level: self.handoff_level }
    }

    /// What it calls, if it answers.
    pub fn calls(&self) -> Option<&Action> {
        self.action.as_ref().filter(|_| self.does == Does::Answer)
    }
}

/// What is learnt from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Teaches {
    /// The owner's own.
    pub examples: Vec<String>,
    /// Whether the library's of the same name are learnt from, too.
    pub library: bool,
}

impl Default for Teaches {
    fn default() -> Self {
        Teaches { examples: Vec::new(), library: true }
    }
}

/// An intent without its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    /// What it says.
    pub says: Says,
    /// What it teaches.
    pub teaches: Teaches,
}

/// An intent as it is sent, and as what is stored is read; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// In an import.
    pub id: Option<IntentId>,
    /// Empty: stays.
    pub title: Option<Words>,
    /// Empty: stays.
    pub answer: Option<Words>,
    /// Replaces; empty: none.
    pub picture: Option<Words>,
    /// Replaces.
    pub does: Option<Does>,
    /// Replace.
    pub buttons: Option<Vec<IntentId>>,
    /// Replace.
    pub form: Option<Vec<Field>>,
    /// Replaces; with an empty address: none.
    pub action: Option<Action>,
    /// Replaces; empty: none.
    pub article: Option<String>,
    /// Replaces; empty: none.
    pub handoff_team: Option<String>,
    /// Replaces.
    pub handoff_level: Option<u8>,
    /// Replace.
    pub tags: Option<Vec<TagId>>,
    /// Are added.
    pub examples: Option<Vec<String>>,
    /// Replaces.
    pub library: Option<bool>,
    /// The version that a whole one was begun from.
    pub updated_at: Option<String>,
}

impl Intent {
    /// Takes what is given; how many examples that added.
    ///
    /// # Errors
    /// Something is too long, or too many; then half of it may be taken.
    pub fn take(&mut self, given: Draft) -> Result<usize, Problem> {
        let Draft {
            title,
            answer,
            picture,
            does,
            buttons,
            form,
            action,
            article,
            handoff_team,
            handoff_level,
            tags,
            examples,
            library,
            ..
        } = given;
        let Intent { says, teaches } = self;
        if let Some(mut picture) = picture {
            for text in [&mut picture.en, &mut picture.zh] {
                *text = written::line("picture", text, PICTURE_CHARS)?;
            }
            says.picture = picture;
        }
        let title = title.unwrap_or_default();
        replace(&mut says.title.en, written::line("title", &title.en, NAME_CHARS)?);
        replace(&mut says.title.zh, written::line("title", &title.zh, NAME_CHARS)?);
        let answer = answer.unwrap_or_default();
        replace(&mut says.answer.en, written::lines("answer", &answer.en, ANSWER_CHARS)?);
        replace(&mut says.answer.zh, written::lines("answer", &answer.zh, ANSWER_CHARS)?);
        if let Some(does) = does {
            says.does = does;
        }
        if let Some(buttons) = buttons {
            if buttons.len() > INTENT_BUTTONS {
                return Err(Problem::field("buttons", format!("more than {INTENT_BUTTONS}")));
            }
            says.buttons = buttons;
        }
        if let Some(form) = form {
            says.form = form::checked(form)?;
        }
        if let Some(Action { url, verified }) = action {
            let url = written::line("action", &url, URL_CHARS)?;
            says.action = (!url.is_empty()).then_some(Action { url, verified });
        }
        if let Some(article) = article {
            let parsed = ArticleId::parse(&article).map_err(|_| Problem::field("article", "not an article's id"));
            says.article = if article.is_empty() { None } else { Some(parsed?) };
        }
        if let Some(team) = handoff_team {
            let parsed = TeamId::parse(&team).map_err(|_| Problem::field("handoff_team", "not a team's id"));
            says.handoff_team = if team.is_empty() { None } else { Some(parsed?) };
        }
        if let Some(level) = handoff_level {
            if level > LEVEL_MAX {
                return Err(Problem::field("handoff_level", format!("0 to {LEVEL_MAX}")));
            }
            says.handoff_level = level;
        }
        if let Some(tags) = tags {
            says.tags.clear();
            for tag in tags {
                if !says.tags.contains(&tag) {
                    says.tags.push(tag);
                }
                if says.tags.len() > INTENT_TAGS {
                    return Err(Problem::field("tags", format!("more than {INTENT_TAGS}")));
                }
            }
        }
        if let Some(library) = library {
            teaches.library = library;
        }
        teaches.add(examples.unwrap_or_default())
    }

    /// Whether both are learnt from alike.
    pub fn teaches_like(&self, other: &Intent) -> bool {
        self.teaches == other.teaches && self.says.title == other.says.title
    }
}

impl Teaches {
    fn add(&mut self, examples: Vec<String>) -> Result<usize, Problem> {
        let before = self.examples.len();
        let mut known = Vec::new();
        for text in &self.examples {
            learn(&mut known, meant(text));
        }
        for text in examples {
            let text = written::line("examples", &text, EXAMPLE_CHARS)?;
            let meant = meant(&text);
            if meant.is_empty() || !learn(&mut known, meant) {
                continue;
            }
            if self.examples.len() >= INTENT_EXAMPLES {
                return Err(Problem::field("examples", format!("more than {INTENT_EXAMPLES}")));
            }
            self.examples.push(text);
        }
        Ok(self.examples.len() - before)
    }
}

/// Keeps `one` in its order among those that are known; false if it is there. A call brings thousands, all alike but for their ends.
fn learn<T: Ord>(known: &mut Vec<T>, one: T) -> bool {
    let place = known.binary_search(&one);
    if let Err(place) = place {
        known.insert(place, one);
    }
    place.is_err()
}

/// The folded text without the blank that a mark at its end leaves.
fn meant(text: &str) -> Vec<char> {
    let mut folded = features::fold(text);
    while folded.last() == Some(&' ') {
        folded.pop();
    }
    folded
}

fn replace(old: &mut String, new: String) {
    if !new.is_empty() {
        *old = new;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::core::id::Entropy;

    fn draft(json: &str) -> Draft {
        serde_json::from_str(json).unwrap()
    }

    fn taken(json: &str) -> Result<Intent, String> {
        let mut intent = Intent::default();
        intent.take(draft(json)).map_err(|problem| format!("{} {}", problem.field, problem.detail))?;
        Ok(intent)
    }

    #[test]
    fn what_is_absent_or_empty_stays_and_examples_are_added() {
        let mut intent = taken(
            r#"{"title":{"en":"Refund","zh":"退款"},"answer":{"en":"Soon."},"examples":["i want a refund"],"library":false}"#,
        )
        .unwrap();
        let added = intent.take(draft(
            r#"{"title":{"en":"","zh":"退钱"},"answer":{"zh":"马上。"},"examples":["I WANT a refund!!","我要退款","我要退款"]}"#,
        ));
        assert_eq!(added, Ok(1));
        let words = |en: &str, zh: &str| Words { en: en.into(), zh: zh.into() };
        assert_eq!(intent.says.title, words("Refund", "退钱"));
        assert_eq!(intent.says.answer, words("Soon.", "马上。"));
        assert_eq!(intent.teaches.examples, ["i want a refund", "我要退款"]);
        assert!(!intent.teaches.library, "said once");
        assert!(taken("{}").unwrap().teaches.library, "not said");
    }

    #[test]
    fn a_picture_is_replaced_as_a_whole() {
        let json = |en: &str, zh: &str| serde_json::json!({ "picture": { "en": en, "zh": zh } }).to_string();
        let mut intent = taken(&json("0f-1x1  A\nmap ", "0f-1x1")).unwrap();
        assert_eq!((intent.says.picture.en.as_str(), intent.says.picture.zh.as_str()), ("0f-1x1 A map", "0f-1x1"));
        assert_eq!(intent.take(draft("{}")), Ok(0));
        assert!(!intent.says.picture.is_empty(), "what is absent stays");
        assert_eq!(intent.take(draft(r#"{"picture":{"zh":""}}"#)), Ok(0));
        assert_eq!(intent.says, Says::default());
        assert!(taken(&json("", &"长".repeat(250))).is_ok());
        assert_eq!(taken(&json("", &"长".repeat(251))).unwrap_err(), "picture longer than 250 characters");
    }

    #[test]
    fn examples_that_teach_nothing_new_are_left_out() {
        let texts = [
            "Where is my order?",
            "where is my order",
            "ＷＨＥＲＥ　is my order…",
            "whe\u{200b}re is my or\u{ad}der",
            "訂單到哪了",
            "订单到哪了？",
            "",
            "   ",
            "🙂🙂",
            "\u{200b}\u{202e}\u{fe0f}",
            "?!",
            "where is\nmy\torder now",
        ];
        let json = serde_json::json!({ "examples": texts }).to_string();
        let intent = taken(&json).unwrap();
        assert_eq!(intent.teaches.examples, ["Where is my order?", "訂單到哪了", "where is my order now"]);
    }

    /// Each is looked for among hundreds, and to compare two that are alike takes as long as they are.
    #[test]
    fn thousands_that_are_known_are_found_at_once() {
        use std::{cell::Cell, cmp::Ordering, rc::Rc};

        struct Counted(u32, Rc<Cell<u32>>);
        impl Ord for Counted {
            fn cmp(&self, other: &Self) -> Ordering {
                self.1.set(self.1.get() + 1);
                self.0.cmp(&other.0)
            }
        }
        impl PartialOrd for Counted {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl PartialEq for Counted {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }
        impl Eq for Counted {}

        let compared = Rc::new(Cell::new(0));
        let mut known = Vec::new();
        let mut n_new = 0;
        for number in 0..5_000 {
            n_new += usize::from(learn(&mut known, Counted(number * 7 % 500, Rc::clone(&compared))));
        }
        assert_eq!((n_new, known.len()), (500, 500));
        assert!(compared.get() < 5_000 * 11, "{}", compared.get());
    }

    #[test]
    fn limits_are_said_by_their_field() {
        let many = |count: usize| (0..count).map(|number| format!("example {number}")).collect::<Vec<_>>();
        let tags = |count: u8| (0..count).map(|n| format!("tag_aaaaaaaaaaaaaaa{}", char::from(b'a' + n)));
        let tags = |count: u8| tags(count).collect::<Vec<_>>();
        let json = |value: serde_json::Value| value.to_string();
        let good = [
            json(serde_json::json!({ "examples": many(500) })),
            json(serde_json::json!({ "examples": vec!["🙂".repeat(400); 1_000] })),
            json(serde_json::json!({ "answer": { "en": "长".repeat(4_000), "zh": "" } })),
            json(serde_json::json!({ "buttons": ["a", "b", "c", "d", "e"] })),
            json(serde_json::json!({ "tags": tags(5) })),
            json(serde_json::json!({ "tags": ([tags(5), tags(5)].concat()) })),
        ];
        for json in good {
            assert!(taken(&json).is_ok(), "{}", &json[..60]);
        }
        let bad = [
            (json(serde_json::json!({ "examples": many(501) })), "examples more than 500"),
            (json(serde_json::json!({ "examples": ["🙂".repeat(262_144)] })), "examples longer than 400 characters"),
            (json(serde_json::json!({ "answer": { "zh": "x".repeat(4_001) } })), "answer longer than 4000 characters"),
            (json(serde_json::json!({ "title": { "en": "x".repeat(81) } })), "title longer than 80 characters"),
            (json(serde_json::json!({ "buttons": ["a", "b", "c", "d", "e", "f"] })), "buttons more than 5"),
            (json(serde_json::json!({ "tags": tags(6) })), "tags more than 5"),
        ];
        for (json, said) in bad {
            assert_eq!(taken(&json).unwrap_err(), said);
        }
        let unreadable = [
            r#"{"examples":["\ud83d"]}"#,
            r#"{"examples":[1]}"#,
            r#"{"buttons":["Order"]}"#,
            r#"{"tags":["refund"]}"#,
            r#"{"tags":["tag_"]}"#,
            r#"{"does":"dance"}"#,
            r#"{"title":"x"}"#,
            r#"{"title":{"de":"x"}}"#,
            r#"{"updated_at":1}"#,
        ];
        for json in unreadable {
            assert!(serde_json::from_str::<Draft>(json).is_err(), "{json}");
        }
    }

    /// Drafts in any order and number, against a model that keeps the first text of each meaning.
    #[test]
    fn random_imports_keep_the_first_of_each_meaning() {
        for seed in 0..200_u128 {
            let mut random = Entropy::new(seed);
            let mut below = |most: u64| random.next_u64() % most;
            let (mut intent, mut first, mut count) = (Intent::default(), BTreeMap::new(), 0);
            for _ in 0..20 {
                let texts: Vec<String> = (0..below(6))
                    .map(|_| {
                        let (word, marks) = (below(40), below(4));
                        let text = format!("order {word}{}", ["", "!", "。", " \u{200b}"][marks as usize]);
                        if below(2) == 0 { text.to_uppercase() } else { text }
                    })
                    .collect();
                let mut added = 0;
                for text in &texts {
                    let tidy = written::line("x", text, 400).unwrap();
                    let key: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
                    first.entry(key).or_insert_with(|| {
                        added += 1;
                        count += 1;
                        (count, tidy)
                    });
                }
                let given = Draft { examples: Some(texts), ..Draft::default() };
                assert_eq!(intent.take(given), Ok(added), "seed {seed}");
            }
            let mut expected: Vec<_> = first.into_values().collect();
            expected.sort();
            let expected: Vec<String> = expected.into_iter().map(|(_, text)| text).collect();
            assert_eq!(intent.teaches.examples, expected, "seed {seed}");
        }
    }
}
