//! Which members a change has changed, for the audit log: their names in a form that stays, and nothing of what they say.

use crate::{
    core::bot::intent::{Intent, Says, Teaches, Words},
    sql::{
        articles::ArticleRow,
        faq::{FaqRow, Known},
    },
};

/// `answer.en, examples +3 -1`.
pub fn of_intent(old: &Intent, new: &Intent) -> String {
    // Whole, so that a member which is new is not forgotten here.
    let Says { title, answer, picture, does, buttons, form, action, article, handoff_team, handoff_level, tags } =
        &new.says;
    let Teaches { examples, library } = &new.teaches;
    let Intent { says, teaches } = old;
    let mut all = String::new();
    words(&mut all, ["title.en", "title.zh"], &says.title, title);
    words(&mut all, ["answer.en", "answer.zh"], &says.answer, answer);
    words(&mut all, ["picture.en", "picture.zh"], &says.picture, picture);
    name(&mut all, "does", says.does != *does);
    name(&mut all, "buttons", says.buttons != *buttons);
    name(&mut all, "form", says.form != *form);
    name(&mut all, "action", says.action != *action);
    name(&mut all, "article", says.article != *article);
    name(&mut all, "handoff_team", says.handoff_team != *handoff_team);
    name(&mut all, "handoff_level", says.handoff_level != *handoff_level);
    name(&mut all, "tags", says.tags != *tags);
    name(&mut all, "library", teaches.library != *library);
    name(&mut all, "examples", teaches.examples != *examples);
    count(&mut all, " +", &teaches.examples, examples);
    count(&mut all, " -", examples, &teaches.examples);
    all
}

/// `answer, locale`.
pub fn of_faq(old: &Known, new: &FaqRow) -> String {
    let mut all = String::new();
    name(&mut all, "question", old.question != new.question);
    name(&mut all, "answer", old.answer != new.answer);
    name(&mut all, "locale", old.locale != new.locale);
    all
}

/// `published, title.en, body.zh`: whether it is published now, and what has changed beside that.
pub fn of_article(old: Option<&ArticleRow>, new: &ArticleRow) -> String {
    let mut all = if new.published { "published" } else { "draft" }.to_owned();
    if let Some(old) = old {
        words(&mut all, ["title.en", "title.zh"], &old.title, &new.title);
        if let Some((old, new)) = old.body.as_ref().zip(new.body.as_ref()) {
            words(&mut all, ["body.en", "body.zh"], old, new);
        }
    }
    all
}

fn words(all: &mut String, [en, zh]: [&str; 2], old: &Words, new: &Words) {
    name(all, en, old.en != new.en);
    name(all, zh, old.zh != new.zh);
}

// Called for each member.
#[inline(never)]
fn name(all: &mut String, name: &str, is_changed: bool) {
    if is_changed {
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(name);
    }
}

/// How many of these are not among those, if any.
#[inline(never)]
fn count(all: &mut String, mark: &str, those: &[String], these: &[String]) {
    let count = these.iter().filter(|text| !those.contains(text)).count();
    if count > 0 {
        all.push_str(mark);
        all.push_str(&count.to_string());
    }
}
