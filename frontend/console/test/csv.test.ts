import { describe, expect, it } from 'vitest';
import { readCsv } from '../src/bot/csv';
import type { Delimiter } from '../src/bot/csv';

const cellsOf = (text: string) => readCsv(text).records.map(({ cells }) => cells);

describe('delimited text', () => {
  it.each([
    ['commas', 'a,b\n1,2\n', [['a', 'b'], ['1', '2']]],
    ['no end of the last line', 'a,b\n1,2', [['a', 'b'], ['1', '2']]],
    ['semicolons, with commas in the words', 'a;b\n1,5;2\n', [['a', 'b'], ['1,5', '2']]],
    ['tabs', 'a\tb\n1\t2', [['a', 'b'], ['1', '2']]],
    ['one column', 'a\nb', [['a'], ['b']]],
    ['a byte order mark', '\uFEFFa,b', [['a', 'b']]],
    ['a byte order mark before a quote', '\uFEFF"a",b', [['a', 'b']]],
    ['CRLF and CR', 'a,b\r\n1,2\r3,4\r\n', [['a', 'b'], ['1', '2'], ['3', '4']]],
    ['quotes', '"a","b"\n"1,2","say ""hi"""', [['a', 'b'], ['1,2', 'say "hi"']]],
    ['lines within quotes', 'a,b\n"1\r\n2",3', [['a', 'b'], ['1\r\n2', '3']]],
    ['a delimiter within the quotes of the first record', '"a;b;c",d', [['a;b;c', 'd']]],
    ['quotes that begin no cell', 'size,5" or 6"', [['size', '5" or 6"']]],
    ['spaces after a quote', '"a" ,b', [['a', 'b']]],
    ['empty cells', 'a,,\n,,', [['a', '', ''], ['', '', '']]],
    ['an empty quoted cell', '"",a', [['', 'a']]],
    ['lines with nothing on them', '\n\na,b\n\n1,2\n\n', [['a', 'b'], ['1', '2']]],
    ['nothing', '', []],
    ['nothing but a mark', '\uFEFF', []],
    ['both scripts', '意图,例句\n发票,"发票,怎么开？"', [['意图', '例句'], ['发票', '发票,怎么开？']]],
  ] as [string, string, string[][]][])('with %s', (_, text, wanted) => {
    const { records, faults } = readCsv(text);
    expect(records.map(({ cells }) => cells)).toEqual(wanted);
    expect(faults).toEqual([]);
  });

  it('says on which line a record begins', () => {
    expect(readCsv('a,b\n\n"1\n2\r\n3",x\r4,5').records.map(({ line }) => line)).toEqual([1, 3, 6]);
  });

  it.each([
    ['a quote that nothing closes', 'a,b\n1,2\n3,"4\n5,6\n', [['a', 'b'], ['1', '2']], [{ line: 3, code: 'open' }]],
    ['one that is only doubled', 'a,b\n1,"2""', [['a', 'b']], [{ line: 2, code: 'open' }]],
    ['text after a quote', 'a,b\n"1"x,2\n3,4', [['a', 'b'], ['3', '4']], [{ line: 2, code: 'after' }]],
    ['text after a quote that has lines', 'a,b\n"1\n\n2" x,2\n3,4', [['a', 'b'], ['3', '4']], [{ line: 4, code: 'after' }]],
    ['the first of two in one record', 'a,b\n"1"x,"2"y\n3,4', [['a', 'b'], ['3', '4']], [{ line: 2, code: 'after' }]],
  ] as [string, string, string[][], object[]][])('names %s by its line and reads the rest', (_, text, wanted, faults) => {
    expect(cellsOf(text)).toEqual(wanted);
    expect(readCsv(text).faults).toEqual(faults);
  });
});

/** A small generator with a seed: the same numbers again. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PIECES = ['a', '发', '😀', ' ', ',', ';', '\t', '"', '""', '\n', '\r\n', '\r', '\uFEFF', 'مرحبا'];
const ENDS = ['\n', '\r\n', '\r'];
const DELIMITERS: Delimiter[] = [',', ';', '\t'];

/** Whatever has to be quoted is; of the rest, some. */
function written(cell: string, draw: (below: number) => number): string {
  const must = /[",;\t\r\n\uFEFF]/u.test(cell) || cell === '';
  return must || draw(4) === 0 ? `"${cell.replaceAll('"', '""')}"` : cell;
}

it('what was written is read again, whatever stands in it', () => {
  const first = Number(process.env.SEED ?? 0);
  for (let seed = first; seed < first + 2000; seed++) {
    const draw = seeded(seed);
    const delimiter = DELIMITERS[draw(3)]!;
    const end = ENDS[draw(3)]!;
    const width = 2 + draw(4);
    const word = () => Array.from({ length: draw(6) }, () => PIECES[draw(PIECES.length)]!).join('');
    const table = Array.from({ length: 1 + draw(6) }, () => Array.from({ length: width }, word));
    const mark = draw(2) ? '\uFEFF' : '';
    const text = mark + table.map((cells) => cells.map((cell) => written(cell, draw)).join(delimiter)).join(end) + (draw(2) ? end : '');
    const found = readCsv(text);
    expect({ seed, delimiter: found.delimiter, cells: found.records.map(({ cells }) => cells), faults: found.faults }).toEqual({ seed, delimiter, cells: table, faults: [] });
    // Lines are counted as an editor counts them.
    let line = 1;
    const lines = table.map((cells) => {
      const mine = line;
      line += 1 + (cells.join('|').match(/\r\n|\r|\n/gu)?.length ?? 0);
      return mine;
    });
    expect([seed, found.records.map(({ line: at }) => at)]).toEqual([seed, lines]);
  }
});

it('any text at all is read to its end, and no line is beyond it', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const draw = seeded(seed);
    const text = Array.from({ length: draw(40) }, () => PIECES[draw(PIECES.length)]!).join('');
    const last = 1 + (text.match(/\r\n|\r|\n/gu)?.length ?? 0);
    const { records, faults } = readCsv(text);
    for (const { line } of [...records, ...faults]) expect([seed, line >= 1 && line <= last]).toEqual([seed, true]);
    expect([seed, new Set([...records, ...faults].map(({ line }) => line)).size]).toEqual([seed, records.length + faults.length]);
  }
});
