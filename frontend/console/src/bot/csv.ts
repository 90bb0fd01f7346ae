// Reads delimited text as spreadsheets write it: RFC 4180 quotes, a byte order mark, any line ends, and whichever of comma,
// semicolon and tab the first record uses. What can't be read is named by its line; the rest is read all the same. Pure.

export interface CsvRecord {
  /** The line on which it begins, from 1. */
  line: number;
  cells: string[];
}

export interface CsvFault {
  line: number;
  /** `open`: a quote that nothing closes, which takes the rest with it. `after`: text between a closing quote and the delimiter. */
  code: 'open' | 'after';
}

export interface CsvText {
  delimiter: Delimiter;
  /** Those without a fault; lines with nothing on them are none. */
  records: CsvRecord[];
  faults: CsvFault[];
}

const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Reads the text. */
export function readCsv(given: string): CsvText {
  const text = given.replace(/^\uFEFF/u, '');
  const delimiter = delimiterOf(text);
  const records: CsvRecord[] = [];
  const faults: CsvFault[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const { cells, fault, end } = readRecord(text, at, delimiter);
    if (fault) faults.push({ line: line + linesIn(text.slice(at, fault.at)), code: fault.code });
    else if (cells.length > 1 || cells[0] !== '') records.push({ line, cells });
    line += linesIn(text.slice(at, end));
    at = end;
  }
  return { delimiter, records, faults };
}

interface Found {
  cells: string[];
  /** The first fault, and where it is. */
  fault: { code: CsvFault['code']; at: number; } | null;
  /** Where the next record begins. */
  end: number;
}

function readRecord(text: string, start: number, delimiter: string): Found {
  const found: Found = { cells: [], fault: null, end: start };
  for (let at = start; ; at++) {
    const quoted = text[at] === '"' ? readQuoted(text, at) : null;
    if (quoted && !quoted.isClosed) found.fault ??= { code: 'open', at };
    const from = quoted?.end ?? at;
    const to = endOfCell(text, from, delimiter);
    // A quote within a cell that does not begin with one is a letter like any other.
    const rest = text.slice(from, to);
    if (quoted && rest.trim()) found.fault ??= { code: 'after', at: from };
    found.cells.push(quoted ? quoted.cell : rest);
    at = to;
    if (text[at] === delimiter) continue;
    found.end = at + (text.startsWith('\r\n', at) ? 2 : at < text.length ? 1 : 0);
    return found;
  }
}

/** What stands between the quote at `start` and its like; two in a row are one that is meant. */
function readQuoted(text: string, start: number): { cell: string; end: number; isClosed: boolean; } {
  let cell = '';
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { cell: cell + text.slice(from), end: text.length, isClosed: false };
    cell += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { cell, end: quote + 1, isClosed: true };
    cell += '"';
    from = quote + 2;
  }
}

function endOfCell(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

/** The one that occurs most in the first record outside of quotes; a comma where none does. */
function delimiterOf(text: string): Delimiter {
  const bare = text.replace(/^[\r\n]+/u, '').replace(/(^|[,;\t])"[^"]*(?:""[^"]*)*"/gu, '$1');
  const first = /^[^\r\n]*/u.exec(bare)?.[0] ?? '';
  const count = (delimiter: Delimiter) => first.split(delimiter).length;
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

function linesIn(text: string): number {
  return text.match(/\r\n|\r|\n/gu)?.length ?? 0;
}
