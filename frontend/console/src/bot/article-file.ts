// Articles in a file: JSON (a list, alone or under "articles"), a table with the columns title and text, or title_en, text_en, title_zh and
// text_zh for both languages of one, or a page, in Markdown or as it is copied: every "# " begins an article there, and without any
// the first line is the title. What can't be taken is named by its line, in JSON by its place in the list. Pure.

import type { Article, ArticleDraft, Words } from '../api/types';
import { BODY_LENGTH, LANGUAGES, TITLE_LENGTH, type Language } from './article-draft';
import { namedLanguage, oneLine, readRecords, wordsOf, type KnowledgeFault, type KnowledgeRecord } from './records';

export type ReadArticle = Omit<ArticleDraft, 'published'>;

/** One that has the title of one that there is. */
export interface KnownArticle {
  id: string;
  article: ReadArticle;
}

/** `there`: those that there are, which are known by their titles: importing once more adds nothing twice. */
export function readArticles(text: string, there: readonly { id: string; title: Words; }[]): { articles: ReadArticle[]; known: KnownArticle[]; faults: KnowledgeFault[]; isList: boolean; } {
  const { records, faults, isList } = readRecords(text, {
    name: 'articles',
    isTable: (columns) => ['title', 'title_en', 'title_zh'].some((title) => columns.includes(title) && columns.includes(title.replace('title', 'text'))),
    page: readMarkdown,
  });
  const articles: ReadArticle[] = [];
  const known: KnownArticle[] = [];
  /** By its title: which article has it, or that it stands further up. */
  const taken = new Map(there.flatMap(({ id, title }) => titlesOf(title).map((one) => [one, id] as const)));
  for (const record of records) {
    const article = articleOf(record.cells);
    const ids = article ? [...new Set(titlesOf(article.title).map((title) => taken.get(title)).filter((id) => id !== undefined))] : [];
    const code = article ? faultOf(article, ids) : 'locale';
    if (code) faults.push({ line: record.line, code });
    else if (article) {
      const [id] = ids;
      if (id) known.push({ id, article });
      else articles.push(article);
      for (const title of titlesOf(article.title)) taken.set(title, FURTHER_UP);
    }
  }
  return { articles, known, faults: faults.sort((a, b) => a.line - b.line), isList };
}

/** The id of none. */
const FURTHER_UP = '';

/** Whether it says something else than the one that there is. */
export function differs({ title, body }: ReadArticle, old: ArticleDraft): boolean {
  return LANGUAGES.some((language) => title[language] && (title[language] !== old.title[language] || body[language] !== wordsOf(old.body[language])));
}

/** The one that there is, with what is written anew of it. */
export function renewed({ title, body }: ReadArticle, old: Article): ArticleDraft {
  const both = (words: Words, before: Words) => Object.fromEntries(LANGUAGES.map((language) => [language, title[language] ? words[language] : before[language]])) as unknown as Words;
  return { title: both(title, old.title), body: both(body, old.body), published: old.published };
}

const titlesOf = (title: Words) => LANGUAGES.flatMap((language) => (title[language] ? [`${language} ${title[language]}`] : []));

/** Null: in a language that the bot does not know. */
function articleOf(cells: KnowledgeRecord['cells']): ReadArticle | null {
  const [title, text] = [oneLine(cells.title), wordsOf(cells.text)];
  const article: ReadArticle = { title: { en: oneLine(cells.title_en), zh: oneLine(cells.title_zh) }, body: { en: wordsOf(cells.text_en), zh: wordsOf(cells.text_zh) } };
  if (!title && !text) return article;
  const named = namedLanguage(cells.locale);
  if (named === null) return null;
  const language = named || languageOf(title + text);
  article.title[language] = title;
  article.body[language] = text;
  return article;
}

/** `ids`: those that have one of its titles. */
function faultOf({ title, body }: ReadArticle, ids: readonly string[]): KnowledgeFault['code'] | null {
  if (LANGUAGES.some((language) => !title[language] !== !body[language]) || (!title.en && !title.zh)) return 'empty';
  if (LANGUAGES.some((language) => [...title[language]].length > TITLE_LENGTH || [...body[language]].length > BODY_LENGTH)) return 'long';
  if (ids.includes(FURTHER_UP)) return 'twice';
  return ids.length > 1 ? 'both' : null;
}

/** Chinese if a quarter of its letters are: an English text may name a thing in Chinese, and a Chinese one many in English. */
function languageOf(text: string): Language {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return (text.match(/\p{Script=Han}/gu)?.length ?? 0) * 4 >= Math.max(letters, 1) ? 'zh' : 'en';
}

const HEADING = /^#{1,6}\s+|\s+#+$/gu;

/** Code between fences is text, whatever its lines begin with. */
function readMarkdown(page: string): KnowledgeRecord[] {
  const lines = page.replace(/^\uFEFF/u, '').split(/\r\n|[\n\r\u2028\u2029]/u);
  const found: { line: number; title: string; text: string[]; }[] = [];
  /** What opened the code that goes on; only the same ends it. */
  let fence = '';
  for (const [at, line] of lines.entries()) {
    const begins = !fence && /^#\s+\S/u.test(line);
    const [, mark = ''] = /^\s*(```|~~~)/u.exec(line) ?? [];
    if (mark && (!fence || mark === fence)) fence = fence ? '' : mark;
    if (begins || (!found.length && line.trim())) found.push({ line: at + 1, title: line.trim().replace(HEADING, ''), text: [] });
    else found.at(-1)?.text.push(line);
  }
  return found.map(({ line, title, text }) => ({ line, cells: { title, text: text.join('\n') } }));
}
