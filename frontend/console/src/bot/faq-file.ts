// Questions and answers in a file: JSON (a list, alone or under "faq"), a table with the columns question and answer, or a page. What
// can't be taken is named by its line, in JSON by its place in the list. Pure.

import type { FaqDraft } from '../api/types';
import { readPage } from './faq-page';
import { namedLanguage, oneLine, readRecords, wordsOf, type KnowledgeFault, type KnowledgeRecord } from './records';

export const QUESTION_LENGTH = 400;
export const ANSWER_LENGTH = 20_000;

export function readFaq(text: string): { faq: FaqDraft[]; faults: KnowledgeFault[]; isList: boolean; } {
  const { records, faults, isList } = readRecords(text, {
    name: 'faq',
    isTable: (columns) => columns.includes('question') && columns.includes('answer'),
    page: (page) => readPage(page).map(({ line, ...cells }) => ({ line, cells })),
  });
  const faq = new Map<string, FaqDraft>();
  for (const record of records) {
    const { draft, code } = draftOf(record);
    if (code) faults.push({ line: record.line, code });
    // The last answer to a question counts, as on the server.
    else faq.set(`${draft.locale} ${draft.question}`, draft);
  }
  return { faq: [...faq.values()], faults: faults.sort((a, b) => a.line - b.line), isList };
}

function draftOf({ cells: { question, answer, locale } }: KnowledgeRecord): { draft: FaqDraft; code: KnowledgeFault['code'] | null; } {
  const named = namedLanguage(locale);
  const draft: FaqDraft = { locale: named || languageOf(wordsOf(question) + wordsOf(answer)), question: oneLine(question), answer: wordsOf(answer) };
  if (named === null) return { draft, code: 'locale' };
  if (!draft.question || !draft.answer) return { draft, code: 'empty' };
  return { draft, code: [...draft.question].length > QUESTION_LENGTH || [...draft.answer].length > ANSWER_LENGTH ? 'long' : null };
}

/** Chinese as soon as there is a Chinese character. */
const languageOf = (text: string) => (/\p{Script=Han}/u.test(text) ? 'zh' : 'en');
