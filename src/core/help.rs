//! Articles as visitors meet them: told by the bot, given to a language model in passages, and as a page of their own.
use super::{
    bot::{
        dialogue::{Language, Meaning, first},
        faq::Entry,
        intent::{Does, Words},
    },
    id::{ArticleId, WorkspaceId},
    limits::{ARTICLE_BEGINNING_CHARS, ARTICLE_TITLE_CHARS, PASSAGE_CHARS},
    markdown::{self, escape},
};

/// The style of the page: `headers` allows this one by its hash.
pub const STYLE: &str = include_str!("help/page.css");

/// An article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Which.
    pub id: ArticleId,
    /// One line.
    pub title: Words,
    /// Markdown. Where a language has a title it has this, too.
    pub body: Words,
}

/// Whose articles they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// A tenant.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
}

/// An article in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub id: ArticleId,
    /// One line; empty: it is not in this language.
    pub title: Words,
}

impl Article {
    /// The language that it is shown in to somebody who reads this one.
    fn shown_in(&self, language: Language) -> Language {
        let has = |words: &Words| match language {
            Language::En => !words.en.is_empty(),
            Language::Zh => !words.zh.is_empty(),
        };
        if has(&self.title) && has(&self.body) { language } else { language.other() }
    }

    /// What the bot tells of it: its title, how it begins, and where it is read.
    fn told(&self, language: Language, own: &str) -> String {
        let language = self.shown_in(language);
        let marks = if language == Language::En { (':', ';') } else { ('：', '；') };
        let text = markdown::line(self.body.in_language(language), marks);
        let mut beginning = first(&text, ARTICLE_BEGINNING_CHARS);
        if beginning.len() < text.len() {
            beginning.push('…');
        }
        [self.title.in_language(language), "\n\n", &beginning, "\n\n", own, &place(self.id.as_str(), language)].concat()
    }

    /// Its passages in each language that it has, as entries that a language model may answer from.
    pub fn passages(&self) -> Vec<(Language, Entry)> {
        let mut all = Vec::new();
        for language in [Language::En, Language::Zh] {
            if self.shown_in(language) != language {
                continue;
            }
            let title = self.title.in_language(language);
            for answer in passages(self.body.in_language(language)) {
                all.push((language, Entry { id: self.id.to_string(), question: title.to_owned(), answer }));
            }
        }
        all
    }
}

/// Intents that answer with an article tell it from now on. Where it is gone, or a draft, their own text stays.
pub fn tell(intents: &mut [Meaning], articles: &[Article], own: &str) {
    // Each is read once, however many intents name it.
    let mut read: Vec<(&Article, Option<Words>)> = articles.iter().map(|article| (article, None)).collect();
    for intent in intents {
        let named = intent.says.article.as_ref().filter(|_| intent.says.does == Does::Answer);
        let found = named.and_then(|id| read.iter_mut().find(|(article, _)| article.id == *id));
        if let Some((article, told)) = found {
            let tell = || Words { en: article.told(Language::En, own), zh: article.told(Language::Zh, own) };
            intent.says.answer = told.get_or_insert_with(tell).clone();
        }
    }
}

/// Where an article is read, or the list of a workspace's.
fn place(id: &str, language: Language) -> String {
    ["/help/", language.name(), "/", id].concat()
}

/// Parts of a text of at most so many characters, each of one section alone.
fn passages(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for section in sections(text) {
        let words = markdown::with_addresses(&section);
        let mut rest = words.trim();
        while let Some((part, more)) = end_of_part(rest).and_then(|end| rest.split_at_checked(end)) {
            all.push(part.trim_end().to_owned());
            rest = more.trim_start();
        }
        if !rest.is_empty() {
            all.push(rest.to_owned());
        }
    }
    all
}

/// What stands under each heading, with it.
fn sections(text: &str) -> Vec<String> {
    let (mut all, mut in_code) = (vec![String::new()], false);
    for line in text.split_inclusive('\n') {
        if !in_code && markdown::heading(line.trim()).is_some() {
            all.push(String::new());
        }
        in_code ^= markdown::is_fence(line);
        if let Some(section) = all.last_mut() {
            section.push_str(line);
        }
    }
    all
}

