// Articles in a file: JSON (a list, alone or under "articles"), a table with the columns title and text, or title_en, text_en, title_zh and
// text_zh for both languages of one, or a page, in Markdown or as it is copied: every "# " begins an article there, and without any
// the first line is the title. What can't be taken is named by its line, in JSON by its place in the list. Pure.

import type { ArticleDraft, Words } from '../api/types';
import { BODY_LENGTH, LANGUAGES, TITLE_LENGTH, type Language } from './article-draft';
import { namedLanguage, readRecords, wordsOf, type KnowledgeFault, type KnowledgeRecord } from './records';

export type ReadArticle = Omit<ArticleDraft, 'published'>;

/** `known`: the titles of those that there are. What is there already is left out, so importing once more adds nothing twice. */
export function readArticles(text: string, known: readonly { title: Words; }[]): { articles: ReadArticle[]; faults: KnowledgeFault[]; isList: boolean; } {
  const { records, faults, isList } = readRecords(text, {
    name: 'articles',
    isTable: (columns) => ['title', 'title_en', 'title_zh'].some((title) => columns.includes(title) && columns.includes(title.replace('title', 'text'))),
    page: readMarkdown,
  });
  const articles: ReadArticle[] = [];
  const taken = new Set(known.flatMap(({ title }) => titlesOf(title)));
  for (const record of records) {
    const article = articleOf(record.cells);
    const code = article ? faultOf(article, taken) : 'locale';
    if (code) faults.push({ line: record.line, code });
    else if (article) {
      articles.push(article);
      for (const title of titlesOf(article.title)) taken.add(title);
    }
  }
  return { articles, faults: faults.sort((a, b) => a.line - b.line), isList };
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

const oneLine = (value: unknown) => wordsOf(value).replace(/\s+/gu, ' ');

function faultOf({ title, body }: ReadArticle, taken: ReadonlySet<string>): KnowledgeFault['code'] | null {
  if (LANGUAGES.some((language) => !title[language] !== !body[language]) || (!title.en && !title.zh)) return 'empty';
  if (LANGUAGES.some((language) => [...title[language]].length > TITLE_LENGTH || [...body[language]].length > BODY_LENGTH)) return 'long';
  return titlesOf({ en: title.en, zh: title.zh }).some((one) => taken.has(one)) ? 'known' : null;
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
