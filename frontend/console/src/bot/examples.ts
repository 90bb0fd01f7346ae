// The intents in a table of examples: one example a line, answers and titles wherever the owner has written them first. Pure.

import { readCsv } from './csv';

const ANSWERS = ['answer_en', 'answer_zh', 'title_en', 'title_zh'] as const;
const COLUMNS = ['intent', 'example', ...ANSWERS] as const;
type Column = (typeof COLUMNS)[number];

export interface ReadIntent {
  id: string;
  examples: string[];
  /** Only what the table gives. */
  texts: Partial<Record<(typeof ANSWERS)[number], string>>;
}

export interface ExampleFault {
  line: number;
  /** The first two are those of the text itself. `columns`: the first record does not name intent and example. */
  code: 'open' | 'after' | 'columns' | 'cells' | 'intent' | 'empty' | 'long';
}

/** What the server takes as an intent's name, and how long it lets an example and the texts be. */
export const ID = /^[a-z0-9_]{1,40}$/u;
export const EXAMPLE_LENGTH = 400;
const LENGTHS: Record<Exclude<Column, 'intent'>, number> = { example: EXAMPLE_LENGTH, answer_en: 4_000, answer_zh: 4_000, title_en: 80, title_zh: 80 };

/** Reads the table; a line with a fault is left out. Of examples that are the same but for case and space one is kept. */
export function readExamples(text: string): { intents: ReadIntent[]; faults: ExampleFault[]; } {
  const { records: [head, ...records], faults: textFaults } = readCsv(text);
  const faults: ExampleFault[] = [...textFaults];
  const columns = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  if (!columns.includes('intent') || !columns.includes('example')) return { intents: [], faults: [{ line: head?.line ?? 1, code: 'columns' }] };
  const intents = new Map<string, ReadIntent & { seen: Set<string>; }>();
  for (const { line, cells } of records) {
    const of = (column: Column) => cells[columns.indexOf(column)]?.trim() ?? '';
    const [id, example] = [of('intent'), of('example')];
    const texts = ANSWERS.map((column) => [column, of(column)] as const).filter(([, words]) => words);
    const given = example ? [['example', example] as const, ...texts] : texts;
    const code = faultOf(id, given, cells.slice(columns.length).some(Boolean));
    if (code) {
      faults.push({ line, code });
      continue;
    }
    const intent = intents.get(id) ?? { id, examples: [], texts: {}, seen: new Set() };
    intents.set(id, intent);
    if (example && !intent.seen.has(folded(example))) intent.examples.push(example);
    intent.seen.add(folded(example));
    intent.texts = { ...Object.fromEntries(texts), ...intent.texts };
  }
  return { intents: [...intents.values()].map(({ id, examples, texts }) => ({ id, examples, texts })), faults: faults.sort((a, b) => a.line - b.line) };
}

/** What two examples have in common that are the same but for width, case and space. */
export const folded = (example: string) => example.normalize('NFKC').toLowerCase().trim().replace(/\s+/gu, ' ');

function faultOf(id: string, given: readonly (readonly [keyof typeof LENGTHS, string])[], isWider: boolean): ExampleFault['code'] | null {
  if (isWider) return 'cells';
  if (!ID.test(id)) return 'intent';
  if (given.length === 0) return 'empty';
  return given.some(([column, words]) => [...words].length > LENGTHS[column]) ? 'long' : null;
}
