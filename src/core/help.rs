//! Articles as visitors meet them: told by the bot, given to a language model in passages, and as a page of their own.
use super::{
    bot::{
        dialogue::{Language, Meaning, first},
        faq::Entry,
        intent::{Does, Words},
    },
    id::ArticleId,
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
        let text = markdown::plain(self.body.in_language(language)).replace('\n', " ");
        let mut beginning = first(&text, ARTICLE_BEGINNING_CHARS);
        if beginning.len() < text.len() {
            beginning.push('…');
        }
        [self.title.in_language(language), "\n\n", &beginning, "\n\n", own, &place(&self.id, language)].concat()
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

/// Where it is read.
fn place(id: &ArticleId, language: Language) -> String {
    ["/help/", language.name(), "/", id.as_str()].concat()
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

/// Where the first part of a text ends that is too long: behind the last line, sentence or word of what fits, or anywhere.
fn end_of_part(text: &str) -> Option<usize> {
    let (most, _) = text.char_indices().nth(PASSAGE_CHARS)?;
    let fits = text.get(..most)?;
    let ends: [&[char]; 3] = [&['\n'], &['.', '!', '?', '。', '！', '？', '；'], &[' ']];
    let found = ends.iter().find_map(|ends| fits.rfind(*ends).filter(|at| *at > most / 2));
    Some(found.and_then(|at| Some(at + fits.get(at..)?.chars().next()?.len_utf8())).unwrap_or(most))
}

/// The page of an article of a workspace with this name.
pub fn page(article: &Article, language: Language, workspace: &str) -> String {
    let shown = article.shown_in(language);
    let title = article.title.in_language(shown);
    let mut page = head(shown, title, workspace);
    let other = shown.other();
    if article.shown_in(other) == other {
        let (name, tag) = match other {
            Language::En => ("English", "en"),
            Language::Zh => ("中文", "zh-CN"),
        };
        let link =
            ["<a href=\"", &place(&article.id, other), "\" hreflang=\"", tag, "\" lang=\"", tag, "\">", name, "</a>"];
        page.push_str(&link.concat());
    }
    page.push_str("</header><main><h1 dir=\"auto\">");
    escape(title, &mut page);
    page.push_str("</h1>");
    page.push_str(&markdown::html(article.body.in_language(shown)));
    page.push_str("</main></body></html>");
    page
}

/// The page that stands where there is no article, or none any more.
pub fn nothing(language: Language) -> String {
    let (title, text) = match language {
        Language::En => ("Not found", "This article is not here, or not here any more."),
        Language::Zh => ("未找到", "这篇文章不存在，或已不再公开。"),
    };
    [&head(language, title, ""), "</header><main><h1>", title, "</h1><p>", text, "</p></main></body></html>"].concat()
}

fn head(language: Language, title: &str, workspace: &str) -> String {
    let tag = if language == Language::En { "en" } else { "zh-CN" };
    let mut page = ["<!doctype html><html lang=\"", tag, "\"><head><meta charset=\"utf-8\">"].concat();
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
