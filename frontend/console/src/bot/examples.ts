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

/** What the server takes as an intent's name, and as an example's length. */
export const ID = /^[a-z0-9_]{1,40}$/u;
export const EXAMPLE_LENGTH = 400;

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
    const code = faultOf(id, example, cells.slice(columns.length).some(Boolean), texts.length > 0);
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

function faultOf(id: string, example: string, isWider: boolean, hasTexts: boolean): ExampleFault['code'] | null {
  if (isWider) return 'cells';
  if (!ID.test(id)) return 'intent';
  if (!example && !hasTexts) return 'empty';
  return [...example].length > EXAMPLE_LENGTH ? 'long' : null;
}
