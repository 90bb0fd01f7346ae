//! Which members a change has changed, for the audit log: their names in a form that stays, and nothing of what they say.

use crate::{
    core::bot::intent::{Intent, Says, Teaches, Words},
    sql::{articles::ArticleRow, faq::FaqRow},
};

/// `answer.en, examples +3 -1`.
pub fn of_intent(old: &Intent, new: &Intent) -> String {
    // Whole, so that a member which is new is not forgotten here.
    let Says { title, answer, picture, does, buttons, form, action, article, handoff_team, handoff_level, tags } =
        &new.says;
    let Teaches { examples, library } = &new.teaches;
    let Intent { says, teaches } = old;
    let mut all = Vec::new();
    words(&mut all, ["title.en", "title.zh"], &says.title, title);
    words(&mut all, ["answer.en", "answer.zh"], &says.answer, answer);
    words(&mut all, ["picture.en", "picture.zh"], &says.picture, picture);
    let others = [
        ("does", says.does != *does),
        ("buttons", says.buttons != *buttons),
        ("form", says.form != *form),
        ("action", says.action != *action),
        ("article", says.article != *article),
        ("handoff_team", says.handoff_team != *handoff_team),
        ("handoff_level", says.handoff_level != *handoff_level),
        ("tags", says.tags != *tags),
        ("library", teaches.library != *library),
    ];
    all.extend(others.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name.to_owned()));
    if teaches.examples != *examples {
        let missing = |from: &[String], of: &[String]| of.iter().filter(|text| !from.contains(text)).count();
        let (more, fewer) = (missing(&teaches.examples, examples), missing(examples, &teaches.examples));
        let count = |mark: char, count: usize| if count > 0 { format!(" {mark}{count}") } else { String::new() };
        all.push(["examples", &count('+', more), &count('-', fewer)].concat());
    }
    all.join(", ")
}

/// `answer, locale`.
pub fn of_faq(old: &FaqRow, new: &FaqRow) -> String {
    let members = [
        ("question", old.question != new.question),
        ("answer", old.answer != new.answer),
        ("locale", old.locale != new.locale),
    ];
    let changed = members.into_iter().filter(|(_, is_changed)| *is_changed);
    changed.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// `published, title.en, body.zh`: whether it is published now, and what has changed beside that.
pub fn of_article(old: Option<&ArticleRow>, new: &ArticleRow) -> String {
    let mut all = vec![if new.published { "published" } else { "draft" }.to_owned()];
    if let Some(old) = old {
        words(&mut all, ["title.en", "title.zh"], &old.title, &new.title);
        if let Some((old, new)) = old.body.as_ref().zip(new.body.as_ref()) {
            words(&mut all, ["body.en", "body.zh"], old, new);
        }
    }
    all.join(", ")
}

fn words(all: &mut Vec<String>, [en, zh]: [&str; 2], old: &Words, new: &Words) {
    let changed = [(en, old.en != new.en), (zh, old.zh != new.zh)];
    all.extend(changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name.to_owned()));
}