/// Where the first part of a text ends that is too long: behind the last line, sentence or word of what fits, and within a number or an
/// address only if it is longer than half of that.
fn end_of_part(text: &str) -> Option<usize> {
    let (most, _) = text.char_indices().nth(PASSAGE_CHARS)?;
    let is_blank = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let ends: [&dyn Fn(char, usize) -> bool; 4] = [
        &|letter, _| letter == '\n',
        &|letter, end| {
            matches!(letter, '。' | '！' | '？' | '；') || matches!(letter, '.' | '!' | '?') && is_blank(end)
        },
        &|letter, _| letter == ' ',
        &|letter, _| !letter.is_ascii_graphic(),
    ];
    let letters = || text.char_indices().map(|(at, letter)| (letter, at + letter.len_utf8()));
    let found = ends.iter().find_map(|is_end| {
        letters()
            .take_while(|(_, end)| *end <= most)
            .filter(|(letter, end)| *end > most / 2 && is_end(*letter, *end))
            .last()
    });
    Some(found.map_or(most, |(_, end)| end))
}

/// The page of an article.
pub fn page(article: &Article, language: Language, owner: &Owner) -> String {
    let shown = article.shown_in(language);
    let title = article.title.in_language(shown);
    let mut page = head(shown, title, &owner.name);
    let other = shown.other();
    if article.shown_in(other) == other {
        page.push_str(&to_other(article.id.as_str(), other));
    }
    page.push_str("</header><main><h1 dir=\"auto\">");
    escape(title, &mut page);
    page.push_str("</h1>");
    page.push_str(&markdown::html(article.body.in_language(shown)));
    let all = if shown == Language::En { "All articles" } else { "所有文章" };
    let place = place(owner.workspace.as_str(), shown);
    page.push_str(&["</main><footer><a href=\"", &place, "\">", all, "</a></footer></body></html>"].concat());
    page
}

/// The page that lists all articles of a workspace by their titles, those that are in the other language alone at the end.
pub fn list(articles: &[Listed], language: Language, owner: &Owner) -> String {
    let heading = if language == Language::En { "Help" } else { "帮助" };
    let mut page = head(language, &[&owner.name, " – ", heading].concat(), &owner.name);
    page.push_str(&to_other(owner.workspace.as_str(), language.other()));
    page.push_str(&["</header><main><h1>", heading, "</h1><ul>"].concat());
    let shown = articles.iter().map(|Listed { id, title }| {
        let own = if language == Language::En { &title.en } else { &title.zh };
        let shown = if own.is_empty() { language.other() } else { language };
        (shown != language, title.in_language(shown), shown, id)
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_cached_key(|(is_other, title, _, id)| (*is_other, title.to_lowercase(), (*id).clone()));
    for (is_other, title, shown, id) in shown {
        page.push_str("<li dir=\"auto\"><a href=\"");
        page.push_str(&place(id.as_str(), shown));
        page.push('"');
        if is_other {
            page.push_str(&[" hreflang=\"", tag(shown), "\" lang=\"", tag(shown), "\""].concat());
        }
        page.push('>');
        escape(title, &mut page);
        page.push_str("</a></li>");
    }
    page.push_str("</ul></main></body></html>");
    page
}

/// What is not there, or not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// An article.
    One,
    /// Any article.
    All,
}

/// The page that stands there instead.
pub fn nothing(language: Language, missing: Missing) -> String {
    let (title, text) = match (language, missing) {
        (Language::En, Missing::One) => ("Not found", "This article is not here, or not here any more."),
        (Language::Zh, Missing::One) => ("未找到", "这篇文章不存在，或已不再公开。"),
        (Language::En, Missing::All) => ("Not found", "There are no articles here."),
        (Language::Zh, Missing::All) => ("未找到", "这里没有文章。"),
    };
    [&head(language, title, ""), "</header><main><h1>", title, "</h1><p>", text, "</p></main></body></html>"].concat()
}

/// The link from a page to the same in the other language.
fn to_other(id: &str, other: Language) -> String {
    let name = if other == Language::En { "English" } else { "中文" };
    let tag = tag(other);
    ["<a href=\"", &place(id, other), "\" hreflang=\"", tag, "\" lang=\"", tag, "\">", name, "</a>"].concat()
}

fn tag(language: Language) -> &'static str {
    if language == Language::En { "en" } else { "zh-CN" }
}

fn head(language: Language, title: &str, workspace: &str) -> String {
    let mut page = ["<!doctype html><html lang=\"", tag(language), "\"><head><meta charset=\"utf-8\">"].concat();
    page.push_str("<meta name=\"viewport\" content=\"width=device-width\"><title>");
    escape(&first(title, ARTICLE_TITLE_CHARS), &mut page);
    page.push_str("</title><style>");
    page.push_str(STYLE);
    page.push_str("</style></head><body><header><bdi>");
    escape(workspace, &mut page);
    page.push_str("</bdi>");
    page
}

#[cfg(test)]
mod tests;
