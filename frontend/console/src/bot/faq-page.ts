// Questions and answers in a page as it is copied from a website: plain lines. Where lines are marked as questions (a heading, "Q:", "问："),
// these are; elsewhere every line that ends with a question mark is one. What follows it, up to the next, answers it. Pure.

export interface PageEntry {
  /** Of its question, from 1. */
  line: number;
  question: string;
  /** Empty: the page has none. */
  answer: string;
}

const ASKED = /^(?:#{1,6}\s+|(?:q|question|问|问题|問|問題)\s*\d{0,3}\s*[:：.、)]\s*)/iu;
const ANSWERED = /^(?:a|answer|答|答案|回答)\s*\d{0,3}\s*[:：]\s*/iu;
const NUMBERED = /^(?:\d{1,3}\s*[.、)）:：]|[（(]\d{1,3}[)）])\s*/u;
/** Bullets, emphasis and the signs of lists that open and close. */
const AROUND = /^[\s*_•·▶▸►▼▾+＋–—-]+|(?<![\s*_▶▸►▼▾+＋–—-])[\s*_▶▸►▼▾+＋–—-]+$/gu;
const ENDS_ASKING = /[?？]["'”’」』)）]?$/u;

/** Longer lines are paragraphs, whatever they begin or end with. */
const LINE_LENGTH = 200;

export function readPage(text: string): PageEntry[] {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r\n|[\n\r\u2028\u2029]/u).map((line) => line.trim());
  const isShort = (line: string) => line.length <= LINE_LENGTH && /[\p{L}\p{N}]/u.test(bare(line));
  const isMarked = lines.filter((line) => isShort(line) && ASKED.test(line)).length > 1;
  const isQuestion = (line: string) => isShort(line) && (isMarked ? ASKED.test(line) : ENDS_ASKING.test(bare(line)));

  const entries: { line: number; question: string; answer: string[]; }[] = [];
  for (const [at, line] of lines.entries()) {
    if (isQuestion(line)) entries.push({ line: at + 1, question: bare(line), answer: [] });
    // What stands before the first question is the head of the page.
    else entries.at(-1)?.answer.push(line.replace(ANSWERED, ''));
  }
  const read = entries.map(({ line, question, answer }) => ({ line, question, answer: paragraphs(answer) }));
  // A list of contents names questions that are answered further down.
  const isAnswered = new Set(read.filter(({ answer }) => answer).map(({ question }) => question));
  return read.filter(({ question, answer }) => answer || !isAnswered.has(question));
}

/** A question without what marks it. */
function bare(line: string): string {
  const unmarked = line.replace(ASKED, '').replace(AROUND, '');
  return unmarked.replace(ASKED, '').replace(NUMBERED, '').replace(AROUND, '');
}

function paragraphs(lines: string[]): string {
  return lines.join('\n').replace(/\n{3,}/gu, '\n\n').trim();
}
