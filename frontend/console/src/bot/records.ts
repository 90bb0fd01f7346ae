// Knowledge in a file, whatever it is of: a list in JSON, alone or under a name, a table whose first line names the columns, or else a page.
// Each record stands with its line, in JSON with its place in the list. Pure.

import { readCsv } from './csv';
import type { CsvRecord } from './csv';

export interface KnowledgeRecord {
  /** From 1. */
  line: number;
  cells: { [column: string]: unknown; };
}

export interface KnowledgeFault {
  line: number;
  /** `json`: it can't be read. `page`: nothing in the text is a record. `cells`: a text with the delimiter in it is cut. `twice`: it stands further up already. `both`: it is two that there are. */
  code: 'json' | 'open' | 'after' | 'page' | 'cells' | 'empty' | 'long' | 'locale' | 'twice' | 'both';
}

export interface Records {
  records: KnowledgeRecord[];
  faults: KnowledgeFault[];
  isList: boolean;
}

/** `name`: under which a list may stand; `isTable`: whether these columns make a table of it; `page`: the records of what is none. */
export function readRecords(text: string, { name, isTable, page }: { name: string; isTable: (columns: readonly string[]) => boolean; page: (text: string) => KnowledgeRecord[]; }): Records {
  if (/^[\uFEFF\s]*[[{]/u.test(text)) return { ...fromJson(text, name), isList: true };
  const { records: [head, ...rows], faults } = readCsv(text);
  const columns = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  if (isTable(columns)) {
    const isWider = ({ cells }: CsvRecord) => cells.slice(columns.length).some(Boolean);
    const wider = rows.filter(isWider).map(({ line }) => ({ line, code: 'cells' as const }));
    const records = rows.filter((row) => !isWider(row)).map(({ line, cells }) => ({ line, cells: Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])) }));
    return { records, faults: [...faults, ...wider], isList: false };
  }
  const records = page(text);
  return { records, faults: records.length > 0 ? [] : [{ line: head?.line ?? 1, code: 'page' }], isList: false };
}

function fromJson(text: string, name: string): { records: KnowledgeRecord[]; faults: KnowledgeFault[]; } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch {
    return { records: [], faults: [{ line: 1, code: 'json' }] };
  }
  const list = isRecord(value) && Array.isArray(value[name]) ? value[name] : value;
  if (!Array.isArray(list)) return { records: [], faults: [{ line: 1, code: 'json' }] };
  return { records: list.map((one: unknown, at) => ({ line: at + 1, cells: isRecord(one) ? one : {} })), faults: [] };
}

export const wordsOf = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/** As the server keeps a question or a title. */
export const oneLine = (value: unknown) => wordsOf(value).replace(/\s+/gu, ' ');

/** What the file says, as the bot knows languages, or ''; `null`: one that it does not know. */
export function namedLanguage(locale: unknown): 'en' | 'zh' | '' | null {
  const language = wordsOf(locale).toLowerCase().split(/[-_]/u)[0] ?? '';
  return language === '' || language === 'en' || language === 'zh' ? language : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
