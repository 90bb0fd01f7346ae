// Questions and answers in a file: JSON (a list, alone or under "faq"), a table with the columns question and answer, or a page. What
// can't be taken is named by its line, in JSON by its place in the list. Pure.

import type { FaqDraft } from '../api/types';
import { readCsv } from './csv';
import { readPage } from './faq-page';

export interface FaqFault {
  /** From 1. */
  line: number;
  /** `json`: it can't be read. `page`: no record names question and answer, and no line asks anything. */
  code: 'json' | 'open' | 'after' | 'page' | 'empty' | 'long' | 'locale';
}

export const QUESTION_LENGTH = 400;
export const ANSWER_LENGTH = 20_000;

interface Read {
  line: number;
  question: unknown;
  answer: unknown;
  locale: unknown;
}

export function readFaq(text: string): { faq: FaqDraft[]; faults: FaqFault[]; isList: boolean; } {
  const isList = /^[\uFEFF\s]*[[{]/u.test(text);
  const { entries, faults } = isList ? fromJson(text) : fromCsv(text);
  const faq = new Map<string, FaqDraft>();
  for (const entry of entries) {
    const { draft, code } = draftOf(entry);
    if (code) faults.push({ line: entry.line, code });
    // The last answer to a question counts, as on the server.
    else faq.set(`${draft.locale} ${draft.question}`, draft);
  }
  return { faq: [...faq.values()], faults: faults.sort((a, b) => a.line - b.line), isList };
}

function fromJson(text: string): { entries: Read[]; faults: FaqFault[]; } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch {
    return { entries: [], faults: [{ line: 1, code: 'json' }] };
  }
  const list = isRecord(value) && Array.isArray(value.faq) ? value.faq : value;
  if (!Array.isArray(list)) return { entries: [], faults: [{ line: 1, code: 'json' }] };
  return {
    entries: list.map((one: unknown, at) => {
      const { question, answer, locale } = isRecord(one) ? one : {};
      return { line: at + 1, question, answer, locale };
    }),
    faults: [],
  };
}

function fromCsv(text: string): { entries: Read[]; faults: FaqFault[]; } {
  const { records: [head, ...records], faults } = readCsv(text);
  const columns = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  if (!columns.includes('question') || !columns.includes('answer')) return fromPage(text, head?.line ?? 1);
  const of = (cells: string[], column: string) => cells[columns.indexOf(column)] ?? '';
  return {
    entries: records.map(({ line, cells }) => ({ line, question: of(cells, 'question'), answer: of(cells, 'answer'), locale: of(cells, 'locale') })),
    faults: [...faults],
  };
}

/** Neither JSON nor a table with a head. */
function fromPage(text: string, line: number): { entries: Read[]; faults: FaqFault[]; } {
  const entries = readPage(text).map((entry) => ({ ...entry, locale: '' }));
  return { entries, faults: entries.length > 0 ? [] : [{ line, code: 'page' }] };
}

function draftOf({ question, answer, locale }: Read): { draft: FaqDraft; code: FaqFault['code'] | null; } {
  const words = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
  const language = words(locale).toLowerCase().split(/[-_]/u)[0] || languageOf(words(question) + words(answer));
  const draft: FaqDraft = { locale: language === 'zh' ? 'zh' : 'en', question: words(question).replace(/\s+/gu, ' '), answer: words(answer) };
  if (language !== draft.locale) return { draft, code: 'locale' };
  if (!draft.question || !draft.answer) return { draft, code: 'empty' };
  return { draft, code: [...draft.question].length > QUESTION_LENGTH || [...draft.answer].length > ANSWER_LENGTH ? 'long' : null };
}

/** Chinese as soon as there is a Chinese character. */
const languageOf = (text: string) => (/\p{Script=Han}/u.test(text) ? 'zh' : 'en');

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
